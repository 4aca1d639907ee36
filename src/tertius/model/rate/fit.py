"""The rate model: who acts towards whom next, given that someone acts. Newton on the partial likelihood.

    lambda_ij(t) = base(t) exp(beta . x_ij(t)),   l(beta) = sum_t l_t(beta)

with l_t in :mod:`tertius.model.rate.likelihood`, its sum in :mod:`tertius.model.rate.sums`, the way to the maximum in
:mod:`tertius.model.rate.optimum`, and what the data cannot tell in :mod:`tertius.model.rate.identified`.

Every ordered pair (undirected: every pair) is at risk in every slice; nothing is sampled unless the spec says
``sample`` (:mod:`tertius.model.rate.sampling`), and then all cells drawn are in memory. Of the full risk set the cost
is slices x N^2 whatever the number of events. Slices are passed in fixed chunks by as many workers as there are
processors (:mod:`tertius.model.parallel`), and their sums are added in the same order always: the result does not
depend on the number of workers.

Standard errors are those of :mod:`tertius.model.robust`, from scores of the slice-centred design,
(y - n p) (x - xbar), summed by unordered dyad. With weights as response the likelihood is a quasi-likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import NoConvergence, NotEnoughData, UsageError
from tertius.events.slices import Bools, Floats, Ints
from tertius.language import say
from tertius.model.absorbed import Absorbed
from tertius.model.budget import DOUBLE_BYTES, check_memory, full_bytes
from tertius.model.design import RATE, SAMPLE_INSTEAD, Design, Outcome
from tertius.model.rate.identified import Noise, set_aside
from tertius.model.rate.likelihood import slice_terms
from tertius.model.rate.optimum import Found, maximise
from tertius.model.rate.sampling import CellScores, cell_covariances, drawing_variance
from tertius.model.rate.sums import by_dyad
from tertius.model.robust import Covariances, covariances
from tertius.progress import Teller

SAFE_EFFECT = 1e-6  # log points per standard deviation of a column that single precision may move its coefficient
SAFE = 5e-3  # standard errors that it may move the optimum, both as foreseen
SMALLEST_UNIT = 1e-12  # c for which x / c surely fits into single precision


@dataclass(frozen=True, slots=True)
class RateFit:
    """The optimum. p columns, D unordered dyads, T slices.

    Attributes
    ----------
    design : the design of the columns that were estimated (in double precision).
    beta : (p,) per unit of the transformed column.
    sd : (p,) standard deviation of each column inside slices (weighted by the slice's events).
    log_likelihood : at beta; of a quasi-likelihood where the response is weights.
    cov : the four covariances.
    phi : Pearson's dispersion.
    absorbed : columns set aside.
    iterations : steps of Newton's method, those on a sample of slices included.
    total : events (or weight) in the likelihood.
    precision : "float64", or "float32": of the columns; sums over slices are in double precision always.
    passes : over all slices.
    left : standard errors by which the last step may have missed the optimum, over all directions, rounding aside
        (estimated: on a sample of slices where there is one, else guessed from the step's length and the events).
    cells : drawn in all slices together, where the risk set was sampled; else None.
    """

    design: Design
    beta: Floats
    sd: Floats
    log_likelihood: float
    cov: Covariances
    phi: float
    absorbed: tuple[Absorbed, ...]
    iterations: int
    total: float
    precision: str = "float64"
    passes: int = 0
    left: float = 0.0
    cells: int | None = None

    @property
    def absorbed_reasons(self) -> dict[str, str]:
        """Why each absorbed term was left out."""
        return {a.term: a.reason for a in self.absorbed}

    @property
    def covered(self) -> Bools:
        """(S,) slices for which an expected outcome exists."""
        return self.design.slices.observed

    def expected(self, slices: Ints) -> Iterator[tuple[int, Floats]]:
        """Yield (slice, (D,) expected outcome of the dyads at risk): the slice's total, spread by the model."""
        if self.design.sample is not None:
            raise UsageError("What is expected of every pair needs the full risk set.", "Leave --sample out.")
        design, sl = self.design.over(slices), self.design.slices
        totals = sl.per_slice(sl.outcome(design.spec.outcome, design.spec.response or "count"))
        for s, block in design.blocks(0, len(design.used)):
            X, out = self.design.without_missing(block)
            eta = self.beta @ X
            if out is not None:
                eta[out] = -np.inf
            p = np.exp(eta - eta.max())
            yield s, totals[s] * p / p.sum()


def fit_rate(design: Design, *, progress: Callable[[str], None] | None = None, precision: str = "auto") -> RateFit:
    """Maximise the partial likelihood over the full risk set.

    Parameters
    ----------
    design : from :func:`tertius.model.design.build_design`.
    progress : called with a line after every step, and with the time left where a pass takes seconds.
    precision : of the columns: "float64", "float32", or "auto": double precision up to
        :data:`~tertius.model.budget.DOUBLE_BYTES` of columns and where they are raw or hold covariates, single
        precision otherwise.

    Raises
    ------
    NotEnoughData : no column varies inside any slice.
    Separation : a coefficient runs to infinity.
    NoConvergence : no optimum after :data:`~tertius.model.rate.newton.MAX_ITERATIONS` steps.
    UsageError : of a sampled design in single precision, whose cells an earlier fit has used up (their memory holds the
        scores).
    """
    with threadpool_limits(1):
        outcome, tell = Outcome(design), Teller(progress, warns=False)
        absorbed, dropped, noise = set_aside(design, outcome, tell)
        if len(dropped) == len(design.columns):
            raise NotEnoughData(
                "No effect varies between the dyads of any slice.", "Choose a shorter --slice or a longer span."
            )
        double = design.without(dropped)
        design, found = _optimum(double, outcome, tell, precision, noise)
        tell.line(say("standard errors"))
        cov, phi = _errors(design, outcome, found)
    return RateFit(
        design=double.full(),
        beta=found.beta + found.last.step,
        sd=np.sqrt(np.maximum(found.at.variance, 0.0) / found.at.total),
        log_likelihood=found.log_likelihood,
        cov=cov,
        phi=phi,
        absorbed=absorbed,
        iterations=found.iterations,
        total=found.at.total,
        precision=np.dtype(design.dtype).name,
        passes=found.passes,
        left=found.last.left,
        cells=design.sample.cells if design.sample else None,
    )


def _optimum(double: Design, outcome: Outcome, tell: Teller, precision: str, noise: Noise) -> tuple[Design, Found]:
    """The optimum, and the design in the precision in which it was found."""
    if not _is_single(double, precision, noise):
        _check_double(double)
        design = double.to(np.float64)
        return design, maximise(design, outcome, tell, 0.0)
    design = double.to(np.float32)
    try:
        return design, maximise(design, outcome, tell, noise.errors)
    except NoConvergence:
        if precision != "auto":
            raise
        tell.line("single precision does not settle: again in double precision")
        _check_double(double)
        return double, maximise(double, outcome, tell, 0.0)


def _errors(design: Design, outcome: Outcome, found: Found) -> tuple[Covariances, float]:
    """The four covariances, and Pearson's dispersion."""
    n, at = design.slices.n_actors, found.at
    scores = _by_cell(design, outcome, found) if design.sample else None
    cells = len(design.used) * design.slices.n_dyads - len(found.beta) - len(design.used)
    phi = at.pearson / cells if cells > 0 else float("nan")
    factor = phi if design.spec.response == "weight" else 1.0
    if scores is not None:
        return cell_covariances(scores, at.information, n, factor), phi
    U, H, i, j = by_dyad(design, at)
    U -= H @ found.last.step  # the scores where the last step leads, to first order
    return covariances(U, H, i, j, n, phi=factor), phi


def _check_double(design: Design) -> None:
    """Raise NotEnoughMemory where the design does not fit in double precision."""
    if design.sample is None:
        D, p, T = len(design.at_risk), len(design.columns), len(design.used)
        check_memory(full_bytes(design.slices.n_actors, D, p, T, 8), RATE, design.slices, SAMPLE_INSTEAD)


def _is_single(design: Design, precision: str, noise: Noise) -> bool:
    if design.sample is not None:
        return design.dtype is np.float32
    if precision != "auto":
        return np.dtype(precision) == np.float32
    units = np.array([c for c, column in zip(design.scales, design.columns, strict=True) if column.transformed])
    return bool(
        design.block_bytes * len(design.used) > DOUBLE_BYTES
        and design.spec.transform == "log1p"
        and all(c.transformed for c in design.columns)
        and (units > SMALLEST_UNIT).all()
        and noise.effect <= SAFE_EFFECT
        and noise.errors <= SAFE
    )


def _by_cell(design: Design, outcome: Outcome, found: Found) -> CellScores:
    """Centred columns, observed and expected outcome of every cell drawn; what is expected is moved along the last step
    to first order, the rest is as at its foot.

    In single precision, where memory is what there is little of, centred columns take the place of the design's blocks.
    """
    assert design.sample is not None
    p, M, n = len(found.beta), design.sample.cells, design.slices.n_actors
    room = design.room if design.dtype is np.float32 else None
    x = np.empty((M, p), dtype=design.dtype) if room is None else room.reshape(M, p)
    mu, rest, low, high = np.empty(M), np.zeros(M), np.empty(M, dtype=np.int32), np.empty(M, dtype=np.int32)
    B, first = np.zeros((p, p)), 0
    for s, X in design.blocks(0, len(design.used)):
        drawn = design.sample.drawn[s]
        at, y = outcome.of(s)
        terms = slice_terms(X, at, y, found.beta, information=False, drawn=drawn)
        mine = slice(first, first + X.shape[1])
        x[mine] = X.T - terms.centre.astype(X.dtype)
        mu[mine] = terms.total * terms.probability
        rest[mine] -= mu[mine] * (1.0 + x[mine] @ found.last.step)
        rest[first + at] += y
        i, j = drawn.dyad // n, drawn.dyad % n
        low[mine], high[mine] = np.minimum(i, j), np.maximum(i, j)
        B += drawing_variance(x[mine].T * mu[mine], drawn)
        first = mine.stop
    if room is not None:
        design.cache.clear()
    return CellScores(x, mu, rest, low, high, B)

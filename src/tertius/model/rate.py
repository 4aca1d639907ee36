"""The rate model: who acts towards whom next, given that someone acts. Newton on the partial likelihood, full risk set.

    lambda_ij(t) = base(t) exp(beta . x_ij(t)),   l(beta) = sum_t l_t(beta),   l_t in :mod:`tertius.model.likelihood`.

Every ordered pair (undirected: every pair) is at risk in every slice; nothing is sampled. The cost is slices x N^2
whatever the number of events. Slices are walked in fixed chunks by as many threads as there are processors, and their
sums are added in the same order always: the result does not depend on the number of workers.

Before solving, columns without variation inside any slice, and columns that the others determine, are set aside and
listed. After it, a direction in which the information has collapsed is tested for separation: if along it no dyad
without an event ever beats one with, the likelihood has no maximum, and that is said.

Standard errors are those of :mod:`tertius.model.robust`, from scores of the slice-centred design,
(y - n p) (x - xbar), summed by unordered dyad. With weights as response the likelihood is a quasi-likelihood.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import NoConvergence, NotEnoughData, Separation
from tertius.events.slices import Bools, Floats, Ints
from tertius.model.design import Design
from tertius.model.likelihood import slice_terms
from tertius.model.robust import Covariances, covariances

MAX_ITERATIONS = 60
MAX_HALVINGS = 30
DECREMENT = 1e-12  # stop where a Newton step would raise the log-likelihood by less than half of this
NO_VARIATION = 1e-10  # standard deviation inside slices, relative to the column's largest value
COLLINEAR = 1e-9  # share of a column's variance that the columns before it leave
COLLAPSED = 1e-3  # information at the optimum, relative to that at zero, that calls for a test of separation


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A column set aside before solving, and why."""

    term: str
    reason: str


@dataclass(frozen=True, slots=True)
class RateFit:
    """The optimum. p columns, D unordered dyads, T slices.

    Attributes
    ----------
    design : the design of the columns that were estimated.
    beta : (p,) per unit of the transformed column.
    sd : (p,) standard deviation of each column inside slices (weighted by the slice's events).
    log_likelihood : at beta; of a quasi-likelihood where the response is weights.
    cov : the four covariances.
    phi : Pearson's dispersion.
    absorbed : columns set aside.
    iterations : Newton steps.
    total : events (or weight) in the likelihood.
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
        design, sl = self.design.over(slices), self.design.slices
        totals = sl.per_slice(sl.outcome(design.spec.outcome, design.spec.response or "count"))
        for s, block in design.blocks(0, len(design.used)):
            X, out = self.design.without_missing(block)
            eta = self.beta @ X
            if out is not None:
                eta[out] = -np.inf
            p = np.exp(eta - eta.max())
            yield s, totals[s] * p / p.sum()


@dataclass(slots=True)
class _Sums:
    """Sums over slices; scores and information by cell only where asked for."""

    log_likelihood: float
    gradient: Floats
    information: Floats
    total: float
    largest: Floats
    pearson: float = 0.0
    scores: Floats | None = None
    cell_information: Floats | None = None

    def add(self, other: _Sums) -> None:
        self.log_likelihood += other.log_likelihood
        self.gradient += other.gradient
        self.information += other.information
        self.total += other.total
        np.maximum(self.largest, other.largest, out=self.largest)
        self.pearson += other.pearson
        if self.scores is not None and other.scores is not None:
            self.scores += other.scores
        if self.cell_information is not None and other.cell_information is not None:
            self.cell_information += other.cell_information


def fit_rate(design: Design, *, progress: Callable[[str], None] | None = None) -> RateFit:
    """Maximise the partial likelihood over the full risk set.

    Parameters
    ----------
    design : from :func:`tertius.model.design.build_design`.
    progress : called with a line after every step.

    Raises
    ------
    NotEnoughData : no column varies inside any slice.
    Separation : a coefficient runs to infinity.
    NoConvergence : no optimum after :data:`MAX_ITERATIONS` steps.
    """
    with threadpool_limits(1):
        outcome = _Outcome(design)
        start = _sweep(design, outcome, np.zeros(len(design.columns)))
        absorbed, dropped = _absorbed(design, start)
        if len(dropped) == len(design.columns):
            raise NotEnoughData(
                "No effect varies between the dyads of any slice.", "Choose a shorter --slice or a longer span."
            )
        if dropped:
            design = design.without(dropped)
            start = _sweep(design, outcome, np.zeros(len(design.columns)))
        beta, iterations, at = _newton(design, outcome, start, progress)
        _check_separation(design, outcome, beta, start.information, at.information)
        final = _sweep(design, outcome, beta, cells=True)
        U, H, i, j = _by_dyad(design, final)
        cells = len(design.used) * len(design.at_risk) - len(beta) - len(design.used)
        phi = final.pearson / cells if cells > 0 else float("nan")
        quasi = design.spec.response == "weight"
        cov = covariances(U, H, i, j, design.slices.n_actors, phi=phi if quasi else 1.0)
    return RateFit(
        design=design,
        beta=beta,
        sd=np.sqrt(np.diag(start.information) / start.total),
        log_likelihood=final.log_likelihood,
        cov=cov,
        phi=phi,
        absorbed=absorbed,
        iterations=iterations,
        total=final.total,
    )


class _Outcome:
    """The outcome of every slice as (positions in the risk set, values)."""

    def __init__(self, design: Design) -> None:
        sl = design.slices
        self._sl = sl
        self._values = sl.outcome(design.spec.outcome, design.spec.response or "count")
        self._position = np.full(sl.n_actors**2, -1, dtype=np.int64)
        self._position[design.at_risk] = np.arange(len(design.at_risk))

    def of(self, s: int) -> tuple[Ints, Floats]:
        at = self._sl.entries(s)
        y = self._values[at]
        some = y > 0
        return self._position[self._sl.dyad[at][some]], y[some]


def _sweep(design: Design, outcome: _Outcome, beta: Floats, *, cells: bool = False) -> _Sums:
    """One walk over all slices. The chunks are fixed and added in order: the same to the bit for any worker number."""

    def chunk(span: tuple[int, int]) -> _Sums:
        sums = _zero(len(beta), len(design.at_risk) if cells else 0)
        for s, block in design.blocks(*span):
            X, out = design.without_missing(block)
            _add_slice(sums, X, *outcome.of(s), beta, out)
        return sums

    workers = min(os.cpu_count() or 1, len(design.chunks))
    total = _zero(len(beta), len(design.at_risk) if cells else 0)
    with ThreadPoolExecutor(workers) as pool:
        for part in pool.map(chunk, design.chunks):
            total.add(part)
    return total


def _zero(p: int, D: int) -> _Sums:
    sums = _Sums(0.0, np.zeros(p), np.zeros((p, p)), 0.0, np.zeros(p))
    if D:
        sums.scores = np.zeros((p, D))
        sums.cell_information = np.zeros((p * (p + 1) // 2, D))
    return sums


def _add_slice(sums: _Sums, X: Floats, at: Ints, y: Floats, beta: Floats, out: Bools | None = None) -> None:
    if out is not None:
        at, y = at[~out[at]], y[~out[at]]
        if len(at) == 0:
            return
    terms = slice_terms(X, at, y, beta, out)
    sums.log_likelihood += terms.log_likelihood
    sums.gradient += terms.gradient
    sums.information += terms.information
    sums.total += terms.total
    np.maximum(sums.largest, np.abs(X).max(axis=1), out=sums.largest)
    if sums.scores is None or sums.cell_information is None:
        return
    expected = terms.total * terms.probability
    Z = X - terms.centre[:, None]
    sums.scores -= Z * expected
    sums.scores[:, at] += Z[:, at] * y
    sums.pearson += terms.total - 2 * terms.total + float((y**2 / np.maximum(expected[at], 1e-300)).sum())
    row = 0
    for a in range(len(Z)):
        weighted = Z[a] * expected
        rest = len(Z) - a
        sums.cell_information[row : row + rest] += weighted * Z[a:]
        row += rest


def _newton(
    design: Design, outcome: _Outcome, start: _Sums, progress: Callable[[str], None] | None
) -> tuple[Floats, int, _Sums]:
    """Newton with step halving. Returns beta, steps taken, and the sums at beta."""
    beta, at = np.zeros(len(design.columns)), start
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _solve(at.information, at.gradient)
        decrement = float(step @ at.gradient)
        if progress:
            progress(f"step {iteration}: log-likelihood {at.log_likelihood:.3f}, left to gain {decrement / 2:.1e}")
        if decrement <= DECREMENT * max(1.0, abs(at.log_likelihood) * 1e-4):
            return beta + step, iteration, at
        for halving in range(MAX_HALVINGS):
            trial = beta + step * 0.5**halving
            new = _sweep(design, outcome, trial)
            if np.isfinite(new.log_likelihood) and new.log_likelihood >= at.log_likelihood - 1e-12 * abs(
                at.log_likelihood
            ):
                break
        else:
            break
        beta, at = trial, new
    _check_separation(design, outcome, beta, start.information, at.information, certain=True)
    raise NoConvergence(
        f"The likelihood found no maximum in {MAX_ITERATIONS} Newton steps.",
        "Use fewer --effects or a longer span.",
    )


def _solve(information: Floats, gradient: Floats) -> Floats:
    """information^-1 gradient, scaled to a unit diagonal; directions without information are left where they are."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, Q = np.linalg.eigh(information * scale[:, None] * scale)
    keep = values > 1e-13 * values[-1]
    coordinates = Q[:, keep].T @ (scale * gradient)
    return np.asarray(scale * (Q[:, keep] @ (coordinates / values[keep])))


def _absorbed(design: Design, start: _Sums) -> tuple[tuple[Absorbed, ...], list[int]]:
    """Columns without variation inside slices, and columns that the ones before them determine."""
    found: list[Absorbed] = []
    dropped: list[int] = []
    kept: list[int] = []
    covariance = start.information / start.total
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    for k, name in enumerate(design.names):
        if sd[k] <= NO_VARIATION * max(start.largest[k], 1e-300):
            found.append(Absorbed(name, "does not vary between the dyads of any slice"))
            dropped.append(k)
            continue
        if kept:
            R = covariance[np.ix_(kept, kept)] / np.outer(sd[kept], sd[kept])
            r = covariance[kept, k] / (sd[kept] * sd[k])
            weights = np.linalg.lstsq(R, r, rcond=1e-12)[0]
            if 1.0 - r @ weights < COLLINEAR:
                others = [design.names[kept[m]] for m in np.flatnonzero(np.abs(weights) > 1e-6)]
                found.append(Absorbed(name, f"is determined by {', '.join(others)}"))
                dropped.append(k)
                continue
        kept.append(k)
    return tuple(found), dropped


def _check_separation(
    design: Design, outcome: _Outcome, beta: Floats, before: Floats, after: Floats, *, certain: bool = False
) -> None:
    """Raise Separation where the likelihood has no maximum: proven by a direction that never favours a dyad without
    an event over one with."""
    scale = 1.0 / np.sqrt(np.diag(before))
    values, Q = np.linalg.eigh(before * scale[:, None] * scale)
    root = scale[:, None] * Q / np.sqrt(np.maximum(values, 1e-14))
    left, W = np.linalg.eigh(root.T @ after @ root)
    directions = [root @ W[:, m] for m in np.flatnonzero(left < (1.0 if certain else COLLAPSED))]
    directions += [beta] if certain else []
    for direction in directions:
        for d in (direction, -direction):
            if _separates(design, outcome, d):
                size = np.abs(d / scale)
                terms = [design.names[k] for k in np.flatnonzero(size > 0.1 * size.max())]
                raise Separation(
                    f"{', '.join(terms)} predict{'s' if len(terms) == 1 else ''} every event without a miss: the "
                    "coefficient runs to infinity and has no estimate.",
                    f"Leave {terms[0]} out (--effects), or use more data.",
                )


def _separates(design: Design, outcome: _Outcome, d: Floats) -> bool:
    """Whether in every slice each dyad with an event has the largest d . x of all."""
    for span in design.chunks:
        for s, block in design.blocks(*span):
            at, _ = outcome.of(s)
            X, out = design.without_missing(block)
            value = d @ X
            if out is not None:
                value[out], at = value.min(), at[~out[at]]
            if len(at) and value[at].min() < value.max() - 1e-9 * max(1.0, float(np.abs(value).max())):
                return False
    return True


def _by_dyad(design: Design, sums: _Sums) -> tuple[Floats, Floats, Ints, Ints]:
    """Scores (D, p) and information (D, p, p) by unordered dyad, and its ends i < j."""
    assert sums.scores is not None
    assert sums.cell_information is not None
    n = design.slices.n_actors
    a, b = design.at_risk // n, design.at_risk % n
    keys, place = np.unique(np.minimum(a, b) * n + np.maximum(a, b), return_inverse=True)
    p = len(sums.scores)
    U = np.zeros((len(keys), p))
    np.add.at(U, place, sums.scores.T)
    packed = np.zeros((len(keys), len(sums.cell_information)))
    np.add.at(packed, place, sums.cell_information.T)
    H = np.empty((len(keys), p, p))
    upper = np.triu_indices(p)
    H[:, upper[0], upper[1]] = packed
    H[:, upper[1], upper[0]] = packed
    return U, H, keys // n, keys % n

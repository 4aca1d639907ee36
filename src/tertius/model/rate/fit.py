"""The rate model: who acts towards whom next, given that someone acts. Newton on the partial likelihood.

    lambda_ij(t) = base(t) exp(beta . x_ij(t)),   l(beta) = sum_t l_t(beta)

with l_t in :mod:`tertius.model.rate.likelihood`.

Every ordered pair (undirected: every pair) is at risk in every slice; nothing is sampled unless the spec says
``sample`` (:mod:`tertius.model.rate.sampling`), and then all cells drawn are in memory. Of the full risk set the cost
is slices x N^2 whatever the number of events. Slices are walked in fixed chunks by as many workers as there are
processors (:mod:`tertius.model.parallel`), and their sums are added in the same order always: the result does not
depend on the number of workers.

Large designs are built anew in every walk, so that walks are what counts. Start values come from evenly spaced slices;
the optimum is that of all. Two walks over all of them are the rule: the gradient at the sample's optimum, and Newton's
step from where it leads, with scores and information of every dyad. The step is taken, the scores are moved along it
to first order, and errors are those at its foot: the step is short, and what it leaves (told by the evenly spaced
slices, :mod:`tertius.model.rate.surrogate`) is below :data:`TOLERANCE`, or there is another walk.

Before solving, columns without variation inside any slice, and columns that the others determine, are set aside and
listed. After it, a direction in which the information has collapsed is tested for separation: if along it no dyad
without an event ever beats one with, the likelihood has no maximum, and that is said.

Standard errors are those of :mod:`tertius.model.robust`, from scores of the slice-centred design,
(y - n p) (x - xbar), summed by unordered dyad. With weights as response the likelihood is a quasi-likelihood.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import NoConvergence, NotEnoughData, Separation, UsageError
from tertius.events.slices import Bools, Floats, Ints
from tertius.model.budget import DOUBLE_BYTES, JOBS, RING_BYTES, SAMPLE_BYTES, WORTH_FORKING, check_memory, full_bytes
from tertius.model.design import RATE, SAMPLE_INSTEAD, Design, Outcome
from tertius.model.parallel import in_order, shared_zeros
from tertius.model.rate.likelihood import Drawn, SliceTerms, add_cells, put_cells, slice_terms, variances
from tertius.model.rate.sampling import CellScores, cell_covariances, drawing_variance
from tertius.model.rate.surrogate import rests, stands_for
from tertius.model.robust import Covariances, covariances
from tertius.progress import WORTH_WARNING, Teller, foreseen

MAX_ITERATIONS = 60
MAX_HALVINGS = 30
DECREMENT = 1e-12  # stop where a Newton step would raise the log-likelihood by less than half of this
SAMPLE_DECREMENT = 1e-2  # the same, on a sample of slices
SAMPLE_SLICES = 125  # for start values
FEW_SLICES = 100  # among which columns without variation are looked for in all at once
WORTH_SAMPLING = 4  # sample one slice in so many, or none
TOLERANCE = {"float64": 1e-8, "float32": 2e-3}  # standard errors that the last step may leave, and share of the
# information that it may move
EVENTS_A_COLUMN = 30  # that a sample of slices must have
PATIENCE = 8  # passes from a start near the optimum
SHARE_MISSED = 0.02  # of a step made with the information of a sample, at most (only foreseen: it is looked at after)
ROUNDING = float(np.finfo(np.float32).eps) / 2
SAFE_EFFECT = 1e-6  # log points per standard deviation of a column that single precision may move its coefficient
SAFE = 5e-3  # standard errors that it may move the optimum, both as foreseen
NOISES = 3.0  # how many of these a step must exceed to be told from rounding
FEWER = 4  # of the sampled slices, the very first steps, which lead far and need little, look at one in so many
NEAR = 1.0  # standard errors: of a longer step a sample of slices may tell too little
HOPE = 2.0  # how much worse than the tolerance the next step may be foreseen for its pass to sum up by cell
REMAINDER = 2.0  # a Newton step of d standard errors moves the information by about d / sqrt(events) times this:
# a guess where nothing is known yet
NOISE = 1e-7  # of a log-likelihood in single precision, relative
SMALLEST_UNIT = 1e-12  # c for which x / c surely fits into single precision
SLICES_AT_ONCE = 32  # in sums by cell
WORTH_MORE_JOBS = 500_000_000  # bytes of blocks up to which the start of a third and fourth process would be felt
FEW_JOBS = 2  # of a walk through less than that
PASSES = 2.0  # walks over all slices that are foreseen, as long as the first, from a sample's optimum
PASSES_FROM_ZERO = 10.0  # and from zero
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
    passes : walks over all slices.
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


@dataclass(slots=True)
class _Sums:
    """Sums over slices; what was not asked for stays at zero, and scores and information by cell at None.

    ``largest`` and ``level`` (p,): of |x|, and of |xbar|, in any slice.
    ``outer`` (D, p + 1, p): sum_t n p (x - xbar)(x - xbar)', and last sum_t (n p - y) (x - xbar)'.
    """

    log_likelihood: float
    gradient: Floats
    information: Floats
    total: float
    largest: Floats
    variance: Floats
    level: Floats
    pearson: float = 0.0
    outer: Floats | None = None

    def add(self, other: _Sums) -> None:
        self.log_likelihood += other.log_likelihood
        self.gradient += other.gradient
        self.information += other.information
        self.total += other.total
        np.maximum(self.largest, other.largest, out=self.largest)
        np.maximum(self.level, other.level, out=self.level)
        self.variance += other.variance
        self.pearson += other.pearson


def _foresee(tell: Teller, design: Design, seconds: float, slices: int, passes: float) -> None:
    """Say what time and memory a fit that builds every block anew will take, from what so many slices took."""
    whole = passes * seconds / slices * len(design.used)
    if not design.is_kept and whole > WORTH_WARNING:
        n, D, p, T = design.slices.n_actors, len(design.at_risk), len(design.columns), len(design.used)
        tell.line(foreseen(whole, full_bytes(n, D, p, T, np.dtype(design.dtype).itemsize)))


def fit_rate(design: Design, *, progress: Callable[[str], None] | None = None, precision: str = "auto") -> RateFit:
    """Maximise the partial likelihood over the full risk set.

    Parameters
    ----------
    design : from :func:`tertius.model.design.build_design`.
    progress : called with a line after every step, and with the time left where a walk takes seconds.
    precision : of the columns: "float64", "float32", or "auto": double precision up to :data:`DOUBLE_BYTES` of columns
        and where they are raw or hold covariates, single precision otherwise.

    Raises
    ------
    NotEnoughData : no column varies inside any slice.
    Separation : a coefficient runs to infinity.
    NoConvergence : no optimum after :data:`MAX_ITERATIONS` steps.
    UsageError : of a sampled design in single precision, whose cells an earlier fit has used up (their memory holds the
        scores).
    """
    with threadpool_limits(1):
        outcome, tell = Outcome(design), Teller(progress, warns=False)
        absorbed, dropped, noise = _set_aside(design, outcome, tell)
        if len(dropped) == len(design.columns):
            raise NotEnoughData(
                "No effect varies between the dyads of any slice.", "Choose a shorter --slice or a longer span."
            )
        double = design.without(dropped)
        single = _is_single(double, precision, noise)
        design = double.to(np.float32 if single else np.float64)
        if not single:
            _check_double(double)
        try:
            found = _maximise(design, outcome, tell, noise.errors if single else 0.0)
        except NoConvergence:
            if not single or precision != "auto":
                raise
            tell.line("single precision does not settle: again in double precision")
            _check_double(double)
            design = double
            found = _maximise(design, outcome, tell, 0.0)
        tell.line("standard errors")
        scores = _by_cell(design, outcome, found) if design.sample else None
        cells = len(design.used) * design.slices.n_dyads - len(found.beta) - len(design.used)
        phi = found.at.pearson / cells if cells > 0 else float("nan")
        quasi, n = design.spec.response == "weight", design.slices.n_actors
        if scores is not None:
            cov = cell_covariances(scores, found.at.information, n, phi if quasi else 1.0)
        else:
            U, H, i, j = _by_dyad(design, found.at)
            U -= H @ found.way.step  # the scores where the last step leads, to first order
            cov = covariances(U, H, i, j, n, phi=phi if quasi else 1.0)
    return RateFit(
        design=double.full(),
        beta=found.beta + found.way.step,
        sd=np.sqrt(np.maximum(found.at.variance, 0.0) / found.at.total),
        log_likelihood=found.log_likelihood,
        cov=cov,
        phi=phi,
        absorbed=absorbed,
        iterations=found.iterations,
        total=found.at.total,
        precision=np.dtype(design.dtype).name,
        passes=found.passes,
        left=found.way.left,
        cells=design.sample.cells if design.sample else None,
    )


def _check_double(design: Design) -> None:
    """Raise NotEnoughMemory where the design does not fit in double precision."""
    if design.sample is None:
        D, p, T = len(design.at_risk), len(design.columns), len(design.used)
        check_memory(full_bytes(design.slices.n_actors, D, p, T, 8), RATE, design.slices, SAMPLE_INSTEAD)


def _is_single(design: Design, precision: str, noise: _Noise) -> bool:
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


def _sweep(
    design: Design,
    outcome: Outcome,
    beta: Floats,
    *,
    information: bool = True,
    spread: bool = False,
    cells: bool = False,
    tell: Teller | None = None,
) -> _Sums:
    """One walk over all slices. The chunks are fixed and added in order: the same to the bit for any worker number.

    ``information``, ``spread`` (the variance of columns) and ``cells`` (scores and information by cell; their sum is
    the information) are what is wanted besides log-likelihood and gradient.
    """
    whole, cells = cells, cells and design.sample is None
    p, D = len(beta), len(design.at_risk) if cells else 0
    at_once = max(1, min(SLICES_AT_ONCE, RING_BYTES // design.block_bytes))

    size = design.block_bytes * len(design.used)  # of small ones the start of a process is felt
    each = -(-len(design.chunks) // (FEW_JOBS if WORTH_FORKING < size <= WORTH_MORE_JOBS else JOBS))
    jobs = [design.chunks[k : k + each] for k in range(0, len(design.chunks), each)]
    outers = [shared_zeros((D, p + 1, p), design.dtype) for _ in jobs] if cells else []

    def several(number: int, tick: Callable[[int], None]) -> _Sums:
        """The chunks of one job, added in order; sums by cell go to ``outers``."""
        sums, held = _zero(p), 0
        if cells:
            sums.outer = outers[number]
            Z = np.empty((at_once, p + 1, D), dtype=design.dtype)
        for span in jobs[number]:
            for s, block in design.blocks(*span):
                X, out = design.without_missing(block)
                drawn, asked = outcome.drawn(s), information and not cells
                at, y = outcome.of(s, out)
                terms = _add_slice(sums, X, at, y, beta, out, information=asked, spread=spread, drawn=drawn)
                if drawn is not None and whole and terms is not None:
                    sums.pearson += _pearson(X, beta, drawn)
                if sums.outer is None or terms is None:
                    continue
                put_cells(Z[held], X, terms, at, y)
                held += 1
                if held == len(Z):
                    add_cells(sums.outer, Z)
                    held = 0
            tick(span[1] - span[0])
        if sums.outer is not None and held:
            add_cells(sums.outer, Z[:held])
        sums.outer = None  # where all see it
        return sums

    slices = 0

    def told(done: int) -> None:
        nonlocal slices
        slices += done
        if tell is not None:
            tell.done(slices, len(design.used))

    design.keep()
    apart, workers = design.workers(len(jobs))
    total = _zero(p)
    for part in in_order(several, range(len(jobs)), processes=apart, workers=workers, tick=told):
        total.add(part)
    if cells:
        total.outer = outers[0]
        for other in outers[1:]:
            total.outer += other
    if total.outer is not None:
        total.information = total.outer[:, :p].sum(axis=0, dtype=np.float64)
    return total


def _zero(p: int) -> _Sums:
    return _Sums(0.0, np.zeros(p), np.zeros((p, p)), 0.0, np.zeros(p), np.zeros(p), np.zeros(p))


def _add_slice(
    sums: _Sums,
    X: Floats,
    at: Ints,
    y: Floats,
    beta: Floats,
    out: Bools | None = None,
    *,
    information: bool = True,
    spread: bool = False,
    drawn: Drawn | None = None,
) -> SliceTerms | None:
    """Add one slice; None where none of its events is at risk."""
    if len(at) == 0:
        return None
    terms = slice_terms(X, at, y, beta, out, information=information, drawn=drawn)
    sums.log_likelihood += terms.log_likelihood
    sums.gradient += terms.gradient
    sums.total += terms.total
    if information:
        sums.information += terms.information
    if spread:
        sums.variance += terms.total * variances(X, out, drawn)
    if spread and information:
        np.maximum(sums.largest, np.maximum(X.max(axis=1), -X.min(axis=1)), out=sums.largest)
        np.maximum(sums.level, np.abs(terms.centre), out=sums.level)
    if sums.outer is not None:
        expected = np.maximum(terms.total * terms.probability[at], 1e-300)
        sums.pearson += float((y**2 / expected).sum()) - terms.total
    return terms


@dataclass(frozen=True, slots=True)
class _Found:
    """The optimum is beta + way.step; ``at`` are the sums at beta, by cell."""

    beta: Floats
    way: _Way
    at: _Sums
    iterations: int
    passes: int

    @property
    def log_likelihood(self) -> float:
        """At the optimum."""
        step = self.way.step
        gained = float(step @ self.at.gradient - step @ self.at.information @ step / 2)
        return self.at.log_likelihood + gained + self.way.height


def _maximise(design: Design, outcome: Outcome, tell: Teller, noise: float) -> _Found:
    """Newton on a sample of slices for the start, then on all of them.

    From the sample's optimum a step asks for the gradient g of all slices only: it goes to the optimum of the surrogate
    l_sample(beta) + beta . (g / ratio - g_sample), whose first derivative is that of all slices and whose higher ones
    are the sample's (Jordan, Lee & Yang 2019, doi:10.1080/01621459.2018.1429274). What it misses the next step puts
    right, Newton's on all slices. The pass that is foreseen to be the last sums up by cell; the last it is where its
    step is short and leaves less than :data:`TOLERANCE`.

    ``noise``: standard errors below which steps in this precision mean nothing.
    """
    zero = np.zeros(len(design.columns))
    few = max(1, len(design.used) // SAMPLE_SLICES, -(-design.block_bytes * len(design.used) // SAMPLE_BYTES))
    sample = design.every(few) if few >= WORTH_SAMPLING else design
    if sample is not design:
        try:
            once = design.dtype is np.float32 and design.block_bytes * len(design.used) > WORTH_FORKING
            return _from_sample(replace(design, once=once), sample, outcome, tell, noise)
        except (Separation, NoConvergence):
            tell.line("the sample of slices gives no start")
    tell.start("step 1")
    began = time.perf_counter()
    start = _sweep(design, outcome, zero, tell=tell)
    _foresee(tell, design, time.perf_counter() - began, len(design.used), PASSES_FROM_ZERO)
    beta, steps, _ = _newton(design, outcome, zero, start, zero, tell, DECREMENT, noise)
    curved = REMAINDER / float(np.sqrt(start.total))
    return _settle(design, outcome, _Start(beta, start, steps, steps, 0.0, curved, None), tell)


def _from_sample(design: Design, sample: Design, outcome: Outcome, tell: Teller, noise: float) -> _Found:
    zero = np.zeros(len(design.columns))
    tell.start("start values")
    began = time.perf_counter()
    start = _sweep(sample, outcome, zero, tell=tell)
    _foresee(tell, design, time.perf_counter() - began, len(sample.used), PASSES)
    events = float(design.slices.per_slice(outcome.values)[design.used].sum())
    if start.total < EVENTS_A_COLUMN * len(zero):
        raise NoConvergence("A sample of slices has too few events.", "")
    noise *= float(np.sqrt(start.total / events))
    beta, before = _from_fewer(sample, outcome, tell, noise)
    at = _sweep(sample, outcome, beta) if before else start
    beta, steps, _ = _newton(sample, outcome, beta, at, zero, tell, SAMPLE_DECREMENT, noise)
    tell.start("pass 1")
    all_slices = _sweep(design, outcome, beta, information=False, tell=tell)
    at = _sweep(sample, outcome, beta)
    tilt = all_slices.gradient * (at.total / all_slices.total) - at.gradient
    best, added, _ = _newton(sample, outcome, beta, at, tilt, tell, DECREMENT, noise)
    known = (sample, stands_for(design, sample, outcome))
    way = _way(known, outcome, beta, best - beta, at.information * (all_slices.total / at.total))
    curved = way.left / max(way.size, 1.0) ** 2
    begun = _Start(best, start, before + steps + added, 1, way.size * SHARE_MISSED, curved, known)
    return _settle(design, outcome, begun, tell)


def _from_fewer(sample: Design, outcome: Outcome, tell: Teller, noise: float) -> tuple[Floats, int]:
    """Where a part of the sample has its optimum, and the steps to there; zero where it has none."""
    zero = np.zeros(len(sample.columns))
    part = sample.every(FEWER)
    try:
        at = _sweep(part, outcome, zero)
        if at.total >= EVENTS_A_COLUMN / 2 * len(zero):  # a poor start costs a few steps
            beta, steps, _ = _newton(part, outcome, zero, at, zero, tell, SAMPLE_DECREMENT, noise)
            return beta, steps
    except (Separation, NoConvergence):
        pass
    return zero, 0


@dataclass(frozen=True, slots=True)
class _Start:
    """Where all slices are to be looked at next: ``beta``, thought to be ``left`` standard errors from the optimum.

    ``zero`` are sums at zero, over the slices of ``sample`` (None: all), which come with what each stands for.
    ``curved``: a step of d standard errors is thought to leave d^2 times this.
    """

    beta: Floats
    zero: _Sums
    steps: int
    passes: int
    left: float
    curved: float
    sample: tuple[Design, Floats] | None


@dataclass(frozen=True, slots=True)
class _Way:
    """A step, its ``size`` and how far from its end the optimum still is (``left``), both in standard errors; by which
    share the information ``moves`` along it; and the rest of the log-likelihood (``height``). As the sample tells."""

    step: Floats
    size: float
    left: float
    moves: float
    height: float = 0.0


def _way(sample: tuple[Design, Floats], outcome: Outcome, beta: Floats, step: Floats, information: Floats) -> _Way:
    """What the sample tells of a step; ``information`` (p, p): of all slices at beta."""
    size = _size(step, information)
    told = rests(*sample, outcome, beta, step)
    if not np.diag(told.information).all():  # some column it does not know: as of an effect that rests on four events
        return _Way(step, size, size**2, size)
    shares, _ = _information_left(information, information + told.information)
    left = _size(_solve(information, told.gradient), information)
    return _Way(step, size, left, float(np.abs(shares - 1.0).max()), told.height)


def _size(step: Floats, information: Floats) -> float:
    """Length of a step in standard errors, over all directions."""
    return float(np.sqrt(max(float(step @ information @ step), 0.0)))


def _settle(design: Design, outcome: Outcome, start: _Start, tell: Teller) -> _Found:
    """Newton on all slices from a start near the optimum, until a short step leaves less than the tolerance.

    A step's size is what the one before left: where that was more than was told of it, what is told counts for so many
    times as much from then on.
    """
    beta, steps, passes, left, curved = start.beta, start.steps, start.passes, start.left, start.curved
    tolerance, highest, told, wrong = TOLERANCE[np.dtype(design.dtype).name], -np.inf, np.inf, 1.0
    for _ in range(PATIENCE):
        last = left <= NEAR and curved * left <= HOPE * tolerance
        passes += 1
        tell.start(f"pass {passes}{', with standard errors' if last else ''}")
        new = _sweep(design, outcome, beta, cells=last, spread=last, tell=tell)
        step = _solve(new.information, new.gradient)
        if start.sample is None:
            size = _size(step, new.information)
            way = _Way(step, size, start.curved * size**2, start.curved * size)
        else:
            way = _way(start.sample, outcome, beta, step, new.information)
            wrong = max(wrong, way.size / max(told, tolerance))
        told, left = way.left, wrong * way.left
        steps += 1
        tell.line(f"step {steps}: log-likelihood {new.log_likelihood:.3f}, left to gain {way.size**2 / 2:.1e}")
        if last and max(left, way.moves) <= tolerance and way.size <= NEAR:
            before = start.zero.information * (new.total / start.zero.total)
            if start.sample is not None and _information_left(before, new.information)[0][0] < COLLAPSED:
                break  # no information where the sample led: nothing to tell an optimum by
            _check_separation(design, outcome, beta, before, new.information)
            return _Found(beta, replace(way, left=left), new, steps, passes)
        if new.log_likelihood < highest - NOISE * abs(highest):
            break
        beta, highest = beta + step, max(highest, new.log_likelihood)
        curved = max(curved, left / max(way.size, tolerance) ** 2) if last else curved
    raise NoConvergence(
        f"The likelihood found no maximum in {steps} Newton steps.", "Use fewer --effects or a longer span."
    )


def _newton(
    design: Design,
    outcome: Outcome,
    beta: Floats,
    at: _Sums,
    tilt: Floats,
    tell: Teller,
    enough: float,
    noise: float,
) -> tuple[Floats, int, _Sums]:
    """Newton with step halving on l(beta) + tilt . beta, from beta with the sums there.

    Returns the optimum, steps taken, and the sums one step before it.
    """
    start = at
    height = at.log_likelihood + float(tilt @ beta)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = _solve(at.information, at.gradient + tilt)
        decrement = float(step @ (at.gradient + tilt))
        tell.line(f"step {iteration}: log-likelihood {at.log_likelihood:.3f}, left to gain {decrement / 2:.1e}")
        if decrement <= max(enough * max(1.0, abs(height) * 1e-4), len(beta) * (NOISES * noise) ** 2):
            return beta + step, iteration, at
        for halving in range(MAX_HALVINGS):
            trial = beta + step * 0.5**halving
            tell.start(f"step {iteration}")
            new = _sweep(design, outcome, trial, tell=tell)
            reached = new.log_likelihood + float(tilt @ trial)
            rounding = NOISE if design.dtype is np.float32 else 1e-12
            if np.isfinite(reached) and reached >= height - rounding * abs(height):
                break
        else:
            break
        beta, at, height = trial, new, reached
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


@dataclass(frozen=True, slots=True)
class _Noise:
    """How far rounding to single precision may move the optimum: in log points per standard deviation of a column, and
    in standard errors."""

    effect: float
    errors: float


def _set_aside(design: Design, outcome: Outcome, tell: Teller) -> tuple[tuple[Absorbed, ...], list[int], _Noise]:
    """:func:`_absorbed` in double precision, and the :func:`_noise` that single precision would have.

    What varies in some slices, and is independent in them, is so in all: the rest is looked at only where the first
    slices of the chunks do not settle it.
    """
    zero = np.zeros(len(design.columns))
    events = float(design.slices.per_slice(outcome.values)[design.used].sum())
    tell.start("looking for columns without variation")
    if len(design.used) > FEW_SLICES:
        some = design.firsts()
        sums = _sweep(some, outcome, zero, spread=True, tell=tell)
        absorbed, dropped = _absorbed(some, sums)
        if not dropped:
            return absorbed, dropped, _noise(sums, dropped, events)
    sums = _sweep(design, outcome, zero, spread=True, tell=tell)
    absorbed, dropped = _absorbed(design, sums)
    return absorbed, dropped, _noise(sums, dropped, events)


def _noise(sums: _Sums, dropped: Sequence[int], events: float) -> _Noise:
    """What rounding may do, from sums at zero.

    A column sum over the dyads is off by about its level times :data:`ROUNDING`, and so is the gradient of each event;
    a step of the coefficient by 1 / sd moves that gradient by sd, and its standard error is 1 / (sd sqrt(n)).
    """
    kept = [k for k in range(len(sums.level)) if k not in dropped]
    sd = np.sqrt(np.diag(sums.information)[kept] / sums.total)
    effect = ROUNDING * float(np.max(1.0 + sums.level[kept] / sd, initial=0.0))
    return _Noise(effect, effect * float(np.sqrt(events)))


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


def _information_left(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Shares (r,) of the information ``before`` that is there ``after``, ascending, and their directions (p, r).

    A column without any information before (zero in all cells looked at) has no part in a direction.
    """
    size = np.sqrt(np.diag(before))
    scale = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    values, Q = np.linalg.eigh(before * scale[:, None] * scale)
    root = scale[:, None] * Q / np.sqrt(np.maximum(values, 1e-14))
    left, W = np.linalg.eigh(root.T @ after @ root)
    return left, root @ W


def _check_separation(
    design: Design, outcome: Outcome, beta: Floats, before: Floats, after: Floats, *, certain: bool = False
) -> None:
    """Raise Separation where the likelihood has no maximum: proven by a direction that never favours a dyad without
    an event over one with."""
    left, along = _information_left(before, after)
    directions = [along[:, m] for m in np.flatnonzero(left < (1.0 if certain else COLLAPSED))]
    directions += [beta] if certain else []
    for direction in directions:
        for d in (direction, -direction) if direction.any() else ():
            if _separates(design, outcome, d):
                size = np.abs(d) * np.sqrt(np.diag(before))
                terms = [design.names[k] for k in np.flatnonzero(size > 0.1 * size.max())]
                raise Separation(
                    f"{', '.join(terms)} predict{'s' if len(terms) == 1 else ''} every event without a miss: the "
                    "coefficient runs to infinity and has no estimate.",
                    f"Leave {terms[0]} out (--effects), or use more data.",
                )


def _separates(design: Design, outcome: Outcome, d: Floats) -> bool:
    """Whether in every slice each dyad with an event has the largest d . x of all."""
    for span in design.chunks:
        for s, block in design.blocks(*span):
            X, out = design.without_missing(block)
            at, _ = outcome.of(s, out)
            value = d @ X
            if out is not None:
                value[out] = value.min()
            if len(at) and value[at].min() < value.max() - 1e-9 * max(1.0, float(np.abs(value).max())):
                return False
    return True


def _by_dyad(design: Design, sums: _Sums) -> tuple[Floats, Floats, Ints, Ints]:
    """Scores (D, p) and information (D, p, p) by unordered dyad, and its ends i < j."""
    assert sums.outer is not None
    n, p = design.slices.n_actors, sums.outer.shape[2]
    position = np.full((n, n), -1, dtype=np.int64)
    position.ravel()[design.at_risk] = np.arange(len(design.at_risk))
    i, j = np.triu_indices(n, 1)
    U, H = np.zeros((len(i), p)), np.zeros((len(i), p, p))
    for place in (position[i, j], position[j, i]) if design.slices.directed else (position[i, j],):
        U -= sums.outer[place, p]
        H += sums.outer[place, :p]
    H += H.transpose(0, 2, 1).copy()
    H /= 2
    return U, H, i, j


def _pearson(X: Floats, beta: Floats, drawn: Drawn) -> float:
    """What a sampled slice adds to Pearson's statistic; what is expected of a dyad rests on the weighted controls."""
    eta = beta @ X
    p = np.exp(eta - eta.max())
    controls = slice(0, len(p) - len(drawn.instead))
    total = float(drawn.y.sum())
    expected = total * p[drawn.at] / (p[controls] @ np.exp(drawn.offset[controls]))
    return float((drawn.y**2 / np.maximum(expected, 1e-300)).sum()) - total


def _by_cell(design: Design, outcome: Outcome, found: _Found) -> CellScores:
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
        rest[mine] -= mu[mine] * (1.0 + x[mine] @ found.way.step)
        rest[first + at] += y
        i, j = drawn.dyad // n, drawn.dyad % n
        low[mine], high[mine] = np.minimum(i, j), np.maximum(i, j)
        B += drawing_variance(x[mine].T * mu[mine], drawn)
        first = mine.stop
    if room is not None:
        design.cache.clear()
    return CellScores(x, mu, rest, low, high, B)

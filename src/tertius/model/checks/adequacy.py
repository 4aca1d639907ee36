"""How well a fitted model describes the data it was fitted to, and whether it foretells better than inertia alone.

Ranks. In every slice the dyads at risk are put in the order of their expected outcome mu_d; an event's rank is that of
its dyad, 1 for the largest, ties at the middle of the places they share. Shown are, weighted by the outcome, the
median, the mean of 1 / rank, and the share in the top ten (Butts 2008, doi:10.1111/j.1467-9531.2008.00203.x).

Calibration. Cells (a dyad in a slice) in the order of mu, cut into ten groups of equal *expected* sum, so that a
group's observed sum over its expected one is read at once. mu is binned to 1/64 of a power of ten, so a group's sum is
a tenth to within a bin.

Residuals. Rate: an actor's (observed - expected) / sqrt(expected phi), both directions. A slice's own total is given,
so that by period the surprise is shown, sum_d (y_d - mu_d) log mu_d over its standard deviation times sqrt(phi): below
zero where events fell on pairs that the model held unlikely. Within pairs, the sums of every actor in every period, and
of every pair, fit *exactly by construction*; there the deviance per cell of an actor or a period is shown, relative to
that of all cells (1: as everywhere).

Held out. The model and inertia alone are fitted to the first two thirds of the slices and score the last third by
log(mu_d / sum mu), per event (the logarithmic score: Gneiting & Raftery 2007, doi:10.1198/016214506000001437). Inertia
alone has the model's inertia columns, or ``inertia.coop`` and ``inertia.host`` where it has none. In sample the smaller
model can never win; here it can, and :func:`remark` says so. The unit c of the columns stays that of all slices. Rate:
histories run on through the last third, coefficients do not. Within pairs: coefficients and the pairs' effects come
from the first two thirds; the effects of actors in a later period, which no past can give, are fitted to the period's
sums, in both models alike; pairs without outcome in the first two thirds cannot be scored, and the share of the
outcome that could is given.

Cost. Within pairs everything but what is held out is read off the fit; that takes two more fits and is made on request.
For the rate model all figures are over evenly spaced slices where the likelihood has more than :data:`JUDGED_CELLS`
cells (over at least :data:`FEWEST`), and the result says how many: about three passes over those. Not done: tests of
fit with a p-value, for dyads that share actors are not independent draws; the standard error of the difference takes
slices as independent.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsmr
from threadpoolctl import threadpool_limits

from tertius.errors import ModelError, NoConvergence, NotEnoughData
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.model.design import Design, Outcome, build_design
from tertius.model.parallel import threads
from tertius.model.rate.fit import RateFit
from tertius.model.rate.likelihood import slice_terms
from tertius.model.within.model import INERTIA, WithinModel
from tertius.model.within.ppml import WithinFit, fit_ppml
from tertius.progress import Teller

JUDGED_CELLS = 4_000_000
"""Cells (dyads times slices) over which a rate model is judged at most, unless that leaves fewer slices than FEWEST."""
FEWEST = 24
LISTED = 5
GROUPS = 10
BINS_PER_DECADE = 64
DECADES = 12
TRAINED = 2 / 3
TIES = 5
"""Decimals of log mu to which two dyads count as tied: blocks may be in single precision."""
_LARGEST_STEPS = 30
_SWEEPS = 2000


@dataclass(frozen=True, slots=True)
class Ranks:
    """Rank of the pair that acted, weighted by the outcome.

    Attributes
    ----------
    median : half of the outcome fell on a pair ranked so or better.
    mean_reciprocal : mean of 1 / rank; 1 is perfect.
    top10 : share of the outcome on the ten pairs ranked first.
    """

    median: float
    mean_reciprocal: float
    top10: float


@dataclass(frozen=True, slots=True)
class Group:
    """A group of cells with like expected outcome: sums over ``cells`` cells."""

    expected: float
    observed: float
    cells: int


@dataclass(frozen=True, slots=True)
class Residual:
    """An actor or a period: sums, and ``value`` in the measure that the table names."""

    name: str
    observed: float
    expected: float
    value: float


@dataclass(frozen=True, slots=True)
class Predicted:
    """A model on slices that it was not fitted to: ranks, and mean log(mu_d / sum mu) per unit of the outcome."""

    ranks: Ranks
    log_score: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The model and inertia alone, fitted to the first two thirds of the slices, on the last third.

    Attributes
    ----------
    since : day on which the last third begins.
    train, test : slices used of each part.
    outcome : events (or weight) scored.
    share : of the last third's outcome that could be scored.
    reference : columns of the model of inertia alone.
    model, inertia : both models on the last third.
    difference : log score of the model minus that of inertia alone, per event.
    se : its standard error, slices taken as independent.
    """

    since: str
    train: int
    test: int
    outcome: float
    share: float
    reference: tuple[str, ...]
    model: Predicted
    inertia: Predicted
    difference: float
    se: float


@dataclass(frozen=True, slots=True)
class Adequacy:
    """How well a model fits. Its fields are the keys of the JSON.

    Attributes
    ----------
    ranks : of the fit itself, in sample.
    at_risk : dyads among which is ranked.
    slices, of : over how many slices of the likelihood all this was taken.
    calibration : at most ten groups, expected outcome rising.
    actor_measure, period_measure : what ``value`` of the next two is.
    actors, periods : the five with the largest values.
    held_out : None where it was not asked for or not to be had.
    why_not : then the reason.
    """

    ranks: Ranks
    at_risk: int
    slices: int
    of: int
    calibration: tuple[Group, ...]
    actor_measure: str
    period_measure: str
    actors: tuple[Residual, ...]
    periods: tuple[Residual, ...]
    held_out: HeldOut | None
    why_not: str


STANDARDISED = "(observed - expected) / sqrt(expected x phi)"
SURPRISE = "surprise: below zero where events fell on unlikely pairs"
DEVIANCE = "deviance per cell relative to all cells (sums fit exactly by construction)"


def adequacy_of_rate(fit: RateFit, *, progress: Callable[[str], None] | None = None) -> Adequacy:
    """Adequacy of a rate model: one walk over evenly spaced slices, and two or three more for what is held out.

    ``progress`` is called with the time left where that takes seconds.
    """
    tell = Teller(progress)
    with threadpool_limits(1):
        sample = _evenly(fit.design.used, len(fit.design.at_risk))
        design = fit.design.over(sample)
        try:
            held, why = _rate_held_out(fit, design, tell), ""
        except ModelError as error:
            held, why = None, error.message
        tally = _Tally(design.slices, design.at_risk)
        tell.start("how well it fits")
        for n, (s, mu, at, y) in enumerate(_rate_cells(design, fit.beta), 1):
            tally.add(s, mu, at, y)
            tell.done(n, len(design.used))
    return tally.result(fit.phi, len(fit.design.used), exact=False, held=held, why=why)


def adequacy_of_within(
    model: WithinModel, *, held_out: bool, progress: Callable[[str], None] | None = None
) -> Adequacy:
    """Adequacy of a within-pair model; ``held_out`` also fits twice to the first two thirds of the periods.

    ``progress`` is called with a line before each of these fits.
    """
    tally = _Tally(model.design.slices, model.design.at_risk)
    for s, mu, at, y in _within_cells(model):
        tally.add(s, mu, at, y)
    held: HeldOut | None = None
    why = "It takes two more fits, which --adequacy full makes."
    if held_out:
        try:
            with threadpool_limits(1):
                held, why = _within_held_out(model, Teller(progress)), ""
        except ModelError as error:
            why = error.message
    return tally.result(model.fit.phi, len(model.periods), exact=True, held=held, why=why)


def remark(adequacy: Adequacy) -> str | None:
    """The sentence that warns where the model foretells worse than inertia alone."""
    held = adequacy.held_out
    if held is None or not held.difference < 0:
        return None
    clearly = "" if held.difference < -1.96 * held.se else ", a difference within its error"
    return (
        f"Out of sample the model does worse than inertia alone: fitted to what came before {held.since}, it scores "
        f"{held.model.log_score:.4f} an event on what came after, inertia alone {held.inertia.log_score:.4f} "
        f"(difference {held.difference:.2g}, standard error {held.se:.2g}{clearly})."
    )


def ranks_of(score: Floats, at: Ints) -> Floats:
    """(e,) ranks of the dyads ``at`` among all of ``score`` (D,): 1 is the largest, ties at the middle.

    >>> ranks_of(np.array([3.0, 1.0, 1.0, 5.0]), np.array([3, 1])).tolist()
    [1.0, 3.5]
    """
    order = np.sort(score)
    low, high = (np.searchsorted(order, score[at], side=side) for side in ("left", "right"))
    return np.asarray(len(score) - high + (high - low + 1) / 2, dtype=np.float64)


def summary_of(ranks: Floats, weight: Floats) -> Ranks:
    """Weighted median, mean reciprocal and share in the top ten of ranks (e,).

    >>> summary_of(np.array([1.0, 20.0]), np.array([3.0, 1.0]))
    Ranks(median=1.0, mean_reciprocal=0.7625, top10=0.75)
    """
    order = np.argsort(ranks, kind="stable")
    running, total = np.cumsum(weight[order]), float(weight.sum())
    middle = ranks[order][np.searchsorted(running, total / 2 * (1 - 1e-12))]
    return Ranks(float(middle), float(weight @ (1 / ranks)) / total, float(weight[ranks <= 10].sum()) / total)


def bins_of(mu: Floats) -> Ints:
    """(D,) bins of expected outcomes above zero, 64 a power of ten.

    >>> int(bins_of(np.array([1.0]))[0]) == BINS_PER_DECADE * DECADES
    True
    """
    place = np.floor((np.log10(mu) + DECADES) * BINS_PER_DECADE).astype(np.int64)
    return np.asarray(np.clip(place, 0, 2 * DECADES * BINS_PER_DECADE - 1), dtype=np.int64)


def groups_of(expected: Floats, observed: Floats, cells: Floats, groups: int = GROUPS) -> tuple[Group, ...]:
    """Bins, expected outcome rising, put together in at most ``groups`` groups of equal expected sum."""
    total = expected.sum()
    middle = np.cumsum(expected) - expected / 2
    group = np.clip(np.floor(groups * middle / total), 0, groups - 1).astype(np.int64)
    sums = [np.bincount(group, weights=v, minlength=groups) for v in (expected, observed, cells)]
    return tuple(Group(float(e), float(o), int(n)) for e, o, n in zip(*sums, strict=True) if n > 0)


class _Tally:
    """Sums over slices from which everything but the held-out comparison follows."""

    def __init__(self, slices: DyadSlices, at_risk: Ints) -> None:
        n = slices.n_actors
        self.sl, self.D = slices, len(at_risk)
        self.i, self.j = at_risk // n, at_risk % n
        size = 2 * DECADES * BINS_PER_DECADE
        self.expected, self.observed, self.cells = np.zeros(size), np.zeros(size), np.zeros(size)
        self.actor = np.zeros((4, n))  # expected, observed, deviance, cells
        self.slice: list[tuple[int, float, float, float, float, float]] = []
        self.ranks: list[Floats] = []
        self.weights: list[Floats] = []

    def add(self, s: int, mu: Floats, at: Ints, y: Floats) -> None:
        """One slice: expected outcome (D,), dyads (e,) with outcome and their outcome."""
        live = np.flatnonzero(mu > 0)
        log_mu = np.full(len(mu), -np.inf)
        log_mu[live] = np.log(mu[live])
        outcome = np.zeros(len(mu))
        outcome[at] = y
        self.ranks.append(ranks_of(np.round(log_mu, TIES), at))
        self.weights.append(y)
        m, o, lm = mu[live], outcome[live], log_mu[live]
        place = bins_of(m)
        size = len(self.expected)
        self.expected += np.bincount(place, weights=m, minlength=size)
        self.observed += np.bincount(place, weights=o, minlength=size)
        self.cells += np.bincount(place, minlength=size)
        deviance = 2 * m
        some = o > 0
        deviance[some] += 2 * (o[some] * (np.log(o[some]) - lm[some]) - o[some])
        n = self.sl.n_actors
        for ends in (self.i[live], self.j[live]):
            for row, value in enumerate((m, o, deviance)):
                self.actor[row] += np.bincount(ends, weights=value, minlength=n)
            self.actor[3] += np.bincount(ends, minlength=n)
        total = float(m.sum())
        mean_log = float(m @ lm) / total
        variance = float(m @ (lm - mean_log) ** 2)  # of sum y log mu, given the total of a multinomial
        surprise = float((o - m) @ lm)
        self.slice.append((s, total, float(o.sum()), surprise, variance, float(deviance.sum()) / max(len(live), 1)))

    def result(self, phi: float, of: int, *, exact: bool, held: HeldOut | None, why: str) -> Adequacy:
        """``exact``: actors' and periods' sums fit by construction, so that deviances are shown."""
        some = self.cells > 0
        expected, observed, deviance, cells = self.actor
        with np.errstate(divide="ignore", invalid="ignore"):
            if exact:
                value = (deviance / cells) / (deviance.sum() / cells.sum())
            else:
                value = (observed - expected) / np.sqrt(expected * phi)
        actors = [
            Residual(name, float(observed[k]), float(expected[k]), float(value[k]))
            for k, name in enumerate(self.sl.actors)
            if cells[k] > 0
        ]
        return Adequacy(
            ranks=summary_of(np.concatenate(self.ranks), np.concatenate(self.weights)),
            at_risk=self.D,
            slices=len(self.slice),
            of=of,
            calibration=groups_of(self.expected[some], self.observed[some], self.cells[some]),
            actor_measure=DEVIANCE if exact else STANDARDISED,
            period_measure=DEVIANCE if exact else SURPRISE,
            actors=_largest(actors),
            periods=_largest(self._periods(phi, exact)),
            held_out=held,
            why_not=why,
        )

    def _periods(self, phi: float, exact: bool) -> list[Residual]:
        """By slice; a rate model's slices shorter than a month are put together by month."""
        unit = "M" if self.sl.length.unit == "mo" or (self.sl.length.days < 28 and not exact) else "D"
        names = self.sl.dates().astype("datetime64[D]").astype(f"datetime64[{unit}]")
        found: dict[str, list[tuple[int, float, float, float, float, float]]] = {}
        for row in self.slice:
            found.setdefault(str(names[row[0]]), []).append(row)
        whole = float(np.mean([row[5] for row in self.slice]))
        lines = []
        for name, part in found.items():
            _, expected, observed, surprise, variance, deviance = np.sum(part, axis=0)
            if exact:
                value = deviance / len(part) / whole
            else:
                value = surprise / math.sqrt(variance * phi) if variance * phi > 0 else 0.0
            lines.append(Residual(name, float(observed), float(expected), float(value)))
        return lines


def _largest(lines: Sequence[Residual]) -> tuple[Residual, ...]:
    known = [r for r in lines if math.isfinite(r.value)]
    return tuple(sorted(known, key=lambda r: (-abs(r.value), r.name))[:LISTED])


def _evenly(used: Ints, dyads: int) -> Ints:
    """Evenly spaced slices with at most :data:`JUDGED_CELLS` cells, at least :data:`FEWEST` (or all)."""
    many = min(len(used), max(FEWEST, JUDGED_CELLS // dyads))
    return used[np.unique(np.round(np.linspace(0, len(used) - 1, many)).astype(np.int64))]


def shares_of(X: Floats, beta: Floats, out: Bools | None) -> Floats:
    """(D,) share of each dyad in the slice's outcome."""
    eta = np.asarray(beta.astype(X.dtype) @ X, dtype=np.float64)
    if out is not None:
        eta[out] = -np.inf
    p = np.exp(eta - eta.max())
    return np.asarray(p / p.sum())


def _rate_cells(design: Design, beta: Floats) -> Iterator[tuple[int, Floats, Ints, Floats]]:
    outcome = Outcome(design)
    for s, block in design.blocks(0, len(design.used)):
        X, out = design.without_missing(block)
        at, y = outcome.of(s, out)
        if len(at):
            yield s, y.sum() * shares_of(X, beta, out), at, y


def _within_cells(model: WithinModel) -> Iterator[tuple[int, Floats, Ints, Floats]]:
    outcome = Outcome(model.design)
    for s, mu in model.expected(model.periods):
        at, y = outcome.of(s)
        kept = mu[at] > 0
        if kept.any():
            yield s, mu, at[kept], y[kept]


Sums = tuple[float, Floats, Floats]
"""Log-likelihood, gradient (p,), information (p, p)."""
Block = tuple[Floats, Ints, Floats, Bools | None]


def _sums(blocks: Iterable[Block], beta: Floats) -> Sums:
    p = len(beta)
    value, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
    for X, at, y, out in blocks:
        terms = slice_terms(X, at, y, beta, out)
        value += terms.log_likelihood
        gradient += terms.gradient
        information += np.asarray(terms.information)
    return value, gradient, information


def _walk(
    design: Design, beta: Floats, tell: Teller, keep: Sequence[int] = (), into: list[Block] | None = None
) -> Sums:
    """Sums over a design's slices at beta, chunks in parallel and added in order; rows ``keep`` are put aside."""
    outcome = Outcome(design)
    tell.start("the first two thirds alone")

    def chunk(span: tuple[int, int]) -> tuple[Sums, list[Block]]:
        aside: list[Block] = []

        def blocks() -> Iterator[Block]:
            for s, raw in design.blocks(*span):
                X, out = design.without_missing(raw)
                at, y = outcome.of(s, out)
                if len(at):
                    if into is not None:
                        aside.append((X[list(keep)].copy(), at, y, out))
                    yield X, at, y, out

        return _sums(blocks(), beta), aside

    p = len(beta)
    value, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
    with threads(min(os.cpu_count() or 1, len(design.chunks))) as pool:
        for (_, last), ((v, g, H), aside) in zip(design.chunks, pool.map(chunk, design.chunks), strict=True):
            value, gradient, information = value + v, gradient + g, information + H
            tell.done(last, len(design.used))
            if into is not None:
                into += aside
    return value, gradient, information


def newton_step(information: Floats, gradient: Floats) -> Floats:
    """(p,) information^-1 gradient, scaled to a unit diagonal; the shortest where the information is singular."""
    scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    return np.asarray(scale * np.linalg.lstsq(information * scale[:, None] * scale, scale * gradient, rcond=1e-12)[0])


def _maximise(sums: Callable[[Floats], Sums], start: Floats, at: Sums | None = None) -> Floats:
    """Newton with step halving, until a step would gain less than 1e-7 of the log-likelihood. Raises NoConvergence."""
    beta = start
    value, gradient, information = at or sums(beta)
    for _ in range(_LARGEST_STEPS):
        step = newton_step(information, gradient)
        if float(step @ gradient) <= 1e-7 * max(1.0, abs(value)):
            return np.asarray(beta + step)
        for halving in range(20):
            trial = beta + step * 0.5**halving
            found = sums(trial)
            if np.isfinite(found[0]) and found[0] >= value - 1e-12 * abs(value):
                break
        else:
            break
        beta, (value, gradient, information) = trial, found
    raise NoConvergence("The first two thirds of the slices have no maximum of their own.", "Use fewer --effects.")


def _rate_held_out(fit: RateFit, design: Design, tell: Teller) -> HeldOut:
    """Both rate models on the last third; the slices of ``design`` are those judged."""
    cut = int(fit.design.used[min(math.ceil(TRAINED * len(fit.design.used)), len(fit.design.used) - 1)])
    early, late = design.used[design.used < cut], design.used[design.used >= cut]
    if len(early) < 2 or len(late) < 2:
        raise NotEnoughData("Too few slices to hold some of them out.", "Use a longer span.")
    rows = [k for k, name in enumerate(design.names) if name.startswith(INERTIA)]
    if len(rows) == len(design.names):
        raise NotEnoughData("The model is inertia alone: there is nothing to compare it with.", "Add --effects.")
    other: Design | None = None
    if not rows:
        if any(not c.transformed for c in design.columns):
            raise NotEnoughData("A model of covariates without inertia is not compared.", "Add inertia to --effects.")
        asked = replace(design.spec, effects=(INERTIA,), scales=(), covariates=())
        other = build_design(design.slices, asked).over(design.used)
    reference = design if other is None else other
    train = design.over(early)
    aside: list[Block] = []
    at = _walk(train, fit.beta, tell, rows, aside)
    beta = _maximise(lambda b: _walk(train, b, tell), fit.beta, at)
    if other is None:
        plain = _maximise(lambda b: _sums(aside, b), np.zeros(len(rows)))
    else:
        theirs = other.over(early)
        plain = _maximise(lambda b: _walk(theirs, b, tell), np.zeros(len(other.columns)))
    names = tuple(reference.names[k] for k in rows) if rows else reference.names
    test, outcome = design.over(late), Outcome(design)
    beside = other.over(late).blocks(0, len(late)) if other is not None else None
    lines = []
    tell.start("the last third, foretold")
    for n, (s, raw) in enumerate(test.blocks(0, len(late))):
        tell.done(n, len(late))
        X, out = design.without_missing(raw)
        at_y, y = outcome.of(s, out)
        small = X[rows] if beside is None else next(beside)[1]
        if len(at_y):
            lines.append((at_y, y, shares_of(X, beta, out), shares_of(small, plain, out)))
    return _compared(lines, _day(design.slices, cut), len(early), len(late), names, 1.0)


def _within_held_out(model: WithinModel, tell: Teller) -> HeldOut:
    """Both within-pair models on the last third of the periods."""
    design, T, sl = model.design, len(model.periods), model.design.slices
    rows = [k for k, name in enumerate(design.names) if name.startswith(INERTIA)]
    if not rows or len(rows) == len(design.names):
        raise NotEnoughData("The model has no inertia, or nothing else: no comparison.", "Change --effects.")
    k = min(math.ceil(TRAINED * T), T - 1)
    Y, X, at_risk = _tensors(model)
    mask = at_risk.copy()
    mask[k:] = False
    predictors = []
    for n, chosen in enumerate((list(range(len(design.names))), rows)):
        tell.line(f"the first two thirds alone: {n} of 2 fits")
        fit = fit_ppml(Y, X[chosen], directed=sl.directed, mask=mask, names=[design.names[c] for c in chosen])
        at = [design.names.index(name) for name in fit.names]
        predictors.append((at, fit.beta, pair_effects(fit, X[at], sl.directed)))
    known = np.isfinite(predictors[0][2]) & np.isfinite(predictors[1][2])
    lines, scored, whole = [], 0.0, 0.0
    upper = design.at_risk
    for t in range(k, T):
        cells = known & at_risk[t]
        y = np.where(cells, Y[t], 0.0)
        rows_on, columns_on = y.sum(1) > 0, y.sum(0) > 0
        cells = cells & rows_on[:, None] & columns_on
        whole += float(Y[t].ravel()[upper].sum())
        place = upper[cells.ravel()[upper]]
        seen = y.ravel()[place]
        if not seen.any():
            continue
        scored += float(seen.sum())
        shares = []
        for at, beta, pair in predictors:
            eta = np.where(cells, np.where(known, pair, 0.0) + np.tensordot(beta, X[at][:, t], 1), -np.inf)
            mu = fitted_to_sums(eta, y).ravel()[place]
            shares.append(mu / mu.sum())
        hit = np.flatnonzero(seen > 0)
        lines.append((hit, seen[hit], shares[0], shares[1]))
    if len(lines) < 2:
        raise NotEnoughData("Too few later periods can be scored.", "Use a longer span.")
    since = _day(sl, int(model.periods[k]))
    return _compared(lines, since, k, len(lines), tuple(design.names[r] for r in rows), scored / whole)


def _tensors(model: WithinModel) -> tuple[Floats, Floats, Bools]:
    """Y (T, N, N), X (p, T, N, N) and the cells at risk (T, N, N) of the columns that were estimated."""
    design = replace(model.design, used=model.periods)
    n, T = design.slices.n_actors, len(model.periods)
    X, Y = np.zeros((len(design.columns), T, n, n)), np.zeros((T, n, n))
    at_risk = np.zeros((T, n, n), dtype=bool)
    outcome = Outcome(design)
    for t, (s, raw) in enumerate(design.blocks(0, T)):
        block, out = design.without_missing(raw)
        at_risk[t].ravel()[design.at_risk] = True if out is None else ~out
        X[:, t].reshape(len(block), n * n)[:, design.at_risk] = block
        at, y = outcome.of(s)
        Y[t].ravel()[design.at_risk[at]] = y
    if not design.slices.directed:
        X += X.transpose(0, 1, 3, 2)
        Y += Y.transpose(0, 2, 1)
        at_risk |= at_risk.transpose(0, 2, 1)
    return Y, X, at_risk


def effects_matrix(kept: Bools, directed: bool) -> tuple[csr_array, tuple[Ints, Ints, Ints]]:
    """Which effects a kept cell has: a sparse (cells, effects) matrix of ones, and the cells (t, i, j). The first N^2
    effects, i * N + j, are those of dyads. Undirected cells are taken once, i < j."""
    T, n, _ = kept.shape
    t, i, j = np.nonzero(kept if directed else np.triu(kept, 1))
    first, second = n * n + t * n + i, n * n + t * n + j + (T * n if directed else 0)
    columns = np.stack([i * n + j, first, second], axis=1).ravel()
    cells = np.repeat(np.arange(len(t)), 3)
    shape = (len(t), n * n + T * n * (2 if directed else 1))
    return csr_array((np.ones(3 * len(t)), (cells, columns)), shape=shape), (t, i, j)


def pair_effects(fit: WithinFit, X: Floats, directed: bool) -> Floats:
    """(N, N) dyad effects of a within-pair fit, -inf where the dyad has none; free up to sums of an effect of i and
    one of j, which a later period's own effects take up.

    log mu - x beta = a_ij + s_it + r_jt holds exactly in kept cells, and is solved for a.
    """
    A, (t, i, j) = effects_matrix(fit.kept & (fit.mu > 0), directed)
    eta = np.log(fit.mu[t, i, j]) - np.einsum("p,pc->c", fit.beta, X[:, t, i, j])
    solved = lsmr(A, eta, atol=1e-9, btol=1e-9, maxiter=1000)[0]
    n = fit.N
    pair = np.full((n, n), -np.inf)
    pair[i, j] = solved[i * n + j]
    if not directed:
        pair[j, i] = pair[i, j]
    return pair


def fitted_to_sums(eta: Floats, y: Floats) -> Floats:
    """(N, N) means exp(eta + s_i + r_j) with the row and column sums of y (N, N), by proportional fitting.

    >>> fitted_to_sums(np.zeros((2, 2)), np.array([[2.0, 0.0], [1.0, 1.0]])).tolist()
    [[1.5, 0.5], [1.5, 0.5]]
    """
    rows, columns = y.sum(1), y.sum(0)
    alive = columns > 0
    eta = np.where((rows > 0)[:, None] & alive, eta, -np.inf)
    top = eta.max(axis=1, keepdims=True)
    mu = np.exp(eta - np.where(np.isfinite(top), top, 0.0))
    for _ in range(_SWEEPS):
        sums = mu.sum(1)
        mu *= np.divide(rows, sums, out=np.zeros_like(rows), where=sums > 0)[:, None]
        sums = mu.sum(0)
        factor = np.divide(columns, sums, out=np.zeros_like(columns), where=sums > 0)
        mu *= factor
        if np.abs(factor[alive] - 1).max(initial=0.0) < 1e-8:
            break
    return mu


def _compared(
    lines: Sequence[tuple[Ints, Floats, Floats, Floats]],
    since: str,
    train: int,
    test: int,
    reference: tuple[str, ...],
    share: float,
) -> HeldOut:
    """Scores of both models from (dyads, outcome, the model's shares, inertia's shares) of every slice held out."""
    weight = np.concatenate([y for _, y, _, _ in lines])
    total = float(weight.sum())
    predicted, by_slice = [], []
    for which in (0, 1):
        ranks, scores = [], []
        for at, y, *shares in lines:
            with np.errstate(divide="ignore"):
                log_p: Floats = np.log(shares[which])
            ranks.append(ranks_of(np.round(log_p, TIES), at))
            scores.append(float(y @ log_p[at]))
        by_slice.append(np.array(scores))
        predicted.append(Predicted(summary_of(np.concatenate(ranks), weight), sum(scores) / total))
    gained, n = by_slice[0] - by_slice[1], np.array([float(y.sum()) for _, y, _, _ in lines])
    difference = float(gained.sum()) / total
    se = math.sqrt(float(((gained - n * difference) ** 2).sum()) * len(n) / max(len(n) - 1, 1)) / total
    return HeldOut(since, train, test, total, share, reference, predicted[0], predicted[1], difference, se)


def _day(slices: DyadSlices, s: int) -> str:
    return str(slices.dates()[s].astype("datetime64[D]"))

"""How well a fitted model describes the data it was fitted to, and whether it predicts better than inertia alone.

Ranks of the pairs that acted are :mod:`tertius.model.checks.ranks`, what is held out
:mod:`tertius.model.checks.held_out`.

Calibration. Cells (a dyad in a slice) in the order of mu, cut into ten groups of equal *expected* sum, so that a
group's observed sum over its expected one is read at once. mu is binned to 1/64 of a power of ten, so a group's sum is
a tenth to within a bin.

Residuals. Rate: an actor's (observed - expected) / sqrt(expected phi), both directions. A slice's own total is given,
so that by period the surprise is shown, sum_d (y_d - mu_d) log mu_d over its standard deviation times sqrt(phi): below
zero where events fell on pairs that the model held unlikely. Within pairs, the sums of every actor in every period, and
of every pair, fit *exactly by construction*; there the deviance per cell of an actor or a period is shown, relative to
that of all cells (1: as everywhere).

Cost. Within pairs everything but what is held out is read off the fit; that takes two more fits and is made on request.
For the rate model all figures are over evenly spaced slices where the likelihood has more than :data:`JUDGED_CELLS`
cells (over at least :data:`FEWEST`), and the result says how many: about three passes over those. Not done: tests of
fit with a p-value, for dyads that share actors are not independent draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import ModelError
from tertius.events.slices import DyadSlices, Floats, Ints
from tertius.language import say
from tertius.model.checks.held_out import HeldOut, rate_held_out, within_held_out
from tertius.model.checks.ranks import TIES, Ranks, ranks_of, shares_of, summary_of
from tertius.model.design import Design, Outcome
from tertius.model.rate.fit import RateFit
from tertius.model.within.model import WithinModel
from tertius.progress import Teller

JUDGED_CELLS = 4_000_000
"""Cells (dyads times slices) over which a rate model is judged at most, unless that leaves fewer slices than FEWEST."""
FEWEST = 24
LISTED = 5
GROUPS = 10
BINS_PER_DECADE = 64
DECADES = 12
STANDARDISED = say("(observed - expected) / sqrt(expected x phi)")
SURPRISE = say("surprise: below zero where events fell on unlikely pairs")
DEVIANCE = say("deviance per cell relative to all cells (sums fit exactly by construction)")


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
    held_out : None where it was not asked for or could not be computed.
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


def adequacy_of_rate(fit: RateFit, *, progress: Callable[[str], None] | None = None) -> Adequacy:
    """Adequacy of a rate model: one pass over evenly spaced slices, and two or three more for what is held out.

    ``progress`` is called with the time left where that takes seconds.
    """
    tell = Teller(progress)
    with threadpool_limits(1):
        sample = _evenly(fit.design.used, len(fit.design.at_risk))
        design = fit.design.over(sample)
        try:
            held, why = rate_held_out(fit, design, tell), ""
        except ModelError as error:
            held, why = None, error.message
        tally = _Tally(design.slices, design.at_risk)
        tell.start(say("how well it fits"))
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
    why = say("It takes two more fits, which --adequacy full makes.")
    if held_out:
        try:
            with threadpool_limits(1):
                held, why = within_held_out(model, Teller(progress)), ""
        except ModelError as error:
            why = error.message
    return tally.result(model.fit.phi, len(model.periods), exact=True, held=held, why=why)


def remark(adequacy: Adequacy) -> str | None:
    """The sentence that warns where the model predicts worse than inertia alone."""
    held = adequacy.held_out
    if held is None or not held.difference < 0:
        return None
    clearly = "" if held.difference < -1.96 * held.se else say(", a difference within its error")
    return say(
        "Out of sample the model does worse than inertia alone: fitted to what came before {since}, it scores "
        "{log_score:.4f} an event on what came after, inertia alone {log_score2:.4f} (difference "
        "{difference:.2g}, standard error {se:.2g}{clearly}).",
        since=held.since,
        log_score=held.model.log_score,
        log_score2=held.inertia.log_score,
        difference=held.difference,
        se=held.se,
        clearly=clearly,
    )


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

"""The ladder and what stands beside an estimate, read once from a fit for charts, page and terminal.

No figure is computed here: a rung becomes a line with an estimate, an interval (NaN where there is none) and a
sentence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tertius.errors import TertiusError
from tertius.language import joined, say
from tertius.model.beside import Chosen, PathPoint, Rung, Specification
from tertius.model.result import FitResult
from tertius.plain import number
from tertius.report.words import interval
from tertius.spec import DEFAULT_LEGS, Duration

WITHIN, EVENT_STUDY, CURVE = 4, 5, 6
RUNGS = (1, 2, 3, 4)
"""Those of one coefficient."""
INERTIA = "inertia"
SPLIT_PANEL = say("split-panel jackknife")

LEGS = ("min", "sqrt", "product", "binary")
KINDS = (say("all"), "verbal", "material")
CHOICES = ("half_life", "legs", "period", "kind", "inertia", "donut")
DONUTS = {"none": say("all triads"), "slice": say("no slice triads"), "document": say("no document triads")}


@dataclass(frozen=True, slots=True)
class RungLine:
    """One effect on one rung.

    Attributes
    ----------
    rung, name, status, text : as in the ladder.
    value, low, high : estimate per standard deviation and its 95 % interval; NaN where there is none.
    n : outcome in the likelihood; NaN where there is none.
    curve : points of the specification curve, sorted; empty on other rungs.
    path : of the event study, by period relative to the episode; empty on other rungs.
    """

    rung: int
    name: str
    status: str
    value: float
    low: float
    high: float
    n: float
    curve: tuple[Specification, ...]
    text: str
    path: tuple[PathPoint, ...] = ()

    @property
    def label(self) -> str:
        """Number and name: "4 within-pair"."""
        return say("{rung} {name}", rung=self.rung, name=self.name)

    @property
    def state(self) -> str:
        """Why there is no estimate; empty where there is one."""
        if self.value == self.value or self.curve:
            return ""
        if self.path:
            return say("a path, not a coefficient")
        return self.status if self.status != "estimated" else say("not among its terms")


@dataclass(frozen=True, slots=True)
class BesideLine:
    """A term within pairs, asked in other ways: estimate with standard error as text, name by name."""

    term: str
    estimate: str
    others: tuple[tuple[str, str], ...]


def rung_lines(ladder: Sequence[Rung], term: str) -> tuple[RungLine, ...]:
    """The rungs of a ladder with the figures of one term."""
    return tuple(_rung_line(rung, term) for rung in ladder)


def sorted_curve(rung: Rung) -> tuple[Specification, ...]:
    """The points of a specification curve, smallest estimate first; those without an estimate are left out."""
    points = [p for p in rung.curve or () if math.isfinite(p.estimate_sd)]
    return tuple(sorted(points, key=lambda p: p.estimate_sd))


def path_of(ladder: Sequence[Rung]) -> tuple[PathPoint, ...]:
    """The path of the event study, periods in order; empty where there is none."""
    found = next((r.path for r in ladder if r.rung == EVENT_STUDY), None)
    return tuple(sorted(found or (), key=lambda p: p.period))


def curve_of(ladder: Sequence[Rung]) -> tuple[Specification, ...]:
    """The sorted points of the specification curve; empty where there is none."""
    return next((sorted_curve(r) for r in ladder if r.rung == CURVE), ())


def choice(point: Specification, name: str) -> str:
    """A choice of a specification in words: "legs min", "without inertia", "all events"."""
    value = getattr(point, name)
    if name == "donut":
        return DONUTS.get(str(value), str(value))
    if name == "inertia":
        return say("with inertia") if value else say("without inertia")
    return (
        say("{value} events", value=value)
        if name == "kind"
        else say("{name} {value}", name=name.replace("_", "-"), value=value)
    )


def choices(points: Sequence[Specification], name: str) -> tuple[str, ...]:
    """What the specifications chose, in words and in a natural order."""
    found = {choice(p, name): _order(name, getattr(p, name)) for p in points}
    if name == "donut" and set(found) == {DONUTS["none"]}:
        return ()
    return tuple(sorted(found, key=lambda said: (found[said], said)))


def specification(point: Specification) -> str:
    """All choices of a specification: "half-life 90d, legs min, period 1mo, all events, with inertia"."""
    named = [name for name in CHOICES if name != "donut" or point.donut != "none"]
    return joined((choice(point, name) for name in named), ", ")


def settings(fit: FitResult) -> Chosen:
    """What rung 4 chose, as :attr:`~tertius.model.beside.Specification.chosen`."""
    legs = next((r.legs for r in fit.ladder if r.rung == WITHIN), "") or DEFAULT_LEGS["within"]
    return fit.half_life, legs, fit.period, "all", True, "none"


def where_it_stands(lines: Sequence[RungLine], term: str) -> str:
    """On which rungs the interval lies above zero, below it, or on both sides."""
    estimated = [line for line in lines if line.value == line.value]
    if not estimated:
        return say("{term} could not be estimated on any rung.", term=term)
    groups = (
        (say("lies above zero on {rungs}"), [line for line in estimated if line.low > 0]),
        (say("lies below zero on {rungs}"), [line for line in estimated if line.high < 0]),
        (say("contains zero on {rungs}"), [line for line in estimated if line.low <= 0 <= line.high]),
        (say("does not exist on {rungs}"), [line for line in estimated if not line.low <= line.high]),
    )
    first, *rest = (where.format(rungs=_listed(found)) for where, found in groups if found)
    said = joined([first, *(say("it {lies}", lies=lies) for lies in rest)], "; ")
    return say("The interval of {term} {lies}.", term=term, lies=said)


def beside_names(fit: FitResult) -> tuple[str, ...]:
    """In which other ways the fit was asked, by name."""
    return tuple(a.name for a in fit.alternatives)


def beside_lines(fit: FitResult) -> tuple[BesideLine, ...]:
    """Every term with what stands beside its estimate; "n/a" where another way does not have the term."""
    other = [(a.name, {c.term: (c.estimate, c.se_jackknife) for c in a.coefficients}) for a in fit.alternatives]
    nan = (math.nan, math.nan)
    return tuple(
        BesideLine(
            c.term,
            _with_error(c.estimate, c.se_jackknife if c.se_jackknife == c.se_jackknife else c.se_dyadic),
            tuple((name, _with_error(*lines.get(c.term, nan))) for name, lines in other),
        )
        for c in fit.coefficients
    )


def beside_note(fit: FitResult) -> str:
    """How to read what stands beside the estimates; inertia is never interpreted within pairs."""
    names = beside_names(fit)
    said = []
    if any(c.term.startswith(INERTIA) for c in fit.coefficients):
        said.append(
            say(
                "Inertia is never interpreted within pairs: comparing a pair with itself biases the estimate of a "
                "lagged outcome downwards (Nickell 1981), and the bias spreads to other coefficients."
            )
        )
    if SPLIT_PANEL in names:
        said.append(say("The split-panel jackknife takes out the first order of that bias, at the price of noise."))
    if any(name.startswith("legs") for name in names):
        said.append(
            say("Other legs make another column with a unit of its own: compare signs and errors there, not sizes.")
        )
    return joined(said, " ")


def line_figures(line: RungLine) -> str:
    """The figures of a line: "0.0205 (-0.00168 to 0.0428)", or why there are none."""
    return line.state or say("{value} ({interval})", value=number(line.value), interval=interval(line.low, line.high))


def _rung_line(rung: Rung, term: str) -> RungLine:
    found = next((c for c in rung.coefficients or () if c.term == term), None)
    value = low = high = math.nan
    if found is not None:
        value, low, high = found.estimate_sd, found.ci_low * found.sd, found.ci_high * found.sd
    n = math.nan if rung.n is None else rung.n
    path = rung.path or ()
    return RungLine(rung.rung, rung.name, rung.status, value, low, high, n, sorted_curve(rung), rung.text, path)


def _order(name: str, value: Any) -> float:
    """Where a choice stands among its like: lengths of time by length, the rest as listed above."""
    if name == "inertia":
        return 0.0 if value else 1.0
    if name == "donut":
        return float([*DONUTS].index(value)) if value in DONUTS else math.inf
    if name in ("half_life", "period"):
        try:
            return Duration.parse(str(value)).days
        except TertiusError:  # a half-life for each sign, or none
            return math.inf
    known = LEGS if name == "legs" else KINDS
    return float(known.index(value)) if value in known else math.inf


def _with_error(estimate: float, error: float) -> str:
    if estimate != estimate:
        return say("n/a")
    return number(estimate) + (say(" ({error})", error=number(error)) if error == error else "")


def _listed(lines: Sequence[RungLine]) -> str:
    """Rungs in a sentence: "rungs 1 (rate) and 4 (within-pair)"."""
    *before, last = (say("{rung} ({name})", rung=line.rung, name=line.name) for line in lines)
    return (
        say("rungs {listed} and {last}", listed=joined(before, ", "), last=last)
        if before
        else say("rung {last}", last=last)
    )

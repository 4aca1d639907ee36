"""What stands beside an estimate: the same question asked otherwise, and the rungs of the ladder."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tertius.language import joined
from tertius.model.coefficients import Coefficient
from tertius.model.corrected import Corrected
from tertius.plain import plain

Chosen = tuple[str, str | None, str, str, bool, str]
"""Half-life, legs, period, kind, inertia and donut of a specification."""


@dataclass(frozen=True, slots=True)
class AlternativeCoefficient:
    """A term under an alternative: its estimate, jackknife standard error or NaN, and the estimate per standard
    deviation of the demeaned term."""

    term: str
    estimate: float
    se_jackknife: float
    estimate_sd: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same question asked otherwise."""

    name: str
    coefficients: tuple[AlternativeCoefficient, ...]

    def to_dict(self) -> dict[str, Any]:
        """Its JSON, before NaN becomes None."""
        return {"name": self.name, "coefficients": [asdict(c) for c in self.coefficients]}


@dataclass(frozen=True, slots=True)
class PathPoint:
    """The event study's estimate in one period, relative to the episode's first: log points, 95 % interval, and n."""

    period: int
    estimate: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Specification:
    """One point of the curve: what was chosen, and the estimate of rung 4 under it.

    Attributes
    ----------
    half_life, legs, period : as in :class:`~tertius.spec.ModelSpec`.
    kind : "all" events, or those of "verbal" or "material" kinds alone.
    inertia : whether it is among the terms.
    donut : "none", "slice" or "document": whose triads were left out.
    estimate, estimate_sd : per unit of the column, and per standard deviation of the demeaned column.
    ci_low, ci_high : 95 % interval of ``estimate_sd``.
    z : of the estimate.
    """

    half_life: str
    legs: str | None
    period: str
    kind: str
    inertia: bool
    donut: str
    estimate: float
    estimate_sd: float
    ci_low: float
    ci_high: float
    z: float

    @property
    def chosen(self) -> Chosen:
        """What was chosen, in the order of the fields."""
        return self.half_life, self.legs, self.period, self.kind, self.inertia, self.donut


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung.

    Attributes
    ----------
    rung, name : number and name.
    status : "estimated", "not available" or "refused".
    coefficients : lines of the table, or None.
    path : of the event study, or None.
    curve : of the specification curve, sorted by size, or None.
    n : outcome (events or weight) in the likelihood.
    absorbed : terms left out.
    text : a sentence.
    legs : of rung 4, how it combines the legs of a path; empty on the others.
    figures : the effect's estimate, interval and n in words, for where they stand in no table; before the text in JSON.
    bias_correction : of rung 4, where asked for; only then a key of the JSON.
    """

    rung: int
    name: str
    status: str
    coefficients: tuple[Coefficient, ...] | None
    path: tuple[PathPoint, ...] | None
    curve: tuple[Specification, ...] | None
    n: float | None
    absorbed: tuple[str, ...]
    text: str
    figures: str = ""
    legs: str = ""
    bias_correction: Corrected | None = None

    def to_dict(self) -> dict[str, Any]:
        """Its JSON."""
        cleaned = plain(asdict(self))
        assert isinstance(cleaned, dict)
        cleaned["text"] = joined((cleaned.pop("figures"), self.text)).strip()
        del cleaned["legs"]  # the text says them
        if self.bias_correction is None:
            del cleaned["bias_correction"]
        return cleaned

"""The rule of the certificate: its conditions, each with what was found in a sentence, and whether all of them hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, log, nan
from typing import Any

import numpy as np

from tertius.answers.certificate.permutations import Picture
from tertius.plain import plain

Z_CLEAR = 1.96
Z_ORDER = 1.28
POWER = 2.8
WORTH_FINDING = log(1.10)

SLOW = (
    "No rule of timing excludes a slow common cause: something that moved hostility first and cooperation later "
    "would pass too."
)


@dataclass(frozen=True, slots=True)
class Part:
    """One of several things that a condition asks.

    Attributes
    ----------
    name : "rose", "before" or "without".
    value : the figure that it hangs on: a ratio, or a z; NaN where there is none.
    passed : whether it holds.
    text : what was found, in a sentence without the figure.
    """

    name: str
    value: float
    passed: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        """As in the certificate's JSON."""
        return {"name": self.name, "value": self.value, "passed": self.passed, "text": self.text}


@dataclass(frozen=True, slots=True)
class Statistic:
    """One condition of the rule.

    Attributes
    ----------
    name : "lag", "lag_minus_lead", "now", "lead", "reverse" or "pair".
    estimate, se : of the coefficient or contrast, in log points for one unit of the transformed column.
    statistic : z = estimate / se; NaN if there is none.
    threshold : what z is held against; see ``text`` for the side on which it must lie.
    passed : whether the condition holds.
    text : the condition and what was found, in a sentence.
    parts : of a condition that asks several things, each of which must hold; else empty.
    """

    name: str
    estimate: float
    se: float
    statistic: float
    threshold: float
    passed: bool
    text: str
    parts: tuple[Part, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As in the certificate's JSON."""
        return {
            "statistic": self.statistic,
            "threshold": self.threshold,
            "passed": self.passed,
            "text": self.text,
            **({"parts": [p.to_dict() for p in self.parts]} if self.parts else {}),
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """One window of the lead and lag profile: periods first to last around the outcome, estimate in log points for one
    unit of the transformed column, its standard error and z."""

    first: int
    last: int
    estimate: float
    se: float
    z: float

    def to_dict(self) -> dict[str, Any]:
        """As in the certificate's JSON."""
        return {"from": self.first, "to": self.last, "estimate": self.estimate, "se": self.se, "z": self.z}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the three models say, and whether all of it lets the claim stand.

    Attributes
    ----------
    lag, lag_minus_lead, now, lead, reverse : conditions 1 to 5.
    pair : condition 6, None where no pair was asked about.
    profile : L's five windows.
    passed : all conditions hold.
    reasons : the sentences of the conditions that failed; if all hold, what no timing can exclude.
    within_sd : standard deviation of the demeaned [-3,-1] column, weighted by the fitted mean.
    directed : whether it was known whose hostility it was.
    legs : how two legs combine in the foe terms of L and M.
    n_actors, n_periods : actors, and periods in the likelihood.
    reverse_terms : R's past and future.
    beside : conditions 1 to 3 with the legs combined the other way; None where they cannot be had.
    pictures : shuffled third parties and null networks, where they were drawn: they decide nothing.
    notes : sentences for the reader.
    """

    lag: Statistic
    lag_minus_lead: Statistic
    now: Statistic
    lead: Statistic
    reverse: Statistic
    pair: Statistic | None
    profile: tuple[Profile, ...]
    passed: bool
    reasons: tuple[str, ...]
    within_sd: float
    directed: bool
    legs: str
    n_actors: int
    n_periods: int
    reverse_terms: tuple[Profile, ...] = ()
    beside: tuple[Statistic, Statistic, Statistic] | None = None
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()

    def with_pair(self, pair: Statistic, notes: tuple[str, ...] = ()) -> Certificate:
        """The same, with condition 6 and what is to be noted of it."""
        failed = tuple(s.text for s in (*self.conditions[:5], pair) if not s.passed)
        return replace(self, pair=pair, passed=not failed, reasons=failed or (SLOW,), notes=(*self.notes, *notes))

    @property
    def conditions(self) -> tuple[Statistic, ...]:
        """The conditions in the order of the rule."""
        found = (self.lag, self.lag_minus_lead, self.now, self.lead, self.reverse)
        return found if self.pair is None else (*found, self.pair)

    @property
    def smallest_found(self) -> float:
        """Relative change of cooperation per within-pair standard deviation that four of five samples would find."""
        return float(np.expm1(POWER * self.lag.se * self.within_sd))

    @property
    def thin(self) -> bool:
        """Whether an effect of 10 % per within-pair standard deviation is too small for these data."""
        return too_thin(self.lag.se, self.within_sd)

    def __repr__(self) -> str:
        held = sum(s.passed for s in self.conditions)
        return (
            f"<Certificate: {'passed' if self.passed else 'not passed'}, {held} of {len(self.conditions)} conditions "
            f"hold; {self.n_actors:,} actors, {self.n_periods:,} periods>"
        )

    def to_dict(self) -> dict[str, Any]:
        """The value of ``certificate`` in the JSON of ``tertius explain``."""
        document: dict[str, Any] = {s.name: s.to_dict() for s in self.conditions}
        if self.pair is None:
            document["pair"] = None
        document["profile"] = [p.to_dict() for p in self.profile]
        document["pictures"] = [p.to_dict() for p in self.pictures]
        document["passed"] = self.passed
        document["reasons"] = list(self.reasons)
        document |= {"legs": self.legs, "n_actors": self.n_actors, "n_periods": self.n_periods}
        document |= {"smallest_found": self.smallest_found, "notes": list(self.notes)}
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned


def assemble(
    conditions: Sequence[Statistic],
    pair: Statistic | None,
    profile: tuple[Profile, ...],
    *,
    within_sd: float,
    directed: bool,
    legs: str,
    n_actors: int,
    n_periods: int,
    reverse_terms: tuple[Profile, ...] = (),
    beside: tuple[Statistic, Statistic, Statistic] | None = None,
    pictures: tuple[Picture, ...] = (),
    notes: tuple[str, ...] = (),
) -> Certificate:
    """The certificate of five conditions (in the order of the rule) and the pair's: passed if all hold."""
    lag, lag_minus_lead, now, lead, reverse = conditions
    every = (*conditions, *((pair,) if pair else ()))
    failed = tuple(s.text for s in every if not s.passed)
    return Certificate(
        lag=lag,
        lag_minus_lead=lag_minus_lead,
        now=now,
        lead=lead,
        reverse=reverse,
        pair=pair,
        profile=profile,
        passed=not failed,
        reasons=failed or (SLOW,),
        within_sd=within_sd,
        directed=directed,
        legs=legs,
        n_actors=n_actors,
        n_periods=n_periods,
        reverse_terms=reverse_terms,
        beside=beside,
        pictures=pictures,
        notes=notes,
    )


def too_thin(se: float, within_sd: float) -> bool:
    """Whether 2.8 standard errors of [-3,-1] exceed 10 % of the outcome per within-pair standard deviation.

    >>> too_thin(se=0.05, within_sd=0.5), too_thin(se=0.10, within_sd=0.5), too_thin(se=float("nan"), within_sd=0.5)
    (False, True, True)
    """
    return not POWER * se * within_sd <= WORTH_FINDING


# The conditions, from estimate, standard error and z. Each says what was asked and what was found.


def lag_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 1."""
    found = "goes with more cooperation" if z > Z_CLEAR else "does not go with more cooperation"
    if z < -Z_CLEAR:
        found = "goes with less cooperation"
    return _above("lag", estimate, se, z, Z_CLEAR, f"Shared hostility one to three periods earlier {found}")


def order_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 2."""
    found = (
        "says more about cooperation than hostility one to three periods later"
        if z > Z_ORDER
        else "says no more about cooperation than hostility one to three periods later: the order of time is not shown"
    )
    if z < -Z_CLEAR:
        found = "says less about cooperation than hostility one to three periods later: the order of time is wrong"
    return _above("lag_minus_lead", estimate, se, z, Z_ORDER, f"Hostility one to three periods earlier {found}")


def now_condition(estimate: float, se: float, z: float, *, lag: float) -> Statistic:
    """Condition 3. ``lag`` is z of [-3,-1]: what works within weeks shows at once too, but no more than before.

    >>> [now_condition(0.2, 0.1, 2.0, lag=lag).passed for lag in (1.0, 3.0)]
    [False, True]
    """
    most = lag if lag > Z_CLEAR else Z_CLEAR
    if z < Z_CLEAR:
        found = "Hostility and cooperation do not move together within one period"
    elif z < most:
        found = "Hostility and cooperation move together within one period, but less than they follow one another"
    else:
        found = (
            "Hostility and cooperation move together within one period: which came first cannot be seen, and one story "
            "may have been coded as both"
        )
    return _below("now", estimate, se, z, found, most)


def lead_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 4."""
    found = (
        "Hostility that comes only afterwards does not explain cooperation"
        if z < Z_CLEAR
        else "Hostility that comes only afterwards explains cooperation, which a cause alone would not do"
    )
    return _below("lead", estimate, se, z, found)


def reverse_condition(estimate: float, se: float, z: float, *, directed: bool = True) -> Statistic:
    """Condition 5."""
    what = (
        "hostility towards a state follows upon its cooperation with the hostile state's enemies"
        if directed
        else "conflict of two states follows upon cooperation of either with the other's enemies (whose hostility it "
        "was is not known)"
    )
    found = (
        f"The reverse claim is not shown: it is not seen that {what}" if z < Z_CLEAR else f"The reverse holds: {what}"
    )
    return _below("reverse", estimate, se, z, found)


def _above(name: str, estimate: float, se: float, z: float, threshold: float, found: str) -> Statistic:
    if isnan(z):
        return _not_to_be_had(name, estimate, threshold)
    return Statistic(
        name, estimate, se, z, threshold, z > threshold, f"{found} (z = {z:.1f}; more than {threshold} is needed)."
    )


def _below(name: str, estimate: float, se: float, z: float, found: str, threshold: float = Z_CLEAR) -> Statistic:
    if isnan(z):
        return _not_to_be_had(name, estimate, threshold)
    text = f"{found} (z = {z:.1f}; less than {threshold:.3g} is needed)."
    return Statistic(name, estimate, se, z, threshold, z < threshold, text)


_SUBJECT = {
    "lag": "earlier hostility",
    "lag_minus_lead": "the difference between earlier and later hostility",
    "now": "hostility in the same period",
    "lead": "hostility that comes afterwards",
    "reverse": "the reverse claim",
}


def _not_to_be_had(name: str, estimate: float, threshold: float) -> Statistic:
    text = f"There is no test of {_SUBJECT[name]}: these data do not give the coefficient or its standard error."
    return Statistic(name, estimate, nan, nan, threshold, False, text)

"""The rule of the certificate: its conditions, each with what was found in a sentence, and whether all of them hold.

Two rules, named in every result. Each is a list of conditions, all of which must hold:

====================  ===========================================================================================
joint memory          lag, lag_minus_lead, memory, memory_order, reverse, recent: directed data
joint memory, strict  the same, now and lead: undirected data, where whose hostility it was is not known
====================  ===========================================================================================

Either also asks ``apart_lag`` and ``apart_order`` where documents are known, ``attention`` where hostility between the
pairs themselves can be modelled, and ``pair`` where a pair is asked about. What does not decide stands beside.

The smallest effect worth finding
---------------------------------
is 10 % of cooperation for a usual change of shared hostility: one standard deviation net of pairs and of what each
actor does in a period, weighted by the fitted mean. A pair against itself over time moves several times as much
(``docs/certificate.md``). The reason: it is somewhat above what an effect amounts to at which the certificate itself
passes in nine of ten worlds (planted .40: 6 to 8 %). Data that could not even show that much say nothing by showing
nothing: they are ``data too thin``. Where they could, a verdict may say that there is ``no effect above`` a bound that
lies below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite, isnan, log, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from tertius.answers.certificate.permutations import Picture
from tertius.language import say
from tertius.plain import plain
from tertius.spec import POWER

if TYPE_CHECKING:
    from tertius.answers.certificate.beside import ThirdParty

Z_CLEAR = 1.96
Z_ORDER = 1.28
Z_MEMORY = 1.645
Z_ONE_SIDED = 1.645
"""Of the upper end of a one-sided 95 % interval."""
WORTH_FINDING = log(1.10)

MOST_LEAK = 10.0
"""Beyond which a leak is not told."""

JOINT_MEMORY, STRICT = say("joint memory"), say("joint memory, strict")
RULES: Mapping[str, tuple[str, ...]] = {
    JOINT_MEMORY: ("lag", "lag_minus_lead", "memory", "memory_order", "reverse", "recent"),
    STRICT: ("lag", "lag_minus_lead", "memory", "memory_order", "reverse", "recent", "now", "lead"),
}
WHERE_KNOWN = ("apart_lag", "apart_order", "attention")
"""Conditions that are asked where the data know enough."""

SLOW = say(
    "No rule of timing excludes a slow common cause: something that moved hostility first and cooperation later "
    "would pass too."
)
STORY = say(
    "The documents behind the events are not known: that one story was coded twice, as hostility towards both and as "
    "their cooperation, is not excluded."
)
ATTENTION = say(
    "Reports on two states that swell after a third party's hostility towards both pass too, if what swells is "
    "reported as cooperation alone."
)
NO_ATTENTION = say(
    "Hostility between the pairs themselves is too rare here to be modelled: that reports on two states swell after a "
    "third party's hostility towards both is not excluded."
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
    name : of a rule's condition (:data:`RULES`, :data:`WHERE_KNOWN`), or "pair".
    estimate, se : of the coefficient or contrast, in log points for one unit of the transformed column.
    statistic : z = estimate / se; NaN if there is none.
    threshold : what z is held against; see ``text`` for the side on which it must lie.
    passed : whether the condition holds.
    text : the condition and what was found, in a sentence.
    plainly : the same without figures, for where these stand beside it.
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
    plainly: str = ""

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
    """What the models say, and whether all of it lets the claim stand.

    Attributes
    ----------
    statistics : every condition but the pair's, by name, whether it decides or stands beside.
    rule : "joint memory" (directed data) or "joint memory, strict" (undirected); see :data:`RULES`.
    pair : condition 6, None where no pair was asked about.
    profile : L's five windows.
    passed : all conditions that decide hold.
    reasons : the sentences of the conditions that failed; if all hold, the caveats.
    caveats : what a passed certificate does not exclude.
    within_sd : standard deviation of the [-3,-1] column net of the effects of pairs and of actors in periods, weighted
        by the fitted mean.
    directed : whether it was known whose hostility it was.
    legs : how two legs combine in the foe terms of L, K and M.
    n_actors, n_periods : actors, and periods in the likelihood.
    reverse_terms : R's past and future.
    beside : lag, order and now with the legs combined the other way; None where there is no such fit.
    pictures : shuffled third parties and null networks, where they were drawn: they decide nothing.
    notes : sentences for the reader.
    leak : how much of the larger coefficient of the two windows ahead may leak into [-3,-1] before its one-sided 95 %
        interval takes in zero; decides nothing. 0 where it does without any leak, :data:`MOST_LEAK` where it takes more
        than that; NaN where a coefficient is missing.
    alone : [-3,-1] where one of two legs is as usual; decides nothing. None where there is no such fit.
    thirds : third parties one by one, partially pooled; decide nothing.
    pair_sd : standard deviation over time of the asked pair's own [-3,-1], net of nothing; NaN where none was asked.
    """

    statistics: Mapping[str, Statistic]
    rule: str
    pair: Statistic | None
    profile: tuple[Profile, ...]
    passed: bool
    reasons: tuple[str, ...]
    caveats: tuple[str, ...]
    within_sd: float
    directed: bool
    legs: str
    n_actors: int
    n_periods: int
    reverse_terms: tuple[Profile, ...] = ()
    beside: tuple[Statistic, Statistic, Statistic] | None = None
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()
    leak: float = nan
    alone: Profile | None = None
    thirds: tuple[ThirdParty, ...] = ()
    pair_sd: float = nan

    def with_pair(self, pair: Statistic, notes: tuple[str, ...] = ()) -> Certificate:
        """The same, with condition 6 and what is to be noted of it."""
        passed, reasons = _outcome((*self.general, pair), self.caveats)
        return replace(self, pair=pair, passed=passed, reasons=reasons, notes=(*self.notes, *notes))

    @property
    def lag(self) -> Statistic:
        """Condition 1."""
        return self.statistics["lag"]

    @property
    def lag_minus_lead(self) -> Statistic:
        """Condition 2."""
        return self.statistics["lag_minus_lead"]

    @property
    def reverse(self) -> Statistic:
        """Condition 5."""
        return self.statistics["reverse"]

    @property
    def now(self) -> Statistic:
        """Hostility in the same period: decides in undirected data."""
        return self.statistics["now"]

    @property
    def lead(self) -> Statistic:
        """Hostility afterwards: decides in undirected data."""
        return self.statistics["lead"]

    @property
    def general(self) -> tuple[Statistic, ...]:
        """The conditions of all pairs that decide, in the order of the rule."""
        asked = (*RULES[self.rule], *(n for n in WHERE_KNOWN if n in self.statistics))
        return tuple(self.statistics[name] for name in asked)

    @property
    def conditions(self) -> tuple[Statistic, ...]:
        """The conditions that decide, in the order of the rule; the pair's last."""
        return self.general if self.pair is None else (*self.general, self.pair)

    @property
    def smallest_found(self) -> float:
        """Relative change of cooperation per :attr:`within_sd` that four of five samples would find."""
        return float(np.expm1(POWER * self.lag.se * self.within_sd))

    @property
    def bound(self) -> float:
        """The bound of [-3,-1] alone, not of the same period: relative change of cooperation per :attr:`within_sd`,
        upper end of a one-sided 95 % interval, 0 or more; NaN without a standard error."""
        return upper_bound(self.lag.estimate, self.lag.se, self.within_sd)

    @property
    def bound_of_pair(self) -> float:
        """The same coefficient's bound per :attr:`pair_sd`; NaN where no pair was asked about."""
        return upper_bound(self.lag.estimate, self.lag.se, self.pair_sd)

    @property
    def pair_times(self) -> float:
        """How many times as large the pair's own standard deviation over time is as :attr:`within_sd`."""
        return self.pair_sd / self.within_sd if self.within_sd > 0 else nan

    @property
    def thin(self) -> bool:
        """Whether an effect of 10 % per :attr:`within_sd` is too small for these data."""
        return too_thin(self.lag.se, self.within_sd)

    @property
    def verdict(self) -> str:
        """What is said of the claim in general, of all pairs."""
        from tertius.answers.certificate.verdict import verdict

        return verdict(self, rise_shown=True)

    def __repr__(self) -> str:
        outcome = "passed" if self.passed else "not passed"
        return f"<Certificate {outcome}: {self.n_actors:,} actors, {self.n_periods:,} periods>"

    def to_dict(self) -> dict[str, Any]:
        """The value of ``certificate`` in the JSON of ``tertius explain``."""
        from tertius.answers.certificate.beside import alone_text, thirds_text

        decide = {s.name for s in self.conditions}
        document: dict[str, Any] = {
            name: {**s.to_dict(), "decides": name in decide} for name, s in self.statistics.items()
        }
        document["pair"] = None if self.pair is None else {**self.pair.to_dict(), "decides": True}
        document["rule"] = {"name": self.rule, "conditions": [s.name for s in self.conditions]}
        document["profile"] = [p.to_dict() for p in self.profile]
        document["pictures"] = [p.to_dict() for p in self.pictures]
        document["passed"] = self.passed
        document["reasons"] = list(self.reasons)
        document["caveats"] = list(self.caveats)
        document |= {"legs": self.legs, "n_actors": self.n_actors, "n_periods": self.n_periods}
        of_pair = (
            None if self.pair_sd != self.pair_sd else {"value": 100 * self.bound_of_pair, "times": self.pair_times}
        )
        bound = {"value": 100 * self.bound, "unit": BOUND_UNIT, "of_pair": of_pair}
        document |= {"smallest_found": self.smallest_found, "bound": bound}
        document["leak"] = {"value": self.leak, "text": leak_text(self.leak)}
        alone = {} if self.alone is None else self.alone.to_dict()
        document["each_leg_alone"] = {**alone, "text": alone_text(self.alone)}
        document["third_parties"] = {"each": [x.to_dict() for x in self.thirds], "text": thirds_text(self.thirds)}
        document |= {"verdict": self.verdict, "notes": list(self.notes)}
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned


BOUND_UNIT = say(
    "% of cooperation for one standard deviation, net of pairs and of what each actor does in a period, of hostility 1 "
    "to 3 periods earlier"
)


def assemble(
    conditions: Mapping[str, Statistic],
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
    leak: float = nan,
) -> Certificate:
    """The certificate of all conditions by name and the pair's: passed if all that decide hold."""
    caveats = (
        SLOW,
        *(() if "apart_lag" in conditions else (STORY,)),
        ATTENTION if "attention" in conditions else NO_ATTENTION,
    )
    made = Certificate(
        statistics=conditions,
        rule=JOINT_MEMORY if directed else STRICT,
        pair=None,
        profile=profile,
        passed=False,
        reasons=(),
        caveats=caveats,
        within_sd=within_sd,
        directed=directed,
        legs=legs,
        n_actors=n_actors,
        n_periods=n_periods,
        reverse_terms=reverse_terms,
        beside=beside,
        pictures=pictures,
        notes=notes,
        leak=leak,
    )
    if pair is not None:
        return made.with_pair(pair)
    passed, reasons = _outcome(made.general, caveats)
    return replace(made, passed=passed, reasons=reasons)


def _outcome(conditions: tuple[Statistic, ...], caveats: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
    """Whether all hold, and why not; what is not excluded, where they do."""
    failed = tuple(s.text for s in conditions if not s.passed)
    return not failed, failed or caveats


def leak_text(leak: float) -> str:
    """What :attr:`Certificate.leak` says, in a sentence; empty where there is none.

    >>> leak_text(0.5)[:71]
    'The effect of earlier hostility would stand a leak of the future into t'
    """
    if isnan(leak):
        return ""
    if leak <= 0:
        return say("No effect of earlier hostility stands even if nothing leaks from the future into the past.")
    size = (
        say("more than {leak:.0f} times", leak=leak) if leak >= MOST_LEAK else say("up to {leak:.2g} times", leak=leak)
    )
    return say(
        "The effect of earlier hostility would stand a leak of the future into the past of {size} the larger "
        "coefficient of hostility that comes afterwards. It decides nothing.",
        size=size,
    )


def upper_bound(estimate: float, se: float, within_sd: float) -> float:
    """Upper end of the one-sided 95 % interval, as a relative change for one ``within_sd``; 0 or more.

    >>> round(upper_bound(estimate=0.0, se=0.1, within_sd=0.5), 4), upper_bound(estimate=-9.0, se=0.1, within_sd=0.5)
    (0.0857, 0.0)
    """
    bound = float(np.expm1((estimate + Z_ONE_SIDED * se) * within_sd))
    return bound if isnan(bound) else max(bound, 0.0)


def own_bound_text(c: Certificate) -> str:
    """The bound for the asked pair's own standard deviation over time, in a sentence; empty where there is none."""
    if not (isfinite(c.bound_of_pair) and isfinite(c.pair_times)):
        return ""
    return say(
        "This pair's own standard deviation over time is {times:.1f} times that of the bound, which for it is "
        "{bound:.1f} %.",
        times=c.pair_times,
        bound=100 * c.bound_of_pair,
    )


def too_thin(se: float, within_sd: float) -> bool:
    """Whether 2.8 standard errors of [-3,-1] exceed 10 % of the outcome per ``within_sd``.

    >>> too_thin(se=0.05, within_sd=0.5), too_thin(se=0.10, within_sd=0.5), too_thin(se=float("nan"), within_sd=0.5)
    (False, True, True)
    """
    return not POWER * se * within_sd <= WORTH_FINDING


# The conditions, from estimate, standard error and z. Each says what was asked and what was found.


def lag_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 1."""
    found = say("goes with more cooperation") if z > Z_CLEAR else say("does not go with more cooperation")
    if z < -Z_CLEAR:
        found = say("goes with less cooperation")
    return _above(
        "lag", estimate, se, z, Z_CLEAR, say("Shared hostility one to three periods earlier {found}", found=found)
    )


def order_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 2."""
    found = (
        say("says more about cooperation than hostility one to three periods later")
        if z > Z_ORDER
        else say(
            "says no more about cooperation than hostility one to three periods later: the order of time is not shown"
        )
    )
    if z < -Z_CLEAR:
        found = say("says less about cooperation than hostility one to three periods later: the order of time is wrong")
    return _above(
        "lag_minus_lead", estimate, se, z, Z_ORDER, say("Hostility one to three periods earlier {found}", found=found)
    )


def memory_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 3."""
    found = (
        say("still goes with more cooperation") if z > Z_MEMORY else say("does not clearly go with more cooperation")
    )
    text = say(
        "Beside the memory of older escalation and the season, hostility one to three periods earlier {found}",
        found=found,
    )
    return _above("memory", estimate, se, z, Z_MEMORY, text)


def memory_order_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 4."""
    found = say("it still says more") if z > Z_ORDER else say("it says no more")
    text = say("Beside them, {found} about cooperation than hostility one to three periods later", found=found)
    return _above("memory_order", estimate, se, z, Z_ORDER, text)


def recent_condition(estimate: float, se: float, z: float) -> Statistic:
    """Whether an effect is fresh: what was agreed before and comes later, or lasts, says more of older hostility."""
    found = say("more") if z > Z_ORDER else say("no more")
    text = say(
        "Hostility one to three periods earlier says {found} about cooperation than hostility four to six earlier",
        found=found,
    )
    return _above("recent", estimate, se, z, Z_ORDER, text)


def apart_lag_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 1 of cooperation apart from the stories that also code hostility towards both."""
    found = say("still follows") if z > Z_CLEAR else say("does not clearly follow")
    text = say("Cooperation reported apart from hostility towards both {found} earlier hostility", found=found)
    return _above("apart_lag", estimate, se, z, Z_CLEAR, text)


def apart_order_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 2 of the same."""
    found = say("more than it goes before it") if z > Z_ORDER else say("no more than it goes before it")
    text = say("Cooperation reported apart from hostility towards both follows hostility {found}", found=found)
    return _above("apart_order", estimate, se, z, Z_ORDER, text)


def attention_condition(hostility_z: float, estimate: float, se: float, z: float) -> Statistic:
    """Whether reports on the two swell, of either sign, rather than their cooperation.

    Parameters
    ----------
    hostility_z : z of [-3,-1] where the outcome is hostility between the two themselves.
    estimate, se, z : of the coefficient for cooperation minus that for hostility.

    >>> [attention_condition(h, 0.1, 0.1, z).passed for h, z in ((1.0, 0.5), (4.0, 0.5), (4.0, 2.0))]
    [True, False, True]
    """
    quiet, more = hostility_z < Z_CLEAR, z > Z_ORDER
    if quiet:
        found = say("Hostility between the two themselves does not swell after hostility towards both")
    elif more:
        found = say(
            "Hostility between the two themselves swells after hostility towards both, but less than cooperation"
        )
    else:
        found = say(
            "Hostility between the two themselves swells after hostility towards both as their cooperation does: it "
            "may be that more is reported of them"
        )
    needed = (
        say("z = {hostility_z:.1f}; less than {z_clear}", hostility_z=hostility_z, z_clear=Z_CLEAR)
        if quiet
        else say("z = {z:.1f}; more than {z_order}", z=z, z_order=Z_ORDER)
    )
    text = say("{found} ({needed} is needed).", found=found, needed=needed)
    return Statistic("attention", estimate, se, z, Z_ORDER, quiet or more, text, plainly=say("{found}.", found=found))


def now_condition(estimate: float, se: float, z: float, *, lag: float) -> Statistic:
    """Beside the rule, or in its strict form. ``lag`` is z of [-3,-1]: what works within weeks shows at once too, but
    no more than before.

    >>> [now_condition(0.2, 0.1, 2.0, lag=lag).passed for lag in (1.0, 3.0)]
    [False, True]
    """
    most = lag if lag > Z_CLEAR else Z_CLEAR
    if z < Z_CLEAR:
        found = say("Hostility and cooperation do not move together within one period")
    elif z < most:
        found = say("Hostility and cooperation move together within one period, but less than they follow one another")
    else:
        found = say(
            "Hostility and cooperation move together within one period: which came first cannot be seen, and one story "
            "may have been coded as both"
        )
    return _below("now", estimate, se, z, found, most)


def lead_condition(estimate: float, se: float, z: float) -> Statistic:
    """Beside the rule, or in its strict form."""
    found = (
        say("Hostility that comes only afterwards does not explain cooperation")
        if z < Z_CLEAR
        else say("Hostility that comes only afterwards explains cooperation, which a cause alone would not do")
    )
    return _below("lead", estimate, se, z, found)


def reverse_condition(estimate: float, se: float, z: float, *, directed: bool = True) -> Statistic:
    """Condition 5."""
    what = (
        say("hostility towards a state follows upon its cooperation with the hostile state's enemies")
        if directed
        else say(
            "conflict of two states follows upon cooperation of either with the other's enemies (whose hostility it "
            "was is not known)"
        )
    )
    found = (
        say("The reverse claim is not shown: it is not seen that {what}", what=what)
        if z < Z_CLEAR
        else say("The reverse holds: {what}", what=what)
    )
    return _below("reverse", estimate, se, z, found)


def _above(name: str, estimate: float, se: float, z: float, threshold: float, found: str) -> Statistic:
    if isnan(z):
        return _no_test(name, estimate, threshold)
    text = say("{found} (z = {z:.1f}; more than {threshold} is needed).", found=found, z=z, threshold=threshold)
    return Statistic(name, estimate, se, z, threshold, z > threshold, text, plainly=say("{found}.", found=found))


def _below(name: str, estimate: float, se: float, z: float, found: str, threshold: float = Z_CLEAR) -> Statistic:
    if isnan(z):
        return _no_test(name, estimate, threshold)
    text = say("{found} (z = {z:.1f}; less than {threshold:.3g} is needed).", found=found, z=z, threshold=threshold)
    return Statistic(name, estimate, se, z, threshold, z < threshold, text, plainly=say("{found}.", found=found))


_SUBJECT = {
    "lag": say("earlier hostility"),
    "lag_minus_lead": say("the difference between earlier and later hostility"),
    "memory": say("earlier hostility beside the memory of older escalation"),
    "memory_order": say("the difference between earlier and later hostility beside that memory"),
    "recent": say("the difference between recent and older hostility"),
    "apart_lag": say("earlier hostility, stories apart"),
    "apart_order": say("the difference between earlier and later hostility, stories apart"),
    "now": say("hostility in the same period"),
    "lead": say("hostility that comes afterwards"),
    "reverse": say("the reverse claim"),
}


def _no_test(name: str, estimate: float, threshold: float) -> Statistic:
    text = say(
        "There is no test of {subject}: these data do not give the coefficient or its standard error.",
        subject=_SUBJECT[name],
    )
    return Statistic(name, estimate, nan, nan, threshold, False, text, plainly=text)

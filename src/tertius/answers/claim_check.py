"""What data say of a claim: one rule a kind, from figures alone.

The scale is that of :mod:`tertius.answers.verdict`. A claim of **change** (a trend, an isolation) is judged by a ratio
with its 95 % interval, adjusted for coverage:

====================================================================  =================
the first line that applies                                            verdict
====================================================================  =================
the data do not cover it (time, type, actors)                          data too thin
the ratio lies on the claimed side of 1                                supported
   ... but what was recorded, unadjusted, lies on the other            mixed
the ratio lies on the other side                                       contradicted
a change by :data:`WORTH_SEEING` would be missed in one of five        data too thin
everything else                                                        no effect above
====================================================================  =================

so that the claim turned round gets the mirrored verdict: ``supported`` and ``contradicted`` change places, the others
stay. A claim of **cause** has the verdict of ``tertius explain``, and ``consistent with`` only if the driver's own part
is clear too. A **denied** claim ("nothing to do with", "has not risen") is supported where the claim is contradicted by
a ratio, or where ``no effect above`` a small bound was found; never because a certificate failed.

What no rule here does: say that a motive or a value is true, or that anything causes anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, isfinite, log, sqrt
from typing import Any

from tertius.answers.explanation import Explanation
from tertius.answers.movement import FEW_PERIODS, Standing
from tertius.answers.verdict import CONSISTENT, CONTRADICTED, MIXED, NO_EFFECT, NOT_TESTABLE, SUPPORTED, TOO_THIN
from tertius.codes import actor_name
from tertius.plain import number, plain
from tertius.reading.reading import Claim, Document, ReaderName

WORTH_SEEING = 1.5
"""A change by half: what a reader takes "increased" or "soared" to mean at least. Data that would miss it in one of
five samples are too thin to deny it."""
POWER = 2.8
"""Standard errors of an effect that is found in 80 of 100 samples (1.96 + 0.84)."""
FAR_FROM_WORST = 10.0
"""Percentile of its own history beyond which a period is plainly not the worst."""
SILENT = 0.05
"""Chance of no row at all, at the pair's usual rate, below which silence speaks against a claimed event."""
FEW_PAIRS = 5
"""Pairs that moved, below which their directions say nothing of an actor's."""
AGAINST_OTHERS = "times before, for each unit recorded of all other pairs"
NOT_COVERED = "not covered"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the data say of one claim: ``value`` in ``unit`` with its 95 % ``interval``, of ``n`` cases."""

    verdict: str
    explanation: str
    value: float | None = None
    unit: str = ""
    interval: tuple[float, float] | None = None
    n: int | None = None
    limits: tuple[str, ...] = ()
    bound: float | None = None

    def said(self, verdict: str, explanation: str) -> Judged:
        """The same figures with a verdict and why."""
        return replace(self, verdict=verdict, explanation=explanation)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio after / before with its interval and the standard error of its logarithm, of n periods."""

    value: float
    low: float
    high: float
    error: float
    n: int

    @property
    def side(self) -> int:
        """1: above one, -1: below, 0: the interval holds it, or there is none."""
        return int(self.low > 1.0) - int(self.high < 1.0)

    @property
    def smallest(self) -> float:
        """The smallest rise that these data would show in 80 of 100 samples, as a ratio."""
        return exp(POWER * self.error) if isfinite(self.error) and self.error < 100 else float("inf")


def judge_change(adjusted: Ratio, recorded: Ratio, up: bool, what: str) -> Judged:
    """The verdict on "``what`` has risen" (or, not ``up``, fallen), from the ratio adjusted for coverage and the one
    that is not.

    >>> clear, none = Ratio(2.0, 1.5, 2.7, 0.15, 60), Ratio(1.0, 0.9, 1.1, 0.05, 60)
    >>> [judge_change(clear, clear, up, "cooperation").verdict for up in (True, False)]
    ['supported', 'contradicted']
    >>> judge_change(none, none, True, "cooperation").verdict
    'no effect above'
    """
    sign, (way, other) = (1, ("up", "down")) if up else (-1, ("down", "up"))
    name = what[:1].upper() + what[1:]
    interval = f"times {number(adjusted.value)} ({number(adjusted.low)} to {number(adjusted.high)})"
    found = Judged("", "", adjusted.value, AGAINST_OTHERS, (adjusted.low, adjusted.high), adjusted.n)
    if adjusted.side and recorded.side == -adjusted.side:
        text = (
            f"Set against what was recorded of all others, {what} went one way ({interval}), as recorded it went the "
            f"other (times {number(recorded.value)}): coverage changed more than the pair did."
        )
        return found.said(MIXED, text)
    if adjusted.side == sign:
        return found.said(SUPPORTED, f"{name} went {way}: {interval}.")
    if adjusted.side == -sign:
        return found.said(CONTRADICTED, f"{name} went {other}, not {way}: {interval}.")
    if not adjusted.smallest <= WORTH_SEEING:
        least = f"times {number(adjusted.smallest)}" if isfinite(adjusted.smallest) else "any"
        text = f"No change of {what} is seen ({interval}), but only one of {least} would have been."
        return replace(found.said(TOO_THIN, text), limits=(f"smallest change that would show: {least}",))
    bound = adjusted.high if up else 1.0 / adjusted.low
    change = "a rise" if up else "a fall"
    text = f"No change of {what} is seen ({interval}): {change} of times {number(bound)} would show."
    return replace(found.said(NO_EFFECT, text), bound=bound)


def judge_isolation(partners: Judged, volume: Ratio, name: str) -> Judged:
    """The verdict on "``name`` is isolated", from that on its effective partners and from how much it has with all of
    them, against all others: who deals more with fewer is not isolated, who deals less with more is not free of it.

    >>> fewer, more = Judged("supported", "Fewer."), Ratio(1.5, 1.2, 1.9, 0.1, 60)
    >>> judge_isolation(fewer, more, "Russia").verdict
    'mixed'
    """
    against = {SUPPORTED: 1, CONTRADICTED: -1}.get(partners.verdict, 0)
    interval = f"times {number(volume.value)} ({number(volume.low)} to {number(volume.high)})"
    text = f"{partners.explanation} All cooperation of {name} with them, set against all others: {interval}."
    return partners.said(MIXED if against and volume.side == against else partners.verdict, text)


def judge_extreme(standing: Standing, worst: bool, enough: int = FEW_PERIODS) -> Judged:
    """The verdict on "the worst (or best) since T", from where the period stands among those since T."""
    percentile = standing.percentile if worst else 100.0 - standing.percentile
    name, n = "lower" if worst else "higher", standing.n
    found = Judged("", "", standing.percentile, "percentile of the periods before", None, n)
    if n < enough:
        return found.said(TOO_THIN, f"There are {n} periods to compare with; {enough} are needed.")
    if standing.lowest if worst else standing.highest:
        return found.said(SUPPORTED, f"In none of the {n} periods before was the net {name}.")
    often = f"the net was {name} in {percentile:.0f} % of the {n} periods before"
    if percentile > FAR_FROM_WORST:
        return found.said(CONTRADICTED, f"Far from it: {often}.")
    return found.said(MIXED, f"Near the {'bottom' if worst else 'top'}, but {often}.")


def judge_cause(answer: Explanation, driver: Sequence[str], called: Sequence[str] = ()) -> Judged:
    """The verdict on "``driver`` drives the pair together": that of the explanation, and the driver's own part; of
    several, or of the members of what they are ``called``, the sum of their parts."""
    part = answer.attribution.together(driver)
    names = ", ".join(map(actor_name, called or driver))
    if part is None:
        return not_covered(f"{names} is no third party in these data.")
    value, low, high = part.events, part.events_low, part.events_high
    n = sum(t.actor in driver for t in answer.attribution.third_parties)
    summed = f" ({n} states, summed)" if n > 1 else ""
    own = f"Part of {names}{summed}, under the model: {number(value)} ({number(low)} to {number(high)})."
    unit = f"{answer.unit} of the expected {answer.outcome}"
    found = Judged("", "", value, unit, (low, high), answer.fit.n_periods)
    if answer.verdict == CONSISTENT and not low > 0:
        text = f"The pair's certificate holds, but this part of it is not clear of zero. {own}"
        return found.said(MIXED, text)
    bound = answer.certificate.bound if answer.certificate is not None and answer.verdict == NO_EFFECT else None
    return replace(found.said(answer.verdict, f"{answer.judgement.text} {own}"), bound=bound)


def judge_many(rose: int, fell: int, pairs: int, up: bool, name: str) -> Judged:
    """The verdict on "``name`` has more (or, not ``up``, less) with others": of its pairs that moved clearly, do more
    go the claimed way than tossing coins would give?

    >>> [judge_many(36, 10, 198, up, "Russia").verdict for up in (True, False)], judge_many(2, 1, 9, True, "x").verdict
    (['supported', 'contradicted'], 'data too thin')
    """
    text = f"Of {pairs} pairs of {name}, set against all others, {rose} rose clearly and {fell} fell."
    limit = f"More may have been written of {name} itself, which raises all its pairs."
    if abs(rose - fell) <= 2.0 * sqrt(rose + fell):
        verdict = TOO_THIN if rose + fell < FEW_PAIRS else MIXED
    else:
        verdict = SUPPORTED if (rose > fell) == up else CONTRADICTED
    return Judged(verdict, text, float(rose), "pairs that rose", None, pairs, (limit,))


def judge_event(n: int, expected: float, what: str) -> Judged:
    """The verdict on "it happened", from the rows of the time and the number that is usual in such a time."""
    found = Judged("", "", float(n), "rows", None, n)
    if n:
        return found.said(SUPPORTED, f"{n} {'row' if n == 1 else 'rows'} of {what} in that time.")
    if exp(-expected) < SILENT:
        return found.said(CONTRADICTED, f"No row of {what} in that time, where {number(expected)} are usual.")
    return found.said(TOO_THIN, f"No row of {what} in that time, but few are usual ({number(expected)}).")


def denied(judged: Judged, kind: str) -> Judged:
    """The verdict on the claim's denial.

    >>> denied(Judged("supported", ""), "trend").verdict, denied(Judged("contradicted", ""), "cause").verdict
    ('contradicted', 'mixed')
    """
    turned: Mapping[str, str] = {
        SUPPORTED: CONTRADICTED,
        CONSISTENT: CONTRADICTED,
        NO_EFFECT: SUPPORTED,
        CONTRADICTED: MIXED if kind == "cause" else SUPPORTED,
    }
    verdict = turned.get(judged.verdict, judged.verdict)
    if verdict == judged.verdict:
        return judged
    return replace(judged, verdict=verdict, explanation=f"The claim denies this. {judged.explanation}")


def not_covered(why: str, context: str = "", within: Judged | None = None) -> Judged:
    """A claim that the data cannot speak to, though other data could; ``within``: what they say of what they cover."""
    limits = (f"{NOT_COVERED}: {why}", *(within.limits if within is not None else ()))
    return Judged(TOO_THIN, f"{why} {context}".strip(), limits=limits)


UNTESTED: Mapping[str, str] = {
    "motive": "What an actor wants, fears or believes does not stand in events.",
    "value": "A judgement of value; what it judges is checked where it is a claim of its own.",
    "policy": "What should be done is not a fact. The price of hostility would be its measure.",
    "capability": "What a state has or can do does not stand in events.",
    "cause of hostility": "tertius asks whether hostility of a third party brings two together; why one turned on "
    "another it cannot say.",
    "prediction": "It speaks of what comes next; forecasts are not checked yet.",
}


def untested(kind: str) -> Judged:
    """A claim that no events can speak to."""
    return Judged(NOT_TESTABLE, UNTESTED.get(kind, "It names nobody whom events could speak of."))


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim, the command that repeats its check (empty: there is none), what the data say, and of its reverse.

    ``rows`` lie behind it; ``series`` is what was judged, by period, and ``at`` the day that divides before and after.
    """

    claim: Claim
    query: str
    judged: Judged
    reverse: Mapping[str, Any] | None = None
    rows: tuple[Mapping[str, Any], ...] = ()
    series: tuple[tuple[str, float], ...] = ()
    at: str = ""
    seconds: float = 0.0

    @property
    def tested(self) -> bool:
        """Whether a figure was computed."""
        return self.judged.verdict != NOT_TESTABLE and bool(self.query)

    @property
    def by_chance(self) -> float:
        """Chance that it would be supported though nothing changed: an interval that misses on one side, or the first
        of n + 1 places; 0 where another verdict than ``supported`` is the best there is, or nothing was judged."""
        j = self.judged
        if j.verdict in (NOT_TESTABLE, "") or any(x.startswith(NOT_COVERED) for x in j.limits) or not self.query:
            return 0.0
        if self.claim.kind == "extreme" and j.n:
            return 1.0 / (j.n + 1)
        return CHANCE if self.claim.kind in ("trend", "isolation") else 0.0

    def to_dict(self) -> dict[str, Any]:
        """An entry of ``claims`` in the JSON of ``tertius check``."""
        j = self.judged
        return {
            **self.claim.to_dict(),
            "query": self.query or None,
            "verdict": j.verdict,
            "figure": None if j.value is None else plain({"value": j.value, "unit": j.unit}),
            "interval": None if j.interval is None else plain(list(j.interval)),
            "n": j.n,
            "bound": None if j.bound is None else plain({"value": j.bound, "unit": j.unit}),
            "explanation": j.explanation,
            "limits": list(j.limits),
            "reverse": None if self.reverse is None else plain(dict(self.reverse)),
        }


CHANCE = 0.025
"""Chance that a 95 % interval lies on the claimed side though nothing changed."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A document's claims, each put to the data."""

    document: Document
    reader: ReaderName
    claims: tuple[CheckedClaim, ...]
    data_name: str
    span: tuple[str, str]
    caveats: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    command: str
    quotes: bool = False
    reading_dict: Mapping[str, Any] = field(default_factory=dict)

    @property
    def by_chance(self) -> float:
        """Expected number of supported claims if none were true."""
        return sum(c.by_chance for c in self.claims)

    def count(self) -> dict[str, int]:
        """Verdict -> claims, the most frequent first."""
        found: dict[str, int] = {}
        for c in self.claims:
            found[c.judged.verdict] = found.get(c.judged.verdict, 0) + 1
        return dict(sorted(found.items(), key=lambda x: -x[1]))

    @property
    def text(self) -> str:
        """The answer in sentences."""
        if not self.claims:
            return "No claim was found that events could speak to, nor one that they could not."
        counted = ", ".join(f"{n} {v}" for v, n in self.count().items())
        tested = sum(c.tested for c in self.claims)
        chance = f" If none were true, {number(self.by_chance)} would be supported by chance." if self.by_chance else ""
        return f"{len(self.claims)} claims, {tested} of them put to {self.data_name}: {counted}.{chance}"

    def to_dict(self) -> dict[str, Any]:
        """The JSON of ``tertius check``."""
        read = dict(self.reading_dict)
        claims = [c.to_dict() for c in self.claims]
        if self.quotes:  # the sentences that were put to the data, and no more of somebody else's text
            read = {k: v for k, v in read.items() if k not in ("events", "text")}
            read["metadata"] = {**read.get("metadata", {}), "captions": [], "notes": [], "links": []}
            claims = [d if c.tested else {**d, "sentence": None} for c, d in zip(self.claims, claims, strict=True)]
        return {
            **read,
            "claims": claims,
            "reader": {"name": self.reader.name, "model": self.reader.model, "version": self.reader.version},
            "data": self.data_name,
            "by_chance": self.by_chance,
            "certified": False,
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }

    def rows(self) -> list[dict[str, Any]]:
        """A row a claim."""
        return [c.to_dict() for c in self.claims]


def ratio_of(value: float, low: float, high: float, n: int) -> Ratio:
    """A ratio whose standard error is taken from its interval, where it has no other."""
    known = 0 < low <= high < float("inf")
    return Ratio(value, low, high, (log(high) - log(low)) / (2 * 1.96) if known else float("nan"), n)

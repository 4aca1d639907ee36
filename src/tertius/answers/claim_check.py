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

A **policy** and a **prediction** are ``not testable``; the :class:`Fact` under them is a claim of its own: the price of
hostility, by the certificate's verdict, and a forecast, which at best makes one ``leaning``.

What no rule here does: say that a motive or a value is true, or that anything causes anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, isfinite, log, sqrt
from typing import Any

from tertius.answers.certificate import Certificate
from tertius.answers.certificate.rule import own_bound_text
from tertius.answers.certificate.verdict import verdict as general_verdict
from tertius.answers.certificate.verdict import verdict_text
from tertius.answers.counsel import Price
from tertius.answers.explanation import Explanation
from tertius.answers.foresight import Line
from tertius.answers.movement import FEW_PERIODS, Standing
from tertius.answers.verdict import (
    CONSISTENT,
    CONTRADICTED,
    LEANING,
    MIXED,
    NO_EFFECT,
    NOT_TESTABLE,
    SUPPORTED,
    TOO_THIN,
)
from tertius.codes import actor_name
from tertius.language import capital, joined, known, plural, say
from tertius.plain import number, plain
from tertius.reading.reading import Claim, Document, ReaderName
from tertius.spec import POWER, WORTH_SEEING

FAR_FROM_WORST = 10.0
"""Percentile of its own history beyond which a period is plainly not the worst."""
SILENT = 0.05
"""Chance of no row at all, at the pair's usual rate, below which silence speaks against a claimed event."""
FEW_PAIRS = 5
"""Pairs that moved, below which their directions say nothing of an actor's."""
AGAINST_OTHERS = say("times before, for each unit recorded of all other pairs")
AGAINST_PARTNERS = say("times before, against the change of other states' effective partners")
NOT_COVERED = say("not covered")
PER_DEVIATION = say(
    "of the pair's cooperation, as a share, for one standard deviation more hostility, net of pairs and of what each "
    "actor does in a period"
)
"""What the bound of a certificate is in."""
OF_ALL_PAIRS = say("The bound speaks of all pairs: it does not rule out that this pair is an exception.")


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
    bound_unit: str = ""

    def to_dict(self) -> dict[str, Any]:
        """By the names of the JSON; the bound in its own unit."""
        bound = None if self.bound is None else plain({"value": self.bound, "unit": self.bound_unit or self.unit})
        return {
            "verdict": self.verdict,
            "figure": None if self.value is None else plain({"value": self.value, "unit": self.unit}),
            "interval": None if self.interval is None else plain(list(self.interval)),
            "n": self.n,
            "bound": bound,
            "explanation": self.explanation,
            "limits": list(self.limits),
        }

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
    sign, (way, other) = (1, (say("up"), say("down"))) if up else (-1, (say("down"), say("up")))
    name = capital(what)
    interval = say(
        "times {value} ({low} to {high})",
        value=number(adjusted.value),
        low=number(adjusted.low),
        high=number(adjusted.high),
    )
    found = Judged("", "", adjusted.value, AGAINST_OTHERS, (adjusted.low, adjusted.high), adjusted.n)
    if adjusted.side and recorded.side == -adjusted.side:
        text = say(
            "Set against what was recorded of all others, {what} went one way ({interval}), as recorded it went the "
            "other (times {value}): coverage changed more than the pair did.",
            what=what,
            interval=interval,
            value=number(recorded.value),
        )
        return found.said(MIXED, text)
    if adjusted.side == sign:
        plainly = say(
            "As recorded, not set against others: times {value} ({low} to {high}), which may be chance.",
            value=number(recorded.value),
            low=number(recorded.low),
            high=number(recorded.high),
        )
        held = found.said(SUPPORTED, say("{name} went {way}: {interval}.", name=name, way=way, interval=interval))
        return held if recorded.side else replace(held, limits=(*held.limits, plainly))
    if adjusted.side == -sign:
        return found.said(
            CONTRADICTED,
            say("{name} went {other}, not {way}: {interval}.", name=name, other=other, way=way, interval=interval),
        )
    if not adjusted.smallest <= WORTH_SEEING:
        if not isfinite(adjusted.smallest):
            return found.said(TOO_THIN, say("Too little is recorded of {what} to compare.", what=what))
        least = say("times {smallest}", smallest=number(adjusted.smallest))
        text = say(
            "{name}: {interval}, which may be chance: only a change of {least} or more would show.",
            name=name,
            interval=interval,
            least=least,
        )
        return replace(
            found.said(TOO_THIN, text), limits=(say("smallest change that would show: {least}", least=least),)
        )
    bound = adjusted.high if up else 1.0 / adjusted.low
    change = say("a rise") if up else say("a fall")
    text = say(
        "No change of {what} is seen ({interval}): {change} of times {bound} would show.",
        what=what,
        interval=interval,
        change=change,
        bound=number(bound),
    )
    return replace(found.said(NO_EFFECT, text), bound=bound)


def judge_isolation(
    partners: Judged, volume: Ratio, name: str, among: str = "", levels: tuple[float, float] | None = None
) -> Judged:
    """The verdict on "``name`` is isolated", from that on its effective partners and from how much it has with all of
    them, against all others. Both must speak for it, or both against it: who deals with as many and less is not
    plainly isolated, and who deals as much with fewer has concentrated, on one friend it may be. ``levels`` are its
    effective partners before and after, ``among`` the members of a group.

    >>> fewer, same, less = Judged("supported", "Fewer."), Ratio(1.0, 0.9, 1.1, 0.1, 60), Ratio(0.5, 0.4, 0.6, 0.1, 60)
    >>> [judge_isolation(fewer, volume, "Russia").verdict for volume in (same, less)]
    ['mixed', 'supported']
    """
    against = {SUPPORTED: 1, CONTRADICTED: -1}.get(partners.verdict, 0)
    interval = say(
        "times {value} ({low} to {high})", value=number(volume.value), low=number(volume.low), high=number(volume.high)
    )
    whom = say(" with members of {group}", group=among) if among else ""
    spread = (
        say(
            "Cooperation of {name}{whom} was spread as evenly as over {before} equal partners before, over {after} "
            "since.",
            name=name,
            whom=whom,
            before=number(levels[0]),
            after=number(levels[1]),
        )
        if levels and all(map(isfinite, levels))
        else ""
    )
    much = say("How much there is of it, set against all others: {interval}.", interval=interval)
    verdict = partners.verdict if not against or volume.side == -against else MIXED
    both = (
        say("One of the two alone says neither that it is isolated nor that it is not.")
        if verdict == MIXED and volume.side != against
        else ""
    )
    text = joined((x for x in (spread, partners.explanation, much, both) if x), " ")
    return replace(partners, unit=AGAINST_PARTNERS).said(verdict, text)


def judge_extreme(standing: Standing, worst: bool, lately: str = "", enough: int = FEW_PERIODS) -> Judged:
    """The verdict on "the worst (or best) since T", from where the period stands among those since T; ``lately`` is the
    worst (or best) of them all, where that is not long before."""
    percentile = standing.percentile if worst else 100.0 - standing.percentile
    name, n = say("lower") if worst else say("higher"), standing.n
    net = say("cooperation less hostility")
    found = Judged("", "", standing.percentile, say("percentile of the periods before"), None, n)
    if n < enough:
        return found.said(
            TOO_THIN, say("There are {n} periods to compare with; {enough} are needed.", n=n, enough=enough)
        )
    if standing.lowest if worst else standing.highest:
        return found.said(
            SUPPORTED, say("In none of the {n} periods before was {net} {name}.", n=n, net=net, name=name)
        )
    often = say(
        "{net} was {name} in {percentile:.0f} % of the {n} periods before",
        net=net,
        name=name,
        percentile=percentile,
        n=n,
    )
    if percentile > FAR_FROM_WORST and lately:
        text = say("Not in the last period: {often}. But lately, in {lately}, it was {name} than ever before.",
                   often=often, lately=lately, name=name)  # fmt: skip
        return found.said(MIXED, text)
    if percentile > FAR_FROM_WORST:
        return found.said(CONTRADICTED, say("Far from it: {often}.", often=often))
    return found.said(
        MIXED, say("Near the {word}, but {often}.", word=say("bottom") if worst else say("top"), often=often)
    )


def judge_cause(answer: Explanation, driver: Sequence[str], called: Sequence[str] = ()) -> Judged:
    """The verdict on "``driver`` drives the pair together": that of the explanation, and the driver's own part; of
    several, or of the members of what they are ``called``, the sum of their parts."""
    part = answer.attribution.together(driver)
    names = joined(map(actor_name, called or driver), ", ")
    if part is None:
        return not_covered(say("{names} is no third party in these data.", names=names))
    value, low, high = part.events, part.events_low, part.events_high
    n = sum(t.actor in driver for t in answer.attribution.third_parties)
    summed = say(" ({parts} states, summed)", parts=n) if n > 1 else ""
    own = say(
        "What the model ascribes to {names}{summed}: {value} of {expected} {unit} expected ({low} to {high}), {clear}.",
        names=names,
        summed=summed,
        value=number(value),
        expected=number(answer.attribution.expected),
        unit=say("events") if answer.unit == "events" else say("units of weight"),
        low=number(low),
        high=number(high),
        clear=say("clear of zero") if low > 0 or high < 0 else say("not clear of zero"),
    )
    unit = say("{unit} of the expected {outcome}", unit=answer.unit, outcome=answer.outcome)
    found = Judged("", "", value, unit, (low, high), answer.fit.n_periods)
    if answer.verdict == CONSISTENT and not low > 0:
        text = say("The pair's certificate holds, but this part of it is not clear of zero. {own}", own=own)
        return found.said(MIXED, text)
    certificate, why = answer.certificate, answer.judgement.text
    bound = certificate.bound if certificate is not None and answer.verdict == NO_EFFECT else None
    pair = certificate.pair if certificate is not None and all(s.passed for s in certificate.general) else None
    if answer.verdict == MIXED and pair is not None and not pair.passed:
        why = say("What holds of all pairs in these data does not hold of this one. {pair}", pair=pair.text)
    judged = found.said(answer.verdict, joined((why, own)))
    if certificate is None or bound is None:
        return judged
    limits = tuple(text for text in (own_bound_text(certificate), OF_ALL_PAIRS) if text)
    return replace(judged, bound=bound, bound_unit=PER_DEVIATION, limits=(*judged.limits, *limits))


def judge_many(rose: int, fell: int, pairs: int, up: bool, name: str) -> Judged:
    """The verdict on "``name`` has more (or, not ``up``, less) with others": of its pairs that moved clearly, do more
    go the claimed way than tossing coins would give?

    >>> [judge_many(36, 10, 198, up, "Russia").verdict for up in (True, False)], judge_many(2, 1, 9, True, "x").verdict
    (['supported', 'contradicted'], 'data too thin')
    """
    text = say(
        "Of {pairs} pairs of {name}, set against all others, {rose} rose clearly and {fell} fell.",
        pairs=pairs,
        name=name,
        rose=rose,
        fell=fell,
    )
    limit = say("More may have been written of {name} itself, which raises all its pairs.", name=name)
    if abs(rose - fell) <= 2.0 * sqrt(rose + fell):
        verdict = TOO_THIN if rose + fell < FEW_PAIRS else MIXED
    else:
        verdict = SUPPORTED if (rose > fell) == up else CONTRADICTED
    return Judged(verdict, text, float(rose), say("pairs that rose"), None, pairs, (limit,))


def judge_event(n: int, expected: float, what: str, periods: bool = False) -> Judged:
    """The verdict on "it happened", from the rows of the time (where a row is a sum, the ``periods`` with one) and the
    number that is usual in such a time."""
    found = Judged("", "", float(n), say("periods") if periods else say("rows"), None, n)
    if n and periods:
        text = plural("{n} period with {what} in that time.", "{n} periods with {what} in that time.", n, what=what)
        return found.said(SUPPORTED, text)
    if n:
        return found.said(
            SUPPORTED, plural("{n} row of {what} in that time.", "{n} rows of {what} in that time.", n, what=what)
        )
    if exp(-expected) < SILENT:
        return found.said(
            CONTRADICTED,
            say("No row of {what} in that time, where {expected} are usual.", what=what, expected=number(expected)),
        )
    return found.said(
        TOO_THIN,
        say("No row of {what} in that time, but few are usual ({expected}).", what=what, expected=number(expected)),
    )


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
    turned_round = say("The claim is a denial, so that the verdict on what it denies is turned round.")
    return replace(judged, verdict=verdict, explanation=joined((judged.explanation, turned_round)))


def not_covered(why: str, context: str = "", within: Judged | None = None) -> Judged:
    """A claim that the data cannot speak to, though other data could; ``within``: what they say of what they cover."""
    limits = (
        say("{not_covered}: {why}", not_covered=NOT_COVERED, why=why),
        *(within.limits if within is not None else ()),
    )
    return Judged(TOO_THIN, joined((why, context)).strip(), limits=limits)


UNTESTED: Mapping[str, str] = {
    "motive": say("What an actor wants, fears or believes does not stand in events."),
    "value": say("A judgement of value; what it judges is checked where it is a claim of its own."),
    "policy": say("What should be done is not a fact."),
    "capability": say("What a state has or can do does not stand in events."),
    "cause of hostility": say(
        "tertius asks whether hostility of a third party brings two together; why one turned on another it cannot say."
    ),
    "prediction": say("It speaks of what had not happened when it was written."),
}
ALARM = say(
    "Whether it went with hostility can be asked of all pairs, not of one mood: fit with --outcome hostility; "
    "its term {effects} says whether states are more hostile towards those who cooperate with their foes."
)
"""What can be tested where the dealings of two are said to alarm a third."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is of fact in a claim that is not testable as it stands, and what the data say of that."""

    claim: str
    judged: Judged

    def to_dict(self) -> dict[str, Any]:
        """The value of ``fact`` in a claim's JSON."""
        return {"claim": self.claim, **self.judged.to_dict()}

    def under(self, kind: str) -> Judged:
        """The claim itself: not testable, with the fact in its explanation."""
        part = say(
            "{untested} What can be checked of it, “{claim}”: {verdict}.",
            untested=UNTESTED[kind],
            claim=self.claim,
            verdict=self.judged.verdict,
        )
        return Judged(NOT_TESTABLE, joined((part, self.judged.explanation)), limits=self.judged.limits)


def judge_price(price: Price, certificate: Certificate | None) -> Judged:
    """The verdict on "more hostility of k goes before more cooperation among its adversaries": that of the certificate
    on all pairs; at best ``consistent with``, and only with a price that is clear of zero. Never one on what k ought to
    do."""
    value, low, high = map(float, price.found.total)
    said = general_verdict(certificate, True)
    bound = certificate.bound if certificate is not None and said == NO_EFFECT else None
    names = joined(map(actor_name, price.adversaries), ", ")
    unit = say(
        "{unit} of cooperation among {names}, for one standard deviation more towards each",
        unit=price.unit,
        names=names,
    )
    text = say(
        "{verdict} The price, in {unit}: {value} ({low} to {high}).",
        verdict=verdict_text(certificate, True),
        value=number(value),
        low=number(low),
        high=number(high),
        unit=unit,
    )
    if said == CONSISTENT and not low > 0:
        said, text = MIXED, say("The certificate holds, but the price is not clear of zero. {text}", text=text)
    limits = (say("A price says what goes with what among adversaries, not what anybody ought to do."),)
    per = "" if bound is None else PER_DEVIATION
    return Judged(said, text, value, unit, (low, high), len(price.adversaries), limits, bound, per)


def judge_forecast(line: Line, usual: float, up: bool, unit: str, origin: str) -> Judged:
    """What a forecast makes of "there will be more (or, not ``up``, less)": ``leaning`` where four fifths of what is
    forecast lie on the claimed side of what was usual in the year before, else ``mixed``. Never more: a forecast is no
    fact."""
    low, middle, high = line.quantiles[1:4]
    leans = low > usual if up else high < usual
    text = say(
        "From what was recorded up to {origin}, {middle} {unit} of {outcome} are forecast for {start} to {end} (four "
        "times in five {low} to {high}); {usual} a month were usual in the year before.",
        origin=origin,
        middle=number(middle),
        unit=unit,
        outcome=known(line.outcome),
        start=line.start,
        end=line.end,
        low=number(low),
        high=number(high),
        usual=number(usual),
    )
    limits = (say("A forecast is of what will be recorded; how good such forecasts were: tertius backtest."),)
    per_month = say("{unit} in that month", unit=unit)
    return Judged(LEANING if leans else MIXED, text, middle, per_month, (low, high), None, limits)


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
    fact: Fact | None = None

    @property
    def tested(self) -> bool:
        """Whether a figure was computed, of the claim or of the fact under it."""
        return bool(self.query) and (self.judged.verdict != NOT_TESTABLE or self.fact is not None)

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
        return {
            **self.claim.to_dict(),
            "query": self.query or None,
            **self.judged.to_dict(),
            "reverse": None if self.reverse is None else plain(dict(self.reverse)),
            "fact": None if self.fact is None else self.fact.to_dict(),
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
            return say("No claim was found that events could speak to, nor one that they could not.")
        counted = joined((say("{n} {v}", n=n, v=v) for v, n in self.count().items()), ", ")
        tested = sum(c.tested for c in self.claims)
        chance = (
            say(" If none were true, {by_chance} would be supported by chance.", by_chance=number(self.by_chance))
            if self.by_chance
            else ""
        )
        return say(
            "{claims} claims, {tested} of them put to {data_name}: {counted}.{chance}",
            claims=len(self.claims),
            tested=tested,
            data_name=self.data_name,
            counted=counted,
            chance=chance,
        )

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

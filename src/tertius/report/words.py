"""Plain words that several sections and charts share, made from the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tertius.answers.attribution import ThirdParty
from tertius.answers.certificate import Profile
from tertius.answers.explanation import Explanation
from tertius.answers.landmarks import Landmark
from tertius.codes import actor_name
from tertius.language import Day, Name, Number, forms, joined, plural, say
from tertius.model.result import FitResult
from tertius.plain import number
from tertius.spec import Duration

VERDICT_MEANS = {
    "not certified": say(
        "No test has been run of what came first. The figures show what goes "
        "together; they do not show that anyone drives anyone."
    ),
    "consistent with": say("The tests of what came first were passed. That is the most that observed data can say."),
    "supported": say("The data bear the statement out."),
    "leaning": say("The data lean this way, and no more."),
    "mixed": say("The data neither bear it out nor refute it."),
    "contradicted": say("The data speak against it."),
    "no effect above": say(
        "On average over all pairs, an effect of earlier hostility is small, if there is one. The data do not rule out "
        "that this pair is an exception."
    ),
    "data too thin": say(
        "There are too few events to tell: an effect worth finding would too often be missed, and one "
        "that is found is likely to look too large."
    ),
    "not testable": say("No event data could settle this."),
}

NOUN = {"cooperation": say("cooperation"), "hostility": say("hostility"), "any": say("interaction")}
QUESTION = {
    "cooperation": say("Who drives {a} and {b} together?"),
    "hostility": say("Who drives {a} and {b} against each other?"),
    "any": say("Who drives {a} and {b} to deal with each other?"),
}
SCOPE = {
    "rate": say("across all pairs"),
    "within": say("within pairs over time"),
    "sign": say("given that two interact"),
}
SIGN = {
    "coop": say("cooperation"),
    "host": say("hostility"),
    "any": say("interaction of any kind"),
    "": say("interaction"),
}
UNIT_OF_TIME = {
    "min": say("minute"),
    "h": say("hour"),
    "d": say("day"),
    "w": say("week"),
    "mo": say("month"),
    "y": say("year"),
}
UNITS_OF_TIME = {
    "min": say("minutes"),
    "h": say("hours"),
    "d": say("days"),
    "w": say("weeks"),
    "mo": say("months"),
    "y": say("years"),
}
COUNTED = {
    "min": forms("{n} minute", "{n} minutes"),
    "h": forms("{n} hour", "{n} hours"),
    "d": forms("{n} day", "{n} days"),
    "w": forms("{n} week", "{n} weeks"),
    "mo": forms("{n} month", "{n} months"),
    "y": forms("{n} year", "{n} years"),
}
QUAD = {
    1: say("verbal cooperation"),
    2: say("material cooperation"),
    3: say("verbal conflict"),
    4: say("material conflict"),
}

_DIRECTED = {
    "inertia": say("past {sign}, the same way"),
    "reciprocity": say("past {sign}, the other way"),
    "activity": say("how much {sign} the sender sends out"),
    "popularity": say("how much {sign} the receiver receives"),
    "friend_of_friend": say("third parties with whom both cooperate"),
    "common_foe": say("third parties with whom both are in conflict"),
    "shared_threat": say("third parties that are hostile to both"),
    "shared_target": say("third parties to which both are hostile"),
    "friend_of_foe": say("the sender's foes are the receiver's friends"),
    "foe_of_friend": say("the sender's friends are the receiver's foes"),
    "transitivity": say("{sign} from sender to third party to receiver"),
}
_UNDIRECTED = {
    "inertia": say("past {sign} between the two"),
    "activity": say("how much {sign} both have with everyone"),
    "friend_of_friend": say("third parties with whom both cooperate"),
    "common_foe": say("third parties with whom both are in conflict"),
    "mixed": say("third parties that are one's friend and the other's foe"),
}


def question(e: Explanation) -> str:
    """The question that the answer is to."""
    return QUESTION[e.outcome].format(a=in_text(e.pair[0]), b=in_text(e.pair[1]))


def both(e: Explanation) -> str:
    """The pair by name: "Russia and North Korea"."""
    return say("{a} and {b}", a=in_text(e.pair[0]), b=in_text(e.pair[1]))


def in_text(code: str) -> str:
    """The name as it stands inside a sentence.

    >>> in_text("USA"), in_text("PRK")
    ('the United States', 'North Korea')
    """
    if code.startswith("@"):
        return f"the members of {code[1:]}"
    name = actor_name(code)
    if name == code:
        return name
    article = name.startswith(("United ", "Soviet ", "European ")) or name.endswith((" Republic", " Islands", " Union"))
    named_so = article or name in ("Netherlands", "Philippines", "Gambia", "Bahamas", "Maldives")
    return Name(f"the {name}", code) if named_so else name


def each(length: str) -> str:
    """A slice or period in words, to stand after "per".

    >>> each("1w"), each("15min")
    ('week', '15 minutes')
    """
    duration = Duration.parse(length)
    return UNIT_OF_TIME[duration.unit] if duration.n == 1 else lasting(duration)


def periods(length: str) -> str:
    """Several of a period in words.

    >>> periods("1mo"), periods("2w")
    ('months', 'periods of 2 weeks')
    """
    duration = Duration.parse(length)
    return UNITS_OF_TIME[duration.unit] if duration.n == 1 else say("periods of {length}", length=lasting(duration))


def lasting(duration: Duration) -> str:
    """A duration in words.

    >>> lasting(Duration.parse("2w"))
    '2 weeks'
    """
    one, many = COUNTED[duration.unit]
    return plural(one, many, duration.n)


def grains(grain: str) -> str:
    """Several of what a row stands for: "days", "months", "years"."""
    return {"day": say("days"), "month": say("months"), "year": say("years")}.get(grain, f"{grain}s")


def named(code: str) -> str:
    """Name with the code in parentheses; the label alone where it is no code.

    >>> named("PRK"), named("Rebels")
    ('North Korea (PRK)', 'Rebels')
    """
    name = actor_name(code)
    return name if name == code else say("{name} ({code})", name=name, code=code)


def meaning(verdict: str, outcome: str) -> str:
    """What a verdict means, in one or two sentences."""
    return VERDICT_MEANS.get(verdict, "").format(outcome=NOUN[outcome])


def window_lines(p: Profile, period: str) -> tuple[str, ...]:
    """A window of the profile in the lines of an axis, with the unit of time.

    >>> [window_lines(Profile(first, first + 2, 0.1, 0.1, 1.0), "1mo") for first in (-3, 1)]
    [('3 to 1', 'months', 'before'), ('1 to 3', 'months', 'after')]
    >>> window_lines(Profile(0, 0, 0.1, 0.1, 1.0), "2w")
    ('the same', '2 weeks')
    """
    if p.first == p.last == 0:
        return say("the same"), each(period)
    near, far = sorted((abs(p.first), abs(p.last)))
    many = periods(period)
    return (
        (say("{far} to {near}", far=far, near=near), many, say("before"))
        if p.last < 0
        else (say("{near} to {far}", near=near, far=far), many, say("after"))
    )


def decimals(z: float) -> str:
    """A z: one decimal, "none" where there is none."""
    return Number(f"{z:.1f}") if z == z else say("none")


def term_meaning(term: str, directed: bool) -> str:
    """What a column of the model counts, in plain words.

    >>> term_meaning("inertia.coop", False), term_meaning("distance", True)
    ('past cooperation between the two', 'a covariate of the data')
    """
    name, _, suffix = term.partition(".")
    known = (_DIRECTED if directed else _UNDIRECTED).get(name)
    return known.format(sign=SIGN.get(suffix, suffix)) if known else say("a covariate of the data")


def scope(model: str) -> str:
    """What a model compares, to stand in a sentence.

    >>> scope("rate"), scope("within"), scope("sign")
    ('across all pairs', 'within pairs over time', 'given that two interact')
    """
    return SCOPE.get(model, SCOPE["rate"])


def model_title(fit: FitResult) -> str:
    """What a fit is about: "What goes with cooperation, within pairs over time"."""
    what = say("cooperation rather than hostility") if fit.model == "sign" else NOUN[fit.outcome]
    return say("What goes with {what}, {scope}", what=what, scope=scope(fit.model))


def change_of(fit: FitResult) -> str:
    """What a coefficient per standard deviation is a change of, to begin a sentence."""
    if fit.model == "sign":
        return say("Change of the log odds of cooperation per standard deviation")
    if fit.model == "within":
        return say("Change of log expected {noun} per standard deviation within pairs", noun=NOUN[fit.outcome])
    return say("Change of the log rate per standard deviation")


def steps(fit: FitResult) -> str:
    """What the fit calls its steps of time: periods within pairs, else slices."""
    return say("periods") if fit.model == "within" else say("slices")


def n_steps(fit: FitResult) -> str:
    """How many steps of time are in the likelihood, and how long they are: "66 periods of 1mo"."""
    if fit.model == "within":
        return say(
            "{n_slices:,} periods of {period}",
            n_slices=fit.n_slices if fit.n_periods is None else fit.n_periods,
            period=fit.period,
        )
    return say("{n_slices:,} slices of {slice}", n_slices=fit.n_slices, slice=fit.slice) + (
        say(" with both signs") if fit.model == "sign" else ""
    )


def unit(e: Explanation) -> str:
    """The unit of the outcome, in words."""
    return say("events") if e.unit == "events" else say("units of weight")


LARGEST = 12
"""Third parties that a chart or a table shows."""


def largest(parts: Sequence[ThirdParty], n: int = LARGEST) -> tuple[ThirdParty, ...]:
    """The n largest parts by size, whatever their sign, from the most positive to the most negative.

    Those that did not move at all are left out: a table of zeros is no table of the largest.
    """
    moved = [t for t in parts if t.events != 0]
    chosen = sorted(moved, key=lambda t: -abs(t.events))[:n]
    return tuple(sorted(chosen, key=lambda t: -t.events))


def day_id(n: int) -> str:
    """The anchor on the page of the n-th of an answer's ``landmarks``, from 1."""
    return f"day-{n}"


def when(moment: str, grain: str) -> str:
    """The day or time of a row; of one that stands for a month or a year, that.

    >>> when("2020-04-01", "month"), when("2020-04-01", "day")
    ('2020-04', '2020-04-01')
    """
    return Day(moment[: {"month": 7, "year": 4}.get(grain, len(moment))])


def size_of(row: Mapping[str, Any], e: Explanation) -> float:
    """How large a row of the data is, in the unit of the answer."""
    return abs(float(row["weight"] if e.unit == "weight" else row["count"]))


def what_of(row: Mapping[str, Any], e: Explanation) -> str:
    """What a row records: "verbal cooperation, type CONSULT"."""
    sign = say("cooperation") if row.get("sign", 0) > 0 else say("hostility")
    quad = row.get("quad")
    kind = (
        QUAD.get(int(quad), sign) if quad is not None else say("net {sign}", sign=sign) if not e.fit.directed else sign
    )
    return kind + (say(", type {type}", type=row["type"]) if row.get("type") else "")


def who_of(row: Mapping[str, Any], e: Explanation) -> str:
    """Who is in a row: "Russia (RUS) to North Korea (PRK)"."""
    source, target = named(row["source"]), named(row["target"])
    if e.fit.directed:
        return say("{source} to {target}", source=source, target=target)
    return say("{a} and {b}", a=source, b=target)


def who(row: Mapping[str, Any], directed: bool) -> str:
    """Source and target of a row."""
    return f"{row['source']} {'>' if directed else '-'} {row['target']}"


def what(row: Mapping[str, Any]) -> str:
    """Class, type and sentence of a row."""
    sign = say("cooperation") if row.get("sign", 0) > 0 else say("hostility")
    quad = row.get("quad")
    said = QUAD.get(int(quad), sign) if quad is not None else sign
    kind = say(" ({type})", type=row["type"]) if row.get("type") else ""
    return say("{said}{kind}", said=said, kind=kind) + (
        say(": {sentence}", sentence=row["sentence"]) if row.get("sentence") else ""
    )


KINDS = 2  # of a day's rows that are named


def day_who(day: Landmark, e: Explanation) -> str:
    """Who acted on a day: one direction, or both ways."""
    ways = {who_of(row, e) for row in day.rows}
    return ways.pop() if len(ways) == 1 else say("{a} and {b}, both ways", a=named(e.pair[0]), b=named(e.pair[1]))


def day_text(day: Landmark, e: Explanation) -> str:
    """What was recorded on a day: the sentences, or kinds, that most rows have, the heaviest first among equals."""
    kinds = Counter((row.get("sentence") or what_of(row, e)).rstrip(".") for row in day.rows)
    common = kinds.most_common(KINDS)
    rest = len(day.rows) - sum(m for _, m in common)
    said = [say("{kind} ({m} rows)", kind=kind, m=m) if m > 1 else kind for kind, m in common]
    return joined([*said, *([plural("and {n} more row", "and {n} more rows", rest)] if rest else [])], "; ")


def day_size(day: Landmark, e: Explanation) -> str:
    """How large a day is: "3 events", "weight 156"."""
    if e.unit != "events":
        return say("weight {size}", size=number(day.size))
    return plural("{n:g} event", "{n:g} events", day.size)


def span(days: tuple[str, str]) -> str:
    """A span of days: "2020-01-01 to 2020-06-30"."""
    return say("{first} to {last}", first=Day(days[0]), last=Day(days[1]))


def interval(low: float, high: float) -> str:
    """An interval for reading: "1.2 to 3.4", "n/a" where there is none, "unbounded" for an infinite end."""
    if low != low or high != high:
        return say("n/a")
    return say("{low} to {high}", low=number(low), high=say("unbounded") if high == float("inf") else number(high))


def percent(x: float) -> str:
    """A share as per cent, "n/a" where there is none.

    >>> percent(0.123), percent(float("nan")), percent(-0.00012)
    ('12.3 %', 'n/a', '-0.0 %')
    """
    return say("n/a") if x != x else Number(f"{100 * x:.1f} %")

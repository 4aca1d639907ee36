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
from tertius.model.result import FitResult
from tertius.plain import number
from tertius.spec import Duration

VERDICT_MEANS = {
    "not certified": "No test has been run of what came first. The figures show what goes "
    "together; they do not show that anyone drives anyone.",
    "consistent with": "The tests of what came first were passed. That is the most that observed data can say.",
    "supported": "The data bear the statement out.",
    "leaning": "The data lean this way, and no more.",
    "mixed": "The data neither bear it out nor refute it.",
    "contradicted": "The data speak against it.",
    "no effect above": "On average over all pairs, the data speak against all but a small effect. They do not rule out "
    "that this pair is an exception.",
    "data too thin": "There are too few events to tell: an effect worth finding would too often be missed, and one "
    "that is found is likely to look too large.",
    "not testable": "No event data could settle this.",
}

NOUN = {"cooperation": "cooperation", "hostility": "hostility", "any": "interaction"}
QUESTION = {
    "cooperation": "Who drives {a} and {b} together?",
    "hostility": "Who drives {a} and {b} against each other?",
    "any": "Who drives {a} and {b} to deal with each other?",
}
SCOPE = {"rate": "across all pairs", "within": "within pairs over time", "sign": "given that two interact"}
SIGN = {"coop": "cooperation", "host": "hostility", "any": "interaction of any kind", "": "interaction"}
UNIT_OF_TIME = {"min": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
QUAD = {1: "verbal cooperation", 2: "material cooperation", 3: "verbal conflict", 4: "material conflict"}

_DIRECTED = {
    "inertia": "past {sign}, the same way",
    "reciprocity": "past {sign}, the other way",
    "activity": "how much {sign} the sender sends out",
    "popularity": "how much {sign} the receiver receives",
    "friend_of_friend": "third parties with whom both cooperate",
    "common_foe": "third parties with whom both are in conflict",
    "shared_threat": "third parties that are hostile to both",
    "shared_target": "third parties to which both are hostile",
    "friend_of_foe": "the sender's foes are the receiver's friends",
    "foe_of_friend": "the sender's friends are the receiver's foes",
    "transitivity": "{sign} from sender to third party to receiver",
}
_UNDIRECTED = {
    "inertia": "past {sign} between the two",
    "activity": "how much {sign} both have with everyone",
    "friend_of_friend": "third parties with whom both cooperate",
    "common_foe": "third parties with whom both are in conflict",
    "mixed": "third parties that are one's friend and the other's foe",
}


def question(e: Explanation) -> str:
    """The question that the answer is to."""
    return QUESTION[e.outcome].format(a=in_text(e.pair[0]), b=in_text(e.pair[1]))


def both(e: Explanation) -> str:
    """The pair by name: "Russia and North Korea"."""
    return f"{in_text(e.pair[0])} and {in_text(e.pair[1])}"


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
    return f"the {name}" if article or name in ("Netherlands", "Philippines", "Gambia", "Bahamas", "Maldives") else name


def each(length: str) -> str:
    """A slice or period in words, to stand after "per".

    >>> each("1w"), each("15min")
    ('week', '15 minutes')
    """
    duration = Duration.parse(length)
    return UNIT_OF_TIME[duration.unit] if duration.n == 1 else f"{duration.n} {UNIT_OF_TIME[duration.unit]}s"


def periods(length: str) -> str:
    """Several of a period in words.

    >>> periods("1mo"), periods("2w")
    ('months', 'periods of 2 weeks')
    """
    duration = Duration.parse(length)
    return f"{each(length)}s" if duration.n == 1 else f"periods of {each(length)}"


def named(code: str) -> str:
    """Name with the code in parentheses; the label alone where it is no code.

    >>> named("PRK"), named("Rebels")
    ('North Korea (PRK)', 'Rebels')
    """
    name = actor_name(code)
    return name if name == code else f"{name} ({code})"


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
        return "the same", each(period)
    near, far = sorted((abs(p.first), abs(p.last)))
    many = periods(period)
    return (f"{far} to {near}", many, "before") if p.last < 0 else (f"{near} to {far}", many, "after")


def decimals(z: float) -> str:
    """A z: one decimal, "none" where there is none."""
    return f"{z:.1f}" if z == z else "none"


def term_meaning(term: str, directed: bool) -> str:
    """What a column of the model counts, in plain words.

    >>> term_meaning("inertia.coop", False), term_meaning("distance", True)
    ('past cooperation between the two', 'a covariate of the data')
    """
    name, _, suffix = term.partition(".")
    known = (_DIRECTED if directed else _UNDIRECTED).get(name)
    return known.format(sign=SIGN.get(suffix, suffix)) if known else "a covariate of the data"


def scope(model: str) -> str:
    """What a model compares, to stand in a sentence.

    >>> scope("rate"), scope("within"), scope("sign")
    ('across all pairs', 'within pairs over time', 'given that two interact')
    """
    return SCOPE.get(model, "across all pairs")


def model_title(fit: FitResult) -> str:
    """What a fit is about: "What goes with cooperation, within pairs over time"."""
    what = "cooperation rather than hostility" if fit.model == "sign" else NOUN[fit.outcome]
    return f"What goes with {what}, {scope(fit.model)}"


def change_of(fit: FitResult) -> str:
    """What a coefficient per standard deviation is a change of, to begin a sentence."""
    if fit.model == "sign":
        return "Change of the log odds of cooperation per standard deviation"
    if fit.model == "within":
        return f"Change of log expected {NOUN[fit.outcome]} per standard deviation within pairs"
    return "Change of the log rate per standard deviation"


def steps(fit: FitResult) -> str:
    """What the fit calls its steps of time: periods within pairs, else slices."""
    return "periods" if fit.model == "within" else "slices"


def n_steps(fit: FitResult) -> str:
    """How many steps of time are in the likelihood, and how long they are: "66 periods of 1mo"."""
    if fit.model == "within":
        return f"{fit.n_slices if fit.n_periods is None else fit.n_periods:,} periods of {fit.period}"
    return f"{fit.n_slices:,} slices of {fit.slice}" + (" with both signs" if fit.model == "sign" else "")


def unit(e: Explanation) -> str:
    """The unit of the outcome, in words."""
    return "events" if e.unit == "events" else "units of weight"


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
    return moment[: {"month": 7, "year": 4}.get(grain, len(moment))]


def size_of(row: Mapping[str, Any], e: Explanation) -> float:
    """How large a row of the data is, in the unit of the answer."""
    return abs(float(row["weight"] if e.unit == "weight" else row["count"]))


def what_of(row: Mapping[str, Any], e: Explanation) -> str:
    """What a row records: "verbal cooperation, type CONSULT"."""
    sign = "cooperation" if row.get("sign", 0) > 0 else "hostility"
    quad = row.get("quad")
    kind = QUAD.get(int(quad), sign) if quad is not None else f"net {sign}" if not e.fit.directed else sign
    return kind + (f", type {row['type']}" if row.get("type") else "")


def who_of(row: Mapping[str, Any], e: Explanation) -> str:
    """Who is in a row: "Russia (RUS) to North Korea (PRK)"."""
    return f"{named(row['source'])} {'to' if e.fit.directed else 'and'} {named(row['target'])}"


def who(row: Mapping[str, Any], directed: bool) -> str:
    """Source and target of a row."""
    return f"{row['source']} {'>' if directed else '-'} {row['target']}"


def what(row: Mapping[str, Any]) -> str:
    """Class, type and sentence of a row."""
    sign = "cooperation" if row.get("sign", 0) > 0 else "hostility"
    quad = row.get("quad")
    said = QUAD.get(int(quad), sign) if quad is not None else sign
    kind = f" ({row['type']})" if row.get("type") else ""
    return f"{said}{kind}" + (f": {row['sentence']}" if row.get("sentence") else "")


KINDS = 2  # of a day's rows that are named


def day_who(day: Landmark, e: Explanation) -> str:
    """Who acted on a day: one direction, or both ways."""
    ways = {who_of(row, e) for row in day.rows}
    return ways.pop() if len(ways) == 1 else f"{named(e.pair[0])} and {named(e.pair[1])}, both ways"


def day_text(day: Landmark, e: Explanation) -> str:
    """What was recorded on a day: the sentences, or kinds, that most rows have, the heaviest first among equals."""
    kinds = Counter(str(row.get("sentence") or what_of(row, e)).rstrip(".") for row in day.rows)
    common = kinds.most_common(KINDS)
    rest = len(day.rows) - sum(m for _, m in common)
    said = [f"{kind} ({m} rows)" if m > 1 else kind for kind, m in common]
    return "; ".join([*said, *([f"and {rest} more row{'s' if rest > 1 else ''}"] if rest else [])])


def day_size(day: Landmark, e: Explanation) -> str:
    """How large a day is: "3 events", "weight 156"."""
    if e.unit != "events":
        return f"weight {number(day.size)}"
    return f"{day.size:g} event{'' if day.size == 1 else 's'}"


def span(days: tuple[str, str]) -> str:
    """A span of days: "2020-01-01 to 2020-06-30"."""
    return f"{days[0]} to {days[1]}"


def interval(low: float, high: float) -> str:
    """An interval for reading: "1.2 to 3.4", "n/a" where there is none, "unbounded" for an infinite end."""
    if low != low or high != high:
        return "n/a"
    return f"{number(low)} to {'unbounded' if high == float('inf') else number(high)}"


def percent(x: float) -> str:
    """A share as per cent, "n/a" where there is none.

    >>> percent(0.123), percent(float("nan")), percent(-0.00012)
    ('12.3 %', 'n/a', '-0.0 %')
    """
    return "n/a" if x != x else f"{100 * x:.1f} %"

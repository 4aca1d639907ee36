"""The same plain words for page, charts and terminal, made from the figures.

The first sentence a reader sees must not name a third party that the figures do not bear out. Where the certificate was
run, :func:`headline` names one only if it passed; and always only if the pair's outcome rose, the effect is above zero
and the third party's own interval is.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tertius.answers.attribution import ThirdParty
from tertius.answers.certificate import Certificate, Profile
from tertius.answers.explanation import Explanation
from tertius.answers.landmarks import OF_ONE_MONTH, Landmark
from tertius.answers.verdict import CONSISTENT, NOT_CERTIFIED, TOO_THIN
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
    "data too thin": "There are too few events to tell: an effect worth finding would too often be missed, and one "
    "that is found is likely to look too large.",
    "not testable": "No event data could settle this.",
}

UNSUPPORTED_MEANS = (
    "These data do not support the claim: most conditions of the certificate fail, and no clear rise is seen. They do "
    "not refute it either."
)

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


CLAIM = {
    "cooperation": "{whose} drives {a} and {b} together",
    "hostility": "{whose} drives {a} and {b} against each other",
    "any": "{whose} drives {a} and {b} to deal with each other",
}


def claim(e: Explanation) -> str:
    """The claim that the verdict is about: "the hostility of third parties drives Russia and North Korea together"."""
    if e.fit.directed:
        whose = f"the hostility of {in_text(e.by) if e.by else 'third parties'}"
    else:
        whose = f"conflict with {in_text(e.by) if e.by else 'the same third parties'}"
    return CLAIM[e.outcome].format(whose=whose, a=in_text(e.pair[0]), b=in_text(e.pair[1]))


def because(e: Explanation, *, brief: bool = False) -> str:
    """What the verdict means, and what it rests on; ``brief`` leaves out why a certificate was refused."""
    said = UNSUPPORTED_MEANS if e.judgement.unsupported else meaning(e.verdict, e.outcome)
    if brief and e.judgement.refused:
        return f"{said} The certificate, the test of what came first, could not be run."
    if e.verdict == NOT_CERTIFIED and e.certificate is None and e.outcome == "cooperation":
        return f"{said} {e.judgement.text}" if e.judgement.refused else said
    return f"{said} {e.judgement.text}"


CONDITION = {
    "lag": "1 Hostility came before",
    "lag_minus_lead": "2 Before says more than after",
    "memory": "3 Beside older escalation",
    "memory_order": "4 And in that order",
    "reverse": "5 Not the reverse",
    "now": "Not most of it at once",
    "lead": "The future explains nothing",
    "apart_lag": "1 with stories apart",
    "apart_order": "2 with stories apart",
    "attention": "Not attention alone",
    "pair": "6 It is this pair's story",
}
"""The certificate's conditions, in few words."""


PAIR_PARTS = {
    "rose": "6a Their cooperation rose",
    "before": "6b Hostility rose before it",
    "without": "6c It holds without the pair",
}
"""The three parts of the sixth condition, in few words."""


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition of the certificate, or one part of it: name, figure with its kind, what it must be, whether it
    holds, and the sentence without the figure."""

    name: str
    figure: str
    needed: str
    passed: bool
    text: str


def condition_lines(c: Certificate) -> tuple[ConditionLine, ...]:
    """The conditions of a certificate; one of several parts is a line each."""
    lines = []
    for s in c.conditions:
        if not s.parts:
            side = "below" if s.name in ("now", "lead", "reverse") else "above"
            wanted = f"{side} {s.threshold:.3g}" + (", or no swelling" if s.name == "attention" else "")
            lines.append(ConditionLine(CONDITION[s.name], _z(s.statistic), wanted, s.passed, without_figures(s.text)))
        for part in s.parts:
            z = part.name == "without"
            shown = _z(part.value) if z else _ratio(part.value)
            wanted = f"above {s.threshold:.3g}" if z else "a clear rise" if part.name == "rose" else "above 1"
            lines.append(ConditionLine(PAIR_PARTS[part.name], shown, wanted, part.passed, part.text))
    return tuple(lines)


def _z(z: float) -> str:
    return f"z {decimals(z)}" if z == z else "none"


def _ratio(x: float) -> str:
    return f"ratio {'unbounded' if x == float('inf') else f'{x:.3g}'}" if x == x else "none"


def window(p: Profile) -> str:
    """A window of the profile in words.

    >>> [window(Profile(first, last, 0.1, 0.1, 1.0)) for first, last in ((-3, -1), (0, 0), (1, 3))]
    ['3 to 1 before', 'the same', '1 to 3 after']
    """
    if p.first == p.last == 0:
        return "the same"
    return f"{-p.first} to {-p.last} before" if p.last < 0 else f"{p.first} to {p.last} after"


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


def profile_note(e: Explanation) -> str:
    """How to read the lead and lag profile."""
    what = "hostility towards both" if e.fit.directed else "conflict with both"
    per = UNIT_OF_TIME[Duration.parse(e.fit.period).unit]
    return (
        f"Each point: how much {what} by the same third parties in that window alone goes with more cooperation now, "
        f"in all pairs, net of the other windows. If {what} drives cooperation, the points on the left (the past) lie "
        f"above zero, and those on the right (hostility of later {per}s, which nobody can have answered to yet) do not."
    )


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


def foes(e: Explanation) -> str:
    """The foe effect in words, as the subject of a sentence."""
    return "being threatened by the same third parties" if e.fit.directed else "conflict with the same third parties"


def unit(e: Explanation) -> str:
    """The unit of the outcome, in words."""
    return "events" if e.unit == "events" else "units of weight"


def largest(parts: Sequence[ThirdParty], n: int) -> tuple[ThirdParty, ...]:
    """The n largest parts by size, whatever their sign, from the most positive to the most negative.

    Those that did not move at all are left out: a table of zeros is no table of the largest.
    """
    moved = [t for t in parts if t.events != 0]
    chosen = sorted(moved, key=lambda t: -abs(t.events))[:n]
    return tuple(sorted(chosen, key=lambda t: -t.events))


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


def landmarks_note(e: Explanation) -> str:
    """How the days that the chart marks were chosen; empty where there are none."""
    n = len(e.landmarks)
    if n == 0:
        return ""
    if not e.landmarks[0].stands_out:
        return (
            f"Numbered in the chart: the latest {n} days{' of window and reference' if e.landmarks[0].span else ''} "
            "with a row between the two; too few stand out by size to show the largest. Nothing says that they caused "
            "anything."
        )
    equal = len({day.size for day in e.landmarks}) < n
    inside = sum(bool(day.span) for day in e.landmarks)
    which = f"{'the day' if n == 1 else f'the {n} days'} with the most cooperation or hostility between the two"
    if inside:
        which = (
            f"first the {inside} days of window and reference with the most cooperation or hostility between the two"
        )
        if n > inside:
            which += f", then the {n - inside} largest at other times"
    return (
        f"Numbered in the chart: {which}; at most {OF_ONE_MONTH} of one month where there are others"
        + ("; among equals, the heavier by the data's own weights" if equal else "")
        + ". Large in the data; nothing says that they caused anything."
    )


SPANS = {"window": "In the window", "reference": "In the reference", "": "At other times"}
"""Headings of the largest days, by the span that they lie in."""


CHANCE = (
    "No condition rests on these pictures. They ask whether it matters who was hostile to whom: each draw leaves the "
    "cooperation as it was and gives the hostility to others at random. They do not ask what came first: hostility "
    "that moves at the same time as cooperation, or after it, stands out here as much as hostility that drives it."
)
"""What the pictures of chance ask, and what they do not."""


def without_figures(text: str) -> str:
    """A condition's sentence without the z that stands beside it in the table.

    >>> without_figures("It does not (z = 0.4; more than 1.96 is needed).")
    'It does not.'
    """
    return re.sub(r" \(z = [^()]* is needed\)", "", text)


def beside_figures(text: str) -> str:
    """A rung's sentence without the figures that stand beside it in the table.

    >>> beside_figures("common_foe 0.2 per standard deviation, 95 % interval 0.1 to 0.3; n = 1,200, legs min.")
    'Legs min.'
    """
    rest = re.sub(r"^\S+ \S+ per standard deviation, 95 % interval [^;]*; n = [0-9,.]*[0-9], ", "", text)
    return rest if rest == text else rest[:1].upper() + rest[1:]


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


def rise_verdict(e: Explanation) -> str:
    """Whether there was a rise: "Yes", "No: it fell", "Not clearly", "Too little to tell", "Nothing happened"."""
    r = e.attribution.rise
    if r.ratio != r.ratio:
        return "Yes, from nothing" if r.window_rate > 0 else "Nothing happened"
    if r.shown is None:
        return "Too little to tell"
    if r.shown:
        return "Yes"
    return "No: it fell" if r.high < 1 else "Not clearly"


def rise_text(e: Explanation) -> str:
    """The first question of every report, answered in one sentence."""
    r, noun = e.attribution.rise, NOUN[e.outcome].capitalize()
    if r.ratio != r.ratio:
        if r.window_rate > 0:
            spans = f"in the window ({span(r.window)}) but not in the reference ({span(r.reference)})"
            return f"{noun} was recorded {spans}."
        return f"No {NOUN[e.outcome]} was recorded in the window ({span(r.window)})."
    ci = f" (95 % interval {interval(r.low, r.high)})" if r.low == r.low else " (no interval: too few slices)"
    beyond = ""
    if mostly_reporting(e):
        beyond = (
            f" As a share of all recorded {NOUN[e.outcome]} it was {number(r.share_ratio)} times the reference, so "
            "that much of the rise may be more reporting."
        )
    return (
        f"{noun} in the window ({span(r.window)}) ran at {number(r.ratio)} times the rate{ci} of the reference "
        f"({span(r.reference)}): {number(r.window_rate)} against {number(r.reference_rate)} a day, over "
        f"{r.window_observed:,.0f} and {r.reference_observed:,.0f} observed days{_left_out(e)}.{beyond}"
    )


def _left_out(e: Explanation) -> str:
    """How many slices of window and reference are in neither, to end a sentence."""
    n, one = e.attribution.rise.left_out, each(e.fit.slice)
    if n == 0:
        return ""
    return f" ({n} {one if n == 1 else steps(e.fit)} left out: less than half of the days observed)"


def mostly_reporting(e: Explanation) -> bool:
    """Whether the pair's share of everything grew by less than half of what its own rate grew by."""
    r = e.attribution.rise
    return bool(r.shown) and r.share_ratio < 1 + (r.ratio - 1) / 2


def headline(e: Explanation) -> str:
    """The answer in one or two sentences, without a name that the figures do not bear out."""
    a, noun, pair = e.attribution, NOUN[e.outcome], both(e)
    c = e.fit.coefficient(a.effect)
    said = {
        "No: it fell": f"There is no rise to explain: {noun} between {pair} fell.",
        "Not clearly": f"There is no clear rise in {noun} between {pair} to explain.",
        "Too little to tell": f"There is too little {noun} between {pair} to tell whether it rose.",
        "Nothing happened": f"No {noun} between {pair} was recorded in the window: there is nothing to explain.",
    }.get(rise_verdict(e), "")
    if mostly_reporting(e):
        said = f"{noun.capitalize()} between {pair} rose, but much less as a share of all that was recorded."
    if e.certificate is not None and e.verdict != CONSISTENT:
        whose = f"{in_text(e.by)}'s hostility" if e.by else "third parties' hostility"
        whose = whose if e.fit.directed else f"conflict with {in_text(e.by) if e.by else 'the same third parties'}"
        rose = said or f"{noun.capitalize()} between {pair} rose."
        return f"{rose} The data do not show that {whose} drove them together."
    subject = ("And " if said else "") + f"{scope(e.fit.model)}, {foes(e)}"
    subject = subject[0].upper() + subject[1:]
    first = a.third_parties[0] if a.third_parties else None
    if not (c.ci_low > 0 or c.ci_high < 0):
        rest = f"{subject} does not clearly go with more {noun}, so that no third party can be named."
    elif c.ci_high < 0:
        rest = f"{subject} goes with less {noun}, not more, so that no third party is seen to drive them together."
    elif e.verdict == TOO_THIN:
        rest = f"{subject} goes with more {noun}, but the data are too thin to name a third party."
    elif first is None or not first.events_low > 0 or not a.total.events > 0:
        rest = f"{subject} goes with more {noun}, but for this pair it did not grow."
    elif said:
        rest = f"{subject} goes with more {noun}; this pair shows no clear rise, so no third party can be named."
    else:
        rest = (
            f"{subject} goes with more {noun}; for this pair the largest part, {number(first.events)} "
            f"({interval(first.events_low, first.events_high)}) of {number(a.expected)} expected {e.unit}, "
            f"goes with {in_text(first.actor)}."
        )
    return f"{said} {rest}".strip()


def by_text(e: Explanation) -> str:
    """The part of the third party that was asked about; empty where none was."""
    found = next((t for t in e.attribution.third_parties if t.actor == e.by), None)
    if found is None:
        return ""
    return (
        f"Asked about {named(found.actor)}: {number(found.events)} {e.unit} "
        f"(95 % interval {interval(found.events_low, found.events_high)})."
    )


def parts_note(e: Explanation) -> str:
    """What a part must not be taken for, given the coefficient; empty where it is clearly above zero."""
    c = e.fit.coefficient(e.attribution.effect)
    if c.ci_low > 0:
        return ""
    if c.ci_high < 0:
        return (
            "The coefficient is negative: a part above zero means that this hostility fell, not that it drove the two "
            "together."
        )
    return "The coefficient cannot be told from zero, and so neither can any part."


def nobody_moved(e: Explanation) -> str:
    """What stands in the place of a table of third parties where no part differs from zero."""
    what = "hostility towards both" if e.fit.directed else "conflict with the pair"
    return f"No third party's {what} changed between reference and window: every part is zero."


def pressure_note(e: Explanation) -> str:
    """What the pressure share is, or why it is not given."""
    if e.attribution.total.excludes_zero:
        return (
            "Share of the pressure: the part of the change in pressure on the pair that comes from this third party. "
            f"It carries no evidence by itself. {e.attribution.pressure_method}."
        )
    return (
        "Share of the pressure: not given, because the interval of the total contains zero and shares of nothing "
        "mislead."
    )


def limits(e: Explanation) -> tuple[str, ...]:
    """What this answer cannot say, whatever its figures."""
    noun = NOUN[e.outcome]
    said = [
        f"That anyone's hostility caused {noun}. It may have come at the same time, or afterwards, or both may follow "
        "from something else.",
        "Which third party mattered more: all parts hang on one coefficient, estimated over all pairs, and differ only "
        "in how much each third party's hostility changed.",
        f"What would have happened without the hostility: the comparison is with the reference period, "
        f"{span(e.attribution.rise.reference)}.",
        "Why: motives, intentions and secret dealings are not in the data. Events are what was reported and coded, "
        "with the errors of both.",
    ]
    if e.fit.model == "within":
        said.insert(
            2,
            f"How much {noun} there is in all: the within-pair model says how each actor's {noun} is shared out among "
            "its partners, and whatever moves all of them at once is set aside.",
        )
    if not e.fit.directed:
        said.insert(
            1,
            "Whose hostility it was: the data hold one net figure for a pair and day, not who did what to whom. "
            "Cooperation and hostility of one day cancel.",
        )
    return tuple(said)


def plain_text(text: object) -> str:
    """Text without control characters, line breaks and direction marks, so that no label can move the cursor.

    >>> plain_text("a\\x1b[31mb")
    'a?[31mb'
    """
    return "".join("?" if unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Zl", "Zp") else ch for ch in str(text))


def command_lines(command: str, width: int) -> tuple[str, ...]:
    """A command in lines of at most ``width`` that the shell reads as one; a longer word stays whole."""
    try:
        words = [shlex.quote(w) for w in shlex.split(command)]
    except ValueError:
        return (command,)
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if len(longer) > width - 2 and lines[-1].strip():
            lines.append("    " + word)
        else:
            lines[-1] = longer
    return (*(f"{line} \\" for line in lines[:-1]), lines[-1])

"""The certificate of an answer: the profile of lead and lag, the conditions, pictures of chance, the reverse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.certificate import Certificate, Picture, Profile
from tertius.answers.certificate.beside import alone_text, thirds_text
from tertius.answers.certificate.rule import leak_text, own_bound_text
from tertius.answers.explanation import Explanation
from tertius.answers.verdict import NO_EFFECT
from tertius.language import Number, joined, say
from tertius.plain import number
from tertius.report.document import Block, Column, Figure, Folded, Items, Prose, Row, Section, Table
from tertius.report.words import UNITS_OF_TIME, decimals, periods, window_lines
from tertius.spec import Duration

if TYPE_CHECKING:
    from altair import LayerChart

INTRO = say(
    "A coefficient of shared hostility comes easily and means little: hostility and cooperation move in the same "
    "period, one story is coded as both, and later hostility often explains cooperation as well as earlier hostility "
    "does. So a rule of conditions is asked, the last of the pair itself; all must hold."
)
CONDITION = {
    "lag": say("1 Hostility came before"),
    "lag_minus_lead": say("2 Before says more than after"),
    "memory": say("3 Beside older escalation"),
    "memory_order": say("4 And in that order"),
    "reverse": say("5 Not the reverse"),
    "recent": say("Recent says more than older"),
    "now": say("Not most of it at once"),
    "lead": say("The future explains nothing"),
    "apart_lag": say("1 with stories apart"),
    "apart_order": say("2 with stories apart"),
    "attention": say("Not attention alone"),
    "pair": say("6 It is this pair's story"),
}
"""The certificate's conditions, in few words."""
PAIR_PARTS = {
    "rose": say("6a Their cooperation rose"),
    "before": say("6b Hostility rose before it"),
    "without": say("6c It holds without the pair"),
}
"""The three parts of the sixth condition, in few words."""
CHANCE = say(
    "No condition rests on these pictures. They ask whether it matters who was hostile to whom: each draw leaves the "
    "cooperation as it was and gives the hostility to others at random. They do not ask what came first: hostility "
    "that moves at the same time as cooperation, or after it, stands out here as much as hostility that drives it."
)
"""What the pictures of chance ask, and what they do not."""


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition of the certificate, or one part of it: name, figure with its kind, what it must be, whether it
    holds, and the sentence without the figure."""

    name: str
    figure: str
    needed: str
    passed: bool
    text: str


def section(e: Explanation) -> Section:
    """The certificate; without blocks where it was not run."""
    c = e.certificate
    if c is None:
        return Section("certificate", say("The certificate"), ())
    outcome = say("passed") if c.passed else say("not passed")
    blocks: list[Block] = [
        Prose(INTRO, only="page"),
        Figure("profile", partial(_profile_chart, e, c), profile_note(e), _profile_in_words(e, c)),
        _profile_table(e, c),
        _conditions_table(c),
        Items((*(c.reasons if not c.passed else ()), *(p.text for p in c.pictures)), only="terminal"),
        Prose(reverse_text(e), only="terminal"),
        *(Prose(text, style="quiet", only="terminal") for text in (_own_bound(e, c), joined(c.notes, " ")) if text),
        *(Prose(note, style="quiet", only="page") for note in _notes(e, c)),
    ]
    pictures = tuple(
        Figure(p.name.replace(" ", "-"), partial(_chance_chart, p), p.text, _chance_in_words(p))
        for p in c.pictures
        if p.draws
    )
    if pictures:
        blocks.append(Folded(say("Pictures of chance, which decide nothing"), (Prose(CHANCE), *pictures), "chance"))
    title = say("Did the hostility come first? The certificate: {outcome}", outcome=outcome)
    return Section("certificate", title, tuple(blocks), say("The certificate"))


def reverse_section(e: Explanation) -> Section:
    """The reverse claim with its verdict, or that it was not asked."""
    return Section("reverse", say("The reverse"), (Prose(reverse_text(e)),), say("The reverse"), only="page")


def reverse_text(e: Explanation) -> str:
    """The reverse claim, its verdict and why."""
    if e.reverse is None:
        return say("Does cooperation draw hostility upon the two, instead? Not asked: the certificate was not run.")
    return say(
        "{claim} Verdict: {verdict}. {text}", claim=e.reverse.claim, verdict=e.reverse.verdict, text=e.reverse.text
    )


def holds(e: Explanation) -> tuple[bool, ...]:
    """Whether each test of the certificate holds; empty where it was not run."""
    return () if e.certificate is None else tuple(line.passed for line in condition_lines(e.certificate))


def _profile_chart(e: Explanation, c: Certificate) -> LayerChart:
    from tertius.report.charts.certificate import lead_lag_profile

    return lead_lag_profile(e, c)


def _chance_chart(p: Picture) -> LayerChart:
    from tertius.report.charts.certificate import chance

    return chance(p)


def _profile_in_words(e: Explanation, c: Certificate) -> str:
    listed = (
        say(
            "{join}: {estimate} (z = {z})",
            join=joined(window_lines(p, e.fit.period), " "),
            estimate=number(p.estimate),
            z=decimals(p.z),
        )
        for p in c.profile
    )
    return joined(listed, "; ") + "."


def _profile_table(e: Explanation, c: Certificate) -> Table:
    columns = (
        Column(say("hostility, {period} from now", period=periods(e.fit.period))),
        *(Column(n, "number") for n in (say("estimate"), say("se"), "z")),
    )
    rows = tuple(Row((window(p), number(p.estimate), number(p.se), decimals(p.z))) for p in c.profile)
    return Table(columns, rows, say("Cooperation now, and hostility of"), only="terminal")


def _conditions_table(c: Certificate) -> Table:
    columns = (
        Column(say("Condition")),
        Column(say("Figure"), "number"),
        Column(say("Needed"), "number"),
        Column(say("Holds"), "status"),
        Column(say("In words"), "words", only="page"),
    )
    rows = tuple(
        Row((line.name, line.figure, line.needed, say("yes") if line.passed else say("no"), line.text))
        for line in condition_lines(c)
    )
    return Table(columns, rows, say("The conditions"), looks="conditions")


def _notes(e: Explanation, c: Certificate) -> tuple[str, ...]:
    size = say(
        "{n_actors:,} actors, {n_periods:,} {period} between the windows, legs {legs}.",
        n_actors=c.n_actors,
        n_periods=c.n_periods,
        period=periods(e.fit.period),
        legs=c.legs,
    )
    if c.smallest_found == c.smallest_found:
        size += say(
            " An effect of {smallest_found:.0f} % per standard deviation of earlier hostility, net of pairs and of "
            "what each actor does in a period, would be found in four of five such data sets.",
            smallest_found=100 * c.smallest_found,
        )
    bound = (
        say(
            "The bound: {bound:.1f} % of cooperation for a usual change of hostility one to three periods earlier (one "
            "standard deviation, net of pairs and of what each actor does in a period; one-sided 95 %). Hostility in "
            "the same period is not in it.",
            bound=100 * c.bound,
        )
        if c.bound == c.bound
        else ""
    )
    rule = say(
        "The rule is {rule!r}: {word} data.", rule=c.rule, word=say("directed") if c.directed else say("undirected")
    )
    beside = (leak_text(c.leak), alone_text(c.alone), thirds_text(c.thirds))
    told = (size, rule, bound, own_bound_text(c), *beside, *c.notes, *c.caveats)
    return tuple(text for text in told if text and text not in e.judgement.text)


def _own_bound(e: Explanation, c: Certificate) -> str:
    """The bound for the pair's own standard deviation, where the verdict is one."""
    return own_bound_text(c) if e.verdict == NO_EFFECT else ""


def _chance_in_words(p: Picture) -> str:
    draws = sorted(z for z in p.draws if z == z)
    if not draws:
        return say("No draw has a z. The data's own z is {observed}.", observed=decimals(p.observed))
    middle = draws[len(draws) // 2]
    return say(
        "z of earlier hostility in {draws} draws: from {draws2} to {last_draws}, middle {middle}; the data's own: "
        "{observed}.",
        draws=len(draws),
        draws2=decimals(draws[0]),
        last_draws=decimals(draws[-1]),
        middle=decimals(middle),
        observed=decimals(p.observed),
    )


def condition_lines(c: Certificate) -> tuple[ConditionLine, ...]:
    """The conditions of a certificate; one of several parts is a line each."""
    lines = []
    for s in c.conditions:
        if not s.parts:
            side = say("below") if s.name in ("now", "lead", "reverse") else say("above")
            wanted = say("{side} {threshold:.3g}", side=side, threshold=s.threshold) + (
                say(", or no swelling") if s.name == "attention" else ""
            )
            lines.append(ConditionLine(CONDITION[s.name], _z(s.statistic), wanted, s.passed, s.plainly))
        for part in s.parts:
            z = part.name == "without"
            shown = _z(part.value) if z else _ratio(part.value)
            wanted = (
                say("above {threshold:.3g}", threshold=s.threshold)
                if z
                else say("a clear rise")
                if part.name == "rose"
                else say("above 1")
            )
            lines.append(ConditionLine(PAIR_PARTS[part.name], shown, wanted, part.passed, part.text))
    return tuple(lines)


def _z(z: float) -> str:
    return say("z {z}", z=decimals(z)) if z == z else say("none")


def _ratio(x: float) -> str:
    return (
        say("ratio {text}", text=say("unbounded") if x == float("inf") else Number(f"{x:.3g}"))
        if x == x
        else say("none")
    )


def window(p: Profile) -> str:
    """A window of the profile in words.

    >>> [window(Profile(first, last, 0.1, 0.1, 1.0)) for first, last in ((-3, -1), (0, 0), (1, 3))]
    ['3 to 1 before', 'the same', '1 to 3 after']
    """
    if p.first == p.last == 0:
        return say("the same")
    return (
        say("{first} to {last} before", first=-p.first, last=-p.last)
        if p.last < 0
        else say("{first} to {last} after", first=p.first, last=p.last)
    )


def profile_note(e: Explanation) -> str:
    """How to read the lead and lag profile."""
    what = say("hostility towards both") if e.fit.directed else say("conflict with both")
    per = UNITS_OF_TIME[Duration.parse(e.fit.period).unit]
    return say(
        "Each point: how much {what} by the same third parties in that window alone goes with more cooperation "
        "now, in all pairs, net of the other windows. If {what} drives cooperation, the points on the left (the "
        "past) lie above zero, and those on the right (hostility of later {times}, which nobody can have answered "
        "to yet) do not.",
        what=what,
        times=per,
    )

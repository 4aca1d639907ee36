"""The certificate of an answer: the profile of lead and lag, the conditions, pictures of chance, the reverse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.certificate import Certificate, Picture, Profile
from tertius.answers.certificate.beside import alone_text, thirds_text
from tertius.answers.certificate.rule import leak_text
from tertius.answers.explanation import Explanation
from tertius.plain import number
from tertius.report.document import Block, Column, Figure, Folded, Items, Prose, Row, Section, Table
from tertius.report.words import UNIT_OF_TIME, decimals, periods, window_lines
from tertius.spec import Duration

if TYPE_CHECKING:
    from altair import LayerChart

INTRO = (
    "A coefficient of shared hostility comes easily and means little: hostility and cooperation move in the same "
    "period, one story is coded as both, and later hostility often explains cooperation as well as earlier hostility "
    "does. So a rule of conditions is asked, the last of the pair itself; all must hold."
)
CONDITION = {
    "lag": "1 Hostility came before",
    "lag_minus_lead": "2 Before says more than after",
    "memory": "3 Beside older escalation",
    "memory_order": "4 And in that order",
    "reverse": "5 Not the reverse",
    "recent": "Recent says more than older",
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
CHANCE = (
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
        return Section("certificate", "The certificate", ())
    outcome = "passed" if c.passed else "not passed"
    blocks: list[Block] = [
        Prose(INTRO, only="page"),
        Figure("profile", partial(_profile_chart, e, c), profile_note(e), _profile_in_words(e, c)),
        _profile_table(e, c),
        _conditions_table(c),
        Items((*(c.reasons if not c.passed else ()), *(p.text for p in c.pictures)), only="terminal"),
        Prose(reverse_text(e), only="terminal"),
        *(Prose(note, style="quiet", only="page") for note in _notes(e, c)),
    ]
    pictures = tuple(
        Figure(p.name.replace(" ", "-"), partial(_chance_chart, p), p.text, _chance_in_words(p))
        for p in c.pictures
        if p.draws
    )
    if pictures:
        blocks.append(Folded("Pictures of chance, which decide nothing", (Prose(CHANCE), *pictures), "chance"))
    title = f"Did the hostility come first? The certificate: {outcome}"
    return Section("certificate", title, tuple(blocks), "The certificate")


def reverse_section(e: Explanation) -> Section:
    """The reverse claim with its verdict, or that it was not asked."""
    return Section("reverse", "The reverse", (Prose(reverse_text(e)),), "The reverse", only="page")


def reverse_text(e: Explanation) -> str:
    """The reverse claim, its verdict and why."""
    if e.reverse is None:
        return "Does cooperation draw hostility upon the two, instead? Not asked: the certificate was not run."
    return f"{e.reverse.claim} Verdict: {e.reverse.verdict}. {e.reverse.text}"


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
        f"{' '.join(window_lines(p, e.fit.period))}: {number(p.estimate)} (z = {decimals(p.z)})" for p in c.profile
    )
    return "; ".join(listed) + "."


def _profile_table(e: Explanation, c: Certificate) -> Table:
    columns = (
        Column(f"hostility, {periods(e.fit.period)} from now"),
        *(Column(n, "number") for n in ("estimate", "se", "z")),
    )
    rows = tuple(Row((window(p), number(p.estimate), number(p.se), decimals(p.z))) for p in c.profile)
    return Table(columns, rows, "Cooperation now, and hostility of", only="terminal")


def _conditions_table(c: Certificate) -> Table:
    columns = (
        Column("Condition"),
        Column("Figure", "number"),
        Column("Needed", "number"),
        Column("Holds", "status"),
        Column("In words", "words", only="page"),
    )
    rows = tuple(
        Row((line.name, line.figure, line.needed, "yes" if line.passed else "no", line.text))
        for line in condition_lines(c)
    )
    return Table(columns, rows, "The conditions", looks="conditions")


def _notes(e: Explanation, c: Certificate) -> tuple[str, ...]:
    size = f"{c.n_actors:,} actors, {c.n_periods:,} {periods(e.fit.period)} between the windows, legs {c.legs}."
    if c.smallest_found == c.smallest_found:
        size += (
            f" An effect of {100 * c.smallest_found:.0f} % per within-pair standard deviation of earlier hostility "
            "would be found in four of five such data sets."
        )
    bound = (
        f"The largest effect that these data leave possible: {100 * c.bound:.1f} % of cooperation for a usual change "
        "of hostility one to three periods earlier (one within-pair standard deviation; one-sided 95 %)."
        if c.bound == c.bound
        else ""
    )
    rule = f"The rule is {c.rule!r}: {'directed' if c.directed else 'undirected'} data."
    beside = (leak_text(c.leak), alone_text(c.alone), thirds_text(c.thirds))
    told = (size, rule, bound, *beside, *c.notes, *c.caveats)
    return tuple(text for text in told if text and text not in e.judgement.text)


def _chance_in_words(p: Picture) -> str:
    draws = sorted(z for z in p.draws if z == z)
    if not draws:
        return f"No draw has a z. The data's own z is {decimals(p.observed)}."
    middle = draws[len(draws) // 2]
    return (
        f"z of earlier hostility in {len(draws)} draws: from {decimals(draws[0])} to {decimals(draws[-1])}, middle "
        f"{decimals(middle)}; the data's own: {decimals(p.observed)}."
    )


def condition_lines(c: Certificate) -> tuple[ConditionLine, ...]:
    """The conditions of a certificate; one of several parts is a line each."""
    lines = []
    for s in c.conditions:
        if not s.parts:
            side = "below" if s.name in ("now", "lead", "reverse") else "above"
            wanted = f"{side} {s.threshold:.3g}" + (", or no swelling" if s.name == "attention" else "")
            lines.append(ConditionLine(CONDITION[s.name], _z(s.statistic), wanted, s.passed, s.plainly))
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


def profile_note(e: Explanation) -> str:
    """How to read the lead and lag profile."""
    what = "hostility towards both" if e.fit.directed else "conflict with both"
    per = UNIT_OF_TIME[Duration.parse(e.fit.period).unit]
    return (
        f"Each point: how much {what} by the same third parties in that window alone goes with more cooperation now, "
        f"in all pairs, net of the other windows. If {what} drives cooperation, the points on the left (the past) lie "
        f"above zero, and those on the right (hostility of later {per}s, which nobody can have answered to yet) do not."
    )

"""Many pairs: all of them with their rise, some side by side, or those that a third party drives."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING

from tertius.answers.explanation import Drives
from tertius.answers.overview import SHOWN, PairEntry, Pairs
from tertius.language import Number, joined, plural, say
from tertius.plain import number
from tertius.report.document import (
    Badge,
    Block,
    Column,
    Command,
    Facts,
    Figure,
    Folded,
    Items,
    Prose,
    Row,
    Section,
    Table,
)
from tertius.report.words import in_text, interval, meaning, named, span

if TYPE_CHECKING:
    from altair import LayerChart

DRIVEN = 20
DRAWN = 20  # pairs of a chart
OPEN, ON_PAGE = 50, 500  # pairs on a page at once, and when asked
NOTE = say(
    "Rise: outcome per observed day, window over reference, with 95 % interval; p is adjusted over all pairs. Third "
    "party: the largest part of the expected outcome. 6: whether the pair's own condition of the certificate holds."
)
COLUMNS = (
    Column(say("Pair")),
    Column(say("Rise"), "number"),
    Column(say("Interval"), "number"),
    Column("p", "number"),
    Column(say("Observed"), "number"),
    Column(say("Expected"), "number"),
    Column(say("Third party"), "text"),
    Column("6", "status"),
    Column(say("Verdict"), "status", only="page"),
)


def lead(found: Pairs) -> tuple[Block, ...]:
    """How many rose, and which days are compared."""
    days = say(
        "Window {window}, reference {reference}; in {unit}.",
        window=span(found.window),
        reference=span(found.reference),
        unit=found.unit,
    )
    return (Prose(found.text), Prose(days))


def section(found: Pairs) -> Section:
    """The pairs with their rise, and a chart of the first."""
    if not found.pairs:
        return Section(
            "pairs", say("The pairs"), (Prose(say("No pair is left of those asked for.")),), say("The pairs")
        )
    rows = tuple(Row((*pair_line(e), e.words), about=e.pair) for e in found.pairs)
    drawn = [e for e in found.pairs if e.rise.low > 0 and isfinite(e.rise.high)][:DRAWN]
    said = (
        say(
            "{names}: {ratio} ({interval})",
            names=_names(e),
            ratio=number(e.rise.ratio),
            interval=interval(e.rise.low, e.rise.high),
        )
        for e in drawn
    )
    figures = (
        Figure(
            "rises",
            partial(_rises_chart, found, tuple(drawn)),
            say(
                "Right of zero: more per observed day in the window than in the reference; .69 is twice as much. "
                "Intervals are not adjusted for how many pairs were looked at; the p in the table is."
            ),
            joined(said, "; ") + ".",
        ),
    )
    title = say("Side by side") if found.side_by_side else say("The pairs")
    blocks = (*(figures if drawn else ()), *_tables(rows), Prose(NOTE, style="quiet"))
    return Section("pairs", title, blocks, say("The pairs"))


def _tables(rows: tuple[Row, ...]) -> tuple[Block, ...]:
    """On the page the first pairs, some more folded, and where the rest is; the terminal shows the very first."""
    n = plural("{n:,} pair", "{n:,} pairs", len(rows))
    brief = Table(COLUMNS, rows, n, shown=SHOWN, things=say("pairs"), only="terminal")
    first = Table(
        COLUMNS, rows[:OPEN], n if len(rows) <= OPEN else say("{n}, the first {open}", n=n, open=OPEN), only="page"
    )
    more, rest = rows[OPEN:ON_PAGE], rows[ON_PAGE:]
    folded = Folded(
        say("{more} more pairs", more=len(more)), (Table(COLUMNS, more, say("Further pairs")),), printed=False
    )
    said = Prose(
        say("{rest:,} more: --json, --table csv or --table parquet has all of them.", rest=len(rest)), only="page"
    )
    return (brief, first, *([folded] if more else []), *([said] if rest else []))


def one_by_one_section(found: Pairs) -> Section:
    """Verdict, third parties and condition 6 of each pair in words, where pairs were named."""
    items = tuple(_sentence(e) for e in found.pairs) if found.side_by_side else ()
    return Section("one-by-one", say("Pair by pair"), (Items(items),) if items else (), say("Pair by pair"))


def drives_lead(drives: Drives) -> tuple[Block, ...]:
    """Whom a third party drives together: text, and the verdict."""
    days = say("Window {window}, reference {reference}.", window=span(drives.window), reference=span(drives.reference))
    means = meaning(drives.verdict, drives.outcome)
    return (Prose(drives.text, style="answer"), Prose(days), Badge(drives.verdict, says=(means,) if means else ()))


def drives_section(drives: Drives) -> Section:
    """The pairs that hang on a third party, the largest first."""
    moved = [p for p in drives.pairs if p.events != 0]
    if not moved:
        return Section("pairs", say("The pairs"), ())
    columns = (
        Column(say("Pair")),
        Column(drives.unit.capitalize(), "number"),
        Column(say("95 % interval"), "number"),
        Column(say("Expected"), "number"),
    )
    rows = tuple(
        Row(
            (
                say("{a}, {b}", a=named(p.a), b=named(p.b)),
                number(p.events),
                interval(p.events_low, p.events_high),
                number(p.expected),
            ),
            about=(p.a, p.b),
        )
        for p in moved[:ON_PAGE]
    )
    caption = say("Pairs, by what hangs on the hostility of {by}", by=in_text(drives.by))
    table = Table(columns, rows, caption, shown=DRIVEN, things=say("pairs"))
    return Section("pairs", say("The pairs"), (table,), say("The pairs"))


def caveats_section(caveats: Sequence[str]) -> Section:
    """What to keep in mind."""
    blocks = (Items(tuple(caveats)),) if caveats else ()
    return Section("caveats", say("Keep in mind"), blocks, say("Keep in mind"))


def repeat_section(command: str) -> Section:
    """The command that repeats the answer."""
    return Section("repeat", say("How to repeat it"), (Command(command),), say("How to repeat it"))


def pair_line(e: PairEntry) -> tuple[str, ...]:
    """A pair in cells for reading: pair, rise, interval, p, observed, expected, third party, condition 6."""
    largest = next(
        (say("{actor} {events}", actor=t.actor, events=number(t.events)) for t in e.third_parties if t.events > 0),
        say("none"),
    )
    held = {None: "-", True: say("yes"), False: say("no")}[None if e.condition is None else e.condition.passed]
    r = e.rise
    p = "<.0001" if r.p_adjusted < 1e-4 else number(r.p_adjusted, 2)
    ends = interval(r.low, r.high)
    return (joined(e.pair, ", "), number(r.ratio), ends, p, number(e.observed), number(e.expected), largest, held)


def key_facts(found: Pairs) -> Facts:
    """The answer at a glance."""
    c = found.certificate
    held = (
        say("not run")
        if c is None
        else say(
            "{passed} of {general} general conditions hold",
            passed=sum(s.passed for s in c.general),
            general=len(c.general),
        )
    )
    return Facts(
        (
            (say("Pairs"), Number(f"{found.n_pairs:,}")),
            (say("Pairs tested"), Number(f"{found.n_tested:,}")),
            (say("Rose"), Number(f"{found.n_risen:,}")),
            (say("Certificate"), held),
            (say("Window"), span(found.window)),
            (say("Reference"), span(found.reference)),
        )
    )


def _names(e: PairEntry) -> str:
    return say("{a}, {b}", a=named(e.pair[0]), b=named(e.pair[1]))


def _sentence(e: PairEntry) -> str:
    parts = joined(
        (
            say(
                "{actor} {events} ({interval})",
                actor=named(t.actor),
                events=number(t.events),
                interval=interval(t.events_low, t.events_high),
            )
            for t in e.third_parties
        ),
        "; ",
    )
    own = "" if e.condition is None else say(" Condition 6: {text}", text=e.condition.text)
    return say(
        "{a} and {b}: {words}. Largest third parties: {parts}.{own}",
        a=named(e.pair[0]),
        b=named(e.pair[1]),
        words=e.words,
        parts=parts,
        own=own,
    )


def _rises_chart(found: Pairs, drawn: Sequence[PairEntry]) -> LayerChart:
    from tertius.report.charts.pairs import rises

    return rises(found, drawn)

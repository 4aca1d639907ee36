"""Many pairs: all of them with their rise, some side by side, or those that a third party drives."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING

from tertius.answers.explanation import Drives
from tertius.answers.overview import SHOWN, PairEntry, Pairs
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
NOTE = (
    "Rise: outcome per observed day, window over reference, with 95 % interval; p is adjusted over all pairs. Third "
    "party: the largest part of the expected outcome. 6: whether the pair's own condition of the certificate holds."
)
COLUMNS = (
    Column("Pair"),
    Column("Rise", "number"),
    Column("Interval", "number"),
    Column("p", "number"),
    Column("Observed", "number"),
    Column("Expected", "number"),
    Column("Third party", "text"),
    Column("6", "status"),
    Column("Verdict", "status", only="page"),
)


def lead(found: Pairs) -> tuple[Block, ...]:
    """How many rose, and which days are compared."""
    days = f"Window {span(found.window)}, reference {span(found.reference)}; in {found.unit}."
    return (Prose(found.text), Prose(days))


def section(found: Pairs) -> Section:
    """The pairs with their rise, and a chart of the first."""
    if not found.pairs:
        return Section("pairs", "The pairs", (Prose("No pair is left of those asked for."),), "The pairs")
    rows = tuple(Row((*pair_line(e), e.words), about=e.pair) for e in found.pairs)
    drawn = [e for e in found.pairs if e.rise.low > 0 and isfinite(e.rise.high)][:DRAWN]
    said = (f"{_names(e)}: {number(e.rise.ratio)} ({interval(e.rise.low, e.rise.high)})" for e in drawn)
    figures = (
        Figure(
            "rises",
            partial(_rises_chart, found, tuple(drawn)),
            "Right of zero: more per observed day in the window than in the reference; .69 is twice as much. Intervals "
            "are not adjusted for how many pairs were looked at; the p in the table is.",
            "; ".join(said) + ".",
        ),
    )
    title = "Side by side" if found.side_by_side else "The pairs"
    blocks = (*(figures if drawn else ()), *_tables(rows), Prose(NOTE, style="quiet"))
    return Section("pairs", title, blocks, "The pairs")


def _tables(rows: tuple[Row, ...]) -> tuple[Block, ...]:
    """On the page the first pairs, some more folded, and where the rest is; the terminal shows the very first."""
    n = f"{len(rows):,} pair{'s' * (len(rows) != 1)}"
    brief = Table(COLUMNS, rows, n, shown=SHOWN, things="pairs", only="terminal")
    first = Table(COLUMNS, rows[:OPEN], n if len(rows) <= OPEN else f"{n}, the first {OPEN}", only="page")
    more, rest = rows[OPEN:ON_PAGE], rows[ON_PAGE:]
    folded = Folded(f"{len(more)} more pairs", (Table(COLUMNS, more, "Further pairs"),), printed=False)
    said = Prose(f"{len(rest):,} more: --json, --table csv or --table parquet has all of them.", only="page")
    return (brief, first, *([folded] if more else []), *([said] if rest else []))


def one_by_one_section(found: Pairs) -> Section:
    """Verdict, third parties and condition 6 of each pair in words, where pairs were named."""
    items = tuple(_sentence(e) for e in found.pairs) if found.side_by_side else ()
    return Section("one-by-one", "Pair by pair", (Items(items),) if items else (), "Pair by pair")


def drives_lead(drives: Drives) -> tuple[Block, ...]:
    """Whom a third party drives together: text, and the verdict."""
    days = f"Window {span(drives.window)}, reference {span(drives.reference)}."
    means = meaning(drives.verdict, drives.outcome)
    return (Prose(drives.text, style="answer"), Prose(days), Badge(drives.verdict, says=(means,) if means else ()))


def drives_section(drives: Drives) -> Section:
    """The pairs that hang on a third party, the largest first."""
    moved = [p for p in drives.pairs if p.events != 0]
    if not moved:
        return Section("pairs", "The pairs", ())
    columns = (
        Column("Pair"),
        Column(drives.unit.capitalize(), "number"),
        Column("95 % interval", "number"),
        Column("Expected", "number"),
    )
    rows = tuple(
        Row(
            (
                f"{named(p.a)}, {named(p.b)}",
                number(p.events),
                interval(p.events_low, p.events_high),
                number(p.expected),
            ),
            about=(p.a, p.b),
        )
        for p in moved[:ON_PAGE]
    )
    caption = f"Pairs, by what hangs on the hostility of {in_text(drives.by)}"
    table = Table(columns, rows, caption, shown=DRIVEN, things="pairs")
    return Section("pairs", "The pairs", (table,), "The pairs")


def caveats_section(caveats: Sequence[str]) -> Section:
    """What to keep in mind."""
    blocks = (Items(tuple(caveats)),) if caveats else ()
    return Section("caveats", "Keep in mind", blocks, "Keep in mind")


def repeat_section(command: str) -> Section:
    """The command that repeats the answer."""
    return Section("repeat", "How to repeat it", (Command(command),), "How to repeat it")


def pair_line(e: PairEntry) -> tuple[str, ...]:
    """A pair in cells for reading: pair, rise, interval, p, observed, expected, third party, condition 6."""
    largest = next((f"{t.actor} {number(t.events)}" for t in e.third_parties if t.events > 0), "none")
    held = {None: "-", True: "yes", False: "no"}[None if e.condition is None else e.condition.passed]
    r = e.rise
    p = "<.0001" if r.p_adjusted < 1e-4 else number(r.p_adjusted, 2)
    ends = interval(r.low, r.high)
    return (", ".join(e.pair), number(r.ratio), ends, p, number(e.observed), number(e.expected), largest, held)


def key_facts(found: Pairs) -> Facts:
    """The answer at a glance."""
    c = found.certificate
    held = "not run" if c is None else f"{sum(s.passed for s in c.general)} of {len(c.general)} general conditions hold"
    return Facts(
        (
            ("Pairs", f"{found.n_pairs:,}"),
            ("Pairs tested", f"{found.n_tested:,}"),
            ("Rose", f"{found.n_risen:,}"),
            ("Certificate", held),
            ("Window", span(found.window)),
            ("Reference", span(found.reference)),
        )
    )


def _names(e: PairEntry) -> str:
    return f"{named(e.pair[0])}, {named(e.pair[1])}"


def _sentence(e: PairEntry) -> str:
    parts = "; ".join(
        f"{named(t.actor)} {number(t.events)} ({interval(t.events_low, t.events_high)})" for t in e.third_parties
    )
    own = "" if e.condition is None else f" Condition 6: {e.condition.text}"
    return f"{named(e.pair[0])} and {named(e.pair[1])}: {e.words}. Largest third parties: {parts}.{own}"


def _rises_chart(found: Pairs, drawn: Sequence[PairEntry]) -> LayerChart:
    from tertius.report.charts.pairs import rises

    return rises(found, drawn)

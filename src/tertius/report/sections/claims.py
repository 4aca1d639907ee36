"""A checked article: its text with the claims marked, and what the data say of each, one card a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tertius.answers.claim_check import Checked, CheckedClaim
from tertius.codes import actor_name
from tertius.model.tables import Printed
from tertius.plain import number
from tertius.report.document import (
    MOST_CHOICES,
    Block,
    Cell,
    Column,
    Command,
    Facts,
    Figure,
    Folded,
    Item,
    Items,
    Passage,
    Piece,
    Prose,
    Row,
    Section,
    Table,
)

if TYPE_CHECKING:
    from altair import LayerChart

SHOWN = 60
"""Claims that the terminal lists."""
AXES = {
    "trend": "a day, as recorded",
    "extreme": "net a day",
    "isolation": "effective partners",
    "cause": "of expected cooperation",
}
"""What the picture of a claim of each kind shows."""


def lead(found: Checked) -> tuple[Block, ...]:
    """How many claims, how many of each verdict, and whose text it is."""
    m = found.document.metadata
    made = ", ".join(x for x in (*m.authors, m.publisher, m.date) if x)
    first = m.original_source
    before = ", ".join(x for x in (first.name, first.date) if x) if first else ""
    whose = f"{made}{f' (first: {before})' if before else ''}."
    return (Prose(found.text, style="answer"), *((Prose(whose, "The text:", "quiet"),) if made else ()))


def subject(c: CheckedClaim) -> str:
    """Who is claimed to do what, in a few words."""
    who = " and ".join(map(actor_name, c.claim.actors)) or "states"
    by = f"{', '.join(map(actor_name, c.claim.driver))} drives " if c.claim.driver else ""
    way = {"up": " rises", "down": " falls"}.get(c.claim.direction or "", "") if c.claim.kind == "trend" else ""
    what = f": {c.claim.about or c.claim.polarity}{way}" if c.claim.polarity and not by else ""
    what = f": isolated{f' in {c.claim.group}' if c.claim.group else ''}" if c.claim.kind == "isolation" else what
    what = ": at their worst" if c.claim.kind == "extreme" and c.claim.polarity == "hostility" else what
    return f"{'denied: ' if c.claim.negated else ''}{by}{who}{what}"


def figure_text(c: CheckedClaim) -> str:
    """What stands beside the verdict: the figure with its interval; where an effect has a bound, the bound."""
    bound = c.judged.bound
    if bound is not None and c.judged.bound_unit:
        return f"at most {number(100 * bound, 2)} %"
    return measured_text(c)


def measured_text(c: CheckedClaim) -> str:
    """The figure with its interval."""
    j = c.judged
    if j.value is None:
        return ""
    interval = "" if j.interval is None else f" ({number(j.interval[0])} to {number(j.interval[1])})"
    return f"{number(j.value)}{interval}"


def table_section(found: Checked) -> Section:
    """A row a claim."""
    if not found.claims:
        return Section("claims", "Claims and verdicts", ())
    columns = (
        Column("No.", only="terminal"),
        Column("Kind", only="page"),
        Column("Claim", "words"),
        Column("Verdict", "status"),
        Column("Figure", "number"),
    )
    rows = tuple(Row((c.claim.id, c.claim.kind, subject(c), c.judged.verdict, figure_text(c))) for c in found.claims)
    table = Table(columns, rows, f"{len(rows)} claims in the order of the text", shown=SHOWN, things="claims")
    return Section("claims", "Claims and verdicts", (table,), "Claims and verdicts")


def text_section(found: Checked) -> Section:
    """The article, its claims marked; not where its sentences alone may be quoted."""
    if found.quotes or not found.document.text.strip():
        return Section("text", "The text and its claims", ())
    passage = Passage(tuple(_paragraphs(found)))
    how = Prose(
        "Each claim is marked; behind it stand its number and its verdict, which lead to its card.", style="quiet"
    )
    return Section("text", "The text and its claims", (how, passage), "The text", only="page")


def _paragraphs(found: Checked) -> Iterator[tuple[Piece | str, ...]]:
    """Paragraphs, whose sentences with claims are pieces."""
    text, chosen = found.document.text, _choices(found)
    marked = [(span, list(of)) for span, of in groupby(found.claims, lambda c: c.claim.span)]
    start = 0
    for paragraph in text.split("\n\n"):
        end, at = start + len(paragraph), start
        parts = list[Piece | str]()
        for (a, b), claims in marked:
            if not at <= a < b <= end:
                continue
            notes = tuple((f"{c.claim.id}: {c.judged.verdict}", c.claim.id) for c in claims)
            groups = tuple(dict.fromkeys(chosen.index(c.judged.verdict) + 1 for c in claims))
            parts += [text[at:a], Piece(text[a:b], notes, groups, not any(c.tested for c in claims))]
            at = b
        start = end + 2
        if paragraph.strip():
            yield tuple(x for x in (*parts, text[at:end]) if x)


def _choices(found: Checked) -> tuple[str, ...]:
    """The verdicts there are, most claims first."""
    return tuple(found.count())[:MOST_CHOICES]


def cards_section(found: Checked) -> Section:
    """One card a claim: sentence, verdict and why; folded below, the figures, the picture, rows, the command."""
    choices = _choices(found)
    items = tuple(
        Item(
            f"{subject(c)}. {c.judged.explanation}", f"{c.claim.id}. {c.judged.verdict.capitalize()}: ", c.claim.id, "",
            _card(c, found), choices.index(c.judged.verdict) + 1,
        )
        for c in found.claims
    )  # fmt: skip
    counted = tuple(f"{verdict} ({n})" for verdict, n in found.count().items())[:MOST_CHOICES]
    blocks = (Items(items, choices=counted),) if items else ()
    return Section("cards", "One by one", blocks, "One by one", only="page")


def _card(c: CheckedClaim, found: Checked) -> tuple[Block, ...]:
    k = c.claim
    quoted = (Prose(f"“{k.sentence}”", style="quiet"),) if c.tested or not found.quotes else ()
    inside: list[Block] = [_facts(c)]
    if len(c.series) > 1:
        title = f"{subject(c)}"
        axis = AXES.get(k.kind, "a day")
        axis = f"{k.polarity} {axis}" if k.kind == "trend" else axis
        inside.append(_figure(c, title, axis))
    if c.rows:
        inside.append(Folded("Rows behind it", (_rows_behind(c.rows),), f"{k.id}-rows"))
    if c.query:
        inside.append(Command(c.query, "Check it again:"))
    if not c.tested and len(inside) == 1 and not inside[0].lines:  # type: ignore[union-attr]
        return quoted
    return (*quoted, Folded("How it was checked" if c.tested else "How it was read", tuple(inside), f"{k.id}-how"))


def _drawn(c: CheckedClaim, title: str, axis: str) -> LayerChart:
    from tertius.report.charts.claims import series

    return series(c, title, axis)


def _figure(c: CheckedClaim, title: str, axis: str) -> Figure:
    first, last = c.series[0], c.series[-1]
    top = max(c.series, key=lambda x: x[1])
    words = (
        f"{len(c.series)} periods from {first[0][:10]} ({number(first[1])}) to {last[0][:10]} ({number(last[1])}); the "
        f"highest is {number(top[1])}, in the period from {top[0][:10]}."
    )
    caption = "Not adjusted for coverage: the figure above is." if c.claim.kind == "trend" else "By period."
    return Figure(f"series-{c.claim.id}", partial(_drawn, c, title, axis), caption, words, only="page")


def _facts(c: CheckedClaim) -> Facts:
    j, k = c.judged, c.claim
    days = [d for d in (k.dates.date_from, k.dates.date_to) if d]
    lines = (
        ("Said by", k.asserted_by if k.asserted_by != "author" else "the author"),
        ("Hedged", k.hedge or ""),
        ("Set aside as a judgement", k.judgement or ""),
        ("Time named", " to ".join(days)),
        ("Figure", f"{measured_text(c)} {j.unit}" if j.value is not None else ""),
        ("Bound", f"{figure_text(c)} {j.bound_unit.replace(', as a share,', '')}" if j.bound_unit else ""),
        ("Cases", "" if j.n is None else f"{j.n:,}"),
        ("The reverse claim", f"{c.reverse['claim']} {c.reverse['verdict'].capitalize()}." if c.reverse else ""),
        *(("Limit", limit) for limit in j.limits),
    )
    return Facts(tuple((name, value) for name, value in lines if value))


def _rows_behind(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = (Column("Date"), Column("Who"), Column("Whom"), Column("What"), Column("Source"))
    lines = tuple(
        Row((str(r["date"])[:10], r["source"], r["target"], str(r["type"] or f"weight {r['weight']:g}"),
             Cell("", "", str(r["url"] or ""), "article") if r["url"] else str(r["origin"] or "")))
        for r in rows
    )  # fmt: skip
    return Table(columns, lines, "Rows behind it, latest first")


def rights_section(found: Checked) -> Section:
    """What the article says of its own rights."""
    m = found.document.metadata
    said = tuple(p for p in (m.rights or "").split("\n\n") if p.strip())
    blocks = tuple(Prose(p) for p in said)
    return Section("rights", "The article's own rights statement", blocks, "Rights", only="page")


def sources_section(found: Checked) -> Section:
    """What to cite of the data."""
    items = tuple(Item(text, url=f"https://doi.org/{doi}" if doi else "") for text, doi in found.sources)
    return Section("sources", "Sources to cite", (Items(items),) if items else (), "Sources to cite", only="page")


def caveats_section(found: Checked) -> Section:
    """What the reader must know."""
    return Section("caveats", "What this cannot say", (Items(found.caveats),), "What this cannot say")


def repeat_section(found: Checked) -> Section:
    """The command."""
    return Section("repeat", "Repeat", (Command(found.command),), "Repeat")


def rows(found: Checked) -> Printed:
    """A row a claim."""
    headings = ("Claim", "Kind", "Verdict", "Figure")
    cells = [(subject(c), c.claim.kind, c.judged.verdict, figure_text(c)) for c in found.claims]
    listed = []
    for c in found.claims:
        low, high = c.judged.interval or (None, None)
        listed.append(
            {
                "id": c.claim.id, "kind": c.claim.kind, "actors": ",".join(c.claim.actors),
                "driver": ",".join(c.claim.driver), "verdict": c.judged.verdict, "figure": c.judged.value,
                "low": low, "high": high, "unit": c.judged.unit, "n": c.judged.n, "query": c.query,
                "sentence": c.claim.sentence if c.tested or not found.quotes else "",
            }
        )  # fmt: skip
    return Printed(headings, cells, listed)

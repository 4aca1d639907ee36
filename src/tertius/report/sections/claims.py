"""A checked article: its claims and what the data say of each, one card a claim."""

from __future__ import annotations

from tertius.answers.claim_check import Checked, CheckedClaim
from tertius.codes import actor_name
from tertius.model.tables import Printed
from tertius.plain import number
from tertius.report.document import (
    Block,
    Cell,
    Column,
    Command,
    Facts,
    Folded,
    Item,
    Items,
    Prose,
    Row,
    Section,
    Table,
)

SHOWN = 40
"""Claims that the terminal lists."""


def lead(found: Checked) -> tuple[Block, ...]:
    """How many claims, how many of each verdict."""
    return (Prose(found.text),)


def subject(c: CheckedClaim) -> str:
    """Who is claimed to do what, in a few words."""
    who = " and ".join(map(actor_name, c.claim.actors)) or "states"
    by = f"{', '.join(map(actor_name, c.claim.driver))} drives " if c.claim.driver else ""
    way = {"up": " rises", "down": " falls"}.get(c.claim.direction or "", "") if c.claim.kind == "trend" else ""
    what = f": {c.claim.about or c.claim.polarity}{way}" if c.claim.polarity and not by else ""
    return f"{'denied: ' if c.claim.negated else ''}{by}{who}{what}"


def figure_text(c: CheckedClaim) -> str:
    """The figure with its interval."""
    j = c.judged
    if j.value is None:
        return ""
    interval = "" if j.interval is None else f" ({number(j.interval[0])} to {number(j.interval[1])})"
    return f"{number(j.value)}{interval}"


def table_section(found: Checked) -> Section:
    """A row a claim."""
    columns = (
        Column("Kind"),
        Column("Claim", "words"),
        Column("Verdict", "status"),
        Column("Figure", "number"),
    )
    rows = tuple(Row((c.claim.kind, subject(c), c.judged.verdict, figure_text(c))) for c in found.claims)
    table = Table(columns, rows, f"{len(rows)} claims in the order of the text", shown=SHOWN, things="claims")
    return Section("claims", "Claims and verdicts", (table,), "Claims and verdicts")


def cards_section(found: Checked) -> Section:
    """One card a claim: the sentence, the verdict and why, the figures, the rows, the command."""
    items = tuple(
        Item(f"{subject(c)}. {c.judged.explanation}", f"{c.judged.verdict.capitalize()}: ", c.claim.id, "", _card(c))
        for c in found.claims
    )
    return Section("cards", "One by one", (Items(items),), "One by one", only="page")


def _card(c: CheckedClaim) -> tuple[Block, ...]:
    j, k = c.judged, c.claim
    days = [d for d in (k.dates.date_from, k.dates.date_to) if d]
    lines = (
        ("Sentence", k.sentence),
        ("Said by", k.asserted_by if k.asserted_by != "author" else "the author"),
        ("Hedged", k.hedge or ""),
        ("Set aside as a judgement", k.judgement or ""),
        ("Time", " to ".join(days)),
        ("Figure", f"{figure_text(c)} {j.unit}" if j.value is not None else ""),
        ("Cases", "" if j.n is None else f"{j.n:,}"),
        ("The reverse claim", f"{c.reverse['claim']} {c.reverse['verdict'].capitalize()}." if c.reverse else ""),
        *(("Limit", limit) for limit in j.limits),
    )
    blocks: list[Block] = [Facts(tuple((name, value) for name, value in lines if value))]
    if c.rows:
        columns = (Column("Date"), Column("Who"), Column("Whom"), Column("What"), Column("Source"))
        rows = tuple(
            Row((str(r["date"]), r["source"], r["target"], str(r["type"] or f"{r['weight']:g}"),
                 Cell("", "", str(r["url"] or ""), "article")))
            for r in c.rows
        )  # fmt: skip
        blocks.append(Folded("Rows behind it", (Table(columns, rows, "Rows, latest first"),), f"{k.id}-rows"))
    if c.query:
        blocks.append(Command(c.query, "Check it again:"))
    return tuple(blocks)


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
                "sentence": c.claim.sentence,
            }
        )  # fmt: skip
    return Printed(headings, cells, listed)

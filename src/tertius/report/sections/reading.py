"""An article as read: what it says of itself, its events, its text. All of it is text, whatever it contains."""

from __future__ import annotations

from tertius.model.tables import Printed
from tertius.reading.reading import Event, Reading
from tertius.report.document import Block, Column, Facts, Folded, Item, Items, Prose, Row, Section, Table

SHOWN = 30
"""Events that the terminal lists."""
QUADS = {1: "verbal cooperation", 2: "material cooperation", 3: "verbal conflict", 4: "material conflict"}


def lead(found: Reading) -> tuple[Block, ...]:
    """How much was found, and who read."""
    who = " ".join(filter(None, (found.reader.name, found.reader.model, found.reader.version)))
    n, m = len(found.events), len(found.claims)
    words = len(found.document.text.split())
    claims = f" and {m:,} {'claim' if m == 1 else 'claims'}" if m else ""
    return (Prose(f"{n:,} {'event' if n == 1 else 'events'}{claims} in {words:,} words. Reader: {who}."),)


def metadata_section(found: Reading) -> Section:
    """What the document says of itself."""
    m = found.document.metadata
    first = m.original_source
    lines = (
        ("Title", m.title),
        ("Authors", ", ".join(m.authors)),
        ("Published", ", ".join(filter(None, (m.publisher, m.date)))),
        ("First published", ", ".join(filter(None, (first.name, first.date))) if first else None),
        ("Regions", ", ".join(m.regions)),
        ("Themes", ", ".join(m.themes)),
        ("Report", ", ".join(m.report)),
        ("Language", m.language),
        ("Links", f"{len(m.links):,}" if m.links else None),
    )
    return Section("document", "The document", (Facts(tuple((k, v) for k, v in lines if v)),), "The document")


def events_section(found: Reading) -> Section:
    """Who did what to whom."""
    if not found.events:
        return Section("events", "Events", (Prose("No event between actors was found."),), "Events")
    columns = (Column("Who"), Column("Whom"), Column("What"), Column("When"), Column("Sentence", "words"))
    rows = tuple(
        Row((", ".join(e.source) or "?", ", ".join(e.target) or "?", what(e), when(e), e.sentence))
        for e in found.events
    )
    table = Table(columns, rows, "Events in the order of the text", shown=SHOWN, things="events")
    return Section("events", "Events", (table,), "Events")


def what(e: Event) -> str:
    """Type and class of an event, and whether it happened."""
    marks = [x for x in ("denied" if e.negated else None, e.modality, "domestic" if e.domestic else None) if x]
    return f"{e.type} ({', '.join([QUADS.get(e.quad, '?'), *marks])})"


def when(e: Event) -> str:
    """The days of an event."""
    first, last = e.dates.date_from, e.dates.date_to
    return first or "" if first == last else f"{first or '...'} to {last or '...'}"


def text_section(found: Reading) -> Section:
    """The body, on the page alone."""
    paragraphs = tuple(Prose(p) for p in found.document.text.split("\n\n") if p.strip())
    return Section("text", "The text", (Folded("The text as it was read", paragraphs),), "The text", only="page")


def around_section(found: Reading) -> Section:
    """Captions, notes, rights and links."""
    m = found.document.metadata
    titled = (("Captions", m.captions), ("Notes", m.notes), ("Rights", (m.rights,) if m.rights else ()))
    lists = tuple(Items(texts, title) for title, texts in titled if texts)
    links = tuple(Item(link.anchor, url=link.address) for link in m.links)
    blocks: tuple[Block, ...] = (*lists, *((Items(links, "Links"),) if links else ()))
    return Section("around", "Beside the text", blocks, "Beside the text", only="page")


def limits_section(found: Reading) -> Section:
    """What was dropped, and what must be known of the reader."""
    dropped = tuple(f"Dropped, {rule}: {n:,}." for rule, n in found.dropped if n)
    lines = (*found.warnings, *dropped)
    return Section("limits", "To bear in mind", (Items(lines),) if lines else (), "To bear in mind")


def rows(found: Reading) -> Printed:
    """A row an event."""
    columns = ("source", "target", "type", "quad", "date_from", "date_to", "sentence")
    lines = [(", ".join(e.source), ", ".join(e.target), e.type, str(e.quad), when(e), e.sentence) for e in found.events]
    return Printed(("source", "target", "type", "quad", "when", "sentence"), lines, found.rows(), columns)

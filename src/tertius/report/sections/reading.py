"""An article as read: what it says of itself, its events, its text. All of it is text, whatever it contains."""

from __future__ import annotations

from tertius.language import Number, joined, plural, say
from tertius.model.tables import Printed
from tertius.reading.reading import Event, Reading
from tertius.report.document import Block, Column, Facts, Folded, Item, Items, Prose, Row, Section, Table

SHOWN = 30
"""Events that the terminal lists."""
QUADS = {
    1: say("verbal cooperation"),
    2: say("material cooperation"),
    3: say("verbal conflict"),
    4: say("material conflict"),
}


def lead(found: Reading) -> tuple[Block, ...]:
    """How much was found, and who read."""
    who = joined(filter(None, (found.reader.name, found.reader.model, found.reader.version)), " ")
    n, m = len(found.events), len(found.claims)
    words = len(found.document.text.split())
    claims = plural(" and {n:,} claim", " and {n:,} claims", m) if m else ""
    return (
        Prose(
            plural(
                "{n:,} event{claims} in {words:,} words. Reader: {who}.",
                "{n:,} events{claims} in {words:,} words. Reader: {who}.",
                n,
                claims=claims,
                words=words,
                who=who,
            )
        ),
    )


def metadata_section(found: Reading) -> Section:
    """What the document says of itself."""
    m = found.document.metadata
    first = m.original_source
    lines = (
        (say("Title"), m.title),
        (say("Authors"), joined(m.authors, ", ")),
        (say("Published"), joined(filter(None, (m.publisher, m.date)), ", ")),
        (say("First published"), joined(filter(None, (first.name, first.date)), ", ") if first else None),
        (say("Regions"), joined(m.regions, ", ")),
        (say("Themes"), joined(m.themes, ", ")),
        (say("Report"), joined(m.report, ", ")),
        (say("Language"), m.language),
        (say("Links"), Number(f"{len(m.links):,}") if m.links else None),
    )
    return Section("document", say("The document"), (Facts(tuple((k, v) for k, v in lines if v)),), say("The document"))


def events_section(found: Reading) -> Section:
    """Who did what to whom."""
    if not found.events:
        return Section("events", say("Events"), (Prose(say("No event between actors was found.")),), say("Events"))
    columns = (
        Column(say("Who")),
        Column(say("Whom")),
        Column(say("What")),
        Column(say("When")),
        Column(say("Sentence"), "words"),
    )
    rows = tuple(
        Row((joined(e.source, ", ") or "?", joined(e.target, ", ") or "?", what(e), when(e), e.sentence))
        for e in found.events
    )
    table = Table(columns, rows, say("Events in the order of the text"), shown=SHOWN, things=say("events"))
    return Section("events", say("Events"), (table,), say("Events"))


def what(e: Event) -> str:
    """Type and class of an event, and whether it happened."""
    marks = [
        x for x in (say("denied") if e.negated else None, e.modality, say("domestic") if e.domestic else None) if x
    ]
    return say("{type} ({join})", type=e.type, join=joined([QUADS.get(e.quad, "?"), *marks], ", "))


def when(e: Event) -> str:
    """The days of an event."""
    first, last = e.dates.date_from, e.dates.date_to
    return first or "" if first == last else say("{first} to {last}", first=first or "...", last=last or "...")


def text_section(found: Reading) -> Section:
    """The body, on the page alone."""
    paragraphs = tuple(Prose(p) for p in found.document.text.split("\n\n") if p.strip())
    return Section(
        "text", say("The text"), (Folded(say("The text as it was read"), paragraphs),), say("The text"), only="page"
    )


def around_section(found: Reading) -> Section:
    """Captions, notes, rights and links."""
    m = found.document.metadata
    titled = ((say("Captions"), m.captions), (say("Notes"), m.notes), (say("Rights"), (m.rights,) if m.rights else ()))
    lists = tuple(Items(texts, title) for title, texts in titled if texts)
    links = tuple(Item(link.anchor, url=link.address) for link in m.links)
    blocks: tuple[Block, ...] = (*lists, *((Items(links, say("Links")),) if links else ()))
    return Section("around", say("Beside the text"), blocks, say("Beside the text"), only="page")


def limits_section(found: Reading) -> Section:
    """What was dropped, and what must be known of the reader."""
    dropped = tuple(say("Dropped, {rule}: {n:,}.", rule=rule, n=n) for rule, n in found.dropped if n)
    lines = (*found.warnings, *dropped)
    return Section("limits", say("To bear in mind"), (Items(lines),) if lines else (), say("To bear in mind"))


def rows(found: Reading) -> Printed:
    """A row an event."""
    columns = ("source", "target", "type", "quad", "date_from", "date_to", "sentence")
    lines = [(", ".join(e.source), ", ".join(e.target), e.type, str(e.quad), when(e), e.sentence) for e in found.events]
    return Printed(("source", "target", "type", "quad", "when", "sentence"), lines, found.rows(), columns)

"""A checked article: its text with the claims marked, and what the data say of each, one card a claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tertius.answers.claim_check import Checked, CheckedClaim
from tertius.answers.verdict import NO_EFFECT
from tertius.codes import actor_name
from tertius.language import Day, Number, capital, joined, known, say
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
    "trend": say("a day, as recorded"),
    "extreme": say("net a day"),
    "isolation": say("effective partners"),
    "cause": say("of expected cooperation"),
}
"""What the picture of a claim of each kind shows."""


NAMED = {
    "motive": say(": what it wants"),
    "value": say(": a judgement"),
    "policy": say(": what should be done"),
    "capability": say(": what it can do"),
}
"""Kinds whose actors alone would not say what is claimed."""


def lead(found: Checked) -> tuple[Block, ...]:
    """How many claims, how many of each verdict, and whose text it is."""
    m = found.document.metadata
    made = joined((x for x in (*m.authors, m.publisher, m.date) if x), ", ")
    first = m.original_source
    before = joined((x for x in (first.name, first.date) if x), ", ") if first else ""
    whose = say("{made}{text}.", made=made, text=say(" (first: {before})", before=before) if before else "")
    return (Prose(found.text, style="answer"), *((Prose(whose, say("The text:"), "quiet"),) if made else ()))


def subject(c: CheckedClaim) -> str:
    """Who is claimed to do what, in a few words."""
    named = (
        say("{a} with its allies", a=actor_name(a)) if a in c.claim.allies else actor_name(a) for a in c.claim.actors
    )
    who = joined(named, " and ") or say("states")
    by = say("{join} drives ", join=joined(map(actor_name, c.claim.driver), ", ")) if c.claim.driver else ""
    way = (
        {"up": say(", rising"), "down": say(", falling")}.get(c.claim.direction or "", "")
        if c.claim.kind == "trend"
        else ""
    )
    what = (
        say(": {about}{way}", about=known(c.claim.about or c.claim.polarity), way=way)
        if c.claim.polarity and not by
        else ""
    )
    if by:
        what = say(" together") if c.claim.polarity == "cooperation" else say(" against each other")
    what = (
        say(": isolated{text}", text=say(" in {group}", group=c.claim.group) if c.claim.group else "")
        if c.claim.kind == "isolation"
        else what
    )
    what = say(": at their worst") if c.claim.kind == "extreme" and c.claim.polarity == "hostility" else what
    if c.claim.kind in NAMED:
        what = NAMED[c.claim.kind]
    if c.claim.kind == "general":
        who, what = say("a common foe brings states together"), ""
    return say("{word}{by}{who}{what}", word=say("denied: ") if c.claim.negated else "", by=by, who=who, what=what)


def verdict_text(c: CheckedClaim) -> str:
    """The verdict, and above what there is no effect."""
    j = c.judged
    if j.verdict != NO_EFFECT or j.bound is None:
        return j.verdict
    return say(
        "no effect above {bound}",
        bound=say("{percent} %", percent=number(100 * j.bound, 2))
        if j.bound_unit
        else say("times {value}", value=number(j.bound)),
    )


def figure_text(c: CheckedClaim) -> str:
    """What stands beside the verdict: the figure with its interval; where an effect has a bound, the bound."""
    bound = c.judged.bound
    if bound is not None and c.judged.bound_unit:
        return say("at most {bound} %", bound=number(100 * bound, 2))
    return measured_text(c)


def measured_text(c: CheckedClaim) -> str:
    """The figure with its interval."""
    j = c.judged
    if j.value is None:
        return ""
    interval = (
        ""
        if j.interval is None
        else say(" ({interval} to {interval2})", interval=number(j.interval[0]), interval2=number(j.interval[1]))
    )
    return say("{value}{interval}", value=number(j.value), interval=interval)


def table_section(found: Checked) -> Section:
    """A row a claim."""
    if not found.claims:
        return Section("claims", say("Claims and verdicts"), ())
    columns = (
        Column(say("No."), only="terminal"),
        Column(say("Kind"), "status", only="page"),
        Column(say("Claim"), "words"),
        Column(say("Verdict"), "status"),
        Column(say("Figure"), "number"),
    )
    rows = tuple(
        Row((c.claim.id, known(c.claim.kind), subject(c), c.judged.verdict, figure_text(c))) for c in found.claims
    )
    table = Table(
        columns, rows, say("{rows} claims in the order of the text", rows=len(rows)), shown=SHOWN, things=say("claims")
    )
    return Section("claims", say("Claims and verdicts"), (table,), say("Claims and verdicts"))


def text_section(found: Checked) -> Section:
    """The article, its claims marked; not where its sentences alone may be quoted."""
    if found.quotes or not found.document.text.strip():
        return Section("text", say("The text and its claims"), ())
    passage = Passage(tuple(_paragraphs(found)))
    how = Prose(
        say("Each claim is marked; behind it stand its number and its verdict, which lead to its card."), style="quiet"
    )
    return Section("text", say("The text and its claims"), (how, passage), say("The text"), only="page")


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
            notes = tuple((say("{id}: {verdict}", id=c.claim.id, verdict=c.judged.verdict), c.claim.id) for c in claims)
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
            say("{subject}. {explanation}", subject=capital(subject(c)), explanation=c.judged.explanation),
            say("{id}. {verdict}: ", id=c.claim.id, verdict=capital(verdict_text(c))),
            c.claim.id,
            "",
            _card(c, found),
            choices.index(c.judged.verdict) + 1,
        )
        for c in found.claims
    )
    counted = tuple(say("{verdict} ({n})", verdict=verdict, n=n) for verdict, n in found.count().items())[:MOST_CHOICES]
    blocks = (Items(items, choices=counted),) if items else ()
    return Section("cards", say("One by one"), blocks, say("One by one"), only="page")


def _card(c: CheckedClaim, found: Checked) -> tuple[Block, ...]:
    k = c.claim
    quoted = (Prose(say("“{sentence}”", sentence=k.sentence), style="quiet"),) if c.tested or not found.quotes else ()
    inside: list[Block] = [_facts(c)]
    if len(c.series) > 1:
        title = say("{subject}", subject=subject(c))
        axis = AXES.get(k.kind, "a day")
        axis = say("{polarity} {axis}", polarity=known(k.polarity or ""), axis=axis) if k.kind == "trend" else axis
        inside.append(_figure(c, title, axis))
    if c.rows:
        inside.append(Folded(say("Rows behind it"), (_rows_behind(c.rows),), f"{k.id}-rows"))
    if c.query:
        inside.append(Command(c.query, say("Check it again:")))
    if not c.tested and len(inside) == 1 and not inside[0].lines:  # type: ignore[union-attr]
        return quoted
    return (
        *quoted,
        Folded(say("How it was checked") if c.tested else say("How it was read"), tuple(inside), f"{k.id}-how"),
    )


def _drawn(c: CheckedClaim, title: str, axis: str) -> LayerChart:
    from tertius.report.charts.claims import series

    return series(c, title, axis)


def _figure(c: CheckedClaim, title: str, axis: str) -> Figure:
    first, last = c.series[0], c.series[-1]
    top = max(c.series, key=lambda x: x[1])
    words = say(
        "{series} periods from {first} ({first2}) to {last} ({last2}); the highest is {top}, in the period from "
        "{top2}.",
        series=len(c.series),
        first=Day(first[0][:10]),
        first2=number(first[1]),
        last=Day(last[0][:10]),
        last2=number(last[1]),
        top=number(top[1]),
        top2=Day(top[0][:10]),
    )
    caption = say("Not adjusted for coverage: the figure above is.") if c.claim.kind == "trend" else say("By period.")
    return Figure(f"series-{c.claim.id}", partial(_drawn, c, title, axis), caption, words, only="page")


def _facts(c: CheckedClaim) -> Facts:
    j, k = c.judged, c.claim
    days = [d for d in (k.dates.date_from, k.dates.date_to) if d]
    lines = (
        (say("Said by"), k.asserted_by if k.asserted_by != "author" else say("the author")),
        (say("Hedged"), k.hedge or ""),
        (say("Set aside as a judgement"), k.judgement or ""),
        (say("Time named"), joined(map(Day, days), " to ")),
        (
            say("Figure"),
            say("{figure_text} {unit}", figure_text=measured_text(c), unit=j.unit) if j.value is not None else "",
        ),
        (
            say("Bound"),
            say("{figure_text} {unit}", figure_text=figure_text(c), unit=j.bound_unit) if j.bound_unit else "",
        ),
        (say("Cases"), "" if j.n is None else Number(f"{j.n:,}")),
        (
            say("The reverse claim"),
            say("{claim} {verdict}.", claim=c.reverse["claim"], verdict=c.reverse["verdict"].capitalize())
            if c.reverse
            else "",
        ),
        *((say("Limit"), limit) for limit in j.limits),
    )
    return Facts(tuple((name, value) for name, value in lines if value))


def _rows_behind(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = (Column(say("Date")), Column(say("Who")), Column(say("Whom")), Column(say("What")), Column(say("Source")))
    lines = tuple(
        Row(
            (
                str(r["date"])[:10],
                r["source"],
                r["target"],
                r["type"] or say("weight {weight:g}", weight=r["weight"]),
                Cell("", "", str(r["url"] or ""), say("article")) if r["url"] else str(r["origin"] or ""),
            )
        )
        for r in rows
    )
    return Table(columns, lines, say("Rows behind it, latest first"))


def rights_section(found: Checked) -> Section:
    """What the article says of its own rights."""
    m = found.document.metadata
    said = tuple(p for p in (m.rights or "").split("\n\n") if p.strip())
    blocks = tuple(Prose(p) for p in said)
    return Section("rights", say("The article's own rights statement"), blocks, say("Rights"), only="page")


def sources_section(found: Checked) -> Section:
    """What to cite of the data."""
    items = tuple(Item(text, url=f"https://doi.org/{doi}" if doi else "") for text, doi in found.sources)
    return Section(
        "sources", say("Sources to cite"), (Items(items),) if items else (), say("Sources to cite"), only="page"
    )


def caveats_section(found: Checked) -> Section:
    """What the reader must know."""
    return Section("caveats", say("What this cannot say"), (Items(found.caveats),), say("What this cannot say"))


def repeat_section(found: Checked) -> Section:
    """The command."""
    return Section("repeat", say("Repeat"), (Command(found.command),), say("Repeat"))


def rows(found: Checked) -> Printed:
    """A row a claim."""
    headings = ("Claim", "Kind", "Verdict", "Figure")
    cells = [(subject(c), c.claim.kind, c.judged.verdict, figure_text(c)) for c in found.claims]
    listed = []
    for c in found.claims:
        low, high = c.judged.interval or (None, None)
        listed.append(
            {
                "id": c.claim.id, "kind": c.claim.kind, "actors": joined(c.claim.actors, ","),
                "driver": joined(c.claim.driver, ","), "verdict": c.judged.verdict, "figure": c.judged.value,
                "low": low, "high": high, "unit": c.judged.unit, "n": c.judged.n, "query": c.query,
                "sentence": c.claim.sentence if c.tested or not found.quotes else "",
            }
        )  # fmt: skip
    return Printed(headings, cells, listed)

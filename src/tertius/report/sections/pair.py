"""The pair: over time, its largest days, and the rows behind the answer."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from tertius.answers.explanation import Explanation
from tertius.answers.landmarks import OF_ONE_MONTH, Landmark
from tertius.plain import number
from tertius.report.document import (
    Block,
    Cell,
    Column,
    Command,
    Figure,
    Folded,
    Item,
    Items,
    Prose,
    Row,
    Section,
    Table,
)
from tertius.report.words import (
    both,
    day_id,
    day_size,
    day_text,
    day_who,
    each,
    size_of,
    steps,
    what_of,
    when,
    who_of,
)

if TYPE_CHECKING:
    from altair import LayerChart

EVENT_ROWS = 200
EVENTS_OPEN = 20
DAY_ROWS = 6
BARS = {True: "recorded events of", False: "net weights of days, of"}
EVENTS = (
    Column("Date"), Column("Who"), Column("What"), Column("Size", "number"), Column("Origin"),
)  # fmt: skip
SPANS = {"window": "In the window", "reference": "In the reference", "": "At other times"}
"""Headings of the largest days, by the span that they lie in."""


def section(e: Explanation) -> Section:
    """The pair over time, with the pressure from third parties."""
    weighs = "third parties' hostility weighs on" if e.fit.directed else "conflict with third parties weighs on"
    caption = (
        f"Bars: {BARS[e.fit.directed]} {both(e)} with each other. Line: how much {weighs} both at once; it is computed "
        "from what came before, and so begins at zero where the data begin."
    )
    figure = Figure("pair-over-time", partial(_chart, e), caption, _in_words(e))
    return Section("pair", "The pair over time", (figure,), "The pair over time", only="page")


def days_section(e: Explanation) -> Section:
    """The days that the chart marks: of window, of reference, of other times, each with its rows."""
    numbered = list(enumerate(e.landmarks, 1))
    found = ((name, [(n, day) for n, day in numbered if day.span == name]) for name in SPANS)
    blocks: list[Block] = [
        Items(tuple(_day(n, day, e) for n, day in days), title=SPANS[name], start=days[0][0])
        for name, days in found
        if days
    ]
    if blocks:
        blocks.append(Prose(landmarks_note(e), style="quiet"))
    latest = bool(e.landmarks) and not e.landmarks[0].stands_out
    title = f"The {'latest' if latest else 'largest'} {e.grain}s"
    return Section("days", title, tuple(blocks), title, level=3, only="page")


def rows_section(e: Explanation) -> Section:
    """The rows of the window, latest first, and the command that shows all of them."""
    rows = tuple(_event(row, e) for row in e.events[:EVENT_ROWS])
    blocks: list[Block] = [Prose(_rows_intro(e))]
    if rows:
        blocks += [
            Command(_rows_command(e)),
            Table(EVENTS, rows[:EVENTS_OPEN], "Rows of the data, latest first", looks="events"),
        ]
    if more := rows[EVENTS_OPEN:]:
        table = Table(EVENTS, more, "Further rows of the data", looks="events")
        blocks.append(Folded(f"{len(more)} more rows", (table,), printed=False))
    return Section("rows", "The rows behind", tuple(blocks), "The rows behind", only="page")


def _chart(e: Explanation) -> LayerChart:
    from tertius.report.charts.pair import pair_over_time

    return pair_over_time(e)


def _in_words(e: Explanation) -> str:
    s = e.attribution.series
    gone = s.observed.count(False)
    said = [
        f"{len(s.date)} {steps(e.fit)} ({each(e.fit.slice)}) from {s.date[0]} to {s.date[-1]}"
        + (f", less than half observed of {gone} of them." if gone else ".")
    ]
    flat = tuple(1.0 for _ in s.days)  # pressure is a level and not a flow
    for name, line, days in (
        ("cooperation per observed day", s.cooperation, s.days),
        ("hostility per observed day", s.hostility, s.days),
        ("pressure", s.pressure, flat),
    ):
        seen = [(x, d, day) for x, d, day, ok in zip(line, days, s.date, s.observed, strict=True) if ok and x == x]
        if seen:
            most, day = max((x / d, day) for x, d, day in seen)
            mean = sum(x for x, _, _ in seen) / sum(d for _, d, _ in seen)
            said.append(f"{name.capitalize()}: {number(mean)} on average, at most {number(most)} ({day}).")
    return " ".join(said)


def _day(n: int, day: Landmark, e: Explanation) -> Item:
    """One of the largest days, with its heaviest rows folded below it."""
    sign = "hostility" if day.hostile else "cooperation"
    more = max(0, len(day.rows) - DAY_ROWS)
    date = when(day.date, e.grain)
    caption = f"{date}, {sign}" + (f", the heaviest; {more} more are not shown" if more else "")
    rows = tuple(_event(row, e) for row in day.rows[:DAY_ROWS])
    folded = Folded(
        f"{'Its row' if len(rows) == 1 else 'Its rows'}, with origin",
        (Table(EVENTS, rows, caption, looks="events"),),
        printed=False,
    )
    text = f", {sign}, {day_size(day, e)}, {day_who(day, e)}: {day_text(day, e)}."
    return Item(text, lead=date, id=day_id(n), blocks=(folded,))


def _event(row: Mapping[str, Any], e: Explanation) -> Row:
    """A row of the data."""
    origin = Cell(note=str(row.get("origin") or "not given"), url=str(row.get("url") or ""), link="report")
    what = Cell(what_of(row, e), note=str(row.get("sentence") or ""))
    return Row((when(str(row["date"]), e.grain), who_of(row, e), what, number(size_of(row, e)), origin))


def landmarks_note(e: Explanation) -> str:
    """How the days, or months, that the chart marks were chosen; empty where there are none."""
    n, grain = len(e.landmarks), e.grain
    if n == 0:
        return ""
    if not e.landmarks[0].stands_out:
        return (
            f"Numbered in the chart: the latest {n} {grain}s{' of window and reference' if e.landmarks[0].span else ''}"
            " with a row between the two; too few stand out by size to show the largest. Nothing says that they caused "
            "anything."
        )
    equal = len({day.size for day in e.landmarks}) < n
    inside = sum(bool(day.span) for day in e.landmarks)
    most = "with the most cooperation or hostility between the two"
    which = f"{f'the {grain}' if n == 1 else f'the {n} {grain}s'} {most}"
    if inside:
        which = f"first the {inside} {grain}s of window and reference {most}"
        if n > inside:
            which += f", then the {n - inside} largest at other times"
    several = f"; at most {OF_ONE_MONTH} of one month where there are others" if grain == "day" else ""
    return (
        f"Numbered in the chart: {which}{several}"
        + ("; among equals, the heavier by the data's own weights" if equal else "")
        + ". Large in the data; nothing says that they caused anything."
    )


def _rows_intro(e: Explanation) -> str:
    n = len(e.events)
    if n == 0:
        return "There are no rows between the two in the window."
    said = f"{n:,} row{'s' if n > 1 else ''} between the two in the window, both signs, latest first"
    return said + (":" if n <= EVENT_ROWS else f"; the latest {EVENT_ROWS} are shown. All of them:")


def _rows_command(e: Explanation) -> str:
    first, last = e.attribution.rise.window
    words = ["tertius", "events", *e.pair, e.data_name, "--from", first, "--to", last, "--limit", str(len(e.events))]
    return shlex.join(words)

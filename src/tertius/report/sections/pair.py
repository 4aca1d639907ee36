"""The pair: over time, its largest days, and the rows behind the answer."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from tertius.answers.explanation import Explanation
from tertius.answers.landmarks import OF_ONE_MONTH, Landmark
from tertius.language import Day, joined, plural, say
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
    grains,
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
BARS = {True: say("recorded events of"), False: say("net weights of days, of")}
EVENTS = (
    Column(say("Date")), Column(say("Who")), Column(say("What")), Column(say("Size"), "number"), Column(say("Origin")),
)  # fmt: skip
SPANS = {"window": say("In the window"), "reference": say("In the reference"), "": say("At other times")}
"""Headings of the largest days, by the span that they lie in."""


def section(e: Explanation) -> Section:
    """The pair over time, with the pressure from third parties."""
    weighs = (
        say("third parties' hostility weighs on") if e.fit.directed else say("conflict with third parties weighs on")
    )
    caption = say(
        "Bars: {bars} {both} with each other. Line: how much {weighs} both at once; it is computed from what came "
        "before, and so begins at zero where the data begin.",
        bars=BARS[e.fit.directed],
        both=both(e),
        weighs=weighs,
    )
    figure = Figure("pair-over-time", partial(_chart, e), caption, _in_words(e))
    return Section("pair", say("The pair over time"), (figure,), say("The pair over time"), only="page")


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
    title = (say("The latest {days}") if latest else say("The largest {days}")).format(days=grains(e.grain))
    return Section("days", title, tuple(blocks), title, level=3, only="page")


def rows_section(e: Explanation) -> Section:
    """The rows of the window, latest first, and the command that shows all of them."""
    rows = tuple(_event(row, e) for row in e.events[:EVENT_ROWS])
    blocks: list[Block] = [Prose(_rows_intro(e))]
    if rows:
        blocks += [
            Command(_rows_command(e)),
            Table(EVENTS, rows[:EVENTS_OPEN], say("Rows of the data, latest first"), looks="events"),
        ]
    if more := rows[EVENTS_OPEN:]:
        table = Table(EVENTS, more, say("Further rows of the data"), looks="events")
        blocks.append(Folded(say("{more} more rows", more=len(more)), (table,), printed=False))
    return Section("rows", say("The rows behind"), tuple(blocks), say("The rows behind"), only="page")


def _chart(e: Explanation) -> LayerChart:
    from tertius.report.charts.pair import pair_over_time

    return pair_over_time(e)


def _in_words(e: Explanation) -> str:
    s = e.attribution.series
    gone = s.observed.count(False)
    said = [
        say(
            "{date} {steps} ({slice}) from {date2} to {last_date}",
            date=len(s.date),
            steps=steps(e.fit),
            slice=each(e.fit.slice),
            date2=Day(s.date[0]),
            last_date=Day(s.date[-1]),
        )
        + (say(", less than half observed of {gone} of them.", gone=gone) if gone else ".")
    ]
    flat = tuple(1.0 for _ in s.days)  # pressure is a level and not a flow
    for name, line, days in (
        (say("cooperation per observed day"), s.cooperation, s.days),
        (say("hostility per observed day"), s.hostility, s.days),
        (say("pressure"), s.pressure, flat),
    ):
        seen = [(x, d, day) for x, d, day, ok in zip(line, days, s.date, s.observed, strict=True) if ok and x == x]
        if seen:
            most, day = max((x / d, day) for x, d, day in seen)
            mean = sum(x for x, _, _ in seen) / sum(d for _, d, _ in seen)
            said.append(
                say(
                    "{name}: {mean} on average, at most {most} ({day}).",
                    name=name.capitalize(),
                    mean=number(mean),
                    most=number(most),
                    day=Day(day),
                )
            )
    return joined(said, " ")


def _day(n: int, day: Landmark, e: Explanation) -> Item:
    """One of the largest days, with its heaviest rows folded below it."""
    sign = say("hostility") if day.hostile else say("cooperation")
    more = max(0, len(day.rows) - DAY_ROWS)
    date = when(day.date, e.grain)
    caption = say("{date}, {sign}", date=date, sign=sign) + (
        say(", the heaviest; {more} more are not shown", more=more) if more else ""
    )
    rows = tuple(_event(row, e) for row in day.rows[:DAY_ROWS])
    folded = Folded(
        plural("Its row, with origin", "Its rows, with origin", len(rows)),
        (Table(EVENTS, rows, caption, looks="events"),),
        printed=False,
    )
    text = say(
        ", {sign}, {day_size}, {day_who}: {day_text}.",
        sign=sign,
        day_size=day_size(day, e),
        day_who=day_who(day, e),
        day_text=day_text(day, e),
    )
    return Item(text, lead=date, id=day_id(n), blocks=(folded,))


def _event(row: Mapping[str, Any], e: Explanation) -> Row:
    """A row of the data."""
    origin = Cell(note=row.get("origin") or say("not given"), url=str(row.get("url") or ""), link=say("report"))
    what = Cell(what_of(row, e), note=str(row.get("sentence") or ""))
    return Row((when(str(row["date"]), e.grain), who_of(row, e), what, number(size_of(row, e)), origin))


def landmarks_note(e: Explanation) -> str:
    """How the days, or months, that the chart marks were chosen; empty where there are none."""
    n, grain = len(e.landmarks), e.grain
    if n == 0:
        return ""
    if not e.landmarks[0].stands_out:
        return say(
            "Numbered in the chart: the latest {n} {days}{word} with a row between the two; too few stand out by "
            "size to show the largest. Nothing says that they caused anything.",
            n=n,
            days=grains(grain),
            word=say(" of window and reference") if e.landmarks[0].span else "",
        )
    equal = len({day.size for day in e.landmarks}) < n
    inside = sum(bool(day.span) for day in e.landmarks)
    most = say("with the most cooperation or hostility between the two")
    which = say(
        "{text} {most}",
        text=say("the {grain}", grain=grain) if n == 1 else say("the {n} {days}", n=n, days=grains(grain)),
        most=most,
    )
    if inside:
        which = say(
            "first the {inside} {days} of window and reference {most}", inside=inside, days=grains(grain), most=most
        )
        if n > inside:
            which += say(", then the {n} largest at other times", n=n - inside)
    several = (
        say("; at most {of_one_month} of one month where there are others", of_one_month=OF_ONE_MONTH)
        if grain == "day"
        else ""
    )
    return (
        say("Numbered in the chart: {which}{several}", which=which, several=several)
        + (say("; among equals, the heavier by the data's own weights") if equal else "")
        + say(". Large in the data; nothing says that they caused anything.")
    )


def _rows_intro(e: Explanation) -> str:
    n = len(e.events)
    if n == 0:
        return say("There are no rows between the two in the window.")
    said = plural(
        "{n:,} row between the two in the window, both signs, latest first",
        "{n:,} rows between the two in the window, both signs, latest first",
        n,
    )
    return said + (
        ":" if n <= EVENT_ROWS else say("; the latest {event_rows} are shown. All of them:", event_rows=EVENT_ROWS)
    )


def _rows_command(e: Explanation) -> str:
    first, last = e.attribution.rise.window
    words = [
        "tertius",
        say("events"),
        *e.pair,
        e.data_name,
        "--from",
        first,
        "--to",
        last,
        "--limit",
        str(len(e.events)),
    ]
    return shlex.join(words)

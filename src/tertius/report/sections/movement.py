"""Trend, rank, isolation and ties: the figure, the series behind it, and what it is set against."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.movement import Isolated, Rank, Series, Ties, Trend
from tertius.language import Day, Number, capital, say
from tertius.model.tables import Printed
from tertius.plain import number
from tertius.report.document import Block, Column, Figure, Prose, Row, Section, Table
from tertius.report.words import interval, named, span
from tertius.signed.isolation import Partners, Ratio

if TYPE_CHECKING:
    from altair import LayerChart

SHOWN = 24
"""Periods that the terminal lists, the latest."""
FEW = 10
"""Friends, or foes, that the terminal lists."""
ON_PAGE = 50


def lead(found: Trend | Rank | Isolated | Ties) -> tuple[Block, ...]:
    """The answer in words."""
    return (Prose(found.text),)


def trend_section(found: Trend) -> Section:
    """Rates before and after, and the series."""
    r = found.rise
    columns = (
        Column(say("Days")),
        Column(say("Observed days"), "number", brief=say("Observed")),
        Column(say("{unit} a day", unit=found.unit.capitalize()), "number"),
    )
    rows = (
        Row((span(r.reference), Number(f"{r.reference_observed:g}"), number(r.reference_rate))),
        Row((span(r.window), Number(f"{r.window_observed:g}"), number(r.window_rate))),
    )
    figure = Figure(
        "trend",
        partial(_trend_chart, found),
        say("Bars are periods, per observed day; the dark lines are the rates before and from the day."),
        found.text,
    )
    note = say(
        "The interval draws blocks of neighbouring periods anew (moving-block bootstrap), before and after on their "
        "own. The ratio of shares divides by what was recorded between all pairs: less coverage leaves it as it is."
    )
    table = Table(columns, rows, say("Per observed day"))
    return Section(
        "trend", say("Before and after"), (figure, table, Prose(note, style="quiet")), say("Before and after")
    )


def rank_section(found: Rank) -> Section:
    """The net over time."""
    figure = Figure(
        "rank",
        partial(_rank_chart, found),
        say("Above zero: more cooperation than hostility. The percentile is among the periods before the marked one."),
        found.text,
    )
    return Section("rank", say("In their own history"), (figure,), say("In their own history"))


def series_section(found: Trend | Rank) -> Section:
    """The latest periods as a table."""
    columns = (
        Column(say("Period from")),
        Column(say("Per observed day"), "number"),
        Column(say("Observed days"), "number"),
    )
    rows = tuple(Row(cells) for cells in reversed(_cells(found.series)))
    table = Table(
        columns, rows, say("{rows} periods, latest first", rows=len(rows)), shown=SHOWN, things=say("periods")
    )
    return Section("series", say("Period by period"), (table,), say("Period by period"))


def _cells(series: Series) -> list[tuple[str, str, str]]:
    lines = zip(series.period, series.value, series.days, strict=True)
    return [(Day(p), number(v) if v == v else say("not observed"), Number(f"{d:g}")) for p, v, d in lines]


def isolation_section(found: Isolated) -> Section:
    """Before and after, overall and in the group, and the series."""
    f = found.found
    columns = (
        Column(say("Partners")),
        Column(say("Before"), "number"),
        Column(say("After"), "number"),
        Column(say("Own ratio"), "number"),
        Column(say("Against others"), "number"),
    )
    named_rows = [(found.group or say("all"), f), *([(say("all"), found.overall)] if found.overall else [])]
    rows = tuple(
        Row((name, _partners(x.before), _partners(x.after), _ratio(x.ratio), _ratio(x.against_others)))
        for name, x in named_rows
    )
    which = say("own ratio") if f.counts or f.against_others is None else say("ratio against others")
    figure = Figure(
        "isolation",
        partial(_isolation_chart, found),
        say(
            "Effective partners: as many equal partners would give the same concentration. Fewer: more isolated, or "
            "more concentrated on a few."
        ),
        found.text,
    )
    note = say(
        "What is adjusted for coverage is the {which}. Intervals are 95 %, by leaving out blocks of time in turn.",
        which=which,
    )
    table = Table(columns, rows, say("Effective partners before and from {at}", at=Day(found.at)))
    return Section(
        "isolation", say("Effective partners"), (figure, table, Prose(note, style="quiet")), say("Effective partners")
    )


def others_section(found: Isolated) -> Section:
    """Each of the others' own change."""
    if not found.beside:
        return Section("others", say("Others"), ())
    columns = (Column(say("Actor")), Column(say("After over before"), "number"), Column(say("95 % interval"), "number"))
    lines = [(found.actor, found.found.ratio), *zip(found.beside, found.found.others, strict=True)]
    rows = tuple(Row((named(a), number(r.ratio), interval(r.low, r.high)), marked=a == found.actor) for a, r in lines)
    return Section(
        "others", say("Beside others"), (Table(columns, rows, say("Each against its own past")),), say("Beside others")
    )


def ties_section(found: Ties, of: int) -> Section:
    """Those with most cooperation (0), or most hostility (1)."""
    title = say("Most hostility") if of else say("Most cooperation")
    columns = (
        Column(say("Actor")),
        Column(say("Before"), "number"),
        Column(say("After"), "number"),
        Column(say("After over before"), "number", brief=say("Ratio")),
        Column(say("95 % interval"), "number"),
    )
    rows = tuple(
        Row(
            (
                named(t.actor),
                number(t.before[of]),
                number(t.after[of]),
                number(t.ratio[of]),
                interval(t.low[of], t.high[of]),
            ),
            about=(found.actor, t.actor),
        )
        for t in found.most(of)
    )
    caption = say(
        "{unit} a day, {before} and {after}",
        unit=capital(found.unit),
        before=span(found.before),
        after=span(found.after),
    )
    blocks = (Table(columns, rows[:ON_PAGE], caption, shown=FEW, things=say("actors")),) if rows else ()
    return Section("foes" if of else "friends", title, blocks or (Prose(say("Nothing is recorded.")),), title)


def ties_rows(found: Ties) -> Printed:
    """A row another actor and kind of flow, for ``--table``."""
    made = found.rows()
    columns = ("actor", "flow", "before", "after", "ratio", "low", "high")
    lines = [(named(r["actor"]), r["flow"], *(number(r[c]) for c in columns[2:])) for r in made]
    return Printed(columns, lines, made, columns, found.text)


def _partners(p: Partners) -> str:
    return say("{partners} ({low}-{high})", partners=number(p.partners), low=number(p.low), high=number(p.high))


def _ratio(r: Ratio | None) -> str:
    return (
        say("n/a")
        if r is None
        else say("{ratio} ({low}-{high})", ratio=number(r.ratio), low=number(r.low), high=number(r.high))
    )


def series_rows(found: Trend | Rank) -> Printed:
    """A row a period, for ``--table``."""
    headings = ("period", "per observed day", "observed days")
    return Printed(headings, _cells(found.series), found.rows(), ("period", "value", "observed_days"), found.text)


def isolation_rows(found: Isolated) -> Printed:
    """A row a block of periods, for ``--table``."""
    made = found.rows()
    lines = [(r["period"], number(r["partners"]), number(r["low"]), number(r["high"])) for r in made]
    columns = ("period", "partners", "low", "high")
    return Printed(columns, lines, made, columns, found.text)


def _trend_chart(found: Trend) -> LayerChart:
    from tertius.report.charts.movement import trend

    return trend(found)


def _rank_chart(found: Rank) -> LayerChart:
    from tertius.report.charts.movement import rank

    return rank(found)


def _isolation_chart(found: Isolated) -> LayerChart:
    from tertius.report.charts.movement import isolation

    return isolation(found)

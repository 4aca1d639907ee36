"""Counsel: the price map, the price over time, the wedge ladder, the two worlds, correlation by lag."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from tertius.answers.counsel import PER_WORDS, Exchange, Price, WedgeAnswer, WhatIf, ill_will, towards
from tertius.codes import actor_name
from tertius.language import Number, joined, say
from tertius.plain import number
from tertius.report.charts.parts import (
    BLUE,
    GREY,
    INTERVALS,
    PAPER,
    VERMILION,
    Row,
    finish,
    finite,
    interval_row,
    intervals,
    layered,
    ms,
    placed,
    rule,
    time_axis,
    tooltips,
)
from tertius.report.document import Key
from tertius.report.words import NOUN, interval

HEIGHT, CELL = 220, 24
UNDER = {True: say("under the model"), False: say("an association, under the model")}


def price_map(found: Price, most: int) -> alt.LayerChart:
    """Whose ties with whom change, with more hostility towards whom."""
    size = [abs(float(x)) for x in found.found.each[0]]
    shown = set(sorted(found.order, key=lambda a: -size[a])[:most])
    order = [a for a in found.order if a in shown]
    rows: list[Row] = []
    largest = max((abs(float(found.found.matrix[a, b])) for a in order for b in order), default=0.0)
    for r, a in enumerate(order):
        for c, b in enumerate(order):
            if a != b:
                value = float(found.found.matrix[a, b])
                rows.append(
                    {
                        "towards": found.adversaries[a], "other": found.adversaries[b], "row": r, "column": c,
                        "share": finite(abs(value) / largest) if largest else 0.0, "rises": value >= 0,
                        "part": number(value),
                    }
                )  # fmt: skip
    side = say("hostility towards") if found.directed else say("conflict with")
    by_row, by_column = (alt.EncodingSortField(field=f, op="min") for f in ("row", "column"))
    base = alt.Chart(alt.NamedData("cells")).encode(
        x=alt.X("other:N", sort=by_column, axis=alt.Axis(title=say("with"), labelAngle=-45, ticks=False, domain=False)),
        y=alt.Y("towards:N", sort=by_row, axis=alt.Axis(title=side, ticks=False, domain=False)),
        opacity=alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.05, 1.0]), legend=None),
        tooltip=tooltips(towards=side, other=say("with"), part=found.unit),
    )
    layers = [
        base.transform_filter(f"datum.rises === {word}").mark_rect(color=shade, stroke=PAPER)
        for word, shade, some in (
            ("true", VERMILION, any(r["rises"] for r in rows)),
            ("false", BLUE, any(not r["rises"] for r in rows)),
        )
        if some
    ]
    keys = [
        Key("bar", "orange", say("more {outcome} between the two", outcome=NOUN[found.outcome])),
        Key("bar", "blue", say("less")),
    ]
    title = say(
        "The price of {actor}'s {ill_will}", actor=actor_name(found.actor), ill_will=ill_will(found.directed, True)
    )
    step = say(
        "{unit} for {per_words} more; {under}",
        unit=found.unit,
        per_words=PER_WORDS[found.per],
        under=UNDER[found.certified],
    )
    return finish(layered(layers), title, step, CELL * max(len(order), 3), {"cells": rows}, keys)


def price_over_time(found: Price) -> alt.LayerChart:
    """The sum over adversaries in every slice."""
    sums = found.found.over_time.sum(axis=2)
    rows = _series(found.dates, sums[0].tolist(), sums[1].tolist(), sums[2].tolist())
    layers = [*_band(rows, BLUE), rule(y=alt.YDatum(0))]
    keys = [Key("line", "blue", say("sum over the adversaries")), Key("band", "blue", say("95 % band"))]
    title = say("When more {towards} became dear", towards=towards(found.actor, found.directed, say("each")))
    return finish(
        layered(layers),
        title,
        say("{unit} a period; {under}", unit=found.unit, under=UNDER[found.certified]),
        HEIGHT,
        {"series": rows},
        keys,
    )


def wedge_ladder(found: WedgeAnswer) -> alt.LayerChart:
    """The best set of every size with intervals."""
    rows = placed(
        [
            interval_row(_eased(found, o.eased), *o.change, marked=k == found.found.best)
            for k, o in enumerate(found.found.options)
        ]
    )
    chart = intervals(rows, say("{unit} among the adversaries", unit=found.unit), say("eased"))
    title = say(
        "What easing {actor}'s {ill_will} goes with",
        actor=actor_name(found.actor),
        ill_will=ill_will(found.directed, True),
    )
    keys = [Key("dot", "orange", say("the best of all sets"))] if found.found.best >= 0 else []
    return finish(
        chart,
        title,
        say("{intervals}; {under}", intervals=INTERVALS, under=UNDER[found.certified]),
        25 * max(1, len(rows)),
        {"lines": rows},
        keys,
    )


def _eased(found: WedgeAnswer, eased: Sequence[int]) -> str:
    names = [found.adversaries[a] for a in eased]
    return say("{names}: {join}", names=len(names), join=joined(names, ", "))


def two_worlds(found: WhatIf) -> alt.LayerChart:
    """The pair as it was and as changed: with consequences where they were drawn, else directly."""
    s = found.simulated
    dates, base, now, low, high = (
        (found.dates, found.direct.baseline, found.direct.changed, found.direct.low, found.direct.high)
        if s is None
        else (found.simulated_dates, s.baseline, s.changed, s.low, s.high)
    )
    rows = _series(dates, now.tolist(), low.tolist(), high.tolist())
    was = _series(dates, base.tolist(), base.tolist(), base.tolist())
    line = _line("was", GREY).encode(tooltip=tooltips(period=say("period from"), part=say("as it was")))
    keys = [
        Key("line", "quiet", say("as it was")),
        Key("line", "orange", say("as changed")),
        Key("band", "orange", say("95 % of the changed one") + ("" if s is None else say(", single events included"))),
    ]
    title = say("{join}: the two worlds", join=joined(map(actor_name, found.pair), " and "))
    way = say("with consequences") if s is not None else say("directly")
    subtitle = say("{unit} a period, {way}; {under}", unit=found.unit, way=way, under=UNDER[found.certified])
    layers = [*_band(rows, VERMILION), line]
    return finish(layered(layers), title, subtitle, HEIGHT, {"series": rows, "was": was}, keys)


def lags(found: Exchange) -> alt.LayerChart:
    """Correlation of the two flows by lag."""
    f = found.found
    rows = placed(
        [
            interval_row(Number(f"{r['lag']:+d}"), r["correlation"], r["low"], r["high"], marked=r["lag"] == f.lag)
            for r in found.rows()
        ]
    )
    chart = intervals(rows, say("correlation"), say("lag"))
    title = say("{join}: one flow against the other", join=joined(map(actor_name, found.pair), " and "))
    keys = [Key("dot", "orange", say("the largest correlation"))]
    said = say("By periods of {period} by which the second comes later", period=found.period)
    return finish(chart, title, said, 22 * len(rows), {"lines": rows}, keys)


def _series(dates: Sequence[str], value: Sequence[float], low: Sequence[float], high: Sequence[float]) -> list[Row]:
    return [
        {
            "time": ms(day), "value": finite(v), "low": finite(a), "high": finite(b), "period": day,
            "part": number(v), "interval": interval(a, b),
        }
        for day, v, a, b in zip(dates, value, low, high, strict=True)
    ]  # fmt: skip


def _line(name: str, shade: alt.ExprRef) -> alt.Chart:
    x = alt.X("time:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    y = alt.Y("value:Q", axis=alt.Axis(title=None, tickCount=5))
    line: alt.Chart = alt.Chart(alt.NamedData(name)).mark_line(color=shade, strokeWidth=2).encode(x=x, y=y)
    return line


def _band(rows: Sequence[Row], shade: alt.ExprRef) -> list[alt.Chart]:
    x = alt.X("time:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    y = alt.Y("low:Q", axis=alt.Axis(title=None, tickCount=5))
    tooltip = tooltips(period=say("period from"), part=say("a period"), interval=say("95 % interval"))
    band = alt.Chart(alt.NamedData("series")).mark_area(color=shade, opacity=0.25).encode(x=x, y=y, y2="high:Q")
    line = _line("series", shade).encode(tooltip=tooltip)
    return [band, line] if any(r["low"] is not None for r in rows) else [line]

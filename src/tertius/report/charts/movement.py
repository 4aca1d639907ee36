"""One pair or one actor over time: the trend's rates, the rank's net, the effective partners."""

from __future__ import annotations

import altair as alt

from tertius.answers.movement import Isolated, Rank, Series, Trend
from tertius.codes import actor_name
from tertius.language import Day, Number, joined, known, say
from tertius.plain import number
from tertius.report.charts.parts import (
    BLACK,
    BLUE,
    DAY,
    GREY,
    PAPER,
    VERMILION,
    WINDOW,
    Row,
    data,
    finish,
    finite,
    layered,
    ms,
    rule,
    time_axis,
    tooltips,
)
from tertius.report.document import Key
from tertius.report.words import interval

HEIGHT = 220
LEFT_OUT = say("Periods without enough observed days are left out")


def _ends(periods: tuple[str, ...]) -> list[float]:
    """Start of every period, and the end of the last as if it were as long as the one before it."""
    starts = [ms(p) for p in periods]
    last = starts[-1] - starts[-2] if len(starts) > 1 else 30 * DAY
    return [*starts, starts[-1] + last]


def _steps(series: Series) -> list[Row]:
    ends = _ends(series.period)
    return [
        {"from": a, "to": b, "value": finite(v), "period": p, "amount": number(v), "days": Number(f"{d:g}")}
        for a, b, v, p, d in zip(ends[:-1], ends[1:], series.value, series.period, series.days, strict=True)
        if v == v
    ]


def trend(found: Trend) -> alt.LayerChart:
    """The rate of every observed period, and the rates before and from the day."""
    rows, r = _steps(found.series), found.rise
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    y = alt.Y("value:Q", axis=alt.Axis(title=say("{unit} per observed day", unit=found.unit), tickCount=5))
    tooltip = tooltips(period=say("period from"), amount=say("a day"), days=say("days observed"))
    bars = (
        alt.Chart(alt.NamedData("steps"))
        .mark_bar(color=BLUE)
        .encode(x=x, x2="to:T", y=y, y2=alt.Y2Datum(0), tooltip=tooltip)
    )
    levels = [
        {"from": ms(days[0]), "to": ms(days[1]) + DAY, "value": finite(rate), "amount": number(rate)}
        for days, rate in ((r.reference, r.reference_rate), (r.window, r.window_rate))
    ]
    lines = (
        alt.Chart(data(levels))
        .mark_rule(color=BLACK, strokeWidth=2.5)
        .encode(x=x, x2="to:T", y=y, tooltip=tooltips(amount=say("a day")))
    )
    when = rule(x=alt.XDatum(ms(r.window[0]), type="temporal"))
    title = say(
        "{join}: {outcome} over time", join=joined(map(actor_name, found.pair), " and "), outcome=known(found.outcome)
    )
    keys = [
        Key("bar", "blue", say("a period")),
        Key("line", "ink", say("the rates before and from {at}", at=Day(found.rise.window[0]))),
    ]
    return finish(layered([bars, lines, when]), title, LEFT_OUT, HEIGHT, {"steps": rows}, keys)


def rank(found: Rank) -> alt.LayerChart:
    """The net of every observed period; the one asked about is marked."""
    rows = [{**row, "marked": row["period"] == found.at} for row in _steps(found.series)]
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    y = alt.Y("value:Q", axis=alt.Axis(title=say("net {unit} per observed day", unit=found.unit), tickCount=5))
    tooltip = tooltips(period=say("period from"), amount=say("net a day"), days=say("days observed"))
    base = alt.Chart(alt.NamedData("steps"))
    bars = [
        base.transform_filter(f"datum.marked === {str(marked).lower()}")
        .mark_bar(color=VERMILION if marked else GREY)
        .encode(x=x, x2="to:T", y=y, y2=alt.Y2Datum(0), tooltip=tooltip)
        for marked in (False, True)
        if any(row["marked"] is marked for row in rows)
    ]
    title = say("{join}: cooperation minus hostility", join=joined(map(actor_name, found.pair), " and "))
    keys = [
        Key("bar", "orange", say("the period from {at}", at=Day(found.at))),
        Key("bar", "quiet", say("other periods")),
    ]
    return finish(layered([*bars, rule(y=alt.YDatum(0))]), title, LEFT_OUT, HEIGHT, {"steps": rows}, keys)


def isolation(found: Isolated) -> alt.LayerChart:
    """Effective partners of every block of periods with their intervals, and before and from the day."""
    starts = [ms(p) for p in found.periods]
    rows = [
        {
            "time": at,
            "value": finite(s.partners),
            "low": finite(s.low),
            "high": finite(s.high),
            "period": p,
            "amount": number(s.partners),
            "interval": interval(s.low, s.high),
        }
        for at, p, s in zip(starts, found.periods, found.found.series, strict=True)
        if s.partners == s.partners
    ]
    when = ms(found.at)
    step = starts[-1] - starts[-2] if len(starts) > 1 else 90 * DAY
    levels = [
        {"from": a, "to": b, "value": finite(p.partners), "low": finite(p.low), "high": finite(p.high)}
        for a, b, p in ((starts[0], when, found.found.before), (when, starts[-1] + step, found.found.after))
    ]
    x = alt.X("time:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    axis, scale = alt.Axis(title=say("effective partners"), tickCount=5), alt.Scale(zero=True, nice=True)
    y = alt.Y("value:Q", axis=axis, scale=scale)
    span = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    band = (
        alt.Chart(data(levels))
        .mark_rect(fill=WINDOW)
        .encode(x=span, x2="to:T", y=alt.Y("low:Q", axis=axis, scale=scale), y2="high:Q")
    )
    level = alt.Chart(data(levels)).mark_rule(color=BLACK, strokeWidth=2.5).encode(x=span, x2="to:T", y=y)
    base = alt.Chart(alt.NamedData("blocks")).encode(
        x=x, tooltip=tooltips(period=say("block from"), amount=say("partners"), interval=say("95 % interval"))
    )
    bars = base.mark_rule(color=BLUE, strokeWidth=2).encode(y=alt.Y("low:Q", axis=axis, scale=scale), y2="high:Q")
    dots = base.mark_point(size=55, strokeWidth=2, opacity=1, stroke=BLUE, fill=PAPER).encode(y=y)
    among = say(" among {group}", group=found.group) if found.group else ""
    keys = [
        Key("ring", "blue", say("a block of periods, with its 95 % interval")),
        Key("line", "ink", say("before and from {at}", at=Day(found.at))),
        Key("bar", "window", say("95 % interval of either")),
    ]
    return finish(
        layered([band, level, rule(x=alt.XDatum(when, type="temporal")), bars, dots]),
        say("{actor}: effective partners{among}", actor=actor_name(found.actor), among=among),
        say("Not adjusted for coverage, block by block"),
        HEIGHT,
        {"blocks": rows},
        keys,
    )

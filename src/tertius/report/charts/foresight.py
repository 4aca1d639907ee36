"""The fan of a pair's forecasts, and what a model gains on its baselines."""

from __future__ import annotations

import altair as alt

from tertius.answers.foresight import Backtest, Forecast
from tertius.codes import actor_name
from tertius.foresight.models import OURS
from tertius.language import Number, joined, say
from tertius.plain import number
from tertius.report.charts.parts import (
    BLACK,
    BLUE,
    DAY,
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
from tertius.report.words import interval

HEIGHT = 260
ROW = 18
INTERVALS = say("95 % intervals by blocks of time")
PAST = 60
"""Periods of the past that are drawn, the last."""
COLOURS = {"cooperation": (BLUE, "blue"), "hostility": (VERMILION, "orange")}


def fan(found: Forecast) -> alt.LayerChart:
    """What was seen, as dots, and bands of 80 and 95 % of what may come; hostility below zero."""
    rows: list[Row] = []
    seen: list[Row] = []
    for outcome in COLOURS:
        up = 1.0 if outcome == "cooperation" else -1.0
        for line in [line for line in found.lines if line.outcome == outcome]:
            q = line.quantiles
            rows.append(
                {
                    "outcome": outcome, "from": ms(line.start), "to": ms(line.end) + DAY, "low": finite(up * q[0]),
                    "high": finite(up * q[4]), "inner": finite(up * q[1]), "outer": finite(up * q[3]),
                    "mid": finite(up * q[2]), "period": line.start, "interval": interval(q[0], q[4]),
                    "amount": number(line.mean),
                }
            )  # fmt: skip
        seen += [
            {
                "outcome": outcome,
                "time": (ms(p.start) + ms(p.end) + DAY) / 2,
                "value": finite(up * p.value),
                "period": p.start,
                "amount": number(p.value),
                "days": Number(f"{p.days:g}"),
            }
            for p in [p for p in found.past if p.outcome == outcome][-PAST:]
        ]
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    axis = alt.Axis(title=say("{unit}: cooperation above, hostility below zero", unit=found.unit), tickCount=5)
    scale = alt.Scale(type="symlog", constant=10) if found.unit != "events" else alt.Scale(type="symlog", constant=1)
    layers: list[alt.Chart] = [rule(y=alt.YDatum(0))]
    tip = tooltips(period=say("period from"), amount=say("mean"), interval=say("95 % interval"))
    for outcome, (colour, _) in COLOURS.items():
        base = alt.Chart(alt.NamedData("bands")).transform_filter(f"datum.outcome === '{outcome}'")
        for low, high, opacity in (("low", "high", 0.25), ("inner", "outer", 0.45)):
            layers.append(
                base.mark_rect(fill=colour, opacity=opacity).encode(
                    x=x, x2="to:T", y=alt.Y(f"{low}:Q", axis=axis, scale=scale), y2=f"{high}:Q", tooltip=tip
                )
            )
        layers.append(
            base.mark_rule(color=BLACK, strokeWidth=2).encode(x=x, x2="to:T", y=alt.Y("mid:Q", axis=axis, scale=scale))
        )
        layers.append(
            alt.Chart(alt.NamedData("seen"))
            .transform_filter(f"datum.outcome === '{outcome}'")
            .mark_circle(color=colour, size=30, opacity=1)
            .encode(
                x=alt.X("time:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis()),
                y=alt.Y("value:Q", axis=axis, scale=scale),
                tooltip=tooltips(period=say("period from"), amount=say("seen"), days=say("days observed")),
            )
        )
    keys = [
        Key("dot", "blue", say("cooperation seen")),
        Key("dot", "orange", say("hostility seen")),
        Key("band", "blue", say("80 and 95 % of what may come")),
        Key("line", "ink", say("medians")),
    ]
    title = say("{join}: what comes next", join=joined(map(actor_name, found.lines[0].pair), " and "))
    return finish(
        layered(layers),
        title,
        say("The axis is logarithmic away from zero"),
        HEIGHT,
        {"bands": rows, "seen": seen},
        keys,
    )


def gains(found: Backtest) -> alt.LayerChart:
    """What the model gains in CRPS on each baseline, in per cent of the baseline's."""
    rows = []
    for s in found.scores:
        d = s.difference
        if s.model == OURS or s.stratum == "all" or d is None or not s.crps > 0:
            continue
        part = 100 / s.crps
        name = say(
            "{outcome}, {stratum}, {horizon} ahead: {model}",
            outcome=s.outcome,
            stratum=s.stratum,
            horizon=s.horizon,
            model=s.model,
        )
        rows.append(interval_row(name, -d.crps * part, -d.crps_high * part, -d.crps_low * part))
    chart = intervals(rows, say("per cent of the baseline's CRPS"), say("comparison"))
    key = [Key("line", "ink", say("zero: no better and no worse"))]
    title = say("What tertius gains on each baseline")
    return finish(chart, title, INTERVALS, ROW * max(1, len(rows)), {"lines": placed(rows)}, key)

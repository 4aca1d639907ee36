"""What a claim was judged by, over time: one period a step, and the day that divides before and after."""

from __future__ import annotations

import altair as alt

from tertius.answers.claim_check import CheckedClaim
from tertius.language import say
from tertius.plain import number
from tertius.report.charts.parts import (
    BLACK,
    BLUE,
    DAY,
    PAPER,
    Row,
    data,
    finish,
    finite,
    layered,
    ms,
    time_axis,
    tooltips,
)
from tertius.report.document import Key

HEIGHT = 160


def series(c: CheckedClaim, title: str, axis: str) -> alt.LayerChart:
    """The series of a checked claim; ``axis`` says what it is and in which unit."""
    starts = [ms(period[:10]) for period, _ in c.series]
    step = starts[-1] - starts[-2] if len(starts) > 1 else 30 * DAY
    ends = [*starts[1:], starts[-1] + step]
    rows: list[Row] = [
        {"from": a, "to": b, "value": finite(v), "period": p[:10], "amount": number(v)}
        for a, b, (p, v) in zip(starts, ends, c.series, strict=True)
    ]
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    y = alt.Y("value:Q", axis=alt.Axis(title=axis, tickCount=4))
    base = alt.Chart(data(rows)).encode(tooltip=tooltips(period=say("period from"), amount=axis))
    keys = [Key("bar" if c.claim.kind != "isolation" else "ring", "blue", say("a period"))]
    if c.claim.kind == "isolation":
        marks = base.mark_point(size=45, strokeWidth=2, opacity=1, stroke=BLUE, fill=PAPER).encode(x=x, y=y)
    else:
        marks = base.mark_bar(color=BLUE).encode(x=x, x2="to:T", y=y, y2=alt.Y2Datum(0))
    layers = [marks]
    if c.at:
        when = alt.Chart(data([{"from": ms(c.at)}])).mark_rule(color=BLACK).encode(x=x)
        layers.append(when)
        keys.append(Key("line", "ink", say("{at}, from which on it was judged", at=c.at)))
    return finish(layered(layers), title, "", HEIGHT, {}, keys)

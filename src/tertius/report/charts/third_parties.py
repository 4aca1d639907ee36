"""Third parties: their parts, and these over time."""

from __future__ import annotations

from typing import Any

import altair as alt

from tertius.answers.explanation import Explanation
from tertius.language import say
from tertius.plain import number
from tertius.report.charts.parts import (
    BLACK,
    BLUE,
    INTERVALS,
    POINTS,
    Row,
    apart,
    data,
    day_range,
    finish,
    finite,
    interval_row,
    intervals,
    ms,
    per_day,
    placed,
    rule,
    time_axis,
    tooltips,
)
from tertius.report.document import Key
from tertius.report.words import (
    LARGEST,
    NOUN,
    interval,
    largest,
    named,
    span,
    steps,
)

ROW, BETWEEN_ROWS = 56, 34


def third_parties(e: Explanation) -> alt.LayerChart:
    """The largest parts of third parties with 95 % intervals and the zero line."""
    chosen = largest(e.attribution.third_parties, LARGEST)
    rows = [interval_row(named(t.actor), t.events, t.events_low, t.events_high) for t in chosen]
    what = say("hostility towards both") if e.fit.directed else say("conflict with the pair")
    title = say("{noun} that goes with changed {what}", noun=NOUN[e.outcome].capitalize(), what=what)
    chart = intervals(rows, say("{unit} in the window", unit=e.unit), say("third party"))
    return finish(chart, title, INTERVALS, 25 * max(1, len(rows)), {"lines": placed(rows)})


def path(e: Explanation) -> alt.LayerChart:
    """The parts of the largest third parties per observed day, slice by slice, one row each, with 95 % bands; breaks
    where unobserved."""
    actors = list(dict.fromkeys(p.actor for p in e.attribution.path))
    step = max(1, -(-len(_window_dates(e)) // POINTS))
    datasets = {f"path{k}": _path_rows(e, actor, step) for k, actor in enumerate(actors)}
    ends = [row[end] for rows in datasets.values() for row in rows for end in ("low", "high") if row[end] is not None]
    domain = [min(ends, default=0.0), max(ends, default=0.0)]
    if domain[0] == domain[1]:
        domain = [domain[0] - 1, domain[1] + 1]
    axis = alt.Axis(title=None, tickCount=3, orient="left", minExtent=34)
    x = alt.X("time:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    tooltip = tooltips(
        name=say("third party"),
        days=say("{steps} from", steps=steps(e.fit)),
        part=say("{unit} per observed day", unit=e.unit),
        interval=say("95 % interval"),
    )
    layers = []
    for k, actor in enumerate(actors):
        top = k * (ROW + BETWEEN_ROWS) + 18
        scale = alt.Scale(range=[top + ROW, top], domain=domain)
        base = alt.Chart(alt.NamedData(f"path{k}")).encode(x=x, detail="run:N")
        head = alt.Chart(data([{"name": named(actor)}])).mark_text(
            align="left", baseline="bottom", fontWeight="bold", fontSize=12, color=BLACK
        )
        layers.append(
            alt.layer(
                base.mark_area(color=BLUE, opacity=0.3).encode(y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"),
                base.mark_line(color=BLUE, strokeWidth=1.8, point={"size": 9, "color": BLUE}).encode(
                    y=alt.Y("value:Q", scale=scale, axis=axis), tooltip=tooltip
                ),
                rule(y=alt.YDatum(0, scale=scale, axis=axis)),
                head.encode(x=alt.XValue(2), y=alt.YValue(top - 3), text="name:N"),
            )
        )
    key = [
        Key("line", "blue", say("part of the third party")),
        Key("band", "blue", say("95 % band")),
        Key("line", "ink", say("zero")),
        Key("none", "ink", say("The same scale in every row.")),
    ]
    title = say(
        "The {actors} largest parts over time, {window}", actors=len(actors), window=span(e.attribution.rise.window)
    )
    height = max(1, len(actors)) * (ROW + BETWEEN_ROWS)
    return finish(apart(layers), title, per_day(e, step), height, datasets, key)


def _path_rows(e: Explanation, actor: str, step: int) -> list[Row]:
    """One third party's path in steps of the window; ``run`` changes where whole steps were not observed."""
    place = {d: k for k, d in enumerate(_window_dates(e))}
    observed = dict(zip(e.attribution.series.date, e.attribution.series.days, strict=True))
    groups: dict[int, list[Any]] = {}
    for p in e.attribution.path:
        if p.actor == actor:
            groups.setdefault(place[p.date] // step, []).append(p)
    rows: list[Row] = []
    run, before = 0, min(groups, default=0) - 1
    for group, found in sorted(groups.items()):
        run, before = run + (group > before + 1), group
        days = sum(observed[p.date] for p in found)
        value, low, high = (sum(float(getattr(p, n)) for p in found) / days for n in ("value", "low", "high"))
        rows.append(
            {
                "time": ms(found[0].date),
                "value": finite(value),
                "low": finite(low),
                "high": finite(high),
                "run": run,
                "name": named(actor),
                "days": day_range(found[0].date, found[-1].date),
                "part": number(value),
                "interval": interval(low, high),
            }
        )
    return rows


def _window_dates(e: Explanation) -> list[str]:
    """The slices from the first to the last of the path, those without observation too."""
    dates, path = e.attribution.series.date, [p.date for p in e.attribution.path]
    return list(dates[dates.index(min(path)) : dates.index(max(path)) + 1]) if path else []

"""The ladder: one effect on its rungs, around episodes, and under other choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import altair as alt

from tertius.language import Number, joined, say
from tertius.model.beside import Chosen, PathPoint, Rung, Specification
from tertius.report.charts.parts import (
    BLACK,
    BLUE,
    INTERVALS,
    PAPER,
    VERMILION,
    WINDOW,
    Row,
    absent,
    data,
    finish,
    interval_row,
    intervals,
    placed,
    rule,
    tooltips,
)
from tertius.report.document import Key
from tertius.report.ladder import (
    CHOICES,
    RUNGS,
    choice,
    choices,
    rung_lines,
    specification,
)
from tertius.report.words import (
    NOUN,
    periods,
)

EPISODE_HEIGHT = 220
CURVE_HEIGHT, CHOICE, BETWEEN_CHOICES = 190, 15, 24
_LOOKS = ((False, BLUE, "circle", 34), (True, VERMILION, "diamond", 70))


def rungs(ladder: Sequence[Rung], term: str, answer: int = 0) -> alt.LayerChart:
    """One effect on rungs 1 to 4 with 95 % intervals and the zero line; a rung without it says why.

    ``answer`` is the rung on which the answer stands (0: none), in another colour.
    """
    lines = [line for line in rung_lines(ladder, term) if line.rung in RUNGS]
    rows = [
        {
            **interval_row(line.label, line.value, line.low, line.high, marked=line.rung == answer),
            "state": line.state or None,  # beside zero, where there is no point
        }
        for line in lines
    ]
    key = [Key("dot", "orange", say("the rung of the answer"))] if any(r["marked"] for r in rows) else []
    chart = intervals(rows, say("log points per standard deviation"), say("rung"), absent(rows))
    title = say("{term} on each rung of the ladder", term=term)
    return finish(chart, title, INTERVALS, 30 * len(rows), {"lines": placed(rows)}, key)


def specification_curve(
    points: Sequence[Specification], term: str = "", chosen: Chosen | None = None
) -> alt.LayerChart:
    """Rung 6: estimates per standard deviation, sorted, with 95 % intervals, above a matrix of what each one chose.

    ``points`` are sorted; the one of which ``chosen`` says what it chose is drawn in another colour and shape.
    Choices that all specifications share are named in the legend.
    """
    rows = [
        {
            **interval_row(
                specification(p), p.estimate_sd, p.ci_low, p.ci_high,
                marked=p.chosen == chosen,
            ),
            "place": k,
        }
        for k, p in enumerate(points)
    ]  # fmt: skip
    vary = {c: labels for c in CHOICES if len(labels := choices(points, c)) > 1}
    shared = [label for c in CHOICES if c not in vary for label in choices(points, c)]
    x = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[-0.7, len(rows) - 0.3], nice=False, zero=False))
    tooltip = tooltips(name="specification", part=say("estimate"), interval=say("95 % interval"))
    scale = alt.Scale(range=[CURVE_HEIGHT, 0], nice=True)
    axis = alt.Axis(title=say("log points per standard deviation"), tickCount=5, orient="left", grid=True)
    base = alt.Chart(alt.NamedData("curve")).encode(x=x, tooltip=tooltip)
    layers: list[alt.Chart] = [rule(y=alt.YDatum(0, scale=scale, axis=axis))]
    for marked, colour, shape, size in _LOOKS:
        group = base.transform_filter(f"datum.marked === {str(marked).lower()}")
        fill = alt.condition("datum.clear", alt.value(colour), alt.value(PAPER))
        layers += [
            group.mark_rule(strokeWidth=1.5, color=colour).encode(
                y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"
            ),
            group.mark_point(size=size, strokeWidth=1.5, opacity=1, stroke=colour, shape=shape).encode(
                y=alt.Y("value:Q", scale=scale, axis=axis), fill=fill
            ),
        ]
    panels = [cast(alt.LayerChart, alt.layer(*layers))]
    datasets: dict[str, list[Row]] = {"curve": rows}
    top = CURVE_HEIGHT + BETWEEN_CHOICES + 6
    for name, labels in vary.items():
        bottom = top + CHOICE * (len(labels) - 1)
        datasets[name] = [{**row, "label": choice(p, name)} for row, p in zip(rows, points, strict=True)]
        panels.append(_dots(name, labels, [top, bottom], x, tooltip))
        top = bottom + BETWEEN_CHOICES
    key = [
        Key("none", "ink", say("Smallest estimate first; the dots below show what each specification chose.")),
        *([Key("diamond", "orange", say("the settings of rung 4"))] if any(r["marked"] for r in rows) else []),
        *([Key("none", "ink", say("The same in all: {join}.", join=joined(shared, ", ")))] if shared else []),
    ]
    title = say("{term} under {rows} specifications", term=term or "The effect", rows=len(rows))
    chart = alt.layer(*panels).resolve_scale(y="independent")
    return finish(chart, title, INTERVALS, top - BETWEEN_CHOICES + 6, datasets, key)


def around_episodes(path: Sequence[PathPoint], outcome: str, period: str) -> alt.LayerChart:
    """Rung 5: an outcome before and after third parties turn on both of a pair, as a ratio of what was to be expected.

    ``path`` holds the periods in order (period, estimate, low, high, n); those from the episode on are shaded.
    """
    rows = [
        {
            "period": p.period,
            **interval_row(
                say("period {period:+d}", period=p.period) if p.period else say("the period in which it begins"),
                p.estimate, p.low, p.high,
            ),
            "cells": Number(f"{p.n:,}"),
        }
        for p in path
    ]  # fmt: skip
    ends = [r["period"] for r in rows] or [0]
    edges = [min(ends) - 0.6, max(ends) + 0.6]
    axis = alt.Axis(
        title=say("{period} before (−) and after the episode began", period=periods(period)), tickMinStep=1, grid=False
    )
    x = alt.X("period:Q", axis=axis, scale=alt.Scale(domain=edges, nice=False, zero=False))
    scale = alt.Scale(nice=True)
    value = alt.Axis(title=say("log points of {noun}", noun=NOUN[outcome]), tickCount=5, grid=True)
    tooltip = tooltips(name="since it began", part=say("estimate"), interval=say("95 % interval"), cells=say("cells"))
    base = alt.Chart(alt.NamedData("episodes")).encode(x=x, tooltip=tooltip)
    fill = alt.condition("datum.clear", alt.value(BLUE), alt.value(PAPER))
    after = alt.Chart(data([{"from": -0.5, "to": edges[1]}])).mark_rect(fill=WINDOW)
    chart = alt.layer(
        after.encode(x=alt.X("from:Q", axis=axis, scale=alt.Scale(domain=edges, nice=False, zero=False)), x2="to:Q"),
        rule(y=alt.YDatum(0, scale=scale, axis=value)),
        base.mark_rule(strokeWidth=2, color=BLUE).encode(y=alt.Y("low:Q", scale=scale, axis=value), y2="high:Q"),
        base.mark_point(size=50, strokeWidth=1.5, opacity=1, stroke=BLUE).encode(
            y=alt.Y("value:Q", scale=scale, axis=value), fill=fill
        ),
    )
    key = [
        Key("bar", "window", say("from the episode on")),
        Key("line", "ink", say("zero: what is expected from periods without an episode")),
    ]
    title = say("{noun} around episodes of joint hostility", noun=NOUN[outcome].capitalize())
    return finish(cast(alt.LayerChart, chart), title, INTERVALS, EPISODE_HEIGHT, {"episodes": rows}, key)


def _dots(name: str, labels: Sequence[str], stretch: list[int], x: alt.X, tooltip: list[alt.Tooltip]) -> alt.LayerChart:
    """One choice of every specification: a row a value, a dot where it was chosen."""
    y = alt.Y(
        "label:N",
        sort=None,
        scale=alt.Scale(type="point", domain=list(labels), range=stretch, padding=0),
        axis=alt.Axis(title=None, orient="left", grid=True, ticks=False, domain=False, labelLimit=130),
    )
    colour = alt.condition("datum.marked", alt.value(VERMILION), alt.value(BLACK))
    dots = alt.Chart(alt.NamedData(name)).mark_point(filled=True, opacity=1)
    drawn: alt.Chart = dots.encode(
        x=x, y=y, color=colour, tooltip=tooltip,
        shape=alt.condition("datum.marked", alt.value("diamond"), alt.value("circle")),
        size=alt.condition("datum.marked", alt.value(60), alt.value(26)),
    )  # fmt: skip
    return cast(alt.LayerChart, alt.layer(drawn))

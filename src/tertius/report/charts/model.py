"""The model behind an answer: coefficients, calibration, and how many events show an effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import altair as alt

from tertius.detectable import DetectableEffects
from tertius.language import Number, say
from tertius.model.checks.adequacy import Group
from tertius.model.result import FitResult
from tertius.plain import number
from tertius.report.charts.parts import (
    BLUE,
    INTERVALS,
    finish,
    finite,
    interval_row,
    intervals,
    placed,
    rule,
    tooltips,
)
from tertius.report.document import Key
from tertius.report.words import (
    change_of,
    model_title,
)

CALIBRATION_WIDTH, CALIBRATION_HEIGHT = 330, 220


def coefficients(fit: FitResult, highlight: str = "") -> alt.LayerChart:
    """Every coefficient per standard deviation with its 95 % interval and the zero line; one term in another colour."""
    rows = [
        interval_row(c.term, c.estimate_sd, c.ci_low * c.sd, c.ci_high * c.sd, marked=c.term == highlight)
        for c in fit.coefficients
    ]
    key = [
        Key("none", "ink", say("{change_of}.", change_of=change_of(fit))),
        *(
            [Key("dot", "orange", say("{highlight}, on which the answer hangs", highlight=highlight))]
            if highlight
            else []
        ),
    ]
    chart = intervals(rows, say("log points per standard deviation"), say("term"))
    return finish(chart, model_title(fit), INTERVALS, 22 * max(1, len(rows)), {"lines": placed(rows)}, key)


def calibration(groups: Sequence[Group]) -> alt.LayerChart:
    """Observed over expected outcome in groups of equal expected sum, with the line at one.

    Its width is fixed, for it stands in a part of the page that is folded when charts are drawn.
    """
    rows = [
        {
            "group": str(k),
            "ratio": finite(g.observed / g.expected),
            "expected": number(g.expected),
            "observed": number(g.observed),
            "cells": Number(f"{g.cells:,}"),
        }
        for k, g in enumerate(groups, 1)
    ]
    tooltip = tooltips(
        group=say("group"),
        ratio=say("observed / expected"),
        observed=say("observed"),
        expected=say("expected"),
        cells=say("cells"),
    )
    axis = alt.Axis(title=say("observed / expected"), tickCount=5)
    x = alt.X("group:N", sort=None, axis=alt.Axis(title=say("groups, least expected first"), labelAngle=0))
    points = alt.Chart(alt.NamedData("groups")).mark_point(filled=True, size=70, color=BLUE, opacity=1)
    chart = alt.layer(
        rule(y=alt.YDatum(1)),
        points.encode(x=x, y=alt.Y("ratio:Q", axis=axis, scale=alt.Scale(zero=True, nice=True)), tooltip=tooltip),
    )
    key = [Key("line", "ink", say("as much as expected"))]
    finished = finish(
        cast(alt.LayerChart, chart),
        say("Calibration"),
        say("Pairs in slices, by equal expected sum"),
        CALIBRATION_HEIGHT,
        {"groups": rows},
        key,
    )
    return finished.properties(width=CALIBRATION_WIDTH)


def detectable(found: DetectableEffects) -> alt.LayerChart:
    """The smallest effect found, per standard deviation, by number of events; both axes are logarithmic."""
    rows = [{"events": r.events, "effect": finite(r.effect_sd), "unit": number(r.effect)} for r in found.rows]
    tooltip = tooltips(events=say("events"), effect=say("per standard deviation"), unit=say("per unit of the column"))
    x = alt.X("events:Q", scale=alt.Scale(type="log"), axis=alt.Axis(title=say("events"), format=",", tickCount=5))
    y = alt.Y(
        "effect:Q",
        scale=alt.Scale(type="log", zero=False, nice=True),
        axis=alt.Axis(title=say("smallest effect found, per standard deviation"), tickCount=5),
    )
    base = alt.Chart(alt.NamedData("detectable"))
    chart = alt.layer(
        base.mark_line(color=BLUE).encode(x=x, y=y),
        base.mark_point(filled=True, size=70, color=BLUE, opacity=1).encode(x=x, y=y, tooltip=tooltip),
    )
    said = say("Found in {power:.0%} of samples of {n_actors} actors", power=found.power, n_actors=found.n_actors)
    key = [Key("none", "ink", say("By a two-sided test at {level:.0%}.", level=found.level))]
    title = say("How many events show an effect of {term}", term=found.term)
    return finish(cast(alt.LayerChart, chart), title, said, CALIBRATION_HEIGHT, {"detectable": rows}, key)

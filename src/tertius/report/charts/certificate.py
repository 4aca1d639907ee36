"""The certificate: what comes first, and pictures of chance."""

from __future__ import annotations

from typing import cast

import altair as alt
import numpy as np

from tertius.answers.certificate import Certificate, Picture
from tertius.answers.explanation import Explanation
from tertius.language import joined, say
from tertius.report.charts.parts import (
    BLUE,
    INTERVALS,
    PAPER,
    VERMILION,
    WINDOW,
    data,
    finish,
    finite,
    interval_row,
    rule,
    tooltips,
)
from tertius.report.document import Key
from tertius.report.words import (
    decimals,
    each,
    window_lines,
)

PROFILE_HEIGHT, CHANCE_HEIGHT = 220, 130


def lead_lag_profile(e: Explanation, c: Certificate) -> alt.LayerChart:
    """The certificate's five windows in order of time, with 95 % intervals and the zero line; the present shaded."""
    rows = [
        {
            **interval_row(
                joined(window_lines(p, e.fit.period), "|"),
                p.estimate,
                p.estimate - 1.96 * p.se,
                p.estimate + 1.96 * p.se,
            ),
            "said": joined(window_lines(p, e.fit.period), " "),
            "place": k,
            "z": decimals(p.z),
        }
        for k, p in enumerate(c.profile)
    ]
    axis = alt.Axis(
        title=say("hostility, seen from the {period} of cooperation", period=each(e.fit.period)),
        labelAngle=0,
        ticks=False,
        labelExpr="split(datum.label, '|')",  # our own words, never a label of the data
    )
    x = alt.X("name:N", sort=[r["name"] for r in rows], axis=axis, scale=alt.Scale(type="band"))
    scale = alt.Scale(nice=True)
    value = alt.Axis(title=say("log points of cooperation"), tickCount=5, grid=True)
    tooltip = tooltips(said=say("hostility"), part=say("estimate"), interval=say("95 % interval"), z="z")
    base = alt.Chart(alt.NamedData("profile")).encode(x=x, tooltip=tooltip)
    now = base.transform_filter("datum.place === 2").mark_bar(color=WINDOW, width={"band": 0.98})
    fill = alt.condition("datum.clear", alt.value(BLUE), alt.value(PAPER))
    chart = alt.layer(
        now.encode(y=alt.YValue(0), y2=alt.value(PROFILE_HEIGHT)),
        rule(y=alt.YDatum(0, scale=scale, axis=value)),
        base.mark_rule(strokeWidth=2, color=BLUE).encode(y=alt.Y("low:Q", scale=scale, axis=value), y2="high:Q"),
        base.mark_point(size=80, strokeWidth=2, opacity=1, stroke=BLUE).encode(
            y=alt.Y("value:Q", scale=scale, axis=value), fill=fill
        ),
    )
    key = [Key("bar", "window", say("hostility of the same {period}", period=each(e.fit.period)))]
    return finish(
        cast(alt.LayerChart, chart),
        say("What comes first, hostility or cooperation?"),
        INTERVALS,
        PROFILE_HEIGHT,
        {"profile": rows},
        key,
    )


def chance(picture: Picture) -> alt.LayerChart:
    """How often a shuffled network gives which z, and where the data's own lies. It decides nothing, and says so."""
    draws = [z for z in picture.draws if np.isfinite(z)]
    counts, ends = np.histogram(draws, bins=24)
    rows = [
        {"from": finite(a), "to": finite(b), "n": int(n), "range": say("{a:.2f} to {b:.2f}", a=a, b=b)}
        for n, a, b in zip(counts, ends[:-1], ends[1:], strict=True)
    ]
    tooltip = tooltips(range="z", n=say("draws"))
    axis = alt.Axis(title=say("z of earlier hostility"), tickCount=6, grid=False)
    bars = alt.Chart(alt.NamedData("draws")).mark_bar(color=BLUE, opacity=0.75)
    own = alt.Chart(data([{"z": finite(picture.observed)}]))
    chart = alt.layer(
        bars.encode(
            x=alt.X("from:Q", axis=axis, scale=alt.Scale(zero=False)),
            x2="to:Q",
            y=alt.Y("n:Q", axis=alt.Axis(title=say("draws"), tickCount=4, grid=False)),
            y2=alt.Y2Datum(0),
            tooltip=tooltip,
        ),
        own.mark_rule(color=VERMILION, strokeWidth=3).encode(x=alt.X("z:Q", axis=axis, scale=alt.Scale(zero=False))),
    )
    key = [
        Key("bar", "blue", say("{draws} draws", draws=len(draws))),
        Key("line", "orange", say("the data, z = {observed:.1f}", observed=picture.observed)),
    ]
    title = say("Decides nothing: {name}", name=picture.name)
    return finish(
        cast(alt.LayerChart, chart), title, say("Not a test of what came first"), CHANCE_HEIGHT, {"draws": rows}, key
    )

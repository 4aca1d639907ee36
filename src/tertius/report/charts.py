"""Charts of an answer (altair): one function, one chart, from the dataclasses alone.

Colours are Okabe and Ito's, and nothing hangs on colour alone: signs differ by direction, third parties by row,
intervals that exclude zero by a filled point. Every colour depends on the parameter ``dark`` of the specification, so
that one chart serves light and dark pages and paper. Times are UTC. A slice that was not observed is never drawn as
zero.

A title has lines for a wide and for a narrow chart, a subtitle is one line, and the legend (:class:`Key`) is in the
specification's ``usermeta``: the page sets it as text below the chart, where it wraps and can be read aloud.

Panels are stacked by giving each its own stretch of one y range, not by concatenation: only a single view can be as
wide as its container.

:func:`charts_of` gives all charts of an answer, the same objects in a notebook as on the page::

    charts = tertius.charts_of(answer)
    charts["pair-over-time"]  # shows itself; .save("pair.png"), .save("pair.svg"), .to_dict()
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO, StringIO
from typing import Any, cast

import altair as alt
import numpy as np

from tertius.answers.certificate import Certificate, Picture
from tertius.answers.explanation import Explanation
from tertius.detectable import DetectableEffects
from tertius.events.slices import Bools
from tertius.model.checks.adequacy import Group
from tertius.model.result import FitResult
from tertius.plain import number
from tertius.report.ladder import (
    CHOICES,
    CURVE,
    choice,
    choices,
    chosen_of,
    figure,
    path_of,
    rung_lines,
    settings,
    sorted_curve,
    specification,
)
from tertius.report.wording import (
    NOUN,
    both,
    change_of,
    day_size,
    day_text,
    day_who,
    decimals,
    each,
    interval,
    largest,
    model_title,
    named,
    periods,
    span,
    steps,
    unit,
    window_lines,
)
from tertius.spec import Duration

COLOURS = {
    "blue": ("#0072B2", "#56B4E9"),
    "orange": ("#D55E00", "#F28E3C"),
    "ink": ("#222222", "#ececec"),
    "quiet": ("#595959", "#b5b5b5"),
    "paper": ("#ffffff", "#16181a"),
    "grid": ("#e6e6e6", "#34383c"),
    "reference": ("#e4e4e4", "#33373b"),
    "window": ("#f7e9b9", "#4d4014"),
    "unobserved": ("#8c8c8c", "#7b8085"),
}
"""Name -> colour on white paper, colour on a dark page."""


def _colour(name: str) -> alt.ExprRef:
    light, dark = COLOURS[name]
    return alt.ExprRef(f"dark ? '{dark}' : '{light}'")


BLUE, VERMILION, BLACK, GREY, PAPER = map(_colour, ("blue", "orange", "ink", "quiet", "paper"))
REFERENCE, WINDOW, UNOBSERVED = map(_colour, ("reference", "window", "unobserved"))

POINTS = 120
THIRD_PARTIES = 12
COLUMNS = 48  # of a subtitle, so that it fits 390 pixels
TITLE_NARROW, TITLE_WIDE = 40, 76  # columns of a line of title
WIDE = 540  # pixels between the axes, from which on a title has wide lines
DAY = 86_400_000.0  # milliseconds
NEAR = 0.055  # of the span: closer marks would overlap at 390 pixels

FLOWS, PRESSURE, PAIR_HEIGHT = [200, 34], [330, 244], 330
LANES, LANE = 30, 16  # where the marks of events begin, and how far one stands below another
ROW, BETWEEN_ROWS = 56, 34
CALIBRATION_WIDTH, CALIBRATION_HEIGHT = 330, 220
RUNGS = (1, 2, 3, 4)
PROFILE_HEIGHT, CHANCE_HEIGHT = 220, 130
EPISODE_HEIGHT = 220
CURVE_HEIGHT, CHOICE, BETWEEN_CHOICES = 190, 15, 24
_LOOKS = ((False, BLUE, "circle", 34), (True, VERMILION, "diamond", 70))

AXIS: dict[str, Any] = {
    "labelFontSize": 11,
    "titleFontSize": 11,
    "titleFontWeight": "normal",
    "labelColor": BLACK,
    "titleColor": BLACK,
    "gridColor": _colour("grid"),
    "domainColor": GREY,
    "tickColor": GREY,
}

Row = dict[str, Any]
INTERVALS = "95 % intervals; filled where zero lies outside"


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend.

    Attributes
    ----------
    mark : "bar", "line", "band", "dot", "ring", "diamond", "circle", "square" or "none" (a note).
    colour : a name of :data:`COLOURS`.
    text : what it stands for.
    """

    mark: str
    colour: str
    text: str


def key_of(chart: alt.LayerChart) -> tuple[Key, ...]:
    """The legend of a chart of this module."""
    return tuple(Key(**entry) for entry in chart.usermeta["key"])


VEGA_LITE = f"application/vnd.vegalite.v{alt.SCHEMA_VERSION.removeprefix('v').partition('.')[0]}+json"
NOTEBOOK_WIDTH, NOTEBOOK_PPI = 640, 144


class Drawn(alt.LayerChart):
    """A chart that a notebook shows without a network: altair's own way of showing one loads Vega from a server."""

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        """The specification, which JupyterLab draws itself, and pictures for everything else."""
        chart = self.properties(width=NOTEBOOK_WIDTH)
        svg, png = StringIO(), BytesIO()
        chart.save(svg, format="svg")
        chart.save(png, format="png", ppi=NOTEBOOK_PPI)
        return {
            VEGA_LITE: chart.to_dict(),
            "image/svg+xml": svg.getvalue(),
            "image/png": png.getvalue(),
            "text/plain": str(self.description),
        }


def charts_of(e: Explanation) -> dict[str, alt.LayerChart]:
    """All charts of an answer by name, in the order of the page; what was not computed has no chart.

    Names: profile and one for each picture of chance (with a certificate), rungs, episodes, curve (with a ladder),
    pair-over-time, third-parties, path, coefficients, calibration. The page embeds these very objects.
    """
    a, c, fit = e.attribution, e.certificate, e.fit
    found = {}
    if c is not None:
        found["profile"] = lead_lag_profile(e, c)
        found |= {p.name.replace(" ", "-"): chance(p) for p in c.pictures if p.draws}
    lines = [line for line in rung_lines(fit.ladder, a.effect) if line.rung in RUNGS]
    if not all(line.state for line in lines):
        found["rungs"] = rungs(fit.ladder, a.effect, int(e.rung.partition(" ")[0]))
    if episodes := path_of(fit.ladder):
        found["episodes"] = around_episodes(episodes, fit.outcome, fit.period or fit.slice)
    curve = next((r for r in fit.ladder if r["rung"] == CURVE), None)
    if curve is not None and sorted_curve(curve):
        found["curve"] = specification_curve(curve, a.effect, settings(fit))
    found["pair-over-time"] = pair_over_time(e)
    if largest(a.third_parties, THIRD_PARTIES):
        found["third-parties"] = third_parties(e)
    if a.path:
        found["path"] = path(e)
    found["coefficients"] = coefficients(fit, a.effect)
    if fit.adequacy is not None:
        found["calibration"] = calibration(fit.adequacy.calibration)
    return found


def day_id(n: int) -> str:
    """The anchor on the page of the n-th of an answer's ``landmarks``, from 1."""
    return f"day-{n}"


def pair_over_time(e: Explanation) -> alt.LayerChart:
    """Cooperation up and hostility down, per observed day, above the pressure from third parties; window and reference
    shaded.

    More than :data:`POINTS` slices are put together in equal steps; a step shows its sum over its observed days.
    The largest days (:mod:`tertius.answers.landmarks`) are numbered marks above; their ``anchor`` is the day's on the
    page.
    """
    rows, gaps, step = _pair_rows(e)
    edges = _edges(e.attribution.series.date, e.fit.slice)
    spans = [
        {"from": _ms(days[0]), "to": min(_ms(days[1]) + DAY, edges[-1]), "label": label}
        for label, days in (("reference", e.attribution.rise.reference), ("window", e.attribution.rise.window))
    ]
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=_time_axis())
    tooltip = _tooltip(
        days=f"{steps(e.fit)} from",
        cooperation="cooperation a day",
        hostility="hostility a day",
        force="pressure",
        seen=f"{steps(e.fit)} observed",
    )
    fill = alt.Fill("label:N", scale=alt.Scale(domain=["reference", "window"], range=[REFERENCE, WINDOW]), legend=None)
    shades = alt.Chart(_data(spans)).mark_rect().encode(x=x, x2="to:T", fill=fill)
    names = alt.Chart(_data(spans)).mark_text(align="left", baseline="top", dx=3, color=BLACK, fontSize=11)
    marks = _mark_rows(e, edges)
    lower = LANE * (1 + max(r["lane"] for r in marks)) if marks else 0
    blind = [alt.Chart(_data(gaps)).mark_rect(fill=UNOBSERVED).encode(x=x, x2="to:T")] if gaps else []

    scale = alt.Scale(range=[y + lower for y in FLOWS], nice=True)
    axis = alt.Axis(title=f"{e.unit} per observed day", tickCount=5, orient="left", minExtent=34)
    base = alt.Chart(alt.NamedData("steps"))
    flows = alt.layer(
        *(
            base.mark_bar(color=colour).encode(
                x=x, x2="to:T", y=alt.Y(f"{sign}:Q", scale=scale, axis=axis), y2=alt.Y2Datum(0), tooltip=tooltip
            )
            for sign, colour in (("up", BLUE), ("down", VERMILION))
        ),
        _rule(y=alt.YDatum(0, scale=scale, axis=axis)),
    )
    force = base.mark_line(color=BLACK, strokeWidth=1.8, point={"size": 6, "color": BLACK}).encode(
        x="middle:T",
        y=alt.Y(
            "pressure:Q",
            scale=alt.Scale(range=[y + lower for y in PRESSURE], zero=True, nice=True),
            axis=alt.Axis(title="pressure", tickCount=3, orient="left", minExtent=34),
        ),
        detail="run:N",
        tooltip=tooltip,
    )
    source = "third parties hostile to both" if e.fit.directed else "third parties in conflict with both"
    days = f"one of the {'largest' if e.landmarks[0].stands_out else 'latest'} days, listed below" if marks else ""
    key = [
        Key("bar", "blue", "cooperation, upwards"),
        Key("bar", "orange", "hostility, downwards"),
        Key("line", "ink", f"pressure from {source}, in log units"),
        Key("bar", "reference", "reference"),
        Key("bar", "window", "window"),
        *([Key("bar", "unobserved", "less than half observed")] if gaps else []),
        *(
            Key(shape, colour, f"{sign}: {days}")
            for shape, colour, sign, hostile in (
                ("circle", "blue", "cooperation", False), ("square", "orange", "hostility", True)
            )
            if any(m["hostile"] is hostile for m in marks)
        ),
    ]  # fmt: skip
    chart = alt.layer(shades, *blind, names.encode(x=x, y=alt.value(4), text="label:N"), flows, force, *_marks(marks))
    chart = chart.resolve_scale(y="independent")
    title = f"{both(e)[0].upper()}{both(e)[1:]} over time"
    datasets = {"steps": rows, **({"marks": marks} if marks else {})}
    return _finish(chart, title, _per_day(e, step), PAIR_HEIGHT + lower, datasets, key)


def third_parties(e: Explanation) -> alt.LayerChart:
    """The largest parts of third parties with 95 % intervals and the zero line."""
    chosen = largest(e.attribution.third_parties, THIRD_PARTIES)
    rows = [_interval_row(named(t.actor), t.events, t.events_low, t.events_high) for t in chosen]
    title = f"{NOUN[e.outcome].capitalize()} that goes with changed " + (
        "hostility towards both" if e.fit.directed else "conflict with the pair"
    )
    chart = _intervals(rows, f"{e.unit} in the window", "third party")
    return _finish(chart, title, INTERVALS, 25 * max(1, len(rows)), {"lines": _placed(rows)})


def coefficients(fit: FitResult, highlight: str = "") -> alt.LayerChart:
    """Every coefficient per standard deviation with its 95 % interval and the zero line; one term in another colour."""
    rows = [
        _interval_row(c.term, c.estimate_sd, c.ci_low * c.sd, c.ci_high * c.sd, marked=c.term == highlight)
        for c in fit.coefficients
    ]
    key = [
        Key("none", "ink", f"{change_of(fit)}."),
        *([Key("dot", "orange", f"{highlight}, on which the answer hangs")] if highlight else []),
    ]
    chart = _intervals(rows, "log points per standard deviation", "term")
    return _finish(chart, model_title(fit), INTERVALS, 22 * max(1, len(rows)), {"lines": _placed(rows)}, key)


def lead_lag_profile(e: Explanation, c: Certificate) -> alt.LayerChart:
    """The certificate's five windows in order of time, with 95 % intervals and the zero line; the present shaded."""
    rows = [
        {
            **_interval_row(
                "|".join(window_lines(p, e.fit.period)), p.estimate, p.estimate - 1.96 * p.se, p.estimate + 1.96 * p.se
            ),
            "said": " ".join(window_lines(p, e.fit.period)),
            "place": k,
            "z": decimals(p.z),
        }
        for k, p in enumerate(c.profile)
    ]
    axis = alt.Axis(
        title=f"hostility, seen from the {each(e.fit.period)} of cooperation",
        labelAngle=0,
        ticks=False,
        labelExpr="split(datum.label, '|')",  # our own words, never a label of the data
    )
    x = alt.X("name:N", sort=[r["name"] for r in rows], axis=axis, scale=alt.Scale(type="band"))
    scale = alt.Scale(nice=True)
    value = alt.Axis(title="log points of cooperation", tickCount=5, grid=True)
    tooltip = _tooltip(said="hostility", part="estimate", interval="95 % interval", z="z")
    base = alt.Chart(alt.NamedData("profile")).encode(x=x, tooltip=tooltip)
    now = base.transform_filter("datum.place === 2").mark_bar(color=WINDOW, width={"band": 0.98})
    fill = alt.condition("datum.clear", alt.value(BLUE), alt.value(PAPER))
    chart = alt.layer(
        now.encode(y=alt.value(0), y2=alt.value(PROFILE_HEIGHT)),
        _rule(y=alt.YDatum(0, scale=scale, axis=value)),
        base.mark_rule(strokeWidth=2, color=BLUE).encode(y=alt.Y("low:Q", scale=scale, axis=value), y2="high:Q"),
        base.mark_point(size=80, strokeWidth=2, opacity=1, stroke=BLUE).encode(
            y=alt.Y("value:Q", scale=scale, axis=value), fill=fill
        ),
    )
    key = [Key("bar", "window", f"hostility of the same {each(e.fit.period)}")]
    return _finish(
        cast(alt.LayerChart, chart),
        "What comes first, hostility or cooperation?",
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
        {"from": _finite(a), "to": _finite(b), "n": int(n), "range": f"{a:.2f} to {b:.2f}"}
        for n, a, b in zip(counts, ends[:-1], ends[1:], strict=True)
    ]
    tooltip = _tooltip(range="z", n="draws")
    axis = alt.Axis(title="z of earlier hostility", tickCount=6, grid=False)
    bars = alt.Chart(alt.NamedData("draws")).mark_bar(color=BLUE, opacity=0.75)
    own = alt.Chart(_data([{"z": _finite(picture.observed)}]))
    chart = alt.layer(
        bars.encode(
            x=alt.X("from:Q", axis=axis, scale=alt.Scale(zero=False)),
            x2="to:Q",
            y=alt.Y("n:Q", axis=alt.Axis(title="draws", tickCount=4, grid=False)),
            y2=alt.Y2Datum(0),
            tooltip=tooltip,
        ),
        own.mark_rule(color=VERMILION, strokeWidth=3).encode(x=alt.X("z:Q", axis=axis, scale=alt.Scale(zero=False))),
    )
    key = [
        Key("bar", "blue", f"{len(draws)} draws"),
        Key("line", "orange", f"the data, z = {picture.observed:.1f}"),
    ]
    title = f"Decides nothing: {picture.name}"
    return _finish(
        cast(alt.LayerChart, chart), title, "Not a test of what came first", CHANCE_HEIGHT, {"draws": rows}, key
    )


def calibration(groups: Sequence[Group]) -> alt.LayerChart:
    """Observed over expected outcome in groups of equal expected sum, with the line at one.

    Its width is fixed, for it stands in a part of the page that is folded when charts are drawn.
    """
    rows = [
        {
            "group": str(k),
            "ratio": _finite(g.observed / g.expected),
            "expected": number(g.expected),
            "observed": number(g.observed),
            "cells": f"{g.cells:,}",
        }
        for k, g in enumerate(groups, 1)
    ]
    tooltip = _tooltip(
        group="group", ratio="observed / expected", observed="observed", expected="expected", cells="cells"
    )
    axis = alt.Axis(title="observed / expected", tickCount=5)
    x = alt.X("group:N", sort=None, axis=alt.Axis(title="groups, least expected first", labelAngle=0))
    points = alt.Chart(alt.NamedData("groups")).mark_point(filled=True, size=70, color=BLUE, opacity=1)
    chart = alt.layer(
        _rule(y=alt.YDatum(1)),
        points.encode(x=x, y=alt.Y("ratio:Q", axis=axis, scale=alt.Scale(zero=True, nice=True)), tooltip=tooltip),
    )
    key = [Key("line", "ink", "as much as expected")]
    finished = _finish(
        cast(alt.LayerChart, chart),
        "Calibration",
        "Pairs in slices, by equal expected sum",
        CALIBRATION_HEIGHT,
        {"groups": rows},
        key,
    )
    return finished.properties(width=CALIBRATION_WIDTH)


def detectable(found: DetectableEffects) -> alt.LayerChart:
    """The smallest effect found, per standard deviation, by number of events; both axes are logarithmic."""
    rows = [{"events": r.events, "effect": _finite(r.effect_sd), "unit": number(r.effect)} for r in found.rows]
    tooltip = _tooltip(events="events", effect="per standard deviation", unit="per unit of the column")
    x = alt.X("events:Q", scale=alt.Scale(type="log"), axis=alt.Axis(title="events", format=",", tickCount=5))
    y = alt.Y(
        "effect:Q",
        scale=alt.Scale(type="log", zero=False, nice=True),
        axis=alt.Axis(title="smallest effect found, per standard deviation", tickCount=5),
    )
    base = alt.Chart(alt.NamedData("detectable"))
    chart = alt.layer(
        base.mark_line(color=BLUE).encode(x=x, y=y),
        base.mark_point(filled=True, size=70, color=BLUE, opacity=1).encode(x=x, y=y, tooltip=tooltip),
    )
    said = f"Found in {found.power:.0%} of samples of {found.n_actors} actors"
    key = [Key("none", "ink", f"By a two-sided test at {found.level:.0%}.")]
    title = f"How many events show an effect of {found.term}"
    return _finish(cast(alt.LayerChart, chart), title, said, CALIBRATION_HEIGHT, {"detectable": rows}, key)


def rungs(ladder: Sequence[Mapping[str, Any]], term: str, answer: int = 0) -> alt.LayerChart:
    """One effect on rungs 1 to 4 with 95 % intervals and the zero line; a rung without it says why.

    ``answer`` is the rung on which the answer stands (0: none), in another colour.
    """
    lines = [line for line in rung_lines(ladder, term) if line.rung in RUNGS]
    rows = [
        {
            **_interval_row(line.label, line.value, line.low, line.high, marked=line.rung == answer),
            "state": line.state or None,  # beside zero, where there is no point
        }
        for line in lines
    ]
    key = [Key("dot", "orange", "the rung of the answer")] if any(r["marked"] for r in rows) else []
    chart = _intervals(rows, "log points per standard deviation", "rung", _absent(rows))
    title = f"{term} on each rung of the ladder"
    return _finish(chart, title, INTERVALS, 30 * len(rows), {"lines": _placed(rows)}, key)


def specification_curve(
    rung: Mapping[str, Any], term: str = "", chosen: Mapping[str, Any] | None = None
) -> alt.LayerChart:
    """Rung 6: estimates per standard deviation, sorted, with 95 % intervals, above a matrix of what each one chose.

    ``chosen`` is one specification (half_life, legs, period, kind, inertia, donut), drawn in another colour and shape.
    Choices that all specifications share are named in the legend.
    """
    points = sorted_curve(rung)
    rows = [
        {
            **_interval_row(
                specification(p), figure(p["estimate_sd"]), figure(p["ci_low"]), figure(p["ci_high"]),
                marked=chosen is not None and all(chosen_of(p, c) == chosen_of(chosen, c) for c in CHOICES),
            ),
            "place": k,
        }
        for k, p in enumerate(points)
    ]  # fmt: skip
    vary = {c: labels for c in CHOICES if len(labels := choices(points, c)) > 1}
    shared = [label for c in CHOICES if c not in vary for label in choices(points, c)]
    x = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[-0.7, len(rows) - 0.3], nice=False, zero=False))
    tooltip = _tooltip(name="specification", part="estimate", interval="95 % interval")
    scale = alt.Scale(range=[CURVE_HEIGHT, 0], nice=True)
    axis = alt.Axis(title="log points per standard deviation", tickCount=5, orient="left", grid=True)
    base = alt.Chart(alt.NamedData("curve")).encode(x=x, tooltip=tooltip)
    layers: list[alt.Chart] = [_rule(y=alt.YDatum(0, scale=scale, axis=axis))]
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
        Key("none", "ink", "Smallest estimate first; the dots below show what each specification chose."),
        *([Key("diamond", "orange", "the settings of rung 4")] if any(r["marked"] for r in rows) else []),
        *([Key("none", "ink", f"The same in all: {', '.join(shared)}.")] if shared else []),
    ]
    title = f"{term or 'The effect'} under {len(rows)} specifications"
    chart = alt.layer(*panels).resolve_scale(y="independent")
    return _finish(chart, title, INTERVALS, top - BETWEEN_CHOICES + 6, datasets, key)


def around_episodes(path: Sequence[Mapping[str, Any]], outcome: str, period: str) -> alt.LayerChart:
    """Rung 5: an outcome before and after third parties turn on both of a pair, as a ratio of what was to be expected.

    ``path`` holds the periods in order (period, estimate, low, high, n); those from the episode on are shaded.
    """
    rows = [
        {
            "period": int(p["period"]),
            **_interval_row(
                f"period {int(p['period']):+d}" if p["period"] else "the period in which it begins",
                figure(p["estimate"]), figure(p["low"]), figure(p["high"]),
            ),
            "cells": f"{int(p['n']):,}",
        }
        for p in path
    ]  # fmt: skip
    ends = [r["period"] for r in rows] or [0]
    edges = [min(ends) - 0.6, max(ends) + 0.6]
    axis = alt.Axis(title=f"{periods(period)} before (−) and after the episode began", tickMinStep=1, grid=False)
    x = alt.X("period:Q", axis=axis, scale=alt.Scale(domain=edges, nice=False, zero=False))
    scale = alt.Scale(nice=True)
    value = alt.Axis(title=f"log points of {NOUN[outcome]}", tickCount=5, grid=True)
    tooltip = _tooltip(name="since it began", part="estimate", interval="95 % interval", cells="cells")
    base = alt.Chart(alt.NamedData("episodes")).encode(x=x, tooltip=tooltip)
    fill = alt.condition("datum.clear", alt.value(BLUE), alt.value(PAPER))
    after = alt.Chart(_data([{"from": -0.5, "to": edges[1]}])).mark_rect(fill=WINDOW)
    chart = alt.layer(
        after.encode(x=alt.X("from:Q", axis=axis, scale=alt.Scale(domain=edges, nice=False, zero=False)), x2="to:Q"),
        _rule(y=alt.YDatum(0, scale=scale, axis=value)),
        base.mark_rule(strokeWidth=2, color=BLUE).encode(y=alt.Y("low:Q", scale=scale, axis=value), y2="high:Q"),
        base.mark_point(size=50, strokeWidth=1.5, opacity=1, stroke=BLUE).encode(
            y=alt.Y("value:Q", scale=scale, axis=value), fill=fill
        ),
    )
    key = [
        Key("bar", "window", "from the episode on"),
        Key("line", "ink", "zero: what is expected from periods without an episode"),
    ]
    title = f"{NOUN[outcome].capitalize()} around episodes of joint hostility"
    return _finish(cast(alt.LayerChart, chart), title, INTERVALS, EPISODE_HEIGHT, {"episodes": rows}, key)


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
    x = alt.X("time:T", scale=alt.Scale(type="utc", nice=False), axis=_time_axis())
    tooltip = _tooltip(
        name="third party",
        days=f"{steps(e.fit)} from",
        part=f"{e.unit} per observed day",
        interval="95 % interval",
    )
    layers = []
    for k, actor in enumerate(actors):
        top = k * (ROW + BETWEEN_ROWS) + 18
        scale = alt.Scale(range=[top + ROW, top], domain=domain)
        base = alt.Chart(alt.NamedData(f"path{k}")).encode(x=x, detail="run:N")
        head = alt.Chart(_data([{"name": named(actor)}])).mark_text(
            align="left", baseline="bottom", fontWeight="bold", fontSize=12, color=BLACK
        )
        layers.append(
            alt.layer(
                base.mark_area(color=BLUE, opacity=0.3).encode(y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"),
                base.mark_line(color=BLUE, strokeWidth=1.8, point={"size": 9, "color": BLUE}).encode(
                    y=alt.Y("value:Q", scale=scale, axis=axis), tooltip=tooltip
                ),
                _rule(y=alt.YDatum(0, scale=scale, axis=axis)),
                head.encode(x=alt.value(2), y=alt.value(top - 3), text="name:N"),
            )
        )
    key = [
        Key("line", "blue", "part of the third party"),
        Key("band", "blue", "95 % band"),
        Key("line", "ink", "zero"),
        Key("none", "ink", "The same scale in every row."),
    ]
    title = f"The {len(actors)} largest parts over time, {span(e.attribution.rise.window)}"
    height = max(1, len(actors)) * (ROW + BETWEEN_ROWS)
    chart = alt.layer(*layers).resolve_scale(y="independent")
    return _finish(chart, title, _per_day(e, step), height, datasets, key)


def _pair_rows(e: Explanation) -> tuple[list[Row], list[Row], int]:
    """Steps of the pair's series, stretches without observation, and the number of slices in a step."""
    s = e.attribution.series
    edges, observed = _edges(s.date, e.fit.slice), np.array(s.observed, dtype=bool)
    cooperation, hostility, pressures, days = (np.array(v) for v in (s.cooperation, s.hostility, s.pressure, s.days))
    step = max(1, -(-len(s.date) // POINTS))
    rows: list[Row] = []
    run, before = 0, edges[0]
    for lo in range(0, len(s.date), step):
        at = np.arange(lo, min(lo + step, len(s.date)))
        seen = at[observed[at]]
        if len(seen) == 0:
            continue
        begin, end = edges[at[0]], edges[at[-1] + 1]
        run, before = run + (begin > before), end
        coop, host = (float(v[seen].sum() / days[seen].sum()) for v in (cooperation, hostility))
        pressure = float(pressures[seen].mean())
        rows.append(
            {
                "from": begin,
                "to": end,
                "middle": (begin + end) / 2,
                "run": run,
                "up": _finite(coop),
                "down": _finite(-host),
                "pressure": _finite(pressure),
                "days": _days(s.date[at[0]], s.date[at[-1]]),
                "cooperation": number(coop),
                "hostility": number(host),
                "force": number(pressure),
                "seen": f"{len(seen)} of {len(at)}",
            }
        )
    return rows, [{"from": edges[lo], "to": edges[hi + 1]} for lo, hi in _stretches(~observed)], step


def _mark_rows(e: Explanation, edges: Sequence[float]) -> list[Row]:
    """The largest days, numbered as they are listed; marks that would overlap stand in lanes of their own."""
    apart = (edges[-1] - edges[0]) * NEAR
    ends: list[float] = []  # of each lane
    rows: list[Row] = []
    for n, day in sorted(enumerate(e.landmarks, 1), key=lambda numbered: numbered[1].date):
        at = min(max(_ms(day.date), edges[0]), edges[-1])
        lane = next((i for i, end in enumerate(ends) if at - end >= apart), len(ends))
        ends[lane : lane + 1] = [at]
        rows.append(
            {
                "time": at,
                "lane": lane,
                "n": str(n),
                "hostile": day.hostile,
                "anchor": day_id(n),
                "date": day.date,
                "who": day_who(day, e),
                "sign": "hostility" if day.hostile else "cooperation",
                "size": day_size(day, e),
                "text": day_text(day, e),
            }
        )
    return rows


def _marks(rows: Sequence[Row]) -> list[alt.Chart]:
    """Numbered marks above the bars; a click on one is the page's to answer."""
    if not rows:
        return []
    tooltip = _tooltip(date="date", who="who", sign="sign", size="size", text="in words")
    lanes = 1 + max(r["lane"] for r in rows)
    scale = alt.Scale(domain=[0, lanes], range=[LANES, LANES + LANE * lanes], nice=False, zero=False)
    base = alt.Chart(alt.NamedData("marks")).encode(
        x="time:T", y=alt.Y("lane:Q", scale=scale, axis=None), tooltip=tooltip
    )
    ring: dict[str, Any] = {
        "filled": True,
        "fill": PAPER,
        "opacity": 1,
        "size": 190,
        "strokeWidth": 2,
        "cursor": "pointer",
    }
    drawn: list[alt.Chart] = [
        base.transform_filter(f"datum.hostile === {'true' if hostile else 'false'}").mark_point(
            shape="square" if hostile else "circle", stroke=VERMILION if hostile else BLUE, **ring
        )
        for hostile in (False, True)
        if any(r["hostile"] is hostile for r in rows)
    ]
    return [*drawn, base.mark_text(fontSize=10, fontWeight="bold", color=BLACK, cursor="pointer").encode(text="n:N")]


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
                "time": _ms(found[0].date),
                "value": _finite(value),
                "low": _finite(low),
                "high": _finite(high),
                "run": run,
                "name": named(actor),
                "days": _days(found[0].date, found[-1].date),
                "part": number(value),
                "interval": interval(low, high),
            }
        )
    return rows


def _window_dates(e: Explanation) -> list[str]:
    """The slices from the first to the last of the path, those without observation too."""
    dates, path = e.attribution.series.date, [p.date for p in e.attribution.path]
    return list(dates[dates.index(min(path)) : dates.index(max(path)) + 1]) if path else []


def _interval_row(name: str, value: float, low: float, high: float, *, marked: bool = False) -> Row:
    return {
        "name": name,
        "value": _finite(value),
        "low": _finite(low),
        "high": _finite(high),
        "clear": bool(low > 0 or high < 0),
        "marked": marked,
        "part": number(value),
        "interval": interval(low, high),
    }


def _placed(rows: Sequence[Row]) -> list[Row]:
    return [{**row, "place": k} for k, row in enumerate(rows)]


def _intervals(rows: Sequence[Row], title: str, what: str, words: str = "") -> alt.LayerChart:
    """Points with intervals, one row each in the order given, and the zero line.

    ``words``: rows have a "state" that stands beside zero instead of a point, aligned "left" or "right".
    """
    order = alt.EncodingSortField(field="place", op="min")  # by a number: a label never gets into an expression
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=150, ticks=False, domain=False))
    axis = alt.Axis(title=title, tickCount=5, grid=True)
    tooltip = _tooltip(name=what, part="estimate", interval="95 % interval")
    base = alt.Chart(alt.NamedData("lines")).encode(y=y, tooltip=tooltip)
    layers: list[alt.Chart] = [_rule(x=alt.XDatum(0, axis=axis))]
    for marked, colour in ((False, BLUE), (True, VERMILION)):
        if not any(r["marked"] is marked for r in rows):
            continue
        group = base.transform_filter(f"datum.marked === {str(marked).lower()}")
        fill = alt.condition("datum.clear", alt.value(colour), alt.value(PAPER))
        layers += [
            group.mark_rule(strokeWidth=2, color=colour).encode(x=alt.X("low:Q", axis=axis), x2="high:Q"),
            group.mark_point(size=70, strokeWidth=2, opacity=1, stroke=colour).encode(
                x=alt.X("value:Q", axis=axis), fill=fill
            ),
        ]
    if words:
        text = base.transform_filter("datum.state !== null").mark_text(
            align="left" if words == "left" else "right", dx=8 if words == "left" else -8, color=GREY
        )
        layers.append(text.encode(x=alt.XDatum(0, axis=axis), text="state:N"))
    return cast(alt.LayerChart, alt.layer(*layers))


def _absent(rows: Sequence[Row]) -> str:
    """On which side of zero there is room for words: "left" or "right" alignment."""
    ends = [x for r in rows for x in (r["low"], r["high"], r["value"]) if x is not None]
    return "left" if max(ends, default=0.0) >= -min(ends, default=0.0) else "right"


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


def _rule(**channel: Any) -> alt.Chart:
    rule: alt.Chart = alt.Chart(_data([{}])).mark_rule(color=BLACK).encode(**channel)
    return rule


def _finish(
    chart: alt.LayerChart,
    title: str,
    subtitle: str,
    height: float,
    datasets: Mapping[str, Sequence[Row]] | None = None,
    key: Sequence[Key] = (),
) -> alt.LayerChart:
    """Width of the container, a title in lines of its width, one line of subtitle, quiet axes in the colours of the
    page, the legend, and a description for screen readers."""
    said = [f"{k.text}." if k.text[-1] != "." else k.text for k in key]
    parameters = [
        alt.VariableParameter(name=name, value=value)
        for name, value in (
            ("dark", False),
            ("wide_title", textwrap.wrap(title, TITLE_WIDE)),
            ("narrow_title", textwrap.wrap(title, TITLE_NARROW)),
        )
    ]
    chart = chart.properties(
        width="container",
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        title=alt.TitleParams(
            alt.ExprRef(f"width < {WIDE} ? narrow_title : wide_title"),  # by name: no label gets into an expression
            subtitle=subtitle,
            anchor="start",
            frame="bounds",
        ),
        description=" ".join([f"{title}.", f"{subtitle}.", *said]),
        background=PAPER,
        params=parameters,
        usermeta={"key": [asdict(k) for k in key]},
        **({"datasets": {name: list(rows) for name, rows in datasets.items()}} if datasets else {}),
    )
    quiet = chart.configure_view(stroke=None).configure_mark(aria=False).configure_axis(**AXIS)
    titled = quiet.configure_title(fontSize=14, subtitleFontSize=12, subtitleColor=GREY, color=BLACK, offset=10)
    return Drawn(**{name: value for name, value in titled._kwds.items() if value is not alt.Undefined})


def _per_day(e: Explanation, step: int) -> str:
    """The unit of a series: "Events per observed day, by 3 slices"."""
    said = unit(e)
    return f"{said[0].upper()}{said[1:]} per observed day" + (f", by {step} {steps(e.fit)}" if step > 1 else "")


def _tooltip(**titles: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _time_axis() -> alt.Axis:
    return alt.Axis(title=None, grid=False, labelOverlap=True, tickCount=alt.ExprRef("max(3, width / 90)"))


def _data(rows: Sequence[Row]) -> alt.InlineData:
    return alt.InlineData(values=list(rows))


def _finite(x: float) -> float | None:
    """Six significant digits, None for what is not a number: charts need no more, and the page stays small."""
    return float(f"{x:.6g}") if np.isfinite(x) else None


def _ms(day: str) -> float:
    """Milliseconds since 1970, UTC."""
    return float(np.datetime64(day).astype("datetime64[ms]").astype(np.int64))


def _edges(dates: Sequence[str], length: str) -> list[float]:
    """Start of every slice and the end of the last, in milliseconds."""
    starts = [_ms(d) for d in dates]
    return [*starts, starts[-1] + Duration.parse(length).days * DAY]


def _days(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _stretches(mask: Bools) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    change = np.diff(np.concatenate([[0], mask.astype(int), [0]]))
    return [
        (int(a), int(b) - 1) for a, b in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True)
    ]

"""What all charts share: colours, axes, intervals, and how one is finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from io import BytesIO, StringIO
from typing import Any, cast

import altair as alt
import numpy as np

from tertius.answers.explanation import Explanation
from tertius.events.slices import Bools
from tertius.language import capital, joined, say, wrapped
from tertius.plain import number
from tertius.report.colours import COLOURS
from tertius.report.document import Key
from tertius.report.words import (
    interval,
    steps,
    unit,
)
from tertius.spec import Duration


def colour(name: str) -> alt.ExprRef:
    light, dark = COLOURS[name]
    return alt.ExprRef(f"dark ? '{dark}' : '{light}'")


BLUE, VERMILION, BLACK, GREY, PAPER = map(colour, ("blue", "orange", "ink", "quiet", "paper"))
REFERENCE, WINDOW, UNOBSERVED = map(colour, ("reference", "window", "unobserved"))
POINTS = 120
COLUMNS = 48  # of a subtitle, so that it fits 390 pixels
TITLE_NARROW, TITLE_WIDE = 40, 76  # columns of a line of title
WIDE = 540  # pixels between the axes, from which on a title has wide lines
DAY = 86_400_000.0  # milliseconds
AXIS: dict[str, Any] = {
    "labelFontSize": 11,
    "titleFontSize": 11,
    "titleFontWeight": "normal",
    "labelColor": BLACK,
    "titleColor": BLACK,
    "gridColor": colour("grid"),
    "domainColor": GREY,
    "tickColor": GREY,
}
Row = dict[str, Any]
INTERVALS = say("95 % intervals; filled where zero lies outside")
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


def interval_row(name: str, value: float, low: float, high: float, *, marked: bool = False) -> Row:
    return {
        "name": name,
        "value": finite(value),
        "low": finite(low),
        "high": finite(high),
        "clear": bool(low > 0 or high < 0),
        "marked": marked,
        "part": number(value),
        "interval": interval(low, high),
    }


def placed(rows: Sequence[Row]) -> list[Row]:
    return [{**row, "place": k} for k, row in enumerate(rows)]


def intervals(rows: Sequence[Row], title: str, what: str, words: str = "") -> alt.LayerChart:
    """Points with intervals, one row each in the order given, and the zero line.

    ``words``: rows have a "state" that stands beside zero instead of a point, aligned "left" or "right".
    """
    order = alt.EncodingSortField(field="place", op="min")  # by a number: a label never gets into an expression
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=150, ticks=False, domain=False))
    axis = alt.Axis(title=title, tickCount=5, grid=True)
    tooltip = tooltips(name=what, part=say("estimate"), interval=say("95 % interval"))
    base = alt.Chart(alt.NamedData("lines")).encode(y=y, tooltip=tooltip)
    layers: list[alt.Chart] = [rule(x=alt.XDatum(0, axis=axis))]
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
    return layered(layers)


def absent(rows: Sequence[Row]) -> str:
    """On which side of zero there is room for words: "left" or "right" alignment."""
    ends = [x for r in rows for x in (r["low"], r["high"], r["value"]) if x is not None]
    return "left" if max(ends, default=0.0) >= -min(ends, default=0.0) else "right"


def layered(layers: Sequence[alt.Chart]) -> alt.LayerChart:
    """Charts of one layer each, one above the other."""
    return cast(alt.LayerChart, alt.layer(*layers))


def apart(layers: Sequence[alt.Chart | alt.LayerChart]) -> alt.LayerChart:
    """Charts one above the other, each with a vertical scale of its own."""
    scales = alt.Resolve(scale=alt.ScaleResolveMap(y="independent"))
    return cast(alt.LayerChart, alt.layer(*layers, resolve=scales))


def rule(**channel: Any) -> alt.Chart:
    rule: alt.Chart = alt.Chart(data([{}])).mark_rule(color=BLACK).encode(**channel)
    return rule


def finish(
    chart: alt.LayerChart,
    title: str,
    subtitle: str,
    height: float,
    datasets: Mapping[str, Sequence[Row]] | None = None,
    key: Sequence[Key] = (),
) -> alt.LayerChart:
    """Width of the container, a title in lines of its width, one line of subtitle, quiet axes in the colours of the
    page, the legend, and a description for screen readers."""
    said = [say("{text}.", text=k.text) if k.text[-1] != "." else k.text for k in key]
    parameters = [
        alt.VariableParameter(name=name, value=value)
        for name, value in (
            ("dark", False),
            ("wide_title", wrapped(title, TITLE_WIDE)),
            ("narrow_title", wrapped(title, TITLE_NARROW)),
        )
    ]
    own = {name: value for name, value in chart._kwds.items() if value is not alt.Undefined}
    return Drawn(  # in one step: each of altair's .properties() and .configure_...() copies the whole chart
        **own,
        width="container",
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        title=alt.TitleParams(
            alt.ExprRef(f"width < {WIDE} ? narrow_title : wide_title"),  # by name: no label gets into an expression
            subtitle=subtitle,
            anchor="start",
            frame="bounds",
        ),
        description=joined([say("{title}.", title=title), say("{subtitle}.", subtitle=subtitle), *said], " "),
        background=PAPER,
        params=parameters,
        usermeta={"key": [asdict(k) for k in key]},
        config=alt.Config(
            view=alt.ViewConfig(stroke=None),
            mark=alt.MarkConfig(aria=False),
            axis=alt.AxisConfig(**AXIS),
            title=alt.TitleConfig(fontSize=14, subtitleFontSize=12, subtitleColor=GREY, color=BLACK, offset=10),
        ),
        datasets={name: tuple(rows) for name, rows in datasets.items()} if datasets else alt.Undefined,
    )


def per_day(e: Explanation, step: int) -> str:
    """The unit of a series: "Events per observed day, by 3 slices"."""
    said = unit(e)
    return say("{unit} per observed day", unit=capital(said)) + (
        say(", by {step} {steps}", step=step, steps=steps(e.fit)) if step > 1 else ""
    )


def tooltips(**titles: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def time_axis() -> alt.Axis:
    return alt.Axis(title=None, grid=False, labelOverlap=True, tickCount=alt.ExprRef("max(3, width / 90)"))


def data(rows: Sequence[Row]) -> alt.InlineData:
    return alt.InlineData(values=tuple(rows))  # altair copies lists at each of its steps, and hands tuples on


def finite(x: float) -> float | None:
    """Six significant digits, None for what is not a number: charts need no more, and the page stays small."""
    return float(f"{x:.6g}") if np.isfinite(x) else None


def ms(day: str) -> float:
    """Milliseconds since 1970, UTC."""
    return float(np.datetime64(day).astype("datetime64[ms]").astype(np.int64))


def slice_edges(dates: Sequence[str], length: str) -> list[float]:
    """Start of every slice and the end of the last, in milliseconds."""
    starts = [ms(d) for d in dates]
    return [*starts, starts[-1] + Duration.parse(length).days * DAY]


def day_range(first: str, last: str) -> str:
    return first if first == last else say("{first} to {last}", first=first, last=last)


def stretches(mask: Bools) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    change = np.diff(np.concatenate([[0], mask.astype(int), [0]]))
    return [
        (int(a), int(b) - 1) for a, b in zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True)
    ]

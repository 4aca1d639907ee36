"""The pair over time, with the largest days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from tertius.answers.explanation import Explanation
from tertius.language import capital, say
from tertius.plain import number
from tertius.report.charts.parts import (
    BLACK,
    BLUE,
    DAY,
    PAPER,
    POINTS,
    REFERENCE,
    UNOBSERVED,
    VERMILION,
    WINDOW,
    Row,
    apart,
    data,
    day_range,
    finish,
    finite,
    ms,
    per_day,
    rule,
    slice_edges,
    stretches,
    time_axis,
    tooltips,
)
from tertius.report.document import Key
from tertius.report.words import (
    both,
    day_id,
    day_size,
    day_text,
    day_who,
    grains,
    steps,
    when,
)

NEAR = 0.055  # of the span: closer marks would overlap at 390 pixels
FLOWS, PRESSURE, PAIR_HEIGHT = [200, 34], [330, 244], 330
LANES, LANE = 30, 16  # where the marks of events begin, and how far one stands below another


def pair_over_time(e: Explanation) -> alt.LayerChart:
    """Cooperation up and hostility down, per observed day, above the pressure from third parties; window and reference
    shaded.

    More than :data:`POINTS` slices are put together in equal steps; a step shows its sum over its observed days.
    The largest days (:mod:`tertius.answers.landmarks`) are numbered marks above; their ``anchor`` is the day's on the
    page.
    """
    rows, gaps, step = _pair_rows(e)
    edges = slice_edges(e.attribution.series.date, e.fit.slice)
    spans = [
        {"from": ms(days[0]), "to": min(ms(days[1]) + DAY, edges[-1]), "label": label}
        for label, days in (
            (say("reference"), e.attribution.rise.reference),
            (say("window"), e.attribution.rise.window),
        )
    ]
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    tooltip = tooltips(
        days=say("{steps} from", steps=steps(e.fit)),
        cooperation=say("cooperation a day"),
        hostility=say("hostility a day"),
        force=say("pressure"),
        seen=say("{steps} observed", steps=steps(e.fit)),
    )
    fill = alt.Fill(
        "label:N", scale=alt.Scale(domain=[say("reference"), say("window")], range=[REFERENCE, WINDOW]), legend=None
    )
    shades = alt.Chart(data(spans)).mark_rect().encode(x=x, x2="to:T", fill=fill)
    names = alt.Chart(data(spans)).mark_text(align="left", baseline="top", dx=3, color=BLACK, fontSize=11)
    marks = _mark_rows(e, edges)
    lower = LANE * (1 + max(r["lane"] for r in marks)) if marks else 0
    blind = [alt.Chart(data(gaps)).mark_rect(fill=UNOBSERVED).encode(x=x, x2="to:T")] if gaps else []

    scale = alt.Scale(range=[y + lower for y in FLOWS], nice=True)
    axis = alt.Axis(title=say("{unit} per observed day", unit=e.unit), tickCount=5, orient="left", minExtent=34)
    base = alt.Chart(alt.NamedData("steps"))
    flows = alt.layer(
        *(
            base.mark_bar(color=colour).encode(
                x=x, x2="to:T", y=alt.Y(f"{sign}:Q", scale=scale, axis=axis), y2=alt.Y2Datum(0), tooltip=tooltip
            )
            for sign, colour in (("up", BLUE), ("down", VERMILION))
        ),
        rule(y=alt.YDatum(0, scale=scale, axis=axis)),
    )
    force = base.mark_line(color=BLACK, strokeWidth=1.8, point={"size": 6, "color": BLACK}).encode(
        x="middle:T",
        y=alt.Y(
            "pressure:Q",
            scale=alt.Scale(range=[y + lower for y in PRESSURE], zero=True, nice=True),
            axis=alt.Axis(title=say("pressure"), tickCount=3, orient="left", minExtent=34),
        ),
        detail="run:N",
        tooltip=tooltip,
    )
    names = names.encode(x=x, y=alt.YValue(4), text="label:N")
    chart = apart([shades, *blind, names, flows, force, *_marks(marks)])
    title = say("{both} over time", both=capital(both(e)))
    datasets = {"steps": rows, **({"marks": marks} if marks else {})}
    return finish(chart, title, per_day(e, step), PAIR_HEIGHT + lower, datasets, _legend(e, bool(gaps), marks))


def _legend(e: Explanation, gaps: bool, marks: Sequence[Row]) -> list[Key]:
    """What stands for what."""
    source = say("third parties hostile to both") if e.fit.directed else say("third parties in conflict with both")
    stands_out = bool(marks) and e.landmarks[0].stands_out
    which = (
        say("one of the largest {days}, listed below") if stands_out else say("one of the latest {days}, listed below")
    )
    days = which.format(days=grains(e.grain))
    return [
        Key("bar", "blue", say("cooperation, upwards")),
        Key("bar", "orange", say("hostility, downwards")),
        Key("line", "ink", say("pressure from {source}, in log units", source=source)),
        Key("bar", "reference", say("reference")),
        Key("bar", "window", say("window")),
        *([Key("bar", "unobserved", say("less than half observed"))] if gaps else []),
        *(
            Key(shape, colour, say("{sign}: {days}", sign=sign, days=days))
            for shape, colour, sign, hostile in (
                ("circle", "blue", say("cooperation"), False), ("square", "orange", say("hostility"), True)
            )
            if any(m["hostile"] is hostile for m in marks)
        ),
    ]  # fmt: skip


def _pair_rows(e: Explanation) -> tuple[list[Row], list[Row], int]:
    """Steps of the pair's series, stretches without observation, and the number of slices in a step."""
    s = e.attribution.series
    edges, observed = slice_edges(s.date, e.fit.slice), np.array(s.observed, dtype=bool)
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
                "up": finite(coop),
                "down": finite(-host),
                "pressure": finite(pressure),
                "days": day_range(s.date[at[0]], s.date[at[-1]]),
                "cooperation": number(coop),
                "hostility": number(host),
                "force": number(pressure),
                "seen": say("{seen} of {at}", seen=len(seen), at=len(at)),
            }
        )
    return rows, [{"from": edges[lo], "to": edges[hi + 1]} for lo, hi in stretches(~observed)], step


def _mark_rows(e: Explanation, edges: Sequence[float]) -> list[Row]:
    """The largest days, numbered as they are listed; marks that would overlap stand in lanes of their own."""
    apart = (edges[-1] - edges[0]) * NEAR
    ends: list[float] = []  # of each lane
    rows: list[Row] = []
    for n, day in sorted(enumerate(e.landmarks, 1), key=lambda numbered: numbered[1].date):
        at = min(max(ms(day.date), edges[0]), edges[-1])
        lane = next((i for i, end in enumerate(ends) if at - end >= apart), len(ends))
        ends[lane : lane + 1] = [at]
        rows.append(
            {
                "time": at,
                "lane": lane,
                "n": str(n),
                "hostile": day.hostile,
                "anchor": day_id(n),
                "date": when(day.date, e.grain),
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
    tooltip = tooltips(date=say("date"), who=say("who"), sign=say("sign"), size=say("size"), text=say("in words"))
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

"""Camps: ribbons over time, the signed network coloured by camp, frustration beside its nulls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import altair as alt
import numpy as np

from tertius.answers.camps import Balance, WindowBalance
from tertius.language import Number, joined, say
from tertius.plain import number
from tertius.report.charts.parts import (
    AXIS,
    BLACK,
    GREY,
    PAPER,
    Row,
    colour,
    data,
    finish,
    finite,
    layered,
    tooltips,
    y_at,
)
from tertius.report.document import Key
from tertius.signed.layout import DRAWN, busiest, positions

CAMP_COLOURS = ("blue", "orange", "green", "purple", "amber")
SMALLER = len(CAMP_COLOURS)
"""Where camps that have no colour of their own are put together."""
RIBBONS_HEIGHT, NETWORK_HEIGHT, SERIES_HEIGHT = 320, 440, 220
BAR = 0.07  # half of a bar's width, in windows
GAP = 0.06  # between two camps, as a share of all actors
CURVE = 13  # points of a ribbon's edge
NAMES = 8  # windows named under the axis, at most


def coloured(found: Balance) -> dict[int, int]:
    """Camp -> place of its colour: the camps with most members over all windows have one, the others share the last.

    Two camps keep their numbers.
    """
    if found.camps == "2":
        return {0: 0, 1: 1}
    size: Counter[int] = Counter()
    for w in found.windows:
        size.update(int(c) for c in w.drawn(found.camps).found.camps if c >= 0)
    order = sorted(size, key=lambda c: (-size[c], c))
    return {c: min(k, SMALLER) for k, c in enumerate(order)}


def ribbons(found: Balance) -> alt.LayerChart:
    """A bar a window, stacked by camp, and ribbons of the actors that are in two neighbouring windows; those of actors
    who changed sides run from camp to camp."""
    place = coloured(found)
    stands = [_stands(w, found.camps, place) for w in found.windows]
    used = sorted({p for s in stands for p in s.values()})
    largest = max((len(s) for s in stands), default=1)
    gap = GAP * largest
    bars, edges = [], []
    for k, (w, s) in enumerate(zip(found.windows, stands, strict=True)):
        low = _bottoms(s, used, gap)
        counted = Counter(s.values())
        edges.append(low)
        bars += [
            {
                "from": k - BAR, "to": k + BAR, "low": low[p], "high": low[p] + counted[p], "camp": _camp(p, place),
                "shade": str(p), "window": w.window, "n": Number(f"{counted[p]:,}"),
                "who": joined((a for a, q in s.items() if q == p), ", ")[:200],
            }
            for p in used if counted[p]
        ]  # fmt: skip
    flows = [row for k in range(len(stands) - 1) for row in _flows(k, found, stands, edges, place)]
    fill = _fill("shade", used)
    wide = _over(len(stands))
    x = alt.X("x:Q", scale=wide, axis=None)
    axis = alt.Axis(title=say("actors"), tickCount=4, grid=False)
    y = alt.Scale(domain=[0, largest + gap * (len(used) - 1)], nice=False)
    layers: list[alt.Chart] = []
    if flows:
        tooltip = tooltips(windows=say("windows"), who=say("actors"), n=say("number"), camps=say("camps"))
        base = alt.Chart(alt.NamedData("flows")).encode(
            x=x, y=alt.Y("low:Q", scale=y, axis=axis), y2="high:Q", detail="flow:N", fill=fill, tooltip=tooltip
        )
        stayed, changed = (base.transform_filter(f"datum.changed === {word}") for word in ("false", "true"))
        layers += [stayed.mark_area(opacity=0.3), changed.mark_area(opacity=0.75, stroke=BLACK)]
    tooltip = tooltips(window=say("window"), camp=say("camp"), n=say("actors"), who=say("who"))
    layers.append(
        alt.Chart(alt.NamedData("bars")).mark_rect(stroke=PAPER).encode(
            x=alt.X("from:Q", scale=wide, axis=None), x2="to:Q", y=alt.Y("low:Q", scale=y, axis=axis),
            y2="high:Q", fill=fill, tooltip=tooltip,
        )
    )  # fmt: skip
    layers.append(_names([w.window for w in found.windows], RIBBONS_HEIGHT))
    keys = [Key("bar", _colour_of(p), _camp(p, place)) for p in used]
    if any(row["changed"] for row in flows):
        keys.append(Key("none", "ink", say("dark ribbons with an outline: actors who changed sides")))
    kind = say("two camps") if found.camps == "2" else say("a free number of camps")
    return finish(
        layered(layers), say("Who stands in which camp"), say("Actors by window, {kind}", kind=kind), RIBBONS_HEIGHT,
        {"bars": bars, **({"flows": flows} if flows else {})}, keys,
    )  # fmt: skip


def _stands(window: WindowBalance, camps: str, place: dict[int, int]) -> dict[str, int]:
    """Actor -> place of its camp's colour."""
    found = window.drawn(camps).found
    return {a: place[int(c)] for a, c in zip(found.actors, found.camps, strict=True) if c >= 0}


def _bottoms(stands: dict[str, int], used: Sequence[int], gap: float) -> dict[int, float]:
    """Where each camp's bar begins, from below."""
    counted, low, out = Counter(stands.values()), 0.0, {}
    for p in used:
        out[p] = low
        low += counted[p] + gap
    return out


def _flows(
    k: int, found: Balance, stands: Sequence[dict[str, int]], edges: Sequence[dict[int, float]], place: dict[int, int]
) -> list[Row]:
    """Ribbons from window k to the next, as points of their edges."""
    here, there = stands[k], stands[k + 1]
    moving: dict[tuple[int, int], list[str]] = {}
    for actor, camp in here.items():
        if actor in there:
            moving.setdefault((camp, there[actor]), []).append(actor)
    left, right = dict(edges[k]), dict(edges[k + 1])
    starts: dict[tuple[int, int], float] = {}
    for pair in sorted(moving):
        starts[pair] = left[pair[0]]
        left[pair[0]] += len(moving[pair])
    t = np.linspace(0.0, 1.0, CURVE)
    bend = t * t * (3.0 - 2.0 * t)
    rows: list[Row] = []
    for pair in sorted(moving, key=lambda p: (p[1], p[0])):
        a, b, actors = starts[pair], right[pair[1]], moving[pair]
        right[pair[1]] += len(actors)
        same = pair[0] == pair[1]
        told = {
            "flow": f"{k}-{pair[0]}-{pair[1]}",
            "shade": str(pair[0]),
            "changed": not same,
            "windows": say(
                "{window} to {window2}", window=found.windows[k].window, window2=found.windows[k + 1].window
            ),
            "who": joined(actors, ", ")[:200],
            "n": Number(f"{len(actors):,}"),
            "camps": _camp(pair[0], place)
            if same
            else say("{camp} to {camp2}", camp=_camp(pair[0], place), camp2=_camp(pair[1], place)),
        }
        for x, y in zip(k + BAR + (1 - 2 * BAR) * t, a + (b - a) * bend, strict=True):
            rows.append({**told, "x": finite(x), "low": finite(y), "high": finite(y + len(actors))})
    return rows


def _camp(p: int, place: dict[int, int]) -> str:
    """A camp by its number, as the text and tables have it."""
    if p == SMALLER:
        return say("smaller camps")
    number_of = next((c for c, q in place.items() if q == p), p)
    return say("camp {number_of}", number_of=number_of)


def _colour_of(p: int) -> str:
    return CAMP_COLOURS[p] if p < SMALLER else "quiet"


def _fill(field: str, used: Sequence[int]) -> alt.Fill:
    scale = alt.Scale(domain=[str(p) for p in used], range=[colour(_colour_of(p)) for p in used])
    return alt.Fill(f"{field}:N", scale=scale, legend=None)


def _over(n: int) -> alt.Scale:
    """The x of n windows."""
    return alt.Scale(domain=[-0.5, n - 0.5], nice=False)


def _names(windows: Sequence[str], height: float) -> alt.Chart:
    """The names of some windows below their bars: a label is data, and gets into no expression."""
    step = max(1, -(-len(windows) // NAMES))
    rows = [{"x": k, "name": w} for k, w in enumerate(windows) if k % step == 0]
    text: alt.Chart = (
        alt.Chart(data(rows))
        .mark_text(baseline="top", dy=6, color=BLACK, fontSize=AXIS["labelFontSize"])
        .encode(
            x=alt.X("x:Q", scale=_over(len(windows)), axis=None),
            y=y_at(height),
            text="name:N",
        )
    )
    return text


def network(found: Balance, window: WindowBalance) -> alt.LayerChart:
    """The actors with most edges of a window, near those they stand with; colour and number say the camp."""
    graph, camps = window.graph, window.drawn(found.camps).found.camps
    place = coloured(found)
    chosen = busiest(graph)
    at = positions(graph, camps, chosen)
    where = {int(k): at[n] for n, k in enumerate(chosen)}
    lines: list[Row] = [
        {
            "x": finite(where[i][0]), "y": finite(where[i][1]), "x2": finite(where[j][0]), "y2": finite(where[j][1]),
            "positive": w > 0, "pair": say("{actors}, {actors2}", actors=graph.actors[i], actors2=graph.actors[j]),
            "sign": say("stand together") if w > 0 else say("stand against each other"),
        }
        for i, j, w in zip(graph.a.tolist(), graph.b.tolist(), graph.weight.tolist(), strict=True)
        if i in where and j in where
    ]  # fmt: skip
    margin = window.drawn(found.camps).found.margin
    dots: list[Row] = [
        {
            "x": finite(where[int(k)][0]), "y": finite(where[int(k)][1]), "actor": graph.actors[k],
            "shade": str(place[int(camps[k])]), "camp": _camp(place[int(camps[k])], place),
            "margin": number(float(margin[k])),
        }
        for k in chosen
    ]  # fmt: skip
    used = sorted({place[int(camps[k])] for k in chosen})
    span = alt.Scale(domain=[-0.05, 1.05], nice=False)
    x, y = alt.X("x:Q", scale=span, axis=None), alt.Y("y:Q", scale=span, axis=None)
    layers: list[alt.Chart] = []
    for positive in (True, False):
        part = alt.Chart(alt.NamedData("lines")).transform_filter(f"datum.positive === {str(positive).lower()}")
        style = {"color": GREY, "opacity": 0.45} if positive else {"color": colour("ink"), "strokeDash": [4, 3]}
        layers.append(
            part.mark_rule(**style).encode(
                x=x, y=y, x2="x2:Q", y2="y2:Q", tooltip=tooltips(pair=say("pair"), sign=say("they"))
            )
        )
    base = alt.Chart(alt.NamedData("dots")).encode(
        x=x, y=y, tooltip=tooltips(actor=say("actor"), camp=say("camp"), margin=say("margin"))
    )
    layers.append(base.mark_circle(size=170, opacity=1, stroke=PAPER).encode(fill=_fill("shade", used)))
    layers.append(base.mark_text(dy=-13, fontSize=10, color=BLACK).encode(text="actor:N"))
    shown = (
        say("The {chosen} actors with most edges of {n:,}", chosen=len(chosen), n=graph.n)
        if graph.n > DRAWN
        else say("All {n} actors", n=graph.n)
    )
    keys = [
        *(Key("dot", _colour_of(p), _camp(p, place)) for p in used),
        Key("line", "quiet", say("an edge: they stand together")),
        Key("none", "ink", say("dashed: they stand against each other")),
    ]
    return finish(
        layered(layers), say("The signed network, {window}", window=window.window), shown, NETWORK_HEIGHT,
        {"lines": lines, "dots": dots}, keys,
    )  # fmt: skip


def frustration(found: Balance) -> alt.LayerChart:
    """The share of the edges' weight that the best partition fails, by window, over what null networks have."""
    rows: list[Row] = []
    for k, w in enumerate(found.windows):
        whole = float(np.abs(w.graph.weight).sum())
        cost = w.two if found.camps == "2" else w.free
        row: Row = {
            "x": k,
            "window": w.window,
            "share": _share(cost.found.cost, whole),
            "cost": number(cost.found.cost),
        }
        row["low_bound"] = _share(cost.found.lower_bound, whole)
        for kind, null in w.nulls.items():
            drawn = (null.frustration if found.camps == "2" else null.free).to_dict()
            row |= {f"{kind}_{end}": _share(drawn[end], whole) for end in ("low", "high")}
            row[f"{kind}_p"] = number(drawn["p"], 2)
        rows.append(row)
    kinds = sorted({kind for w in found.windows for kind in w.nulls})
    wide = _over(len(rows))
    x = alt.X("x:Q", scale=wide, axis=None)
    axis = alt.Axis(title=say("share unsatisfied"), tickCount=4, format="%")
    scale = alt.Scale(zero=True, nice=True)
    base = alt.Chart(alt.NamedData("windows"))
    layers: list[alt.Chart] = []
    for kind, (name, dx) in {"signs": ("window", -0.12), "degrees": ("reference", 0.12)}.items():
        if kind in kinds:
            at = [{**r, "at": r["x"] + dx} for r in rows if r.get(f"{kind}_low") is not None]
            layers.append(
                alt.Chart(data(at)).mark_rule(strokeWidth=7, color=colour(name)).encode(
                    x=alt.X("at:Q", scale=wide, axis=None), y=alt.Y(f"{kind}_low:Q", scale=scale, axis=axis),
                    y2=f"{kind}_high:Q", tooltip=tooltips(window=say("window"), **{f"{kind}_p": "p"}),
                )
            )  # fmt: skip
    told = tooltips(window=say("window"), cost=say("frustration"))
    line = base.encode(x=x, y=alt.Y("share:Q", scale=scale, axis=axis), tooltip=told)
    layers += [
        line.mark_line(color=colour("blue")),
        line.mark_point(filled=True, opacity=1, size=55, color=colour("blue")),
    ]
    layers.append(_names([w.window for w in found.windows], SERIES_HEIGHT))
    keys = [
        Key("line", "blue", say("observed: the best partition that was found")),
        *(
            [Key("bar", "window", say("95 % of networks with the same edges, signs permuted"))]
            if "signs" in kinds
            else []
        ),
        *(
            [Key("bar", "reference", say("95 % of networks with each actor's friends and foes kept in number"))]
            if "degrees" in kinds
            else []
        ),
    ]
    kind = say("two camps") if found.camps == "2" else say("a free number of camps")
    return finish(
        layered(layers),
        say("How much no partition can satisfy"),
        say("Frustration over all weight, {kind}", kind=kind),
        SERIES_HEIGHT,
        {"windows": rows},
        keys,
    )


def _share(cost: float | None, whole: float) -> float | None:
    return finite(cost / whole) if cost is not None and whole > 0 else None

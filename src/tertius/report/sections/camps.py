"""Camps: who stands with whom in each window, who changed sides, what the threshold does, and what chance gives."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.camps import Balance, WindowBalance
from tertius.model.tables import Printed
from tertius.plain import number
from tertius.report.document import (
    Block,
    Column,
    Facts,
    Figure,
    Folded,
    Items,
    Prose,
    Row,
    Section,
    Table,
)
from tertius.report.words import named
from tertius.signed.layout import DRAWN
from tertius.signed.nulls import Null

if TYPE_CHECKING:
    from altair import LayerChart

SHOWN = 20
"""Rows of a table that the terminal shows."""
ON_PAGE = 500
MEMBERS = 25
"""Members of a camp that the terminal names."""
NEUTRAL = {
    "actors": "what two deal like with everybody else is neutral between them",
    "even": "as much hostility as cooperation is neutral",
    "window": "the window's own mix of cooperation and hostility is neutral",
}
NULLS = {
    "signs": "the same edges, signs permuted",
    "degrees": "each actor's friends and foes kept in number",
}


def lead(found: Balance) -> tuple[Block, ...]:
    """The answer in words, and how the graphs were made."""
    made = ""
    if found.threshold is not None:
        chosen = " (chosen by the data: --threshold sets another)" if found.chosen else ""
        made = (
            f"An edge: a net of more than {found.threshold:g} {found.unit}{chosen}, either way; "
            f"{NEUTRAL[found.neutral]}."
        )
    return (Prose(found.text), *([Prose(made)] if made else []))


def windows_section(found: Balance) -> Section:
    """Every window with its graph, triads and both costs; the ribbons."""
    columns = (
        Column("Window"),
        Column("Actors", "number"),
        Column("Edges + / -", "number", brief="Edges +/-"),
        Column("Balanced triads", "number", brief="Balanced"),
        Column("By walks", "number", only="page"),
        Column("Two camps", "number"),
        Column("Free camps", "number", brief="Free"),
        Column("Camps", "number"),
        Column("Changes", "number"),
    )
    rows = tuple(
        Row(
            (
                w.window,
                f"{w.graph.n:,}",
                f"{w.graph.positive:,}/{w.graph.negative:,}",
                f"{100 * w.triads.balance:.0f} %" if w.triads.total else "n/a",
                number(w.walks),
                _cost(w.two.found.cost, w.two.found.lower_bound, w.two.found.proven),
                _cost(w.free.found.cost, w.free.found.lower_bound, w.free.found.proven),
                f"{len(w.drawn(found.camps).members()):,}",
                f"{len(w.drawn(found.camps).changes):,}",
            )
        )
        for w in found.windows
    )
    said = "; ".join(
        f"{w.window}: " + ", ".join(str(len(m)) for _, m in sorted(w.drawn(found.camps).members().items()))
        for w in found.windows
    )
    note = (
        "Two camps, free camps: the least weight of edges that no partition can satisfy; a range where it is not "
        "proven. Balanced: share of triads whose product of signs is positive."
    )
    blocks: tuple[Block, ...] = (
        Figure(
            "ribbons",
            partial(_ribbons_chart, found),
            "A bar is a window, a ribbon the actors that two neighbouring windows share. Best partitions need not be "
            "unique: of those that cost the same, the one in which least changes is drawn.",
            f"Actors by camp: {said}.",
        ),
        Table(columns, rows, f"{len(rows)} window{'s' * (len(rows) != 1)}"),
        Prose(note, style="quiet"),
    )
    return Section("camps", "Camps over time", blocks, "Camps over time")


def _cost(cost: float, bound: float, proven: bool) -> str:
    return f"{cost:g}" if proven else f"{bound:g}-{cost:g}"


def members_section(found: Balance) -> Section:
    """Who stands in which camp: the last window, the others folded."""
    last = found.windows[-1]
    earlier = found.windows[:-1]
    folded = tuple(
        Folded(w.window, (Items(_members(found, w, 0)),), printed=False) for w in reversed(earlier) if w.graph.m
    )
    intro = "Those that it would cost most to lose come first; in parentheses what that would cost."
    blocks: tuple[Block, ...] = (
        Prose(intro),
        Items(_members(found, last, MEMBERS), only="terminal"),
        Items(_members(found, last, 0), only="page"),
        *folded,
    )
    return Section("members", f"Who stands where, {last.window}", blocks, "Who stands where")


def _members(found: Balance, window: WindowBalance, most: int) -> tuple[str, ...]:
    """A line a camp, the largest first."""
    one = window.drawn(found.camps)
    margin = dict(zip(one.found.actors, one.found.margin.tolist(), strict=True))
    out = []
    for camp, actors in sorted(one.members().items(), key=lambda c: (-len(c[1]), c[0])):
        named_ones = actors[:most] if most else actors
        text = ", ".join(f"{a} ({number(margin[a])})" for a in named_ones)
        rest = len(actors) - len(named_ones)
        many = f"{len(actors)} actor{'s' * (len(actors) != 1)}"
        out.append(f"Camp {camp + 1}, {many}: {text}{f' and {rest} more' if rest else ''}.")
    return tuple(out)


def network_section(found: Balance) -> Section:
    """The last window's network."""
    window = next((w for w in reversed(found.windows) if w.graph.m), None)
    if window is None:
        return Section("who-with-whom", "The network", ())
    shown = (
        f"The {DRAWN} actors with most edges of {window.graph.n:,} are drawn."
        if window.graph.n > DRAWN
        else "All actors with an edge are drawn."
    )
    figure = Figure(
        "network",
        partial(_network_chart, found, window),
        f"Near to each other: stand together. {shown} Places are a drawing's, and no measure.",
        f"{window.graph.positive:,} positive and {window.graph.negative:,} negative edges among {window.graph.n:,} "
        "actors.",
    )
    return Section("who-with-whom", f"The network, {window.window}", (figure,), "The network", only="page")


def changes_section(found: Balance) -> Section:
    """Who changed sides, by what staying would have cost."""
    if len(found.windows) < 2:
        return Section("changes", "Who changed sides", ())
    if not found.changes:
        blocks: tuple[Block, ...] = (Prose("Nobody changed sides between two windows."),)
        return Section("changes", "Who changed sides", blocks, "Who changed sides")
    columns = (
        Column("Window"),
        Column("Actor"),
        Column("From camp", "number", brief="From"),
        Column("To camp", "number", brief="To"),
        Column("Staying would cost", "number", brief="Staying costs"),
    )
    largest = sorted(found.changes, key=lambda c: -c.staying)
    rows = tuple(Row((c.window, named(c.actor), f"{c.was + 1}", f"{c.now + 1}", number(c.staying))) for c in largest)
    n = len(rows)
    caption = f"{n:,} change{'s' * (n != 1)} of sides, by what staying would have cost"
    table = Table(columns, rows[:ON_PAGE], caption, shown=SHOWN, things="changes")
    note = (
        "An actor counts as changed only where staying in its camp of before, all others as they are, would leave more "
        "unsatisfied."
    )
    return Section("changes", "Who changed sides", (table, Prose(note, style="quiet")), "Who changed sides")


def chance_section(found: Balance) -> Section:
    """Frustration against null networks."""
    with_nulls = [w for w in found.windows if w.nulls]
    figure = Figure(
        "frustration",
        partial(_frustration_chart, found),
        "Below the bars: more balanced than that kind of chance. Against permuted signs nearly every network of blocs "
        "is; keeping each actor's friends and foes asks for more.",
        "; ".join(f"{w.window}: {number(w.drawn(found.camps).found.cost)}" for w in found.windows) + ".",
    )
    if not with_nulls:
        asked = Prose("No null networks were drawn: --draws 200 sets the frustration against chance.")
        return Section("chance", "Frustration", (figure, asked), "Frustration")
    columns = (
        Column("Window"),
        Column("Observed", "number"),
        *(Column(f"{k.capitalize()}", "number") for k in NULLS),
        *(Column(f"p of {k}", "number", brief=f"p {k}") for k in NULLS),
    )
    rows = tuple(_against(found, w) for w in with_nulls)
    draws = len(next(iter(with_nulls[0].nulls.values())).frustration.drawn)
    kinds = "; ".join(f"{name}: {said}" for name, said in NULLS.items())
    note = (
        f"{draws} networks of each kind. {kinds}. Observed and drawn networks are measured by the same search, so that "
        "observed may differ from the proven cost; p is one-sided."
    )
    return Section(
        "chance",
        "Frustration against chance",
        (figure, Table(columns, rows, "Mean and 95 % of null networks"), Prose(note, style="quiet")),
        "Frustration against chance",
    )


def _against(found: Balance, w: WindowBalance) -> Row:
    def cost(null: Null) -> dict[str, float | None]:
        return (null.frustration if found.camps == "2" else null.free).to_dict()

    told = {kind: cost(null) for kind, null in w.nulls.items()}
    observed = next(iter(told.values()))["observed"]
    bands = (f"{number(t['mean'])} ({number(t['low'])}-{number(t['high'])})" for t in (told[k] for k in NULLS))
    return Row((w.window, number(observed), *bands, *(number(told[k]["p"], 2) for k in NULLS)))


def threshold_section(found: Balance) -> Section:
    """What other thresholds would do."""
    if not found.influence:
        return Section("threshold", "What the threshold does", ())
    columns = (
        Column("Threshold", "number"),
        Column("Neutral"),
        Column("Edges", "number"),
        Column("Positive", "number"),
        Column("Negative", "number"),
        Column("Actors", "number"),
    )
    rows = tuple(
        Row(
            (
                f"{x.threshold:g}",
                x.neutral,
                f"{x.edges:,}",
                f"{x.positive:,}",
                f"{x.negative:,}",
                f"{x.actors:,}",
            ),
            marked=x.threshold == found.threshold and x.neutral == found.neutral,
        )
        for x in found.influence
    )
    caption = f"Edges of all windows together; in {found.unit}; taken: {found.threshold:g}, {found.neutral}"
    return Section("threshold", "What the threshold does", (Table(columns, rows, caption),), "What the threshold does")


def key_facts(found: Balance) -> Facts:
    """The answer at a glance."""
    last = found.windows[-1]
    return Facts(
        (
            ("Windows", f"{len(found.windows):,}"),
            ("Last window", last.window),
            ("Actors there", f"{last.graph.n:,}"),
            ("Edges there", f"{last.graph.m:,}"),
            ("Two camps", _cost(last.two.found.cost, last.two.found.lower_bound, last.two.found.proven)),
            ("Free camps", _cost(last.free.found.cost, last.free.found.lower_bound, last.free.found.proven)),
            ("Changes of sides", f"{len(found.changes):,}"),
        )
    )


def rows(found: Balance) -> Printed:
    """A row an actor and window, for ``--table``."""
    made = found.rows()
    columns = ("window", "actor", "camp", "margin", "free_camp", "free_margin")
    cells = [
        (
            r["window"],
            *(
                named(r["actor"]) if c == "actor" else _plus(r[c]) if c.endswith("camp") else number(r[c])
                for c in columns[1:]
            ),
        )
        for r in made
    ]
    return Printed(columns, cells, made, columns, f"Camps of {found.data}; camps are numbered from 0 in csv.")


def _plus(camp: int | None) -> str:
    return "" if camp is None else str(camp + 1)


def _ribbons_chart(found: Balance) -> LayerChart:
    from tertius.report.charts.camps import ribbons

    return ribbons(found)


def _network_chart(found: Balance, window: WindowBalance) -> LayerChart:
    from tertius.report.charts.camps import network

    return network(found, window)


def _frustration_chart(found: Balance) -> LayerChart:
    from tertius.report.charts.camps import frustration

    return frustration(found)

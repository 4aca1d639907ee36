"""Camps: who stands with whom in each window, who changed sides, what the threshold does, and what chance gives."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.camps import Balance, WindowBalance
from tertius.language import Number, capital, joined, known, plural, say
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
NEIGHBOURS = 6
"""Members of an actor's camp that a table names."""
NEUTRAL = {
    "actors": say("what two deal like with everybody else is neutral between them"),
    "even": say("as much hostility as cooperation is neutral"),
    "window": say("the window's own mix of cooperation and hostility is neutral"),
}
NULLS = {
    "signs": say("the same edges, signs permuted"),
    "degrees": say("each actor's friends and foes kept in number"),
}


def lead(found: Balance) -> tuple[Block, ...]:
    """The answer in words, and how the graphs were made."""
    made = ""
    if found.threshold is not None:
        chosen = say(" (chosen by the data: --threshold sets another)") if found.chosen else ""
        made = say(
            "An edge: a net of more than {threshold:g} {unit}{chosen}, either way; {neutral}.",
            threshold=found.threshold,
            unit=found.unit,
            chosen=chosen,
            neutral=NEUTRAL[found.neutral],
        )
    return (Prose(found.text), *([Prose(made)] if made else []))


def windows_section(found: Balance) -> Section:
    """Every window with its graph, triads and both costs; the ribbons."""
    columns = (
        Column(say("Window")),
        Column(say("Actors"), "number"),
        Column(say("Edges + / -"), "number", brief=say("Edges +/-")),
        Column(say("Balanced triads"), "number", brief=say("Balanced")),
        Column(say("By walks"), "number", only="page"),
        Column(say("Two camps"), "number"),
        Column(say("Free camps"), "number", brief=say("Free")),
        Column(say("Camps"), "number"),
        Column(say("Changes"), "number"),
    )
    rows = tuple(
        Row(
            (
                w.window,
                Number(f"{w.graph.n:,}"),
                Number(f"{w.graph.positive:,}/{w.graph.negative:,}"),
                Number(f"{100 * w.triads.balance:.0f} %") if w.triads.total else say("n/a"),
                number(w.walks),
                _cost(w.two.found.cost, w.two.found.lower_bound, w.two.found.proven),
                _cost(w.free.found.cost, w.free.found.lower_bound, w.free.found.proven),
                Number(f"{len(w.drawn(found.camps).members()):,}"),
                Number(f"{len(w.drawn(found.camps).changes):,}"),
            )
        )
        for w in found.windows
    )
    said = joined(
        (
            say("{window}: ", window=w.window)
            + joined((str(len(m)) for _, m in sorted(w.drawn(found.camps).members().items())), ", ")
            for w in found.windows
        ),
        "; ",
    )
    note = say(
        "Two camps, free camps: the least weight of edges that no partition can satisfy; a range where it is not "
        "proven. Balanced: share of triads whose product of signs is positive."
    )
    blocks: tuple[Block, ...] = (
        Figure(
            "ribbons",
            partial(_ribbons_chart, found),
            say(
                "A bar is a window, a ribbon the actors that two neighbouring windows share. Best partitions need "
                "not be unique: of those that cost the same, the one in which least changes is drawn."
            ),
            say("Actors by camp: {said}.", said=said),
        ),
        Table(columns, rows, plural("{n} window", "{n} windows", len(rows))),
        Prose(note, style="quiet"),
    )
    return Section("camps", say("Camps over time"), blocks, say("Camps over time"))


def _cost(cost: float, bound: float, proven: bool) -> str:
    return Number(f"{cost:g}") if proven else Number(f"{bound:g}-{cost:g}")


def members_section(found: Balance) -> Section:
    """Who stands in which camp: the last window, the others folded."""
    last = found.windows[-1]
    earlier = found.windows[:-1]
    folded = tuple(
        Folded(w.window, (Items(_members(found, w, 0)),), printed=False) for w in reversed(earlier) if w.graph.m
    )
    intro = say("Those that it would cost most to lose come first; in parentheses what that would cost.")
    blocks: tuple[Block, ...] = (
        Prose(intro),
        Items(_members(found, last, MEMBERS), only="terminal"),
        Items(_members(found, last, 0), only="page"),
        *folded,
    )
    return Section("members", say("Who stands where, {window}", window=last.window), blocks, say("Who stands where"))


def _members(found: Balance, window: WindowBalance, most: int) -> tuple[str, ...]:
    """A line a camp, the largest first."""
    one = window.drawn(found.camps)
    margin = dict(zip(one.found.actors, one.found.margin.tolist(), strict=True))
    out = []
    for camp, actors in sorted(one.members().items(), key=lambda c: (-len(c[1]), c[0])):
        named_ones = actors[:most] if most else actors
        text = joined((say("{a} ({margin})", a=a, margin=number(margin[a])) for a in named_ones), ", ")
        rest = len(actors) - len(named_ones)
        many = plural("{n} actor", "{n} actors", len(actors))
        out.append(
            say(
                "Camp {camp}, {many}: {text}{text2}.",
                camp=camp,
                many=many,
                text=text,
                text2=say(" and {rest} more", rest=rest) if rest else "",
            )
        )
    return tuple(out)


def stood_section(found: Balance) -> Section:
    """Where one actor stood, window by window, the latest first."""
    moved = any(s.left >= 0 for s in found.stood)
    columns = (
        Column(say("Window")),
        Column(say("Camp"), "number"),
        *([Column(say("Came from camp"), "number", brief=say("From"))] if moved else []),
        Column(say("Beside it")),
        Column(say("Standing elsewhere would cost"), "number", brief=say("Elsewhere costs")),
    )
    rows = []
    for s in reversed(found.stood):
        rest = len(s.beside) - NEIGHBOURS
        beside = joined(map(named, s.beside[:NEIGHBOURS]), ", ") or say("nobody")
        more = say(" and {rest} more", rest=rest) if rest > 0 else ""
        came = [Number(f"{s.left}") if s.left >= 0 else ""] if moved else []
        cells = (s.window, Number(f"{s.camp}"), *came, joined((beside, more), ""), number(s.margin))
        rows.append(Row(cells, marked=s.left >= 0))
    if not rows:
        return Section("stood", say("Window by window"), ())
    note = say("Camps keep their number from window to window.") + (
        say(" Where it changed sides, the camp stands beside it that it was in when it last had an edge.")
        if moved
        else ""
    )
    table = Table(columns, tuple(rows), plural("{n} window", "{n} windows", len(rows)), shown=SHOWN)
    return Section("stood", say("Window by window"), (table, Prose(note, style="quiet")), say("Window by window"))


def network_section(found: Balance) -> Section:
    """The last window's network."""
    window = next((w for w in reversed(found.windows) if w.graph.m), None)
    if window is None:
        return Section("who-with-whom", say("The network"), ())
    shown = (
        say("The {drawn} actors with most edges of {n:,} are drawn.", drawn=DRAWN, n=window.graph.n)
        if window.graph.n > DRAWN
        else say("All actors with an edge are drawn.")
    )
    figure = Figure(
        "network",
        partial(_network_chart, found, window),
        say("Near to each other: stand together. {shown} Places are a drawing's, and no measure.", shown=shown),
        say(
            "{positive:,} positive and {negative:,} negative edges among {n:,} actors.",
            positive=window.graph.positive,
            negative=window.graph.negative,
            n=window.graph.n,
        ),
    )
    return Section(
        "who-with-whom", say("The network, {window}", window=window.window), (figure,), say("The network"), only="page"
    )


def changes_section(found: Balance) -> Section:
    """Who changed sides, by what staying would have cost."""
    if len(found.windows) < 2:
        return Section("changes", say("Who changed sides"), ())
    if not found.changes:
        blocks: tuple[Block, ...] = (Prose(say("Nobody changed sides between two windows.")),)
        return Section("changes", say("Who changed sides"), blocks, say("Who changed sides"))
    columns = (
        Column(say("Window")),
        Column(say("Actor")),
        Column(say("From camp"), "number", brief=say("From")),
        Column(say("To camp"), "number", brief=say("To")),
        Column(say("Staying would cost"), "number", brief=say("Staying costs")),
    )
    largest = sorted(found.changes, key=lambda c: -c.staying)
    rows = tuple(
        Row((c.window, named(c.actor), say("{was}", was=c.was), say("{now}", now=c.now), number(c.staying)))
        for c in largest
    )
    n = len(rows)
    caption = plural(
        "{n:,} change of sides, by what staying would have cost",
        "{n:,} changes of sides, by what staying would have cost",
        n,
    )
    table = Table(columns, rows[:ON_PAGE], caption, shown=SHOWN, things=say("changes"))
    note = say(
        "An actor counts as changed only where staying in its camp of before, all others as they are, would leave more "
        "unsatisfied."
    )
    return Section("changes", say("Who changed sides"), (table, Prose(note, style="quiet")), say("Who changed sides"))


def chance_section(found: Balance) -> Section:
    """Frustration against null networks."""
    with_nulls = [w for w in found.windows if w.nulls]
    figure = Figure(
        "frustration",
        partial(_frustration_chart, found),
        say(
            "Below the bars: more balanced than that kind of chance. Against permuted signs nearly every network of "
            "blocs is; keeping each actor's friends and foes asks for more."
        ),
        joined(
            (
                say("{window}: {cost}", window=w.window, cost=number(w.drawn(found.camps).found.cost))
                for w in found.windows
            ),
            "; ",
        )
        + ".",
    )
    if not with_nulls:
        asked = Prose(say("No null networks were drawn: --draws 200 sets the frustration against chance."))
        return Section("chance", say("Frustration"), (figure, asked), say("Frustration"))
    columns = (
        Column(say("Window")),
        Column(say("Observed"), "number"),
        *(Column(capital(known(k)), "number") for k in NULLS),
        *(Column(say("p of {k}", k=known(k)), "number", brief=say("p {k}", k=known(k))) for k in NULLS),
    )
    rows = tuple(_against(found, w) for w in with_nulls)
    draws = len(next(iter(with_nulls[0].nulls.values())).frustration.drawn)
    kinds = joined((say("{name}: {said}", name=known(name), said=said) for name, said in NULLS.items()), "; ")
    note = say(
        "{draws} networks of each kind. {kinds}. Observed and drawn networks are measured by the same search, so "
        "that observed may differ from the proven cost; p is one-sided.",
        draws=draws,
        kinds=kinds,
    )
    return Section(
        "chance",
        say("Frustration against chance"),
        (figure, Table(columns, rows, say("Mean and 95 % of null networks")), Prose(note, style="quiet")),
        say("Frustration against chance"),
    )


def _against(found: Balance, w: WindowBalance) -> Row:
    def cost(null: Null) -> dict[str, float | None]:
        return (null.frustration if found.camps == "2" else null.free).to_dict()

    told = {kind: cost(null) for kind, null in w.nulls.items()}
    observed = next(iter(told.values()))["observed"]
    bands = (
        say("{mean} ({low}-{high})", mean=number(t["mean"]), low=number(t["low"]), high=number(t["high"]))
        for t in (told[k] for k in NULLS)
    )
    return Row((w.window, number(observed), *bands, *(number(told[k]["p"], 2) for k in NULLS)))


def threshold_section(found: Balance) -> Section:
    """What other thresholds would do."""
    if not found.influence:
        return Section("threshold", say("What the threshold does"), ())
    columns = (
        Column(say("Threshold"), "number"),
        Column(say("Neutral")),
        Column(say("Edges"), "number"),
        Column(say("Positive"), "number"),
        Column(say("Negative"), "number"),
        Column(say("Actors"), "number"),
    )
    rows = tuple(
        Row(
            (
                Number(f"{x.threshold:g}"),
                known(x.neutral),
                Number(f"{x.edges:,}"),
                Number(f"{x.positive:,}"),
                Number(f"{x.negative:,}"),
                Number(f"{x.actors:,}"),
            ),
            marked=x.threshold == found.threshold and x.neutral == found.neutral,
        )
        for x in found.influence
    )
    caption = say(
        "Edges of all windows together; in {unit}; taken: {threshold:g}, {neutral}",
        unit=found.unit,
        threshold=found.threshold,
        neutral=known(found.neutral),
    )
    return Section(
        "threshold", say("What the threshold does"), (Table(columns, rows, caption),), say("What the threshold does")
    )


def key_facts(found: Balance) -> Facts:
    """The answer at a glance."""
    last = found.windows[-1]
    return Facts(
        (
            (say("Windows"), Number(f"{len(found.windows):,}")),
            (say("Last window"), last.window),
            (say("Actors there"), Number(f"{last.graph.n:,}")),
            (say("Edges there"), Number(f"{last.graph.m:,}")),
            (say("Two camps"), _cost(last.two.found.cost, last.two.found.lower_bound, last.two.found.proven)),
            (say("Free camps"), _cost(last.free.found.cost, last.free.found.lower_bound, last.free.found.proven)),
            (say("Changes of sides"), Number(f"{len(found.changes):,}")),
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
                named(r["actor"]) if c == "actor" else _number_of(r[c]) if c.endswith("camp") else number(r[c])
                for c in columns[1:]
            ),
        )
        for r in made
    ]
    return Printed(columns, cells, made, columns, f"Camps of {found.data}.")


def _number_of(camp: int | None) -> str:
    return "" if camp is None else str(camp)


def _ribbons_chart(found: Balance) -> LayerChart:
    from tertius.report.charts.camps import ribbons

    return ribbons(found)


def _network_chart(found: Balance, window: WindowBalance) -> LayerChart:
    from tertius.report.charts.camps import network

    return network(found, window)


def _frustration_chart(found: Balance) -> LayerChart:
    from tertius.report.charts.camps import frustration

    return frustration(found)

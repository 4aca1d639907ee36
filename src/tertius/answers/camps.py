"""Camps over time, as an answer: how balanced each window is, who stands in which camp, and who changed sides.

The figures are those of :mod:`tertius.signed`: triads, frustration with its proof for two camps and for a free number,
camps matched from window to window, null networks. Here they become one result with its text and caveats.

From a store, the graph of a window has an edge where the **net** of a pair per observed day, both ways together,
exceeds a threshold in either direction. What nets to zero is a choice (:mod:`tertius.signed.neutral`): ``actors``,
what the two deal like with everybody, the default; ``window``, the window's own mix; ``even``, as much hostility as
cooperation.
None is the truth; the answer says which was taken, what the threshold does with each, and warns where one camp holds
nearly everyone. The threshold, where none is given, is the least of 0, and 1, 2 and 5 times powers of ten, at which the
windows have at most two edges (:data:`tertius.spec.EDGES_AN_ACTOR`) for each actor with an edge, all told.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tertius.codes import actor_name
from tertius.errors import NotEnoughData, UsageError, did_you_mean
from tertius.events.slices import Floats
from tertius.language import capital, joined, plural, say
from tertius.plain import frame, number, plain
from tertius.progress import OnProgress, Teller
from tertius.signed.camps import CampsWindow, Change, camps_over_time, changes_of
from tertius.signed.frustration import frustration
from tertius.signed.graph import SignedGraph, from_window
from tertius.signed.neutral import weighed
from tertius.signed.nulls import Null, against_chance, verdict
from tertius.signed.triads import WALKS_UP_TO, Triads, triads, walk_balance
from tertius.spec import CAMPS, DEFAULT_CAMPS, DEFAULT_SECONDS, EDGES_AN_ACTOR, NEUTRALS

NEARLY_ALL = 0.9
"""Share of the actors in one camp from which on the answer warns that there is hardly a second one."""
NAMED = 12
"""Actors that the text names of a camp."""
COLUMNS = ("window", "actor", "camp", "margin", "free_camp", "free_margin")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Cooperation and hostility (N, N) of i towards j in a window, per observed day; undirected: each pair twice."""

    C: Floats
    H: Floats

    def weighed(self, neutral: str) -> Amounts:
        """Both scaled so that what is neutral nets to zero."""
        return Amounts(*weighed(self.C, self.H, neutral))

    def net(self, directed: bool) -> Floats:
        """(N (N - 1) / 2,) net of every pair per observed day, both ways together."""
        net = (self.C + self.C.T - self.H - self.H.T) * (1.0 if directed else 0.5)
        return np.asarray(net[np.triu_indices(len(net), 1)])


@dataclass(frozen=True, slots=True)
class Influence:
    """What a threshold does: edges and actors of all windows together, with one kind of neutral."""

    neutral: str
    threshold: float
    edges: int
    positive: int
    negative: int
    actors: int

    def to_dict(self) -> dict[str, Any]:
        """By name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class WindowBalance:
    """One window.

    Attributes
    ----------
    window : its name; ``first`` and ``last`` its days and ``days`` how many of them were observed, where it has days.
    graph : its signed graph, of the actors with an edge.
    silent : actors without an edge that the graph leaves out.
    triads, walks : by type, and balance by closed walks (NaN: too large for it).
    two, free : camps with costs, bounds and proofs, two and a free number.
    nulls : against chance, by kind; empty where none was drawn.
    seconds : taken for everything but the nulls.
    """

    window: str
    graph: SignedGraph
    triads: Triads
    walks: float
    two: CampsWindow
    free: CampsWindow
    nulls: Mapping[str, Null]
    seconds: float
    first: str = ""
    last: str = ""
    days: float = float("nan")
    silent: int = 0

    def drawn(self, camps: str) -> CampsWindow:
        """The camps that are drawn."""
        return self.two if camps == "2" else self.free

    def to_dict(self) -> dict[str, Any]:
        """The window's part of ``tertius balance --json``."""
        two, free = self.two.to_dict(), self.free.to_dict()
        extra = ("margin", "born", "died", "changes", "least_change_proven")
        found = {
            "window": self.window,
            "from": self.first or None,
            "to": self.last or None,
            "observed_days": self.days,
            "nodes": self.graph.n,
            "edges": self.graph.m,
            "positive": self.graph.positive,
            "negative": self.graph.negative,
            "silent": self.silent,
            "triads": self.triads.to_dict(),
            "balance_degree": self.triads.balance,
            "weak_balance": self.triads.weak_balance,
            "walk_balance": self.walks,
            "frustration": two["cost"],
            "lower_bound": two["lower_bound"],
            "proven": two["proven"],
            "rounded": two["rounded"],
            "camps": two["camps"],
            **{key: two[key] for key in extra},
            "free_camps": {k: free[k] for k in ("cost", "lower_bound", "proven", "camps", *extra)},
            "null": {kind: null.to_dict() for kind, null in self.nulls.items()},
            "null_verdict": verdict(dict(self.nulls)) if self.nulls else None,
            "notes": list(self.graph.notes),
            "seconds": self.seconds,
        }
        return dict(plain(found))


@dataclass(frozen=True, slots=True)
class Stood:
    """Where an actor stood in a window: its camp, who was ``beside`` it there, those first that it would cost most to
    lose; the ``margin``, what standing elsewhere would cost; how many ``actors`` the window has; and ``left``, the camp
    that it stood in before where it changed sides since the last window in which it has an edge, else -1. Where it
    could as well have stayed, margin 0, it changed nothing."""

    window: str
    camp: int
    beside: tuple[str, ...]
    margin: float
    actors: int
    left: int = -1

    def to_dict(self) -> dict[str, Any]:
        """By name."""
        return dict(
            plain(
                {
                    "window": self.window,
                    "camp": self.camp,
                    "left": None if self.left < 0 else self.left,
                    "margin": self.margin,
                    "beside": list(self.beside),
                    "actors": self.actors,
                }
            )
        )


@dataclass(frozen=True)
class Balance:
    """Structural balance and camps of windows in their order.

    Attributes
    ----------
    data : what was asked. camps : "2" or "free", which are drawn.
    threshold, neutral, unit : how a store's graphs were made; None and empty for an edge list.
    influence : what other thresholds and the other neutral would do.
    of : the actor whose camps are shown; empty: everybody's.
    """

    data: str
    windows: tuple[WindowBalance, ...]
    camps: str = DEFAULT_CAMPS
    threshold: float | None = None
    neutral: str = ""
    unit: str = ""
    influence: tuple[Influence, ...] = ()
    caveats: tuple[str, ...] = ()
    command: str = ""
    chosen: bool = field(default=False)
    of: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Changes of sides between the camps that are drawn."""
        return changes_of([w.drawn(self.camps) for w in self.windows])

    @property
    def stood(self) -> tuple[Stood, ...]:
        """Where the actor stood that was asked about, in the windows in which it has an edge."""
        out: list[Stood] = []
        for w in self.windows:
            one = w.drawn(self.camps)
            margin = dict(zip(one.found.actors, one.found.margin.tolist(), strict=True))
            for camp, members in one.members().items():
                if self.of in members:
                    beside = tuple(a for a in members if a != self.of)
                    was = out[-1].camp if out else camp
                    left = was if was != camp and margin[self.of] > 0 else -1
                    out.append(Stood(w.window, camp, beside, margin[self.of], w.graph.n, left))
        return tuple(out)

    @property
    def text(self) -> str:
        """The answer in a few sentences."""
        return self._of_one() if self.of else self._of_all()

    def _of_one(self) -> str:
        stood = self.stood
        if not stood:
            return say("{actor} has no edge in any window.", actor=capital(actor_name(self.of)))
        last = stood[-1]
        rest = len(last.beside) - NAMED
        beside = joined(map(actor_name, last.beside[:NAMED]), ", ") or say("nobody")
        return joined(
            (
                say(
                    "{actor} in {window}: with {beside}{more}.",
                    actor=capital(actor_name(self.of)),
                    window=last.window,
                    beside=beside,
                    more=say(" and {rest} more", rest=rest) if rest > 0 else "",
                ),
                plural(
                    "It changed sides {n} time in {windows} windows.",
                    "It changed sides {n} times in {windows} windows.",
                    sum(s.left >= 0 for s in stood),
                    windows=len(stood),
                ),
            ),
            " ",
        )

    def _of_all(self) -> str:
        last = self.windows[-1]
        found = last.drawn(self.camps).found
        proven = sum(w.two.found.proven for w in self.windows), sum(w.free.found.proven for w in self.windows)
        n = len(self.windows)
        parts = [
            plural(
                "{n} window; frustration with two camps is proven in {proven}, with a free number of camps in "
                "{proven2}.",
                "{n} windows; frustration with two camps is proven in {proven}, with a free number of camps in "
                "{proven2}.",
                n,
                proven=proven[0],
                proven2=proven[1],
            ),
            say(
                "{window}: {n:,} actors, {positive:,} positive and {negative:,} negative edges; {balance} % of "
                "{total:,} triads are balanced. {text}",
                window=last.window,
                n=last.graph.n,
                positive=last.graph.positive,
                negative=last.graph.negative,
                balance=number(100 * last.triads.balance),
                total=last.triads.total,
                text=found.text,
            ),
            say("Camps there: {join}.", join=joined(_camps_text(last.drawn(self.camps)), "; ")),
        ]
        changed = self.changes
        if n > 1:
            parts.append(
                plural("{n:,} change of sides in all windows.", "{n:,} changes of sides in all windows.", len(changed))
            )
        if last.nulls:
            parts.append(verdict(dict(last.nulls)))
        return joined(parts, " ")

    def rows(self) -> list[dict[str, Any]]:
        """A row an actor and window: camps and margins, None without an edge."""
        out = []
        for w in self.windows:
            two, free = w.two.found, w.free.found
            for k, actor in enumerate(w.graph.actors):
                values = (w.window, actor, two.camps[k], two.margin[k], free.camps[k], free.margin[k])
                row = dict(zip(COLUMNS, values, strict=True))
                for name in ("camp", "free_camp"):
                    row[name] = None if row[name] < 0 else row[name]
                out.append(dict(plain(row)))
        return out

    def table(self, backend: str | None = None) -> Any:
        """:meth:`rows` as a data frame of pandas, polars or pyarrow."""
        return frame(self.rows(), backend)

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius balance --json``."""
        return {
            "windows": [w.to_dict() for w in self.windows],
            "data": self.data,
            "drawn": self.camps,
            "threshold": self.threshold,
            "threshold_chosen": self.chosen,
            "neutral": self.neutral or None,
            "unit": self.unit or None,
            "influence": [line.to_dict() for line in self.influence],
            "changes": [c.to_dict() for c in self.changes],
            **({"of": self.of, "stood": [s.to_dict() for s in self.stood]} if self.of else {}),
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }

    def summary(self) -> str:
        """What the terminal shows: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def __repr__(self) -> str:
        proven = sum(w.two.found.proven for w in self.windows)
        return f"<Balance: {len(self.windows)} windows, frustration proven in {proven}, {len(self.changes)} changes>"

    def _repr_html_(self) -> str:
        from html import escape

        cells = [
            (w.window, f"{w.graph.n:,}", f"{w.graph.m:,}", number(w.two.found.cost), number(w.free.found.cost))
            for w in self.windows
        ]
        rows = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in cells)
        head = "".join(f"<th>{h}</th>" for h in ("window", "actors", "edges", "frustration", "free camps"))
        return f"<p>{escape(self.text)}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _camps_text(window: CampsWindow) -> list[str]:
    """Each camp by its members, the largest first."""
    members = sorted(window.members().items(), key=lambda camp: -len(camp[1]))
    named = []
    for camp, actors in members[:4]:
        rest = len(actors) - NAMED
        more = say(" and {rest} more", rest=rest) if rest > 0 else ""
        named.append(say("{camp}: {join}{more}", camp=camp, join=joined(actors[:NAMED], ", "), more=more))
    rest = len(members) - 4
    return [*named, *([plural("and {n} smaller camp", "and {n} smaller camps", rest)] if rest > 0 else [])]


def check_options(camps: str, seconds: float, draws: int, neutral: str, threshold: float | None) -> None:
    """Raises UsageError for an option that cannot be meant."""
    for name, value, choices in (("camps", camps, CAMPS), ("neutral", neutral, NEUTRALS)):
        if value not in choices:
            near = did_you_mean(value, choices)
            raise UsageError(f"--{name} '{value}' does not exist.", f"{near}Choose {' or '.join(choices)}.")
    if not seconds > 0:
        raise UsageError(f"--seconds {seconds:g} leaves no time.", "Give a number above 0.")
    if draws < 0:
        raise UsageError(f"--draws {draws} cannot be drawn.", "Write 0 for none, or 200.")
    if threshold is not None and not threshold >= 0:
        raise UsageError(f"--threshold {threshold:g} is negative.", "Give 0 or more, in the unit of the data.")


def balance_of(
    graphs: Mapping[str, SignedGraph],
    *,
    seconds: float = DEFAULT_SECONDS,
    draws: int = 0,
    seed: int = 1,
    progress: OnProgress | None = None,
) -> tuple[WindowBalance, ...]:
    """Triads, costs, camps and nulls of each window.

    Parameters
    ----------
    graphs : by name of the window, in their order; an actor without an edge is left out of its window.
    seconds : at most for each cost of each window. draws : null networks of each kind, 0 for none.

    Raises NotEnoughData where no window has an edge.

    >>> from tertius.signed.graph import from_edges
    >>> (found,) = balance_of({"all": from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1])})
    >>> found.two.found.cost, found.triads.balance
    (0.0, 1.0)
    """
    if not any(g.m for g in graphs.values()):
        raise NotEnoughData(say("No window has an edge."), say("Take a lower --threshold, or longer windows."))
    kept = {name: with_edges(graph) for name, graph in graphs.items()}
    teller = Teller(progress, unit=say("windows"), worth=1.0)
    began = time.perf_counter()
    teller.line(say("camps of {kept} windows", kept=len(kept)))
    both = [_camps(kept, free, seconds, seed) for free in (False, True)]
    solved = sum(w.found.seconds for windows in both for w in windows.values())
    share = (time.perf_counter() - began - solved) / len(kept)
    teller.start(say("null networks"))
    out = []
    for k, (name, graph) in enumerate(kept.items()):
        started = time.perf_counter()
        counted = triads(graph)
        walks = walk_balance(graph).overall if 0 < graph.n <= WALKS_UP_TO else float("nan")
        two, free = both[0][name], both[1][name]
        taken = two.found.seconds + free.found.seconds + max(0.0, share) + time.perf_counter() - started
        nulls = against_chance(graph, draws, seed) if draws and graph.m else {}
        silent = graphs[name].n - graph.n
        out.append(WindowBalance(name, graph, counted, walks, two, free, nulls, taken, silent=silent))
        if draws:
            teller.done(k + 1, len(kept))
    return tuple(out)


def _camps(graphs: Mapping[str, SignedGraph], free: bool, seconds: float, seed: int) -> dict[str, CampsWindow]:
    """Camps by window; one without an edge has none, and labels last over it."""
    met = camps_over_time({name: g for name, g in graphs.items() if g.m}, free, seconds, seed)
    found = {w.window: w for w in met}
    empty = {name: g for name, g in graphs.items() if not g.m}
    return found | {name: CampsWindow(name, frustration(g, free), (), (), (), True) for name, g in empty.items()}


def with_edges(graph: SignedGraph) -> SignedGraph:
    """The same edges among the actors that have one.

    >>> from tertius.signed.graph import from_edges
    >>> with_edges(from_edges(["i"], ["j"], [1], actors=["h", "i", "j"])).actors
    ('i', 'j')
    """
    met = np.unique(np.concatenate([graph.a, graph.b]))
    if len(met) == graph.n:
        return graph
    a, b = np.searchsorted(met, graph.a), np.searchsorted(met, graph.b)
    return SignedGraph(tuple(graph.actors[k] for k in met), a, b, graph.weight, graph.notes)


def weighed_by(windows: Mapping[str, Amounts], neutral: str) -> dict[str, Amounts]:
    """Each window's amounts, scaled so that what is neutral nets to zero.

    >>> C, H = np.zeros((2, 2, 2))
    >>> C[0, 1], H[1, 0] = 2.0, 1.0
    >>> weighed_by({"w": Amounts(C, H)}, "window")["w"].net(directed=True)
    array([0.])
    """
    return {name: w.weighed(neutral) for name, w in windows.items()}


def graphs_of(
    windows: Mapping[str, Amounts],
    actors: Sequence[str],
    threshold: float,
    weighted: bool = False,
    directed: bool = True,
) -> dict[str, SignedGraph]:
    """The signed graph of each window from its amounts per observed day, weighed already.

    >>> C, H = np.zeros((2, 2, 2))
    >>> C[0, 1], H[1, 0] = 2.0, 1.0
    >>> graphs_of({"w": Amounts(C, H)}, ["i", "j"], 0.5)["w"].positive
    1
    """
    return {name: from_window(w.C, w.H, actors, threshold, weighted, directed) for name, w in windows.items()}


def steps_of(windows: Mapping[str, Amounts], directed: bool) -> list[float]:
    """0, and 1, 2 and 5 times powers of ten, from the smallest net of a pair to the largest."""
    sizes = np.concatenate([np.abs(w.net(directed)) for w in windows.values()])
    sizes = sizes[sizes > 0]
    if not len(sizes):
        return [0.0]
    low, high = np.floor(np.log10(sizes.min())), np.ceil(np.log10(sizes.max()))
    steps = [m * 10.0**e for e in np.arange(low, high + 1) for m in (1, 2, 5)]
    return [0.0, *(float(f"{s:.3g}") for s in steps if sizes.min() <= s < sizes.max())]


def influence_of(windows: Mapping[str, Amounts], neutral: str, threshold: float, directed: bool) -> Influence:
    """Edges of all windows together, weighed already, and actors with an edge in any of them, at a threshold."""
    positive = negative = 0
    met: set[int] = set()
    for w in windows.values():
        net = w.net(directed)
        edge = np.abs(net) > threshold
        i, j = np.triu_indices(len(w.C), 1)
        met.update(np.unique(np.concatenate([i[edge], j[edge]])).tolist())
        positive += int((net > threshold).sum())
        negative += int((net < -threshold).sum())
    return Influence(neutral, threshold, positive + negative, positive, negative, len(met))


def threshold_of(windows: Mapping[str, Amounts], directed: bool) -> float:
    """The threshold that is taken where none is given, see above; of windows weighed already."""
    steps = steps_of(windows, directed)
    for step in steps:
        edges = actors = 0
        for w in windows.values():
            one = influence_of({"": w}, "", step, directed)
            edges, actors = edges + one.edges, actors + one.actors
        if edges <= EDGES_AN_ACTOR * actors:
            return step
    return steps[-1]


def caveats_of(windows: Sequence[WindowBalance], camps: str, neutral: str, weighted: bool) -> tuple[str, ...]:
    """What to keep in mind of the figures."""
    out = []
    full = [w.window for w in windows if _largest_share(w.drawn(camps)) >= NEARLY_ALL]
    if full and neutral == "even":
        out.append(
            say(
                "In {full} of {windows} windows one camp holds {nearly_all:.0%} of the actors or more: most edges are "
                "positive, because the data record more cooperation than hostility. --neutral actors sets each pair "
                "against what the two deal like with everybody.",
                full=len(full),
                windows=len(windows),
                nearly_all=NEARLY_ALL,
            )
        )
    elif full:
        out.append(
            say(
                "In {full} of {windows} windows one camp holds {nearly_all:.0%} of the actors or more.",
                full=len(full),
                windows=len(windows),
                nearly_all=NEARLY_ALL,
            )
        )
    loose = [float(np.mean(w.drawn(camps).found.margin == 0)) for w in windows if w.graph.m]
    if loose and max(loose) > 0:
        out.append(
            say(
                "Best partitions are not unique: up to {loose:.0%} of a window's actors have a margin of 0, and could "
                "stand elsewhere at no cost.",
                loose=max(loose),
            )
        )
    unproven = [w.window for w in windows if not w.drawn(camps).found.proven]
    if unproven:
        out.append(
            say("Not proven in time: {some}. The camps there are the best that were found.", some=_some(unproven))
        )
    if any(w.two.found.rounded for w in windows):
        out.append(say("Weights were rounded to a 2^20th of the largest, and costs with them."))
    if not weighted:
        out.append(say("Every edge weighs 1: how strongly two stand together or against each other is not looked at."))
    out.append(say("A camp is a best partition of signs, not an alliance; nobody was asked whom they side with."))
    return tuple(out)


def _largest_share(window: CampsWindow) -> float:
    camps = window.found.camps[window.found.camps >= 0]
    return float(np.bincount(camps).max() / len(camps)) if len(camps) else 0.0


def _some(names: Sequence[str]) -> str:
    return joined(names[:6], ", ") + (say(" and {names} more", names=len(names) - 6) if len(names) > 6 else "")

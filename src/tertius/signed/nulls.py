"""Is a network more balanced than chance gives? Against two kinds of chance, for the verdict depends on it.

``signs``    the signed weights are permuted over the same edges: who has to do with whom stays, and how much of each
             sign there is.
``degrees``  edges of one sign are rewired two by two, a-b and c-d to a-d and c-b, as long as no pair gets a second
             edge: every actor keeps its number of positive and of negative edges (Maslov & Sneppen 2002,
             doi:10.1126/science.1065103, in each sign). Who is friend with many and foe of few stays so.

A network of blocs is more balanced than the first nearly always, for signs come in clusters; the second asks for more.
Never assume a trend towards balance.

Observed and drawn networks are measured **by the same method**: the same search from above with the same effort. The
exact index of the observed one against a search's of the drawn ones would favour balance, since a search errs upwards.
p is one-sided, the share of networks, the observed one included, with frustration as low or lower (balance of triads:
as high or higher); (1 + k) / (1 + draws) (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.errors import UsageError, did_you_mean
from tertius.events.slices import Floats
from tertius.language import joined, say
from tertius.plain import plain
from tertius.signed.frustration.problem import Problem, whole
from tertius.signed.frustration.search import DENSE, lowest_costs, search
from tertius.signed.graph import SignedGraph
from tertius.signed.triads import triads

KINDS = ("signs", "degrees")
DRAWS = 200
SWAPS_AN_EDGE = 10
STARTS = 2
ROOM = 8_000_000
"""Entries of matrices of drawn networks that are searched at the same time."""
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Against:
    """One figure against one kind of chance.

    Attributes
    ----------
    observed : by the same method as the draws (not the exact index).
    drawn : (draws,) the same of the drawn networks.
    p : one-sided, towards more balance.
    """

    observed: float
    drawn: Floats
    p: float

    def to_dict(self) -> dict[str, Any]:
        """Mean and 95 % of the draws."""
        known = self.drawn[np.isfinite(self.drawn)]
        low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
        mean = known.mean() if len(known) else np.nan
        return dict(
            plain(
                {
                    "observed": self.observed,
                    "mean": mean,
                    "low": low,
                    "high": high,
                    "p": self.p,
                    "draws": len(self.drawn),
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Null:
    """A network against one kind of chance: frustration with two camps, with a free number, and balance of triads."""

    kind: str
    frustration: Against
    free: Against
    triads: Against

    def to_dict(self) -> dict[str, Any]:
        """``mean``, ``low``, ``high``, ``p`` and ``draws`` are of the frustration with two camps."""
        return {
            **self.frustration.to_dict(),
            "free_camps": self.free.to_dict(),
            "triads": self.triads.to_dict(),
        }


def against_chance(
    graph: SignedGraph, draws: int = DRAWS, seed: int = 1, kinds: Sequence[str] = KINDS
) -> dict[str, Null]:
    """The network against drawn ones, by kind of chance.

    Raises UsageError for an unknown kind or fewer than one draw.

    >>> from tertius.signed.graph import from_edges
    >>> ring = from_edges(["a", "b", "c", "d"], ["b", "c", "d", "a"], [1, -1, 1, -1])
    >>> sorted(against_chance(ring, draws=20))
    ['degrees', 'signs']
    """
    if draws < 1:
        raise UsageError(f"draws={draws} draws nothing.", "Give 1 or more; 200 are enough for two digits of p.")
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"There is no null '{kind}'.", f"{did_you_mean(kind, KINDS)}Choose of {', '.join(KINDS)}.")
    observed = _measured([graph], np.random.default_rng(seed))[0]
    out = {}
    for number, kind in enumerate(kinds):
        rng = np.random.default_rng([seed, number])
        draw = permuted if kind == "signs" else rewired
        at_once = max(1, min(draws, ROOM // max(1, graph.n**2)))
        drawn = np.concatenate(
            [
                _measured([draw(graph, rng) for _ in range(min(at_once, draws - first))], rng)
                for first in range(0, draws, at_once)
            ]
        )
        out[kind] = Null(kind, *(_against(observed[k], drawn[:, k], k == 2) for k in range(3)))
    return out


def _against(observed: float, drawn: Floats, high: bool) -> Against:
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(observed) or not len(known):
        return Against(observed, drawn, float("nan"))
    as_far = np.count_nonzero(known >= observed - 1e-9 if high else known <= observed + 1e-9)
    return Against(observed, drawn, (1 + int(as_far)) / (1 + len(known)))


def _measured(graphs: Sequence[SignedGraph], rng: np.random.Generator) -> Floats:
    """(G, 3) frustration with two camps and a free number, as a search of fixed effort finds it; balance of triads."""
    balance = np.array([triads(graph).balance for graph in graphs])
    if graphs[0].n > DENSE:
        return np.stack([*np.array([_of_large(graph, rng) for graph in graphs]).T, balance], axis=1)
    numbers = [whole(graph.weight) for graph in graphs]
    W = np.stack([g.dense(x.weight.astype(np.float64)) for g, x in zip(graphs, numbers, strict=True)])
    unit = float(numbers[0].unit)
    costs = [lowest_costs(W, free, STARTS, rng) * unit for free in (False, True)]
    return np.stack([*costs, balance], axis=1)


def _of_large(graph: SignedGraph, rng: np.random.Generator) -> tuple[float, float]:
    numbers = whole(graph.weight)
    kept = numbers.weight != 0
    problem = Problem(np.arange(graph.n), graph.a[kept], graph.b[kept], numbers.weight[kept])
    two, many = (problem.cost(search(problem, free, STARTS, rng, np.inf)) for free in (False, True))
    return two * float(numbers.unit), many * float(numbers.unit)


def permuted(graph: SignedGraph, rng: np.random.Generator) -> SignedGraph:
    """The same edges, the same signed weights, elsewhere."""
    return graph.with_weight(rng.permutation(graph.weight))


def rewired(graph: SignedGraph, rng: np.random.Generator) -> SignedGraph:
    """Other edges, every actor with as many of each sign as before; weights go with the edge's first end."""
    n = graph.n
    a, b = graph.a.tolist(), graph.b.tolist()
    taken = {min(u, v) * n + max(u, v) for u, v in zip(a, b, strict=True)}
    for sign in (1, -1):
        edges = np.flatnonzero(graph.sign == sign)
        if len(edges) < 2:
            continue
        tries = SWAPS_AN_EDGE * len(edges)
        first, second = rng.choice(edges, (2, tries)).tolist()
        turned = (rng.random(tries) < 0.5).tolist()
        for e, f, turn in zip(first, second, turned, strict=True):
            u, v = a[e], b[e]
            x, y = (b[f], a[f]) if turn else (a[f], b[f])
            if len({u, v, x, y}) < 4:
                continue
            new = (min(u, y) * n + max(u, y), min(x, v) * n + max(x, v))
            if new[0] in taken or new[1] in taken:
                continue
            taken -= {min(u, v) * n + max(u, v), min(x, y) * n + max(x, y)}
            taken.update(new)
            b[e] = y
            a[f], b[f] = x, v
    ends = np.sort(np.array([a, b], dtype=np.int64).reshape(2, -1), axis=0)
    order = np.lexsort((ends[1], ends[0]))
    return SignedGraph(graph.actors, ends[0][order], ends[1][order], graph.weight[order])


def verdict(nulls: dict[str, Null]) -> str:
    """What both kinds of chance say of the frustration with two camps, in a sentence or two."""
    less = {kind: null.frustration.p <= LEVEL for kind, null in nulls.items()}
    said = {
        "signs": say("networks with the same edges and their signs permuted"),
        "degrees": say("networks in which every actor has as many friends and foes"),
    }
    parts = [
        say(
            "{word} frustrated than {said} (p = {p:.2g})",
            word=say("less") if less[kind] else say("not less"),
            said=said[kind],
            p=null.frustration.p,
        )
        for kind, null in nulls.items()
    ]
    text = say("By the same search, ") + joined(parts, ", and ") + "."
    if len(set(less.values())) > 1:
        text += say(" The verdict depends on what is called chance.")
    return text

"""All that is asked of a sequence of windows: triads, balance, frustration and camps, and chance, in one result.

One row a window, in the shape of the command's JSON; the parts are in :mod:`triads`, :mod:`frustration`, :mod:`camps`
and :mod:`nulls`. Nothing here computes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tertius.plain import plain
from tertius.signed.camps import CampsWindow, camps_over_time
from tertius.signed.frustration.solve import DEFAULT_SECONDS
from tertius.signed.graph import SignedGraph
from tertius.signed.nulls import Null, against_chance, verdict
from tertius.signed.triads import WALKS_UP_TO, Triads, triads, walk_balance


@dataclass(frozen=True, slots=True)
class WindowBalance:
    """One window.

    Attributes
    ----------
    window, graph : its name and its signed graph.
    triads : by type.
    balance_walks : K of :func:`walk_balance`; NaN for graphs too large for it.
    two, free : camps, two of them and a free number, with labels that stay over time.
    null : against chance, by kind; empty where it was not asked for.
    seconds : of all of it.
    """

    window: str
    graph: SignedGraph
    triads: Triads
    balance_walks: float
    two: CampsWindow
    free: CampsWindow
    null: Mapping[str, Null]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The window's entry in the JSON of ``tertius balance``."""
        two, free = self.two.to_dict(), self.free.to_dict()
        return dict(
            plain(
                {
                    "window": self.window,
                    "nodes": self.graph.n,
                    "edges": self.graph.m,
                    "positive": self.graph.positive,
                    "negative": self.graph.negative,
                    "triads": self.triads.to_dict(),
                    "balance_degree": self.triads.balance,
                    "balance_walks": self.balance_walks,
                    "frustration": two["cost"],
                    "lower_bound": two["lower_bound"],
                    "proven": two["proven"],
                    "camps": two["camps"],
                    "margin": two["margin"],
                    "changes": two["changes"],
                    "fewest_changes_proven": two["fewest_changes_proven"],
                    "free_camps": {k: v for k, v in free.items() if k not in ("window", "seconds")},
                    "null": {kind: null.to_dict() for kind, null in self.null.items()},
                    "verdict": verdict(dict(self.null)) if self.null else None,
                    "notes": list(self.graph.notes),
                    "seconds": self.seconds,
                }
            )
        )


@dataclass(frozen=True, slots=True)
class BalanceOverTime:
    """Windows in their order."""

    windows: tuple[WindowBalance, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of ``tertius balance``."""
        return {"windows": [window.to_dict() for window in self.windows]}

    def ribbon(self, free: bool = False) -> list[dict[str, Any]]:
        """A row an actor and window: ``window``, ``actor``, ``camp``, ``margin``; for the ribbon chart of camps."""
        rows = []
        for w in self.windows:
            found = (w.free if free else w.two).found
            for actor, camp, margin in zip(found.actors, found.camps.tolist(), found.margin.tolist(), strict=True):
                if camp >= 0:
                    rows.append({"window": w.window, "actor": actor, "camp": camp, "margin": margin})
        return rows

    def frustration_series(self) -> list[dict[str, Any]]:
        """A row a window: ``frustration``, ``lower_bound``, and each null's ``mean``, ``low``, ``high`` and ``p``."""
        return [
            {
                "window": w.window,
                "frustration": w.two.found.cost,
                "lower_bound": w.two.found.lower_bound,
                **{
                    f"{kind}_{key}": value
                    for kind, null in w.null.items()
                    for key, value in null.frustration.to_dict().items()
                    if key != "draws"
                },
            }
            for w in self.windows
        ]


def balance_over_time(
    graphs: Mapping[str, SignedGraph], draws: int = 0, seconds: float = DEFAULT_SECONDS, seed: int = 1
) -> BalanceOverTime:
    """Everything about windows in their order.

    Parameters
    ----------
    graphs : by name of the window.
    draws : null networks of each kind; 0: none.
    seconds : at most, for each of the two costs of a window.

    >>> from tertius.signed.graph import from_edges
    >>> found = balance_over_time({"2022": from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1])})
    >>> found.to_dict()["windows"][0]["frustration"], found.ribbon()[2]
    (0.0, {'window': '2022', 'actor': 'k', 'camp': 1, 'margin': 2.0})
    """
    two = camps_over_time(graphs, False, seconds, seed)
    free = camps_over_time(graphs, True, seconds, seed)
    out = []
    for k, (name, graph) in enumerate(graphs.items()):
        began = time.perf_counter()
        null = against_chance(graph, draws, seed) if draws else {}
        counts = triads(graph)
        walks = walk_balance(graph).overall if graph.n <= WALKS_UP_TO else float("nan")
        taken = time.perf_counter() - began + two[k].found.seconds + free[k].found.seconds
        out.append(WindowBalance(name, graph, counts, walks, two[k], free[k], null, taken))
    return BalanceOverTime(tuple(out))

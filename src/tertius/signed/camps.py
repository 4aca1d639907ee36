"""Camps from window to window: labels that stay, births and deaths, and who changed sides.

In each window the camps are a best partition (:mod:`tertius.signed.frustration`). Best partitions are seldom unique:
an actor with margin 0 stands on either side at no cost, and a part of the graph that is connected with nothing else can
be turned around. A change of sides that is only one of these is no news. So among the partitions of a window that cost
no more, one with the **least change** against the window before is taken, a change weighing what the actor's edges
weigh in the window: where small states or great ones must change, it is the small ones, and a camp keeps its number
with those who have most to do with others. The window is solved again with its weights times K, K above the sum of all
that could change, and with a **terminal** for each camp of the window before, to which its members of then have an
edge of their own weight. What costs less frustration always wins, what costs the same and changes less wins next
(lexicographic; the idea of evolutionary clustering, Chakrabarti, Kumar & Tomkins 2006,
doi:10.1145/1150402.1150467, with the past as a tie-breaker and never more).

Two camps: 0 and 1, which keep their numbers. A free number of them: numbers from 0 up, never used twice; a camp that
nobody is in any more has died, a camp without a forerunner is born. What a changed actor would have cost by staying in
its camp of before, all others as they are, is above 0 by construction, and stands beside the change.

What it does not do: say that a camp is the same alliance. It is the same as long as enough of its members stay.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tertius.events.slices import Ints
from tertius.plain import plain
from tertius.signed.frustration.problem import LARGEST_SUM, Problem, in_units, whole
from tertius.signed.frustration.solve import DEFAULT_SECONDS, Frustration, frustration, margins
from tertius.signed.graph import SignedGraph

RETIE_SHARE = 0.5
"""Share of a window's time that may be spent on the least change."""


@dataclass(frozen=True, slots=True)
class Change:
    """An actor in another camp than in the window before; ``staying`` : what staying would have cost more, above 0."""

    window: str
    actor: str
    was: int
    now: int
    staying: float

    def to_dict(self) -> dict[str, Any]:
        """By name."""
        return dict(
            plain(
                {"window": self.window, "actor": self.actor, "from": self.was, "to": self.now, "staying": self.staying}
            )
        )


@dataclass(frozen=True, slots=True)
class CampsWindow:
    """One window.

    Attributes
    ----------
    window : its name.
    found : cost, bounds and proof, with ``camps`` numbered as they stay over time, -1 for actors without an edge.
    born, died : camps that are new here, and camps of the window before that nobody is in any more.
    changes : who changed sides against the window before, by what staying would have cost, largest first.
    least_proven : no partition of this cost changes less.
    """

    window: str
    found: Frustration
    born: tuple[int, ...]
    died: tuple[int, ...]
    changes: tuple[Change, ...]
    least_proven: bool

    def members(self) -> dict[int, tuple[str, ...]]:
        """Actors by camp, those that it would cost most to lose first."""
        found = self.found
        order = np.lexsort((np.arange(len(found.camps)), -np.nan_to_num(found.margin)))
        return {
            int(camp): tuple(found.actors[k] for k in order if found.camps[k] == camp)
            for camp in np.unique(found.camps[found.camps >= 0])
        }

    def to_dict(self) -> dict[str, Any]:
        """What :meth:`Frustration.to_dict` gives, and what is new."""
        return {
            "window": self.window,
            **self.found.to_dict(),
            "born": list(self.born),
            "died": list(self.died),
            "changes": [change.to_dict() for change in self.changes],
            "least_change_proven": self.least_proven,
        }


def camps_over_time(
    graphs: Mapping[str, SignedGraph], free: bool = False, seconds: float = DEFAULT_SECONDS, seed: int = 1
) -> tuple[CampsWindow, ...]:
    """Camps of windows in their order, with labels that stay.

    Parameters
    ----------
    graphs : by name of the window; actors are matched by label, and may come and go.
    free : a free number of camps, else two.
    seconds : at most, a window; after half of them more the least change is no longer sought for.

    >>> from tertius.signed.graph import from_edges
    >>> one = from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1])
    >>> two = from_edges(["i", "j", "i"], ["j", "k", "k"], [-1, -1, 1])
    >>> before, after = camps_over_time({"one": one, "two": two}).__iter__()
    >>> before.found.camps.tolist(), after.found.camps.tolist(), after.changes[0].actor, after.changes[0].staying
    ([0, 0, 1], [1, 0, 1], 'i', 2.0)
    """
    out: list[CampsWindow] = []
    before: dict[str, int] = {}
    used = 2 if not free else 0
    for name, graph in graphs.items():
        found = frustration(graph, free, seconds, seed)
        tied, proven = _retied(graph, found, before, seconds * RETIE_SHARE, seed) if before else (found, True)
        labels = tied.camps
        if free:
            labels, used = _numbered(labels, used, bool(before))
        labels, tied = _stay_where_free(graph, labels, before, tied)
        out.append(_window(name, graph, replace(tied, camps=labels), before, proven, bool(out)))
        before = {a: int(c) for a, c in zip(graph.actors, labels, strict=True) if c >= 0}
    return tuple(out)


def _problem(graph: SignedGraph) -> Problem:
    numbers = whole(graph.weight).weight
    kept = numbers != 0
    return Problem(np.arange(graph.n), graph.a[kept], graph.b[kept], numbers[kept])


def _retied(
    graph: SignedGraph, found: Frustration, before: Mapping[str, int], seconds: float, seed: int
) -> tuple[Frustration, bool]:
    """The same cost with the least change; camps of before keep their number, new ones are below -1."""
    began = time.perf_counter()
    problem = _problem(graph)
    n, free = graph.n, found.free
    past = np.array([before.get(a, -1) for a in graph.actors])
    met = found.camps >= 0
    known = np.flatnonzero((past >= 0) & met)
    camps = np.unique(past[known]) if free else np.array([0])
    s, t = np.triu_indices(len(camps), 1)
    hold = _hold(problem, known, 2 + len(s))
    K = int(hold.sum()) + 1
    place = n + np.searchsorted(camps, past[known]) if free else np.full(len(known), n)
    ties = hold if free else np.where(past[known] == 0, hold, -hold)
    apart = -float(K * np.abs(problem.w).sum() + K)
    tied = SignedGraph(
        (*graph.actors, *(f"terminal {c}" for c in camps)),
        np.concatenate([problem.a, known, n + s]),
        np.concatenate([problem.b, place, n + t]),
        np.concatenate([K * problem.w.astype(np.float64), ties, np.full(len(s), apart)]),
    )
    again = frustration(tied, free, seconds, seed)
    labels = _of_terminals(again.camps[:n], again.camps[n:], camps, free, met)
    aligned = _matched(found.camps, past, camps, free)
    cost, own = problem.cost(labels), problem.cost(aligned)
    worse = (cost, _moved(labels, past, known, hold)) > (own, _moved(aligned, past, known, hold))
    chosen = _paid(problem, found, aligned if worse else labels)
    least = again.proven and not again.rounded and chosen.proven and not worse
    return replace(chosen, seconds=found.seconds + time.perf_counter() - began), least


def _hold(problem: Problem, known: Ints, parts: int) -> Ints:
    """What an actor's place of before weighs: what its edges weigh, as finely as whole numbers leave room for."""
    ends, size = np.concatenate([problem.a, problem.b]), np.abs(problem.w)
    strength = np.bincount(ends, weights=np.tile(size, 2), minlength=problem.n)[known]
    most = max(1, LARGEST_SUM // (parts * int(size.sum()) * (len(known) + 1)))
    return np.asarray(np.ceil(strength * min(1.0, most / strength.max(initial=1.0))), dtype=np.int64)


def _paid(problem: Problem, found: Frustration, labels: Ints) -> Frustration:
    """What was found, with other labels."""
    cost = in_units(problem.cost(labels), found.unit)
    margin = margins(problem, _nonnegative(labels), found.free, found.unit)
    return replace(found, camps=labels, cost=cost, proven=found.lower_bound >= cost, margin=margin)


def _moved(labels: Ints, past: Ints, known: Ints, hold: Ints) -> int:
    return int(hold[labels[known] != past[known]].sum())


def _nonnegative(labels: Ints) -> Ints:
    """The same partition with labels from 0."""
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


def _of_terminals(labels: Ints, terminals: Ints, camps: Ints, free: bool, met: np.ndarray) -> Ints:
    """Numbers of before where a terminal is; new camps -2, -3, ...; -1 for actors without an edge."""
    if not free:
        return np.where(met, np.where(labels == terminals[0], 0, 1), -1)
    number = {int(t): int(c) for t, c in zip(terminals, camps, strict=True)}
    new = {int(x): -2 - k for k, x in enumerate(x for x in np.unique(labels) if int(x) not in number)}
    return np.where(met, [number.get(int(x), new.get(int(x), -1)) for x in labels], -1)


def _matched(labels: Ints, past: Ints, camps: Ints, free: bool) -> Ints:
    """The labels of a window as it was found, each camp with the number of the camp of before it shares most with."""
    from scipy.optimize import linear_sum_assignment

    old = camps if free else np.array([0, 1])
    own = np.unique(labels[labels >= 0])
    shared = np.array([[np.count_nonzero((labels == x) & (past == c)) for c in old] for x in own]).reshape(
        len(own), len(old)
    )
    row, column = linear_sum_assignment(-shared)
    number = {int(own[r]): int(old[c]) for r, c in zip(row, column, strict=True) if shared[r, c] > 0 or not free}
    new = {int(x): -2 - k for k, x in enumerate(x for x in own if int(x) not in number)}
    return np.array([number.get(int(x), new.get(int(x), -1)) if x >= 0 else -1 for x in labels], dtype=np.int64)


def _numbered(labels: Ints, used: int, later: bool) -> tuple[Ints, int]:
    """Numbers for new camps, never used before."""
    if not later:
        return labels, int(labels.max(initial=-1)) + 1
    size = {int(x): int(np.count_nonzero(labels == x)) for x in np.unique(labels[labels < -1])}
    new = {x: used + k for k, x in enumerate(sorted(size, key=lambda x: (-size[x], -x)))}
    return np.array([new.get(int(x), int(x)) for x in labels], dtype=np.int64), used + len(new)


def _stay_where_free(
    graph: SignedGraph, labels: Ints, before: Mapping[str, int], found: Frustration
) -> tuple[Ints, Frustration]:
    """Send back who could stay at no cost, one by one, should the search have left one."""
    problem = _problem(graph)
    labels = labels.copy()
    cost = problem.cost(labels)
    for k, actor in enumerate(graph.actors):
        was = before.get(actor, -1)
        if was >= 0 and labels[k] >= 0 and labels[k] != was:
            back = labels.copy()
            back[k] = was
            if problem.cost(back) <= cost:
                labels, cost = back, problem.cost(back)
    if np.array_equal(labels, found.camps):
        return labels, found
    return labels, _paid(problem, found, labels)


def _window(
    name: str, graph: SignedGraph, found: Frustration, before: Mapping[str, int], least: bool, later: bool
) -> CampsWindow:
    problem = _problem(graph)
    here = {int(c) for c in found.camps if c >= 0}
    old = set(before.values())
    changes = []
    for k, actor in enumerate(graph.actors):
        was, now = before.get(actor, -1), int(found.camps[k])
        if was >= 0 and now >= 0 and was != now:
            back = found.camps.copy()
            back[k] = was
            more = in_units(problem.cost(back) - problem.cost(found.camps), found.unit)
            changes.append(Change(name, actor, was, now, more))
    changes.sort(key=lambda change: -change.staying)
    born = tuple(sorted(here - old)) if later else ()
    return CampsWindow(name, found, born, tuple(sorted(old - here)), tuple(changes), least)


def changes_of(windows: Sequence[CampsWindow]) -> tuple[Change, ...]:
    """All changes of sides, in the order of the windows."""
    return tuple(change for window in windows for change in window.changes)

"""The bound from negative cycles: at least one edge of each is frustrated.

Minimise sum |w_e| f_e subject to f(C) >= 1 for every cycle C that no partition satisfies: with two camps those with an
odd number of negative edges (Barahona & Mahjoub 1986, doi:10.1007/BF02592023), with free camps those with exactly one
(Demaine, Emanuel, Fiat & Immorlica 2006, doi:10.1016/j.tcs.2006.05.008). There are too many, so those are added that
the last solution violates: shortest paths by Dijkstra with lengths f, for two camps on the signed double cover (every
node twice, a negative edge leads from one side to the other), for free camps along positive edges. f has no upper bound
in the programme, which keeps it small; the bound computed from its duals uses f <= 1 nevertheless.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Floats, Ints
from tertius.signed.frustration.problem import Problem
from tertius.signed.frustration.programme import INFINITE, Programme
from tertius.signed.frustration.proof import Bound, Pair

OVER = 1 << 20
"""Multipliers are whole numbers of its parts."""
VIOLATED = 1e-5
_STEP = 1e-9  # length of an edge without any, which prefers short cycles
_AT_ONCE = 1_000
SEEDED_FROM, SEEDED_TO = 600, 2_000
"""Edges from which, and nodes up to which, the first cycles are looked for around frustrated edges."""
ROUGH_SECONDS, ROUGH_ROUNDS = 5.0, 3
_PATHS = 6

Cycle = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What a relaxation found: ``bound`` in parts of 1 / :data:`OVER`, its proof, and d of the variables' pairs.

    ``pairs`` (V, 2) local nodes; ``done``: nothing more is violated, so that d whole is a partition.
    """

    bound: int
    proof: Bound
    pairs: Ints
    d: Floats
    done: bool


def _bound(found: Relaxed) -> int:
    return found.bound


class CycleRelaxation:
    """The programme of a block; rows stay from call to call."""

    def __init__(self, problem: Problem, free: bool) -> None:
        self.problem, self.free = problem, free
        self.size = np.abs(problem.w)
        self.programme = Programme(self.size.astype(np.float64), INFINITE)
        self.cycles: list[tuple[Cycle, list[int]]] = []
        self._known: set[frozenset[int]] = set()
        self._fixed: dict[int, float] = {}
        n = problem.n
        keys = [*(problem.a * n + problem.b).tolist(), *(problem.b * n + problem.a).tolist()]
        self._edge = dict(zip(keys, [*range(problem.m), *range(problem.m)], strict=True))
        self.pairs = np.stack([problem.a, problem.b], axis=1)

    def seeded(self, labels: Ints, rng: np.random.Generator, until: float) -> Relaxed | None:
        """Add short cycles of edges that a partition satisfies, but for one, and solve by a first-order method.

        None for blocks so small that it is not worth it, or too large for a matrix.
        """
        problem = self.problem
        if problem.m < SEEDED_FROM or problem.n > SEEDED_TO:
            return None
        added = self._add(self._around(labels, rng))
        found: Relaxed | None = None
        for _ in range(ROUGH_ROUNDS):
            left = min(ROUGH_SECONDS, until - time.perf_counter())
            if not added or left <= 0:
                break
            solved = self.programme.solve(left, rough=True)
            f, _, y = self.programme.solution()
            if len(y) < len(self.cycles):  # stopped before it had anything
                break
            now = self._relaxed(np.floor(y * OVER).astype(np.int64), f, False)
            found = now if found is None or now.bound > found.bound else found
            if not solved or found.bound > (problem.cost(labels) - 1) * OVER:
                break
            added = self._add(self._violated(f))
        return found

    def _around(self, labels: Ints, rng: np.random.Generator) -> list[Cycle]:
        problem = self.problem
        frustrated = problem.frustrated(labels)
        if self.free:
            frustrated = frustrated & (problem.w < 0)
            good = problem.w > 0
        else:
            good = ~frustrated
        near = np.zeros((problem.n, problem.n), dtype=bool)
        near[problem.a[good], problem.b[good]] = near[problem.b[good], problem.a[good]] = True
        found: list[Cycle] = []
        for e in np.flatnonzero(frustrated):
            u, v = int(problem.a[e]), int(problem.b[e])
            middle = np.flatnonzero(near[u] & near[v])
            found += [(u, x, v) for x in middle.tolist()]
            if len(middle) < _PATHS:
                one, other = np.flatnonzero(near[u]), np.flatnonzero(near[v])
                i, j = np.nonzero(near[np.ix_(one, other)])
                i, j = one[i], other[j]
                apart = (i != v) & (j != u)
                i, j = i[apart], j[apart]
                some = rng.permutation(len(i))[: _PATHS - len(middle)]
                found += [(u, x, y, v) for x, y in zip(i[some].tolist(), j[some].tolist(), strict=True)]
        return found

    def fix(self, fixed: Mapping[Pair, int]) -> None:
        """Together (0) or apart (1) for some edges, given as local nodes; all others are let go."""
        wanted = {}
        for (u, v), d in fixed.items():
            e = self._edge[u * self.problem.n + v]
            wanted[e] = float(d if self.problem.w[e] > 0 else 1 - d)
        loose = [e for e in self._fixed if e not in wanted]
        self.programme.bound(np.array(loose, dtype=np.int64), np.zeros(len(loose)), np.full(len(loose), INFINITE))
        value = np.fromiter(wanted.values(), dtype=np.float64, count=len(wanted))
        self.programme.bound(np.fromiter(wanted, dtype=np.int64, count=len(wanted)), value, value)
        self._fixed = wanted

    def strengthen(self, goal: int, until: float) -> Relaxed:
        """Add cycles until the bound, rounded up, is ``goal``, or none is violated, or time is up."""
        m = self.problem.m
        f, y, done = np.zeros(m), np.zeros(len(self.cycles)), False
        if self.cycles:
            if not self.programme.solve(until - time.perf_counter()):
                return self._stopped(goal, y, until)
            f, _, y = self.programme.solution()
        while time.perf_counter() < until:
            if self.cycles and self.programme.value > goal - 1 + 1e-7 * (1 + goal):
                break
            added = self._add(self._violated(f))
            if not added:
                done = True
                break
            if not self.programme.solve(until - time.perf_counter()):
                return self._stopped(goal, y, until)
            f, _, y = self.programme.solution()
        return self._relaxed(np.floor(y * OVER).astype(np.int64), f, done)

    def _stopped(self, goal: int, y: Floats, until: float) -> Relaxed:
        """Time was up, and what is known is the last solution's or what the solver had; or fixed edges break a cycle,
        which then proves anything.
        """
        f = np.zeros(self.problem.m)
        if time.perf_counter() >= until:
            tries = [y, self.programme.solution()[2]]
            return max((self._relaxed(np.floor(t * OVER).astype(np.int64), f, False) for t in tries), key=_bound)
        whole_y = np.zeros(len(self.cycles), dtype=np.int64)
        for k, (_, edges) in enumerate(self.cycles):
            if all(self._fixed.get(e) == 0.0 for e in edges):
                whole_y[k] = (goal + int(self.size.sum())) * OVER
                break
        return self._relaxed(whole_y, f, False)

    def _relaxed(self, y: Ints, f: Floats, done: bool) -> Relaxed:
        used = np.flatnonzero(y[: len(self.cycles)])
        load = np.zeros(self.problem.m, dtype=np.int64)
        for k in used:
            load[self.cycles[k][1]] += y[k]
        left = self.size * OVER - load
        worst = np.minimum(left, 0)
        for e, value in self._fixed.items():
            worst[e] = left[e] if value else 0
        ids = self.problem.ids
        rows = tuple(("cycle", tuple(ids[list(self.cycles[k][0])].tolist())) for k in used)
        proof = Bound(rows, tuple(y[used].tolist()), OVER)
        d = np.where(self.problem.w > 0, f, 1.0 - f)
        return Relaxed(int(y[used].sum() + worst.sum()), proof, self.pairs, np.clip(d, 0.0, 1.0), done)

    def _add(self, cycles: list[Cycle]) -> int:
        """Number of cycles that were not known before."""
        n, rows = self.problem.n, []
        for nodes in cycles:
            edges = [self._edge[u * n + v] for u, v in zip(nodes, (*nodes[1:], nodes[0]), strict=True)]
            key = frozenset(edges)
            if key in self._known:
                continue
            self._known.add(key)
            self.cycles.append((nodes, edges))
            rows.append((edges, [1.0] * len(edges), 1.0))
        self.programme.add(rows)
        return len(rows)

    def _violated(self, f: Floats) -> list[Cycle]:
        return violated_free(self.problem, f) if self.free else violated_two(self.problem, f)


def violated_free(problem: Problem, f: Floats, most: int = _AT_ONCE) -> list[Cycle]:
    """For each negative edge its shortest positive path, where both together are shorter than 1."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    positive = problem.w > 0
    a, b, length = problem.a[positive], problem.b[positive], f[positive] + _STEP
    ends = (np.concatenate([a, b]), np.concatenate([b, a]))
    graph = csr_array((np.concatenate([length, length]), ends), shape=(problem.n, problem.n))
    negative = np.flatnonzero(~positive)
    sources, row = np.unique(problem.a[negative], return_inverse=True)
    distance, before = dijkstra(graph, indices=sources, return_predecessors=True, limit=1.0)
    around = distance[row, problem.b[negative]] + f[negative]
    short = np.flatnonzero(around < 1.0 - VIOLATED)
    short = short[np.argsort(around[short], kind="stable")][:most]
    found = []
    for k in short:
        walk = before[row[k]]
        v, u = int(problem.b[negative[k]]), int(problem.a[negative[k]])
        nodes = [v]
        while v != u:
            v = int(walk[v])
            nodes.append(v)
        found.append(tuple(nodes))
    return found


def violated_two(problem: Problem, f: Floats, most: int = _AT_ONCE) -> list[Cycle]:
    """For each edge the shortest way back on the double cover that makes a negative cycle shorter than 1."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    n, a, b = problem.n, problem.a, problem.b
    turns = np.where(problem.w > 0, 0, n)
    here = np.concatenate([a, b, a + n, b + n])
    there = np.concatenate([b + turns, a + turns, b + n - turns, a + n - turns])
    graph = csr_array((np.tile(f + _STEP, 4), (here, there)), shape=(2 * n, 2 * n))
    sources, row = np.unique(a, return_inverse=True)
    distance, before = dijkstra(graph, indices=sources, return_predecessors=True, limit=1.0)
    target = b + n - turns
    around = distance[row, target] + f
    short = np.flatnonzero(around < 1.0 - VIOLATED)
    short = short[np.argsort(around[short], kind="stable")][:most]
    found = []
    for k in short:
        walk, at, u = before[row[k]], int(target[k]), int(a[k])
        steps = [at]
        while at != u:
            at = int(walk[at])
            steps.append(at)
        found.append(_simple([*steps, int(b[k]) + (n if steps[0] < n else 0)], n))
    return [c for c in found if c]


def _simple(walk: list[int], n: int) -> Cycle:
    """A negative cycle without repeated nodes in a walk on the double cover that ends on its start's other side."""
    place: dict[int, int] = {}
    path: list[int] = []
    for at in walk:
        node = at % n
        if node in place:
            first = place[node]
            loop = path[first:]
            if (loop[0] < n) != (at < n):
                return tuple(x % n for x in loop) if len(loop) > 2 else ()
            for x in loop[1:]:
                del place[x % n]
            del path[first + 1 :]
            path[first] = at
            continue
        place[node] = len(path)
        path.append(at)
    return ()

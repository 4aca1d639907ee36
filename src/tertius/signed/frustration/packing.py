"""A bound for blocks too large for a programme: short negative cycles that share no more weight than edges have.

Greedy: for each frustrated edge (free camps: each negative edge) ways between its ends along which
weight is left. What was packed is the bound; it is proven like any other, and weak where cycles are long.
"""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np

from tertius.events.slices import Ints
from tertius.signed.frustration.cycles import OVER
from tertius.signed.frustration.problem import Problem
from tertius.signed.frustration.proof import Bound, Row

LONGEST, MET = 9, 3_000
"""Edges of a way, and nodes that are met on the search for one, at most."""


def packed(problem: Problem, labels: Ints, free: bool, until: float) -> tuple[int, Bound]:
    """The bound in parts of 1 / OVER, and its proof."""
    paying = problem.w < 0 if free else problem.frustrated(labels)
    along = problem.w > 0 if free else ~paying
    left: list[dict[int, int]] = [{} for _ in range(problem.n)]
    size = np.abs(problem.w)
    for u, v, w in zip(problem.a[along].tolist(), problem.b[along].tolist(), size[along].tolist(), strict=True):
        left[u][v] = left[v][u] = w
    rows: list[Row] = []
    y: list[int] = []
    ids = problem.ids
    need = list(zip(problem.a[paying].tolist(), problem.b[paying].tolist(), size[paying].tolist(), strict=True))
    for steps in (2, 3, LONGEST):
        unpaid = []
        for k, (u, v, want) in enumerate(need):
            if k % 1_000 == 0 and time.perf_counter() > until:
                break
            while want:
                way = _way(left, u, v, steps)
                if way is None:
                    break
                room = min(want, *(left[p][q] for p, q in pairwise(way)))
                for p, q in pairwise(way):
                    left[p][q] -= room
                    left[q][p] -= room
                    if not left[p][q]:
                        del left[p][q], left[q][p]
                want -= room
                rows.append(("cycle", tuple(ids[list(way)].tolist())))
                y.append(room * OVER)
            if want:
                unpaid.append((u, v, want))
        need = unpaid
    return sum(y), Bound(tuple(rows), tuple(y), OVER)


def _way(left: list[dict[int, int]], u: int, v: int, steps: int) -> tuple[int, ...] | None:
    """A way from u to v of at most so many edges, looked for from both ends; None where it is not found soon."""
    from_: tuple[dict[int, int], dict[int, int]] = ({u: -1}, {v: -1})
    edge: list[list[int]] = [[u], [v]]
    for _ in range(steps):
        k = 0 if len(edge[0]) <= len(edge[1]) else 1
        own, other, new = from_[k], from_[1 - k], []
        for x in edge[k]:
            for z in left[x]:
                if z in own:
                    continue
                own[z] = x
                if z in other:
                    return (*_back(from_[0], z)[::-1], *_back(from_[1], z)[1:])
                new.append(z)
        edge[k] = new
        if not new or len(own) + len(other) > MET:
            return None
    return None


def _back(from_: dict[int, int], z: int) -> list[int]:
    way = [z]
    while from_[z] >= 0:
        z = from_[z]
        way.append(z)
    return way

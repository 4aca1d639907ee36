"""A bound for blocks too large for a programme: short negative cycles that share no more weight than edges have.

Greedy: for each frustrated edge (free camps: each negative edge) its ways of two and then three edges along which
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
    for steps in (2, 3):
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
    """A way from u to v of so many edges, if there is one."""
    one, other = left[u], left[v]
    if steps == 2:
        small, large = (one, other) if len(one) < len(other) else (other, one)
        return next(((u, x, v) for x in small if x in large), None)
    for x in one:
        if x != v:
            for z in left[x]:
                if z in other and z != u:
                    return (u, x, z, v)
    return None

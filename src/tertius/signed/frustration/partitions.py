"""The bound from partitions, for a free number of camps: small blocks where cycles leave a gap.

Every pair of nodes, adjacent or not, has a variable d_uv (apart or together), and rows of three kinds make d more
nearly a partition (Groetschel & Wakabayashi 1989, doi:10.1007/BF01589097, and 1990, doi:10.1007/BF01580870): triangles,
d_uv + d_vw >= d_uw; stars, x_it1 + ... + x_itk - sum x_tt' <= 1 with x = 1 - d; and where few of them are violated, the
same with two centres i and j, x(ij, T) - x_ij - x(T) <= 2. Violated triangles are listed; the others are built greedily
around every node or two. Rows that have become loose are dropped now and then.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache

import numpy as np

from tertius.events.slices import Floats, Ints
from tertius.signed.frustration.cycles import OVER, Relaxed
from tertius.signed.frustration.problem import Problem
from tertius.signed.frustration.programme import Programme
from tertius.signed.frustration.proof import Bound, Pair, Row

LARGEST = 120
"""Nodes up to which all pairs are variables."""
TRIANGLES, STARS, A_PAIR = 600, 600, 3
"""Rows added at once, and triangles among them that share a pair."""
FEW_STARS = 30
"""Violated stars below which rows with two centres are looked for as well."""
STALLED, GAINED = 3, 0.05
"""Where this many rounds with other rows than triangles gain less than this share of what is missing, it is better to
branch."""
_VIOLATED = 1e-4
_FRACTIONAL = 1e-3
_DROPPED_EVERY = 3

Entry = tuple[list[int], list[float], float]


@cache
def _pairs(k: int) -> tuple[Ints, Ints]:
    """Every two of k leaves; asked for a hundred thousand times in a proof."""
    i, j = np.triu_indices(k, 1)
    return i.astype(np.int64), j.astype(np.int64)


class PartitionRelaxation:
    """The programme of a block; rows stay from call to call."""

    def __init__(self, problem: Problem) -> None:
        self.problem, n = problem, problem.n
        self.i, self.j = np.triu_indices(n, 1)
        self.place = np.zeros((n, n), dtype=np.int64)
        self.place[self.i, self.j] = self.place[self.j, self.i] = np.arange(len(self.i))
        self.cost = np.zeros(len(self.i), dtype=np.int64)
        self.cost[self.place[problem.a, problem.b]] = problem.w
        self.paid = int(-problem.w[problem.w < 0].sum())
        self.programme = Programme(self.cost.astype(np.float64), 1.0)
        self.rows: list[tuple[Row, Entry]] = []
        self._fixed: dict[int, float] = {}
        self.pairs = np.stack([self.i, self.j], axis=1)

    def fix(self, fixed: Mapping[Pair, int]) -> None:
        """Together (0) or apart (1) for some pairs, given as local nodes; all others are let go."""
        wanted = {int(self.place[u, v]): float(d) for (u, v), d in fixed.items()}
        loose = np.array([e for e in self._fixed if e not in wanted], dtype=np.int64)
        self.programme.bound(loose, np.zeros(len(loose)), np.ones(len(loose)))
        value = np.fromiter(wanted.values(), dtype=np.float64, count=len(wanted))
        self.programme.bound(np.fromiter(wanted, dtype=np.int64, count=len(wanted)), value, value)
        self._fixed = wanted

    def strengthen(self, goal: int, until: float) -> Relaxed:
        """Add rows until the bound, rounded up, is ``goal``, none is violated, little is gained, or time is up."""
        if not self.programme.solve(until - time.perf_counter()):
            return self._stopped(goal, until)
        rounds, marks = 0, [-np.inf]
        done = False
        d, activity, y = self.programme.solution()
        while time.perf_counter() < until:
            rounds += 1
            value = self.programme.value + self.paid
            missing = goal - 1 - value
            if missing < -1e-7 * (1 + goal):
                break
            rows = self._violated(d)
            if not rows:
                done = True
                break
            if any(row[0] != "triangle" for row, _ in rows):
                marks.append(value)
                if len(marks) > STALLED and value - marks[-1 - STALLED] < GAINED * missing:
                    break
            if rounds % _DROPPED_EVERY == 0:
                self._drop(activity)
            self.programme.add([entry for _, entry in rows])
            self.rows += rows
            if not self.programme.solve(until - time.perf_counter()):
                return self._stopped(goal, until)
            d, activity, y = self.programme.solution()
        return self._relaxed(np.floor(y * OVER).astype(np.int64), d, done)

    def _drop(self, activity: Floats) -> None:
        loose = activity > np.array([entry[2] for _, entry in self.rows]) + _VIOLATED
        if loose.any():
            self.programme.drop(np.flatnonzero(loose))
            self.rows = [row for row, gone in zip(self.rows, loose, strict=True) if not gone]

    def _stopped(self, goal: int, until: float) -> Relaxed:
        """Time was up, and what is known is what the solver had; or fixed pairs break a triangle, which then proves
        anything.
        """
        d = np.full(len(self.cost), np.nan)
        for e, value in self._fixed.items():
            d[e] = value
        if time.perf_counter() >= until:
            y = np.floor(self.programme.solution()[2] * OVER).astype(np.int64)
            return self._relaxed(y, np.full(len(self.cost), 0.5), False)
        D = self._matrix(d)
        with np.errstate(invalid="ignore"):
            u, v, w = np.nonzero(D[:, :, None] + D[None] < D[:, None, :] - 0.5)
        y = np.zeros(len(self.rows), dtype=np.int64)
        if len(u):
            row = self._triangle(int(u[0]), int(v[0]), int(w[0]))
            self.programme.add([row[1]])
            self.rows.append(row)
            y = np.append(y, (goal + self.paid + int(np.abs(self.cost).sum())) * OVER)
        return self._relaxed(y, np.nan_to_num(d, nan=0.5), False)

    def _relaxed(self, y: Ints, d: Floats, done: bool) -> Relaxed:
        left = self.cost * OVER
        total = self.paid * OVER
        used = np.flatnonzero(y)
        for k in used:
            columns, values, least = self.rows[k][1]
            np.subtract.at(left, columns, int(y[k]) * np.array(values, dtype=np.int64))
            total += int(y[k]) * int(least)
        worst = np.minimum(left, 0)
        for e, value in self._fixed.items():
            worst[e] = left[e] if value else 0
        ids = self.problem.ids
        rows = tuple((self.rows[k][0][0], tuple(ids[list(self.rows[k][0][1])].tolist())) for k in used)
        proof = Bound(rows, tuple(y[used].tolist()), OVER)
        return Relaxed(total + int(worst.sum()), proof, self.pairs, np.clip(d, 0.0, 1.0), done)

    def _matrix(self, d: Floats) -> Floats:
        D = np.zeros((self.problem.n, self.problem.n))  # the diagonal stays 0
        D[self.i, self.j] = D[self.j, self.i] = d
        return D

    def _violated(self, d: Floats) -> list[tuple[Row, Entry]]:
        D = self._matrix(d)
        rows = self._triangles(D)
        if len(rows) < TRIANGLES // 6:
            stars = self._stars(1.0 - D)
            rows += stars if len(stars) >= FEW_STARS else [*stars, *self._twins(1.0 - D)]
        return rows

    def _triangle(self, u: int, v: int, w: int) -> tuple[Row, Entry]:
        columns = [int(self.place[u, v]), int(self.place[v, w]), int(self.place[u, w])]
        return ("triangle", (u, v, w)), (columns, [1.0, 1.0, -1.0], 0.0)

    def _triangles(self, D: Floats) -> list[tuple[Row, Entry]]:
        excess = D[:, None, :] - D[:, :, None] - D[None]
        u, v, w = np.nonzero(excess > _VIOLATED)
        once = u < w
        u, v, w = u[once], v[once], w[once]
        used = np.zeros(len(self.cost), dtype=np.int64)
        rows = []
        for k in np.argsort(-excess[u, v, w], kind="stable")[: 20 * TRIANGLES]:
            row = self._triangle(int(u[k]), int(v[k]), int(w[k]))
            columns = row[1][0]
            if max(used[c] for c in columns) >= A_PAIR:
                continue
            used[columns] += 1
            rows.append(row)
            if len(rows) == TRIANGLES:
                break
        return rows

    def _stars(self, X: Floats) -> list[tuple[Row, Entry]]:
        """Greedy leaves for every centre, begun at each of its fractional neighbours."""
        np.fill_diagonal(X, 0.0)
        found: dict[Row, float] = {}
        for centre in range(self.problem.n):
            begin = np.flatnonzero((X[centre] > _FRACTIONAL) & (X[centre] < 1.0 - _FRACTIONAL))
            if len(begin) < 3:
                continue
            # all begins at once, a row each
            at = np.arange(len(begin))
            gain = np.tile(X[centre, begin], (len(begin), 1))
            inside = np.zeros((len(begin), len(begin)), dtype=bool)
            total = np.zeros(len(begin))
            within = X[np.ix_(begin, begin)]
            best = at.copy()
            alive = np.ones(len(begin), dtype=bool)
            while alive.any():
                inside[at[alive], best[alive]] = True
                total[alive] += gain[at[alive], best[alive]]
                gain = gain - np.where(alive[:, None], within[best], 0.0)
                open_ = np.where(inside, -1.0, gain)
                best = open_.argmax(axis=1)
                alive &= open_[at, best] > 1e-6
            for k in np.flatnonzero(total > 1.0 + _FRACTIONAL):
                leaves = tuple(begin[inside[k]].tolist())
                found["star", (centre, *leaves)] = total[k]
        chosen = sorted(found, key=lambda row: -found[row])[:STARS]
        return [(row, self._star(row[1])) for row in chosen]

    def _star(self, nodes: tuple[int, ...]) -> Entry:
        centre, leaves = nodes[0], np.array(nodes[1:])
        k = len(leaves)
        s, t = _pairs(k)
        columns = [*self.place[centre, leaves].tolist(), *self.place[leaves[s], leaves[t]].tolist()]
        return columns, [1.0] * k + [-1.0] * len(s), float(k - len(s) - 1)

    def _twins(self, X: Floats) -> list[tuple[Row, Entry]]:
        """Greedy leaves for every two centres."""
        n = self.problem.n
        np.fill_diagonal(X, 0.0)
        i, j, at = self.i, self.j, np.arange(len(self.i))
        gain = X[i] + X[j]
        gain[at, i] = gain[at, j] = -2.0
        inside = np.zeros((len(i), n), dtype=bool)
        total = -X[i, j]
        best = gain.argmax(axis=1)
        while len(k := np.flatnonzero(gain[at, best] > 1e-6)):
            chosen = best[k]
            total[k] += gain[k, chosen]
            inside[k, chosen] = True
            gain[k] -= X[chosen]
            gain[k, chosen] = -2.0
            best = gain.argmax(axis=1)
        violated = np.flatnonzero((total > 2.0 + _FRACTIONAL) & (inside.sum(axis=1) > 1))
        rows = []
        for k in violated[np.argsort(-total[violated], kind="stable")][:STARS]:
            leaves = np.flatnonzero(inside[k])
            rows.append((("twin", (int(i[k]), int(j[k]), *leaves.tolist())), self._twin(int(i[k]), int(j[k]), leaves)))
        return rows

    def _twin(self, i: int, j: int, leaves: Ints) -> Entry:
        k = len(leaves)
        s, t = _pairs(k)
        plus = [*self.place[i, leaves].tolist(), *self.place[j, leaves].tolist()]
        minus = [int(self.place[i, j]), *self.place[leaves[s], leaves[t]].tolist()]
        return plus + minus, [1.0] * len(plus) + [-1.0] * len(minus), float(len(plus) - len(minus) - 2)

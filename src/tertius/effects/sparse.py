"""The effects at chosen dyads only, from sparse histories: for risk sets of which a sample is drawn.

The dense path makes (N, N) matrices slice by slice. Beyond a few thousand actors neither they nor their products fit;
here C and H live on the pairs that ever had an event, in the rows of one symmetric sparse pattern, and an effect is
computed at the dyads asked for. Definitions are those of :mod:`tertius.effects.registry`, for every effect in it; a
test holds each of them against its dense column.

Decay is lazy: weights are kept in units of a clock that started at t0, W(t) = D 2^(-(t - t0) / h), so that an event of
slice s adds w 2^((t_s - t0) / h) to D and time passes by changing one number. The clock starts anew before D overflows.

A two-path of i and j runs over the k that both ever met: the intersection of two rows, made once a slice for all
two-paths (by a table of all pairs up to :data:`MAP_BYTES`, beyond it as two sparse products), after which each is a sum
of m(A_ik, B_kj) over it.

Cost: a slice's events, and for each dyad asked for the degrees of i and j.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tertius.effects.two_path import combine
from tertius.events.slices import DyadSlices, Floats, Ints
from tertius.spec import HalfLife

MAP_BYTES = 250_000_000  # of a table of all pairs, in every worker: up to 7,900 actors
OVERFLOW = 300.0  # half-lives after which the clock starts anew


class SparsePast:
    """Walks through slices ``first`` to ``last`` and computes columns at chosen dyads from each one's strict past."""

    def __init__(
        self, slices: DyadSlices, half_life: HalfLife, decay_to: str, legs: str, first: int, last: int
    ) -> None:
        from scipy.sparse import csr_array

        self._slices, self._legs, self._previous_only = slices, legs, decay_to == "previous"
        self._half_lives = {"coop": half_life.coop, "host": half_life.host}
        n = slices.n_actors
        stop = int(slices.indptr[last])
        i, j = slices.dyad[:stop] // n, slices.dyad[:stop] % n
        pairs = np.unique(np.minimum(i, j) * n + np.maximum(i, j))
        i, j = pairs // n, pairs % n
        self._keys = np.sort(np.concatenate([pairs, j * n + i]))
        self._columns = self._keys % n
        self._indptr = np.searchsorted(self._keys, np.arange(n + 1) * n)
        self._back = np.searchsorted(self._keys, self._columns * n + self._keys // n)
        self._pattern = csr_array(
            (np.arange(1.0, len(self._keys) + 1), self._columns.astype(np.int32), self._indptr.astype(np.int32)),
            shape=(n, n),
        )
        self._pattern.has_canonical_format = True
        self._where: Ints | None = None
        if 4 * n * n <= MAP_BYTES:
            self._where = np.full(n * n, -1, dtype=np.int32)
            self._where[self._keys] = np.arange(len(self._keys))
        self._weights = {r: np.zeros(len(self._keys)) for r in ("coop", "host")}
        self._ever = {r: np.zeros(len(self._keys)) for r in ("coop", "host")} if legs == "binary" else {}
        self._sent = {r: np.zeros(n) for r in ("coop", "host")}
        self._received = {r: np.zeros(n) for r in ("coop", "host")}
        self._zero = self._now = float(slices.edges[0])
        for s in range(first):
            self._advance(s)
        self.s = first

    def pass_over(self, wanted: Iterator[int]) -> Iterator[tuple[int, SparsePast]]:
        """Yield (slice, self) for ascending slices, the state being that at its start."""
        for s in wanted:
            while self.s < s:
                self._advance(self.s)
                self.s += 1
            if not self._previous_only:
                self._now = float(self._slices.edges[s])
            yield s, self

    def at(self, dyads: Ints) -> Cells:
        """The columns' values at flat dyads i * N + j (d,)."""
        return Cells(self, dyads)

    def _advance(self, s: int) -> None:
        sl, n = self._slices, self._slices.n_actors
        at = sl.entries(s)
        if at.stop == at.start:
            return
        time = float(sl.edges[s])
        self._restart(time)
        for r, weight in (("coop", sl.coop_weight[at]), ("host", sl.host_weight[at])):
            some = weight > 0
            dyad, grown = sl.dyad[at][some], weight[some] / self._decay(r, time)
            for d in (dyad,) if sl.directed else (dyad, dyad % n * n + dyad // n):
                place = np.searchsorted(self._keys, d)
                self._weights[r][place] += grown  # each dyad once a slice
                if self._ever:
                    self._ever[r][place] = 1.0
                self._sent[r] += np.bincount(d // n, weights=grown, minlength=n)
                self._received[r] += np.bincount(d % n, weights=grown, minlength=n)
        self._now = time

    def _restart(self, time: float) -> None:
        """Start the clock anew where weights of today would be too large in it."""
        lives = [h for h in self._half_lives.values() if h is not None]
        if not lives or (time - self._zero) / min(lives) < OVERFLOW:
            return
        for r in ("coop", "host"):
            left = self._decay(r, time)
            for kept in (self._weights[r], self._sent[r], self._received[r]):
                kept *= left
        self._zero = time

    def _decay(self, sign: str, time: float) -> float:
        h = self._half_lives[sign]
        return 1.0 if h is None else float(2.0 ** (-(time - self._zero) / h))


class Cells:
    """The effects at chosen dyads in one slice, with what several effects share computed once."""

    def __init__(self, past: SparsePast, dyads: Ints) -> None:
        self._past = past
        n = past._slices.n_actors
        self.i, self.j = dyads // n, dyads % n
        self.directed = past._slices.directed
        place = np.searchsorted(past._keys, dyads)
        self._place = np.minimum(place, max(len(past._keys) - 1, 0))
        self._met = past._keys[self._place] == dyads if len(past._keys) else np.zeros(len(dyads), dtype=bool)
        self._third: tuple[Ints, Ints, Ints, Ints] | None = None
        self._legs: dict[tuple[str, str], Floats] = {}

    def weights(self, sign: str, *, back: bool = False) -> Floats:
        """(d,) W_ij, or W_ji."""
        place = self._past._back[self._place] if back else self._place
        return np.where(self._met, self._values(sign, place), 0.0)

    def sums(self, sign: str, *, received: bool = False) -> Floats:
        """(N,) what every actor sent, or received."""
        kept = self._past._received if received else self._past._sent
        signs = ("coop", "host") if sign == "any" else (sign,)
        return np.asarray(sum(kept[r] * self._past._decay(r, self._past._now) for r in signs))

    def path(self, first: str, at_i: str, second: str, at_j: str) -> Floats:
        """(d,) sums over k of m(first leg of i and k, second leg of j and k).

        A leg runs "out" of i (or j) to k, "in" from k, or "both" ways.
        """
        _, _, cells, starts = self._thirds()
        sums = np.zeros(len(self.i))
        if len(cells):
            parts = combine(self._leg(first, at_i, 0), self._leg(second, at_j, 1), self._past._legs)
            sums[cells] = np.add.reduceat(parts, starts)
        return sums

    def _leg(self, sign: str, way: str, end: int) -> Floats:
        if not self.directed:
            way = "out"
        if way == "both":
            key = (sign, f"both{end}")
            if key not in self._legs:
                self._legs[key] = self._leg(sign, "out", end) + self._leg(sign, "in", end)
            return self._legs[key]
        if sign == "any":
            return self._leg("coop", way, end) + self._leg("host", way, end)
        key = (sign, f"{way}{end}")
        if key not in self._legs:
            place = self._thirds()[end]
            self._legs[key] = self._values(sign, self._past._back[place] if way == "in" else place, ever=True)
        return self._legs[key]

    def _values(self, sign: str, place: Ints, *, ever: bool = False) -> Floats:
        """W, or where legs are binary whether it ever was, at places of the pattern."""
        past, signs = self._past, ("coop", "host") if sign == "any" else (sign,)
        if ever and past._ever:
            return np.asarray(sum(past._ever[r][place] for r in signs))
        parts = [past._weights[r][place] for r in signs]
        for r, part in zip(signs, parts, strict=True):
            part *= past._decay(r, past._now)
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]

    def _thirds(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Places of (i, k) and of (j, k) in the pattern for every k that both ever met, cell by cell; the cells that
        have any, and where theirs start."""
        from scipy.sparse import csr_array

        if self._third is None and self._past._where is not None:
            self._third = self._mapped(self._past._where)
        if self._third is None:
            pattern = self._past._pattern
            of_i, of_j = pattern[self.i], pattern[self.j]
            one_i, one_j = (csr_array((np.ones(m.nnz), m.indices, m.indptr), shape=m.shape) for m in (of_i, of_j))
            for m in (of_i, of_j, one_i, one_j):
                m.has_canonical_format = True
            a, b = of_i.multiply(one_j).tocsr(), one_i.multiply(of_j).tocsr()
            cells = np.flatnonzero(np.diff(a.indptr))
            self._third = (a.data.astype(np.int64) - 1, b.data.astype(np.int64) - 1, cells, a.indptr[cells])
        return self._third

    def _mapped(self, where: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """:meth:`_thirds`, from the place of every pair in the pattern (N * N, -1 where they never met): whom the one
        with fewer met is looked up with the other."""
        past, n = self._past, self._past._slices.n_actors
        degree = np.diff(past._indptr)
        first = degree[self.i] <= degree[self.j]
        few, many = np.where(first, self.i, self.j), np.where(first, self.j, self.i)
        starts = np.cumsum(degree[few]) - degree[few]
        cell = np.repeat(np.arange(len(few), dtype=np.int32), degree[few])
        mine = np.arange(len(cell), dtype=np.int32)
        mine += (past._indptr[few] - starts).astype(np.int32)[cell]
        at = (many * n)[cell]
        at += past._columns[mine]
        theirs = where[at]
        both = np.flatnonzero(theirs >= 0)
        cell, mine, theirs = cell[both], mine[both].astype(np.intp), theirs[both].astype(np.intp)
        of_i = first[cell]
        begin = np.flatnonzero(np.diff(cell, prepend=-1))
        return np.where(of_i, mine, theirs), np.where(of_i, theirs, mine), cell[begin].astype(np.int64), begin


def _activity(c: Cells, sign: str) -> Floats:
    sent = c.sums(sign)
    return np.asarray(sent[c.i] if c.directed else sent[c.i] + sent[c.j])


AT_CELLS: dict[str, Callable[[Cells, str], Floats]] = {
    "inertia": lambda c, r: c.weights(r),
    "reciprocity": lambda c, r: c.weights(r, back=True),
    "activity": _activity,
    "popularity": lambda c, r: c.sums(r, received=True)[c.j],
    "friend_of_friend": lambda c, _: c.path("coop", "both", "coop", "both"),
    "common_foe": lambda c, _: c.path("host", "both", "host", "both"),
    "shared_threat": lambda c, _: c.path("host", "in", "host", "in"),
    "shared_target": lambda c, _: c.path("host", "out", "host", "out"),
    "friend_of_foe": lambda c, _: c.path("host", "both", "coop", "both"),
    "foe_of_friend": lambda c, _: c.path("coop", "both", "host", "both"),
    "mixed": lambda c, _: c.path("host", "both", "coop", "both") + c.path("coop", "both", "host", "both"),
    "transitivity": lambda c, r: c.path(r, "out", r, "in"),
}
"""Name of the effect -> (cells, sign) -> (d,) its value, before the transform."""

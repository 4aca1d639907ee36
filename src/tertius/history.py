"""History: decayed sums of what happened strictly before a slice.

For sign r with half-life h, directed dyad (i, j) and slice time t:

    W^r_ij(t) = sum over events i -> j of sign r in slices before t of  weight * 2^-((t - t_e) / h),

with t_e the start of the event's slice. ``C`` is W of cooperation, ``H`` of hostility. A slice never sees itself: its
events enter after it was yielded. Undirected slices give symmetric matrices.

``decay_to = "previous"`` decays to the start of the latest earlier slice with an event instead of to t (the convention
of remstats 4.1.0 and remflow 0.1.2): with one event a unit of time the two differ by a constant factor only.

Cost: one multiplication of two N x N matrices a slice. :meth:`History.past_of` starts from the nearest checkpoint, so
that several workers can go through different spans at once; a checkpoint, and a slice far from the one before, is one
sum over the events since: equal to the recursion but for rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tertius.events.slices import Bools, DyadSlices, Floats
from tertius.spec import HalfLife

FLUSH_EVERY = 8  # slices
WORTH_JUMPING = 8  # slices from which on one sum over their events takes less than that many recursions
FLUSH_BELOW = 1e-200  # weights this small are zero for every purpose, and denormal numbers are slow


@dataclass(frozen=True, slots=True)
class Past:
    """What slice ``s`` sees. The arrays are overwritten when the next slice is asked for.

    Attributes
    ----------
    s : index of the slice.
    C, H : (N, N) decayed cooperation and hostility of i towards j.
    coop_ever, host_ever : (N, N) whether i ever acted so towards j, whatever the decay.
    """

    s: int
    C: Floats
    H: Floats
    coop_ever: Bools
    host_ever: Bools


@dataclass(slots=True)
class _State:
    C: Floats
    H: Floats
    coop_ever: Bools
    host_ever: Bools
    previous: float  # start of the latest slice with an event, in days; NaN before the first

    def copy(self) -> _State:
        return _State(self.C.copy(), self.H.copy(), self.coop_ever.copy(), self.host_ever.copy(), self.previous)


class History:
    """Walks through the slices and yields each one's strict past.

    Parameters
    ----------
    slices : the events.
    half_life : in days, per sign; None never forgets.
    decay_to : "now" or "previous".
    checkpoints : slices at which the state is kept, besides the first.
    """

    def __init__(
        self, slices: DyadSlices, half_life: HalfLife, decay_to: str = "now", checkpoints: tuple[int, ...] = ()
    ) -> None:
        self._slices = slices
        self._half_life = half_life
        self._to_previous = decay_to == "previous"
        self._kept: dict[int, _State] = {}
        for stop in sorted(c for c in set(checkpoints) if 0 < c < slices.n_slices):
            start, state = self._before(stop)
            if self._to_previous:
                for s in range(start, stop):
                    self._advance(state, s)
            else:
                self._jump(state, start, stop)
            self._kept[stop] = state

    @property
    def recipe(self) -> tuple[DyadSlices, HalfLife, str, tuple[int, ...]]:
        """What the history is made of: with it, another is the same."""
        return self._slices, self._half_life, "previous" if self._to_previous else "now", tuple(self._kept)

    def past(self, start: int = 0, stop: int | None = None) -> Iterator[Past]:
        """Yield :class:`Past` for slices start, ..., stop - 1, in the order of time."""
        stop = self._slices.n_slices if stop is None else stop
        yield from self.past_of(range(start, stop))

    def past_of(self, wanted: Sequence[int]) -> Iterator[Past]:
        """Yield :class:`Past` for the slices ``wanted``; those far apart are reached in one sum each.

        Raises
        ------
        ValueError : they do not ascend.
        """
        if not len(wanted):
            return
        if (np.diff(wanted) < 0).any():
            raise ValueError("slices of a history are wanted in the order of time")
        s, state = self._before(wanted[0])
        for stop in wanted:
            if stop - s >= WORTH_JUMPING and not self._to_previous:
                self._jump(state, s, stop)
                s = stop
            while s < stop:
                self._advance(state, s)
                s += 1
            yield Past(s, state.C, state.H, state.coop_ever, state.host_ever)

    def _before(self, s: int) -> tuple[int, _State]:
        """The latest slice up to s whose state is kept, or the first, and a copy of the state there."""
        kept = [k for k in self._kept if k <= s]
        if kept:
            return max(kept), self._kept[max(kept)].copy()
        n = self._slices.n_actors
        zeros, never = np.zeros((n, n)), np.zeros((n, n), dtype=bool)
        return 0, _State(zeros, zeros.copy(), never, never.copy(), np.nan)

    def _advance(self, state: _State, s: int) -> None:
        """Let the events of slice s happen; decay to the start of slice s + 1, or only up to a slice with events."""
        sl = self._slices
        at = sl.entries(s)
        happened = at.stop > at.start
        if self._to_previous and happened and np.isfinite(state.previous):
            self._forget(state, float(sl.edges[s]) - state.previous, s)
        if happened:
            dyad = sl.dyad[at]
            self._add(state.C, state.coop_ever, dyad, sl.coop_weight[at])
            self._add(state.H, state.host_ever, dyad, sl.host_weight[at])
            state.previous = float(sl.edges[s])
        if not self._to_previous:
            self._forget(state, float(sl.edges[s + 1] - sl.edges[s]), s)

    def _jump(self, state: _State, start: int, stop: int) -> None:
        """What :meth:`_advance` does from ``start`` to ``stop``, decaying to now, as one sum over events: equal but for
        rounding."""
        sl = self._slices
        self._forget(state, float(sl.edges[stop] - sl.edges[start]), 0)
        at = slice(int(sl.indptr[start]), int(sl.indptr[stop]))
        days, entries = sl.edges[stop] - sl.edges[start:stop], np.diff(sl.indptr[start : stop + 1])
        for W, ever, weight, half_life in (
            (state.C, state.coop_ever, sl.coop_weight[at], self._half_life.coop),
            (state.H, state.host_ever, sl.host_weight[at], self._half_life.host),
        ):
            left = weight if half_life is None else weight * np.repeat(2.0 ** (-days / half_life), entries)
            sums = np.bincount(sl.dyad[at], weights=left, minlength=W.size).reshape(W.shape)
            W += sums if sl.directed else sums + sums.T
            W[W < FLUSH_BELOW] = 0.0
            ever.ravel()[sl.dyad[at][weight > 0]] = True
            if not sl.directed:
                ever |= ever.T

    def _forget(self, state: _State, days: float, s: int) -> None:
        for W, half_life in ((state.C, self._half_life.coop), (state.H, self._half_life.host)):
            if half_life is not None:
                W *= _decay(days, half_life)
                if s % FLUSH_EVERY == 0:
                    W[W < FLUSH_BELOW] = 0.0

    def _add(self, W: Floats, ever: Bools, dyad: NDArray[np.int64], weight: Floats) -> None:
        """Add entries (one a dyad) to a matrix; undirected entries both ways."""
        n = self._slices.n_actors
        some = weight > 0
        dyad, weight = dyad[some], weight[some]
        W.ravel()[dyad] += weight
        ever.ravel()[dyad] = True
        if not self._slices.directed:
            mirror = (dyad % n) * n + dyad // n
            W.ravel()[mirror] += weight
            ever.ravel()[mirror] = True


def _decay(days: float, half_life: float | None) -> float:
    return 1.0 if half_life is None else float(2.0 ** (-days / half_life))

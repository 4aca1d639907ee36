"""The arrays that leave the data base: who did how much of which sign to whom, slice by slice.

A **slice** is the unit of time in which order is unknown. Slices of minutes to weeks are anchored at 1970-01-01
(weeks at a Monday), months and years at the calendar, so that the same slice means the same span in every data set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tertius.spec import Duration

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MONDAY = 4.0  # 1970-01-05, in days since 1970-01-01


@dataclass(frozen=True, slots=True)
class DyadSlices:
    """Sparse dyad-by-slice sums of events. N actors, S slices, E entries (one a slice and dyad with an event).

    Attributes
    ----------
    actors : labels, in the order of the indices.
    directed : undirected slices hold each pair once, with i < j.
    edges : (S + 1,) start of every slice and the end of the last, in days since 1970-01-01.
    observed : (S,) whether at least half of the slice's days were observed.
    indptr : (S + 1,) entries of slice s are indptr[s]:indptr[s + 1].
    dyad : (E,) flat index i * N + j.
    coop_count, host_count : (E,) number of events (halves for mirrored codings).
    coop_weight, host_weight : (E,) sums of weights, in the unit of the weights given.
    length : length of a slice.
    days : (S,) days of each slice that were observed, its exposure; None: every day of the observed slices.
    """

    actors: tuple[str, ...]
    directed: bool
    edges: Floats
    observed: Bools
    indptr: Ints
    dyad: Ints
    coop_count: Floats
    coop_weight: Floats
    host_count: Floats
    host_weight: Floats
    length: Duration
    days: Floats | None = None

    @property
    def exposure(self) -> Floats:
        """(S,) days observed in each slice: what a rate is divided by."""
        return np.where(self.observed, np.diff(self.edges), 0.0) if self.days is None else self.days

    @property
    def n_actors(self) -> int:
        """N, silent actors included."""
        return len(self.actors)

    @property
    def n_slices(self) -> int:
        """S, slices without events included."""
        return len(self.observed)

    @property
    def n_dyads(self) -> int:
        """Pairs at risk: N (N - 1), or half of it where undirected."""
        n = self.n_actors
        return n * (n - 1) if self.directed else n * (n - 1) // 2

    def entries(self, s: int) -> slice:
        """Where the entries of slice s lie in the entry arrays."""
        return slice(int(self.indptr[s]), int(self.indptr[s + 1]))

    def outcome(self, outcome: str, response: str) -> Floats:
        """(E,) the outcome of every entry: events, or their weights, of cooperation, hostility or any."""
        coop, host = (self.coop_count, self.host_count) if response == "count" else (self.coop_weight, self.host_weight)
        return {"cooperation": coop, "hostility": host, "any": coop + host}[outcome]

    def per_slice(self, values: Floats) -> Floats:
        """(S,) sums of ``values`` (E,) over all entries of each slice."""
        running = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(running[self.indptr[1:]] - running[self.indptr[:-1]])

    def pair(self, i: int, j: int, values: Floats) -> Floats:
        """(S,) sums of ``values`` (E,) over the entries between i and j, both ways."""
        n = self.n_actors
        hit = (self.dyad == i * n + j) | (self.dyad == j * n + i)
        slice_of = np.repeat(np.arange(self.n_slices), np.diff(self.indptr))
        return np.bincount(slice_of[hit], weights=values[hit], minlength=self.n_slices).astype(np.float64)

    def at_risk(self) -> Ints:
        """(D,) flat indices i * N + j of the dyads at risk."""
        n = self.n_actors
        i, j = np.nonzero(~np.eye(n, dtype=bool)) if self.directed else np.triu_indices(n, 1)
        return (i * n + j).astype(np.int64)

    def dates(self) -> NDArray[np.datetime64]:
        """(S,) start of every slice; to the minute where slices do not all begin at midnight."""
        minutes = np.round(self.edges[:-1] * 1440).astype("int64").astype("datetime64[m]")
        return minutes if np.any(self.edges % 1) else minutes.astype("datetime64[D]")

    def between(self, first: np.datetime64, last: np.datetime64) -> Bools:
        """(S,) slices at least half of whose time lies in the days ``first`` to ``last``, both included."""
        begin, end = (float(d.astype("datetime64[D]").astype(np.int64)) for d in (first, last))
        share = observed_share(self.edges, begin, end, np.empty(0))
        return np.asarray(share >= 0.5 - 1e-9)


def from_arrays(
    C: Floats,
    H: Floats,
    *,
    directed: bool,
    edges: Floats,
    length: Duration,
    observed: Bools | None = None,
    actors: tuple[str, ...] = (),
) -> DyadSlices:
    """Arrays by slice as slices; what stands in a cell is both its count and its weight.

    Parameters
    ----------
    C, H : (S, N, N) cooperation and hostility of i towards j, 0 or more; undirected: the pairs i < j are read.
    edges : (S + 1,) days since 1970-01-01.
    length : of a slice.
    observed : (S,) None: all.
    actors : N labels; empty: A0, A1, ...

    >>> C = np.zeros((2, 3, 3))
    >>> C[1, 0, 2] = 4.0
    >>> made = from_arrays(C, C, directed=True, edges=np.array([0.0, 1, 2]), length=Duration(1, "d"))
    >>> made.indptr.tolist(), made.dyad.tolist(), made.coop_count.tolist()
    ([0, 0, 1], [2], [4.0])
    """
    S, n = C.shape[:2]
    i, j = np.nonzero(~np.eye(n, dtype=bool)) if directed else np.triu_indices(n, 1)
    coop, host = C[:, i, j], H[:, i, j]
    some = (coop > 0) | (host > 0)
    coop, host = coop[some].astype(np.float64), host[some].astype(np.float64)
    width = len(str(n - 1))
    return DyadSlices(
        actors=actors or tuple(f"A{k:0{width}d}" for k in range(n)),
        directed=directed,
        edges=edges,
        observed=np.ones(S, dtype=bool) if observed is None else observed,
        indptr=np.concatenate([[0], np.cumsum(some.sum(axis=1))]).astype(np.int64),
        dyad=np.broadcast_to(i * n + j, some.shape)[some].astype(np.int64),
        coop_count=coop,
        coop_weight=coop.copy(),
        host_count=host,
        host_weight=host.copy(),
        length=length,
    )


def entries_of(slices: DyadSlices, part: DyadSlices, values: Floats) -> Floats:
    """(E,) ``values`` of the entries of ``part`` at the same entries of ``slices``, of which it holds some, else zero.

    Raises ValueError where it holds others.
    """
    if part.actors != slices.actors or part.n_slices != slices.n_slices:
        raise ValueError("the slices are of different actors or days")

    def keys(sl: DyadSlices) -> Ints:
        of = np.repeat(np.arange(sl.n_slices), np.diff(sl.indptr))
        return of * sl.n_actors**2 + sl.dyad

    whole, some = keys(slices), keys(part)
    at = np.searchsorted(whole, some)
    if len(some) and (at.max() >= len(whole) or (whole[at] != some).any()):
        raise ValueError("an entry is not among those of the slices")
    found = np.zeros(len(whole))
    found[at] = values
    return found


def without_same_slice_triads(slices: DyadSlices) -> DyadSlices:
    """The same slices without cooperation of i and j where some third party was hostile to both in the same slice.

    One story is often coded as hostility of k towards i and j and as cooperation of the two; with the order inside a
    slice unknown, such cooperation says nothing about what came first. Undirected: k in conflict with both.

    >>> one = DyadSlices(("i", "j", "k"), True, np.array([0.0, 1.0]), np.ones(1, dtype=bool), np.array([0, 3]),
    ...                  np.array([1, 6, 7]), np.array([2.0, 0, 0]), np.array([2.0, 0, 0]), np.array([0.0, 1, 1]),
    ...                  np.array([0.0, 1, 1]), Duration(1, "d"))
    >>> without_same_slice_triads(one).coop_count
    array([0., 0., 0.])
    """
    n = slices.n_actors
    dropped = np.zeros(len(slices.dyad), dtype=bool)
    H = np.zeros((n, n), dtype=np.float32)
    for s in range(slices.n_slices):
        at = slices.entries(s)
        dyad = slices.dyad[at]
        hostile = dyad[slices.host_count[at] > 0]
        friendly = np.flatnonzero(slices.coop_count[at] > 0)
        if len(hostile) < 2 or not len(friendly):
            continue
        H.ravel()[hostile] = 1.0
        if not slices.directed:
            H.ravel()[(hostile % n) * n + hostile // n] = 1.0
        met = np.flatnonzero(H.any(axis=0))
        of = H[:, met]
        both = np.zeros((n, n), dtype=bool)
        both[np.ix_(met, met)] = of.T @ of > 0
        dropped[at.start + friendly] = both.ravel()[dyad[friendly]]
        H[:] = 0.0
    count, weight = (np.where(dropped, 0.0, values) for values in (slices.coop_count, slices.coop_weight))
    return replace(slices, coop_count=count, coop_weight=weight)


def at_full_exposure(Z: Floats, slices: DyadSlices) -> Floats:
    """(S, N, N) what Z would be had every day of the observed slices been observed, at the rate of the days that were.

    Slices with less than half of their days observed stay as they are: they are not observed.
    """
    days = np.diff(slices.edges)
    scale = np.divide(days, slices.exposure, out=np.ones(len(days)), where=slices.observed)
    return Z if np.all(scale == 1.0) else np.asarray(Z * scale[:, None, None])


def coarsened(slices: DyadSlices, into: DyadSlices) -> DyadSlices:
    """The sums of slices over the longer slices of ``into``, whose edges must be edges of theirs; what was observed is
    as there.

    Raises ValueError where a slice with events lies in two of ``into`` or outside, or the actors differ.
    """
    if slices.actors != into.actors or slices.directed != into.directed:
        raise ValueError("the slices are of different actors")
    place = np.searchsorted(into.edges, slices.edges[:-1] + 1e-9, side="right") - 1
    inside = (place >= 0) & (place < into.n_slices)
    ends = slices.edges[1:] <= into.edges[np.minimum(place, into.n_slices - 1) + 1] + 1e-9
    filled = np.diff(slices.indptr) > 0
    if not (inside & ends)[filled].all():
        raise ValueError("a slice lies in two of the longer ones")
    where = np.repeat(np.where(inside, place, 0), np.diff(slices.indptr)) * slices.n_actors**2 + slices.dyad
    keys, entry = np.unique(where, return_inverse=True)
    starts = np.arange(into.n_slices + 1) * slices.n_actors**2

    def sums(values: Floats) -> Floats:
        return np.bincount(entry, weights=values, minlength=len(keys)).astype(np.float64)

    return replace(
        into,
        indptr=np.searchsorted(keys, starts).astype(np.int64),
        dyad=keys % slices.n_actors**2,
        coop_count=sums(slices.coop_count),
        coop_weight=sums(slices.coop_weight),
        host_count=sums(slices.host_count),
        host_weight=sums(slices.host_weight),
    )


def edges(length: Duration, first: int, last: int) -> Floats:
    """Start, in days since 1970-01-01, of slices number ``first`` to ``last``, and the end of the last."""
    numbers = np.arange(first, last + 2)
    if length.unit in ("mo", "y"):
        months = numbers * length.n * (12 if length.unit == "y" else 1) - 1970 * 12
        return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.float64)
    return np.asarray((MONDAY if length.unit == "w" else 0.0) + numbers * length.days, dtype=np.float64)


def observed_share(bounds: Floats, first_day: float, last_day: float, missing: Floats) -> Floats:
    """(S,) share of each slice's time that lies in [first_day, last_day + 1) and on no missing day.

    ``bounds`` (S + 1,), days since 1970-01-01; ``missing`` (m,) days without any record.
    """
    start, end = bounds[:-1], bounds[1:]
    inside = np.clip(np.minimum(end, last_day + 1) - np.maximum(start, first_day), 0, None)
    for day in np.unique(missing):
        if first_day <= day <= last_day:
            inside -= np.clip(np.minimum(end, day + 1) - np.maximum(start, day), 0, None)
    return np.asarray(inside / (end - start))

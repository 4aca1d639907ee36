"""The arrays that leave the data base: who did how much of which sign to whom, slice by slice.

A **slice** is the unit of time in which order is unknown. Slices of minutes to weeks are anchored at 1970-01-01
(weeks at a Monday), months and years at the calendar, so that the same slice means the same span in every data set.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    coop_weight, host_weight : (E,) sums of weights, in the unit of the data.
    length : length of a slice.
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
        """(S,) slices that start on or after day ``first`` and on or before day ``last``."""
        days = self.dates().astype("datetime64[D]")
        return (days >= first) & (days <= last)


def slice_index_sql(length: Duration, column: str = "date") -> str:
    """SQL (DuckDB) for the number of the slice in which a timestamp lies; :func:`edges` turns numbers into days."""
    if length.unit == "mo":
        return f"CAST(floor((year({column}) * 12 + month({column}) - 1) / {length.n}.0) AS BIGINT)"
    if length.unit == "y":
        return f"CAST(floor(year({column}) / {length.n}.0) AS BIGINT)"
    step = round(length.days * 86_400_000_000)
    anchor = round(MONDAY * 86_400_000_000) if length.unit == "w" else 0
    return f"CAST(floor((epoch_us({column}) - {anchor}) / {step}.0) AS BIGINT)"


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

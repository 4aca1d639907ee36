"""Covariates: what is known of a dyad from elsewhere, at a slice's start, as arrays.

A value holds from its day on, until the next one, at most ``carry`` days long; then it is missing, not zero. A value
without a day holds always. Dyads whose covariates are missing leave the likelihood; the result says how much is left.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tertius.events.slices import Floats, Ints

ALWAYS = -np.inf
LEAP = 1.0  # days by which a year, or five, may exceed its mean length
KEPT = 4  # states kept at once; slices are taken in the order of time


@dataclass(frozen=True, slots=True)
class Covariate:
    """One column. E entries, sorted by day.

    Attributes
    ----------
    name : the column's name.
    n_actors : N.
    i, j : (E,) ends; a symmetric value stands for both directions.
    day : (E,) days since 1970-01-01 from which the value holds; minus infinity: always.
    value : (E,) in the covariate's own unit.
    symmetric : whether i, j and j, i are the same.
    carry : days for which a value holds.
    """

    name: str
    n_actors: int
    i: Ints
    j: Ints
    day: Floats
    value: Floats
    symmetric: bool
    carry: float
    _kept: dict[int, tuple[Floats, Floats]] = field(default_factory=dict, repr=False, compare=False)

    def at(self, day: float) -> Floats:
        """(N, N) values that hold on a day; NaN where there is none.

        >>> c = Covariate("trade", 2, np.array([0]), np.array([1]), np.array([10.0]), np.array([3.0]), True, 100.0)
        >>> c.at(50.0)[1, 0], c.at(5.0)[0, 1], c.at(200.0)[0, 1]
        (np.float64(3.0), np.float64(nan), np.float64(nan))
        """
        upto = int(np.searchsorted(self.day, day, side="right"))
        kept = self._kept.get(upto)  # workers share this: read once
        if kept is None:
            n = self.n_actors
            value, since = np.full((n, n), np.nan), np.full((n, n), np.nan)
            i, j = self.i[:upto], self.j[:upto]
            value[i, j], since[i, j] = self.value[:upto], self.day[:upto]  # later entries overwrite earlier ones
            if self.symmetric:
                value[j, i], since[j, i] = self.value[:upto], self.day[:upto]
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[upto] = (value, since)
        else:
            value, since = kept
        return np.where((since == ALWAYS) | (day - since <= self.carry + LEAP), value, np.nan)


@dataclass(frozen=True, slots=True)
class BothEnds:
    """A column by actor in undirected data: the sum over both ends, each with its own carry."""

    name: str
    source: Covariate
    target: Covariate

    def at(self, day: float) -> Floats:
        """(N, N) sums of what holds for both ends on a day; NaN where one is missing."""
        return self.source.at(day) + self.target.at(day)


AnyCovariate = Covariate | BothEnds


def covariate(
    name: str, n_actors: int, i: Ints, j: Ints, day: Floats, value: Floats, *, directed: bool, carry: float
) -> Covariate:
    """A column from entries in any order; symmetric where data are undirected or no dyad is given both ways."""
    order = np.argsort(day, kind="stable")
    i, j, day, value = i[order], j[order], day[order], value[order]
    pairs = set(zip(i.tolist(), j.tolist(), strict=True))
    symmetric = not directed or not any((b, a) in pairs for a, b in pairs)
    if symmetric:  # one order of the ends, so that a later value always replaces an earlier one
        i, j = np.minimum(i, j), np.maximum(i, j)
    return Covariate(name, n_actors, i, j, day, value, symmetric, carry)

"""Historical frequencies, "conflictology": what comes next is one of the last 12 periods, each as likely.

The CRPS is that of the 12 values as they were, scaled to the observed days: the form in which the baseline is hard to
beat (Hegre, Vesco, Colaresi et al. 2025, doi:10.1177/00223433241300862). For log score, coverage and breaks, which a
bare ensemble cannot have, every value is smoothed: a count x by a negative binomial of mean x + s, a weight by a
gamma of mean x, and beside the 12 stands what all pairs did, with the weight of ``pool`` values. Smoothing is chosen
by the log score of the period before the origin's.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Bools, Floats, Ints
from tertius.foresight.families import Predictive, scoring
from tertius.foresight.known import Known

MEMBERS = 12
SHAPES = (0.5, 1.0, 2.0, 4.0)
POOLS = (0.02, 0.1, 0.3, 1.0)
SHIFTS = (0.002, 0.01, 0.05, 0.2)
TRIED = 5_000
"""Pairs on which smoothing is chosen."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Smoothed frequencies of n pairs. ``members`` (n, M); ``pool`` what all did; ``shift`` of counts alone."""

    members: Floats
    pool: Predictive
    shape: float
    weight: float
    counts: bool

    def _parts(self) -> list[tuple[float, Predictive]]:
        n, M = self.members.shape
        shape = np.full(n, self.shape)
        whole = M + (0.0 if self.counts else self.weight)
        parts = []
        for x in self.members.T:
            if self.counts:
                parts.append((1 / whole, Predictive(np.ones(n), x + self.weight, shape, True)))
            else:
                share = np.where(x > 0, 1 - 1e-9, 1e-9)
                parts.append((1 / whole, Predictive(share, np.where(x > 0, x, 1.0), shape, False)))
        return parts if self.counts else [*parts, (self.weight / whole, self.pool)]

    def log_density(self, y: Floats) -> Floats:
        """(n,)"""
        return np.asarray(np.logaddexp.reduce([np.log(w) + part.log_density(y) for w, part in self._parts()], axis=0))

    def pit(self, y: Floats, u: Floats) -> Floats:
        """(n,) see :meth:`Predictive.pit`."""
        return np.asarray(sum(w * part.pit(y, u) for w, part in self._parts()))

    def cdf(self, y: Floats) -> Floats:
        """(n,)"""
        return np.asarray(sum(w * part.cdf(y) for w, part in self._parts()))

    def crps(self, y: Floats) -> Floats:
        """(n,) of the values as they were."""
        return np.asarray(scoring().crps_ensemble(y, self.members, estimator="qd"))

    def quantile(self, level: float) -> Floats:
        """(n,) of the values as they were."""
        return np.asarray(np.quantile(self.members, level, axis=1, method="inverted_cdf"))

    def among(self, which: Bools | Ints) -> Frequencies:
        """Of some pairs."""
        return Frequencies(self.members[which], self.pool.among(which), self.shape, self.weight, self.counts)


def members(known: Known, sign: str, origin: int, days: float, counts: bool) -> Floats:
    """(D, M) the last observed periods, scaled to ``days``."""
    seen = [t for t in range(origin, -1, -1) if known.days[t] > 0][:MEMBERS]
    scaled = known.values[sign][seen].T * (days / known.days[seen])
    return np.round(scaled) if counts else scaled


def frequencies(known: Known, sign: str, origin: int, horizon: int, days: float, counts: bool) -> Frequencies:
    """Frequencies at an origin, smoothed as was best for the period of the origin, forecast ``horizon`` before."""
    last = next(t for t in range(origin, -1, -1) if known.days[t] > 0)
    some = np.arange(0, len(known.i), max(1, len(known.i) // TRIED))
    y = known.values[sign][last]
    before = members(known, sign, max(last - horizon, 0), float(known.days[last]), counts)
    tried = [
        Frequencies(before[some], _pool(before[some]), shape, weight, counts)
        for shape, weight in itertools.product(SHAPES, SHIFTS if counts else POOLS)
    ]
    best = max(tried, key=lambda one: float(one.log_density(y[some]).mean()))
    now = members(known, sign, origin, days, counts)
    return Frequencies(now, _pool(now), best.shape, best.weight, counts)


def _pool(members: Floats) -> Predictive:
    """What all pairs did, as one distribution for each."""
    positive = members[members > 0]
    mean = float(positive.mean()) if len(positive) else 1.0
    share = min(max(float((members > 0).mean()), 1e-6), 1 - 1e-6)
    spread = float(np.log(positive).var()) if len(positive) > 1 else 1.0
    n = len(members)
    return Predictive(np.full(n, share), np.full(n, mean), np.full(n, 1 / max(spread, 0.2)), False)

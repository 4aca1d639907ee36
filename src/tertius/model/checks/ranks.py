"""The rank of the pair that acted, among all that could.

In every slice the dyads at risk are put in the order of their expected outcome mu_d; an event's rank is that of
its dyad, 1 for the largest, ties at the middle of the places they share. Shown are, weighted by the outcome, the
median, the mean of 1 / rank, and the share in the top ten (Butts 2008, doi:10.1111/j.1467-9531.2008.00203.x).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Bools, Floats, Ints

TIES = 5
"""Decimals of log mu to which two dyads count as tied: blocks may be in single precision."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Rank of the pair that acted, weighted by the outcome.

    Attributes
    ----------
    median : half of the outcome fell on a pair ranked so or better.
    mean_reciprocal : mean of 1 / rank; 1 is perfect.
    top10 : share of the outcome on the ten pairs ranked first.
    """

    median: float
    mean_reciprocal: float
    top10: float


def ranks_of(score: Floats, at: Ints) -> Floats:
    """(e,) ranks of the dyads ``at`` among all of ``score`` (D,): 1 is the largest, ties at the middle.

    >>> ranks_of(np.array([3.0, 1.0, 1.0, 5.0]), np.array([3, 1])).tolist()
    [1.0, 3.5]
    """
    order = np.sort(score)
    low, high = (np.searchsorted(order, score[at], side=side) for side in ("left", "right"))
    return np.asarray(len(score) - high + (high - low + 1) / 2, dtype=np.float64)


def summary_of(ranks: Floats, weight: Floats) -> Ranks:
    """Weighted median, mean reciprocal and share in the top ten of ranks (e,).

    >>> summary_of(np.array([1.0, 20.0]), np.array([3.0, 1.0]))
    Ranks(median=1.0, mean_reciprocal=0.7625, top10=0.75)
    """
    order = np.argsort(ranks, kind="stable")
    running, total = np.cumsum(weight[order]), float(weight.sum())
    middle = ranks[order][np.searchsorted(running, total / 2 * (1 - 1e-12))]
    return Ranks(float(middle), float(weight @ (1 / ranks)) / total, float(weight[ranks <= 10].sum()) / total)


def shares_of(X: Floats, beta: Floats, out: Bools | None) -> Floats:
    """(D,) share of each dyad in the slice's outcome."""
    eta = np.asarray(beta.astype(X.dtype) @ X, dtype=np.float64)
    if out is not None:
        eta[out] = -np.inf
    p = np.exp(eta - eta.max())
    return np.asarray(p / p.sum())

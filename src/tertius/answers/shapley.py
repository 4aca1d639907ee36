"""Shapley values of a game whose worth is a function of a sum.

Third parties k press with r_k(t) above a level b(t). A coalition T is worth v(T) = sum_t w(t) [f(b + sum_T r) - f(b)],
and k's Shapley value is its mean marginal worth over all orders (Shapley 1953, doi:10.1515/9781400881970-018). Values
add up to v(all). Up to :data:`EXACT_PLAYERS` players are enumerated; beyond, orders are drawn, each together with its
reverse, and the standard error of the draw is given. Players without pressure have value zero exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from tertius.events.slices import Floats
from tertius.language import say

EXACT_PLAYERS = 10
ORDERS = 400


@dataclass(frozen=True, slots=True)
class Shapley:
    """Values (K,), the standard error of each from drawing (zero where exact), and how they were had."""

    values: Floats
    draw_se: Floats
    method: str


def shapley(
    r: Floats, base: Floats, weight: Floats, f: Callable[[Floats], Floats], seed: int, orders: int = ORDERS
) -> Shapley:
    """Shapley values of pressures.

    Parameters
    ----------
    r : (K, T) pressure of each third party above the level; may be negative as long as base + any sum stays >= 0.
    base : (T,) the level b.
    weight : (T,) w.
    f : elementwise, on arrays of any shape; must return a new array.
    seed, orders : of the draw, where K exceeds :data:`EXACT_PLAYERS`.

    >>> r = np.array([[3.0], [1.0]])
    >>> shapley(r, np.zeros(1), np.ones(1), np.sqrt, seed=1).values
    array([1.3660254, 0.6339746])
    """
    K = len(r)
    players = np.flatnonzero(np.abs(r).max(axis=1, initial=0.0) > 0)
    values, se = np.zeros(K), np.zeros(K)
    if len(players) <= EXACT_PLAYERS:
        values[players] = _enumerated(r[players], base, weight, f)
        return Shapley(values, se, say("Shapley values, enumerated"))
    rng = np.random.default_rng(seed)
    draws = np.empty((orders // 2, len(players)))
    for m in range(orders // 2):
        order = rng.permutation(players)
        marginal = np.zeros(K)
        for path in (order, order[::-1]):
            level = base + np.vstack([np.zeros_like(base), np.cumsum(r[path], axis=0)])
            worth = f(np.maximum(level, 0.0)) @ weight
            marginal[path] += np.diff(worth) / 2
        draws[m] = marginal[players]
    values[players] = draws.mean(axis=0)
    se[players] = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    return Shapley(
        values, se, say("Shapley values from {draws} drawn orders (seed {seed})", draws=2 * len(draws), seed=seed)
    )


def _enumerated(r: Floats, base: Floats, weight: Floats, f: Callable[[Floats], Floats]) -> Floats:
    K = len(r)
    worth = np.empty(2**K)
    for mask in range(2**K):
        members = [k for k in range(K) if mask >> k & 1]
        worth[mask] = float(f(np.maximum(base + r[members].sum(axis=0), 0.0)) @ weight)
    values = np.zeros(K)
    for k in range(K):
        others = [m for m in range(K) if m != k]
        for size in range(K):
            for coalition in combinations(others, size):
                mask = sum(1 << m for m in coalition)
                values[k] += (worth[mask | 1 << k] - worth[mask]) / (K * comb(K - 1, size))
    return values

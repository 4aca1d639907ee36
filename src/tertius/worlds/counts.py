"""The generator ``counts``: overdispersed counts by period around log-linear means.

Actors of unequal size, persistent shocks of actors and of pairs, gamma noise. Planted third parties count by the
geometric mean of their two hostilities.
"""

from __future__ import annotations

import numpy as np

from tertius.events.slices import Floats
from tertius.worlds.moves import (
    PLANTED,
    exposure,
    mirrored,
    move_both,
    persistent,
    responding,
    response,
    rivals,
    turn_on,
)

BURN, WARM = 10, 4
KEEPS = 2 ** (-1 / 2.0)
"""Of the past, from period to period."""
LATE = (6, 12)
"""Periods after which cooperation responds in ``late``."""
HEAVY = 1.5
"""Exponent of the Pareto noise in ``heavy_tails``: its variance is infinite."""


def draw_counts(
    name: str, effect: float, rng: np.random.Generator, n: int, periods: int
) -> tuple[Floats, Floats, None]:
    """C and H (T, N, N) of a world, and no rows: this generator knows no stories."""
    T = periods + BURN
    off = ~np.eye(n, dtype=bool)
    size = rng.normal(size=n)
    affinity = mirrored(size[:, None] + size + rng.normal(size=(n, n))) - 1.0
    mutual = 0.5 * mirrored(rng.normal(size=(n, n)))
    enmity = size[:, None] + 0.5 * size + 1.5 * rng.normal(size=(n, n)) + mutual - 2.0
    busy = persistent(rng, T, (n,), 0.9, 0.8 if name == "popularity" else 0.4)
    hated = busy if name == "popularity" else persistent(rng, T, (n,), 0.9, 0.4)
    hostile = persistent(rng, T, (n,), 0.9, 0.4)
    on_C = mirrored(persistent(rng, T, (n, n), 0.9, 0.6))
    on_H = persistent(rng, T, (n, n), 0.85, 0.7)
    riv = rivals(enmity)
    move_both(name, rng, on_C, on_H, riv, np.exp(size), np.arange(T))
    weight = effect * responding(rng, name, n)
    past_C, past_H, sum_of_logs = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    C, H = np.empty((T, n, n)), np.empty((T, n, n))

    def draw_C(t: int) -> None:
        log_c = affinity + busy[t][:, None] + busy[t] + on_C[t]
        if name in PLANTED and t >= WARM:
            log_c = log_c + weight * response(name, exposure(_felt(name, H, past_H, t), off, "sqrt"))
        C[t] = mirrored(rng.poisson(np.exp(np.clip(log_c, -20, 8)) * _noise(rng, name, n)).astype(float))

    def draw_H(t: int) -> None:
        log_h = enmity + hostile[t][:, None] + hated[t] + on_H[t]
        if name == "reverse" and t >= WARM:
            log_h = log_h + effect * turn_on(past_C, sum_of_logs / (t - WARM + 1), riv)
        H[t] = off * rng.poisson(np.exp(np.clip(log_h, -20, 8)) * rng.gamma(0.7, 1 / 0.7, size=(n, n)))

    reported_C, reported_H = C, H
    if name == "triangle":
        reported_C, reported_H = np.empty_like(C), np.empty_like(H)
    for t in range(T):
        if name == "quick":  # cooperation answers within the period, too
            draw_H(t)
            draw_C(t)
        else:
            draw_C(t)
            draw_H(t)
        if name == "triangle":
            reported_C[t], reported_H[t] = _reported(rng, C[t], H[t], effect * exposure(past_H, off, "sqrt"))
        if t >= WARM - 1:
            sum_of_logs += np.log1p(past_C)
        past_C, past_H = (past_C + C[t]) * KEEPS, (past_H + H[t]) * KEEPS
    return reported_C[BURN:], reported_H[BURN:], None


def _felt(name: str, H: Floats, past_H: Floats, t: int) -> Floats:
    """(N, N) hostility to which cooperation of period t responds."""
    if name == "quick":
        return np.asarray(H[t] + H[t - 1])
    if name == "late":
        return np.asarray(H[max(0, t - LATE[1]) : max(0, t - LATE[0] + 1)].sum(axis=0))
    return past_H


def _noise(rng: np.random.Generator, name: str, n: int) -> Floats:
    """(N, N) noise of mean 1."""
    if name == "heavy_tails":
        return np.asarray((1 + rng.pareto(HEAVY, size=(n, n))) * (HEAVY - 1) / HEAVY)
    return rng.gamma(1.0, size=(n, n))


def _reported(rng: np.random.Generator, C: Floats, H: Floats, attention: Floats) -> tuple[Floats, Floats]:
    """What of acts C and H (N, N) is reported where pairs get ``attention`` (N, N), in log points, above the usual:
    each act once, and more often where attention is above zero."""
    more = np.expm1(np.maximum(attention, 0.0))
    return C + mirrored(rng.poisson(C * more).astype(float)), H + rng.poisson(H * more)

"""What the two generators of worlds share: persistent series, rivals, exposure, and all that moves both sides at once.

Whatever moves cooperation and hostility together without either causing the other is added to the series of log
cooperation and log hostility, (T, N, N) each, before a world is drawn (:func:`move_both`). T counts steps: periods in
the generator ``counts``, weeks in ``media``.
"""

from __future__ import annotations

import numpy as np

from tertius.effects.two_path import prepared_leg, two_path
from tertius.events.slices import Bools, Floats, Ints

RIVALS = 8
CRISES = 50
CRISIS_RIVALS = 5
CRISIS_LENGTH = 6.0
OUTLIVES = 12
"""Periods by which cooperation outlives a slow crisis."""
TREATIES = 400
ANNOUNCED_AFTER = 3
"""Periods from k's reaction to the treaty that it reacts to."""
TREATY_LASTS = 12
SEASON = 12
"""Periods of a year."""
SUMMIT_AFTER = 2
"""Periods from k's exercises to its rivals' summits."""
EXERCISES, SUMMITS = 2.0, 1.0
"""What they add to log hostility and log cooperation."""
TREATY = 2.0, 1.5
"""The same of a treaty."""
MOVED_TOGETHER = ("shock", "slow_shock", "staggered", "announced", "season")
"""Worlds in which something moves both sides at once."""
PLANTED = ("planted", "planted_story", "saturating", "heavy_tails", "quick", "late", "few_pairs")
"""Worlds in which hostility drives cooperation."""
RESPONDING = 0.1
"""Share of the pairs that respond in ``few_pairs``."""
SATURATES = 0.5
"""Standard deviations of exposure beyond which more of it changes nothing in ``saturating``."""


def mirrored(x: Floats) -> Floats:
    """The upper triangle of the last two axes on both sides; zero diagonal."""
    upper = np.triu(x, 1)
    return np.asarray(upper + np.swapaxes(upper, -1, -2))


def persistent(rng: np.random.Generator, T: int, shape: tuple[int, ...], keeps: float, sd: float) -> Floats:
    """(T, *shape) first-order autoregression with standard deviation sd."""
    x = np.empty((T, *shape))
    x[0] = sd * rng.normal(size=shape)
    for t in range(1, T):
        x[t] = keeps * x[t - 1] + np.sqrt(1 - keeps**2) * sd * rng.normal(size=shape)
    return x


def rivals(enmity: Floats) -> Bools:
    """(N, N) the actors towards which each is most hostile by nature."""
    n = len(enmity)
    without_self = np.where(np.eye(n, dtype=bool), -np.inf, enmity)
    riv = np.zeros((n, n), dtype=bool)
    riv[np.arange(n)[:, None], np.argsort(-without_self, axis=1)[:, :RIVALS]] = True
    return riv


def exposure(H: Floats, off: Bools, legs: str) -> Floats:
    """(N, N) standardised log of third parties' hostility that i and j share, within 3 standard deviations."""
    leg = prepared_leg(H, legs)
    shared = np.log1p(two_path(leg.T, leg, legs))
    values = shared[off]
    return np.where(off, np.clip((shared - values.mean()) / max(values.std(), 1e-9), -3, 3), 0.0)


def responding(rng: np.random.Generator, name: str, n: int) -> Floats:
    """(N, N) 1 for the pairs whose cooperation responds to shared hostility, else 0."""
    if name != "few_pairs":
        return np.ones((n, n))
    return mirrored((rng.random((n, n)) < RESPONDING).astype(float))


def response(name: str, exposed: Floats) -> Floats:
    """What of the standardised exposure (N, N) counts.

    >>> response("saturating", np.array([-1.0, 2.0])).tolist(), response("planted", np.array([-1.0, 2.0])).tolist()
    ([-1.0, 0.5], [-1.0, 2.0])
    """
    return np.minimum(exposed, SATURATES) if name == "saturating" else exposed


def turn_on(C: Floats, usual: Floats, riv: Bools) -> Floats:
    """(N, N) for each k and rival i: how far i's cooperation with k's other rivals stands above its own past."""
    return np.clip((riv @ (np.log1p(C) - usual)) * riv, -6, 6)


def move_both(
    name: str, rng: np.random.Generator, on_C: Floats, on_H: Floats, riv: Bools, weight: Floats, period: Ints
) -> None:
    """Add in place to log cooperation and log hostility, (T, N, N) each, what moves both in the world ``name``.

    ``weight`` (N,): how likely each actor is to be the one whose hostility moves. ``period`` (T,): of each step.
    """
    per_period = len(period) // (int(period[-1]) + 1)
    if name in ("shock", "slow_shock"):
        _crises(rng, on_C, on_H, riv, weight, per_period, slow=name == "slow_shock")
    elif name == "staggered":
        _staggered(rng, on_C, on_H, riv, weight, per_period)
    elif name == "announced":
        _treaties(rng, on_C, on_H, riv, weight, per_period)
    elif name == "season":
        _seasons(rng, on_C, on_H, riv, period)


def _k_and_rivals(rng: np.random.Generator, riv: Bools, weight: Floats, how_many: int) -> tuple[int, Ints]:
    k = int(rng.choice(len(riv), p=weight / weight.sum()))
    return k, rng.choice(np.flatnonzero(riv[k]), how_many, replace=False)


def _crises(
    rng: np.random.Generator, on_C: Floats, on_H: Floats, riv: Bools, weight: Floats, per_period: int, *, slow: bool
) -> None:
    """k's hostility towards five rivals and the rivals' cooperation rise together; they end together, or (slow) the
    cooperation a year later."""
    T = len(on_C)
    for _ in range(CRISES):
        k, hit = _k_and_rivals(rng, riv, weight, CRISIS_RIVALS)
        begin = int(rng.integers(0, T))
        end = begin + per_period * (1 + int(rng.geometric(1 / CRISIS_LENGTH)))
        on_H[begin:end, k, hit] += 1.5
        on_C[begin : end + (OUTLIVES * per_period if slow else 0), hit[:, None], hit] += 1.0


def _staggered(
    rng: np.random.Generator, on_C: Floats, on_H: Floats, riv: Bools, weight: Floats, per_period: int
) -> None:
    """A slow crisis that reaches the rivals one after the other, up to three periods apart: k's hostility towards a
    rival rises when it is reached, and two rivals cooperate more once both are, until a year after the crisis."""
    T = len(on_C)
    for _ in range(CRISES):
        k, hit = _k_and_rivals(rng, riv, weight, CRISIS_RIVALS)
        reached = int(rng.integers(0, T)) + per_period * np.cumsum(rng.integers(0, 4, size=len(hit)))
        end = int(reached[-1]) + per_period * (1 + int(rng.geometric(1 / CRISIS_LENGTH)))
        for a, i in enumerate(hit):
            on_H[reached[a] : end, k, i] += 1.5
            for b in range(a):  # reached before
                j = hit[b]
                on_C[reached[a] : end + OUTLIVES * per_period, [i, j], [j, i]] += 1.0


def _treaties(
    rng: np.random.Generator, on_C: Floats, on_H: Floats, riv: Bools, weight: Floats, per_period: int
) -> None:
    """Two rivals of k agree on a treaty: k, who knows, turns on both at once; the treaty and what it brings stand in
    the data three periods later."""
    T = len(on_C)
    for _ in range(TREATIES):
        k, pair = _k_and_rivals(rng, riv, weight, 2)
        agreed = int(rng.integers(0, T))
        announced = agreed + ANNOUNCED_AFTER * per_period
        on_H[agreed:announced, k, pair] += TREATY[0]
        on_C[announced : announced + TREATY_LASTS * per_period, pair, pair[::-1]] += TREATY[1]


def _seasons(rng: np.random.Generator, on_C: Floats, on_H: Floats, riv: Bools, period: Ints) -> None:
    """k exercises against its rivals in one month of every year; two months later these meet at summits."""
    month = period % SEASON
    for k, exercises in enumerate(rng.integers(0, SEASON, size=len(riv))):
        hit = np.flatnonzero(riv[k])
        on_H[np.ix_(month == exercises, np.array([k]), hit)] += EXERCISES
        on_C[np.ix_(month == (exercises + SUMMIT_AFTER) % SEASON, hit, hit)] += SUMMITS

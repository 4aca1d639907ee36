"""Worlds in which the truth about third parties is known: what the certificate passes, and what it must not pass.

Cooperation ``C[t, i, j]`` is symmetric, hostility ``H[t, k, i]`` directed, both counts by period. Six worlds:

=============  ========================================================================================
planted        hostility of k towards i and j raises the cooperation of i and j, with the past's decay
reverse        k turns on two of its rivals when these cooperate more than they used to
shock          crises: k's hostility towards five rivals and the rivals' cooperation rise together, end together
popularity     one wave of attention carries an actor's cooperation and the hostility it receives
nothing        neither moves the other
slow_shock     as shock, but the cooperation outlives the hostility by a year: it looks like a direction
=============  ========================================================================================

Two generators, so that no rule is tuned to one.

**counts** draws overdispersed counts by period around log-linear means: actors of unequal size, persistent shocks of
actors and of pairs. Planted matchmakers count by the geometric mean of their two hostilities.

**media** draws stories by day and never sees a period: actors of Zipf-like size in regions; a story is reported many
times over the following days (heavy tails, echoes); coverage grows, drops at week-ends and swells with an actor's
attention; one hostile act is often coded against several targets on one day. Planted matchmakers count by the weaker
of their two hostilities, from week to week. Two more worlds exist there only:

=============  ========================================================================================
one_story      nothing, but a third of the hostile stories with two targets also code cooperation of the two
planted_story  planted, with the same coding
=============  ========================================================================================

``effect`` is in log points for each standard deviation of the exposure, in log cooperation (planted) or log hostility
(reverse, for each unit of the rivals' log deviation from their own past). Everything follows from the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.effects.two_path import prepared_leg, two_path
from tertius.errors import UsageError
from tertius.events.slices import Bools, DyadSlices, Floats, Ints, edges
from tertius.simulation import events_frame
from tertius.spec import Duration

WORLDS = ("planted", "reverse", "shock", "popularity", "nothing", "slow_shock")
STORY_WORLDS = ("one_story", "planted_story")
GENERATORS = ("counts", "media")

EFFECT = {"planted": 0.40, "planted_story": 0.40, "reverse": 0.30}
"""Log points, where none is given."""

FIRST_MONTH = 30 * 12  # 2000-01, in months since 1970-01; slices are calendar months
RIVALS = 8
CRISES = 50
CRISIS_RIVALS = 5
CRISIS_LENGTH = 6.0
OUTLIVES = 12
DAYS = 30

_SMALLEST_N = 12
_SMALLEST_T = 4


@dataclass(frozen=True, slots=True)
class World:
    """A world of N actors and T periods.

    Attributes
    ----------
    name, generator, effect, seed : as asked.
    C : (T, N, N) cooperation, symmetric, counts.
    H : (T, N, N) hostility of k towards i, counts.
    """

    name: str
    generator: str
    effect: float
    seed: int
    C: Floats
    H: Floats

    def __repr__(self) -> str:
        n_periods, n_actors, _ = self.C.shape
        return f"<World '{self.name}' ({self.generator}): {n_actors} actors, {n_periods} periods, seed {self.seed}>"

    def slices(self, *, directed: bool = True) -> DyadSlices:
        """The same as data, one slice a period; undirected: pairs with the hostility of both ways added."""
        return slices_of(self.C, self.H, directed=directed)

    def to_frame(self, backend: str | None = None) -> Any:
        """Events as rows of the event contract, dated by the first day of the month, for :func:`tertius.explain`.

        Cooperation is symmetric, and each act of it stands both ways.
        """
        return events_frame(self.slices(), backend)


def world(
    name: str,
    *,
    generator: str = "counts",
    effect: float | None = None,
    n_actors: int = 60,
    n_periods: int = 60,
    seed: int = 1,
) -> World:
    """Draw a world.

    Parameters
    ----------
    name : one of :data:`WORLDS`, or with the generator "media" one of :data:`STORY_WORLDS`.
    generator : "counts" or "media".
    effect : of hostility (planted) or of cooperation (reverse); None takes :data:`EFFECT`.
    n_actors, n_periods : size, at least 12 and 4.
    seed : the same seed gives the same world.

    Raises
    ------
    UsageError : no such world or generator, or too small.

    >>> w = world("nothing", n_actors=12, n_periods=6)
    >>> w.C.shape, bool((w.C == w.C.transpose(0, 2, 1)).all()), w.slices().n_slices
    ((6, 12, 12), True, 6)
    """
    if generator not in GENERATORS:
        raise UsageError(f"There is no generator '{generator}'.", f"Choose one of: {', '.join(GENERATORS)}.")
    possible = WORLDS + (STORY_WORLDS if generator == "media" else ())
    if name not in possible:
        raise UsageError(
            f"There is no world '{name}' of the generator '{generator}'.", f"Choose one of: {', '.join(possible)}."
        )
    if n_actors < _SMALLEST_N or n_periods < _SMALLEST_T:
        raise UsageError(
            f"A world needs {_SMALLEST_N} actors and {_SMALLEST_T} periods.", "Raise n_actors or n_periods."
        )
    size = EFFECT.get(name, 0.0) if effect is None else effect
    rng = np.random.default_rng(seed)
    draw: Callable[[str, float, np.random.Generator, int, int], tuple[Floats, Floats]] = (
        _counts if generator == "counts" else _media
    )
    C, H = draw(name, size, rng, n_actors, n_periods)
    return World(name, generator, size, seed, C, H)


def slices_of(C: Floats, H: Floats, *, directed: bool) -> DyadSlices:
    """Arrays by period as data: calendar months from 2000 on; every event weighs 1.

    Parameters
    ----------
    C, H : (T, N, N) counts; the diagonals are not read.
    directed : False reads C of the pairs i < j, and adds up the hostility of both ways.
    """
    T, n = C.shape[:2]
    if not directed:
        H = H + H.transpose(0, 2, 1)
    i, j = np.nonzero(~np.eye(n, dtype=bool)) if directed else np.triu_indices(n, 1)
    coop, host = C[:, i, j], H[:, i, j]
    some = (coop > 0) | (host > 0)
    month = Duration.parse("1mo")
    coop, host = coop[some].astype(np.float64), host[some].astype(np.float64)
    width = len(str(n - 1))
    return DyadSlices(
        actors=tuple(f"A{k:0{width}d}" for k in range(n)),
        directed=directed,
        edges=edges(month, 1970 * 12 + FIRST_MONTH, 1970 * 12 + FIRST_MONTH + T - 1),
        observed=np.ones(T, dtype=bool),
        indptr=np.concatenate([[0], np.cumsum(some.sum(axis=1))]).astype(np.int64),
        dyad=np.broadcast_to(i * n + j, some.shape)[some].astype(np.int64),
        coop_count=coop,
        coop_weight=coop.copy(),
        host_count=host,
        host_weight=host.copy(),
        length=month,
    )


def _mirrored(x: Floats) -> Floats:
    """The upper triangle of the last two axes on both sides; zero diagonal."""
    upper = np.triu(x, 1)
    return upper + np.swapaxes(upper, -1, -2)


def _persistent(rng: np.random.Generator, T: int, shape: tuple[int, ...], keeps: float, sd: float) -> Floats:
    """(T, *shape) first-order autoregression with standard deviation sd."""
    x = np.empty((T, *shape))
    x[0] = sd * rng.normal(size=shape)
    for t in range(1, T):
        x[t] = keeps * x[t - 1] + np.sqrt(1 - keeps**2) * sd * rng.normal(size=shape)
    return x


def _rivals(enmity: Floats) -> Bools:
    """(N, N) the actors towards which each is most hostile by nature."""
    n = len(enmity)
    without_self = np.where(np.eye(n, dtype=bool), -np.inf, enmity)
    riv = np.zeros((n, n), dtype=bool)
    riv[np.arange(n)[:, None], np.argsort(-without_self, axis=1)[:, :RIVALS]] = True
    return riv


def _crises(
    rng: np.random.Generator, on_C: Floats, on_H: Floats, riv: Bools, weight: Floats, per_period: int, slow: bool
) -> None:
    """Add crises in place to what moves log cooperation and log hostility, both (T, N, N)."""
    T, n = len(on_C), len(riv)
    for _ in range(CRISES):
        k = int(rng.choice(n, p=weight / weight.sum()))
        hit = rng.choice(np.flatnonzero(riv[k]), CRISIS_RIVALS, replace=False)
        begin = int(rng.integers(0, T))
        end = begin + per_period * (1 + int(rng.geometric(1 / CRISIS_LENGTH)))
        on_H[begin:end, k, hit] += 1.5
        on_C[begin : end + (OUTLIVES * per_period if slow else 0), hit[:, None], hit] += 1.0


def _exposure(H: Floats, off: Bools, legs: str) -> Floats:
    """(N, N) standardised log of third parties' decayed hostility that i and j share."""
    leg = prepared_leg(H, legs)
    shared = np.log1p(two_path(leg.T, leg, legs))
    values = shared[off]
    return np.where(off, np.clip((shared - values.mean()) / max(values.std(), 1e-9), -3, 3), 0.0)


def _turn_on(C: Floats, usual: Floats, riv: Bools) -> Floats:
    """(N, N) for each k and rival i: how far i's cooperation with k's other rivals stands above its own past."""
    return np.clip((riv @ (np.log1p(C) - usual)) * riv, -6, 6)


def _counts(name: str, effect: float, rng: np.random.Generator, n: int, periods: int) -> tuple[Floats, Floats]:
    burn, warm, keeps = 10, 4, 2 ** (-1 / 2.0)
    T = periods + burn
    off = ~np.eye(n, dtype=bool)
    size = rng.normal(size=n)
    affinity = _mirrored(size[:, None] + size + rng.normal(size=(n, n))) - 1.0
    mutual = 0.5 * _mirrored(rng.normal(size=(n, n)))
    enmity = size[:, None] + 0.5 * size + 1.5 * rng.normal(size=(n, n)) + mutual - 2.0
    busy = _persistent(rng, T, (n,), 0.9, 0.8 if name == "popularity" else 0.4)
    hated = busy if name == "popularity" else _persistent(rng, T, (n,), 0.9, 0.4)
    hostile = _persistent(rng, T, (n,), 0.9, 0.4)
    on_C = _mirrored(_persistent(rng, T, (n, n), 0.9, 0.6))
    on_H = _persistent(rng, T, (n, n), 0.85, 0.7)
    riv = _rivals(enmity)
    if name in ("shock", "slow_shock"):
        _crises(rng, on_C, on_H, riv, np.exp(size), 1, name == "slow_shock")
    past_C, past_H, sum_of_logs = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    C, H = np.empty((T, n, n)), np.empty((T, n, n))
    for t in range(T):
        log_c = affinity + busy[t][:, None] + busy[t] + on_C[t]
        log_h = enmity + hostile[t][:, None] + hated[t] + on_H[t]
        if name == "planted" and t >= warm:
            log_c = log_c + effect * _exposure(past_H, off, "sqrt")
        if name == "reverse" and t >= warm:
            log_h = log_h + effect * _turn_on(past_C, sum_of_logs / (t - warm + 1), riv)
        noise = rng.gamma(1.0, size=(n, n))
        C[t] = _mirrored(rng.poisson(np.exp(np.clip(log_c, -20, 8)) * noise).astype(float))
        H[t] = off * rng.poisson(np.exp(np.clip(log_h, -20, 8)) * rng.gamma(0.7, 1 / 0.7, size=(n, n)))
        if t >= warm - 1:
            sum_of_logs += np.log1p(past_C)
        past_C, past_H = (past_C + C[t]) * keeps, (past_H + H[t]) * keeps
    return C[burn:], H[burn:]


def _media(name: str, effect: float, rng: np.random.Generator, n: int, periods: int) -> tuple[Floats, Floats]:
    """Stories by day. The past that actors answer to is what was done; the data hold how often it was reported."""
    weeks = (periods + 6) * DAYS // 7 + 1
    days, burn = 7 * weeks, 6 * DAYS
    per_period = DAYS // 7
    off = ~np.eye(n, dtype=bool)
    rank = rng.permutation(n) + 1.0
    size = -0.8 * np.log(rank / n)
    region = rng.integers(0, max(2, n // 10), size=n)
    same = region[:, None] == region
    affinity = _mirrored(0.5 * (size[:, None] + size) + 1.2 * same + 1.0 * rng.normal(size=(n, n)))
    enmity = 0.7 * size[:, None] + 0.3 * size + 0.8 * same + 1.5 * rng.normal(size=(n, n))
    wave = name == "popularity"
    busy = _persistent(rng, weeks, (n,), 0.97, 0.7 if wave else 0.35)
    hated = busy if wave else _persistent(rng, weeks, (n,), 0.97, 0.35)
    hostile = _persistent(rng, weeks, (n,), 0.95, 0.35)
    on_C = _mirrored(_persistent(rng, weeks, (n, n), 0.97, 0.6))
    on_H = _persistent(rng, weeks, (n, n), 0.94, 0.8)
    riv = _rivals(enmity)
    if name in ("shock", "slow_shock"):
        _crises(rng, on_C, on_H, riv, np.exp(size), per_period, name == "slow_shock")
    coded = 1 / 3 if name in STORY_WORLDS else 0.0
    coverage = np.exp(np.linspace(-0.4, 0.4, days)) * np.where(np.arange(days) % 7 >= 5, 0.5, 1.2)
    base_c = np.log(0.40 * n / np.exp(affinity)[off].sum())  # stories a day for each actor, on average
    base_h = np.log(0.35 * n / np.exp(enmity)[off].sum())
    keeps = 2 ** (-7 / 50)  # of what was done, a week
    done_C, done_H, usual = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    C, H = np.zeros((periods + 6, n * n)), np.zeros((periods + 6, n * n))

    def report(into: Floats, day: Floats, dyad: Floats, least: float) -> None:
        """Add the reports of stories: a heavy-tailed number, echoing over the days that follow."""
        reports = np.minimum(np.floor(least * rng.pareto(1.6, size=len(day)) + least), 40).astype(int)
        when = np.repeat(day, reports) + np.minimum(rng.geometric(0.35, size=reports.sum()) - 1, 30)
        period = (when // DAYS).astype(int)
        inside = period < len(into)
        np.add.at(into, (period[inside], np.repeat(dyad, reports)[inside].astype(int)), 1.0)

    for w in range(weeks):
        log_c = base_c + affinity + busy[w][:, None] + busy[w] + on_C[w]
        log_h = base_h + enmity + hostile[w][:, None] + hated[w] + on_H[w]
        if w >= 4 and name in ("planted", "planted_story"):
            log_c = log_c + effect * _exposure(done_H, off, "min")
        if w >= 4 and name == "reverse":
            log_h = log_h + effect * _turn_on(done_C, usual, riv)
        today = coverage[7 * w : 7 * w + 7]
        rate_c, rate_h = np.exp(np.clip(_mirrored(log_c), -20, 3)) * off, np.exp(np.clip(log_h, -20, 3)) * off
        day_c, pair = _stories(rng, np.triu(rate_c, 1), today)
        day_h, dyad = _stories(rng, rate_h, today)
        act_C = np.bincount(pair, minlength=n * n).reshape(n, n).astype(float)
        report(C, 7 * w + day_c, pair.astype(float), 1.0)
        k, i = np.divmod(dyad, n)
        second = _second_targets(rng, rate_h, k, i)
        both = (rng.random(len(k)) < 0.3) & (second != i)
        report(H, 7 * w + day_h, dyad.astype(float), 1.0)
        report(H, 7 * w + day_h[both], (k * n + second)[both].astype(float), 1.0)
        if coded:
            also = both & (rng.random(len(k)) < coded)
            first, last = np.minimum(i, second)[also], np.maximum(i, second)[also]
            report(C, 7 * w + day_h[also], (first * n + last).astype(float), 1.0)
        act_H = np.bincount(np.concatenate([dyad, (k * n + second)[both]]), minlength=n * n).reshape(n, n)
        done_C, done_H = (done_C + _mirrored(act_C)) * keeps, (done_H + act_H) * keeps
        usual = usual + (np.log1p(done_C) - usual) / max(1.0, min(w + 1.0, 52.0))
    first = burn // DAYS
    shape = (periods, n, n)
    return _mirrored(C[first : first + periods].reshape(shape)), off * H[first : first + periods].reshape(shape)


def _stories(rng: np.random.Generator, rate: Floats, coverage: Floats) -> tuple[Floats, Ints]:
    """Day (0 to 6) and flat dyad of every story of a week; ``rate`` (N, N) stories a day, ``coverage`` (7,)."""
    flat = rate.ravel()
    total = rng.poisson(flat.sum() * coverage)
    day = np.repeat(np.arange(7.0), total)
    running = np.cumsum(flat)
    dyad = np.searchsorted(running, rng.random(len(day)) * running[-1], side="right")
    return day, np.minimum(dyad, flat.size - 1)


def _second_targets(rng: np.random.Generator, rate: Floats, k: Ints, i: Ints) -> Ints:
    """For every story of k against i, another target drawn by k's own rates (i itself where it draws i again)."""
    running = np.cumsum(rate, axis=1)
    drawn = rng.random(len(k)) * running[k, -1]
    return np.asarray(np.minimum((running[k] < drawn[:, None]).sum(axis=1), rate.shape[1] - 1))

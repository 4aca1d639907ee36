"""Histories with known coefficients: for tests of recovery, and for "how many events do I need?".

Slice by slice, each sign gets a Poisson number of events, spread over the dyads in proportion to

    exp(x_ij(t) . beta_sign + a_sign,i + b_sign,j)

with x the same columns as the model's (:mod:`tertius.model.design`), so that the rate model with the same effects, the
same c and the same half-life is right if ``heterogeneity`` and ``tail`` are zero and there are no ``matchmakers``.
Everything follows from the seed.

``tail`` makes actors unequal as states are: the actor of rank r sends and receives in proportion to r^-tail (Zipf).
``matchmakers`` are the actors of the middle ranks that are :data:`MATCHMAKER` times as hostile as others: with a
coefficient on ``shared_threat`` they drive together whom they threaten.

Cost: N^2 for every column and N^3 for a two-path, a slice; then, beyond :data:`SPARSE` dyads, one search an event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.effects import EffectColumn, PastView, columns
from tertius.errors import UsageError
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.history import FLUSH_BELOW, Past
from tertius.plain import frame_of
from tertius.progress import Teller
from tertius.spec import LEGS, Duration, HalfLife

FIRST_DAY = np.datetime64("2000-01-01")
START = float(FIRST_DAY.astype(int))

DEFAULT_COOPERATION = {
    "inertia.coop": 0.4,
    "reciprocity.coop": 0.3,
    "activity.coop": 0.2,
    "popularity.coop": 0.2,
    "friend_of_friend": 0.1,
    "shared_threat": 0.2,
}
DEFAULT_HOSTILITY = {"inertia.host": 0.5, "reciprocity.host": 0.3, "activity.host": 0.2}
UNDIRECTED_COOPERATION = {"inertia.coop": 0.4, "common_foe": 0.2}
SCALE = 1.0
MATCHMAKER = 20.0
SPARSE = 5_000  # dyads beyond which events are drawn one by one, and columns are in single precision


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated history and the truth behind it.

    Attributes
    ----------
    slices : the events by slice and dyad; every event counts 1 and weighs 1.
    cooperation, hostility : column -> coefficient per unit of the transformed column.
    scales : column -> the c of log(1 + x / c) that was used; fix it in the fit (``scales=``) to recover.
    half_life, legs, seed : as given.
    matchmakers : actors, by index.
    """

    slices: DyadSlices
    cooperation: Mapping[str, float]
    hostility: Mapping[str, float]
    scales: Mapping[str, float]
    half_life: HalfLife
    legs: str
    seed: int
    matchmakers: tuple[int, ...] = ()

    def __repr__(self) -> str:
        sl = self.slices
        return f"<Simulated history: {len(sl.actors):,} actors, {len(sl.edges) - 1:,} slices, seed {self.seed}>"

    def to_frame(self, backend: str | None = None) -> Any:
        """Events as rows of the event contract (date, source, target, quad), a data frame."""
        return events_frame(self.slices, backend)


def events_frame(sl: DyadSlices, backend: str | None = None) -> Any:
    """One row an event, on the first day of its slice: verbal cooperation (quad 1) or verbal conflict (quad 3)."""
    days = sl.dates().astype("datetime64[D]").astype(str)
    at = np.repeat(np.arange(sl.n_slices), np.diff(sl.indptr))
    entry = np.concatenate([np.flatnonzero(sl.coop_count), np.flatnonzero(sl.host_count)])
    many = np.concatenate([sl.coop_count[sl.coop_count > 0], sl.host_count[sl.host_count > 0]]).astype(np.int64)
    quad = np.repeat([1, 3], [np.count_nonzero(sl.coop_count), np.count_nonzero(sl.host_count)])
    order = np.argsort(at[entry], kind="stable")
    rows = np.repeat(order, many[order])
    source, target = (np.array(sl.actors)[x] for x in np.divmod(sl.dyad[entry], sl.n_actors))
    columns = {"date": days[at[entry]], "source": source, "target": target, "quad": quad}
    return frame_of({name: values[rows].tolist() for name, values in columns.items()}, backend)


def simulate(
    n_actors: int = 30,
    n_slices: int = 200,
    *,
    cooperation: Mapping[str, float] | None = None,
    hostility: Mapping[str, float] | None = None,
    events_per_slice: tuple[float, float] = (20.0, 10.0),
    heterogeneity: float = 0.0,
    tail: float = 0.0,
    matchmakers: int = 0,
    half_life: str = "30d",
    length: str = "1d",
    legs: str = "sqrt",
    directed: bool = True,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
) -> Simulated:
    """Draw a history.

    Parameters
    ----------
    n_actors, n_slices : size.
    cooperation, hostility : column -> coefficient, by sign of the outcome (default: :func:`defaults`). Effects feed
        themselves: where those of inertia, reciprocity, activity and popularity together come near one and events are
        many, the history runs away to a few dyads (``benchmarks/simulation.py`` prints how one with smaller
        coefficients is spread).
    events_per_slice : expected number of cooperative and of hostile events a slice.
    heterogeneity : standard deviation of actors' own sending and receiving (log scale); zero makes the model exact.
    tail : exponent of the actors' sizes by rank; 1 is Zipf's law, zero makes them equal.
    matchmakers : how many actors are much more hostile than others; at most those that are not among the largest
        quarter.
    half_life, length, legs : as in :class:`tertius.spec.ModelSpec`.
    directed : False draws pairs.
    seed : the same seed gives the same history.
    progress : called with the time left where drawing takes seconds.

    Raises
    ------
    UsageError : fewer than three actors or two slices, numbers below zero, more matchmakers than there are actors for.
    UnknownEffect : a column that does not exist.

    >>> history = simulate(10, 20, seed=3)
    >>> history.slices.n_actors, history.slices.n_slices
    (10, 20)
    """
    if n_actors < 3 or n_slices < 2:
        raise UsageError("A history needs three actors and two slices.", "Raise n_actors or n_slices.")
    _check(n_actors, events_per_slice, heterogeneity, tail, matchmakers, legs, seed)
    usual = defaults(directed)
    betas = [dict(b if a is None else a) for a, b in zip((cooperation, hostility), usual, strict=True)]
    chosen = [_columns(b, directed) for b in betas]
    hl, step = HalfLife.parse(half_life), Duration.parse(length)
    rng = np.random.default_rng(seed)
    base, driving = _actors_own(rng, n_actors, heterogeneity, tail, matchmakers)
    world = _World(n_actors, directed, legs, tuple(chosen), tuple(betas), events_per_slice, base, hl, step)
    entries = list(_drawn(world, rng, n_slices, Teller(progress, what="simulated history")))
    names = sorted({c.name for cols in chosen for c in cols})
    slices = _slices(world, entries)
    return Simulated(slices, betas[0], betas[1], dict.fromkeys(names, SCALE), hl, legs, seed, driving)


def _actors_own(
    rng: np.random.Generator, n: int, heterogeneity: float, tail: float, matchmakers: int
) -> tuple[Floats, tuple[int, ...]]:
    """What actors have of their own, as logs of rates (2, n, n) of cooperation and hostility; and the matchmakers."""
    own = heterogeneity * rng.normal(size=(2, 2, n))
    driving: tuple[int, ...] = ()
    if tail or matchmakers:
        rank = rng.permutation(n)
        own -= tail * np.log1p(rank)
        driving = tuple(int(k) for k in np.argsort(rank)[n // 4 : n // 4 + matchmakers])
        own[1, 0, list(driving)] += np.log(MATCHMAKER)
    return own[:, 0, :, None] + own[:, 1, None, :], driving


@dataclass(frozen=True, slots=True)
class _World:
    """What a history is drawn from; the fields as of :func:`simulate`, those of both signs in twos."""

    n_actors: int
    directed: bool
    legs: str
    columns: tuple[tuple[EffectColumn, ...], ...]
    coefficients: tuple[Mapping[str, float], ...]
    events_per_slice: tuple[float, float]
    base: Floats
    half_life: HalfLife
    length: Duration

    @property
    def at_risk(self) -> Ints:
        """(D,) dyads."""
        n = self.n_actors
        i, j = np.nonzero(~np.eye(n, dtype=bool)) if self.directed else np.triu_indices(n, 1)
        return np.asarray(i * n + j)


def _drawn(
    world: _World, rng: np.random.Generator, n_slices: int, tell: Teller
) -> Iterator[tuple[Ints, Floats, Floats]]:
    """Slice by slice: the dyads with events, their cooperative and their hostile ones."""
    n, at_risk = world.n_actors, world.at_risk
    sparse = len(at_risk) > SPARSE
    dtype = np.float32 if sparse else np.float64
    weights = [
        np.array([b[c.name] for c in cols]).astype(dtype)
        for b, cols in zip(world.coefficients, world.columns, strict=True)
    ]
    start = [world.base[r].ravel()[at_risk].astype(dtype) for r in (0, 1)]
    C, H = np.zeros((n, n)), np.zeros((n, n))
    ever = np.zeros((2, n, n), dtype=bool)
    for s in range(n_slices):
        tell.done(s, n_slices)
        view = PastView(Past(s, C, H, ever[0], ever[1]), world.legs, world.directed, dtype)
        drawn = []
        for r in (0, 1):
            eta = start[r].copy()
            for column, w in zip(world.columns[r], weights[r], strict=True):
                eta += w * np.log1p(column.compute(view).ravel()[at_risk] / SCALE)
            total = int(rng.poisson(world.events_per_slice[r]))
            drawn.append(_draw(rng, total, np.exp(eta - eta.max()), sparse))
        some = np.flatnonzero((drawn[0] > 0) | (drawn[1] > 0))
        dyads, coop, host = at_risk[some], drawn[0][some], drawn[1][some]
        yield dyads, coop, host
        _remember(world, C, ever[0], dyads, coop, world.half_life.coop)
        _remember(world, H, ever[1], dyads, host, world.half_life.host)


def _remember(world: _World, W: Floats, seen: Bools, dyads: Ints, count: Floats, half_life: float | None) -> None:
    """Add a slice's events to the decayed sums W (n, n), and let its time pass."""
    n = world.n_actors
    for one in (dyads,) if world.directed else (dyads, dyads % n * n + dyads // n):
        W.ravel()[one] += count
        seen.ravel()[one[count > 0]] = True
    if half_life is not None:
        W *= 2.0 ** (-world.length.days / half_life)
        W[W < FLUSH_BELOW] = 0.0


def _slices(world: _World, entries: Sequence[tuple[Ints, Floats, Floats]]) -> DyadSlices:
    """The events drawn, as arrays."""
    width, n_slices = len(str(world.n_actors - 1)), len(entries)
    dyad, coop, host = (np.concatenate([e[k] for e in entries]) for k in range(3))
    return DyadSlices(
        actors=tuple(f"A{k:0{width}d}" for k in range(world.n_actors)),
        directed=world.directed,
        edges=np.asarray(START + world.length.days * np.arange(n_slices + 1), dtype=np.float64),
        observed=np.ones(n_slices, dtype=bool),
        indptr=np.cumsum([0, *(len(e[0]) for e in entries)]).astype(np.int64),
        dyad=dyad.astype(np.int64),
        coop_count=coop,
        coop_weight=coop.copy(),
        host_count=host,
        host_weight=host.copy(),
        length=world.length,
    )


def defaults(directed: bool) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Coefficients of cooperation and of hostility where none are given."""
    return (DEFAULT_COOPERATION, DEFAULT_HOSTILITY) if directed else (UNDIRECTED_COOPERATION, {})


def _columns(coefficients: Mapping[str, float], directed: bool) -> tuple[EffectColumn, ...]:
    """The columns of these coefficients; a bare signed effect is refused, because it stands for two."""
    for name in coefficients:
        one_column(name, directed)
    return columns(list(coefficients), directed) if coefficients else ()


def one_column(name: str, directed: bool) -> None:
    """Raise where a name is not that of one column: UsageError where of two, UnknownEffect where of none."""
    named = [c.name for c in columns([name], directed)]
    if len(named) > 1:
        raise UsageError(f"{name} stands for {len(named)} columns: {', '.join(named)}.", f"Write {' or '.join(named)}.")


def _check(
    n_actors: int,
    events_per_slice: tuple[float, float],
    heterogeneity: float,
    tail: float,
    matchmakers: int,
    legs: str,
    seed: int,
) -> None:
    check_seed(seed)
    if len(events_per_slice) != 2 or not all(0 <= e < np.inf for e in events_per_slice):
        raise UsageError(
            f"events_per_slice {events_per_slice} is not two numbers from 0.", "Write (20, 10): cooperation, hostility."
        )
    for name, value in (("heterogeneity", heterogeneity), ("tail", tail)):
        if not 0 <= value < np.inf:
            raise UsageError(f"{name}={value} is not a number from 0.", "0 makes actors alike, 1 very unequal.")
    most = n_actors - n_actors // 4
    if matchmakers not in range(most + 1):
        raise UsageError(
            f"matchmakers={matchmakers}: of {n_actors} actors, 0 to {most} can be (not the largest quarter).",
            "Ask for fewer, or raise n_actors.",
        )
    if legs not in LEGS:
        raise UsageError(f"legs '{legs}' does not exist.", f"Choose one of: {', '.join(LEGS)}.")


def check_seed(seed: int) -> None:
    """Raise UsageError where no random numbers can follow from it."""
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise UsageError(f"seed={seed} is not a whole number from 0.", "Write seed=1.")


def _draw(rng: np.random.Generator, total: int, weight: Floats, sparse: bool) -> Floats:
    """(D,) how many of ``total`` events fall on each dyad, in proportion to ``weight``: a multinomial draw.

    ``sparse`` draws event by event, which is faster where dyads are many.
    """
    if not sparse:
        return rng.multinomial(total, weight / weight.sum()).astype(np.float64)
    running = np.cumsum(weight, dtype=np.float64)
    at = np.searchsorted(running, np.sort(rng.random(total)) * running[-1], side="right")
    return np.bincount(at, minlength=len(weight)).astype(np.float64)

"""Histories with known coefficients: for tests of recovery, and for "how many events do I need?".

Slice by slice, each sign gets a Poisson number of events, spread over the dyads in proportion to

    exp(x_ij(t) . beta_sign + a_sign,i + b_sign,j)

with x the same columns as the model's (:mod:`tertius.model.design`), so that the rate model with the same effects, the
same c and the same half-life is right if ``heterogeneity`` is zero. Everything follows from the seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.effects import PastView, columns
from tertius.errors import UsageError
from tertius.events.slices import DyadSlices, Floats, Ints
from tertius.history import FLUSH_BELOW, Past
from tertius.model.result import frame
from tertius.spec import Duration, HalfLife

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
SCALE = 1.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated history and the truth behind it.

    Attributes
    ----------
    slices : the events by slice and dyad; every event counts 1 and weighs 1.
    cooperation, hostility : column -> coefficient per unit of the transformed column.
    scales : column -> the c of log(1 + x / c) that was used; fix it in the fit (``scales=``) to recover.
    half_life, legs, seed : as given.
    """

    slices: DyadSlices
    cooperation: Mapping[str, float]
    hostility: Mapping[str, float]
    scales: Mapping[str, float]
    half_life: HalfLife
    legs: str
    seed: int

    def to_frame(self, backend: str | None = None) -> Any:
        """Events as rows of the event contract (date, source, target, quad), a data frame."""
        sl = self.slices
        n = sl.n_actors
        at = np.repeat(np.arange(sl.n_slices), np.diff(sl.indptr))
        dates = sl.dates().astype("datetime64[D]")
        lines = []
        for count, quad in ((sl.coop_count, 1), (sl.host_count, 3)):
            for e in np.flatnonzero(count):
                row = {
                    "date": str(dates[at[e]]),
                    "source": sl.actors[sl.dyad[e] // n],
                    "target": sl.actors[sl.dyad[e] % n],
                    "quad": quad,
                }
                lines += [row] * int(count[e])
        return frame(sorted(lines, key=lambda r: str(r["date"])), backend)


def simulate(
    n_actors: int = 30,
    n_slices: int = 200,
    *,
    cooperation: Mapping[str, float] | None = None,
    hostility: Mapping[str, float] | None = None,
    events_per_slice: tuple[float, float] = (20.0, 10.0),
    heterogeneity: float = 0.0,
    half_life: str = "30d",
    length: str = "1d",
    legs: str = "sqrt",
    directed: bool = True,
    seed: int = 1,
) -> Simulated:
    """Draw a history.

    Parameters
    ----------
    n_actors, n_slices : size.
    cooperation, hostility : column -> coefficient, by sign of the outcome.
    events_per_slice : expected number of cooperative and of hostile events a slice.
    heterogeneity : standard deviation of actors' own sending and receiving (log scale); zero makes the model exact.
    half_life, length, legs : as in :class:`tertius.spec.ModelSpec`.
    directed : False draws pairs.
    seed : the same seed gives the same history.

    Raises
    ------
    UsageError : fewer than three actors or two slices. UnknownEffect : a column that does not exist.

    >>> history = simulate(10, 20, seed=3)
    >>> history.slices.n_actors, history.slices.n_slices
    (10, 20)
    """
    if n_actors < 3 or n_slices < 2:
        raise UsageError("A history needs three actors and two slices.", "Raise n_actors or n_slices.")
    defaults = (DEFAULT_COOPERATION, DEFAULT_HOSTILITY) if directed else ({"inertia.coop": 0.4, "common_foe": 0.2}, {})
    betas = [dict(defaults[0] if cooperation is None else cooperation)]
    betas.append(dict(defaults[1] if hostility is None else hostility))
    chosen = [columns(list(b), directed) if b else () for b in betas]
    weights = [np.array([b[c.name] for c in cols]) for b, cols in zip(betas, chosen, strict=True)]
    hl, step = HalfLife.parse(half_life), Duration.parse(length)
    rng = np.random.default_rng(seed)
    n = n_actors
    own = heterogeneity * rng.normal(size=(2, 2, n))
    base = own[:, 0, :, None] + own[:, 1, None, :]
    i, j = np.nonzero(~np.eye(n, dtype=bool)) if directed else np.triu_indices(n, 1)
    at_risk = i * n + j

    C, H = np.zeros((n, n)), np.zeros((n, n))
    ever = np.zeros((2, n, n), dtype=bool)
    entries: list[tuple[Ints, Floats, Floats]] = []
    for s in range(n_slices):
        view = PastView(Past(s, C, H, ever[0], ever[1]), legs, directed)
        drawn = []
        for r in (0, 1):
            eta = base[r].ravel()[at_risk].copy()
            for column, w in zip(chosen[r], weights[r], strict=True):
                eta += w * np.log1p(column.compute(view).ravel()[at_risk] / SCALE)
            p = np.exp(eta - eta.max())
            total = rng.poisson(events_per_slice[r])
            drawn.append(rng.multinomial(total, p / p.sum()).astype(np.float64))
        some = np.flatnonzero((drawn[0] > 0) | (drawn[1] > 0))
        entries.append((at_risk[some], drawn[0][some], drawn[1][some]))
        for W, seen, count, days in ((C, ever[0], drawn[0], hl.coop), (H, ever[1], drawn[1], hl.host)):
            W.ravel()[at_risk] += count
            seen.ravel()[at_risk[count > 0]] = True
            if not directed:
                W[:] = np.triu(W, 1) + np.triu(W, 1).T
                seen |= seen.T
            if days is not None:
                W *= 2.0 ** (-step.days / days)
                W[W < FLUSH_BELOW] = 0.0
    width = len(str(n - 1))
    coop, host = (np.concatenate([e[k] for e in entries]) for k in (1, 2))
    slices = DyadSlices(
        actors=tuple(f"A{k:0{width}d}" for k in range(n)),
        directed=directed,
        edges=np.asarray(START + step.days * np.arange(n_slices + 1), dtype=np.float64),
        observed=np.ones(n_slices, dtype=bool),
        indptr=np.cumsum([0, *(len(e[0]) for e in entries)]).astype(np.int64),
        dyad=np.concatenate([e[0] for e in entries]).astype(np.int64),
        coop_count=coop,
        coop_weight=coop.copy(),
        host_count=host,
        host_weight=host.copy(),
        length=step,
    )
    names = {c.name for cols in chosen for c in cols}
    return Simulated(slices, betas[0], betas[1], dict.fromkeys(sorted(names), SCALE), hl, legs, seed)

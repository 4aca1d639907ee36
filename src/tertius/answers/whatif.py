"""What if a flow had been another? The pair's expected outcome with a changed history, nothing else moved.

**Direct**: the columns of the fit are computed from the changed history (:mod:`~tertius.answers.changed`), at the
scales of the fit, and

    difference = sum_t mu(t) (exp(beta . [x'(t) - x(t)]) - 1)

over the slices from the first that is changed to the end, mu the expected outcome of the pair, both ways. Effects of
actors by period, or what slices have in common, stay as estimated; no event answers another
(:mod:`~tertius.answers.consequences` lets them). All columns that see the changed flow move, not the foe effect alone:
here the answer differs from that of :mod:`~tertius.answers.price` and :mod:`~tertius.answers.attribution`.

Interval: in the within-pair model the level of the pair's own dyads is drawn too (it is known from their events alone).
Draws of the coefficients whose columns move, from their jackknife covariance; where that is not positive
semidefinite from the dyadic-robust one, and where that is not either from the dyad-clustered one, which always is, and
may be too narrow where actors drive several pairs; the answer says which. None is clipped.

``distance`` is the farthest that a column is moved, in its own within-pair standard deviations (of the rate model:
deviations inside slices). Beyond :data:`FARTHEST` there is no answer: the data know nothing of such a world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tertius.answers.attribution import Fitted
from tertius.answers.changed import Change, changed, of_entries, with_slices
from tertius.effects import EffectColumn
from tertius.effects.sparse import AT_CELLS, SparsePast
from tertius.errors import NotEnoughData, UsageError
from tertius.events.slices import Floats, Ints
from tertius.language import say
from tertius.model.design import Design
from tertius.model.robust import Covariances
from tertius.model.within.model import WithinModel

FAR = 3.0
FARTHEST = 6.0
"""Within-pair standard deviations beyond which there is no answer."""
ROUNDING = 1e-11
"""Moves of a column, in log points, that are none."""
NEGATIVE = 1e-10
"""Share of the largest eigenvalue below which a negative one is rounding."""
SPLIT_PANEL = say("split-panel jackknife")
JACKKNIFE, DYADIC, CLUSTERED = say("actor jackknife"), say("dyadic-robust"), say("dyad-clustered")


@dataclass(frozen=True, slots=True)
class Difference:
    """Expected outcome as it was and as changed, in the unit of the outcome; 95 % interval of the difference."""

    baseline: float
    changed: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Direct:
    """The direct answer. T slices from the first change on.

    Attributes
    ----------
    found : the sums over them.
    at : (T,) indices of the slices.
    baseline, changed : (T,) expected outcome.
    low, high : (T,) interval of the changed one.
    distance : farthest move of a column, in its standard deviations; ``farthest`` says which.
    moved : term -> mean move of log mu, in log points, of the columns that move.
    errors : which covariance the interval is from; empty: there is none.
    observed : what the pair did in those slices.
    """

    found: Difference
    at: Ints
    baseline: Floats
    changed: Floats
    low: Floats
    high: Floats
    distance: float
    farthest: str
    moved: dict[str, float]
    errors: str
    observed: float


def direct(fit: Fitted, i: int, j: int, changes: Sequence[Change], draws: int, seed: int) -> Direct:
    """The pair's expected outcome with the history changed, all else as it was.

    Raises
    ------
    NotEnoughData : no slice from the first change on is in the likelihood.
    UsageError : the question lies beyond :data:`FARTHEST`.
    """
    design, sl = fit.design, fit.design.slices
    first = min(int(np.flatnonzero(c.slices)[0]) for c in changes)
    at = np.flatnonzero(fit.covered & sl.observed & (np.arange(sl.n_slices) >= first))
    if not len(at):
        raise NotEnoughData(say("No observed period lies after the change."), say("Set the flow from an earlier day."))
    cells = cells_of(design, i, j)
    mu = np.stack([expected[cells] for _, expected in fit.expected(at)])  # (T, cells)
    was = columns_at(design.over(at), cells)
    now = columns_at(with_slices(design, changed(sl, changes)).over(at), cells)
    moves = now - was  # (p, T, cells)
    moves[np.abs(moves) < ROUNDING] = 0.0
    some = np.flatnonzero(np.abs(moves).max(axis=(1, 2), initial=0.0) > 0)
    distance, farthest = _distance(moves, fit.sd, design.names)
    if distance > FARTHEST:
        raise UsageError(
            say(
                "The question lies {distance:.1f} within-pair standard deviations of {farthest} outside the data; "
                "beyond {most:g} the model is not asked.",
                distance=distance,
                farthest=farthest,
                most=FARTHEST,
            ),
            say("Take a factor nearer to 1, or a shorter span."),
        )
    beta = less_biased(fit)
    betas, errors = coefficient_draws(beta, fit.cov, some, draws, seed)
    level = _levels(fit, i, j, cells, len(betas), seed)  # (draws, cells)
    grown = np.expm1(np.tensordot(beta, moves, axes=1)) * mu
    spread = np.stack(
        [(np.expm1(np.tensordot(b, moves[some], axes=1)) * mu) @ g for b, g in zip(betas, level, strict=True)]
    )
    ends = np.quantile(spread.sum(axis=1), [0.025, 0.975])
    low, high = np.quantile(spread, [0.025, 0.975], axis=0)
    base = mu.sum(axis=1)
    own = grown.sum(axis=1)
    total = float(own.sum())
    return Direct(
        Difference(float(base.sum()), float(base.sum()) + total, total, float(ends[0]), float(ends[1])),
        at, base, base + own, base + low, base + high, distance, farthest,
        {design.names[k]: float((beta[k] * moves[k]).mean()) for k in some}, errors,
        _observed(design, cells, at),
    )  # fmt: skip


def _observed(design: Design, cells: Ints, at: Ints) -> float:
    """The outcome of some dyads in some slices, as it was."""
    sl, spec = design.slices, design.spec
    values = sl.outcome(spec.outcome, spec.response or "count")
    hit = np.isin(sl.dyad, design.at_risk[cells]) & np.isin(of_entries(sl), at)
    return float(values[hit].sum())


def _levels(fit: Fitted, i: int, j: int, cells: Ints, draws: int, seed: int) -> Floats:
    """(draws, cells) what the expected outcome of each of the pair's dyads is multiplied by: its own effect is known
    from its own events alone, Y of them in the likelihood, as Gamma with mean 1 and variance phi / Y; ones in the rate
    model, which has no such effect."""
    if not isinstance(fit, WithinModel):
        return np.ones((draws, len(cells)))
    n = fit.design.slices.n_actors
    own = fit.fit.mu.reshape(len(fit.fit.mu), -1)[:, fit.design.at_risk[cells]].sum(axis=0)  # equal to the events there
    phi = max(fit.fit.phi, 1.0) if np.isfinite(fit.fit.phi) else 1.0
    rng = np.random.default_rng([seed, i * n + j])
    shape = np.maximum(own / phi, 1e-9)
    return np.where(own > 0, rng.gamma(shape, 1.0 / shape, size=(draws, len(cells))), 1.0)


def less_biased(fit: Fitted) -> Floats:
    """(p,) the coefficients, in the within-pair model those of the split-panel jackknife where they were estimated."""
    beta = fit.beta.copy()
    for beside in fit.alternatives if isinstance(fit, WithinModel) else ():
        if beside.name == SPLIT_PANEL:
            found = {c.term: c.estimate for c in beside.coefficients}
            beta = np.array([found.get(name, b) for name, b in zip(fit.design.names, beta, strict=True)])
    return np.where(np.isfinite(beta), beta, fit.beta)


def cells_of(design: Design, i: int, j: int) -> Ints:
    """Positions of the pair's dyads among those at risk."""
    n = design.slices.n_actors
    return np.flatnonzero(np.isin(design.at_risk, [i * n + j, j * n + i]))


def columns_at(design: Design, cells: Ints) -> Floats:
    """(p, T, cells) the columns at some dyads, computed there alone."""
    spec, used, dyads = design.spec, design.used.tolist(), design.at_risk[cells]
    found = np.empty((len(design.columns), len(used), len(cells)))
    past = SparsePast(design.slices, spec.half_life, spec.decay_to, spec.legs or "sqrt", used[0], used[-1])
    for t, (s, now) in enumerate(past.pass_over(iter(used))):
        here = now.at(dyads)
        for k, column in enumerate(design.columns):
            if isinstance(column, EffectColumn):
                found[k, t] = design.transform(np.array(AT_CELLS[column.effect.name](here, column.sign)), k)
            else:
                found[k, t] = column.covariate.at(float(column.edges[s])).ravel()[dyads]
    return np.nan_to_num(found)


def _distance(moves: Floats, sd: Floats, names: Sequence[str]) -> tuple[float, str]:
    far = np.abs(moves).max(axis=(1, 2), initial=0.0) / np.where(sd > 0, sd, np.inf)
    k = int(np.argmax(far))
    return float(far[k]), names[k]


def coefficient_draws(beta: Floats, cov: Covariances, some: Ints, draws: int, seed: int) -> tuple[Floats, str]:
    """(draws, s) normal draws of the coefficients ``some``, and which covariance they are from; NaN and empty where
    none is known."""
    rng = np.random.default_rng(seed)
    if not len(some):
        return np.zeros((draws, 0)), JACKKNIFE
    for V, name in ((cov.jackknife, JACKKNIFE), (cov.dyadic, DYADIC), (cov.dyad_clustered, CLUSTERED)):
        root = _root(V[np.ix_(some, some)])
        if root is not None:
            return beta[some] + rng.standard_normal((draws, len(some))) @ root.T, name
    return np.full((draws, len(some)), np.nan), ""


def _root(V: Floats) -> Floats | None:
    """R with R R' = V; None where V is not positive semidefinite."""
    if not np.isfinite(V).all():
        return None
    values, vectors = np.linalg.eigh((V + V.T) / 2)
    if values[0] < -NEGATIVE * max(float(values[-1]), 0.0) or values[-1] < 0:
        return None
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))

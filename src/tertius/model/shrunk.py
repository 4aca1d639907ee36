"""Rates with shrunk dyad effects: the model from which histories are drawn forward.

    y_td ~ Poisson(v_d exp(base_t + beta . x_td)),   v_d ~ Gamma(a, a),

for one sign, T periods, D dyads at risk. Without dyad effects lasting differences between pairs would count as
feedback (what met often meets again). Coefficients and levels are therefore estimated apart.

**beta** is that of free dyad effects (:mod:`tertius.model.within.two_way`): what lasts, of pairs or of actors, is no
part of it, however it goes together with the columns. A marginal likelihood over v is no substitute: it takes levels
to be unrelated to the columns, but the history that a column sums up began at those levels, and actors that are
hostile to everyone share targets with everyone. In worlds whose hostility had inertia alone it found .33 of shared
target and .14 of shared threat (``scripts/counsel_worlds.py coefficients``), which then answered each other. Free
effects bias lagged outcomes by an order of 1/T instead (Nickell 1981, doi:10.2307/1911408); the split-panel jackknife
(:mod:`tertius.model.within.split_panel`) takes that off.

**v** at these coefficients is the posterior mean

    v_d = (Y_d + a) / (E_d + a),   Y_d = sum_t y_td,   E_d = sum_t exp(base_t + beta . x_td),

a at its maximum, and base_t makes every period's sum what it was.

Errors are those of :mod:`tertius.model.robust`, from scores of the corrected estimate: with I_d what dyad d adds to an
estimate, 2 I_d of all periods less the mean of I_d in both halves. base_t and a as estimated. What it does not do: tell
a period's history from a dyad's own level where there are few periods; a drift of levels that no column knows counts as
inertia.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from tertius.errors import NotEnoughData
from tertius.events.slices import Bools, Floats, Ints
from tertius.model.robust import Covariances, covariances
from tertius.model.within.split_panel import halves
from tertius.model.within.two_way import fit_two_way

INNER = 20
TOLERANCE = 1e-7  # log points that the last round may move an effect
LOG_SHAPES = (-6.0, 8.0)  # between which log a is sought


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The rates of one sign. p columns, D dyads at risk, T periods.

    Attributes
    ----------
    terms : (q,) the columns that vary within dyads and periods; the others have coefficient zero.
    beta : (q,) per unit of the column.
    base : (T,) log rates that all dyads share; -inf where a period has no event.
    v : (D,) posterior means of the dyads' effects, one on average.
    shape : a.
    cov : the four covariances, (q, q).
    """

    terms: Ints
    beta: Floats
    base: Floats
    v: Floats
    shape: float
    cov: Covariances


def fit_shrunk(Y: Floats, X: Floats, first: Ints, second: Ints, n: int) -> Shrunk:
    """Coefficients less their bias, and levels at them.

    Parameters
    ----------
    Y : (T, D) events. X : (T, p, D) columns.
    first, second : (D,) ends of the dyads, indices below ``n``.

    Raises NotEnoughData without events or with fewer than 4 periods, NoConvergence.
    """
    per_period, own = Y.sum(axis=1), Y.sum(axis=0)
    if not own.any():
        raise NotEnoughData("Nothing of one sign is in the data: no history can be drawn forward.", "Widen the span.")
    used = per_period > 0
    terms, beta, cov = _coefficients(Y, X, used, first, second, n)
    X_used = X[used][:, terms]
    v, shape = _effects(X_used, beta, own, per_period[used])
    base = np.full(len(per_period), -np.inf)
    _, base[used] = _means(X_used, beta, v, per_period[used])
    return Shrunk(terms, beta, base, v, shape, cov)


def _coefficients(
    Y: Floats, X: Floats, used: Bools, first: Ints, second: Ints, n: int
) -> tuple[Ints, Floats, Covariances]:
    """Columns that vary within dyads and periods, their coefficients of free dyad effects less the bias of order 1/T,
    and covariances; a column that a half absorbs keeps the coefficient of all periods."""
    acts = Y.sum(axis=0) > 0
    low, high = (end(first[acts], second[acts]) for end in (np.minimum, np.maximum))
    keys, pair = np.unique(low * n + high, return_inverse=True)
    y, x = Y[:, acts].T, np.ascontiguousarray(X[:, :, acts].transpose(2, 1, 0))

    def fit(periods: Bools) -> tuple[Floats, Floats, Ints, Floats]:
        """Coefficients (p,), what pairs add to them (P, p), NaN where not estimated; terms; information by pair."""
        beta, U, H, kept, terms = fit_two_way(y, x, np.broadcast_to(periods, y.shape))
        own, information = np.zeros((len(keys), len(terms))), np.zeros((len(keys), len(terms), len(terms)))
        np.add.at(own, pair[kept], U)
        np.add.at(information, pair[kept], H)
        whole, parts = np.full(x.shape[1], np.nan), np.full((len(keys), x.shape[1]), np.nan)
        whole[terms], parts[:, terms] = beta, np.linalg.solve(information.sum(axis=0), own.T).T
        return whole, parts, np.array(terms, dtype=np.int64), information

    whole, parts, terms, H = fit(used)
    beside = [fit(some) for some in halves(used)]
    beta, adds = (
        np.where(np.isfinite(half), 2.0 * full - half, full)
        for full, half in (
            (whole[terms], np.mean([b[0][terms] for b in beside], axis=0)),
            (parts[:, terms], np.mean([b[1][:, terms] for b in beside], axis=0)),
        )
    )
    return terms, beta, covariances(adds @ H.sum(axis=0), H, keys // n, keys % n, n)


def _means(X: Floats, beta: Floats, v: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """(T, D) rates without the dyads' effects, such that with them every period has its total; and base (T,)."""
    eta = np.einsum("p,tpd->td", beta, X)
    top = eta.max(axis=1)
    rate = np.exp(eta - top[:, None])
    base = np.log(totals) - np.log(rate @ v)
    return rate * np.exp(base)[:, None], base - top


def _effects(X: Floats, beta: Floats, own: Floats, totals: Floats) -> tuple[Floats, float]:
    """The dyads' effects (D,) and their shape at some coefficients: both, and the periods' levels, fit each other."""
    v = np.ones(len(own))
    rate, _ = _means(X, beta, v, totals)
    rate = rate / rate.max(axis=1)[:, None]
    for _ in range(INNER):
        expected = (totals / (rate @ v)) @ rate
        shape = _shape(own, expected)
        start = v
        for _ in range(INNER):
            new = (own + shape) / (expected + shape)
            new = new / new.mean()
            expected = (totals / (rate @ new)) @ rate
            near = np.abs(np.log(new / v)).max() < TOLERANCE
            v = new
            if near:
                break
        if np.abs(np.log(v / start)).max() < 1e2 * TOLERANCE:
            break
    return v, shape


def _shape(own: Floats, expected: Floats) -> float:
    """a at which the marginal likelihood of the dyads' sums is largest."""
    from scipy.optimize import minimize_scalar

    def loss(log_a: float) -> float:
        a = np.exp(log_a)
        return float(-(a * log_a - gammaln(a) + gammaln(own + a) - (own + a) * np.log(expected + a)).sum())

    return float(np.exp(minimize_scalar(loss, bounds=LOG_SHAPES, method="bounded").x))

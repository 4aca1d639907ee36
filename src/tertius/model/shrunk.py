"""Rates with shrunk dyad effects: the model from which histories are drawn forward.

    y_td ~ Poisson(v_d exp(base_t + beta . x_td)),   v_d ~ Gamma(a, a),

for one sign, T periods, D dyads at risk. Without dyad effects lasting differences between pairs would count as
feedback (what met often meets again); with free ones the lagged outcome's coefficient is biased downwards (Nickell
1981, doi:10.2307/1911408). Shrunk effects stand between: their posterior mean is

    v_d = (Y_d + a) / (E_d + a),   Y_d = sum_t y_td,   E_d = sum_t exp(base_t + beta . x_td).

beta maximises the marginal likelihood, base_t makes every period's sum what it was, and a is its own maximum. The
information of a dyad is that of the marginal likelihood, v (sum_t m x x' - (sum_t m x)(sum_t m x)' / (E + a)), which is
never negative; errors are those of :mod:`tertius.model.robust`, base_t and a as estimated. What it does not do: tell
the first period's history from a dyad's own level (the initial conditions of a lagged outcome).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from tertius.errors import NoConvergence, NotEnoughData
from tertius.events.slices import Floats, Ints
from tertius.model.robust import Covariances, covariances

ROUNDS = 200
INNER = 20
DEPTH = 6  # of the last steps that tell how far the next one goes
TOLERANCE = 1e-7  # standard deviations of log mu that the last step may move it
RIDGE = 1e-9  # share of each term's own information, for terms that the data cannot tell apart
SAME = 1e-6  # share of a column's variance inside periods that others must leave open
LOG_SHAPES = (-6.0, 8.0)  # between which log a is sought


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The optimum. p columns, D dyads at risk, T periods.

    Attributes
    ----------
    beta : (p,) per unit of the column.
    base : (T,) log rates that all dyads share; -inf where a period has no event.
    v : (D,) posterior means of the dyads' effects, one on average.
    shape : a.
    cov : the four covariances.
    """

    beta: Floats
    base: Floats
    v: Floats
    shape: float
    cov: Covariances


def fit_shrunk(Y: Floats, X: Floats, first: Ints, second: Ints, n: int) -> Shrunk:
    """Maximise the marginal likelihood.

    Parameters
    ----------
    Y : (T, D) events. X : (T, p, D) columns.
    first, second : (D,) ends of the dyads, indices below ``n``.

    Raises NotEnoughData without events, NoConvergence.
    """
    per_period, own = Y.sum(axis=1), Y.sum(axis=0)
    if not own.any():
        raise NotEnoughData("Nothing of one sign is in the data: no history can be drawn forward.", "Widen the span.")
    used = per_period > 0
    Y, X_used = Y[used], X[used]
    beta, v, shape = np.zeros(X.shape[1]), np.ones(len(first)), 1.0
    trail: list[tuple[Floats, Floats]] = []
    means, base = _means(X_used, beta, v, per_period[used])
    for _ in range(ROUNDS):
        score, information, centred = _sums(Y, X_used, means, v, shape)
        diagonal = np.diag(information)
        step = np.linalg.solve(information + np.diag(RIDGE * diagonal + (diagonal <= 0)), score).astype(np.float64)
        moved = np.abs(step) @ np.sqrt(diagonal / max(float(Y.sum()), 1.0))
        if moved > 1.0:
            beta = beta + step / float(moved)
        else:
            trail.append((beta, step))
            beta = accelerated(trail[-DEPTH:])
        old = v
        v, shape = _effects(X_used, beta, v, shape, own, per_period[used])
        means, base = _means(X_used, beta, v, per_period[used])
        if moved < TOLERANCE and np.abs(np.log(v / old)).max() < 1e3 * TOLERANCE:
            break
    else:
        raise NoConvergence("The rates with shrunk dyad effects did not converge.", "Leave effects out: --effects.")
    _, _, centred = _sums(Y, X_used, means, v, shape)
    everywhere = np.full(len(per_period), -np.inf)
    everywhere[used] = base
    return Shrunk(beta, everywhere, v, shape, _errors(Y, means, v, shape, centred, first, second, n))


def accelerated(trail: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The next point from the last points (p,) and the steps taken there (Anderson 1965, doi:10.1145/321296.321305).

    The information is that of the coefficients alone; effects and levels move with them, so that its steps are too
    short. What the last steps changed tells how much.

    >>> points = [np.array([0.0])]
    >>> points.append(accelerated([(points[0], (1 - points[0]) / 4)]))
    >>> float(accelerated([(x, (1 - x) / 4) for x in points])[0])
    1.0
    """
    beta, step = trail[-1]
    if len(trail) == 1:
        return beta + step
    B, F = (np.diff(np.stack(x, axis=1), axis=1) for x in zip(*trail, strict=True))
    share = np.linalg.lstsq(F, step, rcond=1e-8)[0]
    return np.asarray(beta + step - (B + F) @ share)


def told_apart(X: Floats) -> Ints:
    """Those of the columns X (T, p, D) that vary inside periods and are no sum of earlier ones, in order.

    Columns that say the same (inertia and reciprocity where all acts are mutual) have one effect together.

    >>> x = np.array([[[0.0, 1.0, 2.0], [0.0, 2.0, 4.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]])
    >>> told_apart(x).tolist()
    [0, 3]
    """
    centred = X - X.mean(axis=2, keepdims=True)
    gram = np.einsum("tpd,tqd->pq", centred, centred, optimize=True)
    scale = np.sqrt(np.maximum(np.diag(gram), 0.0))
    kept: list[int] = []
    for k in np.flatnonzero(scale > 0).tolist():
        own = gram[kept, k] / scale[k] / scale[kept]
        between = gram[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept])
        if 1.0 - own @ np.linalg.solve(between, own) > SAME:
            kept.append(k)
    return np.array(kept, dtype=np.int64)


def _means(X: Floats, beta: Floats, v: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """(T, D) rates without the dyads' effects, such that with them every period has its total; and base (T,)."""
    eta = np.einsum("p,tpd->td", beta, X)
    top = eta.max(axis=1)
    rate = np.exp(eta - top[:, None])
    base = np.log(totals) - np.log(rate @ v)
    return rate * np.exp(base)[:, None], base - top


def _effects(X: Floats, beta: Floats, v: Floats, shape: float, own: Floats, totals: Floats) -> tuple[Floats, float]:
    """The dyads' effects (D,) and their shape at some coefficients: both, and the periods' levels, fit each other."""
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


def _sums(Y: Floats, X: Floats, means: Floats, v: Floats, shape: float) -> tuple[Floats, Floats, Floats]:
    """Score (p,), information (p, p), and the columns less their mean in the period, weighted by the rates."""
    weight = means * v
    mean = np.einsum("td,tpd->tp", weight, X) / weight.sum(axis=1)[:, None]
    centred = X - mean[:, :, None]
    score = np.einsum("td,tpd->p", Y - weight, centred)
    information = np.einsum("td,tpd,tqd->pq", weight, centred, centred, optimize=True)
    of_dyad = np.einsum("td,tpd->pd", means, centred)
    lost = v / (means.sum(axis=0) + shape)
    return score, information - (of_dyad * lost) @ of_dyad.T, centred


def _shape(own: Floats, expected: Floats) -> float:
    """a at which the marginal likelihood of the dyads' sums is largest."""
    from scipy.optimize import minimize_scalar

    def loss(log_a: float) -> float:
        a = np.exp(log_a)
        return float(-(a * log_a - gammaln(a) + gammaln(own + a) - (own + a) * np.log(expected + a)).sum())

    return float(np.exp(minimize_scalar(loss, bounds=LOG_SHAPES, method="bounded").x))


def _errors(
    Y: Floats, means: Floats, v: Floats, shape: float, centred: Floats, first: Ints, second: Ints, n: int
) -> Covariances:
    """The four covariances from scores and information by unordered dyad."""
    weight = means * v
    score = np.einsum("td,tpd->dp", Y - weight, centred)
    of_dyad = np.einsum("td,tpd->dp", means, centred)
    lost = v / (means.sum(axis=0) + shape)
    p, D = centred.shape[1], len(first)
    information = np.empty((D, p, p))
    for a in range(p):
        for b in range(a, p):
            both = (weight * centred[:, a] * centred[:, b]).sum(axis=0) - lost * of_dyad[:, a] * of_dyad[:, b]
            information[:, a, b] = information[:, b, a] = both
    low, high = np.minimum(first, second), np.maximum(first, second)
    keys, at = np.unique(low * n + high, return_inverse=True)
    U, H = np.zeros((len(keys), p)), np.zeros((len(keys), p, p))
    np.add.at(U, at, score)
    np.add.at(H, at, information)
    return covariances(U, H, keys // n, keys % n, n)

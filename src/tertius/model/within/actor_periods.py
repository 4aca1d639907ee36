"""The model without pair effects: actors in periods alone, and errors adjusted for the noise of their effects.

    E[y_tij] = mu_tij = exp(b_it + c_jt + x_tij beta)      undirected: exp(b_it + b_jt + x_tij beta)

The two-way gravity model, whose terms may be lasting traits of pairs (distance, a common border). Its coefficients have
no bias of order 1/N, but errors clustered by pair are too small (Weidner & Zylkin 2021,
doi:10.1016/j.jinteco.2021.103513). With the notation of :mod:`tertius.model.within.bias`, L_d = diag(m_d) in the place
of H_d, and x_d demeaned by the effects of actors in periods alone,

    V = n / (n - 1) J^-1 sum_d x_d (1 - L_d (K_d + x_d'J^-1 x_d))^-1 S_d S_d'x_d' J^-1     (symmetric part).

Periods share beta and no effects, so that K_d is diagonal: k_t = V_t[i, i] + V_t[j, j] + 2 V_t[i, j], with V_t the
inverse of the information on the effects of period t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tertius.errors import EmptyData, NoConvergence
from tertius.model.within.bias import generalized_inverse
from tertius.model.within.panel import Booleans, Floats, Terms, observed_cells

_MOST_STEPS = 100
_TOLERANCE = 1e-10  # of the last step, in log points of a mean
_FITS_ITSELF = 1e-9  # share of a cell's variance that the effects leave


@dataclass(frozen=True, slots=True)
class ActorPeriodFit:
    """The optimum. p terms.

    Attributes
    ----------
    names : of the terms.
    beta : (p,) change of log mu for one unit of the term.
    clustered : (p, p) variance clustered by pair (directed: ordered pair).
    adjusted : (p, p) the same with residuals as they would be without the pair's help in estimating the effects.
    mu : (T, N, N) fitted means, 0 where not kept.
    pairs : number of clusters.
    """

    names: tuple[str, ...]
    beta: Floats
    clustered: Floats
    adjusted: Floats
    mu: Floats
    pairs: int


def fit_actor_periods(
    Y: Floats, X: Terms, *, directed: bool, mask: Booleans | None = None, names: Sequence[str] = ()
) -> ActorPeriodFit:
    """Fit the model by Newton's method; parameters as of :func:`~tertius.model.within.ppml.fit_ppml`.

    Raises
    ------
    NotEnoughData : fewer than 2 periods or 3 actors. EmptyData : no positive outcome.
    NoConvergence : the optimum was not reached, or the effects absorb a term.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> near = rng.normal(size=(12, 12)) * np.ones((1, 5, 1, 1))
    >>> fit = fit_actor_periods(rng.poisson(np.exp(1 + 0.5 * near[0])).astype(float), near, directed=True)
    >>> bool(abs(fit.beta[0] - 0.5) < 0.05), bool(fit.adjusted[0, 0] > fit.clustered[0, 0])
    (True, True)
    """
    names = tuple(names) or tuple(f"x{k + 1}" for k in range(len(X)))
    kept = _kept(Y, observed_cells(Y, X, mask, names), directed)
    y = np.where(kept, Y, 0.0)
    x = np.stack([np.where(kept, term, 0.0) for term in X])
    mu, beta = _fit(y, x, kept, directed, names)
    inverse = _inverses(mu, directed)
    x = _demeaned(x, mu, inverse, directed) * kept
    return _errors(y, x, mu, inverse, beta, names, directed)


def _kept(Y: Floats, observed: Booleans, directed: bool) -> Booleans:
    """The observed cells less those of actors with nothing but zeros in a period."""
    kept = observed if directed else observed & observed.transpose(0, 2, 1)
    while True:
        seen = np.where(kept, Y, 0.0)
        left = kept & (seen.sum(2) > 0)[:, :, None] & (seen.sum(1) > 0)[:, None, :]
        if left.sum() == kept.sum():
            break
        kept = left
    if not kept.any():
        raise EmptyData("There is no positive outcome in any period.", "Choose another --outcome or a longer window.")
    return kept


def _fit(y: Floats, x: Floats, kept: Booleans, directed: bool, names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Fitted means and coefficients, from the outcome's margins."""
    out, into = y.sum(2), y.sum(1)
    total = out.sum(1)[:, None, None]
    start = np.divide(out[:, :, None] * into[:, None, :], total, out=np.zeros_like(y), where=kept)
    eta = np.where(kept, np.log(np.where(kept, start, 1.0)), 0.0)
    beta, h = np.zeros(len(x)), np.zeros(len(x))
    likelihood = -np.inf
    step = np.zeros_like(eta)
    size = 1.0
    for _ in range(_MOST_STEPS):
        moved = eta + step
        mu = np.exp(np.minimum(moved, 700.0)) * kept
        reached = float((y * moved - mu).sum())
        if reached < likelihood - 1e-11 * abs(likelihood):
            step, size = step / 2, size / 2  # too far
            continue
        beta = beta + size * h
        eta, likelihood = moved, reached
        inverse = _inverses(mu, directed)
        z = _demeaned(x, mu, inverse, directed) * kept
        J = np.einsum("atij,btij,tij->ab", z, z, mu)
        raw = np.einsum("atij,atij,tij->a", x, x, mu)
        gone = [n for n, left, whole in zip(names, np.diagonal(J), raw, strict=True) if left <= 1e-11 * whole]
        if gone:
            raise NoConvergence(f"The effects of actors in periods absorb {', '.join(gone)}.", "Leave the term out.")
        h = np.linalg.solve(J, np.einsum("atij,tij->a", z, y - mu))
        gap = (y - mu).sum(2), (y - mu).sum(1)
        parts = _effects(gap, inverse, directed)
        step, size = (parts + np.tensordot(h, z, 1)) * kept, 1.0
        if float(np.abs(step).max()) < _TOLERANCE:
            return mu, beta
    raise NoConvergence(
        f"The model of actors in periods has no optimum after {_MOST_STEPS} steps: means of cells run to zero.",
        "Use fewer actors or longer periods.",
    )


def _inverses(mu: Floats, directed: bool) -> Floats:
    """(T, G, G) generalized inverse of each period's information on its effects."""
    N = mu.shape[1]
    found = []
    for w in mu:
        S = np.block([[np.zeros((N, N)), w], [w.T, np.zeros((N, N))]]) if directed else w.copy()
        rows = np.concatenate([w.sum(1), w.sum(0)]) if directed else w.sum(1)
        S[np.diag_indices_from(S)] += rows
        found.append(generalized_inverse(S))
    return np.stack(found)


def _effects(sums: tuple[Floats, Floats], inverse: Floats, directed: bool) -> Floats:
    """(..., T, N, N) what the effects answer to sums over receivers and over senders, (..., T, N) each."""
    N = sums[0].shape[-1]
    if directed:
        e = np.einsum("tgh,...th->...tg", inverse, np.concatenate(sums, axis=-1))
        b, c = e[..., :N], e[..., N:]
    else:
        b = c = np.einsum("tgh,...th->...tg", inverse, sums[0])
    return np.asarray(b[..., :, None] + c[..., None, :])


def _demeaned(x: Floats, mu: Floats, inverse: Floats, directed: bool) -> Floats:
    """x (p, T, N, N) net of the effects of actors in periods, with weights mu."""
    w = x * mu
    return np.asarray(x - _effects((w.sum(3), w.sum(2)), inverse, directed))


def _errors(
    y: Floats, x: Floats, mu: Floats, inverse: Floats, beta: Floats, names: tuple[str, ...], directed: bool
) -> ActorPeriodFit:
    """The variances from the demeaned terms x, pairs with kept cells once."""
    N = y.shape[1]
    i, j = np.nonzero(mu.any(0) if directed else np.triu(mu.any(0), 1))
    other = j + N if directed else j
    m, z = mu[:, i, j].T, x[:, :, i, j].transpose(2, 0, 1)  # (D, T), (D, p, T)
    S = y[:, i, j].T - m
    k = (inverse[:, i, i] + inverse[:, other, other] + 2 * inverse[:, i, other]).T
    left = 1 - m * k
    inflated = np.divide(1.0, left, out=np.zeros_like(left), where=left > _FITS_ITSELF)
    Q = np.matmul(z * (m * inflated)[:, None, :], z.transpose(0, 2, 1))
    J = np.matmul(z * m[:, None, :], z.transpose(0, 2, 1)).sum(0)
    scores = np.matmul(z, S[:, :, None])
    own = np.matmul(z, (S * inflated)[:, :, None])
    without = own + np.matmul(Q, np.linalg.solve(J - Q, own))
    n, bread = len(i), np.linalg.inv(J)

    def variance(a: Floats) -> Floats:
        meat = a[..., 0].T @ scores[..., 0]
        return np.asarray(n / (n - 1) * bread @ ((meat + meat.T) / 2) @ bread)

    return ActorPeriodFit(names, beta, variance(scores), variance(without), mu, n)

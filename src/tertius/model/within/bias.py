"""The bias of order 1/N of the within-pair model, and standard errors that are too small by as much: both corrected.

Weidner & Zylkin (2021, doi:10.1016/j.jinteco.2021.103513) show that with T periods fixed and N actors growing, the
estimate of a three-way Poisson model is consistent, but the bias that its actor-by-period effects leave is of the
order of its standard error; and that the variance clustered by pair is too small by a share of order 1/N.

Notation
--------
d runs over the pairs (ordered if directed), and each pair belongs to two actors' rows g of the actor-by-period effects:
its sender and its receiver, or, undirected, its two actors. With the pair's own effect concentrated out, everything is
a function of pi_d (T,), the sum of its two rows of effects, and m_d (T,) its fitted means, Y_d their sum and
theta_d = m_d / Y_d:

    S_d = y_d - m_d                              score
    H_d = diag(m_d) - m_d theta_d'               information, (T, T): minus the derivative of S_d
    G_d = derivative of -H_d, (T, T, T)          minus Y_d times the third cumulant of one draw from theta_d
    x_d = terms demeaned with weights m, (p, T)  so that theta_d'x_d = 0 and sum_{d in g} m_d x_d = 0
    R_g = sum_{d in g} H_d                       information on the effects of row g
    J   = sum_d x_d H_d x_d'                     information on beta; H_d x_d = m_d x_d

The bias
--------
The effects of row g are off by about R_g^+ sum_{d in g} S_d. The expansion of the score of beta to second order has

    b_g = - sum_d (m_d x_d)'R_g^+ S_d  +  1/2 sum_d G_d[x_d](R_g^+ (sum_d S_d S_d') R_g^+),   d in g,

as the part of row g; parts of two different rows are of lower order. Contracted with x_d, the third derivative is
theta_d (m_d x_d)' + (m_d x_d) theta_d' - diag(m_d x_d), and the sum of its last term over a row is zero: so

    b_g = sum_{d in g} (m_d x_d)'( R_g^+ (sum_d S_d S_d') R_g^+ theta_d - R_g^+ S_d ).

The bias of beta is J^-1 sum_s n_s / (n_s - 1) sum_{g in s} b_g, over the sets s of effects (senders and receivers; one
set if undirected) with n_s actors each. The factor for degrees of freedom is that of the authors' program.

*Undirected data* are not in the paper. The expansion is the same with one set of effects: b_g sums over the pairs of an
actor, whichever end it is. The parts that pair two actors, E[delta_i delta_j'] of order 1/N^2 in each of N (N - 1) / 2
pairs, add up to order 1 where the b_g add up to order N, as those of a sender and a receiver do in the paper.
``scripts/three_way.py --undirected`` shows it by simulation.

The variance
------------
S_d is smaller than the errors behind it, because the pair's cells helped to estimate the effects and beta. To first
order S_d = (1 - H_d (K_d + x_d'J^-1 x_d)) errors, with K_d (T, T) the covariance that the information on all effects
gives to pi_d. The adjusted variance puts the error back once:

    V = n / (n - 1) J^-1 sum_d x_d (1 - H_d (K_d + x_d'J^-1 x_d))^-1 S_d S_d'x_d' J^-1     (symmetric part),

n pairs. (1 - H_d K_d)^-1 S_d is the residual that the pair would have if the effects were estimated without it. Up to
``DENSE_EFFECTS`` effects K_d comes from the inverse of their whole information; beyond, from the information on the
pair's two rows, net of the other rows one by one (:class:`Nearby`): what other rows know of each other is left out.

With few actors (20) and heavy-tailed weights the adjusted error is still too small. Intervals therefore take the error
with (1 - H_d (K_d + x_d'J^-1 x_d))^-1 on both sides, which leaves out one pair after the other, to first order:

    V = (n - 1) / n J^-1 sum_d x_d u_d u_d'x_d' J^-1,    u_d = (1 - H_d (K_d + x_d'J^-1 x_d))^-1 S_d,

the jackknife over pairs. It is not in the paper; ``scripts/three_way.py`` prints the coverage of either.

What it assumes
---------------
Terms are strictly exogenous: what happens in t does not move terms later. *Terms made of the past of the outcome break
this*: their bias of order 1/T (Nickell) is another one, for which see :mod:`tertius.model.within.split_panel`. Errors
of two pairs are independent, where the jackknife lets pairs with a common actor covary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tertius.model.within.panel import Floats, Integers, KeptCells

DENSE_EFFECTS = 1500
"""Actor-by-period effects up to which their whole information is inverted (the authors' program has the same)."""

_NO_INFORMATION = 1e-9  # of a direction, relative to the actor-period sums of the means

LeaveOut = Callable[[int, int, Floats], Floats]
"""(first, last, columns v (n, T, q) of the pairs [first, last)) -> (1 - M_d)^-1 v, M_d = Q r K_d r Q, where r is the
root of the means and Q takes the direction r out."""


@dataclass(frozen=True, slots=True)
class BiasCorrection:
    """The correction of p coefficients.

    Attributes
    ----------
    names : the terms.
    bias : (p,) to be taken from the estimate.
    corrected : (p,) estimate less bias.
    clustered : (p, p) variance clustered by pair (directed: ordered pair), as estimated.
    adjusted : (p, p) the same with residuals as they would be if the pair had not helped to estimate the effects. Its
        diagonal can be negative, being no sum of squares.
    left_out : (p, p) variance by leaving out one pair after the other, to first order.
    pairs : number of clusters.
    exact : whether the information of all effects was inverted.
    """

    names: tuple[str, ...]
    bias: Floats
    corrected: Floats
    clustered: Floats
    adjusted: Floats
    left_out: Floats
    pairs: int
    exact: bool


def bias_correction(
    panel: KeptCells, x: Floats, mu: Floats, unit: Floats, names: tuple[str, ...], beta: Floats
) -> BiasCorrection:
    """The correction at an optimum.

    Parameters
    ----------
    panel : the kept cells.
    x : (D, p, T) terms, tightly demeaned under the weights mu, in units of ``unit`` (p,).
    mu : (D, T) fitted means.
    names, beta : (p,) of the terms and their coefficients in their own units.
    """
    some = panel.live.any(0)  # periods without a kept cell have no effects
    y, x, mu = panel.y[:, some], x[:, :, some], mu[:, some]
    J = np.matmul(x * mu[:, None, :], x.transpose(0, 2, 1)).sum(0)
    exact = panel.G * mu.shape[1] <= DENSE_EFFECTS
    leave_out = Dense(panel, mu).leave_out if exact else Nearby(panel, mu).leave_out
    scores, without = _scores(panel, y, x, mu, J, leave_out)
    n = panel.D
    bread = np.linalg.inv(J) / unit[:, None]

    def variance(left: Floats, right: Floats) -> Floats:
        meat = left.T @ right
        return np.asarray(bread @ ((meat + meat.T) / 2) @ bread.T)

    few = n / (n - 1)

    bias = bread @ _score_bias(panel, y, x, mu)
    clustered, adjusted = few * variance(scores, scores), few * variance(without, scores)
    return BiasCorrection(names, bias, beta - bias, clustered, adjusted, variance(without, without) / few, n, exact)


def bias_bytes(N: int, T: int) -> int:
    """Memory that the correction takes beside the fit, at most: the information on all effects, or on each row's, and
    several (T, T) arrays of each pair of one first actor."""
    rows = 2 * N
    return 8 * (6 * min(rows * T, DENSE_EFFECTS) ** 2 + 2 * rows * T * T + 8 * N * T * T)


def _score_bias(panel: KeptCells, y: Floats, x: Floats, mu: Floats) -> Floats:
    """(p,) the sum of n_s / (n_s - 1) b_g over all rows of actor-by-period effects."""
    found = np.zeros((panel.G, x.shape[1]))
    for g in range(panel.G):
        d = _pairs_of(panel, g)
        if not len(d):
            continue
        m = mu[d]
        theta, S = m / m.sum(1, keepdims=True), y[d] - m
        inverse = generalized_inverse(_information(m, theta))
        spread = inverse @ (S.T @ S) @ inverse
        found[g] = np.einsum("dkt,dt->k", x[d] * m[:, None, :], theta @ spread - S @ inverse)
    total = np.zeros(x.shape[1])
    for rows in np.split(found, 2) if panel.directed else [found]:
        n = int(rows.any(1).sum())
        total += n / max(n - 1, 1) * rows.sum(0)
    return total


def _scores(
    panel: KeptCells, y: Floats, x: Floats, mu: Floats, J: Floats, leave_out: LeaveOut
) -> tuple[Floats, Floats]:
    """Scores of beta (D, p) by pair: as estimated, and with the effects and beta estimated without the pair."""
    p = x.shape[1]
    scores, without = np.empty((panel.D, p)), np.empty((panel.D, p))
    for a, b in panel.runs:
        r = np.sqrt(mu[a:b])
        e = np.divide(y[a:b] - mu[a:b], r, out=np.zeros_like(r), where=r > 0)
        z = x[a:b] * r[:, None, :]
        columns = np.concatenate([e[:, None, :], z], axis=1).transpose(0, 2, 1)
        products = np.matmul(z, leave_out(a, b, columns))
        own, Q = products[:, :, :1], products[:, :, 1:]  # x'(1 - H K)^-1 S, and the same of H x
        scores[a:b] = np.matmul(z, e[:, :, None])[..., 0]
        without[a:b] = (own + np.matmul(Q, np.linalg.solve(J - Q, own)))[..., 0]
    return scores, without


class Dense:
    """Leaves pairs out by the inverse of the information on all effects, (G T, G T)."""

    def __init__(self, panel: KeptCells, mu: Floats) -> None:
        self._panel, self._mu = panel, mu
        G, T = panel.G, mu.shape[1]
        S = np.zeros((G, T, G, T))
        for a, b in panel.runs:
            m, f, s = mu[a:b], panel.first[a], panel.second[a:b]
            H = -m[:, :, None] * (m / m.sum(1, keepdims=True))[:, None, :]
            H[:, np.arange(T), np.arange(T)] += m
            S[f, :, f, :] += H.sum(0)
            S[s, :, s, :] += H
            S[f, :, s, :] += H
            S[s, :, f, :] += H.transpose(0, 2, 1)
        self._V = generalized_inverse(S.reshape(G * T, G * T)).reshape(G, T, G, T)

    def leave_out(self, a: int, b: int, columns: Floats) -> Floats:
        """(n, T, q) from (n, T, q), of the pairs [a, b) of one first actor."""
        P, V = self._panel, self._V
        f, s = P.first[a], P.second[a:b]
        across = V[f][:, s, :].transpose(1, 0, 2)
        K = V[f, :, f, :] + across + across.transpose(0, 2, 1) + V[s, :, s, :]
        r = np.sqrt(self._mu[a:b])
        M = _net(K * r[:, :, None] * r[:, None, :], r)
        return np.asarray(np.linalg.solve((1 + _NO_INFORMATION) * np.eye(r.shape[1]) - M, columns))


class Nearby:
    """Leaves pairs out by the information on the two rows of effects of each, net of what other rows take of it.

    Without pair d, the information on its row g is R_g - H_d, less sum_e H_e R_h^+ H_e over the row's other pairs e,
    with h the other row of e. That the rows h are tied to each other, and the two rows of d through them, is left out.
    """

    def __init__(self, panel: KeptCells, mu: Floats) -> None:
        self._panel, self._mu = panel, mu
        G, T = panel.G, mu.shape[1]
        self._sums = panel.incidence @ mu
        self._inverse = np.zeros((G, T, T))
        self._information = np.zeros((G, T, T))
        for g in range(G):
            m = mu[_pairs_of(panel, g)]
            self._information[g] = _information(m, m / m.sum(1, keepdims=True))
            self._inverse[g] = generalized_inverse(self._information[g])
        for a, b in panel.runs:
            f, s = panel.first[a], panel.second[a:b]
            self._information[f] -= self._through(a, b, s).sum(0)
            self._information[s] -= self._through(a, b, np.full(b - a, f))

    def _through(self, a: int, b: int, rows: Integers) -> Floats:
        """H_d R_g^+ H_d of the pairs [a, b), (n, T, T), with one row g for each."""
        m = self._mu[a:b]
        X = self._inverse[rows]
        theta = m / m.sum(1, keepdims=True)
        mean = np.matmul(X, theta[:, :, None])[..., 0]
        level = (mean * theta).sum(1)[:, None, None]
        out = X - mean[:, :, None] - mean[:, None, :] + level
        out *= m[:, :, None]
        out *= m[:, None, :]
        return np.asarray(out)

    def leave_out(self, a: int, b: int, columns: Floats) -> Floats:
        """(n, T, q) from (n, T, q), of the pairs [a, b) of one first actor."""
        P = self._panel
        r = np.sqrt(self._mu[a:b])
        f, s = np.full(b - a, P.first[a]), P.second[a:b]
        moved = sum(self._effects_without(a, b, row, other, columns * r[:, :, None]) for row, other in ((f, s), (s, f)))
        moved *= r[:, :, None]
        q = r / np.sqrt((r * r).sum(1, keepdims=True))
        moved -= q[:, :, None] * np.matmul(q[:, None, :], moved)
        return np.asarray(columns + moved)

    def _effects_without(self, a: int, b: int, row: Integers, other: Integers, scores: Floats) -> Floats:
        """How the effects of ``row`` answer to scores (n, T, q) where the pairs [a, b) are left out, each by itself."""
        m = self._mu[a:b]
        A = self._information[row] + self._through(a, b, other)
        A += m[:, :, None] * (m / m.sum(1, keepdims=True))[:, None, :]
        diagonal = np.arange(m.shape[1])
        A[:, diagonal, diagonal] -= m
        root = np.sqrt(self._sums[row])
        scale = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
        A *= scale[:, :, None]
        A *= scale[:, None, :]
        n = root / np.sqrt((root * root).sum(1, keepdims=True))
        A += n[:, :, None] * n[:, None, :]  # the level of a row is no effect of its own
        A[:, diagonal, diagonal] += np.where(root > 0, _NO_INFORMATION, 1.0)
        return np.asarray(np.linalg.solve(A, scores * scale[:, :, None]) * scale[:, :, None])


def _pairs_of(panel: KeptCells, g: int) -> Integers:
    """The pairs of a row of effects."""
    incidence = panel.incidence
    return np.asarray(incidence.indices[incidence.indptr[g] : incidence.indptr[g + 1]])


def _information(m: Floats, theta: Floats) -> Floats:
    """(T, T) sum of H_d over pairs with means m and shares theta (n, T)."""
    R = -theta.T @ m
    R[np.diag_indices_from(R)] += m.sum(0)
    return R


def generalized_inverse(S: Floats) -> Floats:
    """A generalized inverse of a positive semidefinite S, found in units in which its diagonal is one.

    Which generalized inverse does not matter: what it is multiplied with is zero along all directions without
    information.
    """
    root = np.sqrt(np.maximum(np.diagonal(S), 0.0))
    scale = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)
    size, Q = np.linalg.eigh(S * scale[:, None] * scale)
    known = size > _NO_INFORMATION
    half = scale[:, None] * Q[:, known] / np.sqrt(size[known])
    return np.asarray(half @ half.T)


def _net(M: Floats, r: Floats) -> Floats:
    """M (n, T, T), symmetric, with the directions r (n, T) taken out of both sides."""
    q = r / np.sqrt((r * r).sum(1, keepdims=True))
    Mq = np.matmul(M, q[:, :, None])
    M -= Mq * q[:, None, :]
    M -= q[:, :, None] * (Mq.transpose(0, 2, 1) - (Mq * q[:, :, None]).sum(1, keepdims=True) * q[:, None, :])
    return M

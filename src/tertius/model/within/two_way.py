"""Poisson pseudo-likelihood with dyad and period effects: rung 3, between the rate model and the within-pair model.

    E[y_td] = mu_td = exp(a_d + tau_t + x_td beta)

The dyad effects are concentrated out, a_d = log(sum_t y_td / sum_t exp(tau_t + x_td beta)); Newton runs on (beta, tau)
together, tau having one entry a period. Dyads without any outcome drop out. What each actor does in each period is
*not* taken out: that is rung 4.
"""

from __future__ import annotations

import numpy as np

from tertius.errors import NoConvergence, NotEnoughData
from tertius.events.slices import Bools, Floats

MAX_ITERATIONS = 100
DECREMENT = 1e-12
NO_VARIATION = 1e-9


def fit_two_way(y: Floats, x: Floats, live: Bools) -> tuple[Floats, Floats, Floats, Bools, list[int]]:
    """Maximise the pseudo-likelihood.

    Parameters
    ----------
    y : (D, T) outcome of each dyad in each period.
    x : (D, p, T) terms; values where not ``live`` are not read.
    live : (D, T) cells that are observed.

    Returns
    -------
    beta (p',), scores (D', p'), information (D', p', p') by dyad of the demeaned design, (D,) dyads kept, and the
    indices of the p' terms that vary within dyads and periods.

    Raises
    ------
    NotEnoughData : no dyad with outcome, or no term left. NoConvergence.
    """
    kept = (y * live).sum(axis=1) > 0
    if not kept.any():
        raise NotEnoughData("No dyad has the outcome in two periods.", "Use a longer span.")
    y, live = np.where(live, y, 0.0)[kept], live[kept]
    x = np.where(live[:, None, :], x[kept], 0.0)
    total = y.sum(axis=1)
    periods = np.flatnonzero(y.sum(axis=0) > 0)
    y, x, live = y[:, periods], x[:, :, periods], live[:, periods]
    terms = _varying(x, live, total)
    x = np.ascontiguousarray(x[:, terms])
    p = x.shape[1]
    beta, tau = np.zeros(p), np.log(y.sum(axis=0) / np.maximum(live.sum(axis=0), 1))
    mu, likelihood = _mean(x, tau, beta, live, total, y)
    for _ in range(MAX_ITERATIONS):
        residual = y - mu
        score = np.concatenate([np.einsum("dpt,dt->p", x, residual), residual.sum(axis=0)])
        information = _information(x, mu, total)
        scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
        values, Q = np.linalg.eigh(information * scale[:, None] * scale)
        use = values > 1e-11 * values[-1]  # the level of tau is the dyad effects' own
        step = scale * (Q[:, use] @ ((Q[:, use].T @ (scale * score)) / values[use]))
        decrement = float(step @ score)
        if decrement <= DECREMENT * max(1.0, abs(likelihood) * 1e-3):
            break
        length = 1.0
        while True:
            new_mu, moved = _mean(x, tau + length * step[p:], beta + length * step[:p], live, total, y)
            if moved >= likelihood - 1e-12 * abs(likelihood) or length < 1e-8:
                break
            length /= 2
        beta, tau, mu, likelihood = beta + length * step[:p], tau + length * step[p:], new_mu, moved
    else:
        raise NoConvergence(f"No maximum in {MAX_ITERATIONS} Newton steps (rung 3).", "Use fewer --effects.")
    return beta, *_scores(x, y, mu, total), kept, terms


def _mean(x: Floats, tau: Floats, beta: Floats, live: Bools, total: Floats, y: Floats) -> tuple[Floats, float]:
    """mu (D, T) with the dyad effects concentrated out, and the log-likelihood up to a constant."""
    eta = np.where(live, np.einsum("dpt,p->dt", x, beta) + tau, -np.inf)
    eta -= eta.max(axis=1, keepdims=True)
    share = np.exp(eta)
    mass = share.sum(axis=1, keepdims=True)
    share /= mass
    positive = y > 0
    log_share = (eta - np.log(mass))[positive]
    return share * total[:, None], float(y[positive] @ log_share)


def _information(x: Floats, mu: Floats, total: Floats) -> Floats:
    """(p + T, p + T) information on (beta, tau), dyad effects concentrated out."""
    p, T = x.shape[1], x.shape[2]
    weighted = x * mu[:, None, :]
    means = weighted.sum(axis=2) / total[:, None]
    out = np.empty((p + T, p + T))
    out[:p, :p] = np.einsum("dpt,dqt->pq", weighted, x) - (means * total[:, None]).T @ means
    cross = weighted.sum(axis=0) - means.T @ mu
    out[:p, p:], out[p:, :p] = cross, cross.T
    out[p:, p:] = np.diag(mu.sum(axis=0)) - (mu / total[:, None]).T @ mu
    return out


def _scores(x: Floats, y: Floats, mu: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Scores (D, p) and information (D, p, p) by dyad, of x demeaned on dyads and periods with weights mu."""
    p = x.shape[1]
    information = _information(x, mu, total)
    on_periods = np.linalg.pinv(information[p:, p:], rcond=1e-11) @ information[p:, :p]  # (T, p)
    z = x - on_periods.T[None]
    z -= (z * mu[:, None, :]).sum(axis=2, keepdims=True) / total[:, None, None]
    return np.einsum("dpt,dt->dp", z, y - mu), np.einsum("dpt,dqt,dt->dpq", z, z, mu)


def _varying(x: Floats, live: Bools, total: Floats) -> list[int]:
    """Terms that vary within dyads and periods and that the terms before them do not determine."""
    w = live * (total / live.sum(axis=1))[:, None]
    _, H = _scores(x, w, w, total)
    information = H.sum(axis=0)
    raw = np.einsum("dpt,dpt,dt->p", x, x, w)
    kept: list[int] = []
    for k in range(x.shape[1]):
        if information[k, k] <= NO_VARIATION * max(raw[k], 1e-300):
            continue
        if kept:
            inner = information[np.ix_(kept, kept)]
            left = (
                information[k, k] - information[k, kept] @ np.linalg.lstsq(inner, information[kept, k], rcond=None)[0]
            )
            if left <= NO_VARIATION * information[k, k]:
                continue
        kept.append(k)
    if not kept:
        raise NotEnoughData("No term varies within pairs and periods.", "Use time-varying --effects.")
    return kept

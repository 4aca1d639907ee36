"""Newton's method for the within-pair model: the dyad effects concentrated out, separated cells found on the way.

The likelihood, its information and the step are those of :mod:`tertius.model.within.ppml`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.errors import NoConvergence, Separation
from tertius.model.within.demean import Demeaner, moments
from tertius.model.within.panel import Booleans, Floats, KeptCells

MARGIN_TOLERANCE = 1e-9
"""Largest relative difference between the fitted and the observed sum of an actor-period at convergence."""

_SWEEPS = 8
_MOST_STEPS = 100
_MOST_INNER = 100
_LARGEST_MOVE = 5.0
_SHORTEST_STEP = 1e-6
_REFERENCES = (6, 12, 24, 48)
_STEPS_FOR_PROOF = 40
_FALLING = -0.25  # log points a step, of a mean that runs to zero


@dataclass(frozen=True, slots=True)
class Start:
    """Where Newton's method begins: eta and mu (D, T), their log-likelihood, a demeaner with the weights mu."""

    eta: Floats
    mu: Floats
    likelihood: float
    demeaner: Demeaner


@dataclass(frozen=True, slots=True)
class Solution:
    """The optimum, or the cells (D, T) that must go first; and how many cells seem to run to zero without proof."""

    beta: Floats
    eta: Floats
    mu: Floats
    E: Floats
    steps: int
    demeanings: int
    separated: Booleans | None
    unproven: int


def begin(panel: KeptCells, eta: Floats | None = None) -> Start:
    """From eta, or by sweeps of proportional fitting: both ends of a dyad at once, and so half a step each."""
    if eta is None:
        eta = np.zeros_like(panel.y)
        positive = panel.y_actor > 0
        target = np.log(np.where(positive, panel.y_actor, 1.0))
        for _ in range(_SWEEPS):
            fitted = panel.incidence @ panel.means(eta)[0]
            eta += panel.spread(np.where(positive, (target - np.log(np.where(positive, fitted, 1.0))) / 2, 0.0))
    mu, likelihood = panel.means(eta)
    demeaner = Demeaner(panel)
    demeaner.set_weights(mu)
    return Start(eta, mu, likelihood, demeaner)


def newton(panel: KeptCells, start: Start, tol: float, names: list[str], *, prove: bool) -> Solution:
    """Newton steps on beta and the actor-by-period effects, the dyad effects concentrated out.

    With ``prove``, stops as soon as cells are proved to be separated.
    """
    p = panel.x.shape[1]
    eta, mu, likelihood, demeaner = start.eta, start.mu, start.likelihood, start.demeaner
    beta = np.zeros(p)
    E = np.zeros((panel.G, panel.T, p))
    positive = panel.y > 0
    zero = panel.live & ~positive
    demeanings = 0
    accuracy = 1e-2
    references: list[Floats] = []
    for step in range(1, _MOST_STEPS + 1):
        demeaner.set_weights(mu)
        h, E, full, gap, spent = _direction(panel, mu, demeaner, E, accuracy)
        demeanings += spent
        far = float(np.abs(full).max())
        length = min(1.0, _LARGEST_MOVE / far) if far else 1.0
        eta, mu, likelihood, length = _advance(panel, eta, full, likelihood, length, step)
        beta = beta + length * h
        largest = float(np.abs(h).max(initial=0.0))
        accuracy = 1e-2 if max(largest, far) > 1e-1 else 1e-3
        margin = np.divide(np.abs(gap), panel.y_actor, out=np.zeros_like(gap), where=panel.y_actor > 0).max()
        if step in _REFERENCES:
            references = [*references[-1:], log_mean(mu)]
        elif prove and step > _REFERENCES[0] and length == 1.0:
            for z in (-full, *(before - log_mean(mu) for before in references)):
                separated = _proved(z, positive, zero)
                if separated.any():
                    return Solution(beta, eta, mu, E, step, demeanings, separated, 0)
        if length == 1.0 and largest <= tol and margin <= MARGIN_TOLERANCE:
            faint = zero & (full < _FALLING)
            if not (prove and faint.any() and step < _STEPS_FOR_PROOF):
                return Solution(beta, eta, mu, E, step, demeanings, None, int(faint.sum()))
    raise _unfinished(h, int((zero & (full < _FALLING)).sum()), names, tol)


def _direction(
    panel: KeptCells, mu: Floats, demeaner: Demeaner, E: Floats, accuracy: float
) -> tuple[Floats, Floats, Floats, Floats, int]:
    """The step of beta (p,), the terms' actor-by-period parts E, the step of log mu (D, T), the gap between observed
    and fitted sums of actor-periods, and the iterations spent; to a relative accuracy, from the E before."""
    p = panel.x.shape[1]
    gram, R = moments(panel, mu, demeaner)
    gap = panel.y_actor - demeaner.w_actor
    solved, spent, _ = demeaner.solve(
        np.concatenate([R, gap[:, :, None]], axis=2),
        np.concatenate([E, np.zeros((panel.G, panel.T, 1))], axis=2),
        np.full(p + 1, accuracy),
        most=_MOST_INNER,
    )
    E, delta = solved[:, :, :p], solved[:, :, p]
    information = gram - np.tensordot(R, E, ((0, 1), (0, 1)))
    score = np.matmul(panel.x, (panel.y - mu)[:, :, None])[..., 0].sum(0) - np.tensordot(E, gap, ((0, 1), (0, 1)))
    h = _solve_information((information + information.T) / 2, score)
    full = np.matmul(h, panel.x) if p else np.zeros_like(mu)
    full += panel.spread(delta - E @ h)
    full -= np.einsum("dt,dt->d", full, mu)[:, None] * demeaner.reciprocal[:, None]
    full *= panel.live
    return h, E, full, gap, spent


def _advance(
    panel: KeptCells, eta: Floats, full: Floats, likelihood: float, length: float, step: int
) -> tuple[Floats, Floats, float, float]:
    """eta, mu and the likelihood after as much of the full step as does not lower the likelihood, and how much."""
    while True:
        moved = eta + length * full
        mu, reached = panel.means(moved)
        if reached >= likelihood - 1e-11 * abs(likelihood):
            return moved, mu, reached, length
        length /= 2
        if length < _SHORTEST_STEP:
            raise NoConvergence(
                f"No step improves the fit after {step} iterations.",
                "Rescale or leave out terms; use fewer actors.",
            )


def _unfinished(h: Floats, falling: int, names: list[str], tol: float) -> Separation | NoConvergence:
    """Why no optimum was reached: cells whose means still run to zero, or slow progress."""
    if falling:
        running = (
            ", ".join(n for n, s in zip(names, np.abs(h), strict=True) if s > 1e-3) or "combinations of fixed effects"
        )
        return Separation(
            f"After {_MOST_STEPS} iterations the means of {falling} cells still run to zero: {running}.",
            "Leave the term out, or use fewer actors or longer periods.",
        )
    largest = float(np.abs(h).max(initial=0.0))
    return NoConvergence(
        f"The last of {_MOST_STEPS} steps was {largest:.1e} standard deviations, {tol:.0e} is asked for.",
        "Leave out terms that are nearly collinear.",
    )


def _solve_information(information: Floats, score: Floats) -> Floats:
    """information^-1 score; no step along a direction without information (separation)."""
    if not len(score):
        return score
    size, Q = np.linalg.eigh(information)
    known = size > 1e-13 * size[-1]
    return np.asarray(Q[:, known] @ ((Q[:, known].T @ score) / size[known]))


def log_mean(mu: Floats) -> Floats:
    """log mu, bounded below."""
    return np.asarray(np.log(np.maximum(mu, 1e-300)), dtype=np.float64)


def _proved(z: Floats, positive: Booleans, zero: Booleans) -> Booleans:
    """Cells (D, T) that the linear predictor z (D, T) proves to be separated: z = 0 where y > 0 and z >= 0 where y = 0.

    Along -z the likelihood rises for ever, and the means of the cells with z > 0 run to zero. Numerically: to a
    thousandth of the largest z, and cells below a hundredth of it are left for another round.
    """
    top = float(z.max(initial=0.0, where=zero))
    if top < 0.25 or z.min(initial=0.0, where=zero) < -1e-3 * top or np.abs(z[positive]).max() > 1e-3 * top:
        return np.zeros_like(zero)
    return zero & (z > 1e-2 * top)

"""Newton's method with step halving, on the sums of all slices at hand."""

from __future__ import annotations

import numpy as np

from tertius.errors import NoConvergence
from tertius.events.slices import Floats
from tertius.language import say
from tertius.model.design import Design, Outcome
from tertius.model.rate.identified import check_separation
from tertius.model.rate.sums import Sums, sums_at
from tertius.progress import Teller

MAX_ITERATIONS = 60
MAX_HALVINGS = 30
NOISES = 3.0  # how many of these a step must exceed to be told from rounding
NOISE = 1e-7  # of a log-likelihood in single precision, relative


def newton(
    design: Design,
    outcome: Outcome,
    beta: Floats,
    at: Sums,
    tilt: Floats,
    tell: Teller,
    enough: float,
    noise: float,
) -> tuple[Floats, int, Sums]:
    """Newton with step halving on l(beta) + tilt . beta, from beta with the sums there.

    Returns the optimum, steps taken, and the sums one step before it.
    """
    start = at
    height = at.log_likelihood + float(tilt @ beta)
    for iteration in range(1, MAX_ITERATIONS + 1):
        step = solve(at.information, at.gradient + tilt)
        decrement = float(step @ (at.gradient + tilt))
        tell.step(iteration, at.log_likelihood, decrement / 2)
        if decrement <= max(enough * max(1.0, abs(height) * 1e-4), len(beta) * (NOISES * noise) ** 2):
            return beta + step, iteration, at
        for halving in range(MAX_HALVINGS):
            trial = beta + step * 0.5**halving
            tell.start(say("step {n}", n=iteration))
            new = sums_at(design, outcome, trial, tell=tell)
            reached = new.log_likelihood + float(tilt @ trial)
            rounding = NOISE if design.dtype is np.float32 else 1e-12
            if np.isfinite(reached) and reached >= height - rounding * abs(height):
                break
        else:
            break
        beta, at, height = trial, new, reached
    check_separation(design, outcome, beta, start.information, at.information, certain=True)
    raise NoConvergence(
        f"The likelihood found no maximum in {MAX_ITERATIONS} Newton steps.",
        "Use fewer --effects or a longer span.",
    )


def solve(information: Floats, gradient: Floats) -> Floats:
    """information^-1 gradient, scaled to a unit diagonal; directions without information are left where they are."""
    scale = 1.0 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    values, Q = np.linalg.eigh(information * scale[:, None] * scale)
    keep = values > 1e-13 * values[-1]
    coordinates = Q[:, keep].T @ (scale * gradient)
    return np.asarray(scale * (Q[:, keep] @ (coordinates / values[keep])))


def length(step: Floats, information: Floats) -> float:
    """Length of a step in standard errors, over all directions."""
    return float(np.sqrt(max(float(step @ information @ step), 0.0)))

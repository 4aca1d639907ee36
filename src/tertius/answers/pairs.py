"""Whom does k drive together? Every pair's outcome that hangs on one third party's hostility.

The same counterfactual as :mod:`tertius.answers.attribution`, turned round: for one third party k and all pairs i, j,
the outcome expected in the window minus that expected had k's hostility towards i and j stayed at its reference level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.answers.spans import SlicedSpans
from tertius.effects import EFFECTS, PastView
from tertius.effects.registry import part_of
from tertius.errors import UsageError
from tertius.events.slices import Floats
from tertius.model.coefficients import Z_95, interval_errors
from tertius.model.rate.fit import RateFit
from tertius.model.within.model import WithinModel

PAIRS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class DrivenPair:
    """One pair: outcome that hangs on k's hostility above its reference level, with 95 % interval, in the unit."""

    a: str
    b: str
    events: float
    events_low: float
    events_high: float
    expected: float
    observed: float


def driven_pairs(fit: RateFit | WithinModel, k: int, effect: str, spans: SlicedSpans) -> tuple[DrivenPair, ...]:
    """Pairs by size of k's part, largest first, at most :data:`PAIRS_SHOWN`.

    ``effect`` is "shared_threat" or "common_foe". The interval takes the coefficient at the ends of its own interval.
    Raises UsageError where the model lacks the effect or a span holds no observed slice.
    """
    design, sl = fit.design, fit.design.slices
    if effect not in design.names:
        raise UsageError(f"The answer hangs on {effect}, which is not in the model.", f"Add {effect} to --effects.")
    column = design.names.index(effect)
    spans = spans.among(fit.covered, sl.observed)
    window, reference = spans.window, spans.reference
    n = sl.n_actors
    level = np.zeros((n, n))
    legs = design.spec.legs or "sqrt"
    for past in design.history.past():
        if reference[past.s]:
            level += part_of(PastView(past, legs, sl.directed), k)
    level /= reference.sum()

    se = interval_errors(fit.cov)[column]
    betas = fit.beta[column] + np.array([0.0, -Z_95, Z_95]) * se
    lost = np.zeros((3, n, n))
    expected, observed = np.zeros((n, n)), np.zeros((n, n))
    values = sl.outcome(design.spec.outcome, design.spec.response or "count")
    mean = dict(fit.expected(np.flatnonzero(window)))
    for past in design.history.past():
        at = sl.entries(past.s)
        if window[past.s]:
            np.add.at(observed.ravel(), sl.dyad[at], values[at])
        if past.s not in mean:
            continue
        mu = np.zeros((n, n))
        mu.ravel()[design.at_risk] = mean[past.s]
        expected += mu
        view = PastView(past, legs, sl.directed)
        S = EFFECTS[effect].compute(view, "")
        without = np.maximum(S - (part_of(view, k) - level), 0.0)
        change = design.transform(np.array(S), column) - design.transform(without, column)
        for m, b in enumerate(betas):
            lost[m] -= np.expm1(-b * change) * mu
    return _lines(sl.actors, k, lost, expected, observed)


def _lines(actors: tuple[str, ...], k: int, lost: Floats, expected: Floats, observed: Floats) -> tuple[DrivenPair, ...]:
    both = [m + m.T for m in (*lost, expected, observed)]
    i, j = np.triu_indices(len(actors), 1)
    keep = (i != k) & (j != k)
    i, j = i[keep], j[keep]
    order = np.argsort(-both[0][i, j], kind="stable")[:PAIRS_SHOWN]
    lines = []
    for a, b in zip(i[order], j[order], strict=True):
        events, one, two, mu, y = (float(m[a, b]) for m in both)
        lines.append(DrivenPair(actors[a], actors[b], events, min(one, two), max(one, two), mu, y))
    return tuple(lines)

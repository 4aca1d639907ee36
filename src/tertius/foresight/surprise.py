"""How surprising an outcome was, and what had moved the expectation.

Surprise is -log10 of the smaller tail, P(Y >= y) or P(Y <= y) under the forecast: 3 is once in a thousand. What moved
an expectation from one origin to the next is linear in the terms, group by group; where whether and how much are two
regressions, the change of log P is shared out in proportion to the groups' changes of its linear predictor, so that the
groups add up to the change of the log mean.
"""

from __future__ import annotations

import numpy as np

from tertius.events.slices import Floats, Ints
from tertius.foresight.families import Predictive
from tertius.foresight.fitting import Regression
from tertius.foresight.known import GROUPS, Known, Single
from tertius.foresight.models import Foretold

LEAST = 1e-300


def surprise(forecast: Predictive, y: Floats) -> Floats:
    """(n,) -log10 of the smaller tail; above 0 in either direction."""
    above, below = 1 - forecast.before(y), forecast.cdf(y)
    return np.asarray(-np.log10(np.clip(np.minimum(above, below), LEAST, 1.0)))


def moved_by(model: Foretold, known: Known, sign: str, origin: int, pairs: Ints) -> dict[str, Floats]:
    """By group of terms (n,) log points by which the expectation moved from the origin before; none at the first."""
    if origin - 1 < known.first:
        return {}
    now, then = (known.at(sign, t)[pairs][:, model.places] for t in (origin, origin - 1))
    names = [known.names[k] for k in model.places]
    f = model.fitted
    moved = _by_group(f.mean, now - then, names)
    if f.any is None:
        return moved
    usual = np.full(len(pairs), f.usual)
    P, before = (f.predict(X, usual).share for X in (now, then))
    shared, whole = _by_group(f.any, now - then, names), f.any.eta(now) - f.any.eta(then)
    slope = np.divide(np.log(P / before), whole, out=np.zeros(len(pairs)), where=np.abs(whole) > 1e-9)
    return {group: part + slope * shared[group] for group, part in moved.items()}


def _by_group(regression: Regression, change: Single, names: list[str]) -> dict[str, Floats]:
    found = {}
    for group, terms in GROUPS.items():
        places = [k for k, name in enumerate(names) if name in terms]
        if places:
            found[group] = np.asarray(change[:, places] @ regression.beta[1:][places], dtype=np.float64)
    return found

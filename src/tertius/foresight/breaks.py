"""Breaks: an outcome above the pair's own 95th percentile.

The chance of one comes from the tail of the forecast's distribution, which one family for all pairs makes too alike.
So it is calibrated on past origins: logit p* = a + b logit p, for recurrent and for novel pairs apart, by logistic
regression of the breaks that came on the chances that the model, as fitted now, gives them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

from tertius.events.slices import Bools, Floats
from tertius.foresight.families import Predictive
from tertius.foresight.frequencies import Frequencies
from tertius.foresight.known import Known, recurrent
from tertius.foresight.models import Foretold, past_origins

LEVEL = 0.95
PAST = 16
"""Past origins to calibrate on, evenly spaced."""
PAIRS = 4_000
FEWEST = 10
"""Breaks without which chances stay as they are."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """logit p* = constant + slope logit p; for novel pairs their own constant and slope."""

    constant: float
    slope: float
    novel_constant: float
    novel_slope: float

    def of(self, p: Floats, recurrent: Bools) -> Floats:
        """(n,) calibrated chances."""
        x = logit(p)
        novel = self.novel_constant + self.novel_slope * x
        return np.asarray(expit(np.where(recurrent, self.constant + self.slope * x, novel)))


def break_level(known: Known, sign: str, origin: int, some: slice = slice(None)) -> Floats:
    """(D,) a day's rate at the pair's own 95th percentile of the observed periods up to the origin."""
    seen = np.flatnonzero(known.days[: origin + 1] > 0)
    rates = np.ascontiguousarray((known.values[sign][seen, some] / known.days[seen][:, None]).T)
    place = int(np.ceil(LEVEL * len(seen) - 1e-9)) - 1  # the smallest rate that so many do not exceed
    return np.asarray(np.partition(rates, place, axis=1)[:, place])


def break_chance(forecast: Predictive | Frequencies, level: Floats) -> Floats:
    """(n,) P(Y > level)."""
    return np.asarray(np.clip(1 - forecast.cdf(level), 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class PastLevels:
    """The break levels of past origins, on about :data:`PAIRS` pairs, which differ from origin to origin; each is found
    once, for all horizons."""

    known: Known
    seed: int
    found: dict[tuple[str, int], Floats] = field(default_factory=dict)

    def pairs(self, origin: int) -> slice:
        """The pairs of an origin."""
        step = max(1, len(self.known.i) // PAIRS)
        return slice((self.seed + origin) % step, None, step)

    def at(self, sign: str, origin: int) -> Floats:
        """(n,) a day's rate."""
        if (sign, origin) not in self.found:
            self.found[sign, origin] = break_level(self.known, sign, origin, self.pairs(origin))
        return self.found[sign, origin]


def calibrated(model: Foretold, past: PastLevels, sign: str, origin: int, horizon: int) -> Calibration:
    """On past origins; the chances as they are where hardly anything broke."""
    known = past.known
    origins = past_origins(known, origin, horizon)
    chances, novel, came = [], [], []
    for t in origins[:: -max(1, len(origins) // PAST)]:
        days = float(known.days[t + horizon])
        some = past.pairs(t)
        level = past.at(sign, t) * days
        X = known.at(sign, t)[some][:, model.places]
        chances.append(break_chance(model.fitted.predict(X, np.full(len(X), days)), level))
        novel.append(~recurrent(known.values[sign][:, some], known.days, t))
        came.append(known.values[sign][t + horizon, some] > level)
    p, new, y = np.concatenate(chances), np.concatenate(novel), np.concatenate(came)
    found: list[float] = []
    for group in (~new, new):
        Z = np.column_stack([np.ones(int(group.sum())), logit(p[group])])
        few = min(y[group].sum(), (~y[group]).sum()) < FEWEST
        found += [0.0, 1.0] if few or np.ptp(Z[:, 1]) < 1e-9 else logistic(Z, y[group]).tolist()
    return Calibration(*found)


def logit(p: Floats) -> Floats:
    """log(p / (1 - p)), p held within 1e-9 of 0 and 1."""
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p) - np.log1p(-p))


def slope(p: Floats, came: Bools) -> float:
    """Coefficient of logit p in a logistic regression of what came: 1 where calibrated, below 1 where overconfident.

    NaN where nothing or everything came, or all p are one.
    """
    x = logit(p)
    if not came.any() or came.all() or np.ptp(x) < 1e-9:
        return float("nan")
    return float(logistic(np.stack([np.ones(len(x)), x], axis=1), came)[1])


def logistic(X: Floats, y: Bools) -> Floats:
    """(k,) coefficients of a logistic regression on a constant and chances, by Newton's method from a slope of 1."""
    beta = np.eye(X.shape[1])[-1]
    for _ in range(50):
        mu = expit(X @ beta)
        H = (X * (mu * (1 - mu))[:, None]).T @ X + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(H, X.T @ (y - mu))
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(beta)

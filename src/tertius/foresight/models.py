"""The model and the baselines it must beat: each a set of columns, all in one family, fitted on the same past rows.

``tertius`` has every column of :mod:`tertius.foresight.known`. The baselines know less, but no less well: their
smoothing, dispersion and zeros are fitted as the model's are, so that none is ever surprised without end.

``no change``                    the last observed period.
``exponentially weighted mean``  one half-life, of 1, 3 or 8 periods: the one with the best past log score.
``seasonal``                     the same season a year earlier, and the mean of all periods.
``inertia``                      the pair's rates of both signs at all half-lives, and nothing else.
``historical frequencies``       the last 12 periods as they were (:mod:`tertius.foresight.frequencies`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.errors import NotEnoughData
from tertius.events.slices import Floats
from tertius.foresight.families import Predictive
from tertius.foresight.fitting import Fitted, Rows, fit
from tertius.foresight.known import OTHER, OWN, SEASON, Known
from tertius.language import known as known_text
from tertius.language import say

OURS = "tertius"
FREQUENCIES = say("historical frequencies")
SMOOTHED = say("exponentially weighted mean")
COLUMNS = {
    say("no change"): (OWN[0],),
    SMOOTHED: (OWN[1], OWN[2], OWN[3]),
    say("seasonal"): (SEASON, OWN[4]),
    say("inertia"): (*OWN, *OTHER),
}
BASELINES = (*COLUMNS, FREQUENCIES)
EMPHASIS = 0.5
"""Of the model alone (see ``fitting.fit``)."""
WINDOW = 24
"""Past origins to fit to."""
ROWS = 30_000
FEWEST = 4
"""Past origins without which nothing is fitted."""
BUSY = 0.75
"""Quantile of the means of pairs that ever acted: those above are drawn first, then those below, then the others."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """A fitted model with the places of its columns."""

    places: list[int]
    fitted: Fitted

    def at(self, known: Known, sign: str, origin: int, days: float) -> Predictive:
        """Distributions for every pair, of a period with ``days`` observed days."""
        X = known.at(sign, origin)
        return self.fitted.predict(X[:, self.places], np.full(len(X), days))


def past_origins(known: Known, origin: int, horizon: int) -> list[int]:
    """The last origins whose outcome is known at ``origin``."""
    begin = max(known.first, origin - horizon - WINDOW + 1)
    return [t for t in range(begin, origin - horizon + 1) if known.days[t + horizon] > 0]


def past_rows(known: Known, sign: str, origin: int, horizon: int, seed: int) -> Rows:
    """Rows of past origins T with T + horizon up to the origin, drawn by level and weighted for it.

    Raises NotEnoughData where there are fewer than :data:`FEWEST`.
    """
    rng = np.random.default_rng([seed, origin, horizon, sign == "hostility"])
    origins = past_origins(known, origin, horizon)
    if len(origins) < FEWEST:
        raise NotEnoughData(
            say("Only {n} past periods to learn a horizon of {horizon} from.", n=len(origins), horizon=horizon),
            say("Use a longer span of data, shorter periods (--period), or shorter horizons (--horizon)."),
        )
    Y, level = known.values[sign], known.names.index(OWN[4])
    X, y, weight, period = [], [], [], []
    for t in origins:
        mean, left = known.at(sign, t)[:, level], ROWS // len(origins)
        busy = np.quantile(mean[mean > 0], BUSY) if (mean > 0).any() else 0.0
        groups = (mean > busy, (mean > 0) & (mean <= busy), mean <= 0)
        for k, group in enumerate(groups):
            some = np.flatnonzero(group)
            most = left // (len(groups) - k)
            chosen = some if len(some) <= most else rng.choice(some, most, replace=False)
            if not len(chosen):
                continue
            left -= len(chosen)
            X.append(known.at(sign, t)[chosen])
            y.append(Y[t + horizon, chosen])
            weight.append(np.full(len(chosen), len(some) / len(chosen)))
            period.append(np.full(len(chosen), t + horizon))
    target = np.concatenate(period)
    rows = Rows(np.concatenate(X), np.concatenate(y), known.days[target], np.concatenate(weight), target)
    if (rows.y > 0).sum() < 2 * rows.X.shape[1]:
        raise NotEnoughData(
            say("Too little {sign} happened to learn from.", sign=known_text(sign)), say("Use a longer span of data.")
        )
    return rows


def usual_days(known: Known) -> float:
    """Days of a full period."""
    return float(np.median(known.days[known.days > 0]))


def fitted(known: Known, sign: str, rows: Rows, name: str, counts: bool, start: Foretold | None = None) -> Foretold:
    """One of the models, fitted to past rows."""
    usual, begin = usual_days(known), None if start is None else start.fitted
    if name == OURS:
        places = list(range(len(known.names)))
        return Foretold(places, fit(rows, counts, usual, EMPHASIS, begin))
    places = known.places(COLUMNS[name])
    if name != SMOOTHED:
        return Foretold(places, fit(_of(rows, places), counts, usual, 0.0, begin))
    tried = [Foretold([k], fit(_of(rows, [k]), counts, usual)) for k in places]
    return max(tried, key=lambda one: _past_score(rows, one))


def _of(rows: Rows, places: list[int]) -> Rows:
    return Rows(rows.X[:, places], rows.y, rows.days, rows.weight, rows.period)


def _past_score(rows: Rows, model: Foretold) -> float:
    found: Floats = model.fitted.predict(rows.X[:, model.places], rows.days).log_density(rows.y)
    return float(np.average(found, weights=rows.weight))

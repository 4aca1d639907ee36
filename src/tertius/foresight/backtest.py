"""Rolling origin: forecasts as they would have been made, scored on what came.

At every origin the models are fitted to what was known then and foretell the period ``horizon`` later; a period that
was not observed is not scored, and a forecast is for the period's observed days. Scores are means over pairs and
origins: log score (the mean log probability, or density; more is better) and CRPS (less is better), coverage of the 80
and 95 % intervals by randomised probability integral transform, and their width on every tenth pair.

A **break** is an outcome above the pair's own 95th percentile of all observed periods up to the origin (for a pair that
never acted, any at all); its forecasts have a Brier score, beside the Brier score of the base rate known only
afterwards, and a calibration slope, the coefficient of logit p in a logistic regression of what came.

Pairs whose outcome occurred in the 12 periods before the origin are **recurrent**, the others novel. Differences of two
models come with 95 % intervals by blocks of time: the means of consecutive blocks of origins, each at least three
periods and as long as the horizon, are taken as independent, with Student's t on their number less one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from tertius.events.slices import Bools, Floats
from tertius.foresight.breaks import Calibration, PastLevels, break_chance, break_level, calibrated, slope
from tertius.foresight.families import Predictive
from tertius.foresight.frequencies import Frequencies, frequencies
from tertius.foresight.known import SIGNS, Known, recurrent
from tertius.foresight.models import BASELINES, FREQUENCIES, OURS, Foretold, fitted, past_rows
from tertius.language import say

STRATA = (say("all"), say("recurrent"), say("novel"))
BLOCK = 3
WIDTH_OF = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """Our mean score less another's, with a 95 % interval by ``blocks`` blocks of time (NaN where there is one)."""

    to: str
    log_score: float
    low: float
    high: float
    crps: float
    crps_low: float
    crps_high: float
    blocks: int


@dataclass(frozen=True, slots=True)
class Score:
    """A model's scores of one sign, stratum and horizon over n forecasts. ``difference``: of our model to this one; of
    our own line, to the baseline with the best log score."""

    model: str
    outcome: str
    stratum: str
    horizon: int
    n: int
    log_score: float
    crps: float
    coverage_80: float
    coverage_95: float
    width_80: float
    width_95: float
    brier_breaks: float
    brier_base_rate: float
    calibration_slope: float
    difference: Difference | None


@dataclass(slots=True)
class _Sums:
    """What one model scored: an entry an origin, by stratum."""

    n: list[int]
    log_score: list[float]
    crps: list[float]
    inside: list[tuple[int, int]]
    width: list[tuple[float, float, int]]
    breaks: list[tuple[Floats, Bools]]

    @classmethod
    def none(cls) -> _Sums:
        return cls([], [], [], [], [], [])


def foretold(
    known: Known, sign: str, origin: int, horizon: int, days: float, counts: bool, names: Sequence[str],
    seed: int, start: dict[str, Foretold], levels: PastLevels | None = None,
) -> Iterator[tuple[str, Predictive | Frequencies, Calibration | None]]:  # fmt: skip
    """Forecasts by some models for the period ``horizon`` after the origin, and ours with the calibration of its
    breaks; ``start`` keeps fits to begin at, ``levels`` break levels of the same ``known``."""
    rows = past_rows(known, sign, origin, horizon, seed)
    for name in names:
        if name == FREQUENCIES:
            yield name, frequencies(known, sign, origin, horizon, days, counts), None
            continue
        start[name] = fitted(known, sign, rows, name, counts, start.get(name))
        past = levels or PastLevels(known, seed)
        breaks = calibrated(start[name], past, sign, origin, horizon) if name == OURS else None
        yield name, start[name].at(known, sign, origin, days), breaks


def backtest(
    as_of: Callable[[int], Known],
    truth: Known,
    targets: Sequence[int],
    horizons: Sequence[int],
    *,
    counts: bool,
    models: Sequence[str] = (OURS, *BASELINES),
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Score]:
    """Scores by sign, stratum, horizon and model.

    Parameters
    ----------
    as_of : from an origin to what was known then.
    truth : what came. targets : periods that are scored, those not observed left out.
    """
    found: list[Score] = []
    whole, done = len(horizons) * len(SIGNS) * len(targets), 0
    seen = [t for t in targets if truth.days[t] > 0]
    levels: PastLevels | None = None
    for horizon in horizons:
        for sign in SIGNS:
            sums = {(m, s): _Sums.none() for m in models for s in STRATA}
            start: dict[str, Foretold] = {}
            for target in seen:
                origin, days, y = target - horizon, float(truth.days[target]), truth.values[sign][target]
                known = as_of(origin)
                if levels is None or levels.known is not known:
                    levels = PastLevels(known, seed)
                level = break_level(known, sign, origin) * days
                again = recurrent(known.values[sign], known.days, origin)
                strata = dict(zip(STRATA, (np.ones(len(y), dtype=bool), again, ~again), strict=True))
                u = np.random.default_rng([seed, target, horizon]).random(len(y))
                made = foretold(known, sign, origin, horizon, days, counts, models, seed, start, levels)
                for name, forecast, breaks in made:
                    p = break_chance(forecast, level)
                    p = p if breaks is None else breaks.of(p, again)
                    _add(sums, name, forecast, p, y, u, level, strata)
                done += 1
                progress(done, whole)
            found += _scores(sums, sign, horizon, models)
    return found


def _add(
    sums: dict[tuple[str, str], _Sums], name: str, forecast: Predictive | Frequencies, p: Floats, y: Floats, u: Floats,
    level: Floats, strata: dict[str, Bools],
) -> None:  # fmt: skip
    log_score, crps, pit = forecast.log_density(y), forecast.crps(y), forecast.pit(y, u)
    came = y > level
    tenth = np.arange(0, len(y), WIDTH_OF)
    some = forecast.among(tenth)
    widths = [some.quantile(0.5 + c / 2) - some.quantile(0.5 - c / 2) for c in (0.8, 0.95)]
    for stratum, which in strata.items():
        into = sums[name, stratum]
        into.n.append(int(which.sum()))
        into.log_score.append(float(log_score[which].sum()))
        into.crps.append(float(crps[which].sum()))
        off = np.abs(pit[which] - 0.5)
        into.inside.append((int((off <= 0.4).sum()), int((off <= 0.475).sum())))
        part = which[tenth]
        into.width.append((float(widths[0][part].sum()), float(widths[1][part].sum()), int(part.sum())))
        into.breaks.append((p[which], came[which]))


def _scores(sums: dict[tuple[str, str], _Sums], sign: str, horizon: int, models: Sequence[str]) -> list[Score]:
    found = []
    for stratum in STRATA:
        ours = sums.get((OURS, stratum))
        others = [m for m in models if m != OURS]
        best = max(others, key=lambda m: sum(sums[m, stratum].log_score), default=None)
        for name in models:
            s = sums[name, stratum]
            n = sum(s.n)
            inside, width = np.sum(s.inside, axis=0) / max(n, 1), np.sum(s.width, axis=0)
            p, came = (np.concatenate(x) for x in zip(*s.breaks, strict=True))
            rate = float(came.mean()) if n else float("nan")
            other = best if name == OURS else name
            apart = None if ours is None or other is None else difference(ours, sums[other, stratum], other, horizon)
            nothing = float("nan")
            found.append(
                Score(
                    model=name,
                    outcome=sign,
                    stratum=stratum,
                    horizon=horizon,
                    n=n,
                    log_score=sum(s.log_score) / max(n, 1),
                    crps=sum(s.crps) / max(n, 1),
                    coverage_80=float(inside[0]),
                    coverage_95=float(inside[1]),
                    width_80=float(width[0] / max(width[2], 1)),
                    width_95=float(width[1] / max(width[2], 1)),
                    brier_breaks=float(((p - came) ** 2).mean()) if n else nothing,
                    brier_base_rate=rate * (1 - rate),
                    calibration_slope=slope(p, came) if n else nothing,
                    difference=apart,
                )
            )
    return found


def difference(ours: _Sums, other: _Sums, name: str, horizon: int) -> Difference:
    """Our mean scores less another's, with intervals by blocks of time."""
    n = np.array(ours.n, dtype=np.float64)
    found: list[tuple[float, float, float, int]] = []
    for a, b in ((ours.log_score, other.log_score), (ours.crps, other.crps)):
        found.append(by_blocks(np.array(a) - np.array(b), n, max(BLOCK, horizon)))
    (log_score, low, high, blocks), (crps, crps_low, crps_high, _) = found
    return Difference(name, log_score, low, high, crps, crps_low, crps_high, blocks)


def by_blocks(total: Floats, n: Floats, length: int) -> tuple[float, float, float, int]:
    """Mean, 95 % interval and number of blocks of sums (S,) over n (S,) forecasts in time order.

    Blocks are consecutive and of ``length`` periods; what is left over joins the last.

    >>> by_blocks(np.array([1.0, 1, 1, 1]), np.ones(4), 2)
    (1.0, 1.0, 1.0, 2)
    """
    number = max(1, len(total) // length)
    block = np.minimum(np.arange(len(total)) // length, number - 1)
    size = np.bincount(block, n, number)
    if not size.any():
        return float("nan"), float("nan"), float("nan"), number
    mean = float(total.sum() / max(n.sum(), 1.0))
    if number == 1:
        return mean, float("nan"), float("nan"), 1
    means = np.bincount(block, total, number) / np.maximum(size, 1.0)
    share = size / size.sum()
    error = float(np.sqrt(number / (number - 1) * (share**2 * (means - mean) ** 2).sum()))
    reach = float(stdtrit(number - 1, 0.975)) * error
    return mean, mean - reach, mean + reach, number

"""Was there a rise to explain? The outcome of a pair, or of many, per observed day in a window against a reference.

Slices are of unequal exposure: months differ in length, and days are missing. So a rate is the outcome of some slices
over the days observed in them, and the ratio is that of two such rates. The interval is a percentile interval of the
moving-block bootstrap over slices with their days, reference and window apart, with blocks of n^(1/3) slices (Kuensch
1989, doi:10.1214/aos/1176347265): events cluster in time, and a Poisson interval would be too short. A reference
without any outcome has no ratio.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, isfinite

import numpy as np

from tertius.answers.spans import SlicedSpans
from tertius.events.slices import Floats
from tertius.serial import difference, lasting

FEWEST_FOR_VOLATILITY = 4
"""Slices of a span from which on its volatility is estimated."""
LONGEST = 700.0
"""Logarithm of the largest factor that an interval is widened by."""
DRAWS = 2000
PAIRS_AT_ONCE = 2000
"""Pairs whose draws are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Rise:
    """Outcome per observed day, in the unit of the response, and the ratio window / reference with 95 % interval.

    ``reference`` and ``window`` are the first and last day of the slices compared, ``*_rate`` the outcome per observed
    day, ``*_observed`` the number of observed days; ``left_out`` slices of the two spans, less than half of whose days
    were observed, are in neither. ``share_ratio`` compares the pair's share of all outcome instead:
    free of how much the media report at all. ``error`` is the standard error of log(ratio).
    """

    reference: tuple[str, str]
    window: tuple[str, str]
    reference_rate: float
    window_rate: float
    reference_observed: float
    window_observed: float
    ratio: float
    low: float
    high: float
    share_ratio: float
    left_out: int = 0
    error: float = float("nan")

    @property
    def shown(self) -> bool | None:
        """True where the interval lies above 1, False where it reaches 1 or below, None where there is none."""
        return None if np.isnan(self.low) else bool(self.low > 1)


@dataclass(frozen=True, slots=True)
class Rises:
    """The same for P pairs at once, each (P,).

    ``error`` is the standard error of log(ratio): the bootstrap's errors of the two rates, relative to the rates, as
    the delta method adds them. NaN, as the ratio and its interval, without outcome in the reference or in the window.
    """

    reference_rate: Floats
    window_rate: Floats
    ratio: Floats
    low: Floats
    high: Floats
    error: Floats
    share_ratio: Floats


def rise(pair: Floats, everyone: Floats, exposure: Floats, spans: SlicedSpans, seed: int) -> Rise:
    """Compare a pair's outcome in two sets of slices.

    Parameters
    ----------
    pair, everyone : (S,) outcome of the pair, and of all pairs, by slice.
    exposure : (S,) days observed in each slice.
    spans : the slices of either; those to be left out are not in its masks.
    seed : of the bootstrap.

    Examples
    --------
    Half of the window's days are missing, and nothing rose:

    >>> both = SlicedSpans(np.arange(4) >= 2, np.arange(4) < 2, ("c", "d"), ("a", "b"))
    >>> found = rise(np.array([6.0, 6, 3, 3]), np.ones(4), np.array([30.0, 30, 15, 15]), both, seed=1)
    >>> found.ratio, found.reference_rate, found.window_observed
    (1.0, 0.2, 30.0)
    """
    found = rises(pair[:, None], everyone, exposure, spans, seed)
    return Rise(
        reference=spans.reference_days,
        window=spans.window_days,
        reference_rate=float(found.reference_rate[0]),
        window_rate=float(found.window_rate[0]),
        reference_observed=float(exposure[spans.reference].sum()),
        window_observed=float(exposure[spans.window].sum()),
        ratio=float(found.ratio[0]),
        low=float(found.low[0]),
        high=float(found.high[0]),
        share_ratio=float(found.share_ratio[0]),
        error=float(found.error[0]),
    )


def rise_of_share(pair: Floats, everyone: Floats, spans: SlicedSpans, seed: int) -> Rise:
    """The same for the pair's share: its outcome for each unit of what was recorded between all other pairs.

    Other pairs stand where observed days stand in :func:`rise`: less coverage of all leaves the ratio as it is.

    >>> both = SlicedSpans(np.arange(4) >= 2, np.arange(4) < 2, ("c", "d"), ("a", "b"))
    >>> rise_of_share(np.array([6.0, 6, 3, 3]), np.array([106.0, 106, 53, 53]), both, seed=1).ratio
    1.0
    """
    return rise(pair, everyone, everyone - pair, spans, seed)


def widened(found: Rise, pair: Floats, everyone: Floats, spans: SlicedSpans, beside: Floats) -> Rise:
    """The change with an interval that is at least as wide as the pair's own volatility makes it.

    The bootstrap's blocks are short, and what wanders from slice to slice for no reason looks like a change between two
    spans too often. So: deviations of the pair (S,) from its rate for each unit of all others in either span, with an
    autocorrelation drawn towards that of other pairs, ``beside`` (S, K), itself left out (:mod:`tertius.serial`). The
    wider of the two intervals is given. ``scripts/planted_claims.py`` shows what it is for, ``scripts/trend_ideas.py``
    what else was tried.

    >>> both = SlicedSpans(np.arange(8) >= 4, np.arange(8) < 4, ("c", "d"), ("a", "b"))
    >>> y = np.array([1.0, 2, 3, 2, 4, 6, 5, 3])
    >>> narrow = rise(y, np.ones(8), np.ones(8), both, seed=1)
    >>> wide = widened(narrow, y, np.ones(8) + y, both, np.empty((8, 0)))
    >>> wide.ratio == narrow.ratio, wide.low < narrow.low, wide.high > narrow.high
    (True, True, True)
    """
    rests = _rests(pair, everyone, spans)
    if not isfinite(found.low) or min(map(len, rests)) < FEWEST_FOR_VOLATILITY:
        return found
    others = [_rests(other, everyone, spans) for other in beside.T if not np.array_equal(other, pair)]
    rho = lasting(rests, [other for other in others if all(map(len, other))])
    error, half = difference([float(u @ u) / (len(u) - 1) / len(u) for u in rests], [len(u) for u in rests], rho)
    if not isfinite(half):
        return found
    factor = exp(min(half, LONGEST))
    low, high = min(found.low, found.ratio / factor), max(found.high, found.ratio * factor)
    return replace(found, low=low, high=high, error=max(found.error, error))


def _rests(pair: Floats, everyone: Floats, spans: SlicedSpans) -> list[Floats]:
    return [_rest(pair[m], (everyone - pair)[m]) for m in (spans.reference, spans.window)]


def _rest(pair: Floats, others: Floats) -> Floats:
    """Residuals of a span's outcomes around its rate, as shares of their mean; empty where there is nothing."""
    if not (pair.sum() > 0 and others.sum() > 0):
        return np.zeros(0)
    return np.asarray((pair - pair.sum() / others.sum() * others) / pair.mean())


def rises(pairs: Floats, everyone: Floats, exposure: Floats, spans: SlicedSpans, seed: int) -> Rises:
    """Compare the outcomes ``pairs`` (S, P) of many pairs, all with the same draws; parameters as for :func:`rise`."""
    rng = np.random.default_rng(seed)
    masks = spans.reference, spans.window
    before, after = (_Rates.of(pairs[m], exposure[m]) for m in masks)
    share0, share1 = (_over(pairs[m].sum(axis=0), everyone[m].sum()) for m in masks)
    after_draws, before_draws = (_block_draws(int(m.sum()), rng) for m in reversed(masks))
    enough = (before.rate > 0) & (spans.reference.sum() > 1) & (spans.window.sum() > 1)
    low, high, error = (np.full(pairs.shape[1], np.nan) for _ in range(3))
    for begin in range(0, pairs.shape[1], PAIRS_AT_ONCE):
        some = np.arange(begin, min(begin + PAIRS_AT_ONCE, pairs.shape[1]))
        some = some[enough[some]]
        if not len(some):
            continue
        above, below = after.draws(after_draws, some), before.draws(before_draws, some)
        with np.errstate(divide="ignore", invalid="ignore"):
            low[some], high[some] = _interval(above / below)
            relative = above.std(axis=0) / after.rate[some], below.std(axis=0) / before.rate[some]
            error[some] = np.where(after.rate[some] > 0, np.hypot(*relative), np.nan)
    return Rises(before.rate, after.rate, _over(after.rate, before.rate), low, high, error, _over(share1, share0))


@dataclass(frozen=True, slots=True)
class _Rates:
    """(n, P) outcomes and (n,) observed days of the slices of one span, and the rates (P,) per observed day."""

    outcome: Floats
    days: Floats
    rate: Floats

    @classmethod
    def of(cls, outcome: Floats, days: Floats) -> _Rates:
        return cls(outcome, days, _over(outcome.sum(axis=0), days.sum()))

    def draws(self, weights: Floats, pairs: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        """(:data:`DRAWS`, P) rates of some pairs, of slices drawn ``weights`` (DRAWS, n) times."""
        return np.asarray(weights @ self.outcome[:, pairs] / (weights @ self.days)[:, None])


def block_length(n: int) -> int:
    """Slices in a block of the bootstrap over n slices."""
    nearest: int = round(n ** (1 / 3))
    return max(1, nearest)


def _block_draws(n: int, rng: np.random.Generator) -> Floats:
    """(:data:`DRAWS`, n) how often the moving-block bootstrap draws each of n slices."""
    if n == 0:
        return np.zeros((DRAWS, 0))
    block = block_length(n)
    starts = rng.integers(0, n, size=(DRAWS, -(-n // block)))
    index = ((starts[:, :, None] + np.arange(block)) % n).reshape(DRAWS, -1)[:, :n]
    flat = (np.arange(DRAWS)[:, None] * n + index).ravel()
    return np.bincount(flat, minlength=DRAWS * n).reshape(DRAWS, n).astype(np.float64)


def _interval(ratios: Floats) -> tuple[Floats, Floats]:
    """2.5 % and 97.5 % quantiles of each column; NaN where half of its draws or more have no ratio."""
    missing = np.isnan(ratios)
    if not missing.any():
        low, high = np.quantile(ratios, [0.025, 0.975], axis=0, method="nearest")
        return low, high
    low, high = (np.full(ratios.shape[1], np.nan) for _ in range(2))
    for p in np.flatnonzero((~missing).sum(axis=0) > DRAWS // 2):
        low[p], high[p] = np.quantile(ratios[~missing[:, p], p], [0.025, 0.975], method="nearest")
    return low, high


def _over(above: Floats, below: Floats) -> Floats:
    """above / below, NaN where there is nothing below."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64))
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0))

"""One kind of flow against another: does what b gives follow what a gives, or go before it?

Two series by period, a to b of some types and b to a of others, in log(1 + x / c) with c the mean of x, each less its
own trend (a cubic: the logarithm bends a straight one) and its own first-order autocorrelation (prewhitened: Haugh
1976, doi:10.1080/01621459.1976.10480353; two drifting series correlate by drift alone: Granger & Newbold 1974,
doi:10.1016/0304-4076(74)90034-7). The correlation at lag l, -L to L, is that of the first with the second l periods
later. Deviations are divided by their own straight line over time: where both flows are noisier in one half of the
span, that half alone would decide. The statistic is the largest over all lags.

**Against circular shifts within the pair**: one series is turned against the other by every number of periods that
the lags do not reach; a turn keeps both series' own rhythm and breaks what ties them. The correlations of the turns
give the mean and the deviation of chance (at least 0 and T^-1/2, those of white noise: a trend taken off lowers both
for far turns), p is that of the largest of 2 L + 1 normal ones (Sidak 1967,
doi:10.1080/01621459.1967.10482935): looking at all lags is paid for. Ranks among the turns would not do: of windows of
lags there are no more than T / (2 L + 1) that do not overlap. **Against all pairs**: the share of directed pairs with
enough of both flows whose statistic is as large; an exchange that everybody shows (summits, reporting) is none of
these two. Where both flows are of the same kind, a pair the other way round is the same pair: each counts once.

The interval is Fisher's, of the correlation at the lag found. What it does not do: say that one is given for the
other. A lag of either sign is the order of records, not of promises.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from tertius.answers.verdict import LEANING, NO_EFFECT, TOO_THIN
from tertius.events.slices import Bools, Floats, Ints
from tertius.model.coefficients import Z_95

SUPPORTED = "supported"
FEWEST_PERIODS = 36
FEWEST_ACTIVE = 8
"""Periods in which a flow has to occur."""
LEVEL = 0.05
TREND = 3
"""Degree of the trend."""
CALMEST = 0.25
"""Share of the mean deviation below which none is taken to be."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What is found of a pair.

    Attributes
    ----------
    lags : (2 L + 1,) periods by which the second flow comes later.
    correlation, low, high : (2 L + 1,) with 95 % interval (of each lag alone).
    lag : where the correlation is largest.
    statistic : the correlation there.
    p : against circular shifts; NaN where the data are too thin.
    p_pairs : against all pairs; NaN where no other has enough of both flows.
    n : periods.
    n_pairs : other pairs with enough of both flows: directed ones, and where the flows are of one kind each pair once.
    as_large : those of them whose statistic is as large.
    active : periods in which each flow occurs.
    """

    lags: Ints
    correlation: Floats
    low: Floats
    high: Floats
    lag: int
    statistic: float
    p: float
    p_pairs: float
    n: int
    n_pairs: int
    as_large: int
    active: tuple[int, int]

    @property
    def verdict(self) -> str:
        """In the words of the scale."""
        if np.isnan(self.p):
            return TOO_THIN
        if self.p >= LEVEL:
            return NO_EFFECT
        return SUPPORTED if np.isnan(self.p_pairs) or self.p_pairs < LEVEL else LEANING


def exchange(given: Floats, returned: Floats, at: tuple[int, int], observed: Bools, longest: int) -> Exchanged:
    """The flows of all directed pairs, and what is found of one.

    Parameters
    ----------
    given, returned : (S, N, N) weights of i to j: the first flow goes from a to b, the second from b to a.
    at : a, b. observed : (S,) others are left out. longest : L.
    """
    a, b = at
    x, y = given[observed][:, a, b], returned[observed][:, b, a]
    T, lags = len(x), np.arange(-longest, longest + 1)
    active = int((x > 0).sum()), int((y > 0).sum())
    nothing = np.full(len(lags), np.nan)
    if not enough(x, y):
        return Exchanged(lags, nothing, nothing, nothing, 0, np.nan, np.nan, np.nan, T, 0, 0, active)
    one, other = whitened(x), whitened(y)
    found = correlations(one, other, longest)
    k = int(np.argmax(found))
    statistic = float(found[k])
    half = Z_95 / np.sqrt(np.maximum(T - np.abs(lags) - 3.0, 1.0))
    centre = np.arctanh(np.clip(found, -0.999999, 0.999999))
    turned = correlations_of_turns(one, other)[longest + 1 : len(one) - longest]
    z = (statistic - max(float(turned.mean()), 0.0)) / max(float(turned.std(ddof=1)), len(one) ** -0.5)
    p = float(-np.expm1(len(lags) * log_ndtr(z)))
    others = _others(given[observed], returned[observed], at, longest)
    as_large = int((others >= statistic).sum())
    p_pairs = (1.0 + as_large) / (1.0 + len(others)) if len(others) else np.nan
    return Exchanged(
        lags, found, np.tanh(centre - half), np.tanh(centre + half), int(lags[k]), statistic, p, float(p_pairs), T,
        len(others), as_large, active,
    )  # fmt: skip


def enough(x: Floats, y: Floats) -> bool:
    """Whether both flows occur often enough, over long enough."""
    return len(x) >= FEWEST_PERIODS and min((x > 0).sum(), (y > 0).sum()) >= FEWEST_ACTIVE


def whitened(x: Floats) -> Floats:
    """log(1 + x / mean) less its trend and its first-order autocorrelation, over its size at the time; (T - 1,).

    >>> whitened(np.arange(50.0) * 0 + 3).any()
    np.False_
    """
    z = np.log1p(x / x.mean()) if x.mean() > 0 else np.zeros(len(x))
    trend = np.linalg.qr(np.linspace(-1.0, 1.0, len(z))[:, None] ** np.arange(TREND + 1))[0]
    z = z - trend @ (trend.T @ z)
    before, now = z[:-1], z[1:]
    scale = before @ before
    e = now - before * (now @ before) / scale if scale > 1e-12 else np.zeros(len(now))
    size = np.linalg.lstsq(trend[1:, :2], np.abs(e), rcond=None)[0]
    spread = trend[1:, :2] @ size
    e = e / np.maximum(spread, CALMEST * max(float(spread.mean()), 1e-12))
    e = e - e.mean()
    sd = e.std()
    return np.asarray(e / sd) if sd > 1e-9 else np.zeros(len(e))


def correlations(one: Floats, other: Floats, longest: int) -> Floats:
    """(2 L + 1,) correlation of ``one`` with ``other`` l periods later, l from -L to L."""
    T = len(one)
    found = np.empty(2 * longest + 1)
    for k, lag in enumerate(range(-longest, longest + 1)):
        first, second = (one[: T - lag], other[lag:]) if lag >= 0 else (one[-lag:], other[: T + lag])
        found[k] = first @ second / T
    return found


def correlations_of_turns(one: Floats, other: Floats) -> Floats:
    """(T,) correlation of ``one`` with ``other`` turned by 0, 1, ..., T - 1 periods."""
    return np.array([one @ np.roll(other, -s) for s in range(len(one))]) / len(one)


def _others(given: Floats, returned: Floats, at: tuple[int, int], longest: int) -> Floats:
    """The statistic of every other pair with enough of both flows: directed ones, or each once where both flows are
    the same, which the other way round has the same statistic."""
    n = given.shape[1]
    same = np.array_equal(given, returned)
    left_out = {at, at[::-1]} if same else {at}
    found = []
    for i in range(n):
        for j in range(i + 1 if same else 0, n):
            if i == j or (i, j) in left_out:
                continue
            x, y = given[:, i, j], returned[:, j, i]
            if enough(x, y):
                found.append(float(correlations(whitened(x), whitened(y), longest).max()))
    return np.array(found)

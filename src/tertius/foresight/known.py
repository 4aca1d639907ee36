"""What is known at the end of a period, as columns from which later periods are foretold.

For every pair and sign: rates per observed day, as exponentially weighted means over periods t up to T,
sum 2^(-(T - t) / h) y_t / sum 2^(-(T - t) / h) d_t, d_t the observed days of period t, for several half-lives h. A
period that was not observed has neither y nor d. Beside the pair's own rates stand median and maximum of the last 12,
how often it acted and how long ago, the other sign, the other direction (directed data), how active both ends are,
sums over third parties (two-paths, as in :mod:`tertius.effects`), the same season a year earlier, and the pair's mean
shrunk towards what the activity of its ends alone would give: (k e + sum y) / (k + sum d), e = a_i a_j / sum a, with
k days of prior (empirical Bayes with a gamma prior; k by the method of moments over pairs).

Rates enter as log(1 + x / c), c a unit: the median positive value of the column over periods up to ``units``, which is
no later than the first origin that forecasts. The shrunk mean, which is hardly ever nothing, enters as log(e + x / c)
with e of :data:`LEAST`: a pair's expectation is in proportion to its level, small levels too. Columns of period T rest
on periods up to T alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.language import say

Single = NDArray[np.float32]

SIGNS = (say("cooperation"), say("hostility"))
LIVES = {"last": 0.0, "1": 1.0, "3": 3.0, "8": 8.0, "ever": np.inf}
"""Half-lives in periods; 0 leaves the last observed period alone."""
OWN = tuple(say("own rate, {name}", name=name) for name in LIVES)
YEAR = (say("own rate, median of 12"), say("own rate, largest of 12"))
OFTEN = (say("how often, 6"), say("how often, ever"), say("periods since"))
OTHER = (say("other sign, last"), say("other sign, 3"), say("other sign, ever"))
SEASON = say("same season last year")
SHRUNK = say("own mean, shrunk")
ENDS = (
    say("activity of both"),
    say("activity, difference"),
    say("other activity of both"),
    say("other activity, difference"),
)
THIRD = (say("friend of a friend"), say("common foe"), say("friend of a foe"))
REVERSE = ("reverse, 3", say("reverse, ever"), say("reverse of other sign, 3"))
PLAIN = frozenset({say("how often, 6"), say("how often, ever")})
GROUPS = {
    say("inertia"): (*OWN, *YEAR, *OFTEN, SEASON, SHRUNK),
    say("the other sign"): OTHER,
    say("reciprocity"): REVERSE,
    say("activity of the ends"): ENDS,
    say("third parties"): THIRD,
}
"""Terms by what they say, for who asks what moved an expectation."""
LONG_AGO = 60.0
LEAST = 0.01
"""Share of a unit below which levels are told apart less and less."""


@dataclass(frozen=True, slots=True)
class Known:
    """Columns and outcomes of D pairs over T periods.

    Attributes
    ----------
    i, j : (D,) ends of every pair.
    values : by sign (T, D) outcome of each period.
    days : (T,) observed days; 0 where the period was not observed.
    first : first period with columns.
    names : K columns.
    columns : by sign (T - first, D, K).
    """

    i: Ints
    j: Ints
    values: dict[str, Floats]
    days: Floats
    first: int
    names: tuple[str, ...]
    columns: dict[str, Single]

    def at(self, sign: str, period: int) -> Single:
        """(D, K) what is known at the end of a period."""
        return np.asarray(self.columns[sign][period - self.first])

    def places(self, names: tuple[str, ...]) -> list[int]:
        """Where some columns lie; those that the data do not have are left out."""
        return [self.names.index(name) for name in names if name in self.names]


def outcomes(slices: DyadSlices, response: str) -> tuple[Ints, Ints, dict[str, Floats], Floats]:
    """Ends (D,), (D,), outcomes by sign (T, D) and observed days (T,) of pairs at risk.

    Halves of mirrored codings count up: an event that is coded both ways counts once each way.
    """
    flat, n = slices.at_risk(), slices.n_actors
    place = np.full(n * n, -1)
    place[flat] = np.arange(len(flat))
    period = np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))
    found = {}
    for sign in SIGNS:
        Y = np.zeros((slices.n_slices, len(flat)))
        y = slices.outcome(sign, response)
        Y[period, place[slices.dyad]] = np.ceil(y - 1e-9) if response == "count" else y
        found[sign] = Y
    days = np.where(slices.observed, slices.exposure, 0.0)
    return flat // n, flat % n, found, days


def prior_days(total: Floats, days: float, expected: Floats) -> float:
    """k, days that the prior counts for, from sums (D,), their days and the prior means (D,) a day.

    Under a gamma prior with mean e and variance e^2 / (k e) the sums have variance V = d e s (1 + d / k), s the
    variance of a unit over its mean; s / (1 / d + 1 / k) is taken from the squares, and k held within one day and all
    days.

    >>> prior_days(np.array([10.0, 0.0, 5.0, 5.0]), 10.0, np.full(4, 0.5)) > 1
    True
    """
    mean = days * expected
    some = mean > 0
    if not some.any():
        return days
    excess = float((((total - mean)[some] ** 2) - mean[some]).sum() / (mean[some] * days).sum())
    return float(np.clip(1 / excess, 1.0, days)) if excess > 0 else days


def known(
    i: Ints, j: Ints, values: dict[str, Floats], days: Floats, *, directed: bool, first: int, year: int, units: int,
) -> Known:  # fmt: skip
    """Columns of the periods from ``first`` on.

    Parameters
    ----------
    i, j : (D,) ends. values : by sign (T, D). days : (T,) observed days. year : periods in a year.
    units : the last period from which units are taken, ``first`` or later; a forecast from an origin before it would
        know a little of what came.
    """
    T, D = values[SIGNS[0]].shape
    names = (*OWN, *YEAR, *OFTEN, *OTHER, SEASON, SHRUNK, *ENDS, *THIRD, *(REVERSE if directed else ()))
    columns = {s: np.zeros((T - first, D, len(names)), dtype=np.float32) for s in SIGNS}
    n = int(max(i.max(), j.max())) + 1
    back = _reverse(i, j, n) if directed else None
    decay = np.array([0.0 if h == 0 else 2.0 ** (-1 / h) for h in LIVES.values()])
    num, den = {s: np.zeros((len(decay), D)) for s in SIGNS}, np.zeros(len(decay))
    often, of = {s: np.zeros((2, D)) for s in SIGNS}, np.zeros(2)
    since = {s: np.full(D, LONG_AGO) for s in SIGNS}
    for t in range(T):
        passed = np.where(
            (decay > 0) | (days[t] > 0), decay, 1.0
        )  # time passes unobserved too; the last stays the last
        den = den * passed + days[t]
        for s in SIGNS:
            num[s] = num[s] * passed[:, None] + (values[s][t] if days[t] > 0 else 0.0)
        if days[t] > 0:
            fade = np.array([2.0 ** (-1 / 6), 1.0])
            of = of * fade + 1
            for s in SIGNS:
                acted = values[s][t] > 0
                often[s] = often[s] * fade[:, None] + acted
                since[s] = np.where(acted, 0.0, since[s] + 1)
        if t < first:
            continue
        rate = {s: num[s] / np.maximum(den, 1e-9)[:, None] for s in SIGNS}
        middle = {s: _matrix(rate[s][3], i, j, n, directed) for s in SIGNS}
        for s, o in (SIGNS, SIGNS[::-1]):
            past = t - year + 1
            season = values[s][past] / days[past] if past >= 0 and days[past] > 0 else rate[s][-1]
            raw = [
                *rate[s],
                *_year(values[s], days, t),
                *(often[s] / np.maximum(of, 1e-9)[:, None]),
                since[s],
                *rate[o][[0, 2, 4]],
                season,
            ]
            raw.append(_shrunk(num[s][-1], float(den[-1]), rate[s][-1], i, j, n, directed))
            raw += [*_ends(middle[s], i, j, directed), *_ends(middle[o], i, j, directed)]
            raw += _third(middle[s], middle[o], i, j, directed)
            raw += [rate[s][2][back], rate[s][4][back], rate[o][2][back]] if back is not None else []
            columns[s][t - first] = np.array(raw, dtype=np.float32).T
    for s in SIGNS:
        _to_logs(columns[s], names, units - first + 1)
    return Known(i, j, values, days, first, names, columns)


def _year(values: Floats, days: Floats, t: int) -> list[Floats]:
    """Median and largest rate of the last 12 observed periods: what one loud period moves not at all, or alone."""
    seen = np.flatnonzero(days[: t + 1] > 0)[-12:]
    if not len(seen):
        return [np.zeros(values.shape[1])] * 2
    rates = np.ascontiguousarray((values[seen] / days[seen][:, None]).T)
    return [np.median(rates, axis=1), rates.max(1)]


def _reverse(i: Ints, j: Ints, n: int) -> Ints:
    place = np.zeros(n * n, dtype=np.int64)
    place[i * n + j] = np.arange(len(i))
    return np.asarray(place[j * n + i])


def _matrix(x: Floats, i: Ints, j: Ints, n: int, directed: bool) -> Floats:
    M = np.zeros((n, n))
    M[i, j] = x
    return M if directed else M + M.T


def _shrunk(total: Floats, days: float, rate: Floats, i: Ints, j: Ints, n: int, directed: bool) -> Floats:
    if days <= 0:
        return np.zeros_like(total)
    M = _matrix(rate, i, j, n, directed)
    expected = M.sum(1)[i] * M.sum(0)[j] / max(float(M.sum()), 1e-300)
    unit = max(float(np.median(total[total > 0])) if (total > 0).any() else 1.0, 1e-300)
    k = prior_days(total / unit, days, expected / unit)
    return np.asarray((k * expected + total) / (k + days))


def _ends(M: Floats, i: Ints, j: Ints, directed: bool) -> list[Floats]:
    """What the ends do in all; made a sum and a difference once they are logs."""
    return [M.sum(1)[i], M.sum(0)[j]]


def _third(A: Floats, B: Floats, i: Ints, j: Ints, directed: bool) -> list[Floats]:
    a, b = (np.sqrt(M + M.T if directed else M) for M in (A, B))
    mixed = a @ b
    return [(a @ a)[i, j], (b @ b)[i, j], (mixed + mixed.T)[i, j]]


def _to_logs(columns: Single, names: tuple[str, ...], units: int) -> None:
    """Columns (T, D, K) in place: log(1 + x / c), c of the first ``units`` periods; both ends' logs as sum and absolute
    difference."""
    unit, plain = np.ones(len(names), dtype=np.float32), [names.index(name) for name in names if name in PLAIN]
    for k, name in enumerate(names):
        if name in PLAIN or name == "periods since":
            continue
        x = columns[:units, :, k]
        some = x[x > 0]
        unit[k] = float(np.median(some[:: max(1, len(some) // 200_000)])) if len(some) else 1.0
    level = names.index(SHRUNK)
    for period in columns:
        kept = period[:, plain].copy()
        period /= unit
        shrunk = np.log(period[:, level] + LEAST)
        np.log1p(period, out=period)
        period[:, plain], period[:, level] = kept, shrunk
    for k in range(0, len(ENDS), 2):
        one, two = names.index(ENDS[k]), names.index(ENDS[k + 1])
        first, second = columns[:, :, one].copy(), columns[:, :, two].copy()
        columns[:, :, one], columns[:, :, two] = first + second, np.abs(first - second)


def recurrent(values: Floats, days: Floats, origin: int, within: int = 12) -> Bools:
    """(D,) pairs whose outcome occurred in the ``within`` periods up to the origin; the others are novel."""
    low = max(0, origin + 1 - within)
    return np.asarray((values[low : origin + 1][days[low : origin + 1] > 0] > 0).any(0))

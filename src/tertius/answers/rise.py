"""Was there a rise to explain? The pair's outcome per observed day in a window against a reference period.

Slices are of unequal exposure: months differ in length, and days are missing. So a rate is the outcome of some slices
over the days observed in them, and the ratio is that of two such rates. The interval is a percentile interval of the
moving-block bootstrap over slices with their days, reference and window apart, with blocks of n^(1/3) slices (Kuensch
1989, doi:10.1214/aos/1176347265): events cluster in time, and a Poisson interval would be too short. A reference
without any outcome has no ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.answers.spans import SlicedSpans
from tertius.events.slices import Floats

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Rise:
    """Outcome per observed day, in the unit of the response, and the ratio window / reference with 95 % interval.

    ``reference`` and ``window`` are the first and last day of the slices compared, ``*_rate`` the outcome per observed
    day, ``*_observed`` the number of observed days. ``share_ratio`` compares the pair's share of all outcome instead:
    free of how much the media report at all.
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

    @property
    def shown(self) -> bool | None:
        """True where the interval lies above 1, False where it reaches 1 or below, None where there is none."""
        return None if np.isnan(self.low) else bool(self.low > 1)


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
    rng = np.random.default_rng(seed)
    before, after = (_Slices(pair[m], exposure[m]) for m in (spans.reference, spans.window))
    share0, share1 = (_ratio(pair[m].sum(), everyone[m].sum()) for m in (spans.reference, spans.window))
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = after.block_rates(rng) / before.block_rates(rng)
    draws = draws[~np.isnan(draws)]
    enough = before.rate > 0 and len(before.outcome) > 1 and len(after.outcome) > 1 and len(draws) > DRAWS // 2
    low, high = np.quantile(draws, [0.025, 0.975], method="nearest") if enough else (np.nan, np.nan)
    return Rise(
        reference=spans.reference_days,
        window=spans.window_days,
        reference_rate=before.rate,
        window_rate=after.rate,
        reference_observed=float(before.days.sum()),
        window_observed=float(after.days.sum()),
        ratio=_ratio(after.rate, before.rate),
        low=float(low),
        high=float(high),
        share_ratio=_ratio(share1, share0),
    )


@dataclass(frozen=True, slots=True)
class _Slices:
    """(n,) outcome and observed days of the slices of one span."""

    outcome: Floats
    days: Floats

    @property
    def rate(self) -> float:
        """Outcome per observed day; NaN without any."""
        days = float(self.days.sum())
        return float(self.outcome.sum()) / days if days > 0 else float("nan")

    def block_rates(self, rng: np.random.Generator) -> Floats:
        """(:data:`DRAWS`,) rates of the moving-block bootstrap."""
        n = len(self.outcome)
        if n == 0:
            return np.full(DRAWS, np.nan)
        block = max(1, round(n ** (1 / 3)))
        starts = rng.integers(0, n, size=(DRAWS, -(-n // block)))
        index = ((starts[:, :, None] + np.arange(block)) % n).reshape(DRAWS, -1)[:, :n]
        return np.asarray(self.outcome[index].sum(axis=1) / self.days[index].sum(axis=1))


def _ratio(a: float, b: float) -> float:
    return float(a / b) if b > 0 else float("nan")

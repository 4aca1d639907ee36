"""Was there a rise to explain? The pair's outcome per slice in a window against a reference period.

The interval is a percentile interval of the moving-block bootstrap over slices, reference and window apart, with
blocks of n^(1/3) slices (Kuensch 1989, doi:10.1214/aos/1176347265): events cluster in time, and a Poisson interval
would be too short. A reference without any outcome has no ratio.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Bools, Floats

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Rise:
    """Outcome per observed slice, in the unit of the response, and the ratio window / reference with 95 % interval.

    ``share_ratio`` compares the pair's share of all outcome instead: free of how much the media report at all.
    """

    reference: tuple[str, str]
    window: tuple[str, str]
    reference_rate: float
    window_rate: float
    ratio: float
    low: float
    high: float
    share_ratio: float

    @property
    def shown(self) -> bool | None:
        """True where the interval lies above 1, False where it reaches 1 or below, None where there is none."""
        return None if np.isnan(self.low) else bool(self.low > 1)


def rise(
    pair: Floats,
    everyone: Floats,
    reference: Bools,
    window: Bools,
    reference_days: tuple[str, str],
    window_days: tuple[str, str],
    seed: int,
) -> Rise:
    """Compare a pair's outcome in two sets of slices.

    Parameters
    ----------
    pair, everyone : (S,) outcome of the pair, and of all pairs, by slice.
    reference, window : (S,) the observed slices of each.
    seed : of the bootstrap.
    """
    before, after = pair[reference], pair[window]
    r0, r1 = _mean(before), _mean(after)
    share0, share1 = (_ratio(pair[m].sum(), everyone[m].sum()) for m in (reference, window))
    rng = np.random.default_rng(seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = _block_means(after, rng) / _block_means(before, rng)
    draws = draws[~np.isnan(draws)]
    enough = r0 > 0 and len(before) > 1 and len(after) > 1 and len(draws) > DRAWS // 2
    low, high = np.quantile(draws, [0.025, 0.975], method="nearest") if enough else (np.nan, np.nan)
    return Rise(
        reference=reference_days,
        window=window_days,
        reference_rate=r0,
        window_rate=r1,
        ratio=_ratio(r1, r0),
        low=float(low),
        high=float(high),
        share_ratio=_ratio(share1, share0),
    )


def _block_means(values: Floats, rng: np.random.Generator) -> Floats:
    n = len(values)
    if n == 0:
        return np.full(DRAWS, np.nan)
    block = max(1, round(n ** (1 / 3)))
    starts = rng.integers(0, n, size=(DRAWS, -(-n // block)))
    index = (starts[:, :, None] + np.arange(block)) % n
    return np.asarray(values[index.reshape(DRAWS, -1)[:, :n]].mean(axis=1))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _ratio(a: float, b: float) -> float:
    return float(a / b) if b > 0 else float("nan")

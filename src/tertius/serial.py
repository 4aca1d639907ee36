"""What wanders: two spans of a short series, whose neighbours are alike, compared.

A mean of n values whose first autocorrelation is rho varies (1 + rho) / (1 - rho) times as much as one of n independent
values, and an estimate of their variance has (1 - rho^2) / (1 + rho^2) of its degrees of freedom (Bayley & Hammersley
1946, doi:10.2307/2983560). A few dozen values say little of rho, and where chance makes it large, an interval reaches
without end. So it is drawn towards the mean of other series of the same kind, the more so the less these differ beyond
what chance explains (empirical Bayes: the variance by chance is (1 - rho^2) / values), is rid of its bias in short
series (Kendall 1954, doi:10.1093/biomet/41.3-4.403: too small by (1 + 3 rho) / n), and is never below 0.

Used for trends (:func:`tertius.answers.rise.widened`) and effective partners (:mod:`tertius.signed.isolation`);
``scripts/trend_ideas.py`` and ``scripts/isolation_planted.py`` show what it is for. What it assumes: neighbours alike
at one rate (a first-order autoregression), in both spans.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tertius.events.slices import Floats

LARGEST_RHO = 0.9
TAIL = 0.975
"""Of Student's t, for intervals of 95 %."""

Spans = Sequence[Floats]
"""The deviations of a series from the mean of either span."""


def autocorrelation(spans: Spans) -> float:
    """First autocorrelation within spans, as found; NaN where nothing varies."""
    squares = sum(float(u @ u) for u in spans)
    return sum(float(u[1:] @ u[:-1]) for u in spans) / squares if squares > 0 else float("nan")


def lasting(own: Spans, others: Sequence[Spans]) -> float:
    """Autocorrelation of ``own``, from 0 to :data:`LARGEST_RHO`: drawn towards that of ``others``, and unbiased.

    >>> slow = [np.array([1.0, 1, 1, 1, -1, -1, -1, -1])] * 2
    >>> quick = [np.array([1.0, -1, 1, -1, 1, -1, 1, -1])] * 2
    >>> lasting(slow, []), lasting(quick, []), lasting(slow, [slow] * 9)
    (0.9, 0.0, 0.9)
    """
    found = autocorrelation(own)
    if found != found:
        return 0.0
    sizes = [len(u) for u in own]
    every = np.array([found, *(r for r in map(autocorrelation, others) if r == r)])
    rho = found
    if len(every) > 1:
        mean = float(every.mean())
        chance = (1.0 - mean**2) / sum(sizes)
        real = max(float(every.var(ddof=1)) - chance, 0.0)
        rho = mean + (found - mean) * real / (real + chance)
    n = float(np.mean(sizes))
    return min(max((n * rho + 1.0) / max(n - 3.0, 1.0), 0.0), LARGEST_RHO)


def difference(variances: Sequence[float], sizes: Sequence[int], rho: float, tail: float = TAIL) -> tuple[float, float]:
    """Standard error of the difference of two means of spans, and half the width of its interval (95 %).

    Parameters
    ----------
    variances : of either mean, as if its values were independent. sizes : the number of its values.
    rho : their autocorrelation. tail : probability below the upper end.

    Degrees of freedom are Satterthwaite's (1946, doi:10.2307/3002019). NaN where nothing varies.

    >>> error, half = difference([0.01, 0.01], [30, 30], 0.0)
    >>> round(half / error, 2)
    2.0
    """
    from scipy.special import stdtrit

    parts = [v * (1.0 + rho) / (1.0 - rho) for v in variances]
    free = [max((n - 1) * (1.0 - rho**2) / (1.0 + rho**2), 1.0) for n in sizes]
    variance = sum(parts)
    if not variance > 0:
        return float("nan"), float("nan")
    df = variance**2 / sum(v**2 / f for v, f in zip(parts, free, strict=True))
    error = float(variance**0.5)
    return error, float(stdtrit(df, tail)) * error

"""What model K holds beside the windows of L: the memory of joint escalation, and the calendar.

**Joint escalation** of i and j in period s is how far hostility towards *both* stood above its own usual level,

    J_ij(s) = sum_k w_k sqrt(d_ki(s) d_kj(s)),    d_ki = max(0, log((h_ki(s) + a) / (hbar_ki + a)))
    w_k     = sqrt(hbar_ki hbar_kj) / (c + sum_k sqrt(hbar_ki hbar_kj))

h is hostility averaged over a period and its two neighbours, hbar its mean over all periods, c the median positive
hostility of a dyad in a period and a a quarter of it: w_k is k's share in the standing joint hostility. K holds the
mean of J in seven windows (:data:`MEMORY`), which reach back 18 periods. A slow common cause, which moved hostility
long ago and moves cooperation still, goes with old bursts; an effect needs hostility that is recent. Periods before the
data and unobserved ones leave a window's mean; a window with none is 0.

**The calendar.** What comes every year, such as exercises in spring and summits in summer, looks like an order of time.
Where periods are shorter than a year and the data span three years or more, K also holds, for each window of L, the
pair's own mean of the window's term over the periods of the same calendar month.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tertius.events.slices import Bools, DyadSlices, Floats

Integers = NDArray[np.int64]

MEMORY: tuple[tuple[int, int], ...] = ((-18, -13), (-12, -7), (-6, -4), (-3, -1), (0, 0), (1, 3), (4, 6))
"""Windows of the memory, in periods."""
SMOOTHED_OVER = 1
"""Periods on either side."""
QUARTER = 0.25
"""Of the typical hostility, added to both sides of the ratio: below it, changes count little."""
YEARS_FOR_CALENDAR = 3.0
DAYS_OF_A_YEAR = 365.25


def joint_escalation(
    H: Floats, observed: Bools, window_sums: Callable[[Floats, int, int, Bools], Floats], typical: float
) -> Floats:
    """(S, N, N) joint escalation of each period; symmetric, no unit.

    Parameters
    ----------
    H : (S, N, N) hostility of k towards i by period.
    observed : (S,) periods that were.
    window_sums : :func:`tertius.answers.certificate.models.window_sums`.
    typical : the median positive hostility.
    """
    S = len(H)
    usual = H[observed].mean(axis=0)
    at = np.arange(S)
    inside = np.minimum(S - 1, at + SMOOTHED_OVER) - np.maximum(0, at - SMOOTHED_OVER) + 1
    smooth = window_sums(H, -SMOOTHED_OVER, SMOOTHED_OVER, observed) / inside[:, None, None]
    least = QUARTER * typical
    above = np.maximum(np.log((smooth + least) / (usual + least)), 0.0)
    root = np.sqrt(usual)
    standing = root.T @ root
    leg = np.sqrt(above) * root
    joint = np.matmul(leg.transpose(0, 2, 1), leg) / (typical + standing)
    joint = (joint + joint.transpose(0, 2, 1)) / 2  # symmetric to the bit
    joint[:, np.arange(H.shape[1]), np.arange(H.shape[1])] = 0.0
    return np.asarray(joint)


def remembered(J: Floats, observed: Bools, first: int, last: int) -> Floats:
    """(S, N, N) mean of J over the observed periods among t + first, ..., t + last; 0 where there is none.

    >>> remembered(np.array([1.0, 3.0, 8.0])[:, None, None], np.ones(3, dtype=bool), -2, -1).ravel().tolist()
    [0.0, 1.0, 2.0]
    """
    S = len(J)
    total, count = np.zeros_like(J), np.zeros(S)
    for shift in range(first, last + 1):
        into, source = slice(max(0, -shift), S - max(0, shift)), slice(max(0, shift), S - max(0, -shift))
        if into.stop > into.start:
            total[into] += J[source] * observed[source, None, None]
            count[into] += observed[source]
    return np.asarray(total / np.maximum(count, 1)[:, None, None])


def calendar_months(slices: DyadSlices) -> Integers | None:
    """(S,) calendar month, 0 to 11, of the middle of each period; None where the calendar is not held: periods of a
    year or longer, or data of less than three years."""
    if slices.length.days >= 365 or slices.edges[-1] - slices.edges[0] < YEARS_FOR_CALENDAR * DAYS_OF_A_YEAR - 1:
        return None
    middle = (slices.edges[:-1] + slices.edges[1:]) / 2
    return np.asarray(np.floor(middle).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12)


def calendar_means(x: Floats, month: Integers) -> Floats:
    """(T, N, N) mean of x (T, N, N) over the periods of the same calendar month (T,), pair by pair.

    >>> calendar_means(np.array([1.0, 5.0, 3.0])[:, None, None], np.array([0, 1, 0])).ravel().tolist()
    [2.0, 5.0, 2.0]
    """
    found, place = np.unique(month, return_inverse=True)
    return np.stack([x[month == m].mean(axis=0) for m in found])[place]

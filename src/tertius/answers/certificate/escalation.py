"""What model K holds beside the windows of L: the memory of joint escalation, and the season.

**Joint escalation** of i and j in period s is how far hostility towards *both* stood above its own usual level,

    J_ij(s) = sum_k w_k sqrt(d_ki(s) d_kj(s)),    d_ki = max(0, log((h_ki(s) + a) / (hbar_ki + a)))
    w_k     = sqrt(hbar_ki hbar_kj) / (c + sum_k sqrt(hbar_ki hbar_kj))

h is hostility averaged over a period and its two neighbours, hbar its mean over all periods, c the median positive
hostility of a dyad in a period and a a quarter of it: w_k is k's share in the standing joint hostility. K holds the
mean of J in seven windows (:data:`MEMORY`), which reach back 18 periods. A slow common cause, which moved hostility
long ago and moves cooperation still, goes with old bursts; an effect needs hostility that is recent. Periods before the
data and unobserved ones leave a window's mean; a window with none is 0.

**The season.** What comes every year, such as exercises in spring and summits in summer, looks like an order of time.
Where periods are shorter than a year and the data span three years or more, K also holds, for each window of L, the
round of the year in the pair's own series of the window's term: its mean and its first two harmonics, by least squares.
A window of three months leaves little of higher ones: of what comes in a single month, a sixth of the variance stays.
The pair's means by calendar month, which take up eleven degrees of freedom instead of four, stopped no more false
claims and cost power (``docs/certificate.md``).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tertius.events.slices import Bools, DyadSlices, Floats

MEMORY: tuple[tuple[int, int], ...] = ((-18, -13), (-12, -7), (-6, -4), (-3, -1), (0, 0), (1, 3), (4, 6))
"""Windows of the memory, in periods."""
SMOOTHED_OVER = 1
"""Periods on either side."""
QUARTER = 0.25
"""Of the typical hostility, added to both sides of the ratio: below it, changes count little."""
YEARS_FOR_SEASON = 3.0
HARMONICS = 2
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


def time_of_year(slices: DyadSlices) -> Floats | None:
    """(S,) where in the year the middle of each period lies, in years since 1970; None where the season is not held:
    periods of a year or longer, or data of less than three years."""
    if slices.length.days >= 365 or slices.edges[-1] - slices.edges[0] < YEARS_FOR_SEASON * DAYS_OF_A_YEAR - 1:
        return None
    return np.asarray((slices.edges[:-1] + slices.edges[1:]) / 2 / DAYS_OF_A_YEAR)


def round_of_the_year(x: Floats, year: Floats) -> Floats:
    """(T, N, N) mean and first two harmonics of x (T, N, N), symmetric, at the times ``year`` (T,), pair by pair.

    >>> year = np.arange(48) / 12
    >>> x = np.sin(2 * np.pi * year)[:, None, None] + 3.0
    >>> bool(np.allclose(round_of_the_year(x, year), x))
    True
    """
    angles = 2 * np.pi * year * np.arange(1, HARMONICS + 1)[:, None]
    basis = np.vstack([np.ones((1, len(year))), np.cos(angles), np.sin(angles)])
    U, size, _ = np.linalg.svd(basis.T, full_matrices=False)
    Q = U[:, size > 1e-9 * size[0]]
    flat = x.reshape(len(x), -1)
    found = (Q @ (Q.T @ flat)).reshape(x.shape)
    return np.asarray((found + found.transpose(0, 2, 1)) / 2)  # symmetric to the bit

"""Two-paths: sum over third parties k of m(A_ik, B_kj), for the four ways m in which two legs combine.

==========  ==================  ===============================================================
``sqrt``    sqrt(a b)           geometric mean; a matrix product
``min``     min(a, b)           the weaker leg decides who is credited
``product`` a b                 a matrix product
``binary``  1 where both occur  the number of shared third parties
==========  ==================  ===============================================================

``sqrt`` and ``min`` are homogeneous of degree one in the weights. Diagonals of A and B are zero, so that k is never
i or j.
"""

from __future__ import annotations

import numpy as np

from tertius.events.slices import Floats

MIN_BLOCK_BYTES = 1_000_000  # of a block of minima: one buffer, small enough for a cache, written again and again


def prepared_leg(W: Floats, legs: str) -> Floats:
    """W (N, N) as :func:`two_path` wants it: its square root for ``sqrt``, 0 or 1 for ``binary``, else itself."""
    if legs == "sqrt":
        return np.sqrt(W)
    if legs == "binary":
        return (W > 0).astype(W.dtype)
    return W


def two_path(A: Floats, B: Floats, legs: str) -> Floats:
    """(N, N) sums over k of m(A_ik, B_kj); A and B (N, N), or stacks of such, come from :func:`prepared_leg`.

    Of a matrix with its own transpose, the transpose given as a view, one half is computed.

    >>> A = np.array([[0.0, 4.0, 0.0], [0.0, 0.0, 9.0], [0.0, 0.0, 0.0]])
    >>> float(two_path(prepared_leg(A, "sqrt"), prepared_leg(A, "sqrt"), "sqrt")[0, 2])
    6.0
    >>> float(two_path(A, A, "min")[0, 2])
    4.0
    """
    if legs != "min":
        return A @ B
    if A.ndim > 2:
        return np.stack([two_path(a, b, legs) for a, b in zip(A, B, strict=True)])
    return _sums_of_minima(A, B)


def _sums_of_minima(A: Floats, B: Floats) -> Floats:
    """(N, N) sums over k of min(A_ik, B_kj), k along both legs' rows in memory.

    A leg given as a transposed view is copied: across its memory the same sums take several times as long. Of a matrix
    with its own transpose, one half is computed; the other is the same to the bit.
    """
    n = len(A)
    half = _is_transposed(A, B)
    A = np.ascontiguousarray(A)
    Bt = A if half else np.ascontiguousarray(B.T)
    out = np.empty((n, n), dtype=A.dtype)
    rows = max(1, MIN_BLOCK_BYTES // (A.itemsize * n * n))
    room = np.empty(min(rows, n) * n * n, dtype=A.dtype)
    for start in range(0, n, rows):
        first = start if half else 0
        block, others = A[start : start + rows, None], Bt[first:]
        minima = room[: len(block) * others.size].reshape(len(block), *others.shape)
        np.minimum(block, others, out=minima)
        sums = minima.sum(axis=2, out=out[start : start + rows, first:])
        if half:
            out[first:, start : start + rows] = sums.T
    return out


def _is_transposed(A: Floats, B: Floats) -> bool:
    """Whether B is A's transpose, as a view of the same memory."""
    return A.ctypes.data == B.ctypes.data and A.shape == B.shape[::-1] and A.strides == B.strides[::-1]


def combine(a: Floats, b: Floats, legs: str) -> Floats:
    """m(a, b) elementwise, for raw (unprepared) weights: the summands of :func:`two_path`."""
    if legs == "sqrt":
        return np.sqrt(a * b)
    if legs == "binary":
        return ((a > 0) & (b > 0)).astype(np.float64)
    return np.minimum(a, b) if legs == "min" else a * b

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

MIN_BLOCK_BYTES = 8_000_000


def prepared_leg(W: Floats, legs: str) -> Floats:
    """W (N, N) as :func:`two_path` wants it: its square root for ``sqrt``, 0 or 1 for ``binary``, else itself."""
    if legs == "sqrt":
        return np.sqrt(W)
    if legs == "binary":
        return (W > 0).astype(W.dtype)
    return W


def two_path(A: Floats, B: Floats, legs: str) -> Floats:
    """(N, N) sums over k of m(A_ik, B_kj); A and B (N, N), or stacks of such, come from :func:`prepared_leg`.

    Of a matrix with its own transpose, the transpose given as a view, NumPy computes one half.

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
    n = len(A)
    out = np.empty((n, n), dtype=A.dtype)
    Bt = np.ascontiguousarray(B.T)
    rows = max(1, MIN_BLOCK_BYTES // (A.itemsize * n * n))
    for start in range(0, n, rows):
        block = A[start : start + rows]
        np.minimum(block[:, None, :], Bt[None, :, :]).sum(axis=2, out=out[start : start + rows])
    return out


def combine(a: Floats, b: Floats, legs: str) -> Floats:
    """m(a, b) elementwise, for raw (unprepared) weights: the summands of :func:`two_path`."""
    if legs == "sqrt":
        return np.sqrt(a * b)
    if legs == "binary":
        return ((a > 0) & (b > 0)).astype(np.float64)
    return np.minimum(a, b) if legs == "min" else a * b

"""Sums of minima over third parties, in both layouts, side by side in one run; best of several, one core.

    python benchmarks/two_path.py [--actors 50,200,500] [--repeats 7]

``across``: the sums run across the memory of a leg that is given as a transposed view, as they did before. ``along``:
:func:`tertius.effects.two_path.two_path` of a matrix and another, which copies such a leg first. ``half``: of a
matrix with its own transpose, where one half is computed. The largest difference between them is printed beside.
"""

from __future__ import annotations

import argparse

import numpy as np
from machine import best

from tertius.effects.two_path import two_path
from tertius.events.slices import Floats

BLOCK_BYTES = 8_000_000


def across(A: Floats, B: Floats) -> Floats:
    """The sums with the leg A as it comes, in blocks of their own."""
    n = len(A)
    out = np.empty((n, n), dtype=A.dtype)
    Bt = np.ascontiguousarray(B.T)
    rows = max(1, BLOCK_BYTES // (A.itemsize * n * n))
    for start in range(0, n, rows):
        block = A[start : start + rows]
        np.minimum(block[:, None, :], Bt[None, :, :]).sum(axis=2, out=out[start : start + rows])
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actors", default="50,200,500")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    for n in (int(x) for x in options.actors.split(",")):
        for dtype in (np.float64, np.float32):
            W = rng.random((n, n)).astype(dtype)
            other = W.copy()
            ways = {
                "across": lambda W=W: across(W.T, W),
                "along": lambda W=W, other=other: two_path(W.T, other, "min"),
                "half": lambda W=W: two_path(W.T, W, "min"),
            }
            took = {name: 1e3 * best(way, options.repeats) for name, way in ways.items()}
            found = [way() for way in ways.values()]
            apart = max(float(np.abs(f - found[0]).max()) for f in found)
            said = ", ".join(f"{name} {ms:.2f} ms" for name, ms in took.items())
            print(f"N = {n}, {np.dtype(dtype).name}: {said}; largest difference {apart:.0e}")


if __name__ == "__main__":
    main()

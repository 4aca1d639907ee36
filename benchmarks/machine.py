"""What this machine can do: the parts of which one pass of the rate model is made, each alone, best of many.

    python benchmarks/machine.py [--actors 200]

All in single precision, on one core: a product of two N x N matrices, the logarithm of N x N numbers, and a pass over a
design of p columns (eta = beta X, its exponential, and the sum of the columns weighted by it). These are limits of the
machine. One part is not: the products of the columns by dyad, which standard errors need, are our own batched product,
timed alone. Beside them the memory's bandwidth: a copy of an array too large for a cache, bytes read and bytes written.
A pass over a design of 200 actors may be faster than that, because its columns may fit into a cache.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of each part, N actors and p columns; the last, ``outer``, is our own (see above)."""

    actors: int
    columns: int
    product: float
    logarithm: float
    design_pass: float
    outer: float

    def slice_seconds(self, products: int, logarithms: int) -> float:
        """Seconds of one slice of a pass with only the gradient."""
        return products * self.product + logarithms * self.logarithm + self.design_pass

    @property
    def per_element(self) -> float:
        """Nanoseconds of one logarithm."""
        return 1e9 * self.logarithm / self.actors**2


def best(work: Callable[[], object], repeats: int = 300) -> float:
    """Seconds of the fastest of many runs: what other programs take away is not counted."""
    fastest = np.inf
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - began)
    return float(fastest)


def measure(actors: int, columns: int) -> Limits:
    """The limits at a size."""
    rng = np.random.default_rng(1)
    A, B = rng.random((2, actors, actors), dtype=np.float32)
    room = np.empty_like(A)
    X = rng.random((columns, actors * (actors - 1)), dtype=np.float32)
    beta, p = np.full(columns, 0.1, dtype=np.float32), np.empty(X.shape[1], dtype=np.float32)
    Z = rng.random((16, 500, columns + 1), dtype=np.float32)

    def design_pass() -> None:
        np.exp(np.matmul(beta, X, out=p), out=p)
        X @ p

    def outer() -> None:
        np.matmul(Z.transpose(1, 2, 0), Z[:, :, :-1].transpose(1, 0, 2))

    with threadpool_limits(1):
        return Limits(
            actors,
            columns,
            product=best(lambda: np.matmul(A, B, out=room)),
            logarithm=best(lambda: np.log(A, out=room)),
            design_pass=best(design_pass),
            outer=best(outer) / 16 / 500 * X.shape[1],
        )


def bandwidth(megabytes: int = 256) -> float:
    """GB/s of a copy of a float32 array of that size, on one core: bytes read and bytes written."""
    source = np.ones(megabytes * 250_000, dtype=np.float32)
    target = np.ones_like(source)
    return 2e-9 * source.nbytes / best(lambda: np.copyto(target, source), 20)


def machine_line(actors: int = 200, columns: int = 15) -> str:
    """The machine in one line, measured now."""
    limits = measure(actors, columns)
    return (
        f"This machine, measured in the same run, one core, float32: a product of {actors} x {actors} "
        f"{1e3 * limits.product:.2f} ms, a logarithm {limits.per_element:.2f} ns an element, one pass over the design "
        f"of {columns} columns {1e3 * limits.design_pass:.2f} ms, memory {bandwidth():.0f} GB/s (a copy, bytes read "
        f"and written); {os.cpu_count()} cores, numpy {np.__version__}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actors", type=int, default=200)
    parser.add_argument("--columns", type=int, default=15)
    options = parser.parse_args()
    limits = measure(options.actors, options.columns)
    print(f"N = {limits.actors}, {limits.columns} columns, milliseconds on one core, best of many:")
    print(f"  product of two matrices {1e3 * limits.product:.3f}")
    print(f"  logarithm of a matrix {1e3 * limits.logarithm:.3f} ({limits.per_element:.2f} ns an element)")
    print(f"  one pass over a design {1e3 * limits.design_pass:.3f}")
    print(f"  products of the columns, by dyad (ours) {1e3 * limits.outer:.3f}")
    print(f"memory {bandwidth():.1f} GB/s, {os.cpu_count()} cores, numpy {np.__version__}")


if __name__ == "__main__":
    main()

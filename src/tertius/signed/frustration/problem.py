"""The whole-numbered problem behind a frustration index: nodes, signed whole weights, and what a partition costs.

All that is proven is proven in whole numbers. Weights are multiples of a **unit**: the greatest common divisor of whole
weights; for others the largest power of two or of ten (to 10^-6) of which all are multiples, but for a double's last
digits, which sums of decimals leave (0.1 + 0.2). Where there is none, or the numbers would grow too large, weights are
rounded to a 2^20th of the largest, and the result says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import overload

import numpy as np

from tertius.events.slices import Floats, Ints

LARGEST_SUM = 1 << 46
"""Sum of weights, in units, that every step can still represent exactly, its 2^20ths too where they matter."""
FINEST_BINARY, FINEST_DECIMAL = 20, 6
LAST_DIGITS = 1e-12
"""Share of a weight that is rounding of the doubles it was added up from."""
ROUNDED_BITS = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """n nodes, m edges, each pair once, a < b; w (m,) signed whole weights, none zero.

    ``ids`` (n,) : the nodes' numbers in the whole graph.
    """

    ids: Ints
    a: Ints
    b: Ints
    w: Ints

    @property
    def n(self) -> int:
        """Nodes."""
        return len(self.ids)

    @property
    def m(self) -> int:
        """Edges."""
        return len(self.a)

    def frustrated(self, labels: Ints) -> np.ndarray:
        """(m,) edges that a partition fails: positive ones across camps, negative ones inside.

        >>> one = Problem(np.arange(3), np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1, 1, -1]))
        >>> one.frustrated(np.array([0, 0, 1]))
        array([False,  True, False])
        """
        return np.asarray((labels[self.a] == labels[self.b]) != (self.w > 0))

    def cost(self, labels: Ints) -> int:
        """Summed weight of the edges that a partition fails."""
        return int(np.abs(self.w[self.frustrated(labels)]).sum())

    def dense(self) -> Floats:
        """(n, n) weights as floats (whole ones, so exact)."""
        W = np.zeros((self.n, self.n))
        W[self.a, self.b] = W[self.b, self.a] = self.w
        return W


def from_dense(ids: Ints, W: Floats) -> Problem:
    """The problem of a matrix of whole weights."""
    i, j = np.nonzero(np.triu(W, 1))
    return Problem(ids, i.astype(np.int64), j.astype(np.int64), np.rint(W[i, j]).astype(np.int64))


def part_of(problem: Problem, edges: Ints) -> Problem:
    """Some edges with their ends, numbered anew."""
    nodes = np.unique(np.concatenate([problem.a[edges], problem.b[edges]]))
    a, b = np.searchsorted(nodes, problem.a[edges]), np.searchsorted(nodes, problem.b[edges])
    return Problem(problem.ids[nodes], a, b, problem.w[edges])


@dataclass(frozen=True, slots=True)
class Whole:
    """Weights as whole numbers of a unit; ``rounded``: they are so only nearly."""

    weight: Ints
    unit: Fraction
    rounded: bool


@overload
def in_units(number: int, unit: Fraction) -> float: ...
@overload
def in_units(number: Floats, unit: Fraction) -> Floats: ...
def in_units(number: int | Floats, unit: Fraction) -> float | Floats:
    """Whole numbers of units as weights, the doubles nearest to them.

    >>> in_units(7, Fraction(1, 10)), 7 * 0.1
    (0.7, 0.7000000000000001)
    """
    return number * unit.numerator / unit.denominator


def whole(weight: Floats) -> Whole:
    """Weights as multiples of the largest unit that fits them, see above.

    >>> whole(np.array([1.5, -0.25])).weight, whole(np.array([0.1, -0.3])).unit
    (array([ 6, -1]), Fraction(1, 10))
    >>> whole(np.array([0.1 + 0.2, -0.5])).weight, whole(np.array([1.0, -np.pi])).rounded
    (array([ 3, -5]), True)
    """
    if not len(weight):
        return Whole(np.zeros(0, dtype=np.int64), Fraction(1), False)
    for base, finest in ((2, FINEST_BINARY), (10, FINEST_DECIMAL)):
        for power in range(finest + 1):
            scaled = np.rint(weight * base**power)
            if np.abs(scaled).sum() > LARGEST_SUM:
                break
            if (np.abs(scaled / base**power - weight) <= LAST_DIGITS * np.abs(weight)).all():
                numbers = scaled.astype(np.int64)
                divisor = int(np.gcd.reduce(numbers))
                return Whole(numbers // divisor, Fraction(divisor, base**power), False)
    unit = Fraction(float(np.abs(weight).max())) / (1 << ROUNDED_BITS)
    return Whole(np.rint(weight / float(unit)).astype(np.int64), unit, True)

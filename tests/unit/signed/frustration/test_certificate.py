"""A wrong proof is refused, whatever is wrong with it."""

from __future__ import annotations

import doctest
from fractions import Fraction
from types import ModuleType

import numpy as np
import pytest

from tertius.signed.frustration import certificate as module
from tertius.signed.frustration.certificate import Unproven, check, positive_definite
from tertius.signed.frustration.proof import Bound, Branch, Contracted, Nothing, Parts, Proof, Row

TRIANGLE = {(0, 1): 2, (1, 2): 3, (0, 2): -1}
BAD = {(0, 1): -1, (1, 2): -1, (0, 2): -1}
CYCLE = ("cycle", (0, 1, 2))


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_a_cycle_pays_its_lightest_edge_and_no_more() -> None:
    assert check(TRIANGLE, Bound((CYCLE,), (1,), 1), False) == 1
    assert check(TRIANGLE, Bound((CYCLE,), (3,), 2), False) == 1
    assert check(TRIANGLE, Bound((CYCLE,), (1,), 2), False) == Fraction(1, 2)
    assert check(TRIANGLE, Nothing(), False) == 0


@pytest.mark.parametrize(
    ("weights", "proof", "free", "said"),
    [
        (TRIANGLE, Bound((("cycle", (0, 1, 3)),), (1,), 1), False, "has an edge that the graph has not"),
        ({**TRIANGLE, (0, 2): 1}, Bound((CYCLE,), (1,), 1), False, "0 negative"),
        (BAD, Bound((CYCLE,), (1,), 1), True, "3 negative"),
        (TRIANGLE, Bound((CYCLE,), (-1,), 1), False, "multipliers"),
        (TRIANGLE, Bound((CYCLE,), (1,), 0), False, "multipliers"),
        (TRIANGLE, Bound((("cycle", (0, 1, 1)),), (1,), 1), False, "a cycle of"),
        (TRIANGLE, Bound((("star", (0, 1, 2)),), (1,), 1), False, "kind star"),
        (TRIANGLE, Bound((("wheel", (0, 1, 2)),), (1,), 1), True, "kind wheel"),
        ({**BAD, (0, 3): 9}, Contracted(((0, 2, 1),), Nothing()), False, "no rule"),
        (BAD, Contracted(((0, 1, -1),), Nothing()), True, "cannot be contracted"),
        (TRIANGLE, Contracted(((0, 1, 1), (0, 1, 1)), Nothing()), False, "cannot be contracted"),
        (TRIANGLE, Parts(((((0, 1),), Nothing()), (((1, 0),), Nothing()))), False, "share an edge"),
        (TRIANGLE, Parts(((((0, 7),), Nothing()),)), False, "share an edge"),
        (TRIANGLE, Branch((0, 1), Branch((1, 0), Nothing(), Nothing()), Nothing()), False, "decided twice"),
        (TRIANGLE, Branch((0, 1), Contracted((), Nothing()), Nothing()), False, "before branches"),
        (TRIANGLE, Bound((), (), 1, (0, 1, 2), (1, 1, 1)), False, "positive definite"),
        (TRIANGLE, Bound((), (), 1, (0, 1), (9, 9)), False, "leaves out a node"),
        (TRIANGLE, Bound((), (), 1, (0, 1, 2), (9, 9)), False, "does not fit"),
        (TRIANGLE, Bound((), (), 1, (0, 1, 2), (9, 9, 9)), True, "two camps"),
        ({(0, 1): 1, (1, 0): 1}, Nothing(), False, "twice"),
    ],
)
def test_what_does_not_hold_is_refused(
    weights: dict[tuple[int, int], int], proof: Proof, free: bool, said: str
) -> None:
    with pytest.raises(Unproven, match=said):
        check(weights, proof, free)


def test_branches_take_the_worse_side() -> None:
    """Together, the pair's edge of weight -1 is paid; apart, the triangle costs at least the lighter of the others."""
    together = Bound((("triangle", (0, 1, 2)),), (0,), 1)
    apart = Bound((("triangle", (0, 1, 2)),), (2,), 1)
    assert check(TRIANGLE, Branch((0, 2), together, apart), False) == 1
    assert check(TRIANGLE, apart, False) <= 1


def test_contractions_pay_what_cancels_out() -> None:
    """0 and 1 hold together; 2 is friend of one and foe of the other."""
    weights = {(0, 1): 5, (1, 2): 3, (0, 2): -1}
    assert check(weights, Contracted(((0, 1, 1),), Nothing()), True) == 1


def test_a_diagonal_bounds_all_signs() -> None:
    weights = {(0, 1): -1, (1, 2): -1, (0, 2): -1}
    low = check(weights, Bound((), (), 1000, (0, 1, 2), (1001, 1001, 1001)), False)
    assert Fraction(7, 10) < low < 1
    mixed = check(weights, Bound((CYCLE,), (500,), 1000, (0, 1, 2), (501, 501, 501)), False)
    assert low < mixed < 1


@pytest.mark.parametrize("row", [("triangle", (0, 3, 1)), ("star", (2, 0, 1, 4)), ("twin", (1, 4, 0, 2, 3))])
def test_rows_hold_for_every_partition_and_for_one_of_them_just(row: Row, networks: ModuleType) -> None:
    coefficients, least = module._row({}, row, True)
    values = [sum(c * (labels[u] != labels[v]) for (u, v), c in coefficients) for labels in networks.all_partitions(5)]
    assert min(values) == least


def test_positive_definite_is_never_said_of_what_is_not() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        n = int(rng.integers(2, 30))
        A = rng.integers(-9, 10, (n, n))
        singular = (A[:, : n - 1] @ A[:, : n - 1].T).astype(float)
        assert not positive_definite(singular)
        assert positive_definite(singular + np.eye(n) * max(1.0, singular.max() * 1e-9))

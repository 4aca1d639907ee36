"""What rows and arrays become, and what is refused."""

from __future__ import annotations

import doctest
import time

import numpy as np
import pytest

from tertius.errors import BadValue, UsageError
from tertius.signed import graph as module
from tertius.signed.graph import from_edges, from_window


def test_the_examples_run() -> None:
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


def test_directions_with_other_signs_net_cancel_or_are_refused() -> None:
    a, b, sign, weight = ["x", "y", "y", "z"], ["y", "x", "z", "y"], [1, -1, 1, -1], [2.0, 1.0, 3.0, 3.0]
    net = from_edges(a, b, sign, weight)
    assert net.weight.tolist() == [1.0]
    assert (net.actors, net.m) == (("x", "y", "z"), 1)
    assert net.notes == (
        "1 pair: rows with different signs, netted.",
        "1 pair: rows with different signs cancel out, no edge.",
    )
    assert from_edges(a, b, sign, weight, combine="sign").weight.tolist() == [1.0]
    with pytest.raises(BadValue, match="x and y have rows with different signs"):
        from_edges(a, b, sign, weight, combine="strict")


def test_zero_weights_self_pairs_and_repeated_rows_are_counted() -> None:
    graph = from_edges(["x", "x", "x", "y"], ["x", "y", "y", "z"], [1, 1, 1, 1], [1, 2, 3, 0])
    assert (graph.m, graph.weight.tolist()) == (1, [5.0])
    assert graph.notes == (
        "1 row of an actor with itself dropped.",
        "1 row of weight or sign zero dropped.",
        "1 pair: several rows of one sign made one edge.",
    )
    assert graph.to_dict()["nodes"] == 3


@pytest.mark.parametrize(
    ("sign", "weight", "said"),
    [
        ([2], None, "the sign is 2"),
        ([1], [-1], "the weight is -1"),
        ([1], [float("nan")], "the weight is nan"),
        (["much"], None, "not a number"),
        ([1, 1], None, "not equally long"),
    ],
)
def test_what_cannot_be_meant_is_refused(sign: list[float], weight: list[float] | None, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        from_edges(["x"], ["y"], sign, weight)


def test_the_list_of_actors_is_the_order_and_holds_all() -> None:
    assert from_edges(["x"], ["y"], [1], actors=["z", "y", "x"]).a.tolist() == [1]
    with pytest.raises(BadValue, match="'y' has an edge"):
        from_edges(["x"], ["y"], [1], actors=["x"])
    with pytest.raises(BadValue, match="twice"):
        from_edges(["x"], ["x"], [1], actors=["x", "x"])
    with pytest.raises(UsageError, match="combine"):
        from_edges(["x"], ["y"], [1], combine="any")  # type: ignore[arg-type]


@pytest.mark.parametrize("weight", [[1.7e308, 1.7e308, 1.0], [0.0, 2e300, 1.0]])
def test_weights_whose_sum_is_no_number_are_refused(weight: list[float]) -> None:
    with pytest.raises(BadValue, match="add up to more than 1e\\+300"):
        from_edges(["i", "j", "i"], ["j", "i", "k"], [1, 1, -1], weight)


def test_one_actor_and_no_rows_are_graphs() -> None:
    assert (from_edges([], [], [], actors=["x"]).n, from_edges([], [], []).n) == (1, 0)


def test_a_window_is_the_net_of_both_directions_above_the_threshold() -> None:
    rng = np.random.default_rng(1)
    C, H = rng.poisson(2.0, (2, 7, 7)).astype(float)
    names = [f"s{k}" for k in range(7)]
    graph = from_window(C, H, names, threshold=1.5, weighted=True)
    slow = {}
    for i in range(7):
        for j in range(i + 1, 7):
            net = C[i, j] + C[j, i] - H[i, j] - H[j, i]
            if abs(net) > 1.5:
                slow[i, j] = net
    assert dict(zip(zip(graph.a, graph.b, strict=True), graph.weight, strict=True)) == slow
    assert set(from_window(C, H, names, 1.5).weight) == {-1.0, 1.0}


def test_net_data_hold_each_pair_twice() -> None:
    C = np.array([[0.0, 3.0], [3.0, 0.0]])
    assert from_window(C, 0 * C, ["x", "y"], 0.0, weighted=True, directed=False).weight.tolist() == [3.0]


def test_arrays_that_do_not_fit_are_refused() -> None:
    Z = np.zeros((2, 2))
    with pytest.raises(BadValue, match="for 3 actors"):
        from_window(Z, Z, ["x", "y", "z"], 0.0)
    with pytest.raises(BadValue, match="not finite"):
        from_window(Z + np.nan, Z, ["x", "y"], 0.0)
    with pytest.raises(BadValue, match="threshold"):
        from_window(Z, Z, ["x", "y"], -1.0)


def test_many_rows_are_merged_in_a_blink() -> None:
    rng = np.random.default_rng(2)
    names = np.array([f"s{k}" for k in range(1000)])
    a, b = names[rng.integers(0, 1000, (2, 100_000))]
    began = time.perf_counter()
    graph = from_edges(a.tolist(), b.tolist(), rng.choice([-1, 1], 100_000))
    assert graph.m > 80_000
    assert time.perf_counter() - began < 10

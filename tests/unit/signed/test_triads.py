"""Triads and walks against slow twins."""

from __future__ import annotations

import doctest
from itertools import combinations

import numpy as np
import pytest
from scipy.linalg import expm

from tertius.errors import NotEnoughMemory, UnknownActor
from tertius.signed import triads as module
from tertius.signed.graph import SignedGraph, from_edges
from tertius.signed.triads import Triads, _sparse, triads, triads_by_actor, triads_of_pair, walk_balance


def drawn(n: int, share: float, seed: int) -> SignedGraph:
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    kept = rng.random(len(i)) < share
    weight = rng.choice([-2.0, -1.0, 1.0, 3.0], int(kept.sum()))
    return SignedGraph(tuple(f"s{k}" for k in range(n)), i[kept].astype(np.int64), j[kept].astype(np.int64), weight)


def slow_triads(graph: SignedGraph) -> tuple[list[int], np.ndarray]:
    """By going through all threes."""
    A, counts, by_actor = graph.dense(graph.sign), [0, 0, 0, 0], np.zeros((graph.n, 4), dtype=int)
    for three in combinations(range(graph.n), 3):
        signs = [A[x, y] for x, y in combinations(three, 2)]
        if all(signs):
            k = sum(s < 0 for s in signs)
            counts[k] += 1
            by_actor[list(three), k] += 1
    return counts, by_actor


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_of_counting_are_the_slow_one(seed: int) -> None:
    graph = drawn(25, 0.2 + 0.2 * seed, seed)
    counts, by_actor = slow_triads(graph)
    assert list(triads(graph).to_dict().values()) == counts
    assert _sparse(graph) == triads(graph)
    assert np.array_equal(triads_by_actor(graph), by_actor)


def test_large_graphs_are_counted_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = drawn(60, 0.5, 9)
    monkeypatch.setattr(module, "_CHUNK", 50)
    assert _sparse(graph) == triads(graph)


def test_a_pairs_triads_add_up() -> None:
    graph = drawn(15, 0.6, 3)
    total = np.zeros(4, dtype=int)
    for i, j in combinations(range(15), 2):
        total += list(triads_of_pair(graph, f"s{i}", f"s{j}").to_dict().values())
    assert (total == 3 * np.array(slow_triads(graph)[0])).all()
    with pytest.raises(UnknownActor, match="t3"):
        triads_of_pair(graph, "t3", "s1")


def test_balance_is_a_share() -> None:
    assert Triads(1, 2, 3, 4).balance == 0.4
    assert Triads(1, 2, 3, 4).weak_balance == 0.8
    assert np.isnan(Triads(0, 0, 0, 0).balance)


@pytest.mark.parametrize("beta", [None, 1.0, 0.3])
def test_walks_are_those_of_the_exponential(beta: float | None) -> None:
    graph = drawn(12, 0.5, 5)
    A = graph.dense(graph.sign)
    found = walk_balance(graph, beta)
    if beta is None:
        assert found.beta == pytest.approx(1 / np.linalg.eigvalsh(np.abs(A))[-1])
    S, G = expm(found.beta * A), expm(found.beta * np.abs(A))
    assert found.overall == pytest.approx(np.trace(S) / np.trace(G), rel=1e-12)
    assert found.by_actor == pytest.approx(np.diag(S) / np.diag(G), rel=1e-10)
    assert found.by_pair == pytest.approx(S / G, rel=1e-9)
    assert 0 < found.share < 1


def test_two_camps_are_balanced_and_stand_against_each_other() -> None:
    graph = from_edges(["a", "c", "a", "b"], ["b", "d", "c", "d"], [1, 1, -1, -1])
    found = walk_balance(graph)
    assert found.overall == pytest.approx(1.0)
    assert np.sign(np.round(found.by_pair[0], 9)).tolist() == [1, 1, -1, -1]


def test_graphs_without_edges_have_walks_of_length_zero_only() -> None:
    found = walk_balance(from_edges([], [], [], actors=["x", "y"]))
    assert found.overall == 1.0
    assert np.isnan(found.by_pair[0, 1])
    assert triads(from_edges([], [], [], actors=["x"])).total == 0


def test_too_many_actors_for_dense_matrices_are_refused() -> None:
    with pytest.raises(NotEnoughMemory, match="5,001 actors"):
        walk_balance(from_edges([], [], [], actors=[f"s{k}" for k in range(5001)]))

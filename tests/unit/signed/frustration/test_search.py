"""Searches side by side do what one does; large blocks are searched without a matrix."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from tertius.signed.frustration import search as module
from tertius.signed.frustration.problem import Problem
from tertius.signed.frustration.search import from_labels, from_signs, grown, lowest_costs, search
from tertius.signed.graph import SignedGraph


def problem_of(graph: SignedGraph) -> Problem:
    return Problem(np.arange(graph.n), graph.a, graph.b, graph.weight.astype(np.int64))


def test_no_search_ends_worse_than_it_began(networks: ModuleType) -> None:
    rng = np.random.default_rng(1)
    graph = networks.drawn(30, 0.4, 0.5, 3, rng)
    W, problem = graph.dense(), problem_of(graph)
    signs, labels = rng.choice([-1.0, 1.0], (6, 30)), rng.integers(0, 4, (6, 30))
    for one, other in zip(signs, from_signs(W, signs, rng), strict=True):
        assert problem.cost((other < 0).astype(np.int64)) < problem.cost((one < 0).astype(np.int64))
    for one, other in zip(labels, from_labels(W, labels, rng), strict=True):
        assert problem.cost(other) < problem.cost(one)


@pytest.mark.parametrize("free", [False, True])
def test_many_graphs_side_by_side_cost_what_their_partitions_do(free: bool, networks: ModuleType) -> None:
    rng = np.random.default_rng(2)
    graphs = [networks.drawn(8, 0.7, 0.5, 2, rng) for _ in range(6)]
    costs = lowest_costs(np.stack([g.dense() for g in graphs]), free, 3, rng)
    true = np.array([networks.slow_cost(g, free) for g in graphs])
    assert (costs >= true).all()
    assert np.count_nonzero(costs == true) >= 5


def test_what_grows_is_a_partition_that_no_join_of_two_camps_improves(networks: ModuleType) -> None:
    graph = networks.drawn(20, 0.5, 0.5, 2, np.random.default_rng(3))
    problem, (labels,) = problem_of(graph), grown(graph.dense()[None], np.random.default_rng(4))
    for one in range(labels.max() + 1):
        for other in range(one):
            assert problem.cost(np.where(labels == one, other, labels)) >= problem.cost(labels)


def test_large_blocks_are_searched_by_moves_of_many(networks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DENSE", 10)
    graph = networks.planted(60, 600, 2, 0.05, 1)
    flipped = np.count_nonzero((graph.weight > 0) != (graph.a % 2 == graph.b % 2))
    for free in (False, True):
        labels = search(problem_of(graph), free, 1, np.random.default_rng(5), 1e18)
        assert problem_of(graph).cost(labels) <= flipped

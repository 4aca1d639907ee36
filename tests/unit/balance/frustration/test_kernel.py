"""Kernels keep a best partition, weight that is paid is paid, and nothing that can be contracted is left."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from tertius.balance.frustration.kernel import Kernel, balanced, blocks, contracted, kernel
from tertius.balance.frustration.problem import Problem
from tertius.balance.graph import SignedGraph


def problem_of(graph: SignedGraph) -> Problem:
    return Problem(np.arange(graph.n), graph.a, graph.b, graph.weight.astype(np.int64))


def graph_of(problem: Problem) -> SignedGraph:
    return SignedGraph(tuple(map(str, problem.ids)), problem.a, problem.b, problem.w.astype(np.float64))


def slow_cost(part: Kernel, free: bool, networks: ModuleType) -> float:
    """What is paid on the way and what the cores cost, by going through all partitions."""
    core = networks.slow_cost(graph_of(part.core), free) if part.core is not None else 0.0
    return float(part.paid + core + sum(slow_cost(p, free, networks) for p in part.parts))


@pytest.mark.parametrize("free", [False, True])
def test_the_kernels_cost_is_the_graphs(free: bool, networks: ModuleType) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        graph = networks.drawn(8, rng.uniform(0.3, 0.9), 0.5, 4, rng)
        assert slow_cost(kernel(problem_of(graph), free), free, networks) == networks.slow_cost(graph, free)


def test_a_core_cannot_be_contracted_any_more(networks: ModuleType) -> None:
    rng = np.random.default_rng(2)
    for free in (False, True):
        for _ in range(20):
            stack = [kernel(problem_of(networks.drawn(12, 0.5, 0.5, 2, rng)), free)]
            while stack:
                part = stack.pop()
                stack += part.parts
                if part.core is not None:
                    assert contracted(part.core, free)[0] == ()
                    assert not balanced(part.core, free)


def test_blocks_share_single_nodes_and_the_rest_is_easy() -> None:
    """Two bad triangles at one node, a bridge, and a balanced triangle."""
    a = np.array([0, 0, 1, 2, 2, 3, 4, 5, 5, 6])
    b = np.array([1, 2, 2, 3, 4, 4, 5, 6, 7, 7])
    w = np.array([1, 1, -1, 1, 1, -1, -1, 1, -1, -1])
    found, easy = blocks(Problem(np.arange(8), a, b, w), free=False)
    assert sorted(sorted(block.ids.tolist()) for block in found) == [[0, 1, 2], [2, 3, 4]]
    assert easy.tolist() == [[4, 5, -1], [5, 6, 1], [5, 7, -1], [6, 7, -1]]


def test_negative_edges_between_positive_components_are_easy_for_free_camps() -> None:
    foes = Problem(np.arange(3), np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([-1, -1, -1]))
    assert blocks(foes, free=True)[0] == []
    assert len(blocks(foes, free=False)[0]) == 1

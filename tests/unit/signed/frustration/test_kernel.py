"""Kernels keep a best partition, weight that is paid is paid, and nothing that can be contracted is left."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from tertius.signed.frustration.certificate import check
from tertius.signed.frustration.kernel import Kernel, balanced, blocks, contracted, kernel
from tertius.signed.frustration.problem import Problem, from_dense
from tertius.signed.frustration.proof import Contracted, Parts, Proof
from tertius.signed.graph import SignedGraph


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


def proof_of(part: Kernel) -> Proof:
    """Only the steps of a kernel, for the separate check of each of them."""
    ends = [tuple(zip(p.problem.ids[p.problem.a], p.problem.ids[p.problem.b], strict=True)) for p in part.parts]
    parts = Parts(tuple((edges, proof_of(p)) for edges, p in zip(ends, part.parts, strict=True)))
    return Contracted(part.steps, parts)


@pytest.mark.parametrize("free", [False, True])
def test_every_step_is_one_that_the_check_allows(free: bool, networks: ModuleType) -> None:
    """Graphs of unit weights with many twins, in which rules hold with equality or fail by one."""
    rng = np.random.default_rng(3)
    for _ in range(150):
        graph = networks.drawn(14, rng.uniform(0.15, 0.5), rng.uniform(0.3, 0.8), 1, rng)
        weights = dict(zip(zip(graph.a, graph.b, strict=True), graph.weight, strict=True))
        check(weights, proof_of(kernel(problem_of(graph), free)), free)


def test_a_node_that_took_in_a_twin_is_looked_at_again() -> None:
    """Twins without an edge (2 and 3) become one; what held of 2 alone need not hold of both."""
    W = np.zeros((5, 5))
    for u, v, w in (
        (0, 2, 1),
        (0, 3, 1),
        (1, 2, 1),
        (1, 3, 1),
        (2, 4, 1),
        (3, 4, 1),
        (0, 4, -1),
        (1, 4, -1),
        (0, 1, -1),
    ):
        W[u, v] = W[v, u] = w
    whole = from_dense(np.arange(5), W)
    weights = dict(zip(zip(whole.a.tolist(), whole.b.tolist(), strict=True), whole.w.tolist(), strict=True))
    for free in (False, True):
        check(weights, proof_of(kernel(whole, free)), free)

"""The frustration index is the one of going through all partitions, and its proof holds."""

from __future__ import annotations

import csv
import doctest
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tertius.errors import UsageError
from tertius.signed.frustration import (
    branch,
    certificate,
    cycles,
    diagonal,
    frustration,
    kernel,
    packing,
    partitions,
    problem,
    recheck,
    search,
    sides,
    solve,
)
from tertius.signed.frustration.certificate import Unproven
from tertius.signed.frustration.proof import Bound, Nothing
from tertius.signed.graph import SignedGraph, from_edges
from tertius.signed.triads import triads


@pytest.mark.parametrize("module", [solve, problem, sides, search])
def test_the_examples_run(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("largest", [1, 6])
def test_both_costs_are_those_of_all_partitions(largest: int, networks: ModuleType) -> None:
    rng = np.random.default_rng(largest)
    for _ in range(120):
        graph = networks.drawn(int(rng.integers(3, 9)), rng.uniform(0.3, 1.0), rng.uniform(0.2, 0.8), largest, rng)
        for free in (False, True):
            found = frustration(graph, free)
            assert found.cost == networks.slow_cost(graph, free)
            assert found.proven
            assert recheck(graph, found)


@pytest.mark.parametrize("free", [False, True])
def test_kernels_off_the_bounds_alone_find_the_same(
    free: bool, monkeypatch: pytest.MonkeyPatch, networks: ModuleType
) -> None:
    """Nothing is contracted, so that every block meets the bounds and the tree."""
    monkeypatch.setattr(kernel, "contracted", lambda block, free: ((), 0, block))
    monkeypatch.setattr(solve, "search", lambda problem, *rest: np.zeros(problem.n, dtype=np.int64))
    monkeypatch.setattr(solve, "TINY", 5)
    rng = np.random.default_rng(3)
    for _ in range(25):
        graph = networks.drawn(8, 0.7, 0.5, 3, rng)
        found = frustration(graph, free)
        assert (found.cost, found.proven) == (networks.slow_cost(graph, free), True)
        assert recheck(graph, found)


def test_large_blocks_meet_the_rule_of_one_edge_and_the_packing(
    monkeypatch: pytest.MonkeyPatch, networks: ModuleType
) -> None:
    monkeypatch.setattr(kernel, "DENSE", 0)
    monkeypatch.setattr(solve, "LARGE", 0)
    monkeypatch.setattr(search, "DENSE", 0)
    rng = np.random.default_rng(4)
    for _ in range(25):
        graph = networks.drawn(9, 0.5, 0.6, 3, rng)
        for free in (False, True):
            found, best = frustration(graph, free), networks.slow_cost(graph, free)
            assert found.lower_bound <= best <= found.cost
            assert found.proven == (found.lower_bound == found.cost)
            assert recheck(graph, found)


def test_a_block_cheaper_than_its_bound_says_would_be_seen(networks: ModuleType) -> None:
    graph = networks.planted(12, 40, 2, 0.3, 1)
    found = frustration(graph)
    with pytest.raises(Unproven):
        recheck(graph, replace(found, proof=Bound((("cycle", (0, 1, 2)),), (10**9,), 1, (0,), (1,))))
    assert not recheck(graph, replace(found, proof=Nothing()))


@pytest.mark.parametrize(
    ("rows", "two", "free"),
    [
        (([], [], []), 0.0, 0.0),
        ((["a"], ["b"], [-1]), 0.0, 0.0),
        ((["a", "b", "a"], ["b", "c", "c"], [1, 1, 1]), 0.0, 0.0),
        ((["a", "b", "a"], ["b", "c", "c"], [-1, -1, -1]), 1.0, 0.0),
        ((["a", "b", "a", "x", "y", "x"], ["b", "c", "c", "y", "z", "z"], [1, 1, -1, 1, 1, -1]), 2.0, 2.0),
    ],
    ids=["one actor", "one edge", "no negative edge", "three foes", "two components"],
)
def test_small_and_odd_graphs(rows: tuple[list[str], list[str], list[float]], two: float, free: float) -> None:
    graph = from_edges(*rows, actors=sorted({*rows[0], *rows[1], "lonely"}))
    for cost, many in ((two, False), (free, True)):
        found = frustration(graph, many)
        assert (found.cost, found.proven) == (cost, True)
        assert found.camps[graph.actors.index("lonely")] == -1
        assert found.to_dict()["camps"]["lonely"] is None


def test_margins_are_what_moving_alone_costs(networks: ModuleType) -> None:
    rng = np.random.default_rng(5)
    for free in (False, True):
        graph = networks.drawn(8, 0.6, 0.5, 3, rng)
        found = frustration(graph, free)
        whole = problem.Problem(np.arange(8), graph.a, graph.b, graph.weight.astype(np.int64))
        for v in np.flatnonzero(found.camps >= 0):
            others = [c for c in range(found.camps.max() + 2 if free else 2) if c != found.camps[v]]
            moved = [np.where(np.arange(8) == v, c, found.camps) for c in others]
            costs = [whole.cost(m) for m in moved if not _same(m, found.camps)]
            assert found.margin[v] == min(costs) - found.cost >= 0


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one[:, None] == one, other[:, None] == other)


def test_weights_of_any_kind_are_counted_in_their_unit() -> None:
    edges = (["a", "b", "a"], ["b", "c", "c"], [1, 1, -1])
    assert frustration(from_edges(*edges, weight=[0.5, 0.25, 0.75])).cost == 0.25
    tenth = frustration(from_edges(*edges, weight=[0.3, 0.2, 0.1]))
    assert (tenth.cost, tenth.rounded) == (pytest.approx(0.1), False)
    odd = frustration(from_edges(*edges, weight=[np.pi, np.e, 1 / 3]))
    assert odd.rounded
    assert "of weights rounded" in odd.text
    assert "rounded" not in tenth.text
    assert odd.cost == pytest.approx(1 / 3, rel=1e-5)


def test_the_last_digits_that_sums_of_decimals_leave_are_not_weight() -> None:
    """0.1 + 0.2 three times over: 0.30000000000000004 is no decimal, and is meant as one."""
    rows = [("a", "b", 1, 0.1), ("b", "a", 1, 0.2), ("b", "c", 1, 0.8), ("c", "a", -1, 0.7), ("a", "c", 1, 0.0)]
    graph = from_edges(*zip(*rows, strict=True))
    found = frustration(graph)
    assert (found.cost, found.lower_bound, found.proven, found.rounded) == (0.3, 0.3, True, False)
    assert recheck(graph, found)
    sevenths = from_edges(["a", "b", "a"], ["b", "c", "c"], [1, 1, -1], weight=[0.7, 0.9, 0.8])
    assert frustration(sevenths).cost == 0.7
    assert recheck(sevenths, frustration(sevenths))


def test_dense_graphs_around_two_camps_are_proven_by_the_diagonal(networks: ModuleType) -> None:
    graph = networks.planted(80, 2_000, 2, 0.15, 1)
    found = frustration(graph)
    assert found.proven
    assert recheck(graph, found)
    assert sorted(np.bincount(found.camps)) == [40, 40]
    s = 1.0 - 2.0 * found.camps
    whole = problem.Problem(np.arange(80), graph.a, graph.b, graph.weight.astype(np.int64))
    assert diagonal.at_once(whole, s)[0] > (found.cost - 1) * cycles.OVER


def test_the_semidefinite_bound_is_below_and_above_the_eigenvalue(networks: ModuleType) -> None:
    graph = networks.planted(70, 700, 2, 0.3, 2)
    whole = problem.Problem(np.arange(70), graph.a, graph.b, graph.weight.astype(np.int64))
    found = frustration(graph, seconds=20)
    bound = diagonal.semidefinite(whole, 1.0 - 2.0 * found.camps, np.random.default_rng(1))[0][0] / cycles.OVER
    eigen = 700 / 2 - 70 * np.linalg.eigvalsh(graph.dense())[-1] / 4
    assert eigen < bound <= found.cost


def test_time_that_runs_out_gives_both_bounds_and_no_proof(networks: ModuleType) -> None:
    graph = networks.planted(60, 900, 2, 0.5, 3)
    found = frustration(graph, seconds=0.2)
    assert not found.proven
    assert 0 < found.lower_bound < found.cost
    assert "between" in found.text
    assert recheck(graph, found)
    with pytest.raises(UsageError, match="seconds"):
        frustration(graph, seconds=0.0)


def test_a_proven_cost_does_not_depend_on_the_seed(networks: ModuleType) -> None:
    graph = networks.planted(40, 150, 2, 0.3, 4)
    assert len({frustration(graph, seed=s).cost for s in (1, 2, 3)}) == 1


def test_branching_is_proven_leaf_by_leaf() -> None:
    """Five foes and a friend: the cycles leave a gap in the complete graph of five nodes."""
    i, j = np.triu_indices(5, 1)
    graph = SignedGraph(tuple("abcde"), i.astype(np.int64), j.astype(np.int64), -np.ones(10))
    whole = problem.Problem(np.arange(5), graph.a, graph.b, -np.ones(10, dtype=np.int64))
    relaxation = cycles.CycleRelaxation(whole, free=False)
    tree = branch.branched(whole, relaxation, np.zeros(5, dtype=np.int64), None, 1e18, free=False)
    assert (whole.cost(tree.labels), tree.bound > 3 * cycles.OVER) == (4, True)
    assert tree.nodes > 1
    found = frustration(graph)
    assert (found.cost, found.proven, recheck(graph, found)) == (4.0, True, True)


def test_what_is_packed_shares_no_weight(networks: ModuleType) -> None:
    graph = networks.planted(30, 200, 2, 0.2, 5)
    whole = problem.Problem(np.arange(30), graph.a, graph.b, graph.weight.astype(np.int64))
    found = frustration(graph)
    bound, _ = packing.packed(whole, found.camps, False, 1e18)
    assert 0 < bound <= found.cost * cycles.OVER


@pytest.mark.shared
def test_the_states_system_is_that_of_the_table(shared: Path) -> None:
    import pyarrow.parquet as pq

    edges = pq.read_table(shared / "data" / "cow_signed" / "edges.parquet").to_pydict()
    by_window: dict[str, tuple[list[str], list[str], list[int]]] = {}
    for window, *row in zip(edges["window"], edges["a"], edges["b"], edges["sign"], strict=True):
        for column, value in zip(by_window.setdefault(window, ([], [], [])), row, strict=True):
            column.append(value)
    with (shared / "balance" / "cow_expected.csv").open() as stream:
        expected = [row for row in csv.DictReader(stream) if row["window"] in by_window]
    assert len(expected) >= 37
    for row in expected[::6]:
        graph = from_edges(*by_window[row["window"]])
        two, free = frustration(graph), frustration(graph, free=True)
        assert (two.cost, free.cost) == (float(row["frustration_2camps"]), float(row["cost_free_camps"]))
        assert two.proven
        assert free.proven
        assert recheck(graph, two)
        assert recheck(graph, free)
        counts = [int(row[f"tri_{kind}"]) for kind in ("ppp", "ppn", "pnn", "nnn")]
        assert list(triads(graph).to_dict().values()) == counts


@pytest.mark.parametrize("free", [False, True])
def test_what_a_relaxation_claims_is_what_the_check_finds_of_any_multipliers(free: bool, networks: ModuleType) -> None:
    """Of multipliers far too large as well, and with pairs fixed."""
    rng = np.random.default_rng(7)
    graph = networks.drawn(9, 0.7, 0.5, 3, rng)
    whole = problem.Problem(np.arange(9), graph.a, graph.b, graph.weight.astype(np.int64))
    weights = dict(zip(zip(graph.a.tolist(), graph.b.tolist(), strict=True), whole.w.tolist(), strict=True))
    made = [cycles.CycleRelaxation(whole, free)] + [partitions.PartitionRelaxation(whole)] * free
    for relaxation in made:
        relaxation.strengthen(10**6, 1e18)
        count = len(relaxation.cycles if isinstance(relaxation, cycles.CycleRelaxation) else relaxation.rows)
        for fixed in ({}, {(int(graph.a[0]), int(graph.b[0])): 0, (int(graph.a[3]), int(graph.b[3])): 1}):
            relaxation.fix(fixed)
            y = rng.integers(0, 3 * cycles.OVER, count)
            found = relaxation._relaxed(y, np.zeros(len(relaxation.pairs)), False)
            assert certificate._bound(weights, found.proof, free, fixed) == Fraction(found.bound, cycles.OVER)

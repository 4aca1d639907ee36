"""Labels stay; a change of sides is one that staying would have cost."""

from __future__ import annotations

import doctest
from itertools import product
from types import ModuleType

import numpy as np
import pytest

from tertius.signed import camps as module
from tertius.signed.camps import camps_over_time, changes_of
from tertius.signed.frustration import frustration, recheck
from tertius.signed.graph import SignedGraph, from_edges


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def blocs(sides: dict[str, int], without: frozenset[str] = frozenset()) -> SignedGraph:
    """Everybody with an edge to everybody, positive within a side."""
    names = sorted(set(sides) - without)
    rows = [(x, y, 1 if sides[x] == sides[y] else -1) for k, x in enumerate(names) for y in names[k + 1 :]]
    a, b, sign = zip(*rows, strict=True)
    return from_edges(a, b, sign, actors=sorted(sides))


NAMES = "abcdefgh"
HALVES = {name: k // 4 for k, name in enumerate(NAMES)}


@pytest.mark.parametrize("free", [False, True])
def test_who_changes_sides_is_named_with_what_staying_costs(free: bool) -> None:
    turned = {**HALVES, "d": 1}
    one, two, three = camps_over_time(
        {"1": blocs(HALVES), "2": blocs(turned), "3": blocs(turned, frozenset("h"))}, free
    )
    assert (one.changes, one.born, one.died) == ((), (), ())
    (change,) = two.changes
    assert (change.actor, change.was, change.now, change.staying) == ("d", 0, 1, 7.0)
    assert three.changes == ()
    assert three.found.camps[7] == -1
    assert changes_of((one, two, three)) == (change,)
    assert two.members()[1][0] == "d"
    assert two.to_dict()["changes"] == [{"window": "2", "actor": "d", "from": 0, "to": 1, "staying": 7.0}]


def test_parts_without_relation_do_not_turn_around() -> None:
    """Two pairs that have nothing to do with each other: either could be labelled the other way."""
    pairs = from_edges(["a", "c"], ["b", "d"], [-1, -1])
    windows = camps_over_time({str(k): pairs for k in range(4)})
    assert len({tuple(w.found.camps.tolist()) for w in windows}) == 1
    assert changes_of(windows) == ()
    assert all(w.least_proven for w in windows)


def test_new_camps_are_born_with_new_numbers_and_old_ones_die() -> None:
    three = {name: k // 3 for k, name in enumerate("abcdefghi")}
    two = {name: min(side, 1) for name, side in three.items()}
    windows = camps_over_time({"1": blocs(two), "2": blocs(three), "3": blocs(two)}, free=True)
    assert [len(w.members()) for w in windows] == [2, 3, 2]
    assert (windows[1].born, windows[1].died) == ((2,), ())
    assert (windows[2].born, windows[2].died) == ((), (2,))
    assert [c.staying > 0 for c in changes_of(windows)] == [True] * len(changes_of(windows))


@pytest.mark.parametrize("free", [False, True])
def test_no_best_partition_changes_less(free: bool, networks: ModuleType) -> None:
    rng = np.random.default_rng(6)
    known = 0
    for _ in range(12):
        first, second = (networks.drawn(7, 0.6, 0.5, 1, rng) for _ in range(2))
        before, after = camps_over_time({"1": first, "2": second}, free)
        assert after.found.proven
        assert recheck(second, after.found)
        assert after.found.cost == frustration(second, free).cost
        past, now = before.found.camps, after.found.camps
        both = (past >= 0) & (now >= 0)
        assert np.count_nonzero(past[both] != now[both]) == len(after.changes)
        assert all(change.staying > 0 for change in after.changes)
        known += after.least_proven
        if after.least_proven:
            moved = strength(second)[both & (past != now)].sum()
            assert moved == least(second, past, now >= 0, free, networks, after.found.cost)
    assert known >= 11


def test_who_could_stay_for_nothing_is_sent_back() -> None:
    """The safety net below the search for the least change: b has one friend on either side."""
    graph = from_edges(["a", "b", "a"], ["b", "c", "c"], [1, 1, -1])
    found = frustration(graph)
    assert found.cost == 1.0
    labels, kept = module._stay_where_free(graph, np.array([0, 1, 1]), {"a": 0, "b": 0, "c": 1}, found)
    assert (labels.tolist(), kept.cost, kept.proven) == ([0, 0, 1], 1.0, True)
    assert module._stay_where_free(graph, np.array([0, 0, 1]), {"a": 0, "b": 0, "c": 1}, found)[0].tolist() == [0, 0, 1]


def test_where_one_great_or_many_small_actors_must_change_the_small_ones_do() -> None:
    """h turns against a, b and c, and has new friends: all others of then are fewer edges than its own."""
    friends = from_edges(["h", "h", "h", "h"], ["a", "b", "c", "z"], [1, 1, 1, -1])
    parted = from_edges(["h"] * 5, ["a", "b", "c", "m", "n"], [-1, -1, -1, 1, 1])
    for free in (False, True):
        _, after = camps_over_time({"1": friends, "2": parted}, free)
        assert {c.actor for c in after.changes} == {"a", "b", "c"}
        assert after.least_proven


def test_what_holds_an_actor_leaves_room_for_whole_numbers() -> None:
    """Strengths are scaled down where the weights times them would be rounded."""
    rng = np.random.default_rng(2)
    i, j = np.triu_indices(12, 1)
    windows = {}
    for name in "12":
        weight = rng.integers(1, 1 << 32, len(i)) * rng.choice([-1.0, 1.0], len(i))
        windows[name] = SignedGraph(tuple(NAMES + "ijkl"), i, j, weight)
    _, after = camps_over_time(windows)
    assert (after.found.proven, after.found.rounded, after.least_proven) == (True, False, True)


def strength(graph: SignedGraph) -> np.ndarray:
    size = np.tile(np.abs(graph.weight), 2)
    return np.bincount(np.concatenate([graph.a, graph.b]), weights=size, minlength=graph.n)


def least(
    graph: SignedGraph, past: np.ndarray, met: np.ndarray, free: bool, networks: ModuleType, cost: float
) -> float:
    """What changes, by weight, over all best partitions and all ways to give their camps the old numbers."""
    best = np.inf
    both = (past >= 0) & met
    for labels in networks.all_partitions(graph.n):
        if not free and labels.max() > 1:
            continue
        together = labels[graph.a] == labels[graph.b]
        if np.abs(graph.weight)[together != (graph.weight > 0)].sum() > cost:
            continue
        old = [*sorted(set(past[both].tolist())), -9]
        for names in product(old if free else (0, 1), repeat=int(labels.max()) + 1):
            given = [x for x in names if x != -9]
            if len(set(given)) == len(given) and (free or len(names) < 2 or names[0] != names[1]):
                now = np.array(names)[labels]
                best = min(best, strength(graph)[both & (now != past)].sum())
    return best

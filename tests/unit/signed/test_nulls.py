"""Drawn networks keep what they should; blocs are more balanced than them, random signs are not."""

from __future__ import annotations

import csv
import doctest
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tertius.errors import UsageError
from tertius.signed import nulls as module
from tertius.signed.frustration.search import lowest_costs
from tertius.signed.graph import from_edges
from tertius.signed.nulls import against_chance, permuted, rewired, verdict


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_what_is_kept_is_kept(networks: ModuleType) -> None:
    graph = networks.drawn(30, 0.3, 0.6, 3, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    turned, wired = permuted(graph, rng), rewired(graph, rng)
    assert np.array_equal(turned.a, graph.a)
    assert sorted(turned.weight) == sorted(graph.weight) == sorted(wired.weight)
    assert (turned.weight != graph.weight).any()
    pairs = wired.a * 30 + wired.b
    assert len(np.unique(pairs)) == graph.m
    assert (wired.a < wired.b).all()
    assert len(np.intersect1d(pairs, graph.a * 30 + graph.b)) < 0.7 * graph.m
    for sign in (1, -1):
        old, new = ((g.dense(np.sign(g.weight)) == sign).sum(axis=0) for g in (graph, wired))
        assert np.array_equal(old, new)


def test_blocs_are_less_frustrated_than_chance_and_random_signs_are_not(networks: ModuleType) -> None:
    blocs, chance = networks.planted(24, 110, 2, 0.05, 1), networks.planted(24, 110, 2, 0.5, 1)
    found = against_chance(blocs, draws=39)
    assert {null.frustration.p for null in found.values()} == {1 / 40}
    assert {null.triads.p for null in found.values()} == {1 / 40}
    assert "less frustrated" in verdict(found)
    said = found["signs"].to_dict()
    assert said["draws"] == 39
    assert said["low"] <= said["mean"] <= said["high"]
    assert said["free_camps"]["p"] == 1 / 40
    none = against_chance(chance, draws=39)
    assert min(null.frustration.p for null in none.values()) > 0.05
    assert "not less frustrated" in verdict(none)


def test_the_verdict_says_where_it_depends_on_the_null() -> None:
    """Two hubs, one friend of all and one foe of all: signed degrees explain all of the balance."""
    names = [f"s{k}" for k in range(12)]
    a = ["friend"] * 12 + ["foe"] * 12
    graph = from_edges(a, names * 2, [1] * 12 + [-1] * 12)
    found = against_chance(graph, draws=39)
    assert found["signs"].frustration.p < 0.05
    assert found["degrees"].frustration.p == 1.0
    assert "depends on what is called chance" in verdict(found)


def test_graphs_without_triads_have_no_p_of_them() -> None:
    path = from_edges(["a", "b"], ["b", "c"], [1, -1])
    null = against_chance(path, draws=5)["signs"]
    assert null.triads.p != null.triads.p
    assert null.to_dict()["triads"]["p"] is None
    assert null.frustration.p == 1.0


def test_what_cannot_be_meant_is_refused() -> None:
    path = from_edges(["a", "b"], ["b", "c"], [1, -1])
    with pytest.raises(UsageError, match="draws"):
        against_chance(path, draws=0)
    with pytest.raises(UsageError, match="degree"):
        against_chance(path, kinds=["degree"])


@pytest.mark.shared
def test_the_search_alone_finds_what_is_proven_for_most_windows(shared: Path) -> None:
    """Observed and drawn are measured by a search; how far it errs is known for the states' system."""
    import pyarrow.parquet as pq

    edges = pq.read_table(shared / "data" / "cow_signed" / "edges.parquet").to_pydict()
    rows: dict[str, list[tuple[str, str, int]]] = {}
    for window, *row in zip(edges["window"], edges["a"], edges["b"], edges["sign"], strict=True):
        rows.setdefault(window, []).append((row[0], row[1], row[2]))
    with (shared / "balance" / "cow_expected.csv").open() as stream:
        expected = [row for row in csv.DictReader(stream) if row["window"] in rows][::4]
    off = []
    for row in expected:
        a, b, sign = zip(*rows[row["window"]], strict=True)
        W = from_edges(a, b, sign).dense()[None]
        for free, column in ((False, "frustration_2camps"), (True, "cost_free_camps")):
            off.append(lowest_costs(W, free, 2, np.random.default_rng(1))[0] - int(row[column]))
    assert min(off) == 0
    assert max(off) <= 3
    assert off.count(0) >= 0.8 * len(off)

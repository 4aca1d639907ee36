"""The result of all windows is what its parts say, and plain JSON."""

from __future__ import annotations

import doctest
import json
from types import ModuleType

import numpy as np

from tertius.signed import windows as module
from tertius.signed.frustration import frustration
from tertius.signed.graph import from_edges
from tertius.signed.triads import triads
from tertius.signed.windows import balance_over_time


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_the_json_holds_the_parts(networks: ModuleType) -> None:
    rng = np.random.default_rng(1)
    graphs = {str(year): networks.drawn(8, 0.6, 0.5, 2, rng) for year in (2001, 2002)}
    found = balance_over_time(graphs, draws=5)
    windows = json.loads(json.dumps(found.to_dict(), allow_nan=False))["windows"]
    assert [w["window"] for w in windows] == ["2001", "2002"]
    for w, graph in zip(windows, graphs.values(), strict=True):
        assert w["triads"] == triads(graph).to_dict()
        assert w["frustration"] == frustration(graph).cost == w["lower_bound"]
        assert w["free_camps"]["cost"] == frustration(graph, free=True).cost
        assert set(w["camps"]) == set(graph.actors) == set(w["margin"])
        assert set(w["null"]) == {"signs", "degrees"}
        assert {"mean", "low", "high", "p", "draws"} <= set(w["null"]["signs"])
    assert {row["signs_p"] for row in found.frustration_series()} == {w["null"]["signs"]["p"] for w in windows}
    assert len(found.ribbon(free=True)) == sum(
        c is not None for w in windows for c in w["free_camps"]["camps"].values()
    )


def test_without_draws_there_is_no_verdict() -> None:
    (window,) = balance_over_time({"w": from_edges(["a"], ["b"], [1])}).to_dict()["windows"]
    assert (window["null"], window["verdict"], window["balance_degree"]) == ({}, None, None)

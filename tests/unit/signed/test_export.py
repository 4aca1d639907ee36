"""Other programs read the same graph."""

from __future__ import annotations

import csv
import doctest
import io
from dataclasses import replace

import networkx as nx
import pytest

from tertius.errors import UsageError
from tertius.signed import export as module
from tertius.signed.export import edge_rows, node_rows, to_csv, to_graphml, to_networkx
from tertius.signed.frustration import frustration
from tertius.signed.graph import from_edges

GRAPH = from_edges(
    ["a & b", "c", "a & b"], ["c", '"d"', '"d"'], [1, 1, -1], [2, 3, 1], actors=["a & b", "c", '"d"', "e"]
)
FOUND = frustration(GRAPH)


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_graphml_is_what_networkx_has() -> None:
    for found in (None, FOUND):
        read = nx.read_graphml(io.BytesIO(to_graphml(GRAPH, found).encode()))
        own = to_networkx(GRAPH, found)
        assert dict(read.edges.items()).keys() == dict(own.edges.items()).keys()
        for ends, data in own.edges.items():
            assert read.edges[ends] == data
        for node, data in own.nodes.items():
            assert read.nodes[node] == {k: v for k, v in data.items() if v is not None}


def test_csv_is_read_back() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(GRAPH, FOUND))))
    again = from_edges(
        [r["a"] for r in rows],
        [r["b"] for r in rows],
        [int(r["sign"]) for r in rows],
        [float(r["weight"]) for r in rows],
        GRAPH.actors,
    )
    assert again.weight.tolist() == GRAPH.weight.tolist()
    assert sum(r["frustrated"] == "True" for r in rows) == sum(r["frustrated"] for r in edge_rows(GRAPH, FOUND)) == 1


def test_actors_without_an_edge_are_in_no_camp() -> None:
    assert node_rows(GRAPH, FOUND)[3] == {"actor": "e", "camp": None, "margin": None}
    with pytest.raises(UsageError, match="another graph"):
        node_rows(GRAPH, replace(FOUND, actors=("x",)))

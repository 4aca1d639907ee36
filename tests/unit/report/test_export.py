"""Edges and camps as files: whole or not at all, readable again, and never in another file's place."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import tertius
from tertius.answers.camps import Balance, balance_of
from tertius.errors import TertiusWarning, UsageError
from tertius.report.export import check_export, export
from tertius.signed.graph import from_edges

NASTY = "<&\"'>\x1b\x00\ud800]]>"


@pytest.fixture(scope="module")
def found() -> Balance:
    one = from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, 1], [2.0, 0.5, 1.0])
    two = from_edges(["i", "j"], ["j", "k"], [1, -1])
    return Balance("x", balance_of({"one": one, "two": two}))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_written_can_be_asked_again(form: str, found: Balance, tmp_path: Path) -> None:
    path = export(found, tmp_path / f"edges.{form}")
    again = tertius.balance(path, draws=0)
    assert [w.window for w in again.windows] == ["one", "two"]
    assert [w.two.found.cost for w in again.windows] == [w.two.found.cost for w in found.windows] == [0.5, 0.0]
    assert [w.graph.weight.tolist() for w in again.windows] == [w.graph.weight.tolist() for w in found.windows]


def test_parquet_has_types(found: Balance, tmp_path: Path) -> None:
    table = pq.read_table(export(found, tmp_path / "edges.parquet"))
    assert {f.name: str(f.type) for f in table.schema} == {
        "a": "string", "b": "string", "sign": "int8", "window": "string", "weight": "double", "frustrated": "bool",
    }  # fmt: skip
    assert table["frustrated"].to_pylist() == [False, False, True, False, False]


def test_graphml_holds_the_last_window_and_says_so(found: Balance, tmp_path: Path) -> None:
    with pytest.warns(TertiusWarning, match="holds the last window, two"):
        path = export(found, tmp_path / "g.graphml")
    root = ET.parse(path).getroot()
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    assert len(root.findall(".//g:edge", space)) == 2
    assert [n.attrib["id"] for n in root.findall(".//g:node", space)] == ["i", "j", "k"]


def test_graphml_of_hostile_labels_is_xml(tmp_path: Path) -> None:
    graph = from_edges([NASTY], ["j"], [1])
    path = export(Balance("x", balance_of({"w": graph})), tmp_path / "g.graphml")
    nodes = ET.parse(path).getroot().findall(".//{http://graphml.graphdrawing.org/xmlns}node")
    assert "\ufffd" in nodes[0].attrib["id"]
    assert "<&\"'>" in nodes[0].attrib["id"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("edges.xlsx", "no form"), ("edges", "no form"), ("no/edges.csv", "is not a folder"), ("there.csv", "exists")],
)
def test_what_cannot_be_written_is_refused_before(name: str, said: str, found: Balance, tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(UsageError, match=said):
        check_export(tmp_path / name)
    with pytest.raises(UsageError, match=said):
        export(found, tmp_path / name)
    assert [f.name for f in tmp_path.iterdir()] == ["there.csv"]
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_a_failure_leaves_nothing(found: Balance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    def full(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UsageError, match="cannot be written"):
        export(found, tmp_path / "edges.csv")
    assert list(tmp_path.iterdir()) == []

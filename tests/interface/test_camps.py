"""The commands of structure over time: documents that stay put, commands that repeat, one message where it is wrong."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

Run = Callable[..., Any]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "camps.md"
EDGES = (
    "window,a,b,sign", "w1,i,j,1", "w1,j,k,-1", "w1,i,k,-1", "w1,k,l,1", "w2,i,j,-1", "w2,j,k,-1", "w2,i,k,1",
    "w2,k,l,1",
)  # fmt: skip
TYPED = (
    "date,source,target,quad,type", "2020-01-01,RUS,PRK,1,CONSULT", "2020-06-01,USA,PRK,3,ACCUSE",
    "2021-07-01,USA,CHN,1,CONSULT",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "edges.csv").write_text("\n".join(EDGES) + "\n")
    (tmp_path / "typed.csv").write_text("\n".join(TYPED) + "\n")
    (tmp_path / "bad.csv").write_text("a,b,sign\ni,j,friend\n")
    (tmp_path / "empty.csv").write_text("a,b,sign\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMANDS = {
    "balance": "balance chronicle --window 5y --draws 2 --neutral even",
    "balance free": "balance chronicle --window 5y --draws 0 --camps free --neutral window --threshold .001 --seed 3",
    "edges": "balance edges.csv --draws 2 --camps free",
    "isolation": "isolation Russia chronicle --at 2014-03-01 --period 1y --beside USA,CHN",
    "isolation in a group": "isolation RUS chronicle --at 2014-03-01 --period 1y --group NATO --outcome any",
    "balance of one": "balance chronicle --window 5y --draws 0 --neutral even --of Russia",
    "ties": "ties Russia chronicle --at 2014-03-01 --period 1y",
    "trend": "trend RUS PRK chronicle --at 2022-02-24 --period 1y",
    "trend of types": "trend RUS PRK chronicle --types CONSULT,aid --period 6mo --from 2005-01-01",
    "rank": "rank RUS UKR chronicle --period 1y --at 2014-05-01",
    "rank last": "rank RUS PRK chronicle --period 1y --response weight",
}
TABLES = {"balance of one", "ties"}
"""Answers that are shown without a chart."""
KEYS = {
    "balance": {"windows"},
    "edges": {"windows"},
    "ties": {"actor", "at", "friends", "foes", "ties", "before", "after"},
    "isolation": {"actor", "group", "at", "before", "after", "ratio", "low", "high", "series", "text", "command"},
    "trend": {
        "pair", "at", "outcome", "before", "after", "ratio", "low", "high", "ratio_of_share", "text", "command",
    },
    "rank": {"pair", "at", "value", "percentile", "n", "text", "command"},
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_the_document_has_the_contracts_keys_and_its_command_gives_it_again(
    name: str, folder: Path, tertius: Run
) -> None:
    ran = tertius(*COMMANDS[name].split(), "--json")
    assert ran.code == 0, ran.out
    document = ran.document
    assert KEYS[name.split()[0]] <= set(document)
    assert {"caveats", "text", "command"} <= set(document)
    again = tertius(*shlex.split(document["command"])[1:], "--json").document
    for one in (document, again):
        for window in one.get("windows", ()):
            window.pop("seconds")
            assert 0 <= window["balance_degree"] <= 1
    assert again == document


@pytest.mark.parametrize("name", COMMANDS)
def test_people_can_read_it_in_80_columns(name: str, folder: Path, tertius: Run) -> None:
    ran = tertius(*COMMANDS[name].split(), "--report", "page.html", "--quiet")
    assert ran.code == 0, ran.err
    assert ran.err == ""
    lines = ran.out.splitlines()
    repeat = lines.index("How to repeat it")
    assert max(map(len, lines[:repeat])) <= 80
    html = (folder / "page.html").read_text("utf-8")
    assert ("data-chart=" in html) == (name not in TABLES)
    assert len(html) > 100_000


@pytest.mark.parametrize("name", ["balance", "isolation", "trend", "rank"])
def test_rows_stand_alone(name: str, folder: Path, tertius: Run) -> None:
    ran = tertius(*COMMANDS[name].split(), "--table", "csv")
    rows = list(csv.DictReader(ran.out.splitlines()))
    document = tertius(*COMMANDS[name].split(), "--json").document
    if name == "balance":
        assert len(rows) == sum(w["nodes"] for w in document["windows"])
        assert rows[0]["camp"] == str(document["windows"][0]["camps"][rows[0]["actor"]])
    else:
        assert [r["period"] for r in rows] == [line["period"] for line in document["series"]]


def test_each_window_of_an_edge_list_is_counted(folder: Path, tertius: Run) -> None:
    document = tertius("balance", "edges.csv", "--draws", "0", "--json").document
    first, second = document["windows"]
    assert first["triads"] == {"+++": 0, "++-": 0, "+--": 1, "---": 0}
    assert (first["nodes"], first["edges"], first["positive"], first["negative"]) == (4, 4, 2, 2)
    assert (first["frustration"], first["proven"], first["free_camps"]["cost"]) == (0, True, 0)
    assert [c["actor"] for c in document["changes"]] == ["i"]
    assert second["camps"]["i"] == first["camps"]["k"]


def test_types_choose_the_rows_behind_a_pair(folder: Path, tertius: Run) -> None:
    found = tertius("events", "RUS", "PRK", "typed.csv", "--types", "consult", "--json").document
    assert (found["n"], found["types"]) == (1, ["consult"])
    assert tertius("events", "USA", "PRK", "typed.csv", "--types", "CONSULT", "--json").document["n"] == 0


def test_export_writes_beside_the_answer(folder: Path, tertius: Run) -> None:
    ran = tertius("balance", "edges.csv", "--draws", "0", "--export", "out.csv")
    assert ran.code == 0
    assert (folder / "out.csv").read_text().splitlines()[0] == "a,b,sign,window,weight,frustrated"
    ran = tertius("balance", "edges.csv", "--draws", "0", "--export", "out.graphml")
    assert "Note: out.graphml holds the last window, w2." in ran.err
    assert tertius("balance", "out.csv", "--draws", "0", "--json").document["windows"][1]["window"] == "w2"
    tertius("balance", "edges.csv", "--draws", "0", "--export", "out.parquet", "--quiet")
    assert pq.read_table("out.parquet").num_rows == 8


BAD = {
    "a sign that is none": ("balance bad.csv", "BadValue", "'friend' is not a sign"),
    "no edge": ("balance empty.csv", "EmptyData", "holds no edge"),
    "no data": ("balance nowhere.csv", "UsageError", "nowhere.csv"),
    "three camps": ("balance edges.csv --camps 3", "UsageError", "--camps '3'"),
    "a threshold of an edge list": ("balance edges.csv --threshold 2", "UsageError", "--threshold is for event data"),
    "no such neutral": ("balance chronicle --neutral evn", "UsageError", "--neutral 'evn'"),
    "no duration": ("balance chronicle --window year", "BadDuration", "'year'"),
    "no time": ("balance chronicle --seconds 0", "UsageError", "--seconds 0"),
    "no such form": ("balance edges.csv --export out.gexf", "UsageError", "out.gexf"),
    "no such type": ("trend RUS PRK typed.csv --types KISS", "UsageError", "'KISS'"),
    "no such actor": ("isolation Rusia chronicle", "UnknownActor", "'Rusia'"),
    "no such group": ("isolation RUS chronicle --group Entente", "UsageError", "Entente"),
    "the pair twice": ("rank RUS Russia chronicle", "UsageError", "twice"),
    "outside": ("rank RUS PRK chronicle --at 1900-01-01", "UsageError", "outside the data"),
    "table and json": ("balance edges.csv --table csv", "UsageError", "--table and --json"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_exits_2_with_one_message_and_writes_nothing(name: str, folder: Path, tertius: Run) -> None:
    words, kind, said = BAD[name]
    before = sorted(f.name for f in folder.iterdir())
    ran = tertius(*words.split(), "--json", "--draws", "0") if "balance" in words else tertius(*words.split(), "--json")
    assert ran.code == 2
    error = json.loads(ran.out)["error"]
    assert error["type"] == kind
    assert said in error["message"]
    assert error["hint"]
    assert sorted(f.name for f in folder.iterdir()) == before


@pytest.mark.shared
def test_every_window_of_the_correlates_of_war_by_command(shared: Path, tertius: Run) -> None:
    ran = tertius("balance", shared / "data" / "cow_signed" / "edges.parquet", "--draws", "0", "--json", "--quiet")
    found = {w["window"]: w for w in ran.document["windows"]}
    with (shared / "balance" / "cow_expected.csv").open() as file:
        expected = [row for row in csv.DictReader(file) if row["window"] in found]
    assert len(expected) >= 36
    for row in expected:
        w = found[row["window"]]
        assert (w["frustration"], w["free_camps"]["cost"]) == (
            int(row["frustration_2camps"]),
            int(row["cost_free_camps"]),
        )
        assert w["proven"]
        assert w["free_camps"]["proven"]
        triads = [int(row[f"tri_{kind}"]) for kind in ("ppp", "ppn", "pnn", "nnn")]
        assert list(w["triads"].values()) == triads
        assert (w["nodes"], w["positive"], w["negative"]) == tuple(
            int(row[k]) for k in ("nodes", "pos_edges", "neg_edges")
        )


def shown(text: str) -> list[tuple[str, list[str]]]:
    """Commands of a document, each with the lines that it is said to print."""
    found = []
    for block in re.findall(r"```\n\$ (tertius .*?)```", text, flags=re.DOTALL):
        command, *lines = block.splitlines()
        found.append((command, lines))
    return found


def printed_in_order(lines: list[str], out: str) -> bool:
    """Whether the lines stand one after another in what was printed."""
    printed = [line.rstrip() for line in out.splitlines()]
    return any(printed[k : k + len(lines)] == lines for k in range(len(printed)))


def test_the_document_shows_what_the_chronicle_prints(tertius: Run) -> None:
    blocks = [(c, lines) for c, lines in shown(DOCS.read_text("utf-8")) if "chronicle" in c]
    assert len(blocks) == 1
    for command, lines in blocks:
        assert printed_in_order(lines, tertius(*shlex.split(command)[1:], "--quiet").out), command


@pytest.mark.shared
def test_the_document_shows_what_icews_prints(
    shared: Path, tmp_path: Path, tertius: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    events = shared / "data" / "icews18" / "events.parquet"
    assert tertius("import", "icews", events, "--into", "ICEWS18", "--quiet").code == 0
    blocks = [(c, lines) for c, lines in shown(DOCS.read_text("utf-8")) if "ICEWS18" in c]
    assert len(blocks) == 2
    for command, lines in blocks:
        assert printed_in_order(lines, tertius(*shlex.split(command)[1:], "--quiet").out), command


@pytest.mark.shared
def test_the_document_shows_what_gdelt_prints(
    shared: Path, tmp_path: Path, tertius: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the one command that draws null networks of five windows, which takes a minute."""
    folder = shared / "data" / "gdelt_dyad_day"
    monkeypatch.chdir(tmp_path)
    files = (folder / "weights.parquet", "--missing", folder / "missing_days.csv")
    assert tertius("import", "dyads", *files, "--into", "GDELT", "--quiet").code == 0
    blocks = [(c, lines) for c, lines in shown(DOCS.read_text("utf-8")) if "GDELT" in c]
    quick = [(c, lines) for c, lines in blocks if "balance" not in c or "--draws 0" in c]
    assert (len(blocks), len(quick)) == (9, 8)
    for command, lines in quick:
        assert printed_in_order(lines, tertius(*shlex.split(command)[1:], "--quiet").out), command

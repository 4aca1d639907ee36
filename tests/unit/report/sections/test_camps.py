"""Camps, trend, rank and isolation on page and terminal: what their charts draw, and labels that mean harm."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from rich.console import Console

import tertius
from tertius.answers.camps import Balance, balance_of
from tertius.report import terminal
from tertius.report.charts.camps import CAMP_COLOURS, SMALLER, coloured, network, ribbons
from tertius.report.html import render
from tertius.report.pages import charts_of, document_of, rows_of
from tertius.report.sections import camps
from tertius.signed.graph import SignedGraph, from_edges
from tertius.signed.layout import DRAWN

NASTY = "</script><img src=x onerror=alert(1)>\x1b[31m'\"; datum.x"


def blocs(sizes: tuple[int, ...], moved: str = "") -> SignedGraph:
    """Blocs that stand together inside and against each other; ``moved`` stands with the first instead of its own."""
    names = [f"{chr(97 + b)}{k}" for b, size in enumerate(sizes) for k in range(size)]
    side = {a: "a" if a == moved else a[0] for a in names}
    pairs = [(a, b) for n, a in enumerate(names) for b in names[:n]]
    return from_edges(*zip(*pairs, strict=True), [1 if side[a] == side[b] else -1 for a, b in pairs])


def answer(*graphs: SignedGraph, camps: str = "2", draws: int = 0) -> Balance:
    named = {f"w{k}": g for k, g in enumerate(graphs)}
    return Balance(
        "x.csv", balance_of(named, draws=draws), camps, caveats=("a caveat",), command="tertius balance x.csv"
    )


@pytest.fixture(scope="module")
def moved() -> Balance:
    return answer(blocs((5, 4)), blocs((5, 4), "b2"), blocs((5, 4), "b2"), draws=3)


def data_of(spec: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = spec["datasets"][name]
    assert isinstance(found, list)
    return found


def test_ribbons_are_as_thick_as_their_actors_and_bars_as_high(moved: Balance) -> None:
    spec = ribbons(moved).to_dict()
    bars, flows = data_of(spec, "bars"), data_of(spec, "flows")
    assert [round(b["from"] + 0.07) for b in bars] == [0, 0, 1, 1, 2, 2]
    assert [b["high"] - b["low"] for b in bars] == pytest.approx([5, 4, 6, 3, 6, 3])
    thick = {row["flow"]: (round(row["high"] - row["low"], 4), row["changed"], row["who"]) for row in flows}
    assert thick["0-1-0"] == (1, True, "b2")
    assert Counter(changed for _, changed, _ in thick.values()) == {False: 4, True: 1}
    for k in (0, 1):  # every ribbon begins on its own bar, and none covers another there
        ends = sorted((r["low"], r["high"]) for r in flows if r["x"] == pytest.approx(k + 0.07))
        assert all(a[1] <= b[0] + 1e-4 for a, b in pairwise(ends))
        assert sum(high - low for low, high in ends) == pytest.approx(9, abs=1e-4)


def test_actors_who_are_not_in_the_next_window_flow_nowhere() -> None:
    found = answer(blocs((4, 3)), from_edges(["a0"], ["b0"], [-1]))
    flows = data_of(ribbons(found).to_dict(), "flows")
    assert {row["who"] for row in flows} == {"a0", "b0"}


def test_one_window_is_bars_alone() -> None:
    assert "flows" not in ribbons(answer(blocs((4, 3)))).to_dict()["datasets"]


def test_many_camps_share_the_last_colour() -> None:
    found = answer(blocs((6, 5, 4, 3, 3, 2, 2)), camps="free")
    place = coloured(found)
    assert len(place) == 7
    assert sorted(place.values()) == [0, 1, 2, 3, 4, SMALLER, SMALLER]
    chart = ribbons(found).to_dict()
    key = [(k["colour"], k["text"]) for k in chart["usermeta"]["key"]]
    assert key[: SMALLER + 1] == [
        *((c, f"camp {n}") for n, c in enumerate(CAMP_COLOURS)),
        ("quiet", "smaller camps"),
    ]


def test_the_network_draws_the_busiest_and_says_so() -> None:
    found = answer(blocs((40, 30)))
    spec = network(found, found.windows[0]).to_dict()
    assert len(data_of(spec, "dots")) == DRAWN
    assert str(DRAWN) in spec["title"]["subtitle"]
    drawn = {row["actor"] for row in data_of(spec, "dots")}
    assert all(set(row["pair"].split(", ")) <= drawn for row in data_of(spec, "lines"))
    small = answer(blocs((3, 2)))
    assert network(small, small.windows[0]).to_dict()["title"]["subtitle"] == "All 5 actors"


def test_the_series_has_its_null_bands(moved: Balance) -> None:
    spec = charts_of(moved)["frustration"].to_dict()
    row = data_of(spec, "windows")[0]
    assert row["share"] == 0.0
    assert 0 < row["signs_low"] <= row["signs_high"]
    assert [k["colour"] for k in spec["usermeta"]["key"]] == ["blue", "window", "reference"]
    without = charts_of(answer(blocs((3, 2))))["frustration"].to_dict()
    assert [k["colour"] for k in without["usermeta"]["key"]] == ["blue"]


def test_the_page_and_the_terminal_tell_who_changed_sides(moved: Balance) -> None:
    text = moved.summary()
    assert max(map(len, text.splitlines())) <= 80
    assert "Who changed sides" in text
    assert "b2" in text.split("Who changed sides")[1]
    assert "a caveat" in text
    html = render(document_of(moved))
    assert all(f'data-chart="{name}"' in html for name in ("ribbons", "network", "frustration"))
    json.dumps(document_of(moved).to_dict(), allow_nan=False)


def test_camps_are_numbered_alike_everywhere(moved: Balance) -> None:
    (line, other) = (item for item in camps.members_section(moved).blocks[1].items)  # type: ignore[union-attr]
    assert str(line).startswith("Camp 0, 6 actors: a0 (")
    assert str(other).startswith("Camp 1, 3 actors: b0 (")
    (row,) = camps.changes_section(moved).blocks[0].rows  # type: ignore[union-attr]
    assert row.cells == ("w1", "b2", "1", "0", "8.00")
    printed = rows_of(moved)
    assert printed is not None
    assert printed.cells[0][:3] == ("w0", "a0", "0")
    assert printed.rows[0]["camp"] == 0
    assert moved.windows[-1].to_dict()["camps"]["a0"] == 0
    assert "Camps there: 0: " in moved.text
    keys = [k["text"] for k in charts_of(moved)["ribbons"].to_dict()["usermeta"]["key"]]
    assert keys[:2] == ["camp 0", "camp 1"]


def test_a_change_of_sides_is_marked_in_words_also_over_a_window_without_it(moved: Balance) -> None:
    (table, note) = camps.stood_section(replace(moved, of="b2")).blocks
    assert [(r.cells[0], str(r.cells[1]), str(r.cells[2]), r.marked) for r in table.rows] == [  # type: ignore[union-attr]
        ("w2", "0", "", False), ("w1", "0", "1", True), ("w0", "1", "", False),
    ]  # fmt: skip
    assert "Where it changed sides" in str(note.text)  # type: ignore[union-attr]
    (table, note) = camps.stood_section(replace(moved, of="a0")).blocks
    assert len(table.columns) == 4  # type: ignore[union-attr]
    assert "changed sides" not in str(note.text)  # type: ignore[union-attr]


def test_nobody_changed_is_said() -> None:
    assert "Nobody changed sides" in answer(blocs((3, 2)), blocs((3, 2))).summary()
    assert "changed sides" not in answer(blocs((3, 2))).summary().split("Camps over time")[1]


def test_what_is_not_proven_is_a_range(moved: Balance) -> None:
    window = moved.windows[0]
    open_ = replace(window.two.found, cost=9.0, lower_bound=6.0, proven=False)
    found = replace(moved, windows=(replace(window, two=replace(window.two, found=open_)),))
    assert "6-9" in found.summary()
    assert open_.text in found.text


def harmless(found: Any) -> None:
    document = document_of(found)
    html = render(document)
    assert "<img src=x" not in html
    sink = io.StringIO()
    terminal.show(Console(file=sink, width=80), document)
    assert "\x1b" not in sink.getvalue()
    for chart in charts_of(found).values():
        assert [e for e in expressions(chart.to_dict()) if "onerror" in e] == []


def expressions(spec: Any) -> list[str]:
    """Everything in a specification that Vega would run."""
    if isinstance(spec, list):
        return [e for part in spec for e in expressions(part)]
    if not isinstance(spec, dict):
        return []
    own = [v for k, v in spec.items() if k in ("expr", "filter", "calculate", "labelExpr", "test", "signal")]
    return [*map(str, own), *(e for k, v in spec.items() if k not in ("datasets", "values") for e in expressions(v))]


def test_hostile_labels_stay_text() -> None:
    graph = from_edges([NASTY, "j", NASTY], ["j", "k", "k"], [1, -1, -1])
    found = balance_of({NASTY: graph, "w": from_edges([NASTY, "j"], ["j", "k"], [-1, 1])}, draws=2)
    harmless(Balance(NASTY, found, caveats=(NASTY,), command=NASTY))
    harmless(Balance(NASTY, found, "free"))


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_hostile_labels_of_a_pair_and_an_actor_stay_text(frame: Any) -> None:
    import pyarrow as pa

    def named(column: Any) -> Any:
        return pa.array([NASTY if x == "A00" else x for x in column.to_pylist()])

    table = frame.set_column(frame.column_names.index("source"), "source", named(frame["source"]))
    table = table.set_column(table.column_names.index("target"), "target", named(table["target"]))
    data = tertius.load(table, codes="keep")
    harmless(tertius.trend(NASTY, "A01", data, period="1w"))
    harmless(tertius.rank(NASTY, "A01", data, period="1w"))
    harmless(tertius.isolation(NASTY, data, period="2d"))


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_trend_rank_and_isolation_have_a_chart_each(frame: Any) -> None:
    data = tertius.load(frame, codes="keep")
    for found, name, word in (
        (tertius.trend("A00", "A01", data, period="1w"), "trend", "Before and after"),
        (tertius.rank("A00", "A01", data, period="1w"), "rank", "Period by period"),
        (tertius.isolation("A00", data, period="2d"), "isolation", "Effective partners"),
    ):
        chart = charts_of(found)[name]
        assert chart.to_dict()["title"]
        text = found.summary()
        assert word in text
        assert max(map(len, text.splitlines())) <= 80
        printed = rows_of(found)
        assert printed is not None
        assert len(printed.rows) == len(found.rows())
        assert found._repr_html_().startswith("<p>")
        json.dumps(document_of(found).to_dict(), allow_nan=False)

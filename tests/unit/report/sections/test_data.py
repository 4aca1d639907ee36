"""Data as they are: what an import kept, what a store holds, rows, codes, the cache; labels stay text."""

from __future__ import annotations

from typing import Any

from document_reading import facts, items, table, tables_of, texts
from tertius.codes.lookup import find_codes
from tertius.report.pages import document_of, rows_of
from tertius.report.sections.data import LISTED
from tertius.study.behind import Audited, CodesFound, KeptFits, RowsBehind

FILE = {"name": "a.csv", "read": 10, "kept": 8, "dropped": {"self_pair": 2}, "quarantined": 0}
AUDIT: dict[str, Any] = {
    "read": 10, "kept": 8, "dropped": {"self_pair": 2}, "quarantined": 0, "rows": 9, "files": [FILE], "directed": True,
    "coverage": {"from": "2020-01-01", "to": "2020-02-01", "slices": 20, "missing": []}, "snapshot": "abc",
}  # fmt: skip
ROW = {"date": "2020-01-01", "source": "A", "target": "B", "quad": 1, "sign": 1, "weight": 2.0, "origin": "x#1"}


def test_an_audit_says_what_was_read_kept_and_dropped_by_rule() -> None:
    section = document_of(Audited(AUDIT)).section("audit")
    assert {r["rule"]: r["rows"] for r in table(section)} == {
        "read": "10", "kept": "8", "dropped: self pair": "2", "quarantined": "0", "rows in the store": "9"
    }  # fmt: skip
    assert texts(section) == ["From 2020-01-01 to 2020-02-01, 20 days with events.", "Snapshot abc."]
    assert len(tables_of(section)) == 1


def test_several_files_are_listed_and_the_terminal_shows_some() -> None:
    section = document_of(Audited({**AUDIT, "files": [FILE] * 30, "warnings": ["Net data."]})).section("audit")
    files = tables_of(section)[1]
    assert (len(files.rows), files.shown) == (30, LISTED)
    assert items(section) == ["Net data."]


def test_rows_have_their_origin_and_say_how_many_are_left_out() -> None:
    document = {"pair": ["A", "B"], "data": "d", "directed": False, "n": 3, "events": [ROW]}
    section = document_of(RowsBehind(document)).section("rows")
    (row,) = table(section)
    assert row["what, and where it is from"] == "verbal cooperation / x#1"
    assert texts(section) == ["Net, undirected data: whose act it was cannot be known.", "2 more: raise --limit."]
    found = rows_of(RowsBehind(document))
    assert found is not None
    assert found.cells == [("2020-01-01", "A - B", "verbal cooperation", "2.00")]
    assert (
        texts(document_of(RowsBehind({**document, "events": [], "n": 0})).section("rows"))[-1] == "There are no rows."
    )


def test_codes_are_tables_of_what_was_found_and_nothing_is_said_to_be_nothing() -> None:
    codes = document_of(CodesFound(find_codes("Korea"))).section("codes")
    assert {r["code"] for r in table(codes)} >= {"KOR", "PRK"}
    assert texts(document_of(CodesFound({"actors": [], "types": [], "groups": []})).section("codes")) == [
        "Nothing of that name."
    ]


def test_the_cache_says_how_much_and_when_it_is_off() -> None:
    kept = {"folder": "/f", "on": False, "files": 2, "bytes": 3e6, "limit": 2e9, "removed": {"files": 0, "bytes": 0}}
    said = texts(document_of(KeptFits(kept)).section("cache"))
    assert said[0] == "2 files of fits and certificates, 3.0 MB of 2,000 MB at most."
    assert "Turned off" in said[-1]
    assert not facts(document_of(KeptFits(kept)).section("cache"))

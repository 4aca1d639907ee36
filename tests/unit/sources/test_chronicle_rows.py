"""The embedded sample keeps its own coding rules (docs/chronicle.md)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

CHRONICLE = Path(__file__).resolve().parents[3] / "src" / "tertius" / "sources" / "chronicle.csv"
COLUMNS = ["date", "source", "target", "type", "quad", "weight", "sentence", "reference", "confidence", "verified_by"]
QUAD = {
    **dict.fromkeys(["AGREE", "CONSULT", "SUPPORT", "CONCEDE"], "1"),
    **dict.fromkeys(["COOPERATE", "AID", "RETREAT"], "2"),
    **dict.fromkeys(["REQUEST", "ACCUSE", "REJECT", "THREATEN"], "3"),
    **dict.fromkeys(["PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"], "4"),
}
ORGANISATIONS = {"NATO", "EU", "UN"}
Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    with CHRONICLE.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_columns_and_size(rows: list[Row]) -> None:
    assert list(rows[0]) == COLUMNS
    assert len(rows) >= 200
    assert all(None not in row and None not in row.values() for row in rows)


def test_dates_are_valid_and_within_the_span(rows: list[Row]) -> None:
    for row in rows:
        day = date.fromisoformat(row["date"])
        assert day.isoformat() == row["date"]
        assert date(2000, 1, 1) <= day <= date(2023, 9, 30), row


def test_rows_are_sorted_by_date(rows: list[Row]) -> None:
    dates = [row["date"] for row in rows]
    assert dates == sorted(dates)


def test_quad_agrees_with_type(rows: list[Row]) -> None:
    assert [row for row in rows if QUAD[row["type"]] != row["quad"]] == []


def test_actors_are_iso3_or_named_organisations_and_never_the_same(rows: list[Row]) -> None:
    for row in rows:
        assert row["source"] != row["target"], row
        for code in (row["source"], row["target"]):
            assert code in ORGANISATIONS or re.fullmatch("[A-Z]{3}", code), row


def test_no_duplicates(rows: list[Row]) -> None:
    counts = Counter((row["date"], row["source"], row["target"], row["type"]) for row in rows)
    assert [key for key, n in counts.items() if n > 1] == []


def test_mutual_events_stand_once(rows: list[Row]) -> None:
    """A meeting, an accord or an exercise is one row from host to guest: no mirrored row of the same type that day."""
    mutual = {"CONSULT", "AGREE", "SUPPORT", "COOPERATE"}
    keys = {(row["date"], row["source"], row["target"], row["type"]) for row in rows if row["type"] in mutual}
    assert [key for key in keys if (key[0], key[2], key[1], key[3]) in keys] == []


def test_sentences_and_references(rows: list[Row]) -> None:
    for row in rows:
        assert 10 <= len(row["sentence"]) <= 140, row
        assert row["sentence"] == " ".join(row["sentence"].split())
        assert row["reference"].strip(), row
        assert not re.search(r"://|www\.", row["sentence"] + row["reference"]), row


def test_weights_confidence_and_verification(rows: list[Row]) -> None:
    assert {row["weight"] for row in rows} == {"1"}
    assert {row["confidence"] for row in rows} <= {"high", "medium"}
    assert {row["verified_by"] for row in rows} <= {"icews18", "gdelt", "un_votes", "sipri", "none"}


def test_a_document_is_of_one_day(rows: list[Row]) -> None:
    """Every vote, order, act and vetoed draft stands on one day; rows that only cite a resolution do not count."""
    days: dict[str, set[str]] = {}
    for row in rows:
        if re.match(r"Cited in|.*; ", row["reference"]) and not row["reference"].startswith("Draft S/"):
            continue
        for symbol in re.findall(
            r"[AS]/RES/[\w/-]+|Executive Order \d+|Public Law [\d-]+|S/20\d\d/\d+", row["reference"]
        ):
            days.setdefault(symbol, set()).add(row["date"])
    assert len(days) > 70
    assert {symbol: d for symbol, d in days.items() if len(d) > 1} == {}


def test_the_page_counts_what_is_there(rows: list[Row]) -> None:
    page = " ".join((CHRONICLE.parents[3] / "docs" / "chronicle.md").read_text(encoding="utf-8").split())
    acts = {(row["date"], row["reference"]) for row in rows}
    actors = {code for row in rows for code in (row["source"], row["target"])}
    assert f"holds {len(rows):,} rows from January 2000 to September 2023" in page
    assert f"among {len(actors)} actors" in page
    assert f"{len(acts)} separate acts" in page
    early, late = (sum(a <= row["date"][:4] <= b for row in rows) for a, b in (("2000", "2003"), ("2020", "2023")))
    assert f"({early} rows in 2000-03, {late} in 2020-23)" in page
    verified = sum(row["verified_by"] != "none" for row in rows)
    assert f"{len(rows)} rows: {verified} matched somewhere" in page


def test_security_council_sanctions_on_north_korea_name_all_five_voters(rows: list[Row]) -> None:
    for number in (1718, 1874, 2087, 2094, 2270, 2321, 2356, 2371, 2375, 2397):
        cited = [row for row in rows if row["reference"].startswith(f"S/RES/{number} ")]
        assert {row["source"] for row in cited} == {"USA", "RUS", "CHN", "GBR", "FRA"}
        assert {(row["target"], row["type"]) for row in cited} == {("PRK", "SANCTION")}

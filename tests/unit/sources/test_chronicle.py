"""The embedded sample keeps its own coding rules (docs/chronicle.md)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tertius import load
from tertius.events.aggregate import document_column
from tertius.events.engine import DuckDB

CHRONICLE = Path(__file__).resolve().parents[3] / "src" / "tertius" / "sources" / "chronicle.csv"
COLUMNS = ["date", "source", "target", "type", "quad", "weight", "sentence", "reference", "confidence", "verified_by"]
QUAD = {
    **dict.fromkeys(["AGREE", "CONSULT", "SUPPORT", "CONCEDE"], "1"),
    **dict.fromkeys(["COOPERATE", "AID", "RETREAT"], "2"),
    **dict.fromkeys(["REQUEST", "ACCUSE", "REJECT", "THREATEN"], "3"),
    **dict.fromkeys(["PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"], "4"),
}
VOTERS = {
    "USA": "The United States",
    "RUS": "Russia",
    "PRK": "North Korea",
    "KOR": "South Korea",
    "JPN": "Japan",
    "CHN": "China",
    "IRN": "Iran",
    "UKR": "Ukraine",
    "GBR": "Britain",
    "DEU": "Germany",
    "FRA": "France",
}
"""Whose votes in the General Assembly are coded, all of them."""
RANGES = {
    r"nuclear device": {"USA", "JPN", "KOR"},
    r"ICBM|intercontinental|intermediate|long-range|long range|satellite": {"USA", "JPN"},
    r"medium(?:-| and | )": {"JPN", "KOR"},
    r"short(?:-| and | )|drones": {"KOR"},
}
"""Words of a North Korean test or launch -> towards whom it is coded; a salvo of several classes counts for each."""
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
    assert f"verified_by = none: {len(rows) - verified} rows, " in page
    high = sum(row["confidence"] == "high" for row in rows)
    assert f"`high` in {high:,} of {len(rows):,} rows" in page
    measures = {
        (r["date"], r["reference"], r["target"]) for r in rows if (r["source"], r["type"]) == ("USA", "SANCTION")
    }
    both = [m for m in measures if m[2] == "RUS" and (m[0], m[1], "PRK") in measures]
    assert f"against both states: {len(both)} acts" in page


def test_the_page_counts_the_pair_and_its_years(rows: list[Row]) -> None:
    page = (CHRONICLE.parents[3] / "docs" / "chronicle.md").read_text(encoding="utf-8")
    between = [r for r in rows if {r["source"], r["target"]} == {"RUS", "PRK"}]
    told = re.findall(r"^\| (20\d\d)-(\d\d) \| (\d+) \| (\d+) \|", page, flags=re.MULTILINE)
    assert len(told) == 6
    for first, last, coop, hostile in told:
        quads = [int(r["quad"]) for r in between if first <= r["date"][:4] <= f"20{last}"]
        assert (sum(q <= 2 for q in quads), sum(q > 2 for q in quads)) == (int(coop), int(hostile)), first


def test_security_council_sanctions_on_north_korea_name_all_five_voters(rows: list[Row]) -> None:
    for number in (1718, 1874, 2087, 2094, 2270, 2321, 2356, 2371, 2375, 2397):
        cited = [row for row in rows if row["reference"].startswith(f"S/RES/{number} ")]
        assert {row["source"] for row in cited} == {"USA", "RUS", "CHN", "GBR", "FRA"}
        assert {(row["target"], row["type"]) for row in cited} == {("PRK", "SANCTION")}


def votes_on(rows: list[Row], reference: str) -> dict[str, Row]:
    """Voter -> its row, of the rows that tell a vote with this reference."""
    voted = r"\b(?:votes|vetoes)\b"
    return {r["source"]: r for r in rows if r["reference"] == reference and re.search(voted, r["sentence"])}


@pytest.mark.shared
def test_every_yes_and_no_in_the_roll_calls_is_coded_and_nothing_else(rows: list[Row], shared: Path) -> None:
    data = shared / "data"
    calls = duckdb.execute(
        """SELECT regexp_extract(unres, '(?:^|/)R(?:ES)?/(.*)$', 1), c.iso3c, v.vote
           FROM read_parquet(?) v JOIN read_parquet(?) r USING (rcid)
           JOIN read_parquet(?) c ON c.iso2c = v.country_code WHERE r.date >= '2000' AND v.vote <> 'abstain'""",
        [str(data / p) for p in ("states/un_votes.parquet", "states/un_roll_calls.parquet", "codes/countries.parquet")],
    ).fetchall()
    covered = {symbol for symbol, _, _ in calls}
    cited = {r["reference"].removeprefix("A/RES/") for r in rows if re.fullmatch(r"A/RES/\d+/\d+", r["reference"])}
    assert len(cited & covered) == 17
    assert cited - covered == {"75/29", "75/192"}  # after the roll calls end
    for symbol in cited & covered:
        coded = votes_on(rows, f"A/RES/{symbol}")
        (addressee,) = {row["target"] for row in coded.values()}
        held = {c: vote for s, c, vote in calls if s == symbol and c in VOTERS and c != addressee}
        assert {c: "no" if r["type"] == "SUPPORT" else "yes" for c, r in coded.items()} == held, symbol


def test_a_vote_for_one_side_never_stands_alone(rows: list[Row]) -> None:
    """Where votes against a draft are support for its addressee, the votes for it stand there too, as hostility."""
    supported = {(r["reference"], r["target"]) for r in rows if r["type"] == "SUPPORT"}
    checked = [(ref, k) for ref, k in supported if any(r["target"] == k for r in votes_on(rows, ref).values())]
    assert len(checked) > 30
    lonely = [
        (ref, k)
        for ref, k in checked
        if not any(r["target"] == k and QUAD[r["type"]] in "34" for r in votes_on(rows, ref).values())
    ]
    assert lonely == []


def test_votes_in_the_general_assembly_say_who_votes_and_which_way(rows: list[Row]) -> None:
    for row in rows:
        if re.fullmatch(r"A/RES/\S+", row["reference"]):
            assert row["sentence"].startswith(f"{VOTERS[row['source']]} votes "), row
            assert ("votes against" in row["sentence"]) == (row["type"] == "SUPPORT"), row


def test_north_korean_tests_and_launches_go_by_the_range_that_the_sentence_names(rows: list[Row]) -> None:
    acts: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if (row["source"], row["type"]) == ("PRK", "MOBILIZE"):
            acts.setdefault((row["date"], row["sentence"]), set()).add(row["target"])
    assert len(acts) > 50
    for (day, sentence), towards in acts.items():
        meant: set[str] = set().union(*(who for words, who in RANGES.items() if re.search(words, sentence)))
        assert towards == meant, (day, sentence)


def test_every_origin_names_its_row_and_its_reference(rows: list[Row]) -> None:
    table = load("chronicle").table
    assert table is not None
    found = table.select(["origin", "sentence"]).to_pylist()
    assert sorted(event["origin"] for event in found) == sorted(
        f"chronicle.csv#{n}: {row['reference']}" + ("" if row["confidence"] == "high" else " (confidence medium)")
        for n, row in enumerate(rows, start=1)
    )
    for event in found:
        row = rows[int(re.match(r"chronicle\.csv#(\d+): ", event["origin"])[1]) - 1]  # type: ignore[index]
        assert event["sentence"] == row["sentence"]


def test_no_origin_passes_for_a_document(rows: list[Row]) -> None:
    data = load("chronicle")
    assert len({row["reference"] for row in rows}) < len(rows)
    with data.relation() as (con, sql):
        assert document_column(DuckDB(con), sql) is None

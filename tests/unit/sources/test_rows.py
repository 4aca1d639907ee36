"""Tables of a few rows: what is read, what is halved, what stops the import."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tertius.errors import BadValue, EmptyData
from tertius.sources.importing import read_events

Row = dict[str, Any]


def clean(rows: list[Row], **options: Any) -> tuple[list[Row], dict[str, Any]]:
    """Stored rows and the audit of a table given as rows."""
    table, audit, _ = read_events(pd.DataFrame(rows), **options)
    return table.to_pylist(), audit.to_dict()


def event(source: str | None, target: str | None, day: str = "2020-01-01", **more: Any) -> Row:
    more = more if {"type", "quad"} & set(more) else {"quad": 1, **more}
    return {"date": day, "source": source, "target": target, **more}


def test_a_meeting_coded_both_ways_is_one_event_half_each_way() -> None:
    kept, audit = clean([event("RUS", "PRK", type="040", weight=6.0), event("PRK", "RUS", type="040", weight=2.0)])
    assert [(r["source"], r["count"], r["weight"]) for r in kept] == [("PRK", 0.5, 1.0), ("RUS", 0.5, 3.0)]
    assert (audit["kept"], audit["rows"]) == (1, 2)


def test_keep_counts_both_codings() -> None:
    kept, audit = clean([event("RUS", "PRK", type="040"), event("PRK", "RUS", type="040")], mirrored="keep")
    assert [r["count"] for r in kept] == [1.0, 1.0]
    assert (audit["kept"], audit["dropped"]) == (2, {})


def test_a_visit_mirrors_a_reception_and_not_a_visit() -> None:
    visit_and_reception = [event("RUS", "PRK", type="042"), event("PRK", "RUS", type="043")]
    visit_and_return_visit = [event("RUS", "PRK", type="042"), event("PRK", "RUS", type="042")]
    assert clean(visit_and_reception)[1]["kept"] == 1
    assert clean(visit_and_return_visit)[1]["kept"] == 2


def test_unequal_multiplicities_pair_one_to_one() -> None:
    three_and_one = [event("RUS", "PRK", type="040")] * 3 + [event("PRK", "RUS", type="040")]
    kept, audit = clean(three_and_one)
    assert sorted((r["source"], r["count"]) for r in kept) == [("PRK", 0.5), ("RUS", 0.5), ("RUS", 1.0), ("RUS", 1.0)]
    assert audit["kept"] == 3 == sum(r["count"] for r in kept)


def test_mirrors_are_of_one_day_and_of_mutual_types_only() -> None:
    next_day = [event("RUS", "PRK", type="040"), event("PRK", "RUS", "2020-01-02", type="040")]
    fights = [event("RUS", "UKR", type="190"), event("UKR", "RUS", type="190")]
    same_day = [
        event("RUS", "PRK", "2020-01-01T01:00", type="040"),
        event("PRK", "RUS", "2020-01-01T23:00", type="040"),
    ]
    assert [clean(rows)[1]["kept"] for rows in (next_day, fights, same_day)] == [2, 2, 1]


def test_mirrors_of_plover_words_in_any_case() -> None:
    assert clean([event("RUS", "PRK", type="consult"), event("PRK", "RUS", type="CONSULT")])[1]["kept"] == 1


def test_mirrored_rows_are_found_across_the_files_of_one_import(tmp_path: Path) -> None:
    from tertius.sources.importing import import_files

    header = "date,source,target,type\n"
    (tmp_path / "a.csv").write_text(header + "2020-01-01,RUS,PRK,042\n")
    (tmp_path / "b.csv").write_text(header + "2020-01-01,PRK,RUS,043\n")
    audit = import_files("events", [tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "S").to_dict()
    assert [(f["name"], f["kept"], f["dropped"]) for f in audit["files"]] == [
        ("a.csv", 1, {}),
        ("b.csv", 0, {"mirrored": 1}),
    ]


@pytest.mark.parametrize(
    ("type_", "quad", "sign"), [("042", 1, 1), ("0871", 2, 1), ("112", 3, -1), ("190", 4, -1), ("SANCTION", 4, -1)]
)
def test_quad_and_sign_follow_from_the_type(type_: str, quad: int, sign: int) -> None:
    (row,), _ = clean([event("RUS", "PRK", type=type_)])
    assert (row["quad"], row["sign"], row["type"]) == (quad, sign, type_)


def test_a_given_quad_goes_before_the_type() -> None:
    (row,), _ = clean([event("RUS", "PRK", type="190", quad=2)])
    assert (row["quad"], row["sign"]) == (2, 1)


def test_a_missing_quad_falls_back_on_the_type() -> None:
    kept, _ = clean([event("RUS", "PRK", type="190", quad=None), event("RUS", "CHN", type="190", quad=1.0)])
    assert sorted(r["quad"] for r in kept) == [1, 4]


def test_the_weight_never_decides_the_sign() -> None:
    kept, _ = clean(
        [event("RUS", "PRK", type="190", goldstein=7.0), event("RUS", "CHN", type="042", goldstein=-1.9)],
        weight="goldstein",
    )
    assert [(r["target"], r["sign"], r["weight"]) for r in kept] == [("CHN", 1, 1.9), ("PRK", -1, 7.0)]


def test_goldstein_drops_rows_without_a_value_and_zeros() -> None:
    rows = [event("RUS", "PRK", goldstein=g) for g in (1.0, None, 0.0)]
    assert clean(rows, weight="goldstein")[1]["dropped"] == {"null_weight": 1, "zero_weight": 1}


def test_a_goldstein_value_of_nan_is_missing(csv_file: Any) -> None:
    path = csv_file("e.csv", "date,source,target,quad,goldstein", "2020-01-01,RUS,PRK,1,nan", "2020-01-01,RUS,CHN,1,-2")
    table, audit, _ = read_events(path, weight="goldstein")
    assert table["weight"].to_pylist() == [2.0]
    assert audit.to_dict()["dropped"] == {"null_weight": 1}


def test_without_a_weight_every_event_weighs_one() -> None:
    assert [r["weight"] for r in clean([event("RUS", "PRK"), event("RUS", "CHN")])[0]] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2020-02-29", dt.datetime(2020, 2, 29)),
        (" 2020-02-29 ", dt.datetime(2020, 2, 29)),
        ("2020-02-29T13:45:00Z", dt.datetime(2020, 2, 29, 13, 45)),
        ("2020-02-29 23:30:00-05:00", dt.datetime(2020, 3, 1, 4, 30)),
        ("2020-03-01T01:00+03:00", dt.datetime(2020, 2, 29, 22)),
        ("20200229", dt.datetime(2020, 2, 29)),
        ("0", dt.datetime(1970, 1, 1)),
        ("18321", dt.datetime(2020, 2, 29)),
        ("-1", dt.datetime(1969, 12, 31)),
        (20200229, dt.datetime(2020, 2, 29)),
        (18321, dt.datetime(2020, 2, 29)),
        (18321.0, dt.datetime(2020, 2, 29)),
        (dt.date(2020, 2, 29), dt.datetime(2020, 2, 29)),
        (dt.datetime(2020, 2, 29, 6), dt.datetime(2020, 2, 29, 6)),
        (pd.Timestamp("2020-02-29 23:00", tz="America/New_York"), dt.datetime(2020, 3, 1, 4)),
    ],
)
def test_dates_are_read_as_utc(written: Any, moment: dt.datetime) -> None:
    (row,), _ = clean([event("RUS", "PRK", written)])
    assert row["date"] == moment


@pytest.mark.parametrize(
    "written",
    [
        "2020-02-30",
        "20200230",
        "2021-13-01",
        "32/01/2020",
        "30.02.2020",
        "2020-02",
        "2020-02-29T25:00",
        "2022.5",
        "1e3",
        "soon",
        "infinity",
        "epoch",
        "290000-01-01",
        "10000000",
        "99999999999999999999",
        "NaN",
    ],
)
def test_an_impossible_date_stops_the_import(written: str) -> None:
    with pytest.raises(BadValue, match=r"data frame, row 2: .* is not a date \(1 such row") as caught:
        clean([event("RUS", "PRK"), event("RUS", "PRK", written)])
    assert "2022-02-24" in caught.value.hint


def test_a_missing_date_stops_the_import() -> None:
    with pytest.raises(BadValue, match="nothing is not a date"):
        clean([event("RUS", "PRK"), event("RUS", "PRK", None)])  # type: ignore[arg-type]


@pytest.mark.parametrize("quad", ["0", "5", "2.5", "x", "-1", "inf"])
def test_a_quad_class_is_one_of_four(quad: str) -> None:
    with pytest.raises(BadValue, match=f"'{quad}' is not a quad class"):
        clean([event("RUS", "PRK", quad=quad)])


@pytest.mark.parametrize("weight", ["nan", "inf", "heavy"])
def test_a_weight_is_a_number(weight: str) -> None:
    with pytest.raises(BadValue, match=f"'{weight}' is not a weight"):
        clean([event("RUS", "PRK", weight=weight)])


def test_a_missing_weight_in_a_given_column_stops_the_import() -> None:
    with pytest.raises(BadValue, match="nothing is not a weight"):
        clean([event("RUS", "PRK", weight=1.0), event("RUS", "PRK", weight=None)])


def test_a_negative_weight_names_the_way_out() -> None:
    with pytest.raises(BadValue, match=r"row 2: '-3.0' is a negative weight.*\(2 such") as caught:
        clean([event("RUS", "PRK", weight=w) for w in (1.0, -3.0, -4.0)])
    assert "--weight goldstein" in caught.value.hint


def test_nothing_left_says_what_became_of_the_rows() -> None:
    with pytest.raises(EmptyData, match=r"data frame \(self_pair 2\)"):
        clean([event("RUS", "RUS"), event("PRK", "PRK")])


def test_unknown_codes_are_labels_and_are_named_once() -> None:
    _, audit = clean([event("RUS", "Rebels"), event("Rebels", "RUS"), event("XKX", "COW:300")])
    assert audit["warnings"] == ["Not in the codes table, taken as labels: Rebels."]


def test_net_weights_give_cooperation_or_hostility_to_a_sorted_pair() -> None:
    rows = [
        {"date": "2020-01-01", "a": "RUS", "b": "PRK", "weight": 3.0},
        {"date": "2020-01-01", "a": "PRK", "b": "RUS", "weight": -1.5},
        {"date": "2020-01-01", "a": "PRK", "b": "RUS", "weight": 0.0},
        {"date": "2020-01-01", "a": "PRK", "b": "PRK", "weight": 9.0},
    ]
    kept, audit = clean(rows, directed=False)
    assert [(r["source"], r["target"], r["sign"], r["weight"], r["quad"]) for r in kept] == [
        ("PRK", "RUS", 1, 3.0, None),
        ("PRK", "RUS", -1, 1.5, None),
    ]
    assert audit["dropped"] == {"self_pair": 1, "zero_weight": 1}
    assert audit["directed"] is False


@pytest.mark.parametrize("name", ["mentions", "sources"])
def test_reliability_weighs_an_event_by_how_often_it_was_reported(name: str) -> None:
    rows = [event("RUS", "PRK", **{name: n}) for n in (7, 1, None, 0, -2)]
    table, audit = clean(rows, weight=name)
    assert [r["weight"] for r in table] == [7.0, 1.0]
    assert [r["count"] for r in table] == [1.0, 1.0]
    assert audit["dropped"] == {"null_weight": 2, "zero_weight": 1}

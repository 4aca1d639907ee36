"""The rules, one at a time and in their order, on tables of a few rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from event_files import gdelt_line, write

from tertius.errors import EmptyData, UsageError
from tertius.sources.importing import import_files, read_events
from tertius.sources.rules import CHOICES, DROPPED, RULES, Rule, rules_on

Row = dict[str, Any]


def clean(rows: list[Row], **options: Any) -> tuple[list[Row], dict[str, Any]]:
    """Stored rows and the audit of a table given as rows."""
    table, audit, _ = read_events(pd.DataFrame(rows), **options)
    return table.to_pylist(), audit.to_dict()


def event(source: str | None, target: str | None, day: str = "2020-01-01", **more: Any) -> Row:
    more = more if {"type", "quad"} & set(more) else {"quad": 1, **more}
    return {"date": day, "source": source, "target": target, **more}


def test_each_row_falls_to_the_first_rule_that_applies() -> None:
    rows = [
        event("RUS", "PRK", type="040", weight=2.0),
        event(None, None, type="040", weight=0.0),
        event("  ", "PRK", type="040", weight=1.0),
        event("USA", "USA", type="xyz", weight=1.0),
        event("USA", "CHN", type="xyz", weight=0.0),
        event("USA", "CHN", type=None, weight=1.0),
        event("USA", "CHN", type="190", weight=0.0),
    ]
    kept, audit = clean(rows)
    assert [(r["source"], r["target"], r["sign"], r["weight"]) for r in kept] == [("RUS", "PRK", 1, 2.0)]
    assert audit["dropped"] == {"null_actor": 2, "self_pair": 1, "unknown_type": 2, "zero_weight": 1}
    assert (audit["read"], audit["kept"], audit["quarantined"]) == (7, 1, 0)


ROWS: dict[str, list[Row]] = {
    "null_actor": [event("USA", None)],
    "self_pair": [event("USA", "USA")],
    "unknown_type": [event("USA", "CHN", type="xyz")],
    "null_weight": [event("USA", "CHN", goldstein=None)],
    "zero_weight": [event("USA", "CHN", weight=0.0)],
    "mirrored": [event("USA", "CHN", type="040"), event("CHN", "USA", type="040")],
}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.name in ROWS], ids=lambda rule: rule.name)
def test_every_rule_takes_the_rows_that_it_speaks_of(rule: Rule) -> None:
    sized = {"null_weight": "goldstein", "zero_weight": "weight"}.get(rule.name)
    rows = [event("RUS", "PRK", **({sized: 1.0} if sized else {})), *ROWS[rule.name]]
    _, audit = clean(rows, weight="goldstein" if sized == "goldstein" else None)
    assert audit["dropped"] == {rule.name: 1}
    assert rule.says


DAY = "20200601"
NOON, TWO, SIX = (f"{DAY}{hour}0000" for hour in ("12", "14", "18"))
OTHER = {"GLOBALEVENTID": "2"}
CHOSEN: dict[str, tuple[list[dict[str, str]], str]] = {
    "duplicate_id": ([{"GLOBALEVENTID": "1", "EventCode": "046"}], ""),
    "no_code": ([{**OTHER, "EventCode": "---"}], ""),
    "other_sector": ([{**OTHER, "Actor1Code": "USABUS"}], "other_sector"),
    "domestic": ([{**OTHER, "Actor1Code": "USAGOV", "Actor2Code": "USA"}], ""),
    "not_root": ([{**OTHER, "EventCode": "046", "IsRootEvent": "0"}], "not_root"),
    "far_date": ([{**OTHER, "SQLDATE": "20190601"}], "far_date"),
    "re_emitted": ([{**OTHER, "DATEADDED": TWO}], "re_emitted"),
    "same_day": ([{**OTHER, "DATEADDED": SIX}], "same_day"),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_every_rule_to_choose_takes_its_row_is_counted_and_can_be_switched_off(name: str, tmp_path: Path) -> None:
    rows, drop = CHOSEN[name]
    path = write(tmp_path / "a.CSV", [gdelt_line(2), *(gdelt_line(2, **row) for row in rows)])
    audit = import_files("gdelt2", [path], tmp_path / "S", drop=[drop] if drop else []).to_dict()
    assert audit["dropped"] == {name: 1}
    assert (audit["read"], audit["kept"]) == (2, 1)
    if name in CHOICES:
        assert audit["rules"][name]
        spared = import_files("gdelt2", [path], tmp_path / "T", keep=[name]).to_dict()
        assert name not in spared["dropped"]
        assert spared["rules"][name] is False


def test_a_row_counts_under_the_first_rule_that_drops_it(tmp_path: Path) -> None:
    everything = {"EventCode": "---", "Actor1Code": "USABUS", "SQLDATE": "20190601", "IsRootEvent": "0"}
    for k, name in enumerate(("duplicate_id", "no_code", "other_sector", "not_root", "far_date")):
        first, again = gdelt_line(2), gdelt_line(2, **({} if k == 0 else OTHER), **everything)
        path = write(tmp_path / f"{name}.CSV", [first, again])
        earlier = ["duplicate_id", "no_code", "other_sector", "not_root"][:k]
        switched = ["not_root"] if k < 4 else []
        audit = import_files("gdelt2", [path], tmp_path / name, drop=switched, keep=earlier).to_dict()
        assert audit["dropped"] == {name: 1}


def test_an_event_is_sent_again_within_so_many_hours_along_a_chain(tmp_path: Path) -> None:
    times = [NOON, TWO, f"{DAY}160000", f"{DAY}210000"]
    lines = [gdelt_line(2, GLOBALEVENTID=str(n), DATEADDED=t) for n, t in enumerate(times)]
    lines.append(gdelt_line(2, GLOBALEVENTID="9", DATEADDED=TWO, ActionGeo_FeatureID="elsewhere"))
    path = write(tmp_path / "a.CSV", lines)
    assert import_files("gdelt2", [path], tmp_path / "S").to_dict()["dropped"] == {"re_emitted": 2}
    assert import_files("gdelt2", [path], tmp_path / "T", drop=["re_emitted=5"]).to_dict()["dropped"] == {
        "re_emitted": 3
    }


def test_january_2020_dated_1920_is_mended_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.CSV", [gdelt_line(2, SQLDATE="19200115", DATEADDED="20200115120000")])
    audit = import_files("gdelt2", [path], tmp_path / "S").to_dict()
    assert (audit["mended"], audit["coverage"]["from"]) == ({"date_1920": 1}, "2020-01-15")
    with pytest.raises(EmptyData, match="far_date 1"):
        import_files("gdelt2", [path], tmp_path / "T", keep=["date_1920"])


def test_history_loaded_at_once_is_not_far_from_its_date(tmp_path: Path) -> None:
    path = write(tmp_path / "a.CSV", [gdelt_line(1, 57, SQLDATE="19820102", DATEADDED="20130203")])
    assert import_files("gdelt1", [path], tmp_path / "S", drop=["far_date=1"]).to_dict()["dropped"] == {}


def test_unknown_codes_are_listed_by_frequency(tmp_path: Path) -> None:
    codes = ["040", "333", "777", "333"]
    lines = [
        gdelt_line(2, GLOBALEVENTID=str(n), EventCode=c, QuadClass="1" if c == "040" else "")
        for n, c in enumerate(codes)
    ]
    audit = import_files("gdelt2", [write(tmp_path / "a.CSV", lines)], tmp_path / "S").to_dict()
    assert audit["dropped"] == {"unknown_type": 3}
    assert list(audit["unknown"]["types"].items()) == [("333", 2), ("777", 1)]


@pytest.mark.parametrize(
    ("drop", "keep", "found"),
    [
        (["far"], [], "There is no rule 'far'"),
        ([], ["self_pair"], "always applies"),
        (["far_date=x"], [], "'x' is no whole number"),
        (["not_root=3"], [], "takes no value"),
        (["not_root"], ["not_root"], "both in --drop and in --keep"),
    ],
)
def test_a_rule_that_cannot_be_meant_says_so(drop: list[str], keep: list[str], found: str) -> None:
    with pytest.raises(UsageError, match=found) as caught:
        rules_on((), drop, keep)
    assert caught.value.hint


def test_the_audit_names_every_rule_and_no_other() -> None:
    assert tuple(rule.name for rule in RULES) == DROPPED
    assert len(set(DROPPED)) == len(RULES)
    assert {*ROWS, *CHOSEN, "no_event"} == set(DROPPED)  # no_event: test_origins.py
    assert set(CHOICES) == {*(name for name in CHOSEN if name != "domestic"), "date_1920"}


def test_a_rule_of_several_rows_has_no_condition_of_one() -> None:
    assert [rule.name for rule in RULES if not rule.sql] == [
        "duplicate_id", "re_emitted", "same_day", "no_event", "mirrored",
    ]  # fmt: skip
    assert [rule.name for rule in RULES if rule.default] == ["mirrored"]

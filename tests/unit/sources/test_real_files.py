"""Other people's files, whole: the counts that their README states."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tertius.codes import plover_of
from tertius.sources.importing import import_files
from tertius.sources.recognise import recognise

pytestmark = pytest.mark.shared


def whole(days: int) -> dict[str, object]:
    """Coverage of a calendar of days without a gap."""
    return {"step": "1d", "expected": days, "seen": days, "gaps": [], "gaps_in_all": 0}


def test_icews18_keeps_its_interstate_rows_and_finds_second_codings(shared: Path, tmp_path: Path) -> None:
    audit = import_files(
        "icews",
        [shared / "data/icews18/events.parquet"],
        tmp_path / "S",
        mapping={"source": "source_iso3", "target": "target_iso3"},
    ).to_dict()
    assert (audit["read"], audit["rows"]) == (419_013, 72_602)
    assert audit["dropped"] == {"null_actor": 226_726, "self_pair": 119_685, "mirrored": 14_626}
    assert audit["kept"] == 72_602 - 14_626
    own = {k: v for k, v in audit["coverage"].items() if k not in ("stretches", "thin")}  # for the store's calendar
    assert own == {
        "from": "2018-01-01",
        "to": "2018-09-27",
        "slices": 270,
        "missing": [],
        "step": "1d",
        "expected": 270,
        "seen": 270,
        "gaps": [],
        "gaps_in_all": 0,
    }


def test_the_icews_sample_in_its_original_bytes(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/icews_raw/events.2018.sample.tab.gz"
    audit = import_files("icews", [path], tmp_path / "S").to_dict()
    assert (audit["read"], audit["rows"]) == (3_705, 1_741)
    assert audit["read"] == audit["kept"] + sum(audit["dropped"].values())
    own = {k: v for k, v in audit["coverage"].items() if k not in ("stretches", "thin")}  # for the store's calendar
    assert own == {
        "from": "2018-06-01",
        "to": "2018-06-02",
        "slices": 2,
        "missing": [],
        "step": "1d",
        "expected": 2,
        "seen": 2,
        "gaps": [],
        "gaps_in_all": 0,
    }
    (note,) = audit["warnings"]
    assert note.startswith("148 labels matched (Afghanistan: AFG,")
    assert note.endswith("0 kept as they are.")


def test_gdelt_dyad_days_drop_their_self_pairs_only(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data/gdelt_dyad_day"
    audit = import_files(
        "dyads", [folder / "weights.parquet"], tmp_path / "S", missing=folder / "missing_days.csv"
    ).to_dict()
    assert (audit["read"], audit["kept"], audit["dropped"]) == (2_398_403, 2_398_354, {"self_pair": 49})
    assert (audit["directed"], len(audit["coverage"]["missing"])) == (False, 96)
    assert audit["coverage"]["slices"] + 96 == 2_007  # days from 2018-01-01 to 2023-06-30


GDELT = {
    "20191024143000.export.CSV.gz": ("gdelt2", 2_111, {"61": 2_111}),
    "20170101073000.export.CSV.gz": ("gdelt2", 720, {"61": 720}),
    "gdelt2_202608_fixture_33rows.export.tsv.gz": ("gdelt2", 33, {"61": 33}),
    "gdeltpyr_20170701_header_comma.csv.gz": ("gdelt2", 6_090, None),
    "20141124.export.CSV.first100.zip": ("gdelt1", 100, {"58": 100}),
    "gdelt1_mixed_57_58_columns.csv.gz": ("gdelt1", 710, {"57": 201, "58": 509}),
}


@pytest.mark.parametrize("name", GDELT)
def test_gdelt_in_its_original_bytes_is_recognised_and_the_sum_holds(name: str, shared: Path, tmp_path: Path) -> None:
    fmt, rows, columns = GDELT[name]
    path = shared / "data/gdelt_raw" / name
    assert recognise(path).format == fmt
    audit = import_files(fmt, [path], tmp_path / "S", keep=["far_date"]).to_dict()
    assert (audit["read"], audit["quarantined"]) == (rows, 0)
    assert audit["read"] == audit["kept"] + sum(audit["dropped"].values())
    assert audit["files"][0].get("columns") == columns


def test_gdelts_mentions_are_recognised_and_join(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data/gdelt_raw"
    paths = [folder / f"20170101073000.{kind}.CSV.gz" for kind in ("export", "mentions")]
    assert [recognise(path).format for path in paths] == ["gdelt2", "gdelt2"]
    files = import_files("gdelt2", paths, tmp_path / "S", weight="mentions").to_dict()["files"]
    assert [f["read"] for f in files] == [720, 1_983]
    assert files[1]["kept"] + files[1]["dropped"]["no_event"] == 1_983


def test_keds_balkans_as_they_are(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/keds_balkans/events.parquet"
    assert recognise(path).format == "keds"
    audit = import_files("keds", [path], tmp_path / "S").to_dict()
    assert audit["read"] == 67_661 == audit["kept"] + sum(audit["dropped"].values())
    assert set(audit["dropped"]) == {"domestic", "mirrored"}


def test_the_table_of_plover_is_the_manuals(shared: Path) -> None:
    lines = (shared / "data/codes/CAMEO2PLOVER-2021.txt").read_text().splitlines()
    found = dict(m.groups() for line in lines if (m := re.match(r"(\d{3,4}): ([A-Z]+)", line)))
    assert len(found) > 250
    assert {code: plover_of(code) for code in found} == found

"""Other people's files, whole: the counts that their README states."""

from __future__ import annotations

from pathlib import Path

import pytest

from tertius.sources.importing import import_files

pytestmark = pytest.mark.shared


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
    assert audit["coverage"] == {"from": "2018-01-01", "to": "2018-09-27", "slices": 270, "missing": []}


def test_the_icews_sample_in_its_original_bytes(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/icews_raw/events.2018.sample.tab.gz"
    audit = import_files("icews", [path], tmp_path / "S").to_dict()
    assert (audit["read"], audit["rows"]) == (3_705, 1_741)
    assert audit["read"] == audit["kept"] + sum(audit["dropped"].values())
    assert audit["coverage"] == {"from": "2018-06-01", "to": "2018-06-02", "slices": 2, "missing": []}
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

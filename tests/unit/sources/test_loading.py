"""``tertius.load``: everything that may be DATA."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tertius
from tertius.errors import CorruptFile, InputError, TertiusWarning, UsageError
from tertius.sources.importing import import_files
from tertius.sources.loading import load

COLUMNS = {"date": ["2020-01-01", "2020-01-02"], "source": ["RUS", "USA"], "target": ["PRK", "PRK"], "quad": [1, 3]}
LINES = ("date,source,target,quad", "2020-01-01,RUS,PRK,1", "2020-01-02,USA,PRK,3")


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"])
def test_frames_hold_the_same_events_as_a_file(frame: Any, csv_file: Any) -> None:
    data, file = load(frame(COLUMNS)), load(csv_file("e.csv", *LINES))
    assert data.name == "data frame"
    assert [r | {"origin": ""} for r in data.between("USA", "PRK")] == [
        r | {"origin": ""} for r in file.between("USA", "PRK")
    ]
    assert data.labels() == file.labels() == {"RUS", "USA", "PRK"}


def test_a_file_a_store_and_its_path_as_text_hold_the_same_events(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", *LINES)
    import_files("events", [path], tmp_path / "S")
    found = [load(d) for d in (path, str(path), tmp_path / "S", str(tmp_path / "S"))]
    assert all(d.between("RUS", "PRK") == found[0].between("RUS", "PRK") for d in found)
    assert found[0].hash == found[1].hash != found[2].hash == found[3].hash


def test_event_data_pass_through() -> None:
    data = load("chronicle")
    assert load(data) is data


def test_the_chronicle_yields_to_a_store_of_that_name_and_says_so(
    csv_file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load("chronicle").name == "chronicle"
    import_files("events", [csv_file("e.csv", *LINES)], tmp_path / "chronicle")
    monkeypatch.chdir(tmp_path)
    with pytest.warns(TertiusWarning, match="not the data chronicle that are installed"):
        assert load("chronicle").labels() == {"RUS", "USA", "PRK"}
    assert load(tmp_path / "chronicle").labels() == {"RUS", "USA", "PRK"}


def test_net_weights_load_as_undirected_with_missing_days() -> None:
    frame = pd.DataFrame({"date": ["2020-01-01"], "a": ["RUS"], "b": ["PRK"], "weight": [-2.0]})
    data = load(frame, directed=False, missing=["2020-01-03", dt.date(2020, 1, 2)])
    assert (data.directed, data.missing) == (False, (dt.date(2020, 1, 2), dt.date(2020, 1, 3)))


def test_an_unknown_code_warns_once() -> None:
    frame = pd.DataFrame(COLUMNS | {"source": ["Rebels", "Rebels"]})
    with pytest.warns(TertiusWarning, match="Rebels") as said:
        load(frame)
    assert len(said) == 1


@pytest.mark.parametrize("data", [3, None, pl.LazyFrame(COLUMNS)], ids=["number", "nothing", "lazy frame"])
def test_what_holds_no_events_is_a_usage_error(data: Any) -> None:
    with pytest.raises(UsageError, match="holds no events"):
        load(data)


def test_what_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no data"):
        load(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="neither a store nor a Study"):
        load(tmp_path)


def study(folder: Path, pointer: Any) -> Path:
    folder.mkdir()
    (folder / "study.json").write_text(json.dumps({"data": pointer, "spec": {}}))
    return folder


def test_a_study_folder_points_to_its_data(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", *LINES)
    pointer = {"path": str(path), "hash": load(path).hash, "reading": {}}
    assert load(study(tmp_path / "fit", pointer)).labels() == {"RUS", "USA", "PRK"}
    path.write_text("\n".join((*LINES, LINES[1])) + "\n")
    with pytest.raises(InputError, match="have changed since"):
        load(tmp_path / "fit")


@pytest.mark.parametrize("pointer", [None, {}, {"path": "chronicle"}, "chronicle"])
def test_a_study_folder_that_is_damaged_is_corrupt(pointer: Any, tmp_path: Path) -> None:
    with pytest.raises(CorruptFile, match=r"study\.json cannot be read"):
        load(study(tmp_path / "fit", pointer))


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_a_study_keeps_the_question_and_how_the_data_were_read(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    days = [f"2020-01-{d:02d},{a},{b},{quad},{g}" for d in range(1, 29) for a, b, quad, g in
            (("A", "B", 1, 2.0 + d % 3), ("B", "C", 3, -3.0), ("C", "A", 1, 1.0 + d % 2))]  # fmt: skip
    path.write_text("\n".join(["date,source,target,quad,goldstein", *days]) + "\n")
    data = load(path, weight="goldstein")
    question = {"model": "rate", "effects": "inertia.coop", "slice": "1d", "half_life": "7d"}
    first = tertius.fit(data, save=tmp_path / "study", **question)
    again = tertius.fit(tmp_path / "study")
    assert [c.estimate for c in again.coefficients] == [c.estimate for c in first.coefficients]
    assert again.data_hash == first.data_hash != tertius.load(path).hash
    assert "--weight goldstein" in first.command
    assert "--half-life 7d" in first.command
    assert tertius.fit(tmp_path / "study", half_life="3d").half_life == "3d"

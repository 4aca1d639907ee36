"""Data by name: those of tertius, those that packages bring, the atlas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tertius import study
from tertius.errors import BadValue, InputError, TertiusWarning, UsageError
from tertius.sources import named
from tertius.sources.loading import load
from tertius.spec import Duration, ModelSpec
from tertius.study.asking import resolve_spec

Bring = Callable[[Any], None]


@pytest.fixture
def bring(monkeypatch: pytest.MonkeyPatch) -> Bring:
    """A package that brings the data ``mine``: what its function gives."""

    def install(given: Any) -> None:
        entry = EntryPoint("mine", f"{__name__}:gives", named.GROUP)
        monkeypatch.setattr(EntryPoint, "load", lambda self: lambda: given)
        monkeypatch.setattr(named, "entry_points", lambda group: [entry])

    return install


def sums(path: Path, *rows: tuple[str, str, str, int, int]) -> Path:
    days = [date.fromisoformat(r[0]) for r in rows]
    columns = dict(zip(named.SUMS[1:], zip(*(r[1:] for r in rows), strict=True), strict=True))
    pq.write_table(pa.table({"date": days, **{k: list(v) for k, v in columns.items()}}), path)
    return path


TWO_MONTHS = (("2020-01-01", "B", "A", 15, 20), ("2020-02-01", "A", "B", 0, 5), ("2020-02-01", "A", "C", 30, 0))


def test_sums_of_a_package_keep_both_signs_of_a_month(bring: Bring, tmp_path: Path) -> None:
    file = sums(tmp_path / "x.parquet", *TWO_MONTHS)
    bring({"file": file, "format": "sums", "unit": 0.1, "missing": ["2020-01-05"], "note": "Mine."})
    events = load("mine")
    assert not events.directed
    assert events.grain == Duration(1, "mo")
    assert events.span() == (date(2020, 1, 1), date(2020, 2, 29))
    rows = [(r["date"], r["sign"], r["weight"]) for r in events.between("A", "B")]
    assert rows == [("2020-02-01", -1, 0.5), ("2020-01-01", -1, 2.0), ("2020-01-01", 1, 1.5)]
    slices = events.slices(ModelSpec.of(slice="1mo"))
    assert slices.exposure.tolist() == [30.0, 29.0]  # of January one day is missing, of February none
    assert slices.coop_weight.tolist() == [1.5, 0.0, 3.0]
    assert slices.host_weight.tolist() == [2.0, 0.5, 0.0]


@pytest.mark.parametrize("length", ["1d", "1w", "8w", "30d", "15min"])
def test_slices_shorter_than_a_month_or_across_are_refused(bring: Bring, tmp_path: Path, length: str) -> None:
    bring({"file": sums(tmp_path / "x.parquet", *TWO_MONTHS), "format": "sums"})
    events = load("mine")
    with pytest.raises(UsageError, match=f"mine holds sums of whole months: slices of {length} cannot be made"):
        events.slices(ModelSpec.of(slice=length))
    for what in ("slice", "period"):
        with pytest.raises(UsageError, match="whole months"):
            resolve_spec(events, ModelSpec.of(**{what: length}))


def test_a_span_that_cuts_a_month_is_refused(bring: Bring, tmp_path: Path) -> None:
    bring({"file": sums(tmp_path / "x.parquet", *TWO_MONTHS), "format": "sums"})
    events = load("mine")
    for given, flag in (({"start": "2020-01-15"}, "--from"), ({"end": "2020-02-15"}, "--to")):
        with pytest.raises(UsageError, match=f"{flag} 2020-0[12]-15 lies inside one"):
            events.slices(ModelSpec.of(slice="1mo", **given))
    whole = events.slices(ModelSpec.of(slice="1mo", start="2020-01-01", end="2020-02-29"))
    assert whole.n_slices == 2


def test_the_default_slice_is_what_a_row_stands_for(bring: Bring, tmp_path: Path) -> None:
    bring({"file": sums(tmp_path / "x.parquet", *TWO_MONTHS), "format": "sums"})
    assert resolve_spec(load("mine"), ModelSpec()).slice == Duration(1, "mo")


def test_rows_of_a_month_that_the_days_touch_are_shown(bring: Bring, tmp_path: Path) -> None:
    bring({"file": sums(tmp_path / "x.parquet", *TWO_MONTHS), "format": "sums"})
    assert len(load("mine").between("A", "B", start=date(2020, 1, 20), end=date(2020, 1, 25))) == 2


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("2020-01-01", "A", "A", 1, 0)], "no sum of a pair"),
        ([("2020-01-01", "A", "B", -1, 0)], "no sum of a pair"),
        ([("2020-01-01", "A", "B", 1, 0), ("2020-01-01", "B", "A", 1, 0)], "stands twice"),
        ([("2020-01-02", "A", "B", 1, 0)], "not the first day"),
    ],
)
def test_sums_that_cannot_be_are_refused(bring: Bring, tmp_path: Path, rows: list[Any], says: str) -> None:
    bring({"file": sums(tmp_path / "x.parquet", *rows), "format": "sums"})
    with pytest.raises(BadValue, match=says):
        load("mine")


def test_a_package_may_bring_events(bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("date,source,target,quad\n2020-01-01,A,B,1\n2020-03-01,B,A,4\n")
    bring({"file": tmp_path / "e.csv", "asked": {"model": "rate"}, "cited": [["A work", ""]]})
    events = load("mine")
    assert events.directed
    assert events.asked == {"model": "rate"}
    assert events.cited == (("A work", ""),)


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"file": "x", "colour": "blue"},
        {"file": 3},
        {"file": "nowhere.parquet"},
        {"file": "nowhere.parquet", "format": "sums"},
        {"file": __file__, "format": "Sums"},
        {"file": __file__, "format": ["sums"]},
        {"file": __file__, "format": "sums", "unit": "a tenth"},
        {"file": __file__, "format": "sums", "unit": 0},
        {"file": __file__, "format": "sums", "grain": "a month"},
        {"file": __file__, "missing": ["yesterday"]},
        {"file": __file__, "missing": 3},
        {"file": __file__, "asked": ["rate"]},
        {"file": __file__, "asked": {"modell": "rate"}},
        {"file": __file__, "cited": [3]},
    ],
)
def test_a_package_that_gives_something_else_is_named(bring: Bring, given: Any) -> None:
    bring(given)
    with pytest.raises(InputError, match="data 'mine'"):
        load("mine")


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)], ids=str)
def test_a_package_that_fails_is_named_and_leaves_other_data_alone(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fails(self: EntryPoint) -> None:
        raise error

    monkeypatch.setattr(named, "entry_points", lambda group: [EntryPoint("mine", "m:f", group)])
    assert "mine" in named.names()
    assert load("chronicle").by_name
    monkeypatch.setattr(EntryPoint, "load", fails)
    with pytest.raises(InputError, match="data 'mine' \\(m:f\\) fails"):
        load("mine")


def test_without_the_package_the_atlas_names_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named, "entry_points", lambda group: [])
    with pytest.raises(UsageError) as error:
        load("atlas")
    assert "pip install ./packages/tertius-atlas" in error.value.hint
    assert not named.is_installed("atlas")


def test_a_name_is_preferred_to_a_folder_that_is_neither_store_nor_study_and_not_to_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chronicle").mkdir()
    assert load("chronicle").by_name
    (tmp_path / "chronicle").rmdir()
    (tmp_path / "chronicle").write_text("of another kind")
    with (
        pytest.warns(TertiusWarning, match="not the data chronicle"),
        pytest.raises(UsageError, match="neither Parquet nor delimited text"),
    ):
        load("chronicle")


def test_the_atlas_is_what_its_readme_says(atlas: None) -> None:
    events = load("atlas")
    described = events.describe()
    assert (described["actors"], len(described["missing"])) == (199, 96)
    assert (described["from"], described["to"]) == ("2018-01-01", "2023-06-30")
    assert described["rows"] == 556_681
    assert events.note in study.trend("RUS", "PRK", events, at="2022-02-24").caveats


def test_a_study_of_named_data_is_read_again(tmp_path: Path) -> None:
    opened = study.Study.open("planted", cache=False)
    opened.save(tmp_path / "kept")
    assert load(tmp_path / "kept").hash == load("planted").hash


@pytest.mark.shared
def test_the_atlas_is_the_daily_data_by_month(atlas: None, shared: Path) -> None:
    folder = shared / "data" / "gdelt_dyad_day"
    days = load(folder / "weights.parquet", directed=False, missing=folder / "missing_days.csv")
    month = ModelSpec.of(slice="1mo")
    by_day, by_month = days.slices(month), load("atlas").slices(month)
    assert by_day.exposure.tolist() == by_month.exposure.tolist()
    for response in ("cooperation", "hostility"):
        one, other = (s.per_slice(s.outcome(response, "weight")) for s in (by_day, by_month))
        cells = by_day.per_slice((by_day.outcome(response, "weight") > 0).astype(float))
        spread = 0.1 / 12**0.5 * cells**0.5  # of a sum of cells that are each rounded to a tenth
        assert (abs(one - other) < 4 * spread).all()

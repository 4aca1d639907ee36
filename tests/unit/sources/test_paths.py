"""A path is the path of one file: no pattern, no address, and no column."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tertius.errors import InputError
from tertius.events.engine import connection, file_literal, new_file_literal
from tertius.events.store import open_store
from tertius.sources.covariates import read_covariates
from tertius.sources.importing import import_files, read_missing
from tertius.sources.loading import load

NAMES = (
    "d[1]", "d*", "d?", "d[!a]", "d[a-z]", "**", "{a,b}", "it's", 'say "x"', "a;b", "100%", "new\nline", "back\\slash",
    "-leading", "ünï", "quad=3", "~", "http:", "s3:", "[[]", "*'\"?[;]%\n", "e.gz",
)  # fmt: skip
DECOYS = ("d1", "da", "dd", "a", "b", "[")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such names there")


def events(path: Path, weight: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"date,source,target,quad,weight\n2020-01-01,RUS,PRK,1,{weight}\n")
    return path


def weights(data: str | Path) -> list[float]:
    return [row["weight"] for row in load(data).between("RUS", "PRK")]


@pytest.fixture(scope="module")
def among(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files and stores that the names would match as patterns."""
    folder = tmp_path_factory.mktemp("among")
    for n, decoy in enumerate(DECOYS):
        import_files("events", [events(folder / decoy / "e.csv", 100.0 + n)], folder / "stores" / decoy)
        events(folder / "files" / f"{decoy}.csv", 200.0 + n)
    return folder


@pytest.mark.parametrize(
    ("name", "relative"), [(n, False) for n in NAMES] + [(n, True) for n in ("d[1]", "-leading", "~", "http:", "s3:")]
)
def test_a_name_is_that_of_one_file(name: str, relative: bool, among: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(among)
    root = Path() if relative else among
    path = events(root / name / "e.csv", 7.0)
    assert weights(path) == weights(str(path)) == [7.0]
    assert weights(events(root / "files" / f"{name}.csv", 8.0)) == [8.0]
    store = root / ("relative" if relative else "stores") / name
    (file,) = import_files("events", [path], store).files
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert weights(store) == [7.0]
    assert load(store).between("RUS", "PRK")[0]["quad"] == 1  # not that of a folder's name

    (root / name / "p.parquet").write_bytes(open_store(store).parts[0].read_bytes())
    (root / "d1" / "p.parquet").write_bytes(open_store(among / "stores" / "d1").parts[0].read_bytes())
    with connection() as con:
        sql = f"SELECT weight FROM read_parquet({file_literal(root / name / 'p.parquet')})"
        assert con.execute(sql).fetchall() == [(7.0,)]
        con.execute(f"COPY ({sql}) TO {new_file_literal(root / name / 'new.parquet')} (FORMAT parquet)")
    assert (root / name / "new.parquet").is_file()

    days = root / name / "days.csv"
    days.write_text("date\n2020-02-03\n")
    assert [str(day) for day in read_missing(days)] == ["2020-02-03"]
    covariates = root / name / "trade.csv"
    covariates.write_text("a,b,trade\nRUS,PRK,5\n")
    (trade,) = read_covariates([covariates], ("RUS", "PRK"), directed=True, carry_days=1.0)
    assert trade.at(0.0)[0, 1] == 5.0


def test_a_folder_of_a_name_like_a_column_adds_none(tmp_path: Path) -> None:
    path = tmp_path / "weight=9" / "e.csv"
    path.parent.mkdir()
    path.write_text("date,source,target,quad\n2020-01-01,RUS,PRK,1\n")
    import_files("events", [path], tmp_path / "sign=-1" / "S")
    assert weights(path) == weights(tmp_path / "sign=-1" / "S") == [1.0]


def test_a_name_that_is_no_text_is_said_to_be(tmp_path: Path) -> None:
    path = events(tmp_path / os.fsdecode(b"\xff\xfe.csv"), 1.0)
    with pytest.raises(InputError, match="is no valid text"):
        load(path)


def test_nothing_is_fetched() -> None:
    with connection() as con:
        settings = con.execute("SELECT value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'").fetchall()
    assert settings == [("false",), ("false",)]

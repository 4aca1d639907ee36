"""The store on disk: whole or not at all, whoever writes and whenever it is killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tertius.errors import CorruptFile, InputError, UsageError
from tertius.events.engine import connection
from tertius.events.store import Store, append_part, is_store, open_store
from tertius.sources.importing import import_files


def audit(name: str) -> dict[str, Any]:
    return {"files": [{"name": name, "sha256": name}]}


def rows(path: Path, n: int) -> None:
    with connection() as con:
        con.execute(f"COPY (SELECT range AS n FROM range({n})) TO '{path}' (FORMAT parquet)")


def add(store: Path, n: int, **options: Any) -> Store:
    given: dict[str, Any] = {"directed": True, "missing": (), "audit": audit(str(n)), "write": lambda p: rows(p, n)}
    return append_part(store, **given | options)


def names(folder: Path) -> set[str]:
    return {str(f.relative_to(folder)) for f in folder.rglob("*")}


def test_a_part_is_named_by_its_bytes_and_a_snapshot_by_its_parts(tmp_path: Path) -> None:
    one, other = add(tmp_path / "S", 3), add(tmp_path / "elsewhere" / "T", 3)
    assert [p.name for p in one.parts] == [p.name for p in other.parts]
    assert one.snapshot == other.snapshot
    assert add(tmp_path / "S", 4).snapshot not in (one.snapshot, add(tmp_path / "U", 4).snapshot)


def test_missing_days_are_part_of_the_snapshot(tmp_path: Path) -> None:
    import datetime as dt

    plain, gaps = add(tmp_path / "S", 3), add(tmp_path / "T", 3, missing=(dt.date(2020, 1, 2),))
    assert plain.snapshot != gaps.snapshot
    assert open_store(tmp_path / "T").missing == (dt.date(2020, 1, 2),)


def test_earlier_parts_are_never_changed(tmp_path: Path) -> None:
    (first,) = add(tmp_path / "S", 3).parts
    before = first.read_bytes()
    assert add(tmp_path / "S", 4).parts[0] == first
    assert first.read_bytes() == before


def test_a_part_twice_is_refused(tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    before = names(tmp_path)
    with pytest.raises(InputError, match="exactly these rows"):
        add(tmp_path / "S", 3)
    assert names(tmp_path) == before


def fails(path: Path) -> None:
    path.write_bytes(b"half a fi")
    raise OSError(28, "No space left on device")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space"):
        add(tmp_path / "new" / "S", 3, write=fails)
    assert names(tmp_path) == set()
    add(tmp_path / "S", 3)
    before = names(tmp_path)
    with pytest.raises(OSError, match="No space"):
        add(tmp_path / "S", 4, write=fails)
    assert names(tmp_path) == before


def test_what_a_killed_write_left_is_ignored(tmp_path: Path) -> None:
    store = tmp_path / "S"
    (store / "parts").mkdir(parents=True)
    (store / "parts" / ".a1.tmp").write_bytes(b"half a file")
    (store / "parts" / f"{'0' * 64}.parquet").write_bytes(b"never named in a manifest")
    assert not is_store(store)
    assert len(add(store, 3).parts) == 1
    (store / ".b2.tmp").write_text('{"half a manif')
    (store / "parts" / ".c3.tmp").write_bytes(b"half a file")
    assert len(open_store(store).parts) == 1
    assert len(add(store, 4).parts) == 2


def test_the_second_of_two_writers_fails_and_the_first_ones_data_stand(tmp_path: Path) -> None:
    store = tmp_path / "S"
    add(store, 3)

    def while_another_writes(path: Path) -> None:
        add(store, 4)
        rows(path, 5)

    with pytest.raises(InputError, match="changed by another import") as caught:
        add(store, 5, write=while_another_writes)
    assert "again" in caught.value.hint
    assert [a["files"][0]["name"] for a in open_store(store).audits] == ["3", "4"]
    assert len(add(store, 5).parts) == 3


def test_two_writers_of_a_new_store_do_not_overwrite_each_other(tmp_path: Path) -> None:
    store = tmp_path / "S"

    def while_another_writes(path: Path) -> None:
        add(store, 4)
        rows(path, 5)

    with pytest.raises(InputError, match="changed by another import"):
        add(store, 5, write=while_another_writes)
    assert [a["files"][0]["name"] for a in open_store(store).audits] == ["4"]


def test_a_folder_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "S" / "parts").mkdir(parents=True)
    (tmp_path / "S" / "parts" / "thesis.docx").write_text("x")
    before = names(tmp_path)
    with pytest.raises(UsageError, match="exists and is not a store"):
        add(tmp_path / "S", 3)
    assert names(tmp_path) == before


def test_a_store_is_of_one_kind(tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    with pytest.raises(UsageError, match="is directed, the new rows are undirected"):
        add(tmp_path / "S", 4, directed=False)


@pytest.mark.parametrize("damage", ["truncated", "empty", "gone"])
def test_a_damaged_part_is_noticed_on_opening(damage: str, tmp_path: Path) -> None:
    (part,) = add(tmp_path / "S", 3).parts
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-30] if damage == "truncated" else b"")
    with pytest.raises(CorruptFile, match=part.name):
        open_store(tmp_path / "S")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"parts": 3}', '"S"'])
def test_a_damaged_manifest_is_corrupt(text: str, tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    (tmp_path / "S" / "manifest.json").write_text(text)
    with pytest.raises(CorruptFile, match=r"manifest\.json cannot be read"):
        open_store(tmp_path / "S")


def test_a_manifest_of_a_later_version_is_refused(tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    path = tmp_path / "S" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"tertius_store": 2}))
    with pytest.raises(CorruptFile, match="version 2"):
        open_store(tmp_path / "S")


def test_a_folder_without_manifest_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a store") as caught:
        open_store(tmp_path)
    assert "tertius import" in caught.value.hint


def test_events_are_stored_in_the_order_of_time(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", "date,source,target,quad", "2020-01-02,RUS,PRK,1", "2020-01-01,USA,PRK,1")
    import_files("events", [path], tmp_path / "S")
    with connection() as con:
        found = con.execute(f"SELECT source FROM '{open_store(tmp_path / 'S').parts[0]}'").fetchall()
    assert found == [("USA",), ("RUS",)]

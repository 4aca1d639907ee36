"""Data that change or vanish while they are served: every answer is of them as the server opened them, or says so."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer import Explorer, explorer
from tertius.sources.importing import import_files

PATH = "/api/v1/store/events?a=A&b=B"


def written(path: Path, rows: int) -> Path:
    """Events of A towards B and C, one a month."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(("date", "source", "target", "quad"))
        for month in range(rows):
            out.writerow((f"{2015 + month // 12}-{month % 12 + 1:02d}-15", "A", "BC"[month % 2], 1))
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Explorer]:
    """A server of a store and of a file, one worker at work."""
    import_files("events", [written(tmp_path / "first.csv", 40)], tmp_path / "store")
    data = {"store": str(tmp_path / "store"), "file": str(written(tmp_path / "file.csv", 40))}
    with explorer(data, tmp_path, workers=1) as found:
        found.opened("store")
        found.opened("file")
        yield found


def another_worker(found: Explorer) -> None:
    for pid in found.workers:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)


def test_a_store_that_grows_is_answered_from_as_it_was(kept: Explorer, tmp_path: Path) -> None:
    before = kept.settled(PATH)
    audit = kept.settled("/api/v1/store/audit").json
    import_files("events", [written(tmp_path / "second.csv", 80)], tmp_path / "store")
    another_worker(kept)
    after = kept.settled(f"{PATH}&limit=49")
    assert (before.json["n"], after.json["n"]) == (20, 20)
    assert kept.settled("/api/v1/store/describe").json["rows"] == 40
    kept.settled("/api/v1/codes?name=Korea")
    assert audit["rows"] == 40


def test_a_file_that_changes_is_not_answered_from(kept: Explorer, tmp_path: Path) -> None:
    written(tmp_path / "file.csv", 80)
    another_worker(kept)
    found = kept.settled("/api/v1/file/events?a=A&b=B")
    assert found.status == 422
    assert found.json["error"]["type"] == "DataChanged"


def test_what_is_gone_is_answered_from_again_when_it_is_back(kept: Explorer, tmp_path: Path) -> None:
    for name in ("store", "file"):
        path = f"/api/v1/{name}/events?a=A&b=B"
        there = tmp_path / (name if name == "store" else "file.csv")
        another_worker(kept)
        there.rename(tmp_path / "away")
        gone = kept.settled(path)
        assert (gone.status, gone.json["error"]["type"]) == (422, "DataChanged"), name
        (tmp_path / "away").rename(there)
        assert kept.settled(path).json["n"] == 20

"""Explorers that run: one of the chronicle and of a store with hostile labels, for all tests that only ask."""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the explorer needs pip install 'tertius[web]'")
pytest.importorskip("uvicorn", reason="the explorer needs pip install 'tertius[web]'")

from explorer import Explorer, explorer
from tertius.sources.importing import import_files

HOSTILE = (
    "</script><img src=https://evil.example/x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "../../etc/passwd",
    "a/b?c#d%2e.json",
    "'; DROP TABLE events; --",
    "{{ 7 * 7 }}",
    "محمد\u202e txt",
    "@groups.csv",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.platform != "linux":
        for item in items:
            item.add_marker(pytest.mark.skip(reason="looks at processes through /proc"))


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events between actors whose labels mean harm."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.csv"
    names = [*HOSTILE, "A", "B"]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("date", "source", "target", "quad", "url", "sentence"))
        for month in range(36):
            for k, a in enumerate(names):
                b = names[(k + 1 + month % 3) % len(names)]
                day = f"{2020 + month // 12}-{month % 12 + 1:02d}-15"
                out.writerow((day, a, b, 1 + (month + k) % 4, "javascript:alert(1)", f"<b>{a}</b>"))
    return path


@pytest.fixture(scope="session")
def kept_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two imports, with a row that was dropped: 40 months among eight actors."""
    folder = tmp_path_factory.mktemp("imported")
    draw = random.Random(4)
    for k in range(2):
        with (folder / f"{k}.csv").open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(("date", "source", "target", "quad"))
            for month in range(20 * k, 20 * k + 20):
                for _ in range(60):
                    a, b = draw.sample(("RUS", "PRK", "USA", "CHN", "JPN", "KOR", "UKR", "IRN"), 2)
                    day = f"{2018 + month // 12}-{month % 12 + 1:02d}-{draw.randint(1, 28):02d}"
                    out.writerow((day, a, b, draw.randint(1, 4)))
            out.writerow(("2018-01-01", "RUS", "RUS", 1))
        import_files("events", [folder / f"{k}.csv"], folder / "store")
    return folder / "store"


@pytest.fixture(scope="session")
def served(hostile_file: Path, kept_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    """A server of the chronicle, of hostile labels, and of a store."""
    data = {"chronicle": "chronicle", "hostile": str(hostile_file), "store": str(kept_store)}
    with explorer(data, tmp_path_factory.mktemp("served"), abandoned=60.0) as found:
        found.opened("chronicle")
        found.opened("hostile")
        found.opened("store")
        yield found

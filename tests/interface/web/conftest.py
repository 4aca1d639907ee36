"""Explorers that run: one of the chronicle and of a store with hostile labels, for all tests that only ask."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the explorer needs pip install 'tertius[web]'")
pytest.importorskip("uvicorn", reason="the explorer needs pip install 'tertius[web]'")

from explorer import Explorer, explorer

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
def served(hostile_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    """A server of the chronicle and of hostile labels."""
    data = {"chronicle": "chronicle", "hostile": str(hostile_file)}
    with explorer(data, tmp_path_factory.mktemp("served"), abandoned=60.0) as found:
        found.opened("chronicle")
        found.opened("hostile")
        yield found

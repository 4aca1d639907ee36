"""What several tests need: other people's data, small tables on disk, and the command line in this process."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: threaded BLAS crawls on a busy machine

os.environ["TERTIUS_CACHE"] = "off"  # no test leaves anything in the user's cache folder, nor finds it there

import json
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TERTIUS_SHARED") or ROOT.parent / "shared")

WriteCsv = Callable[..., Path]


QUICK = (
    "contract", "unit/codes", "unit/events", "unit/sources", "unit/model/test_", "unit/model/checks/test_ranks",
    "unit/study/test_asking", "unit/test_cache", "unit/test_errors", "unit/test_plain", "unit/test_progress",
    "unit/test_spec", "interface/test_tests",
)  # fmt: skip
"""Where the quick tests are, all that fit nothing large: under a minute together on one core."""
LONGER = ("unit/sources/test_paths", "unit/model/test_estimate", "unit/model/test_parallel")
NOT_QUICK = frozenset({"slow", "shared", "browser"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the quick tests; skip those marked ``shared`` where the data are not there, and say so."""
    for item in items:
        place = item.path.relative_to(ROOT / "tests").as_posix() if item.path.is_relative_to(ROOT / "tests") else ""
        if place.startswith(QUICK) and not place.startswith(LONGER) and not NOT_QUICK & set(item.keywords):
            item.add_marker("quick")
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason=f"no folder {SHARED}: set TERTIUS_SHARED to where the shared data are")
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(absent)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with other people's data."""
    return SHARED


@pytest.fixture
def atlas(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The package tertius-atlas of this repository, as if it were installed."""
    package = ROOT / "packages" / "tertius-atlas"
    with (package / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    about = tmp_path_factory.mktemp("site") / "tertius_atlas-0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = [f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in of.items()) for group, of in _entries(project)]
    (about / "entry_points.txt").write_text("\n".join(lines))
    for folder in (about.parent, package / "src"):
        monkeypatch.syspath_prepend(folder)


def _entries(project: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    return list(project["entry-points"].items())


@pytest.fixture
def no_atlas(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package brings data."""
    monkeypatch.setattr("tertius.sources.named.entry_points", lambda group: [])


@pytest.fixture
def csv_file(tmp_path: Path) -> WriteCsv:
    """Write ``name`` with a header and rows given as text; returns its path."""

    def write(name: str, *lines: str) -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def tertius(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run ``tertius WORDS`` in this process."""
    from tertius.cli import main

    def run(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["tertius", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = capsys.readouterr()
        assert isinstance(stopped.value.code, int)
        return Ran(stopped.value.code, out, err)

    return run

"""The import contracts bite: an import planted in a copy of the house breaks the contract that forbids it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("importlinter", reason="import-linter is not installed: pip install '.[test]'")

ROOT = Path(__file__).parents[2]
PLANTED = {
    "Data flows one way": ("codes/weights.py", "tertius.report.words"),
    "Mathematics sees arrays only": ("history.py", "tertius.events.store"),
    "Answers do not know each other": ("answers/pairs.py", "tertius.answers.certificate"),
    "Renderings know no answer": ("report/html.py", "tertius.answers.verdict"),
    "Sections do not know each other": ("report/sections/data.py", "tertius.report.sections.answer"),
    "The web computes nothing": ("web/site.py", "tertius.answers.verdict"),
}
"""Contract -> where an import is planted, and of what."""


def lint(source: Path) -> str:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    ran = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(source)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return ran.stdout + ran.stderr


@pytest.fixture
def house(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src" / "tertius", tmp_path / "tertius", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_house_as_it_stands_keeps_all_contracts(house: Path) -> None:
    found = lint(house)
    assert "0 broken" in found
    for name in PLANTED:
        assert f"{name} KEPT" in found


def test_there_is_a_planted_import_for_every_contract() -> None:
    import tomllib

    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert [c["name"] for c in told["tool"]["importlinter"]["contracts"]] == list(PLANTED)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_import_breaks_its_contract(name: str, house: Path) -> None:
    place, module = PLANTED[name]
    with (house / "tertius" / place).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {module}\n")
    assert f"{name} BROKEN" in lint(house)

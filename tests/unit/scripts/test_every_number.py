"""``scripts/every_number.py``: what differs is found, by name, and nothing else is."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "every_number.py"


def test_numbers_go_by_the_names_of_their_lines(script: ModuleType) -> None:
    document = {
        "verdict": "mixed", "seconds": 3.1, "passed": True, "rise": {"low": None},
        "third_parties": [{"actor": "USA", "events": 2.5}, {"actor": "CHN", "events": 1}],
        "path": [{"actor": "USA", "value": 1.0}, {"actor": "USA", "value": 2.0}], "values": [7, 8],
    }  # fmt: skip
    assert dict(script.numbers(document)) == {
        "passed": 1.0, "rise.low": None, "third_parties[USA].events": 2.5, "third_parties[CHN].events": 1.0,
        "path[USA].value": 1.0, "path[USA 2].value": 2.0, "values[0]": 7.0, "values[1]": 8.0,
    }  # fmt: skip


def test_differences_are_relative_and_null_equals_null_alone(script: ModuleType) -> None:
    assert script.difference(2.0, 2.0 + 1e-11) == pytest.approx(5e-12, rel=1e-3)
    assert script.difference(0.0, 0.0) == script.difference(None, None) == 0.0
    assert script.difference(None, 1.0) == script.difference(0.0, None) == math.inf


def compared(tmp_path: Path, before: dict[str, object], after: dict[str, object]) -> tuple[int, str]:
    for name, found in (("before", before), ("after", after)):
        (tmp_path / f"{name}.json").write_text(json.dumps(found))
    done = subprocess.run(
        [sys.executable, SCRIPT, "--compare", tmp_path / "before.json", tmp_path / "after.json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_exit_code_says_whether_a_number_differs(tmp_path: Path) -> None:
    before = {"fit x": {"a": 1.0, "lines[USA].z": 2.0, "lines[CHN].z": 3.0, "gone": 1.0}}
    code, text = compared(tmp_path, before, {"fit x": {"a": 1.0 + 1e-14, "lines[USA].z": 2.0, "lines[CHN].z": 3.0}})
    assert (code, "0 numbers differ" in text, "only before: gone (1)" in text) == (0, True, True)
    code, text = compared(tmp_path, before, {"fit x": {"a": 1.0, "lines[USA].z": 2.1, "lines[CHN].z": 3.6}})
    assert (code, "2 numbers differ" in text) == (1, True)
    assert "lines[].z (2, the largest of lines[CHN].z): 3.0 -> 3.6" in text


def test_two_runs_of_the_same_code_give_the_same_numbers(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "explain RUS PRK chronicle --model rate --slice 1mo --adequacy none --permutations 0"
    monkeypatch.setattr(script, "COMMANDS", {"chronicle": (asked,), "GDELT": ("fit GDELT",)})
    first, second = (script.run(None, "") for _ in range(2))
    assert list(first) == [asked]
    assert len(first[asked]) > 300
    assert script.compare(first, second, whole=True) == 0

"""Which data are imported for which questions."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("only", "imported"),
    [
        ("by month", {"gdelt"}),
        ("GDELT, net weights, by week", {"gdelt"}),
        ("by week", {"gdelt", "icews"}),
        ("", {"gdelt", "icews"}),
        ("alliances", set()),
    ],
)
def test_what_a_question_asks_of_is_imported_however_it_is_named(
    script: ModuleType, only: str, imported: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: set[str] = set()

    def importing(kind: str, files: list[Path], into: Path, **_: Any) -> None:
        found.add(into.name)

    monkeypatch.setattr(script, "import_files", importing)
    for name in ("of_store", "of_layers", "of_alliances"):
        monkeypatch.setattr(script, name, lambda *_: None)
    monkeypatch.setattr(script, "line", lambda name, *_: name)
    monkeypatch.setattr(sys, "argv", ["real_certificates.py", "--shared", str(tmp_path), "--only", only])
    script.main()
    assert found == imported

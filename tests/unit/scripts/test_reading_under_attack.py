"""``scripts/reading_under_attack.py``: two documents, and a crash is seen."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest


@pytest.mark.parametrize(("name", "how"), [("binary", "said"), ("right to left", "read")])
def test_it_ends_as_it_should(name: str, how: str, script: ModuleType, tmp_path: Path) -> None:
    ended = script.attack(name, tmp_path)
    assert ended.how == how
    assert ended.megabytes > 10


def test_a_crash_is_seen(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "RUN", "raise SystemError('it')")
    assert script.attack("empty", tmp_path).how == "FAILED"

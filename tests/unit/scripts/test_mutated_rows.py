"""Damaged files end in a clean audit or in one message; the script itself sees what is neither."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tertius.sources.audit import Audit

FORMS = (
    *("events-csv", "icews-tab", "dyads-csv", "events-parquet", "dyads-parquet"),
    *("gdelt1-text", "gdelt2-text", "polecat-text", "keds-text", "ucdp-csv"),
)


@pytest.mark.parametrize("form", FORMS)
def test_damaged_files_are_read_or_refused(form: str, script: ModuleType, tmp_path: Path) -> None:
    rows = 1800 if form == "keds-text" else 500  # most of its damage is put aside row by row: few files are refused
    found = [outcome for _, outcome in script.files(form, rows, 50, 7, tmp_path)]
    assert [o.detail for o in found if o.kind == "fault"] == []
    assert {o.kind for o in found} >= {"clean", "refused"}


def test_every_form_is_tried(script: ModuleType) -> None:
    assert script.FORMS == FORMS


def test_a_wrong_count_is_a_fault(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Audit, "total", lambda self, key: 1)
    kinds = {o.kind for _, o in script.files("dyads-csv", 100, 50, 7, tmp_path)}
    assert "fault" in kinds

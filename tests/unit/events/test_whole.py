"""Files that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tertius.events.whole import replace_file


def test_a_file_has_its_new_content_and_nothing_lies_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    replace_file(path, "one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    replace_file(path, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]

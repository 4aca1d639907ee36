"""Where the user's cache folder is, on each system and without a home."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tertius import cache


@pytest.mark.parametrize(
    ("platform", "variable", "value", "folder"),
    [
        ("linux", "XDG_CACHE_HOME", "/elsewhere", "/elsewhere/tertius"),
        ("linux", "XDG_CACHE_HOME", "relative", "/home/me/.cache/tertius"),
        ("linux", "XDG_CACHE_HOME", "", "/home/me/.cache/tertius"),
        ("darwin", "XDG_CACHE_HOME", "/elsewhere", "/home/me/Library/Caches/tertius"),
        ("win32", "LOCALAPPDATA", "/local", "/local/tertius/cache"),
    ],
)
def test_the_folder_is_that_of_the_system(
    platform: str, variable: str, value: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    monkeypatch.setenv(variable, value)
    assert cache.cache_folder().as_posix() == folder


def test_without_a_home_it_lies_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    found = cache.cache_folder()
    assert found.is_relative_to(os.devnull)
    with pytest.raises(OSError):
        found.mkdir(parents=True)

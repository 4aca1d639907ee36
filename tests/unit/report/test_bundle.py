"""The script of the charts is made once, kept whole, and made again where the file is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import vl_convert

from tertius.report.bundle import cache_folder, vega_bundle

FAKE = "window.vegaEmbed = 1;\r\n// é"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Calls of vl-convert, with the cache in a folder of the test."""
    calls: list[str] = []

    def bundle(snippet: str) -> str:
        calls.append(snippet)
        return FAKE

    monkeypatch.setattr(vl_convert, "javascript_bundle", bundle)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.platform", "linux")
    return calls


def test_bundle_is_made_once(made: list[str]) -> None:
    assert vega_bundle() == vega_bundle() == FAKE.replace("\r\n", "\n")
    assert len(made) == 1
    assert [p.suffix for p in cache_folder().iterdir()] == [".js"]


def test_truncated_cache_is_made_again(made: list[str]) -> None:
    whole = vega_bundle()
    (path,) = cache_folder().iterdir()
    path.write_bytes(path.read_bytes()[:-3])
    assert vega_bundle() == whole
    assert len(made) == 2
    assert vega_bundle() == whole
    assert len(made) == 2


def test_cache_that_cannot_be_written_is_no_error(made: list[str], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be", "utf-8")
    assert vega_bundle() == vega_bundle()
    assert len(made) == 2


def test_relative_cache_home_is_ignored(made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder().is_absolute()


def test_real_bundle_can_stand_in_a_script_element(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    script = vega_bundle()
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert "window.vegaEmbed=" in script

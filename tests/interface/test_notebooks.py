"""The notebooks print what they hold."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def notebooks() -> ModuleType:
    """scripts/notebooks.py."""
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / "scripts" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_one_for_each_reader() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["analyst", "journalist", "scholar"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_prints_what_it_holds(path: Path, notebooks: ModuleType, atlas: None) -> None:
    notebook = json.loads(path.read_text("utf-8"))
    held = notebooks.text_of(notebooks.stored(notebook))
    assert held
    assert notebooks.text_of(notebooks.run(notebook["cells"])) == held

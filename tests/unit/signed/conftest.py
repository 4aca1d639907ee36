"""Drawn graphs, and the slow twin of the frustration index, for all tests here."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def networks() -> ModuleType:
    """The functions of ``drawn.py``."""
    spec = importlib.util.spec_from_file_location("drawn_networks", Path(__file__).with_name("drawn.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

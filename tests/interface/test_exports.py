"""The names that ``import tertius`` gives, and no others."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import tertius

ROOT = Path(__file__).resolve().parents[2]


def test_all_is_sorted_and_is_what_dir_shows() -> None:
    assert tertius.__all__ == sorted(tertius.__all__)
    assert dir(tertius) == tertius.__all__


def test_the_contracts_names_of_this_version_are_there() -> None:
    assert {"load", "fit", "explain", "balance", "simulate", "resolve_actor", "TertiusError"} <= set(tertius.__all__)


@pytest.mark.parametrize("name", [n for n in tertius.__all__ if n != "__version__"])
def test_every_name_leads_to_something_documented(name: str) -> None:
    found = getattr(tertius, name)
    assert found.__name__ == name
    assert found.__module__.startswith("tertius.")
    assert len(found.__doc__ or "") > 40


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert tertius.__version__ == project["version"]


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'nothing'"):
        tertius.nothing  # noqa: B018

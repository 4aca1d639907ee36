"""What ``tertius[read]`` brings, imported when it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tertius.errors import UsageError

PIP = "pip install 'tertius[read]'"
WHAT_FOR = {"lxml": "HTML", "trafilatura": "HTML", "pypdf": "PDF", "httpx": "An address or a model"}


def needed(module: str) -> Any:
    """A module of the extra. Raises UsageError, with the line to type, where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.split(".")[0]
        raise UsageError(
            f"{WHAT_FOR[package]} cannot be read without {package} ({error}).",
            f"Type: {PIP}. Text and Markdown need nothing more.",
        ) from None

"""Questions as tools for a model, over the Model Context Protocol: ``tertius mcp`` (:mod:`tertius.mcp.server`)."""

from __future__ import annotations

from importlib.util import find_spec

from tertius.errors import UsageError


def check_extra() -> None:
    """Raises UsageError, with the line to type, where the extra is not installed."""
    absent = [name for name in ("mcp", "jsonschema") if find_spec(name) is None]
    if absent:
        raise UsageError(f"tertius mcp needs {' and '.join(absent)}.", "Type: pip install 'tertius[mcp]'.")

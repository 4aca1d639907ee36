"""What programs and people read: values that JSON can hold, data frames, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tertius.errors import UsageError, did_you_mean
from tertius.language import Number, say


def plain(value: Any) -> Any:
    """Numbers, lists and dictionaries that JSON can hold: NaN and infinities become None, numpy types plain ones."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def frame(rows: Sequence[Mapping[str, Any]], backend: str | None = None) -> Any:
    """Rows as a data frame of pandas, polars or pyarrow (None: the first of them that is installed)."""
    return frame_of({key: [row[key] for row in rows] for key in (rows[0] if rows else ())}, backend)


def frame_of(columns: Mapping[str, Sequence[Any]], backend: str | None = None) -> Any:
    """The same of columns."""
    import importlib.util

    import narwhals as nw

    names = ("pandas", "polars", "pyarrow")
    if backend not in (None, *names):
        near = did_you_mean(str(backend), names)
        raise UsageError(f"There is no data frame '{backend}'.", f"{near}Choose one of: {', '.join(names)}.")
    if backend is not None and importlib.util.find_spec(backend) is None:
        raise UsageError(
            f"{backend} is not installed.", f"Type: pip install {backend}. Or name none: pyarrow comes with tertius."
        )
    chosen: Any = backend or next(b for b in names if importlib.util.find_spec(b))
    return nw.from_dict(columns, backend=chosen).to_native()


def number(x: float | None, digits: int = 3) -> str:
    """A number for reading: ``digits`` significant ones, n/a for what does not exist.

    >>> number(0.012345), number(float("nan")), number(-1234.5)
    ('0.0123', 'n/a', '-1,230')
    """
    if x is None or x != x:
        return say("n/a")
    if x == 0:
        return Number("0")
    size = abs(x)
    if size >= 10 ** (digits - 1):
        rounded = float(f"{x:.{digits}g}") if size < 1e6 else x
        return Number(f"{rounded:,.0f}" if size < 1e6 else f"{x:.{digits - 1}e}")
    return Number(f"{x:#.{digits}g}" if size >= 1e-4 else f"{x:.{digits - 1}e}")

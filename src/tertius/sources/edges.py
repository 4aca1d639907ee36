"""Signed edge lists: rows ``a,b,sign`` and perhaps ``window`` and ``weight``, from a file or a data frame.

A file is an edge list where it has the columns ``a``, ``b`` and ``sign``; events have none of that name. A sign is 1,
-1, 0, ``+`` or ``-``; a weight is 0 or more, and a row without one is refused where others have one. Windows stand in
the order in which they occur; without the column there is one. What several rows of a pair become, and what is dropped,
is said in :mod:`tertius.signed.graph`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tertius.errors import BadValue, EmptyData, UsageError
from tertius.events.engine import connection, quoted
from tertius.sources.format import Format, open_table
from tertius.sources.text import is_text

NEEDED = ("a", "b", "sign")
WHOLE = "all"
"""The name of the window of an edge list without windows."""
_FORMAT = Format("edges", False, {}, ())
_SIGNS = {"+": 1.0, "-": -1.0}


@dataclass(frozen=True, slots=True)
class EdgeRows:
    """The rows of a window as they stand; ``weight`` None: the list has no weights."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    sign: tuple[float, ...]
    weight: tuple[float, ...] | None


def is_edges(data: Any) -> bool:
    """Whether a file or data frame has the columns of an edge list.

    >>> import pyarrow as pa
    >>> is_edges(pa.table({"a": ["i"], "b": ["j"], "sign": [1]})), is_edges("chronicle")
    (True, False)
    """
    if isinstance(data, (str, Path)):
        path = Path(data)
        if not path.is_file() or path.stat().st_size == 0 or not (is_text(path) or path.suffix.lower() == ".parquet"):
            return False
        with connection() as con:
            names = [d[0] for d in con.execute(f"DESCRIBE {open_table(con, path, _FORMAT).sql}").fetchall()]
    else:
        columns: Any = getattr(data, "column_names", None)  # pyarrow; its columns are the values
        names = [str(c) for c in (getattr(data, "columns", ()) if columns is None else columns)]
    return set(NEEDED) <= set(names)


def read_edges(data: Any) -> dict[str, EdgeRows]:
    """The rows of an edge list by window.

    Raises
    ------
    InputError : a file that cannot be read, EmptyData : no row, BadValue : a sign, weight or label that is none.

    >>> import pyarrow as pa
    >>> read_edges(pa.table({"a": ["i"], "b": ["j"], "sign": ["+"]}))["all"].sign
    (1.0,)
    """
    with connection() as con:
        if isinstance(data, (str, Path)):
            where, sql = str(data), open_table(con, Path(data), _FORMAT).sql
        else:
            where, sql = "The data frame", "edges_in_memory"
            con.register(sql, _arrow(data))
        names = [d[0] for d in con.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()]
        columns = [*NEEDED, *(c for c in ("weight", "window") if c in names)]
        chosen = ", ".join(f"CAST({quoted(c)} AS VARCHAR)" for c in columns)
        rows = con.execute(f"SELECT {chosen} FROM {sql}").fetchall()
    if not rows:
        raise EmptyData(f"{where} holds no edge.", "Give rows a,b,sign.")
    found: dict[str, list[tuple[str, str, float, float]]] = {}
    for number, row in enumerate(rows, 1):
        line = dict(zip(columns, row, strict=True))
        place = f"{where}, row {number}"
        window = (line.get("window", WHOLE) or "").strip()
        labels = [(line[c] or "").strip() for c in ("a", "b")]
        if not window or not all(labels):
            raise BadValue(f"{place}: a label or window is empty.", "Fill it in, or leave the row out.")
        sign = _number(_SIGNS.get((line["sign"] or "").strip(), line["sign"]), "sign", place)
        weight = _number(line["weight"], "weight", place) if "weight" in line else 1.0
        found.setdefault(window, []).append((*labels, sign, weight))  # type: ignore[arg-type]
    return {window: _columns(lines, "weight" in columns) for window, lines in found.items()}


def _columns(lines: Sequence[tuple[str, str, float, float]], weighted: bool) -> EdgeRows:
    a, b, sign, weight = zip(*lines, strict=True)
    return EdgeRows(a, b, sign, weight if weighted else None)


def _number(text: Any, column: str, place: str) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        raise BadValue(f"{place}: {text!r} is not a {column}.", f"Give a number as {column} in every row.") from None


def _arrow(data: Any) -> Any:
    import narwhals as nw

    try:
        return nw.from_native(data, eager_only=True).to_arrow()
    except TypeError:
        raise UsageError("These data are no edge list.", "Give a file or a data frame with a, b, sign.") from None

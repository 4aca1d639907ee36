"""Signed graphs with their camps as files for other programs: GraphML, CSV, Parquet.

CSV and Parquet hold every edge of every window, with its window and whether the camps leave it unsatisfied; the CSV can
be read again by ``tertius balance``. GraphML holds one graph: the last window's, with camps and margins at its actors.
A file appears whole or not at all, and none is replaced.
"""

from __future__ import annotations

import os
import re
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from tertius.answers.camps import Balance
from tertius.errors import TertiusWarning, UsageError, did_you_mean, disk_room
from tertius.model.tables import Printed, csv_text
from tertius.signed.export import EDGE_COLUMNS, edge_rows, to_graphml

FORMS = ("graphml", "csv", "parquet")
COLUMNS = (*EDGE_COLUMNS[:3], "window", *EDGE_COLUMNS[3:])
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, however they are written."""


def check_export(path: Path) -> None:
    """Raises UsageError where nothing can be written: an unknown form, no folder, or a file that stands there."""
    form = path.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise UsageError(
            f"{path} (--export) is of no form that can be written.",
            f"{did_you_mean(form, FORMS)}Name a file that ends with {', '.join(f'.{f}' for f in FORMS)}.",
        )
    check_new(path, "--export")


def check_new(path: Path, flag: str) -> None:
    """Raises UsageError where no new file can be written; ``flag``: the option that named it."""
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder.", "Make it first, or name another place.")
    if path.exists():
        raise UsageError(f"{path} ({flag}) exists.", "Name another file, or move that one away.")
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"Nothing can be written to {path.parent}.", "Name another place.")


def export(found: Balance, path: str | Path) -> Path:
    """Write the graphs of a :class:`~tertius.answers.camps.Balance` by the end of the file's name; returns the path.

    Raises UsageError, DiskFull.
    """
    path = Path(path)
    check_export(path)
    form = path.suffix.removeprefix(".").lower()

    def fill(stream: BinaryIO) -> None:
        if form == "graphml":
            stream.write(_graphml(found, path).encode("utf-8", "replace"))
        elif form == "csv":
            stream.write(csv_text(Printed((), (), _rows(found), COLUMNS)).encode("utf-8", "replace"))
        else:
            _parquet(found, stream)

    return write_whole(path, fill)


def write_whole(path: Path, fill: Callable[[BinaryIO], None]) -> Path:
    """Write a file, which appears whole or not at all, and return its path. Raises UsageError, DiskFull."""
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with disk_room(f"{path} was not written."), temporary.open("wb") as stream:
            fill(stream)
        os.replace(temporary, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.", "Name another file.") from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _rows(found: Balance) -> list[dict[str, Any]]:
    """Every edge of every window."""
    out = []
    for w in found.windows:
        for row in edge_rows(w.graph, w.drawn(found.camps).found):
            row["window"] = w.window
            out.append({name: row[name] for name in COLUMNS})
    return out


def _graphml(found: Balance, path: Path) -> str:
    last = found.windows[-1]
    if len(found.windows) > 1:
        warnings.warn(f"{path.name} holds the last window, {last.window}.", TertiusWarning, stacklevel=3)
    return NO_XML.sub("\ufffd", to_graphml(last.graph, last.drawn(found.camps).found))


def _parquet(found: Balance, stream: Any) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"sign": pa.int8(), "weight": pa.float64(), "frustrated": pa.bool_()}
    rows = _rows(found)
    columns = {name: pa.array([r[name] for r in rows], kinds.get(name, pa.string())) for name in COLUMNS}
    pq.write_table(pa.table(columns), stream)

"""Excel sheets and Stata files as tables: through python-calamine and pyreadstat, which come with an extra.

    pip install 'tertius[excel]'        pip install 'tertius[stata]'

Of a workbook the first sheet is read, its first row names the columns; cells that are dates stay dates, whole numbers
lose the ``.0`` that Excel gives all numbers. CAMEO codes that Excel has read as numbers (``40`` for ``040``) have lost
a digit that nobody can give back: the column must be text in the workbook. Stata's files are read in blocks of rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tertius.errors import CorruptFile, EmptyData, UsageError
from tertius.events.engine import spool

EXTRAS = {".xlsx": ("python_calamine", "excel"), ".dta": ("pyreadstat", "stata")}
BLOCK = 200_000
"""Rows of a Stata file at once."""


def sheet_as_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Path:
    """A temporary Parquet file of a workbook's first sheet or of a Stata file.

    Raises UsageError where the extra is not installed, CorruptFile, EmptyData.
    """
    needed(path.suffix.lower())
    blocks = _excel(path) if path.suffix.lower() == ".xlsx" else _stata(path)
    out = spool(con, ".parquet")
    writer: pq.ParquetWriter | None = None
    try:
        for block in blocks:
            table = pa.table({name: _array(values) for name, values in block.items()})
            if writer is None:
                writer = pq.ParquetWriter(out, table.schema)
            writer.write_table(table.cast(writer.schema))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise CorruptFile(f"{path}: a column changes its type ({error}).", "Give each column one type.") from None
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise EmptyData(f"{path} has no rows.", "The first sheet is read; its first row names the columns.")
    return out


def needed(suffix: str) -> None:
    """Raises UsageError, with the line to type, where what reads and writes such files is not installed."""
    module, extra = EXTRAS[suffix]
    try:
        __import__(module)
    except ImportError:
        raise UsageError(
            f"{suffix} files need {module.replace('_', '-')}, which is not installed.",
            f"Type: pip install 'tertius[{extra}]'. Or save the table as CSV or Parquet.",
        ) from None


def _excel(path: Path) -> Iterator[Mapping[str, Sequence[Any]]]:
    from python_calamine import CalamineError, load_workbook

    try:
        rows = load_workbook(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=True)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise CorruptFile(f"{path} is not a readable workbook: {error}.", "Save it again, or as CSV.") from None
    if len(rows) < 2:
        return
    names: list[str] = []
    for n, cell in enumerate(rows[0]):
        name = str(cell).strip() or f"column{n}"
        names.append(f"{name}_{n}" if name.lower() in {known.lower() for known in names} else name)
    yield {name: [row[n] if n < len(row) else None for row in rows[1:]] for n, name in enumerate(names)}


def _stata(path: Path) -> Iterator[Mapping[str, Sequence[Any]]]:
    import pyreadstat

    offset = 0
    while True:
        try:
            block, _ = pyreadstat.read_dta(str(path), row_offset=offset, row_limit=BLOCK, output_format="dict")
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError) as error:
            raise CorruptFile(f"{path} is not a readable Stata file: {error}.", "Save it again, or as CSV.") from None
        found = {str(name): list(values) for name, values in block.items()}
        rows = len(next(iter(found.values()), ()))
        if rows:
            yield found
        if rows < BLOCK:
            return
        offset += rows


def _array(values: Sequence[Any]) -> pa.Array:
    """A column of one type: dates where all cells are, else numbers where all are, else text; empty cells are null."""
    cells = [None if _empty(v) else v for v in values]
    there = [v for v in cells if v is not None]
    if there and all(isinstance(v, dt.date) for v in there):
        moments = [v if v is None or isinstance(v, dt.datetime) else dt.datetime.combine(v, dt.time()) for v in cells]
        return pa.array(moments, pa.timestamp("us"))
    if there and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in there):
        return pa.array([None if v is None else float(v) for v in cells], pa.float64())
    return pa.array([None if v is None else _words(v) for v in cells], pa.string())


def _empty(v: Any) -> bool:
    return v is None or v == "" or (isinstance(v, float) and v != v)


def _words(v: Any) -> str:
    return str(int(v)) if isinstance(v, float) and v.is_integer() else str(v)

"""The rows of an answer, for ``--table``: third parties, pairs, coefficients, or events."""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from tertius.answers.attribution import ThirdParty
from tertius.answers.explanation import Drives, Explanation
from tertius.answers.overview import COLUMNS, Pairs
from tertius.answers.pairs import DrivenPair
from tertius.errors import UsageError
from tertius.model.tables import BINARY, EXCEL, FORMATS, PARQUET, STATA, Printed
from tertius.plain import number, plain
from tertius.report.sections.pairs import pair_line
from tertius.report.words import in_text, interval, named, percent, question, what, when, who

SHARE_NOTE = "A share is a part of the expected outcome, and no evidence by itself."
PAIR_HEADINGS = ("pair", "rise", "interval", "p", "observed", "expected", "third party", "6")


def of_explanation(e: Explanation) -> Printed:
    """Third parties, the largest first."""
    parts = e.attribution.third_parties
    lines = [(named(t.actor), number(t.events), interval(t.events_low, t.events_high), percent(t.share)) for t in parts]
    columns = tuple(f.name for f in fields(ThirdParty))
    told = f"{question(e)} Verdict: {e.verdict}. {SHARE_NOTE}"
    headings = ("third party", e.unit, "95 % interval", "share of the expected")
    return Printed(headings, lines, [asdict(t) for t in parts], columns, told)


def of_drives(drives: Drives) -> Printed:
    """Pairs that hang on a third party, the largest first."""
    lines = [
        (f"{named(p.a)}, {named(p.b)}", number(p.events), interval(p.events_low, p.events_high), number(p.expected))
        for p in drives.pairs
    ]
    columns = tuple(f.name for f in fields(DrivenPair))
    told = f"Whom does {in_text(drives.by)} drive together? Verdict: {drives.verdict}."
    headings = ("pair", drives.unit, "95 % interval", "expected")
    return Printed(headings, lines, [asdict(p) for p in drives.pairs], columns, told)


def of_pairs(found: Pairs) -> Printed:
    """Pairs in their order."""
    rows = [e.row() for e in found.pairs]
    return Printed(PAIR_HEADINGS, [pair_line(e) for e in found.pairs], rows, COLUMNS, found.text)


def of_events(document: Mapping[str, Any]) -> Printed:
    """The rows behind a pair, latest first."""
    rows, directed = document["events"], bool(document["directed"])
    lines = [
        (when(r["date"], document.get("grain", "day")), who(r, directed), what(r), number(r["weight"])) for r in rows
    ]
    columns = ("date", "source", "target", "quad", "weight")
    return Printed(("date", "who", "what", "weight"), lines, rows, columns)


def print_rows(table: Printed, form: str) -> None:
    """The rows alone on standard output, as one of :data:`tertius.model.tables.FORMS`.

    Raises UsageError where Parquet would go to a terminal.
    """
    if form not in BINARY:
        sys.stdout.write(FORMATS[form](table).rstrip("\n") + "\n")
        return
    if sys.stdout.isatty():
        what = {PARQUET: "Parquet", EXCEL: "A workbook", STATA: "A Stata file"}[form]
        raise UsageError(f"{what} cannot be shown in a terminal.", f"Write it to a file: --table {form} > FILE.")
    if form == PARQUET:
        _print_parquet(table)
    else:
        sys.stdout.buffer.write(workbook(table) if form == EXCEL else stata(table))


def workbook(table: Printed) -> bytes:
    """The rows as the first sheet of a workbook (.xlsx). Raises UsageError where openpyxl is not installed."""
    openpyxl = _extra("openpyxl", "excel")
    names, rows = _columns(table)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("tertius")
    sheet.append(list(names))
    for row in rows:
        cells = [openpyxl.cell.WriteOnlyCell(sheet, _cell(row[name])) for name in names]
        for cell in cells:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type  # text that begins with = is no formula
        sheet.append(cells)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def stata(table: Printed) -> bytes:
    """The rows as a Stata file (.dta); names become Stata's. Raises UsageError where pyreadstat is not installed."""
    import pyarrow as pa

    pyreadstat = _extra("pyreadstat", "stata")
    names, rows = _columns(table)
    columns = {re.sub(r"\W", "_", name)[:32]: pa.array([_flat(row[name]) for row in rows]) for name in names}
    whole = pa.table({k: v.cast(pa.string()) if pa.types.is_null(v.type) else v for k, v in columns.items()})
    found = _extra("polars", "stata").from_arrow(whole)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.dta"
        pyreadstat.write_dta(found, str(path))
        return path.read_bytes()


def _columns(table: Printed) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    rows = [plain(dict(row)) for row in table.rows]
    return (tuple(rows[0]) if rows else table.columns), rows


def _flat(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float)) else json.dumps(value)


def _cell(value: Any) -> Any:
    """A value that a cell can hold: text without the characters that XML does not allow."""
    flat = _flat(value)
    if isinstance(flat, str):
        return _NOT_IN_XML.sub(" ", flat)[:MOST_IN_A_CELL]
    return flat


MOST_IN_A_CELL = 32_767
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _extra(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise UsageError(
            f"{module} is not installed.", f"Type: pip install 'tertius[{extra}]'. Or take --table csv or parquet."
        ) from None


def _print_parquet(table: Printed) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names, rows = _columns(table)
    found = pa.table({name: [row[name] for row in rows] for name in names})
    sink = pa.BufferOutputStream()
    pq.write_table(found, sink)
    sys.stdout.buffer.write(sink.getvalue().to_pybytes())

"""Tables in Markdown, LaTeX, HTML and CSV, of whatever rows a :class:`Printed` is made.

Markdown, LaTeX and HTML hold what people read, CSV all columns to full precision.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True, slots=True)
class Printed:
    """A table to print.

    Attributes
    ----------
    headings, cells : for people, the cells as text; the first column is on the left, the others are numbers.
    rows : for CSV, one mapping of column to value a row, all with the same keys.
    columns : the keys, where there are no rows.
    note : the line under the table; empty for none.
    """

    headings: tuple[str, ...]
    cells: Sequence[Sequence[str]]
    rows: Sequence[Mapping[str, Any]]
    columns: tuple[str, ...] = ()
    note: str = ""


def markdown(table: Printed) -> str:
    """Markdown, one line a row."""
    lines = ["| " + " | ".join(table.headings) + " |", "|---|" + "---:|" * (len(table.headings) - 1)]
    lines += ["| " + " | ".join(_md(x) for x in row) + " |" for row in table.cells]
    return "\n".join([*lines, *(["", _md(table.note)] if table.note else [])])


def latex(table: Printed) -> str:
    """LaTeX for the booktabs package."""
    lines = [r"\begin{tabular}{l" + "r" * (len(table.headings) - 1) + "}", r"\toprule"]
    lines += [" & ".join(_tex(h) for h in table.headings) + r" \\", r"\midrule"]
    lines += [" & ".join(_tex(x) for x in row) + r" \\" for row in table.cells]
    end = [r"\bottomrule", r"\end{tabular}"]
    return "\n".join([*lines, *end, *([f"% {' '.join(table.note.split())}"] if table.note else [])])


def html(table: Printed) -> str:
    """An HTML table."""
    head = "".join(f"<th>{escape(h)}</th>" for h in table.headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(x)}</td>" for x in row) + "</tr>" for row in table.cells)
    caption = f"<caption>{escape(table.note)}</caption>" if table.note else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def csv_text(table: Printed) -> str:
    """CSV to full precision; what does not exist is empty."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    names = tuple(table.rows[0]) if table.rows else table.columns
    writer.writerow(names)
    writer.writerows([["" if (v := row[n]) is None or v != v else v for n in names] for row in table.rows])
    return sink.getvalue()


FORMATS: Mapping[str, Callable[[Printed], str]] = {
    "csv": csv_text,
    "markdown": markdown,
    "latex": latex,
    "html": html,
}
"""The formats that are text."""
PARQUET, EXCEL, STATA = "parquet", "xlsx", "dta"
BINARY = (PARQUET, EXCEL, STATA)
"""The formats that are no text, for files."""
FORMS = (*FORMATS, *BINARY)
"""What ``--table`` takes, for every command that has it."""


def _md(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def _tex(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(x) or (f"\\{x}" if x in "%_&#${}" else x) for x in " ".join(text.split()))

"""Tables in Markdown, LaTeX, HTML and CSV: of coefficients here, of other rows wherever a :class:`Printed` is made.

Markdown, LaTeX and HTML hold what people read, CSV all columns to full precision.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tertius.model.result import Coefficient, FitResult

HEADINGS = ("term", "estimate", "se", "95 % interval", "z", "per sd")


def number(x: float | None, digits: int = 3) -> str:
    """A number for reading: ``digits`` significant ones, n/a for what does not exist.

    >>> number(0.012345), number(float("nan")), number(-1234.5)
    ('0.0123', 'n/a', '-1,230')
    """
    if x is None or x != x:
        return "n/a"
    if x == 0:
        return "0"
    size = abs(x)
    if size >= 10 ** (digits - 1):
        rounded = float(f"{x:.{digits}g}") if size < 1e6 else x
        return f"{rounded:,.0f}" if size < 1e6 else f"{x:.{digits - 1}e}"
    return f"{x:#.{digits}g}" if size >= 1e-4 else f"{x:.{digits - 1}e}"


def cells(c: Coefficient) -> tuple[str, ...]:
    """One line of the table as text."""
    return (
        c.term,
        number(c.estimate),
        number(c.se),
        f"{number(c.ci_low)} to {number(c.ci_high)}",
        f"{c.z:.1f}" if c.z == c.z else "n/a",
        number(c.estimate_sd),
    )


def note(fit: FitResult) -> str:
    """The line under the table: model, data, what an estimate is, standard errors."""
    kind = "directed" if fit.directed else "undirected (net: whose hostility it was cannot be known)"
    step = "period" if fit.model == "within" else "slice"
    size = (
        f"{kind}, {fit.n_actors:,} actors, {fit.n_dyads:,} dyads at risk, {fit.n_slices:,} {step}s of {fit.slice}, "
        f"half-life {fit.half_life}, legs {fit.legs}."
    )
    errors = "Standard errors: leave one actor out (jackknife)."
    if fit.model == "within":
        meaning = "Each pair is compared with itself, net of all that each actor does in each period. "
        return f"Within-pair model of {fit.outcome} ({fit.response}), {size} {meaning}{errors}"
    if fit.model == "sign":
        given = "one acts on the other" if fit.directed else "the two interact"
        return (
            f"Sign model ({fit.response}), {size} Estimates are log odds of cooperation, given that {given}. {errors}"
        )
    return f"Rate model of {fit.outcome} ({fit.response}), {size} {errors}"


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
    return "\n".join([*lines, *(["", table.note] if table.note else [])])


def latex(table: Printed) -> str:
    """LaTeX for the booktabs package."""
    lines = [r"\begin{tabular}{l" + "r" * (len(table.headings) - 1) + "}", r"\toprule"]
    lines += [" & ".join(_tex(h) for h in table.headings) + r" \\", r"\midrule"]
    lines += [" & ".join(_tex(x) for x in row) + r" \\" for row in table.cells]
    end = [r"\bottomrule", r"\end{tabular}"]
    return "\n".join([*lines, *end, *([f"% {table.note}"] if table.note else [])])


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
"""What ``--table`` takes, for every command that has it."""


def fit_table(fit: FitResult) -> Printed:
    """The coefficients; in CSV one column a field of :class:`~tertius.model.result.Coefficient`."""
    names = tuple(f.name for f in fields(fit.coefficients[0])) if fit.coefficients else ()
    rows = [{n: getattr(c, n) for n in names} for c in fit.coefficients]
    return Printed(HEADINGS, [cells(c) for c in fit.coefficients], rows, names, note(fit))


def _md(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def _tex(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(x) or (f"\\{x}" if x in "%_&#${}" else x) for x in text)

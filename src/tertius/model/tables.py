"""The coefficient table in Markdown, LaTeX, HTML and CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING

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
    se = c.se_jackknife if c.se_jackknife == c.se_jackknife else c.se_dyadic
    return (
        c.term,
        number(c.estimate),
        number(se),
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


def to_markdown(fit: FitResult) -> str:
    """Markdown, one line a term."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|" + "---:|" * (len(HEADINGS) - 1)]
    lines += ["| " + " | ".join(cells(c)) + " |" for c in fit.coefficients]
    return "\n".join([*lines, "", note(fit)])


def to_latex(fit: FitResult) -> str:
    """LaTeX for the booktabs package."""
    lines = [r"\begin{tabular}{l" + "r" * (len(HEADINGS) - 1) + "}", r"\toprule"]
    lines += [" & ".join(_tex(h) for h in HEADINGS) + r" \\", r"\midrule"]
    lines += [" & ".join(_tex(x) for x in cells(c)) + r" \\" for c in fit.coefficients]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", "% " + note(fit)])


def to_html(fit: FitResult) -> str:
    """An HTML table."""
    head = "".join(f"<th>{escape(h)}</th>" for h in HEADINGS)
    body = "".join("<tr>" + "".join(f"<td>{escape(x)}</td>" for x in cells(c)) + "</tr>" for c in fit.coefficients)
    return f"<table><caption>{escape(note(fit))}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def to_csv(fit: FitResult) -> str:
    """CSV to full precision, one column a field of :class:`~tertius.model.result.Coefficient`."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    names = [f.name for f in fields(fit.coefficients[0])] if fit.coefficients else []
    writer.writerow(names)
    for c in fit.coefficients:
        writer.writerow(["" if (v := getattr(c, n)) != v else v for n in names])
    return sink.getvalue()


def _tex(text: str) -> str:
    return text.replace("%", r"\%").replace("_", r"\_")

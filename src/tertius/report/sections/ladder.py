"""The ladder: one effect asked with more and more taken out, as a table, on a chart, around episodes, as a curve."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from tertius.model.result import FitResult
from tertius.plain import number
from tertius.report.document import Block, Cell, Column, Figure, Prose, Row, Section, Table
from tertius.report.ladder import (
    CURVE,
    RUNGS,
    RungLine,
    figure,
    line_figures,
    path_of,
    rung_lines,
    settings,
    sorted_curve,
    specification,
    where_it_stands,
)
from tertius.report.words import interval, term_meaning

if TYPE_CHECKING:
    from altair import LayerChart

INTRO = (
    "The same effect, asked with more and more taken out: from all pairs side by side to each pair against itself. One "
    "that stands on one rung only is not a finding, and neither is one whose curve crosses zero."
)
LADDER_NOTES = (
    "A standard deviation is that of what a rung compares: all pairs on rungs 1 and 2, a pair with itself on rung 3, "
    "a pair with itself net of all that each actor does on rungs 4 and 6. So signs and intervals can be "
    "compared between rungs, and sizes cannot.",
    "Rungs 1 and 2 are fitted slice by slice, the others period by period, and the two may combine the legs of a path "
    "otherwise.",
)
SENTENCE = 90  # characters, up to which a rung's sentence stands in the table


def section(fit: FitResult, term: str, unit: str, answer: int = 0) -> Section:
    """The ladder of one effect; without blocks where it was not climbed.

    ``unit`` of the outcome; ``answer``: the rung on which an answer stands, 0 for none.
    """
    lines = rung_lines(fit.ladder, term)
    if not lines:
        return Section("ladder", "The ladder", ())
    stands = where_it_stands(lines, term)
    rows = [_row(line, answer) for line in lines]
    below = [(line, text) for line in lines if len(text := without_figures(line.text)) > SENTENCE]
    blocks: list[Block] = [Prose(f"{INTRO} {stands}", only="page")]
    blocks += [
        *_rungs_figure(fit, lines, term, answer),
        _table(tuple(rows), term, fit, unit),
        _brief(lines, term),
        Prose(stands, only="terminal"),
        Prose("A standard deviation is that of what the rung compares: compare signs, not sizes.", only="terminal"),
        *(Prose(text, lead=f"{line.label}.", only="page") for line, text in below),
        *(Prose(note, style="quiet", only="page") for note in LADDER_NOTES),
        *_episodes_figure(fit),
        *_curve_figure(fit, term),
    ]
    return Section("ladder", "The ladder", tuple(blocks), "The ladder")


def without_figures(text: str) -> str:
    """A rung's sentence without the figures that stand beside it in the table.

    >>> without_figures("common_foe 0.2 per standard deviation, 95 % interval 0.1 to 0.3; n = 1,200, legs min.")
    'Legs min.'
    """
    rest = re.sub(r"^\S+ \S+ per standard deviation, 95 % interval [^;]*; n = [0-9,.]*[0-9], ", "", text)
    return rest if rest == text else rest[:1].upper() + rest[1:]


def _table(rows: tuple[Row, ...], term: str, fit: FitResult, unit: str) -> Table:
    columns = (
        Column("Rung"),
        Column("Status", "status"),
        Column("Per standard deviation", "number"),
        Column("95 % interval", "number"),
        Column(f"n, {unit}", "number"),
        Column("In words", "words"),
    )
    caption = f"{term}: {term_meaning(term, fit.directed)}"
    return Table(columns, rows, caption, looks="rungs", only="page")


def _row(line: RungLine, answer: int) -> Row:
    estimated = line.value == line.value
    per_sd, among = (number(line.value), interval(line.low, line.high)) if estimated else ("none", "none")
    n = "none" if line.n != line.n else f"{line.n:,.0f}"
    if line.curve:
        values = [figure(p["estimate_sd"]) for p in line.curve]
        per_sd, among, n = f"{number(values[0])} to {number(values[-1])}", "see the curve", f"{len(values)} fits"
    if line.path:
        per_sd, among = "see the path", "see the path"
    text = without_figures(line.text)
    marked = line.rung == answer
    name = Cell(line.label, note="the rung of the answer" if marked else "")
    said = text if len(text) <= SENTENCE else "below"
    return Row((name, line.state or line.status, per_sd, among, n, said), marked)


def _brief(lines: tuple[RungLine, ...], term: str) -> Table:
    """One line a rung, for the terminal."""
    rows = []
    for line in lines:
        said = line.text if line.curve else f"{line.state}: {line.text}" if line.state else line_figures(line)
        rows.append(Row((line.label, said + (f", n = {line.n:,.0f}" if not line.state and line.n == line.n else ""))))
    caption = f"The ladder: {term} per standard deviation, 95 % intervals"
    return Table((Column("rung"), Column("estimate", "words")), tuple(rows), caption, only="terminal")


def _rungs_figure(fit: FitResult, lines: tuple[RungLine, ...], term: str, answer: int) -> tuple[Figure, ...]:
    drawn = [line for line in lines if line.rung in RUNGS]
    if all(line.state for line in drawn):
        return ()
    caption = (
        "One row a rung. Compare on which side of zero the interval lies, not how far from it: each rung has a "
        "standard deviation of its own."
    )
    said = "; ".join(f"{line.label}: {line_figures(line)}" for line in drawn) + "."
    return (Figure("rungs", partial(_rungs_chart, fit, term, answer), caption, said),)


def _episodes_figure(fit: FitResult) -> tuple[Figure, ...]:
    path = path_of(fit.ladder)
    if not path:
        return ()
    caption = (
        "Rung 5. The path before must lie on zero: one that rises before the episode refutes, for then what moved the "
        "pairs came before the hostility."
    )
    said = (
        f"{int(p['period']):+d}: {number(figure(p['estimate']))} ({interval(figure(p['low']), figure(p['high']))})"
        for p in path
    )
    return (Figure("episodes", partial(_episodes_chart, fit), caption, "; ".join(said) + "."),)


def _curve_figure(fit: FitResult, term: str) -> tuple[Figure, ...]:
    rung = next((r for r in fit.ladder if r["rung"] == CURVE), None)
    points = sorted_curve(rung) if rung is not None else ()
    if rung is None or not points:
        return ()
    caption = "Rung 4 under other choices that are as defensible; the table above says in words what they give."
    said = (
        f"{specification(p)}: {number(p['estimate_sd'])} ({interval(figure(p['ci_low']), figure(p['ci_high']))})"
        for p in points
    )
    return (Figure("curve", partial(_curve_chart, fit, rung, term), caption, "; ".join(said) + "."),)


def _rungs_chart(fit: FitResult, term: str, answer: int) -> LayerChart:
    from tertius.report.charts.ladder import rungs

    return rungs(fit.ladder, term, answer)


def _episodes_chart(fit: FitResult) -> LayerChart:
    from tertius.report.charts.ladder import around_episodes

    return around_episodes(path_of(fit.ladder), fit.outcome, fit.period or fit.slice)


def _curve_chart(fit: FitResult, rung: Any, term: str) -> LayerChart:
    from tertius.report.charts.ladder import specification_curve

    return specification_curve(rung, term, settings(fit))

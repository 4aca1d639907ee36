"""The ladder: one effect asked with more and more taken out, as a table, on a chart, around episodes, as a curve."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tertius.language import Number, joined, say
from tertius.model.beside import Specification
from tertius.model.result import FitResult
from tertius.plain import number
from tertius.report.document import Block, Cell, Column, Figure, Prose, Row, Section, Table
from tertius.report.ladder import (
    RUNGS,
    RungLine,
    curve_of,
    line_figures,
    path_of,
    rung_lines,
    settings,
    specification,
    where_it_stands,
)
from tertius.report.words import interval, term_meaning

if TYPE_CHECKING:
    from altair import LayerChart

INTRO = say(
    "The same effect, asked with more and more taken out: from all pairs side by side to each pair against itself. One "
    "that stands on one rung only is not a finding, and neither is one whose curve crosses zero."
)
LADDER_NOTES = (
    say(
        "A standard deviation is that of what a rung compares: all pairs on rungs 1 and 2, a pair with itself on "
        "rung 3, a pair with itself net of all that each actor does on rungs 4 and 6. So signs and intervals can be "
        "compared between rungs, and sizes cannot."
    ),
    say(
        "Rungs 1 and 2 are fitted slice by slice, the others period by period, and the two may combine the legs of "
        "a path otherwise."
    ),
)
SENTENCE = 90  # characters, up to which a rung's sentence stands in the table


def section(fit: FitResult, term: str, unit: str, answer: int = 0) -> Section:
    """The ladder of one effect; without blocks where it was not climbed.

    ``unit`` of the outcome; ``answer``: the rung on which an answer stands, 0 for none.
    """
    lines = rung_lines(fit.ladder, term)
    if not lines:
        return Section("ladder", say("The ladder"), ())
    stands = where_it_stands(lines, term)
    rows = [_row(line, answer) for line in lines]
    below = [line for line in lines if len(line.text) > SENTENCE]
    blocks: list[Block] = [Prose(say("{intro} {stands}", intro=INTRO, stands=stands), only="page")]
    blocks += [
        *_rungs_figure(fit, lines, term, answer),
        _table(tuple(rows), term, fit, unit),
        _brief(lines, term),
        Prose(stands, only="terminal"),
        Prose(
            say("A standard deviation is that of what the rung compares: compare signs, not sizes."), only="terminal"
        ),
        *(Prose(line.text, lead=say("{label}.", label=line.label), only="page") for line in below),
        *(Prose(note, style="quiet", only="page") for note in LADDER_NOTES),
        *_episodes_figure(fit),
        *_curve_figure(fit, term),
    ]
    return Section("ladder", say("The ladder"), tuple(blocks), say("The ladder"))


def _table(rows: tuple[Row, ...], term: str, fit: FitResult, unit: str) -> Table:
    columns = (
        Column(say("Rung")),
        Column(say("Status"), "status"),
        Column(say("Per standard deviation"), "number"),
        Column(say("95 % interval"), "number"),
        Column(say("n, {unit}", unit=unit), "number"),
        Column(say("In words"), "words"),
    )
    caption = say("{term}: {term_meaning}", term=term, term_meaning=term_meaning(term, fit.directed))
    return Table(columns, rows, caption, looks="rungs", only="page")


def _row(line: RungLine, answer: int) -> Row:
    estimated = line.value == line.value
    per_sd, among = (number(line.value), interval(line.low, line.high)) if estimated else (say("none"), say("none"))
    n = say("none") if line.n != line.n else Number(f"{line.n:,.0f}")
    if line.curve:
        values = [p.estimate_sd for p in line.curve]
        per_sd, among, n = (
            say("{values} to {last_values}", values=number(values[0]), last_values=number(values[-1])),
            say("see the curve"),
            say("{values} fits", values=len(values)),
        )
    if line.path:
        per_sd, among = say("see the path"), say("see the path")
    marked = line.rung == answer
    name = Cell(line.label, note=say("the rung of the answer") if marked else "")
    said = line.text if len(line.text) <= SENTENCE else say("below")
    return Row((name, line.state or line.status, per_sd, among, n, said), marked)


def _brief(lines: tuple[RungLine, ...], term: str) -> Table:
    """One line a rung, for the terminal."""
    rows = []
    for line in lines:
        said = (
            line.text
            if line.curve
            else say("{state}: {text}", state=line.state, text=line.text)
            if line.state
            else line_figures(line)
        )
        rows.append(
            Row((line.label, said + (say(", n = {n:,.0f}", n=line.n) if not line.state and line.n == line.n else "")))
        )
    caption = say("The ladder: {term} per standard deviation, 95 % intervals", term=term)
    return Table((Column(say("rung")), Column(say("estimate"), "words")), tuple(rows), caption, only="terminal")


def _rungs_figure(fit: FitResult, lines: tuple[RungLine, ...], term: str, answer: int) -> tuple[Figure, ...]:
    drawn = [line for line in lines if line.rung in RUNGS]
    if all(line.state for line in drawn):
        return ()
    caption = say(
        "One row a rung. Compare on which side of zero the interval lies, not how far from it: each rung has a "
        "standard deviation of its own."
    )
    said = (
        joined(
            (say("{label}: {line_figures}", label=line.label, line_figures=line_figures(line)) for line in drawn), "; "
        )
        + "."
    )
    return (Figure("rungs", partial(_rungs_chart, fit, term, answer), caption, said),)


def _episodes_figure(fit: FitResult) -> tuple[Figure, ...]:
    path = path_of(fit.ladder)
    if not path:
        return ()
    caption = say(
        "Rung 5. The path before must lie on zero: one that rises before the episode refutes, for then what moved the "
        "pairs came before the hostility."
    )
    said = (
        say(
            "{period:+d}: {estimate} ({interval})",
            period=p.period,
            estimate=number(p.estimate),
            interval=interval(p.low, p.high),
        )
        for p in path
    )
    return (Figure("episodes", partial(_episodes_chart, fit), caption, joined(said, "; ") + "."),)


def _curve_figure(fit: FitResult, term: str) -> tuple[Figure, ...]:
    points = curve_of(fit.ladder)
    if not points:
        return ()
    caption = say("Rung 4 under other choices that are as defensible; the table above says in words what they give.")
    said = (
        say(
            "{specification}: {estimate_sd} ({interval})",
            specification=specification(p),
            estimate_sd=number(p.estimate_sd),
            interval=interval(p.ci_low, p.ci_high),
        )
        for p in points
    )
    return (Figure("curve", partial(_curve_chart, fit, points, term), caption, joined(said, "; ") + "."),)


def _rungs_chart(fit: FitResult, term: str, answer: int) -> LayerChart:
    from tertius.report.charts.ladder import rungs

    return rungs(fit.ladder, term, answer)


def _episodes_chart(fit: FitResult) -> LayerChart:
    from tertius.report.charts.ladder import around_episodes

    return around_episodes(path_of(fit.ladder), fit.outcome, fit.period or fit.slice)


def _curve_chart(fit: FitResult, points: tuple[Specification, ...], term: str) -> LayerChart:
    from tertius.report.charts.ladder import specification_curve

    return specification_curve(points, term, settings(fit))

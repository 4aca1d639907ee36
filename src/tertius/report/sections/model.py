"""The model behind an answer: coefficients, the same asked in other ways, how well it fits, wrong codings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tertius.language import Number, capital, joined, say
from tertius.model.checks.adequacy import Adequacy
from tertius.model.coefficients import Coefficient, cells
from tertius.model.result import FitResult, note
from tertius.plain import number
from tertius.report import adequacy as fitting
from tertius.report.document import Block, Cell, Column, Facts, Figure, Folded, Items, Only, Prose, Row, Section, Table
from tertius.report.ladder import INERTIA, beside_lines, beside_names, beside_note
from tertius.report.words import NOUN, interval, scope, term_meaning

if TYPE_CHECKING:
    from altair import LayerChart

INERTIA_CAPTION = say(" Inertia is in the model and is not interpreted within pairs: its estimate is biased downwards.")
COLUMNS = (
    Column(say("Term")),
    Column(say("Estimate"), "number"),
    Column(say("se"), "number", only="terminal"),
    Column(say("SE, model"), "number", only="page"),
    Column(say("SE, dyadic"), "number", only="page"),
    Column(say("SE, jackknife"), "number", only="page"),
    Column(say("95 % interval"), "number"),
    Column("z", "number", only="terminal"),
    Column(say("Per standard deviation"), "number", say("per sd")),
)


def section(fit: FitResult, highlight: str = "") -> Section:
    """Coefficients with their standard errors; ``highlight``: the term on which an answer hangs."""
    noun = NOUN[fit.outcome]
    caption = say(
        "Right of zero: goes with more {noun}; left: with less; {scope}, not for this pair alone.",
        noun=noun,
        scope=scope(fit.model),
    )
    if not highlight:
        caption = say(
            "Right of zero: goes with more {noun}; left: with less; {scope}.", noun=noun, scope=scope(fit.model)
        )
    if fit.model == "within" and any(c.term.startswith(INERTIA) for c in fit.coefficients):
        caption += INERTIA_CAPTION
    said = (
        say(
            "{term}: {estimate_sd} ({ci_low})",
            term=c.term,
            estimate_sd=number(c.estimate_sd),
            ci_low=interval(c.ci_low * c.sd, c.ci_high * c.sd),
        )
        for c in fit.coefficients
    )
    rows = tuple(_row(c, fit.directed, c.term == highlight) for c in fit.coefficients)
    blocks = (
        Figure("coefficients", partial(_coefficients_chart, fit, highlight), caption, joined(said, "; ") + "."),
        Table(COLUMNS, rows, note(fit)),
    )
    return Section("model", say("The model behind it"), blocks, say("The model behind it"))


def warnings_section(fit: FitResult) -> Section:
    """What was left out, and what the fit warned of."""
    out = tuple(say("{term}: it {reason}", term=a["term"], reason=a["reason"]) for a in fit.absorbed)
    found = (Items(out, title=say("Left out")), Items(fit.warnings, title=say("Keep in mind")))
    return Section("warnings", "", tuple(b for b in found if b.items), level=3)


def beside_section(fit: FitResult, highlight: str = "") -> Section:
    """The terms asked in other ways; the terminal shows the highlighted term alone, or all of them without one."""
    lines = beside_lines(fit) if fit.alternatives else ()
    if not lines:
        return Section("beside", say("Beside it"), ())
    errors = {a.name: any(c.se_jackknife == c.se_jackknife for c in a.coefficients) for a in fit.alternatives}
    names = tuple(capital(n) + (say(" (se)") if errors[n] else "") for n in beside_names(fit))
    columns = (
        Column(say("Term")),
        Column(say("Estimate (se)"), "number", only="page"),
        *(Column(name, "number") for name in names),
    )
    rows = tuple(
        Row(
            (_term(line.term, line.term == highlight), line.estimate, *(v for _, v in line.others)),
            line.term == highlight,
        )
        for line in lines
    )
    everything: Only = "page" if highlight else ""
    table = Table(columns, rows, say("The same model asked in other ways"), only=everything)
    blocks: list[Block] = [table, Prose(beside_note(fit), style="quiet", only=everything)]
    own = next((line for line in lines if line.term == highlight), None)
    if own is not None:
        intro = say("{term}, {estimate} here, estimated in other ways (se):", term=own.term, estimate=own.estimate)
        blocks = [Prose(intro, only="terminal"), Facts(own.others, only="terminal"), *blocks]
    return Section("beside", say("Beside it"), tuple(blocks), level=3)


def corrected_section(fit: FitResult) -> Section:
    """Coefficients less their bias of order 1/N; without blocks where that was not asked."""
    found = fit.bias_correction
    if found is None:
        return Section("corrected", say("Less the bias of three-way effects"), ())
    names = (
        say("Estimate"),
        say("Bias"),
        say("Corrected"),
        say("SE, clustered"),
        say("SE, adjusted"),
        say("SE, pairs left out"),
        say("95 % interval"),
    )
    own = {c.term: c.estimate for c in fit.coefficients}
    rows = tuple(
        Row(
            (
                c.term,
                number(own.get(c.term, float("nan"))),
                number(c.bias),
                number(c.estimate),
                number(c.se_clustered),
                number(c.se_adjusted),
                number(c.se_left_out),
                interval(c.ci_low, c.ci_high),
            )
        )
        for c in found.coefficients
    )
    columns = (
        Column(say("Term")),
        *(Column(n, "number", only="page" if n in ("SE, clustered", "SE, adjusted") else "") for n in names),
    )
    table = Table(columns, rows, say("Coefficients corrected for the bias of order 1/N"))
    blocks = (table, Prose(found.text, style="quiet"))
    return Section("corrected", say("Less the bias of three-way effects"), blocks, say("Less their bias"), level=3)


def quality_section(fit: FitResult) -> Section:
    """How well the model fits, folded on the page; without blocks where that was not asked."""
    a = fit.adequacy
    if a is None:
        return Section("fit-quality", say("How well it fits"), ())
    said = tuple(n for n in (fitting.held_text(a), *fitting.residual_texts(a), fitting.judged_text(a)) if n)
    figure = Figure(
        "calibration",
        partial(_calibration_chart, a),
        say("Points on the line: as much happened as the model expected. Above it: more; below it: less."),
        fitting.calibration_text(a),
    )
    folded = Folded(
        say("Ranks, scores, residuals, calibration"),
        (Facts(fitting.facts(a)), *map(Prose, said), figure, _calibration_table(a)),
    )
    brief = (said[0], fitting.calibration_text(a), *said[1:])
    told = (Prose(text, only="terminal") for text in brief)
    blocks: tuple[Block, ...] = (Facts(fitting.facts(a), only="terminal"), *told, folded)
    return Section("fit-quality", say("How well it fits"), blocks, say("How well it fits"), level=3)


def miscoding_section(fit: FitResult) -> Section:
    """How many wrong codings would overturn a sign; without blocks where that was not asked."""
    m = fit.miscoding
    if m is None:
        return Section("miscoding", say("Wrong codings"), ())
    title = say("Wrong codings: {term}, mean of {draws} draws (95 % interval)", term=m.term, draws=m.draws)
    blocks = (Facts(fitting.share_lines(m)), Prose(m.text), Prose(fitting.largest_cells(m)))
    return Section("miscoding", title, blocks, say("Wrong codings"), level=3)


def on_page(section: Section) -> Section:
    """The section on the page alone."""
    return replace(section, only="page")


def _term(term: str, carries: bool, note: str = "") -> Cell:
    return Cell(say("{term} (carries the answer)", term=term) if carries else term, note)


def _row(c: Coefficient, directed: bool, carries: bool) -> Row:
    _, estimate, se, ends, z, per_sd = cells(c)
    errors = (number(c.se_model), number(c.se_dyadic), number(c.se_jackknife))
    meaning = term_meaning(c.term, directed)
    return Row((_term(c.term, carries, meaning), estimate, se, *errors, ends, z, per_sd), carries)


def _calibration_table(a: Adequacy) -> Table:
    numbers: Sequence[str] = (say("Expected"), say("Observed"), say("Observed / expected"), say("Cells"))
    rows = tuple(
        Row(
            (
                str(k),
                number(g.expected),
                number(g.observed),
                Number(f"{g.observed / g.expected:.2f}"),
                Number(f"{g.cells:,}"),
            )
        )
        for k, g in enumerate(a.calibration, 1)
    )
    caption = say("Pairs in slices, in groups of equal expected sum, least expected first")
    return Table((Column(say("Group")), *(Column(n, "number") for n in numbers)), rows, caption)


def _coefficients_chart(fit: FitResult, highlight: str) -> LayerChart:
    from tertius.report.charts.model import coefficients

    return coefficients(fit, highlight)


def _calibration_chart(a: Adequacy) -> LayerChart:
    from tertius.report.charts.model import calibration

    return calibration(a.calibration)

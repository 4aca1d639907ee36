"""Forecasts, their scores, surprises and a ledger, as sections."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.foresight import Backtest, Changes, Forecast, Ledger
from tertius.foresight.backtest import Score
from tertius.foresight.models import OURS
from tertius.language import Day, Number, joined, say
from tertius.model.tables import Printed
from tertius.plain import number
from tertius.report.document import Block, Cell, Column, Figure, Prose, Row, Section, Table
from tertius.report.words import interval, named

if TYPE_CHECKING:
    from altair import LayerChart

SHOWN = 20


def lead(found: Forecast | Backtest | Changes | Ledger) -> tuple[Block, ...]:
    """The answer in words."""
    return (Prose(found.text),)


def percent(p: float) -> str:
    """A chance in per cent."""
    return say("n/a") if p != p else Number(f"{100 * p:.1f} %")


def forecast_section(found: Forecast) -> Section:
    """Forecasts: of a pair with its past as a fan, of all pairs those most likely to break first."""
    lines = found.lines if found.past else found.lines.likeliest(200)
    columns = (
        Column(say("Pair"), only="page" if found.past else ""),
        Column(say("Outcome"), "status"),
        Column(say("From"), "status"),
        Column(say("Mean"), "number"),
        Column(say("95 % interval"), "number"),
        Column(say("Chance of a break"), "number", brief=say("Break")),
    )
    rows = tuple(
        Row(
            (
                joined(map(named, x.pair), ", "),
                x.outcome,
                Day(x.start),
                number(x.mean),
                interval(x.quantiles[0], x.quantiles[-1]),
                Cell(percent(x.break_probability), say("a first act") if x.never_met else ""),
            )
        )
        for x in lines
    )
    caption = say("In {unit} a period", unit=found.unit) + (
        "" if found.past else say(", of {lines:,} forecasts the likeliest breaks first", lines=len(found.lines))
    )
    table = Table(columns, rows, caption, shown=SHOWN, things=say("forecasts"), beyond=len(found.lines) - len(rows))
    note = say(
        "Distributions: {family}. A break is beyond the pair's own 95th percentile of all periods up to {origin}; "
        "for a pair that never did it, any act at all.",
        family=found.family,
        origin=Day(found.origin),
    )
    fan = Figure(
        "fan", partial(_fan, found), say("Bands hold 80 and 95 % of what may come; dots were seen."), found.text
    )
    blocks: tuple[Block, ...] = (table, Prose(note, style="quiet"))
    return Section("forecast", say("What comes next"), (fan, *blocks) if found.past else blocks, say("What comes next"))


def backtest_section(found: Backtest) -> Section:
    """A table of scores, the model and its baselines by stratum and horizon."""
    columns = (
        Column(say("Model")),
        Column(say("Outcome"), "status", only="page"),
        Column(say("Pairs"), only="page"),
        Column(say("Ahead"), "number", only="page"),
        Column(say("Log score"), "number"),
        Column(say("CRPS"), "number"),
        Column(say("80 % holds"), "number", brief="80 %"),
        Column(say("95 % holds"), "number", brief="95 %"),
        Column(say("Ours better by (CRPS)"), "number", brief=say("CRPS gain")),
    )
    rows = tuple(Row(_score_cells(s), marked=s.model == OURS) for s in found.scores)
    blocks = (s.difference.blocks for s in found.scores if s.difference is not None)
    note = say(
        "Periods scored: {first} to {last}, by {period}; known as of the day by {as_of}. Log score: more is "
        "better; CRPS: less. Gains are means with 95 % intervals by blocks of time, at least {blocks} of them.",
        first=Day(found.first),
        last=Day(found.last),
        period=found.period,
        as_of=found.as_of,
        blocks=min(blocks, default=0),
    )
    figure = Figure(
        "gains", partial(_gains, found), say("Right of zero: tertius has the better CRPS."), found.text, only="page"
    )
    parts = []
    for horizon in sorted({s.horizon for s in found.scores}):
        for outcome in dict.fromkeys(s.outcome for s in found.scores):
            for stratum in (say("recurrent"), say("novel")):
                some = [s for s in found.scores if (s.horizon, s.outcome, s.stratum) == (horizon, outcome, stratum)]
                caption = (
                    say(
                        "{outcome}, {stratum} pairs, {horizon} ahead (n = {n:,})",
                        outcome=outcome,
                        stratum=stratum,
                        horizon=horizon,
                        n=some[0].n,
                    )
                    if some
                    else ""
                )
                lines = tuple(Row(_score_cells(s), marked=s.model == OURS) for s in some)
                parts.append(Table(columns, lines, caption, only="terminal"))
    table = Table(columns, rows, say("Scores"), only="page")
    return Section("scores", say("Scores"), (figure, table, *parts, Prose(note, style="quiet")), say("Scores"))


def breaks_section(found: Backtest) -> Section:
    """How far the chances of breaks can be believed."""
    ours = [s for s in found.scores if s.model == OURS]
    columns = (
        Column(say("Outcome"), "status"),
        Column(say("Pairs")),
        Column(say("Ahead"), "number"),
        Column(say("Brier"), "number"),
        Column(say("of the base rate"), "number"),
        Column(say("Slope"), "number"),
    )
    rows = tuple(
        Row((s.outcome, s.stratum, str(s.horizon), Number(f"{s.brier_breaks:.4f}"), Number(f"{s.brier_base_rate:.4f}"),
             number(s.calibration_slope)))
        for s in ours
    )  # fmt: skip
    note = say("Slope 1 is calibrated; below 1 the chances are too extreme. Brier: less is better.")
    return Section(
        "breaks",
        say("Breaks"),
        (Table(columns, rows, say("Chances of a break")), Prose(note, style="quiet")),
        say("Breaks"),
    )


def _score_cells(s: Score) -> tuple[str, ...]:
    d = s.difference
    gain = (
        ""
        if d is None or s.model == OURS
        else say("{crps} ({crps_high})", crps=number(-d.crps), crps_high=interval(-d.crps_high, -d.crps_low))
    )
    return (
        s.model,
        s.outcome,
        s.stratum,
        str(s.horizon),
        Number(f"{s.log_score:.4f}"),
        number(s.crps, 4),
        percent(s.coverage_80),
        percent(s.coverage_95),
        gain,
    )


def changes_section(found: Changes) -> Section:
    """The surprises, what had moved each expectation, and the rows behind."""
    columns = (
        Column(say("Pair")),
        Column(say("Outcome"), "status"),
        Column(say("From"), "status"),
        Column(say("Observed"), "number"),
        Column(say("Expected"), "number"),
        Column(say("95 % interval"), "number"),
        Column(say("Surprise"), "number"),
        Column(say("What had moved the expectation"), "words", only="page"),
        Column(say("Largest row"), "words", only="page"),
    )
    rows = tuple(
        Row(
            (
                joined(map(named, c.pair), ", "),
                c.outcome,
                Day(c.start),
                number(c.observed),
                number(c.expected),
                interval(c.low, c.high),
                number(c.surprise),
                joined(
                    (say("{term} {points:+.2f}", term=term, points=points) for term, points in c.moved_by[:3]), "; "
                ),
                say("{date}: {weight}", date=Day(c.rows[0]["date"]), weight=number(c.rows[0]["weight"]))
                if c.rows
                else say("none"),
            )
        )
        for c in found.changes
    )
    note = say(
        "Surprise is the power of ten by which so much, or so little, was unlikely: 3 is once in a thousand. "
        "Among {n:,} outcomes some surprise is chance. What moved an expectation is in log points since the "
        "period before.",
        n=found.n,
    )
    table = Table(
        columns,
        rows,
        say("In {unit} a period, the largest surprise first", unit=found.unit),
        shown=SHOWN,
        things=say("surprises"),
    )
    return Section("changes", say("Surprises"), (table, Prose(note, style="quiet")), say("Surprises"))


def ledger_section(found: Ledger) -> Section:
    """The scores of a ledger's lines."""
    if not found.scored:
        return Section("ledger", say("Scores"), ())
    numbers = (say("Observed"), say("Expected"), say("Log score"), "CRPS")
    words = (
        Column(say("Line"), "number"),
        Column(say("Pair")),
        Column(say("Outcome"), "status"),
        Column(say("From"), "status"),
    )
    columns = (*words, *(Column(name, "number") for name in numbers))
    rows = tuple(
        Row((str(s["n"]), joined(map(named, s["pair"]), ", "), s["outcome"], s["from"], number(s["observed"]),
             number(s["expected"]), number(s["log_score"]), number(s["crps"])))
        for s in found.scored
    )  # fmt: skip
    return Section(
        "ledger",
        say("Scores"),
        (Table(columns, rows, say("Line by line"), shown=SHOWN, things=say("lines")),),
        say("Scores"),
    )


def forecast_rows(found: Forecast) -> Printed:
    """A row a forecast, for ``--table``."""
    headings = ("pair", "outcome", "from", "to", "mean", "95 % interval", "break")
    lines = [
        ("-".join(x.pair), x.outcome, x.start, x.end, number(x.mean), interval(x.quantiles[0], x.quantiles[-1]),
         percent(x.break_probability))
        for x in found.lines
    ]  # fmt: skip
    rows = found.rows()
    flat = [{**r, **{f"q{k}": v for k, v in r["quantiles"].items()}} for r in rows]
    for r in flat:
        del r["quantiles"]
    return Printed(headings, lines, flat, tuple(flat[0]) if flat else (), found.text)


def backtest_rows(found: Backtest) -> Printed:
    """A row a score."""
    rows = found.rows()
    headings = ("model", "outcome", "pairs", "ahead", "log score", "CRPS", "80 %", "95 %", "CRPS gain")
    return Printed(headings, [_score_cells(s) for s in found.scores], rows, tuple(rows[0]) if rows else (), found.text)


def changes_rows(found: Changes) -> Printed:
    """A row a surprise."""
    rows = found.rows()
    headings = ("pair", "outcome", "from", "observed", "expected", "95 % interval", "surprise")
    lines = [
        ("-".join(c.pair), c.outcome, c.start, number(c.observed), number(c.expected), interval(c.low, c.high),
         number(c.surprise))
        for c in found.changes
    ]  # fmt: skip
    return Printed(headings, lines, rows, tuple(rows[0]) if rows else (), found.text)


def ledger_rows(found: Ledger) -> Printed:
    """A row a score."""
    rows = [{**s, "pair": "-".join(s["pair"])} for s in found.rows()]
    headings = ("line", "pair", "outcome", "from", "observed", "expected", "log score", "CRPS")
    lines = [
        (str(r["n"]), r["pair"], r["outcome"], r["from"], number(r["observed"]), number(r["expected"]),
         number(r["log_score"]), number(r["crps"]))
        for r in rows
    ]  # fmt: skip
    return Printed(headings, lines, rows, tuple(rows[0]) if rows else (), found.text)


def _fan(found: Forecast) -> LayerChart:
    from tertius.report.charts.foresight import fan

    return fan(found)


def _gains(found: Backtest) -> LayerChart:
    from tertius.report.charts.foresight import gains

    return gains(found)

"""Price, wedge, what if and exchange: the figure, the table behind it, and what the certificate makes of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tertius.answers.counsel import PER_WORDS, Answer, Exchange, Price, WedgeAnswer, WhatIf, ill_will, towards
from tertius.language import Day, joined, say
from tertius.model.tables import Printed
from tertius.plain import number
from tertius.report.document import Block, Column, Facts, Figure, Prose, Row, Section, Table
from tertius.report.words import NOUN, interval, named, span

if TYPE_CHECKING:
    from altair import LayerChart

SHOWN = 20
MAPPED = 20
"""Adversaries of a price map, the dearest."""


def lead(found: Answer) -> tuple[Block, ...]:
    """The answer in words, which say whether it is an association."""
    return (Prose(found.text, style="answer"),)


def key_facts(found: Price | WedgeAnswer | WhatIf) -> Facts:
    """The answer at a glance."""
    stands = say("passed") if found.certified else say("not passed: an association")
    if isinstance(found, WhatIf):
        outside = say("{distance:.1f} within-pair sd", distance=found.direct.distance)
    else:
        distance = found.found.distance if isinstance(found, Price) else found.distance
        outside = say("{distance:.1f} sd of the foe effect", distance=distance)
    days = ((say("Window"), span(found.window)),) if not isinstance(found, WhatIf) else ()
    return Facts(
        (
            (say("Certificate"), stands),
            (say("Outside the data"), outside),
            *days,
        )
    )


def price_section(found: Price) -> Section:
    """The ranking, its map, and the price over time."""
    step, brief = (say("ten per cent"), "10 %") if found.per == "sd" else (say("sd"), say("sd"))
    columns = (
        Column(say("Towards")),
        Column(say("{unit} among the others", unit=found.unit.capitalize()), "number", brief=found.unit.capitalize()),
        Column(say("95 % interval"), "number", brief=say("Interval")),
        Column("p", "number"),
        Column(say("Per {word}", word=step), "number", brief=say("Per {word}", word=brief)),
        Column(say("Most with")),
    )
    cells = [_price_line(found, a) for a in found.order]
    total, other = found.found.total, found.other.total
    rows = (
        Row((say("sum"), number(total[0]), interval(total[1], total[2]), "", number(other[0]), ""), marked=True),
        *(Row(c) for c in cells),
    )
    caption = say(
        "{per_words} more {towards}",
        per_words=PER_WORDS[found.per].capitalize(),
        towards=towards(found.actor, found.directed, say("each")),
    )
    table = Table(columns, rows, caption, shown=SHOWN + 1, things=say("adversaries"))
    said = joined((say("{c}: {c2} ({c3})", c=c[0], c2=c[1], c3=c[2]) for c in cells), "; ")
    figures = (
        Figure(
            "price-map",
            partial(_price_map, found),
            say(
                "Row: towards whom hostility rises. Column: with whom that one's {outcome} then changes. Darker: "
                "dearer.",
                outcome=NOUN[found.outcome],
            )
            if found.directed
            else say(
                "Row: with whom conflict rises. Column: with whom that one's {outcome} then changes. Darker: dearer.",
                outcome=NOUN[found.outcome],
            ),
            said,
        ),
        Figure(
            "price-over-time",
            partial(_price_over_time, found),
            say("The sum over adversaries in every period, with the 95 % band of the one coefficient behind it."),
            found.text,
        ),
    )
    note = say(
        "All adversaries at once: {together} {unit}. Intervals are those of the foe effect's coefficient; "
        "expected {outcome} is held at its estimate.",
        outcome=NOUN[found.outcome],
        together=number(found.found.together[0]),
        unit=found.unit,
    ) + say(
        " Expected among them in the window with nothing changed: {expected} {unit}.",
        expected=number(found.found.expected),
        unit=found.unit,
    )
    return Section("price", say("The price"), (table, *figures, Prose(note, style="quiet")), say("The price"))


def _price_line(found: Price, a: int) -> tuple[str, ...]:
    each, other = found.found.each[:, a], found.other.each[0, a]
    row = found.found.matrix[a]
    with_whom = int(abs(row).argmax())
    p = found.p if row.any() else 1.0
    most = (
        say("{adversaries} {row}", adversaries=found.adversaries[with_whom], row=number(row[with_whom]))
        if row.any()
        else say("none")
    )
    return (
        named(found.adversaries[a]), number(each[0]), interval(each[1], each[2]), number(p, 2), number(other), most,
    )  # fmt: skip


def price_rows(found: Price) -> Printed:
    """A row an adversary, for ``--table``."""
    headings = ("towards", found.unit, "95 % interval", "p", "other step", "most with")
    columns = ("actor", "change", "low", "high", "p_adjusted", "step")
    return Printed(headings, [_price_line(found, a) for a in found.order], found.rows(), columns, found.text)


def wedge_section(found: WedgeAnswer) -> Section:
    """The ladder: the best set of every size."""
    columns = (
        Column(say("Eased"), "words"),
        Column(found.unit.capitalize(), "number"),
        Column(say("95 % interval"), "number", brief=say("Interval")),
        Column(say("Given up"), "number"),
        *([] if found.found.exact else [Column(say("No set below"), "number", brief=say("Bound"))]),
    )
    cells = _wedge_lines(found)
    rows = tuple(Row(c, marked=k == found.found.best) for k, c in enumerate(cells))
    how = say("all sets of each size were tried") if found.found.exact else say("grown one by one")
    table = Table(columns, rows, say("The best set of every size, {how}", how=how), shown=SHOWN, things=say("sets"))
    figure = Figure(
        "wedge-ladder",
        partial(_wedge_ladder, found),
        say(
            "Left of zero: less {outcome} among the adversaries. Each row eases one more.", outcome=NOUN[found.outcome]
        ),
        joined((say("{c}: {c2} ({c3})", c=c[0], c2=c[1], c3=c[2]) for c in cells), "; "),
    )
    note = say(
        "{ill_will} times {factor:g} from {first} on; given up is weight of {ill_will2} a period.",
        ill_will=ill_will(found.directed, True).capitalize(),
        factor=found.factor,
        first=Day(found.window[0]),
        ill_will2=ill_will(found.directed),
    ) + ("" if found.found.exact else say(" A bound stands only where losses are proven to shrink as more is eased."))
    return Section("wedge", say("The ladder"), (figure, table, Prose(note, style="quiet")), say("The ladder"))


def _wedge_lines(found: WedgeAnswer) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for o in found.found.options:
        who = joined((found.adversaries[a] for a in o.eased), ", ")
        line = (who, number(o.change[0]), interval(o.change[1], o.change[2]), number(o.easing))
        lines.append(line if found.found.exact else (*line, number(o.bound)))
    return lines


def wedge_rows(found: WedgeAnswer) -> Printed:
    """A row a set, for ``--table``."""
    headings = ("eased", found.unit, "95 % interval", "given up")
    rows = [{**r, "ease": ",".join(r["ease"])} for r in found.rows()]
    columns = ("ease", "change", "low", "high", "easing", "bound")
    return Printed(headings, [c[:4] for c in _wedge_lines(found)], rows, columns, found.text)


def whatif_section(found: WhatIf) -> Section:
    """Both ways, and the two worlds over time."""
    columns = (
        Column(say("Way")),
        Column(say("As it was"), "number"),
        Column(say("As changed"), "number"),
        Column(say("Difference"), "number"),
        Column(say("95 % interval"), "number", brief=say("Interval")),
    )
    ways = [(say("direct"), found.direct.found)]
    if found.simulated is not None:
        ways.append((say("with consequences"), found.simulated.found))
    rows = tuple(
        Row((name, number(d.baseline), number(d.changed), number(d.difference), interval(d.low, d.high)))
        for name, d in ways
    )
    table = Table(
        columns,
        rows,
        say(
            "Expected {outcome}, {unit}, from {dates} on",
            outcome=NOUN[found.outcome],
            unit=found.unit,
            dates=found.dates[0],
        ),
    )
    figure = Figure(
        "two-worlds",
        partial(_two_worlds, found),
        say("Expected of the pair period by period, as it was and as changed; the band is the changed one's interval."),
        found.text,
    )
    moved = joined((say("{term} {v}", term=term, v=number(v)) for term, v in found.direct.moved.items()), "; ")
    note = (
        say("Mean move of the log rate by column, directly: {moved}.", moved=moved)
        if moved
        else say("No column moves.")
    )
    return Section(
        "two-worlds", say("The two worlds"), (figure, table, Prose(note, style="quiet")), say("The two worlds")
    )


def whatif_rows(found: WhatIf) -> Printed:
    """A row a period, for ``--table``."""
    rows = found.rows()
    lines = [(r["date"], number(r["baseline"]), number(r["changed"]), interval(r["low"], r["high"])) for r in rows]
    columns = ("date", "baseline", "changed", "low", "high")
    return Printed(("period", "as it was", "as changed", "95 % interval"), lines, rows, columns, found.text)


def exchange_section(found: Exchange) -> Section:
    """Correlation by lag."""
    columns = (
        Column(say("Periods later"), "number", brief=say("Later")),
        Column(say("Correlation"), "number"),
        Column(say("95 % interval"), "number"),
    )
    f = found.found
    cells = _exchange_lines(found)
    rows = tuple(Row(c, marked=bool(lag == f.lag) and f.p == f.p) for c, lag in zip(cells, f.lags, strict=True))
    table = Table(columns, rows, say("Of the second flow after the first, in periods of {period}", period=found.period))
    figures: tuple[Block, ...] = ()
    if f.p == f.p:
        figures = (
            Figure(
                "lags",
                partial(_lags, found),
                say("Right of zero on the lower axis: the second flow comes later."),
                joined((say("{c}: {c2}", c=c[0], c2=c[1]) for c in cells), "; "),
            ),
        )
    blocks = (*figures, table) if figures else ()
    return Section("lags", say("Lag by lag"), blocks, say("Lag by lag"))


def _exchange_lines(found: Exchange) -> list[tuple[str, ...]]:
    return [(str(r["lag"]), number(r["correlation"]), interval(r["low"], r["high"])) for r in found.rows()]


def exchange_rows(found: Exchange) -> Printed:
    """A row a lag, for ``--table``."""
    columns = ("lag", "correlation", "low", "high")
    return Printed(("lag", "correlation", "95 % interval"), _exchange_lines(found), found.rows(), columns, found.text)


def _price_map(found: Price) -> LayerChart:
    from tertius.report.charts.counsel import price_map

    return price_map(found, MAPPED)


def _price_over_time(found: Price) -> LayerChart:
    from tertius.report.charts.counsel import price_over_time

    return price_over_time(found)


def _wedge_ladder(found: WedgeAnswer) -> LayerChart:
    from tertius.report.charts.counsel import wedge_ladder

    return wedge_ladder(found)


def _two_worlds(found: WhatIf) -> LayerChart:
    from tertius.report.charts.counsel import two_worlds

    return two_worlds(found)


def _lags(found: Any) -> LayerChart:
    from tertius.report.charts.counsel import lags

    return lags(found)

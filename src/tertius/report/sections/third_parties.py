"""Third parties: their parts, whether these add up, over time, and beside them the shared target."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.attribution import ThirdParty
from tertius.answers.explanation import Explanation, total_note
from tertius.plain import number
from tertius.report.document import Block, Column, Facts, Figure, Prose, Row, Section, Table
from tertius.report.words import NOUN, interval, largest, named, percent, span, steps, unit

if TYPE_CHECKING:
    from altair import LayerChart

TARGETS = 3  # in the terminal


def section(e: Explanation) -> Section:
    """The largest parts, or that nobody's hostility changed."""
    a, noun = e.attribution, NOUN[e.outcome]
    drawn = largest(a.third_parties)
    asked = tuple(t for t in a.third_parties if t.actor == e.by and t not in drawn)
    chosen = (*drawn, *asked)
    blocks: list[Block] = [Prose(_intro(e), only="page")]
    if drawn:
        whose = "hostility" if e.fit.directed else "conflict with the two"
        caption = (
            f"How much of the expected {noun} would be missing (right of zero) or added (left of zero) had each third "
            f"party's {whose} stayed at its level of the reference period, under the model."
        )
        listed = (f"{named(t.actor)}: {number(t.events)} ({_interval(t)})" for t in drawn)
        blocks.append(Figure("third-parties", partial(_parts_chart, e), caption, "; ".join(listed) + "."))
    if chosen:
        whose = "hostility towards both" if e.fit.directed else "hostility between the third party and the pair"
        which = f"The {len(chosen)} largest of {len(a.third_parties)} third parties, by changed {whose}"
        blocks += [
            parts_table(chosen, e, f"{which}; window {span(a.rise.window)}"),
            *(Prose(n, style="quiet") for n in (total_note(a), pressure_note(e)) if n),
            *(Prose(n, style="quiet", only="page") for n in (_p_note(e), _level_note(e))),
        ]
        if note := parts_note(e):
            blocks.append(Prose(note, only="terminal"))
    else:
        blocks.append(Prose(nobody_moved(e), style="quiet"))
    return Section("third", "Third parties", tuple(blocks), "Third parties")


def sums_section(e: Explanation) -> Section:
    """Observed, expected, all third parties together, and what is unattributed."""
    a = e.attribution
    times = (f"{number(a.observed / a.expected)} times",) if a.expected > 0 else ()
    facts = (
        ("Observed in the window", f"{number(a.observed)} {unit(e)}"),
        ("Expected by the model", f"{number(a.expected)} {unit(e)}"),
        *(("Observed, as a multiple of the expected", t) for t in times),
        ("All third parties together", f"{number(a.total.events)} ({interval(a.total.low, a.total.high)})"),
        ("Unattributed: all less the single parts", percent(a.unattributed)),
    )
    said = (
        "All third parties together are changed at once; a single part is taken with every other third party as it "
        "was. The unattributed is what was expected less the sum of the single parts"
        + (", which is below zero." if a.unattributed > 1 else ".")
    )
    return Section("sums", "Does it add up?", (Facts(facts), Prose(said, style="quiet", only="page")), level=3)


def path_section(e: Explanation) -> Section:
    """The largest parts over time; without blocks where no slice was observed."""
    path, one = e.attribution.path, steps(e.fit).removesuffix("s")
    if not path:
        return Section("path-heading", "", ())
    caption = (
        f"The same figures {one} by {one}: do they grow when the pair moves, or at another time? A break in a line is "
        "a time of which less than half was observed."
    )
    said = (
        f"{one.capitalize()} by {one}, from {path[0].date} to {path[-1].date}, the parts of "
        + ", ".join(named(x) for x in dict.fromkeys(p.actor for p in path))
        + "."
    )
    figure = Figure("path", partial(_path_chart, e), caption, said)
    title = "The largest third parties over time"
    return Section("path-heading", title, (figure,), "Third parties over time", only="page")


def target_section(e: Explanation) -> Section:
    """The parts through the shared target; without blocks where undirected."""
    targets = largest(e.attribution.shared_target) if e.fit.directed else ()
    intro = (
        "Both may also be hostile to the same third party. That is a choice of theirs and no pressure on them, so that "
        "it is not part of the answer; it stands here to be compared."
    )
    blocks = (
        Prose(intro, only="page"),
        parts_table(targets, e, "The largest parts through the shared target", shown=TARGETS),
    )
    title = "Beside it: the shared target"
    return Section("target", title, blocks if targets else (), title)


def parts_table(parts: Sequence[ThirdParty], e: Explanation, caption: str, shown: int = 0) -> Table:
    """Third parties with part, interval, shares and change of hostility."""
    shares = any(t.pressure_share == t.pressure_share for t in parts)
    what = "Hostility" if e.fit.directed else "Conflict"
    columns = (
        Column("Third party", brief="third party"),
        Column(f"{e.unit.capitalize()} in the window", "number", e.unit),
        Column("95 % interval", "number"),
        Column("Share of the expected", "number", "share"),
        *([Column("Share of the pressure", "number", "pressure share")] if shares else []),
        Column(f"{what}, reference to window", "number", only="page"),
    )
    rows = tuple(
        Row(
            (
                named(t.actor),
                number(t.events),
                _interval(t),
                percent(t.share),
                *([percent(t.pressure_share)] if shares else []),
                f"{number(t.hostility_reference)} to {number(t.hostility_window)}",
            )
        )
        for t in parts
    )
    return Table(columns, rows, caption, shown=shown, things="third parties")


def _interval(t: ThirdParty) -> str:
    return interval(t.events_low, t.events_high)


def _parts_chart(e: Explanation) -> LayerChart:
    from tertius.report.charts.third_parties import third_parties

    return third_parties(e)


def _path_chart(e: Explanation) -> LayerChart:
    from tertius.report.charts.third_parties import path

    return path(e)


def _intro(e: Explanation) -> str:
    if e.fit.directed:
        whose, known = "that party's hostility towards both", ""
    else:
        whose = "the hostility between that party and the pair"
        known = " Whose hostility it was cannot be known from these data."
    return (
        f"A third party's part is the {NOUN[e.outcome]} expected in the window, less what the model would expect had "
        f"{whose} stayed at its level of the reference period.{known} {parts_note(e)}"
    ).strip()


def _p_note(e: Explanation) -> str:
    p = next((t.p_adjusted for t in e.attribution.third_parties if t.p_adjusted < 1), float("nan"))
    return (
        f"All parts hang on one coefficient, {e.attribution.effect}; its p, adjusted over all third parties, is "
        f"{'below 0.0001' if p < 1e-4 else number(p)}."
    )


def _level_note(e: Explanation) -> str:
    what = "hostility towards the two" if e.fit.directed else "conflict with the two"
    return (
        f"Last column: the third party's {what}, decayed (half-life {e.fit.half_life}) and combined over both "
        f"({e.fit.legs}), in the unit of the data; mean over the {steps(e.fit)} of the reference, then of the window."
    )


def parts_note(e: Explanation) -> str:
    """What a part must not be taken for, given the coefficient; empty where it is clearly above zero."""
    c = e.fit.coefficient(e.attribution.effect)
    if c.ci_low > 0:
        return ""
    if c.ci_high < 0:
        return (
            "The coefficient is negative: a part above zero means that this hostility fell, not that it drove the two "
            "together."
        )
    return "The coefficient cannot be distinguished from zero, and so neither can any part."


def nobody_moved(e: Explanation) -> str:
    """What stands in the place of a table of third parties where no part differs from zero."""
    what = "hostility towards both" if e.fit.directed else "conflict with the pair"
    return f"No third party's {what} changed between reference and window: every part is zero."


def pressure_note(e: Explanation) -> str:
    """What the pressure share is, or why it is not given."""
    if e.attribution.total.excludes_zero:
        return (
            "Share of the pressure: the part of the change in pressure on the pair that comes from this third party. "
            f"It carries no evidence by itself. {e.attribution.pressure_method}."
        )
    return (
        "Share of the pressure: not given, because the interval of the total contains zero, and shares of it would "
        "mislead."
    )

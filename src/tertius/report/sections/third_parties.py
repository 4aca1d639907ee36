"""Third parties: their parts, whether these add up, over time, and beside them the shared target."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from tertius.answers.attribution import ThirdParty
from tertius.answers.explanation import Explanation, total_note
from tertius.language import Day, capital, joined, say
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
        whose = say("hostility") if e.fit.directed else say("conflict with the two")
        caption = say(
            "How much of the expected {noun} would be missing (right of zero) or added (left of zero) had each third "
            "party's {whose} stayed at its level of the reference period, under the model.",
            noun=noun,
            whose=whose,
        )
        listed = (
            say("{actor}: {events} ({interval})", actor=named(t.actor), events=number(t.events), interval=_interval(t))
            for t in drawn
        )
        blocks.append(Figure("third-parties", partial(_parts_chart, e), caption, joined(listed, "; ") + "."))
    if chosen:
        whose = (
            say("hostility towards both") if e.fit.directed else say("hostility between the third party and the pair")
        )
        which = say(
            "The {chosen} largest of {third_parties} third parties, by changed {whose}",
            chosen=len(chosen),
            third_parties=len(a.third_parties),
            whose=whose,
        )
        blocks += [
            parts_table(chosen, e, say("{which}; window {window}", which=which, window=span(a.rise.window))),
            *(Prose(n, style="quiet") for n in (total_note(a), pressure_note(e)) if n),
            *(Prose(n, style="quiet", only="page") for n in (_p_note(e), _level_note(e))),
        ]
        if note := parts_note(e):
            blocks.append(Prose(note, only="terminal"))
    else:
        blocks.append(Prose(nobody_moved(e), style="quiet"))
    return Section("third", say("Third parties"), tuple(blocks), say("Third parties"))


def sums_section(e: Explanation) -> Section:
    """Observed, expected, all third parties together, and what is unattributed."""
    a = e.attribution
    times = (say("{observed} times", observed=number(a.observed / a.expected)),) if a.expected > 0 else ()
    facts = (
        (say("Observed in the window"), say("{observed} {unit}", observed=number(a.observed), unit=unit(e))),
        (say("Expected by the model"), say("{expected} {unit}", expected=number(a.expected), unit=unit(e))),
        *((say("Observed, as a multiple of the expected"), t) for t in times),
        (
            say("All third parties together"),
            say("{events} ({interval})", events=number(a.total.events), interval=interval(a.total.low, a.total.high)),
        ),
        (say("Unattributed: all less the single parts"), percent(a.unattributed)),
    )
    said = say(
        "All third parties together are changed at once; a single part is taken with every other third party as it "
        "was. The unattributed is what was expected less the sum of the single parts"
    ) + (say(", which is below zero.") if a.unattributed > 1 else ".")
    return Section("sums", say("Does it add up?"), (Facts(facts), Prose(said, style="quiet", only="page")), level=3)


def path_section(e: Explanation) -> Section:
    """The largest parts over time; without blocks where no slice was observed."""
    path, one = e.attribution.path, say("period") if e.fit.model == "within" else say("slice")
    if not path:
        return Section("path-heading", "", ())
    caption = say(
        "The same figures {one} by {one}: do they grow when the pair moves, or at another time? A break in a line "
        "is a time of which less than half was observed.",
        one=one,
    )
    said = (
        capital(
            say(
                "{one} by {one}, from {first} to {last}, the parts of ",
                one=one,
                first=Day(path[0].date),
                last=Day(path[-1].date),
            )
        )
        + joined((named(x) for x in dict.fromkeys(p.actor for p in path)), ", ")
        + "."
    )
    figure = Figure("path", partial(_path_chart, e), caption, said)
    title = say("The largest third parties over time")
    return Section("path-heading", title, (figure,), say("Third parties over time"), only="page")


def target_section(e: Explanation) -> Section:
    """The parts through the shared target; without blocks where undirected."""
    targets = largest(e.attribution.shared_target) if e.fit.directed else ()
    intro = say(
        "Both may also be hostile to the same third party. That is a choice of theirs and no pressure on them, so that "
        "it is not part of the answer; it stands here to be compared."
    )
    blocks = (
        Prose(intro, only="page"),
        parts_table(targets, e, say("The largest parts through the shared target"), shown=TARGETS),
    )
    title = say("Beside it: the shared target")
    return Section("target", title, blocks if targets else (), title)


def parts_table(parts: Sequence[ThirdParty], e: Explanation, caption: str, shown: int = 0) -> Table:
    """Third parties with part, interval, shares and change of hostility."""
    shares = any(t.pressure_share == t.pressure_share for t in parts)
    what = say("Hostility") if e.fit.directed else say("Conflict")
    columns = (
        Column(say("Third party"), brief=say("third party")),
        Column(say("{unit} in the window", unit=e.unit.capitalize()), "number", e.unit),
        Column(say("95 % interval"), "number"),
        Column(say("Share of the expected"), "number", say("share")),
        *([Column(say("Share of the pressure"), "number", say("pressure share"))] if shares else []),
        Column(say("{what}, reference to window", what=what), "number", only="page"),
    )
    rows = tuple(
        Row(
            (
                named(t.actor),
                number(t.events),
                _interval(t),
                percent(t.share),
                *([percent(t.pressure_share)] if shares else []),
                say(
                    "{hostility_reference} to {hostility_window}",
                    hostility_reference=number(t.hostility_reference),
                    hostility_window=number(t.hostility_window),
                ),
            )
        )
        for t in parts
    )
    return Table(columns, rows, caption, shown=shown, things=say("third parties"))


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
        whose, known = say("that party's hostility towards both"), ""
    else:
        whose = say("the hostility between that party and the pair")
        known = say(" Whose hostility it was cannot be known from these data.")
    return say(
        "A third party's part is the {noun} expected in the window, less what the model would expect had {whose} "
        "stayed at its level of the reference period.{known} {parts_note}",
        noun=NOUN[e.outcome],
        whose=whose,
        known=known,
        parts_note=parts_note(e),
    ).strip()


def _p_note(e: Explanation) -> str:
    p = next((t.p_adjusted for t in e.attribution.third_parties if t.p_adjusted < 1), float("nan"))
    return say(
        "All parts hang on one coefficient, {effect}; its p, adjusted over all third parties, is {p}.",
        effect=e.attribution.effect,
        p=say("below 0.0001") if p < 0.0001 else number(p),
    )


def _level_note(e: Explanation) -> str:
    what = say("hostility towards the two") if e.fit.directed else say("conflict with the two")
    return say(
        "Last column: the third party's {what}, decayed (half-life {half_life}) and combined over both ({legs}), "
        "in the unit of the data; mean over the {steps} of the reference, then of the window.",
        what=what,
        half_life=e.fit.half_life,
        legs=e.fit.legs,
        steps=steps(e.fit),
    )


def parts_note(e: Explanation) -> str:
    """What a part must not be taken for, given the coefficient; empty where it is clearly above zero."""
    c = e.fit.coefficient(e.attribution.effect)
    if c.ci_low > 0:
        return ""
    if c.ci_high < 0:
        return say(
            "The coefficient is negative: a part above zero means that this hostility fell, not that it drove the two "
            "together."
        )
    return say("The coefficient cannot be distinguished from zero, and so neither can any part.")


def nobody_moved(e: Explanation) -> str:
    """What stands in the place of a table of third parties where no part differs from zero."""
    what = say("hostility towards both") if e.fit.directed else say("conflict with the pair")
    return say("No third party's {what} changed between reference and window: every part is zero.", what=what)


def pressure_note(e: Explanation) -> str:
    """What the pressure share is, or why it is not given."""
    if e.attribution.total.excludes_zero:
        return say(
            "Share of the pressure: the part of the change in pressure on the pair that comes from this third party. "
            "It carries no evidence by itself. {pressure_method}.",
            pressure_method=e.attribution.pressure_method,
        )
    return say(
        "Share of the pressure: not given, because the interval of the total contains zero, and shares of it would "
        "mislead."
    )

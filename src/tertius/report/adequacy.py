"""How well a model fits, and how many wrong codings would overturn a sign, in the words of terminal and page.

No figure is computed here: :mod:`tertius.model.checks.adequacy` and :mod:`tertius.model.checks.miscoding` hold them.
"""

from __future__ import annotations

from tertius.language import Day, Number, joined, say
from tertius.model.checks.adequacy import DEVIANCE, Adequacy, Residual
from tertius.model.checks.miscoding import Miscoding
from tertius.model.checks.ranks import Ranks
from tertius.plain import number
from tertius.report.words import interval, named


def rank_text(r: Ranks, at_risk: int) -> str:
    """Rank of the pair that acted, in one line."""
    return say(
        "median {median:,.0f} of {at_risk:,}, 1/rank {mean_reciprocal:.3f}, top ten {top10:.0f} %",
        median=r.median,
        at_risk=at_risk,
        mean_reciprocal=r.mean_reciprocal,
        top10=100 * r.top10,
    )


def facts(a: Adequacy) -> tuple[tuple[str, str], ...]:
    """Names and values: ranks, log scores, the largest residuals."""
    held = a.held_out
    lines = [(say("rank of the pair that acted"), rank_text(a.ranks, a.at_risk))]
    if held is not None:
        lines += [
            (say("held out, this model"), rank_text(held.model.ranks, a.at_risk)),
            (say("held out, inertia alone"), rank_text(held.inertia.ranks, a.at_risk)),
            (say("log score, this model"), Number(f"{held.model.log_score:.4f}")),
            (say("log score, inertia alone"), Number(f"{held.inertia.log_score:.4f}")),
            (say("difference (standard error)"), Number(f"{held.difference:+.2g} ({held.se:.2g})")),
        ]
    return tuple(lines)


def held_text(a: Adequacy) -> str:
    """What was held out and how it came out, in a sentence or two."""
    held = a.held_out
    if held is None:
        return say("Nothing was held out. {why_not}", why_not=a.why_not)
    clear = abs(held.difference) > 1.96 * held.se
    said = say("better") if held.difference > 0 else say("worse")
    share = say(" {share:.0f} % of it could be scored.", share=100 * held.share) if held.share < 0.995 else ""
    return say(
        "Fitted to {train} slices before {since} and scored on {test} after: per event, {word}{said} than {join} "
        "alone.{share}",
        train=held.train,
        since=held.since,
        test=held.test,
        word="" if clear else say("within its error, "),
        said=said,
        join=joined(held.reference, " and "),
        share=share,
    )


def judged_text(a: Adequacy) -> str:
    """Over which slices; empty where over all of them."""
    return (
        say("All of this is over {slices:,} of {of:,} slices, evenly spaced.", slices=a.slices, of=a.of)
        if a.slices < a.of
        else ""
    )


def calibration_text(a: Adequacy) -> str:
    """The range of observed over expected in groups of equal expected sum."""
    ratios = [g.observed / g.expected for g in a.calibration if g.expected > 0]
    return (
        say(
            "Calibration, observed over expected in {ratios} groups of equal expected sum, least expected first: ",
            ratios=len(ratios),
        )
        + joined((Number(f"{r:.2f}") for r in ratios), " ")
        + "."
    )


def residual_text(what: str, measure: str, lines: tuple[Residual, ...]) -> str:
    """The largest residuals of actors or periods in a sentence."""
    listed = joined(
        (
            say("{name} {value}", name=named(r.name) if what == "actors" else r.name, value=number(r.value))
            for r in lines
        ),
        ", ",
    )
    return say("Largest {what}, {measure}: {listed}.", what=what, measure=measure, listed=listed)


def residual_texts(a: Adequacy) -> tuple[str, str]:
    """Both residual sentences."""
    return (
        residual_text(say("actors"), a.actor_measure, a.actors),
        residual_text(
            say("periods"), say("the same measure") if a.period_measure == DEVIANCE else a.period_measure, a.periods
        ),
    )


def share_lines(m: Miscoding) -> tuple[tuple[str, str], ...]:
    """Share of signs turned -> estimate and interval."""
    rows = [
        (
            say("as fitted"),
            say("{estimate} ({interval})", estimate=number(m.estimate), interval=interval(m.low, m.high)),
        )
    ]
    rows += [
        (
            say("{share:g} % turned", share=100 * f.share),
            say("{estimate} ({interval})", estimate=number(f.estimate), interval=interval(f.low, f.high)),
        )
        for f in m.flipped
    ]
    return tuple(rows)


def largest_cells(m: Miscoding) -> str:
    """The single cells that move the estimate most."""
    return (
        say("The cells that move it most: ")
        + joined(
            (
                say(
                    "{source} to {target} {date} ({moves})",
                    source=named(c.source),
                    target=named(c.target),
                    date=Day(c.date),
                    moves=number(c.moves),
                )
                for c in m.worst.largest
            ),
            "; ",
        )
        + "."
    )

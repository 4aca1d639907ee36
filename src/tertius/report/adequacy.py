"""How well a model fits, and how many wrong codings would overturn a sign, in the words of terminal and page.

No figure is computed here: :mod:`tertius.model.checks.adequacy` and :mod:`tertius.model.checks.miscoding` hold them.
"""

from __future__ import annotations

from tertius.model.checks.adequacy import DEVIANCE, Adequacy, Ranks, Residual
from tertius.model.checks.miscoding import Miscoding
from tertius.plain import number
from tertius.report.words import interval, named


def rank_text(r: Ranks, at_risk: int) -> str:
    """Rank of the pair that acted, in one line."""
    return f"median {r.median:,.0f} of {at_risk:,}, 1/rank {r.mean_reciprocal:.3f}, top ten {100 * r.top10:.0f} %"


def facts(a: Adequacy) -> tuple[tuple[str, str], ...]:
    """Names and values: ranks, log scores, the largest residuals."""
    held = a.held_out
    lines = [("rank of the pair that acted", rank_text(a.ranks, a.at_risk))]
    if held is not None:
        lines += [
            ("held out, this model", rank_text(held.model.ranks, a.at_risk)),
            ("held out, inertia alone", rank_text(held.inertia.ranks, a.at_risk)),
            ("log score, this model", f"{held.model.log_score:.4f}"),
            ("log score, inertia alone", f"{held.inertia.log_score:.4f}"),
            ("difference (standard error)", f"{held.difference:+.2g} ({held.se:.2g})"),
        ]
    return tuple(lines)


def held_text(a: Adequacy) -> str:
    """What was held out and how it came out, in a sentence or two."""
    held = a.held_out
    if held is None:
        return f"Nothing was held out. {a.why_not}"
    clear = abs(held.difference) > 1.96 * held.se
    said = "better" if held.difference > 0 else "worse"
    share = f" {100 * held.share:.0f} % of it could be scored." if held.share < 0.995 else ""
    return (
        f"Fitted to {held.train} slices before {held.since} and scored on {held.test} after: per event, "
        f"{'' if clear else 'within its error, '}{said} than {' and '.join(held.reference)} alone.{share}"
    )


def judged_text(a: Adequacy) -> str:
    """Over which slices; empty where over all of them."""
    return f"All of this is over {a.slices:,} of {a.of:,} slices, evenly spaced." if a.slices < a.of else ""


def calibration_text(a: Adequacy) -> str:
    """The range of observed over expected in groups of equal expected sum."""
    ratios = [g.observed / g.expected for g in a.calibration if g.expected > 0]
    return (
        f"Calibration, observed over expected in {len(ratios)} groups of equal expected sum, least expected first: "
        + " ".join(f"{r:.2f}" for r in ratios)
        + "."
    )


def residual_text(what: str, measure: str, lines: tuple[Residual, ...]) -> str:
    """The largest residuals of actors or periods in a sentence."""
    listed = ", ".join(f"{named(r.name) if what == 'actors' else r.name} {number(r.value)}" for r in lines)
    return f"Largest {what}, {measure}: {listed}."


def residual_texts(a: Adequacy) -> tuple[str, str]:
    """Both residual sentences."""
    return (
        residual_text("actors", a.actor_measure, a.actors),
        residual_text("periods", "the same measure" if a.period_measure == DEVIANCE else a.period_measure, a.periods),
    )


def share_lines(m: Miscoding) -> tuple[tuple[str, str], ...]:
    """Share of signs turned -> estimate and interval."""
    rows = [("as fitted", f"{number(m.estimate)} ({interval(m.low, m.high)})")]
    rows += [(f"{100 * f.share:g} % turned", f"{number(f.estimate)} ({interval(f.low, f.high)})") for f in m.flipped]
    return tuple(rows)


def largest_cells(m: Miscoding) -> str:
    """The single cells that move the estimate most."""
    return (
        "The cells that move it most: "
        + "; ".join(f"{named(c.source)} to {named(c.target)} {c.date} ({number(c.moves)})" for c in m.worst.largest)
        + "."
    )

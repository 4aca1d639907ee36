"""The correction of the within-pair model's bias as a result: lines of a table, and what it does not cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tertius.events.slices import Floats
from tertius.language import joined, say
from tertius.model.coefficients import Z_95, two_sided_p
from tertius.model.robust import standard_errors
from tertius.model.within.bias import BiasCorrection
from tertius.plain import number, plain


@dataclass(frozen=True, slots=True)
class CorrectedCoefficient:
    """One term, per unit of its column as in the table of coefficients.

    Attributes
    ----------
    term : name of the column.
    estimate : less the bias.
    bias : of the uncorrected estimate.
    se_clustered, se_adjusted : standard errors clustered by pair (directed: ordered pair), as estimated, and adjusted
        for the noise of the effects; NaN where the variance is negative.
    se_left_out : by leaving out one pair after the other: larger than ``se_adjusted``, and nearer the truth with few
        actors.
    ci_low, ci_high, z, p : 95 % interval, z and two-sided p, from ``se_left_out``.
    estimate_sd : change of the log rate per standard deviation of the demeaned column.
    """

    term: str
    estimate: float
    bias: float
    se_clustered: float
    se_adjusted: float
    se_left_out: float
    ci_low: float
    ci_high: float
    z: float
    p: float
    estimate_sd: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """The corrected coefficients of a within-pair model.

    Attributes
    ----------
    coefficients : one line a term.
    pairs : number of clusters.
    exact : whether the adjusted errors rest on the information of all effects, or on that of each pair's own two rows.
    not_covered : terms made of earlier events, whose bias of another kind stays.
    text : what was corrected and what was not, in sentences.
    """

    coefficients: tuple[CorrectedCoefficient, ...]
    pairs: int
    exact: bool
    not_covered: tuple[str, ...]
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Its JSON; NaN is None."""
        cleaned = plain(asdict(self))
        assert isinstance(cleaned, dict)
        return cleaned


def corrected(found: BiasCorrection, sd: Floats, lagged: Sequence[str], *, directed: bool) -> Corrected:
    """The result of a correction; ``sd`` (p,) of the demeaned terms, ``lagged`` the terms made of earlier events."""
    kinds = (found.clustered, found.adjusted, found.left_out)
    clustered, adjusted, left_out = (standard_errors(V) for V in kinds)
    lines = []
    for k, term in enumerate(found.names):
        b, se = float(found.corrected[k]), float(left_out[k])
        z = b / se if se > 0 else float("nan")
        lines.append(
            CorrectedCoefficient(
                term=term,
                estimate=b,
                bias=float(found.bias[k]),
                se_clustered=float(clustered[k]),
                se_adjusted=float(adjusted[k]),
                se_left_out=se,
                ci_low=b - Z_95 * se,
                ci_high=b + Z_95 * se,
                z=z,
                p=two_sided_p(z),
                estimate_sd=b * float(sd[k]),
            )
        )
    left = tuple(n for n in found.names if n in set(lagged))
    return Corrected(tuple(lines), found.pairs, found.exact, left, _text(lines, found, left, directed))


def _text(lines: list[CorrectedCoefficient], found: BiasCorrection, left: tuple[str, ...], directed: bool) -> str:
    figures = joined(
        (
            say(
                "{term} {estimate} (bias {bias}, standard error adjusted {se_adjusted}, leaving out pairs "
                "{se_left_out})",
                term=c.term,
                estimate=number(c.estimate),
                bias=number(c.bias),
                se_adjusted=number(c.se_adjusted),
                se_left_out=number(c.se_left_out),
            )
            for c in lines
        ),
        "; ",
    )
    said = [
        say(
            "Corrected for the bias that the effects of actors in periods leave (Weidner & Zylkin 2021): {figures}.",
            figures=figures,
        ),
        say(
            "These errors are clustered by {word}pair ({pairs:,}); those of the uncorrected coefficients let pairs "
            "with a common actor depend on each other.",
            word=say("ordered ") if directed else "",
            pairs=found.pairs,
        ),
    ]
    if not found.exact:
        said.append(
            say(
                "The errors are adjusted by the information on each pair's own effects, because there are too many "
                "effects to invert the information on all of them."
            )
        )
    if left:
        said.append(
            say(
                "The correction assumes that terms do not answer to the outcome. It does not cover {join}, made of "
                "earlier events: their bias of order 1/T remains (see the split-panel jackknife), and can reach the "
                "other terms.",
                join=joined(left, ", "),
            )
        )
    if not directed:
        said.append(say("The paper is about directed data; for undirected data the formula is derived in tertius."))
    return joined(said, " ")

"""The lines of a table of coefficients: estimates, standard errors of four kinds, intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Floats
from tertius.language import Number, say
from tertius.model.robust import Covariances, standard_errors
from tertius.plain import number

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One line of the table.

    Attributes
    ----------
    term : name of the column.
    estimate : change of the log rate per unit of the transformed column.
    se_model, se_dyad_clustered, se_dyadic, se_jackknife : standard errors; NaN where the variance is negative or does
        not exist.
    ci_low, ci_high, z, p : 95 % interval, z and two-sided p, from the jackknife (else dyadic-robust) error.
    sd : standard deviation of the column inside slices.
    estimate_sd : change of the log rate per standard deviation.
    scale : c of log(1 + x / c).
    """

    term: str
    estimate: float
    se_model: float
    se_dyad_clustered: float
    se_dyadic: float
    se_jackknife: float
    ci_low: float
    ci_high: float
    z: float
    p: float
    sd: float
    estimate_sd: float
    scale: float

    @property
    def se(self) -> float:
        """The standard error behind interval, z and p: the jackknife's, else the dyadic-robust; NaN without either."""
        return self.se_dyadic if math.isnan(self.se_jackknife) else self.se_jackknife


def coefficient_table(
    names: Sequence[str], beta: Floats, cov: Covariances, sd: Floats, scales: Floats
) -> tuple[Coefficient, ...]:
    """The lines of the table from estimates (p,), covariances, standard deviations (p,) and scales (p,)."""
    kinds = (cov.model, cov.dyad_clustered, cov.dyadic, cov.jackknife)
    model, clustered, dyadic, jack = (standard_errors(V) for V in kinds)
    used = interval_errors(cov)
    lines = []
    for k, name in enumerate(names):
        b, se = float(beta[k]), float(used[k])
        z = b / se if se > 0 else math.nan
        lines.append(
            Coefficient(
                term=name,
                estimate=b,
                se_model=float(model[k]),
                se_dyad_clustered=float(clustered[k]),
                se_dyadic=float(dyadic[k]),
                se_jackknife=float(jack[k]),
                ci_low=b - Z_95 * se,
                ci_high=b + Z_95 * se,
                z=z,
                p=two_sided_p(z),
                sd=float(sd[k]),
                estimate_sd=b * float(sd[k]),
                scale=float(scales[k]),
            )
        )
    return tuple(lines)


def interval_errors(cov: Covariances) -> Floats:
    """(p,) standard errors behind intervals, z and p: the jackknife's, else the dyadic-robust, else NaN."""
    jackknife = standard_errors(cov.jackknife)
    return np.asarray(np.where(np.isnan(jackknife), standard_errors(cov.dyadic), jackknife))


def two_sided_p(z: float) -> float:
    """P(|Z| > |z|) of a standard normal; NaN stays NaN.

    >>> round(two_sided_p(1.959963984540054), 6)
    0.05
    """
    return math.nan if math.isnan(z) else math.erfc(abs(z) / math.sqrt(2))


HEADINGS = ("term", "estimate", "se", "95 % interval", "z", say("per sd"))


def cells(c: Coefficient) -> tuple[str, ...]:
    """One line of the table as text."""
    return (
        c.term,
        number(c.estimate),
        number(c.se),
        say("{ci_low} to {ci_high}", ci_low=number(c.ci_low), ci_high=number(c.ci_high)),
        Number(f"{c.z:.1f}") if c.z == c.z else say("n/a"),
        number(c.estimate_sd),
    )

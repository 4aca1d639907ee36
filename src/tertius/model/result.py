"""What a fit says: one frozen :class:`FitResult`, equal to its JSON, with tables for people and for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from tertius.errors import UsageError, did_you_mean
from tertius.events.slices import Floats
from tertius.model.robust import Covariances, standard_errors
from tertius.spec import CONFIDENCE

if TYPE_CHECKING:
    from tertius.model.adequacy import Adequacy
    from tertius.model.miscoding import Miscoding

Z_95 = 1.959963984540054

COVARIANCE_KINDS = ("model", "dyadic", "dyad_clustered", "jackknife")


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


@dataclass(frozen=True, slots=True)
class FitResult:
    """A fitted model. Its fields are the keys of the JSON document (see the contract in the documentation).

    ``adequacy`` says how well the model fits (None where it was not asked for, and of the sign model), ``miscoding``
    how many wrong codings would overturn a sign (None unless asked). ``covariances`` holds the (p, p) matrices;
    :meth:`vcov` hands them out.
    """

    model: str
    outcome: str
    response: str
    directed: bool
    coefficients: tuple[Coefficient, ...]
    absorbed: tuple[dict[str, str], ...]
    log_likelihood: float | None
    n_slices: int
    n_periods: int | None
    n_actors: int
    n_dyads: int
    n_events: float
    risk_set: str
    half_life: str
    slice: str
    period: str
    transform: str
    legs: str
    decay_to: str
    scale_slices: int
    dispersion: float
    iterations: int
    seconds: float
    peak_memory_mb: float | None
    command: str
    versions: Mapping[str, str]
    data_hash: str
    seed: int
    warnings: tuple[str, ...]
    alternatives: tuple[dict[str, Any], ...]
    ladder: tuple[dict[str, Any], ...]
    adequacy: Adequacy | None
    miscoding: Miscoding | None
    covariances: Covariances

    def coefficient(self, term: str) -> Coefficient:
        """The line of one term. Raises KeyError."""
        for c in self.coefficients:
            if c.term == term:
                return c
        raise KeyError(term)

    def coef(self) -> dict[str, float]:
        """Estimates by term, as R's ``coef`` gives them; ``pandas.Series(fit.coef())`` makes a column of them.

        >>> from tertius.study import fit
        >>> found = fit("chronicle", model="rate", effects="inertia.coop,shared_threat", slice="1mo", half_life="2y")
        >>> list(found.coef()), found.coef() == found.params
        (['inertia.coop', 'shared_threat'], True)
        """
        return {c.term: c.estimate for c in self.coefficients}

    def se(self) -> dict[str, float]:
        """Standard errors by term, those behind the intervals: the jackknife's, else dyadic-robust, else NaN."""
        return {c.term: c.se for c in self.coefficients}

    def confint(self, level: float = CONFIDENCE) -> dict[str, tuple[float, float]]:
        """Low and high end of each term's interval; ``level`` between 0 and 1. Raises UsageError."""
        if not 0 < level < 1:
            raise UsageError(f"A level of {level} is not between 0 and 1.", "Write level=0.95.")
        z = NormalDist().inv_cdf(0.5 + level / 2)
        return {c.term: (c.estimate - z * c.se, c.estimate + z * c.se) for c in self.coefficients}

    @property
    def params(self) -> dict[str, float]:
        """:meth:`coef`, by its name in statsmodels."""
        return self.coef()

    @property
    def bse(self) -> dict[str, float]:
        """:meth:`se`, by its name in statsmodels."""
        return self.se()

    def summary(self) -> str:
        """What ``tertius fit`` prints: plain text of at most 80 columns."""
        from tertius.report.terminal import summary

        return summary(self)

    def __repr__(self) -> str:
        n = len(self.coefficients)
        return (
            f"<FitResult: {self.model} model of {self.outcome} ({self.response}), {n} term{'s' * (n != 1)}, "
            f"{self.n_events:,.0f} events, {self.n_actors:,} actors, {self.n_slices:,} slices of {self.slice}>"
        )

    def vcov(self, kind: str = "jackknife") -> Floats:
        """(p, p) covariance of the coefficients: "model", "dyadic", "dyad_clustered" or "jackknife"."""
        if kind not in COVARIANCE_KINDS:
            raise KeyError(f"{kind!r}: choose one of {', '.join(COVARIANCE_KINDS)}")
        return np.array(getattr(self.covariances, kind))

    def tidy(self, backend: str | None = None) -> Any:
        """One row a term, as a data frame: backend "pandas", "polars", "pyarrow", or the first that is installed."""
        return frame([_plain(c) for c in self.coefficients], backend)

    def glance(self, backend: str | None = None) -> Any:
        """One row on the whole fit, as a data frame."""
        skip = {"coefficients", "absorbed", "ladder", "covariances", "versions", "warnings", "alternatives"}
        skip |= {"adequacy", "miscoding"}
        return frame([{k: v for k, v in self.to_dict().items() if k not in skip}], backend)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius fit --json``; NaN is None."""
        document = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "covariances"}
        document["coefficients"] = [_plain(c) for c in self.coefficients]
        document["absorbed"] = list(self.absorbed)
        document["versions"] = dict(self.versions)
        document["warnings"] = list(self.warnings)
        document["alternatives"] = list(self.alternatives)
        document["ladder"] = list(self.ladder)
        document["adequacy"] = asdict(self.adequacy) if self.adequacy else None
        document["miscoding"] = asdict(self.miscoding) if self.miscoding else None
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned

    def _repr_html_(self) -> str:
        from tertius.model.tables import fit_table, html

        return html(fit_table(self))

    def to_markdown(self) -> str:
        """The coefficient table in Markdown."""
        from tertius.model.tables import fit_table, markdown

        return markdown(fit_table(self))

    def to_latex(self) -> str:
        """The coefficient table in LaTeX (booktabs)."""
        from tertius.model.tables import fit_table, latex

        return latex(fit_table(self))

    def to_html(self) -> str:
        """The coefficient table in HTML."""
        return self._repr_html_()

    def to_csv(self) -> str:
        """The coefficient table as CSV, to full precision."""
        from tertius.model.tables import csv_text, fit_table

        return csv_text(fit_table(self))


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


def plain(value: Any) -> Any:
    """Numbers, lists and dictionaries that JSON can hold: NaN and infinities become None, numpy types plain ones."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def _plain(line: Any) -> dict[str, Any]:
    return {f.name: plain(getattr(line, f.name)) for f in fields(line)}


def frame(rows: Sequence[Mapping[str, Any]], backend: str | None = None) -> Any:
    """Rows as a data frame of pandas, polars or pyarrow (None: the first of them that is installed)."""
    import importlib.util

    import narwhals as nw

    names = ("pandas", "polars", "pyarrow")
    if backend not in (None, *names):
        near = did_you_mean(str(backend), names)
        raise UsageError(f"There is no data frame '{backend}'.", f"{near}Choose one of: {', '.join(names)}.")
    if backend is not None and importlib.util.find_spec(backend) is None:
        raise UsageError(
            f"{backend} is not installed.", f"Type: pip install {backend}. Or name none: pyarrow comes with tertius."
        )
    chosen: Any = backend or next(b for b in names if importlib.util.find_spec(b))
    columns: dict[str, list[Any]] = {}
    for key in rows[0] if rows else ():
        columns[key] = [row[key] for row in rows]
    return nw.from_dict(columns, backend=chosen).to_native()

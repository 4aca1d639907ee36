"""What a fit says: one frozen :class:`FitResult`, equal to its JSON, with tables for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from statistics import NormalDist
from typing import Any

import numpy as np

from tertius.errors import UsageError
from tertius.events.slices import Floats
from tertius.language import known, say
from tertius.model.beside import Alternative, Rung
from tertius.model.checks.adequacy import Adequacy
from tertius.model.checks.miscoding import Miscoding
from tertius.model.coefficients import HEADINGS, Coefficient, cells
from tertius.model.corrected import Corrected
from tertius.model.robust import Covariances
from tertius.model.tables import Printed, csv_text, html, latex, markdown
from tertius.plain import frame, plain
from tertius.spec import CONFIDENCE

COVARIANCE_KINDS = ("model", "dyadic", "dyad_clustered", "jackknife")


@dataclass(frozen=True, slots=True)
class DataBehind:
    """The data behind a fit.

    Attributes
    ----------
    audit : what was read, kept, dropped and put aside, in a sentence or two; empty where nothing was imported.
    works : works and files to cite, each with its DOI or nothing.
    bibtex : the works as BibTeX.
    """

    audit: str
    works: tuple[tuple[str, str], ...]
    bibtex: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FitResult:
    """A fitted model. Its fields are the keys of the JSON document (see the contract in the documentation).

    ``adequacy`` says how well the model fits (None where it was not asked for, and of the sign model), ``miscoding``
    how many wrong codings would overturn a sign, ``bias_correction`` the coefficients corrected for the bias of order
    1/N (both None unless asked for), ``data`` what the data went through and whom to cite. ``covariances`` holds the
    (p, p) matrices; :meth:`vcov` hands them out.
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
    alternatives: tuple[Alternative, ...]
    ladder: tuple[Rung, ...]
    adequacy: Adequacy | None
    miscoding: Miscoding | None
    covariances: Covariances
    bias_correction: Corrected | None = None
    data: DataBehind | None = None

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
        from tertius.report.pages import summary

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
        skip |= {"adequacy", "miscoding", "bias_correction", "data"}
        return frame([{k: v for k, v in self.to_dict().items() if k not in skip}], backend)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius fit --json``; NaN is None."""
        document = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "covariances"}
        document["coefficients"] = [_plain(c) for c in self.coefficients]
        document["absorbed"] = list(self.absorbed)
        document["versions"] = dict(self.versions)
        document["warnings"] = list(self.warnings)
        document["alternatives"] = [a.to_dict() for a in self.alternatives]
        document["ladder"] = [rung.to_dict() for rung in self.ladder]
        document["adequacy"] = asdict(self.adequacy) if self.adequacy else None
        document["miscoding"] = asdict(self.miscoding) if self.miscoding else None
        document["bias_correction"] = self.bias_correction.to_dict() if self.bias_correction else None
        document["data"] = asdict(self.data) if self.data else None
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned

    def _repr_html_(self) -> str:
        return html(fit_table(self))

    def to_markdown(self) -> str:
        """The coefficient table in Markdown."""
        return markdown(fit_table(self))

    def to_latex(self) -> str:
        """The coefficient table in LaTeX (booktabs)."""
        return latex(fit_table(self))

    def to_html(self) -> str:
        """The coefficient table in HTML."""
        return self._repr_html_()

    def to_csv(self) -> str:
        """The coefficient table as CSV, to full precision."""
        return csv_text(fit_table(self))


def _plain(line: Any) -> dict[str, Any]:
    return {f.name: plain(getattr(line, f.name)) for f in fields(line)}


def note(fit: FitResult) -> str:
    """The line under the table: model, data, what an estimate is, standard errors."""
    kind = say("directed") if fit.directed else say("undirected (net: whose hostility it was cannot be known)")
    steps = say("periods") if fit.model == "within" else say("slices")
    size = say(
        "{kind}, {n_actors:,} actors, {n_dyads:,} dyads at risk, {n_slices:,} {steps} of {slice}, half-life "
        "{half_life}, legs {legs}.",
        kind=kind,
        n_actors=fit.n_actors,
        n_dyads=fit.n_dyads,
        n_slices=fit.n_slices,
        steps=steps,
        slice=fit.slice,
        half_life=fit.half_life,
        legs=fit.legs,
    )
    errors = say("Standard errors: leave one actor out (jackknife).")
    if fit.model == "within":
        meaning = say("Each pair is compared with itself, net of all that each actor does in each period. ")
        return say(
            "Within-pair model of {outcome} ({response}), {size} {meaning}{errors}",
            outcome=fit.outcome,
            response=known(fit.response),
            size=size,
            meaning=meaning,
            errors=errors,
        )
    if fit.model == "sign":
        given = say("one acts on the other") if fit.directed else say("the two interact")
        return say(
            "Sign model ({response}), {size} Estimates are log odds of cooperation, given that {given}. {errors}",
            response=known(fit.response),
            size=size,
            given=given,
            errors=errors,
        )
    return say(
        "Rate model of {outcome} ({response}), {size} {errors}",
        outcome=fit.outcome,
        response=known(fit.response),
        size=size,
        errors=errors,
    )


def fit_table(fit: FitResult) -> Printed:
    """The coefficients; in CSV one column a field of :class:`~tertius.model.coefficients.Coefficient`."""
    names = tuple(f.name for f in fields(fit.coefficients[0])) if fit.coefficients else ()
    rows = [{n: getattr(c, n) for n in names} for c in fit.coefficients]
    return Printed(HEADINGS, [cells(c) for c in fit.coefficients], rows, names, note(fit))

"""The within-pair model of a history: the tensors for :mod:`tertius.model.within.ppml`, and what is shown beside it.

A period is a slice here: the design's slices have the length of ``spec.period``, the outcome of a period is the sum of
its events, and the columns are those of the rate model, read at the period's start. Periods with less than half of
their days observed are left out; the history decays through them.

Beside the estimate stand always

- the split-panel jackknife of every term (dyad effects bias lagged outcomes: Nickell 1981, doi:10.2307/1911408),
- the fit without inertia (a biased term bends its neighbours; dropping it biases them too: neither alone is the truth),
- the fit with the legs combined the other way (min or sqrt),
- where asked for, the coefficients corrected for the bias of order 1/N (:mod:`tertius.model.within.bias`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import ModelError
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.language import say
from tertius.model.beside import Alternative, AlternativeCoefficient
from tertius.model.budget import check_memory, design_bytes
from tertius.model.corrected import Corrected, corrected
from tertius.model.design import FEWER, NAMES, CovariateColumn, Design, build_design, columns_of
from tertius.model.robust import Covariances, covariances, standard_errors
from tertius.model.within.bias import bias_bytes
from tertius.model.within.ppml import Estimate, WithinFit, estimate_ppml, fit_ppml
from tertius.model.within.split_panel import SplitPanel, split_panel_jackknife
from tertius.progress import Progress, Teller
from tertius.spec import ModelSpec

TENSORS = 8  # besides columns: outcome, means of two fits, the engine's weights, and what is gathered from
BESIDE = 16  # arrays of dyads and periods, besides columns, that Newton's method holds at once
OTHER_LEGS = {"min": "sqrt", "sqrt": "min", "product": "min", "binary": "min"}
INERTIA = "inertia"


@dataclass(frozen=True, slots=True)
class WithinModel:
    """A fitted within-pair model. p terms, T periods in the likelihood.

    Attributes
    ----------
    design : the columns that were estimated.
    beta : (p,) per unit of the transformed column.
    sd : (p,) standard deviation of the demeaned column: what a pair's deviation from itself amounts to.
    cov : the four covariances.
    fit : the engine's result.
    periods : (T,) indices of the periods in the likelihood.
    alternatives : split-panel jackknife, without inertia, other legs, bias-corrected.
    corrected : the coefficients corrected for the bias of order 1/N, where asked for.
    notes : sentences for the reader.
    """

    design: Design
    beta: Floats
    sd: Floats
    cov: Covariances
    fit: WithinFit
    periods: Ints
    alternatives: tuple[Alternative, ...]
    corrected: Corrected | None
    notes: tuple[str, ...]

    @property
    def absorbed_reasons(self) -> dict[str, str]:
        """Why each absorbed term was left out."""
        return {a.term: a.reason for a in self.fit.absorbed}

    @property
    def covered(self) -> Bools:
        """(S,) periods for which an expected outcome exists: those of the likelihood."""
        covered = np.zeros(self.design.slices.n_slices, dtype=bool)
        covered[self.periods] = True
        return covered

    def expected(self, slices: Ints) -> Iterator[tuple[int, Floats]]:
        """Yield (period, (D,) expected outcome of the dyads at risk); periods outside the likelihood are left out."""
        at = {int(s): t for t, s in enumerate(self.periods)}
        for s in slices:
            if int(s) in at:
                yield int(s), self.fit.mu[at[int(s)]].ravel()[self.design.at_risk]


def fit_within(
    slices: DyadSlices,
    spec: ModelSpec,
    covariates: tuple[AnyCovariate, ...] = (),
    *,
    alternatives: bool = True,
    progress: Callable[[str], None] | None = None,
) -> WithinModel:
    """Fit the within-pair model to slices that are periods.

    Parameters
    ----------
    slices : events by period (their ``length`` is the period).
    spec : resolved, model "within".
    covariates : columns from outside; cells in which one is missing leave the likelihood.
    alternatives : also fit what stands beside the estimate.
    progress : called with a line before every fit, and with the time left where columns take seconds.

    Raises
    ------
    UnknownEffect, NotEnoughData, EmptyData, Separation, NoConvergence : with the way out.
    """
    tell = Teller(progress)
    with threadpool_limits(1):
        panel = panel_of(slices, spec, covariates, tell)
        fits = 1 + len(_NAMES) if alternatives else 1
        tell.line(Progress(say("within-pair model"), 0, fits, unit=say("fits")))
        fit = panel.fit(bias_correction=spec.bias_correction)
        cov = covariances_of(fit, spec)
        notes = list(fit.warnings)
        beside: list[Alternative] = []
        if alternatives:
            for n, make in enumerate((_split_panel, _without_inertia, _other_legs), 1):
                what = say("within-pair model, {other}", other=_NAMES[make])
                tell.line(Progress(what, n, fits, unit=say("fits")))
                try:
                    found = make(panel, spec, fit)
                except ModelError as error:
                    notes.append(
                        say(
                            "The alternative {names!r} could not be estimated: {message}",
                            names=_NAMES[make],
                            message=error.message,
                        )
                    )
                else:
                    beside += [found] if found else []
    less_bias = corrected_of(panel, fit)
    if less_bias is not None:
        nan = float("nan")  # an error of another kind than the others', which stands in ``corrected``
        lines = (AlternativeCoefficient(c.term, c.estimate, nan, c.estimate_sd) for c in less_bias.coefficients)
        beside.append(Alternative("bias-corrected", tuple(lines)))
    design = panel.design.without([k for k, n in enumerate(panel.design.names) if n not in fit.names])
    return WithinModel(
        design, fit.beta, fit.within_sd, cov, fit, panel.design.used, tuple(beside), less_bias, tuple(notes)
    )


@dataclass(frozen=True, slots=True)
class Panel:
    """The tensors of a design: Y (T, N, N) and X, p of (T, N, N), undirected ones symmetric; and the cells (T, N, N)
    at risk (not the diagonal, no covariate missing)."""

    design: Design
    Y: Floats
    X: tuple[Floats, ...]
    at_risk: Bools

    def fit(
        self,
        mask: Bools | None = None,
        terms: tuple[str, ...] | None = None,
        like: WithinFit | None = None,
        bias_correction: bool = False,
    ) -> WithinFit:
        """The engine on these tensors, all periods or those of a (T,) mask, all columns or those named; ``like`` is a
        fit of the same cells."""
        names = self.design.names
        chosen = {n: x for n, x in zip(names, self.X, strict=True) if terms is None or n in terms}
        cells = self.at_risk if mask is None else self.at_risk & mask[:, None, None]
        return fit_ppml(
            self.Y, tuple(chosen.values()), directed=self.design.slices.directed, mask=cells, names=tuple(chosen),
            like=like, bias_correction=bias_correction,
        )  # fmt: skip

    def estimate(self, mask: Bools) -> Estimate:
        """The coefficients alone, of the periods of a (T,) mask."""
        return estimate_ppml(
            self.Y, self.X, directed=self.design.slices.directed, mask=self.at_risk & mask[:, None, None],
            names=self.design.names,
        )  # fmt: skip


def within_bytes(slices: DyadSlices, p: int) -> int:
    """Memory of the within-pair model of p columns, at most: the design; tensors of all pairs (columns, those of other
    legs, the outcome and its means); and the engine's arrays of the dyads that ever act, with what standard errors
    need of each."""
    n, T, D = slices.n_actors, int(slices.observed.sum()), slices.n_dyads
    tensors = 8 * n * n * T * (2 * p + TENSORS)
    engine = 8 * min(D, len(slices.dyad)) * (T * (p + BESIDE) + 6 * p * p)
    return design_bytes(n, D, p) + tensors + engine


def panel_of(
    slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...] = (), tell: Teller | None = None
) -> Panel:
    """Outcome and columns of every observed period that has a past; nothing is sampled."""
    needed = within_bytes(slices, len(columns_of(slices, spec, covariates)))
    if spec.bias_correction:
        needed += bias_bytes(slices.n_actors, int(slices.observed.sum()))
    check_memory(needed, NAMES["within"], slices, f"Choose a longer --period. {FEWER}")
    design = build_design(slices, replace(spec, sample=None), covariates)
    first = int(design.used[0])
    design = design.over(np.flatnonzero(slices.observed & (np.arange(slices.n_slices) >= first)))
    n, T = slices.n_actors, len(design.used)
    Y = np.zeros((T, n, n))
    values = slices.outcome(spec.outcome, spec.response or "count")
    for t, s in enumerate(design.used.tolist()):
        at = slices.entries(s)
        Y[t].ravel()[slices.dyad[at]] = values[at]
        if not slices.directed:
            Y[t] += Y[t].T.copy()
    return Panel(design, Y, *_tensors(design, tell or Teller(None)))


def _tensors(design: Design, tell: Teller) -> tuple[tuple[Floats, ...], Bools]:
    """X, p of (T, N, N), and the cells at risk (T, N, N), symmetric where undirected."""
    n, T = design.slices.n_actors, len(design.used)
    X = np.zeros((len(design.columns), T, n, n))
    at_risk = np.zeros((T, n, n), dtype=bool)
    i, j = np.divmod(design.at_risk, n)
    ends = (design.at_risk,) if design.slices.directed else (design.at_risk, j * n + i)
    tell.start(say("columns of periods"))
    for t, (_, raw) in enumerate(design.blocks(0, T)):
        tell.done(t, T)
        block, out = design.without_missing(raw)
        for cells in ends:
            at_risk[t].ravel()[cells] = True if out is None else ~out
            for x, column in zip(X, block, strict=True):
                x[t].ravel()[cells] = column
    return tuple(X), at_risk


def covariances_of(fit: WithinFit, spec: ModelSpec) -> Covariances:
    """The four covariances; the model's own scaled by Pearson's phi where the response is weights."""
    phi = fit.phi if spec.response == "weight" else 1.0
    return covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, phi=phi, left_out=fit.left_out)


def corrected_of(panel: Panel, fit: WithinFit) -> Corrected | None:
    """The fit's correction as a result; None where it was not asked for."""
    if fit.correction is None:
        return None
    lagged = [c.name for c in panel.design.columns if c.transformed]
    return corrected(fit.correction, fit.within_sd, lagged, directed=panel.design.slices.directed)


def _split_panel(panel: Panel, spec: ModelSpec, fit: WithinFit) -> Alternative:
    def part(kept: Bools) -> Estimate | WithinFit:
        return fit if kept.all() else panel.estimate(kept)  # all periods are fitted already

    split: SplitPanel = split_panel_jackknife(part, len(panel.design.used))
    sd = dict(zip(fit.names, fit.within_sd, strict=True))
    lines = [
        AlternativeCoefficient(n, float(b), float("nan"), float(b * sd[n]))
        for n, b in zip(split.names, split.corrected, strict=True)
    ]
    return Alternative(say("split-panel jackknife"), tuple(lines))


def _without_inertia(panel: Panel, spec: ModelSpec, fit: WithinFit) -> Alternative | None:
    kept = tuple(n for n in panel.design.names if not n.startswith(INERTIA))
    if len(kept) in (0, len(panel.design.names)):
        return None
    return _lines(say("without inertia"), panel.fit(terms=kept, like=fit), spec)


def _other_legs(panel: Panel, spec: ModelSpec, fit: WithinFit) -> Alternative | None:
    legs = OTHER_LEGS[spec.legs or "min"]
    own = panel.design
    same = [k for k, c in enumerate(own.columns) if not c.two_path]  # whatever the legs: neither unit nor tensor anew
    if len(same) == len(own.columns):
        return None
    units = tuple((own.names[k], float(own.scales[k])) for k in same if own.columns[k].transformed)
    asked = replace(spec, sample=None, legs=legs, scales=(*spec.scales, *units))
    design = build_design(own.slices, asked, _covariates(panel)).without(same).over(own.used)
    anew = iter(_tensors(design, Teller(None))[0])
    X = tuple(next(anew) if c.two_path else x for c, x in zip(own.columns, panel.X, strict=True))
    return _lines(say("legs {legs}", legs=legs), replace(panel, X=X).fit(like=fit), spec)


_NAMES: dict[Callable[[Panel, ModelSpec, WithinFit], Alternative | None], str] = {
    _split_panel: say("split-panel jackknife"),
    _without_inertia: say("without inertia"),
    _other_legs: say("other legs"),
}


def _covariates(panel: Panel) -> tuple[AnyCovariate, ...]:
    return tuple(c.covariate for c in panel.design.columns if isinstance(c, CovariateColumn))


def _lines(name: str, fit: WithinFit, spec: ModelSpec) -> Alternative:
    errors = standard_errors(covariances_of(fit, spec).jackknife)
    columns = zip(fit.names, fit.beta, errors, fit.within_sd, strict=True)
    lines = (AlternativeCoefficient(n, float(b), float(e), float(b * sd)) for n, b, e, sd in columns)
    return Alternative(name, tuple(lines))

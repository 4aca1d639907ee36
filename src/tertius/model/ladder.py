"""The ladder: one effect, asked again with more and more taken out, side by side.

1 rate            who acts next, given that someone does
2 + covariates    the same, with what is known of the dyads; only where that leaves half of rung 1's outcome
3 + dyad effects  each pair compared with itself, net of what every period does to all
4 within-pair     and net of all that each actor does in each period (the default answer)
6 sensitivity     rung 4 over half-lives, legs, periods, kinds of event, with and without inertia: a specification curve
                  (Simonsohn, Simmons & Nelson 2020, doi:10.1038/s41562-020-0912-z)

Rung 5, the event study, belongs to the certificate and is listed as not available here. An effect that stands on one
rung only is not a finding; a curve that crosses zero is not one either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from tertius.errors import ModelError, TertiusError
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import DyadSlices
from tertius.model.design import build_design
from tertius.model.rate import fit_rate
from tertius.model.result import Coefficient, coefficient_table, plain
from tertius.model.robust import covariances
from tertius.model.tables import number
from tertius.model.two_way import fit_two_way
from tertius.model.within import INERTIA, Panel, covariances_of, panel_of
from tertius.spec import DEFAULT_LEGS, Duration, HalfLife, ModelSpec

NAMES = {1: "rate", 2: "+ covariates", 3: "+ dyad effects", 4: "within-pair", 5: "event study", 6: "sensitivity"}
HALF_LIVES = ("30d", "90d", "1y")
LEGS = ("min", "sqrt", "binary")
LEGS_THAT_DECAY = ("min", "sqrt")
KINDS = ("verbal", "material")
SHARE_FOR_RUNG_2 = 0.5

SlicesFor = Callable[[Duration, str], DyadSlices]
"""(length, "all", "verbal" or "material") -> slices of that length from events of that kind."""

CovariatesFor = Callable[[DyadSlices], tuple[AnyCovariate, ...]]
"""slices -> the covariates of their actors."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung.

    Attributes
    ----------
    rung, name : number and name.
    status : "estimated", "not available" or "refused".
    coefficients : lines of the table, or None.
    path : of the event study; None here.
    curve : of the specification curve, sorted by size, or None.
    n : outcome (events or weight) in the likelihood.
    absorbed : terms left out.
    text : a sentence.
    """

    rung: int
    name: str
    status: str
    coefficients: tuple[Coefficient, ...] | None
    path: None
    curve: tuple[dict[str, Any], ...] | None
    n: float | None
    absorbed: tuple[str, ...]
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Its JSON."""
        cleaned = plain(asdict(self))
        assert isinstance(cleaned, dict)
        return cleaned


def climb(
    slices_for: SlicesFor, spec: ModelSpec, covariates_for: CovariatesFor, term: str, legs: str | None = None
) -> tuple[Rung, ...]:
    """All rungs for one spec.

    Parameters
    ----------
    slices_for : makes slices.
    spec : resolved for the rate model.
    legs : of every rung; None takes each model's default (rungs 1 and 2 sqrt, the others min).
    covariates_for : the covariates for some slices' actors (none: an empty tuple).
    term : the effect that the texts and the curve are about.
    """
    assert spec.slice is not None
    rate_spec = replace(spec, model="rate", legs=legs or DEFAULT_LEGS["rate"])
    within_spec = replace(spec, model="within", legs=legs or DEFAULT_LEGS["within"], slice=spec.period)
    slices = slices_for(spec.slice, "all")
    covariates = covariates_for(slices)
    own = tuple(e for e in spec.effects or () if e not in {c.name for c in covariates}) or None
    first = _guarded(1, term, lambda: _rate(1, slices, replace(rate_spec, effects=own), (), term))
    rungs = [first]
    use = bool(covariates)
    if covariates:
        second = _guarded(2, term, lambda: _rate(2, slices, rate_spec, covariates, term, first.n))
        use = second.status == "estimated"
        rungs.append(second)
    else:
        rungs.append(_absent(2, "No covariates were given (--covariates)."))
    by_period = slices_for(spec.period, "all")
    outside = covariates_for(by_period) if use else ()
    within_spec = within_spec if use else replace(within_spec, effects=own)
    rungs.append(_guarded(3, term, lambda: _two_way(by_period, within_spec, outside, term)))
    rungs.append(_guarded(4, term, lambda: _within(by_period, within_spec, outside, term)))
    rungs.append(_absent(5, "The event study comes with the certificate."))
    rungs.append(_guarded(6, term, lambda: _curve(slices_for, within_spec, covariates_for if use else _none, term)))
    if covariates and not use:
        rungs[2:] = [
            replace(r, text=f"{r.text} Without the covariates.") if r.status == "estimated" else r for r in rungs[2:]
        ]
    return tuple(rungs)


def _none(_: DyadSlices) -> tuple[AnyCovariate, ...]:
    return ()


def _guarded(rung: int, term: str, make: Callable[[], Rung]) -> Rung:
    try:
        return make()
    except ModelError as error:
        return Rung(rung, NAMES[rung], "refused", None, None, None, None, (), error.message)


def _absent(rung: int, why: str) -> Rung:
    return Rung(rung, NAMES[rung], "not available", None, None, None, None, (), why)


def _rate(
    rung: int,
    slices: DyadSlices,
    spec: ModelSpec,
    covariates: tuple[AnyCovariate, ...],
    term: str,
    n_before: float | None = None,
) -> Rung:
    fit = fit_rate(build_design(slices, spec, covariates))
    if n_before and fit.total < SHARE_FOR_RUNG_2 * n_before:
        return _absent(
            rung,
            f"The covariates leave {fit.total:,.0f} of {n_before:,.0f}, less than half: not comparable with rung 1.",
        )
    lines = coefficient_table(fit.design.names, fit.beta, fit.cov, fit.sd, fit.design.scales)
    return _rung(rung, lines, fit.total, tuple(a.term for a in fit.absorbed), term, spec)


def _two_way(slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...], term: str) -> Rung:
    panel = panel_of(slices, spec, covariates)
    cells = panel.design.at_risk
    n = slices.n_actors
    T = len(panel.Y)
    y = panel.Y.reshape(T, n * n)[:, cells].T
    x = panel.X.reshape(len(panel.X), T, n * n)[:, :, cells].transpose(2, 0, 1)
    live = panel.at_risk.reshape(T, n * n)[:, cells].T
    beta, U, H, kept, terms = fit_two_way(y, x, live)
    ends = cells[kept]
    keys, place = np.unique(np.minimum(ends // n, ends % n) * n + np.maximum(ends // n, ends % n), return_inverse=True)
    U_d, H_d = np.zeros((len(keys), len(terms))), np.zeros((len(keys), len(terms), len(terms)))
    np.add.at(U_d, place, U)
    np.add.at(H_d, place, H)
    cov = covariances(U_d, H_d, keys // n, keys % n, n)
    names = [panel.design.names[k] for k in terms]
    total = float(y[kept][live[kept]].sum())
    sd = np.sqrt(np.diag(H_d.sum(axis=0)) / total)
    lines = coefficient_table(names, beta, cov, sd, panel.design.scales[terms])
    absorbed = tuple(name for k, name in enumerate(panel.design.names) if k not in terms)
    return _rung(3, lines, total, absorbed, term, spec)


def _within(slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...], term: str) -> Rung:
    panel = panel_of(slices, spec, covariates)
    fit = panel.fit()
    scales = dict(zip(panel.design.names, panel.design.scales, strict=True))
    lines = coefficient_table(
        fit.names, fit.beta, covariances_of(fit, spec), fit.within_sd, np.array([scales[n] for n in fit.names])
    )
    total = float(fit.mu.sum()) * (1.0 if slices.directed else 0.5)
    return _rung(4, lines, total, tuple(a.name for a in fit.absorbed), term, spec)


def _curve(slices_for: SlicesFor, spec: ModelSpec, covariates_for: CovariatesFor, term: str) -> Rung:
    """Half-lives x legs, with and without inertia; the doubled period; verbal and material events alone.

    Binary legs ask whether anything ever came before, whatever the half-life, and are asked once.
    """
    points: list[Any] = []  # None: a specification that was refused
    slices = slices_for(spec.period, "all")
    half_lives = dict.fromkeys((str(spec.half_life), *HALF_LIVES))
    for half_life in half_lives:
        for legs in LEGS if half_life == str(spec.half_life) else LEGS_THAT_DECAY:
            varied = replace(spec, half_life=HalfLife.parse(half_life), legs=legs)
            points += _points(slices, varied, covariates_for(slices), term, "all")
    double = Duration(2 * spec.period.n, spec.period.unit)
    points += _points_of(slices_for, double, "all", replace(spec, period=double, slice=double), covariates_for, term)
    if slices.directed:
        for kind in KINDS:
            points += _points_of(slices_for, spec.period, kind, spec, covariates_for, term)
    attempts = [p for p in points if p is not None]
    refused = len(points) - len(attempts)
    points = attempts
    points.sort(key=lambda point: point["estimate_sd"])
    if not points:
        return Rung(6, NAMES[6], "refused", None, None, None, None, (), f"No specification could estimate {term}.")
    estimates = np.array([p["estimate_sd"] for p in points])
    above = sum(p["ci_low"] > 0 for p in points)
    below = sum(p["ci_high"] < 0 for p in points)
    text = (
        f"{term} in {len(points)} specifications: {number(estimates.min())} to {number(estimates.max())} per standard "
        f"deviation, median {number(float(np.median(estimates)))}; the interval lies above zero in {above}, below in "
        f"{below}." + (f" {refused} more could not be estimated." if refused else "")
    )
    return Rung(6, NAMES[6], "estimated", None, None, tuple(points), None, (), text)


def _points_of(
    slices_for: SlicesFor, length: Duration, kind: str, spec: ModelSpec, covariates_for: CovariatesFor, term: str
) -> list[dict[str, Any] | None]:
    try:
        slices = slices_for(length, kind)
    except TertiusError:  # too few periods, or no event of the kind
        return [None]
    return _points(slices, spec, covariates_for(slices), term, kind)


def _points(
    slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...], term: str, kind: str
) -> list[dict[str, Any] | None]:
    """The term with and without inertia under one spec; None where the model is refused."""
    try:
        panel = panel_of(slices, spec, covariates)
    except ModelError:
        return [None]
    others = tuple(n for n in panel.design.names if not n.startswith(INERTIA))
    found: list[dict[str, Any] | None] = []
    for inertia in (True, False) if len(others) < len(panel.design.names) else (False,):
        line = _line(panel, spec, term, None if inertia else others)
        if line is None:
            found.append(None)
        else:
            found.append(
                {
                    "half_life": str(spec.half_life),
                    "legs": spec.legs,
                    "period": str(spec.period),
                    "kind": kind,
                    "inertia": inertia,
                    "estimate": line.estimate,
                    "estimate_sd": line.estimate_sd,
                    "ci_low": line.ci_low * line.sd,
                    "ci_high": line.ci_high * line.sd,
                    "z": line.z,
                }
            )
    return found


def _line(panel: Panel, spec: ModelSpec, term: str, terms: tuple[str, ...] | None) -> Coefficient | None:
    try:
        fit = panel.fit(terms=terms)
    except ModelError:
        return None
    if term not in fit.names:
        return None
    table = coefficient_table(fit.names, fit.beta, covariances_of(fit, spec), fit.within_sd, np.ones(len(fit.names)))
    return next(line for line in table if line.term == term)


def _rung(
    rung: int, lines: tuple[Coefficient, ...], n: float, absorbed: tuple[str, ...], term: str, spec: ModelSpec
) -> Rung:
    line = next((c for c in lines if c.term == term), None)
    if line is None:
        text = f"{term} is not among the terms that can be estimated here."
    else:
        text = (
            f"{term} {number(line.estimate_sd)} per standard deviation, 95 % interval "
            f"{number(line.ci_low * line.sd)} to {number(line.ci_high * line.sd)}; n = {n:,.0f}, legs {spec.legs}."
        )
    return Rung(rung, NAMES[rung], "estimated", lines, None, None, n, absorbed, text)

"""From slices and a question to a result: the model that the spec names, and its :class:`FitResult`.

The sentences of ``warnings`` are gathered here: columns left out, intervals that had to change their error, slices left
out, where the unit c came from.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tertius.errors import UsageError
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import DyadSlices
from tertius.language import joined, say
from tertius.model.beside import Alternative
from tertius.model.checks.adequacy import Adequacy, adequacy_of_rate, adequacy_of_within, remark
from tertius.model.checks.miscoding import Miscoding, miscoding
from tertius.model.coefficients import Coefficient, coefficient_table
from tertius.model.corrected import Corrected
from tertius.model.design import Design, build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.rate.sampling import ENOUGH_CONTROLS
from tertius.model.result import FitResult
from tertius.model.robust import Covariances, remarks
from tertius.model.sign import SignFit, fit_sign
from tertius.model.within.model import WithinModel, fit_within
from tertius.progress import OnProgress
from tertius.spec import ModelSpec

Fitted = RateFit | WithinModel | SignFit


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from: command, hash of the data, versions, and memory (a function, read at the end)."""

    command: str
    data_hash: str
    versions: Mapping[str, str]
    peak_memory_mb: Callable[[], float | None]


def estimate(
    slices: DyadSlices,
    spec: ModelSpec,
    origin: Provenance,
    covariates: tuple[AnyCovariate, ...] = (),
    *,
    began: float,
    notes: tuple[str, ...] = (),
    progress: OnProgress | None = None,
) -> tuple[FitResult, Fitted]:
    """Fit the spec's model.

    Parameters
    ----------
    slices : events by slice (rate) or by period (within).
    spec : resolved.
    origin : for the result.
    covariates : columns from outside.
    began : ``time.perf_counter()`` at the start of the work, for ``seconds``.
    notes : sentences to keep with the result.
    progress : called with a line after every step.

    Raises
    ------
    UnknownEffect, ModelError : with the way out.
    """
    if spec.bias_correction and spec.model != "within":
        raise UsageError(
            f"--bias-correction is of the within-pair model, and the model here is {spec.model}.",
            "Use --model within, or leave --bias-correction out.",
        )
    made = ESTIMATORS[spec.model or ""](slices, spec, covariates, progress)
    return _result(made, slices, spec, origin, began, notes), made.fitted


@dataclass(frozen=True, slots=True)
class Estimated:
    """What a model gives to its result.

    Attributes
    ----------
    fitted : the model.
    design : of the columns that were estimated.
    lines : of the table of coefficients.
    cov : their covariances.
    absorbed : columns left out, with reasons.
    log_likelihood : at the estimate.
    n_slices, n_periods : in the likelihood; ``n_periods`` None: it knows no periods.
    n_events : outcome in the likelihood.
    dispersion : Pearson's.
    iterations : of Newton's method.
    notes : sentences for the reader.
    alternatives : other ways beside it.
    adequacy, miscoding, bias_correction : None where they were not asked for.
    """

    fitted: Fitted
    design: Design
    lines: tuple[Coefficient, ...]
    cov: Covariances
    absorbed: Mapping[str, str]
    log_likelihood: float | None
    n_slices: int
    n_events: float
    dispersion: float
    iterations: int
    notes: tuple[str, ...]
    n_periods: int | None = None
    alternatives: tuple[Alternative, ...] = ()
    adequacy: Adequacy | None = None
    miscoding: Miscoding | None = None
    bias_correction: Corrected | None = None


def _rate(
    slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...], progress: OnProgress | None
) -> Estimated:
    rate = fit_rate(build_design(slices, spec, covariates, progress=progress), progress=progress)
    lines = coefficient_table(rate.design.names, rate.beta, rate.cov, rate.sd, rate.design.scales)
    notes = [say("{term} is left out: it {reason}.", term=a.term, reason=a.reason) for a in rate.absorbed]
    notes += _share_left(rate.design, rate.total) + _shared_notes(rate.design, rate.cov, lines)
    if rate.precision == "float32":
        notes.append(
            say(
                "Columns are in single precision ({passes} passes over all slices); sums are in double.",
                passes=rate.passes,
            )
        )
    if rate.cells is not None and spec.sample is not None:
        notes.append(_sampled(rate, spec.sample, slices.n_dyads))
    asked = spec.adequacy != "none"
    adequacy = adequacy_of_rate(rate, progress=progress) if asked and rate.design.sample is None else None
    if asked and adequacy is None:
        notes.append(say("How well the model fits is not computed for a sampled risk set."))
    return Estimated(
        fitted=rate,
        design=rate.design,
        lines=lines,
        cov=rate.cov,
        absorbed=rate.absorbed_reasons,
        log_likelihood=rate.log_likelihood,
        n_slices=len(rate.design.used),
        n_events=rate.total,
        dispersion=rate.phi,
        iterations=rate.iterations,
        notes=tuple(notes),
        adequacy=adequacy,
        miscoding=_miscoding(rate, spec, progress),
    )


def _sampled(rate: RateFit, controls: int, dyads: int) -> str:
    """How the risk set was sampled."""
    noise = say("Standard errors include sampling noise")
    if controls < ENOUGH_CONTROLS:
        noise += say(", which is underestimated with few controls: try --sample 20, and a second --seed")
    return say(
        "The risk set is sampled: {controls} controls for each dyad with events in a slice, {cells:,} cells of "
        "{used:,}. {noise}.",
        controls=controls,
        cells=rate.cells,
        used=len(rate.design.used) * dyads,
        noise=noise,
    )


def _within(
    slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...], progress: OnProgress | None
) -> Estimated:
    model = fit_within(slices, spec, covariates, progress=progress)
    lines = coefficient_table(model.design.names, model.beta, model.cov, model.sd, model.design.scales)
    d = model.fit.dropped
    notes = [
        *model.notes,
        say(
            "{cells:,} cells are in the likelihood; without information: {zero_dyads:,} of pairs that never have the "
            "outcome, {zero_actor_periods:,} of actors without it in the period, {combinations:,} separated by "
            "combinations.",
            cells=model.fit.cells,
            zero_dyads=d.zero_dyads,
            zero_actor_periods=d.zero_actor_periods,
            combinations=d.combinations,
        ),
    ]
    total = float(model.fit.mu.sum()) * (1.0 if slices.directed else 0.5)
    notes += _share_left(model.design, total) + _shared_notes(model.design, model.cov, lines)
    if model.corrected is not None:
        notes.append(model.corrected.text)
    adequacy = None
    if spec.adequacy != "none":
        adequacy = adequacy_of_within(model, held_out=spec.adequacy == "full", progress=progress)
    return Estimated(
        fitted=model,
        design=model.design,
        lines=lines,
        cov=model.cov,
        absorbed=model.absorbed_reasons,
        log_likelihood=model.fit.log_likelihood,
        n_slices=len(model.periods),
        n_periods=len(model.periods),
        n_events=total,
        dispersion=model.fit.phi,
        iterations=model.fit.iterations,
        notes=tuple(notes),
        alternatives=model.alternatives,
        adequacy=adequacy,
        miscoding=_miscoding(model, spec, progress),
        bias_correction=model.corrected,
    )


def _sign(
    slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...], progress: OnProgress | None
) -> Estimated:
    if spec.miscoding is not None:
        raise UsageError("--miscoding turns signs, and the sign model explains them.", "Use --model within or rate.")
    sign = fit_sign(slices, spec, covariates, progress=progress)
    lines = coefficient_table(sign.design.names, sign.gamma, sign.cov, sign.sd, sign.design.scales)
    return Estimated(
        fitted=sign,
        design=sign.design,
        lines=lines,
        cov=sign.cov,
        absorbed=sign.absorbed_reasons,
        log_likelihood=sign.log_likelihood,
        n_slices=sign.slices,
        n_events=sign.total,
        dispersion=sign.phi,
        iterations=sign.iterations,
        notes=(*sign.notes, *_shared_notes(sign.design, sign.cov, lines)),
    )


Estimator = Callable[[DyadSlices, ModelSpec, tuple[AnyCovariate, ...], OnProgress | None], Estimated]

ESTIMATORS: Mapping[str, Estimator] = {"rate": _rate, "within": _within, "sign": _sign}
"""How the model of each of :data:`tertius.spec.MODELS` is estimated."""


def _miscoding(fitted: RateFit | WithinModel, spec: ModelSpec, progress: OnProgress | None) -> Miscoding | None:
    return miscoding(fitted, spec.miscoding, seed=spec.seed, progress=progress) if spec.miscoding else None


def _share_left(design: Design, total: float) -> list[str]:
    """How much of the outcome has every covariate."""
    sl = design.slices
    if all(c.transformed for c in design.columns):
        return []
    whole = sl.per_slice(sl.outcome(design.spec.outcome, design.spec.response or "count"))[design.used].sum()
    return [
        say(
            "Dyads with every covariate hold {total:.0f} % of the outcome; the others are left out.",
            total=100 * total / whole,
        )
    ]


def _shared_notes(design: Design, cov: Covariances, lines: tuple[Coefficient, ...]) -> list[str]:
    said = list(remarks(cov, design.names, design.slices.actors))
    replaced = [c.term for c in lines if c.se_jackknife != c.se_jackknife and c.se_dyadic == c.se_dyadic]
    if replaced:
        said.append(
            say(
                "Intervals of {join} use dyadic-robust errors, because the jackknife variance is not positive.",
                join=joined(replaced, ", "),
            )
        )
    if design.spec.transform == "log1p" and design.scale_slices < design.scale_of:
        said.append(
            say(
                "The unit c of log(1 + x / c) is the median over {scale_slices} of {scale_of} slices, evenly "
                "spaced; the fit itself is over all of them.",
                scale_slices=design.scale_slices,
                scale_of=design.scale_of,
            )
        )
    if not design.slices.directed:
        said.append(say("Net, undirected data: whose hostility it was cannot be known."))
        if design.spec.response == "count":
            said.append(say("A count here is of days with a net weight of the sign, not of events."))
    sl = design.slices
    unobserved = int((~sl.observed).sum())
    if unobserved:
        said.append(
            say(
                "{unobserved} slice(s) of {length} with less than half of their days observed are left out.",
                unobserved=unobserved,
                length=sl.length,
            )
        )
    if (gone := float((np.diff(sl.edges) - sl.exposure)[1:-1].sum())) >= 1:
        said.append(
            say(
                "{gone:,.0f} days inside the span were not observed: the history holds the others alone, so that after "
                "such days past cooperation, hostility and pressure look smaller than they were.",
                gone=gone,
            )
        )
    return said


def _result(
    made: Estimated, slices: DyadSlices, spec: ModelSpec, origin: Provenance, began: float, notes: tuple[str, ...]
) -> FitResult:
    worse = remark(made.adequacy) if made.adequacy else None
    return FitResult(
        model=spec.model or "",
        outcome=spec.outcome,
        response=spec.response or "count",
        directed=slices.directed,
        coefficients=made.lines,
        absorbed=tuple({"term": term, "reason": reason} for term, reason in made.absorbed.items()),
        log_likelihood=made.log_likelihood if spec.response == "count" else None,
        n_slices=made.n_slices,
        n_periods=made.n_periods,
        n_actors=slices.n_actors,
        n_dyads=slices.n_dyads,
        n_events=made.n_events,
        risk_set="full" if spec.sample is None else "sampled",
        half_life=str(spec.half_life),
        slice=str(slices.length),
        period=str(spec.period),
        transform=spec.transform,
        legs=spec.legs or "",
        decay_to=spec.decay_to,
        scale_slices=made.design.scale_slices,
        dispersion=made.dispersion,
        iterations=made.iterations,
        seconds=time.perf_counter() - began,
        peak_memory_mb=origin.peak_memory_mb(),
        command=origin.command,
        versions=origin.versions,
        data_hash=origin.data_hash,
        seed=spec.seed,
        warnings=(*notes, *made.notes, *([worse] if worse else [])),
        alternatives=made.alternatives,
        ladder=(),
        adequacy=made.adequacy,
        miscoding=made.miscoding,
        covariances=made.cov,
        bias_correction=made.bias_correction,
    )

"""A fit: the question resolved, events in slices, the model, and the ladder beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from tertius.answers.attribution import foe_effect
from tertius.errors import NoConvergence, NotEnoughData, Separation, UsageError, memory_named
from tertius.events.covariates import AnyCovariate
from tertius.events.data import EventData
from tertius.events.slices import DyadSlices
from tertius.model.checks.ladder import climb
from tertius.model.estimate import Fitted, Provenance, estimate
from tertius.model.result import FitResult
from tertius.progress import Progress
from tertius.sources.covariates import read_covariates
from tertius.sources.loading import load
from tertius.spec import DEFAULT_ADEQUACY, DEFAULT_OUTCOME, Duration, HalfLife, ModelSpec
from tertius.study.asking import command_line, given_options, reading_flags, resolve_spec
from tertius.study.folder import check_save, peak_memory_mb, save_study, versions


@memory_named()
def fit(
    data: Any,
    *,
    model: str | None = None,
    outcome: str | None = None,
    response: str | None = None,
    effects: str | Iterable[str] | None = None,
    half_life: str | HalfLife | None = None,
    slice: str | Duration | None = None,
    period: str | Duration | None = None,
    transform: str | None = None,
    legs: str | None = None,
    decay_to: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    actors: str | Iterable[str] | None = None,
    covariates: str | PurePath | Iterable[str | PurePath] | None = None,
    carry: str | Duration | None = None,
    scales: Mapping[str, float] | Iterable[tuple[str, float]] | None = None,
    adequacy: str | None = None,
    miscoding: str | None = None,
    sample: int | None = None,
    seed: int | None = None,
    ladder: bool = False,
    save: str | Path | None = None,
    progress: Progress | None = None,
) -> FitResult:
    """Fit a model of who acts towards whom.

    Parameters
    ----------
    data : anything that :func:`tertius.load` takes.
    model : "rate", "within" or "sign" (default: within where there are 12 periods or more, else rate).
    outcome : "cooperation" (the default), "hostility" or "any".
    response : "count" of events or their "weight" (default: count; of undirected data weight).
    effects : names of effects and covariates, ``"inertia,shared_threat"`` or a list (default: the standard ones).
    half_life : of the history: ``"90d"`` (the default), ``"none"`` or ``"coop=30d,host=90d"``.
    slice : unit of time in which order is unknown (default: ``"1d"``; of undirected data ``"1w"``).
    period : unit of the within-pair model (default: ``"1mo"``).
    transform : "log1p" (the default), log(1 + x / c), or "raw".
    legs : how two legs of a two-path combine: "min", "sqrt", "product" or "binary" (default: min within, else sqrt).
    decay_to : "now" (the default), the slice's own time, or "previous", the slice with events before it.
    start, end : first and last day of the data used, as text or dates (default: all).
    actors : the risk set: names or codes, ``"@NATO"`` for a group, ``"@FILE"`` for a file (default: all that occur).
    covariates : files of covariates, by pair or by actor.
    carry : for how long at most a covariate's value holds (default: ``"5y"``).
    scales : c of log(1 + x / c) by column (default: the column's median positive value).
    adequacy : "auto" (the default), "full" or "none": how well the model fits.
    miscoding : a term, or "foe": how many wrong codings would overturn its sign.
    sample : of the rate model: controls drawn for each dyad that acts in a slice (default: all dyads are at risk).
    seed : of random numbers, where any are drawn (default: 1).
    ladder : also climb the ladder (``result.ladder``), and hold out the last third to see how well the model predicts.
    save : folder in which to keep a Study.
    progress : called with a line after every step.

    Raises
    ------
    UsageError, InputError, ModelError : with the way out.

    Examples
    --------
    >>> result = fit("chronicle")
    >>> result.n_actors > 10
    True
    """
    options = given_options(locals())
    events = load(data)
    check_save(save, events)
    asked = ModelSpec.of(**{**events.asked, **options})
    said = {**reading_flags(events), **({"ladder": ""} if ladder else {})}
    fully = with_held_out(asked) if ladder else asked
    result, _ = fit_asked(events, fully, command_line("fit", [events.name], asked, said), progress)
    if ladder:
        result = replace(result, ladder=ladder_of(events, asked, progress))
    if save is not None:
        save_study(Path(save), events, asked, result)
    return result


def with_held_out(asked: ModelSpec) -> ModelSpec:
    """Who climbs the ladder has the time for the comparison with inertia alone too."""
    return replace(asked, adequacy="full") if asked.adequacy == DEFAULT_ADEQUACY else asked


@dataclass(frozen=True, slots=True)
class Fits:
    """Several outcomes of the same data."""

    fits: tuple[FitResult, ...]

    def __repr__(self) -> str:
        return f"<Fits: {', '.join(f'{f.model} model of {f.outcome}' for f in self.fits)}>"

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius fit --outcome a,b --json``."""
        return {"fits": [f.to_dict() for f in self.fits]}

    def _repr_html_(self) -> str:
        return "".join(f.to_html() for f in self.fits)


def fit_asked(
    events: EventData,
    asked: ModelSpec,
    command: str,
    progress: Progress | None,
    check: Callable[[DyadSlices, ModelSpec], None] = lambda slices, spec: None,
) -> tuple[FitResult, Fitted]:
    """Slice (the within-pair model's slices are its periods) and fit.

    Where no model was asked for, the within-pair model is the default, and where the data cannot carry it, the rate
    model is; the result then says so and why. ``check`` sees slices and question before anything is fitted.
    """
    began = time.perf_counter()
    notes: tuple[str, ...] = ()
    spec = resolve_spec(events, asked)
    if spec.model == "sign" and spec.outcome != DEFAULT_OUTCOME:
        raise UsageError("The sign model has one outcome, the sign.", "Leave --outcome out.")
    origin = Provenance(command, events.hash, versions(), peak_memory_mb)
    if spec.model == "within":
        slices = events.slices(replace(spec, slice=spec.period))
        check(slices, spec)
        outside = _covariates(spec, slices)
        try:
            return estimate(slices, replace(spec, slice=spec.period), origin, outside, began=began, progress=progress)
        except (NotEnoughData, Separation, NoConvergence) as error:
            if asked.model is not None:
                raise type(error)(error.message, f"{error.hint} Or use --model rate.") from None
            notes = (f"The within-pair model, the default, was refused, so this is the rate model: {error.message}",)
            spec = resolve_spec(events, replace(asked, model="rate"))
    slices = events.slices(spec)
    check(slices, spec)
    return estimate(slices, spec, origin, _covariates(spec, slices), began=began, notes=notes, progress=progress)


def _covariates(spec: ModelSpec, slices: DyadSlices) -> tuple[AnyCovariate, ...]:
    return read_covariates(
        [Path(f) for f in spec.covariates], slices.actors, directed=slices.directed, carry_days=spec.carry.days
    )


def ladder_of(events: EventData, asked: ModelSpec, step: Progress | None = None) -> tuple[dict[str, Any], ...]:
    """The rungs for what was asked, as JSON; ``step`` is called with the name of each before it starts."""
    spec = resolve_spec(events, replace(asked, model="rate"))

    def slices_for(length: Duration, kind: str) -> DyadSlices:
        return events.slices(replace(spec, slice=length), kind=kind)

    def without_documents(length: Duration) -> DyadSlices | None:
        return events.slices_without_document_triads(replace(spec, slice=length))

    rungs = climb(
        slices_for,
        spec,
        lambda slices: _covariates(spec, slices),
        foe_effect(events.directed),
        asked.legs,
        without_documents=without_documents,
        step=step,
    )
    return tuple(r.to_dict() for r in rungs)

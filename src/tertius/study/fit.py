"""A fit: the question resolved, events in slices, the model, and the ladder beside it.

A :class:`Study` is fitted once and asked often: it keeps what does not depend on the pair that is asked about.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Unpack

from tertius.answers.attribution import Fitted as Explained
from tertius.answers.attribution import foe_effect, kept_past
from tertius.answers.certificate import FEWEST_PERIODS, Certificate, General, certify_all, periods_left
from tertius.effects.registry import columns
from tertius.errors import (
    EmptyData,
    ModelError,
    NoConvergence,
    NotEnoughData,
    NotEnoughMemory,
    Separation,
    UsageError,
    memory_named,
)
from tertius.events.covariates import AnyCovariate
from tertius.events.data import EventData, RowsByPair
from tertius.events.slices import DyadSlices
from tertius.history import Past
from tertius.language import joined, say
from tertius.model.beside import Rung
from tertius.model.checks.ladder import climb
from tertius.model.design import DENSE_ACTORS
from tertius.model.estimate import Fitted, Provenance, estimate
from tertius.model.result import FitResult
from tertius.model.sign import SignFit
from tertius.progress import OnProgress
from tertius.sources.covariates import read_covariates
from tertius.sources.loading import load
from tertius.spec import (
    DEFAULT_ADEQUACY,
    DEFAULT_OUTCOME,
    DEFAULT_PERMUTATIONS,
    Duration,
    HalfLife,
    ModelSpec,
    Options,
)
from tertius.study.asking import command_line, given_options, reading_flags, resolve_spec
from tertius.study.folder import check_save, data_behind, peak_memory_mb, save_study, versions
from tertius.study.kept import can_keep, find, is_on, keep, key_of, packed, unpacked

if TYPE_CHECKING:
    from tertius.answers.explanation import Drives, Explanation
    from tertius.answers.overview import Pairs
    from tertius.answers.spans import Spans
    from tertius.study.explain import Question

Days = Sequence[str | date]

FEWER_ACTORS = say("Name fewer actors: --actors @STATES takes all states of the span; or take longer steps.")


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
    bias_correction: bool | None = None,
    miscoding: str | None = None,
    sample: int | None = None,
    seed: int | None = None,
    ladder: bool = False,
    save: str | Path | None = None,
    progress: OnProgress | None = None,
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
    bias_correction : of the within-pair model: also correct for the bias of order 1/N (``result.bias_correction``).
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
    result, fitted = fit_asked(events, fully, command_line("fit", [events.name], asked, said), progress)
    if ladder:
        result = replace(result, ladder=ladder_of(events, asked, progress))
    if save is not None:
        resolved = resolve_spec(events, fully)
        found = None
        if can_keep(resolved) and not isinstance(fitted, SignFit):
            found = packed(key_of(events, fully, resolved, ladder=ladder), (result, fitted))
        behind = replace(result, data=data_behind(events))
        save_study(Path(save), events, asked, behind, {} if found is None else {"fit.npz": found})
    return replace(result, data=data_behind(events))


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
    progress: OnProgress | None,
    check: Callable[[DyadSlices, ModelSpec], None] = lambda slices, spec: None,
    resolved: ModelSpec | None = None,
) -> tuple[FitResult, Fitted]:
    """Slice (the within-pair model's slices are its periods) and fit.

    Where no model was asked for, the within-pair model is the default, and where the data cannot carry it, the rate
    model is; the result then says so and why. ``check`` sees slices and question before anything is fitted;
    ``resolved`` is the question resolved, where it is known.
    """
    began = time.perf_counter()
    notes: tuple[str, ...] = (events.note,) if events.simulated else ()
    spec = resolved or resolve_spec(events, asked)
    if spec.model == "sign" and spec.outcome != DEFAULT_OUTCOME:
        raise UsageError("The sign model has one outcome, the sign.", "Leave --outcome out.")
    origin = Provenance(command, events.hash, versions(), peak_memory_mb)
    if spec.model == "within":
        slices = events.slices(replace(spec, slice=spec.period))
        check(slices, spec)
        outside = _covariates(spec, slices)
        try:
            at_periods = replace(spec, slice=spec.period)
            return estimate(slices, at_periods, origin, outside, began=began, notes=notes, progress=progress)
        except (NotEnoughData, Separation, NoConvergence) as error:
            if asked.model is not None:
                raise type(error)(error.message, f"{error.hint} Or use --model rate.") from None
            refusal = say(
                "The within-pair model, the default, was refused, so this is the rate model: {message}",
                message=error.message,
            )
            notes = (*notes, refusal)
            spec = resolve_spec(events, replace(asked, model="rate"))
    slices = events.slices(spec)
    check(slices, spec)
    return estimate(slices, spec, origin, _covariates(spec, slices), began=began, notes=notes, progress=progress)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the certificate could not be run, and whether events were too few for it (and not periods too long)."""

    why: str
    thin: bool


def _kept(events: EventData, key: str, part: str = "") -> Any:
    """What is kept under a key, in the cache or in the Study that the data were opened through; None: nothing."""
    name = f"{key}-{part}" if part else key
    found = find(name)
    if found is None and events.study:
        file = f"{part.partition('-')[0] or 'fit'}.npz"
        found = unpacked(name, Path(events.name) / file)
    return found


@dataclass(frozen=True, eq=False)
class Study:
    """Data and a model of them, fitted once and asked often.

    What does not depend on the pair is computed when it is first needed and kept: the certificate of all pairs with its
    pictures, the past of every slice, the rows. Of a second pair only its own attribution, condition 6 and rows are
    left to do.

    Attributes
    ----------
    events : the data.
    asked : the question, as it was asked.
    result : the fit.
    fitted : the model behind it.
    ladder : whether the ladder was climbed.
    key : under which :mod:`tertius.study.kept` keeps it on disk; empty: it may not be kept.
    cache : whether it is kept in the user's cache folder, and taken from there.

    Examples
    --------
    >>> study = Study.open("chronicle", slice="1mo", half_life="2y")
    >>> study.explain("Russia", "North Korea", certificate=False).verdict
    'not certified'
    >>> study.by("USA").verdict
    'not certified'
    """

    events: EventData
    asked: ModelSpec
    result: FitResult
    fitted: Explained
    ladder: bool = False
    key: str = ""
    cache: bool = True
    _certified: dict[int, General | Refused] = field(default_factory=dict, repr=False)
    _pairs: dict[Spans, Pairs] = field(default_factory=dict, repr=False)

    @classmethod
    @memory_named()
    def open(
        cls,
        data: Any,
        *,
        ladder: bool = False,
        cache: bool = True,
        progress: OnProgress | None = None,
        **question: Unpack[Options],
    ) -> Study:
        """Load and fit, or find the fit where it was kept.

        Parameters
        ----------
        data : anything that :func:`tertius.load` takes.
        ladder : also climb the ladder.
        cache : keep the fit in the user's cache folder, and take it from there.
        progress : called with a line after every step.
        question : the fields of :class:`tertius.spec.ModelSpec`, as for :func:`fit`.

        Raises
        ------
        UsageError, InputError, ModelError : with the way out.
        """
        events = load(data)
        asked = asked_of(events, question)
        said = {**reading_flags(events), **({"ladder": ""} if ladder else {})}
        command = command_line("fit", [events.name], asked, said)
        return cls.of(events, asked, command, ladder=ladder, cache=cache, progress=progress)

    @classmethod
    def of(
        cls,
        events: EventData,
        asked: ModelSpec,
        command: str,
        *,
        ladder: bool = False,
        cache: bool = True,
        check: Callable[[DyadSlices, ModelSpec], None] = lambda slices, spec: None,
        progress: OnProgress | None = None,
    ) -> Study:
        """Fit what was asked; the others as for :func:`fit_asked`. Raises UsageError where it cannot explain."""
        _explains(events, asked)
        fully = with_held_out(asked) if ladder else asked
        resolved = resolve_spec(events, fully)
        key = key_of(events, fully, resolved, ladder=ladder) if can_keep(resolved) else ""
        cache = cache and is_on()
        if cache and key and (found := _kept(events, key)) is not None:
            result, fitted = found
            check(fitted.design.slices, fitted.design.spec)
            if progress:
                progress(say("the fit is kept from before"))
            return cls(
                events, asked, replace(result, command=command, data=data_behind(events)), fitted, ladder, key, cache
            )
        try:
            result, fitted = fit_asked(events, fully, command, progress, check, resolved)
        except NotEnoughMemory as error:
            if len(events.labels()) <= DENSE_ACTORS:
                raise
            raise NotEnoughMemory(error.message, FEWER_ACTORS) from None  # a sample cannot tell of every pair
        assert not isinstance(fitted, SignFit)
        if ladder:
            result = replace(result, ladder=ladder_of(events, asked, progress))
        if cache and key:
            keep(key, (result, fitted))
        return cls(events, asked, replace(result, data=data_behind(events)), fitted, ladder, key, cache)

    def save(self, folder: str | Path) -> None:
        """Keep the Study in a folder: what was asked of which data, what came out, and what was fitted and certified so
        far, so that the same questions to ``Study.open(folder)`` fit nothing again (unless ``cache`` is off, or the
        versions are others). Raises UsageError where nothing can be written there.
        """
        check_save(folder, self.events)
        made = next((x for x in self._certified.values() if isinstance(x, General)), None)
        drawn = max((n for n, x in self._certified.items() if isinstance(x, General)), default=0)
        parts: dict[str, tuple[str, Any]] = {"fit.npz": (self.key, (self.result, self.fitted))} if self.key else {}
        if self.key and made is not None:
            pictures = self._certified[drawn].certificate.pictures  # type: ignore[union-attr]
            parts["general.npz"] = f"{self.key}-general", made.with_pictures(None, 0)
            parts["pictures.npz"] = f"{self.key}-pictures-{drawn}", pictures
        files = {name: content for name, of in parts.items() if (content := packed(*of)) is not None}
        save_study(Path(folder), self.events, self.asked, self.result, files)

    @memory_named()
    def explain(
        self,
        a: str,
        b: str,
        *,
        by: str | None = None,
        window: Days | None = None,
        reference: Days | None = None,
        certificate: bool = True,
        permutations: int = DEFAULT_PERMUTATIONS,
        progress: OnProgress | None = None,
    ) -> Explanation:
        """Who drives ``a`` and ``b`` together? As :func:`tertius.explain`, from this fit."""
        from tertius.study.explain import Question, explain_pair, named

        actors, typed = named(self.events, self.labels, (a, b), by), (window, reference)
        question = Question.about(self.asked, self.span, actors, by, typed, certificate, permutations)
        question.check(self.slices, self.fitted.design.spec)
        return explain_pair(self, question, self.command(question), progress, self.rows, kept=True)

    @memory_named()
    def by(self, k: str, *, window: Days | None = None, reference: Days | None = None) -> Drives:
        """Whom does ``k`` drive together? As :func:`tertius.explain` with ``by`` alone, from this fit."""
        from tertius.study.explain import Question, explain_by, named

        question = Question.about(self.asked, self.span, named(self.events, self.labels, (), k), k, (window, reference))
        question.check(self.slices, self.fitted.design.spec)
        return explain_by(self, question, self.command(question))

    @memory_named()
    def pairs(
        self,
        *,
        window: Days | None = None,
        reference: Days | None = None,
        actor: str | None = None,
        rose: bool = False,
        top: int | None = None,
        sort: str | None = None,
        progress: OnProgress | None = None,
    ) -> Pairs:
        """All pairs: which rose, what was expected, on whom it hangs, condition 6 and verdict of each.

        Parameters
        ----------
        window, reference : as for :func:`tertius.explain`.
        actor : the pairs of this actor alone.
        rose : those alone that rose: p, adjusted over all pairs, below .05.
        top : how many at most.
        sort : which come first, one of :data:`tertius.spec.SORTS` (default: the clearest rise).
        progress : called with a line after every step.

        Raises
        ------
        UsageError, ModelError : with the way out.
        """
        from tertius.study.pairs import Asked, answer

        typed = window, reference
        ask = Asked.of(
            self.events, self.asked, self.labels, self.span, typed, actor=actor, rose=rose, top=top, sort=sort
        )
        return answer(self, ask, progress)

    @memory_named()
    def compare(
        self,
        pairs: Sequence[str | tuple[str, str]],
        *,
        window: Days | None = None,
        reference: Days | None = None,
        progress: OnProgress | None = None,
    ) -> Pairs:
        """Some pairs side by side, in the order given; each as among all pairs."""
        from tertius.study.pairs import Asked, answer

        typed = window, reference
        ask = Asked.of(self.events, self.asked, self.labels, self.span, typed, pairs=pairs)
        return answer(self, ask, progress)

    def every_pair(self, question: Question, progress: OnProgress | None = None) -> Pairs:
        """All pairs of the question's spans, without a command; those of the spans asked for last are kept."""
        from tertius.study.pairs import everything

        if question.spans not in self._pairs:
            found = everything(self, question, progress)
            self._pairs.clear()
            self._pairs[question.spans] = found
        return self._pairs[question.spans]

    def certificate(
        self, *, permutations: int = DEFAULT_PERMUTATIONS, progress: OnProgress | None = None
    ) -> Certificate | None:
        """Conditions 1 to 5 of all pairs; None where it cannot be run (:meth:`explain` says why)."""
        found = self.certified(permutations, progress)
        return found.certificate if isinstance(found, General) else None

    def certified(self, permutations: int, progress: OnProgress | None = None) -> General | Refused:
        """The certificate of all pairs with pictures of that many draws, or why there is none. Raises UsageError."""
        if permutations < 0:
            raise UsageError(f"{permutations} permutations cannot be drawn.", "Take 0 for no pictures, or more.")
        if permutations not in self._certified:
            made = next(iter(self._certified.values()), None) or self._find("general")
            if made is None:
                made = self._certify(permutations, progress)
                if isinstance(made, General):
                    self._keep("general", made.with_pictures(None, 0))
                    if permutations:
                        self._keep(f"pictures-{permutations}", made.certificate.pictures)
            elif isinstance(made, General):
                made = self._with_pictures(made, permutations, progress)
            self._certified[permutations] = made
        return self._certified[permutations]

    def _with_pictures(self, general: General, permutations: int, progress: OnProgress | None) -> General:
        drawn = self._find(f"pictures-{permutations}") if permutations else ()
        if drawn is None:
            general = general.with_pictures(self.fitted.design.spec.response, permutations, progress)
            self._keep(f"pictures-{permutations}", general.certificate.pictures)
            return general
        return replace(general, certificate=replace(general.certificate, pictures=drawn))

    def _find(self, part: str) -> Any:
        return _kept(self.events, self.key, part) if self.key and self.cache else None

    def _keep(self, part: str, value: Any) -> None:
        if self.key and self.cache:
            keep(f"{self.key}-{part}", value)

    def _certify(self, permutations: int, progress: OnProgress | None) -> General | Refused:
        spec, slices = self.fitted.design.spec, self.slices
        if self.other_outcome:
            return Refused(self.other_outcome, False)
        try:
            slices = self.periods
            return certify_all(
                slices, response=spec.response, legs=self.asked.legs, apart=self.apart, permutations=permutations,
                seed=spec.seed, step=progress,
            )  # fmt: skip
        except (ModelError, EmptyData, UsageError) as error:
            return refused(error, slices)

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every actor that occurs in the data."""
        return self.events.labels()

    @cached_property
    def span(self) -> tuple[date, date]:
        """First and last day of the data."""
        return self.events.span()

    @property
    def slices(self) -> DyadSlices:
        """The slices of the fit."""
        return self.fitted.design.slices

    @cached_property
    def past(self) -> Past | None:
        """The hostility that all slices see, where memory allows to keep it."""
        return kept_past(self.fitted)

    @cached_property
    def rows(self) -> EventData | RowsByPair:
        """The rows of pairs, in memory where that allows it."""
        return RowsByPair.of(self.events) or self.events

    @property
    def other_outcome(self) -> str:
        """Why the certificate is not asked, where the outcome is not its own; else empty."""
        outcome = self.fitted.design.spec.outcome
        return (
            ""
            if outcome == DEFAULT_OUTCOME
            else say("It asks about cooperation, and the outcome here is {outcome}.", outcome=outcome)
        )

    @cached_property
    def periods(self) -> DyadSlices:
        """The periods of the certificate. Raises EmptyData, NotEnoughData."""
        spec = self.fitted.design.spec
        return self.slices if spec.model == "within" else self.events.slices(replace(spec, slice=spec.period))

    @property
    def apart(self) -> DyadSlices | None:
        """The same periods without cooperation whose document also codes hostility of a third party towards both; None
        where documents are not known."""
        spec = self.fitted.design.spec
        return self.events.slices_without_document_triads(replace(spec, slice=self.periods.length))

    def command(self, question: Question) -> str:
        """The command that repeats an answer."""
        said = {**reading_flags(self.events), **question.flags(self.ladder)}
        return command_line("explain", [*question.words, self.events.name], self.asked, said)


def asked_of(events: EventData, question: Options) -> ModelSpec:
    """The question as it was asked of these data; what was not given is as they come with it."""
    given: Mapping[str, Any] = {name: value for name, value in question.items() if value is not None}
    return ModelSpec.of(**{**events.asked, **given})


def _explains(events: EventData, asked: ModelSpec) -> None:
    """Raises UsageError where the model asked for does not know third parties."""
    if asked.model == "sign":
        raise UsageError("The sign model does not say how much: it cannot explain.", "Use --model within or rate.")
    foe = foe_effect(events.directed)
    if asked.effects is not None and foe not in asked.effects:
        if not asked.covariates:
            columns(asked.effects, events.directed)
        raise UsageError(f"The answer hangs on {foe}, which was not among --effects.", f"Add {foe} to --effects.")


def refused(error: ModelError | EmptyData | UsageError, slices: DyadSlices) -> Refused:
    """Why the certificate of these periods could not be run."""
    enough = int(periods_left(slices.observed).sum()) >= FEWEST_PERIODS
    return Refused(joined((error.message, error.hint)).strip(), enough and isinstance(error, NotEnoughData | EmptyData))


def _covariates(spec: ModelSpec, slices: DyadSlices) -> tuple[AnyCovariate, ...]:
    return read_covariates(
        [Path(f) for f in spec.covariates], slices.actors, directed=slices.directed, carry_days=spec.carry.days
    )


def ladder_of(events: EventData, asked: ModelSpec, step: OnProgress | None = None) -> tuple[Rung, ...]:
    """The rungs for what was asked; ``step`` is called with the name of each before it starts."""
    spec = resolve_spec(events, replace(asked, model="rate"))

    def slices_for(length: Duration, kind: str) -> DyadSlices:
        return events.slices(replace(spec, slice=length), kind=kind)

    def without_documents(length: Duration) -> DyadSlices | None:
        return events.slices_without_document_triads(replace(spec, slice=length))

    return climb(
        slices_for,
        spec,
        lambda slices: _covariates(spec, slices),
        foe_effect(events.directed),
        asked.legs,
        without_documents=without_documents,
        step=step,
    )

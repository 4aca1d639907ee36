"""Who drives two states together, and whom one drives: load, slice, fit, attribute, certify, on one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Unpack, overload

from tertius.answers.attribution import attribute, foe_effect
from tertius.answers.certificate import FEWEST_PERIODS, Certificate, PairQuestion, certify, periods_left
from tertius.answers.explanation import Drives, Explanation, caveats, compose_text, drives_caveats, drives_text, judge
from tertius.answers.landmarks import landmarks_of_spans
from tertius.answers.pairs import driven_pairs
from tertius.answers.spans import SlicedSpans, Spans, spans
from tertius.answers.verdict import NOT_CERTIFIED
from tertius.codes import actor_name
from tertius.effects.registry import columns
from tertius.errors import EmptyData, ModelError, NotEnoughData, NotEnoughMemory, UnknownActor, UsageError, memory_named
from tertius.events.data import EventData
from tertius.events.slices import DyadSlices
from tertius.model.design import DENSE_ACTORS
from tertius.model.estimate import Fitted
from tertius.model.sign import SignFit
from tertius.progress import Progress
from tertius.sources.loading import load
from tertius.spec import DEFAULT_OUTCOME, DEFAULT_PERMUTATIONS, Duration, HalfLife, ModelSpec, Options
from tertius.study.asking import command_line, find_actor, given_options, reading_flags, span_flags
from tertius.study.fit import fit_asked, ladder_of, with_held_out
from tertius.study.folder import check_save, save_study, works_cited

RUNGS = {"rate": "1 rate", "rate with covariates": "2 + covariates", "within": "4 within-pair"}


FEWER_ACTORS = "Name fewer actors: --actors @STATES takes all states of the span; or take longer steps."


class ExplainOptions(Options, total=False):
    """What :func:`explain` takes by name, beside the fields of the question."""

    by: str | None
    window: Sequence[str | date] | None
    reference: Sequence[str | date] | None
    ladder: bool
    certificate: bool
    permutations: int
    save: str | Path | None
    progress: Progress | None


@overload
def explain(a: str, b: str, data: Any, **asked: Unpack[ExplainOptions]) -> Explanation: ...
@overload
def explain(a: None, b: None, data: Any, **asked: Unpack[ExplainOptions]) -> Drives: ...
@memory_named()
def explain(
    a: str | None,
    b: str | None,
    data: Any,
    *,
    by: str | None = None,
    window: Sequence[str | date] | None = None,
    reference: Sequence[str | date] | None = None,
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
    certificate: bool = True,
    permutations: int = DEFAULT_PERMUTATIONS,
    save: str | Path | None = None,
    progress: Progress | None = None,
) -> Explanation | Drives:
    """Who drives ``a`` and ``b`` together? Or, with ``by`` alone: whom does it drive together?

    Parameters
    ----------
    a, b : actors by code or name (None together with ``by``).
    data : anything that :func:`tertius.load` takes.
    by : a third party. With a pair, the text says its part; without, the answer is its pairs.
    window : first and last day of the attribution (default: the last third of the data).
    reference : what it is compared with (default: the span of equal length before the window).
    model, outcome, ..., seed : the fields of :class:`tertius.spec.ModelSpec`, as for :func:`fit`.
    ladder : also climb the ladder.
    certificate : run the certificate (of cooperation, by ``period``), on which the verdict rests.
    permutations : draws of each of its two null pictures; 0: none.
    save : folder in which to keep a Study of the fit behind the answer.
    progress : called with a line after every step.

    Raises
    ------
    UsageError, InputError, ModelError : with the way out.

    Examples
    --------
    >>> answer = explain("Russia", "North Korea", "chronicle")
    >>> answer.verdict
    'data too thin'
    """
    options = given_options(locals())
    events = load(data)
    check_save(save, events)
    labels = events.labels()
    if (a is None) != (b is None) or (a is None and by is None):
        raise UsageError("A pair has two actors.", "Write: tertius explain RUS PRK DATA, or explain --by USA DATA.")
    pair = tuple(find_actor(x, labels, events.name) for x in (a, b) if x is not None)
    third = find_actor(by, labels, events.name) if by is not None else None
    if len({*pair, third}) < len(pair) + 1:
        raise UsageError("The same actor is named twice.", "Name two different actors and, after --by, a third.")
    asked = ModelSpec.of(**{**events.asked, **options})
    if permutations < 0:
        raise UsageError("--permutations is a number of draws.", "Write --permutations 200, or 0 for none.")
    said = {**reading_flags(events), **span_flags(by, third, window, reference, ladder)}
    said |= {} if certificate else {"no-certificate": ""}
    said |= {} if permutations == DEFAULT_PERMUTATIONS else {"permutations": str(permutations)}
    command = command_line("explain", [*pair, events.name], asked, said)
    first, last = events.span()
    asked_spans = spans(asked.start or first, asked.end or last, window, reference)

    def check(slices: DyadSlices, spec: ModelSpec) -> None:
        _answerable(slices, spec, [x for x in (*pair, third) if x is not None], asked_spans)

    if asked.model == "sign":
        raise UsageError("The sign model does not say how much: it cannot explain.", "Use --model within or rate.")
    if asked.effects is not None and foe_effect(events.directed) not in asked.effects:
        foe = foe_effect(events.directed)
        if not asked.covariates:
            columns(asked.effects, events.directed)
        raise UsageError(f"The answer hangs on {foe}, which was not among --effects.", f"Add {foe} to --effects.")
    try:
        result, fitted = fit_asked(events, with_held_out(asked) if ladder else asked, command, progress, check)
    except NotEnoughMemory as error:
        if len(labels) <= DENSE_ACTORS:
            raise
        raise NotEnoughMemory(error.message, FEWER_ACTORS) from None  # a sample cannot tell what is expected of a pair
    assert not isinstance(fitted, SignFit)
    if ladder:
        result = replace(result, ladder=ladder_of(events, asked, progress))
    if save is not None:
        save_study(Path(save), events, asked, result)
    spec = fitted.design.spec
    sl = fitted.design.slices
    compared = asked_spans.of(sl)
    effect = foe_effect(sl.directed)
    unit = "events" if spec.response == "count" else "weight"
    chronicle = events.name == "chronicle"
    if not pair:
        assert third is not None
        pairs = driven_pairs(fitted, sl.actors.index(third), effect, compared)
        return Drives(
            third, compared.window_days, compared.reference_days, spec.outcome, unit, effect, pairs, NOT_CERTIFIED,
            result, drives_caveats(result, chronicle), drives_text(third, unit, pairs, result, effect), command,
        )  # fmt: skip
    i, j = (sl.actors.index(x) for x in pair)
    answer = attribute(fitted, i, j, compared, spec.seed)
    two = (pair[0], pair[1])
    found, refused, thin = None, "", False
    if certificate:
        found, refused, thin = _certificate(
            events, fitted, asked, two, third, asked_spans, compared, permutations, progress
        )
    judgement = judge(found, result, answer, refused=refused, thin=thin)
    text = compose_text(two, unit, spec.outcome, result, answer, judgement)
    if third is not None:
        part = next(t for t in answer.third_parties if t.actor == third)
        text += (
            f" {actor_name(third)}'s part: {part.events:.3g} {unit} ({part.events_low:.3g} to {part.events_high:.3g})."
        )
    rows = events.between(*two, start=asked.start or first, end=asked.end or last)
    from_day, to_day = compared.window_days
    return Explanation(
        pair=two,
        outcome=spec.outcome,
        unit=unit,
        rung=RUNGS[f"{result.model} with covariates" if result.model == "rate" and spec.covariates else result.model],
        judgement=judgement,
        attribution=answer,
        fit=result,
        caveats=(
            *([moved] if (moved := asked_spans.moved(compared, str(sl.length))) else []),
            *caveats(result, answer, judgement, chronicle=chronicle),
        ),
        text=text,
        command=command,
        events=tuple(r for r in rows if from_day <= str(r["date"])[:10] <= to_day),
        data_name=events.name,
        by=third,
        landmarks=landmarks_of_spans(
            rows, unit, {"window": compared.window_days, "reference": compared.reference_days}
        ),
        sources=works_cited(events),
    )


def _answerable(slices: DyadSlices, spec: ModelSpec, actors: Sequence[str], asked: Spans) -> None:
    """Raise, before anything is fitted, where an actor is not at risk, a span holds no observed slice, or what is
    expected of every pair will be asked of a sample that cannot tell."""
    absent = [x for x in actors if x not in slices.actors]
    if absent:
        raise UnknownActor(
            f"{absent[0]} is not in the risk set of this span.", "Widen --from/--to, or add it to --actors."
        )
    asked.of(slices).among(slices.observed)
    if spec.model == "rate" and spec.sample is not None and slices.n_actors > DENSE_ACTORS:
        raise UsageError(
            f"What is expected of every pair cannot be told from a sample of {slices.n_actors:,} actors.",
            f"Leave --sample out, or name up to {DENSE_ACTORS} actors after --actors.",
        )


def _certificate(
    events: EventData,
    fitted: Fitted,
    asked: ModelSpec,
    pair: tuple[str, str],
    by: str | None,
    asked_spans: Spans,
    compared: SlicedSpans,
    permutations: int,
    progress: Progress | None,
) -> tuple[Certificate | None, str, bool]:
    """The certificate by period; or None, why, and whether events were too few (and not periods too long)."""
    spec = fitted.design.spec
    if spec.outcome != DEFAULT_OUTCOME:
        return None, f"It asks about cooperation, and the outcome here is {spec.outcome}.", False
    slices = fitted.design.slices
    try:
        if spec.model != "within":
            slices = events.slices(replace(spec, slice=spec.period))
        i, j = (slices.actors.index(x) for x in pair)
        k = slices.actors.index(by) if by is not None else None
        own = asked_spans.of(slices)
        days = ""
        if (own.window_days, own.reference_days) != (compared.window_days, compared.reference_days):
            (a, b), (c, d) = own.window_days, own.reference_days
            days = f"{a} to {b} with {c} to {d}"
        question = PairQuestion(i, j, own.window, own.reference, k, days)
        return (
            certify(
                slices, response=spec.response, legs=asked.legs, pair=question, permutations=permutations,
                seed=spec.seed, step=progress,
            ),
            "",
            False,
        )  # fmt: skip
    except (ModelError, EmptyData, UsageError) as error:
        enough = int(periods_left(slices.observed).sum()) >= FEWEST_PERIODS
        thin = enough and isinstance(error, NotEnoughData | EmptyData)
        return None, f"{error.message} {error.hint}".strip(), thin


def demo(*, seed: int | None = None, progress: Progress | None = None) -> Explanation:
    """The chronicle through the whole pipeline, for Russia and North Korea.

    Parameters
    ----------
    seed : of random numbers (default: 1).
    progress : called with a line after every step.
    """
    return explain("RUS", "PRK", "chronicle", progress=progress, seed=seed)

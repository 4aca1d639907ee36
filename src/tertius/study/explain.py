"""Who drives two states together, and whom one drives: load, slice, fit, attribute, certify, on one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Unpack, overload

from tertius.answers.attribution import ThirdParty, attribute, foe_effect
from tertius.answers.certificate import Certificate, PairQuestion
from tertius.answers.explanation import Drives, Explanation, caveats, compose_text, drives_caveats, drives_text, judge
from tertius.answers.landmarks import landmarks_of_spans
from tertius.answers.pairs import driven_pairs
from tertius.answers.spans import SlicedSpans, Spans, spans
from tertius.answers.verdict import NOT_CERTIFIED
from tertius.codes import actor_name
from tertius.codes.groups import actors_at
from tertius.errors import EmptyData, ModelError, UnknownActor, UsageError, memory_named
from tertius.events.data import EventData, RowsByPair
from tertius.events.slices import DyadSlices
from tertius.language import say
from tertius.model.design import DENSE_ACTORS
from tertius.plain import number
from tertius.progress import OnProgress
from tertius.sources.loading import load
from tertius.spec import DEFAULT_PERMUTATIONS, Duration, HalfLife, ModelSpec, Options
from tertius.study.asking import command_line, find_actor, given_options, reading_flags, span_flags
from tertius.study.fit import Days, Refused, Study, refused
from tertius.study.folder import check_save, works_cited

ROWS_ELSEWHERE = say("The rows are where --engine sums them: none is shown, and no days are marked.")
RUNGS = {"rate": say("1 rate"), "rate with covariates": say("2 + covariates"), "within": say("4 within-pair")}


class ExplainOptions(Options, total=False):
    """What :func:`explain` takes by name, beside the fields of the question."""

    by: str | None
    window: Sequence[str | date] | None
    reference: Sequence[str | date] | None
    ladder: bool
    certificate: bool
    permutations: int
    cache: bool
    save: str | Path | None
    progress: OnProgress | None


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
    bias_correction: bool | None = None,
    miscoding: str | None = None,
    sample: int | None = None,
    seed: int | None = None,
    ladder: bool = False,
    certificate: bool = True,
    permutations: int = DEFAULT_PERMUTATIONS,
    cache: bool = True,
    save: str | Path | None = None,
    progress: OnProgress | None = None,
) -> Explanation | Drives:
    """Who drives ``a`` and ``b`` together? Or, with ``by`` alone: whom does it drive together?

    Parameters
    ----------
    a, b : actors by code or name (None together with ``by``).
    data : anything that :func:`tertius.load` takes.
    by : a third party, or with a pair ``@GROUP``, whose members' parts are added up. With a pair, the text says its
        part; without, the answer is its pairs.
    window : first and last day of the attribution (default: the last third of the data).
    reference : what it is compared with (default: the span of equal length before the window).
    model, outcome, ..., seed : the fields of :class:`tertius.spec.ModelSpec`, as for :func:`fit`.
    ladder : also climb the ladder.
    certificate : run the certificate (of cooperation, by ``period``), on which the verdict rests.
    permutations : draws of each of its two null pictures; 0: none.
    cache : keep the fit and the certificate in the user's cache folder, and take them from there.
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
    pair = () if a is None and b is None else (a, b)
    actors = named(events, labels, pair, by)
    asked = ModelSpec.of(**{**events.asked, **options})
    typed = window, reference
    question = Question.about(asked, events.span(), actors, by, typed, certificate, permutations)
    said = {**reading_flags(events), **question.flags(ladder)}
    command = command_line("explain", [*question.words, events.name], asked, said)
    study = Study.of(events, asked, command, ladder=ladder, cache=cache, check=question.check, progress=progress)
    if pair:
        answer: Explanation | Drives = explain_pair(study, question, command, progress, events)
    else:
        answer = explain_by(study, question, command)
    if save is not None:
        study.save(save)
    return answer


def named(events: EventData, labels: frozenset[str], pair: Sequence[str | None], by: str | None) -> tuple[str, ...]:
    """The labels of the pair, if any, and of the third party, if any; a group (``@NATO``) stays as it is. Raises
    UsageError, UnknownActor."""
    if None in pair or (not pair and by is None):
        raise UsageError("A pair has two actors.", "Write: tertius explain RUS PRK DATA, or explain --by USA DATA.")
    group = by is not None and by.startswith("@") and by not in labels
    if group and not pair:
        raise UsageError(
            f"--by {by} names a group, and whom it drives together is asked of one third party.",
            f"Name a pair, too: tertius explain RUS PRK {events.name} --by {by}.",
        )
    words = (*pair, *([] if group else [by]))
    found = tuple(find_actor(x, labels, events.name) for x in words if x is not None)
    found = (*found, str(by)) if group else found
    if len(set(found)) < len(found):
        raise UsageError(
            say("The same actor is named twice."), say("Name two different actors and, after --by, a third.")
        )
    return found


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a fit.

    Attributes
    ----------
    pair : labels of the two, or nothing.
    third : label of the third party, or ``@GROUP``, if any.
    spans : window and reference.
    certificate : whether the certificate is asked for.
    permutations : draws of its pictures.
    typed : window and reference as they were given.
    """

    pair: tuple[str, ...]
    third: str | None
    spans: Spans
    certificate: bool = True
    permutations: int = DEFAULT_PERMUTATIONS
    typed: tuple[Days | None, Days | None] = (None, None)

    @classmethod
    def about(
        cls,
        asked: ModelSpec,
        span: tuple[date, date],
        actors: tuple[str, ...],
        by: str | None,
        typed: tuple[Days | None, Days | None],
        certificate: bool = True,
        permutations: int = DEFAULT_PERMUTATIONS,
    ) -> Question:
        """A question about ``actors`` (:func:`named`), the last of which is the third party where ``by`` was given, of
        data that span ``span``. Raises UsageError."""
        if permutations < 0:
            raise UsageError("--permutations is a number of draws.", "Write --permutations 200, or 0 for none.")
        pair, third = (actors, None) if by is None else (actors[:-1], actors[-1])
        both = spans(asked.start or span[0], asked.end or span[1], *typed)
        return cls(pair, third, both, certificate, permutations, typed)

    @property
    def words(self) -> list[str]:
        """The actors as the command names them."""
        return list(self.pair)

    def flags(self, ladder: bool) -> dict[str, str]:
        """Of the command that repeats it."""
        window, reference = self.typed
        said = span_flags(self.third, self.third, window, reference, ladder)
        said |= {} if self.certificate else {"no-certificate": ""}
        more = self.permutations != DEFAULT_PERMUTATIONS
        return said | ({"permutations": str(self.permutations)} if more else {})

    def members(self, slices: DyadSlices) -> tuple[str, ...]:
        """The third party, or those of the group who were members on any day of the spans and are at risk, without the
        pair; nobody where none was asked about. Raises UsageError, InputError."""
        if self.third is None or self.third in slices.actors or not self.third.startswith("@"):
            return () if self.third is None else (self.third,)
        listed = actors_at(self.third[1:], self.spans.first, self.spans.last, slices.actors).actors
        found = tuple(x for x in dict.fromkeys(listed) if x in slices.actors and x not in self.pair)
        if not found:
            raise UsageError(f"Nobody of {self.third} is a third party here.", "Name another group, or one actor.")
        return found

    def check(self, slices: DyadSlices, spec: ModelSpec) -> None:
        """Raise, before anything is fitted, where an actor is not at risk, a span holds no observed slice, or what is
        expected of every pair will be asked of a sample that cannot tell."""
        actors = (*self.pair, *self.members(slices))
        absent = [x for x in actors if x not in slices.actors]
        if absent:
            raise UnknownActor(
                say("{actor} is not in the risk set of this span.", actor=absent[0]),
                say("Widen --from/--to, or add it to --actors."),
            )
        self.spans.of(slices).among(slices.observed)
        if spec.model == "rate" and spec.sample is not None and slices.n_actors > DENSE_ACTORS:
            raise UsageError(
                f"What is expected of every pair cannot be told from a sample of {slices.n_actors:,} actors.",
                f"Leave --sample out, or name up to {DENSE_ACTORS} actors after --actors.",
            )


def explain_by(study: Study, question: Question, command: str) -> Drives:
    """Whom the third party drives together."""
    third, sl = question.third, study.slices
    assert third is not None
    compared, effect, unit = question.spans.of(sl), foe_effect(sl.directed), unit_of(study)
    result = replace(study.result, command=command)
    pairs = driven_pairs(study.fitted, sl.actors.index(third), effect, compared)
    return Drives(
        third, compared.window_days, compared.reference_days, result.outcome, unit, effect, pairs, NOT_CERTIFIED,
        result, drives_caveats(result, study.events.note), drives_text(third, unit, pairs, result, effect), command,
    )  # fmt: skip


def explain_pair(
    study: Study,
    question: Question,
    command: str,
    progress: OnProgress | None,
    source: EventData | RowsByPair,
    *,
    kept: bool = False,
) -> Explanation:
    """Who drives the pair together; ``source`` gives its rows. ``kept`` : keep what the next pair needs too."""
    one, other = two = (question.pair[0], question.pair[1])
    spec, sl, result = study.fitted.design.spec, study.slices, replace(study.result, command=command)
    compared, unit = question.spans.of(sl), unit_of(study)
    i, j = sl.actors.index(one), sl.actors.index(other)
    answer = attribute(study.fitted, i, j, compared, spec.seed, study.past if kept else None)
    members = question.members(sl)
    part = answer.together(members, question.third or "") if members else None
    found = _certificate(study, question, compared, progress) if question.certificate else None
    certificate = found if isinstance(found, Certificate) else None
    why = found if isinstance(found, Refused) else Refused("", False)
    judgement = judge(certificate, result, answer, refused=why.why, thin=why.thin)
    here = study.events.rows_here
    rows = source.between(one, other, start=question.spans.first, end=question.spans.last) if here else []
    from_day, to_day = compared.window_days
    moved = question.spans.moved(compared, str(sl.length))
    return Explanation(
        pair=two,
        outcome=spec.outcome,
        unit=unit,
        rung=RUNGS[f"{result.model} with covariates" if result.model == "rate" and spec.covariates else result.model],
        judgement=judgement,
        attribution=answer,
        fit=result,
        caveats=(
            *([moved] if moved else []),
            *([] if here else [ROWS_ELSEWHERE]),
            *caveats(result, answer, judgement, note=study.events.note),
        ),
        text=compose_text(two, unit, spec.outcome, result, answer, judgement) + _part(part, len(members), unit),
        command=command,
        events=tuple(r for r in rows if from_day <= str(r["date"])[:10] <= to_day),
        data_name=study.events.name,
        by=question.third,
        part=part,
        landmarks=landmarks_of_spans(
            rows, unit, {"window": compared.window_days, "reference": compared.reference_days}
        ),
        sources=works_cited(study.events),
        note=study.events.note,
        grain=study.events.grain_word,
    )


def unit_of(study: Study) -> str:
    """What the outcome is counted in."""
    return say("events") if study.fitted.design.spec.response == "count" else say("weight")


def _part(part: ThirdParty | None, members: int, unit: str) -> str:
    """The part of the third party that was asked about, in a sentence; empty where none was."""
    if part is None:
        return ""
    low, high = number(part.events_low), number(part.events_high)
    figures = {"events": number(part.events), "unit": unit, "events_low": low, "events_high": high}
    if part.actor.startswith("@"):
        return say(
            " The sum of the parts of {members} members of {group}: {events} {unit} ({events_low} to {events_high}).",
            members=members,
            group=part.actor[1:],
            **figures,
        )
    return say(
        " {third}'s part: {events} {unit} ({events_low} to {events_high}).",
        third=actor_name(part.actor),
        **figures,
    )


def _certificate(
    study: Study, question: Question, compared: SlicedSpans, progress: OnProgress | None
) -> Certificate | Refused:
    """The certificate by period; or why there is none."""
    slices = study.slices
    if study.other_outcome:
        return Refused(study.other_outcome, False)
    try:
        slices = study.periods
        own = question.spans.of(slices)
        found = study.certified(question.permutations, progress)
        if isinstance(found, Refused):
            return found
        i, j = (slices.actors.index(x) for x in question.pair)
        third, days = _third(question, slices), other_days(own, compared)
        return found.about(PairQuestion(i, j, own.window, own.reference, third, days, question.third or ""))
    except (ModelError, EmptyData, UsageError) as error:
        return refused(error, slices)


def _third(question: Question, slices: DyadSlices) -> int | tuple[int, ...] | None:
    """The third party that was asked about, as the certificate takes it."""
    at = tuple(slices.actors.index(x) for x in question.members(slices))
    return None if not at else at if question.third not in slices.actors else at[0]


def other_days(own: SlicedSpans, compared: SlicedSpans) -> str:
    """The days that condition 6 compares, where the answer's own slices are others; else empty."""
    if (own.window_days, own.reference_days) == (compared.window_days, compared.reference_days):
        return ""
    (a, b), (c, d) = own.window_days, own.reference_days
    return say("{a} to {b} with {c} to {d}", a=a, b=b, c=c, d=d)

"""The whole pipeline on one page: load -> slice -> fit -> answer. A Study folder keeps what was asked and found
(:mod:`tertius.study_folder`)."""

from __future__ import annotations

import platform
import shlex
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any, Unpack, overload

from tertius.answers.attribution import attribute, foe_effect
from tertius.answers.certificate import FEWEST_PERIODS, Certificate, PairQuestion, certify, periods_left
from tertius.answers.explanation import (
    Drives,
    Explanation,
    caveats,
    compose_text,
    drives_caveats,
    drives_text,
    judge,
)
from tertius.answers.landmarks import landmarks
from tertius.answers.pairs import driven_pairs
from tertius.answers.spans import SlicedSpans, Spans, spans
from tertius.answers.verdict import NOT_CERTIFIED
from tertius.codes import (
    SHORT,
    Actor,
    Membership,
    actor_name,
    actors_at,
    all_groups,
    find_actors,
    is_number,
    quad_table,
    read_day,
    read_groups,
    resolve_actor,
    same_name,
    scale_value,
    weight_of,
)
from tertius.effects.registry import columns
from tertius.errors import (
    EmptyData,
    ModelError,
    NoConvergence,
    NotEnoughData,
    Separation,
    TertiusWarning,
    UnknownActor,
    UsageError,
    did_you_mean,
    memory_named,
)
from tertius.events.covariates import AnyCovariate
from tertius.events.data import NET_NOTE, EventData, days_with_events
from tertius.events.slices import DyadSlices
from tertius.events.store import find_store, open_store, prune
from tertius.model.checks.ladder import climb
from tertius.model.design import DENSE_ACTORS
from tertius.model.estimate import Fitted, Provenance, estimate
from tertius.model.result import FitResult
from tertius.model.sign import SignFit
from tertius.plain import plain
from tertius.progress import Progress
from tertius.sources.covariates import read_covariates
from tertius.sources.importing import FORMATS
from tertius.sources.loading import load
from tertius.spec import (
    DEFAULT_ADEQUACY,
    DEFAULT_OUTCOME,
    DEFAULT_PERMUTATIONS,
    Duration,
    HalfLife,
    ModelSpec,
    Options,
    read_date,
)
from tertius.study_folder import check_destination, write_study

CITED_FILES = 5
CHRONICLE_WORK = (
    "The chronicle of tertius, a hand-picked sample: docs/chronicle.md, with how often it was confirmed.",
    "",
)
RUNGS = {"rate": "1 rate", "rate with covariates": "2 + covariates", "within": "4 within-pair"}


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
    options = _options(locals())
    events = load(data)
    _check_save(save, events)
    asked = ModelSpec.of(**{**events.asked, **options})
    said = {**_reading(events), **({"ladder": ""} if ladder else {})}
    fully = _with_held_out(asked) if ladder else asked
    result, _ = _fit(events, fully, command_line("fit", [events.name], asked, said), progress)
    if ladder:
        result = replace(result, ladder=_ladder(events, asked, progress))
    if save is not None:
        save_study(Path(save), events, asked, result)
    return result


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
    options = _options(locals())
    events = load(data)
    _check_save(save, events)
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
    said = {**_reading(events), **_asked(by, third, window, reference, ladder)}
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
    result, fitted = _fit(events, _with_held_out(asked) if ladder else asked, command, progress, check)
    assert not isinstance(fitted, SignFit)
    if ladder:
        result = replace(result, ladder=_ladder(events, asked, progress))
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
        caveats=caveats(result, answer, judgement, chronicle=chronicle),
        text=text,
        command=command,
        events=tuple(r for r in rows if from_day <= str(r["date"])[:10] <= to_day),
        data_name=events.name,
        by=third,
        landmarks=landmarks(rows, unit),
        sources=_cited(events),
    )


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a function's arguments that are fields of the question, and were given."""
    return {f.name: given[f.name] for f in fields(ModelSpec) if given[f.name] is not None}


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


def _with_held_out(asked: ModelSpec) -> ModelSpec:
    """Who climbs the ladder has the time for the comparison with inertia alone too."""
    return replace(asked, adequacy="full") if asked.adequacy == DEFAULT_ADEQUACY else asked


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


def demo(*, seed: int | None = None, progress: Progress | None = None) -> Explanation:
    """The chronicle through the whole pipeline, for Russia and North Korea.

    Parameters
    ----------
    seed : of random numbers (default: 1).
    progress : called with a line after every step.
    """
    return explain("RUS", "PRK", "chronicle", progress=progress, seed=seed)


def audit(store: str | Path, *, forget: bool = False) -> dict[str, Any]:
    """What all imports into a store read, kept and dropped; every byte of its parts is compared with what was imported.

    ``forget`` also forgets its older snapshots (``pruned`` says which). Raises UsageError where it is no store.
    """
    path, snapshot = find_store(store) or (Path(store), None)
    pruned = prune(path) if forget else None
    opened = open_store(path, snapshot, thorough=True)
    audits = opened.audits
    dropped: dict[str, int] = {}
    for one in audits:
        for rule, n in one["dropped"].items():
            dropped[rule] = dropped.get(rule, 0) + n
    first, last = (pick(a["coverage"][end] for a in audits) for pick, end in ((min, "from"), (max, "to")))
    return {
        **{key: sum(a[key] for a in audits) for key in ("read", "kept")},
        "dropped": dropped,
        **{key: sum(a[key] for a in audits) for key in ("quarantined", "rows")},
        "files": [f for a in audits for f in a["files"]],
        "coverage": {
            "from": first,
            "to": last,
            "slices": days_with_events(opened.parts),
            "missing": [d.isoformat() for d in opened.missing],
        },
        "directed": opened.directed,
        "snapshot": opened.snapshot,
        **({"snapshots": list(opened.snapshots)} if len(opened.snapshots) > 1 else {}),
        **({"pruned": pruned} if pruned is not None else {}),
        "labels": _labels([a["labels"] for a in audits if "labels" in a]),
        "warnings": [*([] if opened.directed else [NET_NOTE]), *(w for a in audits for w in a["warnings"])],
    }


def _labels(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What became of the labels of all imports: sums, and what was merged in any of them."""
    merged: dict[str, list[str]] = {}
    for one in found:
        for code, labels in one["merged"].items():
            merged[code] = sorted({*merged.get(code, ()), *labels})
    return {**{key: sum(one[key] for one in found) for key in ("matched", "kept", "no_country")}, "merged": merged}


def events_between(a: str, b: str, data: Any, start: str | None, end: str | None, limit: int) -> dict[str, Any]:
    """The rows behind a pair, latest first, as the document of ``tertius events --json``."""
    events = load(data)
    labels = events.labels()
    one, other = (find_actor(x, labels, events.name) for x in (a, b))
    if one == other:
        raise UsageError("The same actor is named twice.", "Name two different actors.")
    first, last = (read_date(d) if d else None for d in (start, end))
    found = events.between(one, other, start=first, end=last)
    return {
        "pair": [one, other],
        "data": events.name,
        "directed": events.directed,
        "n": len(found),
        "from": str(first) if first else None,
        "to": str(last) if last else None,
        "events": plain(found[:limit]),
    }


def _cited(events: EventData) -> tuple[tuple[str, str], ...]:
    """Works and files behind the data, each with a DOI or nothing."""
    if events.name == "chronicle":
        return (CHRONICLE_WORK,)
    files = [f for audit in events.audits for f in audit["files"]]
    works = dict.fromkeys(FORMATS[f["format"]].cite for f in files if f.get("format") in FORMATS)
    named = [(f"The file {f['name']} (sha256 {f['sha256'][:12]}), {f['kept']:,} events kept.", "") for f in files]
    more = [(f"And {len(named) - CITED_FILES} more files.", "")] if len(named) > CITED_FILES else []
    return (*(w for w in works if w is not None), *named[:CITED_FILES], *more)


def find_codes(text: str | None, day: date | str | None = None, groups: str | Path | None = None) -> dict[str, Any]:
    """Actors, event types and groups whose code or name holds a text, as the document of ``tertius codes --json``.

    Parameters
    ----------
    text : a code, a name or the beginning of a word in one; the name of an ontology means all its types; None means
        everything. Two or three letters show exact matches alone where there are any, a number always.
    day : a date: who is meant then, who existed then, who was a member then.
    groups : groups of one's own, a file or a folder (:func:`tertius.codes.read_groups`); without a text they alone are
        listed.

    Raises
    ------
    UnknownActor : nothing has that name.
    UsageError, InputError : no such date; groups that cannot be read.
    """
    when = read_day(day)
    own = read_groups(groups) if groups is not None else {}
    word = (text or "").strip()
    found, types, named = find_actors("", when), quad_table(), list[str]()
    if word:
        found = find_actors(word, when, exact=True)
        types = [t for t in types if word.upper() == t[0].upper() or word.lower() == t[1]]
        named = [name for name in {**all_groups(), **own} if same_name(name, word)]
        if not is_number(word) and (len(word) > SHORT or not (found or types or named)):
            found = find_actors(word, when)
            types = list(
                dict.fromkeys([*types, *(t for t in quad_table() if f" {word}".lower() in f" {t[3]}".lower())])
            )
        if not found and not types and not named:
            found = [resolve_actor(word, when)]
    elif own:
        found, types, named = [], [], list(own)
    known = {**all_groups(), **own}
    codes = [a.code for a in found if word and a.code in known]
    stays = [m for name in dict.fromkeys(codes + named) for m in known[name] if when is None or m.holds_on(when)]
    return {
        "actors": [_actor(a) for a in found],
        "types": [_type(*t) for t in types],
        "groups": [_membership(m) for m in stays],
        "date": str(when) if when else None,
    }


def _type(type_: str, ontology: str, quad: int, label: str) -> dict[str, Any]:
    known = scale_value(type_, ontology) is not None
    return {
        "type": type_,
        "ontology": ontology,
        "quad": quad,
        "label": label,
        "weight": weight_of(type_, ontology),
        "weight_of": "type" if known else "quad class",
    }


def _membership(m: Membership) -> dict[str, Any]:
    return {
        "group": m.group,
        "actor": m.actor,
        "from": str(m.from_date) if m.from_date else None,
        "to": str(m.to_date) if m.to_date else None,
    }


def _actor(a: Actor) -> dict[str, Any]:
    return {
        "code": a.code,
        "name": a.name,
        "kind": a.kind,
        "from": str(a.from_date) if a.from_date else None,
        "to": str(a.to_date) if a.to_date else None,
        "cow": list(a.cow),
        "gw": list(a.gw),
        "aliases": [*a.aliases, *a.demonyms],
        "capitals": list(a.capitals),
        "places": list(a.places),
        "until": [{"name": name, "to": str(last)} for name, last in a.until],
    }


def find_actor(text: str, labels: frozenset[str], where: str) -> str:
    """The label in the data that a code or name means. Raises UnknownActor."""
    if text in labels:
        return text
    try:
        code = resolve_actor(text).code
    except UnknownActor as error:
        near = did_you_mean(text, labels)
        if not near or "Did you mean" in error.hint:
            raise
        raise UnknownActor(error.message, f"{near}All names: tertius describe {where}.") from None
    if code not in labels:
        raise UnknownActor(
            f"{actor_name(code)} ({code}) does not occur in {where}.", f"See who does: tertius describe {where}."
        )
    return code


def resolve_spec(events: EventData, spec: ModelSpec) -> ModelSpec:
    """The spec with the defaults of this store's kind, and actors as labels of the data or known codes.

    ``@NATO`` among the actors stands for all who were members on any day of the question's span, ``@FILE`` for those
    in the file; who is in several groups, or in one and named too, is one actor. Raises UsageError, InputError.
    """
    first, last = events.span()
    days = ((spec.end or last) - (spec.start or first)).days + 1
    spec = spec.resolve(directed=events.directed, n_periods=round(days / spec.period.days))
    if spec.actors is None:
        return spec
    labels = events.labels()
    at_risk: list[str] = []
    named: list[str] = []
    for text in spec.actors:
        if text.startswith("@"):
            found = actors_at(text[1:].strip(), spec.start or first, spec.end or last, labels)
            group, words = (() if found.listed else found.actors), (found.actors if found.listed else ())
        else:
            group, words = (), (text,)
        chosen = [_label(x, labels) for x in words]
        named += chosen
        at_risk += [*chosen, *group]
    twice = sorted({x for x in named if named.count(x) > 1})
    if twice:
        raise UsageError(f"--actors names {', '.join(twice)} twice.", "Name each actor once.")
    return replace(spec, actors=tuple(dict.fromkeys(at_risk)))


def _label(text: str, labels: frozenset[str]) -> str:
    """The label in the data, a known code, or the text itself as the label of a silent actor, with a warning."""
    if text in labels:
        return text
    try:
        return resolve_actor(text).code
    except UnknownActor:
        warnings.warn(f"{text} is in --actors, but neither in the data nor in the codes.", TertiusWarning, stacklevel=2)
        return text


def _fit(
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


def _ladder(events: EventData, asked: ModelSpec, step: Progress | None = None) -> tuple[dict[str, Any], ...]:
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


def _reading(events: EventData) -> dict[str, str]:
    """How the data were read, as flags; a Study holds that itself."""
    if events.study:
        return {}
    flags = {
        "map": ",".join(f"{ours}={theirs}" for ours, theirs in events.reading.get("mapping", {}).items()),
        "weight": events.reading.get("weight", ""),
        "mirrored": events.reading.get("mirrored", ""),
        "codes": events.reading.get("codes", ""),
    }
    given = {flag: value for flag, value in flags.items() if value}
    return given | ({"undirected": ""} if events.reading.get("directed") is False else {})


def _asked(
    by: str | None, third: str | None, window: Sequence[Any] | None, reference: Sequence[Any] | None, ladder: bool
) -> dict[str, str]:
    asked = {"by": third or ""} if by else {}
    if window is not None:
        asked["window"] = " ".join(map(str, window))
    if reference is not None:
        asked["reference"] = " ".join(map(str, reference))
    if ladder:
        asked["ladder"] = ""
    return asked


def command_line(verb: str, arguments: Sequence[str], spec: ModelSpec, asked: Mapping[str, str]) -> str:
    """The command that repeats this result, without what is default anyway."""
    default = ModelSpec().to_dict()
    flags = {"start": "from", "end": "to"}
    words = ["tertius", verb, *arguments]
    for key, value in spec.to_dict().items():
        if value is None or value == default[key] or key == "scales":
            continue
        text = ",".join(value) if isinstance(value, list) else str(value)
        words += [f"--{flags.get(key, key.replace('_', '-'))}", text]
    for key, value in asked.items():
        words += [f"--{key}", *value.split()]
    return shlex.join(words)


def save_study(folder: Path, events: EventData, spec: ModelSpec, result: FitResult) -> None:
    """Keep a Study: what was asked of which data, and what came out. Raises UsageError where the folder is taken."""
    path = events.name if events.name == "chronicle" else str(Path(events.name).resolve())
    names = [c.term for c in result.coefficients]
    lines = [",".join(["", *names])]
    lines += [",".join([n, *map(repr, row.tolist())]) for n, row in zip(names, result.vcov(), strict=True)]
    document = {
        "data": {"path": path, "hash": events.hash, "reading": dict(events.reading)},
        "spec": spec.to_dict(),
        "command": result.command,
        "fit": result.to_dict(),
    }
    write_study(folder, document, {"coefficients.csv": result.to_csv(), "vcov.csv": "\n".join(lines) + "\n"})


def _check_save(save: str | Path | None, events: EventData) -> None:
    """Raises UsageError, before the work begins, where no Study can be kept."""
    if save is None:
        return
    if events.name == "data frame":
        raise UsageError("A Study points to its data, and a data frame has no path.", "Write it to Parquet first.")
    if events.study:
        raise UsageError(f"{events.name} is a Study already.", "Save a new one from the data behind it.")
    check_destination(Path(save))


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    found = {"python": platform.python_version()}
    for package in ("tertius", "numpy", "scipy", "duckdb"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def peak_memory_mb() -> float | None:
    """Largest resident memory of this process so far, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak) / (1e6 if sys.platform == "darwin" else 1024.0)

"""All pairs of a fit, and pairs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan
from typing import Any, Unpack

import numpy as np

from tertius.answers.attribution import foe_effect
from tertius.answers.certificate import Certificate, Statistic
from tertius.answers.every_pair import BLOCK_BYTES, every_pair
from tertius.answers.explanation import too_thin
from tertius.answers.overview import Pairs, entries, overview_caveats, overview_text
from tertius.answers.spans import SlicedSpans, Spans, spans
from tertius.errors import EmptyData, ModelError, UsageError, did_you_mean, memory_named
from tertius.events.data import EventData
from tertius.language import say
from tertius.model.budget import check_memory
from tertius.progress import OnProgress
from tertius.sources.loading import load
from tertius.spec import SORTS, ModelSpec, Options
from tertius.study.asking import command_line, find_actor, reading_flags, span_flags
from tertius.study.explain import Question, unit_of
from tertius.study.fit import Days, Refused, Study, asked_of, refused

COPIES = 4
"""Of what is summed by slice and pair, at most."""


Typed = tuple[Days | None, Days | None]
Named = Sequence[str | tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of all pairs: the spans, and which pairs are wanted.

    ``question`` has the spans and every actor that was named; the others are as for :meth:`Study.pairs`.
    """

    question: Question
    actor: str | None = None
    rose: bool = False
    top: int | None = None
    pairs: tuple[tuple[str, str], ...] | None = None
    sort: str | None = None

    @classmethod
    def of(
        cls,
        events: EventData,
        asked: ModelSpec,
        labels: frozenset[str],
        span: tuple[date, date],
        typed: Typed,
        *,
        actor: str | None = None,
        rose: bool = False,
        top: int | None = None,
        pairs: Named | None = None,
        sort: str | None = None,
    ) -> Asked:
        """With actors as labels of the data. Raises UsageError, UnknownActor."""
        if sort not in (None, *SORTS):
            raise UsageError(f"--sort '{sort}' does not exist.", f"Choose one of: {', '.join(SORTS)}.")
        if top is not None and top < 1:
            raise UsageError("--top is a number of pairs.", "Write --top 20, or leave it out for all.")
        if pairs is not None and not pairs:
            raise UsageError("compare takes pairs.", "Write: tertius compare RUS-PRK IND-PAK DATA.")
        by = None if actor is None else find_actor(actor, labels, events.name)
        two = None if pairs is None else tuple(pair_of(p, labels, events.name) for p in pairs)
        both = spans(asked.start or span[0], asked.end or span[1], *typed)
        named = tuple(x for pair in two or () for x in pair) + (() if by is None else (by,))
        return cls(Question(named, None, both, typed=typed), by, rose, top, two, sort)

    def command(self, events: EventData, asked: ModelSpec, ladder: bool) -> str:
        """The command that repeats the answer."""
        said = {**reading_flags(events), **span_flags(None, None, *self.question.typed, ladder)}
        said |= {} if self.actor is None else {"actor": self.actor}
        said |= ({"rose": ""} if self.rose else {}) | ({} if self.top is None else {"top": str(self.top)})
        said |= {} if self.sort is None else {"sort": self.sort}
        words = [f"{a}-{b}" for a, b in self.pairs or ()]
        return command_line("pairs" if self.pairs is None else "compare", [*words, events.name], asked, said)


@memory_named()
def pairs(
    data: Any,
    *,
    window: Days | None = None,
    reference: Days | None = None,
    actor: str | None = None,
    rose: bool = False,
    top: int | None = None,
    sort: str | None = None,
    cache: bool = True,
    progress: OnProgress | None = None,
    **question: Unpack[Options],
) -> Pairs:
    """Open a Study and ask for all pairs; all that can be refused is refused before the fit.

    Parameters are those of :meth:`Study.open` and :meth:`Study.pairs`.

    >>> pairs("chronicle", model="rate", effects="inertia,shared_threat", slice="1mo", half_life="2y").n_pairs
    378
    """
    wanted = {"actor": actor, "rose": rose, "top": top, "sort": sort}
    return _open_and_ask(data, (window, reference), cache, progress, question, **wanted)


@memory_named()
def compare(
    named: Named,
    data: Any,
    *,
    window: Days | None = None,
    reference: Days | None = None,
    cache: bool = True,
    progress: OnProgress | None = None,
    **question: Unpack[Options],
) -> Pairs:
    """Open a Study and set pairs side by side; each is two actors, or two joined by a hyphen.

    The other parameters are those of :meth:`Study.open` and :meth:`Study.compare`.
    """
    return _open_and_ask(data, (window, reference), cache, progress, question, pairs=named)


def _open_and_ask(
    data: Any, typed: Typed, cache: bool, progress: OnProgress | None, question: Options, **wanted: Any
) -> Pairs:
    events = load(data)
    asked = asked_of(events, question)
    ask = Asked.of(events, asked, events.labels(), events.span(), typed, **wanted)
    command = ask.command(events, asked, False)
    study = Study.of(events, asked, command, cache=cache, check=ask.question.check, progress=progress)
    return answer(study, ask, progress)


def answer(study: Study, ask: Asked, progress: OnProgress | None) -> Pairs:
    """All pairs of a Study, then those wanted."""
    command = ask.command(study.events, study.asked, study.ladder)
    found = study.every_pair(ask.question, progress)
    found = replace(found, command=command, fit=replace(found.fit, command=command))
    if ask.pairs is not None:
        return found.named(ask.pairs)
    return found.chosen(actor=ask.actor, rose=ask.rose, top=ask.top, sort=ask.sort)


def pair_of(named: str | tuple[str, str], labels: frozenset[str], where: str) -> tuple[str, str]:
    """The labels of two actors, or of "RUS-PRK"; labels and names may hold hyphens themselves.

    Raises UsageError, UnknownActor.
    """
    one, other = _two(named, labels, where)
    if one == other:
        raise UsageError(f"{one}-{other} names the same actor twice.", "Name two different actors.")
    return one, other


def _two(named: str | tuple[str, str], labels: frozenset[str], where: str) -> tuple[str, str]:
    if not isinstance(named, str):
        a, b = named
        return find_actor(a, labels, where), find_actor(b, labels, where)
    text, parts = named, named.split("-")
    if len(parts) < 2:
        near = "" if text in labels else did_you_mean(text, labels)
        raise UsageError(f"'{text}' is no pair.", f"{near}Join two actors by a hyphen: RUS-PRK.")
    unknown: UsageError | None = None
    for at in range(1, len(parts)):
        two = "-".join(parts[:at]), "-".join(parts[at:])
        try:
            return find_actor(two[0], labels, where), find_actor(two[1], labels, where)
        except UsageError as error:
            unknown = unknown or error
    assert unknown is not None
    raise unknown


def everything(study: Study, question: Question, progress: OnProgress | None) -> Pairs:
    """All pairs, the clearest rise first; without a command."""
    sl, spec = study.slices, study.fitted.design.spec
    question.check(sl, spec)
    own = question.spans.of(sl)
    _check_memory(study, own)
    if progress:
        progress(say("{n:,} pairs: rises and third parties", n=sl.n_actors * (sl.n_actors - 1) // 2))
    found = every_pair(study.fitted, own, spec.seed)
    certificate, conditions, why = _conditions(study, question.spans, progress)
    result = study.result
    thin = why.thin or (not why.why and too_thin(result, foe_effect(sl.directed)))
    made = entries(found, sl.actors, certificate, conditions, thin)
    moved = question.spans.moved(own, str(sl.length))
    return Pairs(
        pairs=made,
        window=own.window_days,
        reference=own.reference_days,
        outcome=spec.outcome,
        unit=unit_of(study),
        n_pairs=len(made),
        n_tested=sum(not isnan(e.rise.p) for e in made),
        n_risen=sum(e.risen for e in made),
        certificate=certificate,
        refused=why.why,
        fit=result,
        caveats=(*([moved] if moved else []), *overview_caveats(result, study.events.note)),
        text=overview_text(made, spec.outcome, certificate, why.why),
        command="",
    )


def _conditions(
    study: Study, asked: Spans, progress: OnProgress | None
) -> tuple[Certificate | None, dict[frozenset[str], Statistic], Refused]:
    """The certificate of all pairs, condition 6 by pair, and why there is neither."""
    if study.other_outcome:
        return None, {}, Refused(study.other_outcome, False)
    slices = study.slices
    try:
        slices = study.periods
        own = asked.of(slices)
        found = study.certified(0, progress)
        if isinstance(found, Refused):
            return None, {}, found
        statistics = found.of_every_pair(own.window, own.reference)
    except (ModelError, EmptyData, UsageError) as error:
        return None, {}, refused(error, slices)
    ends = zip(*np.triu_indices(slices.n_actors, 1), strict=True)
    pairs = (frozenset((slices.actors[i], slices.actors[j])) for i, j in ends)
    return found.certificate, dict(zip(pairs, statistics, strict=True)), Refused("", False)


def _check_memory(study: Study, own: SlicedSpans) -> None:
    """Raises NotEnoughMemory before anything large is made."""
    sl = study.slices
    n, pairs = sl.n_actors, sl.n_actors * (sl.n_actors - 1) // 2
    needed = 8 * n * n * int((own.window | own.reference).sum()) + COPIES * 8 * sl.n_slices * pairs + 2 * BLOCK_BYTES
    check_memory(
        needed, "All pairs", sl, "Take a shorter --window and --reference, a longer --slice, or fewer --actors."
    )

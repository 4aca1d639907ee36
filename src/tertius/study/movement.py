"""One pair or one actor before and after a day: trend, rank, isolation, ties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tertius.answers.movement import (
    NOUNS,
    Isolated,
    Rank,
    Series,
    Tie,
    Ties,
    Trend,
    history_caveat,
    per_day,
    standing,
)
from tertius.answers.rise import Rise, Rises, rise, rise_of_share, rises, widened
from tertius.answers.spans import SlicedSpans, spans
from tertius.codes.groups import actors_at, find_group, members_between, read_groups
from tertius.errors import NotEnoughData, UsageError, memory_named
from tertius.events.data import NET_NOTE, EventData
from tertius.events.slices import DyadSlices, Floats
from tertius.language import joined, say
from tertius.signed.isolation import Isolation
from tertius.signed.isolation import isolation as isolation_of
from tertius.sources.loading import load
from tertius.spec import (
    DEFAULT_BESIDE,
    DEFAULT_PERIOD,
    DEFAULT_RESPONSE,
    OUTCOMES,
    RESPONSES,
    Duration,
    ModelSpec,
    read_date,
)
from tertius.study.asking import command_line, find_actor, reading_flags, spanned, types_named

BUSIEST = 50
"""Pairs beside which the volatility of one is seen."""
SHORT = {"count": say("events"), "weight": say("units of weight")}


@dataclass(frozen=True, slots=True)
class Periods:
    """What was asked, as periods: of the types asked for (``slices``), and of all types (``all``)."""

    events: EventData
    spec: ModelSpec
    slices: DyadSlices
    all: DyadSlices
    at: date
    first: date
    last: date
    types: tuple[str, ...]
    given: dict[str, str]
    labels: frozenset[str]

    def divided(self, at: str | date | None, end: date | None = None) -> Periods:
        """The same periods with another day between before and after, and another last day."""
        last = self.last if end is None or end >= self.last else end
        day = read_date(at) if at is not None else spans(self.first, last, None, None).window[0]
        given = {k: v for k, v in self.given.items() if k != "at"}
        spec = self.spec if last == self.last else replace(self.spec, end=last)
        named = {"at": str(day)} if at is not None else {}
        return replace(self, spec=spec, at=day, last=last, given=named | given)

    def check_divides(self) -> None:
        """Raises UsageError where nothing lies before the day or it lies outside the data, NotEnoughData where no
        observed period lies on one side of it."""
        if not self.first < self.at <= self.last:
            raise UsageError(
                say(
                    "--at {at} does not divide the data ({first} to {last}).",
                    at=str(self.at),
                    first=self.first,
                    last=self.last,
                ),
                say("Choose a day from {first} to {last}.", first=self.first + timedelta(days=1), last=self.last),
            )
        after = self.slices.between(np.datetime64(self.at), np.datetime64(self.last))
        before = self.slices.between(np.datetime64(self.first), np.datetime64(self.at) - 1) & ~after
        for side, mask in ((say("before"), before), (say("from"), after)):
            if not (mask & self.slices.observed).any():
                raise NotEnoughData(
                    say(
                        "No period of {period} {side} {day} was observed for half of its days.",
                        period=self.spec.period,
                        side=side,
                        day=self.at,
                    ),
                    say("Choose another --at, or shorter steps: --period."),
                )

    def sides(self) -> tuple[SlicedSpans, tuple[str, ...]]:
        """What lies before the day and from it on, in slices, and a caveat where the day had to move."""
        before, after = (self.first, self.at - timedelta(days=1)), (self.at, self.last)
        sliced = spans(self.first, self.last, after, before).of(self.slices)
        moved = spans(self.first, self.last, after, None).moved(sliced, str(self.spec.period))
        return sliced, (moved,) if moved else ()

    @property
    def unit(self) -> str:
        """Events or units of weight."""
        return SHORT[str(self.spec.response)]

    def values(self, slices: DyadSlices, outcome: str) -> Floats:
        """(E,) the outcome of every entry."""
        return slices.outcome(outcome, str(self.spec.response))

    def busiest(self, outcome: str) -> Floats:
        """(S, K) the outcome of the :data:`BUSIEST` pairs with most of it, which tell how long what wanders lasts."""
        slices, values = self.slices, self.values(self.slices, outcome)
        i, j = np.divmod(slices.dyad, slices.n_actors)
        pairs, place = np.unique(np.minimum(i, j) * slices.n_actors + np.maximum(i, j), return_inverse=True)
        amount = np.bincount(place, weights=values, minlength=len(pairs))
        column = np.full(len(pairs), -1)
        kept = np.argsort(-amount, kind="stable")[:BUSIEST]
        column[kept] = np.arange(len(kept))
        hit = column[place] >= 0
        period = np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))
        out = np.zeros((slices.n_slices, len(kept)))
        np.add.at(out, (period[hit], column[place[hit]]), values[hit])
        return out

    def dates(self) -> tuple[str, ...]:
        """First day of every period, within the data."""
        return tuple(max(str(d), str(self.first)) for d in self.slices.dates())

    def series(self, values: Floats) -> Series:
        """Per observed day."""
        rate = per_day(values, self.slices.exposure, self.slices.observed)
        return Series(self.dates(), tuple(map(float, rate)), tuple(map(float, self.slices.exposure)))

    def caveats(self, outcome: str) -> tuple[str, ...]:
        """What holds of every answer here."""
        left = int((~self.slices.observed).sum())
        return (
            *([self.events.note] if self.events.note else []),
            *(
                [
                    say(
                        "{left} of {n_slices} periods of {period} were observed for less than half of their days "
                        "and are left out.",
                        left=left,
                        n_slices=self.slices.n_slices,
                        period=self.spec.period,
                    )
                ]
                if left
                else []
            ),
            *([] if self.events.directed else [NET_NOTE]),
            *([say("Types are as the data code them, and machine coding is often wrong.")] if self.types else []),
            say("What is recorded of {outcome} is counted, not {outcome} itself.", outcome=outcome),
        )

    def command(self, verb: str, words: Sequence[str], **flags: str | None) -> str:
        """The command that repeats the answer."""
        said = reading_flags(self.events) | self.given | {k: v for k, v in flags.items() if v is not None}
        asked = replace(self.spec, slice=None, response=None)
        return command_line(verb, [*words, self.events.name], asked, said)


def open_periods(
    data: Any,
    period: str | Duration,
    response: str | None,
    start: str | date | None,
    end: str | date | None,
    types: str | Sequence[str] | None,
    seed: int | None = None,
) -> Periods:
    """What :func:`trend`, :func:`rank` and :func:`isolation` ask of: opened once for many questions."""
    if response not in (None, *RESPONSES):
        raise UsageError(f"--response '{response}' does not exist.", f"Choose {' or '.join(RESPONSES)}.")
    events = load(data)
    asked = ModelSpec.of(period=period, start=start, end=end, seed=seed)
    whole = spanned(events, asked)
    assert whole.start is not None
    assert whole.end is not None
    first, last = whole.start, whole.end
    spec = replace(asked, response=response or DEFAULT_RESPONSE[events.directed], slice=asked.period)
    names = types_named(types)
    whole = replace(whole, slice=asked.period)
    everything = events.slices(whole, fewest=1)
    rows = events.of_types(names) if names else events
    some = rows.slices(replace(whole, actors=everything.actors), fewest=1) if names else everything
    given = {"types": ",".join(names)} if names else {}
    given |= {"response": response} if response is not None else {}
    made = Periods(events, spec, some, everything, first, first, last, names, given, events.labels())
    return made.divided(None)


def _pair(p: Periods, a: str, b: str) -> tuple[str, str]:
    one, other = (find_actor(x, p.labels, p.events.name) for x in (a, b))
    if one == other:
        raise UsageError(say("The same actor is named twice."), say("Name two different actors."))
    for x in (one, other):
        if x not in p.slices.actors:
            raise UsageError(
                say("{actor} does not occur from {first} to {last}.", actor=x, first=p.first, last=p.last),
                say("Widen --from and --to."),
            )
    return one, other


def _sides(p: Periods, a: str, b: str) -> tuple[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]:
    """The two as they are called, and the actors that either stands for: itself, or the members of ``@GROUP`` that
    occur. Raises UsageError, InputError."""
    if not a.startswith("@") and not b.startswith("@"):
        pair = _pair(p, a, b)
        return pair, ((pair[0],), (pair[1],))
    sides, names = list[tuple[str, ...]](), list[str]()
    for word in (a, b):
        if word.startswith("@"):
            members = tuple(x for x in actors_at(word[1:], p.first, p.last, p.labels).actors if x in p.slices.actors)
            names.append(word)
        else:
            members = (find_actor(word, p.labels, p.events.name),)
            names.append(members[0])
        sides.append(members)
    sides = [tuple(x for x in own if x not in other or len(own) == 1) for own, other in (sides, sides[::-1])]
    for word, members in zip((a, b), sides, strict=True):
        if not any(x in p.slices.actors for x in members):
            raise UsageError(f"Nobody of {word} occurs from {p.first} to {p.last}.", "Widen --from and --to.")
    return (names[0], names[1]), (sides[0], sides[1])


def _of_sides(p: Periods, sides: tuple[tuple[str, ...], tuple[str, ...]], outcome: str) -> Floats:
    """(S,) what passed between anyone of one side and anyone of the other, both directions together."""
    one, other = (np.isin(np.array(p.slices.actors), side) for side in sides)
    i, j = np.divmod(p.slices.dyad, p.slices.n_actors)
    kept = (one[i] & other[j]) | (other[i] & one[j])
    period = np.repeat(np.arange(p.slices.n_slices), np.diff(p.slices.indptr))
    values = p.values(p.slices, outcome)[kept]
    return np.asarray(np.bincount(period[kept], weights=values, minlength=p.slices.n_slices), dtype=np.float64)


def _outcome(outcome: str | None, types: Sequence[str]) -> str:
    """What is counted: cooperation; of named types, whatever they are."""
    found = outcome or ("any" if types else "cooperation")
    if found not in OUTCOMES:
        raise UsageError(f"--outcome '{found}' does not exist.", f"Choose one of: {', '.join(OUTCOMES)}.")
    return found


def _of_pair(p: Periods, slices: DyadSlices, pair: tuple[str, str], outcome: str) -> Floats:
    i, j = (slices.actors.index(x) for x in pair)
    return slices.pair(i, j, p.values(slices, outcome))


@memory_named()
def trend(
    a: str,
    b: str,
    data: Any,
    *,
    at: str | date | None = None,
    outcome: str | None = None,
    types: str | Sequence[str] | None = None,
    period: str | Duration = DEFAULT_PERIOD,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    seed: int | None = None,
) -> Trend:
    """Do two do more of something since a day?

    Parameters
    ----------
    a, b : the pair, codes or names. data : anything that :func:`tertius.load` takes.
    at : first day of "after" (default: of the last third of the data).
    outcome : "cooperation", "hostility" or "any" (default: cooperation; with types, any).
    types : event types, codes as the data have them; a code of digits takes those that begin with it too.
    period : the steps of time that the interval draws blocks of. response : "count" or "weight".
    start, end : first and last day of the data used.

    Raises UsageError, InputError, NotEnoughData, with the way out.

    >>> trend("RUS", "PRK", "chronicle", at="2022-02-24", period="1y").rise.ratio > 1
    True
    """
    p = open_periods(data, period, response, start, end, types, seed).divided(at)
    return trend_of(p, a, b, outcome)


def trend_of(p: Periods, a: str, b: str, outcome: str | None = None) -> Trend:
    """:func:`trend` of periods that are open; a side may be the members of a group (``@NATO``), summed."""
    p.check_divides()
    what = _outcome(outcome, p.types)
    pair, sides = _sides(p, a, b)
    sliced, moved = p.sides()
    kept = sliced.among(p.slices.observed)
    own = _of_sides(p, sides, what)
    every = p.all.per_slice(p.values(p.all, what if not p.types else "any"))
    found = rise(own, every, p.slices.exposure, kept, p.spec.seed)
    left = int(((sliced.window | sliced.reference) & ~p.slices.observed).sum())
    return Trend(
        pair, str(p.at), what, p.unit, p.types, replace(found, left_out=left),
        widened(rise_of_share(own, every, kept, p.spec.seed), own, every, kept, p.busiest(what)), p.series(own),
        (*moved, *p.caveats(NOUNS[what])),
        p.command("trend", pair, outcome=outcome),
    )  # fmt: skip


@memory_named()
def rank(
    a: str,
    b: str,
    data: Any,
    *,
    at: str | date | None = None,
    types: str | Sequence[str] | None = None,
    period: str | Duration = DEFAULT_PERIOD,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    seed: int | None = None,
) -> Rank:
    """Where do relations of two stand in their own history: has it ever been this bad?

    Parameters are those of :func:`trend`; ``at`` is a day in the period that is asked about (default: the last observed
    period of the data).

    >>> rank("RUS", "PRK", "chronicle", period="1y").standing.n > 10
    True
    """
    p = open_periods(data, period, response, start, end, types, seed).divided(at)
    return rank_of(p, a, b, at is not None)


def rank_of(p: Periods, a: str, b: str, dated: bool) -> Rank:
    """:func:`rank` of periods that are open: in the period with ``p.at``, or in the last one where none is named."""
    pair = _pair(p, a, b)
    net = _of_pair(p, p.slices, pair, "cooperation") - _of_pair(p, p.slices, pair, "hostility")
    series = p.series(net)
    seen = np.flatnonzero(p.slices.observed)
    if not dated:
        if not len(seen):
            raise NotEnoughData(
                say("No period of {period} was observed.", period=p.spec.period), say("Choose another --period.")
            )
        place = int(seen[-1])
    else:
        if not p.first <= p.at <= p.last:
            raise UsageError(
                say("--at {at} lies outside the data ({first} to {last}).", at=str(p.at), first=p.first, last=p.last),
                say("Choose a day inside, or leave it out."),
            )
        day = float(np.datetime64(p.at).astype("datetime64[D]").astype(np.int64))
        place = int(np.searchsorted(p.slices.edges, day, side="right")) - 1
        if place not in seen:
            raise NotEnoughData(
                say(
                    "The period of {period} with {at} was observed for less than half of its days.",
                    period=p.spec.period,
                    at=p.at,
                ),
                say("Choose another --at or --period."),
            )
    found = standing(np.array(series.value), series.period, place)
    return Rank(
        pair, series.period[place], str(p.spec.period), p.unit, p.types, found, series,
        (*history_caveat(found.n, str(p.spec.period)), *p.caveats(say("cooperation and hostility"))),
        p.command("rank", pair),
    )  # fmt: skip


@memory_named()
def isolation(
    actor: str,
    data: Any,
    *,
    at: str | date | None = None,
    group: str | None = None,
    groups: str | Path | None = None,
    beside: str | Sequence[str] | None = None,
    outcome: str | None = None,
    types: str | Sequence[str] | None = None,
    period: str | Duration = DEFAULT_PERIOD,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    seed: int | None = None,
) -> Isolated:
    """With how many partners does an actor deal, in effect, before and after a day?

    Parameters
    ----------
    actor : code or name. data : anything that :func:`tertius.load` takes.
    at : first day of "after" (default: of the last third of the data).
    group : count partners among the members of this group alone, as ``tertius codes`` knows it; overall stands beside.
    groups : a file or folder with groups of your own.
    beside : others whose change the actor's is set against (default: the 10 with most of the outcome).
    outcome : "cooperation" (the default), "hostility" or "any": partners in what. types, period, response, start, end :
        as for :func:`trend`.

    Raises UsageError, InputError, NotEnoughData, with the way out.

    >>> isolation("RUS", "chronicle", at="2014-01-01", period="1y").found.counts
    True
    """
    p = open_periods(data, period, response, start, end, types, seed).divided(at)
    return isolation_in(p, actor, group, groups, beside, outcome)


def isolation_in(
    p: Periods,
    actor: str,
    group: str | None = None,
    groups: str | Path | None = None,
    beside: str | Sequence[str] | None = None,
    outcome: str | None = None,
) -> Isolated:
    """:func:`isolation` of periods that are open."""
    p.check_divides()
    what = _outcome(outcome, p.types)
    labels = p.labels
    own = _present(p, actor)
    values = p.values(p.slices, what)
    others = _beside(p, own, beside, values, labels)
    name, members = _members(p, group, groups)
    counts = p.spec.response == "count"
    after = p.slices.between(np.datetime64(p.at), np.datetime64(p.last))

    halves = bool((partners_of(p.slices, own, values, None) % 1).any())

    def asked(among: frozenset[str] | None) -> tuple[Isolation, tuple[str, ...]]:
        """Set against the others who have a figure themselves."""
        rows = {k: partners_of(p.slices, k, values, among) for k in (own, *others)}
        found = isolation_of(rows[own], after, counts, [rows[k] for k in others], p.slices.observed)
        kept = tuple(k for k, r in zip(others, found.others, strict=True) if np.isfinite([r.low, r.high]).all())
        if len(kept) < len(others):
            found = isolation_of(rows[own], after, counts, [rows[k] for k in kept], p.slices.observed)
        return found, kept

    found, against = asked(members)
    if not against and not counts:
        left = say("None of {join} has enough to compare with.", join=joined(others, ", "))
        raise NotEnoughData(left, "Name others: --beside, or take a longer span or another --group.")
    dates = p.dates()
    return Isolated(
        own, name, str(p.at), what, p.unit, p.types, found, None if members is None else asked(None)[0], against,
        tuple(dates[b] for b in found.blocks), len((members or frozenset()) & set(p.slices.actors) - {own}),
        (*_isolation_caveats(p, (counts, halves), others, against, beside is None, name), *p.caveats(NOUNS[what])),
        p.command(
            "isolation", [own], outcome=outcome, group=group, groups=None if groups is None else str(groups),
            beside=None if beside is None else ",".join(others),
        ),
    )  # fmt: skip


@memory_named()
def ties(
    actor: str,
    data: Any,
    *,
    at: str | date | None = None,
    types: str | Sequence[str] | None = None,
    period: str | Duration = DEFAULT_PERIOD,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    seed: int | None = None,
) -> Ties:
    """Who are an actor's friends and foes: with whom has it most cooperation, and most hostility?

    Parameters are those of :func:`trend`: ``at`` is the first day of "after".

    Raises UsageError, InputError, NotEnoughData, with the way out.

    >>> [t.actor for t in ties("RUS", "chronicle", at="2014-01-01", period="1y").most(1)][:1]
    ['UKR']
    """
    return ties_in(open_periods(data, period, response, start, end, types, seed).divided(at), actor)


def ties_in(p: Periods, actor: str) -> Ties:
    """:func:`ties` of periods that are open."""
    p.check_divides()
    own = _present(p, actor)
    sliced, moved = p.sides()
    kept = sliced.among(p.slices.observed)
    found = []
    for outcome in ("cooperation", "hostility"):
        values = partners_of(p.slices, own, p.values(p.slices, outcome), None)
        found.append(rises(values, values.sum(axis=1), p.slices.exposure, kept, p.spec.seed))
    others = [a for a in p.slices.actors if a != own]

    def both(name: str, k: int) -> tuple[float, float]:
        return float(getattr(found[0], name)[k]), float(getattr(found[1], name)[k])

    made = (
        Tie(a, both("reference_rate", k), both("window_rate", k), *(both(x, k) for x in ("ratio", "low", "high")))
        for k, a in enumerate(others)
    )
    return Ties(
        own, str(p.at), p.unit, p.types, sliced.reference_days, sliced.window_days,
        tuple(sorted((t for t in made if sum(t.before) + sum(t.after) > 0), key=lambda t: (-sum(t.after), t.actor))),
        (*moved, *p.caveats(say("cooperation and hostility"))), p.command("ties", [own]),
    )  # fmt: skip


def _present(p: Periods, actor: str) -> str:
    """The label of an actor. Raises UsageError where it does not occur in the span."""
    own = find_actor(actor, p.labels, p.events.name)
    if own not in p.slices.actors:
        raise UsageError(
            say("{actor} does not occur from {first} to {last}.", actor=own, first=p.first, last=p.last),
            say("Widen --from and --to."),
        )
    return own


def changes_of_all(p: Periods, actor: str, outcome: str) -> Rises:
    """How an actor's dealings with each other actor changed, against what passed among all who are not the actor."""
    p.check_divides()
    own = partners_of(p.slices, actor, p.values(p.slices, outcome), None)
    others = p.all.per_slice(p.values(p.all, outcome)) - own.sum(axis=1)
    last_before = p.at - timedelta(days=1)
    sliced = spans(p.first, p.last, (p.at, p.last), (p.first, last_before)).of(p.slices).among(p.slices.observed)
    return rises(own, others, others, sliced, p.spec.seed)


def volume_of(p: Periods, actor: str, group: str | None, outcome: str = "cooperation") -> Rise:
    """How all that an actor has with others (of a group) changed, against what passed among all who are not it."""
    values = p.values(p.slices, outcome)
    _, members = _members(p, group, None)
    own = partners_of(p.slices, actor, values, members).sum(axis=1)
    whole = partners_of(p.slices, actor, values, None).sum(axis=1)
    others = p.all.per_slice(p.values(p.all, outcome)) - whole
    last_before = p.at - timedelta(days=1)
    sliced = spans(p.first, p.last, (p.at, p.last), (p.first, last_before)).of(p.slices).among(p.slices.observed)
    return widened(rise(own, others, others, sliced, p.spec.seed), own, others + own, sliced, p.busiest(outcome))


def partners_of(slices: DyadSlices, actor: str, values: Floats, among: frozenset[str] | None) -> Floats:
    """(S, J) what an actor has with each other actor (of a group) by period, both directions together."""
    n, k = slices.n_actors, slices.actors.index(actor)
    i, j = np.divmod(slices.dyad, n)
    hit = (i == k) | (j == k)
    other = np.where(i == k, j, i)[hit]
    period = np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))[hit]
    Y = np.bincount(period * n + other, weights=values[hit], minlength=slices.n_slices * n)
    kept = np.array([a != actor and (among is None or a in among) for a in slices.actors])
    return np.asarray(Y.reshape(slices.n_slices, n)[:, kept], dtype=np.float64)


def _beside(
    p: Periods, own: str, beside: str | Sequence[str] | None, values: Floats, labels: frozenset[str]
) -> tuple[str, ...]:
    """The others, as labels."""
    if beside is None:
        n = p.slices.n_actors
        i, j = np.divmod(p.slices.dyad, n)
        size = np.bincount(i, weights=values, minlength=n) + np.bincount(j, weights=values, minlength=n)
        order = [p.slices.actors[k] for k in np.argsort(-size, kind="stable") if size[k] > 0]
        return tuple(a for a in order if a != own)[:DEFAULT_BESIDE]
    words = beside.split(",") if isinstance(beside, str) else list(beside)
    found = tuple(dict.fromkeys(find_actor(w.strip(), labels, p.events.name) for w in words if w.strip()))
    if own in found or not found:
        raise UsageError("--beside names the actor itself, or nobody.", "Name others, or leave --beside out.")
    absent = [x for x in found if x not in p.slices.actors]
    if absent:
        raise UsageError(f"{absent[0]} does not occur from {p.first} to {p.last}.", "Widen --from and --to.")
    return found


def _members(p: Periods, group: str | None, groups: str | Path | None) -> tuple[str, frozenset[str] | None]:
    """The group's name, and who was a member on any day of the span."""
    if group is None:
        if groups is not None:
            raise UsageError("--groups holds groups, and none was asked for.", "Name one: --group NAME.")
        return "", None
    known = read_groups(groups, p.slices.actors) if groups is not None else None
    members = frozenset(members_between(group, p.first, p.last, known))
    if not members & set(p.slices.actors):
        raise UsageError(f"No member of {group} occurs in {p.events.name}.", "Choose another --group.")
    return find_group(group, known)[0].group, members


def _isolation_caveats(
    p: Periods, kind: tuple[bool, bool], others: Sequence[str], against: Sequence[str], chosen: bool, group: str
) -> tuple[str, ...]:
    counts, halves = kind
    short = [k for k in others if k not in against]
    how = (
        say(
            "Of counts, Simpson's index is unbiased: half the coverage gives the same figure, if events are recorded "
            "independently of each other."
        )
        if counts
        else say(
            "Of weights, the figure is the change set against that of others, who were covered by the same sources."
        )
    )
    whole = say("Some events count one half (mirrored codings), which the unbiased index takes as they are.")
    return (
        how,
        *([whole] if counts and halves else []),
        say("Set against {join}", join=joined(against, ", ") or say("nobody"))
        + (say(", of those with most of the outcome.") if chosen else "."),
        *([say("Too little is recorded of {join} to set it beside.", join=joined(short, ", "))] if short else []),
        *(
            [
                say(
                    "Members of {group} are all who were so on any day from {first} to {last}.",
                    group=group,
                    first=p.first,
                    last=p.last,
                )
            ]
            if group
            else []
        ),
    )

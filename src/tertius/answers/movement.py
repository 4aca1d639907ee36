"""Four questions of one pair or one actor over time, as answers: trend, rank, isolation, ties.

**Trend**: does the pair do more of something since a day? The outcome per observed day from that day on, over that
before it, with the block bootstrap's interval of :mod:`tertius.answers.rise`; and the same for the pair's share of what
was recorded between all pairs, for half the coverage halves the rate and leaves the share. With event types named, the
share is still that of all types: else what everyone does more of would count as nothing.

**Rank**: has it ever been this bad? The pair's net, cooperation minus hostility per observed day, of one period among
all observed periods before it: the share of them that were lower, ties counted half.

**Isolation**: with how many partners, in effect, does an actor cooperate, before and after a day?
:mod:`tertius.signed.isolation` has the figure and its interval.

**Ties**: who are an actor's friends and foes? Its cooperation and hostility with each other actor, per observed day,
from a day on, and how either changed: the ratio to before, with the block bootstrap's interval. A friend is who has
most of its cooperation, a foe who has most of its hostility; a large neighbour may be both.

Periods of which less than half the days were observed are in none of these, and no rate divides by a day that was not
observed. What none of them does: say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.answers.rise import Rise
from tertius.codes import actor_name
from tertius.events.slices import Bools, Floats
from tertius.language import Day, capital, joined, say, small
from tertius.plain import frame, number, plain
from tertius.signed.isolation import Isolation, Ratio

FEW_PERIODS = 12
"""Periods of history below which a percentile says little."""
NAMED = 5
"""Friends, and foes, that a sentence names."""
NOUNS = {"cooperation": say("cooperation"), "hostility": say("hostility"), "any": say("interaction")}


@dataclass(frozen=True, slots=True)
class Series:
    """Periods in their order: first days, what was seen per observed day (NaN: not observed), and observed days."""

    period: tuple[str, ...]
    value: tuple[float, ...]
    days: tuple[float, ...]

    def to_dict(self) -> list[dict[str, Any]]:
        """A line a period."""
        lines = zip(self.period, self.value, self.days, strict=True)
        return [dict(plain({"period": p, "value": v, "observed_days": d})) for p, v, d in lines]


class _Movement:
    """What trend, rank and isolation have in common: rows as a data frame, text for terminal and notebook."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The figure in sentences."""
        raise NotImplementedError

    def rows(self) -> list[dict[str, Any]]:
        """A row a period."""
        raise NotImplementedError

    def table(self, backend: str | None = None) -> Any:
        """:meth:`rows` as a data frame."""
        return frame(self.rows(), backend)

    def summary(self) -> str:
        """What the terminal shows: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def _repr_html_(self) -> str:
        return _html(self.text)


@dataclass(frozen=True)
class Trend(_Movement):
    """A pair's rate before and from a day. ``types`` : the event types counted, none: all."""

    pair: tuple[str, str]
    at: str
    outcome: str
    unit: str
    types: tuple[str, ...]
    rise: Rise
    share: Rise
    series: Series
    caveats: tuple[str, ...]
    command: str

    @property
    def shown(self) -> int:
        """1: more than before, -1: less, 0: the interval holds 1, or there is none."""
        return int(self.rise.low > 1.0) - int(self.rise.high < 1.0)

    @property
    def text(self) -> str:
        """The figure in a sentence or two."""
        r = self.rise
        what = NOUNS[self.outcome] + (say(" of type {join}", join=joined(self.types, ", ")) if self.types else "")
        who = joined(map(actor_name, self.pair), " and ")
        rates = say(
            "{reference_rate} {unit} per observed day before {first}",
            reference_rate=number(r.reference_rate),
            unit=self.unit,
            first=Day(r.window[0]),
        )
        if r.ratio != r.ratio:
            after = say("{window_rate} from then on", window_rate=number(r.window_rate))
            return say(
                "{what} between {who}: {rates}, {after}; without any before there is no ratio.",
                what=capital(what),
                who=who,
                rates=rates,
                after=after,
            )
        how = {1: say("more"), -1: say("less"), 0: say("not shown to be more or less")}[self.shown]
        whole = say("everything recorded") if self.types else say("the {nouns} of all pairs", nouns=NOUNS[self.outcome])
        share = say(" Its share of {whole}: times {share_ratio}", whole=whole, share_ratio=number(r.share_ratio))
        if self.share.low == self.share.low:
            share += say(
                "; against all others: times {ratio} ({low} to {high})",
                ratio=number(self.share.ratio),
                low=number(self.share.low),
                high=number(self.share.high),
            )
        share += "."
        return say(
            "{what} between {who}: {rates}, {window_rate} from then on: times {ratio} ({low} to {high}): {how}.{share}",
            what=capital(what),
            who=who,
            rates=rates,
            window_rate=number(r.window_rate),
            ratio=number(r.ratio),
            low=number(r.low),
            high=number(r.high),
            how=how,
            share=share,
        )

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius trend --json``."""
        r = self.rise
        found = {
            "pair": list(self.pair),
            "at": self.at,
            "outcome": self.outcome,
            "before": r.reference_rate,
            "after": r.window_rate,
            "ratio": r.ratio,
            "low": r.low,
            "high": r.high,
            "ratio_of_share": r.share_ratio,
            "against_others": {"ratio": self.share.ratio, "low": self.share.low, "high": self.share.high},
            "unit": say("{unit} per observed day", unit=self.unit),
            "types": list(self.types) or None,
            "observed_days": {"before": r.reference_observed, "after": r.window_observed},
            "left_out": r.left_out,
            "series": self.series.to_dict(),
            "certified": False,
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }
        return dict(plain(found))

    def rows(self) -> list[dict[str, Any]]:
        """A row a period."""
        return self.series.to_dict()

    def __repr__(self) -> str:
        return f"<Trend: {' and '.join(self.pair)} at {self.at}, times {number(self.rise.ratio)}>"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one period stands: ``value``, its ``percentile`` among ``n`` earlier ones, and since when none was lower
    (``low_since``) or higher (``high_since``), empty where none ever was."""

    value: float
    percentile: float
    n: int
    low_since: str
    high_since: str
    lowest: bool
    highest: bool


def standing(values: Floats, periods: Sequence[str], at: int) -> Standing:
    """Where ``values[at]`` stands among the earlier values, NaN where a period was not observed.

    >>> standing(np.array([3.0, 1.0, np.nan, 2.0]), ("a", "b", "c", "d"), 3)
    Standing(value=2.0, percentile=50.0, n=2, low_since='b', high_since='a', lowest=False, highest=False)
    """
    value = float(values[at])
    known = np.flatnonzero(np.isfinite(values[:at]))
    earlier = values[known]
    n = len(earlier)
    share = float((earlier < value).sum() + 0.5 * (earlier == value).sum()) / n if n else float("nan")
    lower, higher = known[earlier <= value], known[earlier >= value]
    return Standing(
        value,
        100.0 * share,
        n,
        periods[lower[-1]] if len(lower) else "",
        periods[higher[-1]] if len(higher) else "",
        bool(n and not len(lower)),
        bool(n and not len(higher)),
    )


@dataclass(frozen=True)
class Rank(_Movement):
    """A pair's net in one period among the periods before it."""

    pair: tuple[str, str]
    at: str
    period: str
    unit: str
    types: tuple[str, ...]
    standing: Standing
    series: Series
    caveats: tuple[str, ...]
    command: str

    @property
    def text(self) -> str:
        """The figure in a sentence."""
        s = self.standing
        who = joined(map(actor_name, self.pair), " and ")
        value = say("{value} {unit} per observed day", value=number(s.value), unit=self.unit)
        head = say(
            "Net between {who} in the period of {period} from {at}: {value}",
            who=who,
            period=self.period,
            at=Day(self.at),
            value=value,
        )
        if not s.n:
            return say("{head}; nothing was observed before to compare with.", head=head)
        if s.lowest or s.highest:
            return say(
                "{head}: {word} than in any of the {n} periods before.",
                head=head,
                word=say("lower") if s.lowest else say("higher"),
                n=s.n,
            )
        since = (
            say("the lowest since the period from {low_since}", low_since=Day(s.low_since))
            if s.percentile < 50
            else say("the highest since the period from {high_since}", high_since=Day(s.high_since))
        )
        return say(
            "{head}: percentile {percentile:.0f} of the {n} periods before, {since}.",
            head=head,
            percentile=s.percentile,
            n=s.n,
            since=since,
        )

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius rank --json``."""
        s = self.standing
        found = {
            "pair": list(self.pair),
            "at": self.at,
            "value": s.value,
            "percentile": s.percentile,
            "n": s.n,
            "unit": say("{unit} per observed day", unit=self.unit),
            "period": self.period,
            "types": list(self.types) or None,
            "lowest": s.lowest,
            "highest": s.highest,
            "low_since": s.low_since or None,
            "high_since": s.high_since or None,
            "series": self.series.to_dict(),
            "certified": False,
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }
        return dict(plain(found))

    def rows(self) -> list[dict[str, Any]]:
        """A row a period."""
        return self.series.to_dict()

    def __repr__(self) -> str:
        return f"<Rank: {' and '.join(self.pair)} at {self.at}, percentile {number(self.standing.percentile)}>"


@dataclass(frozen=True)
class Isolated(_Movement):
    """An actor's effective partners before and from a day.

    Attributes
    ----------
    group : among whose members partners are counted, empty: among all. members : those who occur in the data.
    found : the figures. overall : the same among all actors, where a group was asked for.
    beside : the others it is set against, in the order of ``found.others``.
    periods : first day of every block of ``found.series``.
    """

    actor: str
    group: str
    at: str
    outcome: str
    unit: str
    types: tuple[str, ...]
    found: Isolation
    overall: Isolation | None
    beside: tuple[str, ...]
    periods: tuple[str, ...]
    members: int
    caveats: tuple[str, ...]
    command: str

    @property
    def text(self) -> str:
        """The figure in a sentence or two."""
        where = say(" among {members} members of {group}", members=self.members, group=self.group) if self.group else ""
        what = "" if self.outcome == "cooperation" else say(" in {nouns}", nouns=NOUNS[self.outcome])
        said = [
            say(
                "{actor}{where}{what}, at {at}. {text}",
                actor=actor_name(self.actor),
                where=where,
                what=what,
                at=Day(self.at),
                text=self.found.text,
            )
        ]
        if self.overall is not None:
            said.append(say("Among all: {text}", text=small(self.overall.text)))
        return joined(said, " ")

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius isolation --json``; ``ratio`` is what is adjusted for coverage."""
        f = self.found
        found = {
            "actor": self.actor,
            "group": self.group or None,
            "at": self.at,
            "before": f.before.to_dict(),
            "after": f.after.to_dict(),
            **f.figure.to_dict(),
            "own_ratio": f.ratio.to_dict(),
            "against_others": _ratio(f.against_others),
            "others": {a: _ratio(r) for a, r in zip(self.beside, f.others, strict=True)},
            "overall": None if self.overall is None else _overall(self.overall),
            "outcome": self.outcome,
            "counts": f.counts,
            "unit": self.unit,
            "types": list(self.types) or None,
            "members": self.members if self.group else None,
            "series": self.rows(),
            "certified": False,
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }
        return dict(plain(found))

    def rows(self) -> list[dict[str, Any]]:
        """A row a block of periods."""
        lines = zip(self.periods, self.found.series, strict=True)
        return [dict(plain({"period": p, **s.to_dict()})) for p, s in lines]

    def __repr__(self) -> str:
        ratio = number(self.found.figure.ratio)
        return f"<Isolated: {self.actor} at {self.at}, effective partners times {ratio}>"


@dataclass(frozen=True, slots=True)
class Tie:
    """What an actor has with one other: per observed day ``before`` and ``after``, their ``ratio`` with its interval.

    Each is (cooperation, hostility); the ratio is NaN without anything before or after.
    """

    actor: str
    before: tuple[float, float]
    after: tuple[float, float]
    ratio: tuple[float, float]
    low: tuple[float, float]
    high: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """By name."""
        figures = ("before", "after", "ratio", "low", "high")
        return {"actor": self.actor} | {
            name: {f: getattr(self, f)[k] for f in figures} for k, name in enumerate(("cooperation", "hostility"))
        }


@dataclass(frozen=True)
class Ties(_Movement):
    """An actor's friends and foes.

    Attributes
    ----------
    before, after : first and last day of either span.
    ties : others with whom anything is recorded in either span.
    """

    actor: str
    at: str
    unit: str
    types: tuple[str, ...]
    before: tuple[str, str]
    after: tuple[str, str]
    ties: tuple[Tie, ...]
    caveats: tuple[str, ...]
    command: str

    def most(self, of: int) -> tuple[Tie, ...]:
        """Those with whom there is any cooperation (0) or hostility (1) from the day on, most first."""
        return tuple(sorted((t for t in self.ties if t.after[of] > 0), key=lambda t: (-t.after[of], t.actor)))

    @property
    def text(self) -> str:
        """Who comes first, in two sentences."""
        said = []
        for of, what in enumerate((say("cooperation"), say("hostility"))):
            found = self.most(of)[:NAMED]
            some = (say("{name} ({rate})", name=actor_name(t.actor), rate=number(t.after[of])) for t in found)
            said.append(
                say("most {what} with {others}", what=what, others=joined(some, ", ") if found else say("nobody"))
            )
        return say(
            "{actor} from {at}, {unit} per observed day: {friends}; {foes}.",
            actor=capital(actor_name(self.actor)),
            at=Day(self.after[0]),
            unit=self.unit,
            friends=said[0],
            foes=said[1],
        )

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius ties --json``."""
        found = {
            "actor": self.actor,
            "at": self.at,
            "unit": say("{unit} per observed day", unit=self.unit),
            "types": list(self.types) or None,
            "before": list(self.before),
            "after": list(self.after),
            "friends": [t.actor for t in self.most(0)],
            "foes": [t.actor for t in self.most(1)],
            "ties": [t.to_dict() for t in self.ties],
            "certified": False,
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }
        return dict(plain(found))

    def rows(self) -> list[dict[str, Any]]:
        """A row another actor and kind of flow."""
        made = [(t, k, name) for t in self.ties for k, name in enumerate(("cooperation", "hostility"))]
        return [
            dict(
                plain(
                    {
                        "actor": t.actor,
                        "flow": name,
                        "before": t.before[k],
                        "after": t.after[k],
                        "ratio": t.ratio[k],
                        "low": t.low[k],
                        "high": t.high[k],
                    }
                )
            )
            for t, k, name in made
        ]

    def __repr__(self) -> str:
        return f"<Ties: {self.actor} from {self.at}, {len(self.ties)} others>"


def _html(text: str) -> str:
    from html import escape

    return f"<p>{escape(text)}</p>"


def _ratio(found: Ratio | None) -> dict[str, Any] | None:
    return None if found is None else found.to_dict()


def _overall(found: Isolation) -> dict[str, Any]:
    return {
        "before": found.before.to_dict(),
        "after": found.after.to_dict(),
        **found.figure.to_dict(),
        "own_ratio": found.ratio.to_dict(),
    }


def per_day(amount: Floats, exposure: Floats, observed: Bools) -> Floats:
    """(S,) amounts over observed days, NaN where a period was not observed.

    >>> per_day(np.array([3.0, 1.0]), np.array([30.0, 2.0]), np.array([True, False]))
    array([0.1, nan])
    """
    out = np.full(len(amount), np.nan)
    np.divide(amount, exposure, out=out, where=observed & (exposure > 0))
    return out


def history_caveat(n: int, period: str) -> tuple[str, ...]:
    """That a percentile rests on few periods."""
    return (
        (say("Only {n} periods of {period} lie before: a percentile of few says little.", n=n, period=period),)
        if n < FEW_PERIODS
        else ()
    )

"""What comes next as answers: forecasts, how they scored, what surprised, and a ledger's score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, NamedTuple, overload

import numpy as np

from tertius.codes import actor_name
from tertius.events.slices import Bools, Floats
from tertius.foresight.backtest import STRATA, Score
from tertius.foresight.models import OURS
from tertius.language import Day, joined, say
from tertius.plain import frame, number, plain

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
HAVE_SCORES = ("log_score", "crps")


class _Told:
    """What these answers have in common: rows as a data frame, text for terminal and notebook."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The answer in sentences."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The document of ``--json``."""
        raise NotImplementedError

    def rows(self) -> list[dict[str, Any]]:
        """A row a line of the answer."""
        raise NotImplementedError

    def table(self, backend: str | None = None) -> Any:
        """:meth:`rows` as a data frame."""
        return frame(self.rows(), backend)

    def summary(self) -> str:
        """What the terminal shows: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.text)}</p>"


class Line(NamedTuple):
    """The forecast of one pair, outcome and period.

    ``quantiles`` at :data:`LEVELS`; ``break_level`` the pair's own 95th percentile, scaled to the period;
    ``never_met``: the pair never did this, so that a break is a first act; ``any_probability`` of more than nothing;
    ``parameters`` of the distribution: share, mean_if and shape (see ``tertius.foresight.families``).
    """

    pair: tuple[str, str]
    outcome: str
    horizon: int
    start: str
    end: str
    mean: float
    quantiles: tuple[float, ...]
    break_probability: float
    break_level: float
    any_probability: float
    never_met: bool
    parameters: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Forecasts of n pairs for one outcome and period: the columns of as many :class:`Line`. All arrays are (n,), but
    ``quantiles`` (n, 5) and ``parameters`` (n, 3)."""

    pairs: Sequence[tuple[str, str]]
    outcome: str
    horizon: int
    start: str
    end: str
    mean: Floats
    quantiles: Floats
    break_probability: Floats
    break_level: Floats
    any_probability: Floats
    never_met: Bools
    parameters: Floats

    def line(self, at: int) -> Line:
        """One of them."""
        share, mean_if, shape = self.parameters[at].tolist()
        return Line(
            self.pairs[at], self.outcome, self.horizon, self.start, self.end, float(self.mean[at]),
            tuple(self.quantiles[at].tolist()), float(self.break_probability[at]), float(self.break_level[at]),
            float(self.any_probability[at]), bool(self.never_met[at]), (share, mean_if, shape),
        )  # fmt: skip

    def to_dicts(self) -> Iterator[dict[str, Any]]:
        """As JSON has them."""
        levels = [str(level) for level in LEVELS]
        columns = (
            self.mean, self.quantiles, self.break_probability, self.break_level, self.any_probability, self.never_met,
        )  # fmt: skip
        lists = (x.tolist() if np.isfinite(x).all() else plain(x.tolist()) for x in columns)
        for pair, mean, quantiles, break_probability, break_level, any_probability, never_met in zip(
            self.pairs, *lists, strict=True
        ):
            yield {
                "pair": list(pair),
                "outcome": self.outcome,
                "horizon": self.horizon,
                "from": self.start,
                "to": self.end,
                "mean": mean,
                "quantiles": dict(zip(levels, quantiles, strict=True)),
                "break_probability": break_probability,
                "break_level": break_level,
                "any_probability": any_probability,
                "never_met": never_met,
            }


@dataclass(frozen=True, slots=True, eq=False)
class Lines(Sequence[Line]):
    """All lines of a forecast, each made when it is asked for: there are hundreds of thousands."""

    ahead: tuple[Ahead, ...]

    def __len__(self) -> int:
        return sum(len(x.pairs) for x in self.ahead)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, at: int | slice) -> Line | tuple[Line, ...]:
        if isinstance(at, slice):
            return tuple(self[k] for k in range(*at.indices(len(self))))
        left = at + len(self) if at < 0 else at
        for x in self.ahead:
            if 0 <= left < len(x.pairs):
                return x.line(left)
            left -= len(x.pairs)
        raise IndexError(at)

    def __iter__(self) -> Iterator[Line]:
        return (x.line(k) for x in self.ahead for k in range(len(x.pairs)))

    def likeliest(self, n: int) -> tuple[Line, ...]:
        """Those n with the largest chance of a break, the largest first."""
        chance = np.concatenate([x.break_probability for x in self.ahead])
        return tuple(self[k] for k in np.argsort(-chance, kind="stable")[:n].tolist())


@dataclass(frozen=True, slots=True)
class Past:
    """A period of the shown pair: its days, what was seen, and how many days were observed."""

    outcome: str
    start: str
    end: str
    value: float
    days: float


@dataclass(frozen=True)
class Forecast(_Told):
    """Forecasts from an origin, the last day whose events were used. ``past``: of the pair, where one was asked for."""

    origin: str
    unit: str
    period: str
    family: str
    lines: Lines
    past: tuple[Past, ...]
    data_hash: str
    caveats: tuple[str, ...]
    command: str

    @property
    def text(self) -> str:
        """The forecast in a sentence or two."""
        if not self.past:
            return say(
                "What {n:,} pairs are expected to do after {origin}, in {unit}, with how far to trust it.",
                n=len(self.lines.ahead[0].pairs),
                origin=self.origin,
                unit=self.unit,
            )
        said = []
        for line in self.lines:
            if line.horizon == min(x.horizon for x in self.lines):
                low, high = line.quantiles[0], line.quantiles[-1]
                said.append(
                    say(
                        "{outcome} {mean} {unit} (95 %: {low} to {high}), chance of a {word} {break_probability} %",
                        outcome=line.outcome,
                        mean=number(line.mean),
                        unit=self.unit,
                        low=number(low),
                        high=number(high),
                        word=say("first act") if line.never_met else say("break"),
                        break_probability=number(100 * line.break_probability, 2),
                    )
                )
        first = self.lines[0]
        who = joined(map(actor_name, first.pair), " and ")
        return say(
            "{who} from {start} to {end}: {join}.",
            who=who,
            start=Day(first.start),
            end=Day(first.end),
            join=joined(said, "; "),
        )

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius forecast --json``."""
        return {
            "origin": self.origin,
            "unit": self.unit,
            "family": self.family,
            "forecasts": [line for x in self.lines.ahead for line in x.to_dicts()],
            "data_hash": self.data_hash,
            "certified": False,
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }

    def rows(self) -> list[dict[str, Any]]:
        """A row a forecast."""
        return [{**line, "pair": "-".join(line["pair"])} for x in self.lines.ahead for line in x.to_dicts()]

    def __repr__(self) -> str:
        return f"<Forecast: {len(self.lines):,} from {self.origin}>"


@dataclass(frozen=True)
class Backtest(_Told):
    """Scores of forecasts made as of the day. ``response``: "count" or "weight"."""

    scores: tuple[Score, ...]
    first: str
    last: str
    period: str
    response: str
    as_of: str
    left_out: tuple[str, ...]
    caveats: tuple[str, ...]
    command: str

    @property
    def text(self) -> str:
        """Where the model is better than every baseline, and where it is not."""
        return verdict(self.scores, self.response)

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius backtest --json``."""
        return dict(
            plain(
                {
                    "scores": [asdict(s) for s in self.scores],
                    "from": self.first,
                    "to": self.last,
                    "as_of": self.as_of,
                    "caveats": list(self.caveats),
                    "text": self.text,
                    "command": self.command,
                }
            )
        )

    def rows(self) -> list[dict[str, Any]]:
        """A row a model, outcome, stratum and horizon."""
        found = []
        for s in self.scores:
            row = asdict(s)
            apart = row.pop("difference") or {}
            found.append(plain(row | {f"difference_{k}": apart.get(k) for k in ("to", "log_score", "low", "high")}))
        return found

    def __repr__(self) -> str:
        return f"<Backtest: {len(self.scores)} scores, {self.first} to {self.last}>"


def verdict(scores: Sequence[Score], response: str) -> str:
    """In words, from the figures alone, where the model beats every baseline: in CRPS, and of counts in log score."""
    measures = ("crps", "log_score") if response == "count" else ("crps",)
    better, without = 0, 0
    worse: list[str] = []
    open_: Counter[str] = Counter()
    for s in scores:
        d = s.difference
        if s.model == OURS or s.stratum == STRATA[0] or d is None or s.n == 0:
            continue
        for measure in measures:
            low, high = (d.low, d.high) if measure == "log_score" else (-d.crps_high, -d.crps_low)
            what = "CRPS" if measure == "crps" else say("log score")
            if low != low:
                without += 1
            elif low > 0:
                better += 1
            elif high < 0:
                worse.append(
                    say(
                        "{model}, {outcome} of {stratum} pairs at {horizon} ({what})",
                        model=s.model,
                        outcome=s.outcome,
                        stratum=s.stratum,
                        horizon=s.horizon,
                        what=what,
                    )
                )
            else:
                open_[f"{s.model}, {s.outcome} of {s.stratum} pairs ({what})"] += 1
    whole = better + without + len(worse) + open_.total()
    if not whole:
        return say("Nothing could be compared.")
    said = say(
        "tertius forecasts better than the baseline in {better} of {whole} comparisons", better=better, whole=whole
    )
    if better == whole:
        return say("{said}: better than every baseline on recurrent and on novel pairs.", said=said)
    parts = [say("{said} (recurrent and novel pairs apart, 95 % intervals by blocks of time)", said=said)]
    parts.append(say("It loses to {join}", join=joined(worse, "; to ")) if worse else say("It loses in none"))
    if open_:
        several = (
            say("{name}{text}", name=name, text=say(" at {n} horizons", n=n) if n > 1 else "")
            for name, n in open_.items()
        )
        parts.append(
            say("In {total} no difference is shown: from {join}", total=open_.total(), join=joined(several, "; "))
        )
    if without:
        parts.append(say("In {without} there are too few blocks of time for an interval", without=without))
    return joined(parts, ". ") + "."


@dataclass(frozen=True, slots=True)
class Change:
    """A surprise: what was seen against what was expected, by what the expectation had moved, and the rows behind."""

    pair: tuple[str, str]
    outcome: str
    start: str
    end: str
    observed: float
    expected: float
    low: float
    high: float
    surprise: float
    moved_by: tuple[tuple[str, float], ...]
    rows: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "pair": list(self.pair),
            "outcome": self.outcome,
            "period": {"from": self.start, "to": self.end},
            "observed": self.observed,
            "expected": self.expected,
            "low": self.low,
            "high": self.high,
            "surprise": self.surprise,
            "moved_by": [{"term": term, "log_points": points} for term, points in self.moved_by],
            "rows": list(self.rows),
        }


@dataclass(frozen=True)
class Changes(_Told):
    """The largest surprises since a day, the largest first; ``data_name``: what the data were called."""

    since: str
    unit: str
    changes: tuple[Change, ...]
    n: int
    caveats: tuple[str, ...]
    command: str
    data_name: str = ""
    directed: bool = True

    @property
    def text(self) -> str:
        """The largest in a sentence."""
        if not self.changes:
            return say("Nothing since {since} was a surprise.", since=Day(self.since))
        c = self.changes[0]
        return say(
            "Of {n:,} outcomes since {since} the largest surprise is {outcome} between {join} from {start} to {end}: "
            "{observed} {unit}, {expected} expected (95 %: {low} to {high}).",
            n=self.n,
            since=Day(self.since),
            outcome=c.outcome,
            join=joined(map(actor_name, c.pair), " and "),
            start=Day(c.start),
            end=Day(c.end),
            observed=number(c.observed),
            unit=self.unit,
            expected=number(c.expected),
            low=number(c.low),
            high=number(c.high),
        )

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius changes --json``."""
        return dict(
            plain(
                {
                    "since": self.since,
                    "unit": self.unit,
                    "changes": [c.to_dict() for c in self.changes],
                    "n": self.n,
                    "certified": False,
                    "caveats": list(self.caveats),
                    "text": self.text,
                    "command": self.command,
                }
            )
        )

    def rows(self) -> list[dict[str, Any]]:
        """A row a surprise."""
        keep = ("outcome", "observed", "expected", "low", "high", "surprise")
        return [
            plain({"pair": "-".join(c.pair), "from": c.start, "to": c.end, **{k: getattr(c, k) for k in keep}})
            for c in self.changes
        ]

    def __repr__(self) -> str:
        return f"<Changes since {self.since}: {len(self.changes)} of {self.n:,}>"


@dataclass(frozen=True)
class Ledger(_Told):
    """What a ledger holds: lines, whether the chain is whole, the first line that is not; and scores, where asked.

    ``waiting``: lines whose period the data have not reached; ``unobserved``: lines whose period was hardly observed.
    """

    name: str
    lines: int
    valid: bool
    first_bad: int | None
    head: str
    added: int
    scored: tuple[dict[str, Any], ...]
    waiting: int
    unobserved: int
    command: str
    caveats: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In a sentence or two."""
        if not self.valid:
            return say(
                "{name} was changed: line {first_bad} is not what was written, or is missing.",
                name=self.name,
                first_bad=self.first_bad,
            )
        said = say(
            "{name}: {lines:,} forecasts, each as it was written (last hash {head}).",
            name=self.name,
            lines=self.lines,
            head=self.head[:16],
        )
        if self.added:
            return say("{added:,} written. {said}", added=self.added, said=said)
        unseen = (
            say(", {unobserved:,} are of periods that were hardly observed", unobserved=self.unobserved)
            if self.unobserved
            else ""
        )
        if self.scored:
            n = len(self.scored)
            inside = sum(bool(s["inside_95"]) for s in self.scored)
            log_score = sum(s["log_score"] for s in self.scored) / n
            return say(
                "{n:,} scored: {inside} in their 95 % interval, mean log score {log_score}; {waiting:,} wait for their "
                "period{unseen}. {said}",
                n=n,
                inside=inside,
                log_score=number(log_score),
                waiting=self.waiting,
                unseen=unseen,
                said=said,
            )
        if self.waiting or self.unobserved:
            return say(
                "None scored: {waiting:,} wait for their period{unseen}. {said}",
                waiting=self.waiting,
                unseen=unseen,
                said=said,
            )
        return said

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius ledger --json``."""
        found = {
            "lines": self.lines, "valid": self.valid, "first_bad": self.first_bad, "head": self.head,
            "added": self.added, "scores": list(self.scored), "waiting": self.waiting,
            "unobserved": self.unobserved, "text": self.text,
            "command": self.command,
        }  # fmt: skip
        return dict(plain(found))

    def rows(self) -> list[dict[str, Any]]:
        """A row a score."""
        return [dict(s) for s in self.scored]

"""What hostility costs, what easing would loosen, what if it had been another: the answers as they are read.

Figures come from :mod:`~tertius.answers.price`, :mod:`~tertius.answers.wedge`, :mod:`~tertius.answers.whatif`,
:mod:`~tertius.answers.consequences` and :mod:`~tertius.answers.exchange`. All of them hold **under the model**; where
the certificate did not bear the model out, every sentence calls what is found an association.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import isnan
from typing import Any

from tertius.answers.attribution import foe_effect
from tertius.answers.consequences import Consequences
from tertius.answers.exchange import LEVEL, SUPPORTED, Exchanged
from tertius.answers.price import Prices
from tertius.answers.verdict import LEANING, TOO_THIN
from tertius.answers.wedge import Wedge
from tertius.answers.whatif import CLUSTERED, DYADIC, FAR, Difference, Direct
from tertius.codes import actor_name
from tertius.plain import number, plain

PER_WORDS = {"sd": "one within-pair standard deviation", "10%": "ten per cent"}
RELATIVE = (
    "What actors do in a period is held as it was estimated: a change is relative to the pair's other partners, never "
    "a total."
)
NOT_ADJUSTED = "All figures hang on one coefficient, so that its p is the adjusted p of each."
MISSED = 1.25
"""Times what was recorded that an expectation may be off before it is said."""
INSTEAD = {
    DYADIC: "A jackknife covariance is not positive semidefinite: coefficients are drawn from the dyadic-robust one.",
    CLUSTERED: "Neither the jackknife nor the dyadic-robust covariance is positive semidefinite: coefficients are "
    "drawn from the dyad-clustered one, which may be too narrow.",
}
"""Said where coefficients are drawn from another covariance."""
UNNAMED = (
    "Nobody was named: adversaries are all with whom there was more hostility than cooperation in the reference "
    "period, those too who hardly met."
)
CONFLICT = "Undirected data do not say whose hostility it was: it reads conflict between the two."


def ill_will(directed: bool, many: bool = False) -> str:
    """What an actor's hostility is called."""
    return "hostility" if directed else f"conflict{'s' * many}"


def towards(k: str, directed: bool) -> str:
    """What rises or is eased, up to the name of the other: undirected data do not say who acts.

    >>> towards("USA", True), towards("USA", False)
    ('hostility of United States towards', 'conflict between United States and')
    """
    return f"hostility of {actor_name(k)} towards" if directed else f"conflict between {actor_name(k)} and"


def standing(certified: bool, why: str) -> str:
    """What the certificate makes of the figures, in a sentence."""
    if certified:
        return (
            "The certificate passed: the figures are consistent with hostility driving the ties, and no more than that."
        )
    return f"This is an association, not an effect: {why}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What all of these answers have: the certificate's word, caveats, text, command."""

    certified: bool
    caveats: tuple[str, ...]
    text: str
    command: str

    def common(self) -> dict[str, Any]:
        """As in JSON."""
        return {
            "certified": self.certified,
            "caveats": list(self.caveats),
            "text": self.text,
            "command": self.command,
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of the command."""
        raise NotImplementedError

    def summary(self) -> str:
        """What the terminal shows: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.text)}</p>"


@dataclass(frozen=True, slots=True, repr=False)
class Price(Answer):
    """The price of hostility.

    Attributes
    ----------
    actor : k. adversaries : labels, in the order of ``found``.
    unit : of changes, in the window. per : "sd" or "10%".
    found : for ``per``; ``other`` for the other of the two, ``other_per``.
    p : of the coefficient. dates : of the slices of ``found.over_time``.
    window : days. named : whether the adversaries were given.
    """

    actor: str
    adversaries: tuple[str, ...]
    unit: str
    per: str
    found: Prices
    other: Prices
    other_per: str
    p: float
    dates: tuple[str, ...]
    window: tuple[str, str]
    directed: bool
    named: bool

    @property
    def order(self) -> list[int]:
        """Places of the adversaries, the dearest first."""
        return sorted(range(len(self.adversaries)), key=lambda a: -float(self.found.each[0, a]))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius price --json``."""
        document = {
            "actor": self.actor,
            "unit": self.unit,
            "per": self.per,
            "window": list(self.window),
            "adversaries": [self._line(a) for a in self.order],
            "total": _ends(self.found.total),
            "together": _ends(self.found.together),
            "also": {
                "per": self.other_per,
                "adversaries": [{"actor": self.adversaries[a], **_ends(self.other.each[:, a])} for a in self.order],
                "total": _ends(self.other.total),
            },
            "path": [
                {"date": day, **_ends(self.found.over_time[:, t].sum(axis=1))} for t, day in enumerate(self.dates)
            ],
            "distance_sd": self.found.distance,
            **self.common(),
        }
        return _cleaned(document)

    def _line(self, a: int) -> dict[str, Any]:
        row = self.found.matrix[a]
        others = sorted((b for b in range(len(row)) if b != a), key=lambda b: -float(row[b]))
        return {
            "actor": self.adversaries[a],
            **_ends(self.found.each[:, a]),
            "p_adjusted": self.p if row.any() else 1.0,
            "step": self.found.step[a],
            "with": [{"actor": self.adversaries[b], "change": row[b]} for b in others],
        }

    def rows(self) -> list[dict[str, Any]]:
        """A row an adversary, the dearest first."""
        return [{k: v for k, v in self._line(a).items() if k != "with"} for a in self.order]

    def __repr__(self) -> str:
        return f"<Price of {self.actor}'s hostility: {len(self.adversaries)} adversaries, {_word(self.certified)}>"


@dataclass(frozen=True, slots=True, repr=False)
class WedgeAnswer(Answer):
    """The wedge: ``adversaries`` are labels in the order of ``found``'s places; ``factor`` is what hostility was
    multiplied by from the first day of the window."""

    actor: str
    adversaries: tuple[str, ...]
    unit: str
    factor: float
    budget: float | None
    found: Wedge
    window: tuple[str, str]
    directed: bool
    distance: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius wedge --json``."""
        document = {
            "actor": self.actor,
            "unit": self.unit,
            "factor": self.factor,
            "budget": self.budget,
            "window": list(self.window),
            "options": self.rows(),
            "best": self.found.best if self.found.best >= 0 else None,
            "exact": self.found.exact,
            "distance_sd": self.distance,
            **self.common(),
        }
        return _cleaned(document)

    def rows(self) -> list[dict[str, Any]]:
        """A row a set, the smallest first."""
        return [
            {
                "ease": [self.adversaries[a] for a in o.eased],
                "change": o.change[0],
                "low": o.change[1],
                "high": o.change[2],
                "easing": o.easing,
                "bound": o.bound,
            }
            for o in self.found.options
        ]

    def __repr__(self) -> str:
        return f"<Wedge of {self.actor}: {len(self.found.options)} sets, {_word(self.certified)}>"


@dataclass(frozen=True, slots=True, repr=False)
class WhatIf(Answer):
    """A changed history: ``changes`` are the sets as they were given; ``dates`` of the direct answer's slices,
    ``simulated_dates`` of the other's."""

    pair: tuple[str, str]
    changes: tuple[str, ...]
    outcome: str
    unit: str
    direct: Direct
    dates: tuple[str, ...]
    simulated: Consequences | None
    simulated_dates: tuple[str, ...]
    draws: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius whatif --json``."""
        s = self.simulated
        document = {
            "pair": list(self.pair),
            "set": list(self.changes),
            "outcome": self.outcome,
            "unit": self.unit,
            "direct": _difference(self.direct.found) | {"observed": self.direct.observed},
            "simulated": None
            if s is None
            else _difference(s.found)
            | {
                "draws": self.draws,
                "runaway": s.runaway,
                "observed": s.observed,
                "replay_low": s.replay[0],
                "replay_high": s.replay[1],
            },
            "distance_sd": self.direct.distance,
            "moved": [{"term": t, "log_points": v} for t, v in self.direct.moved.items()],
            "path": self.rows(),
            **self.common(),
        }
        return _cleaned(document)

    def rows(self) -> list[dict[str, Any]]:
        """A row a slice of the direct answer."""
        d = self.direct
        lines = zip(self.dates, d.baseline, d.changed, d.low, d.high, strict=True)
        return [
            {"date": day, "baseline": float(b), "changed": float(c), "low": float(low), "high": float(high)}
            for day, b, c, low, high in lines
        ]

    def __repr__(self) -> str:
        return f"<WhatIf of {' and '.join(self.pair)}: {'; '.join(self.changes)}, {_word(self.certified)}>"


@dataclass(frozen=True, slots=True, repr=False)
class Exchange(Answer):
    """One kind of flow against another; ``types`` of the two flows, ``period`` the step of a lag."""

    pair: tuple[str, str]
    types: tuple[str, str]
    period: str
    found: Exchanged

    @property
    def verdict(self) -> str:
        """In the words of the scale."""
        return self.found.verdict

    @property
    def place(self) -> int:
        """Of the lag found among all lags."""
        return int((self.found.lags == self.found.lag).argmax())

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius exchange --json``."""
        f, (a, b) = self.found, self.pair
        document = {
            "pair": [a, b],
            "flows": [
                {"from": a, "to": b, "types": self.types[0], "active": f.active[0]},
                {"from": b, "to": a, "types": self.types[1], "active": f.active[1]},
            ],
            "period": self.period,
            "lag": f.lag,
            "statistic": f.statistic,
            "low": f.low[self.place],
            "high": f.high[self.place],
            "p": f.p,
            "p_pairs": f.p_pairs,
            "n": f.n,
            "n_pairs": f.n_pairs,
            "verdict": self.verdict,
            "bound": None if self.verdict != "no effect above" else {"value": f.high.max(), "unit": "correlation"},
            "lags": self.rows(),
            **self.common(),
        }
        return _cleaned(document)

    def rows(self) -> list[dict[str, Any]]:
        """A row a lag."""
        f = self.found
        lines = zip(f.lags.tolist(), f.correlation.tolist(), f.low.tolist(), f.high.tolist(), strict=True)
        return [{"lag": lag, "correlation": r, "low": low, "high": high} for lag, r, low, high in lines]

    def __repr__(self) -> str:
        return f"<Exchange of {' and '.join(self.pair)}: {self.verdict}>"


def price_text(
    actor: str, adversaries: Sequence[str], found: Prices, per: str, unit: str, outcome: str, standing: str,
    directed: bool,
) -> str:  # fmt: skip
    """The dearest adversary and the sum."""
    best = int(found.each[0].argmax())
    dearest = (
        f"Dearest is {actor_name(adversaries[best])}: {_between(found.each[:, best], unit)} with the others."
        if found.each[0, best] > 0
        else "With none of them is there more of it: by this model, that has no price."
    )
    total = _between(found.total, unit)
    return (
        f"Under the model, {PER_WORDS[per]} more {towards(actor, directed)} each of its "
        f"{len(adversaries)} adversaries, one at a time, goes with {total} of {outcome} among them in the window. "
        f"{dearest} {standing}"
    )


def wedge_text(
    actor: str, adversaries: Sequence[str], found: Wedge, factor: float, unit: str, standing: str, directed: bool
) -> str:
    """The best set."""
    if found.best < 0:
        return (
            f"Under the model, no such easing of {actor_name(actor)}'s {ill_will(directed, True)} goes with less "
            f"cooperation among its adversaries. {standing}"
        )
    o = found.options[found.best]
    who = ", ".join(actor_name(adversaries[a]) for a in o.eased)
    first = found.options[0]
    alone = (
        f" Of single ones, {actor_name(adversaries[first.eased[0]])} loosens most: {number(first.change[0])} {unit}."
        if len(first.eased) == 1 and len(o.eased) > 1
        else ""
    )
    how = "all sets were tried" if found.exact else "sets grew one by one, which need not find the best"
    return (
        f"Under the model, {towards(actor, directed)} {who} at {factor:g} times what it was goes "
        f"with {_between(o.change, unit)} among its adversaries; it gives up {number(o.easing)} of weight a period "
        f"({how}).{alone} {standing}"
    )


def whatif_text(
    pair: tuple[str, str], changes: Sequence[str], outcome: str, unit: str, direct: Direct,
    simulated: Consequences | None, standing: str,
) -> str:  # fmt: skip
    """Both ways in words."""
    two = f"{actor_name(pair[0])} and {actor_name(pair[1])}"
    d = direct.found
    said = [
        f"Under the model, with {'; '.join(changes)}, expected {outcome} of {two} is {number(d.changed)} {unit} "
        f"instead of {number(d.baseline)}: {_signed(d.difference)} ({number(d.low)} to {number(d.high)}) directly."
    ]
    if simulated is not None:
        s = simulated.found
        said.append(
            f"With consequences, in which events answer events, {_signed(s.difference)} ({number(s.low)} to "
            f"{number(s.high)}, chance of single events included)."
        )
    said.append(f"The question lies {direct.distance:.1f} within-pair standard deviations outside the data.")
    return " ".join([*said, standing])


def whatif_caveats(
    direct: Direct, simulated: Consequences | None, directed: bool, net: str, nothing: bool
) -> tuple[str, ...]:
    """What the reader must know; ``nothing``: the flow is what it was."""
    said = [RELATIVE]
    if direct.moved:
        most = max(direct.moved, key=lambda term: abs(direct.moved[term]))
        if most != foe_effect(directed):
            said.append(
                f"Most of the direct difference goes through {most}, not through {foe_effect(directed)}: it is not the "
                "pull of a common enemy."
            )
    elif direct.found.changed == direct.found.baseline and not nothing:
        said.append("No column of this pair sees the changed flow: directly nothing can move.")
    seen, expected = direct.observed, direct.found.baseline
    if not seen / MISSED <= expected <= seen * MISSED:
        said.append(
            f"The model expects {number(expected)} where {number(seen)} were recorded: read the direct difference as a "
            "share of it, not as a number."
        )
    if direct.distance > FAR:
        said.append(f"More than {FAR:g} within-pair standard deviations outside the data: the model is stretched.")
    if not direct.errors:
        said.append("No covariance of the coefficients is known: there is no interval, and none was made up.")
    used = {direct.errors, *(simulated.errors if simulated else ())}
    said += [INSTEAD[name] for name in (DYADIC, CLUSTERED) if name in used]
    if simulated is not None:
        said.append(
            "With consequences, rates of both signs are drawn forward with shrunk effects of pairs; what does not pass "
            "through events is not in it."
        )
        low, high = simulated.replay
        if not low <= simulated.observed <= high:
            said.append(
                f"The draws of the world as it was do not hold what happened: {number(simulated.observed)} were "
                f"recorded, and {number(low)} to {number(high)} are drawn. Do not lean on the answer with consequences."
            )
        if simulated.runaway > 0:
            said.append(f"In {simulated.runaway:.1%} of the draws the history ran away and was held back.")
    return (*said, *([] if directed else [net, CONFLICT]))


def exchange_text(answer: tuple[str, str], types: tuple[str, str], period: str, f: Exchanged) -> str:
    """What was found."""
    a, b = map(actor_name, answer)
    flows = f"{types[0]} of {a} to {b} and {types[1]} of {b} to {a}"
    if f.verdict == TOO_THIN:
        return (
            f"Data too thin: {flows} occur in {f.active[0]} and {f.active[1]} of {f.n} periods of {period}, and "
            "neither a lag nor its chance can be told from so few."
        )
    k = int((f.lags == f.lag).argmax())
    when = (
        "in the same period"
        if f.lag == 0
        else f"{abs(f.lag)} periods of {period} {'later' if f.lag > 0 else 'earlier'}"
    )
    pairs = "" if isnan(f.p_pairs) else f"; {f.p_pairs:.0%} of {f.n_pairs:,} pairs with such flows do as well or better"
    found = (
        f"{flows} go together most with the second {when}: correlation {number(f.statistic)} ({number(f.low[k])} to "
        f"{number(f.high[k])}); p {number(f.p, 2)} against shifts in time, over all lags{pairs}."
    )
    verdict = {
        SUPPORTED: "An association in time beyond chance and habit; that one is given for the other, no record says.",
        LEANING: "Many pairs do as much: nothing of these two alone.",
    }.get(f.verdict, f"No exchange is found at p below {LEVEL:g}.")
    return f"{found} {verdict}"


def _word(certified: bool) -> str:
    return "certified" if certified else "an association"


def _signed(x: float) -> str:
    return f"{'+' if x > 0 else ''}{number(x)}"


def _between(ends: Any, unit: str) -> str:
    value, low, high = (float(x) for x in ends)
    return f"{_signed(value)} {unit} ({number(low)} to {number(high)})"


def _ends(found: Any) -> dict[str, float]:
    value, low, high = (float(x) for x in found)
    return {"change": value, "low": low, "high": high}


def _difference(d: Difference) -> dict[str, float]:
    return {f.name: getattr(d, f.name) for f in fields(d)}


def _cleaned(document: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = plain(document)
    assert isinstance(cleaned, dict)
    return cleaned

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
from tertius.answers.movement import NOUNS
from tertius.answers.price import Prices
from tertius.answers.verdict import LEANING, TOO_THIN
from tertius.answers.wedge import Wedge
from tertius.answers.whatif import CLUSTERED, DYADIC, FAR, Difference, Direct
from tertius.codes import actor_name
from tertius.language import Day, joined, say
from tertius.plain import number, plain

PER_WORDS = {"sd": say("one standard deviation (each flow's own, over time)"), "10%": say("ten per cent")}
RELATIVE = say(
    "What actors do in a period is held as it was estimated: a change is relative to the pair's other partners, never "
    "a total."
)
NOT_ADJUSTED = say("All figures hang on one coefficient, so that its p is the adjusted p of each.")
NONE = say("The interval contains zero: these data do not tell it from none.")
LISTED = 6
"""Adversaries up to which a sentence names them all."""
MISSED = 1.25
"""Times what was recorded that an expectation may be off before it is said."""
INSTEAD = {
    DYADIC: say(
        "A jackknife covariance is not positive semidefinite: coefficients are drawn from the dyadic-robust one."
    ),
    CLUSTERED: say(
        "Neither the jackknife nor the dyadic-robust covariance is positive semidefinite: coefficients are "
        "drawn from the dyad-clustered one, which may be too narrow."
    ),
}
"""Said where coefficients are drawn from another covariance."""
UNNAMED = say(
    "Nobody was named: adversaries are all with whom there was more hostility than cooperation in the reference "
    "period, those too who hardly met."
)
CODED = say("Types are as the data code them, and machine coding is often wrong.")
CONFLICT = say("Undirected data do not say whose hostility it was: it reads conflict between the two.")


def ill_will(directed: bool, many: bool = False) -> str:
    """What an actor's hostility is called."""
    return say("hostility") if directed else (say("conflicts") if many else say("conflict"))


def towards(k: str, directed: bool, whom: str) -> str:
    """What rises or is eased: undirected data do not say who acts.

    >>> towards("USA", True, "each"), towards("USA", False, "each")
    ('hostility of United States towards each', 'conflict between United States and each')
    """
    if directed:
        return say("hostility of {k} towards {whom}", k=actor_name(k), whom=whom)
    return say("conflict between {k} and {whom}", k=actor_name(k), whom=whom)


def standing(certified: bool, why: str) -> str:
    """What the certificate makes of the figures, in a sentence."""
    if certified:
        return say(
            "The certificate passed: the figures are consistent with hostility driving the ties, and no more than that."
        )
    return say("This is an association, not an effect: {why}", why=why)


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
    outcome : what changes. unit : of changes, in the window. per : "sd" or "10%".
    found : for ``per``; ``other`` for the other of the two, ``other_per``.
    p : of the coefficient. dates : of the slices of ``found.over_time``.
    window : days. named : whether the adversaries were given.
    """

    actor: str
    adversaries: tuple[str, ...]
    outcome: str
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
            "outcome": self.outcome,
            "unit": self.unit,
            "per": self.per,
            "window": list(self.window),
            "adversaries": [self._line(a) for a in self.order],
            "total": _ends(self.found.total),
            "together": _ends(self.found.together),
            "expected": self.found.expected,
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
            "distance_sd": self.found.alone[a],
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
    outcome: str
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
            "outcome": self.outcome,
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
            "n_as_large": f.as_large,
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


def channel_caveats(outcome_types: Sequence[str], threat_types: Sequence[str], outcome: str) -> tuple[str, ...]:
    """Which types of events alone were counted as outcome, and held as hostility.

    >>> channel_caveats((), ("SANCTION",), "cooperation")[0]
    'Hostility in the history is of these types alone: SANCTION.'
    """
    found = []
    if outcome_types:
        types = joined(outcome_types, ", ")
        found.append(
            say("Counted as {outcome} are events of these types alone: {types}.", outcome=NOUNS[outcome], types=types)
        )
    if threat_types:
        types = joined(threat_types, ", ")
        found.append(say("Hostility in the history is of these types alone: {types}.", types=types))
    return (*found, CODED) if found else ()


def far_alone(adversaries: Sequence[str], found: Prices) -> str:
    """Towards whom more hostility alone already lies far outside the data; empty where towards none."""
    far = [(actor_name(who), d) for who, d in zip(adversaries, found.alone.tolist(), strict=True) if d > FAR]
    if not far:
        return ""
    return say(
        "Each alone lies more than {far:g} standard deviations of the foe effect outside the data: {listed}.",
        far=FAR,
        listed=joined((say("{who} ({distance:.1f})", who=who, distance=d) for who, d in far), ", "),
    )


def price_text(
    actor: str, adversaries: Sequence[str], found: Prices, per: str, unit: str, outcome: str, standing: str,
    directed: bool,
) -> str:  # fmt: skip
    """The dearest adversary and the sum."""
    best = int(found.each[0].argmax())
    if not found.each.any():
        dearest = say(
            "Nothing moves: of {ill_will} towards them, or of {outcome} among them, the window holds nothing that "
            "could. That is no sign of a price, nor of none.",
            ill_will=ill_will(directed),
            outcome=NOUNS[outcome],
        )
    elif holds_zero(found.total):
        dearest = NONE  # an order that one coefficient gives is no evidence
    elif found.each[0, best] <= 0:
        dearest = say("With none of them is there more of it: by this model, that has no price.")
    else:
        dearest = say(
            "Dearest is {adversary}: {between} with the others.",
            adversary=actor_name(adversaries[best]),
            between=_between(found.each[:, best], unit),
        )
    total = _between(found.total, unit)
    return say(
        "Under the model, {per_words} more {towards}, one at a time, goes with "
        "{total} of {outcome} among them in the window. {dearest} {standing}",
        per_words=PER_WORDS[per],
        towards=towards(actor, directed, say("each of its {n} adversaries", n=len(adversaries))),
        total=total,
        outcome=NOUNS[outcome],
        dearest=dearest,
        standing=standing,
    )


def wedge_text(
    actor: str, adversaries: Sequence[str], found: Wedge, factor: float, unit: str, outcome: str, standing: str,
    directed: bool,
) -> str:  # fmt: skip
    """The best set."""
    if found.best < 0:
        return say(
            "Under the model, no such easing of {actor}'s {ill_will} goes with less {outcome} among "
            "its adversaries. {standing}",
            actor=actor_name(actor),
            ill_will=ill_will(directed, True),
            outcome=NOUNS[outcome],
            standing=standing,
        )
    o = found.options[found.best]
    n = len(o.eased)
    if n <= LISTED:
        who = joined((actor_name(adversaries[a]) for a in o.eased), ", ")
    elif n == len(adversaries):
        who = say("each of its {n} adversaries", n=n)
    else:
        who = say("{n} of its {all} adversaries", n=n, all=len(adversaries))
    first = found.options[0]
    alone = (
        say(
            " Of single ones, {adversaries} loosens most: {change} {unit}.",
            adversaries=actor_name(adversaries[first.eased[0]]),
            change=number(first.change[0]),
            unit=unit,
        )
        if len(first.eased) == 1 and len(o.eased) > 1
        else ""
    )
    how = say("all sets were tried") if found.exact else say("sets grew one by one, which need not find the best")
    return say(
        "Under the model, {towards} at {factor:g} times what it was goes with {between} of {outcome} among its "
        "adversaries; it gives up {easing} of weight a period ({how}).{alone} {standing}",
        towards=towards(actor, directed, who),
        factor=factor,
        between=_between(o.change, unit),
        outcome=NOUNS[outcome],
        easing=number(o.easing),
        how=how,
        alone=alone,
        standing=joined((*([NONE] if holds_zero(o.change) else []), standing), " "),
    )


def whatif_text(
    pair: tuple[str, str], changes: Sequence[str], outcome: str, unit: str, direct: Direct,
    simulated: Consequences | None, standing: str,
) -> str:  # fmt: skip
    """Both ways in words."""
    two = say("{a} and {b}", a=actor_name(pair[0]), b=actor_name(pair[1]))
    d = direct.found
    said = [
        say(
            "Under the model, with {join}, expected {outcome} of {two} is {changed} {unit} instead of {baseline}: "
            "{signed} ({low} to {high}) directly.",
            join=joined(changes, "; "),
            outcome=NOUNS[outcome],
            two=two,
            changed=number(d.changed),
            unit=unit,
            baseline=number(d.baseline),
            signed=_signed(d.difference),
            low=number(d.low),
            high=number(d.high),
        )
    ]
    if holds_zero((d.difference, d.low, d.high)):
        said.append(NONE)
    if simulated is not None:
        s = simulated.found
        said.append(
            say(
                "With consequences, in which events answer events, {signed} ({low} to {high}, chance of single events "
                "included).",
                signed=_signed(s.difference),
                low=number(s.low),
                high=number(s.high),
            )
        )
    said.append(
        say(
            "The question lies {distance:.1f} within-pair standard deviations outside the data.",
            distance=direct.distance,
        )
    )
    return joined([*said, standing], " ")


def held_from(asked: str, direct: str, simulated: str) -> tuple[str, ...]:
    """From which days the two answers hold, where a step does not begin on the day asked for; ``simulated`` is empty
    where nothing was drawn.

    >>> held_from("2018-06-01", "2018-06-01", "")
    ()
    """
    if {direct, simulated or direct} == {asked}:
        return ()
    how = say("Flows change in whole steps, each at least half inside the days asked for.")
    from_asked = (
        say("From {asked} was asked; the direct answer holds from {direct} on.", asked=Day(asked), direct=Day(direct))
        if not simulated
        else say(
            "From {asked} was asked; the direct answer holds from {direct} on, that with consequences from {simulated} "
            "on.",
            asked=Day(asked),
            direct=Day(direct),
            simulated=Day(simulated),
        )
    )
    return (joined((how, from_asked), " "),)


def whatif_caveats(
    direct: Direct, simulated: Consequences | None, directed: bool, net: str, nothing: bool, empty: Sequence[str] = ()
) -> tuple[str, ...]:
    """What the reader must know; ``nothing``: the flow is what it was; ``empty``: changes of flows of which nothing was
    recorded."""
    said = [RELATIVE]
    said += [
        say("Nothing was recorded of this flow in its days, so that there was nothing to change: {flow}.", flow=flow)
        for flow in empty
    ]
    if direct.moved:
        most = max(direct.moved, key=lambda term: abs(direct.moved[term]))
        if most != foe_effect(directed):
            said.append(
                say(
                    "Most of the direct difference goes through {most}, not through {foe_effect}: it is not the "
                    "pull of a common enemy.",
                    most=most,
                    foe_effect=foe_effect(directed),
                )
            )
    elif direct.found.changed == direct.found.baseline and not nothing:
        said.append(say("No column of this pair sees the changed flow: directly nothing can move."))
    seen, expected = direct.observed, direct.found.baseline
    if not seen / MISSED <= expected <= seen * MISSED:
        said.append(
            say(
                "The model expects {expected} where {seen} were recorded: read the direct difference as a share of it, "
                "not as a number.",
                expected=number(expected),
                seen=number(seen),
            )
        )
    if direct.distance > FAR:
        said.append(
            say("More than {far:g} within-pair standard deviations outside the data: the model is stretched.", far=FAR)
        )
    if not direct.errors:
        said.append(say("No covariance of the coefficients is known: there is no interval, and none was made up."))
    used = {direct.errors, *(simulated.errors if simulated else ())}
    said += [INSTEAD[name] for name in (DYADIC, CLUSTERED) if name in used]
    if simulated is not None:
        said.append(
            say(
                "With consequences, recorded events stay, go or are joined by others as the changed history has it; "
                "what does not pass through events is not in it."
            )
        )
        low, high = simulated.replay
        if not low <= simulated.observed <= high:
            said.append(
                say(
                    "The draws of the world as it was do not hold what happened: {observed} were recorded, and {low} "
                    "to {high} are drawn. Do not lean on the answer with consequences.",
                    observed=number(simulated.observed),
                    low=number(low),
                    high=number(high),
                )
            )
        if simulated.runaway > 0:
            said.append(
                say("In {runaway:.1%} of the draws the history ran away and was held back.", runaway=simulated.runaway)
            )
    return (*said, *([] if directed else [net, CONFLICT]))


def exchange_text(answer: tuple[str, str], types: tuple[str, str], period: str, f: Exchanged) -> str:
    """What was found."""
    a, b = map(actor_name, answer)
    flows = say("{types} of {a} to {b} and {types2} of {b} to {a}", types=types[0], a=a, b=b, types2=types[1])
    if f.verdict == TOO_THIN:
        return say(
            "Data too thin: {flows} occur in {active} and {active2} of {n} periods of {period}, and neither a lag nor "
            "its chance can be told from so few.",
            flows=flows,
            active=f.active[0],
            active2=f.active[1],
            n=f.n,
            period=period,
        )
    k = int((f.lags == f.lag).argmax())
    when = (
        say("in the same period")
        if f.lag == 0
        else say(
            "{lag} periods of {period} {word}",
            lag=abs(f.lag),
            period=period,
            word=say("later") if f.lag > 0 else say("earlier"),
        )
    )
    pairs = (
        ""
        if isnan(f.p_pairs)
        else say(
            "; {as_large:,} of {n_pairs:,} other pairs with such flows did as well or better",
            as_large=f.as_large,
            n_pairs=f.n_pairs,
        )
    )
    found = say(
        "{flows} go together most with the second {when}: correlation {statistic} ({low} to {high}); p {p} "
        "against shifts in time, over all lags{pairs}.",
        flows=flows,
        when=when,
        statistic=number(f.statistic),
        low=number(f.low[k]),
        high=number(f.high[k]),
        p=number(f.p, 2),
        pairs=pairs,
    )
    verdict = {
        SUPPORTED: say(
            "An association in time beyond chance and habit; that one is given for the other, no record says."
        ),
        LEANING: say("Many pairs do as much: nothing of these two alone."),
    }.get(f.verdict, say("No exchange is found at p below {level:g}.", level=LEVEL))
    return say("{found} {verdict}", found=found, verdict=verdict)


def holds_zero(ends: Any) -> bool:
    """Whether zero lies inside the interval of a change (value, low, high) that is not zero itself."""
    value, low, high = (float(x) for x in ends)
    return value != 0 and low <= 0 <= high


def _word(certified: bool) -> str:
    return say("certified") if certified else say("an association")


def _signed(x: float) -> str:
    return say("{word}{x}", word="+" if x > 0 else "", x=number(x))


def _between(ends: Any, unit: str) -> str:
    value, low, high = (float(x) for x in ends)
    return say(
        "{signed} {unit} ({low} to {high})", signed=_signed(value), unit=unit, low=number(low), high=number(high)
    )


def _ends(found: Any) -> dict[str, float]:
    value, low, high = (float(x) for x in found)
    return {"change": value, "low": low, "high": high}


def _difference(d: Difference) -> dict[str, float]:
    return {f.name: getattr(d, f.name) for f in fields(d)}


def _cleaned(document: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = plain(document)
    assert isinstance(cleaned, dict)
    return cleaned

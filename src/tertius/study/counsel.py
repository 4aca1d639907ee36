"""What hostility costs, what easing would loosen, what if it had been another, and one flow against another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Unpack

import numpy as np

from tertius.answers.certificate import PairQuestion
from tertius.answers.changed import Change, is_empty
from tertius.answers.consequences import Consequences, consequences
from tertius.answers.counsel import (
    CODED,
    CONFLICT,
    NOT_ADJUSTED,
    RELATIVE,
    UNNAMED,
    Exchange,
    Price,
    WedgeAnswer,
    WhatIf,
    channel_caveats,
    exchange_text,
    far_alone,
    held_from,
    price_text,
    standing,
    wedge_text,
    whatif_caveats,
    whatif_text,
)
from tertius.answers.exchange import exchange as exchange_of
from tertius.answers.price import Ties, adversaries_of, eased_own, prices, ties
from tertius.answers.spans import SlicedSpans, spans
from tertius.answers.wedge import gains
from tertius.answers.wedge import wedge as wedge_of
from tertius.answers.whatif import FAR, direct
from tertius.codes import actor_name
from tertius.errors import ModelError, NotEnoughData, UnknownActor, UsageError, memory_named
from tertius.events.data import NET_NOTE, EventData
from tertius.events.slices import DyadSlices, Floats
from tertius.language import Day, say
from tertius.model.design import build_design
from tertius.progress import OnProgress
from tertius.sources.loading import load
from tertius.spec import (
    DEFAULT_FACTOR,
    DEFAULT_LAGS,
    DEFAULT_PERIOD,
    DEFAULT_WHATIF_DRAWS,
    PER,
    Duration,
    ModelSpec,
    Options,
    read_date,
)
from tertius.study.asking import command_line, find_actor, reading_flags, spanned, types_named
from tertius.study.explain import Question, unit_of
from tertius.study.fit import Days, Refused, Study, asked_of
from tertius.study.pairs import pair_of

SET = re.compile(
    r"\s*(?P<flow>.+?)\s+(?P<sign>coop|host)\s+(?P<how>x|=)\s*(?P<value>\S+)\s+from\s+(?P<first>\S+)"
    r"(?:\s+to\s+(?P<last>\S+))?\s*"
)
FEWEST_DRAWS = 20
WRITE_SET = say('Write --set "USA>RUS host x0.5 from 2021-01-01", with = for a level and perhaps: to 2021-12-31.')


@dataclass(frozen=True, slots=True)
class Set:
    """One changed flow as it was asked for; ``text`` is how it is repeated."""

    source: str
    target: str
    sign: str
    factor: float | None
    level: float | None
    first: date
    last: date
    text: str

    def change(self, slices: DyadSlices) -> Change:
        """Of these slices, at least half inside its days. Raises UsageError where there is none."""
        inside = slices.between(np.datetime64(self.first), np.datetime64(self.last))
        if not inside.any():
            raise UsageError(
                say("--set '{text}': no step of {length} lies in its days.", text=self.text, length=slices.length),
                say("Choose a longer span."),
            )
        source, target = (slices.actors.index(x) for x in (self.source, self.target))
        return Change(source, target, self.sign, self.factor, self.level, inside)


def read_set(text: str, events: EventData, labels: frozenset[str], span: tuple[date, date]) -> Set:
    """``USA>RUS host x0.5 from 2021-01-01 to 2021-12-31``; undirected ``USA-RUS``. Raises UsageError, UnknownActor."""
    found = SET.fullmatch(text)
    if found is None:
        raise UsageError(f"--set '{text}' is not read.", WRITE_SET)
    source, target = _flow(found["flow"], events, labels)
    try:
        value = float(found["value"])
    except ValueError:
        raise UsageError(f"--set '{text}': '{found['value']}' is no number.", WRITE_SET) from None
    if not 0 <= value < np.inf:
        raise UsageError(
            f"--set '{text}': a {'factor' if found['how'] == 'x' else 'level'} of {value:g} is no intensity.",
            "Take a number from 0: x0.5 halves, x2 doubles, =0 stops.",
        )
    first = read_date(found["first"])
    last = read_date(found["last"]) if found["last"] else span[1]
    if first > last and found["last"]:
        raise UsageError(
            say("--set '{text}' ends before it begins.", text=text),
            say("Write: from {last} to {first}.", last=last, first=first),
        )
    if first <= span[0] or first > span[1] or last > span[1]:
        raise UsageError(
            say(
                "--set '{text}' reaches outside the data ({first} to {last}), or leaves nothing before it.",
                text=text,
                first=span[0],
                last=span[1],
            ),
            say("Choose days after {first} and up to {last}.", first=span[0], last=span[1]),
        )
    factor, level = (value, None) if found["how"] == "x" else (None, value)
    said = f"{source}{'>' if events.directed else '-'}{target} {found['sign']} {found['how']}{value:g} from {first}"
    return Set(
        source,
        target,
        found["sign"],
        factor,
        level,
        first,
        last,
        said + (f" to {last}" if found["last"] else ""),
    )


def _flow(text: str, events: EventData, labels: frozenset[str]) -> tuple[str, str]:
    """The two ends of a flow."""
    if ">" in text:
        if not events.directed:
            raise UsageError(
                f"'{text}': {events.name} is undirected and does not say whose act it was.",
                f"Write {text.replace('>', '-')}: what is between the two.",
            )
        one, other = (find_actor(x.strip(), labels, events.name) for x in text.split(">", 1))
        if one == other:
            raise UsageError(
                say("'{text}' names the same actor twice: nobody is hostile to itself here.", text=text), WRITE_SET
            )
        return one, other
    if events.directed:
        raise UsageError(f"'{text}' does not say who acts.", f"Write {text.replace('-', '>', 1)}, or the other way.")
    return pair_of(text, labels, events.name)


def _through(
    data: Any, outcome: str | Sequence[str] | None, threat: str | Sequence[str] | None
) -> tuple[EventData, dict[str, str]]:
    """The data as their channels are asked for, and these as flags. Raises UsageError."""
    types = types_named(outcome), types_named(threat)
    said = zip(("outcome-types", "threat-types"), types, strict=True)
    return load(data).through(*types), {flag: ",".join(words) for flag, words in said if words}


def _pair(a: str, b: str, labels: frozenset[str], where: str) -> tuple[str, str]:
    one, other = (find_actor(x, labels, where) for x in (a, b))
    if one == other:
        raise UsageError(say("The same actor is named twice."), say("Name two different actors."))
    return one, other


@memory_named()
def whatif(
    a: str,
    b: str,
    data: Any,
    *,
    sets: str | Sequence[str],
    draws: int = DEFAULT_WHATIF_DRAWS,
    outcome_types: str | Sequence[str] | None = None,
    threat_types: str | Sequence[str] | None = None,
    certificate: bool = True,
    cache: bool = True,
    study: Study | None = None,
    progress: OnProgress | None = None,
    **question: Unpack[Options],
) -> WhatIf:
    """The pair's expected outcome with a changed history, directly and with consequences.

    Parameters
    ----------
    a, b : the pair, codes or names. data : anything that :func:`tertius.load` takes.
    sets : changed flows: ``"USA>RUS host x0.5 from 2021-01-01"``; of undirected data ``"USA-RUS host ..."``.
    draws : of both worlds; 0: the direct answer alone.
    outcome_types, threat_types : event types that the outcome counts, and types of hostility that the history holds
        (default: all).
    certificate : run the certificate; without it the answer is an association.
    study : one that is open, whose fit serves where it is of these data and this question.
    cache, progress : as for :func:`tertius.explain`. question : the fields of :class:`tertius.spec.ModelSpec`.

    Raises UsageError, InputError, ModelError, with the way out.

    >>> whatif("RUS", "CHN", "chronicle", sets="USA>RUS host x1 from 2010-01-01", draws=0, certificate=False,
    ...        model="rate", effects="inertia,shared_threat", slice="1mo", half_life="2y").direct.found.difference
    0.0
    """
    if draws and draws < FEWEST_DRAWS:
        raise UsageError(
            f"{draws} draws have no 95 % interval.",
            f"Take {FEWEST_DRAWS} or more, or --draws 0: the direct answer alone.",
        )
    events, channels = _through(data, outcome_types, threat_types)
    asked, labels = asked_of(events, question), events.labels()
    pair = _pair(a, b, labels, events.name)
    whole = spanned(events, asked)
    assert whole.start is not None
    assert whole.end is not None
    listed = [sets] if isinstance(sets, str) else list(sets)
    if not listed:
        raise UsageError("Nothing is changed.", WRITE_SET)
    read = [read_set(text, events, labels, (whole.start, whole.end)) for text in listed]
    _third_parties(read, pair, events)
    if channels and draws:
        raise UsageError("Events of some types alone cannot be drawn forward.", "Ask directly: --draws 0.")
    said = {"set": "", **channels, "draws": str(draws) if draws != DEFAULT_WHATIF_DRAWS else ""} | _certificate_flag(
        certificate
    )
    command = _command(events, "whatif", [*pair, events.name], asked, said, [s.text for s in read])
    actors = tuple(dict.fromkeys((*pair, *(x for s in read for x in (s.source, s.target)))))

    def check(sl: DyadSlices, spec: ModelSpec) -> None:
        _at_risk(actors, sl)
        for s in read:
            s.change(sl)

    found = _open(study, events, asked, command, check, cache, progress)
    return _whatif(found, pair, read, draws, certificate, command, progress)


def _open(
    study: Study | None,
    events: EventData,
    asked: ModelSpec,
    command: str,
    check: Callable[[DyadSlices, ModelSpec], None],
    cache: bool,
    progress: OnProgress | None,
) -> Study:
    """The Study that is open where it answers this question of these data, else a new one."""
    if study is None or study.events is not events or study.asked != asked:
        return Study.of(events, asked, command, cache=cache, check=check, progress=progress)
    check(study.slices, study.fitted.design.spec)
    return study


def _third_parties(read: Sequence[Set], pair: tuple[str, str], events: EventData) -> None:
    """Raises UsageError where a flow is the pair's own."""
    for s in read:
        ends = {s.source, s.target}
        if ends == set(pair) or (events.directed and s.source in pair):
            raise UsageError(
                say(
                    "--set '{text}': {source} is one of the pair, and what the pair does itself is no third party's "
                    "doing: inertia and reciprocity carry it, which the model does not interpret within pairs.",
                    text=s.text,
                    source=s.source,
                ),
                say("Name a third party's flow towards {a} or {b}.", a=pair[0], b=pair[1]),
            )


def _whatif(
    study: Study,
    pair: tuple[str, str],
    read: Sequence[Set],
    draws: int,
    certificate: bool,
    command: str,
    progress: OnProgress | None,
) -> WhatIf:
    _counts(study)
    sl, spec = study.slices, study.fitted.design.spec
    i, j = (sl.actors.index(x) for x in pair)
    found = direct(study.fitted, i, j, [s.change(sl) for s in read], max(draws, DEFAULT_WHATIF_DRAWS), spec.seed)
    simulated: Consequences | None = None
    refused, periods = "", study.periods
    if draws:
        forward = _forward_spec(study)
        try:
            simulated = consequences(
                build_design(periods, forward), i, j, [s.change(periods) for s in read], spec.outcome, draws,
                spec.seed, in_weight=spec.response == "weight", step=progress,
            )  # fmt: skip
        except ModelError as error:
            refused = say("There is no answer with consequences: {message}", message=error.message)
    first = min(s.first for s in read)
    certified, why = _pair_standing(study, (i, j), first, certificate, progress)
    empty = [s.text for s in read if s.factor != 1.0 and is_empty(sl, s.change(sl))]
    same = all(s.factor == 1.0 or s.text in empty for s in read)
    dates, drawn = _dates(sl, found.at), () if simulated is None else _dates(periods, simulated.at)
    unit, texts, said = unit_of(study), tuple(s.text for s in read), standing(certified, why)
    return WhatIf(
        certified=certified,
        caveats=(
            *([refused] if refused else []),
            *held_from(str(first), dates[0], drawn[0] if drawn else ""),
            *channel_caveats(*study.events.channels, spec.outcome),
            *whatif_caveats(found, simulated, sl.directed, NET_NOTE, same, empty),
        ),
        text=whatif_text(pair, texts, spec.outcome, unit, found, simulated, said),
        command=command, pair=pair, changes=texts, outcome=spec.outcome, unit=unit, direct=found,
        dates=dates, simulated=simulated, simulated_dates=drawn, draws=draws,
    )  # fmt: skip


def _forward_spec(study: Study) -> ModelSpec:
    """The simulating model's question: the rate model's columns, by period."""
    spec = study.fitted.design.spec
    if spec.covariates:
        raise UsageError("Covariates have no future to draw.", "Leave --covariates out, or use --draws 0.")
    return replace(
        spec, model="rate", slice=study.periods.length, sample=None, scales=(),
        effects=study.asked.effects,
    )  # fmt: skip


def _dates(sl: DyadSlices, at: np.ndarray) -> tuple[str, ...]:
    return tuple(str(d) for d in sl.dates()[at])


def _counts(study: Study) -> None:
    """Raises UsageError where types are asked for of an outcome in weight: it is the history's."""
    if study.events.channels[0] and study.fitted.design.spec.response != "count":
        raise UsageError("--outcome-types counts events of these types.", "Use --response count.")


def _general(study: Study, wanted: bool, progress: OnProgress | None) -> tuple[bool, str]:
    """Whether the certificate's general conditions hold; else why the figures are an association."""
    if not wanted:
        return False, say("the certificate was not run.")
    try:
        found = study.certified(0, progress)
    except (ModelError, UsageError) as error:
        return False, say("the certificate could not be run ({message})", message=error.message)
    if isinstance(found, Refused):
        return False, say("the certificate could not be run ({why})", why=found.why)
    held = sum(s.passed for s in found.certificate.general)
    n = len(found.certificate.general)
    return found.certificate.passed, say("{held} of {n} general conditions of the certificate hold.", held=held, n=n)


def _pair_standing(
    study: Study, pair: tuple[int, int], first: date, wanted: bool, progress: OnProgress | None
) -> tuple[bool, str]:
    """The same with the pair's own condition, for the days from the first change on against as many before."""
    general, why = _general(study, wanted, progress)
    if not general:
        return general, why
    found = study.certified(0, progress)
    assert not isinstance(found, Refused)
    try:
        begin, end = study.asked.start or study.span[0], study.asked.end or study.span[1]
        own = spans(begin, end, (first, end), None).of(study.periods).among(study.periods.observed)
        certificate = found.about(PairQuestion(*pair, own.window, own.reference))
    except (ModelError, UsageError) as error:
        return False, say("the pair's own condition could not be looked at ({message})", message=error.message)
    return certificate.passed, say("the certificate's condition of the pair does not hold.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one actor and its adversaries.

    Attributes
    ----------
    k : its label. adversaries : theirs; empty: those of the reference period.
    question : window and reference.
    certificate : whether it is run.
    """

    k: str
    adversaries: tuple[str, ...]
    question: Question
    certificate: bool

    @classmethod
    def of(
        cls,
        events: EventData,
        asked: ModelSpec,
        k: str,
        adversaries: str | Sequence[str] | None,
        typed: tuple[Days | None, Days | None],
        certificate: bool,
    ) -> Asked:
        """With actors as labels of the data. Raises UsageError, UnknownActor."""
        labels = events.labels()
        own = find_actor(k, labels, events.name)
        words = types_named(adversaries)
        named = tuple(find_actor(x, labels, events.name) for x in words)
        if own in named:
            raise UsageError(
                say("{actor} is named as its own adversary.", actor=own), say("Leave it out of --adversaries.")
            )
        if len(set(named)) < len(named):
            raise UsageError("--adversaries names an actor twice.", "Name each once.")
        if len(named) == 1:
            raise UsageError(
                say("One adversary has no tie to another."), say("Name two or more: --adversaries RUS,CHN.")
            )
        return cls(own, named, Question.about(asked, events.span(), (own,), own, typed), certificate)

    def check(self, slices: DyadSlices, spec: ModelSpec) -> None:
        """Raise before anything is fitted."""
        self.question.check(slices, spec)
        _at_risk(self.adversaries, slices)

    def flags(self) -> dict[str, str]:
        """Of the command that repeats it."""
        window, reference = self.question.typed
        said = {} if not self.adversaries else {"adversaries": ",".join(self.adversaries)}
        said |= {} if window is None else {"window": " ".join(map(str, window))}
        said |= {} if reference is None else {"reference": " ".join(map(str, reference))}
        return said | _certificate_flag(self.certificate)

    def ties(self, study: Study) -> tuple[Ties, SlicedSpans]:
        """The ties among its adversaries, and the spans. Raises UsageError where there are fewer than two."""
        _counts(study)
        sl, fit = study.slices, study.fitted
        own = self.question.spans.of(sl).among(fit.covered, sl.observed)
        k = sl.actors.index(self.k)
        if self.adversaries:
            chosen = [sl.actors.index(x) for x in self.adversaries]
        else:
            found, net = adversaries_of(sl, k, own.reference, fit.design.spec.response or "count")
            chosen = found.tolist()
            if len(chosen) < 2:
                near = [sl.actors[x] for x in np.argsort(net, kind="stable").tolist() if net[x] != 0][:3]
                raise UsageError(
                    say(
                        "{actor} had more hostility than cooperation with fewer than two others from "
                        "{first} to {last}: no two to be tied.",
                        actor=actor_name(self.k),
                        first=Day(own.reference_days[0]),
                        last=Day(own.reference_days[1]),
                    ),
                    say("Name them: --adversaries {names} are those with least net cooperation.", names=",".join(near)),
                )
        return ties(fit, k, chosen), own


def _at_risk(actors: Sequence[str], slices: DyadSlices) -> None:
    absent = [x for x in actors if x not in slices.actors]
    if absent:
        raise UnknownActor(
            say("{actor} is not in the risk set of this span.", actor=absent[0]),
            say("Widen --from/--to, or add it to --actors."),
        )


def _certificate_flag(certificate: bool) -> dict[str, str]:
    return {} if certificate else {"no-certificate": ""}


def _command(
    events: EventData, verb: str, words: Sequence[str], asked: ModelSpec, said: dict[str, str], sets: Sequence[str] = ()
) -> str:
    flags = {k: v for k, v in said.items() if (v or k == "no-certificate") and k != "set"}
    return command_line(
        verb, words, asked, reading_flags(events) | flags, [word for flow in sets for word in ("--set", flow)]
    )


@memory_named()
def price(
    k: str,
    data: Any,
    *,
    per: str = PER[0],
    adversaries: str | Sequence[str] | None = None,
    window: Days | None = None,
    reference: Days | None = None,
    outcome_types: str | Sequence[str] | None = None,
    threat_types: str | Sequence[str] | None = None,
    certificate: bool = True,
    cache: bool = True,
    study: Study | None = None,
    progress: OnProgress | None = None,
    **question: Unpack[Options],
) -> Price:
    """What k's hostility towards each of its adversaries goes with in the ties among them.

    Parameters
    ----------
    k : an actor, code or name. data : anything that :func:`tertius.load` takes.
    per : "sd", one standard deviation over time of each flow more of it, or "10%".
    adversaries : who they are (default: with whom k had more hostility than cooperation in the reference).
    outcome_types, threat_types : as for :func:`whatif`.
    study : one that is open, whose fit serves where it is of these data and this question.
    window, reference, certificate, cache, progress, question : as for :func:`tertius.explain`.

    Raises UsageError, InputError, ModelError, with the way out.

    >>> price("USA", "chronicle", adversaries="RUS,PRK,CHN", certificate=False, model="rate",
    ...       effects="inertia,shared_threat", slice="1mo", half_life="2y").certified
    False
    """
    if per not in PER:
        raise UsageError(f"--per '{per}' does not exist.", f"Choose {' or '.join(PER)}.")
    events, channels = _through(data, outcome_types, threat_types)
    asked = asked_of(events, question)
    ask = Asked.of(events, asked, k, adversaries, (window, reference), certificate)
    flags = ask.flags() | channels | ({"per": per} if per != PER[0] else {})
    command = _command(events, "price", [ask.k, events.name], asked, flags)
    found = _open(study, events, asked, command, ask.check, cache, progress)
    return price_of(found, ask, per, command, progress)


def price_in(study: Study, k: str, adversaries: Sequence[str] | None = None) -> Price:
    """:func:`price` of a Study that is open. Raises UsageError, ModelError."""
    ask = Asked.of(study.events, study.asked, k, adversaries, (None, None), True)
    ask.check(study.slices, study.fitted.design.spec)
    command = _command(study.events, "price", [ask.k, study.events.name], study.asked, ask.flags())
    return price_of(study, ask, PER[0], command, None)


def price_of(study: Study, ask: Asked, per: str, command: str, progress: OnProgress | None) -> Price:
    """The price from a Study."""
    found, own = ask.ties(study)
    sl, inside = study.slices, found.within(own.window)
    other_per = next(p for p in PER if p != per)
    one, other = prices(found, inside, per), prices(found, inside, other_per)
    certified, why = _general(study, ask.certificate, progress)
    names, unit = tuple(sl.actors[a] for a in found.adversaries), unit_of(study)
    outcome = study.fitted.design.spec.outcome
    return Price(
        certified=certified, caveats=_caveats(study, ask, one.distance, far_alone(names, one)),
        text=price_text(ask.k, names, one, per, unit, outcome, standing(certified, why), sl.directed), command=command,
        actor=ask.k, adversaries=names, outcome=outcome, unit=unit, per=per, found=one, other=other,
        other_per=other_per, p=found.p, dates=_dates(sl, found.at), window=own.window_days, directed=sl.directed,
        named=bool(ask.adversaries),
    )  # fmt: skip


def _caveats(study: Study, ask: Asked, distance: float, alone: str = "") -> tuple[str, ...]:
    """Of price and wedge; ``alone``: what lies far outside the data by itself."""
    directed = study.slices.directed
    far = say(
        "All at once lie {distance:.1f} standard deviations of the foe effect, as the model compares it, outside the "
        "data: the model is stretched.",
        distance=distance,
    )
    return (
        *channel_caveats(*study.events.channels, study.fitted.design.spec.outcome),
        RELATIVE,
        NOT_ADJUSTED,
        *([] if ask.adversaries else [UNNAMED]),
        *([far] if distance > FAR else []),
        *([alone] if alone else []),
        *([] if directed else [CONFLICT]),
        *study.result.warnings,
    )


@memory_named()
def wedge(
    k: str,
    data: Any,
    *,
    budget: float | None = None,
    factor: float = DEFAULT_FACTOR,
    adversaries: str | Sequence[str] | None = None,
    window: Days | None = None,
    reference: Days | None = None,
    outcome_types: str | Sequence[str] | None = None,
    threat_types: str | Sequence[str] | None = None,
    certificate: bool = True,
    cache: bool = True,
    progress: OnProgress | None = None,
    **question: Unpack[Options],
) -> WedgeAnswer:
    """Which easing of k's hostility, towards whom, goes with least cooperation among its adversaries?

    Parameters
    ----------
    k : an actor, code or name. data : anything that :func:`tertius.load` takes.
    budget : weight of hostility a period that may be given up (default: any).
    factor : what eased hostility is multiplied by, from the first day of the window.
    adversaries, window, reference, outcome_types, threat_types, certificate, cache, progress, question : as for
        :func:`price`.

    Raises UsageError, InputError, ModelError, with the way out.
    """
    if budget is not None and not budget > 0:
        raise UsageError(f"--budget {budget:g} buys nothing.", "Take a weight of hostility a period above 0.")
    if not 0 <= factor < 1:
        raise UsageError(f"--factor {factor:g} eases nothing.", "Take a number from 0 to below 1: 0.5 halves.")
    budget = None if budget == np.inf else budget
    events, channels = _through(data, outcome_types, threat_types)
    asked = asked_of(events, question)
    ask = Asked.of(events, asked, k, adversaries, (window, reference), certificate)
    flags = ask.flags() | channels | ({} if budget is None else {"budget": f"{budget:g}"})
    flags |= {"factor": f"{factor:g}"} if factor != DEFAULT_FACTOR else {}
    command = _command(events, "wedge", [ask.k, events.name], asked, flags)
    study = Study.of(events, asked, command, cache=cache, check=ask.check, progress=progress)
    return wedge_in(study, ask, budget, factor, command, progress)


def wedge_in(
    study: Study, ask: Asked, budget: float | None, factor: float, command: str, progress: OnProgress | None
) -> WedgeAnswer:
    """The wedge from a Study."""
    found, own = ask.ties(study)
    sl = study.slices
    eased, easing = eased_own(study.fitted, sl.actors.index(ask.k), found, factor, own.window)
    inside = found.within(own.window)
    ladder = wedge_of(gains(found, eased, inside, easing), np.inf if budget is None else budget)
    if not ladder.options:
        raise UsageError(
            f"No easing by a factor of {factor:g} is as cheap as --budget {budget:g}.",
            f"The cheapest gives up {easing.min():.3g} a period: raise --budget, or take a --factor nearer to 1.",
        )
    certified, why = _general(study, ask.certificate, progress)
    names, unit = tuple(sl.actors[a] for a in found.adversaries), unit_of(study)
    said, distance = standing(certified, why), found.distance(eased, inside)
    outcome = study.fitted.design.spec.outcome
    return WedgeAnswer(
        certified=certified, caveats=_caveats(study, ask, distance),
        text=wedge_text(ask.k, names, ladder, factor, unit, outcome, said, sl.directed), command=command, actor=ask.k,
        adversaries=names, outcome=outcome, unit=unit, factor=factor, budget=budget, found=ladder,
        window=own.window_days, directed=sl.directed, distance=distance,
    )  # fmt: skip


@memory_named()
def exchange(
    a: str,
    b: str,
    data: Any,
    *,
    give: str | Sequence[str] | None = None,
    get: str | Sequence[str] | None = None,
    lags: int = DEFAULT_LAGS,
    period: str | Duration = DEFAULT_PERIOD,
    start: str | date | None = None,
    end: str | date | None = None,
    seed: int | None = None,
) -> Exchange:
    """Does what b gives a go with what a gives b, and how much later?

    Parameters
    ----------
    a, b : codes or names. data : anything that :func:`tertius.load` takes.
    give, get : event types of the flow from a to b, and of that from b to a (default: all cooperation).
    lags : periods that one may come before or after the other.
    period : a step. start, end : first and last day of the data used.

    Raises UsageError, InputError, NotEnoughData, with the way out.
    """
    events = load(data)
    if not events.directed:
        raise UsageError(f"{events.name} is undirected: nothing says who gave and who got.", "Take directed events.")
    if not 0 <= lags <= 36:
        raise UsageError(f"--lags {lags} is no number of periods from 0 to 36.", f"Write --lags {DEFAULT_LAGS}.")
    spec = spanned(events, ModelSpec.of(period=period, start=start, end=end, seed=seed))
    spec = replace(spec, slice=spec.period)
    pair = _pair(a, b, events.labels(), events.name)
    whole = events.slices(spec)
    _at_risk(pair, whole)
    if whole.n_slices <= 4 * lags + 4:
        raise NotEnoughData(
            f"{whole.n_slices} periods of {spec.period} are too few for {lags} lags.",
            "Take fewer --lags, or --period 1w.",
        )
    flows, words = [], []
    for types in (types_named(give), types_named(get)):
        some = events.of_types(types).slices(replace(spec, actors=whole.actors)) if types else whole
        flows.append(_dense(some, "any" if types else "cooperation"))
        words.append(",".join(types) or say("cooperation"))
    at = (whole.actors.index(pair[0]), whole.actors.index(pair[1]))
    found = exchange_of(flows[0], flows[1], at, whole.observed, lags)
    said = {"give": ",".join(types_named(give)), "get": ",".join(types_named(get))}
    said |= {"lags": str(lags) if lags != DEFAULT_LAGS else ""}
    asked = ModelSpec.of(period=period, start=start, end=end, seed=seed)
    caveats = (
        CODED,
        say("What is recorded is counted, not what was given."),
        say("The interval is of one lag; p is of the largest of all of them."),
    )
    return Exchange(
        certified=False, caveats=caveats, text=exchange_text(pair, (words[0], words[1]), str(spec.period), found),
        command=_command(events, "exchange", [*pair, events.name], asked, said), pair=pair,
        types=(words[0], words[1]), period=str(spec.period), found=found,
    )  # fmt: skip


def _dense(sl: DyadSlices, outcome: str) -> Floats:
    """(S, N, N) weights of one outcome."""
    n = sl.n_actors
    found = np.zeros((sl.n_slices, n * n))
    of = np.repeat(np.arange(sl.n_slices), np.diff(sl.indptr))
    found[of, sl.dyad] = sl.outcome(outcome, "weight")
    return found.reshape(-1, n, n)

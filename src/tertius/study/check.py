"""Claims put to data: each becomes a command of tertius, its answer a verdict by the rule of its kind.

One :class:`~tertius.study.fit.Study` serves all claims of a document. A claim without a time is asked at
:data:`RECENT` before the document's day; data after that day are not used, for an article cannot speak of them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np

from tertius.answers.certificate.verdict import verdict as general_verdict
from tertius.answers.certificate.verdict import verdict_text
from tertius.answers.claim_check import (
    ALARM,
    PER_DEVIATION,
    Checked,
    CheckedClaim,
    Fact,
    Judged,
    Ratio,
    denied,
    judge_cause,
    judge_change,
    judge_event,
    judge_extreme,
    judge_forecast,
    judge_isolation,
    judge_many,
    judge_price,
    not_covered,
    ratio_of,
    untested,
)
from tertius.answers.foresight import Forecast
from tertius.answers.movement import Series, Trend, standing
from tertius.answers.rise import Rise
from tertius.answers.verdict import NO_EFFECT
from tertius.codes import actor_name
from tertius.codes.groups import members_between
from tertius.errors import TertiusError, UsageError
from tertius.events.data import NET_NOTE, EventData, RowsByPair
from tertius.language import joined, known, say
from tertius.progress import OnProgress, Progress
from tertius.reading.claims import FIRST_TIME, with_claims
from tertius.reading.readers import DEFAULT
from tertius.reading.reading import Claim, Reading
from tertius.sources.loading import load
from tertius.spec import DEFAULT_PERIOD, read_date
from tertius.study.asking import command_line
from tertius.study.behind import rows_of_sides
from tertius.study.counsel import price_in
from tertius.study.fit import Study
from tertius.study.folder import works_cited
from tertius.study.forecast import forecast
from tertius.study.movement import (
    Periods,
    changes_of_all,
    isolation_in,
    open_periods,
    rank_of,
    trend_of,
    volume_of,
)
from tertius.study.reading import read

YEAR = timedelta(days=365)
ALLIANCES = ("NATO", "CSTO")
"""Groups of which "its allies" can be read."""
FEW_NAMED = 5
AHEAD = 6
"""Months after the text that a prediction is taken to speak of."""
DAYS_A_MONTH = 30.4375
RECENT = timedelta(days=730)
"""What "has increased" looks back on where a text names no time."""
ROWS = 20
"""Rows shown behind a claim."""
SIGNS = {"cooperation": (1,), "hostility": (-1,)}
MACHINE = say("Rows are coded by machines and often wrong: read those that are shown.")
SPREAD = say("Effective partners say how evenly cooperation is spread, not how much there is.")
WHOSE = say("Who acted on whom is not in these data: rows are of the pair.")


@dataclass(frozen=True, slots=True)
class When:
    """The day that divides before and after, the last day, why the data do not cover them (empty: they do), and how the
    day was chosen."""

    at: date
    end: date
    outside: str = ""
    limits: tuple[str, ...] = ()


@dataclass
class Checking:
    """A document's claims against one set of data: opened, fitted and counted once for all of them."""

    events: EventData
    written: date
    open_study: Callable[[], Study]
    labels: frozenset[str]
    span: tuple[date, date]
    driven: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _opened: dict[tuple[str, ...], Periods] = field(default_factory=dict)
    _rows: dict[tuple[str, ...], EventData | RowsByPair] = field(default_factory=dict)

    @cached_property
    def study(self) -> Study:
        """Fitted when the first claim needs it."""
        return self.open_study()

    @cached_property
    def typed(self) -> bool:
        """Whether the data tell types of event apart."""
        return self.events.typed()

    def periods(self, types: Sequence[str] = ()) -> Periods:
        """Counts by month of the types named, up to the day of writing."""
        key = tuple(types)
        if key not in self._opened:
            end = self.end if self.end < self.span[1] else None
            self._opened[key] = open_periods(self.events, DEFAULT_PERIOD, None, None, end, key or None)
        return self._opened[key]

    def open(self, claims: Sequence[Claim]) -> None:
        """Whatever the claims need, once, before the first; what cannot be opened is said with each claim."""
        kinds = {c.kind for c in claims if c.testable or c.kind in _FACTS}
        if kinds & {"trend", "extreme", "isolation"}:
            with suppress(TertiusError):
                self.periods()
        if kinds & {"trend", "extreme", "event"}:
            with suppress(TertiusError):
                self._rows_of(())
        if kinds & {"cause", "general"}:
            with suppress(TertiusError):
                self.study.certificate(permutations=0)
        if "prediction" in kinds:
            with suppress(TertiusError):
                self.periods()
                _ = self.foretold

    def check(self, claim: Claim) -> CheckedClaim:
        """The claim's command and verdict."""
        begun = perf_counter()
        return replace(self._checked(claim), seconds=perf_counter() - begun)

    def _checked(self, claim: Claim) -> CheckedClaim:
        if claim.kind in _FACTS:
            return self._fact(claim)
        if not claim.testable or claim.kind not in _CHECKS or len(claim.actors) < _FEWEST.get(claim.kind, 0):
            return CheckedClaim(claim, "", self._untestable(claim))
        if claim.kind == "cause" and claim.polarity == "hostility":
            return CheckedClaim(claim, "", untested(say("cause of hostility")))
        absent = [a for a in (*claim.actors, *claim.driver) if not self.members(a)]
        if absent:
            names = joined((actor_name(a) for a in absent), ", ")
            return CheckedClaim(
                claim, "", not_covered(say("{names} does not occur in {name}.", names=names, name=self.events.name))
            )
        if len(claim.actors) == 2 and set(self.members(claim.actors[0])) <= set(self.members(claim.actors[1])):
            return CheckedClaim(
                claim,
                "",
                not_covered(say("{actors} is one of {actors2}.", actors=claim.actors[0], actors2=claim.actors[1])),
            )
        try:
            return _CHECKS[claim.kind](self, claim)
        except TertiusError as error:
            return CheckedClaim(claim, "", not_covered(str(error.message)))

    def _untestable(self, claim: Claim) -> Judged:
        """Why not; where dealings of two are said to alarm a third, what could be asked."""
        judged = untested(claim.kind)
        if claim.kind == "motive" and _ALARMED.search(claim.sentence):
            effects = "friend_of_foe" if self.events.directed else "mixed"
            return judged.said(judged.verdict, joined((judged.explanation, ALARM.format(effects=effects))))
        return judged

    def _fact(self, claim: Claim) -> CheckedClaim:
        """What is of fact in a policy or a prediction, where it names what data know."""
        try:
            found = _FACTS[claim.kind](self, claim)
        except TertiusError as error:
            judged = untested(claim.kind)
            return CheckedClaim(claim, "", judged.said(judged.verdict, joined((judged.explanation, error.message))))
        if found is None:
            return CheckedClaim(claim, "", untested(claim.kind))
        query, fact = found
        return CheckedClaim(claim, query, fact.under(claim.kind), fact=fact)

    def policy(self, claim: Claim) -> tuple[str, Fact] | None:
        """The price of k's hostility, where it is said not to unite adversaries: k is named, or the one whom the other
        claims call a driver; its adversaries are those whom these say it drives, else those of the data."""
        if not _UNITES.search(claim.sentence):
            return None
        named = [a for a in claim.actors if a in self.labels] or [k for k in self.driven if k in self.labels]
        if not named:
            return None
        k = named[0]
        listed = tuple(x for x in self.driven.get(k, ()) if x in self.labels and x != k)
        found = price_in(self.study, k, listed if len(listed) > 1 else None)
        judged = judge_price(found, self.study.certificate(permutations=0))
        some = found.adversaries
        few = len(some) <= FEW_NAMED
        names = joined(map(actor_name, some), ", ") if few else say("its {n} adversaries", n=len(some))
        said = (
            say("More hostility of {k} comes before more cooperation among {names}", k=actor_name(k), names=names)
            if self.events.directed
            else say("More conflict with {k} comes before more cooperation among {names}", k=actor_name(k), names=names)
        )
        fact = Fact(said, judged)
        taken = say("Whose policy is meant was taken from other claims: {k}.", k=actor_name(k))
        whose = "" if k in claim.actors else taken
        limits = (*judged.limits, *([whose] if whose else []), *([] if self.events.directed else [WHOSE]))
        return found.command, replace(fact, judged=replace(judged, limits=limits))

    def prediction(self, claim: Claim) -> tuple[str, Fact] | None:
        """The forecast of the pair, where a pair and what it will do more or less of are named."""
        if len(claim.actors) != 2 or claim.polarity not in SIGNS or not set(claim.actors) <= self.labels:
            return None
        a, b = claim.actors
        lines = [x for x in self.foretold.lines if set(x.pair) == {a, b} and x.outcome == claim.polarity]
        if not lines:
            return None
        line = next((x for x in lines if x.pair == (a, b)), lines[0])
        before = self.periods().divided(self.end - YEAR, self.end)
        usual = trend_of(before, a, b, claim.polarity).rise.window_rate * DAYS_A_MONTH / len(lines)
        judged = judge_forecast(line, usual, claim.direction != "down", self.foretold.unit, self.foretold.origin)
        untold = self._untold(claim)
        judged = replace(judged, limits=(*judged.limits, *([untold] if untold else [])))
        words = [*shlex.split(self.foretold.command), "--pair", *line.pair]
        fields = {"polarity": known(claim.polarity), "both": _both(claim.actors)}
        foretold = (
            say("Less {polarity} between {both} is forecast", **fields)
            if claim.direction == "down"
            else say("More {polarity} between {both} is forecast", **fields)
        )
        fact = Fact(foretold, judged)
        return shlex.join(words), fact

    @cached_property
    def foretold(self) -> Forecast:
        """All pairs, half a year after the text: made once."""
        return forecast(self.events, horizon=[AHEAD], end=self.end if self.end < self.span[1] else None)

    # --- one kind each

    def trend(self, claim: Claim) -> CheckedClaim:
        """A rise or a fall since a day, against all others."""
        if len(claim.actors) == 1:
            return self._with_anyone(claim)
        when, types = self._when(claim), self._types(claim)
        a, b = (self._side(x, claim) for x in claim.actors[:2])
        found = trend_of(self.periods(types).divided(when.at, when.end), a, b, None if types else claim.polarity)
        untold = self._untold(claim)
        what = say(
            "{polarity} between {both}",
            polarity=known((claim.polarity if untold or not claim.about else claim.about) or ""),
            both=self._names(claim),
        )
        judged = judge_change(*_ratios(found), claim.direction != "down", what)
        judged = replace(judged, limits=(*judged.limits, *when.limits))
        judged = self._framed(claim, judged, when.outside, untold)
        return CheckedClaim(
            claim,
            found.command,
            judged,
            None,
            self._shown(claim, when.at, when.end),
            _series(found.series),
            str(when.at),
        )

    def _with_anyone(self, claim: Claim) -> CheckedClaim:
        """ "Russia strengthened ties with others": how many of its pairs rose and how many fell, against all others."""
        (a,), when = claim.actors, self._when(claim)
        if a not in self.labels:
            return CheckedClaim(
                claim, "", not_covered(say("{a} does not occur in {name}.", a=actor_name(a), name=self.events.name))
            )
        p = self.periods().divided(when.at, when.end)
        found = changes_of_all(p, a, claim.polarity or "cooperation")
        rose, fell = int((found.low > 1.0).sum()), int((found.high < 1.0).sum())
        judged = judge_many(rose, fell, int(np.isfinite(found.ratio).sum()), claim.direction != "down", actor_name(a))
        judged = replace(judged, limits=(*judged.limits, *when.limits))
        before = f"{p.first} {when.at - timedelta(days=1)}"
        asked = replace(p.spec, slice=None, response=None)
        flags = {"actor": a, "window": f"{when.at} {when.end}", "reference": before}
        query = command_line("pairs", [self.events.name], asked, flags)
        return CheckedClaim(claim, query, self._framed(claim, judged, when.outside, ""))

    def extreme(self, claim: Claim) -> CheckedClaim:
        """Where the time of writing stands in the pair's history, since the day named."""
        a, b = claim.actors[:2]
        if claim.about == FIRST_TIME:
            why = say("Whether something happened for the first time, the data do not tell.")
            return CheckedClaim(claim, "", not_covered(why))
        found = rank_of(self.periods().divided(self.end), a, b, True)
        worst = claim.polarity == "hostility"
        periods, values = found.series.period, np.array(found.series.value)
        at = periods.index(found.at)
        since = read_date(claim.dates.date_from) if claim.dates.date_from else self.span[0]
        first = next((k for k, p in enumerate(periods) if p >= str(since)), 0)
        seen = values[first : at + 1]
        lowest = first + int(np.nanargmin(seen if worst else -seen)) if np.isfinite(seen).any() else first
        lately = periods[lowest] if self.end - read_date(periods[lowest]) <= RECENT else ""
        judged = judge_extreme(standing(seen, periods[first : at + 1], at - first), worst, lately)
        early = (
            say("The claim reaches back to {year}, the data to {first}.", year=since.year, first=self.span[0])
            if since < self.span[0]
            else ""
        )
        judged = self._framed(claim, judged, early, self._untold(claim))
        shown = self._shown(claim, max(since, self.span[0]), self.end)
        return CheckedClaim(claim, found.command, judged, None, shown, _series(found.series), found.at)

    def isolation(self, claim: Claim) -> CheckedClaim:
        """Effective partners since a day, against other actors."""
        when = self._when(claim)
        p = self.periods().divided(when.at, when.end)
        found = isolation_in(p, claim.actors[0], claim.group)
        volume = volume_of(p, claim.actors[0], claim.group)
        figure = found.found.figure
        ratio = ratio_of(figure.ratio, figure.low, figure.high, len(found.periods))
        name = actor_name(claim.actors[0])
        what = say("effective partners of {name} relative to other states'", name=name)
        judged = judge_change(ratio, ratio, False, what)
        levels = (found.found.before.partners, found.found.after.partners)
        judged = judge_isolation(judged, _ratio(volume), name, found.group, levels)
        judged = replace(judged, limits=(*judged.limits, SPREAD, *when.limits))
        shown = tuple((str(r["period"]), float(r["partners"])) for r in found.rows() if r["partners"] is not None)
        judged = self._framed(claim, judged, when.outside, "")
        return CheckedClaim(claim, found.command, judged, None, (), shown, str(when.at))

    def cause(self, claim: Claim) -> CheckedClaim:
        """Who drives the pair together, and the reverse."""
        sides = [self._side(k, claim) for k in claim.driver]
        every = (m for side in sides for m in self.members(side.removeprefix("@") if side not in self.labels else side))
        driver = tuple(dict.fromkeys(m for m in every if m not in claim.actors[:2]))
        one = sides[0] if len(sides) == 1 else driver[0] if len(driver) == 1 else None
        found = self.study.explain(*claim.actors[:2], by=one, permutations=0)
        judged = judge_cause(found, driver, [side.removeprefix("@") for side in sides])
        judged = self._framed(claim, judged, "", "")
        reverse = None if found.reverse is None else found.reverse.to_dict()
        path = found.attribution.path
        days = dict.fromkeys(str(p.date) for p in path)
        summed = {d: sum(float(p.value) for p in path if str(p.date) == d and p.actor in driver) for d in days}
        return CheckedClaim(
            claim, found.command, judged, reverse, tuple(found.events[:ROWS]), tuple(summed.items()),
            found.attribution.rise.window[0],
        )  # fmt: skip

    def general(self, claim: Claim) -> CheckedClaim:
        """What holds of all pairs: the certificate's general conditions."""
        study = self.study
        certificate = study.certificate(permutations=0)
        command = command_line("fit", [self.events.name], study.asked, {"ladder": ""})
        if certificate is None:
            return CheckedClaim(claim, command, not_covered(say("The certificate could not be run on these data.")))
        said = general_verdict(certificate, True)
        bound = certificate.bound if said == NO_EFFECT else None
        unit = say("z of hostility before cooperation")
        value = certificate.lag.statistic
        judged = Judged(
            said, verdict_text(certificate, True), value, unit, None, len(self.labels), (), bound,
            "" if bound is None else PER_DEVIATION,
        )  # fmt: skip
        return CheckedClaim(claim, command, self._framed(claim, judged, "", ""))

    def event(self, claim: Claim) -> CheckedClaim:
        """Rows of the pair in the time named."""
        a, b = claim.actors[:2]
        first, last, another = self._time(claim)
        types = self._types(claim)
        flags = {"from": str(first), "to": str(last)} | ({"types": ",".join(types)} if types else {})
        words = ["tertius", "events", *(x if x in self.labels else f"@{x}" for x in (a, b)), self.events.name]
        query = shlex.join([*words, *(w for k, v in flags.items() for w in (f"--{k}", v))])
        if last < self.span[0] or first > self.span[1]:
            since, until = next(self._readings(claim))
            return CheckedClaim(claim, query, not_covered(self._speaks(since, until or self.written)))
        every = self._between(claim, types)
        first, last = max(first, self.span[0]), min(last, self.span[1])
        rows = [r for r in every if str(first) <= str(r["date"])[:10] <= str(last)]
        summed = self.events.grain is not None
        n, of_all = (len({r["date"] for r in x} if summed else x) for x in (rows, every))
        outside = max(1, (self.span[1] - self.span[0]).days - (last - first).days)
        what = say("{polarity} between {both}", polarity=known(claim.polarity or "dealings"), both=_both(claim.actors))
        judged = judge_event(n, (of_all - n) * ((last - first).days + 1) / outside, what, summed)
        widened = say(
            "The data are by {grain_word}: looked up from {first} to {last}.",
            grain_word=self.events.grain_word,
            first=first,
            last=last,
        )
        grain = (widened,) if summed else (MACHINE,)
        judged = replace(judged, limits=(*judged.limits, *grain, *another))
        judged = self._framed(claim, judged, "", self._untold(claim))
        return CheckedClaim(claim, query, judged, None, tuple(rows[:ROWS]))

    def _framed(self, claim: Claim, judged: Judged, outside: str, untold: str) -> Judged:
        """The verdict where time and kind are covered, turned where the claim is denied, and what data cannot tell."""
        if outside:
            judged = not_covered(outside, say("Within the data: {explanation}", explanation=judged.explanation), judged)
        elif untold:
            judged = not_covered(
                untold,
                say(
                    "Of all {polarity}: {explanation}",
                    polarity=known(claim.polarity or "dealings"),
                    explanation=judged.explanation,
                ),
                judged,
            )
        elif claim.negated:
            judged = denied(judged, claim.kind)
        judged = replace(judged, limits=(*judged.limits, *self._allies(claim)))
        two_sided = claim.kind in ("event", "cause") or (claim.kind == "trend" and claim.polarity == "hostility")
        if not self.events.directed and two_sided:
            judged = replace(judged, limits=(*judged.limits, WHOSE))
        return judged

    # --- actors, time, types, rows

    def members(self, actor: str) -> tuple[str, ...]:
        """The actor where the data know it; of a group of states, its members who occur, summed; else nobody."""
        if actor in self.labels:
            return (actor,)
        try:
            return tuple(x for x in members_between(actor, *self.span) if x in self.labels)
        except UsageError:
            return ()

    def _side(self, actor: str, claim: Claim) -> str:
        group = self.alliance(actor) if actor in claim.allies else ""
        return f"@{group}" if group else actor if actor in self.labels else f"@{actor}"

    def alliance(self, actor: str) -> str:
        """The alliance of which it was a member in the time of the data; empty: none that tertius knows."""
        return next((g for g in ALLIANCES if actor in members_between(g, *self.span)), "")

    def _names(self, claim: Claim) -> str:
        """The two of a claim, with their allies where these are meant and known."""
        groups = [self.alliance(a) if a in claim.allies else "" for a in claim.actors[:2]]
        two = zip(map(actor_name, claim.actors), groups, strict=False)
        return joined((say("{a} with its allies in {group}", a=a, group=g) if g else a for a, g in two), say(" and "))

    def _allies(self, claim: Claim) -> tuple[str, ...]:
        """What is meant by "its allies" here, as a limit."""
        if claim.kind not in ("trend", "cause"):
            return tuple(say("Allies of {a} are not in the figure.", a=actor_name(a)) for a in claim.allies)
        return tuple(
            say("Its allies: the members of {group}, summed; other allies are not in the figure.", group=g)
            if (g := self.alliance(a))
            else say("Who the allies of {a} are is not known here: the figure is without them.", a=actor_name(a))
            for a in claim.allies
        )

    @cached_property
    def end(self) -> date:
        """The last day that an article may speak of: whole months, where a row of the data is a month."""
        if self.written >= self.span[1] or self.events.grain is None:
            return min(self.written, self.span[1])
        return self._begin(self.written) - timedelta(days=1)

    def _begin(self, day: date) -> date:
        """The day, or the first of its month or year where the data are by these."""
        if self.events.grain is None:
            return day
        return day.replace(day=1) if self.events.grain_word == "month" else day.replace(month=1, day=1)

    def _whole(self, day: date) -> date:
        """The day, or the last of its month or year where the data are by these."""
        if self.events.grain is None:
            return day
        later = self._begin(day) + timedelta(days=32 if self.events.grain_word == "month" else 370)
        return self._begin(later) - timedelta(days=1)

    def _readings(self, claim: Claim) -> Iterator[tuple[date | None, date | None]]:
        """What the words for its time may mean, the likelier first."""
        for since, until in ((claim.dates.date_from, claim.dates.date_to), *claim.dates.alternatives):
            yield (read_date(since) if since else None), (read_date(until) if until else None)

    def _when(self, claim: Claim) -> When:
        """Before and after, as :meth:`_divided` has it, of the first reading of its time that the data cover."""
        every = list(self._readings(claim))
        found = [self._divided(since, until) for since, until in every]
        k = next((k for k, when in enumerate(found) if not when.outside), 0)
        when, (since, until) = found[k], every[k]
        said = () if when.outside else (
            say("Before and after are divided at {day}.", day=when.at)
            if since or until
            else say("The text names no day: before and after are divided at {day}.", day=when.at),
        )  # fmt: skip
        return replace(when, limits=(*said, *self._another(k, since, until)))

    def _another(self, k: int, since: date | None, until: date | None) -> tuple[str, ...]:
        """That not the likeliest reading of the claim's time was taken, but one that the data cover."""
        taken = joined((str(d) for d in (since, until) if d), " - ")
        said = say(
            "The words for its time have several readings; taken is one that the data cover: {taken}.", taken=taken
        )
        return (said,) if k else ()

    def _divided(self, since: date | None, until: date | None) -> When:
        """Before and after: from the day named; in the time named; in the two years before a day, or before now."""
        first, end = self.span[0], self.end
        if until is not None and until < self.written:
            end = min(end, self._whole(until))
        day = since or (until if until is not None and until < self.written else end) - RECENT
        other = self._begin(first + (self.end - first) / 3 * 2)
        if (since or until) and not first < day < end <= self.span[1]:
            return When(other, self.end, self._speaks(since, until))
        return When(self._begin(day), end) if first < day else When(other, end)

    def _speaks(self, since: date | None, until: date | None) -> str:
        """That the data do not reach the time that a claim speaks of."""
        return say(
            "The claim speaks of the time {speaks}, the data run from {first} to {last}.",
            speaks=say("from {day}", day=since) if since else say("up to {until}", until=until),
            first=self.span[0],
            last=self.span[1],
        )

    def _time(self, claim: Claim) -> tuple[date, date, tuple[str, ...]]:
        """The days of an event: those named, widened to whole months where the data are by month; of several readings
        the first that the data reach, and that it was taken."""
        every = list(self._readings(claim))
        found = [self._widened(since, until) for since, until in every]
        k = next((k for k, (a, b) in enumerate(found) if a <= self.span[1] and b >= self.span[0]), 0)
        return (*found[k], self._another(k, *every[k]))

    def _widened(self, since: date | None, until: date | None) -> tuple[date, date]:
        last = until or self.written
        return self._begin(since or min(last, self.written) - RECENT), self._whole(last)

    def _types(self, claim: Claim) -> Sequence[str]:
        return claim.types if claim.types and self.typed else ()

    def _untold(self, claim: Claim) -> str:
        """Why the data do not tell what the claim names from other dealings; empty where they do."""
        if not claim.about or (claim.types and self.typed):
            return ""
        return say("The data do not tell {about} from other dealings.", about=known(claim.about or ""))

    def _between(self, claim: Claim, types: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of the pair (of a group, of all its members), and of its sign where the claim has one."""
        kept = self._rows_of(types)
        signs = SIGNS.get(claim.polarity or "", (1, -1))
        sides = (self.members(a) for a in claim.actors[:2])
        return [r for r in rows_of_sides(kept, *sides) if r["sign"] in signs]

    def _rows_of(self, types: Sequence[str]) -> EventData | RowsByPair:
        """The rows of these types, in memory where that allows it."""
        key = tuple(types)
        if key not in self._rows:
            chosen = self.events.of_types(types) if types else self.events
            self._rows[key] = RowsByPair.of(chosen) or chosen
        return self._rows[key]

    def _shown(self, claim: Claim, since: date, end: date) -> tuple[dict[str, Any], ...]:
        rows = self._between(claim, self._types(claim))
        return tuple(r for r in rows if str(since) <= str(r["date"])[:10] <= str(end))[:ROWS]


_FEWEST = {"trend": 1, "isolation": 1, "extreme": 2, "cause": 2, "event": 2}
"""Actors without whom a claim of a kind can be put to no data, whoever read it."""
_UNITES = re.compile(
    r"\b(?:driv|unit|push|bring|brought|throw|forc|herd)\w*\b[^.;:]*\b(?:adversar|rival|enem|foe|opponent)\w*|"
    r"\b(?:adversar|rival|enem|foe|opponent)\w*\b[^.;:]*\b(?:together|closer|united)\b",
    re.IGNORECASE,
)
_ALARMED = re.compile(r"\b(?:nervous|alarm\w*|worr(?:y|ied|ies)|unsettl\w*|threatened|fears?|feared)\b", re.IGNORECASE)
_FACTS: dict[str, Callable[[Checking, Claim], tuple[str, Fact] | None]] = {
    "policy": Checking.policy,
    "prediction": Checking.prediction,
}
_CHECKS: dict[str, Callable[[Checking, Claim], CheckedClaim]] = {
    "trend": Checking.trend,
    "extreme": Checking.extreme,
    "isolation": Checking.isolation,
    "cause": Checking.cause,
    "general": Checking.general,
    "event": Checking.event,
}


def _driven(claims: Sequence[Claim]) -> dict[str, tuple[str, ...]]:
    """Who is said to drive whom together, in all claims of a document: the driver of most first."""
    found: dict[str, dict[str, None]] = {}
    for c in claims:
        if c.kind == "cause" and c.polarity == "cooperation":
            for k in c.driver:
                found.setdefault(k, {}).update(dict.fromkeys(c.actors[:2]))
    return {k: tuple(found[k]) for k in sorted(found, key=lambda k: -len(found[k]))}


def _both(actors: Sequence[str]) -> str:
    return joined(map(actor_name, actors[:2]), " and ")


def _series(found: Series) -> tuple[tuple[str, float], ...]:
    """Periods that were observed, and the rate of each."""
    return tuple((p, v) for p, v in zip(found.period, found.value, strict=True) if v == v)


def _ratios(found: Trend) -> tuple[Ratio, Ratio]:
    """Against all others, and as recorded."""
    n = sum(v == v for v in found.series.value)
    return _ratio(found.share, n), _ratio(found.rise, n)


def _ratio(found: Rise, n: int = 0) -> Ratio:
    return Ratio(found.ratio, found.low, found.high, found.error, n)


def check_reading(
    reading: Reading,
    data: Any,
    *,
    cache: bool = True,
    quotes: bool = False,
    study: Study | None = None,
    progress: OnProgress | None = None,
    command: str = "",
) -> Checked:
    """The claims of what was read, put to data.

    Parameters
    ----------
    reading : a document as read; where it has no claims, those that the grammar finds.
    data : anything that :func:`tertius.load` takes.
    cache : keep the fit in the user's cache folder, and take it from there.
    quotes : whether what is written reproduces no more of the text than the sentences that were checked.
    study : one of these data that is open, whose fit serves.
    progress : called with a line after every claim.
    command : what repeats this.
    """
    events = load(data)
    document = reading.document
    claims = with_claims(reading).claims
    span = events.span()
    written = read_date(document.metadata.date) if document.metadata.date else span[1]
    checking = Checking(events, written, lambda: open_study(), events.labels(), span, _driven(claims))

    def open_study() -> Study:
        end = checking.end if checking.end < span[1] else None
        if study is not None and end is None:
            return study
        return Study.open(events, end=end, cache=cache)

    checking.open(claims)
    found = list[CheckedClaim]()
    for n, claim in enumerate(claims):
        found.append(checking.check(claim))
        if progress:
            progress(Progress(say("claims"), n + 1, len(claims)))
    late = (
        [say("The text is of {written}; the data end on {last}.", written=written, last=span[1])]
        if written > span[1]
        else []
    )
    undated = [] if document.metadata.date else [say("The text has no date: it is read as of the data's last day.")]
    net = [] if events.directed else [NET_NOTE]
    return Checked(
        document, reading.reader, tuple(found), events.name, (str(span[0]), str(span[1])),
        (*late, *undated, *([events.note] if events.note else []), *net,
         say("Claims were found by a grammar, which misses some and misreads some: read the sentence beside each.")),
        works_cited(events), command or f"tertius check - {events.name}", quotes,
        reading_dict={k: v for k, v in reading.to_dict().items() if k != "claims"},
    )  # fmt: skip


def check(
    doc: Any = None,
    data: Any = "atlas",
    *,
    text: str | None = None,
    written: str | date | None = None,
    reader: Any = DEFAULT,
    cache: bool = True,
    quotes: bool = False,
    study: Study | None = None,
    progress: OnProgress | None = None,
) -> Checked:
    """What data say of each claim of an article.

    Parameters
    ----------
    doc : as for :func:`tertius.read`; or ``text``, the text itself.
    data : anything that :func:`tertius.load` takes.
    written : the day of writing, where the document does not say it.
    reader : as for :func:`tertius.read`.
    cache, quotes, study, progress : as for :func:`check_reading`.

    Examples
    --------
    >>> text = "Cooperation between Russia and North Korea has soared since 2022."
    >>> [c.judged.verdict for c in check(text=text, data="chronicle", written="2024-06-30").claims]
    ['data too thin']
    """
    found = read(doc, text=text, reader=reader)
    if written is not None:
        metadata = replace(found.document.metadata, date=str(read_date(written)))
        found = replace(found, document=replace(found.document, metadata=metadata), claims=())
    name = "-" if doc is None else str(doc)
    events = load(data)
    day = {} if written is None else {"written": str(written)}
    words = [*(w for k, v in day.items() for w in (f"--{k}", v)), *(["--quotes"] if quotes else [])]
    command = shlex.join(["tertius", "check", name, events.name, *words])
    return check_reading(found, events, cache=cache, quotes=quotes, study=study, progress=progress, command=command)

"""Claims put to data: each becomes a command of tertius, its answer a verdict by the rule of its kind.

One :class:`~tertius.study.fit.Study` serves all claims of a document. A claim without a time is asked at
:data:`RECENT` before the document's day; data after that day are not used, for an article cannot speak of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import numpy as np

from tertius.answers.certificate.verdict import verdict, verdict_text
from tertius.answers.claim_check import (
    Checked,
    CheckedClaim,
    Judged,
    Ratio,
    denied,
    judge_cause,
    judge_change,
    judge_event,
    judge_extreme,
    not_covered,
    ratio_of,
    untested,
)
from tertius.answers.movement import Trend, standing
from tertius.answers.verdict import TOO_THIN
from tertius.codes import actor_name
from tertius.codes.ontologies import ontology_of
from tertius.errors import TertiusError
from tertius.events.data import NET_NOTE, EventData
from tertius.progress import OnProgress
from tertius.reading.claims import find_claims
from tertius.reading.reading import Claim, Document, ReaderName, Reading
from tertius.sources.loading import load
from tertius.spec import DEFAULT_PERIOD, read_date
from tertius.study.asking import command_line
from tertius.study.explain import explain as _explain  # noqa: F401
from tertius.study.fit import Study
from tertius.study.folder import works_cited
from tertius.study.movement import isolation, rank, trend

RECENT = timedelta(days=730)
"""What "has increased" looks back on where a text names no time."""
ROWS = 20
"""Rows shown behind a claim."""
SIGN = {"cooperation": (1, 2), "hostility": (3, 4)}


@dataclass
class Checking:
    """A document's claims against one set of data."""

    events: EventData
    written: date
    open_study: Callable[[], Study]
    labels: frozenset[str]
    span: tuple[date, date]
    _study: Study | None = field(default=None)

    @property
    def study(self) -> Study:
        """Fitted when the first claim needs it."""
        if self._study is None:
            self._study = self.open_study()
        return self._study

    def check(self, claim: Claim) -> CheckedClaim:
        """The claim's command and verdict."""
        begun = perf_counter()
        found = self._checked(claim)
        return CheckedClaim(*found, seconds=perf_counter() - begun)

    def _checked(self, claim: Claim) -> tuple[Any, ...]:
        if not claim.testable:
            return claim, "", untested(claim.kind)
        absent = [a for a in (*claim.actors, *claim.driver) if a not in self.labels]
        if absent:
            names = ", ".join(actor_name(a) for a in absent)
            return claim, "", not_covered(f"{names} does not occur in {self.events.name}.")
        try:
            return _CHECKS[claim.kind](self, claim)
        except TertiusError as error:
            return claim, "", not_covered(str(error.message))

    # --- one kind each

    def trend(self, claim: Claim) -> tuple[Any, ...]:
        """A rise or a fall since a day, against all others."""
        if len(claim.actors) == 1:
            return self._with_anyone(claim)
        at, outside = self._since(claim)
        a, b = claim.actors[:2]
        types = self._types(claim)
        found = trend(
            a, b, self.events, at=str(at), outcome=None if types else claim.polarity, types=types, end=str(self._end())
        )
        what = f"{claim.about or claim.polarity} between {actor_name(a)} and {actor_name(b)}"
        judged = judge_change(*_ratios(found), claim.direction != "down", what)
        shown = tuple(zip(found.series.period, found.series.value, strict=True))
        if outside:
            judged = not_covered(outside, f"Within the data: {judged.explanation}")
        elif missing := self._untold(claim):
            judged = not_covered(missing, f"Of all {claim.polarity}: {judged.explanation}")
        elif claim.negated:
            judged = denied(judged, claim.kind)
        return claim, found.command, judged, None, self._rows(claim, at), shown

    def _with_anyone(self, claim: Claim) -> tuple[Any, ...]:
        """ "Russia strengthened ties with others": its pairs that rose and that fell, adjusted over all pairs."""
        (a,) = claim.actors
        found = self.study.pairs(actor=a)
        rose, fell = found.rose_and_fell()
        up = claim.direction != "down"
        figures: dict[str, Any] = {"value": float(rose), "unit": "pairs that rose", "n": len(found.pairs)}
        text = f"Of {len(found.pairs)} pairs of {actor_name(a)}, {rose} rose clearly and {fell} fell."
        if rose and fell and min(rose, fell) * 2 > max(rose, fell):
            return claim, found.command, Judged("mixed", text, **figures)
        if not rose and not fell:
            return claim, found.command, Judged(TOO_THIN, text, **figures)
        right = (rose > fell) == up
        return claim, found.command, Judged("supported" if right else "contradicted", text, **figures)

    def extreme(self, claim: Claim) -> tuple[Any, ...]:
        """Where the time of writing stands in the pair's history, since the day named."""
        a, b = claim.actors[:2]
        end = self._end()
        found = rank(a, b, self.events, at=str(end), end=str(end))
        worst = claim.polarity == "hostility"
        periods, values = found.series.period, np.array(found.series.value)
        at = periods.index(found.at)
        since = read_date(claim.dates.date_from) if claim.dates.date_from else self.span[0]
        first = next((k for k, p in enumerate(periods) if p >= str(since)), 0)
        judged = judge_extreme(standing(values[first : at + 1], periods[first : at + 1], at - first), worst)
        if since < self.span[0]:
            judged = not_covered(
                f"The claim reaches back to {since.year}, the data to {self.span[0]}.",
                f"Within the data: {judged.explanation}",
            )
        elif missing := self._untold(claim):
            judged = not_covered(missing, f"Of all dealings: {judged.explanation}")
        elif claim.negated:
            judged = denied(judged, claim.kind)
        return claim, found.command, judged, None, self._rows(claim, since), tuple(zip(periods, values, strict=True))

    def isolation(self, claim: Claim) -> tuple[Any, ...]:
        """Effective partners since a day, against other actors."""
        at, outside = self._since(claim)
        found = isolation(claim.actors[0], self.events, at=str(at), group=claim.group, end=str(self._end()))
        figure = found.found.figure
        ratio = ratio_of(figure.ratio, figure.low, figure.high, len(found.periods))
        judged = judge_change(ratio, ratio, False, f"effective partners of {actor_name(claim.actors[0])}")
        if outside:
            judged = not_covered(outside, f"Within the data: {judged.explanation}")
        elif claim.negated:
            judged = denied(judged, claim.kind)
        shown = tuple((r["period"], r["partners"]) for r in found.rows())
        return claim, found.command, judged, None, (), shown

    def cause(self, claim: Claim) -> tuple[Any, ...]:
        """Who drives the pair together, and the reverse."""
        if claim.polarity == "hostility":
            why = "tertius asks whether hostility of a third party brings two together; why one turned on another it cannot say."
            return claim, "", Judged("not testable", why)
        driver = next((k for k in claim.driver if k not in claim.actors[:2]), "")
        found = self.study.explain(*claim.actors[:2], by=driver or None, permutations=0)
        judged = judge_cause(found, claim.driver)
        if claim.negated:
            judged = denied(judged, claim.kind)
        reverse = None if found.reverse is None else found.reverse.to_dict()
        rows = tuple(found.events[:ROWS])
        shown = tuple((str(p.date), float(p.value)) for p in found.attribution.path if p.actor == driver)
        return claim, found.command, judged, reverse, rows, shown

    def general(self, claim: Claim) -> tuple[Any, ...]:
        """What holds of all pairs: the certificate's general conditions."""
        study = self.study
        certificate = study.certificate(permutations=0)
        command = command_line("fit", [self.events.name], study.asked, {"ladder": ""})
        if certificate is None:
            return claim, command, not_covered("The certificate could not be run on these data.")
        said = verdict(certificate, True)
        bound = certificate.bound if said == "no effect above" else None
        lag = certificate.lag
        return claim, command, Judged(
            said, verdict_text(certificate, True), lag.statistic, "z of hostility before cooperation",
            None, len(self.labels), bound=bound,
        )  # fmt: skip

    def event(self, claim: Claim) -> tuple[Any, ...]:
        """Rows of the pair in the time named."""
        a, b = claim.actors[:2]
        first, last = self._time(claim)
        types = self._types(claim)
        flags = {"from": str(first), "to": str(last)} | ({"types": ",".join(types)} if types else {})
        words = ["tertius", "events", a, b, self.events.name]
        query = " ".join([*words, *(w for k, v in flags.items() for w in (f"--{k}", v))])
        if last < self.span[0] or first > self.span[1]:
            why = f"The claim speaks of {first} to {last}, the data of {self.span[0]} to {self.span[1]}."
            return claim, query, not_covered(why)
        quads = SIGN.get(claim.polarity or "", (1, 2, 3, 4))
        every = [r for r in self._chosen(types).between(a, b) if r["quad"] in quads]
        rows = [r for r in every if str(first) <= str(r["date"])[:10] <= str(last)]
        outside = max(1, (self.span[1] - self.span[0]).days + 1 - (last - first).days - 1)
        expected = (len(every) - len(rows)) * ((last - first).days + 1) / outside
        judged = judge_event(len(rows), expected, f"{claim.polarity or 'dealings'} between {actor_name(a)} and {actor_name(b)}")
        if missing := self._untold(claim):
            judged = not_covered(missing, f"Of all {claim.polarity or 'dealings'}: {judged.explanation}")
        elif claim.negated:
            judged = denied(judged, claim.kind)
        return claim, query, judged, None, tuple(rows[:ROWS])

    # --- time, types, rows

    def _end(self) -> date:
        return min(self.written, self.span[1])

    def _since(self, claim: Claim) -> tuple[date, str]:
        """The day that divides before and after, and why the data do not cover it where they do not."""
        first, end = self.span[0], self._end()
        named = claim.dates.date_from
        day = read_date(named) if named else end - RECENT
        if named and not first < day < end:
            why = f"The claim speaks of the time from {day}, the data run from {first} to {self.span[1]}."
            return max(first + (end - first) / 3 * 2, first + timedelta(days=1)), why
        return (day if first < day < end else first + (end - first) / 3 * 2), ""

    def _time(self, claim: Claim) -> tuple[date, date]:
        """The days of an event: those named, widened to whole months where the data are by month."""
        first = read_date(claim.dates.date_from) if claim.dates.date_from else self.written - RECENT
        last = read_date(claim.dates.date_to) if claim.dates.date_to else self.written
        if self.events.by_month:
            first = first.replace(day=1)
            last = (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return first, last

    @property
    def typed(self) -> bool:
        """Whether the data tell types of event apart."""
        return any(ontology_of(str(t)) in ("cameo", "plover", "weis") for t in self.events.types())

    def _types(self, claim: Claim) -> Sequence[str]:
        return claim.types if claim.types and self.typed else ()

    def _untold(self, claim: Claim) -> str:
        """Why the data do not tell what the claim names from other dealings; empty where they do."""
        if not claim.about or (claim.types and self.typed):
            return ""
        return f"The data do not tell {claim.about} from other dealings."

    def _chosen(self, types: Sequence[str]) -> EventData:
        return self.events.of_types(types) if types else self.events

    def _rows(self, claim: Claim, since: date) -> tuple[dict[str, Any], ...]:
        a, b = claim.actors[:2]
        quads = SIGN.get(claim.polarity or "", (1, 2, 3, 4))
        rows = self._chosen(self._types(claim)).between(a, b, start=since, end=self._end())
        return tuple(r for r in rows if r["quad"] in quads)[:ROWS]


_CHECKS: dict[str, Callable[[Checking, Claim], tuple[Any, ...]]] = {
    "trend": Checking.trend,
    "extreme": Checking.extreme,
    "isolation": Checking.isolation,
    "cause": Checking.cause,
    "general": Checking.general,
    "event": Checking.event,
}


def _ratios(found: Trend) -> tuple[Ratio, Ratio]:
    """Against all others, and as recorded."""
    n = sum(v == v for v in found.series.value)
    share, own = found.share, found.rise
    return Ratio(share.ratio, share.low, share.high, share.error, n), Ratio(own.ratio, own.low, own.high, own.error, n)

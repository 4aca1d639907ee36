"""Claims put to data: each becomes a command of tertius, its answer a verdict by the rule of its kind.

One :class:`~tertius.study.fit.Study` serves all claims of a document. A claim without a time is asked at
:data:`RECENT` before the document's day; data after that day are not used, for an article cannot speak of them.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import sqrt
from time import perf_counter
from typing import Any

import numpy as np

from tertius.answers.certificate.verdict import verdict as general_verdict
from tertius.answers.certificate.verdict import verdict_text
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
from tertius.answers.verdict import CONTRADICTED, MIXED, NO_EFFECT, NOT_TESTABLE, SUPPORTED, TOO_THIN
from tertius.codes import actor_name
from tertius.errors import TertiusError
from tertius.events.data import NET_NOTE, EventData
from tertius.progress import OnProgress
from tertius.reading.claims import with_claims
from tertius.reading.readers import DEFAULT
from tertius.reading.reading import Claim, Reading
from tertius.sources.loading import load
from tertius.spec import read_date
from tertius.study.asking import command_line
from tertius.study.fit import Study
from tertius.study.folder import works_cited
from tertius.study.movement import isolation, rank, trend
from tertius.study.reading import read

RECENT = timedelta(days=730)
"""What "has increased" looks back on where a text names no time."""
ROWS = 20
"""Rows shown behind a claim."""
FEW_PAIRS = 5
"""Pairs that moved, below which their directions say nothing of an actor's."""
SIGNS = {"cooperation": (1,), "hostility": (-1,)}


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
        return replace(self._checked(claim), seconds=perf_counter() - begun)

    def _checked(self, claim: Claim) -> CheckedClaim:
        if not claim.testable:
            return CheckedClaim(claim, "", untested(claim.kind))
        absent = [a for a in (*claim.actors, *claim.driver) if a not in self.labels]
        if absent:
            names = ", ".join(actor_name(a) for a in absent)
            return CheckedClaim(claim, "", not_covered(f"{names} does not occur in {self.events.name}."))
        try:
            return _CHECKS[claim.kind](self, claim)
        except TertiusError as error:
            return CheckedClaim(claim, "", not_covered(str(error.message)))

    # --- one kind each

    def trend(self, claim: Claim) -> CheckedClaim:
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
        return CheckedClaim(claim, found.command, judged, None, self._rows(claim, at), shown)

    def _with_anyone(self, claim: Claim) -> CheckedClaim:
        """ "Russia strengthened ties with others": its pairs that rose and that fell, adjusted over all pairs."""
        (a,) = claim.actors
        found = self.study.pairs(actor=a)
        rose = sum(p.rise.low > 1.0 for p in found.pairs)
        fell = sum(p.rise.high < 1.0 for p in found.pairs)
        up = claim.direction != "down"
        text = f"Of {len(found.pairs)} pairs of {actor_name(a)}, {rose} rose clearly and {fell} fell."
        if abs(rose - fell) <= 2.0 * sqrt(rose + fell):  # as many as tossing coins would give
            verdict = TOO_THIN if rose + fell < FEW_PAIRS else MIXED
        else:
            verdict = SUPPORTED if (rose > fell) == up else CONTRADICTED
        judged = Judged(verdict, text, float(rose), "pairs that rose", None, len(found.pairs))
        return CheckedClaim(claim, found.command, judged)

    def extreme(self, claim: Claim) -> CheckedClaim:
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
        return CheckedClaim(
            claim, found.command, judged, None, self._rows(claim, since), tuple(zip(periods, values, strict=True))
        )

    def isolation(self, claim: Claim) -> CheckedClaim:
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
        return CheckedClaim(claim, found.command, judged, None, (), shown)

    def cause(self, claim: Claim) -> CheckedClaim:
        """Who drives the pair together, and the reverse."""
        if claim.polarity == "hostility":
            why = (
                "tertius asks whether hostility of a third party brings two together; why one turned on another it "
                "cannot say."
            )
            return CheckedClaim(claim, "", Judged(NOT_TESTABLE, why))
        driver = next((k for k in claim.driver if k not in claim.actors[:2]), "")
        found = self.study.explain(*claim.actors[:2], by=driver or None, permutations=0)
        judged = judge_cause(found, claim.driver)
        if claim.negated:
            judged = denied(judged, claim.kind)
        reverse = None if found.reverse is None else found.reverse.to_dict()
        rows = tuple(found.events[:ROWS])
        shown = tuple((str(p.date), float(p.value)) for p in found.attribution.path if p.actor == driver)
        return CheckedClaim(claim, found.command, judged, reverse, rows, shown)

    def general(self, claim: Claim) -> CheckedClaim:
        """What holds of all pairs: the certificate's general conditions."""
        study = self.study
        certificate = study.certificate(permutations=0)
        command = command_line("fit", [self.events.name], study.asked, {"ladder": ""})
        if certificate is None:
            return CheckedClaim(claim, command, not_covered("The certificate could not be run on these data."))
        said = general_verdict(certificate, True)
        bound = certificate.bound if said == NO_EFFECT else None
        lag = certificate.lag
        unit = "z of hostility before cooperation"
        judged = Judged(said, verdict_text(certificate, True), lag.statistic, unit, None, len(self.labels), bound=bound)
        return CheckedClaim(claim, command, judged)

    def event(self, claim: Claim) -> CheckedClaim:
        """Rows of the pair in the time named."""
        a, b = claim.actors[:2]
        first, last = self._time(claim)
        types = self._types(claim)
        flags = {"from": str(first), "to": str(last)} | ({"types": ",".join(types)} if types else {})
        words = ["tertius", "events", a, b, self.events.name]
        query = " ".join([*words, *(w for k, v in flags.items() for w in (f"--{k}", v))])
        if last < self.span[0] or first > self.span[1]:
            why = f"The claim speaks of {first} to {last}, the data of {self.span[0]} to {self.span[1]}."
            return CheckedClaim(claim, query, not_covered(why))
        signs = SIGNS.get(claim.polarity or "", (1, -1))
        every = [r for r in self._chosen(types).between(a, b) if r["sign"] in signs]
        rows = [r for r in every if str(first) <= str(r["date"])[:10] <= str(last)]
        outside = max(1, (self.span[1] - self.span[0]).days + 1 - (last - first).days - 1)
        expected = (len(every) - len(rows)) * ((last - first).days + 1) / outside
        judged = judge_event(
            len(rows), expected, f"{claim.polarity or 'dealings'} between {actor_name(a)} and {actor_name(b)}"
        )
        if missing := self._untold(claim):
            judged = not_covered(missing, f"Of all {claim.polarity or 'dealings'}: {judged.explanation}")
        elif claim.negated:
            judged = denied(judged, claim.kind)
        return CheckedClaim(claim, query, judged, None, tuple(rows[:ROWS]))

    # --- time, types, rows

    def _end(self) -> date:
        """The last day that an article may speak of: whole months, where a row of the data is a month."""
        if self.written >= self.span[1] or self.events.grain is None:
            return min(self.written, self.span[1])
        return self._begin(self.written) - timedelta(days=1)

    def _begin(self, day: date) -> date:
        """The day, or the first of its month or year where the data are by these."""
        if self.events.grain is None:
            return day
        return day.replace(day=1) if self.events.grain_word == "month" else day.replace(month=1, day=1)

    def _since(self, claim: Claim) -> tuple[date, str]:
        """The day that divides before and after, and why the data do not cover it where they do not."""
        first, end = self.span[0], self._end()
        named = claim.dates.date_from
        day = read_date(named) if named else end - RECENT
        if named and not first < day < end:
            why = f"The claim speaks of the time from {day}, the data run from {first} to {self.span[1]}."
            return self._begin(first + (end - first) / 3 * 2), why
        return self._begin(day if first < day < end else first + (end - first) / 3 * 2), ""

    def _time(self, claim: Claim) -> tuple[date, date]:
        """The days of an event: those named, widened to whole months where the data are by month."""
        first = read_date(claim.dates.date_from) if claim.dates.date_from else self.written - RECENT
        last = read_date(claim.dates.date_to) if claim.dates.date_to else self.written
        if self.events.grain is not None:
            first = self._begin(first)
            last = self._begin(self._begin(last) + timedelta(days=32 if self.events.grain_word == "month" else 370))
            last -= timedelta(days=1)
        return first, last

    @property
    def typed(self) -> bool:
        """Whether the data tell types of event apart."""
        return self.events.typed()

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
        signs = SIGNS.get(claim.polarity or "", (1, -1))
        rows = self._chosen(self._types(claim)).between(a, b, start=since, end=self._end())
        return tuple(r for r in rows if r["sign"] in signs)[:ROWS]


_CHECKS: dict[str, Callable[[Checking, Claim], CheckedClaim]] = {
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


def check_reading(
    reading: Reading, data: Any, *, cache: bool = True, progress: OnProgress | None = None, command: str = ""
) -> Checked:
    """The claims of what was read, put to data.

    Parameters
    ----------
    reading : a document as read; where it has no claims, those that the grammar finds.
    data : anything that :func:`tertius.load` takes.
    cache : keep the fit in the user's cache folder, and take it from there.
    progress : called with a line after every claim.
    command : what repeats this.
    """
    events = load(data)
    document = reading.document
    claims = with_claims(reading).claims
    span = events.span()
    written = read_date(document.metadata.date) if document.metadata.date else span[1]
    checking = Checking(events, written, lambda: Study.open(events, cache=cache), events.labels(), span)
    found = list[CheckedClaim]()
    for n, claim in enumerate(claims):
        found.append(checking.check(claim))
        if progress:
            progress(f"{n + 1} of {len(claims)} claims")
    late = [f"The text is of {written}; the data end on {span[1]}."] if written > span[1] else []
    undated = [] if document.metadata.date else ["The text has no date: it is read as of the data's last day."]
    net = [] if events.directed else [NET_NOTE]
    return Checked(
        document, reading.reader, tuple(found), events.name, (str(span[0]), str(span[1])),
        (*late, *undated, *([events.note] if events.note else []), *net,
         "Claims were found by a grammar, which misses some and misreads some: read the sentence beside each."),
        works_cited(events), command or f"tertius check - {events.name}",
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
    progress: OnProgress | None = None,
) -> Checked:
    """What data say of each claim of an article.

    Parameters
    ----------
    doc : as for :func:`tertius.read`; or ``text``, the text itself.
    data : anything that :func:`tertius.load` takes.
    written : the day of writing, where the document does not say it.
    reader : as for :func:`tertius.read`.
    cache, progress : as for :func:`check_reading`.

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
    command = shlex.join(["tertius", "check", name, events.name, *(w for k, v in day.items() for w in (f"--{k}", v))])
    return check_reading(found, events, cache=cache, progress=progress, command=command)

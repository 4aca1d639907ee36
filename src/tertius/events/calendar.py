"""When a source was seen, against its calendar: one that publishes every day or every 15 minutes.

A source's **calendar** runs from the first to the last time of recording. A time without rows is a *gap*: it is listed.
It is *unobserved*, and leaves the likelihood, only where it must be a hole and not a quiet day: the source has a
calendar, at least :data:`SEVERAL` times were seen, and nine in ten of them have :data:`DENSE` rows or more before any
rule. So an excerpt of a few pairs has no unobserved days. Of a source of 15 minutes a day is unobserved where less than
half of its 96 times are there.

A calendar is a value, and calendars of several imports add up (:meth:`Calendar.after`): the store's says what is
missing between imports, and what a later one filled. Times are numbered by the step, from 1970 on, and are kept as
stretches: a year without a gap is one of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tertius.events.document import checked, get

DENSE = 20
SEVERAL = 2
LISTED = 50
STEPS = {"1d": timedelta(days=1), "15min": timedelta(minutes=15)}
_ORIGIN = datetime(1970, 1, 1)

Stretch = tuple[int, int]
"""The first and the last number of times one after the other."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What was recorded when.

    Attributes
    ----------
    step : of the source, "1d" or "15min"; empty where it has no calendar.
    stretches : times with rows, in order, none touching the next.
    thin : how many of them have fewer than :data:`DENSE` rows.

    >>> from datetime import datetime
    >>> seen = Calendar.of("1d", [datetime(2020, 1, 1), datetime(2020, 1, 4)], [900, 800])
    >>> seen.gaps, [str(day) for day in seen.unobserved]
    ((('2020-01-02', '2020-01-03'),), ['2020-01-02', '2020-01-03'])
    >>> seen.after(Calendar.of("1d", [datetime(2020, 1, 3)], [700])).gaps
    (('2020-01-02', '2020-01-02'),)
    """

    step: str = ""
    stretches: tuple[Stretch, ...] = ()
    thin: int = 0

    @classmethod
    def of(cls, step: str, times: Sequence[datetime], rows: Sequence[int]) -> Calendar:
        """The calendar of times, each a whole number of steps, with rows each."""
        numbers = ((t - _ORIGIN) // STEPS[step] for t in times)
        return cls(step, _joined((n, n) for n in numbers), sum(n < DENSE for n in rows))

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Calendar:
        """One as :meth:`kept` wrote it. Raises ValueError."""
        step = get(dict(document), "step", str)
        if step not in STEPS:
            raise ValueError(f"a calendar has the step {step!r}")
        stretches = []
        for pair in get(dict(document), "stretches", list):
            if len(checked(pair, list, "a stretch")) != 2 or not all(type(n) is int for n in pair):
                raise ValueError("a stretch of a calendar is not two whole numbers")
            stretches.append((pair[0], pair[1]))
            try:
                _ORIGIN + pair[0] * STEPS[step], _ORIGIN + pair[1] * STEPS[step]
            except OverflowError:
                raise ValueError("a stretch of a calendar lies beyond the years 1 to 9999") from None
        if any(first > last for first, last in stretches) or any(
            later[0] <= one[1] + 1 for one, later in itertools.pairwise(stretches)
        ):
            raise ValueError("the stretches of a calendar are not in order")
        return cls(step, tuple(stretches), get(dict(document), "thin", int))

    def kept(self) -> dict[str, Any]:
        """As in manifests and journals."""
        return {"step": self.step, "stretches": [list(pair) for pair in self.stretches], "thin": self.thin}

    def after(self, more: Calendar) -> Calendar:
        """With what another import saw of the same source."""
        return Calendar(more.step, _joined((*self.stretches, *more.stretches)), self.thin + more.thin)

    @property
    def seen(self) -> int:
        """How many times have rows."""
        return sum(last - first + 1 for first, last in self.stretches)

    @property
    def expected(self) -> int:
        """How many times there are from the first to the last with rows."""
        return self.stretches[-1][1] - self.stretches[0][0] + 1 if self.stretches else 0

    @property
    def gaps(self) -> tuple[tuple[str, str], ...]:
        """Stretches of times without rows: the first and the last one, as text."""
        return tuple((self._text(first), self._text(last)) for first, last in self._holes())

    @property
    def unobserved(self) -> tuple[date, ...]:
        """Days that must be holes."""
        seen = self.seen
        if seen < SEVERAL or self.thin > seen // 10:
            return ()
        day_length = timedelta(days=1) // STEPS[self.step]
        lacking: dict[int, int] = {}
        for first, last in self._holes():
            for day in range(first // day_length, last // day_length + 1):
                inside = min(last, (day + 1) * day_length - 1) - max(first, day * day_length) + 1
                lacking[day] = lacking.get(day, 0) + inside
        begin, end = self.stretches[0][0], self.stretches[-1][1]
        found = []
        for day, n in lacking.items():
            asked = min(end, (day + 1) * day_length - 1) - max(begin, day * day_length) + 1
            if 2 * (asked - n) < asked:
                found.append((_ORIGIN + timedelta(days=day)).date())
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """As part of an audit's ``coverage``."""
        if not self.step:
            return {}
        gaps = self.gaps
        return {
            "step": self.step,
            "expected": self.expected,
            "seen": self.seen,
            "gaps": [list(gap) for gap in gaps[:LISTED]],
            "gaps_in_all": len(gaps),
            **self.kept(),
        }

    def ends(self) -> dict[str, str]:
        """The first and the last time with rows, as text."""
        if not self.stretches:
            return {}
        return {"from": self._text(self.stretches[0][0]), "to": self._text(self.stretches[-1][1])}

    def notes(self) -> list[str]:
        """What an audit says of it."""
        gaps = self.gaps
        if not gaps:
            return []
        what = {"1d": "days", "15min": "times of 15 minutes"}[self.step]
        first = " to ".join(dict.fromkeys(gaps[0]))
        holes = len(self.unobserved)
        taken = (
            f"{holes:,} day{'s' if holes != 1 else ''} taken as unobserved"
            if holes
            else "none of them is taken as unobserved: days have few rows, and one without any may be a quiet one"
            if self.step == "1d"
            else "no whole day is unobserved"
        )
        return [
            f"The source publishes every {'day' if self.step == '1d' else '15 minutes'}: {self.seen:,} of "
            f"{self.expected:,} {what} have rows, the first gap is {first}; {taken}."
        ]

    def _holes(self) -> list[Stretch]:
        return [(a[1] + 1, b[0] - 1) for a, b in itertools.pairwise(self.stretches)]

    def _text(self, number: int) -> str:
        t = _ORIGIN + number * STEPS[self.step]
        return t.date().isoformat() if self.step == "1d" else t.isoformat(sep=" ", timespec="minutes")


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches in order, those that touch or overlap made one.

    >>> _joined([(5, 6), (1, 2), (3, 3)])
    ((1, 3), (5, 6))
    """
    found: list[Stretch] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)

"""What was recorded when, against the calendar of a source that publishes every day or every 15 minutes.

A source's **calendar** runs from the first to the last time of recording in an import (``recorded``, where the rows
have it, else their date). A time without rows is a *gap*: it is listed. It is *unobserved*, and leaves the likelihood,
only where it must be a hole and not a quiet day: the source has a calendar, at least :data:`SEVERAL` times were seen,
and nine in ten of them have :data:`DENSE` rows or more before any rule. So an excerpt of a few pairs has no unobserved
days. Of a source of 15 minutes a day is unobserved where less than half of its 96 times are there.

Rows of GDELT's history, recorded all at once before 2013-04-01, count by their date.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from tertius.sources.rules import UPDATES_BEGIN

DENSE = 20
SEVERAL = 2
LISTED = 50
STEPS = {"1d": timedelta(days=1), "15min": timedelta(minutes=15)}
_WHEN = f"CASE WHEN recorded >= TIMESTAMP '{UPDATES_BEGIN}' THEN recorded ELSE date END"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What was recorded when.

    Attributes
    ----------
    step : of the source, "1d" or "15min"; empty where it has no calendar.
    expected, seen : times from the first to the last one with rows, and how many of them have any.
    gaps : stretches of times without rows: first and last one, as text.
    unobserved : days that must be holes.
    """

    step: str = ""
    expected: int = 0
    seen: int = 0
    gaps: tuple[tuple[str, str], ...] = ()
    unobserved: tuple[date, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As part of the audit's ``coverage``."""
        if not self.step:
            return {}
        return {
            "step": self.step,
            "expected": self.expected,
            "seen": self.seen,
            "gaps": [list(gap) for gap in self.gaps[:LISTED]],
            "gaps_in_all": len(self.gaps),
        }

    def notes(self) -> list[str]:
        """What the audit says of it."""
        if not self.gaps:
            return []
        what = {"1d": "days", "15min": "times of 15 minutes"}[self.step]
        first = " to ".join(dict.fromkeys(self.gaps[0]))
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


def covered(con: duckdb.DuckDBPyConnection, step: str) -> Calendar:
    """The calendar of the rows of the view ``weighed``, dropped ones included."""
    if not step:
        return Calendar()
    bucket = f"date_trunc('day', {_WHEN})" if step == "1d" else f"time_bucket(INTERVAL 15 MINUTE, {_WHEN})"
    found = con.execute(
        f"SELECT {bucket}::TIMESTAMP AS t, count(*) AS n FROM weighed WHERE {_WHEN} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if len(found) < 2:
        return Calendar(step, len(found), len(found))
    return _calendar(step, [t for t, _ in found], [n for _, n in found])


def _calendar(step: str, times: list[datetime], rows: list[int]) -> Calendar:
    """
    >>> days = [datetime(2020, 1, 1), datetime(2020, 1, 2), datetime(2020, 1, 4)]
    >>> _calendar("1d", days, [900, 800, 700]).unobserved, _calendar("1d", days, [1, 2, 700]).unobserved
    ((datetime.date(2020, 1, 3),), ())
    """
    length = STEPS[step]
    expected = round((times[-1] - times[0]) / length) + 1
    gaps = [(before + length, after - length) for before, after in itertools.pairwise(times) if after - before > length]
    unobserved: list[date] = []
    ordered = sorted(rows)
    if len(times) >= SEVERAL and ordered[len(ordered) // 10] >= DENSE:
        day_length = round(timedelta(days=1) / length)
        seen: dict[date, int] = {}
        for t in times:
            seen[t.date()] = seen.get(t.date(), 0) + 1
        last = times[-1].date()
        day = times[0].date()
        while day <= last:
            inside = day_length
            if day == times[0].date():
                inside -= round((times[0] - datetime.combine(day, datetime.min.time())) / length)
            if day == last:
                inside -= day_length - 1 - round((times[-1] - datetime.combine(day, datetime.min.time())) / length)
            if 2 * seen.get(day, 0) < inside:
                unobserved.append(day)
            day += timedelta(days=1)
    as_text = [tuple(_text(t, step) for t in gap) for gap in gaps]
    return Calendar(step, expected, len(times), tuple((a, b) for a, b in as_text), tuple(unobserved))


def _text(t: datetime, step: str) -> str:
    return t.date().isoformat() if step == "1d" else t.isoformat(sep=" ", timespec="minutes")

"""The largest days of a pair: those with the most cooperation, or hostility, recorded between the two; first those of
the spans that are compared, then those of other times.

A choice of what to look at, by size alone and whatever the sign: single rows of machine-coded data are too often wrong
to be shown as the events that mattered, and nothing says that a large day caused anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

DAYS = 8
ELSEWHERE = 4  # days outside the spans that are compared
OF_ONE_MONTH = 2
FEWEST = 3  # days that must stand out


@dataclass(frozen=True, slots=True)
class Landmark:
    """Rows of one day and one sign between the two.

    Attributes
    ----------
    date : the day.
    hostile : whether they are hostility.
    size : events, or absolute weight, in the unit of the answer.
    rows : the heaviest first.
    stands_out : by its size; False: one of the latest days, where too few stand out.
    span : the name of the span that it lies in; empty: none of them.
    """

    date: str
    hostile: bool
    size: float
    rows: tuple[Mapping[str, Any], ...]
    stands_out: bool = True
    span: str = ""


def landmarks(rows: Iterable[Mapping[str, Any]], unit: str, n: int = DAYS) -> tuple[Landmark, ...]:
    """The n largest days of either sign in the order of time.

    At most :data:`OF_ONE_MONTH` are of one month if others are left. Where n would cut through days of one size and
    weight, none of these is taken: the choice would be arbitrary. Where fewer than :data:`FEWEST` are left, as
    in hand-picked data, it is the latest n days instead.

    Parameters
    ----------
    rows : of one pair, with ``date``, ``sign``, ``count`` and ``weight``.
    unit : "events" or "weight". Equal sizes are ranked by absolute weight; of one month, the latest first.

    >>> def row(date, sign=1, count=1.0):
    ...     return {"date": date, "sign": sign, "count": count, "weight": sign * count}
    >>> rows = [row("2018-06-12", count=4.0), row("2018-07-01", count=3.0), row("2018-08-01"), row("2018-08-01")]
    >>> [(x.date, x.size) for x in landmarks([*rows, row("2018-09-01")], "events", 3)]
    [('2018-06-12', 4.0), ('2018-07-01', 3.0), ('2018-08-01', 2.0)]
    """
    days: dict[tuple[str, bool], list[Mapping[str, Any]]] = {}
    for row in rows:
        days.setdefault((str(row["date"])[:10], row["sign"] < 0), []).append(row)
    found = []
    for (date, hostile), of_day in days.items():
        of_day.sort(key=lambda row: -abs(float(row["weight"])))
        weight = sum(abs(float(row["weight"])) for row in of_day)
        size = sum(abs(float(row["count"])) for row in of_day) if unit == "events" else weight
        found.append(((size, weight, date), Landmark(date, hostile, size, tuple(of_day))))
    found.sort(key=lambda x: x[0], reverse=True)
    taken: Counter[str] = Counter()
    first: list[tuple[tuple[float, float], Landmark]] = []
    rest: list[tuple[tuple[float, float], Landmark]] = []
    for (size, weight, _), day in found:
        (first if taken[day.date[:7]] < OF_ONE_MONTH else rest).append(((size, weight), day))
        taken[day.date[:7]] += 1
    ranked = first + rest
    level = ranked[n][0] if len(ranked) > n else None
    chosen = [day for rank, day in ranked[:n] if rank != level]
    if len(chosen) < min(FEWEST, len(found)):
        latest = sorted((day for _, day in found), key=lambda day: day.date, reverse=True)
        chosen = [replace(day, stands_out=False) for day in latest[:n]]
    return tuple(sorted(chosen, key=lambda day: (day.date, day.hostile)))


def landmarks_of_spans(
    rows: Iterable[Mapping[str, Any]], unit: str, spans: Mapping[str, tuple[str, str]]
) -> tuple[Landmark, ...]:
    """The largest days of the spans, span by span and each in the order of time, then those of other times.

    At most :data:`DAYS` of all spans together, and :data:`ELSEWHERE` of other times, where only those are taken that
    stand out by size (if the spans have none at all, it is the whole of :func:`landmarks`).

    Parameters
    ----------
    rows, unit : as in :func:`landmarks`.
    spans : name -> first and last day, in the order in which they are to be listed.

    >>> def row(date, count):
    ...     return {"date": date, "sign": 1, "count": count, "weight": count}
    >>> rows = [row("2018-01-01", 9.0), row("2020-05-01", 2.0), row("2019-03-01", 3.0)]
    >>> found = landmarks_of_spans(rows, "events", {"window": ("2020-01-01", "2020-12-31")})
    >>> [(day.date, day.span) for day in found]
    [('2020-05-01', 'window'), ('2018-01-01', ''), ('2019-03-01', '')]
    """
    inside: list[Mapping[str, Any]] = []
    outside: list[Mapping[str, Any]] = []
    for row in rows:
        (inside if _span_of(str(row["date"])[:10], spans) else outside).append(row)
    compared = [replace(day, span=_span_of(day.date, spans)) for day in landmarks(inside, unit)]
    if not compared:
        return landmarks(outside, unit)
    order = list(spans)
    compared.sort(key=lambda day: (order.index(day.span), day.date, day.hostile))
    return (*compared, *(day for day in landmarks(outside, unit, ELSEWHERE) if day.stands_out))


def _span_of(day: str, spans: Mapping[str, tuple[str, str]]) -> str:
    """The first span that holds a day; empty where none does."""
    return next((name for name, (first, last) in spans.items() if first <= day <= last), "")

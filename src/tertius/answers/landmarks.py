"""The largest days of a pair: those with the most cooperation, or hostility, recorded between the two.

A choice of what to look at, by size alone and whatever the sign: single rows of machine-coded data are too often wrong
to be shown as the events that mattered, and nothing says that a large day caused anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

DAYS = 8
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
    """

    date: str
    hostile: bool
    size: float
    rows: tuple[Mapping[str, Any], ...]
    stands_out: bool = True


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
    >>> rows = [row("2018-06-12"), row("2018-06-12"), row("2018-07-01"), row("2018-08-01")]
    >>> [(x.date, x.size) for x in landmarks(rows, "events", 2)]
    [('2018-06-12', 2.0)]
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

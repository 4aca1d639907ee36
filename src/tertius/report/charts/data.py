"""Data as they are: rows over time, and the days without any record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt

from tertius.language import known, say
from tertius.report.charts.parts import BLUE, DAY, GREY, Row, data, finish, layered, ms, time_axis, tooltips
from tertius.report.document import Key

HEIGHT = 180


def coverage(found: Mapping[str, Any]) -> alt.LayerChart:
    """Rows of every day or month; stretches of unobserved days behind them."""
    by, counts = found["by"], found["counts"]
    most = max(n for _, n in counts)
    holes: list[Row] = [
        {
            "from": ms(first),
            "to": ms(last) + DAY,
            "top": most,
            "days": first if first == last else say("{first} to {last}", first=first, last=last),
        }
        for first, last in _stretches(found["missing"])
    ]
    bars: list[Row] = [
        {"from": ms(first), "to": _end(first, by), "rows": n, "of": first[: 7 if by == "month" else 10]}
        for first, n in counts
    ]
    x = alt.X("from:T", scale=alt.Scale(type="utc", nice=False), axis=time_axis())
    y = alt.Y("rows:Q", axis=alt.Axis(title=say("rows a {by}", by=known(by)), tickCount=4))
    layers = [
        alt.Chart(data(holes))
        .mark_rect(color=GREY, opacity=0.5)
        .encode(x=x, x2="to:T", y=alt.Y("top:Q"), y2=alt.Y2Datum(0), tooltip=tooltips(days=say("no record"))),
        alt.Chart(alt.NamedData("counts"))
        .mark_bar(color=BLUE)
        .encode(x=x, x2="to:T", y=y, y2=alt.Y2Datum(0), tooltip=tooltips(of=known(by), rows=say("rows"))),
    ]
    keys = [
        Key("bar", "blue", say("rows a {by}", by=known(by))),
        *([Key("bar", "grey", say("days without any record"))] if holes else []),
    ]
    return finish(layered(layers if holes else layers[1:]), say("Rows over time"), "", HEIGHT, {"counts": bars}, keys)


def _end(first: str, by: str) -> float:
    if by == "day":
        return ms(first) + DAY
    day = date.fromisoformat(first)
    return ms(day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1).isoformat())


def _stretches(days: Sequence[str]) -> list[tuple[str, str]]:
    """Days that follow each other, as first and last.

    >>> _stretches(["2020-01-01", "2020-01-02", "2020-01-05"])
    [('2020-01-01', '2020-01-02'), ('2020-01-05', '2020-01-05')]
    """
    found: list[tuple[str, str]] = []
    for day in days:
        if found and date.fromisoformat(day) - date.fromisoformat(found[-1][1]) == timedelta(days=1):
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found

"""The largest days of a pair, worked by hand."""

from __future__ import annotations

from typing import Any

from tertius.answers.landmarks import landmarks


def row(date: str, sign: int = 1, count: float = 1.0, weight: float | None = None) -> dict[str, Any]:
    return {"date": date, "sign": sign, "count": count, "weight": sign * (count if weight is None else weight)}


def test_days_and_signs_are_summed_apart() -> None:
    rows = [row("2018-06-12"), row("2018-06-12 10:30"), row("2018-06-12", -1), row("2018-06-13", count=0.5)]
    found = landmarks(rows, "events")
    assert [(x.date, x.hostile, x.size) for x in found] == [
        ("2018-06-12", False, 2.0),
        ("2018-06-12", True, 1.0),
        ("2018-06-13", False, 0.5),
    ]


def test_no_month_crowds_out_the_others_and_weight_then_time_decide_among_equals() -> None:
    rows = [row(f"2018-06-{d:02d}", count=9) for d in range(10, 20)]
    rows += [row("2018-01-01", weight=7), row("2018-02-01", weight=2), row("2018-03-01", weight=3)]
    assert [x.date for x in landmarks(rows, "events", 3)] == ["2018-01-01", "2018-06-18", "2018-06-19"]
    assert [x.date for x in landmarks(rows, "events", 4)] == ["2018-01-01", "2018-03-01", "2018-06-18", "2018-06-19"]
    assert len(landmarks(rows, "events", 13)) == 13  # too few others: then more of one month


def test_an_arbitrary_choice_is_not_made_and_where_too_few_stand_out_the_latest_are_shown() -> None:
    days = [f"2018-{m:02d}-{d:02d}" for m in range(1, 7) for d in (3, 9)]
    large = [row(day, count=5) for day in days[:4]]
    assert [x.date for x in landmarks([*large, *map(row, days[4:])], "events", 8)] == days[:4]
    found = landmarks([*large[:2], *map(row, days[2:])], "events", 8)
    assert [x.date for x in found] == days[4:]
    assert not any(x.stands_out for x in found)


def test_weight_is_the_unit_of_net_data_and_the_heaviest_row_comes_first() -> None:
    rows = [row("2018-06-12", weight=2.0), row("2018-06-12", weight=3.0), row("2018-07-01", -1, weight=9.0)]
    found = landmarks(rows, "weight", 2)
    assert [(x.date, x.size) for x in found] == [("2018-06-12", 5.0), ("2018-07-01", 9.0)]
    assert [r["weight"] for r in found[0].rows] == [3.0, 2.0]
    assert landmarks([], "weight") == ()

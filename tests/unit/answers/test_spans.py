"""Windows and references: whole slices, and the days that are said of them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tertius.answers.spans import Spans, spans
from tertius.errors import UsageError
from tertius.events.slices import DyadSlices, edges
from tertius.spec import Duration


def months(first: str, n: int) -> DyadSlices:
    """Slices of calendar months without any event."""
    length = Duration.parse("1mo")
    year, month = map(int, first.split("-"))
    number = year * 12 + month - 1
    none = np.zeros(0)
    return DyadSlices(
        ("i", "j"), True, edges(length, number, number + n - 1), np.ones(n, dtype=bool),
        np.zeros(n + 1, dtype=np.int64), none.astype(np.int64), none, none, none, none, length,
    )  # fmt: skip


def asked(window: tuple[str, str] | None, reference: tuple[str, str] | None = None) -> Spans:
    return spans(date(2018, 1, 1), date(2023, 6, 30), window, reference)


def test_by_default_the_last_third_and_as_many_months_before() -> None:
    found = asked(None).of(months("2018-01", 66))
    assert (found.window_days, found.reference_days) == (("2021-09-01", "2023-06-30"), ("2019-11-01", "2021-08-31"))
    assert (found.window.sum(), found.reference.sum()) == (22, 22)


def test_a_month_belongs_where_at_least_half_of_it_lies() -> None:
    found = asked(("2022-02-24", "2022-12-16"), ("2021-01-17", "2021-12-31")).of(months("2018-01", 66))
    assert found.window_days == ("2022-03-01", "2022-12-31")  # 5 of 28 days of February, 16 of 31 of December
    assert found.reference_days == ("2021-02-01", "2021-12-31")  # 15 of 31 days of January


def test_no_slice_is_in_both() -> None:
    found = asked(("2022-06-16", "2022-12-31"), ("2022-01-01", "2022-06-15")).of(months("2018-01", 66))
    assert found.window_days[0] == "2022-06-01"  # June is halved: the window takes it
    assert found.reference_days == ("2022-01-01", "2022-05-31")
    assert not (found.window & found.reference).any()


def test_days_end_with_the_data() -> None:
    found = spans(date(2018, 1, 10), date(2018, 9, 27), None, None).of(months("2018-01", 9))
    assert found.window_days == ("2018-07-01", "2018-09-27")
    assert found.reference_days == ("2018-04-01", "2018-06-30")
    whole = spans(date(2018, 1, 10), date(2018, 9, 27), ("2018-04-01", "2018-09-27"), None).of(months("2018-01", 9))
    assert whole.reference_days == ("2018-01-10", "2018-03-31")


def test_a_span_shorter_than_half_a_slice_is_refused() -> None:
    with pytest.raises(UsageError, match="--window 2022-02-24 2022-03-05 holds no whole 1mo"):
        asked(("2022-02-24", "2022-03-05")).of(months("2018-01", 66))


def test_days_that_were_asked_for_and_are_not_compared_are_said() -> None:
    sl = months("2018-01", 66)
    exact = asked(("2022-03-01", "2022-12-31"), ("2021-01-01", "2021-12-31"))
    assert exact.moved(exact.of(sl), "1mo") == ""
    odd = asked(("2022-02-24", "2022-12-20"), ("2021-01-01", "2021-12-31"))
    assert "2022-02-24 to 2022-12-20 becomes 2022-03-01 to 2022-12-31." in odd.moved(odd.of(sl), "1mo")
    assert "2021" not in odd.moved(odd.of(sl), "1mo")
    by_default = asked(None)
    assert by_default.moved(by_default.of(sl), "1mo") == ""  # nobody asked for days

"""Days as documents print them."""

from __future__ import annotations

import pytest

from tertius.reading.days import find_day, find_interval


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("September 19, 2023", "2023-09-19"), ("18 Sept. 2023", "2023-09-18"), ("the 3rd of May 2024", "2024-05-03"),
        ("2024-05-14T07:12:00+02:00", "2024-05-14"), ("31.12.2022", "2022-12-31"), ("12/31/2022", "2022-12-31"),
        ("03/04/2023", None), ("31 February 2023", None), ("May 13", None), ("2023", None),
    ],
)  # fmt: skip
def test_a_day_is_read_only_where_it_is_written(text: str, day: str | None) -> None:
    found = find_day(text)
    assert (found[0] if found else None) == day


def test_words_that_are_no_date_have_no_interval() -> None:
    assert find_interval("since the onset of the war") is None
    assert find_interval("February 2023") == ("2023-02-01", "2023-02-28")

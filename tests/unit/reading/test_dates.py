"""The grammar of dates: one case a line of its table, and days that must not be invented."""

from __future__ import annotations

import random
import re

import pytest

from tertius.reading.dates import _unit, _units, find_dates

WRITTEN = "2023-09-18"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("since February 2022", "2022-02-01", WRITTEN),
        ("in February 2022", "2022-02-01", "2022-02-28"),
        ("on 24 February 2022", "2022-02-24", "2022-02-24"),
        ("the early 1980s", "1980-01-01", "1983-12-31"),
        ("late 2022", "2022-09-01", "2022-12-31"),
        ("the past two years", "2021-09-18", WRITTEN),
        ("during Trump's administration", "2017-01-01", "2021-12-31"),
        ("since the onset of the Ukraine war", "2022-02-24", WRITTEN),
        ("between 2014 and 2019", "2014-01-01", "2019-12-31"),
        ("until 1991", None, "1991-12-31"),
        ("before 1991", None, "1990-12-31"),
        ("two years ago", "2021-01-01", "2021-12-31"),
        ("last month", "2023-08-01", "2023-08-31"),
        ("second half of 2020", "2020-07-01", "2020-12-31"),
        ("winter 2022", "2022-12-01", "2023-02-28"),
    ],
)
def test_intervals(text: str, first: str | None, last: str | None) -> None:
    (found,) = find_dates(text, WRITTEN)
    assert (found.interval.date_from, found.interval.date_to) == (first, last)


def test_ambiguous_words_keep_their_alternatives() -> None:
    assert find_dates("01/02/2020")[0].interval.alternatives == (("2020-02-01", "2020-02-01"),)
    assert find_dates("on Friday", WRITTEN)[0].interval.alternatives == (("2023-09-22", "2023-09-22"),)
    assert find_dates("since the start of the Ukraine war", WRITTEN)[0].interval.alternatives == (
        ("2014-02-20", WRITTEN),
    )


@pytest.mark.parametrize(
    "text", ["He may march.", "February 31, 2020", "1500 soldiers", "on Monday", "last year", "in May"]
)
def test_no_day_is_invented(text: str) -> None:
    assert find_dates(text) == ()


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("since the start of 2022", "2022-01-01", "2023-09-18"),
        ("since the end of 2019", "2019-12-01", "2023-09-18"),
        ("until the end of 2020", None, "2020-12-31"),
        ("before the beginning of 2021", None, "2020-12-31"),
        ("by the end of March 2022", None, "2022-03-31"),
    ],
)
def test_the_start_and_the_end_of_a_time(words: str, first: str | None, last: str) -> None:
    (found,) = find_dates(f"It grew {words}.", "2023-09-18")
    assert (found.interval.date_from, found.interval.date_to) == (first, last)


def test_a_unit_is_found_wherever_the_whole_grammar_finds_one() -> None:
    """Only words with which a unit can begin are tried: the same as trying every place, in 3,000 drawn texts."""
    rng = random.Random(1)
    words = re.findall(
        r"\S+",
        """since until by the past last previous two years ago months January 2022 Feb. 3 March, 1980s early mid- late-
        in of on Monday yesterday during Trump's administration under Obama presidency first half quarter third spring
        next week this year invasion of Ukraine war in ukraine couple of few decades 2020-05-01 01/02/2022 24th
        1990-1994 1990–94 (2011) , . and to from between end start beginning outbreak onset World War May march a an
        eleven Korean seizure of crimea""",
    )
    found = 0
    for _ in range(3_000):
        text = " ".join(rng.choice(words) for _ in range(rng.randint(2, 14)))
        everywhere = [m.span() for m in _unit().finditer(text)]
        assert [m.span() for m in _units(text)] == everywhere, text
        found += len(everywhere)
    assert found > 2_000


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("in late February 2022", ("2022-02-01", "2022-02-28")),
        ("between 24 February and 2 March 2022", ("2022-02-24", "2022-03-02")),
        ("between March and May 2022", ("2022-03-01", "2022-05-31")),
        ("In 2022, Iran met Iraq", ("2022-01-01", "2022-12-31")),
        ("Since 2014 Russia", ("2014-01-01", WRITTEN)),
        ("since at least 2014", ("2014-01-01", WRITTEN)),
        ("during Donald Trump's administration", ("2017-01-01", "2021-12-31")),
    ],
)
def test_words_between_do_not_hide_a_time(text: str, interval: tuple[str, str]) -> None:
    (found,) = find_dates(text, WRITTEN)
    assert (found.interval.date_from, found.interval.date_to) == interval


@pytest.mark.parametrize("text", ["since 2030", "twenty-five years ago", "the norm of past decades"])
def test_no_time_runs_backwards_or_is_made_up(text: str) -> None:
    assert find_dates(text, WRITTEN) == ()

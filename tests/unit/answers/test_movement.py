"""Where a period stands in its history, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.answers.movement import Rank, Series, history_caveat, per_day, standing

NAMES = tuple("abcdefghij")


@pytest.mark.parametrize("seed", range(20))
def test_a_percentile_is_the_share_of_earlier_periods_below(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, 10).astype(float)
    values[rng.random(10) < 0.2] = np.nan
    values[-1] = 2.0
    found = standing(values, NAMES, 9)
    earlier = [v for v in values[:9] if v == v]
    slow = 100 * sum(1.0 if v < 2 else 0.5 if v == 2 else 0.0 for v in earlier) / len(earlier)
    assert found.percentile == pytest.approx(slow)
    assert found.n == len(earlier)
    lower = [p for p, v in zip(NAMES, values[:9], strict=False) if v <= 2]
    assert found.low_since == (lower[-1] if lower else "")
    assert found.lowest == (not lower)


def test_what_comes_later_does_not_count() -> None:
    assert standing(np.array([1.0, 2.0, 9.0, 9.0]), NAMES, 1).highest
    assert standing(np.array([1.0, 2.0]), NAMES, 0).n == 0


def rank(values: list[float]) -> Rank:
    series = Series(NAMES[: len(values)], tuple(values), (30.0,) * len(values))
    found = standing(np.array(values), NAMES, len(values) - 1)
    return Rank(("RUS", "PRK"), series.period[-1], "1mo", "events", (), found, series, (), "")


def test_the_sentence_says_since_when() -> None:
    assert "lower than in any of the 3 periods before" in rank([3, 2, 4, 1]).text
    assert "higher than in any" in rank([3, 2, 4, 5]).text
    assert "the lowest since the period from b" in rank([9, 2, 8, 7, 3]).text
    assert "the highest since the period from c" in rank([1, 2, 8, 3, 5]).text
    assert "nothing was observed before" in rank([1]).text
    assert "<Rank: RUS and PRK" in repr(rank([1, 2]))


def test_no_rate_divides_by_days_that_were_not_observed() -> None:
    found = per_day(np.array([30.0, 15.0, 0.0]), np.array([30.0, 15.0, 0.0]), np.array([True, True, False]))
    np.testing.assert_array_equal(found, [1.0, 1.0, np.nan])


def test_few_periods_are_said() -> None:
    assert "Only 3 periods" in history_caveat(3, "1mo")[0]
    assert history_caveat(12, "1mo") == ()

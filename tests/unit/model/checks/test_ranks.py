"""Ranks against counting, one dyad at a time."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.model.checks.ranks import ranks_of, summary_of


def slow_rank(score: np.ndarray, d: int) -> float:
    above = sum(float(x) > float(score[d]) for x in score)
    tied = sum(float(x) == float(score[d]) for x in score)
    return above + (tied + 1) / 2


def test_ranks_put_ties_in_the_middle() -> None:
    rng = np.random.default_rng(4)
    score = rng.integers(0, 6, size=40).astype(float)
    at = np.array([0, 3, 17, 39])
    np.testing.assert_array_equal(ranks_of(score, at), [slow_rank(score, d) for d in at])


def test_the_median_rank_is_that_of_the_outcome_not_of_the_dyads() -> None:
    found = summary_of(np.array([1.0, 4.0, 30.0]), np.array([1.0, 1.0, 8.0]))
    assert (found.median, found.top10) == (30.0, 0.2)
    assert found.mean_reciprocal == pytest.approx((1 + 1 / 4 + 8 / 30) / 10)

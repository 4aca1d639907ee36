"""The lines of a table of coefficients: which error stands behind an interval, and what follows from it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tertius.model.coefficients import Z_95, coefficient_table, interval_errors, two_sided_p
from tertius.model.robust import Covariances


def covariances(jackknife: list[float], dyadic: list[float]) -> Covariances:
    def matrix(x: list[float]) -> np.ndarray:
        return np.diag(np.array(x))

    return Covariances(
        model=matrix([1.0, 1.0, 1.0]), dyad_clustered=matrix([4.0, 4.0, 4.0]), dyadic=matrix(dyadic),
        jackknife=matrix(jackknife), sole_carriers=(), collinear=(),
    )  # fmt: skip


def test_intervals_use_the_jackknife_else_the_dyadic_error_else_none() -> None:
    cov = covariances([9.0, -1.0, math.nan], [16.0, 25.0, -1.0])
    np.testing.assert_array_equal(interval_errors(cov), [3.0, 5.0, math.nan])
    lines = coefficient_table(["a", "b", "c"], np.array([6.0, 5.0, 1.0]), cov, np.full(3, 0.5), np.ones(3))
    assert [line.se for line in lines][:2] == [3.0, 5.0]
    assert (lines[0].z, lines[1].z) == (2.0, 1.0)
    assert lines[0].ci_low == pytest.approx(6 - Z_95 * 3)
    assert lines[0].p == pytest.approx(0.0455003, abs=1e-7)
    assert lines[0].estimate_sd == 3.0
    assert all(math.isnan(x) for x in (lines[2].z, lines[2].p, lines[2].ci_low, lines[2].se))


def test_p_has_two_sides_and_nan_stays_nan() -> None:
    assert two_sided_p(-1.3) == two_sided_p(1.3)
    assert two_sided_p(0.0) == 1.0
    assert math.isnan(two_sided_p(math.nan))

"""Breaks: the level, and chances calibrated on past origins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from tertius.foresight.breaks import Calibration, PastLevels, break_level, calibrated, logistic, logit, slope
from tertius.foresight.known import SIGNS, Known
from tertius.foresight.models import OURS, fitted, past_rows


def test_the_level_is_a_quantile_of_observed_rates_up_to_the_origin() -> None:
    values = {s: np.arange(40, dtype=float)[:, None] * 30 for s in SIGNS}
    days = np.full(40, 30.0)
    days[5] = 0.0
    K = Known(np.array([0]), np.array([1]), values, days, 0, (), {})
    seen = [t for t in range(21) if t != 5]
    assert break_level(K, SIGNS[0], 20)[0] == sorted(seen)[int(np.ceil(0.95 * 20)) - 1]


def test_the_slope_of_calibrated_chances_is_one_and_of_extreme_ones_less() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(1, 8, 60_000)
    came = rng.random(60_000) < p
    assert slope(p, came) == pytest.approx(1.0, abs=0.05)
    assert slope(expit(2 * logit(p)), came) == pytest.approx(0.5, abs=0.03)
    assert np.isnan(slope(p, np.zeros(60_000, dtype=bool)))


def test_logistic_regression_finds_its_coefficients() -> None:
    rng = np.random.default_rng(2)
    X = np.stack([np.ones(50_000), rng.normal(size=50_000)], axis=1)
    assert logistic(X, rng.random(50_000) < expit(X @ [-1.0, 0.7])) == pytest.approx([-1.0, 0.7], abs=0.05)


def test_calibration_makes_past_chances_add_up(made: object) -> None:
    K: Known = made(20, 40)  # type: ignore[operator]
    model = fitted(K, SIGNS[0], past_rows(K, SIGNS[0], 36, 1, 0), OURS, True)
    found = calibrated(model, PastLevels(K, 0), SIGNS[0], 36, 1)
    assert found.of(np.array([0.2]), np.array([False]))[0] == pytest.approx(
        expit(found.novel_constant + found.novel_slope * logit(np.array([0.2]))[0])
    )
    assert isinstance(found, Calibration)
    assert found.of(np.array([0.2]), np.array([True]))[0] == pytest.approx(
        expit(found.constant + found.slope * logit(np.array([0.2]))[0])
    )

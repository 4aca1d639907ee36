"""Surprise is a tail, and what moved an expectation adds up."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.foresight.families import Predictive
from tertius.foresight.known import SIGNS, Known
from tertius.foresight.models import OURS, fitted, past_rows
from tertius.foresight.surprise import moved_by, surprise


def test_surprise_is_the_power_of_ten_of_the_smaller_tail() -> None:
    d = Predictive(np.array([1.0]), np.array([10.0]), np.array([1.0]), False)
    assert surprise(d, np.array([69.0776]))[0] == pytest.approx(3.0, abs=1e-3)
    assert surprise(d, np.array([0.01]))[0] == pytest.approx(3.0, abs=1e-3)


@pytest.mark.parametrize("counts", [True, False])
def test_the_groups_add_up_to_the_change_of_the_log_mean(made: object, counts: bool) -> None:
    K: Known = made(counts=counts)  # type: ignore[operator]
    model = fitted(K, SIGNS[0], past_rows(K, SIGNS[0], 40, 1, 0), OURS, counts)
    pairs = np.arange(91)
    found = moved_by(model, K, SIGNS[0], 40, pairs)
    now, then = (model.fitted.predict(K.at(SIGNS[0], t), np.full(91, 30.0)).mean for t in (40, 39))
    np.testing.assert_allclose(sum(found.values()), np.log(now / then), atol=2e-3)
    assert moved_by(model, K, SIGNS[0], K.first, pairs) == {}

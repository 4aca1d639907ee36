"""The script that plants claims: a few of each kind of trend, and its intervals."""

from __future__ import annotations

from types import ModuleType

import pytest


def test_true_trends_are_found_more_often_than_false_ones_and_a_jump_of_coverage_is_none(script: ModuleType) -> None:
    true = [script.trend(seed, True, 120) for seed in range(1, 9)]
    false = [script.trend(seed, False, 120) for seed in range(1, 9)]
    assert true.count("supported") >= 5
    assert false.count("supported") <= 1
    assert "contradicted" not in true


def test_wilsons_interval(script: ModuleType) -> None:
    assert script.wilson(5, 100) == pytest.approx((0.0215, 0.1118), abs=0.001)

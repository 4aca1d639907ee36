"""Planted effects come back. Eight histories here; ``scripts/recovery.py`` runs two hundred with every effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.answers.attribution import attribute
from tertius.answers.spans import SlicedSpans
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.robust import standard_errors
from tertius.simulation import simulate
from tertius.spec import ModelSpec

TRUTH = {
    "inertia.coop": 0.5,
    "inertia.host": -0.2,
    "reciprocity.coop": 0.3,
    "reciprocity.host": -0.1,
    "activity.coop": 0.2,
    "activity.host": 0.1,
    "popularity.coop": 0.2,
    "popularity.host": 0.1,
    "friend_of_friend": 0.15,
    "shared_threat": 0.3,
    "shared_target": 0.2,
    "friend_of_foe": -0.1,
    "foe_of_friend": -0.1,
    "transitivity.coop": 0.1,
    "transitivity.host": 0.1,
}


def fitted(seed: int, threat: float) -> RateFit:
    history = simulate(
        30,
        120,
        cooperation={**TRUTH, "shared_threat": threat},
        hostility={"inertia.host": 0.6, "reciprocity.host": 0.2, "activity.host": 0.3},
        events_per_slice=(25.0, 15.0),
        half_life="20d",
        seed=seed,
    )
    spec = ModelSpec.of(effects=list(TRUTH), slice="1d", half_life="20d", scales=dict.fromkeys(TRUTH, 1.0))
    return fit_rate(build_design(history.slices, replace(spec.resolve(directed=True), model="rate", legs="sqrt")))


@pytest.mark.slow
def test_planted_coefficients_come_back() -> None:
    fits = [fitted(seed, TRUTH["shared_threat"]) for seed in range(8)]
    z = np.array([(f.beta - list(TRUTH.values())) / standard_errors(f.cov.jackknife) for f in fits])
    # 120 intervals of 95 %: eighteen or more misses have a probability below 0.1 % if they are right and independent
    assert (np.abs(z) > 1.96).sum() < 18
    means = np.mean([f.beta for f in fits], axis=0)
    errors = np.std([f.beta for f in fits], axis=0, ddof=1) / np.sqrt(8)
    assert (np.abs(means - list(TRUTH.values())) < 4 * errors).all()


def pair_answer(seed: int, threat: float) -> tuple[bool, float]:
    fit = fitted(seed, threat)
    n = fit.design.slices.n_slices
    window = np.arange(n) >= 2 * n // 3
    spans = SlicedSpans(window, ~window & (np.arange(n) >= n // 3), ("", ""), ("", ""))
    answer = attribute(fit, 0, 1, spans, seed)
    return answer.total.excludes_zero, sum(t.share for t in answer.third_parties) + answer.unattributed


@pytest.mark.slow
def test_a_planted_null_is_not_found_and_shares_add_up() -> None:
    answers = [pair_answer(seed, 0.0) for seed in range(8)]
    assert sum(found for found, _ in answers) <= 2
    for _, total in answers:
        assert total == pytest.approx(1.0, abs=1e-12)

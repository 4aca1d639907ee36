"""The sign model against a dense logit with dummies, and its meaning."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tertius.errors import NotEnoughData
from tertius.model.design import build_design
from tertius.model.rate.fit import fit_rate
from tertius.model.sign import fit_sign, trials_of
from tertius.simulation import simulate
from tertius.spec import ModelSpec

SLICES = simulate(8, 60, events_per_slice=(9.0, 8.0), half_life="20d", seed=4).slices
SPEC = replace(
    ModelSpec.of(effects="inertia,shared_threat", slice="1d", half_life="20d").resolve(directed=True),
    model="sign",
    legs="sqrt",
)


def dense_logit(X: np.ndarray, y: np.ndarray, m: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Newton on a design with one dummy a slice: estimates and inverse information of the columns of X."""
    D = np.hstack([X, np.eye(t.max() + 1)[t]])
    beta = np.zeros(D.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-D @ beta))
        information = (D * (m * p * (1 - p))[:, None]).T @ D
        beta = beta + np.linalg.solve(information, D.T @ (y - m * p))
    return beta[: X.shape[1]], np.linalg.inv(information)[: X.shape[1], : X.shape[1]]


def test_estimates_and_errors_equal_the_dense_logit() -> None:
    fit = fit_sign(SLICES, SPEC)
    trials, _ = trials_of(build_design(SLICES, replace(SPEC, outcome="any")))
    beta, inverse = dense_logit(trials.X, trials.y, trials.m, trials.t)
    np.testing.assert_allclose(fit.gamma, beta, rtol=1e-8)
    np.testing.assert_allclose(fit.cov.model, inverse, rtol=1e-6)


def test_slices_of_one_sign_say_nothing() -> None:
    cooperative = slice(int(SLICES.indptr[30]), None)
    host = SLICES.host_count.copy()
    host[cooperative] = 0.0
    both = SLICES.coop_count.copy()
    both[cooperative] += SLICES.host_count[cooperative]
    fit = fit_sign(replace(SLICES, host_count=host, coop_count=both), SPEC)
    assert fit.one_sign == 30
    assert fit.slices == 29
    with pytest.raises(NotEnoughData):
        fit_sign(replace(SLICES, host_count=np.zeros_like(host), coop_count=both + host), SPEC)


def test_what_scales_both_rates_of_a_dyad_leaves_the_sign_alone() -> None:
    """Planted: both signs have inertia, threat raises cooperation only; gamma is about beta_C - beta_H."""
    history = simulate(
        20,
        300,
        cooperation={"inertia.coop": 0.5, "shared_threat": 0.4},
        hostility={"inertia.host": 0.5},
        events_per_slice=(30.0, 30.0),
        half_life="20d",
        seed=6,
    )
    spec = replace(
        SPEC,
        effects=("inertia", "shared_threat"),
        scales=(("inertia.coop", 1.0), ("inertia.host", 1.0), ("shared_threat", 1.0)),
    )
    gamma = dict(zip(fit_sign(history.slices, spec).design.names, fit_sign(history.slices, spec).gamma, strict=True))
    rates = {}
    for outcome in ("cooperation", "hostility"):
        fit = fit_rate(build_design(history.slices, replace(spec, outcome=outcome, model="rate")))
        rates[outcome] = dict(zip(fit.design.names, fit.beta, strict=True))
    for term, value in gamma.items():
        assert value == pytest.approx(rates["cooperation"][term] - rates["hostility"][term], abs=0.12)
    assert gamma["shared_threat"] == pytest.approx(0.4, abs=0.15)


def test_every_step_is_told() -> None:
    lines: list[str] = []
    fit = fit_sign(SLICES, SPEC, progress=lines.append)
    assert [line.split(":")[0] for line in lines] == [f"step {k + 1}" for k in range(fit.iterations)]

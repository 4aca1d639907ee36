"""What is held out against fits made apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tertius.events.slices import DyadSlices
from tertius.model.checks.adequacy import adequacy_of_rate, adequacy_of_within
from tertius.model.checks.held_out import fitted_to_sums, pair_effects
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.within.model import WithinModel, panel_of
from tertius.model.within.ppml import fit_ppml
from tertius.simulation import simulate
from tertius.spec import ModelSpec

MakeWithin = Callable[[bool], WithinModel]
DAILY = simulate(9, 90, events_per_slice=(6.0, 4.0), seed=12).slices


def rate(slices: DyadSlices = DAILY, effects: str = "inertia,reciprocity,shared_threat") -> RateFit:
    asked = ModelSpec.of(model="rate", effects=effects, slice="1d", half_life="20d")
    return fit_rate(build_design(slices, asked.resolve(directed=True)))


def test_what_is_held_out_equals_two_fits_made_apart() -> None:
    fit = rate()
    held = adequacy_of_rate(fit).held_out
    assert held is not None
    d = fit.design
    cut = int(d.used[-(-2 * len(d.used) // 3)])
    found = adequacy_of_rate(fit)
    judged = d.used[np.unique(np.round(np.linspace(0, len(d.used) - 1, found.slices)).astype(int))]
    scales = tuple(zip(d.names, d.scales.tolist(), strict=True))
    scores = []
    for effects in (d.names, ("inertia.coop", "inertia.host")):
        spec = replace(d.spec, effects=effects, scales=tuple(x for x in scales if x[0] in effects))
        design = build_design(DAILY, spec)
        early = judged[judged < cut]
        bounds = ((0, len(early)),)
        beta = fit_rate(replace(design.over(early), chunks=bounds)).beta
        total = 0.0
        for s, X in design.over(judged[judged >= cut]).blocks(0, int((judged >= cut).sum())):
            at = DAILY.entries(s)
            y = DAILY.coop_count[at]
            place = np.searchsorted(d.at_risk, DAILY.dyad[at])
            eta = np.array([sum(b * x for b, x in zip(beta, X[:, k], strict=True)) for k in range(X.shape[1])])
            total += sum(float(c) * (eta[k] - np.log(np.exp(eta).sum())) for c, k in zip(y, place, strict=True))
        scores.append(total / held.outcome)
    assert held.model.log_score == pytest.approx(scores[0], abs=1e-4)
    assert held.inertia.log_score == pytest.approx(scores[1], abs=1e-4)
    assert held.difference == pytest.approx(scores[0] - scores[1], abs=1e-4)


def test_a_model_without_inertia_is_compared_with_both_of_its_columns() -> None:
    held = adequacy_of_rate(rate(effects="reciprocity,shared_threat")).held_out
    assert held is not None
    assert held.reference == ("inertia.coop", "inertia.host")
    alone = adequacy_of_rate(rate(effects="inertia"))
    assert alone.held_out is None
    assert "inertia alone" in alone.why_not


@pytest.mark.parametrize("directed", [True, False])
def test_pair_effects_and_a_periods_own_sums_give_the_fit_back(directed: bool, small_within: MakeWithin) -> None:
    model = small_within(directed)
    panel = panel_of(model.design.slices, model.design.spec)
    pair = pair_effects(model.fit, np.stack(panel.X), directed)
    for t in (0, 7):
        kept = model.fit.kept[t] & np.isfinite(pair)
        eta = np.where(kept, np.where(kept, pair, 0.0) + np.tensordot(model.beta, np.stack(panel.X)[:, t], 1), -np.inf)
        again = fitted_to_sums(eta, np.where(kept, panel.Y[t], 0.0))
        np.testing.assert_allclose(again, np.where(kept, model.fit.mu[t], 0.0), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("directed", [True, False])
def test_within_pairs_the_last_third_is_scored_with_the_first_two_thirds_pairs(
    directed: bool, small_within: MakeWithin
) -> None:
    model = small_within(directed)
    held = adequacy_of_within(model, held_out=True).held_out
    assert held is not None
    T = len(model.periods)
    k = -(-2 * T // 3)
    assert (held.train, held.test) == (k, T - k)
    panel = panel_of(model.design.slices, model.design.spec)
    mask = panel.at_risk.copy()
    mask[k:] = False
    fit = fit_ppml(panel.Y, panel.X, directed=directed, mask=mask, names=model.design.names)
    pair = pair_effects(fit, np.stack(panel.X), directed)
    score = outcome = 0.0
    for t in range(k, T):
        y = np.where(np.isfinite(pair), panel.Y[t], 0.0)
        eta = np.tensordot(fit.beta, np.stack(panel.X)[:, t], 1) + pair
        mu = fitted_to_sums(eta, y)
        for i in range(10):
            for j in range(i if not directed else 0, 10):
                if y[i, j] > 0:
                    total = mu.sum() if directed else np.triu(mu).sum()
                    score += y[i, j] * np.log(mu[i, j] / total)
                    outcome += y[i, j]
    assert held.outcome == pytest.approx(outcome)
    assert held.model.log_score == pytest.approx(score / outcome, rel=1e-5)

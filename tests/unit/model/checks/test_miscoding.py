"""Wrong codings: turned signs against loops, one step against full fits, the worst case against refits without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tertius.errors import UsageError
from tertius.events.slices import DyadSlices
from tertius.model.checks.miscoding import flip, influence_rate, influence_within, miscoding, one_step, taken_first
from tertius.model.coefficients import interval_errors
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.within.model import WithinModel, fit_within, panel_of
from tertius.simulation import simulate
from tertius.spec import ModelSpec

MakeWithin = Callable[[bool], WithinModel]
TRUTH = {"inertia.coop": 0.4, "shared_threat": 0.6}
DAILY = simulate(10, 120, events_per_slice=(12.0, 8.0), cooperation=TRUTH, half_life="20d", seed=2).slices


def rate() -> RateFit:
    asked = ModelSpec.of(model="rate", effects="inertia.coop,shared_threat", slice="1d", half_life="20d")
    return fit_rate(build_design(DAILY, asked.resolve(directed=True)))


def again(fit: RateFit, slices: DyadSlices) -> RateFit:
    scales = tuple(zip(fit.design.names, fit.design.scales.tolist(), strict=True))
    return fit_rate(build_design(slices, replace(fit.design.spec, scales=scales)))


def test_turned_events_keep_dyad_slice_and_number() -> None:
    turned = flip(DAILY, 0.1, seed=7)
    np.testing.assert_allclose(turned.coop_count + turned.host_count, DAILY.coop_count + DAILY.host_count)
    np.testing.assert_allclose(turned.coop_weight + turned.host_weight, DAILY.coop_weight + DAILY.host_weight)
    moved = np.abs(turned.coop_count - DAILY.coop_count).sum() / (DAILY.coop_count + DAILY.host_count).sum()
    assert moved == pytest.approx(0.1, abs=0.02)
    every = flip(DAILY, 1.0, seed=7)
    np.testing.assert_array_equal(every.coop_count, DAILY.host_count)
    np.testing.assert_array_equal(every.host_weight, DAILY.coop_weight)


def test_draws_are_nested_and_halves_of_a_mirrored_coding_move_whole() -> None:
    def only(count: np.ndarray) -> DyadSlices:
        return replace(DAILY, coop_count=count, coop_weight=count, host_count=0 * count, host_weight=0 * count)

    halves = only(np.full(len(DAILY.dyad), 0.5))
    few, many = flip(halves, 0.05, seed=3), flip(halves, 0.2, seed=3)
    assert set(np.unique(many.host_count)) == {0.0, 0.5}
    assert (many.host_count[few.host_count > 0] == 0.5).all()


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_one_warm_step_agrees_with_the_full_refit(share: float) -> None:
    fit = rate()
    start = fit.beta
    for at in (0.01, 0.02, 0.05, 0.1, 0.2):
        slices = flip(DAILY, at, seed=1)
        scales = tuple(zip(fit.design.names, fit.design.scales.tolist(), strict=True))
        design = build_design(slices, replace(fit.design.spec, scales=scales))
        start, errors = one_step(design, start, fit.phi)
        if at == share:
            break
    full = again(fit, slices)
    wanted = interval_errors(full.cov)
    assert (np.abs(start - full.beta) < 0.05 * wanted).all()
    np.testing.assert_allclose(errors, wanted, rtol=0.05)


def test_a_step_from_the_optimum_goes_nowhere_and_has_the_fits_errors() -> None:
    fit = rate()
    beta, errors = one_step(fit.design, fit.beta, fit.phi)
    np.testing.assert_allclose(beta, fit.beta, rtol=1e-6)
    np.testing.assert_allclose(errors, interval_errors(fit.cov), rtol=1e-4)


def test_random_errors_weaken_a_planted_effect_and_the_table_says_how_much() -> None:
    found = miscoding(rate(), "foe", seed=1, draws=2, shares=(0.05, 0.2, 0.45))
    assert found.term == "shared_threat"
    estimates = [found.estimate, *(f.estimate for f in found.flipped)]
    assert estimates[0] > estimates[2] > estimates[3]
    assert found.low > 0
    assert found.interval in (0.2, 0.45)
    assert all(f.low < f.estimate < f.high for f in found.flipped)
    assert found.worst.interval < found.worst.sign < 1
    assert "shared_threat" in found.text


def test_the_largest_influences_go_first() -> None:
    psi, y = np.array([0.1, 0.5, -1.0, 0.2]), np.array([4.0, 1.0, 3.0, 2.0])
    assert taken_first(psi, y, 0.5) == (1.0, 1)
    taken, cells = taken_first(psi, y, 1.0)  # .5 from the second, .4 from the fourth, .1 from the first
    assert (taken, cells) == (pytest.approx(4.0), 3)
    assert taken_first(psi, y, 0.0) == (0.0, 0)
    assert np.isnan(taken_first(psi, y, 2.0)[0])


def test_influences_of_the_rate_model_add_up_to_nothing_and_equal_a_refit_without_one_cell() -> None:
    fit = rate()
    slice_of, dyad, y, psi = influence_rate(fit, 1)
    assert abs(float(psi @ y)) < 1e-6
    e = int(np.argmax(np.abs(psi)))
    at = DAILY.entries(int(slice_of[e]))
    entry = at.start + int(np.flatnonzero(DAILY.dyad[at] == dyad[e])[0])
    count = DAILY.coop_count.copy()
    count[entry] = 0.0
    # out of the outcome alone: the design keeps the history with it
    design = replace(fit.design, slices=replace(DAILY, coop_count=count))
    refitted = fit_rate(design).beta[1]
    assert refitted - fit.beta[1] == pytest.approx(-psi[e] * y[e], rel=0.1)


def test_without_the_worst_set_the_rate_models_effect_is_about_gone() -> None:
    fit = rate()
    slice_of, dyad, y, psi = influence_rate(fit, 1)
    order = np.argsort(-psi, kind="stable")
    taken, cells = taken_first(psi, y, float(fit.beta[1]))
    assert 0 < taken < y.sum()
    count = DAILY.coop_count.copy()
    for e in order[:cells]:
        at = DAILY.entries(int(slice_of[e]))
        count[at.start + int(np.flatnonzero(DAILY.dyad[at] == dyad[e])[0])] = 0.0
    refitted = fit_rate(replace(fit.design, slices=replace(DAILY, coop_count=count))).beta[1]
    assert abs(refitted) < 0.35 * fit.beta[1]


@pytest.mark.parametrize("directed", [True, False])
def test_influences_within_pairs_equal_a_refit_without_one_cell(directed: bool, small_within: MakeWithin) -> None:
    model = small_within(directed)
    slice_of, dyad, _, psi = influence_within(model, 1)
    n = model.design.slices.n_actors
    period = {int(s): t for t, s in enumerate(model.periods)}
    t = np.array([period[int(s)] for s in slice_of])
    i, j = dyad // n, dyad % n
    e = int(np.argmax(np.abs(psi)))
    panel = panel_of(model.design.slices, model.design.spec)
    Y = panel.Y.copy()
    Y[t[e], i[e], j[e]] -= 0.5
    if not directed:
        Y[t[e], j[e], i[e]] -= 0.5
    refitted = replace(panel, Y=Y).fit().beta[1]
    assert refitted - model.beta[1] == pytest.approx(-0.5 * psi[e], rel=0.1)


def test_within_pairs_it_is_fitted_in_full(small_within: MakeWithin) -> None:
    model = small_within(True)
    found = miscoding(model, "shared_threat", seed=4, draws=1, shares=(0.1,))
    turned = flip(model.design.slices, 0.1, 4)
    scales = tuple(zip(model.design.names, model.design.scales.tolist(), strict=True))
    full = fit_within(turned, replace(model.design.spec, scales=scales), alternatives=False)
    assert found.flipped[0].estimate == pytest.approx(full.beta[1], rel=1e-8)
    assert found.refit == "in full"


def test_an_unknown_term_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'trade' is no term"):
        miscoding(rate(), "trade", seed=1)
    from tertius.study import fit

    with pytest.raises(UsageError, match="sign model"):
        fit("chronicle", model="sign", slice="1mo", miscoding="foe")

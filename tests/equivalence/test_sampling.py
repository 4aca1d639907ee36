"""Sampled risk sets: at 100 % the full fit, below it near it; effects at cells equal dense columns; slow twins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tertius.effects import PastView, columns
from tertius.effects.registry import EFFECTS
from tertius.effects.sparse import AT_CELLS, MAP_BYTES, SparsePast
from tertius.errors import NotEnoughMemory, UsageError
from tertius.events.slices import DyadSlices
from tertius.history import History
from tertius.model import budget
from tertius.model import design as designs
from tertius.model.design import Design, build_design
from tertius.model.rate import optimum
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.rate.likelihood import slice_terms
from tertius.model.rate.sampling import CellScores, cell_covariances, draw
from tertius.model.robust import covariances, standard_errors
from tertius.simulation import simulate
from tertius.spec import HalfLife, ModelSpec

SMALL = simulate(14, 120, events_per_slice=(6.0, 4.0), half_life="20d", seed=5).slices
PAIRS = simulate(14, 120, events_per_slice=(6.0, 4.0), half_life="20d", directed=False, seed=5, hostility={}).slices
LARGER = simulate(60, 150, events_per_slice=(30.0, 20.0), half_life="20d", heterogeneity=0.5, seed=8).slices
EVERYTHING = 10**6


def designed(slices: DyadSlices, sample: int | None, **options: object) -> Design:
    spec = ModelSpec.of(slice="1d", half_life="20d", sample=sample, **options).resolve(directed=slices.directed)
    return build_design(slices, replace(spec, model="rate", legs=spec.legs or "sqrt"))


def fitted(slices: DyadSlices, sample: int | None, **options: object) -> RateFit:
    return fit_rate(designed(slices, sample, **options))


@pytest.mark.parametrize("slices", [SMALL, PAIRS], ids=["directed", "undirected"])
@pytest.mark.parametrize("response", ["count", "weight"])
def test_with_every_dyad_drawn_the_fit_is_the_full_one(slices: DyadSlices, response: str) -> None:
    effects = "inertia,friend_of_friend" + (",shared_threat,activity.coop" if slices.directed else ",common_foe")
    full = fitted(slices, None, effects=effects, response=response)
    sampled = fitted(slices, EVERYTHING, effects=effects, response=response)
    assert sampled.cells == len(full.design.used) * slices.n_dyads
    np.testing.assert_allclose(sampled.beta, full.beta, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(sampled.sd, full.sd, rtol=1e-9)
    assert sampled.log_likelihood == pytest.approx(full.log_likelihood, rel=1e-12)
    assert sampled.phi == pytest.approx(full.phi, rel=1e-8)
    for kind in ("model", "dyad_clustered", "dyadic", "jackknife"):
        V, W = getattr(sampled.cov, kind), getattr(full.cov, kind)
        np.testing.assert_allclose(V, W, rtol=0, atol=1e-6 * np.abs(W).max())


def test_sparse_columns_equal_dense_ones_through_the_whole_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"effects": "inertia,reciprocity.coop,shared_threat,friend_of_foe", "seed": 4}
    scales = dict.fromkeys(designed(SMALL, None, **options).names, 1.0)
    dense = fitted(SMALL, 3, scales=scales, **options)
    monkeypatch.setattr(designs, "DENSE_ACTORS", 0)
    sparse = fitted(SMALL, 3, scales=scales, **options)
    np.testing.assert_allclose(sparse.beta, dense.beta, rtol=1e-9)
    np.testing.assert_allclose(sparse.cov.jackknife, dense.cov.jackknife, rtol=1e-6, atol=1e-12)
    with pytest.raises(UsageError, match="full risk set"):
        list(sparse.expected(sparse.design.used))


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("legs", ["sqrt", "min", "product", "binary"])
@pytest.mark.parametrize("decay_to", ["now", "previous"])
def test_every_effect_at_cells_equals_its_dense_column(
    monkeypatch: pytest.MonkeyPatch, directed: bool, legs: str, decay_to: str
) -> None:
    slices = SMALL if directed else PAIRS
    half_life = HalfLife.parse("coop=1d,host=2d") if legs == "sqrt" else HalfLife.parse("coop=20d,host=none")
    kind = "directed" if directed else "undirected"
    names = [e.name for e in EFFECTS.values() if kind in e.kinds]
    chosen = [c for name in names for c in columns([name], directed)]
    chosen += [c for name in names if EFFECTS[name].signed for c in columns([f"{name}.any"], directed)]
    assert {c.effect.name for c in chosen} == set(names) <= set(AT_CELLS)
    rng, n = np.random.default_rng(2), slices.n_actors
    wanted = [30, 31, 77, 119]
    pasts = {}
    for past in History(slices, half_life, decay_to).past():
        if past.s in wanted:
            view = PastView(past, legs, directed)
            pasts[past.s] = {c.name: np.array(c.compute(view)) for c in chosen}
    for map_bytes in (0, MAP_BYTES):
        monkeypatch.setattr("tertius.effects.sparse.MAP_BYTES", map_bytes)
        sparse = SparsePast(slices, half_life, decay_to, legs, wanted[0], wanted[-1])
        for s, now in sparse.pass_over(iter(wanted)):
            dyads = rng.choice(slices.at_risk(), 40, replace=False)
            cells = now.at(dyads)
            for c in chosen:
                expected = pasts[s][c.name][dyads // n, dyads % n]
                found = AT_CELLS[c.effect.name](cells, c.sign)
                np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=c.name)


def test_the_clock_starts_anew_before_it_overflows(monkeypatch: pytest.MonkeyPatch) -> None:
    dyads, found = SMALL.at_risk(), []
    for overflow in (300.0, 2.0):
        monkeypatch.setattr("tertius.effects.sparse.OVERFLOW", overflow)
        past = SparsePast(SMALL, HalfLife.parse("5d"), "now", "sqrt", 100, 100)
        _, now = next(past.pass_over(iter([100])))
        found.append([AT_CELLS[name](now.at(dyads), "coop") for name in ("inertia", "activity", "shared_threat")])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-30)


def test_one_sampled_slice_against_loops_over_events_and_finite_differences() -> None:
    design = designed(LARGER, 2, effects="inertia,shared_threat")
    assert design.sample is not None
    s = int(design.used[40])
    drawn, X = design.sample.drawn[s], design.cache[s]
    m = len(drawn.dyad) - len(drawn.instead)
    assert len(drawn.instead) > 3

    def slow(beta: np.ndarray) -> float:
        eta, total = beta @ X + drawn.offset, 0.0
        for cell, y in zip(drawn.at, drawn.y, strict=True):
            risk = list(range(m))
            if cell >= m:
                risk[drawn.instead[cell - m]] = cell
            total += y * (eta[cell] - np.log(sum(np.exp(eta[c]) for c in risk)))
        return float(total)

    beta, h = np.array([0.4, -0.2, 0.3]), 1e-5
    terms = slice_terms(X, drawn.at, drawn.y, beta, drawn=drawn)
    assert terms.log_likelihood == pytest.approx(slow(beta), rel=1e-12)
    assert terms.probability.sum() == pytest.approx(1.0)
    for k in range(3):
        step = h * np.eye(3)[k]
        assert terms.gradient[k] == pytest.approx((slow(beta + step) - slow(beta - step)) / (2 * h), rel=1e-6, abs=1e-6)
        up, down = (slice_terms(X, drawn.at, drawn.y, beta + d, drawn=drawn).gradient for d in (step, -step))
        np.testing.assert_allclose(-(up - down) / (2 * h), terms.information[k], rtol=1e-6, atol=1e-6)


def test_strata_sizes_weights_and_seeds_of_a_draw() -> None:
    values = LARGER.outcome("cooperation", "count")
    used = np.arange(20, 60)
    one, again, other = (draw(LARGER, used, values, 3, seed).drawn for seed in (1, 1, 2))
    n, met = LARGER.n_actors, np.zeros(LARGER.n_actors**2, dtype=bool)
    for s in range(60):
        if s in one:
            d = one[s]
            m = len(d.dyad) - len(d.instead)
            assert m == min(LARGER.n_dyads, 3 * len(d.at))
            assert len(np.unique(d.dyad)) == len(d.dyad)
            assert (d.dyad // n != d.dyad % n).all()
            for is_met in (False, True):
                mine = met[d.dyad] == is_met
                size = met.sum() if is_met else LARGER.n_dyads - met.sum()
                np.testing.assert_allclose(d.offset[mine], np.log(size / mine[:m].sum()))
            assert (met[d.dyad[d.instead]] == met[d.dyad[m:]]).all()
            at = LARGER.entries(s)
            some = values[at] > 0
            np.testing.assert_array_equal(d.dyad[d.at], LARGER.dyad[at][some])
            np.testing.assert_array_equal(d.dyad, again[s].dyad)
        now = LARGER.dyad[LARGER.entries(s)]
        met[now] = met[now % n * n + now // n] = True
    assert any(len(one[s].dyad) != len(other[s].dyad) or (one[s].dyad != other[s].dyad).any() for s in used)


def test_covariances_of_cells_equal_those_of_dyads() -> None:
    rng, n, p, M = np.random.default_rng(3), 8, 3, 900
    i, j = rng.integers(n, size=M), rng.integers(n - 1, size=M)
    j = j + (j >= i)
    x, mu, rest = rng.normal(size=(M, p)), rng.random(M), rng.normal(size=M)
    low, high = np.minimum(i, j), np.maximum(i, j)
    keys, dyad = np.unique(low * n + high, return_inverse=True)
    U, H = np.zeros((len(keys), p)), np.zeros((len(keys), p, p))
    for c in range(M):
        U[dyad[c]] += rest[c] * x[c]
        H[dyad[c]] += mu[c] * np.outer(x[c], x[c])
    slow = covariances(U, H, keys // n, keys % n, n, phi=1.3)
    fast = cell_covariances(CellScores(x, mu, rest, low, high, np.zeros((p, p))), H.sum(axis=0), n, 1.3)
    for kind in ("model", "dyad_clustered", "dyadic", "jackknife"):
        np.testing.assert_allclose(getattr(fast, kind), getattr(slow, kind), rtol=1e-9, atol=1e-14)


@pytest.mark.slow
def test_draws_scatter_about_the_full_estimate_as_their_errors_say() -> None:
    """Over draws of one history the spread is that of H^-1 B H^-1, about a mean within the full estimate's error (the
    score has mean zero over histories and draws together, not over the draws of one history)."""
    effects = "inertia,reciprocity.coop,activity.coop,friend_of_friend,shared_threat"
    full = fitted(LARGER, None, effects=effects)
    draws = [fitted(LARGER, 5, effects=effects, seed=seed) for seed in range(30)]
    betas = np.array([d.beta for d in draws])
    spread = betas.std(axis=0, ddof=1)
    bias = (betas.mean(axis=0) - full.beta) / standard_errors(full.cov.model)
    assert np.abs(bias).max() < 0.6
    added = np.mean([np.diag(d.cov.model) for d in draws], axis=0) - np.diag(full.cov.model)
    np.testing.assert_allclose(spread, np.sqrt(added), rtol=0.6)


ASKED = ("fit", "chronicle", "--model", "rate", "--slice", "1mo", "--half-life", "2y", "--effects", "inertia.coop")


def test_a_result_says_that_its_risk_set_is_sampled_and_how_much(tertius: Callable[..., Any]) -> None:
    full, sampled = (tertius(*ASKED, *more, "--json").document for more in ((), ("--sample", "8")))
    assert (full["risk_set"], sampled["risk_set"]) == ("full", "sampled")
    (said,) = [w for w in sampled["warnings"] if "8 controls" in w]
    assert "cells of" in said
    assert "--sample 8" in sampled["command"]
    ours, theirs = (d["coefficients"][0] for d in (sampled, full))
    assert abs(ours["estimate"] - theirs["estimate"]) < 2 * ours["se_jackknife"]
    assert ours["se_model"] > theirs["se_model"]


@pytest.mark.parametrize("more", [("--model", "within"), ("--model", "rate", "--miscoding", "inertia.coop")])
def test_what_needs_the_full_risk_set_refuses_a_sample(tertius: Callable[..., Any], more: tuple[str, ...]) -> None:
    error = tertius("fit", "chronicle", "--sample", "5", "--slice", "1mo", *more, "--json").document["error"]
    assert error["type"] == "UsageError"
    assert "--sample" in error["hint"]


def test_a_risk_set_that_does_not_fit_is_refused_and_a_sample_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "available_bytes", lambda: 50_000)
    with pytest.raises(NotEnoughMemory, match="60 actors") as full:
        designed(LARGER, None)
    assert "--sample" in full.value.hint
    monkeypatch.setattr(designs, "DENSE_ACTORS", 0)
    with pytest.raises(NotEnoughMemory) as sampled:
        designed(LARGER, 5)
    assert "smaller --sample" in sampled.value.hint


def test_the_time_and_memory_of_a_long_run_are_foreseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "CACHE_BYTES", 0)
    monkeypatch.setattr(optimum, "WORTH_WARNING", 0.0)
    for sampled in (20, 10_000):
        monkeypatch.setattr(optimum, "SAMPLE_SLICES", sampled)
        lines: list[str] = []
        fit_rate(designed(LARGER, None, effects="inertia.coop"), progress=lines.append)
        assert any(line.startswith("Foreseen: about 1 min, ") and line.endswith(" GB at most") for line in lines)


def test_a_forecast_is_made_of_the_seconds_of_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "CACHE_BYTES", 0)
    design, lines = designed(LARGER, None, effects="inertia.coop"), list[str]()
    for seconds in (120.0, 12.0):  # of a tenth of the slices
        optimum._foresee(optimum.Teller(lines.append), design, seconds, len(design.used) // 10, optimum.PASSES)
    minutes = optimum.PASSES * 120.0 * len(design.used) / (len(design.used) // 10) / 60
    assert [line.partition(",")[0] for line in lines] == [
        f"Foreseen: about {m} min" for m in (round(minutes), round(minutes / 10))
    ]


def test_in_single_precision_a_fit_uses_the_cells_up_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    double = fit_rate(designed(LARGER, 5))
    monkeypatch.setattr(budget, "DOUBLE_BYTES", 0)
    design = designed(LARGER, 5)
    single = fit_rate(design)
    assert (double.precision, single.precision) == ("float64", "float32")
    np.testing.assert_allclose(single.beta, double.beta, atol=1e-4 * np.sqrt(np.diag(double.cov.model)).max())
    for kind in ("model", "dyad_clustered", "dyadic", "jackknife"):
        np.testing.assert_allclose(getattr(single.cov, kind), getattr(double.cov, kind), rtol=2e-3, atol=1e-6)
    with pytest.raises(UsageError, match="used up"):
        fit_rate(design)

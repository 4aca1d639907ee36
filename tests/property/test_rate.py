"""The rate model's calculus: gradient and information against finite differences and loops, dyads, absorbed columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tertius.errors import NotEnoughData, Separation
from tertius.model.design import Design, Outcome, build_design, median_positive
from tertius.model.parallel import in_order
from tertius.model.rate import fit as rate_fit
from tertius.model.rate import optimum
from tertius.model.rate import sums as rate_sums
from tertius.model.rate.fit import fit_rate
from tertius.model.rate.likelihood import slice_terms
from tertius.model.rate.sums import by_dyad, sums_at
from tertius.model.rate.surrogate import rests, stands_for
from tertius.simulation import simulate
from tertius.spec import ModelSpec

SIMULATED = simulate(9, 60, events_per_slice=(6.0, 4.0), seed=12)


def design(effects: str, **options: object) -> Design:
    spec = ModelSpec.of(effects=effects, slice="1d", half_life="20d", **options)
    return build_design(SIMULATED.slices, replace(spec.resolve(directed=True), model="rate"))


def slow_log_likelihood(X: np.ndarray, at: np.ndarray, y: np.ndarray, beta: np.ndarray) -> float:
    total = 0.0
    denominator = sum(np.exp(X[:, d] @ beta) for d in range(X.shape[1]))
    for d, count in zip(at, y, strict=True):
        total += count * (X[:, d] @ beta - np.log(denominator))
    return float(total)


def test_one_slice_against_loops_and_finite_differences() -> None:
    rng = np.random.default_rng(3)
    X, beta = rng.normal(size=(4, 30)), rng.normal(size=4)
    at, y = np.array([2, 17, 29]), np.array([1.0, 2.5, 1.0])
    terms = slice_terms(X, at, y, beta)
    assert terms.log_likelihood == pytest.approx(slow_log_likelihood(X, at, y, beta), rel=1e-12)
    h = 1e-5
    for k in range(4):
        step = h * np.eye(4)[k]
        up, down = (slow_log_likelihood(X, at, y, beta + s) for s in (step, -step))
        assert terms.gradient[k] == pytest.approx((up - down) / (2 * h), rel=1e-6, abs=1e-6)
        gradients = [slice_terms(X, at, y, beta + s).gradient for s in (step, -step)]
        np.testing.assert_allclose(-(gradients[0] - gradients[1]) / (2 * h), terms.information[k], rtol=1e-6, atol=1e-6)


def test_scores_and_information_by_dyad_add_up_and_equal_loops() -> None:
    d = design("inertia,reciprocity,shared_threat")
    beta = np.array([0.3, -0.2, 0.1, 0.2, 0.5])
    outcome = Outcome(d)
    sums = sums_at(d, outcome, beta, cells=True)
    U, H, i, j = by_dyad(d, sums)
    np.testing.assert_allclose(U.sum(axis=0), sums.gradient, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(H.sum(axis=0), sums.information, rtol=1e-9)
    n = d.slices.n_actors
    wanted = next(k for k in range(len(i)) if (i[k], j[k]) == (2, 5))
    score, information = np.zeros(5), np.zeros((5, 5))
    for s, X in d.blocks(0, len(d.used)):
        at, y = outcome.of(s)
        terms = slice_terms(X, at, y, beta)
        for cell in np.flatnonzero(np.isin(d.at_risk, [2 * n + 5, 5 * n + 2])):
            z = X[:, cell] - terms.centre
            seen = y[at == cell].sum()
            score += (seen - terms.total * terms.probability[cell]) * z
            information += terms.total * terms.probability[cell] * np.outer(z, z)
    np.testing.assert_allclose(U[wanted], score, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(H[wanted], information, rtol=1e-9)


def test_the_optimum_has_no_gradient_and_no_better_neighbour() -> None:
    d = design("inertia,shared_threat,friend_of_friend")
    fit = fit_rate(d)
    outcome = Outcome(d)
    at = sums_at(d, outcome, fit.beta)
    assert np.abs(at.gradient / np.sqrt(np.diag(at.information))).max() < 1e-6
    rng = np.random.default_rng(1)
    for _ in range(10):
        other = sums_at(d, outcome, fit.beta + 0.01 * rng.normal(size=len(fit.beta)))
        assert other.log_likelihood < at.log_likelihood


def test_the_number_of_workers_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tertius.model.budget.SMALL_BLOCK", 0)
    asked: list[int] = []

    def counted(*args: Any, workers: int, **options: Any) -> Any:
        asked.append(workers)
        return in_order(*args, workers=workers, **options)

    monkeypatch.setattr(rate_sums, "in_order", counted)
    fits = []
    for workers in (1, 2, 3):
        monkeypatch.setattr("tertius.model.design.os.cpu_count", lambda w=workers: w)
        fits.append(fit_rate(design("inertia,shared_threat")).beta)
    assert set(asked) == {1, 2, 3}
    np.testing.assert_array_equal(fits[0], fits[1])
    np.testing.assert_array_equal(fits[0], fits[2])


def test_scale_is_the_median_positive_value() -> None:
    d = design("inertia.coop,shared_threat")
    raw = replace(d, spec=replace(d.spec, transform="raw"), cache={})
    values = np.concatenate([X[1][X[1] > 0] for _, X in raw.blocks(0, len(raw.used))])
    assert d.scales[1] == pytest.approx(float(np.median(values)), rel=1e-12)


@pytest.mark.parametrize("zeros", [0.0, 0.4, 1.0])
def test_medians_of_single_precision_are_those_of_double(zeros: float) -> None:
    rng = np.random.default_rng(2)
    for n in (1, 2, 3, 10, 501, 4_000):
        values = np.exp(8 * rng.normal(size=n)).astype(np.float32)
        values[rng.random(n) < zeros] = 0.0
        positive = values[values > 0]
        slow = float(np.median(positive)) if len(positive) else 1.0
        assert median_positive(values) == slow
    assert median_positive(np.zeros(0, dtype=np.float32)) == 1.0


def test_a_column_that_others_determine_is_listed_with_the_reason() -> None:
    fit = fit_rate(design("inertia.coop,inertia.host,inertia.any", transform="raw"))
    assert [a.term for a in fit.absorbed] == ["inertia.any"]
    assert "inertia.coop, inertia.host" in fit.absorbed[0].reason
    assert fit.design.names == ("inertia.coop", "inertia.host")


def test_a_coefficient_that_runs_to_infinity_is_said() -> None:
    """One pair acts, always the same: its own past predicts every event."""
    sl = SIMULATED.slices
    n = sl.n_actors
    only = replace(
        sl,
        indptr=np.arange(sl.n_slices + 1),
        dyad=np.full(sl.n_slices, 0 * n + 1),
        coop_count=np.ones(sl.n_slices),
        coop_weight=np.ones(sl.n_slices),
        host_count=np.zeros(sl.n_slices),
        host_weight=np.zeros(sl.n_slices),
    )
    spec = replace(ModelSpec.of(effects="inertia.coop", slice="1d").resolve(directed=True), model="rate")
    with pytest.raises(Separation, match=r"inertia\.coop"):
        fit_rate(build_design(only, spec))


def test_effects_without_events_of_their_sign_are_refused() -> None:
    sl = SIMULATED.slices
    friendly = replace(sl, host_count=np.zeros_like(sl.host_count), host_weight=np.zeros_like(sl.host_weight))
    spec = replace(ModelSpec.of(slice="1d").resolve(directed=True), model="rate")
    with pytest.raises(NotEnoughData, match="one sign"):
        build_design(friendly, spec)


def test_weights_scale_the_model_error_and_leave_estimates_alone() -> None:
    """Doubling every weight doubles nothing but the outcome: same estimates, same (scaled) errors."""
    sl = SIMULATED.slices
    spec = ModelSpec.of(effects="inertia", slice="1d", response="weight", half_life="20d").resolve(directed=True)
    spec = replace(spec, model="rate")
    doubled = replace(sl, coop_weight=2 * sl.coop_weight, host_weight=2 * sl.host_weight)
    one, two = (fit_rate(build_design(s, spec)) for s in (sl, doubled))
    np.testing.assert_allclose(one.beta, two.beta, rtol=1e-8)
    for kind in ("model", "dyadic", "jackknife"):
        np.testing.assert_allclose(getattr(one.cov, kind), getattr(two.cov, kind), rtol=1e-7)


LONG = simulate(12, 700, events_per_slice=(12.0, 8.0), half_life="60d", seed=4)


def long_design() -> Design:
    spec = ModelSpec.of(slice="1d", half_life="60d").resolve(directed=True)
    return build_design(LONG.slices, replace(spec, model="rate", legs="sqrt"))


@pytest.mark.parametrize(("streamed", "sampled"), [(False, 125), (True, 125), (True, 40), (True, 12)])
def test_single_precision_and_a_sample_for_the_start_find_the_optimum_of_all_slices_in_double_precision(
    monkeypatch: pytest.MonkeyPatch, streamed: bool, sampled: int
) -> None:
    monkeypatch.setattr(optimum, "SAMPLE_SLICES", 10_000)  # no sample
    slow = fit_rate(long_design(), precision="float64")
    assert (slow.precision, slow.left < 1e-8) == ("float64", True)
    monkeypatch.undo()
    monkeypatch.setattr(optimum, "SAMPLE_SLICES", sampled)
    monkeypatch.setattr(optimum, "EVENTS_A_COLUMN", 5)
    if streamed:
        monkeypatch.setattr("tertius.model.budget.CACHE_BYTES", 0)
        monkeypatch.setattr("tertius.model.budget.SMALL_BLOCK", 0)
    fast = fit_rate(long_design(), precision="float32")
    assert fast.precision == "float32"
    assert fast.passes <= 4 < slow.passes  # the sample's own steps are not over all slices
    # single precision sums a gradient to a few 1e-5 standard errors, of which some here are as large as coefficients
    rounding = np.maximum(1e-5 * np.abs(slow.beta).max(), 5e-5 * np.sqrt(np.diag(slow.cov.model)))
    assert (np.abs(fast.beta - slow.beta) <= rounding).all()
    np.testing.assert_allclose(fast.sd, slow.sd, rtol=1e-5)
    assert fast.log_likelihood == pytest.approx(slow.log_likelihood, rel=1e-7)
    for kind in ("model", "dyad_clustered", "dyadic", "jackknife"):
        V, W = getattr(fast.cov, kind), getattr(slow.cov, kind)
        np.testing.assert_allclose(V, W, rtol=0, atol=5e-3 * np.abs(W).max())
        apart = np.abs(np.diag(V) - np.diag(W))  # differences of two estimates may be next to nothing
        assert (apart <= 5e-3 * np.maximum(np.abs(np.diag(W)), np.diag(slow.cov.model))).all()


def test_walks_in_processes_equal_walks_in_threads_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tertius.model.budget.CACHE_BYTES", 0)
    monkeypatch.setattr("tertius.model.budget.SMALL_BLOCK", 0)
    fits = []
    for forks in (False, True):
        monkeypatch.setattr("tertius.model.parallel.CAN_FORK", forks)
        fits.append(fit_rate(long_design(), precision="float32"))
    np.testing.assert_array_equal(fits[0].beta, fits[1].beta)
    np.testing.assert_array_equal(fits[0].cov.jackknife, fits[1].cov.jackknife)


def test_a_sum_by_cell_does_not_depend_on_how_many_slices_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    d, beta = long_design(), np.full(15, 0.1)
    outcome, found = Outcome(d), []
    for held in (1, 7):
        monkeypatch.setattr(rate_sums, "SLICES_AT_ONCE", held)
        sums = sums_at(d, outcome, beta, cells=True)
        found.append(by_dyad(d, sums))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found[0][1].sum(axis=0), sums_at(d, outcome, beta).information, rtol=1e-9, atol=1e-9)


def test_a_start_that_is_none_is_left_for_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """One slice for a sample: its optimum lies at infinity, where all slices have no information either."""
    right = fit_rate(long_design())
    monkeypatch.setattr(optimum, "SAMPLE_SLICES", 1)
    monkeypatch.setattr(optimum, "EVENTS_A_COLUMN", 0)
    lines: list[str] = []
    np.testing.assert_allclose(fit_rate(long_design(), progress=lines.append).beta, right.beta, atol=1e-6)
    assert any("gives no start" in line for line in lines)


ALIKE = {"inertia.coop": 0.05, "shared_threat": 0.05}


def test_columns_that_hardly_vary_are_kept_in_double_precision() -> None:
    """Sums of such columns lose in single precision what tells their dyads apart."""
    history = simulate(
        30, 560, events_per_slice=(2000.0, 1000.0), cooperation=ALIKE, hostility={"inertia.host": 0.05}, seed=1
    )
    spec = replace(ModelSpec.of(model="rate", half_life="30d").resolve(directed=True), legs="sqrt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rate_fit, "DOUBLE_BYTES", 0)
        fit = fit_rate(build_design(history.slices, spec))
        patch.setattr(rate_fit, "SAFE", np.inf)
        forced = fit_rate(build_design(history.slices, spec), precision="auto")
    assert fit.precision == "float64"
    se = np.sqrt(np.diag(fit.cov.model))
    assert (np.abs(forced.beta - fit.beta) < 0.02 * se).all()  # settles, or falls back


@pytest.mark.parametrize("seed", [1, 2])
def test_what_the_last_step_leaves_is_seen_where_a_term_rests_on_few_events(seed: int) -> None:
    sl = LONG.slices
    rng = np.random.default_rng(seed)
    some = np.flatnonzero(sl.host_count > 0)
    gone = rng.choice(some, len(some) - 12, replace=False)
    count, weight = sl.host_count.copy(), sl.host_weight.copy()
    count[gone] = weight[gone] = 0.0
    spec = ModelSpec.of(slice="1d", half_life="30d", effects="inertia.coop,inertia.host,reciprocity.host")
    spec = replace(spec.resolve(directed=True), model="rate")
    thin = replace(sl, host_count=count, host_weight=weight)
    fast = fit_rate(build_design(thin, spec), precision="float32")
    slow = fit_rate(build_design(thin, spec), precision="float64")
    se = np.sqrt(np.diag(slow.cov.model))
    assert (np.abs(fast.beta - slow.beta) < 3e-3 * se).all()
    np.testing.assert_allclose(np.diag(fast.cov.jackknife), np.diag(slow.cov.jackknife), rtol=0.01)


@pytest.mark.parametrize("transform", ["log1p", "raw"])
def test_what_a_sample_tells_of_a_step_is_what_newton_leaves_out(transform: str) -> None:
    d = design("inertia.coop,inertia.host,shared_threat", transform=transform)
    outcome, beta, step = Outcome(d), np.array([0.3, -0.2, 0.1]), np.array([0.05, 0.02, -0.04])
    here, there = (sums_at(d, outcome, b) for b in (beta, beta + step))
    told = rests(d, np.ones(len(d.used)), outcome, beta, step)
    slow = there.gradient - here.gradient + here.information @ step
    np.testing.assert_allclose(told.gradient, slow, rtol=1e-9, atol=1e-9 * np.abs(slow).max())
    np.testing.assert_allclose(told.information, there.information - here.information, rtol=1e-9, atol=1e-9)
    ahead = here.log_likelihood + here.gradient @ step - step @ here.information @ step / 2
    assert told.height == pytest.approx(there.log_likelihood - ahead, rel=1e-7)


@pytest.mark.parametrize("step", [6, 7])
def test_every_sampled_slice_stands_for_the_events_around_it(step: int) -> None:
    d = long_design()
    outcome, sample = Outcome(d), d.every(step)
    weights = stands_for(d, sample, outcome)
    events, place = d.slices.per_slice(outcome.values), np.searchsorted(d.used, sample.used)
    distance = np.abs(np.arange(len(d.used))[:, None] - place)
    nearest = len(place) - 1 - distance[:, ::-1].argmin(axis=1)  # of two as near, the later
    slow = [events[d.used][nearest == k].sum() for k in range(len(place))]
    np.testing.assert_allclose(weights * events[sample.used], slow)


def uneven(factor: np.ndarray, seed: int = 1) -> Design:
    """A history whose slices hold ``factor`` times as many events as another's."""
    history = simulate(
        20,
        len(factor),
        events_per_slice=(800.0, 500.0),
        cooperation={"inertia.coop": 0.2, "reciprocity.coop": 0.1, "shared_threat": 0.1},
        hostility={"inertia.host": 0.2, "reciprocity.host": 0.1},
        half_life="10d",
        tail=0.5,
        seed=5,
    )
    sl, rng = history.slices, np.random.default_rng(seed)
    each = np.repeat(factor, np.diff(sl.indptr))
    coop, host = (rng.poisson(count * each).astype(np.float64) for count in (sl.coop_count, sl.host_count))
    some = coop + host > 0
    indptr = np.concatenate([[0], np.cumsum(some)])[sl.indptr]
    counts = {"coop_count": coop, "coop_weight": coop, "host_count": host, "host_weight": host}
    spec = ModelSpec.of(slice="1d", half_life="10d", effects="inertia,reciprocity,activity,popularity,shared_threat")
    kept = {name: values[some] for name, values in counts.items()}
    return build_design(
        replace(sl, indptr=indptr, dyad=sl.dyad[some], **kept),
        replace(spec.resolve(directed=True), model="rate", legs="sqrt"),
    )


def bursts(rest: float, first: int, last: int, times: float) -> np.ndarray:
    factor = np.full(1_400, rest)
    factor[first:last] = times
    return factor


@pytest.mark.parametrize(
    "factor",
    [bursts(1.0, 0, 0, 0.0), bursts(0.01, 0, 12, 60.0), bursts(0.03, 667, 672, 20.0), bursts(0.3, 1_394, 1_400, 60.0)],
    ids=["even", "first slices", "in the middle", "last slices"],
)
def test_where_a_few_slices_hold_most_events_the_optimum_is_that_of_all(
    monkeypatch: pytest.MonkeyPatch, factor: np.ndarray
) -> None:
    """The sample of slices knows next to nothing of them, or believes to know all."""
    d = uneven(factor)
    monkeypatch.setattr("tertius.model.budget.CACHE_BYTES", 0)
    fast = fit_rate(d, precision="float32")
    with monkeypatch.context() as patch:
        patch.setattr(optimum, "TOLERANCE", {"float64": optimum.TOLERANCE["float32"]})
        rough = fit_rate(d, precision="float64")  # as fast, without its rounding
    monkeypatch.setattr(optimum, "SAMPLE_SLICES", 10_000)  # no sample
    slow = fit_rate(d, precision="float64")
    apart = [f.beta - slow.beta for f in (fast, rough)]
    missed = [float(np.sqrt(of @ np.linalg.solve(slow.cov.model, of))) for of in apart]
    tolerance = optimum.TOLERANCE["float32"]
    assert missed[0] < 2 * tolerance
    assert missed[1] < tolerance
    for fit in (fast, rough):
        assert fit.log_likelihood == pytest.approx(slow.log_likelihood, rel=1e-6)
        for kind in ("model", "dyad_clustered", "dyadic", "jackknife"):
            V, W = (np.diag(getattr(f.cov, kind)) for f in (fit, slow))
            np.testing.assert_allclose(V, W, rtol=0.01, atol=1e-3 * np.diag(slow.cov.model).min())

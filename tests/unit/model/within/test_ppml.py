"""The within-pair engine against slow, obvious twins: explicit dummies, dense Newton, linear programmes."""

from __future__ import annotations

import doctest
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from tertius.errors import BadValue, EmptyData, NotEnoughData
from tertius.model.robust import covariances, standard_errors
from tertius.model.within import one_step, ppml, split_panel
from tertius.model.within.ppml import WithinFit, estimate_ppml, fit_ppml
from tertius.model.within.split_panel import split_panel_jackknife

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


def mirrored(tensor: NDArray[np.generic]) -> NDArray[np.generic]:
    upper = np.triu(tensor, 1)
    return upper + np.swapaxes(upper, -1, -2)


def world(
    seed: int, *, T: int, N: int, level: float, directed: bool = True, p: int = 2, beta: tuple[float, ...] = (0.5, -0.3)
) -> tuple[Floats, Floats]:
    """Counts Y (T, N, N) and terms X (p, T, N, N) with unequal actors."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(p, T, N, N))
    if not directed:
        X = mirrored(X)
    a = rng.normal(size=N)
    mu = np.exp(level + a[:, None] + a + np.tensordot(beta[:p], X, 1))
    Y = rng.poisson(mu).astype(float)
    return (Y if directed else mirrored(Y)), X


class Dense(NamedTuple):
    beta: Floats
    mu: Floats
    clustered: Floats
    model: Floats
    cells: int
    A: Floats
    y: Floats


def dummies(Y: Floats, X: Floats, kept: Booleans, directed: bool) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """One row a kept cell: the dummies A, the terms x, y, and the unordered dyad, written out cell by cell."""
    T, N, _ = Y.shape
    rows, xs, ys, dyad = [], [], [], []
    for t in range(T):
        for i in range(N):
            for j in range(N):
                if not kept[t, i, j] or (not directed and i > j):
                    continue
                row = np.zeros(N * N + 2 * N * T)
                row[i * N + j] = 1
                row[N * N + i * T + t] += 1
                row[N * N + (N * T if directed else 0) + j * T + t] += 1
                rows.append(row)
                xs.append(X[:, t, i, j])
                ys.append(Y[t, i, j])
                dyad.append(min(i, j) * N + max(i, j))
    A = np.array(rows)
    return A[:, A.any(0)], np.array(xs), np.array(ys), np.array(dyad)


def twin(Y: Floats, X: Floats, kept: Booleans, directed: bool, exposure: Floats | None = None) -> Dense:
    """Poisson regression on explicit dummies by iteratively reweighted least squares; ``exposure`` (T,) enters as the
    offset log(exposure)."""
    offset = np.zeros(1)
    if exposure is not None:
        by_cell = np.broadcast_to(np.log(exposure)[:, None, None], Y.shape)
        offset = dummies(by_cell, X, kept, directed)[2]
    A, x, y, dyad = dummies(Y, X, kept, directed)
    design = np.hstack([x, A])
    eta = np.log(y + 0.5)
    for _ in range(60):
        mu = np.exp(eta)
        root = np.sqrt(mu)
        theta = np.linalg.lstsq(design * root[:, None], (eta - offset + (y - mu) / mu) * root, rcond=1e-13)[0]
        change = np.abs(design @ theta + offset - eta).max()
        eta = design @ theta + offset
        if change < 1e-12:
            break
    mu = np.exp(eta)
    root = np.sqrt(mu)[:, None]
    demeaned = x - A @ np.linalg.lstsq(A * root, x * root, rcond=1e-13)[0]
    bread = np.linalg.inv((demeaned * mu[:, None]).T @ demeaned)
    scores = np.array([(demeaned * (y - mu)[:, None])[dyad == d].sum(0) for d in np.unique(dyad)])
    p = x.shape[1]
    return Dense(theta[:p], mu, bread @ scores.T @ scores @ bread, bread, len(y), A, y)


def drop_zero_groups(Y: Floats, kept: Booleans, directed: bool) -> Booleans:
    """All-zero dyads and actor-periods, one after the other in plain loops, until nothing changes."""
    kept = kept.copy()
    T, N, _ = Y.shape
    while True:
        before = kept.sum()
        for i in range(N):
            kept[:, i, i] = False
            for j in range(N):
                if not (Y[:, i, j] * kept[:, i, j]).any():
                    kept[:, i, j] = False
            for t in range(T):
                if not (Y[t, i] * kept[t, i]).any():
                    kept[t, i] = False
                    if not directed:
                        kept[t, :, i] = False
                if not (Y[t, :, i] * kept[t, :, i]).any():
                    kept[t, :, i] = False
                    if not directed:
                        kept[t, i] = False
        if kept.sum() == before:
            return kept


def fit_of(Y: Floats, X: Floats, directed: bool, **options: object) -> WithinFit:
    return fit_ppml(Y, X, directed=directed, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize(("T", "N", "level"), [(7, 10, 1.0), (9, 11, -0.7), (12, 12, -1.2)])
def test_equals_dummies(T: int, N: int, level: float, directed: bool) -> None:
    Y, X = world(T * N, T=T, N=N, level=level, directed=directed)
    fit = fit_of(Y, X, directed)
    kept = drop_zero_groups(Y, np.ones(Y.shape, dtype=bool), directed)
    assert fit.dropped.combinations == 0
    np.testing.assert_array_equal(fit.kept, kept)
    dense = twin(Y, X, kept, directed)
    np.testing.assert_allclose(fit.beta, dense.beta, rtol=0, atol=1e-10)
    cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N)
    np.testing.assert_allclose(standard_errors(cov.dyad_clustered), np.sqrt(np.diag(dense.clustered)), rtol=1e-9)
    np.testing.assert_allclose(cov.model, dense.model, rtol=1e-9, atol=1e-14)
    fitted = fit.mu[fit.kept if directed else np.triu(fit.kept)]
    np.testing.assert_allclose(fitted, dense.mu, rtol=1e-8)
    y = dense.y
    deviance = 2 * sum((v * np.log(v / m) if v else 0) - v + m for v, m in zip(y, dense.mu, strict=True))
    assert fit.deviance == pytest.approx(deviance, rel=1e-9)
    free = dense.cells - np.linalg.matrix_rank(dense.A) - 2
    assert fit.phi == pytest.approx(((y - dense.mu) ** 2 / dense.mu).sum() / free, rel=1e-8)


@pytest.mark.parametrize("directed", [True, False])
def test_effects_of_actor_and_period_take_up_how_many_days_were_observed(directed: bool) -> None:
    Y, X = world(3, T=6, N=9, level=1.2, directed=directed)
    days = np.array([31.0, 17.0, 30.0, 22.0, 28.0, 16.0])
    fit = fit_ppml(Y, X, directed=directed)
    with_offset = twin(Y, X, fit.kept, directed, exposure=days)
    np.testing.assert_allclose(fit.beta, with_offset.beta, rtol=1e-7)
    np.testing.assert_allclose(np.sort(with_offset.mu), np.sort(twin(Y, X, fit.kept, directed).mu), rtol=1e-7)


def test_undirected_is_the_mirrored_tensor_with_scores_and_information_halved() -> None:
    Y, X = world(3, T=8, N=9, level=0.0, directed=False)
    once, twice = fit_of(Y, X, False), fit_of(Y, X, True)
    np.testing.assert_allclose(once.beta, twice.beta, atol=1e-11)
    np.testing.assert_allclose(once.U_d, twice.U_d / 2, atol=1e-7)
    np.testing.assert_allclose(once.H_d, twice.H_d / 2, atol=1e-7)
    np.testing.assert_array_equal(once.kept, twice.kept)


def test_terms_move_with_their_units_and_not_with_added_effects() -> None:
    Y, X = world(4, T=9, N=10, level=0.5)
    rng = np.random.default_rng(0)
    unit = np.array([1e4, 1e-3])
    moved = X + 50 * rng.normal(size=(9, 10, 1)) + rng.normal(size=(9, 1, 10)) + rng.normal(size=(10, 10))
    plain, shifted = fit_of(Y, X, True), fit_of(Y, moved * unit[:, None, None, None], True)
    np.testing.assert_allclose(shifted.beta * unit, plain.beta, rtol=1e-9)
    np.testing.assert_allclose(shifted.within_sd / unit, plain.within_sd, rtol=1e-9)


def test_scores_sum_to_zero_and_margins_are_met() -> None:
    Y, X = world(5, T=10, N=12, level=-1.0)
    fit = fit_of(Y, X, True)
    np.testing.assert_allclose(fit.U_d.sum(0), 0, atol=1e-7)
    seen = np.where(fit.kept, Y, 0.0)
    for axis in (0, 1, 2):
        np.testing.assert_allclose(fit.mu.sum(axis), seen.sum(axis), rtol=1e-8, atol=1e-12)


def test_weights_scale_phi_and_leave_beta() -> None:
    Y, X = world(6, T=8, N=9, level=0.5)
    counts, weights = fit_of(Y, X, True), fit_of(Y * 0.37, X, True)
    np.testing.assert_allclose(weights.beta, counts.beta, atol=1e-10)
    assert weights.phi == pytest.approx(0.37 * counts.phi)
    assert weights.log_likelihood is None
    assert counts.log_likelihood is not None
    se = [
        standard_errors(covariances(f.U_d, f.H_d, f.i, f.j, f.N, phi=f.phi).model) for f in (counts, weights)
    ]  # in units that do not matter
    np.testing.assert_allclose(se[0], se[1], rtol=1e-9)


def test_missing_periods_are_left_out() -> None:
    Y, X = world(7, T=9, N=8, level=0.5)
    seen = np.ones(9, dtype=bool)
    seen[[2, 5]] = False
    broken = Y.copy()
    broken[~seen] = np.nan
    fit = fit_of(broken, np.where(seen[:, None, None], X, np.nan), True, mask=seen)
    np.testing.assert_allclose(fit.beta, fit_of(Y[seen], X[:, seen], True).beta, atol=1e-12)
    assert not fit.kept[2].any()
    assert fit.dropped.missing == 2 * 8 * 7


@pytest.mark.parametrize("directed", [True, False])
def test_missing_cells_are_left_out(directed: bool) -> None:
    Y, X = world(8, T=9, N=11, level=0.5, directed=directed)
    mask = np.random.default_rng(1).random(Y.shape) < 0.85
    if not directed:
        mask = mirrored(mask.astype(int)) > 0
    fit = fit_of(np.where(mask, Y, -1.0), X, directed, mask=mask)
    kept = drop_zero_groups(Y * mask, mask, directed)
    np.testing.assert_array_equal(fit.kept, kept)
    np.testing.assert_allclose(fit.beta, twin(Y, X, kept, directed).beta, atol=1e-10)


def test_absorbed_and_collinear_terms_are_named_and_left_out() -> None:
    Y, X = world(9, T=8, N=9, level=0.5)
    rng = np.random.default_rng(2)
    absorbed = rng.normal(size=(8, 9, 1)) + rng.normal(size=(8, 1, 9)) + rng.normal(size=(9, 9))
    constant = np.ones_like(Y)
    mixture = 2 * X[0] - X[1] + absorbed
    single = (rng.normal(size=(8, 9, 1)) + rng.normal(size=(8, 1, 9))).astype(np.float32).astype(float)
    names = ["inertia", "activity", "one", "foe", "mixture", "noise32"]
    fit = fit_of(Y, np.stack([X[0], absorbed, constant, X[1], mixture, single]), True, names=names)
    assert fit.names == ("inertia", "foe")
    np.testing.assert_allclose(fit.beta, fit_of(Y, X, True).beta, atol=1e-10)
    said = {a.term: a for a in fit.absorbed}
    assert set(said) == {"activity", "one", "mixture", "noise32"}
    assert said["mixture"].collinear_with == ("inertia", "foe")
    assert all(a.ratio < (1e-8 if a.collinear_with else 1e-11) for a in fit.absorbed)
    assert "combination of inertia, foe" in str(said["mixture"])
    assert "absorbed by the fixed effects" in str(said["activity"])
    assert all(str(a) in fit.warnings for a in fit.absorbed)


def test_a_term_that_is_nearly_absorbed_is_still_estimated() -> None:
    Y, X = world(10, T=8, N=9, level=1.0)
    rng = np.random.default_rng(3)
    nearly = 1e-3 * X[0] + rng.normal(size=(8, 9, 1)) + rng.normal(size=(9, 9))
    np.testing.assert_allclose(
        fit_of(Y, np.stack([nearly, X[1]]), True).beta * [1e-3, 1], fit_of(Y, X, True).beta, rtol=1e-8
    )


def test_without_terms_there_are_effects_alone() -> None:
    Y, X = world(11, T=8, N=10, level=0.5)
    fit = fit_of(Y, X[:0], True)
    assert fit.beta.shape == (0,)
    assert fit.H_d.shape[1:] == (0, 0)
    np.testing.assert_allclose(fit.mu.sum(0), np.where(fit.kept, Y, 0).sum(0), rtol=1e-9)


def separated_cells(Y: Floats, X: Floats, kept: Booleans, directed: bool) -> Booleans:
    """All cells with z > 0 for some predictor z = 0 where y > 0 and z >= 0 where y = 0, by linear programme."""
    A, x, y, _ = dummies(Y, X, kept, directed)
    design = np.hstack([A, x])
    zero = np.flatnonzero(y == 0)
    k, m = design.shape[1], len(zero)
    # s <= z on zero cells, 0 <= s <= 1; maximise the sum of s
    found = linprog(
        np.r_[np.zeros(k), -np.ones(m)],
        A_ub=np.hstack([-design[zero], np.eye(m)]),
        b_ub=np.zeros(m),
        A_eq=np.hstack([design[y > 0], np.zeros((int((y > 0).sum()), m))]),
        b_eq=np.zeros(int((y > 0).sum())),
        bounds=[(None, None)] * k + [(0, 1)] * m,
    )
    at = np.argwhere(kept if directed else np.triu(kept))[zero[found.x[k:] > 0.5]]
    out = np.zeros_like(kept)
    out[tuple(at.T)] = True
    return out if directed else out | out.transpose(0, 2, 1)


@pytest.mark.parametrize(("seed", "directed"), [(1, True), (7, True), (7, False), (9, False)])
def test_cells_separated_by_combinations_are_those_of_the_linear_programme(seed: int, directed: bool) -> None:
    T, N = (12, 14) if directed else (14, 16)
    Y, X = world(seed, T=T, N=N, level=-2.2 if directed else -2.6, directed=directed)
    kept = drop_zero_groups(Y, np.ones(Y.shape, dtype=bool), directed)
    separated = separated_cells(Y, X, kept, directed)
    assert separated.any()
    fit = fit_of(Y, X, directed)
    np.testing.assert_array_equal(fit.kept, kept & ~separated)
    assert fit.dropped.combinations == separated.sum() // (1 if directed else 2)
    dense = twin(Y, X, fit.kept, directed)
    np.testing.assert_allclose(fit.beta, dense.beta, atol=1e-9)


def test_a_term_that_separates_takes_its_cells_along_and_is_left_out() -> None:
    Y, X = world(12, T=8, N=9, level=0.5)
    only = np.zeros_like(Y)
    only[[1, 3, 6], [0, 2, 5], [4, 7, 1]] = 1  # three cells, all of them zero
    Y[only > 0] = 0
    fit = fit_of(Y, np.stack([X[0], only, X[1]]), True, names=["inertia", "embargo", "foe"])
    assert fit.names == ("inertia", "foe")
    assert fit.dropped.combinations == 3
    assert fit.absorbed[0].term == "embargo"
    dense = twin(Y, X, fit.kept, True)
    np.testing.assert_allclose(fit.beta, dense.beta, atol=1e-10)


def test_separation_is_found_beside_outcomes_so_large_that_it_hardly_shows() -> None:
    """One sender with outcomes of 10^6: sums agree to 1e-9 long before its separated cells have run to zero."""
    Y, X = world(1, T=12, N=14, level=-2.2)
    kept = drop_zero_groups(Y, np.ones(Y.shape, dtype=bool), True)
    separated = separated_cells(Y, X, kept, True)
    _, i, _ = np.argwhere(separated)[0]
    Y[:, i] *= 1e6
    fit = fit_of(Y, X, True)
    np.testing.assert_array_equal(fit.kept, kept & ~separated)
    assert not any("seem to run" in s for s in fit.warnings)


def test_two_cells_an_effect_are_refused_below_and_said_above() -> None:
    rng = np.random.default_rng(3)
    Y, X = world(14, T=20, N=24, level=0.0)
    with pytest.raises(NotEnoughData, match="refuses below 2"):
        fit_of(Y, X, True, mask=rng.random(Y.shape) < 0.1)
    thin = fit_of(Y, X, True, mask=rng.random(Y.shape) < 0.32)
    assert 2 < thin.cells / thin.effects < 3
    assert any("fixed effects" in s for s in thin.warnings)
    enough = fit_of(Y, X, True, mask=rng.random(Y.shape) < 0.6)
    assert enough.cells / enough.effects > 3
    assert not any("fixed effects" in s for s in enough.warnings)


@pytest.mark.parametrize(("value", "says"), [(np.nan, "is nan"), (-1.0, "is -1.0"), (np.inf, "is inf")])
def test_outcomes_that_cannot_be(value: float, says: str) -> None:
    Y, X = world(15, T=4, N=5, level=1.0)
    Y[2, 1, 3] = value
    with pytest.raises(BadValue, match=says) as error:
        fit_of(Y, X, True)
    assert "actors 1 and 3 in period 2" in error.value.message
    assert error.value.hint


def test_a_term_without_a_value_is_named() -> None:
    Y, X = world(16, T=6, N=6, level=1.0)
    X[1, 3, 0, 2] = np.nan
    with pytest.raises(BadValue, match="trade of actors 0 and 2 in period 3"):
        fit_of(Y, X, True, names=["inertia", "trade"])


def test_tensors_that_are_not_symmetric_are_refused_as_undirected() -> None:
    Y, X = world(17, T=6, N=6, level=1.0)
    with pytest.raises(BadValue, match="Y is not symmetric"):
        fit_of(Y, mirrored(X), False)
    with pytest.raises(BadValue, match="x1 is not symmetric"):
        fit_of(mirrored(Y), X, False)


def test_too_few_periods_actors_and_events() -> None:
    Y, X = world(18, T=6, N=6, level=1.0)
    with pytest.raises(NotEnoughData, match="2 periods, and 1 is"):
        fit_of(Y, X, True, mask=np.arange(6) == 2)
    with pytest.raises(NotEnoughData, match="3 actors"):
        fit_of(Y[:, :2, :2], X[:, :, :2, :2], True)
    with pytest.raises(EmptyData, match="no positive outcome"):
        fit_of(np.zeros_like(Y), X, True)
    with pytest.raises(ValueError, match="shapes"):
        fit_of(Y, X[:, :3], True)


def test_split_panel_jackknife_by_hand_even_and_odd() -> None:
    Y, X = world(19, T=9, N=13, level=1.0)

    def fit(kept: Booleans) -> WithinFit:
        return fit_of(Y, X, True, mask=kept)

    def between(a: int, b: int) -> Floats:
        return fit((np.arange(9) >= a) & (np.arange(9) < b)).beta

    even = split_panel_jackknife(fit, np.arange(9) < 8)
    np.testing.assert_allclose(even.corrected, 2 * between(0, 8) - (between(0, 4) + between(4, 8)) / 2)
    odd = split_panel_jackknife(fit, 9)
    halves = (between(0, 4) + between(0, 5)) / 2, (between(4, 9) + between(5, 9)) / 2
    np.testing.assert_allclose(odd.first, halves[0])
    np.testing.assert_allclose(odd.corrected, 2 * odd.full - sum(halves) / 2)
    with pytest.raises(NotEnoughData, match="4 periods"):
        split_panel_jackknife(fit, 3)


def test_split_panel_jackknife_says_nan_for_a_term_that_a_half_absorbs() -> None:
    Y, X = world(20, T=8, N=13, level=1.0)
    X[1, :4] = 1.0
    halves = split_panel_jackknife(lambda kept: fit_of(Y, X, True, mask=kept), 8)
    assert np.isnan(halves.corrected).tolist() == [False, True]


@pytest.mark.parametrize("module", [ppml, one_step, split_panel])
def test_examples_in_docstrings(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_left_out_scores_are_nearer_to_refits_without_each_actor() -> None:
    """The jackknife's step for an actor, against the model fitted anew without that actor."""
    rng = np.random.default_rng(0)
    N, T = 14, 12
    size = 0.5 * rng.normal(size=N)
    x = rng.normal(size=(1, T, N, N)) + 0.5 * rng.normal(size=(1, T, N, 1))
    mean = np.exp(1.0 + size[:, None] + size + 0.3 * x[0] + 0.3 * rng.normal(size=(T, N, 1)))
    y = rng.poisson(mean * rng.gamma(1.0, 1.0, size=mean.shape)).astype(float)
    fit = fit_ppml(y, x, directed=True)
    H = fit.H_d.sum(0)
    exact, stepped, plain = [], [], []
    for a in range(N):
        rest = [k for k in range(N) if k != a]
        without = fit_ppml(y[:, rest][:, :, rest], x[:, :, rest][:, :, :, rest], directed=True)
        exact.append(fit.beta[0] - without.beta[0])
        i, j = fit.i == a, fit.j == a
        U = fit.left_out.U_first[i].sum(0) + fit.left_out.U_second[j].sum(0)
        H_a = fit.left_out.H_first[i].sum(0) + fit.left_out.H_second[j].sum(0)
        stepped.append(np.linalg.solve(H - H_a, U)[0])
        own = i | j
        plain.append(np.linalg.solve(H - fit.H_d[own].sum(0), fit.U_d[own].sum(0))[0])
    error, error_plain = (float(np.sqrt(np.mean(np.subtract(exact, guess) ** 2))) for guess in (stepped, plain))
    assert error < 0.6 * error_plain
    assert np.sum(np.square(stepped)) == pytest.approx(np.sum(np.square(exact)), rel=0.1)
    assert np.sum(np.square(plain)) < 0.85 * np.sum(np.square(exact))  # the scores at the estimate are too short


@pytest.mark.parametrize("directed", [True, False])
def test_coefficients_alone_are_those_of_the_fit(directed: bool) -> None:
    Y, X = world(4, T=8, N=10, level=0.2, directed=directed)
    mask = np.ones(Y.shape, dtype=bool)
    mask[3] = False
    fit = fit_ppml(Y, X, directed=directed, mask=mask, names=("a", "b"))
    alone = estimate_ppml(Y, X, directed=directed, mask=mask, names=("a", "b"))
    assert alone.names == fit.names
    np.testing.assert_array_equal(alone.beta, fit.beta)


@pytest.mark.parametrize("directed", [True, False])
def test_a_fit_that_begins_like_another_is_the_same_to_the_bit(directed: bool) -> None:
    Y, X = world(5, T=8, N=10, level=0.2, directed=directed)
    first = fit_ppml(Y, X, directed=directed)
    for terms in (X[:1], 2 * X + 1):
        alone, like = fit_ppml(Y, terms, directed=directed), fit_ppml(Y, terms, directed=directed, like=first)
        np.testing.assert_array_equal(like.beta, alone.beta)
        np.testing.assert_array_equal(like.H_d, alone.H_d)
        assert like.iterations == alone.iterations

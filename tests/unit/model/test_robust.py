"""Variances against twins that are slow on purpose: plain loops that literally leave actors and dyads out."""

from __future__ import annotations

import doctest
import itertools
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from tertius.model import robust
from tertius.model.robust import (
    Covariances,
    LeftOut,
    contrast_variance,
    covariances,
    negative_variances,
    remarks,
    standard_errors,
)

Floats = NDArray[np.float64]


class Pieces(NamedTuple):
    U: Floats
    H: Floats
    i: NDArray[np.int64]
    j: NDArray[np.int64]
    N: int


def random_pieces(N: int, p: int, seed: int, *, keep: float = 1.0, actor_shocks: float = 1.0) -> Pieces:
    """Scores and information of a made-up model; scores sum to zero, as they do at an optimum."""
    rng = np.random.default_rng(seed)
    ends = [pair for pair in itertools.combinations(range(N), 2) if rng.random() < keep]
    i, j = np.array(ends).T
    shock = rng.normal(size=(N, p)) * actor_shocks
    U = shock[i] + shock[j] + rng.normal(size=(len(i), p))
    U -= U.mean(0)
    A = rng.normal(size=(len(i), p, 2)) * rng.gamma(0.5, size=(len(i), 1, 1)) * np.geomspace(1, 1e3, p)[:, None]
    swap = rng.random(len(i)) < 0.5
    return Pieces(U * np.geomspace(1, 1e3, p), A @ A.transpose(0, 2, 1), np.where(swap, j, i), np.where(swap, i, j), N)


def twin_dyadic(x: Pieces) -> Floats:
    """The double sum over pairs of dyads that have an actor in common, itself included, as the paper writes it."""
    p = x.U.shape[1]
    meat = np.zeros((p, p))
    for d, e in itertools.product(range(len(x.U)), repeat=2):
        if {int(x.i[d]), int(x.j[d])} & {int(x.i[e]), int(x.j[e])}:
            meat += np.outer(x.U[d], x.U[e])
    bread = np.linalg.inv(x.H.sum(0))
    return bread @ meat @ bread


def twin_clustered(x: Pieces) -> Floats:
    bread = np.linalg.inv(x.H.sum(0))
    return bread @ sum(np.outer(u, u) for u in x.U) @ bread


def twin_jackknife(x: Pieces) -> Floats:
    """Sum up what is left after leaving each actor, then each dyad, out, and solve."""
    p = x.U.shape[1]
    V = np.zeros((p, p))
    dyads = range(len(x.U))
    for actor in range(x.N):
        kept = [d for d in dyads if actor not in (x.i[d], x.j[d])]
        left_out = sum((x.U[d] for d in dyads if d not in kept), np.zeros(p))
        delta = np.linalg.solve(sum(x.H[d] for d in kept), left_out)
        V += np.outer(delta, delta)
    for dyad in dyads:
        delta = np.linalg.solve(sum(x.H[d] for d in dyads if d != dyad), x.U[dyad])
        V -= np.outer(delta, delta)
    return V


def assert_same(V: Floats, twin: Floats) -> None:
    """Equal to 1e-10 in units of the standard errors."""
    scale = np.sqrt(np.abs(np.diag(twin)))
    np.testing.assert_allclose(V / np.outer(scale, scale), twin / np.outer(scale, scale), rtol=0, atol=1e-10)


@pytest.mark.parametrize(("N", "p", "keep"), [(7, 1, 1.0), (9, 3, 1.0), (12, 5, 0.6)])
def test_fast_path_equals_plain_loops(N: int, p: int, keep: float) -> None:
    x = random_pieces(N, p, seed=N, keep=keep)
    cov = covariances(*x)
    assert_same(cov.model, np.linalg.inv(x.H.sum(0)))
    assert_same(cov.dyad_clustered, twin_clustered(x))
    assert_same(cov.dyadic, twin_dyadic(x))
    assert_same(cov.jackknife, twin_jackknife(x))
    assert cov.sole_carriers == ()
    assert cov.collinear == ()


def test_blocks_of_dyads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x = random_pieces(11, 3, seed=5)
    whole = covariances(*x)
    monkeypatch.setattr(robust, "_BLOCK", 7)
    np.testing.assert_allclose(covariances(*x).jackknife, whole.jackknife, rtol=1e-12)


def test_an_actor_with_much_leverage_still_equals_the_plain_loop() -> None:
    x = random_pieces(9, 3, seed=2)
    heavy = (x.i == 4) | (x.j == 4)
    x.H[heavy] *= 1e4
    assert_same(covariances(*x).jackknife, twin_jackknife(x))


def test_one_actor_with_all_information_on_a_term_gives_nan_there_and_the_rest_unharmed() -> None:
    x = random_pieces(8, 3, seed=3)
    without = (x.i != 5) & (x.j != 5)
    x.H[without, 1, :] = 0
    x.H[without, :, 1] = 0
    x.U[without, 1] = 0
    x.U[~without, 1] -= x.U[~without, 1].mean()
    cov = covariances(*x)
    assert cov.sole_carriers == ((1, 5),)
    assert np.isnan(standard_errors(cov.jackknife)).tolist() == [False, True, False]
    assert np.isfinite(cov.dyadic).all()
    assert np.isfinite(cov.dyad_clustered).all()
    # the other terms: the same as the loop with a least-norm solution for the one actor
    V = np.zeros((3, 3))
    for actor in range(8):
        inside = (x.i == actor) | (x.j == actor)
        delta = np.linalg.lstsq(x.H[~inside].sum(0), x.U[inside].sum(0), rcond=1e-12)[0]
        V += np.outer(delta, delta)
    for d in range(len(x.U)):
        delta = np.linalg.lstsq(x.H.sum(0) - x.H[d], x.U[d], rcond=1e-12)[0]
        V -= np.outer(delta, delta)
    np.testing.assert_allclose(cov.jackknife[np.ix_([0, 2], [0, 2])], V[np.ix_([0, 2], [0, 2])], rtol=1e-8)
    (sentence,) = [s for s in remarks(cov, ["inertia", "alliance", "foe"], list("ABCDEFGH")) if "carries" in s]
    assert "alliance" in sentence
    assert "F carries" in sentence
    assert "inertia" not in sentence


def test_one_dyad_with_all_information_is_found_through_its_actors() -> None:
    x = random_pieces(6, 2, seed=4)
    x.H[1:, 1, :] = 0
    x.H[1:, :, 1] = 0
    x.H[0] = np.diag([1.0, 2.0])
    x.U[:, 1] = 0
    cov = covariances(*x)
    assert {actor for _, actor in cov.sole_carriers} == {int(x.i[0]), int(x.j[0])}
    assert np.isnan(cov.jackknife[1, 1])
    assert np.isfinite(cov.jackknife[0, 0])


def test_a_singular_total_is_named_and_no_exception() -> None:
    x = random_pieces(7, 3, seed=6)
    x.H[:, 2, :] = x.H[:, 1, :]
    x.H[:, :, 2] = x.H[:, :, 1]
    x.U[:, 2] = x.U[:, 1]
    cov = covariances(*x)
    assert cov.collinear == (1, 2)
    assert np.isfinite(cov.model[0, 0])
    assert np.isnan(np.diag(cov.model)[1:]).all()
    assert "b, c" in remarks(cov, ["a", "b", "c"])[0]


def test_negative_variance_stays_negative_and_is_said() -> None:
    """Dyads of an actor that pull against each other: the actor sums vanish, the dyad sums do not."""
    U = np.array([[1.0], [-1.0], [-1.0], [1.0]])  # a ring 0-1-2-3: every actor's scores sum to zero
    cov = covariances(U, np.full((4, 1, 1), 2.0), np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3]), 4)
    assert cov.dyadic[0, 0] == pytest.approx((0 + 0 + 4 + 4 - 4) / 64)
    U = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    cov = covariances(U, np.full((4, 1, 1), 2.0), np.array([0, 1, 2, 0]), np.array([1, 2, 3, 3]), 4)
    assert cov.dyadic[0, 0] == pytest.approx(-4 / 64)
    assert negative_variances(cov.dyadic) == (0,)
    assert np.isnan(standard_errors(cov.dyadic)[0])
    said = remarks(cov, ["shared_threat"])
    assert len(said) == 2
    assert all("shared_threat is negative" in s for s in said)


def test_no_remarks_where_there_is_nothing_to_say() -> None:
    assert remarks(covariances(*random_pieces(20, 2, seed=1, actor_shocks=3)), ["a", "b"]) == ()


def test_phi_scales_the_model_variance_alone() -> None:
    x = random_pieces(8, 2, seed=8)
    plain, scaled = covariances(*x), covariances(*x, phi=7.0)
    np.testing.assert_allclose(scaled.model, 7 * plain.model)
    np.testing.assert_array_equal(scaled.jackknife, plain.jackknife)
    np.testing.assert_array_equal(scaled.dyadic, plain.dyadic)


def test_variances_follow_the_units_of_the_terms() -> None:
    x = random_pieces(8, 3, seed=9)
    unit = np.array([1e-6, 1.0, 1e5])
    rescaled = covariances(x.U * unit, x.H * unit[:, None] * unit, x.i, x.j, x.N)
    plain = covariances(*x)
    for a, b in ((plain.jackknife, rescaled.jackknife), (plain.dyadic, rescaled.dyadic), (plain.model, rescaled.model)):
        np.testing.assert_allclose(np.diag(a), np.diag(b) * unit**2, rtol=1e-9)


def test_contrast_takes_the_larger_variance_and_passes_nan_on() -> None:
    jackknife = np.array([[1.0, 0.5, np.nan], [0.5, 4.0, np.nan], [np.nan] * 3])
    clustered = np.diag([2.0, 1.0, 1.0])
    cov = Covariances(clustered, clustered, clustered, jackknife)
    np.testing.assert_allclose(contrast_variance(cov, [[1, 0, 0], [0, 1, 0], [1, -1, 0]]), [2.0, 4.0, 4.0])
    assert np.isnan(contrast_variance(cov, [1, 0, -1]))
    negative = Covariances(clustered, -clustered, clustered, -2 * clustered)
    assert float(contrast_variance(negative, [1, 0, 0])) == -2.0


@pytest.mark.parametrize(
    ("i", "j", "says"),
    [
        ([0, 1], [1, 0], "occurs twice"),
        ([0, 1], [1, 1], "two different actors"),
        ([0, 1], [1, 9], "two different actors"),
    ],
)
def test_dyads_that_cannot_be_are_refused(i: list[int], j: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        covariances(np.zeros((2, 1)), np.ones((2, 1, 1)), np.array(i), np.array(j), 3)


def test_shapes_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        covariances(np.zeros((2, 1)), np.ones((2, 2, 2)), np.array([0, 1]), np.array([1, 2]), 3)


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(robust).failed == 0


def test_jackknife_with_left_out_scores_equals_plain_loops() -> None:
    """The within-pair default: each end of a dyad counts anew; of a dyad's two steps the mean is taken back."""
    rng = np.random.default_rng(8)
    N, p = 9, 2
    i, j = np.triu_indices(N, 1)
    D = len(i)

    def information(scale: float) -> np.ndarray:
        z = rng.normal(size=(D, 4, p))
        return scale * np.einsum("dka,dkb->dab", z, z)

    U, H = rng.normal(size=(D, p)), information(1.0)
    left = LeftOut(1.1 * U, 1.05 * H, U + 0.1 * rng.normal(size=(D, p)), 1.1 * H)
    total = H.sum(axis=0)
    slow = np.zeros((p, p))
    for a in range(N):
        score, own = np.zeros(p), np.zeros((p, p))
        for d in range(D):
            if i[d] == a:
                score, own = score + left.U_first[d], own + left.H_first[d]
            if j[d] == a:
                score, own = score + left.U_second[d], own + left.H_second[d]
        step = np.linalg.solve(total - own, score)
        slow += np.outer(step, step)
    for d in range(D):
        for score, own in ((left.U_first[d], left.H_first[d]), (left.U_second[d], left.H_second[d])):
            step = np.linalg.solve(total - own, score)
            slow -= np.outer(step, step) / 2
    fast = covariances(U, H, i, j, N, left_out=left)
    np.testing.assert_allclose(fast.jackknife, slow, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(fast.dyadic, covariances(U, H, i, j, N).dyadic, rtol=1e-12)


def test_left_out_information_that_exceeds_what_there_is_gives_way_to_the_actors_own() -> None:
    rng = np.random.default_rng(3)
    N = 6
    i, j = np.triu_indices(N, 1)
    U, H = rng.normal(size=(len(i), 1)), np.ones((len(i), 1, 1))
    fast = covariances(U, H, i, j, N, left_out=LeftOut(U, 4 * H, U, 4 * H))
    assert not fast.sole_carriers
    slow = 0.0
    for a in range(N):  # 5 of 15 dyads with four times their information are more than all there is
        own = (i == a) | (j == a)
        slow += (U[own].sum() / (len(i) - own.sum())) ** 2
    slow -= ((U / (len(i) - 4.0)) ** 2).sum()
    np.testing.assert_allclose(fast.jackknife[0, 0], slow, rtol=1e-10)

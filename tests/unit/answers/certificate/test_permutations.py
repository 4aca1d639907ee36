"""Pictures of chance: what each null keeps, that a step decides as a refit does, and that workers change nothing."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from tertius.answers.certificate import Picture, certify, periods_left
from tertius.answers.certificate.models import LAG, by_period, foe, logs, typical, window_sums
from tertius.answers.certificate.permutations import (
    NULL_NETWORK,
    SHUFFLED,
    permuted,
    rewire,
    shuffle_third_parties,
    statistic,
)
from tertius.events.slices import Floats
from tertius.model.robust import contrast_variance, covariances
from tertius.model.within.one_step import OneStep
from tertius.model.within.ppml import fit_ppml
from tertius.worlds import world

RNG = np.random.default_rng


def test_shuffled_third_parties_keep_what_each_state_receives() -> None:
    H = RNG(1).poisson(1.0, size=(4, 9, 9)) * ~np.eye(9, dtype=bool) * 1.0
    shuffled = shuffle_third_parties(H, RNG(2))
    assert not np.array_equal(shuffled, H)
    assert not shuffled[:, np.arange(9), np.arange(9)].any()
    for i in range(9):  # the same series, from others
        before = sorted(map(tuple, np.delete(H[:, :, i], i, axis=1).T))
        assert sorted(map(tuple, np.delete(shuffled[:, :, i], i, axis=1).T)) == before


@pytest.mark.parametrize("directed", [True, False])
def test_rewired_networks_keep_degrees_and_series(directed: bool) -> None:
    H = RNG(1).poisson(0.3, size=(5, 20, 20)) * ~np.eye(20, dtype=bool) * 1.0
    if not directed:
        H = np.triu(H) + np.triu(H).transpose(0, 2, 1)
    moved = rewire(H, RNG(3), directed=directed)
    before, after = H.sum(0) > 0, moved.sum(0) > 0
    assert not np.array_equal(before, after)
    assert np.array_equal(before.sum(0), after.sum(0))
    assert np.array_equal(before.sum(1), after.sum(1))
    assert not moved[:, np.arange(20), np.arange(20)].any()
    assert sorted(map(tuple, moved[:, after].T)) == sorted(map(tuple, H[:, before].T))
    if directed:
        assert np.allclose(moved.sum(2), H.sum(2))  # what each actor sends, period by period
    else:
        assert np.array_equal(moved, moved.transpose(0, 2, 1))


def test_exchanges_reach_every_network_of_the_same_degrees() -> None:
    """One target each for four senders, and one sender each: the nine derangements."""
    H = np.zeros((1, 4, 4))
    H[0, np.arange(4), [1, 2, 3, 0]] = 1.0
    found = {tuple(rewire(H, RNG(s), directed=True)[0].argmax(1).tolist()) for s in range(400)}
    assert found == {p for p in permutations(range(4)) if all(p[k] != k for k in range(4))}


def arrays(seed: int = 3) -> tuple[Floats, Floats, Floats, Floats]:
    w = world("planted", effect=0.6, n_actors=24, n_periods=40, seed=seed)
    C, H = by_period(w.slices(), "count")
    kept = periods_left(np.ones(len(C), dtype=bool))
    held = logs(np.cumsum(C, axis=0) - C, 1.0)[None][:, kept]
    return C[kept], window_sums(H, *LAG)[kept], held, H


def test_one_step_decides_as_a_refit_does() -> None:
    Y, hostility, held, H = arrays()
    base = OneStep(Y, held, directed=False)
    unit = typical(H)
    for draw in range(12):
        rng = RNG(draw)
        shuffled = shuffle_third_parties(hostility, rng) if draw % 2 else rewire(hostility, rng, directed=True)
        x = logs(foe(shuffled, "sqrt"), unit)[None]
        fit = fit_ppml(Y, np.concatenate([x, held]), directed=False)
        cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N)
        step = base.step(x)
        assert step.beta[0] == pytest.approx(fit.beta[0], abs=0.1 * fit.within_sd[0] + 0.15 * abs(fit.beta[0]))
        full = fit.beta[0] / float(contrast_variance(cov, [1.0, 0.0])) ** 0.5
        assert (statistic(base, x) > 1.96) == (full > 1.96)


def test_no_term_held_and_a_singular_set_of_terms() -> None:
    Y, hostility, _, H = arrays()
    base = OneStep(Y, np.empty((0, *Y.shape)), directed=False)
    x = logs(foe(hostility, "sqrt"), typical(H))
    assert base.step(x[None]).beta.shape == (1,)
    assert base.step(np.stack([x, x])).beta == pytest.approx(base.step(x[None]).beta[0] / 2, rel=1e-3)


def test_the_same_to_the_bit_for_any_number_of_workers() -> None:
    w = world("planted", effect=0.6, n_actors=20, n_periods=36, seed=5).slices()
    one, three = (certify(w, permutations=8, workers=k, seed=7) for k in (1, 3))
    assert one.to_dict() == three.to_dict()
    assert [p.name for p in one.pictures] == [SHUFFLED, NULL_NETWORK]
    assert certify(w, permutations=8, seed=8).pictures[0].draws != one.pictures[0].draws


def test_a_planted_matchmaker_stands_out() -> None:
    Y, hostility, held, H = arrays()
    base = OneStep(Y, held, directed=False)
    unit = typical(H)
    told: list[str] = []
    pictures = permuted(
        base, hostility, lambda x: logs(foe(x, "sqrt"), unit)[None], directed=True, draws=30, seed=1, step=told.append
    )
    for picture in pictures:
        assert picture.p <= 0.1
        assert picture.to_dict()["draws"] == list(picture.draws)
    assert told[-1] == "pictures of chance: 30 of 30"


def test_what_cannot_be_had_is_said() -> None:
    for picture in (Picture(SHUFFLED, float("nan"), (1.0,) * 9, ""), Picture(SHUFFLED, 1.0, (float("nan"),) * 9, "")):
        assert np.isnan(picture.p)
        assert picture.to_dict()["p"] is None
    assert Picture(SHUFFLED, 2.0, (1.0, 3.0, float("nan")), "").reached == (1, 2)

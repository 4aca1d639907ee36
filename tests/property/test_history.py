"""History: decay composes, checkpoints change nothing, a slice never sees itself."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tertius.effects.two_path import prepared_leg, two_path
from tertius.history import History, _decay
from tertius.simulation import simulate
from tertius.spec import HalfLife

SLICES = simulate(7, 40, events_per_slice=(3.0, 2.0), seed=9).slices


@given(st.floats(0, 500), st.floats(0, 500), st.floats(0.5, 1000))
def test_decay_of_a_sum_is_the_product_of_decays(a: float, b: float, half_life: float) -> None:
    assert _decay(a + b, half_life) == pytest.approx(_decay(a, half_life) * _decay(b, half_life), rel=1e-12, abs=0)


@given(st.integers(0, 39), st.sets(st.integers(0, 39), max_size=5))
@settings(max_examples=30, deadline=None)
def test_checkpoints_do_not_change_the_past(start: int, checkpoints: set[int]) -> None:
    half_life = HalfLife.parse("10d")
    plain = next(iter(History(SLICES, half_life).past(start, start + 1)))
    kept = next(iter(History(SLICES, half_life, checkpoints=tuple(checkpoints)).past(start, start + 1)))
    for name in ("C", "H"):  # one sum over events, or slice by slice: other roundings
        np.testing.assert_allclose(getattr(plain, name), getattr(kept, name), rtol=1e-13)
    for name in ("coop_ever", "host_ever"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(kept, name))


def test_a_slice_does_not_see_its_own_events() -> None:
    """Changing everything from slice 20 on changes no past up to and including slice 20's."""
    later = slice(int(SLICES.indptr[20]), None)
    weight = SLICES.coop_weight.copy()
    weight[later] *= 1000.0
    changed = replace(SLICES, coop_weight=weight)
    half_life = HalfLife.parse("10d")
    for a, b in zip(History(SLICES, half_life).past(0, 21), History(changed, half_life).past(0, 21), strict=True):
        np.testing.assert_array_equal(a.C, b.C)


def test_no_half_life_never_forgets() -> None:
    before = slice(0, int(SLICES.indptr[-2]))
    last = next(History(SLICES, HalfLife.parse("none")).past(39, 40))
    assert last.C.sum() == SLICES.coop_weight[before].sum()


@pytest.mark.parametrize("legs", ["sqrt", "min", "product", "binary"])
def test_two_path_equals_the_triple_loop(legs: str) -> None:
    rng = np.random.default_rng(4)
    A, B = (np.where(rng.random((9, 9)) < 0.6, rng.gamma(1.0, 10.0, (9, 9)), 0.0) for _ in range(2))
    m = {
        "sqrt": lambda a, b: np.sqrt(a * b),
        "min": min,
        "product": lambda a, b: a * b,
        "binary": lambda a, b: float(a > 0 and b > 0),
    }[legs]
    slow = np.array([[sum(m(A[i, k], B[k, j]) for k in range(9)) for j in range(9)] for i in range(9)])
    fast = two_path(prepared_leg(A, legs), prepared_leg(B, legs), legs)
    np.testing.assert_allclose(fast, slow, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("decay_to", ["now", "previous"])
@pytest.mark.parametrize("half_life", ["20d", "none"])
def test_slices_far_apart_see_what_they_see_one_after_the_other(decay_to: str, half_life: str) -> None:
    wanted = [0, 1, 3, 14, 15, 38]
    history = History(SLICES, HalfLife.parse(half_life), decay_to, checkpoints=(10,))
    slow = {
        past.s: (past.C.copy(), past.H.copy(), past.coop_ever.copy(), past.host_ever.copy()) for past in history.past()
    }
    seen = []
    for past in history.past_of(wanted):
        seen.append(past.s)
        for fast, of in zip((past.C, past.H, past.coop_ever, past.host_ever), slow[past.s], strict=True):
            np.testing.assert_allclose(fast, of, rtol=1e-12, atol=1e-14)
    assert seen == wanted
    with pytest.raises(ValueError, match="order of time"):
        next(history.past_of([14, 3]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sums_of_minima_do_not_depend_on_how_a_leg_lies_in_memory(dtype: type[np.floating]) -> None:
    W = np.random.default_rng(2).random((150, 150)).astype(dtype)
    half = two_path(W.T, W, "min")
    np.testing.assert_array_equal(half, two_path(W.T.copy(), W.copy(), "min"))
    np.testing.assert_array_equal(half, half.T)
    np.testing.assert_array_equal(two_path(W, W.T, "min"), two_path(W.copy(), W.T.copy(), "min"))


def test_sums_of_minima_hold_one_small_block() -> None:
    W = np.random.default_rng(2).random((300, 300))
    tracemalloc.start()
    two_path(W.T, W, "min")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * W.nbytes + 1_100_000

"""Columns: their definitions by hand, and nothing of later periods in them."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.events.slices import from_arrays
from tertius.foresight.known import (
    LEAST,
    OWN,
    REVERSE,
    SHRUNK,
    SIGNS,
    Known,
    _shrunk,
    known,
    outcomes,
    prior_days,
    recurrent,
)
from tertius.spec import Duration


def raw(values: np.ndarray, days: np.ndarray, t: int, h: float) -> np.ndarray:
    """The slow twin of a decayed rate."""
    weight = np.array([2.0 ** (-(t - s) / h) if days[s] > 0 else 0.0 for s in range(t + 1)])
    return (weight[:, None] * values[: t + 1]).sum(0) / (weight * days[: t + 1]).sum()


def test_own_rates_are_decayed_sums_over_decayed_days() -> None:
    rng = np.random.default_rng(1)
    i, j = np.triu_indices(5, 1)
    values = {s: rng.poisson(2.0, (9, 10)).astype(float) for s in SIGNS}
    days = np.array([30.0, 28, 0, 31, 15, 30, 0, 31, 30])
    for s in SIGNS:
        values[s][days == 0] = 0.0
    K = known(i, j, values, days, directed=False, first=0, year=12, units=8)
    for name, h in ((OWN[1], 1.0), (OWN[2], 3.0), (OWN[3], 8.0)):
        k = K.names.index(name)
        rates = np.array([raw(values["hostility"], days, t, h) for t in range(9)])
        c = np.median(np.float32(rates)[rates > 0])
        np.testing.assert_allclose(K.columns["hostility"][:, :, k], np.log1p(rates / c), rtol=1e-4)


def test_levels_enter_in_proportion_however_small() -> None:
    """Twice the level is the same step in the column for a pair that hardly acts as for a busy one."""
    i, j = np.triu_indices(12, 1)
    ends = np.exp(np.linspace(0, 3, 12))
    values = {s: np.tile(0.01 * ends[i] * ends[j], (9, 1)) for s in SIGNS}
    K = known(i, j, values, np.full(9, 30.0), directed=False, first=8, year=12, units=8)
    column = K.at(SIGNS[0], 8)[:, K.names.index(SHRUNK)].astype(float)
    rate = _shrunk(values[SIGNS[0]].sum(0), 270.0, values[SIGNS[0]][0] / 30, i, j, 12, False)
    np.testing.assert_allclose(np.exp(column) - LEAST, rate / np.median(rate), rtol=1e-4)


@pytest.mark.parametrize("rubbish", ["others", "huge", "nan"])
@pytest.mark.parametrize("directed", [True, False])
def test_no_column_knows_a_later_period(made: object, directed: bool, rubbish: str) -> None:
    drawn: Known = made(8, 20, directed=directed)  # type: ignore[operator]
    later = {s: y.copy() for s, y in drawn.values.items()}
    for y in later.values():
        y[15:] = {"others": y[15:, ::-1] * 3 + 1, "huge": 1e12, "nan": np.nan}[rubbish]
    one, two = (
        known(drawn.i, drawn.j, y, drawn.days, directed=directed, first=4, year=12, units=9)
        for y in (drawn.values, later)
    )
    assert (REVERSE[0] in one.names) is directed
    for s in SIGNS:
        for t in range(4, 15):
            np.testing.assert_array_equal(one.at(s, t), two.at(s, t))
        assert (one.at(s, 15) != two.at(s, 15)).any()


def test_the_shrunken_mean_lies_between_the_own_and_what_the_ends_give() -> None:
    i, j = np.triu_indices(4, 1)
    total = np.array([40.0, 0.0, 3.0, 8.0, 1.0, 0.0])
    shrunk = _shrunk(total, 100.0, total / 100, i, j, 4, False)
    M = np.zeros((4, 4))
    M[i, j] = total / 100
    M += M.T
    expected = M.sum(1)[i] * M.sum(0)[j] / M.sum()
    low, high = np.minimum(expected, total / 100), np.maximum(expected, total / 100)
    assert ((shrunk >= low - 1e-12) & (shrunk <= high + 1e-12)).all()
    assert shrunk[1] > 0


def test_the_prior_counts_for_more_where_pairs_are_what_their_ends_give() -> None:
    rng = np.random.default_rng(2)
    expected = rng.gamma(2.0, 0.5, 4000)
    alike = prior_days(rng.poisson(50 * expected).astype(float), 50.0, expected)
    unlike = prior_days(rng.poisson(50 * expected * rng.gamma(1.0, 1.0, 4000)).astype(float), 50.0, expected)
    assert unlike < alike


def test_halves_of_mirrored_codings_count_up_and_weights_stay() -> None:
    C = np.zeros((2, 3, 3))
    C[1, 0, 2] = 2.5
    slices = from_arrays(C, C, directed=True, edges=np.array([0.0, 1, 2]), length=Duration(1, "d"))
    assert outcomes(slices, "count")[2]["cooperation"].sum() == 3.0
    assert outcomes(slices, "weight")[2]["cooperation"].sum() == 2.5


def test_recurrent_is_what_occurred_in_the_twelve_periods_before() -> None:
    values = np.zeros((20, 2))
    values[3, 0] = values[5, 1] = 1.0
    assert recurrent(values, np.ones(20), 15).tolist() == [False, True]
    assert recurrent(values, np.ones(20), 14).tolist() == [True, True]

"""Exchange: found where planted and at its lag, rarely where not, thin where thin."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.answers.exchange import correlations, exchange, whitened
from tertius.events.slices import Floats

T = 96


def flows(seed: int, lag: int | None) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)

    def series() -> Floats:
        z = np.zeros(T)
        for t in range(1, T):
            z[t] = 0.7 * z[t - 1] + 0.5 * rng.normal()
        return z + rng.uniform(-2, 2) * np.linspace(0, 1, T)

    one, other = series(), series()
    if lag is not None:
        other = 0.7 * np.roll(one, lag) + 0.7 * other
    given, returned = np.zeros((T, 3, 3)), np.zeros((T, 3, 3))
    given[:, 0, 1], returned[:, 1, 0] = rng.poisson(np.exp(2 + one)), rng.poisson(np.exp(2 + other))
    return given, returned


def test_planted_exchange_is_found_at_its_lag_and_independent_flows_are_rarely_taken_for_one() -> None:
    seen = np.ones(T, dtype=bool)
    planted = [exchange(*flows(s, 3), (0, 1), seen, 6) for s in range(40)]
    independent = [exchange(*flows(s, None), (0, 1), seen, 6) for s in range(40)]
    assert np.mean([f.verdict == "supported" for f in planted]) > 0.75
    assert np.mean([f.lag == 3 for f in planted]) > 0.8
    assert sum(f.verdict == "supported" for f in independent) <= 5


def test_a_lag_is_how_much_later_the_second_comes() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=200)
    found = correlations(x, np.roll(x, 4), 6)
    assert int(np.argmax(found)) - 6 == 4
    given, returned = flows(5, 3)
    back = exchange(np.swapaxes(returned, 1, 2), np.swapaxes(given, 1, 2), (0, 1), np.ones(T, dtype=bool), 6)
    assert back.lag == -exchange(given, returned, (0, 1), np.ones(T, dtype=bool), 6).lag


def test_what_all_pairs_share_is_nothing_of_these_two() -> None:
    given, returned = flows(2, 3)
    for i, j in ((0, 2), (1, 2), (2, 0), (2, 1), (1, 0)):
        given[:, i, j], returned[:, j, i] = given[:, 0, 1], returned[:, 1, 0]
    found = exchange(given, returned, (0, 1), np.ones(T, dtype=bool), 6)
    assert found.p < 0.05
    assert (found.n_pairs, found.as_large, found.p_pairs, found.verdict) == (5, 5, 1.0, "leaning")


def test_of_one_kind_of_flow_the_other_way_round_is_the_same_pair_and_each_counts_once() -> None:
    one, seen = flows(2, 3)[0][:, 0, 1], np.ones(T, dtype=bool)
    given = np.stack([np.stack([(i != j) * one for j in range(4)], axis=-1) for i in range(4)], axis=1)
    found = exchange(given, given.copy(), (2, 1), seen, 6)
    assert (found.n_pairs, found.as_large) == (5, 5)  # six pairs less the one asked about
    other = given.copy()
    other[0, 0, 1] += 1.0
    assert exchange(given, other, (2, 1), seen, 6).n_pairs == 11  # two kinds: directed pairs


@pytest.mark.parametrize("thin", ["short", "rare"])
def test_thin_data_have_no_p(thin: str) -> None:
    given, returned = flows(2, 3)
    seen = np.arange(T) < 30 if thin == "short" else np.ones(T, dtype=bool)
    if thin == "rare":
        returned[7:] = 0.0
    found = exchange(given, returned, (0, 1), seen, 6)
    assert found.verdict == "data too thin"
    assert np.isnan(found.p)


def test_trend_habit_and_size_over_time_are_taken_off() -> None:
    rng = np.random.default_rng(1)
    rising = rng.poisson(np.exp(np.linspace(1, 5, 400)))
    e = whitened(rising.astype(float))
    assert abs(np.corrcoef(e[:-1], e[1:])[0, 1]) < 0.1
    assert abs(e.mean()) < 1e-9
    assert 0.5 < e[:200].std() / e[200:].std() < 2

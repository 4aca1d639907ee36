"""Large histories: drawn event by event, heavy-tailed, with planted matchmakers."""

from __future__ import annotations

import numpy as np

from tertius.simulation import SPARSE, _draw, simulate


def test_drawing_event_by_event_is_a_multinomial_draw() -> None:
    rng = np.random.default_rng(1)
    weight = rng.random(40)
    drawn = np.stack([_draw(rng, 200, weight, sparse=True) for _ in range(2_000)])
    share = weight / weight.sum()
    assert (drawn.sum(axis=1) == 200).all()
    assert np.abs(drawn.mean(axis=0) - 200 * share).max() < 5 * np.sqrt(200 * share.max() / 2_000)
    np.testing.assert_allclose(drawn.var(axis=0), 200 * share * (1 - share), rtol=0.25)


def test_a_large_history_follows_its_seed_and_has_a_tail_and_matchmakers() -> None:
    n = 80
    assert n * (n - 1) > SPARSE
    one, two = (simulate(n, 30, events_per_slice=(300.0, 200.0), tail=1.0, matchmakers=2, seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.slices.dyad, two.slices.dyad)
    hostile = np.bincount(one.slices.dyad // n, weights=one.slices.host_count, minlength=n)
    friendly = np.bincount(one.slices.dyad // n, weights=one.slices.coop_count, minlength=n)
    assert np.sort(friendly)[-8:].sum() > 0.5 * friendly.sum()
    assert len(one.matchmakers) == 2
    assert all(hostile[k] / hostile.sum() > 3 * friendly[k] / friendly.sum() for k in one.matchmakers)

"""Large histories: drawn event by event, heavy-tailed, with planted matchmakers."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from tertius.errors import UsageError
from tertius.progress import Progress, Teller
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


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"n_actors": 10, "matchmakers": 50}, "matchmakers=50: of 10 actors, 0 to 8", "n_actors"),
        ({"matchmakers": -1}, "matchmakers=-1", "fewer"),
        ({"tail": -1.0}, "tail=-1.0", "alike"),
        ({"heterogeneity": -0.1}, "heterogeneity=-0.1", "alike"),
        ({"seed": -5}, "seed=-5", "seed=1"),
        ({"legs": "both"}, "legs 'both'", "sqrt, min, product, binary"),
        ({"events_per_slice": (-1.0, 2.0)}, "events_per_slice (-1.0, 2.0)", "(20, 10)"),
        ({"hostility": {"inertia": 0.5}}, "inertia stands for 2 columns", "inertia.coop or inertia.host"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_way_out(options: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        simulate(**options)
    assert message in error.value.message
    assert hint in error.value.hint


def test_as_many_matchmakers_as_were_asked_for() -> None:
    assert len(simulate(10, 5, matchmakers=8, seed=1).matchmakers) == 8


def test_drawing_tells_how_far_it_is_and_that_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr("tertius.simulation.Teller", partial(Teller, every=0.0, worth=0.0))
    told, silent = (simulate(8, 20, seed=3, progress=p) for p in (lines.append, None))
    np.testing.assert_array_equal(told.slices.dyad, silent.slices.dyad)
    assert isinstance(last := lines[-1], Progress)
    assert last.what == "simulated history"
    assert (last.done, last.of) == (19, 20)

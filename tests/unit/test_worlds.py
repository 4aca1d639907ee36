"""Worlds are seeded, shaped as said, and hold what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.answers.certificate.models import by_period
from tertius.errors import UsageError
from tertius.worlds import GENERATORS, possible_worlds, slices_of, world

ALL = [(g, w) for g in GENERATORS for w in possible_worlds(g)]


@pytest.mark.parametrize(("generator", "name"), ALL)
def test_a_world_is_seeded_and_shaped(generator: str, name: str) -> None:
    w, again = (world(name, generator=generator, n_actors=14, n_periods=9, seed=5) for _ in range(2))
    other = world(name, generator=generator, n_actors=14, n_periods=9, seed=6)
    assert w.C.shape == w.H.shape == (9, 14, 14)
    assert np.array_equal(w.C, again.C)
    assert np.array_equal(w.H, again.H)
    assert not np.array_equal(w.C, other.C)
    assert np.array_equal(w.C, w.C.transpose(0, 2, 1))
    assert not np.array_equal(w.H, w.H.transpose(0, 2, 1))
    for Z in (w.C, w.H):
        assert (np.rint(Z) == Z).all()
        assert (Z >= 0).all()
        assert np.einsum("tii->", Z) == 0
        assert Z.sum() > 0


@pytest.mark.parametrize("generator", GENERATORS)
def test_slices_hold_the_same_figures(generator: str) -> None:
    w = world("nothing", generator=generator, n_actors=13, n_periods=7, seed=2)
    directed, undirected = w.slices(), w.slices(directed=False)
    assert directed.directed
    assert not undirected.directed
    assert directed.n_slices == 7
    assert str(directed.dates()[0]) == "2000-01-01"
    assert str(directed.dates()[-1]) == "2000-07-01"
    C, H = by_period(directed, "count")
    assert np.array_equal(C, w.C)
    assert np.array_equal(H, w.H)
    C, H = by_period(undirected, "weight")
    assert np.array_equal(C, w.C)
    assert np.array_equal(H, w.H + w.H.transpose(0, 2, 1))


def test_no_effect_is_nothing() -> None:
    a = world("planted", effect=0.0, n_actors=12, n_periods=5, seed=4)
    b = world("nothing", n_actors=12, n_periods=5, seed=4)
    assert np.array_equal(a.C, b.C)
    assert np.array_equal(a.H, b.H)


def test_one_story_adds_cooperation_where_hostility_has_two_targets() -> None:
    with_coding = world("one_story", generator="media", n_actors=20, n_periods=12, seed=4)
    without = world("nothing", generator="media", n_actors=20, n_periods=12, seed=4)
    assert with_coding.C.sum() > 1.05 * without.C.sum()


def test_slices_of_leaves_empty_periods_in() -> None:
    C, H = np.zeros((4, 12, 12)), np.zeros((4, 12, 12))
    H[2, 1, 0] = 3.0
    sl = slices_of(C, H, directed=False)
    assert sl.indptr.tolist() == [0, 0, 0, 1, 1]
    assert sl.dyad.tolist() == [1]
    assert sl.host_count.tolist() == [3.0]


def test_errors_say_what_to_type() -> None:
    with pytest.raises(UsageError, match="Choose one of: planted"):
        world("utopia")
    with pytest.raises(UsageError, match="generator 'counts'"):
        world("one_story")
    with pytest.raises(UsageError, match="Choose one of: counts, media"):
        world("planted", generator="crystal ball")
    with pytest.raises(UsageError, match="12 actors"):
        world("planted", n_actors=5)


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_a_world_is_data_for_a_question() -> None:
    import tertius

    drawn = tertius.world("planted", n_actors=14, n_periods=30, effect=0.8, seed=4)
    table = drawn.to_frame("pyarrow")
    assert table.num_rows == drawn.C.sum() + drawn.H.sum()
    answer = tertius.explain("A00", "A01", table, permutations=3)
    assert answer.certificate is not None
    assert answer.certificate.n_periods == 18

"""Where actors are drawn: the same every time, friends near each other, nobody on top of another."""

from __future__ import annotations

import numpy as np
import pytest

from tertius.signed.graph import SignedGraph, from_edges
from tertius.signed.layout import DRAWN, busiest, positions


@pytest.fixture
def blocs() -> tuple[SignedGraph, np.ndarray]:
    """Two blocs of eight that stand together inside and against each other."""
    names = [f"{bloc}{k}" for bloc in "xy" for k in range(8)]
    pairs = [(a, b) for n, a in enumerate(names) for b in names[:n]]
    graph = from_edges(*zip(*pairs, strict=True), [1 if a[0] == b[0] else -1 for a, b in pairs])
    return graph, np.array([0] * 8 + [1] * 8)


def test_friends_are_nearer_than_foes(blocs: tuple[SignedGraph, np.ndarray]) -> None:
    graph, camps = blocs
    at = positions(graph, camps, np.arange(graph.n))
    far = np.hypot(*(at[:, None, :] - at[None, :, :]).transpose(2, 0, 1))
    same = camps[:, None] == camps[None, :]
    np.fill_diagonal(far, np.inf)
    assert same[np.arange(graph.n), far.argmin(axis=1)].all()
    assert far[same & np.isfinite(far)].mean() < 0.6 * far[~same].mean()


def test_it_is_the_same_every_time_and_inside_the_picture(blocs: tuple[SignedGraph, np.ndarray]) -> None:
    graph, camps = blocs
    at = positions(graph, camps, np.arange(graph.n))
    np.testing.assert_array_equal(at, positions(graph, camps, np.arange(graph.n)))
    assert (at.min(), at.max()) == pytest.approx((0.0, 1.0))
    assert len({tuple(p) for p in at.round(3).tolist()}) == graph.n


def test_one_actor_and_none_have_places() -> None:
    graph = from_edges(["i"], ["j"], [1])
    assert positions(graph, np.zeros(2, dtype=int), np.array([0])).tolist() == [[0.5, 0.5]]
    assert positions(graph, np.zeros(2, dtype=int), np.zeros(0, dtype=int)).shape == (0, 2)


def test_the_busiest_are_drawn_and_nobody_without_an_edge() -> None:
    names = [f"a{k:02}" for k in range(80)]
    hub = from_edges(["h"] * 80, names, [1] * 80, actors=["lone", "h", *names])
    chosen = busiest(hub)
    assert len(chosen) == DRAWN
    assert 1 in chosen
    assert 0 not in busiest(hub, most=500)

"""What a run may take: spans that cover everything once, and memory that grows with what needs it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tertius.model import budget
from tertius.model.budget import CHUNKS, full_bytes, sampled_bytes, spans_of


@pytest.mark.parametrize("n", [1, 2, CHUNKS - 1, CHUNKS, CHUNKS + 1, 4019])
def test_spans_cover_every_slice_once_and_are_about_equal(n: int) -> None:
    spans = spans_of(n)
    assert (spans[0][0], spans[-1][1], len(spans)) == (0, n, min(n, CHUNKS))
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    sizes = {last - first for first, last in spans}
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= 1


def test_memory_grows_with_actors_columns_and_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "CACHE_BYTES", 0)
    usual = {"n": 200, "D": 200 * 199, "p": 10, "T": 400, "itemsize": 4, "workers": 2}
    base = full_bytes(**usual)
    for name, value in (("n", 250), ("D", 250 * 249), ("p", 12), ("itemsize", 8), ("workers", 4)):
        assert full_bytes(**{**usual, name: value}) > base, name
    assert full_bytes(**{**usual, "T": 4000}) < 1.5 * base  # blocks are not kept


def test_blocks_that_are_kept_count() -> None:
    small = {"n": 20, "D": 380, "p": 5, "itemsize": 8, "workers": 1}
    few, many = (full_bytes(**small, T=T) for T in (1000, 2000))
    assert many - few >= 1000 * 5 * 380 * 8


def test_sampled_cells_cost_their_columns() -> None:
    assert sampled_bytes(2_000_000, 10, 8) >= 2_000_000 * 10 * 8

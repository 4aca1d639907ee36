"""The script that simulates three-way worlds: its worlds, and in a few of them what its table shows in 500."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest


@pytest.mark.parametrize("errors", ["counts", "weights"])
def test_an_undirected_world_is_symmetric_and_counts_are_counts(script: ModuleType, errors: str) -> None:
    Y, X = script.world(1, actors=8, periods=4, directed=False, errors=errors)
    assert (Y.shape, X.shape) == ((4, 8, 8), (1, 4, 8, 8))
    np.testing.assert_array_equal(Y, Y.transpose(0, 2, 1))
    np.testing.assert_array_equal(X, X.transpose(0, 1, 3, 2))
    assert bool((np.rint(Y) == Y).all()) == (errors == "counts")


@pytest.mark.parametrize("directed", [True, False])
def test_corrected_intervals_cover_more_often(script: ModuleType, directed: bool) -> None:
    found = np.array([
        script.answers(*script.world(k, actors=12, periods=5, directed=directed, errors="counts"), directed)
        for k in range(80)
    ])  # fmt: skip
    estimates, errors = found[:, :, 0], found[:, :, 1]
    covered = (np.abs(estimates - script.BETA) <= 1.96 * errors).mean(0)
    way = dict(zip(script.WAYS, covered, strict=True))
    assert way["as estimated"] < 0.93 < way["pairs left out"] < 1
    assert way["as estimated"] < way["both corrected"]

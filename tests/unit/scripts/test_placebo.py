"""``scripts/placebo.py`` on a made world."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from tertius.answers.certificate import certify
from tertius.worlds import world


def test_spans_and_windows_lie_inside_the_data(script: ModuleType) -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        first, length = script.draw_span(rng, 66)
        assert first >= 0
        assert first + length <= 66
        assert length >= 36
        window, reference = script.draw_window(rng, length, np.ones(length, dtype=bool))
        assert 6 <= window.sum() <= 24
        assert reference.sum() == window.sum()
        assert np.flatnonzero(reference)[-1] + 1 == np.flatnonzero(window)[0]


def test_pairs_are_drawn_among_those_that_cooperate(script: ModuleType) -> None:
    C = np.zeros((3, 5, 5))
    C[1, 2, 4] = C[1, 4, 2] = 1.0
    assert script.draw_pair(np.random.default_rng(1), C) == (2, 4)


def test_no_pair_passes_where_the_network_fails(script: ModuleType) -> None:
    slices = world("nothing", n_actors=20, n_periods=36, seed=1).slices(directed=False)
    certificate = certify(slices, legs="sqrt")
    assert not certificate.passed
    found = script.placebos(slices, certificate, 5, np.random.default_rng(1), 0, "sqrt")
    assert len(found) == 5
    assert not any(p.passed for p in found)
    again = script.placebos(slices, None, 5, np.random.default_rng(1), 0, "sqrt")
    assert again == found  # the same pairs and facts from the same seed


def test_the_refit_is_asked_where_all_others_hold(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    slices = world("nothing", n_actors=20, n_periods=36, seed=1).slices(directed=False)
    certificate = replace(certify(slices, legs="sqrt"), passed=True)
    asked = []

    def refit(*_: object, **options: object) -> object:
        asked.append(options["pair"])
        return certificate

    monkeypatch.setattr(script, "certify", refit)
    found = script.placebos(slices, certificate, 40, np.random.default_rng(1), 0, "sqrt")
    assert len(asked) == sum(p.facts for p in found) > 0
    assert [p.passed for p in found] == [p.facts for p in found]


def test_shares_have_intervals(script: ModuleType) -> None:
    low, high = script.interval(5, 100)
    assert (round(low, 3), round(high, 3)) == (0.016, 0.113)
    assert "5 of 100" in script.share("passes", [True] * 5 + [False] * 95)

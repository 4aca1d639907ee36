"""Scores against the formula written out."""

from __future__ import annotations

import math

import pytest

from tertius.reading.scoring import BAG, load_reader, rank, reader_of

STORED = {"version": "t", "types": ["A", "B"], "bias": [0, 100], "rows": {"l:x": [200, 0], "w:y": [0, 300]},
          "source": {"r": 50}, "target": {}}  # fmt: skip


def test_probabilities_are_a_softmax_and_words_at_large_weigh_less() -> None:
    model = reader_of(STORED).types
    a, b = math.exp(2), math.exp(1 + BAG * 3)
    assert model.probabilities(["l:x", "w:y", "unknown", "l:x"]) == pytest.approx([a / (a + b), b / (a + b)])
    assert model.probabilities([]).sum() == pytest.approx(1)


def test_features_counted_before_are_given_as_their_score() -> None:
    model = reader_of(STORED).types
    whole = model.probabilities(["l:x", "w:y"])
    assert model.probabilities(["w:y"], model.score(["l:x"])) == pytest.approx(whole)
    assert model.score([]) == pytest.approx([0, 0])


def test_rank_adds_what_it_knows() -> None:
    assert rank(reader_of(STORED).source, [["r", "z"], []]) == [0.5, 0.0]


@pytest.mark.parametrize("name", ["shallow", "parsed"])
def test_shipped_coefficients_load(name: str) -> None:
    assert len(load_reader(name).types.types) == 17

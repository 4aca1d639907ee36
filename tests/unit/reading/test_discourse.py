"""Pairs and alliances that only the document tells."""

from __future__ import annotations

from tertius.reading.actors import find_actors
from tertius.reading.discourse import Discourse


def read(*sentences: str) -> list[str]:
    """Codes of the last sentence."""
    discourse = Discourse()
    found = [discourse.resolve(s, find_actors(s)) for s in sentences]
    return [m.code for m in found[-1]]


def test_pairs() -> None:
    assert read("Iran met Iraq.", "The two countries talked.") == ["IRN", "IRQ"]
    assert read("The two countries talked.") == []
    assert read("The two Koreas talked.") == ["PRK", "KOR"]
    assert read("Iran and Iraq said both sides agreed.") == ["IRN", "IRQ", "IRN", "IRQ"]


def test_the_alliance_is_the_one_named_before() -> None:
    assert read("NATO met.", "The alliance sent jets.") == ["NATO"]
    assert read("The UN met.", "The alliance sent jets.") == []


def test_both_with_a_verb_is_the_pair() -> None:
    d = Discourse()
    codes = [[m.code for m in d.resolve(s, find_actors(s))]
             for s in ("Russia met North Korea.", "Both accused Iran.", "Both armed groups fled.")]  # fmt: skip
    assert codes == [["RUS", "PRK"], ["RUS", "PRK", "IRN"], []]

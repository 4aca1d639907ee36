"""Sides of an event: neighbouring mentions of one actor, and those joined by "and"."""

from __future__ import annotations

import pytest

from tertius.reading.actors import find_actors
from tertius.reading.coding import joined, names_old_year, one_each


def mentions(text: str):
    return one_each(text, find_actors(text))


def test_a_state_and_its_leader_are_one_mention() -> None:
    text = "Iraqi President Saddam Hussein met French President Jacques Chirac in Iraq."
    assert [m.code for m in mentions(text)] == ["IRQ", "FRA", "IRQ"]


def test_joined_mentions_are_one_side_without_the_other() -> None:
    text = "Libya, Iran and Syria attacked Chad."
    found = mentions(text)
    assert joined(text, found, 1, ()) == ("IRN", "LBY", "SYR")
    assert joined(text, found, 1, ("LBY",)) == ("IRN", "SYR")
    assert joined(text, found, 3, ()) == ("TCD",)


@pytest.mark.parametrize(
    ("text", "old"),
    [("Prussia won in 1866.", True), ("The worst scandal this century.", False), ("It lost 1500 men.", False)],
)
def test_years_long_past(text: str, old: bool) -> None:
    assert names_old_year(text) is old

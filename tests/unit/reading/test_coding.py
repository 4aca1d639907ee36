"""Sides of an event: neighbouring mentions of one actor, and those joined by "and"."""

from __future__ import annotations

import pytest

from tertius.reading.actors import find_actors
from tertius.reading.coding import View, code_sentence, joined, names_old_year, one_each
from tertius.reading.scoring import reader_of


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
    ("text", "side"),
    [
        ("According to Ukraine, Russia attacked Poland.", ("RUS",)),
        ("According to the Pentagon, Russia attacked Ukraine.", ("RUS",)),
        ("Poland was attacked by Russia, France said.", ("RUS",)),
        ("Poland was attacked by Russia, Germany's foreign minister said.", ("RUS",)),
        ("Russia, Iran and Syria said they would meet.", ("RUS", "IRN", "SYR")),
    ],
)
def test_who_only_says_it_is_on_no_side(text: str, side: tuple[str, ...]) -> None:
    found = mentions(text)
    at = next(i for i, m in enumerate(found) if m.code == "RUS")
    assert joined(text, found, at, ()) == side


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("Prussia won in 1866.", True),
        ("The worst scandal this century.", False),
        ("It lost 1500 men.", False),
        ("Israel broke Resolution 1701.", False),
        ("They freed a total of 1600 prisoners.", False),
        ("The treaty of 1839 bound Britain.", True),
    ],
)
def test_years_long_past(text: str, old: bool) -> None:
    assert names_old_year(text) is old


STORED = {"version": "t", "types": ["AID", "ASSAULT", "NONE"], "bias": [0, 0, 0], "source": {}, "target": {},
          "rows": {"w:x": [100, 0, 0], "c:y": [0, 400, 0], "c:z": [0, 0, 50]}}  # fmt: skip


@pytest.mark.parametrize(("local", "type_"), [("c:y", "ASSAULT"), ("c:none", "AID")])
def test_what_the_sentence_and_what_the_clause_says_count_together(local: str, type_: str) -> None:
    view = View((0, 3), 0, ["w:x", local], [], None, shared=1)
    assert [e.type for e in code_sentence(reader_of(STORED), "one", 0, (), [view], list)] == [type_]


@pytest.mark.parametrize(("quiet", "events"), [(0.3, 0), (0.5, 1)])
def test_each_reader_has_its_own_limit_of_silence(quiet: float, events: int) -> None:
    view = View((0, 3), 0, ["w:x", "c:z"], [], None, shared=1)  # P(NONE) = 0.4
    assert len(code_sentence(reader_of({**STORED, "quiet": quiet}), "one", 0, (), [view], list)) == events

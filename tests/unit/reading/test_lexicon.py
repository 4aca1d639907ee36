"""Frames: the fullest match decides, and mood turns it."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from tertius.codes.ontologies import PLOVER
from tertius.reading.lexicon import Clause, classes_of, event_type, in_mood


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (Clause("strike", objects=("base",)), "ASSAULT"),
        (Clause("strike"), "PROTEST"),
        (Clause("withdraw", objects=("ambassador",)), "SANCTION"),
        (Clause("withdraw", objects=("troop",)), "RETREAT"),
        (Clause("call", prepositions=("for",)), "REQUEST"),
        (Clause("launch", objects=("attack", "cyber")), "COERCE"),
        (Clause("seize", objects=("stronghold",)), "ASSAULT"),
        (Clause("expel", objects=("diplomat",)), "COERCE"),
        (Clause("expel", objects=("observer",)), "SANCTION"),
        (Clause("revoke", objects=("ban",)), "CONCEDE"),
        (Clause("fire", objects=("gas", "tear")), "COERCE"),
        (Clause("sing"), None),
    ],
)
def test_the_fullest_frame_decides(clause: Clause, expected: str | None) -> None:
    assert event_type(clause) == expected


def test_mood() -> None:
    assert in_mood("AID", negated=True, future=True) == "REJECT"
    assert in_mood("ASSAULT", negated=True, future=False) == "ASSAULT"
    assert in_mood("RETREAT", negated=False, future=False, must=True) == "REQUEST"
    assert in_mood(None, negated=True, future=True) is None


def test_the_table_names_types_and_classes_that_exist() -> None:
    lines = (resources.files("tertius.reading") / "frames.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines))
    lexicon = (resources.files("tertius.reading") / "lexicon.csv").read_text(encoding="utf-8").splitlines()
    classes = {row["class"] for row in csv.DictReader(lexicon)}
    assert {row["type"] for row in rows} <= set(PLOVER)
    assert {c[1:] for row in rows for c in row.values() if c.startswith("@")} <= classes
    assert classes_of("arrest") == ("COERCE",)

"""``scripts/cache_under_attack.py``, a few rounds of each attack; and a wrong answer is seen."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

FEW = (
    "explain A00 A01 one.csv --model rate --effects inertia.coop,shared_threat --slice 1mo --adequacy none "
    "--no-certificate",
    "explain --by A04 two.csv --model rate --effects inertia.coop,shared_threat --slice 1mo --adequacy none",
)


@pytest.mark.parametrize("attack", ["kill", "damage", "version", "at-once"])
def test_answers_are_true_under_attack(
    attack: str, script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "QUESTIONS", FEW)
    at = script.attack(attack, 4, tmp_path)
    assert at.failures == 0
    assert sum(n for what, n in at.counts.items() if what != "left a file unfinished") == 4


def test_an_answer_of_another_question_is_seen(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key that leaves the data out, one data set's fit answers for the other."""
    monkeypatch.setattr(script, "QUESTIONS", (FEW[0], FEW[0].replace("one.csv", "two.csv")))
    monkeypatch.setattr(import_module("tertius.study.fit"), "key_of", lambda *_, **__: "one-key-for-all")
    assert script.attack("at-once", 2, tmp_path).failures > 0

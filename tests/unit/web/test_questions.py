"""What was typed, as a question: bounds, defaults, and the command of it."""

from __future__ import annotations

import pytest

from tertius.errors import UsageError
from tertius.web.questions import QUESTIONS, key_of

PAIR = {"a": "RUS", "b": "PRK"}


def test_what_is_the_default_anyway_is_the_same_question() -> None:
    whatif = QUESTIONS["whatif"]
    typed = {**PAIR, "third": "USA", "towards": "RUS", "since": "2015-01-01"}
    usual = whatif.read({**typed, "sign": "host", "factor": "0.50"})
    assert key_of("whatif", "x", usual) == key_of("whatif", "x", whatif.read(typed))
    assert QUESTIONS["pairs"].read({"rose": "false"}) == {}


@pytest.mark.parametrize(
    ("question", "typed", "told"),
    [
        ("explain", {"a": "RUS"}, "takes b"),
        ("explain", {**PAIR, "c": "USA"}, "takes no c"),
        ("explain", {**PAIR, "by": ""}, "by is empty"),
        ("explain", {"a": "@/etc/passwd", "b": "PRK"}, "groups are for the command line"),
        ("explain", {"a": "x" * 301, "b": "PRK"}, "longer than 300"),
        ("explain", {"a": "a\x00", "b": "PRK"}, "no text has"),
        ("trend", {**PAIR, "at": "2022-13-01"}, "is no day"),
        ("pairs", {"top": "0"}, "out of bounds"),
        ("pairs", {"top": "1e3"}, "is no number"),
        ("whatif", {**PAIR, "third": "USA", "towards": "RUS", "since": "2015-01-01", "factor": "nan"}, "out of bounds"),
        ("balance", {"window": "3"}, "does not exist"),
        ("pairs", {"rose": "maybe"}, "true or false"),
    ],
)
def test_what_cannot_be_meant_is_refused(question: str, typed: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        QUESTIONS[question].read(typed)


def test_a_window_has_two_days() -> None:
    with pytest.raises(UsageError, match="a first and a last day"):
        QUESTIONS["explain"].command("atlas", {**PAIR, "since": "2020-01-01"})


def test_the_command_quotes_what_a_shell_would_read() -> None:
    said = QUESTIONS["explain"].command("my data", {"a": "A; rm -rf /", "b": "$HOME"})
    assert said == "tertius explain 'A; rm -rf /' '$HOME' 'my data'"
    flow = QUESTIONS["whatif"].arguments(
        "x", {**PAIR, "third": "USA", "towards": "RUS", "since": "2015-01-01"}, directed=True
    )
    assert flow == ["whatif", "RUS", "PRK", "x", "--set", "USA>RUS host x0.5 from 2015-01-01", "--draws", "0"]

"""From words to a question, and the command that repeats an answer."""

from __future__ import annotations

import shlex

import pytest

import tertius
from tertius.errors import TertiusWarning, UsageError
from tertius.spec import ModelSpec
from tertius.study.asking import command_line, reading_flags, resolve_spec


def test_the_command_names_what_is_not_default_and_nothing_else() -> None:
    asked = ModelSpec.of(model="rate", half_life="30d", start="2020-01-01", actors="USA,RUS")
    found = command_line("fit", ["my data.csv"], asked, {"ladder": "", "window": "2020-01-01 2020-02-01"})
    words = shlex.split(found)
    assert words[:3] == ["tertius", "fit", "my data.csv"]
    options = " ".join(words[3:])
    for option in ("--model rate", "--half-life 30d", "--from 2020-01-01", "--actors USA,RUS", "--ladder"):
        assert option in options
    assert options.endswith("--window 2020-01-01 2020-02-01")
    assert command_line("fit", ["x"], ModelSpec(), {}) == "tertius fit x"
    assert command_line("exchange", ["-x", "y", "z"], ModelSpec(), {"lags": "3"}, ["--set", "a b"]) == (
        "tertius exchange --lags 3 --set 'a b' -- -x y z"
    )


def test_actors_are_labels_of_the_data_known_codes_or_silent_with_a_warning() -> None:
    events = tertius.load("chronicle")
    spec = resolve_spec(events, ModelSpec.of(actors="Russia,PRK,USA"))
    assert spec.actors == ("RUS", "PRK", "USA")
    with pytest.raises(UsageError, match="RUS twice"):
        resolve_spec(events, ModelSpec.of(actors="Russia,RUS,USA"))
    with pytest.warns(TertiusWarning, match="Xanadu is in --actors"):
        assert resolve_spec(events, ModelSpec.of(actors="RUS,Xanadu")).actors == ("RUS", "Xanadu")


def test_how_data_were_read_is_repeated() -> None:
    frame = tertius.simulate(4, 6, seed=2).to_frame("pandas").rename(columns={"source": "who"})
    with pytest.warns(TertiusWarning):
        events = tertius.load(frame, mapping={"source": "who"}, mirrored="keep")
    assert reading_flags(events) == {"map": "source=who", "mirrored": "keep"}
    assert reading_flags(tertius.load("chronicle")) == {}

"""Who has a Study or a forecaster open gets the same answers as who opens one for each."""

from __future__ import annotations

import pytest

from tertius import study
from tertius.errors import UsageError
from tertius.sources.loading import load
from tertius.spec import SORTS
from tertius.study import Study
from tertius.study.forecast import Forecaster

ASKED = {"slice": "1mo", "half_life": "2y"}


def test_price_and_what_if_take_one_that_is_open() -> None:
    events = load("chronicle")
    opened = Study.open(events, **ASKED)  # type: ignore[arg-type]
    one = study.price("USA", events, adversaries="RUS,PRK,CHN", study=opened, **ASKED)  # type: ignore[arg-type]
    other = study.price("USA", "chronicle", adversaries="RUS,PRK,CHN", **ASKED)  # type: ignore[arg-type]
    assert one.to_dict() == other.to_dict()
    flow = "USA>RUS host x0.5 from 2015-01-01"
    a = study.whatif("RUS", "PRK", events, sets=flow, draws=0, study=opened, **ASKED)  # type: ignore[arg-type]
    b = study.whatif("RUS", "PRK", "chronicle", sets=flow, draws=0, **ASKED)  # type: ignore[arg-type]
    assert a.to_dict() == b.to_dict()


def test_a_study_of_another_question_is_not_used() -> None:
    events = load("chronicle")
    other = Study.open(events, outcome="any", **ASKED)  # type: ignore[arg-type]
    found = study.price("USA", events, adversaries="RUS,PRK,CHN", study=other, **ASKED)  # type: ignore[arg-type]
    assert found.to_dict() == study.price("USA", events, adversaries="RUS,PRK,CHN", **ASKED).to_dict()  # type: ignore[arg-type]


def test_a_forecaster_asked_twice_says_what_the_command_says() -> None:
    made = Forecaster.open("chronicle", horizon="1,2", period="1y")
    for pair in (("RUS", "PRK"), ("USA", "CHN"), ("RUS", "PRK")):
        alone = study.forecast("chronicle", horizon="1,2", period="1y", pair=pair)
        assert made.about(pair).to_dict() == alone.to_dict()


def test_pairs_are_sorted_as_asked() -> None:
    opened = Study.open("chronicle", **ASKED)  # type: ignore[arg-type]
    by = {sort: opened.pairs(sort=sort, top=20).pairs for sort in SORTS}
    assert by["clearest"] == opened.pairs(top=20).pairs
    assert [e.pair for e in by["names"]] == sorted(e.pair for e in by["names"])
    for sort in ("observed", "expected"):
        sizes = [getattr(e, sort) for e in by[sort]]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] == max(getattr(e, sort) for e in opened.pairs().pairs)
    assert "--sort names" in opened.pairs(sort="names").command
    with pytest.raises(UsageError, match="--sort 'size' does not exist"):
        opened.pairs(sort="size")

"""A Study, fitted once and asked often, against questions that fit anew; what it keeps, and what it refuses."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

import tertius
from tertius import Study
from tertius.answers import attribution
from tertius.answers.attribution import attribute, kept_past
from tertius.errors import UsageError
from tertius.events import data as data_module
from tertius.events.data import EventData, RowsByPair

VARIES = {"seconds", "peak_memory_mb", "command"}


def document(answer: Any) -> dict[str, Any]:
    found = answer.to_dict()
    return {**found, "fit": {k: v for k, v in found["fit"].items() if k not in VARIES}}


def test_a_study_answers_as_who_fits_anew(events: EventData, study: Study) -> None:
    a, b, c, d = sorted(events.labels())[:4]
    for pair, by in (((a, b), None), ((c, d), a), ((a, c), None)):
        anew = tertius.explain(*pair, events, by=by, permutations=3, model="within", adequacy="none")
        asked = study.explain(*pair, by=by, permutations=3)
        assert anew.certificate is not None
        assert document(asked) == document(anew)
        assert asked.fit.command == anew.fit.command == asked.command
        assert (asked.events, asked.landmarks, asked.sources) == (anew.events, anew.landmarks, anew.sources)
    assert document(study.by(a)) == document(tertius.explain(None, None, events, by=a, model="within", adequacy="none"))


def test_the_rate_model_and_refusals_of_the_certificate_are_as_before() -> None:
    asked: dict[str, Any] = {"model": "rate", "effects": "inertia,shared_threat", "slice": "1mo", "half_life": "2y"}
    study = Study.open("chronicle", **asked)
    for more in ({"permutations": 0}, {"certificate": False}, {"window": ("2018-01-01", "2020-06-30")}):
        anew = tertius.explain("Russia", "North Korea", "chronicle", **asked, **more)  # type: ignore[call-overload]
        assert document(study.explain("Russia", "North Korea", **more)) == document(anew)
    other = Study.open("chronicle", outcome="hostility", **asked)
    anew = tertius.explain("RUS", "PRK", "chronicle", outcome="hostility", **asked)
    assert document(other.explain("RUS", "PRK")) == document(anew)
    assert "asks about cooperation" in anew.judgement.refused
    assert other.certificate() is None


def test_the_second_pair_fits_nothing(events: EventData, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, c = sorted(events.labels())[:3]
    study.explain(a, b, permutations=2)

    def again(*_: Any, **__: Any) -> None:
        raise AssertionError("done again")

    module = import_module("tertius.study.fit")
    for name in ("estimate", "certify_all", "kept_past"):
        monkeypatch.setattr(module, name, again)
    monkeypatch.setattr(RowsByPair, "of", again)
    assert study.explain(b, c, permutations=2).pair == (b, c)


def test_pictures_that_are_asked_for_later_are_the_same(events: EventData) -> None:
    first = Study.open(events, model="within", adequacy="none")
    later = Study.open(events, model="within", adequacy="none")
    assert later.certificate(permutations=0).pictures == ()  # type: ignore[union-attr]
    drawn = first.certificate(permutations=4)
    assert drawn is not None
    assert len(drawn.pictures) == 2
    assert later.certificate(permutations=4) == drawn
    assert first.certificate(permutations=0) == later.certificate(permutations=0)


def test_what_is_kept_gives_the_same_attribution(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    sl, fitted = study.slices, study.fitted
    spans = import_module("tertius.answers.spans").spans(*study.span, None, None).of(sl)
    kept = kept_past(fitted)
    assert kept is not None
    assert kept.H.shape == (sl.n_slices, sl.n_actors, sl.n_actors)
    for i, j in ((0, 1), (3, 9)):
        assert repr(attribute(fitted, i, j, spans, 1, kept)) == repr(attribute(fitted, i, j, spans, 1))
    monkeypatch.setattr(attribution, "KEPT_BYTES", 1000)
    assert kept_past(fitted) is None


def test_rows_of_a_pair_from_memory_are_those_of_the_file(events: EventData, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, c = sorted(events.labels())[:3]
    kept = RowsByPair.of(events)
    assert kept is not None
    first, last = events.span()
    for pair in ((a, b), (c, a), (a, "nobody")):
        assert kept.between(*pair) == events.between(*pair)
        assert kept.between(*pair, start=last, end=last) == events.between(*pair, start=last, end=last)
    assert events.between(a, b, start=first) != []
    monkeypatch.setattr(data_module, "KEPT_ROWS", 5)
    assert RowsByPair.of(events) is None


def test_what_cannot_be_asked_is_refused(study: Study) -> None:
    a, b = study.slices.actors[:2]
    with pytest.raises(UsageError, match="twice"):
        study.explain(a, a)
    with pytest.raises(UsageError, match="number of draws"):
        study.explain(a, b, permutations=-1)
    with pytest.raises(UsageError, match="outside the data"):
        study.explain(a, b, window=("1950-01-01", "1950-12-31"))
    with pytest.raises(UsageError, match="sign model"):
        Study.open("chronicle", model="sign")
    with pytest.raises(UsageError, match="shared_threat"):
        Study.open("chronicle", effects="inertia")

"""Both readers on sentences of our own: who did what to whom, moods, pairs of the document, nothing where there is
nothing."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tertius.errors import UsageError
from tertius.reading import parsed as parsed_module
from tertius.reading.reading import Document, Metadata
from tertius.reading.shallow import ShallowReader

NO_EVENTS = Path(__file__).parents[3] / "benchmarks" / "reading_no_events.txt"


@pytest.fixture(scope="module", params=["shallow", "parsed"])
def reader(request: pytest.FixtureRequest) -> Any:
    if request.param == "shallow":
        return ShallowReader()
    pytest.importorskip("spacy")
    try:
        return parsed_module.ParsedReader()
    except UsageError as missing:
        pytest.skip(str(missing))


def first(reader: Any, text: str, date: str | None = None) -> Any:
    return reader.read(Document(text, Metadata(date=date))).events[0]


@pytest.mark.parametrize(
    ("text", "source", "target", "type_", "quad"),
    [
        ("Iran accused Israel of sabotage.", "IRN", "ISR", "ACCUSE", 3),
        ("The United States suspended military aid to Egypt on Tuesday.", "USA", "EGY", "SANCTION", 4),
        ("Russian forces shelled Kharkiv overnight.", "RUS", "UKR", "ASSAULT", 4),
        ("Germany promised to send aid to Sudan.", "DEU", "SDN", "AGREE", 1),
        ("The talks between Iran and Iraq began on Monday in Egypt.", "IRN", "IRQ", "CONSULT", 1),
        ("Turkey rejected a proposal by France.", "TUR", "FRA", "REJECT", 3),
        ("Chinese Foreign Minister Wang Yi held talks with his Indian counterpart.", "CHN", "IND", "CONSULT", 1),
    ],
)
def test_who_did_what_to_whom(reader: Any, text: str, source: str, target: str, type_: str, quad: int) -> None:
    event = first(reader, text)
    assert (event.source, event.target, event.type, event.quad) == ((source,), (target,), type_, quad)
    assert not event.domestic


def test_event_carries_its_sentence_and_date(reader: Any) -> None:
    text = "It was quiet.\n\nIn March 2014 Russia seized Crimea from Ukraine."
    event = next(e for e in reader.read(Document(text)).events if e.source == ("RUS",))
    a, b = event.span
    assert text[a:b] in event.sentence
    assert (event.dates.date_from, event.dates.date_to) == ("2014-03-01", "2014-03-31")


def test_two_countries_are_those_named_before(reader: Any) -> None:
    text = "Russia received the leader of North Korea. The two countries signed a treaty of friendship."
    events = reader.read(Document(text)).events
    assert {*events[-1].source, *events[-1].target} == {"RUS", "PRK"}
    assert events[-1].sentence.startswith("The two")


def test_old_wars_are_no_events(reader: Any) -> None:
    assert reader.read(Document("Prussia attacked Austria in 1866.")).events == ()


def test_few_false_events(reader: Any) -> None:
    texts = NO_EVENTS.read_text(encoding="utf-8").splitlines()
    assert len(texts) == len(set(texts)) == 150
    false = sum(bool(reader.read(Document(t)).events) for t in texts)
    assert false <= 0.05 * len(texts)


def test_empty_document(reader: Any) -> None:
    assert reader.read(Document("")).events == ()
    assert reader.read(Document("\n\n \n")).events == ()


def test_other_languages_have_no_events(reader: Any) -> None:
    text = "Iran accused Israel of sabotage."
    assert reader.read(Document(text, Metadata(language="de"))).events == ()
    assert len(reader.read(Document(text, Metadata(language="en"))).events) == 1


def test_reading_names_reader_model_and_version(reader: Any) -> None:
    name = reader.read(Document("x")).reader
    assert name.name in ("shallow", "parsed")
    assert name.model
    assert name.version


def test_missing_model_names_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("spacy")
    monkeypatch.setattr(parsed_module, "MODELS", ())
    with pytest.raises(UsageError, match="pip install"):
        parsed_module.load_parser()


@pytest.mark.parametrize("name", ["shallow", "parsed"])
def test_coefficients_are_small_and_hold_single_words(name: str) -> None:
    text = (resources.files("tertius.reading") / f"{name}.json").read_text(encoding="utf-8")
    assert len(text) < 1_500_000
    longest = max(len(f.split()) for f in json.loads(text)["rows"])
    assert longest <= 2

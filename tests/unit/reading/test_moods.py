"""How both readers say that an event did not simply happen: modality, negation, hedge, who asserts it, and how sure."""

from __future__ import annotations

from typing import Any

import pytest

from tertius.errors import UsageError
from tertius.reading import parsed as parsed_module
from tertius.reading.reading import CONFIDENT, Document, Event
from tertius.reading.shallow import ShallowReader


@pytest.fixture(scope="module", params=["shallow", "parsed"])
def reader(request: pytest.FixtureRequest) -> Any:
    if request.param == "shallow":
        return ShallowReader()
    pytest.importorskip("spacy")
    try:
        return parsed_module.ParsedReader()
    except UsageError as missing:
        pytest.skip(str(missing))


def events(reader: Any, text: str) -> tuple[Event, ...]:
    found: tuple[Event, ...] = reader.read(Document(text)).events
    return found


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("Iran threatened to attack Israel.", "threaten"),
        ("Russia refused to withdraw its troops from Georgia.", "refuse"),
        ("Japan demanded that China release the crew.", "demand"),
        ("Egypt agreed to send aid to Sudan.", "agree"),
        ("Greece will visit Turkey for talks.", "future"),
        ("Russia bombed Ukraine.", None),
    ],
)
def test_modality(reader: Any, text: str, modality: str | None) -> None:
    assert [e.modality for e in events(reader, text)] == [modality]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("India did not attack Pakistan.", True),
        ("South Korea never accused Japan of spying.", True),
        ("South Korea accused Japan of spying.", False),
        ("No Russian soldier attacked Ukraine.", True),
        ("Reports that China attacked India are false.", True),
        ("It is not true that China attacked India.", True),
    ],
)
def test_negation(reader: Any, text: str, negated: bool) -> None:
    assert [e.negated for e in events(reader, text)] == [negated]


@pytest.mark.parametrize(
    ("text", "hedge"),
    [
        ("Turkey reportedly bombed Syria.", "reportedly"),
        ("Iran may have shipped drones to Russia.", "may"),
        ("Turkey bombed Syria.", None),
    ],
)
def test_hedge(reader: Any, text: str, hedge: str | None) -> None:
    assert [e.hedge for e in events(reader, text)] == [hedge]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("A spokesman for the Kremlin said that Ukraine had shelled Russian villages.", "A spokesman for the Kremlin"),
        ("Ukraine shelled Russian villages.", "author"),
    ],
)
def test_who_asserts_it(reader: Any, text: str, who: str) -> None:
    (event,) = events(reader, text)
    assert (event.source, event.target, event.asserted_by) == (("UKR",), ("RUS",), who)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Ukraine shelled Russian villages, the Kremlin said.", "the Kremlin"),
        ("According to the Kremlin, Ukraine shelled Russian villages.", "the Kremlin"),
    ],
)
def test_without_a_parse_the_speaker_may_stand_after_what_is_said(text: str, who: str) -> None:
    assert [e.asserted_by for e in events(ShallowReader(), text)] == [who]


def test_a_plain_event_is_surer_than_a_figure_of_speech(reader: Any) -> None:
    (plain,) = events(reader, "Russian forces shelled Kharkiv overnight.")
    assert plain.confidence is not None
    assert CONFIDENT <= plain.confidence <= 1
    assert plain.confident
    figurative = events(reader, "The quarrel of Oman and Qatar is a storm in a teacup.")
    assert not any(e.confident for e in figurative)


def test_an_event_of_a_reader_without_numbers_is_taken_as_it_is() -> None:
    event = Event(("RUS",), ("PRK",), "CONSULT", 1, "Russia met North Korea.", (0, 23))
    assert event.to_dict()["confidence"] is None
    assert event.confident


def test_a_question_tells_no_event(reader: Any) -> None:
    assert events(reader, "Did China attack Taiwan?") == ()
    assert len(events(reader, "China attacked Taiwan.")) == 1


def test_who_says_so_is_named(reader: Any) -> None:
    (event,) = events(reader, "According to the Pentagon, Russia attacked Ukraine.")
    assert (event.source, event.asserted_by) == (("RUS",), "the Pentagon")


@pytest.mark.parametrize(
    ("text", "source", "target"),
    [
        ("Israel was attacked by Iran on Friday.", "IRN", "ISR"),
        ("Ukrainian troops were attacked by Russian forces.", "RUS", "UKR"),
        ("Russia was condemned by Japan.", "JPN", "RUS"),
    ],
)
def test_in_the_passive_the_doer_comes_last(reader: Any, text: str, source: str, target: str) -> None:
    (event,) = events(reader, text)
    assert (event.source, event.target) == ((source,), (target,))


def test_the_day_of_the_week_makes_no_difference(reader: Any) -> None:
    days = ("Monday", "Tuesday", "Thursday")
    told = [events(reader, f"Canada signed a free trade agreement with Chile on {day}.")[0].type for day in days]
    assert told == ["SUPPORT"] * 3


def test_what_is_too_long_for_a_sentence_is_left_and_said(reader: Any) -> None:
    found = reader.read(Document("Iran and Israel and " * 300 + "met. Iran attacked Israel."))
    assert [e.type for e in found.events] == ["ASSAULT"]
    assert found.warnings == ("1 sentence of more than 4,000 letters was not read.",)

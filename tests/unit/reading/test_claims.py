"""What an article claims: sentences of each kind, and whole articles whose claims were written down before the run."""

from __future__ import annotations

import pytest

from tertius.codes.ontologies import PLOVER
from tertius.language import Message, known
from tertius.reading.claims import FIRST_TIME, find_claims, with_claims
from tertius.reading.reading import Claim, Document, Event, Metadata, ReaderName, Reading
from tertius.reading.relations import DEEDS


def found(text: str, written: str = "2023-09-18") -> list[Claim]:
    return list(find_claims(Document(text, Metadata(date=written))))


def one(text: str) -> Claim:
    claims = found(text)
    assert len(claims) == 1, [(c.kind, c.actors) for c in claims]
    return claims[0]


@pytest.mark.parametrize(
    "text",
    [
        "Washington drives Moscow and Pyongyang together.",
        "American pressure is pushing Russia into the arms of North Korea.",
        "Russia and North Korea are being driven together by the United States.",
        "The common enemy of Russia and North Korea is the United States.",
        "Russia and North Korea share a common enemy in the United States.",
        "The United States has given Russia ample reason to work with North Korea.",
        "Washington is the matchmaker for the Russia-North Korea romance.",
        "Closer ties between Russia and North Korea are the result of American hostility.",
    ],
)
def test_a_cause_names_the_driver_and_the_pair(text: str) -> None:
    claim = one(text)
    assert (claim.kind, set(claim.actors), claim.driver) == ("cause", {"RUS", "PRK"}, ("USA",))
    assert (claim.polarity, claim.negated, claim.testable) == ("cooperation", False, True)


@pytest.mark.parametrize(
    "text",
    [
        "It is wrong to say that Washington drives Moscow and Pyongyang together.",
        "Nor has the United States driven Russia and North Korea together.",
        "Cooperation between Russia and North Korea has nothing to do with American policy.",
    ],
)
def test_a_denied_cause_is_the_claim_and_its_denial(text: str) -> None:
    claim = one(text)
    assert (claim.kind, set(claim.actors), claim.driver, claim.negated) == ("cause", {"RUS", "PRK"}, ("USA",), True)


@pytest.mark.parametrize(
    ("text", "polarity", "direction"),
    [
        ("Cooperation between Iran and Russia has soared since 2022.", "cooperation", "up"),
        ("Trade between Iran and Russia has collapsed since 2022.", "cooperation", "down"),
        ("Tensions between Iran and Russia have eased since 2022.", "hostility", "down"),
        ("Relations between Iran and Russia have soured since 2022.", "hostility", "up"),
        ("Iran escalated its confrontation with Russia in 2022.", "hostility", "up"),
        ("Iran has distanced itself from Russia since 2022.", "cooperation", "down"),
        ("The Iran-Russia partnership has deepened since 2022.", "cooperation", "up"),
    ],
)
def test_the_direction_of_a_trend_is_the_verbs_and_its_sign_the_nouns(text: str, polarity: str, direction: str) -> None:
    claim = one(text)
    assert (claim.kind, set(claim.actors)) == ("trend", {"IRN", "RUS"})
    assert (claim.polarity, claim.direction) == (polarity, direction)
    assert claim.dates.date_from == "2022-01-01"


def test_two_pairs_of_one_sentence_are_two_claims() -> None:
    text = "Cooperation between the United States and Japan (as well as between the United States and India) has grown."
    assert [c.actors for c in found(text)] == [("USA", "JPN"), ("USA", "IND")]


def test_a_pair_and_a_time_carry_on_to_the_next_sentences() -> None:
    text = (
        "Cooperation between Russia and China has grown. Joint exercises have taken place over the past two years. "
        "Both the pace and scope of such war games are increasing."
    )
    claims = found(text)
    assert [c.kind for c in claims] == ["trend", "event", "trend"]
    assert {frozenset(c.actors) for c in claims} == {frozenset(("RUS", "CHN"))}
    assert claims[2].dates.date_from == claims[1].dates.date_from == "2021-09-18"
    assert claims[2].types == ("COOPERATE",)


def test_who_says_so_is_told_apart_from_what_is_said() -> None:
    claim = one("Russian officials have insisted that the United States drives China and Iran together.")
    assert claim.asserted_by == "Russian officials"
    assert (claim.driver, set(claim.actors)) == (("USA",), {"CHN", "IRN"})


def test_an_isolation_that_failed_is_a_denied_isolation_among_a_group() -> None:
    claim = one("The effort to isolate Russia has failed, above all in the Global South.")
    assert (claim.kind, claim.actors, claim.negated, claim.group) == ("isolation", ("RUS",), True, "G77")


def test_worst_since_is_an_extreme_with_its_time() -> None:
    claim = one("Relations between Russia and the United States are at their worst level since 1991.")
    assert (claim.kind, claim.polarity, claim.dates.date_from) == ("extreme", "hostility", "1991-01-01")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("China should avoid provoking India.", "policy"),
        ("Putin regards the United States as an enemy.", "motive"),
        ("The American approach to Iran is a clumsy policy.", "value"),
        ("North Korea has the capacity to produce shells.", "capability"),
        ("The meeting signals greater cooperation between Russia and Iran.", "prediction"),
    ],
)
def test_what_events_cannot_speak_to_is_recognised_and_not_testable(text: str, kind: str) -> None:
    claims = found(text)
    assert kind in [c.kind for c in claims]
    assert not any(c.testable for c in claims if c.kind == kind)


def test_a_word_of_change_before_a_noun_speaks_of_no_other_noun() -> None:
    text = "The United States made one provocation after another toward Russia, with rising arms shipments to Ukraine."
    assert [c.about for c in found(text) if c.kind == "trend"] == ["arms deliveries"]


@pytest.mark.parametrize(
    ("text", "actors", "about"),
    [
        ("NATO is waging a proxy war against Russia.", ("NATO", "RUS"), "war"),
        ("The Kremlin had even signed on to international sanctions against Pyongyang.", ("RUS", "PRK"), "sanctions"),
    ],
)
def test_wars_waged_and_sanctions_imposed_are_hostile_events(text: str, actors: tuple[str, str], about: str) -> None:
    claim = one(text)
    assert (claim.kind, claim.actors, claim.polarity, claim.about) == ("event", actors, "hostility", about)


def test_the_years_before_a_crisis_end_where_it_begins() -> None:
    text = "In the years before the onset of the Ukraine crisis, Moscow was trying to distance itself from Pyongyang."
    claim = one(text)
    assert (claim.kind, claim.direction) == ("trend", "down")
    assert (claim.dates.date_from, claim.dates.date_to) == (None, "2014-02-19")


def test_what_had_happened_happened_in_the_time_just_spoken_of() -> None:
    before = (
        "In the years before the onset of the Ukraine crisis, Moscow was trying to distance itself from Pyongyang. "
    )
    asked = "Russia {} sanctions against North Korea."
    had, has = (found(before + asked.format(x))[-1] for x in ("had even signed on to", "has signed on to"))
    assert (had.kind, had.dates.date_to) == ("event", "2014-02-19")
    assert has.dates.date_to is None
    text = "Russia seized Crimea in 2014. The closeness of Russia and China had nothing to do with US hostility."
    assert [c.dates.date_from for c in found(text) if c.negated] == [None]


def test_a_first_time_is_about_an_event() -> None:
    text = "For the first time since the early 1980s, a U.S. submarine has docked in South Korea."
    assert one(text).about == FIRST_TIME


def test_an_event_that_a_reader_finds_needs_both_actors_in_the_sentence() -> None:
    text = "Statements by NATO Secretary General Jens Stoltenberg have undermined that narrative."
    event = Event(("NATO",), ("NOR",), "CONSULT", 1, text, (0, len(text)))
    assert find_claims(Document(text, Metadata(date="2023-09-18")), [event]) == ()


def test_a_general_claim_names_nobody() -> None:
    claim = one("The unifying factor in most alliances is a common enemy.")
    assert (claim.kind, claim.actors, claim.testable) == ("general", (), True)


@pytest.mark.parametrize(
    "text",
    [
        "It rained in Pyongyang all day.",
        "If Russia cut its ties with Iran, relations would suffer.",
        "Has cooperation between Russia and Iran grown?",
        "The museum in Moscow opens at nine.",
        "",
    ],
)
def test_sentences_that_claim_nothing_give_nothing(text: str) -> None:
    assert found(text) == []


def test_a_value_word_is_set_aside_and_the_claim_under_it_kept() -> None:
    claim = one("Washington's clumsy policy drives Moscow and Pyongyang together.")
    assert (claim.kind, claim.judgement) == ("cause", "clumsy")


def test_claims_that_a_reader_brings_stay() -> None:
    own = one("Washington drives Moscow and Pyongyang together.")
    read = Reading(Document("Cooperation between Iran and Russia has soared."), (), ReaderName("mine"), (own,))
    assert with_claims(read) is read


def test_two_trends_of_a_sentence_have_each_its_own_time() -> None:
    text = (
        "Cooperation between Russia and North Korea has soared since the start of 2022, and cooperation between Russia "
        "and China has deepened since 2021."
    )
    found = find_claims(Document(text, Metadata(date="2023-07-03")))
    days = [(c.dates.date_from, c.dates.date_to) for c in found]
    assert days == [("2022-01-01", "2023-07-03"), ("2021-01-01", "2023-07-03")]


def test_allies_are_told_apart_from_the_actor_itself() -> None:
    claim = one("The United States and its allies drastically escalated the confrontation with Russia.")
    assert claim.actors == ("USA", "RUS")
    assert claim.allies == ("USA",)
    alone = one("The United States drastically escalated the confrontation with Russia, an ally of Iran.")
    assert alone.allies == ()


def test_words_of_the_article_that_look_like_a_slot_are_words() -> None:
    assert found("@0 drives @1 and @2 together, says @44news of Russia.") == []
    claim = one("Hostility between Russia and Ukraine has mounted since 2021, says @7days.")
    assert claim.actors == ("RUS", "UKR")


def test_every_type_of_event_has_a_word() -> None:
    assert set(DEEDS) == set(PLOVER)
    assert all(isinstance(known(word), Message) for word in DEEDS.values())

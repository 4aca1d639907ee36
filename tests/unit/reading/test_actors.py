"""Whom words name in a text: hand-worked cases of each rule of the module's docstring."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

import tertius
from tertius.codes import all_actors
from tertius.errors import UnknownActor
from tertius.reading.actors import GENERIC, find_actors, resolve_actor


def codes(text: str, date: str | None = None) -> list[str]:
    return [m.code for m in find_actors(text, date)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They told us that turkey is for those who chad.", []),
        ("US officials met Turkey and the WHO.", ["USA", "TUR", "WHO"]),
        ("The Kremlin, Pyongyang and the Knesset.", ["RUS", "PRK", "ISR"]),
        ("Michael Jordan scored.", []),
        ("Jordan's king spoke.", ["JOR"]),
        ("Voters in Georgia and Alabama.", ["USA"]),
        ("Georgia and Russia fought.", ["GEO", "RUS"]),
        ("Ethnic protests: ethnic Albanians in Serbia.", ["SRB"]),
        ("The Peruvian Congress voted.", ["PER"]),
        ("North and South Korean troops.", ["PRK", "KOR"]),
        ("an anti-Syrian journalist in Lebanon", ["LBN"]),
        ("a London-based newspaper", []),
        ("Ethopia and Isreal", ["ETH", "ISR"]),
        ("Congo's army left Kinshasa.", ["COD", "COD"]),
        ("Congo's army left.", []),
    ],
)
def test_rules_of_mentions(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


def test_surname_needs_a_title_a_first_mention_or_a_date() -> None:
    assert codes("Reagan spoke.") == []
    assert codes("President Reagan spoke.") == ["USA"]
    assert codes("Reagan spoke.", "1984-05-01") == ["USA"]
    assert codes("Reagan spoke.", "2015-05-01") == []
    assert codes("Ronald Reagan spoke. Then Reagan left.") == ["USA", "USA"]
    assert codes("The Biden administration paid.") == ["USA"]


def test_names_go_by_date() -> None:
    assert codes("Russia", "1970-01-01") == ["SUN"]
    assert codes("Russia", "2010-01-01") == ["RUS"]


def test_resolve_is_the_public_name_and_reads_phrases() -> None:
    assert tertius.resolve_actor is resolve_actor
    assert resolve_actor("Armenian Prime Minister Nikol Pashinyan").code == "ARM"
    assert resolve_actor("the UN special envoy").code == "UN"
    assert resolve_actor("RUS").code == "RUS"
    with pytest.raises(UnknownActor, match="PRK"):
        resolve_actor("Nth Korea")
    with pytest.raises(UnknownActor):
        resolve_actor("a cat")


def test_names_in_other_languages() -> None:
    pytest.importorskip("babel")
    assert resolve_actor("Deutschland").code == "DEU"
    assert resolve_actor("Россия").code == "RUS"


@pytest.mark.parametrize("table", ["bodies.csv", "persons.csv"])
def test_tables_know_their_codes(table: str) -> None:
    lines = (resources.files("tertius.reading") / table).read_text(encoding="utf-8").splitlines()
    unknown = {row["code"] for row in csv.DictReader(lines)} - {*all_actors(), *GENERIC}
    assert not unknown


@pytest.mark.parametrize(
    ("text", "date", "codes"),
    [
        ("NATO Secretary General Jens Stoltenberg spoke.", None, ["NATO", "NATO"]),
        ("U.N. chief Antonio Guterres spoke.", None, ["UN", "UN"]),
        ("Jens Stoltenberg spoke.", "2016-05-01", ["NATO"]),
        ("Jens Stoltenberg spoke.", "2010-05-01", ["NOR"]),
        ("Norwegian Prime Minister Jens Stoltenberg spoke to NATO.", None, ["NOR", "NOR", "NATO"]),
        ("The EU and President Putin spoke.", None, ["EU", "RUS"]),
    ],
)
def test_who_holds_an_organisations_office_speaks_for_it(text: str, date: str | None, codes: list[str]) -> None:
    assert [m.code for m in find_actors(text, date)] == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Latin American leaders condemned Israel.", ["ISR"]),
        ("South American and American officials met.", ["USA"]),
        ("Saudi Arabia seized a tanker in the Persian Gulf.", ["SAU"]),
        ("Rwanda accused the Democratic Republic of Congo.", ["RWA", "COD"]),
        ("The Jerusalem Post accused Iran.", ["IRN"]),
        ("The Times of India reported that Pakistan shelled a village.", ["PAK"]),
        ("BIDEN URGES CHINA TO PRESS RUSSIA", ["USA", "CHN", "RUS"]),
    ],
)
def test_parts_of_other_names_are_no_states(text: str, codes: list[str]) -> None:
    assert [m.code for m in find_actors(text, "2023-01-01")] == codes

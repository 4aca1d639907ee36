"""What a text stands for: exact codes first, then names, a number always exactly."""

from __future__ import annotations

import pytest

from tertius.codes.lookup import find_codes
from tertius.errors import UnknownActor


def codes(text: str | None, day: str | None = None) -> list[str]:
    return [actor["code"] for actor in find_codes(text, day)["actors"]]


def test_a_code_is_that_actor_alone_and_a_word_all_that_have_it() -> None:
    assert codes("PRK") == ["PRK"]
    assert {"KOR", "PRK"} <= set(codes("korea"))


def test_a_name_means_who_bore_it_on_the_day() -> None:
    assert codes("Soviet Union", "1980-01-01") == ["SUN"]


def test_an_event_type_is_found_by_its_code_and_by_its_ontology() -> None:
    found = find_codes("190")
    assert found["actors"] == []
    assert {row["type"] for row in found["types"]} == {"190"}
    assert len(find_codes("cameo")["types"]) > 100


def test_nothing_of_that_name_is_an_error() -> None:
    with pytest.raises(UnknownActor, match="Xanadu"):
        find_codes("Xanadu")

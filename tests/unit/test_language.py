"""Sentences that can be said in other languages: in English they are texts, elsewhere they keep their parts."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from tertius.codes import actor_name
from tertius.errors import UsageError
from tertius.language import LANGUAGES, Number, direction, in_language, joined, known, plural, say
from tertius.report.document import check_language
from tertius.study import kept

babel = pytest.importorskip("babel", reason="languages need pip install 'tertius[read]'")


def test_in_english_a_sentence_is_its_text() -> None:
    text = say("Data: {name}", name="A")
    assert text == "Data: A"
    assert isinstance(text, str)
    assert json.dumps({text: text}) == '{"Data: A": "Data: A"}'
    assert in_language(text, "en") == text
    assert {text: 1}["Data: A"] == 1


@pytest.mark.parametrize("language", [x for x in LANGUAGES if x != "en"])
def test_what_holds_parts_is_said_whole(language: str) -> None:
    three = say("Three caveats")
    there = in_language(three, language)
    assert there != three
    assert in_language(joined([three, "RUS"], ": "), language).startswith(there)
    assert in_language(three + " RUS", language) == f"{there} RUS"
    assert in_language((three, {"a": [three]}), language) == (there, {"a": [there]})
    assert in_language("Three caveats", language) == "Three caveats"  # a label of the data


def test_numbers_days_and_states_are_written_as_the_language_does() -> None:
    assert in_language(Number("1,234.5"), "de") == "1.234,5"
    assert in_language(actor_name("DEU"), "ko") == "독일"
    assert in_language(actor_name("XXA"), "ko") == actor_name("XXA")
    assert direction("ar") == "rtl"
    assert {direction(x) for x in LANGUAGES if x != "ar"} == {"ltr"}


def test_copies_and_files_keep_the_parts() -> None:
    text = say("at most {bound} %", bound=Number("1.5"))
    there = in_language(text, "fr")
    assert "1,5" in there
    for back in (copy.deepcopy(text), copy.copy(text), pickle.loads(pickle.dumps(text))):
        assert (back, in_language(back, "fr")) == (text, there)


def test_a_kept_result_speaks_every_language(tmp_path: Path) -> None:
    text = say("{k} of {n:,}", k=say("Three caveats"), n=1200)
    content = kept.packed("key", (text,))
    assert content is not None
    (tmp_path / "kept").write_bytes(content)
    (back,) = kept.unpacked("key", tmp_path / "kept")
    assert back == text
    assert in_language(back, "de") == in_language(text, "de") != text


def test_plurals_take_the_form_of_their_number() -> None:
    many = [plural("{n:,} event", "{n:,} events", n) for n in (1, 2, 5)]
    assert many == ["1 event", "2 events", "5 events"]


def test_lone_words_are_known_or_stay() -> None:
    assert known("never heard of it") == "never heard of it"
    assert known("hostility") == "hostility"


def test_a_language_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="tlh"):
        check_language("tlh")
    with pytest.raises(LookupError):
        in_language(say("Three caveats"), "tlh")

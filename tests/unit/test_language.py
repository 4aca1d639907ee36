"""Sentences in other languages: what a text keeps, what every catalogue must hold, and that no English is left."""

from __future__ import annotations

import copy
import json
import pickle
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

import tertius
from tertius.language import (
    ENGLISH,
    LANGUAGES,
    Day,
    Name,
    Number,
    capital,
    catalogue_of,
    direction,
    in_language,
    joined,
    known,
    offered,
    plural,
    say,
    wrapped,
)

pytest.importorskip("babel", reason="babel (an extra) is not installed")
OTHERS = [x for x in LANGUAGES if x != ENGLISH]
ROOT = Path(__file__).parents[2]


def messages(language: str) -> list[Any]:
    from babel.messages.pofile import read_po

    with catalogue_of(language).open("rb") as stream:
        return [m for m in read_po(stream, locale=language) if m.id]


def fields(template: str) -> set[tuple[str, str]]:
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name is not None}


def test_a_sentence_is_its_english_text_whatever_it_keeps() -> None:
    found = say("{a} and {n:,} more", a=Name("Russia", "RUS"), n=1200)
    assert found == "Russia and 1,200 more"
    assert json.dumps(found) == '"Russia and 1,200 more"'
    assert found + "." == "Russia and 1,200 more."
    assert joined(("a", "b"), ", ") == "a, b"
    assert capital(say("yes")) == "Yes"
    assert [plural("{n} event", "{n} events", n) for n in (0, 1, 2)] == ["0 events", "1 event", "2 events"]


def test_all_languages_of_the_promise_are_offered() -> None:
    assert set(offered()) == {"en", "fr", "es", "de", "ru", "zh", "ko", "ar"}
    assert [direction(x) for x in ("ar", "ko")] == ["rtl", "ltr"]


def test_catalogues_hold_every_message_and_the_template_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_fields_and_have_every_plural_form(language: str) -> None:
    from babel import Locale

    many = len(Locale.parse(language).plural_form.rules) + 1
    for m in messages(language):
        one, *rest = m.id if isinstance(m.id, tuple) else (m.id,)
        said = m.string if isinstance(m.string, tuple) else (m.string,)
        assert all(said), f"{one!r} is not translated"
        assert not m.fuzzy
        assert len(said) == 1 or not rest or len(said) <= many
        allowed = fields(one) | set().union(*map(fields, rest))
        for text in said:
            assert fields(text) <= allowed, f"{one!r} in {language}: {text!r}"
        assert fields(said[-1]) == fields(rest[-1] if rest else one), f"{one!r} in {language}: {said[-1]!r}"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_the_english_sentence(language: str) -> None:
    def words(template: str) -> list[str]:
        return re.findall(r"\b[a-z]{3,}", re.sub(r"\{[^}]*\}|tertius[. ][a-z]+|--[a-z]+", "", template))

    same = [m.id for m in messages(language) if isinstance(m.id, str) and m.id == m.string]
    assert not [text for text in same if len(words(text)) > 1]


def test_numbers_days_and_names_are_written_as_in_the_language() -> None:
    text = say("{size} on {day}, {who}", size=Number("-1,234.5"), day=Day("2022-03-01"), who=Name("Germany", "DEU"))
    assert "1.234,5" in in_language(text, "de")
    assert "Deutschland" in in_language(text, "de")
    assert "2022. 3. 1." in in_language(text, "ko")
    assert "독일" in in_language(text, "ko")


@pytest.mark.parametrize(("language", "numbers"), [("ru", (1, 2, 5)), ("ar", (1, 2, 3, 11))])
def test_russian_and_arabic_have_the_form_of_the_number(language: str, numbers: tuple[int, ...]) -> None:
    said = []
    for one, many in (m.id for m in messages(language) if isinstance(m.id, tuple)):
        filled = {name: 0 for name, _ in fields(many)}
        texts = (
            in_language(plural(one, many, n, **{k: v for k, v in filled.items() if k != "n"}), language)
            for n in numbers
        )
        said.append({re.sub(r"\d", "", x) for x in texts})
    assert max(map(len, said)) == len(numbers)


def test_labels_of_the_data_stay_as_they_are() -> None:
    assert in_language("hostility", "ko") == "hostility"
    assert in_language(known("hostility"), "ko") != "hostility"
    assert in_language(say("{who}", who="Aa <b>"), "fr") == "Aa <b>"
    with pytest.raises(LookupError):
        in_language(say("Yes"), "tlh")


def test_what_is_copied_pickled_or_kept_speaks_on(tmp_path: Path) -> None:
    from tertius.study.kept import packed, unpacked

    found = joined((say("What this cannot say"), say("cooperation")))
    for again in (copy.deepcopy(found), pickle.loads(pickle.dumps(found)), next(iter(wrapped(found, 200)))):
        assert again == found
    spoken = in_language(found, "ko")
    assert in_language(pickle.loads(pickle.dumps(found)), "ko") == spoken != found
    content = packed("key", found)
    assert content is not None
    file = tmp_path / "kept.npz"
    file.write_bytes(content)
    assert in_language(unpacked("key", file), "ko") == spoken


class Texts(HTMLParser):
    """The texts of a page that its reader sees, but for code and quotations."""

    HIDDEN = frozenset({"script", "style", "code", "pre", "mark", "cite"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "input", "img"):
            self.open.append(tag)
        self.found += [v for k, v in attributes if v and k in ("aria-label", "title", "data-save", "data-failed")]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.HIDDEN & set(self.open):
            self.found.append(data)


NAMES = re.compile(
    r"https?://\S+|scripts/\w+\.py|tertius [a-z]+|--[\w-]+( full)?|\b[a-z]\w*[._][\w.]+|\bS\d\d\b|\b[0-9a-f]{16}\b"
    r"|\b[A-Z]{2,}\b|\d+(mo|y|d|w|h)\b|[\w-]+\.(cff|md|csv)"
    r"|\b(tertius|planted|python|numpy|scipy|duckdb|log1p|sqrt|min|now|inertia|activity|popularity|reciprocity|phi|exp|log|MB)\b"
    r"|Nickell|Shapley|Holm|Poisson",
    re.ASCII,
)
"""Names, codes and statistics' signs: in every language as they are."""


@pytest.fixture(scope="module")
def korean() -> dict[str, str]:
    from tertius.report.document import translated
    from tertius.report.html import render
    from tertius.report.pages import document_of
    from tertius.study.counsel import price
    from tertius.study.movement import isolation, rank, trend

    study = tertius.Study.open("planted", cache=False)
    made = {
        "explain": study.explain("S02", "S08", permutations=0),
        "by": study.by("S03"),
        "pairs": study.pairs(top=5),
        "trend": trend("S02", "S08", "planted"),
        "rank": rank("S02", "S08", "planted"),
        "isolation": isolation("S02", "planted"),
        "price": price("S03", "planted"),
    }
    return {name: render(translated(document_of(answer), "ko")) for name, answer in made.items()}


@pytest.mark.parametrize("name", ["explain", "by", "pairs", "trend", "rank", "isolation", "price"])
def test_no_english_word_is_left_on_a_korean_page(korean: dict[str, str], name: str) -> None:
    page = korean[name]
    assert '<html lang="ko"' in page
    texts = Texts()
    texts.feed(page.partition('id="sources"')[0])  # what is cited is quoted
    left = {text.strip(): found for text in texts.found if (found := re.findall(r"[A-Za-z]{2,}", NAMES.sub(" ", text)))}
    assert not left

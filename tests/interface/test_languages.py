"""Catalogues are complete and fit their templates, and a page in another language has no English word left on it."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pytest

babel = pytest.importorskip("babel", reason="catalogues need pip install 'tertius[read]'")
from babel.messages.pofile import read_po  # noqa: E402

from page_words import Words, english  # noqa: E402
from tertius.codes.actors import KINDS  # noqa: E402
from tertius.language import LANGUAGES, catalogue_of, in_language, known, offered, say  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
OTHERS = tuple(x for x in LANGUAGES if x != "en")
PLURALS = {"fr": 2, "es": 2, "de": 2, "ru": 3, "zh": 1, "ko": 1, "ar": 6}
COMMANDS = (
    "describe chronicle", "trend RUS PRK chronicle --at 2014-03-01 --period 1y",
    "rank RUS UKR chronicle --period 1y", "isolation RUS chronicle --at 2014-03-01 --period 1y",
)  # fmt: skip


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_script", ROOT / "scripts" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fields(template: str) -> Counter[tuple[str, str]]:
    try:
        return Counter({(name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name is not None})
    except ValueError:
        return Counter()


def test_the_list_of_messages_is_current(messages: ModuleType) -> None:
    assert messages.TEMPLATE.read_text("utf-8") == messages.as_text(messages.template()), "run scripts/messages.py"


def test_every_language_is_offered() -> None:
    assert set(offered()) == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_missing(language: str, messages: ModuleType) -> None:
    assert messages.missing(Path(str(catalogue_of(language))), messages.template()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_fields_of_their_templates(language: str) -> None:
    with catalogue_of(language).open("rb") as stream:
        known = read_po(stream, locale=language)
    assert known.num_plurals == PLURALS[language]
    for message in known:
        if isinstance(message.id, tuple):
            assert len(message.string) == PLURALS[language], message.id
            for form in message.string:
                lost = fields(message.id[1]) - fields(form)
                assert not fields(form) - fields(message.id[1]), (message.id, form)
                assert {name for name, _ in lost} <= {"n"}, (message.id, form)  # "one event", in Arabic "two events"
        elif message.id:
            assert fields(message.string) == fields(message.id), (message.id, message.string)


def page(command: str, language: str, run: Callable[..., Any], folder: Path) -> Words:
    target = folder / "page.html"
    found = run(*command.split(), "--report", target, "--lang", language)
    assert found.code == 0, found.err
    return Words(target.read_text("utf-8"))


@pytest.mark.parametrize(
    "command", [*COMMANDS[:4], "changes chronicle --top 3", "forecast chronicle --pair RUS PRK --horizon 1"],
    ids=lambda c: c.split()[0],
)  # fmt: skip
def test_a_german_page_writes_its_days_in_german(command: str, tertius: Callable[..., Any], tmp_path: Path) -> None:
    seen = page(command, "de", tertius, tmp_path)
    assert [t for t in seen.texts if re.search(r"\b\d{4}-\d\d-\d\d\b", t)] == []


def test_every_kind_of_actor_has_a_word() -> None:
    assert [k for k in KINDS if in_language(known(k), "ko") == k] == []


def test_what_the_atlas_says_of_itself_is_translated(messages: ModuleType) -> None:
    notes = [id for place, id in messages.found() if place.startswith("packages/")]
    assert len(notes) == 1
    assert isinstance(notes[0], str)
    assert not english(str(in_language(say(notes[0]), "ko")).replace("GDELT", ""))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.split()[0])
def test_a_korean_page_has_no_english_word(command: str, tertius: Callable[..., Any], tmp_path: Path) -> None:
    seen = page(command, "ko", tertius, tmp_path)
    assert seen.root["lang"] == "ko"
    wrong = [t.strip() for t in seen.texts if english(t)]
    assert not wrong


def test_an_arabic_page_runs_from_right_to_left(tertius: Callable[..., Any], tmp_path: Path) -> None:
    assert page(COMMANDS[0], "ar", tertius, tmp_path).root == {"lang": "ar", "dir": "rtl"}


def test_json_stays_english(tertius: Callable[..., Any]) -> None:
    words = COMMANDS[2].split()
    assert cleaned(tertius(*words, "--json", "--lang", "ko").out) == cleaned(tertius(*words, "--json").out)


def cleaned(text: str) -> str:
    return re.sub(r'("(?:seconds|command|peak_memory_mb)": )[^,}]*', r"\1", text)


def test_no_language_is_read_from_the_environment(tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = tertius("codes", "Korea").out
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setenv("LANGUAGE", "ko")
    assert tertius("codes", "Korea").out == before
    assert tertius("codes", "Korea", "--lang", "ko").out != before


def test_an_unknown_language_is_refused(tertius: Callable[..., Any]) -> None:
    found = tertius("codes", "Korea", "--lang", "tlh")
    assert found.code == 2
    assert "tlh" in found.err

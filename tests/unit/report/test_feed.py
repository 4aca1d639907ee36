"""Feeds: valid by readers and rules that are not ours, the same bytes for the same data, an id for ever."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
import pytest

from feed_rules import check_atom, check_json_feed
from tertius.answers.foresight import Change, Changes
from tertius.errors import UsageError
from tertius.report.feed import ATOM, FORMS, atom, check_feed, entry_id, json_feed, write_feed

NASTY = "</content><script>alert(1)</script>&amp; \x00\x1b[31m\ufffe\ud800 ]]> \u202e"
ROW = {"date": "2023-06-03", "source": "CUB", "target": "IRN", "sign": 1, "weight": 612.3, "url": None}
MOVED = (("inertia", -0.064), ("activity of the ends", 0.0))
FIRST = Change(
    ("CUB", "IRN"), "cooperation", "2023-06-01", "2023-06-30", 612.3, 17.9, 0.0, 92.6, 9.47, MOVED, (ROW,)
)  # fmt: skip
SECOND = replace(FIRST, pair=("IRN", "CUB"), outcome="hostility", start="2023-05-01", end="2023-05-31", observed=0.0)
FOUND = Changes(
    "2023-05-01", "units of weight", (FIRST, SECOND), 240, ("A caveat.",), "tertius changes atlas", "atlas", False
)  # fmt: skip
HOSTILE = replace(FOUND, changes=(replace(FIRST, pair=(NASTY, "B")),), data_name=f"a/b c{NASTY}", caveats=(NASTY,))
EMPTY = replace(FOUND, changes=())


@pytest.mark.parametrize("found", [FOUND, HOSTILE, EMPTY], ids=["two", "hostile", "none"])
def test_feeds_are_valid_whatever_the_labels(found: Changes) -> None:
    made = check_atom(atom(found))
    told = check_json_feed(json_feed(found))
    entries = made.findall(f"{{{ATOM}}}entry")
    assert len(entries) == len(told["items"]) == len(found.changes)
    for entry, item in zip(entries, told["items"], strict=True):
        assert (entry.findtext(f"{{{ATOM}}}id"), entry.findtext(f"{{{ATOM}}}content")) == (
            item["id"], item["content_text"],
        )  # fmt: skip
    assert b"<script>" not in atom(found)


def test_an_independent_reader_finds_what_the_answer_holds() -> None:
    parsed = feedparser.parse(atom(FOUND))
    first, second = parsed.entries
    assert first.id == "tag:tertius.invalid,2026:atlas/CUB/IRN/cooperation/2023-06-01/2023-06-30"
    assert (first.updated, second.updated) == ("2023-07-01T00:00:00Z", "2023-06-01T00:00:00Z")
    assert parsed.feed.updated == "2023-07-01T00:00:00Z"
    assert first.title == "Cooperation between Cuba and Iran: more than expected, 2023-06-01 to 2023-06-30"
    assert second.title.startswith("Hostility between Iran and Cuba: less than expected")
    for figure in ("612", "17.9", "0 to 92.6", "9.47", "inertia -0.06", "2023-06-03"):
        assert figure in first.content[0].value
    assert "activity of the ends" not in first.content[0].value  # it had not moved
    assert [t.term for t in first.tags] == ["cooperation", "CUB", "IRN"]
    assert json.loads(json_feed(FOUND))["items"][0]["_tertius"] == FOUND.to_dict()["changes"][0]


def test_the_same_surprise_has_the_same_id_whatever_else_was_asked() -> None:
    later = replace(FIRST, surprise=3.0, observed=700.0, rows=())
    asked = replace(FOUND, since="2020-01-01", data_name="folder/atlas@12", n=3, command="another")
    assert entry_id(asked, later) == entry_id(FOUND, FIRST)
    assert entry_id(FOUND, replace(FIRST, pair=("IRN", "CUB"))) == entry_id(FOUND, FIRST)
    directed = replace(FOUND, directed=True)
    assert entry_id(directed, replace(FIRST, pair=("IRN", "CUB"))) != entry_id(directed, FIRST)
    apart = {
        entry_id(FOUND, x)
        for x in (FIRST, replace(FIRST, outcome="hostility"), replace(FIRST, start="2023-06-02"), SECOND)
    }
    assert len(apart) == 4
    assert entry_id(FOUND, replace(FIRST, pair=("A/B", "C"))) != entry_id(FOUND, replace(FIRST, pair=("A", "B/C")))


def test_the_same_data_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {form: make(FOUND) for form, make in FORMS.items()}
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert {form: make(copy.deepcopy(FOUND)) for form, make in FORMS.items()} == before


BROKEN_ATOM: dict[str, Callable[[str], str]] = {
    "no id": lambda text: re.sub(r"<id>.*?</id>", "", text, count=1),
    "an entry's id": lambda text: re.sub(r"(<entry>\s*)<id>.*?</id>", r"\1", text, count=1),
    "no title": lambda text: re.sub(r"<title>.*?</title>", "", text, count=1),
    "no updated": lambda text: re.sub(r"<updated>.*?</updated>", "", text, count=1),
    "a date that is none": lambda text: text.replace("2023-07-01T00:00:00Z", "1 July 2023"),
    "a day that is none": lambda text: text.replace("2023-07-01T", "2023-07-41T"),
    "two ids": lambda text: text.replace("<entry>", "<entry><id>tag:tertius.invalid,2026:x</id>", 1),
    "no author": lambda text: re.sub(r"<author>.*?</author>", "", text, flags=re.DOTALL),
    "an id that is no tag": lambda text: text.replace("tag:tertius.invalid,2026:atlas/CUB", "surprise CUB"),
    "one id twice": lambda text: re.sub(r"<entry>.*</entry>", lambda m: m[0] * 2, text, flags=re.DOTALL),
    "another namespace": lambda text: text.replace(ATOM, "http://purl.org/atom/ns#"),
    "cut short": lambda text: text[: len(text) // 2],
    "a bare ampersand": lambda text: text.replace("Surprise ", "&", 1),
    "no content": lambda text: re.sub(r"<content .*?</content>", "", text, count=1, flags=re.DOTALL),
}


@pytest.mark.parametrize("how", BROKEN_ATOM)
def test_a_broken_atom_feed_is_refused(how: str) -> None:
    text = atom(FOUND).decode()
    broken = BROKEN_ATOM[how](text)
    assert broken != text
    with pytest.raises(Exception):  # noqa: B017  whichever of the readers finds it
        check_atom(broken.encode())


BROKEN_JSON: dict[str, Callable[[dict[str, Any]], object]] = {
    "another version": lambda feed: feed.update(version="https://jsonfeed.org/version/9"),
    "no title": lambda feed: feed.pop("title"),
    "no items": lambda feed: feed.pop("items"),
    "an item without id": lambda feed: feed["items"][0].pop("id"),
    "a number as id": lambda feed: feed["items"][0].update(id=5),
    "no content": lambda feed: feed["items"][0].pop("content_text"),
    "one id twice": lambda feed: feed["items"].append(feed["items"][0]),
    "a date that is none": lambda feed: feed["items"][0].update(date_published="1 July 2023"),
    "an author of 1.0": lambda feed: feed.update(author={"name": "tertius"}),
    "a key of nobody": lambda feed: feed["items"][0].update(surprise=3),
    "an extension that is no object": lambda feed: feed.update(_tertius="text"),
}


@pytest.mark.parametrize("how", BROKEN_JSON)
def test_a_broken_json_feed_is_refused(how: str) -> None:
    feed = json.loads(json_feed(FOUND))
    BROKEN_JSON[how](feed)
    with pytest.raises((jsonschema.ValidationError, AssertionError)):
        check_json_feed(json.dumps(feed).encode())


@pytest.mark.parametrize("name", ["f.atom", "f.XML", "f.json"])
def test_a_feed_replaces_an_older_one_and_nothing_else(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_feed(HOSTILE, path)
    write_feed(FOUND, path)
    assert path.read_bytes() == FORMS[path.suffix.lower()](FOUND)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    path.write_text('{"feed": "of others"}')
    with pytest.raises(UsageError, match="not a feed of tertius"):
        check_feed(path)


def test_what_no_feed_can_be_is_refused_before_the_work(tmp_path: Path) -> None:
    for name, why in (("f.rss", "no form"), ("f", "no form"), ("none/f.atom", "not a folder")):
        with pytest.raises(UsageError, match=why):
            check_feed(tmp_path / name)
    (tmp_path / "d.atom").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        check_feed(tmp_path / "d.atom")

"""``tertius read``: files, standard input, many lines; table, JSON, page; and what is wrong with them."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tertius as package
from tertius.errors import EmptyData, UsageError
from tertius.reading import readers
from tertius.reading.reading import DateInterval, Document, Event, Metadata, ReaderName, Reading
from tertius.report.html import render
from tertius.report.pages import document_of
from tertius.report.terminal import as_text

TEXT = "Talks\nBy Ann Lee\nTribune, 3 May 2024\n\nRussia met North Korea in the old town hall, and it rained all day.\n"
NASTY = "</script><img src=x onerror=alert(1)>\x1b[31m"


class Simple:
    """A reader that takes the first sentence for a meeting of two."""

    name = ReaderName("simple", version="0")

    def read(self, document: Document) -> Reading:
        """One event."""
        end = document.text.find(".") + 1
        dates = DateInterval(document.metadata.date, document.metadata.date)
        event = Event(("RUS",), ("PRK",), "CONSULT", 1, document.text[:end], (0, end), dates)
        return Reading(document, (event,), self.name)


@pytest.fixture(autouse=True)
def _simple(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(readers.REGISTERED, "simple", Simple)


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.txt"
    path.write_text(TEXT)
    return path


def test_the_contracts_keys_are_there(tertius: Callable[..., Any], article: Path) -> None:
    d = tertius("read", article, "--reader", "simple", "--json").document
    assert {"metadata", "text", "events", "claims", "reader"} <= set(d)
    assert set(d["metadata"]) == {
        "title", "authors", "date", "publisher", "original_source", "regions", "themes", "report", "language", "rights",
        "links", "captions", "notes",
    }  # fmt: skip
    assert (d["metadata"]["title"], d["metadata"]["authors"]) == ("Talks", ["Ann Lee"])
    (event,) = d["events"]
    assert d["text"][slice(*event["span"])] == event["sentence"]
    assert event["date_from"] == "2024-05-03"


def test_the_terminal_shows_who_did_what_in_80_columns(tertius: Callable[..., Any], article: Path) -> None:
    ran = tertius("read", article, "--reader", "simple")
    assert ran.code == 0
    assert all(word in ran.out for word in ("Talks", "Ann Lee", "Tribune", "RUS", "PRK", "CONSULT", "simple 0"))
    assert max(map(len, ran.out.splitlines())) <= 80
    rows = tertius("read", article, "--reader", "simple", "--table", "csv").out.splitlines()
    assert rows[1].startswith("RUS,PRK,CONSULT,1") or "RUS" in rows[1]


def test_standard_input_is_read(tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(TEXT.encode())))
    assert tertius("read", "-", "--reader", "simple", "--json").document["metadata"]["publisher"] == "Tribune"


def test_every_line_has_a_result_and_a_wrong_one_says_so(tertius: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    good = {"id": 7, "text": "Subscribe to peace. By Ann Lee", "date": "2024-01-02"}
    path.write_text("\n".join([json.dumps(good), "", "no json", '{"id": "b"}', json.dumps({**good, "date": "x"})]))
    ran = tertius("read", "--lines", path, "--reader", "simple")
    results = [json.loads(line) for line in ran.out.splitlines()]
    assert [r["id"] for r in results] == [7, None, None, 7]
    assert results[0]["text"] == good["text"]  # a sentence is no page: nothing of it is taken for the site's
    assert results[0]["events"][0]["date_from"] == "2024-01-02"
    assert [r.get("line") for r in results] == [None, 3, 4, 5]
    assert ran.code == 2
    assert "3 of 4 lines were not read" in ran.err
    path.write_text(json.dumps(good))
    assert tertius("read", "--lines", path, "--reader", "simple").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("read", "Nothing to read"),
        ("read nowhere.txt --reader simple", "no file"),
        ("read . --reader simple", "is a folder"),
        ("read nowhere.txt --reader simpel", "no reader 'simpel'"),
        ("read --lines nowhere.jsonl --reader simple", "no file"),
        ("read a.txt --lines b.jsonl --reader simple", "--lines prints"),
        ("read a.txt --reader simple --key-env X", "belong to --reader llm"),
    ],
)
def test_what_is_wrong_is_said(words: str, message: str, tertius: Callable[..., Any]) -> None:
    ran = tertius(*words.split())
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err
    told = tertius(*words.split(), "--json").document
    assert message in told["error"]["message"]


def test_python_reads_a_file_a_text_and_a_document(article: Path) -> None:
    for found in (
        package.read(article, reader="simple"),
        package.read(text=TEXT, reader=Simple()),
        package.read(Document(TEXT.split("\n\n")[1].strip(), Metadata(title="Talks")), reader="simple"),
    ):
        assert found.document.metadata.title == "Talks"
        assert "1 events" in repr(found)
        assert len(found.table()) == 1
        assert "Talks" in found.summary()
        assert "<li>Russia met" in found._repr_html_()
    with pytest.raises(UsageError, match="a document or a text"):
        package.read()
    with pytest.raises(UsageError, match="command line alone"):
        package.read("https://example.org", reader="simple")
    with pytest.raises(EmptyData):
        package.read(text="Subscribe to our newsletter", reader="simple")


def test_a_page_of_a_hostile_document_runs_nothing(tertius: Callable[..., Any], article: Path, tmp_path: Path) -> None:
    from tertius.reading.reading import Link, OriginalSource

    meta = Metadata(
        NASTY, (NASTY,), None, NASTY, OriginalSource(NASTY, None), (NASTY,), (NASTY,), (NASTY,), "en", NASTY,
        (Link(NASTY, "javascript:alert(1)"), Link("a", "https://example.org/<b>")), (NASTY,), (NASTY,),
    )  # fmt: skip
    event = Event((NASTY,), (NASTY,), "CONSULT", 1, NASTY, (0, 1))
    found = Reading(Document(f"{NASTY}\n\n{NASTY}", meta), (event,), ReaderName(NASTY), warnings=(NASTY,))
    html = render(document_of(found))
    assert "<img src=x" not in html
    assert "javascript:alert" not in html
    assert not re.search(r"<[^>]*\son\w+=", re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL))
    assert "\x1b" not in as_text(document_of(found))
    page = tmp_path / "page.html"
    assert tertius("read", article, "--reader", "simple", "--report", page).code == 0
    assert '<h2 id="events">Events</h2>' in page.read_text("utf-8")

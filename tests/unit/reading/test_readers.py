"""Readers by name, and a user's own."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from tertius.errors import UsageError
from tertius.reading import readers
from tertius.reading.reading import Document, ReaderName, Reading


class Counting:
    """A reader that finds nothing."""

    name = ReaderName("counting", version="1")

    def read(self, document: Document) -> Reading:
        """Nothing."""
        return Reading(document, (), self.name)


def test_a_reader_of_the_entry_point_group_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint("mine", f"{__name__}:Counting", readers.GROUP)]
    monkeypatch.setattr(readers, "entry_points", lambda group: entries if group == readers.GROUP else [])
    monkeypatch.setattr(EntryPoint, "load", lambda _: Counting)
    assert readers.find_reader("mine").read(Document("A.")).reader.name == "counting"
    assert readers.reader_names() == ("shallow", "parsed", "llm", "mine")
    with pytest.raises(UsageError) as raised:
        readers.find_reader("mien")
    assert "Did you mean mine?" in raised.value.hint


def test_a_reader_that_cannot_be_loaded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [EntryPoint("mine", "nowhere.to.be:found", readers.GROUP)]
    monkeypatch.setattr(readers, "entry_points", lambda group: entries)
    with pytest.raises(UsageError, match="cannot be loaded"):
        readers.find_reader("mine")


def test_no_reader_takes_the_name_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="one of tertius"):
        readers.register("shallow", Counting)
    monkeypatch.setitem(readers.REGISTERED, "none", lambda: object())
    with pytest.raises(UsageError, match="is no reader"):
        readers.find_reader("none")


def test_a_model_is_never_asked_by_its_name_alone() -> None:
    with pytest.raises(UsageError, match="needs a server and a model"):
        readers.find_reader("llm")

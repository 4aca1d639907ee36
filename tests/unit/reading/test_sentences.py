"""Where sentences end, datelines, and dictionary forms."""

from __future__ import annotations

import pytest

from tertius.reading.sentences import lemma_of, split_sentences


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in split_sentences(text)]


def test_abbreviations_and_initials_do_not_end_a_sentence() -> None:
    text = "Gen. J. Smith of the U.S. Army left. Mr. Brown came."
    assert split(text) == ["Gen. J. Smith of the U.S. Army left.", "Mr. Brown came."]


def test_paragraphs_end_sentences_and_datelines_are_left_out() -> None:
    assert split("Title\n\nBUENOS AIRES, March 3 (Reuters) - A court met.") == ["Title", "A court met."]
    assert split("") == split(" \n\n ") == []


@pytest.mark.parametrize(("word", "lemma"), [("struck", "strike"), ("deploying", "deploy"), ("treaties", "treaty")])
def test_lemmas(word: str, lemma: str) -> None:
    assert lemma_of(word) == lemma

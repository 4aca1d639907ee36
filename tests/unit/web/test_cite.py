"""Citations say what CITATION.cff says, whatever the words of the data."""

from __future__ import annotations

from pathlib import Path

from tertius.web import cite

CITATION = (Path(__file__).resolve().parents[3] / "CITATION.cff").read_text("utf-8")


def test_the_facts_are_those_of_the_citation_file() -> None:
    for fact in (cite.AUTHOR, cite.TITLE, f'date-released: "{cite.YEAR}', f"license: {cite.LICENSE}"):
        assert fact in CITATION


def test_no_word_ends_an_entry() -> None:
    made = cite.bibtex(
        "tertius explain '}' @misc{x", "a\nb", "0", [("50 % & {more}\n@software{evil,", "https://x/y_z")]
    )
    assert made.count("\n@misc{") == 1
    assert made.count("{") == made.count("}")
    assert r"50 \% \& \textbraceleft{}more\textbraceright{} @software\textbraceleft{}evil," in made

"""Markdown, read by a parser that is not ours: what it shows is what the Document holds, and no label is markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tertius.answers.explanation import Drives, Explanation
from tertius.report.document import (
    Badge,
    Block,
    Cell,
    Column,
    Command,
    Document,
    Facts,
    Folded,
    Item,
    Items,
    Passage,
    Piece,
    Prose,
    Row,
    Section,
    Table,
)
from tertius.report.markdown import MARK, as_markdown, text
from tertius.report.pages import document_of
from tertius.report.plain_text import plain_text
from tertius.study.brief import Brief

READ = MarkdownIt("gfm-like", {"html": True, "linkify": True})
NASTY = (
    "</td><script>alert(1)</script>", "[a](javascript:alert(1))", "![a](http://evil.example/x.png)", "# heading", "- a",
    "1. a", "a | b", "`code`", "```", "**bold** _it_ ~~gone~~", "http://evil.example", "www.evil.example",
    "a@evil.example", "<http://evil.example>", "&lt;b&gt; &amp; &#35;", "\\", "\\*", "> quote", "+ a", "===", "---",
    "    code", "[x]: http://a",
    "a\nb\x1b[31m", "<!-- a", "$x$", "\u202eabc", "*", "12) x", "mailto:a@b.c", "![", "&copy", "[^1]", "a  ",
)  # fmt: skip
PLAIN = {"heading_open", "paragraph_open", "inline", "heading_close", "paragraph_close"}


def tokens(source: str) -> list[Any]:
    """All tokens of a text, those inside others too."""
    found = []
    for token in READ.parse(source):
        found += [token, *(token.children or [])]
    return found


def words(source: str) -> str:
    """What is shown."""
    shown = (t.content for t in tokens(source) if t.type in ("text", "text_special", "code_inline", "fence"))
    return " ".join("".join(shown).split())


def shows(label: str) -> str:
    return " ".join(plain_text(label).split())


@pytest.mark.parametrize("label", NASTY)
def test_a_label_is_text_wherever_it_stands(label: str) -> None:
    for source in (text(label), f"a {text(label)} b", f"**{text(label) or 'x'}** b", f"- {text(label)}"):
        kinds = {t.type for t in tokens(source)}
        assert not kinds & {
            "html_inline",
            "html_block",
            "link_open",
            "image",
            "code_inline",
            "fence",
            "hr",
            "code_block",
        }
        assert "heading_open" not in kinds
        assert source[0] == "-" or not kinds & {"bullet_list_open", "ordered_list_open", "blockquote_open"}
        assert shows(label) in words(source) or "".join(shows(label).split()) in "".join(words(source).split())


@given(st.text(st.sampled_from("ab*_`[]()<>!#-+.1|~&;:/\\@$ w=")))
def test_any_label_is_shown_as_it_is(label: str) -> None:
    source = f"a {text(label)}"
    kinds = {t.type for t in tokens(source)}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}
    assert words(source) == shows(f"a {label}")


def document(label: str) -> Document:
    blocks: tuple[Block, ...] = (
        Badge(label, about=label, says=(label,), warning=label),
        Prose(label, lead=label),
        Prose(label, style="code"),
        Facts(((label, label),)),
        Table(
            (Column(label), Column("n", "number"), Column("t", only="terminal")),
            (Row((Cell(label, label, "https://example.org/a b>", label), label, "hidden")), Row((label, label, label))),
            label,
        ),
        Items((label, Item(label, lead=label, url="https://example.org/<x>", blocks=(Prose(label),))), title=label),
        Items((label,), start=3),
        Passage((("a ", Piece(label, ((label, "x"),)), " b"),)),
        Command(label, label),
        Folded(label, (Prose(label),)),
    )
    return Document(
        label, label, (Prose(label, style="answer"),), (Section("s", label, blocks),), Facts(((label, label),))
    )


@pytest.mark.parametrize("label", NASTY)
def test_every_block_shows_a_hostile_label_and_obeys_none(label: str) -> None:
    source = as_markdown(document(label), {})
    assert source.startswith(MARK.decode())
    body = source.removeprefix(MARK.decode())
    found = tokens(body)
    kinds = [t.type for t in found]
    assert not {"html_inline", "html_block", "image", "hr", "code_block"} & set(kinds)
    addresses = {t.attrs["href"] for t in found if t.type == "link_open"}
    assert addresses <= {"https://example.org/a%20b%3E", "https://example.org/%3Cx%3E"}
    assert kinds.count("heading_open") == 2
    assert kinds.count("tr_open") == 3
    assert kinds.count("th_open") == 2
    assert kinds.count("td_open") == 4
    assert kinds.count("fence") == 2
    assert all(t.content.strip("\n") == plain_text(label) for t in found if t.type == "fence")
    assert kinds.count("ordered_list_open") == 1
    assert "hidden" not in words(body)


def test_whole_answers_are_rendered(explanation: Explanation, drives: Drives, certified: Explanation) -> None:
    for answer in (explanation, drives, certified, Brief(explanation)):
        made = document_of(answer)
        source = as_markdown(made, {})
        assert source.count("\n# ") == 1
        assert words(f"{source}").count(shows(made.heading)) >= 1
        rows = sum(len(b.rows) for b in made.blocks() if isinstance(b, Table) and b.only != "terminal")
        assert [t.type for t in tokens(source)].count("tr_open") >= rows > 0 or isinstance(answer, Brief)


def test_a_chart_is_a_picture_with_its_legend_or_words(explanation: Explanation) -> None:
    made = document_of(Brief(explanation))
    (figure,) = made.figures()
    with_picture = as_markdown(made, {figure.id: "a b-pair.svg"})
    (image,) = [t for t in tokens(with_picture) if t.type == "image"]
    assert image.attrs["src"] == "a%20b-pair.svg"
    assert image.content == shows(text(figure.alternative))
    assert re.search(r"cooperation, upwards \(blue bar\).*\(black line\)", with_picture)
    without = as_markdown(made, {})
    assert "![" not in without
    assert figure.alternative.split(".")[0] in words(without)

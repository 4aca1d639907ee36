"""Text and Markdown as paragraphs."""

from __future__ import annotations

import time

import pytest

from tertius.reading.paragraphs import paragraphs_of


def texts(text: str, markdown: bool = False) -> list[str]:
    return [p.text for p in paragraphs_of(text, markdown)]


def test_wrapped_lines_are_joined_and_lines_of_data_are_not() -> None:
    text = (
        "A day in court\nBy Ann Lee\n3 May 2024\n\n"
        "The judge heard both of them in the morning, and neither of the\ntwo in the afternoon, for it had begun to "
        "rain into\nthe hall.\n\nNobody was surprised by that, least of all those who had come by\nboat.\n"
    )
    assert texts(text)[:3] == ["A day in court", "By Ann Lee", "3 May 2024"]
    assert texts(text)[3].endswith("rain into the hall.")
    assert len(texts(text)) == 5


def test_links_of_every_kind_leave_their_anchor() -> None:
    (p,) = paragraphs_of("A [b](http://c), [d][1], <http://e> and [an\nor](#).\n\n[1]: http://f\n")
    assert p.text == "A b, d, http://e and an or."
    assert [(link.anchor, link.address) for link in p.links] == [
        ("b", "http://c"), ("d", "http://f"), ("http://e", "http://e"), ("an or", "#"),
    ]  # fmt: skip


def test_scripts_and_comments_of_markdown_are_left_out() -> None:
    assert texts("One.\n\n<script>\nsteal()\n</script>\n\n<!-- two --> <b>Three.</b>", True) == ["One.", "Three."]


@pytest.mark.parametrize("piece", ["[", "<!--", "<script>", "*a ", "_", "[a](", "![", "http://a", "***"])
def test_no_mark_repeated_without_end_takes_long(piece: str) -> None:
    began = time.monotonic()
    paragraphs_of(piece * (500_000 // len(piece)), True)
    assert time.monotonic() - began < 10

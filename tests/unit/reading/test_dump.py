"""The line classifier: cues of lines, and places."""

from __future__ import annotations

import pytest

from tertius.reading import lines
from tertius.reading.dump import article_of, names_of
from tertius.reading.paragraphs import Paragraph

BODY = "The two states signed a treaty on water in the old town hall, and neither of them said why it took so long."


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("By Ann Lee", "BYLINE"),
        ("By March the two states had signed nothing at all.", "PROSE"),
        ("Region: Asia, Europe", "LABEL"),
        ("Tribune, 3 May 2024", "DATED"),
        ("On 3 May 2024 the two ministers met.", "PROSE"),
        ("Subscribe to our newsletter", "SITE"),
        ("Russia asked its neighbours to share the cost of the dam and to follow it in good faith.", "PROSE"),
        ("Guards at the gate (Reuters photo)", "CAPTION"),
        ("Ann Lee is a senior fellow at the Institute.", "NOTE"),
        ("Iran is a partner of Russia in the talks on the river.", "PROSE"),
        ("© 2024 Tribune. All rights reserved.", "RIGHTS"),
        ("Related articles", "END"),
        ("5 comments", "END"),
        ("This article was first published by the Tribune on 3 May 2024.", "ORIGIN"),
        ("12 people like this", "SITE"),
    ],
)
def test_a_line_is_what_its_words_say(text: str, role: str) -> None:
    assert lines.role_of(Paragraph(text)).name == role


def test_a_long_paragraph_that_speaks_of_newsletters_is_prose() -> None:
    text = f"{BODY} The ministry asked everybody to sign up for its courses, and {BODY[0].lower()}{BODY[1:]} {BODY}"
    assert lines.role_of(Paragraph(text)).name == "PROSE"


def page(*texts: str) -> list[Paragraph]:
    return [Paragraph(t) for t in texts]


def test_of_two_outlets_the_earlier_one_was_first() -> None:
    found = article_of(page("A treaty on water", "Riverside.org 2 May 2024", "Tribune, 3 May 2024", BODY)).metadata
    assert (found.publisher, found.date) == ("Tribune", "2024-05-03")
    assert found.original_source is not None
    assert (found.original_source.name, found.original_source.date) == ("Riverside.org", "2024-05-02")


def test_what_follows_the_article_is_no_body() -> None:
    after = "Another article of this site says something else about the river and the towns that stand on its banks."
    assert article_of(page("A treaty on water", BODY, "Related articles", after)).text == BODY
    assert article_of(page("A treaty on water", BODY, "5 comments", after)).text == BODY


def test_a_call_of_the_site_inside_the_body_does_not_end_it() -> None:
    assert article_of(page("A treaty", BODY, "Advertisement", BODY)).text == f"{BODY}\n\n{BODY}"


def test_a_sentence_alone_is_a_body() -> None:
    found = article_of(page("Russia attacked Ukraine."))
    assert (found.text, found.metadata.title) == ("Russia attacked Ukraine.", None)


def test_names_end_where_posts_and_places_begin() -> None:
    assert names_of("Prof. Ann Lee and Jo van Dam, Reuters Staff") == ("Ann Lee", "Jo van Dam")
    assert names_of("the end of the year") == ()


def test_the_title_is_without_the_site() -> None:
    found = article_of(page("A treaty on water | Tribune", "Tribune, 3 May 2024", BODY)).metadata
    assert found.title == "A treaty on water"

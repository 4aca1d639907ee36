"""Whole articles: most claims are found, and few others. The claims were written before the run."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.mark.parametrize("article", ["opposite.txt", "brief.md", "wire.html", "comment.txt"])
def test_most_claims_of_whole_articles_are_found_and_few_others(script: ModuleType, article: str) -> None:
    """.80 found, and at most one false claim for five true ones of those testable."""
    expected, found, others = script.counted(article)
    assert found >= 0.8 * expected
    assert 5 * others <= max(found, 4)


def test_no_article_is_left_out(script: ModuleType) -> None:
    assert set(script.expected_claims()) == {"opposite.txt", "brief.md", "wire.html", "comment.txt"}

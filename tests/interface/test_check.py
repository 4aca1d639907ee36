"""``tertius check``: its document, its page, its draft of a ClaimReview, and what is wrong with its input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
SOARED = "Cooperation between Russia and North Korea has soared since 2022."
TEXT = f"Ties\n\nBy Ann Lee\n\n3 July 2023\n\n{SOARED} Putin wants respect.\n"
CLAIM = {
    "id", "kind", "actors", "driver", "polarity", "direction", "date_from", "date_to", "sentence", "span",
    "asserted_by", "hedge", "negated", "testable", "query", "verdict", "figure", "interval", "n", "explanation",
    "limits", "reverse",
}  # fmt: skip


@pytest.fixture
def article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("article.txt")
    path.write_text(TEXT)
    return path


def test_every_claim_has_the_contracts_keys(tertius: Run, article: Path) -> None:
    ran = tertius("check", article, "chronicle", "--json")
    assert ran.code == 0
    d = ran.document
    assert {"metadata", "claims", "reader", "data", "certified", "caveats", "text", "command"} <= set(d)
    trend, motive = d["claims"]
    assert set(trend) >= CLAIM
    assert (trend["kind"], trend["query"].split()[:5]) == ("trend", ["tertius", "trend", "RUS", "PRK", "chronicle"])
    assert (motive["verdict"], motive["query"], motive["figure"]) == ("not testable", None, None)
    assert d["command"] == f"tertius check {article} chronicle"


def test_a_query_of_a_claim_can_be_typed(tertius: Run, article: Path) -> None:
    (trend, _) = tertius("check", article, "chronicle", "--json").document["claims"]
    again = tertius(*trend["query"].split()[1:], "--json").document
    assert again["against_others"]["ratio"] == (trend["figure"] or {}).get("value")


def test_the_day_of_writing_can_be_given(tertius: Run, article: Path) -> None:
    d = tertius("check", article, "chronicle", "--written", "2022-12-31", "--json").document
    assert d["claims"][0]["date_to"] == "2022-12-31"
    assert d["command"].endswith("--written 2022-12-31")


def test_quotes_page_and_draft_are_written(tertius: Run, article: Path, tmp_path: Path) -> None:
    page, draft = tmp_path / "page.html", tmp_path / "review.json"
    ran = tertius("check", article, "chronicle", "--quotes", "--report", page, "--claimreview", draft, "--quiet")
    assert ran.code == 0
    assert "Claims and verdicts" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "Putin wants" not in page.read_text()
    reviews = json.loads(draft.read_text())["@graph"]
    assert [r["claimReviewed"] for r in reviews] == [
        "Cooperation between Russia and North Korea has soared since 2022."
    ]


def test_a_draft_replaces_no_file_and_that_is_said_before_the_work(tertius: Run, article: Path, tmp_path: Path) -> None:
    draft = tmp_path / "review.json"
    draft.write_text("mine")
    ran = tertius("check", article, "chronicle", "--claimreview", draft)
    assert (ran.code, draft.read_text()) == (2, "mine")
    assert "exists" in ran.err
    ran = tertius("check", article, "chronicle", "--claimreview", tmp_path / "no" / "review.json", "--json")
    assert ran.code == 2
    assert set(ran.document["error"]) == {"type", "message", "hint"}


@pytest.mark.parametrize("words", [("nowhere.txt", "chronicle"), ("ARTICLE", "nowhere")])
def test_what_is_not_there_is_said(tertius: Run, article: Path, words: tuple[str, ...]) -> None:
    ran = tertius("check", *(str(article) if w == "ARTICLE" else w for w in words))
    assert ran.code == 2
    assert "nowhere" in ran.err
    assert "Traceback" not in ran.err

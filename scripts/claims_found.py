"""How many of the claims that a reader finds does the grammar find, and how many others? Per article, and together.

The articles of ``tests/unit/reading/articles`` with their claims, which were written before the first run::

    python scripts/claims_found.py

Found: kind, actors, driver, polarity, direction, denial and who asserts it are those expected, in the sentence too.
Events are a reader's (``tertius read``), not the grammar's. False: what the grammar calls testable and nobody expected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tertius.reading.claims import find_claims
from tertius.reading.document import read_source
from tertius.reading.reading import Claim

ARTICLES = Path(__file__).parents[1] / "tests" / "unit" / "reading" / "articles"


def matches(claim: Claim, expected: Mapping[str, Any]) -> bool:
    """Whether it is the claim expected."""
    return (
        expected["part"] in claim.sentence
        and claim.kind == expected["kind"]
        and set(expected["actors"]) <= set(claim.actors)
        and set(expected.get("driver", ())) <= set(claim.driver)
        and expected.get("polarity") in (None, claim.polarity)
        and expected.get("direction") in (None, claim.direction)
        and expected.get("negated", False) == claim.negated
        and expected.get("asserted_by", claim.asserted_by) == claim.asserted_by
    )


def counted(article: str) -> tuple[int, int, int]:
    """Claims expected of an article, those found, and others."""
    claims = find_claims(read_source(ARTICLES / article))
    expected = [e for e in expected_claims()[article] if e["kind"] != "event"]
    hits = [next((c for c in claims if matches(c, e)), None) for e in expected]
    listed = {c.id for c in hits if c is not None}
    return len(expected), len(hits) - hits.count(None), sum(c.testable and c.id not in listed for c in claims)


def expected_claims() -> dict[str, list[dict[str, Any]]]:
    """Article -> its claims."""
    return dict(json.loads((ARTICLES / "claims.json").read_text("utf-8")))


def main() -> None:
    """A line an article."""
    total = [0, 0, 0]
    for article in expected_claims():
        found = counted(article)
        total = [a + b for a, b in zip(total, found, strict=True)]
        print(f"{article:14} {found[1]:3} of {found[0]:3} found, {found[2]} others")
    share = total[1] / total[0]
    others = f"{total[2]} others: {total[2] / total[1]:.2f} for each true"
    print(f"{'together':14} {total[1]:3} of {total[0]:3} found ({share:.2f}), {others}")


if __name__ == "__main__":
    main()

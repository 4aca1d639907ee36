"""Is our ClaimReview valid by schema.org's own vocabulary, and does the validator see what is broken?

The validator is not ours: ``pip install schema-org-py`` (models generated from schema.org's vocabulary, strict: unknown
properties and values of another kind are errors). The draft of a file that ``tertius check --claimreview`` wrote is
validated, and 20 copies of it, each broken in one place, must be rejected::

    python scripts/claimreview_valid.py review.json
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

Review = dict[str, Any]
Break = Callable[[Review], object]

BROKEN: dict[str, Break] = {
    "a property that does not exist": lambda r: r.update(claimReview="x"),
    "a property in another case": lambda r: r.update(claimreviewed=r.pop("claimReviewed")),
    "the claim as a number": lambda r: r.update(claimReviewed=7),
    "the claim as an object of another type": lambda r: r.update(claimReviewed={"@type": "Rating"}),
    "a rating that is text": lambda r: r.update(reviewRating="true"),
    "a rating that is a person": lambda r: r.update(reviewRating={"@type": "Person", "name": "x"}),
    "a rating without a type": lambda r: r["reviewRating"].pop("@type"),
    "a rating's unknown property": lambda r: r["reviewRating"].update(verdict="x"),
    "a rating's value as a list of objects": lambda r: r["reviewRating"].update(ratingValue=[{"@type": "Thing"}]),
    "a rating's value that is true": lambda r: r["reviewRating"].update(ratingValue=True),
    "an author that is a claim": lambda r: r.update(author={"@type": "Claim"}),
    "an author of a type that does not exist": lambda r: r.update(author={"@type": "Human", "name": "x"}),
    "an author's unknown property": lambda r: r["author"].update(surname="x"),
    "a reviewed item that is text": lambda r: r.update(itemReviewed="x"),
    "a claim with an unknown property": lambda r: r["itemReviewed"].update(appearence="x"),
    "an appearance that is a person": lambda r: r["itemReviewed"].update(appearance={"@type": "Person", "name": "x"}),
    "an article's headline as a number": lambda r: r["itemReviewed"]["appearance"].update(headline=3),
    "a publisher that is a place": lambda r: r["itemReviewed"]["appearance"].update(publisher={"@type": "Place"}),
    "a day that is none": lambda r: r["itemReviewed"].update(datePublished="yesterday"),
    "another type altogether": lambda r: r.update({"@type": "ClaimsReview"}),
}


def _day(name: str, value: Any) -> Any:
    """A day of JSON as the validator takes it; what is no day stays text, which it rejects."""
    if name.startswith("date") and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def problem_of(review: Review) -> str:
    """What the validator says of one review; empty where it is valid."""
    from pydantic import ValidationError
    from schema_org import registry

    def built(node: Any) -> Any:
        """Objects of the vocabulary's own classes, the innermost first."""
        if isinstance(node, list):
            return [built(x) for x in node]
        if not isinstance(node, dict):
            return node
        if "@type" not in node:
            raise ValueError("an object without @type")
        model = registry.get_model(node["@type"])
        return model(**{k: built(_day(k, v)) for k, v in node.items() if k not in ("@type", "@id")})

    try:
        built(review)
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        return str(error).splitlines()[0] or type(error).__name__
    return ""


def main() -> int:
    """Validate the file, then its broken copies; 1 where one of them passes or the file does not."""
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    reviews = document["@graph"]
    wrong = [f"{r['@id']}: {p}" for r in reviews if (p := problem_of(r))]
    print(f"{len(reviews)} reviews, {len(reviews) - len(wrong)} valid")
    print("\n".join(wrong))
    passed = []
    for name, spoil in BROKEN.items():
        broken = copy.deepcopy(reviews[0])
        spoil(broken)
        problem = problem_of(broken)
        print(f"{'rejected' if problem else 'PASSED  '}  {name}: {problem[:90]}")
        passed += [] if problem else [name]
    print(f"{len(BROKEN) - len(passed)} of {len(BROKEN)} broken copies rejected")
    return int(bool(wrong or passed))


if __name__ == "__main__":
    raise SystemExit(main())

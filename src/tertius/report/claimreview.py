"""Checked claims as ClaimReview (https://schema.org/ClaimReview, JSON-LD): a draft, for a human to read and to sign.

The verdict stands in words (``reviewRating.alternateName``). A number stands beside it only where the verdict is one of
:data:`RATINGS`: data that are too thin, or a claim that no data can speak to, have none, and neither has ``no effect
above``, which is a bound and no grade. Author and day of the review are left to who signs; ``creativeWorkStatus`` says
that it is a draft until then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from tertius.answers.claim_check import Checked, CheckedClaim
from tertius.answers.verdict import CONSISTENT, CONTRADICTED, LEANING, MIXED, SUPPORTED
from tertius.report.export import check_new, write_whole
from tertius.report.sections.claims import measured_text

RATINGS: Mapping[str, int] = {SUPPORTED: 5, CONSISTENT: 4, LEANING: 4, MIXED: 3, CONTRADICTED: 1}
"""Verdict -> number, from :data:`WORST` to :data:`BEST`."""
BEST, WORST = 5, 1
TO_SIGN = "[name of who signs this review]"
AUTHOR = "author"


def claim_reviews(found: Checked, address: str | None = None) -> dict[str, Any]:
    """The JSON-LD document: a ClaimReview for every claim; ``address``: where the article was read, if on the web."""
    chosen = [c for c in found.claims if c.tested or not found.quotes]
    return {"@context": "https://schema.org", "@graph": [_review(c, found, address) for c in chosen]}


def check_draft(path: Path) -> None:
    """Raises UsageError where the draft cannot be written."""
    check_new(path, "--claimreview")


def write_draft(found: Checked, path: Path, address: str | None = None) -> Path:
    """Write the draft; the file appears whole or not at all. Raises UsageError, DiskFull."""
    check_draft(path)
    text = json.dumps(claim_reviews(found, address), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return write_whole(path, lambda stream: _put(stream, text))


def _put(stream: BinaryIO, text: str) -> None:
    stream.write(text.encode("utf-8", "replace"))


def _review(c: CheckedClaim, found: Checked, address: str | None) -> dict[str, Any]:
    j, k = c.judged, c.claim
    figure = f" {measured_text(c)} {j.unit}." if j.value is not None else ""
    limits = f" Limits: {' '.join(j.limits)}" if j.limits else ""
    query = f" Repeat: {c.query}" if c.query else ""
    review: dict[str, Any] = {
        "@type": "ClaimReview",
        "@id": f"#{k.id}",
        "claimReviewed": k.sentence,
        "reviewRating": _rating(j.verdict),
        "reviewBody": f"{j.explanation}{figure}{limits}{query}",
        "author": {"@type": "Person", "name": TO_SIGN},
        "creativeWorkStatus": "Draft",
        "inLanguage": "en",
        "itemReviewed": _claim(c, found, address),
    }
    if c.query:
        review["isBasedOn"] = {"@type": "CreativeWork", "name": f"{found.data_name}, {' to '.join(found.span)}"}
    return review


def _rating(verdict: str) -> dict[str, Any]:
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict}
    if verdict in RATINGS:
        rating |= {"ratingValue": RATINGS[verdict], "bestRating": BEST, "worstRating": WORST}
    return rating


def _claim(c: CheckedClaim, found: Checked, address: str | None) -> dict[str, Any]:
    """Who claimed it, and where it stands."""
    m = found.document.metadata
    authors = [{"@type": "Person", "name": name} for name in m.authors]
    article: dict[str, Any] = {"@type": "Article"}
    article |= {"headline": m.title} if m.title else {}
    article |= {"author": authors} if authors else {}
    article |= {"publisher": {"@type": "Organization", "name": m.publisher}} if m.publisher else {}
    article |= {"datePublished": m.date} if m.date else {}
    article |= {"url": address} if address else {}
    said = [{"@type": "Person", "name": c.claim.asserted_by}] if c.claim.asserted_by != AUTHOR else authors
    claim: dict[str, Any] = {"@type": "Claim", "appearance": article}
    claim |= {"author": said} if said else {}
    return claim | ({"datePublished": m.date} if m.date else {})

"""What makes a feed valid: Atom by RFC 4287 and two parsers, JSON Feed by a schema of its page."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import atoma
import feedparser
import jsonschema

from tertius.report.feed import ATOM

TAG = re.compile(r"tag:([a-z0-9-]+\.)+[a-z]+,\d{4}(-\d\d(-\d\d)?)?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*")
"""RFC 4151: authority, date, and a specific part of characters that a URI may hold."""
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

JSON_FEED_SCHEMA = {
    "$defs": {
        "author": {
            "type": "object", "minProperties": 1,
            "properties": {"name": {"type": "string"}, "url": {"type": "string"}, "avatar": {"type": "string"}},
            "patternProperties": {"^_[A-Za-z]": {"type": "object"}}, "additionalProperties": False,
        },
        "item": {
            "type": "object", "required": ["id"],
            "anyOf": [{"required": ["content_text"]}, {"required": ["content_html"]}],
            "properties": {
                "id": {"type": "string", "minLength": 1, "pattern": f"^{TAG.pattern}$"}, "title": {"type": "string"},
                "content_text": {"type": "string"}, "content_html": {"type": "string"}, "summary": {"type": "string"},
                "url": {"type": "string"}, "external_url": {"type": "string"}, "image": {"type": "string"},
                "banner_image": {"type": "string"}, "language": {"type": "string"},
                "date_published": {"type": "string", "pattern": f"^{RFC3339.pattern}$"},
                "date_modified": {"type": "string", "pattern": f"^{RFC3339.pattern}$"},
                "authors": {"type": "array", "items": {"$ref": "#/$defs/author"}},
                "tags": {"type": "array", "items": {"type": "string"}},
                "attachments": {"type": "array"},
            },
            "patternProperties": {"^_[A-Za-z]": {"type": "object"}}, "additionalProperties": False,
        },
    },
    "type": "object", "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"}, "title": {"type": "string"},
        "home_page_url": {"type": "string"}, "feed_url": {"type": "string"}, "description": {"type": "string"},
        "user_comment": {"type": "string"}, "next_url": {"type": "string"}, "icon": {"type": "string"},
        "favicon": {"type": "string"}, "authors": {"type": "array", "items": {"$ref": "#/$defs/author"}},
        "language": {"type": "string"}, "expired": {"type": "boolean"}, "hubs": {"type": "array"},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
    },
    "patternProperties": {"^_[A-Za-z]": {"type": "object"}}, "additionalProperties": False,
}  # fmt: skip
"""JSON Feed 1.1, as its page has it; ids are tag URIs here."""


def check_json_feed(raw: bytes) -> dict[str, Any]:
    """Raises where it is no JSON Feed 1.1, or two of its items have one id."""
    found = json.loads(raw.decode("utf-8"))
    jsonschema.Draft202012Validator(JSON_FEED_SCHEMA).validate(found)
    ids = [item["id"] for item in found["items"]]
    assert len(ids) == len(set(ids))
    assert isinstance(found, dict)
    return found


def check_atom(raw: bytes) -> ElementTree.Element:
    """Raises where it is no Atom: by atoma, by feedparser, and by what RFC 4287 asks of elements (4.1 and 4.2)."""
    found = ElementTree.fromstring(raw)
    atoma.parse_atom_bytes(raw)
    parsed = feedparser.parse(raw)
    assert (parsed.bozo, parsed.version) == (False, "atom10")
    once = {"id", "title", "updated"}
    assert found.tag == f"{{{ATOM}}}feed"
    authored = found.find(f"{{{ATOM}}}author/{{{ATOM}}}name")
    for holder in (found, *found.iter(f"{{{ATOM}}}entry")):
        names = [child.tag.removeprefix(f"{{{ATOM}}}") for child in holder]
        assert {name for name in names if "{" in name} == set()
        assert all(names.count(name) == 1 for name in once), names
        assert all(names.count(name) <= 1 for name in ("subtitle", "generator", "content", "published"))
        assert authored is not None or "author" in names
        assert TAG.fullmatch(holder.findtext(f"{{{ATOM}}}id", ""))
        for name in ("updated", "published"):
            for child in holder.findall(f"{{{ATOM}}}{name}"):
                assert RFC3339.fullmatch(child.text or ""), child.text
                datetime.fromisoformat(child.text or "")
    for entry in found.iter(f"{{{ATOM}}}entry"):
        assert entry.find(f"{{{ATOM}}}content") is not None  # with no link to elsewhere, RFC 4287 4.1.2 asks for it
        assert all(c.get("term") for c in entry.iter(f"{{{ATOM}}}category"))
        assert all(c.get("type") in ("text", "html", "xhtml") for c in entry.iter(f"{{{ATOM}}}content"))
    ids = [e.findtext(f"{{{ATOM}}}id") for e in found.iter(f"{{{ATOM}}}entry")]
    assert len(ids) == len(set(ids))
    return found

"""Surprises as a feed: Atom (RFC 4287) and JSON Feed 1.1 of :class:`~tertius.answers.foresight.Changes`.

One entry a surprise. Its id is a tag URI (RFC 4151) made of the data's name, the pair, the outcome and the period, so
that the same surprise has the same id for ever, whatever else was asked for (:func:`entry_id`). Times are of the data:
an entry is as of the day after its period, when all of it had happened, and no clock is read, so that the same data
give the same bytes. What the data hold is text: no label is markup, and no character is written that XML cannot hold.

References
----------
Nottingham, M. & Sayre, R. (2005). The Atom Syndication Format. RFC 4287. https://doi.org/10.17487/RFC4287
Kindberg, T. & Hawke, S. (2005). The 'tag' URI Scheme. RFC 4151. https://doi.org/10.17487/RFC4151
Reece, M. & Simmons, B. (2020). JSON Feed, version 1.1. https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path, PurePath
from typing import Any, BinaryIO
from urllib.parse import quote
from xml.etree import ElementTree

from tertius.answers.foresight import Change, Changes
from tertius.errors import UsageError, did_you_mean
from tertius.plain import number
from tertius.report.export import NO_XML, write_whole
from tertius.report.html import check_destination, is_device
from tertius.report.plain_text import plain_text
from tertius.report.words import in_text, interval, named

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
AUTHORITY = "tag:tertius.invalid,2026"
"""Who names the entries, and since when: a domain that nobody can own (RFC 2606), for tertius has none."""
MARK = AUTHORITY.encode()
"""By this a file is known to be a feed of ours, near its beginning."""
LANGUAGE = "en"


def atom(found: Changes) -> bytes:
    """The feed as Atom."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": LANGUAGE})
    _put(feed, "id", feed_id(found))
    _put(feed, "title", _title(found))
    _put(feed, "subtitle", _subtitle(found))
    _put(feed, "updated", _time(updated(found)))
    _put(_put(feed, "author"), "name", "tertius")
    _put(feed, "generator", "tertius")
    for change in found.changes:
        entry = _put(feed, "entry")
        _put(entry, "id", entry_id(found, change))
        _put(entry, "title", _headline(change))
        _put(entry, "updated", _time(_after(change)))
        _put(entry, "published", _time(_after(change)))
        for word in _words(change):
            _put(entry, "category", term=word)
        _put(entry, "content", _says(found, change), type="text")
    ElementTree.indent(feed)
    made: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def json_feed(found: Changes) -> bytes:
    """The feed as JSON Feed; ``_tertius`` holds what ``tertius changes --json`` has of the answer and of each entry."""
    items = [
        {
            "id": entry_id(found, change),
            "title": _headline(change),
            "content_text": _says(found, change),
            "date_published": _time(_after(change)),
            "date_modified": _time(_after(change)),
            "tags": list(_words(change)),
            "_tertius": entry,
        }
        for change, entry in zip(found.changes, found.to_dict()["changes"], strict=True)
    ]
    told: dict[str, Any] = {
        "version": JSON_FEED,
        "_tertius": {"id": feed_id(found), "updated": _time(updated(found)), "command": found.command},
        "title": _title(found),
        "description": _subtitle(found),
        "language": LANGUAGE,
        "authors": [{"name": "tertius"}],
        "items": items,
    }
    return (json.dumps(told, ensure_ascii=True, indent=1, allow_nan=False) + "\n").encode()


FORMS: Mapping[str, Callable[[Changes], bytes]] = {".atom": atom, ".xml": atom, ".json": json_feed}
"""End of a file's name -> what makes the feed."""


def check_feed(path: Path) -> None:
    """Raise UsageError where no feed can be written: an unknown form, no folder, or a file that is no feed of ours."""
    if path.suffix.lower() not in FORMS:
        near = did_you_mean(path.suffix.lower(), tuple(FORMS))
        raise UsageError(
            f"{path} (--feed) is of no form that can be written.", f"{near}Name a file that ends with .atom or .json."
        )
    check_destination(path, mark=MARK, what="feed")
    if is_device(path):
        raise UsageError(f"{path} (--feed) is no file.", "Name a file.")


def write_feed(found: Changes, path: Path) -> Path:
    """Write the feed, by the end of the file's name; it appears whole or not at all, in place of an older feed of ours.

    Raises UsageError, DiskFull.
    """
    check_feed(path)
    made = FORMS[path.suffix.lower()](found)

    def fill(stream: BinaryIO) -> None:
        stream.write(made)

    return write_whole(path, fill)


def feed_id(found: Changes) -> str:
    """The id of the feed of a data set.

    >>> feed_id(Changes("2023-06-01", "events", (), 0, (), "", "out/STORE@12"))
    'tag:tertius.invalid,2026:STORE/changes'
    """
    return f"{AUTHORITY}:{_data(found)}/changes"


def entry_id(found: Changes, change: Change) -> str:
    """The id of a surprise: of undirected data the pair in the order of the alphabet, for it has no other."""
    pair = change.pair if found.directed else tuple(sorted(change.pair))
    what = (*pair, change.outcome, change.start, change.end)
    return "/".join((f"{AUTHORITY}:{_data(found)}", *map(_quoted, what)))


def updated(found: Changes) -> date:
    """The day as of which the feed is: that of its latest entry, and without one the day since which was asked."""
    return max(map(_after, found.changes), default=date.fromisoformat(found.since))


def _data(found: Changes) -> str:
    """The name of the data without the folders before it and the snapshot after it: neither changes what happened."""
    name = re.sub(r"@\w+$", "", PurePath(found.data_name).name)
    return _quoted(name or "data")


def _quoted(text: str) -> str:
    """A text as part of a URI, whatever it holds."""
    return quote(text, safe="", errors="surrogatepass")


def _after(change: Change) -> date:
    return date.fromisoformat(change.end) + timedelta(days=1)


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _title(found: Changes) -> str:
    return f"Surprises in {_text(PurePath(found.data_name).name)}"


def _subtitle(found: Changes) -> str:
    return _text(" ".join((found.text, *found.caveats)))


def _headline(change: Change) -> str:
    """The surprise in a line."""
    how = "more" if change.observed > change.expected else "less"
    pair = " and ".join(map(in_text, change.pair))
    return _text(f"{change.outcome.capitalize()} between {pair}: {how} than expected, {change.start} to {change.end}")


def _says(found: Changes, change: Change) -> str:
    """What was seen and expected, what had moved the expectation, and the heaviest row."""
    first = (
        f"{number(change.observed)} {found.unit} of {change.outcome}, {number(change.expected)} expected (95 %: "
        f"{interval(change.low, change.high)}), between {' and '.join(map(named, change.pair))} from {change.start} to "
        f"{change.end}. Surprise {number(change.surprise)}: once in ten to that power."
    )
    moved = "; ".join(f"{term} {points:+.2f}" for term, points in change.moved_by if round(points, 2))
    why = f" The expectation had moved, in log points, by {moved}." if moved else ""
    row = f" Largest row: {change.rows[0]['date']}, {number(change.rows[0]['weight'])}." if change.rows else ""
    return _text(f"{first}{why}{row} It says nothing of why.")


def _words(change: Change) -> tuple[str, ...]:
    return tuple(_text(x) for x in (change.outcome, *change.pair))


def _text(value: str) -> str:
    return NO_XML.sub("?", plain_text(value))


def _put(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    made.text = text
    return made

"""The manifest of a store: which parts make up the data now, and how far the journal goes.

It is small however many imports there were, is replaced in one step, last of all, and carries a checksum of itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tertius.errors import CorruptFile
from tertius.events.calendar import Calendar
from tertius.events.document import checked, days, each, get, read_document
from tertius.events.journal import JOURNAL, Mark
from tertius.events.totals import Totals

MANIFEST = "manifest.json"
FORMAT_VERSION = 3
PART = re.compile(r"[0-9a-f]{64}\.parquet")
AGAIN = "Import the files again into a new store."


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file: its name, its rows, and of how many imports they are, in the order of the imports."""

    name: str
    rows: int
    imports: int = 1


@dataclass(frozen=True, slots=True)
class Retired:
    """A part whose rows another part holds now: it stays for a while, for readers at work. ``at``: UTC."""

    name: str
    at: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store is.

    Attributes
    ----------
    directed : whether rows say who did it to whom.
    snapshot : id of the state after the last import.
    forgotten : how many of the oldest snapshots can no longer be read by name.
    parts : in the order of their rows.
    retired : parts that others replaced.
    missing : days without any record.
    journal : how far it goes.
    totals : what all imports read and kept.
    calendars : source -> when it was seen, of sources that have a calendar.
    """

    directed: bool
    snapshot: str = ""
    forgotten: int = 0
    parts: tuple[Part, ...] = ()
    retired: tuple[Retired, ...] = field(default=())
    missing: tuple[date, ...] = ()
    journal: Mark = field(default_factory=Mark)
    totals: Totals = field(default_factory=Totals)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Names of all files among the parts that belong to the store."""
        return frozenset({part.name for part in self.parts} | {part.name for part in self.retired})


def written(manifest: Manifest) -> str:
    """A manifest as it stands in its file."""
    document: dict[str, Any] = {
        "tertius_store": FORMAT_VERSION,
        "directed": manifest.directed,
        "snapshot": manifest.snapshot,
        "forgotten": manifest.forgotten,
        "parts": [{"name": p.name, "rows": p.rows, "imports": p.imports} for p in manifest.parts],
        "retired": [{"name": p.name, "at": p.at} for p in manifest.retired],
        "missing": [d.isoformat() for d in manifest.missing],
        "journal": {
            "size": manifest.journal.size,
            "lines": manifest.journal.lines,
            "chain": manifest.journal.chain,
        },
        "totals": manifest.totals.to_dict(),
        "calendars": {source: calendar.kept() for source, calendar in manifest.calendars.items()},
    }
    return json.dumps(sealed(document), separators=(",", ":"))


def sealed(document: dict[str, Any]) -> dict[str, Any]:
    """A document with the checksum of the rest of it."""
    rest = {key: value for key, value in document.items() if key != "checksum"}
    text = json.dumps(rest, separators=(",", ":"), sort_keys=True)
    return {**rest, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def read_manifest(path: Path) -> Manifest:
    """The manifest of a store folder, every value of the right kind. Raises CorruptFile."""
    try:
        document = read_document(path / MANIFEST)
        version = get(document, "tertius_store", int)
        if version != FORMAT_VERSION:
            raise ValueError(f"it is of version {version}, and this tertius reads {FORMAT_VERSION}")
        if get(document, "checksum", str) != sealed(document)["checksum"]:
            raise ValueError("its checksum is not its own")
        manifest = _manifest(document)
        _check(path, manifest)
    except ValueError as error:
        raise CorruptFile(f"{path / MANIFEST} cannot be read: {error}.", AGAIN) from None
    return manifest


def _manifest(document: dict[str, Any]) -> Manifest:
    journal = get(document, "journal", dict)
    return Manifest(
        directed=get(document, "directed", bool),
        snapshot=get(document, "snapshot", str),
        forgotten=get(document, "forgotten", int),
        parts=tuple(Part(_name(p), get(p, "rows", int), get(p, "imports", int)) for p in each(document, "parts", dict)),
        retired=tuple(Retired(_name(p), _moment(p)) for p in each(document, "retired", dict)),
        missing=days(document, "missing"),
        journal=Mark(get(journal, "size", int), get(journal, "lines", int), get(journal, "chain", str)),
        totals=Totals.from_document(get(document, "totals", dict)),
        calendars={
            source: Calendar.read(checked(one, dict, f"the calendar of '{source}'"))
            for source, one in get(document, "calendars", dict).items()
        },
    )


def _name(part: dict[str, Any]) -> str:
    name = get(part, "name", str)
    if not PART.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a part")
    return name


def _moment(part: dict[str, Any]) -> str:
    at = get(part, "at", str)
    if datetime.fromisoformat(at).tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at


def _check(path: Path, manifest: Manifest) -> None:
    """Raises ValueError where what it says does not belong together, or not to the folder."""
    if (path / "parts").is_symlink():
        raise ValueError("the folder of its parts is a link")
    journal = path / JOURNAL
    if journal.is_symlink() or not journal.is_file():
        raise ValueError(f"{JOURNAL} is gone")
    checked(manifest.journal.size, int, "the size of its journal")
    if os.stat(journal).st_size < manifest.journal.size:
        raise ValueError(f"{JOURNAL} is cut short")
    imports = sum(part.imports for part in manifest.parts)
    if len(manifest.names) != len(manifest.parts) + len(manifest.retired):
        raise ValueError("it names a part twice")
    if not (imports == manifest.journal.lines > manifest.forgotten) or any(p.imports < 1 for p in manifest.parts):
        raise ValueError("its parts and its journal do not belong together")

"""The journal of a store: one line an import, added at its end and never changed.

A line holds when the import was, the hash of its part, its number of rows, and its audit. The manifest says how far
the journal goes (:class:`Mark`): what lies beyond was left by a killed import. So an import writes one line however
many there were before, and readers read on while it does.

Lines are chained: each mark's ``chain`` is a hash of the line and of the mark before. A journal is parsed when somebody
asks for audits or snapshots, and compared with its chain then; opening a store, and asking whether it holds a file,
need no parsing.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, overload

from tertius.errors import CorruptFile
from tertius.events.calendar import Calendar
from tertius.events.document import checked, days, each, get, parse_document

JOURNAL = "journal.jsonl"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a journal goes: bytes, lines, and the hash of them all."""

    size: int = 0
    lines: int = 0
    chain: str = ""

    def after(self, line: bytes) -> Mark:
        """The mark after one more line.

        >>> Mark().after(b"x").size
        1
        """
        chain = hashlib.sha256(self.chain.encode() + line).hexdigest()
        return Mark(self.size + len(line), self.lines + 1, chain)


@dataclass(frozen=True, slots=True)
class Entry:
    """One import: when it was (UTC), the name of its part, its rows, and what it read, kept and dropped."""

    imported: str
    part: str
    rows: int
    audit: dict[str, Any]


class Journal(Sequence[Entry]):
    """The first lines of a store's journal, parsed when they are looked at.

    Raises CorruptFile then, where they are not what imports wrote.
    """

    def __init__(self, store: Path, mark: Mark) -> None:
        self.path = store / JOURNAL
        self.mark = mark
        self._entries: tuple[Entry, ...] | None = None

    def __len__(self) -> int:
        return self.mark.lines

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, place: int | slice) -> Entry | tuple[Entry, ...]:
        return self._read()[place]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._read())

    def names(self, key: str, value: str) -> bool:
        """Whether any line has this text under this key; nothing is parsed."""
        if not self.mark.size:
            return False
        needle = f"{json.dumps(key)}:{json.dumps(value)}".encode()
        with self.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held:
            return held.find(needle, 0, self.mark.size) >= 0

    def _read(self) -> tuple[Entry, ...]:
        if self._entries is None:
            try:
                self._entries = tuple(_entries(self.path, self.mark))
            except (OSError, ValueError) as error:
                raise CorruptFile(f"{self.path} cannot be read: {error}.", "Import the files again.") from None
        return self._entries


class Audits(Sequence[dict[str, Any]]):
    """The audits of the first ``n`` imports, oldest first, parsed when they are looked at."""

    def __init__(self, journal: Journal, n: int) -> None:
        self._journal, self._n = journal, n

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[dict[str, Any], ...]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | tuple[dict[str, Any], ...]:
        if isinstance(place, slice):
            return tuple(entry.audit for entry in self._journal[: self._n][place])
        return self._journal[: self._n][place].audit

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as of lists: audits are dictionaries


def write_entry(store: Path, mark: Mark, entry: Entry) -> Mark:
    """Add a line after ``mark``, where the journal ends (:func:`cut`); the new mark."""
    line = line_of(entry)
    with (store / JOURNAL).open("r+b" if mark.size else "w+b") as stream:
        stream.seek(mark.size)
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    return mark.after(line)


def line_of(entry: Entry) -> bytes:
    """An import as its line."""
    document = {"imported": entry.imported, "part": entry.part, "rows": entry.rows, "audit": entry.audit}
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def cut(store: Path, mark: Mark) -> None:
    """Take away what lies beyond the mark."""
    path = store / JOURNAL
    if not mark.size:
        path.unlink(missing_ok=True)
    elif path.stat().st_size > mark.size:
        with path.open("r+b") as stream:
            stream.truncate(mark.size)


def snapshot_id(before: str, part: str, missing: Sequence[date | str], observed: Sequence[date | str] = ()) -> str:
    """The id of a store's state after an import: a hash of the one before, of the part's, of the days without record
    that came with it, and of those that it brought rows of.

    >>> snapshot_id("", "00.parquet", [])
    'c5cd9dbbc6b0d4a2'
    """
    words = [before, part, *map(str, missing), *(f"observed {day}" for day in observed)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _entries(path: Path, mark: Mark) -> Iterator[Entry]:
    """The lines up to a mark, every value of the right kind. Raises OSError, ValueError."""
    with path.open("rb") as stream:
        content = stream.read(mark.size)
    found, snapshot, entries = Mark(), "", []
    for line in content.splitlines(keepends=True):
        found = found.after(line)
        entry = _entry(parse_document(line), f"line {found.lines}")
        coverage = entry.audit["coverage"]
        snapshot = snapshot_id(snapshot, entry.part, coverage["missing"], coverage.get("observed", ()))
        if snapshot != entry.audit["snapshot"]:
            raise ValueError(f"line {found.lines} is not of its snapshot")
        entries.append(entry)
    if found != mark:
        raise ValueError("its lines are not those that imports wrote")
    yield from entries


def _entry(document: dict[str, Any], where: str) -> Entry:
    try:
        imported = get(document, "imported", str)
        datetime.fromisoformat(imported)
        audit = get(document, "audit", dict)
        check_audit(audit)
        return Entry(imported, get(document, "part", str), get(document, "rows", int), audit)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def check_audit(audit: dict[str, Any]) -> None:
    """Raises ValueError where an audit is not what :class:`tertius.sources.audit.Audit` wrote."""
    coverage = get(audit, "coverage", dict)
    for end in ("from", "to"):
        date.fromisoformat(get(coverage, end, str))
    days(coverage, "missing")
    if "observed" in coverage:
        days(coverage, "observed")
    if "step" in coverage:
        Calendar.read(coverage)
    get(audit, "snapshot", str)
    get(audit, "rows", int)
    each(audit, "warnings", str)
    files = each(audit, "files", dict)
    for one in (audit, *files):
        dropped = sum(checked(n, int, f"'{rule}'") for rule, n in get(one, "dropped", dict).items())
        read, kept, aside = (get(one, key, int) for key in ("read", "kept", "quarantined"))
        if read != kept + dropped + aside:
            raise ValueError(f"{read} rows read are not {kept} kept, {dropped} dropped and {aside} quarantined")
    if "labels" in audit:
        labels = get(audit, "labels", dict)
        for key in ("matched", "kept", "no_country"):
            get(labels, key, int)
        merged = get(labels, "merged", dict)
        for code in merged:
            each(merged, code, str)
    for file in files:
        get(file, "name", str)
        get(file, "sha256", str)
        if "format" in file:
            get(file, "format", str)

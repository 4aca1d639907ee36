"""Parts of a store against their names, which are the hashes of their bytes.

Reading every byte at every opening would cost more than most questions. So what was compared once is remembered by
size, inode and times, in the user's cache folder: a store may be read-only, and the memory may be lost, damaged or
written by two at once without harm. A part that changed under the same size, inode and times is found by
``tertius audit``, which trusts no memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tertius.cache import cache_folder
from tertius.errors import CorruptFile
from tertius.events.document import get, read_document

SETTLED = 2_000_000_000
"""Nanoseconds after which a change would show in a file's times, on every file system."""
RESTORE = "Restore it from a copy, or import the files again into a new store."

Marks = list[int]


def verify(store: Path, parts: Sequence[Path], *, thorough: bool = False) -> None:
    """Compare parts with their names, those that are remembered by their marks alone, unless ``thorough``.

    Raises CorruptFile.
    """
    memory = memory_of(store)
    known = {} if thorough else _recall(memory)
    now: dict[str, Marks] = {}
    for part in parts:
        seen = _marks(part)
        if known.get(part.name) != seen:
            if f"{file_hash(part)}.parquet" != part.name or _marks(part) != seen:
                raise CorruptFile(f"{part} is damaged: its bytes are not those that were imported.", RESTORE)
            if time.time_ns() - max(seen[1:3]) < SETTLED:
                continue
        now[part.name] = seen
    if any(known.get(name) != seen for name, seen in now.items()):
        there = set(os.listdir(store / "parts"))  # else it would grow with every part that others replaced
        _remember(memory, {name: seen for name, seen in {**known, **now}.items() if name in there})


def memory_of(store: Path) -> Path:
    """Where it is remembered which parts of a store were compared."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(store))).hexdigest()[:32]
    return cache_folder() / "parts" / f"{name}.json"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _marks(part: Path) -> Marks:
    """Size, times in nanoseconds and inode of a file that is no link. Raises CorruptFile."""
    try:
        found = os.lstat(part)
    except FileNotFoundError:
        raise CorruptFile(f"{part} is gone.", RESTORE) from None
    if not stat.S_ISREG(found.st_mode):
        raise CorruptFile(f"{part} is no file of the store.", RESTORE)
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _recall(memory: Path) -> dict[str, Marks]:
    """What is remembered; nothing where the memory is lost or damaged."""
    try:
        document = read_document(memory)
        return {name: get(document, name, list) for name in document}
    except (OSError, ValueError):
        return {}


def _remember(memory: Path, marks: dict[str, Marks]) -> None:
    """Write beside, then replace. A memory that cannot be written is no error."""
    temporary = memory.with_name(f".{uuid.uuid4().hex}.tmp")
    with suppress(OSError):
        memory.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_text(json.dumps(marks), "utf-8")
            os.replace(temporary, memory)
        finally:
            temporary.unlink(missing_ok=True)

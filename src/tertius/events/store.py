"""The store: immutable Parquet parts, a journal of imports, and a manifest that says which parts make up the data.

    STORE/
      manifest.json            replaced atomically, last of all; small however many imports there were
      journal.jsonl            one line an import: its audit; added to at the end (:mod:`tertius.events.journal`)
      parts/<sha256>.parquet   written beside, flushed to disk, renamed; never changed afterwards
      .lock                    while an import is at work

Every import adds one part and one line. A **snapshot** is what the first imports hold, up to one of them; its id is a
hash over the hashes of their parts, so the same files imported under the same rules give the same id. ``STORE@id``
names an older one, until it is forgotten (:func:`prune`). Parts of many imports take the place of parts of one
(:mod:`tertius.events.compaction`); rows keep their order, so a snapshot is the first rows of the store.

Readers never lock and never see half a write. Writers wait for each other (:mod:`tertius.events.lock`): a lock is held
from the reading of the manifest to its replacement. What a killed import left is cleared by the next one. Parts are
compared with their names when a store is opened (:mod:`tertius.events.verified`).
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tertius.errors import CorruptFile, InputError, UsageError, disk_room
from tertius.events.calendar import Calendar
from tertius.events.compaction import compacted, still_retired
from tertius.events.document import days
from tertius.events.journal import JOURNAL, Audits, Entry, Journal, Mark, cut, snapshot_id, write_entry
from tertius.events.lock import LOCK, locked
from tertius.events.manifest import MANIFEST, PART, Manifest, Part, read_manifest, written
from tertius.events.totals import Totals
from tertius.events.verified import file_hash, verify
from tertius.events.whole import publish, replace_file, sync_folder

LATEST = 5
"""Snapshots that an error names."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store folder, as its manifest and its journal describe it, at one of its snapshots.

    Attributes
    ----------
    path : the folder.
    directed : whether rows say who did it to whom.
    parts : Parquet files of the snapshot.
    first_rows : how many rows of the last part belong to it; None: all.
    missing : days without any record (unobserved, not zero).
    snapshot : id of the snapshot.
    audits : one a past import, oldest first, as JSON.
    journal : all imports into the store, also later ones.
    manifest : as it was read.
    totals : what the imports of the snapshot read and kept.
    calendars : source -> when it was seen.
    """

    path: Path
    directed: bool
    parts: tuple[Path, ...]
    first_rows: int | None
    missing: tuple[date, ...]
    snapshot: str
    audits: Audits
    journal: Journal
    manifest: Manifest
    totals: Totals
    calendars: Mapping[str, Calendar]

    @property
    def snapshots(self) -> tuple[str, ...]:
        """Ids by which the store's states can be read, oldest first."""
        return tuple(entry.audit["snapshot"] for entry in self.journal[self.manifest.forgotten :])

    @property
    def file_hashes(self) -> set[str]:
        """SHA-256 of every file imported so far."""
        return {f["sha256"] for audit in self.audits for f in audit["files"]}

    def holds_file(self, sha256: str) -> bool:
        """Whether a file of these bytes was imported, at any time; no audit is parsed."""
        return self.journal.names("sha256", sha256)


def is_store(path: Path) -> bool:
    """Whether a folder holds a manifest."""
    return (path / MANIFEST).is_file()


def find_store(name: str | Path) -> tuple[Path, str | None] | None:
    """The folder and the snapshot that a name means: ``STORE`` or ``STORE@snapshot``; None where it is no store.

    What exists under the whole name wins over its reading as a snapshot.
    """
    if is_store(Path(name)):
        return Path(name), None
    folder, at, snapshot = str(name).rpartition("@")
    if at and folder and not os.path.lexists(name) and is_store(Path(folder)):
        return Path(folder), snapshot
    return None


def open_store(path: Path, snapshot: str | None = None, *, thorough: bool = False) -> Store:
    """Read a store's manifest and compare its parts with their names.

    ``snapshot`` is an older state; ``thorough`` trusts no comparison made earlier. Raises UsageError, CorruptFile.
    """
    check_store(path)
    while True:
        manifest = read_manifest(path)
        store = _store(path, manifest)
        if snapshot is not None and snapshot != store.snapshot:
            store = _as_of(store, snapshot)
        try:
            verify(path, store.parts, thorough=thorough)
        except CorruptFile:
            if read_manifest(path) == manifest:  # else an import put others in the place of these meanwhile
                raise
        else:
            return store


def check_store(path: Path) -> None:
    """Raises UsageError where a folder is no store."""
    if not is_store(path):
        raise UsageError(f"{path} is not a store.", "Make one: tertius import events FILE --into STORE.")


@contextmanager
def adding(path: Path) -> Iterator[Store | None]:
    """A store that no other adds to meanwhile, as its manifest describes it; None where it is new.

    What a killed import left is cleared first, and what this one leaves on an error too. Raises UsageError where other
    things lie there, CorruptFile, DiskFull.
    """
    check_free(path)
    with disk_room(f"Nothing was added to {path}; it is as before."), locked(path, "another import is at work there"):
        check_free(path)
        manifest = read_manifest(path) if is_store(path) else None
        clear(path, manifest)
        try:
            yield _store(path, manifest) if manifest else None
        except BaseException:
            with suppress(OSError, CorruptFile):
                clear(path, read_manifest(path) if is_store(path) else None)
            raise


def append_part(
    path: Path,
    before: Store | None,
    *,
    directed: bool,
    audit: dict[str, Any],
    write: Callable[[Path], None],
) -> str:
    """Inside :func:`adding`, add one Parquet part to the store and return the id of the new snapshot.

    ``write`` is given the path of a temporary file to fill with the ``audit["rows"]`` rows of the import. The audit's
    coverage says which days are missing now (``missing``), and which no longer are (``observed``). Nothing is seen by
    readers before the manifest is replaced.
    """
    if before and before.directed != directed:
        kind = ("undirected", "directed")
        raise UsageError(
            f"{path} is {kind[before.directed]}, the new rows are {kind[directed]}.", "Use another folder after --into."
        )
    (path / "parts").mkdir(exist_ok=True)
    if before is None:
        sync_folder(path)
        sync_folder(path.parent)
    old = before.manifest if before else Manifest(directed)
    temporary = path / "parts" / f".{uuid.uuid4().hex}.tmp"
    write(temporary)
    part = Part(f"{file_hash(temporary)}.parquet", audit["rows"])
    if part.name in old.names or (before and before.journal.names("part", part.name)):
        raise InputError(f"{path} holds exactly these rows already.", "Leave the file out, or use a new store.")
    publish(temporary, path / "parts" / part.name)
    parts, replaced = compacted(path, (*old.parts, part))
    now = datetime.now(UTC)
    coverage = audit["coverage"]
    snapshot = snapshot_id(old.snapshot, part.name, coverage["missing"], coverage.get("observed", ()))
    entry = Entry(now.isoformat(timespec="seconds"), part.name, part.rows, {**audit, "snapshot": snapshot})
    retired, gone = still_retired(old.retired, replaced, now)
    new = replace(
        old,
        snapshot=snapshot,
        parts=parts,
        retired=retired,
        missing=_missing_after(old.missing, audit),
        journal=write_entry(path, old.journal, entry),
        totals=old.totals.after(audit),
        calendars=_calendars_after(old.calendars, audit),
    )
    replace_file(path / MANIFEST, written(new))
    for name in gone:
        (path / "parts" / name).unlink(missing_ok=True)
    return snapshot


def _missing_after(missing: tuple[date, ...], audit: dict[str, Any]) -> tuple[date, ...]:
    """Days without any record after an import."""
    coverage = audit["coverage"]
    observed = set(days(coverage, "observed")) if "observed" in coverage else set()
    return tuple(sorted({*missing, *days(coverage, "missing")} - observed))


def _calendars_after(calendars: Mapping[str, Calendar], audit: dict[str, Any]) -> Mapping[str, Calendar]:
    """When each source was seen after an import, whose files are all of one."""
    coverage = audit["coverage"]
    if "step" not in coverage:
        return calendars
    source, seen = str(audit["files"][0]["format"]), Calendar.read(coverage)
    return {**calendars, source: calendars[source].after(seen) if source in calendars else seen}


def prune(path: Path, keep: int = 1) -> dict[str, Any]:
    """Forget a store's older snapshots, all but the latest ``keep``, and remove files that no snapshot needs; says
    which.

    Raises UsageError where it is no store, CorruptFile, DiskFull.
    """
    check_store(path)
    if keep < 1:
        raise UsageError(f"No store keeps {keep} snapshots: the latest is the store.", "Keep 1 or more.")
    with locked(path, "an import is at work there"), disk_room(f"{path} is as before."):
        manifest = read_manifest(path)
        files = clear(path, manifest)
        first = max(manifest.forgotten, manifest.journal.lines - keep)
        forgotten = list(_store(path, manifest).snapshots[: first - manifest.forgotten])
        if forgotten or manifest.retired:
            replace_file(path / MANIFEST, written(replace(manifest, forgotten=first, retired=())))
            for part in manifest.retired:
                (path / "parts" / part.name).unlink(missing_ok=True)
                files.append(f"parts/{part.name}")
    return {"snapshots": forgotten, "files": sorted(files)}


def check_free(path: Path) -> None:
    """Raises UsageError where a new store would lie among other things. What a killed import left is no such thing."""
    if is_store(path) or not os.path.lexists(path):
        return
    strange = not path.is_dir() or (path / "parts").is_symlink()
    with suppress(FileNotFoundError):  # an import that failed removes its folder meanwhile
        strange = strange or any(
            not f.endswith(".tmp") and f not in (MANIFEST, JOURNAL, "parts", LOCK) for f in os.listdir(path)
        )
        strange = strange or any(not f.endswith((".tmp", ".parquet")) for f in os.listdir(path / "parts"))
    if strange:
        raise UsageError(f"{path} exists and is not a store.", "Name a new or empty folder after --into.")


def clear(path: Path, manifest: Manifest | None) -> list[str]:
    """Under the lock, remove what no manifest names: leftovers of killed imports. Returns the names of files.

    ``manifest`` is the folder's, None where it has none yet.
    """
    named = manifest.names if manifest else frozenset[str]()
    parts = path / "parts"
    found = [name for name in os.listdir(path) if name.endswith(".tmp")]
    if parts.is_dir() and not parts.is_symlink():
        left = (name for name in os.listdir(parts) if name not in named)
        found += [f"parts/{name}" for name in left if name.endswith(".tmp") or PART.fullmatch(name)]
    for name in found:
        (path / name).unlink(missing_ok=True)
    cut(path, manifest.journal if manifest else Mark())
    if manifest is None:
        with suppress(OSError):
            parts.rmdir()
    return sorted(found)


def _store(path: Path, manifest: Manifest) -> Store:
    """The latest state of a store."""
    journal = Journal(path, manifest.journal)
    return Store(
        path,
        manifest.directed,
        tuple(path / "parts" / part.name for part in manifest.parts),
        None,
        manifest.missing,
        manifest.snapshot,
        Audits(journal, len(journal)),
        journal,
        manifest,
        manifest.totals,
        manifest.calendars,
    )


def _as_of(store: Store, snapshot: str) -> Store:
    """An older state of a store: its first rows. Raises UsageError, CorruptFile."""
    known = store.snapshots
    if snapshot not in known:
        latest = ", ".join(reversed(known[-LATEST:]))
        raise UsageError(f"{store.path} has no snapshot '{snapshot}'.", f"Its latest are: {latest}.")
    n = store.manifest.forgotten + known.index(snapshot) + 1
    entries = store.journal[:n]
    parts, left = [], sum(entry.rows for entry in entries)
    first_rows = None
    imports = 0
    for part in store.manifest.parts:
        parts.append(store.path / "parts" / part.name)
        imports += part.imports
        if imports >= n:
            first_rows = left if imports > n else None
            break
        left -= part.rows
    missing: tuple[date, ...] = ()
    calendars: Mapping[str, Calendar] = {}
    for entry in entries:
        missing = _missing_after(missing, entry.audit)
        calendars = _calendars_after(calendars, entry.audit)
    return replace(
        store,
        parts=tuple(parts),
        first_rows=first_rows,
        missing=missing,
        snapshot=snapshot,
        audits=Audits(store.journal, n),
        totals=Totals.of(entry.audit for entry in entries),
        calendars=calendars,
    )

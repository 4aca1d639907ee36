"""The store: immutable Parquet parts and a manifest that says which of them make up the data.

    STORE/
      manifest.json            replaced atomically, last of all
      parts/<sha256>.parquet   written beside, flushed to disk, renamed; never changed afterwards
      .lock                    while an import is at work

Every import adds one part and one audit. A **snapshot** is what the first imports hold, up to one of them; its id is
the hash of their parts' hashes, so the same files imported under the same rules give the same id. ``STORE@id`` names an
older one, until it is forgotten (:func:`prune`).

Readers never lock and never see half a write. Writers wait for each other (:mod:`tertius.events.lock`): a lock is held
from the reading of the manifest to its replacement. What a killed import left is cleared by the next one. Parts are
compared with their names when a store is opened (:mod:`tertius.events.verified`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tertius.errors import CorruptFile, InputError, UsageError, disk_room
from tertius.events.document import checked, days, each, get, read_document
from tertius.events.lock import LOCK, locked
from tertius.events.verified import file_hash, verify

MANIFEST = "manifest.json"
FORMAT_VERSION = 1
PART = re.compile(r"[0-9a-f]{64}\.parquet")


@dataclass(frozen=True, slots=True)
class Store:
    """A store folder as its manifest describes it.

    Attributes
    ----------
    path : the folder.
    directed : whether rows say who did it to whom.
    parts : Parquet files of the snapshot.
    missing : days without any record (unobserved, not zero).
    snapshot : id of the snapshot.
    audits : one a past import, oldest first, as JSON.
    snapshots : ids by which the store's states can be read, oldest first.
    """

    path: Path
    directed: bool
    parts: tuple[Path, ...]
    missing: tuple[date, ...]
    snapshot: str
    audits: tuple[dict[str, Any], ...]
    snapshots: tuple[str, ...] = ()

    @property
    def file_hashes(self) -> set[str]:
        """SHA-256 of every file imported so far."""
        return {f["sha256"] for audit in self.audits for f in audit["files"]}


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
    if not is_store(path):
        raise UsageError(f"{path} is not a store.", "Make one: tertius import events FILE --into STORE.")
    store = _read(path)
    if snapshot is not None:
        store = _as_of(store, snapshot)
    verify(path, store.parts, thorough=thorough)
    return store


@contextmanager
def adding(path: Path) -> Iterator[Store | None]:
    """A store that no other adds to meanwhile, as its manifest describes it; None where it is new.

    What a killed import left is cleared first, and what this one leaves on an error too. Raises UsageError where other
    things lie there, CorruptFile, DiskFull.
    """
    check_free(path)
    with disk_room(f"Nothing was added to {path}; it is as before."), locked(path, "another import is at work there"):
        check_free(path)
        before = _read(path) if is_store(path) else None
        clear(path, before)
        try:
            yield before
        except BaseException:
            with suppress(OSError, CorruptFile):
                clear(path)
            raise


def append_part(
    path: Path,
    before: Store | None,
    *,
    directed: bool,
    missing: tuple[date, ...],
    audit: dict[str, Any],
    write: Callable[[Path], None],
) -> str:
    """Inside :func:`adding`, add one Parquet part to the store and return the id of the new snapshot.

    ``write`` is given the path of a temporary file to fill. Nothing is seen by readers before the manifest is replaced.
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
    names = [part.name for part in before.parts] if before else []
    temporary = path / "parts" / f".{uuid.uuid4().hex}.tmp"
    write(temporary)
    part = f"{file_hash(temporary)}.parquet"
    if part in names:
        raise InputError(f"{path} holds exactly these rows already.", "Leave the file out, or use a new store.")
    publish(temporary, path / "parts" / part)
    names.append(part)
    all_missing = sorted({*(before.missing if before else ()), *missing})
    snapshot = _snapshot_id(names, all_missing)
    audits = [*(before.audits if before else ()), {**audit, "snapshot": snapshot}]
    kept_from = len(before.audits) - len(before.snapshots) if before else 0
    _write(path, directed, names, all_missing, snapshot, audits, kept_from)
    return snapshot


def prune(path: Path) -> dict[str, Any]:
    """Forget a store's older snapshots and remove files that no snapshot names; says which.

    Raises UsageError where it is no store, CorruptFile, DiskFull.
    """
    if not is_store(path):
        raise UsageError(f"{path} is not a store.", "Make one: tertius import events FILE --into STORE.")
    with locked(path, "an import is at work there"), disk_room(f"{path} is as before."):
        store = _read(path)
        files = clear(path, store)
        forgotten = list(store.snapshots[:-1])
        if forgotten:
            names = [part.name for part in store.parts]
            last = len(store.audits) - 1
            _write(path, store.directed, names, store.missing, store.snapshot, store.audits, last)
    return {"snapshots": forgotten, "files": files}


def check_free(path: Path) -> None:
    """Raises UsageError where a new store would lie among other things. What a killed import left is no such thing."""
    if is_store(path) or not os.path.lexists(path):
        return
    strange = not path.is_dir() or (path / "parts").is_symlink()
    with suppress(FileNotFoundError):  # an import that failed removes its folder meanwhile
        strange = strange or any(
            not f.endswith(".tmp") and f not in (MANIFEST, "parts", LOCK) for f in os.listdir(path)
        )
        strange = strange or any(not f.endswith((".tmp", ".parquet")) for f in os.listdir(path / "parts"))
    if strange:
        raise UsageError(f"{path} exists and is not a store.", "Name a new or empty folder after --into.")


def clear(path: Path, store: Store | None = None) -> list[str]:
    """Under the lock, remove what no manifest names: leftovers of killed imports. Returns their names.

    ``store`` is what the manifest says, where it was read already.
    """
    if store is None and is_store(path):
        store = _read(path)
    named = {part.name for part in store.parts} if store else set()
    parts = path / "parts"
    found = [name for name in os.listdir(path) if name.endswith(".tmp")]
    if parts.is_dir() and not parts.is_symlink():
        left = (name for name in os.listdir(parts) if name not in named)
        found += [f"parts/{name}" for name in left if name.endswith(".tmp") or PART.fullmatch(name)]
    for name in found:
        (path / name).unlink(missing_ok=True)
    if store is None:
        with suppress(OSError):
            parts.rmdir()
    return sorted(found)


def replace_file(path: Path, content: str | bytes) -> None:
    """Give a file a new content, whole or not at all."""
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        temporary.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        publish(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def publish(temporary: Path, final: Path) -> None:
    """Give a finished file its name; after a power cut it has that name and its content, or not that name."""
    with temporary.open("rb+") as stream:
        os.fsync(stream.fileno())
    os.replace(temporary, final)
    sync_folder(final.parent)


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder to disk, where the system can."""
    with suppress(OSError):  # Windows opens no folder; some network file systems flush none
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read(path: Path) -> Store:
    """The store that a manifest describes, every value of the right kind. Raises CorruptFile."""
    try:
        manifest = read_document(path / MANIFEST)
        version = get(manifest, "tertius_store", int)
        if version != FORMAT_VERSION:
            raise ValueError(f"it is of version {version}, and this tertius reads {FORMAT_VERSION}")
        names = each(manifest, "parts", str)
        if (path / "parts").is_symlink():
            raise ValueError("the folder of its parts is a link")
        for name in names:
            if not PART.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a part")
        audits = each(manifest, "audits", dict)
        for audit in audits:
            _check_audit(audit)
        missing = days(manifest, "missing")
        snapshot = get(manifest, "snapshot", str)
        kept_from = get(manifest, "kept_from", int) if "kept_from" in manifest else 0
        if not (len(set(names)) == len(names) == len(audits) > kept_from):
            raise ValueError("its parts and audits do not belong together")
        if not (_snapshot_id(names, missing) == snapshot == audits[-1]["snapshot"]):
            raise ValueError("its parts and days are not those of its snapshot")
        directed = get(manifest, "directed", bool)
    except ValueError as error:
        raise CorruptFile(f"{path / MANIFEST} cannot be read: {error}.", "Import the files again.") from None
    parts = tuple(path / "parts" / name for name in names)
    snapshots = tuple(audit["snapshot"] for audit in audits[kept_from:])
    return Store(path, directed, parts, missing, snapshot, tuple(audits), snapshots)


def _check_audit(audit: dict[str, Any]) -> None:
    """Raises ValueError where an audit is not what :class:`tertius.sources.audit.Audit` wrote."""
    coverage = get(audit, "coverage", dict)
    for end in ("from", "to"):
        date.fromisoformat(get(coverage, end, str))
    days(coverage, "missing")
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


def _as_of(store: Store, snapshot: str) -> Store:
    """An older state of a store: its first imports. Raises UsageError, CorruptFile."""
    if snapshot not in store.snapshots:
        known = ", ".join(reversed(store.snapshots[-5:]))
        raise UsageError(f"{store.path} has no snapshot '{snapshot}'.", f"Its latest are: {known}.")
    n = len(store.audits) - len(store.snapshots) + store.snapshots.index(snapshot) + 1
    parts, audits = store.parts[:n], store.audits[:n]
    missing = tuple(sorted({day for audit in audits for day in days(audit["coverage"], "missing")}))
    if _snapshot_id([part.name for part in parts], missing) != snapshot:
        raise CorruptFile(
            f"{store.path / MANIFEST} cannot be read: parts and days are not those of snapshot {snapshot}.",
            "Import the files again.",
        )
    return Store(store.path, store.directed, parts, missing, snapshot, audits, store.snapshots)


def _snapshot_id(names: list[str], missing: list[date] | tuple[date, ...]) -> str:
    return hashlib.sha256("\n".join([*names, *map(str, missing)]).encode()).hexdigest()[:16]


def _write(
    path: Path,
    directed: bool,
    names: list[str],
    missing: list[date] | tuple[date, ...],
    snapshot: str,
    audits: list[dict[str, Any]] | tuple[dict[str, Any], ...],
    kept_from: int,
) -> None:
    """Replace the manifest, whole or not at all."""
    manifest = {
        "tertius_store": FORMAT_VERSION,
        "directed": directed,
        "snapshot": snapshot,
        "kept_from": kept_from,
        "parts": names,
        "missing": [d.isoformat() for d in missing],
        "audits": list(audits),
    }
    replace_file(path / MANIFEST, json.dumps(manifest, separators=(",", ":")))

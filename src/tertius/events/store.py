"""The store: immutable Parquet parts and a manifest that says which of them make up the data.

    STORE/
      manifest.json            replaced atomically, last of all
      parts/<sha256>.parquet   written beside, flushed to disk, renamed; never changed afterwards

A **snapshot** is a list of parts; its id is the hash of their hashes, so the same files imported under the same rules
give the same id. Readers never lock and never see half a write. Two writers at once are noticed (the second one fails
and asks to try again), not merged.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tertius.errors import CorruptFile, InputError, UsageError
from tertius.events.engine import check_parquet, connection

MANIFEST = "manifest.json"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Store:
    """A store folder as its manifest describes it.

    Attributes
    ----------
    path : the folder.
    directed : whether rows say who did it to whom.
    parts : Parquet files of the current snapshot.
    missing : days without any record (unobserved, not zero).
    snapshot : id of the current snapshot.
    audits : one a past import, oldest first, as JSON.
    """

    path: Path
    directed: bool
    parts: tuple[Path, ...]
    missing: tuple[date, ...]
    snapshot: str
    audits: tuple[dict[str, Any], ...]

    @property
    def file_hashes(self) -> set[str]:
        """SHA-256 of every file imported so far."""
        return {f["sha256"] for audit in self.audits for f in audit["files"]}


def is_store(path: Path) -> bool:
    """Whether a folder holds a manifest."""
    return (path / MANIFEST).is_file()


def open_store(path: Path) -> Store:
    """Read a store's manifest and check that its parts are whole. Raises UsageError, CorruptFile."""
    if not is_store(path):
        raise UsageError(f"{path} is not a store.", "Make one: tertius import events FILE --into STORE.")
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        if manifest["tertius_store"] != FORMAT_VERSION:
            raise ValueError(f"it is of version {manifest['tertius_store']}, and this tertius reads {FORMAT_VERSION}")
        parts = tuple(path / "parts" / name for name in manifest["parts"])
        store = Store(
            path,
            bool(manifest["directed"]),
            parts,
            tuple(date.fromisoformat(d) for d in manifest["missing"]),
            manifest["snapshot"],
            tuple(manifest["audits"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptFile(f"{path / MANIFEST} cannot be read: {error}.", "Import the files again.") from None
    with connection() as con:
        for part in parts:
            check_parquet(con, part)
    return store


def append_part(
    path: Path,
    *,
    directed: bool,
    missing: tuple[date, ...],
    audit: dict[str, Any],
    write: Callable[[Path], None],
) -> Store:
    """Add one Parquet part to a store (made where it is not there) and return the new snapshot.

    ``write`` is given the path of a temporary file to fill. Nothing is seen by readers before the manifest is replaced.
    """
    before = open_store(path) if is_store(path) else None
    if before and before.directed != directed:
        kind = ("undirected", "directed")
        raise UsageError(
            f"{path} is {kind[before.directed]}, the new rows are {kind[directed]}.", "Use another folder after --into."
        )
    if before is None:
        check_free(path)
    new_folders = [f for f in (path / "parts", path, *path.parents) if not f.exists()]
    (path / "parts").mkdir(parents=True, exist_ok=True)
    names = [part.name for part in before.parts] if before else []
    temporary = path / "parts" / f".{uuid.uuid4().hex}.tmp"
    try:
        write(temporary)
        part = f"{file_hash(temporary)}.parquet"
        if part in names:
            raise InputError(f"{path} holds exactly these rows already.", "Leave the file out, or use a new store.")
        _publish(temporary, path / "parts" / part)
    except BaseException:
        temporary.unlink(missing_ok=True)
        for folder in new_folders:
            with suppress(OSError):  # not empty: another import uses it meanwhile
                folder.rmdir()
        raise
    names.append(part)
    all_missing = sorted({*(before.missing if before else ()), *missing})
    snapshot = hashlib.sha256("\n".join([*names, *map(str, all_missing)]).encode()).hexdigest()[:16]
    manifest = {
        "tertius_store": FORMAT_VERSION,
        "directed": directed,
        "snapshot": snapshot,
        "parts": names,
        "missing": [d.isoformat() for d in all_missing],
        "audits": [*(before.audits if before else ()), {**audit, "snapshot": snapshot}],
    }
    now = open_store(path).snapshot if is_store(path) else None
    if now != (before.snapshot if before else None):
        raise InputError(f"{path} was changed by another import meanwhile.", "Run the import again.")
    temporary = path / f".{uuid.uuid4().hex}.tmp"
    try:
        temporary.write_text(json.dumps(manifest, indent=1), "utf-8")
        _publish(temporary, path / MANIFEST)
    finally:
        temporary.unlink(missing_ok=True)
    return open_store(path)


def check_free(path: Path) -> None:
    """Raises UsageError where a new store would lie among other things. What a killed import left is no such thing."""
    if not path.exists():
        return
    strange = not path.is_dir() or any(f.suffix != ".tmp" and f != path / "parts" for f in path.iterdir())
    if strange or any(f.suffix not in (".tmp", ".parquet") for f in (path / "parts").glob("*")):
        raise UsageError(f"{path} exists and is not a store.", "Name a new or empty folder after --into.")


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _publish(temporary: Path, final: Path) -> None:
    with temporary.open("rb+") as stream:
        os.fsync(stream.fileno())
    os.replace(temporary, final)

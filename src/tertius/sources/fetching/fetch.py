"""``tertius fetch``: the files of a span from a source's server into a store, in batches.

A file that the store has by its name is not fetched again. Each batch is imported before the next is fetched, so a run
that is killed goes on where it was: imported batches are in the store, files of the batch at hand lie in the folder,
the one at hand in part. An archive of several files, such as POLECAT's of a year, is unpacked, and its files are
imported together.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from tertius.cache import cache_folder
from tertius.errors import CorruptFile, InputError, UsageError, disk_room
from tertius.events.lock import locked
from tertius.events.store import is_store, open_store
from tertius.events.whole import replace_file
from tertius.progress import Progress, seconds_left
from tertius.sources.audit import Audit, dropped_of
from tertius.sources.fetching.download import Missing, Server, Wanted
from tertius.sources.fetching.servers import TOKEN, Source, source_named
from tertius.sources.importing import format_named, import_files
from tertius.sources.text import is_text

BATCH = 96
"""Files imported together: of GDELT 2.0, those of a day."""


@dataclass(slots=True)
class Run:
    """One run: its source, where files go, and what became of them."""

    source: Source
    server: Server
    folder: Path
    into: Path
    keep: bool
    progress: Callable[[str], None]
    fetched: int = 0
    size: int = 0
    missing: list[str] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list)


def fetch(
    name: str,
    first: date,
    last: date,
    into: Path,
    *,
    base: str | None = None,
    folder: Path | None = None,
    token: str | None = None,
    rate: float = 2.0,
    progress: Callable[[str], None] | None = None,
    server: Server | None = None,
) -> dict[str, Any]:
    """Download what a source has from ``first`` to ``last`` (days of UTC), and import it.

    Parameters
    ----------
    name : a key of :data:`tertius.sources.fetching.servers.SOURCES`.
    into : the store's folder, made where it is not there.
    base : address of the server, where it is not the source's own.
    folder : where files are kept; None: in the user's cache, until they are imported.
    token : what the source asks of its users (UCDP).
    rate : requests a second at most.
    progress : called with a line for each file.
    server : how the server is asked, for tests.

    Raises
    ------
    UsageError, InputError and their children.
    """
    source = source_named(name)
    fmt = format_named(name)
    if last < first:
        raise UsageError(f"--to {last} lies before --from {first}.", "Exchange them.")
    if not rate > 0:
        raise UsageError(f"--rate {rate} is no rate.", "Name requests a second, above 0.")
    tell = progress or (lambda _: None)
    headers = {TOKEN: token} if token else {}
    asked = replace(server, headers=headers) if server else Server(rate, headers, say=tell)
    place = folder or cache_folder() / "fetched" / name
    address = (base or source.base).rstrip("/")
    with disk_room(f"What was fetched is kept in {place}."), asked:
        place.mkdir(parents=True, exist_ok=True)
        with locked(place, "another fetch is at work there"):
            tell(f"asking {address} what there is from {first} to {last}")
            try:
                listed = source.listed(asked, address, first, last)
            except Missing as error:
                raise InputError(f"{error} is not there.", "Check --base.") from None
            run = Run(source, asked, place, into, folder is not None, tell, missing=list(listed.holes))
            audits = open_store(into).audits if is_store(into) else ()
            had = {file["name"] for audit in audits for file in audit["files"]}
            new = [w for w in listed.wanted if w.name not in had and not _holds_months_of(had, w.name)]
            _batches(run, new, listed.content or {}, fmt.name)
    return _document(run, address, first, last, len(listed.wanted) - len(new))


def _holds_months_of(had: Collection[str], archive: str) -> bool:
    """Whether files of an archive of a year are among names: ngecEventsDV-2022-01.txt of ngecEventsDV-2022.txt.zip.

    >>> _holds_months_of(["ngecEventsDV-2022-01.txt"], "ngecEventsDV-2022.txt.zip")
    True
    """
    year = Path(archive.removesuffix(".zip")).stem
    return archive.endswith(".zip") and any(name.startswith(f"{year}-") for name in had)


def _batches(run: Run, wanted: Sequence[Wanted], content: Mapping[str, bytes], fmt: str) -> None:
    """Download and import, a batch at a time."""
    for name, held in content.items():
        replace_file(run.folder / name, held)
        run.fetched += 1
        run.size += len(held)
        _import(run, [run.folder / name], fmt)
    began, done = time.perf_counter(), 0
    for start in range(0, len(wanted), BATCH):
        files = []
        for one in wanted[start : start + BATCH]:
            left = seconds_left(time.perf_counter() - began, done / len(wanted)) if done else None
            run.progress(Progress(f"fetching {one.name}", done, len(wanted), left, unit="files"))
            try:
                path = run.server.download(one, run.folder)
            except Missing:
                run.missing.append(one.name)
            else:
                files.append(path)
                run.fetched += 1
                run.size += path.stat().st_size
            done += 1
        if files:
            _import(run, files, fmt)


def _import(run: Run, files: Sequence[Path], fmt: str) -> None:
    """Import a batch by the ordinary door, and remove its files where nobody wants to keep them."""
    with tempfile.TemporaryDirectory(dir=run.folder, prefix=".unpacked-") as room:
        inside = [one for path in files for one in _unpacked(path, Path(room))]
        run.audits.append(import_files(fmt, inside, run.into, progress=run.progress))
    if not run.keep:
        for path in files:
            with suppress(OSError):
                path.unlink()


def _unpacked(path: Path, room: Path) -> list[Path]:
    """The files of an archive that holds several, in ``room``; else the file itself."""
    if not zipfile.is_zipfile(path):
        return [path]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if is_text(Path(name))]
            if len(names) < 2:
                return [path]
            found = [room / path.name / str(n) / Path(name).name for n, name in enumerate(names)]
            for name, one in zip(names, found, strict=True):
                one.parent.mkdir(parents=True)
                with archive.open(name) as packed, one.open("wb") as out:
                    shutil.copyfileobj(packed, out)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise CorruptFile(f"{path} is not whole: {error}.", "Remove it, and fetch it again.") from None
    return found


def _document(run: Run, base: str, first: date, last: date, there: int) -> dict[str, Any]:
    """The document of ``tertius fetch --json``."""
    audits = run.audits
    return {
        "source": run.source.name,
        "base": base,
        "from": str(first),
        "to": str(last),
        "fetched": run.fetched,
        "bytes": run.size,
        "in_store": there,
        "missing": sorted(run.missing),
        "terms": run.source.terms,
        **{key: sum(audit.total(key) for audit in audits) for key in ("read", "kept", "quarantined")},
        "dropped": dropped_of([file for audit in audits for file in audit.files]),
        "snapshot": audits[-1].snapshot if audits else None,
        "warnings": list(dict.fromkeys(text for audit in audits for text in audit.warnings)),
    }

"""The quarantine: rows that an import put aside, as a file in the store's folder, one a file of the origin.

``STORE/quarantine/<name>-<first of its hash>.tsv`` has the columns ``line`` (in the origin's file, its first is 1; in
Parquet the row), ``why`` and ``row``: the line itself where it is malformed, else what was read of it, as JSON. Whoever
has mended a row imports it from a file of its own.
"""

from __future__ import annotations

import csv
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tertius.events.whole import publish
from tertius.sources.audit import Aside

FOLDER = "quarantine"


@contextmanager
def put_aside(store: Path, aside: Sequence[Aside]) -> Iterator[None]:
    """Write rows beside the store's parts; they get their names after the block, when the import is in the store."""
    written: list[tuple[Path, Path]] = []
    by_file: dict[tuple[str, str], list[Aside]] = {}
    for one in aside:
        by_file.setdefault((one.file, one.sha256), []).append(one)
    for (name, sha), rows in by_file.items():
        temporary = store / f".{uuid.uuid4().hex}.tmp"  # a killed import's is cleared by the next one
        with temporary.open("w", encoding="utf-8", newline="", errors="replace") as out:
            table = csv.writer(out, delimiter="\t", lineterminator="\n")
            table.writerow(("line", "why", "row"))
            table.writerows((r.line, r.why, r.row) for r in rows)
        written.append((temporary, store / FOLDER / f"{name}-{sha[:12]}.tsv"))
    yield
    if written:
        (store / FOLDER).mkdir(exist_ok=True)
        for temporary, final in written:
            if os.path.lexists(temporary):
                publish(temporary, final)

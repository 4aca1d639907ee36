"""Kill a save, an import, a keep or an addition to a ledger at every call that writes, and look at what is left.

``python killed.py CASE FOLDER``.

Every attempt is a forked child that ends at its n-th call without a farewell, as after SIGKILL. Prints the number of
calls. ``scripts/store_under_attack.py kill`` does the same with the system calls themselves, under strace.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tertius import study_folder
from tertius.events import compaction, manifest, store
from tertius.events.engine import connection, parquet_sql
from tertius.study import kept, ledger
from tertius.study_folder import STUDY, TABLES, read_study, write_study

KILLED = 9
CALLS = ("replace", "rename", "mkdir", "fsync", "unlink", "rmdir", "open")


def end_at(n: int) -> None:
    """End this process at its n-th call that writes."""
    count = 0

    def counted(real: Callable[..., Any], writes: Callable[..., bool] = lambda *_, **__: True) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            nonlocal count
            if writes(*args, **options):
                count += 1
                if count == n:
                    os._exit(KILLED)
            return real(*args, **options)

        return call

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    io.open = counted(io.open, lambda _file, mode="r", *_, **__: "w" in mode or "+" in mode)  # type: ignore[assignment]
    study_folder._exchange_at_once = counted(study_folder._exchange_at_once)


def points(work: Callable[[], Any], check: Callable[[], Any], prepare: Callable[[], Any]) -> int:
    """The number of calls of ``work`` that write; after each, ``check`` looks at what is left of ``prepare``."""
    n = 0
    while True:
        n += 1
        prepare()
        child = os.fork()
        if child == 0:
            end_at(n)
            work()
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, KILLED), f"call {n}: {code}"
        check()
        if code == 0:
            return n - 1


def save(folder: Path, seed: int) -> None:
    document = {"data": {"path": "chronicle", "hash": "0", "reading": {}}, "spec": {"seed": seed}}
    write_study(folder, document, dict.fromkeys(TABLES, f"{seed}\n"))


def held(folder: Path) -> set[int]:
    """The saves whose files a Study holds: one where it is whole."""
    whole = study_folder._whole(folder)
    return {read_study(folder).asked["seed"], *(int((whole / name).read_text()) for name in TABLES)}


def study(folder: Path, how: str) -> int:
    number = 0
    place = folder
    if how == "two steps":

        def refused(_one: Path, _other: Path) -> None:
            raise OSError(errno.EINVAL, "no such thing here")

        study_folder._exchange_at_once = refused

    def prepare() -> None:
        nonlocal number, place
        number += 1
        place = folder / str(number) / "A"
        place.parent.mkdir(parents=True)
        if how != "new":
            save(place, 1)
            (place / "report.html").write_text("mine")

    def check() -> None:
        if how != "new" or study_folder.is_study(place):
            assert held(place) in ({1}, {2}), number
        save(place, 3)
        assert held(place) == {3}, number
        there = {f.name for f in place.iterdir()}
        assert there == {STUDY, *TABLES, *([] if how == "new" else ["report.html"])}, number
        assert list(place.parent.iterdir()) == [place], number

    return points(lambda: save(place, 2), check, prepare)


def add(folder: Path, content: str) -> None:
    counts: dict[str, Any] = {"read": 1, "kept": 1, "dropped": {}, "quarantined": 0}
    coverage = {"from": "2020-01-01", "to": "2020-01-01", "slices": 1, "missing": []}
    files = [{"name": content, "sha256": content, **counts}]
    audit = {**counts, "rows": 1, "files": files, "coverage": coverage, "directed": True, "warnings": []}
    with store.adding(folder) as before:
        write = lambda path: pq.write_table(pa.table({"content": [content]}), path)  # noqa: E731
        store.append_part(folder, before, directed=True, audit=audit, write=write)


def imports(folder: Path, how: str) -> int:
    """``compacting``: the import that is killed also makes one part of three."""
    number = 0
    place = folder
    old = {"new": [], "existing": ["1"], "compacting": ["0", "1"]}[how]
    if how == "compacting":
        compaction.FAN_IN = 3

    def prepare() -> None:
        nonlocal number, place
        number += 1
        place = folder / str(number) / "S"
        for content in old:
            add(place, content)

    def holds() -> list[str]:
        if not store.is_store(place):
            return []
        found = store.open_store(place, thorough=True)
        assert found.file_hashes == {audit["files"][0]["name"] for audit in found.audits}
        with connection() as con:
            rows = con.execute(f"SELECT content FROM {parquet_sql(found.parts)}").fetchall()
        return [content for (content,) in rows]

    def check() -> None:
        left = holds()
        assert left in (old, [*old, "2"]), number
        add(place, "3")
        assert holds() == [*left, "3"], number
        assert {f.name for f in (place / "parts").iterdir()} == manifest.read_manifest(place).names, number
        assert {f.name for f in place.iterdir()} == {"journal.jsonl", "manifest.json", "parts"}, number

    return points(lambda: add(place, "2"), check, prepare)


def keeps(folder: Path, _how: str) -> int:
    number = 0
    kept.cache_folder = lambda: folder / str(number)  # type: ignore[attr-defined]

    def prepare() -> None:
        nonlocal number
        number += 1
        if number % 2:
            kept.keep("k", [1] * 9)

    def check() -> None:
        assert kept.find("k") in ([1] * 9 if number % 2 else None, [2] * 9), number
        kept.keep("k", [3] * 9)
        assert kept.find("k") == [3] * 9, number

    return points(lambda: kept.keep("k", [2] * 9), check, prepare)


def ledgers(folder: Path, how: str) -> int:
    """A ledger is whole after a kill at any call: its old lines or the new ones too, and it takes more."""
    number = 0
    place = folder
    old = {"new": 0, "existing": 2}[how]
    made = SimpleNamespace(command="tertius forecast DATA")
    ledger.forecast = lambda *_, **__: made  # type: ignore[assignment]
    ledger._bodies = lambda _: iter([{"forecast": number}] * 2)  # type: ignore[assignment]

    def prepare() -> None:
        nonlocal number, place
        number += 1
        place = folder / str(number) / "book.jsonl"
        place.parent.mkdir(parents=True)
        if old:
            ledger.add(place, "DATA")

    def check() -> None:
        n = 0
        if place.exists():
            left = ledger.verify(place)
            assert left.valid, number
            n = left.lines
        assert n in (old, old + 2), number
        found = ledger.add(place, "DATA")
        assert (found.valid, found.lines) == (True, n + 2), number
        assert ledger.verify(place).head == found.head, number
        assert {f.name for f in place.parent.iterdir()} == {"book.jsonl", "book.jsonl.head"}, number

    return points(lambda: ledger.add(place, "DATA"), check, prepare)


if __name__ == "__main__":
    what, _, how = sys.argv[1].partition(": ")
    print({"study": study, "import": imports, "kept": keeps, "ledger": ledgers}[what](Path(sys.argv[2]), how))

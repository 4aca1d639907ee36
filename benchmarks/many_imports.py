"""Many small imports into one store: does the last take as long as the first, and how soon does the store open?

    python benchmarks/many_imports.py --imports 2000
    nice python benchmarks/many_imports.py --imports 35000    a year of imports every 15 minutes; over an hour
    nice python benchmarks/many_imports.py --imports 35000 --folder F    the store stays in F: a run that was broken off
                                                              goes on where it was
    python benchmarks/many_imports.py --store-only            the store alone: parts are written, no rows are cleaned
    python benchmarks/many_imports.py --opening-only --imports 35000
    python benchmarks/many_imports.py --in-turns 100 --imports 35000


One process, one import a file, through :func:`tertius.sources.importing.import_files`; each file holds ``--rows``
events of its own. Printed: seconds an import over windows of the run, by the clock, and ``cpu`` of the processors,
which says more on a machine with other work (compaction's share is in the means, not in the medians); parts and bytes;
then, in a new process, seconds to open the store, to describe it, to explain a pair without the certificate, to gather
what every fit and report say of its data (summary of the audits, works to cite), to list its snapshots, and to open an
old one. ``--opening-only`` prints only these, of a store that is written at once as so many imports leave it.
``--in-turns`` imports so many files into such a store and into a new one, one after the other, so that other work on
the machine slows both alike. The first import of a process loads the libraries, and is not counted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

WINDOWS = 10

OPEN = """
import json, sys, time, warnings
from tertius import explain
from tertius.errors import TertiusError
from tertius.sources.loading import load
from tertius.events.store import open_store
from tertius.study import snapshots
from tertius.study.folder import data_behind
from pathlib import Path
path, seconds = sys.argv[1], {}
def timed(what, work):
    began, cpu = time.perf_counter(), time.process_time()
    found = work()
    seconds[what] = time.perf_counter() - began, time.process_time() - cpu
    return found
data = timed("open", lambda: load(path))
timed("describe", data.describe)
warnings.simplefilter("ignore")  # labels that are no actor's code
try:
    timed("explain", lambda: explain("X00", "X01", data, certificate=False, cache=False))
except TertiusError as error:
    print(f"nothing explained, the span is short: {error.message}", file=sys.stderr)
timed("what reports say of the data", lambda: data_behind(data))
listed = timed("snapshots", lambda: snapshots(path))["snapshots"]
old = listed[len(listed) // 10]
data = timed("open an old snapshot", lambda: load(f"{path}@{old['snapshot']}"))
rows = timed("describe it", data.describe)["rows"]
assert rows == old["rows"], (rows, old["rows"])
print(json.dumps(seconds))
"""


ACTORS, FIRST = 40, datetime(2020, 1, 1)


def ends_of(number: int) -> tuple[int, int]:
    """Who acts on whom in the row of that number."""
    source = number * 7919 % ACTORS
    return source, (source + 1 + number * 104_729 % (ACTORS - 1)) % ACTORS


def write_file(path: Path, n: int, rows: int) -> None:
    """Events of one quarter of an hour, which no other number has."""
    moment = FIRST + timedelta(minutes=15 * n)
    lines = []
    for k in range(rows):
        source, target = ends_of(n * rows + k)
        lines.append(f"{moment.isoformat()},X{source:02d},X{target:02d},{1 + (n + k) % 4},{n + k}")
    path.write_text("\n".join(["date,source,target,quad,weight", *lines]) + "\n")


def import_one(path: Path, store: Path, n: int, rows: int, store_only: bool) -> None:
    """One import of the file of that number."""
    if store_only:
        add_part(path, store, n, rows)
        return
    from tertius.sources.importing import import_files

    import_files("events", [path], store)


def audit_of(name: str, sha: str, rows: int) -> dict[str, Any]:
    """The audit of an import of one file."""
    counts: dict[str, Any] = {"read": rows, "kept": rows, "dropped": {}, "quarantined": 0}
    return {
        **counts,
        "rows": rows,
        "files": [{"name": name, "sha256": sha, "format": "events", **counts}],
        "coverage": {"from": "2020-01-01", "to": "2020-12-31", "slices": 366, "missing": []},
        "directed": True,
        "warnings": [],
        "labels": {"matched": 0, "kept": 0, "no_country": 0, "merged": {}},
    }


def rows_of(imports: range, rows: int) -> Any:
    """The stored rows of some imports."""
    import numpy as np
    import pyarrow as pa

    number = np.arange(imports.start * rows, imports.stop * rows)
    ends = [ends_of(one) for one in number.tolist()]
    quad = 1 + (number // rows + number % rows) % 4
    return pa.table(
        {
            "date": pa.array(np.datetime64(FIRST, "us") + number // rows * np.timedelta64(15, "m")),
            "source": [f"X{source:02d}" for source, _ in ends], "target": [f"X{target:02d}" for _, target in ends],
            "sign": pa.array(np.where(quad <= 2, 1, -1).astype(np.int8)), "quad": pa.array(quad.astype(np.int8)),
            "count": np.ones(len(number)), "weight": number.astype(float),
            "type": pa.nulls(len(number), pa.string()), "origin": [f"events.csv#{n}" for n in number.tolist()],
            "url": pa.nulls(len(number), pa.string()), "sentence": pa.nulls(len(number), pa.string()),
            "recorded": pa.nulls(len(number), pa.timestamp("us")), "plover": pa.nulls(len(number), pa.string()),
        }
    )  # fmt: skip


def add_part(path: Path, store: Path, n: int, rows: int) -> None:
    """What an import does to the store, without reading text or applying rules."""
    import pyarrow.parquet as pq

    from tertius.events.store import adding, append_part
    from tertius.events.verified import file_hash

    sha = file_hash(path)
    table = rows_of(range(n, n + 1), rows)
    with adding(store) as before:
        assert before is None or not before.holds_file(sha)
        append_part(
            store, before, directed=True, audit=audit_of(path.name, sha, rows),
            write=lambda part: pq.write_table(table, part),
        )  # fmt: skip


def parts_of(imports: int, rows: int) -> list[int]:
    """How many imports each part holds after so many, as compaction leaves them."""
    from tertius.events.compaction import FAN_IN, MOST_ROWS

    largest = 1
    while largest * FAN_IN * rows <= MOST_ROWS:
        largest *= FAN_IN
    found: list[int] = []
    while largest:
        n, imports = divmod(imports, largest)
        found += [largest] * n
        largest //= FAN_IN
    return found


def written_at_once(store: Path, imports: int, rows: int) -> None:
    """A store as so many imports leave it."""
    import pyarrow.parquet as pq

    from tertius.events.journal import JOURNAL, Entry, Mark, line_of, snapshot_id
    from tertius.events.manifest import MANIFEST, Manifest, Part, written
    from tertius.events.totals import Totals
    from tertius.events.verified import file_hash

    (store / "parts").mkdir(parents=True)
    parts, first = [], 0
    for n in parts_of(imports, rows):
        path = store / "parts" / "one"
        pq.write_table(rows_of(range(first, first + n), rows), path)
        parts.append(Part(f"{file_hash(path)}.parquet", n * rows, n))
        path.rename(store / "parts" / parts[-1].name)
        first += n
    mark, snapshot, totals = Mark(), "", Totals()
    with (store / JOURNAL).open("wb") as journal:
        for n in range(imports):
            part = f"{hashlib.sha256(b'%d' % n).hexdigest()}.parquet"
            snapshot = snapshot_id(snapshot, part, [])
            audit = {**audit_of(f"{n}.csv", hashlib.sha256(b"%d" % n).hexdigest(), rows), "snapshot": snapshot}
            line = line_of(Entry("2026-01-01T00:00:00+00:00", part, rows, audit))
            journal.write(line)
            mark, totals = mark.after(line), totals.after(audit)
    (store / MANIFEST).write_text(written(Manifest(True, snapshot, parts=tuple(parts), journal=mark, totals=totals)))


def in_turns(folder: Path, imports: int, times: int, rows: int) -> None:
    """Imports into a store of many imports and into a new one, in turns: seconds of each."""
    stores = {"new": folder / "NEW", f"{imports:,} imports": folder / "S"}
    written_at_once(folder / "S", imports, rows)
    seconds: dict[str, list[float]] = {name: [] for name in stores}
    cpu: dict[str, list[float]] = {name: [] for name in stores}
    path = folder / "events.csv"
    for n in range(imports, imports + times + 1):
        write_file(path, n, rows)
        for name, store in stores.items():
            began, used = time.perf_counter(), time.process_time()
            import_one(path, store, n, rows, store_only=False)
            seconds[name].append(time.perf_counter() - began)
            cpu[name].append(time.process_time() - used)
    print(f"{'into':>16} {'median s':>9} {'median cpu s':>13}")
    for name in stores:
        seconds[name], cpu[name] = seconds[name][1:], cpu[name][1:]  # the first one opens the store, and libraries
        print(f"{name:>16} {statistics.median(seconds[name]):9.4f} {statistics.median(cpu[name]):13.4f}")
    for what, found in (("s", seconds), ("cpu s", cpu)):
        early, late = (statistics.median(one) for one in found.values())
        print(f"many over new, median {what}: {late / early:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imports", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--store-only", action="store_true")
    parser.add_argument("--opening-only", action="store_true")
    parser.add_argument("--in-turns", type=int, metavar="TIMES")
    parser.add_argument("--folder", type=Path, metavar="F")
    given = parser.parse_args()
    with given_folder(given.folder) as folder:
        store = Path(folder) / "S"
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        if given.in_turns:
            in_turns(Path(folder), given.imports, given.in_turns, given.rows)
            return
        if given.opening_only:
            written_at_once(store, given.imports, given.rows)
            report_opening(store)
            return
        report(*import_all(Path(folder), given.imports, given.rows, given.store_only), store)


def given_folder(folder: Path | None) -> AbstractContextManager[str | Path]:
    """The folder that was given, made where it is not there; else one that goes again."""
    if folder is None:
        return tempfile.TemporaryDirectory()
    folder.mkdir(parents=True, exist_ok=True)
    return nullcontext(folder)


def import_all(folder: Path, imports: int, rows: int, store_only: bool) -> tuple[list[float], list[float]]:
    """Seconds of each import, and of the processor; those of an earlier run in this folder come first."""
    times, path = folder / "times.csv", folder / "events.csv"
    seconds, cpu, first = [], [], 0
    if times.is_file():
        for line in times.read_text().splitlines():
            number, took, used = line.split(",")
            first = int(number) + 1
            seconds.append(float(took))
            cpu.append(float(used))
    with times.open("a", buffering=1) as kept:
        for n in range(first, imports + 1):
            write_file(path, n, rows)
            began, before = time.perf_counter(), time.process_time()
            import_one(path, folder / "S", n, rows, store_only)
            took, used = time.perf_counter() - began, time.process_time() - before
            if n > first:
                seconds.append(took)
                cpu.append(used)
                kept.write(f"{n},{took:.6f},{used:.6f}\n")
    return seconds, cpu


def report(seconds: list[float], cpu: list[float], store: Path) -> None:
    """Print what the imports took, and what opening the store takes."""
    window = max(1, len(seconds) // WINDOWS)
    print(f"{'imports':>16} {'median s':>9} {'mean s':>8} {'max s':>7} {'mean cpu s':>11}")
    for first in range(0, window * WINDOWS, window):
        own, processors = seconds[first : first + window], cpu[first : first + window]
        print(
            f"{first + 1:>7} -{first + len(own):>7} {statistics.median(own):9.4f} {statistics.mean(own):8.4f}"
            f" {max(own):7.3f} {statistics.mean(processors):11.4f}"
        )
    ends = seconds[:window], seconds[window * (WINDOWS - 1) : window * WINDOWS]
    used = cpu[:window], cpu[window * (WINDOWS - 1) : window * WINDOWS]
    for name, pick, (early, late) in (
        ("median s", statistics.median, ends), ("mean s", statistics.mean, ends), ("mean cpu s", statistics.mean, used),
    ):  # fmt: skip
        print(f"last window over first, {name}: {pick(late) / pick(early):.2f}")
    report_opening(store)


def report_opening(store: Path) -> None:
    """Print how large the store is, and what opening it takes."""
    sizes = [f.stat().st_size for f in (store / "parts").iterdir()]
    for name in ("manifest.json", "journal.jsonl"):
        print(f"{name}: {(store / name).stat().st_size / 1e6:.2f} MB")
    print(f"{len(sizes):,} files among the parts, {sum(sizes) / 1e6:.1f} MB")
    ran = subprocess.run([sys.executable, "-c", OPEN, str(store)], stdout=subprocess.PIPE, text=True, check=True)
    for what, (took, used) in json.loads(ran.stdout).items():
        print(f"{what}: {took:.2f} s, cpu {used:.2f} s")


if __name__ == "__main__":
    main()

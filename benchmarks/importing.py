"""Time and memory of an import: rows of Parquet in random order into a store.

    python benchmarks/importing.py                      20,000,000 rows
    python benchmarks/importing.py --rows 1000000 --times 5
    python benchmarks/importing.py --format csv         the same rows as text
    python benchmarks/importing.py --format zip --rows 2000000 --files 40     GDELT 2.0, many .CSV.zip
    python benchmarks/importing.py --aggregate          a store to sums by day, dyad and quad class (the import is not
                                                        timed), of rows whose dyads are as unequal as GDELT's
    python benchmarks/importing.py --read               into memory (a file as DATA) instead of a store
    python benchmarks/importing.py --keep FOLDER        keep the file of rows, and take it where it is there already

The file: 199 actors, eight years of days, four quad classes and a weight, all drawn from a seed. With ``--aggregate``
dyads are drawn by rank with chances proportional to rank^-1.2, and quad classes as often as GDELT has them: 6,844 rows,
those of a day here, then fall into about as many sums as so many rows of GDELT's 1 March 2022 (2,048). Each import runs
in a process of its own; ``peak MB`` is the largest resident size of the whole process (``watching.py``), ``cpu`` the
processors' time, which says more than ``seconds`` on a machine with other work, ``rows/cpu s`` what came through a
second of it, and ``parallel`` how many processors were at work on average. Every run prints its snapshot: the same rows
give the same one, whatever the number of threads and the memory (``--threads``, ``--memory``).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import zipfile
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import duckdb
import numpy as np
from watching import peak_megabytes, processor_seconds, quickest_of, watched

from tertius.codes import all_actors
from tertius.sources.gdelt import GDELT2

ACTORS, DAYS = 199, 2922


def make(path: Path, rows: int, seed: int, unequal: bool) -> None:
    """Write the file: every value is a hash of the row's number and the seed."""
    options = "FORMAT parquet, COMPRESSION zstd" if path.suffix == ".parquet" else "HEADER"
    source = f"hash(i, {seed + 1}) % {ACTORS}"
    target = f"(hash(i, {seed + 1}) % {ACTORS} + 1 + hash(i, {seed + 2}) % {ACTORS - 1}) % {ACTORS}"
    quad = f"1 + hash(i, {seed + 3}) % 4"
    if unequal:
        dyads, power = ACTORS * (ACTORS - 1), -0.2

        def drawn(n: int) -> str:
            return f"(hash(i * 8 + {n} + {seed << 40}) / {2.0**64})"

        rank = f"least(floor((1 + {drawn(1)} * ({dyads} ** {power} - 1)) ** {1 / power}), {dyads})::BIGINT"
        dyad = f"({rank} * 7919 % {dyads})"  # whoever comes often is not the first of all
        source = f"{dyad} // {ACTORS - 1}"
        target = f"({dyad} // {ACTORS - 1} + 1 + {dyad} % {ACTORS - 1}) % {ACTORS}"
        quad = "1 + " + " + ".join(f"({drawn(3)} > {share})::INTEGER" for share in (0.596, 0.714, 0.846))
    with duckdb.connect() as con:
        con.execute(
            f"""
            COPY (SELECT (DATE '2015-01-01' + (hash(i, {seed}) % {DAYS})::INTEGER)::DATE AS date,
                         'A' || lpad(({source})::VARCHAR, 3, '0') AS source,
                         'A' || lpad(({target})::VARCHAR, 3, '0') AS target,
                         ({quad})::TINYINT AS quad,
                         (1 + hash(i, {seed + 4}) % 1000) / 100 AS weight
                  FROM range({rows}) t(i)) TO '{path}' ({options})
            """
        )


def make_zips(folder: Path, rows: int, files: int, seed: int) -> None:
    """Write GDELT 2.0 export files of 61 columns, zipped, in a folder."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    states = [a.code for a in all_actors().values() if a.kind == "state" and len(a.code) == 3]
    names = GDELT2.headers[61]
    blank = dict.fromkeys(names, "")
    place = {f"{who}Geo_{what}": text for who in ("Actor1", "Actor2", "Action") for what, text in
             (("Type", "4"), ("FullName", "Somewhere, Some Province, Some Country"), ("CountryCode", "XX"),
              ("Lat", "12.3456"), ("Long", "-65.4321"), ("FeatureID", "1234567"))}  # fmt: skip
    for k in range(files):
        moment = datetime(2020, 1, 1) + timedelta(minutes=15 * k)
        n = rows // files
        a, b = rng.choice(states, n), rng.choice(states, n)
        role = rng.choice(["", "GOV", "MIL", "BUS", "CVL"], n, p=[0.6, 0.2, 0.1, 0.05, 0.05])
        code = rng.choice(["010", "040", "042", "051", "111", "173", "190"], n)
        lines = []
        for i in range(n):
            quad = str(1 + (code[i] >= "11") * 2 + (code[i] >= "14"))
            row = {**blank, **place, "GLOBALEVENTID": str(k * n + i), "SQLDATE": f"{moment:%Y%m%d}",
                   "Actor1Code": a[i] + role[i], "Actor2Code": b[i], "EventCode": code[i], "QuadClass": quad,
                   "IsRootEvent": "1", "GoldsteinScale": "1.0", "NumMentions": "4",
                   "DATEADDED": f"{moment:%Y%m%d%H%M%S}",
                   "SOURCEURL": f"https://example.org/news/2020/{k}/an-article-with-a-long-name-{i % 977}"}  # fmt: skip
            lines.append("\t".join(row[name] for name in names))
        with zipfile.ZipFile(folder / f"{moment:%Y%m%d%H%M%S}.export.CSV.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(f"{moment:%Y%m%d%H%M%S}.export.CSV", "\n".join(lines) + "\n")


def run(path: Path, read: bool, threads: int | None, memory: int | None, aggregate: bool) -> None:
    """Import the file (or folder of GDELT's) in this process and print what it took as JSON."""
    from tertius.events import engine
    from tertius.sources.importing import import_files, read_events

    connect = duckdb.connect

    def with_threads(*words: str) -> duckdb.DuckDBPyConnection:
        con = connect(*words)
        con.execute(f"SET threads = {threads}")
        return con

    with tempfile.TemporaryDirectory(dir=path.parent) as folder, ExitStack() as changed:
        if threads:
            changed.enter_context(mock.patch.object(duckdb, "connect", with_threads))
        if memory:
            changed.enter_context(mock.patch.object(engine, "memory_limit", return_value=memory << 20))
        before, cpu, began = peak_megabytes(), processor_seconds(), time.perf_counter()
        if aggregate:
            audit = import_files("events", [path], Path(folder) / "STORE")
            rows, cpu, began = audit.rows, processor_seconds(), time.perf_counter()
            snapshot = f"{quad_sums(Path(folder) / 'STORE'):,} sums"
        elif path.is_dir():
            audit = import_files("gdelt2", [path], Path(folder) / "STORE")
            rows, snapshot = audit.total("read"), str(audit.snapshot)
        elif read:
            table, _, snapshot = read_events(path)
            rows = table.num_rows
        else:
            audit = import_files("events", [path], Path(folder) / "STORE")
            rows, snapshot = audit.rows, str(audit.snapshot)
        took = {"seconds": time.perf_counter() - began, "cpu": processor_seconds() - cpu}
    print(json.dumps({"rows": rows, **took, "before_mb": before, "peak_mb": peak_megabytes(), "snapshot": snapshot}))


def quad_sums(store: Path) -> int:
    """Sum a store by day, dyad and quad class; the number of sums."""
    from tertius.sources.loading import load

    with load(store).relation() as (con, sql):
        sums = (
            f"SELECT date::DATE AS day, source, target, quad, sum(count) AS n, sum(weight) AS w FROM {sql} GROUP BY ALL"
        )
        return con.sql(sums).to_arrow_table().num_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--format", choices=("parquet", "csv", "zip"), default="parquet")
    parser.add_argument("--read", action="store_true")
    parser.add_argument("--files", type=int, default=40, help="of --format zip")
    parser.add_argument("--aggregate", action="store_true")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--memory", type=int, help="limit of DuckDB, MB")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.file:
        run(options.file, options.read, options.threads, options.memory, options.aggregate)
        return
    name = "-unequal" if options.aggregate else ""
    with tempfile.TemporaryDirectory() as folder:
        path = (options.keep or Path(folder)) / f"rows{options.rows}-{options.seed}{name}.{options.format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if options.format == "zip" and not path.exists():
            make_zips(path, options.rows, options.files, options.seed)
        elif not path.exists():
            make(path, options.rows, options.seed, options.aggregate)
        inside = path.iterdir() if path.is_dir() else [path]
        print(f"{path.name}: {sum(p.stat().st_size for p in inside) / 1e6:.0f} MB")
        words = [sys.executable, __file__, "--file", str(path), *(["--read"] if options.read else [])]
        words += ["--aggregate"] if options.aggregate else []
        for limit in ("threads", "memory"):
            words += [f"--{limit}", str(getattr(options, limit))] if getattr(options, limit) else []
        print(
            f"{'run':>4} {'rows':>12} {'seconds':>8} {'cpu':>7} {'rows/s':>10} {'rows/cpu s':>10} {'parallel':>8} "
            f"{'peak MB':>8}  snapshot"
        )
        found = []
        for n in range(options.times):
            found.append(watched(words))
            line(str(n + 1), found[-1])
        line("best", quickest_of(found))


def line(name: str, run: dict[str, object]) -> None:
    """One run as a line."""
    if "note" in run:
        print(f"{name:>4} {run['note']}", flush=True)
        return
    print(
        f"{name:>4} {run['rows']:>12,} {run['seconds']:>8.1f} {run['cpu']:>7.1f} "
        f"{run['rows'] / run['seconds']:>10,.0f} {run['rows'] / run['cpu']:>10,.0f} "
        f"{run['cpu'] / run['seconds']:>8.2f} {run['peak_mb']:>8,.0f}  {run['snapshot']}",
        flush=True,
    )


if __name__ == "__main__":
    main()

"""The same events through every engine: are the dyad slices the same, to the bit?

    python scripts/engines.py --rows 5000000
    python scripts/engines.py --rows 5000000 --engines local[2]
    python scripts/engines.py --slices 1d,1w,3mo,15min

Draws events of 60 actors with times down to the microsecond, the last one before midnight among them, from a seed, and
imports them into a store in three parts. Each engine, in a process of its own, sums them by slice and dyad, then the
store's second snapshot, then the same events as a plain table (``--engine`` on a Parquet path); SHA-256 of all arrays
are compared with DuckDB's. ``local[2]`` is classic Spark, ``connect://local[2]`` a Spark Connect server that is started
for it. Weights are multiples of a quarter, so that their sums do not depend on the order in which they are added; with
other weights engines differ in the last digits, as DuckDB's own sums may from run to run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

ENGINES = ("duckdb", "local[2]", "connect://local[2]")
ARRAYS = ("edges", "observed", "indptr", "dyad", "coop_count", "coop_weight", "host_count", "host_weight", "days")
PARTS = 3
DAY = 86_400_000_000  # microseconds
SUMMER_1969 = -184 * DAY  # so that slices lie on both sides of 1970


def make(folder: Path, rows: int, seed: int) -> tuple[Path, Path]:
    """A store of some rows in parts, and one Parquet file of them all."""
    from tertius.sources.importing import import_files

    def column(n: int, of: int) -> str:
        return f"(hash(i, {seed + n}) % {of})"

    files = []
    with duckdb.connect() as con:
        con.execute(
            f"""
            CREATE TABLE drawn AS
            SELECT make_timestamp(CASE WHEN {column(0, 9)} = 0 THEN {SUMMER_1969} - 1 + {DAY} * {column(1, 700)}::BIGINT
                                       ELSE {SUMMER_1969} + {column(2, 700 * DAY)}::BIGINT END) AS date,
                   'A' || lpad({column(3, 60)}::VARCHAR, 2, '0') AS source,
                   'A' || lpad((({column(3, 60)} + 1 + {column(4, 59)}) % 60)::VARCHAR, 2, '0') AS target,
                   (1 + {column(5, 4)})::TINYINT AS quad,
                   (1 + {column(6, 100)}) / 4 AS weight, i
            FROM range({rows}) t(i)
            """
        )
        for part in range(PARTS):
            path = folder / f"{part}.parquet"
            where = f"i % {PARTS} = {part}"
            con.execute(f"COPY (SELECT * EXCLUDE (i) FROM drawn WHERE {where}) TO '{path}' (FORMAT parquet)")
            files.append(path)
        con.execute(f"COPY (SELECT * EXCLUDE (i) FROM drawn) TO '{folder / 'all.parquet'}' (FORMAT parquet)")
    for path in files:
        import_files("events", [path], folder / "S", codes="keep", mirrored="keep")
    return folder / "S", folder / "all.parquet"


def digests(store: Path, table: Path, engine: str, lengths: list[str]) -> dict[str, Any]:
    """Hashes of the slices of the store, of its second snapshot, and of the table, and the seconds of each."""
    from tertius.events.compaction import FAN_IN
    from tertius.events.store import open_store
    from tertius.sources.loading import load
    from tertius.spec import ModelSpec

    address = None if engine == "duckdb" else engine
    second = open_store(store).snapshots[1]
    assert PARTS < FAN_IN
    found = {}
    for name, where in (("store", str(store)), ("snapshot", f"{store}@{second}"), ("table", str(table))):
        if address is None and name == "table":
            data = load(where, codes="keep", mirrored="keep")
        else:
            data = load(where, engine=address)
        for length in lengths:
            spec = ModelSpec.of(slice=length).resolve(directed=True)
            began = time.perf_counter()
            slices = data.slices(spec)
            seconds = time.perf_counter() - began
            digest = hashlib.sha256(" ".join(slices.actors).encode())
            for array in ARRAYS:
                digest.update(getattr(slices, array).tobytes())
            found[f"{name} {length}"] = [digest.hexdigest(), len(slices.dyad), round(seconds, 2)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slices", default="1d,1w,1mo")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    lengths = given.slices.split(",")
    if given.one:
        store, table, engine = given.one
        print(json.dumps(digests(Path(store), Path(table), engine, lengths)))
        return
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        store, table = make(Path(folder), given.rows, given.seed)
        right: dict[str, Any] = {}
        for engine in dict.fromkeys(("duckdb", *given.engines.split(","))):
            words = [sys.executable, __file__, "--slices", given.slices, "--one", str(store), str(table), engine]
            ran = subprocess.run(
                words, capture_output=True, text=True, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
            )
            if ran.returncode:
                raise SystemExit(f"{engine}: {ran.stderr[-2000:]}")
            found = json.loads(ran.stdout.splitlines()[-1])
            right = right or found
            for what, (digest, entries, seconds) in found.items():
                same = digest == right[what][0]
                wrong += not same
                print(
                    f"{engine:>20} {what:>14}: {entries:>9,} entries, {seconds:6.2f} s, {digest[:16]}"
                    f" {'identical' if same else 'DIFFERENT'}",
                    flush=True,
                )
    print(f"{given.rows:,} rows: {wrong} of the slices differ from DuckDB's")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()

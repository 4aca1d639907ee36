"""A simulated GDELT, larger than memory, from its own files to an answer: built in pieces on disk, imported, explained.

    python benchmarks/simulated_gdelt.py --rows 2000000 --days 365
    nice python benchmarks/simulated_gdelt.py --rows 100000000 --days 1461 --explain    hours, and some 10 GB of disk
    python benchmarks/simulated_gdelt.py --rows 2000000 --keep STORE                     keep the store
    python benchmarks/simulated_gdelt.py --rows 2000000 --limit 4      address space of each process, GB (Linux)

Files of GDELT 1.0 (58 columns, .CSV.gz), one a day, are drawn with a seed, a month of them at a time, imported into one
store, and removed. Activity of actors is unequal; which of them act together is chance, so nothing should be found.
Printed: rows a second of the import (drawing is not timed), peak memory (the import's reading processes included),
and, in a process of its own each, time and memory of ``tertius describe`` and, with ``--explain``, of ``tertius explain
RUS PRK --no-certificate``. A last process says what its fit takes, the sums by day and dyad apart: the fit depends on
days and actors (``--actors``: so many of the busiest are at risk), not on the number of events; run it with 1, 10 and
100 million rows.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from watching import megabytes_of, peak_megabytes, processor_seconds

from tertius.codes import all_actors
from tertius.sources.gdelt import GDELT1
from tertius.sources.importing import import_files

FIRST = date(2015, 1, 1)
ENDS = ("RUS", "PRK")
CODES = ("010", "040", "042", "051", "057", "061", "111", "112", "130", "173", "190")

FIT = """
import sys, time
from tertius.sources.loading import load
from tertius.spec import ModelSpec
from tertius.study.fit import fit_asked
at = [(time.perf_counter(), time.process_time())]
def now(*_):
    at.append((time.perf_counter(), time.process_time()))
found, _ = fit_asked(load(sys.argv[1]), ModelSpec(actors=tuple(sys.argv[2].split(","))), "", None, check=now)
now()
sums, fit = ([b - a for a, b in zip(one, other)] for one, other in zip(at, at[1:]))
print(f"sums by day and dyad: {sums[0]:,.1f} s, {sums[1]:,.1f} s of processors")
print(f"fit ({found.model}, {found.n_events:,.0f} events): {fit[0]:,.2f} s, {fit[1]:,.2f} s of processors", flush=True)
"""


def write_day(con: duckdb.DuckDBPyConnection, path: Path, day: date, rows: int, seed: int) -> None:
    """One file of GDELT 1.0: every value is a hash of the row's number, the day and the seed."""
    salt = seed * 100_000 + (day - FIRST).days

    def drawn(what: int) -> str:
        return f"(hash(i * 4 + {what} + {salt << 34}::BIGINT) / 18446744073709551616.0)"

    stamp = f"{day:%Y%m%d}"
    given = {
        "GLOBALEVENTID": f"{(day - FIRST).days * 10_000_000}::BIGINT + i", "SQLDATE": f"'{stamp}'",
        "Actor1Code": f"states[1 + (len(states) * {drawn(1)} ** 2)::INTEGER % len(states)]",
        "Actor2Code": f"states[1 + (len(states) * {drawn(2)} ** 2)::INTEGER % len(states)]",
        "IsRootEvent": "1", "EventCode": f"codes[1 + (len(codes) * {drawn(3)})::INTEGER % len(codes)]",
        "QuadClass": "CASE WHEN code < '05' THEN 1 WHEN code < '09' THEN 2 WHEN code < '14' THEN 3 ELSE 4 END",
        "GoldsteinScale": "1.0", "NumMentions": "4", "DATEADDED": f"'{stamp}'",
        "SOURCEURL": "'https://example.org/news/an-article-with-a-long-name-' || i % 977",
    }  # fmt: skip
    place = {"Type": "4", "FullName": "Somewhere, Some Province, Some Country", "CountryCode": "XX", "Lat": "12.3456",
             "Long": "-65.4321", "FeatureID": "1234567"}  # fmt: skip
    given |= {f"{who}Geo_{what}": f"'{v}'" for who in ("Actor1", "Actor2", "Action") for what, v in place.items()}
    given["QuadClass"] = given["QuadClass"].replace("code", '"EventCode"')
    columns = ", ".join(f'{given.get(name, "NULL")} AS "{name}"' for name in GDELT1.headers[58])
    con.execute(
        f"COPY (SELECT {columns} FROM range({rows}) t(i), here) TO '{path}' "
        "(FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', ESCAPE '', COMPRESSION gzip)"
    )


def months(days: int) -> list[list[date]]:
    """The days from the first on, by calendar month."""
    found: list[list[date]] = []
    for n in range(days):
        day = FIRST + timedelta(days=n)
        if not found or found[-1][0].month != day.month:
            found.append([])
        found[-1].append(day)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--days", type=int, default=1461)
    parser.add_argument("--actors", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--keep", type=Path, help="the store, where it is to stay")
    parser.add_argument("--limit", type=float, metavar="GB", help="address space of this process and of each it starts")
    given = parser.parse_args()
    if given.limit:
        resource.setrlimit(resource.RLIMIT_AS, (int(given.limit * 2**30),) * 2)
    states = [a.code for a in all_actors().values() if a.kind == "state" and len(a.code) == 3]
    busiest = [*ENDS, *(code for code in states if code not in ENDS)]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        store = given.keep or Path(folder) / "STORE"
        con.execute("CREATE TABLE here AS SELECT ?::VARCHAR[] AS states, ?::VARCHAR[] AS codes", [busiest, list(CODES)])
        seconds = cpu = 0.0
        read = kept = 0
        largest = 0.0
        for month in months(given.days):
            paths = [Path(folder) / f"{day:%Y%m%d}.export.CSV.gz" for day in month]
            for day, path in zip(month, paths, strict=True):
                write_day(con, path, day, given.rows // given.days, given.seed)
            began, used = time.perf_counter(), processor_seconds()
            audit, peak = with_peak(lambda paths=paths: import_files("gdelt1", paths, store))
            largest = max(largest, peak)
            seconds, cpu = seconds + time.perf_counter() - began, cpu + processor_seconds() - used
            read, kept = read + audit.total("read"), kept + audit.total("kept")
            print(f"{month[0]:%Y-%m}: {read:,} rows in {seconds:,.0f} s, peak {largest:,.0f} MB", flush=True)
            for path in paths:
                path.unlink()
        size = sum(f.stat().st_size for f in store.rglob("*") if f.is_file()) / 1e6
        print(f"import: {read:,} rows, {kept:,} kept, {seconds:,.1f} s, {cpu:,.1f} s of processors,", end=" ")
        print(f"{read / seconds:,.0f} rows a second; peak {largest:,.0f} MB; store {size:,.0f} MB", flush=True)
        ran("describe", store)
        if given.explain:
            actors = ",".join(busiest[: given.actors])
            ran("explain", *ENDS, store, "--no-certificate", "--actors", actors)
            subprocess.run([sys.executable, "-c", FIT, str(store), actors], check=True)


def with_peak(work: Callable[[], Any]) -> tuple[Any, float]:
    """What a piece of work gives, and the largest size of this process and its children (MB), seen ten times a
    second."""
    peak, done = 0.0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.1):
            peak = max(peak, megabytes_of(os.getpid()))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        return work(), max(peak, peak_megabytes())
    finally:
        done.set()
        watching.join()


def ran(*words: str | Path) -> None:
    """Time and memory of a command in a process of its own."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "tertius", *map(str, words), "--json"]
    peak, pid = 0.0, 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not pid:  # its own largest size: what the system says at its end is no less than ours was at its start
            peak = max(peak, megabytes_of(process.pid))
            time.sleep(0.1)
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"tertius {words[0]} ended with {process.returncode}")
    took, cpu = time.perf_counter() - began, used.ru_utime + used.ru_stime
    print(f"tertius {words[0]}: {took:,.1f} s, {cpu:,.1f} s of processors, peak {peak:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()

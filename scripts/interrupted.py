"""The interrupt key at random moments of a run with forked workers: does it end at once, quietly, and leave nothing?

    python scripts/interrupted.py [--moments 200] [--seed 1] [--jobs 1]

A store of simulated events (100 actors, 1,000 days) is asked by the commands ``tertius fit STORE --model rate --save
STUDY`` and ``tertius explain A0 A1 STORE --model rate`` in a process group of their own, with TMPDIR of their own. At a
random moment between the start of the work (when the process loads NumPy: before, the interrupt is Python's own
affair) and the usual end, SIGINT goes to the whole group, as a terminal sends it, or to the parent alone; in every
third run a second one follows within a fifth of a second. Looked at: the exit code (130, or death
by SIGINT after a second one or in Python's last moments, which a shell calls 130 too), stderr (no traceback, nothing
"ignored"), processes of the run that are left (by a marker in their environment), the temporary folder, the store
(unchanged) and the Study (all of its files, or not there). Linux.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MARKER = "TERTIUS_INTERRUPTED"
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run ended: exit code, seconds from the signal on, and what was wrong."""

    code: int
    seconds: float
    faults: tuple[str, ...]


def events(actors: int, days: int, seed: int, path: Path) -> None:
    """Events of all signs between actors drawn evenly, about one an actor and day, as Parquet."""
    rng = np.random.default_rng(seed)
    n = actors * days
    source = rng.integers(actors, size=n)
    target = (source + rng.integers(1, actors, size=n)) % actors
    names = np.array([f"A{k}" for k in range(actors)])
    day = np.datetime64("2020-01-01") + rng.integers(days, size=n)
    table = {"date": day, "source": names[source], "target": names[target], "quad": rng.integers(1, 5, size=n)}
    pq.write_table(pa.table(table), path)


def commands(store: Path, study: Path) -> tuple[list[str], ...]:
    """The two commands that are interrupted."""
    tertius = [sys.executable, "-m", "tertius.cli"]
    return (
        [*tertius, "fit", str(store), "--model", "rate", "--save", str(study)],
        [*tertius, "explain", "A0", "A1", str(store), "--model", "rate", "--no-certificate"],
    )


def interrupt(command: Sequence[str], after: float, *, group: bool, again: float | None, place: Path) -> Ended | None:
    """Run a command and interrupt it ``after`` so many seconds, its group or it alone, and perhaps ``again`` so many
    seconds later. None where it ended before."""
    marker = uuid.uuid4().hex
    scratch = place / f"scratch-{marker}"
    scratch.mkdir()
    environment = {**os.environ, MARKER: marker, "TMPDIR": str(scratch)}
    with (place / f"err-{marker}").open("w+") as err:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=err, env=environment, start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
        )  # fmt: skip
        while process.poll() is None and not _at_work(process.pid):
            time.sleep(0.005)
        time.sleep(after)
        if process.poll() is not None:
            return None
        began = time.perf_counter()
        for pause in (0.0,) if again is None else (0.0, again):
            time.sleep(pause)
            if process.poll() is None:
                (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
        faults = []
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            faults.append(f"not ended after {PATIENCE:.0f} s")
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        seconds = time.perf_counter() - began
        time.sleep(0.1)
        if left := marked(marker):
            faults.append(f"{len(left)} processes left")
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        err.seek(0)
        complained = err.read()
    if process.returncode == 0:
        return None
    if process.returncode not in (130, -signal.SIGINT):
        faults.append(f"exit {process.returncode}")
    if "Traceback" in complained or "ignored" in complained:
        faults.append(f"stderr: {complained.strip().splitlines()[-1]}")
    if found := sorted(p.name for p in scratch.iterdir()):
        faults.append(f"temporary files left: {', '.join(found)}")
    return Ended(process.returncode, seconds, tuple(faults))


def _at_work(pid: int) -> bool:
    """Whether the command line is imported and the work has begun: it loads NumPy then."""
    try:
        return "numpy" in Path(f"/proc/{pid}/maps").read_text()
    except OSError:  # gone meanwhile
        return False


def marked(marker: str) -> list[int]:
    """Processes with the marker in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            told = (folder / "environ").read_bytes() if folder.name.isdigit() else b""
            if f"{MARKER}={marker}".encode() in told:
                found.append(int(folder.name))
        except OSError:  # another's, or gone
            continue
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--actors", type=int, default=100)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    codes: Counter[int] = Counter()
    faults: list[str] = []
    waits: list[float] = []
    ended = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        raw, store = place / "events.parquet", place / "store"
        events(options.actors, options.days, options.seed, raw)
        subprocess.run(
            [sys.executable, "-m", "tertius.cli", "import", "events", str(raw), "--into", str(store)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before = {p: p.stat().st_mtime_ns for p in store.rglob("*")}
        usual = []
        for command in commands(store, place / "whole"):
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            usual.append(time.perf_counter() - began)
        whole = {p.name for p in (place / "whole").iterdir()}
        print("without an interrupt: " + ", ".join(f"{s:.1f} s" for s in usual), flush=True)
        for k in range(options.moments):
            study = place / f"study-{k}"
            which = k % 2
            after = float(rng.uniform(0.0, usual[which]))
            again = float(rng.uniform(0.0, 0.2)) if k % 3 == 0 else None
            group = bool(k % 4 < 2)
            found = interrupt(commands(store, study)[which], after, group=group, again=again, place=place)
            if k % 20 == 19:
                print("\n".join([f"{k + 1} of {options.moments}, {len(faults)} faults", *faults]), flush=True)
            if {p: p.stat().st_mtime_ns for p in store.rglob("*")} != before:
                faults.append(f"moment {k}: the store has changed")
            if found is None:
                ended += 1
                continue
            if study.exists() and {p.name for p in study.iterdir()} != whole:
                faults.append(f"moment {k}: half a Study is left")
            codes[found.code] += 1
            waits.append(found.seconds)
            faults += [f"moment {k}, after {after:.2f} s, group {group}, again {again}: {f}" for f in found.faults]
    print(f"{sum(codes.values())} interrupted, {ended} had ended before; exit codes {dict(codes)}")
    print(f"seconds from the signal to the end: median {np.median(waits):.2f}, longest {max(waits):.2f}")
    print("\n".join(faults) if faults else "no fault: no process, file or traceback left")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()

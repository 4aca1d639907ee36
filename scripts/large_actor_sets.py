"""What happens with many actors: every model is refused within seconds with a way out, or gives a result.

    python scripts/large_actor_sets.py [--actors 5000,100000] [--events 200000] [--limit-gb 3] [--seed 1]

Events of three years between actors drawn evenly, half of them cooperation, from a seed, in a Parquet file. Every case
is the command ``tertius`` in a process of its own, first as it is, then with an address space of ``--limit-gb``
(RLIMIT_AS, set in the child). For each: refused, after how many seconds in all (Python's start and the reading of the
data included), with the message; or how long the result took; and the peak of resident memory. A traceback, a kill or
an exit code but 0 and 2 makes the script end with 1.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START, DAYS = np.datetime64("2020-01-01"), 1096
LONGEST = 1800
CASES: tuple[tuple[str, ...], ...] = (
    ("fit",),
    ("fit", "--model", "within"),
    ("fit", "--model", "rate"),
    ("fit", "--model", "sign"),
    ("fit", "--model", "rate", "--sample", "20"),
    ("fit", "--sample", "20"),
    ("fit", "--ladder"),
    ("fit", "--model", "rate", "--miscoding", "foe"),
    ("explain", "A1", "A2"),
    ("explain", "A1", "A2", "--model", "rate", "--sample", "20"),
    ("explain", "--by", "A3", "--model", "rate", "--sample", "20"),
    ("describe",),
)


def written(actors: int, events: int, seed: int, into: Path) -> Path:
    """Events from a seed, as Parquet."""
    rng = np.random.default_rng(seed)
    source = rng.integers(actors, size=events)
    target = (source + rng.integers(1, actors, size=events)) % actors
    names = np.array([f"A{k}" for k in range(actors)])
    day = START + rng.integers(DAYS, size=events)
    table = {"date": day, "source": names[source], "target": names[target], "quad": rng.integers(1, 5, size=events)}
    path = into / f"{actors}.parquet"
    pq.write_table(pa.table(table), path)
    return path


def run(case: Sequence[str], data: Path, limit: float | None) -> tuple[bool, float, str]:
    """Whether a case ended as it should, its seconds, and what happened."""
    command = [sys.executable, "-m", "tertius.cli", case[0], *case[1:], "--json"]
    command.insert(4 if case[0] != "explain" or case[1].startswith("-") else 6, str(data))

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_AS, (int(limit * 1e9),) * 2)

    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, preexec_fn=limited)
        peak = 0.0
        while child.poll() is None and time.perf_counter() - began < LONGEST:
            peak = max(peak, _resident(child.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        if child.poll() is None:
            child.kill()
            child.wait()
            return False, seconds, f"FAILED: not done in {LONGEST} s"
        out.seek(0), err.seek(0)
        printed, complained = out.read(), err.read()
    if child.returncode == 0:
        return True, seconds, f"result in {seconds:.1f} s, peak {peak:.0f} MB"
    if child.returncode == 2 and "Traceback" not in complained:
        error = json.loads(printed)["error"]
        said = f"refused in {seconds:.1f} s, peak {peak:.0f} MB: {error['type']}: {error['message']} {error['hint']}"
        return bool(error["hint"]), seconds, said
    last = (complained.strip().splitlines() or ["no message"])[-1]
    return False, seconds, f"FAILED: exit {child.returncode} in {seconds:.1f} s, peak {peak:.0f} MB: {last}"


def _resident(pid: int) -> float:
    """MB of a process and its children."""
    total = 0
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (str(pid), *children):
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):  # gone meanwhile
        pass
    return total / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actors", default="5000,100000")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--limit-gb", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="cases that hold this text")
    parser.add_argument("--limited", action="store_true", help="only with the limit")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as place:
        for actors in (int(n) for n in options.actors.split(",")):
            data = written(actors, options.events, options.seed, Path(place))
            for limit in (options.limit_gb,) if options.limited else (None, options.limit_gb):
                where = f"RLIMIT_AS {limit:g} GB" if limit else "no limit"
                print(f"{actors:,} actors, {options.events:,} events, {where}", flush=True)
                for case in CASES:
                    if options.only and options.only not in " ".join(case):
                        continue
                    good, _, said = run(case, data, limit)
                    failed += not good
                    print(f"  {' '.join(case)}: {said}", flush=True)
    print(f"{failed} failed")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()

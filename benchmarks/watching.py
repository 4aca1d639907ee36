"""Run a program of its own and watch it: what it prints last as JSON, and its peak memory.

The peak is the larger of two, of ours and of rivals alike:

- polled from outside, ten times a second: the sum over the program and its children of their proportional set size. A
  page that several processes hold counts in parts, one for each, also where one of them is the watching program (of
  libraries and nothing else). It sees children, and misses what is shorter than a tenth of a second.
- told by the program itself (``peak_mb``, from :func:`peak_megabytes`): the largest resident size since it started. A
  shared page counts whole, and nothing is missed; of children it knows nothing.

Neither is too large by more than the libraries' pages, some tens of MB. Of a fit of a tenth of a second the figure is
mostly Python and what it imports.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SHORT = 30.0
"""Seconds up to which a run is repeated."""

KB = 1024 / 1e6
"""MB, of the unit of /proc."""


def watched(command: Sequence[str], seconds: float = 3600) -> dict[str, Any]:
    """The JSON of a program's last line, with ``peak_mb``; or a ``note`` why there is none.

    ``peak_mb`` is the larger of the polled sum over the program and its children and of what the program's own
    ``peak_mb`` says, where it gives one (see above). Linux; elsewhere only the program's own.
    """
    largest, began = 0.0, time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while True:
            try:
                printed, failed = process.communicate(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                largest = max(largest, megabytes_of(process.pid))
                if time.perf_counter() - began > seconds:
                    process.kill()
                    return {"note": f"not done after {seconds:.0f} s"}
    if process.returncode:
        return {"note": (failed.strip().splitlines() or ["failed"])[-1]}
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return {**answer, "peak_mb": max(largest, answer.get("peak_mb", 0.0))}


def quickest(run: Callable[[], dict[str, Any]], times: int) -> dict[str, Any]:
    """The quickest of so many runs, or the only one where the first takes over :data:`SHORT` seconds or fails."""
    found = [run()]
    while len(found) < times and "note" not in found[-1] and found[0]["seconds"] < SHORT:
        found.append(run())
    return quickest_of(found)


def quickest_of(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The quickest of some runs, or the first where all failed.

    ``runs`` says how many did not fail, ``peak_mb`` is the largest of them.
    """
    done = [r for r in found if "note" not in r]
    if not done:
        return {**found[0], "runs": 1}
    best = min(done, key=lambda r: float(r["seconds"]))
    return {**best, "peak_mb": max(float(r["peak_mb"]) for r in done), "runs": len(done)}


def megabytes_of(pid: int) -> float:
    """Proportional set size of a process and its children; 0 where the system does not tell."""
    total = 0.0
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (str(pid), *children):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += float(line.split()[1]) * KB
    except OSError:  # gone meanwhile, or another system
        return 0.0
    return total


def peak_megabytes() -> float:
    """Largest resident size of this process so far, without its children.

    Not ``ru_maxrss`` on Linux: there a program inherits that of the one which started it.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) * KB
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1 / KB)


def processor_seconds() -> float:
    """Processors' time so far, children included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)

"""Run a program of its own and watch it: what it prints last as JSON, and its peak memory.

The peak is the largest sum over a program and its children of their proportional set size, in which a page that they
share counts once, looked at ten times a second (Linux; elsewhere the largest resident size that the program tells).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


def watched(command: Sequence[str], seconds: float = 3600) -> dict[str, object]:
    """The JSON of a program's last line, with ``peak_mb``; or a ``note`` why there is none."""
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
    answer: dict[str, object] = json.loads(printed.splitlines()[-1])
    return {**answer, "peak_mb": largest or answer["peak_mb"]}


def megabytes_of(pid: int) -> float:
    """Proportional set size of a process and its children; 0 where the system does not tell."""
    total = 0.0
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (str(pid), *children):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += float(line.split()[1]) / 1e3
    except OSError:  # gone meanwhile, or another system
        return 0.0
    return total


def peak_megabytes(who: int = resource.RUSAGE_SELF) -> float:
    """Largest resident size so far, of this process or of the largest of its children."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(who).ru_maxrss / unit


def processor_seconds() -> float:
    """Processors' time so far, children included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)

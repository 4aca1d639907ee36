"""How long an article takes to check: what is opened once, and each claim, in seconds of wall clock and of processor.

    python benchmarks/checking.py DOC [DATA] [--keep]

The first line holds all that is opened for the claims that there are (counts by month, the fit, the certificate, the
forecast), and the first claim; the others are one claim each. Nothing is taken from the cache unless ``--keep``. On a
machine that others use, the processor's seconds are the ones to read.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from itertools import pairwise

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tertius.sources.loading import load
from tertius.study.check import check_reading
from tertius.study.reading import read


@dataclass(frozen=True, slots=True)
class Mark:
    """Seconds of wall clock and of processor, since some time."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Mark:
        return cls(time.perf_counter(), time.process_time())

    def since(self, other: Mark) -> Mark:
        """What lies between."""
        return Mark(self.wall - other.wall, self.cpu - other.cpu)


def show(name: str, mark: Mark) -> None:
    print(f"{name:34} {mark.wall:8.2f} s  {mark.cpu:8.2f} s of processor", flush=True)


def main() -> None:
    """Check, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document")
    parser.add_argument("data", nargs="?", default="atlas")
    parser.add_argument("--keep", action="store_true", help="take the fit from the cache, and keep it there")
    given = parser.parse_args()
    begun = Mark.now()
    reading, events = read(given.document), load(given.data)
    loaded = Mark.now()
    marks = [loaded]
    found = check_reading(reading, events, cache=given.keep, progress=lambda _: marks.append(Mark.now()))
    each = [b.since(a) for a, b in pairwise(marks)]
    show("reading, loading", loaded.since(begun))
    if not each:
        print("no claims")
        return
    show("opening, and the first claim", each[0])
    for what, of in (("median", np.median), ("slowest", np.max)):
        if len(each) > 1:
            further = Mark(float(of([m.wall for m in each[1:]])), float(of([m.cpu for m in each[1:]])))
            show(f"each of {len(each) - 1} further, {what}", further)
    slow = sorted(zip(found.claims, each, strict=True), key=lambda x: -x[1].cpu)[:5]
    print("most processor:", ", ".join(f"{c.claim.id} {c.claim.kind} {m.cpu:.2f}" for c, m in slow))


if __name__ == "__main__":
    main()

"""Time and memory of ``tertius.simulate``: 200 actors, 4,000 days, a heavy tail of sizes, three matchmakers.

Coefficients are below those at which a history runs away to a few dyads; how it is spread is printed (GDELT's daily
dyads of 2018 to 2023: 1,255 a day, the hundred largest with 35 % of the weight).

    python benchmarks/simulation.py                     1,000,000 and 10,000,000 events
    python benchmarks/simulation.py --events 100000     other numbers, with commas between
    python benchmarks/simulation.py --times 5           the quickest of five draws
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass

import numpy as np
from watching import peak_megabytes, processor_seconds, quickest, watched

from tertius.simulation import simulate

ACTORS, DAYS = 200, 4_000
COOPERATION = {"inertia.coop": 0.2, "reciprocity.coop": 0.1, "shared_threat": 0.1}
HOSTILITY = {"inertia.host": 0.2, "reciprocity.host": 0.1}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: events asked for and drawn, dyads with events a day, share of the 100 largest; time, memory, runs."""

    asked: int
    drawn: int
    dyads_a_day: float
    largest: float
    seconds: float
    cpu: float
    peak_mb: float
    runs: int

    def __str__(self) -> str:
        return (
            f"{self.drawn:,} events, {self.dyads_a_day:,.0f} dyads a day, {self.largest:.0%} on the hundred largest: "
            f"{self.seconds:.1f} s, cpu {self.cpu:.1f} s, peak {self.peak_mb:.0f} MB, "
            f"{self.runs} run(s)"
        )


def row_of(events: int, times: int = 1) -> Row:
    """Draw so many events in a process of its own."""
    r = quickest(lambda: watched([sys.executable, __file__, "--child", str(events)]), times)
    if "note" in r:
        raise SystemExit(str(r["note"]))
    cost = (float(r[k]) for k in ("dyads_a_day", "largest", "seconds", "cpu", "peak_mb"))
    return Row(events, int(r["drawn"]), *cost, int(r["runs"]))  # type: ignore[arg-type]


def child(events: int) -> None:
    """Draw, and print what happened as JSON."""
    a_day = (events / DAYS * 2 / 3, events / DAYS / 3)
    began, cpu = time.perf_counter(), processor_seconds()
    drawn = simulate(
        ACTORS, DAYS, cooperation=COOPERATION, hostility=HOSTILITY, events_per_slice=a_day, tail=0.8, matchmakers=3
    ).slices
    seconds, cpu = time.perf_counter() - began, processor_seconds() - cpu
    by_dyad = np.sort(np.bincount(drawn.dyad, weights=drawn.coop_count + drawn.host_count))[::-1]
    answer = {
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": peak_megabytes(),
        "drawn": int(by_dyad.sum()),
        "dyads_a_day": len(drawn.dyad) / DAYS,
        "largest": by_dyad[:100].sum() / by_dyad.sum(),
    }
    print(json.dumps(answer))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", default="1000000,10000000")
    parser.add_argument("--times", type=int, default=1, help="runs, of which the quickest counts")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    for events in options.events.split(","):
        print(row_of(int(events), options.times), flush=True)


if __name__ == "__main__":
    main()

"""Seconds of counsel once the fit is kept in the Study: what if directly and with draws, the price of hostility.

    python benchmarks/counsel.py ICEWS18 [--draws 1000]     of a store of directed events
    python benchmarks/counsel.py atlas                      price and the direct answer

The fit comes first, in the same process; the certificate is left out.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable

from tertius.errors import TertiusWarning
from tertius.sources.loading import load
from tertius.study import Study, price, whatif


def printed(what: str, run: Callable[[], object]) -> None:
    """Run it and print the seconds, of the clock and of processors."""
    began, before = time.perf_counter(), os.times()
    run()
    wall, after = time.perf_counter() - began, os.times()
    cpu = sum(after[:4]) - sum(before[:4])  # processes that draw included
    print(f"{what}: {wall:.2f} s, {cpu:.2f} CPU seconds", flush=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--draws", type=int, default=1000)
    args = parser.parse_args()
    warnings.simplefilter("ignore", TertiusWarning)
    events = load(args.data)
    opened: list[Study] = []
    printed("fit", lambda: opened.append(Study.open(events, cache=False)))
    study = opened[0]
    last = events.span()[1]
    changed = f"USA{'>' if events.directed else '-'}RUS host x0.5 from {last.year}-{max(last.month - 3, 1):02d}-01"

    def asked(draws: int) -> object:
        return whatif("RUS", "CHN", events, sets=changed, draws=draws, certificate=False, study=study)

    printed("what if, directly", lambda: asked(0))
    printed("price of USA", lambda: price("USA", events, certificate=False, study=study))
    if events.directed and args.draws:
        printed(f"what if, {args.draws:,} draws", lambda: asked(args.draws))


if __name__ == "__main__":
    main()

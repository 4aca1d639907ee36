"""All pairs at once, condition 6 included: seconds, memory, and how many are called risen; a second pair of a Study.

    python benchmarks/pairs.py [STORE] [--null SEEDS]

Fits STORE by month, then asks for all pairs, and for four pairs one by one. Then null worlds, in which nothing rises:
the share of pairs that are called risen.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings

from tertius.errors import TertiusWarning
from tertius.sources.loading import load
from tertius.study import Study
from tertius.worlds import world


def of_store(path: str) -> None:
    """The figures of a store."""
    began = time.perf_counter()
    study = Study.open(path, period="1mo", model="within")
    print(f"fit: {time.perf_counter() - began:.1f} s")
    began, cpu = time.perf_counter(), time.process_time()
    study.certificate(permutations=0)
    print(f"certificate of all pairs: {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} CPU seconds")
    began, cpu = time.perf_counter(), time.process_time()
    found = study.pairs()
    print(f"all pairs: {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} CPU seconds")
    print(f"{found.n_pairs:,} pairs, {found.n_tested:,} with a p, {found.n_risen:,} risen")
    print(f"condition 6 holds for {sum(e.condition is not None and e.condition.passed for e in found.pairs):,}")
    for entry in found.pairs[:4]:
        began, cpu = time.perf_counter(), time.process_time()
        study.explain(*entry.pair, permutations=0)
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(f"explain {'-'.join(entry.pair)}: {wall:.2f} s, {cpu:.2f} CPU seconds")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def of_null_worlds(seeds: int) -> None:
    """How many pairs are called risen where nothing rises."""
    for seed in range(1, seeds + 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TertiusWarning)
            events = load(world("nothing", seed=seed).to_frame())
        found = Study.open(events, model="within", adequacy="none").pairs()
        all_pairs, tested = (100 * found.n_risen / n for n in (found.n_pairs, found.n_tested))
        raw = 100 * sum(e.rise.p < 0.05 for e in found.pairs) / found.n_tested
        print(
            f"null world {seed}: {found.n_risen} pairs called risen, {all_pairs:.2f} % of {found.n_pairs:,} and "
            f"{tested:.2f} % of the {found.n_tested:,} tested; p below .05 before adjusting in {raw:.1f} %"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", nargs="?")
    parser.add_argument("--null", type=int, default=5, metavar="SEEDS")
    args = parser.parse_args()
    if args.store is not None:
        of_store(args.store)
    of_null_worlds(args.null)


if __name__ == "__main__":
    main()

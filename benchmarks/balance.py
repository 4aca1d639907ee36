"""Structural balance: how fast is a proof, line by line of what it must show.

    python benchmarks/balance.py [--shared DIR] [--only windows,brute,planted,hard,free,triads,large] [--seeds 10]
                                 [--times 3]

``windows``   the Correlates-of-War windows of DIR/balance/cow_expected.csv whose edges are in DIR/data/cow_signed:
              triads and both costs, equal to the table or not, proven or not; seconds of all, and of the slowest.
``brute``     2,000 drawn graphs of 3 to 9 nodes, weighted and not, against all partitions, both costs.
``planted``   G(n, m) with two equal camps, each sign flipped with probability p: the worst of all seeds.
``hard``      the same where no proof is expected in a second: both bounds after one.
``free``      n = 50, m = 352, four planted camps, p = .2, a free number of camps: the worst of all seeds.
``triads``    the census.
``large``     a million edges: what is known after a minute.

Every result that says "proven" is checked again by ``certificate.check``, which is not part of the seconds. Seconds are
the quickest of ``--times`` runs of a case; behind them the processor's, which other programs on the machine do not
change much. Set OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from tertius.signed.frustration import Frustration, frustration, recheck
from tertius.signed.graph import SignedGraph, from_edges
from tertius.signed.triads import Triads, triads

PLANTED = (
    (200, 2_000, 0.1, 0.2),
    (200, 2_000, 0.2, 0.2),
    (200, 4_000, 0.2, 0.2),
    (200, 6_000, 0.2, 0.2),
    (200, 8_000, 0.2, 0.2),
    (200, 12_000, 0.2, 0.2),
    (200, 6_000, 0.3, 0.5),
    (200, 9_000, 0.3, 0.5),
    (200, 12_000, 0.3, 0.5),
    (435, 75_000, 0.2, 3.0),
)
"""n, m, p and the seconds in which it should be proven."""
HARD = ((200, 2_000, 0.3), (200, 4_000, 0.4), (100, 1_000, 0.5))
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of the quickest run, and the least of the processor's."""

    seconds: float
    processor: float


def timed(work: Callable[[], T], times: int) -> tuple[T, Timed]:
    """What the work gives, and how long it takes."""
    runs = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        out = work()
        runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    return out, Timed(min(r[0] for r in runs), min(r[1] for r in runs))


def planted(n: int, m: int, camps: int, p: float, seed: int) -> SignedGraph:
    """G(n, m) with equal camps and flipped signs."""
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    edge = np.sort(rng.choice(len(i), m, replace=False))
    a, b = i[edge].astype(np.int64), j[edge].astype(np.int64)
    sign = np.where(a % camps == b % camps, 1.0, -1.0) * np.where(rng.random(m) < p, -1.0, 1.0)
    return SignedGraph(tuple(f"s{k}" for k in range(n)), a, b, sign)


def sparse(n: int, m: int, seed: int, p: float = 0.2) -> SignedGraph:
    """The same for graphs whose pairs do not fit into memory."""
    rng = np.random.default_rng(seed)
    keys = np.unique(rng.integers(0, n * n, int(2.4 * m)))
    keys = keys[keys // n < keys % n]
    keys = np.sort(rng.permutation(keys)[:m])
    a, b = keys // n, keys % n
    sign = np.where(a % 2 == b % 2, 1.0, -1.0) * np.where(rng.random(len(a)) < p, -1.0, 1.0)
    return SignedGraph(tuple(f"s{k}" for k in range(n)), a, b, sign)


def checked(graph: SignedGraph, found: Frustration) -> str:
    """That the separate check agrees."""
    return "checked" if recheck(graph, found) else "NOT CONFIRMED BY THE CHECK"


def windows(shared: Path, times: int) -> Iterator[str]:
    """The Correlates-of-War windows."""
    import pyarrow.parquet as pq

    edges = pq.read_table(shared / "data" / "cow_signed" / "edges.parquet").to_pydict()
    rows: dict[str, list[tuple[str, str, int]]] = {}
    for window, *row in zip(edges["window"], edges["a"], edges["b"], edges["sign"], strict=True):
        rows.setdefault(window, []).append(tuple(row))
    with (shared / "balance" / "cow_expected.csv").open() as stream:
        table = list(csv.DictReader(stream))
    there = [row for row in table if row["window"] in rows]
    equal = proven = confirmed = 0
    took: list[Timed] = []

    def all_of(graph: SignedGraph) -> tuple[Triads, Frustration, Frustration]:
        return triads(graph), frustration(graph), frustration(graph, free=True)

    for row in there:
        graph = from_edges(*zip(*rows[row["window"]], strict=True))
        (counts, two, free), time_ = timed(lambda graph=graph: all_of(graph), times)
        took.append(time_)
        true = [int(row[f"tri_{k}"]) for k in ("ppp", "ppn", "pnn", "nnn")]
        costs = (int(row["frustration_2camps"]), int(row["cost_free_camps"]))
        equal += list(counts.to_dict().values()) == true and (two.cost, free.cost) == costs
        proven += two.proven and free.proven
        confirmed += recheck(graph, two) and recheck(graph, free)
    yield (
        f"windows: {len(there)} of {len(table)} have edges here; triads and both costs equal in {equal}, proven in "
        f"{proven}, proofs checked in {confirmed}; {sum(t.seconds for t in took):.2f} s in total (processor "
        f"{sum(t.processor for t in took):.2f}), slowest {1e3 * max(t.seconds for t in took):.0f} ms (processor "
        f"{1e3 * max(t.processor for t in took):.0f})"
    )


def every_partition(n: int) -> np.ndarray:
    """(P, n) every partition once."""

    def grown(labels: list[int], used: int) -> Iterator[list[int]]:
        if len(labels) == n:
            yield labels
            return
        for k in range(used + 1):
            yield from grown([*labels, k], max(used, k + 1))

    return np.array(list(grown([0], 1)))


def brute(graphs: int = 2_000) -> Iterator[str]:
    """Against all partitions."""
    partitions = {n: every_partition(n) for n in range(3, 10)}
    rng = np.random.default_rng(1)
    wrong = unproven = unchecked = 0
    for k in range(graphs):
        n = int(rng.integers(3, 10))
        i, j = np.triu_indices(n, 1)
        kept = rng.random(len(i)) < rng.uniform(0.3, 1.0)
        weight = np.where(rng.random(int(kept.sum())) < rng.uniform(0.2, 0.8), 1.0, -1.0)
        weight *= rng.integers(1, 7, len(weight)) if k % 2 else 1
        graph = SignedGraph(tuple(map(str, range(n))), i[kept], j[kept], weight)
        together = partitions[n][:, graph.a] == partitions[n][:, graph.b]
        costs = np.where(together == (weight > 0), 0.0, np.abs(weight)).sum(axis=1)
        for free, true in ((False, costs[partitions[n].max(axis=1) < 2].min()), (True, costs.min())):
            found = frustration(graph, free)
            wrong += found.cost != true
            unproven += not found.proven
            unchecked += not recheck(graph, found)
    yield f"brute: {graphs} graphs, both costs: {wrong} mismatches, {unproven} not proven, {unchecked} not checked"


def worst(cases: Iterator[tuple[SignedGraph, bool, float]], times: int) -> str:
    """The slowest of the cases, and how many are proven."""
    took, proven, gaps, words = [], 0, [], set()
    for graph, free, seconds in cases:
        found, time_ = timed(lambda graph=graph, free=free, seconds=seconds: frustration(graph, free, seconds), times)
        took.append(time_)
        proven += found.proven
        gaps.append(f"{found.lower_bound:g}-{found.cost:g}")
        words.add(checked(graph, found))
    out = (
        f"proven {proven} of {len(took)}, {', '.join(sorted(words))}; slowest {max(t.seconds for t in took):.3f} s "
        f"(processor {max(t.processor for t in took):.3f}), median {np.median([t.seconds for t in took]):.3f} s"
    )
    return out if proven == len(took) else f"{out}; bounds {', '.join(gaps)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path)
    parser.add_argument("--only", default="windows,brute,planted,hard,free,triads,large")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    only, seeds, times = options.only.split(","), range(options.seeds), options.times
    frustration(planted(30, 200, 2, 0.3, 1))  # the solver's import is not counted
    if "windows" in only and options.shared is not None:
        print(*windows(options.shared, times), sep="\n", flush=True)
    if "brute" in only:
        print(*brute(), sep="\n", flush=True)
    if "planted" in only:
        for n, m, p, goal in PLANTED:
            said = worst(((planted(n, m, 2, p, s), False, 20.0) for s in seeds), times)
            print(f"planted n={n} m={m} p={p} (goal {goal:g} s): {said}", flush=True)
    if "hard" in only:
        for n, m, p in HARD:
            said = worst(((planted(n, m, 2, p, s), False, 1.0) for s in seeds), 1)
            print(f"hard n={n} m={m} p={p}, stopped after 1 s: {said}", flush=True)
    if "free" in only:
        said = worst(((planted(50, 352, 4, 0.2, s), True, 300.0) for s in seeds), 1)
        print(f"free n=50 m=352, four camps, p=.2 (goal 60 s): {said}", flush=True)
    if "triads" in only:
        for n, m in ((200, 4_000), (20_000, 200_000)):
            graph = sparse(n, m, 1)
            counts, time_ = timed(lambda graph=graph: triads(graph), 4 * times)
            print(f"triads n={n} m={graph.m}: {counts.total} in {1e3 * time_.seconds:.2f} ms", flush=True)
    if "large" in only:
        graph = sparse(200_000, 1_000_000, 1)
        counts, time_ = timed(lambda: triads(graph), 1)
        print(f"large, {graph.m} edges: {counts.total} triads in {time_.seconds:.1f} s", flush=True)
        for free in (False, True):
            found, time_ = timed(lambda free=free: frustration(graph, free, 60.0), 1)
            print(f"  {found.text} {time_.seconds:.0f} s, {checked(graph, found)}", flush=True)


if __name__ == "__main__":
    main()

"""Drawn graphs and the slow, obvious twin of the frustration index."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from tertius.events.slices import Ints
from tertius.signed.graph import SignedGraph


def drawn(n: int, share: float, positive: float, largest: int, rng: np.random.Generator) -> SignedGraph:
    """A graph with that share of all pairs, that share of them positive, whole sizes 1 to ``largest``."""
    i, j = np.triu_indices(n, 1)
    kept = rng.random(len(i)) < share
    m = int(kept.sum())
    weight = np.where(rng.random(m) < positive, 1.0, -1.0) * rng.integers(1, largest + 1, m)
    return SignedGraph(tuple(f"s{k}" for k in range(n)), i[kept].astype(np.int64), j[kept].astype(np.int64), weight)


def planted(n: int, m: int, camps: int, flipped: float, seed: int) -> SignedGraph:
    """G(n, m) with equal camps; each sign flipped with that probability."""
    rng = np.random.default_rng(seed)
    i, j = np.triu_indices(n, 1)
    edge = np.sort(rng.choice(len(i), m, replace=False))
    a, b = i[edge].astype(np.int64), j[edge].astype(np.int64)
    sign = np.where(a % camps == b % camps, 1.0, -1.0) * np.where(rng.random(m) < flipped, -1.0, 1.0)
    return SignedGraph(tuple(f"s{k}" for k in range(n)), a, b, sign)


@lru_cache
def all_partitions(n: int) -> Ints:
    """(P, n) every partition once, as labels in order of appearance."""

    def grown(labels: list[int], used: int) -> Iterator[list[int]]:
        if len(labels) == n:
            yield labels
            return
        for k in range(used + 1):
            yield from grown([*labels, k], max(used, k + 1))

    return np.array(list(grown([0], 1)), dtype=np.int64)


def slow_cost(graph: SignedGraph, free: bool) -> float:
    """The least weight unsatisfied, by going through all partitions."""
    labels = all_partitions(graph.n)
    if not free:
        labels = labels[labels.max(axis=1) < 2]
    together = labels[:, graph.a] == labels[:, graph.b]
    return float(np.where(together == (graph.weight > 0), 0.0, np.abs(graph.weight)).sum(axis=1).min())

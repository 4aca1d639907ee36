"""Good partitions from above: tabu search from several starts (Glover 1989, doi:10.1287/ijoc.1.3.190).

A move puts one node into another camp. The best move is made that is not tabu, or that leads to something better than
all before; a node that moved must not go back for some steps. Starts: the leading eigenvector's signs (two camps), and
drawn partitions. Blocks of more than :data:`DENSE` nodes are improved by moves of many nodes at once instead, those
that gain, half of them drawn at a time.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import eigsh

from tertius.events.slices import Floats, Ints
from tertius.signed.frustration.problem import Problem

DENSE = 2_000
MOST_CAMPS = 12
"""Camps that a search for a free number of them keeps open at the same time."""
_FORBIDDEN = -1e300


def search(problem: Problem, free: bool, effort: int, rng: np.random.Generator, until: float) -> Ints:
    """(n,) labels of the best partition found; ``effort`` : starts, each of some hundred moves."""
    if problem.n > DENSE:
        return _many_at_once(problem, free, rng, until)
    W = problem.dense()
    best, lowest = np.zeros(problem.n, dtype=np.int64), problem.cost(np.zeros(problem.n, dtype=np.int64))
    for start in range(effort):
        labels = _free(W, start, rng) if free else _two(W, start, rng)
        cost = problem.cost(labels)
        if cost < lowest:
            best, lowest = labels, cost
        if lowest == 0 or time.perf_counter() > until:
            break
    return best


def moves(n: int, free: bool) -> int:
    """Moves from one start.

    >>> moves(20, False), moves(200, False)
    (80, 440)
    """
    return min(40 + (6 if free else 2) * n, 1_500 if free else 1_000)


def _two(W: Floats, start: int, rng: np.random.Generator) -> Ints:
    n = len(W)
    s = rng.choice([-1.0, 1.0], n) if start else np.where(np.linalg.eigh(W)[1][:, -1] >= 0, 1.0, -1.0)
    return (from_start(W, s, moves(n, False), rng) < 0).astype(np.int64)


def improved(problem: Problem, s: Floats, rng: np.random.Generator) -> Ints:
    """(n,) labels of the best partition into two camps found from the signs ``s``."""
    return (from_start(problem.dense(), s, moves(problem.n, False), rng) < 0).astype(np.int64)


def from_start(W: Floats, s: Floats, steps: int, rng: np.random.Generator) -> Floats:
    """(n,) the best signs of a tabu search that begins at ``s``."""
    s = s.copy()
    n, hold = len(s), s * (W @ s)
    value = best_value = hold.sum() / 2.0
    best = s.copy()
    free_again = np.zeros(n, dtype=np.int64)
    tenure = rng.integers(5 + n // 50, 13 + n // 25, steps)
    for step in range(steps):
        gain = -2.0 * hold
        allowed = (free_again <= step) | (value + gain > best_value)
        v = int(np.where(allowed, gain, _FORBIDDEN).argmax())
        value += gain[v]
        hold -= 2.0 * s[v] * s * W[v]
        s[v], hold[v] = -s[v], -hold[v]
        free_again[v] = step + tenure[step]
        if value > best_value:
            best_value, best = value, s.copy()
    return best


def _free(W: Floats, start: int, rng: np.random.Generator) -> Ints:
    n = len(W)
    camps = min(n, MOST_CAMPS)
    labels = np.zeros(n, dtype=np.int64) if start == 0 else rng.integers(0, 1 + start % camps, n)
    return from_labels(W, labels, moves(n, True), rng)


def from_labels(W: Floats, labels: Ints, steps: int, rng: np.random.Generator) -> Ints:
    """(n,) the best labels of a tabu search that begins at ``labels``; one camp more than those may be open."""
    labels = labels.copy()
    n = len(labels)
    camps = min(n, max(MOST_CAMPS, int(labels.max(initial=0)) + 2))
    here = np.arange(n)
    pull = W @ np.eye(camps)[labels]  # weight of each node's edges into each camp
    value = best_value = pull[here, labels].sum() / 2.0
    best = labels.copy()
    free_again = np.zeros((n, camps), dtype=np.int64)
    tenure = rng.integers(5, 15, steps)
    for step in range(steps):
        gain = pull - pull[here, labels][:, None]
        allowed = (free_again <= step) | (value + gain > best_value)
        allowed[here, labels] = False
        v, to = divmod(int(np.where(allowed, gain, _FORBIDDEN).argmax()), camps)
        was = labels[v]
        value += gain[v, to]
        labels[v] = to
        pull[:, was] -= W[v]
        pull[:, to] += W[v]
        free_again[v, was] = step + tenure[step]
        if value > best_value + 1e-9:
            best_value, best = value, labels.copy()
    return best


def _many_at_once(problem: Problem, free: bool, rng: np.random.Generator, until: float) -> Ints:
    n = problem.n
    ends = (np.concatenate([problem.a, problem.b]), np.concatenate([problem.b, problem.a]))
    A = csr_array((np.concatenate([problem.w, problem.w]).astype(np.float64), ends), shape=(n, n))
    if free:
        return _drawn_moves_free(A, rng, until)
    s = np.where(eigsh(A, k=1, which="LA", v0=np.ones(n), tol=1e-2, maxiter=200 * n)[1][:, 0] >= 0, 1.0, -1.0)
    while time.perf_counter() < until:
        hold = s * (A @ s)
        losing = np.flatnonzero(hold < 0)
        if not len(losing):
            break
        s[losing[rng.random(len(losing)) < 0.5] if len(losing) > 1 else losing] *= -1.0
    return (s < 0).astype(np.int64)


def _drawn_moves_free(A: csr_array, rng: np.random.Generator, until: float) -> Ints:
    """Every node begins alone; half of those that gain move to the camp that draws them most."""
    n = A.shape[0]
    labels, here = np.arange(n), np.arange(n)
    best, best_value = labels, 0.0
    for step in range(60):
        member = csr_array((np.ones(n), (here, labels)), shape=(n, n))
        pull = (A @ member).tocsr()
        row = np.repeat(here, np.diff(pull.indptr))
        own = np.zeros(n)
        mine = pull.indices == labels[row]
        own[row[mine]] = pull.data[mine]
        value = own.sum()
        if value > best_value:
            best, best_value = labels.copy(), value
        strongest, to = np.zeros(n), labels.copy()
        order = np.lexsort((pull.data, row))
        last = np.flatnonzero(np.r_[row[order][1:] != row[order][:-1], True]) if len(order) else order
        strongest[row[order[last]]] = pull.data[order[last]]
        to[row[order[last]]] = pull.indices[order[last]]
        gains = np.flatnonzero(strongest > np.maximum(own, 0.0))
        alone = np.flatnonzero((own < 0) & (strongest <= 0))
        if (not len(gains) and not len(alone)) or time.perf_counter() > until or step == 59:
            break
        moving = gains[rng.random(len(gains)) < 0.5]
        labels = labels.copy()
        labels[moving] = to[moving]
        unused = np.setdiff1d(here, labels, assume_unique=False)[: len(alone)]
        labels[alone[: len(unused)]] = unused
    return best

"""Good partitions from above: tabu search from several starts (Glover 1989, doi:10.1287/ijoc.1.3.190).

A move puts one node into another camp. The best move is made that is not tabu, or that leads to something better than
all before; a node that moved must not go back for some steps. Starts: the leading eigenvector's signs (two camps); for
a free number of camps partitions that grow greedily and the best two camps found; and drawn ones. Many starts, of one
graph or of many, go side by side. Blocks of more than :data:`DENSE` nodes are improved by moves of many nodes at once
instead, those that gain, half of them drawn at a time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tertius.events.slices import Floats, Ints
from tertius.signed.frustration.problem import Problem

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DENSE = 2_000
MOST_CAMPS = 12
"""Camps that a search for a free number of them keeps open at least, and begins with where they are drawn."""
_FORBIDDEN = -1e300


def search(
    problem: Problem, free: bool, effort: int, rng: np.random.Generator, until: float, steps: int | None = None
) -> Ints:
    """(n,) labels of the best partition found; ``effort`` : starts, all at a time, each of :func:`moves` steps."""
    if problem.n > DENSE:
        return _many_at_once(problem, free, rng, until)
    W = problem.dense()
    if free:
        found = from_labels(W, np.concatenate([started(W[None], k, rng) for k in range(effort)]), rng, steps)
    else:
        found = (from_signs(W, _signs(W, effort, rng), rng, steps) < 0).astype(np.int64)
    return min(found, key=problem.cost)


def improved(problem: Problem, s: Floats, rng: np.random.Generator) -> Ints:
    """(n,) labels of the best partition into two camps found from the signs ``s``."""
    return np.asarray(from_signs(problem.dense(), s[None], rng)[0] < 0).astype(np.int64)


def lowest_costs(W: Floats, free: bool, starts: int, rng: np.random.Generator) -> Floats:
    """(G,) what the best partition found of each of many graphs costs, (G, n, n) of whole weights, by the same search.

    >>> triangle = np.array([[[0.0, 1, 1], [1, 0, -1], [1, -1, 0]]])
    >>> lowest_costs(triangle, False, 1, np.random.default_rng(1))
    array([1.])
    """
    positive, size = np.maximum(W, 0.0).sum(axis=(1, 2)) / 2.0, np.abs(W).sum(axis=(1, 2)) / 2.0
    costs = []
    for start in range(starts):
        if free:
            labels = from_labels(W, started(W, start, rng), rng)
            together = labels[:, :, None] == labels[:, None, :]
            costs.append(positive - (W * together).sum(axis=(1, 2)) / 2.0)
        else:
            s = from_signs(W, np.concatenate([_signs(w, 1, rng, start) for w in W]), rng)
            costs.append((size - np.einsum("gi,gij,gj->g", s, W, s) / 2.0) / 2.0)
    return np.asarray(np.min(costs, axis=0))


def moves(n: int, free: bool) -> int:
    """Moves from one start.

    >>> moves(20, False), moves(200, False)
    (80, 440)
    """
    return min(40 + (6 if free else 2) * n, 1_500 if free else 1_000)


def _signs(W: Floats, starts: int, rng: np.random.Generator, first: int = 0) -> Floats:
    """(starts, n) signs: of start 0 the leading eigenvector's, of others drawn."""
    s = rng.choice([-1.0, 1.0], (starts, len(W)))
    if first == 0:
        s[0] = np.where(np.linalg.eigh(W)[1][:, -1] >= 0, 1.0, -1.0)
    return s


def started(W: Floats, start: int, rng: np.random.Generator) -> Ints:
    """(B, n) labels for the graphs of W (B, n, n): grown, the best two camps found, and drawn ones, in turn."""
    count, n = W.shape[:2]
    if start % 3 == 0:
        return grown(W, rng)
    if start % 3 == 1:
        s = from_signs(W, np.concatenate([_signs(w, 1, rng, start - 1) for w in W]), rng)
        return (s < 0).astype(np.int64)
    return rng.integers(0, min(n, MOST_CAMPS), (count, n))


def grown(W: Floats, rng: np.random.Generator) -> Ints:
    """(B, n) labels: the two camps that gain most are joined, until none gain; ties are drawn.

    Greedy additive edge contraction (Keuper et al. 2015, doi:10.1109/ICCV.2015.204).

    >>> grown(np.array([[[0.0, 1, -1], [1, 0, -1], [-1, -1, 0]]]), np.random.default_rng(1))
    array([[0, 0, 1]])
    """
    count, n = W.shape[:2]
    at, here = np.arange(count), np.arange(n)
    A = W + 1e-6 * rng.random(W.shape)
    A = A + np.swapaxes(A, 1, 2)
    A[:, here, here] = _FORBIDDEN
    labels = np.tile(here, (count, 1))
    while n > 1:
        pair = A.reshape(count, -1).argmax(axis=1)
        u, v = np.divmod(pair, n)
        k = np.flatnonzero(A[at, u, v] > 1e-3)
        if not len(k):
            break
        u, v = u[k], v[k]
        A[k, u] += A[k, v]
        A[k, :, u] = A[k, u]
        A[k, u, u] = A[k, v] = A[k, :, v] = _FORBIDDEN
        labels[k] = np.where(labels[k] == v[:, None], u[:, None], labels[k])
    return np.stack([np.unique(row, return_inverse=True)[1] for row in labels])


def from_signs(W: Floats, s: Floats, rng: np.random.Generator, steps: int | None = None) -> Floats:
    """(B, n) the best signs of B tabu searches that begin at ``s`` (B, n), on one graph (n, n) or on B (B, n, n)."""
    s = s.copy()
    count, n = s.shape
    steps, at = moves(n, False) if steps is None else steps, np.arange(count)
    hold = s * (s @ W if W.ndim == 2 else np.einsum("bij,bj->bi", W, s))
    value = hold.sum(axis=1) / 2.0
    best, best_value = s.copy(), value.copy()
    free_again = np.zeros((count, n), dtype=np.int64)
    tenure = rng.integers(5 + n // 50, 13 + n // 25, (steps, count))
    for step in range(steps):
        gain = -2.0 * hold
        allowed = (free_again <= step) | (gain > (best_value - value)[:, None])
        v = np.where(allowed, gain, _FORBIDDEN).argmax(axis=1)
        value += gain[at, v]
        hold -= (2.0 * s[at, v])[:, None] * s * (W[v] if W.ndim == 2 else W[at, v])
        s[at, v] *= -1.0
        hold[at, v] *= -1.0
        free_again[at, v] = step + tenure[step]
        better = value > best_value
        if better.any():
            best_value[better], best[better] = value[better], s[better]
    return best


def from_labels(W: Floats, labels: Ints, rng: np.random.Generator, steps: int | None = None) -> Ints:
    """(B, n) the best labels of B tabu searches that begin at ``labels`` (B, n), on one graph or on B, as above."""
    labels = labels.copy()
    count, n = labels.shape
    steps, at = moves(n, True) if steps is None else steps, np.arange(count)
    camps = min(n, max(MOST_CAMPS, int(labels.max()) + 2))
    member = np.eye(camps)[labels]
    pull = np.matmul(W, member)  # (B, n, camps) weight of each node's edges into each camp
    value = np.einsum("bnk,bnk->b", pull, member) / 2.0
    best, best_value = labels.copy(), value.copy()
    free_again = np.zeros((count, n, camps), dtype=np.int64)
    tenure = rng.integers(5, 15, (steps, count))
    for step in range(steps):
        gain = pull - np.take_along_axis(pull, labels[:, :, None], axis=2)
        allowed = (free_again <= step) | (gain > (best_value - value)[:, None, None])
        np.put_along_axis(allowed, labels[:, :, None], False, axis=2)
        v, to = np.divmod(np.where(allowed, gain, _FORBIDDEN).reshape(count, -1).argmax(axis=1), camps)
        was, row = labels[at, v], (W[v] if W.ndim == 2 else W[at, v])
        value += gain[at, v, to]
        labels[at, v] = to
        pull[at, :, was] -= row
        pull[at, :, to] += row
        free_again[at, v, was] = step + tenure[step]
        better = value > best_value + 1e-9
        if better.any():
            best_value[better], best[better] = value[better], labels[better]
    return best


def _many_at_once(problem: Problem, free: bool, rng: np.random.Generator, until: float) -> Ints:
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import eigsh

    n = problem.n
    ends = (np.concatenate([problem.a, problem.b]), np.concatenate([problem.b, problem.a]))
    A = csr_array((np.concatenate([problem.w, problem.w]).astype(np.float64), ends), shape=(n, n))
    if free:
        many = _drawn_moves_free(A, rng, until)
        two = _many_at_once(problem, False, rng, until)
        return min(many, two, key=problem.cost)
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
    from scipy.sparse import csr_array

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

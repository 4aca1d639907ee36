"""Exact kernelization: the same problem, smaller, with a way back and a proof of every step.

Rules, each of which keeps at least one best partition (w signed weights, sums over all third nodes k):

- u and v are together where 2 w_uv >= sum_k |w_uk - w_vk|: were they apart, moving u to v or v to u would not cost more
  on average. For two camps opposite where -2 w_uv >= sum_k |w_uk + w_vk|.
- u goes with v where w_uv outweighs all other edges of u; for two camps either sign.
- Two-connected blocks share single nodes and are solved apart; a block that is balanced costs nothing. With free camps
  a negative edge between two components of the positive edges is never frustrated.

After the idea of data reduction for balanced subgraphs (Hueffner, Betzler & Niedermeier 2010,
doi:10.1007/s10878-009-9212-2). The rules with sums need n^2 distances of length n, so they are asked for in blocks of
up to :data:`DENSE` nodes; elsewhere only the second.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tertius.events.slices import Floats, Ints
from tertius.signed.frustration.problem import Problem, from_dense, part_of
from tertius.signed.frustration.sides import Sides

DENSE = 600
Steps = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Kernel:
    """A problem, the steps that contracted it, and either the parts that it fell into or ``core``, what is left.

    ``paid`` : weight of the edges that cancelled out on the way.
    ``easy`` : (k, 3) of edges that no frustrated part has, u, v and sign: some best partition satisfies all of them.
    """

    problem: Problem
    steps: Steps = ()
    paid: int = 0
    parts: tuple[Kernel, ...] = field(default=())
    core: Problem | None = None
    easy: Ints = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))


def kernel(problem: Problem, free: bool) -> Kernel:
    """The kernel of a problem."""
    found, easy = blocks(problem, free)
    return Kernel(problem, (), 0, tuple(_of_block(block, free) for block in found), None, easy)


def _of_block(block: Problem, free: bool) -> Kernel:
    steps, paid, rest = contracted(block, free)
    if not steps:
        return Kernel(block, core=block)
    found, easy = blocks(rest, free)
    if len(found) == 1 and found[0].m == rest.m:  # nothing fell off, and nothing more can be contracted
        return Kernel(block, steps, paid, (Kernel(rest, core=rest),), None, easy)
    return Kernel(block, steps, paid, tuple(_of_block(b, free) for b in found), None, easy)


def contracted(block: Problem, free: bool) -> tuple[Steps, int, Problem]:
    """Steps (u, v, s) in numbers of the whole graph, the weight paid, and what remains."""
    if block.n > DENSE:
        return _leaning(block, free)
    ids, W, steps, paid = block.ids, block.dense(), [], 0
    while len(ids) > 1:
        found, cancelled = _pass(W, ids, free)
        if not found:
            break
        paid += cancelled
        steps += found
        alive = np.flatnonzero(np.abs(W).sum(axis=1))
        W, ids = W[np.ix_(alive, alive)], ids[alive]
    return tuple(steps), paid, from_dense(ids, W) if steps else block


def _pass(W: Floats, ids: Ints, free: bool) -> tuple[list[tuple[int, int, int]], int]:
    """One pass over all pairs; W is changed, contracted nodes' rows become zero."""
    from scipy.spatial.distance import cdist

    n = len(ids)
    size = np.abs(W)
    degree = size.sum(axis=1)
    decided = 2.0 * size >= np.minimum(degree[:, None], degree[None, :])
    upper = np.triu(np.ones((n, n), dtype=bool), 1)
    found = []
    for s in (1,) if free else (1, -1):
        slack = 2.0 * (s * W + size) - cdist(W, s * W, "cityblock")
        i, j = np.nonzero(((slack >= 0) | (decided & (s * W > 0))) & upper)
        found.append(np.stack([slack[i, j], i, j, np.full(len(i), s)]))
    candidates = np.concatenate(found, axis=1)
    order = np.argsort(-candidates[0], kind="stable")
    gone: set[int] = set()
    changed: set[int] = set()
    steps, paid = [], 0
    for u, v, s in candidates[1:, order].T.astype(np.int64).tolist():
        if u in gone or v in gone or ((u in changed or v in changed) and not _holds(W, u, v, s)):
            continue
        changed.update(np.flatnonzero(size[u] + size[v]).tolist())  # neighbours of what was merged before are in it
        changed.add(u)
        before = np.abs(W[u]).sum() + np.abs(W[v]).sum() - 2.0 * s * W[u, v]
        W[u] += s * W[v]
        W[:, u] = W[u]
        W[u, u] = 0.0
        W[v] = W[:, v] = 0.0
        paid += round(before - np.abs(W[u]).sum()) // 2
        gone.add(v)
        steps.append((int(ids[u]), int(ids[v]), s))
    return steps, paid


def _holds(W: Floats, u: int, v: int, s: int) -> bool:
    one, other, own = W[u], W[v], s * W[u, v]
    if 2 * own >= np.abs(one - other if s > 0 else one + other).sum() - 2 * abs(own):
        return True
    return bool(own > 0 and 2 * own >= min(np.abs(one).sum(), np.abs(other).sum()))


def _leaning(block: Problem, free: bool) -> tuple[Steps, int, Problem]:
    """Nodes that one edge decides, in a large block: several rounds, each over nodes that do not touch."""
    ids, a, b, w = block.ids, block.a, block.b, block.w
    steps: list[tuple[int, int, int]] = []
    paid = 0
    while len(a):
        n = len(ids)
        ends, other = np.concatenate([a, b]), np.concatenate([b, a])
        both = np.concatenate([w, w])
        degree = np.bincount(ends, weights=np.abs(both), minlength=n)
        decides = (2 * np.abs(both) >= degree[ends]) & ((both > 0) | (not free))
        goes = np.full(n, -1)
        goes[ends[decides]] = np.flatnonzero(decides)
        node = np.flatnonzero(goes >= 0)
        if not len(node):
            break
        # a node goes only where the other stays; of two that would go to each other, the first
        to = other[goes[node]]
        back = np.where(goes[to] >= 0, other[goes[to]], -1)
        may = (goes[to] < 0) | ((back == node) & (node < to))
        node = node[may] if may.any() else node[:1]
        to, sign = other[goes[node]], np.sign(both[goes[node]])
        steps += zip(ids[to].tolist(), ids[node].tolist(), sign.tolist(), strict=True)
        place, turn = np.arange(n), np.ones(n, dtype=np.int64)
        place[node], turn[node] = to, sign
        before = int(np.abs(w).sum() - np.abs(both[goes[node]]).sum())
        a, b, w = _renamed(place[a], place[b], w * turn[a] * turn[b], n)
        paid += (before - int(np.abs(w).sum())) // 2
    if not steps:
        return (), 0, block
    rest = Problem(ids, a, b, w)
    return tuple(steps), paid, part_of(rest, np.arange(len(a)))


def _renamed(a: Ints, b: Ints, w: Ints, n: int) -> tuple[Ints, Ints, Ints]:
    apart = a != b
    keys, pair = np.unique(np.minimum(a, b)[apart] * n + np.maximum(a, b)[apart], return_inverse=True)
    total = np.zeros(len(keys), dtype=np.int64)
    np.add.at(total, pair, w[apart])
    left = total != 0
    return keys[left] // n, keys[left] % n, total[left]


def blocks(problem: Problem, free: bool) -> tuple[list[Problem], Ints]:
    """Two-connected blocks that are not balanced, and all other edges as u, v and sign."""
    joined = np.ones(problem.m, dtype=bool)
    if free:
        positive = problem.w > 0
        side = _positive(problem.n, problem.a[positive], problem.b[positive]).many()
        joined = side[problem.a] == side[problem.b]
    easy = np.ones(problem.m, dtype=bool)
    found = []
    if joined.any():
        for edges in _two_connected(problem, np.flatnonzero(joined)):
            if (problem.w[edges] < 0).any():
                block = part_of(problem, edges)  # of all edges, too: without the nodes that have none
                if not balanced(block, free):
                    found.append(block)
                    easy[edges] = False
    ends = (problem.ids[problem.a[easy]], problem.ids[problem.b[easy]], np.sign(problem.w[easy]))
    return found, np.stack(ends, axis=1)


def _positive(n: int, a: Ints, b: Ints) -> Sides:
    sides = Sides(n)
    for u, v in zip(a.tolist(), b.tolist(), strict=True):
        sides.relate(u, v, 0)
    return sides


def balanced(block: Problem, free: bool) -> bool:
    """Whether some partition costs nothing."""
    negative = block.w < 0
    rows = zip(block.a.tolist(), block.b.tolist(), negative.tolist(), strict=True)
    if not free:
        sides = Sides(block.n)
        return all(sides.relate(u, v, int(apart)) for u, v, apart in rows)
    side = _positive(block.n, block.a[~negative], block.b[~negative]).many()
    return bool((side[block.a] != side[block.b])[negative].all())


def _two_connected(problem: Problem, edges: Ints) -> list[Ints]:
    """Edges of each two-connected block of three or more, without recursion.

    After Hopcroft & Tarjan (1973, doi:10.1145/362248.362272).
    """
    n = problem.n
    ends = np.concatenate([problem.a[edges], problem.b[edges]])
    order = np.argsort(ends, kind="stable")
    to = np.concatenate([problem.b[edges], problem.a[edges]])[order].tolist()
    edge = np.concatenate([edges, edges])[order].tolist()
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=n))]).tolist()
    number, low, at = [0] * n, [0] * n, start[:-1].copy()
    count, found = 0, []
    for root in range(n):
        if number[root] or start[root] == start[root + 1]:
            continue
        count += 1
        number[root] = low[root] = count
        path, came, stack = [root], [-1], []
        while path:
            v = path[-1]
            if at[v] < start[v + 1]:
                k = at[v]
                at[v] += 1
                w, e = to[k], edge[k]
                if e == came[-1]:
                    continue
                if not number[w]:
                    count += 1
                    number[w] = low[w] = count
                    stack.append(e)
                    path.append(w)
                    came.append(e)
                elif number[w] < number[v]:
                    stack.append(e)
                    low[v] = min(low[v], number[w])
                continue
            path.pop()
            e = came.pop()
            if not path:
                break
            u = path[-1]
            low[u] = min(low[u], low[v])
            if low[v] >= number[u]:
                cut = len(stack) - 1
                while stack[cut] != e:
                    cut -= 1
                if len(stack) - cut > 2:
                    found.append(np.array(stack[cut:], dtype=np.int64))
                del stack[cut:]
    return found

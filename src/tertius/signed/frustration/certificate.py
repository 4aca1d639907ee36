"""The check of a proof: a lower bound on the frustration of a graph, from nothing but the graph and the proof.

It shares no step with the solver: it knows the problem as a dictionary of pairs and weights, computes in whole numbers
and fractions of any size, and looks at every claim again: that a contraction's rule holds where it is used, that parts
are disjoint, that a cycle's edges exist and its signs make it one that no partition satisfies, and what the multipliers
add up to. A wrong proof raises :class:`Unproven`; a weak one gives a low bound.

The one step in floating point is whether a matrix of whole numbers is positive definite, by the criterion of Rump
(2006, doi:10.1007/s10543-006-0056-1): if Cholesky's decomposition of M - c I runs to its end, c from an interval bound
on all rounding errors of any order of summation, then M is positive definite. Entries are whole numbers below 2^53, so
M itself is exact.

What it does not do: find anything. An upper bound needs no proof: a partition has the cost that it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil

import numpy as np

from tertius.events.slices import Floats
from tertius.signed.frustration.proof import Bound, Branch, Contracted, Nothing, Pair, Parts, Proof, Row

Weights = dict[Pair, int]
Fixed = Mapping[Pair, int]
_LARGEST = 1 << 52


class Unproven(Exception):
    """A step of a proof does not hold."""


def check(weights: Mapping[Pair, int], proof: Proof, free: bool) -> Fraction:
    """A lower bound on what any partition of the graph costs, in units.

    Parameters
    ----------
    weights : signed whole weights by pair of nodes, in any order, each pair once.
    proof : what is claimed.
    free : a free number of camps, else two.

    Raises Unproven where a step does not hold.

    >>> check({(0, 1): 1, (1, 2): 1, (0, 2): -1}, Bound((("cycle", (0, 1, 2)),), (1,), 1), free=False)
    Fraction(1, 1)
    """
    problem = {_pair(u, v): int(w) for (u, v), w in weights.items()}
    if len(problem) < len(weights) or any(u == v for u, v in problem):
        raise Unproven("a pair occurs twice, or a node with itself")
    return _check(problem, proof, free, {})


def _pair(u: int, v: int) -> Pair:
    return (u, v) if u < v else (v, u)


def _check(problem: Weights, proof: Proof, free: bool, fixed: Fixed) -> Fraction:
    if isinstance(proof, Nothing):
        return Fraction(0)
    if isinstance(proof, Bound):
        return _bound(problem, proof, free, fixed)
    if isinstance(proof, Branch):
        pair = _pair(*proof.pair)
        if pair in fixed:
            raise Unproven(f"{pair} is decided twice")
        return min(
            _check(problem, proof.together, free, {**fixed, pair: 0}),
            _check(problem, proof.apart, free, {**fixed, pair: 1}),
        )
    if fixed:
        raise Unproven("contractions and parts come before branches")
    if isinstance(proof, Contracted):
        rest, paid = _contract(problem, proof, free)
        return paid + _check(rest, proof.then, free, fixed)
    return _parts(problem, proof, free)


def _parts(problem: Weights, proof: Parts, free: bool) -> Fraction:
    seen: set[Pair] = set()
    total = Fraction(0)
    for edges, part in proof.parts:
        own = {_pair(*e) for e in edges}
        if own & seen or not own <= problem.keys():
            raise Unproven("parts share an edge, or have one that the graph has not")
        seen |= own
        total += max(0, ceil(_check({e: problem[e] for e in own}, part, free, {})))
    return total


def _contract(problem: Weights, proof: Contracted, free: bool) -> tuple[Weights, int]:
    near: dict[int, dict[int, int]] = {}
    for (u, v), w in problem.items():
        near.setdefault(u, {})[v] = w
        near.setdefault(v, {})[u] = w
    paid = 0
    for u, v, s in proof.steps:
        if u == v or u not in near or v not in near or s not in (1, -1) or (free and s < 0):
            raise Unproven(f"{v} cannot be contracted into {u}")
        one, other = near[u], near.pop(v)
        own = s * other.get(u, 0)
        thirds = (one.keys() | other.keys()) - {u, v}
        by_rows = 2 * own >= sum(abs(one.get(k, 0) - s * other.get(k, 0)) for k in thirds)
        rest = [sum(abs(w) for w in row.values()) - abs(own) for row in (one, other)]
        if not (by_rows or (own > 0 and own >= min(rest))):
            raise Unproven(f"no rule says where {v} is, seen from {u}")
        for k, w in other.items():
            del near[k][v]
            if k == u:
                paid += max(0, -s * w)
                continue
            before, more = one.get(k, 0), s * w
            if before * more < 0:
                paid += min(abs(before), abs(more))
            one[k] = near[k][u] = before + more
            if not one[k]:
                del one[k], near[k][u]
    return {(u, v): w for u, row in near.items() for v, w in row.items() if u < v}, paid


def _row(problem: Weights, row: Row, free: bool) -> tuple[list[tuple[Pair, int]], int]:
    """A valid row as coefficients of d and a right hand side, after it was looked at."""
    kind, nodes = row
    if len(set(nodes)) < len(nodes) or len(nodes) < 3:
        raise Unproven(f"a {kind} of {nodes}")
    if kind == "cycle":
        around = [_pair(u, v) for u, v in pairwise((*nodes, nodes[0]))]
        if any(e not in problem for e in around):
            raise Unproven(f"the cycle {nodes} has an edge that the graph has not")
        negative = sum(problem[e] < 0 for e in around)
        if negative != 1 if free else negative % 2 == 0:
            raise Unproven(f"the cycle {nodes} has {negative} negative edges")
        return [(e, 1 if problem[e] > 0 else -1) for e in around], 1 - negative
    if kind == "triangle" and len(nodes) == 3:
        u, v, w = nodes
        return [(_pair(u, v), 1), (_pair(v, w), 1), (_pair(u, w), -1)], 0
    if kind == "star" and free:
        centre, leaves = nodes[0], nodes[1:]
        row_of = [(_pair(centre, t), 1) for t in leaves] + [(_pair(s, t), -1) for s, t in combinations(leaves, 2)]
        return row_of, sum(c for _, c in row_of) - 1
    if kind == "twin" and free and len(nodes) > 3:
        (i, j), leaves = nodes[:2], nodes[2:]
        plus = [(_pair(c, t), 1) for c in (i, j) for t in leaves]
        minus = [(_pair(i, j), -1), *((_pair(s, t), -1) for s, t in combinations(leaves, 2))]
        return plus + minus, len(plus) - len(minus) - 2
    raise Unproven(f"a row of kind {kind}")


def _bound(problem: Weights, proof: Bound, free: bool, fixed: Fixed) -> Fraction:
    """Everything times ``over``, in whole numbers."""
    if proof.over < 1 or len(proof.rows) != len(proof.y) or any(y < 0 for y in proof.y):
        raise Unproven("multipliers that are no multipliers")
    left = {pair: w * proof.over for pair, w in problem.items()}
    total = sum(-w for w in left.values() if w < 0)
    for row, y in zip(proof.rows, proof.y, strict=True):
        coefficients, least = _row(problem, row, free)
        total += y * least
        for pair, c in coefficients:
            left[pair] = left.get(pair, 0) - y * c
    if proof.diagonal:
        if free or fixed:
            raise Unproven("a semidefinite bound is for two camps, and before branches")
        return _semidefinite(left, proof, total)
    total += sum(w * fixed[pair] if pair in fixed else min(0, w) for pair, w in left.items())
    return Fraction(total, proof.over)


def _semidefinite(left: Weights, proof: Bound, total: int) -> Fraction:
    """sum of w d with d = (1 - s s') / 2 is half the sum of w less a quarter of s' W s, at most sum(diagonal) / 4."""
    place = {node: k for k, node in enumerate(proof.nodes)}
    n = len(place)
    if len(proof.diagonal) != n or n < len(proof.nodes) or any(abs(d) > _LARGEST for d in proof.diagonal):
        raise Unproven("a diagonal that does not fit its nodes")
    M = np.diag(np.array(proof.diagonal, dtype=np.float64))
    for (u, v), w in left.items():
        if u not in place or v not in place or abs(w) > _LARGEST:
            raise Unproven("the diagonal leaves out a node, or a weight is too large")
        M[place[u], place[v]] = M[place[v], place[u]] = -w
    if not positive_definite(M):
        raise Unproven("the matrix of the semidefinite bound is not positive definite")
    return Fraction(4 * total + 2 * sum(left.values()) - sum(proof.diagonal), 4 * proof.over)


def positive_definite(M: Floats) -> bool:
    """Whether a symmetric matrix is proven positive definite (False: it is not, or too nearly not).

    >>> positive_definite(np.array([[2.0, 1.0], [1.0, 2.0]])), positive_definite(np.ones((2, 2)))
    (True, False)
    """
    from scipy.linalg.lapack import dpotrf

    n = len(M)
    diagonal = np.diag(M)
    if not n or (diagonal <= 0).any():
        return not n
    # Rump 2006, theorem 2.3 with its gamma_{n+2}, doubled for the rounding of c itself
    u = np.finfo(np.float64).eps / 2
    gamma = (n + 2) * u / (1 - (n + 2) * u)
    c = 2.0 * (gamma / (1 - gamma) * float(diagonal.sum()) + n * (2.0 * n + float(diagonal.max())) * 2.0**-1000)
    shifted = np.array(M, order="F")
    shifted[np.arange(n), np.arange(n)] = np.nextafter(diagonal - c, -np.inf)
    return bool(dpotrf(shifted, lower=1, overwrite_a=1)[1] == 0)

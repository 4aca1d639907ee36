"""The integer programme: branch where a relaxation leaves a pair neither together nor apart.

Depth first, the side nearer to the relaxation's value first. Every leaf has a bound of its own with its multipliers, so
that the whole tree is a proof. Where time runs out, the bound is the lowest of all leaves, open ones included.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from tertius.events.slices import Ints
from tertius.signed.frustration.cycles import OVER, Relaxed
from tertius.signed.frustration.problem import Problem
from tertius.signed.frustration.proof import Branch, Pair, Proof
from tertius.signed.frustration.sides import Sides

WHOLE = 1e-5


class Relaxation(Protocol):
    """What can be branched on."""

    def fix(self, fixed: Mapping[Pair, int]) -> None:
        """Together (0) or apart (1)."""

    def strengthen(self, goal: int, until: float) -> Relaxed:
        """Raise the bound."""


@dataclass(slots=True)
class Node:
    """A node of the tree: what is fixed, what it gave, and its two children."""

    fixed: dict[Pair, int]
    found: Relaxed | None = None
    pair: Pair | None = None
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Searched:
    """``bound`` in parts of 1 / OVER, its proof, a better partition if one was met, and the number of nodes."""

    bound: int
    proof: Proof
    labels: Ints
    nodes: int


def branched(
    problem: Problem, relaxation: Relaxation, labels: Ints, first: Relaxed | None, until: float, free: bool
) -> Searched:
    """Search the tree for a proof of ``labels``, or for something better."""
    cost = problem.cost(labels)
    root = Node({}, first)
    open_: list[Node] = [root]
    count = 0
    while open_ and (time.perf_counter() < until or root.found is None):
        node = open_.pop()
        if node.found is None:
            relaxation.fix(node.fixed)
            node.found = relaxation.strengthen(cost, until)
            count += 1
        found = node.found
        if found.bound > (cost - 1) * OVER:
            continue
        labels = better(problem, labels, found, free)
        cost = problem.cost(labels)
        if found.bound > (cost - 1) * OVER:
            continue
        pair = _chosen(problem, found, node.fixed)
        if pair is None:
            continue
        node.pair = pair
        here = found.d[_position(found, pair)]
        sides = (1, 0) if here < 0.5 else (0, 1)  # the last is taken first
        made = {side: Node({**node.fixed, pair: side}) for side in sides}
        node.children = [made[0], made[1]]
        open_ += [made[side] for side in sides]
    bound, proof = _collect(root, problem.ids)
    return Searched(bound, proof, labels, count)


def _position(found: Relaxed, pair: Pair) -> int:
    return int(np.flatnonzero((found.pairs[:, 0] == pair[0]) & (found.pairs[:, 1] == pair[1]))[0])


def _chosen(problem: Problem, found: Relaxed, fixed: Mapping[Pair, int]) -> Pair | None:
    """The pair to branch on: among the least decided the one with most weight at its ends; None where all are fixed."""
    strength = np.bincount(problem.a, weights=np.abs(problem.w), minlength=problem.n)
    strength += np.bincount(problem.b, weights=np.abs(problem.w), minlength=problem.n)
    score = np.minimum(found.d, 1.0 - found.d) + 1e-6
    score = score * np.sqrt(strength[found.pairs[:, 0]] * strength[found.pairs[:, 1]])
    for k in np.argsort(-score, kind="stable"):
        pair = (int(found.pairs[k, 0]), int(found.pairs[k, 1]))
        if pair not in fixed:
            return pair
    return None


def better(problem: Problem, labels: Ints, found: Relaxed, free: bool) -> Ints:
    """The partition that a relaxation's values are where they are whole, if it costs less; else ``labels``."""
    if not found.done or np.minimum(found.d, 1.0 - found.d).max(initial=0.0) > WHOLE:
        return labels
    sides = Sides(problem.n)
    for (u, v), d in zip(found.pairs.tolist(), found.d.tolist(), strict=True):
        if d < 0.5 or not free:
            sides.relate(u, v, int(d > 0.5))
    other = sides.many() if free else sides.two()
    return other if problem.cost(other) < problem.cost(labels) else labels


def _collect(root: Node, ids: Ints) -> tuple[int, Proof]:
    """Bound and proof, from the leaves up; a node that was never solved has its parent's."""
    bounds: dict[int, tuple[int, Proof]] = {}
    stack: list[tuple[Node, Relaxed | None, bool]] = [(root, None, False)]
    while stack:
        node, above, ready = stack.pop()
        found = node.found or above
        if found is None:
            raise ValueError("the root was never solved")
        if not node.children:
            bounds[id(node)] = (found.bound, found.proof)
        elif not ready:
            stack.append((node, above, True))
            stack += [(child, found, False) for child in node.children]
        else:
            (low, together), (high, apart) = (bounds.pop(id(child)) for child in node.children)
            if min(low, high) <= found.bound or node.pair is None:
                bounds[id(node)] = (found.bound, found.proof)
            else:
                pair = (int(ids[node.pair[0]]), int(ids[node.pair[1]]))
                bounds[id(node)] = (min(low, high), Branch(pair, together, apart))
    return bounds[id(root)]

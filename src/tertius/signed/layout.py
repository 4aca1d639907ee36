"""Where to draw the actors of a signed network: near those they stand with, the same way every time.

A spring layout (Fruchterman & Reingold 1991, doi:10.1002/spe.4380211102) in which positive edges pull, all actors push
each other away, and negative edges push once more, from a start on a circle in the order of camps. Then each axis is
spread out, partly by rank. Nothing is random.

Beyond some dozens of actors no picture of all edges can be read, so that only the actors with most edges are drawn.
"""

from __future__ import annotations

import numpy as np

from tertius.events.slices import Floats, Ints
from tertius.signed.graph import SignedGraph

DRAWN = 60
STEPS = 300
FIRST_STEP = 0.2
BY_RANK = 0.6
"""Share of a place that is its rank along the axis: else a few who stand against everyone crowd all others together."""


def busiest(graph: SignedGraph, most: int = DRAWN) -> Ints:
    """Places of the actors with most edges, at most so many, in the order of the graph; actors without one are left
    out.

    >>> from tertius.signed.graph import from_edges
    >>> busiest(from_edges(["i", "j"], ["j", "k"], [1, -1]), most=1).tolist()
    [1]
    """
    degree = np.bincount(np.concatenate([graph.a, graph.b]), minlength=graph.n)
    order = np.argsort(-degree, kind="stable")[:most]
    return np.sort(order[degree[order] > 0]).astype(np.int64)


def positions(graph: SignedGraph, camps: Ints, chosen: Ints) -> Floats:
    """(K, 2) x and y from 0 to 1 of the chosen actors.

    camps : (N,) camp of each actor of the graph, from which the start is made.

    >>> from tertius.signed.graph import from_edges
    >>> graph = from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1])
    >>> x = positions(graph, np.array([0, 0, 1]), np.arange(3))
    >>> friends, foes = np.hypot(*(x[0] - x[1])), np.hypot(*(x[0] - x[2]))
    >>> bool(friends < foes)
    True
    """
    n = len(chosen)
    if n < 2:
        return np.full((n, 2), 0.5)
    sign = graph.dense(graph.sign)[np.ix_(chosen, chosen)]
    order = np.lexsort((chosen, camps[chosen]))
    angle = np.empty(n)
    angle[order] = 2 * np.pi * (np.arange(n) + 0.5) / n
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    near = 1.0 / np.sqrt(n)
    for step in range(STEPS):
        apart = x[:, None, :] - x[None, :, :]
        distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-6)
        push = near**2 / distance * (1.0 + (sign < 0))
        pull = distance**2 / near * (sign > 0)
        force = ((push - pull) / distance)[..., None] * apart
        moved = force.sum(axis=1) - 0.5 * x  # a weak pull to the middle keeps parts together
        size = np.maximum(np.hypot(moved[:, 0], moved[:, 1]), 1e-9)
        most = FIRST_STEP * (1.0 - step / STEPS)
        x = x + moved * (np.minimum(size, most) / size)[:, None]
    low, high = x.min(axis=0), x.max(axis=0)
    rank = np.argsort(np.argsort(x, axis=0, kind="stable"), axis=0, kind="stable") / (n - 1)
    return np.asarray(BY_RANK * rank + (1.0 - BY_RANK) * (x - low) / np.maximum(high - low, 1e-9))

"""Triads by type, and how balanced a signed graph is: by triads and by closed walks, of a pair or an actor too.

A **triad** is three actors who all have an edge with each other. By the number of its negative edges it is of type
``+++``, ``++-``, ``+--`` or ``---``; it is **balanced** where the product of its signs is positive: the friend of my
friend is my friend (+++), the enemy of my enemy is my friend (+--) (Heider 1946, doi:10.1080/00223980.1946.9917275;
Cartwright & Harary 1956, doi:10.1037/h0046049). Davis (1967, doi:10.1177/001872676702000206) allows ``---`` as well:
many camps. Weights are not looked at.

By triads: the share of triads that are balanced. Of an actor or a pair: of the triads that it is part of.

By walks (Estrada & Benzi 2014, doi:10.1103/PhysRevE.90.042802): closed walks of every length, those of length l
weighted beta^l / l!; the balanced ones have a positive product of signs. K = tr exp(beta A) / tr exp(beta |A|), 1 for
a balanced graph; of an actor the ratio of its diagonal entries, of a pair, adjacent or not, that of its entries: walks
from one to the other, so that a negative value says that they stand against each other. (1 + K) / 2 is the share of
closed walks that are balanced. Default beta: one over the largest eigenvalue of |A|, for with beta = 1, as in the
paper, walks longer than the graph is wide decide alone in graphs with many edges.

Counting: two matrix products for up to :data:`DENSE` actors; beyond, one sparse product along edges turned from the
actor with fewer edges to the one with more, after which each triad is met once (Chiba & Nishizeki 1985,
doi:10.1137/0214017). Signs are coded as 1 and 2^20, so that one product counts all four types.

What it does not do: say whether a share is more than chance gives (:mod:`tertius.signed.nulls`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.errors import NotEnoughMemory, UnknownActor, did_you_mean
from tertius.events.slices import Floats, Ints
from tertius.signed.graph import SignedGraph

TYPES = ("+++", "++-", "+--", "---")
BALANCED = np.array([True, False, True, False])
DENSE = 700
"""Actors up to which a dense product is faster than a sparse one on graphs of the density of states' networks."""
WALKS_UP_TO = 5_000
"""Actors up to which walks are counted: it takes three dense matrices and as many eigenvalues."""
ROUNDING = 1e-13
"""Share of the largest eigenvalue's walks below which an entry is rounding, and its ratio is not known."""
_CODE = 1 << 20
_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True)
class Triads:
    """Number of triads of each type, in the order of :data:`TYPES`."""

    ppp: int
    ppn: int
    pnn: int
    nnn: int

    @property
    def total(self) -> int:
        """All triads."""
        return self.ppp + self.ppn + self.pnn + self.nnn

    @property
    def balance(self) -> float:
        """Share that is balanced; NaN without triads."""
        return (self.ppp + self.pnn) / self.total if self.total else float("nan")

    @property
    def weak_balance(self) -> float:
        """Share that Davis allows: all but ``++-``."""
        return 1.0 - self.ppn / self.total if self.total else float("nan")

    def to_dict(self) -> dict[str, int]:
        """By type."""
        return dict(zip(TYPES, (self.ppp, self.ppn, self.pnn, self.nnn), strict=True))


def triads(graph: SignedGraph) -> Triads:
    """The triads of a graph by type.

    >>> from tertius.signed.graph import from_edges
    >>> triads(from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1]))
    Triads(ppp=0, ppn=0, pnn=1, nnn=0)
    """
    if graph.n <= DENSE:
        P, N = _parts(graph)
        PP, NN = P @ P, N @ N
        sums = [_sum(PP, P) / 6, _sum(PP, N) / 2, _sum(NN, P) / 2, _sum(NN, N) / 6]
        return Triads(*(round(x) for x in sums))
    return _sparse(graph)


def _parts(graph: SignedGraph) -> tuple[np.ndarray, np.ndarray]:
    """Positive and negative edges as 0/1 matrices; counts up to 2^24 are exact in single precision."""
    out = np.zeros((2, graph.n, graph.n), dtype=np.float32)
    negative = (graph.weight < 0).astype(np.int64)
    out[negative, graph.a, graph.b] = out[negative, graph.b, graph.a] = 1.0
    return out[0], out[1]


def _sum(A: np.ndarray, B: np.ndarray) -> float:
    """Sum of the products of entries: rows in single precision (exact below 2^24), their sum in double."""
    return float(np.einsum("ij,ij->i", A, B).sum(dtype=np.float64))


def _sparse(graph: SignedGraph) -> Triads:
    from scipy.sparse import csr_array

    n = graph.n
    degree = np.bincount(graph.a, minlength=n) + np.bincount(graph.b, minlength=n)
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(degree, kind="stable")] = np.arange(n)
    low = np.minimum(rank[graph.a], rank[graph.b])
    high = np.maximum(rank[graph.a], rank[graph.b])
    code = np.where(graph.weight > 0, 1, _CODE).astype(np.int64)
    L = csr_array((code, (low, high)), shape=(n, n))
    sign = csr_array((np.where(graph.weight > 0, 1, -1).astype(np.int64), (low, high)), shape=(n, n))
    steps = np.concatenate([[0], np.cumsum(L.indptr[1:][L.indices] - L.indptr[L.indices])])[L.indptr]
    counts = np.zeros(4, dtype=np.int64)
    first = 0
    while first < n:
        last = max(first + 1, int(np.searchsorted(steps, steps[first] + _CHUNK, side="right")) - 1)
        closed = (L[first:last] @ L).multiply(sign[first:last]).data
        for edge, size in ((0, closed[closed > 0]), (1, -closed[closed < 0])):
            both, rest = np.divmod(size, _CODE * _CODE)
            one, none = np.divmod(rest, _CODE)
            for negative, k in ((0, none), (1, one), (2, both)):
                counts[edge + negative] += k.sum()
        first = last
    return Triads(*(int(k) for k in counts))


def triads_by_actor(graph: SignedGraph) -> Ints:
    """(N, 4) triads of each type that an actor is part of. For graphs whose dense matrices fit into memory.

    >>> from tertius.signed.graph import from_edges
    >>> triads_by_actor(from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1]))[0]
    array([0, 0, 1, 0])
    """
    P, N = _parts(_small(graph, "Triads by actor"))
    PP, NN = P @ P, N @ N
    rows = [  # the actor's own two edges alike, and the third: met from both sides; unlike: from one
        np.einsum("ij,ij->i", PP, P) / 2,
        np.einsum("ij,ij->i", PP, N) + np.einsum("ij,ij->i", P @ N, P) / 2,
        np.einsum("ij,ij->i", NN, P) + np.einsum("ij,ij->i", N @ P, N) / 2,
        np.einsum("ij,ij->i", NN, N) / 2,
    ]
    counts: Ints = np.rint(np.stack(rows, axis=1)).astype(np.int64)
    return counts


def triads_of_pair(graph: SignedGraph, one: str, other: str) -> Triads:
    """The triads that a pair is part of; none where it has no edge. Raises UnknownActor.

    >>> from tertius.signed.graph import from_edges
    >>> triads_of_pair(from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1]), "i", "k").pnn
    1
    """
    i, j = actor_index(graph, one), actor_index(graph, other)
    rows: list[Floats] = []
    for at in (i, j):
        row = np.zeros(graph.n)
        row[graph.b[graph.a == at]] = graph.sign[graph.a == at]
        row[graph.a[graph.b == at]] = graph.sign[graph.b == at]
        rows.append(row)
    own = rows[0][j]
    shared = (rows[0] != 0) & (rows[1] != 0) & (own != 0)
    negative = (rows[0][shared] < 0).astype(int) + (rows[1][shared] < 0) + (own < 0)
    return Triads(*(int(k) for k in np.bincount(negative, minlength=4)))


def actor_index(graph: SignedGraph, label: str) -> int:
    """Where an actor stands. Raises UnknownActor."""
    try:
        return graph.actors.index(label)
    except ValueError:
        raise UnknownActor(
            f"{label} is not in this graph.", f"{did_you_mean(label, graph.actors)}It has {graph.n:,} actors."
        ) from None


@dataclass(frozen=True, slots=True)
class WalkBalance:
    """Balance by closed walks.

    Attributes
    ----------
    beta : weight of a step.
    overall : K, 1 for a balanced graph.
    by_actor : (N,) the same of each actor's closed walks.
    by_pair : (N, N) of walks from one to the other, -1 to 1; NaN where there is no way, or too long a one.
    """

    beta: float
    overall: float
    by_actor: Floats
    by_pair: Floats

    @property
    def share(self) -> float:
        """Share of closed walks that are balanced, (1 + K) / 2."""
        return (1.0 + self.overall) / 2.0


def walk_balance(graph: SignedGraph, beta: float | None = None) -> WalkBalance:
    """Balance by walks. Raises NotEnoughMemory beyond :data:`WALKS_UP_TO` actors.

    >>> from tertius.signed.graph import from_edges
    >>> round(walk_balance(from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1])).overall, 12)
    1.0
    """
    from scipy.linalg import eigh

    _small(graph, "Balance by walks")
    A = graph.dense(graph.sign)
    size, Q = eigh(np.abs(A))
    signed, R = eigh(A)
    radius = float(size[-1]) if graph.n else 0.0
    step = beta if beta is not None else (1.0 / radius if radius > 0 else 1.0)
    # both divided by the same e^(beta radius), which keeps them finite
    G = (Q * np.exp(step * (size - radius))) @ Q.T
    S = (R * np.exp(step * (signed - radius))) @ R.T
    pair = np.divide(S, G, out=np.full_like(S, np.nan), where=G > ROUNDING)
    overall = float(np.trace(S) / np.trace(G)) if graph.n else float("nan")
    return WalkBalance(step, overall, np.diag(pair).copy(), pair)


def _small(graph: SignedGraph, what: str) -> SignedGraph:
    if graph.n > WALKS_UP_TO:
        raise NotEnoughMemory(
            f"{what} needs dense matrices of {graph.n:,} actors; the most here is {WALKS_UP_TO:,}.",
            "Choose fewer actors, or a higher threshold and leave out those without an edge.",
        )
    return graph

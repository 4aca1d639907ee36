"""Who is together with whom, put together from relations: a union-find with a parity."""

from __future__ import annotations

import numpy as np

from tertius.events.slices import Ints


class Sides:
    """n nodes, at first each on its own.

    >>> sides = Sides(3)
    >>> sides.relate(0, 1, 1), sides.relate(1, 2, 0), sides.relate(0, 2, 0)
    (True, True, False)
    >>> sides.two(), sides.many()
    (array([0, 1, 1]), array([0, 1, 1]))
    """

    def __init__(self, n: int) -> None:
        self.root = list(range(n))
        self.parity = [0] * n

    def find(self, v: int) -> tuple[int, int]:
        """The representative of a node, and whether the node is opposite it."""
        way = []
        while self.root[v] != v:
            way.append(v)
            v = self.root[v]
        parity = 0
        for u in reversed(way):
            parity ^= self.parity[u]
            self.root[u], self.parity[u] = v, parity
        return v, parity

    def relate(self, u: int, v: int, parity: int) -> bool:
        """u and v are together (0) or opposite (1), unless something is known already; whether that agrees."""
        (ru, pu), (rv, pv) = self.find(u), self.find(v)
        if ru == rv:
            return pu ^ pv == parity
        self.root[rv], self.parity[rv] = ru, pu ^ pv ^ parity
        return True

    def two(self) -> Ints:
        """(n,) 0 or 1; nodes without a relation are at 0."""
        return np.array([self.find(v)[1] for v in range(len(self.root))], dtype=np.int64)

    def many(self) -> Ints:
        """(n,) a label for each set that is together, opposites apart, numbered as they are met."""
        names: dict[tuple[int, int], int] = {}
        return np.array([names.setdefault(self.find(v), len(names)) for v in range(len(self.root))], dtype=np.int64)

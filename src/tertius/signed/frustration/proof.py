"""Proofs of a lower bound, as data: what a solver hands to :mod:`certificate`, which believes nothing of it.

A proof is a tree. Nodes of the graph keep their numbers throughout; a node that was contracted lives on in the other.

``Nothing``     the cost is at least 0.
``Contracted``  for each step (u, v, s) some best partition has v where u is (s = 1) or opposite it (s = -1, two camps
                only); v's edges are given to u. Parallel edges of opposite sign cancel out, and what cancels is paid.
``Parts``       disjoint sets of edges, each with a proof; costs add up, each rounded up to a whole number.
``Bound``       a linear combination of valid inequalities, see there.
``Branch``      a pair is together in every partition, or apart: the lower of the two bounds.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[int, int]
Row = tuple[str, tuple[int, ...]]
"""A valid inequality in d_uv, 1 where u and v are apart and 0 where they are together:

("cycle", (v0 .. vk))    of edges of the graph, vk and v0 too; with two camps an odd number of them negative, with free
                         camps exactly one: at least one edge is frustrated.
("triangle", (u, v, w))  d_uv + d_vw >= d_uw: who is with v is together.
("star", (i, t1 .. tk))  x_it1 + .. + x_itk - sum over pairs of t of x_tt' <= 1, x = 1 - d: the members of i's camp are
                         together (free camps only; Groetschel & Wakabayashi 1990, doi:10.1007/BF01580870).
("twin", (i, j, t1 ..))  the same with two centres: x(ij, T) - x_ij - sum x_tt' <= 2, two members of T or more.
"""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The cost is at least 0."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Multipliers y / ``over`` (whole, y >= 0) of rows: the bound is the sum of y times the rows' right hand sides,
    plus the least that the remaining objective can be over d in [0, 1].

    With ``nodes`` and ``diagonal`` (two camps only), the remaining objective is bounded by a semidefinite programme's
    dual instead: diag(diagonal / over) - R is positive semidefinite, R the remaining weights, so that
    s' R s <= sum(diagonal) / over for all s in {-1, 1}^n.
    """

    rows: tuple[Row, ...]
    y: tuple[int, ...]
    over: int
    nodes: tuple[int, ...] = ()
    diagonal: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """``pair`` together, or apart."""

    pair: Pair
    together: Proof
    apart: Proof


@dataclass(frozen=True, slots=True)
class Contracted:
    """Steps (u, v, s) in order, then a proof for what remains."""

    steps: tuple[tuple[int, int, int], ...]
    then: Proof


@dataclass(frozen=True, slots=True)
class Parts:
    """Disjoint sets of edges, each with its proof."""

    parts: tuple[tuple[tuple[Pair, ...], Proof], ...]


Proof = Nothing | Bound | Branch | Contracted | Parts

"""The signed graph of a window: who stands with whom, and who against.

A **signed graph** has one undirected edge a pair at most, with a weight that is positive (they stand together) or
negative (they stand against each other) and never zero. It comes from one of two places.

From rows (:func:`from_edges`)
------------------------------
Rows a, b, sign and perhaps weight. Structural balance is defined for undirected graphs (Cartwright & Harary 1956,
doi:10.1037/h0046049), so the direction of a row is not kept: a row from a to b and one from b to a are two rows of one
pair. What several rows of a pair become is ``combine``:

======  ==============================================================================================
sum     signed weights are added up; what cancels out to exactly nothing is no edge. Default with weights.
sign    the pair counts once, with weight 1 and the sign of that sum. Default without weights.
strict  rows of one pair with different signs raise BadValue; else as ``sum``.
======  ==============================================================================================

Self-pairs and rows of weight or sign zero are dropped. All of it is counted in ``notes``, in words.

From the arrays of a window (:func:`from_window`)
-------------------------------------------------
C[i, j] and H[i, j], cooperation and hostility of i towards j. The net of a pair is (C + C') - (H + H'); it is an edge
where it is above ``threshold`` (positive) or below ``-threshold`` (negative). A threshold is a choice that changes
verdicts, so there is no default.

What it does not do: decide what is a friend; :mod:`tertius.signed.neutral` scales C and H so that what is neutral nets
to zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tertius.errors import BadValue, UsageError
from tertius.events.slices import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Combine = Literal["sum", "sign", "strict"]
CHOICES: tuple[Combine, ...] = ("sum", "sign", "strict")
LARGEST_TOTAL = 1e300
"""Of all weights: what is added up of them stays a finite double."""


@dataclass(frozen=True, slots=True)
class SignedGraph:
    """N actors and M edges, each pair once, a < b, sorted by (a, b).

    Attributes
    ----------
    actors : (N,) labels; an actor without an edge belongs to the graph.
    a, b : (M,) indices of the ends.
    weight : (M,) signed weights, none zero, in the unit of the data.
    notes : what became of rows that are not edges, a sentence each.

    >>> graph = from_edges(["i", "j", "i"], ["j", "k", "k"], [1, -1, -1])
    >>> graph.n, graph.m, graph.positive, graph.negative
    (3, 3, 1, 2)
    """

    actors: tuple[str, ...]
    a: Ints
    b: Ints
    weight: Floats
    notes: tuple[str, ...] = field(default=())

    @property
    def n(self) -> int:
        """Actors, those without an edge included."""
        return len(self.actors)

    @property
    def m(self) -> int:
        """Edges."""
        return len(self.a)

    @property
    def positive(self) -> int:
        """Edges with positive weight."""
        return int(np.count_nonzero(self.weight > 0))

    @property
    def negative(self) -> int:
        """Edges with negative weight."""
        return self.m - self.positive

    @property
    def sign(self) -> Floats:
        """(M,) +1 or -1."""
        return np.sign(self.weight)

    def dense(self, values: Floats | None = None) -> Floats:
        """(N, N) symmetric matrix of the weights, or of other values of the edges (M,)."""
        out = np.zeros((self.n, self.n))
        out[self.a, self.b] = out[self.b, self.a] = self.weight if values is None else values
        return out

    def sparse(self, values: Floats | None = None) -> csr_array:
        """The same as a sparse matrix."""
        from scipy.sparse import csr_array

        v = self.weight if values is None else values
        ends = (np.concatenate([self.a, self.b]), np.concatenate([self.b, self.a]))
        return csr_array((np.concatenate([v, v]), ends), shape=(self.n, self.n))

    def with_weight(self, weight: Floats) -> SignedGraph:
        """The same edges with other weights (M,), of which none is zero."""
        return SignedGraph(self.actors, self.a, self.b, np.asarray(weight, dtype=np.float64))

    def to_dict(self) -> dict[str, Any]:
        """Sizes and notes."""
        return {
            "nodes": self.n,
            "edges": self.m,
            "positive": self.positive,
            "negative": self.negative,
            "notes": list(self.notes),
        }


def from_edges(
    a: Sequence[str],
    b: Sequence[str],
    sign: Sequence[float] | Floats,
    weight: Sequence[float] | Floats | None = None,
    actors: Sequence[str] | None = None,
    combine: Combine | None = None,
) -> SignedGraph:
    """A signed graph from rows.

    Parameters
    ----------
    a, b : (R,) labels of the ends of every row.
    sign : (R,) +1, -1, or 0 for a row that says nothing.
    weight : (R,) sizes, 0 or more; None: all 1.
    actors : the labels, in the order that the graph is to have; None: those of the rows, sorted. An actor in no row
        belongs to the graph.
    combine : what several rows of one pair become, see above.

    Raises BadValue for signs, weights or labels that cannot be meant, UsageError for an unknown ``combine``.

    >>> from_edges(["i", "j"], ["j", "i"], [1, -1]).notes
    ('1 pair: rows with different signs cancel out, no edge.',)
    >>> from_edges(["i", "j"], ["j", "i"], [1, -1], weight=[2, 5]).weight
    array([-3.])
    """
    signs = _numbers(sign, "sign")
    rows = len(signs)
    if len(a) != rows or len(b) != rows or (weight is not None and len(weight) != rows):
        raise BadValue("The columns a, b, sign (and weight) are not equally long.", "Give one value a row in each.")
    sizes = np.ones(rows) if weight is None else _numbers(weight, "weight")
    how = combine or ("sign" if weight is None else "sum")
    if how not in CHOICES:
        raise UsageError(f"combine={how!r} is unknown.", f"Choose one of: {', '.join(CHOICES)}.")
    _refuse(~np.isin(signs, (-1, 0, 1)), signs, "sign", "A sign is 1, -1 or 0; sizes belong into weight.")
    _refuse(sizes < 0, sizes, "weight", "A weight is 0 or more; what is hostile has sign -1.")
    with np.errstate(over="ignore"):
        total = float(sizes.sum())
    if total > LARGEST_TOTAL:
        raise BadValue(f"The weights add up to more than {LARGEST_TOTAL:g}.", "Give them in a larger unit.")
    labels, i, j = _indices(a, b, actors)
    return _merged(labels, i, j, signs * sizes, how)


def _numbers(values: Sequence[float] | Floats, column: str) -> Floats:
    try:
        out = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadValue(f"The column {column} holds something that is not a number.", "Give numbers only.") from None
    _refuse(~np.isfinite(out), out, column, "Give finite numbers; leave out rows that are not known.")
    return out


def _refuse(bad: Any, values: Floats, column: str, hint: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise BadValue(f"Row {row + 1}: the {column} is {values[row]:g}.", hint)


def _indices(a: Sequence[str], b: Sequence[str], actors: Sequence[str] | None) -> tuple[tuple[str, ...], Ints, Ints]:
    labels = tuple(sorted({*a, *b})) if actors is None else tuple(actors)
    place = {label: k for k, label in enumerate(labels)}
    if len(place) < len(labels):
        raise BadValue("The list of actors names one twice.", "Name every actor once.")
    try:
        i = np.fromiter((place[x] for x in a), dtype=np.int64, count=len(a))
        j = np.fromiter((place[x] for x in b), dtype=np.int64, count=len(b))
    except KeyError as missing:
        raise BadValue(
            f"{missing.args[0]!r} has an edge and is not in the list of actors.", "Add it, or leave its rows out."
        ) from None
    return labels, i, j


def _merged(labels: tuple[str, ...], i: Ints, j: Ints, signed: Floats, how: Combine) -> SignedGraph:
    """One edge a pair."""
    n, notes = len(labels), []
    own, nothing = i == j, signed == 0
    if own.any():
        notes.append(f"{_count(int(own.sum()), 'row')} of an actor with itself dropped.")
    if (nothing & ~own).any():
        notes.append(f"{_count(int((nothing & ~own).sum()), 'row')} of weight or sign zero dropped.")
    kept = ~own & ~nothing
    low, high, signed = np.minimum(i, j)[kept], np.maximum(i, j)[kept], signed[kept]
    keys, pair, rows = np.unique(low * n + high, return_inverse=True, return_counts=True)
    total = np.bincount(pair, weights=signed, minlength=len(keys)).astype(np.float64)
    size = np.bincount(pair, weights=np.abs(signed), minlength=len(keys))
    mixed = np.abs(total) < size * (1 - 1e-15)
    if how == "strict" and mixed.any():
        at = int(keys[np.argmax(mixed)])
        raise BadValue(
            f"{labels[at // n]} and {labels[at % n]} have rows with different signs.",
            "Decide which to keep, or combine='sum' or 'sign'.",
        )
    several = int(np.count_nonzero((rows > 1) & ~mixed))
    gone = total == 0
    if several:
        notes.append(f"{_count(several, 'pair')}: several rows of one sign made one edge.")
    if (mixed & ~gone).any():
        notes.append(f"{_count(int((mixed & ~gone).sum()), 'pair')}: rows with different signs, netted.")
    if gone.any():
        notes.append(f"{_count(int(gone.sum()), 'pair')}: rows with different signs cancel out, no edge.")
    weight = np.sign(total[~gone]) if how == "sign" else total[~gone]
    return SignedGraph(labels, keys[~gone] // n, keys[~gone] % n, weight, tuple(notes))


def _count(k: int, what: str) -> str:
    return f"{k:,} {what}{'s' * (k != 1)}"


def from_window(
    C: Floats,
    H: Floats,
    actors: Sequence[str],
    threshold: float,
    weighted: bool = False,
    directed: bool = True,
) -> SignedGraph:
    """The signed graph of a window.

    Parameters
    ----------
    C, H : (N, N) cooperation and hostility of i towards j in the window; the diagonal is not looked at.
    threshold : 0 or more, in the unit of C and H summed over both directions; the net of a pair must exceed it.
    weighted : keep the net as the weight of the edge; else every edge weighs 1.
    directed : False for net dyadic data, where C and H are symmetric and hold each pair twice.

    Raises BadValue for arrays that do not fit, are not finite, or a negative threshold.

    >>> C, H = np.zeros((2, 3, 3))
    >>> C[0, 1], H[1, 2], C[0, 2] = 4.0, 3.0, 0.5
    >>> graph = from_window(C, H, ["i", "j", "k"], threshold=1.0)
    >>> graph.sign, graph.notes
    (array([ 1., -1.]), ('1 pair of 3 with events: net of 1 or less either way, no edge.',))
    """
    net, met = _net(C, H, len(actors), directed)
    if not threshold >= 0:
        raise BadValue(f"The threshold is {threshold}.", "Give 0 or more, in the unit of the data.")
    i, j = np.triu_indices(len(actors), 1)
    value = net[i, j]
    edge = np.abs(value) > threshold
    left = int(np.count_nonzero(met[i, j] & ~edge))
    notes: tuple[str, ...] = ()
    if left:
        of = int(np.count_nonzero(met[i, j]))
        notes = (f"{_count(left, 'pair')} of {of:,} with events: net of {threshold:g} or less either way, no edge.",)
    weight = value[edge] if weighted else np.sign(value[edge])
    return SignedGraph(tuple(actors), i[edge].astype(np.int64), j[edge].astype(np.int64), weight, notes)


def _net(C: Floats, H: Floats, n: int, directed: bool) -> tuple[Floats, Any]:
    if C.shape != (n, n) or H.shape != (n, n):
        raise BadValue(f"C is {C.shape} and H {H.shape}, for {n} actors.", "Give two square arrays of that size.")
    if not (np.isfinite(C).all() and np.isfinite(H).all()):
        raise BadValue("C or H hold values that are not finite.", "Leave out windows that were not observed.")
    half = 1.0 if directed else 0.5
    return half * ((C + C.T) - (H + H.T)), (C + C.T + H + H.T) != 0

"""The frustration index with a certificate, for two camps or a free number of them.

The **frustration index** (line index of balance) is the least weight of edges that a partition into two camps leaves
unsatisfied, positive ones between camps and negative ones inside (Abelson & Rosenberg 1958, doi:10.1002/bs.3830030102;
Harary 1959, doi:10.1002/bs.3830040405; Aref & Wilson 2019, doi:10.1093/comnet/cny015). With a **free number of camps**
it is the cost of correlation clustering (Bansal, Blum & Chawla 2004, doi:10.1023/B:MACH.0000033116.57574.95; Doreian &
Mrvar 2009, doi:10.1016/j.socnet.2008.08.001). Both are NP-hard; networks of states are small enough for proofs.

A graph is reduced to kernels (:mod:`kernel`); each is searched from above (:mod:`search`) and bounded from below by
what is quick first: for two camps the diagonal of the partition itself, a semidefinite programme (:mod:`diagonal`),
cycles around frustrated edges by a first-order method, then all violated cycles (:mod:`cycles`), last the integer
programme on them (:mod:`branch`); for free camps cycles, then in small kernels partitions (:mod:`partitions`) with
branching.

A result is **proven** only where the bound, computed in whole numbers, rounded up is the cost. Its proof is checked by
:func:`tertius.signed.frustration.certificate.check`, which shares no step with the solver. Where time runs out both
bounds are given. Optima need not be unique: an actor's **margin** is what the cost would grow by were it to stand in
another camp, all others staying; at 0 it could as well stand there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from tertius.errors import UsageError
from tertius.events.slices import Floats, Ints
from tertius.language import say
from tertius.plain import plain
from tertius.signed.frustration.branch import Searched, better, branched
from tertius.signed.frustration.certificate import check
from tertius.signed.frustration.cycles import OVER, CycleRelaxation
from tertius.signed.frustration.diagonal import at_once, semidefinite
from tertius.signed.frustration.kernel import Kernel, kernel
from tertius.signed.frustration.packing import packed
from tertius.signed.frustration.partitions import LARGEST, PartitionRelaxation
from tertius.signed.frustration.problem import Problem, Whole, in_units, whole
from tertius.signed.frustration.proof import Contracted, Nothing, Parts, Proof
from tertius.signed.frustration.search import improved, search
from tertius.signed.frustration.sides import Sides
from tertius.signed.graph import SignedGraph

DEFAULT_SECONDS = 60.0
LARGE = 2_000
"""Nodes of a kernel beyond which only the packing of short cycles bounds it."""
MORE_STARTS = 8
"""Starts of the search where one, and the quick bounds, leave a gap."""
ONE = Fraction(1)
TINY, FEW_STEPS = 60, 20
"""Nodes of a kernel up to which cycles prove it sooner than a semidefinite programme; their whole solution is mostly
the best partition, so that few steps are searched before."""


@dataclass(frozen=True, slots=True)
class Frustration:
    """What a graph's frustration is, between which bounds, and who stands where.

    Attributes
    ----------
    free : a free number of camps, else two.
    cost : weight of the edges that ``camps`` leaves unsatisfied, in the graph's unit.
    lower_bound : proven; equal to ``cost`` where ``proven``.
    proven : no partition costs less.
    camps : (N,) 0, 1, ... from the largest camp to the smallest (of equals the one with the first actor); -1: no edge.
    margin : (N,) what the cost would grow by were the actor to stand elsewhere.
    unit, rounded : weights are whole numbers of ``unit``; ``rounded``: only nearly, and so is the cost.
    proof : for :func:`check`; in ``weights`` by pair.
    seconds : taken.
    """

    actors: tuple[str, ...]
    free: bool
    cost: float
    lower_bound: float
    proven: bool
    camps: Ints
    margin: Floats
    unit: Fraction
    rounded: bool
    proof: Proof
    seconds: float

    @property
    def text(self) -> str:
        """The result in a sentence."""
        what = say("with a free number of camps") if self.free else say("with two camps")
        if self.proven:
            of = say(", of weights rounded to a 2^20th of the largest") if self.rounded else ""
            return say(
                "Frustration {what}: {cost:g}, proven: no partition leaves less unsatisfied{of}.",
                what=what,
                cost=self.cost,
                of=of,
            )
        return say(
            "Frustration {what}: between {lower_bound:g} and {cost:g}; not closer in the time given.",
            what=what,
            lower_bound=self.lower_bound,
            cost=self.cost,
        )

    def to_dict(self) -> dict[str, Any]:
        """Bounds and camps by actor, with margins."""
        return dict(
            plain(
                {
                    "cost": self.cost,
                    "lower_bound": self.lower_bound,
                    "proven": self.proven,
                    "rounded": self.rounded,
                    "camps": {a: c if c >= 0 else None for a, c in zip(self.actors, self.camps.tolist(), strict=True)},
                    "margin": dict(zip(self.actors, self.margin.tolist(), strict=True)),
                    "seconds": self.seconds,
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Solved:
    """A kernel: labels, a bound in whole units and its proof."""

    labels: Ints
    bound: int
    proof: Proof


def frustration(graph: SignedGraph, free: bool = False, seconds: float = DEFAULT_SECONDS, seed: int = 1) -> Frustration:
    """The frustration index of a graph.

    Parameters
    ----------
    graph : weights count; for the unweighted index give them all size 1 (``graph.with_weight(graph.sign)``).
    free : a free number of camps, else two.
    seconds : after which the bounds that were found are given.
    seed : of the search; a proven cost does not depend on it, the camps may.

    Raises UsageError where ``seconds`` is not above 0.

    >>> from tertius.signed.graph import from_edges
    >>> found = frustration(from_edges(["i", "j", "i"], ["j", "k", "k"], [-1, -1, -1]))
    >>> found.cost, found.proven, frustration(from_edges(["i", "j"], ["j", "k"], [-1, -1]), free=True).cost
    (1.0, True, 0.0)
    """
    if not seconds > 0:
        raise UsageError(f"seconds={seconds} leaves no time.", "Give a number above 0.")
    began = time.perf_counter()
    until = began + seconds
    numbers = whole(graph.weight)
    kept = numbers.weight != 0
    problem = Problem(np.arange(graph.n), graph.a[kept], graph.b[kept], numbers.weight[kept])
    rng = np.random.default_rng(seed)
    sides = Sides(graph.n)
    bound, proof = _solve(kernel(problem, free), free, until, rng, sides)
    met = np.bincount(np.concatenate([problem.a, problem.b]), minlength=graph.n) > 0
    labels = by_size(np.where(met, sides.many() if free else sides.two(), -1))
    cost = problem.cost(labels)
    return Frustration(
        graph.actors,
        free,
        in_units(cost, numbers.unit),
        in_units(bound, numbers.unit),
        bound >= cost,
        labels,
        margins(problem, labels, free, numbers.unit),
        numbers.unit,
        numbers.rounded,
        proof,
        time.perf_counter() - began,
    )


def recheck(graph: SignedGraph, found: Frustration) -> bool:
    """Whether a result's proof holds, by the separate check, and proves what it says. Raises Unproven where not.

    >>> from tertius.signed.graph import from_edges
    >>> graph = from_edges(["i", "j", "i"], ["j", "k", "k"], [-1, -1, -1])
    >>> recheck(graph, frustration(graph))
    True
    """
    numbers: Whole = whole(graph.weight)
    rows = zip(graph.a.tolist(), graph.b.tolist(), numbers.weight.tolist(), strict=True)
    low = check({(u, v): w for u, v, w in rows if w}, found.proof, found.free)
    return in_units(-(-low.numerator // low.denominator), found.unit) >= found.lower_bound


def _solve(part: Kernel, free: bool, until: float, rng: np.random.Generator, sides: Sides) -> tuple[int, Proof]:
    """Bound and proof of a kernel; where its nodes stand goes to ``sides``."""
    if part.core is not None:
        solved = _core(part.core, free, until, rng)
        _tell(sides, part.core.ids.tolist(), solved.labels.tolist(), free)
        return solved.bound, solved.proof
    found = [_solve(p, free, until, rng, sides) for p in part.parts]
    for u, v, s in (*part.steps, *part.easy.tolist()):
        if s > 0 or not free:
            sides.relate(u, v, int(s < 0))
    proof: Proof = Nothing()
    if found:
        proof = Parts(tuple((_ends(p.problem), own) for p, (_, own) in zip(part.parts, found, strict=True)))
    bound = part.paid + sum(bound for bound, _ in found)
    return bound, Contracted(part.steps, proof) if part.steps else proof


def _ends(problem: Problem) -> tuple[tuple[int, int], ...]:
    return tuple(zip(problem.ids[problem.a].tolist(), problem.ids[problem.b].tolist(), strict=True))


def _tell(sides: Sides, ids: list[int], labels: list[int], free: bool) -> None:
    first: dict[int, int] = {}
    for node, label in zip(ids, labels, strict=True):
        key = label if free else 0
        sides.relate(first.setdefault(key, node), node, 0 if free else label ^ labels[0])


def _core(problem: Problem, free: bool, until: float, rng: np.random.Generator) -> Solved:
    labels = search(problem, free, 1, rng, until, FEW_STEPS if problem.n <= TINY else None)
    bound: int
    proof: Proof
    if problem.n > LARGE:
        bound, proof = packed(problem, labels, free, until)
    else:
        labels, bound, proof = (_bounds_free if free else _bounds_two)(problem, labels, until, rng)
    return Solved(labels, -(-bound // OVER), proof)


Bounds = tuple[Ints, int, Proof]


def _bounds_two(problem: Problem, labels: Ints, until: float, rng: np.random.Generator) -> Bounds:
    """From the cheapest bound to the dearest, as long as there is a gap; looked for from above again in between."""
    best: tuple[int, Proof] = (0, Nothing())
    cycles: CycleRelaxation | None = None

    def proven() -> bool:
        return best[0] > (problem.cost(labels) - 1) * OVER

    if problem.n > TINY:
        best = at_once(problem, signs(labels))
        if not proven():
            dual, leaning = semidefinite(problem, signs(labels), rng)
            best = max(best, dual, key=_first)
            labels = _cheaper(problem, labels, improved(problem, leaning, rng))
    if not proven() and time.perf_counter() < until:
        cycles = CycleRelaxation(problem, free=False)
        found = (
            cycles.seeded(labels, rng, until) if problem.n > TINY else cycles.strengthen(problem.cost(labels), until)
        )
        if found is not None:
            best = max(best, (found.bound, found.proof), key=_first)
            labels = better(problem, labels, found, free=False)
    if not proven() and time.perf_counter() < until:
        labels = _cheaper(problem, labels, search(problem, False, MORE_STARTS, rng, until))
    if proven() or time.perf_counter() > until or cycles is None:
        return (labels, *best)
    return _searched(branched(problem, cycles, labels, None, until, free=False), best)


def _first(bound: tuple[int, Proof]) -> int:
    return bound[0]


def _cheaper(problem: Problem, labels: Ints, other: Ints) -> Ints:
    return other if problem.cost(other) < problem.cost(labels) else labels


def _bounds_free(problem: Problem, labels: Ints, until: float, rng: np.random.Generator) -> Bounds:
    cycles = CycleRelaxation(problem, free=True)
    found = cycles.seeded(labels, rng, until)
    if found is None or found.bound <= (problem.cost(labels) - 1) * OVER:
        again = cycles.strengthen(problem.cost(labels), until)
        found = again if found is None or again.bound > found.bound else found
    labels = better(problem, labels, found, free=True)
    best: tuple[int, Proof] = (found.bound, found.proof)
    if best[0] > (problem.cost(labels) - 1) * OVER or time.perf_counter() > until:
        return (labels, *best)
    labels = _cheaper(problem, labels, search(problem, True, MORE_STARTS, rng, until))
    if problem.n <= LARGEST:
        tree = branched(problem, PartitionRelaxation(problem), labels, None, until, free=True)
    else:
        tree = branched(problem, cycles, labels, found, until, free=True)
    return _searched(tree, best)


def _searched(tree: Searched, best: tuple[int, Proof]) -> Bounds:
    """What a tree found, or the bound that was known before where that is higher."""
    return (tree.labels, tree.bound, tree.proof) if tree.bound > best[0] else (tree.labels, *best)


def signs(labels: Ints) -> Floats:
    """(N,) 1 for camp 0 and -1 for camp 1."""
    return np.where(labels == 0, 1.0, -1.0)


def by_size(labels: Ints) -> Ints:
    """Camps numbered from the largest to the smallest, of equals the one with the first actor; -1 stays.

    >>> by_size(np.array([4, 7, 7, -1])).tolist()
    [1, 0, 0, -1]
    """
    names, first, size = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    order = names[np.lexsort((first, -size))]
    place = {int(name): k for k, name in enumerate(order)}
    return np.array([place.get(int(x), -1) for x in labels], dtype=np.int64)


def margins(problem: Problem, labels: Ints, free: bool, unit: Fraction = ONE) -> Floats:
    """(N,) what the cost grows by where one actor alone stands elsewhere: with two camps in the other one, with free
    camps in the best other one or by itself. NaN for actors without an edge.

    >>> one = Problem(np.arange(3), np.array([0, 0]), np.array([1, 2]), np.array([2, -1]))
    >>> margins(one, np.array([0, 0, 1]), free=True)
    array([2., 2., 1.])
    """
    n = problem.n
    ends = np.concatenate([problem.a, problem.b])
    other = np.concatenate([problem.b, problem.a])
    w = np.concatenate([problem.w, problem.w]).astype(np.float64)
    together = labels[ends] == labels[other]
    inside = np.bincount(ends[together], weights=w[together], minlength=n)
    across = np.bincount(ends[~together], weights=w[~together], minlength=n)
    out = inside - across
    if free:
        camps = int(labels.max(initial=0)) + 1
        keys, place = np.unique(ends[~together] * camps + labels[other[~together]], return_inverse=True)
        pull = np.bincount(place, weights=w[~together], minlength=len(keys))
        best = np.full(n, -np.inf)
        np.maximum.at(best, keys // camps, pull)
        size = np.bincount(labels[labels >= 0], minlength=camps)
        alone = size[np.maximum(labels, 0)] == 1
        # by itself, or in a camp that it has no edge to, it gains nothing; one that is alone cannot leave for nothing
        neighbours = np.bincount(keys // camps, minlength=n)
        elsewhere = ~alone | (neighbours < camps - 1)
        out = inside - np.where(elsewhere, np.maximum(best, 0.0), best)
    return np.where(np.bincount(ends, minlength=n) > 0, in_units(out.astype(np.float64), unit), np.nan)

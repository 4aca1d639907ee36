"""One pass over all slices: log-likelihood, gradient and information of the rate model at one beta.

Sums of what :mod:`tertius.model.rate.likelihood` gives of each slice. With ``cells`` they are kept by cell too, which
standard errors need.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tertius.events.slices import Bools, Floats, Ints
from tertius.model.budget import JOBS, RING_BYTES, WORTH_FORKING
from tertius.model.design import Design, Outcome
from tertius.model.parallel import in_order, shared_zeros
from tertius.model.rate.likelihood import Drawn, SliceTerms, add_cells, put_cells, slice_terms, variances
from tertius.progress import Teller

SLICES_AT_ONCE = 32  # in sums by cell
WORTH_MORE_JOBS = 500_000_000  # bytes of blocks up to which the start of a third and fourth process would be felt
FEW_JOBS = 2  # of a pass over less than that


@dataclass(slots=True)
class Sums:
    """Sums over slices; what was not asked for stays at zero, and scores and information by cell at None.

    ``largest`` and ``level`` (p,): of |x|, and of |xbar|, in any slice.
    ``outer`` (D, p + 1, p): sum_t n p (x - xbar)(x - xbar)', and last sum_t (n p - y) (x - xbar)'.
    """

    log_likelihood: float
    gradient: Floats
    information: Floats
    total: float
    largest: Floats
    variance: Floats
    level: Floats
    pearson: float = 0.0
    outer: Floats | None = None

    def add(self, other: Sums) -> None:
        self.log_likelihood += other.log_likelihood
        self.gradient += other.gradient
        self.information += other.information
        self.total += other.total
        np.maximum(self.largest, other.largest, out=self.largest)
        np.maximum(self.level, other.level, out=self.level)
        self.variance += other.variance
        self.pearson += other.pearson


def sums_at(
    design: Design,
    outcome: Outcome,
    beta: Floats,
    *,
    information: bool = True,
    spread: bool = False,
    cells: bool = False,
    tell: Teller | None = None,
) -> Sums:
    """One pass over all slices. The chunks are fixed and added in order: the same to the bit for any worker number.

    ``information``, ``spread`` (the variance of columns) and ``cells`` (scores and information by cell; their sum is
    the information) are what is wanted besides log-likelihood and gradient.
    """
    pearson, cells = cells, cells and design.sample is None
    p, D, jobs, slices = len(beta), len(design.at_risk) if cells else 0, _jobs(design), 0
    outers = [shared_zeros((D, p + 1, p), design.dtype) for _ in jobs] if cells else []
    wanted = _Wanted(information, spread, pearson)

    def several(number: int, tick: Callable[[int], None]) -> Sums:
        return _sums_of(design, outcome, beta, jobs[number], wanted, outers[number] if cells else None, tick)

    def count(done: int) -> None:
        nonlocal slices
        slices += done
        if tell is not None:
            tell.done(slices, len(design.used))

    design.keep()
    apart, workers = design.workers(len(jobs))
    total = no_sums(p)
    for part in in_order(several, range(len(jobs)), processes=apart, workers=workers, tick=count):
        total.add(part)
    if cells:
        total.outer = outers[0]
        for other in outers[1:]:
            total.outer += other
    if total.outer is not None:
        total.information = total.outer[:, :p].sum(axis=0, dtype=np.float64)
    return total


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is wanted of a pass besides log-likelihood and gradient; ``pearson``: of sampled cells."""

    information: bool
    spread: bool
    pearson: bool


def _jobs(design: Design) -> list[Sequence[tuple[int, int]]]:
    """The chunks of each job: fewer jobs where the start of a process would be felt."""
    size = design.block_bytes * len(design.used)
    each = -(-len(design.chunks) // (FEW_JOBS if WORTH_FORKING < size <= WORTH_MORE_JOBS else JOBS))
    return [design.chunks[k : k + each] for k in range(0, len(design.chunks), each)]


def _sums_of(
    design: Design,
    outcome: Outcome,
    beta: Floats,
    spans: Sequence[tuple[int, int]],
    wanted: _Wanted,
    outer: Floats | None,
    tick: Callable[[int], None],
) -> Sums:
    """The chunks of one job, added in order; sums by cell go to ``outer``, which all jobs' parent sees."""
    sums, held, asked = no_sums(len(beta)), 0, wanted.information and outer is None
    if outer is not None:
        sums.outer = outer
        at_once = max(1, min(SLICES_AT_ONCE, RING_BYTES // design.block_bytes))
        Z = np.empty((at_once, len(beta) + 1, len(outer)), dtype=design.dtype)
    for span in spans:
        for s, block in design.blocks(*span):
            X, out = design.without_missing(block)
            drawn = outcome.drawn(s)
            at, y = outcome.of(s, out)
            terms = add_slice(sums, X, at, y, beta, out, information=asked, spread=wanted.spread, drawn=drawn)
            if drawn is not None and wanted.pearson and terms is not None:
                sums.pearson += _pearson(X, beta, drawn)
            if outer is None or terms is None:
                continue
            put_cells(Z[held], X, terms, at, y)
            held += 1
            if held == len(Z):
                add_cells(outer, Z)
                held = 0
        tick(span[1] - span[0])
    if outer is not None and held:
        add_cells(outer, Z[:held])
    sums.outer = None
    return sums


def no_sums(p: int) -> Sums:
    return Sums(0.0, np.zeros(p), np.zeros((p, p)), 0.0, np.zeros(p), np.zeros(p), np.zeros(p))


def add_slice(
    sums: Sums,
    X: Floats,
    at: Ints,
    y: Floats,
    beta: Floats,
    out: Bools | None = None,
    *,
    information: bool = True,
    spread: bool = False,
    drawn: Drawn | None = None,
) -> SliceTerms | None:
    """Add one slice; None where none of its events is at risk."""
    if len(at) == 0:
        return None
    terms = slice_terms(X, at, y, beta, out, information=information, drawn=drawn)
    sums.log_likelihood += terms.log_likelihood
    sums.gradient += terms.gradient
    sums.total += terms.total
    if information:
        sums.information += terms.information
    if spread:
        sums.variance += terms.total * variances(X, out, drawn)
    if spread and information:
        np.maximum(sums.largest, np.maximum(X.max(axis=1), -X.min(axis=1)), out=sums.largest)
        np.maximum(sums.level, np.abs(terms.centre), out=sums.level)
    if sums.outer is not None:
        expected = np.maximum(terms.total * terms.probability[at], 1e-300)
        sums.pearson += float((y**2 / expected).sum()) - terms.total
    return terms


def _pearson(X: Floats, beta: Floats, drawn: Drawn) -> float:
    """What a sampled slice adds to Pearson's statistic; what is expected of a dyad rests on the weighted controls."""
    eta = beta @ X
    p = np.exp(eta - eta.max())
    controls = slice(0, len(p) - len(drawn.instead))
    total = float(drawn.y.sum())
    expected = total * p[drawn.at] / (p[controls] @ np.exp(drawn.offset[controls]))
    return float((drawn.y**2 / np.maximum(expected, 1e-300)).sum()) - total


def by_dyad(design: Design, sums: Sums) -> tuple[Floats, Floats, Ints, Ints]:
    """Scores (D, p) and information (D, p, p) by unordered dyad, and its ends i < j."""
    assert sums.outer is not None
    n, p = design.slices.n_actors, sums.outer.shape[2]
    position = np.full((n, n), -1, dtype=np.int64)
    position.ravel()[design.at_risk] = np.arange(len(design.at_risk))
    i, j = np.triu_indices(n, 1)
    U, H = np.zeros((len(i), p)), np.zeros((len(i), p, p))
    for place in (position[i, j], position[j, i]) if design.slices.directed else (position[i, j],):
        U -= sums.outer[place, p]
        H += sums.outer[place, :p]
    H += H.transpose(0, 2, 1).copy()
    H /= 2
    return U, H, i, j

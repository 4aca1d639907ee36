"""The design: columns f(effect) of every dyad at risk, slice by slice, never all in memory unless they fit.

f(x) = log(1 + x / c) with c the median positive value of the column over dyads at risk (``log1p``), or f(x) = x
(``raw``). c makes the column free of the unit of the weights; it is stored with the fit. Where the likelihood has more
than :data:`SCALE_CELLS` cells, or (full risk set) twice as many slices as :data:`SCALE_SLICES`, the median is taken
over evenly spaced slices, and the result says over how many: c is a unit, not an estimate; given c the fit is exact.

Of a sampled risk set (:mod:`tertius.model.rate.sampling`) the blocks are (p, cells of the slice) and all in memory. Up
to :data:`DENSE_ACTORS` actors the cells are picked from dense columns, beyond it computed alone
(:mod:`tertius.effects.sparse`); c is then the weighted median over the cells of evenly spaced slices.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.effects import EffectColumn, PastView, columns, default_effects
from tertius.effects.sparse import AT_CELLS, SparsePast
from tertius.errors import NotEnoughData, UsageError
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.history import History, Past
from tertius.language import known, say
from tertius.model import budget
from tertius.model.budget import (
    CHUNKS,
    JOBS,
    SCALE_CELLS,
    check_memory,
    design_bytes,
    full_bytes,
    sampled_bytes,
    spans_of,
)
from tertius.model.parallel import in_order, shared_zeros, threads
from tertius.model.rate.likelihood import Drawn
from tertius.model.rate.sampling import Sample, draw, weighted_median_positive
from tertius.progress import Teller
from tertius.spec import ModelSpec

SCALE_SLICES = 300  # over which a median of columns, which change slowly, is known well enough for a unit
DENSE_ACTORS = 300  # up to which cells of a sample are picked from dense columns
RATE, SAMPLED = "The rate model", "The sampled rate model"
NAMES = {"within": "The within-pair model", "sign": "The sign model", "rate": RATE}
SAMPLE_INSTEAD = (
    "Use --sample 20 (controls for each pair that acts in a slice), or fewer --actors (@STATES: all states)."
)
SMALLER_SAMPLE = "Use a smaller --sample, or a shorter span."
FEWER = "Choose fewer --actors or --effects, or --model rate --sample 20, which looks at a sample of all pairs."


@dataclass(frozen=True, slots=True)
class CovariateColumn:
    """A column that comes from outside, in its own unit; NaN where it is missing."""

    covariate: AnyCovariate
    edges: Floats

    sign = ""
    fed_by: ClassVar[tuple[str, ...]] = ()
    two_path = False
    transformed = False
    mirror = ""

    @property
    def name(self) -> str:
        """The covariate's name."""
        return self.covariate.name

    def compute(self, view: PastView) -> Floats:
        """(N, N) values that hold at the start of the view's slice."""
        return self.covariate.at(float(self.edges[view.s]))


Column = EffectColumn | CovariateColumn


@dataclass(frozen=True, slots=True)
class Design:
    """Columns for every dyad at risk in every slice of the likelihood. p columns, D dyads at risk, T slices.

    Attributes
    ----------
    slices, spec : the events and the (resolved) question.
    columns : p columns.
    used : (T,) indices of the slices in the likelihood.
    at_risk : (D,) flat dyad indices i * N + j; of a sample beyond :data:`DENSE_ACTORS` not listed.
    scales : (p,) the c of log(1 + x / c); 1 where raw.
    scale_slices, scale_of : over how many slices of how many the medians were taken.
    history : the past, with a checkpoint at the start of every chunk.
    chunks : spans of ``used``, [first, last).
    cache : filled in the first pass where the blocks fit into :data:`~tertius.model.budget.CACHE_BYTES`.
    once : passed once or twice: to build blocks anew then costs less than new memory, and none is kept.
    dtype : precision of the blocks. Histories are always in double precision.
    sample : the cells of a sampled risk set; None: all dyads are at risk.
    room : of a sampled risk set, what the blocks in ``cache`` lie in, one after the other; None where they do not.
    """

    slices: DyadSlices
    spec: ModelSpec
    columns: tuple[Column, ...]
    used: Ints
    at_risk: Ints
    scales: Floats
    scale_slices: int
    scale_of: int
    history: History
    chunks: tuple[tuple[int, int], ...]
    cache: dict[int, Floats] = field(default_factory=dict)
    once: bool = False
    dtype: type[np.floating[Any]] = np.float64
    sample: Sample | None = None
    room: Floats | None = None

    @property
    def block_bytes(self) -> int:
        """Size of one block (p, D); of a sample, the mean."""
        if self.sample is not None:
            cells = self.sample.cells // max(1, len(self.sample.drawn))
            return len(self.columns) * cells * np.dtype(self.dtype).itemsize
        return len(self.columns) * len(self.at_risk) * np.dtype(self.dtype).itemsize

    @property
    def is_kept(self) -> bool:
        """Whether all blocks together stay in memory after the first pass."""
        return self.sample is not None or (not self.once and self.block_bytes * len(self.used) <= budget.CACHE_BYTES)

    def workers(self, jobs: int) -> tuple[bool, int]:
        """Whether a pass of that many jobs is worth processes, and how many workers it is worth."""
        apart = self.block_bytes * len(self.used) > budget.WORTH_FORKING
        return apart, min(os.cpu_count() or 1, jobs) if apart or self.block_bytes > budget.SMALL_BLOCK else 1

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the p columns."""
        return tuple(c.name for c in self.columns)

    def views(self, first: int, last: int) -> Iterator[PastView]:
        """The past of the slices ``used[first:last]``, each overwritten by the next."""
        for past in self.history.past_of(self.used[first:last].tolist()):
            yield PastView(past, self.spec.legs or "sqrt", self.slices.directed, self.dtype)

    def blocks(self, first: int, last: int) -> Iterator[tuple[int, Floats]]:
        """Yield (slice, (p, D) block) for ``used[first:last]``; a block is overwritten by the next unless kept."""
        if last <= first:
            return
        span = self.used[first:last].tolist()
        if self.cache.keys() >= set(span):
            yield from ((s, self.cache[s]) for s in span)
            return
        if self.sample is not None:
            raise UsageError("An earlier fit has used up the cells of this sampled design.", "Build the design again.")
        room = np.empty((self._together, len(self.columns), len(self.at_risk)), dtype=self.dtype)
        for near, view in self._stacks(first, last):
            if self.is_kept:
                room = np.empty((len(near), *room.shape[1:]), dtype=self.dtype)
            X = room[: len(near)]
            self._fill(view, X)
            if self.is_kept:
                self.cache.update(zip(near, X, strict=True))
            yield from zip(near, X, strict=True)

    def keep(self) -> None:
        """Compute the blocks that are to stay in memory, by several workers where that is worth it."""
        if not self.is_kept or self.cache.keys() >= set(self.used.tolist()):
            return
        if self.block_bytes * len(self.used) <= budget.WORTH_FORKING:
            return  # they are computed as they are needed
        blocks = shared_zeros((len(self.used), len(self.columns), len(self.at_risk)), self.dtype)

        def fill(spans: Sequence[tuple[int, int]], _: object) -> None:
            for first, last in spans:
                t = first
                for near, view in self._stacks(first, last):
                    self._fill(view, blocks[t : t + len(near)])
                    t += len(near)

        workers = os.cpu_count() or 1
        each = -(-len(self.chunks) // workers)
        jobs = [self.chunks[k : k + each] for k in range(0, len(self.chunks), each)]
        list(in_order(fill, jobs, processes=True, workers=workers, tick=lambda _: None))
        self.cache.update(zip(self.used.tolist(), blocks, strict=True))

    @property
    def _together(self) -> int:
        """How many slices are computed at once: small ones cost more in calls than in numbers."""
        transformed = all(c.transformed for c in self.columns)
        return max(1, budget.NEAR_BYTES // self.block_bytes) if transformed else 1

    def _stacks(self, first: int, last: int) -> Iterator[tuple[list[int], PastView]]:
        """The past of the slices ``used[first:last]``, several stacked: their indices, and their view."""
        wanted, n = self.used[first:last].tolist(), self.slices.n_actors
        together = min(self._together, len(wanted))
        stack: list[Any] = [np.empty((together, n, n), dtype=kind) for kind in (np.float64, np.float64, bool, bool)]
        near: list[int] = []
        for past in self.history.past_of(wanted):
            if together > 1:
                for to, of_one in zip(stack, (past.C, past.H, past.coop_ever, past.host_ever), strict=True):
                    to[len(near)] = of_one
            near.append(past.s)
            if len(near) == together or past.s == wanted[-1]:
                if together > 1:
                    past = Past(near[0], *(to[: len(near)] for to in stack))
                yield near, PastView(past, self.spec.legs or "sqrt", self.slices.directed, self.dtype)
                near = []

    def _fill(self, view: PastView, X: Floats) -> None:
        """f of every column at the dyads at risk, into X (B, p, D) of B slices.

        What is the same for all receivers, or senders, is transformed once.
        """
        n = self.slices.n_actors
        for k, column in enumerate(self.columns):
            values = self.distinct(column.compute(view))
            if not self.slices.directed:
                self._f(values, k, X[:, k])
            elif values.shape[-1] == 1:
                X[:, k].reshape(-1, n, n - 1)[:] = self._f(values, k, np.empty(values.shape, dtype=X.dtype))
            elif values.shape[-2] == 1:
                same = self._f(values, k, np.empty(values.shape, dtype=X.dtype))
                X[:, k].reshape(-1, n - 1, n)[:] = self.distinct(np.repeat(same, n, axis=-2))
            else:
                self._f(values, k, X[:, k].reshape(-1, n - 1, n))

    def distinct(self, raw: Floats) -> Floats:
        """The values of a raw (..., N, N) column at the dyads at risk, without copies of one sender's or receiver's.

        In directed data, what follows an entry of the diagonal, up to the next one, is a run of N, so that no index is
        needed to leave the diagonal out.
        """
        n, leading = self.slices.n_actors, raw.shape[:-2]
        if not self.slices.directed:
            return np.asarray(raw.reshape(*leading, -1)[..., self.at_risk])
        if raw.strides[-1] == 0:
            return raw[..., :1]
        if raw.strides[-2] == 0:
            return raw[..., :1, :]
        return np.ascontiguousarray(raw).reshape(*leading, -1)[..., :-1].reshape(*leading, n - 1, n + 1)[..., 1:]

    def transform(self, x: Floats, k: int) -> Floats:
        """f of column k, in place."""
        return self._f(x, k, x)

    def _f(self, raw: Floats, k: int, out: Floats) -> Floats:
        """f of values of column k, into ``out``."""
        if self.spec.transform != "log1p" or not self.columns[k].transformed:
            out[...] = raw
            return out
        np.multiply(raw, out.dtype.type(1.0 / self.scales[k]), out=out)
        out += 1.0
        return np.log(out, out=out)  # many times as fast as np.log1p; the absolute error is that of 1 + x, about 1e-16

    def without_missing(self, X: Floats) -> tuple[Floats, Bools | None]:
        """A block with zeros for missing covariates, and the dyads (D,) that miss any; None where none can miss."""
        if all(c.transformed for c in self.columns):
            return X, None
        missing = np.isnan(X)
        return np.where(missing, 0.0, X), np.asarray(missing.any(axis=0))

    def over(self, slices: Ints) -> Design:
        """The same columns over other slices (also such as are not in the likelihood)."""
        kept = self.cache.keys() >= set(slices.tolist())
        used = np.asarray(slices, dtype=np.int64)
        return replace(self, used=used, chunks=spans_of(len(used)), cache=self.cache if kept else {})

    def every(self, step: int) -> Design:
        """The same columns over every ``step``-th slice, from the middle of the first ``step``, in the same chunks."""
        used = self.used[min(step // 2, len(self.used) - 1) :: step]
        bounds = np.searchsorted(used, [*(self.used[a] for a, _ in self.chunks), self.used[-1] + 1])
        chunks = tuple((int(a), int(b)) for a, b in pairwise(bounds) if b > a)
        return replace(self, used=used, chunks=chunks, cache=self.cache if self.is_kept else {})

    def firsts(self) -> Design:
        """The same columns over the first slice of every chunk: no history is gone through to get there."""
        used = np.array([self.used[a] for a, _ in self.chunks])
        chunks = tuple((k, k + 1) for k in range(len(used)))
        return replace(self, used=used, chunks=chunks, cache=self.cache if self.sample else {})

    def to(self, dtype: type[np.floating[Any]]) -> Design:
        """The same design in another precision."""
        return self if dtype is self.dtype or self.sample else replace(self, dtype=dtype, cache={})

    def full(self) -> Design:
        """The same columns at all dyads, where they are listed; a sample of more actors stays one."""
        if self.sample is None or len(self.at_risk) == 0:
            return self
        spec = replace(self.spec, sample=None)
        return replace(self, spec=spec, sample=None, room=None, cache={}, dtype=np.float64)

    def without(self, dropped: Sequence[int]) -> Design:
        """The same design with fewer columns."""
        if not dropped:
            return self
        kept = [k for k in range(len(self.columns)) if k not in dropped]
        return replace(
            self,
            columns=tuple(self.columns[k] for k in kept),
            scales=self.scales[kept],
            cache={s: X[kept] for s, X in self.cache.items()},
            room=None,
        )


class Outcome:
    """The outcome of every slice as (positions in the risk set, values above zero); ``values`` (E,) of all entries."""

    def __init__(self, design: Design) -> None:
        sl = design.slices
        self._sl = sl
        self.values = sl.outcome(design.spec.outcome, design.spec.response or "count")
        self._drawn = design.sample.drawn if design.sample else {}
        self._position = np.full(0 if self._drawn else sl.n_actors**2, -1, dtype=np.int64)
        if not self._drawn:
            self._position[design.at_risk] = np.arange(len(design.at_risk))

    def drawn(self, s: int) -> Drawn | None:
        """The cells of the slice where the risk set is sampled."""
        return self._drawn.get(s)

    def of(self, s: int, out: Bools | None = None) -> tuple[Ints, Floats]:
        """(e,) positions and (e,) outcome of slice s, without the dyads ``out`` (D,), which are not at risk."""
        if s in self._drawn:
            at, y = self._drawn[s].at, self._drawn[s].y
        else:
            entries = self._sl.entries(s)
            y = self.values[entries]
            some = y > 0
            at, y = self._position[self._sl.dyad[entries][some]], y[some]
        return (at, y) if out is None else (at[~out[at]], y[~out[at]])


def build_design(
    slices: DyadSlices,
    spec: ModelSpec,
    covariates: tuple[AnyCovariate, ...] = (),
    *,
    progress: Callable[[str], None] | None = None,
) -> Design:
    """The design of a resolved spec; ``progress`` is called with lines where cells of a sample take seconds.

    The likelihood takes slices that are observed, that have an event of the outcome, and before which some event came
    (where every column is a covariate, no slice needs a past).

    Raises
    ------
    UnknownEffect : from the names of effects.
    NotEnoughData : no event of the outcome, or none of a sign that an effect needs.
    """
    chosen = columns_of(slices, spec, covariates)
    _check_signs(slices, spec, chosen)
    outcome = slices.outcome(spec.outcome, spec.response or "count")
    past = (slices.indptr[:-1] > 0) | (not any(c.transformed for c in chosen))
    used = np.flatnonzero(slices.observed & past & (slices.per_slice((outcome > 0).astype(np.float64)) > 0))
    used = used.astype(np.int64)
    if len(used) == 0:
        raise NotEnoughData(
            say(
                "No observed slice of {slice} has {outcome} after earlier events.",
                slice=spec.slice,
                outcome=known(spec.outcome),
            ),
            say("Choose a shorter --slice or a longer span."),
        )
    chunks = spans_of(len(used))
    sparse = spec.sample is not None and slices.n_actors > DENSE_ACTORS
    double = spec.transform != "log1p" or not all(c.transformed for c in chosen)
    if sparse:
        cells = min(int((outcome > 0).sum()) * (1 + (spec.sample or 0)), len(used) * slices.n_dyads)
        check_memory(sampled_bytes(cells, len(chosen), 4), SAMPLED, slices, SMALLER_SAMPLE)
    elif spec.model == "rate":
        needed = full_bytes(slices.n_actors, slices.n_dyads, len(chosen), len(used), 8 if double else 4)
        check_memory(needed, RATE, slices, SAMPLE_INSTEAD)
    else:
        needed = design_bytes(slices.n_actors, slices.n_dyads, len(chosen))
        check_memory(needed, NAMES[spec.model or ""], slices, FEWER)
    checkpoints = () if sparse else tuple(int(used[first]) for first, _ in chunks)
    design = Design(
        slices=slices,
        spec=spec,
        columns=chosen,
        used=used,
        at_risk=np.empty(0, dtype=np.int64) if sparse else slices.at_risk(),
        scales=np.ones(len(chosen)),
        scale_slices=0,
        scale_of=0,
        history=History(slices, spec.half_life, spec.decay_to, checkpoints),
        chunks=chunks,
    )
    if spec.transform == "log1p" and not sparse:
        design = _scaled(design)
    if spec.sample is None:
        return design
    if not all(c.transformed for c in chosen):
        raise UsageError("--sample cannot draw where covariates are.", "Leave --sample or --covariates out.")
    return _sampled(design, outcome, spec.sample, progress)


def _sampled(design: Design, outcome: Floats, controls: int, progress: Callable[[str], None] | None = None) -> Design:
    """The design with its cells drawn and all their columns in memory."""
    sample = draw(design.slices, design.used, outcome, controls, design.spec.seed)
    p, used = len(design.columns), design.used.tolist()
    dtype: type[np.floating[Any]] = np.float64 if p * sample.cells * 8 <= budget.DOUBLE_BYTES else np.float32
    needed = sampled_bytes(sample.cells, p, np.dtype(dtype).itemsize)
    check_memory(needed, SAMPLED, design.slices, SMALLER_SAMPLE)
    starts = np.cumsum([0, *(len(sample.drawn[s].dyad) for s in used)]).tolist()
    room = shared_zeros((p * sample.cells,), dtype)
    blocks = {s: room[p * a : p * b].reshape(p, b - a) for s, (a, b) in zip(used, pairwise(starts), strict=True)}

    def fill(span: tuple[int, int], tick: Callable[[int], None]) -> None:
        for s, raw in _raw_cells(design, sample, *span):
            for k, values in enumerate(raw):
                blocks[s][k] = values
            tick(1)

    tell, done = Teller(progress, memory=needed, what=f"columns of {sample.cells:,} cells drawn"), 0

    def told(slices: int) -> None:
        nonlocal done
        done += slices
        tell.done(done, len(used))

    with threadpool_limits(1):
        workers = os.cpu_count() or 1
        list(in_order(fill, design.chunks, processes=True, workers=workers, tick=told))
    design = replace(design, sample=sample, cache=blocks, dtype=dtype, room=room)
    if design.spec.transform == "log1p":
        if len(design.at_risk) == 0:
            design = _scaled_by_cells(design)
        for X in blocks.values():
            for k, x in enumerate(X):
                design.transform(x, k)
    return design


def _raw_cells(design: Design, sample: Sample, first: int, last: int) -> Iterator[tuple[int, Iterator[Floats]]]:
    """Yield (slice, its columns at the cells drawn, before the transform) for ``used[first:last]``."""
    n, spec = design.slices.n_actors, design.spec
    legs = spec.legs or "sqrt"
    if len(design.at_risk):
        for view in design.views(first, last):
            d = sample.drawn[view.s].dyad
            yield view.s, (np.asarray(column.compute(view))[d // n, d % n] for column in design.columns)
        return
    span = design.used[first:last].tolist()
    past = SparsePast(design.slices, spec.half_life, spec.decay_to, legs, span[0], span[-1])
    for s, now in past.pass_over(iter(span)):
        cells = now.at(sample.drawn[s].dyad)
        chosen = (c for c in design.columns if isinstance(c, EffectColumn))
        yield s, (AT_CELLS[c.effect.name](cells, c.sign) for c in chosen)


def _scaled_by_cells(design: Design) -> Design:
    """c = the median positive value of each column over the cells of evenly spaced slices, by their weights."""
    assert design.sample is not None
    fixed, drawn = dict(design.spec.scales), design.sample.drawn
    every = max(1, -(-design.sample.cells // SCALE_CELLS))
    used = design.used[::every].tolist()
    sizes = {s: len(drawn[s].dyad) - len(drawn[s].instead) for s in used}
    weights = np.exp(np.concatenate([drawn[s].offset[: sizes[s]] for s in used]))
    medians = [
        fixed.get(name)
        or weighted_median_positive(np.concatenate([design.cache[s][k, : sizes[s]] for s in used]), weights)
        for k, name in enumerate(design.names)
    ]
    return replace(design, scales=np.array(medians), scale_slices=len(used), scale_of=len(design.used))


def columns_of(slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...]) -> tuple[Column, ...]:
    """The effects named (default: all standard ones) and the covariates named (default: all given)."""
    known = {c.name: CovariateColumn(c, slices.edges) for c in covariates}
    if spec.effects is None:
        return (*columns(default_effects(slices.directed), slices.directed), *known.values())
    effects = [e for e in spec.effects if e not in known]
    chosen: tuple[Column, ...] = columns(effects, slices.directed) if effects else ()
    outside = [e for e in spec.effects if e in known] or list(known)
    return (*chosen, *(known[e] for e in outside))


def _scaled(design: Design) -> Design:
    """The design with c = the median positive value of each column, or what the spec fixes.

    A column that is the same for all receivers, or senders, has the median of its N values, and the transpose of
    another the other's. Where values are many they are computed in single precision: c is a unit.
    """
    fixed = dict(design.spec.scales)
    every = max(1, -(-len(design.used) * len(design.at_risk) // SCALE_CELLS), len(design.used) // SCALE_SLICES)
    used = design.used[::every]
    apart = design.block_bytes * len(used) > budget.WORTH_FORKING
    single = np.float32 if apart else design.dtype
    raw = replace(design, used=used, spec=replace(design.spec, transform="raw"), cache={}, dtype=single)
    open_ = [k for k, c in enumerate(design.columns) if c.transformed and c.name not in fixed]
    mirrors = {design.columns[k].name: k for k in open_ if not design.columns[k].mirror}
    looked = [k for k in open_ if design.columns[k].mirror not in mirrors]
    medians = np.array([fixed.get(name, 1.0) for name in design.names])
    held: list[Floats] = []

    def gather(span: tuple[int, int], _: object) -> None:
        t = span[0]
        for near, view in raw._stacks(*span):
            for values, k in zip(held, looked, strict=True):
                values[t : t + len(near)] = raw.distinct(raw.columns[k].compute(view))
            t += len(near)

    if looked:
        first = next(raw.views(0, 1))
        shapes = [raw.distinct(raw.columns[k].compute(first)).shape for k in looked]
        held += [shared_zeros((len(used), *s), raw.dtype) for s in shapes]
        workers = os.cpu_count() or 1
        spans = spans_of(len(used), JOBS if apart else CHUNKS)  # fixed: a history depends on where it starts
        with threadpool_limits(1), threads(workers) as pool:
            list(in_order(gather, spans, processes=apart, workers=workers, tick=lambda _: None))
            medians[looked] = list(pool.map(median_positive, held))
        for k in set(open_) - set(looked):
            medians[k] = medians[mirrors[design.columns[k].mirror]]
    return replace(design, scales=medians, scale_slices=len(used), scale_of=len(design.used), cache={})


def median_positive(values: Floats) -> float:
    """Median of the values above zero, none being below (nor -0.0, nor NaN); 1 where there is none.

    Values in single precision are counted by the first half of their bits, which are in the order of the numbers, so
    that few are left to look through.

    >>> median_positive(np.array([0.0, 3.0, 1.0, 0.0, 2.0]))
    2.0
    """
    if values.dtype != np.float32:
        positive = values[values > 0]
        return float(np.median(positive, overwrite_input=True)) if len(positive) else 1.0
    first = values.ravel().view(np.int32) >> 16
    counts = np.bincount(first, minlength=1)
    counts[0] -= values.size - np.count_nonzero(values)
    running = np.cumsum(counts)
    n = int(running[-1])
    if n == 0:
        return 1.0
    ranks = np.array([(n - 1) // 2, n // 2])
    low, high = np.searchsorted(running, ranks, side="right")
    near = values.ravel()[(first >= low) & (first <= high)]
    near, ranks = near[near > 0], ranks - int(running[low] - counts[low])
    return float(np.partition(near, ranks)[ranks].mean())


def _check_signs(slices: DyadSlices, spec: ModelSpec, chosen: tuple[Column, ...]) -> None:
    words = {"coop": say("cooperation"), "host": say("hostility")}
    present = {"coop": bool((slices.coop_count > 0).any()), "host": bool((slices.host_count > 0).any())}
    if spec.outcome != "any" and not present["coop" if spec.outcome == "cooperation" else "host"]:
        raise NotEnoughData(
            say("The data hold no {outcome}: nothing to explain.", outcome=known(spec.outcome)),
            say("Choose another --outcome."),
        )
    for sign in ("coop", "host"):
        starved = [c.name for c in chosen if sign in c.fed_by and c.sign != "any"]
        if not present[sign] and starved:
            fed = [c.name for c in chosen if sign not in c.fed_by]
            raise NotEnoughData(
                say(
                    "All events are of one sign: there is no {kind}, and {names} need it.",
                    kind=words[sign],
                    names=", ".join(starved),
                ),
                say("Check the quad classes, or use --effects {names}.", names=",".join(fed) or "inertia.any"),
            )

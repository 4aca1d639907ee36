"""The design: columns f(effect) of every dyad at risk, slice by slice, never all in memory unless they fit.

f(x) = log(1 + x / c) with c the median positive value of the column over dyads at risk (``log1p``), or f(x) = x
(``raw``). c makes the column free of the unit of the weights; it is stored with the fit. Where the likelihood has more
than :data:`SCALE_CELLS` cells, the median is taken over evenly spaced slices, and the result says over how many: c is a
unit, not an estimate, and the fit is exact given c.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.effects import EffectColumn, PastView, columns, default_effects
from tertius.errors import NotEnoughData
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.history import History
from tertius.spec import ModelSpec

SCALE_CELLS = 4_000_000
CACHE_BYTES = 600_000_000  # of blocks that are kept
NEAR_BYTES = 500_000  # of columns that are transformed together
CHUNKS = 16  # fixed, so that sums are added in the same order whatever the number of workers


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
    at_risk : (D,) flat dyad indices i * N + j.
    scales : (p,) the c of log(1 + x / c); 1 where raw.
    scale_slices, scale_of : over how many slices of how many the medians were taken.
    history : the past, with a checkpoint at the start of every chunk.
    chunks : spans of ``used``, [first, last).
    cache : filled on the first walk where the blocks fit into :data:`CACHE_BYTES`.
    dtype : precision of the blocks. Histories are always in double precision.
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
    dtype: type[np.floating[Any]] = np.float64

    @property
    def block_bytes(self) -> int:
        """Size of one block (p, D)."""
        return len(self.columns) * len(self.at_risk) * np.dtype(self.dtype).itemsize

    @property
    def is_kept(self) -> bool:
        """Whether all blocks together stay in memory after the first walk."""
        return self.block_bytes * len(self.used) <= CACHE_BYTES

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the p columns."""
        return tuple(c.name for c in self.columns)

    def views(self, first: int, last: int) -> Iterator[PastView]:
        """The past of the slices ``used[first:last]``, each overwritten by the next."""
        wanted = set(self.used[first:last].tolist())
        for past in self.history.past(int(self.used[first]), int(self.used[last - 1]) + 1):
            if past.s in wanted:
                yield PastView(past, self.spec.legs or "sqrt", self.slices.directed, self.dtype)

    def blocks(self, first: int, last: int) -> Iterator[tuple[int, Floats]]:
        """Yield (slice, (p, D) block) for ``used[first:last]``; a block is overwritten by the next unless kept."""
        if last <= first:
            return
        span = self.used[first:last].tolist()
        if self.cache.keys() >= set(span):
            yield from ((s, self.cache[s]) for s in span)
            return
        shape = (len(self.columns), len(self.at_risk))
        X = np.empty(shape, dtype=self.dtype)
        for view in self.views(first, last):
            if self.is_kept:
                X = self.cache[view.s] = np.empty(shape, dtype=self.dtype)
            self._fill(view, X)
            yield view.s, X

    def _fill(self, view: PastView, X: Floats) -> None:
        """f of every column at the dyads at risk, into X (p, D).

        Few calls on arrays that stay near the processor: threads wait for each other between calls.
        """
        n, together = self.slices.n_actors, max(1, NEAR_BYTES // X[0].nbytes)
        for first in range(0, len(X), together):
            rows = slice(first, min(len(X), first + together))
            for column, x in zip(self.columns[rows], X[rows], strict=True):
                raw = column.compute(view)
                distinct = self.distinct(raw)
                if distinct.shape == (1, n):
                    distinct = self.distinct(np.array(raw))
                if distinct.shape == (n, 1):
                    x.reshape(n, n - 1)[:] = distinct
                else:
                    x.reshape(distinct.shape)[:] = distinct
            self._transform(X[rows], rows)

    def distinct(self, raw: Floats) -> Floats:
        """The values of a raw (N, N) column at the dyads at risk, without copies of one sender's or receiver's.

        In directed data, what follows an entry of the diagonal, up to the next one, is a run of N, so that no index is
        needed to leave the diagonal out.
        """
        n = self.slices.n_actors
        if not self.slices.directed:
            return np.asarray(raw.ravel()[self.at_risk])
        if raw.strides[1] == 0:
            return raw[:, :1]
        if raw.strides[0] == 0:
            return raw[:1]
        return np.ascontiguousarray(raw).ravel()[:-1].reshape(n - 1, n + 1)[:, 1:]

    def transform(self, x: Floats, k: int) -> Floats:
        """f of column k, in place."""
        self._transform(x[None], slice(k, k + 1))
        return x

    def _transform(self, X: Floats, rows: slice) -> None:
        """f of the columns ``rows``, X (rows, ...), in place."""
        if self.spec.transform != "log1p":
            return
        covariates = [k for k, column in enumerate(self.columns[rows]) if not column.transformed]
        kept = X[covariates]
        X /= self.scales[rows].astype(X.dtype).reshape(-1, *[1] * (X.ndim - 1))
        X += 1.0
        with np.errstate(invalid="ignore", divide="ignore"):  # covariates below -1, which are put back
            np.log(X, out=X)  # many times as fast as np.log1p; the absolute error is that of 1 + x, about 1e-16
        X[covariates] = kept

    def without_missing(self, X: Floats) -> tuple[Floats, Bools | None]:
        """A block with zeros for missing covariates, and the dyads (D,) that miss any; None where none can miss."""
        if all(c.transformed for c in self.columns):
            return X, None
        missing = np.isnan(X)
        return np.where(missing, 0.0, X), np.asarray(missing.any(axis=0))

    def over(self, slices: Ints) -> Design:
        """The same columns over other slices (also such as are not in the likelihood)."""
        kept = self.cache.keys() >= set(slices.tolist())
        return replace(self, used=np.asarray(slices, dtype=np.int64), cache=self.cache if kept else {})

    def every(self, step: int) -> Design:
        """The same columns over every ``step``-th slice, from the middle of the first ``step``, in the same chunks."""
        used = self.used[min(step // 2, len(self.used) - 1) :: step]
        bounds = np.searchsorted(used, [*(self.used[a] for a, _ in self.chunks), self.used[-1] + 1])
        chunks = tuple((int(a), int(b)) for a, b in pairwise(bounds) if b > a)
        return replace(self, used=used, chunks=chunks, cache=self.cache if self.is_kept else {})

    def firsts(self) -> Design:
        """The same columns over the first slice of every chunk: no history is walked through to get there."""
        used = np.array([self.used[a] for a, _ in self.chunks])
        return replace(self, used=used, chunks=tuple((k, k + 1) for k in range(len(used))), cache={})

    def to(self, dtype: type[np.floating[Any]]) -> Design:
        """The same design in another precision."""
        return self if dtype is self.dtype else replace(self, dtype=dtype, cache={})

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
        )


def build_design(slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...] = ()) -> Design:
    """The design of a resolved spec.

    The likelihood takes slices that are observed, that have an event of the outcome, and before which some event came.

    Raises
    ------
    UnknownEffect : from the names of effects.
    NotEnoughData : no event of the outcome, or none of a sign that an effect needs.
    """
    chosen = _columns(slices, spec, covariates)
    _check_signs(slices, spec, chosen)
    outcome = slices.outcome(spec.outcome, spec.response or "count")
    events_before = slices.indptr[:-1] > 0
    used = np.flatnonzero(slices.observed & events_before & (slices.per_slice((outcome > 0).astype(np.float64)) > 0))
    if len(used) == 0:
        raise NotEnoughData(
            f"No observed slice of {spec.slice} has {spec.outcome} after earlier events.",
            "Choose a shorter --slice or a longer span.",
        )
    bounds = np.linspace(0, len(used), min(CHUNKS, len(used)) + 1).astype(int)
    history = History(slices, spec.half_life, spec.decay_to, tuple(int(used[b]) for b in bounds[:-1]))
    design = Design(
        slices=slices,
        spec=spec,
        columns=chosen,
        used=used.astype(np.int64),
        at_risk=slices.at_risk(),
        scales=np.ones(len(chosen)),
        scale_slices=0,
        scale_of=0,
        history=history,
        chunks=tuple((int(a), int(b)) for a, b in pairwise(bounds)),
    )
    return _scaled(design) if spec.transform == "log1p" else design


def _columns(slices: DyadSlices, spec: ModelSpec, covariates: tuple[AnyCovariate, ...]) -> tuple[Column, ...]:
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
    another the other's. Values of a sample of slices are held in single precision: c is a unit.
    """
    fixed = dict(design.spec.scales)
    every = max(1, -(-len(design.used) * len(design.at_risk) // SCALE_CELLS))
    raw = replace(design, used=design.used[::every], spec=replace(design.spec, transform="raw"), cache={})
    open_ = [k for k, c in enumerate(design.columns) if c.transformed and c.name not in fixed]
    mirrors = {design.columns[k].name: k for k in open_ if not design.columns[k].mirror}
    looked = [k for k in open_ if design.columns[k].mirror not in mirrors]
    medians = np.array([fixed.get(name, 1.0) for name in design.names])
    held: list[Floats] = []

    def gather(span: tuple[int, int]) -> None:
        for t, view in zip(range(*span), raw.views(*span), strict=True):
            for values, k in zip(held, looked, strict=True):
                values[t] = raw.distinct(raw.columns[k].compute(view))

    if looked:
        first = next(raw.views(0, 1))
        shapes = [raw.distinct(raw.columns[k].compute(first)).shape for k in looked]
        held += [np.empty((len(raw.used), *s), dtype=np.float64 if every == 1 else np.float32) for s in shapes]
        bounds = np.linspace(0, len(raw.used), min(CHUNKS, len(raw.used)) + 1).astype(int)
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(gather, pairwise(bounds.tolist())))
            medians[looked] = list(pool.map(median_positive, held))
        for k in set(open_) - set(looked):
            medians[k] = medians[mirrors[design.columns[k].mirror]]
    return replace(design, scales=medians, scale_slices=len(raw.used), scale_of=len(design.used), cache={})


def median_positive(values: Floats) -> float:
    """Median of the values above zero; 1 where there is none.

    >>> median_positive(np.array([0.0, 3.0, 1.0, 0.0, 2.0]))
    2.0
    """
    positive = values[values > 0]
    return float(np.median(positive, overwrite_input=True)) if len(positive) else 1.0


def _check_signs(slices: DyadSlices, spec: ModelSpec, chosen: tuple[Column, ...]) -> None:
    words = {"coop": "cooperation", "host": "hostility"}
    present = {"coop": bool((slices.coop_count > 0).any()), "host": bool((slices.host_count > 0).any())}
    if spec.outcome != "any" and not present["coop" if spec.outcome == "cooperation" else "host"]:
        raise NotEnoughData(f"The data hold no {spec.outcome}: nothing to explain.", "Choose another --outcome.")
    for sign in ("coop", "host"):
        starved = [c.name for c in chosen if sign in c.fed_by and c.sign != "any"]
        if not present[sign] and starved:
            fed = [c.name for c in chosen if sign not in c.fed_by]
            raise NotEnoughData(
                f"All events are of one sign: there is no {words[sign]}, and {', '.join(starved)} need it.",
                f"Check the quad classes, or use --effects {','.join(fed) or 'inertia.any'}.",
            )

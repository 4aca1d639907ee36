"""The design: columns f(effect) of every dyad at risk, slice by slice, never all in memory unless they fit.

f(x) = log(1 + x / c) with c the median positive value of the column over dyads at risk (``log1p``), or f(x) = x
(``raw``). c makes the column free of the unit of the weights; it is stored with the fit. Where the likelihood has more
than :data:`SCALE_CELLS` cells, the median is taken over evenly spaced slices, and the result says over how many: c is a
unit, not an estimate, and the fit is exact given c.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np

from tertius.effects import EffectColumn, PastView, columns, default_effects
from tertius.errors import NotEnoughData
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.history import History
from tertius.spec import ModelSpec

SCALE_CELLS = 4_000_000
CACHE_BYTES = 600_000_000
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

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the p columns."""
        return tuple(c.name for c in self.columns)

    def blocks(self, first: int, last: int) -> Iterator[tuple[int, Floats]]:
        """Yield (slice, (p, D) block) for ``used[first:last]``; a block is overwritten by the next unless cached."""
        if last <= first:
            return
        if all(int(s) in self.cache for s in self.used[first:last]):
            yield from ((int(s), self.cache[int(s)]) for s in self.used[first:last])
            return
        keep = len(self.columns) * len(self.at_risk) * len(self.used) * 8 <= CACHE_BYTES
        wanted = set(self.used[first:last].tolist())
        X = np.empty((len(self.columns), len(self.at_risk)))
        for past in self.history.past(int(self.used[first]), int(self.used[last - 1]) + 1):
            if past.s not in wanted:
                continue
            view = PastView(past, self.spec.legs or "sqrt", self.slices.directed)
            if keep:
                X = np.empty_like(X)
                self.cache[past.s] = X
            for k, column in enumerate(self.columns):
                np.take(column.compute(view), self.at_risk, out=X[k])
                self.transform(X[k], k)
            yield past.s, X

    def transform(self, x: Floats, k: int) -> Floats:
        """f of column k, in place."""
        if self.spec.transform == "log1p" and self.columns[k].transformed:
            x /= self.scales[k]
            x += 1.0
            np.log(x, out=x)  # many times as fast as np.log1p; the absolute error is that of 1 + x, about 1e-16
        return x

    def without_missing(self, X: Floats) -> tuple[Floats, Bools | None]:
        """A block with zeros for missing covariates, and the dyads (D,) that miss any; None where none can miss."""
        if all(c.transformed for c in self.columns):
            return X, None
        missing = np.isnan(X)
        return np.where(missing, 0.0, X), np.asarray(missing.any(axis=0))

    def over(self, slices: Ints) -> Design:
        """The same columns over other slices (also such as are not in the likelihood)."""
        return replace(self, used=np.asarray(slices, dtype=np.int64), cache={})

    def without(self, dropped: Sequence[int]) -> Design:
        """The same design with fewer columns."""
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
    """The design with c = the median positive value of each column, or what the spec fixes."""
    fixed = dict(design.spec.scales)
    every = max(1, -(-len(design.used) * len(design.at_risk) // SCALE_CELLS))
    sample = replace(design, used=design.used[::every], spec=replace(design.spec, transform="raw"), cache={})
    values: list[list[Floats]] = [[] for _ in design.columns]
    if set(design.names) - set(fixed):
        for _, X in sample.blocks(0, len(sample.used)):
            for k, x in enumerate(X):
                values[k].append(x[x > 0] if design.columns[k].transformed else x[:0])
    medians = [
        fixed.get(name, float(np.median(np.concatenate(v))) if any(len(x) for x in v) else 1.0)
        for name, v in zip(design.names, values, strict=True)
    ]
    return replace(design, scales=np.array(medians), scale_slices=len(sample.used), scale_of=len(design.used))


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

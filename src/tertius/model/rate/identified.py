"""What the data can tell of the rate model: columns to set aside, rounding, and whether there is a maximum at all.

Before solving, columns without variation inside any slice, and columns that the others determine, are set aside and
listed. After it, a direction in which the information has collapsed is tested for separation: if along it no dyad
without an event ever beats one with, the likelihood has no maximum, and :class:`~tertius.errors.Separation` is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tertius.errors import Separation
from tertius.events.slices import Floats
from tertius.language import joined, say
from tertius.model.absorbed import Absorbed
from tertius.model.design import Design, Outcome
from tertius.model.rate.sums import Sums, sums_at
from tertius.progress import Teller

FEW_SLICES = 100  # among which columns without variation are looked for in all at once
ROUNDING = float(np.finfo(np.float32).eps) / 2
NO_VARIATION = 1e-10  # standard deviation inside slices, relative to the column's largest value
COLLINEAR = 1e-9  # share of a column's variance that the columns before it leave
COLLAPSED = 1e-3  # information at the optimum, relative to that at zero, that calls for a test of separation


@dataclass(frozen=True, slots=True)
class Noise:
    """How far rounding to single precision may move the optimum: in log points per standard deviation of a column, and
    in standard errors."""

    effect: float
    errors: float


def set_aside(design: Design, outcome: Outcome, tell: Teller) -> tuple[tuple[Absorbed, ...], list[int], Noise]:
    """:func:`_absorbed` in double precision, and the :func:`_noise` that single precision would have.

    Columns that vary and are independent in a few slices remain so in all slices: the others are looked at only where
    the first slices of the chunks leave it open.
    """
    zero = np.zeros(len(design.columns))
    events = float(design.slices.per_slice(outcome.values)[design.used].sum())
    tell.start(say("looking for columns without variation"))
    if len(design.used) > FEW_SLICES:
        some = design.firsts()
        sums = sums_at(some, outcome, zero, spread=True, tell=tell)
        absorbed, dropped = _absorbed(some, sums)
        if not dropped:
            return absorbed, dropped, _noise(sums, dropped, events)
    sums = sums_at(design, outcome, zero, spread=True, tell=tell)
    absorbed, dropped = _absorbed(design, sums)
    return absorbed, dropped, _noise(sums, dropped, events)


def _noise(sums: Sums, dropped: Sequence[int], events: float) -> Noise:
    """What rounding may do, from sums at zero.

    A column sum over the dyads is off by about its level times :data:`ROUNDING`, and so is the gradient of each event;
    a step of the coefficient by 1 / sd moves that gradient by sd, and its standard error is 1 / (sd sqrt(n)).
    """
    kept = [k for k in range(len(sums.level)) if k not in dropped]
    sd = np.sqrt(np.diag(sums.information)[kept] / sums.total)
    effect = ROUNDING * float(np.max(1.0 + sums.level[kept] / sd, initial=0.0))
    return Noise(effect, effect * float(np.sqrt(events)))


def _absorbed(design: Design, start: Sums) -> tuple[tuple[Absorbed, ...], list[int]]:
    """Columns without variation inside slices, and columns that the ones before them determine."""
    found: list[Absorbed] = []
    dropped: list[int] = []
    kept: list[int] = []
    covariance = start.information / start.total
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    for k, name in enumerate(design.names):
        if sd[k] <= NO_VARIATION * max(start.largest[k], 1e-300):
            found.append(Absorbed(name, say("does not vary between the dyads of any slice")))
            dropped.append(k)
            continue
        if kept:
            R = covariance[np.ix_(kept, kept)] / np.outer(sd[kept], sd[kept])
            r = covariance[kept, k] / (sd[kept] * sd[k])
            weights = np.linalg.lstsq(R, r, rcond=1e-12)[0]
            if 1.0 - r @ weights < COLLINEAR:
                others = [design.names[kept[m]] for m in np.flatnonzero(np.abs(weights) > 1e-6)]
                found.append(Absorbed(name, say("is determined by {join}", join=joined(others, ", "))))
                dropped.append(k)
                continue
        kept.append(k)
    return tuple(found), dropped


def information_left(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Shares (r,) of the information ``before`` that is there ``after``, ascending, and their directions (p, r).

    A column without any information before (zero in all cells looked at) has no part in a direction.
    """
    size = np.sqrt(np.diag(before))
    scale = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    values, Q = np.linalg.eigh(before * scale[:, None] * scale)
    root = scale[:, None] * Q / np.sqrt(np.maximum(values, 1e-14))
    left, W = np.linalg.eigh(root.T @ after @ root)
    return left, root @ W


def check_separation(
    design: Design, outcome: Outcome, beta: Floats, before: Floats, after: Floats, *, certain: bool = False
) -> None:
    """Raise Separation where the likelihood has no maximum: proven by a direction that never favours a dyad without
    an event over one with."""
    left, along = information_left(before, after)
    directions = [along[:, m] for m in np.flatnonzero(left < (1.0 if certain else COLLAPSED))]
    directions += [beta] if certain else []
    for direction in directions:
        for d in (direction, -direction) if direction.any() else ():
            if _separates(design, outcome, d):
                size = np.abs(d) * np.sqrt(np.diag(before))
                terms = [design.names[k] for k in np.flatnonzero(size > 0.1 * size.max())]
                raise Separation(
                    f"{', '.join(terms)} predict{'s' if len(terms) == 1 else ''} every event without a miss: the "
                    "coefficient runs to infinity and has no estimate.",
                    f"Leave {terms[0]} out (--effects), or use more data.",
                )


def _separates(design: Design, outcome: Outcome, d: Floats) -> bool:
    """Whether in every slice each dyad with an event has the largest d . x of all."""
    for span in design.chunks:
        for s, block in design.blocks(*span):
            X, out = design.without_missing(block)
            at, _ = outcome.of(s, out)
            value = d @ X
            if out is not None:
                value[out] = value.min()
            if len(at) and value[at].min() < value.max() - 1e-9 * max(1.0, float(np.abs(value).max())):
                return False
    return True

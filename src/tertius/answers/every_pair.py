"""Every pair at once: whether it rose, what was expected, on which third parties it hangs, and its own condition.

The figures are those of :mod:`~tertius.answers.attribution` and :mod:`~tertius.answers.rise`, for all
P = N (N - 1) / 2 pairs from one fit: the same formulas, over blocks of pairs. Third parties are ranked by their part,
and only the largest get an interval.

**Many pairs, many chances.** The p of a pair's rise is two-sided, from log(ratio) over its block-bootstrap error, held
against Student's t with as many degrees of freedom as window and reference have blocks, less two: a percentile interval
of 2,000 draws knows no p below .001, and 20,000 pairs need smaller ones. It is adjusted over all pairs that have one by
Benjamini and Hochberg's step-up (1995, doi:10.1111/j.2517-6161.1995.tb02031.x): at most 5 % of the pairs called risen
are so by chance, on average, where pairs are independent or move together as shared actors make them. The form that
holds under any dependence (Benjamini & Yekutieli 2001) would ask for a p ten times as small at 20,000 pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tertius.answers.attribution import Fitted, foe_effect, interval_of, normal_quantiles
from tertius.answers.rise import Rises, block_length, rises
from tertius.answers.spans import SlicedSpans
from tertius.effects import EFFECTS, PastView
from tertius.effects.two_path import combine
from tertius.errors import UsageError
from tertius.events.slices import Bools, DyadSlices, Floats
from tertius.model.coefficients import interval_errors

Integers = NDArray[np.int64]

LARGEST = 3
"""Third parties of a pair that are listed."""
BLOCK_BYTES = 200_000_000
"""Of the summands of a block of pairs."""


@dataclass(frozen=True, slots=True)
class EveryPair:
    """All pairs i < j of N actors, in the order of :func:`numpy.triu_indices`; P of them, L third parties each.

    Attributes
    ----------
    i, j : (P,) ends.
    observed, expected : (P,) outcome in the observed slices of the window.
    rises : the first question.
    p, p_adjusted : (P,) of the rise; NaN where there is no ratio.
    third : (P, L) index of the third parties with the largest parts, largest first.
    events, events_low, events_high : (P, L) their parts with 95 % intervals, in the unit of the outcome.
    """

    i: Integers
    j: Integers
    observed: Floats
    expected: Floats
    rises: Rises
    p: Floats
    p_adjusted: Floats
    third: Integers
    events: Floats
    events_low: Floats
    events_high: Floats


def every_pair(fit: Fitted, spans: SlicedSpans, seed: int) -> EveryPair:
    """Rise and largest third parties of all pairs from one fit.

    Parameters
    ----------
    fit : a fitted model that holds the foe effect.
    spans : the slices of window and reference; unobserved ones are left out.
    seed : of the bootstrap.

    Raises
    ------
    UsageError : the model lacks the foe effect, or a span has no observed slice.
    """
    design, sl = fit.design, fit.design.slices
    name = foe_effect(sl.directed)
    if name not in design.names:
        raise UsageError(f"The answer hangs on {name}, which is not in the model.", f"Add {name} to --effects.")
    spans = spans.among(fit.covered, sl.observed)
    i, j = np.triu_indices(sl.n_actors, 1)
    values = sl.outcome(design.spec.outcome, design.spec.response or "count")
    outcome = outcome_of_pairs(sl, values)
    found = rises(outcome, sl.per_slice(values), sl.exposure, spans, seed)
    p = p_of_rise(found, spans)
    mu = _expected(fit, spans, i, j)
    parts = _Parts.of(fit, name, spans, mu)
    found_parts = [parts.largest(*block) for block in parts.blocks()]
    third, events, low, high = (np.concatenate(x) for x in zip(*found_parts, strict=True))
    return EveryPair(
        i, j, outcome[spans.window].sum(axis=0), mu.sum(axis=0), found, p, adjusted(p), third, events, low, high
    )


def outcome_of_pairs(slices: DyadSlices, values: Floats) -> Floats:
    """(S, P) sums of ``values`` (E,) between the two actors of each pair, both ways."""
    n = slices.n_actors
    number = np.zeros((n, n), dtype=np.int64)
    i, j = np.triu_indices(n, 1)
    number[i, j] = number[j, i] = np.arange(len(i))
    at = np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))
    flat = at * len(i) + number.ravel()[slices.dyad]
    size = slices.n_slices * len(i)
    return np.bincount(flat, weights=values, minlength=size).reshape(slices.n_slices, len(i)).astype(np.float64)


def p_of_rise(found: Rises, spans: SlicedSpans) -> Floats:
    """(P,) two-sided p of log(ratio) / error; NaN without outcome in window or reference, or without an error.

    A pair whose outcome never varied has no error, and so no p.
    """
    from scipy.special import stdtr

    sizes = [int(mask.sum()) for mask in (spans.window, spans.reference)]
    freedom = max(1, sum(n // block_length(n) for n in sizes) - 2)
    known = (found.ratio > 0) & (found.error > 0)
    z = np.divide(
        np.log(found.ratio, out=np.zeros_like(found.ratio), where=known),
        found.error, out=np.full(len(known), np.nan), where=known,
    )  # fmt: skip
    return np.asarray(2 * stdtr(freedom, -np.abs(z)), dtype=np.float64)


def adjusted(p: Floats) -> Floats:
    """p adjusted by Benjamini and Hochberg's step-up over those that are not NaN.

    >>> adjusted(np.array([0.001, np.nan, 0.5])).round(4).tolist()
    [0.002, nan, 0.5]
    """
    known = np.flatnonzero(~np.isnan(p))
    m = len(known)
    out = np.full(len(p), np.nan)
    if m == 0:
        return out
    order = known[np.argsort(p[known])]
    raised = p[order] * m / np.arange(1, m + 1)
    out[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return out


def _expected(fit: Fitted, spans: SlicedSpans, i: Integers, j: Integers) -> Floats:
    """(W, P) expected outcome of every pair, both ways, in the slices of the window."""
    n = fit.design.slices.n_actors
    at = np.flatnonzero(spans.window)
    mu = np.zeros((len(at), len(i)))
    place = {int(s): row for row, s in enumerate(at)}
    cells = np.zeros((n, n))
    for s, expected in fit.expected(at):
        cells[:] = 0.0
        cells.ravel()[fit.design.at_risk] = expected
        mu[place[s]] = cells[i, j] + cells[j, i]
    return mu


def _foes(fit: Fitted, name: str, wanted: Bools) -> Floats:
    """(T, N, N) the rows of the foe effect in the wanted slices: [t, i, k] is k's weight on i."""
    foes = EFFECTS[name].foes
    assert foes is not None
    design, sl = fit.design, fit.design.slices
    legs = design.spec.legs or "sqrt"
    rows = np.empty((int(wanted.sum()), sl.n_actors, sl.n_actors))
    for at, past in enumerate(design.history.past_of(np.flatnonzero(wanted).tolist())):
        rows[at] = foes(PastView(past, legs, sl.directed))
    return rows


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the parts of any block of pairs need. T slices of window or reference, W of the window.

    ``foes`` (T, N, N), ``mu`` (W, P), ``window`` and ``reference`` (T,), the transform f, the ways to combine, and the
    coefficient at its estimate and over its distribution.
    """

    foes: Floats
    mu: Floats
    window: Bools
    reference: Bools
    f: Callable[[Floats], Floats]
    legs: str
    beta: float
    betas: Floats

    @classmethod
    def of(cls, fit: Fitted, name: str, spans: SlicedSpans, mu: Floats) -> _Parts:
        design = fit.design
        column = design.names.index(name)
        beta, se = float(fit.beta[column]), float(interval_errors(fit.cov)[column])
        either = spans.window | spans.reference
        return cls(
            _foes(fit, name, either),
            mu,
            spans.window[either],
            spans.reference[either],
            lambda x: design.transform(x, column),
            design.spec.legs or "sqrt",
            beta,
            beta + (se if np.isfinite(se) else np.nan) * normal_quantiles(),
        )

    def blocks(self) -> Iterator[tuple[Integers, Integers, slice]]:
        """Ends and place of pairs that share their first end, as many at a time as fit into memory."""
        T, n, _ = self.foes.shape
        step = max(1, BLOCK_BYTES // (8 * T * n))
        place = 0
        for i in range(n):
            for begin in range(i + 1, n, step):
                j = np.arange(begin, min(begin + step, n))
                yield np.full(len(j), i), j, slice(place, place + len(j))
                place += len(j)

    def largest(self, i: Integers, j: Integers, at: slice) -> tuple[Integers, Floats, Floats, Floats]:
        """The third parties with the largest parts of B pairs: index, part, ends of its interval, (B, L) each."""
        summands = combine(self.foes[:, i], self.foes[:, j], self.legs)  # (T, B, N)
        level = summands[self.reference].mean(axis=0)
        s = summands[self.window]
        S = s.sum(axis=2)
        change = np.maximum(S[:, :, None] - (s - level), 0.0)
        change = self.f(S)[:, :, None] - self.f(change)
        mu = self.mu[:, at, None]
        events = (-np.expm1(-self.beta * change) * mu).sum(axis=0)
        outside = np.where(
            (np.arange(events.shape[1]) == i[:, None]) | (np.arange(events.shape[1]) == j[:, None]), -np.inf, events
        )
        third = np.argsort(-outside, axis=1, kind="stable")[:, :LARGEST]
        chosen = np.take_along_axis(change, np.broadcast_to(third, (len(s), *third.shape)), axis=2)
        spread = np.stack([(-np.expm1(-b * chosen) * mu).sum(axis=0) for b in self.betas])
        low, high = interval_of(spread)
        return third, np.take_along_axis(events, third, axis=1), low, high

"""Condition 6 of the certificate: the pair that is asked about, or every pair."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log, nan

import numpy as np
from numpy.typing import NDArray

from tertius.answers.certificate.rule import Z_CLEAR, Part, Statistic
from tertius.answers.rise import rise, rises
from tertius.answers.spans import SlicedSpans
from tertius.effects.two_path import combine, prepared_leg, two_path
from tertius.errors import UsageError
from tertius.events.slices import Bools, DyadSlices, Floats
from tertius.language import Day, capital, joined, say

Integers = NDArray[np.int64]

BEFORE = 3
"""Periods before the rise of cooperation in which hostility must already have risen."""


@dataclass(frozen=True, slots=True)
class PairQuestion:
    """The pair that is asked about.

    Attributes
    ----------
    i, j : indices of the pair.
    window, reference : (S,) periods of each.
    k : index of the third party, or those of a group's members, whose hostility is added up; None: all third parties
        together.
    days : the days of window and reference in words, where the answer's own slices are others; else empty.
    called : what a group is called.
    """

    i: int
    j: int
    window: Bools
    reference: Bools
    k: int | tuple[int, ...] | None = None
    days: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class PairFacts:
    """The pair itself.

    Attributes
    ----------
    rose : its cooperation in the window against the reference, and its share of all cooperation too; None if there is
        no interval.
    ratio : cooperation per observed day, window over reference.
    onset : the period in the window from which on cooperation stood higher (the best single break).
    hostility_ratio : hostility in the three periods before the onset over that of the reference, as a share of all
        hostility of the period (free of how much the media report); of one third party the smaller of its two legs, of
        all together their sum over third parties of m(leg, leg). NaN without a reference.
    """

    rose: bool | None
    ratio: float
    onset: int
    hostility_ratio: float


def pair_facts(slices: DyadSlices, C: Floats, H: Floats, question: PairQuestion, *, legs: str, seed: int) -> PairFacts:
    """Did the pair's cooperation rise, and did the hostility towards both rise before it?

    Parameters
    ----------
    slices : the periods: which were observed, and how many of their days.
    C : (S, N, N) cooperation by period, as recorded: its rates are per observed day.
    H : (S, N, N) hostility by period, at full exposure: ``product`` and ``binary`` legs are not proportional to days.
    """
    i, j, k, observed = question.i, question.j, question.k, slices.observed
    window, reference = question.window & observed, question.reference & observed
    for name, mask in (("window", window), ("reference", reference)):
        if not mask.any():
            raise UsageError(f"--{name} holds no observed period.", f"Choose another --{name}.")
    outcome = C[:, i, j] + C[:, j, i] if slices.directed else C[:, i, j]
    everyone = C.sum(axis=(1, 2))
    spans = SlicedSpans(window, reference, ("", ""), ("", ""))
    change = rise(outcome, everyone, slices.exposure, spans, seed)
    onset = onset_of_rise(outcome, slices.exposure, window, reference)
    at = np.arange(len(outcome))
    before = observed & (at >= onset - BEFORE) & (at < onset)
    usual = reference & (at < onset - BEFORE)
    if k is None:
        summands = combine(H[:, :, i], H[:, :, j], legs)
        summands[:, [i, j]] = 0.0
        levels = [summands.sum(axis=1)]
    else:
        whose = [k] if isinstance(k, int) else list(k)
        levels = [H[:, whose, end].sum(axis=1) for end in (i, j)]
    every = H.sum(axis=(1, 2))
    shares = [np.divide(x, every, out=np.zeros_like(every), where=every > 0) for x in levels]
    rose = None if change.shown is None else change.shown and change.share_ratio > 1
    return PairFacts(rose, change.ratio, onset, min(_ratio(x, before, usual) for x in shares))


def facts_of_all(
    slices: DyadSlices, C: Floats, H: Floats, window: Bools, reference: Bools, *, legs: str, seed: int
) -> list[PairFacts]:
    """:func:`pair_facts` of all pairs i < j, in the order of :func:`numpy.triu_indices`, of all third parties together.

    The hostility towards both is one two-path a period, instead of one sum over third parties a pair.
    """
    observed = slices.observed
    window, reference = window & observed, reference & observed
    for name, mask in (("window", window), ("reference", reference)):
        if not mask.any():
            raise UsageError(f"--{name} holds no observed period.", f"Choose another --{name}.")
    i, j = np.triu_indices(slices.n_actors, 1)
    outcome = C[:, i, j] + C[:, j, i] if slices.directed else C[:, i, j]
    found = rises(
        outcome, C.sum(axis=(1, 2)), slices.exposure, SlicedSpans(window, reference, ("", ""), ("", "")), seed
    )
    onset = onsets(outcome, slices.exposure, window, reference)
    every = H.sum(axis=(1, 2))
    shares = np.zeros(outcome.shape)
    for s in np.flatnonzero(observed & (every > 0)):
        leg = prepared_leg(H[s], legs)
        shares[s] = two_path(leg.T, leg, legs)[i, j] / every[s]
    at = np.arange(len(outcome))
    ratio = np.empty(len(i))
    for o in np.unique(onset):
        some = np.flatnonzero(onset == o)
        before = observed & (at >= o - BEFORE) & (at < o)
        usual = reference & (at < o - BEFORE)
        ratio[some] = [_ratio(x, before, usual) for x in shares[:, some].T]
    return [
        PairFacts(None if np.isnan(low) else bool(low > 1 and share > 1), float(times), int(o), float(hostile))
        for low, share, times, o, hostile in zip(found.low, found.share_ratio, found.ratio, onset, ratio, strict=True)
    ]


def onsets(outcome: Floats, exposure: Floats, window: Bools, reference: Bools) -> Integers:
    """(P,) :func:`onset_of_rise` of many outcomes (S, P)."""
    from scipy.special import xlogy

    used = np.flatnonzero(window | reference)
    best = np.full(outcome.shape[1], -np.inf)
    onset = np.full(outcome.shape[1], np.flatnonzero(window)[0])
    for s in np.flatnonzero(window):
        (y0, d0), (y1, d1) = (
            (outcome[at].sum(axis=0), float(exposure[at].sum())) for at in (used[used < s], used[used >= s])
        )
        if d0 == 0:
            continue
        gain = xlogy(y0, y0 / d0) + xlogy(y1, y1 / d1)
        better = (y1 * d0 > y0 * d1) & (gain > best)
        best[better], onset[better] = gain[better], s
    return onset


def onset_of_rise(outcome: Floats, exposure: Floats, window: Bools, reference: Bools) -> int:
    """The period of the window from which on the outcome per day stood higher: the best single break of the Poisson
    likelihood. ``exposure`` (S,): days observed.

    Where no break in the window goes upwards, the window's first period.

    >>> onset_of_rise(np.array([1.0, 2, 1, 1, 9, 8]), np.ones(6), np.arange(6) >= 3, np.arange(6) < 3)
    4
    """
    used = np.flatnonzero(window | reference)
    best, onset = -np.inf, int(np.flatnonzero(window)[0])
    for s in np.flatnonzero(window):
        parts = [(float(outcome[at].sum()), float(exposure[at].sum())) for at in (used[used < s], used[used >= s])]
        (y0, d0), (y1, d1) = parts
        if d0 == 0 or y1 * d0 <= y0 * d1:
            continue
        gain = sum(y * log(y / d) for y, d in parts if y > 0)
        if gain > best:
            best, onset = gain, int(s)
    return onset


def pair_statistic(
    facts: PairFacts,
    without: tuple[float, float, float],
    *,
    names: tuple[str, str],
    by: str | None = None,
    directed: bool = True,
    since: str = "",
) -> Statistic:
    """Condition 6 as a statistic: z of [-3,-1] without the pair, and whether all three parts hold.

    ``since`` : the first day of ``facts.onset``, before which hostility must have risen.
    """
    estimate, se, z = without
    two = say("{a} and {b}", a=names[0], b=names[1])
    if by:
        what = say("{by}'s hostility towards both", by=by) if directed else say("{by}'s conflict with both", by=by)
    else:
        what = say("third parties' hostility towards both") if directed else say("third parties' conflict with both")
    rose, earlier, holds = facts.rose is True, facts.hostility_ratio > 1, z > Z_CLEAR
    found = (
        (
            "rose",
            facts.ratio,
            say("ratio {ratio:.3g}", ratio=facts.ratio),
            rose,
            say("cooperation of {two} rose against the reference", two=two)
            if rose
            else say("cooperation of {two} did not clearly rise against the reference", two=two),
        ),
        (
            "before",
            facts.hostility_ratio,
            say("ratio {ratio:.3g}", ratio=facts.hostility_ratio),
            earlier,
            (
                say("{what}, as a share of all, had risen in the {before} periods before {since}")
                if earlier
                else say("{what}, as a share of all, had not risen in the {before} periods before {since}")
            ).format(what=what, before=BEFORE, since=Day(since) if since else say("that")),
        ),
        (
            "without",
            z,
            say("z = {z:.1f}", z=z),
            holds,
            say("without the pair, earlier hostility still goes with more cooperation")
            if holds
            else say("without the pair, earlier hostility does not go with more cooperation"),
        ),
    )
    parts = tuple(Part(name, value, passed, capital(said) + ".") for name, value, _, passed, said in found)
    text = joined(
        (
            say("{said} ({shown})", said=said, shown=shown) if isfinite(value) else said
            for _, value, shown, _, said in found
        ),
        "; ",
    )
    return Statistic("pair", estimate, se, z, Z_CLEAR, all(p.passed for p in parts), capital(text) + ".", parts)


def _ratio(values: Floats, some: Bools, others: Bools) -> float:
    if not some.any() or not others.any():
        return nan
    below = float(values[others].mean())
    above = float(values[some].mean())
    if below > 0:
        return above / below
    return float("inf") if above > 0 else nan

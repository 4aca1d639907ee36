"""What is neutral between two: the mix of cooperation and hostility that makes them neither friends nor foes.

A sign needs a zero. It is a choice that changes verdicts, and there are three.

=======  =============================================================================================================
actors   what the two deal like with everybody: an edge says whether i and j deal with each other better or worse than
         the habits of both lead one to expect.
window   the window's own mix, the same for all: better or worse than is usual in the window.
even     as much hostility as cooperation.
=======  =============================================================================================================

News report far more cooperation than hostility, so that with ``even`` nearly all edges are positive and one camp holds
nearly all. ``window`` moves the zero, and still compares unlike with unlike: great powers, whom everybody meets and who
quarrel with many, and small states that are in the news for one war. Two of the first look like friends, and the
belligerents like a camp of their own. ``actors`` compares a pair with the pairs of the same two, as modularity compares
an edge with its ends' degrees (Newman 2006, doi:10.1073/pnas.0601602103; with signs Gomez, Jensen & Arenas 2009,
doi:10.1103/PhysRevE.80.016114), but with the volume of the pair's dealings as given: who deals with whom at all is no
sign of sides, how they do is.

Of T_ij, all that two do to each other, the share of cooperation that is expected is

    p_ij = 1 / (1 + exp(-(m + a_i + a_j)))

m the logarithm of the window's cooperation over its hostility, a_i the habit of i: such that each actor's expected
cooperation, sum_j T_ij p_ij, is what it was. That is the maximum of a logistic likelihood (as Bradley & Terry 1952,
doi:10.1093/biomet/39.3-4.324, with sums instead of differences). An actor of which little is known says little about
its habit: each has :data:`PRIOR` of the median actor's dealings at the window's mix besides, which also gives those who
only cooperate, or only fight, a finite habit. The net of a pair is cooperation minus what is expected of it,
C - p T = (1 - p) C - p H.

A window that holds cooperation alone, or hostility alone, has no mix; there ``window`` and ``actors`` are ``even``.

What it does not do: separate a quarrelsome actor from one with whom all others quarrel.
"""

from __future__ import annotations

import numpy as np

from tertius.errors import NoConvergence
from tertius.events.slices import Floats
from tertius.spec import NEUTRALS

PRIOR = 0.2
_STEPS, _LONGEST, _CLOSE = 200, 2.0, 1e-10
EVEN, WINDOW, ACTORS = NEUTRALS[2], NEUTRALS[1], NEUTRALS[0]


def weighed(C: Floats, H: Floats, neutral: str) -> tuple[Floats, Floats]:
    """Cooperation and hostility (N, N) of i towards j, each scaled so that a neutral pair nets to zero.

    >>> C, H = np.array([[[0.0, 9, 3], [0, 0, 3], [0, 0, 0]], [[0.0, 1, 1], [0, 0, 3], [0, 0, 0]]])
    >>> [np.round((c - h)[0, 1], 2).item() for c, h in (weighed(C, H, name) for name in NEUTRALS)]
    [0.38, 6.0, 8.0]
    """
    friendly, hostile = float(C.sum()), float(H.sum())
    if neutral == EVEN or not (friendly > 0 and hostile > 0):
        return C, H
    if neutral == WINDOW:
        return C, H * (friendly / hostile)
    p = expected(C, H)
    return (1.0 - p) * C, p * H


def expected(C: Floats, H: Floats) -> Floats:
    """(N, N) share of cooperation that the habits of two lead one to expect, from amounts of both kinds.

    Raises NoConvergence where the habits are not found.

    >>> C, H = np.array([[[0.0, 6, 3], [0, 0, 3], [0, 0, 0]], [[0.0, 1, 0], [0, 0, 2], [0, 0, 0]]])
    >>> expected(C, H)[[0, 0, 1], [1, 2, 2]].round(2)
    array([0.86, 0.92, 0.65])
    """
    good = C + C.T
    all_ = good + H + H.T
    met = np.flatnonzero(all_.sum(axis=1))
    T, own = all_[np.ix_(met, met)], good[np.ix_(met, met)].sum(axis=1)
    prior = PRIOR * float(np.median(T.sum(axis=1)))
    share = float(own.sum()) / float(T.sum())
    mix = float(np.log(share) - np.log1p(-share))
    habit = np.zeros(len(met))
    low = _loss(T, own, prior, share, mix, habit)
    for _ in range(_STEPS):
        P, alone = _logistic(mix + habit[:, None] + habit), _logistic(mix + habit)
        gap = own - (T * P).sum(axis=1) + prior * (share - alone)
        spread = T * P * (1.0 - P)
        step = np.linalg.solve(spread + np.diag(spread.sum(axis=1) + prior * alone * (1.0 - alone)), gap)
        step *= min(1.0, _LONGEST / max(float(np.abs(step).max()), _LONGEST))
        while (now := _loss(T, own, prior, share, mix, habit + step)) > low and np.abs(step).max() > _CLOSE:
            step /= 2.0
        habit, low = habit + step, now
        if np.abs(step).max() <= _CLOSE:
            out = np.full(C.shape, share)
            out[np.ix_(met, met)] = _logistic(mix + habit[:, None] + habit)
            return out
    raise NoConvergence("The actors' habits were not found.", "Take --neutral window; and please report it.")


def _logistic(x: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))


def _loss(T: Floats, own: Floats, prior: float, share: float, mix: float, habit: Floats) -> float:
    """Minus the log-likelihood, with what does not depend on the habits left out; convex in them."""
    pair, alone = np.logaddexp(0.0, mix + habit[:, None] + habit), np.logaddexp(0.0, mix + habit)
    return float((T * pair).sum() / 2.0 - own @ habit + prior * (alone - share * habit).sum())

"""The wedge: which easing of k's hostility goes with the largest loss of cooperation among k's adversaries?

Eased is one adversary or several: k's hostile weights towards each are multiplied by a factor from the first day of the
window, which costs ``easing``, the weight a slice that is given up. A pair of adversaries then stands in one of four
states (neither, one, the other, both eased), so that the change of everything is a sum over pairs,

    F(E) = sum_{i in E} one_i + sum_{i < j in E} both_ij,

``one_i`` what easing i alone changes, ``both_ij`` what easing both changes beyond that. Up to :data:`EXACT` adversaries
all sets are tried, and the optimum is exact. Beyond, sets grow greedily; and where easing loses less the more is eased
already (all both_ij >= 0: F's loss is submodular), each step's loss plus the largest gains still open is a proven bound
on what any set of that size, or within that budget, can lose (Leskovec et al. 2007, doi:10.1145/1281192.1281239; in the
manner of Nemhauser, Wolsey & Fisher 1978, doi:10.1007/BF01588971). Where that does not hold no bound is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tertius.answers.price import Ties, ordered
from tertius.events.slices import Bools, Floats

EXACT = 12
"""Adversaries up to which all sets are tried."""
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Gains:
    """F of every set of A adversaries, by coefficient: estimate and the two ends.

    Attributes
    ----------
    one : (3, A) change with one eased.
    both : (3, A, A) what both eased change beyond the sum of one and one; symmetric, zero on the diagonal.
    easing : (A,) weight a slice that is given up.
    """

    one: Floats
    both: Floats
    easing: Floats

    def change(self, eased: Bools) -> Floats:
        """(3,) F of a set (A,)."""
        return np.asarray(self.one @ eased + np.einsum("bij,i,j->b", self.both, eased, eased) / 2)


@dataclass(frozen=True, slots=True)
class Option:
    """One set of adversaries. ``change`` is (3,): estimate, low, high. ``bound``: the lowest change that any set of its
    size, or within the budget, can have; NaN where none is proven."""

    eased: tuple[int, ...]
    change: tuple[float, float, float]
    easing: float
    bound: float


@dataclass(frozen=True, slots=True)
class Wedge:
    """The ladder: the best set of every size, smallest first; ``best`` is the place of the best of all, -1: no set
    lowers the outcome. ``exact``: all sets were tried."""

    options: tuple[Option, ...]
    best: int
    exact: bool


def gains(found: Ties, eased: Floats, window: Bools, easing: Floats) -> Gains:
    """What easing changes; ``eased`` (T, A) k's hostility where it is eased, ``window`` (T,), ``easing`` (A,)."""
    A = len(found.adversaries)
    one, both = np.zeros((3, A)), np.zeros((3, A, A))
    all_eased = found.change(eased)[:, window].sum(axis=1)
    for a in range(A):
        own = found.own.copy()
        own[:, a] = eased[:, a]
        change = found.change(own)[:, window].sum(axis=1)  # (3, P)
        one[:, a] = change.sum(axis=1)
        for ends, others in ((found.first, found.second), (found.second, found.first)):
            mine = ends == a
            both[:, a, others[mine]] -= change[:, mine]
            both[:, others[mine], a] -= change[:, mine]
    both[:, found.first, found.second] += all_eased
    both[:, found.second, found.first] += all_eased
    return Gains(one, both, easing)


def wedge(found: Gains, budget: float = np.inf, exact: int = EXACT) -> Wedge:
    """The ladder within a budget of weight a slice.

    >>> F = Gains(np.array([[-2.0, -1.0]] * 3), np.zeros((3, 2, 2)), np.array([5.0, 1.0]))
    >>> [option.eased for option in wedge(F).options]
    [(0,), (0, 1)]
    >>> [option.eased for option in wedge(F, budget=2.0).options]
    [(1,)]
    """
    A = len(found.easing)
    options = _enumerated(found, budget) if exact >= A else _grown(found, budget)
    changes = [o.change[0] for o in options]
    best = int(np.argmin(changes)) if changes and min(changes) < 0 else -1
    return Wedge(tuple(options), best, exact >= A)


def _option(found: Gains, eased: Bools, bound: float) -> Option:
    value, low, high = ordered(found.change(eased)).tolist()
    members = tuple(int(a) for a in np.flatnonzero(eased))
    return Option(members, (value, low, high), float(found.easing[eased].sum()), bound)


def _enumerated(found: Gains, budget: float) -> list[Option]:
    """The best of all sets of each size that the budget allows."""
    A = len(found.easing)
    sets = (np.arange(1, 2**A)[:, None] >> np.arange(A)) & 1 == 1
    sets = sets[sets @ found.easing <= budget * (1 + ROUNDING)]
    value = sets @ found.one[0] + np.einsum("si,ij,sj->s", sets, found.both[0], sets, optimize=True) / 2
    size = sets.sum(axis=1)
    options = []
    for n in range(1, A + 1):
        of_size = np.flatnonzero(size == n)
        if len(of_size):
            best = of_size[np.argmin(value[of_size])]
            options.append(_option(found, sets[best], float(value[best])))
    return options


def _grown(found: Gains, budget: float) -> list[Option]:
    """One more at a time: the one with the lowest change that the budget allows."""
    A = len(found.easing)
    one, both = found.one[0], found.both[0]
    proven = bool((both >= -ROUNDING * np.abs(one).max(initial=0.0)).all())
    eased, options, left = np.zeros(A, dtype=bool), [], budget
    before = [eased.copy()]
    while True:
        marginal = one + both @ eased
        fits = ~eased & (found.easing <= left * (1 + ROUNDING))
        if not fits.any():
            break
        chosen = int(np.flatnonzero(fits)[np.argmin(marginal[fits])])
        eased[chosen] = True
        left -= float(found.easing[chosen])
        before.append(eased.copy())
        size = int(eased.sum())
        bound = max(_bound(found, some, size, budget) for some in before) if proven else float("nan")
        options.append(_option(found, eased.copy(), bound))
    return options


def _bound(found: Gains, eased: Bools, size: int, budget: float) -> float:
    """The lowest change of any set of that size and within the budget, given that losses are submodular, as seen from
    a set that is eased.

    F of a set is at least F of it with those eased too, less what easing these may have raised: with monotone losses
    nothing, else the sum of their rises is taken off.
    """
    now = float(found.change(eased)[0])
    marginal = found.one[0] + found.both[0] @ eased
    lost = np.where(eased, 0.0, np.minimum(marginal, 0.0))
    raised = float(np.maximum(found.one[0] + found.both[0].clip(min=0.0).sum(axis=1), 0.0)[eased].sum())
    by_size = float(np.sort(lost)[:size].sum())
    by_budget = float("-inf") if np.isinf(budget) else _fractional(lost, found.easing, budget)
    return now + max(by_size, by_budget) - raised


def _fractional(lost: Floats, easing: Floats, budget: float) -> float:
    """The lowest sum of ``lost`` within the budget, the last one in part: at most what whole ones reach."""
    free = lost[easing <= 0].sum()
    order = [int(a) for a in np.argsort(np.where(easing > 0, lost / np.where(easing > 0, easing, 1.0), 0.0))]
    total, left = float(free), budget
    for a in order:
        if easing[a] <= 0 or lost[a] >= 0 or left <= 0:
            continue
        share = min(1.0, left / float(easing[a]))
        total, left = total + share * float(lost[a]), left - share * float(easing[a])
    return total

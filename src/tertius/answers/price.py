"""The price of hostility: what k's hostility towards one adversary goes with in that one's ties to k's others.

For adversaries i and j of k, and in every slice t of the window,

    change_ij = mu_ij(t) (exp(beta [f(S_ij(t) + m(H_ki + d_i, H_kj) - m(H_ki, H_kj)) - f(S_ij(t))]) - 1),

with mu the expected outcome between the two (both ways), S the sum of the foe effect over all third parties, m the way
in which legs combine, beta and f the effect's coefficient and transform, and d_i what k's hostility towards i is raised
by: its own standard deviation over time, or ten per cent of itself. How far a question lies outside the data is counted
in another one, that of the foe effect as the model compares it (within pairs: net of all effects, weighted by the fit).
The price of hostility towards i is the sum over the other adversaries j. It is the formula of
:mod:`~tertius.answers.attribution`: where d takes k's hostility from its reference level to what it was, minus the
price is k's part there.

A finite difference, not a derivative: with the minimum of two legs the derivative is zero on one side of every kink,
and a small step would find no price where a usual one does.

Adversaries are those with whom k had more hostility than cooperation, both ways, in the reference period.

What it does not hold: only the foe effect moves. Effects of actors by period stay as estimated, so that a price is
relative to i's other partners, never a total; and nothing feeds back (:mod:`~tertius.answers.whatif` does both).
Intervals: beta at the ends of its own interval; all prices hang on this one coefficient, so its p is the adjusted p of
each (single-step max-T under perfect dependence), 1 where nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tertius.answers.attribution import Fitted, foe_effect
from tertius.answers.changed import Change, changed, of_entries, with_slices
from tertius.effects import EFFECTS, PastView
from tertius.effects.two_path import combine
from tertius.errors import UsageError
from tertius.events.slices import Bools, DyadSlices, Floats
from tertius.model.coefficients import Z_95, interval_errors, two_sided_p

Integers = NDArray[np.int64]

RAISE = 0.1


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties among A adversaries of k, and what k's hostility weighs in them. T slices, P pairs of adversaries.

    Attributes
    ----------
    adversaries : (A,) indices of the actors.
    first, second : (P,) ends of the pairs, as places among the adversaries.
    at : (T,) the slices.
    mu : (T, P) expected outcome, both ways.
    own : (T, A) k's hostility towards each: its row in the foe effect.
    pressure : (T, P) S, the foe effect's sum over all third parties.
    f : the effect's transform.
    legs : how legs combine.
    betas : (3,) the coefficient, and the ends of its 95 % interval.
    p : two-sided, of the coefficient.
    sd : standard deviation of the transformed foe effect as the model compares it (:class:`Fitted`).
    """

    adversaries: Integers
    first: Integers
    second: Integers
    at: Integers
    mu: Floats
    own: Floats
    pressure: Floats
    f: Callable[[Floats], Floats]
    legs: str
    betas: Floats
    p: float
    sd: float

    def moved(self, own: Floats) -> Floats:
        """(T, P) move of the transformed foe effect with k's hostility (T, A) at ``own`` instead."""
        one, other = (combine(h[:, self.first], h[:, self.second], self.legs) for h in (own, self.own))
        return np.asarray(self.f(np.maximum(self.pressure + (one - other), 0.0)) - self.f(self.pressure))

    def change(self, own: Floats) -> Floats:
        """(3, T, P) change of the expected outcome with k's hostility at ``own`` instead, by coefficient."""
        moved = self.moved(own)
        return np.stack([np.expm1(b * moved) * self.mu for b in self.betas])

    def distance(self, own: Floats, window: Bools) -> float:
        """Farthest move of the foe effect in the window (T,), in its standard deviations ``sd``."""
        far = float(np.abs(self.moved(own)[window]).max(initial=0.0))
        return far / self.sd if self.sd > 0 else 0.0

    def within(self, slices: Bools) -> Bools:
        """(T,) those of the ties' slices that are in a mask (S,)."""
        return np.asarray(slices[self.at])


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of hostility towards each of A adversaries; the first axis is estimate, low, high.

    Attributes
    ----------
    matrix : (A, A) row i: change of the outcome of i with each other in the window, with more hostility towards i.
    each : (3, A) sums of the rows.
    total : (3,) sum over adversaries, each raised on its own.
    together : (3,) all raised at once.
    over_time : (3, T, A) price in every slice.
    step : (A,) mean of what hostility was raised by in the window, in weight of the decayed history.
    distance : farthest move of the foe effect, in its own standard deviations (``Ties.sd``), all raised at once.
    alone : (A,) the same, each raised on its own.
    expected : outcome among the adversaries in the window, with hostility as it was.
    """

    matrix: Floats
    each: Floats
    total: Floats
    together: Floats
    over_time: Floats
    step: Floats
    distance: float
    alone: Floats
    expected: float


def adversaries_of(slices: DyadSlices, k: int, reference: Bools, response: str) -> tuple[Integers, Floats]:
    """Actors with whom k had more hostility than cooperation in the reference, both ways: (A,), most first; and the net
    of all (N,), cooperation less hostility."""
    n = slices.n_actors
    of = np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))
    net = slices.outcome("cooperation", response) - slices.outcome("hostility", response)
    source, target = np.divmod(slices.dyad, n)
    found = np.zeros(n)
    for own, other in ((source, target), (target, source)):
        mine = (own == k) & reference[of]
        found += np.bincount(other[mine], weights=net[mine], minlength=n)
    some = np.flatnonzero(found < 0)
    return some[np.argsort(found[some], kind="stable")], found


def ties(fit: Fitted, k: int, adversaries: Sequence[int]) -> Ties:
    """What the price needs of a fit, in all slices for which something is expected.

    Raises UsageError where the model lacks the foe effect, or its legs do not know more from less.
    """
    design, sl = fit.design, fit.design.slices
    name = foe_effect(sl.directed)
    legs = design.spec.legs or "sqrt"
    if name not in design.names:
        why = fit.absorbed_reasons.get(name)
        if why:
            raise UsageError(f"The answer hangs on {name}, which {why}.", "Take more --actors or a longer span.")
        raise UsageError(f"The answer hangs on {name}, which was not among --effects.", f"Add {name} to --effects.")
    if legs == "binary":
        raise UsageError(
            "With --legs binary hostility counts once it occurred: a little more or less changes nothing.",
            "Use --legs min, sqrt or product.",
        )
    column, foes = design.names.index(name), EFFECTS[name].foes
    assert foes is not None
    chosen = np.asarray(adversaries, dtype=np.int64)
    first, second = np.triu_indices(len(chosen), 1)
    i, j = chosen[first], chosen[second]
    at = np.flatnonzero(fit.covered & sl.observed)
    mu, own, pressure = np.zeros((len(at), len(i))), np.zeros((len(at), len(chosen))), np.zeros((len(at), len(i)))
    place = {int(s): t for t, s in enumerate(at)}
    cells = np.zeros((sl.n_actors, sl.n_actors))
    for s, expected in fit.expected(at):
        cells.ravel()[design.at_risk] = expected
        mu[place[s]] = cells[i, j] + cells[j, i]
    for t, past in enumerate(design.history.past_of(at.tolist())):
        rows = foes(PastView(past, legs, sl.directed))
        own[t] = rows[chosen, k]
        pressure[t] = combine(rows[i], rows[j], legs).sum(axis=1)
    beta, se = float(fit.beta[column]), float(interval_errors(fit.cov)[column])
    return Ties(
        chosen, first, second, at, mu, own, pressure,
        lambda x: design.transform(np.array(x, dtype=np.float64), column), legs,
        beta + np.array([0.0, -Z_95, Z_95]) * se, two_sided_p(beta / se) if se > 0 else float("nan"),
        float(fit.sd[column]),
    )  # fmt: skip


def prices(found: Ties, window: Bools, per: str) -> Prices:
    """What more hostility towards each adversary goes with; ``window`` (T,) slices that are added up, ``per`` one of
    sd or 10% (:data:`tertius.spec.PER`)."""
    own, A = found.own, len(found.adversaries)
    step = np.broadcast_to(own.std(axis=0), own.shape) if per == "sd" else RAISE * own
    matrix, over_time, alone = np.zeros((3, A, A)), np.zeros((3, len(found.at), A)), np.zeros(A)
    for a in range(A):
        raised = own.copy()
        raised[:, a] += step[:, a]
        change, alone[a] = found.change(raised), found.distance(raised, window)
        over_time[:, :, a] = change.sum(axis=2)
        inside = change[:, window].sum(axis=1)
        for ends, others in ((found.first, found.second), (found.second, found.first)):
            mine = ends == a
            matrix[:, a, others[mine]] += inside[:, mine]
    together = found.change(own + step)[:, window].sum(axis=(1, 2))
    each = matrix.sum(axis=2)
    return Prices(
        matrix[0], ordered(each), ordered(each.sum(axis=1)), ordered(together), ordered(over_time),
        step[window].mean(axis=0), found.distance(own + step, window), alone, float(found.mu[window].sum()),
    )  # fmt: skip


def ordered(found: Floats) -> Floats:
    """Estimate, low, high along the first axis, from a value at the estimate and at both ends of the interval."""
    return np.stack([found[0], np.minimum(found[1], found[2]), np.maximum(found[1], found[2])])


def eased_own(fit: Fitted, k: int, found: Ties, factor: float, window: Bools) -> tuple[Floats, Floats]:
    """(T, A) k's hostility with what it did to each adversary in the ``window`` (S,) times a factor; and (A,) the
    weight a slice that is given up."""
    design, sl = fit.design, fit.design.slices
    foes = EFFECTS[foe_effect(sl.directed)].foes
    assert foes is not None
    some = [Change(k, int(a), "host", factor, None, window) for a in found.adversaries]
    history = with_slices(design, changed(sl, some)).history
    own = np.empty_like(found.own)
    for t, past in enumerate(history.past_of(found.at.tolist())):
        own[t] = foes(PastView(past, found.legs, sl.directed))[found.adversaries, k]
    of, n = of_entries(sl), max(int((window & sl.observed).sum()), 1)
    given = [float(sl.host_weight[(sl.dyad == c.dyad(sl)) & window[of]].sum()) for c in some]
    return own, (1.0 - factor) * np.array(given) / n

"""The models of the certificate, L, K, M and R: arrays of periods, windows and decayed states, and the fits.

Their formulas are in :mod:`tertius.answers.certificate.certify`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from tertius.answers.certificate.escalation import (
    MEMORY,
    QUARTER,
    joint_escalation,
    remembered,
    round_of_the_year,
)
from tertius.answers.certificate.permutations import Picture, permuted
from tertius.effects.two_path import combine, prepared_leg, two_path
from tertius.errors import EmptyData, ModelError
from tertius.events.slices import Bools, DyadSlices, Floats
from tertius.model.robust import Covariances, contrast_variance, covariances
from tertius.model.within.one_step import OneStep
from tertius.model.within.ppml import WithinFit, fit_ppml
from tertius.model.without_pair import WithoutPair, without_each_pair

WINDOWS: tuple[tuple[int, int], ...] = ((-6, -4), (-3, -1), (0, 0), (1, 3), (4, 6))
OLDER, LAG, NOW, LEAD = (-6, -4), (-3, -1), (0, 0), (1, 3)
REACH = 6
"""Periods lost to the windows at either end."""
PAST, FUTURE = (-REACH, -1), (1, REACH)
"""How R's decayed past and mirrored future are written where a window is asked for."""
FEWEST_PERIODS = 12
"""Periods that must be left."""
STATE_HALF_LIFE = 3.0
"""Of M's and R's past and future, in periods."""
INERTIA_HALF_LIVES = (1.0, 3.0)
"""In periods."""

REVERSE_LEGS = "sqrt"


# Arrays


def by_period(slices: DyadSlices, response: str) -> tuple[Floats, Floats]:
    """C and H, (S, N, N) cooperation and hostility of i towards j in every period; symmetric where undirected."""
    n = slices.n_actors
    at = np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))
    made = []
    for outcome in ("cooperation", "hostility"):
        flat = np.zeros((slices.n_slices, n * n))
        flat[at, slices.dyad] = slices.outcome(outcome, response)
        W = flat.reshape(-1, n, n)
        made.append(W if slices.directed else W + W.transpose(0, 2, 1))
    return made[0], made[1]


def periods_left(observed: Bools) -> Bools:
    """(S,) observed periods all of whose windows lie inside the data and were observed at least in part.

    >>> np.flatnonzero(periods_left(np.ones(15, dtype=bool))).tolist()
    [6, 7, 8]
    """
    S = len(observed)
    left = observed.copy()
    left[: min(REACH, S)] = False
    left[max(0, S - REACH) :] = False
    for first, last in WINDOWS:
        left &= _observed_in(observed, first, last) > 0
    return left


def window_sums(Z: Floats, first: int, last: int, observed: Bools | None = None) -> Floats:
    """(S, N, N) sum of Z over the periods t + first, ..., t + last; zero outside the data.

    Where some of these periods were not observed, the sum over the others is scaled up to the window's length.

    >>> window_sums(np.arange(4.0)[:, None, None], -2, -1).ravel().tolist()
    [0.0, 0.0, 1.0, 3.0]
    """
    S = len(Z)
    seen = np.ones(S, dtype=bool) if observed is None else observed
    out = np.zeros_like(Z)
    for shift in range(first, last + 1):
        into, source = slice(max(0, -shift), S - max(0, shift)), slice(max(0, shift), S - max(0, -shift))
        if into.stop > into.start:
            out[into] += Z[source] * seen[source, None, None]
    count = _observed_in(seen, first, last)
    inside = _observed_in(np.ones(S, dtype=bool), first, last)
    scale = np.divide(inside, count, out=np.ones(S), where=count > 0)
    return np.asarray(out * scale[:, None, None])


def _observed_in(observed: Bools, first: int, last: int) -> Floats:
    """(S,) number of observed periods in t + first, ..., t + last."""
    S = len(observed)
    at = np.arange(S)[:, None] + np.arange(first, last + 1)
    inside = (at >= 0) & (at < S)
    return np.asarray((inside & observed[np.clip(at, 0, S - 1)]).sum(axis=1), dtype=np.float64)


def past_state(Z: Floats, half_life: float) -> Floats:
    """(S, N, N) sum over s < t of Z(s) 2^-((t - s) / half_life).

    >>> past_state(np.array([4.0, 0.0, 0.0])[:, None, None], 1.0).ravel().tolist()
    [0.0, 2.0, 1.0]
    """
    keeps = 2.0 ** (-1.0 / half_life)
    out = np.zeros_like(Z)
    for t in range(1, len(Z)):
        out[t] = (out[t - 1] + Z[t - 1]) * keeps
    return out


def future_state(Z: Floats, half_life: float) -> Floats:
    """(S, N, N) the same sum over s > t: the mirror image of the past."""
    return past_state(Z[::-1], half_life)[::-1]


def foe(H: Floats, legs: str) -> Floats:
    """(S, N, N) shared threat sum_k m(H_ki, H_kj) of each period; with symmetric H it is the common foe."""
    out = np.empty_like(H)
    for t in range(len(H)):
        leg = prepared_leg(H[t], legs)
        path = two_path(leg.T, leg, legs)
        out[t] = (path + path.T) / 2  # symmetric to the bit, whatever the order of the sums
    return out


def foe_of_pair(H: Floats, i: int, j: int, window: tuple[int, int], observed: Bools, legs: str) -> Floats:
    """(S,) L's foe term of one pair in a window: that of :func:`foe` and :func:`logs`, without all the others."""
    h_i, h_j = np.moveaxis(window_sums(H[:, :, [i, j]], *window, observed), 2, 0)
    return logs(combine(h_i, h_j, legs).sum(axis=1), _unit_of_path(H, legs))


def logs(x: Floats, c: float) -> Floats:
    """log(1 + x / c).

    >>> logs(np.array([0.0, 2.0]), 2.0).round(3).tolist()
    [0.0, 0.693]
    """
    out = np.asarray(x / c)
    out += 1.0
    return np.log(out, out=out)  # many times as fast as np.log1p; the absolute error is that of 1 + x, about 1e-16


def typical(W: Floats) -> float:
    """The median positive value of W; 1 where there is none."""
    positive = W[W > 0]
    return float(np.median(positive)) if len(positive) else 1.0


def one_leg(H: Floats, usual: Floats, legs: str) -> Floats:
    """(S, N, N) sum_k m(H_ki, usual_kj), mean of both ways round: one of two hostilities as it is, the other as usual.

    Where hostility is as usual, this is :func:`foe`; ``usual`` (N, N).

    >>> H = np.array([[0.0, 0, 4], [0, 0, 0], [9, 16, 0]])[None]
    >>> float(one_leg(H, H[0], "sqrt")[0, 0, 1]), float(foe(H, "sqrt")[0, 0, 1])
    (12.0, 12.0)
    """
    out = np.empty_like(H)
    for t in range(len(H)):
        path = two_path(prepared_leg(H[t], legs).T, prepared_leg(usual, legs), legs)
        out[t] = (path + path.T) / 2
    return out


def turn_to_foes(h: Floats, usual: Floats, k: int, c: float) -> Floats:
    """(T, N, N) how far k has turned on i, times k's usual share in what j suffers, and the other way round; sd 1.

    Parameters
    ----------
    h : (T, N, N) hostility of a window, a period.
    usual : (N, N) hostility of a period.
    k : the third party; its own pairs are 0.
    c : typical hostility; below a quarter of it, changes count little.
    """
    share = usual[k] / np.maximum(usual.sum(axis=0), c * QUARTER)
    share = share - share.mean()
    change = np.log((h[:, k] + QUARTER * c) / (usual[k] + QUARTER * c))
    share[k], change[:, k] = 0.0, 0.0
    X = change[:, :, None] * share
    X = X + X.transpose(0, 2, 1)
    at = np.arange(len(share))
    X[:, at, at] = X[:, k] = X[:, :, k] = 0.0
    return np.asarray(X / (X.std() or 1.0))


def weighed(Y: Floats) -> Floats:
    """Y (T, N, N), each dyad divided by 1 + its mean / c, c the median positive value.

    A factor of the dyad alone is taken up by its effect: the coefficients keep their meaning, and the fit is that of Y
    with these weights in the likelihood. They are the best where the variance is mean + mean^2 / c: small dyads scatter
    as Poisson counts do, large ones in proportion to their size. Without them a few large dyads decide, and what the
    others show is lost (``docs/certificate.md``). The errors rest on no such variance.

    >>> weighed(np.array([1.0, 3.0, 2.0])[:, None, None]).ravel().tolist()
    [0.5, 1.5, 1.0]
    """
    return np.asarray(Y / (1.0 + Y.mean(axis=0) / typical(Y)))


def reverse_terms(C: Floats, H: Floats, observed: Bools, kept: Bools, directed: bool) -> dict[str, Floats]:
    """R's two terms, (T, N, N) in the periods kept: past and future cooperation of i with k's standing enemies."""
    enmity = prepared_leg(H[observed].mean(axis=0), REVERSE_LEGS)
    both_ways = C + C.transpose(0, 2, 1) if directed else C
    terms = {}
    c = (typical(H) * typical(both_ways)) ** 0.5
    for name, state in (("past", past_state), ("future", future_state)):
        W = state(both_ways, STATE_HALF_LIFE)[kept]
        path = np.stack([two_path(enmity, prepared_leg(w, REVERSE_LEGS), REVERSE_LEGS) for w in W])
        terms[name] = logs(path if directed else path + path.transpose(0, 2, 1), c)
    return terms


_Terms = Mapping[str, Floats]
"""(T, N, N) by name, in the periods kept."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """C and H (S, N, N) as recorded, for outcomes, and at full exposure, for terms; observed and kept (S,); where in
    the year each period lies (S,), None where the season is not held; and the models on them."""

    C: Floats
    H: Floats
    C_full: Floats
    H_full: Floats
    observed: Bools
    kept: Bools
    directed: bool
    year: Floats | None = None

    @property
    def symmetric(self) -> bool:
        """Whether cooperation is the same both ways: each pair is then counted once."""
        return not self.directed or bool((self.C.transpose(0, 2, 1) == self.C).all())

    def inertia(self) -> _Terms:
        """Inertia of L and M."""
        unit = typical(self.C_full)
        return {f"inertia {h:g}": logs(past_state(self.C_full, h)[self.kept], unit) for h in INERTIA_HALF_LIVES}

    def windows(self, legs: str, inertia: _Terms) -> _Terms:
        """L's terms."""
        unit = _unit_of_path(self.H_full, legs)
        hostility = ((w, window_sums(self.H_full, *w, self.observed)[self.kept]) for w in WINDOWS)
        return {**{window_name(w): logs(foe(x, legs), unit) for w, x in hostility}, **inertia}

    def remembering(self, windows: _Terms) -> _Terms:
        """K's terms: L's, the memory of joint escalation, and the round of the year in L's foe terms."""
        J = joint_escalation(self.H_full, self.observed, window_sums, typical(self.H_full))
        memory = {f"memory {window_name(w)}": remembered(J, self.observed, *w)[self.kept] for w in MEMORY}
        if self.year is None:
            return {**windows, **memory}
        year, names = self.year[self.kept], map(window_name, WINDOWS)
        return {**windows, **memory, **{f"season {n}": round_of_the_year(windows[n], year) for n in names}}

    def fit(self, terms: _Terms, *, without: tuple[int, int] | None = None, like: ModelFit | None = None) -> ModelFit:
        """L or M, of all pairs or without one; ``like`` is a fit of all pairs."""
        cells = None
        if without is not None:
            i, j = without
            cells = np.ones(self.C[self.kept].shape, dtype=bool)
            cells[:, i, j] = cells[:, j, i] = False
        return ModelFit.of(weighed(self.C[self.kept]), terms, directed=not self.symmetric, mask=cells, like=like)

    def states(self, legs: str, inertia: _Terms, like: ModelFit) -> ModelFit:
        """M."""
        unit = _unit_of_path(self.H_full, legs)
        states = {"past": past_state, "future": future_state}
        foes = {n: logs(foe(f(self.H_full, STATE_HALF_LIFE)[self.kept], legs), unit) for n, f in states.items()}
        return self.fit({**foes, **inertia}, like=like)

    def each_leg_alone(self, legs: str, inertia: _Terms, like: ModelFit) -> ModelFit:
        """L with the usual hostility in place of one of the two that each foe term combines."""
        unit, usual = _unit_of_path(self.H_full, legs), self.H_full[self.observed].mean(axis=0)
        foes = {
            window_name(w): logs(
                one_leg(window_sums(self.H_full, *w, self.observed)[self.kept], usual * (w[1] - w[0] + 1), legs), unit
            )
            for w in WINDOWS
        }
        return self.fit({**foes, **inertia}, like=like)

    def most_hostile(self, how_many: int) -> list[int]:
        """The actors that are most hostile of all, the most hostile first."""
        total = self.H_full[self.observed].sum(axis=(0, 2))
        return [int(k) for k in np.argsort(-total, kind="stable")[:how_many] if total[k] > 0]

    def by_third_party(self, windows: _Terms, thirds: Sequence[int], like: ModelFit) -> ModelFit:
        """L with a term for each of some third parties, "turned 5" for actor 5, in place of [-3,-1]."""
        usual, c = self.H_full[self.observed].mean(axis=0), typical(self.H_full)
        h = window_sums(self.H_full, *LAG, self.observed)[self.kept] / (LAG[1] - LAG[0] + 1)
        others = {name: x for name, x in windows.items() if name != window_name(LAG)}
        return self.fit({**others, **{turned(k): turn_to_foes(h, usual, k, c) for k in thirds}}, like=like)

    def between(self, windows: _Terms) -> ModelFit:
        """L's windows, with hostility between the two themselves as the outcome and its own inertia."""
        both = self.directed and self.symmetric
        H, full = (x + x.transpose(0, 2, 1) if both else x for x in (self.H, self.H_full))
        unit = typical(full)
        own = {f"inertia {h:g}": logs(past_state(full, h)[self.kept], unit) for h in INERTIA_HALF_LIVES}
        foes = {window_name(w): windows[window_name(w)] for w in WINDOWS}
        return ModelFit.of(weighed(H[self.kept]), {**foes, **own}, directed=not self.symmetric)

    def reverse(self) -> ModelFit:
        """R."""
        terms = reverse_terms(self.C_full, self.H_full, self.observed, self.kept, self.directed)
        return ModelFit.of(weighed(self.H[self.kept]), terms, directed=self.directed)

    def pictures(
        self,
        legs: str,
        inertia: _Terms,
        draws: int,
        seed: int,
        workers: int | None,
        step: Callable[[str], None] | None,
    ) -> tuple[Picture, ...]:
        """Shuffled third parties and null networks for L."""
        base = OneStep(weighed(self.C[self.kept]), tuple(inertia.values()), directed=not self.symmetric)
        hostility = window_sums(self.H_full, *LAG, self.observed)[self.kept]
        unit = _unit_of_path(self.H_full, legs)
        return permuted(
            base,
            hostility,
            lambda shuffled: logs(foe(shuffled, legs), unit)[None],
            directed=self.directed,
            draws=draws,
            seed=seed,
            workers=workers,
            step=step,
        )


def _unit_of_path(H: Floats, legs: str) -> float:
    """m of two typical legs: c of a foe term. ``binary`` counts third parties, ``product`` has squared units."""
    c = typical(H)
    return float(combine(np.array([c]), np.array([c]), legs)[0])


def turned(k: int) -> str:
    """The name of the term of the third party k."""
    return f"turned {k}"


def window_name(window: tuple[int, int]) -> str:
    return f"[{window[0]},{window[1]}]"


# Fits


@dataclass(frozen=True, slots=True)
class ModelFit:
    fit: WithinFit
    cov: Covariances

    @classmethod
    def of(
        cls,
        Y: Floats,
        terms: Mapping[str, Floats],
        *,
        directed: bool,
        mask: Bools | None = None,
        like: ModelFit | None = None,
    ) -> ModelFit:
        fit = fit_ppml(
            Y, tuple(terms.values()), directed=directed, mask=mask, names=tuple(terms),
            like=None if like is None else like.fit,
        )  # fmt: skip
        return cls(fit, covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, left_out=fit.left_out))

    def without_each_pair(self, name: str) -> WithoutPair:
        """A term's coefficient without each unordered dyad of the fit; NaN if the term was absorbed."""
        fit = self.fit
        if name not in fit.names:
            unknown = np.full(len(fit.i), nan)
            return WithoutPair(unknown, unknown)
        contrast = np.array([float(n == name) for n in fit.names])
        return without_each_pair(fit.beta, contrast, fit.U_d, fit.H_d, fit.left_out, fit.i, fit.j, fit.N)

    def within_sd(self, name: str) -> float:
        """NaN if the term was absorbed."""
        return float(self.fit.within_sd[self.fit.names.index(name)]) if name in self.fit.names else nan


def fit_or_why(make: Callable[[], ModelFit]) -> tuple[ModelFit | None, str]:
    """The fit, or why there is none."""
    try:
        return make(), ""
    except (ModelError, EmptyData) as error:
        return None, error.message


def z_of(found: ModelFit | None, contrast: Mapping[str, float]) -> tuple[float, float, float]:
    """Estimate, standard error and z of a contrast of terms; NaN where one is absorbed or the variance is negative."""
    if found is None or any(name not in found.fit.names for name in contrast):
        return nan, nan, nan
    row = np.array([contrast.get(name, 0.0) for name in found.fit.names])
    estimate = float(row @ found.fit.beta)
    variance = float(contrast_variance(found.cov, row))
    if not variance > 0:
        return estimate, nan, nan
    se = variance**0.5
    return estimate, se, estimate / se

"""The within-pair model: a pair compared with itself, net of all that each actor does in each period.

    E[y_tij] = mu_tij = exp(a_ij + b_it + c_jt + x_tij beta),   t = 1..T,  i != j,  y >= 0

Poisson pseudo-likelihood with dyad, sender-by-period and receiver-by-period effects (Santos Silva & Tenreyro 2006,
doi:10.1162/rest.88.4.641; Weidner & Zylkin 2021, doi:10.1016/j.jinteco.2021.103513). Only the conditional mean must
be right: y may be a count or a weight, and its variance may be anything. Undirected data have one set of
actor-by-period effects, mu_tij = exp(a_ij + b_it + b_jt + x_tij beta), and count each unordered dyad once: the
mirrored tensor with scores and information halved.

How it is solved
----------------
Given the rest, a_ij = log(sum_t y_tij / sum_t exp(eta_tij)). What is maximised is the likelihood with the dyad
effects concentrated out, a concave function of beta and of the actor-by-period effects e = (b, c):

    l(beta, e) = sum_ij sum_t y_tij log p_tij,   mu_tij = p_tij sum_s y_sij,
    p_.ij = softmax over t of (b_it + c_jt + x_tij beta)

After a few sweeps of proportional fitting, Newton's method on (beta, e). With A the incidence of actor-periods,
W = diag(mu) and M the removal of weighted dyad means, the information on e is S = A'W M A. One run of conjugate
gradients solves S [E, delta] = [A'W M X, A'(y - mu)] for all terms at once; M (X - A E) is X demeaned on all sets of
effects, and the step is

    h = (X'W M X - (A'W M X)'E)^-1 (X'(y - mu) - E'A'(y - mu)),   e moves by delta - E h.

A product with S is three (directed: six) batches of matrix products on the [actor, period, actor] tensor of weights
and costs about as much as reading it, whatever the number of terms. X is demeaned once under the weights of the
start, so that all later runs begin near their end. The dyad effects, and the larger part of the work, vanish from
the iteration.

What is left out of the fit, and said
-------------------------------------
- Cells of a dyad, or of an actor in a period, whose outcomes are all zero: their mean is zero whatever beta.
- Cells whose mean runs to zero through a *combination* of effects and terms. Correia, Guimaraes & Zylkin (2019,
  arXiv:1903.01633) show that they are the cells with z > 0 of a linear predictor z that is 0 where y > 0 and >= 0
  where y = 0, and find z by least squares. Here z is read off the path: along Newton's steps everything else settles,
  and what still moves is such a z. It counts only if it passes their conditions; the fit goes on without the cells.
- Terms that the effects absorb (nothing is left of their variance), and terms that are collinear after demeaning.
- Too few cells an effect: below 3 it is said, below 2 refused.

Not done here: the corrections of Weidner & Zylkin (2021) for the bias of order 1/N. The bias of order 1/T that dyad
effects give to lagged outcomes (Nickell) is met by :func:`split_panel_jackknife` alone. The level of all cooperation
is absorbed: the model says how actors *redistribute* it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import gammaln

from tertius.errors import BadValue, EmptyData, NoConvergence, NotEnoughData, Separation
from tertius.model.robust import LeftOut

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]
Terms = Floats | Sequence[Floats]
Scalar = TypeVar("Scalar", np.float64, np.bool_)

CELLS_PER_EFFECT_TO_WARN = 3.0
CELLS_PER_EFFECT_TO_REFUSE = 2.0
ABSORBED_BELOW = 1e-11
"""Ratio of demeaned to raw variance below which a term counts as absorbed (float32 leaves about 1e-14)."""
COLLINEAR_BELOW = 1e-8
"""Share of a demeaned term's variance left by the terms before it, below which it counts as their combination."""
MARGIN_TOLERANCE = 1e-9
"""Largest relative difference between the fitted and the observed sum of an actor-period at convergence."""

_ALL_OF_IT = 1e-6
_LARGEST_SHARE = 0.5
_SWEEPS = 8
_MOST_STEPS = 100
_MOST_INNER = 100
_MOST_ROUNDS = 10
_LARGEST_MOVE = 5.0
_TIGHT = 1e-10
_NOISE = 1e-30
_REFERENCES = (6, 12, 24, 48)
_STEPS_FOR_PROOF = 40
_AGREE = 1e-6  # of two solutions, in log mu
_COLUMNS = 5  # solved at once


@dataclass(frozen=True, slots=True)
class Dropped:
    """Cells that carry no information on beta, by reason; undirected cells are counted once.

    Attributes
    ----------
    missing : cells of the mask (periods not observed, cells left out by the caller).
    zero_dyads : cells of dyads whose outcomes are all zero.
    zero_actor_periods : cells of actors that have nothing but zeros in a period.
    combinations : cells separated by a combination of effects and terms.
    """

    missing: int
    zero_dyads: int
    zero_actor_periods: int
    combinations: int


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A term left out of the fit because the effects, or the other terms, explain all of it.

    Attributes
    ----------
    name : the term.
    ratio : variance left after demeaning (and after the terms before it, if ``collinear_with``) over raw variance.
    collinear_with : the terms that give it, empty if the effects alone do.
    """

    name: str
    ratio: float
    collinear_with: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.collinear_with:
            return f"{self.name} is, within pairs, a combination of {', '.join(self.collinear_with)}: left out."
        return f"{self.name} is absorbed by the fixed effects (share of variance left {self.ratio:.0e}): left out."


@dataclass(frozen=True, slots=True)
class WithinFit:
    """The optimum, and what standard errors need. D unordered dyads, p terms, N actors, T periods.

    Attributes
    ----------
    names : p terms that are estimated, in the order given.
    beta : (p,) change of log mu for one unit of the term.
    U_d : (D, p) score of each unordered dyad, from the demeaned design.
    H_d : (D, p, p) information of each unordered dyad.
    left_out : the same for the jackknife, with the effects of the actors that stay estimated anew.
    i, j : (D,) ends of each unordered dyad, i < j.
    N : number of actors.
    mu : (T, N, N) fitted mean; 0 where not kept.
    kept : (T, N, N) cells in the likelihood.
    cells : number of kept cells, undirected ones counted once.
    effects : number of dyads, and of actors in a period, with kept cells.
    dropped : cells left out, by reason.
    absorbed : terms left out, with the ratio of demeaned to raw variance.
    within_sd : (p,) standard deviation of each demeaned term, weighted by mu.
    deviance : 2 sum (y log(y / mu) - y + mu).
    log_likelihood : of the Poisson; None if y are weights and not counts.
    phi : Pearson's sum (y - mu)^2 / mu over (cells - free effects - p); NaN without degrees of freedom.
    iterations : Newton steps.
    demeaning_iterations : conjugate-gradient iterations over all Newton steps and the final demeaning.
    converged : always True; a fit that does not converge is an error.
    seconds : (stage, seconds) in order.
    warnings : sentences for the reader.
    """

    names: tuple[str, ...]
    beta: Floats
    U_d: Floats
    H_d: Floats
    left_out: LeftOut
    i: Integers
    j: Integers
    N: int
    mu: Floats
    kept: Booleans
    cells: int
    effects: int
    dropped: Dropped
    absorbed: tuple[Absorbed, ...]
    within_sd: Floats
    deviance: float
    log_likelihood: float | None
    phi: float
    iterations: int
    demeaning_iterations: int
    converged: bool
    seconds: tuple[tuple[str, float], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitPanel:
    """Split-panel jackknife: bias of order 1/T removed by comparison with half the periods.

    Attributes
    ----------
    names : terms of the full fit.
    full, first, second : (p,) coefficients from all, the earlier half and the later half of the periods.
    corrected : (p,) 2 full - (first + second) / 2; NaN for a term that a half absorbs.
    """

    names: tuple[str, ...]
    full: Floats
    first: Floats
    second: Floats
    corrected: Floats


def fit_ppml(
    Y: Floats,
    X: Terms,
    *,
    directed: bool,
    mask: Booleans | None = None,
    names: Sequence[str] = (),
    tol: float = 1e-10,
) -> WithinFit:
    """Fit the within-pair model.

    Parameters
    ----------
    Y : (T, N, N) outcome of i towards j in period t, >= 0; counts or weights. The diagonal is not read.
    X : (p, T, N, N) terms, any unit, p >= 0; an array, or a sequence of p arrays.
    directed : False reads the pairs i < j of symmetric tensors once.
    mask : (T,) or (T, N, N), True where observed; None: all. Values of Y and X elsewhere are not read.
    names : of the p terms; by default x1, x2, ...
    tol : largest last Newton step, in standard deviations of the demeaned terms.

    Raises
    ------
    BadValue : Y negative or NaN, X not finite, or either not symmetric though undirected.
    NotEnoughData : fewer than 2 periods or 3 actors, or fewer than 2 kept cells an effect.
    EmptyData : no positive outcome.
    Separation : the means of cells, or a coefficient, still run to zero or infinity after 100 steps.
    NoConvergence : the optimum was not reached.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(1, 30, 12, 12))
    >>> fit = fit_ppml(rng.poisson(np.exp(0.5 * x[0])).astype(float), x, directed=True, names=["alliance"])
    >>> bool(abs(fit.beta[0] - 0.5) < 0.05), fit.dropped.combinations
    (True, 0)
    """
    clock = _Clock()
    names = tuple(names) or tuple(f"x{k + 1}" for k in range(len(X)))
    observed = _observed_cells(Y, X, mask, names)
    panel, missing, zero_dyads, zero_actor_periods = _panel(Y, X, observed, directed, names)
    _refuse_thin(panel)
    clock.stage("gather")

    terms = list(range(len(X)))
    scale = np.ones(len(X))
    beta = np.zeros(len(X))
    absorbed: list[Absorbed] = []
    combinations = steps = demeanings = 0
    start = _start(panel)
    for rounds in range(1, _MOST_ROUNDS + 1):
        before = len(terms)
        demeanings += _screen(panel, start, terms, scale, absorbed, names)
        if len(terms) < before and rounds > 1:
            start = _start(panel)
            beta[:] = 0.0
        clock.stage("screen")
        solution = _newton(panel, start, tol, [names[k] for k in terms], prove=rounds < _MOST_ROUNDS)
        beta[terms] += solution.beta / scale[terms]
        steps, demeanings = steps + solution.steps, demeanings + solution.demeanings
        if solution.separated is None:
            break
        combinations += int(solution.separated.sum())
        panel.leave_out(solution.separated)
        start = _start(panel, solution.eta)
        clock.stage("fit")
    clock.stage("fit")

    demeaned, spent = _demeaned(panel, solution.mu, solution.E)
    unit = scale[terms]
    residual = panel.y - solution.mu
    U, H = _by_dyad(panel, demeaned, residual, solution.mu, unit)
    left_out = _left_out(panel, demeaned, residual, solution.mu, unit)
    i, j, U, H = _unordered(panel, U, H)
    clock.stage("covariance")

    flat = np.flatnonzero(panel.live)
    y, mu = panel.y.ravel()[flat], solution.mu.ravel()[flat]
    positive = y > 0
    y_log = float(y[positive] @ np.log(mu[positive]))
    counts = bool((y == np.rint(y)).all())
    free = len(flat) - panel.effects + panel.redundant - len(terms)
    pearson = float(((y - mu) ** 2 / np.maximum(mu, np.finfo(float).tiny)).sum())
    return WithinFit(
        names=tuple(names[k] for k in terms),
        beta=beta[terms],
        U_d=U,
        H_d=H,
        left_out=left_out,
        i=i,
        j=j,
        N=panel.N,
        mu=panel.tensor(solution.mu),
        kept=panel.tensor(panel.live),
        cells=len(flat),
        effects=panel.effects,
        dropped=Dropped(missing, zero_dyads, zero_actor_periods, combinations),
        absorbed=tuple(absorbed),
        within_sd=np.sqrt(np.diagonal(H.sum(0)) / mu.sum()) if len(terms) else np.empty(0),
        deviance=2 * (float(y[positive] @ np.log(y[positive])) - y_log - float(y.sum() - mu.sum())),
        log_likelihood=y_log - float(mu.sum()) - float(gammaln(y + 1).sum()) if counts else None,
        phi=pearson / free if free > 0 else float("nan"),
        iterations=steps,
        demeaning_iterations=demeanings + spent,
        converged=True,
        seconds=clock.read("finish"),
        warnings=_sentences(panel, absorbed, combinations, solution.unproven),
    )


def split_panel_jackknife(fit_function: Callable[[Booleans], WithinFit], periods: int | Booleans) -> SplitPanel:
    """Remove the bias of order 1/T by half-panels in time (Dhaene & Jochmans 2015, doi:10.1093/restud/rdv007).

    Assumes that both halves follow the same model: a trend or a break in beta goes into the correction. With an odd
    number of periods the two nearly equal splits are averaged.

    Parameters
    ----------
    fit_function : from a (T,) mask of periods to a fit; terms that look back must come from the whole history.
    periods : T, or a (T,) mask of the observed periods.

    Raises
    ------
    NotEnoughData : fewer than 4 periods.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.normal(size=(1, 12, 8, 8)), rng.poisson(3.0, size=(12, 8, 8)).astype(float)
    >>> halves = split_panel_jackknife(lambda kept: fit_ppml(y, x, directed=True, mask=kept), 12)
    >>> halves.corrected.shape
    (1,)
    """
    observed = np.ones(periods, dtype=bool) if isinstance(periods, int) else np.asarray(periods, dtype=bool)
    at = np.flatnonzero(observed)
    if len(at) < 4:
        raise NotEnoughData(
            f"The split-panel jackknife needs 4 periods, and {len(at)} are observed.",
            "Use a shorter period or a longer window.",
        )
    full = fit_function(observed)

    def half(kept: Integers) -> Floats:
        chosen = np.zeros(len(observed), dtype=bool)
        chosen[kept] = True
        fit = fit_function(chosen)
        found = dict(zip(fit.names, fit.beta, strict=True))
        return np.array([found.get(name, np.nan) for name in full.names])

    cuts = sorted({len(at) // 2, (len(at) + 1) // 2})
    first = np.mean([half(at[:cut]) for cut in cuts], axis=0)
    second = np.mean([half(at[cut:]) for cut in cuts], axis=0)
    return SplitPanel(full.names, full.beta, first, second, 2 * full.beta - (first + second) / 2)


@dataclass(frozen=True, slots=True)
class Step:
    """One Newton step from an optimum along p further terms. D unordered dyads.

    Attributes
    ----------
    beta : (p,) the step: to first order, the coefficients that a refit with these terms would give.
    U_d : (D, p) score of each unordered dyad after the step, to first order.
    H_d : (D, p, p) information of each unordered dyad.
    i, j : (D,) ends, i < j.
    N : number of actors.
    """

    beta: Floats
    U_d: Floats
    H_d: Floats
    i: Integers
    j: Integers
    N: int


class OneStep:
    """What many sets of terms would each add to one fit: a warm-started Newton step instead of a refit.

    The effects and the terms of the fit are projected out of the new terms under the fit's weights, to a relative
    accuracy of 1e-4. Reads its arrays only: steps may run in several threads at once.

    Parameters
    ----------
    Y, held, directed, mask : as for :func:`fit_ppml`; ``held`` (q, T, N, N) are the terms that the fit holds.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(2, 30, 12, 12))
    >>> Y = rng.poisson(np.exp(0.1 * x[1])).astype(float)
    >>> step = OneStep(Y, x[:1], directed=True).step(x[1:])
    >>> bool(abs(step.beta[0] - fit_ppml(Y, x, directed=True).beta[1]) < 0.01)
    True
    """

    def __init__(self, Y: Floats, held: Terms, *, directed: bool, mask: Booleans | None = None) -> None:
        fit = fit_ppml(Y, held, directed=directed, mask=mask)
        empty = np.empty((0, *Y.shape))
        panel = _panel(Y, empty, fit.kept & ~np.eye(fit.N, dtype=bool), directed, ())[0]
        self._panel = panel
        self._mu = np.ascontiguousarray(fit.mu[:, panel.i, panel.j].T)
        self._residual = panel.y - self._mu
        self._demeaner = _Demeaner(panel)
        self._demeaner.set_weights(self._mu)
        self._held = self._demeaned(held, 1e-6)
        self._gram = self._product(self._held, self._held)

    def step(self, X: Floats) -> Step:
        """The step along X (p, T, N, N), finite, symmetric if undirected."""
        x = self._demeaned(X, 1e-4)
        if len(self._gram):
            x -= np.matmul(np.linalg.solve(self._gram, self._product(self._held, x)).T, self._held)
        P = self._panel
        H = np.matmul(x * self._mu[:, None, :], x.transpose(0, 2, 1))
        score = np.matmul(x, self._residual[:, :, None])[..., 0]
        beta = np.linalg.lstsq(H.sum(0), score.sum(0), rcond=None)[0]
        i, j, U, H = _unordered(P, score - H @ beta, H)
        return Step(beta, U, H, i, j, P.N)

    def _demeaned(self, X: Terms, accuracy: float) -> Floats:
        P = self._panel
        x = np.empty((P.D, len(X), P.T))
        for k, term in enumerate(X):
            np.multiply(term[:, P.i, P.j].T, P.live, out=x[:, k, :])
        if not len(X):
            return x
        own = _Panel(P.y, x, P.live, P.i, P.j, P.N, P.directed)
        _, R = _moments(own, self._mu, self._demeaner)
        E, _, _ = self._demeaner.solve(R, np.zeros_like(R), np.full(len(X), accuracy))
        _subtract_effects(own, x, E, self._mu, self._demeaner)
        return x

    def _product(self, a: Floats, b: Floats) -> Floats:
        return np.asarray(np.matmul(a * self._mu[:, None, :], b.transpose(0, 2, 1)).sum(0))


class Imputation:
    """Means of cells that were not fitted, from the effects of those that were; the fit has no terms.

        mu_tij = exp(a_ij + b_it + c_jt)      for every cell whose three effects the fitted cells identify

    The effects are read back from the fitted means, log mu = a + b + c, a linear system that is consistent and not of
    full rank. It is solved from two starts, one of them random: a mean on which the two agree does not depend on what
    the fit cannot know, and the others are NaN. A dyad that was silent in all cells fitted has the mean 0, as its
    maximum likelihood has it, and so has an actor-period; leaving them out instead would keep the lucky half of those
    that are seldom active, and impute too much.

    Attributes
    ----------
    mean : (T, N, N) fitted where fitted, imputed elsewhere, NaN where not identified; mirrored if undirected.
    fit : the fit.

    Parameters
    ----------
    Y, directed, mask : as for :func:`fit_ppml`; ``mask`` (T, N, N) holds the cells to be fitted.

    Raises
    ------
    As :func:`fit_ppml`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> a, b = rng.normal(size=(12, 12)), rng.normal(size=(30, 12))
    >>> mean = np.exp(1 + a + b[:, :, None] + b[:, None, :])
    >>> seen = rng.random(mean.shape) < 0.8
    >>> found = Imputation(mean, directed=True, mask=seen)
    >>> away = ~np.eye(12, dtype=bool)
    >>> bool(np.allclose(found.mean[:, away], mean[:, away], rtol=1e-6))
    True
    """

    def __init__(self, Y: Floats, *, directed: bool, mask: Booleans) -> None:
        no_terms = np.empty((0, *Y.shape))
        self.fit = fit_ppml(Y, no_terms, directed=directed, mask=mask)
        kept = self.fit.kept
        self._panel = P = _panel(Y, no_terms, kept & ~np.eye(self.fit.N, dtype=bool), directed, ())[0]
        self._mu = np.ascontiguousarray(self.fit.mu[:, P.i, P.j].T)
        self._demeaner = _Demeaner(P)
        eta, agreed = self._everywhere()
        self.mean = self._means(np.where(agreed, np.exp(np.minimum(eta, 700.0)), np.nan), Y, mask)
        self._demeaner.set_weights(self._mu)

    def _everywhere(self) -> tuple[Floats, Booleans]:
        """log mu (D, T) of all cells of the fitted dyads, and where two solutions agree."""
        P, demeaner = self._panel, self._demeaner
        seen = P.live.astype(np.float64)
        demeaner.set_weights(seen)
        log_mu = _log(self._mu) * seen
        R = demeaner.right_side(log_mu[:, None, :], log_mu.sum(1, keepdims=True) * demeaner.reciprocal[:, None])
        starts = np.zeros((*R.shape[:2], 2))
        starts[:, :, 1] = np.random.default_rng(0).normal(size=R.shape[:2])
        E, _, reached = demeaner.solve(np.repeat(R, 2, axis=2), starts, np.full(2, _TIGHT), most=2000)
        if reached.max() > 1e-7:
            raise NoConvergence(
                f"The effects could be read back to a relative accuracy of {reached.max():.0e} only.",
                "Use fewer actors or longer periods: too few cells hold the fixed effects together.",
            )

        def predicted(e: Floats) -> Floats:
            part = P.spread(np.ascontiguousarray(e)).copy()
            return np.asarray(part + (((log_mu - part) * seen).sum(1) * demeaner.reciprocal)[:, None])

        one, other = predicted(E[:, :, 0]), predicted(E[:, :, 1])
        return one, np.abs(one - other) < _AGREE

    def _means(self, imputed: Floats, Y: Floats, mask: Booleans) -> Floats:
        """(T, N, N) from (D, T), with the zeros of what was silent."""
        P, kept = self._panel, self.fit.kept
        seen = mask & ~np.eye(P.N, dtype=bool)

        def some(cells: Booleans, axis: int) -> Booleans:
            return np.asarray(cells.any(axis=axis), dtype=np.bool_)

        active, sends, receives = some(kept, 0), some(kept, 2), some(kept, 1)
        silent = some(seen & sends[:, :, None] & receives[:, None, :], 0) & ~active
        quiet_sender = some(seen & active, 2) & ~sends
        quiet_receiver = some(seen & active, 1) & ~receives
        known = (active | silent) & (sends | quiet_sender)[:, :, None] & (receives | quiet_receiver)[:, None, :]
        zero = known & (silent | quiet_sender[:, :, None] | quiet_receiver[:, None, :])
        mean = np.where(zero, 0.0, np.nan)
        spread = np.full(mean.shape, np.nan)
        spread[:, P.i, P.j] = imputed.T
        if not P.directed:
            spread[:, P.j, P.i] = imputed.T
        mean = np.where(known & ~zero, spread, mean)
        return np.where(kept, self.fit.mu, mean)

    def carried(self, t: Integers, i: Integers, j: Integers, group: Integers, groups: int) -> tuple[Floats, Floats]:
        """How the fitted cells' residuals enter sums of imputed means, to first order.

        Parameters
        ----------
        t, i, j : cells with an imputed mean (undirected: i < j).
        group : which of the ``groups`` sums a cell belongs to.

        Returns
        -------
        (groups, N, N) the part of each unordered dyad (i < j) in the error of each sum; and (groups, N) by how much
        each sum falls, beyond its own cells, when an actor is left out: the effects of the others are estimated anew,
        with the residual divided by what their actor-period keeps (as in the jackknife of the fit).
        """
        P, demeaner = self._panel, self._demeaner
        place = np.full((P.N, P.N), -1)
        place[P.i, P.j] = np.arange(P.D)
        d, weight = place[i, j], self.mean[t, i, j]
        some = (d >= 0) & (weight > 0)
        t, d, group, weight = t[some], d[some], group[some], weight[some]
        residual = P.y - self._mu
        sums = P.incidence @ self._mu
        first, second = (
            residual / (1 - np.minimum(np.divide(self._mu, s, out=np.zeros_like(s), where=s > 0), _LARGEST_SHARE))
            for s in (sums[P.first], sums[P.second])
        )
        low, high = np.minimum(P.i, P.j), np.maximum(P.i, P.j)
        own, without = np.zeros((groups, P.N, P.N)), np.zeros((groups, P.N))
        for begin in range(0, groups, _COLUMNS):
            columns = range(begin, min(begin + _COLUMNS, groups))
            by_dyad = np.zeros((P.D, len(columns)))
            by_actor = np.zeros((P.G, P.T, len(columns)))
            for at, k in enumerate(columns):
                mine = group == k
                np.add.at(by_dyad[:, at], d[mine], weight[mine])
                for ends in (P.first, P.second):
                    np.add.at(by_actor[:, :, at], (ends[d[mine]], t[mine]), weight[mine])
            nothing = np.zeros((P.D, len(columns), P.T))
            R = by_actor + demeaner.right_side(nothing, by_dyad * demeaner.reciprocal[:, None])
            E, _, _ = demeaner.solve(R, np.zeros_like(R), np.full(len(columns), 1e-7))
            for at, k in enumerate(columns):
                e = np.ascontiguousarray(E[:, :, at])
                total = np.zeros(P.D)
                for ends, left, corrected in ((P.second, P.i, second), (P.first, P.j, first)):
                    part = e[ends]
                    part -= ((part * self._mu).sum(1) * demeaner.reciprocal)[:, None]
                    total += (part * residual).sum(1)
                    np.add.at(without[k], left, (part * corrected * P.live).sum(1))
                np.add.at(own[k], (low, high), total)
        return own, without


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._spent: dict[str, float] = {}

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        self._spent[name] = self._spent.get(name, 0.0) + now - self._last
        self._last = now

    def read(self, last: str) -> tuple[tuple[str, float], ...]:
        self.stage(last)
        return tuple(self._spent.items())


class _Panel:
    """The kept cells as (dyad, period) arrays: dyads with a positive outcome only, ordered if directed.

    Each dyad belongs to two rows of the actor-by-period effects e (G, T): its sender and N + its receiver if directed
    (G = 2 N), its two actors if not (G = N). ``runs`` are the spans [first, last) of dyads of one first actor, in whose
    order dyads lie; no second actor is twice in one.
    """

    def __init__(self, y: Floats, x: Floats, live: Booleans, i: Integers, j: Integers, N: int, directed: bool) -> None:
        self.y, self.x, self.live = y, x, live
        self.i, self.j, self.N, self.directed = i, j, N, directed
        self.D, self.T = y.shape
        self.G = 2 * N if directed else N
        self.first, self.second = i, j + N if directed else j
        ends = np.concatenate([self.first, self.second])
        self.incidence = csr_array((np.ones(2 * self.D), (ends, np.tile(np.arange(self.D), 2))), shape=(self.G, self.D))
        self.y_dyad = y.sum(1)
        self.y_actor = self.incidence @ y
        self._buffer = np.empty_like(y)
        cuts = np.flatnonzero(np.diff(i)) + 1
        self.runs = tuple(pairwise([0, *cuts.tolist(), self.D]))
        self.longest_run = max(b - a for a, b in self.runs)

    @property
    def effects(self) -> int:
        """Dyads, and actors in a period, that have kept cells."""
        return int(self.live.any(1).sum()) + int((self.incidence @ self.live.astype(np.float64) > 0).sum())

    @property
    def redundant(self) -> int:
        """Effects that the others imply: an actor's mean over time, and a period's mean over actors."""
        rows = int((self.y_actor > 0).any(1).sum())
        return rows + self.T - 1 if self.directed else rows

    def spread(self, e: Floats) -> Floats:
        """(D, T) sum of the two actor-by-period effects of each cell. A buffer: valid until the next call."""
        np.take(e, self.first, axis=0, out=self._buffer, mode="clip")
        self._buffer += e[self.second]
        return self._buffer

    def means(self, eta: Floats) -> tuple[Floats, float]:
        """mu (D, T) with dyad sums as observed, and the log-likelihood less a constant. Centres eta in place."""
        eta -= eta.max(1, initial=-np.inf, where=self.live, keepdims=True)
        mu = np.exp(eta)
        mu *= self.live
        total = mu.sum(1)
        likelihood = float(np.vdot(self.y, eta)) - float(self.y_dyad @ np.log(total))
        mu *= (self.y_dyad / total)[:, None]
        return mu, likelihood

    def leave_out(self, cells: Booleans) -> None:
        """Take cells (D, T) with y = 0 out of the likelihood."""
        self.live &= ~cells
        self.x *= self.live[:, None, :]

    def tensor(self, values: NDArray[Scalar]) -> NDArray[Scalar]:
        """(D, T) values as a (T, N, N) tensor, zero elsewhere, mirrored if undirected."""
        into = np.zeros((self.T, self.N, self.N), dtype=values.dtype)
        into[:, self.i, self.j] = values.T
        if not self.directed:
            into[:, self.j, self.i] = values.T
        return into


def _observed_cells(Y: Floats, X: Terms, mask: Booleans | None, names: tuple[str, ...]) -> Booleans:
    """(T, N, N) cells that may be read. Raises on shapes, T < 2 and N < 3."""
    if Y.ndim != 3 or Y.shape[1] != Y.shape[2] or any(x.shape != Y.shape for x in X) or len(names) != len(X):
        shapes = [x.shape for x in X]
        raise ValueError(f"shapes do not belong together: Y {Y.shape}, X {shapes}, {len(names)} names")
    if mask is not None and mask.shape not in ((len(Y),), Y.shape):
        raise ValueError(f"the mask has shape {mask.shape}: it must be (T,) or (T, N, N) with Y {Y.shape}")
    N = Y.shape[1]
    observed = np.broadcast_to(~np.eye(N, dtype=bool), Y.shape)
    if mask is not None:
        observed = observed & (mask[:, None, None] if mask.ndim == 1 else mask)
    n_periods = int(observed.any((1, 2)).sum())
    if N < 3:
        raise NotEnoughData(f"The within-pair model needs 3 actors, and there are {N}.", "Widen --actors.")
    if n_periods < 2:
        raise NotEnoughData(
            f"The within-pair model needs 2 periods, and {n_periods} {'is' if n_periods == 1 else 'are'} observed.",
            "Use a shorter --period or a longer window.",
        )
    return observed


def _panel(
    Y: Floats, X: Terms, observed: Booleans, directed: bool, names: tuple[str, ...]
) -> tuple[_Panel, int, int, int]:
    """The kept cells, and the number of cells left out: missing, of all-zero dyads, of all-zero actor-periods."""
    T, N, _ = Y.shape
    if directed:
        i, j = np.nonzero(~np.eye(N, dtype=bool))
    else:
        i, j = np.triu_indices(N, 1)
        seen = observed & observed.transpose(0, 2, 1)
        if not np.array_equal(Y[seen], Y.transpose(0, 2, 1)[seen]):
            raise BadValue("Y is not symmetric, though undirected.", "Pass directed=True, or add both directions.")
        middle = T // 2
        for name, x in zip(names, X, strict=True):
            if not np.array_equal(x[middle][seen[middle]], x[middle].T[seen[middle]]):
                raise BadValue(f"{name} is not symmetric, though undirected.", "Use the symmetric form of the term.")
        observed = seen
    flat = i * N + j

    def cells(tensor: NDArray[Scalar], dyads: Integers) -> NDArray[Scalar]:
        return np.ascontiguousarray(tensor.reshape(T, N * N).take(dyads, axis=1).T)

    live = cells(observed, flat).astype(bool)
    y = np.where(live, cells(Y, flat), 0.0).astype(np.float64)
    if not np.isfinite(y).all() or (y < 0).any():
        d, t = np.argwhere(~(np.isfinite(y) & (y >= 0)))[0]
        raise BadValue(
            f"The outcome of actors {i[d]} and {j[d]} in period {t} is {y[d, t]}.",
            "Outcomes are counts or weights, at least 0; leave missing cells out by the mask.",
        )
    if not y.any():
        raise EmptyData("There is no positive outcome in any period.", "Choose another --outcome or a longer window.")
    missing = int(live.size - live.sum())
    live, zero_dyads, zero_actor_periods = _positive_groups(y, live, i, j, N, directed)
    some = live.any(1)
    if not live.any():
        raise EmptyData(
            "No cell is left after all-zero groups are dropped.", "Use a longer --period or fewer --actors."
        )
    i, j, flat, live, y = i[some], j[some], flat[some], live[some], y[some]
    x = np.zeros((len(i), len(X), T))
    for k, (name, term) in enumerate(zip(names, X, strict=True)):
        np.copyto(x[:, k, :], term.reshape(T, N * N).take(flat, axis=1).T, where=live)
        if not np.isfinite(x[:, k, :]).all():
            d, t = np.argwhere(~np.isfinite(x[:, k, :]))[0]
            raise BadValue(
                f"{name} of actors {i[d]} and {j[d]} in period {t} is {x[d, k, t]}.",
                "Leave cells without a value out by the mask.",
            )
    return _Panel(y * live, x, live, i, j, N, directed), missing, zero_dyads, zero_actor_periods


def _positive_groups(
    y: Floats, live: Booleans, i: Integers, j: Integers, N: int, directed: bool
) -> tuple[Booleans, int, int]:
    """Cells (D, T) left after all-zero dyads and actor-periods are dropped, again and again; and how many each took."""
    D = len(i)
    G, second = (2 * N, j + N) if directed else (N, j)
    incidence = csr_array((np.ones(2 * D), (np.concatenate([i, second]), np.tile(np.arange(D), 2))), shape=(G, D))
    left = int(live.sum())
    by_dyad = by_actor = 0
    while True:
        seen = y * live
        live = live & (seen.sum(1) > 0)[:, None]
        after_dyads = int(live.sum())
        positive = incidence @ (y * live) > 0
        live &= positive[i] & positive[second]
        after_actors = int(live.sum())
        by_dyad += left - after_dyads
        by_actor += after_dyads - after_actors
        if after_actors == left:
            return live, by_dyad, by_actor
        left = after_actors


def _refuse_thin(panel: _Panel) -> None:
    """Refuse where fixed effects have so few cells that combinations of them fit most cells perfectly."""
    cells, effects = int(panel.live.sum()), panel.effects
    if cells < CELLS_PER_EFFECT_TO_REFUSE * effects:
        raise NotEnoughData(
            f"The within-pair model has {cells} cells for {effects} fixed effects ({cells / effects:.2f} each), "
            f"and refuses below {CELLS_PER_EFFECT_TO_REFUSE:g}.",
            "Use fewer actors, longer periods, or a broader outcome.",
        )


def _sentences(panel: _Panel, absorbed: list[Absorbed], combinations: int, unproven: int) -> tuple[str, ...]:
    """What the reader must know about the fit."""
    said = []
    cells, effects = int(panel.live.sum()), panel.effects
    if cells < CELLS_PER_EFFECT_TO_WARN * effects:
        said.append(
            f"Only {cells} cells for {effects} fixed effects ({cells / effects:.2f} each): many cells are fitted "
            f"perfectly, and standard errors may be too small."
        )
    if combinations:
        said.append(f"{combinations} cells are separated by combinations of effects and terms, and are left out.")
    if unproven:
        said.append(
            f"The means of {unproven} cells seem to run to zero; no combination of effects proves it, and they are "
            f"kept. Coefficients do not depend on it."
        )
    return (*said, *(str(a) for a in absorbed))


class _Demeaner:
    """Solves S E = R for weights w (D, T), S = A'W M A: conjugate gradients, all columns at once.

    Holds w as a dense tensor [actor, period, actor] (directed: in both orientations), so that a product with S is a few
    batches of matrix products. The diagonal of S is the preconditioner; rows without information (an actor-period
    whose only dyad lives in this period only) are left at zero.
    """

    def __init__(self, panel: _Panel) -> None:
        self._panel = panel
        shape = (panel.N, panel.T, panel.N)
        self._by_first = np.zeros(shape)
        self._by_second = np.zeros(shape) if panel.directed else self._by_first
        self._per_dyad = np.zeros((panel.N, panel.N, 1))

    def set_weights(self, w: Floats) -> None:
        """w (D, T) >= 0, zero where a cell is not kept."""
        P = self._panel
        self.w_dyad = w.sum(1)
        self.w_actor = P.incidence @ w
        reciprocal = np.divide(1.0, self.w_dyad, out=np.zeros_like(self.w_dyad), where=self.w_dyad > 0)
        diagonal = self.w_actor - P.incidence @ (w * w * reciprocal[:, None])
        informed = diagonal > 1e-10 * self.w_actor
        self._jacobi = np.divide(1.0, diagonal, out=np.zeros_like(diagonal), where=informed)[:, :, None]
        self._by_first[P.i, :, P.j] = w
        self._by_second[P.j, :, P.i] = w
        self._per_dyad[P.i, P.j, 0] = reciprocal
        if not P.directed:
            self._per_dyad[P.j, P.i, 0] = reciprocal
        self.reciprocal = reciprocal
        self._floor = _NOISE * float(self.w_dyad.sum())

    def right_side(self, wx: Floats, dyad_mean: Floats) -> Floats:
        """A'W M X (G, T, p) from wx (D, p, T) and the weighted dyad means (D, p)."""
        P = self._panel
        p = wx.shape[1]
        flat: Floats = P.incidence @ wx.reshape(P.D, p * P.T)
        return self.less_means(flat.reshape(P.G, p, P.T).transpose(0, 2, 1), dyad_mean)

    def less_means(self, sums: Floats, dyad_mean: Floats) -> Floats:
        """The sums by actor and period (G, T, p) less what the weighted dyad means (D, p) have in them, in place."""
        P = self._panel
        by_pair = np.zeros((P.N, P.N, dyad_mean.shape[1]))
        by_pair[P.i, P.j] = dyad_mean
        if P.directed:
            sums[: P.N] -= np.matmul(self._by_first, by_pair)
            sums[P.N :] -= np.matmul(self._by_second, by_pair.transpose(1, 0, 2))
            return sums
        by_pair[P.j, P.i] = dyad_mean
        sums -= np.matmul(self._by_first, by_pair)
        return sums

    def product(self, E: Floats) -> Floats:
        """S E for E (G, T, q)."""
        P, W, V = self._panel, self._by_first, self._by_second
        weighted: Floats = self.w_actor[:, :, None] * E
        if not P.directed:
            by_pair = np.matmul(W.transpose(0, 2, 1), E)
            by_pair = (by_pair + by_pair.transpose(1, 0, 2)) * self._per_dyad
            across = np.matmul(W.transpose(1, 0, 2), E.transpose(1, 0, 2)).transpose(1, 0, 2)
            weighted += across
            weighted -= np.matmul(W, by_pair)
            return weighted
        b, c = E[: P.N], E[P.N :]
        by_pair = np.matmul(W.transpose(0, 2, 1), b) + np.matmul(V.transpose(0, 2, 1), c).transpose(1, 0, 2)
        by_pair *= self._per_dyad
        weighted[: P.N] += np.matmul(W.transpose(1, 0, 2), c.transpose(1, 0, 2)).transpose(1, 0, 2)
        weighted[: P.N] -= np.matmul(W, by_pair)
        weighted[P.N :] += np.matmul(V.transpose(1, 0, 2), b.transpose(1, 0, 2)).transpose(1, 0, 2)
        weighted[P.N :] -= np.matmul(V, np.ascontiguousarray(by_pair.transpose(1, 0, 2)))
        return weighted

    def solve(self, R: Floats, E: Floats, tol: Floats, most: int = 500) -> tuple[Floats, int, Floats]:
        """E (G, T, q) from the start E, its iterations, and the relative residual reached by each column.

        tol (q,) is relative to the preconditioned norm of R; a residual at the level of rounding counts as zero.
        """
        jacobi = self._jacobi

        def norms(a: Floats, b: Floats) -> Floats:
            return np.asarray(np.einsum("gtq,gtq->q", a, b), dtype=np.float64)

        reference = norms(R, jacobi * R)
        goal = np.maximum(tol**2 * reference, self._floor)
        solved = E.copy()
        residual = R - self.product(E) if E.any() else R.copy()
        towards = jacobi * residual
        reached = norms(residual, towards)
        direction, size = towards.copy(), reached.copy()
        E, at = solved.copy(), np.arange(len(reached))  # the columns that are not solved yet, and which they are
        iterations = 0
        while iterations < most:
            going = size > goal[at]
            if not going.all():
                solved[:, :, at], reached[at] = E, size
                at, size = at[going], size[going]
                E, residual, direction = (x[:, :, going] for x in (E, residual, direction))
            if not len(at):
                break
            image = self.product(direction)
            curvature = norms(direction, image)
            curved = curvature > 0
            if not curved.any():
                break
            along = np.divide(size, curvature, out=np.zeros_like(size), where=curved)
            E += along * direction
            residual -= along * image
            towards = jacobi * residual
            new = norms(residual, towards)
            direction *= np.divide(new, size, out=np.zeros_like(size), where=curved)
            direction += towards
            size = new
            iterations += 1
        solved[:, :, at], reached[at] = E, size
        relative = np.sqrt(np.divide(reached, reference, out=np.zeros_like(reached), where=reference > 0))
        return solved, iterations, np.where(reached <= self._floor, 0.0, relative)


@dataclass(frozen=True, slots=True)
class _Start:
    """Where Newton's method begins: eta and mu (D, T), their log-likelihood, a demeaner with the weights mu."""

    eta: Floats
    mu: Floats
    likelihood: float
    demeaner: _Demeaner


@dataclass(frozen=True, slots=True)
class _Solution:
    """The optimum, or the cells (D, T) that must go first; and how many cells seem to run to zero without proof."""

    beta: Floats
    eta: Floats
    mu: Floats
    E: Floats
    steps: int
    demeanings: int
    separated: Booleans | None
    unproven: int


def _start(panel: _Panel, eta: Floats | None = None) -> _Start:
    """From eta, or by sweeps of proportional fitting: both ends of a dyad at once, and so half a step each."""
    if eta is None:
        eta = np.zeros_like(panel.y)
        positive = panel.y_actor > 0
        target = np.log(np.where(positive, panel.y_actor, 1.0))
        for _ in range(_SWEEPS):
            fitted = panel.incidence @ panel.means(eta)[0]
            eta += panel.spread(np.where(positive, (target - np.log(np.where(positive, fitted, 1.0))) / 2, 0.0))
    mu, likelihood = panel.means(eta)
    demeaner = _Demeaner(panel)
    demeaner.set_weights(mu)
    return _Start(eta, mu, likelihood, demeaner)


def _moments(panel: _Panel, w: Floats, demeaner: _Demeaner) -> tuple[Floats, Floats]:
    """X'W M X (p, p) and A'W M X (G, T, p)."""
    p, T = panel.x.shape[1:]
    sums, gram, by_actor = np.empty((panel.D, p)), np.zeros((p, p)), np.zeros((panel.G, p, T))
    room = np.empty((panel.longest_run, p, T))
    for a, b in panel.runs:
        x = panel.x[a:b]
        wx = np.multiply(x, w[a:b, None, :], out=room[: b - a])
        wx.sum(2, out=sums[a:b])
        gram += np.matmul(wx, x.transpose(0, 2, 1)).sum(0)
        by_actor[panel.first[a]] += wx.sum(0)
        by_actor[panel.second[a:b]] += wx
    mean = sums * demeaner.reciprocal[:, None]
    return gram - sums.T @ mean, demeaner.less_means(by_actor.transpose(0, 2, 1), mean)


def _screen(
    panel: _Panel, start: _Start, terms: list[int], scale: Floats, absorbed: list[Absorbed], names: tuple[str, ...]
) -> int:
    """Demean X under the weights of the start, in place; drop absorbed and collinear terms from ``terms`` and panel.x.

    What is left has unit weighted variance; ``scale`` (all terms) keeps the factor. Returns the iterations spent.
    """
    if not terms:
        return 0
    w, demeaner = start.mu, start.demeaner
    total = float(w.sum())
    panel.x -= (np.einsum("dkt,dt->k", panel.x, w) / total)[:, None]
    panel.x *= panel.live[:, None, :]
    raw = np.einsum("dkt,dkt,dt->k", panel.x, panel.x, w)
    panel.x /= np.sqrt(np.where(raw > 0, raw / total, 1.0))[:, None]
    gram, R = _moments(panel, w, demeaner)
    E, spent, _ = demeaner.solve(R, np.zeros_like(R), np.full(len(terms), 1e-5))
    left = (np.diagonal(gram) - np.einsum("gtk,gtk->k", R, E)) / total
    unclear = np.flatnonzero(left < 1e-4)
    if len(unclear):
        E[:, :, unclear], more, _ = demeaner.solve(R[:, :, unclear], E[:, :, unclear], np.full(len(unclear), _TIGHT))
        spent += more
    _subtract_effects(panel, panel.x, E, w, demeaner)
    left = np.einsum("dkt,dkt,dt->k", panel.x, panel.x, w) / total
    kept: list[int] = []
    for at, k in enumerate(terms):
        if left[at] < ABSORBED_BELOW or raw[at] <= 0:
            absorbed.append(Absorbed(names[k], float(left[at]) if raw[at] > 0 else 0.0))
        else:
            kept.append(at)
    gram = np.matmul(panel.x * w[:, None, :], panel.x.transpose(0, 2, 1)).sum(0)
    independent: list[int] = []
    for at in kept:
        if independent:
            inner = gram[np.ix_(independent, independent)]
            slope = np.linalg.solve(inner, gram[independent, at])
            rest = 1 - float(slope @ gram[independent, at]) / gram[at, at]
            if rest < COLLINEAR_BELOW:
                share = np.abs(slope) * np.sqrt(np.diagonal(inner) / gram[at, at])
                others = tuple(names[terms[o]] for o, s in zip(independent, share, strict=True) if s > 1e-6)
                absorbed.append(Absorbed(names[terms[at]], max(rest, 0.0) * float(left[at]), others))
                continue
        independent.append(at)
    sizes = np.sqrt(left[independent])
    scale[[terms[at] for at in independent]] *= np.sqrt(np.where(raw > 0, raw / total, 1.0))[independent] * sizes
    if len(independent) < len(terms):
        panel.x = np.ascontiguousarray(panel.x[:, independent])
    panel.x /= sizes[:, None]
    terms[:] = [terms[at] for at in independent]
    return spent


def _subtract_effects(panel: _Panel, x: Floats, E: Floats, w: Floats, demeaner: _Demeaner) -> None:
    """x (D, p, T) minus its actor-by-period parts E and then its weighted dyad means, in place."""
    for k in range(x.shape[1]):
        part = x[:, k, :]
        part -= panel.spread(np.ascontiguousarray(E[:, :, k]))
        part -= (np.einsum("dt,dt->d", part, w) * demeaner.reciprocal)[:, None]
        part *= panel.live


def _newton(panel: _Panel, start: _Start, tol: float, names: list[str], *, prove: bool) -> _Solution:
    """Newton steps on beta and the actor-by-period effects, the dyad effects concentrated out.

    With ``prove``, stops as soon as cells are proved to be separated.
    """
    p = panel.x.shape[1]
    eta, mu, likelihood, demeaner = start.eta, start.mu, start.likelihood, start.demeaner
    beta = np.zeros(p)
    E = np.zeros((panel.G, panel.T, p))
    informed = panel.y_actor > 0
    positive = panel.y > 0
    zero = panel.live & ~positive
    demeanings = 0
    accuracy = 1e-2
    full = np.zeros_like(eta)
    references: list[Floats] = []
    for step in range(1, _MOST_STEPS + 1):
        demeaner.set_weights(mu)
        gram, R = _moments(panel, mu, demeaner)
        gap = panel.y_actor - demeaner.w_actor
        solved, spent, _ = demeaner.solve(
            np.concatenate([R, gap[:, :, None]], axis=2),
            np.concatenate([E, np.zeros((panel.G, panel.T, 1))], axis=2),
            np.full(p + 1, accuracy),
            most=_MOST_INNER,
        )
        demeanings += spent
        E, delta = solved[:, :, :p], solved[:, :, p]
        information = gram - np.tensordot(R, E, ((0, 1), (0, 1)))
        score = np.matmul(panel.x, (panel.y - mu)[:, :, None])[..., 0].sum(0) - np.tensordot(E, gap, ((0, 1), (0, 1)))
        h = _solve_information((information + information.T) / 2, score)
        full = np.matmul(h, panel.x) if p else np.zeros_like(eta)
        full += panel.spread(delta - E @ h)
        full -= np.einsum("dt,dt->d", full, mu)[:, None] * demeaner.reciprocal[:, None]
        full *= panel.live
        far = float(np.abs(full).max())
        length = min(1.0, _LARGEST_MOVE / far) if far else 1.0
        while True:
            moved = eta + length * full
            new_mu, new_likelihood = panel.means(moved)
            if new_likelihood >= likelihood - 1e-11 * abs(likelihood):
                break
            length /= 2
            if length < 1e-6:
                raise NoConvergence(
                    f"No step improves the fit after {step} iterations.",
                    "Rescale or leave out terms; use fewer actors.",
                )
        eta, mu, likelihood = moved, new_mu, new_likelihood
        beta = beta + length * h
        largest = float(np.abs(h).max(initial=0.0))
        accuracy = 1e-2 if max(largest, far) > 1e-1 else 1e-3
        margin = np.divide(np.abs(gap), panel.y_actor, out=np.zeros_like(gap), where=informed).max()
        done = length == 1.0 and largest <= tol and margin <= MARGIN_TOLERANCE
        if step in _REFERENCES:
            references = [*references[-1:], _log(mu)]
        elif prove and step > _REFERENCES[0] and length == 1.0:
            for z in (-full, *(before - _log(mu) for before in references)):
                separated = _certified(z, positive, zero)
                if separated.any():
                    return _Solution(beta, eta, mu, E, step, demeanings, separated, 0)
        if done:
            faint = zero & (full < -0.25)
            if not (prove and faint.any() and step < _STEPS_FOR_PROOF):
                return _Solution(beta, eta, mu, E, step, demeanings, None, int(faint.sum()))
    falling = zero & (full < -0.25)
    if falling.any():
        running = (
            ", ".join(n for n, s in zip(names, np.abs(h), strict=True) if s > 1e-3) or "combinations of fixed effects"
        )
        raise Separation(
            f"After {_MOST_STEPS} iterations the means of {int(falling.sum())} cells still run to zero: {running}.",
            "Leave the term out, or use fewer actors or longer periods.",
        )
    raise NoConvergence(
        f"The last of {_MOST_STEPS} steps was {largest:.1e} standard deviations, {tol:.0e} is asked for.",
        "Leave out terms that are nearly collinear.",
    )


def _solve_information(information: Floats, score: Floats) -> Floats:
    """information^-1 score; no step along a direction without information (separation)."""
    if not len(score):
        return score
    size, Q = np.linalg.eigh(information)
    known = size > 1e-13 * size[-1]
    return np.asarray(Q[:, known] @ ((Q[:, known].T @ score) / size[known]))


def _log(mu: Floats) -> Floats:
    """log mu, bounded below."""
    return np.asarray(np.log(np.maximum(mu, 1e-300)), dtype=np.float64)


def _certified(z: Floats, positive: Booleans, zero: Booleans) -> Booleans:
    """Cells (D, T) that the linear predictor z (D, T) proves to be separated: z = 0 where y > 0 and z >= 0 where y = 0.

    Along -z the likelihood rises for ever, and the means of the cells with z > 0 run to zero. Numerically: to a
    thousandth of the largest z, and cells below a hundredth of it are left for another round.
    """
    top = float(z.max(initial=0.0, where=zero))
    if top < 0.25 or z.min(initial=0.0, where=zero) < -1e-3 * top or np.abs(z[positive]).max() > 1e-3 * top:
        return np.zeros_like(zero)
    return zero & (z > 1e-2 * top)


def _demeaned(panel: _Panel, mu: Floats, E: Floats) -> tuple[Floats, int]:
    """X demeaned tightly under the final weights (D, p, T), in place of panel.x; and the iterations it took."""
    if not panel.x.shape[1]:
        return panel.x, 0
    demeaner = _Demeaner(panel)
    demeaner.set_weights(mu)
    _, R = _moments(panel, mu, demeaner)
    E, spent, reached = demeaner.solve(R, E, np.full(R.shape[2], _TIGHT))
    if reached.max() > 1e-7:
        raise NoConvergence(
            f"Terms could be demeaned to a relative accuracy of {reached.max():.0e} only; standard errors need 1e-07.",
            "Use fewer actors or longer periods: too few cells hold the fixed effects together.",
        )
    _subtract_effects(panel, panel.x, E, mu, demeaner)
    return panel.x, spent


def _by_dyad(panel: _Panel, x: Floats, residual: Floats, w: Floats, unit: Floats) -> tuple[Floats, Floats]:
    """Score (D, p) and information (D, p, p) of each dyad, from terms x (D, p, T) in so many units."""
    p, T = x.shape[1:]
    U, H = np.empty((panel.D, p)), np.empty((panel.D, p, p))
    room = np.empty((panel.longest_run, p, T))
    for a, b in panel.runs:
        np.matmul(x[a:b], residual[a:b, :, None], out=U[a:b, :, None])
        wx = np.multiply(x[a:b], w[a:b, None, :], out=room[: b - a])
        np.matmul(wx, x[a:b].transpose(0, 2, 1), out=H[a:b])
    U *= unit
    H *= unit[:, None] * unit
    return U, H


def _left_out(panel: _Panel, demeaned: Floats, residual: Floats, mu: Floats, unit: Floats) -> LeftOut:
    """Scores and information of each unordered dyad as they count when one of its ends, or the dyad, is left out.

    Without actor a its own effects and those of its dyads vanish, but the effect of every other actor j in period t is
    estimated anew from one cell less. To first order that divides the cell's residual and weight by 1 - h, with h the
    cell's share of the (j, t) sum of mu. A cell that is all of its sum fits itself and counts nothing; a share above
    one half counts as one half, where the first order no longer holds (``scripts/leave_one_out.py``).
    """
    sums = panel.incidence @ mu

    def share(rows: Integers) -> Floats:
        total = sums[rows]
        part = np.divide(mu, total, out=np.zeros_like(mu), where=total > 0)
        return np.where(part < 1 - _ALL_OF_IT, np.minimum(part, _LARGEST_SHARE), 0.0)

    of_first, of_second = share(panel.first), share(panel.second)
    factors = (1 / (1 - of_second), 1 / (1 - of_first))  # without the first end, without the second
    found = [_by_dyad(panel, demeaned, residual * factor, mu * factor, unit) for factor in factors]
    scores, information = [U for U, _ in found], [H for _, H in found]
    turned = panel.i > panel.j
    for parts in (scores, information):  # the ends of an unordered dyad are i < j
        parts[0][turned], parts[1][turned] = parts[1][turned].copy(), parts[0][turned].copy()
    parts_of = [_unordered(panel, U, H)[2:] for U, H in zip(scores, information, strict=True)]
    return LeftOut(*(value for part in parts_of for value in part))


def _unordered(panel: _Panel, U: Floats, H: Floats) -> tuple[Integers, Integers, Floats, Floats]:
    """Ends i < j, scores and information summed over both directions of each dyad."""
    low, high = np.minimum(panel.i, panel.j), np.maximum(panel.i, panel.j)
    if not panel.directed:
        return low, high, U, H
    pairs, at = np.unique(low * panel.N + high, return_inverse=True)
    both = csr_array((np.ones(panel.D), (at, np.arange(panel.D))), shape=(len(pairs), panel.D))
    p = U.shape[1]
    H = np.asarray(both @ H.reshape(panel.D, p * p)).reshape(len(pairs), p, p)
    return pairs // panel.N, pairs % panel.N, np.asarray(both @ U), H

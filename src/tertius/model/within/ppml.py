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

What is left out of the fit, and reported
-----------------------------------------
- Cells of a dyad, or of an actor in a period, whose outcomes are all zero: their mean is zero whatever beta.
- Cells whose mean runs to zero through a *combination* of effects and terms. Correia, Guimaraes & Zylkin (2019,
  arXiv:1903.01633) show that they are the cells with z > 0 of a linear predictor z that is 0 where y > 0 and >= 0
  where y = 0, and find z by least squares. Here z is read off the path: along Newton's steps everything else settles,
  and what still moves is such a z. It counts only if it passes their conditions; the fit goes on without the cells.
- Terms that the effects absorb (nothing is left of their variance), and terms that are collinear after demeaning.
- Too few cells an effect: below 3 the result warns, below 2 the fit is refused.

The bias of order 1/N is corrected in :mod:`tertius.model.within.bias`, where asked for. The bias of order 1/T that dyad
effects give to lagged outcomes (Nickell) is met by :mod:`tertius.model.within.split_panel` alone. The level of all
cooperation is absorbed: the model shows how actors *redistribute* it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from tertius.language import say
from tertius.model.absorbed import Absorbed
from tertius.model.robust import LeftOut
from tertius.model.within.bias import BiasCorrection
from tertius.model.within.bias import bias_correction as correct_bias
from tertius.model.within.demean import demean_terms
from tertius.model.within.newton import Solution, begin, newton
from tertius.model.within.panel import (
    CELLS_PER_EFFECT_TO_WARN,
    Booleans,
    Dropped,
    Floats,
    Integers,
    KeptCells,
    Terms,
    kept_cells,
    observed_cells,
    refuse_thin,
    unordered,
)
from tertius.model.within.screen import screen

TOLERANCE = 1e-10
"""Of the last Newton step, in standard deviations of the demeaned terms."""

LARGEST_SHARE = 0.5
_ALL_OF_IT = 1e-6
_MOST_ROUNDS = 10


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
    swept : (D, T) where Newton's method began, of all dyads with a positive outcome: the same whatever the terms.
    correction : for the bias of order 1/N, and errors clustered by pair and adjusted; None unless asked for.
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
    swept: Floats
    correction: BiasCorrection | None


def fit_ppml(
    Y: Floats,
    X: Terms,
    *,
    directed: bool,
    mask: Booleans | None = None,
    names: Sequence[str] = (),
    tol: float = TOLERANCE,
    like: WithinFit | None = None,
    bias_correction: bool = False,
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
    like : a fit of the same outcome and cells with other terms: its first sweeps, which know no term, serve again.
    bias_correction : also correct for the bias of order 1/N (:mod:`tertius.model.within.bias`).

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
    return _finished(_solve(Y, X, directed, mask, names, tol, clock, like), clock, bias_correction)


def _finished(solved: _Solved, clock: _Clock, bias_correction: bool) -> WithinFit:
    """The result at an optimum: what standard errors need, and how near the means come to the outcome."""
    panel, solution, unit = solved.panel, solved.solution, solved.scale[solved.terms]
    demeaned, spent = demean_terms(panel, solution.mu, solution.E)
    residual = panel.y - solution.mu
    U, H = _by_dyad(panel, demeaned, residual, solution.mu, unit)
    left_out = _left_out(panel, demeaned, residual, solution.mu, unit)
    i, j, U, H = unordered(panel, U, H)
    clock.stage("covariance")
    correction = None
    if bias_correction and solved.terms:
        correction = correct_bias(panel, demeaned, solution.mu, unit, solved.names, solved.beta)
        clock.stage("bias correction")
    return WithinFit(
        names=solved.names,
        beta=solved.beta,
        U_d=U,
        H_d=H,
        left_out=left_out,
        i=i,
        j=j,
        N=panel.N,
        mu=panel.tensor(solution.mu),
        kept=panel.tensor(panel.live),
        cells=int(panel.live.sum()),
        effects=panel.effects,
        dropped=solved.dropped,
        absorbed=tuple(solved.absorbed),
        **_measures(panel, solution.mu, H),
        iterations=solved.steps,
        demeaning_iterations=solved.demeanings + spent,
        converged=True,
        seconds=clock.read("finish"),
        warnings=_sentences(panel, solved.absorbed, solved.dropped.combinations, solution.unproven),
        swept=solved.swept,
        correction=correction,
    )


class _Measures(TypedDict):
    within_sd: Floats
    deviance: float
    log_likelihood: float | None
    phi: float


def _measures(panel: KeptCells, means: Floats, H: Floats) -> _Measures:
    """How large the demeaned terms are, and how near the means (D, T) come to the outcome, over the kept cells."""
    from scipy.special import gammaln

    flat = np.flatnonzero(panel.live)
    y, mu = panel.y.ravel()[flat], means.ravel()[flat]
    positive = y > 0
    y_log = float(y[positive] @ np.log(mu[positive]))
    counts = bool((y == np.rint(y)).all())
    p = H.shape[1]
    free = len(flat) - panel.effects + panel.redundant - p
    pearson = float(((y - mu) ** 2 / np.maximum(mu, np.finfo(float).tiny)).sum())
    return {
        "within_sd": np.sqrt(np.diagonal(H.sum(0)) / mu.sum()) if p else np.empty(0),
        "deviance": 2 * (float(y[positive] @ np.log(y[positive])) - y_log - float(y.sum() - mu.sum())),
        "log_likelihood": y_log - float(mu.sum()) - float(gammaln(y + 1).sum()) if counts else None,
        "phi": pearson / free if free > 0 else float("nan"),
    }


@dataclass(frozen=True, slots=True)
class Estimate:
    """Coefficients alone: the terms that are estimated, and (p,) change of log mu for one unit of each."""

    names: tuple[str, ...]
    beta: Floats


def estimate_ppml(Y: Floats, X: Terms, *, directed: bool, mask: Booleans, names: Sequence[str]) -> Estimate:
    """The coefficients of :func:`fit_ppml` without what standard errors need; parameters and errors as there."""
    solved = _solve(Y, X, directed, mask, tuple(names), TOLERANCE, _Clock())
    return Estimate(solved.names, solved.beta)


@dataclass(frozen=True, slots=True)
class _Solved:
    """The optimum: terms (indices) that are estimated, their names and coefficients, the scale of all terms."""

    panel: KeptCells
    solution: Solution
    terms: list[int]
    names: tuple[str, ...]
    beta: Floats
    scale: Floats
    absorbed: list[Absorbed]
    dropped: Dropped
    steps: int
    demeanings: int
    swept: Floats


def _solve(
    Y: Floats,
    X: Terms,
    directed: bool,
    mask: Booleans | None,
    names: tuple[str, ...],
    tol: float,
    clock: _Clock,
    like: WithinFit | None = None,
) -> _Solved:
    """Gather the cells, screen the terms, and take Newton's steps until no cell is separated."""
    observed = observed_cells(Y, X, mask, names)
    panel, missing, zero_dyads, zero_actor_periods = kept_cells(Y, X, observed, directed, names)
    refuse_thin(panel)
    clock.stage("gather")

    terms = list(range(len(X)))
    scale = np.ones(len(X))
    beta = np.zeros(len(X))
    absorbed: list[Absorbed] = []
    combinations = steps = demeanings = 0
    begun = begin(panel, None if like is None else like.swept.copy())
    swept = begun.eta.copy()
    for rounds in range(1, _MOST_ROUNDS + 1):
        before = len(terms)
        demeanings += screen(panel, begun, terms, scale, absorbed, names)
        if len(terms) < before and rounds > 1:
            begun = begin(panel)
            beta[:] = 0.0
        clock.stage("screen")
        solution = newton(panel, begun, tol, [names[k] for k in terms], prove=rounds < _MOST_ROUNDS)
        beta[terms] += solution.beta / scale[terms]
        steps, demeanings = steps + solution.steps, demeanings + solution.demeanings
        if solution.separated is None:
            break
        combinations += int(solution.separated.sum())
        panel.leave_out(solution.separated)
        begun = begin(panel, solution.eta)
        clock.stage("fit")
    clock.stage("fit")
    return _Solved(
        panel, solution, terms, tuple(names[k] for k in terms), beta[terms], scale, absorbed,
        Dropped(missing, zero_dyads, zero_actor_periods, combinations), steps, demeanings, swept,
    )  # fmt: skip


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


def _sentences(panel: KeptCells, absorbed: list[Absorbed], combinations: int, unproven: int) -> tuple[str, ...]:
    """What the reader must know about the fit."""
    said = []
    cells, effects = int(panel.live.sum()), panel.effects
    if cells < CELLS_PER_EFFECT_TO_WARN * effects:
        said.append(
            say(
                "Only {cells} cells for {effects} fixed effects ({cells2:.2f} each): many cells are fitted "
                "perfectly, and standard errors may be too small.",
                cells=cells,
                effects=effects,
                cells2=cells / effects,
            )
        )
    if combinations:
        said.append(
            say(
                "{combinations} cells are separated by combinations of effects and terms, and are left out.",
                combinations=combinations,
            )
        )
    if unproven:
        said.append(
            say(
                "The fitted means of {unproven} cells tend to zero, but no combination of effects proves that they are "
                "separated, and they are kept. Coefficients do not depend on them.",
                unproven=unproven,
            )
        )
    return (*said, *(str(a) for a in absorbed))


def _by_dyad(panel: KeptCells, x: Floats, residual: Floats, w: Floats, unit: Floats) -> tuple[Floats, Floats]:
    """Score (D, p) and information (D, p, p) of each dyad, from terms x (D, p, T) in units (p,)."""
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


def _left_out(panel: KeptCells, demeaned: Floats, residual: Floats, mu: Floats, unit: Floats) -> LeftOut:
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
        return np.where(part < 1 - _ALL_OF_IT, np.minimum(part, LARGEST_SHARE), 0.0)

    of_first, of_second = share(panel.first), share(panel.second)
    factors = (1 / (1 - of_second), 1 / (1 - of_first))  # without the first end, without the second
    found = [_by_dyad(panel, demeaned, residual * factor, mu * factor, unit) for factor in factors]
    scores, information = [U for U, _ in found], [H for _, H in found]
    turned = panel.i > panel.j
    for parts in (scores, information):  # the ends of an unordered dyad are i < j
        parts[0][turned], parts[1][turned] = parts[1][turned].copy(), parts[0][turned].copy()
    parts_of = [unordered(panel, U, H)[2:] for U, H in zip(scores, information, strict=True)]
    return LeftOut(*(value for part in parts_of for value in part))

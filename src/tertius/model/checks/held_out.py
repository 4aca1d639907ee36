"""Whether a model predicts better than inertia alone, on the last third of the slices.

The model and inertia alone are fitted to the first two thirds of the slices and score the last third by log(mu_d / sum
mu), per event (the logarithmic score: Gneiting & Raftery 2007, doi:10.1198/016214506000001437). Inertia alone has the
model's inertia columns, or ``inertia.coop`` and ``inertia.host`` where it has none. In sample the smaller model can
never win; here it can, and :func:`~tertius.model.checks.adequacy.remark` says so. The unit c of the columns stays that
of all slices. Rate: histories run on through the last third, coefficients do not. Within pairs: coefficients and the
pairs' effects come from the first two thirds; the effects of actors in a later period, which no past can give, are
fitted to the period's sums, in both models alike; pairs without outcome in the first two thirds cannot be scored, and
the share of the outcome that could is given.

Not done: a test with a p-value; the standard error of the difference takes slices as independent.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tertius.errors import NoConvergence, NotEnoughData
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.language import say
from tertius.model.checks.ranks import TIES, Ranks, ranks_of, shares_of, summary_of
from tertius.model.design import Design, Outcome, build_design
from tertius.model.parallel import threads
from tertius.model.rate.fit import RateFit
from tertius.model.rate.likelihood import slice_terms
from tertius.model.within.model import INERTIA, WithinModel
from tertius.model.within.ppml import WithinFit, fit_ppml
from tertius.progress import Progress, Teller

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TRAINED = 2 / 3
_LARGEST_STEPS = 30
_SWEEPS = 2000

Sums = tuple[float, Floats, Floats]
"""Log-likelihood, gradient (p,), information (p, p)."""
Block = tuple[Floats, Ints, Floats, Bools | None]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A model on slices that it was not fitted to: ranks, and mean log(mu_d / sum mu) per unit of the outcome."""

    ranks: Ranks
    log_score: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The model and inertia alone, fitted to the first two thirds of the slices, on the last third.

    Attributes
    ----------
    since : day on which the last third begins.
    train, test : slices used of each part.
    outcome : events (or weight) scored.
    share : of the last third's outcome that could be scored.
    reference : columns of the model of inertia alone.
    model, inertia : both models on the last third.
    difference : log score of the model minus that of inertia alone, per event.
    se : its standard error, slices taken as independent.
    """

    since: str
    train: int
    test: int
    outcome: float
    share: float
    reference: tuple[str, ...]
    model: Predicted
    inertia: Predicted
    difference: float
    se: float


def rate_held_out(fit: RateFit, design: Design, tell: Teller) -> HeldOut:
    """Both rate models on the last third; the slices of ``design`` are those judged."""
    cut = int(fit.design.used[min(math.ceil(TRAINED * len(fit.design.used)), len(fit.design.used) - 1)])
    early, late = design.used[design.used < cut], design.used[design.used >= cut]
    if len(early) < 2 or len(late) < 2:
        raise NotEnoughData("Too few slices to hold some of them out.", "Use a longer span.")
    rows = [k for k, name in enumerate(design.names) if name.startswith(INERTIA)]
    if len(rows) == len(design.names):
        raise NotEnoughData("The model is inertia alone: there is nothing to compare it with.", "Add --effects.")
    other: Design | None = None
    if not rows:
        if any(not c.transformed for c in design.columns):
            raise NotEnoughData("A model of covariates without inertia is not compared.", "Add inertia to --effects.")
        asked = replace(design.spec, effects=(INERTIA,), scales=(), covariates=())
        other = build_design(design.slices, asked).over(design.used)
    reference = design if other is None else other
    train = design.over(early)
    aside: list[Block] = []
    at = _pass(train, fit.beta, tell, rows, aside)
    beta = _maximise(lambda b: _pass(train, b, tell), fit.beta, at)
    if other is None:
        plain = _maximise(lambda b: _sums(aside, b), np.zeros(len(rows)))
    else:
        theirs = other.over(early)
        plain = _maximise(lambda b: _pass(theirs, b, tell), np.zeros(len(other.columns)))
    names = tuple(reference.names[k] for k in rows) if rows else reference.names
    test, outcome = design.over(late), Outcome(design)
    beside = other.over(late).blocks(0, len(late)) if other is not None else None
    lines = []
    tell.start(say("the last third, foretold"))
    for n, (s, raw) in enumerate(test.blocks(0, len(late))):
        tell.done(n, len(late))
        X, out = design.without_missing(raw)
        at_y, y = outcome.of(s, out)
        small = X[rows] if beside is None else next(beside)[1]
        if len(at_y):
            lines.append((at_y, y, shares_of(X, beta, out), shares_of(small, plain, out)))
    return _compared(lines, _day(design.slices, cut), len(early), len(late), names, 1.0)


def within_held_out(model: WithinModel, tell: Teller) -> HeldOut:
    """Both within-pair models on the last third of the periods."""
    design, T, sl = model.design, len(model.periods), model.design.slices
    rows = [k for k, name in enumerate(design.names) if name.startswith(INERTIA)]
    if not rows or len(rows) == len(design.names):
        raise NotEnoughData("The model has no inertia, or nothing else: no comparison.", "Change --effects.")
    k = min(math.ceil(TRAINED * T), T - 1)
    Y, X, at_risk = _tensors(model)
    mask = at_risk.copy()
    mask[k:] = False
    predictors = []
    for n, chosen in enumerate((list(range(len(design.names))), rows)):
        tell.line(Progress(say("the first two thirds alone"), n, 2, unit=say("fits")))
        fit = fit_ppml(Y, X[chosen], directed=sl.directed, mask=mask, names=[design.names[c] for c in chosen])
        at = [design.names.index(name) for name in fit.names]
        predictors.append((at, fit.beta, pair_effects(fit, X[at], sl.directed)))
    known = np.isfinite(predictors[0][2]) & np.isfinite(predictors[1][2])
    lines, scored, whole = [], 0.0, 0.0
    upper = design.at_risk
    for t in range(k, T):
        cells = known & at_risk[t]
        y = np.where(cells, Y[t], 0.0)
        rows_on, columns_on = y.sum(1) > 0, y.sum(0) > 0
        cells = cells & rows_on[:, None] & columns_on
        whole += float(Y[t].ravel()[upper].sum())
        place = upper[cells.ravel()[upper]]
        seen = y.ravel()[place]
        if not seen.any():
            continue
        scored += float(seen.sum())
        shares = []
        for at, beta, pair in predictors:
            eta = np.where(cells, np.where(known, pair, 0.0) + np.tensordot(beta, X[at][:, t], 1), -np.inf)
            mu = fitted_to_sums(eta, y).ravel()[place]
            shares.append(mu / mu.sum())
        hit = np.flatnonzero(seen > 0)
        lines.append((hit, seen[hit], shares[0], shares[1]))
    if len(lines) < 2:
        raise NotEnoughData("Too few later periods can be scored.", "Use a longer span.")
    since = _day(sl, int(model.periods[k]))
    return _compared(lines, since, k, len(lines), tuple(design.names[r] for r in rows), scored / whole)


def _sums(blocks: Iterable[Block], beta: Floats) -> Sums:
    p = len(beta)
    value, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
    for X, at, y, out in blocks:
        terms = slice_terms(X, at, y, beta, out)
        value += terms.log_likelihood
        gradient += terms.gradient
        information += np.asarray(terms.information)
    return value, gradient, information


def _pass(
    design: Design, beta: Floats, tell: Teller, keep: Sequence[int] = (), into: list[Block] | None = None
) -> Sums:
    """Sums over a design's slices at beta, chunks in parallel and added in order; rows ``keep`` are put aside."""
    outcome = Outcome(design)
    tell.start(say("the first two thirds alone"))

    def chunk(span: tuple[int, int]) -> tuple[Sums, list[Block]]:
        aside: list[Block] = []

        def blocks() -> Iterator[Block]:
            for s, raw in design.blocks(*span):
                X, out = design.without_missing(raw)
                at, y = outcome.of(s, out)
                if len(at):
                    if into is not None:
                        aside.append((X[list(keep)].copy(), at, y, out))
                    yield X, at, y, out

        return _sums(blocks(), beta), aside

    p = len(beta)
    value, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
    with threads(min(os.cpu_count() or 1, len(design.chunks))) as pool:
        for (_, last), ((v, g, H), aside) in zip(design.chunks, pool.map(chunk, design.chunks), strict=True):
            value, gradient, information = value + v, gradient + g, information + H
            tell.done(last, len(design.used))
            if into is not None:
                into += aside
    return value, gradient, information


def newton_step(information: Floats, gradient: Floats) -> Floats:
    """(p,) information^-1 gradient, scaled to a unit diagonal; the shortest where the information is singular."""
    scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
    return np.asarray(scale * np.linalg.lstsq(information * scale[:, None] * scale, scale * gradient, rcond=1e-12)[0])


def _maximise(sums: Callable[[Floats], Sums], start: Floats, at: Sums | None = None) -> Floats:
    """Newton with step halving, until a step would gain less than 1e-7 of the log-likelihood. Raises NoConvergence."""
    beta = start
    value, gradient, information = at or sums(beta)
    for _ in range(_LARGEST_STEPS):
        step = newton_step(information, gradient)
        if float(step @ gradient) <= 1e-7 * max(1.0, abs(value)):
            return np.asarray(beta + step)
        for halving in range(20):
            trial = beta + step * 0.5**halving
            found = sums(trial)
            if np.isfinite(found[0]) and found[0] >= value - 1e-12 * abs(value):
                break
        else:
            break
        beta, (value, gradient, information) = trial, found
    raise NoConvergence("The first two thirds of the slices have no maximum of their own.", "Use fewer --effects.")


def _tensors(model: WithinModel) -> tuple[Floats, Floats, Bools]:
    """Y (T, N, N), X (p, T, N, N) and the cells at risk (T, N, N) of the columns that were estimated."""
    design = replace(model.design, used=model.periods)
    n, T = design.slices.n_actors, len(model.periods)
    X, Y = np.zeros((len(design.columns), T, n, n)), np.zeros((T, n, n))
    at_risk = np.zeros((T, n, n), dtype=bool)
    outcome = Outcome(design)
    for t, (s, raw) in enumerate(design.blocks(0, T)):
        block, out = design.without_missing(raw)
        at_risk[t].ravel()[design.at_risk] = True if out is None else ~out
        X[:, t].reshape(len(block), n * n)[:, design.at_risk] = block
        at, y = outcome.of(s)
        Y[t].ravel()[design.at_risk[at]] = y
    if not design.slices.directed:
        X += X.transpose(0, 1, 3, 2)
        Y += Y.transpose(0, 2, 1)
        at_risk |= at_risk.transpose(0, 2, 1)
    return Y, X, at_risk


def effects_matrix(kept: Bools, directed: bool) -> tuple[csr_array, tuple[Ints, Ints, Ints]]:
    """Which effects a kept cell has: a sparse (cells, effects) matrix of ones, and the cells (t, i, j). The first N^2
    effects, i * N + j, are those of dyads. Undirected cells are taken once, i < j."""
    from scipy.sparse import csr_array

    T, n, _ = kept.shape
    t, i, j = np.nonzero(kept if directed else np.triu(kept, 1))
    first, second = n * n + t * n + i, n * n + t * n + j + (T * n if directed else 0)
    columns = np.stack([i * n + j, first, second], axis=1).ravel()
    cells = np.repeat(np.arange(len(t)), 3)
    shape = (len(t), n * n + T * n * (2 if directed else 1))
    return csr_array((np.ones(3 * len(t)), (cells, columns)), shape=shape), (t, i, j)


def pair_effects(fit: WithinFit, X: Floats, directed: bool) -> Floats:
    """(N, N) dyad effects of a within-pair fit, -inf where the dyad has none; free up to sums of an effect of i and
    one of j, which a later period's own effects take up.

    log mu - x beta = a_ij + s_it + r_jt holds exactly in kept cells, and is solved for a.
    """
    from scipy.sparse.linalg import lsmr

    A, (t, i, j) = effects_matrix(fit.kept & (fit.mu > 0), directed)
    eta = np.log(fit.mu[t, i, j]) - np.einsum("p,pc->c", fit.beta, X[:, t, i, j])
    solved = lsmr(A, eta, atol=1e-9, btol=1e-9, maxiter=1000)[0]
    n = fit.N
    pair = np.full((n, n), -np.inf)
    pair[i, j] = solved[i * n + j]
    if not directed:
        pair[j, i] = pair[i, j]
    return pair


def fitted_to_sums(eta: Floats, y: Floats) -> Floats:
    """(N, N) means exp(eta + s_i + r_j) with the row and column sums of y (N, N), by proportional fitting.

    >>> fitted_to_sums(np.zeros((2, 2)), np.array([[2.0, 0.0], [1.0, 1.0]])).tolist()
    [[1.5, 0.5], [1.5, 0.5]]
    """
    rows, columns = y.sum(1), y.sum(0)
    alive = columns > 0
    eta = np.where((rows > 0)[:, None] & alive, eta, -np.inf)
    top = eta.max(axis=1, keepdims=True)
    mu = np.exp(eta - np.where(np.isfinite(top), top, 0.0))
    for _ in range(_SWEEPS):
        sums = mu.sum(1)
        mu *= np.divide(rows, sums, out=np.zeros_like(rows), where=sums > 0)[:, None]
        sums = mu.sum(0)
        factor = np.divide(columns, sums, out=np.zeros_like(columns), where=sums > 0)
        mu *= factor
        if np.abs(factor[alive] - 1).max(initial=0.0) < 1e-8:
            break
    return mu


def _compared(
    lines: Sequence[tuple[Ints, Floats, Floats, Floats]],
    since: str,
    train: int,
    test: int,
    reference: tuple[str, ...],
    share: float,
) -> HeldOut:
    """Scores of both models from (dyads, outcome, the model's shares, inertia's shares) of every slice held out."""
    weight = np.concatenate([y for _, y, _, _ in lines])
    total = float(weight.sum())
    predicted, by_slice = [], []
    for which in (0, 1):
        ranks, scores = [], []
        for at, y, *shares in lines:
            with np.errstate(divide="ignore"):
                log_p: Floats = np.log(shares[which])
            ranks.append(ranks_of(np.round(log_p, TIES), at))
            scores.append(float(y @ log_p[at]))
        by_slice.append(np.array(scores))
        predicted.append(Predicted(summary_of(np.concatenate(ranks), weight), sum(scores) / total))
    gained, n = by_slice[0] - by_slice[1], np.array([float(y.sum()) for _, y, _, _ in lines])
    difference = float(gained.sum()) / total
    se = math.sqrt(float(((gained - n * difference) ** 2).sum()) * len(n) / max(len(n) - 1, 1)) / total
    return HeldOut(since, train, test, total, share, reference, predicted[0], predicted[1], difference, se)


def _day(slices: DyadSlices, s: int) -> str:
    return str(slices.dates()[s].astype("datetime64[D]"))

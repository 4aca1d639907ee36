"""How many wrong codings would overturn the sign of an effect: at random, and in the worst case.

At random. Every event keeps its dyad and slice, and with probability q its sign is turned: cooperation becomes
hostility and hostility cooperation, in the outcome *and* in the history that later slices see. A mirrored coding (two
halves) counts as one event on either side; in net data a row, the net weight of a pair and day, is turned as a whole.
The draws are nested: what is wrong at 1 % is wrong at 2 %. The model is then fitted anew with the same c, for q = 1, 2,
5, 10 and 20 %, :data:`DRAWS` times each. Reported are the mean estimate and Rubin's interval (Rubin 1987,
doi:10.1002/9780470316696: mean of the squared standard errors plus (1 + 1/m) times the variance between draws), the
smallest q at which the mean has another sign, and the smallest at which the interval contains zero. Adding error to
data that hold some already is the first half of SIMEX (Cook & Stefanski 1994, doi:10.1080/01621459.1994.10476871);
there is no extrapolation back here. Random errors mostly weaken an effect and seldom turn it.

The rate model takes one Newton step from the estimate at the share before, with scores moved along to first order (one
pass a draw and share); the within-pair model is fitted in full.

Worst case. Which share of the *outcome*, taken where it helps the effect most, would have to be wrong? An event of
dyad d in slice t moves the estimate by psi_dt = (H^-1 z_dt)_k, z the centred (within pairs: demeaned) row of the
design. Cells are taken away in the order of psi until the sum of psi y reaches the estimate (sign), or the distance
from zero of its interval's nearer end: the most influential set of Broderick, Giordano & Meager (2020,
arXiv:2011.14999). It is a first-order figure, the standard error is held, and events leave the outcome alone, not the
history. A small share is the rule where effects are small; it says on how few codings the sign rests, not that they
are wrong.

Not done: wrong actors, errors that hang together (one wrong story, many events), wrong dates.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import UsageError, did_you_mean
from tertius.events.slices import DyadSlices, Floats, Ints
from tertius.language import Number, say
from tertius.model.checks.held_out import effects_matrix, newton_step
from tertius.model.checks.ranks import shares_of
from tertius.model.coefficients import Z_95, interval_errors
from tertius.model.design import CovariateColumn, Design, Outcome, build_design
from tertius.model.parallel import threads
from tertius.model.rate.fit import RateFit
from tertius.model.rate.likelihood import slice_terms
from tertius.model.robust import covariances
from tertius.model.within.model import WithinModel, covariances_of, panel_of

SHARES = (0.01, 0.02, 0.05, 0.10, 0.20)
DRAWS = 3
LISTED = 5
FOE = "foe"


@dataclass(frozen=True, slots=True)
class Flipped:
    """The estimate where a share of all events has the other sign: mean over draws, 95 % interval, and the standard
    deviation between draws."""

    share: float
    estimate: float
    low: float
    high: float
    between: float


@dataclass(frozen=True, slots=True)
class Cell:
    """Outcome of one pair in one slice, and by how much it moves the estimate."""

    source: str
    target: str
    date: str
    outcome: float
    moves: float


@dataclass(frozen=True, slots=True)
class Worst:
    """The most influential part of the outcome. Shares are of all outcome in the likelihood.

    Attributes
    ----------
    sign : share without which the estimate is zero, to first order; NaN where no part of the outcome would do.
    interval : share without which the interval contains zero; 0 where it does anyway.
    cells : dyads in slices that ``sign`` takes (the last in part).
    of : dyads in slices with outcome.
    largest : the cells that move the estimate most.
    """

    sign: float
    interval: float
    cells: int
    of: int
    largest: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Miscoding:
    """How many wrong codings would overturn a term's sign. Its fields are the keys of the JSON.

    Attributes
    ----------
    term, estimate, low, high : as fitted.
    flipped : one entry a share, rising.
    draws : random draws of each share.
    refit : how the model was fitted anew.
    sign : smallest share at which the mean estimate has another sign; None: not within the largest share.
    interval : smallest share at which the interval contains zero; 0 where it does as fitted; None likewise.
    worst : the worst case.
    text : all of it in sentences.
    """

    term: str
    estimate: float
    low: float
    high: float
    flipped: tuple[Flipped, ...]
    draws: int
    refit: str
    sign: float | None
    interval: float | None
    worst: Worst
    text: str


def miscoding(
    fitted: RateFit | WithinModel,
    term: str,
    *,
    seed: int,
    shares: tuple[float, ...] = SHARES,
    draws: int = DRAWS,
    progress: Callable[[str], None] | None = None,
) -> Miscoding:
    """Ask of one term of a fitted model how many wrong codings would overturn its sign.

    Parameters
    ----------
    term : a term of the fit, or "foe": shared_threat, in undirected data common_foe.
    seed : of the draws.
    shares : of events turned, rising, each in (0, 1).
    progress : called with a line after every fit.

    Raises
    ------
    UsageError : the model has no such term. ModelError : it cannot be fitted to turned data.
    """
    design = fitted.design
    if term == FOE:
        term = "shared_threat" if design.slices.directed else "common_foe"
    if term not in design.names:
        raise UsageError(
            f"--miscoding '{term}' is no term of this fit.",
            f"{did_you_mean(term, ('foe', *design.names))}Choose foe or: {', '.join(design.names)}.",
        )
    k = design.names.index(term)
    estimate, se = float(fitted.beta[k]), float(interval_errors(fitted.cov)[k])
    found = np.full((draws, len(shares), 2), np.nan)
    with threadpool_limits(1):
        for draw in range(draws):
            beta = fitted.beta
            for at, share in enumerate(shares):
                slices = flip(design.slices, share, seed + draw)
                beta, errors = _again(fitted, slices, beta)
                found[draw, at] = beta[k], errors[k]
                if progress:
                    progress(f"{100 * share:g} % of signs turned, draw {draw + 1} of {draws}: {term} {beta[k]:.3g}")
        worst = _worst(fitted, k, estimate, se)
    flipped = tuple(_pooled(share, found[:, at]) for at, share in enumerate(shares))
    sign = next((f.share for f in flipped if f.estimate * estimate < 0), None)
    low, high = estimate - Z_95 * se, estimate + Z_95 * se
    contains = [(0.0, low, high), *((f.share, f.low, f.high) for f in flipped)]
    interval = next((share for share, a, b in contains if a <= 0 <= b), None)
    refit = say("in full") if isinstance(fitted, WithinModel) else say("one Newton step from the share before")
    said = _text(term, shares, sign, interval, worst, design.spec.outcome)
    return Miscoding(term, estimate, low, high, flipped, draws, refit, sign, interval, worst, said)


def flip(slices: DyadSlices, share: float, seed: int) -> DyadSlices:
    """The same slices with the sign of a random share of events turned; nested in ``share`` for one seed."""
    rng = np.random.default_rng(seed)
    moved = []
    for count in (slices.coop_count, slices.host_count):
        units = np.ceil(count - 1e-9).astype(np.int64)
        owner = np.repeat(np.arange(len(count)), units)
        wrong = np.bincount(owner[rng.random(len(owner)) < share], minlength=len(count))
        moved.append(np.divide(wrong, units, out=np.zeros(len(count)), where=units > 0))
    coop, host = moved

    def turned(c: Floats, h: Floats) -> tuple[Floats, Floats]:
        return c * (1 - coop) + h * host, h * (1 - host) + c * coop

    coop_count, host_count = turned(slices.coop_count, slices.host_count)
    coop_weight, host_weight = turned(slices.coop_weight, slices.host_weight)
    return replace(
        slices, coop_count=coop_count, host_count=host_count, coop_weight=coop_weight, host_weight=host_weight
    )


def taken_first(psi: Floats, y: Floats, goal: float) -> tuple[float, int]:
    """Outcome that has to go, and from how many cells, until the sum of psi y taken away reaches ``goal`` >= 0.

    psi (e,) influence per unit of outcome towards the estimate's own sign, y (e,) outcome. NaN and 0 where all of it
    does not reach the goal.

    >>> taken_first(np.array([0.1, 0.5, -1.0]), np.array([4.0, 1.0, 3.0]), 0.7)
    (3.0, 2)
    """
    if goal <= 0:
        return 0.0, 0
    order = np.argsort(-psi, kind="stable")
    order = order[psi[order] > 0]
    gone = np.cumsum(psi[order] * y[order])
    last = int(np.searchsorted(gone, goal * (1 - 1e-12)))
    if last == len(gone):
        return math.nan, 0
    before = float(gone[last - 1]) if last else 0.0
    return float(y[order[:last]].sum() + (goal - before) / psi[order[last]]), last + 1


def _pooled(share: float, found: Floats) -> Flipped:
    """Mean and interval over draws; ``found`` (draws, 2) estimates and standard errors."""
    estimate = float(found[:, 0].mean())
    between = float(found[:, 0].var(ddof=1)) if len(found) > 1 else 0.0
    se = math.sqrt(float((found[:, 1] ** 2).mean()) + (1 + 1 / len(found)) * between)
    return Flipped(share, estimate, estimate - Z_95 * se, estimate + Z_95 * se, math.sqrt(between))


def _again(fitted: RateFit | WithinModel, slices: DyadSlices, start: Floats) -> tuple[Floats, Floats]:
    """Coefficients (p,) and their standard errors on other slices, the columns and their c as they were."""
    design = fitted.design
    scales = tuple(sorted(zip(design.names, design.scales.tolist(), strict=True)))
    spec = replace(design.spec, effects=design.names, scales=scales)
    covariates = tuple(c.covariate for c in design.columns if isinstance(c, CovariateColumn))
    if isinstance(fitted, RateFit):
        return one_step(build_design(slices, spec, covariates), start, fitted.phi)
    fit = panel_of(slices, spec, covariates).fit()
    beta, errors = np.full(len(design.names), np.nan), np.full(len(design.names), np.nan)
    at = [design.names.index(name) for name in fit.names]
    beta[at], errors[at] = fit.beta, interval_errors(covariances_of(fit, design.spec))
    return beta, errors


def one_step(design: Design, start: Floats, phi: float) -> tuple[Floats, Floats]:
    """One Newton step of the rate model from ``start`` (p,), and standard errors with the scores moved along."""
    scores, packed = _by_cell(design, start)
    n, p = design.slices.n_actors, len(start)
    a, b = design.at_risk // n, design.at_risk % n
    keys, place = np.unique(np.minimum(a, b) * n + np.maximum(a, b), return_inverse=True)
    U, flat = np.zeros((len(keys), p)), np.zeros((len(keys), len(packed)))
    np.add.at(U, place, scores.T)
    np.add.at(flat, place, packed.T)
    H = np.empty((len(keys), p, p))
    rows, columns = np.triu_indices(p)
    H[:, rows, columns] = H[:, columns, rows] = flat
    step = newton_step(H.sum(0), U.sum(0))
    quasi = phi if design.spec.response == "weight" else 1.0
    cov = covariances(U - H @ step, H, keys // n, keys % n, n, phi=quasi)
    return start + step, interval_errors(cov)


def _by_cell(design: Design, beta: Floats) -> tuple[Floats, Floats]:
    """Scores (p, D) and information (p (p + 1) / 2, D; upper triangle by rows) of every dyad at risk. One pass."""
    outcome = Outcome(design)
    p, D = len(beta), len(design.at_risk)

    def chunk(span: tuple[int, int]) -> tuple[Floats, Floats]:
        scores, packed = np.zeros((p, D)), np.zeros((p * (p + 1) // 2, D))
        for s, block in design.blocks(*span):
            X, out = design.without_missing(block)
            at, y = outcome.of(s, out)
            if not len(at):
                continue
            terms = slice_terms(X, at, y, beta, out)
            Z = X - terms.centre[:, None]
            expected = terms.total * terms.probability
            weighted = Z * expected
            scores -= weighted
            scores[:, at] += Z[:, at] * y
            row = 0
            for k in range(p):
                packed[row : row + p - k] += weighted[k] * Z[k:]
                row += p - k
        return scores, packed

    scores, packed = np.zeros((p, D)), np.zeros((p * (p + 1) // 2, D))
    with threads(min(os.cpu_count() or 1, len(design.chunks))) as pool:
        for part in pool.map(chunk, design.chunks):
            scores += part[0]
            packed += part[1]
    return scores, packed


def _worst(fitted: RateFit | WithinModel, k: int, estimate: float, se: float) -> Worst:
    found = influence_within(fitted, k) if isinstance(fitted, WithinModel) else influence_rate(fitted, k)
    slice_of, dyad, y, psi = found
    towards = psi * (1.0 if estimate >= 0 else -1.0)
    total = float(y.sum())
    gone, cells = taken_first(towards, y, abs(estimate))
    weaker, _ = taken_first(towards, y, max(abs(estimate) - Z_95 * se, 0.0)) if se == se else (math.nan, 0)
    sl = fitted.design.slices
    dates, n = sl.dates().astype("datetime64[D]"), sl.n_actors
    moves = towards * y
    largest = np.argsort(-moves, kind="stable")[:LISTED]
    listed = tuple(
        Cell(
            sl.actors[dyad[e] // n], sl.actors[dyad[e] % n], str(dates[slice_of[e]]), float(y[e]), float(psi[e] * y[e])
        )
        for e in largest
    )
    return Worst(gone / total, weaker / total, cells, len(y), listed)


Influence = tuple[Ints, Ints, Floats, Floats]
"""Of every cell with outcome: slice (e,), dyad i * N + j (e,), outcome (e,), move of the estimate per unit (e,)."""


def influence_rate(fit: RateFit, k: int) -> Influence:
    """What one unit of outcome adds to coefficient k, cell by cell: (H^-1 (x - xbar))_k. One pass."""
    design, outcome = fit.design, Outcome(fit.design)
    row = fit.cov.model[k] / (fit.phi if design.spec.response == "weight" else 1.0)
    parts: list[tuple[Ints, Ints, Floats, Floats]] = []
    for span in design.chunks:
        for s, block in design.blocks(*span):
            X, out = design.without_missing(block)
            at, y = outcome.of(s, out)
            value = row @ X
            centre = float(value @ shares_of(X, fit.beta, out))
            parts.append((np.full(len(at), s), design.at_risk[at], y, value[at] - centre))
    return _joined(parts)


def influence_within(model: WithinModel, k: int) -> Influence:
    """The same within pairs: row k of H^-1 times the design, demeaned on dyads and actor-periods with weights mu.

    One weighted least-squares problem on the effects, for the single column that matters (LSMR: Fong & Saunders 2011,
    doi:10.1137/10079687X).
    """
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import lsmr

    fit, design = model.fit, model.design
    directed = design.slices.directed
    row = np.linalg.inv(fit.H_d.sum(0))[k]
    A, (t, i, j) = effects_matrix(fit.kept & (fit.mu > 0), directed)
    mu = fit.mu[t, i, j]
    n, T = fit.N, len(model.periods)
    column = np.zeros((T, n, n))
    outcome = np.zeros((T, n, n))
    positions = Outcome(design)
    for period, (s, block) in enumerate(replace(design, used=model.periods).blocks(0, T)):
        X, _ = design.without_missing(block)
        column[period].ravel()[design.at_risk] = row @ X
        at, y = positions.of(s)
        outcome[period].ravel()[design.at_risk[at]] = y
    v = column[t, i, j]
    v -= float(mu @ v) / float(mu.sum())
    root = np.sqrt(mu)
    weighted = diags_array(root) @ A
    size = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=0)).ravel())
    unit = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    scaled = weighted @ diags_array(unit)
    effects = unit * lsmr(scaled, root * v, atol=1e-12, btol=1e-12, conlim=1e14, maxiter=3000)[0]
    psi = v - A @ effects
    y = outcome[t, i, j]
    some = y > 0
    return model.periods[t[some]], (i * n + j)[some], y[some], psi[some]


def _joined(parts: list[tuple[Ints, Ints, Floats, Floats]]) -> Influence:
    return (
        np.concatenate([p[0] for p in parts]),
        np.concatenate([p[1] for p in parts]),
        np.concatenate([p[2] for p in parts]),
        np.concatenate([p[3] for p in parts]),
    )


def _text(
    term: str, shares: tuple[float, ...], sign: float | None, interval: float | None, worst: Worst, outcome: str
) -> str:
    most = say("within {last_shares:g} %", last_shares=100 * shares[-1])
    turned = (
        say("changes sign at {sign:g} %", sign=100 * sign)
        if sign is not None
        else say("does not change sign {most}", most=most)
    )
    if interval is None:
        unsure = say("its interval does not come to contain zero {most}", most=most)
    elif interval == 0:
        unsure = say("its interval contains zero as fitted")
    else:
        unsure = say("its interval first contains zero at {interval:g} %", interval=100 * interval)
    text = say(
        "With the sign of a random share of events turned, {term} {turned}, and {unsure}.",
        term=term,
        turned=turned,
        unsure=unsure,
    )
    what = "outcome" if outcome == "any" else outcome
    if worst.sign != worst.sign:
        return say("{text} In the worst case, no part of the {what} taken away would turn it.", text=text, what=what)
    return say(
        "{text} In the worst case, {percent} of the {what}, taken where it helps the effect most ({cells:,} of "
        "{of:,} cells, to first order), would have to be wrong to turn it.",
        text=text,
        percent=_percent(worst.sign),
        what=what,
        cells=worst.cells,
        of=worst.of,
    )


def _percent(share: float) -> str:
    return Number(f"{100 * share:.2g} %")

"""The sign model: given that i acts on j, is it cooperation?

    logit P(cooperation | i acts on j in slice t) = alpha_t + gamma . x_ij(t)

(Lerner 2016, doi:10.1016/j.socnet.2015.12.002, with an effect for every slice). Free of whatever scales both rates of a
dyad: attention, size, distance. If both rates are log-linear in the same x, gamma = beta_C - beta_H: not independent
evidence. Net dyadic data enter as the share P / (P + N) of the positive after the daily netting, a
fractional logit (Papke & Wooldridge 1996, doi:10.1002/(SICI)1099-1255(199611)11:6<619::AID-JAE418>3.0.CO;2-1).

alpha is solved with gamma by Newton's method. Slices in which every event has the same sign say nothing and drop out.
With few events a slice, estimating alpha biases gamma away from zero (incidental parameters); below
:data:`EVENTS_TO_WARN` events a slice in the median that is said. Errors are those of :mod:`tertius.model.robust`, from
scores centred within slices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.errors import NoConvergence, NotEnoughData, Separation
from tertius.events.covariates import AnyCovariate
from tertius.events.slices import DyadSlices, Floats, Ints
from tertius.language import joined, say
from tertius.model.design import Design, build_design
from tertius.model.robust import Covariances, covariances
from tertius.progress import Teller
from tertius.spec import ModelSpec

EVENTS_TO_WARN = 20
MAX_ITERATIONS = 60
DECREMENT = 1e-12
LARGEST_LOG_ODDS = 30.0  # beyond, a coefficient has run away
NO_VARIATION = 1e-9


@dataclass(frozen=True, slots=True)
class SignFit:
    """The optimum. p columns, E cells (a dyad in a slice with events), T slices.

    Attributes
    ----------
    design : the columns estimated.
    gamma : (p,) change of the log odds of cooperation per unit of the transformed column.
    sd : (p,) standard deviation of each column within slices, weighted by events.
    log_likelihood : Bernoulli, without the binomial coefficient.
    cov : the four covariances.
    phi : Pearson's dispersion.
    cells, total : E, and events (or weight) in them.
    slices : slices with both signs; ``one_sign`` slices were left out.
    iterations : Newton steps.
    absorbed_reasons : columns set aside, and why.
    notes : sentences for the reader.
    """

    design: Design
    gamma: Floats
    sd: Floats
    log_likelihood: float
    cov: Covariances
    phi: float
    cells: int
    total: float
    slices: int
    one_sign: int
    iterations: int
    absorbed_reasons: dict[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trials:
    """Cells with events: X (E, p), cooperation y (E,) of m (E,), slice number t (E,) from 0, flat dyad index (E,)."""

    X: Floats
    y: Floats
    m: Floats
    t: Ints
    dyad: Ints

    @property
    def T(self) -> int:
        """Number of slices."""
        return int(self.t[-1]) + 1 if len(self.t) else 0

    def by_slice(self, values: Floats) -> Floats:
        """(T,) or (T, p) sums of (E,) or (E, p) values over slices."""
        starts = np.flatnonzero(np.diff(self.t, prepend=-1))
        return np.asarray(np.add.reduceat(values, starts, axis=0))


def fit_sign(
    slices: DyadSlices,
    spec: ModelSpec,
    covariates: tuple[AnyCovariate, ...] = (),
    *,
    progress: Callable[[str], None] | None = None,
) -> SignFit:
    """Maximise the likelihood of the signs.

    Parameters
    ----------
    slices : events by slice.
    covariates : columns from outside; events of dyads in which one is missing are left out.
    spec : resolved; its ``outcome`` is not read (the sign is the outcome).
    progress : called with a line after every step, and with the time left where columns take seconds.

    Raises
    ------
    NotEnoughData : no slice has both signs after earlier events. Separation, NoConvergence.
    """
    tell = Teller(progress)
    with threadpool_limits(1):
        design = build_design(slices, replace(spec, outcome="any"), covariates, progress=progress)
        trials, one_sign = trials_of(design, tell)
        if trials.T == 0:
            raise NotEnoughData("No slice has both cooperation and hostility.", "Choose a longer --slice.")
        sd, kept, reasons = _variation(trials, design.names)
        design = design.without([k for k in range(len(design.names)) if k not in kept])
        trials = Trials(np.ascontiguousarray(trials.X[:, kept]), trials.y, trials.m, trials.t, trials.dyad)
        gamma, alpha, iterations = _newton(trials, design.names, tell)
        p = _probability(trials, gamma, alpha)
        cov, phi = _errors(trials, p, len(gamma), slices.n_actors, quasi=spec.response == "weight")
    return SignFit(
        design=design,
        gamma=gamma,
        sd=sd[kept],
        log_likelihood=float(trials.y @ np.log(p) + (trials.m - trials.y) @ np.log1p(-p)),
        cov=cov,
        phi=phi,
        cells=len(trials.m),
        total=float(trials.m.sum()),
        slices=trials.T,
        one_sign=one_sign,
        iterations=iterations,
        absorbed_reasons=reasons,
        notes=tuple(_notes(trials, design, reasons, one_sign)),
    )


def _errors(trials: Trials, p: Floats, terms: int, n_actors: int, *, quasi: bool) -> tuple[Covariances, float]:
    """The four covariances, and Pearson's dispersion, from the fitted probabilities (E,)."""
    w = trials.m * p * (1 - p)
    Z = trials.X - _centre(trials, w)[trials.t]
    residual = trials.y - trials.m * p
    U, H, i, j = _by_dyad(trials.dyad, n_actors, Z * residual[:, None], Z, w)
    free = len(trials.m) - trials.T - terms
    phi = float((residual**2 / np.maximum(w, 1e-12)).sum() / free) if free > 0 else float("nan")
    return covariances(U, H, i, j, n_actors, phi=phi if quasi else 1.0), phi


def _notes(trials: Trials, design: Design, reasons: Mapping[str, str], one_sign: int) -> list[str]:
    """What a reader should know of the fit."""
    notes = [say("{name} is left out: it {why}.", name=name, why=why) for name, why in reasons.items()]
    typical = float(np.median(trials.by_slice(trials.m)))
    if design.spec.response == "count" and typical < EVENTS_TO_WARN:
        notes.append(
            say(
                "The median slice has {typical:.0f} events: an effect for each slice biases the coefficients away from "
                "zero. Choose a longer --slice.",
                typical=typical,
            )
        )
    if one_sign:
        notes.append(
            say(
                "{one_sign} slice(s) in which every event has the same sign say nothing and are left out.",
                one_sign=one_sign,
            )
        )
    if not design.slices.directed:
        notes.append(say("Net weights: what cancelled within a day is in neither sign."))
    return notes


def trials_of(design: Design, tell: Teller | None = None) -> tuple[Trials, int]:
    """The cells with events of the observed slices that have a past and both signs; and how many have one sign only."""
    sl, response = design.slices, design.spec.response or "count"
    coop, host = sl.outcome("cooperation", response), sl.outcome("hostility", response)
    first = int(design.used[0])
    candidates = sl.observed & (np.arange(sl.n_slices) >= first)
    both = candidates & (sl.per_slice(coop) > 0) & (sl.per_slice(host) > 0)
    one_sign = int((candidates & ((sl.per_slice(coop) > 0) != (sl.per_slice(host) > 0))).sum())
    position = np.full(sl.n_actors**2, -1, dtype=np.int64)
    position[design.at_risk] = np.arange(len(design.at_risk))
    used = np.flatnonzero(both)
    blocks: Iterator[tuple[int, Floats]] = design.over(used).blocks(0, len(used))
    X, y, m, t, dyad = [], [], [], [], []
    tell = tell or Teller(None)
    tell.start(say("columns of events"))
    for number, (s, block) in enumerate(blocks):
        tell.done(number, len(used))
        at = sl.entries(s)
        cells = sl.dyad[at]
        columns = block[:, position[cells]].T
        some = ~np.isnan(columns).any(axis=1)
        X.append(columns[some])
        y.append(coop[at][some])
        m.append((coop[at] + host[at])[some])
        t.append(np.full(int(some.sum()), number))
        dyad.append(cells[some])
    if not X:
        empty = np.empty(0)
        return Trials(np.empty((0, len(design.columns))), empty, empty, empty.astype(int), empty.astype(int)), one_sign
    trials = Trials(np.concatenate(X), *(np.concatenate(v) for v in (y, m, t, dyad)))
    return _both_signs(trials), one_sign


def _both_signs(trials: Trials) -> Trials:
    """Without the slices that a missing covariate has left with one sign or none, numbered anew."""
    y, m = (np.bincount(trials.t, weights=v, minlength=int(trials.t.max(initial=-1)) + 1) for v in (trials.y, trials.m))
    good = (y > 0) & (y < m)
    keep = good[trials.t]
    number = np.cumsum(good) - 1
    return Trials(trials.X[keep], trials.y[keep], trials.m[keep], number[trials.t[keep]], trials.dyad[keep])


def _variation(trials: Trials, names: tuple[str, ...]) -> tuple[Floats, list[int], dict[str, str]]:
    """Within-slice deviations (p,), columns that vary and are independent, and why the others do not count."""
    Z = trials.X - _centre(trials, trials.m)[trials.t]
    covariance = (Z * trials.m[:, None]).T @ Z / trials.m.sum()
    sd = np.sqrt(np.diag(covariance))
    kept: list[int] = []
    reasons: dict[str, str] = {}
    for k, name in enumerate(names):
        if sd[k] <= NO_VARIATION * max(float(np.abs(trials.X[:, k]).max()), 1e-300):
            reasons[name] = say("does not vary between the events of any slice")
            continue
        R = covariance[np.ix_(kept, kept)] / np.outer(sd[kept], sd[kept])
        r = covariance[kept, k] / (sd[kept] * sd[k])
        if kept and 1 - r @ np.linalg.lstsq(R, r, rcond=1e-12)[0] < NO_VARIATION:
            reasons[name] = say("is determined by the columns before it")
            continue
        kept.append(k)
    if not kept:
        raise NotEnoughData("No effect varies between the events of any slice.", "Choose a longer --slice.")
    return sd, kept, reasons


def _centre(trials: Trials, weight: Floats) -> Floats:
    """(T, p) weighted means of X by slice."""
    total = trials.by_slice(weight)
    return np.asarray(trials.by_slice(trials.X * weight[:, None]) / np.maximum(total, 1e-300)[:, None])


def _probability(trials: Trials, gamma: Floats, alpha: Floats) -> Floats:
    eta = trials.X @ gamma + alpha[trials.t]
    return np.asarray(1 / (1 + np.exp(-np.clip(eta, -700, 700))))


def _newton(trials: Trials, names: tuple[str, ...], tell: Teller) -> tuple[Floats, Floats, int]:
    """gamma (p,), alpha (T,), steps: alpha is eliminated from every step, since its information is diagonal."""
    share = trials.by_slice(trials.y) / trials.by_slice(trials.m)
    gamma, alpha = np.zeros(trials.X.shape[1]), np.log(share / (1 - share))
    likelihood = _log_likelihood(trials, gamma, alpha)
    for iteration in range(1, MAX_ITERATIONS + 1):
        p = _probability(trials, gamma, alpha)
        w = trials.m * p * (1 - p)
        residual = trials.y - trials.m * p
        centre = _centre(trials, w)
        Z = trials.X - centre[trials.t]
        information = (Z * w[:, None]).T @ Z
        score, score_alpha = Z.T @ residual, trials.by_slice(residual)
        step = np.linalg.lstsq(information, score, rcond=1e-13)[0]
        step_alpha = score_alpha / np.maximum(trials.by_slice(w), 1e-300) - centre @ step
        decrement = float(step @ score + score_alpha @ (score_alpha / np.maximum(trials.by_slice(w), 1e-300)))
        length = 1.0
        while True:
            moved = _log_likelihood(trials, gamma + length * step, alpha + length * step_alpha)
            if moved >= likelihood - 1e-12 * abs(likelihood) or length < 1e-8:
                break
            length /= 2
        gamma, alpha, likelihood = gamma + length * step, alpha + length * step_alpha, moved
        tell.step(iteration, likelihood, decrement / 2)
        runaway = np.abs(gamma) * trials.X.std(axis=0) > LARGEST_LOG_ODDS
        if runaway.any():
            listed = joined((names[k] for k in np.flatnonzero(runaway)), ", ")
            raise Separation(
                f"{listed} tell{'s' if runaway.sum() == 1 else ''} the signs apart without a miss: no finite estimate.",
                "Leave it out (--effects), or use more data.",
            )
        if decrement <= DECREMENT * max(1.0, abs(likelihood)):
            return gamma, alpha, iteration
    raise NoConvergence(f"No maximum in {MAX_ITERATIONS} Newton steps.", "Use fewer --effects or a longer --slice.")


def _log_likelihood(trials: Trials, gamma: Floats, alpha: Floats) -> float:
    eta = trials.X @ gamma + alpha[trials.t]
    return float(trials.y @ eta - trials.m @ np.logaddexp(0.0, eta))


def _by_dyad(dyad: Ints, n: int, scores: Floats, Z: Floats, w: Floats) -> tuple[Floats, Floats, Ints, Ints]:
    """Scores (D, p) and information (D, p, p) by unordered dyad, and its ends."""
    i, j = dyad // n, dyad % n
    keys, place = np.unique(np.minimum(i, j) * n + np.maximum(i, j), return_inverse=True)
    p = Z.shape[1]
    U, H = np.zeros((len(keys), p)), np.zeros((len(keys), p, p))
    for a in range(p):
        U[:, a] = np.bincount(place, weights=scores[:, a], minlength=len(keys))
        for b in range(a, p):
            H[:, a, b] = H[:, b, a] = np.bincount(place, weights=Z[:, a] * Z[:, b] * w, minlength=len(keys))
    return U, H, keys // n, keys % n

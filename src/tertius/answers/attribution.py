"""Who drove i and j together? Attribution of the pair's outcome to the hostility of third parties.

Against a **reference period**, not against a world without hostility (which lies far outside the data):

    events_k = sum_t mu(t) (1 - exp(-beta [f(S_t) - f(S_t - r_kt)])),   r_kt = s_kt - mean of s_k in the reference,

with mu(t) the expected outcome of the pair in slice t of the window, s_kt the third party's summand in the foe effect
(``shared_threat``: m(H_ki, H_kj); undirected ``common_foe``: m(H_ik, H_jk), which does not say whose hostility it was),
S_t = sum_k s_kt, beta the effect's coefficient. ``unattributed`` is the rest of the expected outcome.

A **group** of third parties (the members of NATO) has the sum of its members' parts, with the interval of that sum: all
parts run through the same quantiles of beta, so that it is not the sum of intervals where parts have both signs.

Intervals: beta runs through the quantiles of its jackknife normal distribution, mu stays at its estimate. All third
parties hang on this one coefficient, so their tests are one test, and its p is the adjusted p of each (single-step
max-T under perfect dependence); 1 where a third party's hostility did not change.

**Shares carry no evidence by themselves**: they hardly depend on beta. ``pressure_share``, the Shapley share of the
change in f(S), is given only where the interval of the total excludes zero.

What it does not do: say that the hostility came first, or that nothing else moved both. That is the certificate's task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from tertius.answers.rise import Rise, rise
from tertius.answers.shapley import shapley
from tertius.answers.spans import SlicedSpans
from tertius.effects import EFFECTS, PastView
from tertius.errors import UsageError
from tertius.events.slices import Bools, Floats
from tertius.history import Past
from tertius.language import say
from tertius.memory import available_bytes
from tertius.model.coefficients import interval_errors, two_sided_p
from tertius.model.design import Column
from tertius.model.rate.fit import RateFit
from tertius.model.within.model import WithinModel

Fitted = RateFit | WithinModel

QUANTILES = 201
PATH_ACTORS = 5
FAR_OUTSIDE = 3.0  # within-pair standard deviations
KEPT_BYTES = 1_000_000_000
"""Of the pasts of all slices that a Study may keep."""


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """One third party's part, in the unit of the outcome; shares of the expected outcome.

    ``hostility_reference`` and ``hostility_window`` are the mean summands s_k, in the unit of the weights.
    """

    actor: str
    events: float
    events_low: float
    events_high: float
    share: float
    share_low: float
    share_high: float
    pressure_share: float
    p_adjusted: float
    hostility_reference: float
    hostility_window: float


@dataclass(frozen=True, slots=True)
class PathPoint:
    """A third party's part in one slice."""

    date: str
    actor: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Total:
    """All third parties together: outcome that would be missing had all kept their reference level."""

    events: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class PairSeries:
    """The pair over time, one value a slice: cooperation and hostility between the two, foe pressure f(S), whether the
    slice was observed, and how many of its days were."""

    date: tuple[str, ...]
    cooperation: tuple[float, ...]
    hostility: tuple[float, ...]
    pressure: tuple[float, ...]
    observed: tuple[bool, ...]
    days: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Attribution:
    """The answer: table, path, and what the text is made of.

    Attributes
    ----------
    effect : name of the foe effect that carries the attribution.
    observed, expected : outcome of the pair in the observed slices of the window.
    third_parties, shared_target : every third party, largest first.
    unattributed : 1 - sum of shares.
    total : all third parties together.
    rise : the first question.
    path : the largest third parties, slice by slice.
    series : the pair over time.
    first_by_legs : way of combining legs -> third party with the largest part of the change in pressure.
    farthest : largest distance of the pressure from its reference, in within-pair standard deviations.
    pressure_method : how pressure_share was had.
    spread : (Q, K) parts of the third parties, in their order, at each quantile of beta.
    """

    effect: str
    observed: float
    expected: float
    third_parties: tuple[ThirdParty, ...]
    shared_target: tuple[ThirdParty, ...]
    unattributed: float
    total: Total
    rise: Rise
    path: tuple[PathPoint, ...]
    series: PairSeries
    first_by_legs: dict[str, str]
    farthest: float
    pressure_method: str
    spread: Floats

    def together(self, members: Sequence[str], called: str = "") -> ThirdParty | None:
        """The part of several third parties as one, under the name ``called``; None where none of them is one."""
        at = [n for n, t in enumerate(self.third_parties) if t.actor in members]
        if not at:
            return None
        if len(at) == 1 and not called.startswith("@"):
            return self.third_parties[at[0]]
        some = [self.third_parties[n] for n in at]
        events, shown = sum(t.events for t in some), all(np.isfinite(t.pressure_share) for t in some)
        low, high = map(float, interval_of(self.spread[:, at].sum(axis=1)))
        return ThirdParty(
            called, events, low, high, _over(events, self.expected), _over(low, self.expected),
            _over(high, self.expected), sum(t.pressure_share for t in some) if shown else float("nan"),
            min(t.p_adjusted for t in some), sum(t.hostility_reference for t in some),
            sum(t.hostility_window for t in some),
        )  # fmt: skip


def foe_effect(directed: bool) -> str:
    """The effect that carries the attribution in a store of this kind."""
    return "shared_threat" if directed else "common_foe"


def kept_past(fit: Fitted) -> Past | None:
    """What every slice of a fit sees of hostility, as one stack (S, N, N), so that the next pair need not go through
    the history again; None where it would take more than :data:`KEPT_BYTES`, or than there is.

    Its cooperation is left out: the parts of third parties are hostility's.
    """
    sl = fit.design.slices
    S, n = sl.n_slices, sl.n_actors
    needed, there = S * n * n * 9, available_bytes()
    if needed > KEPT_BYTES or (there is not None and 2 * needed > there):
        return None
    H, ever = np.empty((S, n, n)), np.empty((S, n, n), dtype=bool)
    for past in fit.design.history.past():
        H[past.s], ever[past.s] = past.H, past.host_ever
    nothing = np.broadcast_to(np.zeros(()), H.shape)
    return Past(0, nothing, H, np.broadcast_to(np.False_, H.shape), ever)


def attribute(fit: Fitted, i: int, j: int, spans: SlicedSpans, seed: int, kept: Past | None = None) -> Attribution:
    """Attribute the outcome of the pair i, j in the window to third parties, against the reference.

    Parameters
    ----------
    fit : a fitted model that holds the foe effect; in the within-pair model slices are periods.
    i, j : indices of the pair.
    spans : the slices of either; unobserved ones are left out.
    seed : of the rise's bootstrap, and of Shapley values where they are sampled.
    kept : what all slices see, where it was kept (:func:`kept_past`).

    Raises
    ------
    UsageError : the model lacks the foe effect, or the window or the reference has no observed slice.
    """
    design, sl = fit.design, fit.design.slices
    name = foe_effect(sl.directed)
    if name not in design.names:
        why = fit.absorbed_reasons.get(name)
        if why:
            raise UsageError(
                say("The answer hangs on {name}, which {why}.", name=name, why=why),
                say("Take more --actors or a longer span."),
            )
        raise UsageError(
            say("The answer hangs on {name}, which was not among --effects.", name=name),
            say("Add {name} to --effects.", name=name),
        )
    left_out = int(((spans.window | spans.reference) & ~sl.observed).sum())
    spans = spans.among(fit.covered, sl.observed)
    window, reference = spans.window, spans.reference

    pair_past = _pair_past(fit, i, j, window, design.columns[design.names.index(name)], kept)
    observed = _pair_outcome(fit, i, j)
    parts = _parts(fit, name, pair_past, pair_past.summands, window, reference, seed)
    target: tuple[ThirdParty, ...] = ()
    if "shared_target" in design.names:
        target = _parts(fit, "shared_target", pair_past, pair_past.target_summands, window, reference, seed).lines
    totals = sl.per_slice(_outcome(fit))
    cooperation = sl.pair(i, j, sl.outcome("cooperation", design.spec.response or "count"))
    hostility = sl.pair(i, j, sl.outcome("hostility", design.spec.response or "count"))
    dates = tuple(str(d) for d in sl.dates())
    pressure = parts.f(pair_past.summands.sum(axis=1))
    shares = sum(p.share for p in parts.lines)
    return Attribution(
        effect=name,
        observed=float(observed[window].sum()),
        expected=float(pair_past.mu[window].sum()),
        third_parties=parts.lines,
        shared_target=target,
        unattributed=1.0 - shares,
        total=parts.total,
        rise=replace(rise(observed, totals, sl.exposure, spans, seed), left_out=left_out),
        path=parts.path,
        series=PairSeries(
            dates,
            tuple(cooperation.tolist()),
            tuple(hostility.tolist()),
            tuple(pressure.tolist()),
            tuple(bool(o) for o in sl.observed),
            tuple(sl.exposure.tolist()),
        ),
        first_by_legs=_first_by_legs(sl.actors, pair_past, window, reference),
        farthest=_farthest(fit, name, pressure, window, reference),
        pressure_method=parts.method,
        spread=parts.spread,
    )


@dataclass(frozen=True, slots=True)
class _PairPast:
    """One pass over all slices: the pair, expected outcome (S,), foe and shared-target summands (S, N), by legs."""

    pair: tuple[int, int]
    mu: Floats
    summands: Floats
    target_summands: Floats
    by_legs: dict[str, Floats]


@dataclass(frozen=True, slots=True)
class _Parts:
    lines: tuple[ThirdParty, ...]
    total: Total
    path: tuple[PathPoint, ...]
    method: str
    f: Callable[[Floats], Floats]
    spread: Floats


def _outcome(fit: Fitted) -> Floats:
    spec = fit.design.spec
    return fit.design.slices.outcome(spec.outcome, spec.response or "count")


def _pair_outcome(fit: Fitted, i: int, j: int) -> Floats:
    return fit.design.slices.pair(i, j, _outcome(fit))


def _pair_past(fit: Fitted, i: int, j: int, window: Bools, column: Column, kept: Past | None) -> _PairPast:
    design, sl = fit.design, fit.design.slices
    S, n = sl.n_slices, sl.n_actors
    cells = np.flatnonzero(np.isin(design.at_risk, [i * n + j, j * n + i]))
    mu = np.zeros(S)
    for s, expected in fit.expected(np.flatnonzero(window)):
        mu[s] = expected[cells].sum()
    summands, targets = np.zeros((S, n)), np.zeros((S, n))
    by_legs = {legs: np.zeros((S, n)) for legs in ("sqrt", "min")}
    target_of = EFFECTS["shared_target"].summands
    foe_of = EFFECTS[column.name].summands
    own = design.spec.legs or "sqrt"
    pasts: Iterable[tuple[int | slice, Past]] = (
        ((past.s, past) for past in design.history.past()) if kept is None else [(slice(None), kept)]
    )
    for at, past in pasts:
        summands[at] = foe_of(PastView(past, own, sl.directed), i, j)
        if sl.directed:
            targets[at] = target_of(PastView(past, own, True), i, j)
        for legs, table in by_legs.items():
            table[at] = foe_of(PastView(past, legs, sl.directed), i, j)
    for table in (summands, targets, *by_legs.values()):
        table[:, [i, j]] = 0.0
    return _PairPast((i, j), mu, summands, targets, by_legs)


def _parts(
    fit: Fitted, name: str, pair_past: _PairPast, summands: Floats, window: Bools, reference: Bools, seed: int
) -> _Parts:
    """Every third party's part through one effect, largest first."""
    design, sl = fit.design, fit.design.slices
    k = design.names.index(name)
    beta, se = float(fit.beta[k]), float(interval_errors(fit.cov)[k])

    def f(x: Floats) -> Floats:
        return design.transform(np.array(x, dtype=np.float64), k)

    mu, s = pair_past.mu[window], summands[window].T  # (T,), (K, T)
    level = summands[reference].mean(axis=0)  # (K,)
    S = s.sum(axis=0)
    r = s - level[:, None]
    change = f(S)[None, :] - f(np.maximum(S[None, :] - r, 0.0))  # (K, T)
    together = f(S) - f(np.full_like(S, level.sum()))  # (T,)
    z = normal_quantiles()
    betas = beta + (se if np.isfinite(se) else np.nan) * z

    def lost(b: float) -> Floats:
        return np.asarray(-np.expm1(-b * change) @ mu)

    events = lost(beta)
    spread = np.stack([lost(b) for b in betas])
    low, high = interval_of(spread)
    total_spread = np.array([float(-np.expm1(-b * together) @ mu) for b in betas])
    total_low, total_high = interval_of(total_spread)
    total = Total(float(-np.expm1(-beta * together) @ mu), float(total_low), float(total_high))
    expected = float(mu.sum())
    p = two_sided_p(beta / se) if se > 0 else float("nan")
    values = shapley(r, np.full_like(S, level.sum()), np.ones_like(S) / len(S), f, seed)
    worth = values.values.sum()
    shown = total.excludes_zero and worth != 0
    outside = [int(a) for a in np.argsort(-events, kind="stable") if a not in pair_past.pair]
    lines = tuple(
        ThirdParty(
            actor=sl.actors[a],
            events=float(events[a]),
            events_low=float(low[a]),
            events_high=float(high[a]),
            share=_over(events[a], expected),
            share_low=_over(low[a], expected),
            share_high=_over(high[a], expected),
            pressure_share=float(values.values[a] / worth) if shown else float("nan"),
            p_adjusted=p if np.any(change[a]) else 1.0,
            hostility_reference=float(level[a]),
            hostility_window=float(s[a].mean()),
        )
        for a in outside
    )
    path: list[PathPoint] = []
    for a in sorted(outside, key=lambda a: -abs(events[a]))[:PATH_ACTORS]:
        path += _path(sl.actors[a], sl.dates()[window].tolist(), change[a], mu, beta, betas)
    return _Parts(lines, total, tuple(path), values.method, f, spread[:, outside])


def _path(
    actor: str, dates: Sequence[object], change: Floats, mu: Floats, beta: float, betas: Floats
) -> list[PathPoint]:
    """An actor's part in every slice of the window (T,), from its ``change`` there; ``betas``: the spread of beta."""
    value = -np.expm1(-beta * change) * mu
    low, high = interval_of(np.stack([-np.expm1(-b * change) * mu for b in betas]))
    return [
        PathPoint(str(day), actor, float(v), float(a), float(b))
        for day, v, a, b in zip(dates, value, low, high, strict=True)
    ]


def normal_quantiles() -> Floats:
    """Quantiles at 0, 1/200, ..., 1 (the ends drawn in), so that 2.5 % and 97.5 % are points of the grid."""
    levels = np.linspace(0, 1, QUANTILES)
    levels[[0, -1]] = levels[1] / 4, 1 - levels[1] / 4
    return np.array([NormalDist().inv_cdf(p) for p in levels])


def interval_of(spread: Floats) -> tuple[Floats, Floats]:
    """2.5 % and 97.5 % quantiles over the first axis; NaN where the spread is."""
    low, high = np.quantile(spread, [0.025, 0.975], axis=0)
    return low, high


def _over(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


def _first_by_legs(actors: tuple[str, ...], pair_past: _PairPast, window: Bools, reference: Bools) -> dict[str, str]:
    """Third party whose summand grew most, for each way of combining the legs."""
    first = {}
    for legs, table in pair_past.by_legs.items():
        growth = table[window].mean(axis=0) - table[reference].mean(axis=0)
        first[legs] = actors[int(np.argmax(growth))] if growth.max() > 0 else ""
    return first


def _farthest(fit: Fitted, name: str, pressure: Floats, window: Bools, reference: Bools) -> float:
    """Largest distance of the pair's pressure in the window from its reference mean, in within-pair deviations: of all
    pairs, net of the effects (within-pair model), or of this pair over time (rate)."""
    if isinstance(fit, WithinModel):
        sd = float(fit.sd[fit.design.names.index(name)])
    else:
        sd = float(pressure[fit.design.slices.observed].std())
    return float(np.abs(pressure[window] - pressure[reference].mean()).max() / sd) if sd > 0 else 0.0

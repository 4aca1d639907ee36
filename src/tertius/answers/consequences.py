"""What if, with consequences: the world that there was, and the one in which events answer a changed flow.

The world as it was is the recorded one: its events, and the history that they make. The changed one is drawn forward
from the day of the change, period by period, each period's events entering the history that the next one sees. Rates of
cooperation and of hostility by dyad (:mod:`tertius.model.shrunk`, with the columns of the rate model) say how much more
or less the changed history has of each: in a cell with rate a at the recorded history and b at the changed one,

- where b < a, every recorded event stays with probability b / a;
- where b > a, the recorded events stay, and Poisson events at rate b - a are added.

Were the recorded events Poisson at rate a, the changed ones are Poisson at rate b, and of all such pairs of worlds
these differ least (the thinning of Lewis & Shedler 1979, doi:10.1002/nav.3800260304; as counterfactuals of event
sequences: Noorbakhsh & Rodriguez 2022, arXiv:2111.07603). Equal rates have equal events, so that a factor of 1 gives a
difference of exactly zero. What a change takes away depends on b / a, in which levels of pairs and of periods cancel:
waves of hostility that no column knows are in the recorded events, and are not drawn again. (A model takes some of them
for feedback, which would keep a pair's hostility high for longer than it lasts; how much of an error that made was not
shown apart from others.)

The changed flow takes no feedback: it is a factor times what was recorded, or a level.

Each draw has coefficients of its own, of both signs, from their jackknife covariance (where that is not positive
semidefinite from another, and the answer says so); the level of every period is set so that with them, at the history
that there was, as much is expected as happened. Where the history runs away, no period has more than :data:`RUNAWAY`
times the most events that a period had; how often is counted, and beyond :data:`TOO_OFTEN` there is no answer.

What it does not know: what does not pass through events; new actors; that an effect may end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tertius.answers.changed import Change
from tertius.answers.whatif import Difference, coefficient_draws
from tertius.effects import EffectColumn, PastView
from tertius.errors import ModelError, NotEnoughData, UsageError
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.history import Past
from tertius.model.design import Design
from tertius.model.parallel import in_order
from tertius.model.shrunk import Shrunk, fit_shrunk
from tertius.spec import HalfLife

RUNAWAY = 10.0
TOO_OFTEN = 0.1
"""Share of draws."""
BATCH_BYTES = 1_500_000
"""Of one matrix of all draws that go together: a few of them fit a processor's cache."""
CHUNK = 50
"""Draws that one process makes."""
WORTH_FORKING = 20_000_000
"""Draws times periods times cells beyond which several processes draw."""
LARGEST = 600.0
"""Log rate that is no number too large to be added up."""
SIGNS = ("coop", "host")


@dataclass(frozen=True, slots=True)
class Forward:
    """What is drawn from. R draws, T periods from the first change on, D dyads at risk, p columns.

    Attributes
    ----------
    columns, scales : p columns and the c of log(1 + x / c); ``raw``: the columns are not transformed.
    at_risk : (D,) flat dyads.
    C, H : (N, N) history at the first period.
    betas : two of (R, p), by sign.
    base : two of (R, T): log rates that all dyads share.
    v : two of (D,): dyad effects.
    seen, amount : two of (T, N, N): events and their weight as recorded; undirected ones stand once.
    weight : two: weight of an event that is added.
    days : (T,) length of the periods.
    most : two: events that a period may have.
    """

    columns: tuple[EffectColumn, ...]
    scales: Floats
    raw: bool
    legs: str
    directed: bool
    at_risk: Ints
    C: Floats
    H: Floats
    betas: tuple[Floats, Floats]
    base: tuple[Floats, Floats]
    v: tuple[Floats, Floats]
    seen: tuple[Floats, Floats]
    amount: tuple[Floats, Floats]
    weight: tuple[float, float]
    half_life: HalfLife
    days: Floats
    most: tuple[float, float]

    def effects(self) -> tuple[Floats, Floats]:
        """Two of (N, N): the dyads' effects as matrices, zero where nobody acts."""
        n = len(self.C)
        found = np.zeros((2, n * n))
        for sign in (0, 1):
            found[sign, self.at_risk] = self.v[sign]
        return found[0].reshape(n, n), found[1].reshape(n, n)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The two worlds of the pair, with signs in front, zero for one that is not asked about.

    ``expected`` and ``events`` (2, R, 2, T): as it was, which is as recorded, and as changed; ``replay`` (2, R, T):
    drawn at the rates of the history that there was; ``runaway``: share of draws in which a period was held back.
    """

    expected: Floats
    events: Floats
    replay: Floats
    runaway: float


@dataclass(frozen=True, slots=True)
class Consequences:
    """The answer: sums, and (T,) means and interval by period; ``errors``: which covariance of each sign.

    ``observed`` is what the pair did in those periods, ``replay`` the 95 % interval of what is drawn at the rates of
    the history that there was: where that does not hold what happened, the model is of another pair.
    """

    found: Difference
    at: Ints
    baseline: Floats
    changed: Floats
    low: Floats
    high: Floats
    runaway: float
    errors: tuple[str, str]
    observed: float
    replay: tuple[float, float]


def consequences(
    design: Design,
    i: int,
    j: int,
    changes: Sequence[Change],
    outcome: str,
    draws: int,
    seed: int,
    *,
    in_weight: bool = False,
    step: Callable[[str], None] | None = None,
) -> Consequences:
    """The pair's outcome in both worlds.

    Parameters
    ----------
    design : columns of the rate model over periods.
    changes : of these periods.
    outcome : "cooperation", "hostility" or "any".
    in_weight : whether the outcome is counted in weight.

    Raises NotEnoughData, NoConvergence, ModelError; UsageError where columns come from outside, or no covariance is
    known.
    """
    if not all(isinstance(c, EffectColumn) for c in design.columns):
        raise UsageError("Covariates have no future to draw.", "Leave --covariates out, or use --draws 0.")
    sl = design.slices
    if in_weight and max(sl.coop_count.max(initial=0.0), sl.host_count.max(initial=0.0)) <= 1:
        raise NotEnoughData(
            f"These data hold one sum of weight a pair and {sl.length}, and no events that could be drawn.",
            "Ask for the direct answer alone: --draws 0.",
        )
    first = min(int(np.flatnonzero(c.slices)[0]) for c in changes)
    at = np.arange(first, sl.n_slices)
    if step:
        step("rates with shrunk dyad effects")
    world, errors = prepare(design, first, draws, seed)
    if step:
        step(f"{draws:,} draws of two worlds over {len(at)} periods")
    drawn = draw(world, i, j, changes, first, seed, outcome)
    if drawn.runaway > TOO_OFTEN:
        raise ModelError(
            f"In {drawn.runaway:.0%} of the draws the history runs away: these data do not tie the feedback down.",
            "Take a longer span, fewer --effects, or --draws 0 for the direct answer alone.",
        )
    kept = sl.observed[at]
    n = sl.n_actors
    cells = design.at_risk[np.isin(design.at_risk, [i * n + j, j * n + i])]
    weights = [w if in_weight else 1.0 for w in world.weight]
    expected, events = (np.einsum("srwt,s->rwt", x, weights)[:, :, kept] for x in (drawn.expected, drawn.events))
    again = np.einsum("srt,s->rt", drawn.replay, weights)[:, kept].sum(axis=1)
    means = expected.mean(axis=0)  # (2, T)
    gap = (events[:, 1] - events[:, 0]).sum(axis=1)
    low, high = np.quantile(gap, [0.025, 0.975])
    by_period = np.quantile(events[:, 1], [0.025, 0.975], axis=0)
    sums = means.sum(axis=1)
    replay = np.quantile(again, [0.025, 0.975])
    seen = sum((_outcome(sl, cells, values, at[kept]).sum() for values in _values(sl, outcome, in_weight)), start=0.0)
    return Consequences(
        Difference(float(sums[0]), float(sums[1]), float((means[1] - means[0]).sum()), float(low), float(high)),
        at[kept], means[0], means[1], by_period[0], by_period[1], drawn.runaway, errors,
        float(seen), (float(replay[0]), float(replay[1])),
    )  # fmt: skip


def prepare(design: Design, first: int, draws: int, seed: int) -> tuple[Forward, tuple[str, str]]:
    """Fit both signs, draw coefficients, and take the history at period ``first``; with the covariances' names."""
    sl = design.slices
    wanted = np.flatnonzero(sl.observed & (np.arange(sl.n_slices) >= int(design.used[0])))
    whole = design.over(wanted)
    X = np.stack([block.copy() for _, block in whole.blocks(0, len(wanted))])  # (T, p, D)
    place = {int(s): t for t, s in enumerate(wanted)}
    periods = [place.get(s) for s in range(first, sl.n_slices)]
    coop, host = (_one_sign(design, number, X, wanted, periods, draws, seed) for number in (0, 1))
    some = np.flatnonzero((coop.betas != 0).any(axis=0) | (host.betas != 0).any(axis=0))
    (past,) = design.history.past_of([first])
    _, half_life, _, _ = design.history.recipe
    world = Forward(
        tuple(c for c in (design.columns[k] for k in some) if isinstance(c, EffectColumn)),
        design.scales[some], design.spec.transform != "log1p", design.spec.legs or "sqrt", sl.directed,
        design.at_risk, past.C.copy(), past.H.copy(), (coop.betas[:, some], host.betas[:, some]),
        (coop.base, host.base), (coop.v, host.v), (coop.seen, host.seen), (coop.amount, host.amount),
        (coop.weight, host.weight), half_life, np.diff(sl.edges)[first:], (coop.most, host.most),
    )  # fmt: skip
    return world, (coop.errors, host.errors)


@dataclass(frozen=True, slots=True)
class _Sign:
    """What one sign brings to :class:`Forward`, with all p columns, and the name of its covariance."""

    betas: Floats
    base: Floats
    v: Floats
    seen: Floats
    amount: Floats
    weight: float
    most: float
    errors: str


def _one_sign(
    design: Design, number: int, X: Floats, wanted: Ints, periods: Sequence[int | None], draws: int, seed: int
) -> _Sign:
    """Rates of one sign in the slices ``wanted`` with columns X (T, p, D); ``periods``: places of those to be drawn."""
    sl, n = design.slices, design.slices.n_actors
    count, amount = (getattr(sl, f"{SIGNS[number]}_{what}") for what in ("count", "weight"))
    Y = _outcome(sl, design.at_risk, count, wanted)
    fit = fit_shrunk(Y, X, *np.divmod(design.at_risk, n), n)
    own, errors = coefficient_draws(fit.beta, fit.cov, np.arange(len(fit.beta)), draws, seed + number)
    if not errors:
        raise UsageError(
            "No covariance of the simulating model is known: its coefficients cannot be drawn.",
            "Ask for the direct answer alone: --draws 0; or leave effects out: --effects.",
        )
    betas = np.zeros((draws, X.shape[1]))
    betas[:, fit.terms] = own
    later = np.arange(sl.n_slices - len(periods), sl.n_slices)
    seen, weight = (_outcome(sl, np.arange(n * n), x, later).reshape(-1, n, n) for x in (count, amount))
    return _Sign(
        betas, _levels(fit, betas, X, Y, periods), fit.v, seen, weight,
        float(amount.sum() / count.sum()) if count.sum() > 0 else 1.0, RUNAWAY * float(Y.sum(axis=1).max()), errors,
    )  # fmt: skip


def _outcome(sl: DyadSlices, at_risk: Ints, values: Floats, wanted: Ints) -> Floats:
    """(T, D) events of the dyads at risk in some slices."""
    Y = np.zeros((len(wanted), sl.n_actors**2))
    for t, s in enumerate(wanted.tolist()):
        at = sl.entries(s)
        Y[t, sl.dyad[at]] = values[at]
    return Y[:, at_risk]


def _values(sl: DyadSlices, outcome: str, in_weight: bool) -> list[Floats]:
    """What is counted of an outcome, by entry."""
    signs = {"cooperation": SIGNS[:1], "hostility": SIGNS[1:], "any": SIGNS}[outcome]
    return [getattr(sl, f"{sign}_{'weight' if in_weight else 'count'}") for sign in signs]


def _levels(fit: Shrunk, betas: Floats, X: Floats, Y: Floats, periods: Sequence[int | None]) -> Floats:
    """(R, T) log rates that all dyads share, such that with each draw's coefficients as much is expected at the history
    that there was as happened; -inf where a period was not observed."""
    found = np.full((len(betas), len(periods)), -np.inf)
    for t, s in enumerate(periods):
        if s is None or Y[s].sum() <= 0:
            continue
        eta = betas @ X[s]
        top = eta.max(axis=1)
        found[:, t] = np.log(Y[s].sum()) - top - np.log(np.exp(eta - top[:, None]) @ fit.v)
    return found


def draw(world: Forward, i: int, j: int, changes: Sequence[Change], first: int, seed: int, outcome: str) -> Drawn:
    """Both worlds of the pair. Chunks of draws, each with random numbers of its own, go to several processes."""
    R, T, n = len(world.betas[0]), len(world.days), len(world.C)
    asked = {"cooperation": (0,), "hostility": (1,), "any": (0, 1)}[outcome]

    def several(begin: int, _: Callable[[int], None]) -> list[tuple[Drawn, Bools]]:
        some = range(begin, min(begin + CHUNK, R))
        return [
            _draw_batch(world, (i, j), changes, first, slice(at, min(at + batch, some.stop)), [seed, at], asked)
            for at in range(begin, some.stop, batch)
        ]

    batch = min(CHUNK, max(1, BATCH_BYTES // (8 * n * n)))
    apart, workers = R * T * n * n > WORTH_FORKING, os.cpu_count() or 1
    parts = list(in_order(several, range(0, R, CHUNK), processes=apart, workers=workers, tick=lambda _: None))
    batches, held = zip(*(one for part in parts for one in part), strict=True)
    expected, events, replay = (
        np.concatenate([getattr(b, what) for b in batches], axis=1) for what in ("expected", "events", "replay")
    )
    return Drawn(expected, events, replay, float(np.concatenate(held).mean()))


def _draw_batch(
    world: Forward, pair: tuple[int, int], changes: Sequence[Change], first: int, some: slice, seed: list[int],
    asked: tuple[int, ...],
) -> tuple[Drawn, Bools]:  # fmt: skip
    """Some draws, and (B,) whether the history was held back."""
    B, T = some.stop - some.start, len(world.days)
    expected, events, replay = np.zeros((2, B, 2, T)), np.zeros((2, B, 2, T)), np.zeros((2, B, T))
    held = np.zeros(B, dtype=bool)
    rng = np.random.default_rng(seed)
    effects = world.effects()
    was, now = ([np.repeat(W[None], many, axis=0) for W in (world.C, world.H)] for many in (1, B))
    for t in range(T):
        rates = [_rates(world, effects, was[0], was[1], some, t, np.zeros(B, dtype=bool))]
        same = t == 0  # until then both worlds have one history
        rates.append([r.copy() for r in rates[0]] if same else _rates(world, effects, now[0], now[1], some, t, held))
        again = [_pair(rate, *pair, world.directed) for rate in rates[0]]
        _hold(world, t, rates, [change for change in changes if change.slices[first + t]])
        for sign in (0, 1):
            seen, amount = world.seen[sign][t], world.amount[sign][t]
            kept, more = kept_and_more(rates[0][sign], rates[1][sign])
            count = counterfactual(rng, seen, kept, more)
            if sign in asked:
                replay[sign, :, t] = rng.poisson(again[sign])
                for to, changed in ((expected, seen * kept + more), (events, count)):
                    to[sign, :, 0, t] = _pair(seen[None], *pair, world.directed)
                    to[sign, :, 1, t] = _pair(changed, *pair, world.directed)
            each = np.divide(amount, seen, out=np.zeros_like(amount), where=seen > 0)
            less = np.minimum(count, seen)
            changed = np.where(less == seen, amount, each * less) + world.weight[sign] * (count - less)
            _remember(world, was[sign], amount[None], sign, t)
            _remember(world, now[sign], changed, sign, t)
    return Drawn(expected, events, replay, float(held.mean())), held


def _rates(
    world: Forward, effects: tuple[Floats, Floats], C: Floats, H: Floats, some: slice, t: int, held: Bools
) -> list[Floats]:
    """Two of (B, N, N): rates of both signs at a history (B or 1, N, N); ``effects`` of the dyads as matrices."""
    shape = (some.stop - some.start, *C.shape[1:])
    never = np.broadcast_to(np.False_, C.shape)
    view = PastView(Past(0, C, H, never, never), world.legs, world.directed)
    eta = [np.zeros(shape) + world.base[sign][some, t, None, None] for sign in (0, 1)]
    part = np.empty(shape)
    done: dict[str, tuple[float, Floats]] = {}
    for k, column in enumerate(world.columns):
        scale, mirrored = float(world.scales[k]), done.get(column.mirror)
        if mirrored is not None and mirrored[0] == scale:
            x = mirrored[1].mT
        else:
            x = _transformed(_once(column.compute(view)), None if world.raw else scale)
            done[column.name] = scale, x
        for sign in (0, 1):
            beta = world.betas[sign][some, k, None, None]
            if beta.any():
                eta[sign] += np.multiply(beta, x, out=part[..., : x.shape[-2], : x.shape[-1]])
    found = []
    for sign in (0, 1):
        rate = np.exp(np.minimum(eta[sign], LARGEST, out=eta[sign]), out=eta[sign])
        rate *= effects[sign]
        total = rate.sum(axis=(1, 2))
        over = total > world.most[sign]
        held |= over
        rate[over] *= (world.most[sign] / total[over])[:, None, None]
        found.append(rate)
    return found


def _transformed(x: Floats, scale: float | None) -> Floats:
    """log(1 + x / scale), or x itself where there is no scale."""
    if scale is None:
        return x
    x = x * (1.0 / scale)
    x += 1.0
    return np.log(x, out=x)  # many times as fast as np.log1p


def _once(x: Floats) -> Floats:
    """A stack (B, N, N) with what is the same along rows or columns held once: (B, N, 1) or (B, 1, N)."""
    if x.strides[-1] == 0:
        return x[..., :1]
    return x[..., :1, :] if x.strides[-2] == 0 else x


def _hold(world: Forward, t: int, rates: list[list[Floats]], changes: Sequence[Change]) -> None:
    """The intensity of the changed flows: in the first world what was recorded, in the second that times the factor, or
    the level. Of several changes of one flow each starts from the one before."""
    for change in changes:
        sign, k, i = _place(world, change)
        for world_rates in rates:
            world_rates[sign][:, k, i] = world.seen[sign][t, k, i]
    for change in changes:
        sign, k, i = _place(world, change)
        if change.factor is not None:
            rates[1][sign][:, k, i] *= change.factor
        else:
            assert change.level is not None
            rates[1][sign][:, k, i] = change.level / world.weight[sign]


def _place(world: Forward, change: Change) -> tuple[int, int, int]:
    """Sign and cell of a flow; undirected pairs stand once, at the smaller index first."""
    ends = (change.source, change.target)
    return SIGNS.index(change.sign), *(ends if world.directed else (min(ends), max(ends)))


def kept_and_more(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """With which probability an event at rate a is one at rate b too, and the rate of those that are added.

    >>> kept, more = kept_and_more(np.array([4.0, 4.0, 0.0]), np.array([1.0, 6.0, 0.0]))
    >>> kept.tolist(), more.tolist()
    ([0.25, 1.0, 1.0], [0.0, 2.0, 0.0])
    """
    kept = np.divide(b, a, out=np.ones_like(b), where=b < a)
    return kept, np.maximum(b - a, 0.0)


def counterfactual(rng: np.random.Generator, seen: Floats, kept: Floats, more: Floats) -> Floats:
    """(B, N, N) events of the changed world, given those ``seen`` (N, N): Poisson at its rates if they are at theirs.

    Of a count that is not whole (mirrored codings count one half) the rest stays or goes as one event.

    >>> rng, seen = np.random.default_rng(1), np.array([[0.0, 5.0], [2.5, 0.0]])
    >>> bool((counterfactual(rng, seen, np.ones((3, 2, 2)), np.zeros((3, 2, 2))) == seen).all())
    True
    """
    count = np.broadcast_to(seen, kept.shape).copy()
    less = (kept < 1.0) & (seen > 0)
    if less.any():
        share, whole = kept[less], np.floor(count[less])
        rest = (count[less] - whole) * (rng.random(len(share)) < share)
        count[less] = rng.binomial(whole.astype(np.int64), share) + rest
    added = more > 0
    if added.any():
        count[added] += rng.poisson(more[added])
    return count


def _pair(Z: Floats, i: int, j: int, directed: bool) -> Floats:
    """(B,) of the pair, both ways; undirected pairs stand once, at the smaller index first."""
    return np.asarray(Z[:, i, j] + Z[:, j, i]) if directed else np.asarray(Z[:, min(i, j), max(i, j)])


def _remember(world: Forward, W: Floats, amount: Floats, sign: int, t: int) -> None:
    """Add the weight of a period's events to the history (B, N, N), and let its time pass."""
    W += amount
    if not world.directed:
        W += amount.swapaxes(1, 2)
    days = world.half_life.coop if sign == 0 else world.half_life.host
    if days is not None:
        W *= 2.0 ** (-world.days[t] / days)

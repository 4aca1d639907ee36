"""The certificate: did the hostility come before the cooperation, and not the other way round?

A significant coefficient of the common foe comes easily and means little: hostility and cooperation often move in the
same period, and future hostility then "explains" present cooperation as well as the past does. Three within-pair
models (:mod:`tertius.model.within.ppml`; a period is a slice) tell these cases apart. For periods t and pairs i, j:

    L   log E[C_ij(t)] = effects + sum_w b_w f(foe of the hostility of window w) + inertia,
        w = [-6,-4], [-3,-1], [0], [+1,+3], [+4,+6] periods around t: each window's hostility alone
    M   log E[C_ij(t)] = effects + a f(foe of the decayed past) + z f(foe of the mirrored future) + inertia
    R   log E[H_ki(t)] = effects + p f(path of the decayed past) + q f(path of the mirrored future),
        path = sum_j m(Hbar_kj, C_ji): i's cooperation with k's standing enemies

The decayed past W(t) = sum over s < t of x(s) 2^-((t - s) / h) sees nothing of t; the mirrored future is the same sum
over s > t. Directed data: foe = shared threat, sum_k m(H_ki, H_kj). Undirected data: common foe with the symmetric
matrices, and R's path is sum_j m(Hbar_kj, C_ji) + m(C_kj, Hbar_ji): whose hostility it was cannot be known, so R says
only whether conflict between k and i follows upon cooperation of either with the other's enemies. f(x) is
log(1 + x / c), c the median positive hostility (inertia: cooperation; R: their geometric mean) of a dyad in a period:
one c for all windows, so that their coefficients are in one unit, and one that does not depend on the unit of the data.
Inertia enters at two half-lives and is not interpreted. Hbar is the mean over all periods. R combines its legs by the
geometric mean whatever ``legs``: a minimum would compare units of hostility with units of cooperation.

The rule
--------
1. **lag**             z of [-3,-1] > 1.96                      (L)   hostility came before
2. **lag_minus_lead**  z of ([-3,-1] minus [+1,+3]) > 1.28      (L)   and matters more than hostility that comes after
3. **now**             z of [0] < 1.96, or < z of [-3,-1]       (L)   not most of it in the same period
4. **lead**            z of the mirrored future < 1.96          (M)   the future does not explain the present
5. **reverse**         z of (past minus future) < 1.96          (R)   hostility does not follow cooperation
6. **pair**            (where a pair is asked about) its cooperation rose against the reference, hostility towards
                       both rose before, and 1 holds without the pair

Variances are the larger of the actor jackknife and the dyad-clustered one. A statistic that cannot be had (a term
absorbed, a negative variance, a model that does not converge) does not pass. ``data too thin`` means that an effect
of 10 % for each within-pair standard deviation would have been missed in one of five samples: 2.8 standard errors of
[-3,-1] exceed log 1.10.

What it does not do: exclude a *slow* common cause. Whatever moves hostility first and cooperation later passes any rule
of timing (``docs/certificate.md`` gives the rates). Nor does it fit the six conditions to the data at hand: the rule is
the same for every question. The outcome is cooperation. Foe terms combine their legs by the geometric mean unless asked
otherwise: the question here is of time, not of who is credited.

Six periods at either end are lost to the windows. Periods not observed leave the likelihood; a window with some
periods unobserved is scaled up to its length, and a period with a window of which nothing was observed is left out.
Where days of an observed period are missing, what the terms take from it is scaled up to the whole period
(:func:`tertius.events.slices.at_full_exposure`); outcomes are as recorded, for the effects of actor and period take up
how many days there were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from threadpoolctl import threadpool_limits

from tertius.answers.certificate.models import (
    FEWEST_PERIODS,
    FUTURE,
    INERTIA_HALF_LIVES,
    LAG,
    LEAD,
    NOW,
    PAST,
    REACH,
    WINDOWS,
    Arrays,
    ModelFit,
    by_period,
    fit_or_why,
    periods_left,
    window_name,
    z_of,
)
from tertius.answers.certificate.pair import PairQuestion, pair_facts, pair_statistic
from tertius.answers.certificate.rule import (
    Z_CLEAR,
    Certificate,
    Profile,
    Statistic,
    assemble,
    lag_condition,
    lead_condition,
    now_condition,
    order_condition,
    reverse_condition,
)
from tertius.codes import actor_name
from tertius.errors import NotEnoughData
from tertius.events.slices import DyadSlices, at_full_exposure
from tertius.model.budget import check_memory
from tertius.model.parallel import threads
from tertius.model.within.model import OTHER_LEGS
from tertius.spec import DEFAULT_LEGS, DEFAULT_RESPONSE, DEFAULT_SEED

COPIES, LONG_COPIES = 60, 8  # of the outcome, in the periods kept and in all, that two models at once take at most


def certify(
    slices: DyadSlices,
    *,
    response: str | None = None,
    legs: str | None = None,
    pair: PairQuestion | None = None,
    permutations: int = 0,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    step: Callable[[str], None] | None = None,
) -> Certificate:
    """Run the certificate on slices that are periods.

    Parameters
    ----------
    slices : events by period.
    response : "count" or "weight"; None takes the default of the store's kind. Outcome and hostility are in this unit.
    legs : how two legs combine in L and M; None: "sqrt", the geometric mean.
    pair : the pair that is asked about; None leaves condition 6 out.
    permutations : draws of each null of the pictures; 0: no pictures.
    seed : of the interval of the pair's rise, and of the pictures.
    workers : threads; None: one a processor. The result does not depend on it.
    step : called with what has been done, and with how far the pictures are.

    Raises
    ------
    NotEnoughData : fewer than 12 periods are left, or too few cells an effect.
    NotEnoughMemory : more periods and actors than this process has memory for.
    EmptyData, Separation, NoConvergence : from model L. What M or R refuse, does not pass, and is said.
    """
    legs = legs or DEFAULT_LEGS["certificate"]
    kept = periods_left(slices.observed)
    if kept.sum() < FEWEST_PERIODS:
        raise NotEnoughData(
            f"The certificate looks {REACH} periods back and ahead and needs {FEWEST_PERIODS} periods between: "
            f"{FEWEST_PERIODS + 2 * REACH} in all. There are {slices.n_slices} of {slices.length}, and "
            f"{int(kept.sum())} are left.",
            "Use a shorter --period, more data (--from, --to), or --no-certificate.",
        )
    needed = certificate_bytes(slices, int(kept.sum()))
    check_memory(needed, "The certificate", slices, "Choose a longer --period, fewer --actors, or --no-certificate.")
    C, H = by_period(slices, response or DEFAULT_RESPONSE[slices.directed])
    arrays = Arrays(
        C, H, at_full_exposure(C, slices), at_full_exposure(H, slices), slices.observed, kept, slices.directed
    )
    with threadpool_limits(1), threads(workers) as pool:
        inertia = pool.submit(arrays.inertia)
        own = pool.submit(lambda: arrays.windows(legs, inertia.result()))
        fits: list[tuple[str, Callable[[], ModelFit]]] = [
            ("past and future", lambda: arrays.states(legs, inertia.result())),
            ("the reverse", arrays.reverse),
            ("legs the other way", lambda: arrays.fit(arrays.windows(OTHER_LEGS[legs], inertia.result()))),
        ]
        if pair is not None:
            fits.append(("without the pair", lambda: arrays.fit(own.result(), without=(pair.i, pair.j))))
        others = [(name, pool.submit(fit_or_why, make)) for name, make in fits]
        first = pool.submit(lambda: arrays.fit(own.result()))
        found = first.result()
        results = []
        for n, (name, job) in enumerate(others, 1):
            results.append(job.result())
            if step:
                step(f"certificate, {name}: {n} of {len(others)} models")
        (states, no_states), (back, no_back), (other, _) = results[:3]
        without, no_without = results[3] if pair is not None else (None, "")
        drawn = arrays.pictures(legs, inertia.result(), permutations, seed, workers, step) if permutations else ()
    about = None
    if pair is not None:
        names = (actor_name(slices.actors[pair.i]), actor_name(slices.actors[pair.j]))
        third = None if pair.k is None else actor_name(slices.actors[pair.k])
        held = z_of(without, {window_name(LAG): 1.0})
        facts = pair_facts(slices, C, H, pair, legs=legs, seed=seed)
        about = pair_statistic(facts, held, names=names, by=third, directed=slices.directed)
    conditions = (
        *_of_windows(found),
        lead_condition(*z_of(states, {"future": 1.0})),
        reverse_condition(*z_of(back, {"past": 1.0, "future": -1.0}), directed=slices.directed),
    )
    refusals = [no_states, no_back, no_without]
    notes = [f"One model of the certificate cannot be had: {why}" for why in dict.fromkeys(refusals) if why]
    notes += found.fit.warnings
    beside = None if other is None else _of_windows(other)
    notes.append(_beside(conditions[:3], beside, OTHER_LEGS[legs]))
    if arrays.symmetric and slices.directed:
        notes.append("Cooperation is the same both ways in every period: pairs are counted once.")
    if not slices.observed.all():
        unseen = int((~slices.observed).sum())
        were = "1 period was" if unseen == 1 else f"{unseen} periods were"
        notes.append(f"{were} not observed: windows that touch such periods are scaled.")
    if pair is not None and pair.days:
        notes.append(f"Condition 6 compares whole periods of {slices.length}: {pair.days}.")
    return assemble(
        conditions,
        about,
        tuple(Profile(w[0], w[1], *z_of(found, {window_name(w): 1.0})) for w in WINDOWS),
        within_sd=found.within_sd(window_name(LAG)),
        directed=slices.directed,
        legs=legs,
        n_actors=slices.n_actors,
        n_periods=int(kept.sum()),
        reverse_terms=tuple(Profile(*w, *z_of(back, {n: 1.0})) for n, w in (("past", PAST), ("future", FUTURE))),
        beside=beside,
        pictures=drawn,
        notes=tuple(notes),
    )


def certificate_bytes(slices: DyadSlices, kept: int) -> int:
    """Memory of the certificate, at most: arrays of all pairs and periods, and what standard errors need of a dyad, of
    two models at once."""
    n, p = slices.n_actors, len(WINDOWS) + len(INERTIA_HALF_LIVES)
    tensors = 8 * n * n * (COPIES * kept + LONG_COPIES * slices.n_slices)
    return tensors + 2 * 8 * 6 * p * p * min(slices.n_dyads, len(slices.dyad))


def _of_windows(found: ModelFit | None) -> tuple[Statistic, Statistic, Statistic]:
    """Conditions 1 to 3 of a fit of L."""
    lag = z_of(found, {window_name(LAG): 1.0})
    return (
        lag_condition(*lag),
        order_condition(*z_of(found, {window_name(LAG): 1.0, window_name(LEAD): -1.0})),
        now_condition(*z_of(found, {window_name(NOW): 1.0}), lag=lag[2]),
    )


def _beside(own: Sequence[Statistic], other: Sequence[Statistic] | None, legs: str) -> str:
    """What the other way of combining two legs says of conditions 1 to 3."""
    if other is None or any(isnan(s.statistic) for s in other):
        return f"With legs {legs}, conditions 1 to 3 cannot be had."

    passed = [s.passed for s in own] == [s.passed for s in other]
    clear = [s.statistic < -Z_CLEAR for s in own] == [s.statistic < -Z_CLEAR for s in other]
    if passed and clear:
        said = "come out alike"
    elif passed:
        said = "are met or not alike, but not how clearly one goes the other way"
    else:
        said = "come out differently"
    z = [s.statistic for s in other]
    return (
        f"With legs {legs}, conditions 1 to 3 {said}: z of hostility 3 to 1 periods before {z[0]:.1f}, of before minus "
        f"after {z[1]:.1f}, of the same period {z[2]:.1f}."
    )

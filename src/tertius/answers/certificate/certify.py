"""The certificate: did the hostility come before the cooperation, and not the other way round?

A significant coefficient of the common foe comes easily and means little: hostility and cooperation often move in the
same period, and future hostility then "explains" present cooperation as well as the past does. Four within-pair
models (:mod:`tertius.model.within.ppml`; a period is a slice) tell these cases apart. For periods t and pairs i, j:

    L   log E[C_ij(t)] = effects + sum_w b_w f(foe of the hostility of window w) + inertia,
        w = [-6,-4], [-3,-1], [0], [+1,+3], [+4,+6] periods around t: each window's hostility alone
    K   the same, with the memory of joint escalation back to 18 periods and the season
        (:mod:`tertius.answers.certificate.escalation`)
    M   log E[C_ij(t)] = effects + a f(foe of the decayed past) + z f(foe of the mirrored future) + inertia
    R   log E[H_ki(t)] = effects + p f(path of the decayed past) + q f(path of the mirrored future),
        path = sum_j m(Hbar_kj, C_ji): i's cooperation with k's standing enemies

The decayed past W(t) = sum over s < t of x(s) 2^-((t - s) / h) sees nothing of t; the mirrored future is the same sum
over s > t. Directed data: foe = shared threat, sum_k m(H_ki, H_kj). Undirected data: common foe with the symmetric
matrices, and R's path is sum_j m(Hbar_kj, C_ji) + m(C_kj, Hbar_ji): whose hostility it was cannot be known, so R says
only whether conflict between k and i follows upon cooperation of either with the other's enemies. f(x) is
log(1 + x / c), c the median positive hostility (inertia: cooperation; R: their geometric mean) of a dyad in a period:
one c for all windows, so that their coefficients are in one unit, and one that does not depend on the unit of the
data. Outcomes are weighed by dyad, as 1 / (1 + mean / c), so that a few large dyads do not decide
(:func:`tertius.answers.certificate.models.weighed`). Inertia enters at two half-lives and is not interpreted. Hbar is
the mean over all periods. R combines its legs by the geometric mean whatever ``legs``: a minimum would compare units
of hostility with units of cooperation.

The rule (:mod:`tertius.answers.certificate.rule` holds its thresholds)
--------
1.  **lag**             z of [-3,-1] > 1.96                      (L)   hostility came before
2.  **lag_minus_lead**  z of ([-3,-1] minus [+1,+3]) > 1.28      (L)   and matters more than hostility that comes after
3.  **memory**          z of [-3,-1] > 1.645                     (K)   beside older escalation, and the season
4.  **memory_order**    z of ([-3,-1] minus [+1,+3]) > 1.28      (K)   the order of time too
5.  **reverse**         z of (past minus future) < 1.96          (R)   hostility does not follow cooperation
6.  **pair**            (where a pair is asked about) its cooperation rose against the reference, hostility towards
                        both rose before, and 1 holds without the pair (one leave-out step:
                        :mod:`tertius.model.without_pair`)

    **recent**              z of ([-3,-1] minus [-6,-4]) > 1.28     (L)   recent hostility matters more than older: not
                                                                          something agreed before, or that lasts

Where documents are known, 1 and 2 must also hold for cooperation whose document codes no hostility of a third party
towards both (**apart_lag**, **apart_order**). Where hostility between the two themselves can be modelled, as L models
their cooperation, its [-3,-1] must not be clear (z > 1.96) unless that of cooperation is larger (z of the difference >
1.28, errors taken as independent): else it may be that whatever two states do is reported more after a third party's
hostility towards both (**attention**; a negative control outcome, Lipsitch et al. 2010,
doi:10.1097/EDE.0b013e3181d61eeb). Undirected data must also pass the two conditions that were 3 and 4 before
the memory:

    **now**             z of [0] < 1.96, or < z of [-3,-1]       (L)   not most of it in the same period
    **lead**            z of the mirrored future < 1.96          (M)   the future does not explain the present

In directed data these two stand beside and decide nothing: they refuse true effects that work at once, or late.

Variances are the larger of the actor jackknife and the dyad-clustered one. A statistic that these data do not give (a
term absorbed, a negative variance, a model that does not converge) does not pass.

What it does not do: exclude everything slow, or attention. What moves hostility first and cooperation later, by itself,
may pass a rule of timing, and so may reports that swell (``docs/certificate.md`` gives the rates by world). Nor does it
fit the conditions to the data at hand: the rule is the same for every question. The outcome is cooperation. Foe terms
combine their legs by the geometric mean unless asked otherwise: the question here is of time, not of who is credited.

Six periods at either end are lost to the windows. Periods not observed leave the likelihood; a window with some
periods unobserved is scaled up to its length, and a period with a window of which nothing was observed is left out.
Where days of an observed period are missing, what the terms take from it is scaled up to the whole period
(:func:`tertius.events.slices.at_full_exposure`); outcomes are as recorded, for the effects of actor and period take up
how many days there were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tertius.answers.certificate.beside import THIRDS, ThirdParty, partially_pooled
from tertius.answers.certificate.escalation import MEMORY, time_of_year
from tertius.answers.certificate.models import (
    FEWEST_PERIODS,
    FUTURE,
    INERTIA_HALF_LIVES,
    LAG,
    LEAD,
    NOW,
    OLDER,
    PAST,
    REACH,
    WINDOWS,
    Arrays,
    ModelFit,
    by_period,
    fit_or_why,
    foe_of_pair,
    periods_left,
    turned,
    window_name,
    z_of,
)
from tertius.answers.certificate.pair import PairFacts, PairQuestion, facts_of_all, pair_facts, pair_statistic
from tertius.answers.certificate.permutations import Picture
from tertius.answers.certificate.rule import (
    MOST_LEAK,
    Z_CLEAR,
    Z_ONE_SIDED,
    Certificate,
    Profile,
    Statistic,
    apart_lag_condition,
    apart_order_condition,
    assemble,
    attention_condition,
    lag_condition,
    lead_condition,
    memory_condition,
    memory_order_condition,
    now_condition,
    order_condition,
    recent_condition,
    reverse_condition,
)
from tertius.codes import actor_name
from tertius.errors import NotEnoughData
from tertius.events.slices import Bools, DyadSlices, Floats, at_full_exposure
from tertius.language import plural, say
from tertius.model.budget import check_memory
from tertius.model.parallel import threads
from tertius.model.within.model import OTHER_LEGS
from tertius.model.without_pair import WithoutPair
from tertius.progress import Progress
from tertius.spec import DEFAULT_LEGS, DEFAULT_RESPONSE, DEFAULT_SEED

Integers = NDArray[np.int64]

BEFORE_MINUS_AFTER = {window_name(LAG): 1.0, window_name(LEAD): -1.0}
RECENT_MINUS_OLDER = {window_name(LAG): 1.0, window_name(OLDER): -1.0}

LEAK_STEPS = 1000
COPIES, LONG_COPIES = 90, 10  # of the outcome, in the periods kept and in all, that two models at once take at most


@dataclass(frozen=True, slots=True)
class General:
    """What the certificate says of all pairs: it is asked once, and of every pair only condition 6 is its own.

    Attributes
    ----------
    slices : the periods.
    C, H : (S, N, N) by period, in the unit of the outcome: cooperation as recorded, hostility at full exposure.
    certificate : all conditions but the sixth, without a pair.
    without : the coefficient of [-3,-1] without each pair, in the order of ``place``.
    place : (N, N) index of each pair in ``without``; -1 where it has no cell in the likelihood.
    seed : of the interval of a pair's rise.
    """

    slices: DyadSlices
    C: Floats
    H: Floats
    certificate: Certificate
    without: WithoutPair
    place: Integers
    seed: int

    def about(self, pair: PairQuestion) -> Certificate:
        """The certificate with condition 6. Raises UsageError where a span holds no observed period."""
        facts = pair_facts(self.slices, self.C, self.H, pair, legs=self.certificate.legs, seed=self.seed)
        alone = actor_name(self.slices.actors[pair.k]) if isinstance(pair.k, int) else None
        by = alone or pair.called or None
        statistic = self._condition(pair.i, pair.j, facts, self.slices.dates(), by)
        note = (
            (say("Condition 6 compares whole periods of {length}: {days}.", length=self.slices.length, days=pair.days),)
            if pair.days
            else ()
        )
        own = self._own_sd(pair.i, pair.j)
        return replace(self.certificate, pair_sd=own).with_pair(statistic, note)

    def of_every_pair(self, window: Bools, reference: Bools) -> list[Statistic]:
        """Condition 6 of all pairs i < j, in the order of :func:`numpy.triu_indices`, for spans (S,) of the periods.

        As of :meth:`about`, with all third parties together. Raises UsageError where a span holds no observed period.
        """
        legs = self.certificate.legs
        facts = facts_of_all(self.slices, self.C, self.H, window, reference, legs=legs, seed=self.seed)
        dates = self.slices.dates()
        ends = zip(*np.triu_indices(self.slices.n_actors, 1), strict=True)
        return [self._condition(int(i), int(j), f, dates, None) for (i, j), f in zip(ends, facts, strict=True)]

    def _own_sd(self, i: int, j: int) -> float:
        """Standard deviation over the periods kept of the pair's own [-3,-1], as L has it, net of nothing."""
        kept = periods_left(self.slices.observed)
        return float(foe_of_pair(self.H, i, j, LAG, self.slices.observed, self.certificate.legs)[kept].std())

    def _condition(self, i: int, j: int, facts: PairFacts, dates: NDArray[np.datetime64], by: str | None) -> Statistic:
        names = actor_name(self.slices.actors[i]), actor_name(self.slices.actors[j])
        return pair_statistic(
            facts, self.held_without(i, j), names=names, by=by, directed=self.slices.directed,
            since=str(dates[facts.onset]),
        )  # fmt: skip

    def with_pictures(
        self, response: str | None, permutations: int, step: Callable[[str], None] | None = None
    ) -> General:
        """The same with pictures of so many draws: those that ``certify_all`` would have drawn."""
        if not permutations:
            return replace(self, certificate=replace(self.certificate, pictures=()))
        arrays = certificate_arrays(self.slices, response)
        with threadpool_limits(1):
            drawn = arrays.pictures(self.certificate.legs, arrays.inertia(), permutations, self.seed, None, step)
        return replace(self, certificate=replace(self.certificate, pictures=drawn))

    def held_without(self, i: int, j: int) -> tuple[float, float, float]:
        """Estimate, standard error and z of [-3,-1] without the pair; of all pairs where it has no cell."""
        at = int(self.place[i, j])
        if at < 0:
            lag = self.certificate.lag
            return lag.estimate, lag.se, lag.statistic
        return float(self.without.estimate[at]), float(self.without.se[at]), float(self.without.z[at])


def certify(
    slices: DyadSlices,
    *,
    response: str | None = None,
    legs: str | None = None,
    pair: PairQuestion | None = None,
    apart: DyadSlices | None = None,
    permutations: int = 0,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    step: Callable[[str], None] | None = None,
) -> Certificate:
    """Run the certificate on slices that are periods.

    ``pair`` : the pair that is asked about; None leaves condition 6 out. The others are as for :func:`certify_all`, and
    so is what it raises.
    """
    found = certify_all(
        slices, response=response, legs=legs, apart=apart, permutations=permutations, seed=seed, workers=workers,
        step=step,
    )  # fmt: skip
    return found.certificate if pair is None else found.about(pair)


def certify_all(
    slices: DyadSlices,
    *,
    response: str | None = None,
    legs: str | None = None,
    apart: DyadSlices | None = None,
    permutations: int = 0,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    step: Callable[[str], None] | None = None,
) -> General:
    """What the certificate says of all pairs, on slices that are periods.

    Parameters
    ----------
    slices : events by period.
    response : "count" or "weight"; None takes the default of the store's kind. Outcome and hostility are in this unit.
    legs : how two legs combine in L, K and M; None: "sqrt", the geometric mean.
    apart : the same periods without cooperation whose document also codes hostility of a third party towards both; None
        where documents are not known.
    permutations : draws of each null of the pictures; 0: no pictures.
    seed : of the interval of the pair's rise, and of the pictures.
    workers : threads; None: one a processor. The result does not depend on it.
    step : called with what has been done, and with how far the pictures are.

    Raises
    ------
    NotEnoughData : fewer than 12 periods are left, or too few cells an effect.
    NotEnoughMemory : more periods and actors than this process has memory for.
    EmptyData, Separation, NoConvergence : from model L. What the others refuse, does not pass, and is said.
    """
    legs = legs or DEFAULT_LEGS["certificate"]
    arrays = certificate_arrays(slices, response)
    others = None if apart is None else certificate_arrays(_same_periods(apart, slices), response)
    with threadpool_limits(1), threads(workers) as pool:
        inertia = arrays.inertia()
        fits = _fitted(arrays, others, legs, inertia, pool, step)
        drawn = arrays.pictures(legs, inertia, permutations, seed, workers, step) if permutations else ()
    found = fits.windows
    place = np.full((slices.n_actors,) * 2, -1)
    place[found.fit.i, found.fit.j] = place[found.fit.j, found.fit.i] = np.arange(len(found.fit.i))
    certificate = _certificate(fits, arrays, slices, legs, drawn)
    return General(slices, arrays.C, arrays.H_full, certificate, found.without_each_pair(window_name(LAG)), place, seed)


def _certificate(fits: _Fits, arrays: Arrays, slices: DyadSlices, legs: str, drawn: tuple[Picture, ...]) -> Certificate:
    """What the fitted models say."""
    found = fits.windows
    beside = None if fits.other_legs is None else _of_windows(fits.other_legs)
    conditions = _conditions(fits, directed=slices.directed)
    alone = None if fits.alone is None else Profile(*LAG, *z_of(fits.alone, {window_name(LAG): 1.0}))
    made = assemble(
        conditions,
        None,
        tuple(Profile(w[0], w[1], *z_of(found, {window_name(w): 1.0})) for w in WINDOWS),
        within_sd=found.within_sd(window_name(LAG)),
        directed=slices.directed,
        legs=legs,
        n_actors=slices.n_actors,
        n_periods=int(arrays.kept.sum()),
        reverse_terms=tuple(
            Profile(*w, *z_of(fits.reverse, {n: 1.0})) for n, w in (("past", PAST), ("future", FUTURE))
        ),
        beside=beside,
        pictures=drawn,
        notes=(
            *(say("One of the certificate's models could not be estimated: {why}", why=why) for why in fits.refused),
            *found.fit.warnings,
            _beside([conditions[n] for n in ("lag", "lag_minus_lead", "now")], beside, OTHER_LEGS[legs]),
            *_notes_on(arrays, slices),
        ),
        leak=largest_leak(found),
    )
    return replace(made, alone=alone, thirds=_third_parties(fits.thirds, arrays, slices))


def _third_parties(found: ModelFit | None, arrays: Arrays, slices: DyadSlices) -> tuple[ThirdParty, ...]:
    """The most hostile third parties one by one; none where there is no fit."""
    if found is None:
        return ()
    thirds = arrays.most_hostile(THIRDS)
    each = [z_of(found, {turned(k): 1.0}) for k in thirds]
    return partially_pooled([actor_name(slices.actors[k]) for k in thirds], [x[0] for x in each], [x[1] for x in each])


def largest_leak(found: ModelFit) -> float:
    """The largest M for which [-3,-1] minus M times either sign of either window ahead still has z > 1.645.

    The windows ahead are what a pre-trend is in an event study; that a bias of [-3,-1] is at most M times the largest
    of them is the restriction of relative magnitudes of Rambachan & Roth (2023, doi:10.1093/restud/rdad018), here by
    the test of each window, whose joint error is at most that of one. 0 where even M = 0 fails; at most MOST_LEAK.
    """
    ahead = [w for w in WINDOWS if w[0] > 0]
    if any(isnan(z_of(found, {window_name(w): 1.0})[2]) for w in (LAG, *ahead)):
        return nan
    for M in np.linspace(0, MOST_LEAK, LEAK_STEPS + 1):
        contrasts = [{window_name(LAG): 1.0, window_name(w): s * M} for w in ahead for s in (1.0, -1.0)]
        if not all(z_of(found, c)[2] > Z_ONE_SIDED for c in contrasts):
            return max(0.0, float(M) - MOST_LEAK / LEAK_STEPS)
    return MOST_LEAK


@dataclass(frozen=True, slots=True)
class _Fits:
    """The fitted models; None where one was refused. ``apart`` is L of cooperation apart, False where it was not
    asked; ``between`` L of hostility between the two; ``alone`` L with each leg alone, ``thirds`` with a term for each
    third party; ``refused`` says why."""

    windows: ModelFit
    memory: ModelFit | None
    states: ModelFit | None
    reverse: ModelFit | None
    other_legs: ModelFit | None
    between: ModelFit | None
    alone: ModelFit | None
    thirds: ModelFit | None
    apart: ModelFit | Literal[False] | None
    refused: tuple[str, ...]


def _fitted(
    arrays: Arrays,
    others: Arrays | None,
    legs: str,
    inertia: Mapping[str, Floats],
    pool: Executor,
    step: Callable[[str], None] | None,
) -> _Fits:
    """L and R first, then all others at once. ``others`` : the same with cooperation apart."""
    turned_round = pool.submit(fit_or_why, arrays.reverse)
    own = arrays.windows(legs, inertia)
    first = pool.submit(arrays.fit, own).result()

    def the_other_way() -> ModelFit:
        return arrays.fit(arrays.windows(OTHER_LEGS[legs], inertia), like=first)

    def told_apart() -> ModelFit:
        assert others is not None
        return others.fit({**own, **others.inertia()})

    models: dict[str, Callable[[], ModelFit]] = {
        say("memory"): lambda: arrays.fit(arrays.remembering(own), like=first),
        say("past and future"): lambda: arrays.states(legs, inertia, first),
        say("legs the other way"): the_other_way,
        say("hostility between the two"): lambda: arrays.between(own),
        say("each leg alone"): lambda: arrays.each_leg_alone(legs, inertia, first),
        say("third parties"): lambda: arrays.by_third_party(own, arrays.most_hostile(THIRDS), first),
        **({} if others is None else {say("stories apart"): told_apart}),
    }
    jobs = {say("the reverse"): turned_round} | {name: pool.submit(fit_or_why, make) for name, make in models.items()}
    results: dict[str, tuple[ModelFit | None, str]] = {}
    for name, job in jobs.items():
        results[name] = job.result()
        if step:
            step(Progress(say("certificate, {model}", model=name), len(results), len(jobs), unit=say("models")))
    decide = ("memory", say("the reverse"), say("past and future"), say("stories apart"))
    return _Fits(
        windows=first,
        memory=results["memory"][0],
        states=results["past and future"][0],
        reverse=results["the reverse"][0],
        other_legs=results["legs the other way"][0],
        between=results["hostility between the two"][0],
        alone=results["each leg alone"][0],
        thirds=results["third parties"][0],
        apart=results["stories apart"][0] if others is not None else False,
        refused=tuple(results[n][1] for n in decide if n in results and results[n][1]),
    )


def _conditions(fits: _Fits, *, directed: bool) -> dict[str, Statistic]:
    """Every condition but the pair's, by name, whether it decides or stands beside."""
    lag, order, now = _of_windows(fits.windows)
    found = [lag, order, *_of_memory(fits.memory), _of_reverse(fits.reverse, directed), _of_recency(fits.windows), now]
    found += [_of_states(fits.states)]
    found += _of_attention(fits.windows, fits.between)
    if fits.apart is not False:
        found += _of_apart(fits.apart)
    return {s.name: s for s in found}


def _of_windows(found: ModelFit | None) -> tuple[Statistic, Statistic, Statistic]:
    """Conditions 1, 2 and ``now`` of a fit of L."""
    lag = z_of(found, {window_name(LAG): 1.0})
    return (
        lag_condition(*lag),
        order_condition(*z_of(found, BEFORE_MINUS_AFTER)),
        now_condition(*z_of(found, {window_name(NOW): 1.0}), lag=lag[2]),
    )


def _of_memory(found: ModelFit | None) -> list[Statistic]:
    """Conditions 3 and 4 of a fit of K."""
    lag = memory_condition(*z_of(found, {window_name(LAG): 1.0}))
    return [lag, memory_order_condition(*z_of(found, BEFORE_MINUS_AFTER))]


def _of_reverse(found: ModelFit | None, directed: bool) -> Statistic:
    return reverse_condition(*z_of(found, {"past": 1.0, "future": -1.0}), directed=directed)


def _of_recency(found: ModelFit | None) -> Statistic:
    return recent_condition(*z_of(found, RECENT_MINUS_OLDER))


def _of_states(found: ModelFit | None) -> Statistic:
    return lead_condition(*z_of(found, {"future": 1.0}))


def _of_apart(found: ModelFit | None) -> list[Statistic]:
    """Conditions 1 and 2 of a fit of L of cooperation apart."""
    lag = apart_lag_condition(*z_of(found, {window_name(LAG): 1.0}))
    return [lag, apart_order_condition(*z_of(found, BEFORE_MINUS_AFTER))]


def _of_attention(windows: ModelFit, between: ModelFit | None) -> list[Statistic]:
    """The negative control; nothing where hostility between the two gives no coefficient."""
    hostility, cooperation = (z_of(found, {window_name(LAG): 1.0}) for found in (between, windows))
    if isnan(hostility[2]):
        return []
    more, se = cooperation[0] - hostility[0], float(np.hypot(cooperation[1], hostility[1]))
    return [attention_condition(hostility[2], more, se, more / se)]


def first_failure(
    slices: DyadSlices, *, response: str | None = None, legs: str | None = None, apart: DyadSlices | None = None
) -> str:
    """The first condition of all pairs that does not hold; empty where all do, so that ``certify(...).passed``.

    Fits no more models than it takes to know: for many worlds. Parameters and errors are those of :func:`certify_all`.
    """
    legs = legs or DEFAULT_LEGS["certificate"]
    arrays = certificate_arrays(slices, response)
    own = arrays.windows(legs, arrays.inertia())
    with threadpool_limits(1):
        first = arrays.fit(own)
        now = _of_windows(first)[2]

        def asked() -> Iterator[Statistic]:
            yield from (*_of_windows(first)[:2], _of_recency(first))
            if not slices.directed:
                yield now
            yield from _of_memory(fit_or_why(lambda: arrays.fit(arrays.remembering(own), like=first))[0])
            yield _of_reverse(fit_or_why(arrays.reverse)[0], slices.directed)
            yield from _of_attention(first, fit_or_why(lambda: arrays.between(own))[0])
            if apart is not None:
                others = certificate_arrays(_same_periods(apart, slices), response)
                yield from _of_apart(fit_or_why(lambda: others.fit({**own, **others.inertia()}))[0])
            if not slices.directed:
                yield _of_states(fit_or_why(lambda: arrays.states(legs, arrays.inertia(), first))[0])

        return next((s.name for s in asked() if not s.passed), "")


def _same_periods(apart: DyadSlices, slices: DyadSlices) -> DyadSlices:
    """``apart``; raises ValueError where its periods or actors are not those of ``slices``."""
    if apart.actors != slices.actors or not np.array_equal(apart.edges, slices.edges):
        raise ValueError("cooperation apart is of other periods or actors")
    return replace(apart, observed=slices.observed, days=slices.days)


def certificate_arrays(slices: DyadSlices, response: str | None = None) -> Arrays:
    """The arrays on which the models are fitted. Raises NotEnoughData, NotEnoughMemory."""
    kept = periods_left(slices.observed)
    if kept.sum() < FEWEST_PERIODS:
        raise NotEnoughData(
            say(
                "The certificate looks {reach} periods back and ahead and needs {fewest_periods} periods between: "
                "{fewest_periods2} in all. There are {n_slices} of {length}, and {sum} are left.",
                reach=REACH,
                fewest_periods=FEWEST_PERIODS,
                fewest_periods2=FEWEST_PERIODS + 2 * REACH,
                n_slices=slices.n_slices,
                length=slices.length,
                sum=int(kept.sum()),
            ),
            say("Use a shorter --period, more data (--from, --to), or --no-certificate."),
        )
    needed = certificate_bytes(slices, int(kept.sum()))
    check_memory(needed, "The certificate", slices, "Choose a longer --period, fewer --actors, or --no-certificate.")
    C, H = by_period(slices, response or DEFAULT_RESPONSE[slices.directed])
    return Arrays(
        C, H, at_full_exposure(C, slices), at_full_exposure(H, slices), slices.observed, kept, slices.directed,
        time_of_year(slices),
    )  # fmt: skip


def _notes_on(arrays: Arrays, slices: DyadSlices) -> list[str]:
    """What the reader must know of the periods."""
    notes = []
    if arrays.symmetric and slices.directed:
        notes.append(say("Cooperation is the same both ways in every period: pairs are counted once."))
    if not slices.observed.all():
        unseen = int((~slices.observed).sum())
        were = plural("Of {n} period", "Of each of {n} periods", unseen)
        notes.append(
            say("{were} less than half of the days were observed: windows that touch it are scaled.", were=were)
        )
    return notes


def certificate_bytes(slices: DyadSlices, kept: int) -> int:
    """Memory of the certificate, at most: arrays of all pairs and periods, and what standard errors need of a dyad, of
    two models at once."""
    n, p = slices.n_actors, 2 * len(WINDOWS) + len(MEMORY) + len(INERTIA_HALF_LIVES)
    tensors = 8 * n * n * (COPIES * kept + LONG_COPIES * slices.n_slices)
    return tensors + 2 * 8 * 6 * p * p * min(slices.n_dyads, len(slices.dyad))


def _beside(own: Sequence[Statistic], other: Sequence[Statistic] | None, legs: str) -> str:
    """What the other way of combining two legs says of the five windows."""
    if other is None or any(isnan(s.statistic) for s in other):
        return say("With legs {legs}, conditions 1 and 2 and the same period could not be tested.", legs=legs)

    passed = [s.passed for s in own] == [s.passed for s in other]
    clear = [s.statistic < -Z_CLEAR for s in own] == [s.statistic < -Z_CLEAR for s in other]
    if passed and clear:
        said = say("come out alike")
    elif passed:
        said = say("pass or fail alike, but differ in how strongly one points the other way")
    else:
        said = say("come out differently")
    z = [s.statistic for s in other]
    return say(
        "With legs {legs}, conditions 1 and 2 and the same period {said}: z of hostility 3 to 1 periods before "
        "{z:.1f}, of before minus after {z2:.1f}, of the same period {z3:.1f}.",
        legs=legs,
        said=said,
        z=z[0],
        z2=z[1],
        z3=z[2],
    )

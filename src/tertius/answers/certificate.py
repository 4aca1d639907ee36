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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, log, nan
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from tertius.answers.permutations import Picture, permuted
from tertius.answers.rise import rise
from tertius.answers.spans import SlicedSpans
from tertius.codes import actor_name
from tertius.effects.two_path import combine, prepared_leg, two_path
from tertius.errors import EmptyData, ModelError, NotEnoughData, UsageError
from tertius.events.slices import Bools, DyadSlices, Floats, at_full_exposure
from tertius.model.budget import check_memory
from tertius.model.parallel import threads
from tertius.model.robust import Covariances, contrast_variance, covariances
from tertius.model.within.model import OTHER_LEGS
from tertius.model.within.one_step import OneStep
from tertius.model.within.ppml import WithinFit, fit_ppml
from tertius.plain import plain
from tertius.spec import DEFAULT_LEGS, DEFAULT_RESPONSE, DEFAULT_SEED

WINDOWS: tuple[tuple[int, int], ...] = ((-6, -4), (-3, -1), (0, 0), (1, 3), (4, 6))
LAG, NOW, LEAD = (-3, -1), (0, 0), (1, 3)
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
BEFORE = 3
"""Periods before the rise of cooperation in which hostility must already have risen."""

Z_CLEAR = 1.96
Z_ORDER = 1.28
POWER = 2.8
WORTH_FINDING = log(1.10)

REVERSE_LEGS = "sqrt"
COPIES, LONG_COPIES = 60, 8  # of the outcome, in the periods kept and in all, that two models at once take at most

CONSISTENT = "consistent with"
TOO_THIN = "data too thin"
MIXED = "mixed"
LEANING = "leaning"
CONTRADICTED = "contradicted"
NOT_CERTIFIED = "not certified"

SLOW = (
    "No rule of timing excludes a slow common cause: something that moved hostility first and cooperation later "
    "would pass too."
)


@dataclass(frozen=True, slots=True)
class Statistic:
    """One condition of the rule.

    Attributes
    ----------
    name : "lag", "lag_minus_lead", "now", "lead", "reverse" or "pair".
    estimate, se : of the coefficient or contrast, in log points for one unit of the transformed column.
    statistic : z = estimate / se; NaN if it cannot be had.
    threshold : what z is held against; see ``text`` for the side on which it must lie.
    passed : whether the condition holds.
    text : the condition and what was found, in a sentence.
    """

    name: str
    estimate: float
    se: float
    statistic: float
    threshold: float
    passed: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        """As in the certificate's JSON."""
        return {
            "statistic": self.statistic,
            "threshold": self.threshold,
            "passed": self.passed,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """One window of the lead and lag profile: periods first to last around the outcome, estimate in log points for one
    unit of the transformed column, its standard error and z."""

    first: int
    last: int
    estimate: float
    se: float
    z: float

    def to_dict(self) -> dict[str, Any]:
        """As in the certificate's JSON."""
        return {"from": self.first, "to": self.last, "estimate": self.estimate, "se": self.se, "z": self.z}


@dataclass(frozen=True, slots=True)
class Reverse:
    """The reverse claim, beside the claim: cooperation draws hostility.

    Attributes
    ----------
    claim : the claim in a sentence.
    past, future : R's terms: cooperation with k's enemies before, and (mirrored) after, the hostility.
    contrast : past minus future.
    verdict : ``leaning``, ``mixed``, ``contradicted`` or ``data too thin``; see :func:`reverse_claim`. Never more: the
        certificate asks of the claim only, and a reverse that holds is no more than an order of time.
    text : what was found.
    """

    claim: str
    past: Profile
    future: Profile
    contrast: Statistic
    verdict: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        """The value of ``reverse`` in the JSON of ``tertius explain``."""
        document = plain(
            {
                "claim": self.claim,
                "verdict": self.verdict,
                "statistic": self.contrast.statistic,
                "threshold": self.contrast.threshold,
                "holds": not self.contrast.passed and not isnan(self.contrast.statistic),
                "past": {"estimate": self.past.estimate, "se": self.past.se, "z": self.past.z},
                "future": {"estimate": self.future.estimate, "se": self.future.se, "z": self.future.z},
                "text": self.text,
            }
        )
        assert isinstance(document, dict)
        return document


@dataclass(frozen=True, slots=True)
class PairQuestion:
    """The pair that is asked about.

    Attributes
    ----------
    i, j : indices of the pair.
    window, reference : (S,) periods of each.
    k : index of the third party; None: all third parties together.
    days : the days of window and reference in words, where the answer's own slices are others; else empty.
    """

    i: int
    j: int
    window: Bools
    reference: Bools
    k: int | None = None
    days: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the three models say, and whether all of it lets the claim stand.

    Attributes
    ----------
    lag, lag_minus_lead, now, lead, reverse : conditions 1 to 5.
    pair : condition 6, None where no pair was asked about.
    profile : L's five windows.
    passed : all conditions hold.
    reasons : the sentences of the conditions that failed; if all hold, what no timing can exclude.
    within_sd : standard deviation of the demeaned [-3,-1] column, weighted by the fitted mean.
    directed : whether it was known whose hostility it was.
    legs : how two legs combine in the foe terms of L and M.
    n_actors, n_periods : actors, and periods in the likelihood.
    reverse_terms : R's past and future.
    beside : conditions 1 to 3 with the legs combined the other way; None where they cannot be had.
    pictures : shuffled third parties and null networks, where they were drawn: they decide nothing.
    notes : sentences for the reader.
    """

    lag: Statistic
    lag_minus_lead: Statistic
    now: Statistic
    lead: Statistic
    reverse: Statistic
    pair: Statistic | None
    profile: tuple[Profile, ...]
    passed: bool
    reasons: tuple[str, ...]
    within_sd: float
    directed: bool
    legs: str
    n_actors: int
    n_periods: int
    reverse_terms: tuple[Profile, ...] = ()
    beside: tuple[Statistic, Statistic, Statistic] | None = None
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Statistic, ...]:
        """The conditions in the order of the rule."""
        found = (self.lag, self.lag_minus_lead, self.now, self.lead, self.reverse)
        return found if self.pair is None else (*found, self.pair)

    @property
    def smallest_found(self) -> float:
        """Relative change of cooperation per within-pair standard deviation that four of five samples would find."""
        return float(np.expm1(POWER * self.lag.se * self.within_sd))

    @property
    def thin(self) -> bool:
        """Whether an effect of 10 % per within-pair standard deviation is too small for these data."""
        return too_thin(self.lag.se, self.within_sd)

    def __repr__(self) -> str:
        held = sum(s.passed for s in self.conditions)
        return (
            f"<Certificate: {'passed' if self.passed else 'not passed'}, {held} of {len(self.conditions)} conditions "
            f"hold; {self.n_actors:,} actors, {self.n_periods:,} periods>"
        )

    def to_dict(self) -> dict[str, Any]:
        """The value of ``certificate`` in the JSON of ``tertius explain``."""
        document: dict[str, Any] = {s.name: s.to_dict() for s in self.conditions}
        if self.pair is None:
            document["pair"] = None
        document["profile"] = [p.to_dict() for p in self.profile]
        document["pictures"] = [p.to_dict() for p in self.pictures]
        document["passed"] = self.passed
        document["reasons"] = list(self.reasons)
        document |= {"legs": self.legs, "n_actors": self.n_actors, "n_periods": self.n_periods}
        document |= {"smallest_found": self.smallest_found, "notes": list(self.notes)}
        cleaned = plain(document)
        assert isinstance(cleaned, dict)
        return cleaned


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
    arrays = _Arrays(
        C, H, at_full_exposure(C, slices), at_full_exposure(H, slices), slices.observed, kept, slices.directed
    )
    with threadpool_limits(1), threads(workers) as pool:
        inertia = pool.submit(arrays.inertia)
        own = pool.submit(lambda: arrays.windows(legs, inertia.result()))
        fits: list[tuple[str, Callable[[], _Fit]]] = [
            ("past and future", lambda: arrays.states(legs, inertia.result())),
            ("the reverse", arrays.reverse),
            ("legs the other way", lambda: arrays.fit(arrays.windows(OTHER_LEGS[legs], inertia.result()))),
        ]
        if pair is not None:
            fits.append(("without the pair", lambda: arrays.fit(own.result(), without=(pair.i, pair.j))))
        others = [(name, pool.submit(_or_why, make)) for name, make in fits]
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
        held = _z(without, {_name(LAG): 1.0})
        facts = pair_facts(slices, C, H, pair, legs=legs, seed=seed)
        about = pair_statistic(facts, held, names=names, by=third, directed=slices.directed)
    conditions = (
        *_of_windows(found),
        lead_condition(*_z(states, {"future": 1.0})),
        reverse_condition(*_z(back, {"past": 1.0, "future": -1.0}), directed=slices.directed),
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
        tuple(Profile(w[0], w[1], *_z(found, {_name(w): 1.0})) for w in WINDOWS),
        within_sd=found.within_sd(_name(LAG)),
        directed=slices.directed,
        legs=legs,
        n_actors=slices.n_actors,
        n_periods=int(kept.sum()),
        reverse_terms=tuple(Profile(*w, *_z(back, {n: 1.0})) for n, w in (("past", PAST), ("future", FUTURE))),
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


def _of_windows(found: _Fit | None) -> tuple[Statistic, Statistic, Statistic]:
    """Conditions 1 to 3 of a fit of L."""
    lag = _z(found, {_name(LAG): 1.0})
    return (
        lag_condition(*lag),
        order_condition(*_z(found, {_name(LAG): 1.0, _name(LEAD): -1.0})),
        now_condition(*_z(found, {_name(NOW): 1.0}), lag=lag[2]),
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


def assemble(
    conditions: Sequence[Statistic],
    pair: Statistic | None,
    profile: tuple[Profile, ...],
    *,
    within_sd: float,
    directed: bool,
    legs: str,
    n_actors: int,
    n_periods: int,
    reverse_terms: tuple[Profile, ...] = (),
    beside: tuple[Statistic, Statistic, Statistic] | None = None,
    pictures: tuple[Picture, ...] = (),
    notes: tuple[str, ...] = (),
) -> Certificate:
    """The certificate of five conditions (in the order of the rule) and the pair's: passed if all hold."""
    lag, lag_minus_lead, now, lead, reverse = conditions
    every = (*conditions, *((pair,) if pair else ()))
    failed = tuple(s.text for s in every if not s.passed)
    return Certificate(
        lag=lag,
        lag_minus_lead=lag_minus_lead,
        now=now,
        lead=lead,
        reverse=reverse,
        pair=pair,
        profile=profile,
        passed=not failed,
        reasons=failed or (SLOW,),
        within_sd=within_sd,
        directed=directed,
        legs=legs,
        n_actors=n_actors,
        n_periods=n_periods,
        reverse_terms=reverse_terms,
        beside=beside,
        pictures=pictures,
        notes=notes,
    )


def too_thin(se: float, within_sd: float) -> bool:
    """Whether 2.8 standard errors of [-3,-1] exceed 10 % of the outcome per within-pair standard deviation.

    >>> too_thin(se=0.05, within_sd=0.5), too_thin(se=0.10, within_sd=0.5), too_thin(se=float("nan"), within_sd=0.5)
    (False, True, True)
    """
    return not POWER * se * within_sd <= WORTH_FINDING


def verdict(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None = None) -> str:
    """The verdict on "the hostility of third parties drives these two together". The first line that applies:

    1. no certificate (not run, or refused)                 -> ``data too thin`` where ``thin``, else ``not certified``
    2. passed, and the pair's cooperation rose              -> ``consistent with``
    3. passed                                               -> ``mixed`` (no rise to explain)
    4. z of [-3,-1], or of [-3,-1] minus [+1,+3], < -1.96,
       whichever way two legs combine                       -> ``contradicted`` (wrong sign, wrong order)
    5. [-3,-1] z > 1.96                                     -> ``mixed`` (some other condition fails)
    6. R (past minus future) z >= 1.96                      -> ``contradicted`` (the reverse holds)
    7. line 4 with one way of combining legs only           -> ``mixed``
    8. thin                                                 -> ``data too thin``
    9. everything else                                      -> ``mixed``

    Parameters
    ----------
    certificate : None where it was not run, or could not be.
    rise_shown : whether the pair's cooperation rose against the reference; None: not to be had.
    thin : whether the data are too few; None takes the certificate's own (no certificate: no).
    """
    return _judged(certificate, rise_shown, thin)[0]


def verdict_text(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None = None) -> str:
    """Why :func:`verdict` says what it says: the line of the rule that applied, in a sentence."""
    return _judged(certificate, rise_shown, thin)[1]


_AMONG = "Among all pairs of states in these data, "


def _judged(certificate: Certificate | None, rise_shown: bool | None, thin: bool | None) -> tuple[str, str]:
    if certificate is None and thin:
        return (
            TOO_THIN,
            "These data could not show a difference of 10 % for a usual change of hostility (one standard deviation "
            "within pairs) even if there were one.",
        )
    if certificate is None:
        return NOT_CERTIFIED, "The certificate was not run: nothing here says what came first."
    if certificate.passed and rise_shown is True:
        return CONSISTENT, f"The data are consistent with the claim: every condition of the certificate holds. {SLOW}"
    if certificate.passed:
        return MIXED, "The certificate passes, but there is no clear rise of this pair's cooperation to explain."
    lag, order, now = certificate.lag, certificate.lag_minus_lead, certificate.now
    other = certificate.beside
    wrong_sign = lag.statistic < -Z_CLEAR
    wrong_order = order.statistic < -Z_CLEAR
    if wrong_sign and (other is None or other[0].statistic < -Z_CLEAR):
        return CONTRADICTED, f"{_AMONG}earlier hostility goes with less cooperation, not with more."
    if wrong_order and (other is None or other[1].statistic < -Z_CLEAR):
        return (
            CONTRADICTED,
            f"{_AMONG}the order of time is the wrong one: hostility that comes after cooperation goes with it more "
            "than hostility that comes before.",
        )
    if lag.statistic > Z_CLEAR:
        return (
            MIXED,
            f"{_AMONG}earlier hostility goes with more cooperation, but not every condition of the certificate holds.",
        )
    if certificate.reverse.statistic >= Z_CLEAR:
        return (
            CONTRADICTED,
            f"{_AMONG}earlier hostility is not followed by cooperation, while cooperation is followed by hostility: "
            "the reverse of the claim.",
        )
    together = "hostility and cooperation move together within one period, and " if now.statistic >= Z_CLEAR else ""
    if wrong_sign or wrong_order:
        found = "later hostility goes with it more than earlier" if wrong_order else "earlier hostility goes with less"
        return (
            MIXED,
            f"{_AMONG}{together}{found}; but this last is clear with one way of combining the hostility of two sides "
            "only. Nothing shows that hostility came first.",
        )
    if certificate.thin if thin is None else thin:
        return (
            TOO_THIN,
            "These data could not show a difference of 10 % for a usual change of earlier hostility (one standard "
            "deviation within pairs) even if there were one: that none is seen says nothing.",
        )
    if together:
        return (
            MIXED,
            f"{_AMONG}{together}hostility before that period adds nothing that can be seen. Which came first within "
            "the period is not known.",
        )
    return (
        MIXED,
        f"{_AMONG}earlier hostility may or may not go with more cooperation. A difference of "
        f"{_excluded(certificate)} % or more for a usual change of it (one standard deviation within pairs) can be "
        "excluded; a smaller one is neither shown nor excluded.",
    )


def _excluded(certificate: Certificate) -> str:
    """Upper end of the 95 % interval of [-3,-1], in per cent for one within-pair standard deviation."""
    lag = certificate.lag
    return f"{100 * np.expm1((lag.estimate + Z_CLEAR * lag.se) * certificate.within_sd):.1f}"


def reverse_claim(certificate: Certificate) -> Reverse:
    """The reverse of "hostility of third parties drives the two together", from R, over all third parties.

    ``leaning`` where it holds (past minus future), ``contradicted`` where past cooperation goes with less hostility,
    ``data too thin`` where R cannot be had, else ``mixed``.
    """
    past, future = certificate.reverse_terms
    contrast = certificate.reverse
    what = "hostility of third parties" if certificate.directed else "conflict with third parties"
    both = f"Before: z = {past.z:.1f}; afterwards: z = {future.z:.1f}."
    if isnan(contrast.statistic):
        said, both = TOO_THIN, ""
    elif past.z < -Z_CLEAR:
        said = CONTRADICTED
        both += " Past cooperation goes with less of it."
    elif not contrast.passed:
        said = LEANING
    else:
        said = MIXED
        if past.z > Z_CLEAR:
            both += " Cooperation goes with it both before and after: no order of time is seen."
    claim = f"Cooperation of two states draws {what} upon them."
    return Reverse(claim, past, future, contrast, said, f"{contrast.text} {both}".strip())


# The conditions, from estimate, standard error and z. Each says what was asked and what was found.


def lag_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 1."""
    found = "goes with more cooperation" if z > Z_CLEAR else "does not go with more cooperation"
    if z < -Z_CLEAR:
        found = "goes with less cooperation"
    return _above("lag", estimate, se, z, Z_CLEAR, f"Shared hostility one to three periods earlier {found}")


def order_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 2."""
    found = (
        "says more about cooperation than hostility one to three periods later"
        if z > Z_ORDER
        else "says no more about cooperation than hostility one to three periods later: the order of time is not shown"
    )
    if z < -Z_CLEAR:
        found = "says less about cooperation than hostility one to three periods later: the order of time is wrong"
    return _above("lag_minus_lead", estimate, se, z, Z_ORDER, f"Hostility one to three periods earlier {found}")


def now_condition(estimate: float, se: float, z: float, *, lag: float) -> Statistic:
    """Condition 3. ``lag`` is z of [-3,-1]: what works within weeks shows at once too, but no more than before.

    >>> [now_condition(0.2, 0.1, 2.0, lag=lag).passed for lag in (1.0, 3.0)]
    [False, True]
    """
    most = lag if lag > Z_CLEAR else Z_CLEAR
    if z < Z_CLEAR:
        found = "Hostility and cooperation do not move together within one period"
    elif z < most:
        found = "Hostility and cooperation move together within one period, but less than they follow one another"
    else:
        found = (
            "Hostility and cooperation move together within one period: which came first cannot be seen, and one story "
            "may have been coded as both"
        )
    return _below("now", estimate, se, z, found, most)


def lead_condition(estimate: float, se: float, z: float) -> Statistic:
    """Condition 4."""
    found = (
        "Hostility that comes only afterwards does not explain cooperation"
        if z < Z_CLEAR
        else "Hostility that comes only afterwards explains cooperation, which a cause alone would not do"
    )
    return _below("lead", estimate, se, z, found)


def reverse_condition(estimate: float, se: float, z: float, *, directed: bool = True) -> Statistic:
    """Condition 5."""
    what = (
        "hostility towards a state follows upon its cooperation with the hostile state's enemies"
        if directed
        else "conflict of two states follows upon cooperation of either with the other's enemies (whose hostility it "
        "was is not known)"
    )
    found = (
        f"The reverse claim is not shown: it is not seen that {what}" if z < Z_CLEAR else f"The reverse holds: {what}"
    )
    return _below("reverse", estimate, se, z, found)


def _above(name: str, estimate: float, se: float, z: float, threshold: float, found: str) -> Statistic:
    if isnan(z):
        return _not_to_be_had(name, estimate, threshold)
    return Statistic(
        name, estimate, se, z, threshold, z > threshold, f"{found} (z = {z:.1f}; more than {threshold} is needed)."
    )


def _below(name: str, estimate: float, se: float, z: float, found: str, threshold: float = Z_CLEAR) -> Statistic:
    if isnan(z):
        return _not_to_be_had(name, estimate, threshold)
    text = f"{found} (z = {z:.1f}; less than {threshold:.3g} is needed)."
    return Statistic(name, estimate, se, z, threshold, z < threshold, text)


_SUBJECT = {
    "lag": "earlier hostility",
    "lag_minus_lead": "the difference between earlier and later hostility",
    "now": "hostility in the same period",
    "lead": "hostility that comes afterwards",
    "reverse": "the reverse claim",
}


def _not_to_be_had(name: str, estimate: float, threshold: float) -> Statistic:
    text = f"There is no test of {_SUBJECT[name]}: these data do not give the coefficient or its standard error."
    return Statistic(name, estimate, nan, nan, threshold, False, text)


# The pair


@dataclass(frozen=True, slots=True)
class PairFacts:
    """The pair itself.

    Attributes
    ----------
    rose : its cooperation in the window against the reference, and its share of all cooperation too; None if there is
        no interval.
    ratio : cooperation per observed day, window over reference.
    onset : the period in the window from which on cooperation stood higher (the best single break).
    hostility_ratio : hostility in the three periods before the onset over that of the reference, as a share of all
        hostility of the period (free of how much the media report); of one third party the smaller of its two legs, of
        all together their sum over third parties of m(leg, leg). NaN without a reference.
    """

    rose: bool | None
    ratio: float
    onset: int
    hostility_ratio: float


def pair_facts(slices: DyadSlices, C: Floats, H: Floats, question: PairQuestion, *, legs: str, seed: int) -> PairFacts:
    """Did the pair's cooperation rise, and did the hostility towards both rise before it?

    Parameters
    ----------
    slices : the periods: which were observed, and how many of their days.
    C, H : (S, N, N) by period, as :func:`by_period` gives them.
    """
    i, j, k, observed = question.i, question.j, question.k, slices.observed
    window, reference = question.window & observed, question.reference & observed
    for name, mask in (("window", window), ("reference", reference)):
        if not mask.any():
            raise UsageError(f"--{name} holds no observed period.", f"Choose another --{name}.")
    outcome = C[:, i, j] + C[:, j, i] if slices.directed else C[:, i, j]
    everyone = C.sum(axis=(1, 2))
    spans = SlicedSpans(window, reference, ("", ""), ("", ""))
    change = rise(outcome, everyone, slices.exposure, spans, seed)
    onset = onset_of_rise(outcome, slices.exposure, window, reference)
    at = np.arange(len(outcome))
    before = observed & (at >= onset - BEFORE) & (at < onset)
    usual = reference & (at < onset - BEFORE)
    if k is None:
        summands = combine(H[:, :, i], H[:, :, j], legs)
        summands[:, [i, j]] = 0.0
        levels = [summands.sum(axis=1)]
    else:
        levels = [H[:, k, i], H[:, k, j]]
    every = H.sum(axis=(1, 2))
    shares = [np.divide(x, every, out=np.zeros_like(every), where=every > 0) for x in levels]
    rose = None if change.shown is None else change.shown and change.share_ratio > 1
    return PairFacts(rose, change.ratio, onset, min(_ratio(x, before, usual) for x in shares))


def onset_of_rise(outcome: Floats, exposure: Floats, window: Bools, reference: Bools) -> int:
    """The period of the window from which on the outcome per day stood higher: the best single break of the Poisson
    likelihood. ``exposure`` (S,): days observed.

    Where no break in the window goes upwards, the window's first period.

    >>> onset_of_rise(np.array([1.0, 2, 1, 1, 9, 8]), np.ones(6), np.arange(6) >= 3, np.arange(6) < 3)
    4
    """
    used = np.flatnonzero(window | reference)
    best, onset = -np.inf, int(np.flatnonzero(window)[0])
    for s in np.flatnonzero(window):
        parts = [(float(outcome[at].sum()), float(exposure[at].sum())) for at in (used[used < s], used[used >= s])]
        (y0, d0), (y1, d1) = parts
        if d0 == 0 or y1 * d0 <= y0 * d1:
            continue
        gain = sum(y * log(y / d) for y, d in parts if y > 0)
        if gain > best:
            best, onset = gain, int(s)
    return onset


def pair_statistic(
    facts: PairFacts,
    without: tuple[float, float, float],
    *,
    names: tuple[str, str],
    by: str | None = None,
    directed: bool = True,
) -> Statistic:
    """Condition 6 as a statistic: z of [-3,-1] without the pair, and whether all three parts hold."""
    estimate, se, z = without
    two = f"{names[0]} and {names[1]}"
    whose = f"{by}'s " if by else "third parties' "
    what = f"{whose}{'hostility towards' if directed else 'conflict with'} both"
    rose, earlier, holds = facts.rose is True, facts.hostility_ratio > 1, z > Z_CLEAR
    said = [
        f"cooperation of {two} {'rose' if rose else 'did not clearly rise'} against the reference"
        + (f" (ratio {facts.ratio:.2g})" if isfinite(facts.ratio) else ""),
        f"{what}, as a share of all, {'had' if earlier else 'had not'} risen {'before that' if rose else 'before'}"
        + (f" (ratio {facts.hostility_ratio:.2g})" if isfinite(facts.hostility_ratio) else ""),
        f"without the pair, earlier hostility {'still goes' if holds else 'does not go'} with more cooperation"
        + (f" (z = {z:.1f})" if isfinite(z) else ""),
    ]
    text = f"{said[0][0].upper()}{said[0][1:]}; {said[1]}; {said[2]}."
    return Statistic("pair", estimate, se, z, Z_CLEAR, rose and earlier and holds, text)


def _ratio(values: Floats, some: Bools, others: Bools) -> float:
    if not some.any() or not others.any():
        return nan
    below = float(values[others].mean())
    above = float(values[some].mean())
    if below > 0:
        return above / below
    return float("inf") if above > 0 else nan


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
class _Arrays:
    """C and H (S, N, N) as recorded, for outcomes, and at full exposure, for terms; observed and kept (S,); and the
    models on them."""

    C: Floats
    H: Floats
    C_full: Floats
    H_full: Floats
    observed: Bools
    kept: Bools
    directed: bool

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
        return {**{_name(w): logs(foe(x, legs), unit) for w, x in hostility}, **inertia}

    def fit(self, terms: _Terms, *, without: tuple[int, int] | None = None) -> _Fit:
        """L or M, of all pairs or without one."""
        cells = None
        if without is not None:
            i, j = without
            cells = np.ones(self.C[self.kept].shape, dtype=bool)
            cells[:, i, j] = cells[:, j, i] = False
        return _Fit.of(self.C[self.kept], terms, directed=not self.symmetric, mask=cells)

    def states(self, legs: str, inertia: _Terms) -> _Fit:
        """M."""
        unit = _unit_of_path(self.H_full, legs)
        states = {"past": past_state, "future": future_state}
        foes = {n: logs(foe(f(self.H_full, STATE_HALF_LIFE)[self.kept], legs), unit) for n, f in states.items()}
        return self.fit({**foes, **inertia})

    def reverse(self) -> _Fit:
        """R."""
        terms = reverse_terms(self.C_full, self.H_full, self.observed, self.kept, self.directed)
        return _Fit.of(self.H[self.kept], terms, directed=self.directed)

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
        base = OneStep(self.C[self.kept], tuple(inertia.values()), directed=not self.symmetric)
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


def _name(window: tuple[int, int]) -> str:
    return f"[{window[0]},{window[1]}]"


# Fits


@dataclass(frozen=True, slots=True)
class _Fit:
    fit: WithinFit
    cov: Covariances

    @classmethod
    def of(cls, Y: Floats, terms: Mapping[str, Floats], *, directed: bool, mask: Bools | None = None) -> _Fit:
        fit = fit_ppml(Y, tuple(terms.values()), directed=directed, mask=mask, names=tuple(terms))
        return cls(fit, covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N, left_out=fit.left_out))

    def within_sd(self, name: str) -> float:
        """NaN if the term was absorbed."""
        return float(self.fit.within_sd[self.fit.names.index(name)]) if name in self.fit.names else nan


def _or_why(make: Callable[[], _Fit]) -> tuple[_Fit | None, str]:
    """The fit, or why there is none."""
    try:
        return make(), ""
    except (ModelError, EmptyData) as error:
        return None, error.message


def _z(found: _Fit | None, contrast: Mapping[str, float]) -> tuple[float, float, float]:
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

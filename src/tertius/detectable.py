"""How many events do I need to see an effect of this size?

For each number of events, histories with the effect planted are simulated and fitted by the rate model that is right
for them (:mod:`tertius.simulation`), and the smallest effect b* found with probability ``power`` by a two-sided test at
``level`` is

    b* = (z_(1 - level / 2) + z_power) se(b*),

the normal approximation, with se^2 the mean over the histories of the model's error (the inverse of the information),
and the information that of histories in which the effect has the size b* itself: it is taken at zero first, and then
twice at the size last found. It is the information that is simulated, not the share of tests that find the effect; a
test of this module's does the latter.

Actors are alike and the model is right, unless ``heterogeneity``, ``tail`` or ``matchmakers`` say otherwise: then
actors differ, the rate model has no term for that, its error may be too small, and the text says so. Third parties act
on everyone. Real data need more events, never fewer. Not done: the within-pair model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np

from tertius.errors import UsageError
from tertius.model.design import build_design
from tertius.model.rate.fit import fit_rate
from tertius.plain import frame, plain
from tertius.progress import Teller
from tertius.simulation import check_seed, defaults, one_column, simulate
from tertius.spec import ModelSpec

DEFAULT_EVENTS = (1_000, 3_000, 10_000, 30_000)
ROUNDS = 3  # at zero, then at the size last found
FRIENDLY = 2 / 3  # share of cooperation among events
OPTIONS = ("half_life", "length", "legs", "directed", "heterogeneity", "tail", "matchmakers", "hostility")
UNEQUAL = ("heterogeneity", "tail", "matchmakers")  # options that make actors differ


@dataclass(frozen=True, slots=True)
class Detectable:
    """One line: with ``events`` events, the smallest effect found.

    Attributes
    ----------
    events : of both signs, in the whole history.
    slices : it has.
    effect : change of the log rate per unit of log(1 + x / c).
    effect_sd : the same per standard deviation of the column inside slices.
    se : the mean standard error at that size.
    """

    events: int
    slices: int
    effect: float
    effect_sd: float
    se: float


@dataclass(frozen=True, slots=True)
class DetectableEffects:
    """The smallest effects of one term that are found, by number of events.

    Attributes
    ----------
    term, n_actors, events_per_slice, histories, seed : as asked.
    power, level : with which probability, by a test of which level.
    rows : one line a number of events, ascending.
    text : the answer in words.
    """

    term: str
    n_actors: int
    events_per_slice: float
    histories: int
    power: float
    level: float
    seed: int
    rows: tuple[Detectable, ...]
    text: str

    def __repr__(self) -> str:
        return (
            f"<DetectableEffects of {self.term}: {len(self.rows)} numbers of events, {self.n_actors} actors, "
            f"{self.histories} histories>"
        )

    def table(self, backend: str | None = None) -> Any:
        """One row a number of events, as a data frame."""
        return frame([asdict(r) for r in self.rows], backend)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        found = plain(asdict(self))
        assert isinstance(found, dict)
        return found


def minimum_detectable(
    term: str = "shared_threat",
    events: Sequence[int] | int = DEFAULT_EVENTS,
    *,
    n_actors: int = 30,
    cooperation: Mapping[str, float] | None = None,
    events_per_slice: float = 30.0,
    histories: int = 5,
    power: float = 0.8,
    level: float = 0.05,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> DetectableEffects:
    """The smallest effect that a number of events would show, from the average information of simulated histories.

    Parameters
    ----------
    term : the column whose effect on cooperation is asked for.
    events : numbers of events, or one, of both signs together.
    n_actors : alike unless the options say otherwise.
    cooperation : column -> coefficient of the other columns (default: those of :func:`tertius.simulate`).
    events_per_slice : two thirds of them cooperation.
    histories : simulated for each number of events and round.
    power, level : with which probability it is to be found, by a test of which level.
    seed : the same seed gives the same answer.
    progress : called with a line for each history, and for each number of events.
    **options : as for :func:`tertius.simulate`: half_life, length, legs, directed, heterogeneity, tail, matchmakers,
        hostility.

    Raises
    ------
    UsageError : a number of events that fills fewer than ten slices, no history, a probability out of (0, 1), an option
        that does not exist, or a term that stands for two columns.
    UnknownEffect : a term that does not exist.

    >>> found = minimum_detectable(events=[600, 2_400], n_actors=10, histories=2)
    >>> found.rows[0].effect > found.rows[1].effect > 0
    True
    """
    directed = bool(options.get("directed", True))
    wanted = sorted(set(events)) if isinstance(events, Iterable) else [events]
    _check(wanted, events_per_slice, histories, power, level, options)
    check_seed(seed)
    one_column(term, directed)
    others = {k: v for k, v in (defaults(directed)[0] if cooperation is None else cooperation).items() if k != term}
    asked = NormalDist().inv_cdf(1 - level / 2) + NormalDist().inv_cdf(power)
    sizes = [(total, round(total / events_per_slice)) for total in wanted]
    tell, work = Teller(progress, "histories", every=0.0, worth=0.0), sum(slices for _, slices in sizes)
    tell.start("simulated and fitted")
    n, passed, of, rows = 0, 0, ROUNDS * histories, []

    def draw(effect: float, slices: int, turn: int) -> Iterator[tuple[float, float]]:
        nonlocal n, passed
        for k in range(histories):
            own = seed + 1000 * turn + k
            yield _error(term, effect, others, n_actors, slices, events_per_slice, own, options)
            n, passed = n + 1, passed + slices
            tell.done(n, of * len(sizes), passed / (of * work))

    for total, slices in sizes:
        rows.append(_smallest(total, slices, asked, partial(draw, slices=slices)))
        tell.line(f"{total:,} events: effects from {rows[-1].effect:.3g} are found")
    text = _text(term, n_actors, rows, histories, power, level, options)
    return DetectableEffects(term, n_actors, events_per_slice, histories, power, level, seed, tuple(rows), text)


def _smallest(total: int, slices: int, asked: float, draw: Callable[..., Iterable[tuple[float, float]]]) -> Detectable:
    """The effect ``asked`` standard errors large, in histories that have it.

    ``draw`` gives the variance of its coefficient and the deviation of its column in each.
    """
    effect = 0.0
    for turn in range(ROUNDS):
        found = list(draw(effect, turn=turn))
        se = float(np.sqrt(np.mean([variance for variance, _ in found])))
        effect = asked * se
    return Detectable(total, slices, effect, effect * float(np.mean([sd for _, sd in found])), se)


def _check(
    wanted: Sequence[int],
    events_per_slice: float,
    histories: int,
    power: float,
    level: float,
    options: Mapping[str, Any],
) -> None:
    """Raise UsageError as :func:`minimum_detectable` says."""
    if not isinstance(histories, int) or histories < 1 or not 0 < level < 1 or not level < power < 1:
        raise UsageError("Histories are counted from 1, and 0 < level < power < 1.", "Leave them at their defaults.")
    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        raise UsageError(f"Unknown option: {', '.join(unknown)}.", f"Options are: {', '.join(OPTIONS)}.")
    if not 0 < events_per_slice < np.inf:
        raise UsageError(f"events_per_slice={events_per_slice} is not a number above 0.", "Write events_per_slice=30.")
    if not wanted or wanted[0] < 10 * events_per_slice:
        raise UsageError(
            f"{min(wanted, default=0)} events at {events_per_slice:g} a slice fill fewer than ten slices.",
            "Ask for more events, or fewer events_per_slice.",
        )


def _text(
    term: str,
    n_actors: int,
    rows: Sequence[Detectable],
    histories: int,
    power: float,
    level: float,
    options: Mapping[str, Any],
) -> str:
    """The answer in words."""
    first, last = rows[0], rows[-1]
    text = (
        f"With {first.events:,} events among {n_actors} actors, an effect of {term} is found in {power:.0%} of samples "
        f"(two-sided test at {level:.0%}) from {first.effect_sd:.3g} log points per standard deviation"
    )
    text += f"; with {last.events:,}, from {last.effect_sd:.3g}." if len(rows) > 1 else "."
    text += f" From the average information of {histories} simulated {'history' if histories == 1 else 'histories'}, "
    text += f"{_histories(options)}."
    return text


def _histories(options: Mapping[str, Any]) -> str:
    """What is so in them."""
    unequal = [f"{name} {options[name]:g}" for name in UNEQUAL if options.get(name)]
    if not unequal:
        return "in which the model is right"
    return (
        f"in which actors differ ({', '.join(unequal)}) and the rate model has no term for that, so that its error may "
        "be too small"
    )


def _error(
    term: str,
    effect: float,
    others: Mapping[str, float],
    n_actors: int,
    slices: int,
    per_slice: float,
    seed: int,
    options: Mapping[str, Any],
) -> tuple[float, float]:
    """Variance of the term's coefficient, and standard deviation of its column, in one simulated history."""
    split = (FRIENDLY * per_slice, (1 - FRIENDLY) * per_slice)
    coefficients = {**others, term: effect}
    history = simulate(n_actors, slices, cooperation=coefficients, events_per_slice=split, seed=seed, **options)
    spec = ModelSpec.of(
        model="rate", effects=list(coefficients), slice=str(history.slices.length), scales=history.scales
    ).resolve(directed=history.slices.directed)
    spec = replace(spec, half_life=history.half_life, legs=history.legs)
    fit = fit_rate(build_design(history.slices, spec))
    if term not in fit.design.names:
        raise UsageError(f"{term}: {fit.absorbed_reasons[term]}.", "Ask for another term, or more events.")
    k = fit.design.names.index(term)
    return float(fit.cov.model[k, k]), float(fit.sd[k])

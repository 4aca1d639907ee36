"""What comes next, whether such forecasts were any good, and what surprised: forecast, backtest, changes."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from tertius.answers.foresight import LEVELS, Ahead, Backtest, Change, Changes, Forecast, Lines, Past
from tertius.errors import NotEnoughData, NotEnoughMemory, UsageError, memory_named
from tertius.events.data import NET_NOTE, EventData
from tertius.events.slices import MONDAY, DyadSlices, Floats, Ints
from tertius.events.slices import edges as slice_edges
from tertius.foresight.backtest import backtest as rolling
from tertius.foresight.breaks import Calibration, PastLevels, break_chance, break_level, calibrated
from tertius.foresight.known import SIGNS, Known, known, outcomes, recurrent
from tertius.foresight.models import BASELINES, FEWEST, OURS, WINDOW, Foretold, fitted, past_rows, usual_days
from tertius.foresight.surprise import moved_by, surprise
from tertius.language import Day, say
from tertius.memory import available_bytes
from tertius.progress import Progress
from tertius.sources.loading import load
from tertius.spec import DEFAULT_PERIOD, DEFAULT_RESPONSE, RESPONSES, Duration, ModelSpec, read_date
from tertius.study.asking import command_line, find_actor, reading_flags, resolve_spec, spanned

UNITS = {"count": say("events"), "weight": say("units of weight")}
FAMILIES = {"count": say("zero-inflated negative binomial"), "weight": say("zeros and gamma")}
HORIZONS = (1, 3, 6)
SCORED = 24
"""Periods that a backtest scores, the last; fewer where the data are short."""
LARGEST = 20
ROWS = 5
TERMS = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """What was asked, as periods of a data set."""

    events: EventData
    spec: ModelSpec
    slices: DyadSlices
    response: str
    given: dict[str, str]
    asked: ModelSpec

    @property
    def counts(self) -> bool:
        """Whether outcomes are counts."""
        return self.response == "count"

    @property
    def year(self) -> int:
        """Periods in a year."""
        return max(1, round(365.25 / self.slices.length.days))

    def known(self, first: int, units: int, until: date | None = None) -> Known:
        """Columns from period ``first`` on, in units of the periods up to ``units``; ``until``: from rows that were
        recorded by that day alone."""
        slices = self.slices
        if until is not None:
            asked = replace(self.spec, actors=slices.actors)
            slices = self.events.recorded_by(until).slices(asked, fewest=1)
        i, j, values, days = outcomes(slices, self.response)
        need = 2 * 4 * TERMS * len(i) * (len(days) - first)
        have = available_bytes()
        if have is not None and need > have / 2:
            raise NotEnoughMemory(
                f"Forecasts for {len(i):,} pairs need about {need / 1e9:.0f} GB.", "Name the --actors that matter."
            )
        return known(i, j, values, days, directed=slices.directed, first=first, year=self.year, units=units)

    def last_observed(self) -> int:
        """The origin of a forecast. Raises NotEnoughData."""
        seen = np.flatnonzero(self.slices.observed)
        if len(seen) < FEWEST + 2:
            raise NotEnoughData(
                say("Only {n} periods of {period} were observed.", n=len(seen), period=self.spec.period),
                say("Choose shorter ones (--period), or a longer span of data."),
            )
        return int(seen[-1])

    def days_of(self, period: int) -> tuple[str, str]:
        """First and last day of a period; also of those after the data's end."""
        bounds = self.slices.edges
        length = self.slices.length
        extra = period - (self.slices.n_slices - 1)
        if extra > 0:
            number = _number(float(bounds[-2]), length)
            bounds = slice_edges(length, number, number + extra)
            start, end = bounds[extra], bounds[extra + 1]
        else:
            start, end = bounds[period], bounds[period + 1]
        first, last = (np.datetime64(int(np.ceil(x)), "D") for x in (start, end - 1))
        return str(first), str(max(first, last))

    def pairs(self, i: Any, j: Any) -> list[tuple[str, str]]:
        """Labels of pairs."""
        names = self.slices.actors
        return [(names[a], names[b]) for a, b in zip(i, j, strict=True)]

    def command(self, verb: str, **flags: str | None) -> str:
        """The command that repeats the answer."""
        said = reading_flags(self.events) | self.given | {k: v for k, v in flags.items() if v is not None}
        return command_line(verb, [self.events.name], replace(self.asked, slice=None, response=None), said)

    def caveats(self) -> tuple[str, ...]:
        """What holds of every answer here."""
        left = int((~self.slices.observed).sum())
        return (
            *([self.events.note] if self.events.note else []),
            *(
                [
                    say(
                        "{left} of {n_slices} periods of {period} were observed for less than half of their days: "
                        "they are neither learnt from nor scored.",
                        left=left,
                        n_slices=self.slices.n_slices,
                        period=self.spec.period,
                    )
                ]
                if left
                else []
            ),
            *([] if self.events.directed else [NET_NOTE]),
            say("A forecast is of what will be recorded, and says nothing of why."),
        )


def _number(start: float, length: Duration) -> int:
    """The number of the slice that starts at ``start``, as ``events.slices.edges`` counts."""
    if length.unit in ("mo", "y"):
        months = int(np.datetime64(int(start), "D").astype("datetime64[M]").astype(np.int64)) + 1970 * 12
        return months // (length.n * (12 if length.unit == "y" else 1))
    return round((start - (MONDAY if length.unit == "w" else 0.0)) / length.days)


def _opened(
    data: Any, period: str | Duration | None, response: str | None, start: str | date | None, end: str | date | None,
    actors: str | Sequence[str] | None, seed: int | None,
) -> Opened:  # fmt: skip
    if response not in (None, *RESPONSES):
        raise UsageError(f"--response '{response}' does not exist.", f"Choose {' or '.join(RESPONSES)}.")
    events = load(data)
    asked = ModelSpec.of(period=period or DEFAULT_PERIOD, start=start, end=end, actors=actors, seed=seed)
    whole = spanned(events, asked)
    named = resolve_spec(events, whole).actors if asked.actors else None
    whole = replace(whole, slice=asked.period, actors=named)
    slices = events.slices(whole, fewest=2)
    given = {} if response is None else {"response": response}
    return Opened(events, whole, slices, response or DEFAULT_RESPONSE[events.directed], given, asked)


def read_horizons(text: str | Sequence[int] | None) -> tuple[int, ...]:
    """Periods ahead. Raises UsageError.

    >>> read_horizons("1,3,6"), read_horizons(None)
    ((1, 3, 6), (1, 3, 6))
    """
    if text is None:
        return HORIZONS
    try:
        found = tuple(sorted({int(x) for x in (text.split(",") if isinstance(text, str) else text)}))
    except (TypeError, ValueError):
        raise UsageError(
            say("--horizon '{text}' is no list of whole numbers.", text=text), say("For example: --horizon 1,3,6.")
        ) from None
    if not found or found[0] < 1 or found[-1] > 120:
        raise UsageError(
            say("--horizon '{text}' must be from 1 to 120 periods.", text=text), say("For example: --horizon 1,3,6.")
        )
    return found


@memory_named()
def forecast(
    data: Any,
    *,
    horizon: str | Sequence[int] | None = None,
    pair: Sequence[str] | None = None,
    period: str | Duration | None = None,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    actors: str | Sequence[str] | None = None,
    seed: int | None = None,
) -> Forecast:
    """What comes next: a distribution for every pair, outcome and period ahead.

    Parameters
    ----------
    data : anything that :func:`tertius.load` takes.
    horizon : periods ahead, "1,3,6". pair : two actors, codes or names (default: all pairs).
    period : length of a period. response : "count" or "weight" (default: by the data's kind).
    start, end : first and last day used; the forecast begins after the last. actors : the risk set.

    Raises UsageError, InputError, NotEnoughData, with the way out.

    >>> found = forecast("planted", horizon=[1], pair=["S09", "S22"])  # doctest: +SKIP
    """
    return Forecaster.open(
        data, horizon=horizon, period=period, response=response, start=start, end=end, actors=actors, seed=seed
    ).about(pair)


@dataclass(frozen=True, eq=False)
class Forecaster:
    """Data and the models of what comes next: fitted once, asked about many pairs.

    Attributes
    ----------
    opened : the data, as periods. horizons : periods ahead; ``typed``: as they were asked for.
    known : what the last observed period, ``origin``, knew.
    past_levels : the break levels of past origins.

    >>> from tertius.study.forecast import Forecaster
    >>> made = Forecaster.open("chronicle", horizon=[1], period="1y")
    >>> [len(made.about(pair).lines) for pair in (("RUS", "PRK"), ("USA", "CHN"))]
    [2, 2]
    """

    opened: Opened
    horizons: tuple[int, ...]
    typed: bool
    origin: int
    known: Known
    past_levels: PastLevels
    _models: dict[tuple[int, str], tuple[Foretold, Calibration]] = field(default_factory=dict, repr=False)

    @classmethod
    @memory_named()
    def open(
        cls,
        data: Any,
        *,
        horizon: str | Sequence[int] | None = None,
        period: str | Duration | None = None,
        response: str | None = None,
        start: str | date | None = None,
        end: str | date | None = None,
        actors: str | Sequence[str] | None = None,
        seed: int | None = None,
    ) -> Forecaster:
        """Parameters are those of :func:`forecast`. Raises UsageError, InputError, NotEnoughData."""
        o = _opened(data, period, response, start, end, actors, seed)
        horizons = read_horizons(horizon)
        origin = o.last_observed()
        K = o.known(max(0, origin - horizons[-1] - WINDOW + 1), origin)
        return cls(o, horizons, horizon is not None, origin, K, PastLevels(K, o.spec.seed))

    def model(self, horizon: int, sign: str) -> tuple[Foretold, Calibration]:
        """The model of a horizon and outcome, and how its chances of a break are calibrated."""
        if (horizon, sign) not in self._models:
            o, K, origin = self.opened, self.known, self.origin
            model = fitted(K, sign, past_rows(K, sign, origin, horizon, o.spec.seed), OURS, o.counts)
            self._models[horizon, sign] = model, calibrated(model, self.past_levels, sign, origin, horizon)
        return self._models[horizon, sign]

    @memory_named()
    def about(self, pair: Sequence[str] | None = None) -> Forecast:
        """Of two actors, codes or names; of all pairs where none are named. Raises UsageError."""
        o, K, origin = self.opened, self.known, self.origin
        two = _pair(o, pair)
        days = usual_days(K)
        at: Ints = np.arange(len(K.i)) if two is None else _place(o, K, two)
        labels = o.pairs(K.i[at], K.j[at])
        levels = {sign: break_level(K, sign, origin)[at] for sign in SIGNS}
        again = {sign: recurrent(K.values[sign], K.days, origin)[at] for sign in SIGNS}
        new = {sign: ~np.any(K.values[sign][: origin + 1, at] > 0, axis=0) for sign in SIGNS}
        ahead = []
        for h in self.horizons:
            first, last = o.days_of(origin + h)
            length = float((date.fromisoformat(last) - date.fromisoformat(first)).days + 1) if days >= 1 else days
            for sign in SIGNS:
                model, calibration = self.model(h, sign)
                made = model.at(K, sign, origin, length).among(at)
                level = levels[sign] * length
                breaks = calibration.of(break_chance(made, level), again[sign])
                quantiles = np.stack([made.quantile(q) for q in LEVELS], axis=1)
                parameters = np.stack([made.share, made.mean_if, made.shape], axis=1)
                some = 1 - made.zero()
                ahead.append(
                    Ahead(
                        labels, sign, h, first, last, made.mean, quantiles, breaks, level, some, new[sign], parameters
                    )
                )
        past = () if two is None else _past(o, K, int(at[0]))
        asked = {"horizon": ",".join(map(str, self.horizons)) if self.typed else None}
        asked |= {} if two is None else {"pair": shlex.join(two)}
        return Forecast(
            o.days_of(origin)[1] if origin < o.slices.n_slices - 1 else str(o.spec.end), UNITS[o.response],
            str(o.spec.period), FAMILIES[o.response], Lines(tuple(ahead)), past, o.events.hash, o.caveats(),
            o.command("forecast", **asked),
        )  # fmt: skip


def _pair(o: Opened, pair: Sequence[str] | None) -> tuple[str, str] | None:
    if pair is None:
        return None
    if len(pair) != 2:
        raise UsageError("--pair takes two actors.", "For example: --pair RUS PRK.")
    labels = frozenset(o.slices.actors)
    a, b = (find_actor(x, labels, o.events.name) for x in pair)
    if a == b:
        raise UsageError(say("The same actor is named twice."), say("Name two different actors."))
    return a, b


def _place(o: Opened, K: Known, two: tuple[str, str]) -> Any:
    i, j = (o.slices.actors.index(x) for x in two)
    if not o.slices.directed:
        i, j = min(i, j), max(i, j)
    return np.flatnonzero((K.i == i) & (K.j == j))


def _past(o: Opened, K: Known, at: int) -> tuple[Past, ...]:
    return tuple(
        Past(sign, *o.days_of(t), float(K.values[sign][t, at]), float(K.days[t]))
        for sign in SIGNS
        for t in range(len(K.days))
        if K.days[t] > 0
    )


@memory_named()
def backtest(
    data: Any,
    *,
    horizon: str | Sequence[int] | None = None,
    last: int | None = None,
    period: str | Duration | None = None,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    actors: str | Sequence[str] | None = None,
    seed: int | None = None,
    progress: Callable[[str], object] | None = None,
) -> Backtest:
    """Whether such forecasts were any good: made as of the day, scored on what came, beside simple baselines.

    ``last`` : periods that are scored, the last of the data (default: 24, or as many as leave enough to learn from).
    The others are as in :func:`forecast`. Raises UsageError, InputError, NotEnoughData.
    """
    o = _opened(data, period, response, start, end, actors, seed)
    horizons = read_horizons(horizon)
    if last is not None and last < 1:
        raise UsageError(f"--last {last} scores nothing.", "Choose 1 or more.")
    origin = o.last_observed()
    room = origin + 1 - (2 * horizons[-1] + FEWEST + 1)
    if room < 1 or (last is not None and last > room):
        raise NotEnoughData(
            f"{origin + 1} periods are too few to score {last or 'any'} of them {horizons[-1]} ahead.",
            f"Choose shorter --horizon or --period{f', or --last up to {room}' if room > 0 else ''}.",
        )
    n = last or min(SCORED, max(1, room // 2 if room < 2 * SCORED else SCORED))
    targets = list(range(origin - n + 1, origin + 1))
    first = max(0, targets[0] - 2 * horizons[-1] - WINDOW + 1)
    earliest = targets[0] - horizons[-1]
    truth = o.known(first, earliest)
    dated = o.events.has_recorded()
    kept: dict[int, Known] = {}

    def as_of(period: int) -> Known:
        if not dated:
            return truth
        if period not in kept:
            kept.clear()
            kept[period] = o.known(first, earliest, date.fromisoformat(o.days_of(period)[1]))
        return kept[period]

    def tell(done: int, of: int) -> None:
        if progress is not None:
            progress(Progress(say("forecasts scored"), done, of, unit=say("origins")))

    seasonal = any(t - h - o.year + 1 >= 0 for t in targets for h in horizons)
    left = () if seasonal else ("seasonal",)
    models = (OURS, *(b for b in BASELINES if b not in left))
    scores = rolling(as_of, truth, targets, horizons, counts=o.counts, models=models, seed=o.spec.seed, progress=tell)
    how = "recorded" if dated else "date"
    asked = {
        "horizon": None if horizon is None else ",".join(map(str, horizons)),
        "last": None if last is None else str(n),
    }
    note = say("The data do not say when a row was recorded: revisions may have leaked into what was known.")
    years = say("No season lies a year back: the seasonal baseline is left out.")
    return Backtest(
        tuple(scores), o.days_of(targets[0])[0], o.days_of(targets[-1])[1], str(o.spec.period), o.response, how, left,
        (*o.caveats(), *([] if dated else [note]), *([years] if left else [])), o.command("backtest", **asked),
    )  # fmt: skip


@memory_named()
def changes(
    data: Any,
    *,
    since: str | date | None = None,
    top: int | None = None,
    period: str | Duration | None = None,
    response: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    actors: str | Sequence[str] | None = None,
    seed: int | None = None,
) -> Changes:
    """What changed, and why: the largest surprises since a day against the forecast of the period before.

    ``since`` : first day (default: of the last observed period). ``top`` : how many (default 20). The others are as in
    :func:`forecast`. Raises UsageError, InputError, NotEnoughData.
    """
    o = _opened(data, period, response, start, end, actors, seed)
    last = o.last_observed()
    day = read_date(since) if since is not None else date.fromisoformat(o.days_of(last)[0])
    targets = [t for t in range(o.slices.n_slices) if o.slices.observed[t] and o.days_of(t)[0] >= str(day)]
    if not targets:
        raise UsageError(
            say("No observed period begins from {day} on.", day=day),
            say("Choose a day up to {day}: --since.", day=Day(o.days_of(last)[0])),
        )
    if targets[0] - 1 < FEWEST + 1:
        raise NotEnoughData(say("Too little lies before {day} to learn from.", day=day), say("Choose a later --since."))
    if top is not None and top < 1:
        raise UsageError(f"--top {top} shows nothing.", "Choose 1 or more.")
    first = max(0, targets[0] - 2 - WINDOW + 1)
    truth, dated = o.known(first, targets[0] - 1), o.events.has_recorded()
    found: list[tuple[float, str, int, int, Any]] = []
    keep = top or LARGEST
    for t in targets:
        K = o.known(first, targets[0] - 1, date.fromisoformat(o.days_of(t - 1)[1])) if dated else truth
        for sign in SIGNS:
            model = fitted(K, sign, past_rows(K, sign, t - 1, 1, o.spec.seed), OURS, o.counts)
            made = model.at(K, sign, t - 1, float(truth.days[t]))
            scores: Floats = surprise(made, truth.values[sign][t])
            for at in np.argsort(-scores, kind="stable")[:keep]:
                one = made.among(np.array([at]))
                why = moved_by(model, K, sign, t - 1, np.array([at]))
                found.append((float(scores[at]), sign, t, int(at), (one, why)))
    found.sort(key=lambda x: (-x[0], x[2], x[3]))
    n = len(targets) * len(SIGNS) * len(truth.i)
    made_ = tuple(_change(o, truth, *line) for line in found[:keep])
    asked = {"since": None if since is None else str(day), "top": None if top is None else str(top)}
    return Changes(
        str(day), UNITS[o.response], made_, n, o.caveats(), o.command("changes", **asked), o.events.name,
        o.events.directed,
    )  # fmt: skip


def _change(o: Opened, truth: Known, score: float, sign: str, t: int, at: int, behind: Any) -> Change:
    forecast, why = behind
    pair = o.pairs(truth.i[[at]], truth.j[[at]])[0]
    first, last = o.days_of(t)
    rows = o.events.between(*pair, start=date.fromisoformat(first), end=date.fromisoformat(last))
    wanted = 1 if sign == SIGNS[0] else -1
    rows = [r for r in rows if r["sign"] == wanted and (not o.slices.directed or r["source"] == pair[0])]
    rows.sort(key=lambda r: -r["weight"])
    moved = sorted(((g, float(x[0])) for g, x in why.items()), key=lambda x: -abs(x[1]))
    return Change(
        pair, sign, first, last, float(truth.values[sign][t, at]), float(forecast.mean[0]),
        float(forecast.quantile(0.025)[0]), float(forecast.quantile(0.975)[0]), score, tuple(moved), tuple(rows[:ROWS]),
    )  # fmt: skip

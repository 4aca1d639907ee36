"""What is asked: one frozen :class:`ModelSpec`. Every default of tertius lives in this file.

A duration is a number and a unit: ``15min 12h 30d 8w 6mo 2y``. As the length of a slice or a period, ``mo`` and
``y`` are calendar months and years; as a half-life they are 30.4375 and 365.25 days.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Literal, Self, TypedDict

from tertius.errors import BadDuration, UsageError, did_you_mean
from tertius.language import say

Sign = Literal["coop", "host"]
Unit = Literal["min", "h", "d", "w", "mo", "y"]

DAYS_PER_UNIT: Mapping[str, float] = {"min": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0, "mo": 30.4375, "y": 365.25}
SHORTEST_SLICE_DAYS = 15 / 1440

MODELS = ("rate", "within", "sign")
OUTCOMES = (say("cooperation"), say("hostility"), say("any"))
"""What may be asked about, as words that an answer can say in another language."""
RESPONSES = ("count", "weight")
TRANSFORMS = ("log1p", "raw")
LEGS = ("sqrt", "min", "product", "binary")
DECAYS = ("now", "previous")

DEFAULT_OUTCOME = "cooperation"
DEFAULT_HALF_LIFE = "90d"
DEFAULT_SLICE = {True: "1d", False: "1w"}  # by store.directed
DEFAULT_RESPONSE = {True: "count", False: "weight"}  # by store.directed
DEFAULT_PERIOD = "1mo"
DEFAULT_TRANSFORM = "log1p"
DEFAULT_LEGS = {"rate": "sqrt", "sign": "sqrt", "within": "min", "certificate": "sqrt"}
DEFAULT_DECAY_TO = "now"
DEFAULT_CARRY = "5y"
DEFAULT_PERMUTATIONS = 200
DEMO_PERMUTATIONS = 50
NEUTRALS = ("actors", "window", "even")
DEFAULT_NEUTRAL = "actors"
CAMPS = ("2", "free")
DEFAULT_CAMPS = "2"
DEFAULT_WINDOW = "1y"  # of camps
DEFAULT_SECONDS = 20  # for each cost of each window
DEFAULT_DRAWS = 200  # null networks of each kind
EDGES_AN_ACTOR = 2.0  # at most, by which a threshold is chosen
SORTS = ("clearest", "rise", "observed", "expected", "names")  # which pairs come first
PER = ("sd", "10%")  # by how much more hostility is priced
DEFAULT_WHATIF_DRAWS = 1000  # of both worlds
DEFAULT_FACTOR = 0.5  # of eased hostility
DEFAULT_LAGS = 6  # periods between two flows
DEFAULT_BESIDE = 10  # others that an actor's isolation is set against
ADEQUACIES = ("auto", "full", "none")
DEFAULT_ADEQUACY = "auto"
DEFAULT_SEED = 1
PERIODS_FOR_WITHIN = 12
CONFIDENCE = 0.95
POWER = 2.8
"""Standard errors of an effect that is found in 80 of 100 samples (1.96 + 0.84)."""
WORTH_SEEING = 1.5
"""A change by half: what a reader takes "increased" or "soared" to mean at least. Data that would miss it in one of
five samples are too thin to deny it."""

DEFAULTS: Mapping[str, str] = {
    "model": f"within where there are {PERIODS_FOR_WITHIN} periods or more, else rate",
    "outcome": DEFAULT_OUTCOME,
    "response": f"{DEFAULT_RESPONSE[True]}; of undirected data {DEFAULT_RESPONSE[False]}",
    "effects": "the standard ones for the model and the kind of data",
    "half_life": DEFAULT_HALF_LIFE,
    "slice": f"{DEFAULT_SLICE[True]}; of undirected data {DEFAULT_SLICE[False]}",
    "period": DEFAULT_PERIOD,
    "transform": DEFAULT_TRANSFORM,
    "legs": f"{DEFAULT_LEGS['within']} within, else {DEFAULT_LEGS['rate']}",
    "decay_to": DEFAULT_DECAY_TO,
    "start": "where the data begin",
    "end": "where the data end",
    "actors": "all that occur",
    "covariates": "none",
    "carry": DEFAULT_CARRY,
    "scales": "the median positive value of each column",
    "adequacy": DEFAULT_ADEQUACY,
    "bias_correction": "no",
    "miscoding": "not computed",
    "sample": "no sample, all pairs at risk",
    "seed": str(DEFAULT_SEED),
}
"""The default of every field of :class:`ModelSpec`, in words, for help texts."""

DATA_IS = (
    "atlas (real data by month, from the package tertius-atlas), chronicle (the sample that comes with tertius), "
    "planted or reversed (simulated, truth known), a store folder (made by tertius import), STORE@snapshot (an older "
    "state of it), a Study folder (made by --save), or a Parquet or CSV file with columns date, source, target, quad"
)

WRITE_SAMPLE = "Write --sample 20, or leave it out."

_DURATION = re.compile(r"\s*(\d+)\s*(min|h|d|w|mo|y)\s*")


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole number of minutes, hours, days, weeks, months or years.

    >>> Duration.parse("8w").days
    56.0
    """

    n: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``15min 12h 30d 8w 6mo 2y``. Raises BadDuration."""
        found = _DURATION.fullmatch(str(text))
        if found is None or int(found[1]) == 0:
            raise BadDuration(f"'{text}' is not a duration.", "Write a number and a unit: 15min 12h 30d 8w 6mo 2y.")
        return cls(int(found[1]), found[2])  # type: ignore[arg-type]

    @property
    def days(self) -> float:
        """Length in days (mo = 30.4375, y = 365.25: the convention of half-lives)."""
        return self.n * DAYS_PER_UNIT[self.unit]

    def __str__(self) -> str:
        return f"{self.n}{self.unit}"


@dataclass(frozen=True, slots=True)
class HalfLife:
    """Half-life in days of each sign's weights; None means that nothing is forgotten.

    >>> HalfLife.parse("coop=30d,host=90d").host
    90.0
    """

    coop: float | None
    host: float | None
    text: str = field(compare=False, default="")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``90d``, ``none`` or ``coop=30d,host=90d``. Raises BadDuration."""

        def one(part: str) -> float | None:
            return None if part.strip() == "none" else Duration.parse(part).days

        text = str(text)
        if "=" not in text:
            return cls(one(text), one(text), text)
        pairs = [p.partition("=") for p in text.split(",")]
        parts = {name: days for name, _, days in pairs}
        if sorted(name.strip() for name, _, _ in pairs) != ["coop", "host"]:
            raise BadDuration(f"'{text}' does not name both signs.", "Write --half-life coop=30d,host=90d.")
        by_sign = {k.strip(): one(v) for k, v in parts.items()}
        return cls(by_sign["coop"], by_sign["host"], text)

    def days(self, sign: Sign) -> float | None:
        """Half-life of one sign, in days."""
        return self.coop if sign == "coop" else self.host

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One question to the data. Fields left at None take the default of the store's kind in :meth:`resolve`.

    Attributes
    ----------
    model : "rate", "within" or "sign".
    outcome : "cooperation", "hostility" or "any".
    response : "count" (events) or "weight" (their weights): what the outcome adds up.
    effects : names of effects, e.g. ("inertia", "shared_threat", "activity.coop").
    half_life : of the history's weights, per sign.
    slice : unit of time in which order is unknown.
    period : unit of the within-pair model.
    transform : "log1p", log(1 + x / c), or "raw".
    legs : how two legs of a two-path combine: "sqrt", "min", "product" or "binary".
    decay_to : "now", the slice's own time, or "previous", the slice with events before it.
    start, end : first and last day of the data used (None: all).
    actors : the risk set (None: every actor that occurs): names or codes of actors, ``@NATO`` for the members of a
        group, ``@FILE`` for those in a file.
    covariates : files of covariates, by pair or by actor.
    carry : for how long at most a covariate's value holds.
    scales : pairs (column, c) that fix c of log(1 + x / c) instead of the median positive value.
    adequacy : "auto" says how well the model fits where that is cheap, "full" also holds out the last third of a
        within-pair model's periods, "none" leaves it.
    sample : of the rate model: controls drawn for each dyad with events in a slice; None: all dyads are at risk.
    bias_correction : of the within-pair model: also correct for the bias of order 1/N (Weidner & Zylkin 2021).
    miscoding : a term, or "foe": how many wrong codings would overturn its sign; None does not ask.
    seed : of random numbers, where any are drawn.
    """

    model: str | None = None
    outcome: str = DEFAULT_OUTCOME
    response: str | None = None
    effects: tuple[str, ...] | None = None
    half_life: HalfLife = HalfLife.parse(DEFAULT_HALF_LIFE)  # noqa: RUF009
    slice: Duration | None = None
    period: Duration = Duration.parse(DEFAULT_PERIOD)  # noqa: RUF009
    transform: str = DEFAULT_TRANSFORM
    legs: str | None = None
    decay_to: str = DEFAULT_DECAY_TO
    start: date | None = None
    end: date | None = None
    actors: tuple[str, ...] | None = None
    covariates: tuple[str, ...] = ()
    carry: Duration = Duration.parse(DEFAULT_CARRY)  # noqa: RUF009
    scales: tuple[tuple[str, float], ...] = ()
    adequacy: str = DEFAULT_ADEQUACY
    bias_correction: bool = False
    miscoding: str | None = None
    sample: int | None = None
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("model", self.model, (None, *MODELS)),
            ("outcome", self.outcome, OUTCOMES),
            ("response", self.response, (None, *RESPONSES)),
            ("transform", self.transform, TRANSFORMS),
            ("legs", self.legs, (None, *LEGS)),
            ("decay-to", self.decay_to, DECAYS),
            ("adequacy", self.adequacy, ADEQUACIES),
        ):
            if value not in allowed:
                choices = ", ".join(a for a in allowed if a)
                near = did_you_mean(str(value), (a for a in allowed if a))
                raise UsageError(f"--{name} '{value}' does not exist.", f"{near}Choose one of: {choices}.")
        object.__setattr__(self, "outcome", next(o for o in OUTCOMES if o == self.outcome))
        if not isinstance(self.bias_correction, bool):
            raise UsageError(f"bias_correction {self.bias_correction!r} is neither True nor False.", "Write True.")
        if self.seed < 0:
            raise UsageError(f"--seed {self.seed} is negative.", "Take a whole number from 0.")
        if self.sample is not None:
            if not isinstance(self.sample, int) or isinstance(self.sample, bool):
                raise UsageError(f"--sample {self.sample!r} is not a whole number.", WRITE_SAMPLE)
            if self.sample < 1:
                raise UsageError(f"--sample {self.sample} draws no control.", WRITE_SAMPLE)
        if self.effects is not None and not self.effects:
            raise UsageError("--effects names no effect.", "Name some, or leave --effects out.")
        if self.slice is not None and self.slice.days < SHORTEST_SLICE_DAYS:
            raise BadDuration(f"A slice of {self.slice} is too short.", "The shortest is 15min.")
        if self.start and self.end and self.start > self.end:
            raise UsageError(
                f"--from {self.start} lies after --to {self.end}.",
                f"Swap the two days: write --from {self.end} --to {self.start}.",
            )

    @classmethod
    def of(cls, **options: Any) -> Self:
        """Build a spec from plain values: durations, dates and lists as text, None for "the default".

        >>> ModelSpec.of(slice="1w", effects="inertia,common_foe").effects
        ('inertia', 'common_foe')
        """
        known = {k: v for k, v in options.items() if v is not None}
        unknown = set(known) - set(cls.__dataclass_fields__)
        if unknown:
            near = "".join(did_you_mean(name, cls.__dataclass_fields__) for name in sorted(unknown))
            raise UsageError(
                f"Unknown option: {', '.join(sorted(unknown))}.",
                f"{near}Options are: {', '.join(cls.__dataclass_fields__)}.",
            )
        readers: dict[str, Callable[[Any], Any]] = {
            "half_life": HalfLife.parse,
            "slice": Duration.parse,
            "period": Duration.parse,
            "carry": Duration.parse,
            "covariates": _names,
            "start": read_date,
            "end": read_date,
            "effects": _names,
            "actors": _names,
            "scales": lambda s: tuple(sorted(dict(s).items())),
            "sample": _whole,
        }
        for key, read in readers.items():
            if key in known and not isinstance(known[key], (Duration, HalfLife)):
                known[key] = read(known[key])
        return cls(**known)

    def resolve(self, *, directed: bool, n_periods: int | None = None) -> ModelSpec:
        """The same question with every default filled in for a store of this kind.

        Raises UsageError where ``sample`` does not go with the model or with ``miscoding``.
        """
        model = self.model
        if model is None:
            model = "rate" if n_periods is None or n_periods < PERIODS_FOR_WITHIN else "within"
        if self.sample is not None and model != "rate":
            raise UsageError(
                f"--sample draws from the risk set of the rate model, and the model here is {model}"
                f"{'' if self.model else ', the default'}.",
                "Use --model rate, or leave --sample out.",
            )
        if self.sample is not None and self.miscoding is not None:
            raise UsageError(
                "--miscoding needs the whole risk set, and --sample draws from it.",
                "Leave --sample or --miscoding out.",
            )
        return replace(
            self,
            model=model,
            response=self.response or DEFAULT_RESPONSE[directed],
            slice=self.slice or Duration.parse(DEFAULT_SLICE[directed]),
            legs=self.legs or DEFAULT_LEGS[model],
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, the inverse of :meth:`of`."""
        return {
            "model": self.model,
            "outcome": self.outcome,
            "response": self.response,
            "effects": list(self.effects) if self.effects is not None else None,
            "half_life": str(self.half_life),
            "slice": str(self.slice) if self.slice else None,
            "period": str(self.period),
            "transform": self.transform,
            "legs": self.legs,
            "decay_to": self.decay_to,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "actors": list(self.actors) if self.actors is not None else None,
            "covariates": list(self.covariates) or None,
            "carry": str(self.carry),
            "scales": dict(self.scales) or None,
            "adequacy": self.adequacy,
            "bias_correction": self.bias_correction or None,
            "miscoding": self.miscoding,
            "sample": self.sample,
            "seed": self.seed,
        }


class Options(TypedDict, total=False):
    """The fields of :class:`ModelSpec` as :meth:`ModelSpec.of` reads them: what ``fit`` and ``explain`` take."""

    model: str | None
    outcome: str | None
    response: str | None
    effects: str | Iterable[str] | None
    half_life: str | HalfLife | None
    slice: str | Duration | None
    period: str | Duration | None
    transform: str | None
    legs: str | None
    decay_to: str | None
    start: str | date | None
    end: str | date | None
    actors: str | Iterable[str] | None
    covariates: str | PurePath | Iterable[str | PurePath] | None
    carry: str | Duration | None
    scales: Mapping[str, float] | Iterable[tuple[str, float]] | None
    adequacy: str | None
    bias_correction: bool | None
    miscoding: str | None
    sample: int | None
    seed: int | None


def read_date(text: str | date) -> date:
    """An ISO date. Raises UsageError.

    >>> read_date("2022-02-24")
    datetime.date(2022, 2, 24)
    """
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a date.", "Write dates as 2022-02-24.") from None


def _whole(value: Any) -> Any:
    """A whole number out of text or an integer of NumPy; anything else as it is."""
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", value):
        return int(value)
    return value if isinstance(value, bool) or not hasattr(value, "__index__") else value.__index__()


def _names(value: Any) -> tuple[str, ...]:
    """Names out of a text with commas, a path, or any number of either."""
    if isinstance(value, (str, PurePath)):
        parts: Iterable[str] = str(value).split(",")
    elif isinstance(value, Iterable):
        parts = map(str, value)
    else:
        raise UsageError(f"{value!r} is neither a name nor a list of names.", "Write 'a,b' or ['a', 'b'].")
    return tuple(p.strip() for p in parts if p.strip())

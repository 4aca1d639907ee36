"""What can be asked, once: name, parameters with types and bounds, and the command that gives the same answer.

Routes, forms, navigation, the OpenAPI document and the tests are made from :data:`QUESTIONS`; how each is answered
stands in :mod:`tertius.web.desk`, which the workers alone import. Nothing heavy is imported here.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from tertius.errors import UsageError
from tertius.language import say
from tertius.spec import DEFAULT_FACTOR, MODELS, OUTCOMES, PER, SORTS

Kind = Literal["actor", "day", "choice", "whole", "number", "flag", "text", "words"]
Given = Mapping[str, Any]

LONGEST = {"actor": 300, "day": 10, "choice": 40, "text": 200_000, "words": 300}
"""Characters of a parameter."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a question takes.

    Attributes
    ----------
    name : in addresses and JSON.
    says : what it is, in a few words, for forms and the API.
    kind : "actor" (code or name), "day" (ISO), "choice", "whole" (number), "number", "flag", "words" (a short text) or
        "text" (a long one, never in an address).
    flag : of the command line; empty: the question puts it into words itself.
    low, high : bounds of a number. step : of a slider.
    default : what holds where it is not given; None: what the command does then.
    shown : whether a form on a page has it.
    """

    name: str
    says: str
    kind: Kind
    flag: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    step: float = 0
    default: Any = None
    shown: bool = True

    def read(self, text: str) -> Any:
        """The value of what was written. Raises UsageError."""
        text = text.strip() if self.kind != "text" else text
        if self.kind in LONGEST and len(text) > LONGEST[self.kind]:
            raise UsageError(
                say("{name} is longer than {most:,} characters.", name=self.name, most=LONGEST[self.kind]),
                say("Shorten it."),
            )
        if not text and self.kind != "flag":
            raise UsageError(
                say("{name} is empty.", name=self.name), say("Say {says}, or leave it out.", says=self.says)
            )
        if self.kind == "actor" and text.startswith("@"):
            raise UsageError(
                say("{name}: groups are for the command line.", name=self.name), say("Name an actor, by code or name.")
            )
        if "\x00" in text:
            raise UsageError(say("{name} holds a character that no text has.", name=self.name), say("Leave it out."))
        if self.kind == "day":
            return self._day(text)
        if self.kind == "choice" and text not in self.choices:
            raise UsageError(
                say("{name}={text} does not exist.", name=self.name, text=text[:40]),
                say("Choose one of: {names}.", names=", ".join(self.choices)),
            )
        if self.kind == "flag":
            if text.lower() not in ("", "0", "1", "false", "true", "on", "off"):
                raise UsageError(say("{name} is true or false.", name=self.name), say("Write 1, or leave it out."))
            return text.lower() in ("1", "true", "on")
        return self._number(text) if self.kind in ("whole", "number") else text

    def _day(self, text: str) -> str:
        try:
            return str(date.fromisoformat(text))
        except ValueError:
            raise UsageError(
                say("{name}: '{text}' is no day.", name=self.name, text=text), say("Write it like 2022-02-24.")
            ) from None

    def _number(self, text: str) -> float | int:
        try:
            value = int(text) if self.kind == "whole" else float(text)
        except ValueError:
            raise UsageError(
                say("{name}: '{text}' is no number.", name=self.name, text=text[:40]), say("Write one with digits.")
            ) from None
        if not (math.isfinite(value) and self.low <= value <= self.high):
            raise UsageError(
                say("{name} is out of bounds.", name=self.name),
                say("Choose from {low:g} to {high:g}.", low=self.low, high=self.high),
            )
        return value


@dataclass(frozen=True, slots=True)
class Question:
    """A question of :mod:`tertius.study`.

    Attributes
    ----------
    name : in addresses. verb : of the command.
    says : what it asks, as a sentence for the API.
    words : the words that the command takes before DATA.
    parameters : what it takes.
    of_fit : whether it needs the model's fit, which is made once.
    heavy : whether it takes long: "once" for a fit, or "always".
    private : whether what was asked is somebody's text: its answer is for them alone, and soon dropped.
    more : flags of the command that several parameters make together; whether the data are directed is known then.
    """

    name: str
    verb: str
    says: str
    parameters: tuple[Parameter, ...] = ()
    words: Callable[[Given], list[str]] = lambda given: []
    of_fit: bool = False
    heavy: Literal["", "once", "always"] = ""
    private: bool = False
    more: Callable[[Given, bool], list[str]] = lambda given, directed: []

    def read(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """What was asked, out of text by parameter; what is the default anyway is left out.

        Raises UsageError.
        """
        known = {p.name: p for p in self.parameters}
        if unknown := sorted(set(typed) - set(known)):
            raise UsageError(
                say("{name} takes no {other}.", name=self.name, other=unknown[0][:40]),
                say("It takes: {names}.", names=", ".join(known) or say("nothing but data")),
            )
        found: dict[str, Any] = {}
        for name, p in known.items():
            if name not in typed:
                if p.required:
                    raise UsageError(
                        say("{name} takes {other}: {says}.", name=self.name, other=name, says=p.says),
                        say("Add {name}=...", name=name),
                    )
                continue
            value = p.read(typed[name])
            if value != p.default and value is not False:
                found[name] = value
        return found

    def arguments(self, data: str, given: Given, *, directed: bool = False) -> list[str]:
        """The command that gives the same answer, as words after ``tertius``."""
        line = [self.verb, *self.words(given), *([data] if data else [])]
        for p in self.parameters:
            if p.flag and p.name in given:
                line += [p.flag] if p.kind == "flag" else [p.flag, _text(given[p.name])]
        return [*line, *self.more(given, directed)]

    def command(self, data: str, given: Given, *, directed: bool = False) -> str:
        """The same as a line to be copied."""
        return shlex.join(["tertius", *self.arguments(data, given, directed=directed)])

    def fit(self, given: Given) -> dict[str, Any]:
        """Those of its parameters that choose the fit."""
        return {p.name: given[p.name] for p in FIT if p.name in given}


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def key_of(question: str, data: str, given: Given) -> str:
    """What makes two questions the same."""
    return json.dumps([question, data, dict(sorted(given.items()))], ensure_ascii=True, separators=(",", ":"))


A = Parameter("a", say("the first actor, code or name"), "actor", required=True)
B = Parameter("b", say("the second actor, code or name"), "actor", required=True)
ACTOR = Parameter("actor", say("an actor, code or name"), "actor", required=True)
FROM = Parameter("from", say("first day of the data used"), "day", "--from", shown=False)
TO = Parameter("to", say("last day of the data used"), "day", "--to", shown=False)
OUTCOME = Parameter("outcome", say("what is explained"), "choice", "--outcome", choices=OUTCOMES, shown=False)
MODEL = Parameter("model", say("the model"), "choice", "--model", choices=MODELS[:2], shown=False)
FIT = (MODEL, OUTCOME, FROM, TO)
"""What chooses a fit."""
AT = Parameter("at", say("the day that divides before and after"), "day", "--at")
COUNTED = Parameter("outcome", say("what is counted"), "choice", "--outcome", choices=OUTCOMES)
DAYS = (FROM, TO)
WINDOW = (
    Parameter("since", say("first day of the window"), "day"),
    Parameter("until", say("last day of the window"), "day"),
)
TOP = Parameter("top", say("how many at most"), "whole", "--top", low=1, high=100_000)
PERIODS = ("1w", "1mo", "3mo", "6mo", "1y")


def window_of(given: Given) -> tuple[str, str] | None:
    """First and last day of the window, where it was given. Raises UsageError where one of them is missing."""
    since, until = given.get("since"), given.get("until")
    if (since is None) != (until is None):
        raise UsageError(say("A window has a first and a last day."), say("Give since and until, or neither."))
    return None if since is None or until is None else (since, until)


def _window(given: Given, directed: bool) -> list[str]:
    days = window_of(given)
    return [] if days is None else ["--window", *days]


def change_of(given: Given, directed: bool) -> str:
    """The changed flow of a what-if, as ``--set`` takes it."""
    between = ">" if directed else "-"
    flow = f"{given['third']}{between}{given['towards']}"
    last = f" to {given['until']}" if "until" in given else ""
    return f"{flow} {given.get('sign', 'host')} x{given.get('factor', DEFAULT_FACTOR):g} from {given['since']}{last}"


_LIST = (
    Question(
        "codes",
        "codes",
        say("What a code or a name stands for: actors, groups, event types."),
        (
            Parameter("name", say("a code or a name"), "words", required=True),
            Parameter("date", say("who is meant on that day"), "day", "--date"),
        ),
        words=lambda g: [g["name"]],
    ),
    Question("describe", "describe", say("Actors, span, events by class, busiest pairs of the data.")),
    Question("audit", "audit", say("What was read, kept and dropped by rule, and what the data cover.")),
    Question(
        "explain",
        "explain",
        say("Who drives two states together, since when, and how far to believe it."),
        (A, B, Parameter("by", say("a third party whose part is said"), "actor", "--by"), *WINDOW, *FIT,
         Parameter("permutations", say("draws of the pictures of chance"), "whole", "--permutations", low=0, high=1000,
                   shown=False)),
        words=lambda g: [g["a"], g["b"]], of_fit=True, more=_window,
    ),
    Question(
        "drives",
        "explain",
        say("Whom a third party's hostility drives together."),
        (Parameter("actor", say("the third party, code or name"), "actor", "--by", required=True), *WINDOW, *FIT),
        of_fit=True, more=_window,
    ),
    Question(
        "pairs",
        "pairs",
        say("All pairs: which rose, on whom it hangs, and what the certificate says of each."),
        (
            Parameter("actor", say("the pairs of this actor alone"), "actor", "--actor"),
            Parameter("rose", say("those alone that rose"), "flag", "--rose"),
            Parameter("sort", say("which come first"), "choice", "--sort", choices=SORTS),
            TOP,
            *WINDOW,
            *FIT,
        ),
        of_fit=True, heavy="once", more=_window,
    ),
    Question(
        "trend",
        "trend",
        say("Whether two do more of something since a day, against all others."),
        (A, B, AT, COUNTED, *DAYS),
        words=lambda g: [g["a"], g["b"]],
    ),
    Question(
        "rank",
        "rank",
        say("Where relations of two stand in their own history."),
        (A, B, AT, *DAYS),
        words=lambda g: [g["a"], g["b"]],
    ),
    Question(
        "events",
        "events",
        say("The rows behind a pair, latest first."),
        (A, B, *(Parameter(p.name, p.says, "day", p.flag) for p in DAYS),
         Parameter("limit", say("rows at most"), "whole", "--limit", low=1, high=1000)),
        words=lambda g: [g["a"], g["b"]],
    ),
    Question(
        "isolation",
        "isolation",
        say("With how many partners an actor deals, in effect, before and after a day."),
        (ACTOR, AT, Parameter("group", say("among the members of this group"), "words", "--group"), COUNTED, *DAYS),
        words=lambda g: [g["actor"]],
    ),
    Question(
        "ties",
        "ties",
        say("An actor's friends and foes: with whom it has most cooperation, and most hostility."),
        (ACTOR, AT, *DAYS),
        words=lambda g: [g["actor"]],
    ),
    Question(
        "forecast",
        "forecast",
        say("What comes next between two: a distribution for each period ahead."),
        (A, B, Parameter("horizon", say("periods ahead, 1,3,6"), "words", "--horizon")),
        heavy="once", more=lambda g, directed: ["--pair", g["a"], g["b"]],
    ),
    Question(
        "changes",
        "changes",
        say("What changed: the largest surprises against the forecast."),
        (
            Parameter("since", say("first day"), "day", "--since"),
            Parameter("top", say("how many"), "whole", "--top", low=1, high=200),
        ),
        heavy="always",
    ),
    Question(
        "balance",
        "balance",
        say("Who stands with whom, window by window, and who changed sides."),
        (
            Parameter("window", say("length of a window"), "choice", "--window", choices=("3mo", "6mo", "1y", "2y")),
            Parameter("camps", say("two camps, or as many as fit"), "choice", "--camps", choices=("2", "free")),
            Parameter("draws", say("null networks of each kind"), "whole", "--draws", low=0, high=200, shown=False),
            *DAYS,
        ),
        heavy="always",
    ),
    Question(
        "stood",
        "balance",
        say("In which camp an actor stood, window by window, and beside whom."),
        (Parameter("actor", say("an actor, code or name"), "actor", "--of", required=True),
         Parameter("window", say("length of a window"), "choice", "--window", choices=("3mo", "6mo", "1y", "2y")),
         Parameter("camps", say("two camps, or as many as fit"), "choice", "--camps", choices=("2", "free")), *DAYS),
        heavy="once", more=lambda g, directed: ["--draws", "0"],
    ),
    Question(
        "price",
        "price",
        say("What an actor's hostility goes with in the ties among its adversaries."),
        (ACTOR, Parameter("adversaries", say("who they are, with commas"), "words", "--adversaries"),
         Parameter("per", say("how much more hostility"), "choice", "--per", choices=PER), *WINDOW, *FIT),
        words=lambda g: [g["actor"]], of_fit=True, more=_window,
    ),
    Question(
        "whatif",
        "whatif",
        say("The pair's expected outcome had another's flow been more or less: the direct effect."),
        (
            A, B,
            Parameter("third", say("whose flow is changed"), "actor", required=True),
            Parameter("towards", say("towards which of the two"), "actor", required=True),
            Parameter("sign", say("which flow"), "choice", choices=("host", "coop"), default="host"),
            Parameter("factor", say("times as much"), "number", low=0, high=4, step=0.05, default=DEFAULT_FACTOR),
            Parameter("since", say("from this day on"), "day", required=True),
            Parameter("until", say("up to this day"), "day"),
            *FIT,
        ),
        words=lambda g: [g["a"], g["b"]], of_fit=True,
        more=lambda g, directed: ["--set", change_of(g, directed), "--draws", "0"],
    ),
    Question(
        "check",
        "check",
        say("What the data say of each claim of an article. The text is not kept, and nothing is fetched."),
        (
            Parameter("text", say("the article"), "text", required=True),
            Parameter("written", say("the day of writing"), "day", "--written"),
            Parameter("quotes", say("reproduce only the sentences checked"), "flag", "--quotes"),
        ),
        words=lambda g: ["-"], of_fit=True, private=True,
    ),
)  # fmt: skip
QUESTIONS: dict[str, Question] = {q.name: q for q in _LIST}
"""Every question, by name."""
OF_NO_DATA = frozenset({"codes"})
"""Questions that no data answer."""

"""The tools: what each is called and says, the bounds of what it takes, and the command that it stands for.

A tool is a command of tertius with ``--json`` and few of its options, so that its answer is the command's. No word of a
client is a path or an option: data are chosen from a list, days are days, and every other word is the value of one
option or stands behind ``--``. A text is given to the command on standard input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tertius.errors import BadValue, UsageError, did_you_mean
from tertius.spec import DEFAULT_PERMUTATIONS, OUTCOMES

Given = Mapping[str, Any]
Schema = dict[str, Any]

NAME = 200  # characters of a name
TEXT = 1_000_000  # characters of an article
MOST = 200  # rows of a table
DEFAULT_ROWS = 20
DRAWS = 1_000
PLAIN = r"^[^@\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"
"""A name. On the command line @NAME may be a file, so that no client may send one."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool.

    Attributes
    ----------
    name, title, says : as a client shows them.
    takes : what it takes besides the data, by name, as JSON Schema.
    required : which of these must be given.
    words : what was given -> options of the command, and what stands behind ``--`` before the data.
    needs_data : whether it asks data.
    text : which of what it takes goes to standard input; empty for none.
    """

    name: str
    title: str
    says: str
    takes: Mapping[str, Schema]
    words: Callable[[Given], tuple[list[str], list[str]]]
    required: tuple[str, ...] = ()
    needs_data: bool = True
    text: str = ""

    def schema(self, data: Sequence[str]) -> Schema:
        """What it takes, as JSON Schema; ``data``: the names of the data, the first of which is the default."""
        chosen = {"type": "string", "enum": list(data), "default": data[0], "description": "The data that are asked."}
        return {
            "type": "object",
            "properties": {**self.takes, **({"data": chosen} if self.needs_data else {})},
            "required": list(self.required),
            "additionalProperties": False,
        }

    def command(self, given: Given, data: Sequence[str]) -> list[str]:
        """The words after ``tertius``. Raises UsageError, BadValue where something was given that it does not take."""
        check(given, self.schema(data))
        options, behind = self.words(given)
        asked = [given.get("data", data[0])] if self.needs_data else []
        return [self.name, "--json", "--quiet", *options, "--", *behind, *asked]


def check(given: Given, schema: Schema) -> None:
    """Raise BadValue, in words that do not repeat what was given, where it does not fit."""
    error = next(iter(Draft202012Validator(schema).iter_errors(given)), None)
    if error is not None:
        raise BadValue(*_words_of(error))
    for name, value in given.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and any(0xD800 <= ord(ch) < 0xE000 for ch in text):
                raise BadValue(f"{name} holds half a character.", "Send text that is whole.")


def _words_of(error: ValidationError) -> tuple[str, str]:
    """What is wrong, and what to send."""
    where = ".".join(map(str, error.absolute_path)) or "What was sent"
    wanted: Any = error.validator_value
    if error.validator == "required":
        missing = [name for name in wanted if name not in error.instance]
        return f"{', '.join(missing)} is missing.", "Send it."
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        extra = [str(name)[:NAME] for name in error.instance if name not in known]
        return f"{', '.join(extra)} is not known here.", f"{did_you_mean(extra[0], known)}Known: {', '.join(known)}."
    if error.validator == "enum":
        return f"{where} is none of those that there are.", f"Choose one of: {', '.join(map(str, wanted))}."
    said = {
        "type": f"is no {wanted}",
        "maxLength": f"is longer than {wanted} characters",
        "minLength": "is empty",
        "pattern": f"is not of the form {error.schema.get('title', wanted)}",
        "minimum": f"is below {wanted}",
        "maximum": f"is above {wanted}",
        "minItems": f"holds fewer than {wanted}",
        "maxItems": f"holds more than {wanted}",
    }
    return f"{where} {said.get(str(error.validator), 'cannot be used')}.", "See the tool's input schema."


def find_tool(name: str) -> Tool:
    """The tool of a name. Raises UsageError."""
    for tool in TOOLS:
        if tool.name == name:
            return tool
    names = [tool.name for tool in TOOLS]
    raise UsageError(
        f"There is no tool {name[:NAME]!r}.", f"{did_you_mean(name[:NAME], names)}Choose one of: {', '.join(names)}."
    )


def _text(says: str, longest: int = NAME) -> Schema:
    return {
        "type": "string", "minLength": 1, "maxLength": longest, "description": says,
        **({"pattern": PLAIN, "title": "a line of text that does not begin with @"} if longest == NAME else {}),
    }  # fmt: skip


def _day(says: str) -> Schema:
    return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "title": "YYYY-MM-DD", "description": says}


def _days(says: str) -> Schema:
    return {"type": "array", "items": _day("A day."), "minItems": 2, "maxItems": 2, "description": says}


def _length(says: str) -> Schema:
    return {
        "type": "string", "pattern": r"^\d{1,4}(min|h|d|w|mo|y)$", "title": "7d, 1w, 1mo or 1y", "description": says,
    }  # fmt: skip


def _rows(says: str) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_ROWS, "description": says}


SPANS: dict[str, Schema] = {
    "window": _days("First and last day to explain; by default the last third of the data."),
    "reference": _days("First and last day to compare with; by default the span of equal length before the window."),
}


def _options(given: Given, *names: str) -> list[str]:
    """Those that were given, as options; ``--name=value``, so that no value is taken for an option."""
    words: list[str] = []
    for name in names:
        value = given.get(name)
        if isinstance(value, list):
            words += [f"--{name}", *map(str, value)]
        elif value is not None and value is not False:
            words += [f"--{name}" if value is True else f"--{name}={value}"]
    return words


def _explain(given: Given) -> tuple[list[str], list[str]]:
    without = ["--no-certificate"] if given.get("certificate") is False else []
    names = ("by", "window", "reference", "outcome", "permutations", "period")
    return [*_options(given, *names), *without], [given["a"], given["b"]]


def _pairs(given: Given) -> tuple[list[str], list[str]]:
    words = {"top": DEFAULT_ROWS, **given}
    return _options(words, "actor", "rose", "top", "window", "reference", "outcome"), []


def _changes(given: Given) -> tuple[list[str], list[str]]:
    return _options({"top": DEFAULT_ROWS, **given}, "since", "top", "period"), []


def _check(given: Given) -> tuple[list[str], list[str]]:
    return _options(given, "written"), ["-"]


def _codes(given: Given) -> tuple[list[str], list[str]]:
    return _options(given, "date"), [given["name"]]


OUTCOME: Schema = {"type": "string", "enum": list(OUTCOMES), "description": "What of the pair is explained."}

TOOLS = (
    Tool(
        "explain",
        "Who drives two states together?",
        "Whether cooperation between two actors rose, whose hostility towards both goes with it, and a certificate of "
        "what came first. The verdict says how far to believe it: quote it, with the caveats, whenever you quote a "
        "figure. No verdict is ever more than 'consistent with' a cause. May take minutes the first time.",
        {
            "a": _text("An actor: a code (RUS) or a name (Russia)."),
            "b": _text("The other."),
            "by": _text("A third party whose part is told."),
            **SPANS,
            "outcome": OUTCOME,
            "period": _length("Unit of time of the certificate, 1mo by default."),
            "certificate": {"type": "boolean", "default": True, "description": "Whether to test what came first."},
            "permutations": {
                "type": "integer", "minimum": 0, "maximum": DRAWS, "default": DEFAULT_PERMUTATIONS,
                "description": "Draws of each picture of chance; 0 is fastest, and does not change the verdict.",
            },
        },
        _explain,
        ("a", "b"),
    ),
    Tool(
        "pairs",
        "Which pairs rose, and on whom it hangs",
        "All pairs of the data: observed and expected, whether it rose (p is adjusted over all pairs), the three third "
        "parties on whom most hangs, and a verdict. May take minutes the first time.",
        {
            "actor": _text("The pairs of this actor alone."),
            "rose": {"type": "boolean", "default": False, "description": "Only pairs that rose."},
            "top": _rows("At most so many pairs."),
            **SPANS,
            "outcome": OUTCOME,
        },
        _pairs,
    ),
    Tool(
        "changes",
        "What changed",
        "The largest surprises since a day against a forecast, what had moved the expectation, and the rows behind. "
        "Among thousands of outcomes some surprise is chance.",
        {
            "since": _day("First day; by default the last observed period."),
            "top": _rows("How many surprises."),
            "period": _length("Length of a period, 1mo by default."),
        },
        _changes,
    ),
    Tool(
        "check",
        "What the data say of an article",
        "Finds the claims of a text about relations between states, and gives a verdict on each from the data. The "
        "text is not kept, and nothing in it is fetched.",
        {
            "text": _text("The article, as text.", TEXT),
            "written": _day("The day of writing, where the text does not say it."),
        },
        _check,
        ("text",),
        text="text",
    ),
    Tool(
        "codes",
        "What a code or a name stands for",
        "Actors, event types and groups by code or name, with dates.",
        {"name": _text("A code, a name or part of one."), "date": _day("Who is meant, and who exists, on this day.")},
        _codes,
        ("name",),
        needs_data=False,
    ),
)  # fmt: skip
"""All tools; each has the name of its command."""

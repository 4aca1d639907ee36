"""The rules that every row passes, as values: what is put aside, mended, dropped, and counted one half.

How rows pass them is :mod:`tertius.sources.rows`; what is counted is :mod:`tertius.sources.audit`. A row counts under
the first rule that drops it, in the order of :data:`RULES`; before all of them, a malformed row is put aside into the
quarantine file, with its line number. :data:`MENDED` counts rows that are kept with another value than the file's.

Rules that are a choice are switched by ``--drop RULE`` and ``--keep RULE`` (``--drop far_date=7,not_root``); which are
on without being asked for is a format's (``Format.drops``). What was on, with its value, stands in every audit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tertius.errors import UsageError, did_you_mean


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a row is not kept as an event of its own.

    Attributes
    ----------
    name : in the audit.
    says : which rows it takes, for readers.
    sql : the condition, of one row's columns; empty: it takes more than one row to tell. ``{value}`` is the rule's.
    default : the value of the option ``--mirrored`` under which it applies; empty: it has no option of its own.
    directed : whether undirected data have no such rows.
    choice : "" where it always applies; "on" or "off" where ``--keep`` and ``--drop`` switch it, and what it is unless
        the format says otherwise.
    value : a number or words that the condition is about, unless others are asked for.
    """

    name: str
    says: str
    sql: str
    default: str = ""
    directed: bool = False
    choice: str = ""
    value: str = ""


UPDATES_BEGIN = "2013-04-01"
"""GDELT's rows recorded before this day are its history of 1979 to 2013, loaded at once."""

RULES = (
    Rule("duplicate_id", "the same row again: same id (and, where ids repeat, same date, ends, type and story) as an "
         "earlier row of the import", "", choice="on"),
    Rule("no_code", "a type that stands for none: --- or X", "type IN ('---', '--', 'X')", directed=True, choice="on"),
    Rule("null_actor", "an end without a name", "source IS NULL OR target IS NULL"),
    Rule("other_sector", "an end that does not speak for its state: a role or sector other than those of the rule's "
         "value (other_sector=GOV+MIL), which are the format's own unless given",
         "NOT (source_speaks AND target_speaks)", directed=True, choice="off"),
    Rule("domestic", "two actors of one state (USAGOV towards USAOPP)",
         "source = target AND source_label <> target_label", directed=True),
    Rule("self_pair", "an actor towards itself", "source = target"),
    Rule("unknown_type", "no quad class, and a type that no ontology knows; the audit lists them by frequency",
         "quad IS NULL", directed=True),
    Rule("null_weight", "--weight goldstein, mentions or sources where the row has no such value", "weight IS NULL"),
    Rule("zero_weight", "nothing happened", "weight = 0"),
    Rule("not_root", "no root event of its article (IsRootEvent is 0)", "root = '0'", directed=True, choice="off"),
    Rule("far_date", "an event dated more than so many days before or after it was recorded: dates made of 'a year "
         "ago'. Rows of GDELT's history, recorded before 2013-04-01, are not asked",
         f"recorded >= DATE '{UPDATES_BEGIN}' AND abs(date_diff('day', date, recorded)) > {{value}}",
         directed=True, choice="off", value="31"),
    Rule("re_emitted", "an event sent again under another id: the same signature (the format's) as a row recorded at "
         "most so many hours before it; only where the time of day was recorded", "", directed=True, choice="off",
         value="3"),
    Rule("same_day", "not the first of its day, pair (one direction) and type", "", directed=True, choice="off"),
    Rule("no_event", "a mention of no event that this import keeps", "", directed=True),
    Rule(
        "mirrored",
        "the second coding of one mutual event: a meeting coded A -> B and B -> A on one day is one event. Both rows "
        "stay, each with a count of one half; one of them is counted here, so that kept = events. --mirrored keep "
        "takes both as events of their own",
        "",
        default="auto",
        directed=True,
    ),
)  # fmt: skip
"""In their order: the first that applies to a row is the one that is counted."""

MENDED = (
    Rule("date_1920", "an event of 2020 that the source dated 1920 (GDELT, January 2020): a hundred years are added",
         "year(date) = 1920 AND year(recorded) = 2020", choice="on"),
)  # fmt: skip
"""Rows kept with a mended value, counted apart."""

DROPPED = tuple(rule.name for rule in RULES)
MIRRORED = RULES[DROPPED.index("mirrored")]
"""Counted here, and kept with a count of one half each."""
CHOICES = {rule.name: rule for rule in (*RULES, *MENDED) if rule.choice}


def rules_on(drops: Sequence[str], drop: Sequence[str], keep: Sequence[str]) -> dict[str, str]:
    """The chosen rules that apply, each with its value: those of a format (``drops``), of ``--drop`` and ``--keep``.

    Raises UsageError.

    >>> rules_on(("far_date",), ("not_root",), ("duplicate_id",))
    {'no_code': '', 'not_root': '', 'far_date': '31', 'date_1920': ''}
    >>> rules_on((), ("far_date=7",), ())["far_date"]
    '7'
    """
    asked: dict[str, str] = {}
    for word in drop:
        name, _, value = word.partition("=")
        asked[_choice(name)] = ""
        asked[name] = _value(name, value.strip())
    spared = {_choice(word) for word in keep}
    if both := sorted(spared & set(asked)):
        raise UsageError(f"{', '.join(both)} is both in --drop and in --keep.", "Name it once.")
    on = {*drops, *asked, *(name for name, rule in CHOICES.items() if rule.choice == "on")} - spared
    return {name: asked.get(name) or rule.value for name, rule in CHOICES.items() if name in on}


def _choice(name: str) -> str:
    if name not in CHOICES:
        always = name in DROPPED
        what = f"The rule '{name}' always applies." if always else f"There is no rule '{name}'."
        raise UsageError(what, f"{'' if always else did_you_mean(name, CHOICES)}To choose are: {', '.join(CHOICES)}.")
    return name


def _value(name: str, value: str) -> str:
    rule = CHOICES[name]
    number = rule.value.isdigit()
    if value and not (number or name == "other_sector"):
        raise UsageError(f"The rule {name} takes no value.", f"Write --drop {name}.")
    if value and number and not value.isdigit():
        raise UsageError(f"{name}={value}: '{value}' is no whole number.", f"Write --drop {name}={rule.value}.")
    return value


def as_dict(on: Mapping[str, str]) -> dict[str, str | bool]:
    """What was on, as in the document of an audit: every rule to choose, false or its value.

    >>> as_dict({"far_date": "31"})["far_date"], as_dict({})["not_root"]
    ('31', False)
    """
    return {name: (on[name] or True) if name in on else False for name in CHOICES}

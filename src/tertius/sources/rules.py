"""The rules that every row passes, as values: what is dropped, and what is counted one half.

How rows pass them is :mod:`tertius.sources.rows`; what is counted is :mod:`tertius.sources.audit`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a row is not kept as an event of its own.

    Attributes
    ----------
    name : in the audit.
    says : which rows it takes, for readers.
    sql : the condition, of one row's source, target, quad and weight; empty: it takes more than one row to tell.
    default : the value of the rule's option under which it applies, and which is the default; empty: it always does.
    directed : whether undirected data have no such rows.
    """

    name: str
    says: str
    sql: str
    default: str = ""
    directed: bool = False


RULES = (
    Rule("null_actor", "an end without a name", "source IS NULL OR target IS NULL"),
    Rule("self_pair", "an actor towards itself (domestic events)", "source = target"),
    Rule("unknown_type", "no quad class, and a type that no ontology knows", "quad IS NULL", directed=True),
    Rule("null_weight", "--weight goldstein, mentions or sources where the row has no such value", "weight IS NULL"),
    Rule("zero_weight", "nothing happened", "weight = 0"),
    Rule(
        "mirrored",
        "the second coding of one mutual event: a meeting coded A -> B and B -> A on one day is one event. Both rows "
        "stay, each with a count of one half; one of them is counted here, so that kept = events. --mirrored keep "
        "takes both as events of their own",
        "",
        default="auto",
        directed=True,
    ),
)
"""In their order: the first that applies to a row is the one that is counted."""

DROPPED = tuple(rule.name for rule in RULES)
MIRRORED = RULES[DROPPED.index("mirrored")]
"""Counted here, and kept with a count of one half each."""

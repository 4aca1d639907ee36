"""The rules, one at a time and in their order, on tables of a few rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tertius.sources.importing import read_events
from tertius.sources.rules import DROPPED, RULES, Rule

Row = dict[str, Any]


def clean(rows: list[Row], **options: Any) -> tuple[list[Row], dict[str, Any]]:
    """Stored rows and the audit of a table given as rows."""
    table, audit, _ = read_events(pd.DataFrame(rows), **options)
    return table.to_pylist(), audit.to_dict()


def event(source: str | None, target: str | None, day: str = "2020-01-01", **more: Any) -> Row:
    more = more if {"type", "quad"} & set(more) else {"quad": 1, **more}
    return {"date": day, "source": source, "target": target, **more}


def test_each_row_falls_to_the_first_rule_that_applies() -> None:
    rows = [
        event("RUS", "PRK", type="040", weight=2.0),
        event(None, None, type="040", weight=0.0),
        event("  ", "PRK", type="040", weight=1.0),
        event("USA", "USA", type="xyz", weight=1.0),
        event("USA", "CHN", type="xyz", weight=0.0),
        event("USA", "CHN", type=None, weight=1.0),
        event("USA", "CHN", type="190", weight=0.0),
    ]
    kept, audit = clean(rows)
    assert [(r["source"], r["target"], r["sign"], r["weight"]) for r in kept] == [("RUS", "PRK", 1, 2.0)]
    assert audit["dropped"] == {"null_actor": 2, "self_pair": 1, "unknown_type": 2, "zero_weight": 1}
    assert (audit["read"], audit["kept"], audit["quarantined"]) == (7, 1, 0)


ROWS: dict[str, list[Row]] = {
    "null_actor": [event("USA", None)],
    "self_pair": [event("USA", "USA")],
    "unknown_type": [event("USA", "CHN", type="xyz")],
    "null_weight": [event("USA", "CHN", goldstein=None)],
    "zero_weight": [event("USA", "CHN", weight=0.0)],
    "mirrored": [event("USA", "CHN", type="040"), event("CHN", "USA", type="040")],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_takes_the_rows_that_it_speaks_of(rule: Rule) -> None:
    sized = {"null_weight": "goldstein", "zero_weight": "weight"}.get(rule.name)
    rows = [event("RUS", "PRK", **({sized: 1.0} if sized else {})), *ROWS[rule.name]]
    _, audit = clean(rows, weight="goldstein" if sized == "goldstein" else None)
    assert audit["dropped"] == {rule.name: 1}
    assert rule.says


def test_the_audit_names_every_rule_and_no_other() -> None:
    assert tuple(rule.name for rule in RULES) == DROPPED
    assert len(set(DROPPED)) == len(RULES) == len(ROWS)


def test_a_rule_of_one_row_has_its_condition_and_one_of_more_an_option() -> None:
    assert [(rule.name, rule.default) for rule in RULES if not rule.sql] == [("mirrored", "auto")]
    assert all(rule.default == "" for rule in RULES if rule.sql)

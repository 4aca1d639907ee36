"""Many pairs: the first at once, the rest folded or named, and a chart of those with an interval."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import pytest

import tertius
from document_reading import table, tables_of, texts
from tertius.answers.overview import Pairs
from tertius.errors import TertiusWarning
from tertius.report.document import Folded
from tertius.report.pages import charts_of, document_of
from tertius.report.sections.pairs import ON_PAGE, OPEN
from tertius.study import Study


@pytest.fixture(scope="module")
def found() -> Pairs:
    frame = tertius.simulate(12, 60, seed=2).to_frame("pyarrow")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        return Study.open(frame, slice="1d", effects="inertia.coop,shared_threat", cache=False).pairs()


def many(found: Pairs, n: int) -> Pairs:
    return replace(found, pairs=tuple(found.pairs[k % len(found.pairs)] for k in range(n)))


def test_a_pair_is_a_row_with_its_verdict(found: Pairs) -> None:
    rows = table(document_of(found).section("pairs"))
    assert len(rows) == min(OPEN, len(found.pairs))
    first = found.pairs[0]
    assert (rows[0]["Pair"], rows[0]["Verdict"]) == (", ".join(first.pair), first.verdict)
    assert list(rows[0])[:4] == ["Pair", "Rise", "Interval", "p"]


@pytest.mark.parametrize(("n", "tables", "rest"), [(OPEN, 1, 0), (OPEN + 1, 2, 0), (ON_PAGE + 7, 2, 7)])
def test_more_pairs_than_a_page_holds_are_folded_and_then_counted(found: Pairs, n: int, tables: int, rest: int) -> None:
    section = document_of(many(found, n)).section("pairs")
    assert len(tables_of(section)) == tables
    assert sum(len(t.rows) for t in tables_of(section)) + rest == n
    assert bool([b for b in section.blocks if isinstance(b, Folded)]) is (tables == 2)
    assert any(t.startswith(f"{rest} more") for t in texts(section)) is (rest > 0)


def test_the_chart_has_the_pairs_with_an_interval_in_their_order(found: Pairs) -> None:
    rows: list[dict[str, Any]] = charts_of(found)["rises"].to_dict()["datasets"]["lines"]
    drawn = [e for e in found.pairs if e.rise.low > 0 and e.rise.high < float("inf")][: len(rows)]
    assert [r["name"] for r in rows] == [", ".join(e.pair) for e in drawn]
    assert all((r["value"] > 0) == (e.rise.ratio > 1) for r, e in zip(rows, drawn, strict=True))


def test_nobody_left_is_said(found: Pairs) -> None:
    empty = document_of(replace(found, pairs=()))
    assert texts(empty.section("pairs")) == ["No pair is left of those asked for."]
    assert "rises" not in charts_of(replace(found, pairs=()))


def test_pairs_that_were_named_are_told_one_by_one(found: Pairs) -> None:
    named = replace(found, pairs=found.pairs[:2], side_by_side=True)
    assert "one-by-one" in [s.id for s in document_of(named).sections]
    assert "one-by-one" not in [s.id for s in document_of(found).sections]

"""Third parties: labels of undirected data, shares only where they mean something."""

from __future__ import annotations

import json
from dataclasses import replace

from document_reading import items, table, tables_of, texts
from tertius.answers.explanation import Explanation
from tertius.report.pages import charts_of, document_of


def test_undirected_page_says_whose_hostility_is_unknown(undirected: Explanation) -> None:
    page = document_of(undirected)
    third = page.section("third")
    assert "cannot be known" in texts(third)[0]
    assert any("Whose hostility" in x for x in items(page.section("limits")))
    chart = json.dumps(charts_of(undirected)["third-parties"].to_dict())
    assert "changed conflict with the pair" in chart
    assert "target" not in [s.id for s in page.sections]
    assert "hostility towards both" not in " ".join(texts(third)) + tables_of(third)[0].caption + chart


def test_pressure_share_is_absent_where_the_total_contains_zero(explanation: Explanation) -> None:
    a = explanation.attribution
    none = tuple(replace(t, pressure_share=float("nan")) for t in a.third_parties)
    third = document_of(
        replace(explanation, attribution=replace(a, third_parties=none, total=replace(a.total, low=-1.0, high=1.0)))
    ).section("third")
    assert "Share of the pressure" not in table(third)[0]
    assert any("Share of the pressure: not given" in x for x in texts(third))

"""The pair: links that are links, and the rows of its days."""

from __future__ import annotations

from dataclasses import replace

from document_reading import tables_of
from tertius.answers.explanation import Explanation
from tertius.report.document import Cell
from tertius.report.pages import document_of


def test_only_http_addresses_become_links(explanation: Explanation) -> None:
    rows = [
        {**explanation.events[0], "url": u} for u in ("https://a.example/x", "javascript:alert(1)", None, "ftp://x")
    ]
    shown = tables_of(document_of(replace(explanation, events=tuple(rows))).section("rows"))[0]
    assert [c.url for r in shown.rows if isinstance(c := r.cells[-1], Cell)] == ["https://a.example/x", "", "", ""]

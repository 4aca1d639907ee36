"""The model behind an answer: what other ways give."""

from __future__ import annotations

from document_reading import blocks_of, marked, table, texts
from tertius.answers.explanation import Explanation
from tertius.report.document import Figure
from tertius.report.pages import document_of


def test_beside_the_estimates_stands_what_other_ways_give(climbed: Explanation) -> None:
    page = document_of(climbed)
    beside = page.section("beside")
    names = ["Term", "Estimate (se)", "Split-panel jackknife", "Without inertia (se)", "Legs sqrt (se)"]
    assert list(table(beside)[0]) == names
    values = {r["Term"]: [r[n] for n in names[2:]] for r in table(beside)}
    assert values == {
        "inertia.coop": ["0.500", "n/a", "0.400 (0.100)"],
        "shared_threat (carries the answer)": ["0.300", "0.250 (0.125)", "n/a"],
    }
    assert [table(beside)[k]["Term"] for k in marked(beside)] == ["shared_threat (carries the answer)"]
    assert "never interpreted within pairs" in texts(beside)[0]
    assert "Nickell" in texts(beside)[0]
    (chart,) = (b for b in blocks_of(page.section("model")) if isinstance(b, Figure))
    assert "not interpreted within pairs" in chart.caption

"""The model behind an answer: what other ways give."""

from __future__ import annotations

from dataclasses import replace

from document_reading import blocks_of, marked, table, texts
from tertius.answers.explanation import Explanation
from tertius.model.corrected import Corrected, CorrectedCoefficient
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


def test_a_correction_that_was_asked_for_is_a_table_of_its_own(explanation: Explanation) -> None:
    line = CorrectedCoefficient("shared_threat", 0.2, 0.05, 0.1, 0.2, 0.3, -0.4, 0.8, 0.7, 0.5, 0.1)
    found = Corrected((line,), 90, True, ("shared_threat",), "Not covered: shared_threat.")
    section = document_of(replace(explanation.fit, bias_correction=found)).section("corrected")
    (row,) = table(section)
    assert (row["Bias"], row["Corrected"], row["SE, adjusted"]) == ("0.0500", "0.200", "0.200")
    assert row["95 % interval"] == "-0.400 to 0.800"
    assert texts(section) == [found.text]
    assert "corrected" not in [s.id for s in document_of(explanation.fit).sections]

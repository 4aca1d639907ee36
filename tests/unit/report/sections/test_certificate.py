"""The certificate: its conditions with yes or no, and no figure twice."""

from __future__ import annotations

from document_reading import table
from tertius.answers.explanation import Explanation
from tertius.report.pages import document_of


def test_the_condition_of_the_pair_shows_its_parts_each_with_yes_or_no(certified: Explanation) -> None:
    c = certified.certificate
    assert c is not None
    assert c.pair is not None
    rows = table(document_of(certified).section("certificate"))[-3:]
    assert [r["Holds"] for r in rows] == ["yes" if p.passed else "no" for p in c.pair.parts]
    assert [r["Needed"] for r in rows] == ["a clear rise", "above 1", "above 1.96"]
    assert all(r["Figure"].startswith(kind) for r, kind in zip(rows, ("ratio ", "ratio ", "z "), strict=True))
    assert not any("(" in r["In words"] for r in rows)
    assert not any("all three" in x for r in rows for x in r.values())


def test_tables_do_not_repeat_their_figures_in_words(certified: Explanation) -> None:
    rows = table(document_of(certified).section("certificate"))
    assert not any("is needed" in r["In words"] for r in rows)
    assert all(r["In words"].endswith(".") for r in rows)

"""The certificate: its conditions with yes or no, and no figure twice."""

from __future__ import annotations

from dataclasses import replace

from document_reading import table
from tertius.answers.certificate.rule import own_bound_text
from tertius.answers.explanation import Explanation
from tertius.answers.verdict import MIXED, NO_EFFECT
from tertius.report.document import Prose
from tertius.report.pages import document_of
from tertius.report.terminal import as_text


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


def test_the_terminal_says_what_the_other_way_of_combining_legs_gives(certified: Explanation) -> None:
    c = certified.certificate
    assert c is not None
    (note,) = (n for n in c.notes if n.startswith("With legs"))
    assert note in " ".join(as_text(document_of(certified)).split())


def test_the_bound_stands_beside_that_of_the_pair_s_own_deviation(certified: Explanation) -> None:
    c = certified.certificate
    assert c is not None
    own = own_bound_text(c)
    assert f"{100 * c.bound_of_pair:.1f} %" in own
    page = [b.text for b in document_of(certified).section("certificate").blocks if isinstance(b, Prose)]
    assert own in page
    assert any(t.startswith("The bound: ") and t.endswith("Hostility in the same period is not in it.") for t in page)
    bounded = replace(certified, judgement=replace(certified.judgement, verdict=NO_EFFECT))
    other = replace(certified, judgement=replace(certified.judgement, verdict=MIXED))
    for e, shown in ((bounded, True), (other, False)):
        assert (own in " ".join(as_text(document_of(e)).split())) is shown


def test_tables_do_not_repeat_their_figures_in_words(certified: Explanation) -> None:
    rows = table(document_of(certified).section("certificate"))
    assert not any("is needed" in r["In words"] for r in rows)
    assert all(r["In words"].endswith(".") for r in rows)

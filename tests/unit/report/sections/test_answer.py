"""The answer: no name that the figures do not bear out, and what is said once."""

from __future__ import annotations

from dataclasses import replace

from document_reading import facts, items, lead, table, tables_of, texts
from tertius.answers.explanation import Explanation, Judgement, caveats
from tertius.report.document import Prose
from tertius.report.pages import document_of
from tertius.sources.chronicle import NOTE


def answer_of(e: Explanation) -> str:
    return lead(document_of(e))[0]


def test_headline_names_nobody_without_a_rise(explanation: Explanation) -> None:
    a = explanation.attribution
    fallen = replace(a, rise=replace(a.rise, ratio=0.5, low=0.3, high=0.8))
    assert answer_of(replace(explanation, attribution=fallen)).startswith("There is no rise to explain")


def test_a_rise_of_everything_is_called_that(explanation: Explanation) -> None:
    a = explanation.attribution
    grown = replace(a.rise, ratio=2.0, low=1.5, high=2.5, share_ratio=1.1)
    reported = replace(explanation, attribution=replace(a, rise=grown))
    assert "may be more reporting" in texts(document_of(reported).section("rise"))[0]
    assert "much less as a share" in answer_of(reported)
    real = replace(explanation, attribution=replace(a, rise=replace(grown, share_ratio=1.9)))
    assert "reporting" not in texts(document_of(real).section("rise"))[0]


def test_headline_names_nobody_where_the_coefficient_is_unclear(explanation: Explanation) -> None:
    a, fit = explanation.attribution, explanation.fit
    unclear = tuple(replace(c, ci_low=-1.0, ci_high=1.0) if c.term == a.effect else c for c in fit.coefficients)
    answer = answer_of(replace(explanation, fit=replace(fit, coefficients=unclear)))
    assert "no third party can be named" in answer
    assert not any(t.actor in answer for t in a.third_parties)


def test_headline_names_a_third_party_where_everything_bears_it_out(explanation: Explanation) -> None:
    a, fit = explanation.attribution, explanation.fit
    clear = tuple(replace(c, ci_low=0.1, ci_high=1.0) if c.term == a.effect else c for c in fit.coefficients)
    first = replace(a.third_parties[0], events=3.0, events_low=1.0, events_high=5.0)
    risen = replace(
        a,
        third_parties=(first, *a.third_parties[1:]),
        total=replace(a.total, events=3.0, low=1.0, high=5.0),
        rise=replace(a.rise, ratio=2.0, low=1.5, high=2.5, share_ratio=2.0),
    )
    answer = answer_of(replace(explanation, attribution=risen, fit=replace(fit, coefficients=clear)))
    assert first.actor in answer
    assert "goes with" in answer


def test_data_too_thin_names_nobody(climbed: Explanation) -> None:
    a, fit = climbed.attribution, climbed.fit
    clear = tuple(replace(c, ci_low=0.1, ci_high=1.0) if c.term == a.effect else c for c in fit.coefficients)
    first = replace(a.third_parties[0], events=3.0, events_low=1.0, events_high=5.0)
    risen = replace(
        a, third_parties=(first, *a.third_parties[1:]), total=replace(a.total, events=3.0, low=1.0, high=5.0)
    )
    thin = replace(
        climbed,
        judgement=Judgement("data too thin", "Too few."),
        attribution=risen,
        fit=replace(fit, coefficients=clear),
    )
    assert "too thin to name" in answer_of(thin)
    assert not any(t.actor in answer_of(thin) for t in a.third_parties)


def test_the_first_screen_names_nobody_without_a_clear_rise(explanation: Explanation) -> None:
    a, fit = explanation.attribution, explanation.fit
    clear = tuple(replace(c, ci_low=0.1, ci_high=1.0) if c.term == a.effect else c for c in fit.coefficients)
    first = replace(a.third_parties[0], events=3.0, events_low=1.0, events_high=5.0)
    unclear = replace(
        a,
        third_parties=(first, *a.third_parties[1:]),
        total=replace(a.total, events=3.0, low=1.0, high=5.0),
        rise=replace(a.rise, ratio=1.2, low=0.8, high=1.9, share_ratio=1.2),
    )
    answer = answer_of(replace(explanation, attribution=unclear, fit=replace(fit, coefficients=clear)))
    assert "no clear rise" in answer
    assert not any(t.actor in answer for t in a.third_parties)


def test_the_verdict_says_on_which_claim(explanation: Explanation, undirected: Explanation) -> None:
    assert (
        lead(document_of(explanation))[1].about
        == "the claim that the hostility of third parties drives A00 and A01 together"
    )
    assert (
        lead(document_of(undirected))[1].about
        == "the claim that conflict with the same third parties drives A00 and A01 together"
    )
    asked = lead(document_of(replace(explanation, by="USA", outcome="hostility")))[1]
    assert asked.about == "the claim that the hostility of the United States drives A00 and A01 against each other"


def test_within_pairs_the_page_speaks_of_periods(explanation: Explanation, climbed: Explanation) -> None:
    page, other = document_of(climbed), document_of(explanation)
    note = tables_of(page.section("model"))[0].caption
    assert "12 periods of 1mo" in note
    assert "compared with itself" in note
    assert "12 periods of 1mo" in facts(page.section("repeat"))["Size"]
    assert any("shared out among its partners" in x for x in items(page.section("limits")))
    assert any("Weidner" in x for x in items(page.section("sources")))
    assert "slices of" in tables_of(other.section("model"))[0].caption
    assert not any("shared out" in x for x in items(other.section("limits")))
    assert not any("Weidner" in x for x in items(other.section("sources")))


def test_a_party_asked_about_is_in_the_table_however_small(explanation: Explanation) -> None:
    many = tuple(
        replace(explanation.attribution.third_parties[0], actor=f"X{k}", events=float(20 - k)) for k in range(20)
    )
    attribution = replace(explanation.attribution, third_parties=many)
    asked = replace(explanation, attribution=attribution, by="X19", part=many[19])
    page = document_of(asked)
    assert len(table(page.section("third"))) == 13
    assert any("X19" in b.text for b in page.lead if isinstance(b, Prose))


def test_caveats_leave_out_what_the_first_screen_says(passed: Explanation, certified: Explanation) -> None:
    for e, note in ((passed, ""), (certified, NOTE)):
        said = caveats(e.fit, e.attribution, e.judgement, note=note)
        page = document_of(replace(e, caveats=said, note=note, text=""))
        noted = items(page.section("caveats"))
        assert set(noted) | set(e.fit.warnings) < set(said)
        assert lead(page)[1].warning == note
        for hidden in ("hand-picked", "not proof of it", "does not bear", "no clear rise", e.judgement.text):
            assert not any(hidden in c for c in noted)

"""The ladder: figures, states, and charts only of what there is."""

from __future__ import annotations

from dataclasses import replace

from document_reading import blocks_of, marked, table, texts
from tertius.answers.explanation import Explanation
from tertius.model.beside import PathPoint
from tertius.report.document import Figure
from tertius.report.pages import charts_of, document_of


def test_the_ladder_shows_figures_states_and_the_rung_of_the_answer(climbed: Explanation) -> None:
    ladder = document_of(climbed).section("ladder")
    rows = {r["Rung"].partition(" / ")[0]: r for r in table(ladder)}
    sd = "Per standard deviation"
    assert rows["1 rate"]["95 % interval"] == "-0.300 to -0.100"
    assert rows["1 rate"]["n, events"] == "900"
    assert (rows["2 + covariates"]["Status"], rows["2 + covariates"][sd]) == ("not available", "none")
    assert rows["3 + dyad effects"]["95 % interval"] == "n/a"
    assert (rows["6 sensitivity"][sd], rows["6 sensitivity"]["n, events"]) == ("-0.150 to 0.200", "4 fits")
    assert [table(ladder)[k]["Rung"] for k in marked(ladder)] == ["4 within-pair / the rung of the answer"]
    assert "below zero on rung 1 (rate); it contains zero on rung 4 (within-pair)" in texts(ladder)[0]
    assert "does not exist on rung 3 (+ dyad effects)" in texts(ladder)[0]
    drawn = {f.id: f for f in blocks_of(ladder) if isinstance(f, Figure)}
    assert list(drawn) == ["rungs", "curve"]
    assert "shared_threat in 4 specifications." in rows["6 sensitivity"]["In words"]
    assert drawn["curve"].alternative.count("half-life") == 4


def test_a_ladder_without_estimates_has_no_charts(climbed: Explanation) -> None:
    refused = tuple(
        replace(r, status="refused", coefficients=None, curve=None, n=None, text="Too few.") for r in climbed.fit.ladder
    )
    ladder = document_of(replace(climbed, fit=replace(climbed.fit, ladder=refused))).section("ladder")
    assert not [b for b in blocks_of(ladder) if isinstance(b, Figure)]
    assert {r["Status"] for r in table(ladder)} == {"refused"}
    assert "could not be estimated on any rung" in texts(ladder)[0]


def test_the_path_of_the_event_study_is_drawn_where_there_is_one(climbed: Explanation) -> None:
    path = tuple(PathPoint(k, 0.1, -0.1, 0.3, 40) for k in range(-6, 12))
    studied = tuple(
        replace(r, status="estimated", path=path, text="40 episodes.") if r.rung == 5 else r for r in climbed.fit.ladder
    )
    ladder = document_of(replace(climbed, fit=replace(climbed.fit, ladder=studied))).section("ladder")
    (drawn,) = (b for b in blocks_of(ladder) if isinstance(b, Figure) and b.id == "episodes")
    assert "-6: 0.100 (-0.100 to 0.300)" in drawn.alternative
    row = next(r for r in table(ladder) if r["Rung"] == "5 event study")
    assert (row["Status"], row["Per standard deviation"]) == ("a path, not a coefficient", "see the path")
    assert "episodes" not in charts_of(climbed)

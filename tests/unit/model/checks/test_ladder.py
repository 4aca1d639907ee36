"""The ladder: order of the rungs, the event study and the donuts on it, and figures that no number of workers moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tertius.errors import NotEnoughData
from tertius.events.slices import DyadSlices, coarsened, without_same_slice_triads
from tertius.model.beside import Rung, Specification
from tertius.model.checks import ladder
from tertius.model.checks.ladder import climb
from tertius.model.within.model import fit_within
from tertius.simulation import simulate
from tertius.spec import Duration, ModelSpec


def fine(seed: int = 5, S: int = 90) -> DyadSlices:
    """Slices of ten days, three to a period."""
    return simulate(
        12, S, events_per_slice=(60.0, 40.0), half_life="60d", length="10d", heterogeneity=0.5, seed=seed
    ).slices


def by_period(days: DyadSlices, length: str = "30d") -> DyadSlices:
    edges = days.edges[::3]
    empty = days.coop_count[:0]
    into = replace(
        days, edges=edges, observed=np.ones(len(edges) - 1, dtype=bool), indptr=np.zeros(len(edges), dtype=np.int64),
        dyad=days.dyad[:0], coop_count=empty, coop_weight=empty, host_count=empty, host_weight=empty,
        length=Duration.parse(length),
    )  # fmt: skip
    return coarsened(days, into)


def spec(outcome: str = "cooperation") -> ModelSpec:
    return ModelSpec.of(
        model="rate", effects="inertia,shared_threat", slice="30d", period="30d", half_life="60d", outcome=outcome,
        response="count",
    ).resolve(directed=True)  # fmt: skip


def climbed(days: DyadSlices, **options: Any) -> tuple[Rung, ...]:
    whole = by_period(days)

    def slices_for(length: Duration, kind: str) -> DyadSlices:
        if kind == "all" and str(length) == "30d":
            return whole
        if kind == "all" and str(length) == "1d":
            return days
        raise NotEnoughData("no such slices here", "")

    return climb(slices_for, options.pop("spec", spec()), lambda _: (), "shared_threat", **options)


def point(rungs: tuple[Rung, ...], **choice: Any) -> Specification:
    asked = {"half_life": "60d", "legs": "min", "kind": "all", "inertia": True, "donut": "none", **choice}
    (found,) = (p for p in rungs[-1].curve or () if all(getattr(p, k) == v for k, v in asked.items()))
    return found


def test_the_name_of_each_rung_is_told_before_it_starts() -> None:
    told: list[str] = []
    climbed(fine(S=45), step=told.append)
    names = ["1 rate", "2 + covariates", "3 + dyad effects", "4 within-pair", "5 event study", "6 sensitivity"]
    assert told == [f"{name}: {done} of 6 rungs" for done, name in enumerate(names)]


def test_a_donut_is_a_fit_to_slices_without_its_triads(monkeypatch: pytest.MonkeyPatch) -> None:
    days = fine()
    other = by_period(fine(6))
    rungs = climbed(days, without_documents=lambda _: other)
    short = by_period(without_same_slice_triads(days))
    asked = replace(spec(), model="within", legs="min")
    for donut, slices in (("none", by_period(days)), ("slice", short), ("document", other)):
        model = fit_within(slices, asked, alternatives=False)
        at = model.design.names.index("shared_threat")
        assert point(rungs, donut=donut).estimate == pytest.approx(model.beta[at], rel=1e-9)
    share = 1 - short.coop_count.sum() / days.coop_count.sum()
    assert 0.02 < share < 0.9
    text = rungs[-1].text
    assert f"Without cooperation in the same 1d in which a third party was hostile to both ({100 * share:.3g} %" in text
    assert "from a document that has a third party hostile to both" in text
    assert {p.donut for p in rungs[-1].curve or ()} == {"none", "slice", "document"}


def test_what_cannot_be_left_out_is_said_and_adds_no_point() -> None:
    rungs = climbed(fine())
    assert "No row names its document" in rungs[-1].text
    assert {p.donut for p in rungs[-1].curve or ()} == {"none", "slice"}
    rungs = climbed(fine(), spec=spec("hostility"))
    assert "left out of cooperation only" in rungs[-1].text
    assert {p.donut for p in rungs[-1].curve or ()} == {"none"}


def test_slices_that_do_not_nest_make_no_donut() -> None:
    days = fine()
    odd = replace(days, edges=days.edges + 1.0)
    whole = by_period(days)
    rungs = climb(lambda length, kind: odd if str(length) == "1d" else whole, spec(), lambda _: (), "shared_threat")
    assert "hold no whole 1d" in rungs[-1].text


def test_figures_do_not_depend_on_the_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    days = fine()
    two = climbed(days)
    monkeypatch.setattr(ladder, "WORKERS", 1)
    one = climbed(days)
    assert [r.to_dict() for r in one] == [r.to_dict() for r in two]
    monkeypatch.setattr(ladder, "WORKERS", 5)
    assert climbed(days)[-1].to_dict() == two[-1].to_dict()


def test_rung_4_is_a_point_of_the_curve() -> None:
    rungs = climbed(fine())
    line = next(c for c in rungs[3].coefficients or () if c.term == "shared_threat")
    assert point(rungs).estimate == line.estimate


def test_the_json_of_a_rung_is_what_programs_read() -> None:
    rungs = climbed(fine(S=45))
    keys = ["rung", "name", "status", "coefficients", "path", "curve", "n", "absorbed", "text"]
    assert all(list(r.to_dict()) == keys for r in rungs)
    assert list(rungs[-1].to_dict()["curve"][0]) == [
        "half_life", "legs", "period", "kind", "inertia", "donut", "estimate", "estimate_sd", "ci_low", "ci_high", "z",
    ]  # fmt: skip


def test_the_bias_is_corrected_on_the_within_pair_rung_alone() -> None:
    days = fine(S=45)
    plain, asked = climbed(days), climbed(days, spec=replace(spec(), bias_correction=True))
    assert [r.bias_correction is not None for r in asked] == [False, False, False, True, False, False]
    found = asked[3].bias_correction
    assert found is not None
    assert "shared_threat" in found.not_covered
    assert "does not cover terms made of earlier events" in asked[3].text
    assert asked[3].to_dict()["bias_correction"]["pairs"] == found.pairs
    assert asked[3].coefficients == plain[3].coefficients
    assert [r.to_dict() for r in asked[4:]] == [r.to_dict() for r in plain[4:]]


def test_the_event_study_has_a_path_two_averages_and_a_text() -> None:
    study = climbed(fine(S=180))[4]
    assert (study.rung, study.status) == (5, "estimated")
    assert study.path is not None
    assert [p.period for p in study.path] == list(range(-6, 12))
    path = study.to_dict()["path"]
    assert list(path[0]) == ["period", "estimate", "low", "high", "n"]
    assert path[0]["period"] == -6
    assert [c.term for c in study.coefficients or ()] == ["before", "after"]
    after = (study.coefficients or ())[1]
    assert after.ci_low < after.estimate < after.ci_high
    for said in ("episodes of", "Washed out", "could not be imputed", "before the episode speaks against"):
        assert said in study.text


def test_too_few_episodes_make_the_event_study_not_available() -> None:
    study = climbed(fine(S=36))[4]
    assert (study.status, study.path, study.coefficients) == ("not available", None, None)
    assert "fewer than 10" in study.text

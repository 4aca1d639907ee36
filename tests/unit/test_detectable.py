"""How many events: the smallest effect found is found in about 80 % of simulations, and the picture draws the table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tertius
from tertius.detectable import DetectableEffects
from tertius.errors import UnknownEffect, UsageError
from tertius.model.design import build_design
from tertius.model.rate.fit import fit_rate
from tertius.progress import Progress
from tertius.report import charts
from tertius.simulation import DEFAULT_COOPERATION, simulate
from tertius.spec import ModelSpec

HALF_LIFE = "30d"


@pytest.fixture(scope="module")
def found() -> DetectableEffects:
    return tertius.minimum_detectable(events=[900, 3_600], n_actors=12, histories=4, seed=3)


def test_more_events_show_smaller_effects(found: DetectableEffects) -> None:
    few, many = found.rows
    assert (few.slices, many.slices) == (30, 120)
    assert few.effect_sd > 1.5 * many.effect_sd
    assert many.effect == pytest.approx(2.8016 * many.se, rel=1e-4)
    assert found.table("pandas").shape == (2, 5)
    assert "900 events" in found.text
    assert found.to_dict()["rows"][1]["effect"] == many.effect


def test_the_same_seed_gives_the_same_answer(found: DetectableEffects) -> None:
    again = tertius.minimum_detectable(events=[900], n_actors=12, histories=4, seed=3)
    assert again.rows[0] == found.rows[0]


def test_a_simulation_at_the_stated_size_finds_it_in_about_eighty_per_cent(found: DetectableEffects) -> None:
    """100 histories: outside 68 to 92 % with a probability below 0.3 %, were it 80 %."""
    row, hits = found.rows[0], 0
    coefficients = {**DEFAULT_COOPERATION, "shared_threat": row.effect}
    for seed in range(500, 600):
        history = simulate(12, row.slices, cooperation=coefficients, events_per_slice=(20.0, 10.0), seed=seed)
        spec = ModelSpec.of(
            model="rate", effects=list(coefficients), slice="1d", half_life=HALF_LIFE, scales=history.scales
        ).resolve(directed=True)
        fit = fit_rate(build_design(history.slices, replace(spec, legs="sqrt")))
        k = fit.design.names.index("shared_threat")
        hits += abs(fit.beta[k]) > 1.959964 * fit.cov.model[k, k] ** 0.5
    assert 68 <= hits <= 92


def test_the_picture_holds_a_point_for_each_number_of_events(found: DetectableEffects) -> None:
    (rows,) = charts.detectable(found).to_dict()["datasets"].values()
    assert [r["events"] for r in rows] == [900, 3_600]


def test_what_cannot_be_simulated_is_refused() -> None:
    with pytest.raises(UsageError, match="fewer than ten slices"):
        tertius.minimum_detectable(events=[100])
    with pytest.raises(UsageError, match="level"):
        tertius.minimum_detectable(power=0.01)


def test_undirected_pairs_have_other_columns_of_their_own() -> None:
    found = tertius.minimum_detectable("common_foe", 600, directed=False, n_actors=10, histories=1)
    assert found.rows[0].effect > 0
    assert "the model is right" in found.text


@pytest.mark.parametrize(
    ("options", "said"),
    [({"tail": 1.0}, "(tail 1)"), ({"heterogeneity": 0.5, "matchmakers": 2}, "(heterogeneity 0.5, matchmakers 2)")],
)
def test_where_actors_differ_the_text_says_that_the_model_has_no_term_for_it(
    options: dict[str, float], said: str
) -> None:
    text = tertius.minimum_detectable(events=600, n_actors=10, histories=1, **options).text
    assert f"1 simulated history, in which actors differ {said} and the rate model has no term for that" in text
    assert "model is right" not in text


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"events_per_slice": 0}, "events_per_slice=0", "30"),
        ({"events_per_slice": float("nan")}, "events_per_slice=nan", "30"),
        ({"seed": -5}, "seed=-5", "seed=1"),
        ({"foo": 3}, "Unknown option: foo", "half_life"),
        ({"term": "inertia"}, "inertia stands for 2 columns", "inertia.coop or inertia.host"),
        ({"term": "threat"}, "no effect 'threat'", "shared_threat"),
        ({"cooperation": {"activity": 0.1}}, "activity stands for 2 columns", "activity.coop"),
        ({"histories": 1.5}, "Histories", "defaults"),
        ({"events": []}, "fewer than ten slices", "more events"),
    ],
)
def test_what_is_wrong_is_said_with_a_way_out(options: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises((UsageError, UnknownEffect)) as error:
        tertius.minimum_detectable(**options)
    assert message in error.value.message
    assert hint in error.value.hint


def test_every_history_is_told_and_the_bar_can_read_it() -> None:
    lines: list[str] = []
    tertius.minimum_detectable(events=[600, 900], n_actors=8, histories=2, progress=lines.append)
    counts = [told for told in lines if isinstance(told, Progress) and told.of]
    assert [(told.done, told.of) for told in counts] == [(n, 12) for n in range(1, 13)]
    assert counts[0].left is not None
    assert sum("are found" in line for line in lines) == 2

"""How many events: the smallest effect found is found in about 80 % of simulations, and the picture draws the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

import tertius
from tertius.detectable import DetectableEffects
from tertius.errors import UsageError
from tertius.model.design import build_design
from tertius.model.rate import fit_rate
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

"""What is read from a ladder: order of choices, where an effect stands, NaN where there is nothing."""

from __future__ import annotations

import math
from dataclasses import replace

from tertius.answers.explanation import Explanation
from tertius.model.beside import PathPoint, Rung, Specification
from tertius.report.ladder import (
    beside_lines,
    beside_note,
    choices,
    path_of,
    rung_lines,
    settings,
    sorted_curve,
    specification,
    where_it_stands,
)

POINT = Specification("90d", "min", "1mo", "all", True, "none", 0.1, 0.05, 0.0, 0.1, 1.0)


def test_a_line_is_per_standard_deviation(ladder: tuple[Rung, ...]) -> None:
    first, none, *_ = rung_lines(ladder, "shared_threat")
    assert (first.value, first.low, first.high, first.n) == (-0.2, -0.3, -0.1, 900.0)
    assert math.isnan(none.value)
    assert math.isnan(none.n)
    assert none.state == "not available"


def test_choices_stand_in_a_natural_order() -> None:
    lengths = [replace(POINT, half_life=x) for x in ("1y", "none", "30d", "90d", "30d")]
    assert choices(lengths, "half_life") == ("half-life 30d", "half-life 90d", "half-life 1y", "half-life none")
    assert choices([replace(POINT, legs=x) for x in ("binary", "sqrt", "min")], "legs") == (
        "legs min",
        "legs sqrt",
        "legs binary",
    )
    assert choices([replace(POINT, inertia=x) for x in (False, True)], "inertia") == ("with inertia", "without inertia")
    assert choices([replace(POINT, kind=x) for x in ("material", "all")], "kind") == ("all events", "material events")


def test_points_without_an_estimate_leave_the_curve(ladder: tuple[Rung, ...]) -> None:
    points = sorted_curve(ladder[-1])
    assert [p.estimate_sd for p in points] == [-0.15, 0.05, 0.1, 0.2]
    assert specification(points[0]) == "half-life 1y, legs min, period 1mo, all events, with inertia"
    assert sorted_curve(ladder[0]) == ()


def test_the_settings_of_rung_4_are_a_point_of_the_curve(ladder: tuple[Rung, ...], climbed: Explanation) -> None:
    assert [p.chosen for p in ladder[-1].curve or ()].count(settings(climbed.fit)) == 1


def test_where_an_effect_stands_is_said_rung_by_rung(ladder: tuple[Rung, ...]) -> None:
    said = where_it_stands(rung_lines(ladder, "shared_threat"), "shared_threat")
    assert said == (
        "The interval of shared_threat lies below zero on rung 1 (rate); it contains zero on rung 4 (within-pair); it "
        "does not exist on rung 3 (+ dyad effects)."
    )
    assert "could not be estimated" in where_it_stands(rung_lines(ladder, "popularity"), "popularity")


def test_nothing_stands_beside_a_rate_model(explanation: Explanation, climbed: Explanation) -> None:
    assert all(line.others == () for line in beside_lines(explanation.fit))
    assert [name for name, _ in beside_lines(climbed.fit)[0].others] == [
        "split-panel jackknife", "without inertia", "legs sqrt"
    ]  # fmt: skip


def test_the_note_speaks_only_of_what_is_there(climbed: Explanation) -> None:
    fit = climbed.fit
    alone = replace(fit, coefficients=tuple(c for c in fit.coefficients if c.term == "shared_threat"), alternatives=())
    assert beside_note(alone) == ""
    assert "unit of its own" in beside_note(fit)


def test_a_rung_with_a_path_says_so_and_takes_no_part_in_where_the_effect_stands(
    ladder: tuple[Rung, ...],
) -> None:
    path = tuple(PathPoint(k, 0.1, 0.0, 0.2, 9) for k in (3, -1, 0))
    study = replace(ladder[4], status="estimated", path=path, text="40 episodes.")
    whole = (*ladder[:4], study, ladder[5])
    line = rung_lines(whole, "shared_threat")[4]
    assert line.state == "a path, not a coefficient"
    assert math.isnan(line.value)
    assert [p.period for p in path_of(whole)] == [-1, 0, 3]
    assert path_of(ladder) == ()
    assert "rung 5" not in where_it_stands(rung_lines(whole, "shared_threat"), "shared_threat")


def test_a_donut_is_named_where_there_is_one() -> None:
    assert specification(POINT).endswith("with inertia")
    assert specification(replace(POINT, donut="slice")).endswith("with inertia, no slice triads")
    assert choices([POINT, POINT], "donut") == ()
    both = [replace(POINT, donut=d) for d in ("document", "none", "slice")]
    assert choices(both, "donut") == ("all triads", "no slice triads", "no document triads")

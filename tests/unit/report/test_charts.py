"""Charts: what is drawn, and what must never be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import altair as alt
import pytest

import tertius
from tertius.answers.explanation import Explanation
from tertius.answers.landmarks import landmarks
from tertius.model.result import FitResult
from tertius.report import charts
from tertius.report.ladder import settings
from tertius.report.wording import landmarks_note


def data(chart: alt.LayerChart, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.to_dict()["datasets"][name]
    return found


def test_unobserved_slices_are_strips_and_never_zeros(explanation: Explanation) -> None:
    a = explanation.attribution
    hidden = range(10, 14)
    observed = tuple(k not in hidden for k in range(len(a.series.date)))
    chart = charts.pair_over_time(
        replace(explanation, attribution=replace(a, series=replace(a.series, observed=observed)))
    )
    rows = data(chart, "steps")
    assert len(rows) == len(a.series.date) - len(hidden)
    assert len({r["run"] for r in rows}) == 2
    text = json.dumps(chart.to_dict())
    assert "Dark strips: less than half observed." in text
    assert charts.UNOBSERVED in text
    assert charts.UNOBSERVED not in json.dumps(charts.pair_over_time(explanation).to_dict())


def test_hostility_goes_down(explanation: Explanation) -> None:
    rows = data(charts.pair_over_time(explanation), "steps")
    assert min(r["down"] for r in rows) < 0
    assert all(r["up"] >= 0 >= r["down"] for r in rows)


def test_long_series_become_rates_over_observed_days(explanation: Explanation) -> None:
    a, n = explanation.attribution, 3 * charts.POINTS
    dates = tuple(f"{2000 + k // 360}-{k % 360 // 30 + 1:02d}-{k % 28 + 1:02d}" for k in range(n))
    series = replace(
        a.series,
        date=tuple(sorted(dates)),
        cooperation=tuple(float(k % 3) for k in range(n)),
        hostility=(0.0,) * n,
        pressure=(1.0,) * n,
        observed=tuple(k % 3 != 0 for k in range(n)),
        days=tuple((0.0, 1.0, 0.5)[k % 3] for k in range(n)),
    )
    rows = data(charts.pair_over_time(replace(explanation, attribution=replace(a, series=series))), "steps")
    assert len(rows) == charts.POINTS
    assert {r["up"] for r in rows} == {2.0}  # 1 and 2 in one and a half days
    assert {r["seen"] for r in rows} == {"2 of 3"}


def test_third_parties_are_the_largest_by_size(explanation: Explanation) -> None:
    base = explanation.attribution.third_parties[0]
    parts = tuple(replace(base, actor=f"K{k:02d}", events=float(k - 8)) for k in range(20))
    chart = charts.third_parties(
        replace(explanation, attribution=replace(explanation.attribution, third_parties=parts))
    )
    rows = data(chart, "lines")
    assert len(rows) == charts.THIRD_PARTIES
    values = [r["value"] for r in rows]
    assert values == sorted(values, reverse=True)
    assert rows[-1]["name"] == "K00"


def test_labels_stay_data(explanation: Explanation) -> None:
    label = "a\u2028'];\"\\"
    base = explanation.attribution.third_parties[0]
    a = replace(explanation.attribution, third_parties=(replace(base, actor=label, events=1.0),))
    spec = charts.third_parties(replace(explanation, attribution=a)).to_dict()
    assert spec.pop("datasets")["lines"][0]["name"] == label
    assert label not in str(spec)


def test_undirected_third_parties_carry_the_undirected_label(undirected: Explanation) -> None:
    title = " ".join(charts.third_parties(undirected).to_dict()["title"]["text"])
    assert "hostility between k and the pair" in title
    assert "towards" not in title


def test_coefficients_are_per_standard_deviation(explanation: Explanation) -> None:
    rows = data(charts.coefficients(explanation.fit, "shared_threat"), "lines")
    for row, c in zip(rows, explanation.fit.coefficients, strict=True):
        assert row["value"] == pytest.approx(c.estimate_sd, rel=1e-5)
        assert row["low"] == pytest.approx(c.ci_low * c.sd, rel=1e-5)
        assert row["marked"] == (c.term == "shared_threat")


def test_a_missing_interval_is_no_number(explanation: Explanation) -> None:
    nan = float("nan")
    lines = tuple(replace(c, ci_low=nan, ci_high=nan) for c in explanation.fit.coefficients)
    rows = data(charts.coefficients(replace(explanation.fit, coefficients=lines)), "lines")
    assert all(r["low"] is None and r["interval"] == "n/a" and not r["clear"] for r in rows)


def test_path_breaks_where_slices_are_missing(explanation: Explanation) -> None:
    a = explanation.attribution
    days = sorted({p.date for p in a.path})
    path = tuple(p for p in a.path if p.date != days[5])
    rows = data(charts.path(replace(explanation, attribution=replace(a, path=path))), "path0")
    assert len({r["run"] for r in rows}) == 2


def test_rungs_are_the_first_four_and_say_why_one_is_missing(ladder: tuple[dict[str, Any], ...]) -> None:
    rows = data(charts.rungs(ladder, "shared_threat", 4), "lines")
    assert [r["name"] for r in rows] == ["1 rate", "2 + covariates", "3 + dyad effects", "4 within-pair"]
    assert [r["value"] for r in rows] == [-0.2, None, 0.05, 0.1]
    assert [r["state"] for r in rows] == [None, "not available", None, None]
    assert [r["clear"] for r in rows] == [True, False, False, False]
    assert [r["marked"] for r in rows] == [False, False, False, True]
    assert (rows[0]["low"], rows[0]["high"]) == (-0.3, -0.1)


def test_a_term_that_a_rung_absorbs_is_said_to_be_missing(ladder: tuple[dict[str, Any], ...]) -> None:
    rows = data(charts.rungs(ladder, "shared_target"), "lines")
    assert [r["state"] for r in rows] == ["not among its terms", "not available", *["not among its terms"] * 2]
    assert not any(r["marked"] for r in rows)


def test_the_curve_is_sorted_above_a_matrix_of_choices(
    ladder: tuple[dict[str, Any], ...], climbed: Explanation
) -> None:
    chart = charts.specification_curve(ladder[-1], "shared_threat", settings(climbed.fit))
    rows = data(chart, "curve")
    assert [r["value"] for r in rows] == [-0.15, 0.05, 0.1, 0.2]
    assert [r["clear"] for r in rows] == [True, False, False, True]
    assert [r["marked"] for r in rows] == [False, True, False, False]
    sets = chart.to_dict()["datasets"]
    assert {"half_life", "legs", "inertia"} <= set(sets)
    assert not {"period", "kind"} & set(sets)
    assert [r["label"] for r in sets["half_life"]] == ["half-life 1y", *["half-life 90d"] * 3]
    assert [r["label"] for r in sets["inertia"]] == [*["with inertia"] * 3, "without inertia"]
    assert [r["place"] for r in sets["legs"]] == [0, 1, 2, 3]
    subtitle = " ".join(chart.to_dict()["title"]["subtitle"])
    assert "The same in all: period 1mo, all events." in subtitle
    assert "Orange, diamond" in subtitle


def test_the_curve_needs_neither_a_term_nor_a_chosen_specification(ladder: tuple[dict[str, Any], ...]) -> None:
    chart = charts.specification_curve(ladder[-1])
    assert not any(r["marked"] for r in data(chart, "curve"))
    assert "Orange" not in str(chart.to_dict()["title"])


def test_the_model_names_what_its_coefficients_are_changes_of(explanation: Explanation, climbed: Explanation) -> None:
    def title(fit: FitResult) -> str:
        spec = charts.coefficients(fit).to_dict()["title"]
        return " ".join([*spec["text"], *spec["subtitle"]])

    assert "Change of the log rate per" in title(explanation.fit)
    assert "within pairs over time" in title(climbed.fit)
    assert "Change of log expected cooperation per standard deviation within pairs" in title(climbed.fit)
    sign = title(replace(explanation.fit, model="sign"))
    assert "cooperation rather than hostility, given that two interact" in sign
    assert "Change of the log odds of cooperation" in sign


def test_charts_fit_their_container_and_keep_narrow_titles(
    explanation: Explanation, ladder: tuple[dict[str, Any], ...]
) -> None:
    for chart in (
        charts.rungs(ladder, "shared_threat", 4),
        charts.specification_curve(ladder[-1], "shared_threat"),
        charts.pair_over_time(explanation),
        charts.third_parties(explanation),
        charts.coefficients(explanation.fit),
        charts.path(explanation),
    ):
        spec = chart.to_dict()
        assert spec["width"] == "container"
        assert all(len(line) <= charts.COLUMNS for line in [*spec["title"]["text"], *spec["title"]["subtitle"]])


def test_calibration_shows_observed_over_expected_at_a_fixed_width(explanation: Explanation) -> None:
    assert explanation.fit.adequacy is not None
    groups = explanation.fit.adequacy.calibration
    spec = charts.calibration(groups).to_dict()
    rows = spec["datasets"]["groups"]
    assert [r["ratio"] for r in rows] == pytest.approx([g.observed / g.expected for g in groups], rel=1e-5)
    assert spec["width"] == charts.CALIBRATION_WIDTH  # it is drawn while folded, where a container has no width
    assert all(len(line) <= charts.COLUMNS for line in [*spec["title"]["text"], *spec["title"]["subtitle"]])


def _path() -> tuple[dict[str, float | int], ...]:
    return tuple(
        {"period": k, "estimate": 0.2 * (k >= 0), "low": 0.2 * (k >= 0) - 0.1, "high": 0.2 * (k >= 0) + 0.1, "n": 1200}
        for k in range(-6, 12)
    )


def test_the_event_study_is_drawn_in_the_order_of_time_with_the_episode_shaded() -> None:
    chart = charts.around_episodes(_path(), "cooperation", "1mo")
    rows = data(chart, "episodes")
    assert [r["period"] for r in rows] == list(range(-6, 12))
    assert [r["clear"] for r in rows] == [False] * 6 + [True] * 12
    assert (rows[5]["name"], rows[6]["name"], rows[7]["name"]) == (
        "period -1", "the period in which it begins", "period +1"
    )  # fmt: skip
    assert rows[0]["cells"] == "1,200"
    spec = chart.to_dict()
    assert spec["width"] == "container"
    assert all(len(line) <= charts.COLUMNS for line in [*spec["title"]["text"], *spec["title"]["subtitle"]])


def test_a_missing_interval_of_the_path_is_left_out() -> None:
    none = {"period": 0, "estimate": 0.3, "low": None, "high": None, "n": 9}
    (row,) = data(charts.around_episodes([none], "hostility", "1w"), "episodes")
    assert (row["low"], row["interval"], row["clear"]) == (None, "n/a", False)


def test_a_donut_is_a_choice_of_its_own(ladder: tuple[dict[str, Any], ...], climbed: Explanation) -> None:
    rung = ladder[-1]
    points = [{**p, "donut": "none"} for p in rung["curve"]]
    own = next(p for p in points if all(p[k] == v for k, v in settings(climbed.fit).items()))
    rung = {**rung, "curve": [*points, {**own, "donut": "slice"}, {**own, "donut": "document"}]}
    chart = charts.specification_curve(rung, "shared_threat", settings(climbed.fit))
    assert sum(r["marked"] for r in data(chart, "curve")) == 1
    labels = [r["label"] for r in chart.to_dict()["datasets"]["donut"]]
    assert sorted(set(labels)) == ["all triads", "no document triads", "no slice triads"]


def _event(explanation: Explanation, date: str, **other: Any) -> dict[str, Any]:
    return {**explanation.events[0], "date": date, **other}


def test_the_largest_days_are_marked_in_the_order_of_time(explanation: Explanation) -> None:
    days = [f"2000-02-{d:02d}" for d in range(29, 14, -1)]  # latest first
    rows = [_event(explanation, day, count=float(k)) for k, day in enumerate(days)]
    e = replace(explanation, landmarks=landmarks(rows, "events"))
    marks = data(charts.pair_over_time(e), "marks")
    assert [m["n"] for m in marks] == list("12345678")
    assert [m["date"] for m in marks] == sorted(days)[:8]
    assert [m["anchor"] for m in marks] == [f"day-{k}" for k in range(1, 9)]
    assert "among equals" not in landmarks_note(e)


def test_marks_that_would_overlap_stand_in_lanes(explanation: Explanation) -> None:
    rows = landmarks([_event(explanation, day) for day in ("2000-02-29", "2000-02-28", "2000-02-12")], "events")
    marks = data(charts.pair_over_time(replace(explanation, landmarks=rows)), "marks")
    assert [m["lane"] for m in marks] == [0, 0, 1]
    low, none = (charts.pair_over_time(replace(explanation, landmarks=r)).to_dict()["height"] for r in (rows, ()))
    assert low - none == 2 * charts.LANE


def test_a_sentence_of_the_data_is_in_the_tooltip_and_nowhere_else(explanation: Explanation) -> None:
    label = "'];alert(1)//"
    spec = charts.pair_over_time(
        replace(explanation, landmarks=landmarks([_event(explanation, "2000-02-29", sentence=label)], "events"))
    ).to_dict()
    assert spec.pop("datasets")["marks"][0]["text"] == label
    assert label not in str(spec)
    assert "in words" in str(spec)


def test_a_notebook_shows_the_verdict_the_third_parties_and_the_caveats(explanation: Explanation) -> None:
    html = replace(explanation, text="Said <so>.")._repr_html_()
    assert f": {explanation.verdict}.</b> Said &lt;so&gt;." in html
    moved = [t for t in explanation.attribution.third_parties[:10] if t.events != 0]
    assert html.count("<tr>") == 1 + len(moved)
    assert html.count("<li>") == len(explanation.caveats)
    assert tertius.charts_of(explanation).keys() >= {"pair-over-time", "third-parties", "coefficients"}

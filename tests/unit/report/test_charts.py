"""Charts: what is drawn, and what must never be."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import altair as alt
import pytest

import tertius
from tertius.answers.explanation import Explanation
from tertius.answers.landmarks import landmarks, landmarks_of_spans
from tertius.model.result import FitResult
from tertius.report import charts
from tertius.report.charts import pair, parts
from tertius.report.colours import COLOURS
from tertius.report.document import Key, key_of
from tertius.report.ladder import settings
from tertius.report.pages import charts_of
from tertius.report.sections.pair import landmarks_note
from tertius.report.words import LARGEST


def data(chart: alt.LayerChart, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.to_dict()["datasets"][name]
    return found


def legend(chart: alt.LayerChart) -> list[str]:
    return [k.text for k in key_of(chart)]


def title_of(chart: alt.LayerChart) -> str:
    return " ".join(parameter(chart, "wide_title"))


def parameter(chart: alt.LayerChart, name: str) -> Any:
    return next(p["value"] for p in chart.to_dict()["params"] if p["name"] == name)


def fits(chart: alt.LayerChart) -> bool:
    """Whether title and subtitle fit wide and narrow charts."""
    lines = {name: parameter(chart, name) for name in ("wide_title", "narrow_title")}
    return (
        all(len(line) <= parts.TITLE_WIDE for line in lines["wide_title"])
        and all(len(line) <= parts.TITLE_NARROW for line in lines["narrow_title"])
        and len(chart.to_dict()["title"]["subtitle"]) <= parts.COLUMNS
    )


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
    strip = COLOURS["unobserved"][0]
    assert "less than half observed" in legend(chart)
    assert strip in json.dumps(chart.to_dict())
    whole = charts.pair_over_time(explanation)
    assert strip not in json.dumps(whole.to_dict())
    assert "less than half observed" not in legend(whole)


def test_hostility_goes_down(explanation: Explanation) -> None:
    rows = data(charts.pair_over_time(explanation), "steps")
    assert min(r["down"] for r in rows) < 0
    assert all(r["up"] >= 0 >= r["down"] for r in rows)


def test_long_series_become_rates_over_observed_days(explanation: Explanation) -> None:
    a, n = explanation.attribution, 3 * parts.POINTS
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
    assert len(rows) == parts.POINTS
    assert {r["up"] for r in rows} == {2.0}  # 1 and 2 in one and a half days
    assert {r["seen"] for r in rows} == {"2 of 3"}


def test_third_parties_are_the_largest_by_size(explanation: Explanation) -> None:
    base = explanation.attribution.third_parties[0]
    parts = tuple(replace(base, actor=f"K{k:02d}", events=float(k - 8)) for k in range(20))
    chart = charts.third_parties(
        replace(explanation, attribution=replace(explanation.attribution, third_parties=parts))
    )
    rows = data(chart, "lines")
    assert len(rows) == LARGEST
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
    title = title_of(charts.third_parties(undirected))
    assert title == "Cooperation that goes with changed conflict with the pair"


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


def test_the_scale_of_the_path_is_that_of_its_rates(explanation: Explanation) -> None:
    a = explanation.attribution
    monthly = replace(a, series=replace(a.series, days=tuple(30.0 for _ in a.series.days)))
    chart = charts.path(replace(explanation, attribution=monthly))
    ends = [x for name, rows in chart.to_dict()["datasets"].items() if name.startswith("path")
            for r in rows for x in (r["low"], r["high"])]  # fmt: skip
    domains = re.findall(r'"domain": \[([^]]*)\]', json.dumps(chart.to_dict()))
    assert domains
    for found in domains:
        assert [float(x) for x in found.split(", ")] == pytest.approx([min(ends), max(ends)])


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
    assert "The same in all: period 1mo, all events." in legend(chart)
    assert Key("diamond", "orange", "the settings of rung 4") in key_of(chart)


def test_the_curve_needs_neither_a_term_nor_a_chosen_specification(ladder: tuple[dict[str, Any], ...]) -> None:
    chart = charts.specification_curve(ladder[-1])
    assert not any(r["marked"] for r in data(chart, "curve"))
    assert "orange" not in {k.colour for k in key_of(chart)}


def test_the_model_names_what_its_coefficients_are_changes_of(explanation: Explanation, climbed: Explanation) -> None:
    def title(fit: FitResult) -> str:
        chart = charts.coefficients(fit)
        return " ".join([title_of(chart), *legend(chart)])

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
        assert chart.to_dict()["width"] == "container"
        assert fits(chart)


def test_a_title_is_in_one_line_where_the_chart_is_wide(explanation: Explanation, certified: Explanation) -> None:
    for e in (explanation, certified):
        for chart in charts_of(e).values():
            assert len(parameter(chart, "wide_title")) == 1
            assert chart.to_dict()["title"]["text"] == {"expr": "width < 540 ? narrow_title : wide_title"}


def test_every_colour_has_a_light_and_a_dark_form(certified: Explanation, climbed: Explanation) -> None:
    for e in (certified, climbed):
        for name, chart in charts_of(e).items():
            spec = chart.to_dict()
            assert parameter(chart, "dark") is False
            assert spec["background"] == {"expr": "dark ? '#16181a' : '#ffffff'"}
            fixed = re.findall(r'"(?:#[0-9a-fA-F]{6}|white|black)"', json.dumps(spec))
            assert not fixed, f"{name}: {fixed}"


def test_the_profile_names_the_unit_of_time_before_and_after(certified: Explanation) -> None:
    c = certified.certificate
    assert c is not None
    monthly = replace(certified, fit=replace(certified.fit, period="1mo"))
    chart = charts.lead_lag_profile(monthly, c)
    assert [r["name"] for r in data(chart, "profile")] == [
        "6 to 4|months|before", "3 to 1|months|before", "the same|month", "1 to 3|months|after", "4 to 6|months|after"
    ]  # fmt: skip
    assert "hostility, seen from the month of cooperation" in json.dumps(chart.to_dict())


def test_a_picture_of_chance_says_that_it_decides_nothing(certified: Explanation) -> None:
    assert certified.certificate is not None
    for picture in certified.certificate.pictures:
        chart = charts.chance(picture)
        assert title_of(chart) == f"Decides nothing: {picture.name}"
        assert chart.to_dict()["title"]["subtitle"] == "Not a test of what came first"


def test_calibration_shows_observed_over_expected_at_a_fixed_width(explanation: Explanation) -> None:
    assert explanation.fit.adequacy is not None
    groups = explanation.fit.adequacy.calibration
    spec = charts.calibration(groups).to_dict()
    rows = spec["datasets"]["groups"]
    assert [r["ratio"] for r in rows] == pytest.approx([g.observed / g.expected for g in groups], rel=1e-5)
    assert spec["width"] == charts.CALIBRATION_WIDTH  # it is drawn while folded, where a container has no width
    assert fits(charts.calibration(groups))


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
    assert chart.to_dict()["width"] == "container"
    assert fits(chart)
    assert "months before (−) and after the episode began" in str(chart.to_dict())


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


def test_days_of_window_and_reference_come_first_and_the_rest_is_said(explanation: Explanation) -> None:
    sizes = {"2000-01-03": 90.0, "2000-02-01": 3.0, "2000-02-10": 5.0, "2000-02-20": 4.0}
    spans = {"window": ("2000-02-15", "2000-02-29"), "reference": ("2000-01-20", "2000-02-14")}
    rows = [_event(explanation, day, count=size, sign=1) for day, size in sizes.items()]
    e = replace(explanation, landmarks=landmarks_of_spans(rows, "events", spans))
    assert [(d.date, d.span) for d in e.landmarks] == [
        ("2000-02-20", "window"), ("2000-02-01", "reference"), ("2000-02-10", "reference"), ("2000-01-03", "")
    ]  # fmt: skip
    marks = data(charts.pair_over_time(e), "marks")
    assert [(m["n"], m["date"]) for m in marks] == [
        ("4", "2000-01-03"), ("2", "2000-02-01"), ("3", "2000-02-10"), ("1", "2000-02-20")
    ]  # fmt: skip
    assert "first the 3 days of window and reference" in landmarks_note(e)
    assert "then the 1 largest at other times" in landmarks_note(e)


def test_marks_that_would_overlap_stand_in_lanes(explanation: Explanation) -> None:
    rows = landmarks([_event(explanation, day) for day in ("2000-02-29", "2000-02-28", "2000-02-12")], "events")
    marks = data(charts.pair_over_time(replace(explanation, landmarks=rows)), "marks")
    assert [m["lane"] for m in marks] == [0, 0, 1]
    low, none = (charts.pair_over_time(replace(explanation, landmarks=r)).to_dict()["height"] for r in (rows, ()))
    assert low - none == 2 * pair.LANE


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

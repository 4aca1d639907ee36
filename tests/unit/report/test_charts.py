"""Charts: what is drawn, and what must never be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import altair as alt
import pytest

from tertius.answers.explanation import Explanation
from tertius.report import charts


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
    assert "Dark strips: not observed." in text
    assert charts.UNOBSERVED in text
    assert charts.UNOBSERVED not in json.dumps(charts.pair_over_time(explanation).to_dict())


def test_hostility_goes_down(explanation: Explanation) -> None:
    rows = data(charts.pair_over_time(explanation), "steps")
    assert min(r["down"] for r in rows) < 0
    assert all(r["up"] >= 0 >= r["down"] for r in rows)


def test_long_series_become_means_over_observed_slices(explanation: Explanation) -> None:
    a, n = explanation.attribution, 3 * charts.POINTS
    dates = tuple(f"{2000 + k // 360}-{k % 360 // 30 + 1:02d}-{k % 28 + 1:02d}" for k in range(n))
    series = replace(
        a.series,
        date=tuple(sorted(dates)),
        cooperation=tuple(float(k % 3) for k in range(n)),
        hostility=(0.0,) * n,
        pressure=(1.0,) * n,
        observed=tuple(k % 3 != 0 for k in range(n)),
    )
    rows = data(charts.pair_over_time(replace(explanation, attribution=replace(a, series=series))), "steps")
    assert len(rows) == charts.POINTS
    assert {r["up"] for r in rows} == {1.5}
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


def test_charts_fit_their_container_and_keep_narrow_titles(explanation: Explanation) -> None:
    for chart in (
        charts.pair_over_time(explanation),
        charts.third_parties(explanation),
        charts.coefficients(explanation.fit),
        charts.path(explanation),
    ):
        spec = chart.to_dict()
        assert spec["width"] == "container"
        assert all(len(line) <= charts.COLUMNS for line in [*spec["title"]["text"], *spec["title"]["subtitle"]])

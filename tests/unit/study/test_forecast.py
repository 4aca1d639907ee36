"""Forecast, backtest and changes on a made data set: what they hold, and that revisions leak into nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tertius
from tertius.answers.foresight import verdict
from tertius.errors import NotEnoughData, UsageError
from tertius.foresight.backtest import Difference, Score, foretold
from tertius.foresight.known import SIGNS, Known
from tertius.foresight.models import OURS
from tertius.sources.loading import load
from tertius.study import backtest, changes, forecast
from tertius.study.forecast import _opened, read_horizons

FIRST, WEEKS = date(2020, 1, 6), 40
ACTORS = ["CHN", "DEU", "EGY", "FRA", "GBR", "IND", "IRN", "JPN", "RUS"]


def rows(seed: int = 1) -> dict[str, list[object]]:
    rng = np.random.default_rng(seed)
    n = len(ACTORS)
    level = rng.normal(-0.3, 1.0, (n, n))
    found: dict[str, list[object]] = {"date": [], "source": [], "target": [], "quad": []}
    for week in range(WEEKS):
        for i in range(n):
            for j in range(n):
                for quad, shift in ((1, 0.0), (4, -0.8)):
                    for _ in range(rng.poisson(np.exp(level[i, j] + shift)) if i != j else 0):
                        found["date"].append(FIRST + timedelta(days=int(7 * week + rng.integers(7))))
                        found["source"].append(ACTORS[i])
                        found["target"].append(ACTORS[j])
                        found["quad"].append(quad)
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("made") / "made.parquet"
    pq.write_table(pa.table(rows()), path)
    return str(path)


ASKED = {"period": "1w", "horizon": [1, 2]}


def test_a_forecast_is_for_every_pair_and_period_ahead(data: str) -> None:
    found = forecast(data, **ASKED)
    assert found.origin == "2020-10-11"
    assert len(found.lines) == 72 * 2 * 2
    d = found.to_dict()
    line = d["forecasts"][0]
    assert set(line) >= {"pair", "outcome", "horizon", "from", "to", "mean", "quantiles", "break_probability"}
    assert list(line["quantiles"]) == ["0.025", "0.1", "0.5", "0.9", "0.975"]
    assert (line["from"], line["to"]) == ("2020-10-12", "2020-10-18")
    assert {x["from"] for x in d["forecasts"]} == {"2020-10-12", "2020-10-19"}
    for x in d["forecasts"]:
        q = list(x["quantiles"].values())
        assert q == sorted(q)
        assert 0 <= x["break_probability"] <= 1
        assert x["mean"] >= 0
    json.dumps(d, allow_nan=False)


def test_a_pair_is_as_among_all_and_its_command_repeats_it(data: str) -> None:
    all_ = forecast(data, **ASKED)
    one = forecast(data, pair=["DEU", "CHN"], **ASKED)
    assert [x.mean for x in one.lines] == [x.mean for x in all_.lines if x.pair == ("DEU", "CHN")]
    assert one.command.endswith("--period 1w --horizon 1,2 --pair DEU CHN")
    assert {p.outcome for p in one.past} == {"cooperation", "hostility"}
    assert sum(p.value for p in one.past) == sum(
        s == "DEU" and t == "CHN" for s, t in zip(rows()["source"], rows()["target"], strict=True)
    )
    assert list(tertius.charts_of(one)) == ["fan"]
    assert "Germany and China from 2020-10-12" in one.text


def test_lines_are_made_when_asked_for_and_are_what_json_has(data: str) -> None:
    found = forecast(data, **ASKED)
    lines = list(found.lines)
    assert [found.lines[k] for k in (0, 71, 72, -1)] == [lines[k] for k in (0, 71, 72, len(lines) - 1)]
    assert found.lines[70:74] == tuple(lines[70:74])
    with pytest.raises(IndexError):
        found.lines[len(lines)]
    for line, told in zip(lines, found.to_dict()["forecasts"], strict=True):
        assert (list(line.pair), line.outcome, line.horizon, line.start, line.end) == tuple(
            told[k] for k in ("pair", "outcome", "horizon", "from", "to")
        )
        assert line.quantiles == tuple(told["quantiles"].values())
        for key in ("mean", "break_probability", "break_level", "any_probability", "never_met"):
            assert getattr(line, key) == told[key]
    assert found.lines.likeliest(9) == tuple(sorted(lines, key=lambda x: -x.break_probability)[:9])


def test_months_after_the_end_of_the_data_are_whole(data: str) -> None:
    o = _opened(data, "1mo", None, None, None, None, None)
    assert o.days_of(o.slices.n_slices - 1 + 4) == ("2021-02-01", "2021-02-28")
    assert o.days_of(0) == ("2020-01-01", "2020-01-31")


def test_a_backtest_names_every_baseline_and_says_how_it_knew(data: str) -> None:
    found = backtest(data, period="1w", horizon=[1], last=6)
    d = found.to_dict()
    assert d["as_of"] == "date"
    assert any("revisions may have leaked" in c for c in d["caveats"])
    assert "seasonal" not in {s["model"] for s in d["scores"]}
    assert any("seasonal" in c for c in d["caveats"])
    keys = {"model", "outcome", "stratum", "horizon", "n", "log_score", "crps", "coverage_80", "coverage_95"}
    assert set(d["scores"][0]) >= keys | {"brier_breaks", "calibration_slope", "difference"}
    assert d["text"] == verdict(found.scores, "count")
    json.dumps(d, allow_nan=False)


def test_what_the_last_week_brings_changes_no_forecast_of_a_backtest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of data that do not say when a row was recorded: the last week is put between others, and made threefold."""
    made, rng = rows(), np.random.default_rng(4)
    last = FIRST + timedelta(days=7 * (WEEKS - 1))
    late = [k for k, day in enumerate(made["date"]) if day >= last]  # type: ignore[operator]
    changed = {name: [*column, *(column[k] for k in late * 2)] for name, column in made.items()}
    for k, day in enumerate(changed["date"]):
        if day >= last:  # type: ignore[operator]
            changed["source"][k], changed["target"][k] = map(str, rng.choice(ACTORS, 2, replace=False))
    means: list[np.ndarray] = []

    def foretell(
        as_of: Callable[[int], Known], truth: Known, targets: list[int], *_: object, **__: object
    ) -> list[Score]:
        for target in targets:
            for sign in SIGNS:
                made_then = foretold(as_of(target - 1), sign, target - 1, 1, 7.0, True, [OURS], 0, {})
                means.extend(forecast.mean for _, forecast, _ in made_then)  # type: ignore[union-attr]
        return []

    monkeypatch.setattr(sys.modules["tertius.study.forecast"], "rolling", foretell)
    for table in (made, changed):
        backtest(pa.table(table).to_pandas(), period="1w", horizon=[1], last=3)
    assert len(means) == 12
    np.testing.assert_array_equal(means[:6], means[6:])


def test_rows_recorded_later_change_no_forecast() -> None:
    """Every row is recorded on its day, but those marked late, which came months after and are changed at random."""
    made = rows()
    rng = np.random.default_rng(7)
    late = rng.random(len(made["date"])) < 0.2
    last = FIRST + timedelta(days=7 * WEEKS)
    made["recorded"] = [last if x else d for x, d in zip(late, made["date"], strict=True)]
    changed = dict(made)
    changed["target"] = [
        (t if not x else next(a for a in rng.permutation(ACTORS) if a != s))
        for s, t, x in zip(made["source"], made["target"], late, strict=True)
    ]
    known, means = [], []
    for table in (made, changed):
        events = load(pa.table(table).to_pandas())
        assert events.has_recorded()
        opened = _opened(events, "1w", None, None, None, None, None)
        K = opened.known(4, 30, date.fromisoformat(opened.days_of(30)[1]))
        known.append(K)
        ((_, forecast, _),) = foretold(K, SIGNS[0], 30, 1, 7.0, True, [OURS], 0, {})
        means.append(forecast.mean)  # type: ignore[union-attr]
        assert backtest(events, period="1w", horizon=[1], last=2).as_of == "recorded"
    one, two = known
    for s, y in one.values.items():
        np.testing.assert_array_equal(y[:31], two.values[s][:31])
        np.testing.assert_array_equal(one.at(s, 30), two.at(s, 30))
    np.testing.assert_array_equal(*means)


def test_changes_find_what_was_planted(tmp_path: Path) -> None:
    made = rows()
    day = FIRST + timedelta(days=7 * (WEEKS - 1) + 2)
    for _ in range(40):
        for key, value in (("date", day), ("source", "FRA"), ("target", "IND"), ("quad", 4)):
            made[key].append(value)
    path = tmp_path / "burst.parquet"
    pq.write_table(pa.table(made), path)
    found = changes(str(path), period="1w", top=5)
    first = found.changes[0]
    assert (first.pair, first.outcome, first.start) == (("FRA", "IND"), "hostility", "2020-10-05")
    assert first.observed >= 40 > first.high
    assert first.surprise > 4
    assert len(first.rows) == 5
    assert {r["source"] for r in first.rows} == {"FRA"}
    assert {term for term, _ in first.moved_by} >= {"inertia", "reciprocity", "third parties"}
    d = found.to_dict()["changes"][0]
    assert set(d) == {
        "pair", "outcome", "period", "observed", "expected", "low", "high", "surprise", "moved_by", "rows",
    }  # fmt: skip
    assert changes(str(path), period="1w", since="2020-09-28", top=3).n == 2 * 72 * 2


def test_what_cannot_be_meant_is_refused(data: str) -> None:
    for text in ("0", "1,x", "", "500"):
        with pytest.raises(UsageError, match="--horizon"):
            read_horizons(text)
    with pytest.raises(UsageError, match="twice"):
        forecast(data, pair=["DEU", "DEU"], **ASKED)
    with pytest.raises(NotEnoughData, match="too few"):
        backtest(data, period="1w", horizon=[1], last=39)
    with pytest.raises(NotEnoughData, match="Only 5 periods"):
        forecast(data, period="2mo")
    with pytest.raises(UsageError, match="--since"):
        changes(data, since="2021-01-01", period="1w")


def test_the_verdict_says_where_a_baseline_wins() -> None:
    def score(model: str, low: float, high: float) -> Score:
        d = Difference("x", 0.0, low, high, 0.0, -high, -low, 4)
        return Score(model, "hostility", "novel", 3, 10, 0, 0, 0.8, 0.95, 1, 1, 0.1, 0.1, 1.0, d)

    won = verdict([score("no change", 0.1, 0.2)], "weight")
    assert "better than every baseline" in won
    lost = verdict([score("no change", 0.1, 0.2), score("inertia", -0.2, -0.1), score("seasonal", -1, 1)], "weight")
    assert "in 1 of 3 comparisons" in lost
    assert "loses to inertia, hostility of novel pairs at 3 (CRPS)" in lost
    assert "In 1 no difference is shown: from seasonal, hostility of novel pairs (CRPS)" in lost
    none = verdict([score("inertia", float("nan"), float("nan"))], "weight")
    assert "in 0 of 1 comparisons" in none
    assert "It loses in none. In 1 there are too few blocks of time for an interval." in none

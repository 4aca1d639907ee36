"""Rates are per observed day: on made months with missing days, and on real data against rows and days alone."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest

import tertius
from tertius.answers.explanation import Explanation
from tertius.answers.rise import rise, widened
from tertius.answers.spans import SlicedSpans
from tertius.events.slices import Floats

PAIR = ("RUS", "PRK")


def slow_interval(outcome: Floats, days: Floats, spans: SlicedSpans, seed: int) -> tuple[float, float]:
    """The block bootstrap with loops: the same draws, slice by slice."""
    rng = np.random.default_rng(seed)
    rates = []
    for mask in (spans.window, spans.reference):
        y, d = outcome[mask], days[mask]
        n = len(y)
        block = max(1, round(n ** (1 / 3)))
        drawn = []
        for starts in rng.integers(0, n, size=(2000, -(-n // block))):
            at = [(s + b) % n for s in starts for b in range(block)][:n]
            drawn.append(sum(y[k] for k in at) / sum(d[k] for k in at))
        rates.append(np.array(drawn))
    low, high = np.quantile(rates[0] / rates[1], [0.025, 0.975], method="nearest")
    return float(low), float(high)


def test_missing_days_are_no_fall() -> None:
    rng = np.random.default_rng(3)
    days = np.where(np.arange(40) >= 20, rng.integers(15, 31, 40), 30).astype(float)
    outcome = rng.poisson(2.0 * days).astype(float)
    spans = SlicedSpans(np.arange(40) >= 20, np.arange(40) < 20, ("c", "d"), ("a", "b"))
    found = rise(outcome, np.full(40, 1e6), days, spans, seed=5)
    assert found.ratio == pytest.approx(outcome[20:].sum() / days[20:].sum() / (outcome[:20].sum() / days[:20].sum()))
    assert found.shown is False
    assert found.high > 1 > found.low
    assert (found.low, found.high) == pytest.approx(slow_interval(outcome, days, spans, 5))
    by_month = outcome[20:].mean() / outcome[:20].mean()
    assert by_month < 0.85 < found.low  # what a rate per month would call a fall


@pytest.mark.shared
@pytest.mark.slow
def test_the_rise_of_real_data_is_that_of_rows_and_observed_days(shared: Path) -> None:
    folder = shared / "data" / "gdelt_dyad_day"
    data = tertius.load(folder / "weights.parquet", directed=False, missing=folder / "missing_days.csv")
    answer = tertius.explain(*PAIR, data, certificate=False, adequacy="none")
    assert isinstance(answer, Explanation)
    found = answer.attribution.rise
    with (folder / "missing_days.csv").open(newline="") as stream:
        missing = {dt.date.fromisoformat(row["date"]) for row in csv.DictReader(stream)}
    rows = duckdb.sql(
        f"SELECT date::DATE, weight FROM '{folder / 'weights.parquet'}' "
        "WHERE (a = 'PRK' AND b = 'RUS') OR (a = 'RUS' AND b = 'PRK')"
    ).fetchall()

    def rate(first: dt.date, last: dt.date) -> tuple[float, int]:
        """Positive weight per observed day, over the months of which half of the days were observed."""
        seen: dict[str, list[dt.date]] = {}
        span = [first + dt.timedelta(days=k) for k in range((last - first).days + 1)]
        for day in span:
            seen.setdefault(f"{day:%Y-%m}", []).append(day)
        kept = [
            day
            for month in seen.values()
            if sum(d not in missing for d in month) >= len(month) / 2
            for day in month
            if day not in missing
        ]
        days = set(kept)
        return sum(w for day, w in rows if w > 0 and day in days) / len(kept), len(kept)

    window, n = rate(dt.date(2021, 9, 1), dt.date(2023, 6, 30))
    reference, m = rate(dt.date(2019, 11, 1), dt.date(2021, 8, 31))
    assert (n, m) == (572, 658)
    assert (found.window, found.reference) == (("2021-09-01", "2023-06-30"), ("2019-11-01", "2021-08-31"))
    assert (found.window_observed, found.reference_observed) == (n, m)
    assert (found.window_rate, found.reference_rate) == pytest.approx((window, reference), rel=1e-9)
    assert found.ratio == pytest.approx(window / reference, rel=1e-9)
    assert found.ratio == pytest.approx(1.207, abs=5e-4)


def wanderer(rng: np.random.Generator) -> np.ndarray:
    """66 months of a rate whose logarithm has the autocorrelation .6."""
    log_rate = np.zeros(66)
    for t in range(1, 66):
        log_rate[t] = 0.6 * log_rate[t - 1] + 0.3 * rng.normal()
    return 30.0 * np.exp(log_rate)


def test_an_interval_is_widened_by_what_wanders_and_left_where_nothing_does() -> None:
    """200 pairs that wander without a change, 22 months against 44: alone, and beside others of the kind."""
    rng = np.random.default_rng(5)
    both = SlicedSpans(np.arange(66) >= 44, np.arange(66) < 44, ("c", "d"), ("a", "b"))
    others = np.full(66, 10000.0)
    missed = np.zeros(3)
    reach: list[list[float]] = [[], []]
    beside = np.stack([wanderer(rng) for _ in range(50)], axis=1)
    for _ in range(200):
        pair = wanderer(rng)
        narrow = rise(pair, others, others, both, seed=1)
        alone, among = (widened(narrow, pair, others + pair, both, x) for x in (beside[:, :0], beside))
        missed += [not x.low <= 1.0 <= x.high for x in (narrow, alone, among)]
        for found, x in zip(reach, (alone, among), strict=True):
            found.append(x.high / x.ratio)
    assert missed[0] > 30
    assert max(missed[1:]) < 24
    assert np.log(np.quantile(reach[1], 0.95)) < 0.9 * np.log(np.quantile(reach[0], 0.95))
    steady = np.full(66, 30.0)
    kept = rise(steady, others, others, both, seed=1)
    assert widened(kept, steady, others + steady, both, beside[:, :0]) == kept


def test_a_pair_is_not_among_those_beside_it() -> None:
    rng = np.random.default_rng(6)
    both = SlicedSpans(np.arange(66) >= 44, np.arange(66) < 44, ("c", "d"), ("a", "b"))
    pair, other = wanderer(rng), wanderer(rng)
    everyone = np.full(66, 10000.0)
    narrow = rise(pair, everyone, everyone, both, seed=1)
    with_itself, without = (
        widened(narrow, pair, everyone, both, np.stack(x, axis=1)) for x in ([other, pair, pair], [other])
    )
    assert with_itself == without

"""Slices: the numbers of SQL, the edges in days, and what counts as observed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from tertius.events.engine import connection
from tertius.events.slices import DyadSlices, edges, observed_share, slice_index_sql
from tertius.spec import Duration


@pytest.mark.parametrize(
    ("length", "moment", "first", "after"),
    [
        ("15min", "2020-02-29 13:44:59", "2020-02-29 13:30", "2020-02-29 13:45"),
        ("12h", "2020-02-29 12:00", "2020-02-29 12:00", "2020-03-01 00:00"),
        ("1d", "1969-12-31 23:59", "1969-12-31 00:00", "1970-01-01 00:00"),
        ("1w", "2022-02-27 23:59", "2022-02-21 00:00", "2022-02-28 00:00"),
        ("1w", "2022-02-28 00:00", "2022-02-28 00:00", "2022-03-07 00:00"),
        ("2w", "1970-01-05 00:00", "1970-01-05 00:00", "1970-01-19 00:00"),
        ("1mo", "2020-02-29 23:59", "2020-02-01 00:00", "2020-03-01 00:00"),
        ("2mo", "2020-02-29 23:59", "2020-01-01 00:00", "2020-03-01 00:00"),
        ("1y", "2020-12-31 23:59", "2020-01-01 00:00", "2021-01-01 00:00"),
        ("1mo", "1969-12-31 00:00", "1969-12-01 00:00", "1970-01-01 00:00"),
        ("5y", "1960-07-01 00:00", "1960-01-01 00:00", "1965-01-01 00:00"),
    ],
)
def test_the_slice_of_a_moment_by_hand(length: str, moment: str, first: str, after: str) -> None:
    duration = Duration.parse(length)
    with connection() as con:
        index = slice_index_sql(duration, f"TIMESTAMP '{moment}'")
        ((number,),) = con.execute(f"SELECT {index}").fetchall()
    start, end = edges(duration, number, number)
    epoch = dt.datetime(1970, 1, 1)
    found = [epoch + dt.timedelta(minutes=round(float(x) * 1440)) for x in (start, end)]
    assert found == [dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(after)]


def test_weeks_begin_on_mondays() -> None:
    starts = edges(Duration.parse("1w"), 2700, 2710).astype("datetime64[D]")
    assert {d.weekday() for d in starts.tolist()} == {0}


def test_observed_share_counts_days_inside_the_data_and_not_missing() -> None:
    bounds = np.array([0.0, 4.0, 8.0, 12.0])
    share = observed_share(bounds, 2.0, 10.0, np.array([5.0, 6.0, 5.0, 99.0, -3.0]))
    np.testing.assert_allclose(share, [2 / 4, 2 / 4, 3 / 4], rtol=1e-14)


def test_a_missing_day_takes_its_part_of_shorter_and_longer_slices() -> None:
    np.testing.assert_allclose(observed_share(np.array([0, 0.5, 1, 1.5, 2]), 0, 1, np.array([1.0])), [1, 1, 0, 0])
    np.testing.assert_allclose(observed_share(np.array([0.0, 1.5, 3.0]), 0, 2, np.array([1.0])), [2 / 3, 2 / 3])


def small(directed: bool) -> DyadSlices:
    """Three actors and two slices: 0 -> 1 twice and 1 -> 0 once in the first, 2 -> 0 in the second."""
    return DyadSlices(
        actors=("A", "B", "C"),
        directed=directed,
        edges=np.array([0.0, 1.0, 2.0]),
        observed=np.array([True, True]),
        indptr=np.array([0, 2, 3]),
        dyad=np.array([1, 3, 6]),
        coop_count=np.array([2.0, 0.0, 1.0]),
        coop_weight=np.array([5.0, 0.0, 1.5]),
        host_count=np.array([0.0, 1.0, 0.5]),
        host_weight=np.array([0.0, 4.0, 0.25]),
        length=Duration.parse("1d"),
    )


def test_outcomes_are_counts_or_weights_of_a_sign_or_of_both() -> None:
    sl = small(True)
    assert sl.outcome("cooperation", "count").tolist() == [2, 0, 1]
    assert sl.outcome("hostility", "weight").tolist() == [0, 4, 0.25]
    assert sl.outcome("any", "count").tolist() == [2, 1, 1.5]


def test_sums_by_slice_and_of_a_pair_both_ways() -> None:
    sl = small(True)
    assert sl.per_slice(sl.coop_count + sl.host_count).tolist() == [3, 1.5]
    assert sl.pair(1, 0, sl.coop_count + sl.host_count).tolist() == [3, 0]
    assert sl.pair(0, 2, sl.coop_weight).tolist() == [0, 1.5]
    assert sl.pair(1, 2, sl.coop_weight).tolist() == [0, 0]


def test_dyads_at_risk_are_ordered_pairs_or_pairs() -> None:
    assert small(True).at_risk().tolist() == [1, 2, 3, 5, 6, 7]
    assert small(False).at_risk().tolist() == [1, 2, 5]
    assert (small(True).n_dyads, small(False).n_dyads) == (6, 3)


def test_between_takes_both_ends() -> None:
    assert small(True).between(np.datetime64("1970-01-02"), np.datetime64("1970-01-05")).tolist() == [False, True]
    assert small(True).between(np.datetime64("1970-01-01"), np.datetime64("1970-01-01")).tolist() == [True, False]


def test_starts_of_short_slices_are_told_to_the_minute() -> None:
    quarter = Duration.parse("15min")
    sl = small(True)
    short = DyadSlices(**{f: getattr(sl, f) for f in sl.__dataclass_fields__} | {
        "edges": edges(quarter, 1_700_000, 1_700_001), "length": quarter,
    })  # fmt: skip
    assert [str(d) for d in short.dates()] == ["2018-06-26T08:00", "2018-06-26T08:15"]

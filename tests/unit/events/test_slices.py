"""Slices: the numbers of SQL, the edges in days, and what counts as observed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from tertius.events.aggregate import slice_number
from tertius.events.engine import connection
from tertius.events.slices import (
    DyadSlices,
    coarsened,
    edges,
    observed_share,
    without_same_slice_triads,
)
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
        index = slice_number(duration, f"TIMESTAMP '{moment}'")
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


def random_slices(directed: bool, seed: int, n: int = 9, S: int = 30) -> DyadSlices:
    rng = np.random.default_rng(seed)
    possible = np.array([i * n + j for i in range(n) for j in range(n) if (i != j if directed else i < j)])
    dyads = [np.sort(rng.choice(possible, rng.integers(0, 25), replace=False)) for _ in range(S)]
    E = sum(map(len, dyads))
    sign = rng.integers(1, 4, E)
    coop, host = np.where(sign & 1, rng.integers(1, 4, E), 0.0), np.where(sign & 2, rng.integers(1, 4, E), 0.0)
    return DyadSlices(
        actors=tuple("ABCDEFGHI"), directed=directed, edges=np.arange(S + 1.0), observed=np.ones(S, dtype=bool),
        indptr=np.cumsum([0, *map(len, dyads)]), dyad=np.concatenate(dyads),
        coop_count=coop, coop_weight=coop * 1.5, host_count=host, host_weight=host * 2.5, length=Duration.parse("1d"),
    )  # fmt: skip


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_same_slice_triads_are_those_of_the_triple_loop(directed: bool, seed: int) -> None:
    sl = random_slices(directed, seed)
    n = sl.n_actors
    expected = sl.coop_count.copy()
    for s in range(sl.n_slices):
        at = range(int(sl.indptr[s]), int(sl.indptr[s + 1]))
        hostile = {divmod(int(sl.dyad[e]), n) for e in at if sl.host_count[e] > 0}
        if not directed:
            hostile |= {(j, i) for i, j in hostile}
        for e in at:
            i, j = divmod(int(sl.dyad[e]), n)
            if any((k, i) in hostile and (k, j) in hostile for k in range(n)):
                expected[e] = 0.0
    kept = without_same_slice_triads(sl)
    np.testing.assert_array_equal(kept.coop_count, expected)
    np.testing.assert_array_equal(kept.coop_weight, 1.5 * expected)
    np.testing.assert_array_equal(kept.host_count, sl.host_count)
    assert 0.05 < 1 - expected.sum() / sl.coop_count.sum() < 0.95


def test_coarser_slices_hold_the_sums_of_the_finer_ones() -> None:
    fine = random_slices(True, 4)
    n = fine.n_actors
    bounds = np.array([0.0, 7.0, 14.0, 21.0, 30.0])
    none = {f: getattr(fine, f)[:0] for f in ("dyad", "coop_count", "coop_weight", "host_count", "host_weight")}
    observed = np.array([True, False, True, True])
    into = replace(
        fine, edges=bounds, observed=observed, indptr=np.zeros(5, dtype=np.int64), length=Duration.parse("1w"), **none
    )
    coarse = coarsened(fine, into)
    assert coarse.length == into.length
    assert coarse.observed.tolist() == [True, False, True, True]
    for w in range(4):
        expected: dict[int, list[float]] = {}
        for s in range(int(bounds[w]), int(bounds[w + 1])):
            for e in range(int(fine.indptr[s]), int(fine.indptr[s + 1])):
                cell = expected.setdefault(int(fine.dyad[e]), [0.0, 0.0])
                cell[0] += fine.coop_count[e]
                cell[1] += fine.host_weight[e]
        at = coarse.entries(w)
        values = zip(coarse.dyad[at], coarse.coop_count[at], coarse.host_weight[at], strict=True)
        found = {int(d): [c, h] for d, c, h in values}
        assert found == expected
        assert max(found) < n * n
    with pytest.raises(ValueError, match="two of the longer"):
        coarsened(fine, replace(into, edges=bounds + 0.5))
    with pytest.raises(ValueError, match="different actors"):
        coarsened(fine, replace(into, actors=tuple("JKLMNOPQR")))

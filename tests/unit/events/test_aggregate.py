"""Sums by slice and dyad against a slow twin: datetimes, dictionaries, one event at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tertius.errors import EmptyData, NotEnoughData
from tertius.events.aggregate import document_column, dyad_slices, without_document_triads_sql
from tertius.events.engine import DuckDB
from tertius.events.slices import DyadSlices
from tertius.sources.loading import load
from tertius.spec import ModelSpec

EPOCH = dt.datetime(1970, 1, 1)
MONDAY = dt.datetime(1970, 1, 5)
DAY = dt.timedelta(days=1)
QUARTER = dt.timedelta(minutes=15)
STEP = {"min": dt.timedelta(minutes=1), "h": dt.timedelta(hours=1), "d": DAY, "w": 7 * DAY}
ACTORS = ["CHN", "JPN", "KOR", "PRK", "RUS", "USA"]


def slice_start(moment: dt.datetime, n: int, unit: str) -> dt.datetime:
    if unit in ("mo", "y"):
        months = n * (12 if unit == "y" else 1)
        number = (moment.year * 12 + moment.month - 1) // months * months
        return dt.datetime(number // 12, number % 12 + 1, 1)
    anchor = MONDAY if unit == "w" else EPOCH
    return anchor + (moment - anchor) // (n * STEP[unit]) * (n * STEP[unit])


def slice_end(start: dt.datetime, n: int, unit: str) -> dt.datetime:
    if unit in ("mo", "y"):
        number = start.year * 12 + start.month - 1 + n * (12 if unit == "y" else 1)
        return dt.datetime(number // 12, number % 12 + 1, 1)
    return start + n * STEP[unit]


def slices_of(first: dt.date, last: dt.date, n: int, unit: str) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    start = slice_start(dt.datetime.combine(first, dt.time()), n, unit)
    while start < dt.datetime.combine(last, dt.time()) + DAY:
        end = slice_end(start, n, unit)
        yield start, end
        start = end


def mostly_observed(start: dt.datetime, end: dt.datetime, first: dt.date, last: dt.date, missing: set[dt.date]) -> bool:
    moments = [start + k * QUARTER for k in range((end - start) // QUARTER)]
    good = [m for m in moments if first <= m.date() <= last and m.date() not in missing]
    return 2 * len(good) >= len(moments)


def events(directed: bool, seed: int = 5) -> pd.DataFrame:
    """Some events of two months around a new year, the very last minute of the last day among them."""
    rng = np.random.default_rng(seed)
    n = 150
    minutes = np.append(rng.integers(0, 60 * 1440, n - 2), [0, 60 * 1440 - 1])
    ends = np.array([rng.permutation(len(ACTORS) - 1)[:2] for _ in range(n)])  # the last actor stays silent
    frame = pd.DataFrame({"date": pd.Timestamp("2019-12-04") + pd.to_timedelta(minutes, unit="min")})
    frame["source"], frame["target"] = (np.array(ACTORS)[ends[:, k]] for k in (0, 1))
    if directed:
        return frame.assign(quad=rng.integers(1, 5, n), weight=rng.integers(1, 9, n).astype(float))
    return frame.rename(columns={"source": "a", "target": "b"}).assign(weight=rng.choice([-2.5, -1, 0.5, 3], n))


def sums(sl: DyadSlices) -> dict[tuple[dt.datetime, str, str], tuple[float, ...]]:
    """Entries of the arrays as (start, actor, actor) -> counts and weights."""
    n = sl.n_actors
    found = {}
    for s, start in enumerate(sl.dates()):
        for e in range(*sl.entries(s).indices(len(sl.dyad))):
            i, j = divmod(int(sl.dyad[e]), n)
            values = (sl.coop_count[e], sl.coop_weight[e], sl.host_count[e], sl.host_weight[e])
            found[dt.datetime.fromisoformat(str(start)), sl.actors[i], sl.actors[j]] = tuple(map(float, values))
    return found


def twin(
    frame: pd.DataFrame, n: int, unit: str, first: dt.date, last: dt.date, actors: list[str]
) -> dict[tuple[dt.datetime, str, str], tuple[float, ...]]:
    found: dict[tuple[dt.datetime, str, str], list[float]] = {}
    for row in frame.to_dict("records"):
        moment = row["date"].to_pydatetime()
        if not first <= moment.date() <= last:
            continue
        if "quad" in row:
            pair, cooperates = (row["source"], row["target"]), row["quad"] <= 2
        else:
            one, other = sorted((row["a"], row["b"]), key=actors.index)
            pair, cooperates = (one, other), row["weight"] > 0
        cell = found.setdefault((slice_start(moment, n, unit), *pair), [0.0] * 4)
        cell[0 if cooperates else 2] += 1
        cell[1 if cooperates else 3] += abs(row["weight"])
    return {key: tuple(cell) for key, cell in found.items()}


@pytest.mark.filterwarnings("ignore:.*pair-days are given both ways")
@pytest.mark.parametrize("directed", [True, False], ids=["directed", "undirected"])
@pytest.mark.parametrize(
    ("n", "unit"),
    [
        (15, "min"),
        (45, "min"),
        (5, "h"),
        (12, "h"),
        (36, "h"),
        (1, "d"),
        (3, "d"),
        (1, "w"),
        (1, "mo"),
        (2, "mo"),
        (1, "y"),
    ],
)
def test_slices_are_those_of_the_slow_twin(n: int, unit: str, directed: bool) -> None:
    missing = {dt.date(2019, 12, 10), dt.date(2019, 12, 11), dt.date(2020, 1, 20)}
    frame = events(directed)
    frame = frame[~frame["date"].dt.date.isin(missing)]  # a day with a row would be observed
    data = load(frame, directed=directed, missing=sorted(missing))
    actors = list(reversed(ACTORS))
    sl = data.slices(ModelSpec.of(slice=f"{n}{unit}", actors=actors).resolve(directed=directed))
    first, last = dt.date(2019, 12, 4), dt.date(2020, 2, 1)
    spans = list(slices_of(first, last, n, unit))
    assert [dt.datetime.fromisoformat(str(d)) for d in sl.dates()] == [start for start, _ in spans]
    assert sl.edges[-1] == pytest.approx((spans[-1][1] - EPOCH) / DAY, abs=1e-9)
    assert sl.observed.tolist() == [mostly_observed(*span, first, last, missing) for span in spans]
    assert sums(sl) == twin(frame, n, unit, first, last, actors)
    assert sl.actors == tuple(actors)


def test_from_and_to_bound_the_events_and_the_slices_by_whole_days() -> None:
    frame = events(True)
    first, last = dt.date(2019, 12, 20), dt.date(2020, 1, 5)
    spec = ModelSpec.of(slice="12h", start=str(first), end=str(last), actors=ACTORS).resolve(directed=True)
    sl = load(frame).slices(spec)
    assert sums(sl) == twin(frame, 12, "h", first, last, ACTORS)
    assert [str(d) for d in sl.dates()[[0, -1]]] == ["2019-12-20T00:00", "2020-01-05T12:00"]


def table(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["date", "source", "target", "quad"])


@pytest.mark.parametrize(
    ("length", "missing", "observed"),
    [
        ("2d", [9], [True, True, True]),
        ("2d", [9, 10], [True, False, True]),
        ("1w", [7, 8, 9], [True, True]),
        ("1w", [7, 8, 9, 10], [False, True]),
    ],
)
def test_a_slice_counts_with_half_its_days_and_not_with_less(
    length: str, missing: list[int], observed: list[bool]
) -> None:
    if length == "1w":  # Monday 6 to Sunday 12, and the next
        first, last = "2020-01-06", "2020-01-19"
    else:  # 7 and 8, 9 and 10, 11 and 12
        first, last = "2020-01-07", "2020-01-12"
    days = [f"2020-01-{d:02}" for d in missing]
    data = load(table((first, "RUS", "PRK", 1), (last, "RUS", "PRK", 1)), missing=days)
    assert data.slices(ModelSpec.of(slice=length).resolve(directed=True)).observed.tolist() == observed


def test_actors_are_the_risk_set_silent_ones_included() -> None:
    rows = table(("2020-01-01", "RUS", "PRK", 1), ("2020-01-02", "USA", "PRK", 3), ("2020-01-03", "RUS", "PRK", 1))
    sl = load(rows).slices(ModelSpec.of(actors="RUS,PRK,CHN").resolve(directed=True))
    assert (sl.actors, sl.n_dyads) == (("RUS", "PRK", "CHN"), 6)
    assert sl.dyad.tolist() == [1, 1]
    assert load(rows).slices(ModelSpec().resolve(directed=True)).actors == ("PRK", "RUS", "USA")


def test_only_actors_of_the_span_are_at_risk_by_default() -> None:
    rows = table(("2020-01-01", "JPN", "KOR", 1), ("2020-01-02", "USA", "PRK", 3), ("2020-01-03", "RUS", "PRK", 1))
    sl = load(rows).slices(ModelSpec.of(start="2020-01-02").resolve(directed=True))
    assert sl.actors == ("PRK", "RUS", "USA")


def test_both_orders_of_a_pair_add_up_in_net_data() -> None:
    rows = pd.DataFrame(
        [("2020-01-06", "RUS", "PRK", 3.0), ("2020-01-07", "PRK", "RUS", 2.0), ("2020-01-08", "PRK", "RUS", -4.0),
         ("2020-01-14", "RUS", "PRK", 1.0)],
        columns=["date", "a", "b", "weight"],
    )  # fmt: skip
    sl = load(rows, directed=False).slices(ModelSpec().resolve(directed=False))
    assert sl.dyad.tolist() == [1, 1]
    assert (sl.coop_weight.tolist(), sl.host_weight.tolist()) == ([5.0, 1.0], [4.0, 0.0])
    assert (sl.coop_count.tolist(), sl.host_count.tolist()) == ([2.0, 1.0], [1.0, 0.0])


def test_halves_of_a_mirrored_coding_are_counted_as_halves() -> None:
    rows = pd.DataFrame(
        [("2020-01-01", "RUS", "PRK", "040"), ("2020-01-01", "PRK", "RUS", "040"), ("2020-01-03", "RUS", "PRK", "040")],
        columns=["date", "source", "target", "type"],
    )
    sl = load(rows).slices(ModelSpec().resolve(directed=True))
    assert sl.per_slice(sl.coop_count).tolist() == [1.0, 0.0, 1.0]
    assert sl.coop_count.tolist() == [0.5, 0.5, 1.0]


TWO_DAYS = table(("2020-01-01", "RUS", "PRK", 1), ("2020-01-02", "RUS", "PRK", 1))


@pytest.mark.parametrize(
    ("options", "kind", "found"),
    [
        ({"start": "2021-01-01"}, EmptyData, "No event lies between 2021-01-01 and the end"),
        ({"actors": "RUS"}, NotEnoughData, "only one actor"),
        ({"actors": "USA,CHN"}, EmptyData, "both ends in the risk set"),
        ({"slice": "1y"}, NotEnoughData, "one slice of 1y"),
    ],
)
def test_what_cannot_be_sliced_says_why(options: dict[str, Any], kind: type[Exception], found: str) -> None:
    with pytest.raises(kind, match=found):
        load(TWO_DAYS).slices(ModelSpec.of(**options).resolve(directed=True))


def reported(directed: bool, seed: int, column: str) -> pd.DataFrame:
    """Events of which several stand in one report; some name none, one name stands in more rows than a report has."""
    rng = np.random.default_rng(seed)
    frame = events(directed, seed)
    frame = pd.concat([frame] * 4, ignore_index=True)
    for end in ("source", "target") if directed else ("a", "b"):
        frame[end] = rng.choice(ACTORS, len(frame))
    names = [None if x < 6 else "all of it" if x > 18 else f"report {x}" for x in rng.integers(0, 25, len(frame))]
    first, second = ("source", "target") if directed else ("a", "b")
    return frame.assign(**{column: names})[frame[first] != frame[second]].reset_index(drop=True)


@pytest.mark.filterwarnings("ignore:.*pair-days are given both ways")
@pytest.mark.parametrize("directed", [True, False], ids=["directed", "undirected"])
@pytest.mark.parametrize("column", ["url", "origin"])
def test_document_triads_are_those_of_the_slow_twin(directed: bool, column: str) -> None:
    frame = reported(directed, 7, column)
    spec = ModelSpec.of(slice="1mo", actors=ACTORS).resolve(directed=directed)
    one, other = ("source", "target") if directed else ("a", "b")
    rows = [r | {column: r[column] if isinstance(r[column], str) else None} for r in frame.to_dict("records")]
    sizes = frame[column].value_counts()
    assert sizes["all of it"] > 100

    def friendly(row: dict[str, Any]) -> bool:
        return row["quad"] <= 2 if directed else row["weight"] > 0

    hostile: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        if row[column] and 2 <= sizes[row[column]] <= 100 and not friendly(row):
            found = hostile.setdefault(row[column], set())
            found.add((row[one], row[other]))
            if not directed:
                found.add((row[other], row[one]))

    def from_one_report(row: dict[str, Any]) -> bool:
        met = hostile.get(row[column], set())
        return friendly(row) and any((k, row[one]) in met and (k, row[other]) in met for k in ACTORS)

    left = pd.DataFrame([r for r in rows if not from_one_report(r)])
    kept = load(frame, directed=directed).slices_without_document_triads(spec)
    assert kept is not None
    assert sum(map(from_one_report, rows)) > 10
    assert sums(kept) == sums(load(left, directed=directed).slices(spec))
    assert kept.observed.tolist() == load(frame, directed=directed).slices(spec).observed.tolist()


def test_where_no_row_names_a_document_there_is_nothing_to_leave_out() -> None:
    frame = events(True)
    spec = ModelSpec.of(slice="1mo", actors=ACTORS).resolve(directed=True)
    assert load(frame).slices_without_document_triads(spec) is None
    numbered = frame.assign(origin=[f"set {k}" for k in range(len(frame))])
    assert load(numbered).slices_without_document_triads(spec) is None


class OnlyTheProtocol:
    """An engine that gives what :class:`Engine` asks for, by another engine's rows, and nothing else."""

    def __init__(self, con: Any) -> None:
        self._duckdb, self.asked = DuckDB(con), [""]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        self.asked.append(sql)
        return self._duckdb.rows(sql)

    def columns(self, sql: str) -> Mapping[str, np.ndarray]:
        self.asked.append(sql)
        named = self._duckdb.rows(f"DESCRIBE {sql}")
        return {
            name: np.array(column) for (name, *_), column in zip(named, zip(*self.rows(sql), strict=True), strict=True)
        }

    def number(self, table: str, labels: Sequence[str]) -> None:
        self._duckdb.number(table, labels)


def test_a_second_engine_needs_the_protocol_and_nothing_else() -> None:
    """Its rows come as Python values: slices, and those without documents, are the same."""
    data = load(events(directed=True).assign(url=[f"u{k // 5}" for k in range(len(events(directed=True)))]))
    spec = ModelSpec.of(slice="1w", start="2020-01-05").resolve(directed=True)
    asked: dict[str, Any] = {
        "directed": True, "length": spec.slice, "start": spec.start, "end": None, "actors": None, "missing": (),
    }  # fmt: skip
    with data.relation() as (con, sql):
        second = OnlyTheProtocol(con)
        column = document_column(second, sql)
        assert column == document_column(DuckDB(con), sql) == "url"
        for relation in (sql, without_document_triads_sql(sql, "url", directed=True)):
            one, other = (dyad_slices(engine, relation, **asked) for engine in (DuckDB(con), second))
            for name in ("actors", "edges", "indptr", "dyad", "coop_count", "coop_weight", "host_count", "host_weight"):
                np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert len(second.asked) > 8

"""Event data: the rows behind a pair, and what ``describe`` says."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from tertius.errors import CorruptFile
from tertius.events.data import EventData
from tertius.events.engine import connection
from tertius.events.table import STORED_COLUMNS
from tertius.sources.importing import _hash
from tertius.sources.loading import load

ROWS = [
    ("2020-01-01", "RUS", "PRK", "040", 1.0),
    ("2020-01-01", "PRK", "RUS", "040", 1.0),
    ("2020-01-03T06:00", "USA", "PRK", "190", 4.0),
    ("2020-01-03", "PRK", "RUS", "112", 2.0),
    ("2020-01-03", "RUS", "PRK", "112", 3.0),
]


@pytest.fixture(scope="module")
def data() -> EventData:
    return load(pd.DataFrame(ROWS, columns=["date", "source", "target", "type", "weight"]), missing=["2020-01-02"])


def test_rows_are_those_of_the_table_contract(data: EventData) -> None:
    assert list(data.between("USA", "PRK")[0]) == [c.name for c in STORED_COLUMNS]


def test_between_is_both_ways_latest_and_largest_first(data: EventData) -> None:
    found = [(r["date"], r["source"], r["weight"]) for r in data.between("RUS", "PRK")]
    assert found == [
        ("2020-01-03", "RUS", 3.0),
        ("2020-01-03", "PRK", 2.0),
        ("2020-01-01", "PRK", 0.5),
        ("2020-01-01", "RUS", 0.5),
    ]
    assert data.between("PRK", "RUS") == data.between("RUS", "PRK")


def test_between_takes_days_and_a_limit(data: EventData) -> None:
    assert len(data.between("RUS", "PRK", start=dt.date(2020, 1, 2))) == 2
    assert len(data.between("RUS", "PRK", end=dt.date(2020, 1, 1))) == 2
    assert [r["date"] for r in data.between("USA", "PRK", end=dt.date(2020, 1, 3))] == ["2020-01-03 06:00:00"]
    assert len(data.between("RUS", "PRK", limit=3)) == 3


def test_describe_says_the_same_whatever_order_threads_add_in() -> None:
    n = 300_000
    frame = pd.DataFrame({"date": "2020-01-01", "source": "RUS", "target": "PRK", "quad": 1, "weight": [0.1] * n})
    said = load(frame, mirrored="keep").describe()
    assert (said["weight"], said["cooperation"]) == (0.1 * n, n)


def test_describe_counts_events_and_not_rows(data: EventData) -> None:
    said = data.describe()
    assert (said["actors"], said["pairs"], said["days"]) == (3, 2, 2)
    assert (said["rows"], said["events"], said["weight"]) == (5, 4.0, 10.0)
    assert (said["cooperation"], said["hostility"]) == (1.0, 3.0)
    assert (said["from"], said["to"], said["missing"]) == ("2020-01-01", "2020-01-03", ["2020-01-02"])
    assert said["quad"] == {"1": 1.0, "3": 2.0, "4": 1.0}
    assert said["busiest"][0] == {"a": "PRK", "b": "RUS", "events": 3.0, "cooperation": 1.0, "hostility": 2.0}


def test_labels_and_span(data: EventData) -> None:
    assert data.labels() == {"RUS", "PRK", "USA"}
    assert data.span() == (dt.date(2020, 1, 1), dt.date(2020, 1, 3))


def test_the_hash_follows_the_content() -> None:
    frame = pd.DataFrame(ROWS, columns=["date", "source", "target", "type", "weight"])
    assert load(frame).hash == load(frame.copy()).hash
    assert load(frame).hash != load(frame.assign(weight=1.0)).hash


def test_a_part_that_goes_bad_while_in_use_is_corrupt(tmp_path: Path) -> None:
    data = EventData("S", True, (), "0", parts=(tmp_path / "gone.parquet",))
    with pytest.raises(CorruptFile, match=r"gone\.parquet"):
        data.labels()


def test_an_interrupted_query_is_an_interruption() -> None:
    """What DuckDB makes of Ctrl-C; when it hears the signal itself differs from run to run."""
    with pytest.raises(KeyboardInterrupt), connection() as con:  # noqa: PT012
        threading.Timer(0.2, con.interrupt).start()
        con.execute("SELECT count(*) FROM range(1000000) a, range(100000) b").fetchall()


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_the_hash_of_the_same_rows_is_the_same_whatever_lies_under_a_null(tmp_path: Path) -> None:
    path = tmp_path / "net.csv"
    path.write_text("date,a,b,weight\n" + "".join(f"2020-01-{d:02d},AAA,BBB,{d - 15}\n" for d in range(1, 29)))
    assert len({load(str(path), directed=False).hash for _ in range(20)}) == 1


def test_the_hash_knows_where_a_value_is_missing() -> None:
    one, other = (pa.table({"x": pa.array(v, pa.int8())}) for v in ([1, None, 2], [1, 2, None]))
    assert _hash(one) != _hash(other)
    assert _hash(one) == _hash(pa.table({"x": pa.array([1, None, 2], pa.int8())}))

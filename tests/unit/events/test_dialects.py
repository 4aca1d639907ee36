"""The SQL of the slices in other dialects: BigQuery's is a golden file, for it was never run there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tertius.errors import UsageError
from tertius.events.aggregate import _between, slice_number, sums_sql, without_document_triads_sql
from tertius.events.dialects import transpiled
from tertius.events.spark import session_of
from tertius.sources.loading import load
from tertius.spec import Duration

pytest.importorskip("sqlglot", reason="tertius[spark] is not installed")

GOLDEN = Path(__file__).parent / "bigquery.sql"
"""Written by ``python tests/unit/events/test_dialects.py``; look at what changed."""


def bigquery() -> str:
    queries = {
        "daily sums": sums_sql("events", Duration.parse("1d")),
        "weekly sums": sums_sql("events", Duration.parse("1w")),
        "monthly sums of a span": sums_sql(
            _between("events", dt.date(2020, 1, 31), dt.date(2020, 12, 31)), Duration.parse("1mo")
        ),
        "rows without the triads of one document": f"SELECT * FROM "
        f"{without_document_triads_sql('events', 'url', directed=True)}",
    }
    return "\n".join(f"-- {name}\n{transpiled(sql, 'bigquery')};\n" for name, sql in queries.items())


def test_bigquerys_sql_is_the_golden_file() -> None:
    assert bigquery() == GOLDEN.read_text()


@pytest.mark.parametrize("length", ["15min", "1d", "1w", "1mo", "2y"])
@pytest.mark.parametrize("dialect", ["spark", "bigquery"])
def test_nothing_of_duckdbs_own_is_left(length: str, dialect: str) -> None:
    sql = transpiled(f"SELECT {slice_number(Duration.parse(length), 'date')} AS s FROM events", dialect)
    assert "epoch_us" not in sql.lower()
    assert ("UNIX_MICROS" in sql) == (length not in ("1mo", "2y"))


@pytest.mark.parametrize("address", ["mysql://host", "spark:/host", "http://host:15002", "local[", "connect://", ""])
def test_an_address_that_is_none_is_said_so(address: str) -> None:
    with pytest.raises(UsageError, match="is no engine") as caught:
        session_of(address)
    assert "connect://host:15002" in caught.value.hint


def test_without_spark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(UsageError, match="Spark is not installed") as caught:
        load("events", engine="spark://host:7077")
    assert "tertius[spark]" in caught.value.hint


if __name__ == "__main__":
    GOLDEN.write_text(bigquery())

"""From stored events to :class:`~tertius.events.slices.DyadSlices`: one GROUP BY, then arrays."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

from tertius.errors import EmptyData, NotEnoughData
from tertius.events import slices as sl
from tertius.spec import Duration

ROWS_OF_A_DOCUMENT = (2, 100)
"""How many rows one document can name: fewer hold no triad, more are a data set's name."""

_EPOCH = date(1970, 1, 1)


def dyad_slices(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    *,
    directed: bool,
    length: Duration,
    start: date | None,
    end: date | None,
    actors: tuple[str, ...] | None,
    missing: tuple[date, ...],
    fewest: int = 2,
) -> sl.DyadSlices:
    """Sum the events of ``relation`` (SQL, stored columns) by slice, dyad and sign.

    ``actors`` is the risk set, silent ones included; None takes every actor that occurs between start and end.
    Raises EmptyData where nothing is left, NotEnoughData with fewer than two actors or ``fewest`` slices.
    """
    where = " AND ".join(
        ["true"]
        + ([f"date >= DATE '{start}'"] if start else [])
        + ([f"date < DATE '{end}' + INTERVAL 1 DAY"] if end else [])
    )
    span = con.execute(f"SELECT min(date)::DATE, max(date)::DATE, count(*) FROM {relation} WHERE {where}").fetchone()
    if span is None or not span[2]:
        raise EmptyData(f"No event lies between {start or 'the start'} and {end or 'the end'}.", "Widen --from/--to.")
    first_day, last_day = start or span[0], end or span[1]
    if actors is None:
        found = con.execute(
            f"SELECT source FROM {relation} WHERE {where} UNION SELECT target FROM {relation} WHERE {where} ORDER BY 1"
        ).fetchall()
        actors = tuple(a for (a,) in found)
    if len(actors) < 2:
        raise NotEnoughData(f"There is only one actor ({', '.join(actors)}).", "A pair needs two: check --actors.")

    con.execute("CREATE OR REPLACE TEMP TABLE risk (label VARCHAR, i BIGINT)")
    con.execute("INSERT INTO risk SELECT unnest(?::VARCHAR[]), unnest(range(?))", [list(actors), len(actors)])
    index = sl.slice_index_sql(length)
    columns = con.execute(
        f"""
        SELECT {index} AS s, a.i AS i, b.i AS j,
               coalesce(sum(count) FILTER (sign > 0), 0) AS coop_count,
               coalesce(sum(weight) FILTER (sign > 0), 0) AS coop_weight,
               coalesce(sum(count) FILTER (sign < 0), 0) AS host_count,
               coalesce(sum(weight) FILTER (sign < 0), 0) AS host_weight
        FROM {relation} JOIN risk a ON source = a.label JOIN risk b ON target = b.label
        WHERE {where} GROUP BY ALL ORDER BY ALL
        """
    ).fetchnumpy()
    if len(columns["s"]) == 0:
        raise EmptyData("No event has both ends in the risk set.", "Check --actors against: tertius describe DATA.")
    bounds_sql = "SELECT " + ", ".join(
        sl.slice_index_sql(length, f"TIMESTAMP '{moment}'") for moment in (first_day, f"{last_day} 23:59:59.999999")
    )
    first, last = con.execute(bounds_sql).fetchone() or (0, 0)
    edges = sl.edges(length, first, last)
    if len(edges) <= fewest:
        raise NotEnoughData(
            f"All events lie in one slice of {length}: nothing comes before anything.", "Choose a shorter --slice."
        )
    n = len(actors)
    i, j = _ints(columns["i"]), _ints(columns["j"])
    if not directed:
        i, j = np.minimum(i, j), np.maximum(i, j)
    share = sl.observed_share(
        edges, _day(first_day), _day(last_day), np.array([_day(d) for d in missing], dtype=np.float64)
    )
    slice_of = _ints(columns["s"]) - first
    return sl.DyadSlices(
        actors=actors,
        directed=directed,
        edges=edges,
        observed=share >= 0.5 - 1e-9,
        indptr=np.searchsorted(slice_of, np.arange(len(edges))).astype(np.int64),
        dyad=i * n + j,
        coop_count=_floats(columns["coop_count"]),
        coop_weight=_floats(columns["coop_weight"]),
        host_count=_floats(columns["host_count"]),
        host_weight=_floats(columns["host_weight"]),
        length=length,
        days=share * np.diff(edges),
    )


def document_column(con: duckdb.DuckDBPyConnection, relation: str) -> str | None:
    """Which column of ``relation`` (SQL, stored columns) names documents: "url", else "origin", else None.

    A column names documents where some of its values stand in :data:`ROWS_OF_A_DOCUMENT` rows: an origin that counts
    rows ("events.csv#12") is another one in every row.
    """
    for column in ("url", "origin"):
        found = con.execute(f"SELECT count(*) FROM ({_documents(relation, column)})").fetchone()
        if found and found[0]:
            return column
    return None


def without_document_triads_sql(relation: str, column: str, *, directed: bool) -> str:
    """SQL of the rows of ``relation`` without cooperation of i and j coded from a document that also codes hostility of
    some k towards both (undirected: conflict of k with both). ``column``: from :func:`document_column`."""
    ends = f"SELECT {column} AS document, source AS k, target AS i FROM {relation} WHERE sign < 0"
    if not directed:
        ends += f" UNION SELECT {column}, target, source FROM {relation} WHERE sign < 0"
    return f"""(
        WITH documents AS ({_documents(relation, column)}),
             hostile AS (SELECT DISTINCT document, k, i FROM ({ends}) SEMI JOIN documents USING (document)),
             both_met AS (SELECT DISTINCT document, a.i AS i, b.i AS j FROM hostile a JOIN hostile b USING (document, k)
                          WHERE a.i <> b.i)
        SELECT * FROM {relation} WHERE sign < 0
        UNION ALL
        SELECT friendly.* FROM (SELECT * FROM {relation} WHERE sign > 0) friendly
        ANTI JOIN both_met ON both_met.document = friendly.{column} AND i = friendly.source AND j = friendly.target
    )"""


def _documents(relation: str, column: str) -> str:
    fewest, most = ROWS_OF_A_DOCUMENT
    return (
        f"SELECT {column} AS document FROM {relation} WHERE {column} IS NOT NULL GROUP BY 1 "
        f"HAVING count(*) BETWEEN {fewest} AND {most}"
    )


def _day(d: date) -> float:
    return float((d - _EPOCH).days)


def _ints(column: NDArray[np.generic]) -> sl.Ints:
    return np.asarray(column, dtype=np.int64)


def _floats(column: NDArray[np.generic]) -> sl.Floats:
    return np.asarray(column, dtype=np.float64)

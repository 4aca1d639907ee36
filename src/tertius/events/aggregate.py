"""From stored events to :class:`~tertius.events.slices.DyadSlices`: one GROUP BY, then arrays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tertius.errors import EmptyData, NotEnoughData
from tertius.events import slices as sl
from tertius.events.engine import Engine
from tertius.language import say
from tertius.spec import Duration

ROWS_OF_A_DOCUMENT = (2, 100)
"""How many rows one document can name: fewer hold no triad, more are a data set's name."""

_EPOCH = date(1970, 1, 1)


def dyad_slices(
    engine: Engine,
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
    relation = _between(relation, start, end)
    first_day, last_day = _span(engine, relation, start, end)
    actors = _occurring(engine, relation) if actors is None else actors
    if len(actors) < 2:
        raise NotEnoughData(
            say("There is only one actor ({name}).", name=", ".join(actors)), say("A pair needs two: check --actors.")
        )
    columns = _sums(engine, relation, length, actors)
    first, last = _numbers(engine, length, first_day, last_day)
    edges = sl.edges(length, first, last)
    if len(edges) <= fewest:
        raise NotEnoughData(
            say("All events lie in one slice of {length}: nothing comes before anything.", length=length),
            say("Choose a shorter --slice."),
        )
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
        dyad=i * len(actors) + j,
        coop_count=_floats(columns["coop_count"]),
        coop_weight=_floats(columns["coop_weight"]),
        host_count=_floats(columns["host_count"]),
        host_weight=_floats(columns["host_weight"]),
        length=length,
        days=share * np.diff(edges),
    )


def _between(relation: str, start: date | None, end: date | None) -> str:
    """SQL of the rows from ``start`` to ``end``, both days included."""
    bounds = [f"date >= TIMESTAMP '{start}'"] if start else []
    bounds += [f"date < TIMESTAMP '{end}' + INTERVAL 1 DAY"] if end else []
    return f"(SELECT * FROM {relation} WHERE {' AND '.join(bounds)})" if bounds else relation


def _span(engine: Engine, relation: str, start: date | None, end: date | None) -> tuple[date, date]:
    """First and last day: those asked for, else those of the events. Raises EmptyData."""
    ((first, last, n),) = engine.rows(
        f"SELECT CAST(min(date) AS DATE), CAST(max(date) AS DATE), count(*) FROM {relation}"
    )
    if not n:
        raise EmptyData(
            say("No event lies between {start} and {end}.", start=start or say("the start"), end=end or say("the end")),
            say("Widen --from/--to."),
        )
    return start or first, end or last


def _occurring(engine: Engine, relation: str) -> tuple[str, ...]:
    found = engine.rows(f"SELECT source FROM {relation} UNION SELECT target FROM {relation} ORDER BY 1")
    return tuple(a for (a,) in found)


def _sums(
    engine: Engine, relation: str, length: Duration, actors: tuple[str, ...]
) -> Mapping[str, NDArray[np.generic]]:
    """Sums by slice number ``s`` and dyad ``i``, ``j`` of the risk set, in that order. Raises EmptyData."""
    engine.number("risk", actors)
    columns = engine.columns(sums_sql(relation, length))
    if len(columns["s"]) == 0:
        raise EmptyData(
            say("No event has both ends in the risk set."),
            say("Check --actors against: {command}.", command="tertius describe DATA"),
        )
    return columns


def sums_sql(relation: str, length: Duration) -> str:
    """The one GROUP BY: sums of ``relation`` by slice and dyad of the table ``risk`` of labels and their numbers."""
    return f"""
        SELECT {slice_number(length, "date")} AS s, a.i AS i, b.i AS j,
               coalesce(sum(count) FILTER (WHERE sign > 0), 0) AS coop_count,
               coalesce(sum(weight) FILTER (WHERE sign > 0), 0) AS coop_weight,
               coalesce(sum(count) FILTER (WHERE sign < 0), 0) AS host_count,
               coalesce(sum(weight) FILTER (WHERE sign < 0), 0) AS host_weight
        FROM {relation} JOIN risk a ON source = a.label JOIN risk b ON target = b.label
        GROUP BY ALL ORDER BY s, i, j
        """


def slice_number(length: Duration, moment: str) -> str:
    """SQL of the number of the slice in which a timestamp lies; :func:`tertius.events.slices.edges` turns numbers into
    days. Division is of floating point in every engine: some would round a decimal quotient up to the next slice."""
    if length.unit in ("mo", "y"):
        number = f"year({moment}) * 12 + month({moment}) - 1" if length.unit == "mo" else f"year({moment})"
        return f"CAST(floor(CAST({number} AS DOUBLE) / {length.n}) AS BIGINT)"
    step = round(length.days * 86_400_000_000)
    anchor = round(sl.MONDAY * 86_400_000_000) if length.unit == "w" else 0
    return f"CAST(floor(CAST(epoch_us({moment}) - {anchor} AS DOUBLE) / {step}) AS BIGINT)"


def _numbers(engine: Engine, length: Duration, first: date, last: date) -> tuple[int, int]:
    """The numbers of the slices in which the first day begins and the last one ends."""
    moments = f"TIMESTAMP '{first}'", f"TIMESTAMP '{last} 23:59:59.999999'"
    ((a, b),) = engine.rows("SELECT " + ", ".join(slice_number(length, moment) for moment in moments))
    return int(a), int(b)


def document_column(engine: Engine, relation: str) -> str | None:
    """Which column of ``relation`` (SQL, stored columns) names documents: "url", else "origin", else None.

    A column names documents where some of its values stand in :data:`ROWS_OF_A_DOCUMENT` rows: an origin that counts
    rows ("events.csv#12") is another one in every row.
    """
    for column in ("url", "origin"):
        ((found,),) = engine.rows(f"SELECT count(*) FROM ({_documents(relation, column)}) documents")
        if found:
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
             hostile AS (SELECT DISTINCT document, k, i FROM ({ends}) ends
                         WHERE document IN (SELECT document FROM documents)),
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

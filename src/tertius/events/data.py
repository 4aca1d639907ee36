"""Event data that are ready to be asked: the rows behind, and their sums by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tertius.errors import TertiusError, UsageError, did_you_mean
from tertius.events.aggregate import document_column, dyad_slices, without_document_triads_sql
from tertius.events.engine import DuckDB, connection, parquet_sql, rows
from tertius.events.slices import DyadSlices, entries_of
from tertius.spec import ModelSpec

BUSIEST = 10
TYPES_NAMED = 12
"""Event types that an error names."""
NET_NOTE = (
    "Net, undirected data: whose hostility it was cannot be known, and what cancelled within a day is in neither."
)
KEPT_ROWS = 5_000_000
"""Rows of a store that may be held in memory: about 80 bytes each, and what their words need."""
QUADS = {"verbal": "(1, 3)", "material": "(2, 4)"}


@dataclass(frozen=True, slots=True)
class EventData:
    """Clean events (stored columns) in Parquet parts or in memory.

    Attributes
    ----------
    name : what the user called it: a path, "chronicle", or "data frame".
    directed : whether rows say who did it to whom.
    missing : days without any record.
    hash : of the content, 16 hexadecimal digits.
    parts : Parquet files, or none where ``table`` holds the rows.
    table : rows in memory.
    audits : what was read, kept and dropped, one an import.
    reading : options of ``load`` with which a file was read, where they are not the defaults.
    asked : the question that comes with the data; its options are the defaults of what is asked next. A Study holds
        the one that was asked, and the chronicle has one of its own.
    study : whether they were opened through a Study.
    channels : event types that the outcome counts, and types of hostility that the history holds; empty: all.
    """

    name: str
    directed: bool
    missing: tuple[date, ...]
    hash: str
    parts: tuple[Path, ...] = ()
    table: pa.Table | None = field(default=None, repr=False)
    audits: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    reading: Mapping[str, Any] = field(default_factory=dict, repr=False)
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)
    study: bool = False
    channels: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def to_dict(self) -> dict[str, Any]:
        """The document of ``tertius describe --json``."""
        return self.describe()

    def summary(self) -> str:
        """What ``tertius describe`` prints: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def __repr__(self) -> str:
        kind = "directed" if self.directed else "undirected, net"
        try:
            with self.relation() as (con, sql):
                (n, first, last) = con.execute(
                    f"SELECT count(*), min(date)::DATE, max(date)::DATE FROM {sql}"
                ).fetchall()[0]
        except TertiusError as error:
            return f"<EventData {self.name}: {kind}; {error.message}>"
        return f"<EventData {self.name}: {kind}, {n:,} rows, {first} to {last}>"

    def _repr_html_(self) -> str:
        d = self.describe()
        rows = "".join(
            f"<tr><th>{key}</th><td>{escape(str(d[key]))}</td></tr>"
            for key in ("data", "directed", "actors", "pairs", "events", "cooperation", "hostility", "from", "to")
        )
        return f"<table><caption>Events</caption><tbody>{rows}</tbody></table>"

    @contextmanager
    def relation(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """A connection and the SQL of the rows, for as long as the block lasts."""
        with connection() as con:
            if self.table is not None:
                con.register("events_in_memory", self.table)
                yield con, "events_in_memory"
            else:
                yield con, parquet_sql(list(self.parts))

    def slices(self, spec: ModelSpec, kind: str = "all", fewest: int = 2) -> DyadSlices:
        """Sums by slice and dyad for a resolved spec; ``kind`` "verbal" or "material" keeps quad classes 1, 3 or 2, 4.

        Raises EmptyData, NotEnoughData where there are fewer than ``fewest`` slices.
        """
        assert spec.slice is not None
        if any(self.channels):
            return self._of_channels(spec, kind, fewest)
        with self.relation() as (con, sql):
            if kind != "all":
                sql = f"(SELECT * FROM {sql} WHERE quad IN {QUADS[kind]})"
            return dyad_slices(
                DuckDB(con),
                sql,
                directed=self.directed,
                length=spec.slice,
                start=spec.start,
                end=spec.end,
                actors=spec.actors,
                missing=self.missing,
                fewest=fewest,
            )

    def through(self, outcome: Sequence[str], threat: Sequence[str]) -> EventData:
        """The same data, whose slices count some event types as outcome alone, and hold some types of hostility in the
        history alone; empty: all. Raises UsageError as :meth:`of_types`."""
        if not (outcome or threat):
            return self
        for types in (outcome, threat):
            if types:
                self.of_types(types)
        channels = (tuple(outcome), tuple(threat))
        mark = sha256(f"{self.hash} {channels}".encode()).hexdigest()[:16]
        return replace(self, channels=channels, hash=mark)

    def _of_channels(self, spec: ModelSpec, kind: str, fewest: int) -> DyadSlices:
        """All rows in the history and the outcome, but for what a channel is of: counts are the outcome's, weights the
        history's."""
        first, last = self.span()
        plain = replace(self, channels=((), ()))
        whole = plain.slices(replace(spec, start=spec.start or first, end=spec.end or last), kind, fewest)
        same = replace(spec, start=spec.start or first, end=spec.end or last, actors=whole.actors)
        outcome, threat = (
            plain.of_types(types).slices(same, kind, fewest) if types else None for types in self.channels
        )
        found = whole
        if outcome is not None:
            coop, host = (entries_of(whole, outcome, x) for x in (outcome.coop_count, outcome.host_count))
            found = replace(  # a sign of which no type was named is as it was
                found,
                coop_count=coop if coop.any() else whole.coop_count,
                host_count=host if host.any() else whole.host_count,
            )
        if threat is not None:
            found = replace(found, host_weight=entries_of(whole, threat, threat.host_weight))
        return found

    def of_types(self, types: Sequence[str]) -> EventData:
        """The rows of some event types alone, in memory; a code of digits takes those that begin with it too.

        Raises UsageError where the data have no types, or none of one that was named.

        >>> from tertius.sources.loading import load
        >>> load("chronicle").of_types(["consult"]).describe()["hostility"]
        0.0
        """
        with self.relation() as (con, sql):
            found = con.execute(f"SELECT DISTINCT type FROM {sql} WHERE type IS NOT NULL ORDER BY 1").fetchall()
            there = [t for (t,) in found]
            if not there:
                raise UsageError(f"The rows of {self.name} have no types.", "Leave --types out.")
            wanted: list[str] = []
            for word in types:
                alike = [t for t in there if t.upper() == word.upper() or (word.isdigit() and t.startswith(word))]
                if not alike:
                    some = ", ".join(there[:TYPES_NAMED]) + (", ..." if len(there) > TYPES_NAMED else "")
                    near = did_you_mean(word, there)
                    raise UsageError(f"No row of {self.name} is of type '{word}'.", f"{near}Types here: {some}.")
                wanted += alike
            query = f"SELECT * FROM {sql} WHERE type IN (SELECT unnest(?::VARCHAR[]))"
            table = con.sql(query, params=[wanted]).to_arrow_table()
        return replace(self, table=table, parts=())

    def slices_without_document_triads(self, spec: ModelSpec) -> DyadSlices | None:
        """The slices of a resolved spec without cooperation of i and j coded from a document that also codes hostility
        of a third party towards both. None: no row names a document, or the data are asked for in channels.
        """
        assert spec.slice is not None
        if any(self.channels):
            return None
        with self.relation() as (con, sql):
            column = document_column(DuckDB(con), sql)
            if column is None:
                return None
            actors = self.slices(spec).actors
            first, last = self.span()
            return dyad_slices(
                DuckDB(con),
                without_document_triads_sql(sql, column, directed=self.directed),
                directed=self.directed,
                length=spec.slice,
                start=spec.start or first,
                end=spec.end or last,
                actors=actors,
                missing=self.missing,
            )

    def labels(self) -> frozenset[str]:
        """Every actor that occurs."""
        with self.relation() as (con, sql):
            found = con.execute(f"SELECT source FROM {sql} UNION SELECT target FROM {sql}").fetchall()
        return frozenset(a for (a,) in found)

    def span(self) -> tuple[date, date]:
        """First and last day with an event."""
        with self.relation() as (con, sql):
            found = con.execute(f"SELECT min(date)::DATE, max(date)::DATE FROM {sql}").fetchone()
        assert found is not None
        return found[0], found[1]

    def between(
        self, a: str, b: str, *, start: date | None = None, end: date | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """The rows between two actors, both ways, latest first; largest weight first within a day."""
        where = ["((source = $a AND target = $b) OR (source = $b AND target = $a))"]
        where += [f"date >= DATE '{start}'"] if start else []
        where += [f"date < DATE '{end}' + INTERVAL 1 DAY"] if end else []
        with self.relation() as (con, sql):
            con.execute(
                f"SELECT * FROM {sql} WHERE {' AND '.join(where)} ORDER BY date DESC, weight DESC, source, origin"
                + (f" LIMIT {int(limit)}" if limit else ""),
                {"a": a, "b": b},
            )
            names = [d[0] for d in con.description or []]
            found = [dict(zip(names, row, strict=True)) for row in con.fetchall()]
        for row in found:
            row["date"] = row["date"].isoformat(sep=" ").removesuffix(" 00:00:00")
        return found

    def describe(self) -> dict[str, Any]:
        """Actors, span, events by sign and quad class, and the busiest pairs."""
        with self.relation() as (con, sql):
            whole = rows(
                con,
                f"""SELECT count(*) AS rows, sum(count) AS events, sum(weight) AS weight,
                           min(date)::DATE::VARCHAR AS "from", max(date)::DATE::VARCHAR AS "to",
                           count(DISTINCT date::DATE) AS days,
                           coalesce(sum(count) FILTER (sign > 0), 0) AS cooperation,
                           coalesce(sum(count) FILTER (sign < 0), 0) AS hostility,
                           count(DISTINCT CASE WHEN source < target THEN source || '|' || target
                                               ELSE target || '|' || source END) AS pairs
                    FROM {sql}""",
            )[0]
            actors = rows(con, f"SELECT source AS a FROM {sql} UNION SELECT target FROM {sql}")
            quads = rows(con, f"SELECT quad, sum(count) AS n FROM {sql} WHERE quad IS NOT NULL GROUP BY ALL ORDER BY 1")
            busiest = rows(
                con,
                f"""SELECT least(source, target) AS a, greatest(source, target) AS b, sum(count) AS events,
                           coalesce(sum(count) FILTER (sign > 0), 0) AS cooperation,
                           coalesce(sum(count) FILTER (sign < 0), 0) AS hostility
                    FROM {sql} GROUP BY 1, 2 ORDER BY events DESC, a, b LIMIT {BUSIEST}""",
            )
        return {
            "data": self.name,
            "directed": self.directed,
            "unit": "events" if self.directed else "dyad-days with a net weight",
            "note": None if self.directed else NET_NOTE,
            "hash": self.hash,
            "actors": len(actors),
            **whole,
            "quad": {str(q["quad"]): q["n"] for q in quads},
            "missing": [d.isoformat() for d in self.missing],
            "busiest": busiest,
        }


def days_with_events(parts: tuple[Path, ...]) -> int:
    """Number of days on which the rows of some Parquet parts have an event."""
    with connection() as con:
        found = con.execute(f"SELECT count(DISTINCT date::DATE) FROM {parquet_sql(list(parts))}").fetchone()
    return int(found[0]) if found else 0


@dataclass(frozen=True, slots=True)
class RowsByPair:
    """The rows of all pairs in memory, for who asks for many: a file is read through for every pair.

    ``source`` and ``target`` (n,) are places in ``labels``, of the rows of ``events.table``.
    """

    events: EventData
    labels: dict[str, int]
    source: NDArray[np.integer[Any]]
    target: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, events: EventData) -> RowsByPair | None:
        """None where there are more than :data:`KEPT_ROWS`."""
        with events.relation() as (con, sql):
            ((n,),) = con.execute(f"SELECT count(*) FROM {sql}").fetchall()
            if n > KEPT_ROWS:
                return None
            table = events.table if events.table is not None else con.sql(f"SELECT * FROM {sql}").to_arrow_table()
        labels: dict[str, int] = {}
        ends = []
        for name in ("source", "target"):
            words = table[name].combine_chunks().dictionary_encode()
            place = [labels.setdefault(word, len(labels)) for word in words.dictionary.to_pylist()]
            ends.append(np.asarray(place)[words.indices.to_numpy(zero_copy_only=False)])
        return cls(replace(events, table=table), labels, *ends)

    def between(self, a: str, b: str, *, start: date | None = None, end: date | None = None) -> list[dict[str, Any]]:
        """As :meth:`EventData.between`."""
        i, j = (self.labels.get(x, -1) for x in (a, b))
        either = ((self.source == i) & (self.target == j)) | ((self.source == j) & (self.target == i))
        assert self.events.table is not None
        some = self.events.table.take(np.flatnonzero(either))
        return replace(self.events, table=some).between(a, b, start=start, end=end)

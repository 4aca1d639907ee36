"""Event data that are ready to be asked: the rows behind, and their sums by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tertius.codes import plover_of
from tertius.codes.ontologies import ontology_of
from tertius.errors import TertiusError, UsageError, did_you_mean
from tertius.events.aggregate import document_column, dyad_slices, without_document_triads_sql
from tertius.events.engine import DuckDB, Engine, connection, rows, stored
from tertius.events.slices import DyadSlices, entries_of
from tertius.events.store import open_store
from tertius.events.totals import Totals
from tertius.language import joined, known, say
from tertius.spec import Duration, ModelSpec

if TYPE_CHECKING:
    from tertius.events.spark import There

BUSIEST = 10
TYPES_NAMED = 12
"""Event types that an error names."""
NET_NOTE = say(
    "Net, undirected data: whose hostility it was cannot be known, and what cancelled within a day is in neither."
)
SIMULATED = say("Simulated data: nobody did any of this.")
"""How the note on data begins that are drawn and not observed."""
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
    first_rows : how many rows of the last part belong to them; None: all.
    store : the folder of the store that the parts are of; None: of none.
    there : the engine that sums the rows, where it is not DuckDB here; without parts and table it alone has them.
    table : rows in memory.
    audits : what was read, kept and dropped, one an import.
    added_up : the same of a store, added up; None: it is added up when asked for.
    reading : options of ``load`` with which a file was read, where they are not the defaults.
    asked : the question that comes with the data; its options are the defaults of what is asked next. A Study holds
        the one that was asked, and the chronicle has one of its own.
    study : whether they were opened through a Study.
    grain : what a row stands for, in months or years from its date on; None: a day, or a moment of it.
    note : what must be known of these data before any figure; empty: nothing.
    cited : works behind the data, each with an address or nothing, where they are not those of imported files.
    by_name : whether ``name`` is a name of data (:mod:`tertius.sources.named`) and not a path.
    channels : event types that the outcome counts, and types of hostility that the history holds; empty: all.
    """

    name: str
    directed: bool
    missing: tuple[date, ...]
    hash: str
    parts: tuple[Path, ...] = ()
    first_rows: int | None = None
    store: Path | None = None
    there: There | None = None
    table: pa.Table | None = field(default=None, repr=False)
    audits: Sequence[dict[str, Any]] = field(default=(), repr=False)
    added_up: Totals | None = field(default=None, repr=False)
    reading: Mapping[str, Any] = field(default_factory=dict, repr=False)
    asked: Mapping[str, Any] = field(default_factory=dict, repr=False)
    study: bool = False
    grain: Duration | None = None
    note: str = ""
    cited: tuple[tuple[str, str], ...] = ()
    by_name: bool = False
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

    @property
    def totals(self) -> Totals:
        """What all imports read and kept."""
        return self.added_up or Totals.of(self.audits)

    @property
    def simulated(self) -> bool:
        """Whether they were drawn, and not observed."""
        return self.note.startswith(SIMULATED)

    @property
    def grain_word(self) -> str:
        """What a row stands for: "day", "month", "year", or a length."""
        known = {"": say("day"), "1mo": say("month"), "1y": say("year")}
        return known.get("" if self.grain is None else str(self.grain), str(self.grain))

    def _unit(self) -> str:
        if self.grain is not None:
            return say("weight, summed by {grain}", grain=self.grain_word)
        return say("events") if self.directed else say("dyad-days with a net weight")

    def _repr_html_(self) -> str:
        d = self.describe()
        rows = "".join(
            f"<tr><th>{key}</th><td>{escape(str(d[key]))}</td></tr>"
            for key in ("data", "directed", "actors", "pairs", "events", "cooperation", "hostility", "from", "to")
        )
        return f"<table><caption>Events</caption><tbody>{rows}</tbody></table>"

    @property
    def rows_here(self) -> bool:
        """Whether single rows can be read: not where another engine alone has them."""
        return self.there is None or bool(self.parts) or self.table is not None

    @contextmanager
    def relation(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """A connection and the SQL of the rows, for as long as the block lasts.

        Raises UsageError where another engine alone has them.
        """
        if not self.rows_here:
            assert self.there is not None
            raise UsageError(
                f"The rows of {self.name} are at {self.there.address}: only their sums come home.",
                "Leave out what needs single rows, or import them: tertius import events FILE --into STORE.",
            )
        with connection() as con:
            if self.table is not None:
                con.register("events_in_memory", self.table)
                yield con, "events_in_memory"
            else:
                yield con, stored(con, *self._files())

    @contextmanager
    def _summed(self) -> Iterator[tuple[Engine, str]]:
        """The engine that sums the rows, and what it calls them."""
        if self.there is not None:
            yield self.there.engine, self.there.relation
        else:
            with self.relation() as (con, sql):
                yield DuckDB(con), sql

    def _files(self) -> tuple[tuple[Path, ...], int | None]:
        """The parts that hold the rows now: imports put others, with the same rows, in the place of what was opened."""
        if self.store is None or all(part.exists() for part in self.parts):
            return self.parts, self.first_rows
        opened = open_store(self.store, self.hash)
        return opened.parts, opened.first_rows

    def slices(self, spec: ModelSpec, kind: str = "all", fewest: int = 2) -> DyadSlices:
        """Sums by slice and dyad for a resolved spec; ``kind`` "verbal" or "material" keeps quad classes 1, 3 or 2, 4.

        Raises EmptyData, NotEnoughData where there are fewer than ``fewest`` slices, UsageError where a row stands for
        more than a slice.
        """
        if self.grain is not None:
            spec = self._whole(spec)
        if any(self.channels):
            return self._of_channels(spec, kind, fewest)
        length = spec.slice
        assert length is not None
        with self._summed() as (engine, sql):
            if kind != "all":
                sql = f"(SELECT * FROM {sql} WHERE quad IN {QUADS[kind]})"
            return dyad_slices(
                engine,
                sql,
                directed=self.directed,
                length=length,
                start=spec.start,
                end=spec.end,
                actors=spec.actors,
                missing=self.missing,
                fewest=fewest,
            )

    def check_length(self, length: Duration | None) -> None:
        """Raises UsageError where slices of a length cannot be made of what rows stand for."""
        if self.grain is None or length is None:
            return
        months = calendar_months(length)
        if not months or months % calendar_months(self.grain):
            raise UsageError(
                f"{self.name} holds sums of whole {self.grain_word}s: slices of {length} cannot be made of them.",
                f"Write {self.grain} or a multiple of it, in months or years; other lengths need data by day.",
            )

    def _whole(self, spec: ModelSpec) -> ModelSpec:
        """The question with its span, that of what its rows stand for. Raises UsageError where that would be cut."""
        assert self.grain is not None
        self.check_length(spec.slice)
        first, last = self.span()
        ends = (("--from", "first", spec.start, 0), ("--to", "last", spec.end, 1))
        for flag, which, day, more in ends:
            if day is not None and first <= day < last and not begins_a_grain(day + timedelta(days=more), self.grain):
                raise UsageError(
                    f"{self.name} holds sums of whole {self.grain_word}s, and {flag} {day} lies inside one.",
                    f"Write the {which} day of one.",
                )
        return replace(spec, start=spec.start or first, end=spec.end or last)

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
            self._check_signs(spec, bool(coop.any()), bool(host.any()))
            found = replace(  # a sign that is not the outcome's, and of which no type was named, is as it was
                found,
                coop_count=coop if coop.any() else whole.coop_count,
                host_count=host if host.any() else whole.host_count,
            )
        if threat is not None:
            if not threat.host_weight.any():
                raise self._none_of("hostility", self.channels[1], say("Name types of hostility: --threat-types."))
            found = replace(found, host_weight=entries_of(whole, threat, threat.host_weight))
        return found

    def _check_signs(self, spec: ModelSpec, coop: bool, host: bool) -> None:
        """Raises UsageError where no event of the outcome's sign is of a type that it is to count: all would be."""
        there = {"cooperation": coop, "hostility": host}
        asked = [sign for sign in there if spec.outcome in (sign, "any")]
        for sign in asked:
            if not there[sign]:
                other = next(x for x in there if x != sign)
                way = say(
                    "Name types of {sign}, or write --outcome {other}.", sign=known(sign), other=other
                )  # fmt: skip
                raise self._none_of(sign, self.channels[0], way)

    def _none_of(self, sign: str, types: Sequence[str], way: str) -> UsageError:
        """That no event of a sign is of some types."""
        named = joined(types, ", ")
        return UsageError(
            say("No {sign} in {data} is of type {types}.", sign=known(sign), data=self.name, types=named), way
        )

    def of_types(self, types: Sequence[str]) -> EventData:
        """The rows of some event types alone, in memory; a code of digits takes those that begin with it too. Where
        the rows have other types, a word of PLOVER takes all that it stands for (``plover`` of the stored columns).

        Raises UsageError where the data have no types, or none of one that was named.

        >>> from tertius.sources.loading import load
        >>> load("chronicle").of_types(["consult"]).describe()["hostility"]
        0.0
        """
        with self.relation() as (con, sql):
            found = con.execute(f"SELECT DISTINCT type FROM {sql} WHERE type IS NOT NULL ORDER BY 1").fetchall()
            there = [t for (t,) in found]
            plover: dict[str, list[str]] = {}
            if "plover" in {d[0] for d in con.execute(f"DESCRIBE SELECT * FROM {sql}").fetchall()}:
                both = f"SELECT DISTINCT plover, type FROM {sql} WHERE plover IS NOT NULL ORDER BY ALL"
                for name, t in con.execute(both).fetchall():
                    plover.setdefault(name, []).append(t)
            if not there:
                raise UsageError(f"The rows of {self.name} have no types.", "Leave --types out.")
            wanted: list[str] = []
            for word in types:
                alike = [t for t in there if t.upper() == word.upper() or (word.isdigit() and t.startswith(word))]
                alike = alike or plover.get(plover_of(word, "plover") or "", [])
                if not alike:
                    some = ", ".join(there[:TYPES_NAMED]) + (", ..." if len(there) > TYPES_NAMED else "")
                    near = did_you_mean(word, there)
                    raise UsageError(f"No row of {self.name} is of type '{word}'.", f"{near}Types here: {some}.")
                wanted += alike
            query = f"SELECT * FROM {sql} WHERE type IN (SELECT unnest(?::VARCHAR[]))"
            table = con.sql(query, params=[wanted]).to_arrow_table()
        return replace(self, table=table, parts=(), first_rows=None, store=None, there=None)

    def has_recorded(self) -> bool:
        """Whether any row says when it was recorded."""
        with self.relation() as (con, sql):
            if "recorded" not in (c.lower() for c in con.sql(f"SELECT * FROM {sql} LIMIT 0").columns):
                return False
            return bool(con.sql(f"SELECT 1 FROM {sql} WHERE recorded IS NOT NULL LIMIT 1").fetchall())

    def recorded_by(self, day: date) -> EventData:
        """The rows that were recorded by the end of a day (where that is not known, dated by it), in memory: what could
        be known then. The days without any record stay as they are."""
        with self.relation() as (con, sql):
            known = "coalesce(recorded, date)" if self.has_recorded() else "date"
            query = f"SELECT * FROM {sql} WHERE {known} < ?::DATE + INTERVAL 1 DAY"
            table = con.sql(query, params=[day.isoformat()]).to_arrow_table()
        return replace(self, table=table, parts=())

    def slices_without_document_triads(self, spec: ModelSpec) -> DyadSlices | None:
        """The slices of a resolved spec without cooperation of i and j coded from a document that also codes hostility
        of a third party towards both. None: no row names a document, or the data are asked for in channels.
        """
        assert spec.slice is not None
        if any(self.channels):
            return None
        with self._summed() as (engine, sql):
            column = document_column(engine, sql)
            if column is None:
                return None
            actors = self.slices(spec).actors
            first, last = self.span()
            return dyad_slices(
                engine,
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
        with self._summed() as (engine, sql):
            found = engine.rows(f"SELECT source FROM {sql} UNION SELECT target FROM {sql}")
        return frozenset(a for (a,) in found)

    def typed(self) -> bool:
        """Whether rows tell types of events apart (sums and net weights do not)."""
        with self.relation() as (con, sql):
            found = rows(con, f"SELECT DISTINCT type FROM {sql} WHERE type IS NOT NULL LIMIT 100")
        return any(ontology_of(str(r["type"])) in ("cameo", "plover", "weis") for r in found)

    def span(self) -> tuple[date, date]:
        """First and last day with an event, or with a part of what a row stands for."""
        with self._summed() as (engine, sql):
            ((first, last),) = engine.rows(f"SELECT min(date)::DATE, max(date)::DATE FROM {sql}")
        if self.grain is not None:
            last = months_after(last, calendar_months(self.grain)) - timedelta(days=1)
        return first, last

    def between(
        self, a: str, b: str, *, start: date | None = None, end: date | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """The rows between two actors, both ways, latest first; largest weight first within a day. A row that stands
        for a month is there where the month and the days asked for have a day in common."""
        if start is not None and self.grain is not None:
            start = months_after(start, 1 - calendar_months(self.grain))
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
        """Actors, span, events by sign and quad class, and the busiest pairs; of sums, their weight is in the place of
        the number of events."""
        size = "count" if self.grain is None else "weight"
        first, last = self.span()
        with self.relation() as (con, sql):
            whole = rows(
                con,
                f"""SELECT count(*) AS rows, fsum({size}) AS events, fsum(weight) AS weight,
                           '{first}' AS "from", '{last}' AS "to",
                           count(DISTINCT date::DATE) AS days,
                           coalesce(fsum({size}) FILTER (sign > 0), 0) AS cooperation,
                           coalesce(fsum({size}) FILTER (sign < 0), 0) AS hostility,
                           count(DISTINCT CASE WHEN source < target THEN source || '|' || target
                                               ELSE target || '|' || source END) AS pairs
                    FROM {sql}""",
            )[0]
            actors = rows(con, f"SELECT source AS a FROM {sql} UNION SELECT target FROM {sql}")
            quads = rows(
                con, f"SELECT quad, fsum(count) AS n FROM {sql} WHERE quad IS NOT NULL GROUP BY ALL ORDER BY 1"
            )
            busiest = rows(
                con,
                f"""SELECT least(source, target) AS a, greatest(source, target) AS b, fsum({size}) AS events,
                           coalesce(fsum({size}) FILTER (sign > 0), 0) AS cooperation,
                           coalesce(fsum({size}) FILTER (sign < 0), 0) AS hostility
                    FROM {sql} GROUP BY 1, 2 ORDER BY events DESC, a, b LIMIT {BUSIEST}""",
            )
        return {
            "data": self.name,
            "directed": self.directed,
            "unit": self._unit(),
            "note": joined([self.note] * bool(self.note) + [NET_NOTE] * (not self.directed)) or None,
            "grain": str(self.grain) if self.grain else None,
            "hash": self.hash,
            "actors": len(actors),
            **_settled(whole),
            "quad": {str(q["quad"]): q["n"] for q in map(_settled, quads)},
            "missing": [d.isoformat() for d in self.missing],
            "busiest": [_settled(pair) for pair in busiest],
        }


def _settled(row: dict[str, Any]) -> dict[str, Any]:
    """Sums to twelve digits: the last ones depend on the order in which threads add, and one answer is to be one text.

    >>> _settled({"a": "RUS", "events": 66813301.800000004})
    {'a': 'RUS', 'events': 66813301.8}
    """
    return {name: float(f"{x:.12g}") if isinstance(x, float) else x for name, x in row.items()}


def calendar_months(length: Duration) -> int:
    """The calendar months of a duration in months or years; 0 of others.

    >>> calendar_months(Duration(2, "y")), calendar_months(Duration(8, "w"))
    (24, 0)
    """
    return {"mo": length.n, "y": 12 * length.n}.get(length.unit, 0)


def months_after(day: date, months: int) -> date:
    """The first day of the month that many months after a day's own.

    >>> months_after(date(2018, 12, 31), 2)
    datetime.date(2019, 2, 1)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def begins_a_grain(day: date, grain: Duration) -> bool:
    """Whether a row can begin on a day: calendar months are counted from the year 0.

    >>> begins_a_grain(date(2020, 4, 1), Duration(3, "mo")), begins_a_grain(date(2020, 5, 1), Duration(3, "mo"))
    (True, False)
    """
    return day.day == 1 and (day.year * 12 + day.month - 1) % calendar_months(grain) == 0


def days_with_events(parts: tuple[Path, ...], first_rows: int | None = None) -> int:
    """Number of days on which the rows of some Parquet parts (``first_rows``: of the last one) have an event."""
    with connection() as con:
        found = con.execute(f"SELECT count(DISTINCT date::DATE) FROM {stored(con, parts, first_rows)}").fetchone()
    return int(found[0]) if found else 0


MOST_BARS = 400
"""Days that a picture shows one by one; more are shown by month."""


def rows_over_time(parts: tuple[Path, ...], first_rows: int | None = None) -> dict[str, Any]:
    """Rows of some Parquet parts (``first_rows``: of the last one) by day, or by month where the days are more than
    :data:`MOST_BARS`: ``by`` says which, ``counts`` has (first day, rows)."""
    with connection() as con:
        days = con.execute(
            f"SELECT date::DATE AS day, count(*) AS n FROM {stored(con, parts, first_rows)} GROUP BY 1 ORDER BY 1"
        ).fetchall()
    if not days or (days[-1][0] - days[0][0]).days < MOST_BARS:
        return {"by": "day", "counts": [[day.isoformat(), n] for day, n in days]}
    months: dict[str, int] = {}
    for day, n in days:
        first = day.replace(day=1).isoformat()
        months[first] = months.get(first, 0) + n
    return {"by": "month", "counts": [[first, n] for first, n in months.items()]}


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
        """None where there are more than :data:`KEPT_ROWS`, or none here."""
        if not events.rows_here:
            return None
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

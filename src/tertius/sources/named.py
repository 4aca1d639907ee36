"""Data that have a name: those that come with tertius, and those that other packages bring.

A package brings data through the entry point group ``tertius.data``: an entry's name is the name of the data, and what
it points to is a function without arguments that gives plain values, so that the package needs nothing of tertius::

    [project.entry-points."tertius.data"]
    atlas = "tertius_atlas:data"

=========  ============================================================================================================
``file``   path of a file: with ``sums``, Parquet of :data:`SUMS`; else Parquet or CSV in the columns of a format
``format`` "events" (the default), "dyads", or "sums": undirected sums of a pair and a month, never netted
``grain``  of sums: the calendar months or years that a row stands for from its ``date`` on ("1mo")
``unit``   of sums: what one of their whole numbers weighs (1)
``missing``days without any record, as ISO text
``asked``  options that are the defaults of what is asked of these data, as in :class:`tertius.spec.ModelSpec`
``note``   what must be known of the data before any figure, in a sentence
``cited``  works behind the data, each as (text, DOI or nothing)
=========  ============================================================================================================

Sums of a pair keep what a net weight loses: cooperation and hostility of one month stand side by side. Within a row's
own source they may have been netted by the day; the note says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pyarrow as pa

from tertius.errors import BadValue, InputError, UsageError
from tertius.events.data import EventData, begins_a_grain
from tertius.events.engine import DuckDB, connection, literal, parquet_sql, reading
from tertius.events.verified import file_hash
from tertius.language import say
from tertius.sources.importing import read_events
from tertius.spec import Duration, ModelSpec, read_date

GROUP = "tertius.data"
OWN: Mapping[str, str] = {
    "chronicle": "tertius.sources.chronicle:chronicle",
    "planted": "tertius.worlds.samples:planted",
    "reversed": "tertius.worlds.samples:reversed_",
}
"""Names that come with tertius, and where their data are made; as in an entry point, because some are made of worlds,
which stand above this module."""
ATLAS = "atlas"
INSTALL: Mapping[str, str] = {ATLAS: "pip install ./packages/tertius-atlas"}
"""Names of packages that stand in the repository of tertius, and how each is installed from there."""
SUMS = ("date", "a", "b", "cooperation", "hostility")
FORMATS = ("events", "dyads", "sums")
ASK = "Ask its makers, or install another version of it."
KEYS = frozenset({"file", "format", "grain", "unit", "missing", "asked", "note", "cited"})


def names() -> list[str]:
    """All names of data: those of tertius, of packages that are installed, and of those that could be.

    >>> names()[:3]
    ['chronicle', 'planted', 'reversed']
    """
    return [*OWN, *sorted({*_registered(), *INSTALL} - set(OWN))]


def is_installed(name: str) -> bool:
    """Whether there are data of that name."""
    return name in OWN or name in _registered()


def named(name: str) -> EventData | None:
    """The data of a name; None where it is no name of data.

    Raises
    ------
    UsageError : a package that is not installed has them.
    InputError : a package brings what cannot be read.

    >>> named("chronicle").directed
    True
    """
    if name in OWN:
        made = EntryPoint(name, OWN[name], GROUP).load()()
        assert isinstance(made, EventData)
        return made
    entry = _registered().get(name)
    if entry is not None:
        return _of_package(entry)
    if name in INSTALL:
        raise UsageError(
            f"The data '{name}' are a package of their own, tertius-{name}, which is not installed.",
            f"In a checkout of tertius: {INSTALL[name]}.",
        )
    return None


def _registered() -> dict[str, EntryPoint]:
    """What packages bring, by name; of two packages with one name, the first that Python finds."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, entry)
    return found


def _of_package(entry: EntryPoint) -> EventData:
    """The data that an entry points to. Raises InputError."""
    where = f"The package that brings the data '{entry.name}' ({entry.value})"
    try:
        given = entry.load()()
    except (Exception, SystemExit) as error:
        raise InputError(f"{where} fails: {type(error).__name__}: {error}.", "Install it again.") from error
    if not isinstance(given, Mapping) or "file" not in given or set(given) - KEYS:
        raise InputError(
            f"{where} gives something else than a mapping with 'file' and some of {', '.join(sorted(KEYS))}.", ASK
        )
    try:
        path, fmt, unit, grain = _read_as(given)
        about = _about(given)
    except (TypeError, ValueError, UsageError) as error:
        raise InputError(f"{where} gives what cannot be read: {error}", ASK) from error
    if not path.is_file():
        raise InputError(f"{where} has no file {path.name}.", "Install it again.")
    if fmt == "sums":
        table = _sums(entry.name, path, unit, grain)
        said = "\n".join([file_hash(path), str(given.get("unit", 1)), str(grain), *map(str, about["missing"])])
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        return EventData(entry.name, False, hash=digest, table=table, grain=grain, **about)
    table, audit, digest = read_events(path, directed=fmt == "events", missing=about["missing"])
    return EventData(entry.name, fmt == "events", hash=digest, table=table, audits=(audit.to_dict(),), **about)


def _read_as(given: Mapping[str, Any]) -> tuple[Path, str, float, Duration]:
    """File, format, unit and grain. Raises TypeError, ValueError, UsageError."""
    fmt, unit = given.get("format", "events"), float(given.get("unit", 1))
    if fmt not in FORMATS:
        raise ValueError(f"{fmt!r} is none of the formats {', '.join(FORMATS)}.")
    if not 0 < unit < float("inf"):
        raise ValueError(f"the unit {unit:g} weighs nothing.")
    return Path(given["file"]), fmt, unit, Duration.parse(given.get("grain", "1mo"))


def _about(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the data beside the rows. Raises TypeError, ValueError, UsageError."""
    asked = dict(given.get("asked", {}))
    ModelSpec.of(**asked)
    return {
        "missing": tuple(sorted(read_date(d) for d in given.get("missing", ()))),
        "asked": asked,
        "note": say(str(given["note"])) if given.get("note") else "",  # a catalogue may know it
        "cited": tuple((str(work), str(doi)) for work, doi in given.get("cited", ())),
        "by_name": True,
    }


def _sums(name: str, path: Path, unit: float, grain: Duration) -> pa.Table:
    """Stored rows of sums: one of each sign that is there. Raises BadValue, CorruptFile, InputError."""
    with connection() as con, reading(path.name):
        con.execute(f"CREATE VIEW sums AS SELECT {', '.join(SUMS)} FROM {parquet_sql([path])}")
        rows = partial(DuckDB.rows, DuckDB(con))
        _check(path.name, rows, grain)
        return con.sql(
            f"""
            SELECT date::TIMESTAMP AS date, source, target, sign::TINYINT AS sign, NULL::TINYINT AS quad,
                   1.0::DOUBLE AS count, {unit}::DOUBLE * size AS weight, NULL::VARCHAR AS type,
                   {literal(name)}::VARCHAR AS origin, NULL::VARCHAR AS url, NULL::VARCHAR AS sentence
            FROM (SELECT date, least(a, b) AS source, greatest(a, b) AS target,
                         unnest([1, -1]) AS sign, unnest([cooperation, hostility]) AS size FROM sums)
            WHERE size > 0
            """
        ).to_arrow_table()


def _check(name: str, rows: Callable[[str], list[tuple[Any, ...]]], grain: Duration) -> None:
    """Raises BadValue where a row says what none can, or two say the same."""
    mend = "Install the package again, or ask its makers."
    empty = " OR ".join(f"{column} IS NULL" for column in SUMS)
    wrong = rows(
        f"SELECT * FROM sums WHERE {empty} OR a = b OR cooperation < 0 OR hostility < 0 OR isinf(cooperation::DOUBLE) "
        "OR isinf(hostility::DOUBLE) OR isnan(cooperation::DOUBLE) OR isnan(hostility::DOUBLE) LIMIT 1"
    )
    if wrong:
        raise BadValue(f"{name}: {wrong[0]} is no sum of a pair.", mend)
    twice = rows("SELECT date, least(a, b), greatest(a, b) FROM sums GROUP BY ALL HAVING count(*) > 1 LIMIT 1")
    if twice:
        raise BadValue(f"{name}: a pair stands twice: {twice[0]}.", mend)
    days: list[date] = [day for (day,) in rows("SELECT DISTINCT date::DATE FROM sums")]
    inside = [str(day) for day in days if not begins_a_grain(day, grain)]
    if inside:
        raise BadValue(f"{name}: {inside[0]} is not the first day of {grain}.", mend)

"""Few parts, however many imports: parts of many imports in the place of parts of one.

Where the last :data:`FAN_IN` parts hold equally many imports each, one part takes their place; so a store of n imports
has about FAN_IN log(n) parts, and a row is rewritten log(n) times. Parts that would exceed :data:`MOST_ROWS` together
are large enough, and stay.

**Rows keep their order**, that of the imports. So every older state of the store, a snapshot, is still its first rows;
compaction forgets none. The parts replaced stay for :data:`GRACE` (at most :data:`MOST_RETIRED` of them, the latest),
for readers that opened the store before.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tertius.errors import CorruptFile
from tertius.events.engine import connection, new_file_literal, parquet_sql
from tertius.events.manifest import Part, Retired
from tertius.events.verified import RESTORE, file_hash, verify
from tertius.events.whole import publish

FAN_IN = 32
MOST_ROWS = 4_000_000
GRACE = timedelta(minutes=10)
MOST_RETIRED = 4 * FAN_IN
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"


def compacted(store: Path, parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Under the lock, merge parts that are due: those that make up the store then, and those replaced.

    Nothing is seen by readers before the manifest names it. Raises CorruptFile where a part is damaged.
    """
    replaced: tuple[Part, ...] = ()
    while due(parts):
        last = parts[-FAN_IN:]
        parts = (*parts[:-FAN_IN], _merged(store, last))
        replaced += last
    return parts, replaced


def due(parts: Sequence[Part]) -> bool:
    """Whether the last parts are to become one.

    >>> due([Part("a", 10)] * 31), due([Part("a", 10)] * 32), due([Part("a", 10**6)] * 32)
    (False, True, False)
    """
    last = parts[-FAN_IN:]
    return (
        len(last) == FAN_IN
        and len({part.imports for part in last}) == 1
        and sum(part.rows for part in last) <= MOST_ROWS
    )


def still_retired(
    retired: Sequence[Retired], replaced: Sequence[Part], now: datetime
) -> tuple[tuple[Retired, ...], tuple[str, ...]]:
    """Parts that stay for readers at work, and the names of those whose time is over.

    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> still_retired([Retired("old", "2025-12-31T00:00:00+00:00")], [Part("new", 1)], at)
    ((Retired(name='new', at='2026-01-01T00:00:00+00:00'),), ('old',))
    """
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    known = [*retired, *(Retired(part.name, at) for part in replaced)]
    stay = [part for part in known if now - datetime.fromisoformat(part.at) <= GRACE][-MOST_RETIRED:]
    names = {part.name for part in stay}
    return tuple(stay), tuple(part.name for part in known if part.name not in names)


def _merged(store: Path, parts: Sequence[Part]) -> Part:
    """One part with the rows of some, in their order."""
    folder = store / "parts"
    paths = [folder / part.name for part in parts]
    verify(store, paths)
    rows = sum(part.rows for part in parts)
    temporary = folder / f".{uuid.uuid4().hex}.tmp"
    with connection() as con:
        con.execute(f"COPY (SELECT * FROM {parquet_sql(paths)}) TO {new_file_literal(temporary)} ({PARQUET})")
        ((found,),) = con.execute(f"SELECT count(*) FROM {parquet_sql([temporary])}").fetchall()
    if found != rows:
        raise CorruptFile(f"The parts of {store} hold {found:,} rows, not the {rows:,} that were imported.", RESTORE)
    name = f"{file_hash(temporary)}.parquet"
    publish(temporary, folder / name)
    return Part(name, rows, sum(part.imports for part in parts))

"""When the rows of an import were recorded (:mod:`tertius.events.calendar`): ``recorded``, where the rows have it, else
their date. Rows of GDELT's history, recorded all at once before 2013-04-01, count by their date."""

from __future__ import annotations

import duckdb

from tertius.events.calendar import Calendar
from tertius.sources.rules import UPDATES_BEGIN

_WHEN = f"CASE WHEN recorded >= TIMESTAMP '{UPDATES_BEGIN}' THEN recorded ELSE date END"


def covered(con: duckdb.DuckDBPyConnection, step: str) -> Calendar:
    """The calendar of the rows of the view ``weighed``, dropped ones included."""
    if not step:
        return Calendar()
    bucket = f"date_trunc('day', {_WHEN})" if step == "1d" else f"time_bucket(INTERVAL 15 MINUTE, {_WHEN})"
    found = con.execute(
        f"SELECT {bucket}::TIMESTAMP AS t, count(*) AS n FROM weighed WHERE {_WHEN} IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return Calendar.of(step, [t for t, _ in found], [n for _, n in found])

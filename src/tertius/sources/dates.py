"""How dates are written: every form of a date, once for each different text.

ISO dates and UTC times; eight digits of a calendar date (20220224); d.m.yyyy; yyyy/mm/dd; an integer, which counts days
from 1970-01-01. Two things are decided by the column as a whole, over all files of an import, and noted:

- Integers that all lie from 1800 to 2100 are years, each dated 1 January. (As days they would all lie within ten
  months of 1974 and 1975.) Such an integer among dates of another form is an error: nothing says which it is.
- 24/02/2022 and 2/24/2022: some value above 12 in one place, and none in the other, says which is the day. Where no
  value does, or both do, it is an error.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from tertius.errors import BadValue
from tertius.events.engine import rows

YEARS = (1800, 2100)
_TIME = r"([T ]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?)?"
_WRITE = "Write ISO dates (2022-02-24), or 24.02.2022."


def read_dates(con: duckdb.DuckDBPyConnection, place_of: Callable[[str], str]) -> list[str]:
    """Fill the table ``dates`` (text, moment) from the texts of the table ``date_texts``, and say what was decided.

    A text that is no date has no moment. ``place_of`` says where in which file a text stands first. Raises BadValue
    where the column does not decide what is a day and what a month.
    """
    split = rf"regexp_full_match(t, '\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{4}}{_TIME}')"
    con.execute(
        rf"""
        CREATE OR REPLACE TEMP TABLE given AS
        SELECT text, t, TRY_CAST(CASE WHEN regexp_full_match(t, '[+-]?\d+([.]0+)?') THEN t END AS BIGINT) AS whole,
               CASE WHEN {split} THEN string_split_regex(t, '[/T -]') END AS parts
        FROM (SELECT text, trim(text) AS t FROM date_texts)
        """
    )
    whole = rows(con, "SELECT count(*) AS n, count(whole) AS w, min(whole) AS a, max(whole) AS b FROM given")[0]
    years = whole["n"] > 0 and whole["w"] == whole["n"] and YEARS[0] <= whole["a"] and whole["b"] <= YEARS[1]
    among = f"whole BETWEEN {YEARS[0]} AND {YEARS[1]}"
    odd = rows(con, f"SELECT min(text) FILTER ({among}) AS year, count(*) FILTER (whole IS NULL) AS others FROM given")[
        0
    ]
    if odd["year"] is not None and odd["others"]:
        raise BadValue(
            f"{place_of(odd['year'])}: '{odd['year'].strip()}' stands among dates that are written otherwise: a year, "
            "or a number of days?",
            _WRITE,
        )
    order, said = _order(con, place_of)
    if years:
        said = ["years"]
    con.execute(
        rf"""
        CREATE OR REPLACE TEMP TABLE dates AS SELECT text, CASE WHEN year(m) BETWEEN 1 AND 9999 THEN m END AS moment
        FROM (SELECT text, CASE
            WHEN {years} THEN make_timestamp(whole, 1, 1, 0, 0, 0)
            WHEN whole BETWEEN 10000101 AND 29991231
                THEN TRY_CAST(TRY_STRPTIME(CAST(whole AS VARCHAR), '%Y%m%d') AS TIMESTAMP)
            WHEN abs(whole) < 10000000 THEN TIMESTAMP '1970-01-01' + to_days(CAST(whole AS INTEGER))
            WHEN parts IS NOT NULL THEN {_moment("replace(replace(t, '-', '/'), 'T', ' ')", order)}
            WHEN regexp_full_match(t, '\d{{1,2}}[.]\d{{1,2}}[.]\d{{4}}{_TIME}')
                THEN {_moment("replace(t, 'T', ' ')", "%d.%m.%Y")}
            WHEN regexp_full_match(t, '\d{{4}}/\d{{1,2}}/\d{{1,2}}{_TIME}')
                THEN {_moment("replace(t, 'T', ' ')", "%Y/%m/%d")}
            WHEN regexp_full_match(t, '\d{{4}}-\d{{1,2}}-\d{{1,2}}([T ].*)?')
                THEN TRY_CAST(TRY_CAST(t AS TIMESTAMPTZ) AS TIMESTAMP)
            END AS m FROM given)
        """
    )
    return said


def _moment(text: str, day: str) -> str:
    """SQL of a moment written in a form of days, with or without a time after it; null where there is no such day."""
    clocks = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
    return f"TRY_STRPTIME({text}, [{', '.join(repr(day + clock) for clock in clocks)}])"


def _order(con: duckdb.DuckDBPyConnection, place_of: Callable[[str], str]) -> tuple[str, list[str]]:
    """The form of 24/02/2022 or 2/24/2022, and the note on it."""
    found = rows(
        con,
        "SELECT max(text) AS any, max(text) FILTER (parts[1]::INTEGER > 12) AS day_first, "
        "max(text) FILTER (parts[2]::INTEGER > 12) AS month_first FROM given WHERE parts IS NOT NULL",
    )[0]
    if found["any"] is None:
        return "%d/%m/%Y", []
    if found["day_first"] and found["month_first"]:
        raise BadValue(
            f"{place_of(found['month_first'])}: '{found['month_first'].strip()}' has the month first, and "
            f"'{found['day_first'].strip()}' elsewhere the day.",
            _WRITE,
        )
    if not found["day_first"] and not found["month_first"]:
        raise BadValue(
            f"{place_of(found['any'])}: '{found['any'].strip()}' may have the day or the month first, and no row "
            "decides it.",
            _WRITE,
        )
    decides = (found["day_first"] or found["month_first"]).strip()
    first = "day" if found["day_first"] else "month"
    return ("%d/%m/%Y" if first == "day" else "%m/%d/%Y"), [f"read with the {first} first, as in {decides}"]

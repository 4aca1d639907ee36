"""Days, months and years as documents print them: "September 19, 2023", "18 Sept. 2023", "2023-09-18T07:00Z".

Only what is written is read: a day needs its year, and a numeric date whose day and month could be each other is none.
Dates that a text speaks of ("since the early 1980s") are another matter, that of the readers.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

MONTHS = {
    name.lower(): k
    for k in range(1, 13)
    for name in (calendar.month_name[k], calendar.month_abbr[k], calendar.month_abbr[k] + ".")
} | {"sept": 9, "sept.": 9}  # fmt: skip
_MONTH = r"(?P<{}>jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?\.?|july?\.?|aug(?:ust|\.)?|sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"  # noqa: E501
_DAY = re.compile(
    r"\b(?P<y0>\d{4})-(?P<m0>\d{2})-(?P<d0>\d{2})(?!\d)(?:T[\d:.+Z-]*)?"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH.format('n1')},?\s+(?P<y1>\d{{4}})\b"
    rf"|\b{_MONTH.format('n2')}\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})\b"
    r"|\b(?P<a3>\d{1,2})(?P<s3>[./])(?P<b3>\d{1,2})(?P=s3)(?P<y3>\d{4})\b",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"^\W*(?:in|since|of)?\s*{_MONTH.format('n')},?\s+(?P<y>\d{{4}})\W*$", re.IGNORECASE)
_YEAR = re.compile(r"^\W*(?:in|since|of)?\s*(?P<y>(?:1[6-9]|20)\d{2})\W*$", re.IGNORECASE)


def find_day(text: str) -> tuple[str, tuple[int, int]] | None:
    """The first whole day in a text, as ISO, and where it stands.

    >>> find_day("Global Research, September 19, 2023")
    ('2023-09-19', (17, 35))
    >>> find_day("03/04/2023") is None, find_day("23/04/2023")[0]
    (True, '2023-04-23')
    """
    for found in _DAY.finditer(text):
        day = _iso(found.groupdict())
        if day is not None:
            return day, found.span()
    return None


def find_interval(words: str) -> tuple[str, str] | None:
    """First and last day of a day, month or year that stands alone in a few words; None for anything else.

    >>> find_interval("in February 2024"), find_interval("2022"), find_interval("last week")
    (('2024-02-01', '2024-02-29'), ('2022-01-01', '2022-12-31'), None)
    """
    day = find_day(words)
    if day is not None:
        return day[0], day[0]
    month = _MONTH_YEAR.match(words)
    if month is not None:
        year, m = int(month["y"]), _month(month["n"])
        return f"{year:04d}-{m:02d}-01", f"{year:04d}-{m:02d}-{calendar.monthrange(year, m)[1]:02d}"
    year_alone = _YEAR.match(words)
    return None if year_alone is None else (f"{year_alone['y']}-01-01", f"{year_alone['y']}-12-31")


def _month(name: str) -> int:
    return MONTHS[name.lower()]


def _iso(parts: dict[str, str | None]) -> str | None:
    if parts["y0"]:
        y, m, d = parts["y0"], int(parts["m0"] or 0), int(parts["d0"] or 0)
    elif parts["y1"]:
        y, m, d = parts["y1"], _month(parts["n1"] or ""), int(parts["d1"] or 0)
    elif parts["y2"]:
        y, m, d = parts["y2"], _month(parts["n2"] or ""), int(parts["d2"] or 0)
    else:
        y, a, b = str(parts["y3"]), int(parts["a3"] or 0), int(parts["b3"] or 0)
        if parts["s3"] == "." or a > 12 or a == b:  # a full stop between them: day, month
            d, m = a, b
        elif b > 12:
            m, d = a, b
        else:
            return None
    try:
        return date(int(y), m, d).isoformat()
    except ValueError:
        return None

"""When: intervals of days that a text's words give, never a day that they do not.

A grammar of our own, because general date readers fill in what is not there ("February 2022" becomes the 19th).

================================ ==========================================================================
words                            interval
================================ ==========================================================================
24 February 2022, 2022-02-24     that day
February 2022, in 2022           that month, that year
early, mid-, late 2022           its first, second, last four months
the 1980s; early, mid-, late     ten years; years 0-3, 4-6, 7-9
spring 2022                      March to May (winter: December to February of the next year)
first half, third quarter of     six months, three months
since X                          from X's first day to the day of writing; open where that is unknown
since the start (end) of X       from X's first day (the first of its last month) to the day of writing
until X, before X                to X's last day; to the day before X
between X and Y, from X to Y     X's first day to Y's last
past, last two years             that long back from the day of writing
last month, this year            the calendar's month or year before, of the writing
two years ago                    that year; two months ago: that month; two days ago: that day
yesterday, today, on Monday      of the day of writing; a weekday is the last one, the coming one its alternative
24 February, February            the last one before the writing; without it none
01/02/2022                       ambiguous: the second of January, the first of February its alternative
during Trump's administration    the years of office in ``persons.csv``; each term an alternative
since the onset of the U. war    ``wars.csv``, with the other beginning that is in use as alternative
================================ ==========================================================================

An alternative is another whole reading; ``date_from`` and ``date_to`` are the likelier one. "may" and "march" are
months only beside a number or with a capital after a preposition.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from tertius.reading.reading import DateInterval

_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_NUMBERS = dict(
    zip(
        ["a", "an", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
        (1, 1, *range(1, 11)),
        strict=True,
    )
)
_NUMBERS |= {"couple of": 2, "few": 3, "several": 3, "eleven": 11, "twelve": 12, "twenty": 20}
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.|Feb\.|Mar\.|Apr\.|Jun\.|Jul\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\.)"
)
_YEAR = r"(?:1[6-9]\d\d|20\d\d)"
_COUNT = r"(?:\d{1,2}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"

# One unit of time; the names of groups say which rule reads it.
_UNIT = rf"""
    (?<!\w)(?=\w)(?:(?P<iso>\b(?:1[6-9]|20)\d\d-[01]\d-[0-3]\d\b)
  | (?P<slashed>\b\d{{1,2}}/\d{{1,2}}/(?:1[6-9]|20)\d\d\b)
  | (?P<dmy>\b[0-3]?\d(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?\b)
  | (?P<mdy>\b{_MONTH}\s+[0-3]?\d(?:st|nd|rd|th)?(?!\d)(?:,?\s+{_YEAR}\b)?)
  | (?P<part>\b(?:early|mid|late)[\s-]+(?:in\s+)?(?:the\s+)?{_YEAR}s?\b)
  | (?P<half>\b(?:first|second|third|fourth|last)\s+(?:half|quarter)\s+of\s+{_YEAR}\b)
  | (?P<season>\b(?:spring|summer|autumn|fall|winter)(?:\s+of)?\s+{_YEAR}\b)
  | (?P<my>\b(?:(?:early|mid|late)[\s-]+)?{_MONTH}(?:\s+of)?,?\s+{_YEAR}\b)
  | (?P<decade>\b(?:1[6-9]|20)\d0s\b)
  | (?P<span>\b{_YEAR}\s?[-–]\s?(?:{_YEAR}|\d\d)\b)
  | (?P<past>\b(?:the\s+)?(?:past|last|previous)\s+(?:{_COUNT}\s+(?:days|weeks|months|years|decades)|decade)\b)
  | (?P<ago>(?<!-)\b{_COUNT}\s+(?:days?|weeks?|months?|years?|decades?)\s+(?:ago|earlier)\b)
  | (?P<calendar>\b(?:last|this|next)\s+(?:week|month|year|{_MONTH})(?!\w))
  | (?P<relative>\b(?:yesterday|today|tomorrow|tonight)\b)
  | (?P<weekday>\b(?:on\s+|last\s+|next\s+)?(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)
  | (?P<war>\b(?:the\s+)?(?:(?:onset|outbreak|start|beginning|end)\s+of\s+)?(?:the\s+)?(?i:@WARS@)\b)
  | (?P<office>\b(?:during|under|in)\s+(?:the\s+)?(?i:president\s+|prime\s+minister\s+)?
        (?:[A-Z][\w-]+\s+)?(?P<holder>[A-Z][\w-]+)
        (?:['’]s)?\s+(?:first\s+|second\s+)?(?:administration|presidency|term|government|tenure|premiership)\b)
  | (?P<bare_month>(?<=\b[Ii]n\s)(?:early\s+|mid-|late\s+)?{_MONTH}(?!\w)|(?<=\b[Ss]ince\s){_MONTH}(?!\w)
        |(?<=\buntil\s){_MONTH}(?!\w)|(?<=\bbetween\s){_MONTH}(?=\s+and\b))
  | (?P<year>(?:(?<=\b[Ii]n\s)|(?<=\b[Ss]ince\s)|(?<=\bleast\s)|(?<=\b[Bb]y\s)
        |(?<=\bof\s)|(?<=\bfrom\s)|(?<=\bto\s)|(?<=\buntil\s)|(?<=\bbefore\s)
        |(?<=\bbetween\s)|(?<=\band\s)|(?<=\bafter\s)|(?<=\bthe\s)|(?<=\bduring\s)|(?<=\btill\s)|(?<=\()
        |(?<=,\s)){_YEAR}\b(?!s)
        (?!\s+(?:people|troops|soldiers|men|miles|km|tons|dollars|homes|jobs))))
    """  # @WARS@: the names of wars.csv, put in by _unit()
_FIRST_WORDS = (
    "early", "mid", "late", "first", "second", "third", "fourth", "last", "spring", "summer", "autumn", "fall",
    "winter", "the", "past", "previous", "this", "next", "on", "during", "under", "in", "yesterday", "today",
    "tomorrow", "tonight", "onset", "outbreak", "start", "beginning", "end",
)  # fmt: skip
"""Words without a capital that begin a unit, beside numbers and the names of wars."""
_WORD = re.compile(r"\w+")
_BEFORE = re.compile(
    r"\b(since|until|till|by|before|after|between|from)\s+(?:the\s+)?(?:at\s+least\s+)?"
    r"(?:(?:very\s+)?(start|beginning|end)\s+of\s+(?:the\s+)?)?$",
    re.IGNORECASE,
)
_REACH = 45
"""Letters before a unit in which such a word may stand."""
_JOINED = re.compile(r"\s*(?:and|to|until|through|till|-|–)\s+(?:the\s+)?", re.IGNORECASE)

_HINT = re.compile(
    rf"\d|[Yy]esterday|[Tt]o(?:day|morrow|night)|[a-z]day\b|\bago\b|\b(?:last|past|previous|this|next)\b|[Ww]ar\b"
    rf"|administration|presidency|\bterm\b|government|tenure|premiership|invasion|cris[ie]s|pandemic|Spring|Crimea|attack|{_MONTH}"
)
"""Something without which no unit of time is there: a quick look before the slow one."""

Bounds = tuple[dt.date | None, dt.date | None]


@dataclass(frozen=True, slots=True)
class DatedWords:
    """Words that say when, ``[start, end)`` in characters, and what they say."""

    start: int
    end: int
    interval: DateInterval


def find_dates(text: str, written: dt.date | str | None = None) -> tuple[DatedWords, ...]:
    """The intervals that a text's words give; ``written`` is the day of writing.

    >>> [d.interval.date_from for d in find_dates("Since February 2022, and in the early 1980s.")]
    ['2022-02-01', '1980-01-01']
    >>> find_dates("over the past two years", "2023-09-18")[0].interval.date_from
    '2021-09-18'
    """
    if not _HINT.search(text):
        return ()
    day = dt.date.fromisoformat(written[:10]) if isinstance(written, str) else written
    found: list[DatedWords] = []
    at = 0
    for unit in _units(text):
        if unit.start() < at:
            continue
        readings = _read(unit, day)
        if not readings:
            continue
        start, end = unit.span()
        before = _BEFORE.search(text[max(0, start - _REACH) : start])
        word = before[1].lower() if before else ""
        if before:
            start -= len(before[0])
            readings = [_edge((before[2] or "").lower(), bounds) for bounds in readings]
        if word in ("between", "from") and (joined := _JOINED.match(text, end)):
            second = _unit().match(text, joined.end())
            other = _read(second, day) if second else []
            if second and other:
                readings, end = [_spanning(readings[0][0], other[0][1])], second.end()
                word = ""
        readings = [b for b in (_bounded(word, bounds, day) for bounds in readings) if _runs_forward(b)]
        if not readings:
            continue
        found.append(DatedWords(start, end, _interval(readings)))
        at = end
    return tuple(found)


def _spanning(first: dt.date | None, last: dt.date | None) -> Bounds:
    """From one day to another: the year that is named of the second is the first's too, or the year before."""
    if first is None or last is None or first <= last:
        return first, last
    for year in (last.year, last.year - 1):
        with suppress(ValueError):  # the 29th of February
            if first.replace(year=year) <= last:
                return first.replace(year=year), last
    return first, last


def _runs_forward(bounds: Bounds) -> bool:
    """Whether an interval ends no earlier than it begins: "since 2030" in a text of 2023 says nothing of the past."""
    first, last = bounds
    return first is None or last is None or first <= last


def _units(text: str) -> Iterator[re.Match[str]]:
    """What :func:`_unit` finds in a text, tried only at words with which a unit can begin."""
    first, unit, end = _first_words(), _unit(), 0
    for word in _WORD.finditer(text):
        letters = word[0]
        begins = letters[0].isupper() or letters[0].isdigit() or letters.lower() in first
        if begins and word.start() >= end and (found := unit.match(text, word.start())):
            yield found
            end = found.end()


def _interval(readings: list[Bounds]) -> DateInterval:
    written = [tuple(None if d is None else d.isoformat() for d in r) for r in dict.fromkeys(readings)]
    first = written[0]
    return DateInterval(first[0], first[1], tuple((a, b) for a, b in written[1:]))


def _edge(word: str, bounds: Bounds) -> Bounds:
    """The start of an interval is its first day; its end, of one that is longer than a month, its last month."""
    first, last = bounds
    if word in ("start", "beginning"):
        return first, first
    if word == "end" and first and last:
        return max(first, last.replace(day=1)), last
    return bounds


def _bounded(word: str, bounds: Bounds, day: dt.date | None) -> Bounds:
    """What a preposition makes of an interval."""
    first, last = bounds
    if word in ("since", "from"):
        return first, day
    if word == "after":
        return (last + dt.timedelta(1) if last else None), day
    if word in ("until", "till", "by"):
        return None, last
    if word == "before":
        return None, (first - dt.timedelta(1) if first else None)
    return bounds


def _read(unit: re.Match[str], day: dt.date | None) -> list[Bounds]:
    """Every reading of one unit, the likeliest first; none where the words need a day of writing that is not known."""
    kind = next(name for name, value in unit.groupdict().items() if value is not None and name != "holder")
    words = unit[kind]
    try:
        return list(_READERS[kind](words, day))
    except ValueError:  # the 31st of February
        return []


def _iso(words: str, day: dt.date | None) -> Iterator[Bounds]:
    one = dt.date.fromisoformat(words)
    yield one, one


def _slashed(words: str, day: dt.date | None) -> Iterator[Bounds]:
    first, second, year = map(int, words.split("/"))
    for month, of_month in dict.fromkeys(((first, second), (second, first))):
        if month <= 12:
            one = dt.date(year, month, of_month)
            yield one, one


def _named_day(words: str, day: dt.date | None) -> Iterator[Bounds]:
    month, year = _month_in(words), _year_in(words)
    of_month = int(re.search(r"(?<!\d)[0-3]?\d(?!\d)", words)[0])  # type: ignore[index]
    if year is None:
        if day is None:
            return
        year = day.year if (month, of_month) <= (day.month, day.day) else day.year - 1
    one = dt.date(year, month, of_month)
    yield one, one


def _part(words: str, day: dt.date | None) -> Iterator[Bounds]:
    year, which = int(re.search(r"\d{4}", words)[0]), words[0].lower()  # type: ignore[index]
    if words.endswith("s"):
        first, last = {"e": (0, 3), "m": (4, 6), "l": (7, 9)}[which]
        yield dt.date(year + first, 1, 1), dt.date(year + last, 12, 31)
    else:
        yield _months(year, {"e": 1, "m": 5, "l": 9}[which], 4)


def _half(words: str, day: dt.date | None) -> Iterator[Bounds]:
    number = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}[words.split()[0].lower()]
    size = 6 if "half" in words else 3
    number = 12 // size - 1 if number < 0 else number
    if number < 12 // size:
        yield _months(int(words[-4:]), 1 + number * size, size)


def _season(words: str, day: dt.date | None) -> Iterator[Bounds]:
    yield _months(int(words[-4:]), _SEASONS[words.split()[0].lower()], 3)


def _month_and_year(words: str, day: dt.date | None) -> Iterator[Bounds]:
    yield _months(int(words[-4:]), _month_in(words), 1)


def _decade(words: str, day: dt.date | None) -> Iterator[Bounds]:
    yield dt.date(int(words[:4]), 1, 1), dt.date(int(words[:4]) + 9, 12, 31)


def _span(words: str, day: dt.date | None) -> Iterator[Bounds]:
    first, last = re.findall(r"\d+", words)
    last = first[:2] + last if len(last) == 2 else last
    if int(last) > int(first):
        yield dt.date(int(first), 1, 1), dt.date(int(last), 12, 31)


def _past(words: str, day: dt.date | None) -> Iterator[Bounds]:
    if day is not None:
        yield _back(words, day), day


def _ago(words: str, day: dt.date | None) -> Iterator[Bounds]:
    if day is None or "earlier" in words:
        return
    then = _back(words, day)
    if "day" in words:
        yield then, then
    elif "week" in words:
        monday = then - dt.timedelta(then.weekday())
        yield monday, monday + dt.timedelta(6)
    elif "month" in words:
        yield _months(then.year, then.month, 1)
    else:
        yield dt.date(then.year, 1, 1), dt.date(then.year, 12, 31)


def _calendar(words: str, day: dt.date | None) -> Iterator[Bounds]:
    if day is None:
        return
    which, unit = words.split()
    step = {"last": -1, "this": 0, "next": 1}[which.lower()]
    if unit == "year":
        yield dt.date(day.year + step, 1, 1), dt.date(day.year + step, 12, 31)
    elif unit == "month":
        month = day.year * 12 + day.month - 1 + step
        yield _months(month // 12, month % 12 + 1, 1)
    elif unit == "week":
        monday = day - dt.timedelta(day.weekday()) + dt.timedelta(7 * step)
        yield monday, monday + dt.timedelta(6)
    else:
        month = _month_in(unit)
        years = {
            -1: (day.year if month < day.month else day.year - 1, day.year - 1),
            0: (day.year,),
            1: (day.year + 1,),
        }
        for year in dict.fromkeys(years[step]):
            yield _months(year, month, 1)


def _relative(words: str, day: dt.date | None) -> Iterator[Bounds]:
    if day is not None:
        one = day + dt.timedelta({"yesterday": -1, "tomorrow": 1}.get(words.lower(), 0))
        yield one, one


def _weekday(words: str, day: dt.date | None) -> Iterator[Bounds]:
    if day is None:
        return
    behind = (day.weekday() - _DAYS.index(words.split()[-1].lower())) % 7
    last, coming = day - dt.timedelta(behind), day + dt.timedelta((-behind) % 7 or 7)
    if words.lower().startswith("next"):
        last, coming = coming, coming + dt.timedelta(7)
    yield last, last
    if not words.lower().startswith("last"):
        yield coming, coming


def _bare_month(words: str, day: dt.date | None) -> Iterator[Bounds]:
    if day is not None:
        month = _month_in(words)
        yield _months(day.year if month <= day.month else day.year - 1, month, 1)


def _year(words: str, day: dt.date | None) -> Iterator[Bounds]:
    yield dt.date(int(words), 1, 1), dt.date(int(words), 12, 31)


def _office(words: str, day: dt.date | None) -> Iterator[Bounds]:
    from tertius.reading.actors import terms_of

    holder = re.findall(r"[A-Z][\w-]+", words)[-1]
    terms = [t for t in terms_of(holder) if day is None or t[0] <= day.year]
    for first, last in sorted(terms, reverse=True):
        yield dt.date(first, 1, 1), (dt.date(last, 12, 31) if last < 9999 else day)


def _war(words: str, day: dt.date | None) -> Iterator[Bounds]:
    low = words.lower()
    for names, first, last, other in _wars():
        if any(low.endswith(name) for name in names):
            for begun in (first, other):
                if begun is not None:
                    start = re.search(r"\b(?:onset|outbreak|start|beginning)\b", low)
                    over = re.search(r"\bend of\b", low)
                    yield (begun, begun) if start else (last, last) if over else (begun, last or day)
            return


_READERS = {
    "iso": _iso, "slashed": _slashed, "dmy": _named_day, "mdy": _named_day, "part": _part, "half": _half,
    "season": _season, "my": _month_and_year, "decade": _decade, "span": _span, "past": _past, "ago": _ago,
    "calendar": _calendar, "relative": _relative, "weekday": _weekday, "war": _war, "office": _office,
    "bare_month": _bare_month, "year": _year,
}  # fmt: skip


def _months(year: int, month: int, count: int) -> tuple[dt.date, dt.date]:
    """From the first day of a month, so many months."""
    end = year * 12 + month - 1 + count
    return dt.date(year, month, 1), dt.date(end // 12, end % 12 + 1, 1) - dt.timedelta(1)


def _back(words: str, day: dt.date) -> dt.date:
    """A day so long before another."""
    low = words.lower()
    digits = re.search(r"\d+", low)
    named = next((n for w, n in _NUMBERS.items() if re.search(rf"\b{w}\b", low) and len(w) > 2), 1)
    count = int(digits[0]) if digits else named
    if "day" in low:
        return day - dt.timedelta(count)
    if "week" in low:
        return day - dt.timedelta(7 * count)
    months = count * (1 if "month" in low else 12 if "year" in low else 120)
    total = day.year * 12 + day.month - 1 - months
    year, month = total // 12, total % 12 + 1
    return dt.date(year, month, min(day.day, _months(year, month, 1)[1].day))


def _month_in(words: str) -> int:
    return _MONTHS[re.search(_MONTH, words)[0][:3].lower()]  # type: ignore[index]


def _year_in(words: str) -> int | None:
    year = re.search(rf"\b{_YEAR}\b", words)
    return int(year[0]) if year else None


@lru_cache(maxsize=1)
def _unit() -> re.Pattern[str]:
    wars = "|".join(re.escape(name).replace(r"\ ", r"\s+") for names, *_ in _wars() for name in names)
    return re.compile(_UNIT.replace("@WARS@", wars), re.VERBOSE)


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    phrases = (*_FIRST_WORDS, *_NUMBERS, *(name for names, *_ in _wars() for name in names))
    return frozenset(re.split(r"\W", phrase)[0] for phrase in phrases)


@lru_cache(maxsize=1)
def _wars() -> tuple[tuple[tuple[str, ...], dt.date, dt.date | None, dt.date | None], ...]:
    lines = (resources.files("tertius.reading") / "wars.csv").read_text(encoding="utf-8").splitlines()

    def day(cell: str) -> dt.date | None:
        return dt.date.fromisoformat(cell) if cell else None

    return tuple(
        (tuple(row["name"].split("|")), dt.date.fromisoformat(row["from"]), day(row["to"]), day(row["or_from"]))
        for row in csv.DictReader(lines)
    )

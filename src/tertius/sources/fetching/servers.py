"""What each source's server holds for a span of days, and what its terms allow.

None of this has been run against the live servers; it was written from their documentation, and tested against a local
server that plays them. Days are of UTC, both included.

=========  =======================================  =============================================================
source     lists                                    verified by
=========  =======================================  =============================================================
gdelt1     ``events/md5sums``, ``events/filesizes`` size and MD5; a file a day since 2013-04-01, a month and a
                                                    year before
gdelt2     ``gdeltv2/masterfilelist.txt``           size and MD5; a file every 15 minutes since 2015-02-18 23:00
icews      Dataverse, doi:10.7910/DVN/28075         size and MD5
polecat    Dataverse, doi:10.7910/DVN/AJGVIT        size and MD5
ucdp       the API ``gedevents``, by pages          the number of events that it names; it wants a token
=========  =======================================  =============================================================
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from tertius.errors import InputError, UsageError, did_you_mean
from tertius.sources.fetching.download import Server, Wanted

QUARTER = timedelta(minutes=15)
FIRST_QUARTER = datetime(2015, 2, 18, 23, tzinfo=UTC)
FIRST_DAY = date(2013, 4, 1)
UCDP_PAGE = 1000
BEFORE_RELEASE = 14
"""Days before its release of which a weekly file (POLECAT's) may hold events."""
TOKEN = "x-ucdp-access-token"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a source has for a span: files on its server, names of files it should have and does not, and files whose
    content came with the list."""

    wanted: tuple[Wanted, ...] = ()
    holes: tuple[str, ...] = ()
    content: Mapping[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A source: its name, which is that of its format, its server, its terms, and what lists its files."""

    name: str
    base: str
    terms: str
    listed: Callable[[Server, str, date, date], Listed]


def gdelt1(server: Server, base: str, first: date, last: date) -> Listed:
    """GDELT 1.0: files of days, and before April 2013 of months and years."""
    sums = dict(_pairs(server.text(f"{base}/events/md5sums")))
    sizes = dict(_pairs(server.text(f"{base}/events/filesizes")))
    names = {name for name in sums if (span := _span_of(name)) and span[0] <= last and span[1] >= first}
    expected = {f"{day:%Y%m%d}.export.CSV.zip" for day in _days(max(first, FIRST_DAY), last)}
    wanted = tuple(
        Wanted(f"{base}/events/{name}", name, int(sizes[name]) if name in sizes else None, sums[name])
        for name in sorted(names)
    )
    return Listed(wanted, tuple(sorted(expected - names)))


def gdelt2(server: Server, base: str, first: date, last: date) -> Listed:
    """GDELT 2.0: the events of every quarter of an hour (UTC)."""
    found: dict[str, Wanted] = {}
    for line in server.text(f"{base}/gdeltv2/masterfilelist.txt").splitlines():
        size, _, rest = line.strip().partition(" ")
        md5, _, url = rest.partition(" ")
        name = urlsplit(url).path.rpartition("/")[2]
        stamp = re.fullmatch(r"(\d{14})\.export\.CSV\.zip", name)
        if stamp and size.isdigit() and first <= datetime.strptime(stamp[1], "%Y%m%d%H%M%S").date() <= last:
            found[name] = Wanted(f"{base}/gdeltv2/{name}", name, int(size), md5)
    moment = max(datetime.combine(first, datetime.min.time(), UTC), FIRST_QUARTER)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC)
    grid = set()
    while moment < min(end, datetime.now(UTC) - QUARTER):
        grid.add(f"{moment:%Y%m%d%H%M%S}.export.CSV.zip")
        moment += QUARTER
    return Listed(tuple(found[name] for name in sorted(found)), tuple(sorted(grid - set(found))))


def dataverse(doi: str, pattern: str) -> Callable[[Server, str, date, date], Listed]:
    """The files of a Dataverse data set whose names match ``pattern``, of the years or months that they name."""

    def listed(server: Server, base: str, first: date, last: date) -> Listed:
        url = f"{base}/api/datasets/:persistentId/versions/:latest-published/files?persistentId={quote(doi, safe='')}"
        found = []
        for file in _json(server, url, list, "data"):
            try:
                data = file["dataFile"]
                name, number = str(data.get("originalFileName") or data["filename"]), int(data["id"])
                ingested = "originalFileSize" in data  # Dataverse made a table of it: the original is asked for
                size = int(data["originalFileSize"] if ingested else data["filesize"])
                md5 = data.get("md5") or (data.get("checksum") or {}).get("value")
            except (KeyError, TypeError, ValueError, AttributeError):
                raise InputError(f"{url}: its list of files is not what it was.", "Report this.") from None
            span = _span_of(name)
            if re.search(pattern, name) and span and span[0] <= last and span[1] >= first:
                query = "?format=original" if ingested else ""
                where = f"{base}/api/access/datafile/{number}{query}"
                found.append(Wanted(where, name.replace("/", "_"), size, md5))
        return Listed(tuple(sorted(found, key=lambda wanted: wanted.name)))

    return listed


def ucdp(version: str) -> Callable[[Server, str, date, date], Listed]:
    """UCDP's georeferenced events of a version, by pages of its API, as one CSV file."""

    def listed(server: Server, base: str, first: date, last: date) -> Listed:
        rows: list[dict[str, Any]] = []
        page, pages, total = 0, 1, 0
        while page < pages:
            url = f"{base}/api/gedevents/{version}?pagesize={UCDP_PAGE}&page={page}&StartDate={first}&EndDate={last}"
            document = _json(server, url, dict)
            try:
                pages, total = int(document["TotalPages"]), int(document["TotalCount"])
                rows += [dict(row) for row in document["Result"]]
            except (KeyError, TypeError, ValueError):
                raise InputError(f"{url}: its answer is not what it was.", "Report this.") from None
            page += 1
        if len(rows) != total:
            raise InputError(f"{base}: {len(rows):,} events came, of {total:,} that it names.", "Run it again.")
        if not rows:
            return Listed()
        text = io.StringIO()
        writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
        return Listed(content={f"ucdp-ged-{version}-{first}-{last}.csv": text.getvalue().encode()})

    return listed


GDELT, HARVARD = "http://data.gdeltproject.org", "https://dataverse.harvard.edu"
FREE = "Free for any use; cite the GDELT Project, with a link."
RESEARCH = "Its terms allow research and education only; cite it, and pass its files on to nobody."
BY = "CC BY 4.0: free with attribution; UCDP gives tokens on request."
SOURCES: Mapping[str, Source] = {
    s.name: s
    for s in (
        Source("gdelt1", GDELT, FREE, gdelt1),
        Source("gdelt2", GDELT, FREE, gdelt2),
        Source("icews", HARVARD, RESEARCH, dataverse("doi:10.7910/DVN/28075", r"(?i)^events\.")),
        Source("polecat", HARVARD, RESEARCH, dataverse("doi:10.7910/DVN/AJGVIT", r"(?i)^ngecEvents")),
        Source("ucdp", "https://ucdpapi.pcr.uu.se", BY, ucdp("26.1")),
    )
}


def _span_of(name: str) -> tuple[date, date] | None:
    """The days that a file's name speaks of: a day, a month or a year, the first that stands in it; where there is
    only a time of release, the :data:`BEFORE_RELEASE` days up to it.

    >>> [str(day) for day in _span_of("20200131.export.CSV.zip")]
    ['2020-01-31', '2020-01-31']
    >>> [str(day) for day in _span_of("events.2018.20200427084805.tab")]
    ['2018-01-01', '2018-12-31']
    >>> [str(day) for day in _span_of("ngecEventsDV-2023-12.txt.zip")]
    ['2023-12-01', '2023-12-31']
    >>> [str(day) for day in _span_of("ngecEvents.20230103111842.Release603.DV.txt")]
    ['2022-12-20', '2023-01-03']
    """
    found = re.search(r"(?<!\d)((?:19|20)\d\d)(?:[-_]?(\d\d)(?:[-_]?(\d\d))?)?(?!\d)", name)
    if found is None:
        released = re.search(r"(?<!\d)((?:19|20)\d{6})\d{6}(?!\d)", name)
        try:
            on = datetime.strptime(released[1], "%Y%m%d").date() if released else None
        except ValueError:
            return None
        return (on - timedelta(days=BEFORE_RELEASE), on) if on else None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        if day is not None and month is not None:
            return date(year, month, day), date(year, month, day)
        if month is not None:
            start = date(year, month, 1)
            return start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    except ValueError:
        return None
    return date(year, 1, 1), date(year, 12, 31)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each line "value name"."""
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2:
            yield words[1], words[0]


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _json(server: Server, url: str, kind: type[Any], key: str | None = None) -> Any:
    """The JSON that a server answers, or what it holds under a key. Raises InputError."""
    text = server.text(url)
    try:
        document = json.loads(text)
        found = document if key is None else document[key]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, kind):
        raise InputError(f"{url}: its answer is not what it was.", "Check --base.")
    return found


def source_named(name: str) -> Source:
    """The source of that name. Raises UsageError."""

    if name not in SOURCES:
        raise UsageError(
            f"There is no source '{name}'.", f"{did_you_mean(name, SOURCES)}Sources: {', '.join(SOURCES)}."
        )
    return SOURCES[name]

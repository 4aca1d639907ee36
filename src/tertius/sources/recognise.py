"""What a file is, by its content: the format that it is taken for, and why.

A first line that names columns decides by :attr:`Format.known_by`; one without names by the number of its fields, and
by what stands where GDELT has its dates. What fits no origin but has the event columns is ``events``; with ``a``, ``b``
and ``weight`` it is ``dyads``. Nothing is guessed beyond that: the error lists the columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tertius.errors import UsageError
from tertius.events.engine import connection
from tertius.sources.format import check_file, open_table
from tertius.sources.importing import FORMATS, TABLES, in_folders
from tertius.sources.text import DELIMITERS, LONGEST_HEADER, ROW, opened

ORDER = ("icews", "polecat", "ucdp", "gdelt2", "gdelt1", "keds")
"""Formats in the order in which a header is compared with them."""
LOOKED_AT = 5
"""Files of an import that are looked into: the first ones and the last."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The format, and what in the file says so."""

    format: str
    because: str


def recognise_all(files: Sequence[Path]) -> Recognised:
    """The one format of some files or folders. Raises UsageError where they are of several, or of none."""
    paths = in_folders(files)
    some = [*paths[:LOOKED_AT], *paths[-1:]]
    found = [recognise(path) for path in some]
    if len({one.format for one in found}) > 1:
        each = ", ".join(f"{path.name} {one.format}" for path, one in zip(some, found, strict=True))
        raise UsageError(f"The files are of several formats: {each}.", "Import each format by itself.")
    return found[0]


def recognise(path: Path) -> Recognised:
    """What a file is. Raises UsageError where it is nothing that is known here; as opening it does."""
    check_file(path)
    if path.suffix.lower() in TABLES:
        with connection() as con:
            table = open_table(con, path, FORMATS["events"]).sql
            names = [d[0] for d in con.execute(f"DESCRIBE SELECT * FROM {table}").fetchall() if d[0] != ROW]
        return _by_names(path, names)
    with opened(path) as stream:
        line = stream.readline(LONGEST_HEADER).decode("utf-8-sig", "replace").rstrip("\r\n")
    fields = line.split("\t")
    if found := _by_fields(fields):
        return found
    delimiter = max(DELIMITERS, key=line.count)
    try:
        names = next(csv.reader([line], delimiter=delimiter), []) if delimiter == "," else line.split(delimiter)
    except csv.Error:
        names = []
    return _by_names(path, [name.strip() for name in names])


def _by_fields(fields: Sequence[str]) -> Recognised | None:
    """A file without a header, by its first row.

    >>> _by_fields(["890402", "YUG", "KSV", "224"]).format
    'keds'
    """
    n = len(fields)
    if n in (57, 58, 61) and fields[0].isdigit() and re.fullmatch(r"\d{8}", fields[1]):
        return Recognised("gdelt2" if n == 61 else "gdelt1", f"{n} fields without a header, the second a date")
    if n == 16 and fields[0].isdigit() and all(re.fullmatch(r"\d{14}", field) for field in fields[1:3]):
        return Recognised("gdelt2", "16 fields without a header, two of them times: mentions")
    if 4 <= n <= 6 and re.fullmatch(r"\d{6}|\d{8}", fields[0]) and re.fullmatch(r"\d{2,3}", fields[3]):
        return Recognised("keds", f"{n} fields without a header: a date, two actors, a WEIS code")
    return None


def _by_names(path: Path, names: Sequence[str]) -> Recognised:
    small = {name.lower() for name in names}
    for name in ORDER:
        groups = FORMATS[name].known_by
        if all(any(one.lower() in small for one in group) for group in groups):
            return Recognised(name, f"the columns {', '.join(group[0] for group in groups)}")
    for name, wanted in (("events", {"source", "target"}), ("dyads", {"a", "b", "weight"})):
        if wanted <= small and small & {"date", "year"}:
            return Recognised(name, f"the columns {', '.join(sorted(wanted))}")
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    raise UsageError(
        f"{path}: no format is known by these columns: {shown or 'none'}.",
        f"Name the format: tertius import FORMAT {path.name} --into STORE. Formats: {', '.join(FORMATS)}.",
    )

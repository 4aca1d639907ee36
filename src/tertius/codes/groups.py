"""Groups of states with dated membership: who belonged to NATO on a day.

The table ``groups.csv`` is our own: dates of accession are facts of common knowledge, written for tertius. ``from`` is
the first day of membership and ``to`` the last, empty for a member of today; a state that came back has two lines.

===== =========================================================================================================
NATO  from 1949-08-24, when the treaty entered into force, else the deposit of the instrument of accession. A state
      that left the military command for a time (France, Greece) stayed a member.
EU    with the Communities before it, from 1958-01-01; the United Kingdom until 2020-01-31.
CSTO  the organisation, from 2003-09-18, when its charter entered into force, not the treaty of 1992; Uzbekistan
      from the protocol of 2006-08-16 to the day before the council's decision of 2012-12-19.
G7    from the summit of Rambouillet, Canada from that of San Juan; Russia was a member of the G8 alone.
G8    the G7 and Russia, from the first day of the summit of Birmingham (1998-05-15) to the Hague Declaration of
      2014-03-24, by which the seven suspended their part in it. It has no member today.
G77   the "Global South". Its days of entry are not at hand: ``from`` is the first day on which the table vouches
      for a member, 2000-04-10 (the South Summit in Havana, 133 states by its own count: the 132 here and
      Yugoslavia, whose seat was empty), 2008-03-01 or 2015-01-01. Before 2000 the table cannot be asked; who
      entered after 2015 is not in it. Left: Cyprus, Malta, Romania, when they entered the EU. China stands in the
      group's own list and says itself that it is not a member ("the Group of 77 and China"); a list without it is
      a file of your own.
===== =========================================================================================================

Your own groups
---------------
A CSV file, or a folder of them, with the columns ``group,actor,from,to``; only ``actor`` must be there. Without
``group`` the file's name is the group's. An actor may be written in any way that
:func:`tertius.codes.resolve_actor` reads, on the day in ``from``. A group of your own takes the place of one of the
same name.

As a risk set
-------------
``--actors @NATO`` is everyone who was a member on any day of the span of the question (:func:`members_between`), and
``--actors @FILE`` the actors of a file: one a line, or a CSV file of groups as above, all of whose groups are taken
together. A file is preferred to a group of its name, as a file called ``chronicle`` is to the chronicle. Without ``@``,
``NATO`` is the organisation, one actor.

What it does not do: know observers, candidates and partners, or say who speaks for a group; events of the
organisation itself carry its code (``NATO``) and are not shared out to its members.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from tertius.codes.actors import all_actors, plain, read_day, resolve_actor
from tertius.errors import BadValue, InputError, MissingColumn, UnknownActor, UsageError, did_you_mean
from tertius.language import say

STATES = "STATES"
"""The group of all states, for as long as each existed: a risk set for data in which others act too."""


@dataclass(frozen=True, slots=True)
class Membership:
    """One stay of an actor in a group; ``from_date`` and ``to_date`` are its first and last day (None: open)."""

    group: str
    actor: str
    from_date: dt.date | None = None
    to_date: dt.date | None = None

    def holds_on(self, day: dt.date | None) -> bool:
        """Whether it holds on a day; None asks for today's members."""
        if day is None:
            return self.to_date is None
        return self.overlaps(day, day)

    def overlaps(self, first: dt.date, last: dt.date) -> bool:
        """Whether it holds on any day from the first to the last."""
        return (self.from_date is None or self.from_date <= last) and (self.to_date is None or first <= self.to_date)


Groups = Mapping[str, tuple[Membership, ...]]


@lru_cache(maxsize=1)
def all_groups() -> Groups:
    """The groups that come with tertius, each with every stay in it, in order of entry; and all states as one.

    >>> list(all_groups())
    ['NATO', 'EU', 'CSTO', 'G7', 'G8', 'G77', 'STATES']
    """
    lines = (resources.files("tertius.codes") / "groups.csv").read_text(encoding="utf-8").splitlines()
    states = tuple(
        Membership(STATES, a.code, a.from_date, a.to_date)
        for a in all_actors().values()
        if a.kind in ("state", "historic")
    )
    return {**_by_group(_stay(row, "") for row in csv.DictReader(lines)), STATES: states}


def read_groups(path: str | Path, labels: Collection[str] = ()) -> Groups:
    """Groups of one's own, from a CSV file or from every ``*.csv`` of a folder.

    Parameters
    ----------
    path : the file or the folder.
    labels : names that are taken as they are: the actors of the data, where these are not in the codes.

    Raises
    ------
    InputError : no such file, or no CSV file in the folder.
    MissingColumn : no column ``actor``.
    BadValue : an actor that nobody knows, a date that is none, or a last day before the first; says the line.
    """
    path = Path(path)
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise InputError(f"No groups in {path}.", "Name a CSV file with the columns group,actor,from,to, or a folder.")
    return _by_group(stay for file in files for stay in _read(file, frozenset(labels)))


def find_group(name: str, own: Groups | None = None) -> tuple[Membership, ...]:
    """Every stay in a group; a group of one's own first. Raises UsageError, with the groups that there are.

    >>> [str(stay.from_date) for stay in find_group("North Atlantic Treaty Organization") if stay.actor == "FIN"]
    ['2023-04-04']
    """
    known = {**all_groups(), **(own or {})}
    try:
        code = resolve_actor(name).code
    except UnknownActor:
        code = ""
    for wanted in (name.strip(), code):
        if wanted in known:
            return known[wanted]
    alike = [group for group in known if same_name(group, name)]
    if len(alike) == 1:
        return known[alike[0]]
    raise UsageError(
        say("There is no group '{name}'.", name=name),
        say("{near}Choose one of: {names}.", near=did_you_mean(name, known), names=", ".join(known)),
    )


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in case, accents, punctuation and small words alone.

    >>> same_name("the quad", "Quad")
    True
    """
    return plain(one) == plain(other)


def group_members(name: str, date: dt.date | str | None = None, own: Groups | None = None) -> tuple[str, ...]:
    """Codes of the members of a group on a date, sorted; today's without one.

    Parameters
    ----------
    name : a group's name, or another name of its organisation ("Global South" is G77).
    date : a day.
    own : groups of one's own, from :func:`read_groups`.

    Raises
    ------
    UsageError : no such group, no such date, or a date on which the group has no member in the table.

    >>> group_members("G7")
    ('CAN', 'DEU', 'FRA', 'GBR', 'ITA', 'JPN', 'USA')
    >>> "GBR" in group_members("European Union", "2020-01-31"), "GBR" in group_members("EU", "2020-02-01")
    (True, False)
    """
    stays = find_group(name, own)
    day = read_day(date)
    members = tuple(sorted({stay.actor for stay in stays if stay.holds_on(day)}))
    if not members:
        when = f"on {day}" if day else "today"
        begins = min((stay.from_date or dt.date.min for stay in stays), default=dt.date.min)
        hint = f"Its table begins on {begins}." if day and day < begins else "Name another day."
        raise UsageError(f"{stays[0].group} has no member {when}.", hint)
    return members


def members_between(name: str, first: dt.date, last: dt.date, own: Groups | None = None) -> tuple[str, ...]:
    """Codes of all who were members of a group on any day from the first to the last, sorted.

    Raises
    ------
    UsageError : no such group, or no member in the span.

    >>> "GBR" in members_between("EU", dt.date(2020, 1, 31), dt.date(2022, 12, 31))
    True
    """
    return _between(find_group(name, own), first, last, f"{name.strip()} has no member")


@dataclass(frozen=True, slots=True)
class ActorsAt:
    """What ``@text`` stands for. ``listed``: the lines of a file, as written; else the members of a group, as codes."""

    actors: tuple[str, ...]
    listed: bool = False


def actors_at(text: str, first: dt.date, last: dt.date, labels: Collection[str] = ()) -> ActorsAt:
    """What ``@text`` stands for in ``--actors``: the lines of a file, or the members of a group in a span of days.

    Parameters
    ----------
    text : a file, which is preferred, or the name of a group that comes with tertius. A file whose first line has a
        column ``actor`` is read by :func:`read_groups`, and all its groups are taken together; any other file has one
        actor a line, as written.
    first, last : the span, in days.
    labels : the actors of the data.

    Raises
    ------
    InputError : neither a file nor a group, a file that is not text, or one that names nobody.
    UsageError : a group without a member in the span.
    BadValue : a line of a CSV file that cannot be read.

    >>> len(actors_at("G8", dt.date(2005, 1, 1), dt.date(2005, 12, 31)).actors)
    8
    """
    path = Path(text)
    if path.is_file():
        lines = [line.strip() for line in _lines(path)]
        if lines and "actor" in next(csv.reader([lines[0]])):
            stays = [stay for group in read_groups(path, labels).values() for stay in group]
            return ActorsAt(_between(stays, first, last, f"{path} (--actors) has no member"))
        if not any(lines):
            raise InputError(f"{path} (--actors) names no actor.", "Give a text file with one actor a line.")
        return ActorsAt(tuple(filter(None, lines)), listed=True)
    try:
        stays = list(find_group(text))
    except UsageError:
        raise InputError(
            f"@{text} (--actors) is neither a file nor a group.",
            f"{did_you_mean(text, all_groups())}After @ stands a file, with one actor a line or the columns "
            "group,actor,from,to, "
            f"or a group: {', '.join(all_groups())}.",
        ) from None
    return ActorsAt(_between(stays, first, last, f"{stays[0].group} (--actors) has no member"))


def _between(stays: Iterable[Membership], first: dt.date, last: dt.date, none: str) -> tuple[str, ...]:
    stays = list(stays)
    members = tuple(sorted({stay.actor for stay in stays if stay.overlaps(first, last)}))
    if not members:
        begins = min((stay.from_date or dt.date.min for stay in stays), default=dt.date.min)
        hint = f"Its table begins on {begins}." if last < begins else "Name another span: --from, --to."
        raise UsageError(f"{none} from {first} to {last}.", hint)
    return members


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{file} is not text in UTF-8.", "Save it in UTF-8.") from None


def _by_group(stays: Iterable[Membership]) -> Groups:
    groups: dict[str, tuple[Membership, ...]] = {}
    for stay in stays:
        groups[stay.group] = (*groups.get(stay.group, ()), stay)
    return groups


def _read(file: Path, labels: frozenset[str]) -> Iterable[Membership]:
    reader = csv.DictReader(_lines(file))
    if "actor" not in (reader.fieldnames or ()):
        raise MissingColumn(f"{file} has no column 'actor'.", "Columns: group,actor,from,to; only actor must be there.")
    for row in reader:
        where = f"{file}, line {reader.line_num}"
        try:
            yield _stay({**row, "actor": _code(row, labels), "group": (row.get("group") or "").strip()}, file.stem)
        except UsageError as error:
            raise BadValue(f"{where}: {error.message}", error.hint) from None


def _code(row: Mapping[str, str | None], labels: frozenset[str]) -> str:
    actor = (row.get("actor") or "").strip()
    return actor if actor in labels else resolve_actor(actor, (row.get("from") or "").strip() or None).code


def _stay(row: Mapping[str, str | None], group: str) -> Membership:
    first, last = (read_day((row.get(column) or "").strip() or None) for column in ("from", "to"))
    if first is not None and last is not None and last < first:
        raise UsageError(f"it ends on {last}, before it begins on {first}.", "Swap 'from' and 'to'.")
    return Membership(row["group"] or group, row["actor"] or "", first, last)

"""Actors: one code for a state, whatever it is called, and whichever state bore a name or a number on a date.

The table ``actors.csv`` is our own: names, capitals, demonyms and dates are facts of common knowledge, written for
tertius. Codes and numbers follow

- ISO 3166-1 alpha-3 for living states and territories (Kosovo: ``XKX``, user-assigned, as the World Bank and others
  write it) and ISO 3166-3 for states that ended: ``SUN YUG SCG CSK DDR YMD``, and the territory ``ANT``;
- the Correlates of War Project's State System Membership List, version 2016: ``COW:300`` is Austria-Hungary, which
  never had an ISO code;
- Gleditsch & Ward (1999), A revised list of the independent states since the Congress of Vienna, International
  Interactions 25(4), 393-413, https://doi.org/10.1080/03050629908434958: ``GW:711`` is Tibet, which COW does not list.

A withdrawn code of a state that was only renamed is another name of it (``ZAR`` is COD, ``BUR`` MMR, ``VDR`` VNM).

How a word finds its actor
--------------------------
1. A code is itself at any date: ``RUS`` is RUS in 1970 too.
2. ``COW:365``, ``COW 365``, a bare ``365`` (COW) and ``GW:340`` are numbers.
3. Names and aliases; then words for the people and other words that several actors share ("Korean", "Korea");
   then capitals; then other places: cities that event data often write for a state ("Shanghai"), its parts
   ("Scotland"), its seats of power ("Kremlin"). The first of the four lists that knows the word decides.
4. Of several bearers, those that exist on the date; where a historic state and another bearer share a number, they
   share one seat and the historic state sits in it: "Russia" in 1970 is SUN, COW 345 in 2004 is SCG, and in 1900 SRB.
   Without a date, the bearer that exists today, or else the one that ended last. A word with bearers of another
   time only goes to the nearest in time: "East Germany" in 2020 is still DDR. A name that passed from one living
   state to another has a last day: "Republic of China" is CHN until 1949-12-07 and TWN from 1949-12-08.
5. What remains ambiguous is an error that lists the candidates, never a guess.

Decisions
---------
West Germany and the German Empire are DEU; North Vietnam, which COW counts as the state that lives on, is VNM;
North Yemen is ``COW:678`` until 1990-05-21 and YEM after (COW numbers them apart; its ISO alpha-3 was YEM as well,
and a label that says YEM stays YEM); the Papal States are ``COW:327``, not the Holy See. "Serbia" and the other names
of republics within a federation mean the republic at any date; the seat 345 and "Yugoslavia" go by date.
Capitals and demonyms of states that ended before 1900 are left out: "Munich" is not the Kingdom of Bavaria. So are
places that are disputed (Crimea), that several states held within living memory (Okinawa), or that stand for an
organisation as often as for their state (Geneva, Strasbourg).
YUG runs from 1918 to 2003, the occupation of 1941-44 and the breaks of the COW list in occupied states included.
``from`` is empty where a state is older than 1816 or where no other actor could be meant; so is ``to`` where it lives.
Dates of the pre-1918 German and Italian states are the COW list's; GW lets some of them live longer.
GW numbers of microstates, which are not in the main GW list, are left empty.

What it does not do: say whether a state should be recognised; know persons, parties, rebels or ministries; read
COW's letters (``UKG``), FIPS or ISO alpha-2 codes, some of which contradict alpha-3.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from tertius.errors import UnknownActor, UsageError, nearest
from tertius.language import Name, joined, say

KINDS = ("state", "historic", "territory", "organisation")

ICEWS_BEGINS = dt.date(1995, 1, 1)
"""A state that ended before is never meant by a name in ICEWS: its "Tibet" is not the state of 1913 to 1950."""

SHORT = 3
"""A text of so few letters is found in far too many names: where it is itself a name or a code, that is meant."""

ALL_NAMES = say("All names: {command}", command="tertius codes")
_CLOSE_ENOUGH = 0.8

_NUMBER = re.compile(r"(?:(COW|GW|G&W)\s*[:# ]?\s*)?(\d{1,3})", re.IGNORECASE)
_INVERTED = re.compile(r"([^,(]+)[,(]\s*([^()]+?)\)?\s*")
_IN_COUNTRY = re.compile(r"\(([^()]+)\)\s*$")
_NO_SPACE = re.compile(r"[.'’‘`´]")
_SPACE = re.compile(r"[^\w]+|_+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_WRITTEN_OUT = {"st": "saint", "rep": "republic", "dem": "democratic", "fed": "federal", "isl": "islands"}
_SMALL_WORDS = {"the", "of", "and"}


@dataclass(frozen=True, slots=True)
class Actor:
    """A state, a territory or an organisation.

    Attributes
    ----------
    code : ISO 3166 alpha-3, ``COW:nnn`` or ``GW:nnn`` where ISO has none, or an organisation's own abbreviation.
    name : short English name.
    kind : one of KINDS; a "state" is a United Nations member or observer, Taiwan or Kosovo.
    from_date, to_date : first and last day of its life, where it matters (None: open).
    cow, gw : state numbers of the Correlates of War and of Gleditsch & Ward. DEU has two: 255 and 260.
    capitals : the seat of government first, then other names and seats.
    demonyms : words for its people, and other words it shares with another actor.
    aliases : other names, and withdrawn codes.
    places : cities, parts and seats of power that stand for it.
    until : names that were its own, each with the last day on which it meant this actor.
    """

    code: str
    name: str
    kind: str
    from_date: dt.date | None = None
    to_date: dt.date | None = None
    cow: tuple[int, ...] = ()
    gw: tuple[int, ...] = ()
    capitals: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    until: tuple[tuple[str, dt.date], ...] = ()

    @property
    def capital(self) -> str:
        """The first capital, or an empty text."""
        return self.capitals[0] if self.capitals else ""

    def days_away(self, day: dt.date) -> int:
        """Days between its life and a day; 0 on a day on which it exists."""
        if self.from_date is not None and day < self.from_date:
            return (self.from_date - day).days
        if self.to_date is not None and day > self.to_date:
            return (day - self.to_date).days
        return 0

    def shares_seat(self, other: Actor) -> bool:
        """Whether one COW or GW number belongs to both."""
        return bool(set(self.cow) & set(other.cow) or set(self.gw) & set(other.gw))


@dataclass(frozen=True, slots=True)
class _Index:
    """Who bears what. Keys are plain words (:func:`plain`) and numbers. The bearer of a name that has a last day is the
    actor as if it had ended on that day; :func:`_in_table` gives it back."""

    names: Mapping[str, tuple[Actor, ...]]
    shared_words: Mapping[str, tuple[Actor, ...]]
    capitals: Mapping[str, tuple[Actor, ...]]
    places: Mapping[str, tuple[Actor, ...]]
    cow: Mapping[int, tuple[Actor, ...]]
    gw: Mapping[int, tuple[Actor, ...]]


def resolve_actor(text: str, date: dt.date | str | None = None) -> Actor:
    """The actor that a code, a name, a demonym, a capital or a state number means, on a date if one is given.

    Case, accents, punctuation and the order of "Korea, Republic of" do not matter. The rules are in the module's
    docstring.

    Raises
    ------
    UnknownActor : no actor, or several; the hint names what to write.
    UsageError : the date is not one.

    >>> resolve_actor("Korea, Democratic People's Republic Of").code
    'PRK'
    >>> resolve_actor("COW 365", "1970-01-01").name, resolve_actor("365").name
    ('Soviet Union', 'Russia')
    >>> resolve_actor("Nth Korea")
    Traceback (most recent call last):
    tertius.errors.UnknownActor: 'Nth Korea'. Did you mean PRK (North Korea)? All names: tertius codes
    """
    day = read_day(date)
    text = str(text)  # a number, read from a table, is a COW number
    actor = all_actors().get(text.strip().upper())
    if actor is not None:
        return actor
    bearers = _bearers(text)
    if not bearers:
        raise UnknownActor(
            f"'{text}'.",
            joined((_did_you_mean(text), ALL_NAMES), ""),
        )
    meant = _on(bearers, day)
    if len(meant) > 1:
        when = say(" on {day}", day=day) if day else ""
        choices = joined((joined((a.code, " (", Name(a.name, a.code), ")"), "") for a in meant), " or ")
        raise UnknownActor(
            say("'{text}' may mean several actors{when}.", text=text, when=when),
            joined((say("Write {choices}.", choices=choices), ALL_NAMES)),
        )
    return _in_table(meant[0])


def meant_over(
    text: str, first: dt.date, last: dt.date, *, demonyms: bool = True
) -> tuple[tuple[dt.date, str | None], ...]:
    """Whom a name, a word for a people or a number ("cow:365", "gw:340") means from one day to another.

    For importers: no codes, capitals or places, and never an error. Pieces of (first day, code), each until the next;
    a code is None where several actors are meant. Empty where the text means nobody.

    >>> meant_over("Russia", dt.date(1985, 1, 1), dt.date(2000, 1, 1))
    ((datetime.date(1985, 1, 1), 'SUN'), (datetime.date(1991, 12, 26), 'RUS'))
    >>> meant_over("Korea", dt.date(2000, 1, 1), dt.date(2001, 1, 1)), meant_over("Seoul", dt.date.min, dt.date.max)
    ((), ())
    """
    index = _index()
    if _NUMBER.fullmatch(text):
        bearers = _bearers(text)
    else:
        bearers = _lookup(index.names, text) or (_lookup(index.shared_words, text) if demonyms else ())
    ends = {a.from_date for a in bearers} | {a.to_date + dt.timedelta(1) for a in bearers if a.to_date}
    days = sorted({first} | {day for day in ends if day is not None and first < day <= last})
    pieces: list[tuple[dt.date, str | None]] = []
    for day in days:
        meant = _on(bearers, day)
        code = meant[0].code if len(meant) == 1 else None
        if not pieces or pieces[-1][1] != code:
            pieces.append((day, code))
    return tuple(pieces) if any(code for _, code in pieces) else ()


def known_code(label: str) -> bool:
    """Whether a label is, letter for letter, the code of an actor.

    >>> known_code("PRK"), known_code("prk"), known_code("COW:300"), known_code("Rebels")
    (True, False, True, False)
    """
    return label in all_actors()


def actor_name(code: str) -> str:
    """The short English name of a code, or the label itself if it is not a code.

    >>> actor_name("PRK"), actor_name("Rebels")
    ('North Korea', 'Rebels')
    """
    actor = all_actors().get(code)
    return Name(actor.name, code) if actor else code


@lru_cache(maxsize=65_536)
def name_to_code(name: str) -> str | None:
    """Code of the actor that has exactly this name or alias today (or had it last); None for anything else.

    For importers: no codes, numbers, demonyms or capitals, and never an error.

    >>> name_to_code("Korea, Rep."), name_to_code("Soviet Union"), name_to_code("Korean"), name_to_code("Seoul")
    ('KOR', 'SUN', None, None)
    """
    meant = _on(_lookup(_index().names, name), None)
    return meant[0].code if len(meant) == 1 else None


@lru_cache(maxsize=65_536)
def icews_actor(name: str) -> str | None:
    """Code of an ICEWS actor: a country's name, or a sector followed by one, "Police (Afghanistan)".

    Persons, parties and groups are None: ICEWS does not say in the name whose they are. Which sectors speak for
    their state is for the importer to decide.

    >>> icews_actor("Military Personnel (Korea, Republic of)"), icews_actor("Falkland Islands (Malvinas)")
    ('KOR', 'FLK')
    >>> icews_actor("Angela Merkel") is None
    True
    """
    code = name_to_code(name)
    if code is None and (country := _IN_COUNTRY.search(name)):
        code = name_to_code(country[1])
    if code is None:
        return None
    ended = all_actors()[code].to_date
    return None if ended is not None and ended < ICEWS_BEGINS else code


def find_actors(text: str = "", date: dt.date | str | None = None, *, exact: bool = False) -> list[Actor]:
    """Every actor that a text could mean: exact matches first, then those with it at the beginning of a word in a name;
    all for "".

    A text of two or three letters that is an exact match, and any number, shows exact matches alone. With a date, only
    who is meant on that day: the exact matches that :func:`resolve_actor` chooses from, or, where there are none,
    those with such a word who exist then. ``exact`` leaves out the words. Raises UsageError where the date is not one.

    >>> [[a.code for a in find_actors(text)] for text in ("congo", "345", "uk")]
    [['COG', 'COD'], ['SRB', 'SCG', 'YUG'], ['GBR']]
    >>> [a.code for a in find_actors("Russia", "1970-01-01")]
    ['SUN']
    """
    word, day = text.strip(), read_day(date)
    by_code = all_actors().get(word.upper())
    bearers = _bearers(text)
    if day is not None:
        bearers = () if by_code else _on(bearers, day)
    meant = list(dict.fromkeys(a for a in (by_code, *map(_in_table, bearers)) if a is not None))
    alone = day is not None or len(word) <= SHORT
    if exact or (meant and alone) or is_number(word):
        return meant
    part = f" {plain(text)}"
    containing = [a for a in all_actors().values() if any(part in f" {key}" for key in _all_keys(a))]
    if day is not None:
        return [a for a in containing if a.days_away(day) == 0]
    return list(dict.fromkeys(meant + containing))


def is_number(text: str) -> bool:
    """Whether a text is digits, or a number of COW or GW.

    >>> is_number("365"), is_number("COW:365"), is_number("gw 340"), is_number("G7")
    (True, True, True, False)
    """
    return text.strip().isdecimal() or _NUMBER.fullmatch(text.strip()) is not None


@lru_cache(maxsize=1)
def all_actors() -> Mapping[str, Actor]:
    """Every actor by its code: states, then historic states, territories and organisations.

    >>> all_actors()["DEU"].cow
    (255, 260)
    """
    lines = (resources.files("tertius.codes") / "actors.csv").read_text(encoding="utf-8").splitlines()
    return {row["code"]: _read_row(row) for row in csv.DictReader(lines)}


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """A name without case, accents, punctuation, small words and abbreviations.

    >>> plain("The Rep. of Côte d’Ivoire"), plain("St. Kitts & Nevis")
    ('republic cote divoire', 'saint kitts nevis')
    """
    bare = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    words = _SPACE.sub(" ", _NO_SPACE.sub("", bare)).split()
    kept = [_WRITTEN_OUT.get(w, w) for w in words if w not in _SMALL_WORDS]
    return " ".join(kept or words)


def _keys(name: str) -> tuple[str, ...]:
    """The plain words of a name, and of the same name turned round: "Korea, Republic of"."""
    turned = _INVERTED.fullmatch(name)
    return (plain(name), plain(f"{turned[2]} {turned[1]}")) if turned else (plain(name),)


def _all_keys(actor: Actor) -> Iterable[str]:
    until = (name for name, _ in actor.until)
    words = (actor.name, *actor.aliases, *until, *actor.demonyms, *actor.capitals, *actor.places)
    return (plain(actor.code), *(key for word in words for key in _keys(word)))


def _bearers(text: str) -> tuple[Actor, ...]:
    """Every bearer, at any time, of a number or of a word, from the first list that has it."""
    index = _index()
    if number := _NUMBER.fullmatch(text.strip()):
        seats = index.cow if number[1] is None or number[1].upper() == "COW" else index.gw
        return seats.get(int(number[2]), ())
    for words in (index.names, index.shared_words, index.capitals, index.places):
        if found := _lookup(words, text):
            return found
    return ()


def _lookup(words: Mapping[str, tuple[Actor, ...]], text: str) -> tuple[Actor, ...]:
    return next((words[key] for key in _keys(text) if key in words), ())


def _on(bearers: tuple[Actor, ...], day: dt.date | None) -> tuple[Actor, ...]:
    """Those of the bearers that are meant on a day (None: today). More than one: ambiguous."""
    if len(bearers) < 2:
        return bearers
    away = [a.days_away(day or dt.date.max) for a in bearers]
    nearest = [a for a, days in zip(bearers, away, strict=True) if days == min(away)]
    seated = [a for a in nearest if a.kind == "historic"]
    return tuple(a for a in nearest if a in seated or not any(a.shares_seat(s) for s in seated))


def _in_table(actor: Actor) -> Actor:
    return all_actors()[actor.code]


def _did_you_mean(text: str) -> str:
    """A hint for a slip of the keyboard; none for a word that only looks a little like another: the first letter is
    seldom mistyped, and short words are all alike."""
    if _NUMBER.fullmatch(text.strip()):
        return say("No state has this number. ")
    word = plain(text)
    if len(word) <= SHORT:
        return ""
    keys: dict[str, tuple[Actor, ...]] = {}
    for actor in all_actors().values():
        for key in _all_keys(actor):
            if key[:1] == word[0]:
                keys[key] = (*keys.get(key, ()), actor)
    close = nearest(word, keys, _CLOSE_ENOUGH)
    if close is None:
        return ""
    meant = _on(keys[close], None)[0]
    return say("Did you mean {word}? ", word=f"{meant.code} ({meant.name})")


@lru_cache(maxsize=1)
def _index() -> _Index:
    names: dict[str, tuple[Actor, ...]] = {}
    shared_words: dict[str, tuple[Actor, ...]] = {}
    capitals: dict[str, tuple[Actor, ...]] = {}
    places: dict[str, tuple[Actor, ...]] = {}
    cow: dict[int, tuple[Actor, ...]] = {}
    gw: dict[int, tuple[Actor, ...]] = {}
    for actor in all_actors().values():
        for words, texts in (
            (names, (actor.name, *actor.aliases)),
            (shared_words, actor.demonyms),
            (capitals, actor.capitals),
            (places, actor.places),
        ):
            for key in dict.fromkeys(key for text in texts for key in _keys(text)):
                words[key] = (*words.get(key, ()), actor)
        for name, last in actor.until:
            for key in _keys(name):
                names[key] = (*names.get(key, ()), replace(actor, to_date=last))
        for seats, numbers in ((cow, actor.cow), (gw, actor.gw)):
            for number in numbers:
                seats[number] = (*seats.get(number, ()), actor)
    return _Index(names, shared_words, capitals, places, cow, gw)


def _read_row(row: Mapping[str, str]) -> Actor:
    def many(cell: str) -> tuple[str, ...]:
        return tuple(cell.split(";")) if cell else ()

    def name_and_day(text: str) -> tuple[str, dt.date]:
        name, _, last = text.rpartition(" ")
        return name, dt.date.fromisoformat(last)

    return Actor(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        from_date=dt.date.fromisoformat(row["from"]) if row["from"] else None,
        to_date=dt.date.fromisoformat(row["to"]) if row["to"] else None,
        cow=tuple(map(int, many(row["cow"]))),
        gw=tuple(map(int, many(row["gw"]))),
        capitals=many(row["capital"]),
        demonyms=many(row["demonyms"]),
        aliases=many(row["aliases"]),
        places=many(row["places"]),
        until=tuple(map(name_and_day, many(row["until"]))),
    )


def read_day(date: dt.date | str | None) -> dt.date | None:
    """A day from a date, a time stamp or a text; None stays None. Raises UsageError.

    >>> read_day("2022-02-24")
    datetime.date(2022, 2, 24)
    """
    if isinstance(date, dt.datetime):
        return date.date()
    if date is None or isinstance(date, dt.date):
        return date
    try:
        return dt.date.fromisoformat(date)
    except ValueError:
        raise UsageError(f"'{date}' is not a date.", "Write dates as 2022-02-24.") from None

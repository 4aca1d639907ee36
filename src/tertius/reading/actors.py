"""Whom a text names: names, demonyms, capitals, offices, bodies, armed groups, and persons by date.

Names, demonyms, capitals and states by date are those of :mod:`tertius.codes`. Two tables of our own, facts of common
knowledge chosen by class and never from a benchmark, add what an article also calls a state by:

- ``bodies.csv``: parliaments, ministries, services, armed forces, parties, armed groups, peoples, provinces and large
  cities, organisations. An organisation without a code of its own has the code of its kind: IGO (between governments),
  NGO, IMG (armed and of no one state), MNC (a company of many states);
- ``persons.csv``: heads of state and of government, ministers and spokesmen, with the years of their office.

Rules
-----
1. Case decides between a name and a word: "us", "turkey" and "who" are words, "US", "Turkey" and "WHO" are actors.
2. A full name stands for its state at any date: a former president is still of his country. But who holds an office of
   an organisation speaks for it: by the title beside the name ("NATO Secretary General Jens Stoltenberg"), or by the
   date, where a person held offices of a state and of an organisation. A bare surname needs a
   title beside it ("President Reagan", "the Biden administration"), its full name earlier in the text, or a date within
   the years of its office; what then still fits several states is no mention.
3. A word that several states share ("Korean", "Congo") is a mention only where the text names just one of them.
4. A first name before "Jordan", "Chad" or "Georgia", or a name after it, makes a person of it; "Georgia" beside a state
   of the United States is one.
5. A state's name with one letter missing or two letters swapped ("Ethopia", "Isreal") is read as that state.
6. Of "ethnic X" beside another state Y, Y is meant; in "X-based", "X-born", "anti-X" X is no actor.

What it does not do: know persons outside the table, or follow "he" and "they".
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from tertius.codes import Actor, all_actors, meant_over, read_day
from tertius.codes import resolve_actor as resolve_code
from tertius.errors import UnknownActor

OF_A_STATE = frozenset(("agency", "legislature", "forces", "party"))
"""Kinds that belong to the state named just before them."""

GENERIC = {
    "IGO": "an organisation of governments",
    "NGO": "a non-governmental organisation",
    "IMG": "an armed group of no one state",
    "MNC": "a company of many states",
}
"""Codes of kinds of actor that have no code of their own."""

HEADS = frozenset(("president", "prime minister", "chancellor", "leader", "supreme leader"))
FAMILY_NAME_FIRST = {"CHN", "KOR", "PRK", "TWN", "VNM", "KHM", "HKG"}
TITLES = frozenset((
    "president", "premier", "chancellor", "minister", "secretary", "leader", "king", "queen", "prince", "sheikh",
    "emir", "sultan", "pope", "general", "gen", "marshal", "colonel", "col", "mr", "mrs", "ms", "dr", "ayatollah",
    "chairman", "dictator", "ambassador", "envoy", "senator", "sen", "spokesman", "spokeswoman", "spokesperson",
    "chief", "commander", "comrade", "emperor", "governor", "taoiseach", "presidents", "ministers", "leaders",
    "counterpart", "mullah", "ruler", "strongman", "former", "director",
))  # fmt: skip
AFTER_TITLES = frozenset(["administration", "government", "regime", "cabinet", "presidency", "era"])
PERSON_NAMES = frozenset((
    "jordan", "chad", "georgia", "israel", "kenya", "india", "paris", "london", "sydney", "washington", "china",
    "cuba",
))  # fmt: skip
US_SIDE = frozenset((
    "atlanta", "alabama", "florida", "carolina", "tennessee", "savannah", "senator", "governor", "republican",
    "democrat",
))  # fmt: skip
_NOT_BORNE = frozenset(["based", "born", "backed", "trained", "educated", "style", "made"])
_SURNAME_WORDS = frozenset((
    "may", "rice", "powell", "king", "major", "brown", "bush", "day", "long", "young", "baker", "hill", "straw",
    "fox", "bishop", "howe", "cook", "hunt", "grant", "burns", "banks", "church", "house", "new", "wang", "li",
    "park", "lee", "kim", "wine", "ma", "le", "dan", "faye", "simon", "de", "roy", "wise", "marcos", "bill", "art",
    "post", "gates", "prince", "castro", "he",
))  # fmt: skip
"""Surnames that are words, or of too many people: a date alone does not do for them."""

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_SENTENCE_END = frozenset(".!?")


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that stand for an actor, ``[start, end)`` in characters. ``kind``: name, demonym, capital, place, person,
    agency, legislature, forces, party, group, organisation, company or slip."""

    start: int
    end: int
    code: str
    kind: str


class Token(NamedTuple):
    start: int
    end: int
    key: str
    upper: bool
    all_upper: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    keys: tuple[str, ...]
    code: str | None  # None: several bearers; codes decides by date
    kind: str
    name: str
    case: str  # any, upper: a capital letter; all: capitals throughout
    years: tuple[int, int] | None = None
    head: bool = False  # of state or government


def tokens(text: str) -> list[Token]:
    """Words of a text, without hyphens and apostrophes, as keys without case, accents and the dots of "U.S."."""
    found = []
    for m in _TOKEN.finditer(text):
        key, upper, all_upper = _form(m[0])
        found.append(Token(m.start(), m.end(), key, upper, all_upper))
    return found


@lru_cache(maxsize=65_536)
def _form(word: str) -> tuple[str, bool, bool]:
    """A word's key, whether it begins with a capital, and whether all of it is in capitals."""
    return _key(word), word[0].isupper(), word.isupper()


@lru_cache(maxsize=65_536)
def _key(word: str) -> str:
    low = word.lower()
    if low.isascii():
        return low.replace(".", "")
    bare = unicodedata.normalize("NFKD", low.replace(".", "").translate(_LETTERS))
    return "".join(c for c in bare if not unicodedata.combining(c))


def find_actors(text: str, date: dt.date | str | None = None) -> tuple[Mention, ...]:
    """Mentions of actors in a text, in its order, none overlapping another.

    ``date`` is when the text was written: it decides between states that share a name and fits surnames to offices.

    >>> [(m.code, m.kind) for m in find_actors("The Kremlin told us that President Reagan sold Turkey a turkey.")]
    [('RUS', 'place'), ('USA', 'person'), ('TUR', 'name')]
    """
    return mentions_of(text, tokens(text), read_day(date))


def mentions_of(text: str, words: list[Token], day: dt.date | None) -> tuple[Mention, ...]:
    """As :func:`find_actors`, on words already cut."""
    index = _index()
    found: list[Mention] = []
    known: dict[str, str] = {}
    shared: list[tuple[int, int, _Entry]] = []
    shouting = bool(words) and sum(t.all_upper for t in words) > 0.7 * len(words)
    i, n = 0, len(words)
    while i < n:
        entry = _longest(index, words, i, shouting) if words[i].key in index else None
        if entry is None:
            heard = words[i].upper and not (shouting and len(words[i].key) < 3)  # "TO", in capitals throughout
            if heard and (person := _surname(words, i, day, known, found)):
                person = _speaks_for(text, words[i].start, found) or person
                found.append(Mention(words[i].start, words[i].end, person, "person"))
            elif words[i].upper and (code := _slips().get(words[i].key)) and not words[i].all_upper:
                found.append(Mention(words[i].start, words[i].end, code, "slip"))
            i += 1
            continue
        last = i + len(entry.keys) - 1
        if entry.keys[0] == "south" and i > 1 and (words[i - 2].key, words[i - 1].key) == ("north", "and"):
            found.append(Mention(words[i - 2].start, words[i - 2].end, "PRK", "name"))
        if entry.kind in OF_A_STATE and found and text[found[-1].end : words[i].start] in (" ", "'s ", "’s "):
            i = last + 1  # "the Peruvian Congress" is Peru's
            continue
        if not _another_thing(text, words, i, last, entry):
            code = entry.code or (None if entry.name == "Congo" else _on_day(entry.name, day))
            if code is None:
                shared.append((len(found), i, entry))
            else:
                if entry.kind == "person":
                    code = _speaks_for(text, words[i].start, found) or _office_on(entry, day) or code
                    known.update(dict.fromkeys(_surnames(entry.keys, code), code))
                found.append(Mention(words[i].start, words[last].end, code, entry.kind))
        i = last + 1
    if shared:
        codes = {m.code for m in found}
        for at, i, entry in reversed(shared):
            bearers = codes & _bearers(entry.name)
            if len(bearers) == 1:
                word_end = words[i + len(entry.keys) - 1].end
                found.insert(at, Mention(words[i].start, word_end, next(iter(bearers)), "name"))
    return tuple(found)


def resolve_actor(text: str, date: dt.date | str | None = None) -> Actor:
    """The actor that a code, a name or a phrase stands for, on a date if one is given.

    Whatever :func:`tertius.codes.resolve_actor` knows it decides; then bodies and persons; then the first actor that
    the phrase names ("Armenian Prime Minister Nikol Pashinyan"). Names in other languages where babel is installed.

    Raises
    ------
    UnknownActor : no actor, or several; the hint names what to write.
    UsageError : the date is not one.

    >>> resolve_actor("the Kremlin").code, resolve_actor("the Israeli foreign minister").code
    ('RUS', 'ISR')
    >>> resolve_actor("President Carter", "1979-05-01").name, resolve_actor("German chancellor", "1985-01-01").code
    ('United States', 'DEU')
    """
    day = read_day(date)
    phrase = re.sub(r"^\s*(?:the|an?)\s+", "", str(text), flags=re.IGNORECASE)
    try:
        return resolve_code(phrase if phrase.strip() else text, day)
    except UnknownActor as unknown:
        if "several" in str(unknown):
            raise
        mentions = find_actors(phrase, day) or _without_case(phrase, day) or _only_name(phrase, day)
        if not mentions:
            foreign = _foreign(phrase)
            if foreign is not None:
                return all_actors()[foreign]
            raise
        return actor_of(_owner(phrase, mentions), phrase)


def actor_of(code: str, name: str | None = None) -> Actor:
    """The actor of a code, one of the kinds in :data:`GENERIC` included."""
    known = all_actors().get(code)
    if known is not None:
        return known
    if code in GENERIC:
        return Actor(code=code, name=name or GENERIC[code], kind="organisation")
    raise UnknownActor(f"'{code}'.", "All names: tertius codes")


def _owner(phrase: str, mentions: tuple[Mention, ...]) -> str:
    """The state of a phrase: its first mention, a person's or an adjective's before a place's."""
    strong = [m for m in mentions if m.kind not in ("capital", "place")]
    first = mentions[0]
    if (
        first.kind in ("capital", "place")
        and strong
        and re.search(r"\b(?:in|at|from|near)\s+(?:the\s+)?$", phrase[: first.start])
    ):
        return strong[0].code
    return first.code


def _without_case(phrase: str, day: dt.date | None) -> tuple[Mention, ...]:
    """A phrase in small letters is read as if each word had a capital, the ambiguous words left out."""
    if phrase != phrase.lower():
        return ()
    plain_words = _lower_words()
    raised = " ".join(w if w in plain_words or _key(w) not in _index() else w.title() for w in phrase.split(" "))
    return find_actors(raised, day)


def _only_name(phrase: str, day: dt.date | None) -> tuple[Mention, ...]:
    """A phrase that is a bare surname of one state's persons, with nothing else to tell."""
    words = tokens(phrase)
    if len(words) != 1 or words[0].key in _SURNAME_WORDS:
        return ()
    bearers = _surname_index().get(words[0].key, ())
    if day is not None:
        bearers = tuple(e for e in bearers if _in_office(e, day, 2)) or bearers
    codes = {e.code for e in bearers}
    code = codes.pop() if len(codes) == 1 else None
    return (Mention(words[0].start, words[0].end, code, "person"),) if code else ()


# --- one place in the text


def _longest(index: dict[str, tuple[_Entry, ...]], words: list[Token], i: int, shouting: bool) -> _Entry | None:
    for entry in index.get(words[i].key, ()):
        k = len(entry.keys)
        if k > 1 and tuple(t.key for t in words[i : i + k]) != entry.keys:
            continue
        if shouting:
            if entry.case == "all" and k == 1:
                continue
            return entry
        if entry.case == "any" or (entry.case == "all" and words[i].all_upper):
            return entry
        if entry.case == "upper" and words[i].upper and (k == 1 or words[i + k - 1].upper or k > 2):
            return entry
    return None


def _another_thing(text: str, words: list[Token], i: int, last: int, entry: _Entry) -> bool:
    """Whether what looks like an actor is a part of another name, or no actor here."""
    after = words[last + 1] if last + 1 < len(words) else None
    joined = after is not None and after.start == words[last].end + 1 and text[words[last].end] == "-"
    if joined and after is not None and after.key in _NOT_BORNE:
        return True
    before = words[i - 1] if i and words[i].start - words[i - 1].end == 1 else None
    if before is not None and before.key == "ethnic":
        return _another_state(words, i, last)
    if before is not None and before.key in ("anti", "pro") and text[before.end] == "-":
        return True
    key = entry.keys[0]
    if before is not None and before.key in _HALVES and key in ("america", "american", "americans"):
        return True
    if key in ("persian", "iranian") and after is not None and after.key == "gulf":
        return True
    if after is not None and after.upper and after.key in _PAPERS:
        return True
    if before is not None and before.key == "of" and i > 1 and words[i - 2].upper and words[i - 2].key in _PAPERS:
        return True
    if len(entry.keys) == 1 and key in PERSON_NAMES:
        start = i == 0 or text[words[i - 1].end : words[i].start].strip()[:1] in _SENTENCE_END
        if (
            before is not None
            and before.upper
            and not before.all_upper
            and not start
            and _first_name(before, words, i, text)
        ):
            return True
        if key in ("jordan", "chad", "georgia") and after is not None and _last_name(words[last], after):
            return True
        if key == "georgia" and any(t.key in US_SIDE for t in words):
            return True
    return key == "washington" and after is not None and after.key in ("state", "post", "times", "irving")


_PAPERS = frozenset(("times", "post", "herald", "tribune", "gazette", "daily"))
"""Beside a name, a newspaper: "the Jerusalem Post", "The Times of India"."""
_HALVES = frozenset(("south", "north", "latin", "central", "native", "african"))
"""Before "American", the continent or a people, not the United States."""


def _first_name(before: Token, words: list[Token], i: int, text: str) -> bool:
    if before.key in TITLES or _alone(before.key) or before.key in _surname_index():
        return False
    start = i == 1 or text[words[i - 2].end : before.start].strip()[:1] in _SENTENCE_END
    return not start or before.key in _FIRST_NAMES


def _alone(key: str) -> bool:
    """Whether a word is by itself an actor."""
    return any(len(e.keys) == 1 for e in _index().get(key, ()))


def _last_name(word: Token, after: Token) -> bool:
    """ "Jordan Peterson": a capital follows that begins no actor and no title."""
    joined = after.start - word.end == 1 and after.upper and not after.all_upper
    return joined and not _alone(after.key) and after.key not in TITLES


_FIRST_NAMES = frozenset(
    ["michael", "denzel", "george", "kerry", "booker", "neil", "hamilton", "vernon", "barbara", "jack", "paris", "chad"]
)


def _another_state(words: list[Token], i: int, last: int) -> bool:
    """Whether the text names a state elsewhere: "ethnic Albanians in Serbia", "Serbia's ethnic Albanians"."""
    index = _index()
    return any(
        t.upper
        and t.key != words[i].key
        and any(len(e.keys) == 1 and e.kind in ("name", "demonym", "capital") for e in index.get(t.key, ()))
        for j, t in enumerate(words)
        if not i <= j <= last
    )


def _surname(
    words: list[Token], i: int, day: dt.date | None, known: dict[str, str], found: list[Mention]
) -> str | None:
    """The state of a bare surname, where a title, a first mention or a date says which."""
    key = words[i].key
    if key in known:
        return known[key]
    bearers = _surname_index().get(key)
    if bearers is None:
        return None
    titled = any(words[j].key in TITLES for j in range(max(i - 2, 0), i)) or (
        i + 1 < len(words) and words[i + 1].key in AFTER_TITLES
    )
    in_office = tuple(e for e in bearers if day is not None and _in_office(e, day, 1))
    if not titled and (not in_office or key in _SURNAME_WORDS or _preceded_by_name(words, i)):
        return None
    near = {m.code for m in found[-1:] if words[i].start - m.end < 40}
    for choice in (tuple(e for e in bearers if e.code in near), in_office, bearers):
        codes = {e.code for e in choice if e.code}
        if len(codes) == 1:
            code = codes.pop()
            if titled or choice is in_office:
                known[key] = code
                return code
        if codes:
            break
    return None


_OFFICE = re.compile(
    r"(?:['’]s?)?\s+(?:(?:deputy|foreign|policy|human|rights|special|high|acting|outgoing|former)\s+)*"
    r"(?:secretary[\s-]general|general\s+secretary|director[\s-]general|secretary|chief|president|chairman|chairwoman|"
    r"head|leader|commander|envoy|representative|commissioner|spokesman|spokeswoman|spokesperson)\s*,?\s*$",
    re.IGNORECASE,
)


def _speaks_for(text: str, start: int, found: Sequence[Mention]) -> str | None:
    """The organisation whose office stands before a person's name: "NATO Secretary General Jens Stoltenberg"."""
    last = found[-1] if found else None
    if last is None or last.kind != "organisation" or start - last.end > 60:
        return None
    return last.code if _OFFICE.fullmatch(text, last.end, start) else None


def _office_on(entry: _Entry, day: dt.date | None) -> str | None:
    """For whom a person of several offices spoke on a day: whose office it was, if one's only."""
    if day is None or entry.keys not in _of_several():
        return None
    codes = {e.code for e in _of_several()[entry.keys] if _in_office(e, day, 0)}
    return codes.pop() if len(codes) == 1 else None


@lru_cache(maxsize=1)
def _of_several() -> dict[tuple[str, ...], tuple[_Entry, ...]]:
    """Persons who held offices of more than one state or organisation."""
    offices: dict[tuple[str, ...], list[_Entry]] = {}
    for entry in _persons():
        offices.setdefault(entry.keys, []).append(entry)
    return {keys: tuple(held) for keys, held in offices.items() if len({e.code for e in held}) > 1}


def _preceded_by_name(words: list[Token], i: int) -> bool:
    """ "Jeremy Putin" is not the president: another first name stands before the surname."""
    return (
        i > 0
        and words[i].start - words[i - 1].end == 1
        and words[i - 1].upper
        and i > 1
        and (not _alone(words[i - 1].key) and words[i - 1].key not in TITLES)
    )


def _in_office(entry: _Entry, day: dt.date, slack: int) -> bool:
    return entry.years is not None and entry.years[0] - slack <= day.year <= entry.years[1] + slack


@lru_cache(maxsize=4096)
def _on_day(name: str, day: dt.date | None) -> str | None:
    """Which of several bearers a name means on a day (None: today)."""
    when = day or dt.date.today()
    pieces = meant_over(name, when, when)
    return pieces[0][1] if pieces else None


@lru_cache(maxsize=4096)
def _bearers(name: str) -> frozenset[str]:
    from tertius.codes.actors import plain

    key = plain(name)
    if key == "congo":
        return frozenset(("COG", "COD"))
    return frozenset(
        a.code
        for a in all_actors().values()
        if any(plain(w) == key for w in (a.name, *a.aliases, *a.demonyms, *(u for u, _ in a.until)))
    )


# --- the index


@lru_cache(maxsize=1)
def _index() -> dict[str, tuple[_Entry, ...]]:
    """Entries by the key of their first word, the longest first."""
    by_keys: dict[tuple[str, ...], _Entry] = {}
    for entry in (*_of_codes(), *_of_bodies(), *_persons()):
        if entry.keys and entry.keys not in by_keys:
            by_keys[entry.keys] = entry
    first: dict[str, list[_Entry]] = {}
    for entry in by_keys.values():
        first.setdefault(entry.keys[0], []).append(entry)
    return {key: tuple(sorted(entries, key=lambda e: -len(e.keys))) for key, entries in first.items()}


def _case(name: str) -> str:
    letters = [c for c in name if c.isalpha()]
    if len(letters) <= 4 and all(c.isupper() for c in letters):
        return "all"
    return "upper" if name[:1].isupper() or name[3:4].isupper() else "any"


def _entry(name: str, code: str | None, kind: str, years: tuple[int, int] | None = None, head: bool = False) -> _Entry:
    return _Entry(tuple(t.key for t in tokens(name)), code, kind, name, _case(name), years, head)


_NO_NAMES = {"Global South", "Total", "Indian", "ADO", "Us"}


def _of_codes() -> Iterator[_Entry]:
    """Names, demonyms, capitals and places of tertius.codes; codes only where people write them (USA, UAE)."""
    words: dict[tuple[str, str], list[Actor]] = {}
    for actor in all_actors().values():
        named = ((actor.name, "name"), *((a, "name") for a in actor.aliases), *((u, "name") for u, _ in actor.until))
        for name, kind in (
            *named,
            *((d, "demonym") for d in actor.demonyms),
            *((c, "capital") for c in actor.capitals),
            *((p, "place") for p in actor.places),
        ):
            if _withdrawn_code(name, kind, actor):
                continue
            words.setdefault((name, "organisation" if actor.kind == "organisation" else kind), []).append(actor)
    for extra, code in (
        ("USA", "USA"),
        ("D.R. Congo", "COD"),
        ("DPRK", "PRK"),
        ("USSR", "SUN"),
        ("PRC", "CHN"),
        ("Ivory Coast", "CIV"),
        ("Ivorian", "CIV"),
        ("Burma", "MMR"),
        ("Brussels", "BEL"),
    ):
        words.setdefault((extra, "name"), [all_actors()[code]])
    for (name, kind), actors in words.items():
        if name in _NO_NAMES and name != "Indian":
            continue
        distinct = list(dict.fromkeys(actors))
        if name == "Congo":
            distinct = [all_actors()["COG"], all_actors()["COD"]]
        only = distinct[0].code if len(distinct) == 1 and not distinct[0].until else None
        if only is None and kind in ("capital", "place"):
            living = [a for a in distinct if a.to_date is None and a.kind == "state"]
            only = (living or distinct)[0].code
        yield _entry(name, only, kind)


def _withdrawn_code(name: str, kind: str, actor: Actor) -> bool:
    """Codes among the aliases ("BUR"), which nobody writes in a sentence."""
    letters = len(name) == 3 and name.isupper() and kind == "name"
    return letters and name != actor.name and actor.kind != "organisation" and name not in ("USA", "UAE", "ROK")


def _of_bodies() -> Iterator[_Entry]:
    for row in _table("bodies.csv"):
        for name in row["names"].split(";"):
            yield _entry(name, row["code"], row["kind"])


@lru_cache(maxsize=1)
def _persons() -> tuple[_Entry, ...]:
    entries = []
    for row in _table("persons.csv"):
        for holder in row["holders"].split(";"):
            names, _, years = holder.rpartition(" ")
            first, _, last = years.partition("-")
            span = (int(first), int(last) if last else 9999)
            head = row["office"] in HEADS
            entries += [_entry(name, row["code"], "person", span, head) for name in names.split("|")]
    return tuple(entries)


def _surnames(keys: tuple[str, ...], code: str) -> tuple[str, ...]:
    names = [keys[-1]]
    if code in FAMILY_NAME_FIRST and len(keys) > 1:
        names = [keys[0]]
    return tuple(n for n in names if len(n) > 1)


@lru_cache(maxsize=1)
def _surname_index() -> dict[str, tuple[_Entry, ...]]:
    found: dict[str, list[_Entry]] = {}
    for entry in _persons():
        if len(entry.keys) > 1 and entry.code:
            for name in _surnames(entry.keys, entry.code):
                found.setdefault(name, []).append(entry)
    return {name: tuple(entries) for name, entries in found.items()}


def terms_of(surname: str) -> tuple[tuple[int, int], ...]:
    """First and last years of office of heads of state or government with a surname (9999: still in office).

    >>> terms_of("Trump")
    ((2017, 2021), (2025, 9999))
    """
    return tuple(e.years for e in _surname_index().get(_key(surname), ()) if e.years and e.head)


@lru_cache(maxsize=1)
def _slips() -> dict[str, str]:
    """Names of states of six letters or more with one letter missing or two neighbours swapped."""
    known = _index()
    slips: dict[str, str | None] = {}
    for actor in all_actors().values():
        for name in (actor.name, *actor.aliases):
            key = _key(name)
            if actor.kind != "state" or not key.isalpha() or len(key) < 6:
                continue
            for i in range(1, len(key)):
                for slip in (key[:i] + key[i + 1 :], key[:i] + key[i + 1 : i + 2] + key[i] + key[i + 2 :]):
                    if slip != key and slip not in known and slip not in _NOT_SLIPS:
                        slips[slip] = actor.code if slips.get(slip, actor.code) == actor.code else None
    return {slip: code for slip, code in slips.items() if code}


_NOT_SLIPS = frozenset(["brazi", "german", "romana", "angora", "austral", "india", "frace", "spain", "mexio"])


@lru_cache(maxsize=1)
def _lower_words() -> frozenset[str]:
    return frozenset(
        ["us", "who", "turkey", "china", "the", "of", "in", "and", "to", "for", "a", "an", "it", "may", "chad"]
    )


def _table(name: str) -> Iterable[dict[str, str]]:
    return csv.DictReader((resources.files("tertius.reading") / name).read_text(encoding="utf-8").splitlines())


# --- names in other languages

LANGUAGES = ("de", "fr", "es", "pt", "it", "nl", "pl", "ru", "uk", "tr", "ar", "fa", "he", "zh", "ja", "ko")


@lru_cache(maxsize=1)
def _foreign_names() -> dict[str, str]:
    """Names of territories in other languages, of babel; empty where babel is not installed."""
    try:
        from babel import Locale
    except ImportError:
        return {}
    from babel.core import get_global

    alpha3 = get_global("territory_aliases")
    two_to_three = {
        two[0]: three
        for three, two in alpha3.items()
        if three in all_actors() and all_actors()[three].kind in ("state", "territory")
    }
    names: dict[str, str | None] = {}
    for language in LANGUAGES:
        for two, name in Locale.parse(language).territories.items():
            code = two_to_three.get(two)
            if code is not None:
                key = " ".join(t.key for t in tokens(name))
                names[key] = code if names.get(key, code) == code else None
    return {name: code for name, code in names.items() if code}


def _foreign(phrase: str) -> str | None:
    return _foreign_names().get(" ".join(t.key for t in tokens(phrase)))


__all__ = ["GENERIC", "Mention", "Token", "actor_of", "find_actors", "mentions_of", "resolve_actor", "tokens"]

"""Who is meant by what somebody typed: names in any case and any of babel's languages, with slips of the keyboard.

The table of actors comes first (:func:`tertius.codes.find_actors`); then names of territories as babel's languages
write them, whole, from their beginning, or at the beginning of a word; then what is nearly one of these. Nearness is
that of :mod:`difflib`, among the names that share most pairs of letters with what was typed, so that a search takes
milliseconds. Without babel (the extra ``tertius[web]``) the names are those of the table alone.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from tertius.codes.actors import Actor, all_actors, find_actors, plain

NEAR = 0.72
"""How alike a slip and the name that was meant are, at least."""
LOOKED_AT = 60
"""Names whose nearness is measured."""
LONGEST = 100
"""Characters of a name that are looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """An actor that may be meant.

    Attributes
    ----------
    code, name : of the actor. written : the name that was found. language : of that name, empty for the table's own.
    how : "exact", "word" (a name or a word in one begins with it) or "near" (a slip of the keyboard).
    """

    code: str
    name: str
    written: str
    language: str
    how: str


@dataclass(frozen=True, slots=True)
class Names:
    """All names, for searching.

    Attributes
    ----------
    keys : plain name -> (code, name as written, language) of every actor that has it.
    pairs : pair of letters -> the plain names that hold it.
    """

    keys: Mapping[str, tuple[tuple[str, str, str], ...]]
    pairs: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, written: Iterable[tuple[str, str, str]]) -> Names:
        """Of names as (code, name, language)."""
        keys: defaultdict[str, dict[str, tuple[str, str, str]]] = defaultdict(dict)
        for code, name, language in written:
            if key := plain(name[:LONGEST]):
                keys[key].setdefault(code, (code, name, language))
        pairs: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys:
            for two in _pairs(key):
                pairs[two].append(key)
        return cls({k: tuple(v.values()) for k, v in keys.items()}, {k: tuple(v) for k, v in pairs.items()})

    def search(self, text: str, most: int = 10) -> list[Found]:
        """Actors that may be meant, the likeliest first.

        >>> [f.code for f in Names.of(table_names()).search("north koria")][:1]
        ['PRK']
        """
        text = text.strip()[:LONGEST]
        word = plain(text)
        found: dict[str, Found] = {}

        def take(code: str, written: str, language: str, how: str) -> None:
            found.setdefault(code, Found(code, all_actors()[code].name, written, language, how))

        for actor in find_actors(text, exact=True) if text else ():
            take(actor.code, actor.name, "", "exact")
        if not word:
            return list(found.values())[:most]
        for own in self.keys.get(word, ()):
            take(*own, "exact")
        for actor in find_actors(text):
            take(actor.code, actor.name, "", "word")
        begun = sorted((k for k in self._like(word) if f" {word}" in f" {k}"), key=len)
        for key in begun:
            for own in self.keys[key]:
                take(*own, "word")
        if not any(f.how == "exact" for f in found.values()):
            for key in self._near(word):
                for own in self.keys[key]:
                    take(*own, "near")
        return list(found.values())[:most]

    def _like(self, word: str) -> list[str]:
        """The names that share most pairs of letters with a word."""
        shared = Counter(key for two in set(_pairs(word)) for key in self.pairs.get(two, ()))
        ranked = sorted(shared, key=lambda key: (-2 * shared[key] / (len(key) + len(word)), key))
        return ranked[:LOOKED_AT]

    def _near(self, word: str) -> list[str]:
        matcher = SequenceMatcher(b=word)
        near: list[tuple[float, str]] = []
        for key in self._like(word):
            matcher.set_seq1(key)
            if (ratio := matcher.ratio()) >= NEAR:
                near.append((-ratio, key))
        return [key for _, key in sorted(near)]


def _pairs(key: str) -> list[str]:
    padded = f" {key} "
    return [padded[n : n + 2] for n in range(len(padded) - 1)]


def table_names() -> list[tuple[str, str, str]]:
    """The names in the table of actors."""
    return [(a.code, name, "") for a in all_actors().values() for name in _own(a)]


def _own(actor: Actor) -> tuple[str, ...]:
    return (actor.name, *actor.aliases, *actor.demonyms, *(name for name, _ in actor.until))


def foreign_names() -> list[tuple[str, str, str]]:
    """The names of states and territories in all of babel's languages; empty where babel is not installed."""
    try:
        from babel import Locale
    except ImportError:
        return []
    from babel.core import get_global
    from babel.localedata import locale_identifiers

    now = {
        code for code, actor in all_actors().items() if actor.kind in ("state", "territory")
    }  # SUN is an alias of RU
    three = {two[0]: code for code, two in get_global("territory_aliases").items() if code in now}
    found = []
    for language in locale_identifiers():
        if "_" in language:
            continue
        locale = Locale.parse(language)
        own = locale.english_name or language
        for two, name in locale.territories.items():
            code = three.get(two)
            if code is not None:
                found.append((code, name, own))
    return found


@lru_cache(maxsize=1)
def all_names() -> Names:
    """Every name; making it takes a second or two, so it is made once.

    What babel reads for it stays in memory, 130 MB: who runs for long has :func:`foreign_names` told by another process
    (``python -m tertius.codes.names``).
    """
    return Names.of([*table_names(), *foreign_names()])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(foreign_names()))

"""Words by class, and frames: what a verb with its object, preposition and complement is as an event.

``lexicon.csv`` groups words that an analyst would code alike (``COERCE``: arrest, detain, seize ...), verbs and nouns
together; a word may belong to several classes. ``frames.csv`` says which event type a frame is: ``lemma`` (or
``@CLASS``), ``particle``, ``object``, ``preposition``, ``complement``; an empty cell matches anything, ``*`` any word.
Of the frames that match, the one with the most cells filled is the best; a word beats its class. Types are PLOVER's of
2021, after the manual's conversion from CAMEO (Open Event Data Alliance 2021); the tables are our own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

FRIENDLY = frozenset(("AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT"))
NOUNS = {
    "ASSAULT_N": "ASSAULT", "CEASEFIRE": "RETREAT", "RETREAT": "RETREAT", "TALKS": "CONSULT", "ALERT": "MOBILIZE",
    "MOBILIZE": "MOBILIZE", "COERCE": "COERCE", "INVESTIGATE": "ACCUSE", "PROTEST": "PROTEST", "COOPERATE": "COOPERATE",
    "AGREEMENT": "SUPPORT", "ACCUSE": "ACCUSE", "AID": "AID", "THREATEN": "THREATEN", "AID_N": "AID",
}  # fmt: skip
"""Classes of nouns that name an event, and its type."""

NOTHING: tuple[str, ...] = ()


class Clause(NamedTuple):
    """A predicate and what depends on it, as lemmas."""

    lemma: str
    particles: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    prepositions: tuple[str, ...] = ()
    complements: tuple[str, ...] = ()


Words = frozenset[str]
ANY: Words = frozenset()
"""What ``*`` stands for: whatever word."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A row of the table; a cell is the words that fit it, None where all does, even nothing."""

    particle: Words | None
    object: Words | None
    preposition: Words | None
    complement: Words | None
    type: str
    weight: int


@lru_cache(maxsize=65_536)
def classes_of(lemma: str) -> tuple[str, ...]:
    """Classes of a lemma, in the table's order.

    >>> classes_of("arrest"), classes_of("sunflower")
    (('COERCE',), ())
    """
    return _classes().get(lemma, NOTHING)


def known_lemma(word: str) -> bool:
    return word in _classes() or word in _frames()


@lru_cache(maxsize=65_536)
def has_frames(lemma: str) -> bool:
    """Whether a frame of the table begins with a lemma or one of its classes."""
    return bool(_frames_of(lemma))


@lru_cache(maxsize=65_536)
def _frames_of(lemma: str) -> tuple[Frame, ...]:
    """Frames of a lemma and of its classes, the best first."""
    keys = (lemma, *("@" + c for c in classes_of(lemma)))
    return tuple(sorted((f for key in keys for f in _frames().get(key, ())), key=lambda f: -f.weight))


def event_type(clause: Clause) -> str | None:
    """The type of the best frame that matches, or None.

    >>> event_type(Clause("lift", objects=("embargo",))), event_type(Clause("lift", objects=("weight",)))
    ('RETREAT', None)
    """
    for frame in _frames_of(clause.lemma):
        if _matches(frame, clause):
            return frame.type
    return None


def noun_type(lemma: str) -> str | None:
    """The type of the event that a noun names: "withdrawal", "crackdown".

    >>> noun_type("crackdown"), noun_type("table")
    ('COERCE', None)
    """
    return next((NOUNS[c] for c in classes_of(lemma) if c in NOUNS), None)


def in_mood(type_: str | None, negated: bool, future: bool, must: bool = False) -> str | None:
    """What a type becomes when it is refused or only announced: "will not release" is a refusal, "will send" a promise,
    "will bomb" a threat, "must release" a demand.

    >>> in_mood("RETREAT", True, True), in_mood("AID", False, True), in_mood("ASSAULT", False, True)
    ('REJECT', 'AGREE', 'THREATEN')
    """
    if type_ is None:
        return None
    if must:
        return "REQUEST"
    if negated:
        return "REJECT" if type_ in FRIENDLY else type_
    if future:
        return (
            "AGREE"
            if type_ in FRIENDLY
            else "THREATEN"
            if type_ in ("ASSAULT", "SANCTION", "COERCE", "PROTEST")
            else type_
        )
    return type_


def _matches(frame: Frame, clause: Clause) -> bool:
    return (
        _fits(frame.particle, (*clause.particles, *clause.prepositions))
        and _fits(frame.preposition, (*clause.prepositions, *clause.particles))
        and _fits(frame.object, clause.objects)
        and _fits(frame.complement, clause.complements)
    )


def _fits(wanted: Words | None, lemmas: tuple[str, ...]) -> bool:
    return wanted is None or (bool(lemmas) if wanted is ANY else not wanted.isdisjoint(lemmas))


@lru_cache(maxsize=1)
def _classes() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in _rows("lexicon.csv"):
        for word in row["words"].split(";"):
            if row["class"] not in found.setdefault(word, []):
                found[word].append(row["class"])
    return {word: tuple(names) for word, names in found.items()}


@lru_cache(maxsize=1)
def _members() -> dict[str, Words]:
    """Class -> its words."""
    found: dict[str, set[str]] = {}
    for word, names in _classes().items():
        for name in names:
            found.setdefault(name, set()).add(word)
    return {name: frozenset(words) for name, words in found.items()}


@lru_cache(maxsize=1)
def _frames() -> dict[str, tuple[Frame, ...]]:
    found: dict[str, list[Frame]] = {}
    for row in _rows("frames.csv"):
        cells = [row[name] for name in ("particle", "object", "preposition", "complement")]
        weight = sum(3 if c and c[0] != "@" else 2 if c else 0 for c in cells) * 2 + (row["lemma"][0] != "@")
        particle, object_, preposition, complement = map(_words, cells)
        frame = Frame(particle, object_, preposition, complement, row["type"], weight)
        found.setdefault(row["lemma"], []).append(frame)
    return {lemma: tuple(frames) for lemma, frames in found.items()}


def _words(cell: str) -> Words | None:
    if cell in ("", "*"):
        return ANY if cell else None
    return _members()[cell[1:]] if cell[0] == "@" else frozenset((cell,))


def _rows(name: str) -> csv.DictReader[str]:
    return csv.DictReader((resources.files("tertius.reading") / name).read_text(encoding="utf-8").splitlines())

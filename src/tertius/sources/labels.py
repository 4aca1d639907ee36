"""Which actor a label of a file means: names, words for a people and codes become codes; numbers only where asked.

``--codes`` says how far this goes:

``names``  (the default) names and words for a people, as below
``cow``    these, and digits are Correlates of War numbers
``gw``     these, and digits are Gleditsch and Ward numbers
``keep``   nothing: every label stays as it is

A label is compared as a whole, never in parts: "Georgia Guard" is no Georgia. In this order:

1. A missing value is no actor: nothing, or one of :data:`NULLS` in any case. So ``NA`` is never Namibia.
2. A code in capitals is itself, on any date: ``RUS``, ``COW:300``.
3. Up to three letters are read only in capitals (``UK``, ``U.S.``): and, per, can, nor, are, us are words. Codes in
   small letters are read where the file writes them so: no label in it has a capital, and more than half of its
   different labels are codes once they are in capitals.
4. Names and aliases, whatever their case, accents and order ("Korea, Republic of"). An ISO short name is that state's:
   "Congo" is COG and "Guinea" GIN, as in ISO 3166.
5. Words for a people that begin with a capital: "American", not "pole".
6. Two-letter codes (IS, IN), capitals and cities are labels, and so is what several actors could be meant by ("Korea").

Where codes are chains (:mod:`tertius.codes.chains`), a label is read as one, and what means nobody there is no actor.
In UCDP's sides, "Government of Russia (Soviet Union)" is the state of that name; other sides stay labels.

A name goes by the date of the row: "Russia" is SUN until 1991 and RUS after (:func:`tertius.codes.meant_over`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tertius.codes import ICEWS_BEGINS, SHORT, Chained, all_actors, is_number, known_code, meant_over, read_chain

CODES = ("names", "cow", "gw", "keep")
NULLS = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "-"})
"""Texts, in any case, that stand for a missing value in columns of actors, quad classes, types and weights."""
SHOWN = 5
MANY = 1000
"""Labels of no known actor from which on a risk set of all of them is hardly meant."""

_IN_COUNTRY = re.compile(r"\(([^()]+)\)\s*$")
_GOVERNMENT = re.compile(r"Government of ([^(]+?)\s*(?:\(([^()]+)\))?")
_DIGITS = re.compile(r"(\d{1,3})(?:[.]0+)?")


@dataclass(frozen=True, slots=True)
class Label:
    """A label as a file has it, and the first and last day of its rows."""

    text: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Piece:
    """What a label means from a day on, until the next piece of the same label; ``code`` None is no actor. ``speaks``:
    whether it speaks for the state that it is of."""

    text: str
    since: date
    code: str | None
    speaks: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of the labels of an import.

    Attributes
    ----------
    pieces : of every label, in its order.
    matched : labels that became the code of another name; ``code`` where it is one, else the pieces in words.
    kept : labels that no table knows and that stay as they are.
    lost : labels of countries-only data that are no country.
    merged : code -> labels of the file that become it, where they are several; sectors of a country are meant to.
    """

    pieces: tuple[Piece, ...]
    matched: dict[str, str]
    kept: tuple[str, ...]
    lost: tuple[str, ...]
    merged: dict[str, tuple[str, ...]]

    def notes(self) -> list[str]:
        """What the audit says of it."""
        kept = listed(self.kept)
        if self.lost:
            known = f"{len(self.matched):,} labels matched to {len(set(self.matched.values())):,} actors"
            lost = f"{len(self.lost):,} are neither a state nor an organisation that tertius knows"
            return [f"{known}; {lost}: their rows are dropped as null actor (--codes keep leaves all labels alone)."]
        if not self.matched:
            return [f"Not in the codes table, taken as labels: {kept}."] if self.kept else []
        shown = listed([f"{text}: {code}" for text, code in self.matched.items()])
        labels = f"{len(self.matched):,} label{'s' if len(self.matched) > 1 else ''}"
        said = [f"{labels} matched ({shown}), {len(self.kept):,} kept as they are{f': {kept}' if kept else ''}."]
        if len(self.kept) > MANY:
            said.append(
                f"All {len(self.kept):,} are at risk unless --actors names whom you compare (--actors USA,PRK,..., or "
                "@FILE with one a line)."
            )
        if self.merged:
            one = [f"{' and '.join(listed_few(texts))} ({code})" for code, texts in self.merged.items()]
            said.append(f"Labels that become one actor: {listed(one, '; ')}.")
        return said


def resolve_labels(
    labels: Sequence[Label], codes: str, *, countries: bool = False, system: str = "", speaks: Sequence[str] = ()
) -> Resolved:
    """What every label means; the rule is the module's. ``countries``: what is no country is no actor, and a sector
    counts for its country, "Police (Ukraine)". ``system``: labels are chains of that system, "cameo" or "keds", or
    sides of a conflict, "ucdp"; ``speaks`` are the roles that speak for a state.

    >>> day = date(2020, 1, 1)
    >>> texts = ("Russia", "RUS", "and", "Georgia Guard", "American", "NA", "365")
    >>> found = resolve_labels([Label(t, day, day) for t in texts], "names")
    >>> [p.code for p in found.pieces]
    ['RUS', 'RUS', 'and', 'Georgia Guard', 'USA', None, '365']
    >>> found.merged, found.kept
    ({'RUS': ('Russia', 'RUS')}, ('365', 'Georgia Guard', 'and'))
    """
    small = codes != "keep" and _small_letters([label.text.strip() for label in labels])
    pieces: list[Piece] = []
    matched: dict[str, str] = {}
    kept: set[str] = set()
    lost: set[str] = set()
    bearers: dict[str, list[str]] = {}
    for label in labels:
        word = label.text.strip()
        if word.lower() in NULLS:
            pieces.append(Piece(label.text, label.first, None))
            continue
        chain = _chain(word, label, system) if system and codes != "keep" else None
        if chain is not None:
            found, speaking = chain.pieces, chain.speaks(tuple(speaks))
        else:
            found, speaking = () if codes == "keep" else _meant(word, label, codes, small, countries), True
        if not found:
            gone = (countries or chain is not None) and codes != "keep"
            (lost if gone else kept).add(word)
            pieces.append(Piece(label.text, label.first, None if gone else word))
            continue
        for since, code in found:
            pieces.append(Piece(label.text, since, code or word, speaking))
            if word not in bearers.setdefault(code or word, []):
                bearers[code or word].append(word)
        if [code for _, code in found] != [word]:
            matched[word] = _in_words([(since, code or word) for since, code in found])
    merged = {code: tuple(texts) for code, texts in bearers.items() if len(texts) > 1 and not (countries or system)}
    unknown = tuple(sorted(k for k in kept if not known_code(k)))
    return Resolved(tuple(pieces), matched, unknown, tuple(sorted(lost)), merged)


def listed(texts: Sequence[str], between: str = ", ") -> str:
    """The first few of some texts, and how many more there are."""
    more = f" and {len(texts) - SHOWN:,} more" if len(texts) > SHOWN else ""
    return between.join(texts[:SHOWN]) + more


def listed_few(texts: Sequence[str]) -> list[str]:
    """All of some texts, or the first few and a count."""
    return list(texts) if len(texts) <= SHOWN else [*texts[:SHOWN], f"{len(texts) - SHOWN:,} more"]


def _small_letters(words: Sequence[str]) -> bool:
    """Whether a file writes codes in small letters."""
    known = {w for w in words if w.lower() not in NULLS}
    return not any(w != w.lower() for w in known) and 2 * sum(known_code(w.upper()) for w in known) > len(known)


def _chain(word: str, label: Label, system: str) -> Chained:
    if system != "ucdp":
        return read_chain(word, system, label.first, label.last)
    government = _GOVERNMENT.fullmatch(word)
    names = [name for name in government.groups() if name] if government else []
    found = next((meant for name in names if (meant := _named(name, label))), ())
    return Chained(found or ((label.first, word),))


def _meant(word: str, label: Label, codes: str, small: bool, countries: bool) -> tuple[tuple[date, str | None], ...]:
    """What a word means over the days of its rows; nothing where it is no actor that may be read here."""
    if known_code(word):
        return ((label.first, word),)
    if small and known_code(word.upper()):
        return ((label.first, word.upper()),)
    if codes in ("cow", "gw") and (number := _DIGITS.fullmatch(word)):
        return meant_over(f"{codes}:{number[1]}", label.first, label.last)
    found = _named(word, label)
    if countries:
        if not found and (country := _IN_COUNTRY.search(word)):
            found = _named(country[1].strip(), label)
        ended = [all_actors()[code].to_date for _, code in found if code]
        if any(code is None for _, code in found) or any(day is not None and day < ICEWS_BEGINS for day in ended):
            return ()
    return found


def _named(word: str, label: Label) -> tuple[tuple[date, str | None], ...]:
    letters = sum(c.isalpha() for c in word)
    if is_number(word) or not letters:
        return ()
    if letters <= SHORT and word != word.upper():
        return ()
    return meant_over(word, label.first, label.last, demonyms=word[:1].isupper())


def _in_words(pieces: Sequence[tuple[date, str]]) -> str:
    first = pieces[0][1]
    return first + "".join(f", from {since} {code}" for since, code in pieces[1:])

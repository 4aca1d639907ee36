"""A sentence with its actors marked, so that patterns speak of actors and not of the hundred ways to name one.

"Russian president Vladimir Putin met North Korean leader Kim Jong-un" becomes "@0 met @1", with the codes of slots 0
and 1 beside it. Two mentions of one actor with a title or a dash between them are one slot.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

A = r"@\d+(?:['’]s?)?"
"""One actor, possessive or not."""
_JOIN = r"(?:\s*,?\s*(?:and|or|&|as well as|along with|together with|plus)\s+(?:both\s+)?|\s*,\s*|\s?[-–]\s?(?=@))"
_BEFORE = r"(?:(?:the|its|their|his|her|in|with|toward|towards|between|to|of)\s+)?(?:[a-z-]+\s+){0,2}?"
G = rf"{A}(?:{_JOIN}{_BEFORE}{A})*"
"""Several actors, joined: "@0, @1 and its ally @2"."""
GAP = r"[^@;:]*?"
"""Words that name no actor."""
_SAME = re.compile(r"@(\d+)((?:['’]s)?(?:\s+|-)(?:[A-Za-z-]+\s+){0,4}?\(?)@(\d+)\b(\)?)")


@dataclass(frozen=True, slots=True)
class Mention:
    """Who is named where: codes, and [start, end) in the text."""

    codes: tuple[str, ...]
    start: int
    end: int
    person: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence, its place in the text, its marked form, and the codes of its slots."""

    sentence: str
    span: tuple[int, int]
    text: str
    slots: tuple[tuple[str, ...], ...]
    names: tuple[str, ...] = ()

    def codes(self, piece: str | None) -> tuple[str, ...]:
        """The actors of a piece of the marked text, each once, in their order.

        >>> Marked("", (0, 0), "@0 and @1", (("RUS",), ("PRK", "RUS"))).codes("@0 and @1")
        ('RUS', 'PRK')
        """
        found = re.findall(r"@(\d+)", piece or "")
        return tuple(dict.fromkeys(code for k in found for code in self.slots[int(k)]))

    def words(self, piece: str) -> str:
        """A piece of the marked text in the article's own words."""
        return re.sub(r"@(\d+)", lambda m: self.names[int(m[1])], piece)

    def part(self, text: str) -> Marked:
        """The same sentence, of whose marked text only a part is read."""
        return replace(self, text=text)


def mark(text: str, span: tuple[int, int], mentions: Sequence[Mention]) -> Marked:
    """The sentence ``text[span]`` with its mentions marked.

    >>> s = "Russian president Vladimir Putin met Kim."
    >>> mark(s, (0, len(s)), [Mention(("RUS",), 0, 7), Mention(("RUS",), 18, 32), Mention(("PRK",), 37, 40)]).text
    '@0 met @1.'
    """
    start, end = span
    pieces, kept, at = list[str](), list[Mention](), start
    for m in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if m.start < at or m.end > end:
            continue
        pieces += [_own(text[at : m.start]), f"@{len(kept)}"]
        kept.append(m)
        at = m.end
    marked = re.sub(r"\s+", " ", "".join([*pieces, _own(text[at:end])]))
    marked, slots = _one_each(marked, [m.codes for m in kept], [m.person for m in kept])
    names = tuple(text[m.start : m.end] for m in kept)
    return _numbered(Marked(text[start:end], span, marked, tuple(slots), names))


def _own(piece: str) -> str:
    """Words of the article, in which nothing looks like a slot ("@4 reports")."""
    return re.sub(r"@(?=\d)", "at ", piece)


def _one_each(marked: str, slots: list[tuple[str, ...]], person: Sequence[bool]) -> tuple[str, list[tuple[str, ...]]]:
    """Neighbouring mentions of one actor as one: "@0 president @1" where both are Russia, or where the second is a
    person with a title of the first ("NATO Secretary General Jens Stoltenberg" speaks for NATO, wherever from)."""
    at = 0
    while found := _SAME.search(marked, at):
        one, between, other, closing = found.groups()
        at = found.start(3) - 1
        if re.search(r"\b(?:and|or|with|against|to|of|by|in|for|on|that|from)\b", between):
            continue
        titled = person[int(other)] and re.search(r"[A-Za-z]", between) is not None
        if slots[int(one)] == slots[int(other)] or titled:
            slots[int(other)] = slots[int(one)]
            bracketed = between.endswith("(") and closing
            rest = marked[found.end() :] if bracketed else closing + marked[found.end() :]
            marked = marked[: found.start()] + f"@{other}" + rest
            at = found.start()
    return marked, slots


def _numbered(s: Marked) -> Marked:
    """Slots numbered anew, in their order."""
    kept = [int(k) for k in re.findall(r"@(\d+)", s.text)]
    order = {k: n for n, k in enumerate(kept)}
    text = re.sub(r"@(\d+)", lambda m: f"@{order[int(m[1])]}", s.text)
    return replace(s, text=text, slots=tuple(s.slots[k] for k in kept), names=tuple(s.names[k] for k in kept))

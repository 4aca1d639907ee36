"""What "both", "the two countries", "the alliance" or "each other" mean, from what the document named before.

A pair is the last two distinct states that stood in one sentence, or else the last two named at all; an alliance or a
bloc is the organisation that the document named last, of those that are called so. Without such a name the words are
nobody: no mention is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tertius.reading.actors import Mention

_PAIR = re.compile(
    r"\b(?:[Bb]oth|[Tt]he\s+two|the\s+pair\s+of|these\s+two)\s+(?:neighbou?ring\s+|rival\s+)?"
    r"(?:countries|states|nations|sides|governments|neighbou?rs|powers|leaders|presidents|capitals|allies|rivals)\b"
    r"|\b(?:the\s+)?two\s+Koreas\b|\bBoth\b(?=\s+(?!armed\b|united\b)(?:have|are|had|were|say|said|want|held|sent|took|made|met|fought|broke|"
    r"[a-z]+ed)\b)",
)
_SHORT = {
    "alliance": ("NATO", "WARSAWPACT", "CSTO"),
    "bloc": ("EU", "ASEAN", "BRICS", "ECOWAS", "GCC", "SCO"),
    "union": ("EU", "AU"),
    "league": ("LAS",),
    "world body": ("UN",),
}
KEPT = 12
"""How many of the actors named last are remembered."""

_ORGANISATION = re.compile(r"\b[Tt]he\s+(?:\w+-?(?:nation|member)\s+)?(alliance|bloc|world\s+body)\b")


@dataclass(slots=True)
class Discourse:
    """What a document has named so far; :meth:`resolve` is called once a sentence, in order."""

    pair: tuple[str, ...] = ()
    last: list[str] = field(default_factory=list)

    def resolve(self, sentence: str, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
        """The mentions of a sentence and those that only the document tells, in their order.

        >>> d = Discourse()
        >>> _ = d.resolve("Russia met North Korea.", (Mention(0, 6, "RUS", "name"), Mention(11, 22, "PRK", "name")))
        >>> [m.code for m in d.resolve("The two countries signed a pact.", ())]
        ['RUS', 'PRK']
        """
        added = []
        for m in _PAIR.finditer(sentence):
            before = list(dict.fromkeys(x.code for x in mentions if x.end <= m.start()))
            pair = tuple(before[-2:]) if len(before) > 1 else self.pair
            pair = ("PRK", "KOR") if "Koreas" in m[0] else pair
            added += [Mention(m.start(), m.end(), code, "pair") for code in pair]
        for m in _ORGANISATION.finditer(sentence):
            names = _SHORT[" ".join(m[1].split())]
            named = [c for c in (*self.last, *(x.code for x in mentions if x.end <= m.start())) if c in names]
            added += [Mention(m.start(), m.end(), code, "organisation") for code in named[-1:]]
        here = list(dict.fromkeys(m.code for m in mentions))
        if len(here) > 1:
            self.pair = tuple(here[:2])
        self.last = [*(c for c in self.last if c not in here), *here][-KEPT:]
        if len(here) <= 1 and len(self.last) > 1 and not self.pair:
            self.pair = tuple(self.last[-2:])
        if not added:
            return mentions
        kept = [m for m in mentions if not any(a.start <= m.start < a.end for a in added)]
        return tuple(sorted([*kept, *added], key=lambda m: m.start))

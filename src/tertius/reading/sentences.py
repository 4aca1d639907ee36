"""A text's sentences as spans: ends of sentences that are no abbreviation, and ends of paragraphs."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]?[A-Z0-9]|\s*$)|\n\s*\n", re.MULTILINE)
_SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Sen|Rep|Gov|Adm|Capt|St|Jr|Sr|vs|etc|No|Jan|Feb|Mar|Apr|Jun|Jul|Aug|"
    r"Sept?|Oct|Nov|Dec|Inc|Ltd|Co)|\b[A-Z](?:\.[A-Z])*|\b[ap]\.m|\be\.g|\bi\.e)\.$"
)
_NEW_SENTENCE = re.compile(r"\s+(?:The|A|An|In|It|He|She|They|But|And|This|That|Its|On|At|For|With|After|However)\b")


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """[start, end) of every sentence.

    >>> t = "The U.S. envoy met Gen. Lee. Talks failed."
    >>> [t[a:b] for a, b in sentences(t)]
    ['The U.S. envoy met Gen. Lee.', 'Talks failed.']
    """
    found, start = [], 0
    for m in _END.finditer(text):
        paragraph = m[0].startswith("\n")
        upto = text[max(start, m.end() - 12) : m.end()]
        if not paragraph and _SHORT.search(upto) and not _NEW_SENTENCE.match(text, m.end()):
            continue
        end = m.start() if paragraph else m.end()
        found.append((start, end))
        start = m.end()
    found.append((start, len(text)))
    trimmed = ((a + len(text[a:b]) - len(text[a:b].lstrip()), a + len(text[a:b].rstrip())) for a, b in found)
    return tuple((a, b) for a, b in trimmed if b > a)

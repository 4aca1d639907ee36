"""Where sentences begin and end, and the written forms of words brought back to one, without a parser."""

from __future__ import annotations

import re
from functools import lru_cache

from tertius.language import plural

_ABBREVIATIONS = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "gen", "lt", "col", "maj", "capt", "sgt", "adm", "sen", "rep", "gov", "pres",
    "st", "jr", "sr", "vs", "etc", "no", "inc", "ltd", "co", "corp", "jan", "feb", "mar", "apr", "jun", "jul",
    "aug", "sep", "sept", "oct", "nov", "dec", "u.s", "u.k", "u.n", "e.u", "d.c", "a.m", "p.m", "i.e", "e.g",
    "approx", "dept", "est", "rev", "hon",
))  # fmt: skip
_END = re.compile(r"([.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\n\s*\n")
_LAST_WORD = re.compile(r"([\w.]+)$")

_DATELINE = re.compile(
    r"\s*[A-Z][A-Z .'’-]{2,30}(?:,\s*[A-Z][\w. ]{1,20}){0,2}(?:,?\s*[A-Z][a-z]{2,8}\.?\s+\d{1,2})?"
    r"\s*(?:\([^)]{2,20}\))?\s*(?:--?|–|—)\s+(?=[A-Z\"“])"
)
"""Place, date and agency before a wire report's first sentence: "BUENOS AIRES, March 3 (Reuters) - "."""

IRREGULAR = {
    form: lemma
    for lemma, forms in {
        "be": "is are was were been being am", "have": "has had having", "say": "said says", "tell": "told",
        "meet": "met", "hold": "held", "give": "gave given", "take": "took taken", "make": "made", "go": "went gone",
        "send": "sent", "sell": "sold", "buy": "bought", "leave": "left", "lead": "led", "fight": "fought",
        "strike": "struck", "shoot": "shot", "begin": "began begun", "break": "broke broken", "bring": "brought",
        "withdraw": "withdrew withdrawn", "fly": "flew flown", "throw": "threw thrown", "blow": "blew blown",
        "flee": "fled", "seek": "sought", "lay": "laid", "pay": "paid", "lend": "lent", "swear": "swore sworn",
        "steal": "stole stolen", "sink": "sank sunk", "win": "won", "lose": "lost", "forgive": "forgave forgiven",
        "freeze": "froze frozen", "shake": "shook shaken", "drive": "drove driven", "feed": "fed", "find": "found",
        "keep": "kept", "see": "saw seen", "speak": "spoke spoken", "uphold": "upheld", "undertake": "undertook",
        "overthrow": "overthrew overthrown", "rise": "rose risen", "seize": "seized", "slay": "slew slain",
        "catch": "caught", "hit": "hit", "build": "built", "become": "became", "think": "thought", "man": "men",
        "withhold": "withheld", "bid": "bade", "tie": "tied ties tying", "die": "died dies dying", "free": "freed",
        "agree": "agreed", "beat": "beaten", "write": "wrote written", "rule": "ruled", "child": "children",
        "drop": "dropped", "deny": "denied denies", "arm": "arms armed", "talk": "talks", "aid": "aided aids",
    }.items()
    for form in forms.split()
}  # fmt: skip
_SUFFIXES = (
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("es", ""),
    ("es", "e"),
    ("s", ""),
)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans of sentences, without the space around them; a paragraph's end ends a sentence.

    >>> text = "Mr. Blair met U.S. officials. He left."
    >>> [text[a:b] for a, b in split_sentences(text)]
    ['Mr. Blair met U.S. officials.', 'He left.']
    """
    spans, start = [], 0
    for m in _END.finditer(text):
        if m[1] == ".":
            word = _LAST_WORD.search(text, start, m.start())
            if word and (word[1].lower() in _ABBREVIATIONS or (len(word[1]) == 1 and word[1].isupper())):
                continue
        spans.append((start, m.start() + len(m[0].rstrip())))
        start = m.end()
    spans.append((start, len(text)))
    out = []
    for a, b in spans:
        dateline = _DATELINE.match(text, a, b)
        a = dateline.end() if dateline else a
        piece = text[a:b]
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            out.append((a + lead, a + len(piece.rstrip())))
    return out


LONGEST = 4_000
"""Letters of a sentence, beyond which it is a list or a table, or a text without marks, and no sentence."""


def readable(text: str) -> tuple[list[tuple[int, int]], tuple[str, ...]]:
    """Spans of the sentences that are read, and a warning of those that are too long."""
    spans = split_sentences(text)
    short = [(a, b) for a, b in spans if b - a <= LONGEST]
    n = len(spans) - len(short)
    warning = plural("{n} sentence of more than {most:,} letters was not read.",
                     "{n} sentences of more than {most:,} letters were not read.", n, most=LONGEST)  # fmt: skip
    return short, (warning,) if n else ()


@lru_cache(maxsize=65_536)
def lemma_of(word: str) -> str:
    """The dictionary form of a lower-case word, as far as endings tell: the first that the lexicon knows.

    >>> lemma_of("withdrew"), lemma_of("accusing"), lemma_of("treaties"), lemma_of("stopped")
    ('withdraw', 'accuse', 'treaty', 'stop')
    """
    from tertius.reading.lexicon import known_lemma

    if word in IRREGULAR:
        return IRREGULAR[word]
    if known_lemma(word) or len(word) < 4:
        return word
    for suffix, ending in _SUFFIXES:
        if word.endswith(suffix):
            stem = word[: -len(suffix)]
            doubled = stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] and not ending else stem
            for form in (stem + ending, doubled):
                if known_lemma(form):
                    return form
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word

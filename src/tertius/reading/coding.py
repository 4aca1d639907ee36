"""From clauses to events: the type of each, who did it, to whom; shared by the two readers.

A reader gives clauses (:class:`View`): features of what is done, and features of each mention's part in it. Here the
linear models score them. The first clause of a sentence is its main one and is coded unless NONE is likelier than
:data:`QUIET`, or
all its years lie before 1946, where no event data reach; later ones must be plain: a known frame, a type surer than :data:`SURE`, and two actors.

A side is one mention and those joined to it by "and" or commas. Where no second actor fits, the target is the source's
own state and the event is domestic.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tertius.codes import quad_of
from tertius.reading.actors import Mention
from tertius.reading.dates import DatedWords
from tertius.reading.lexicon import classes_of
from tertius.reading.reading import DateInterval, Event
from tertius.reading.scoring import NONE, Reader, rank

QUIET = 0.4
SURE = 0.6
MODALITY = {"THREATEN": "threaten", "REJECT": "refuse", "REQUEST": "demand", "AGREE": "agree"}
HEDGES = re.compile(
    r"\b(?:reportedly|allegedly|apparently|probably|likely|possibly|perhaps|maybe|seemingly|supposedly|purportedly|"
    r"presumably|reported\s+to|believed\s+to|said\s+to|thought\s+to|suspected|alleged|might|may|could|appears?\s+to|"
    r"seems?\s+to)\b"
)
TOPICS = frozenset(("SPORT", "WEATHER", "MARKET", "HISTORY", "CULTURE", "LEADER", "CROWD", "TROOPS"))
_OLD_YEAR = re.compile(r"\b(?:1[0-8]\d\d|19[0-3]\d|194[0-5]|century|centuries|medieval|ancient)\b")
_LATER_YEAR = re.compile(r"\b(?:194[6-9]|19[5-9]\d|20\d\d)\b")
_JOINT = re.compile(r"[\s,]*(?:(?:and|or|as well as|,)\s*(?:the\s+)?)?$")
_APART = re.compile(r"[,;:()\"“”]|\b(?:of|in|to|and|with|for|on|at|by|from|that|said|over|against|as|between|near|or|has|"
                    r"have|is|was|were|will|would|told|met)\b|\w+ed\b")


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
    topics = Counter(c for x in lemmas for c in classes_of(x) if c in TOPICS)
    out = [f"topic:{c}:{n}" for c, count in topics.items() for n in range(1, min(count, 3) + 1)]
    out.append(f"actors:{min(len({m.code for m in mentions}), 2)}")
    kinds = {m.kind for m in mentions}
    out += [f"named:{k}" for k in ("person", "organisation", "group", "agency") if k in kinds]
    if _OLD_YEAR.search(text):
        out.append("old")
    return out


def gate(frame: str | None, features: Sequence[str]) -> str:
    """Whether a frame is known, a topic without actors is about, and how many actors are named, as one feature."""
    other = sum(f.startswith(("topic:SPORT", "topic:WEATHER", "topic:MARKET", "topic:HISTORY", "topic:CULTURE")) for f in features)
    actors = next((f for f in features if f.startswith("actors:")), "actors:0")
    return f"gate:{frame is not None}:{min(other, 2)}:{actors}:{'old' in features}"


def source_features(view: View, i: int, type_: str) -> list[str]:
    return [g for f in view.roles[i] for g in (f, f"{f}|{type_}")]


def target_features(view: View, mentions: Sequence[Mention], i: int | None, source: int, type_: str) -> list[str]:
    """Features of a mention as the target of an event whose source is known; ``i`` None: the source's own state."""
    if i is None:
        others = {m.code for m in mentions} - {mentions[source].code}
        plain = ["self", f"self:{min(len(others), 3)}", *(f"self:{f}" for f in view.features if f[:2] in ("s:", "F:"))]
        plain += [f"self:{f}" for f in view.features if f[:3] == "oc:" or f == "k:CROWD"]
        plain += [f"self:src:{f}" for f in view.roles[source] if f[:2] == "r:"]
    else:
        where = "after" if i > source else "before"
        same = "same" if mentions[i].code == mentions[source].code else "other"
        far = min(abs(i - source), 3)
        plain = [*view.roles[i], f"src:{where}", f"src:{where}{far}", f"src:{same}"]
    return [g for f in plain for g in (f, f"{f}|{type_}")]


def choose(reader: Reader, view: View, mentions: Sequence[Mention], type_: str) -> tuple[int, int | None]:
    """Which mention is the source, and which the target (None: the source's own state)."""
    scores = rank(reader.source, [source_features(view, i, type_) for i in range(len(mentions))])
    source = int(np.argmax(scores))
    options: list[int | None] = [i for i in range(len(mentions)) if mentions[i].code != mentions[source].code]
    options.append(None)
    scores = rank(reader.target, [target_features(view, mentions, i, source, type_) for i in options])
    return source, options[int(np.argmax(scores))]


def joined(text: str, mentions: Sequence[Mention], i: int, taken: Iterable[str]) -> tuple[str, ...]:
    """The code of a mention and of those joined to it, without those that are taken, three at most."""
    low = high = i
    while low > 0 and _JOINT.match(text[mentions[low - 1].end : mentions[low].start]):
        low -= 1
    while high + 1 < len(mentions) and _JOINT.match(text[mentions[high].end : mentions[high + 1].start]):
        high += 1
    others = [mentions[j].code for j in range(low, high + 1)]
    rest = (c for c in others if c not in taken)
    return tuple(dict.fromkeys([mentions[i].code, *rest]))[:3]


def code_sentence(
    reader: Reader, text: str, offset: int, mentions: Sequence[Mention], views: Sequence[View], dates: Callable[[], Sequence[DatedWords]]
) -> list[Event]:
    """Events of one sentence, its main one first."""
    events: list[Event] = []
    if _OLD_YEAR.search(text) and not _LATER_YEAR.search(text):
        return events
    several = len({m.code for m in mentions}) > 1
    for n, view in enumerate(views):
        if n and (view.frame is None or not several):
            continue
        p = reader.types.probabilities(view.features)
        none = reader.types.types.index(NONE)
        if n == 0 and p[none] > QUIET:
            break
        p[none] = 0.0
        best = int(np.argmax(p))
        type_ = reader.types.types[best]
        if n and p[best] < SURE:
            continue
        event = _event(reader, text, offset, mentions, view, type_, dates())
        if n and (event.domestic or any(_same(event, e) for e in events)):
            continue
        events.append(event)
    return events


def _same(a: Event, b: Event) -> bool:
    return a.type == b.type and set(a.source) == set(b.source) and set(a.target) == set(b.target)


def _event(
    reader: Reader, text: str, offset: int, mentions: Sequence[Mention], view: View, type_: str, dated: Sequence[DatedWords]
) -> Event:
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    domestic = True
    if mentions:
        i, j = choose(reader, view, mentions, type_)
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
        type_,
        quad_of(type_, "plover"),
        text,
        (offset + start, offset + end),
        when.interval if when else DateInterval(),
        domestic=domestic,
        negated=view.negated,
        modality=MODALITY.get(type_) or ("future" if view.future else None),
        asserted_by=view.asserted_by or "author",
        hedge=hedge,
    )

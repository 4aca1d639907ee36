"""What an article claims, sentence by sentence: a grammar over marked sentences.

A claim is of one of the kinds of the definitions (event, trend, extreme, cause, isolation, general, prediction, policy,
motive, value, capability). Each kind has its patterns, written over :mod:`tertius.reading.marked`: they speak of slots,
never of names. A sentence may claim several things (two pairs whose ties grew) and most sentences claim nothing that
data can speak to; a motive is named as one and left alone, a value adjective is set aside and the claim under it kept.

What goes from sentence to sentence is :class:`Thread`: the pair last spoken of ("the two countries", "bilateral"),
who was last said to have done something to somebody ("that policy", "such moves"), the trends told so far ("both
trends"), whom an effort was to isolate, the person who spoke last ("he concedes").

Assumptions: English; one sentence at a time; actors as given. What it does not do: irony, questions (a question
claims nothing), conditionals ("if Moscow cut its ties"), which are left out and not turned into claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TypeAlias

from tertius.language import say
from tertius.reading.actors import Mention as Named
from tertius.reading.actors import find_actors
from tertius.reading.dates import find_dates
from tertius.reading.discourse import Discourse
from tertius.reading.frame import AUTHOR, frame_of
from tertius.reading.marked import GAP, A, G, Marked, Mention, mark
from tertius.reading.reading import Claim, DateInterval, Document, Event, Reading
from tertius.reading.relations import (
    CHANGE,
    COOPERATION,
    DEEDS,
    DOWN,
    HOSTILE_DEED,
    HOSTILITY,
    NOUN,
    UP,
    Noun,
    change_of,
    noun_of,
)
from tertius.reading.sentences import readable

Codes: TypeAlias = tuple[str, ...]
NEAR = 60
"""Letters of the marked sentence within which a noun and what happens to it belong together."""


@dataclass(frozen=True, slots=True)
class Found:
    """A claim before it has its frame: see :class:`tertius.reading.reading.Claim`."""

    kind: str
    actors: Codes = ()
    driver: Codes = ()
    polarity: str | None = None
    direction: str | None = None
    negated: bool = False
    types: Codes = ()
    about: str = ""
    group: str | None = None
    allies: Codes = ()
    asserted_by: str = AUTHOR
    hedge: str | None = None


@dataclass(slots=True)
class Thread:
    """What earlier sentences left behind."""

    pair: Codes = ()
    culprit: Codes = ()  # who was last said to act on others
    hostile: dict[str, str] = field(default_factory=dict)  # whom each actor was last hostile to
    trends: list[Codes] = field(default_factory=list)
    pariah: Codes = ()
    person: str | None = None


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern with names for what recurs: {A} an actor, {G} several, {gap} words that name none."""
    return re.compile(text.format(A=A, G=G, gap=GAP), re.IGNORECASE)


# --- cause -----------------------------------------------------------------------------------------------------------

_ENEMY = r"(?:enemy|enemies|foe|foes|adversary|rival|opponent|threat)"
_PUSHED = r"(?:driv(?:e|es|ing|en)|drove|push\w*|forc\w+|thr(?:ow|ew|own|owing)\w*|draw(?:s|n|ing)?|drew|br(?:ing|ings|inging|ought)|unit(?:e|es|ed|ing)|propel\w*|nudg\w+|herd\w*|bind(?:s|ing)?|bound|weld\w*)"  # noqa: E501
_CLOSER = r"(?:together|closer(?: (?:together|to each other))?|into each other['’]s arms|into (?:an? |their )?(?:\w+ )?(?:alliance|partnership|embrace|axis))"  # noqa: E501
_THEM = r"(?:them|both|the two(?: \w+)?|disparate adversaries|its adversaries)"

_CAUSES = tuple(
    _pattern(p)
    for p in (
        rf"common {_ENEMY}{{gap}}\b(?:for|of|to|between|shared by) (?:both )?(?P<pair>{{G}}){{gap}}\b(?:is|was|are|remains?)\b{{gap}}(?P<k>{{G}})",  # noqa: E501
        rf"(?P<k>{{G}}){{gap}}\b(?:is|was|are|remains?|as)\b{{gap}}common {_ENEMY}{{gap}}\b(?:for|of|to|shared by)\b{{gap}}(?P<pair>{{G}})",  # noqa: E501
        rf"(?P<pair>{{G}}){{gap}}\b(?:shares?|shared|have|faces?|faced|united by|bound by)\b{{gap}}(?:common|same|mutual|shared) {_ENEMY}{{gap}}(?P<k>{{G}})",  # noqa: E501
        r"(?P<pair>{G}){gap}\b(?:united|bound|joined|linked)\b{gap}\bby\b{gap}\b(?:hostility|opposition|enmity|hatred|resentment|fear)\b{gap}(?P<k>{G})",
        rf"(?P<k>{{G}})[^;:]*?\b{_PUSHED}\b{{gap}}(?P<i>{{A}}){{gap}}\b(?:into (?:the )?(?:arms|embrace|orbit) of|toward|towards|closer to|into) (?:the )?(?P<j>{{A}})",  # noqa: E501
        rf"(?P<k>{{G}})[^;:]*?\b{_PUSHED}\b{{gap}}(?P<pair>{{G}}){{gap}}\b{_CLOSER}",
        rf"(?P<k>{{G}})[^;:]*?\b{_PUSHED}\b {_THEM}{{gap}}\b{_CLOSER}(?P<them>)",
        rf"(?P<i>{{A}}){{gap}}\b(?:is|was|were|been|being|are)\b{{gap}}\b{_PUSHED}\b{{gap}}\b(?:into (?:the )?(?:arms|embrace|orbit) of|toward|towards|closer to|into) (?:the )?(?P<j>{{A}})[^;:]*?\bby\b{{gap}}(?P<k>{{G}})",  # noqa: E501
        rf"(?P<pair>{{G}}){{gap}}\b(?:is|was|were|been|being|are)\b{{gap}}\b{_PUSHED}\b{{gap}}\b{_CLOSER}{{gap}}\bby\b{{gap}}(?P<k>{{G}})",
        r"(?P<k>{G}){gap}\b(?:is|was|as)\b{gap}\b(?:matchmaker|midwife|godfather)\b{gap}(?P<pair>{G})",
        r"\bgiven\b{gap}\b(?:hostility|enmity|confrontation|tensions?|animosity|conflict|pressure|sanctions)\b{gap}\b(?:between|of|from|by)\b{gap}(?P<k>{G})[^;:]*?(?P<pair>{A}(?=[^;:]*?\b(?:partners?|ally|allies|friends?|valuable|useful)\b){gap}{A})",
    )
)

_INCENTIVE = re.compile(r"\b(?:incentives?|reasons?|motives?|motivation|impetus|grounds)\b", re.IGNORECASE)
_GIVES = re.compile(r"\b(?:giv\w+|gave|creat\w+|provid\w+|offer\w+|suppl\w+|hand(?:s|ed|ing))\b", re.IGNORECASE)
_WORK = re.compile(
    r"\b(?:to|for) (?:\w+ )?(?:work|cooperat\w+|co-operat\w+|ally|align|partner|boost|join|draw|move|pursu\w+|turn|"
    r"team|strengthen|deepen|band|unite|expand|seek|build|close|forge)\b",
    re.IGNORECASE,
)

_RESULT = _pattern(
    r"(?P<q>.+?)\b(?:is|was|are|were|be|been|being|as)\b(?P<neg> not| never|n['’]t)?{gap}\b(?:(?:fruits?|results?|"
    r"consequences?|product|outcome|legacy) of|(?:response|reaction|answer) to|(?:caused|triggered|provoked|prompted|"
    r"precipitated|sparked|brought about) by)\b(?P<p>.+)"
)
_FACTOR = _pattern(
    r"(?P<p>.+?)\b(?:(?:is|was|are|were|been|be)(?P<neg> not| never|n['’]t)?{gap}\b(?:factors?|causes?|reasons?|"
    r"drivers?|triggers?) (?:in|of|behind|for)|led(?: directly)? to|contribut\w+ to|result(?:ed|s|ing) in|"
    r"brought about|provok(?:ed|es|ing)|trigger(?:ed|s|ing)|precipitat(?:ed|es|ing)|caus(?:ed|es|ing))\b(?P<q>.+)"
)
_NOTHING = _pattern(r"(?P<q>.+?)\b(?:nothing|little) (?:whatever |whatsoever )?to do with\b(?P<p>.+)")
_BECAUSE = _pattern(
    r"(?P<q>.+?)\b(?:because of|owing to|thanks to|due to|in (?:response|reaction|answer) to|as a result of|"
    r"under pressure from|faced with|in the face of)\b(?P<p>.+)"
)
_REVERSED = _pattern(
    r"(?P<k>{G}){gap}\b(?:moves?|polic(?:y|ies)|actions?|pressure|sanctions|hostility|provocations?){gap}\b"
    r"(?:reversed|undone|undid|halted|ended|derailed|reverses)\b{gap}\b(?:trends?|course|process|movement|progress)\b"
)
_DEED_OF_POLICY = re.compile(
    r"\b(?:that|this|these|those|such) (?:\w+ )?(?:policy|policies|moves?|actions?|behaviou?r|approach|provocations?|"
    r"pressure|campaign)\b",
    re.IGNORECASE,
)


def _causes(s: Marked, d: Thread) -> Iterator[Found]:
    for pattern in _CAUSES:
        for m in pattern.finditer(s.text):
            parts = m.groupdict()
            if "i" in parts:
                pair = s.codes(parts["i"]) + s.codes(parts["j"])
            elif "them" in parts:
                pair = _before(s, m.start("them"), s.codes(parts["k"])) or d.pair
            else:
                pair = s.codes(parts["pair"])
            yield from _cause(s.codes(parts["k"]), pair, COOPERATION, _denied(s.text[: m.end()], m.start()))
    yield from _incentives(s, d)
    for pattern, negated in ((_NOTHING, True), (_RESULT, False), (_FACTOR, False), (_BECAUSE, False)):
        if said := pattern.search(s.text):
            yield from _cause_and_effect(s, d, said, negated or bool(said.groupdict().get("neg")))
            break
    if turned := _REVERSED.search(s.text):
        for pair in _list_of_trends(s, d):
            yield from _cause(s.codes(turned["k"]), pair, COOPERATION, False)


def _cause(driver: Codes, pair: Codes, polarity: str, negated: bool) -> Iterator[Found]:
    """A cause, where driver and pair are known and apart from each other."""
    driver = tuple(k for k in driver if k not in pair[:2])
    if driver and len(pair) >= 2:
        yield Found("cause", pair[:2], driver, polarity, UP, negated)


def _incentives(s: Marked, d: Thread) -> Iterator[Found]:
    """ "K gives I reason to work with J": the giver is the sentence's first actor."""
    for noun in _INCENTIVE.finditer(s.text):
        gives = [m for m in _GIVES.finditer(s.text, 0, noun.start()) if noun.start() - m.end() < 2 * NEAR]
        end = next((m.start() for m in _INCENTIVE.finditer(s.text, noun.end())), len(s.text))
        work = _WORK.search(s.text, noun.end(), end)
        if not gives or not work:
            continue
        giver = re.search(G, s.text[: gives[-1].start()])
        driver = s.codes(giver[0]) if giver else ()
        driver = driver[:1] if driver else d.culprit
        to = s.codes(s.text[gives[-1].end() : work.start()])
        if not to:
            to = _before(s, noun.start(), driver)
        after = re.search(r"\b(?:with|to|toward|towards)\b" + GAP + rf"({A})", s.text[work.end() : end])
        pair = tuple(dict.fromkeys(to + (s.codes(after[1]) if after else ())))
        yield from _cause(driver, pair, COOPERATION, False)


def _cause_and_effect(s: Marked, d: Thread, m: re.Match[str], negated: bool) -> Iterator[Found]:
    """ "Q was the result of P": the pair of Q, driven by who acts in P."""
    q, p = m["q"], m["p"]
    if negated and NOUN.search(p) and not NOUN.search(q) and not HOSTILE_DEED.search(q):
        q, p = p, q  # "their policy has nothing to do with it" and "it has nothing to do with their policy"
    hostile = HOSTILE_DEED.search(q) is not None
    effect = s.codes(q)
    if not effect and (hostile or _SAME_PAIR.search(q)):
        effect = d.pair
    if len(effect) == 1 and hostile and effect[0] in d.hostile:
        effect = (effect[0], d.hostile[effect[0]])
    if not hostile and not NOUN.search(q) and not _WORK.search("to " + q):
        return
    driver = tuple(k for k in s.codes(p) if k not in effect) or (d.culprit if _DEED_OF_POLICY.search(p) else ())
    if len(effect) < 2 and negated:
        effect = effect or tuple(k for k in s.codes(p) if k not in driver)
    driver = tuple(k for k in driver if k not in effect[:2])
    if driver and effect:
        yield Found("cause", effect[:2], driver, HOSTILITY if hostile else COOPERATION, UP, negated)


def _before(s: Marked, end: int, without: Codes) -> Codes:
    """The last two or more actors named together before a place ("... Moscow and Pyongyang ... for them")."""
    for m in reversed(list(re.finditer(G, s.text[:end]))):
        codes = tuple(c for c in s.codes(m[0]) if c not in without)
        if len(codes) >= 2:
            return codes
    return ()


def _list_of_trends(s: Marked, d: Thread) -> list[Codes]:
    return d.trends[-2:] if re.search(r"\bboth\b", s.text) else d.trends[-1:]


_WRONG = re.compile(
    r"\b(?:(?:wrong|false|absurd|mistaken|a myth|untrue|nonsense|not true) "
    r"(?:to (?:say|claim|think|suggest|argue) )?that|^nor|^neither)\b",
    re.IGNORECASE,
)


def _denied(text: str, at: int) -> bool:
    """Whether a claim is denied: by a word within it, or by what it begins with ("it is wrong to say that")."""
    inside = re.search(r"\b(?:not|never|n['’]t|nor)\b(?! only)(?! just)(?! surprising)", text[at:])
    return inside is not None or _WRONG.search(text[:at]) is not None


# --- trend, prediction, extreme, isolation ---------------------------------------------------------------------------

_BETWEEN = re.compile(rf"{GAP}\b(?:between|among|linking)\s+(?:both |the )*({G})", re.IGNORECASE)
_ALSO_BETWEEN = re.compile(rf"\bas (?:well as|with)\b{GAP}\bbetween\s+(?:both |the )*({G})", re.IGNORECASE)
_HYPHEN = re.compile(rf"({A}\s?[-–—/]\s?{A})\s+(?:[\w-]+\s+){{0,3}}$|({A} and {A})\s+(?:[\w-]+\s+)?$", re.I)
_TOWARD = re.compile(rf"{GAP}\b(?:with|to|toward|towards|against|from|on|for|into|in)\s+{GAP}({A})", re.IGNORECASE)
_OWNERS = re.compile(rf"({A})\s+(?:[\w-]+\s+){{0,3}}$", re.IGNORECASE)
_SAME_PAIR = re.compile(
    r"\b(?:bilateral|mutual|joint|the two|both (?:countries|states|sides|capitals|nations|governments)|"
    r"the pair|each other|such|their)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"[^@;:]{0,12}?\b(?:other|like-minded|more|new) (?:countries|states|powers|partners|governments|nations)\b", re.I
)
_AHEAD = re.compile(
    r"\b(signals?|signalled|portends?|heralds?|foreshadows?|presages?|will|likely to|is set to|are set to|"
    r"is expected to|are expected to|bodes?|augurs?|points? to)\b",
    re.IGNORECASE,
)
_APART = _pattern(
    r"(?P<i>{A}){gap}\b(?:distanc\w+ (?:itself|themselves|himself|herself)|drift\w* (?:apart|away)|mov\w+ away|"
    r"pull\w* away|turn\w* away|br(?:eak|oke)\w* with)\b{gap}\bfrom (?P<j>{A})"
)
_NEARER = _pattern(
    r"(?P<pair>{A}{gap}\b(?:mov\w+|dr[ae]w\w*|grow\w*|grown|edg\w+|inch\w+) (?:ever )?closer to\b{gap}{A})"
)
_ACTING = re.compile(
    rf"({A}){GAP}\b(?:to|has|have|had|is|are|was|were|in|into|against|toward|of|continues?|drastically|sharply)\b", re.I
)


def _pairs_of(s: Marked, noun: re.Match[str], d: Thread) -> list[Codes]:
    """Whose relations a noun speaks of, every pair."""
    after, before = s.text[noun.end() :], s.text[: noun.start()]
    if m := _BETWEEN.match(after):
        pairs = [s.codes(m[1])]
        if also := _ALSO_BETWEEN.search(after, m.end()):
            pairs.append(s.codes(also[1]))
        return [p[:2] for p in pairs if len(p) >= 2]
    if (m := _HYPHEN.search(before)) and len(codes := s.codes(m[0])) >= 2:
        return [codes[:2]]
    subject = re.search(A, before.rpartition(",")[2]) or re.search(A, before)
    if subject and _OTHERS.match(after):
        return [s.codes(subject[0])[:1]]
    if m := _TOWARD.match(after):
        other = s.codes(m[1])
        own = s.codes(subject[0]) if subject else ()
        if own and other and own[:1] != other[:1]:
            return [own[:1] + other[:1]]
    if _SAME_PAIR.search(s.text) and d.pair:
        return [d.pair]
    named = s.codes(before)
    return [named] if len(named) == 2 else []


def _changes(s: Marked) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Nouns of relations with the nearest word of change in the same clause."""
    for noun in NOUN.finditer(s.text):
        near = [
            (min(abs(c.start() - noun.end()), abs(noun.start() - c.end())), c)
            for c in CHANGE.finditer(s.text)
            if (c.end() <= noun.start() or c.start() >= noun.end()) and _may_speak_of(s.text, c, noun)
        ]
        near = [(n, c) for n, c in near if n <= 2 * NEAR and not re.search(r"[;:]", _between(s.text, noun, c))]
        if near:
            yield noun, min(near, key=lambda x: x[0])[1]


_ATTRIBUTE = re.compile(r"(?:\w+ing|greater|closer|tighter|stronger|deeper)", re.IGNORECASE)


def _may_speak_of(text: str, change: re.Match[str], noun: re.Match[str]) -> bool:
    """Whether a word of change may belong to a noun: "rising arms shipments" speaks of no other noun."""
    own = NOUN.search(text, change.end()) if _ATTRIBUTE.fullmatch(change[0]) else None
    near = own and re.fullmatch(r"\s+(?:[\w@'’-]+\s+){0,2}", text[change.end() : own.start()])
    return own is None or not near or own.start() == noun.start()


def _between(text: str, one: re.Match[str], other: re.Match[str]) -> str:
    return text[min(one.end(), other.end()) : max(one.start(), other.start())]


def _trends(s: Marked, d: Thread) -> Iterator[Found]:
    for noun, change in _changes(s):
        what, (direction, fixed) = noun_of(noun), change_of(change)
        sign = fixed or what.sign
        if fixed is not None and what.sign == HOSTILITY:  # a conflict that cools, a crisis that worsens
            direction, sign = (DOWN if fixed == COOPERATION else UP), HOSTILITY
        if _MOTIVE.search(s.text[: noun.start()]):
            continue
        ahead = _AHEAD.search(s.text[: max(noun.start(), change.start())])
        kind = "prediction" if ahead else "trend"
        for pair in _pairs_of(s, noun, d):
            yield _with(Found(kind, pair, (), sign, direction), what)
    for m in _APART.finditer(s.text):
        yield Found("trend", s.codes(m["i"])[:1] + s.codes(m["j"])[:1], (), COOPERATION, DOWN)
    for m in _NEARER.finditer(s.text):
        yield Found("trend", s.codes(m["pair"])[:2], (), COOPERATION, UP)


_HELD = re.compile(
    r"\b(?:taken place|took place|take place|were held|was held|been held|occurred|were conducted)\b", re.I
)


def _held(s: Marked, d: Thread) -> Iterator[Found]:
    """ "Joint exercises have taken place": an event, of the pair last spoken of where none is named."""
    held = _HELD.search(s.text)
    noun = NOUN.search(s.text) if held else None
    if held and noun and noun.end() <= held.start():
        for pair in _pairs_of(s, noun, d):
            yield _with(Found("event", pair, (), noun_of(noun).sign), noun_of(noun))


_DONE: tuple[tuple[re.Pattern[str], Noun], ...] = (
    (_pattern(r"(?P<i>{A}){gap}\b(?:wag(?:es?|ed|ing)|launch(?:es|ed|ing)?){gap}\b(?:war|attacks?|invasion|strikes)\b"
              r"{gap}\b(?:against|on|of) (?P<j>{A})"), Noun(HOSTILITY, ("ASSAULT",), "war")),
    (_pattern(r"(?P<i>{A}){gap}\b(?:impos(?:es?|ed|ing)|signed on to|joined|backed|adopted|tightened|supported)\b"
              r"[^;:]*?\bsanctions\b{gap}\b(?:against|on) (?P<j>{A})"), Noun(HOSTILITY, ("SANCTION",), "sanctions")),
)  # fmt: skip


def _done(s: Marked) -> Iterator[Found]:
    """What one did to another, in words that leave no doubt of its sign: war waged, sanctions imposed."""
    for pattern, deed in _DONE:
        for m in pattern.finditer(s.text):
            pair = s.codes(m["i"])[:1] + s.codes(m["j"])[:1]
            if len(set(pair)) == 2:
                yield _with(Found("event", pair, (), deed.sign), deed)


def _with(found: Found, noun: Noun) -> Found:
    return replace(found, types=noun.types, about="" if noun.kind == "relations" else noun.kind)


_EXTREME = re.compile(
    r"\b(?:(?P<bad>worst|lowest|tensest|chilliest|iciest|nadir|all-time low|record low)|(?P<good>best|highest|closest|"
    r"warmest|all-time high|record high))\b[^;:]*?\b(?:since|ever|"
    r"in (?:\w+ ){0,2}(?:years|decades|generations?|history)|level|point|low|high|on record)\b",
    re.IGNORECASE,
)
FIRST_TIME = say("a first time")
"""What "for the first time since" is about: an event, not how two stand."""
_FIRST = re.compile(
    r"\bfirst time\b[^;:]*?\b(?:since|in (?:\w+ ){0,2}(?:years|decades|generations?|history)|ever)\b", re.I
)


def _extremes(s: Marked, d: Thread) -> Iterator[Found]:
    if m := _EXTREME.search(s.text):
        nouns = list(NOUN.finditer(s.text))
        pairs = [p for n in nouns for p in _pairs_of(s, n, d)][:1]
        pairs = pairs or ([s.codes(s.text)[:2]] if len(s.codes(s.text)) >= 2 else [])
        for pair in pairs:
            bad = m["bad"] is not None
            yield Found("extreme", pair, (), HOSTILITY if bad else COOPERATION, UP)
    elif _FIRST.search(s.text) and len(codes := s.codes(s.text)) >= 2:
        sign = HOSTILITY if HOSTILE_DEED.search(s.text) else COOPERATION
        yield Found("extreme", codes[:2], (), sign, UP, about=FIRST_TIME)


_ALONE = _pattern(
    r"\b(?:make|making|made|turn|turning|turned)\s+(?P<x>{A}){gap}\b(?:pariah|outcast)\b|"
    r"\b(?:isolat\w+|ostraci[sz]\w*|shun\w*)\b(?: of)?\s+(?:the )?(?P<y>{A})|"
    r"(?P<z>{A}){gap}\b(?:isolated|isolation|pariah|shunned|ostraci[sz]ed|outcast)\b"
)
_EFFORT = re.compile(r"\b(?:that|this|the|such an?) (?:\w+ )?(?:effort|campaign|attempt|drive|push|policy)\b", re.I)
_FAILED = re.compile(
    r"\b(?:fail\w*|ineffectual|ineffective|unsuccessful|in vain|fruitless|futile|backfired|fallen (?:flat|short)|"
    r"(?:not|n['’]t|never) (?:\w+ )?(?:succeeded|worked|isolated)|little (?:success|effect))\b",
    re.IGNORECASE,
)
_SUCCEEDED = re.compile(r"\b(?:succe\w+|worked|effective|paid off)\b", re.IGNORECASE)
_STANDS = re.compile(r"\b(?:increasingly|more and more|ever more|is|has become|has grown)\b", re.IGNORECASE)
_SOUTH = re.compile(r"\bGlobal South\b|\bdeveloping (?:world|countries|nations)\b|\bthe South\b|\bG-?77\b", re.I)


def _isolations(s: Marked, d: Thread) -> Iterator[Found]:
    m = _ALONE.search(s.text)
    named = next((s.codes(x) for x in m.groupdict().values() if x), ()) if m else ()
    carried = d.pariah if _EFFORT.search(s.text) else ()
    whom = named or carried
    failed = _FAILED.search(s.text)
    worked = _SUCCEEDED.search(s.text) or (m and m["z"] and _STANDS.search(s.text))
    if whom and (failed or worked):
        south = "G77" if _SOUTH.search(s.text) else None
        yield Found("isolation", whom[:1], (), COOPERATION, DOWN, bool(failed), group=south)


# --- what data cannot speak to, and what is general ------------------------------------------------------------------

_GENERAL = re.compile(
    r"\b(?:most|many|all) (?:alliances|wars|coalitions|partnerships|states|great powers)\b|"
    r"\b(?:alliances|states|nations|great powers|enemies|rivals) (?:tend|usually|generally|often|typically|always|"
    r"rarely|seldom)\b|\benem(?:y|ies) of (?:my|one['’]s|your|an|our) enem",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"@\d+[^;:]*\b(?:should(?! have come)|ought to|had better)\b|\bpolic(?:y|ies) (?:should|ought to|must)\b|"
    r"\bcardinal rule\b|\b(?:smart|wise|sound|prudent|effective) policy (?:is|would|should)\b|"
    r"@\d+[^;:]*\b(?:must(?! have)|would be wise)\b",
    re.IGNORECASE,
)
_MOTIVE = _pattern(
    r"(?P<i>{G}){gap}\b(?:(?:now |also |still )?(?:regards?|regarded|wants?|wanted|seeks?|seeking|sought|fears?|feared|"
    r"hopes?|hoped|hoping|aims?|aimed|intends?|intended|believes?|believed|desires?|desired|craves?|covets?|hates?|"
    r"resents?|trying to)|goals?|objectives?|intentions?|ambitions?|perceptions?|fears|determined to|eager|"
    r"extremely nervous|worried|alarmed)\b"
)
_VALUE = re.compile(
    r"\b(?P<v>clumsy|tone-deaf|abrasive|incompetent|pointless|failed|malign\w*|reckless|foolish|disastrous|stupid|"
    r"short-?sighted|naive|naïve|inept|arrogant|immoral|indiscreet|stale|brilliant|admirable|courageous|wise|misguided|"
    r"counterproductive|hypocritical|shameful|irresponsible|aggressive|provocative|cynical|compliant|effective|deft|"
    r"prudent|patient|skilful|skillful)\b(?=[\w ,-]{0,40}?\b(?:polic(?:y|ies)|moves?|approach|stances?|strategy|"
    r"diplomacy|demands?|efforts?|agenda|rehash|intrusion|decisions?|measures|leadership|statecraft)\b)|"
    r"\b(?:failure of|no one to blame|(?:is|are|was|were) (?:\w+ )?to blame|blunder|folly|mistake of|own goal|"
    r"triumph of)\b",
    re.IGNORECASE,
)
_CAPABILITY = re.compile(
    r"\b(?:capacity to|capabilit(?:y|ies)|arsenal|stockpiles?|stocks|arms industry|industrial base|primacy|reserve "
    r"currency|produces? (?:\w+ )?weapons|manpower|firepower|gross domestic product|GDP)\b",
    re.IGNORECASE,
)
_HAD = re.compile(r"\bhad (?:\w+ )?(?:\w+ed|\w+en|made|gone|done|sought|built|kept|held|sent|begun)\b", re.IGNORECASE)
_CONDITIONAL = re.compile(r"^(?:if|unless|whether|suppose|were)\b|\?\s*$", re.IGNORECASE)


_ALLIES = re.compile(
    rf"({A})(?:,? (?:and|or|with|along with|together with|as well as) (?:its|their|his|her))? "
    r"(?:[\w-]+ ){0,3}allies\b",
    re.IGNORECASE,
)


def _untested(s: Marked) -> Iterator[Found]:
    """Policy, motive, value, capability: recognised as such, and left alone."""
    if _POLICY.search(s.text):
        yield Found("policy", s.codes(s.text)[:3])
    elif m := _MOTIVE.search(s.text):
        yield Found("motive", s.codes(m["i"])[:2])
    elif _VALUE.search(s.text):
        yield Found("value", s.codes(s.text)[:2])
    if (m := _CAPABILITY.search(s.text)) and s.slots:
        whose = re.findall(A, s.text[: m.start()])[-1:]  # the actor named last before
        yield Found("capability", s.codes(whose[0])[:1] if whose else s.codes(s.text)[:1])


def claims_of(whole: Marked, d: Thread) -> tuple[Found, ...]:
    """The claims of one sentence; the discourse learns from it afterwards.

    >>> s = Marked("", (0, 0), "@0 drives @1 and @2 together.", (("USA",), ("RUS",), ("PRK",)))
    >>> [(c.kind, c.driver, c.actors) for c in claims_of(s, Thread())]
    [('cause', ('USA',), ('RUS', 'PRK'))]
    """
    said = frame_of(whole, d.person)
    s = said.rest
    if _CONDITIONAL.search(whole.text):
        _learn(whole, d, ())
        return ()
    causes = list(_causes(s, d))
    moved = [] if causes else list(_extremes(s, d))
    isolated = list(_isolations(s, d))
    trends = [] if causes or moved else list(_trends(s, d)) or list(_held(s, d)) or list(_done(s))
    found = [*causes, *moved, *isolated, *trends]
    if not found and not s.slots and _GENERAL.search(s.text):
        found = [Found("general", polarity=COOPERATION)]
    if not causes:
        found += [c for c in _untested(s) if not (trends and c.kind == "motive")]
    allied = frozenset(x for m in _ALLIES.finditer(s.text) for x in s.codes(m[1]))
    unique = tuple(
        replace(
            c,
            asserted_by=said.asserted_by,
            hedge=said.hedge,
            allies=tuple(x for x in dict.fromkeys((*c.driver, *c.actors)) if x in allied),
        )
        for c in _one_a_pair(found)
    )
    _learn(whole, d, unique)
    return unique


def _one_a_pair(found: Sequence[Found]) -> Iterator[Found]:
    """One claim a kind and set of actors: the first."""
    seen = set[tuple[str, frozenset[str], frozenset[str], str | None]]()
    for c in found:
        key = (c.kind, frozenset(c.actors), frozenset(c.driver), c.polarity)
        if key not in seen:
            seen.add(key)
            yield c


def _learn(s: Marked, d: Thread, claims: Sequence[Found]) -> None:
    """What the sentence leaves for the next ones."""
    for c in claims:
        if len(c.actors) == 2 and c.kind in ("trend", "cause", "prediction", "extreme"):
            d.pair = c.actors
        if c.kind == "trend" and len(c.actors) == 2:
            d.trends.append(c.actors)
    together = [s.codes(m[0]) for m in re.finditer(G, s.text)]
    pairs = [p for p in together if len(p) == 2]
    if pairs and not any(c.kind in ("trend", "cause") for c in claims):
        d.pair = pairs[-1]
    codes = s.codes(s.text)
    if m := _ALONE.search(s.text):
        d.pariah = next((s.codes(x) for x in m.groupdict().values() if x), ())
    elif not _EFFORT.search(s.text):
        d.pariah = ()
    if len(codes) >= 2:
        d.culprit = codes[:1]
        if HOSTILE_DEED.search(s.text):
            d.hostile[codes[0]] = codes[1]


# --- a document ------------------------------------------------------------------------------------------------------

TESTABLE = frozenset(("event", "trend", "extreme", "cause", "isolation", "general"))
"""Kinds that data on events can speak to."""


def find_claims(document: Document, events: Sequence[Event] = ()) -> tuple[Claim, ...]:
    """The claims of a document, in its order.

    ``events`` are what a reader found: those of a sentence without another claim become claims of kind ``event``.

    >>> [c.kind for c in find_claims(Document("Washington drives Moscow and Pyongyang together. It rained."))]
    ['cause']
    """
    text, written = document.text, document.metadata.date
    mentions = find_actors(text, written)
    dates = find_dates(text, written)
    names, d, found, period = Discourse(), Thread(), list[Claim](), DateInterval()
    for span in readable(text)[0]:
        inside = tuple(_moved(m, -span[0]) for m in mentions if span[0] <= m.start and m.end <= span[1])
        resolved = [_moved(m, span[0]) for m in names.resolve(text[span[0] : span[1]], inside)]
        here = [
            Mention(tuple(m.code for m in same), a, b, any(m.kind == "person" for m in same))
            for (a, b), of in groupby(resolved, lambda m: (m.start, m.end))
            if (same := list(of))
        ]
        marked = mark(text, span, here)
        claims = claims_of(marked, d) or _events(marked, events)
        said = [x.interval for x in dates if span[0] <= x.start < span[1]]
        if not said and claims and (not marked.slots or _HAD.search(marked.text)):
            said = [period]  # "Both their pace and scope is increasing", "had signed": the period carries on
        period = said[0] if said else DateInterval()
        each = said if len(said) == len(claims) > 1 else [period] * len(claims)
        d.person = next((text[m.start : m.end] for m in reversed(here) if m.person), d.person)
        extreme = any(c.kind == "extreme" for c in claims)  # "since T" is then its own
        found += [
            _claim(c, f"c{len(found) + n + 1}", marked, DateInterval() if extreme and c.kind != "extreme" else when)
            for n, (c, when) in enumerate(zip(claims, each, strict=True))
        ]
    return tuple(found)


def with_claims(reading: Reading) -> Reading:
    """The reading with its claims; those that a reader found itself stay."""
    return reading if reading.claims else replace(reading, claims=find_claims(reading.document, reading.events))


def _moved(m: Named, by: int) -> Named:
    return replace(m, start=m.start + by, end=m.end + by)


def _plain(e: Event) -> bool:
    """Whether an event is between two actors, happened as it stands there, and the reader is sure enough of it."""
    return e.confident and not e.domestic and e.modality is None


def _events(s: Marked, events: Sequence[Event]) -> tuple[Found, ...]:
    """What a reader says happened in the sentence, between actors that it names."""
    return tuple(
        Found(
            "event",
            (e.source[0], e.target[0]),
            (),
            COOPERATION if e.quad <= 2 else HOSTILITY,
            None,
            e.negated,
            (e.type,),
            DEEDS[e.type],
            asserted_by=e.asserted_by,
            hedge=e.hedge,
        )
        for e in events
        if s.span[0] <= e.span[0] < s.span[1] and e.source and e.target and _plain(e)
        if {e.source[0], e.target[0]} <= set(s.codes(s.text))  # the sentence names both, as the grammar reads it
    )


def _claim(c: Found, key: str, s: Marked, when: DateInterval) -> Claim:
    value = _VALUE.search(s.text)
    many = c.kind == "trend" and len(c.actors) == 1
    return Claim(
        id=key,
        kind=c.kind,
        actors=c.actors,
        driver=c.driver,
        polarity=c.polarity,
        direction=c.direction,
        sentence=s.sentence,
        span=s.span,
        testable=c.kind in TESTABLE and (bool(c.actors) or c.kind == "general" or many),
        dates=when,
        asserted_by=c.asserted_by,
        hedge=c.hedge,
        negated=c.negated,
        types=c.types,
        about=c.about,
        group=c.group,
        allies=c.allies,
        judgement=s.words(value[0]) if value else None,
    )

"""Who says so, and how surely: the frame around a claim.

"He now concedes that P" is P, said by him; "officials insisted that P" is P, said by officials, and open; "according
to Tokyo, P"; "his admission that P". What is left without its frame is what the claim is about. A hedge ("may",
"portends", "reportedly") stays part of the claim and is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tertius.reading.marked import Marked

AUTHOR = "author"
_VERBS = (
    r"(?:conced|insist|warn|admit|acknowledg|claim|argu|said|say|says|told|stat|announc|declar|alleg|maintain|assert|"
    r"accus|complain|contend|believ|think|predict|report|suggest|conclud|boast|vow|deni|deny|not)(?:s|es|ed|e|ted|ting|"
    r"ing|ies|ied)?"
)
_SAID_THAT = re.compile(
    rf"^(?P<who>(?:(?!\bthat\b|,).){{1,120}}?)\s(?:(?:has|have|had|is|are|was|were|now|also|later|even|once|repeatedly|"
    rf"long|openly|publicly|recently|grudgingly|finally)\s)*(?P<verb>{_VERBS})(?:\s(?:\w+ly|reporters|us|journalists|"
    rf"lawmakers|on \w+))?\sthat\s(?P<rest>.+)$",
    re.IGNORECASE,
)
_NOUN_THAT = re.compile(
    r"^(?P<who>(?:(?!\bthat\b).){1,120}?)['’]s?\s(?:[\w-]+\s){0,2}(?:admission|statements?|claims?|insistence|warnings?|"
    r"assertions?|assurances?|allegations?|accusations?|acknowledg\w+)\s(?:that\s)?(?P<rest>.+)$",
    re.IGNORECASE,
)
_ACCORDING = re.compile(
    r"^(?:according to|in the (?:view|words) of)\s(?P<who>[^,]{1,120}),\s(?P<rest>.+)$", re.IGNORECASE
)
_AFTER = re.compile(
    rf"^(?P<rest>.{{8,}}?),?\s(?:according to|in the (?:view|words) of)\s(?P<who>[^,.]{{1,80}})[.]?$|"
    rf"^(?P<rest2>.{{8,}}?),\s(?P<who2>[^,]{{2,60}}?)\s{_VERBS}[.]?$",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(signals?|signalled|portends?|may(?= \w)|might|could|reportedly|allegedly|appears? to|appeared to|seems? to|"
    r"seemed to|likely|perhaps|possibly|suggests?|arguably|supposedly|apparently)\b"
)
_LEAD_IN = re.compile(
    r"^(?:however|meanwhile|moreover|still|yet|but|and|in addition|indeed|of course),?\s", re.IGNORECASE
)
_HE = re.compile(r"^(?:he|she|they)$", re.IGNORECASE)
_IDLE = re.compile(
    r"^(?:(?:it|this|that|there|one|nobody|no one)\b.*|the (?:fact|idea|notion|meeting)|some|many|"
    r"warnings .*|fears .*|signs .*)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Who asserts (``author`` where nobody else), the hedging word, and what is asserted."""

    asserted_by: str
    hedge: str | None
    rest: Marked


def frame_of(s: Marked, last_person: str | None = None) -> Frame:
    """A sentence's frame; ``last_person`` is whom "he" or "she" means.

    >>> slots, names = (("USA",), ("RUS",)), ("US", "Russia")
    >>> s = Marked("", (0, 0), "@0 officials have insisted that @1 was not provoked.", slots, names)
    >>> f = frame_of(s)
    >>> f.asserted_by, f.rest.text
    ('US officials', '@1 was not provoked.')
    """
    text = _LEAD_IN.sub("", s.text)
    who, rest = AUTHOR, text
    for pattern in (_ACCORDING, _SAID_THAT, _NOUN_THAT, _AFTER):
        if m := pattern.match(text):
            parts = {k.rstrip("2"): v for k, v in m.groupdict().items() if v}
            speaker = s.words(parts["who"]).strip()
            if not _IDLE.match(speaker):
                who = (last_person or speaker) if _HE.match(speaker) else speaker
                rest = parts["rest"]
            break
    hedge = _HEDGE.search(text)
    return Frame(who, hedge[1] if hedge else None, s.part(rest))

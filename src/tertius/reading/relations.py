"""Words of relations between states: what they are made of, and which way they go.

One table each, in the terms of a claim: a noun of relations has a **sign** (cooperation or hostility), a verb or an
adjective of change a **direction** (up or down). Verbs that judge (``improve``, ``sour``) fix the sign themselves:
relations that sour are more hostile, whatever "relations" are. A noun may say more than the sign (``exercises``,
``shipments``): the **kind of event** that data must be able to tell apart before they can speak to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

COOPERATION, HOSTILITY = "cooperation", "hostility"
UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun of relations: its sign, and the PLOVER types it names (none: cooperation or hostility of every type)."""

    sign: str
    types: tuple[str, ...] = ()
    kind: str = ""  # what it is called where data do not tell it apart


def _stems(words: str) -> str:
    return "|".join(words.split())


_NOUNS: tuple[tuple[str, Noun], ...] = (
    (r"(?:military|naval|joint) (?:exercises?|drills?|manoeuvres|maneuvers)|exercises|war games?|drills",
     Noun(COOPERATION, ("COOPERATE",), "military exercises")),
    (r"(?:arms?|weapons?|ammunition|munitions|drones?|missiles?|military) (?:shipments?|deliveries|supplies|sales|"
     r"transfers?|exports?)", Noun(COOPERATION, ("AID",), "arms deliveries")),
    (r"(?:military|financial|humanitarian|economic|food|technical|development) (?:aid|assistance)|aid",
     Noun(COOPERATION, ("AID",), "aid")),
    (r"(?:military|defen[cs]e|naval|intelligence|arms)(?:[- ]technical)? (?:cooperation|co-operation|collaboration|"
     r"ties|coordination|partnership|relations|links|contacts)", Noun(COOPERATION, (), "military cooperation")),
    (r"(?:trade|commerce|exports|imports|investment)(?: ties| relations| volumes?)?",
     Noun(COOPERATION, (), "trade")),
    (r"(?:cooperation|co-operation|collaboration|coordination|ties|partnership|friendship|rapprochement|outreach|"
     r"engagement|dialogue|links|bonds|contacts|romance|alignment|solidarity|entente|embrace|exchanges|visits|support|"
     r"integration|understanding|alliance|courtship|détente|detente)", Noun(COOPERATION)),
    (r"sanctions|embargo(?:es)?|tariffs", Noun(HOSTILITY, ("SANCTION",), "sanctions")),
    (r"(?:air|missile|drone|artillery)? ?(?:strikes|attacks|shelling|bombardments?|raids|incursions)",
     Noun(HOSTILITY, ("ASSAULT",), "attacks")),
    (r"(?:hostilit(?:y|ies)|tensions?|confrontations?|conflicts?|rivalry|enmity|animosity|antagonism|frictions?|"
     r"pressure|threats?|provocations?|clashes|disputes?|quarrels?|feud|crisis|standoff|acrimony|recriminations|"
     r"skirmishes|accusations)", Noun(HOSTILITY)),
    (r"(?:relations?|relationship)", Noun(COOPERATION, (), "relations")),
)  # fmt: skip

DEEDS = {
    "AGREE": "promises", "CONSULT": "talks", "SUPPORT": "support", "CONCEDE": "concessions",
    "COOPERATE": "material cooperation", "AID": "aid", "RETREAT": "retreat", "REQUEST": "demands",
    "ACCUSE": "accusations", "REJECT": "refusals", "THREATEN": "threats", "PROTEST": "protests",
    "SANCTION": "sanctions", "MOBILIZE": "shows of force", "COERCE": "coercion", "ASSAULT": "attacks",
}  # fmt: skip
"""What an event type is called in a sentence."""

_RISE = _stems(
    "soar spik surg ris rose risen increas grow grew grown mount deepen expand boost intensif escalat strengthen "
    "accelerat multipl swell climb jump heighten ramp bolster broaden flourish blossom tighten doubl trebl tripl "
    "quadrupl rocket skyrocket balloon enhanc cement"
)
_FALL = _stems(
    "fall fell fallen declin dropp drop shr[iau]nk erod weaken wan dwindl diminish plung plummet collaps reduc slow "
    "dissolv loosen halv subsid abat reced eas curtail slump fray distanc cut evaporat"
)
_BETTER = _stems("improv warm thaw normali[sz] repair mend restor reconcil")
_WORSE = _stems("worsen deteriorat sour poison chill froze frozen freez strain rupture damag cool")

_CHANGES: tuple[tuple[str, str, str | None], ...] = (
    (rf"(?:{_RISE})(?:s|e|es|ed|d|ing|ied|ies|y|ting|ped|ping|en)?", UP, None),
    (r"(?:greater|closer|tighter|stronger|deeper|more frequent|on the rise|at an all-time high|ever closer)", UP, None),
    (rf"(?:{_FALL})(?:s|e|es|ed|d|ing|ped|ping|en)?", DOWN, None),
    (r"(?:weaker|looser|less frequent|on the wane|in decline)", DOWN, None),
    (rf"(?:{_BETTER})(?:s|e|es|ed|d|ing|ation)?", UP, COOPERATION),
    (rf"(?:{_WORSE})(?:s|e|es|ed|d|ing|ation)?", UP, HOSTILITY),
)

NOUN = re.compile("|".join(rf"\b(?P<n{i}>{pattern})\b" for i, (pattern, _) in enumerate(_NOUNS)), re.IGNORECASE)
CHANGE = re.compile("|".join(rf"\b(?P<c{i}>{pattern})\b" for i, (pattern, _, _) in enumerate(_CHANGES)), re.IGNORECASE)


def noun_of(match: re.Match[str]) -> Noun:
    """What a match of :data:`NOUN` says."""
    assert match.lastgroup is not None
    return _NOUNS[int(match.lastgroup[1:])][1]


def change_of(match: re.Match[str]) -> tuple[str, str | None]:
    """The direction of a match of :data:`CHANGE`, and the sign where the word fixes it."""
    assert match.lastgroup is not None
    return _CHANGES[int(match.lastgroup[1:])][1:]


HOSTILE_DEED = re.compile(
    r"\b(?:invasions?|invad\w+|seiz\w+|annex\w+|attack\w*|war|wars|aggression|bomb\w*|strikes?|assaults?|occup\w+|"
    r"offensives?|crackdowns?|blockades?|expulsions?|expel\w*|hostil\w+|conflict|confrontation)\b",
    re.IGNORECASE,
)
"""What an effect is made of where it is hostile: "the invasion was the result of P"."""

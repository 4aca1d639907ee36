"""Event types of five ontologies, and the quad class of each: 1 verbal cooperation, 2 material cooperation,
3 verbal conflict, 4 material conflict. The sign of an event is its quad class's, never its weight's.

======== ==================================== ===============================================================
ontology types                                quad classes
======== ==================================== ===============================================================
CAMEO    2 to 4 digits, roots 01 to 20        01-05, 06-08, 09-13, 14-20 (the cut of GDELT and ICEWS)
PLOVER   16 words of 2021                     AGREE CONSULT SUPPORT CONCEDE, COOPERATE AID RETREAT, REQUEST ACCUSE
                                              REJECT THREATEN, PROTEST SANCTION MOBILIZE COERCE ASSAULT
WEIS     2 or 3 digits, roots 01 to 22        02-05 08-10, 01 06 07, 11-17, 18-22
UCDP     1, 2, 3 (state-based, non-state,     all 4
         one-sided violence)
sign     coop, host, verbal_coop, ...         a sign alone: cooperation 1, hostility 3
======== ==================================== ===============================================================

Sources
-------
CAMEO: Schrodt (2012), CAMEO: Conflict and Mediation Event Observations Event and Actor Codebook, version 1.1b3.
PLOVER: Open Event Data Alliance, PLOVER manual (2021), and its conversion table from CAMEO; POLECAT's names of types.
Older names are read as their heirs: DEMAND as REQUEST, INVESTIGATE and DISAPPROVE as ACCUSE, FIGHT as ASSAULT.
WEIS: McClelland (1976), World Event/Interaction Survey, ICPSR 5211. The cut into four is Duval & Thompson's (1980),
Reconsidering the Aggregate Relationship between Size, Economic Development, and Some Types of Foreign Policy Behavior,
American Journal of Political Science 24(3), 511-525, as the KEDS project used it for WEIS data; the sign of every root
agrees with the mean weight of its codes in Goldstein (1992), https://doi.org/10.1177/0022002792036002007, except 02
(comment), whose codes average just below zero (-0.16) and which the cut calls verbal cooperation.
UCDP: Georeferenced Event Dataset, ``type_of_violence``.

Assumptions
-----------
- The first two digits decide, so that an importer can join on them, and a code that another edition of the codebook
  has keeps its class; leading zeros must be there (``010`` is "make a statement", ``10`` is "demand": a column read as
  numbers has lost the difference). :func:`known_type` says what the codebook lists.
- CAMEO and WEIS look alike. Without ``ontology``, digits are CAMEO, and words are PLOVER, then signs; WEIS and UCDP
  must be named.
- Whether a bare "cooperation" was verbal or material is unknown; it is put in the verbal class because the milder is
  claimed of the two. Only its sign means anything.

What it does not do: weigh events (:mod:`tertius.codes.weights` does), or say that a demand among friends is hostile;
the ontologies do, and it is theirs.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

from tertius.errors import UsageError

ONTOLOGIES = ("cameo", "plover", "weis", "ucdp", "sign")

CAMEO: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "01": (1, "says something in public"),
        "02": (1, "appeals"),
        "03": (1, "intends to cooperate"),
        "04": (1, "consults"),
        "05": (1, "cooperates diplomatically"),
        "06": (2, "cooperates materially"),
        "07": (2, "gives aid"),
        "08": (2, "yields"),
        "09": (3, "investigates"),
        "10": (3, "demands"),
        "11": (3, "disapproves"),
        "12": (3, "rejects"),
        "13": (3, "threatens"),
        "14": (4, "protests"),
        "15": (4, "shows force"),
        "16": (4, "reduces relations"),
        "17": (4, "coerces"),
        "18": (4, "assaults"),
        "19": (4, "fights"),
        "20": (4, "uses mass violence"),
    }
)
"""Root: quad class and what the source does, in our words."""

# The tree below the roots: the highest third digit of each root, the highest fourth digit of each code that has one.
_CAMEO_THIRD = dict(zip(CAMEO, (9, 8, 9, 6, 7, 4, 5, 7, 4, 8, 6, 9, 9, 5, 4, 6, 5, 6, 6, 4), strict=True))
_CAMEO_FOURTH = {
    "021": 4, "023": 4, "024": 4, "025": 6, "031": 4, "033": 4, "034": 4, "035": 6, "081": 4, "083": 4, "084": 2,
    "086": 3, "087": 4, "101": 4, "103": 4, "104": 4, "105": 6, "112": 5, "121": 4, "122": 4, "123": 4, "124": 6,
    "131": 3, "132": 4, "138": 5, "141": 4, "142": 4, "143": 4, "144": 4, "145": 4, "162": 3, "166": 3, "171": 2,
    "172": 4, "182": 3, "183": 3, "204": 2,
}  # fmt: skip

PLOVER: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "AGREE": (1, "agrees"),
        "CONSULT": (1, "consults"),
        "SUPPORT": (1, "supports"),
        "CONCEDE": (1, "concedes"),
        "COOPERATE": (2, "cooperates"),
        "AID": (2, "gives aid"),
        "RETREAT": (2, "retreats, releases or disarms"),
        "REQUEST": (3, "requests or demands"),
        "ACCUSE": (3, "accuses or investigates"),
        "REJECT": (3, "rejects"),
        "THREATEN": (3, "threatens"),
        "PROTEST": (4, "protests"),
        "SANCTION": (4, "sanctions"),
        "MOBILIZE": (4, "mobilizes"),
        "COERCE": (4, "coerces"),
        "ASSAULT": (4, "assaults"),
    }
)

PLOVER_OLD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "DEMAND": "REQUEST",
        "INVESTIGATE": "ACCUSE",
        "DISAPPROVE": "ACCUSE",
        "FIGHT": "ASSAULT",
    }
)

WEIS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "01": (2, "yields"),
        "02": (1, "comments"),
        "03": (1, "consults"),
        "04": (1, "approves"),
        "05": (1, "promises"),
        "06": (2, "grants"),
        "07": (2, "rewards"),
        "08": (1, "agrees"),
        "09": (1, "requests"),
        "10": (1, "proposes"),
        "11": (3, "rejects"),
        "12": (3, "accuses"),
        "13": (3, "protests in words"),
        "14": (3, "denies"),
        "15": (3, "demands"),
        "16": (3, "warns"),
        "17": (3, "threatens"),
        "18": (4, "demonstrates"),
        "19": (4, "reduces relations"),
        "20": (4, "expels"),
        "21": (4, "seizes"),
        "22": (4, "uses force"),
    }
)

# The 63 categories of WEIS below the roots: the lowest and the highest third digit of each root.
_WEIS_THIRD = dict(
    zip(
        WEIS,
        ("13", "15", "13", "12", "14", "16", "13", "12", "15", "12", "12", "12", "12", "12", "00", "00", "14", "12",
         "15", "12", "12", "13"),
        strict=True,
    )
)  # fmt: skip

UCDP: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "1": (4, "state-based violence"),
        "2": (4, "non-state violence"),
        "3": (4, "one-sided violence"),
    }
)

SIGNS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "coop": (1, "cooperation, verbal or material"),
        "cooperation": (1, "cooperation, verbal or material"),
        "verbal_coop": (1, "verbal cooperation"),
        "material_coop": (2, "material cooperation"),
        "host": (3, "hostility, verbal or material"),
        "hostility": (3, "hostility, verbal or material"),
        "conflict": (3, "hostility, verbal or material"),
        "verbal_conflict": (3, "verbal conflict"),
        "material_conflict": (4, "material conflict"),
    }
)

PLOVER_OF: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "cameo": MappingProxyType(
            {
                "03": "AGREE", "04": "CONSULT", "05": "SUPPORT", "06": "COOPERATE", "07": "AID",
                "08": "CONCEDE", "0813": "RETREAT", "0814": "RETREAT", "084": "RETREAT", "085": "RETREAT",
                "086": "RETREAT", "087": "RETREAT",
                "09": "ACCUSE", "10": "REQUEST", "11": "ACCUSE", "12": "REJECT", "13": "THREATEN", "14": "PROTEST",
                "15": "MOBILIZE", "16": "SANCTION", "163": "COERCE", "17": "COERCE", "1712": "ASSAULT",
                "175": "ASSAULT", "18": "ASSAULT", "19": "ASSAULT", "191": "COERCE", "192": "COERCE", "20": "ASSAULT",
            }
        ),
        "weis": MappingProxyType(
            {
                "01": "RETREAT", "03": "CONSULT", "04": "SUPPORT", "05": "AGREE", "07": "AID", "08": "AGREE",
                "11": "REJECT", "12": "ACCUSE", "13": "ACCUSE", "14": "REJECT", "15": "REQUEST", "16": "THREATEN",
                "17": "THREATEN", "18": "PROTEST", "182": "MOBILIZE", "19": "SANCTION", "20": "SANCTION",
                "21": "COERCE", "22": "ASSAULT",
            }
        ),
        "ucdp": MappingProxyType({"1": "ASSAULT", "2": "ASSAULT", "3": "ASSAULT"}),
    }
)  # fmt: skip
"""PLOVER's word for a type of another ontology: the longest code that a code begins with.

CAMEO: the PLOVER manual's conversion table of 2021, which has nothing for 01 (statements) and 02 (appeals). WEIS: a
reading of ours, of roots whose sign is that of the word; 02, 06, 09 and 10 (comments, grants, requests, proposals) have
no such word."""

MUTUAL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        **{code: code for code in ("030", "037", "040", "041", "044", "046", "050", "057", "0871", "CONSULT")},
        "042": "043",
        "043": "042",
    }
)
"""CAMEO and PLOVER types that are coded once each way by nature, and the type of the other way: who visits is hosted.

Measured on ICEWS 2018: 73 to 100 % of such rows between states have their mirror on the same day (57 to 100 % of the
rows between all actors; not so 036, an intent to meet, 48 %, and 045, mediation, none). WEIS codes look the
same and mean something else (``042`` is "endorse"), so for them ask :func:`mirror_of`."""

_WEIS_MUTUAL: Mapping[str, str] = {"031": "031", "032": "033", "033": "032", "081": "081", "082": "082"}
"""Meet, visit and receive, agree: 58 to 90 % have their mirror on the same day in KEDS Balkans, 1989 to 2001 (no other
type of more than 40 mirrored rows has more than 20 %)."""

_BY_ROOT: Mapping[str, Mapping[str, tuple[int, str]]] = {"cameo": CAMEO, "weis": WEIS}
_LONGEST_CODE = {"cameo": 4, "weis": 3}


@lru_cache(maxsize=65_536)
def quad_of(type: str, ontology: str | None = None) -> int | None:
    """Quad class (1 to 4) of an event type; None if the ontology has no such word, or no such root.

    Parameters
    ----------
    type : a code or a word; case and surrounding space do not matter. A CAMEO or WEIS code has the class of its root,
        the first two digits, whether or not the codebook lists the digits after them (``029`` has that of ``02``).
    ontology : "cameo", "plover", "weis", "ucdp", "sign", or None: digits are CAMEO, words are PLOVER, then signs.

    Raises
    ------
    UsageError : there is no such ontology.

    >>> quad_of("042"), quad_of("190"), quad_of("Sanction"), quad_of("fight"), quad_of("coop"), quad_of("dance")
    (1, 4, 4, 4, 1, None)
    >>> quad_of("10"), quad_of("10", "weis"), quad_of("2", "ucdp")
    (3, 1, 4)
    """
    name = ontology_of(type, ontology)
    return None if name is None else _quad_in(name, type.strip())


def ontology_of(type: str, ontology: str | None = None) -> str | None:
    """The ontology in which a type is read; None if it has no such type. Raises UsageError if there is no ontology of
    that name.

    >>> ontology_of("042"), ontology_of("aid"), ontology_of("coop"), ontology_of("042", "WEIS"), ontology_of("dance")
    ('cameo', 'plover', 'sign', 'weis', None)
    """
    word = type.strip()
    names = _guess(word) if ontology is None else (_known(ontology),)
    return next((name for name in names if _quad_in(name, word) is not None), None)


def known_type(type: str, ontology: str) -> bool:
    """Whether the table lists a type, letter for letter.

    >>> known_type("025", "cameo"), known_type("029", "cameo"), known_type("223", "weis")
    (True, False, True)
    """
    return (type, ontology) in _listed()


def sign_of_quad(quad: int) -> Literal["coop", "host"]:
    """The sign of a quad class. Raises UsageError for anything but 1, 2, 3, 4.

    >>> [sign_of_quad(q) for q in (1, 2, 3, 4)]
    ['coop', 'coop', 'host', 'host']
    """
    if quad not in (1, 2, 3, 4):
        raise UsageError(f"{quad} is not a quad class.", "Quad classes are 1, 2 (cooperation), 3 and 4 (conflict).")
    return "coop" if quad <= 2 else "host"


def mirror_of(type: str, ontology: str | None = None) -> str | None:
    """The type under which the target's side of the same event is coded; None for a type that is not mutual.

    >>> mirror_of("042"), mirror_of("consult"), mirror_of("190"), mirror_of("042", "weis"), mirror_of("032", "weis")
    ('043', 'CONSULT', None, None, '033')
    """
    word = type.strip().upper()
    name = _known(ontology) if ontology is not None else None
    if name == "weis":
        return _WEIS_MUTUAL.get(word)
    if name is None or name == ("cameo" if word.isdigit() else "plover"):
        return MUTUAL_TYPES.get(word)
    return None


@lru_cache(maxsize=65_536)
def plover_of(type: str, ontology: str | None = None) -> str | None:
    """PLOVER's word for a type; None where it has none.

    >>> plover_of("0841"), plover_of("fight"), plover_of("042", "weis"), plover_of("010"), plover_of("dance")
    ('RETREAT', 'ASSAULT', 'SUPPORT', None, None)
    """
    name, word = ontology_of(type, ontology), type.strip()
    if name is None:
        return None
    if name == "plover":
        return PLOVER_OLD_NAMES.get(word.upper(), word.upper())
    table = PLOVER_OF.get(name, {})
    return next((table[word[:n]] for n in range(len(word), 0, -1) if word[:n] in table), None)


@lru_cache(maxsize=1)
def cameo_titles() -> Mapping[str, str]:
    """CAMEO's code by the title of its category, in small letters, as ICEWS prints titles in place of codes.

    The titles are the codebook's (``cameo_titles.csv``).

    >>> cameo_titles()["make a visit"]
    '042'
    """
    lines = (resources.files("tertius.codes") / "cameo_titles.csv").read_text(encoding="utf-8").splitlines()
    return {row["title"].lower(): row["code"] for row in csv.DictReader(lines)}


@lru_cache(maxsize=1)
def _listed() -> frozenset[tuple[str, str]]:
    return frozenset((type_, ontology) for type_, ontology, _, _ in quad_table())


@lru_cache(maxsize=1)
def quad_table() -> list[tuple[str, str, int, str]]:
    """Every known type as (type, ontology, quad class, label), for joins. A code below a root has the root's label.

    >>> ("190", "cameo", 4, "fights") in quad_table()
    True
    """
    rows = [(code, "cameo", *CAMEO[code[:2]]) for code in _cameo_codes()]
    for ontology in ("plover", "weis", "ucdp", "sign"):
        rows += [(code, ontology, quad, label) for code, (quad, label) in _types(ontology).items()]
    rows += [(code, "weis", *WEIS[code[:2]]) for root, last in _WEIS_THIRD.items() for code in _below(root, last)]
    return rows + [(old, "plover", *PLOVER[new]) for old, new in PLOVER_OLD_NAMES.items()]


def _cameo_codes() -> Iterator[str]:
    for root, third in _CAMEO_THIRD.items():
        yield root
        for base in (f"{root}{digit}" for digit in range(third + 1)):
            yield base
            yield from (f"{base}{digit}" for digit in range(1, _CAMEO_FOURTH.get(base, 0) + 1))


def _below(root: str, digits: str) -> Iterator[str]:
    yield from (f"{root}{digit}" for digit in range(int(digits[0]), int(digits[1]) + 1))


def _guess(word: str) -> tuple[str, ...]:
    return ("cameo",) if word.isdigit() else ("plover", "sign")


def _known(ontology: str) -> str:
    name = ontology.strip().lower()
    if name not in ONTOLOGIES:
        raise UsageError(f"There is no ontology '{ontology}'.", f"Choose one of: {', '.join(ONTOLOGIES)}.")
    return name


def _types(ontology: str) -> Mapping[str, tuple[int, str]]:
    return {"cameo": CAMEO, "plover": PLOVER, "weis": WEIS, "ucdp": UCDP, "sign": SIGNS}[ontology]


def _quad_in(ontology: str, word: str) -> int | None:
    if ontology in _BY_ROOT:
        if not (word.isascii() and word.isdigit() and 2 <= len(word) <= _LONGEST_CODE[ontology]):
            return None
        key = word[:2]
    elif ontology == "plover":
        key = PLOVER_OLD_NAMES.get(word.upper(), word.upper())
    else:
        key = word.lower().replace(" ", "_")
    found = _types(ontology).get(key)
    return found[0] if found else None

"""Actor codes that are chains of three letters each: ``USAGOVMIL``, ``IGOEUREEC``, ``BOSSER``; whom they mean, and
when.

CAMEO (GDELT, Phoenix) writes a country, then roles: ``USAGOV`` is the government of the United States. Its countries
are ISO 3166 alpha-3 but for those of :data:`CAMEO_COUNTRIES`; they are not the two letters (FIPS 10-4) of *places* in
the same files, by which ``CH`` is China and ``GM`` Germany. A region (``EUR``, ``AFR``) is no actor. After ``IGO`` and
its like stands an organisation, the last piece that :data:`ORGANISATIONS` knows: ``IGOUNOHLHWHO`` is the WHO.

KEDS (Schrodt's WEIS data) has countries of its own (:data:`KEDS_COUNTRIES`: ``AUS`` is Austria, ``MAC`` Macedonia).
With GOV or MIL after it a country speaks; with anything else it is another actor, who keeps his label: ``BOSSER``, the
Bosnian Serbs, are not Bosnia.

Some codes go by date, as names do (:mod:`tertius.codes.actors`): RUS before 1991-12-26 is SUN, CZE before 1993 CSK, and
SRB the state that then sat in COW's seat 345 (in KEDS data SER is the republic at any date).

Sources: Schrodt (2012), CAMEO codebook 1.1b3, chapter 3 (roles, organisations); KEDS project, WEIS actor codes.

What it does not do: know parties, rebels or peoples (they keep a label in KEDS data and are nobody in CAMEO's).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tertius.codes.actors import known_code, meant_over

SYSTEMS = ("cameo", "keds")

CAMEO_COUNTRIES: Mapping[str, str] = MappingProxyType(
    {"ROM": "ROU", "TMP": "TLS", "IMY": "IMN", "MTN": "MNE", "KSV": "XKX", "PAL": "PSE", "WSB": "PSE", "GZS": "PSE",
     "BAG": "IRQ"}
)  # fmt: skip
"""Countries whose CAMEO code is not ISO's."""

KEDS_COUNTRIES: Mapping[str, str] = MappingProxyType(
    {"ALB": "ALB", "AUL": "AUS", "AUS": "AUT", "BEL": "BEL", "BOS": "BIH", "BUL": "BGR", "CAN": "CAN", "CHN": "CHN",
     "CRO": "HRV", "CZE": "CZE", "DEN": "DNK", "FRN": "FRA", "FRY": "YUG", "GER": "DEU", "GRC": "GRC", "HUN": "HUN",
     "IRN": "IRN", "IRQ": "IRQ", "ISR": "ISR", "ITA": "ITA", "JPN": "JPN", "KSV": "XKX", "MAC": "MKD", "MTN": "MNE",
     "NTH": "NLD", "NOR": "NOR", "POL": "POL", "POR": "PRT", "ROM": "ROU", "RUS": "RUS", "SER": "SRB", "SLO": "SVN",
     "SPN": "ESP", "SWD": "SWE", "SWI": "CHE", "TUR": "TUR", "UNK": "GBR", "USA": "USA", "VAT": "VAT", "YUG": "YUG"}
)  # fmt: skip
"""Countries of the KEDS Balkans data."""

ORGANISATIONS: Mapping[str, str] = MappingProxyType(
    {"UNO": "UN", "NAT": "NATO", "EEC": "EU", "ASN": "ASEAN", "AFU": "AU", "OAU": "AU", "OAS": "OAS", "ARL": "LAS",
     "OPC": "OPEC", "WBK": "WB", "WHO": "WHO", "IMF": "IMF", "WTO": "WTO", "IAE": "IAEA", "ICC": "ICC", "CIS": "CIS",
     "WAS": "ECOWAS", "OIC": "OIC", "GOE": "G8", "GOS": "G7", "SCE": "OSCE", "COE": "COE", "GCC": "GCC"}
)  # fmt: skip
"""Organisations by their piece of a chain."""

KEDS_ORGANISATIONS: Mapping[str, str] = MappingProxyType({"UNO": "UN", "NAT": "NATO", "EEC": "EU", "OSCE": "OSCE"})

INTERNATIONAL = ("IGO", "IMG", "INT", "NGO", "NGM", "MNC")
"""First pieces that are no country: what follows may be an organisation, or a company's country."""

SPEAK = ("GOV", "MIL", "SPY", "LEG", "JUD", "COP")
"""Roles that speak for a state; so does a country without any role."""

_SEATS = {"RUS": "cow:365", "SRB": "cow:345", "YUG": "cow:345"}
_BEFORE = {"CZE": (dt.date(1993, 1, 1), "CSK")}


@dataclass(frozen=True, slots=True)
class Chained:
    """Whom a chain means: pieces of (first day, code or None), each until the next, and the roles after the country."""

    pieces: tuple[tuple[dt.date, str | None], ...]
    roles: tuple[str, ...] = ()

    def speaks(self, roles: tuple[str, ...] = SPEAK) -> bool:
        """Whether it speaks for its state: all of its roles do."""
        return all(role in roles for role in self.roles)


def read_chain(code: str, system: str, first: dt.date, last: dt.date) -> Chained:
    """Whom a code of ``system`` ("cameo", "keds") means from one day to another; no pieces where it means nobody.

    >>> day = dt.date(2020, 1, 1)
    >>> read_chain("USAGOVMIL", "cameo", day, day).roles, read_chain("IGOEUREEC", "cameo", day, day).pieces[0][1]
    (('GOV', 'MIL'), 'EU')
    >>> read_chain("ROM", "cameo", day, day).pieces[0][1], read_chain("AUS", "keds", day, day).pieces[0][1]
    ('ROU', 'AUT')
    >>> [code for _, code in read_chain("RUS", "cameo", dt.date(1990, 1, 1), dt.date(1995, 1, 1)).pieces]
    ['SUN', 'RUS']
    >>> read_chain("EUR", "cameo", day, day).pieces, read_chain("BOSSER", "keds", day, day).pieces[0][1]
    ((), 'BOSSER')
    """
    return _keds(code, first, last) if system == "keds" else _cameo(code, first, last)


def _cameo(code: str, first: dt.date, last: dt.date) -> Chained:
    pieces = [code[n : n + 3] for n in range(0, len(code), 3)]
    if not pieces:
        return Chained(())
    known = [ORGANISATIONS[piece] for piece in pieces if piece in ORGANISATIONS]
    if known and (pieces[0] in INTERNATIONAL or pieces[0] in ORGANISATIONS):
        return Chained(((first, known[-1]),))
    place = 1 if pieces[0] in INTERNATIONAL and len(pieces) > 1 else 0
    country = CAMEO_COUNTRIES.get(pieces[place], pieces[place])
    if len(country) != 3 or not known_code(country):
        return Chained(())
    return Chained(_dated(country, first, last), (*pieces[:place], *pieces[place + 1 :]))


def _keds(code: str, first: dt.date, last: dt.date) -> Chained:
    if code in KEDS_ORGANISATIONS:
        return Chained(((first, KEDS_ORGANISATIONS[code]),))
    country, role = KEDS_COUNTRIES.get(code[:3]), code[3:]
    if country is None or role not in ("", "GOV", "MIL"):
        return Chained(((first, code),) if code.strip("-") else ())
    pieces = ((first, country),) if country == "SRB" else _dated(country, first, last)  # a republic before a state
    return Chained(pieces, (role,) if role else ())


def _dated(country: str, first: dt.date, last: dt.date) -> tuple[tuple[dt.date, str | None], ...]:
    if country in _SEATS:
        return meant_over(_SEATS[country], first, last) or ((first, country),)
    if country in _BEFORE:
        day, before = _BEFORE[country]
        pieces = ((first, before), (max(day, first), country))
        return tuple(piece for piece in pieces if (piece[1] == before) == (piece[0] < day) and piece[0] <= last)
    return ((first, country),)

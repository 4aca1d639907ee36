"""Formats ``gdelt1`` and ``gdelt2``: the GDELT Project's event exports (Leetaru & Schrodt 2013), original bytes.

``gdelt1``  daily files since 2013-04-01 (58 columns, the last is SOURCEURL); those of 1979 to 2013 (57, without it)
``gdelt2``  files of 15 minutes since 2015-02-18 (61 columns: places have an ADM2 code); *mentions* (16 columns)

Both are tab-separated without a header and without quotation marks; comma-separated copies with a header (gdeltPyR's)
are read too. Lines of 57 and of 58 columns may stand in one file.

Actors are ``Actor1Code`` and ``Actor2Code``, chains of CAMEO codes (:mod:`tertius.codes.chains`); the two-letter codes
of places in the same rows are FIPS, and are not read. ``date`` is SQLDATE, ``recorded`` is DATEADDED, ``url``
SOURCEURL: one article of the many that may have reported the event. The quad class is the row's own.

Rules that are on here (:mod:`tertius.sources.rules`): ``other_sector``, ``far_date``, and in ``gdelt2`` ``re_emitted``.
A **signature** is all by which GDELT tells events apart: SQLDATE, both actors' codes as they stand, the event code, and
the places of both actors and of the action.

Rows of mentions are counted, not stored: with ``--weight mentions`` or ``sources`` an event weighs as many rows (or
different source names) as the mentions files of the same import have of it, instead of the numbers in its own row,
which count the first 15 minutes only. They are joined by event id; one of no event that is kept is dropped as
``no_event``.
"""

from __future__ import annotations

from tertius.codes.chains import SPEAK
from tertius.sources.format import Format

_ACTOR = ("Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code", "Type1Code",
          "Type2Code", "Type3Code")  # fmt: skip
_ACTION = ("IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale", "NumMentions",
           "NumSources", "NumArticles", "AvgTone")  # fmt: skip
_PLACE = ("Geo_Type", "Geo_FullName", "Geo_CountryCode", "Geo_ADM1Code", "Geo_Lat", "Geo_Long", "Geo_FeatureID")


def _columns(adm2: bool) -> tuple[str, ...]:
    place = [*_PLACE[:4], *(["Geo_ADM2Code"] if adm2 else []), *_PLACE[4:]]
    return (
        *("GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate"),
        *(f"Actor{n}{name}" for n in (1, 2) for name in _ACTOR),
        *_ACTION,
        *(f"{whose}{name}" for whose in ("Actor1", "Actor2", "Action") for name in place),
        *("DATEADDED", "SOURCEURL"),
    )


MENTIONS = (
    "GLOBALEVENTID", "EventTimeDate", "MentionTimeDate", "MentionType", "MentionSourceName", "MentionIdentifier",
    "SentenceID", "Actor1CharOffset", "Actor2CharOffset", "ActionCharOffset", "InRawText", "Confidence",
    "MentionDocLen", "MentionDocTone", "MentionDocTranslationInfo", "Extras",
)  # fmt: skip
MENTION_COLUMNS = ("GLOBALEVENTID", "MentionTimeDate", "MentionSourceName")
"""What is read of mentions: which event, when, by whom."""

_OURS = {
    "date": ("SQLDATE",),
    "source": ("Actor1Code",),
    "target": ("Actor2Code",),
    "quad": ("QuadClass",),
    "type": ("EventCode",),
    "weight": ("weight",),
    "goldstein": ("GoldsteinScale",),
    "mentions": ("NumMentions",),
    "sources": ("NumSources",),
    "origin": ("GLOBALEVENTID",),
    "url": ("SOURCEURL",),
    "recorded": ("DATEADDED",),
    "root": ("IsRootEvent",),
    "place": ("ActionGeo_FeatureID",),
    "source_place": ("Actor1Geo_FeatureID",),
    "target_place": ("Actor2Geo_FeatureID",),
}
_CITE = (
    "Leetaru, K. & Schrodt, P. A. (2013). GDELT: Global Data on Events, Location and Tone, 1979-2012. ISA Annual "
    "Convention. The GDELT Project, https://www.gdeltproject.org.",
    "",
)
_BIBTEX = """@inproceedings{gdelt,
  author = {Leetaru, Kalev and Schrodt, Philip A.},
  title = {{GDELT}: Global Data on Events, Location and Tone, 1979--2012},
  booktitle = {ISA Annual Convention},
  year = {2013},
  url = {https://www.gdeltproject.org}
}"""


def _format(name: str, headers: dict[int, tuple[str, ...]], step: str, drops: tuple[str, ...], known: str) -> Format:
    return Format(
        name=name,
        directed=True,
        columns=_OURS,
        required=("date", "source", "target"),
        cite=_CITE,
        bibtex=_BIBTEX,
        lines=True,
        headers=headers,
        ontology="cameo",
        system="cameo",
        speaks=SPEAK,
        drops=drops,
        same=("origin",),
        signature=("date", "source", "target", "type", "place", "source_place", "target_place"),
        step=step,
        known_by=(("GLOBALEVENTID",), ("SQLDATE",), ("Actor1Code",), (known,)),
    )


GDELT1 = _format(
    "gdelt1", {57: _columns(False), 58: _columns(False)}, "1d", ("other_sector", "far_date"), "ActionGeo_FullName"
)
GDELT2 = _format(
    "gdelt2",
    {61: _columns(True), 16: MENTIONS},
    "15min",
    ("other_sector", "far_date", "re_emitted"),
    "ActionGeo_ADM2Code",
)

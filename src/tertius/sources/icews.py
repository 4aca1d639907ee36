"""Format ``icews``: the Integrated Crisis Early Warning System (Boschee et al., doi:10.7910/DVN/28075).

Reads the original 20-column, tab-separated files (``NA`` is missing, nothing is quoted) and, through ``--map``, any
table made from them. Actors are countries: the columns ``Source Country`` and ``Target Country`` of the original, or an
actor name that is a country or ends in one, "Military (Ukraine)". So citizens, media and police of a country count for
it; keep only some of them by filtering the file first. What is no country is a null actor; codes are read as well.
``--codes keep`` leaves every label as it is. ``--drop other_sector`` keeps only rows whose ends speak for their state:
one of :data:`SPEAKS` among the sectors, or none (the country itself). It is not the default, for actors of no sector
are countries, and persons whom the tables do not know.

Event ids repeat, in other years and for other events: a row is given twice where its id, date, ends, type and story are
the same. The file of 2017 has no column of CAMEO codes; ``Event Text`` then says the code
(:func:`tertius.codes.cameo_titles`).

The quad class follows from the CAMEO code; ``Intensity`` (the Goldstein value) is read only for ``--weight goldstein``.
"""

from __future__ import annotations

from tertius.sources.format import Format

SPEAKS = ("Government", "Executive", "Executive Office", "Cabinet", "Foreign Ministry", "Military", "Judicial",
          "Police", "Defense / Security Ministry", "Legislative / Parliamentary")  # fmt: skip
"""Sectors that speak for a state."""

FORMAT = Format(
    name="icews",
    directed=True,
    columns={
        "date": ("Event Date", "date"),
        "source": ("Source Country", "source"),
        "target": ("Target Country", "target"),
        "quad": ("quad",),
        "type": ("CAMEO Code", "cameo", "type", "Event Text"),
        "weight": ("weight",),
        "goldstein": ("Intensity", "goldstein"),
        "origin": ("Event ID", "origin"),
        "url": ("url",),
        "sentence": ("Event Text", "relation", "sentence"),
        "recorded": ("recorded",),
        "source_sector": ("Source Sectors",),
        "target_sector": ("Target Sectors",),
        "place": ("Story ID",),
    },
    required=("date", "source", "target"),
    countries=True,
    null="NA",
    quoting=False,
    cite=(
        "Boschee, E., Lautenschlager, J., O'Brien, S., Shellman, S., Starz, J. & Ward, M. (2015). ICEWS Coded Event "
        "Data. Harvard Dataverse.",
        "10.7910/DVN/28075",
    ),
    bibtex="""@data{icews,
  author = {Boschee, Elizabeth and Lautenschlager, Jennifer and O'Brien, Sean and Shellman, Steve and Starz, James and
            Ward, Michael},
  title = {{ICEWS} Coded Event Data},
  publisher = {Harvard Dataverse},
  year = {2015},
  doi = {10.7910/DVN/28075}
}""",
    lines=True,
    speaks=SPEAKS,
    same=("origin", "date", "source", "target", "type", "place"),
    step="1d",
    known_by=(("Event ID",), ("Event Date",), ("Source Country",), ("Target Country",)),
)

"""Format ``icews``: the Integrated Crisis Early Warning System (Boschee et al., doi:10.7910/DVN/28075).

Reads the original 20-column, tab-separated files (``NA`` is missing, nothing is quoted) and, through ``--map``, any
table made from them. Actors are countries: the columns ``Source Country`` and ``Target Country`` of the original, or an
actor name that is a country or ends in one, "Military (Ukraine)". So citizens, media and police of a country count for
it; keep only some of them by filtering the file first. What is no country is a null actor; codes are read as well.
``--codes keep`` leaves every label as it is.

The quad class follows from the CAMEO code; ``Intensity`` (the Goldstein value) is read only for ``--weight goldstein``.
"""

from __future__ import annotations

from tertius.sources.format import Format

FORMAT = Format(
    name="icews",
    directed=True,
    columns={
        "date": ("Event Date", "date"),
        "source": ("Source Country", "source"),
        "target": ("Target Country", "target"),
        "quad": ("quad",),
        "type": ("CAMEO Code", "cameo", "type"),
        "weight": ("weight",),
        "goldstein": ("Intensity", "goldstein"),
        "origin": ("Event ID", "origin"),
        "url": ("url",),
        "sentence": ("Event Text", "relation", "sentence"),
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
)

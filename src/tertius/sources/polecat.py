"""Format ``polecat``: the Political Event Classification, Attributes, and Types data (Halterman et al. 2023).

Tab-separated with a header of 40 columns; some copies call the column ``Intensity`` ``Event Intensity``. ISO-8859-1,
``None`` is missing. Types are PLOVER's words, from which the quad class follows; ``recorded`` is the day of
publication. Actors are the columns of countries. Rules that are on here: ``other_sector`` (the primary sectors) and
``far_date``.

Written from the header and the documentation: no real rows were at hand to try it on.
"""

from __future__ import annotations

from tertius.codes.chains import SPEAK
from tertius.sources.format import Format

FORMAT = Format(
    name="polecat",
    directed=True,
    columns={
        "date": ("Event Date",),
        "source": ("Actor Country",),
        "target": ("Recipient Country",),
        "type": ("Event Type",),
        "quad": ("quad",),
        "weight": ("weight",),
        "goldstein": ("Intensity", "Event Intensity"),
        "origin": ("Event ID",),
        "url": ("url",),
        "recorded": ("Publication Date",),
        "source_sector": ("Primary Actor Sector",),
        "target_sector": ("Primary Recipient Sector",),
    },
    required=("date", "source", "target", "type"),
    countries=True,
    null="None",
    quoting=False,
    cite=(
        "Halterman, A., Bagozzi, B. E., Beger, A., Schrodt, P. A. & Scarborough, G. I. (2023). PLOVER and "
        "POLECAT: a new "
        "political event ontology and dataset. SocArXiv. Data: Harvard Dataverse.",
        "10.7910/DVN/AJGVIT",
    ),
    bibtex="""@data{polecat,
  author = {Halterman, Andrew and Bagozzi, Benjamin E. and Beger, Andreas and Schrodt, Philip A. and Scarborough, Grace
  I.}, title = {{POLECAT} Weekly Data},
  publisher = {Harvard Dataverse},
  year = {2023},
  doi = {10.7910/DVN/AJGVIT}
}""",
    lines=True,
    ontology="plover",
    speaks=SPEAK,
    drops=("other_sector", "far_date"),
    same=("origin", "date", "source", "target", "type"),
    step="1d",
    known_by=(("Event Type",), ("Event Mode",), ("Actor Country",), ("Recipient Country",)),
)

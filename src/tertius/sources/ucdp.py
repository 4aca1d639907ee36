"""Format ``ucdp``: the Uppsala Conflict Data Program's Georeferenced Event Dataset (Sundberg & Melander 2013), as CSV.

All events are material conflict. ``side_a`` towards ``side_b`` is the direction of the columns, usually the government
first; who began is not said. "Government of Russia (Soviet Union)" is that state; rebels and civilians keep "
                                                                  "their names as
labels. The day is ``date_start``; ``--map weight=best`` weighs an event by the best estimate of deaths.

Written from the codebook: no real rows were at hand to try it on.
"""

from __future__ import annotations

from tertius.sources.format import Format

FORMAT = Format(
    name="ucdp",
    directed=True,
    columns={
        "date": ("date_start",),
        "source": ("side_a",),
        "target": ("side_b",),
        "quad": ("quad",),
        "type": ("type_of_violence",),
        "weight": ("weight",),
        "origin": ("id",),
        "url": ("url",),
        "sentence": ("source_headline", "source_article"),
        "recorded": ("recorded",),
    },
    required=("date", "source", "target", "type"),
    cite=(
        "Sundberg, R. & Melander, E. (2013). Introducing the UCDP Georeferenced Event Dataset. Journal of Peace "
        "Research "
        "50(4), 523-532.",
        "10.1177/0022343313484347",
    ),
    bibtex="""@article{ucdpged,
  author = {Sundberg, Ralph and Melander, Erik},
  title = {Introducing the {UCDP} Georeferenced Event Dataset},
  journal = {Journal of Peace Research},
  volume = {50},
  number = {4},
  pages = {523--532},
  year = {2013},
  doi = {10.1177/0022343313484347}
}""",
    ontology="ucdp",
    system="ucdp",
    same=("origin",),
    known_by=(("type_of_violence",), ("side_a",), ("side_b",), ("date_start",)),
)

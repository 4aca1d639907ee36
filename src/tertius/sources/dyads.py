"""Format ``dyads``: net weights of pairs by day, undirected.

A row's weight is cooperation minus hostility: C gets max(w, 0), H gets max(-w, 0). Who did it to whom, and what was
cancelled within the day, cannot be known from such data. Rows a, b and b, a are the same pair and add up
(:data:`tertius.events.table.DYAD_COLUMNS`); on how many days a pair is given both ways is noted. A column ``year``
serves as ``date`` where there is none. Names of actors become codes (:mod:`tertius.sources.labels`).
"""

from __future__ import annotations

from tertius.sources.format import Format

FORMAT = Format(
    name="dyads",
    directed=False,
    columns={
        "date": ("date", "year"),
        "a": ("a",),
        "b": ("b",),
        "weight": ("weight",),
        "origin": ("origin",),
        "url": ("url",),
        "sentence": ("sentence",),
    },
    required=("date", "a", "b", "weight"),
    renames={"a": "source", "b": "target"},
)

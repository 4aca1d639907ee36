"""Format ``events``: any table in the columns of the event contract (:data:`tertius.events.table.INPUT_COLUMNS`).

A column ``cameo``, ``plover``, ``weis`` or ``ucdp`` serves as ``type`` where there is none, and names the ontology;
``--map`` renames anything else (``--map type=weis`` reads WEIS codes, whose numbers mean other things than CAMEO's).

A column ``year`` serves as ``date`` where there is none. Names of actors become codes (:mod:`tertius.sources.labels`).

Columns ``mentions`` and ``sources`` (``--map sources=NumSources``) are read for ``--weight mentions|sources`` alone: an
event then weighs as many (:data:`tertius.sources.format.WEIGHTS`); rows without a number are dropped as null_weight.
"""

from __future__ import annotations

from tertius.events.table import INPUT_COLUMNS
from tertius.sources.format import WEIGHTS, Format

OTHERS = {"date": ("year",), "type": ("cameo", "plover", "weis", "ucdp")}

FORMAT = Format(
    name="events",
    directed=True,
    columns={c.name: (c.name, *OTHERS.get(c.name, ())) for c in INPUT_COLUMNS} | {name: (name,) for name in WEIGHTS},
    required=tuple(c.name for c in INPUT_COLUMNS if c.required),
)

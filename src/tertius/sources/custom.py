"""Format ``events``: any table in the columns of the event contract (:data:`tertius.events.table.INPUT_COLUMNS`).

A column ``cameo`` serves as ``type`` where there is none; ``--map`` renames anything else.
"""

from __future__ import annotations

from tertius.events.table import INPUT_COLUMNS
from tertius.sources.format import Format

FORMAT = Format(
    name="events",
    directed=True,
    columns={c.name: (c.name, "cameo") if c.name == "type" else (c.name,) for c in INPUT_COLUMNS}
    | {"goldstein": ("goldstein",)},
    required=tuple(c.name for c in INPUT_COLUMNS if c.required),
)

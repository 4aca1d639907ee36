"""The chronicle: a hand-picked sample of dated, public-record events that comes with tertius.

It shows the tool and proves nothing: what is in it was chosen (``docs/chronicle.md``).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

import pyarrow as pa

from tertius.events.data import EventData
from tertius.language import say
from tertius.sources.importing import read_events

QUESTION: Mapping[str, str] = {
    "model": "rate",
    "effects": "inertia.coop,activity.coop,friend_of_friend,shared_threat",
    "slice": "1mo",
    "half_life": "2y",
}
"""The default question to these data: few effects and a slow memory, because the sample is small. It travels with them,
so that the demo, the command line and Python ask the same."""


NOTE = say("The chronicle is a hand-picked sample: it shows the tool and proves nothing.")
WORK = "The chronicle of tertius, a hand-picked sample: docs/chronicle.md, with how often it was confirmed."


def chronicle() -> EventData:
    """The embedded sample as event data.

    Every ``origin`` is the row's number in the file and its reference, with the confidence where that is not high. The
    number keeps origins apart: rows of one reference are no document, since the reference alone says less than a text.

    >>> chronicle().directed
    True
    >>> chronicle().table["origin"][0].as_py()
    'chronicle.csv#1: Treaty of Friendship, Good-Neighbourliness and Cooperation, 9 February 2000'
    """
    with as_file(files("tertius.sources") / "chronicle.csv") as path:
        table, audit, digest = read_events(path)
        notes = _notes(path)
    origins = [f"{origin}: {notes[int(origin.rpartition('#')[2]) - 1]}" for origin in table["origin"].to_pylist()]
    table = table.set_column(table.schema.get_field_index("origin"), "origin", pa.array(origins, pa.string()))
    digest = hashlib.sha256("\n".join([digest, *origins]).encode()).hexdigest()[:16]
    return EventData(
        "chronicle", True, (), digest, table=table, audits=(audit.to_dict(),), asked=QUESTION, note=NOTE,
        cited=((WORK, ""),), by_name=True,
    )  # fmt: skip


def _notes(path: Path) -> list[str]:
    """What the origin adds to each row of the file, in its order."""
    with path.open(newline="", encoding="utf-8") as handle:
        return [
            row["reference"] + ("" if row["confidence"] == "high" else f" (confidence {row['confidence']})")
            for row in csv.DictReader(handle)
        ]

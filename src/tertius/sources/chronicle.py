"""The chronicle: a hand-picked sample of dated, public-record events that comes with tertius.

It shows the tool and proves nothing: what is in it was chosen (``docs/chronicle.md``).
"""

from __future__ import annotations

from importlib.resources import as_file, files

from tertius.events.data import EventData
from tertius.sources.importing import read_events


def chronicle() -> EventData:
    """The embedded sample as event data.

    >>> chronicle().directed
    True
    """
    with as_file(files("tertius.sources") / "chronicle.csv") as path:
        table, audit, digest = read_events(path)
    return EventData("chronicle", True, (), digest, table=table, audits=(audit.to_dict(),))

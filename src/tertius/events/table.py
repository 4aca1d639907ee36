"""The one table contract: what an event row is, column by column.

An event is *source did type to target* on a date. Its **sign** comes from the quad class (or, in net dyadic data,
from the sign of the net weight); a weight never decides it.

Input rows use :data:`INPUT_COLUMNS`; a store keeps :data:`STORED_COLUMNS`. The difference is what the rules of
:mod:`tertius.sources.rows` decide once: the sign, and how much of one event a row stands for.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract: name, DuckDB type, whether a row can do without it, meaning with unit."""

    name: str
    dtype: str
    required: bool
    meaning: str


INPUT_COLUMNS: tuple[Column, ...] = (
    Column("date", "TIMESTAMP", True, "day or UTC time of the event; an integer counts days from 1970-01-01"),
    Column("source", "VARCHAR", True, "the actor who did it: ISO 3166 alpha-3 or any label"),
    Column("target", "VARCHAR", True, "the actor to whom it was done"),
    Column("quad", "TINYINT", False, "1 verbal, 2 material cooperation; 3 verbal, 4 material conflict"),
    Column("type", "VARCHAR", False, "event type (CAMEO, PLOVER); gives quad where quad is absent"),
    Column(
        "weight",
        "DOUBLE",
        False,
        "size of the event, 0 or more, in the unit in which the data count or measure; 1 where absent",
    ),
    Column("origin", "VARCHAR", False, "data set and row"),
    Column("url", "VARCHAR", False, "address of the report"),
    Column("sentence", "VARCHAR", False, "the sentence that was coded"),
    Column("recorded", "TIMESTAMP", False, "when the source recorded it, UTC"),
)

DYAD_COLUMNS: tuple[Column, ...] = (
    Column("date", "TIMESTAMP", True, "day of the net weight"),
    Column("a", "VARCHAR", True, "one end of the pair"),
    Column("b", "VARCHAR", True, "the other end"),
    Column("weight", "DOUBLE", True, "net weight of the day: cooperation minus hostility"),
)

STORED_COLUMNS: tuple[Column, ...] = (
    Column("date", "TIMESTAMP", True, "day or UTC time"),
    Column("source", "VARCHAR", True, "undirected stores: the end of the pair that sorts first"),
    Column("target", "VARCHAR", True, "undirected stores: the end that sorts last"),
    Column("sign", "TINYINT", True, "+1 cooperation, -1 hostility"),
    Column("quad", "TINYINT", False, "1 to 4; null in undirected stores"),
    Column("count", "DOUBLE", True, "events that the row stands for: 1, or one half of a mirrored coding"),
    Column("weight", "DOUBLE", True, "weight times count, above 0, in the unit of the weights given"),
    Column("type", "VARCHAR", False, "as given"),
    Column("origin", "VARCHAR", False, "data set and row"),
    Column("url", "VARCHAR", False, "as given"),
    Column("sentence", "VARCHAR", False, "as given"),
    Column("recorded", "TIMESTAMP", False, "when the source recorded it, UTC"),
    Column("plover", "VARCHAR", False, "PLOVER's word for the type, where it has one"),
)

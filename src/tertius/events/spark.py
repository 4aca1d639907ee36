"""Events where Spark has them: sums are made there, and only dyad slices come home.

An address names the engine: ``spark://host:7077`` (or ``local[2]``) is a classic session in this process,
``connect://host:15002`` (or ``sc://...``; ``connect://local[2]`` starts a server of its own) a Spark Connect server.

The rows are those of a store whose folder the cluster sees, or of a table or Parquet path that Spark knows. Rows of a
table are events in the columns of :data:`tertius.events.table.STORED_COLUMNS`, or in the event columns ``date``,
``source``, ``target``, ``quad`` and perhaps ``weight``. Of the latter, rows without an actor or a quad class from 1 to
4, of an actor towards itself, and of weight 0 are dropped, and counted; labels stay as they are, and a mirrored coding
counts twice: whatever else the rules of an import do has to be done by whoever makes the table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tertius.errors import BadValue, EmptyData, InputError, MissingColumn, UsageError
from tertius.events.dialects import transpiled

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASSIC = re.compile(r"spark://.+|local(\[[\w*,]+\])?")
CONNECT = re.compile(r"(connect|sc)://(.+)")
KEPT = "source IS NOT NULL AND target IS NOT NULL AND source <> target AND quad BETWEEN 1 AND 4 AND weight > 0"
EVENT_COLUMNS = ("date", "source", "target", "quad")


@dataclass(frozen=True, slots=True)
class Spark:
    """The engine of a Spark session, classic or Connect (:class:`tertius.events.engine.Engine`)."""

    session: Any

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """As :class:`tertius.events.engine.Engine` says, and so are the others."""
        with speaking():
            return [tuple(row) for row in self.session.sql(transpiled(sql, "spark")).collect()]

    def columns(self, sql: str) -> Mapping[str, NDArray[np.generic]]:
        with speaking():
            found = self.session.sql(transpiled(sql, "spark")).toArrow()
        return {name: found[name].to_numpy() for name in found.column_names}

    def number(self, table: str, labels: Sequence[str]) -> None:
        numbered = pa.table({"label": pa.array(labels, pa.string()), "i": pa.array(range(len(labels)), pa.int64())})
        with speaking():
            self.session.createDataFrame(numbered).createOrReplaceTempView(table)


@dataclass(frozen=True, slots=True)
class There:
    """Rows that an engine has: the engine, and the name of a view of them in stored columns."""

    engine: Spark
    relation: str
    address: str


def session_of(address: str) -> Any:
    """The Spark session of an address. Raises UsageError, InputError."""
    classic, connect = CLASSIC.fullmatch(address), CONNECT.fullmatch(address)
    if not classic and not connect:
        raise UsageError(
            f"--engine '{address}' is no engine.", "Write spark://host:7077, local[2] or connect://host:15002."
        )
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("Spark is not installed.", "Type: pip install 'tertius[spark]'.") from None
    with speaking(address):
        if connect:
            where = connect.group(2)
            builder = SparkSession.builder.remote(where if CLASSIC.fullmatch(where) else f"sc://{where}")
        else:
            builder = SparkSession.builder.master(address).config("spark.ui.enabled", "false")
        session = builder.appName("tertius").getOrCreate()
        session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@contextmanager
def speaking(where: str = "Spark") -> Iterator[None]:
    """What Spark complains of, in one line. Raises InputError."""
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, RuntimeError, OSError) as error:
        said = " ".join(str(error).split())[:300]
        raise InputError(f"{where}: {said}", "Check --engine and what DATA is called there.") from None
    except Exception as error:  # py4j and gRPC have trees of their own
        if type(error).__module__.split(".")[0] not in ("py4j", "grpc"):
            raise
        said = " ".join(str(error).split())[:300]
        raise InputError(f"{where}: {said}", "Check --engine and what DATA is called there.") from None


def parts_there(address: str, parts: Sequence[Path], first_rows: int | None, snapshot: str) -> There:
    """The rows of a store's parts, where the engine sees their folder. Raises UsageError, InputError."""
    session = session_of(address)
    paths = [str(part.resolve()) for part in parts]
    view = f"tertius_{snapshot}"
    with speaking(address):
        whole = paths if first_rows is None else paths[:-1]
        frame = session.read.option("mergeSchema", "true").parquet(*whole) if whole else None
        if first_rows is not None:
            last = session.read.parquet(paths[-1]).where(f"_metadata.row_index < {first_rows}")
            frame = last if frame is None else frame.unionByName(last, allowMissingColumns=True)
        assert frame is not None
        frame.createOrReplaceTempView(view)
    return There(Spark(session), view, address)


def table_there(address: str, name: str) -> tuple[There, dict[str, Any], str]:
    """The rows of a table or Parquet path that the engine knows, what of them was dropped, and a hash.

    The hash is of the name, the number of rows and their sums, not of every row. Raises UsageError, InputError.
    """
    session = session_of(address)
    with speaking(address):
        frame = session.read.parquet(name) if "/" in name else session.table(name)
        columns = {column.lower() for column in frame.columns}
    if missing := [column for column in EVENT_COLUMNS if column not in columns]:
        raise MissingColumn(f"{name} has no column '{missing[0]}'.", f"It needs {', '.join(EVENT_COLUMNS)}.")
    view = f"tertius_{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    stored = {"sign", "count", "weight"} <= columns
    weight = "CAST(weight AS DOUBLE)" if "weight" in columns else "CAST(1 AS DOUBLE)"
    made = (
        "sign, CAST(count AS DOUBLE) AS count" if stored else "IF(quad <= 2, 1, -1) AS sign, CAST(1 AS DOUBLE) AS count"
    )
    more = ", ".join(
        c if c in columns else f"CAST(NULL AS STRING) AS {c}" for c in ("type", "origin", "url", "sentence")
    )
    with speaking(address):
        frame.createOrReplaceTempView(f"{view}_raw")
        session.sql(
            f"SELECT CAST(date AS TIMESTAMP_NTZ) AS date, source, target, CAST(quad AS INT) AS quad, {made}, "
            f"{weight} AS weight, {more} FROM {view}_raw"
        ).createOrReplaceTempView(f"{view}_all")
        kept = "TRUE" if stored else KEPT
        session.sql(f"SELECT * FROM {view}_all WHERE {kept}").createOrReplaceTempView(view)
        ((read, no_date, negative),) = session.sql(
            f"SELECT count(*), count_if(date IS NULL), count_if(weight < 0 OR isnan(weight)) FROM {view}_all"
        ).collect()
        ((n, first, last, days, sums),) = session.sql(
            f"SELECT count(*), min(date), max(date), count(DISTINCT CAST(date AS DATE)), sum(weight) FROM {view}"
        ).collect()
    if no_date or negative:
        raise BadValue(
            f"{name} has {no_date:,} rows without a date and {negative:,} whose weight is none.", "Mend them there."
        )
    if not n:
        raise EmptyData(f"{name}: no row is left of {read:,}.", "Check its actors, quad classes and weights.")
    digest = hashlib.sha256(f"{address} {name} {read} {n} {first} {last} {sums}".encode()).hexdigest()
    dropped = {"not_usable": read - n} if read > n else {}
    counts: dict[str, Any] = {"read": read, "kept": n, "dropped": dropped, "quarantined": 0}
    audit = {
        **counts,
        "rows": n,
        "files": [{"name": name, "sha256": digest, **counts}],
        "coverage": {"from": str(first.date()), "to": str(last.date()), "slices": days, "missing": []},
        "directed": True,
        "snapshot": digest[:16],
        "warnings": [f"Summed by {address}: rows were not cleaned as an import does."],
    }
    return There(Spark(session), view, address), audit, digest[:16]

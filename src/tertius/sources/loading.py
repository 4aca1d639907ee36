"""``tertius.load``: whatever holds events, as :class:`~tertius.events.data.EventData`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from tertius.errors import CorruptFile, InputError, TertiusWarning, UsageError, did_you_mean
from tertius.events.data import EventData
from tertius.events.engine import files
from tertius.events.store import find_store, open_store
from tertius.sources.importing import read_events, read_missing
from tertius.sources.named import is_installed, named, names
from tertius.spec import DATA_IS, read_date
from tertius.study_folder import STUDY, is_study, read_study

MAKE_ONE = "Make one: tertius import events FILE --into STORE."


@contextmanager
def files_closed() -> Iterator[None]:
    """Inside the block DuckDB opens files for :func:`load` alone; of what is loaded, pyarrow reads the parts."""
    with files(False):
        yield


def load(
    data: Any,
    *,
    directed: bool = True,
    mapping: Mapping[str, str] | None = None,
    weight: str | None = None,
    mirrored: str = "auto",
    codes: str = "names",
    missing: str | Path | Sequence[str | date] | None = None,
    engine: str | None = None,
) -> EventData:
    """Open event data.

    Parameters
    ----------
    data : a name (:func:`tertius.sources.named.names`: "chronicle", "planted", "reversed", "atlas" where the package
        tertius-atlas is installed, and what other packages bring), a store folder (``STORE@snapshot``: an older state),
        a Study folder, a Parquet or CSV file in the event columns, or a data frame (pandas, polars, pyarrow) in them.
    directed : False reads a file or frame as net dyadic weights (date, a, b, weight).
    mapping : our column -> theirs, for a file or frame.
    weight : "goldstein" takes the size of the Goldstein value, "mentions" or "sources" the number of either.
    mirrored : "auto" counts a mirrored coding one half each way; "keep" counts both.
    codes : "names" makes codes of the names of actors, "cow" and "gw" of numbers too, "keep" of nothing
        (:mod:`tertius.sources.labels`).
    engine : the address of a Spark that sums the events where they are, and brings home dyad slices alone: a store
        whose folder it sees, or a table or Parquet path that it knows (:mod:`tertius.events.spark`).
    missing : days without any record: a CSV file with a column ``date``, or the days. One with a row is observed.

    Raises
    ------
    UsageError, InputError : with the way out.

    >>> load("chronicle").directed
    True
    """
    if isinstance(data, EventData):
        return data
    if engine is not None:
        return _elsewhere(str(data), engine, _days(missing))
    with files(True):
        source = _file(data) if isinstance(data, (str, Path)) else data
    if isinstance(source, EventData):
        return source
    days = _days(missing)
    with files(True):
        table, audit, digest = read_events(
            source, directed=directed, mapping=mapping, weight=weight, mirrored=mirrored, codes=codes, missing=days
        )
    for text in audit.warnings:
        warnings.warn(text, TertiusWarning, stacklevel=2)
    reading = {
        "directed": None if directed else False,
        "mapping": dict(mapping) if mapping else None,
        "weight": weight,
        "mirrored": None if mirrored == "auto" else mirrored,
        "codes": None if codes == "names" else codes,
        "missing": [d.isoformat() for d in days] or None,
    }
    return EventData(
        name=str(data) if isinstance(data, (str, Path)) else "data frame",
        directed=directed,
        missing=tuple(date.fromisoformat(d) for d in audit.missing),
        hash=digest,
        table=table,
        audits=(audit.to_dict(),),
        reading={key: value for key, value in reading.items() if value is not None},
    )


def _file(data: str | Path) -> EventData | Path:
    """What stands under a name: the data, or the file that holds them. Raises UsageError where nothing does.

    A store, a Study or a file is preferred to a name, with a warning; a name to a folder that is neither.
    """
    path = Path(data)
    stored = find_store(data)
    if (stored is not None or is_study(path) or path.is_file()) and is_installed(str(data)):
        warnings.warn(
            f"'{data}' is what stands here under that name, not the data {data} that are installed. For these, rename "
            "it, or ask from another folder.",
            TertiusWarning,
            stacklevel=3,
        )
    if stored is not None:
        return _store(str(data), *stored)
    if is_study(path):
        return _study(path)
    if path.is_file():
        return path
    found = named(str(data))
    if found is not None:
        return found
    if path.is_dir():
        raise UsageError(f"{path} is neither a store nor a Study.", MAKE_ONE)
    if not path.exists():
        near = did_you_mean(str(data), names())
        raise UsageError(f"There is no data '{data}'.", f"{near}DATA is {DATA_IS}.")
    return path


def _store(name: str, path: Path, snapshot: str | None) -> EventData:
    store = open_store(path, snapshot)
    return EventData(
        name, store.directed, store.missing, store.snapshot, store.parts, store.first_rows, path, audits=store.audits,
        added_up=store.totals,
    )  # fmt: skip


def _elsewhere(name: str, address: str, missing: tuple[date, ...]) -> EventData:
    """Events that an engine sums, of a store or of what it knows by that name. Raises UsageError, InputError."""
    from tertius.events.spark import parts_there, table_there

    reading: dict[str, Any] = {"engine": address}
    stored = find_store(name)
    if stored is not None:
        here = _store(name, *stored)
        return replace(here, there=parts_there(address, here.parts, here.first_rows, here.hash), reading=reading)
    there, audit, digest = table_there(address, name)
    reading |= {"missing": [d.isoformat() for d in missing]} if missing else {}
    return EventData(name, True, missing, digest, there=there, audits=(audit,), reading=reading)


def _study(path: Path) -> EventData:
    """The data behind a Study, with its question. Raises CorruptFile, InputError."""
    study = read_study(path)
    if is_study(Path(study.path)) and find_store(study.path) is None:
        raise CorruptFile(f"{path / STUDY} cannot be read: it points to a Study, not to data.", "Save the Study again.")
    found = load(study.path, **study.reading)
    if found.hash != study.hash:
        raise InputError(
            f"The data of this Study, {study.path}, have changed since it was saved.",
            "Fit again with --save, or restore the data.",
        )
    return replace(found, name=str(path), asked=study.asked, study=True)


def _days(missing: str | Path | Sequence[str | date] | None) -> tuple[date, ...]:
    if missing is None:
        return ()
    if isinstance(missing, (str, Path)):
        return read_missing(Path(missing))
    return tuple(sorted(read_date(d) for d in missing))

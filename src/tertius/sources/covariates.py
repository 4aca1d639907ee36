"""Covariate files: Parquet or CSV by pair (``a``, ``b``) or by actor (``actor``), with ``date``, ``year`` or neither.

Every other column that holds numbers is a covariate, named as it is. A column by actor gives two: ``NAME.source`` and
``NAME.target`` (undirected: one, ``NAME``, the sum over both ends). Actors are found by label, else by code, name, COW
or GW number on that date. A year holds from 1 January.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tertius.codes import resolve_actor
from tertius.errors import BadValue, EmptyData, MissingColumn, TertiusWarning, UnknownActor
from tertius.events.covariates import ALWAYS, AnyCovariate, BothEnds, Covariate, covariate
from tertius.events.engine import connection, quoted
from tertius.events.slices import Floats
from tertius.sources.format import Format, open_table
from tertius.sources.text import ROW, text_notes

KEYS = ("a", "b", "actor", "date", "year", ROW)


def read_covariates(
    files: Sequence[Path], actors: tuple[str, ...], *, directed: bool, carry_days: float
) -> tuple[AnyCovariate, ...]:
    """The covariates of some files for a risk set.

    Raises
    ------
    InputError : a file that cannot be read. MissingColumn : neither a, b nor actor, or no covariate.
    EmptyData : no row belongs to the risk set. BadValue : a date that is none.
    """
    found: list[AnyCovariate] = []
    for path in files:
        found += _read(path, actors, directed, carry_days)
    return tuple(found)


def _read(path: Path, actors: tuple[str, ...], directed: bool, carry_days: float) -> list[AnyCovariate]:
    fmt = Format("covariates", directed, {}, ())
    with connection() as con:
        table = open_table(con, path, fmt)
        con.execute(f"CREATE TEMP TABLE given AS SELECT * FROM {table.sql}")  # text first: numbers are tried afterwards
        for said in text_notes(con, table.text, path.name, fmt.quoting, fmt.null):
            warnings.warn(said, TertiusWarning, stacklevel=2)
        names = [d[0] for d in con.execute("DESCRIBE given").fetchall()]
        by_pair = {"a", "b"} <= set(names)
        if not by_pair and "actor" not in names:
            raise MissingColumn(
                f"{path} has neither the columns a and b nor actor.",
                f"It has: {', '.join(n for n in names if n != ROW)}.",
            )
        values = [n for n in names if n not in KEYS]
        if not values:
            raise MissingColumn(f"{path} holds no covariate.", "Add a column of numbers.")
        when = "date" if "date" in names else "year" if "year" in names else None
        ends = ["a", "b"] if by_pair else ["actor"]
        columns = [f"CAST({quoted(e)} AS VARCHAR)" for e in ends]
        columns.append(f"CAST({quoted(when)} AS VARCHAR)" if when else "NULL")
        columns += [f"TRY_CAST({quoted(v)} AS DOUBLE)" for v in values]
        rows = con.execute(f"SELECT {', '.join(columns)} FROM given").fetchall()
    index = {a: k for k, a in enumerate(actors)}
    kept: list[tuple[Any, ...]] = []
    for row in rows:
        day = _day(row[len(ends)], path)
        places = [_place(e, day, index) for e in row[: len(ends)]]
        if None not in places and len(set(places)) == len(places):
            kept.append(
                (*places, ALWAYS if day is None else float((day - date(1970, 1, 1)).days), *row[len(ends) + 1 :])
            )
    if not kept:
        raise EmptyData(f"No row of {path} belongs to actors of these data.", "Check its actor codes.")
    data = np.array(kept, dtype=np.float64)
    first = len(ends) + 1
    made: list[AnyCovariate] = []
    for k, name in enumerate(values):
        lines = data[~np.isnan(data[:, first + k])]
        if len(lines) == 0:
            continue
        since, value = lines[:, first - 1], lines[:, first + k]
        if by_pair:
            i, j = lines[:, 0].astype(np.int64), lines[:, 1].astype(np.int64)
            made.append(covariate(name, len(actors), i, j, since, value, directed=directed, carry=carry_days))
        else:
            made += _by_actor(name, len(actors), lines[:, 0].astype(np.int64), since, value, directed, carry_days)
    return made


def _by_actor(
    name: str, n: int, who: np.ndarray[Any, Any], day: Floats, value: Floats, directed: bool, carry: float
) -> list[AnyCovariate]:
    """Columns of the sender and of the receiver; undirected, the sum over both ends."""
    other = np.tile(np.arange(n), len(who))
    own = np.repeat(who, n)
    off = own != other
    entries = {"day": np.repeat(day, n)[off], "value": np.repeat(value, n)[off]}
    own, other = own[off], other[off]
    order = np.argsort(entries["day"], kind="stable")
    own, other, when, amount = own[order], other[order], entries["day"][order], entries["value"][order]
    source = Covariate(f"{name}.source", n, own, other, when, amount, False, carry)
    target = Covariate(f"{name}.target", n, other, own, when, amount, False, carry)
    if directed:
        return [source, target]
    return [BothEnds(name, source, target)]


def _day(text: str | None, path: Path) -> date | None:
    if text is None:
        return None
    try:
        return date(int(float(text)), 1, 1) if len(text) <= 6 else date.fromisoformat(text[:10])
    except (ValueError, OverflowError):
        raise BadValue(f"{path}: '{text}' is neither a date nor a year.", "Write 2022-02-24 or 2022.") from None


def _place(label: str | None, day: date | None, index: dict[str, int]) -> int | None:
    if label is None:
        return None
    if label in index:
        return index[label]
    code = _code(label.removesuffix(".0"), day)
    return index.get(code) if code else None


@lru_cache(maxsize=65536)
def _code(label: str, day: date | None) -> str | None:
    try:
        return resolve_actor(label, day).code
    except UnknownActor:
        return None

"""The certificate of arrays: for data of another kind, and for worlds of others."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tertius.answers.certificate.certify import certify as certify_slices
from tertius.answers.certificate.rule import Certificate
from tertius.errors import BadValue, UsageError
from tertius.events.slices import DyadSlices, Floats, from_arrays
from tertius.spec import DEFAULT_PERIOD, DEFAULT_SEED, LEGS, Duration

FIRST_DAY = {"w": "2000-01-03"}
"""Where periods begin if no start is given: a Monday for weeks, else 2000-01-01."""
FEWEST_ACTORS = 3


def certify(
    C: ArrayLike,
    H: ArrayLike,
    directed: bool = True,
    period: str = DEFAULT_PERIOD,
    observed: ArrayLike | None = None,
    start: str | date | None = None,
    *,
    C_apart: ArrayLike | None = None,
    legs: str | None = None,
    permutations: int = 0,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
) -> Certificate:
    """Does hostility of third parties drive pairs together? The certificate of arrays, for all pairs in general.

    The same as :func:`tertius.explain` runs, on the same models: :mod:`tertius.answers.certificate.certify` says what
    is asked, :mod:`tertius.answers.certificate.rule` which conditions decide. Nothing is asked of a single pair.

    Parameters
    ----------
    C : (T, N, N) cooperation of i towards j in each of T periods in a row: counts or weights, 0 or more, in any unit; 0
        on the diagonal.
    H : (T, N, N) hostility, the same.
    directed : whether it is known whose act it was. False: both arrays are symmetric, and the stricter rule is asked.
    period : the length of a period: ``1mo``, ``1w``, ``1y``.
    observed : (T,) whether a period was observed; None: all were. Values of other periods are not read.
    start : first day of the first period. Where periods are shorter than a year and span three years or more, what
        comes every year is held constant: for months, their lengths are counted from here. None: 2000-01-01 (weeks:
        2000-01-03).
    C_apart : (T, N, N) cooperation without that of documents which also code hostility of a third party towards both:
        it must pass the first two conditions, too. None: documents are not known, and the caveats say so.
    legs : how two hostilities combine, "sqrt" (default), "min", "product" or "binary".
    permutations : draws of each picture of chance; they decide nothing.
    seed : of these draws.
    workers : threads; None: one a processor. The result does not depend on it.

    Returns
    -------
    Certificate
        ``passed``, ``verdict`` and ``bound`` (the largest effect that the data leave possible), the conditions with
        their sentences, ``rule``, ``caveats``; ``to_dict()`` is its JSON.

    Raises
    ------
    UsageError : shapes that do not belong together, a period or a start that cannot be read.
    BadValue : NaN, a negative value, a diagonal that is not zero, undirected arrays that are not symmetric.
    NotEnoughData : fewer than 24 periods, of which 12 are left between the windows; too few events.
    EmptyData, Separation, NoConvergence, NotEnoughMemory : from the models.

    Examples
    --------
    A world in which hostility does drive pairs together, and one in which nothing does:

    >>> import tertius
    >>> drives, nothing = (tertius.world(name, seed=102) for name in ("planted", "nothing"))
    >>> tertius.certify(drives.C, drives.H).passed
    True
    >>> found = tertius.certify(nothing.C, nothing.H)
    >>> found.passed, found.verdict, bool(0 < found.bound < 0.1)
    (False, 'no effect above', True)
    """
    if legs is not None and legs not in LEGS:
        raise UsageError(f"legs={legs!r} does not exist.", f"Choose one of: {', '.join(LEGS)}.")
    if not isinstance(permutations, int) or permutations < 0:
        raise UsageError(f"permutations={permutations!r} cannot be drawn.", "Take 0 for no pictures, or more.")
    arrays = {"C": _array("C", C), "H": _array("H", H)}
    if C_apart is not None:
        arrays["C_apart"] = _array("C_apart", C_apart)
    shape = arrays["C"].shape
    for name, array in arrays.items():
        if array.shape != shape:
            raise UsageError(
                f"{name} has the shape {array.shape}, and C has {shape}.", f"Give {name} the shape {shape}: (T, N, N)."
            )
    seen = _observed(observed, shape[0])
    for name, array in arrays.items():
        _check_values(name, array, seen, directed)
    length = Duration.parse(period)
    bounds = _edges(length, start, shape[0])

    def slices(cooperation: Floats) -> DyadSlices:
        cells = (np.where(seen[:, None, None], x, 0.0) for x in (cooperation, arrays["H"]))
        return from_arrays(*cells, directed=directed, edges=bounds, length=length, observed=seen)

    return certify_slices(
        slices(arrays["C"]),
        response="count",
        legs=legs,
        apart=slices(arrays["C_apart"]) if C_apart is not None else None,
        permutations=permutations,
        seed=seed,
        workers=workers,
    )


def _array(name: str, values: ArrayLike) -> Floats:
    """As (T, N, N) floats."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"{name} is not an array of numbers.", "Give a NumPy array of shape (T, N, N).") from None
    if array.ndim != 3 or array.shape[1] != array.shape[2]:
        raise UsageError(
            f"{name} has the shape {array.shape}.",
            "Give an array of shape (T, N, N): T periods, N actors, i in rows and j in columns.",
        )
    if array.shape[1] < FEWEST_ACTORS:
        raise UsageError(f"{name} has {array.shape[1]} actors.", f"Give {FEWEST_ACTORS} or more: a pair and a third.")
    return array


def _observed(observed: ArrayLike | None, T: int) -> NDArray[np.bool_]:
    if observed is None:
        return np.ones(T, dtype=bool)
    seen = np.asarray(observed)
    if seen.shape != (T,):
        raise UsageError(f"observed has the shape {seen.shape}.", f"Give one truth value a period: shape ({T},).")
    if not np.isin(seen, (0, 1)).all():
        raise UsageError("observed holds more than True and False.", "Write for instance observed=days > 0.")
    return seen.astype(bool)


def _check_values(name: str, array: Floats, seen: NDArray[np.bool_], directed: bool) -> None:
    """Raise BadValue at the first value, in an observed period, that no model can use."""
    diagonal = np.einsum("tii->ti", array)
    off = ~np.eye(array.shape[1], dtype=bool)
    problems: tuple[tuple[Any, str, str], ...] = (
        (~np.isfinite(array) & off, "is not a number", "Fill it, or leave its period out: observed[t] = False."),
        (
            (array < 0) & off,
            "is negative",
            f"Cooperation and hostility are two arrays, each 0 or more: {name}[t, i, j].",
        ),
        (
            (diagonal != 0)[:, :, None] & ~off,
            "stands on the diagonal",
            f"An actor has no dealings with itself: {name}[:, range({len(off)}), range({len(off)})] = 0.",
        ),
    )
    for bad, what, hint in problems:
        where = np.argwhere(bad & seen[:, None, None])
        if len(where):
            t, i, j = where[0].tolist()
            raise BadValue(f"{name}[{t}, {i}, {j}] = {array[t, i, j]:g} {what}.", hint)
    where = np.argwhere((array != array.transpose(0, 2, 1)) & off & seen[:, None, None])
    if not directed and len(where):
        t, i, j = where[0].tolist()
        raise BadValue(
            f"directed=False, but {name}[{t}, {i}, {j}] = {array[t, i, j]:g} and {name}[{t}, {j}, {i}] = "
            f"{array[t, j, i]:g}.",
            f"Write directed=True, or add both ways: {name} + {name}.transpose(0, 2, 1).",
        )


def _edges(length: Duration, start: str | date | None, T: int) -> Floats:
    """(T + 1,) bounds of the periods, in days since 1970-01-01."""
    try:
        first = np.datetime64(FIRST_DAY.get(length.unit, "2000-01-01") if start is None else start, "D")
    except ValueError:
        raise UsageError(f"start = {start!r} is not a day.", 'Write start="2018-01-01".') from None
    steps = np.arange(T + 1) * length.n
    if length.unit not in ("mo", "y"):
        return np.asarray(first.astype(np.float64) + np.arange(T + 1) * length.days)
    month = first.astype("datetime64[M]")
    if first != month.astype("datetime64[D]"):
        raise UsageError(
            f"Periods of {length} begin with a month, and start = {start!r} does not.", f"Write {month}-01."
        )
    bounds = month + steps * (12 if length.unit == "y" else 1)
    return np.asarray(bounds.astype("datetime64[D]").astype(np.float64))

"""The window of an attribution and the reference period that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tertius.errors import UsageError
from tertius.events.slices import Bools, DyadSlices
from tertius.spec import read_date

Days = Sequence[str | date]


@dataclass(frozen=True, slots=True)
class Spans:
    """First and last day of window and reference, both included; slices that start inside belong to them."""

    window: tuple[date, date]
    reference: tuple[date, date]

    def window_slices(self, sl: DyadSlices) -> Bools:
        """(S,) slices that start in the window."""
        return sl.between(np.datetime64(self.window[0]), np.datetime64(self.window[1]))

    def reference_slices(self, sl: DyadSlices) -> Bools:
        """(S,) slices that start in the reference."""
        return sl.between(np.datetime64(self.reference[0]), np.datetime64(self.reference[1]))

    @property
    def window_text(self) -> tuple[str, str]:
        """ISO days of the window."""
        return str(self.window[0]), str(self.window[1])

    @property
    def reference_text(self) -> tuple[str, str]:
        """ISO days of the reference."""
        return str(self.reference[0]), str(self.reference[1])


def spans(first: date, last: date, window: Days | None, reference: Days | None) -> Spans:
    """Window and reference of data from ``first`` to ``last``.

    By default the window is the last third of the data, and the reference is the span of equal length before it, as far
    as the data reach. Raises UsageError where they overlap, lie outside the data or end before they begin.

    >>> spans(date(2018, 1, 1), date(2018, 9, 27), None, None).window_text
    ('2018-06-30', '2018-09-27')
    """
    if window is None:
        begin, end = last - timedelta(days=round(((last - first).days + 1) / 3) - 1), last
    else:
        begin, end = _two(window, "window")
        _inside("window", begin, end, first, last)
    if reference is None:
        ref_begin, ref_end = max(begin - (end - begin) - timedelta(days=1), first), begin - timedelta(days=1)
    else:
        ref_begin, ref_end = _two(reference, "reference")
        _inside("reference", ref_begin, ref_end, first, last)
    if reference is None and ref_begin > ref_end:
        raise UsageError(
            f"The data begin on {first}: nothing lies before the window to compare with.",
            "Give a later --window, or a --reference FIRST LAST after it.",
        )
    if ref_begin <= end and begin <= ref_end:
        raise UsageError(
            f"--window {begin} {end} and --reference {ref_begin} {ref_end} overlap.",
            f"Choose spans that do not: write --reference with days before {begin} or after {end}.",
        )
    return Spans((begin, end), (ref_begin, ref_end))


def _inside(name: str, lo: date, hi: date, first: date, last: date) -> None:
    if lo > hi:
        raise UsageError(f"--{name} {lo} {hi} ends before it begins.", f"Swap the two days: write --{name} {hi} {lo}.")
    if lo < first or hi > last:
        nearest = f"--{name} {max(lo, first)} {min(hi, last)}, or " if lo <= last and hi >= first else f"--{name} with "
        raise UsageError(
            f"--{name} {lo} {hi} reaches outside the data ({first} to {last}).", f"Write {nearest}days inside the data."
        )


def _two(days: Days, name: str) -> tuple[date, date]:
    if isinstance(days, str) or len(days) != 2:
        raise UsageError(f"--{name} takes two days.", f"Write --{name} 2022-02-24 2023-09-30.")
    return read_date(days[0]), read_date(days[1])

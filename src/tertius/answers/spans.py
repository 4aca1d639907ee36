"""The window of an attribution and the reference period that it is compared with: days as asked, and whole slices.

Days are asked for; slices (in the within-pair model: periods) are compared. A slice belongs to a span if at least half
of its time lies in it, so that a window that begins on 24 February holds March and not February where slices are
months. What is reported is the span of the slices, not the days that were typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from tertius.errors import UsageError
from tertius.events.slices import Bools, DyadSlices
from tertius.language import Day, joined, say
from tertius.spec import read_date

Days = Sequence[str | date]


@dataclass(frozen=True, slots=True)
class Spans:
    """First and last day of window and reference as asked, both included, of data from ``first`` to ``last``.

    ``window_given`` and ``reference_given`` : whether they were asked for. A reference that was not is as many slices
    before the window as the window has, as far as the data reach.
    """

    window: tuple[date, date]
    reference: tuple[date, date]
    first: date
    last: date
    reference_given: bool
    window_given: bool

    def of(self, sl: DyadSlices) -> SlicedSpans:
        """The whole slices of either. Raises UsageError where a span holds none."""
        window = sl.between(np.datetime64(self.window[0]), np.datetime64(self.window[1]))
        begins = int(np.argmax(window))
        if self.reference_given:
            reference = sl.between(np.datetime64(self.reference[0]), np.datetime64(self.reference[1])) & ~window
        else:
            reference = np.zeros_like(window)
            reference[max(0, begins - int(window.sum())) : begins] = True
        for name, mask, days in (("window", window, self.window), ("reference", reference, self.reference)):
            if not mask.any():
                raise UsageError(
                    say(
                        "--{name} {first} {last} holds no whole {length}.",
                        name=name,
                        first=days[0],
                        last=days[1],
                        length=sl.length,
                    ),
                    say(
                        "Choose a longer --{name}, or shorter steps: --period in the within-pair model, else --slice.",
                        name=name,
                    ),
                )
        return SlicedSpans(window, reference, self._days(sl, window), self._days(sl, reference))

    def moved(self, found: SlicedSpans, length: str) -> str:
        """That other days are compared than those asked for, in a sentence; empty where they are the same."""
        asked = [
            *([(self.window, found.window_days)] if self.window_given else []),
            *([(self.reference, found.reference_days)] if self.reference_given else []),
        ]
        other = [
            say("{a} to {b} becomes {x} to {y}", a=Day(str(a)), b=Day(str(b)), x=Day(x), y=Day(y))
            for (a, b), (x, y) in asked
            if (str(a), str(b)) != (x, y)
        ]
        if not other:
            return ""
        return say(
            "Whole steps of {length} are compared, each at least half inside the days asked for: {join}.",
            length=length,
            join=joined(other, "; "),
        )

    def _days(self, sl: DyadSlices, mask: Bools) -> tuple[str, str]:
        """First and last day of the slices in ``mask``, inside the data."""
        at = np.flatnonzero(mask)
        begin = np.datetime64(int(np.floor(sl.edges[at[0]])), "D")
        end = np.datetime64(int(np.ceil(sl.edges[at[-1] + 1])) - 1, "D")
        return str(max(begin, np.datetime64(self.first))), str(min(end, np.datetime64(self.last)))


@dataclass(frozen=True, slots=True)
class SlicedSpans:
    """Window and reference as whole slices: (S,) masks, and the ISO days of their first and last slices."""

    window: Bools
    reference: Bools
    window_days: tuple[str, str]
    reference_days: tuple[str, str]

    def among(self, window: Bools, reference: Bools | None = None) -> SlicedSpans:
        """Those of the slices that are in ``window`` and in ``reference`` (S,); one mask serves both. Raises UsageError
        where none is."""
        kept = replace(
            self, window=self.window & window, reference=self.reference & (window if reference is None else reference)
        )
        for name, mask, days in (
            ("window", kept.window, self.window_days),
            ("reference", kept.reference, self.reference_days),
        ):
            if not mask.any():
                raise UsageError(
                    say(
                        "--{name} {first} {last} holds no observed slice.",
                        name=name,
                        first=days[0],
                        last=days[1],
                    ),
                    say("Choose a longer --{name}.", name=name),
                )
        return kept


def spans(first: date, last: date, window: Days | None, reference: Days | None) -> Spans:
    """Window and reference of data from ``first`` to ``last``.

    By default the window is the last third of the data, and the reference is the span of equal length before it, as far
    as the data reach. Raises UsageError where they overlap, lie outside the data or end before they begin.

    >>> [str(day) for day in spans(date(2018, 1, 1), date(2018, 9, 27), None, None).window]
    ['2018-06-30', '2018-09-27']
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
            say("The data begin on {first}: nothing lies before the window to compare with.", first=first),
            say("Give a later --window, or a --reference FIRST LAST after it."),
        )
    if ref_begin <= end and begin <= ref_end:
        raise UsageError(
            f"--window {begin} {end} and --reference {ref_begin} {ref_end} overlap.",
            f"Choose spans that do not: write --reference with days before {begin} or after {end}.",
        )
    return Spans((begin, end), (ref_begin, ref_end), first, last, reference is not None, window is not None)


def _inside(name: str, lo: date, hi: date, first: date, last: date) -> None:
    if lo > hi:
        raise UsageError(
            say("--{name} {lo} {hi} ends before it begins.", name=name, lo=str(lo), hi=str(hi)),
            say("Swap the two days: write --{name} {hi} {lo}.", name=name, hi=str(hi), lo=str(lo)),
        )
    if lo < first or hi > last:
        write = say("Write --{name} with days inside the data.", name=name)
        if lo <= last and hi >= first:
            nearest = f"--{name} {max(lo, first)} {min(hi, last)}"
            write = say("Write {nearest}, or days inside the data.", nearest=nearest)
        raise UsageError(
            say(
                "--{name} {lo} {hi} reaches outside the data ({first} to {last}).",
                name=name,
                lo=str(lo),
                hi=str(hi),
                first=first,
                last=last,
            ),
            write,
        )


def _two(days: Days, name: str) -> tuple[date, date]:
    if isinstance(days, str) or len(days) != 2:
        raise UsageError(f"--{name} takes two days.", f"Write --{name} 2022-02-24 2023-09-30.")
    return read_date(days[0]), read_date(days[1])

"""How far a run is, and how long it will still take: one line on stderr, where a person is looking.

The steps of a run say what they do as values (:class:`tertius.progress.Progress`). One with a count has a bar and the
time left; the line is gone when the run ends. What is foreseen of a long run has a line of its own, which stays, and
which is written where stderr is no terminal too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from tertius.progress import OnProgress, Progress, seconds_left, span


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[OnProgress]:
    """A function that takes what is being done; with ``quiet`` it shows nothing."""
    if quiet:
        yield lambda text: None
        return
    if not sys.stderr.isatty():
        yield _foreseen_only
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[count]}", markup=False),
        _Elapsed(),
        _Left(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task("reading", total=None, count="", ends=None)
        doing, began = "", time.monotonic()

        def show(text: str) -> None:
            nonlocal doing, began
            step, now = _value(text), time.monotonic()
            if step.foreseen:
                line.console.print(text, markup=False, highlight=False, soft_wrap=True)
                return
            if step.what != doing:
                doing, began = step.what, now
            left = step.left
            if left is None and step.of and step.done and now > began:
                left = seconds_left(now - began, step.done / step.of)
            count = f"{step.done}/{step.of}" if step.of else ""
            ends = None if left is None else now + left
            line.update(task, description=step.what, completed=step.done, total=step.of, count=count, ends=ends)

        yield show


def _value(text: str) -> Progress:
    """A line as a value: what is being done, where it is no more than text."""
    return text if isinstance(text, Progress) else Progress(text)


def _foreseen_only(text: str) -> None:
    if _value(text).foreseen:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class _Elapsed(ProgressColumn):
    """Since the run began, whatever its steps are."""

    def render(self, task: Task) -> Text:
        return Text(str(timedelta(seconds=int(task.elapsed or 0))))


class _Left(ProgressColumn):
    """Of the step at hand."""

    def render(self, task: Task) -> Text:
        ends = task.fields["ends"]
        return Text("" if ends is None else f"about {span(max(0.0, ends - time.monotonic()))} left")

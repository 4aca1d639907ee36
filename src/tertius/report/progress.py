"""How far a run is, and how long it will still take: one line on stderr, where a person is looking.

The steps of a run tell what they do as text. Where a text ends in "3 of 200", the line has a bar and the time left; the
line is gone when the run ends.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_COUNT = re.compile(r"[ :(]*(\d+) of (\d+)\)?$")


@contextmanager
def progress_bar() -> Iterator[Callable[[str], None] | None]:
    """A function that takes what is being done, or None where nobody looks at stderr."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task("reading", total=None)
        doing = ""

        def show(text: str) -> None:
            nonlocal task, doing
            label, done, total = counted(text)
            if label != doing or done == 0:
                line.remove_task(task)
                task, doing = line.add_task(label, total=total), label
            line.update(task, completed=done, total=total)

        yield show


def counted(text: str) -> tuple[str, int, int | None]:
    """What is done, how much of it, and of how much (None: not known).

    >>> counted("null network: 3 of 200"), counted("step 2: log-likelihood -5.1")
    (('null network', 3, 200), ('step 2: log-likelihood -5.1', 0, None))
    """
    found = _COUNT.search(text)
    if found is None:
        return text, 0, None
    return text[: found.start()], int(found[1]), int(found[2])

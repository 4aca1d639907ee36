"""Work with a time limit over all of it: a peer that sends a byte now and then holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T], late: Exception) -> T:
    """What the work gives, or ``late`` raised where it takes longer; its errors are raised here.

    >>> within(5, lambda: 1 + 1, TimeoutError())
    2
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # handed to the caller
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise late
    if failed:
        raise failed[0]
    return done[0]

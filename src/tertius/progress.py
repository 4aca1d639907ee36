"""How far a run is, and how long it will still take: the lines that it tells, made and read in this one place.

    pass 2: 40 of 200 slices, about 12 s left      what is done, how much of it, and the time left
    Foreseen: about 3 min, 1.2 GB at most          said once, of work that takes over a minute
    step 4: log-likelihood -5.1                    anything else: what is being done

The time left is what was needed so far, times the share of the work that is left over the share done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str], None]

WORTH_SAYING = 2.0  # seconds of work of which the time left is told
EVERY_SECONDS = 0.5
WORTH_WARNING = 60.0  # seconds of work that are foreseen

FORESEEN = "Foreseen: "

_COUNT = re.compile(r"[ :(]*(\d+) of (\d+)\)?(?: [a-z]+)?(?:, about (\d+) (s|min) left)?$")
_SECONDS = {"s": 1, "min": 60}


@dataclass(slots=True)
class Teller:
    """Tells a walk's lines to ``say`` (None: to nobody), no more than one in ``every`` seconds.

    Attributes
    ----------
    unit : what is counted: "slices", "histories" ...
    every, worth : seconds between lines, and seconds of work below which nothing is told.
    memory : bytes that the work needs at most, told with the time that is foreseen; None: not known.
    warns : say what is foreseen, once, of a walk that takes over :data:`WORTH_WARNING`.
    what, first, began, said : the walk at hand; when the first began, this one, and when a line was told last.
    """

    say: Callable[[str], None] | None
    unit: str = "slices"
    every: float = EVERY_SECONDS
    worth: float = WORTH_SAYING
    memory: float | None = None
    warns: bool = True
    what: str = ""
    first: float = field(default_factory=time.perf_counter)
    began: float = field(default_factory=time.perf_counter)
    said: float = field(default_factory=time.perf_counter)

    def start(self, what: str) -> None:
        """Begin another walk."""
        self.what, self.began = what, time.perf_counter()

    def done(self, n: int, of: int, share: float | None = None) -> None:
        """So many are done; ``share`` is that of the work, where it is not n / of."""
        now = time.perf_counter()
        if self.say is None or n <= 0 or now - self.said < self.every:
            return
        left = seconds_left(now - self.began, share or n / of)
        if now - self.first + left < self.worth:
            return
        self.said = now
        if self.warns and now - self.began > EVERY_SECONDS and now - self.began + left > WORTH_WARNING:
            self.warns = False
            self.say(foreseen(now - self.began + left, self.memory))
        self.say(f"{self.what}: {n} of {of} {self.unit}, about {span(left)} left")

    def line(self, text: str) -> None:
        """Say what is being done."""
        if self.say is not None:
            self.say(text)


def seconds_left(passed: float, share: float) -> float:
    """Seconds left where ``share`` of the work, in (0, 1], took ``passed`` seconds.

    >>> seconds_left(3.0, 0.25)
    9.0
    """
    return passed / share * (1.0 - share)


def span(seconds: float) -> str:
    """A time in words.

    >>> span(12.4), span(200)
    ('12 s', '3 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def foreseen(seconds: float, memory: float | None = None) -> str:
    """The line that says what long work will take.

    >>> foreseen(200, 1.2e9)
    'Foreseen: about 3 min, 1.2 GB at most'
    """
    room = "" if memory is None else f", {memory / 1e9:.1f} GB at most"
    return f"{FORESEEN}about {max(1, round(seconds / 60))} min{room}"


@dataclass(frozen=True, slots=True)
class Told:
    """A line, read: what is done, how much of ``of`` (None: not known), and the seconds left (None: not said)."""

    what: str
    n: int = 0
    of: int | None = None
    left: float | None = None


def read_line(text: str) -> Told:
    """What a line says.

    >>> read_line("pass 2: 40 of 200 slices, about 12 s left")
    Told(what='pass 2', n=40, of=200, left=12.0)
    >>> read_line("step 2: log-likelihood -5.1").of is None
    True
    """
    found = _COUNT.search(text)
    if found is None:
        return Told(text)
    left = float(found[3]) * _SECONDS[found[4]] if found[3] else None
    return Told(text[: found.start()], int(found[1]), int(found[2]), left)

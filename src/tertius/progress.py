"""How far a run is, and how long it will still take: a value that prints as a line.

    pass 2: 40 of 200 slices, about 12 s left      what is done, how much of it, and the time left
    Foreseen: about 3 min, 1.2 GB at most          once, for work that takes over a minute
    step 4: log-likelihood -5.1                    anything else: what is being done

The time left is what was needed so far, times the share of the work that is left over the share done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tertius.language import Spoken, Tongue, in_tongue, joined, say

WORTH_SAYING = 2.0  # seconds of work of which the time left is told
EVERY_SECONDS = 0.5
SLICES = say("slices")
WORTH_WARNING = 60.0  # seconds of work that are foreseen


class Progress(Spoken):
    """A line about a run, with what it says: whoever prints lines prints it, whoever draws a bar reads its parts.

    Attributes
    ----------
    what : what is being done.
    done, of : how much of how many; ``of`` None: not counted.
    left : seconds left; None: not known.
    foreseen : whether it says, once, what long work will take.

    >>> line = Progress("pass 2", 40, 200, 12.0, unit="slices")
    >>> print(line)
    pass 2: 40 of 200 slices, about 12 s left
    >>> line.what, line.done, line.of, line.left
    ('pass 2', 40, 200, 12.0)
    """

    text: str
    what: str
    done: int
    of: int | None
    left: float | None
    foreseen: bool

    def __new__(
        cls,
        what: str,
        done: int = 0,
        of: int | None = None,
        left: float | None = None,
        *,
        unit: str = "",
        foreseen: bool = False,
    ) -> Progress:
        text = what
        if of is not None:
            counted = say("{done} of {of} {unit}", done=done, of=of, unit=unit).rstrip()
            text = say("{what}: {counted}", what=what, counted=counted)
        if left is not None:
            text = say("{text}, about {time} left", text=text, time=span(left))
        line = super().__new__(cls, text)
        line.text = text
        line.what, line.done, line.of, line.left, line.foreseen = what, done, of, left, foreseen
        return line

    def spoken(self, tongue: Tongue) -> str:
        """The line in another language."""
        return str(in_tongue(self.text, tongue))


OnProgress = Callable[[str], None]
"""Called with a line after every step; most lines are a :class:`Progress`, all are text."""


@dataclass(slots=True)
class Teller:
    """Tells a pass's lines to ``say`` (None: to nobody), no more than one in ``every`` seconds.

    Attributes
    ----------
    unit : what is counted: "slices", "histories" ...
    every, worth : seconds between lines, and seconds of work below which nothing is told.
    memory : bytes that the work needs at most, told with the time that is foreseen; None: not known.
    warns : say what is foreseen, once, of a pass that takes over :data:`WORTH_WARNING`.
    what, first, began, said : the pass at hand; when the first began, this one, and when a line was told last.
    """

    say: OnProgress | None
    unit: str = SLICES
    every: float = EVERY_SECONDS
    worth: float = WORTH_SAYING
    memory: float | None = None
    warns: bool = True
    what: str = ""
    first: float = field(default_factory=time.perf_counter)
    began: float = field(default_factory=time.perf_counter)
    said: float = field(default_factory=time.perf_counter)

    def start(self, what: str) -> None:
        """Begin another pass."""
        self.what, self.began = what, time.perf_counter()

    def done(self, n: int, of: int, share: float | None = None) -> None:
        """``n`` are done; ``share`` is that of the work, where it is not n / of."""
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
        self.say(Progress(self.what, n, of, left, unit=self.unit))

    def step(self, n: int, log_likelihood: float, left: float) -> None:
        """A step of Newton's method is done; ``left``: what the log-likelihood still gains, as far as is known."""
        at = say("log-likelihood {value:.3f}, left to gain {left:.1e}", value=log_likelihood, left=left)
        self.line(say("step {n}: {at}", n=n, at=at))

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
    return say("{n:.0f} s", n=seconds) if seconds < 120 else say("{n:.0f} min", n=seconds / 60)


def foreseen(seconds: float, memory: float | None = None) -> Progress:
    """The line that says what long work will take.

    >>> foreseen(200, 1.2e9)
    'Foreseen: about 3 min, 1.2 GB at most'
    """
    time = say("Foreseen: about {n} min", n=max(1, round(seconds / 60)))
    room = "" if memory is None else say(", {n:.1f} GB at most", n=memory / 1e9)
    return Progress(joined((time, room), ""), foreseen=True)

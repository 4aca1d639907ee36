"""What a server was started with: its data, where it listens, and its bounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

LOOPBACK = ("127.0.0.1", "localhost", "::1")
HOST, PORT = "127.0.0.1", 8737
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """A server's settings.

    Attributes
    ----------
    data : short name in addresses -> DATA as on the command line. The first is the default. No other data is opened.
    host, port : where it listens.
    token : what every request must carry; empty: nothing, which loopback alone allows.
    workers : processes that answer questions; one of them is left to those that are quick.
    patience : seconds that a request waits for its answer before it is shown how far the work is.
    abandoned : seconds without anyone asking for it, after which unfinished work is ended.
    job_seconds : the longest that one question may take.
    check_seconds : how long the answer to somebody's text is held for them, from when it was found.
    waiting : questions that may wait for a worker.
    listeners : streams of progress at once.
    answers, answer_bytes : finished answers that are kept, by number and by size.
    worker_bytes : memory of a worker, above which it is replaced after its answer.
    body_bytes : of a request's body at most.
    request_seconds : in which a request must have arrived whole, and each part of a response been taken.
    connections : at once.
    """

    data: dict[str, str] = field(default_factory=lambda: {"atlas": "atlas"})
    host: str = HOST
    port: int = PORT
    token: str = ""
    workers: int = 2
    patience: float = 0.7
    abandoned: float = 20.0
    job_seconds: float = 1800.0
    check_seconds: float = 600.0
    waiting: int = 64
    listeners: int = 64
    answers: int = 400
    answer_bytes: int = 256 * MB
    worker_bytes: int = 3_000 * MB
    body_bytes: int = 1 * MB
    request_seconds: float = 10.0
    connections: int = 256

    @property
    def default(self) -> str:
        """The short name of the data that are shown where none are named."""
        return next(iter(self.data))


def short_names(words: Iterable[str]) -> dict[str, str]:
    """Short names for addresses: the last part of each DATA, numbered where two have one.

    >>> short_names(["atlas", "/a/store", "/b/store@3f"])
    {'atlas': 'atlas', 'store': '/a/store', 'store-2': '/b/store@3f'}
    """
    found: dict[str, str] = {}
    for word in words:
        base = PurePath(word.partition("@")[0]).stem or "data"
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in base)
        name, n = safe, 1
        while name in found:
            n += 1
            name = f"{safe}-{n}"
        found[name] = word
    return found

"""What can go wrong, said so that the reader can mend it.

Every error carries a ``message`` (what and where) and a ``hint`` (what to type next).
The command line prints both and exits with 2; ``--json`` gives ``{"error": {"type", "message", "hint"}}``.

    TertiusError
    |-- UsageError            an option or argument that cannot be meant
    |   |-- UnknownActor      a name that no table and no data set knows
    |   |-- UnknownEffect     an effect that does not exist, or not for this kind of store
    |   |-- BadDuration       "12 parsecs"
    |   `-- NotThere          an address of the explorer that leads nowhere
    |-- InputError            data that cannot be read or used as they are
    |   |-- MissingColumn
    |   |-- BadValue          an impossible date, a negative weight, NaN
    |   |-- EmptyData         nothing there, or nothing left
    |   |-- CorruptFile       truncated or not what its name says
    |   |-- DataChanged       not what they were when a server opened them
    |   `-- DiskFull          no space left for what was to be written
    |-- Busy                  more questions wait than a server lets wait
    `-- ModelError            data from which the model asked for cannot be estimated
        |-- NotEnoughData     one actor, one slice, all events of one sign
        |-- NotEnoughMemory   it would not fit into a laptop
        |-- Separation        a coefficient runs to infinity
        `-- NoConvergence     the optimum was not reached
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tertius.language import say

CLOSE = 0.6
"""How alike two words must be, from 0 to 1, for one to be taken for a slip of the other."""
FULL = (errno.ENOSPC, errno.EFBIG, *([errno.EDQUOT] if hasattr(errno, "EDQUOT") else []))
"""What systems call a full disk, a quota that is used up, and a file beyond what is allowed."""


class TertiusError(Exception):
    """Base of all errors that are the data's or the user's to mend.

    Parameters
    ----------
    message : what is wrong, and where.
    hint : what to do or type next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def to_dict(self) -> dict[str, dict[str, str]]:
        """The document that ``--json`` prints."""
        return {"error": {"type": type(self).__name__, "message": self.message, "hint": self.hint}}


class UsageError(TertiusError):
    """An option or an argument that cannot be meant."""


class UnknownActor(UsageError):
    """A name that neither the codes nor the data know."""


class UnknownEffect(UsageError):
    """An effect that does not exist, or does not exist for this kind of store."""


class BadDuration(UsageError):
    """A duration that cannot be read."""


class NotThere(UsageError):
    """An address of the explorer that leads nowhere."""


class Busy(TertiusError):
    """More questions wait than a server lets wait."""


class InputError(TertiusError):
    """Data that cannot be read or used as they are."""


class MissingColumn(InputError):
    """A column that the format needs is not there."""


class BadValue(InputError):
    """A value that no rule can use: an impossible date, a negative weight, NaN."""


class EmptyData(InputError):
    """No rows, or none left after the rules."""


class CorruptFile(InputError):
    """A file that is truncated or not what its name says."""


class DataChanged(InputError):
    """Data that are not what they were when a server opened them."""


class DiskFull(InputError):
    """No space left for what was to be written."""


class ModelError(TertiusError):
    """The model asked for cannot be estimated from these data."""


class NotEnoughData(ModelError):
    """One actor, one slice, or no event of a sign that is needed."""


class NotEnoughMemory(ModelError):
    """The model asked for would not fit into a laptop's memory."""


@contextmanager
def memory_named() -> Iterator[None]:
    """Raises NotEnoughMemory where memory runs out inside the block after all, whoever notices: Python, NumPy, DuckDB,
    or the system, which then starts no thread or process.

    >>> with memory_named():
    ...     raise MemoryError
    Traceback (most recent call last):
        ...
    tertius.errors.NotEnoughMemory: Memory ran out. Use fewer --actors, a longer --period or --slice, a shorter ...
    """
    try:
        yield
    except (MemoryError, OSError, RuntimeError) as error:
        if not _is_memory(error):
            raise
    except Exception as error:
        if type(error).__name__ != "OutOfMemoryException":  # of DuckDB, which is not imported here
            raise
    else:
        return
    raise NotEnoughMemory(
        "Memory ran out.",
        "Use fewer --actors, a longer --period or --slice, a shorter span, or --model rate --sample 20.",
    )


def _is_memory(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or "can't start new thread" in str(error)


class Separation(ModelError):
    """The likelihood has no maximum: a coefficient runs to infinity."""


class NoConvergence(ModelError):
    """The optimum was not reached."""


class TertiusWarning(UserWarning):
    """Said once on standard error, and kept in the result's ``warnings``."""


def nearest(word: str, choices: Iterable[str], cutoff: float = CLOSE) -> str | None:
    """The choice that ``word`` is most likely a slip of; None where nothing is like it.

    >>> nearest("comon_foe", ["common_foe", "inertia"])
    'common_foe'
    """
    close = difflib.get_close_matches(word, list(choices), n=1, cutoff=cutoff)
    return close[0] if close else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The beginning of a hint, with a blank after it; empty where nothing is like the word.

    >>> did_you_mean("Rates", ["rate", "within"])
    'Did you mean rate? '
    >>> did_you_mean("coop", ["cooperation", "hostility"])
    'Did you mean cooperation? '
    """
    by_lower = {choice.lower(): choice for choice in choices}
    begun = (choice for choice in by_lower if len(word) > 1 and choice.startswith(word.lower()))
    close = next(begun, None) or nearest(word.lower(), by_lower)
    return say("Did you mean {word}? ", word=by_lower[close]) if close else ""


@contextmanager
def disk_room(kept: str = "", hint: str = "Make room on the disk, and run it again.") -> Iterator[None]:
    """Calls a full disk one: DiskFull, with what was kept, where writing inside the block ran out of space.

    >>> with disk_room("Nothing was added."):
    ...     raise OSError(28, "No space left on device", "part")
    Traceback (most recent call last):
        ...
    tertius.errors.DiskFull: part: the disk is full (No space left on device). Nothing was added. Make room ...
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        where = error.filename or "The system"
        raise DiskFull(f"{where}: the disk is full ({error.strerror}). {kept}".rstrip(), hint) from None
    except DiskFull as error:
        raise DiskFull(f"{error.message} {kept}".rstrip(), error.hint) from None

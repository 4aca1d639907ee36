"""One writer at a time in a folder: a lock that the kernel releases when its holder dies.

The lock is on an open file, so that threads of one process exclude each other as processes do. The file goes when the
work is done; who waited for it sees that it is gone, and takes the lock on a new one. Readers never lock.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tertius.errors import InputError, TertiusWarning

LOCK = ".lock"
ATTEMPTS = 1000  # to make a folder that others remove
PAUSE = 0.1  # seconds between two attempts where the system cannot wait for a lock


@contextmanager
def locked(folder: Path, doing: str) -> Iterator[None]:
    """Hold the lock of a folder, which is made where it is not there, and removed again where it stays empty.

    ``doing`` says what the other one does where this one must wait: a warning names it. Raises OSError, InputError.
    """
    made = [f for f in (folder, *folder.parents) if not f.exists()]
    handle = _acquire(folder, doing)
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes no open file: it stays, and harms nobody
            if _is_still(folder / LOCK, handle):  # not another's, who came when the folder had changed places
                (folder / LOCK).unlink()
        os.close(handle)
        for new in made:
            with suppress(OSError):  # not empty: something was written, by us or by another
                new.rmdir()


def _acquire(folder: Path, doing: str) -> int:
    told, absent = False, 0
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except FileNotFoundError:  # another, which had made the folder too, removed it between our lines
            absent += 1
            if absent == ATTEMPTS:
                raise
            continue
        try:
            if not _lock(handle, wait=False):
                if not told:
                    warnings.warn(f"{folder}: {doing}; waiting for it to end.", TertiusWarning, stacklevel=4)
                    told = True
                _lock(handle, wait=True)
            if _is_still(folder / LOCK, handle):
                return handle
        except OSError as error:
            os.close(handle)
            raise InputError(
                f"{folder} cannot be locked: {error.strerror or error}.", "Use a folder on a local disk."
            ) from None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    """Whether the path still names the file that was opened: its last holder may have removed it."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, *, wait: bool) -> bool:
        while True:
            try:
                os.lseek(handle, 0, os.SEEK_SET)
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return True
            except OSError:
                if not wait:
                    return False
                time.sleep(PAUSE)
else:
    import fcntl

    def _lock(handle: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

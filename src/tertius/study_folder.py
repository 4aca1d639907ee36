"""A Study on disk: what was asked of which data, and what came out.

    STUDY/
      study.json        data (path, hash), spec, command, result; written last
      vcov.csv          jackknife covariance of the coefficients
      coefficients.csv  the table, to full precision
      fit.npz, general.npz, pictures.npz
                        the fit with its model, the certificate of all pairs, its pictures of chance, so that nothing
                        is fitted again (:mod:`tertius.study.kept`); only where they may be kept

A Study is saved whole or not at all. The first one fills its folder, ``study.json`` last. A later one is written to a
folder beside, and the two change places in one step of the system; where it has no such step, in two, and in between
the old Study is read from beside. Other files in the folder stay.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from tertius.errors import CorruptFile, TertiusError, UsageError, disk_room
from tertius.events.document import checked, days, each, get, read_document
from tertius.events.lock import LOCK, locked
from tertius.events.whole import replace_file, sync_folder
from tertius.spec import ModelSpec

STUDY = "study.json"
TABLES = ("vcov.csv", "coefficients.csv")
KEPT = ("fit.npz", "general.npz", "pictures.npz")
FORMAT_VERSION = 1
EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
AT_FDCWD = -100
NO_EXCHANGE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


@dataclass(frozen=True, slots=True)
class SavedStudy:
    """What a Study says of its data and its question.

    Attributes
    ----------
    path : its data, as :func:`tertius.load` takes them.
    hash : of the data's content.
    reading : options of ``load`` with which they were read.
    asked : fields of :class:`tertius.spec.ModelSpec`, as plain values.
    """

    path: str
    hash: str
    reading: dict[str, Any]
    asked: dict[str, Any]


def is_study(folder: Path) -> bool:
    """Whether a folder holds a Study, or held one when a save was killed half-way."""
    return (_whole(folder) / STUDY).is_file()


def read_study(folder: Path) -> SavedStudy:
    """What a Study points to and asks. Raises CorruptFile."""
    path = _whole(folder) / STUDY
    try:
        document = read_document(path)
        version = get(document, "tertius_study", int) if "tertius_study" in document else FORMAT_VERSION
        if version != FORMAT_VERSION:
            raise ValueError(f"it is of version {version}, and this tertius reads {FORMAT_VERSION}")
        data = get(document, "data", dict)
        reading = _reading(get(data, "reading", dict))
        asked = {key: value for key, value in get(document, "spec", dict).items() if value is not None}
        _check_asked(asked)
        return SavedStudy(get(data, "path", str), get(data, "hash", str), reading, asked)
    except TertiusError as error:
        raise CorruptFile(f"{path} cannot be read: {error.message}", "Save the Study again.") from None
    except ValueError as error:
        raise CorruptFile(f"{path} cannot be read: {error}.", "Save the Study again.") from None


def check_destination(folder: Path) -> None:
    """Raises UsageError where no Study can be saved: the folder holds other things, or nothing can be written there."""
    if is_study(folder):
        place = Path(os.path.realpath(folder))
        inside = Path.cwd() == place or place in Path.cwd().parents
        if folder.exists() and (inside or os.path.ismount(place)):
            raise UsageError(
                f"The Study {folder} cannot be replaced from inside, or where a disk is mounted.",
                "Name another folder after --save.",
            )
        writable = (place.parent, *([place] if place.exists() else []))
    else:
        ours = (STUDY, LOCK, *TABLES, *KEPT)  # another run may write a Study there at this moment
        if os.path.lexists(folder) and (
            not folder.is_dir() or any(f not in ours and not f.endswith(".tmp") for f in os.listdir(folder))
        ):
            raise UsageError(f"{folder} exists and is not a Study.", "Name a new or empty folder after --save.")
        writable = (next(f for f in (folder, *Path(os.path.abspath(folder)).parents) if os.path.lexists(f)),)
    for place in writable:
        if not place.is_dir():
            raise UsageError(f"{place} is not a folder.", "Name another folder after --save.")
        if not os.access(place, os.W_OK | os.X_OK):
            raise UsageError(f"Nothing can be written to {place}.", "Name another folder after --save.")


def write_study(folder: Path, document: Mapping[str, Any], files: Mapping[str, str | bytes]) -> None:
    """Keep a Study: the document of :data:`STUDY`, and the content of :data:`TABLES` and :data:`KEPT` by name.

    Raises UsageError where the folder is taken, DiskFull.
    """
    check_destination(folder)
    before = "is as it was before" if is_study(folder) else "was not saved"
    files = {**files, STUDY: json.dumps({"tertius_study": FORMAT_VERSION, **document}, indent=1)}
    place = Path(os.path.realpath(folder))
    if not place.exists() and is_study(place):
        os.rename(_aside(place), place)
    with disk_room(f"The Study {folder} {before}."), locked(place, "another run saves a Study there"):
        check_destination(folder)
        _clear(place)
        if not is_study(place):
            try:
                _fill(place, files)
            except BaseException:
                for name in files:
                    (place / name).unlink(missing_ok=True)
                raise
            return
        new = place.with_name(f".{place.name}.{uuid.uuid4().hex}.tmp")
        try:
            new.mkdir()
            _fill(new, files)
            with suppress(OSError):  # the lock goes with the new folder too, so that who waits goes on waiting
                os.link(place / LOCK, new / LOCK)
            _exchange(new, place)
            sync_folder(place.parent)
        finally:
            _retire(new, place)


def _whole(folder: Path) -> Path:
    """The folder, or where a save that was killed between two steps left it."""
    place = Path(os.path.realpath(folder))
    return _aside(place) if not place.exists() and _aside(place).is_dir() else folder


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.before")


def _is_leftover(file: Path) -> bool:
    """Whether a file may lie in a folder before a Study is saved there: a killed save leaves such."""
    return file.name in (LOCK, *TABLES, *KEPT) or file.suffix == ".tmp"


def _fill(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        replace_file(folder / name, content)


def _clear(place: Path) -> None:
    """Under the lock, remove what killed saves left: temporary files, and folders beside."""
    for file in place.glob(".*.tmp"):
        file.unlink(missing_ok=True)
    for file in place.parent.iterdir():
        beside = file.name.startswith(f".{place.name}.") and file.suffix == ".tmp"
        if (beside or file == _aside(place)) and file.is_dir():
            _retire(file, place)


def _retire(old: Path, place: Path) -> None:
    """Remove the Study in a folder beside. Files that are not ours go to the Study's folder."""
    with suppress(FileNotFoundError):  # nothing was written, or another clears it too
        for file in old.iterdir():
            if file.name == STUDY or _is_leftover(file):
                file.unlink(missing_ok=True)
            elif not os.path.lexists(place / file.name):
                os.rename(file, place / file.name)
        old.rmdir()


def _exchange(new: Path, place: Path) -> None:
    """Let two folders change places, in one step where the system has one."""
    try:
        _exchange_at_once(new, place)
    except OSError as error:
        if error.errno not in NO_EXCHANGE:
            raise
        aside = _aside(place)
        os.rename(place, aside)
        os.rename(new, place)
        os.rename(aside, new)


def _exchange_at_once(one: Path, other: Path) -> None:
    library: Any = ctypes.CDLL(None, use_errno=True) if sys.platform != "win32" else None
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        failed = library.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(*names, EXCHANGE)
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(other))


def _reading(reading: dict[str, Any]) -> dict[str, Any]:
    """Options of ``load``, each of the right kind. Raises ValueError."""
    for key, value in reading.items():
        if key == "directed":
            checked(value, bool, "'directed'")
        elif key == "mapping":
            for theirs in checked(value, dict, "'mapping'").values():
                checked(theirs, str, "a column in 'mapping'")
        elif key in ("weight", "mirrored", "codes"):
            checked(value, str, f"'{key}'")
        elif key == "missing":
            days(reading, key)
        else:
            raise ValueError(f"'{key}' is no way to read data")
    return reading


def _check_asked(asked: dict[str, Any]) -> None:
    """Raises ValueError, UsageError where a question holds values of the wrong kind."""
    for key, value in asked.items():
        if key in ("effects", "actors", "covariates"):
            each(asked, key, str)
        elif key in ("seed", "sample"):
            checked(value, int, f"'{key}'")
        elif key == "bias_correction":
            checked(value, bool, f"'{key}'")
        elif key == "scales":
            for c in checked(value, dict, "'scales'").values():
                if type(c) not in (int, float) or not (isfinite(c) and c > 0):
                    raise ValueError("a member of 'scales' is no positive number")
        else:
            checked(value, str, f"'{key}'")
    ModelSpec.of(**asked)

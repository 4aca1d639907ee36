"""What was fitted, kept in the user's cache folder, so that the next command need not fit again.

One file a fit, and one a certificate: ``studies/KEY.npz``, arrays (nothing is unpickled) and a document that says how
they hang together. The key is a hash of everything that the answer depends on: the data, the question as asked and as
resolved, the number of draws, the versions of tertius, NumPy, SciPy and DuckDB, the code of tertius itself (a checkout
changes under one version number), and the number of this format.

A file is written beside and put in place in one step, so that a kill or a second process never leaves a part of one;
it holds a checksum of its key and of all that is in it. What is damaged, foreign or of another key is not there, and is
replaced. Where nothing can be written, nothing is kept: an answer never hangs on it. The oldest files go where all
together exceed :data:`LIMIT`. ``TERTIUS_CACHE=off`` turns it off.

A saved Study holds the same files (:func:`packed`), of its own question.

Not kept: fits with files of covariates (a file may change under its name), and of sampled risk sets.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tertius.cache import cache_folder
from tertius.effects.registry import EFFECTS, Effect
from tertius.events.data import EventData
from tertius.history import History
from tertius.language import KINDS, Spoken
from tertius.spec import ModelSpec
from tertius.study.folder import versions

FORMAT = 2
LIMIT = 2_000_000_000
"""Bytes of all files together."""
STALE = 3600.0
"""Seconds after which a file that was not finished will not be."""
SWITCH = "TERTIUS_CACHE"
NOT_KEPT: dict[tuple[str, str], Any] = {("Design", "cache"): {}, ("Design", "room"): None}
"""Fields that are made again when they are needed."""


def is_on() -> bool:
    """Whether anything is kept."""
    return os.environ.get(SWITCH, "").lower() not in ("off", "0", "no")


def folder() -> Path:
    """Where the files lie."""
    return cache_folder() / "studies"


def can_keep(spec: ModelSpec) -> bool:
    """Whether a fit of this question may be kept."""
    return not spec.covariates and spec.sample is None


def key_of(events: EventData, asked: ModelSpec, resolved: ModelSpec, **more: Any) -> str:
    """The name of what is kept of these data and this question."""
    said = {
        "format": FORMAT,
        "versions": dict(versions()),
        "code": _code(),
        "data": [events.hash, events.directed, [str(d) for d in events.missing]],
        "asked": asked.to_dict(),
        "resolved": resolved.to_dict(),
        **more,
    }
    return hashlib.blake2b(json.dumps(said, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def packed(key: str, value: Any) -> bytes | None:
    """A value under a key as a file's content; None where it would take too much of the room, or cannot be kept."""
    arrays: list[np.ndarray[Any, Any]] = []
    try:
        document = np.frombuffer(json.dumps(_Encoder(arrays).node(value)).encode(), dtype=np.uint8)
    except TypeError:
        return None
    members = {"document": document, **{f"a{n}": np.asarray(a, order="C") for n, a in enumerate(arrays)}}
    if sum(a.nbytes for a in members.values()) > LIMIT // 4:
        return None
    sink = io.BytesIO()
    np.savez(sink, checksum=np.frombuffer(_checksum(key, members), dtype=np.uint8), **members)  # type: ignore[arg-type]
    return sink.getvalue()


def keep(key: str, value: Any) -> None:
    """Keep a value under a key. Nothing happens where it cannot be written, or would take too much of the room."""
    content = packed(key, value)
    if content is None:
        return
    place = folder()
    beside = place / f".{key}.{uuid.uuid4().hex}.tmp"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, place / f"{key}.npz")
        _make_room(place)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def find(key: str) -> Any:
    """What is kept under a key; None where nothing is, or what is there is not whole or not of this key."""
    path = folder() / f"{key}.npz"
    found = unpacked(key, path)
    if found is not None:
        with suppress(OSError):
            os.utime(path)  # read now: among the last to go
    return found


def unpacked(key: str, path: Path) -> Any:
    """The value of a key in a file; None where it is not there, not whole, or of another key."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            members = {name: stored[name] for name in stored.files}
        if members.pop("checksum").tobytes() != _checksum(key, members):
            return None
        document = json.loads(members.pop("document").tobytes())
        found = _Decoder(members).value(document)
    except Exception:  # whatever is wrong with a file of the cache, it is as if it were not there
        return None
    return found


def files() -> list[tuple[Path, int, float]]:
    """The files, their bytes and when they were last read, the oldest first."""
    found = []
    with suppress(OSError):
        for path in folder().iterdir():
            with suppress(OSError):
                if path.suffix in (".npz", ".tmp") and path.is_file():
                    found.append((path, path.stat().st_size, path.stat().st_mtime))
    return sorted(found, key=lambda x: x[2])


def clear() -> tuple[int, int]:
    """Remove all files: how many, and their bytes."""
    gone = files()
    for path, _, _ in gone:
        path.unlink(missing_ok=True)
    return len(gone), sum(size for _, size, _ in gone)


def _make_room(place: Path) -> None:
    for path, _, last in files():
        if path.suffix == ".tmp" and time.time() - last > STALE:  # of a writer that was killed
            path.unlink(missing_ok=True)
    there = [x for x in files() if x[0].suffix == ".npz"]
    total = sum(size for _, size, _ in there)
    for path, size, _ in there[:-1]:
        if total <= LIMIT:
            return
        path.unlink(missing_ok=True)
        total -= size


def _checksum(key: str, members: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """Of the key, and of every member with its name, type and shape."""
    found = hashlib.blake2b(key.encode(), digest_size=32)
    for name in sorted(members):
        array = members[name]
        found.update(f"|{name}|{array.dtype.str}|{array.shape}|".encode())
        found.update(array.reshape(-1).view(np.uint8).data if array.size else b"")
    return found.digest()


@cache
def _code() -> str:
    """A hash of the code of this package."""
    root = Path(__file__).parents[1]
    found = hashlib.blake2b(digest_size=16)
    for path in sorted(root.rglob("*.py")):
        found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _kind(name: str) -> type:
    """The dataclass of ours of that name, "module:class", in a module that is loaded. Raises KeyError, TypeError."""
    module, _, of = name.partition(":")
    if module.partition(".")[0] != "tertius":
        raise KeyError(name)
    found = vars(sys.modules[module])[of]
    if not (isinstance(found, type) and is_dataclass(found)) or found.__module__ != module:
        raise TypeError(f"{name} is not kept")
    return found


class _Encoder:
    """Values as JSON; arrays go to a list, and what is met twice is written once."""

    def __init__(self, arrays: list[np.ndarray[Any, Any]]) -> None:
        self.arrays = arrays
        self.met: dict[int, int] = {}
        self.held: list[Any] = []

    def node(self, x: Any) -> Any:
        """The JSON of a value. Raises TypeError where it is of a kind that is not kept."""
        if isinstance(x, Spoken):
            kind, parts = type(x), x.__reduce__()[1]
            return {"spoken": [kind.__name__, *(self.node(v) for v in parts)]}
        if x is None or (isinstance(x, bool | int | float | str) and not isinstance(x, np.generic)):
            return x
        if isinstance(x, np.generic):
            return {"scalar": self._array(np.asarray(x))}
        if isinstance(x, np.ndarray):
            return {"array": self._array(x)}
        if isinstance(x, tuple | list):
            return {type(x).__name__: [self.node(v) for v in x]}
        if isinstance(x, Mapping):
            return {"dict": [[self.node(k), self.node(v)] for k, v in x.items()]}
        if isinstance(x, date):
            return {"date": x.isoformat()}
        if isinstance(x, type) and issubclass(x, np.generic):
            return {"dtype": np.dtype(x).str}
        if isinstance(x, Effect):
            return {"effect": x.name}
        return self._object(x)

    def _object(self, x: Any) -> Any:
        if id(x) in self.met:
            return {"again": self.met[id(x)]}
        name = f"{type(x).__module__}:{type(x).__qualname__}"
        made: dict[str, Any]
        if isinstance(x, History):
            made = {"history": [self.node(v) for v in x.recipe]}
        else:
            try:
                names = [f.name for f in fields(_kind(name))]
            except KeyError:
                raise TypeError(f"{name} is not kept") from None
            members = {n: NOT_KEPT.get((type(x).__name__, n), getattr(x, n)) for n in names}
            made = {"kind": name, "of": {n: self.node(v) for n, v in members.items()}}
        self.met[id(x)] = len(self.held)
        self.held.append(x)
        return made

    def _array(self, x: np.ndarray[Any, Any]) -> int:
        if x.dtype.hasobject:
            raise TypeError("arrays of objects are not kept")
        if id(x) not in self.met:
            self.met[id(x)] = len(self.arrays)
            self.arrays.append(x)
        return self.met[id(x)]


class _Decoder:
    """Values from their JSON, in the order in which they were written."""

    def __init__(self, members: Mapping[str, np.ndarray[Any, Any]]) -> None:
        self.members = members
        self.held: list[Any] = []

    def value(self, node: Any) -> Any:
        """The value of a node. Raises KeyError, TypeError, ValueError."""
        if not isinstance(node, dict):
            return node
        (what, x), *_ = node.items()
        if what in ("tuple", "list"):
            found = [self.value(v) for v in x]
            return tuple(found) if what == "tuple" else found
        if what == "dict":
            return {self.value(k): self.value(v) for k, v in x}
        if what in ("array", "scalar"):
            array = self.members[f"a{x}"]
            return array if what == "array" else array[()]
        if what == "spoken":
            return KINDS[x[0]](*(self.value(v) for v in x[1:]))
        if what == "history":
            return self._hold(History(*(self.value(v) for v in x)))
        if what == "kind":
            return self._hold(_kind(x)(**{name: self.value(v) for name, v in node["of"].items()}))
        if what == "again":
            return self.held[x]
        if what == "date":
            return date.fromisoformat(x)
        return EFFECTS[x] if what == "effect" else np.dtype(x).type

    def _hold(self, x: Any) -> Any:
        self.held.append(x)
        return x

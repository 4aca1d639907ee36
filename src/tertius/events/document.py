"""Our own JSON files, read with suspicion: values of the right kind come out of them, or one ValueError that says what
is wrong, whatever they hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

T = TypeVar("T", str, bool, int, list[Any], dict[str, Any])

LARGEST = 2**53
"""No count of ours comes near; beyond, JSON readers disagree on what was written."""
KINDS = {
    str: "text", bool: "true or false", int: "a whole number", float: "a number", list: "a list", dict: "an object",
    type(None): "null",
}  # fmt: skip


def read_document(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises ValueError."""
    return parse_document(path.read_bytes())


def parse_document(content: bytes) -> dict[str, Any]:
    """The JSON object in some bytes. Raises ValueError."""
    try:
        found = DECODER.decode(content.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return checked(found, dict, "it")


def checked(value: Any, kind: type[T], what: str) -> T:
    """A value that is of this kind; true and false are no numbers. Raises ValueError.

    >>> checked(3, int, "rows")
    3
    """
    if type(value) is not kind:
        raise ValueError(f"{what} is {KINDS[type(value)]}, not {KINDS[kind]}")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{what} is no valid text") from None
    if isinstance(value, int) and not 0 <= value <= LARGEST:
        raise ValueError(f"{what} is no count")
    return value


def get(document: dict[str, Any], key: str, kind: type[T]) -> T:
    """What an object holds under a key. Raises ValueError."""
    if key not in document:
        raise ValueError(f"'{key}' is missing")
    return checked(document[key], kind, f"'{key}'")


def each(document: dict[str, Any], key: str, kind: type[T]) -> list[T]:
    """The members of the list under a key. Raises ValueError."""
    return [checked(value, kind, f"a member of '{key}'") for value in get(document, key, list)]


def days(document: dict[str, Any], key: str) -> tuple[date, ...]:
    """The dates of the list under a key. Raises ValueError."""
    return tuple(date.fromisoformat(day) for day in each(document, key, str))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}, which is no JSON")


DECODER = json.JSONDecoder(parse_constant=_no_constant)
"""Made once: a journal has a document in every line."""

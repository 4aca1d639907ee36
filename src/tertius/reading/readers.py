"""Readers by name: ours, and a user's own by the entry point group ``tertius.readers``.

A reader has a ``name`` and ``read(document) -> Reading``. An entry point names a class or a function that gives one
when it is called without arguments::

    [project.entry-points."tertius.readers"]
    mine = "my_package:MyReader"

Nothing is imported of a reader before it is asked for, and none is taken in another's place.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from tertius.errors import UsageError, did_you_mean
from tertius.reading.reading import Document, ReaderName, Reading

GROUP = "tertius.readers"
DEFAULT = "shallow"
LLM = "llm"
OURS = {"shallow": "tertius.reading.shallow:ShallowReader", "parsed": "tertius.reading.parsed:ParsedReader"}
"""Name -> where the reader is; ``llm`` needs to be told of a server, and is made by its own function."""


@runtime_checkable
class Reader(Protocol):
    """What reads a document: who it is, and what it found."""

    name: ReaderName

    def read(self, document: Document) -> Reading:
        """The document as read; events in the order of the text."""
        ...


REGISTERED: dict[str, Callable[[], Reader]] = {}
"""Readers registered in this process, by name."""


def register(name: str, make: Callable[[], Reader]) -> None:
    """Make a reader known by a name in this process. Raises UsageError where the name is one of ours."""
    if name in OURS or name == LLM:
        raise UsageError(f"The reader '{name}' is one of tertius.", "Give yours another name.")
    REGISTERED[name] = make


def reader_names() -> tuple[str, ...]:
    """All readers there are, ours first."""
    others = sorted({*REGISTERED, *(e.name for e in entry_points(group=GROUP))})
    return (*OURS, LLM, *(n for n in others if n not in OURS and n != LLM))


def find_reader(name: str) -> Reader:
    """A reader by name.

    Raises UsageError where there is none of that name, where it cannot be loaded, or where it is no reader.
    """
    if name == LLM:
        raise UsageError("--reader llm needs a server and a model.", "Add --base-url ADDRESS --model NAME.")
    make = REGISTERED.get(name)
    if make is None and name in OURS:
        module, _, attribute = OURS[name].partition(":")
        try:
            make = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            raise UsageError(
                f"The reader '{name}' cannot be loaded: {error}.", "Type: pip install 'tertius[read]'."
            ) from None
    if make is None:
        entry = next((e for e in entry_points(group=GROUP) if e.name == name), None)
        if entry is None:
            near = did_you_mean(name, reader_names())
            raise UsageError(f"There is no reader '{name}'.", f"{near}Choose one of: {', '.join(reader_names())}.")
        try:
            make = entry.load()
        except Exception as error:  # whatever another's module raises
            raise UsageError(
                f"The reader '{name}' ({entry.value}) cannot be loaded: {error}.", "Mend or remove its package."
            ) from None
    found = make()
    if not isinstance(found, Reader):
        raise UsageError(f"'{name}' is no reader: it needs a name and read(document).", f"See {__name__}.")
    return found

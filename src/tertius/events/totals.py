"""What all imports into a store read and kept, added up: what reports say of the data, without reading every audit.

A store's manifest holds them, so that they cost the same after one import and after 35,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tertius.events.document import checked, each, get

FIRST_FILES = 5
"""Files that are kept by name."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file: its name, the hash of its bytes, events kept of it."""

    name: str
    sha256: str
    kept: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the audits of imports.

    Attributes
    ----------
    read, kept, quarantined : rows, events, rows put aside.
    dropped, mended : rows by rule.
    files : how many.
    formats : format -> files of it, in the order of the imports.
    first_files : the first :data:`FIRST_FILES`.

    >>> audit = {"read": 3, "kept": 2, "dropped": {"self_pair": 1}, "quarantined": 0, "files": []}
    >>> Totals.of([audit, audit]).dropped
    {'self_pair': 2}
    """

    read: int = 0
    kept: int = 0
    quarantined: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    mended: Mapping[str, int] = field(default_factory=dict)
    files: int = 0
    formats: Mapping[str, int] = field(default_factory=dict)
    first_files: tuple[NamedFile, ...] = ()

    @classmethod
    def of(cls, audits: Iterable[Mapping[str, Any]]) -> Totals:
        """The sums of audits."""
        found = cls()
        for audit in audits:
            found = found.after(audit)
        return found

    def after(self, audit: Mapping[str, Any]) -> Totals:
        """With one more import."""
        files = audit["files"]
        formats: dict[str, int] = {}
        for file in files:
            if "format" in file:
                formats[file["format"]] = formats.get(file["format"], 0) + 1
        room = FIRST_FILES - len(self.first_files)
        return replace(
            self,
            read=self.read + audit["read"],
            kept=self.kept + audit["kept"],
            quarantined=self.quarantined + audit["quarantined"],
            dropped=added(self.dropped, audit["dropped"]),
            mended=added(self.mended, audit.get("mended", {})),
            files=self.files + len(files),
            formats=added(self.formats, formats),
            first_files=(*self.first_files, *(NamedFile(f["name"], f["sha256"], f["kept"]) for f in files[:room])),
        )

    def to_dict(self) -> dict[str, Any]:
        """As in a manifest."""
        return {
            "read": self.read, "kept": self.kept, "quarantined": self.quarantined, "dropped": dict(self.dropped),
            "mended": dict(self.mended), "files": self.files, "formats": dict(self.formats),
            "first_files": [{"name": f.name, "sha256": f.sha256, "kept": f.kept} for f in self.first_files],
        }  # fmt: skip

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Totals:
        """Totals as :meth:`to_dict` wrote them. Raises ValueError."""

        def counts(key: str) -> dict[str, int]:
            return {name: checked(n, int, f"'{name}'") for name, n in get(document, key, dict).items()}

        files = [
            NamedFile(get(f, "name", str), get(f, "sha256", str), get(f, "kept", int))
            for f in each(document, "first_files", dict)
        ]
        return cls(
            read=get(document, "read", int),
            kept=get(document, "kept", int),
            quarantined=get(document, "quarantined", int),
            dropped=counts("dropped"),
            mended=counts("mended"),
            files=get(document, "files", int),
            formats=counts("formats"),
            first_files=tuple(files),
        )


def added(one: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Counts by name, added; names in the order in which they came.

    >>> added({"a": 1}, {"b": 2, "a": 3})
    {'a': 4, 'b': 2}
    """
    found = dict(one)
    for name, n in more.items():
        found[name] = found.get(name, 0) + n
    return found

"""What an import read, kept and dropped: counted by file and by rule, never changed afterwards.

``read = kept + sum(dropped) + quarantined``, of each file and of all. ``kept`` counts events: the two rows of a
mirrored coding are one. Which rules there are, and in which order they apply: :data:`tertius.sources.rules.RULES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tertius.events.calendar import Calendar
from tertius.sources.labels import Resolved
from tertius.sources.rules import DROPPED


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that is in the quarantine: of which file (name and hash), in which line, what is wrong, and the row."""

    file: str
    sha256: str
    line: int
    why: str
    row: str


@dataclass(frozen=True, slots=True)
class FileAudit:
    """One file: rows read, events kept, rows dropped by rule, rows put aside, the hash of its bytes, and, where it went
    line by line, how many rows have how many columns (``shapes``)."""

    name: str
    format: str
    read: int
    kept: int
    dropped: Mapping[str, int]
    sha256: str
    quarantined: int = 0
    shapes: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As in the document of the audit."""
        return {
            "name": self.name,
            "format": self.format,
            "read": self.read,
            "kept": self.kept,
            "dropped": dict(self.dropped),
            "quarantined": self.quarantined,
            "sha256": self.sha256,
            **({"columns": dict(self.shapes)} if self.shapes else {}),
        }


def dropped_of(files: Iterable[FileAudit]) -> dict[str, int]:
    """Rows of all files dropped, by rule, in the rules' order.

    >>> dropped_of([FileAudit("a", "events", 3, 2, {"self_pair": 1}, ""), FileAudit("b", "events", 0, 0, {}, "")])
    {'self_pair': 1}
    """
    files = list(files)
    counts = {rule: sum(file.dropped.get(rule, 0) for file in files) for rule in DROPPED}
    return {name: n for name, n in counts.items() if n}


@dataclass(frozen=True, slots=True)
class Audit:
    """What was read, kept and dropped, by rule and file.

    Attributes
    ----------
    files : one by one.
    first_day, last_day, days : of the rows kept; how many days have any.
    missing : days without any record.
    directed : whether rows say who did it to whom.
    rows : that are stored.
    snapshot : of the store, once they are.
    warnings : notes for who imports.
    labels : what became of the actors' names.
    rules : every rule to choose, and whether (with which value) it was on.
    mended : rows kept with a mended value, by rule.
    unknown : codes of types and actors that no table knows, most frequent first.
    calendar : what was recorded when, against the source's calendar.
    aside : rows for the quarantine file.
    observed : days that the store had listed as missing, and that this import brought rows of.
    """

    files: tuple[FileAudit, ...]
    first_day: str
    last_day: str
    days: int
    missing: tuple[str, ...]
    directed: bool
    rows: int
    snapshot: str | None
    warnings: tuple[str, ...]
    labels: Resolved
    rules: Mapping[str, str | bool] = field(default_factory=dict)
    mended: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    aside: tuple[Aside, ...] = ()
    observed: tuple[str, ...] = ()

    def total(self, key: str) -> int:
        """Sum of ``read``, ``kept`` or ``quarantined`` over the files."""
        return sum(int(getattr(file, key)) for file in self.files)

    def __repr__(self) -> str:
        n = len(self.files)
        return (
            f"<Audit of {n:,} file{'s' * (n != 1)}: {self.total('read'):,} read, {self.total('kept'):,} kept, "
            f"{self.total('quarantined'):,} quarantined, {self.first_day} to {self.last_day}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """The document of ``import --json`` and ``audit --json``."""
        return {
            "read": self.total("read"),
            "kept": self.total("kept"),
            "dropped": dropped_of(self.files),
            "quarantined": self.total("quarantined"),
            "rows": self.rows,
            "files": [file.to_dict() for file in self.files],
            "coverage": {
                "from": self.first_day,
                "to": self.last_day,
                "slices": self.days,
                "missing": list(self.missing),
                **({"observed": list(self.observed)} if self.observed else {}),
                **self.calendar.to_dict(),
            },
            "rules": dict(self.rules),
            "mended": dict(self.mended),
            "unknown": {kind: dict(counts) for kind, counts in self.unknown.items()},
            "directed": self.directed,
            "snapshot": self.snapshot,
            "labels": {
                "matched": len(self.labels.matched),
                "kept": len(self.labels.kept),
                "no_country": len(self.labels.lost),
                "merged": {code: list(texts) for code, texts in self.labels.merged.items()},
            },
            "warnings": list(self.warnings),
        }

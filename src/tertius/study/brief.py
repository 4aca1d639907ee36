"""An answer to hand on: one page of it, and where it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tertius.answers.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Brief:
    """One page of an answer (:func:`tertius.report.pages.brief`).

    Attributes
    ----------
    explanation : the answer.
    files : where it was written, the page first; empty where it was not.
    note : what the reader must know of the file, such as that it is not of the form asked for; empty for nothing.
    """

    explanation: Explanation
    files: tuple[str, ...] = ()
    note: str = ""

    @property
    def caveats(self) -> tuple[str, ...]:
        """The answer's own."""
        return self.explanation.caveats

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of ``tertius brief --json``: that of ``tertius explain``, and where the page is."""
        return {**self.explanation.to_dict(), "brief": {"files": list(self.files), "note": self.note}}

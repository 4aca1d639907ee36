"""What a reader gives back: a document, the events it speaks of, the claims it makes, and who read it.

All are frozen values whose ``to_dict`` is the JSON of ``tertius read``. Spans are half-open, ``[start, end)``,
in characters of ``Document.text``; dates are ISO days, and an end of an interval that the text does not give is
None: no day is invented.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from tertius.plain import frame, plain

CONFIDENT = 0.5
"""From which confidence on an event is more likely right than not."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the body: the words that carry it, and its address."""

    anchor: str
    address: str


@dataclass(frozen=True, slots=True)
class OriginalSource:
    """Where and when a republished text came out first."""

    name: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself; None or empty where it says nothing."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None  # of this publication; first publication stands in original_source
    publisher: str | None = None
    original_source: OriginalSource | None = None
    regions: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    report: tuple[str, ...] = ()  # the site's "in-depth report" tags
    language: str | None = None  # ISO 639-1
    rights: str | None = None
    links: tuple[Link, ...] = ()
    captions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # on the author, the source, the edition


@dataclass(frozen=True, slots=True)
class Document:
    """An article's body, apart from what stands around it. Paragraphs of ``text`` are separated by an empty line."""

    text: str
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, slots=True)
class DateInterval:
    """Days from ``date_from`` to ``date_to``, both included; ``alternatives`` where the words are ambiguous."""

    date_from: str | None = None
    date_to: str | None = None
    alternatives: tuple[tuple[str | None, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to whom, as a sentence says it."""

    source: tuple[str, ...]  # codes of states and organisations
    target: tuple[str, ...]
    type: str  # PLOVER 2021, upper case
    quad: int  # 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    sentence: str
    span: tuple[int, int]
    dates: DateInterval = field(default_factory=DateInterval)
    domestic: bool = False
    negated: bool = False
    modality: str | None = None  # threaten, refuse, demand, agree, future; None: it happened
    asserted_by: str = "author"
    hedge: str | None = None  # the hedging word itself
    confidence: float | None = None  # probability that type, source and target are right; None: the reader gives none

    @property
    def confident(self) -> bool:
        """Whether the event is sure enough for a conclusion to rest on it; so is one whose reader gives no number."""
        return self.confidence is None or self.confidence >= CONFIDENT

    def to_dict(self) -> dict[str, Any]:
        d = asdict(self)
        d.update(d.pop("dates"))
        return dict(plain(d))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sentence claims, of a kind that data can or cannot speak to."""

    id: str
    kind: str  # event trend extreme cause isolation policy motive value general prediction capability
    actors: tuple[str, ...]
    driver: tuple[str, ...]  # of a causal claim: whose doing it was
    polarity: str | None  # cooperation, hostility
    direction: str | None  # up, down
    sentence: str
    span: tuple[int, int]
    testable: bool
    dates: DateInterval = field(default_factory=DateInterval)
    asserted_by: str = "author"
    hedge: str | None = None
    negated: bool = False
    types: tuple[str, ...] = ()  # PLOVER types that the words name; none: of every type
    about: str = ""  # a kind of dealing that data may not tell apart ("military exercises")
    group: str | None = None  # of isolation: among whom
    allies: tuple[str, ...] = ()  # of whom the allies are meant, too ("Washington and its allies")
    judgement: str | None = None  # the value word, which is no part of what is checked

    def to_dict(self) -> dict[str, Any]:
        d = asdict(self)
        d.update(d.pop("dates"))
        return dict(plain(d))


@dataclass(frozen=True, slots=True)
class ReaderName:
    """Who read: the reader, the model it used and its version."""

    name: str
    model: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as read."""

    document: Document
    events: tuple[Event, ...]
    reader: ReaderName
    claims: tuple[Claim, ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()  # what a model said and the text does not bear out: rule, how many
    warnings: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """A row an event; codes joined by commas."""
        found = [e.to_dict() for e in self.events]
        return [{**d, **{k: ",".join(d[k]) for k in ("source", "target")}} for d in found]

    def table(self, backend: str | None = None) -> Any:
        """:meth:`rows` as a data frame."""
        return frame(self.rows(), backend)

    def summary(self) -> str:
        """What the terminal shows: plain text of at most 80 columns."""
        from tertius.report.pages import summary

        return summary(self)

    def __repr__(self) -> str:
        title = self.document.metadata.title or "a document"
        return f"<Reading of {title[:60]}: {len(self.events)} events, {len(self.claims)} claims, by {self.reader.name}>"

    def _repr_html_(self) -> str:
        from html import escape

        lines = "".join(f"<li>{escape(e.sentence)}</li>" for e in self.events)
        return f"<p><strong>{escape(repr(self)[1:-1])}</strong></p><ul>{lines}</ul>"

    def to_dict(self) -> dict[str, Any]:
        return {
            "metadata": dict(plain(asdict(self.document.metadata))),
            "text": self.document.text,
            "events": [e.to_dict() for e in self.events],
            "claims": [c.to_dict() for c in self.claims],
            "reader": asdict(self.reader),
            "dropped": dict(self.dropped),
            "warnings": list(self.warnings),
        }

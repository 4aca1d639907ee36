"""What an answer shows, whatever shows it: a :class:`Document` of :class:`Section` of a few kinds of block.

Page (:mod:`~tertius.report.html`), terminal (:mod:`~tertius.report.terminal`) and :meth:`Document.to_dict` are
renderings of one Document, and know these blocks and no answer. What stands in a block is text: it is made where the
answer is known (:mod:`tertius.report.sections`), labels of the data included, and no rendering reads it again.

A block, section or column may be ``only`` for the "page" or for the "terminal", where the other has no room for it or
says it in another place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from tertius.errors import UsageError, did_you_mean
from tertius.language import ENGLISH, LANGUAGES, chart_locale, in_language, offered

if TYPE_CHECKING:
    from altair import LayerChart

Only = Literal["", "page", "terminal"]
Kind = Literal["text", "number", "status", "words"]
Style = Literal["", "answer", "quiet", "code"]

FILE_NAME = 60  # characters
MOST_CHOICES = 9


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a chart's legend.

    Attributes
    ----------
    mark : "bar", "line", "band", "dot", "ring", "diamond", "circle", "square" or "none" (a note).
    colour : a name of :data:`tertius.report.colours.COLOURS`.
    text : what it stands for.
    """

    mark: str
    colour: str
    text: str


def key_of(chart: LayerChart) -> tuple[Key, ...]:
    """The legend of a chart of ours."""
    return tuple(Key(**entry) for entry in chart.usermeta["key"])


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict, what it is about, what it means, and a warning that must not be missed."""

    verdict: str
    about: str = ""
    says: tuple[str, ...] = ()
    warning: str = ""
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, with its first words in bold. Style "code" is a line to be copied, never broken."""

    text: str
    lead: str = ""
    style: Style = ""
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    lines: tuple[tuple[str, str], ...]
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``brief`` is its heading in the terminal, where that is another.

    Kind: "number" is on the right, "status" is not broken on a wide page, "words" may be sentences.
    """

    name: str
    kind: Kind = "text"
    brief: str = ""
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with a second, quiet line and a link (http or https; another address is no link)."""

    text: str = ""
    note: str = ""
    url: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", _address(self.url))


@dataclass(frozen=True, slots=True)
class Row:
    """Cells, one a column; the first is the row's heading. ``marked``: the one on which the answer stands. ``about``:
    the actor or the pair that the row is about, by label, so that who has a page of them can lead there."""

    cells: tuple[Cell | str, ...]
    marked: bool = False
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns.

    Attributes
    ----------
    looks : "conditions", "rungs" or "events" on the page; empty for an ordinary table.
    shown : rows in the terminal at most, 0 for all of them.
    things : what the rows are, where not all are shown.
    beyond : how many more there are that no row shows.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str
    looks: str = ""
    shown: int = 0
    things: str = "rows"
    beyond: int = 0
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart: its place, the function that draws it, how to read it, and what it shows in words.

    The function is called when the chart is needed, so that a terminal does not wait for it.
    """

    id: str
    draw: Callable[[], LayerChart]
    caption: str
    alternative: str
    only: Only = ""
    language: str = ENGLISH

    def spec(self) -> tuple[dict[str, Any], tuple[Key, ...]]:
        """The chart's Vega-Lite specification and its legend, in the language of the Document.

        It is not validated, which takes longer than drawing: the tests validate every kind of chart.
        """
        from altair.utils.schemapi import debug_mode

        with debug_mode(False):
            chart = self.draw()
            spec, key = chart.to_dict(validate=False), key_of(chart)
        if self.language != ENGLISH:
            spec, key = in_language(spec, self.language), _translated(key, self.language)
            spec["config"] = {**spec.get("config", {}), "locale": chart_locale(self.language)}
        return spec, key


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list: first words in bold, its own anchor, a link (http or https), what is folded below it, and its
    ``group``: which of the list's ``choices`` it belongs to, from 1; 0: to none."""

    text: str
    lead: str = ""
    id: str = ""
    url: str = ""
    blocks: tuple[Block, ...] = ()
    group: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", _address(self.url))


@dataclass(frozen=True, slots=True)
class Items:
    """A list under a small title; numbered from ``start`` where that is given. ``choices``: groups of its entries, of
    which the reader of a page may choose one; at most :data:`MOST_CHOICES`."""

    items: tuple[Item | str, ...]
    title: str = ""
    start: int = 0
    choices: tuple[str, ...] = ()
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A marked piece of a text: ``notes`` are the words set behind it, each with the anchor it leads to; ``groups`` as
    of an :class:`Item`; ``faint``: marked less than others."""

    text: str
    notes: tuple[tuple[str, str], ...] = ()
    groups: tuple[int, ...] = ()
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs of somebody's text, pieces of it marked. A terminal leaves it out."""

    paragraphs: tuple[tuple[Piece | str, ...], ...]
    only: Only = "page"


@dataclass(frozen=True, slots=True)
class Command:
    """A command to be copied, under what it does."""

    text: str
    intro: str = ""
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks that a page shows when asked, and prints unless ``printed`` is false; a terminal leaves them out."""

    summary: str
    blocks: tuple[Block, ...]
    id: str = ""
    printed: bool = True
    only: Only = "page"


Block = Badge | Prose | Facts | Table | Figure | Items | Passage | Command | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading.

    Attributes
    ----------
    id : its anchor.
    listed : its title in the list of contents; empty for one that is not listed.
    level : 2, or 3 for a part of the section before it.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]
    listed: str = ""
    level: int = 2
    only: Only = ""


@dataclass(frozen=True, slots=True)
class Document:
    """All that is shown of an answer.

    Attributes
    ----------
    title : of the browser's window.
    heading : the question.
    lead : the answer and its verdict, before everything else.
    sections : in their order; those without a block are left out.
    key_facts : the answer at a glance, for the side of a wide page.
    name : how the names of saved pictures begin.
    language : the code of the language that it is in.

    Raises ValueError where two places have one anchor, or two charts one name.
    """

    title: str
    heading: str
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]
    key_facts: Facts = Facts(())
    name: str = "tertius"
    language: str = ENGLISH

    def __post_init__(self) -> None:
        object.__setattr__(self, "sections", tuple(s for s in self.sections if s.blocks))
        places = [s.id for s in self.sections] + [i for b in self.blocks() for i in _anchors(b)]
        charts = [f.id for f in self.figures()]
        if twice := {i for ids in (places, charts) for i in ids if i and ids.count(i) > 1}:
            raise ValueError(f"two places, or two charts, of one Document are called {', '.join(sorted(twice))}")
        safe = re.sub(r"[^A-Za-z0-9]+", "-", self.name).strip("-")[:FILE_NAME]
        object.__setattr__(self, "name", safe or "tertius")

    def section(self, id: str) -> Section:
        """The section of an anchor. Raises KeyError."""
        for s in self.sections:
            if s.id == id:
                return s
        raise KeyError(id)

    def blocks(self) -> Iterator[Block]:
        """All blocks in their order, those inside others after them."""
        for block in (*self.lead, *(b for s in self.sections for b in s.blocks)):
            yield from _and_inside(block)

    def figures(self) -> tuple[Figure, ...]:
        """All charts in their order."""
        return tuple(b for b in self.blocks() if isinstance(b, Figure))

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON can hold: each block with its ``kind``, charts with their Vega-Lite ``spec``."""
        found = _plain(self)
        assert isinstance(found, dict)
        return found


def translated(document: Document, language: str) -> Document:
    """The Document in another language: every sentence of ours in it and its charts. Labels of the data, quotations,
    codes and commands stay as they are.

    Raises UsageError where the language is not offered, or what writes it is not installed.
    """
    check_language(language)
    if language == ENGLISH:
        return document
    found = _translated(document, language)
    assert isinstance(found, Document)
    return replace(found, language=language)


def check_language(language: str) -> None:
    """Raise UsageError where a language is not offered, or what writes it is not installed."""
    if language not in offered():
        near = did_you_mean(language, offered())
        raise UsageError(f"There is no language '{language}'.", f"{near}Choose one of: {', '.join(offered())}.")
    if language != ENGLISH and find_spec("babel") is None:
        raise UsageError(
            f"babel is not installed, which writes numbers and names in {LANGUAGES[language]}.",
            "Type: pip install 'tertius[read]'. Or leave out --lang: the answer is then in English.",
        )


def numbered(section: Section, n: int) -> Section:
    """The section with ``-n`` after every anchor in it, so that several like it can stand in one Document."""
    return replace(section, id=f"{section.id}-{n}", blocks=tuple(_numbered(b, n) for b in section.blocks))


def _translated(value: Any, language: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_translated(v, language) for v in value)
    if not is_dataclass(value) or isinstance(value, type):
        return in_language(value, language)
    made = {f.name: _translated(getattr(value, f.name), language) for f in fields(value)}
    return replace(value, **made | ({"language": language} if isinstance(value, Figure) else {}))


def _anchors(block: Block) -> tuple[str, ...]:
    if isinstance(block, Folded):
        return (block.id,)
    return tuple(i.id for i in block.items if isinstance(i, Item)) if isinstance(block, Items) else ()


def _numbered(block: Block, n: int) -> Block:
    if isinstance(block, Figure):
        return replace(block, id=f"{block.id}-{n}")
    if isinstance(block, Folded):
        inside = tuple(_numbered(b, n) for b in block.blocks)
        return replace(block, id=f"{block.id}-{n}" if block.id else "", blocks=inside)
    if isinstance(block, Items):
        items = (
            replace(i, id=f"{i.id}-{n}" if i.id else "", blocks=tuple(_numbered(b, n) for b in i.blocks))
            if isinstance(i, Item)
            else i
            for i in block.items
        )
        return replace(block, items=tuple(items))
    return block


def shown(parts: tuple[Any, ...], medium: Only) -> tuple[Any, ...]:
    """Those blocks, sections or columns that a medium shows."""
    return tuple(p for p in parts if p.only in ("", medium))


def _address(url: str) -> str:
    """An address that may be a link; empty where it may not."""
    return url if url.lower().startswith(("http://", "https://")) else ""


def _and_inside(block: Block) -> Iterator[Block]:
    yield block
    inside = block.blocks if isinstance(block, Folded) else ()
    if isinstance(block, Items):
        inside = tuple(b for item in block.items if isinstance(item, Item) for b in item.blocks)
    for other in inside:
        yield from _and_inside(other)


def _plain(value: Any) -> Any:
    """Dataclasses as dictionaries, with the kind of a block; text, numbers and lists as they are."""
    if isinstance(value, Figure):
        spec, key = value.spec()
        told = {"id": value.id, "caption": value.caption, "alternative": value.alternative, "only": value.only}
        return {"kind": "figure", **told, "key": _plain(key), "spec": spec}
    if is_dataclass(value) and not isinstance(value, type):
        found = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {"kind": type(value).__name__.lower(), **found} if isinstance(value, Block) else found
    return [_plain(v) for v in value] if isinstance(value, tuple) else value

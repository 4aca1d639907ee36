"""A Document in the terminal, readable in 80 columns, with or without colours.

It knows blocks and no answer. Labels of the data are text: no markup, no control characters.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from tertius.language import ENGLISH, in_language, joined, say
from tertius.report.document import (
    Badge,
    Block,
    Cell,
    Command,
    Document,
    Facts,
    Item,
    Items,
    Prose,
    Section,
    Table,
    shown,
)
from tertius.report.plain_text import command_lines, plain_text

WIDTH = 80
FEWEST = 24  # columns that a column of words needs
SHORT = 32  # characters of a value that stands on the right


class _Terminal(Console):
    """A console that leaves it to the caller what to do where its reader has gone (``| head -1``), and that has the
    language of the Document that it shows."""

    language = ENGLISH

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> _Terminal:
    """The terminal, or 80 plain columns where standard output is none."""
    found = _Terminal(highlight=False, markup=False, emoji=False)
    if found.is_terminal:
        return found
    return _Terminal(highlight=False, markup=False, emoji=False, width=WIDTH, color_system=None)


def as_text(document: Document) -> str:
    """What the terminal shows, as plain text of at most 80 columns."""
    sink = io.StringIO()
    show(_Terminal(file=sink, highlight=False, markup=False, emoji=False, width=WIDTH, color_system=None), document)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines())


def show(console: _Terminal, document: Document) -> None:
    """Question, answer, and every section with something for a terminal; an empty line between two parts."""
    console.language = document.language
    _say(console, document.heading, style="bold")
    _blocks(console, shown(document.lead, "terminal"))
    for section in shown(document.sections, "terminal"):
        _section(console, section)


def _section(console: _Terminal, section: Section) -> None:
    blocks = [b for b in shown(section.blocks, "terminal") if type(b) in _SHOW]
    if not blocks:
        return
    console.print()
    if section.title:
        _say(console, section.title, style="bold")
    _blocks(console, blocks)


def _blocks(console: _Terminal, blocks: Sequence[Block]) -> None:
    before: Block | None = None
    for block in blocks:
        if type(block) not in _SHOW:
            continue
        if before is not None and (isinstance(block, Table | Badge) or (isinstance(block, Items) and block.title)):
            console.print()
        _SHOW[type(block)](console, block)
        before = block


def _badge(console: _Terminal, b: Badge) -> None:
    _say(console, say("Verdict: {verdict}.", verdict=b.verdict), style="bold yellow")
    about = (say("This is the verdict on {about}.", about=b.about),) if b.about else ()
    for text in (*about, *b.says):
        _say(console, text)
    if b.warning:
        _say(console, b.warning, style="bold")


def _prose(console: _Terminal, p: Prose) -> None:
    if p.style == "code":
        console.print(Text(plain_text(p.text)), soft_wrap=True)
    else:
        _say(console, joined((p.lead, p.text)).strip(), style="bold" if p.style == "answer" else "")


def _facts(console: _Terminal, f: Facts) -> None:
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    long = any(len(value) > SHORT for _, value in f.lines)
    grid.add_column(justify="left" if long else "right", overflow="fold")
    for name, value in f.lines:
        grid.add_row(_text(name), _text(value))
    _print(console, Padding(grid, (0, 0, 0, 1), expand=False))


def _table(console: _Terminal, t: Table) -> None:
    if t.caption:
        _say(console, f"{t.caption}:" if t.caption[-1] not in ".:" else t.caption)
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    columns = [k for k, c in enumerate(t.columns) if c.only != "page"]
    for k in columns:
        c = t.columns[k]
        grid.add_column(
            _text(c.brief or c.name),
            justify="right" if c.kind == "number" else "left",
            overflow="fold",
            no_wrap=c.kind == "status",
            min_width=FEWEST if c.kind == "words" else None,
        )
    listed = t.rows[: t.shown] if t.shown and len(t.rows) > t.shown + 1 else t.rows  # the one row left is shown too
    for row in listed:
        grid.add_row(*(_cell(row.cells[k], brief=k == 0) for k in columns))
    _print(console, grid)
    more = len(t.rows) - len(listed) + t.beyond
    if more:
        _say(console, say("{more:,} more {things} in --json.", more=more, things=t.things))


def _cell(cell: Cell | str, brief: bool) -> Text:
    """A cell; the quiet line of a row's heading is left out."""
    if isinstance(cell, str):
        return _text(cell)
    return Text("\n").join(_text(line) for line in (cell.text, "" if brief else cell.note) if line)


def _items(console: _Terminal, items: Items) -> None:
    if items.title:
        _say(console, f"{items.title}:")
    for k, item in enumerate(items.items):
        text = f"{item.lead}{item.text}" if isinstance(item, Item) else item
        grid = Grid.grid(padding=(0, 1))
        grid.add_column(width=2, justify="right")
        grid.add_column(ratio=1, overflow="fold")
        grid.add_row(f"{items.start + k}" if items.start else "-", _text(text))
        _print(console, grid)


def _command(console: _Terminal, c: Command) -> None:
    """A command in lines that the shell joins again, never broken by us elsewhere."""
    if c.intro:
        _say(console, c.intro)
    for line in command_lines(c.text, _width(console) - 2):
        console.print(Text(f"  {plain_text(line)}"), soft_wrap=True)


_SHOW: dict[type, Callable[[_Terminal, Any], None]] = {
    Badge: _badge,
    Prose: _prose,
    Facts: _facts,
    Table: _table,
    Items: _items,
    Command: _command,
}
"""Blocks that a terminal shows: figures and what is folded are for pages."""


def _say(console: _Terminal, text: str, style: str = "") -> None:
    said = in_language(text, console.language)
    console.print(Text(plain_text(said), style=style, overflow="fold"), width=_width(console))


def _print(console: _Terminal, what: RenderableType) -> None:
    console.print(what, width=_width(console))


def _width(console: _Terminal) -> int:
    return min(console.width, WIDTH)


def _text(value: str) -> Text:
    return Text(plain_text(value))

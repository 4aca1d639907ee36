"""A Document as Markdown (CommonMark, and tables as GitHub has them): text that any editor shows, pictures beside it.

It knows blocks and no answer. Labels of the data are text: whatever Markdown would read as markup is escaped
(:func:`text`), so that no label makes a link, a heading, a cell or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from tertius.language import in_language, say
from tertius.report.document import (
    Badge,
    Block,
    Cell,
    Command,
    Document,
    Facts,
    Figure,
    Folded,
    Item,
    Items,
    Passage,
    Piece,
    Prose,
    Section,
    Table,
    shown,
)
from tertius.report.plain_text import plain_text

MARK = b"<!-- tertius -->"
"""By this a file is known to be ours, at its beginning."""
INLINE = re.compile(r"([\\`*_{}\[\]<>|~$@^]|&(?=[#\w]))")
LINKS = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|(www)(\.)")
BEGINS = re.compile(r"^([-+=#]|\d+(?=[.)]))")
"""What begins a block where it begins a line: a list, a heading, a rule."""
ALIGNED = {"number": "--:"}
ON_PAPER = {"ink": "black", "quiet": "grey", "reference": "light grey", "window": "yellow", "unobserved": "dark grey"}
"""Colours whose name is what they are for, as they look on paper."""

Pictures = Mapping[str, str]
"""A chart's id -> the name of the file of its picture."""


class Shown(NamedTuple):
    """What blocks need to know of the Document that they stand in."""

    pictures: Pictures
    language: str

    def say(self, template: str) -> str:
        """A sentence of ours, in the language of the Document."""
        return str(in_language(template, self.language))


def as_markdown(document: Document, pictures: Pictures) -> str:
    """The Document as text, with a new line at its end; a chart without a picture is told in words."""
    within = Shown(pictures, document.language)
    parts = [MARK.decode(), f"# {text(document.heading)}", *_blocks(document.lead, within)]
    if document.key_facts.lines:
        parts += _facts(document.key_facts, within)
    for section in shown(document.sections, "page"):
        parts += _section(section, within)
    return "\n\n".join(parts) + "\n"


def text(value: object) -> str:
    """A text of one line as Markdown that shows it as it is.

    >>> print(text("<b>*1*</b> [a](http://b) www.c.org"))
    \\<b\\>\\*1\\*\\</b\\> \\[a\\](http\\://b) www\\.c.org
    """
    found = INLINE.sub(r"\\\1", plain_text(value).strip())
    found = LINKS.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"{m[3]}\\{m[4]}", found)
    return BEGINS.sub(lambda m: f"{m[1]}\\" if m[1].isdigit() else f"\\{m[1]}", found)


def _section(section: Section, within: Shown) -> list[str]:
    blocks = _blocks(shown(section.blocks, "page"), within)
    if not blocks:
        return []
    return [*([f"{'#' * section.level} {text(section.title)}"] if section.title else []), *blocks]


def _blocks(blocks: Sequence[Block], within: Shown) -> list[str]:
    found: list[str] = []
    for block in shown(tuple(blocks), "page"):
        found += _SHOW[type(block)](block, within)
    return found


def _badge(b: Badge, within: Shown) -> list[str]:
    about = within.say(say("This is the verdict on {about}.", about=b.about)) if b.about else ""
    verdict = within.say(say("Verdict: {verdict}.", verdict=b.verdict))
    lines = [f"**{text(verdict)}** {text(about)}".rstrip(), *map(text, b.says)]
    lines += [f"**{text(b.warning)}**"] if b.warning else []
    return [_quoted("\n\n".join(lines))]


def _prose(p: Prose, _: Shown) -> list[str]:
    if p.style == "code":
        return [_code(p.text)]
    lead = f"**{text(p.lead)}** " if p.lead else ""
    said = text(p.text)
    return [f"{lead}{f'**{said}**' if p.style == 'answer' and said else said}".strip()]


def _facts(f: Facts, _: Shown) -> list[str]:
    return ["\n".join(f"- **{text(name)}:** {text(value)}" for name, value in f.lines)] if f.lines else []


def _table(t: Table, within: Shown) -> list[str]:
    at = [k for k, c in enumerate(t.columns) if c.only != "terminal"]
    lines = [
        [text(t.columns[k].name) for k in at],
        [ALIGNED.get(t.columns[k].kind, "---") for k in at],
        *([_cell(row.cells[k]) for k in at] for row in t.rows),
    ]
    drawn = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    beyond = say("{more:,} more {things} in --json.", more=t.beyond, things=t.things)
    more = [text(within.say(beyond))] if t.beyond else []
    return [*([f"*{text(t.caption)}*"] if t.caption else []), drawn, *more]


def _cell(cell: Cell | str) -> str:
    if isinstance(cell, str):
        return text(cell)
    parts = [text(cell.text), text(cell.note), _link(cell.url, cell.link)]
    return "; ".join(p for p in parts if p)


def _figure(f: Figure, within: Shown) -> list[str]:
    if f.id not in within.pictures:
        return [f"{text(f.caption)} {text(f.alternative)}"]
    _, key = f.spec()
    legend = "; ".join(f"{text(k.text)} ({ON_PAPER.get(k.colour, k.colour)} {k.mark})" for k in key if k.mark != "none")
    picture = f"![{text(f.alternative)}](<{_escaped_address(within.pictures[f.id])}>)"
    return [picture, f"*{text(f.caption)}*{f' {legend}.' if legend else ''}"]


def _items(items: Items, within: Shown) -> list[str]:
    lines = []
    for k, item in enumerate(items.items):
        mark = f"{items.start + k}. " if items.start else "- "
        inside = ""
        if isinstance(item, Item):
            lead = f"**{text(item.lead)}** " if item.lead else ""
            said = f"{lead}{text(item.text)} {_link(item.url)}".strip()
            inside = "".join(f"\n\n{part}" for part in _blocks(item.blocks, within))
        else:
            said = text(item)
        lines.append(mark + _indented(said + inside, len(mark)))
    return [*([f"**{text(items.title)}**"] if items.title else []), "\n".join(lines)]


def _passage(p: Passage, _: Shown) -> list[str]:
    return [_quoted("\n\n".join("".join(map(_piece, paragraph)) for paragraph in p.paragraphs))]


def _piece(piece: Piece | str) -> str:
    if isinstance(piece, str):
        return _kept(piece)
    notes = "".join(f" ({text(word)})" for word, _ in piece.notes)
    return f"**{text(piece.text)}**{notes}"


def _kept(value: str) -> str:
    """A text with the spaces around it."""
    before, after = value[: len(value) - len(value.lstrip())], value[len(value.rstrip()) :]
    return f"{' ' if before else ''}{text(value)}{' ' if after and value.strip() else ''}"


def _command(c: Command, _: Shown) -> list[str]:
    return [*([text(c.intro)] if c.intro else []), _code(c.text)]


def _folded(f: Folded, within: Shown) -> list[str]:
    return [f"**{text(f.summary)}**", *_blocks(f.blocks, within)]


_SHOW: dict[type, Callable[[Any, Shown], list[str]]] = {
    Badge: _badge,
    Prose: _prose,
    Facts: _facts,
    Table: _table,
    Figure: _figure,
    Items: _items,
    Passage: _passage,
    Command: _command,
    Folded: _folded,
}


def _code(value: str) -> str:
    """A line to be copied, between more backticks than stand in it."""
    line = plain_text(value)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence}sh\n{line}\n{fence}"


def _link(url: str, name: str = "") -> str:
    if not url:
        return ""
    address = f"<{_escaped_address(url)}>"
    return f"[{text(name)}]({address})" if name else address


def _escaped_address(url: str) -> str:
    return quote(url, safe="/:?#@!$'()*+,;=-._~%&[]", errors="replace")


def _indented(value: str, width: int) -> str:
    first, *rest = value.split("\n")
    return "\n".join([first, *(f"{' ' * width}{line}" if line else "" for line in rest)])


def _quoted(value: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in value.split("\n"))

"""Text and Markdown as paragraphs: what every format of a document becomes before its lines are told apart.

A dump of a page writes links as ``[anchor](address)`` too, so text and Markdown are read by the same rules; only
Markdown has raw HTML, front matter and ``#`` headings. Lines that were wrapped at a width are joined again, lines that
are lines (a byline, a date) stay apart. Every step is linear in the length of the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tertius.reading.reading import Link

WRAPPED = 110
"""Characters: a text whose full lines are no longer was wrapped at a width."""
NEARLY_FULL = 0.55
"""A wrapped line shorter than this part of the width ends its paragraph, or was never wrapped."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or line of a document.

    Attributes
    ----------
    level : of a heading, from 1; 0 for none.
    kind : "item", "quote", "caption", "image", "rule" (a line drawn) or "".
    main : whether an extractor of articles took it for the article; None where none was asked.
    aside : whether the page has it beside the article (navigation, footer, comments).
    """

    text: str
    links: tuple[Link, ...] = ()
    level: int = 0
    kind: str = ""
    main: bool | None = None
    aside: bool = False

    @property
    def words(self) -> int:
        """How many there are."""
        return len(self.text.split())


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\ufeff\u200b]")
_RULE = re.compile(r"^(?:[*_\-=#~•]\s?){1,80}$|^-+\s?30\s?-+$|^\((?:ends?|more)\)$|^ends?$", re.IGNORECASE)
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^\s{0,8}(?:[-*+•‣–]|\d{1,2}[.)])\s+(?=\S)")
_QUOTE = re.compile(r"^\s{0,3}>+\s?")
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]]{1,80})\]:\s*<?(\S{1,2000}?)>?(?:\s+[\"'(].{0,200})?$")
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\](?:\([^()\s]{0,2000}(?:\s+\"[^\"]{0,300}\")?\)|\[[^\[\]]{0,80}\])")
_LINK = re.compile(
    r"\[(?P<anchor>[^\[\]]{1,500})\]"
    r"(?:\(\s*<?(?P<address>[^()\s<>]{0,2000}(?:\([^()\s]{0,200}\)[^()\s<>]{0,2000})?)>?(?:\s+[\"'][^\"']{0,300}[\"'])?\s*\)"
    r"|\[(?P<ref>[^\[\]]{0,80})\])"
    r"|<(?P<auto>https?://[^\s<>]{1,2000})>"
    r"|(?P<bare>\bhttps?://[^\s<>()\[\]\"']{1,2000})"
)
_STRONG = re.compile(r"(\*\*\*|\*\*|\*|___|__|_)(?=\S)([^*_\n]{1,2000}?)(?<=\S)\1(?!\w)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_UNSHOWN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"))
_STANDS_ALONE = re.compile(
    r"^\s*(?:by|from|written by|published|posted|updated|source|photo|image|©|copyright|"
    r"(?:[A-Z][\w-]+ ?){1,3}:)(?:\s|$)",
    re.IGNORECASE,
)


def paragraphs_of(text: str, markdown: bool = False) -> list[Paragraph]:
    """The paragraphs of a text, links resolved and marks of emphasis taken off.

    >>> [p.text for p in paragraphs_of("One\\ntwo three.\\n\\n[Four](http://a.example) five.")]
    ['One', 'two three.', 'Four five.']
    """
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    if markdown:
        clean = html.unescape(_TAG.sub("", _without_unshown(clean)))
    lines = clean.split("\n")
    addresses = {m[1].lower(): m[2] for line in lines if (m := _DEFINITION.match(line))}
    blocks = list(_blocks([line for line in lines if not _DEFINITION.match(line)]))
    width = _width(blocks)
    found: list[Paragraph] = []
    for block in blocks:
        for piece in _pieces(block, width):
            found += _paragraph(piece, addresses, after_image=bool(found) and found[-1].kind == "image")
    return found


def _without_unshown(text: str) -> str:
    """Text without comments and scripts; one without an end reaches to the end of the text."""
    for begin, end in _UNSHOWN:
        low, kept, at = text.lower(), [], 0
        while (start := low.find(begin, at)) >= 0:
            kept.append(text[at:start])
            stop = low.find(end, start)
            at = len(text) if stop < 0 else stop + len(end)
        text = "".join([*kept, text[at:]])
    return text


def plain_paragraphs(paragraphs: Sequence[str]) -> list[Paragraph]:
    """Paragraphs of text without any marks, white space made single."""
    return [Paragraph(" ".join(p.split())) for p in paragraphs if p.strip()]


def front_matter(text: str) -> tuple[dict[str, list[str]], str]:
    """The ``key: value`` lines between two ``---`` with which a Markdown file may begin, and the text after them.

    >>> front_matter("---\\ntitle: A\\ntags: [b, c]\\n---\\nText")
    ({'title': ['A'], 'tags': ['b', 'c']}, 'Text')
    """
    lines = text.lstrip("\ufeff").splitlines()
    end = next((k for k, line in enumerate(lines[1:100], 1) if line.strip() in ("---", "...")), 0)
    if not lines or lines[0].strip() != "---" or not end:
        return {}, text
    found: dict[str, list[str]] = {}
    key = ""
    for line in lines[1:end]:
        if (item := re.match(r"\s+-\s+(.*)", line)) and key:
            found[key].append(_bare(item[1]))
        elif pair := re.match(r"([A-Za-z_][\w-]{0,40}):\s*(.*)", line):
            key, value = pair[1].lower(), pair[2].strip()
            listed = value.startswith("[") and value.endswith("]")
            found[key] = [_bare(v) for v in (value[1:-1].split(",") if listed else [value]) if v.strip()]
        else:
            return {}, text
    return found, "\n".join(lines[end + 1 :])


def _bare(value: str) -> str:
    return value.strip().strip("\"'")


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines between empty ones."""
    block: list[str] = []
    for line in lines:
        if line.strip():
            block.append(line.rstrip())
        elif block:
            yield block
            block = []
    if block:
        yield block


def _width(blocks: Sequence[Sequence[str]]) -> int:
    """At how many characters lines were wrapped; 0 where they were not."""
    inner = sorted(len(line) for block in blocks for line in block[:-1])
    if len(inner) < 3:
        return WRAPPED if len(blocks) > 1 else 0
    full = inner[int(0.9 * (len(inner) - 1))]
    return full if 30 < full <= WRAPPED else 0


def _pieces(block: Sequence[str], width: int) -> Iterator[list[str]]:
    """The lines of a block that are one paragraph each."""
    piece: list[str] = []
    for line in block:
        if piece and not _goes_on(piece[-1], line, width):
            yield piece
            piece = []
        piece.append(line)
    yield piece


def _goes_on(line: str, after: str, width: int) -> bool:
    """Whether the next line belongs to the same paragraph."""
    if re.match(r"^\s{0,3}(?:={3,}|-{3,})\s*$", after):  # a title underlined
        return not _RULE.match(line.strip())
    if any(mark.match(x) for mark in (_HEADING,) for x in (line, after)) or _ITEM.match(after):
        return False
    if _RULE.match(line.strip()) or _RULE.match(after.strip()):
        return False
    if line.count("[") > line.count("]") and len(line) < 500:  # a link broken across lines
        return True
    if _QUOTE.match(line) and _QUOTE.match(after):
        return True
    if _IMAGE.match(line.strip()):
        return False
    if re.match(r"^\s*\([^()]{1,80}\)\s*$", after):  # a credit below its caption
        return True
    if not width or _STANDS_ALONE.match(after):
        return False
    return len(line) >= NEARLY_FULL * width and len(line) <= width * 1.5


def _paragraph(lines: Sequence[str], addresses: Mapping[str, str], after_image: bool) -> Iterator[Paragraph]:
    if len(lines) > 1 and re.match(r"^\s{0,3}(?:={3,}|-{3,})\s*$", lines[-1]):
        yield replace(_marked(" ".join(lines[:-1]), addresses), level=1 if "=" in lines[-1] else 2)
        return
    first = lines[0]
    if _RULE.match(first.strip()):
        yield Paragraph(first.strip(), kind="rule")
        return
    if heading := _HEADING.match(first):
        yield replace(_marked(heading[2], addresses), level=len(heading[1]))
        return
    kind = "item" if _ITEM.match(first) else "quote" if _QUOTE.match(first) else ""
    raw = " ".join(_QUOTE.sub("", _ITEM.sub("", line) if k == 0 else line).strip() for k, line in enumerate(lines))
    if _IMAGE.search(raw):
        rest = _IMAGE.sub("", raw).strip()
        if not rest:
            yield Paragraph("", kind="image")
            return
        raw = rest
    emphasised = re.match(r"^([*_])(?!\1)[^*_]+\1$", raw) is not None
    made = _marked(raw, addresses)
    if made.text:
        yield replace(made, kind="caption" if after_image and emphasised else kind)


def _marked(raw: str, addresses: Mapping[str, str]) -> Paragraph:
    """A paragraph with its links, marks taken off."""
    links: list[Link] = []

    def shown(m: re.Match[str]) -> str:
        if m["auto"] or m["bare"]:
            whole = m["auto"] or m["bare"]
            address = whole.rstrip(".,;:!?")
            links.append(Link(address, address))
            return str(whole)
        anchor = _plain(m["anchor"])
        address = m["address"] if m["address"] is not None else addresses.get((m["ref"] or m["anchor"]).lower(), "")
        if m["address"] is None and not address:
            return str(m[0])
        links.append(Link(anchor, address))
        return anchor

    text = _plain(_LINK.sub(shown, raw))
    return Paragraph(text, tuple(links))


def _plain(text: str) -> str:
    """White space single, no marks of emphasis."""
    for _ in range(2):  # one inside another
        text = _STRONG.sub(r"\2", text) if "*" in text or "_" in text else text
    return " ".join(text.split())

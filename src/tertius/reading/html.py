"""A page of HTML as paragraphs, with what it declares of itself; which of them are the article, trafilatura says.

Nothing of a page runs: scripts, styles, forms and hidden parts are left out before anything is read. trafilatura's word
is not the last: :mod:`tertius.reading.dump` takes from what it kept the captions, credits and calls of the site, and
reads from the whole page what stands around the article. Needs ``tertius[read]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tertius.errors import CorruptFile
from tertius.reading.days import find_day
from tertius.reading.extra import needed
from tertius.reading.paragraphs import Paragraph
from tertius.reading.reading import Link, Metadata

UNSHOWN = frozenset((
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "form", "button", "select",
    "textarea", "input", "canvas", "audio", "video", "math", "head", "dialog",
))  # fmt: skip
BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "ul",
))  # fmt: skip
ASIDE = frozenset(["nav", "footer", "aside"])
_ASIDE_NAME = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|sidebar|promo|newsletter|cookies?|share|sharing|social|footer|nav|navigation|menu|"
    r"widget|advert|ads?|banner|breadcrumbs?|recommend(?:ed|ations)?|trending|popular|subscribe|modal|popup|disqus)(?:$|[\s_-])",
    re.IGNORECASE,
)
MAX_NODES = 400_000
"""Elements of a page: far more than any article has, and what memory is bounded by."""
LD_BYTES = 200_000
LD_DEPTH = 8


def read_html(content: bytes | str) -> tuple[list[Paragraph], Metadata]:
    """The paragraphs of a page in its order, and what it declares of itself.

    Raises
    ------
    UsageError : the extra is not installed.
    CorruptFile : there is no page in it.
    """
    etree, lxml_html = needed("lxml.etree"), needed("lxml.html")
    try:
        tree = lxml_html.document_fromstring(content, parser=lxml_html.HTMLParser(no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise CorruptFile(f"No page of HTML can be read: {error}.", "Save the page anew, or paste its text.") from None
    if sum(1 for _ in tree.iter()) > MAX_NODES:
        raise CorruptFile(
            f"The page has more than {MAX_NODES:,} elements.", "Save the article alone, or paste its text."
        )
    known = _declared(tree)
    main = _main(tree)
    found = [replace(p, main=_normal(p.text) in main if main else None) for p in _paragraphs(tree, etree)]
    if main and not any(p.main for p in found):
        found = [replace(p, main=None) for p in found]
    return found, known


def _main(tree: Any) -> frozenset[str]:
    """The paragraphs that trafilatura takes for the article, white space taken out."""
    trafilatura = needed("trafilatura")
    import copy

    got = trafilatura.bare_extraction(
        copy.deepcopy(tree), include_comments=False, include_tables=False, include_links=False, with_metadata=False
    )
    text = getattr(got, "text", None) or ""
    return frozenset(filter(None, (_normal(line.removeprefix("- ")) for line in text.splitlines())))


def _normal(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def _paragraphs(tree: Any, etree: Any) -> Iterator[Paragraph]:
    """Every block of text of a page."""
    page = _Walk()
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event in ("comment", "pi"):
            page.add(element.tail)
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in UNSHOWN or _hidden(element):
                walk.skip_subtree()
                continue
            yield from page.open(tag, element)
        elif tag in UNSHOWN or _hidden(element):
            page.add(element.tail)
        else:
            yield from page.close(tag, element)
    yield from page.flush()


class _Walk:
    """Where a walk through a page is: the text of the block so far, its links, and what it stands in."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.links: list[Link] = []
        self.anchor: tuple[int, str] | None = None
        self.inside: list[tuple[str, bool]] = []
        self.level, self.kind, self.asides = 0, "", 0

    def add(self, text: str | None) -> None:
        """More text of the block."""
        if text:
            self.text.append(text)

    def open(self, tag: str, element: Any) -> Iterator[Paragraph]:
        """An element begins."""
        if tag in BLOCKS:
            yield from self.flush()
            aside = tag in ASIDE or (
                tag not in ("body", "main", "article", "p")
                and _ASIDE_NAME.search(f"{element.get('class', '')} {element.get('id', '')}") is not None
            )
            self.inside.append((tag, aside))
            self.asides += aside
            self.level = int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else self.level
            self.kind = {"figcaption": "caption", "li": "item", "blockquote": "quote"}.get(tag, self.kind)
            if tag == "hr":
                yield Paragraph("---", kind="rule", aside=self.asides > 0)
        elif tag == "br":
            self.add(" ")
        elif tag == "a" and element.get("href"):
            self.anchor = (len(self.text), element.get("href"))
        self.add(element.text)

    def close(self, tag: str, element: Any) -> Iterator[Paragraph]:
        """An element ends."""
        if tag == "a" and self.anchor is not None:
            start, address = self.anchor
            words = " ".join("".join(self.text[start:]).split())
            if words:
                self.links.append(Link(words, address.strip()))
            self.anchor = None
        if tag in BLOCKS:
            yield from self.flush()
            if self.inside:
                _, aside = self.inside.pop()
                self.asides -= aside
            tags = [t for t, _ in self.inside[-6:]]
            self.level = next((int(t[1]) for t in tags if re.fullmatch(r"h[1-6]", t)), 0)
            self.kind = next((k for t, k in _KINDS.items() if t in tags), "")
        self.add(element.tail)

    def flush(self) -> Iterator[Paragraph]:
        """The block so far, if there is text in it."""
        text = " ".join("".join(self.text).split())
        if text:
            yield Paragraph(text, tuple(self.links), self.level, self.kind, aside=self.asides > 0)
        self.text, self.links = [], []
        self.anchor = (0, self.anchor[1]) if self.anchor else None


_KINDS = {"figcaption": "caption", "li": "item", "blockquote": "quote"}


def _hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style or element.get("aria-hidden") == "true"


def _declared(tree: Any) -> Metadata:
    """What a page says in its head: Open Graph, Dublin Core, citation tags and JSON-LD."""
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        key = (element.get("property") or element.get("name") or "").strip().lower()
        value = " ".join((element.get("content") or "").split())
        if key and value:
            meta.setdefault(key, []).append(value[:2000])
    ld = _linked_data(tree)

    def first(*keys: str) -> str | None:
        return next((meta[k][0] for k in keys if k in meta), None)

    titles = [t.text for t in tree.iter("title") if t.text][:1]
    title = first("og:title", "citation_title", "dc.title", "twitter:title") or _text(ld.get("headline"))
    title = title or (" ".join(titles[0].split()) if titles else None)
    day = find_day(
        first("article:published_time", "citation_publication_date", "dc.date", "dc.date.issued", "date", "pubdate")
        or _text(ld.get("datePublished"))
        or ""
    )
    declared = [n for k in ("citation_author", "dc.creator", "author", "article:author") for n in meta.get(k, ())]
    authors = [n for n in (declared or _names(ld.get("author"))) if "://" not in n and "@" not in n]
    publisher = first("og:site_name", "citation_publisher", "dc.publisher", "application-name")
    language = (tree.get("lang") or _text(ld.get("inLanguage")) or first("og:locale", "language") or "").lower()
    code = re.match(r"[a-z]{2}(?=$|[-_])", language)
    return Metadata(
        title=title,
        authors=tuple(dict.fromkeys(authors)),
        date=day[0] if day else None,
        publisher=publisher or next(iter(_names(ld.get("publisher"))), None),
        themes=tuple(dict.fromkeys(meta.get("article:section", ()))),
        language=code[0] if code else None,
        rights=first("copyright", "dc.rights"),
    )


def _linked_data(tree: Any) -> Mapping[str, Any]:
    """The JSON-LD entry of an article; empty where none can be read."""
    for script in tree.iter("script"):
        if (
            (script.get("type") or "").lower() != "application/ld+json"
            or not script.text
            or len(script.text) > LD_BYTES
        ):
            continue
        try:
            found = json.loads(script.text)
        except (ValueError, RecursionError):
            continue
        for entry in _entries(found, LD_DEPTH):
            if "headline" in entry or "datePublished" in entry:
                return entry
    return {}


def _entries(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict) and depth:
        yield value
        yield from _entries(value.get("@graph"), depth - 1)
    elif isinstance(value, list) and depth:
        for one in value[:100]:
            yield from _entries(one, depth - 1)


def _text(value: Any) -> str | None:
    return " ".join(value.split())[:2000] if isinstance(value, str) and value.strip() else None


def _names(value: Any) -> list[str]:
    many = value if isinstance(value, list) else [value]
    found = [_text(one.get("name")) if isinstance(one, dict) else _text(one) for one in many[:50]]
    return [name for name in found if name]

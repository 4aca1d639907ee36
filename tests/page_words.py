"""Words that a reader of a page sees, and which of them are English."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tertius.effects.registry import EFFECTS

ALLOWED = (
    r"[A-Z][A-Z0-9]*|z|p|n|se|tertius|chronicle|Chronicle|BibTeX|Vega|[a-f]+|CAMEO|Dirichlet|mo|y|d|w|Markdown|JSON|Atom|"
    r"Feed|phi|sqrt|min|log|python|numpy|scipy|duckdb|quad|crps|CRPS|GB|MB|Goldstein|Newton|Nickell|now|sha|Shapley|Simpson"
)
"""Names, codes and symbols that every language writes so."""
CODES = rf"(?:{'|'.join(EFFECTS)})(?:\.(?:coop|host|any))?"
"""Terms of models."""
COMMANDS = (
    r"--set '[^']*'|\b[A-Z]+>[A-Z]+ (?:host|coop) x[\d.]+ from [\d-]+|--[a-z-]+(?: [A-Z]{2,}| full)*|"
    r"\btertius [a-z]+(?: [\w./-]+)*|https?://\S+"
)
"""Options, commands and addresses that stand in a sentence."""


QUOTED = frozenset({"script", "style", "code", "pre", "mark", "cite", "q", "bdi", "blockquote"})


class Words(HTMLParser):
    """What a reader sees of a page, without code, marked quotations, and what is marked as in another language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.root: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.root = given
        if tag not in ("meta", "link", "br", "input", "img", "col"):
            self.open.append((tag, given.get("lang") or ""))
        self.texts += [v for k, v in attrs if k in ("aria-label", "alt") and v]

    def handle_endtag(self, tag: str) -> None:
        while any(tag == t for t, _ in self.open) and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        quoted = {"script", "style", "code", "pre", "mark", "cite", "q", "bdi", "blockquote"} & {
            tag for tag, _ in self.open
        }
        if not quoted and all(lang in ("", self.root.get("lang")) for _, lang in self.open):
            self.texts.append(data)


def english(text: str) -> list[str]:
    """Runs of Latin letters that are no name, code, option or symbol."""
    text = re.sub(f"{COMMANDS}|(?<![A-Za-z_]){CODES}(?![A-Za-z_.])", " ", text)
    return [w for w in re.findall(r"(?<![\w])[A-Za-z](?:[A-Za-z]|'[A-Za-z])+", text) if not re.fullmatch(ALLOWED, w)]

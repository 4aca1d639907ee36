"""How to cite an answer: BibTeX of tertius and of the works behind the data."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tertius import __version__

AUTHOR, TITLE, YEAR, LICENSE = "The tertius developers", "tertius: who drives whom together", "2026", "Apache-2.0"
"""As CITATION.cff says it."""
_ESCAPED = {c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\^{}"}
_CODED = re.compile(r"[^\x20-\x7e\u00a0-\uffff]")


def bibtex(command: str, data: str, digest: str, works: Iterable[tuple[str, str]]) -> str:
    """The entries of an answer.

    >>> print(bibtex("tertius explain RUS PRK atlas", "atlas", "3f", [("Boschee, E. (2015). ICEWS.", "10.7910/DVN/1")]))
    @software{tertius,
      author = {{The tertius developers}},
      title = {{tertius: who drives whom together}},
      year = {2026},
      version = {0.1.0},
      license = {Apache-2.0},
      note = {tertius explain RUS PRK atlas; data atlas, hash 3f}
    }
    <BLANKLINE>
    @misc{tertius-data-1,
      title = {{Boschee, E. (2015). ICEWS.}},
      howpublished = {10.7910/DVN/1}
    }
    <BLANKLINE>
    """
    own = {
        "author": f"{{{AUTHOR}}}",
        "title": f"{{{TITLE}}}",
        "year": YEAR,
        "version": __version__,
        "license": LICENSE,
        "note": _plain(f"{command}; data {data}, hash {digest}"),
    }
    entries = [_entry("software", "tertius", own)]
    for n, (work, where) in enumerate(works, 1):
        made = {"title": f"{{{_plain(work)}}}", **({"howpublished": _plain(where)} if where else {})}
        entries.append(_entry("misc", f"tertius-data-{n}", made))
    return "\n".join(entries)


def _entry(kind: str, key: str, values: dict[str, str]) -> str:
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in values.items())
    return f"@{kind}{{{key},\n{lines}\n}}\n"


def _plain(text: str) -> str:
    return "".join(_ESCAPED.get(c, c) for c in _CODED.sub(" ", text))

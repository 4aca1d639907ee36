"""The pages of the explorer, as values: where each is, what it asks, what stands below it, and where it is listed.

Routes, navigation, forms and the tests are made from :data:`PAGES`. A page shows the Document of one question. Its
``parts`` are pages too, each with an address of its own; a script draws them in below when the reader gets there,
without scripts they are links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tertius.language import say
from tertius.web.addresses import segment, with_query
from tertius.web.questions import QUESTIONS, Parameter, Question

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes
    ----------
    name : for code and tests. path : with the question's parameters that stand in it. question : of ``QUESTIONS``.
    title : in navigation. group : "site" for the navigation of all pages; or "pair" or "actor", beside the others of
        the same pair or actor.
    parts : names of pages drawn in below. form : whether it shows a form of its parameters; "first": the form is
        answered before the question is asked.
    kinds : what else there is of it: end of the address -> the worker's form, and its media type.
    """

    name: str
    path: str
    question: str
    title: str
    group: str
    parts: tuple[str, ...] = ()
    form: str = ""
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def asks(self) -> Question:
        """The question."""
        return QUESTIONS[self.question]

    @property
    def placed(self) -> tuple[str, ...]:
        """Parameters that stand in the path."""
        return tuple(_PLACE.findall(self.path))

    @property
    def fields(self) -> tuple[Parameter, ...]:
        """Parameters that the form has."""
        return tuple(p for p in self.asks.parameters if p.shown and p.name not in self.placed)

    def address(self, given: Mapping[str, Any], kind: str = "", **query: Any) -> str:
        """The page of what was asked; ``kind``: ".json" or ".bib" of it."""
        path = _PLACE.sub(lambda m: segment(str(given[m[1]])), self.path)
        rest = {p.name: given.get(p.name) for p in self.asks.parameters if p.name not in self.placed}
        return with_query(f"{path}{kind}", {**rest, **query})


BRIEFS = {
    "/brief.html": ("brief", "text/html; charset=utf-8"),
    "/brief.md": ("brief.md", "text/markdown; charset=utf-8"),
}
FEEDS = {".atom": ("atom", "application/atom+xml"), ".feed.json": ("feed", "application/feed+json")}
_LIST = (
    Page("pair", "/pair/{a}/{b}", "explain", say("Story"), "pair", parts=("forecast", "trend", "whatif"), kinds=BRIEFS),
    Page("trend", "/pair/{a}/{b}/trend", "trend", say("Before and after"), "pair", form="below"),
    Page("rank", "/pair/{a}/{b}/rank", "rank", say("In its own history"), "pair", form="below"),
    Page("forecast", "/pair/{a}/{b}/forecast", "forecast", say("Forecast"), "pair"),
    Page("rows", "/pair/{a}/{b}/rows", "events", say("Rows"), "pair", form="below"),
    Page("whatif", "/pair/{a}/{b}/whatif", "whatif", say("What if"), "pair", form="first"),
    Page(
        "actor",
        "/actor/{actor}",
        "isolation",
        say("Partners"),
        "actor",
        parts=("friends", "stood", "drives", "ties", "price"),
        form="below",
    ),
    Page("friends", "/actor/{actor}/friends", "ties", say("Friends and foes"), "actor", form="below"),
    Page("stood", "/actor/{actor}/camps", "stood", say("Its camps"), "actor", form="below"),
    Page("drives", "/actor/{actor}/drives", "drives", say("Whom it drives together"), "actor"),
    Page("ties", "/actor/{actor}/pairs", "pairs", say("Its pairs"), "actor"),
    Page("price", "/actor/{actor}/price", "price", say("Price of its hostility"), "actor"),
    Page("pairs", "/pairs", "pairs", say("Pairs"), "site", form="below"),
    Page("camps", "/camps", "balance", say("Camps"), "site", form="below"),
    Page("changes", "/changes", "changes", say("Changes"), "site", form="below", kinds=FEEDS),
    Page("data", "/data", "describe", say("Data"), "site", parts=("audit",)),
    Page("audit", "/data/audit", "audit", say("Audit"), "data"),
    Page("names", "/names", "codes", say("Names"), "names", form="first"),
)
PAGES: dict[str, Page] = {p.name: p for p in _LIST}
"""Every page that shows the answer to a question, by name. Beside them stand find (``/``) and check (``/check``)."""


def place_of(about: tuple[str, ...], **query: str) -> str:
    """The address of the page about an actor or a pair.

    >>> place_of(("RUS", "PRK"), data="atlas"), place_of(("A/B",))
    ('/pair/RUS/PRK?data=atlas', '/actor/A~2FB')
    """
    if len(about) == 2:
        return PAGES["pair"].address(dict(zip(("a", "b"), about, strict=True)), **query)
    return PAGES["actor"].address({"actor": about[0]}, **query)


def group(name: str) -> tuple[Page, ...]:
    """The pages that stand beside each other."""
    return tuple(p for p in PAGES.values() if p.group == name)

"""What to cite."""

from __future__ import annotations

from dataclasses import replace

import tertius
from tertius.answers.explanation import Explanation
from tertius.report.document import Item, Items
from tertius.report.pages import document_of


def test_sources_to_cite_are_the_data_s_and_their_doi(explanation: Explanation) -> None:
    page = document_of(replace(explanation, sources=(("Makers (2015). Data.", "10.1/x"), ("The file f.", ""))))
    (works,) = (b.items for b in page.section("sources").blocks if isinstance(b, Items))
    sources = [w for w in works if isinstance(w, Item)]
    assert [(s.text, s.url) for s in sources[:2]] == [
        ("Makers (2015). Data.", "https://doi.org/10.1/x"),
        ("The file f.", ""),
    ]
    assert tertius.__version__ in sources[2].text

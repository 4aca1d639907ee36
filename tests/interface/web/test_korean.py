"""No English word is left on a Korean page of the explorer, but names, codes, quotations and commands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from explorer import Explorer, Said
from page_words import Words, english
from tertius.report.sections import sources

pytest.importorskip("babel", reason="languages need pip install 'tertius[read]'")
ASKED = (
    "/", "/?a=nort+koria", "/check", "/names", "/names?name=Japan", "/data", "/data/audit",
    "/pair/RUS/PRK?permutations=5", "/pair/RUS/PRK/trend", "/pair/RUS/PRK/rank", "/pair/RUS/PRK/forecast?horizon=1",
    "/pair/RUS/PRK/rows?limit=5", "/pair/RUS/PRK/whatif",
    "/pair/RUS/PRK/whatif?third=USA&towards=RUS&since=2020-01-01",
    "/actor/RUS", "/actor/RUS/friends", "/actor/RUS/camps", "/actor/USA/drives", "/actor/RUS/pairs?top=5",
    "/actor/USA/price?adversaries=RUS,PRK,CHN", "/pairs?top=8", "/camps?draws=5", "/changes?top=3",
)  # fmt: skip
REFUSED = (
    "/nowhere", "/check/gone", "/pair/RUS/RUS", "/pair/Narnia/RUS", "/pair/RUS/FJI", "/pairs?top=0",
    "/pair/RUS/PRK/trend?at=1900-01-01", "/pair/RUS/PRK?since=2020-01-01",
    "/pair/RUS/PRK?since=1920-01-01&until=1921-01-01", "/pair/RUS/PRK/trend?from=1900-01-01&to=1901-01-01",
    "/pair/RUS/PRK/rank?at=1900-01-01", "/actor/RUS?group=XYZ", "/changes?since=2090-01-01",
    "/pair/RUS/PRK/forecast?horizon=0", "/pair/RUS/PRK/whatif?third=USA&towards=RUS&since=2090-01-01",
    "/pair/RUS/PRK/trend?at=2018-01-02", "/pair/RUS/PRK?data=XYZ",
)  # fmt: skip


WORKS = ("The tertius developers", *(text for text, _ in (*sources.WITHIN_WORKS, *sources.RATE_WORKS,
         *sources.COMMON_WORKS)))  # fmt: skip
"""Works cited."""


def left(found: Said, *given: str) -> list[str]:
    """Texts of a page with an English word in them, but for names of data, and what the reader gave."""
    seen = Words(found.text)
    assert seen.root["lang"] == "ko"
    texts = (re.sub(r"/\S*/(?=store)", "", t.strip()) for t in seen.texts)
    known = {"store", "hostile", "planted", "csv", "sha", *given}
    return [t for t in texts if not set(english(t)) <= known and not t.startswith(WORKS)]


def in_charts(chart: Any) -> Iterator[str]:
    """Titles and texts of a chart."""
    if isinstance(chart, dict):
        for key, value in chart.items():
            if key in ("title", "text", "subtitle"):
                yield from [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]
            yield from in_charts(value)
    elif isinstance(chart, list):
        for value in chart:
            yield from in_charts(value)


def asked(path: str) -> str:
    """The path, of the store, in Korean."""
    return f"{path}{'&' if '?' in path else '?'}lang=ko{'' if 'data=' in path else '&data=store'}"


@pytest.mark.parametrize("path", ASKED)
def test_an_answer_has_no_english_word(path: str, served: Explorer) -> None:
    found = served.page(asked(path))
    assert found.status == 200, found.text
    assert left(found, "nort", "koria", "Koria") == []
    for place in re.findall(r'data-charts="([^"]+)"', found.text):
        charts = served.settled(html.unescape(place)).json
        legends = [entry["text"] for chart in charts.values() for entry in chart["key"]]
        assert [t for t in [*legends, *in_charts([c["spec"] for c in charts.values()])] if english(t)] == []


@pytest.mark.parametrize("path", REFUSED)
def test_a_refusal_has_no_english_word(path: str, served: Explorer) -> None:
    found = served.page(asked(path))
    assert 400 <= found.status < 500, found.text
    assert left(found, *re.findall(r"\w+", path), "until") == []
    place, _, query = asked(path).partition("?")
    told = served.settled(f"{place}.json?{query}").json["error"]
    assert english(told["message"] + told["hint"])  # a program is told in English


def test_a_checked_text_has_no_english_word_but_its_own(served: Explorer) -> None:
    text = "Cooperation between Russia and North Korea has soared since 2020. The US drives Russia and China together."
    body = urlencode({"text": text, "data": "store", "lang": "ko"}).encode()
    sent = served.ask("/check?lang=ko", "POST", body, content_type="application/x-www-form-urlencoded")
    place = sent.headers["location"]
    found = served.page(f"{place}{'&' if '?' in place else '?'}lang=ko")
    assert found.status == 200
    assert left(found, *english(text)) == []


def test_how_far_it_is_is_told_in_korean(tmp_path: Any) -> None:
    from explorer import explorer

    with explorer({"planted": "planted"}, tmp_path, workers=1, patience=0.0) as fresh:
        fresh.opened("planted")
        told: list[str] = []
        while (found := fresh.ask("/pair/MAKER/LEFT?lang=ko", accept="text/html")).status == 202:
            told += left(found)
        assert told == []

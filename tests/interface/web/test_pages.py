"""Every page: its JSON is the command's, it says how to repeat and cite it, and nothing on it gets out of its place."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from explorer import Explorer
from feed_rules import check_atom, check_json_feed
from tertius.web.pages import PAGES, Page
from tertius.web.questions import QUESTIONS

EXAMPLES: dict[str, dict[str, Any]] = {
    "pair": {"a": "RUS", "b": "PRK", "by": "USA", "permutations": 10},
    "trend": {"a": "Russia", "b": "PRK", "at": "2014-03-01"},
    "rank": {"a": "RUS", "b": "USA"},
    "forecast": {"a": "RUS", "b": "USA", "horizon": "1,2"},
    "rows": {"a": "RUS", "b": "PRK", "limit": 5},
    "whatif": {"a": "RUS", "b": "PRK", "third": "USA", "towards": "RUS", "since": "2015-01-01", "factor": 2.0},
    "actor": {"actor": "RUS", "at": "2014-01-01"},
    "friends": {"actor": "Russia", "at": "2014-03-01"},
    "stood": {"actor": "RUS", "window": "2y"},
    "drives": {"actor": "USA"},
    "ties": {"actor": "RUS", "top": 3},
    "price": {"actor": "USA", "adversaries": "RUS,PRK,CHN"},
    "pairs": {"rose": True, "sort": "names", "top": 7, "since": "2010-01-01", "until": "2020-12-31"},
    "camps": {"window": "2y", "draws": 0},
    "changes": {"top": 3},
    "data": {},
    "audit": {},
    "names": {"name": "Korea"},
}
FREE = re.compile(r'("(?:seconds|peak_memory_mb)": )-?[\d.e+-]+|("command": )"(?:[^"\\\\]|\\\\.)*"')
"""What may differ between the command and the page: times, memory and the command."""


def bytes_of(text: str) -> str:
    """A document but for what may differ: all else is equal to the byte."""
    return FREE.sub(lambda found: f"{found[1] or found[2]}-", text)


class Seen(HTMLParser):
    """Elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_there_is_an_example_of_every_page() -> None:
    assert set(EXAMPLES) == set(PAGES)
    assert {p.question for p in PAGES.values()} | {"check"} == set(QUESTIONS)


def test_data_that_were_never_imported_have_no_audit_and_no_part_for_it(served: Explorer) -> None:
    assert served.page("/data/audit").status == 404
    assert 'data-part="/data/audit' not in served.page("/data").text
    assert 'data-part="/data/audit' in served.page("/data?data=store").text


def test_every_question_is_answered_at_the_desk() -> None:
    from tertius.web.desk import ANSWERS

    assert set(ANSWERS) == set(QUESTIONS)


def on(name: str) -> str:
    """The data, of those that are served, on which a page is tried: what was imported alone has an audit."""
    return "store" if name in ("audit", "data") else "chronicle"


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda p: p.name)
def test_json_is_the_commands_and_the_page_says_how_to_repeat_and_cite_it(
    page: Page, served: Explorer, kept_store: Path, tertius: Callable[..., Any]
) -> None:
    given = {**EXAMPLES[page.name], "data": on(page.name)}
    data = {"store": str(kept_store), "chronicle": "chronicle"}[given["data"]]
    found = served.settled(page.address(given, ".json", data=given["data"]))
    assert found.status == 200, found.text
    words = page.asks.arguments("" if page.name == "names" else data, given, directed=True)
    ran = tertius(*words, "--json", "--quiet")
    assert bytes_of(found.text) == bytes_of(ran.out)
    assert found.text.endswith("}\n")

    shown = served.page(page.address(given, data=given["data"]))
    assert shown.status == 200
    seen = Seen(shown.text)
    assert shlex.join(["tertius", *words]) in seen.text
    links = [a["href"] for tag, a in seen.elements if tag == "a"]
    assert page.address(given, ".json", data=given["data"]) in links
    assert page.address(given, ".bib", data=given["data"]) in links
    assert [tag for tag, _ in seen.elements].count("h1") == 1
    bib = served.ask(page.address(given, ".bib", data=given["data"]))
    assert bib.status == 200
    assert "@software{tertius," in bib.text


def test_the_same_through_the_api_with_a_tag_that_saves_sending_it_again(served: Explorer) -> None:
    page = PAGES["pair"]
    one = served.settled(page.address(EXAMPLES["pair"], ".json"))
    query = "&".join(f"{k}={v}" for k, v in EXAMPLES["pair"].items())
    other = served.settled(f"/api/v1/chronicle/explain?{query}")
    assert one.body == other.body
    assert one.headers["etag"] == other.headers["etag"]
    again = served.ask(f"/api/v1/chronicle/explain?{query}", if_none_match=other.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    elsewhere = served.settled(f"/api/v1/chronicle/explain?{query}&outcome=any")
    assert elsewhere.headers["etag"] != one.headers["etag"]


def test_who_is_meant_is_found_in_any_language_and_with_slips(served: Explorer) -> None:
    found = served.ask("/?a=Corea+del+Norte&b=%D0%A0%D0%BE%D1%81%D1%81%D0%B8%D1%8F", accept="text/html")
    assert (found.status, found.headers["location"]) == (303, "/pair/PRK/RUS")
    assert served.ask("/?a=usa", accept="text/html").headers["location"] == "/actor/USA"
    slip = served.ask("/?a=Nort+Koria", accept="text/html")
    assert slip.status == 200
    assert 'href="/actor/PRK"' in slip.text


def test_another_language_is_chosen_without_leaving_the_page(served: Explorer) -> None:
    seen = Seen(served.page("/pair/RUS/PRK/rows?limit=3&lang=de").text)
    at = next(n for n, (tag, a) in enumerate(seen.elements) if tag == "form" and a["class"] == "settings")
    assert seen.elements[at][1]["action"] == "/pair/RUS/PRK/rows"
    assert seen.elements[at + 1] == ("input", {"type": "hidden", "name": "limit", "value": "3"})


def test_who_is_not_in_the_data_makes_no_name_ambiguous(served: Explorer) -> None:
    found = served.ask("/?a=Russia&b=North+Korea", accept="text/html")  # the Soviet Union bears it too
    assert found.headers["location"] == "/pair/RUS/PRK"


def test_one_actor_named_twice_is_one_actor(served: Explorer) -> None:
    assert served.ask("/?a=Russia&b=rus", accept="text/html").headers["location"] == "/actor/RUS"


def test_data_that_the_server_has_not_are_refused_on_every_page(served: Explorer) -> None:
    for path in ("/?data=nothing", "/?a=RUS&data=nothing", "/check?data=nothing", "/pairs?data=nothing"):
        found = served.ask(path, accept="text/html")
        assert found.status == 404, path
        assert "This server has no data nothing." in found.text


def test_a_form_of_many_fields_is_refused(served: Explorer) -> None:
    found = served.ask("/check", "POST", b"&".join(b"f%d=1" % n for n in range(12)), accept="text/html")
    assert found.status == 400
    assert "more than 10 fields" in found.text


def test_the_text_comes_before_the_charts(served: Explorer) -> None:
    shown = served.page("/pair/RUS/PRK")
    blocks = re.findall(r'<script type="application/json" data-chart="([^"]+)"[^>]*>([^<]*)</script>', shown.text)
    assert len(blocks) >= 3
    assert all(content == "" for _, content in blocks)
    place = re.findall(r'data-charts="([^"]+)"', shown.text)
    charts = served.settled(place[0]).json
    assert [name for name, _ in blocks] == list(charts)
    assert all(chart["spec"]["$schema"] and chart["key"] is not None for chart in charts.values())


def test_changes_are_feeds_and_a_pair_is_a_brief(served: Explorer) -> None:
    atom = served.ask("/changes.atom?top=3")
    assert atom.headers["content-type"] == "application/atom+xml"
    entries = check_atom(atom.body).findall("{http://www.w3.org/2005/Atom}entry")
    feed = served.ask("/changes.feed.json?top=3")
    assert feed.headers["content-type"] == "application/feed+json"
    assert len(entries) == len(check_json_feed(feed.body)["items"]) == 3
    assert served.ask("/changes.atom?top=3", if_none_match=atom.headers["etag"]).status == 304
    html, text = (served.ask(f"/pair/RUS/PRK/brief.{form}") for form in ("html", "md"))
    assert "Who drives Russia and North Korea together?" in html.text
    assert "# Who drives Russia and North Korea together?" in text.text
    assert "<script" not in html.text
    shown = served.page("/pair/RUS/PRK").text
    assert 'href="/pair/RUS/PRK/brief.html"' in shown


def test_a_page_is_in_the_readers_language_and_its_json_is_not(served: Explorer) -> None:
    from tertius.language import offered

    tags = [x for x in ("fr", "ar") if x in offered()]
    assert tags, "no catalogue is there"
    for tag in tags:
        shown = served.page("/pair/RUS/PRK/trend", accept_language=f"{tag};q=0.9, en;q=0.1")
        assert f'<html lang="{tag}" dir="{"rtl" if tag == "ar" else "ltr"}">' in shown.text
        assert "Has cooperation between" not in shown.text
        parts = re.findall(r'data-part="([^"]+)"', served.page(f"/actor/RUS?lang={tag}").text)
        assert parts
        assert all(f"lang={tag}" in part for part in parts)
        assert served.page(f"/pair/RUS/PRK/trend?lang={tag}").status == 200
        one, other = (served.settled(f"/pair/RUS/PRK/trend.json{x}") for x in ("", f"?lang={tag}"))
        assert bytes_of(one.text) == bytes_of(other.text)


def test_no_script_runs_but_the_servers_own(served: Explorer) -> None:
    for path in ("/", "/check", "/pair/RUS/PRK", "/data", "/nowhere", "/pair/RUS/PRK/whatif"):
        found = served.page(path)
        policy = found.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "'unsafe-inline'" not in policy.partition("style-src")[0]
        for tag, attributes in Seen(found.text).elements:
            assert not any(name.startswith("on") for name in attributes), (tag, attributes)
            if tag == "script":
                assert attributes.get("type") == "application/json" or (attributes["src"] or "").startswith("/static/")
            for name in ("src", "action"):
                assert (attributes.get(name) or "/").startswith("/")


def test_hostile_labels_stay_text_on_every_page(served: Explorer) -> None:
    from tertius.web.addresses import segment

    labels = [label for label in served_labels(served) if not label.startswith("@")]
    assert len(labels) >= 9
    for a in labels:
        b = "A" if a != "A" else "B"
        for path in (f"/pair/{segment(a)}/{b}/rows", f"/pair/{segment(a)}/{b}/trend", f"/actor/{segment(a)}/drives"):
            found = served.page(f"{path}?data=hostile")
            assert found.status in (200, 422), (a, path)  # so little is said of them that some models refuse
            seen = Seen(found.text)
            assert not [x for x in seen.elements if x[0] == "img"]
            assert not re.search(r'(?:href|src)="javascript:', found.text)
            assert served.ask(f"{path}.bib?data=hostile").status == 200


def served_labels(served: Explorer) -> list[str]:
    found = re.findall(r'<option value="([^"]*)">', served.page("/?data=hostile").text)
    from html import unescape

    return [unescape(x) for x in found]


def test_no_path_and_no_group_of_a_client_is_opened(served: Explorer, hostile_file: Path) -> None:
    for data in (str(hostile_file), "planted", "..%2f", "chronicle@x", "%2Fetc%2Fpasswd"):
        assert served.ask(f"/api/v1/{data}/describe").status == 404
        assert served.ask(f"/data?data={data}", accept="text/html").status == 404
    found = served.ask(f"/api/v1/hostile/trend?a=%40{hostile_file}&b=A")
    assert found.status == 400
    assert "groups are for the command line" in found.text


def test_a_text_is_checked_kept_from_others_and_not_logged(served: Explorer) -> None:
    from urllib.parse import urlencode

    text = "Cooperation between Russia and North Korea has soared since 2022. Zanzibarium."
    body = urlencode({"text": text, "data": "chronicle"}).encode()
    sent = served.ask("/check", "POST", body, content_type="application/x-www-form-urlencoded")
    assert sent.status == 303
    place = sent.headers["location"]
    found = served.page(place)
    assert found.status == 200
    assert "North Korea" in found.text
    assert found.headers["cache-control"] == "no-store"
    other = served.ask("/check", "POST", body, content_type="application/x-www-form-urlencoded")
    assert other.headers["location"] != place
    assert served.settled(f"{place}.json").json["claims"]
    assert served.page("/check/made-up").status == 404
    assert "Zanzibarium" not in served.log.read_text()


def test_check_gives_what_the_command_gives_of_standard_input(
    served: Explorer, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import sys

    text = "Cooperation between Russia and North Korea has soared since 2022.\n"
    sent = served.ask("/api/v1/chronicle/check", "POST", json.dumps({"text": text}).encode())
    job = sent.headers.get("location")
    found = sent if job is None else served.settled(f"{job}/answer")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ran = tertius("check", "-", "chronicle", "--json", "--quiet")
    assert bytes_of(found.text) == bytes_of(ran.out)


def test_what_cannot_be_meant_is_said_with_a_way_out(served: Explorer) -> None:
    for path, status, told in (
        ("/pair/RUS/Narnia", 404, "Narnia"),
        ("/pair/RUS/RUS", 422, "twice"),
        ("/pairs?top=0", 400, "out of bounds"),
        ("/pairs?colour=red", 400, "takes no colour"),
        ("/pair/RUS/PRK/trend?at=yesterday", 400, "2022-02-24"),
        ("/pair/RUS/PRK?since=2020-01-01", 422, "a first and a last day"),
    ):
        found = served.page(path)
        assert found.status == status, path
        assert told in found.text, path
        place, _, query = path.partition("?")
        other = served.settled(f"{place}.json?{query}")
        assert other.status == status, path
        assert other.json["error"]["hint"], path


def test_the_client_of_the_docs_gets_an_answer(served: Explorer) -> None:
    text = (ROOT / "docs" / "howto" / "explorer.md").read_text("utf-8")
    (client,) = re.findall(r"^```py\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    defined, last = client.rsplit("print(", 1)
    assert "explain" in last
    names: dict[str, Any] = {}
    exec(defined, names)
    base = served.address.rstrip("/")
    assert names["ask"]("trend", data="chronicle", base=base, a="RUS", b="PRK", at="2014-03-01")["pair"] == [
        "RUS",
        "PRK",
    ]
    assert names["ask"]("rank", data="chronicle", base=base, a="RUS", b="USA", wait=0)["pair"] == ["RUS", "USA"]

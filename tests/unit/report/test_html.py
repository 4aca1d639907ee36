"""The page: nothing leaves it, no label gets out of its place, and the first screen does not mislead."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from document_reading import items, lead, table, tables_of, texts
from tertius.answers.explanation import Drives, Explanation, Judgement, caveats
from tertius.answers.landmarks import Landmark
from tertius.errors import UsageError
from tertius.report.charts import CALIBRATION_WIDTH
from tertius.report.document import Cell, Document, Figure, Folded, Item, Items, Passage, Piece, Section
from tertius.report.html import content_policy, contents, render, safe_json
from tertius.report.pages import charts_of, document_of, write_report
from tertius.sources.chronicle import NOTE
from tertius.study import Fits


def page_of(answer: Any) -> str:
    return render(document_of(answer))


HOSTILE = "</script><img src=https://evil.example/x onerror=alert(1)>\u2028&"

pytestmark = pytest.mark.usefixtures("no_bundle")


def test_no_article_turns_the_words_beside_it_round() -> None:
    passage = Passage(paragraphs=(("a\u202eb", Piece("c\u2066\u202ed", (("too thin", "text"),))),))
    shown = render(Document("text", "text", (), (Section("text", "text", (passage,)),)))
    assert "a\u202eb\u202c<mark" in shown
    assert "c\u2066\u202ed\u202c\u2069</mark>" in shown


def answer_of(e: Explanation) -> str:
    return lead(document_of(e))[0]


class Reader(HTMLParser):
    """Elements with their attributes, and text outside scripts, styles and the list of contents."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._in = ""
        self._contents = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in = tag
        self._contents |= tag == "nav"
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in = ""
        self._contents &= tag != "nav"

    def handle_data(self, data: str) -> None:
        if self._in == "script":
            self.scripts[-1] += data
        elif self._in != "style" and not self._contents:
            self.text += data


def with_hostile_label(e: Explanation) -> Explanation:
    a = e.attribution
    first, *rest = sorted(a.third_parties, key=lambda t: -abs(t.events))
    path = tuple(replace(p, actor=HOSTILE) if p.actor == first.actor else p for p in a.path)
    event = {**e.events[0], "sentence": HOSTILE, "origin": HOSTILE, "url": "javascript:alert(1)", "source": HOSTILE}
    return replace(
        e,
        pair=(HOSTILE, e.pair[1]),
        attribution=replace(a, third_parties=(replace(first, actor=HOSTILE), *rest), path=path),
        caveats=(HOSTILE,),
        events=(event, *e.events[1:]),
        data_name=HOSTILE,
        text=HOSTILE,
    )


def test_page_loads_nothing_from_anywhere(explanation: Explanation) -> None:
    page = Reader(page_of(explanation))
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            if name in ("src", "srcset", "action", "data", "poster", "background", "xlink:href"):
                pytest.fail(f"<{tag} {name}={value}>")
            if name == "href":
                outside = tag == "a" and str(value).startswith("https://")
                assert outside or str(value).startswith(("#", "data:,")), f"<{tag} href={value}>"
    assert "@import" not in page_of(explanation)


def test_policy_forbids_connections_and_names_both_scripts_by_hash(explanation: Explanation) -> None:
    page = Reader(page_of(explanation))
    policy = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-eval" not in policy
    kinds = [a.get("type") for t, a in page.elements if t == "script"]
    run = [s for s, kind in zip(page.scripts, kinds, strict=True) if kind is None]
    assert len(run) == 2
    for script in run:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy


def test_charts_are_json_that_can_be_read_back(explanation: Explanation) -> None:
    page = Reader(page_of(explanation))
    specs = [json.loads(s) for s, (_, a) in zip(page.scripts, _scripts(page), strict=True) if a.get("type")]
    assert len(specs) == 5
    folded = [s for s in specs if s["width"] != "container"]
    assert [s["width"] for s in folded] == [CALIBRATION_WIDTH]
    assert all(s["description"] for s in specs)


def test_hostile_labels_stay_text(explanation: Explanation) -> None:
    html = page_of(with_hostile_label(explanation))
    page = Reader(html)
    assert not [t for t, _ in page.elements if t == "img"]
    assert html.count("</script>") == 7
    assert "javascript:" not in html
    assert HOSTILE in page.text
    assert "\u2028" not in "".join(page.scripts)


def test_safe_json_escapes_what_html_reads() -> None:
    text = str(safe_json({"a": "</script><!--&\u2028\u2029"}))
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--&\u2028\u2029"}


def test_verdict_and_rise_stand_before_any_share(explanation: Explanation) -> None:
    text = Reader(page_of(explanation)).text
    order = [
        "Who drives A00 and A01 together?",
        "not certified",
        "Was there a rise to explain?",
        "What to keep in mind",
        "The pair over time",
        "Share of the expected",
        "What this cannot say",
        "How to repeat it",
    ]
    at = [text.index(x) for x in order]
    assert at[1:] == sorted(at[1:])
    assert explanation.command in text


def test_the_contents_are_the_headings_in_their_order(certified: Explanation, climbed: Explanation) -> None:
    for e in (certified, climbed):
        html = page_of(e)
        places = [html.index(f'id="{id}"') for id, _ in contents(document_of(e))]
        assert places == sorted(places)


def test_the_ladder_stands_before_any_share_and_only_where_it_was_climbed(
    explanation: Explanation, climbed: Explanation
) -> None:
    text = Reader(page_of(climbed)).text
    order = ["Was there a rise", "What to keep in mind", "The ladder", "Share of the expected", "Beside it"]
    at = [text.index(x) for x in order]
    assert at == sorted(at)
    without = page_of(explanation)
    assert 'id="ladder"' not in without
    assert 'id="beside"' not in without
    assert page_of(climbed).count("data-chart=") == 7


def test_the_certificate_stands_before_any_share(certified: Explanation) -> None:
    page = document_of(certified)
    answer, badge = lead(page)
    assert badge.verdict.startswith(("mixed", "contradicted", "data too thin", "no effect above"))
    assert "do not show" in answer
    assert not any(t.actor in answer for t in certified.attribution.third_parties)
    text = Reader(page_of(certified)).text
    order = ["The certificate: not passed", "The conditions", "Pictures of chance, which decide nothing"]
    at = [text.index(x) for x in (*order, "Share of the expected")]
    assert at == sorted(at)
    found = page.section("certificate")
    names = [r["Condition"].partition(" ")[0] for r in table(found)]
    assert names == ["1", "2", "3", "4", "5", "Recent", "Not", "6a", "6b", "6c"]
    (folded,) = (b for b in found.blocks if isinstance(b, Folded))
    assert len([b for b in folded.blocks if isinstance(b, Figure)]) == 2


def test_pictures_of_chance_say_what_they_do_not_ask(certified: Explanation) -> None:
    html = page_of(certified)
    folded = html[html.index('<details id="chance"') :]
    assert "They do not ask what came first" in folded[: folded.index("<figure>")]
    assert html.index("The conditions</caption>") < html.index('<details id="chance"')


def test_a_passed_certificate_says_no_more_than_consistent(passed: Explanation) -> None:
    answer, badge = lead(document_of(passed))
    assert badge.verdict == "consistent with"
    assert document_of(passed).section("certificate").title.endswith("The certificate: passed")
    html = page_of(passed)
    assert "slow common cause" in html
    assert " caused" not in answer


def test_without_a_certificate_there_is_no_section(explanation: Explanation) -> None:
    assert "certificate" not in [s.id for s in document_of(explanation).sections]
    assert "The certificate:" not in Reader(page_of(explanation)).text


def test_hostile_labels_in_the_ladder_stay_text(climbed: Explanation) -> None:
    ladder = tuple(replace(r, text=HOSTILE, name=HOSTILE) for r in climbed.fit.ladder)
    beside = tuple(replace(a, name=HOSTILE) for a in climbed.fit.alternatives)
    html = page_of(replace(climbed, fit=replace(climbed.fit, ladder=ladder, alternatives=beside)))
    assert not [t for t, _ in Reader(html).elements if t == "img"]
    assert html.count("</script>") == 9


def test_tables_have_captions_and_headers_with_scope(climbed: Explanation) -> None:
    html = page_of(climbed)
    page = Reader(html)
    assert html.count("<table") == html.count("<caption>")
    assert all(a.get("scope") for t, a in page.elements if t == "th")
    assert html.count("<figure>") == html.count("<figcaption>")
    assert [t for t, _ in page.elements].count("h1") == 1
    assert re.search(r'<html lang="en" dir="ltr">', html)


def test_report_is_written_whole_or_not_at_all(
    explanation: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "r.html"
    before = '<meta name="generator" content="tertius"> an older report'
    target.write_text(before, "utf-8")

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(UsageError, match="No space left"):
        write_report(explanation, target)
    assert target.read_text("utf-8") == before
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]


def test_report_replaces_an_older_one_and_no_other_file(explanation: Explanation, tmp_path: Path) -> None:
    target = tmp_path / "r.html"
    assert write_report(explanation, str(target)) == target
    first = target.read_text("utf-8")
    assert first.startswith("<!doctype html>")
    write_report(explanation, target)
    assert [p.name for p in tmp_path.iterdir()] == ["r.html"]
    target.write_text("a thesis", "utf-8")
    with pytest.raises(UsageError, match="not a report of tertius"):
        write_report(explanation, target)
    assert target.read_text("utf-8") == "a thesis"
    write_report(explanation, target, overwrite=True)
    assert target.read_text("utf-8") == first


def test_report_without_folder_says_what_to_do(explanation: Explanation, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder") as caught:
        write_report(explanation, tmp_path / "none" / "r.html")
    assert caught.value.hint
    assert not (tmp_path / "none").exists()
    with pytest.raises(UsageError, match="is a folder"):
        write_report(explanation, tmp_path)


def test_every_kind_of_answer_has_a_page(explanation: Explanation, drives: Drives, tmp_path: Path) -> None:
    for answer in (explanation, drives, explanation.fit):
        assert "<h1>" in write_report(answer, tmp_path / "r.html").read_text("utf-8")
    with pytest.raises(TypeError, match="no answer"):
        write_report("an answer", tmp_path / "r.html")


def test_policy_changes_with_the_scripts() -> None:
    assert content_policy("a") != content_policy("b")


def _scripts(page: Reader) -> list[tuple[str, dict[str, str | None]]]:
    return [(t, a) for t, a in page.elements if t == "script"]


def test_how_well_the_model_fits_is_folded_and_only_where_it_was_asked(explanation: Explanation) -> None:
    html = page_of(explanation)
    assert '<h3 id="fit-quality">How well it fits</h3>' in html
    text = Reader(html).text
    for said in ("rank of the pair that acted", "log score, inertia alone", "Largest actors", "Observed / expected"):
        assert said in text
    assert 'id="fit-quality"' not in page_of(replace(explanation, fit=replace(explanation.fit, adequacy=None)))


def test_every_place_that_the_page_points_to_is_on_it(explanation: Explanation, climbed: Explanation) -> None:
    for e in (explanation, climbed):
        page = Reader(page_of(e))
        ids = [a["id"] for _, a in page.elements if "id" in a]
        assert len(ids) == len(set(ids))
        inside = [str(a["href"])[1:] for t, a in page.elements if t == "a" and str(a["href"]).startswith("#")]
        assert set(inside) <= set(ids)
        marks = [r["anchor"] for r in charts_of(e)["pair-over-time"].to_dict()["datasets"]["marks"]]
        assert marks
        assert set(marks) <= set(ids)


def test_the_largest_days_show_their_rows_with_origin_and_none_when_there_are_none(explanation: Explanation) -> None:
    large = {**explanation.events[-1], "count": 50.0, "weight": 50.0, "origin": "the large one", "url": "javascript:x"}
    day = Landmark("2000-01-02", False, 58.0, (large, *[dict(explanation.events[0])] * 8))
    days = document_of(replace(explanation, landmarks=(day,))).section("days")
    ((item,),) = (b.items for b in days.blocks if isinstance(b, Items))
    assert isinstance(item, Item)
    (rows,) = tables_of(days)
    assert item.id == "day-1"
    assert ", 58 events, " in item.text
    assert "the heaviest; 3 more are not shown" in rows.caption
    assert len(rows.rows) == 6
    assert rows.rows[0].cells[-1] == Cell(note="the large one", link="report")
    assert "the day with the most cooperation or hostility" in texts(days)[-1]
    assert "the large one" in Reader(page_of(replace(explanation, landmarks=(day,)))).text
    html = page_of(replace(explanation, events=(), landmarks=()))
    assert "The largest days" not in html
    assert "There are no rows" in html


def test_page_and_notebook_share_their_charts(certified: Explanation, climbed: Explanation) -> None:
    for e in (certified, climbed):
        page = Reader(page_of(e))
        shown = {
            str(a["data-chart"]): json.loads(s)
            for s, (_, a) in zip(page.scripts, _scripts(page), strict=True)
            if a.get("data-chart")
        }
        drawn = {name: chart.to_dict() for name, chart in charts_of(e).items()}
        assert shown == json.loads(json.dumps(drawn))
        assert list(shown) == list(drawn)


def test_saved_pictures_have_harmless_names(explanation: Explanation) -> None:
    assert document_of(explanation).name == "A00-A01"
    assert re.fullmatch(r"[A-Za-z0-9-]{1,60}", document_of(with_hostile_label(explanation)).name)
    assert document_of(replace(explanation, pair=("俄", "朝"))).name == "tertius"


def test_what_the_verdict_rests_on_is_said_once(certified: Explanation) -> None:
    e = replace(certified, text="In full.")
    assert Reader(page_of(e)).text.count(certified.judgement.text) == 1


def test_why_a_certificate_was_refused_is_no_matter_for_the_first_screen(explanation: Explanation) -> None:
    why = "The certificate could not be run. The model has 5 cells."
    judgement = Judgement("data too thin", why, refused="The model has 5 cells.")
    said = caveats(explanation.fit, explanation.attribution, judgement, note=NOTE)
    e = replace(explanation, judgement=judgement, caveats=said, note=NOTE)
    page = document_of(e)
    _, badge = lead(page)
    assert "5 cells" not in badge.says[0]
    assert "could not be run" in badge.says[0]
    assert items(page.section("caveats"))[0] == why
    assert badge.warning == said[0]
    text = Reader(page_of(e)).text
    assert text.index(badge.warning) < text.index("Was there a rise")


def test_several_outcomes_have_charts_and_anchors_of_their_own(explanation: Explanation) -> None:
    both = Fits((explanation.fit, replace(explanation.fit, outcome="hostility")))
    assert len(charts_of(both)) == 2 * len(charts_of(explanation.fit))
    ids = [a["id"] for _, a in Reader(page_of(both)).elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_two_places_never_have_one_anchor() -> None:
    figure = Figure("a", lambda: pytest.fail("drawn"), "", "")
    assert Document("", "", (), (Section("a", "A", (figure,)),)).figures() == (figure,)
    for sections in ([Section("a", "A", (figure, figure))], [Section("a", "A", (figure,))] * 2):
        with pytest.raises(ValueError, match="are called a"):
            Document("", "", (), tuple(sections))

"""Briefs: what stands on the page, its three caveats, and its files."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from typer.testing import CliRunner

from tertius.answers.explanation import Explanation, how_to_read
from tertius.cli import app
from tertius.errors import TertiusWarning, UsageError
from tertius.events.data import SIMULATED
from tertius.language import ENGLISH, direction, in_language, offered, say
from tertius.report import sheet
from tertius.report.document import Badge, Command, Figure, Items, translated
from tertius.report.hand_on import NO_CHROMIUM, check_brief, write_brief
from tertius.report.markdown import as_markdown
from tertius.report.pages import document_of
from tertius.report.sections.answer import limits, three_caveats
from tertius.study.brief import Brief

LONG = "An actor whose name is of a length that no name has " * 6
CHROMIUM = sheet.find_chromium()
printed = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt install chromium")


def texts(e: Explanation) -> list[str]:
    return [item.text for item in three_caveats(e)]


def test_the_page_holds_question_answer_verdict_picture_caveats_command_and_sources(certified: Explanation) -> None:
    made = document_of(Brief(certified))
    kinds = [type(b) for b in made.blocks()]
    assert (kinds.count(Badge), kinds.count(Figure), kinds.count(Command)) == (1, 1, 1)
    assert [s.id for s in made.sections] == ["pair", "caveats", "repeat", "sources"]
    (caveats,) = made.section("caveats").blocks
    assert isinstance(caveats, Items)
    assert len(caveats.items) == 3
    assert made.heading == document_of(certified).heading
    assert made.lead == document_of(certified).lead


def test_no_clear_rise_stands_with_the_ratio_and_interval_that_it_rests_on(certified: Explanation) -> None:
    def said(low: float) -> str:
        rise = replace(certified.attribution.rise, ratio=1.21, low=low, high=2.48)
        e = replace(certified, attribution=replace(certified.attribution, rise=rise))
        return as_markdown(document_of(Brief(e)), {})

    assert "ran at 1.21 times the rate (95 % interval 0.638 to 2.48) of the reference" in said(0.638)
    assert "1.21 times" not in said(1.1)


def test_the_help_speaks_of_its_own_pair() -> None:
    shown = CliRunner().invoke(app, ["brief", "--help"], env={"COLUMNS": "200"}).output
    assert "members' parts summed" in shown
    assert "without a pair" not in shown


def test_three_caveats_follow_their_rule(explanation: Explanation, undirected: Explanation) -> None:
    read = how_to_read(explanation.fit, explanation.attribution)
    assert texts(explanation) == [limits(explanation)[0], *read, *limits(explanation)[1:]][:3]
    within = replace(
        explanation,
        fit=replace(explanation.fit, model="within", response="count"),
        attribution=replace(
            explanation.attribution, total=replace(explanation.attribution.total, low=1.0, high=2.0, events=1.5),
            first_by_legs={}, farthest=0.0,
        ),
    )  # fmt: skip
    if not how_to_read(within.fit, within.attribution):
        assert texts(within) == list(limits(within)[:3])
    refused = replace(undirected, judgement=replace(undirected.judgement, refused="There is one period."))
    assert texts(refused)[:2] == [limits(undirected)[0], "There is one period."]
    assert "hostile to both" in texts(undirected)[1] or "rate model" in texts(undirected)[1]
    for e in (explanation, undirected, refused, within):
        assert len(set(texts(e))) == 3


def test_numbers_of_days_that_are_not_listed_are_not_in_the_picture(explanation: Explanation) -> None:
    assert explanation.landmarks
    (figure,) = document_of(Brief(explanation)).figures()
    assert "listed below" not in str(figure.spec())


def test_simulated_data_say_so_first(explanation: Explanation) -> None:
    simulated = replace(explanation, caveats=(f"{SIMULATED}: no state is in them.",))
    assert document_of(Brief(simulated)).title.startswith("Simulated: ")


def test_html_has_no_script_and_asks_for_nothing(explanation: Explanation, tmp_path: Path) -> None:
    found = write_brief(explanation, tmp_path / "b.html")
    html = (tmp_path / "b.html").read_text()
    assert found.files == (str(tmp_path / "b.html"),)
    assert "<script" not in html
    assert "default-src 'none'" in html
    assert html.count("data:image/svg+xml;base64,") == 2
    assert write_brief(explanation, tmp_path / "b.html").files == found.files  # an older one is replaced
    (tmp_path / "b.html").write_text("mine")
    with pytest.raises(UsageError, match="not a brief of tertius"):
        check_brief(tmp_path / "b.html")


def test_markdown_has_its_picture_beside_it(explanation: Explanation, tmp_path: Path) -> None:
    found = write_brief(explanation, tmp_path / "my brief.md")
    assert [Path(f).name for f in found.files] == ["my brief.md", "my brief-pair-over-time.svg"]
    picture = (tmp_path / "my brief-pair-over-time.svg").read_text()
    assert "<svg" in picture
    assert "(<my%20brief-pair-over-time.svg>)" in (tmp_path / "my brief.md").read_text()
    first = [Path(f).read_bytes() for f in found.files]
    assert [Path(f).read_bytes() for f in write_brief(explanation, tmp_path / "my brief.md").files] == first
    (tmp_path / "my brief-pair-over-time.svg").write_text("<svg>mine</svg>")
    with pytest.raises(UsageError, match="not a picture of tertius"):
        write_brief(explanation, tmp_path / "my brief.md")


@pytest.mark.parametrize("language", [x for x in offered() if x != ENGLISH])
def test_a_brief_is_in_the_language_asked_for(language: str, certified: Explanation, tmp_path: Path) -> None:
    pytest.importorskip("babel", reason="babel is not installed: pip install '.[test]'")
    english = document_of(Brief(certified))
    made = translated(english, language)
    assert made.heading != english.heading
    write_brief(certified, tmp_path / "b.html", language=language)
    html = (tmp_path / "b.html").read_text("utf-8")
    assert f'<html lang="{language}" dir="{direction(language)}">' in html
    write_brief(certified, tmp_path / "b.md", language=language)
    markdown = (tmp_path / "b.md").read_text("utf-8")
    verdict = in_language(say("This is the verdict on {about}.", about="x"), language).split("x")[0].strip()
    for text, holder in ((made.heading, html), (made.heading, markdown), (verdict, markdown)):
        assert text in holder.replace("&#39;", "'").replace("\\", "")
    assert str(english.heading) not in html + markdown
    assert "This is the verdict" not in markdown


@printed
def test_a_pdf_is_one_page_of_a4_with_its_text(certified: Explanation, tmp_path: Path) -> None:
    path = tmp_path / "b.pdf"
    found = write_brief(certified, path)
    assert (found.files, found.note) == ((str(path),), "")
    (page,) = pypdf.PdfReader(path).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    shown = "".join(page.extract_text().split())
    for text in (document_of(Brief(certified)).heading, certified.command, "Three caveats", "Sources to cite"):
        assert "".join(text.split()).replace("fi", "ﬁ") in shown.replace("fi", "ﬁ")
    assert [p.name for p in tmp_path.iterdir()] == ["b.pdf"]
    with pytest.raises(UsageError, match="exists"):
        check_brief(path)


@printed
def test_a_long_answer_is_set_smaller_and_what_fits_no_page_says_so(
    certified: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = tuple((f"{LONG} {k}", "") for k in range(4))
    long = replace(certified, pair=(LONG, "B"), sources=sources)
    largest, *_, smallest = sheet.SIZES
    monkeypatch.setattr(sheet, "SIZES", (largest,))
    with pytest.warns(TertiusWarning, match="2 pages"):
        found = write_brief(long, tmp_path / "two.pdf")
    assert "2 pages" in found.note
    assert len(pypdf.PdfReader(tmp_path / "two.pdf").pages) == 2
    monkeypatch.setattr(sheet, "SIZES", (largest, smallest))
    assert write_brief(long, tmp_path / "one.pdf").note == ""
    assert len(pypdf.PdfReader(tmp_path / "one.pdf").pages) == 1


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.skipif(os.name == "nt", reason="A shell script stands for the browser")
@pytest.mark.parametrize(
    ("body", "why"), [(None, NO_CHROMIUM), ("exit 1", "printed nothing"), ("sleep 60", "did not print within")]
)
def test_where_nothing_prints_html_is_written_and_a_word_says_so(
    body: str | None, why: str, explanation: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "SECONDS", 0.5)
    monkeypatch.setenv(sheet.VARIABLE, "" if body is None else script(tmp_path / "browser", body))
    with pytest.warns(TertiusWarning, match=why):
        found = write_brief(explanation, tmp_path / "b.pdf")
    assert found.files == (str(tmp_path / "b.html"),)
    assert why in found.note
    assert "<!doctype html>" in (tmp_path / "b.html").read_text()
    assert not (tmp_path / "b.pdf").exists()


@pytest.mark.skipif(os.name == "nt", reason="A shell script stands for the browser")
def test_the_sandbox_is_off_for_the_superuser_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = script(tmp_path / "browser", f'echo "$@" > {tmp_path}/said')
    for user, off in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        with pytest.raises(Exception, match="printed nothing"):
            sheet._print("<p>", browser)
        assert ("--no-sandbox" in (tmp_path / "said").read_text()) is off


def test_the_command_gives_explains_json_and_the_files(tertius: Callable[..., Any], tmp_path: Path) -> None:
    words = ("RUS", "PRK", "chronicle", "--no-certificate")
    quick = ("--model", "rate", "--effects", "inertia.coop,shared_threat", "--slice", "1mo", "--half-life", "2y")
    ran = tertius("brief", *words, *quick, "--out", tmp_path / "b.md", "--json")
    told = tertius("explain", *words, *quick, "--json").document
    found = ran.document
    assert found.pop("brief") == {"files": [str(tmp_path / "b.md"), str(tmp_path / "b-pair-over-time.svg")], "note": ""}
    assert {k: v for k, v in found.items() if k != "fit"} == {k: v for k, v in told.items() if k != "fit"}
    shown = tertius("brief", *words, *quick, "--out", tmp_path / "c.html").out
    assert "Three caveats" in shown
    assert str(tmp_path / "c.html") in shown.replace("\n", "")
    for name in ("b.docx", "none/b.pdf"):
        wrong = tertius("brief", "RUS", "PRK", "nodata", "--out", tmp_path / name, "--json")
        assert (
            wrong.code,
            "b." in wrong.document["error"]["message"] or "none" in wrong.document["error"]["message"],
        ) == (2, True)

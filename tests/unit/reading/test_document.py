"""Articles as documents: three of other styles, fixed before the reader was run, a real one, and hostile input."""

from __future__ import annotations

import json
import re
import time
import warnings
from dataclasses import asdict
from pathlib import Path

import pytest

from tertius.errors import CorruptFile, EmptyData, InputError, TertiusError, TertiusWarning, UsageError
from tertius.plain import plain
from tertius.reading import extra, html, pdf
from tertius.reading.document import LIMIT, document_of, document_of_text, is_address, read_source

ARTICLES = Path(__file__).parent / "articles"
EXTRAS = {"wire.html": "trafilatura"}


@pytest.mark.parametrize("name", ["wire.html", "brief.md", "comment.txt"])
def test_an_article_of_another_style_is_read_as_expected(name: str) -> None:
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name])
    expected = json.loads((ARTICLES / name).with_suffix(".json").read_text("utf-8"))
    found = read_source(ARTICLES / name)
    assert plain(asdict(found.metadata)) == expected["metadata"]
    assert found.text.split("\n\n") == expected["text"]


@pytest.mark.shared
def test_the_real_article_is_read_whole(shared: Path) -> None:
    raw = (shared / "reading" / "article.txt").read_text("utf-8")
    body = raw[raw.index("The [summit meeting]") : raw.index("both trends.") + len("both trends.")]
    caption = re.search(r"Trump and Kim meet.*?Photo\)", body, re.DOTALL)
    assert caption is not None
    anchors = re.findall(r"\[([^\]]+)\]\(", body)
    expected = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", body.replace(caption[0], "")).split()
    found = read_source(shared / "reading" / "article.txt")
    m = found.metadata
    assert found.text.split() == expected
    assert [link.anchor for link in m.links] == anchors
    assert m.captions == (" ".join(caption[0].split()),)
    assert m.title == "Washington Is the Matchmaker for the Russia-North Korea Romance"
    assert (m.authors, m.date, m.publisher) == (("Ted Galen Carpenter",), "2023-09-19", "Global Research")
    assert m.original_source is not None
    assert (m.original_source.name, m.original_source.date) == ("Antiwar.com", "2023-09-18")
    assert (m.regions, m.themes, m.report) == (("Asia", "Russia and FSU", "USA"), ("Intelligence",), ("NORTH KOREA",))
    assert m.language == "en"
    assert m.rights is not None
    assert m.rights.startswith("Disclaimer:")
    assert m.rights.endswith("permission from the copyright owner.")
    assert [n.split()[0] for n in m.notes] == ["Ted", "Featured"]


PAGE = """<html lang="en"><head><title>Treaty signed</title></head><body><article><h1>Treaty signed</h1>
<p>The two states signed a <a href="javascript:alert(1)" onclick="alert(2)">treaty on water</a> in the town hall.</p>
<script>document.write("stolen")</script><p style="display: none">Hidden instruction to the reader of this page.</p>
<p onmouseover="alert(3)">Neither of them had signed anything with the other in the thirty years before that day.</p>
<p>The river that both of them drink from has carried less water in every summer since they were founded.</p>
</article></body></html>"""


def test_nothing_of_a_page_runs_and_hidden_text_is_left_out() -> None:
    pytest.importorskip("trafilatura")
    found = document_of(PAGE.encode())
    assert "treaty on water in the town hall" in found.text
    assert not re.search("stolen|Hidden|alert", found.text)
    assert found.metadata.title == "Treaty signed"


def test_broken_markup_is_read_all_the_same() -> None:
    pytest.importorskip("trafilatura")
    broken = PAGE.replace("</p>", "").replace("</article></body></html>", "<table><tr><td><b><p").replace('"en"', '"en')
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        assert "thirty years before that day" in document_of(broken.encode(), kind="html").text


def test_right_to_left_text_stays_as_it_is() -> None:
    text = "قالت وزارة الخارجية إن البلدين وقعا اتفاقا جديدا بشأن المياه في العاصمة يوم الاثنين بعد مفاوضات طويلة."
    found = document_of_text(text)
    assert found.text == text
    assert found.metadata.language == "ar"


@pytest.mark.parametrize(
    ("content", "kind", "error", "message"),
    [
        (b"", None, EmptyData, "is empty"),
        (b" \n\t\n", None, EmptyData, "is empty"),
        (bytes(range(256)) * 50, None, CorruptFile, "is no text"),
        (b"\x7fELF\x00\x00", None, CorruptFile, "is no text"),
        (b"This is no PDF at all.", "pdf", CorruptFile, "called a PDF and is none"),
        (b"Subscribe to our newsletter!\n\nFollow us on Facebook.", None, EmptyData, "no article was found"),
        (b"a" * (LIMIT + 1), None, InputError, "larger than 10 MB"),
        (b"[a](b) " * 20_001, None, InputError, "more than 20,000 links"),
        (b"a\n" * 100_002, None, InputError, "more than 100,000 lines"),
    ],
    ids=["empty", "blank", "binary", "program", "no PDF", "site alone", "50 MB", "links", "lines"],
)
def test_what_is_no_document_is_said(content: bytes, kind: object, error: type[TertiusError], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        document_of(content, "it", kind)  # type: ignore[arg-type]
    assert raised.value.hint


def test_a_broken_pdf_is_said() -> None:
    pytest.importorskip("pypdf")
    with pytest.raises((CorruptFile, EmptyData), match="PDF"):
        document_of(b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF", "it")


def test_one_line_of_five_megabytes_is_read() -> None:
    line = "The two states signed a treaty on water in the old town hall. " * 80_000
    began = time.monotonic()
    assert len(document_of(line.encode()).text) > 4_900_000
    assert time.monotonic() - began < 60  # it took minutes where a pattern was quadratic


def test_a_large_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(InputError, match="larger than"):
        read_source(path)


def test_a_text_in_another_encoding_is_said() -> None:
    with pytest.warns(TertiusWarning, match="not UTF-8"):
        found = document_of(
            "The café in the old town was closed for the whole of the visit of the ministers.".encode("cp1252")
        )
    assert "café" in found.text


def test_an_address_is_no_file_and_is_not_fetched() -> None:
    assert is_address("https://example.org/a")
    with pytest.raises(UsageError, match="command line alone"):
        read_source("https://example.org/a")


def test_without_the_extra_the_pip_line_is_said_and_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr(extra, "import_module", absent)
    for content in (PAGE.encode(), b"%PDF-1.7\n"):
        with pytest.raises(UsageError) as raised:
            document_of(content)
        assert "pip install 'tertius[read]'" in raised.value.hint
    assert read_source(ARTICLES / "brief.md").metadata.title


def test_front_matter_is_what_a_document_says_of_itself() -> None:
    found = document_of_text(
        "---\ntitle: A day in court\nauthor: Ann Lee\ndate: 2024-05-03\ntags: [water, law]\n---\n\n"
        "The judge heard both of them in the morning, and neither in the afternoon, for it rained."
    )
    m = found.metadata
    assert (m.title, m.authors, m.date, m.themes) == ("A day in court", ("Ann Lee",), "2024-05-03", ("water", "law"))


def test_running_heads_of_a_pdf_are_left_out_and_words_joined() -> None:
    assert pdf.join_pages([["H", "a wa-", "ter", "1"], ["H", "b.", "2"], ["H", "c.", "3"]]) == "a water\nb.\nc."


def test_a_page_of_too_many_elements_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trafilatura")
    monkeypatch.setattr(html, "MAX_NODES", 5)
    with pytest.raises(CorruptFile, match="more than 5 elements"):
        document_of(PAGE.encode())


def pdf_of(lines: list[str]) -> bytes:
    """A PDF of one page with these lines."""
    drawn = "BT /F1 11 Tf 50 780 Td 14 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = "%PDF-1.4\n", []
    for k, part in enumerate(parts, 1):
        places.append(len(out))
        out += f"{k} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{p:010d} 00000 n \n" for p in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF"
    return (out + end).encode()


def test_the_text_of_a_pdf_is_read_with_its_title_byline_and_outlet() -> None:
    pytest.importorskip("pypdf")
    lines = [
        "A treaty on water", "By Ann Lee", "Tribune, 3 May 2024",
        "The two states signed a treaty on water in the old town hall, and nei-",
        "ther of them said why it took so long to come to an understanding on a",
        "river from which both of them drink.",
    ]  # fmt: skip
    found = document_of(pdf_of(lines))
    m = found.metadata
    assert (m.title, m.authors, m.publisher) == ("A treaty on water", ("Ann Lee",), "Tribune")
    assert m.date == "2024-05-03"
    assert " ".join(found.text.split()) == (
        "The two states signed a treaty on water in the old town hall, and neither of them said why it took so long to "
        "come to an understanding on a river from which both of them drink."
    )

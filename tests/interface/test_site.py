"""The docs site: code on its pages runs, links within it lead somewhere, it asks nobody for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
FENCE = re.compile(r"^(```+)([^\n`]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
RUN = ("bash", "python")
NOT_RUN = {
    "": "what a command printed, or commands on data that are not here, whose options test_docs.py looks at",
    "json": "another program's settings",
    "r": "run by scripts/from_r.py",
    "py": "a client of a server: web/test_pages.py runs it against one",
    "R": "the same in R, tried by hand",
}
WITH_CODE = [page for page in PAGES if any(m[2] in RUN for m in FENCE.finditer(page.read_text("utf-8")))]


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Language and code of every fenced block."""
    for found in FENCE.finditer(page.read_text("utf-8")):
        yield found[2].strip(), found[3]


def name(page: Path) -> str:
    return page.relative_to(DOCS).with_suffix("").as_posix()


def environment() -> dict[str, str]:
    """This one's, in which this checkout comes first."""
    before = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *([before] if before else [])])}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_of_code_is_run_or_known_not_to_be(page: Path) -> None:
    assert {language for language, _ in blocks(page)} <= {*RUN, *NOT_RUN}
    assert page.read_text("utf-8").count("\n```") == 2 * len(list(blocks(page)))


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_code_on_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    """In one folder, with warnings of ours allowed and no other."""
    shell = "tertius() { " + f"'{sys.executable}' -m tertius" + ' "$@"; }'
    quiet = "import warnings; from tertius.errors import TertiusWarning; warnings.simplefilter('error'); "
    quiet += "warnings.simplefilter('ignore', TertiusWarning)"
    place = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")])),
    }
    for language, code in blocks(page):
        if language not in RUN:
            continue
        words = ["bash", "-euo", "pipefail", "-c", f"{shell}\n{code}"]
        words = words if language == "bash" else [sys.executable, "-c", f"{quiet}\n{code}"]
        ran = subprocess.run(words, cwd=tmp_path, env=place, capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, f"{code}\n{ran.stderr}"


class Links(HTMLParser):
    """What a page leads to, what it loads, and which places it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.to: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attributes}
        self.places |= {found[k] for k in ("id", "name") if k in found}
        if tag == "a" and "href" in found:
            self.to.append(found["href"])
        elif "src" in found:
            self.loads.append(found["src"])
        elif tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload", "modulepreload", "preconnect"):
            self.loads.append(found["href"])


def wrong_links(site: Path) -> list[str]:
    """Links within a site that lead nowhere, and whatever its pages load from elsewhere. The page 404 is a server's."""
    pages = {path: Links(path.read_text("utf-8")) for path in site.rglob("*.html") if path.name != "404.html"}
    wrong = []
    for path, page in pages.items():
        for address in (*page.to, *page.loads):
            if re.match(r"[a-z]+:", address) or address.startswith("//"):
                if address in page.loads and not address.startswith("data:"):
                    wrong.append(f"{path.name} loads {address}")
                continue
            to, _, anchor = address.partition("#")
            target = (path.parent / unquote(to)).resolve() if to and to != "." else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                wrong.append(f"{path.name} to {address}")
            elif anchor and target in pages and unquote(anchor) not in pages[target].places:
                wrong.append(f"{path.name} to {address}: no such place")
    return wrong


def test_wrong_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h1 id="here"><a href="b.html#there"><a href="#here"><a href="c.html"><a href="#gone"><a href="https://x.org">'
        '<script src="https://cdn.example/x.js"></script><link rel="stylesheet" href="//fonts.example/f.css">'
    )
    (tmp_path / "b.html").write_text("<p>nothing")
    assert sorted(wrong_links(tmp_path)) == [
        "a.html loads //fonts.example/f.css", "a.html loads https://cdn.example/x.js",
        "a.html to #gone: no such place", "a.html to b.html#there: no such place", "a.html to c.html",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site without its gallery, built as CI builds it: a warning ends it."""
    pytest.importorskip("mkdocs", reason="mkdocs is not installed: pip install '.[docs]'")
    pytest.importorskip("mkdocstrings", reason="mkdocstrings is not installed: pip install '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    place = {**environment(), "TERTIUS_GALLERY": "", "NO_MKDOCS_2_WARNING": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env=place, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "WARNING" not in ran.stdout + ran.stderr
    return folder


@pytest.mark.slow
def test_links_lead_somewhere_and_nothing_comes_from_elsewhere(site: Path) -> None:
    assert wrong_links(site) == []
    sheets = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"url\(\s*['\"]?(https?:)?//", sheets)


@pytest.mark.slow
def test_the_site_holds_what_the_repository_holds(site: Path) -> None:
    import tertius

    def text(place: str) -> str:
        return re.sub(r"<[^>]+>", "", (site / place).read_text("utf-8"))

    assert "Who drives whom together?" in text("index.html")
    assert "Unreleased" in text("changelog.html")
    python = text("reference/python.html")
    assert [n for n in tertius.__all__ if n not in python and callable(getattr(tertius, n))] == []
    assert "certificate : " not in python  # an entry's description is no type
    modules = text("reference/modules.html")
    assert ":func:" not in modules + python
    assert all(place in modules for place in ("tertius.history", "tertius.answers.certificate.certify"))
    papers = text("reference/papers.html")
    assert "10.1111/j.1467-9531.2008.00203.x" in papers
    assert "Weidner" in papers
    for reader in ("scholar", "analyst", "journalist"):
        assert (site / "tutorials" / f"{reader}.html").is_file()
    commands = text("reference/commands.html")
    assert "tertius brief" in commands
    assert "Usage: tertius mcp" in commands


def test_pages_of_the_gallery_are_made_of_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry, on the smallest data; the others are made when the site is built."""
    griffe: Any = pytest.importorskip("griffe", reason="griffe is not installed: pip install '.[docs]'")
    assert griffe
    import importlib.util

    spec = importlib.util.spec_from_file_location("docs_site", ROOT / "scripts" / "docs_site.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_site"] = module
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "GALLERY", [one for one in module.GALLERY if one.name == "camps"])
    monkeypatch.setattr("tertius.report.html.vega_bundle", lambda: "")
    found = dict(module.gallery())
    assert list(found) == ["gallery/camps.html", "gallery/camps.svg", "gallery.md"]
    assert "Content-Security-Policy" in found["gallery/camps.html"].decode()
    assert "tertius balance chronicle --window 5y --draws 20" in found["gallery.md"]

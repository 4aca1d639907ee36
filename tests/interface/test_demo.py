"""The demo: what README shows of it, and what it does without the atlas."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from conftest import ROOT, Ran
from tertius.plain import number
from tertius.report.pages import summary
from tertius.study import demo
from tertius.worlds.samples import PLANTED, REVERSED


@pytest.fixture(scope="module")
def readme() -> ModuleType:
    """scripts/readme.py."""
    spec = importlib.util.spec_from_file_location("readme", ROOT / "scripts" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_readme_says_how_often_the_certificate_is_right_as_its_own_page_does(readme: ModuleType) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    made = readme.promise(readme.CERTIFICATE.read_text("utf-8"))
    assert readme.with_parts(text, {"promise": made}) == text


def test_readme_says_how_often_other_seeds_pass() -> None:
    said = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert REVERSED.passes == 0
    assert f"hold in {PLANTED.passes} of the worlds like `planted` and in none like `reversed`" in said


@pytest.mark.slow
def test_readme_shows_what_the_demo_prints(atlas: None, readme: ModuleType) -> None:
    found = demo(cache=False)
    assert not found.instead
    answer = found.explanation
    text = (ROOT / "README.md").read_text("utf-8")
    made = {"demo": readme.shown(summary(found)), "parts": readme.parts(answer)}
    assert readme.with_parts(text, made) == text
    said = " ".join(text.split())
    below = [t.events for t in answer.attribution.third_parties if t.events < 0]
    line = answer.fit.coefficient("common_foe")
    for words in (
        f"a weight of {number(answer.attribution.expected)} expected",
        f"{len(below)} other parts lie below zero",
        f"for {line.estimate:.3f}, se {line.se_jackknife:.3f}",
        f"by {answer.judgement.bound['value']:.1f} % at most",  # type: ignore[index]
    ):
        assert words in said, words
    assert all("month" in title or "day" not in title for title in _titles(found.explanation))


def _titles(answer: object) -> list[str]:
    from tertius.report.pages import document_of

    return [section.title for section in document_of(answer).sections]


def test_without_the_atlas_the_first_line_says_so(tertius: Callable[..., Ran], tmp_path: Path, no_atlas: None) -> None:
    ran = tertius("demo", "--out", tmp_path, "--quiet")
    assert ran.code == 0
    assert ran.out.startswith("The atlas is not installed, so this is the simulated world 'planted'")
    assert "consistent with" in ran.out
    assert "pip install ./packages/tertius-atlas" in ran.out
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "The atlas is not installed" in page[: page.index("</title>")]


def test_the_demo_is_not_of_a_store_that_bears_the_name(
    tertius: Callable[..., Ran], tmp_path: Path, no_atlas: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "e.csv").write_text("date,source,target,quad\n2020-01-01,S02,S08,1\n2020-02-01,S08,S02,3\n")
    assert tertius("import", "events", tmp_path / "e.csv", "--into", tmp_path / PLANTED.name).code == 0
    monkeypatch.chdir(tmp_path)
    assert tertius("demo", "--out", tmp_path / "out", "--json").document["explain"]["verdict"] == "consistent with"


def test_the_demos_document(tertius: Callable[..., Ran], tmp_path: Path, no_atlas: None) -> None:
    document = tertius("demo", "--out", tmp_path, "--json").document
    assert document["explain"]["pair"] == list(PLANTED.pair)
    assert document["claims"] == []
    assert document["instead"]

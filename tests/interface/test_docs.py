"""Docs are tests: README's code runs, its commands exist, its table of the house is true."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import pytest
import typer

from tertius.cli import app
from tertius.effects import EFFECTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
METHOD = (ROOT / "docs" / "method.md").read_text()


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_readmes_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    namespace: dict[str, object] = {}
    exec(code, namespace)
    assert namespace["answer"].verdict == "data too thin"  # type: ignore[attr-defined]
    assert (tmp_path / "page.html").stat().st_size > 100_000


PAGES = {
    path.relative_to(ROOT).as_posix(): path for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_exist(page: str) -> None:
    """Of every line of code that begins with tertius, or with a prompt and tertius; nothing is run."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    text = re.sub(r" \\\n\s*", " ", PAGES[page].read_text("utf-8"))
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    fenced = "\n".join(code for language, code in blocks if language in ("", "bash"))
    lines = re.findall(r"^(?:\$ )?tertius .*$", fenced, re.MULTILINE) + re.findall(
        r"^ {4}tertius .*$", text, re.MULTILINE
    )
    for line in lines:
        words = shlex.split(line.strip().removeprefix("$ "), comments=True)
        words = words[: next((k for k, w in enumerate(words) if w in (">", "|", "&&")), None)]
        if words[1].startswith("-"):
            continue
        assert words[1] in commands, line
        with contextlib.suppress(typer.Exit):  # --help
            commands[words[1]].make_context(words[1], words[2:])


def test_scripts_that_are_cited_exist() -> None:
    for text in (README, METHOD, (ROOT / "docs" / "chronicle.md").read_text()):
        for path in re.findall(r"(?:scripts|benchmarks|docs|tests)/[\w./-]+\.(?:py|md|png)", text):
            assert (ROOT / path).exists(), path


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()


def rows_of(text: str) -> list[list[str]]:
    """The cells of the lines of tables, without headings."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if not line.startswith("|--")]


def test_every_kind_of_change_has_a_file_to_start_from_and_a_test() -> None:
    """Both are there; a name after the file stands in it."""
    kinds = rows_of(CONTRIBUTING)[1:]
    assert len(kinds) >= 10
    for what, start, test in kinds:
        place, _, named = re.match(r"`([\w/]+\.py)`(, (?:a|an|the)[^`]*`(\w+)`)?", start).groups()  # type: ignore[union-attr]
        assert not named or named in (ROOT / place).read_text(), what
        assert re.search(r"`(?:tests|scripts)/[\w/]+(?:\.py|/)`", test), what
    for path, name in re.findall(r"`((?:src/tertius/)?[\w/]+\.(?:py|md))(?:: (\w+))?`", CONTRIBUTING):
        if "/X/" in path:
            continue
        (found,) = [p for p in (ROOT / path, ROOT / "src" / "tertius" / path) if p.exists()] or [None]
        assert found is not None, path
        assert not name or name in found.read_text(), f"{path}: {name}"


def test_the_glossary_says_where_each_word_is_defined() -> None:
    words = rows_of(GLOSSARY)[1:]
    assert {"leg", "rung", "slice", "period", "certificate", "risk set", "placebo"} <= {word for word, *_ in words}
    for word, meaning, places in words:
        assert meaning.endswith("."), word
        for path in re.findall(r"`([^`]+)`", places):
            assert (ROOT / path).exists(), f"{word}: {path}"


def test_the_code_map_names_every_module_and_only_those() -> None:
    table = ARCHITECTURE.split("## Code map")[1].split("\n## ")[0]
    named: set[str] = set()
    for place, holds in re.findall(r"^\| `([^`]+)` \| (.*) \|$", table, flags=re.MULTILINE):
        if place.endswith("/"):
            named |= {f"{place}{name}" for name in re.findall(r"`(\w+\.py)`", holds)}
        else:
            named.add(place)
    source = ROOT / "src" / "tertius"
    there = {p.relative_to(source).as_posix() for p in source.rglob("*.py") if p.name != "__init__.py"}
    assert named == there


def test_the_method_names_every_effect() -> None:
    for name in EFFECTS:
        assert f"`{name}`" in METHOD

"""Pages of the docs site that are made of what the repository holds already: hooks of ``mkdocs build``.

README is the first page and CHANGELOG the last; the notebooks are the tutorials; commands come from their help, modules
and papers from docstrings; the gallery is of real answers, computed while the site is built, and nothing of it is
committed. ``TERTIUS_GALLERY=planted,chronicle`` shows answers on these data alone, and ``TERTIUS_GALLERY=`` none.

    mkdocs build --strict
"""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import griffe

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tertius"
WIDTH = "80"
ROLE = re.compile(r":(?:py:)?(?:func|class|data|mod|meth|attr|exc|const):`~?([^`]+)`")
DOI = re.compile(r"(?:doi:|https://doi\.org/)(10\.\d{4,}/[^\s,;\"'`\\]+)")
WORK = re.compile(
    r"([A-Z][\w'’.-]+(?:(?:, | & | and )[A-Z][\w'’.-]+| et al\.)*)(?:'s [\w-]+)?"  # names
    r",?[ (]*(\d{4})(?:\)\. [^;]{1,160})?[ (,.]*$"  # year, and a title
)
"""Who and when, before a DOI: "Butts (2008", "Brandes, Lerner & Snijders 2009", "Butts, C. T. (2008). A title."."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer of the gallery: its name, its data, what asks for it, which chart is shown, and what it shows."""

    name: str
    data: str
    ask: Callable[[Any], Any]
    chart: str
    says: str


GALLERY = (
    Shown("certified", "planted", lambda t: t.explain("S02", "S08", "planted", permutations=50), "profile",
          "A certificate that passes, in a simulated world in which hostility does come first."),
    Shown("reversed", "reversed", lambda t: t.explain("S01", "S29", "reversed", permutations=50), "profile",
          "One that fails, in a world in which hostility comes last."),
    Shown("pair", "chronicle", lambda t: t.explain("RUS", "PRK", "chronicle"), "pair-over-time",
          "A pair over time in hand-picked events, with too few of them to tell."),
    Shown("third-parties", "atlas", lambda t: t.explain("RUS", "PRK", "atlas"), "third-parties",
          "The same pair in real data, and who its third parties are."),
    Shown("pairs", "planted", lambda t: t.Study.open("planted").pairs(), "",
          "All pairs of a data set: which rose, and on whom it hangs."),
    Shown("camps", "chronicle", lambda t: t.balance("chronicle", window="5y", draws=20), "network",
          "Camps, the best division of friends and foes in two."),
    Shown("isolation", "atlas", lambda t: t.isolation("RUS", "atlas", at="2022-03-01"), "",
          "With how many partners, in effect, before and after a day."),
    Shown("forecast", "atlas", lambda t: t.forecast("atlas", pair=("RUS", "PRK"), horizon="1,3,6"), "fan",
          "What comes next between two, as distributions."),
    Shown("changes", "atlas", lambda t: t.changes("atlas"), "",
          "What changed: the largest surprises against the forecast."),
    Shown("claims", "atlas", lambda t: t.check("src/tertius/study/demo.md", "atlas"), "",
          "An article's claims, each with a verdict."),
)  # fmt: skip


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that are made. A hook of mkdocs."""
    from mkdocs.structure.files import File

    for uri, content in made():
        files.append(File.generated(config, uri, content=content))
    return files


def made() -> Iterator[tuple[str, str | bytes]]:
    """Every page and picture: its place on the site, and what it holds."""
    yield "index.md", home((ROOT / "README.md").read_text("utf-8"))
    yield "changelog.md", without_links((ROOT / "CHANGELOG.md").read_text("utf-8"))
    for path in sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")):
        yield from tutorial(path)
    yield "reference/commands.md", commands()
    yield "reference/python.md", python()
    yield "reference/modules.md", modules()
    yield "reference/papers.md", papers()
    yield from gallery()


def home(readme: str) -> str:
    """README with links into docs as links of the site, and without those to other files of the repository."""
    return without_links(readme.replace("](docs/", "]("))


def without_links(text: str) -> str:
    """A text whose links to files that are not on the site are code instead."""

    def kept(found: re.Match[str]) -> str:
        words, to = found[1], found[2]
        there = to.startswith(("http://", "https://", "#")) or (ROOT / "docs" / to.split("#")[0]).is_file()
        return found[0] if there else words if words.startswith("`") else f"`{to}`" if words == to else words

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", kept, text)


def tutorial(path: Path) -> Iterator[tuple[str, str | bytes]]:
    """A notebook as a page: its words, code, and what it printed and drew."""
    parts = []
    for n, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(fenced(source, "python"))
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                parts.append(fenced("".join(output["text"]), "text"))
            elif picture := output.get("data", {}).get("image/png"):
                name = f"{path.stem}-{n}.png"
                yield f"tutorials/{name}", base64.b64decode(picture)
                parts.append(f"![What the cell draws: {' '.join(source.split())}]({name})")
    parts.append(f"This page is the notebook `docs/notebooks/{path.name}`, which a test runs.")
    yield f"tutorials/{path.stem}.md", "\n\n".join(parts) + "\n"


def commands() -> str:
    """The help of every command."""
    import typer
    from typer.testing import CliRunner

    from tertius.cli import app

    parts = ["# Commands", "What `tertius --help` and `tertius COMMAND --help` print."]
    listed = list(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    for name in ("", *listed):
        ran = CliRunner(env={"COLUMNS": WIDTH}).invoke(app, [*([name] if name else []), "--help"], prog_name="tertius")
        parts += [f"## `{f'tertius {name}'.rstrip()}`", fenced(ran.stdout, "text")]
    return "\n\n".join(parts) + "\n"


def python() -> str:
    """What the package exports, for mkdocstrings."""
    import tertius

    parts = ["# Python", "What `import tertius` offers; every result has `.to_dict()`, `.summary()` and its tables."]
    for name in tertius.__all__:
        found = getattr(tertius, name)
        if callable(found):
            parts.append(f"::: {found.__module__}.{found.__qualname__}")
    return "\n\n".join(parts) + "\n"


def modules() -> str:
    """The docstring of every module: each is a small paper."""
    parts = ["# Modules", "Each module says what it does and why, with its formulas and references."]
    for path in sorted(SOURCE.rglob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        if not text:
            continue
        dotted = path.relative_to(SOURCE.parent).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        parts += [f"## `{dotted}`", *as_markdown(text)]
    return "\n\n".join(parts) + "\n"


def as_markdown(docstring: str) -> list[str]:
    """A docstring as paragraphs of Markdown: roles are names, what is indented or drawn stays as it is."""
    found = []
    for block in re.split(r"\n\s*\n", docstring):
        lines = block.split("\n")
        drawn = any(re.match(r"^\s{2,}\S|^=+( +=+)*$|^\s*(>>>|\|--)", line) for line in lines)
        heading = len(lines) > 1 and re.fullmatch(r"-{3,}", lines[1].strip())
        if heading:
            found.append(f"**{names_of(lines[0].strip())}**")
            lines = lines[2:]
            drawn = False
        if drawn and not lines[0].lstrip().startswith(("- ", "* ", "1. ")):
            found.append(fenced(ROLE.sub(r"\1", textwrap.dedent(block)).replace("``", "`"), "text"))
        elif lines:
            text = names_of(textwrap.dedent("\n".join(lines)))
            found.append(re.sub(r"<(?=[A-Za-z/!])", "&lt;", text.removesuffix("::") if text.endswith("::") else text))
    return found


def names_of(text: str) -> str:
    """A text whose roles and double backticks are code."""
    return re.sub(r"``([^`]+)``", r"`\1`", ROLE.sub(r"`\1`", text))


def papers() -> str:
    """The works that docstrings cite by DOI, and where."""
    cited: dict[str, tuple[set[str], set[str]]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        text = " ".join(path.read_text("utf-8").split())
        for found in DOI.finditer(text):
            doi = (
                found[1].rstrip(".:").removesuffix(")")
                if found[1].count(")") > found[1].count("(")
                else found[1].rstrip(".:")
            )
            who = WORK.search(text[max(0, found.start() - 220) : found.start()])
            names, places = cited.setdefault(doi, (set(), set()))
            names |= {f"{who[1]} {who[2]}"} if who else set()
            places.add(path.relative_to(SOURCE).as_posix())
    lines = ["| work | DOI | cited in |", "|---|---|---|"]
    for doi, (names, places) in sorted(cited.items(), key=lambda item: (min(item[1][0], default="~"), item[0])):
        who = min(names, key=len, default="")
        lines.append(f"| {who} | [{doi}](https://doi.org/{doi}) | {', '.join(f'`{p}`' for p in sorted(places))} |")
    says = "Works behind the methods and data, as the docstrings of `src/tertius` cite them."
    return "\n\n".join(["# Papers", says, "\n".join(lines)]) + "\n"


def gallery() -> Iterator[tuple[str, str | bytes]]:
    """Real answers: a page each, a chart of it, and the command that repeats it."""
    import tertius
    from tertius.errors import TertiusWarning
    from tertius.report.still import svg

    wanted = os.environ.get("TERTIUS_GALLERY")
    parts = [
        "# Gallery",
        "Pages and charts of answers on the data that come with tertius, computed when this site was built.",
    ]
    for one in GALLERY:
        if wanted is not None and one.data not in wanted.split(","):
            continue
        with warnings.catch_warnings(), TemporaryDirectory() as folder, chdir(ROOT):
            warnings.simplefilter("ignore", TertiusWarning)
            answer = one.ask(tertius)
            page = tertius.write_report(answer, Path(folder, "page.html")).read_bytes()
        document = tertius.document_of(answer)
        yield f"gallery/{one.name}.html", page
        figures = {figure.id: figure for figure in document.figures()}
        parts += [f"## {document.heading}", one.says]
        if figure := figures.get(one.chart) or next(iter(figures.values()), None):
            yield f"gallery/{one.name}.svg", svg(figure)
            parts.append(f"![{' '.join(figure.alternative.split())[:300]}](gallery/{one.name}.svg)")
        parts.append(f"[The whole page](gallery/{one.name}.html); made by")
        parts.append(fenced(answer.command, "text"))
    yield "gallery.md", "\n\n".join(parts) + "\n"


def fenced(text: str, language: str) -> str:
    """A block of code."""
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def without_types(docstring: str) -> str:
    """A docstring whose entries, "name : what it is", have that below the name, where numpydoc looks for it."""
    found, inside = [], False
    lines = docstring.split("\n")
    for n, line in enumerate(lines):
        if re.fullmatch(r"-{3,}", line):
            inside = lines[n - 1].strip() in ("Parameters", "Attributes")
        entry = re.match(r"(\w[\w, ]*?) : (.+)$", line) if inside else None
        found += [entry[1], f"    {entry[2]}"] if entry else [line]
    return "\n".join(found)


def with_doctests(docstring: str) -> str:
    """A docstring whose doctests are blocks of code."""
    blocks = re.split(r"\n[ \t]*\n", docstring)
    return "\n\n".join(fenced(block, "pycon") if block.startswith(">>> ") else block for block in blocks)


class Docstrings(griffe.Extension):
    """Roles and doctests in docstrings as code, for mkdocstrings."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for every object that has a docstring."""
        if obj.docstring is not None:
            obj.docstring.value = with_doctests(without_types(names_of(obj.docstring.value)))

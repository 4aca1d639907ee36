"""The messages of tertius: the list of all sentences that readers see, for catalogues of other languages.

    python scripts/messages.py             write src/tertius/locale/tertius.pot, and bring every catalogue up to date
    python scripts/messages.py --check     only say what is out of date or missing, and exit with 1

A message is a text in a call of ``say``, ``plural`` or ``forms`` in Python, or of ``said`` or ``_`` in a template
(:mod:`tertius.language`), and what a package of this repository says of its data (``NOTE``). White space around it is
not part of it, and a template without a letter of its own is none.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "tertius"
TEMPLATE = PACKAGE / "locale" / "tertius.pot"
KEYWORDS = {"say": 1, "plural": 2, "forms": 2}
"""Our functions, and how many texts each begins with."""

Id = str | tuple[str, str]


def found() -> Iterator[tuple[str, Id]]:
    """Every message with the file that it stands in, in the order of files and lines."""
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.j2")]):
        for texts in in_python(path) if path.suffix == ".py" else in_template(path):
            id = tuple(text.strip() for text in texts)
            if re.search(r"[^\W\d_]", without_fields(id[0])):
                yield path.relative_to(PACKAGE).as_posix(), id[0] if len(id) == 1 else (id[0], id[1])
    for path in sorted((ROOT / "packages").glob("*/src/*/__init__.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NOTE":
                yield path.relative_to(ROOT).as_posix(), ast.literal_eval(node.value)


def in_python(path: Path) -> Iterator[tuple[str, ...]]:
    """The texts of every call in a file, also of one inside another, in the order of lines."""
    calls = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
    for call in sorted(calls, key=lambda c: (c.lineno, c.col_offset)):
        n = KEYWORDS.get(call.func.id, 0) if isinstance(call.func, ast.Name) else 0
        texts = tuple(a.value for a in call.args[:n] if isinstance(a, ast.Constant) and isinstance(a.value, str))
        if n and len(texts) == n:
            yield texts


def in_template(path: Path) -> Iterator[tuple[str, ...]]:
    """The texts of every call in a template."""
    with path.open("rb") as stream:
        for _, message, _, _ in extract("jinja2.ext:babel_extract", stream, {"said": None, "_": None}):
            yield (message,)


def without_fields(template: str) -> str:
    """What a template says itself.

    >>> without_fields("{a} and {b:.1f}")
    ' and '
    """
    try:
        return "".join(text for text, *_ in Formatter().parse(template))
    except ValueError:  # no template: braces that are text
        return template


def template() -> Catalog:
    """All messages."""
    made = Catalog(project="tertius", copyright_holder="The tertius developers", fuzzy=False)
    places: dict[Id, list[str]] = {}
    for place, id in found():
        places.setdefault(id, []).append(place)
    for id, files in places.items():
        made.add(id, locations=[(f, None) for f in dict.fromkeys(files)])  # type: ignore[misc]
    return made


def as_text(catalogue: Catalog) -> str:
    """A catalogue as the text of its file, without what changes from run to run."""
    sink = io.BytesIO()
    write_po(sink, catalogue, width=0, include_lineno=False, omit_header=False)
    dated = r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Report-Msgid-Bugs-To): .*\n'
    return re.sub(dated, "", sink.getvalue().decode(), flags=re.MULTILINE)


def languages() -> list[Path]:
    """The catalogues of other languages."""
    return sorted(TEMPLATE.parent.glob("*/LC_MESSAGES/tertius.po"))


def missing(path: Path, all_of: Catalog) -> list[Id]:
    """Messages that a catalogue lacks."""
    with path.open("rb") as stream:
        known = read_po(stream, locale=path.parents[1].name)
    lacking = []
    for message in all_of:
        if not message.id:
            continue
        there = known.get(message.id)
        forms = there.string if there is not None and isinstance(there.string, tuple) else (there and there.string,)
        if there is None or there.fuzzy or not all(forms):
            lacking.append(message.id)
    return lacking


def main() -> int:
    """Write the template and the catalogues, or say what is wrong with them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    all_of = template()
    text = as_text(all_of)
    wrong = 0
    if not TEMPLATE.is_file() or TEMPLATE.read_text("utf-8") != text:
        wrong += check
        print(f"{len(all_of):,} messages: the template {'is out of date' if check else 'is written'}.")
        if not check:
            TEMPLATE.parent.mkdir(exist_ok=True)
            TEMPLATE.write_text(text, "utf-8")
    for path in languages():
        lacking = missing(path, all_of)
        wrong += bool(lacking)
        print(f"{path.parents[1].name}: {len(lacking):,} of {len(all_of):,} messages are missing.")
        if not check:
            with path.open("rb") as stream:
                known = read_po(stream, locale=path.parents[1].name)
            known.update(all_of, no_fuzzy_matching=True)
            known.obsolete.clear()
            path.write_text(as_text(known), "utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

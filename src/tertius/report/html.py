"""A Document as HTML: one self-contained page that opens without a network, or the inside of another's page.

It knows blocks and no answer: ``blocks.html.j2`` has a macro for each kind of block, ``content.html.j2`` puts them in
their order, and a frame stands around that: ``page.html.j2``, the self-contained file, or a template of whoever serves
pages (:func:`environment`), with ``page.css.j2`` as its style sheet (:func:`style_sheet`) and ``page.js`` as its script
(:func:`page_script`). Charts are Vega-Lite specifications in data blocks, which no browser runs. In the file they are
drawn by one embedded script under a content policy that names the scripts by hash and forbids every connection. Labels
of the data are text, whatever they contain.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup

from tertius.errors import UsageError, disk_room
from tertius.language import ENGLISH, direction, in_language, say
from tertius.report.bundle import vega_bundle
from tertius.report.colours import COLOURS
from tertius.report.document import Document, Figure, Item, shown

MARK = b'<meta name="generator" content="tertius'
"""By this a page is known to be a report of ours, near its beginning."""
MARK_WITHIN = 4096  # bytes


def check_destination(path: Path, *, make_folder: bool = False, mark: bytes = MARK, what: str = "report") -> None:
    """Raise UsageError where no report can be written: no folder (``make_folder``: none that could be made), a folder,
    no right to write, or a file that is not a report of ours (``mark``, ``what``: by what a file of ours is known, and
    what it is called). Nothing is written.
    """
    folder = path.parent
    if make_folder:
        folder = next(f for f in (folder, *folder.absolute().parents) if os.path.lexists(f))
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", "Make it first, or name another place.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", f"Name a file: {path / 'report.html'}.")
    place = path if is_device(path) else folder
    if not os.access(place, os.W_OK):
        raise UsageError(f"Nothing can be written to {place}.", f"Name another place for the {what}.")
    check_replaceable(path, mark=mark, what=what)


def check_replaceable(path: Path, *, mark: bytes = MARK, what: str = "report") -> None:
    """Raise UsageError where a file stands that is not a report of ours: it would be lost."""
    if path.is_file():
        with path.open("rb") as stream:
            ours = mark in stream.read(MARK_WITHIN)
        if not ours:
            raise UsageError(
                f"{path} exists and is not a {what} of tertius.", "Name another file, or move that one away."
            )


def is_device(path: Path) -> bool:
    """Whether a path names something to write to that is no file, such as a terminal: it is never replaced."""
    return path.exists() and not path.is_file()


def write_page(document: Document, path: Path, *, overwrite: bool = False) -> Path:
    """Write the page of a Document to one HTML file and return its path; the file appears whole or not at all.

    An older report of tertius is replaced; any other file only with ``overwrite``.

    Raises
    ------
    UsageError : the folder does not exist, another file stands there, or the file cannot be written.
    DiskFull : the disk is full.
    """
    if not overwrite or not path.is_file():
        check_destination(path)
    html = render(document)
    temporary = path if is_device(path) else path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with disk_room(f"The report {path} was not written."), temporary.open("wb") as stream:
            stream.write(html.encode("utf-8", "replace"))
            stream.flush()
            if temporary != path:
                os.fsync(stream.fileno())
        if temporary != path:
            os.replace(temporary, path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Check its rights, or name another file."
        ) from None
    finally:
        if temporary != path:
            temporary.unlink(missing_ok=True)
    return path


def render(document: Document) -> str:
    """The page as text."""
    library, own = vega_bundle(), page_script()
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            **inside(document),
            policy=content_policy(library, own),
            scripts=(Markup(library), Markup(own)),  # not the data's: vl-convert's and ours
        )
    )


_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CLOSERS = dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c") | dict.fromkeys("\u2066\u2067\u2068", "\u2069")
"""Marks of direction, and what closes each."""


@cache
def environment(*packages: str) -> Environment:
    """Templates of this package, and of others before it, that can show blocks; read once."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(p, ".") for p in (*packages, "tertius.report")]),
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    known: dict[str, Callable[..., Any]] = {
        "kind": lambda block: type(block).__name__.lower(),
        "shown": lambda parts: shown(parts, "page"),
        "is_item": lambda item: isinstance(item, Item),
        "drawn": _drawn,
        "closed": closed,
        "direction": direction,
        "said": _said,
    }
    made.globals |= known
    made.globals["colours"] = Markup(_colour_rules())
    made.globals |= {"place_of": None, "charts_later": False}
    return made


def closed(value: str) -> str:
    r"""A text; marks of direction that it leaves open are closed at its end, so that no article turns our words round
    that stand beside it. Not for attributes, whose values are to be as they are.

    >>> closed("txt \u202e")
    'txt \u202e\u202c'
    """
    left: list[str] = []
    for mark in _DIRECTIONS.findall(value):
        if mark in _CLOSERS:
            left.append(_CLOSERS[mark])
        elif left and left[-1] == mark:
            left.pop()
    return value + "".join(reversed(left)) if left else value


def inside(document: Document) -> dict[str, Any]:
    """What ``content.html.j2`` needs to know."""
    return {"document": document, "contents": contents(document)}


def render_inside(
    document: Document, place_of: Callable[[tuple[str, ...]], str] | None = None, *, charts_later: bool = False
) -> str:
    """What stands inside ``<main>``, for a frame of someone else's.

    ``place_of`` gives the address of the page about an actor or a pair, where there is one. With ``charts_later``
    charts are places that a script fills from :func:`charts`, so that a reader has the text before they are drawn.
    """
    how = {"place_of": place_of, "charts_later": charts_later}
    return environment().get_template("content.html.j2").render(**inside(document), **how)


def charts(document: Document) -> dict[str, dict[str, Any]]:
    """Specification and legend of every chart of a page, by its id."""
    found = {}
    for figure in document.figures():
        spec, key = figure.spec()
        found[figure.id] = {"spec": spec, "key": [{"mark": k.mark, "colour": k.colour, "text": k.text} for k in key]}
    return found


def style_sheet() -> str:
    """The style of every page, as a file of its own."""
    return environment().get_template("page.css.j2").render()


def page_script() -> str:
    """The script that draws the charts of a page and opens what is folded, with the Vega bundle before it."""
    return files("tertius.report").joinpath("page.js").read_text("utf-8")


def contents(document: Document) -> tuple[tuple[str, str], ...]:
    """Anchor and title of every listed section of the page."""
    return tuple((s.id, s.listed) for s in shown(document.sections, "page") if s.listed and shown(s.blocks, "page"))


@pass_context
def _said(context: Context, text: str, **fields: str) -> str:
    """A sentence of a template, in the language of the Document that it shows (English without one)."""
    document = context.get("document")
    return str(in_language(say(text, **fields), document.language if document else ENGLISH))


def _drawn(figure: Figure) -> dict[str, Any]:
    """A chart's specification as JSON that is safe inside HTML, and its legend."""
    spec, key = figure.spec()
    return {"spec": safe_json(spec), "key": key}


def _colour_rules() -> str:
    """Style rules that give a legend the colours of the charts, on light paper and on a dark page."""
    light, dark = (" ".join(f".{name} {{ --sign: {pair[k]}; }}" for name, pair in COLOURS.items()) for k in (0, 1))
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}"


def content_policy(*scripts: str) -> str:
    """What the page may do: run these scripts, style itself, show its own images, and nothing else."""
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{d}'" for d in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def safe_json(value: Any) -> Markup:
    """JSON that can stand inside a script element: no character of it can end the element or a line of script.

    >>> safe_json("</script>&")
    Markup('"\\\\u003c/script\\\\u003e\\\\u0026"')
    """
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)

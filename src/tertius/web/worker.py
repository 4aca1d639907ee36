"""A worker: a process that answers one question after the other, and tells how far it is.

It reads questions from standard input and writes progress and answers to standard output (:mod:`tertius.web.wire`). Its
answer to a question is the document of ``--json``, byte for byte, and the inside of a page. It ends at once, with all
that it started, when the server is gone: nothing is computed that nobody can receive.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

from tertius.errors import TertiusError
from tertius.language import ENGLISH, in_language
from tertius.memory import resident_bytes
from tertius.web.jobs import AGAIN, FAULT
from tertius.web.pages import place_of
from tertius.web.questions import QUESTIONS
from tertius.web.wire import send

EVERY = 0.1
"""Seconds between two lines of progress."""
ANCHORED = ("explain", "check")
"""Questions whose answers have links within."""


def main() -> None:
    """Answer until standard input ends."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not print into answers
    data = json.loads(sys.argv[1])
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(waiting,), daemon=True).start()
    warnings.simplefilter("ignore")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tertius.sources.loading import files_closed
    from tertius.web.desk import Desk

    desk = Desk(data)
    try:
        send(out, {"kind": "ready", "bytes": resident_bytes()})
        with files_closed():
            while True:
                asked = waiting.get()
                _answer(desk, asked, out)
                gc.collect()
                gc.freeze()  # what stays open is millions of objects: looking through them all took a second at times
    except BrokenPipeError:
        _end()


def _listen(waiting: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Take questions as they come."""
    for line in sys.stdin.buffer:
        waiting.put(json.loads(line))
    _end()


def _end() -> None:
    """The server is gone: end this process and those it started, without a word."""
    with contextlib.suppress(OSError):
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _answer(desk: Any, asked: dict[str, Any], out: BinaryIO) -> None:
    """Answer one question, or say why there is no answer."""
    last = 0.0

    def progress(line: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            parts = {name: getattr(line, name, None) for name in ("what", "done", "of", "left")}
            text = str(in_language(line, asked["language"]))
            send(out, {"kind": "progress", "id": asked["id"], "text": text, **parts})

    send(out, {"kind": "begun", "id": asked["id"]})
    from tertius.study.kept import is_on

    head: dict[str, Any] = {"kind": "done", "id": asked["id"]}
    bodies: tuple[bytes, ...] = ()
    try:
        if asked["hash"]:
            desk.held[asked["data"]] = asked["hash"]
        if asked["question"] == "about":
            head["about"] = desk.about(asked["data"])
        else:
            if asked["form"] == AGAIN and not is_on():  # it would be fitted again
                return send(out, {**head, "bytes": resident_bytes()})
            found = desk.answer(asked["question"], asked["data"], asked["given"], progress)
            made = FORMS.get(asked["form"])
            head["page"], bodies = _shown(found, asked) if made is None else ({}, (made(found, asked),))
    except TertiusError as error:
        kinds = [c.__name__ for c in type(error).__mro__]
        head |= {"kind": "failed", "kinds": kinds, **_refused(error.to_dict()["error"], asked)}
    except Exception as error:
        head |= {"kind": "failed", "kinds": [], **_refused(_fault(error), asked)}
    return send(out, {**head, "bytes": resident_bytes()}, bodies)


def _refused(error: dict[str, str], asked: dict[str, Any]) -> dict[str, Any]:
    """An error as a program reads it, and as a reader does in their language."""
    return {"error": error, "told": in_language(error, asked["language"])}


def _shown(answer: Any, asked: dict[str, Any]) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """The answer's JSON, and its page's inside with what the frame around it needs to know.

    Charts take longer than all the rest. They come by themselves when a reader gets there (the form "charts"), but for
    those of somebody's own text, which is not there any more to be asked about again.
    """
    from tertius.report.html import render_inside

    document = _document(answer, asked)
    lang = {} if asked["language"] == ENGLISH else {"lang": asked["language"]}
    later = not QUESTIONS[asked["question"]].private
    inside = render_inside(document, lambda about: place_of(about, data=asked["data"], **lang), charts_later=later)
    said = json.dumps(answer.to_dict(), allow_nan=False, default=str) + "\n"
    return {"title": document.title, "heading": document.heading}, (said.encode(), inside.encode("utf-8", "replace"))


def _document(answer: Any, asked: dict[str, Any]) -> Any:
    """The answer's Document in the reader's language. Anchors are numbered by question, so that answers can stand on
    one page, but for those whose texts lead to them."""
    from tertius.report.document import numbered, translated
    from tertius.report.pages import document_of

    document, question = translated(document_of(answer), asked["language"]), asked["question"]
    if question not in ANCHORED:
        n = list(QUESTIONS).index(question)
        document = replace(document, sections=tuple(numbered(s, n) for s in document.sections))
    return document


def _charts(answer: Any, asked: dict[str, Any]) -> bytes:
    from tertius.report.html import charts

    return json.dumps(charts(_document(answer, asked)), allow_nan=False, separators=(",", ":")).encode()


def _atom(answer: Any, asked: dict[str, Any]) -> bytes:
    from tertius.report.feed import atom

    return atom(answer)


def _feed(answer: Any, asked: dict[str, Any]) -> bytes:
    from tertius.report.feed import json_feed

    return json_feed(answer)


def _brief(answer: Any, asked: dict[str, Any]) -> bytes:
    from tertius.report import sheet

    return sheet.render(_brief_document(answer, asked["language"])).encode("utf-8", "replace")


def _brief_text(answer: Any, asked: dict[str, Any]) -> bytes:
    from tertius.report.markdown import as_markdown

    return as_markdown(_brief_document(answer, asked["language"]), {}).encode("utf-8", "replace")


def _brief_document(answer: Any, language: str) -> Any:
    from tertius.report.document import translated
    from tertius.report.pages import document_of
    from tertius.study.brief import Brief

    return translated(document_of(Brief(answer)), language)


FORMS: dict[str, Callable[[Any, dict[str, Any]], bytes]] = {
    "charts": _charts,
    "atom": _atom,
    "feed": _feed,
    "brief": _brief,
    "brief.md": _brief_text,
}
"""What an answer may be beside a page with its JSON: its charts, feeds of changes, and briefs of a pair."""


def _fault(error: Exception) -> dict[str, str]:
    """What is told of a fault of ours: where it was, on standard error, and never its words, which may be a text's."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " > ".join(f"{os.path.basename(f.filename)}:{f.lineno}" for f in frames[-6:])
    sys.stderr.write(f"tertius worker: {type(error).__name__} at {where}\n")
    return FAULT


if __name__ == "__main__":
    main()

"""The command that reads an article, or many texts."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from tertius.cli.kits import PRINTED, TALK, Kit
from tertius.cli.options import MODEL, OUTPUT, READING, Data, option
from tertius.cli.run import answers, carry_out, command, fail, reader_gone
from tertius.errors import BadValue, InputError, TertiusError, UsageError

Lines = Annotated[
    str | None,
    option(
        "--lines", metavar="F.jsonl", group=READING, default="one document",
        help='Many texts instead: one {"id", "text"} a line (a "date" too), one result a line; - for standard input.',
    ),
]  # fmt: skip
ReaderName = Annotated[
    str | None,
    option("--reader", metavar="NAME", group=MODEL, help="shallow, parsed, llm, or your own.", default="shallow"),
]
BaseUrl = Annotated[
    str | None,
    option(
        "--base-url", metavar="ADDRESS", group=MODEL, default="none",
        help="With --reader llm: the server (.../v1) to which the text is sent.",
    ),
]  # fmt: skip
ModelName = Annotated[
    str | None, option("--model", metavar="NAME", group=MODEL, help="With --reader llm: its model.", default="none")
]
KeyEnv = Annotated[
    str | None,
    option(
        "--key-env",
        metavar="NAME",
        group=MODEL,
        help="The environment variable that holds the server's key.",
        default="no key",
    ),
]
KeyFile = Annotated[
    Path | None,
    option("--key-file", metavar="FILE", group=MODEL, help="The file that holds the server's key.", default="no key"),
]
Timeout = Annotated[
    float,
    option("--timeout", metavar="SECONDS", min=0.1, group=MODEL, help="How long the server may take for a request."),
]

READERS: Kit = {
    "reader": (ReaderName, None), "base_url": (BaseUrl, None), "model": (ModelName, None), "key_env": (KeyEnv, None),
    "key_file": (KeyFile, None), "timeout": (Timeout, 120.0),
}  # fmt: skip
"""Who reads."""


@command(
    "tertius read article.html",
    "tertius read https://example.org/article --json",
    "tertius read --lines sentences.jsonl > read.jsonl",
    "tertius read a.txt --reader llm --base-url http://localhost:8080/v1 --model M",
    takes=(READERS, PRINTED, TALK),
)
def read(
    ctx: typer.Context,
    doc: Annotated[
        str | None, typer.Argument(metavar="DOC", help="Text, Markdown, HTML, PDF, an address, or - (standard input).")
    ] = None,
    lines: Lines = None,
) -> None:
    """Read an article: what it says of itself, and who did what to whom in it."""
    if lines is not None:
        _many(ctx, lines, doc)
        return

    def work() -> Any:
        from tertius.reading.address import fetch
        from tertius.reading.claims import with_claims
        from tertius.reading.document import is_address, read_source

        if doc is None:
            raise UsageError("Nothing to read was named.", "Type: tertius read FILE, or tertius read --lines F.jsonl.")
        who = _reader(ctx)
        return with_claims(who.read(fetch(doc) if is_address(doc) else read_source(doc)))

    carry_out(ctx, work)


def _reader(ctx: typer.Context) -> Any:
    """The reader that was asked for; the host of a model's server is printed."""
    from tertius.reading.readers import DEFAULT, LLM, find_reader

    name = ctx.params["reader"]
    told = {option: ctx.params[option] for option in ("base_url", "model", "key_env", "key_file")}
    if name != LLM:
        given = [f"--{option.replace('_', '-')}" for option, value in told.items() if value is not None]
        if given:
            raise UsageError(f"{', '.join(given)} belong to --reader llm.", "Add --reader llm, or leave them out.")
        return find_reader(name or DEFAULT)
    from tertius.reading.llm import model_reader

    found = model_reader(**told, seconds=ctx.params["timeout"])
    sys.stderr.write(f"The text is sent to {found.host} ({told['model']}).\n")
    return found


def _many(ctx: typer.Context, path: str, doc: str | None) -> None:
    """One result a line; exit 2 where a line was wrong, after all of them."""
    from tertius.study.reading import read_lines

    as_json = ctx.params["as_json"]
    wrong, n = [], 0
    try:
        if doc is not None or ctx.params["report"] is not None or ctx.params["table"] is not None:
            raise UsageError("--lines prints one JSON result a line.", "Leave out DOC, --report and --table.")
        if path != "-" and not Path(path).is_file():
            raise UsageError(f"There is no file {path}.", "Name a file of JSON lines, or - for standard input.")
        who = _reader(ctx)
        with nullcontext(sys.stdin.buffer) if path == "-" else open(path, "rb") as stream:
            for result in read_lines(stream, who):
                n += 1
                if "error" in result:
                    wrong.append(result["error"])
                sys.stdout.write(json.dumps(result, allow_nan=False, default=str) + "\n")
        sys.stdout.flush()
        if n == 0:
            raise BadValue(f"{path} holds no line.", 'Write {"id": ..., "text": ...} on every line.')
        if wrong:
            first = wrong[0]
            raise BadValue(f"{len(wrong):,} of {n:,} lines were not read. The first: {first['message']}", first["hint"])
    except BrokenPipeError:
        reader_gone()
    except TertiusError as error:
        fail(error, as_json and n == 0)
    except OSError as error:
        fail(InputError(f"{path}: {error.strerror or error}.", "Check the path and its rights."), as_json and n == 0)


@answers(
    "tertius check article.html atlas",
    "tertius check article.txt atlas --report a.html --claimreview review.json",
    "tertius check article.txt STORE --written 2023-09-18 --json",
    takes=(READERS, PRINTED, TALK),
)
def check(
    ctx: typer.Context,
    doc: Annotated[str, typer.Argument(metavar="DOC", help="Text, Markdown, HTML, PDF, an address, or -.")],
    data: Data,
    written: Annotated[
        str | None,
        option("--written", metavar="DATE", group=READING, help="Day of writing.", default="what the document says"),
    ] = None,
    quotes: Annotated[
        bool,
        option("--quotes", group=OUTPUT, help="Reproduce no more of the text than the sentences that were checked."),
    ] = False,
    claimreview: Annotated[
        Path | None,
        option(
            "--claimreview",
            metavar="FILE",
            group=OUTPUT,
            default="none",
            help="Also write ClaimReview JSON-LD: a draft for a human to sign.",
        ),
    ] = None,
) -> Any:
    """Put the claims of an article to data: a verdict a claim."""
    from tertius.reading.address import fetch
    from tertius.reading.document import is_address
    from tertius.report.claimreview import check_draft, write_draft
    from tertius.study.check import check

    if claimreview is not None:
        check_draft(claimreview)
    source = fetch(doc) if is_address(doc) else doc
    found = check(source, data, written=written, reader=_reader(ctx), quotes=quotes)
    if claimreview is not None:
        write_draft(found, claimreview, doc if is_address(doc) else None)
    return found

"""How a command runs: its work, then its result or the one message that says what to mend."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from tertius.cli.kits import TALK, Kit, with_kits
from tertius.cli.options import Command, Group, any_of
from tertius.errors import (
    DiskFull,
    InputError,
    TertiusError,
    TertiusWarning,
    UsageError,
    did_you_mean,
    disk_room,
    memory_named,
)
from tertius.language import ENGLISH
from tertius.model.tables import FORMS as TABLES
from tertius.report.plain_text import plain_text

if TYPE_CHECKING:
    from tertius.progress import OnProgress
    from tertius.report.document import Section

READER_GONE = 141
"""What the shell reports of a program that a closed pipe ends: 128 + SIGPIPE."""

app = typer.Typer(
    cls=Group,
    help="Who drives whom together? Answers from dated events, and how far to believe them.",
    epilog="tertius demo\ntertius explain RUS PRK chronicle\ntertius explain --help",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


Register = Callable[[Callable[..., Any]], Callable[..., None]]


def command(*examples: str, takes: Iterable[Kit] = ()) -> Register:
    """Register a command by the name in its examples, with which its help ends; it prints what it has to say itself."""

    def register(own: Callable[..., Any]) -> Callable[..., None]:
        return _registered(examples, with_kits(own, takes, lambda _, passed: own(**passed)))

    return register


def answers(*examples: str, takes: Iterable[Kit] = (TALK,)) -> Register:
    """Register a command whose function returns the answer: :func:`carry_out` does the rest, by the kits it takes.

    ``takes`` holds :data:`tertius.cli.kits.TALK`, and PAGE or PRINTED where there is a page, or rows.
    """

    def register(own: Callable[..., Any]) -> Callable[..., None]:
        run = with_kits(own, takes, lambda ctx, passed: carry_out(ctx, lambda: own(**passed)))
        return _registered(examples, run)

    return register


def _registered(examples: tuple[str, ...], taken: Callable[..., None]) -> Callable[..., None]:
    return app.command(examples[0].split()[1], cls=Command, epilog="\n".join(examples))(taken)


def progress_of(ctx: typer.Context) -> AbstractContextManager[OnProgress]:
    """The bar on stderr that shows how far a work is, unless --quiet."""
    from tertius.report.progress import progress_bar

    return progress_bar(ctx.params["quiet"])


def carry_out(
    ctx: typer.Context,
    work: Callable[[], Any],
    *,
    report: Path | None = None,
    make_folder: bool = False,
    closing: Sequence[Section] = (),
) -> None:
    """Do the work of a command, print its result as the kits TALK and PRINTED say, or the one message what to mend.

    Parameters
    ----------
    report : write the page there too, in the place of --report. Where that fails, the result is printed all the same,
        and then the error.
    make_folder : whether the folder of the page is made, where it is not there.
    closing : sections that the terminal shows after the answer's own.
    """
    as_json, quiet, language = (ctx.params[name] for name in ("as_json", "quiet", "lang"))
    table = ctx.params.get("table")
    report = report or ctx.params.get("report")
    unwritten = None
    try:
        with _in_our_words(quiet):
            check_table(table, as_json)
            _check_language(language)
            _check_report(report, make_folder)
            result = work()
    except TertiusError as error:
        fail(error, as_json)
    if report is not None:
        try:
            with _in_our_words(quiet):
                _write_report(result, report, make_folder, as_json or quiet, language)
        except TertiusError as error:
            unwritten = error
    try:
        if as_json:
            sys.stdout.write(json.dumps(result.to_dict(), allow_nan=False, default=str) + "\n")
        else:
            _show(result, table, closing, language)
        sys.stdout.flush()
    except TertiusError as error:
        fail(error, as_json)
    except OSError as error:
        unprinted(error)
    if unwritten is not None:
        fail(unwritten, False)


def _show(result: Any, table: str | None, closing: Sequence[Section], language: str) -> None:
    """The answer in the terminal, or its rows alone."""
    from tertius.report import pages, terminal
    from tertius.report.document import translated
    from tertius.report.rows import print_rows

    if table is None:
        document = pages.document_of(result)
        shown = replace(document, sections=(*document.sections, *closing))
        terminal.show(terminal.console(), translated(shown, language))
        return
    rows = pages.rows_of(result)
    if rows is None:
        raise UsageError("--table takes one outcome.", "Ask for one --outcome at a time.")
    print_rows(rows, table)


def _check_language(language: str) -> None:
    """Raises UsageError, before the work begins, where the language is not offered or cannot be written."""
    if language != ENGLISH:
        from tertius.report.document import check_language

        check_language(language)


def _check_report(report: Path | None, make_folder: bool) -> None:
    """Raises UsageError, before the work begins, where the page could not be written."""
    if report is not None:
        from tertius.report.html import check_destination

        check_destination(report, make_folder=make_folder)


def _write_report(result: Any, path: Path, make_folder: bool, silent: bool, language: str) -> None:
    from tertius.report.pages import write_report

    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    write_report(result, path, language=language)
    if not silent:
        sys.stderr.write(f"Report written: {path}\n")


@contextmanager
def _in_our_words(quiet: bool) -> Iterator[None]:
    """Warnings go to stderr, and what the system complains of is an error of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TertiusWarning)
        warnings.showwarning = _no_warning if quiet else _show_warning  # type: ignore[assignment]
        try:
            with disk_room(), memory_named():
                yield
        except BrokenPipeError:
            reader_gone()
        except OSError as error:
            where = error.filename or "The system"
            raise InputError(f"{where}: {error.strerror or error}.", "Check the path and its rights.") from None


def ready_streams() -> None:
    """Standard output and error that take any text: a closed one swallows it, one without a letter shows it escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  as long as the program
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def unprinted(error: OSError) -> NoReturn:
    """End where standard output takes no more: without a word if its reader has gone, else with one on stderr."""
    if isinstance(error, BrokenPipeError):
        reader_gone()
    _to_nowhere()
    try:
        with disk_room("The answer was not printed whole."):
            raise error
    except DiskFull as full:
        fail(full, False)
    except OSError:
        fail(InputError(f"Standard output: {error.strerror or error}.", "Write to another place."), False)


def leave_at_once(code: int) -> NoReturn:
    """End without waiting for threads that still compute: nobody will ask for what they find."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _to_nowhere() -> None:
    with contextlib.suppress(OSError, ValueError):  # else Python complains of the stream when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def reader_gone() -> NoReturn:
    """End without a word: whoever read standard output (``| head -1``) wants no more of it."""
    _to_nowhere()
    raise SystemExit(READER_GONE)


def fail(error: TertiusError, as_json: bool) -> NoReturn:
    if as_json:
        sys.stdout.write(json.dumps(error.to_dict()) + "\n")
    else:
        lines = f"{type(error).__name__}: {error.message}\n{error.hint}".rstrip().splitlines()
        sys.stderr.write("\n".join(map(plain_text, lines)) + "\n")
    raise SystemExit(2)


def _no_warning(*_: Any) -> None:
    """--quiet: the result keeps its warnings, stderr shows none."""


def _show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    if issubclass(category, TertiusWarning):
        sys.stderr.write(f"Note: {plain_text(message)}\n")


def check_table(table: str | None, as_json: bool) -> None:
    if table is None:
        return
    if table not in TABLES:
        near = did_you_mean(table, TABLES)
        raise UsageError(f"--table '{table}' does not exist.", f"{near}Choose {any_of(tuple(TABLES))}.")
    if as_json:
        raise UsageError("--table and --json both want standard output.", "Leave one of them out.")

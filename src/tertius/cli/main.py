"""The command line: parse, call, print. No logic.

Every command takes ``--json``: one document on stdout and nothing else there. Progress and warnings go to stderr.
Exit 0; 2 for what the user can mend, with one message; 1 for a fault of ours; 141 where the reader of a pipe has gone.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated, Any

import typer

from tertius import __version__
from tertius.cli import (  # noqa: F401  they register their commands
    ask,
    brief,
    camps,
    counsel,
    data,
    foresight,
    mcp,
    reading,
    serve,
)
from tertius.cli.options import OPTIONS, option
from tertius.cli.run import app, fail, leave_at_once, reader_gone, ready_streams, unprinted
from tertius.errors import UsageError

ORDER = (
    "demo", "import", "fetch", "audit", "snapshots", "describe", "events", "trend", "rank", "isolation", "ties", "fit",
    "explain", "brief", "pairs", "compare", "whatif", "price", "wedge", "exchange", "balance", "forecast",
    "backtest", "changes", "ledger", "read", "serve", "mcp", "codes", "cache",
)  # fmt: skip
"""Commands as help lists them, in whatever module they are; a new one stands last until it is put here."""

PARSER_ERROR: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""Base of the parser's errors, wherever this version of typer keeps them."""

COMPLETING = "_TERTIUS_COMPLETE"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tertius {__version__}")
        raise typer.Exit


@app.callback()
def tertius(
    version: Annotated[
        bool,
        option("--version", help="Show the version and exit.", group=OPTIONS, callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Who drives whom together? Answers from dated events, and how far to believe them."""


app.registered_commands.sort(key=lambda c: ORDER.index(c.name) if c.name in ORDER else len(ORDER))


def main() -> None:
    """Entry point of the command ``tertius``; alone, it prints its help."""
    ready_streams()
    try:
        code = app(sys.argv[1:] or ["--help"], prog_name="tertius", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as stopped:
        if stopped.code == 1 and COMPLETING not in os.environ:  # the parser's own end where a pipe is closed
            reader_gone()
        raise
    except (typer.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is cleaned up by now: a second key would only tear the end
        leave_at_once(130)
    except OSError as error:
        unprinted(error)
    except PARSER_ERROR as error:
        context = getattr(error, "ctx", None)
        named = [name.name for name in app.registered_commands if name.name in sys.argv[1:2]]
        command = context.command_path if context else " ".join(["tertius", *filter(None, named)])
        fail(UsageError(error.format_message(), f"See: {command} --help."), "--json" in sys.argv)
    raise SystemExit(code if isinstance(code, int) else 0)

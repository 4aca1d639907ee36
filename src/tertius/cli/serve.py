"""The command serve: the explorer in a browser, and its API."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from tertius.cli.options import Json, Quiet, Seed, names_of_data, one_of, option
from tertius.cli.run import command, fail
from tertius.errors import TertiusError, UsageError


@command(
    "tertius serve", "tertius serve atlas STORE --port 8000", "tertius serve STORE --host 0.0.0.0 --token A_LONG_WORD"
)
def serve(
    data: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATA]...", help="As of explain; the atlas.", autocompletion=one_of(names_of_data)),
    ] = None,
    host: Annotated[
        str, option("--host", metavar="ADDRESS", help="Where to listen; one that others reach needs --token.")
    ] = "127.0.0.1",
    port: Annotated[int, option("--port", metavar="N", min=0, max=65535, help="0 takes any that is free.")] = 8737,
    token: Annotated[
        str | None,
        option(
            "--token",
            metavar="WORD",
            help="What every request must carry.",
            default="none",
            envvar="TERTIUS_SERVE_TOKEN",
        ),
    ] = None,
    workers: Annotated[int, option("--workers", metavar="N", min=1, max=16, help="Processes that answer.")] = 2,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """The explorer: the same answers as pages in a browser, and as JSON over HTTP.

    It listens on this machine alone, asks no other server for anything, and ends with Ctrl-C.
    """
    try:
        try:
            from tertius.web.server import serve as run
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] not in ("fastapi", "uvicorn", "h11", "starlette"):
                raise
            raise UsageError(f"serve needs {missing.name}.", "Install it: pip install 'tertius[web]'.") from None
        from tertius.web.settings import Settings, short_names

        run(
            Settings(data=short_names(data or ["atlas"]), host=host, port=port, token=token or "", workers=workers),
            lambda address: _tell(address, token, as_json, quiet),
            quiet=quiet,
            opened=as_json,
        )
    except TertiusError as error:
        fail(error, as_json)


def _tell(address: str, token: str | None, as_json: bool, quiet: bool) -> None:
    """Where it is: a line for a reader, or one JSON document."""
    opened = f"{address}?token={token}" if token else address
    if as_json:
        told: dict[str, Any] = {"address": opened}
        sys.stdout.write(json.dumps(told) + "\n")
    elif not quiet:
        sys.stdout.write(f"The explorer is at {opened}\nCtrl-C ends it.\n")
    sys.stdout.flush()

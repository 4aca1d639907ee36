"""The command that serves tools to a model."""

from __future__ import annotations

from typing import Annotated

import typer

from tertius.cli.options import Json, Quiet, Seed, names_of_data, one_of
from tertius.cli.run import command, fail
from tertius.errors import TertiusError
from tertius.spec import DATA_IS


@command("tertius mcp", "tertius mcp atlas STORE")
def mcp(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DATA...]", autocompletion=one_of(names_of_data),
            help=f"The data that may be asked: each {DATA_IS}. Default: the atlas, where it is installed, and the "
            "chronicle.",
        ),
    ] = None,
    seed: Seed = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Serve questions as tools for a model (Model Context Protocol, on standard input and output)."""
    try:
        from tertius.mcp import check_extra

        check_extra()
        from tertius.mcp import server

        names = server.names_of_data(data or ())
    except TertiusError as error:
        fail(error, as_json)
    server.serve(names)

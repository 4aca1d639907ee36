"""Kits: a command takes lists of options that others take too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from tertius.cli.kits import FILE, MODELLED, SPAN, Kit, question, with_kits
from tertius.cli.options import Data, option
from tertius.cli.run import app, command

NUMBER: Kit = {"number": (Annotated[int, option("--number", help="A number.")], 7)}


@pytest.fixture
def registered() -> Iterator[None]:
    before = list(app.registered_commands)
    yield
    app.registered_commands[:] = before


@pytest.mark.usefixtures("registered")
def test_a_command_has_its_own_parameters_and_those_of_its_kits() -> None:
    seen: list[Any] = []

    def toy(ctx: typer.Context, data: Data) -> None:
        """A toy."""
        seen.append((data, ctx.params["number"], ctx.params["codes"], question(ctx)))

    command("tertius toy DATA", takes=(NUMBER, FILE, MODELLED))(toy)
    ran = CliRunner().invoke(app, ["toy", "D", "--number", "3", "--from", "2020-01-01", "--slice", "1d"])
    assert ran.exit_code == 0, ran.output
    assert seen == [("D", 3, "names", {"slice": "1d", "start": "2020-01-01"})]


@pytest.mark.usefixtures("registered")
def test_a_function_without_a_context_needs_none() -> None:
    seen: list[str] = []

    def toy(data: Data) -> None:
        """A toy."""
        seen.append(data)

    command("tertius toy DATA", takes=(NUMBER,))(toy)
    assert CliRunner().invoke(app, ["toy", "D"]).exit_code == 0
    assert seen == ["D"]


def test_a_parameter_that_stands_in_two_of_them_is_refused() -> None:
    def toy(start: str) -> None:
        """A toy."""

    with pytest.raises(TypeError, match="toy takes start twice"):
        with_kits(toy, (SPAN,), lambda ctx, passed: None)
    with pytest.raises(TypeError, match="twice"):
        with_kits(lambda: None, (SPAN, MODELLED), lambda ctx, passed: None)

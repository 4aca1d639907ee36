"""How commands present themselves: help in groups of options with examples, and completion by the shell.

Help is plain text of at most 80 columns, without colours or boxes: it starts fast and can be copied from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

ARGUMENTS, QUESTION, MODEL, READING, CERTIFICATE, OUTPUT, OPTIONS = GROUPS = (
    "Arguments", "Question", "Model", "Reading the data", "Certificate", "Output", "Options",
)  # fmt: skip
"""Headings of options, in the order in which help shows them."""

Complete = Callable[[str], list[str]]


class Command(TyperCommand):
    """A command whose help has its options in groups and ends with examples."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments as they are typed."""
        arguments = [str(getattr(p, "metavar", p.name)) for p in self.params if p.param_type_name == "argument"]
        formatter.write_usage(ctx.command_path, " ".join(["[OPTIONS]", *arguments]))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section a group."""
        _write_groups(self, ctx, formatter, OUTPUT)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples, one a line, never wrapped."""
        _write_examples(self.epilog, formatter)


class Group(TyperGroup):
    """All commands: each with its whole first sentence, then the options and examples."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, (c.help or "").split("\n\n")[0]) for name, c in found if c is not None])
        _write_groups(self, ctx, formatter, OPTIONS)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(self.epilog, formatter)


def option(
    *names: str,
    help: str,
    group: str = OUTPUT,
    default: str | None = None,
    complete: Complete | None = None,
    **more: Any,
) -> Any:
    """An option of a group; ``default`` says in words what holds where it is not given."""
    said = f"{help} Default: {default}." if default is not None else help
    return typer.Option(*names, help=said, rich_help_panel=group, show_default=False, autocompletion=complete, **more)


def one_of(choices: Callable[[], Iterable[str]]) -> Complete:
    """Completion by one word of the choices, which are looked up when they are needed."""

    def complete(incomplete: str) -> list[str]:
        return [c for c in choices() if c.lower().startswith(incomplete.lower())]

    return complete


def many_of(choices: Callable[[], Iterable[str]]) -> Complete:
    """Completion of the last word of a list with commas."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [f"{before}{comma}{c}" for c in choices() if c.lower().startswith(last.lower())]

    return complete


def effect_names() -> list[str]:
    """All effects, for completion."""
    from tertius.effects.registry import EFFECTS

    return list(EFFECTS)


def actor_codes() -> list[str]:
    """Codes of actors, for completion."""
    from tertius.codes import find_actors

    return [a.code for a in find_actors("")]


def words_of_a_pair() -> list[str]:
    """What may stand where actors and data do, for completion: files are completed by the shell itself."""
    return ["chronicle", *actor_codes()]


def format_names() -> list[str]:
    """Formats that can be imported, for completion."""
    from tertius.sources.importing import FORMATS

    return list(FORMATS)


def _write_groups(command: Any, ctx: Any, formatter: Any, otherwise: str) -> None:
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in GROUPS}
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        is_argument = param.param_type_name == "argument"
        name = ARGUMENTS if is_argument else getattr(param, "rich_help_panel", None) or otherwise
        names, text = record
        if is_argument:
            names, text = param.metavar or names, text.replace("[required]", "").rstrip()
        if not is_argument and param.default is not None and not getattr(param, "is_flag", False):
            text += f" Default: {param.default}."
        groups[name].append((names, text))
    for name, lines in groups.items():
        if lines:
            with formatter.section(name):
                formatter.write_dl(lines)


def _write_examples(examples: str | None, formatter: Any) -> None:
    if examples:
        with formatter.section("Examples"):
            for line in examples.splitlines():
                formatter.write(f"  {line}\n")

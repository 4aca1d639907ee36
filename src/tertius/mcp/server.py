"""A server of the Model Context Protocol over standard input and output, with the official SDK (extra ``mcp``).

A call is a command in a process of its own: the server answers pings while it computes, and a call that is cancelled,
or takes longer than :data:`SECONDS`, is ended with all that it started. At most :data:`AT_ONCE` run at once; others
wait. Standard output holds the protocol alone. Nothing is written, nothing of what clients send is logged, and what is
wrong comes back as an error of the tool, in the words of the command.

References
----------
Model Context Protocol, https://modelcontextprotocol.io/specification
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server

from tertius import __version__
from tertius.errors import InputError, NotEnoughData, TertiusError
from tertius.mcp.tools import TOOLS, find_tool
from tertius.sources.loading import load
from tertius.sources.named import ATLAS, is_installed

SECONDS = 1_800.0
AT_ONCE = 2
GRACE = 5.0  # seconds that a process has to end
INSTRUCTIONS = (
    "tertius answers who drives states together, from dated events, and how far each answer can be believed. Give the "
    "verdict and the caveats with every figure. Associations are not causes; 'consistent with' is the most that a "
    "verdict says."
)


def names_of_data(asked: Sequence[str]) -> tuple[str, ...]:
    """The data that clients may choose from: those asked for, else the atlas where it is installed, and the chronicle.

    Raises UsageError, InputError, where they cannot be loaded.
    """
    names = tuple(dict.fromkeys(asked)) or tuple(name for name in (ATLAS, "chronicle") if is_installed(name))
    for name in names:
        load(name)
    return names


def serve(names: Sequence[str]) -> None:
    """Serve until standard input ends; ``names``: of the data."""
    quiet = logging.getLogger("mcp")  # the SDK logs what it cannot read: that would be the client's text
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    anyio.run(_serve, tuple(names))


async def _serve(names: tuple[str, ...]) -> None:
    server = make_server(names)
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


def make_server(names: Sequence[str]) -> Server[Any]:
    """The server, for whatever carries its messages."""
    room = anyio.Semaphore(AT_ONCE)
    listed = [
        types.Tool(
            name=tool.name,
            title=tool.title,
            description=tool.says,
            input_schema=tool.schema(names),
            annotations=types.ToolAnnotations(
                read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
            ),
        )
        for tool in TOOLS
    ]

    async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def call_tool(_: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
        given = asked.arguments or {}
        try:
            tool = find_tool(asked.name)
            words = tool.command(given, names)
            async with room:
                found = await _run(words, given[tool.text] if tool.text else "")
        except TertiusError as error:
            return _result(error.to_dict(), failed=True)
        return _result(found, failed="error" in found)

    return Server(
        "tertius", version=__version__, instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )


def _result(found: Mapping[str, Any], *, failed: bool) -> types.CallToolResult:
    text = json.dumps(found, allow_nan=False)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text)], structured_content=dict(found), is_error=failed
    )


async def _run(words: Sequence[str], text: str) -> dict[str, Any]:
    """The JSON document of a command. Raises InputError where there is none, NotEnoughData where it takes too long."""
    process = await anyio.open_process(
        [sys.executable, "-P", "-m", "tertius", *words],  # -P: no module of the folder that it runs in
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    out = bytearray()
    try:
        with anyio.move_on_after(SECONDS) as limit:
            async with anyio.create_task_group() as both:
                both.start_soon(_feed, process, text.encode())
                both.start_soon(_collect, process, out)
            code = await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)
    if limit.cancelled_caught:
        raise NotEnoughData(f"No answer after {SECONDS:.0f} seconds.", "Ask of fewer actors, or of a shorter span.")
    try:
        found = json.loads(out)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        again = shlex.join(["tertius", *(w for w in words if w not in ("--json", "--quiet"))])
        raise InputError(f"The command ended with {code} and without an answer.", f"See what it says: {again}.")
    return found


async def _feed(process: anyio.abc.Process, text: bytes) -> None:
    assert process.stdin is not None
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # it ended without reading all
        await process.stdin.send(text)
    await process.stdin.aclose()


async def _collect(process: anyio.abc.Process, into: bytearray) -> None:
    assert process.stdout is not None
    async for part in process.stdout:
        into += part


async def _end(process: anyio.abc.Process) -> None:
    """End a process and all that it started, if it has not ended."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        with anyio.move_on_after(GRACE):
            await process.wait()
    if process.returncode is None:
        _signal(process, signal.SIGKILL)
    await process.aclose()


def _signal(process: anyio.abc.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.terminate()

"""What a server and its workers say to each other: a line of JSON, and the bytes that it announces."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, BinaryIO

LINE = 4_000_000
"""Bytes of a line at most: the text of an article and some more."""


def message(head: dict[str, Any], *bodies: bytes) -> bytes:
    """A message as it is sent."""
    line = json.dumps({**head, "sizes": [len(b) for b in bodies]}, ensure_ascii=True).encode()
    return b"".join((line, b"\n", *bodies))


def send(stream: BinaryIO, head: dict[str, Any], bodies: Sequence[bytes] = ()) -> None:
    """Write a message and flush it."""
    stream.write(message(head, *bodies))
    stream.flush()


async def receive(stream: asyncio.StreamReader) -> tuple[dict[str, Any], list[bytes]]:
    """The next message. Raises EOFError where there will be none."""
    line = await stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    head = json.loads(line)
    try:
        bodies = [await stream.readexactly(size) for size in head["sizes"]]
    except asyncio.IncompleteReadError:
        raise EOFError from None
    return head, bodies

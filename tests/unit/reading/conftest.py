"""Servers on this machine that answer as they are told, a few ways to make a document, and a small reader."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Served:
    """A server: its address, what it was sent, and how it answers."""

    port: int = 0
    answer: Callable[[Any, bytes], None] = lambda handler, body: None
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server() -> Iterator[Served]:
    """A server of loopback; set ``answer`` before it is asked."""
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            served.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            with contextlib.suppress(OSError):  # the reader has gone
                served.answer(self, body)

        do_GET = _any  # noqa: N815
        do_POST = _any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    served.port = running.server_address[1]
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield served
    running.shutdown()
    running.server_close()
    thread.join()


def reply(handler: Any, content: bytes, status: int = 200, **headers: str) -> None:
    """A whole answer."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def answer_with() -> Callable[..., None]:
    """:func:`reply`, for tests."""
    return reply

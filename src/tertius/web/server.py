"""Listens: uvicorn with bounds on slow clients."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from tertius.errors import InputError, UsageError
from tertius.web.app import create_app
from tertius.web.jobs import Jobs
from tertius.web.settings import LOOPBACK, Settings


def check(settings: Settings) -> None:
    """Raises UsageError where the server would be open to others without a token."""
    if settings.host not in LOOPBACK and not settings.token:
        raise UsageError(
            f"--host {settings.host} can be reached by others.",
            "Add --token with a long word of your own, or leave --host out.",
        )
    if settings.token and (len(settings.token) < 16 or not settings.token.isascii() or not settings.token.isalnum()):
        raise UsageError("--token is too easy to guess.", "Take 16 letters and digits or more, chosen at random.")


def protocol(seconds: float) -> type[H11Protocol]:
    """HTTP/1.1 that ends a connection on which a request's head does not arrive in time."""

    class Hurried(H11Protocol):
        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait_for_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state is not h11.IDLE:
                self._hurry_no_more()
            elif self._late is None and self.conn.trailing_data[0]:
                self._wait_for_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._hurry_no_more()
            super().connection_lost(exc)

        def _wait_for_head(self) -> None:
            self._late = self.loop.call_later(seconds, self._too_late)

        def _hurry_no_more(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

        def _too_late(self) -> None:
            self._late = None
            if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
                self.transport.close()

    return Hurried


def serve(
    settings: Settings, ready: Callable[[str], object] | None = None, *, quiet: bool = False, opened: bool = False
) -> None:
    """Serve until interrupted; ``ready`` is called with the address once it listens, or, with ``opened``, once some of
    the data are open too; ``quiet``: without a log.

    Raises UsageError, and InputError where none of the data can be opened.
    """
    check(settings)
    app = create_app(settings, (lambda line: None) if quiet else None)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, http=protocol(settings.request_seconds),
        ws="none", access_log=False, log_level="warning", limit_concurrency=settings.connections,
        timeout_keep_alive=5, timeout_graceful_shutdown=2, server_header=False, h11_max_incomplete_event_size=32_768,
        lifespan="on",
    )  # fmt: skip
    jobs = app.jobs
    server = _Server(config, jobs)

    async def run() -> None:
        bound = _bound(config)
        port = bound.getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        if ready is not None:
            asyncio.get_running_loop().create_task(_when_up(server, opened, lambda: ready(f"http://{host}:{port}/")))
        hopeless = asyncio.get_running_loop().create_task(_end_where(jobs.hopeless, server))
        await server.serve(sockets=[bound])
        hopeless.cancel()

    asyncio.run(run())
    if jobs.hopeless.is_set():
        raise InputError(*(next(iter(jobs.wrong.values()))[name] for name in ("message", "hint")))


class _Server(uvicorn.Server):
    """A server that tells all who wait or listen that it ends, before it ends their connections."""

    def __init__(self, config: uvicorn.Config, jobs: Jobs) -> None:
        super().__init__(config)
        self.jobs = jobs

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.jobs.stop()
        await super().shutdown(sockets)


def _bound(config: uvicorn.Config) -> Any:
    """The socket. Raises UsageError where the port is taken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((config.host, config.port))
    except (OSError, OverflowError) as error:
        made.close()
        raise UsageError(
            f"Nothing can listen at {config.host}, port {config.port}: {error}.", "Choose another --port; 0 takes any."
        ) from None
    made.set_inheritable(True)
    return made


async def _end_where(hopeless: asyncio.Event, server: uvicorn.Server) -> None:
    """End a server none of whose data can be opened."""
    await hopeless.wait()
    server.should_exit = True


async def _when_up(server: _Server, opened: bool, tell: Callable[[], object]) -> None:
    while not server.started or (opened and not server.jobs.about):
        await asyncio.sleep(0.01)
    tell()

"""What stands before every request: who may ask, how much, and how fast; and what every response carries.

- Another name than this server's own in the Host header is refused: a page elsewhere cannot reach a server on loopback
  through a name of its own that it points there.
- Where there is a token, every request carries it: in a cookie that it was exchanged for (``?token=`` once), or in the
  header ``Authorization: Bearer``. It is compared in constant time.
- What changes anything (POST, DELETE) must not come from a page elsewhere (Origin, Sec-Fetch-Site). No header lets a
  page elsewhere read a response.
- A body is read here, whole, up to a size and a time; no handler waits for a slow client. A part of a response that is
  not taken in time ends the connection.
- A fault says where it was, never with what.
- The log holds method, path, status and time: no query and no body, so no text of anyone.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tertius.web.jobs import Jobs
from tertius.web.settings import LOOPBACK, Settings

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
LONGEST = 8_192
"""Bytes of an address."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "tertius"


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.status, self.message, self.hint = status, message, hint


class Guard:
    """Wraps an application, whose ``jobs`` it shows to whoever runs it."""

    def __init__(self, app: App, jobs: Jobs, settings: Settings, log: Callable[[str], object] | None = None) -> None:
        self.app, self.jobs, self.settings = app, jobs, settings
        self.log = log or (lambda line: sys.stderr.write(f"{line}\n"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})
        began, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                there = {name for name, _ in message["headers"]}
                more = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in there]
                message = {**message, "headers": [*message["headers"], *more]}
            await asyncio.wait_for(send(message), self.settings.request_seconds)

        try:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if len(scope.get("raw_path", b"")) + len(scope.get("query_string", b"")) > LONGEST:
                raise Refused(414, "The address is too long.", "Send an article by POST.")
            self._host(headers)
            if await self._token(scope, headers, answer):
                self._origin(scope, headers)
                await self.app(scope, await self._body(scope, headers, receive), answer)
        except Refused as refused:
            await _say(answer, refused.status, refused.message, refused.hint)
        except (TimeoutError, OSError):
            status = status or 408  # the client took too long, or is gone
        except Exception as error:
            self._fault(error)
            if not status:
                await _say(answer, 500, "A fault of tertius.", "The server's standard error says where.")
        path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0][:300]
        self.log(f"{scope['method']} {path} {status} {1000 * (time.monotonic() - began):.0f} ms")
        return None

    def _fault(self, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        where = " > ".join(f"{os.path.basename(f.filename)}:{f.lineno}" for f in frames[-6:])
        sys.stderr.write(f"tertius serve: {type(error).__name__} at {where}\n")

    def _host(self, headers: dict[str, str]) -> None:
        """Raises Refused where the server is called by a name that is not its own."""
        named = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        own = LOOPBACK if self.settings.host in LOOPBACK else (self.settings.host, *LOOPBACK)
        anywhere = self.settings.host in ("0.0.0.0", "::")  # then the token tells who may ask
        if not anywhere and named not in own:
            raise Refused(421, "This server does not go by that name.", f"Use http://{self.settings.host}/.")

    async def _token(self, scope: Scope, headers: dict[str, str], answer: Send) -> bool:
        """Whether the request may go on; where the token was in the address, it is taken out of it."""
        token = self.settings.token
        if not token:
            return True
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if given and _same(given[0], token) and scope["method"] in SAFE:
            rest = urlencode([(name, value) for name, value in query if name != "token"])
            path = scope["raw_path"].decode("latin-1").partition("?")[0]
            path = "/" + path.lstrip("/")  # never the address of another server
            cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/"
            where = [(b"location", f"{path}?{rest}".rstrip("?").encode()), (b"set-cookie", cookie.encode())]
            await answer({"type": "http.response.start", "status": 303, "headers": where})
            await answer({"type": "http.response.body", "body": b""})
            return False
        held = headers.get("authorization", "").removeprefix("Bearer ")
        cookies = dict(part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";") if "=" in part)
        if _same(held, token) or _same(cookies.get(COOKIE, ""), token):
            return True
        raise Refused(401, "This server wants its token.", "Open the address that tertius serve printed.")

    def _origin(self, scope: Scope, headers: dict[str, str]) -> None:
        """Raises Refused where a page elsewhere wants to change something."""
        if scope["method"] in SAFE:
            return
        origin = headers.get("origin")
        elsewhere = origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
        if elsewhere or headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refused(403, "A page elsewhere may not ask this.", "Use the forms of this server, or its API.")

    async def _body(self, scope: Scope, headers: dict[str, str], receive: Receive) -> Receive:
        """Read the body, and hand it on whole. Raises Refused."""
        most = self.settings.body_bytes
        too_large = Refused(413, f"More than {most:,} bytes.", "Send less.")
        if (length := headers.get("content-length", "0")).isdecimal() and int(length) > most:
            raise too_large
        if length == "0" and "transfer-encoding" not in headers:
            return receive
        parts, size, until = list[bytes](), 0, time.monotonic() + self.settings.request_seconds
        while True:
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                raise Refused(408, "The request did not arrive in time.", "Send it faster.") from None
            if message["type"] != "http.request":
                raise OSError("gone")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > most:
                raise too_large
            if not message.get("more_body", False):
                break
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": b"".join(parts), "more_body": False}

        return again


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8", "replace"))


async def _say(answer: Send, status: int, message: str, hint: str) -> None:
    """The error as JSON, whoever asked."""
    body = json.dumps({"error": {"type": "Refused", "message": message, "hint": hint}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await answer({"type": "http.response.start", "status": status, "headers": headers})
    await answer({"type": "http.response.body", "body": body})

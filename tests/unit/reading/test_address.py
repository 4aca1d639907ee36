"""An address fetched: what is refused before a byte is sent, and what a server may not do."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tertius.errors import InputError, UsageError
from tertius.reading import address, deadline
from tertius.reading.document import LIMIT

pytest.importorskip("httpx")
TEXT = b"The two states signed a treaty on water in the old town hall, and neither said why it took so long."
PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "[::1]",
        "[::ffff:127.0.0.1]", "[fd00::1]", "[fe80::1]", "100.64.0.1", "2130706433", "0x7f.1", "224.0.0.1",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused_before_it_is_asked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(address, "_answer", asked)
    with pytest.raises((UsageError, InputError), match=r"no public address|cannot be found"):
        address.fetch(f"http://{host}:8080/")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/a", "http://", "http://u:p@example.org/", "http://[::1"]
)
def test_only_pages_are_fetched(url: str) -> None:
    with pytest.raises(UsageError):
        address.fetch(url)


def test_one_private_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", (ip, 80)) for ip in (PUBLIC, "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(UsageError, match=r"10\.0\.0\.1"):
        address.resolve("example.org", 80)


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch, server: Any) -> Any:
    """The server of these tests as if it were public under the name news.example; all else stays refused."""
    resolve = address.resolve
    monkeypatch.setattr(
        address, "resolve", lambda host, port: "127.0.0.1" if host == "news.example" else resolve(host, port)
    )
    server.named = f"http://news.example:{server.port}"
    return server


def test_a_page_is_read_from_the_address_that_was_looked_at(allowed: Any, answer_with: Callable[..., None]) -> None:
    allowed.answer = lambda h, _: answer_with(h, TEXT, Content_Type="text/plain; charset=utf-8")
    assert address.fetch(f"{allowed.named}/a?b=c").text == TEXT.decode()
    path, headers, _ = allowed.requests[0]
    assert (path, headers["host"]) == ("/a?b=c", f"news.example:{allowed.port}")


def test_a_redirect_is_looked_at_too(allowed: Any, answer_with: Callable[..., None]) -> None:
    allowed.answer = lambda h, _: answer_with(h, b"", 302, Location=f"http://127.0.0.1:{allowed.port}/secret")
    with pytest.raises(UsageError, match="no public address"):
        address.fetch(allowed.named)
    assert len(allowed.requests) == 1


def test_redirects_have_an_end(allowed: Any, answer_with: Callable[..., None]) -> None:
    allowed.answer = lambda h, _: answer_with(h, b"", 302, Location="/again")
    with pytest.raises(InputError, match="more than 5 redirects"):
        address.fetch(allowed.named)
    assert len(allowed.requests) == 6


def test_what_is_too_large_is_left(allowed: Any, answer_with: Callable[..., None]) -> None:
    allowed.answer = lambda h, _: answer_with(h, b"a" * (LIMIT + 100))
    with pytest.raises(InputError, match="larger than"):
        address.fetch(allowed.named)


def test_what_is_too_large_when_unpacked_is_left(allowed: Any, answer_with: Callable[..., None]) -> None:
    packed = gzip.compress(b"a" * (LIMIT * 5))
    allowed.answer = lambda h, _: answer_with(h, packed, Content_Encoding="gzip")
    with pytest.raises(InputError, match="larger than"):
        address.fetch(allowed.named)


def test_a_server_that_drips_is_left(allowed: Any) -> None:
    def drip(handler: Any, _: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _k in range(100):
            handler.wfile.write(b"a")
            handler.wfile.flush()
            time.sleep(0.1)

    allowed.answer = drip
    began = time.monotonic()
    with pytest.raises(InputError, match="took more than"):
        address.fetch(allowed.named, seconds=1)
    assert time.monotonic() - began < 5


def test_an_error_of_the_server_is_said(allowed: Any, answer_with: Callable[..., None]) -> None:
    allowed.answer = lambda h, _: answer_with(h, b"no", 404)
    with pytest.raises(InputError, match="answered 404"):
        address.fetch(allowed.named)


def test_an_error_in_the_work_is_raised_here() -> None:
    def fails() -> None:
        raise ValueError("it")

    with pytest.raises(ValueError, match="it"):
        deadline.within(5, fails, TimeoutError())


def test_the_command_line_refuses_loopback(tertius: Callable[..., Any], server: Any) -> None:
    ran = tertius("read", server.url, "--json", "--reader", "shallow")
    assert ran.code == 2
    assert server.requests == []

"""Who may ask, and how much: names, tokens, origins, sizes, slow clients."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from explorer import Explorer, explorer
from tertius.errors import UsageError
from tertius.web.server import check
from tertius.web.settings import Settings

TOKEN = "q7Rk2mZp9sLw4xTn"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    """A server with a token, that waits for nobody long."""
    folder = tmp_path_factory.mktemp("locked")
    with explorer({"chronicle": "chronicle"}, folder, token=TOKEN, request_seconds=1.0, body_bytes=5_000) as found:
        yield found


def test_others_are_let_in_with_a_token_alone() -> None:
    with pytest.raises(UsageError, match="reached by others"):
        check(Settings(host="0.0.0.0"))
    with pytest.raises(UsageError, match="too easy"):
        check(Settings(host="0.0.0.0", token="short"))
    check(Settings(host="0.0.0.0", token=TOKEN))
    check(Settings())


def test_every_address_wants_the_token(locked: Explorer) -> None:
    for path in ("/", "/data", "/api/v1/data", "/static/0/page.css", "/api/v1/openapi.json", "/nowhere"):
        assert locked.ask(path, authorization="Bearer wrong").status == 401, path
        assert locked.ask(path, authorization="", cookie="tertius=wrong").status == 401, path
        assert locked.ask(f"{path}?token=wrong", authorization="").status == 401, path


def test_the_token_in_an_address_becomes_a_cookie(locked: Explorer) -> None:
    found = locked.ask(f"/pairs?top=3&token={TOKEN}", authorization="")
    assert (found.status, found.headers["location"]) == (303, "/pairs?top=3")
    cookie = found.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert locked.ask("/api/v1/data", authorization="", cookie=cookie.partition(";")[0]).status == 200
    away = locked.ask(f"//evil.example/x?token={TOKEN}", authorization="")
    assert away.headers["location"] == "/evil.example/x"
    assert TOKEN not in locked.log.read_text()


def test_another_name_of_this_machine_is_refused(locked: Explorer) -> None:
    for name in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
        assert locked.ask("/", host=name).status == 421
    for name in ("localhost", "127.0.0.1:9", "[::1]:9"):
        assert locked.ask("/", host=name).status == 200


def test_a_page_elsewhere_changes_nothing_and_reads_nothing(locked: Explorer) -> None:
    for more in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"}):
        assert locked.ask("/check", "POST", b"text=x", **more).status == 403
        assert locked.ask("/api/v1/jobs/x", "DELETE", **more).status == 403
    found = locked.ask("/api/v1/data", origin="https://evil.example")
    assert not [name for name in found.headers if name.startswith("access-control")]
    assert found.headers["cross-origin-resource-policy"] == "same-origin"


def test_too_much_and_too_slow_is_refused(locked: Explorer) -> None:
    assert locked.ask("/check", "POST", b"text=" + b"x" * 6_000).status == 413
    long = locked.ask(f"/?a={'x' * 40_000}")
    assert long.status == 414
    host, port = urlsplit(locked.address).netloc.split(":")
    head = (
        f"POST /check HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100\r\n\r\ntext="
    )
    for begun in ("GET / HT", head):
        with socket.create_connection((host, int(port)), timeout=10) as slow:
            slow.sendall(begun.encode())
            began = time.monotonic()
            said = b"".join(iter(lambda: slow.recv(4_096), b""))
            assert time.monotonic() - began < 8
            assert said == b"" or said.startswith(b"HTTP/1.1 408")


def test_headers_that_mean_nothing_are_refused_without_a_fault(locked: Explorer) -> None:
    assert locked.ask("/", cookie="a;;=;" * 50).status == 200
    assert locked.ask("/", authorization="Bearer \xff\xfe").status == 401
    assert locked.ask("/", accept_language="*;q=x, ,;q=,zz" * 30).status == 200
    assert locked.ask("/api/v1/chronicle/describe", "PUT").status == 405
    assert not re.search(r" 500 \d+ ms$", locked.log.read_text(), re.MULTILINE)


def test_a_fault_is_told_without_its_words(capfd: pytest.CaptureFixture[str]) -> None:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from tertius.web.app import create_app

    async def broken() -> None:
        raise ValueError("Zanzibarium")

    guard = create_app(Settings(), lambda line: None)
    assert isinstance(guard.app, FastAPI)
    guard.app.add_api_route("/broken", broken)
    asks = TestClient(guard, "http://127.0.0.1", raise_server_exceptions=False)
    for kind in ("text/html", "application/json"):
        said = asks.get("/broken", headers={"accept": kind})
        assert (said.status_code, said.headers["content-type"].partition(";")[0]) == (500, kind)
        assert "A fault of tertius" in said.text
        assert "content-security-policy" in said.headers
        assert "Zanzibarium" not in said.text + capfd.readouterr().err


def test_the_log_has_no_query(locked: Explorer) -> None:
    locked.ask("/?a=Zanzibarium")
    assert "Zanzibarium" not in locked.log.read_text()
    assert "GET / 200" in locked.log.read_text()


def test_an_address_tells_a_program_nothing_of_data_that_are_not_there(tmp_path: Path) -> None:
    import json
    import subprocess
    import sys

    ran = subprocess.run(
        [sys.executable, "-m", "tertius.cli", "serve", str(tmp_path / "nothing"), "--port", "0", "--json"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 2
    assert list(json.loads(ran.stdout)) == ["error"]


def test_data_that_are_not_there_end_the_server_with_a_word(tmp_path: Path) -> None:
    import subprocess
    import sys

    ran = subprocess.run(
        [sys.executable, "-m", "tertius.cli", "serve", str(tmp_path / "nothing"), "--port", "0"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "nothing" in ran.stderr
    assert "Traceback" not in ran.stderr

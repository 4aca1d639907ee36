"""An explorer in a process of its own, for tests, attacks and benchmarks: started, asked, and watched from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {"port": 0, "abandoned": 3.0}
RUN = (  # it ends when whoever started it is gone, killed too
    "import json, os, signal, sys, threading\n"
    "gone = lambda: (sys.stdin.read(), os.kill(os.getpid(), signal.SIGINT))\n"
    "threading.Thread(target=gone, daemon=True).start()\n"
    "from tertius.web.server import serve\n"
    "from tertius.web.settings import Settings\n"
    "serve(Settings(**json.loads(sys.argv[1])), lambda address: print(address, flush=True))\n"
)


@dataclass(frozen=True)
class Said:
    """A response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Explorer:
    """A server that runs; ``log`` is the file of its standard error."""

    process: subprocess.Popen[str]
    address: str
    log: Path
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, *, seconds: float = 120.0, **headers: str
    ) -> Said:
        """One request."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=seconds)
        named = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            connection.request(method, path, body, named)
            found: HTTPResponse = connection.getresponse()
            return Said(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
        finally:
            connection.close()

    def page(self, path: str, **headers: str) -> Said:
        """What a browser gets, once the work behind it is done."""
        return self.settled(path, accept="text/html", **headers)

    def settled(self, path: str, *, within: float = 300.0, **headers: str) -> Said:
        """What an address answers once it is no longer 202."""
        until = time.monotonic() + within
        while True:
            found = self.ask(path, **headers)
            if found.status != 202 or time.monotonic() > until:
                return found
            time.sleep(0.1)

    def opened(self, data: str, within: float = 120.0) -> None:
        """Wait until data are open."""
        until = time.monotonic() + within
        while not any(d["open"] for d in self.ask("/api/v1/data").json["data"] if d["name"] == data):
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        return children(self.process.pid)

    def busy(self) -> float:
        """Seconds of processor time that the workers have taken so far, with all that they started."""
        return sum(map(processor_seconds, descendants(self.process.pid)))


@contextmanager
def explorer(data: Mapping[str, str], folder: Path, **settings: Any) -> Iterator[Explorer]:
    """Start a server of some data; what it says on standard error is in ``folder``."""
    log = folder / f"explorer-{time.monotonic_ns()}.log"
    asked = {**SETTINGS, **settings, "data": dict(data)}
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, json.dumps(asked)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, cwd=folder, start_new_session=True,
        )  # fmt: skip
    workers: list[int] = []
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, log.read_text()
        token = str(settings.get("token", ""))
        made = Explorer(process, address, log, token, {"authorization": f"Bearer {token}"} if token else {})
        yield made
        workers = made.workers
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        until = time.monotonic() + 10
        while any(map(is_running, workers)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(map(is_running, workers)), "a worker outlived its server"


def _stat(pid: int) -> list[str]:
    """Fields of a process's state, after its name; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def is_running(pid: int) -> bool:
    """Whether a process runs: neither gone nor only waiting to be counted out."""
    found = _stat(pid)
    return bool(found) and found[0] != "Z"


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found = (int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit())
    return sorted(p for p in found if (s := _stat(p)) and s[0] != "Z" and int(s[1]) == pid)


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on."""
    own = children(pid)
    return own + [x for child in own for x in descendants(child)]


def processor_seconds(pid: int) -> float:
    """Processor time of a process."""
    found = _stat(pid)
    return (int(found[11]) + int(found[12])) / os.sysconf("SC_CLK_TCK") if found else 0.0


def resident_mb(pid: int) -> float:
    """Memory that a process holds, in MB."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

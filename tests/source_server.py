"""A local server that plays the sources' own, faults included.

``Played`` serves files by path; ``faults[path]`` is a list of what goes wrong in the requests for a path, one after the
other: "429", "503", "404", "cut" (the body breaks off), "wrong" (other bytes of the same length), "stall" (half the
body, then silence), "whole" (no Range is honoured). It counts what it was asked for.

    python tests/source_server.py FOLDER SECONDS      serves a folder slowly, for tests that kill who fetches
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Played:
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    retry_after: str | None = None
    slow: float = 0.0
    base: str = ""

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(one == path for one, _ in self.asked)


@contextmanager
def playing(played: Played) -> Iterator[Played]:
    """The server at work; ``base`` is its address."""
    silent = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            path = self.path
            wanted = self.headers.get("Range")
            played.asked.append((path, wanted))
            played.tokens.append(self.headers.get("x-ucdp-access-token"))
            fault = played.faults[path].pop(0) if played.faults.get(path) else ""
            body = played.files.get(path)
            if fault in ("429", "503", "404", "401", "416") or body is None:
                self.send_response(int(fault or 404))
                if played.retry_after is not None and fault in ("429", "503"):
                    self.send_header("Retry-After", played.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if fault == "wrong":
                body = bytes(byte ^ 1 for byte in body)
            first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and fault != "whole" else 0
            if first >= len(body):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if first else 200)
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
            body = body[first:]
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault in ("cut", "stall"):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                if fault == "stall":
                    silent.wait(20)
                self.close_connection = True
                return
            for start in range(0, len(body), 1024) if played.slow else (0,):
                self.wfile.write(body[start : start + 1024] if played.slow else body)
                self.wfile.flush()
                time.sleep(played.slow)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who fetched was killed
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    played.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield played
    finally:
        silent.set()
        server.shutdown()
        server.server_close()
        thread.join()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def dataverse(played: Played, files: dict[str, bytes]) -> None:
    """Play a Dataverse data set: its list of files, and the files by number."""
    listed = []
    for n, (name, content) in enumerate(files.items(), 1):
        data = {"id": n, "filename": name, "filesize": len(content), "md5": md5(content)}
        listed.append({"label": name, "dataFile": data})
        played.files[f"/api/access/datafile/{n}"] = content
    for doi in ("28075", "AJGVIT"):
        path = f"/api/datasets/:persistentId/versions/:latest-published/files?persistentId=doi%3A10.7910%2FDVN%2F{doi}"
        played.files[path] = json.dumps({"status": "OK", "data": listed}).encode()


if __name__ == "__main__":
    held = Played(slow=float(sys.argv[2]))
    dataverse(held, {path.name: path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())})
    with playing(held):
        print(held.base, flush=True)
        sys.stdin.read()

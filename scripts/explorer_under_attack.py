"""An explorer under attack: random requests by its own description, hostile labels and articles, slow clients, requests
that are broken off, workers that are killed. No answer may be a 500, nothing may be computed that nobody waits for, and
the memory of server and workers must stay bounded.

    python scripts/explorer_under_attack.py [--cases 300] [--articles 20] [--slow 20] [--aborted 100] [--kills 5]

The issue's sizes: --cases 10000 --aborted 1000. Needs pip install '.[test]'. Exits 1 where anything went wrong.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from explorer import Explorer, descendants, explorer, is_running, resident_mb
from tertius import errors

LABELS = (
    "</script><img src=https://evil.example/x onerror=alert(1)>", '"><script>alert(1)</script>', "../../etc/passwd",
    "a/b?c#d%2e.json", "'; DROP TABLE events; --", "{{ 7 * 7 }}", "محمد\u202e txt", "@groups.csv", "\\\\host\\x",
    "x" * 200, "%00", "\ud800",
)  # fmt: skip
PIECES = (
    "Cooperation between Russia and North Korea has soared since 2022.", "<script>alert(1)</script>", "\x00\x01\x02",
    "Russia " * 500, "((((((((((" * 200, "https://evil.example/article", "{{ 7*7 }}{% include '/etc/passwd' %}",
    "-- '; DROP TABLE events;", "\u202e\u2066\u200f", "%PDF-1.7\n%%EOF", "---\ndate: 9999-99-99\n---\n", "\n" * 3_000,
    "The United States imposed sanctions on Iran in 2012.", "é" * 1_000, "&#x0;&lt;", "1e999 " * 100,
)  # fmt: skip
OUTCOMES, MODELS = ("cooperation", "hostility", "any"), ("within", "rate")
FAULT = re.compile(r" 500 \d+ ms$", re.MULTILINE)
"""A 500 in the log."""
MARK = "Zanzibarium-never-logged"


@dataclass
class Counts:
    """What one attack sent, what came back, and what was wrong."""

    name: str
    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def took(self, status: int, what: str) -> None:
        """Note a response."""
        self.sent += 1
        self.statuses[status] += 1
        if status == 500:
            self.wrong.append(f"500: {what[:200]}")

    def line(self) -> str:
        """For people."""
        said = ", ".join(f"{n} x {status}" for status, n in sorted(self.statuses.items()))
        return f"{self.name}: {self.sent} sent; {said or 'no response wanted'}; wrong: {len(self.wrong)}"


def schemathesis_cases(server: Explorer, cases: int) -> Counts:
    """Requests made from the OpenAPI document, valid and not; every response must be as it describes."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.generation import GenerationMode

    counts = Counts("schemathesis")
    schema = schemathesis.openapi.from_dict(server.ask("/api/v1/openapi.json").json)
    operations = [found.ok() for found in schema.get_all_operations()]
    each = max(1, cases // (2 * len(operations)))
    for operation in operations:
        for mode in GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)

            @settings(
                max_examples=each, deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck), print_blob=False,
            )  # fmt: skip
            @given(case=strategy)
            def run(case: Any) -> None:
                case.headers = {**(case.headers or {}), **server.headers}
                if str((case.query or {}).get("wait", "")).replace(".", "").isdecimal():
                    case.query["wait"] = "0"  # what is waited for would be half a minute each
                response = case.call(base_url=server.address.rstrip("/"), timeout=60)
                where = f"{case.method} {case.formatted_path} {response.status_code}"
                counts.took(response.status_code, where)
                if response.status_code == 202:
                    server.ask(response.headers["location"][0] if isinstance(response.headers["location"], list)
                               else response.headers["location"], "DELETE")  # fmt: skip
                try:
                    case.validate_response(response, excluded_checks=_beyond(response))
                except BaseExceptionGroup as failed:
                    counts.wrong += [f"{where}: {type(e).__name__} {e}"[:300] for e in failed.exceptions]
                except Exception as failed:
                    counts.wrong.append(f"{where}: {type(failed).__name__} {failed}"[:300])

            try:
                run()
            except Exception as error:
                if type(error).__name__ not in ("Unsatisfiable", "Flaky"):
                    raise
    return counts


def _beyond(response: Any) -> list[Any]:
    """Checks that do not hold: what is too long is refused with a status of its own, which one of them takes for
    consent; and what the data or a model refuse (a text without an article) no description of a request can say."""
    from schemathesis.checks import CHECKS

    if response.status_code in (413, 414):
        return [CHECKS.get_one("negative_data_rejection")]
    if response.status_code == 422:
        kind = getattr(errors, response.json()["error"]["type"], errors.UsageError)
        if issubclass(kind, (errors.InputError, errors.ModelError)):
            return [CHECKS.get_one("positive_data_acceptance")]
    return []


def hostile_labels(server: Explorer, seed: int) -> Counts:
    """Every question with labels that mean harm, and paths that would be files."""
    counts = Counts("hostile labels")
    questions = ("explain", "trend", "rank", "events", "forecast")
    for label in LABELS:
        a = quote(label.encode("utf-8", "surrogatepass"), safe="")
        for path in (
            *(f"/api/v1/hostile/{q}?a={a}&b=A" for q in questions), f"/api/v1/hostile/isolation?actor={a}",
            f"/api/v1/codes?name={a}", f"/api/v1/find?name={a}", f"/pair/{a}/A?data=hostile", f"/actor/{a}",
            f"/?a={a}&b={a}", f"/api/v1/{a}/describe", f"/static/{a}/{a}", f"/check/{a}", f"/?lang={a}&data={a}",
        ):  # fmt: skip
            found = server.ask(path, accept="text/html")
            counts.took(found.status, path)
            if "html" in found.headers["content-type"] and b"<img" in found.body:
                counts.wrong.append(f"a label is an element: {path[:100]}")
            if b"root:x:0" in found.body:
                counts.wrong.append(f"a file was read: {path[:100]}")
    return counts


def hostile_articles(server: Explorer, articles: int, seed: int) -> Counts:
    """Articles of pieces that mean harm; none of their words may be in the log."""
    counts, draw = Counts("hostile articles"), random.Random(seed)
    for _ in range(articles):
        text = f"{MARK} " + "\n".join(draw.choices(PIECES, k=draw.randint(1, 12)))
        raw = urlencode({"text": text, "data": "chronicle"}).encode()
        for path, body in (("/check", raw), ("/api/v1/chronicle/check", json.dumps({"text": text}).encode())):
            found = server.ask(path, "POST", body)
            counts.took(found.status, path)
            place = found.headers.get("location", "")
            if place.startswith("/check/"):
                shown = server.page(place)
                counts.took(shown.status, place)
                if b"<script>alert(1)" in shown.body:
                    counts.wrong.append("an article's script is an element")
            elif place:
                counts.took(server.settled(f"{place}/answer").status, place)
    for body in (b"\xff\xfe", b"{" * 50_000, b"[1]", b'{"text": 3}', b"", b'{"text": "x", "text": "y"}', b"null"):
        counts.took(server.ask("/api/v1/chronicle/check", "POST", body).status, repr(body[:20]))
        counts.took(server.ask("/check", "POST", body).status, repr(body[:20]))
    if MARK in server.log.read_text():
        counts.wrong.append("an article's text is in the log")
    return counts


def slow_clients(server: Explorer, clients: int) -> Counts:
    """Heads and bodies that trickle, and readers that do not read; meanwhile others are answered."""
    counts = Counts("slow clients")
    host, port = urlsplit(server.address).netloc.split(":")
    held = []
    for n in range(clients):
        one = socket.create_connection((host, int(port)), timeout=30)
        begun = (
            b"GET / HTTP/1.1\r\nHost: loc",
            b"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ntext=",
            b"GET /static/0/vega.js HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )[n % 3]
        one.sendall(begun)
        held.append(one)
        counts.sent += 1
    began = time.monotonic()
    found = server.ask("/")
    if found.status != 200 or time.monotonic() - began > 5:
        counts.wrong.append(f"another reader waited {time.monotonic() - began:.1f} s and got {found.status}")
    time.sleep(12.0)
    for n, one in enumerate(held):
        one.settimeout(5)
        try:
            while one.recv(65_536):
                pass
        except TimeoutError:
            counts.wrong.append(f"a slow client of kind {n % 3} is still connected")
        except OSError:
            pass
        one.close()
    return counts


def aborted(server: Explorer, requests: int, seed: int) -> Counts:
    """Requests broken off at random moments; then nothing may be computed."""
    counts, draw = Counts("broken off"), random.Random(seed)
    host = urlsplit(server.address).netloc
    paths = (
        "/api/v1/planted/pairs", "/api/v1/planted/explain?a=S02&b=S08&outcome=any", "/api/v1/planted/changes",
        "/pair/S01/S05?data=planted", "/api/v1/planted/balance?window=3mo", "/api/v1/planted/forecast?a=S01&b=S02",
    )  # fmt: skip
    threads = []

    def one(path: str, after: float) -> None:
        connection = HTTPConnection(host, timeout=30)
        try:
            connection.request("GET", path)
            time.sleep(after)
        except OSError:
            pass
        finally:
            connection.close()

    for _ in range(requests):
        threads.append(threading.Thread(target=one, args=(draw.choice(paths), draw.random() * 0.5)))
        threads[-1].start()
        counts.sent += 1
        if len(threads) % 20 == 0:
            for thread in threads:
                thread.join()
            threads.clear()
    for thread in threads:
        thread.join()
    time.sleep(5.0)
    if not quiet(server):
        counts.wrong.append("something is still computed")
    return counts


def kills(server: Explorer, times: int) -> Counts:
    """kill -9 of the workers while they are at something; the next question is answered."""
    counts = Counts("kill -9")
    for n in range(times):
        found = server.ask(f"/api/v1/planted/pairs?wait=0&outcome={OUTCOMES[n % 3]}&model={MODELS[n // 3 % 2]}")
        place = found.headers.get("location")
        time.sleep(0.5)
        before = [x for pid in server.workers for x in (pid, *descendants(pid))]
        for pid in server.workers:
            os.kill(pid, signal.SIGKILL)
        counts.sent += 1
        if place:
            ended = server.settled(f"{place}/answer", within=60)
            counts.statuses[ended.status] += 1
            if ended.status == 202:
                counts.wrong.append("a question of a worker that is gone still runs")
        if server.settled("/api/v1/chronicle/describe", within=120).status != 200:
            counts.wrong.append("the next question was not answered")
        until = time.monotonic() + 10
        while any(map(is_running, before)) and time.monotonic() < until:
            time.sleep(0.1)
        if left := [pid for pid in before if is_running(pid)]:
            counts.wrong.append(f"{len(left)} processes of a worker outlived it")
    return counts


def quiet(server: Explorer, within: float = 60.0) -> bool:
    """Whether the workers come to rest."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        before = server.busy()
        time.sleep(0.5)
        if server.busy() - before < 0.05:
            return True
    return False


def memory(server: Explorer) -> str:
    """Of server and workers, in MB."""
    workers = ", ".join(f"{resident_mb(pid):.0f}" for pid in server.workers)
    return f"memory: server {resident_mb(server.process.pid):.0f} MB, workers {workers} MB"


def write_hostile(folder: Path) -> Path:
    """Events between hostile labels."""
    path = folder / "hostile.csv"
    names = [*(x.encode("utf-8", "replace").decode() for x in LABELS), "A", "B"]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("date", "source", "target", "quad"))
        for month in range(36):
            for k, a in enumerate(names):
                b = names[(k + 1 + month % 3) % len(names)]
                out.writerow((f"{2020 + month // 12}-{month % 12 + 1:02d}-15", a, b, 1 + (month + k) % 4))
    return path


def main() -> None:
    """Attack, print what was seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    for name, default in (("cases", 300), ("articles", 20), ("slow", 20), ("aborted", 100), ("kills", 5), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        data = {"chronicle": "chronicle", "planted": "planted", "hostile": str(write_hostile(folder))}
        with explorer(data, folder, abandoned=3.0, patience=0.3) as server:
            for name in data:
                server.opened(name)
            print(memory(server))
            attacks: tuple[Callable[[], Counts], ...] = (
                lambda: schemathesis_cases(server, asked.cases),
                lambda: hostile_labels(server, asked.seed),
                lambda: hostile_articles(server, asked.articles, asked.seed),
                lambda: slow_clients(server, asked.slow),
                lambda: aborted(server, asked.aborted, asked.seed),
                lambda: kills(server, asked.kills),
            )
            wrong = []
            for attack in attacks:
                counts = attack()
                print(counts.line(), flush=True)
                for line in sorted(set(counts.wrong))[:10]:
                    print(f"  {line}")
                wrong += counts.wrong
                print(f"  {memory(server)}", flush=True)
            if not quiet(server):
                wrong.append("something is still computed")
            found = server.log.read_text()
            print(f"500 in the log: {len(FAULT.findall(found))}; tracebacks: {found.count('Traceback')}; "
                  f"faults: {found.count('Error at')}")  # fmt: skip
            for line in [x for x in found.splitlines() if "Error at" in x or "Traceback" in x][:10]:
                print(f"  {line}")
    raise SystemExit(1 if wrong or FAULT.search(found) else 0)


if __name__ == "__main__":
    main()

"""How long a reader of the explorer waits: after ``serve``, for a pair that is not fitted yet, and with others reading.

    python benchmarks/explorer.py [--data atlas] [--readers 20] [--seconds 30] [--think 2] [--cold]

Prints seconds from starting the server until the find page has come, and until the page of a pair that nobody asked
about shows how far its fit is (with --cold in a cache folder of its own, so that nothing is fitted); then, once the
Study is kept, the median and the 99th percentile of pages asked for by so many readers at once: of pages that somebody
had before, one after the other without a pause, and of pages that nobody had, with seconds of reading between two
(--think). With a page come the charts on it, in a request of their own that a browser sends when the reader gets there:
they are timed apart, from the page's coming on, and once more with it. Memory of server and workers stands below.
Linux.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from explorer import Explorer, Said, explorer, resident_mb

CHARTS = re.compile(r'data-charts="([^"]+)"')


def until(server: Explorer, path: str, good: Callable[[int, bytes], bool], began: float) -> float:
    """Seconds since ``began`` when a page was good."""
    while True:
        found = server.ask(path, accept="text/html")
        if good(found.status, found.body):
            return time.monotonic() - began
        time.sleep(0.02)


@dataclass
class Took:
    """Seconds that pages took, their charts, and either with the other (pages without charts as they are)."""

    pages: list[float] = field(default_factory=list)
    charts: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)


def arrived(server: Explorer, path: str) -> Said:
    """An address's answer, once it is there, as a script waits for it that listens."""
    while (found := server.ask(path, accept="text/html")).status == 202:
        time.sleep(0.02)
    return found


def read(server: Explorer, readers: int, seconds: float, think: float, pages: Callable[[random.Random], str]) -> Took:
    """Seconds that each page took, of so many readers at once, and then its charts."""
    took = Took()
    end = time.monotonic() + seconds

    def one(seed: int) -> None:
        draw = random.Random(seed)
        time.sleep(draw.random() * think)
        while time.monotonic() < end:
            path, began = pages(draw), time.monotonic()
            found = arrived(server, path)
            took.pages.append(time.monotonic() - began)
            for place in CHARTS.findall(found.text):
                since = time.monotonic()
                arrived(server, unescape(place))
                took.charts.append(time.monotonic() - since)
            took.both.append(time.monotonic() - began)
            time.sleep(think * (0.5 + draw.random()))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def said(name: str, took: Took) -> str:
    """Median and 99th percentile of pages, of charts, and of both."""
    lines = []
    for what in ("pages", "charts", "both"):
        ranked = sorted(getattr(took, what))
        if ranked:
            high = ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]
            middle = statistics.median(ranked)
            lines.append(f"{name}, {what}: {len(ranked):,}, median {middle:.3f} s, 99th percentile {high:.3f} s")
    return "\n".join(lines)


def memory(server: Explorer) -> str:
    """Of server and workers, in MB."""
    workers = " + ".join(f"{resident_mb(pid):.0f}" for pid in server.workers)
    return f"memory: server {resident_mb(server.process.pid):.0f} MB, workers {workers} MB"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--data", default="atlas")
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--think", type=float, default=2.0)
    parser.add_argument("--cold", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.cold:
            os.environ["XDG_CACHE_HOME"] = str(folder)
        began = time.monotonic()
        server = stack.enter_context(explorer({asked.data: asked.data}, folder, abandoned=60.0))
        found = until(server, "/", lambda status, body: status == 200, began)
        print(f"find page: {found:.2f} s after serve", flush=True)
        server.opened(asked.data)
        labels = server.ask("/", accept="text/html").text.partition('<datalist id="actors">')[2].split('value="')[1:]
        actors = [x.partition('"')[0] for x in labels]
        busy = [line.partition('"')[0] for line in server.ask("/").text.split('href="/pair/')[1:]]
        first = f"/pair/{busy[0]}"
        began = time.monotonic()
        shown = until(server, first, lambda status, body: status == 200 or b'class="state"' in body, began)
        print(f"progress or answer of a pair nobody asked about: {shown:.2f} s", flush=True)
        print(f"its answer: {until(server, first, lambda status, body: status == 200, began):.1f} s", flush=True)
        warm = [first, "/", "/pairs", "/data", f"/actor/{actors[0]}", *(f"/pair/{p}" for p in busy[1:6])]
        for path in warm:
            for place in CHARTS.findall(arrived(server, path).text):
                arrived(server, unescape(place))
        print(said("what somebody had", read(server, asked.readers, asked.seconds / 2, 0.0, lambda d: d.choice(warm))))
        print(memory(server), flush=True)

        def new(draw: random.Random) -> str:
            a, b = draw.sample(actors, 2)
            return draw.choice((f"/pair/{a}/{b}", f"/pair/{a}/{b}/trend", f"/pair/{a}/{b}/rows", f"/actor/{a}", "/"))

        print(said("what nobody had", read(server, asked.readers, asked.seconds, asked.think, new)))
        print(memory(server))


if __name__ == "__main__":
    main()

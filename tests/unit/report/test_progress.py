"""What stands on stderr while a run lasts: a bar on a terminal, and elsewhere only what is foreseen."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pyarrow.csv
import pytest

import tertius

pty = pytest.importorskip("pty", reason="no terminals to open here")

SLOW = """
import time
from tertius.model.rate import sums
quick = sums.add_slice
def slow(*words, **more):
    time.sleep(0.004)
    return quick(*words, **more)
sums.add_slice = slow
"""
LONG = """
from tertius.model import budget
from tertius.model.rate import optimum
optimum.WORTH_WARNING = budget.CACHE_BYTES = 0
"""
RUN = "from tertius.cli import main\nmain()\n"


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("events") / "events.csv"
    pyarrow.csv.write_csv(tertius.simulate(8, 160, seed=2).to_frame("pyarrow"), path)
    asked = "--model rate --effects inertia.coop,shared_threat --adequacy none --json"
    return ["fit", str(path), *asked.split()]


def on_terminal(code: str, words: list[str]) -> str:
    """What a process shows on stderr, a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.DEVNULL, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "90"},
    ) as run:  # fmt: skip
        os.close(theirs)
        found = b""
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:  # Linux's word for the end
                break
            if not part:
                break
            found += part
    os.close(ours)
    assert run.returncode == 0, found.decode()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", found.decode())


def test_a_fit_of_seconds_shows_a_bar_a_total_and_the_time_left(words: list[str]) -> None:
    shown = on_terminal(SLOW + RUN, words)
    counts = re.findall(r"━ +(\d+)/(\d+) +(\d:\d\d:\d\d) +about \d+ s left", shown)
    assert counts, shown[-2000:]
    assert {int(of) for _, of, _ in counts} <= set(range(20, 161))
    assert max(passed for _, _, passed in counts) >= "0:00:02"  # since the run began, not the step
    assert "Foreseen" not in shown


def test_what_is_foreseen_stays_in_a_line_of_its_own(words: list[str]) -> None:
    shown = on_terminal(LONG + RUN, words)
    assert re.search(r"(^|[\r\n])Foreseen: about \d+ min, \d+\.\d GB at most *[\r\n]", shown), shown[-2000:]


def test_without_a_terminal_there_is_no_bar_but_what_is_foreseen(words: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LONG + RUN, *words], capture_output=True, text=True, check=True, timeout=120
    ).stderr
    assert re.findall("^Foreseen: about .*$", told, flags=re.MULTILINE) != []
    assert not re.search(r"━| left|\r|log-likelihood", told)

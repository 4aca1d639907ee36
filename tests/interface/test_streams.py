"""Standard output that takes no more, is closed, or has no letter for a label; and the interrupt key at the start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

COMMANDS = [["describe", "chronicle"], ["describe", "chronicle", "--json"], ["--help"], ["--version"]]
FULL = Path("/dev/full")


def run(words: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tertius", *words],
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_full_standard_output_is_called_one(words: list[str]) -> None:
    with FULL.open("w") as full:
        ran = run(words, stdout=full)
    assert ran.returncode == 2
    assert ran.stderr.startswith("DiskFull: ")
    assert "Traceback" not in ran.stderr


def test_a_closed_standard_output_is_no_error() -> None:
    ran = run(["describe", "chronicle"], preexec_fn=lambda: os.close(1))
    assert (ran.returncode, ran.stderr) == (0, "")


def test_labels_without_a_letter_in_the_encoding_are_escaped(csv_file: Any) -> None:
    path = csv_file("e.csv", "date,source,target,quad", "2020-01-01,\N{DOVE OF PEACE},PRK,1", "2020-01-02,USA,PRK,3")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ran = run(["describe", str(path), "--quiet"], stdout=subprocess.PIPE, env={**os.environ, **plain})
    assert ran.returncode == 0, ran.stderr
    assert "\\U0001f54a" in ran.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
@pytest.mark.parametrize("after", [0.02, 0.1, 0.2, 0.4])
def test_an_interrupt_at_the_start_leaves_no_traceback(after: float) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "tertius", "describe", "chronicle"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    while "tertius" not in Path(f"/proc/{program.pid}/cmdline").read_text():
        time.sleep(0.001)
    time.sleep(after)
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=60)
    if "init_import_site" in err or "Could not import runpy module" in err:
        return  # the interpreter itself was not ready yet
    assert program.returncode in (130, -signal.SIGINT, 0)  # a shell calls both of the first 130
    if program.returncode == 130:
        assert err == ""

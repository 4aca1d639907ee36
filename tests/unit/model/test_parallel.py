"""Results come in order, errors come back, nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tertius.errors import NotEnoughMemory
from tertius.model import parallel
from tertius.model.parallel import in_order, interrupt_held, shared_zeros, threads

BOTH = pytest.mark.parametrize(
    "processes",
    [False, pytest.param(True, marks=pytest.mark.skipif(not parallel.CAN_FORK, reason="no fork on this platform"))],
)


@BOTH
def test_results_come_in_the_order_of_the_jobs_and_ticks_add_up(processes: bool) -> None:
    ticks: list[int] = []

    def work(n: int, tick: Callable[[int], None]) -> int:
        tick(n)
        return n * n

    assert list(in_order(work, range(7), processes=processes, workers=2, tick=ticks.append)) == [
        n * n for n in range(7)
    ]
    assert sum(ticks) == sum(range(7))


@BOTH
def test_an_error_is_raised_where_it_was_asked_for(processes: bool) -> None:
    def work(n: int, tick: Callable[[int], None]) -> int:
        if n == 1:
            raise ValueError("the second job")
        return n

    with pytest.raises(ValueError, match="the second job"):
        list(in_order(work, range(3), processes=processes, workers=2, tick=lambda n: None))


@pytest.mark.skipif(not parallel.CAN_FORK, reason="no fork on this platform")
def test_children_write_to_shared_memory_and_one_that_dies_is_told_of() -> None:
    room = shared_zeros((3, 2), np.float32)

    def work(n: int, tick: Callable[[int], None]) -> None:
        room[n] = n + 1

    list(in_order(work, range(3), processes=True, workers=2, tick=lambda n: None))
    np.testing.assert_array_equal(room, [[1, 1], [2, 2], [3, 3]])
    with pytest.raises(NotEnoughMemory, match="without an answer"):
        list(in_order(lambda n, tick: os._exit(1), range(2), processes=True, workers=2, tick=lambda n: None))


def test_an_interrupt_in_the_block_is_honoured_after_it() -> None:
    seen = []

    def block() -> None:
        with interrupt_held():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            seen.append("to the end of the block")

    with pytest.raises(KeyboardInterrupt):
        block()
    assert seen
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_after_an_error_waiting_jobs_are_not_begun() -> None:
    begun: list[int] = []

    def job(k: int) -> None:
        begun.append(k)
        time.sleep(0.2)

    def block() -> None:
        with threads(1) as pool:
            for k in range(5):
                pool.submit(job, k)
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        block()
    time.sleep(0.5)
    assert len(begun) <= 2


PROGRAM = """
import os, signal, sys, time
from tertius.model.parallel import in_order
armed = [sys.argv[1] == "in the fork"]

def hook():
    if armed and armed.pop():
        os.kill(os.getpid(), signal.SIGINT)

os.register_at_fork(after_in_parent=hook)

def work(n, tick):
    if sys.argv[1] == "in the fork":
        return n
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(30)

list(in_order(work, range(4), processes=True, workers=2, tick=lambda n: None))
print("done")
"""


@pytest.mark.skipif(not parallel.CAN_FORK, reason="no fork on this platform")
def test_an_interrupt_in_the_middle_of_a_fork_is_not_swallowed() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, "in the fork"], capture_output=True, text=True, timeout=60)
    assert "done" not in done.stdout
    assert "ignored" not in done.stderr
    assert done.stderr.strip().endswith("KeyboardInterrupt")


@pytest.mark.skipif(not parallel.CAN_FORK, reason="no fork on this platform")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_children_end_with_their_parent(how: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "kill"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert parent.stdout is not None
    children = [int(parent.stdout.readline()) for _ in range(2)]
    parent.send_signal(how)
    parent.communicate(timeout=20)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(alive(pid) for pid in children)


def alive(pid: int) -> bool:
    """Whether a process runs (one that waits to be reaped does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False

"""Work on several processors at once, results in order.

Threads of one Python wait for each other between any two calls of NumPy; where calls are short, two take about as long
as one. Processes do not. On Linux long passes therefore run in children made by ``fork``, which see all arrays without
a copy, compute, and answer through a pipe; elsewhere, and where work is short, in threads. What is computed, and in
which order it is added, is the same.

A child ignores the interrupt key, writes nothing, and is killed when its parent leaves, however it leaves. An interrupt
that comes while a child is made waits until the parent knows the child: Python swallows what is raised in the middle of
``fork``, and a child that nobody knows would go on alone.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import prod
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from tertius.errors import NotEnoughMemory

Job = TypeVar("Job")
Result = TypeVar("Result")
Work = Callable[[Job, Callable[[int], None]], Result]

CAN_FORK = sys.platform == "linux"
PR_SET_PDEATHSIG = 1  # linux/prctl.h
_C_LIBRARY = ctypes.CDLL(None) if CAN_FORK else None  # opened before any fork: a child must not wait for the linker


def in_order(
    work: Callable[[Job, Callable[[int], None]], Result],
    jobs: Sequence[Job],
    *,
    processes: bool,
    workers: int,
    tick: Callable[[int], None],
) -> Iterator[Result]:
    """Yield ``work(job, tick)`` for every job, in their order.

    Parameters
    ----------
    work : calls its second argument with how much it has done since.
    processes : in children (where the platform can), whose results are pickled and whose other traces are lost; False:
        in threads.
    workers : how many at once, at most.
    tick : called in the calling thread with how much has been done.

    >>> list(in_order(lambda n, tick: n * n, [1, 2, 3], processes=False, workers=2, tick=lambda n: None))
    [1, 4, 9]
    """
    if processes and CAN_FORK and workers > 1:
        yield from _forked(work, jobs, workers, tick)
        return
    with threads(workers) as pool:
        done: list[int] = []
        for result in pool.map(lambda job: work(job, done.append), jobs):
            while done:
                tick(done.pop())
            yield result


@contextmanager
def threads(workers: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool of ``workers`` threads (None: one a processor); after an error or an interrupt nothing waits for the
    rest."""
    pool = ThreadPoolExecutor(max(1, workers or os.cpu_count() or 1))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def shared_zeros(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Zeros in memory that children write to as their parent sees it."""
    size = prod(shape) * np.dtype(dtype).itemsize
    return np.frombuffer(mmap.mmap(-1, max(size, 1)), dtype=dtype, count=prod(shape)).reshape(shape)


def _forked(
    work: Callable[[Job, Callable[[int], None]], Result],
    jobs: Sequence[Job],
    workers: int,
    tick: Callable[[int], None],
) -> Iterator[Result]:
    running: dict[Connection, tuple[int, int]] = {}  # number of the job, process
    results: dict[int, Result] = {}
    started = given = 0
    try:
        while given < len(jobs):
            while started < len(jobs) and len(running) < workers:
                with interrupt_held():
                    end, pid = _start(work, jobs[started])
                    running[end] = (started, pid)
                started += 1
            for ready in wait(list(running)):
                end = cast("Connection[Any, Any]", ready)
                number, pid = running[end]
                try:
                    kind, value = end.recv()
                except EOFError:
                    raise NotEnoughMemory(
                        "A worker process ended without an answer: it has probably run out of memory.",
                        "Use fewer --actors or --effects, or of the rate model --sample 20.",
                    ) from None
                if kind == "tick":
                    tick(value)
                    continue
                if kind == "error":
                    raise value
                results[number] = value
                del running[end]
                end.close()
                os.waitpid(pid, 0)
            while given in results:
                yield results.pop(given)
                given += 1
    finally:
        with interrupt_held():
            for end, (_, pid) in running.items():
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                end.close()


@contextmanager
def interrupt_held() -> Iterator[None]:
    """An interrupt that comes in the block is honoured after it.

    The mask of a thread would not do: the kernel gives the signal to any thread that takes it, and Python runs the
    handler in the main one. In other threads nothing is ever interrupted.
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    came: list[Any] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            usual(*came[0])


def _start(work: Callable[[Job, Callable[[int], None]], Result], job: Job) -> tuple[Connection, int]:
    ours, theirs = Pipe(duplex=False)
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads: the child uses none of theirs
        pid = os.fork()
    if pid:
        theirs.close()
        return ours, pid
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _die_with(parent)
        try:
            theirs.send(("result", work(job, lambda n: theirs.send(("tick", n)))))
        except Exception as error:
            theirs.send(("error", error))
    finally:
        os._exit(0)


def _die_with(parent: int) -> None:
    """End this process when its parent ends, also where that is killed."""
    assert _C_LIBRARY is not None
    _C_LIBRARY.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # gone before
        os._exit(0)

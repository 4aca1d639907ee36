"""Results come in order, errors come back, nobody is left behind."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest

from tertius.errors import NotEnoughMemory
from tertius.model import parallel
from tertius.model.parallel import in_order, shared_zeros

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

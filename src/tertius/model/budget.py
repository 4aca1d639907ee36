"""What a run may take: how much is kept, computed together or given to workers, and what memory that needs."""

from __future__ import annotations

import os
from itertools import pairwise

import numpy as np

from tertius.effects.sparse import MAP_BYTES
from tertius.errors import NotEnoughMemory
from tertius.events.slices import DyadSlices
from tertius.memory import available_bytes
from tertius.model.rate.sampling import BATCH

SCALE_CELLS = 4_000_000
CACHE_BYTES = 600_000_000  # of blocks that are kept
NEAR_BYTES = 1_000_000  # of blocks of slices that are computed together
WORTH_FORKING = 40_000_000  # bytes of blocks from which on processes save more time than their start takes
SMALL_BLOCK = 200_000  # bytes below which threads lose more time waiting for each other than they save
DOUBLE_BYTES = 200_000_000  # of columns up to which they are in double precision
RING_BYTES = 90_000_000  # of slices that a worker holds for sums by cell
SAMPLE_BYTES = 250_000_000  # of the blocks of a sample of slices, which are kept
JOBS = 4  # fixed, as chunks are: chunks in a row that one worker takes
CHUNKS = 16  # fixed, so that sums are added in the same order whatever the number of workers


def spans_of(n: int, parts: int = CHUNKS) -> tuple[tuple[int, int], ...]:
    """n slices in about equal spans [first, last), at most ``parts``."""
    bounds = np.linspace(0, n, min(parts, n) + 1).astype(int)
    return tuple((int(a), int(b)) for a, b in pairwise(bounds))


def full_bytes(n: int, D: int, p: int, T: int, itemsize: int, workers: int | None = None) -> int:
    """Memory of the rate model on the full risk set, at most: N actors, D dyads, p columns, T slices.

    Histories at the start of every chunk; the blocks that are kept; a worker's own history, two-paths, block, the
    slices that it holds for sums by cell; and the sums by cell of all jobs, or what is made of them.
    """
    workers = workers or min(JOBS, os.cpu_count() or 1)
    block, history = p * D * itemsize, 18 * n * n
    kept = T * block if T * block <= CACHE_BYTES else SAMPLE_BYTES
    ring = max((p + 1) * D * itemsize, min(RING_BYTES, T * block))
    rest, by_cell = 8 * D * CHUNKS, D * p * (p + 1) * itemsize
    own = history + 16 * n * n * itemsize + block + ring + rest // JOBS
    jobs = JOBS * by_cell + rest
    after = by_cell + 4 * 8 * (D // 2) * p * p + rest
    return (CHUNKS + 2) * history + kept + max(workers * own + jobs, after)


def sampled_bytes(cells: int, p: int, itemsize: int) -> int:
    """Memory of the rate model on sampled cells, at most: columns (in double precision, or where some are set aside,
    twice), a few numbers a cell, and leave-out steps of a batch of dyads; or before, the workers' tables of pairs."""
    tables = (os.cpu_count() or 1) * MAP_BYTES
    return max(cells * (2 * p * itemsize + 13 * 8) + BATCH * 16 * p * 8, cells * (p * itemsize + 3 * 8) + tables)


def design_bytes(n: int, D: int, p: int) -> int:
    """Memory of a design of N actors, D dyads and p columns before any block: histories at the start of every chunk,
    what the units c are the medians of, and what a worker builds columns in."""
    workers = os.cpu_count() or 1
    return (CHUNKS + 2 + workers) * 18 * n * n + 8 * p * max(SCALE_CELLS, D) + workers * 8 * (p + 4) * n * n


SAFE_SHARE = 0.75
"""Of the memory that is left: what is foreseen are the large arrays, and others need some too."""


def check_memory(needed: int, what: str, slices: DyadSlices, hint: str) -> None:
    """Raise NotEnoughMemory, before anything large is made, where that takes more than :data:`SAFE_SHARE` of what is
    left."""
    there = available_bytes()
    if there is not None and needed > SAFE_SHARE * there:
        raise NotEnoughMemory(
            f"{what} of {slices.n_actors:,} actors and {slices.n_slices:,} slices of {slices.length} needs about "
            f"{needed / 1e9:.1f} GB; this process may use {there / 1e9:.1f} GB more.",
            hint,
        )

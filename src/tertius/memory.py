"""How much memory this process may use: the one definition that imports and models share.

The least of three: the machine's physical memory, the limit of the control group that the process runs in (Linux,
version 1 or 2, whichever ancestor is strictest), and the limit of its address space (``ulimit -v``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

GROUPS = Path("/proc/self/cgroup")
GROUP_ROOT = Path("/sys/fs/cgroup")
STATISTICS = Path("/proc/self/statm")


def machine_bytes() -> int | None:
    """Memory that this process may use, in bytes; None where the system does not tell.

    >>> machine_bytes() is None or machine_bytes() > 1_000_000
    True
    """
    known = [*_group_limits()]
    with suppress(AttributeError, ValueError, OSError):
        known.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    space = _address_space()
    if space is not None:
        known.append(space)
    return min((n for n in known if n > 0), default=None)


def available_bytes() -> int | None:
    """The memory left: each limit less what this process holds under it already; None where nothing is known.

    >>> available_bytes() is None or available_bytes() < machine_bytes()
    True
    """
    there = machine_bytes()
    if there is None:
        return None
    size, resident = _in_use()
    left = [there - resident]
    space = _address_space()
    if space is not None:
        left.append(space - size)
    return max(0, min(left))


def resident_bytes(pid: int | str = "self") -> int:
    """The memory that a process holds, in bytes; 0 where the system does not tell.

    >>> resident_bytes() >= 0
    True
    """
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):  # gone, or another system
        return 0


def _address_space() -> int | None:
    """The limit of this process's address space, if it has one."""
    with suppress(ImportError, OSError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        return None if soft == resource.RLIM_INFINITY else soft
    return None


def _in_use() -> tuple[int, int]:
    """Address space and memory that this process takes now; 0 where the system does not tell."""
    try:
        size, resident = (int(n) for n in STATISTICS.read_text().split()[:2])
        return size * os.sysconf("SC_PAGE_SIZE"), resident * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):  # another system
        return 0, 0


def _group_limits() -> Iterator[int]:
    """Limits of the process's control groups: each names a folder; its parents' limits hold too."""
    try:
        lines = GROUPS.read_text().splitlines()
    except OSError:  # another system
        lines = []
    folders = {(GROUP_ROOT, "memory.max"), (GROUP_ROOT / "memory", "memory.limit_in_bytes")}
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        inside = path.lstrip("/")
        if controllers == "":
            root, name = GROUP_ROOT, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = GROUP_ROOT / "memory", "memory.limit_in_bytes"
        else:
            continue
        for depth in range(len(Path(inside).parts) + 1):
            folders.add((root.joinpath(*Path(inside).parts[:depth]), name))
    for folder, name in folders:
        with suppress(OSError, ValueError):  # not there, or "max"
            yield int((folder / name).read_text())

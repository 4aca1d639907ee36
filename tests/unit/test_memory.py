"""How much memory there is: the least of what the machine and its limits say."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from tertius import memory
from tertius.memory import machine_bytes


@pytest.mark.parametrize(
    ("groups", "file"),
    [("0::/a/b", "a/memory.max"), ("4:cpu,memory:/a/b", "memory/a/memory.limit_in_bytes"), ("", "memory.max")],
    ids=["version 2", "version 1", "inside a container"],
)
def test_a_control_group_or_one_above_it_limits(
    groups: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cgroup").write_text(f"{groups}\n9:name=systemd:/\n")
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(memory, "GROUP_ROOT", tmp_path / "fs")
    whole = machine_bytes()
    (tmp_path / "fs" / file).parent.mkdir(parents=True)
    (tmp_path / "fs" / file).write_text("max\n")
    assert machine_bytes() == whole
    (tmp_path / "fs" / file).write_text("1000000\n")
    assert machine_bytes() == 1_000_000


def test_the_address_space_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2_000_000, resource.RLIM_INFINITY))
    assert machine_bytes() == 2_000_000


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "none")
    monkeypatch.setattr(memory, "GROUP_ROOT", tmp_path)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    monkeypatch.delattr(os, "sysconf")
    assert machine_bytes() is None

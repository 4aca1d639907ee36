"""What a process may use, and that nothing large is made before it is known to fit."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tertius import memory, study
from tertius.answers.certificate import certify
from tertius.answers.certificate.certify import certificate_bytes
from tertius.errors import NotEnoughMemory, UsageError, memory_named
from tertius.events.slices import DyadSlices
from tertius.model import budget, design
from tertius.model.checks import ladder
from tertius.model.estimate import Provenance, estimate
from tertius.spec import Duration, ModelSpec


def many(n: int) -> DyadSlices:
    """Slices of so many actors, of whom two act."""
    S = 40
    return DyadSlices(
        actors=tuple(f"A{k}" for k in range(n)),
        directed=True,
        edges=np.arange(S + 1) * 30.0,
        observed=np.ones(S, dtype=bool),
        indptr=np.arange(S + 1),
        dyad=np.where(np.arange(S) % 2, 1, n),
        coop_count=np.ones(S),
        coop_weight=np.ones(S),
        host_count=np.ones(S),
        host_weight=np.ones(S),
        length=Duration(1, "mo"),
    )


@pytest.mark.parametrize("model", ["within", "rate", "sign"])
def test_every_model_is_refused_before_its_arrays_are_made(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(*_: Any) -> None:
        raise AssertionError("an array of all pairs was asked for")

    monkeypatch.setattr(DyadSlices, "at_risk", made)
    monkeypatch.setattr(design, "History", made)
    spec = ModelSpec.of(model=model, slice="1mo", period="1mo").resolve(directed=True)
    origin = Provenance("", "", {}, lambda: None)
    with pytest.raises(NotEnoughMemory, match="100,000 actors") as error:
        estimate(many(100_000), spec, origin, began=0.0)
    assert "--sample 20" in error.value.hint


def test_the_certificate_and_the_event_study_are_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotEnoughMemory, match="The certificate of 100,000 actors"):
        certify(many(100_000))
    spec = ModelSpec.of(model="rate", slice="1mo", period="1mo").resolve(directed=True)
    with pytest.raises(NotEnoughMemory, match="The event study of 100,000 actors"):
        ladder._event_study(many(100_000), spec)


def test_a_sample_is_counted_before_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "available_bytes", lambda: 1_000_000)
    monkeypatch.setattr(design, "draw", lambda *_: pytest.fail("drawn"))
    spec = ModelSpec.of(model="rate", slice="1mo", sample=20).resolve(directed=True)
    with pytest.raises(NotEnoughMemory, match="sampled") as error:
        design.build_design(many(1000), replace(spec, slice=Duration(1, "mo")))
    assert "smaller --sample" in error.value.hint


def test_the_certificate_asks_for_more_where_there_are_more_periods() -> None:
    few, many_ = many(100), replace(many(100), observed=np.ones(80, dtype=bool))
    assert certificate_bytes(few, 10) < certificate_bytes(many_, 60)


@pytest.mark.skipif(sys.platform != "linux", reason="address spaces are limited on Linux")
def test_a_limit_of_the_address_space_counts() -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9))\n"
        "from tertius.memory import available_bytes, machine_bytes\n"
        "print(machine_bytes(), available_bytes())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    whole, left = map(int, done.stdout.split())
    assert 0 < left < whole <= 10**9


@pytest.mark.parametrize(("version", "lines", "name"), [(2, "0::/a/b\n", "memory.max"), (1, "4:cpu,memory:/a/b\n", "")])
def test_the_strictest_control_group_counts(
    version: int, lines: str, name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path if version == 2 else tmp_path / "memory"
    (root / "a" / "b").mkdir(parents=True)
    name = name or "memory.limit_in_bytes"
    (root / "a" / name).write_text("3000000")
    (root / "a" / "b" / name).write_text("max" if version == 2 else "9223372036854771712")
    groups = tmp_path / "cgroup"
    groups.write_text(lines)
    monkeypatch.setattr(memory, "GROUPS", groups)
    monkeypatch.setattr(memory, "GROUP_ROOT", tmp_path)
    assert memory.machine_bytes() == 3_000_000
    monkeypatch.setattr(memory, "_in_use", lambda: (0, 1_000_000))
    assert memory.available_bytes() == 2_000_000


def test_the_address_space_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2_000_000, resource.RLIM_INFINITY))
    assert memory.machine_bytes() == 2_000_000


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "none")
    monkeypatch.setattr(memory, "GROUP_ROOT", tmp_path)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    monkeypatch.delattr(os, "sysconf")
    assert memory.machine_bytes() is None


class OutOfMemoryException(Exception):
    """Stands for DuckDB's."""


@pytest.mark.parametrize(
    "error",
    [
        lambda: np.empty(2**50),
        lambda: (_ for _ in ()).throw(OSError(12, "Cannot allocate memory")),
        lambda: (_ for _ in ()).throw(RuntimeError("can't start new thread")),
        lambda: (_ for _ in ()).throw(OutOfMemoryException("could not allocate block")),
    ],
)
def test_whoever_runs_out_of_memory_it_is_said_with_a_way_out(error: Callable[[], Any]) -> None:
    def work() -> None:
        thrown = error()
        if hasattr(thrown, "__next__"):
            next(thrown)

    with pytest.raises(NotEnoughMemory) as said, memory_named():
        work()
    assert "--sample" in said.value.hint


def test_other_errors_pass() -> None:
    with pytest.raises(FileNotFoundError), memory_named():
        Path("/nowhere/at/all").read_text()
    with pytest.raises(KeyError), memory_named():
        {}["x"]


def test_who_asks_for_every_pair_of_a_large_sample_is_refused_before_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("tertius.study.explain"), "DENSE_ACTORS", 3)
    monkeypatch.setattr(import_module("tertius.study.fit"), "estimate", lambda *_, **__: pytest.fail("fitted"))
    with pytest.raises(UsageError, match="every pair") as error:
        study.explain("RUS", "PRK", "chronicle", model="rate", sample=5)
    assert "--sample" in error.value.hint

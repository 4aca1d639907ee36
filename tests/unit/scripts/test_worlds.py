"""The table of worlds: rounds over all worlds, rows that can be resumed, and shares by hand."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType

import pytest

from tertius.worlds import GENERATORS, possible_worlds


def asked(**changed: object) -> Namespace:
    given = {"worlds": "planted:0.4,nothing", "generators": "counts", "seeds": 25, "false_seeds": 45, "seed": 7}
    return Namespace(**{**given, "undirected": False, **changed})


def test_rounds_go_over_all_worlds(script: ModuleType) -> None:
    jobs = script.jobs_of(asked())
    assert len(jobs) == 25 + 45
    assert [j.name for j in jobs[:40]] == ["planted"] * 20 + ["nothing"] * 20
    assert [j.name for j in jobs[40:]] == ["planted"] * 5 + ["nothing"] * 25
    assert sorted(j.seed for j in jobs if j.name == "nothing") == list(range(7, 52))


def test_every_world_is_in_the_table_and_stories_twice(script: ModuleType) -> None:
    lines = list(script.wanted(None, GENERATORS))
    for generator in GENERATORS:
        assert {n for g, n, _, _ in lines if g == generator} == set(possible_worlds(generator))
    assert [e for g, n, e, _ in lines if (g, n) == ("media", "planted")] == ["0.2", "0.3", "0.4"]
    assert [known for _, n, _, known in lines if n == "story_echo"] == [False, True]


def test_a_line_is_a_share_with_its_error(script: ModuleType) -> None:
    outcomes = ["passed"] * 10 + ["lag"] * 60 + ["memory"] * 30
    line = script.line(("counts", "season", "", "", ""), outcomes)
    assert line.split() == ["counts", "false", "season", "10.0", "3.0", "100", "lag", "60,", "memory", "30"]


def test_what_is_there_is_not_made_again(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def run(job: object) -> tuple[object, str]:
        made.append(job)
        return job, "passed" if len(made) % 2 else "lag"

    class Pool:
        def __init__(self, _: int) -> None: ...
        def __enter__(self) -> Pool:
            return self

        def __exit__(self, *_: object) -> None: ...
        def imap(self, work: object, jobs: list[object]) -> object:
            return map(run, jobs)

    monkeypatch.setattr(script, "Pool", Pool)
    out = tmp_path / "rows.csv"
    words = ["worlds.py", "--worlds", "nothing", "--generators", "counts", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", [*words, "--false-seeds", "3"])
    script.main()
    first = out.read_text()
    monkeypatch.setattr(sys, "argv", [*words, "--false-seeds", "5", "--resume"])
    script.main()
    assert len(made) == 5
    assert out.read_text().startswith(first)
    assert len(script.read(out)) == 5


def test_a_world_is_certified_with_and_without_its_stories(script: ModuleType) -> None:
    jobs = [script.Job("media", "story_echo", "", known, False, 3) for known in (False, True)]
    assert [script.run(j)[1] for j in jobs] != ["passed", "passed"]
    assert script.run(jobs[1])[1] != "passed"

"""Who answers what: the rules of :mod:`tertius.web.jobs` that no running server shows for certain."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

from tertius.web.jobs import Jobs, Work, Worker
from tertius.web.settings import Settings


class Line:
    """The standard input of a worker: what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def write(self, line: bytes) -> None:
        self.asked.append(json.loads(line))


def two_workers() -> tuple[Jobs, Worker, Worker]:
    jobs = Jobs(Settings())
    jobs.workers = [Worker(cast(Any, SimpleNamespace(stdin=Line(), returncode=None)), ready=True) for _ in range(2)]
    return jobs, jobs.workers[0], jobs.workers[1]


def done(jobs: Jobs, worker: Worker) -> None:
    jobs._hear(worker, {"kind": "done", "bytes": 0, "page": {}}, [b"{}"])


def ask(jobs: Jobs, question: str, language: str = "en", form: str = "page") -> Work:
    found = jobs.ask(question, "atlas", {}, language, form)
    assert isinstance(found, Work)
    return found


def test_what_took_long_is_asked_again_of_who_has_it() -> None:
    async def run() -> None:
        jobs, one, other = two_workers()
        quick = ask(jobs, "describe")
        long = ask(jobs, "balance")
        assert (one.at, other.at) == (quick, long)
        done(jobs, other)
        done(jobs, one)
        changes = ask(jobs, "changes")  # takes long, and the first worker is free
        assert one.at is changes
        again = [ask(jobs, "balance", "de"), ask(jobs, "balance", form="charts")]
        assert other.at is again[0]  # beside it, because nothing is computed
        done(jobs, one)
        assert one.at is None
        done(jobs, other)
        assert other.at is again[1]

    asyncio.run(run())


def test_an_answer_is_thought_kept_no_longer_than_it_is() -> None:
    async def run() -> None:
        jobs, one, other = two_workers()
        other.ready = False
        for question in ("balance", "describe", "changes", "audit"):
            ask(jobs, question)
            done(jobs, one)
        other.ready = True
        again = ask(jobs, "describe", "de")
        assert one.at is again
        assert not any('"balance"' in same for same in one.has)
        assert len(one.has) == 3

    asyncio.run(run())

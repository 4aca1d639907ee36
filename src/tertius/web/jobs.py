"""Questions on their way to an answer: who answers which, how far it is, who still waits, and what is kept.

The rules, in one place:

- Equal questions are one :class:`Work`, however many ask. Each who waits holds a ticket of it.
- A work is ended, and with it the worker that was at it, when its last ticket was given back and no request waits for
  its answer, or when for ``Settings.abandoned`` seconds nobody has asked for it, and nobody listens to its progress.
- One worker is left to what is quick: of works that take long (what is made once and is not made yet, as a fit, and
  what is ``heavy`` always), one fewer runs than there are workers. Of those that may start, the first that came does.
- A worker keeps its last answers open. What takes long and is asked again, in another language or as charts, goes to
  the worker that has it, and takes long no more.
- Where a fit was made and is kept on disk, the other workers open it too, before the next of their questions.
- A worker that dies, whoever ended it, is replaced; what it was at has failed and says so, and is not kept.
- Every worker answers from the data as the server first opened them (their hash), or says that they have changed.
- A finished answer is kept, up to a number and a size, the one asked for longest ago goes first. An error that the
  question makes is an answer too; one that the disk or the memory makes is not. The answer to somebody's own text is
  never found by another, and is dropped ``Settings.check_seconds`` after it was found.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import signal
import sys
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from tertius import __version__
from tertius.errors import Busy
from tertius.language import in_language, say
from tertius.web.questions import QUESTIONS, Question, key_of
from tertius.web.settings import Settings
from tertius.web.wire import LINE, message, receive

AGAIN = "again"
"""The form of a question that only opens what another worker has made."""
TICK = 0.5
"""Seconds between two looks at who still waits."""
KEPT = 3
"""Answers, Studies, counts by month and forecasters that a worker keeps open, of each kind."""
ATTEMPTS = 3
"""How often data are opened by a worker that ends meanwhile."""
TICKETS = 20_000
"""Tickets that are known at once."""
PASSING = frozenset({"InputError", "NotEnoughMemory"})
"""Errors that may be over when the question is asked again: they are not kept."""
GONE = {
    "type": "WorkerEnded",
    "message": say("The process that was at this question ended before it had the answer."),
    "hint": say("Ask again: another has taken its place."),
}
TOO_LONG = {
    "type": "TookTooLong",
    "message": say("The question took longer than this server allows."),
    "hint": say("Ask a smaller one, or use the command line."),
}
WITHDRAWN = {
    "type": "Cancelled",
    "message": say("The question was withdrawn."),
    "hint": say("Ask again to begin anew."),
}
FAULT = {
    "type": "InternalError",
    "message": say("A fault of tertius, not of the question: the answer was not found."),
    "hint": say("The server's standard error says where. Please report it."),
}
ENDED = {"type": "Cancelled", "message": say("The server was ended."), "hint": say("Ask again when it runs.")}


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer.

    Attributes
    ----------
    json : the document of ``--json``, or of another form all there is. inside : of its page. page : title and heading.
    error : what the question is refused with, in the place of all these; ``kinds``: its classes; ``told``: the same in
        the reader's language.
    tag : names this very answer: data, question, language and version.
    """

    json: bytes = b""
    inside: bytes = b""
    page: dict[str, str] = field(default_factory=dict)
    error: dict[str, str] | None = None
    kinds: tuple[str, ...] = ()
    told: dict[str, str] = field(default_factory=dict)
    tag: str = ""

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.json) + len(self.inside) + 1_000


@dataclass(eq=False)
class Work:
    """A question on its way.

    Attributes
    ----------
    key : what makes it the same as another. own : the server's, which nobody waits for.
    form : "page" (with its JSON), or another of :data:`tertius.web.worker.FORMS`.
    state : "waiting", "running", "done", "failed" or "cancelled".
    progress : what, done, of, left and text of the last line.
    listeners : requests that are open for it. waiters : those of them that wait for its answer, without a ticket yet.
    """

    key: str
    question: str
    data: str
    given: dict[str, Any]
    language: str = "en"
    form: str = "page"
    own: bool = False
    state: str = "waiting"
    progress: dict[str, Any] = field(default_factory=dict)
    answer: Answer | None = None
    began: float = 0.0
    asked_for: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    listeners: int = 0
    waiters: int = 0
    tickets: set[str] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    id: int = 0
    attempts: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def asked(self) -> Question | None:
        """The question, where it is one of the registry."""
        return QUESTIONS.get(self.question)

    @property
    def same(self) -> str:
        """What makes it the same question as another, in whatever language and form."""
        return key_of(self.question, self.data, self.given)

    @property
    def needs(self) -> tuple[str, ...]:
        """Names what takes long and is made once."""
        if self.asked is None:
            return ()
        fit = key_of("fit", self.data, self.asked.fit(self.given))
        return ((fit,) if self.asked.of_fit else ()) + ((self.question + fit,) if self.asked.heavy == "once" else ())

    def tell(self) -> None:
        """Wake all who wait for news."""
        self.news.set()
        self.news = asyncio.Event()


@dataclass(eq=False)
class Worker:
    """A process that answers; ``begun``: whether it has taken what it is ``at``; ``todo``: what it is to open; ``has``:
    the questions whose answers it keeps."""

    process: asyncio.subprocess.Process
    at: Work | None = None
    ready: bool = False
    begun: bool = False
    bytes: int = 0
    todo: deque[Work] = field(default_factory=deque)
    has: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))

    def keeps(self, work: Work) -> None:
        """Note that it has answered a question, and that what it answered longest ago may be closed."""
        if work.same in self.has:
            self.has.remove(work.same)
        self.has.append(work.same)

    def end(self) -> None:
        """End it and all that it started."""
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Jobs:
    """The questions of a server, and its workers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.workers: list[Worker] = []
        self.about: dict[str, dict[str, Any]] = {}
        self.wrong: dict[str, dict[str, str]] = {}
        self.listening = 0
        self.hopeless = asyncio.Event()
        self._queue: deque[Work] = deque()
        self._open: dict[str, Work] = {}
        self._made: set[str] = set()
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0
        self._tickets: OrderedDict[str, Work] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0
        self._stopping = False

    # --- beginning and end

    async def start(self) -> None:
        """Start the workers, and open the data."""
        await asyncio.gather(*(self._hire() for _ in range(self.settings.workers)))
        self._task(self._watch())
        for data in self.settings.data:
            self._put(Work(key_of("about", data, {}), "about", data, {}, own=True))

    async def stop(self) -> None:
        """End the workers and whatever they are at, and tell all who wait."""
        self._stopping = True
        for work in list(self._open.values()):
            self._end(work, "cancelled", ENDED)
        for task in self._tasks:
            task.cancel()
        for worker in self.workers:
            worker.end()
        for worker in self.workers:
            await worker.process.wait()

    def _task(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- asking

    def tag(self, question: str, data: str, given: dict[str, Any], language: str) -> str:
        """Names the answer to a question before it is known: data, question, language and version; empty where the data
        are not open yet."""
        about = self.about.get(data)
        if data and about is None:
            return ""
        said = [__version__, self._hash(data), key_of(question, data, given), language]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]

    def _hash(self, data: str) -> str:
        """Of data as they were first seen; empty where there are none, or they are not open yet."""
        about = self.about.get(data)
        return str(about["describe"]["hash"]) if about else ""

    def ask(self, question: str, data: str, given: dict[str, Any], language: str, form: str = "page") -> Answer | Work:
        """The answer, where it is kept, else the work that will have it. Raises Busy."""
        private = QUESTIONS[question].private
        key = f"{key_of(question, data, given)} {language} {form}"
        if private:
            key = secrets.token_hex(16)
        elif key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        work = self._open.get(key)
        if work is None:
            if len(self._queue) >= self.settings.waiting:
                raise Busy(say("Too many questions wait for an answer."), say("Ask again in a minute."))
            work = Work(key, question, data, dict(given), language, form)
            self._put(work)
        work.asked_for = time.monotonic()
        return work

    def _put(self, work: Work) -> None:
        self._open[work.key] = work
        self._queue.append(work)
        self._hand_out()

    def ticket(self, work: Work) -> str:
        """A new ticket of a work: whoever holds one may ask how far it is, and give it back."""
        made = secrets.token_urlsafe(16)
        work.tickets.add(made)
        self._tickets[made] = work
        while len(self._tickets) > TICKETS:
            old, forgotten = self._tickets.popitem(last=False)
            forgotten.tickets.discard(old)
        return made

    def held(self, ticket: str) -> Work | None:
        """The work of a ticket, which is now asked for; None where there is none."""
        work = self._tickets.get(ticket)
        if work is not None:
            work.asked_for = time.monotonic()
        return work

    def give_back(self, ticket: str) -> None:
        """Wait no longer; the last to do so ends the work."""
        work = self._tickets.get(ticket)
        if work is None:
            return
        work.tickets.discard(ticket)
        if not work.tickets and not work.waiters and not work.over:
            self._end(work, "cancelled", WITHDRAWN)

    async def wait(self, work: Work, seconds: float) -> None:
        """Until the work is over, or so long; who waits here is somebody who waits."""
        until = time.monotonic() + seconds
        work.listeners += 1
        work.waiters += 1
        try:
            while not work.over and (left := until - time.monotonic()) > 0:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(work.news.wait(), left)
        finally:
            work.listeners -= 1
            work.waiters -= 1
            work.asked_for = time.monotonic()

    # --- workers

    async def _hire(self) -> None:
        """Start a worker: a process of its own, that shares nothing with this one and outlives it by nothing."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tertius.web.worker", json.dumps(self.settings.data),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE, start_new_session=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        worker = Worker(process)
        self.workers.append(worker)
        self._task(self._listen(worker))

    async def _listen(self, worker: Worker) -> None:
        """Take what a worker says, until it ends; then another takes its place."""
        assert worker.process.stdout is not None
        with contextlib.suppress(EOFError, ValueError, OSError):
            while True:
                self._hear(worker, *await receive(worker.process.stdout))
        worker.end()  # what it started may still be there
        await worker.process.wait()
        self.workers.remove(worker)
        if worker.at is not None and not worker.at.over:
            self._lost(worker, worker.at)
        if not self._stopping:
            if not worker.ready:
                await asyncio.sleep(1.0)  # it cannot even start: not in a circle
            await self._hire()

    def _lost(self, worker: Worker, work: Work) -> None:
        """What becomes of a question whose worker has ended: it has failed, or is tried again where the worker was gone
        before it took it, and where it opens data."""
        work.attempts += 1
        if work.form == AGAIN or (worker.begun and (work.question != "about" or work.attempts >= ATTEMPTS)):
            self._end(work, "failed", GONE)
            if work.question == "about":
                self.wrong[work.data] = GONE
            return
        work.state = "waiting"
        self._queue.appendleft(work)
        self._hand_out()

    def _hear(self, worker: Worker, head: dict[str, Any], bodies: list[bytes]) -> None:
        kind, work = head["kind"], worker.at
        if kind == "begun":
            worker.begun = True
            return
        if kind == "progress":
            if work is not None and work.id == head["id"]:
                work.progress = {name: head[name] for name in ("text", "what", "done", "of", "left")}
                work.tell()
            return
        worker.ready, worker.bytes, worker.at = True, head["bytes"], None
        if work is not None and not work.over:
            self._found(worker, work, head, bodies)
        if worker.bytes > self.settings.worker_bytes:
            worker.end()
        self._hand_out()

    def _found(self, worker: Worker, work: Work, head: dict[str, Any], bodies: list[bytes]) -> None:
        if work.question == "about":
            if head["kind"] == "done":
                self.about[work.data] = head["about"]
            else:
                self.wrong[work.data] = head["error"]
                if len(self.wrong) == len(self.settings.data):
                    self.hopeless.set()
            self._over(work, "done")
            return
        if work.form == AGAIN:
            self._over(work, "done")
            return
        if head["kind"] == "done" and work.asked is not None and not work.asked.private:
            worker.keeps(work)
        if head["kind"] == "done" and not self._made.issuperset(work.needs):
            self._open_elsewhere(worker, work)
        self._made.update(work.needs)
        if head["kind"] == "failed":
            answer = Answer(error=head["error"], kinds=tuple(head["kinds"]), told=head["told"])
        else:
            tag = self.tag(work.question, work.data, work.given, work.language)
            answer = Answer(bodies[0], b"".join(bodies[1:]), head["page"], tag=tag)
        work.answer = answer
        if work.asked is not None and work.asked.private:
            work.given = {}
        self._over(work, "failed" if answer.error else "done")
        lasts = not answer.error or (answer.kinds and PASSING.isdisjoint(answer.kinds))
        if work.asked is not None and not work.asked.private and lasts:
            self._keep(work.key, answer)

    def _open_elsewhere(self, worker: Worker, work: Work) -> None:
        """Let the other workers open a fit that this one has made, by the same question."""
        if work.asked is None or work.asked.private or work.asked.heavy:
            return
        for other in self.workers:
            if other is not worker:
                key = f"{AGAIN} {id(other)} {work.key}"
                other.todo.append(Work(key, work.question, work.data, work.given, form=AGAIN, own=True))

    def _keep(self, key: str, answer: Answer) -> None:
        self._kept[key] = answer
        self._bytes += answer.size
        while len(self._kept) > self.settings.answers or self._bytes > self.settings.answer_bytes:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= gone.size

    def _hand_out(self) -> None:
        """Give what may start to those who are free."""
        for worker in self.workers:
            if not worker.ready or worker.at is not None or worker.process.returncode is not None:
                continue
            if worker.todo:
                work = worker.todo.popleft()
                self._open[work.key] = work
            else:
                free = next((w for w in self._queue if self._may_start(w, worker)), None)
                if free is None:
                    continue
                work = free
                self._queue.remove(work)
            self._number += 1
            work.id, work.state, work.began, worker.at = self._number, "running", time.monotonic(), work
            worker.begun = False
            head = {"id": work.id, "question": work.question, "data": work.data, "hash": self._hash(work.data),
                    "language": work.language, "form": work.form}  # fmt: skip
            assert worker.process.stdin is not None
            with contextlib.suppress(OSError):  # it has just ended: _listen will know
                worker.process.stdin.write(message({**head, "given": work.given}))
            work.tell()

    def _may_start(self, work: Work, worker: Worker) -> bool:
        heavy = work.asked is not None and work.asked.heavy
        if heavy and (having := [w for w in self.workers if work.same in w.has]):
            return worker in having
        if not self._long(work):
            return True
        running = [w.at for w in self.workers if w.at is not None]
        most = max(1, self.settings.workers - 1)
        return sum(map(self._long, running)) < most

    def _long(self, work: Work) -> bool:
        always = work.asked is not None and work.asked.heavy == "always"
        return always or any(name not in self._made for name in work.needs)

    # --- ends

    def _end(self, work: Work, state: str, why: dict[str, str]) -> None:
        """End unfinished work, with the worker that is at it."""
        work.answer, work.given = Answer(error=why, told=in_language(why, work.language)), {}
        self._over(work, state)
        if work in self._queue:
            self._queue.remove(work)
        for worker in self.workers:
            if worker.at is work:
                worker.end()

    def _over(self, work: Work, state: str) -> None:
        work.state, work.ended = state, time.monotonic()
        self._open.pop(work.key, None)
        work.tell()

    async def _watch(self) -> None:
        """End what nobody waits for and what takes too long; forget what was held long enough."""
        while True:
            await asyncio.sleep(TICK)
            now = time.monotonic()
            for work in list(self._open.values()):
                if not (work.own or work.listeners) and now - work.asked_for > self.settings.abandoned:
                    self._end(work, "cancelled", WITHDRAWN)
                elif work.state == "running" and now - work.began > self.settings.job_seconds:
                    self._end(work, "failed", TOO_LONG)
            for ticket, work in list(self._tickets.items()):
                if work.over and now - work.ended > self.settings.check_seconds:
                    del self._tickets[ticket]
                    work.answer = None

    def counts(self) -> dict[str, int]:
        """How many wait and run, and what is kept: for whoever looks after a server."""
        return {
            "waiting": len(self._queue),
            "running": sum(w.at is not None for w in self.workers),
            "answers": len(self._kept),
            "answer_bytes": self._bytes,
            "tickets": len(self._tickets),
            "listeners": self.listening,
        }

"""What API and pages do alike with a question: which data, what was asked, the answer or how far it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tertius.errors import NotThere, UsageError, did_you_mean
from tertius.language import say
from tertius.web.jobs import Answer, Jobs, Work
from tertius.web.questions import OF_NO_DATA, Question
from tertius.web.settings import Settings

STATUS = {
    "UnknownActor": 404,
    "Busy": 429,
    "WorkerEnded": 503,
    "TookTooLong": 504,
    "Cancelled": 409,
    "InternalError": 500,
    "NotThere": 404,
}
"""Kind of error -> status; what else a question is refused with is 422, and what cannot be read at all 400."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was asked of a server."""

    question: Question
    data: str
    given: dict[str, Any]
    language: str

    def tag(self, jobs: Jobs) -> str:
        """Names the answer; empty where the data are not open yet."""
        return jobs.tag(self.question.name, self.data, self.given, self.language)

    def start(self, jobs: Jobs, form: str = "page") -> Answer | Work:
        """The answer, or the work that will have it. Raises Busy."""
        return jobs.ask(self.question.name, self.data, self.given, self.language, form)

    def command(self, settings: Settings, jobs: Jobs) -> str:
        """The command that gives the same answer."""
        about = jobs.about.get(self.data)
        directed = bool(about and about["describe"]["directed"])
        return self.question.command(settings.data.get(self.data, ""), self.given, directed=directed)


def read(
    question: Question, data: str | None, pairs: Iterable[tuple[str, str]], settings: Settings, language: str
) -> Asked:
    """A question out of an address. Raises UsageError, NotThere."""
    typed: dict[str, str] = {}
    for name, value in pairs:
        if name in typed:
            raise UsageError(say("{name} is given twice.", name=name[:40]), say("Give it once."))
        typed[name] = value
    named = "" if question.name in OF_NO_DATA else data_of(data, settings)
    return Asked(question, named, question.read(typed), language)


def data_of(named: str | None, settings: Settings) -> str:
    """The data that an address names, or the default. Raises NotThere."""
    if named and named not in settings.data:
        near = did_you_mean(named, settings.data)
        raise NotThere(
            say("This server has no data {name}.", name=named[:60]),
            say("{near}It has: {names}.", near=near, names=", ".join(settings.data)),
        )
    return named or settings.default


def status_of(answer: Answer) -> int:
    """The status of an answer."""
    if answer.error is None:
        return 200
    kinds = (answer.error["type"], *answer.kinds)
    return next((STATUS[k] for k in kinds if k in STATUS), 422)

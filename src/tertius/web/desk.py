"""How each question is answered: what a worker keeps open, and which function of :mod:`tertius.study` it calls.

A desk keeps its data, and the last few answers, Studies, counts by month and forecasters, so that the next question
about the same data fits nothing, and the same in another language or as charts computes nothing. Workers alone import
this.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tertius import study
from tertius.codes.lookup import find_codes
from tertius.errors import DataChanged, NotThere, TertiusError
from tertius.language import say
from tertius.progress import OnProgress
from tertius.sources.loading import load
from tertius.spec import DEFAULT_FACTOR, DEFAULT_PERIOD
from tertius.study import Study
from tertius.study.balance import of_actor
from tertius.study.behind import Audited, CodesFound, Described, RowsBehind
from tertius.study.folder import works_cited
from tertius.study.forecast import Forecaster
from tertius.study.movement import Periods, isolation_in, open_periods, rank_of, ties_in, trend_of
from tertius.web.jobs import KEPT
from tertius.web.questions import QUESTIONS, Given, change_of, key_of, window_of

AGAIN = say("Start tertius serve again.")


@dataclass
class Desk:
    """What a worker keeps open.

    Attributes
    ----------
    data : short name -> DATA. No other is opened, whatever is asked.
    held : short name -> hash of the data as the server saw them first: every worker answers from these, or not at all.
    """

    data: Mapping[str, str]
    held: dict[str, str] = field(default_factory=dict)
    _events: dict[str, Any] = field(default_factory=dict)
    _open: dict[str, OrderedDict[Any, Any]] = field(default_factory=dict)

    def answer(self, question: str, data: str, given: Given, progress: OnProgress) -> Any:
        """The answer to a question of ``QUESTIONS``. Raises TertiusError."""
        opened = self._events.get(data)
        if opened is not None and opened.store is not None and not opened.store.is_dir():
            raise DataChanged(say("{data} is not there any more.", data=data), say("Put it back, or serve other data."))

        def make() -> Any:
            return ANSWERS[question](self, data, given, progress)

        return make() if QUESTIONS[question].private else self._kept("answers", key_of(question, data, given), make)

    def about(self, data: str) -> dict[str, Any]:
        """What a server needs to know of its data: the document of ``describe`` with the actors and the works cited."""
        events = self.events(data)
        return {
            "describe": events.describe(),
            "labels": sorted(events.labels()),
            "cited": [list(work) for work in works_cited(events)],
            "store": events.store is not None,
        }

    def events(self, data: str) -> Any:
        """The data of a short name, opened once; a store that grew meanwhile as it was.

        Raises TertiusError, and DataChanged where they are not what they were.
        """
        if data not in self._events:
            held = self.held.get(data)
            try:
                found = load(self.data[data])
                if held and found.hash != held and found.store is not None:
                    found = replace(load(f"{found.store}@{held}"), name=found.name)
            except TertiusError as error:
                if not held:
                    raise
                raise DataChanged(
                    say("{data} cannot be opened any more: {why}", data=data, why=error.message), AGAIN
                ) from None
            if held and found.hash != held:
                raise DataChanged(say("{data} has changed since this server opened it.", data=data), AGAIN)
            self._events[data] = found
        return self._events[data]

    def study(self, data: str, given: Given, question: str, progress: OnProgress) -> Study:
        """The Study behind a question."""
        chosen = QUESTIONS[question].fit(given)

        def make() -> Study:
            return Study.open(self.events(data), progress=progress, **_options(chosen))

        found: Study = self._kept("studies", (data, *chosen.items()), make)
        return found

    def periods(self, data: str, given: Given) -> Periods:
        """The data by month, with the day between before and after."""
        start, end = given.get("from"), given.get("to")

        def make() -> Periods:
            return open_periods(self.events(data), DEFAULT_PERIOD, None, start, end, None)

        found: Periods = self._kept("periods", (data, start, end), make)
        return found.divided(given.get("at"))

    def camps(self, data: str, given: Given, progress: OnProgress) -> Any:
        """The camps of all actors, without null networks."""
        asked = _options(_some(given, "window", "camps", "from", "to"))

        def make() -> Any:
            return study.balance(self.events(data), draws=0, progress=progress, **asked)

        return self._kept("camps", (data, *asked.items()), make)

    def forecaster(self, data: str, given: Given) -> Forecaster:
        """The models of what comes next."""
        horizon = given.get("horizon")
        found: Forecaster = self._kept(
            "forecasters", (data, horizon), lambda: Forecaster.open(self.events(data), horizon=horizon)
        )
        return found

    def _kept(self, kind: str, key: Any, make: Callable[[], Any]) -> Any:
        """What was made before, or is made now; beyond :data:`KEPT` the one used longest ago is closed."""
        shelf = self._open.setdefault(kind, OrderedDict())
        if key not in shelf:
            while len(shelf) >= KEPT:
                shelf.popitem(last=False)
            shelf[key] = make()
        shelf.move_to_end(key)
        return shelf[key]


def _options(given: Given) -> dict[str, Any]:
    """The fields of the question, by the names that Python gives them."""
    return {{"from": "start", "to": "end"}.get(name, name): value for name, value in given.items()}


def _some(given: Given, *names: str) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _codes(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return CodesFound(find_codes(given["name"], given.get("date")))


def _describe(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return Described(desk.events(data).describe())


def _audit(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    events = desk.events(data)
    if events.store is None:
        raise NotThere(
            say("{data} is no store, and was never imported: it has no audit.", data=data),
            say("Ask what is in them instead: describe."),
        )
    return Audited(study.audit(f"{events.store}@{events.hash}"))


def _explain(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    found = desk.study(data, given, "explain", progress)
    more = _some(given, "by", "permutations")
    return found.explain(given["a"], given["b"], window=window_of(given), progress=progress, **more)


def _drives(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return desk.study(data, given, "drives", progress).by(given["actor"], window=window_of(given))


def _pairs(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    found = desk.study(data, given, "pairs", progress)
    return found.pairs(window=window_of(given), progress=progress, **_some(given, "actor", "rose", "sort", "top"))


def _trend(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return trend_of(desk.periods(data, given), given["a"], given["b"], given.get("outcome"))


def _rank(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return rank_of(desk.periods(data, given), given["a"], given["b"], "at" in given)


def _events(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    bounds = given.get("from"), given.get("to"), given.get("limit", 50)
    return RowsBehind(study.events_between(given["a"], given["b"], desk.events(data), *bounds))


def _isolation(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return isolation_in(desk.periods(data, given), given["actor"], **_some(given, "group", "outcome"))


def _forecast(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return desk.forecaster(data, given).about((given["a"], given["b"]))


def _changes(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return study.changes(desk.events(data), **_some(given, "since", "top"))


def _balance(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    asked = _options(_some(given, "window", "camps", "draws", "from", "to"))
    return study.balance(desk.events(data), progress=progress, **asked)


def _ties(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return ties_in(desk.periods(data, given), given["actor"])


def _stood(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    return of_actor(desk.camps(data, given, progress), desk.events(data), given["actor"])


def _price(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    opened = desk.study(data, given, "price", progress)
    asked = {**_options(QUESTIONS["price"].fit(given)), **_some(given, "adversaries", "per")}
    return study.price(given["actor"], opened.events, study=opened, window=window_of(given), progress=progress, **asked)


def _whatif(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    opened = desk.study(data, given, "whatif", progress)
    sets = change_of({"factor": DEFAULT_FACTOR, **given}, opened.events.directed)
    return study.whatif(
        given["a"], given["b"], opened.events, sets=sets, draws=0, study=opened, progress=progress,
        **_options(QUESTIONS["whatif"].fit(given)),
    )  # fmt: skip


def _check(desk: Desk, data: str, given: Given, progress: OnProgress) -> Any:
    opened = desk.study(data, {}, "check", progress)
    return study.check(
        text=given["text"], data=opened.events, study=opened, progress=progress, **_some(given, "written", "quotes")
    )


Answering = Callable[[Desk, str, Given, OnProgress], Any]
ANSWERS: dict[str, Answering] = {
    "codes": _codes,
    "describe": _describe,
    "audit": _audit,
    "explain": _explain,
    "drives": _drives,
    "pairs": _pairs,
    "trend": _trend,
    "rank": _rank,
    "events": _events,
    "isolation": _isolation,
    "forecast": _forecast,
    "changes": _changes,
    "balance": _balance,
    "ties": _ties,
    "stood": _stood,
    "price": _price,
    "whatif": _whatif,
    "check": _check,
}
"""How each question of ``QUESTIONS`` is answered."""

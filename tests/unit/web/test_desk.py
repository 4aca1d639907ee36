"""What a worker keeps open."""

from __future__ import annotations

from tertius.web.desk import Desk


def test_an_answer_is_found_once_and_given_again() -> None:
    desk = Desk({"chronicle": "chronicle"})
    given = {"a": "RUS", "b": "PRK", "limit": 2}
    one = desk.answer("events", "chronicle", given, print)
    assert desk.answer("events", "chronicle", dict(given), print) is one
    for n in (3, 4, 5):
        desk.answer("events", "chronicle", {**given, "limit": n}, print)
    assert desk.answer("events", "chronicle", given, print) is not one

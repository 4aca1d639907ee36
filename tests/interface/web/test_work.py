"""Long work: joined, shown as it goes, ended when nobody waits; a worker's death fails its own question alone."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from explorer import Explorer, explorer

LONG = "/api/v1/planted/pairs"
"""A question that takes seconds: nothing of planted is fitted yet."""


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Explorer]:
    """A server whose data are open and nothing else is."""
    with explorer({"planted": "planted", "chronicle": "chronicle"}, tmp_path, abandoned=2.0, patience=0.2) as found:
        found.opened("planted")
        found.opened("chronicle")
        yield found


def test_equal_questions_are_one_work_with_a_ticket_each(fresh: Explorer) -> None:
    one, other = (fresh.ask(f"{LONG}?wait=0") for _ in range(2))
    assert (one.status, other.status) == (202, 202)
    assert one.json["id"] != other.json["id"]
    fresh.ask(one.headers["location"], "DELETE")
    assert fresh.ask(other.headers["location"]).json["state"] in ("waiting", "running")
    ended = fresh.ask(other.headers["location"], "DELETE").json
    assert ended["state"] == "cancelled"
    assert ended["error"]["type"] == "Cancelled"


def test_who_waits_without_a_ticket_is_not_cancelled_by_another(fresh: Explorer) -> None:
    said: list[int] = []
    path = "/api/v1/planted/balance?window=3mo&draws=200"
    waits = threading.Thread(target=lambda: said.append(fresh.ask(f"{path}&wait=2").status))
    waits.start()
    time.sleep(0.5)
    place = fresh.ask(f"{path}&wait=0").headers["location"]
    assert fresh.ask(place, "DELETE").json["state"] in ("waiting", "running")
    waits.join()
    assert said in ([200], [202])


def test_who_listens_is_told_that_the_server_ends_and_nothing_breaks(tmp_path: Path) -> None:
    with explorer({"planted": "planted"}, tmp_path) as found:
        found.opened("planted")
        place = found.ask(f"{LONG}?wait=0").headers["location"]
        connection = HTTPConnection(urlsplit(found.address).netloc, timeout=30)
        connection.request("GET", f"{place}/events")
        heard = connection.getresponse()
        found.process.send_signal(signal.SIGTERM)
        last = json.loads(heard.read().decode().rpartition("data: ")[2])
        connection.close()
        assert last["state"] == "cancelled"
        assert last["error"]["message"] == "The server was ended."
        found.process.wait(15)
        assert "Traceback" not in found.log.read_text()


def test_a_cancelled_question_computes_no_more_and_the_next_is_answered(fresh: Explorer) -> None:
    place = fresh.ask(f"{LONG}?wait=0").headers["location"]
    until_running(fresh, place)
    fresh.ask(place, "DELETE")
    time.sleep(1.0)
    quiet(fresh)
    assert fresh.settled("/api/v1/chronicle/describe").status == 200
    assert len(fresh.workers) == 2


def test_what_nobody_asks_for_any_more_is_ended(fresh: Explorer) -> None:
    host, path = urlsplit(fresh.address).netloc, LONG
    for _ in range(20):  # they go before they are answered
        connection = HTTPConnection(host, timeout=5)
        connection.request("GET", path)
        connection.close()
    time.sleep(4.0)
    quiet(fresh)


def test_who_waits_for_an_answer_longer_than_nobody_may_gets_it(fresh: Explorer) -> None:
    assert fresh.ask(f"{LONG}?wait=25").status in (200, 202)  # "abandoned" is 2 seconds here


def test_a_worker_that_is_killed_fails_its_question_alone(fresh: Explorer) -> None:
    before = fresh.workers
    place = fresh.ask(f"{LONG}?wait=0").headers["location"]
    until_running(fresh, place)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    found = fresh.settled(f"{place}/answer", within=60)
    assert found.status == 503
    assert found.json["error"]["type"] == "WorkerEnded"
    assert fresh.settled("/api/v1/chronicle/describe", within=60).status == 200
    assert not set(before) & set(fresh.workers)
    assert len(fresh.workers) == 2


def test_progress_comes_as_events_and_ends_with_the_answer(fresh: Explorer) -> None:
    place = fresh.ask("/api/v1/planted/explain?a=S02&b=S08&permutations=0&wait=0").headers["location"]
    connection = HTTPConnection(urlsplit(fresh.address).netloc, timeout=120)
    connection.request("GET", f"{place}/events")
    lines = connection.getresponse().read().decode().split("\n\n")
    connection.close()
    kinds = [line.partition("\n")[0].removeprefix("event: ") for line in lines if line]
    last = json.loads(lines[len(kinds) - 1].partition("data: ")[2])
    assert kinds[:-1] == ["progress"] * (len(kinds) - 1)
    assert kinds[-1] == "end"
    assert last["state"] == "done"
    assert any('"progress": {"text": ' in line for line in lines)
    assert fresh.ask(last["answer"]).json["pair"] == ["S02", "S08"]


def test_who_is_quick_does_not_wait_for_who_is_long(fresh: Explorer) -> None:
    place = fresh.ask(f"{LONG}?wait=0").headers["location"]
    other = fresh.ask("/api/v1/chronicle/pairs?wait=0").headers["location"]
    until_running(fresh, place)
    began = time.monotonic()
    assert fresh.settled("/api/v1/chronicle/describe").status == 200
    assert fresh.ask(place).json["state"] == "running", f"too quick to tell: {time.monotonic() - began:.1f} s"
    assert fresh.ask(other).json["state"] == "waiting"
    for one in (place, other):
        fresh.ask(one, "DELETE")


def test_the_page_of_long_work_tells_how_far_it_is_and_stops_by_a_form(fresh: Explorer) -> None:
    found = fresh.ask("/pair/S02/S08?data=planted", accept="text/html")
    assert found.status == 202
    assert '<noscript><meta http-equiv="refresh" content="2;url=/pair/S02/S08?data=planted&amp;job=' in found.text
    ticket = found.headers["location"].rpartition("/")[2]
    again = fresh.ask(f"/pair/S02/S08?data=planted&job={ticket}", accept="text/html")
    assert again.headers["location"] == found.headers["location"]  # no new ticket for who loads again
    assert fresh.ask(f"/jobs/{ticket}/cancel", "POST").status == 303
    assert fresh.ask(found.headers["location"]).json["state"] == "cancelled"


def test_no_more_wait_than_may(tmp_path: Path) -> None:
    with explorer({"planted": "planted"}, tmp_path, waiting=3, patience=0.0, abandoned=60.0) as found:
        said = [found.ask(f"/api/v1/planted/explain?a=S01&b=S0{n}&wait=0") for n in range(2, 9)]
        assert [s.status for s in said][-1] == 429
        assert said[-1].headers["retry-after"]
        assert said[-1].json["error"]["type"] == "Busy"


def test_kept_answers_have_bounds(tmp_path: Path) -> None:
    with explorer({"chronicle": "chronicle"}, tmp_path, answers=2, answer_bytes=10_000_000) as found:
        found.opened("chronicle")
        paths = [f"/api/v1/chronicle/events?a=RUS&b=PRK&limit={n}" for n in (1, 2, 3)]
        for path in paths:
            assert found.settled(path).status == 200
        assert found.ask(f"{paths[2]}&wait=0").status == 200
        assert found.ask(f"{paths[0]}&wait=0").status == 202


def test_all_is_over_when_the_server_is_killed(tmp_path: Path) -> None:
    with explorer({"planted": "planted"}, tmp_path) as found:
        found.opened("planted")
        found.ask(f"{LONG}?wait=0")
        time.sleep(1.0)
        found.process.kill()  # the fixture sees that no worker is left


def test_readers_at_once_all_get_the_same(fresh: Explorer) -> None:
    said: list[bytes] = []

    def read() -> None:
        said.append(fresh.settled("/api/v1/chronicle/trend?a=RUS&b=PRK").body)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert len(said) == 8
    assert len(set(said)) == 1


def until_running(found: Explorer, place: str) -> None:
    until = time.monotonic() + 60
    while found.ask(place).json["state"] == "waiting":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert found.ask(place).json["state"] == "running"


def quiet(found: Explorer) -> None:
    """Nothing is computed any more; a worker that has just been replaced may still start."""
    until = time.monotonic() + 60
    while True:
        before = found.busy()
        time.sleep(0.5)
        if found.busy() - before < 0.05:
            return
        assert time.monotonic() < until, "work goes on that nobody waits for"

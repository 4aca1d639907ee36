"""The lines of a run: values that print as text, and no line where work is short."""

from __future__ import annotations

import pytest

from tertius import progress
from tertius.progress import Progress, Teller, foreseen


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def teller(clock: Clock, lines: list[str], **options: object) -> Teller:
    return Teller(lines.append, first=clock.now, began=clock.now, said=clock.now, **options)  # type: ignore[arg-type]


def parts(line: str) -> tuple[object, ...]:
    assert isinstance(line, Progress)
    return line.what, line.done, line.of, line.left


def test_what_is_told_is_a_value(clock: Clock) -> None:
    lines: list[str] = []
    tell = teller(clock, lines)
    tell.start("pass 2, with standard errors")
    clock.now += 3.0
    tell.done(50, 200)
    assert lines == ["pass 2, with standard errors: 50 of 200 slices, about 9 s left"]
    assert parts(lines[0]) == ("pass 2, with standard errors", 50, 200, 9.0)


def test_short_work_is_silent_and_lines_have_some_time_between(clock: Clock) -> None:
    lines: list[str] = []
    tell = teller(clock, lines)
    clock.now += 1.0
    tell.done(9, 10)
    assert lines == []  # all in all 1.1 s
    clock.now += 2.0
    tell.done(10, 20)
    clock.now += 0.1
    tell.done(11, 20)
    assert len(lines) == 1


def test_the_share_of_the_work_need_not_be_that_of_the_count(clock: Clock) -> None:
    lines: list[str] = []
    tell = teller(clock, lines, unit="histories", every=0.0, worth=0.0)
    tell.start("drawn")
    clock.now += 5.0
    tell.done(1, 4, 0.5)
    assert lines == ["drawn: 1 of 4 histories, about 5 s left"]


def test_a_long_pass_is_foreseen_once_with_its_memory(clock: Clock) -> None:
    lines: list[str] = []
    tell = teller(clock, lines, memory=2.5e9)
    for n in (1, 2):
        clock.now += 10.0
        tell.done(n, 60)
    assert lines[0] == "Foreseen: about 10 min, 2.5 GB at most"
    assert [isinstance(line, Progress) and line.foreseen for line in lines] == [True, False, False]
    assert parts(lines[1])[-1] == 590.0


@pytest.mark.parametrize(
    ("line", "text", "values"),
    [
        (Progress("null network", 3, 200), "null network: 3 of 200", ("null network", 3, 200, None)),
        (Progress("4 within-pair", 3, 6, unit="rungs"), "4 within-pair: 3 of 6 rungs", ("4 within-pair", 3, 6, None)),
        (Progress("reading 1 of 2.csv: 7 of 9", 0, 2, unit="files"), "reading 1 of 2.csv: 7 of 9: 0 of 2 files",
         ("reading 1 of 2.csv: 7 of 9", 0, 2, None)),
        (Progress("draw 1 of 9: inertia 0.3"), "draw 1 of 9: inertia 0.3", ("draw 1 of 9: inertia 0.3", 0, None, None)),
        (foreseen(90), "Foreseen: about 2 min", ("Foreseen: about 2 min", 0, None, None)),
    ],
)  # fmt: skip
def test_a_line_prints_as_text_and_keeps_its_parts(line: Progress, text: str, values: tuple[object, ...]) -> None:
    assert line == str(line) == text
    assert parts(line) == values


def test_nobody_need_listen() -> None:
    Teller(None, every=0.0, worth=0.0).done(1, 2)
    Teller(None).line("anything")

"""A wing of the house: a new kind of question, with one chart and a table, costs four places and no other.

What stands between the four comments is what its author writes; page, terminal, rows and JSON come out of it.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import altair as alt
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

import tertius
from tertius.cli.kits import PRINTED, TALK
from tertius.cli.options import Data
from tertius.cli.run import answers, app
from tertius.model.tables import Printed
from tertius.report import terminal
from tertius.report.charts.parts import data as chart_data
from tertius.report.charts.parts import finish
from tertius.report.document import Column, Document, Figure, Key, Prose, Row, Section, Table
from tertius.report.html import render
from tertius.report.pages import PAGES, Page, document_of
from tertius.study import events_between

# 1: study/busiest.py


@dataclass(frozen=True, slots=True)
class Busiest:
    """In which years most was recorded between two."""

    pair: tuple[str, str]
    years: tuple[tuple[str, int], ...]
    command: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def busiest(a: str, b: str, data: Any) -> Busiest:
    rows = events_between(a, b, data, None, None, 10**6)["events"]
    years = Counter(str(row["date"])[:4] for row in rows)
    return Busiest((a, b), tuple(years.most_common()), f"tertius busiest {a} {b} {data}")


# 2: report/sections/busiest.py


def section(found: Busiest) -> Section:
    rows = tuple(Row((year, f"{n:,}")) for year, n in found.years)
    said = "; ".join(f"{year}: {n}" for year, n in found.years)
    figure = Figure("years", lambda: chart(found), "The higher, the more was recorded.", said)
    table = Table((Column("Year"), Column("Rows", "number")), rows, "Rows by year, most first", shown=3, things="years")
    return Section("years", "By year", (figure, table), "By year")


def chart(found: Busiest) -> alt.LayerChart:
    rows = [{"year": year, "n": n} for year, n in found.years]
    bars = alt.Chart(chart_data(rows)).mark_bar().encode(x="year:N", y="n:Q")
    return finish(alt.layer(bars), "Rows by year", "All of them", 120, key=[Key("bar", "blue", "rows of a year")])


def document(found: Busiest) -> Document:
    heading = f"When were {' and '.join(found.pair)} busiest?"
    return Document(
        heading, heading, (Prose(f"In {found.years[0][0]}."),), (section(found),), name="-".join(found.pair)
    )


def rows(found: Busiest) -> Printed:
    return Printed(
        ("year", "rows"), [(y, str(n)) for y, n in found.years], [{"year": y, "rows": n} for y, n in found.years]
    )


# 3: a line in report/pages.py

LINE = {Busiest: Page(document, rows)}

# 4: cli/ask.py


def ask(a: Annotated[str, typer.Argument()], b: Annotated[str, typer.Argument()], data: Data) -> Busiest:
    """When were two busiest?"""
    return busiest(a, b, data)


# what comes out of it


@pytest.fixture
def wing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(PAGES, Busiest, LINE[Busiest])
    before = list(app.registered_commands)
    answers("tertius busiest RUS PRK chronicle", takes=(PRINTED, TALK))(ask)
    yield
    app.registered_commands[:] = before


@pytest.fixture
def answer() -> Busiest:
    return busiest("RUS", "PRK", "chronicle")


@pytest.mark.usefixtures("wing")
def test_its_command_prints_the_table_in_80_columns_and_writes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "busiest.html"
    ran = CliRunner().invoke(app, ["busiest", "RUS", "PRK", "chronicle", "--report", str(page)])
    assert ran.exit_code == 0, ran.output
    assert "When were RUS and PRK busiest?" in ran.output
    assert "more years in --json" in ran.output
    assert all(len(line) <= 80 for line in ran.stdout.splitlines())
    html = page.read_text("utf-8")
    assert '<h2 id="years">By year</h2>' in html
    assert 'data-chart="years"' in html
    assert "connect-src" in html


@pytest.mark.usefixtures("wing")
def test_its_json_and_rows_stand_alone(answer: Busiest) -> None:
    ran = CliRunner().invoke(app, ["busiest", "RUS", "PRK", "chronicle", "--json"])
    assert json.loads(ran.stdout) == json.loads(json.dumps(answer.to_dict()))
    ran = CliRunner().invoke(app, ["busiest", "RUS", "PRK", "chronicle", "--table", "csv"])
    assert ran.stdout.splitlines()[0] == "year,rows"
    assert len(ran.stdout.splitlines()) == 1 + len(answer.years)


@pytest.mark.usefixtures("wing")
def test_its_document_is_json_with_the_chart_and_the_notebook_has_the_chart(answer: Busiest) -> None:
    found = json.loads(json.dumps(document_of(answer).to_dict(), allow_nan=False))
    figure, table = found["sections"][0]["blocks"]
    assert (figure["kind"], table["kind"]) == ("figure", "table")
    assert figure["spec"]["title"]
    assert figure["key"] == [{"mark": "bar", "colour": "blue", "text": "rows of a year"}]
    assert list(tertius.charts_of(answer)) == ["years"]


@pytest.mark.usefixtures("wing")
def test_hostile_labels_of_it_stay_text() -> None:
    nasty = "</script><img src=x onerror=alert(1)>\x1b[31m"
    found = Busiest((nasty, "B"), ((nasty, 1),), "")
    html = render(document_of(found))
    assert "<img src=x" not in html
    sink = io.StringIO()
    terminal.show(Console(file=sink, width=80), document_of(found))
    assert "\x1b" not in sink.getvalue()

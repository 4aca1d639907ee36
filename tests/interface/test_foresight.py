"""The commands of what comes next, as a user types them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tertius.cli.run import app

STATES = ["CHN", "DEU", "EGY", "FRA", "GBR", "IND"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty weeks of events between six states."""
    rng = np.random.default_rng(3)
    n = 4_000
    source = rng.integers(0, 6, n)
    table = {
        "date": np.datetime64("2020-01-06") + rng.integers(0, 280, n),
        "source": [STATES[k] for k in source],
        "target": [STATES[k] for k in (source + rng.integers(1, 6, n)) % 6],
        "quad": rng.choice([1, 4], n),
    }
    path = tmp_path_factory.mktemp("foresight")
    pq.write_table(pa.table(table), path / "made.parquet")
    return path


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(folder)
    yield
    for made in folder.glob("*.jsonl*"):
        made.unlink()


def ran(line: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, shlex.split(line))
    assert result.exit_code == code, result.output
    return result.stdout


COMMANDS = {
    "forecast": "forecast made.parquet --period 1w --horizon 1,2",
    "fan": "forecast made.parquet --period 1w --horizon 2,1 --pair China Germany --seed 4",
    "backtest": "backtest made.parquet --period 1w --horizon 1 --last 6",
    "changes": "changes made.parquet --period 1w --since 2020-09-28 --top 4",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_in_the_answer_repeats_it(name: str) -> None:
    found = json.loads(ran(f"{COMMANDS[name]} --json --quiet"))
    again = json.loads(ran(found["command"].removeprefix("tertius ") + " --json --quiet"))
    assert found == again
    assert {"caveats", "text"} <= set(found)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_terminal_has_80_columns_and_the_page_is_whole(name: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    out = ran(f"{COMMANDS[name]} --quiet --report {page}")
    assert all(len(line) <= 80 for line in out.splitlines())
    html = page.read_text("utf-8")
    chart = {"fan": "fan", "backtest": "gains"}.get(name)
    assert chart is None or f'data-chart="{chart}"' in html
    assert "How to repeat it" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_rows_stand_alone(name: str) -> None:
    lines = ran(f"{COMMANDS[name]} --quiet --table csv").splitlines()
    assert len(lines) > 1
    assert lines[0].count(",") > 5


def test_a_ledger_from_the_first_line_to_the_score() -> None:
    added = json.loads(ran("ledger add book.jsonl made.parquet --period 1w --horizon 1 --pair CHN DEU --json"))
    assert (added["added"], added["lines"], added["valid"], added["first_bad"]) == (2, 2, True, None)
    assert added["command"] == "tertius ledger add book.jsonl made.parquet --period 1w --horizon 1 --pair CHN DEU"
    found = json.loads(ran("ledger verify book.jsonl --json"))
    assert {"lines", "valid", "first_bad"} <= set(found)
    assert json.loads(ran("ledger score book.jsonl made.parquet --json"))["waiting"] == 2
    path = Path("book.jsonl")
    path.write_text(path.read_text().replace("CHN", "FRA", 1))
    out = " ".join(ran("ledger verify book.jsonl").split())
    assert "was changed: line 1 is not what was written" in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("forecast made.parquet --horizon 1,x", "--horizon"),
        ("forecast made.parquet --period 1w --pair CHN CHN", "twice"),
        ("backtest made.parquet --period 1w --last 99", "too few"),
        ("changes made.parquet --since 2031-01-01", "--since"),
        ("ledger forge book.jsonl", "Choose one of: add, score, verify"),
        ("ledger add book.jsonl", "takes data"),
        ("ledger verify book.jsonl made.parquet", "takes no data"),
        ("ledger verify nothing.jsonl", "no ledger"),
    ],
)
def test_what_is_wrong_is_one_message(line: str, said: str) -> None:
    result = CliRunner().invoke(app, [*shlex.split(line), "--json"])
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert said in f"{error['message']} {error['hint']}"

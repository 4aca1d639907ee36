"""The commands of what comes next, as a user types them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import date
from math import exp, lgamma
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import tertius
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


def test_a_terminal_says_how_many_forecasts_it_leaves_out_and_breaks_no_word() -> None:
    out = ran(f"{COMMANDS['forecast']} --quiet")
    assert "of 120 forecasts the likeliest breaks first" in " ".join(out.split())
    assert "100 more forecasts in --json." in out
    lines = ran(f"{COMMANDS['changes']} --quiet").splitlines()
    assert any("cooperation  " in line or "hostility  " in line for line in lines)
    assert not any(line.split()[0] in ("on", "ty", "n", "y") for line in lines if line.split())


def test_a_pair_whose_names_have_spaces_is_quoted_in_the_command(folder: Path) -> None:
    table = pq.read_table(folder / "made.parquet").to_pydict()
    table["source"], table["target"] = ([f"state {x}" for x in table[k]] for k in ("source", "target"))
    pq.write_table(pa.table(table), folder / "spaced.parquet")
    pair = "--pair 'state CHN' 'state DEU' --period 1w --horizon 1 --codes keep"
    found = json.loads(ran(f"forecast spaced.parquet {pair} --json --quiet"))
    assert json.loads(ran(found["command"].removeprefix("tertius ") + " --json --quiet")) == found
    added = json.loads(ran(f"ledger add 'my book.jsonl' spaced.parquet {pair} --json --quiet"))
    assert added["command"].startswith("tertius ledger add 'my book.jsonl' spaced.parquet --period 1w --codes keep")
    scored = json.loads(ran("ledger score 'my book.jsonl' spaced.parquet --codes keep --json --quiet"))
    assert scored["command"] == "tertius ledger score 'my book.jsonl' spaced.parquet --codes keep"


def test_forecasts_of_simulated_data_say_so() -> None:
    found = json.loads(ran("forecast planted --horizon 1 --pair S09 S22 --json --quiet"))
    assert found["caveats"][0].startswith("Simulated data")
    assert "imulated" in ran("forecast planted --horizon 1 --pair S09 S22 --quiet").splitlines()[0]


def test_a_ledger_of_months_is_scored_on_sums_of_months_as_by_hand() -> None:
    """CRPS as the sum over thresholds, log score as the probability of what came, both from the line as written."""
    flags = "--horizon 1 --pair S09 S22 --to 2004-10-31"
    ran(f"ledger add months.jsonl planted {flags} --quiet")
    found = json.loads(ran("ledger score months.jsonl planted --json --quiet"))
    assert [s["outcome"] for s in found["scores"]] == ["cooperation", "hostility"]
    assert (found["waiting"], found["unobserved"]) == (0, 0)
    lines = [json.loads(line) for line in Path("months.jsonl").read_text().splitlines()]
    sums = tertius.load("planted").between("S09", "S22", start=date(2004, 11, 1), end=date(2004, 11, 30))
    for line, score, sign in zip(lines, found["scores"], (1, -1), strict=True):
        y = sum(r["count"] for r in sums if r["source"] == "S09" and r["sign"] == sign)
        assert score["observed"] == y
        q, m, r = (line["forecast"][k] for k in ("share", "mean_if", "shape"))
        p = [(1 - q) * (k == 0) + q * comb(k, r) * (m / (m + r)) ** k * (r / (m + r)) ** r for k in range(2_000)]
        below = np.cumsum(p)
        assert below[-1] == pytest.approx(1.0, abs=1e-9)
        assert score["log_score"] == pytest.approx(np.log(p[int(y)]))
        assert score["crps"] == pytest.approx(float(((below - (np.arange(2_000) >= y)) ** 2).sum()))


def comb(k: int, r: float) -> float:
    """Gamma(k + r) / (Gamma(r) k!)."""
    return exp(lgamma(k + r) - lgamma(r) - lgamma(k + 1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("forecast made.parquet --horizon 1,x", "--horizon"),
        ("forecast made.parquet --period 1w --pair CHN CHN", "twice"),
        ("backtest made.parquet --period 1w --last 99", "too few"),
        ("backtest made.parquet --period 1w --last 0", "scores nothing"),
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


def test_changes_write_a_feed_whose_ids_stay_when_more_is_asked(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.atom"
    told = ran(f"{COMMANDS['changes']} --feed {path} --json")
    first = path.read_bytes()
    assert json.loads(told) == json.loads(ran(f"{COMMANDS['changes']} --json"))
    ran(f"{COMMANDS['changes']} --feed {path}")
    assert path.read_bytes() == first
    ids = set(re.findall(rb"<id>(tag:[^<]*)</id>", first)) - {b"tag:tertius.invalid,2026:made.parquet/changes"}
    assert len(ids) == 4
    more = tmp_path / "f.json"
    ran(f"changes {folder / 'made.parquet'} --period 1w --since 2020-09-21 --top 40 --feed {more}")
    later = {item["id"].encode() for item in json.loads(more.read_text())["items"]}
    assert ids < later


def test_a_feed_that_cannot_be_written_ends_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "mine.atom").write_text("<feed>of others</feed>")
    for name in ("mine.atom", "f.rss", "none/f.atom"):
        told = json.loads(ran(f"changes nodata --feed {tmp_path / name} --json", code=2))
        assert str(tmp_path) in told["error"]["message"]
    assert (tmp_path / "mine.atom").read_text() == "<feed>of others</feed>"

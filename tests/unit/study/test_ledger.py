"""A ledger: what is changed, dropped or moved is found; what is due is scored."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tertius.errors import CorruptFile, InputError, UsageError
from tertius.foresight.families import Predictive
from tertius.study import ledger

DAYS, ACTORS = 40 * 7, ["CHN", "DEU", "EGY", "FRA", "GBR", "IND"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Forty weeks of events, and the same with four more."""
    import datetime

    rng = np.random.default_rng(3)
    n = 4_000
    day = rng.integers(0, DAYS + 28, n)
    source = rng.integers(0, 6, n)
    target = (source + rng.integers(1, 6, n)) % 6
    first = datetime.date(2020, 1, 6)
    table = pa.table(
        {
            "date": [first + timedelta(days=int(d)) for d in day],
            "source": [ACTORS[k] for k in source],
            "target": [ACTORS[k] for k in target],
            "quad": rng.choice([1, 4], n),
        }
    )
    folder = tmp_path_factory.mktemp("ledger")
    pq.write_table(table.filter(pa.array(day < DAYS)), folder / "short.parquet")
    pq.write_table(table, folder / "long.parquet")
    return str(folder / "short.parquet"), str(folder / "long.parquet")


@pytest.fixture
def book(tmp_path: Path, data: tuple[str, str]) -> Path:
    path = tmp_path / "book.jsonl"
    ledger.add(path, data[0], period="1w", horizon="1,2", pair=["CHN", "DEU"])
    ledger.add(path, data[0], period="1w", horizon="8", pair=["EGY", "DEU"])
    return path


def test_lines_are_chained_and_hold_the_forecast(book: Path) -> None:
    lines = [json.loads(x) for x in book.read_text().splitlines()]
    assert [x["n"] for x in lines] == [1, 2, 3, 4, 5, 6]
    assert all(b["previous"] == a["sha256"] for a, b in pairwise(lines))
    assert lines[0]["question"]["pair"] == ["CHN", "DEU"]
    assert set(lines[0]) == {"n", "written", "data_hash", "origin", "question", "forecast", "previous", "sha256"}
    found = ledger.verify(book)
    assert (found.valid, found.first_bad, found.lines, found.head) == (True, None, 6, lines[-1]["sha256"])


@pytest.fixture(scope="module")
def tampered() -> Callable[[list[str], np.random.Generator], list[str]]:
    """The way in which ``benchmarks/foresight.py`` changes ledgers a thousand times."""
    path = Path(__file__).resolve().parents[3] / "benchmarks" / "foresight.py"
    spec = importlib.util.spec_from_file_location("foresight_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.tampered  # type: ignore[no-any-return]


def test_every_tampering_is_found(book: Path, tampered: Callable[[list[str], np.random.Generator], list[str]]) -> None:
    texts = book.read_text().splitlines()
    whole = book.read_bytes()
    rng = np.random.default_rng(5)
    tried = 0
    while tried < 300:
        made = tampered(texts, rng)
        if made == texts:
            continue
        tried += 1
        book.write_text("".join(x + "\n" for x in made))
        found = ledger.verify(book)
        assert not found.valid
        same = [a == b for a, b in zip(made, texts, strict=False)]
        assert found.first_bad is not None
        assert found.first_bad >= 1 + (same.index(False) if False in same else len(same))
    book.write_bytes(whole)
    assert ledger.verify(book).valid


def test_a_missing_end_is_found_by_the_head(book: Path) -> None:
    texts = book.read_text().splitlines()
    book.write_text("".join(x + "\n" for x in texts[:4]))
    assert ledger.verify(book).first_bad == 5
    book.with_name("book.jsonl.head").unlink()
    assert not ledger.verify(book).valid


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked children")
@pytest.mark.parametrize("how", ["new", "existing"])
def test_a_writer_killed_at_any_call_leaves_a_whole_ledger(how: str, tmp_path: Path) -> None:
    killed = Path(__file__).parents[2] / "killed.py"
    done = subprocess.run(
        [sys.executable, killed, f"ledger: {how}", tmp_path], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) >= 9


def test_lines_beyond_the_head_are_whole_where_they_follow_from_it(book: Path, data: tuple[str, str]) -> None:
    """As a kill between file and head leaves them."""
    head = book.with_name("book.jsonl.head")
    before = head.read_bytes()
    ledger.add(book, data[0], period="1w", horizon="1", pair=["CHN", "DEU"])
    head.write_bytes(before)
    assert ledger.verify(book).valid
    texts = book.read_text().splitlines()
    forged = json.loads(texts[-1])
    forged["previous"] = json.loads(texts[2])["sha256"]
    forged["sha256"] = ledger.digest(forged)
    book.write_text("".join(x + "\n" for x in [*texts[:-1], json.dumps(forged, separators=(",", ":"))]))
    assert ledger.verify(book).first_bad == len(texts)
    book.write_text("".join(x + "\n" for x in texts[:5]))
    assert ledger.verify(book).first_bad == 6


def test_a_ledger_that_was_removed_is_not_begun_anew(book: Path, data: tuple[str, str]) -> None:
    book.unlink()
    with pytest.raises(CorruptFile, match="line 1"):
        ledger.add(book, data[0], period="1w", horizon="1", pair=["CHN", "DEU"])
    assert not book.exists()


@pytest.mark.parametrize("head", ["", "[]", "{}", '{"lines": -1, "sha256": "0"}', '{"lines": "x"}', "[" * 9_000])
def test_a_head_that_says_nothing_is_a_change(book: Path, head: str) -> None:
    book.with_name("book.jsonl.head").write_text(head)
    assert not ledger.verify(book).valid


def test_line_ends_are_part_of_a_line(book: Path) -> None:
    book.write_bytes(book.read_bytes().replace(b"\n", b"\r\n"))
    assert ledger.verify(book).first_bad == 1


def test_what_is_chained_but_no_forecast_is_said(tmp_path: Path, data: tuple[str, str]) -> None:
    path = tmp_path / "foreign.jsonl"
    lines = ledger.chained([{"question": {"pair": ["CHN", "DEU"]}}], ledger.START, 1)
    path.write_text(json.dumps(lines[0], separators=(",", ":")) + "\n")
    path.with_name("foreign.jsonl.head").write_text(ledger.Head(1, lines[0]["sha256"]).text())
    assert ledger.verify(path).valid
    with pytest.raises(CorruptFile, match="line 1 is no forecast"):
        ledger.score(path, data[1])


def test_two_writers_at_once_lose_no_line(tmp_path: Path, data: tuple[str, str]) -> None:
    path = tmp_path / "shared.jsonl"
    script = (
        "import sys, warnings; warnings.simplefilter('ignore'); from tertius.study import ledger\n"
        "for _ in range(3): ledger.add(sys.argv[1], sys.argv[2], period='1w', horizon='1', pair=['CHN', 'DEU'])"
    )
    both = [subprocess.Popen([sys.executable, "-c", script, path, data[0]]) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    found = ledger.verify(path)
    assert (found.valid, found.lines) == (True, 12)
    assert {f.name for f in tmp_path.iterdir()} == {"shared.jsonl", "shared.jsonl.head"}


def test_a_changed_ledger_takes_no_line_and_is_not_scored(book: Path, data: tuple[str, str]) -> None:
    book.write_text(book.read_text().replace('"cooperation"', '"hostility"', 1))
    before = book.read_bytes()
    with pytest.raises(CorruptFile, match="line 1"):
        ledger.add(book, data[0], period="1w", horizon="1", pair=["CHN", "DEU"])
    assert book.read_bytes() == before
    with pytest.raises(CorruptFile, match="line 1"):
        ledger.score(book, data[1])


def test_what_is_due_is_scored_by_what_was_written(book: Path, data: tuple[str, str]) -> None:
    assert ledger.score(book, data[0]).waiting == 6
    found = ledger.score(book, data[1])
    assert (len(found.scored), found.waiting) == (4, 2)
    line, s = json.loads(book.read_text().splitlines()[0]), found.scored[0]
    f, y = line["forecast"], np.array([s["observed"]])
    made = Predictive(np.array([f["share"]]), np.array([f["mean_if"]]), np.array([f["shape"]]), True)
    assert s["log_score"] == pytest.approx(made.log_density(y)[0])
    assert s["expected"] == pytest.approx(f["mean"])
    table = pq.read_table(data[1]).to_pylist()
    seen = [
        r for r in table if (r["source"], r["target"]) == ("CHN", "DEU")
        and line["question"]["from"] <= str(r["date"]) <= line["question"]["to"]
    ]  # fmt: skip
    wanted = {"cooperation": 1, "hostility": 4}[line["question"]["outcome"]]
    assert s["observed"] == sum(r["quad"] == wanted for r in seen)


def test_what_is_no_ledger_is_said(tmp_path: Path, data: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="no ledger"):
        ledger.verify(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="no folder"):
        ledger.add(tmp_path / "none" / "x.jsonl", data[0])
    (tmp_path / "x.jsonl").write_text("hello\n")
    assert ledger.verify(tmp_path / "x.jsonl").first_bad == 1

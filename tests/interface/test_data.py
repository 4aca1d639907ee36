"""docs/data.md: its tables are the code's, its commands run on small files of our own."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from event_files import gdelt_line, write

from tertius.sources.fetching.servers import SOURCES
from tertius.sources.importing import FORMATS, import_files
from tertius.sources.rules import MENDED, RULES, Rule

ROOT = Path(__file__).parents[2]
DATA = (ROOT / "docs" / "data.md").read_text()
COMMANDS = re.findall(r"^    (tertius .*)$", DATA, flags=re.MULTILINE)
DAYS = [f"{date(2020, 6, 1) + timedelta(days=n):%Y%m%d}" for n in range(40)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with GDELT's files of a few days, and its list of them."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    (tmp_path / "exports").mkdir()
    for day in DAYS:
        lines = []
        for n in range(60):
            own = {"GLOBALEVENTID": f"{day}{n}", "SQLDATE": day, "DATEADDED": day, "ActionGeo_FeatureID": str(n)}
            code, quad = (("042", "1"), ("190", "4"))[int(rng.random() < 0.3)]
            a, b = rng.choice(["USA", "CHN", "RUS", "PRK", "JPN"], 2, replace=False)
            lines.append(gdelt_line(1, **own, Actor1Code=a, Actor2Code=b, EventCode=code, QuadClass=quad))
        write(tmp_path / "exports" / f"{day}.export.CSV.zip", [*lines, "malformed"])
    (tmp_path / "md5sums").write_text("".join(f"0 {day}.export.CSV.zip\n" for day in DAYS))
    return tmp_path


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    text = DATA.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def when(rule: Rule) -> str:
    if rule.default:
        return f"`--mirrored {rule.default}`"
    return (rule.choice or "always") + (f", {rule.value}" if rule.choice and rule.value else "")


def test_the_table_of_rules_is_the_rules() -> None:
    assert table("Rules") == [[f"`{rule.name}`", rule.says, when(rule)] for rule in (*RULES, *MENDED)]


def test_the_table_of_formats_is_the_formats() -> None:
    expected = [
        [f"`{f.name}`", f.step or "-", *(", ".join(names) or "-" for names in (f.drops, f.same, f.signature))]
        for f in FORMATS.values()
    ]
    assert [[row[0], *row[2:]] for row in table("What is read")] == expected
    assert all(f"`{name}`" in DATA.split("## Fetching")[1] for name in SOURCES)


def test_its_commands_run(here: Path, tertius: Callable[..., Any]) -> None:
    assert len(COMMANDS) >= 8
    for command in COMMANDS:
        words = shlex.split(command)[1:]
        if words[0] == "fetch":
            continue  # against the local server: unit/sources/fetching/test_fetch.py
        ran = tertius(*words)
        assert ran.code == 0, (command, ran.out, ran.err)
    audit = tertius("audit", "STORE", "--files", "md5sums", "--json").document
    assert (audit["read"], audit["quarantined"]) == (61 * len(DAYS), len(DAYS))
    assert audit["list"] == {"listed": len(DAYS), "lacking": [], "complete": True}
    assert len(list((here / "STORE" / "quarantine").iterdir())) == len(DAYS)


def test_scripts_that_it_cites_exist() -> None:
    for path in re.findall(r"(?:scripts|benchmarks)/\w+\.py", DATA):
        assert (ROOT / path).exists(), path


def test_an_atlas_from_gdelts_own_files(
    here: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import_files("gdelt1", [here / "exports" / f"{day}.export.CSV.zip" for day in (DAYS[0], DAYS[3])], here / "STORE")
    atlas(monkeypatch, "--gdelt", "STORE", "--into", "A")
    printed = capsys.readouterr().out
    rows = pq.read_table(here / "A" / "quads.parquet").to_pylist()
    kept = tertius("audit", "STORE", "--json").document["kept"]
    assert sum(row["weight"] for row in rows) == kept
    assert {str(row["date"]) for row in rows} == {"2020-06-01"}
    assert len({(row["source"], row["target"], row["quad"]) for row in rows}) == len(rows)
    assert (here / "A" / "missing_days.csv").read_text().split() == ["date", "2020-06-02", "2020-06-03"]
    assert f"{kept:,} events" in printed
    (here / "own.csv").write_text("date,source,target,quad\n2020-01-01,RUS,PRK,1\n")
    import_files("events", [here / "own.csv"], here / "OWN")
    with pytest.raises(SystemExit, match="other files than GDELT's"):
        atlas(monkeypatch, "--gdelt", "OWN", "--into", "B")
    assert not (here / "B").exists()


def atlas(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """scripts/build_atlas.py, run with these words."""
    spec = importlib.util.spec_from_file_location("build_atlas", ROOT / "scripts" / "build_atlas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "argv", ["build_atlas.py", *words])
    module.main()

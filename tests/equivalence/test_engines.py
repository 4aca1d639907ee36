"""Spark, classic and Connect, run for real: its dyad slices are DuckDB's. The large version is scripts/engines.py."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]

pytest.importorskip("pyspark", reason="tertius[spark] is not installed")
pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
]


@pytest.mark.parametrize("engine", ["local[2]", "connect://local[2]"])
def test_slices_of_a_store_a_snapshot_and_a_table_are_those_of_duckdb(engine: str) -> None:
    words = [sys.executable, str(ROOT / "scripts" / "engines.py"), "--rows", "3000", "--slices", "1w"]
    ran = subprocess.run([*words, "--engines", engine], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = [line for line in ran.stdout.splitlines() if engine in line]
    assert [line.split()[1] for line in lines] == ["store", "snapshot", "table"]
    assert all(line.endswith("identical") for line in lines)


EXPLAINED = """
import json, sys
from tertius.cli import main
sys.argv = ["tertius", *sys.argv[1:]]
main()
"""


def test_explain_of_a_table_brings_home_no_row(tmp_path: Path) -> None:
    actors = "['RUS', 'PRK', 'USA', 'CHN', 'KOR']"
    with duckdb.connect() as con:
        con.execute(
            f"""
            COPY (SELECT DATE '2020-01-01' + (hash(i) % 200)::INTEGER AS date,
                         {actors}[1 + (hash(i, 1) % 5)::BIGINT] AS source,
                         {actors}[1 + (hash(i, 2) % 5)::BIGINT] AS target,
                         (1 + hash(i, 3) % 4)::TINYINT AS quad
                  FROM range(3000) t(i)) TO '{tmp_path / "t.parquet"}' (FORMAT parquet)
            """
        )
    question = ["--model", "rate", "--slice", "1d", "--half-life", "30d", "--no-certificate", "--json", "--quiet"]
    found = []
    for more in ([], ["--engine", "local[2]"]):
        words = [
            sys.executable,
            "-c",
            EXPLAINED,
            "explain",
            "RUS",
            "PRK",
            str(tmp_path / "t.parquet"),
            *question,
            *more,
        ]
        ran = subprocess.run([*words, "--seed", "1"], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        found.append(json.loads(ran.stdout))
    here, there = found
    assert here["fit"]["coefficients"] == there["fit"]["coefficients"]
    assert here["third_parties"] == there["third_parties"]
    assert [c for c in there["caveats"] if c not in here["caveats"]] == [
        "The rows are where --engine sums them: none is shown, and no days are marked."
    ]

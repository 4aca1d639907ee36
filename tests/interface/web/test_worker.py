"""A worker by itself: what its connections may do, and what it answers from a store all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import ROOT

PROBED = """
import json
from tertius.errors import TertiusError
from tertius.events.engine import connection
from tertius.study.behind import CodesFound
from tertius.web import desk, worker

def probe(here, data, given, progress):
    if given["data"]:
        with here.events(given["data"]).relation() as (con, sql):
            return CodesFound({"rows": con.execute(f"SELECT count(*) FROM {sql}").fetchall()[0][0]})
    try:
        with connection() as con:
            con.execute(given["sql"]).fetchall()
    except TertiusError as error:
        return CodesFound({"refused": error.message})
    return CodesFound({"refused": ""})

desk.ANSWERS["codes"] = probe
worker.FORMS["document"] = lambda found, asked: json.dumps(found.to_dict()).encode()
worker.main()
"""


def answers(data: dict[str, str], asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a worker says to questions, put to a connection such as it makes for its own."""
    heads = [
        {"id": n, "question": "codes", "data": "", "hash": "", "given": given, "language": "en", "form": "document"}
        for n, given in enumerate(asked)
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", PROBED, json.dumps(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    found = []
    try:
        for head in heads:
            process.stdin.write(json.dumps(head).encode() + b"\n")
            process.stdin.flush()
            while True:
                said = json.loads(process.stdout.readline())
                bodies = [process.stdout.read(size) for size in said["sizes"]]
                if said["kind"] in ("done", "failed"):
                    break
            assert said["kind"] == "done", said
            found.append(json.loads(bodies[0]))
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()
    return found


def test_a_workers_connection_reads_its_data_and_no_other_file_and_writes_none(
    kept_store: Path, tmp_path: Path
) -> None:
    """Before data were opened, and after."""
    (part, *_) = sorted(kept_store.rglob("*.parquet"))
    secret, new = tmp_path / "secret.csv", tmp_path / "new.csv"
    secret.write_text("a\n1\n")
    statements = [
        f"SELECT * FROM read_csv('{secret}')", f"SELECT * FROM read_parquet('{part}')",
        f"COPY (SELECT 1) TO '{new}'", f"COPY (SELECT 1) TO '{part}' (FORMAT parquet, USE_TMP_FILE false)",
        f"ATTACH '{tmp_path / 'new.db'}'", "SET enable_external_access = true",
    ]  # fmt: skip
    before = part.read_bytes()
    refused = [{"data": "", "sql": statement} for statement in statements]
    asked = [*refused, {"data": "store"}, {"data": "chronicle"}, *refused]
    said = answers({"store": str(kept_store), "chronicle": "chronicle"}, asked)
    assert [x["refused"] != "" for x in said if "refused" in x] == [True] * 2 * len(statements)
    assert all(x["rows"] > 50 for x in said if "rows" in x)
    assert not new.exists()
    assert part.read_bytes() == before
    assert {f.name for f in tmp_path.iterdir()} == {"secret.csv"}


def test_the_server_itself_has_no_data_base() -> None:
    code = "import sys, tertius.web.server; print([m for m in ('duckdb', 'pyarrow') if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert ran.stdout.strip() == "[]"


def test_where_the_server_is_gone_before_it_begins_it_ends_without_a_word() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from tertius.web import worker; worker.main()", "{}"], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.wait(timeout=60)
    process.stdin.close()
    process.stderr.close()
    assert said == b""

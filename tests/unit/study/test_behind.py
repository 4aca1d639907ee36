"""What stands behind the figures: the audit of a store's older state."""

from __future__ import annotations

from pathlib import Path

import pytest

from tertius.sources.importing import import_files
from tertius.study.behind import audit


def test_an_older_state_counts_its_own_rows_also_where_parts_were_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    store = tmp_path / "S"
    made = []
    for month in (1, 2):
        file = tmp_path / f"{month}.csv"
        file.write_text(f"date,source,target,quad\n2020-0{month}-01,RUS,PRK,1\n2020-0{month}-02,USA,PRK,3\n")
        made.append(import_files("events", [file], store).snapshot)
    for name, rows in ((f"{store}@{made[0]}", 2), (str(store), 4)):
        found = audit(name)
        assert (found["rows"], sum(n for _, n in found["coverage"]["counts"])) == (rows, rows)

"""Excel and Stata in and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tertius.errors import UsageError
from tertius.model.tables import Printed
from tertius.report.rows import stata, workbook
from tertius.sources.importing import import_files
from tertius.sources.sheets import needed

ROWS = [
    {"date": "2020-01-01", "source": "USA", "target": "RUS", "quad": 4, "weight": 2.0, "sentence": "=1+1"},
    {"date": "2020-01-02", "source": "FRA", "target": "DEU", "quad": 1, "weight": 1.0, "sentence": None},
]


@pytest.mark.parametrize(("suffix", "write"), [(".xlsx", workbook), (".dta", stata)])
def test_a_table_goes_out_and_comes_in(suffix: str, write: object, tmp_path: Path) -> None:
    assert callable(write)
    path = tmp_path / f"rows{suffix}"
    path.write_bytes(write(Printed((), [], ROWS)))
    audit = import_files("events", [path], tmp_path / "S").to_dict()
    assert (audit["read"], audit["kept"], audit["coverage"]["from"]) == (2, 2, "2020-01-01")
    from tertius.sources.loading import load

    (row,) = load(tmp_path / "S").between("USA", "RUS")
    assert (row["weight"], row["sign"], row["sentence"]) == (2.0, -1, "=1+1")


@pytest.mark.parametrize(("suffix", "line"), [(".xlsx", r"tertius\[excel\]"), (".dta", r"tertius\[stata\]")])
def test_a_missing_extra_names_the_line_to_type(suffix: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("python_calamine", "pyreadstat"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(UsageError) as caught:
        needed(suffix)
    import re

    assert re.search(line, caught.value.hint)

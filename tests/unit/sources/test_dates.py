"""How dates are written: what a column decides as a whole."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from tertius.errors import BadValue, TertiusWarning
from tertius.sources.importing import import_files, read_events
from tertius.sources.loading import load


def read(*days: Any, name: str = "date") -> tuple[list[str], tuple[str, ...]]:
    """The days of a table, and what is noted."""
    rows = [{name: d, "source": "RUS", "target": f"A{n:03}", "quad": 1} for n, d in enumerate(days)]
    table, audit, _ = read_events(pd.DataFrame(rows))
    order = sorted(zip(table["target"].to_pylist(), table["date"].to_pylist(), strict=True))
    return [d.isoformat(sep=" ").removesuffix(" 00:00:00") for _, d in order], audit.warnings[:-1]


def test_a_column_of_years_holds_years_and_not_days_of_1975() -> None:
    days, (note,) = read(*range(1990, 2015))
    assert days == [f"{y}-01-01" for y in range(1990, 2015)]
    assert note.startswith("The column date holds years: each is dated 1 January")
    assert read("1990", "1991.0")[0] == ["1990-01-01", "1991-01-01"]


def test_one_value_elsewhere_makes_them_days() -> None:
    assert read(1990, 2101) == (["1975-06-14", "1975-10-03"], ())
    assert read(1799, 1990)[0][1] == "1975-06-14"


def test_a_column_year_serves_as_date_and_holds_nothing_else(csv_file: Any, tmp_path: Any) -> None:
    assert read(1950, 1951, name="year")[0] == ["1950-01-01", "1951-01-01"]
    assert "The column year holds years" in read(1950, 1951, name="year")[1][0]
    with pytest.raises(BadValue, match="the column year holds more than years"):
        read(1950, 12, name="year")
    path = csv_file("w.csv", "year,a,b,weight", "1950,RUS,PRK,2", "1951,RUS,PRK,-1")
    assert import_files("dyads", [path], tmp_path / "S").first_day == "1950-01-01"


def test_days_with_dots_have_the_day_first() -> None:
    assert read("24.02.2022", "3.4.2022", "3.4.2022 13:45") == (
        ["2022-02-24", "2022-04-03", "2022-04-03 13:45:00"], (),
    )  # fmt: skip


def test_slashes_are_read_as_the_column_decides() -> None:
    assert read("24/02/2022", "03/04/2022") == (
        ["2022-02-24", "2022-04-03"], ("The column date is read with the day first, as in 24/02/2022.",),
    )  # fmt: skip
    assert read("2/24/2022", "03-04-2022 1:30")[0] == ["2022-02-24", "2022-03-04 01:30:00"]
    assert read("2022/2/4")[0] == ["2022-02-04"]


def test_slashes_that_nothing_decides_stop_the_import() -> None:
    with pytest.raises(BadValue, match="row 1: '03/04/2022' may have the day or the month first") as caught:
        read("03/04/2022", "2022-01-01")
    assert "2022-02-24" in caught.value.hint
    with pytest.raises(BadValue, match="row 2: '02/24/2022' has the month first, and '24/02/2022' elsewhere the day"):
        read("24/02/2022", "02/24/2022")


def test_files_of_one_import_decide_together(csv_file: Any, tmp_path: Any) -> None:
    header = "date,source,target,quad"
    files = [csv_file("a.csv", header, "03/04/2022,RUS,PRK,1"), csv_file("b.csv", header, "24/04/2022,RUS,PRK,1")]
    assert import_files("events", files, tmp_path / "S").first_day == "2022-04-03"


def test_a_day_with_a_row_is_observed_though_it_is_listed_as_missing(csv_file: Any, tmp_path: Any) -> None:
    header = "date,a,b,weight"
    path = csv_file("w.csv", header, "2020-01-01,RUS,PRK,2", "2020-01-04,RUS,PRK,2")
    missing = csv_file("m.csv", "date", "2020-01-01", "2020-01-02", "2020-01-03")
    audit = import_files("dyads", [path], tmp_path / "S", missing=missing)
    assert audit.missing == ("2020-01-02", "2020-01-03")
    assert audit.warnings == ("1 day listed as missing, the first 2020-01-01, has rows: taken as observed.",)
    with pytest.warns(TertiusWarning, match="taken as observed"):
        data = load(path, directed=False, missing=missing)
    assert data.missing == (dt.date(2020, 1, 2), dt.date(2020, 1, 3)) == load(tmp_path / "S").missing
    later = csv_file("v.csv", header, "2020-01-09,RUS,PRK,2")
    again = import_files(
        "dyads", [later], tmp_path / "S", missing=csv_file("n.csv", "date", "2020-01-04", "2020-01-08")
    )
    assert (again.missing, "2020-01-04" in again.warnings[0]) == (("2020-01-08",), True)

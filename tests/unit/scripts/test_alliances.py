"""``scripts/alliances.py`` on made states, and on the real ones for one specification."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import duckdb
import numpy as np
import pytest


def test_tables_become_arrays(script: ModuleType, tmp_path: Path) -> None:
    tables = {
        # 1 and 2 were allied before the first year, 1 and 3 from 1951 on; 9 has no dispute
        "atop_alliance": "(1, 2, 1949, 1), (2, 1, 1950, 1), (1, 3, 1951, 0), (1, 9, 1950, 1)",
        "cow_mid_directed": "(1, 3, 1950, 3, 1), (3, 1, 1950, 1, 3), (2, 3, 1951, 4, 1), (3, 2, 1951, 1, 4)",
        "cow_states": "(1, 1816, 2016), (2, 1816, 1950), (3, 1951, 2016)",
    }
    columns = {
        "atop_alliance": "ccode1, ccode2, year, atop_defense",
        "cow_mid_directed": "ccode1, ccode2, year, hostlev1, hostlev2",
        "cow_states": "ccode, styear, endyear",
    }
    for name, rows in tables.items():
        sql = f"SELECT * FROM (VALUES {rows}) AS t({columns[name]})"
        duckdb.execute(f"COPY ({sql}) TO '{tmp_path / name}.parquet' (FORMAT parquet)")
    states = script.read_states(tmp_path, 1950, 1951)
    assert states.names == ("COW:1", "COW:2", "COW:3")
    assert states.member.tolist() == [[True, True, False], [True, False, True]]
    assert states.standing["any pact"].shape == (3, 3, 3)
    assert states.standing["any pact"][:, 0, 1].tolist() == [1, 1, 0]
    assert states.standing["any pact"][:, 2, 0].tolist() == [0, 0, 1]
    assert not states.standing["defence"][:, 2, 0].any()
    assert states.enemies["all MIDs"][:, 0, 2].tolist() == [1, 0]
    assert states.enemies["force"][:, 0, 2].tolist() == [0, 0]
    assert states.enemies["force"][:, 1, 2].tolist() == [0, 1]


def test_common_enemies_are_counted(script: ModuleType) -> None:
    H = np.zeros((1, 4, 4))
    for a, b in ((0, 2), (1, 2), (0, 3), (1, 3), (0, 1)):
        H[0, a, b] = H[0, b, a] = 5.0
    assert script.common_enemies(H, "binary")[0, 0, 1] == 2


def test_slices_end_with_the_last_year(script: ModuleType) -> None:
    H = np.zeros((3, 3, 3))
    H[2, 0, 1] = H[2, 1, 0] = 1.0
    slices = script.as_slices(H, H, ("A", "B", "C"), 2)
    assert [str(day) for day in slices.dates()] == ["2009-01-01", "2011-01-01", "2013-01-01"]
    assert slices.observed.all()
    assert slices.host_count.tolist() == [1.0]
    assert slices.coop_count.tolist() == [1.0]


def test_regression_finds_what_was_planted(script: ModuleType) -> None:
    rng = np.random.default_rng(1)
    x, other = (np.triu(rng.normal(size=(30, 20, 20)), 1) for _ in range(2))
    x, other = (v + v.transpose(0, 2, 1) for v in (x, other))
    new = np.triu(rng.random(x.shape) < 0.05 * np.exp(0.7 * x), 1).astype(float)
    at_risk = np.ones(x.shape, dtype=bool)
    at_risk[:, 0, 1] = at_risk[:, 1, 0] = False
    found = script.plain_regression(new, at_risk, {"past": x, "future": other})
    assert abs(found["past"][0] - 0.7) < 0.15
    assert found["past"][1] > 5
    assert abs(found["future"][1]) < 3


@pytest.mark.shared
@pytest.mark.slow
def test_common_enemies_of_real_alliances_are_not_certified(script: ModuleType, shared: Path) -> None:
    states = script.read_states(shared / "data" / "states")
    row = script.ask(script.Spec("defence", "all MIDs", 2), states)
    assert row.alone[0][1] > 1.96  # common enemies of the past "work"
    assert row.alone[1][0] >= row.alone[0][0]  # and those of the future at least as well
    assert row.passed is False

"""Edge lists: what is one, what its rows say, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tertius.errors import BadValue, EmptyData
from tertius.sources.edges import is_edges, read_edges

WriteCsv = Callable[..., Path]


def test_a_file_is_an_edge_list_by_its_columns(csv_file: WriteCsv, tmp_path: Path) -> None:
    assert is_edges(csv_file("edges.csv", "a,b,sign", "i,j,1"))
    assert not is_edges(csv_file("events.csv", "date,source,target,quad", "2020-01-01,i,j,1"))
    assert not is_edges(csv_file("dyads.csv", "date,a,b,weight", "2020-01-01,i,j,1"))
    assert not is_edges(tmp_path)
    assert not is_edges(tmp_path / "nowhere.csv")
    (tmp_path / "empty.csv").write_text("")
    assert not is_edges(tmp_path / "empty.csv")


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_data_frame_is_one_by_its_columns_too(frame: Callable[..., object]) -> None:
    data = frame({"a": ["i", "j"], "b": ["j", "k"], "sign": [1, -1], "weight": [2.5, 1.0]})
    assert is_edges(data)
    assert read_edges(data)["all"].weight == (2.5, 1.0)


def test_windows_stand_in_the_order_of_the_file(csv_file: WriteCsv) -> None:
    path = csv_file("e.csv", "window,a,b,sign", "1999,i,j,1", "1950,i,j,-1", "1999,j,k,+", "1950,j,k,-")
    found = read_edges(path)
    assert list(found) == ["1999", "1950"]
    assert (found["1999"].sign, found["1950"].sign, found["1950"].weight) == ((1.0, 1.0), (-1.0, -1.0), None)


def test_parquet_says_the_same(csv_file: WriteCsv, tmp_path: Path) -> None:
    text = csv_file("e.csv", "a,b,sign,weight", "i,j,1,2", "j,k,-1,0.5")
    table = pa.table({"a": ["i", "j"], "b": ["j", "k"], "sign": [1, -1], "weight": [2.0, 0.5]})
    pq.write_table(table, tmp_path / "e.parquet")
    assert read_edges(text) == read_edges(tmp_path / "e.parquet")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("i,j,friend,1,w", "row 2: 'friend' is not a sign"),
        ("i,j,1,heavy,w", "row 2: 'heavy' is not a weight"),
        ("i,j,1,,w", "row 2: None is not a weight"),
        ("i,,1,1,w", "row 2: a label or window is empty"),
        ("i,j,1,1,", "row 2: a label or window is empty"),
    ],
)
def test_what_cannot_be_meant_names_its_row(line: str, said: str, csv_file: WriteCsv) -> None:
    with pytest.raises(BadValue) as error:
        read_edges(csv_file("e.csv", "a,b,sign,weight,window", "i,j,1,1,w", line))
    assert said in error.value.message


def test_a_header_alone_is_refused(csv_file: WriteCsv) -> None:
    with pytest.raises(EmptyData, match="holds no edge"):
        read_edges(csv_file("e.csv", "a,b,sign"))

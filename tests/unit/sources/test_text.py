"""Text files as people write them: spreadsheets, other encodings, stray quotation marks, columns by other names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tertius.errors import BadValue, CorruptFile, MissingColumn
from tertius.sources.importing import import_files, read_events


def test_a_spreadsheet_with_semicolons_is_read_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    lines = ["Date;Source;Target;Quad;Weight", "24.02.2022;Russland AG;Türkei;1;1,5", "1.3.2022;Russia;Turkey;3;2"]
    for mark, encoding, noted in (("\ufeff", "utf-8", 0), ("", "cp1252", 1)):
        path.write_bytes((mark + "\r\n".join(lines) + "\r\n").encode(encoding))
        table, audit, _ = read_events(path)
        assert table["weight"].to_pylist() == [1.5, 2.0]
        assert [str(d)[:10] for d in table["date"].to_pylist()] == ["2022-02-24", "2022-03-01"]
        assert table["source"].to_pylist() == ["Russland AG", "RUS"]
        assert ("Windows-1252" in audit.warnings[0]) == bool(noted)
        assert "The weights have decimal commas: 1,5 is read as 1.5 (1 of them)." in audit.warnings


@pytest.mark.parametrize("weights", [("1,5", "2.5"), ("1,234", "2"), ("1.234,5", "1,5"), ("1,5", "1,5,5")])
def test_commas_that_may_mean_something_else_stop_the_import(weights: tuple[str, str], csv_file: Any) -> None:
    rows = [f"2020-01-01;RUS;PRK;1;{w}" for w in weights]
    with pytest.raises(BadValue, match="is not a weight"):
        read_events(csv_file("e.csv", "date;source;target;quad;weight", *rows))


def test_decimal_commas_of_goldstein_values_are_read(csv_file: Any) -> None:
    path = csv_file("e.csv", "date;source;target;quad;goldstein", "2020-01-01;RUS;PRK;1;-7,5")
    assert read_events(path, weight="goldstein")[0]["weight"].to_pylist() == [7.5]


def test_two_stray_quotation_marks_that_swallow_rows_are_noted(csv_file: Any) -> None:
    rows = [f"2020-01-{d:02},RUS,PRK,1,text {d}" for d in range(1, 29)]
    rows[4] = '2020-01-05,RUS,PRK,1,"oh'
    rows[17] = '2020-01-18,RUS,PRK,1,oh"'
    _, audit, _ = read_events(csv_file("e.csv", "date,source,target,quad,sentence", *rows))
    assert audit.total("read") == 15
    assert audit.warnings == (
        "e.csv: 1 quoted field holds line breaks, the first in row 5. Where that is a stray quotation mark, the field "
        "has swallowed rows.",
    )


def test_blank_lines_alone_are_not_noted(csv_file: Any) -> None:
    path = csv_file("e.csv", "date,source,target,quad", "2020-01-01,RUS,PRK,1", "", "2020-01-02,RUS,PRK,1", "")
    assert read_events(path)[1].warnings == ()


def test_an_open_quotation_mark_has_a_message_of_ours(csv_file: Any) -> None:
    with pytest.raises(CorruptFile, match=r"e\.csv, line 2: a quotation mark opens or closes where it should not"):
        read_events(csv_file("e.csv", "date,source,target,quad", '2020-01-01,"RUS,PRK,1', "2020-01-02,RUS,PRK,1"))


@pytest.mark.parametrize("first", ["", "\0\0", " "])
def test_a_first_line_that_names_nothing_is_said(first: str, csv_file: Any) -> None:
    with pytest.raises(CorruptFile, match="its first line is"):
        read_events(csv_file("e.csv", first, "2020-01-01,RUS,PRK,1"))


def test_every_missing_column_is_named_at_once_with_what_may_be_meant(csv_file: Any) -> None:
    path = csv_file("e.csv", "date,src,tgt,QuadClass,note", "2020-01-01,RUS,PRK,1,x")
    with pytest.raises(MissingColumn, match=r"has no columns 'source', 'target', 'quad'\.") as caught:
        read_events(path)
    assert "--map source=src,target=tgt,quad=QuadClass (did you mean `src`, `tgt`, `QuadClass`?)" in caught.value.hint
    path = csv_file("f.csv", "date,sourze,target,quad", "2020-01-01,RUS,PRK,1")
    with pytest.raises(MissingColumn, match="has no column 'source'") as caught:
        read_events(path)
    assert "did you mean `sourze`?" in caught.value.hint
    with pytest.raises(MissingColumn, match=r"no column 'x' \(--map source=x\), 'y' \(--map target=y\)"):
        read_events(path, mapping={"source": "x", "target": "y"})


def test_missing_values_in_words_are_missing(csv_file: Any) -> None:
    path = csv_file(
        "e.csv", "date,source,target,quad,type", "2020-01-01,RUS,NA,1,", "2020-01-01,RUS,PRK,N/A,042",
        "2020-01-01,RUS,PRK,.,None", "2020-01-01,RUS,USA,1,null",
    )  # fmt: skip
    table, audit, _ = read_events(path)
    assert audit.to_dict()["dropped"] == {"null_actor": 1, "unknown_type": 1}
    assert table["type"].to_pylist() == ["042", None]


def test_pairs_given_both_ways_are_counted(csv_file: Any, tmp_path: Path) -> None:
    rows = ["2020-01-01,RUS,PRK,2", "2020-01-01,PRK,RUS,2", "2020-01-02,RUS,PRK,2", "2020-01-03,PRK,RUS,2"]
    audit = import_files("dyads", [csv_file("w.csv", "date,a,b,weight", *rows)], tmp_path / "S")
    assert audit.warnings == ("1 pair-days are given both ways (a, b and b, a); they are added.",)

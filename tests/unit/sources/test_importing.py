"""Files into stores: formats, renaming, unobserved days, and that an error leaves nothing behind."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tertius.errors import BadValue, CorruptFile, EmptyData, InputError, MissingColumn, TertiusError, UsageError
from tertius.events.store import open_store
from tertius.sources.importing import import_files, read_events, read_missing

EVENTS = ("date,source,target,quad,weight", "2020-01-01,RUS,PRK,1,2", "2020-01-02,USA,PRK,3,1")
ICEWS_HEADER = (
    "Event ID\tEvent Date\tSource Name\tSource Sectors\tSource Country\tEvent Text\tCAMEO Code\tIntensity\t"
    "Target Name\tTarget Sectors\tTarget Country\tStory ID\tSentence Number\tPublisher\tCity\tDistrict\t"
    "Province\tCountry\tLatitude\tLongitude"
)


def stored(store: Path) -> list[dict[str, Any]]:
    """All rows of a store, part by part."""
    return [row for part in open_store(store).parts for row in pq.read_table(part).to_pylist()]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_events_become_rows_of_the_contract(csv_file: Any, tmp_path: Path) -> None:
    audit = import_files("events", [csv_file("e.csv", *EVENTS)], tmp_path / "S").to_dict()
    assert [(str(r["date"]), r["source"], r["target"], r["sign"], r["quad"], r["count"], r["weight"], r["origin"])
            for r in stored(tmp_path / "S")] == [
        ("2020-01-01 00:00:00", "RUS", "PRK", 1, 1, 1.0, 2.0, "e.csv#1"),
        ("2020-01-02 00:00:00", "USA", "PRK", -1, 3, 1.0, 1.0, "e.csv#2"),
    ]  # fmt: skip
    assert audit["coverage"] == {"from": "2020-01-01", "to": "2020-01-02", "slices": 2, "missing": []}
    assert (audit["directed"], audit["snapshot"]) == (True, open_store(tmp_path / "S").snapshot)


def test_map_renames_columns_and_takes_their_labels_as_they_are(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", "day;from;to;code", "2020-01-01;RUS;Rebels;042")
    mapping = {"date": "day", "source": "from", "target": "to", "type": "code"}
    import_files("events", [path], tmp_path / "S", mapping=mapping)
    (row,) = stored(tmp_path / "S")
    assert (row["source"], row["target"], row["quad"], row["type"]) == ("RUS", "Rebels", 1, "042")


def test_icews_reads_the_original_columns_and_codes_countries(csv_file: Any, tmp_path: Path) -> None:
    def line(n: int, source: str, code: str, intensity: str, target: str) -> str:
        cells = [
            str(n),
            "2018-06-01",
            "who",
            "NA",
            source,
            'says "no',
            code,
            intensity,
            "whom",
            "NA",
            target,
            *["NA"] * 9,
        ]
        return "\t".join(cells)

    path = csv_file(
        "icews.tab",
        ICEWS_HEADER,
        line(11, "Korea, Democratic People's Republic Of", "111", "-2.0", "United States"),
        line(12, "Russian Federation", "057", "8.0", "NA"),
        line(13, "NA", "057", "8.0", "Japan"),
    )
    audit = import_files("icews", [path], tmp_path / "S", weight="goldstein").to_dict()
    (row,) = stored(tmp_path / "S")
    assert (row["source"], row["target"], row["quad"], row["weight"], row["origin"], row["sentence"]) == (
        "PRK", "USA", 3, 2.0, "11", 'says "no',
    )  # fmt: skip
    assert audit["dropped"] == {"null_actor": 2}


def test_dyads_make_an_undirected_store_with_its_missing_days(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("w.csv", "date,a,b,weight", "2020-01-01,RUS,PRK,3", "2020-01-03,PRK,RUS,-1")
    missing = csv_file("missing.csv", "date", "2020-01-02")
    audit = import_files("dyads", [path], tmp_path / "S", missing=missing).to_dict()
    store = open_store(tmp_path / "S")
    assert (store.directed, store.missing) == (False, (dt.date(2020, 1, 2),))
    assert audit["coverage"]["missing"] == ["2020-01-02"]
    assert [(r["source"], r["target"], r["sign"], r["weight"]) for r in stored(tmp_path / "S")] == [
        ("PRK", "RUS", 1, 3.0),
        ("PRK", "RUS", -1, 1.0),
    ]


def test_files_of_one_import_need_not_agree_in_columns_and_types(csv_file: Any, tmp_path: Path) -> None:
    with_weight = csv_file("a.csv", "date,source,target,quad,weight,sentence", "2020-01-01,RUS,PRK,1,5,first")
    without = csv_file("b.csv", "date,source,target,quad,sentence", "2020-01-02,RUS,PRK,1,second")
    days = tmp_path / "c.parquet"
    pq.write_table(pa.table({"date": [18264], "source": ["RUS"], "target": ["PRK"], "quad": [4]}), days)
    dated = tmp_path / "d.parquet"
    pq.write_table(
        pa.table({"date": [dt.date(2020, 1, 4)], "source": ["RUS"], "target": ["PRK"], "quad": ["3"]}), dated
    )
    import_files("events", [with_weight, without, days, dated], tmp_path / "S")
    assert [(r["date"].day, r["quad"], r["weight"], r["sentence"]) for r in stored(tmp_path / "S")] == [
        (1, 1, 5.0, "first"),
        (2, 1, 1.0, "second"),
        (3, 4, 1.0, None),
        (4, 3, 1.0, None),
    ]


def test_a_second_file_is_appended(csv_file: Any, tmp_path: Path) -> None:
    import_files("events", [csv_file("a.csv", *EVENTS)], tmp_path / "S")
    import_files("events", [csv_file("b.csv", EVENTS[0], "2020-02-01,CHN,PRK,2,1")], tmp_path / "S")
    assert [r["source"] for r in stored(tmp_path / "S")] == ["RUS", "USA", "CHN"]
    assert [a["kept"] for a in open_store(tmp_path / "S").audits] == [2, 1]


def test_a_file_twice_changes_nothing_and_says_so(csv_file: Any, tmp_path: Path) -> None:
    first = import_files("events", [csv_file("a.csv", *EVENTS)], tmp_path / "S")
    before = tree(tmp_path / "S")
    again = import_files("events", [csv_file("b.csv", *EVENTS)], tmp_path / "S")
    assert tree(tmp_path / "S") == before
    assert (again.files, again.rows, again.snapshot) == ((), 0, first.snapshot)
    assert (again.first_day, again.last_day, again.days) == (first.first_day, first.last_day, first.days)
    (note,) = again.warnings
    assert re.search(r"^b\.csv is in the store already \(same bytes\): not imported again", note)


def test_of_files_some_of_which_are_there_the_others_are_imported(csv_file: Any, tmp_path: Path) -> None:
    import_files("events", [csv_file("a.csv", *EVENTS)], tmp_path / "S")
    files = [
        csv_file("b.csv", *EVENTS),
        *[csv_file(n, EVENTS[0], "2020-02-01,CHN,PRK,2,1") for n in ("c.csv", "d.csv")],
    ]
    audit = import_files("events", files, tmp_path / "S")
    assert [f.name for f in audit.files] == ["c.csv"]
    assert [r["source"] for r in stored(tmp_path / "S")] == ["RUS", "USA", "CHN"]
    assert [
        bool(re.search(what, w))
        for what, w in zip(
            ("b.csv is in the store already", "d.csv has the same bytes as c.csv"), audit.warnings, strict=True
        )
    ]
    assert open_store(tmp_path / "S").audits[1]["warnings"] == list(audit.warnings)


def test_the_same_rows_in_other_bytes_are_refused(tmp_path: Path, csv_file: Any) -> None:
    lines = ("date,source,target,quad,origin", "2020-01-01,RUS,PRK,1,x1")
    import_files("events", [csv_file("a.csv", *lines)], tmp_path / "S")
    with pytest.raises(InputError, match="exactly these rows"):
        import_files("events", [csv_file("b.csv", *lines, "")], tmp_path / "S")
    assert len(stored(tmp_path / "S")) == 1


def test_directed_rows_do_not_enter_an_undirected_store(csv_file: Any, tmp_path: Path) -> None:
    import_files("dyads", [csv_file("w.csv", "date,a,b,weight", "2020-01-01,RUS,PRK,3")], tmp_path / "S")
    before = tree(tmp_path / "S")
    with pytest.raises(UsageError, match="is undirected, the new rows are directed"):
        import_files("events", [csv_file("e.csv", *EVENTS)], tmp_path / "S")
    assert tree(tmp_path / "S") == before


def test_the_snapshot_does_not_depend_on_where_file_and_store_lie(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", *EVENTS)
    (tmp_path / "elsewhere").mkdir()
    copy = tmp_path / "elsewhere" / "e.csv"
    copy.write_bytes(path.read_bytes())
    one = import_files("events", [path], tmp_path / "S")
    other = import_files("events", [copy], tmp_path / "deep" / "er" / "T")
    assert one.snapshot == other.snapshot
    kept = import_files("events", [path], tmp_path / "U", weight=None, mapping={"weight": "quad"})
    assert kept.snapshot != one.snapshot


def test_bytes_are_read_alike_plain_and_packed(csv_file: Any, tmp_path: Path) -> None:
    packed = tmp_path / "e.csv.gz"
    packed.write_bytes(gzip.compress(csv_file("e.csv", *EVENTS).read_bytes()))
    one, other = (read_events(p)[0].drop(["origin"]) for p in (tmp_path / "e.csv", packed))
    assert one.equals(other)


def test_text_is_read_without_guessing(csv_file: Any) -> None:
    path = csv_file(
        "e.csv",
        "\ufeffdate,source,target,quad,sentence,,sentence",
        "2020-01-01,RUS,PRK,1,x,,y",
        '2020-01-02,RUS,PRK,1,"a, ""b""\nnext line",,y',
        "2020-01-03,RUS,#1,1,'tis said,,y",
    )
    table, audit, _ = read_events(path)
    assert table["sentence"].to_pylist() == ["x", 'a, "b"\nnext line', "'tis said"]
    assert table["target"].to_pylist() == ["PRK", "PRK", "#1"]
    assert audit.total("read") == 3


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (
            ("date,source,target,quad", "2020-01-01,RUS,PRK,1", "2020-01-02,RUS,PRK"),
            "line 3: 3 fields .* names 4 columns",
        ),
        (("date,source,target,quad", "2020-01-01,RUS,PRK,1,9"), "line 2: 5 fields"),
        (
            ("made by hand", "date,source,target,quad", "2020-01-01,RUS,PRK,1"),
            "no columns 'date'.*made by hand",
        ),
        (("date,source,target,quad", '2020-01-01,"RUS,PRK,1', "2020-01-02,RUS,PRK,1"), "Line: 2"),
    ],
    ids=["short row", "long row", "title above", "open quote"],
)
def test_rows_that_do_not_fit_are_never_skipped(csv_file: Any, lines: tuple[str, ...], found: str) -> None:
    with pytest.raises((CorruptFile, MissingColumn), match=f"(?s)e.csv.*({found})"):
        read_events(csv_file("e.csv", *lines))


def test_text_in_windows_1252_is_read_with_a_note_and_a_mixture_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    header, row = "date,source,target,quad\n", "2020-01-01,Côte d'Ivoire,PRK,1\n"
    path.write_bytes((header + row).encode("cp1252"))
    table, audit, _ = read_events(path)
    assert table["source"].to_pylist() == ["CIV"]
    assert "latin.csv is read as Windows-1252" in audit.warnings[0]
    path.write_bytes((header + row).encode() + row.encode("cp1252"))
    with pytest.raises(CorruptFile, match=r"latin\.csv, line 3: bytes that are not UTF-8") as caught:
        read_events(path)
    assert "UTF-8" in caught.value.hint
    path.write_bytes((header + row).encode("utf-16"))
    assert "read as UTF-16" in read_events(path)[1].warnings[0]


def parquet(path: Path) -> bytes:
    names = [f"A{n}" for n in range(500)]
    table = pa.table({"date": [dt.date(2020, 1, 1)] * 500, "source": names, "target": ["B"] * 500, "quad": [1] * 500})
    pq.write_table(table, path)
    return path.read_bytes()


def test_a_truncated_parquet_file_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    path.write_bytes(parquet(path)[:-100])
    with pytest.raises(CorruptFile, match=r"e\.parquet.*truncated"):
        read_events(path)


def test_a_damaged_page_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    whole = parquet(path)
    path.write_bytes(whole[:100] + bytes(400) + whole[500:])
    with pytest.raises(CorruptFile, match=r"e\.parquet cannot be read"):
        read_events(path)


def test_a_truncated_gzip_file_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "e.csv.gz"
    path.write_bytes(gzip.compress(("\n".join(EVENTS) + "\n").encode() * 200)[:-20])
    with pytest.raises(CorruptFile, match=r"e\.csv\.gz"):
        read_events(path)
    path.write_bytes(b"date,source")
    with pytest.raises(CorruptFile, match=r"e\.csv\.gz is not whole"):
        read_events(path)


BAD_IMPORTS: dict[str, tuple[tuple[str, ...], dict[str, Any], type[TertiusError], str]] = {
    "empty": ((), {}, EmptyData, "is empty"),
    "header only": (("date,source,target,quad",), {}, EmptyData, "no rows"),
    "no target": (("date,source,quad", "2020-01-01,RUS,1"), {}, MissingColumn, "no column 'target'"),
    "no quad": (("date,source,target", "2020-01-01,RUS,PRK"), {}, MissingColumn, "no column 'quad'"),
    "date": ((EVENTS[0], "2020-02-30,RUS,PRK,1,1"), {}, BadValue, "row 1: '2020-02-30'"),
    "negative": ((EVENTS[0], "2020-02-01,RUS,PRK,1,-1"), {}, BadValue, "negative weight"),
    "self": (("date,source,target,quad", "2020-01-01,RUS,RUS,1"), {}, EmptyData, "self_pair 1"),
    "map to nothing": (EVENTS, {"mapping": {"source": "sender"}}, MissingColumn, "no column 'sender'"),
    "map of nothing": (EVENTS, {"mapping": {"sender": "source"}}, UsageError, "sender"),
    "weight": (EVENTS, {"weight": "silver"}, UsageError, "--weight 'silver'"),
    "goldstein": (EVENTS, {"weight": "goldstein"}, MissingColumn, "no column 'goldstein'"),
    "sources": (EVENTS, {"weight": "sources"}, UsageError, "no column 'sources'"),
    "mirrored": (EVENTS, {"mirrored": "half"}, UsageError, "--mirrored 'half'"),
}


@pytest.mark.parametrize("case", BAD_IMPORTS)
def test_an_error_leaves_no_folder_and_changes_no_store(case: str, tmp_path: Path) -> None:
    lines, options, kind, found = BAD_IMPORTS[case]
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_text("".join(f"{line}\n" for line in lines))
    good.write_text("date,source,target,quad\n2019-01-01,RUS,PRK,1\n")
    import_files("events", [good], tmp_path / "S")
    before = tree(tmp_path)
    for store in ("new", "S"):
        with pytest.raises(kind, match=found) as caught:
            import_files("events", [bad], tmp_path / store, **options)
        assert caught.value.hint
    assert tree(tmp_path) == before
    assert not (tmp_path / "new").exists()


def test_goldstein_is_no_matter_of_net_weights(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("w.csv", "date,a,b,weight", "2020-01-01,RUS,PRK,3")
    with pytest.raises(UsageError, match="--weight goldstein needs events"):
        import_files("dyads", [path], tmp_path / "S", weight="goldstein")


def test_reliability_is_asked_of_files_that_tell_it(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", "date,source,target,quad,NumSources", "2020-01-01,RUS,PRK,1,4")
    with pytest.raises(UsageError, match="no column 'sources'") as caught:
        import_files("events", [path], tmp_path / "S", weight="sources")
    assert "--map sources=THEIRS" in caught.value.hint
    assert "NumSources" in caught.value.hint
    import_files("events", [path], tmp_path / "S", weight="sources", mapping={"sources": "NumSources"})
    with pytest.raises(UsageError, match="icews do not say how often"):
        import_files("icews", [path], tmp_path / "T", weight="mentions")


def test_a_folder_with_other_things_is_not_made_a_store(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", *EVENTS)
    with pytest.raises(UsageError, match="is not a store"):
        import_files("events", [path], tmp_path)
    with pytest.raises(UsageError, match="is not a store"):
        import_files("events", [path], path)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["e.csv"]


def test_unknown_formats_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format 'gedcom'") as caught:
        import_files("gedcom", [], tmp_path / "S")
    assert "events" in caught.value.hint
    with pytest.raises(InputError, match=r"nowhere\.csv does not exist"):
        import_files("events", [tmp_path / "nowhere.csv"], tmp_path / "S")
    (tmp_path / "e.ods").write_text("x")
    with pytest.raises(UsageError, match="neither Parquet nor delimited"):
        import_files("events", [tmp_path / "e.ods"], tmp_path / "S")


def test_missing_days_are_read_sorted_and_a_bad_one_is_named(csv_file: Any) -> None:
    path = csv_file("m.csv", "date,why", "2020-01-09,x", "2020-01-02 00:00:00,y")
    assert read_missing(path) == (dt.date(2020, 1, 2), dt.date(2020, 1, 9))
    with pytest.raises(BadValue, match=r"n\.csv.*'2020-02-30' is not a date"):
        read_missing(csv_file("n.csv", "date", "2020-02-30"))
    with pytest.raises(MissingColumn, match="no column 'date'"):
        read_missing(csv_file("o.csv", "day", "2020-02-03"))


def test_manifest_and_journal_are_plain_json_without_the_place_it_lies_in(csv_file: Any, tmp_path: Path) -> None:
    import_files("events", [csv_file("e.csv", *EVENTS)], tmp_path / "S")
    texts = [(tmp_path / "S" / name).read_text("utf-8") for name in ("manifest.json", "journal.jsonl")]
    assert not any(str(tmp_path) in text for text in texts)
    assert json.loads(texts[1])["audit"]["files"][0]["name"] == "e.csv"


def test_a_year_among_dates_is_no_day_of_1975(csv_file: Any, tmp_path: Path) -> None:
    rows = ("1990,RUS,PRK,1", "1991-05-05,USA,RUS,3", "1992,USA,PRK,3")
    path = csv_file("e.csv", "date,source,target,quad", *rows)
    with pytest.raises(BadValue, match=r"row 1: '1990' stands among dates that are written otherwise"):
        import_files("events", [path], tmp_path / "S")
    assert not (tmp_path / "S").exists()

"""The origins' own files: GDELT, ICEWS, POLECAT, KEDS, UCDP, on files of our own in their forms."""

from __future__ import annotations

import csv
import gzip
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from event_files import ICEWS_HEADER, gdelt_line, icews_line, mention_line, write

from tertius.errors import CorruptFile, EmptyData, InputError, UsageError
from tertius.sources import lines as by_line
from tertius.sources.importing import import_files
from tertius.sources.loading import load


def rows_of(store: Path) -> list[dict[str, Any]]:
    with load(store).relation() as (con, sql):
        return con.sql(f"SELECT * FROM {sql} ORDER BY date, source, target, origin").to_arrow_table().to_pylist()


def quarantine(store: Path) -> list[dict[str, str]]:
    (path,) = (store / "quarantine").iterdir()
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_a_row_of_gdelt_keeps_its_article_its_recording_and_plovers_word(tmp_path: Path) -> None:
    path = write(tmp_path / "20200601.export.CSV.zip", [gdelt_line(2, EventCode="0841", QuadClass="2")])
    import_files("gdelt2", [path], tmp_path / "S")
    (row,) = rows_of(tmp_path / "S")
    assert (row["source"], row["target"], row["type"], row["plover"]) == ("USA", "CHN", "0841", "RETREAT")
    assert (row["url"], str(row["recorded"]), row["origin"]) == ("https://example.org/a", "2020-06-01 12:00:00", "1")
    assert load(tmp_path / "S").of_types(["retreat"]).describe()["rows"] == 1


def test_lines_of_57_and_58_columns_in_one_file(tmp_path: Path) -> None:
    lines = [
        gdelt_line(1, 57, GLOBALEVENTID="1", SQLDATE="19820102", DATEADDED="20130203"),
        gdelt_line(1, 58, GLOBALEVENTID="2"),
    ]
    audit = import_files("gdelt1", [write(tmp_path / "a.csv", lines)], tmp_path / "S").to_dict()
    assert (audit["read"], audit["kept"], audit["dropped"]) == (2, 2, {})
    assert audit["files"][0]["columns"] == {"57": 1, "58": 1}
    assert [row["url"] for row in rows_of(tmp_path / "S")] == [None, "https://example.org/a"]


def test_a_folder_of_plain_zip_and_gzip(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.export.CSV", [gdelt_line(2, GLOBALEVENTID="1")])
    write(folder / "b.export.CSV.zip", [gdelt_line(2, GLOBALEVENTID="2")])
    (folder / "c.export.CSV.gz").write_bytes(gzip.compress((gdelt_line(2, GLOBALEVENTID="3") + "\n").encode()))
    audit = import_files("gdelt2", [folder], tmp_path / "S", keep=["re_emitted"]).to_dict()
    assert [f["name"] for f in audit["files"]] == ["a.export.CSV", "b.export.CSV.zip", "c.export.CSV.gz"]
    assert audit["kept"] == 3


def test_malformed_lines_are_put_aside_with_their_numbers(tmp_path: Path) -> None:
    sound = [gdelt_line(2, GLOBALEVENTID=str(n), EventCode=f"04{n}") for n in range(4)]
    undated, with_nul = gdelt_line(2, GLOBALEVENTID="8", SQLDATE="20201399"), sound[3].replace("043", "0\x0043")
    lines = [*sound[:2], "1\t2\t3", sound[2], undated, with_nul, sound[3]]
    audit = import_files("gdelt2", [write(tmp_path / "a.CSV", lines)], tmp_path / "S").to_dict()
    assert (audit["read"], audit["kept"], audit["quarantined"]) == (7, 4, 3)
    found = sorted(quarantine(tmp_path / "S"), key=lambda row: int(row["line"]))
    assert [(row["line"], row["why"]) for row in found] == [
        ("3", "3 fields, not 61"),
        ("5", "'20201399' is not a date"),
        ("6", "it holds NUL bytes"),
    ]


def test_a_file_of_malformed_lines_is_another_format(tmp_path: Path) -> None:
    with pytest.raises(CorruptFile, match=r"line 1: 3 fields, where this format has 16 or 61"):
        import_files("gdelt2", [write(tmp_path / "a.CSV", ["1\t2\t3"])], tmp_path / "S")
    with pytest.raises(CorruptFile, match="2 of 3 rows are malformed, the first in line 2"):
        import_files("gdelt2", [write(tmp_path / "b.CSV", [gdelt_line(2), "1", "2"])], tmp_path / "S")
    assert not (tmp_path / "S").exists()


def test_chained_codes_mean_a_state_an_organisation_or_nobody(tmp_path: Path) -> None:
    chains = ["USAGOV", "IGOEUREEC", "ROM", "EUR", "COP", "MNCUSAMED", "USAOPP", "GZS"]
    lines = [gdelt_line(2, GLOBALEVENTID=str(n), Actor1Code=code) for n, code in enumerate(chains)]
    lines.append(gdelt_line(2, GLOBALEVENTID="9", Actor1Code="CHNGOV", Actor2Code="CHNMIL"))
    audit = import_files("gdelt2", [write(tmp_path / "a.CSV", lines)], tmp_path / "S").to_dict()
    assert [row["source"] for row in rows_of(tmp_path / "S")] == ["EU", "PSE", "ROU", "USA"]
    assert audit["dropped"] == {"null_actor": 2, "other_sector": 2, "domestic": 1}
    assert audit["unknown"]["actors"] == {"COP": 1, "EUR": 1}


def test_mentions_join_by_event(tmp_path: Path) -> None:
    events = write(tmp_path / "a.export.CSV", [gdelt_line(2, GLOBALEVENTID="7")])
    told = [mention_line("7", "bbc"), mention_line("7", "bbc"), mention_line("7", "cnn"), mention_line("8", "bbc")]
    mentions = write(tmp_path / "a.mentions.CSV", told)
    audit = import_files("gdelt2", [events, mentions], tmp_path / "S", weight="sources").to_dict()
    assert (audit["read"], audit["kept"], audit["dropped"]) == (5, 4, {"no_event": 1})
    assert rows_of(tmp_path / "S")[0]["weight"] == 2.0
    import_files("gdelt2", [events], tmp_path / "T", weight="mentions")
    assert rows_of(tmp_path / "T")[0]["weight"] == 4.0
    with pytest.raises(InputError, match="mentions alone"):
        import_files("gdelt2", [mentions], tmp_path / "U")


def test_a_comma_separated_copy_with_a_header(tmp_path: Path) -> None:
    names = ["GLOBALEVENTID", "SQLDATE", "Actor1Code", "Actor2Code", "EventCode", "CAMEOCodeDescription", "QuadClass",
             "ActionGeo_ADM2Code", "DATEADDED", "SOURCEURL"]  # fmt: skip
    line = '5,20200601,RUS,PRK,040," Consult, not specified below",1,,20200601120000,https://example.org/b'
    import_files("gdelt2", [write(tmp_path / "a.csv", [",".join(names), line])], tmp_path / "S")
    assert [(r["source"], r["url"]) for r in rows_of(tmp_path / "S")] == [("RUS", "https://example.org/b")]


def test_icews_without_codes_reads_its_titles(tmp_path: Path) -> None:
    header = ICEWS_HEADER.replace("CAMEO Code\t", "")
    lines = [icews_line("CAMEO Code", **{"Event Text": "Make a visit"}), icews_line("CAMEO Code")]
    import_files("icews", [write(tmp_path / "events.2017.tab", [header, *lines])], tmp_path / "S")
    assert sorted(r["type"] for r in rows_of(tmp_path / "S")) == ["040", "042"]


def test_icews_ids_repeat_for_other_events_and_rows_that_repeat_are_dropped(tmp_path: Path) -> None:
    same, other = icews_line(), icews_line(**{"Target Country": "China"})
    audit = import_files(
        "icews", [write(tmp_path / "a.tab", [ICEWS_HEADER, same, same, other])], tmp_path / "S"
    ).to_dict()
    assert (audit["kept"], audit["dropped"]) == (2, {"duplicate_id": 1})


def test_icews_sectors_speak_where_asked(tmp_path: Path) -> None:
    lines = [
        icews_line(**{"Source Sectors": "Police,Government", "Event ID": "1"}),
        icews_line(**{"Source Sectors": "Media,Social", "Event ID": "2", "CAMEO Code": "042"}),
    ]
    path = write(tmp_path / "a.tab", [ICEWS_HEADER, *lines])
    assert import_files("icews", [path], tmp_path / "S").to_dict()["kept"] == 2
    asked = import_files("icews", [path], tmp_path / "T", drop=["other_sector"]).to_dict()
    assert (asked["kept"], asked["dropped"]) == (1, {"other_sector": 1})


@pytest.mark.parametrize("intensity", ["Intensity", "Event Intensity"])
def test_polecat_with_either_header(tmp_path: Path, intensity: str) -> None:
    names = ["Event ID", "Event Date", "Event Type", "Event Mode", intensity, "Actor Name", "Actor Country",
             "Primary Actor Sector", "Recipient Country", "Primary Recipient Sector", "Publication Date"]  # fmt: skip
    rows = [
        ["1", "2021-03-01", "SANCTION", "None", "-5.0", "Café", "USA", "GOV", "RUS", "None", "2021-03-02"],
        ["2", "2021-03-01", "AID", "None", "7.0", "X", "France", "None", "None", "None", "2021-03-02"],
    ]
    lines = ["\t".join(row) for row in [names, *rows]]
    path = write(tmp_path / "p.txt", lines, "latin-1")
    audit = import_files("polecat", [path], tmp_path / "S").to_dict()
    (row,) = rows_of(tmp_path / "S")
    assert (row["source"], row["target"], row["quad"], row["plover"]) == ("USA", "RUS", 4, "SANCTION")
    assert str(row["recorded"]) == "2021-03-02 00:00:00"
    assert audit["dropped"] == {"null_actor": 1}
    assert any("1 rows are not UTF-8" in note for note in audit["warnings"])
    import_files("polecat", [path], tmp_path / "W", weight="goldstein")
    assert rows_of(tmp_path / "W")[0]["weight"] == 5.0


def test_keds_text_reads_weis_short_dates_and_its_own_actors(tmp_path: Path) -> None:
    lines = ["890402\tUNKGOV\tSER\t121\tCRITICIZE", "010305\tBOSSER\tUNO\t031\tMEET", "890403\tUSAGOV\tUSA\t031\tMEET"]
    audit = import_files("keds", [write(tmp_path / "k.txt", lines)], tmp_path / "S").to_dict()
    found = [(str(r["date"])[:10], r["source"], r["target"], r["quad"], r["plover"]) for r in rows_of(tmp_path / "S")]
    assert found == [("1989-04-02", "GBR", "SRB", 3, "ACCUSE"), ("2001-03-05", "BOSSER", "UN", 1, "CONSULT")]
    assert audit["dropped"] == {"domestic": 1}


def test_ucdp_governments_are_states_and_rebels_labels(tmp_path: Path) -> None:
    header = "id,type_of_violence,side_a,side_b,date_start,best"
    lines = [
        "1,1,Government of Russia (Soviet Union),Chechen rebels,2000-01-05,3",
        "2,1,Government of India,Government of Pakistan,1999-06-01,2",
    ]
    import_files("ucdp", [write(tmp_path / "u.csv", [header, *lines])], tmp_path / "S", mapping={"weight": "best"})
    found = [(r["source"], r["target"], r["quad"], r["weight"], r["plover"]) for r in rows_of(tmp_path / "S")]
    assert found == [("IND", "PAK", 4, 2.0, "ASSAULT"), ("RUS", "Chechen rebels", 4, 3.0, "ASSAULT")]


def test_codes_go_by_date(tmp_path: Path) -> None:
    lines = [
        gdelt_line(1, 57, GLOBALEVENTID=d, SQLDATE=d, Actor1Code="RUS", DATEADDED="20130203")
        for d in ("19900101", "19950101")
    ]
    import_files("gdelt1", [write(tmp_path / "a.csv", lines)], tmp_path / "S")
    assert [r["source"] for r in rows_of(tmp_path / "S")] == ["SUN", "RUS"]


def test_many_bytes_go_through_processes_with_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [
        write(tmp_path / f"{n}.CSV", [gdelt_line(2, GLOBALEVENTID=f"{n}{k}", EventCode=f"04{k}") for k in range(5)])
        for n in range(4)
    ]
    import_files("gdelt2", paths, tmp_path / "S")
    answered: list[int] = []
    ask = by_line._ask

    def asked(worker: subprocess.Popen[str], task: Mapping[str, Any]) -> by_line.Batch:
        answered.append(worker.pid)
        return ask(worker, task)

    monkeypatch.setattr(by_line, "SEVERAL", 0)
    monkeypatch.setattr(by_line, "_processors", lambda: 2)
    monkeypatch.setattr(by_line, "_ask", asked)
    import_files("gdelt2", paths, tmp_path / "T")
    assert rows_of(tmp_path / "S") == rows_of(tmp_path / "T")
    assert len(answered) >= 2  # small files are shared out too: no batch takes more than its part of the bytes
    bad = write(tmp_path / "bad.CSV", ["1\t2"])
    with pytest.raises(CorruptFile, match=r"bad\.CSV, line 1"):
        import_files("gdelt2", [*paths, bad], tmp_path / "U")


@pytest.mark.parametrize("name", ["gdelt2", "events"])
def test_few_rows_in_memory_and_many_on_disk_are_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "gdelt2":
        ends = (("USA", "CHN"), ("CHN", "USA"), ("USAGOV", "RUS"), ("---", "RUS"), ("USA", "XYZ"), ("USA", "USA"))
        lines = [
            gdelt_line(2, GLOBALEVENTID=str(n), Actor1Code=a, Actor2Code=b, EventCode=code)
            for n, (a, b, code) in enumerate((a, b, code) for a, b in ends for code in ("040", "190", "999"))
        ]
    else:
        lines = ["date,source,target,quad,weight", *(f"2020-01-0{n},USA,RUS,{1 + n % 4},{n}" for n in range(1, 9))]
    path = write(tmp_path / "a.csv", lines)
    few = import_files(name, [path], tmp_path / "S")
    monkeypatch.setattr("tertius.sources.rows.FEW", 0)
    many = import_files(name, [path], tmp_path / "T")
    assert {**many.to_dict(), "snapshot": few.snapshot} == few.to_dict()
    assert rows_of(tmp_path / "S") == rows_of(tmp_path / "T")
    assert many.rows > 3


def test_days_without_rows_are_unobserved_where_days_are_full(tmp_path: Path) -> None:
    def day(n: int, rows: int) -> list[str]:
        return [
            icews_line(**{"Event Date": f"2018-06-0{n}", "Event ID": f"{n}{k}", "Story ID": str(k)})
            for k in range(rows)
        ]

    full = write(tmp_path / "full.tab", [ICEWS_HEADER, *day(1, 25), *day(2, 25), *day(4, 25)])
    audit = import_files("icews", [full], tmp_path / "S").to_dict()
    assert audit["coverage"]["missing"] == ["2018-06-03"]
    assert audit["coverage"]["gaps"] == [["2018-06-03", "2018-06-03"]]
    few = write(tmp_path / "few.tab", [ICEWS_HEADER, *day(1, 2), *day(2, 2), *day(4, 2)])
    assert import_files("icews", [few], tmp_path / "T").to_dict()["coverage"]["missing"] == []


def test_an_archive_of_several_files_or_of_nothing_says_so(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "two.zip", "w") as packed:
        packed.writestr("a.csv", "x")
        packed.writestr("b.csv", "x")
    with pytest.raises(CorruptFile, match="holds 2 files"):
        import_files("gdelt1", [tmp_path / "two.zip"], tmp_path / "S")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(CorruptFile, match="not whole"):
        import_files("gdelt1", [tmp_path / "bad.zip"], tmp_path / "S")
    (tmp_path / "none.csv").write_bytes(b"")
    with pytest.raises(EmptyData):
        import_files("gdelt1", [tmp_path / "none.csv"], tmp_path / "S")
    with pytest.raises(UsageError, match="cannot be told"):
        import_files(
            "icews", [write(tmp_path / "i.tab", [ICEWS_HEADER, icews_line()])], tmp_path / "S", drop=["not_root"]
        )


def test_a_time_of_recording_beyond_the_calendar_is_none(tmp_path: Path) -> None:
    lines = [gdelt_line(2), gdelt_line(2, GLOBALEVENTID="2", DATEADDED="infinity", EventCode="046"),
             gdelt_line(2, GLOBALEVENTID="3", DATEADDED="294247-01-10", EventCode="051")]  # fmt: skip
    audit = import_files("gdelt2", [write(tmp_path / "a.CSV", lines)], tmp_path / "S").to_dict()
    assert audit["kept"] == 3
    assert [r["recorded"] is None for r in rows_of(tmp_path / "S")] == [False, True, True]


def test_the_same_files_give_the_same_snapshot(tmp_path: Path) -> None:
    states = ("USA", "RUS", "FRA")
    lines = [gdelt_line(2, GLOBALEVENTID=str(n), Actor1Code=states[n % 3], EventCode=f"04{n % 7}") for n in range(500)]
    path = write(tmp_path / "a.CSV", lines)
    stores = [import_files("gdelt2", [path], tmp_path / name, keep=["re_emitted"]) for name in ("S", "T")]
    assert stores[0].snapshot == stores[1].snapshot

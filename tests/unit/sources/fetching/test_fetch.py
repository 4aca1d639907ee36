"""Files from a server that plays the sources' own and fails like them: whole and verified, or a message."""

from __future__ import annotations

import datetime as dt
import email.utils
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from event_files import gdelt_line

from source_server import Played, dataverse, md5, playing
from tertius.errors import InputError, UsageError
from tertius.events.store import open_store
from tertius.sources.fetching import fetch as fetching
from tertius.sources.fetching.download import Missing, Server, Wanted
from tertius.sources.fetching.fetch import fetch
from tertius.sources.fetching.servers import SOURCES, TOKEN, gdelt1, gdelt2, ucdp
from tertius.sources.loading import load

pytest.importorskip("httpx", reason="tertius[fetch] is not installed")

CONTENT = bytes(range(256)) * 40
DAY = dt.date(2020, 1, 31)
HEADER = "\t".join(
    (
        *("Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text", "CAMEO Code"),
        *("Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID", "Sentence Number", "Publisher"),
        *("City", "District", "Province", "Country", "Latitude", "Longitude"),
    )
)


@pytest.fixture
def played() -> Iterator[Played]:
    with playing(Played()) as held:
        yield held


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def server(slept: list[float]) -> Iterator[Server]:
    with Server(
        rate=1e9, sleep=lambda s: slept.append(s) if s > 0.1 else None, silence=0.5, clock=lambda: 0.0
    ) as asked:
        yield asked


def wanted(played: Played, content: bytes = CONTENT, name: str = "f.zip") -> Wanted:
    played.files[f"/{name}"] = content
    return Wanted(f"{played.base}/{name}", name, len(content), md5(content))


def icews(year: int, rows: int = 3) -> bytes:
    lines = [
        f"{year}{n}\t{year}-06-{n % 28 + 1:02d}\twho\tNA\tRussian Federation\ttext\t057\t8.0\twhom\tNA\tJapan"
        + "\tNA" * 9
        for n in range(rows)
    ]
    return "\n".join([HEADER, *lines, ""]).encode()


@pytest.mark.parametrize(
    ("faults", "requests"),
    [
        ("", 1), ("429", 2), ("503 503 429", 4), ("cut", 2), ("wrong", 2), ("stall", 2), ("cut whole", 2),
        ("cut 416", 3), ("cut wrong stall 429 cut", 6),
    ],
)  # fmt: skip
def test_a_file_comes_whole_whatever_the_server_does(
    faults: str, requests: int, played: Played, server: Server, tmp_path: Path
) -> None:
    asked = wanted(played)
    played.faults["/f.zip"] = faults.split()
    assert server.download(asked, tmp_path).read_bytes() == CONTENT
    assert [f.name for f in tmp_path.iterdir()] == ["f.zip"]
    assert played.times("/f.zip") == requests


def test_what_broke_off_is_asked_for_from_where_it_ended(played: Played, server: Server, tmp_path: Path) -> None:
    asked = wanted(played)
    played.faults["/f.zip"] = ["cut", "stall"]
    server.download(asked, tmp_path)
    ranges = [r for _, r in played.asked]
    assert ranges == [None, f"bytes={len(CONTENT) // 2}-", f"bytes={len(CONTENT) * 3 // 4}-"]


def test_what_a_killed_run_left_is_gone_on_with_and_verified(played: Played, server: Server, tmp_path: Path) -> None:
    asked = wanted(played)
    (tmp_path / "f.zip.part").write_bytes(CONTENT[:100])
    assert server.download(asked, tmp_path).read_bytes() == CONTENT
    assert played.asked == [("/f.zip", "bytes=100-")]
    (tmp_path / "f.zip").unlink()
    (tmp_path / "f.zip.part").write_bytes(b"x" * 100)  # of another edition: the hash tells
    assert server.download(asked, tmp_path).read_bytes() == CONTENT
    (tmp_path / "f.zip").unlink()
    (tmp_path / "f.zip.part").write_bytes(CONTENT + b"more")
    assert server.download(asked, tmp_path).read_bytes() == CONTENT


def test_more_than_the_server_has_is_thrown_away(played: Played, server: Server, tmp_path: Path) -> None:
    asked = wanted(played)
    (tmp_path / "f.zip.part").write_bytes(CONTENT + b"more")
    found = server.download(Wanted(asked.url, asked.name, None, asked.md5), tmp_path)
    assert (found.read_bytes(), played.times("/f.zip")) == (CONTENT, 2)


def test_a_file_that_is_there_is_not_asked_for_again(played: Played, server: Server, tmp_path: Path) -> None:
    asked = wanted(played)
    server.download(asked, tmp_path)
    server.download(asked, tmp_path)
    assert played.times("/f.zip") == 1
    (tmp_path / "f.zip").write_bytes(b"x" * len(CONTENT))
    assert server.download(asked, tmp_path).read_bytes() == CONTENT


def test_it_waits_as_long_as_the_server_asks_else_twice_as_long_each_time(
    played: Played, server: Server, slept: list[float], tmp_path: Path
) -> None:
    asked = wanted(played)
    played.faults["/f.zip"] = ["429", "503", "503", "503"]
    server.download(asked, tmp_path)
    assert slept == [1, 2, 4, 8]
    slept.clear()
    played.retry_after, played.faults["/f.zip"] = "17", ["429"]
    (tmp_path / "f.zip").unlink()
    server.download(asked, tmp_path)
    assert slept == [17]
    slept.clear()
    then = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=100)
    played.retry_after, played.faults["/f.zip"] = email.utils.format_datetime(then, usegmt=True), ["503"]
    (tmp_path / "f.zip").unlink()
    server.download(asked, tmp_path)
    assert 95 < slept[0] <= 100


def test_a_server_that_fails_for_good_or_asks_for_too_much_ends_the_run(
    played: Played, server: Server, tmp_path: Path
) -> None:
    asked = wanted(played)
    played.faults["/f.zip"] = ["wrong"] * 8
    with pytest.raises(InputError, match=r"MD5 is .*, after 8 attempts"):
        server.download(asked, tmp_path)
    assert list(tmp_path.iterdir()) == []
    played.faults["/f.zip"], played.retry_after = ["429"], "3600"
    with pytest.raises(InputError, match="429") as caught:
        server.download(asked, tmp_path)
    assert "3600 s" in caught.value.hint
    played.faults["/f.zip"] = ["401"]
    with pytest.raises(InputError, match="401") as caught:
        server.download(asked, tmp_path)
    assert "--token" in caught.value.hint


def test_a_file_that_is_not_there_is_a_hole(played: Played, server: Server, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        server.download(Wanted(f"{played.base}/g.zip", "g.zip"), tmp_path)
    assert played.times("/g.zip") == 1


def test_between_requests_lies_a_pause(played: Played, tmp_path: Path) -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    with Server(rate=4, sleep=sleep, clock=lambda: now[0]) as asked:
        for name in "abc":
            asked.download(wanted(played, name=name), tmp_path)
    assert slept == [0.25, 0.25]


def test_a_server_that_is_not_there_is_a_message(tmp_path: Path) -> None:
    with Server(attempts=2, sleep=lambda _: None) as asked, pytest.raises(InputError, match="ConnectError"):
        asked.download(Wanted("http://127.0.0.1:1/f", "f"), tmp_path)


def test_gdelt_1_lists_days_months_and_years_and_what_is_missing(played: Played, server: Server) -> None:
    names = ("2005.zip", "201303.zip", "20130401.export.CSV.zip", "20130403.export.CSV.zip", "20130404.export.CSV.zip")
    played.files["/events/md5sums"] = "".join(f"{md5(n.encode())}  {n}\n" for n in names).encode()
    played.files["/events/filesizes"] = "".join(f"{len(n)} {n}\n" for n in names).encode()
    found = gdelt1(server, played.base, dt.date(2013, 3, 30), dt.date(2013, 4, 3))
    assert [w.name for w in found.wanted] == list(names[1:4])
    assert found.holes == ("20130402.export.CSV.zip",)
    assert found.wanted[1] == Wanted(
        f"{played.base}/events/{names[2]}", names[2], len(names[2]), md5(names[2].encode())
    )


def test_gdelt_2_is_a_grid_of_quarters_of_an_hour_in_utc(
    played: Played, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    stamps = [f"{dt.datetime(2020, 1, 31) + k * dt.timedelta(minutes=15):%Y%m%d%H%M%S}" for k in range(-1, 97)]
    lines = [
        f"{len(s)} {md5(s.encode())} http://elsewhere/gdeltv2/{s}.{kind}"
        for s in stamps
        for kind in ("export.CSV.zip", "mentions.CSV.zip", "gkg.csv.zip")
        if s != "20200131101500"
    ]
    played.files["/gdeltv2/masterfilelist.txt"] = "\n".join([*lines, "garbage", ""]).encode()
    found = gdelt2(server, played.base, DAY, DAY)
    assert len(found.wanted) == 95
    assert (found.wanted[0].name, found.wanted[-1].name) == (
        "20200131000000.export.CSV.zip", "20200131234500.export.CSV.zip",
    )  # fmt: skip
    assert found.holes == ("20200131101500.export.CSV.zip",)
    assert found.wanted[0].url == f"{played.base}/gdeltv2/20200131000000.export.CSV.zip"
    monkeypatch.undo()
    time.tzset()


def test_ucdp_comes_by_pages_with_a_token_and_its_number_is_compared(played: Played, slept: list[float]) -> None:
    span = f"StartDate={DAY}&EndDate={DAY}"
    for page in range(3):
        result = [{"id": 10 * page + k, "side_a": "x", "new": page} for k in range(2)]
        document = {"TotalCount": 6, "TotalPages": 3, "Result": result}
        path = f"/api/gedevents/25.1?pagesize=1000&page={page}&{span}"
        played.files[path] = json.dumps(document).encode()
    with Server(rate=1e9, headers={TOKEN: "secret"}) as asked:
        (content,) = (ucdp("25.1")(asked, played.base, DAY, DAY).content or {}).values()
        assert content.decode().split() == [
            "id,side_a,new",
            *(f"{10 * p + k},x,{p}" for p in range(3) for k in range(2)),
        ]
        assert set(played.tokens) == {"secret"}
        played.files[path] = json.dumps({"TotalCount": 7, "TotalPages": 3, "Result": []}).encode()
        with pytest.raises(InputError, match="4 events came, of 7"):
            ucdp("25.1")(asked, played.base, DAY, DAY)


def test_icews_is_fetched_and_imported_and_again_changes_nothing(played: Played, tmp_path: Path) -> None:
    years = (2016, 2017, 2018)
    files = {f"events.{year}.20200427084805.tab": icews(year) for year in years}
    dataverse(played, {**files, "README.txt": b"x", "events.2019.tab": icews(2019)})
    played.faults["/api/access/datafile/1"] = ["429", "cut"]
    played.faults["/api/access/datafile/2"] = ["404"]
    asked: dict[str, Any] = {"base": played.base, "server": Server(rate=1e9, sleep=lambda _: None)}
    span = (dt.date(2016, 3, 1), dt.date(2018, 2, 1))
    found = fetch("icews", *span, tmp_path / "S", folder=tmp_path / "F", **asked)
    assert (found["fetched"], found["missing"], found["in_store"]) == (2, ["events.2017.20200427084805.tab"], 0)
    assert (found["read"], found["kept"], load(tmp_path / "S").describe()["rows"]) == (6, 6, 6)
    again = fetch("icews", *span, tmp_path / "S", folder=tmp_path / "F", **asked)  # 2017 is there now
    assert (again["fetched"], again["missing"], again["in_store"], again["kept"]) == (1, [], 2, 3)
    third = fetch("icews", *span, tmp_path / "S", folder=tmp_path / "F", **asked)
    assert (third["fetched"], third["in_store"], third["snapshot"]) == (0, 3, None)
    assert played.times("/api/access/datafile/3") == 1
    assert "research and education only" in third["terms"]


def test_polecat_comes_as_archives_of_a_year_and_files_of_a_week(played: Played, tmp_path: Path) -> None:
    def rows(day: str) -> str:
        names = ("Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Actor Country",
                 "Recipient Country", "Publication Date")  # fmt: skip
        sound = (f"{day}{n}\t{day}\tAID\t\t1\tUSA\t{end}\t{day}" for n, end in enumerate(("CHN", "RUS")))
        return "\n".join(["\t".join(names), *sound, ""])

    year = io.BytesIO()
    with zipfile.ZipFile(year, "w") as archive:
        for month in ("01", "02"):
            archive.writestr(f"2022/ngecEventsDV-2022-{month}.txt", rows(f"2022-{month}-03"))
    week, later = "ngecEvents.20230103111842.Release603.DV.txt", "ngecEvents.20230207111842.Release608.DV.txt"
    files = {"ngecEventsDV-2022.txt.zip": year.getvalue(), week: rows("2022-12-28").encode()}
    dataverse(played, {**files, later: rows("2023-02-01").encode()})
    asked: dict[str, Any] = {"base": played.base, "server": Server(rate=1e9)}
    span = (dt.date(2022, 1, 1), dt.date(2022, 12, 31))
    found = fetch("polecat", *span, tmp_path / "S", folder=tmp_path / "F", **asked)
    assert (found["fetched"], found["read"], found["kept"]) == (2, 6, 6)
    names = [file["name"] for file in open_store(tmp_path / "S").audits[0]["files"]]
    assert names == [week, "ngecEventsDV-2022-01.txt", "ngecEventsDV-2022-02.txt"]
    assert sorted(path.name for path in (tmp_path / "F").iterdir()) == sorted(files)
    again = fetch("polecat", *span, tmp_path / "S", folder=tmp_path / "F", **asked)
    assert (again["fetched"], again["in_store"]) == (0, 2)


def test_files_are_removed_after_the_import_unless_they_are_to_be_kept(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataverse(played, {f"events.{year}.tab": icews(year) for year in (2017, 2018)})
    monkeypatch.setattr(fetching, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(fetching, "BATCH", 1)
    asked: dict[str, Any] = {"base": played.base, "server": Server(rate=1e9)}
    fetch("icews", dt.date(2017, 1, 1), dt.date(2018, 1, 1), tmp_path / "S", **asked)
    assert len(open_store(tmp_path / "S").audits) == 2
    assert list((tmp_path / "cache" / "fetched" / "icews").iterdir()) == []


def test_wrong_words_are_said_before_anything_is_asked(played: Played, tmp_path: Path) -> None:
    for name, first, last, rate, said in (
        ("icwes", DAY, DAY, 1.0, "There is no source"),
        ("icews", DAY, DAY - dt.timedelta(days=1), 1.0, "lies before"),
        ("icews", DAY, DAY, 0.0, "no rate"),
    ):
        with pytest.raises(UsageError, match=said):
            fetch(name, first, last, tmp_path / "S", base=played.base, rate=rate)
    assert played.asked == []
    dataverse(played, {})
    played.files = dict.fromkeys(played.files, b"<html>")
    with pytest.raises(InputError, match="not what it was"):
        fetch("icews", DAY, DAY, tmp_path / "S", base=played.base, folder=tmp_path / "F")
    with pytest.raises(InputError, match="is not there"):
        fetch("icews", DAY, DAY, tmp_path / "S", base=f"{played.base}/x", folder=tmp_path / "F")
    assert not (tmp_path / "S").exists()


def test_terms_are_named_for_every_source() -> None:
    assert {name for name, source in SOURCES.items() if "research and education only" in source.terms} == {
        "icews", "polecat",
    }  # fmt: skip


def test_without_httpx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(UsageError, match="httpx is not installed") as caught:
        fetch("icews", DAY, DAY, tmp_path / "S", folder=tmp_path / "F")
    assert "tertius[fetch]" in caught.value.hint


def export(version: int, stamp: str, first: int, rows: int = 3) -> bytes:
    """A zipped export file of GDELT's: events of the day of its stamp, recorded then."""
    lines = []
    for n in range(rows):
        own = {"GLOBALEVENTID": str(first + n), "SQLDATE": stamp[:8], "DATEADDED": stamp, "ActionGeo_FeatureID": stamp}
        lines.append(gdelt_line(version, **own, EventCode="042", Actor2Code=("CHN", "RUS", "USA")[n % 3]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{stamp}.export.CSV", "\n".join([*lines, ""]))
    return packed.getvalue()


def test_gdelt_1_from_the_server_to_a_store(played: Played, tmp_path: Path, tertius: Callable[..., Any]) -> None:
    def play(*days: str) -> None:
        files = {f"{day}.export.CSV.zip": export(1, day, 100 * int(day[-2:]), 21) for day in days}
        played.files |= {f"/events/{name}": content for name, content in files.items()}
        played.files["/events/md5sums"] = "".join(f"{md5(c)}  {name}\n" for name, c in files.items()).encode()
        played.files["/events/filesizes"] = "".join(f"{len(c)} {name}\n" for name, c in files.items()).encode()

    play("20200130", "20200131", "20200202")
    played.faults["/events/20200131.export.CSV.zip"] = ["cut"]
    words = ("fetch", "gdelt1", "--from", "2020-01-30", "--to", "2020-02-02", "--into", tmp_path / "S")
    words = (*words, "--base", played.base, "--rate", "1000", "--folder", tmp_path / "F", "--json")
    found = tertius(*words).document
    assert {key: found[key] for key in ("fetched", "missing", "read", "kept", "dropped", "quarantined")} == {
        "fetched": 3, "missing": ["20200201.export.CSV.zip"], "read": 63, "kept": 42, "dropped": {"self_pair": 21},
        "quarantined": 0,
    }  # fmt: skip
    assert tertius("describe", tmp_path / "S", "--json").document["events"] == 42
    assert open_store(tmp_path / "S").missing == (dt.date(2020, 2, 1),)
    play("20200130", "20200131", "20200201", "20200202")  # the hole is filled, and the day is observed
    again = tertius(*words).document
    assert (again["fetched"], again["in_store"], again["missing"]) == (1, 3, [])
    assert open_store(tmp_path / "S").missing == ()


def test_gdelt_2_from_the_server_to_a_store(
    played: Played, tmp_path: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "BATCH", 40)
    stamps = [f"20200131{hour:02d}{minute:02d}00" for hour in range(24) for minute in (0, 15, 30, 45)]
    files = {f"{s}.export.CSV.zip": export(2, s, 10 * n) for n, s in enumerate(stamps) if s != "20200131100000"}
    played.files |= {f"/gdeltv2/{name}": content for name, content in files.items()}
    lines = [f"{len(c)} {md5(c)} http://elsewhere/gdeltv2/{name}" for name, c in files.items()]
    played.files["/gdeltv2/masterfilelist.txt"] = "\n".join([*lines, ""]).encode()
    played.faults["/gdeltv2/20200131101500.export.CSV.zip"] = ["404"]
    words = ("fetch", "gdelt2", "--from", "2020-01-31", "--to", "2020-01-31", "--into", tmp_path / "S")
    words = (*words, "--base", played.base, "--rate", "100000", "--folder", tmp_path / "F", "--json")
    found = tertius(*words).document
    assert (found["fetched"], found["read"], found["kept"], found["dropped"]) == (94, 282, 188, {"self_pair": 94})
    assert found["missing"] == [f"20200131{clock}00.export.CSV.zip" for clock in ("1000", "1015")]
    rows = tertius("events", "USA", "CHN", tmp_path / "S", "--json").document["events"]
    assert {row["recorded"][:10] for row in rows} == {"2020-01-31"}
    again = tertius(*words).document  # what was not there is asked for again, and is there now
    assert (again["fetched"], again["in_store"], again["missing"]) == (1, 94, ["20200131100000.export.CSV.zip"])


def test_the_command_prints_one_document(played: Played, tmp_path: Path, tertius: Callable[..., Any]) -> None:
    dataverse(played, {"events.2018.tab": icews(2018)})
    span = ("--from", "2018-01-01", "--to", "2018-12-31", "--base", played.base, "--rate", "1000")
    words = ("fetch", "icews", *span, "--into", tmp_path / "S", "--folder", tmp_path / "F")
    ran = tertius(*words, "--json")
    assert (ran.code, ran.document["kept"], ran.document["missing"]) == (0, 3, [])
    shown = tertius(*words)
    assert shown.code == 0
    assert "research and education only" in " ".join(shown.out.split())


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "F").mkdir()
    for year in (2015, 2016, 2017):
        (tmp_path / "F" / f"events.{year}.tab").write_bytes(icews(year, 28 if year == 2015 else 400))
    code = "from pathlib import Path\nfrom datetime import date\nimport sys\n"
    code += "from tertius.sources.fetching import fetch as f\nf.BATCH = 1\n"
    code += "print(f.fetch('icews', date(2015, 1, 1), date(2017, 1, 1), Path(sys.argv[2]), base=sys.argv[1], "
    code += "folder=Path(sys.argv[3]), rate=1000)['in_store'])\n"
    serve = [sys.executable, str(Path(__file__).parents[3] / "source_server.py"), str(tmp_path / "F"), "0.05"]
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base = server.stdout.readline().strip()
        words = [sys.executable, "-c", code, base, str(tmp_path / "S"), str(tmp_path / "G")]
        part = tmp_path / "G" / "events.2016.tab.part"
        with subprocess.Popen(words) as killed:
            until = time.monotonic() + 60
            while not (part.exists() and part.stat().st_size > 1000) and time.monotonic() < until:
                time.sleep(0.02)
            killed.kill()
        assert 1000 < part.stat().st_size < (tmp_path / "F" / "events.2016.tab").stat().st_size
        ran = subprocess.run(words, capture_output=True, text=True)
        server.kill()
    assert (ran.returncode, ran.stdout) == (0, "1\n"), ran.stderr
    audits = open_store(tmp_path / "S").audits
    assert [f["name"] for a in audits for f in a["files"]] == [f"events.{y}.tab" for y in (2015, 2016, 2017)]

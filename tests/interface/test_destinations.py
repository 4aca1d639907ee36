"""Where results go: tried before the work begins, and a full disk is called one."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import tertius.study  # noqa: F401  before anything is patched: it keeps the load that it finds
from tertius import simulate
from tertius.errors import DiskFull
from tertius.events.engine import connection, literal
from tertius.events.manifest import sealed
from tertius.sources.importing import import_files
from tertius.sources.loading import load
from tertius.study_folder import write_study

QUICK = "--model rate --effects inertia.coop,shared_threat --slice 1mo --half-life 2y"
EXPLAIN = ("explain", "RUS", "PRK", "chronicle", *QUICK.split(), "--no-certificate")
HEAD = "date,source,target,quad"


def tree(folder: Path) -> dict[str, bytes | None]:
    return {str(f.relative_to(folder)): f.read_bytes() if f.is_file() else None for f in folder.rglob("*")}


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def begun(*_: object, **__: object) -> None:
        raise AssertionError("the work has begun")

    monkeypatch.setattr("tertius.sources.loading.load", begun)
    monkeypatch.setattr("tertius.study.demo", begun)


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--report", "nowhere/r.html"), "nowhere is not a folder"),
        (("--report", "taken"), "taken is a folder"),
        (("--report", "file/r.html"), "file is not a folder"),
        (("--save", "taken"), "taken exists and is not a Study"),
        (("--save", "file"), "file exists and is not a Study"),
        (("--save", "file/below"), "file is not a folder"),
    ],
)
def test_a_destination_that_cannot_be_is_refused_before_the_work(
    words: tuple[str, str], message: str, tertius: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.docx").write_text("")
    (tmp_path / "file").write_text("")
    before = tree(tmp_path)
    ran = tertius(*EXPLAIN, *words, "--json")
    assert (ran.code, ran.document["error"]["type"]) == (2, "UsageError")
    assert message in ran.document["error"]["message"]
    assert tree(tmp_path) == before


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("words", [("--report", "r.html"), ("--save", "new")])
def test_a_folder_where_nothing_can_be_written_is_refused_before_the_work(
    words: tuple[str, str], tertius: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    ran = tertius(*EXPLAIN, *words, "--json")
    assert (ran.code, "Nothing can be written to" in ran.document["error"]["message"]) == (2, True)


@pytest.mark.usefixtures("no_work")
def test_demo_tries_its_folder_first(tertius: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = tertius("demo", "--out", tmp_path / "file" / "below", "--json")
    assert (ran.code, "is not a folder" in ran.document["error"]["message"]) == (2, True)
    assert list(tree(tmp_path)) == ["file"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("json_too", [True, False])
def test_the_answer_is_printed_where_the_report_cannot_be_written(json_too: bool, tertius: Callable[..., Any]) -> None:
    ran = tertius(*EXPLAIN, "--report", "/dev/full", *(["--json"] if json_too else []))
    assert ran.code == 2
    assert (ran.document["verdict"] if json_too else ran.out).count("not certified") >= 1
    assert "the disk is full" in ran.err
    assert "The report /dev/full was not written." in ran.err
    assert not Path("/dev/full").is_file()


def limited(size: int, *words: object) -> subprocess.CompletedProcess[str]:
    """A command that may write no file of more than so many bytes."""
    import resource

    return subprocess.run(
        [sys.executable, "-m", "tertius.cli", *map(str, words)],
        capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
@pytest.mark.parametrize("size", [1, 2500])
def test_an_import_that_finds_the_disk_full_leaves_all_as_it_was(size: int, csv_file: Any, tmp_path: Path) -> None:
    lines = [f"2020-{m:02d}-{d:02d},A{m},B{d},{1 + d % 4}" for m in range(1, 13) for d in range(1, 29)]
    path = csv_file("e.csv", HEAD, *lines)
    import_files("events", [csv_file("first.csv", HEAD, "2020-01-01,RUS,PRK,1")], tmp_path / "S")
    before = tree(tmp_path)
    for into in ("S", "new/T"):
        ran = limited(size, "import", "events", path, "--into", tmp_path / into)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.startswith("DiskFull: "), ran.stderr
        assert f"Nothing was added to {tmp_path / into}; it is as before." in ran.stderr
        assert "Traceback" not in ran.stderr
        assert tree(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
def test_a_study_that_finds_the_disk_full_stays_as_it_was(tmp_path: Path, tertius: Callable[..., Any]) -> None:
    pq.write_table(simulate(8, 30, seed=1).to_frame("pyarrow"), tmp_path / "e.parquet")  # read without temporary files
    words = ("fit", tmp_path / "e.parquet", "--quiet", "--model", "rate", "--slice", "1d", "--save")
    assert tertius(*words, tmp_path / "A").code == 0
    before = tree(tmp_path)
    for name, said in (("A", "is as it was before"), ("B", "was not saved")):
        ran = limited(700, *words, tmp_path / name)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.startswith("DiskFull: "), ran.stderr
        assert f"The Study {tmp_path / name} {said}." in ran.stderr
        assert tree(tmp_path) == before


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)])
def test_a_full_disk_is_called_one_whoever_meets_it(
    code: int, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), "somewhere")

    monkeypatch.setattr("tertius.sources.loading.load", full)
    ran = tertius("describe", "chronicle", "--json")
    assert (ran.code, ran.document["error"]["type"]) == (2, "DiskFull")
    assert ran.document["error"]["message"].startswith("somewhere: the disk is full")


def test_a_full_folder_of_temporary_files_is_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="The disk is full") as caught, connection() as con:  # noqa: PT012
        con.execute(f"SET temp_directory = {literal(tmp_path / 'spilled')}")
        con.execute("SET memory_limit = '30MB'; SET max_temp_directory_size = '1MB'; SET threads = 1")
        con.execute("CREATE TABLE t AS SELECT range AS n, random()::VARCHAR AS x FROM range(3000000) ORDER BY x")
    assert "TMPDIR" in caught.value.hint


def test_a_memory_that_is_too_small_has_words_of_ours() -> None:
    from tertius.errors import NotEnoughMemory

    with pytest.raises(NotEnoughMemory, match="memory"), connection() as con:  # noqa: PT012
        con.execute("SET temp_directory = ''; SET memory_limit = '10MB'; SET threads = 1")
        con.execute("CREATE TABLE t AS SELECT range AS n, random()::VARCHAR AS x FROM range(3000000) ORDER BY x")


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_an_older_snapshot_is_data_until_it_is_pruned(
    csv_file: Any, tmp_path: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = import_files("events", [csv_file("1.csv", HEAD, "2020-01-01,RUS,PRK,1")], Path("S")).snapshot
    import_files("events", [csv_file("2.csv", HEAD, "2020-01-02,RUS,USA,3")], Path("S"))
    then, now = load(f"S@{first}"), load("S")
    assert (then.labels(), now.labels()) == ({"RUS", "PRK"}, {"RUS", "PRK", "USA"})
    assert then.hash == first != now.hash
    assert tertius("describe", f"S@{first}", "--json").document["rows"] == 1
    assert tertius("audit", f"S@{first}", "--json").document["read"] == 1
    assert first in tertius("audit", "S", "--json").document["snapshots"]
    assert first in tertius("audit", "S").out

    unknown = tertius("describe", "S@yesterday", "--json")
    assert (unknown.code, now.hash in unknown.document["error"]["hint"]) == (2, True)
    import_files("events", [csv_file("3.csv", HEAD, "2020-01-03,CHN,USA,1")], Path(f"S@{first}"))
    assert load(f"S@{first}").labels() == {"CHN", "USA"}  # what exists under the whole name wins
    (tmp_path / "S@3").mkdir()
    assert tertius("describe", "S@3", "--json").document["error"]["message"] == "S@3 is neither a store nor a Study."
    os.rename(f"S@{first}", "elsewhere")

    pruned = tertius("audit", "S", "--prune", "--json").document
    assert pruned["pruned"] == {"snapshots": [first], "files": []}
    assert tertius("describe", f"S@{first}", "--json").code == 2
    assert "Nothing was there to remove" in tertius("audit", "S", "--prune").out
    assert load("S").hash == now.hash


def test_snapshots_are_listed_with_their_time_and_forgotten_by_number(
    csv_file: Any, tmp_path: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    days = [f"2020-01-0{d},RUS,PRK,1" for d in range(1, 4)]
    for n, day in enumerate(days):
        import_files("events", [csv_file(f"{n}.csv", HEAD, day)], Path("S"))
    listed = tertius("snapshots", "S", "--json").document
    assert [(s["files"], s["added"], s["rows"]) for s in listed["snapshots"]] == [
        ([f"{n}.csv"], 1, n + 1) for n in range(3)
    ]
    assert all(s["imported"].endswith("+00:00") for s in listed["snapshots"])
    ids = [s["snapshot"] for s in listed["snapshots"]]
    assert [tertius("describe", f"S@{s}", "--json").document["rows"] for s in ids] == [1, 2, 3]
    assert all(s in tertius("snapshots", "S").out for s in ids)
    pruned = tertius("snapshots", "S", "--keep", "1", "--json").document
    assert (pruned["pruned"]["snapshots"], [s["snapshot"] for s in pruned["snapshots"]]) == (ids[:2], ids[2:])
    assert tertius("snapshots", "S", "--keep", "0").code == 2
    assert tertius("snapshots", "nowhere", "--json").document["error"]["message"] == "nowhere is not a store."


def test_a_file_twice_exits_0_and_says_so(
    csv_file: Any, tmp_path: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = csv_file("1.csv", HEAD, "2020-01-01,RUS,PRK,1")
    first = tertius("import", "events", path, "--into", "S", "--json").document
    again = tertius("import", "events", path, "--into", "S", "--json")
    assert (again.code, again.document["read"], again.document["files"]) == (0, 0, [])
    assert again.document["snapshot"] == first["snapshot"]
    shown = tertius("import", "events", path, "--into", "S")
    assert shown.code == 0
    assert "1.csv is in the store already (same bytes)" in " ".join(shown.out.split())


def test_a_study_of_a_snapshot_stays_readable_after_the_next_import(
    csv_file: Any, tmp_path: Path, tertius: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pairs = (("RUS", "PRK", 1), ("USA", "PRK", 3), ("PRK", "RUS", 2))
    lines = [f"2020-01-{d:02d},{a},{b},{q}" for d in range(1, 29) for n, (a, b, q) in enumerate(pairs) if d % (n + 2)]
    import_files("events", [csv_file("1.csv", HEAD, *lines)], Path("S"))
    snapshot = load("S").hash
    question = ("--model", "rate", "--effects", "inertia.coop", "--slice", "1d", "--half-life", "9d")
    assert tertius("fit", f"S@{snapshot}", *question, "--save", "A").code == 0
    import_files("events", [csv_file("2.csv", HEAD, "2020-02-02,RUS,USA,3")], Path("S"))
    assert tertius("fit", "A", "--json").document["data_hash"] == snapshot


@pytest.mark.parametrize("damage", ["flip", "cut", "zeros"])
def test_a_damaged_part_is_found_on_opening_by_every_command(
    damage: str, csv_file: Any, tmp_path: Path, tertius: Callable[..., Any]
) -> None:
    store = tmp_path / "S"
    import_files("events", [csv_file("1.csv", HEAD, "2020-01-01,RUS,PRK,1", "2020-01-02,USA,PRK,3")], store)
    (part,) = (store / "parts").iterdir()
    whole = part.read_bytes()
    content = bytearray(whole)
    for at in range(5, len(whole), len(whole) // 5):
        if damage == "flip":
            content[at] ^= 1
        elif damage == "cut":
            del content[at:]
        else:
            content[at : at + 16] = b"\x01" * 16
        part.write_bytes(content)
        for words in (("describe",), ("events", "RUS", "PRK"), ("audit",), ("fit",), ("explain", "RUS", "PRK")):
            ran = tertius(*words, store, "--json")
            assert (ran.code, ran.document["error"]["type"]) == (2, "CorruptFile")
            assert f"{part.name} is damaged" in ran.document["error"]["message"]
        content = bytearray(whole)


def study_of(folder: Path, data: str = "chronicle") -> Path:
    """A Study as ``--save`` leaves it, without the fit."""
    spec = {"slice": "1d", "effects": ["inertia"], "seed": 1, "scales": {"inertia.coop": 2.0}, "start": "2020-01-01"}
    tables = dict.fromkeys(("vcov.csv", "coefficients.csv"), "")
    write_study(folder, {"data": {"path": data, "hash": load(data).hash, "reading": {}}, "spec": spec}, tables)
    return folder


def test_mutated_manifests_and_studies_give_messages(
    csv_file: Any, tmp_path: Path, tertius: Callable[..., Any]
) -> None:
    data = csv_file("1.csv", HEAD, "2020-01-01,RUS,PRK,1", "2020-01-02,USA,PRK,3")
    store, study = tmp_path / "S", study_of(tmp_path / "A", str(data))
    import_files("events", [data], store)
    odd: tuple[Any, ...] = (None, True, -1, 1.5, 10**30, "x", "\ud800", [], {}, [None], {"": []})
    manifest, document = store / "manifest.json", study / "study.json"
    top = ("tertius_store", "directed", "snapshot", "parts", "retired", "missing", "forgotten", "journal", "checksum")
    inside = ("files", "coverage", "dropped", "read", "warnings", "snapshot", "rows")
    journal = store / "journal.jsonl"
    places: list[tuple[Path, str, Path, tuple[Any, ...]]] = [
        *((manifest, "audit", store, (key,)) for key in top),
        *((manifest, "audit", store, ("parts", 0, key)) for key in ("name", "rows", "imports")),
        *((manifest, "audit", store, ("journal", key)) for key in ("size", "lines", "chain")),
        *((journal, "audit", store, (key,)) for key in ("imported", "part", "rows", "audit")),
        *((journal, "audit", store, ("audit", key)) for key in inside),
        *((journal, "audit", store, ("audit", "files", 0, key)) for key in ("name", "sha256", "kept")),
        *(
            (document, "describe", study, keys)
            for keys in (("data",), ("spec",), ("data", "path"), ("data", "reading"))
        ),
        *((document, "describe", study, ("spec", key)) for key in ("slice", "effects", "seed", "scales", "start")),
    ]
    for path, command, folder, keys in places:
        whole = path.read_text()
        for value in odd:
            changed = json.loads(whole)
            place = changed
            for key in keys[:-1]:
                place = place[key]
            place[keys[-1]] = value
            for sealing in (lambda d: d, sealed) if path == manifest and keys != ("checksum",) else (lambda d: d,):
                path.write_text(json.dumps(sealing(changed)))
                ran = tertius(command, folder, "--json")
                assert ran.code == 2 or (ran.code == 0 and value in (None, [], {}, "x", True)), (keys, value)
        path.write_text(whole)


@pytest.mark.parametrize("pointer", ["A", "B"])
def test_a_study_that_points_to_a_study_is_corrupt(pointer: str, tmp_path: Path, tertius: Callable[..., Any]) -> None:
    for name in ("A", "B"):
        study_of(tmp_path / name)
    path = tmp_path / "A" / "study.json"
    document = json.loads(path.read_text())
    document["data"]["path"] = str(tmp_path / pointer)
    path.write_text(json.dumps(document))
    ran = tertius("describe", tmp_path / "A", "--json")
    assert (ran.code, ran.document["error"]["type"]) == (2, "CorruptFile")
    assert "points to a Study" in ran.document["error"]["message"]

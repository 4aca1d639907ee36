"""The store on disk: whole or not at all, whoever writes and whenever it is killed."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tertius.errors import CorruptFile, DiskFull, InputError, TertiusWarning, UsageError
from tertius.events.engine import connection, parquet_sql
from tertius.events.journal import JOURNAL
from tertius.events.lock import LOCK, locked
from tertius.events.manifest import sealed
from tertius.events.store import Store, adding, append_part, check_free, is_store, open_store, prune
from tertius.events.verified import memory_of
from tertius.sources.importing import import_files
from tertius.sources.loading import load


def audit(name: str, missing: tuple[dt.date, ...] = (), rows: int = 2) -> dict[str, Any]:
    counts = {"read": 3, "kept": 2, "dropped": {"self_pair": 1}, "quarantined": 0}
    coverage = {"from": "2020-01-01", "to": "2020-01-03", "slices": 3, "missing": [d.isoformat() for d in missing]}
    files = [{"name": name, "sha256": name, "format": "events", **counts}]
    return {**counts, "rows": rows, "files": files, "coverage": coverage, "directed": True, "warnings": []}


def rows(path: Path, n: int) -> None:
    with connection() as con:
        con.execute(f"COPY (SELECT range AS n FROM range({n})) TO '{path}' (FORMAT parquet)")


def add(store: Path, n: int, **options: Any) -> Store:
    missing = options.pop("missing", ())
    given: dict[str, Any] = {"directed": True, "audit": audit(str(n), missing, n)}
    with adding(store) as before:
        append_part(store, before, **given | {"write": lambda p: rows(p, n)} | options)
    return open_store(store)


def rewrite(store: Path, **changes: Any) -> None:
    """Change a manifest, with the checksum that belongs to it."""
    path = store / "manifest.json"
    path.write_text(json.dumps(sealed(json.loads(path.read_text()) | changes)))


def names(folder: Path) -> set[str]:
    return {str(f.relative_to(folder)) for f in folder.rglob("*")}


def test_a_part_is_named_by_its_bytes_and_a_snapshot_by_its_parts(tmp_path: Path) -> None:
    one, other = add(tmp_path / "S", 3), add(tmp_path / "elsewhere" / "T", 3)
    assert [p.name for p in one.parts] == [p.name for p in other.parts]
    assert one.snapshot == other.snapshot
    assert add(tmp_path / "S", 4).snapshot not in (one.snapshot, add(tmp_path / "U", 4).snapshot)


def test_missing_days_are_part_of_the_snapshot(tmp_path: Path) -> None:
    plain, gaps = add(tmp_path / "S", 3), add(tmp_path / "T", 3, missing=(dt.date(2020, 1, 2),))
    assert plain.snapshot != gaps.snapshot
    assert open_store(tmp_path / "T").missing == (dt.date(2020, 1, 2),)


def test_earlier_parts_are_never_changed(tmp_path: Path) -> None:
    (first,) = add(tmp_path / "S", 3).parts
    before = first.read_bytes()
    assert add(tmp_path / "S", 4).parts[0] == first
    assert first.read_bytes() == before


def test_a_part_twice_is_refused(tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    before = names(tmp_path)
    with pytest.raises(InputError, match="exactly these rows"):
        add(tmp_path / "S", 3)
    assert names(tmp_path) == before


def fails(path: Path) -> None:
    path.write_bytes(b"half a fi")
    raise OSError(28, "No space left on device")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=r"No space.*Nothing was added to .*S; it is as before"):
        add(tmp_path / "new" / "S", 3, write=fails)
    assert names(tmp_path) == set()
    add(tmp_path / "S", 3)
    before = names(tmp_path)
    with pytest.raises(DiskFull, match=r"No space.*Nothing was added to .*S; it is as before"):
        add(tmp_path / "S", 4, write=fails)
    assert names(tmp_path) == before


def test_what_a_killed_write_left_is_ignored_and_cleared_by_the_next(tmp_path: Path) -> None:
    store = tmp_path / "S"
    (store / "parts").mkdir(parents=True)
    (store / "parts" / ".a1.tmp").write_bytes(b"half a file")
    (store / "parts" / f"{'0' * 64}.parquet").write_bytes(b"never named in a manifest")
    assert not is_store(store)
    assert len(add(store, 3).parts) == 1
    (store / ".b2.tmp").write_text('{"half a manif')
    (store / ".lock").write_text("")
    (store / "parts" / ".c3.tmp").write_bytes(b"half a file")
    (store / "parts" / f"{'0' * 64}.parquet").write_bytes(b"never named in a manifest")
    assert len(open_store(store).parts) == 1
    parts = add(store, 4).parts
    assert len(parts) == 2
    assert names(store) == {"journal.jsonl", "manifest.json", "parts", *(f"parts/{p.name}" for p in parts)}


def test_a_folder_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "S" / "parts").mkdir(parents=True)
    (tmp_path / "S" / "parts" / "thesis.docx").write_text("x")
    before = names(tmp_path)
    with pytest.raises(UsageError, match="exists and is not a store"):
        add(tmp_path / "S", 3)
    assert names(tmp_path) == before


def test_a_store_is_of_one_kind(tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    with pytest.raises(UsageError, match="is directed, the new rows are undirected"):
        add(tmp_path / "S", 4, directed=False)


@pytest.mark.parametrize("damage", ["truncated", "empty", "gone"])
def test_a_damaged_part_is_noticed_on_opening(damage: str, tmp_path: Path) -> None:
    (part,) = add(tmp_path / "S", 3).parts
    if damage == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-30] if damage == "truncated" else b"")
    with pytest.raises(CorruptFile, match=part.name):
        open_store(tmp_path / "S")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"parts": 3}', '"S"'])
def test_a_damaged_manifest_is_corrupt(text: str, tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    (tmp_path / "S" / "manifest.json").write_text(text)
    with pytest.raises(CorruptFile, match=r"manifest\.json cannot be read"):
        open_store(tmp_path / "S")


def test_a_manifest_of_a_later_version_is_refused(tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    rewrite(tmp_path / "S", tertius_store=4)
    with pytest.raises(CorruptFile, match="version 4"):
        open_store(tmp_path / "S")


def test_a_folder_without_manifest_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a store") as caught:
        open_store(tmp_path)
    assert "tertius import" in caught.value.hint


def test_events_are_stored_in_the_order_of_time(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", "date,source,target,quad", "2020-01-02,RUS,PRK,1", "2020-01-01,USA,PRK,1")
    import_files("events", [path], tmp_path / "S")
    with connection() as con:
        found = con.execute(f"SELECT source FROM '{open_store(tmp_path / 'S').parts[0]}'").fetchall()
    assert found == [("USA",), ("RUS",)]


def in_a_thread(work: Any) -> tuple[threading.Thread, list[BaseException]]:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failed


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_writers_at_once_wait_for_each_other_and_lose_nothing(new: bool, tmp_path: Path) -> None:
    store = tmp_path / "S"
    if not new:
        add(store, 100)
    threads = [in_a_thread(lambda n=n: add(store, n)) for n in range(1, 9)]
    for thread, _ in threads:
        thread.join()
    assert [failed for _, failed in threads] == [[]] * 8
    held = open_store(store)
    assert sorted(held.file_hashes) == sorted({*map(str, range(1, 9)), *([] if new else ["100"])})
    assert len(held.parts) == len(held.audits) == (8 if new else 9)
    assert names(store) == {"journal.jsonl", "manifest.json", "parts", *(f"parts/{p.name}" for p in held.parts)}


def test_who_waits_says_for_which_store(tmp_path: Path) -> None:
    store = tmp_path / "S"
    begun = threading.Event()

    def slow(path: Path) -> None:
        begun.set()
        time.sleep(0.3)
        rows(path, 3)

    thread, failed = in_a_thread(lambda: add(store, 3, write=slow))
    assert begun.wait(10)
    with pytest.warns(TertiusWarning, match=r"S: another import is at work there; waiting"):
        add(store, 4)
    thread.join()
    assert failed == []
    assert open_store(store).file_hashes == {"3", "4"}


@pytest.mark.skipif(sys.platform == "win32", reason="no file that is open is removed there")
def test_a_lock_that_was_removed_is_no_lock(tmp_path: Path) -> None:
    import fcntl

    def hold() -> int:
        handle = os.open(tmp_path / LOCK, os.O_RDWR | os.O_CREAT)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return handle

    entered: list[bool] = []

    def wait() -> None:
        with pytest.warns(TertiusWarning, match="waiting"), locked(tmp_path, "another is at work there"):
            entered.append(True)

    first = hold()
    thread, failed = in_a_thread(wait)
    time.sleep(0.2)
    (tmp_path / LOCK).unlink()
    second = hold()  # a third writer, who found no lock
    os.close(first)
    time.sleep(0.2)
    assert entered == []
    os.close(second)
    thread.join(20)
    assert (entered, failed) == ([True], [])


HOLD = """
import sys, time
from pathlib import Path
from tertius.events.store import adding
with adding(Path(sys.argv[1])):
    (Path(sys.argv[1]) / "parts").mkdir(exist_ok=True)
    (Path(sys.argv[1]) / "parts" / ".half.tmp").write_text("half")
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("new", [True, False])
def test_who_waits_goes_on_when_the_first_is_killed(new: bool, tmp_path: Path) -> None:
    store = tmp_path / "S"
    if not new:
        add(store, 100)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(store)], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        said: list[Any] = []

        def wait() -> None:
            with pytest.warns(TertiusWarning, match="waiting"):
                said.append(add(store, 4))

        thread, failed = in_a_thread(wait)
        time.sleep(0.2)
        assert said == []
        first.kill()
        thread.join(20)
    assert failed == []
    assert open_store(store).file_hashes == ({"4"} if new else {"100", "4"})
    assert not (store / "parts" / ".half.tmp").exists()


def test_a_store_behind_a_link_is_one_store(tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    (tmp_path / "link").symlink_to("S")
    assert len(add(tmp_path / "link", 4).parts) == 2
    assert len(open_store(tmp_path / "S").parts) == 2
    assert (tmp_path / "link").is_symlink()


def test_older_snapshots_are_read_by_name_until_they_are_forgotten(tmp_path: Path) -> None:
    store = tmp_path / "S"
    first = add(store, 3, missing=(dt.date(2020, 1, 2),))
    second, third = add(store, 4), add(store, 5, missing=(dt.date(2020, 1, 5),))
    for then in (first, second, third):
        now = open_store(store, then.snapshot)
        assert (now.parts, now.missing, now.audits) == (then.parts, then.missing, then.audits)
    with pytest.raises(UsageError, match="no snapshot 'yesterday'"):
        open_store(store, "yesterday")
    (store / "parts" / f"{'0' * 64}.parquet").write_bytes(b"of a killed import")
    assert prune(store) == {
        "snapshots": [first.snapshot, second.snapshot],
        "files": [f"parts/{'0' * 64}.parquet"],
    }
    assert prune(store) == {"snapshots": [], "files": []}
    assert open_store(store).parts == third.parts
    with pytest.raises(UsageError, match="no snapshot"):
        open_store(store, second.snapshot)
    fourth = add(store, 6)
    assert fourth.snapshots == (third.snapshot, fourth.snapshot)
    assert open_store(store, third.snapshot).parts == third.parts


def settled(store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Open a store as if it lay there for long, so that its part is remembered; returns the memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("tertius.events.verified.SETTLED", 0)
    open_store(store)
    return memory_of(store)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the cache is elsewhere")
def test_a_part_is_compared_once_and_again_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (part,) = add(tmp_path / "S", 3).parts
    memory = settled(tmp_path / "S", monkeypatch, tmp_path)
    hashed: list[Path] = []
    monkeypatch.setattr("tertius.events.verified.file_hash", lambda p: hashed.append(p) or p.stem)
    open_store(tmp_path / "S")
    assert hashed == []
    open_store(tmp_path / "S", thorough=True)
    assert hashed == [part]
    for damage in ("", "{", "[]", '{"x": 1}', json.dumps({part.name: "x"}), "\xff"):
        memory.write_text(damage, "latin-1")
        open_store(tmp_path / "S")
        open_store(tmp_path / "S")
    assert hashed == [part] * 7
    part.touch()
    open_store(tmp_path / "S")
    assert hashed == [part] * 8


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the cache is elsewhere")
def test_a_part_that_changed_under_the_same_marks_is_found_by_a_thorough_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,) = add(tmp_path / "S", 3).parts
    memory = settled(tmp_path / "S", monkeypatch, tmp_path)
    content = bytearray(part.read_bytes())
    content[len(content) // 3] ^= 4
    part.write_bytes(content)
    with pytest.raises(CorruptFile, match=r"is damaged: its bytes are not those that were imported"):
        open_store(tmp_path / "S")
    seen = part.stat()
    memory.write_text(json.dumps({part.name: [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino]}))
    open_store(tmp_path / "S")
    with pytest.raises(CorruptFile, match="is damaged"):
        open_store(tmp_path / "S", thorough=True)


def test_a_store_opens_where_no_memory_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path / "S", 3)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr("tertius.events.verified.SETTLED", 0)
    assert len(open_store(tmp_path / "S").parts) == 1


@pytest.mark.parametrize("name", ["../x.parquet", "/etc/passwd", "a/b.parquet", "x.parquet", "", "." * 64 + ".parquet"])
def test_a_part_that_would_lie_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    add(tmp_path / "S", 3)
    rewrite(tmp_path / "S", parts=[{"name": name, "rows": 3, "imports": 1}])
    with pytest.raises(CorruptFile, match="is no name of a part"):
        open_store(tmp_path / "S")


def test_a_link_is_no_part(tmp_path: Path) -> None:
    (part,) = add(tmp_path / "S", 3).parts
    part.rename(tmp_path / part.name)
    part.symlink_to(tmp_path / part.name)
    with pytest.raises(CorruptFile, match="is no file of the store"):
        open_store(tmp_path / "S")
    part.unlink()
    (tmp_path / "S" / "parts").rmdir()
    (tmp_path / "S" / "parts").symlink_to(tmp_path)
    with pytest.raises(CorruptFile, match="is a link"):
        open_store(tmp_path / "S")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked children")
@pytest.mark.parametrize("how", ["new", "existing", "compacting"])
def test_an_import_killed_at_any_point_leaves_the_old_or_the_new(how: str, tmp_path: Path) -> None:
    killed = Path(__file__).parents[2] / "killed.py"
    ran = subprocess.run([sys.executable, killed, f"import: {how}", tmp_path], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 12


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_is_read_only_opens_and_takes_no_import(tmp_path: Path) -> None:
    store = tmp_path / "S"
    add(store, 3)
    folders = (store, store / "parts")
    try:
        for folder in folders:
            folder.chmod(0o555)
        assert len(open_store(store).parts) == 1
        with pytest.raises(PermissionError):
            add(store, 4)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert len(open_store(store).parts) == 1


def test_a_store_that_appears_meanwhile_is_no_strange_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path / "S", 3)
    monkeypatch.setattr("tertius.events.store.is_store", lambda _: False)  # as it was a moment ago
    check_free(tmp_path / "S")


def held(store: Path, snapshot: str | None = None) -> list[int]:
    """The rows of a store, in their order."""
    opened = open_store(store, snapshot)
    with connection() as con:
        return [n for (n,) in con.execute(f"SELECT n FROM {parquet_sql(opened.parts, opened.first_rows)}").fetchall()]


def test_many_imports_become_few_parts_and_every_snapshot_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 3)
    store, right, then = tmp_path / "S", [], {}
    for n in range(1, 15):
        opened = add(store, n, missing=(dt.date(2020, 1, n),) if n % 4 == 0 else ())
        right += range(n)
        then[opened.snapshot] = (list(right), opened.missing, n)
        assert held(store) == right
    assert len(open_store(store).parts) == 4  # 14 imports are 9 + 3 + 1 + 1
    for snapshot, (rows_then, missing, n) in then.items():
        assert held(store, snapshot) == rows_then
        assert (open_store(store, snapshot).missing, len(open_store(store, snapshot).audits)) == (missing, n)
    assert open_store(store).snapshots == tuple(then)
    assert open_store(store, thorough=True).file_hashes == {str(n) for n in range(1, 15)}


def test_the_id_of_a_snapshot_does_not_depend_on_compaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [add(tmp_path / "S", n).snapshot for n in range(1, 6)]
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    assert [add(tmp_path / "T", n).snapshot for n in range(1, 6)] == plain


def test_rows_that_were_compacted_are_refused_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    monkeypatch.setattr("tertius.events.compaction.GRACE", dt.timedelta(0))
    for n in (3, 4, 5, 6):
        add(tmp_path / "S", n)
    with pytest.raises(InputError, match="exactly these rows"):
        add(tmp_path / "S", 3)
    assert held(tmp_path / "S") == [*range(3), *range(4), *range(5), *range(6)]


def test_parts_that_were_replaced_stay_for_readers_and_go_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    store = tmp_path / "S"
    earlier = add(store, 3)
    add(store, 4)
    assert all(part.exists() for part in earlier.parts)
    monkeypatch.setattr("tertius.events.compaction.GRACE", dt.timedelta(0))
    time.sleep(1.1)
    latest = add(store, 5)
    assert names(store / "parts") == {part.name for part in latest.parts}
    assert held(store, earlier.snapshot) == [0, 1, 2]


def test_no_more_than_so_many_replaced_parts_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    monkeypatch.setattr("tertius.events.compaction.MOST_RETIRED", 3)
    for n in range(1, 9):
        add(tmp_path / "S", n)
    assert len(open_store(tmp_path / "S").parts) == 1
    assert len(names(tmp_path / "S" / "parts")) == 4


def test_data_that_were_opened_before_a_compaction_are_the_same_after_it(
    csv_file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    store, head = tmp_path / "S", "date,source,target,quad"
    import_files("events", [csv_file("1.csv", head, "2020-01-01,RUS,PRK,1")], store)
    opened = load(store)
    import_files("events", [csv_file("2.csv", head, "2020-01-02,RUS,USA,3")], store)
    prune(store, keep=2)
    assert not opened.parts[0].exists()
    assert (opened.labels(), load(store).labels()) == ({"RUS", "PRK"}, {"RUS", "PRK", "USA"})
    assert opened.describe()["rows"] == 1
    assert opened.span() == (dt.date(2020, 1, 1), dt.date(2020, 1, 1))


def test_a_damaged_part_is_not_compacted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    (part,) = add(tmp_path / "S", 3).parts
    whole = part.read_bytes()
    part.write_bytes(whole[:-9] + b"x" + whole[-8:])
    before = names(tmp_path / "S")
    with pytest.raises(CorruptFile, match="is damaged"):
        add(tmp_path / "S", 4)
    assert names(tmp_path / "S") == before
    part.write_bytes(whole)
    assert held(tmp_path / "S") == [0, 1, 2]


def test_a_compaction_that_finds_too_few_rows_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tertius.events.compaction.FAN_IN", 2)
    add(tmp_path / "S", 3)
    with pytest.raises(CorruptFile, match="hold 7 rows, not the 8 that were imported"):
        add(tmp_path / "S", 4, audit=audit("4", rows=5))


def test_a_journal_that_was_changed_or_cut_is_found(tmp_path: Path) -> None:
    store = tmp_path / "S"
    for n in (3, 4):
        add(store, n)
    journal = store / JOURNAL
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-1])
    with pytest.raises(CorruptFile, match=r"journal\.jsonl is cut short"):
        open_store(store)
    for changed in (whole.replace(b'"read":3,"kept":2', b'"read":4,"kept":3', 1), whole.replace(b"2020", b"2021", 1)):
        journal.write_bytes(changed)
        with pytest.raises(CorruptFile, match=r"journal\.jsonl cannot be read"):
            list(open_store(store).audits)
    journal.write_bytes(whole + b'{"half a li')
    assert len(open_store(store).snapshots) == 2
    add(store, 5)
    assert journal.read_bytes().startswith(whole)
    assert [a["files"][0]["name"] for a in open_store(store).audits] == ["3", "4", "5"]


def test_the_latest_snapshots_are_kept_in_the_number_asked_for(tmp_path: Path) -> None:
    ids = [add(tmp_path / "S", n).snapshot for n in range(1, 6)]
    assert prune(tmp_path / "S", keep=9)["snapshots"] == []
    assert prune(tmp_path / "S", keep=2)["snapshots"] == ids[:3]
    assert open_store(tmp_path / "S").snapshots == tuple(ids[3:])
    assert held(tmp_path / "S", ids[3]) == [*range(1), *range(2), *range(3), *range(4)]
    with pytest.raises(UsageError, match="Keep 1 or more"):
        prune(tmp_path / "S", keep=0)


LIMITED = """
import resource, sys
from pathlib import Path
from tertius.errors import DiskFull
from tertius.sources.importing import import_files
from tertius.sources.loading import load
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    import_files("events", [Path(sys.argv[1])], Path(sys.argv[2]))
except DiskFull as error:
    print(error.message)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_limit_on_the_size_of_files_loses_nothing(csv_file: Any, tmp_path: Path) -> None:
    head = "date,source,target,quad"
    lines = [f"2020-01-{d:02d},RUS,A{d},1" for d in range(1, 29)]
    for n in range(4):
        import_files("events", [csv_file(f"{n}.csv", head, lines[n])], tmp_path / "S")
    before, size = names(tmp_path / "S"), (tmp_path / "S" / "journal.jsonl").stat().st_size
    path = csv_file("more.csv", head, *lines[4:])
    for limit in (100, 1500, size + 10):  # in the part, in the part or journal, in the journal
        ran = subprocess.run(
            [sys.executable, "-c", LIMITED, path, tmp_path / "S", str(limit)], capture_output=True, text=True
        )
        assert (ran.returncode, "the disk is full" in ran.stdout.lower()) == (0, True), ran.stderr
        assert (names(tmp_path / "S"), len(open_store(tmp_path / "S").audits)) == (before, 4)
    import_files("events", [path], tmp_path / "S")
    assert load(tmp_path / "S").describe()["rows"] == 28

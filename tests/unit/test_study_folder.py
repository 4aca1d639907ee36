"""A Study on disk: the old one or the new one, whole, whenever a save is killed."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest

from tertius import study_folder
from tertius.errors import CorruptFile, DiskFull, TertiusWarning, UsageError
from tertius.study_folder import TABLES, check_destination, read_study, write_study

NAMES = ("coefficients.csv", "study.json", "vcov.csv")


def document(seed: int) -> dict[str, Any]:
    return {"data": {"path": "chronicle", "hash": "0", "reading": {}}, "spec": {"seed": seed}}


def save(folder: Path, seed: int) -> None:
    write_study(folder, document(seed), dict.fromkeys(TABLES, f"{seed}\n"))


def held(folder: Path) -> set[int]:
    """The saves whose files a Study holds: one where it is whole."""
    return {
        read_study(folder).asked["seed"],
        *(int((folder / name).read_text()) for name in TABLES),
    }


def tree(folder: Path) -> list[str]:
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*"))


def test_a_save_replaces_a_study_and_leaves_other_files(tmp_path: Path) -> None:
    save(tmp_path / "new" / "A", 1)
    (tmp_path / "new" / "A" / "report.html").write_text("mine")
    save(tmp_path / "new" / "A", 2)
    assert held(tmp_path / "new" / "A") == {2}
    assert (tmp_path / "new" / "A" / "report.html").read_text() == "mine"
    assert tree(tmp_path / "new") == ["A", "A/coefficients.csv", "A/report.html", "A/study.json", "A/vcov.csv"]


def test_a_link_to_a_study_stays_one(tmp_path: Path) -> None:
    save(tmp_path / "A", 1)
    (tmp_path / "link").symlink_to("A")
    save(tmp_path / "link", 2)
    assert (tmp_path / "link").is_symlink()
    assert held(tmp_path / "A") == held(tmp_path / "link") == {2}


def test_a_save_without_exchange_is_whole_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(one: Path, other: Path) -> None:
        raise OSError(errno.EINVAL, "no such thing here")

    monkeypatch.setattr(study_folder, "_exchange_at_once", refused)
    save(tmp_path / "A", 1)
    save(tmp_path / "A", 2)
    assert held(tmp_path / "A") == {2}
    assert tree(tmp_path) == ["A", *(f"A/{name}" for name in NAMES)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked children")
@pytest.mark.parametrize("how", ["new", "exchange", "two steps"])
def test_a_save_killed_at_any_point_leaves_the_old_or_the_new(how: str, tmp_path: Path) -> None:
    killed = Path(__file__).parents[1] / "killed.py"
    ran = subprocess.run([sys.executable, killed, f"study: {how}", tmp_path], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 15


@pytest.mark.parametrize("n", range(5))
def test_a_full_disk_leaves_the_study_as_it_was(n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def full(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls > n:
            raise OSError(errno.ENOSPC, "No space left on device")

    save(tmp_path / "A", 1)
    before = tree(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DiskFull, match=r"the disk is full.*The Study .*A is as it was before"):
            save(tmp_path / "A", 2)
        calls = 0
        with pytest.raises(DiskFull, match=r"The Study .*B was not saved"):
            save(tmp_path / "B", 2)
    assert held(tmp_path / "A") == {1}
    assert tree(tmp_path) == before


def test_a_destination_that_is_taken_is_refused_and_nothing_left_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.docx").write_text("")
    before = tree(tmp_path)
    for taken in ("file", "thesis", "file/below"):
        with pytest.raises(UsageError, match=r"exists and is not a Study|is not a folder"):
            check_destination(tmp_path / taken)
    check_destination(tmp_path / "new" / "deep")
    assert tree(tmp_path) == before


def test_a_study_is_not_replaced_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "A").mkdir()
    monkeypatch.chdir(tmp_path / "A")
    save(Path(), 1)
    with pytest.raises(UsageError, match="cannot be replaced from inside"):
        check_destination(Path())
    assert held(Path()) == {1}


WRONG: tuple[Any, ...] = (
    None, [], {}, 3, "", {"data": 1}, document(1) | {"spec": []}, document(1) | {"tertius_study": 2},
    document(1) | {"tertius_study": True}, document(True), document(-1), document(10**400), document(1.5),  # type: ignore[arg-type]
    document(1) | {"spec": {"effects": "inertia"}}, document(1) | {"spec": {"effects": [1]}},
    document(1) | {"spec": {"scales": {"inertia": "x"}}}, document(1) | {"spec": {"scales": {"inertia": 0}}},
    document(1) | {"spec": {"colour": "red"}}, document(1) | {"spec": {"slice": 3}},
    document(1) | {"spec": {"start": "2020-13-01"}}, document(1) | {"spec": {"model": ["rate"]}},
    document(1) | {"data": {"path": 3, "hash": "", "reading": {}}},
    document(1) | {"data": {"path": "chronicle", "hash": "", "reading": {"weight": 3}}},
    document(1) | {"data": {"path": "chronicle", "hash": "", "reading": {"directed": "no"}}},
    document(1) | {"data": {"path": "chronicle", "hash": "", "reading": {"missing": [1]}}},
    document(1) | {"data": {"path": "chronicle", "hash": "", "reading": {"mapping": {"a": 1}}}},
    document(1) | {"data": {"path": "chronicle", "hash": "", "reading": {"secret": 1}}},
    document(1) | {"data": {"path": "\ud800", "hash": "", "reading": {}}},
)  # fmt: skip


@pytest.mark.parametrize("wrong", [json.dumps(w) for w in WRONG] + ["[" * 100_000, '{"a": NaN}', "{", "\x00"])
def test_a_study_of_the_wrong_kind_is_corrupt(wrong: str, tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text(wrong)
    with pytest.raises(CorruptFile, match=r"study\.json cannot be read: "):
        read_study(tmp_path)


def test_saves_at_once_wait_for_each_other(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        threads = [threading.Thread(target=save, args=(tmp_path / "A", n)) for n in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(held(tmp_path / "A")) == 1
    assert tree(tmp_path) == ["A", *(f"A/{name}" for name in NAMES)]

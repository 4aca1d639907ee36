"""What is kept of fits: the same answer, whatever happens to its files."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import tertius
from tertius import Study
from tertius.events.data import EventData
from tertius.simulation import events_frame
from tertius.spec import ModelSpec
from tertius.study import kept
from tertius.worlds import world

ROOT = Path(__file__).resolve().parents[3]
QUICK: dict[str, Any] = {
    "model": "rate", "effects": "inertia,shared_threat", "slice": "1mo", "half_life": "2y",
}  # fmt: skip
VARIES = {"seconds", "peak_memory_mb"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own, turned on."""
    monkeypatch.setenv(kept.SWITCH, "on")
    monkeypatch.setattr(kept, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache" / "studies"


def document(answer: Any) -> dict[str, Any]:
    found = answer.to_dict()
    return {**found, "fit": {k: v for k, v in found["fit"].items() if k not in VARIES}}


def no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("tertius.study.fit")
    for name in ("estimate", "certify_all"):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("fitted again"))
    monkeypatch.setattr(module.General, "with_pictures", lambda *_, **__: pytest.fail("drawn again"))


def test_the_next_study_fits_nothing_and_says_the_same(events: EventData, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {"model": "within", "adequacy": "full"}
    first = Study.open(events, **asked)
    a, b, c = first.slices.actors[:3]
    told = [document(first.explain(a, b, permutations=3)), document(first.pairs()), document(first.by(c))]
    no_fit(monkeypatch)
    again = Study.open(events, **asked)
    assert repr(again.fitted.fit) != ""
    assert [document(again.explain(a, b, permutations=3)), document(again.pairs()), document(again.by(c))] == told
    assert again.result.to_dict() == first.result.to_dict()
    assert np.array_equal(again.result.vcov(), first.result.vcov())
    assert document(tertius.explain(a, b, events, permutations=3, **asked)) == told[0]


def test_the_rate_model_is_kept_too(monkeypatch: pytest.MonkeyPatch) -> None:
    first = tertius.explain("RUS", "PRK", "chronicle", ladder=True, **QUICK)
    monkeypatch.setattr(import_module("tertius.study.fit"), "estimate", lambda *_, **__: pytest.fail("fitted again"))
    assert document(tertius.explain("RUS", "PRK", "chronicle", ladder=True, **QUICK)) == document(first)


def test_another_question_or_version_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    events = tertius.load("chronicle")
    asked = ModelSpec.of(**{**events.asked, **QUICK})

    def key(events: EventData = events, asked: ModelSpec = asked, **more: Any) -> str:
        return kept.key_of(events, asked, asked, **{"ladder": False, **more})

    one = key()
    assert key() == one
    others = [
        key(ladder=True), key(asked=replace(asked, seed=2)), key(events=replace(events, hash="0" * 16)),
        key(events=replace(events, missing=(events.span()[0],))), key(events=replace(events, directed=False)),
    ]  # fmt: skip
    monkeypatch.setattr(kept, "versions", lambda: {"numpy": "0"})
    others.append(key())
    monkeypatch.setattr(kept, "_code", lambda: "other")
    others.append(key())
    monkeypatch.setattr(kept, "FORMAT", kept.FORMAT + 1)
    others.append(key())
    assert len({one, *others}) == len(others) + 1


def test_what_is_damaged_foreign_or_of_another_key_is_fitted_again(place: Path) -> None:
    study = Study.open("chronicle", **QUICK)
    (path,) = place.glob("*.npz")
    assert path.stem == study.key
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    wrong = [b"", b"PK", whole[: len(whole) // 2], whole[:-1], b"not a file of ours" * 99]
    for _ in range(200):
        at = int(rng.integers(len(whole)))
        wrong.append(whole[:at] + bytes([whole[at] ^ int(rng.integers(1, 256))]) + whole[at + 1 :])
    of_whole = repr(kept.find(study.key)[0].coefficients)
    for damaged in wrong:
        path.write_bytes(damaged)
        found = kept.find(study.key)  # a byte that the format does not read may be any
        assert found is None or repr(found[0].coefficients) == of_whole
    path.write_bytes(whole[: len(whole) // 2])
    again = Study.open("chronicle", **QUICK)
    assert again.result.coef() == study.result.coef()
    assert kept.find(study.key) is not None  # replaced
    os.rename(path, place / "other.npz")
    assert kept.find("other") is None


def test_nothing_is_unpickled(place: Path) -> None:
    place.mkdir(parents=True)
    np.savez(place / "k.npz", document=np.array([{"a": 1}], dtype=object), checksum=np.zeros(32, dtype=np.uint8))
    assert kept.find("k") is None
    for value in (object(), {"x": np.array([object()])}):
        kept.keep("k", value)  # an answer never hangs on what can be kept
        assert kept.find("k") is None


def test_a_value_comes_back_as_it_was() -> None:
    value = {"a": (1, None, True, "x", [2.5, float("inf")]), 3: np.float64(0.1), "e": np.arange(6.0).reshape(2, 3).T}
    kept.keep("k", value)
    found = kept.find("k")
    assert {k: v for k, v in found.items() if k != "e"} == {k: v for k, v in value.items() if k != "e"}
    assert isinstance(found[3], np.float64)
    assert np.array_equal(found["e"], value["e"])  # type: ignore[arg-type]


def test_the_oldest_go_where_there_is_too_much(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LIMIT", 100_000)
    for n in range(8):
        kept.keep(f"k{n}", np.zeros(3000))
        os.utime(place / f"k{n}.npz", (n + 1, n + 1))
        if n == 2:
            kept.keep("large", np.zeros(30_000))
    assert not (place / "large.npz").exists()
    assert [p.stem for p, _, _ in kept.files()] == ["k4", "k5", "k6", "k7"]
    assert sum(size for _, size, _ in kept.files()) <= 100_000
    assert kept.clear()[0] == 4
    assert kept.files() == []


def test_where_nothing_can_be_written_the_answer_comes_all_the_same(place: Path) -> None:
    place.parent.mkdir()
    place.write_text("a file where the folder should be")
    assert Study.open("chronicle", **QUICK).result.n_actors > 10
    assert kept.files() == []


@pytest.mark.parametrize("how", ["off", "no-cache", "covariates", "sample"])
def test_what_is_not_to_be_kept_is_not(how: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "off":
        monkeypatch.setenv(kept.SWITCH, "off")
    more: dict[str, Any] = {"no-cache": {"cache": False}, "sample": {"sample": 5}}.get(how, {})
    if how == "covariates":
        assert not kept.can_keep(ModelSpec.of(covariates="a.csv"))
        return
    Study.open("chronicle", **QUICK, **more)
    assert not place.exists()


def test_a_kill_at_any_call_leaves_all_or_nothing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "tests" / "killed.py", "kept", tmp_path / "k"],
        capture_output=True, text=True, check=False, env={**os.environ, kept.SWITCH: "on"}, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) >= 4


def _write(place: Path, key: str, seed: int) -> None:
    kept.cache_folder = lambda: place  # type: ignore[attr-defined]
    for _ in range(60):
        kept.keep(key, (seed, np.full(2000, float(seed))))


def test_two_processes_never_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "cache_folder", lambda: tmp_path / "two")
    kept.keep("k", (1, np.full(2000, 1.0)))
    fork = multiprocessing.get_context("fork")
    writers = [fork.Process(target=_write, args=(tmp_path / "two", "k", seed)) for seed in (1, 2)]
    for w in writers:
        w.start()
    seen = []
    while any(w.is_alive() for w in writers):
        found = kept.find("k")
        assert found is not None
        assert (found[1] == found[0]).all()
        seen.append(found[0])
    for w in writers:
        w.join()
        assert w.exitcode == 0
    assert len(seen) > 0
    assert [p.name for p in (tmp_path / "two" / "studies").iterdir()] == ["k.npz"]


def test_a_folder_among_the_files_is_left_alone(place: Path) -> None:
    (place / "x.npz").mkdir(parents=True)
    kept.keep("k", 1)
    assert [path.stem for path, _, _ in kept.files()] == ["k"]
    assert kept.clear()[0] == 1
    assert (place / "x.npz").is_dir()


def test_where_no_pictures_are_drawn_none_are_kept(events: EventData, place: Path) -> None:
    study = Study.open(events, model="within", adequacy="none")
    a, b = study.slices.actors[:2]
    assert study.explain(a, b, permutations=0).certificate is not None
    assert {path.stem.partition("-")[2] for path in place.glob("*.npz")} == {"", "general"}


@pytest.fixture
def saved(place: Path, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A Study saved with its fit and its certificate, and its answer; nothing is left in the cache."""
    path = tmp_path / "rows.parquet"
    slices = world("planted", n_actors=14, n_periods=48, seed=3).slices()
    pq.write_table(events_frame(slices, "pyarrow"), path)
    a, b = slices.actors[:2]
    answer = tertius.explain(a, b, str(path), model="within", permutations=3, save=tmp_path / "study")
    kept.clear()
    assert kept.files() == []
    return tmp_path / "study", document(answer)


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
def test_a_saved_study_answers_without_a_fit(
    saved: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, told = saved
    no_fit(monkeypatch)
    assert told["certificate"] is not None
    again = document(tertius.explain(*told["pair"], str(folder), permutations=3))
    varies = {"command", "caveats", "text", "fit"}
    assert {k: v for k, v in again.items() if k not in varies} == {k: v for k, v in told.items() if k not in varies}
    assert again["fit"]["coefficients"] == told["fit"]["coefficients"]


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
@pytest.mark.parametrize("how", ["damaged", "of another question", "not asked for"])
def test_what_a_saved_study_keeps_is_taken_whole_and_of_its_own_question_or_not_at_all(
    saved: tuple[Path, dict[str, Any]], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, told = saved
    if how == "damaged":
        content = bytearray((folder / "fit.npz").read_bytes())
        content[len(content) // 2] ^= 255
        (folder / "fit.npz").write_bytes(bytes(content))
    asked: dict[str, Any] = {"half_life": "30d"} if how == "of another question" else {}
    found = Study.open(str(folder), cache=how != "not asked for", **asked)
    fitted = found.result.to_dict()["coefficients"]
    assert (fitted == told["fit"]["coefficients"]) is (how != "of another question")
    no_fit(monkeypatch)
    with pytest.raises(pytest.fail.Exception, match="fitted again"):
        Study.open(str(folder), cache=False)


@pytest.mark.filterwarnings("ignore::tertius.errors.TertiusWarning")
@pytest.mark.parametrize(
    ("reading", "asked"), [({"codes": "keep"}, {}), ({}, {"bias_correction": True}), ({"weight": "mentions"}, {})]
)
def test_a_study_opens_again_whatever_was_asked(
    saved: tuple[Path, dict[str, Any]], tmp_path: Path, reading: dict[str, Any], asked: dict[str, Any]
) -> None:
    frame = pq.read_table(saved[0].parent / "rows.parquet")
    path = tmp_path / "again.parquet"
    pq.write_table(frame.append_column("mentions", [[2.0] * frame.num_rows]), path)
    first = Study.open(tertius.load(str(path), **reading), model="within", **asked)
    first.save(tmp_path / "again")
    again = Study.open(str(tmp_path / "again"))
    assert again.asked == first.asked
    assert dict(again.events.reading) == dict(first.events.reading)
    assert again.result.to_dict()["coefficients"] == first.result.to_dict()["coefficients"]

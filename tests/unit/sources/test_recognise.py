"""What a file is taken for, by its content."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from event_files import ICEWS_HEADER, gdelt_line, icews_line, mention_line, write

from tertius.errors import UsageError
from tertius.sources.recognise import recognise, recognise_all
from tertius.study.behind import audit, format_and_files

FILES = {
    "gdelt1": [gdelt_line(1)],
    "gdelt2": [gdelt_line(2)],
    "icews": [ICEWS_HEADER, icews_line()],
    "keds": ["890402\tYUG\tKSV\t224"],
    "ucdp": ["id,type_of_violence,side_a,side_b,date_start", "1,1,A,B,2000-01-01"],
    "polecat": ["Event ID\tEvent Type\tEvent Mode\tActor Country\tRecipient Country", "1\tAID\tNone\tUSA\tRUS"],
    "events": ["date,source,target,quad", "2020-01-01,USA,RUS,1"],
    "dyads": ["date,a,b,weight", "2020-01-01,USA,RUS,1"],
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_recognised_by_its_content_not_its_name(name: str, tmp_path: Path) -> None:
    assert recognise(write(tmp_path / "something.txt", FILES[name])).format == name


def test_mentions_are_gdelts_and_several_formats_are_named(tmp_path: Path) -> None:
    mentions = write(tmp_path / "m.CSV", [mention_line("1", "bbc")])
    assert recognise(mentions).format == "gdelt2"
    other = write(tmp_path / "e.csv", FILES["events"])
    with pytest.raises(UsageError, match=r"several formats: m\.CSV gdelt2, e\.csv events"):
        recognise_all([mentions, other])
    with pytest.raises(UsageError, match="no format is known by these columns: x, y"):
        recognise(write(tmp_path / "x.csv", ["x,y", "1,2"]))


def test_import_without_a_format_says_what_it_took_the_file_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.export.CSV.zip", [gdelt_line(2)])
    fmt, files, taken = format_and_files([path])
    assert (fmt, files) == ("gdelt2", [path])
    assert taken == {"format": "gdelt2", "because": "61 fields without a header, the second a date"}
    assert format_and_files([Path("gdelt2"), path]) == ("gdelt2", [path], None)
    with pytest.raises(UsageError, match="no file to import"):
        format_and_files([Path("gdelt2")])
    with pytest.raises(UsageError, match="no format 'gdelt3'"):
        format_and_files([Path("gdelt3"), path])


def test_is_it_complete_is_answered_by_the_sources_list(tmp_path: Path) -> None:
    from tertius.sources.importing import import_files

    names = [f"2020060112{m}00.export.CSV" for m in ("00", "15", "30")]
    lines = [gdelt_line(2, GLOBALEVENTID=str(k), EventCode=f"04{k}") for k in range(3)]
    paths = [write(tmp_path / f"{name}.zip", [line]) for name, line in zip(names, lines, strict=True)]
    import_files("gdelt2", [paths[0], paths[2]], tmp_path / "S")
    listed = tmp_path / "masterfilelist.txt"
    listed.write_text("".join(f"10 abc http://host/gdeltv2/{n}.zip\n" for n in [*names, "20210101000000.export.CSV"]))
    found = audit(tmp_path / "S", against=listed)["list"]
    assert found == {"listed": 3, "lacking": [f"{names[1]}.zip"], "complete": False}
    import_files("gdelt2", [paths[1]], tmp_path / "S")
    assert audit(tmp_path / "S", against=listed)["list"] == {"listed": 3, "lacking": [], "complete": True}


def test_a_change_of_the_source_is_a_break(tmp_path: Path) -> None:
    from tertius.sources.importing import import_files

    old = write(tmp_path / "a.CSV", [gdelt_line(1, SQLDATE="20140101", DATEADDED="20140101")])
    import_files("gdelt1", [old], tmp_path / "S")
    import_files("gdelt2", [write(tmp_path / "b.CSV", [gdelt_line(2)])], tmp_path / "S")
    (found,) = audit(tmp_path / "S")["coverage"]["breaks"]
    assert found == {"date": "2020-06-01", "before": "gdelt1 (58 columns)", "after": "gdelt2 (61 columns)"}


@pytest.fixture(scope="module")
def fuzzed() -> ModuleType:
    """scripts/fuzzed_files.py."""
    path = Path(__file__).parents[3] / "scripts" / "fuzzed_files.py"
    spec = importlib.util.spec_from_file_location("fuzzed_files", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzzed_files"] = module  # where its dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module


def test_what_the_fuzzer_begins_with_is_sound_and_a_cut_of_it_accounted_for(fuzzed: ModuleType) -> None:
    seen, kept = fuzzed.Seen(), list[bytes]()
    for n, (name, content) in enumerate(fuzzed.sound_files().items()):
        how = (0, 3, 4)[n % 3]  # plain, .gz, .zip
        if name != "mentions":
            assert fuzzed.outcome(content, "", how)[0] == f"imported: {name}"
        cut = content[: 2 * len(content) // 3].replace(b"2020", b"\xff20", 1) + b'\n"'
        fuzzed.take(bytes((0, how)) + cut, seen, lambda whole: str(kept.append(whole)))
    assert (seen.kinds.total(), seen.faults, kept) == (9, {}, [])


def test_a_fault_is_seen_by_the_fuzzer(
    fuzzed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tertius.sources.recognise.recognise", wrong)
    seen, kept = fuzzed.Seen(), list[bytes]()
    for content in (b"x,y\n", b"y,x\n"):
        fuzzed.take(bytes((0, 0)) + content, seen, lambda whole: str(kept.append(whole)))
    assert (seen.kinds["fault"], len(seen.faults), len(kept)) == (2, 1, 1)
    assert "ZeroDivisionError" in capsys.readouterr().err

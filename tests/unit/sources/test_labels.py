"""Which actor a label means on import, and which it must not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tertius.errors import TertiusWarning, UsageError
from tertius.events.store import open_store
from tertius.sources.importing import import_files, read_events
from tertius.sources.labels import Label, resolve_labels
from tertius.sources.loading import load

DAY = dt.date(2020, 1, 1)


def codes(*texts: str, codes: str = "names", day: dt.date = DAY, countries: bool = False) -> list[str | None]:
    """What every label becomes."""
    return [p.code for p in resolve_labels([Label(t, day, day) for t in texts], codes, countries=countries).pieces]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RUS", "RUS"),
        ("COW:300", "COW:300"),
        ("Russia", "RUS"),
        ("russia", "RUS"),
        (" Russia ", "RUS"),
        ("Korea, Republic of", "KOR"),
        ("Côte d'Ivoire", "CIV"),
        ("American", "USA"),
        ("UK", "GBR"),
        ("U.S.", "USA"),
        ("Guinea", "GIN"),
        ("Congo", "COG"),
        ("GEO", "GEO"),
    ],
)
def test_codes_names_and_words_for_a_people_are_read(text: str, code: str) -> None:
    assert codes(text, "Rebels") == [code, "Rebels"]


@pytest.mark.parametrize(
    "text",
    ["Georgia Guard", "Korea", "Korean", "and", "per", "can", "nor", "are", "us", "Us", "And", "IS", "IN", "DE", "pole",
     "Paris", "Washington", "Kremlin", "365", "COW 365", "GW:340", "Rus", "Russian Guard"],
)  # fmt: skip
def test_what_only_looks_like_an_actor_stays_as_it_is(text: str) -> None:
    assert codes(text, "Rebels") == [text, "Rebels"]


@pytest.mark.parametrize("text", ["", " ", "NA", "na", "N/A", "NaN", "null", "None", "NULL", ".", "-"])
def test_missing_values_are_no_actor(text: str) -> None:
    assert codes(text, "RUS") == [None, "RUS"]
    assert codes(text, codes="keep") == [None]


def test_codes_in_small_letters_are_read_where_the_file_writes_them_so() -> None:
    assert codes("rus", "usa", "and", "per", "rebels") == ["RUS", "USA", "AND", "PER", "rebels"]
    assert codes("and", "per", "government", "rebels") == ["and", "per", "government", "rebels"]
    assert codes("rus", "usa", "Rebels") == ["rus", "usa", "Rebels"]


def test_numbers_are_read_where_asked_and_by_the_list_asked_for() -> None:
    assert codes("365", "2", codes="cow") == ["RUS", "USA"]
    assert codes("365.0", codes="cow") == ["RUS"]
    assert codes("340", codes="gw") == ["SRB"]
    assert codes("340", codes="cow") == ["340"]
    assert codes("365", codes="cow", day=dt.date(1970, 1, 1)) == ["SUN"]


def test_keep_keeps_every_label() -> None:
    assert codes("Russia", "American", "365", codes="keep") == ["Russia", "American", "365"]


def test_what_is_no_country_is_no_actor_in_data_of_countries() -> None:
    texts = ("Police (Ukraine)", "Ukraine", "UKR", "Fatah", "Tibet")
    assert codes(*texts, countries=True) == ["UKR", "UKR", "UKR", None, None]
    assert codes(*texts, countries=True, codes="keep") == list(texts)


def event(day: str, source: str, target: str) -> dict[str, Any]:
    return {"date": day, "source": source, "target": target, "quad": 1}


def test_a_name_goes_by_the_date_of_the_row() -> None:
    days = ("1985-06-01", "1991-12-25", "1991-12-26", "2000-01-01")
    table, audit, _ = read_events(pd.DataFrame([event(d, "Russia", "USA") for d in days]))
    assert table["source"].to_pylist() == ["SUN", "SUN", "RUS", "RUS"]
    assert audit.warnings == ("1 label matched (Russia: SUN, from 1991-12-26 RUS), 0 kept as they are.",)


def test_labels_that_become_one_actor_are_listed() -> None:
    rows = [event("2020-01-01", a, "PRK") for a in ("Russia", "RUS", "Rebels")]
    _, audit, _ = read_events(pd.DataFrame(rows))
    assert audit.to_dict()["labels"] == {
        "matched": 1, "kept": 1, "no_country": 0, "merged": {"RUS": ["RUS", "Russia"]},
    }  # fmt: skip
    assert audit.warnings == (
        "1 label matched (Russia: RUS), 1 kept as they are: Rebels.",
        "Labels that become one actor: RUS and Russia (RUS).",
    )


def test_an_actor_and_its_own_name_are_a_self_pair() -> None:
    _, audit, _ = read_events(pd.DataFrame([event("2020-01-01", "Russia", "RUS"), event("2020-01-01", "USA", "RUS")]))
    assert audit.to_dict()["dropped"] == {"self_pair": 1}


def test_map_does_not_switch_reading_off_and_keep_does(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("e.csv", "date,who,whom,cameo", "2020-01-01,Russian Federation,Police (Ukraine),190")
    mapping = {"source": "who", "target": "whom"}
    found = {}
    for word in ("names", "keep"):
        import_files("icews", [path], tmp_path / word, mapping=mapping, codes=word)
        found[word] = load(tmp_path / word).labels()
    assert found == {"names": {"RUS", "UKR"}, "keep": {"Russian Federation", "Police (Ukraine)"}}


def test_dyads_and_frames_are_read_alike(csv_file: Any, tmp_path: Path) -> None:
    path = csv_file("w.csv", "date,a,b,weight", "2020-01-01,Russia,North Korea,2")
    import_files("dyads", [path], tmp_path / "S")
    assert load(tmp_path / "S").labels() == {"RUS", "PRK"}
    numbers = pd.DataFrame({"date": ["2020-01-01"], "a": [365], "b": [731.0], "weight": [2.0]})
    with pytest.warns(TertiusWarning, match=r"2 labels matched \(365: RUS, 731.0: PRK\)"):
        data = load(numbers, directed=False, codes="cow")
    assert data.labels() == {"RUS", "PRK"}
    assert data.reading["codes"] == "cow"
    with pytest.warns(TertiusWarning, match="taken as labels"):
        assert load(numbers, directed=False).labels() == {"365", "731.0"}


def test_the_command_line_takes_codes(csv_file: Any, tmp_path: Path, tertius: Any) -> None:
    path = csv_file("e.csv", "date,source,target,quad", "2020-01-01,Russia,PRK,1", "2020-01-02,Russia,PRK,1")
    kept = tertius("import", "events", path, "--into", tmp_path / "S", "--codes", "keep", "--json")
    assert kept.document["labels"]["matched"] == 0
    assert open_store(tmp_path / "S").audits[0]["labels"]["kept"] == 1
    assert tertius("describe", path, "--codes", "isbn").code == 2
    with pytest.raises(UsageError, match="--codes 'isbn'"):
        read_events(path, codes="isbn")

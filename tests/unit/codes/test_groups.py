"""Dated membership of groups, worked by hand, and groups of one's own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tertius.codes import (
    ActorsAt,
    actors_at,
    all_actors,
    all_groups,
    find_group,
    group_members,
    members_between,
    read_groups,
)
from tertius.codes.groups import STATES, Membership
from tertius.codes.lookup import find_codes
from tertius.errors import BadValue, InputError, MissingColumn, UsageError


@pytest.mark.parametrize(
    ("group", "date", "n"),
    [
        ("NATO", "1949-08-24", 12),
        ("NATO", "1952-02-18", 14),
        ("NATO", "1955-05-05", 14),
        ("NATO", "1955-05-06", 15),
        ("NATO", "1982-05-30", 16),
        ("NATO", "1999-03-11", 16),
        ("NATO", "1999-03-12", 19),
        ("NATO", "2004-03-29", 26),
        ("NATO", "2009-04-01", 28),
        ("NATO", "2017-06-05", 29),
        ("NATO", "2020-03-27", 30),
        ("NATO", "2023-04-04", 31),
        ("NATO", "2024-03-07", 32),
        ("NATO", None, 32),
        ("EU", "1958-01-01", 6),
        ("EU", "1973-01-01", 9),
        ("EU", "1981-01-01", 10),
        ("EU", "1986-01-01", 12),
        ("EU", "1995-01-01", 15),
        ("EU", "2004-05-01", 25),
        ("EU", "2007-01-01", 27),
        ("EU", "2013-07-01", 28),
        ("EU", "2020-01-31", 28),
        ("EU", "2020-02-01", 27),
        ("EU", None, 27),
        ("CSTO", "2003-09-18", 6),
        ("CSTO", "2006-08-16", 7),
        ("CSTO", "2012-12-18", 7),
        ("CSTO", "2012-12-19", 6),
        ("G7", "1975-11-15", 6),
        ("G7", "1976-06-27", 7),
        ("G7", "2005-01-01", 7),
        ("G8", "1998-05-15", 8),
        ("G8", "2014-03-24", 8),
        ("G77", "2000-04-10", 132),
        ("G77", "2004-05-01", 130),
        ("G77", "2007-01-01", 129),
        ("G77", "2008-03-01", 130),
        ("G77", "2015-01-01", 134),
    ],
)
def test_how_many_members_on_a_day(group: str, date: str | None, n: int) -> None:
    members = group_members(group, date)
    assert len(members) == len(set(members)) == n
    assert list(members) == sorted(members)


def test_other_names_of_the_organisation() -> None:
    for name in ("nato", "North Atlantic Treaty Organization", "N.A.T.O."):
        assert group_members(name, "2023-04-03") == group_members("NATO", dt.date(2023, 4, 3))
    assert "IND" in group_members("Global South", "2020-01-01")
    assert not set(group_members("Global South")) & set(group_members("NATO"))
    assert group_members("European Economic Community", "1960-06-01") == ("BEL", "DEU", "FRA", "ITA", "LUX", "NLD")
    assert group_members("CSTO", "2022-01-06") == ("ARM", "BLR", "KAZ", "KGZ", "RUS", "TJK")
    assert "RUS" not in group_members("G7", "2005-01-01")
    for name in ("G8", "G-8", "Group of Eight"):
        assert group_members(name, "2005-01-01") == ("CAN", "DEU", "FRA", "GBR", "ITA", "JPN", "RUS", "USA")


def test_every_member_is_an_actor_who_exists_and_is_there_once() -> None:
    for group, stays in all_groups().items():
        if group == STATES:
            continue
        assert all_actors()[group].kind == "organisation"
        for stay in stays:
            assert stay.from_date is not None
            assert all_actors()[stay.actor].days_away(stay.from_date) == 0, stay
            same = [s for s in stays if s.actor == stay.actor and s is not stay]
            assert not any(s.holds_on(stay.from_date) for s in same), stay


def test_all_states_are_a_group_for_as_long_as_they_existed() -> None:
    assert {"USA", "RUS", "PRK"} <= set(group_members(STATES, "2018-06-01"))
    assert "DDR" in group_members("states", "1989-01-01")
    assert "DDR" not in group_members(STATES, "1991-01-01")
    assert "NATO" not in group_members(STATES, "1989-01-01")


@pytest.mark.parametrize(
    ("group", "date", "message"),
    [
        ("Entente", None, "There is no group 'Entente'. Choose one of: NATO, EU, CSTO, G7, G8, G77, STATES."),
        ("Russia", None, "There is no group 'Russia'. Choose one of: NATO, EU, CSTO, G7, G8, G77, STATES."),
        ("NATO", "1949-08-23", "NATO has no member on 1949-08-23. Its table begins on 1949-08-24."),
        ("G77", "1999-12-31", "G77 has no member on 1999-12-31. Its table begins on 2000-04-10."),
        ("G8", None, "G8 has no member today. Name another day."),
        ("G8", "1998-05-14", "G8 has no member on 1998-05-14. Its table begins on 1998-05-15."),
        ("G8", "2014-03-25", "G8 has no member on 2014-03-25. Name another day."),
        ("NATO", "1949-13-01", "'1949-13-01' is not a date. Write dates as 2022-02-24."),
    ],
)
def test_errors_say_what_to_write(group: str, date: str | None, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        group_members(group, date)
    assert str(caught.value) == message


# ---- one's own -----------------------------------------------------------------------------------------------------


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_without_a_column_group_is_a_group(tmp_path: Path) -> None:
    own = read_groups(write(tmp_path / "neighbours.csv", "actor\nSouth Korea\nPeking\nRUS\n"))
    assert group_members("neighbours", own=own) == ("CHN", "KOR", "RUS")
    assert group_members("Neighbours", "1980-01-01", own) == ("CHN", "KOR", "RUS")
    assert group_members("G7", own=own) == group_members("G7")


def test_a_folder_of_files_with_dates(tmp_path: Path) -> None:
    write(
        tmp_path / "groups" / "a.csv",
        "\ufeffgroup,actor,from,to\nBloc,Russia,1955-05-14,1991-07-01\nBloc,265,1956-01-28,\n",
    )
    write(
        tmp_path / "groups" / "b.csv",
        "group,actor,from,to\nQuad,USA,,\nQuad,IND,2017-11-12,2020-01-01\nQuad,IND,2021-03-12,\n",
    )
    write(tmp_path / "groups" / "notes.txt", "not a group")
    own = read_groups(tmp_path / "groups")
    assert list(own) == ["Bloc", "Quad"]
    assert group_members("Bloc", "1970-01-01", own) == ("DDR", "SUN")
    assert [group_members("Quad", day, own) for day in ("2017-11-11", "2020-01-01", "2020-06-01", "2021-03-12")] == [
        ("USA",), ("IND", "USA"), ("USA",), ("IND", "USA"),
    ]  # fmt: skip
    assert find_group("quad", own)[1] == Membership("Quad", "IND", dt.date(2017, 11, 12), dt.date(2020, 1, 1))


def test_one_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    own = read_groups(write(tmp_path / "x.csv", "group,actor\nG77,BRA\nNATO+,JPN\nNATO+,KOR\n"))
    assert group_members("Global South", own=own) == ("BRA",)
    assert group_members("NATO+", own=own) == ("JPN", "KOR")
    assert len(group_members("NATO", own=own)) == 32


def test_labels_of_the_data_are_taken_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path / "rebels.csv", "actor\nRebels\nRUS\n")
    assert group_members("rebels", own=read_groups(path, labels=["Rebels", "RUS"])) == ("RUS", "Rebels")
    with pytest.raises(BadValue, match=r"rebels\.csv, line 2: 'Rebels'"):
        read_groups(path)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("state\nRUS\n", MissingColumn, "no column 'actor'"),
        ("", MissingColumn, "no column 'actor'"),
        ("actor,from\nRUS,2020-13-01\n", BadValue, "line 2: '2020-13-01' is not a date"),
        ("actor,from,to\nUSA,,\nRUS,2020-01-02,2020-01-01\n", BadValue, "line 3: it ends on 2020-01-01, before it"),
        ("actor\nCongolese\n", BadValue, "line 2: 'Congolese' may mean several actors"),
        ("actor,from\n,2020-01-01\n", BadValue, "line 2: ''"),
    ],
)
def test_what_cannot_be_read_says_where(tmp_path: Path, text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_groups(write(tmp_path / "mine.csv", text))


def test_a_place_without_groups(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(InputError, match="No groups in"):
            read_groups(path)
    (tmp_path / "latin.csv").write_bytes("actor\nCôte d'Ivoire\n".encode("latin-1"))
    with pytest.raises(InputError, match="is not text in UTF-8"):
        read_groups(tmp_path / "latin.csv")


def test_the_codes_document_names_a_group_its_members_and_their_dates() -> None:
    found = find_codes("NATO")
    assert [a["code"] for a in found["actors"]] == ["NATO"]
    stays = {(m["actor"], m["from"]): m["to"] for m in found["groups"]}
    assert stays[("FIN", "2023-04-04")] is None
    assert {a for a, _ in stays} == set(group_members("NATO"))
    assert find_codes("North Korea")["groups"] == []
    assert find_codes(None)["groups"] == []


# ---- as a risk set -------------------------------------------------------------------------------------------------


def test_members_of_a_span_are_all_who_belonged_on_any_day_of_it() -> None:
    first, last = dt.date(2019, 12, 1), dt.date(2020, 2, 29)
    assert members_between("EU", first, last) == group_members("EU", first)
    assert "GBR" not in members_between("EU", dt.date(2020, 2, 1), last)
    assert "GBR" in members_between("EU", dt.date(2020, 1, 31), last)
    assert set(members_between("NATO", dt.date(2019, 1, 1), dt.date(2023, 4, 4))) == set(
        group_members("NATO", "2023-04-04")
    )
    with pytest.raises(
        UsageError, match=r"G77 has no member from 1990-01-01 to 1991-01-01\. Its table begins on 2000-"
    ):
        members_between("G77", dt.date(1990, 1, 1), dt.date(1991, 1, 1))
    with pytest.raises(UsageError, match=r"G8 has no member from 2015-01-01 to 2016-01-01\. Name another span"):
        members_between("G8", dt.date(2015, 1, 1), dt.date(2016, 1, 1))


YEAR = dt.date(2019, 1, 1), dt.date(2019, 12, 31)


def test_at_is_a_group_or_a_file_of_groups_or_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert actors_at("nato", *YEAR) == ActorsAt(group_members("NATO", "2019-06-01"))
    write(
        tmp_path / "groups" / "mine.csv",
        "group,actor,from,to\nQuad,India,2017-11-12,\nQuad,USA,,\nOld,SUN,,1991-12-25\nNew,Rebels,2019-12-31,\n",
    )
    assert actors_at("groups/mine.csv", *YEAR, labels=["Rebels"]) == ActorsAt(("IND", "Rebels", "USA"))
    write(tmp_path / "list.txt", "\ufeffRUS\n\n Korea, Republic of \nRebels\n")
    assert actors_at("list.txt", *YEAR) == ActorsAt(("RUS", "Korea, Republic of", "Rebels"), listed=True)


def test_a_file_is_preferred_to_a_group_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "G7", "USA\nJPN\n")
    (tmp_path / "EU").mkdir()
    assert actors_at("G7", *YEAR) == ActorsAt(("USA", "JPN"), listed=True)
    assert len(actors_at("EU", *YEAR).actors) == 28


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "nobody.txt",
            InputError,
            r"nobody\.txt \(--actors\) is neither a file nor a group\..*one actor a line.*NATO, EU",
        ),
        ("Russia", InputError, "Russia .* neither a file nor a group"),
        ("empty.txt", InputError, r"empty\.txt \(--actors\) names no actor"),
        ("latin.txt", InputError, "is not text in UTF-8"),
        ("old.csv", UsageError, r"old\.csv \(--actors\) has no member from 2019-01-01 to 2019-12-31"),
        ("wrong.csv", BadValue, r"wrong\.csv, line 2: 'Wakanda'"),
        ("G8", UsageError, "G8 .* has no member from 2019-01-01"),
    ],
)
def test_what_at_cannot_mean_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "empty.txt", "\n \n")
    (tmp_path / "latin.txt").write_bytes("Côte d'Ivoire\n".encode("latin-1"))
    write(tmp_path / "old.csv", "actor,from,to\nSUN,,1991-12-25\n")
    write(tmp_path / "wrong.csv", "actor\nWakanda\n")
    with pytest.raises(error, match=message):
        actors_at(text, *YEAR)


def codes_of(found: dict[str, Any], part: str = "actors", key: str = "code") -> list[str]:
    return [line[key] for line in found[part]]


def test_the_codes_document_goes_by_date(tmp_path: Path) -> None:
    found = find_codes("NATO", "1952-02-18")
    assert (found["date"], codes_of(found)) == ("1952-02-18", ["NATO"])
    assert sorted(codes_of(found, "groups", "actor")) == list(group_members("NATO", "1952-02-18"))
    assert codes_of(find_codes("Russia", "1970-01-01")) == ["SUN"]
    assert codes_of(find_codes("Republic of China", "1930-01-01")) == ["CHN"]
    assert set(codes_of(find_codes("Korean", "2000-01-01"))) == {"KOR", "PRK"}
    then = codes_of(find_codes(None, "1970-01-01"))
    assert {"SUN", "DDR"} <= set(then)
    assert not {"SCG", "GW:711"} & set(then)
    with pytest.raises(UsageError, match="'1970-13-01' is not a date"):
        find_codes("Russia", "1970-13-01")


def test_the_codes_document_takes_groups_of_ones_own(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "group,actor,from,to\nThe Quad,India,2017-11-12,2020-01-01\nThe Quad,USA,,\n")
    write(tmp_path / "b.csv", "group,actor\nNATO,Japan\n")
    assert codes_of(find_codes("quad", None, tmp_path), "groups", "actor") == ["IND", "USA"]
    assert codes_of(find_codes("quad", "2021-01-01", tmp_path), "groups", "actor") == ["USA"]
    assert codes_of(find_codes("NATO", None, tmp_path), "groups", "actor") == ["JPN"]
    alone = find_codes(None, None, tmp_path)
    assert (alone["actors"], alone["types"], codes_of(alone, "groups", "group")) == (
        [], [], ["The Quad", "The Quad", "NATO"],
    )  # fmt: skip

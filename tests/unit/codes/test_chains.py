"""Codes that are chains of three letters."""

from __future__ import annotations

import datetime as dt

import pytest

from tertius.codes.chains import read_chain

DAY = dt.date(2020, 1, 1)


@pytest.mark.parametrize(
    ("code", "means", "roles"),
    [
        ("USA", "USA", ()),
        ("USAGOVMIL", "USA", ("GOV", "MIL")),
        ("ROM", "ROU", ()),  # CAMEO's Romania
        ("IGOUNOHLHWHO", "WHO", ()),  # the last organisation of the chain
        ("NGOUSA", "USA", ("NGO",)),
        ("EUR", None, ()),  # a region is no actor
        ("GOV", None, ()),
        ("", None, ()),
    ],
)
def test_a_chain_of_cameo(code: str, means: str | None, roles: tuple[str, ...]) -> None:
    found = read_chain(code, "cameo", DAY, DAY)
    assert [c for _, c in found.pieces] == ([] if means is None else [means])
    assert found.roles == roles


def test_only_roles_of_a_state_speak_for_it() -> None:
    assert read_chain("USAGOV", "cameo", DAY, DAY).speaks()
    assert read_chain("USA", "cameo", DAY, DAY).speaks()
    assert not read_chain("USAMED", "cameo", DAY, DAY).speaks()
    assert not read_chain("USAGOVMED", "cameo", DAY, DAY).speaks()


def test_codes_go_by_date() -> None:
    first, last = dt.date(1990, 1, 1), dt.date(1995, 1, 1)
    assert read_chain("RUS", "cameo", first, last).pieces == ((first, "SUN"), (dt.date(1991, 12, 26), "RUS"))
    assert read_chain("CZE", "cameo", first, last).pieces == ((first, "CSK"), (dt.date(1993, 1, 1), "CZE"))
    assert [c for _, c in read_chain("CZE", "cameo", DAY, DAY).pieces] == ["CZE"]
    assert [c for _, c in read_chain("CZE", "cameo", first, first).pieces] == ["CSK"]


def test_keds_has_countries_of_its_own_and_keeps_others_as_they_are() -> None:
    assert read_chain("AUS", "keds", DAY, DAY).pieces[0][1] == "AUT"
    assert read_chain("BOSSER", "keds", DAY, DAY).pieces[0][1] == "BOSSER"
    assert read_chain("BOSGOV", "keds", DAY, DAY).roles == ("GOV",)
    assert read_chain("---", "keds", DAY, DAY).pieces == ()

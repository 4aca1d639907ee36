"""Names as somebody types them: any case, any language, slips."""

from __future__ import annotations

import pytest

from tertius.codes.names import Names, all_names, table_names

pytest.importorskip("babel", reason="names in other languages need pip install 'tertius[web]'")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RUSSIA", "RUS"), ("Россия", "RUS"), ("北朝鮮", "PRK"), ("북한", "PRK"), ("كوريا الشمالية", "PRK"),
        ("Corea del Norte", "PRK"), ("Côte d'Ivoire", "CIV"), ("deutschland", "DEU"), ("Frnace", "FRA"),
        ("nort koria", "PRK"), ("ไทย", "THA"), ("UK", "GBR"), ("Burma", "MMR"), ("Untied States", "USA"),
    ],
)  # fmt: skip
def test_the_first_that_is_found_is_meant(text: str, code: str) -> None:
    assert all_names().search(text)[0].code == code


def test_a_name_of_two_actors_finds_both_and_one_of_nobody_none() -> None:
    kongo = [f.code for f in all_names().search("Kongo") if f.how == "exact"]
    assert kongo == ["COG", "COD"]
    assert all_names().search("qwzxv") == []
    assert all_names().search("   ") == []
    assert all_names().search("x" * 100_000) == []


def test_without_babel_the_tables_names_are_known() -> None:
    names = Names.of(table_names())
    assert names.search("north korea")[0].how == "exact"
    assert names.search("Nordkorea") == [] or names.search("Nordkorea")[0].how == "near"

"""Weights of event types: hand-checked values, the side of zero, the convention, and other people's tables."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest

from tertius.codes import WEIGHT_OF_QUAD, quad_of, quad_table, scale_value, sign_of_quad, weight_of
from tertius.codes.lookup import find_codes
from tertius.codes.ontologies import ONTOLOGIES, known_type
from tertius.codes.weights import CAMEO_SCALE, WEIS_SCALE
from tertius.errors import UsageError

OTHER_SIDE = {
    "cameo": {"011", "012", "016", "024", "0241", "0242", "0243", "0244"} | {"025", *(f"025{n}" for n in range(1, 7))},
    "weis": {"021", "022", "023", "063", "094", "102"},
}
"""Types whose value lies on the other side of zero than their quad class."""

NOT_AS_IN_ICEWS = {"016": -5.0, "022": 3.4, "164": -6.5, "165": -7.0}


@pytest.mark.parametrize(
    ("type_", "ontology", "value", "weight"),
    [
        ("010", None, 0.0, 0.0),
        ("057", None, 8.0, 8.0),
        ("072", None, 8.3, 8.3),
        ("0874", None, 10.0, 10.0),
        ("0871", None, 9.0, 9.0),
        ("111", None, -2.0, 2.0),
        ("13", None, -6.0, 6.0),
        ("130", None, -4.4, 4.4),
        ("1312", None, -5.8, 5.8),
        ("163", None, -8.0, 8.0),
        ("190", None, -10.0, 10.0),
        ("2042", None, -10.0, 10.0),
        ("025", None, -0.3, 0.0),
        ("016", None, -2.0, 0.0),
        ("029", None, None, 3.5),
        ("223", "weis", -10.0, 10.0),
        ("072", "weis", 8.3, 8.3),
        ("063", "weis", -1.1, 0.0),
        ("025", "weis", 0.0, 0.0),
        ("22", "weis", None, 7.5),
        ("226", "weis", None, 7.5),
        ("AID", None, None, 7.0),
        ("consult", None, None, 3.5),
        ("demand", "plover", None, 4.5),
        ("1", "ucdp", None, 7.5),
        ("host", None, None, 4.5),
        ("dance", None, None, None),
        ("21", None, None, None),
    ],
)
def test_weight_of(type_: str, ontology: str | None, value: float | None, weight: float | None) -> None:
    assert scale_value(type_, ontology) == value
    assert weight_of(type_, ontology) == weight


def test_an_unknown_ontology_is_a_usage_error() -> None:
    for of in (weight_of, scale_value):
        with pytest.raises(UsageError, match="There is no ontology 'copdab'"):
            of("01", "copdab")


def test_every_type_has_a_weight_on_the_side_of_its_quad_class() -> None:
    other_side: dict[str, set[str]] = {name: set() for name in ONTOLOGIES}
    for type_, ontology, quad, _ in quad_table():
        weight = weight_of(type_, ontology)
        value = scale_value(type_, ontology)
        assert weight is not None
        assert 0 <= weight <= 10
        side = 1 if sign_of_quad(quad) == "coop" else -1
        if value is None:
            assert weight == WEIGHT_OF_QUAD[quad]
        elif value * side < 0:
            assert weight == 0
            other_side[ontology].add(type_)
        else:
            assert value == side * weight
    assert {name: types for name, types in other_side.items() if types} == OTHER_SIDE


def test_the_scale_knows_listed_types_alone_and_says_nothing_twice() -> None:
    for scale, ontology in ((CAMEO_SCALE, "cameo"), (WEIS_SCALE, "weis")):
        assert all(known_type(code, ontology) for code in scale)
    for code, value in CAMEO_SCALE.items():
        assert len(code) == 2 or scale_value(code[:-1]) != value
    listed = {t for t, ontology, _, _ in quad_table() if ontology == "weis" and len(t) == 3}
    assert set(WEIS_SCALE) == listed


def test_the_convention_is_the_mean_of_the_cameo_codes_to_the_nearest_half() -> None:
    codes = [type_ for type_, ontology, _, _ in quad_table() if ontology == "cameo"]
    for quad, weight in WEIGHT_OF_QUAD.items():
        assert weight == round(2 * mean(weight_of(c) or 0.0 for c in codes if quad_of(c) == quad)) / 2


def test_the_codes_document_shows_weights_and_where_they_are_from() -> None:
    (fight, *rest) = find_codes("190")["types"]
    assert (fight["quad"], fight["weight"], fight["weight_of"], rest) == (4, 10.0, "type", [])
    assert [(t["ontology"], t["weight"], t["weight_of"]) for t in find_codes("10")["types"]] == [
        ("cameo", 5.0, "type"), ("weis", 3.5, "quad class"),
    ]  # fmt: skip
    assert {t["ontology"] for t in find_codes("weis")["types"]} == {"weis"}


def test_the_codes_document_shows_exact_matches_of_short_texts_and_numbers_alone() -> None:
    assert (find_codes("10")["actors"], [a["code"] for a in find_codes("UK")["actors"]]) == ([], ["GBR"])
    assert (find_codes("UK")["types"], find_codes("us")["types"]) == ([], [])
    aid = find_codes("aid")
    assert (aid["actors"], [t["type"] for t in aid["types"]]) == ([], ["AID"])
    (russia, soviet_union) = find_codes("GW:365")["actors"]
    assert (russia["gw"], soviet_union["gw"]) == ([365], [365])


# ---- other people's tables -----------------------------------------------------------------------------------------


def goldstein_of(table: Path) -> list[tuple[str, float]]:
    duckdb = pytest.importorskip("duckdb")
    asked = f"SELECT DISTINCT cameo, goldstein FROM '{table}' WHERE goldstein IS NOT NULL"
    return list(duckdb.execute(asked).fetchall())


@pytest.mark.shared
def test_values_are_those_of_icews_but_for_four(shared: Path) -> None:
    values = goldstein_of(shared / "data/icews18/events.parquet")
    assert len(values) > 200
    assert {code: value for code, value in values if scale_value(code) != value} == NOT_AS_IN_ICEWS


@pytest.mark.shared
def test_values_are_those_of_gdelt(shared: Path) -> None:
    values = goldstein_of(shared / "data/gdelt_days/events_20220301.parquet")
    assert len(values) > 150
    assert {code: value for code, value in values if scale_value(code) != pytest.approx(value)} == {}

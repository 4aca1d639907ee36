"""Quad classes of event types, worked by hand."""

from __future__ import annotations

import pytest

from tertius.codes import MUTUAL_TYPES, mirror_of, ontology_of, quad_of, quad_table, sign_of_quad
from tertius.codes.ontologies import CAMEO, ONTOLOGIES, PLOVER, WEIS, known_type
from tertius.errors import UsageError


@pytest.mark.parametrize(
    ("type_", "ontology", "quad"),
    [
        ("01", None, 1),
        ("057", None, 1),
        ("0871", None, 2),
        ("09", None, 3),
        ("1384", None, 3),
        ("14", None, 4),
        ("2042", None, 4),
        ("00", None, None),
        ("21", None, None),
        ("1", None, None),
        ("20425", None, None),
        ("", None, None),
        ("Agree", None, 1),
        ("CONCEDE", "plover", 1),
        ("RETREAT", "PLOVER", 2),
        ("request", None, 3),
        ("MOBILIZE", None, 4),
        ("DEMAND", None, 3),
        ("DISAPPROVE", None, 3),
        ("INVESTIGATE", None, 3),
        ("FIGHT", None, 4),
        ("190", "plover", None),
        ("01", "weis", 2),
        ("010", "weis", 2),
        ("10", "weis", 1),
        ("150", "weis", 3),
        ("22", "weis", 4),
        ("223", "weis", 4),
        # the root decides, whether or not the codebook lists the code
        ("029", None, 1),
        ("0299", None, 1),
        ("229", "weis", 4),
        ("2234", "weis", None),
        ("1", "ucdp", 4),
        ("3", "ucdp", 4),
        ("4", "ucdp", None),
        ("coop", None, 1),
        ("Cooperation", None, 1),
        ("host", None, 3),
        ("hostility", "sign", 3),
        ("conflict", None, 3),
        ("Material conflict", None, 4),
        ("dance", None, None),
    ],
)
def test_quad_of(type_: str, ontology: str | None, quad: int | None) -> None:
    assert quad_of(type_, ontology) == quad


def test_an_unknown_ontology_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"There is no ontology 'copdab'\. Choose one of: cameo, plover"):
        quad_of("01", "copdab")


def test_signs_follow_quad_classes() -> None:
    assert [sign_of_quad(q) for q in (1, 2, 3, 4)] == ["coop", "coop", "host", "host"]
    for wrong in (0, 5):
        with pytest.raises(UsageError):
            sign_of_quad(wrong)


def test_roots_are_complete() -> None:
    assert list(CAMEO) == [f"{n:02d}" for n in range(1, 21)]
    assert list(WEIS) == [f"{n:02d}" for n in range(1, 23)]
    assert [sorted(t for t, (q, _) in PLOVER.items() if q == quad) for quad in (1, 2, 3, 4)] == [
        ["AGREE", "CONCEDE", "CONSULT", "SUPPORT"],
        ["AID", "COOPERATE", "RETREAT"],
        ["ACCUSE", "REJECT", "REQUEST", "THREATEN"],
        ["ASSAULT", "COERCE", "MOBILIZE", "PROTEST", "SANCTION"],
    ]


def test_the_table_says_what_quad_of_says() -> None:
    table = quad_table()
    assert len({(type_, ontology) for type_, ontology, _, _ in table}) == len(table)
    assert {ontology for _, ontology, _, _ in table} == set(ONTOLOGIES)
    for type_, ontology, quad, label in table:
        assert quad_of(type_, ontology) == quad
        assert label
    cameo = [type_ for type_, ontology, _, _ in table if ontology == "cameo"]
    assert [sum(len(t) == digits for t in cameo) for digits in (2, 3, 4)] == [20, 147, 146]
    assert {"010", "0256", "0874", "1125", "1385", "1663", "2042"} <= set(cameo)
    weis = [type_ for type_, ontology, _, _ in table if ontology == "weis"]
    assert [sum(len(t) == digits for t in weis) for digits in (2, 3)] == [22, 63]
    assert {"011", "025", "150", "160", "174", "195", "223"} <= set(weis)


def test_the_table_lists_what_the_codebook_does() -> None:
    assert known_type("025", "cameo")
    assert not known_type("029", "cameo")
    assert not known_type("0299", "cameo")
    assert known_type("AID", "plover")
    assert (ontology_of("029"), ontology_of("21"), ontology_of("223", "weis")) == ("cameo", None, "weis")


def test_mirrors_come_in_pairs_and_are_cooperative() -> None:
    assert MUTUAL_TYPES["042"] == "043"
    for type_, mirror in MUTUAL_TYPES.items():
        assert MUTUAL_TYPES[mirror] == type_
        assert sign_of_quad(quad_of(type_) or 0) == "coop"


def test_mirrors_depend_on_the_ontology() -> None:
    assert mirror_of("042") == mirror_of("042", "cameo") == "043"
    assert mirror_of("Consult") == mirror_of("CONSULT", "plover") == "CONSULT"
    assert mirror_of("032", "weis") == "033"
    assert mirror_of("042", "weis") is mirror_of("042", "plover") is mirror_of("1", "ucdp") is mirror_of("190") is None

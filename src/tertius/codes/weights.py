"""How much an event type weighs: its size on the conflict-cooperation scale of Goldstein, 0 to 10.

The scale
---------
WEIS: Goldstein (1992), A Conflict-Cooperation Scale for WEIS Events Data, Journal of Conflict Resolution 36(2),
369-385, https://doi.org/10.1177/0022002792036002007: means of what a panel of experts gave to the categories
of McClelland (1976), from -10 (military attack) to 8.3 (extend military assistance). Codes that others added to WEIS
are left out.

CAMEO: the adaptation of the KEDS project, which GDELT prints as ``GoldsteinScale`` and ICEWS as ``Intensity``. The
values here are GDELT's. ICEWS has another value for four codes: 016 (-5, here -2), 022 (3.4, here 3.2), 164 (-6.5,
here -7) and 165 (-7, here -6.5). ``scripts/check_codes.py`` compares them.

The weight
----------
w = max(0, G) where the quad class is cooperative, and max(0, -G) where it is hostile; G is the value of the scale. So
the sign stays the quad class's: a type that the scale puts on the other side of zero weighs 0. These are 011, 012, 016,
024 and 025 with what is below them (comments and appeals for reform) in CAMEO, and 021, 022, 023, 063, 094 and 102 in
WEIS. A type of value 0, such as CAMEO's 010 (make a statement), weighs 0 too.

A type without a value of its own (all of PLOVER, UCDP and the signs; WEIS roots; codes that the codebook does not list)
takes :data:`WEIGHT_OF_QUAD`. That is a convention of ours, not a measurement: the mean weight of the CAMEO codes of the
class, to the nearest half.

What it does not do: weigh imports. An event weighs 1 unless the file has a weight or ``--weight goldstein`` takes the
size of the file's own value, |G|, whatever its side. The scale measures how hostile experts find a kind of act, not how
much of it there was: an event of weight 10 is not ten events of weight 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tertius.codes.ontologies import known_type, ontology_of, quad_of, sign_of_quad

WEIGHT_OF_QUAD: Mapping[int, float] = MappingProxyType({1: 3.5, 2: 7.0, 3: 4.5, 4: 7.5})
"""The weight of a type that the scale does not know, by its quad class: a convention."""

CAMEO_SCALE: Mapping[str, float] = MappingProxyType(
    {
        "01": 0.0, "011": -0.1, "012": -0.4, "013": 0.4, "016": -2.0, "018": 3.4, "019": 3.4,
        "02": 3.0, "021": 3.4, "022": 3.2, "023": 3.4, "024": -0.3, "025": -0.3, "026": 4.0, "027": 4.0, "028": 4.0,
        "03": 4.0, "031": 5.2, "032": 4.5, "033": 5.2, "0334": 6.0, "034": 7.0, "035": 7.0, "037": 5.0, "038": 7.0,
        "039": 5.0,
        "04": 1.0, "042": 1.9, "043": 2.8, "044": 2.5, "045": 5.0, "046": 7.0,
        "05": 3.5, "051": 3.4, "053": 3.8, "054": 6.0, "055": 7.0, "056": 7.0, "057": 8.0,
        "06": 6.0, "061": 6.4, "062": 7.4, "063": 7.4, "064": 7.0,
        "07": 7.0, "071": 7.4, "072": 8.3, "073": 7.4, "074": 8.5,
        "08": 5.0, "084": 7.0, "085": 7.0, "086": 9.0, "087": 9.0, "0874": 10.0,
        "09": -2.0,
        "10": -5.0,
        "11": -2.0,
        "12": -4.0, "125": -5.0, "126": -5.0, "127": -5.0, "128": -5.0, "129": -5.0,
        "13": -6.0, "130": -4.4, "131": -5.8, "132": -5.8, "133": -5.8, "134": -5.8, "135": -5.8, "136": -7.0,
        "137": -7.0, "138": -7.0, "139": -7.0,
        "14": -6.5, "144": -7.5, "145": -7.5,
        "15": -7.2,
        "16": -4.0, "162": -5.6, "163": -8.0, "164": -7.0, "165": -6.5, "166": -7.0,
        "17": -7.0, "171": -9.2, "172": -5.0, "173": -5.0, "174": -5.0, "175": -9.0,
        "18": -9.0, "182": -9.5, "1821": -9.0, "1822": -9.0, "1823": -10.0, "183": -10.0, "184": -8.0, "185": -8.0,
        "186": -10.0,
        "19": -10.0, "191": -9.5, "192": -9.5, "196": -9.5,
        "20": -10.0, "201": -9.5,
    }
)  # fmt: skip
"""Values of CAMEO codes, where a code's value is not that of the code above it."""

WEIS_SCALE: Mapping[str, float] = MappingProxyType(
    {
        "011": 0.6, "012": 0.6, "013": 2.0,
        "021": -0.1, "022": -0.4, "023": -0.2, "024": 0.4, "025": 0.0,
        "031": 1.0, "032": 1.9, "033": 2.8,
        "041": 3.4, "042": 3.6,
        "051": 4.5, "052": 5.2, "053": 4.5, "054": 2.8,
        "061": 1.8, "062": 2.5, "063": -1.1, "064": 5.4, "065": 2.9, "066": 1.9,
        "071": 7.4, "072": 8.3, "073": 6.5,
        "081": 6.5, "082": 3.0,
        "091": 0.1, "092": 3.4, "093": 3.4, "094": -0.1, "095": 1.2,
        "101": 1.5, "102": -0.1,
        "111": -4.0, "112": -4.0,
        "121": -2.2, "122": -3.4,
        "131": -1.9, "132": -2.4,
        "141": -0.9, "142": -1.1,
        "150": -4.9,
        "160": -3.0,
        "171": -4.4, "172": -5.8, "173": -7.0, "174": -6.9,
        "181": -5.2, "182": -7.6,
        "191": -2.2, "192": -4.1, "193": -5.6, "194": -3.8, "195": -7.0,
        "201": -5.0, "202": -4.9,
        "211": -9.2, "212": -4.4,
        "221": -8.3, "222": -8.7, "223": -10.0,
    }
)  # fmt: skip
"""Goldstein's values of McClelland's 63 categories."""


def scale_value(type: str, ontology: str | None = None) -> float | None:
    """The value of an event type on the scale, -10 to 10; None where the scale has none.

    Parameters as for :func:`tertius.codes.quad_of`. Raises UsageError for an ontology that there is not.

    >>> scale_value("0712"), scale_value("1823"), scale_value("025"), scale_value("223", "weis"), scale_value("AID")
    (None, -10.0, -0.3, -10.0, None)
    """
    name = ontology_of(type, ontology)
    code = type.strip()
    if name == "weis":
        return WEIS_SCALE.get(code)
    if name != "cameo" or not known_type(code, name):
        return None
    return next(CAMEO_SCALE[code[:n]] for n in range(len(code), 1, -1) if code[:n] in CAMEO_SCALE)


def weight_of(type: str, ontology: str | None = None) -> float | None:
    """The weight of an event type, 0 to 10; None if the ontology has no such type. The sign is :func:`quad_of`'s.

    Parameters as for :func:`tertius.codes.quad_of`. Raises UsageError for an ontology that there is not.

    >>> weight_of("190"), weight_of("057"), weight_of("010"), weight_of("SANCTION"), weight_of("dance")
    (10.0, 8.0, 0.0, 7.5, None)
    """
    quad = quad_of(type, ontology)
    if quad is None:
        return None
    value = scale_value(type, ontology)
    if value is None:
        return WEIGHT_OF_QUAD[quad]
    return max(0.0, value if sign_of_quad(quad) == "coop" else -value)

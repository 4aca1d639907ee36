"""Who acts and what was done: actors (dated names and numbers), groups of them (dated membership) and event
ontologies (types to quad classes and weights).

>>> resolve_actor("Russia", "1970-01-01").code, quad_of("190")
('SUN', 4)
"""

from __future__ import annotations

from tertius.codes.actors import (
    ICEWS_BEGINS,
    SHORT,
    Actor,
    actor_name,
    all_actors,
    find_actors,
    icews_actor,
    is_number,
    known_code,
    meant_over,
    name_to_code,
    read_day,
    resolve_actor,
)
from tertius.codes.chains import SPEAK, Chained, read_chain
from tertius.codes.groups import (
    ActorsAt,
    Groups,
    Membership,
    actors_at,
    all_groups,
    find_group,
    group_members,
    members_between,
    read_groups,
    same_name,
)
from tertius.codes.ontologies import (
    MUTUAL_TYPES,
    cameo_titles,
    mirror_of,
    ontology_of,
    plover_of,
    quad_of,
    quad_table,
    sign_of_quad,
)
from tertius.codes.weights import WEIGHT_OF_QUAD, scale_value, weight_of

__all__ = [
    "ICEWS_BEGINS",
    "MUTUAL_TYPES",
    "SHORT",
    "SPEAK",
    "WEIGHT_OF_QUAD",
    "Actor",
    "ActorsAt",
    "Chained",
    "Groups",
    "Membership",
    "actor_name",
    "actors_at",
    "all_actors",
    "all_groups",
    "cameo_titles",
    "find_actors",
    "find_group",
    "group_members",
    "icews_actor",
    "is_number",
    "known_code",
    "meant_over",
    "members_between",
    "mirror_of",
    "name_to_code",
    "ontology_of",
    "plover_of",
    "quad_of",
    "quad_table",
    "read_chain",
    "read_day",
    "read_groups",
    "resolve_actor",
    "same_name",
    "scale_value",
    "sign_of_quad",
    "weight_of",
]

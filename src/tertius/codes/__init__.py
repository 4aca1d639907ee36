"""Who acts and what was done: actors (dated names and numbers), groups of them (dated membership) and event
ontologies (types to quad classes).

>>> resolve_actor("Russia", "1970-01-01").code, quad_of("190")
('SUN', 4)
"""

from __future__ import annotations

from tertius.codes.actors import (
    Actor,
    actor_name,
    all_actors,
    find_actors,
    icews_actor,
    known_code,
    name_to_code,
    resolve_actor,
)
from tertius.codes.groups import Groups, Membership, all_groups, find_group, group_members, read_groups
from tertius.codes.ontologies import MUTUAL_TYPES, mirror_of, quad_of, quad_table, sign_of_quad

__all__ = [
    "MUTUAL_TYPES",
    "Actor",
    "Groups",
    "Membership",
    "actor_name",
    "all_actors",
    "all_groups",
    "find_actors",
    "find_group",
    "group_members",
    "icews_actor",
    "known_code",
    "mirror_of",
    "name_to_code",
    "quad_of",
    "quad_table",
    "read_groups",
    "resolve_actor",
    "sign_of_quad",
]

"""What a code or a name stands for: actors, event types and groups, as the document of ``tertius codes --json``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tertius.codes import (
    SHORT,
    Actor,
    Membership,
    all_groups,
    find_actors,
    is_number,
    quad_table,
    read_day,
    read_groups,
    resolve_actor,
    same_name,
    scale_value,
    weight_of,
)


def find_codes(text: str | None, day: date | str | None = None, groups: str | Path | None = None) -> dict[str, Any]:
    """Actors, event types and groups whose code or name holds a text, as the document of ``tertius codes --json``.

    Parameters
    ----------
    text : a code, a name or the beginning of a word in one; the name of an ontology means all its types; None means
        everything. Two or three letters show exact matches alone where there are any, a number always.
    day : a date: who is meant then, who existed then, who was a member then.
    groups : groups of one's own, a file or a folder (:func:`tertius.codes.read_groups`); without a text they alone are
        listed.

    Raises
    ------
    UnknownActor : nothing has that name.
    UsageError, InputError : no such date; groups that cannot be read.
    """
    when = read_day(day)
    own = read_groups(groups) if groups is not None else {}
    word = (text or "").strip()
    found, types, named = find_actors("", when), quad_table(), list[str]()
    if word:
        found = find_actors(word, when, exact=True)
        types = [t for t in types if word.upper() == t[0].upper() or word.lower() == t[1]]
        named = [name for name in {**all_groups(), **own} if same_name(name, word)]
        if not is_number(word) and (len(word) > SHORT or not (found or types or named)):
            found = find_actors(word, when)
            types = list(
                dict.fromkeys([*types, *(t for t in quad_table() if f" {word}".lower() in f" {t[3]}".lower())])
            )
        if not found and not types and not named:
            found = [resolve_actor(word, when)]
    elif own:
        found, types, named = [], [], list(own)
    known = {**all_groups(), **own}
    codes = [a.code for a in found if word and a.code in known]
    stays = [m for name in dict.fromkeys(codes + named) for m in known[name] if when is None or m.holds_on(when)]
    return {
        "actors": [_actor(a) for a in found],
        "types": [_type(*t) for t in types],
        "groups": [_membership(m) for m in stays],
        "date": str(when) if when else None,
    }


def _type(type_: str, ontology: str, quad: int, label: str) -> dict[str, Any]:
    known = scale_value(type_, ontology) is not None
    return {
        "type": type_,
        "ontology": ontology,
        "quad": quad,
        "label": label,
        "weight": weight_of(type_, ontology),
        "weight_of": "type" if known else "quad class",
    }


def _membership(m: Membership) -> dict[str, Any]:
    return {
        "group": m.group,
        "actor": m.actor,
        "from": str(m.from_date) if m.from_date else None,
        "to": str(m.to_date) if m.to_date else None,
    }


def _actor(a: Actor) -> dict[str, Any]:
    return {
        "code": a.code,
        "name": a.name,
        "kind": a.kind,
        "from": str(a.from_date) if a.from_date else None,
        "to": str(a.to_date) if a.to_date else None,
        "cow": list(a.cow),
        "gw": list(a.gw),
        "aliases": [*a.aliases, *a.demonyms],
        "capitals": list(a.capitals),
        "places": list(a.places),
        "until": [{"name": name, "to": str(last)} for name, last in a.until],
    }

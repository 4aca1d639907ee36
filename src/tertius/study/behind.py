"""What lies behind an answer: the audit of a store, and the rows of a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tertius.errors import UsageError
from tertius.events.data import NET_NOTE, days_with_events
from tertius.events.store import find_store, open_store, prune
from tertius.plain import plain
from tertius.sources.loading import load
from tertius.spec import read_date
from tertius.study.asking import find_actor, types_named


@dataclass(frozen=True, slots=True)
class Looked:
    """What a command on data found: the document of its ``--json``."""

    document: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The document."""
        return dict(self.document)


class Audited(Looked):
    """Of ``tertius import`` and ``tertius audit``."""


class Described(Looked):
    """Of ``tertius describe``."""


class RowsBehind(Looked):
    """Of ``tertius events``."""


class CodesFound(Looked):
    """Of ``tertius codes``."""


class KeptFits(Looked):
    """Of ``tertius cache``."""


def audit(store: str | Path, *, forget: bool = False) -> dict[str, Any]:
    """What all imports into a store read, kept and dropped; every byte of its parts is compared with what was imported.

    ``forget`` also forgets its older snapshots (``pruned`` says which). Raises UsageError where it is no store.
    """
    path, snapshot = find_store(store) or (Path(store), None)
    pruned = prune(path) if forget else None
    opened = open_store(path, snapshot, thorough=True)
    audits = opened.audits
    dropped: dict[str, int] = {}
    for one in audits:
        for rule, n in one["dropped"].items():
            dropped[rule] = dropped.get(rule, 0) + n
    first, last = (pick(a["coverage"][end] for a in audits) for pick, end in ((min, "from"), (max, "to")))
    return {
        **{key: sum(a[key] for a in audits) for key in ("read", "kept")},
        "dropped": dropped,
        **{key: sum(a[key] for a in audits) for key in ("quarantined", "rows")},
        "files": [f for a in audits for f in a["files"]],
        "coverage": {
            "from": first,
            "to": last,
            "slices": days_with_events(opened.parts),
            "missing": [d.isoformat() for d in opened.missing],
        },
        "directed": opened.directed,
        "snapshot": opened.snapshot,
        **({"snapshots": list(opened.snapshots)} if len(opened.snapshots) > 1 else {}),
        **({"pruned": pruned} if pruned is not None else {}),
        "labels": _labels([a["labels"] for a in audits if "labels" in a]),
        "warnings": [*([] if opened.directed else [NET_NOTE]), *(w for a in audits for w in a["warnings"])],
    }


def _labels(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What became of the labels of all imports: sums, and what was merged in any of them."""
    merged: dict[str, list[str]] = {}
    for one in found:
        for code, labels in one["merged"].items():
            merged[code] = sorted({*merged.get(code, ()), *labels})
    return {**{key: sum(one[key] for one in found) for key in ("matched", "kept", "no_country")}, "merged": merged}


def events_between(
    a: str,
    b: str,
    data: Any,
    start: str | None,
    end: str | None,
    limit: int,
    types: str | Sequence[str] | None = None,
) -> dict[str, Any]:
    """The rows behind a pair (of event types, where named), latest first: the document of ``tertius events --json``."""
    events = load(data)
    labels = events.labels()
    one, other = (find_actor(x, labels, events.name) for x in (a, b))
    if one == other:
        raise UsageError("The same actor is named twice.", "Name two different actors.")
    first, last = (read_date(d) if d else None for d in (start, end))
    named = types_named(types)
    chosen = events.of_types(named) if named else events
    found = chosen.between(one, other, start=first, end=last)
    return {
        "pair": [one, other],
        "data": events.name,
        "directed": events.directed,
        "grain": events.grain_word,
        "note": events.note or None,
        "n": len(found),
        "from": str(first) if first else None,
        "to": str(last) if last else None,
        "types": list(named) or None,
        "events": plain(found[:limit]),
    }

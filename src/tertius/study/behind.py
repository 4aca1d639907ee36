"""What lies behind an answer: the audit of a store, and the rows of a pair."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

from tertius.codes.groups import actors_at
from tertius.errors import InputError, UsageError
from tertius.events.data import NET_NOTE, EventData, RowsByPair, days_with_events, rows_over_time
from tertius.events.store import Store, check_store, find_store, open_store, prune
from tertius.events.totals import Totals, added
from tertius.language import Number, joined, known, plural, say
from tertius.plain import plain
from tertius.sources.importing import FORMATS, format_named
from tertius.sources.loading import load
from tertius.sources.recognise import recognise_all
from tertius.sources.text import unpacked_name
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


class Kept(Looked):
    """Of ``tertius snapshots``."""


class Brought(Looked):
    """Of ``tertius fetch``."""


class CodesFound(Looked):
    """Of ``tertius codes``."""


class KeptFits(Looked):
    """Of ``tertius cache``."""


def format_and_files(words: Sequence[Path]) -> tuple[str, list[Path], dict[str, str] | None]:
    """The format and the files of ``tertius import [FORMAT] FILE...``; and, where no format was named, what the files
    were taken for and why. Raises UsageError."""
    first = str(words[0])
    if first in FORMATS and not Path(first).exists():
        if len(words) == 1:
            raise UsageError("There is no file to import.", f"Write tertius import {first} FILE... --into STORE.")
        return first, list(words[1:]), None
    if len(words) > 1 and not words[0].exists() and "." not in first and "/" not in first:
        format_named(first)  # a slip in the format's name
    found = recognise_all(words)
    return found.format, list(words), {"format": found.format, "because": found.because}


def completeness(opened: Store, against: Path) -> dict[str, Any]:
    """Which files of a source's own list are in a store, from the first to the last imported one of each kind.

    A line of the list ends in a file's name or address (GDELT's master lists: size, MD5, address). Raises InputError.
    """
    try:
        lines = against.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise InputError(f"{against} cannot be read ({error.strerror}).", "Check the path.") from None
    listed = sorted({words[-1].rstrip("/").rsplit("/", 1)[-1] for line in lines if (words := line.split())})
    here = {unpacked_name(Path(f["name"])) for one in opened.audits for f in one["files"]}
    span: dict[str, tuple[str, str]] = {}
    for name in here:
        first, last = span.get(_kind(name), (name, name))
        span[_kind(name)] = min(first, name), max(last, name)
    wanted = [
        name
        for name in listed
        if (bounds := span.get(_kind(unpacked_name(Path(name)))))
        and bounds[0] <= unpacked_name(Path(name)) <= bounds[1]
    ]
    lacking = [name for name in wanted if unpacked_name(Path(name)) not in here]
    return {"listed": len(wanted), "lacking": lacking, "complete": bool(wanted) and not lacking}


def _kind(name: str) -> str:
    """A file's name without its digits: what kind of file it is."""
    return "".join(c for c in name if not c.isdigit())


def audit(store: str | Path, *, forget: bool = False, against: Path | None = None) -> dict[str, Any]:
    """What all imports into a store read, kept and dropped; every byte of its parts is compared with what was imported.

    ``forget`` also forgets its older snapshots (``pruned`` says which); ``against`` is a source's own list of files.
    Raises UsageError where it is no store.
    """
    path, snapshot = find_store(store) or (Path(store), None)
    pruned = prune(path) if forget else None
    opened = open_store(path, snapshot, thorough=True)
    audits = tuple(opened.audits)
    counts = rows_over_time(opened.parts, opened.first_rows)
    first, last = (pick(a["coverage"][end] for a in audits) for pick, end in ((min, "from"), (max, "to")))
    return {
        **{key: sum(a[key] for a in audits) for key in ("read", "kept")},
        "dropped": _sums(a["dropped"] for a in audits),
        **{key: sum(a[key] for a in audits) for key in ("quarantined", "rows")},
        "files": [f for a in audits for f in a["files"]],
        "coverage": {
            "from": first,
            "to": last,
            "slices": days_with_events(opened.parts, opened.first_rows),
            "missing": [d.isoformat() for d in opened.missing],
            "calendars": [{"source": s, **c.ends(), **c.to_dict()} for s, c in opened.calendars.items()],
            "by": counts["by"],
            "counts": counts["counts"],
            "breaks": breaks(audits),
        },
        "rules": _rules(audits),
        "mended": _sums(a.get("mended", {}) for a in audits),
        "unknown": {kind: _sums(a.get("unknown", {}).get(kind, {}) for a in audits) for kind in _unknown_kinds(audits)},
        **({"list": completeness(opened, against)} if against else {}),
        "directed": opened.directed,
        "snapshot": opened.snapshot,
        **({"snapshots": list(opened.snapshots)} if len(opened.snapshots) > 1 else {}),
        **({"pruned": pruned} if pruned is not None else {}),
        "labels": _labels([a["labels"] for a in audits if "labels" in a]),
        "warnings": [*([] if opened.directed else [NET_NOTE]), *(w for a in audits for w in a["warnings"])],
    }


def _sums(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts of several imports, added by name; the largest first where an import's own are."""
    return reduce(added, counts, {})


def _unknown_kinds(audits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of what the imports looked for codes that no table knows: types, and of some formats actors."""
    return list(dict.fromkeys(kind for one in audits for kind in one.get("unknown", {})))


def _rules(audits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Which rules were on in all imports; those on which they differ are listed as such."""
    found: dict[str, Any] = {}
    for one in audits:
        for name, value in one.get("rules", {}).items():
            found[name] = value if found.get(name, value) == value else say("differs between imports")
    return found


def breaks(audits: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Where the source or its form changes from one import to the next, in the order of their first days."""
    forms = []
    for one in sorted(audits, key=lambda a: str(a["coverage"]["from"])):
        shapes = sorted({n for f in one["files"] for n in f.get("columns", {})})
        names = joined(sorted({str(f.get("format", "")) for f in one["files"]}), ", ")
        forms.append(
            (
                str(one["coverage"]["from"]),
                names + (say(" ({join} columns)", join=joined(shapes, " and ")) if shapes else ""),
            )
        )
    return [
        {"date": day, "before": before, "after": after}
        for (_, before), (day, after) in itertools.pairwise(forms)
        if before != after
    ]


def audit_summary(totals: Totals, missing: int) -> str:
    """What was read, kept, dropped and put aside, in a sentence or two for every report; empty where nothing is known.
    ``missing``: days without any record.

    >>> audit_summary(Totals(read=3, kept=2, dropped={"self_pair": 1}, files=1), 0)
    '3 rows read in 1 file: 2 events kept, 1 dropped (self pair 1), none put aside as malformed.'
    """
    if not totals.read:
        return ""
    dropped = sorted(totals.dropped.items(), key=lambda rule: -rule[1])
    rules = joined((say("{name} {n:,}", name=known(name.replace("_", " ")), n=n) for name, n in dropped), ", ")
    said = plural(
        "{read:,} rows read in {n:,} file: {kept:,} events kept, {values:,} dropped{text}, {text2} put aside as "
        "malformed.",
        "{read:,} rows read in {n:,} files: {kept:,} events kept, {values:,} dropped{text}, {text2} put aside as "
        "malformed.",
        totals.files,
        read=totals.read,
        kept=totals.kept,
        values=sum(totals.dropped.values()),
        text=say(" ({rules})", rules=rules) if rules else "",
        text2=Number(f"{totals.quarantined:,}") if totals.quarantined else say("none"),
    )
    mended = sum(totals.mended.values())
    said += say(" {mended:,} dates mended.", mended=mended) if mended else ""
    return said + (
        say(" {missing:,} days are unobserved and leave the likelihood.", missing=missing) if missing else ""
    )


def snapshots(store: str | Path, *, keep: int | None = None) -> dict[str, Any]:
    """The states of a store that are read as ``STORE@snapshot``, oldest first: the document of ``tertius snapshots``.

    ``keep`` forgets all but the latest so many (``pruned`` says which). Raises UsageError where it is no store.
    """
    path = Path(store)
    check_store(path)
    pruned = prune(path, keep) if keep is not None else None
    opened = open_store(path)
    listed, rows, events = [], 0, 0
    for n, entry in enumerate(opened.journal):
        rows, events = rows + entry.rows, events + entry.audit["kept"]
        if n >= opened.manifest.forgotten:
            listed.append(
                {
                    "snapshot": entry.audit["snapshot"],
                    "imported": entry.imported,
                    "files": [file["name"] for file in entry.audit["files"]],
                    "added": entry.rows,
                    "rows": rows,
                    "events": events,
                }
            )
    more = {"pruned": pruned} if pruned is not None else {}
    return {"store": str(store), "parts": len(opened.parts), "snapshots": listed, **more}


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
    """The rows behind a pair (of event types, where named), latest first: the document of ``tertius events --json``.

    A side may be the members of a group (``@NATO``) that occur. Raises UsageError, InputError.
    """
    events = load(data)
    labels, span = events.labels(), events.span()
    sides = [
        tuple(x for x in actors_at(word[1:], *span, labels).actors if x in labels)
        if word.startswith("@")
        else (find_actor(word, labels, events.name),)
        for word in (a, b)
    ]
    if sides[0] == sides[1]:
        raise UsageError(say("The same actor is named twice."), say("Name two different actors."))
    first, last = (read_date(d) if d else None for d in (start, end))
    named = types_named(types)
    chosen = events.of_types(named) if named else events
    found = rows_of_sides(chosen, *sides, start=first, end=last)
    return {
        "pair": [word if word.startswith("@") else side[0] for word, side in zip((a, b), sides, strict=True)],
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


def rows_of_sides(
    rows: EventData | RowsByPair,
    one: Sequence[str],
    other: Sequence[str],
    *,
    start: date | None = None,
    end: date | None = None,
) -> list[dict[str, Any]]:
    """The rows between anyone of one side and anyone of the other, latest first."""
    pairs = sorted({(min(a, b), max(a, b)) for a in one for b in other if a != b})
    found = [r for pair in pairs for r in rows.between(*pair, start=start, end=end)]
    return sorted(found, key=lambda r: str(r["date"]), reverse=True) if len(pairs) > 1 else found

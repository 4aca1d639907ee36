"""Data as they are: what an import kept, what a store holds, the rows behind a pair, codes, what is kept of fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from tertius.plain import number
from tertius.report.document import Block, Cell, Column, Facts, Items, Prose, Row, Section, Table
from tertius.report.words import QUAD, named, what, when, who

LISTED = 10


def audit_section(audit: Mapping[str, Any]) -> Section:
    """Rows read, kept and dropped, by rule and by file; coverage; snapshots."""
    kind = "directed" if audit["directed"] else "undirected, net"
    rules = [("read", audit["read"]), ("kept", audit["kept"])]
    rules += [(f"dropped: {rule.replace('_', ' ')}", n) for rule, n in audit["dropped"].items()]
    rules += [("quarantined", audit["quarantined"])]
    rules += [("rows in the store", audit["rows"])] if "rows" in audit else []
    coverage = audit["coverage"]
    missing = coverage["missing"]
    days = f"From {coverage['from']} to {coverage['to']}, {coverage['slices']:,} days with events"
    blocks: list[Block] = [
        Table(
            (Column("rule"), Column("rows", "number")),
            tuple(Row((rule, f"{n:,}")) for rule, n in rules),
            f"Rows read, kept and dropped ({kind})",
        ),
        Prose(days + (f", {len(missing):,} known to be missing." if missing else ".")),
    ]
    if len(audit["files"]) > 1:
        rows = tuple(
            Row((f["name"], f"{f['read']:,}", f"{f['kept']:,}", f"{sum(f['dropped'].values()):,}"))
            for f in audit["files"]
        )
        columns = (Column("file"), *(Column(n, "number") for n in ("read", "kept", "dropped")))
        blocks.append(Table(columns, rows, "By file", shown=LISTED, things="files"))
    if audit.get("snapshot"):
        blocks.append(Prose(f"Snapshot {audit['snapshot']}."))
    if older := [s for s in audit.get("snapshots", ()) if s != audit["snapshot"]]:
        blocks.append(Prose(f"Other snapshots (STORE@NAME reads one): {', '.join(older[-LISTED:])}."))
    if "pruned" in audit:
        gone = [*(f"snapshot {s}" for s in audit["pruned"]["snapshots"]), *audit["pruned"]["files"]]
        blocks.append(Prose(f"Removed: {', '.join(gone)}." if gone else "Nothing was there to remove."))
    if warnings := tuple(audit.get("warnings", ())):
        blocks.append(Items(warnings, title="Keep in mind"))
    return Section("audit", "", tuple(blocks))


def describe_section(d: Mapping[str, Any]) -> Section:
    """Actors, span, events by class, busiest pairs."""
    grain = d.get("grain")
    size = "weight" if grain else "events"
    facts = (
        ("from", str(d["from"])),
        ("to", str(d["to"])),
        (f"spans of {grain} with events" if grain else "days with events", f"{d['days']:,}"),
        ("days known to be missing", f"{len(d['missing']):,}"),
        ("actors", f"{d['actors']:,}"),
        ("pairs", f"{d['pairs']:,}"),
        ("rows", f"{d['rows']:,}"),
        (size, _count(d["events"])),
        ("  cooperation", _count(d["cooperation"])),
        ("  hostility", _count(d["hostility"])),
        *((f"  {QUAD.get(int(q), q)}", _count(n)) for q, n in d["quad"].items()),
    )
    columns = (Column("pair"), *(Column(n, "number") for n in (size, "cooperation", "hostility")))
    rows = tuple(
        Row((f"{named(p['a'])}, {named(p['b'])}", *(_count(p[n]) for n in ("events", "cooperation", "hostility"))))
        for p in d["busiest"]
    )
    note = (Prose(str(d["note"])),) if d.get("note") else ()
    return Section("data", "", (Facts(facts), Table(columns, rows, "Busiest pairs"), *note))


def events_section(found: Mapping[str, Any]) -> Section:
    """The rows behind a pair, latest first."""
    rows, n, directed = found["events"], int(found["n"]), bool(found["directed"])
    blocks: list[Block] = []
    if not directed:
        blocks.append(Prose("Net, undirected data: whose act it was cannot be known."))
    if not rows:
        return Section("rows", "", (*blocks, Prose("There are no rows.")))
    columns = (Column("date"), Column("who"), Column("weight", "number"), Column("what, and where it is from", "words"))
    lines = tuple(
        Row(
            (
                when(str(r["date"]), found["grain"]),
                who(r, directed),
                number(r["weight"]),
                Cell(what(r), note=str(r.get("origin") or ""), url=str(r.get("url") or ""), link="report"),
            )
        )
        for r in rows
    )
    blocks.append(Table(columns, lines, f"{n:,} row{'s' * (n != 1)}, latest first", looks="events"))
    if n > len(rows):
        blocks.append(Prose(f"{n - len(rows):,} more: raise --limit."))
    return Section("rows", "", tuple(blocks))


def codes_section(codes: Mapping[str, Any]) -> Section:
    """Actors, event types and members of groups."""
    blocks: list[Block] = []
    if codes["actors"]:
        columns = ("code", "name", "kind", "COW", "GW", "dates")
        rows = tuple(
            Row((a["code"], a["name"], a["kind"], _join(a["cow"]), _join(a["gw"]), _dates(a))) for a in codes["actors"]
        )
        blocks.append(_table(columns, rows, "Actors", numbers=("COW", "GW")))
    if codes["types"]:
        blocks += _types(codes["types"])
    if codes["groups"]:
        rows = tuple(Row((m["group"], named(m["actor"]), _dates(m))) for m in codes["groups"])
        blocks.append(_table(("group", "member", "dates"), rows, "Members of groups"))
    return Section("codes", "", tuple(blocks) or (Prose("Nothing of that name."),))


def cache_section(found: Mapping[str, Any]) -> Section:
    """What is kept of fits, how much, and where."""
    gone = found["removed"]
    size, limit = found["bytes"] / 1e6, found["limit"] / 1e6
    blocks = (
        *([Prose(f"{gone['files']:,} files removed, {gone['bytes'] / 1e6:,.1f} MB.")] if gone["files"] else []),
        Prose(f"{found['files']:,} files of fits and certificates, {size:,.1f} MB of {limit:,.0f} MB at most."),
        Prose(f"In {found['folder']}", style="code"),
        *([] if found["on"] else [Prose("Turned off by TERTIUS_CACHE: nothing is kept, nor read.")]),
    )
    return Section("cache", "", blocks)


def _types(types: Sequence[Mapping[str, Any]]) -> list[Block]:
    columns = ("type", "ontology", "quad", "weight", "label")
    rows = tuple(
        Row(
            (
                t["type"],
                t["ontology"],
                QUAD.get(t["quad"], "") if t["quad"] is not None else "",
                f"{t['weight']:.1f}" + ("" if t["weight_of"] == "type" else "*"),
                t["label"] or "",
            )
        )
        for t in types
    )
    blocks: list[Block] = [_table(columns, rows, "Event types", numbers=("weight",))]
    blocks.append(Prose("weight: size on Goldstein's scale, 0 to 10. Imports do not use it."))
    if any(t["weight_of"] != "type" for t in types):
        blocks.append(Prose("* the quad class's, by convention: the scale does not know the type."))
    return blocks


def _table(columns: Sequence[str], rows: tuple[Row, ...], caption: str, numbers: Sequence[str] = ()) -> Table:
    return Table(tuple(Column(n, "number" if n in numbers else "text") for n in columns), rows, caption)


def _dates(of: Mapping[str, Any]) -> str:
    return f"{of['from'] or ''} to {of['to'] or 'now'}".strip() if of["from"] or of["to"] else ""


def _count(x: float) -> str:
    """A number of events, which halves of mirrored codings can make fractional."""
    return f"{x:,.0f}" if float(x).is_integer() else f"{x:,.1f}"


def _join(values: Iterable[object]) -> str:
    return ", ".join(map(str, islice(values, LISTED)))

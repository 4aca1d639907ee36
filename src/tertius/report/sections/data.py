"""Data as they are: what an import kept, what a store holds, the rows behind a pair, codes, what is kept of fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from tertius.plain import number
from tertius.report.document import Block, Cell, Column, Facts, Figure, Items, Prose, Row, Section, Table
from tertius.report.words import QUAD, named, what, when, who

if TYPE_CHECKING:
    from altair import LayerChart

LISTED = 10


def audit_section(audit: Mapping[str, Any]) -> Section:
    """Rows read, kept and dropped, by rule and by file; coverage; snapshots."""
    kind = "directed" if audit["directed"] else "undirected, net"
    rules = [("read", audit["read"]), ("kept", audit["kept"])]
    rules += [(f"dropped: {rule.replace('_', ' ')}", n) for rule, n in audit["dropped"].items()]
    rules += [("quarantined", audit["quarantined"])]
    rules += [(f"mended: {rule.replace('_', ' ')} (kept)", n) for rule, n in audit.get("mended", {}).items()]
    rules += [("rows in the store", audit["rows"])] if "rows" in audit else []
    coverage = audit["coverage"]
    missing = coverage["missing"]
    days = f"From {coverage['from']} to {coverage['to']}, {coverage['slices']:,} days with events"
    blocks: list[Block] = []
    if taken := audit.get("recognised"):
        blocks.append(Prose(f"Taken for {taken['format']}: {taken['because']}."))
    blocks += [
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
    blocks += _coverage(coverage)
    if (listed := audit.get("list")) is not None:
        blocks.append(Prose(_complete(listed)))
    blocks += _choices(audit)
    if audit.get("snapshot"):
        blocks.append(Prose(f"Snapshot {audit['snapshot']}."))
    if older := [s for s in audit.get("snapshots", ()) if s != audit["snapshot"]]:
        blocks.append(Prose(f"Other snapshots (STORE@NAME reads one): {', '.join(older[-LISTED:])}."))
    if "pruned" in audit:
        blocks.append(_removed(audit["pruned"]))
    if warnings := tuple(audit.get("warnings", ())):
        blocks.append(Items(warnings, title="Keep in mind"))
    return Section("audit", "", tuple(blocks))


def _coverage(coverage: Mapping[str, Any]) -> list[Block]:
    """Gaps against calendars, breaks, and the picture."""
    blocks: list[Block] = []
    calendars = coverage.get("calendars", [coverage] if "step" in coverage else [])
    gaps = tuple(f"{' to '.join(dict.fromkeys(gap))}" for calendar in calendars for gap in calendar["gaps"])
    if gaps:
        whole = sum(calendar["gaps_in_all"] for calendar in calendars)
        more = f" and {whole - LISTED:,} more" if whole > LISTED else ""
        blocks.append(Prose(f"Gaps in the source's calendar: {'; '.join(gaps[:LISTED])}{more}."))
    blocks += [
        Prose(
            f"A break at {change['date']}: {change['before']} before, {change['after']} from then on. A change "
            f"of level "
            "there may be the source's."
        )
        for change in coverage.get("breaks", ())
    ]
    if len(coverage.get("counts", ())) > 1:
        by, n = coverage["by"], len(coverage["counts"])
        blocks.append(
            Figure(
                "coverage", partial(_coverage_chart, coverage), f"Bars are rows a {by}; grey are days without "
                                                                f"any record.",
                f"Rows of {n:,} {by}s with events; {len(coverage['missing']):,} days are unobserved.",
            )
        )  # fmt: skip
    return blocks


def _coverage_chart(coverage: Mapping[str, Any]) -> LayerChart:
    from tertius.report.charts.data import coverage as draw

    return draw(coverage)


def _complete(listed: Mapping[str, Any]) -> str:
    """Whether all files of the source's list are there, in words."""
    if not listed["listed"]:
        return "Is it complete? The list names no file of these kinds and times."
    if listed["complete"]:
        return (
            f"Is it complete? Yes: all {listed['listed']:,} files of the list between the first and the last are here."
        )
    lacking = listed["lacking"]
    more = f" and {len(lacking) - LISTED:,} more" if len(lacking) > LISTED else ""
    return (
        f"Is it complete? No: {len(lacking):,} of {listed['listed']:,} files of the list between the first and "
        f"the last are "
        f"not here: {', '.join(lacking[:LISTED])}{more}."
    )


def _choices(audit: Mapping[str, Any]) -> list[Block]:
    """Rules that could be switched, and unknown codes."""
    rules = audit.get("rules", {})
    on = [name if value is True else f"{name}={value}" for name, value in rules.items() if value]
    off = [name for name, value in rules.items() if not value]
    blocks: list[Block] = []
    if on:
        blocks.append(Prose(f"Rules to choose that were on: {', '.join(on)}; off: {', '.join(off) or 'none'}."))
    for kind, counts in audit.get("unknown", {}).items():
        if counts:
            some = ", ".join(f"{code} {n:,}" for code, n in islice(counts.items(), LISTED))
            blocks.append(Prose(f"Most frequent {kind} that no table knows: {some}."))
    return blocks


def fetch_section(found: Mapping[str, Any]) -> Section:
    """What was fetched of a source, what its server lacks, and what became of the rows."""
    dropped = sum(found["dropped"].values())
    facts = (
        ("files fetched", f"{found['fetched']:,}, {found['bytes'] / 1e6:,.1f} MB"),
        ("files in the store before", f"{found['in_store']:,}"),
        ("files that the server lacks", f"{len(found['missing']):,}"),
        ("rows read", f"{found['read']:,}"),
        ("kept, dropped, quarantined", f"{found['kept']:,}, {dropped:,}, {found['quarantined']:,}"),
    )
    missing, more = found["missing"][:LISTED], len(found["missing"]) - LISTED
    notes = [*found["warnings"], found["terms"]]
    if missing:
        notes = [f"Not there: {', '.join(missing)}{f', and {more:,} more' if more > 0 else ''}.", *notes]
    end = f"Snapshot {found['snapshot']}." if found["snapshot"] else "Nothing was added to the store."
    return Section("fetch", "", (Facts(facts), Prose(end), Items(tuple(notes), title="Keep in mind")))


def snapshots_section(found: Mapping[str, Any]) -> Section:
    """The states of a store that can be read by name, latest first."""
    kept = found["snapshots"]
    columns = (Column("snapshot"), Column("imported (UTC)"), *(Column(n, "number") for n in ("rows added", "rows")))
    rows = tuple(
        Row((s["snapshot"], s["imported"][:19].replace("T", " "), f"{s['added']:,}", f"{s['rows']:,}"))
        for s in reversed(kept)
    )
    blocks: list[Block] = [Table(columns, rows, "STORE@SNAPSHOT reads one", shown=LISTED, things="snapshots")]
    if "pruned" in found:
        blocks.append(_removed(found["pruned"]))
    return Section("snapshots", "", tuple(blocks))


def _removed(pruned: Mapping[str, Any]) -> Prose:
    """What was removed from a store; of many snapshots, the latest."""
    names = pruned["snapshots"]
    more = [f"{len(names) - LISTED:,} snapshots and"] if len(names) > LISTED else []
    gone = [*(f"snapshot {s}" for s in names[-LISTED:]), *pruned["files"]]
    return Prose(" ".join(["Removed:", *more, f"{', '.join(gone)}."]) if gone else "Nothing was there to remove.")


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
                when(str(r["date"]), found.get("grain", "day")),
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

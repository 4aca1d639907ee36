"""Data as they are: what an import kept, what a store holds, the rows behind a pair, codes, what is kept of fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from tertius.language import Day, Name, Number, joined, known, plural, say
from tertius.plain import number
from tertius.report.document import Block, Cell, Column, Facts, Figure, Items, Prose, Row, Section, Table
from tertius.report.words import QUAD, grains, named, what, when, who

if TYPE_CHECKING:
    from altair import LayerChart

LISTED = 10


def audit_section(audit: Mapping[str, Any]) -> Section:
    """Rows read, kept and dropped, by rule and by file; coverage; snapshots."""
    kind = say("directed") if audit["directed"] else say("undirected, net")
    rules = [(say("read"), audit["read"]), (say("kept"), audit["kept"])]
    rules += [(say("dropped: {rule}", rule=known(rule.replace("_", " "))), n) for rule, n in audit["dropped"].items()]
    rules += [(say("quarantined"), audit["quarantined"])]
    rules += [
        (say("mended: {rule} (kept)", rule=known(rule.replace("_", " "))), n)
        for rule, n in audit.get("mended", {}).items()
    ]
    rules += [(say("rows in the store"), audit["rows"])] if "rows" in audit else []
    coverage = audit["coverage"]
    missing = coverage["missing"]
    days = say(
        "From {from_} to {to}, {slices:,} days with events",
        from_=Day(coverage["from"]),
        to=Day(coverage["to"]),
        slices=coverage["slices"],
    )
    blocks: list[Block] = []
    if taken := audit.get("recognised"):
        blocks.append(Prose(say("Taken for {format}: {because}.", format=taken["format"], because=taken["because"])))
    blocks += [
        Table(
            (Column(say("rule")), Column(say("rows"), "number")),
            tuple(Row((rule, Number(f"{n:,}"))) for rule, n in rules),
            say("Rows read, kept and dropped ({kind})", kind=kind),
        ),
        Prose(days + (say(", {missing:,} known to be missing.", missing=len(missing)) if missing else ".")),
    ]
    if len(audit["files"]) > 1:
        rows = tuple(
            Row(
                (
                    f["name"],
                    Number(f"{f['read']:,}"),
                    Number(f"{f['kept']:,}"),
                    Number(f"{sum(f['dropped'].values()):,}"),
                )
            )
            for f in audit["files"]
        )
        columns = (Column(say("file")), *(Column(n, "number") for n in (say("read"), say("kept"), say("dropped"))))
        blocks.append(Table(columns, rows, say("By file"), shown=LISTED, things=say("files")))
    blocks += _coverage(coverage)
    if (listed := audit.get("list")) is not None:
        blocks.append(Prose(_complete(listed)))
    blocks += _choices(audit)
    if audit.get("snapshot"):
        blocks.append(Prose(say("Snapshot {snapshot}.", snapshot=audit["snapshot"])))
    if older := [s for s in audit.get("snapshots", ()) if s != audit["snapshot"]]:
        blocks.append(Prose(say("Other snapshots (STORE@NAME reads one): {join}.", join=joined(older[-LISTED:], ", "))))
    if "pruned" in audit:
        blocks.append(_removed(audit["pruned"]))
    if warnings := tuple(audit.get("warnings", ())):
        blocks.append(Items(warnings, title=say("Keep in mind")))
    return Section("audit", "", tuple(blocks))


def _coverage(coverage: Mapping[str, Any]) -> list[Block]:
    """Gaps against calendars, breaks, and the picture."""
    blocks: list[Block] = []
    calendars = coverage.get("calendars", [coverage] if "step" in coverage else [])
    gaps = tuple(
        say("{join}", join=joined(dict.fromkeys(gap), " to ")) for calendar in calendars for gap in calendar["gaps"]
    )
    if gaps:
        whole = sum(calendar["gaps_in_all"] for calendar in calendars)
        more = say(" and {whole:,} more", whole=whole - LISTED) if whole > LISTED else ""
        blocks.append(
            Prose(say("Gaps in the source's calendar: {join}{more}.", join=joined(gaps[:LISTED], "; "), more=more))
        )
    blocks += [
        Prose(
            say(
                "A break at {date}: {before} before, {after} from then on. A change of level there may be the "
                "source's.",
                date=Day(change["date"]),
                before=change["before"],
                after=change["after"],
            )
        )
        for change in coverage.get("breaks", ())
    ]
    if len(coverage.get("counts", ())) > 1:
        by, n = coverage["by"], len(coverage["counts"])
        blocks.append(
            Figure(
                "coverage",
                partial(_coverage_chart, coverage),
                say("Bars are rows a {by}; grey are days without any record.", by=known(by)),
                say(
                    "Rows of {n:,} {spans} with events; {missing:,} days are unobserved.",
                    n=n,
                    spans=grains(by),
                    missing=len(coverage["missing"]),
                ),
            )
        )
    return blocks


def _coverage_chart(coverage: Mapping[str, Any]) -> LayerChart:
    from tertius.report.charts.data import coverage as draw

    return draw(coverage)


def _complete(listed: Mapping[str, Any]) -> str:
    """Whether all files of the source's list are there, in words."""
    if not listed["listed"]:
        return say("Is it complete? The list names no file of these kinds and times.")
    if listed["complete"]:
        return say(
            "Is it complete? Yes: all {listed:,} files of the list between the first and the last are here.",
            listed=listed["listed"],
        )
    lacking = listed["lacking"]
    more = say(" and {lacking:,} more", lacking=len(lacking) - LISTED) if len(lacking) > LISTED else ""
    return say(
        "Is it complete? No: {lacking:,} of {listed:,} files of the list between the first and the last are not "
        "here: {join}{more}.",
        lacking=len(lacking),
        listed=listed["listed"],
        join=joined(lacking[:LISTED], ", "),
        more=more,
    )


def _choices(audit: Mapping[str, Any]) -> list[Block]:
    """Rules that could be switched, and unknown codes."""
    rules = audit.get("rules", {})
    on = [
        name if value is True else say("{name}={value}", name=name, value=value)
        for name, value in rules.items()
        if value
    ]
    off = [name for name, value in rules.items() if not value]
    blocks: list[Block] = []
    if on:
        blocks.append(
            Prose(
                say(
                    "Rules to choose that were on: {join}; off: {join2}.",
                    join=joined(on, ", "),
                    join2=joined(off, ", ") or "none",
                )
            )
        )
    for kind, counts in audit.get("unknown", {}).items():
        if counts:
            some = joined((say("{code} {n:,}", code=code, n=n) for code, n in islice(counts.items(), LISTED)), ", ")
            blocks.append(Prose(say("Most frequent {kind} that no table knows: {some}.", kind=kind, some=some)))
    return blocks


def fetch_section(found: Mapping[str, Any]) -> Section:
    """What was fetched of a source, what its server lacks, and what became of the rows."""
    dropped = sum(found["dropped"].values())
    facts = (
        (
            say("files fetched"),
            say("{fetched:,}, {bytes:,.1f} MB", fetched=found["fetched"], bytes=found["bytes"] / 1000000.0),
        ),
        (say("files in the store before"), Number(f"{found['in_store']:,}")),
        (say("files that the server lacks"), Number(f"{len(found['missing']):,}")),
        (say("rows read"), Number(f"{found['read']:,}")),
        (say("kept, dropped, quarantined"), Number(f"{found['kept']:,}, {dropped:,}, {found['quarantined']:,}")),
    )
    missing, more = found["missing"][:LISTED], len(found["missing"]) - LISTED
    notes = [*found["warnings"], found["terms"]]
    if missing:
        notes = [
            say(
                "Not there: {join}{text}.",
                join=joined(missing, ", "),
                text=say(", and {more:,} more", more=more) if more > 0 else "",
            ),
            *notes,
        ]
    end = (
        say("Snapshot {snapshot}.", snapshot=found["snapshot"])
        if found["snapshot"]
        else say("Nothing was added to the store.")
    )
    return Section("fetch", "", (Facts(facts), Prose(end), Items(tuple(notes), title=say("Keep in mind"))))


def snapshots_section(found: Mapping[str, Any]) -> Section:
    """The states of a store that can be read by name, latest first."""
    kept = found["snapshots"]
    columns = (
        Column(say("snapshot")),
        Column(say("imported (UTC)")),
        *(Column(n, "number") for n in (say("rows added"), say("rows"))),
    )
    rows = tuple(
        Row((s["snapshot"], s["imported"][:19].replace("T", " "), Number(f"{s['added']:,}"), Number(f"{s['rows']:,}")))
        for s in reversed(kept)
    )
    blocks: list[Block] = [Table(columns, rows, say("STORE@SNAPSHOT reads one"), shown=LISTED, things=say("snapshots"))]
    if "pruned" in found:
        blocks.append(_removed(found["pruned"]))
    return Section("snapshots", "", tuple(blocks))


def _removed(pruned: Mapping[str, Any]) -> Prose:
    """What was removed from a store; of many snapshots, the latest."""
    names = pruned["snapshots"]
    more = [say("{names:,} snapshots and", names=len(names) - LISTED)] if len(names) > LISTED else []
    gone = [*(say("snapshot {s}", s=s) for s in names[-LISTED:]), *pruned["files"]]
    return Prose(
        joined([say("Removed:"), *more, say("{join}.", join=joined(gone, ", "))], " ")
        if gone
        else say("Nothing was there to remove.")
    )


def describe_section(d: Mapping[str, Any]) -> Section:
    """Actors, span, events by class, busiest pairs."""
    grain = d.get("grain")
    size = say("weight") if grain else say("events")
    facts = (
        (say("from"), Day(d["from"])),
        (say("to"), Day(d["to"])),
        (
            say("spans of {grain} with events", grain=grain) if grain else say("days with events"),
            Number(f"{d['days']:,}"),
        ),
        (say("days known to be missing"), Number(f"{len(d['missing']):,}")),
        (say("actors"), Number(f"{d['actors']:,}")),
        (say("pairs"), Number(f"{d['pairs']:,}")),
        (say("rows"), Number(f"{d['rows']:,}")),
        (size, _count(d["events"])),
        (say("  cooperation"), _count(d["cooperation"])),
        (say("  hostility"), _count(d["hostility"])),
        *((say("  {get}", get=QUAD.get(int(q), q)), _count(n)) for q, n in d["quad"].items()),
    )
    columns = (Column(say("pair")), *(Column(n, "number") for n in (size, say("cooperation"), say("hostility"))))
    rows = tuple(
        Row(
            (
                say("{a}, {b}", a=named(p["a"]), b=named(p["b"])),
                *(_count(p[n]) for n in (say("events"), say("cooperation"), say("hostility"))),
            )
        )
        for p in d["busiest"]
    )
    note = (Prose(d["note"]),) if d.get("note") else ()
    return Section("data", "", (Facts(facts), Table(columns, rows, say("Busiest pairs")), *note))


def events_section(found: Mapping[str, Any]) -> Section:
    """The rows behind a pair, latest first."""
    rows, n, directed = found["events"], int(found["n"]), bool(found["directed"])
    blocks: list[Block] = []
    if not directed:
        blocks.append(Prose(say("Net, undirected data: whose act it was cannot be known.")))
    if not rows:
        return Section("rows", "", (*blocks, Prose(say("There are no rows."))))
    columns = (
        Column(say("date")),
        Column(say("who")),
        Column(say("weight"), "number"),
        Column(say("what, and where it is from"), "words"),
    )
    lines = tuple(
        Row(
            (
                when(str(r["date"]), found.get("grain", "day")),
                who(r, directed),
                number(r["weight"]),
                Cell(what(r), note=str(r.get("origin") or ""), url=str(r.get("url") or ""), link=say("report")),
            )
        )
        for r in rows
    )
    blocks.append(
        Table(columns, lines, plural("{n:,} row, latest first", "{n:,} rows, latest first", n), looks="events")
    )
    if n > len(rows):
        blocks.append(Prose(say("{n:,} more: raise --limit.", n=n - len(rows))))
    return Section("rows", "", tuple(blocks))


def codes_section(codes: Mapping[str, Any]) -> Section:
    """Actors, event types and members of groups."""
    blocks: list[Block] = []
    if codes["actors"]:
        columns = (say("code"), say("name"), say("kind"), "COW", "GW", say("dates"))
        rows = tuple(_actor(a) for a in codes["actors"])
        blocks.append(_table(columns, rows, say("Actors"), numbers=("COW", "GW")))
    if codes["types"]:
        blocks += _types(codes["types"])
    if codes["groups"]:
        rows = tuple(Row((m["group"], named(m["actor"]), _dates(m))) for m in codes["groups"])
        blocks.append(_table((say("group"), say("member"), say("dates")), rows, say("Members of groups")))
    return Section("codes", "", tuple(blocks) or (Prose(say("Nothing of that name.")),))


def _actor(a: Mapping[str, Any]) -> Row:
    name = Name(a["name"], a["code"])
    return Row((a["code"], name, known(a["kind"]), _join(a["cow"]), _join(a["gw"]), _dates(a)))


def cache_section(found: Mapping[str, Any]) -> Section:
    """What is kept of fits, how much, and where."""
    gone = found["removed"]
    size, limit = found["bytes"] / 1e6, found["limit"] / 1e6
    blocks = (
        *(
            [
                Prose(
                    say(
                        "{files:,} files removed, {bytes:,.1f} MB.",
                        files=gone["files"],
                        bytes=gone["bytes"] / 1000000.0,
                    )
                )
            ]
            if gone["files"]
            else []
        ),
        Prose(
            say(
                "{files:,} files of fits and certificates, {size:,.1f} MB of {limit:,.0f} MB at most.",
                files=found["files"],
                size=size,
                limit=limit,
            )
        ),
        Prose(say("In {folder}", folder=found["folder"]), style="code"),
        *([] if found["on"] else [Prose(say("Turned off by TERTIUS_CACHE: nothing is kept, nor read."))]),
    )
    return Section("cache", "", blocks)


def _types(types: Sequence[Mapping[str, Any]]) -> list[Block]:
    columns = (say("type"), say("ontology"), say("quad"), say("weight"), say("label"))
    rows = tuple(
        Row(
            (
                t["type"],
                t["ontology"],
                QUAD.get(t["quad"], "") if t["quad"] is not None else "",
                Number(f"{t['weight']:.1f}") + ("" if t["weight_of"] == "type" else "*"),
                t["label"] or "",
            )
        )
        for t in types
    )
    blocks: list[Block] = [_table(columns, rows, say("Event types"), numbers=(say("weight"),))]
    blocks.append(Prose(say("weight: size on Goldstein's scale, 0 to 10. Imports do not use it.")))
    if any(t["weight_of"] != "type" for t in types):
        blocks.append(Prose(say("* the quad class's, by convention: the scale does not know the type.")))
    return blocks


def _table(columns: Sequence[str], rows: tuple[Row, ...], caption: str, numbers: Sequence[str] = ()) -> Table:
    return Table(tuple(Column(n, "number" if n in numbers else "text") for n in columns), rows, caption)


def _dates(of: Mapping[str, Any]) -> str:
    return joined((of["from"] or "", say("to"), of["to"] or say("now"))).strip() if of["from"] or of["to"] else ""


def _count(x: float) -> str:
    """A number of events, which halves of mirrored codings can make fractional."""
    return Number(f"{x:,.0f}") if float(x).is_integer() else Number(f"{x:,.1f}")


def _join(values: Iterable[object]) -> str:
    return joined(map(str, islice(values, LISTED)), ", ")

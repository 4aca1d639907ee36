"""Answers in the terminal, readable in 80 columns, with or without colours.

What comes first is what must not be missed: the verdict, and whether there was a rise to explain. Labels of the data
are text: no markup, no control characters.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tertius.answers.attribution import ThirdParty, foe_effect
from tertius.answers.explanation import Drives, Explanation, total_note
from tertius.answers.overview import SHOWN, Pairs
from tertius.events.data import EventData
from tertius.model.coefficients import cells
from tertius.model.result import FitResult, note
from tertius.model.tables import FORMATS
from tertius.plain import number
from tertius.report import adequacy as fitting
from tertius.report.ladder import (
    SPLIT_PANEL,
    beside_lines,
    beside_names,
    beside_note,
    line_figures,
    rung_lines,
    where_it_stands,
)
from tertius.report.rows import LEFT, PAIR_HEADINGS, PAIRS_NOTE, pair_by_pair, pair_lines, printed, what, who
from tertius.report.wording import (
    QUAD,
    because,
    by_text,
    command_lines,
    condition_lines,
    decimals,
    headline,
    in_text,
    interval,
    largest,
    meaning,
    model_title,
    named,
    nobody_moved,
    parts_note,
    percent,
    plain_text,
    pressure_note,
    question,
    rise_text,
    rise_verdict,
    span,
    window,
)
from tertius.study import Fits

WIDTH = 80
THIRD_PARTIES = 12
PAIRS = 20
LISTED = 10


class _Terminal(Console):
    """A console that leaves it to the caller what to do where its reader has gone (``| head -1``)."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """The terminal, or 80 plain columns where standard output is none."""
    found = _Terminal(highlight=False, markup=False, emoji=False)
    if found.is_terminal:
        return found
    return _Terminal(highlight=False, markup=False, emoji=False, width=WIDTH, color_system=None)


def summary(result: EventData | FitResult | Explanation | Drives | Pairs) -> str:
    """What the terminal shows of a result, as plain text of at most 80 columns."""
    sink = io.StringIO()
    plain = Console(file=sink, highlight=False, markup=False, emoji=False, width=WIDTH, color_system=None)
    if isinstance(result, EventData):
        print_describe(plain, result.describe())
    elif isinstance(result, FitResult):
        print_fit(plain, result)
    else:
        print_answer(plain, result)
    return "\n".join(line.rstrip() for line in sink.getvalue().splitlines())


def print_table(result: FitResult | Explanation | Drives | Pairs | Mapping[str, Any], table: str) -> None:
    """The rows of a result alone on standard output, in one of :data:`tertius.model.tables.FORMATS`."""
    sys.stdout.write(FORMATS[table](printed(result)).rstrip("\n") + "\n")


def print_answer(console: Console, answer: Explanation | Drives | Pairs) -> None:
    """An answer of either kind."""
    if isinstance(answer, Explanation):
        print_explanation(console, answer)
    elif isinstance(answer, Pairs):
        print_pairs(console, answer)
    else:
        print_drives(console, answer)


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Verdict and rise, third parties, what is left, caveats, and the command that repeats it."""
    e, a = explanation, explanation.attribution
    _say(console, question(e), style="bold")
    _verdict(console, e.judgement.words, because(e))
    _say(console, f"Was there a rise to explain? {rise_verdict(e)}. {rise_text(e)}")
    _gap(console)
    _say(console, headline(e), style="bold")
    if by_text(e):
        _say(console, by_text(e))
    _certificate(console, e)
    _ladder(console, e.fit, a.effect)
    _beside(console, e.fit, a.effect)
    _gap(console)
    chosen = largest(a.third_parties, THIRD_PARTIES)
    whose = "hostility towards both" if e.fit.directed else "hostility between k and the pair"
    if chosen:
        _say(console, f"The {len(chosen)} largest of {len(a.third_parties)} third parties k, by changed {whose}:")
        _third_parties(console, e.unit, chosen)
    else:
        _say(console, nobody_moved(e))
    _gap(console)
    _pairs(
        console,
        [
            ("all third parties together", f"{number(a.total.events)} ({interval(a.total.low, a.total.high)})"),
            ("unattributed: all less the single parts", percent(a.unattributed)),
            ("expected in the window", f"{number(a.expected)} {e.unit}"),
            ("observed in the window", f"{number(a.observed)} {e.unit}"),
        ],
    )
    for said in (total_note(a), parts_note(e), pressure_note(e)):
        if said:
            _say(console, said)
    if beside := largest(a.shared_target, 3):
        _gap(console)
        _say(
            console,
            "Beside it, hostility of both towards a third party (shared target): "
            + "; ".join(
                f"{named(t.actor)} {number(t.events)} ({interval(t.events_low, t.events_high)})" for t in beside
            )
            + ".",
        )
    _bullets(console, "Keep in mind", e.caveats)
    _command(console, e.command)


def print_drives(console: Console, drives: Drives) -> None:
    """Whom a third party drives together: verdict, text, pairs, caveats, command."""
    _say(console, f"Whom does {in_text(drives.by)} drive together?", style="bold")
    _verdict(console, drives.verdict, meaning(drives.verdict, drives.outcome))
    _say(console, drives.text)
    _say(console, f"Window {span(drives.window)}, reference {span(drives.reference)}.")
    moved = [p for p in drives.pairs if p.events != 0]
    if moved:
        _gap(console)
        table = _table(("pair", "left"), (drives.unit, "right"), ("95 % interval", "right"), ("expected", "right"))
        for p in moved[:PAIRS]:
            table.add_row(
                _text(f"{named(p.a)}, {named(p.b)}"),
                number(p.events),
                interval(p.events_low, p.events_high),
                number(p.expected),
            )
        _show(console, table)
        _more(console, len(moved), PAIRS, "pairs")
    _ladder(console, drives.fit, drives.effect)
    _beside(console, drives.fit, drives.effect)
    _bullets(console, "Keep in mind", drives.caveats)
    _command(console, drives.command)


def print_pairs(console: Console, found: Pairs) -> None:
    """How many pairs rose, the pairs with their rise and largest third parties, caveats, command."""
    _say(
        console, "Pairs side by side" if found.side_by_side else "Which pairs rose, and who drives them?", style="bold"
    )
    _gap(console)
    _say(console, found.text)
    _say(console, f"Window {span(found.window)}, reference {span(found.reference)}; in {found.unit}.")
    if found.pairs:
        _gap(console)
        table = _table(*((h, "left" if h in LEFT else "right") for h in PAIR_HEADINGS))
        for line in pair_lines(found.pairs[:SHOWN]):
            table.add_row(*map(_text, line))
        _show(console, table)
        _more(console, len(found.pairs), SHOWN, "pairs")
        _say(console, PAIRS_NOTE)
    else:
        _say(console, "No pair is left of those asked for.")
    if found.side_by_side:
        _bullets(console, "Pair by pair", pair_by_pair(found))
    _bullets(console, "Keep in mind", found.caveats)
    _command(console, found.command)


def print_cache(console: Console, document: Mapping[str, Any]) -> None:
    """What is kept of fits."""
    gone = document["removed"]
    if gone["files"]:
        _say(console, f"{gone['files']:,} files removed, {gone['bytes'] / 1e6:,.1f} MB.")
    size, limit = document["bytes"] / 1e6, document["limit"] / 1e6
    _say(console, f"{document['files']:,} files of fits and certificates, {size:,.1f} MB of {limit:,.0f} MB at most.")
    _raw(console, f"In {document['folder']}")
    if not document["on"]:
        _say(console, "Turned off by TERTIUS_CACHE: nothing is kept, nor read.")


def print_fit(console: Console, fit_result: FitResult) -> None:
    """The coefficients with their default interval, the note below them, what was left out or warned of, command."""
    f = fit_result
    model = "within-pair" if f.model == "within" else f.model
    _say(console, f"{model_title(f)} ({model} model)", style="bold")
    _gap(console)
    table = _table(
        ("term", "left"), ("estimate", "right"), ("se", "right"), ("95 % interval", "right"), ("z", "right"),
        ("per sd", "right"),
    )  # fmt: skip
    for c in f.coefficients:
        first, *rest = cells(c)
        table.add_row(_text(first), *rest)
    _show(console, table)
    _say(console, note(f))
    if f.alternatives:
        _gap(console)
        _all_beside(console, f)
    _ladder(console, f, foe_effect(f.directed))
    _adequacy(console, f)
    _miscoding(console, f)
    if f.absorbed:
        _bullets(console, "Left out", [f"{a['term']}: it {a['reason']}" for a in f.absorbed])
    _bullets(console, "Keep in mind", f.warnings)
    _command(console, f.command)


def print_fits(console: Console, result: FitResult | Fits) -> None:
    """One fit or several."""
    for k, one in enumerate(result.fits if isinstance(result, Fits) else (result,)):
        if k:
            _gap(console)
        print_fit(console, one)


def print_demo(console: Console, explanation: Explanation, path: Path) -> None:
    """The answer of the demo, where its page is, and what to type next."""
    print_explanation(console, explanation)
    _gap(console)
    _say(console, "The page of this answer, for any browser, without a network:")
    _raw(console, f"  {path}")
    _say(console, "Next, whom does the United States drive together in the same sample?")
    _raw(console, f"  tertius explain --by USA {explanation.data_name}")


def print_audit(console: Console, audit: Mapping[str, Any]) -> None:
    """Rows read, kept and dropped, by rule and by file; coverage."""
    kind = "directed" if audit["directed"] else "undirected, net"
    _say(console, f"Rows read, kept and dropped ({kind})", style="bold")
    table = _table(("rule", "left"), ("rows", "right"))
    table.add_row("read", f"{audit['read']:,}")
    table.add_row("kept", f"{audit['kept']:,}")
    for rule, n in audit["dropped"].items():
        table.add_row(f"dropped: {rule.replace('_', ' ')}", f"{n:,}")
    table.add_row("quarantined", f"{audit['quarantined']:,}")
    if "rows" in audit:
        table.add_row("rows in the store", f"{audit['rows']:,}")
    _show(console, table)
    coverage = audit["coverage"]
    missing = coverage["missing"]
    days = f"From {coverage['from']} to {coverage['to']}, {coverage['slices']:,} days with events"
    _say(console, days + (f", {len(missing):,} known to be missing." if missing else "."))
    if len(audit["files"]) > 1:
        _gap(console)
        files = _table(("file", "left"), ("read", "right"), ("kept", "right"), ("dropped", "right"))
        for f in audit["files"][:LISTED]:
            files.add_row(_text(f["name"]), f"{f['read']:,}", f"{f['kept']:,}", f"{sum(f['dropped'].values()):,}")
        _show(console, files)
        _more(console, len(audit["files"]), LISTED, "files")
    if audit.get("snapshot"):
        _say(console, f"Snapshot {audit['snapshot']}.")
    older = [s for s in audit.get("snapshots", ()) if s != audit["snapshot"]]
    if older:
        _say(console, f"Other snapshots (STORE@NAME reads one): {', '.join(older[-LISTED:])}.")
    if "pruned" in audit:
        gone = [*(f"snapshot {s}" for s in audit["pruned"]["snapshots"]), *audit["pruned"]["files"]]
        _say(console, f"Removed: {', '.join(gone)}." if gone else "Nothing was there to remove.")
    _bullets(console, "Keep in mind", audit.get("warnings", ()))


def print_describe(console: Console, describe: Mapping[str, Any]) -> None:
    """Actors, span, events by class, busiest pairs."""
    d = describe
    _say(console, f"{d['data']} ({'directed' if d['directed'] else 'undirected, net'}, hash {d['hash']})", style="bold")
    _pairs(
        console,
        [
            ("from", str(d["from"])),
            ("to", str(d["to"])),
            ("days with events", f"{d['days']:,}"),
            ("days known to be missing", f"{len(d['missing']):,}"),
            ("actors", f"{d['actors']:,}"),
            ("pairs", f"{d['pairs']:,}"),
            ("rows", f"{d['rows']:,}"),
            ("events", _count(d["events"])),
            ("  cooperation", _count(d["cooperation"])),
            ("  hostility", _count(d["hostility"])),
            *((f"  {QUAD.get(int(q), q)}", _count(n)) for q, n in d["quad"].items()),
        ],
    )
    _gap(console)
    table = _table(("busiest pairs", "left"), ("events", "right"), ("cooperation", "right"), ("hostility", "right"))
    for p in d["busiest"]:
        table.add_row(
            _text(f"{named(p['a'])}, {named(p['b'])}"),
            _count(p["events"]),
            _count(p["cooperation"]),
            _count(p["hostility"]),
        )
    _show(console, table)


def print_events(console: Console, events: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """The rows behind a pair: the document of ``tertius events``, or rows alone."""
    if isinstance(events, Mapping):
        rows, n, directed = events["events"], int(events["n"]), bool(events["directed"])
        one, other = events["pair"]
        _say(console, f"{named(one)} and {named(other)} in {events['data']}: {n:,} rows, latest first", style="bold")
        if not directed:
            _say(console, "Net, undirected data: whose act it was cannot be known.")
    else:
        rows, n, directed = events, len(events), True
    if not rows:
        _say(console, "There are no rows.")
        return
    table = _table(("date", "left"), ("who", "left"), ("weight", "right"), ("what, and where it is from", "left"))
    for row in rows:
        said = Text("\n").join(_text(x) for x in (what(row), row.get("origin")) if x)
        table.add_row(_text(row["date"]), _text(who(row, directed)), number(row["weight"]), said)
    _show(console, table)
    if n > len(rows):
        _say(console, f"{n - len(rows):,} more: raise --limit.")


def print_codes(console: Console, codes: Mapping[str, Any]) -> None:
    """Actors, event types and members of groups."""
    if codes["actors"]:
        table = _table(
            ("code", "left"), ("name", "left"), ("kind", "left"), ("COW", "right"), ("GW", "right"), ("dates", "left")
        )
        for a in codes["actors"]:
            dates = f"{a['from'] or ''} to {a['to'] or 'now'}" if a["from"] or a["to"] else ""
            table.add_row(
                _text(a["code"]), _text(a["name"]), _text(a["kind"]), _join(a["cow"]), _join(a["gw"]), _text(dates)
            )
        _show(console, table)
    if codes["types"]:
        table = _table(("type", "left"), ("ontology", "left"), ("quad", "left"), ("weight", "right"), ("label", "left"))
        for t in codes["types"]:
            quad = QUAD.get(t["quad"], "") if t["quad"] is not None else ""
            weight = f"{t['weight']:.1f}" + ("" if t["weight_of"] == "type" else "*")
            table.add_row(_text(t["type"]), _text(t["ontology"]), quad, weight, _text(t["label"] or ""))
        _show(console, table)
        _say(console, "weight: size on Goldstein's scale, 0 to 10. Imports do not use it.")
        if any(t["weight_of"] != "type" for t in codes["types"]):
            _say(console, "* the quad class's, by convention: the scale does not know the type.")
    if codes["groups"]:
        table = _table(("group", "left"), ("member", "left"), ("dates", "left"))
        for m in codes["groups"]:
            dates = f"{m['from'] or ''} to {m['to'] or 'now'}"
            table.add_row(_text(m["group"]), _text(named(m["actor"])), _text(dates))
        _show(console, table)
    if not any(codes[part] for part in ("actors", "types", "groups")):
        _say(console, "Nothing of that name.")


def _third_parties(console: Console, unit: str, parts: Sequence[ThirdParty]) -> None:
    shares = any(t.pressure_share == t.pressure_share for t in parts)
    table = _table(
        ("third party", "left"), (unit, "right"), ("95 % interval", "right"), ("share", "right"),
        *([("pressure share", "right")] if shares else []),
    )  # fmt: skip
    for t in parts:
        table.add_row(
            _text(named(t.actor)),
            number(t.events),
            interval(t.events_low, t.events_high),
            percent(t.share),
            *([percent(t.pressure_share)] if shares else []),
        )
    _show(console, table)


def _certificate(console: Console, e: Explanation) -> None:
    """The profile, the conditions and the reverse; nothing where the certificate was not run."""
    c = e.certificate
    if c is None:
        return
    _gap(console)
    _say(console, f"The certificate: {'passed' if c.passed else 'not passed'}. Cooperation now and hostility of")
    profile = _table(("periods around now", "left"), ("estimate", "right"), ("se", "right"), ("z", "right"))
    for p in c.profile:
        profile.add_row(window(p), number(p.estimate), number(p.se), decimals(p.z))
    _show(console, profile)
    _gap(console)
    table = _table(("condition", "left"), ("figure", "right"), ("needed", "left"), ("holds", "left"))
    for line in condition_lines(c):
        table.add_row(line.name, line.figure, line.needed, "yes" if line.passed else "no")
    _show(console, table)
    for said in (*(c.reasons if not c.passed else ()), *(p.text for p in c.pictures)):
        _bullet(console, said)
    if e.reverse is not None:
        _say(console, f"The reverse claim: {e.reverse.claim} Verdict: {e.reverse.verdict}. {e.reverse.text}")


def _ladder(console: Console, fit: FitResult, term: str) -> None:
    """One line a rung, and on which of them the interval excludes zero; nothing where the ladder was not climbed."""
    lines = rung_lines(fit.ladder, term)
    if not lines:
        return
    _gap(console)
    _say(console, f"The ladder: {term} per standard deviation, 95 % intervals")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for line in lines:
        if line.curve:
            said = line.text
        elif line.state:
            said = f"{line.state}: {line.text}"
        else:
            said = line_figures(line) + (f", n = {line.n:,.0f}" if line.n == line.n else "")
        grid.add_row(_text(line.label), _text(said))
    _show(console, Padding(grid, (0, 0, 0, 1)))
    _say(console, where_it_stands(lines, term))
    _say(console, "A standard deviation is that of what the rung compares: compare signs, not sizes.")


def _beside(console: Console, fit: FitResult, term: str) -> None:
    """What stands beside one term's estimate within pairs; nothing in other models."""
    line = next((b for b in beside_lines(fit) if b.term == term), None)
    if line is None or not line.others:
        return
    _gap(console)
    _say(console, f"Beside it, {term} {line.estimate} asked in other ways, estimate (se):")
    _pairs(console, line.others)


def _all_beside(console: Console, fit: FitResult) -> None:
    """What stands beside every term's estimate within pairs."""
    names = (n.replace(" ", "\n", 1) if n == SPLIT_PANEL else f"{n}\n(se)" for n in beside_names(fit))
    table = _table(("beside it", "left"), *((n, "right") for n in names))
    for line in beside_lines(fit):
        table.add_row(_text(line.term), *(value for _, value in line.others))
    _show(console, table)
    _say(console, beside_note(fit))


def _adequacy(console: Console, fit: FitResult) -> None:
    """How well the model fits; nothing where that was not asked for."""
    a = fit.adequacy
    if a is None:
        return
    _gap(console)
    _say(console, "How well it fits")
    _pairs(console, fitting.facts(a))
    for said in (fitting.held_text(a), fitting.calibration_text(a), *fitting.residual_texts(a), fitting.judged_text(a)):
        if said:
            _say(console, said)


def _miscoding(console: Console, fit: FitResult) -> None:
    """How many wrong codings would overturn a sign; nothing where that was not asked for."""
    m = fit.miscoding
    if m is None:
        return
    _gap(console)
    _say(console, f"Wrong codings: {m.term}, mean of {m.draws} draws (95 % interval)")
    _pairs(console, fitting.share_lines(m))
    _say(console, m.text)
    _say(console, fitting.largest_cells(m))


def _verdict(console: Console, verdict: str, means: str) -> None:
    console.print(Text(f"Verdict: {verdict}.", style="bold yellow"), width=_width(console))
    if means:
        _say(console, means)
    _gap(console)


def _bullets(console: Console, title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    if not lines:
        return
    _gap(console)
    _say(console, f"{title}:")
    for line in lines:
        _bullet(console, line)


def _bullet(console: Console, line: str) -> None:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=2, justify="right")
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row("-", _text(line))
    _show(console, grid)


def _command(console: Console, command: str) -> None:
    """The command that repeats it, in lines that the shell joins again."""
    _gap(console)
    _say(console, "Again:")
    for line in command_lines(command, _width(console) - 2):
        _raw(console, f"  {line}")


def _pairs(console: Console, lines: Sequence[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column(justify="right", overflow="fold")
    for name, value in lines:
        grid.add_row(_text(name), _text(value))
    _show(console, Padding(grid, (0, 0, 0, 1), expand=False))


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name, justify in columns:
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    return table


def _more(console: Console, n: int, shown: int, what: str) -> None:
    if n > shown:
        _say(console, f"{n - shown:,} more {what} in --json.")


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(plain_text(text), style=style, overflow="fold"), width=_width(console))


def _show(console: Console, what: RenderableType) -> None:
    console.print(what, width=_width(console))


def _raw(console: Console, text: str) -> None:
    """A line to be copied: never broken by us."""
    console.print(Text(plain_text(text)), soft_wrap=True)


def _gap(console: Console) -> None:
    console.print()


def _width(console: Console) -> int:
    return min(console.width, WIDTH)


def _text(value: object) -> Text:
    return Text(plain_text(value))


def _count(x: float) -> str:
    """A number of events, which halves of mirrored codings can make fractional."""
    return f"{x:,.0f}" if float(x).is_integer() else f"{x:,.1f}"


def _join(values: Iterable[object]) -> str:
    return ", ".join(map(str, islice(values, LISTED)))

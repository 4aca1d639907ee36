"""The rows of an answer, for ``--table``: third parties, pairs, coefficients, or events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from tertius.answers.attribution import ThirdParty
from tertius.answers.explanation import Drives, Explanation
from tertius.answers.overview import COLUMNS, PairEntry, Pairs
from tertius.answers.pairs import DrivenPair
from tertius.model.result import FitResult, fit_table
from tertius.model.tables import Printed
from tertius.plain import number
from tertius.report.wording import QUAD, in_text, interval, named, percent, question

SHARE_NOTE = "A share is a part of the expected outcome, and no evidence by itself."
PAIRS_NOTE = (
    "Rise: outcome per observed day, window over reference, with 95 % interval; p is adjusted over all pairs. Third "
    "party: the largest part of the expected outcome. 6: whether the pair's own condition of the certificate holds."
)
PAIR_HEADINGS = ("pair", "rise", "interval", "p", "observed", "expected", "third party", "6")
LEFT = ("pair", "third party", "6")


def printed(result: FitResult | Explanation | Drives | Pairs | Mapping[str, Any]) -> Printed:
    """The rows of a result: coefficients, third parties, pairs, or the events of the document of ``tertius events``."""
    if isinstance(result, FitResult):
        return fit_table(result)
    if isinstance(result, Explanation):
        parts = result.attribution.third_parties
        lines = [
            (named(t.actor), number(t.events), interval(t.events_low, t.events_high), percent(t.share)) for t in parts
        ]
        columns = tuple(f.name for f in fields(ThirdParty))
        told = f"{question(result)} Verdict: {result.verdict}. {SHARE_NOTE}"
        headings = ("third party", result.unit, "95 % interval", "share of the expected")
        return Printed(headings, lines, [asdict(t) for t in parts], columns, told)
    if isinstance(result, Drives):
        pairs = result.pairs
        lines = [
            (f"{named(p.a)}, {named(p.b)}", number(p.events), interval(p.events_low, p.events_high), number(p.expected))
            for p in pairs
        ]
        columns = tuple(f.name for f in fields(DrivenPair))
        told = f"Whom does {in_text(result.by)} drive together? Verdict: {result.verdict}."
        headings = ("pair", result.unit, "95 % interval", "expected")
        return Printed(headings, lines, [asdict(p) for p in pairs], columns, told)
    if isinstance(result, Pairs):
        return Printed(PAIR_HEADINGS, pair_lines(result.pairs), [e.row() for e in result.pairs], COLUMNS, result.text)
    rows = result["events"]
    told_of = [(r["date"], who(r, bool(result["directed"])), what(r), number(r["weight"])) for r in rows]
    columns = ("date", "source", "target", "quad", "weight")
    return Printed(("date", "who", "what", "weight"), told_of, rows, columns)


def pair_lines(pairs: Sequence[PairEntry]) -> list[tuple[str, ...]]:
    """Cells of pairs for reading, under :data:`PAIR_HEADINGS`."""
    lines: list[tuple[str, ...]] = []
    for e in pairs:
        largest = next((f"{t.actor} {number(t.events)}" for t in e.third_parties if t.events > 0), "none")
        held = {None: "-", True: "yes", False: "no"}[None if e.condition is None else e.condition.passed]
        r = e.rise
        p = "<.0001" if r.p_adjusted < 1e-4 else number(r.p_adjusted, 2)
        lines.append(
            (", ".join(e.pair), number(r.ratio), interval(r.low, r.high), p, number(e.observed), number(e.expected),
             largest, held)
        )  # fmt: skip
    return lines


def pair_by_pair(found: Pairs) -> list[str]:
    """Verdict, third parties and condition 6 of each pair in words."""
    said = []
    for e in found.pairs:
        parts = "; ".join(
            f"{named(t.actor)} {number(t.events)} ({interval(t.events_low, t.events_high)})" for t in e.third_parties
        )
        own = "" if e.condition is None else f" Condition 6: {e.condition.text}"
        said.append(f"{named(e.pair[0])} and {named(e.pair[1])}: {e.verdict}. Largest third parties: {parts}.{own}")
    return said


def who(row: Mapping[str, Any], directed: bool) -> str:
    """Source and target of a row."""
    return f"{row['source']} {'>' if directed else '-'} {row['target']}"


def what(row: Mapping[str, Any]) -> str:
    """Class, type and sentence of a row."""
    sign = "cooperation" if row.get("sign", 0) > 0 else "hostility"
    quad = row.get("quad")
    said = QUAD.get(int(quad), sign) if quad is not None else sign
    kind = f" ({row['type']})" if row.get("type") else ""
    return f"{said}{kind}" + (f": {row['sentence']}" if row.get("sentence") else "")

"""The rows of an answer, for ``--table``: third parties, pairs, coefficients, or events."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from tertius.answers.attribution import ThirdParty
from tertius.answers.explanation import Drives, Explanation
from tertius.answers.overview import COLUMNS, Pairs
from tertius.answers.pairs import DrivenPair
from tertius.errors import UsageError
from tertius.model.tables import FORMATS, PARQUET, Printed
from tertius.plain import number, plain
from tertius.report.sections.pairs import pair_line
from tertius.report.words import in_text, interval, named, percent, question, what, when, who

SHARE_NOTE = "A share is a part of the expected outcome, and no evidence by itself."
PAIR_HEADINGS = ("pair", "rise", "interval", "p", "observed", "expected", "third party", "6")


def of_explanation(e: Explanation) -> Printed:
    """Third parties, the largest first."""
    parts = e.attribution.third_parties
    lines = [(named(t.actor), number(t.events), interval(t.events_low, t.events_high), percent(t.share)) for t in parts]
    columns = tuple(f.name for f in fields(ThirdParty))
    told = f"{question(e)} Verdict: {e.verdict}. {SHARE_NOTE}"
    headings = ("third party", e.unit, "95 % interval", "share of the expected")
    return Printed(headings, lines, [asdict(t) for t in parts], columns, told)


def of_drives(drives: Drives) -> Printed:
    """Pairs that hang on a third party, the largest first."""
    lines = [
        (f"{named(p.a)}, {named(p.b)}", number(p.events), interval(p.events_low, p.events_high), number(p.expected))
        for p in drives.pairs
    ]
    columns = tuple(f.name for f in fields(DrivenPair))
    told = f"Whom does {in_text(drives.by)} drive together? Verdict: {drives.verdict}."
    headings = ("pair", drives.unit, "95 % interval", "expected")
    return Printed(headings, lines, [asdict(p) for p in drives.pairs], columns, told)


def of_pairs(found: Pairs) -> Printed:
    """Pairs in their order."""
    rows = [e.row() for e in found.pairs]
    return Printed(PAIR_HEADINGS, [pair_line(e) for e in found.pairs], rows, COLUMNS, found.text)


def of_events(document: Mapping[str, Any]) -> Printed:
    """The rows behind a pair, latest first."""
    rows, directed = document["events"], bool(document["directed"])
    lines = [(when(r["date"], document["grain"]), who(r, directed), what(r), number(r["weight"])) for r in rows]
    columns = ("date", "source", "target", "quad", "weight")
    return Printed(("date", "who", "what", "weight"), lines, rows, columns)


def print_rows(table: Printed, form: str) -> None:
    """The rows alone on standard output, as one of :data:`tertius.model.tables.FORMS`.

    Raises UsageError where Parquet would go to a terminal.
    """
    if form == PARQUET:
        _print_parquet(table)
    else:
        sys.stdout.write(FORMATS[form](table).rstrip("\n") + "\n")


def _print_parquet(table: Printed) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if sys.stdout.isatty():
        raise UsageError("Parquet cannot be shown in a terminal.", "Write it to a file: --table parquet > FILE.")
    rows = [plain(dict(row)) for row in table.rows]
    names = tuple(rows[0]) if rows else table.columns
    found = pa.table({name: [row[name] for row in rows] for name in names})
    sink = pa.BufferOutputStream()
    pq.write_table(found, sink)
    sys.stdout.buffer.write(sink.getvalue().to_pybytes())

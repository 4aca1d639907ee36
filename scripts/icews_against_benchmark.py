"""The original bytes of ICEWS against the benchmark set made of it: the same state-to-state events on two days?

    python scripts/icews_against_benchmark.py ICEWS_RAW_FILE ICEWS18_EVENTS

The benchmark (RE-Net's ICEWS18) is a *set* of (date, source name, target name, relation); the original has a row an
event.
Compared are sets of (date, source state, target state, CAMEO code), by the names of actors, the only ones that the
benchmark has; a sector counts for its state. A difference is put into the first of these classes that it falls into:

    name not in the other   a label that the other file does not have at all (the benchmark kept some actors only)
    code differs            the same names on the day, under another code
    held out                none of these: of the benchmark's days, a part is held out for testing
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import duckdb

from tertius.codes import icews_actor

Key = tuple[str, str, str, str]


def rows(path: Path, columns: str, days: str) -> list[tuple[str, str, str, str]]:
    """(day, source name, target name, code) of a file on some days, each once."""
    read = f"read_parquet('{path}')" if path.suffix == ".parquet" else (
        f"read_csv('{path}', delim = '\t', quote = '', header = true, all_varchar = true, nullstr = 'NA')"
    )  # fmt: skip
    sql = f"SELECT DISTINCT {columns} FROM {read} WHERE {days} ORDER BY ALL"
    return [(str(a)[:10], b, c, d) for a, b, c, d in duckdb.sql(sql).fetchall()]


def states(found: list[Key]) -> dict[Key, list[Key]]:
    """Rows by what they say of two different states."""
    by: dict[Key, list[Key]] = {}
    for row in found:
        day, source, target, code = row
        a, b = icews_actor(source or ""), icews_actor(target or "")
        if a and b and a != b:
            by.setdefault((day, a, b, code), []).append(row)
    return by


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path)
    parser.add_argument("benchmark", type=Path)
    parser.add_argument("--listed", type=int, default=10, help="differences of a class that are printed")
    options = parser.parse_args()
    raw = rows(options.raw, '"Event Date", "Source Name", "Target Name", "CAMEO Code"', "true")
    span = sorted({row[0] for row in raw})
    days = f"date IN ({', '.join(f'DATE {day!r}' for day in span)})"
    other = rows(options.benchmark, "date, source, target, cameo", days)
    ours, theirs = states(raw), states(other)
    print(f"{', '.join(span)}: {len(raw):,} different rows in the original, {len(other):,} in the benchmark")
    both = ours.keys() & theirs.keys()
    print(f"state-to-state: {len(ours):,} and {len(theirs):,}; in both {len(both):,}")
    for title, here, there, there_rows in (
        ("in the original alone", ours, theirs, other), ("in the benchmark alone", theirs, ours, raw),
    ):  # fmt: skip
        names = {name for row in there_rows for name in row[1:3]}
        pairs = {row[:3] for row in there_rows}
        classes: dict[str, list[Key]] = {}
        for key in sorted(here.keys() - there.keys()):
            first = here[key][0]
            if not {first[1], first[2]} <= names:
                kind = "name not in the other"
            elif first[:3] in pairs:
                kind = "code differs"
            else:
                kind = "held out"
            classes.setdefault(kind, []).append(first)
        print(f"{title}: {sum(map(len, classes.values())):,}  {dict(Counter({k: len(v) for k, v in classes.items()}))}")
        for kind, some in classes.items():
            for row in some[: options.listed]:
                print(f"  {kind}: {' | '.join(row)}")


if __name__ == "__main__":
    main()

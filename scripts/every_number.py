"""Every number of every result, before and after a change of the code.

    python scripts/every_number.py --shared DIR --into AFTER.json [--only chronicle]
    PYTHONPATH=OTHER_CHECKOUT/src python scripts/every_number.py --shared DIR --into BEFORE.json
    python scripts/every_number.py --compare BEFORE.json AFTER.json

The first two run the commands of :data:`COMMANDS` on four data sets (the chronicle that comes with tertius; GDELT's net
dyad-days; ICEWS 2018; ICEWS by year with covariates of states), each in a process of its own, with nothing taken from
the cache, and write every number of their JSON to one file, by its path. They use commands alone, so that a checkout
that is older than this script can be asked too: PYTHONPATH says which. DIR is the folder that holds ``data/``; the
chronicle needs none.

The third lists every number that differs by more than 1e-12, relative to the larger of the two, and every path that
one of the files lacks, and exits with 1 if a number differs. A line of a table goes by its name
(``third_parties[USA]``), so that two tables in another order are compared line by line.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOLERANCE = 1e-12
NOT_RESULTS = frozenset({"seconds", "peak_memory_mb", "versions", "data_hash", "snapshot", "sha256", "seed"})
"""What differs between two runs of the same code, or is no number of a result."""
NAMES = ("term", "actor", "name", "rung", "windows", "legs", "date", "period", "from", "pair")
"""Keys by which a line of a table is known, the first that it has."""

IMPORTS = {
    "GDELT": "import dyads {data}/gdelt_dyad_day/weights.parquet --missing {data}/gdelt_dyad_day/missing_days.csv",
    "ICEWS": "import icews {data}/icews18/events.parquet --map source=source_iso3,target=target_iso3",
}
CHRONICLE = "chronicle --slice 1mo --half-life 2y --effects inertia.coop,activity.coop,friend_of_friend,shared_threat"
DECADES = "--window 2014-01-01 2023-08-31 --reference 2004-05-01 2013-12-31"
YEARS = "--window 2022-07-01 2023-06-30 --reference 2020-07-01 2021-06-30"
WITHOUT_GAPS = "--to 2019-02-28 --window 2018-10-01 2019-02-28 --reference 2018-05-01 2018-09-30"
"""Before the first day that GDELT's net dyad-days lack."""
SUMMER = "--window 2018-07-02 2018-09-23 --reference 2018-04-09 2018-07-01"
STATES = (
    "icews_yearly.parquet --model within --response weight --slice 1y --period 1y --half-life 2y "
    "--covariates alliance.parquet,trade.parquet,democracy.parquet"
)
COMMANDS: dict[str, tuple[str, ...]] = {
    "chronicle": (
        f"fit {CHRONICLE} --model rate --ladder",
        f"fit {CHRONICLE} --model rate --sample 20 --adequacy none",
        f"fit {CHRONICLE} --model sign",
        f"fit {CHRONICLE} --model rate --outcome any --legs min --transform raw",
        f"explain RUS PRK {CHRONICLE} {DECADES} --ladder --permutations 5 --miscoding foe",
        f"explain USA KOR {CHRONICLE} {DECADES} --legs product --decay-to previous --permutations 0",
        f"explain --by USA {CHRONICLE} {DECADES}",
    ),
    "GDELT": (
        "fit GDELT --model rate --slice 1w --to 2019-02-24",
        f"explain RUS PRK GDELT --model within {WITHOUT_GAPS} --permutations 5",
        f"explain --by USA GDELT --model within {WITHOUT_GAPS}",
        "fit GDELT --model rate --slice 1w",
        f"explain RUS PRK GDELT --model within {YEARS} --ladder --permutations 5",
        f"explain IND PAK GDELT --model within {YEARS} --permutations 0",
    ),
    "ICEWS": (
        "fit ICEWS --model rate --slice 1d --ladder",
        f"explain RUS PRK ICEWS --model rate --slice 1d {SUMMER} --permutations 5",
        f"explain USA PRK ICEWS --model within --period 1w {SUMMER} --permutations 5",
        f"explain RUS UKR ICEWS --model within --period 1w {SUMMER} --outcome hostility --no-certificate",
    ),
    "states": (
        f"fit {STATES} --ladder",
        f"explain USA PRK {STATES} --window 2010-01-01 2012-01-01 --reference 2007-01-01 2009-12-31 --no-certificate",
    ),
}
"""Every option that decides is given, and spans are whole slices: defaults may change, the answer to a question not."""


def document(words: list[str], folder: Path) -> Any:
    """What a command prints with --json."""
    code = "from tertius.cli import main; main()"
    environment = {**os.environ, "TERTIUS_CACHE": "off", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--json"], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"tertius {' '.join(words)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return json.loads(done.stdout)


def numbers(document: Any, path: str = "") -> Iterator[tuple[str, float | None]]:
    """Every number of a document with its path; None for what is null."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key not in NOT_RESULTS:
                yield from numbers(value, f"{path}.{key}" if path else key)
    elif isinstance(document, list):
        met: Counter[str] = Counter()
        for n, value in enumerate(document):
            name = _name(value, n)
            met[name] += 1
            yield from numbers(value, f"{path}[{name}{f' {met[name]}' if met[name] > 1 else ''}]")
    elif document is None or isinstance(document, bool | int | float):
        yield path, None if document is None else float(document)


def _name(line: Any, n: int) -> str:
    """The name of a line of a table, or its number."""
    if isinstance(line, dict):
        for key in NAMES:
            if isinstance(line.get(key), str | int):
                return str(line[key])
            if key == "pair" and isinstance(line.get(key), list):
                return "-".join(map(str, line[key]))
    return str(n)


def run(shared: Path | None, only: str) -> dict[str, dict[str, float | None]]:
    """The numbers of all commands, by command."""
    found: dict[str, dict[str, float | None]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, commands in COMMANDS.items():
            if only not in name or (name != "chronicle" and shared is None):
                continue
            if name == "states" and shared is not None:
                from ladder_yearly import write_tables  # beside this file

                write_tables(shared.resolve() / "data", folder)
            if name in IMPORTS and shared is not None:
                words = IMPORTS[name].format(data=shared.resolve() / "data").split()
                found[f"import {name}"] = dict(numbers(document([*words, "--into", name], folder)))
            for command in commands:
                began = time.perf_counter()
                found[command] = dict(numbers(document(command.split(), folder)))
                took = time.perf_counter() - began
                print(
                    f"{took:6.1f} s  {len(found[command]):6,} numbers  tertius {command}", file=sys.stderr, flush=True
                )
    return found


def difference(a: float | None, b: float | None) -> float:
    """Relative to the larger; infinite where one of the two is null."""
    if a is None or b is None:
        return 0.0 if a is b else float("inf")
    return 0.0 if a == b else abs(a - b) / max(abs(a), abs(b))


def compare(before: dict[str, Any], after: dict[str, Any], *, whole: bool) -> int:
    """Print what differs, by command and kind of number; how many numbers differ."""
    differ = 0
    for command in dict.fromkeys([*before, *after]):
        if command not in before or command not in after:
            print(f"\n{command}: only {'after' if command in after else 'before'}")
            continue
        old, new = before[command], after[command]
        both = [p for p in old if p in new]
        off = {p: d for p in both if (d := difference(old[p], new[p])) > TOLERANCE}
        differ += len(off)
        print(f"\n{command}: {len(both):,} numbers in both, {len(off):,} differ")
        groups: dict[str, list[str]] = {}
        for path in off:
            groups.setdefault(path if whole else re.sub(r"\[[^\]]*\]", "[]", path), []).append(path)
        for group, paths in sorted(groups.items(), key=lambda g: g[0]):
            worst = max(paths, key=lambda p: off[p])
            of = f" ({len(paths)}, the largest of {worst})" if len(paths) > 1 else f" ({worst})" * (group != worst)
            print(f"  {off[worst]:.1e}  {group}{of}: {old[worst]} -> {new[worst]}")
        for which, here, there in (("before", old, new), ("after", new, old)):
            lone = Counter(re.sub(r"\[[^\]]*\]", "[]", p) for p in here if p not in there)
            if lone:
                print(f"  only {which}: " + ", ".join(f"{p} ({n})" for p, n in lone.items()))
    return differ


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, help="the folder that holds data/; without it, the chronicle alone")
    parser.add_argument("--into", type=Path, help="the file to write")
    parser.add_argument("--only", default="", help="data sets with this in their name")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--whole", action="store_true", help="list every number by itself, not by kind")
    args = parser.parse_args()
    if args.compare:
        before, after = (json.loads(path.read_text()) for path in args.compare)
        differ = compare(before, after, whole=args.whole)
        print(f"\n{differ:,} numbers differ by more than {TOLERANCE:g}, relative.")
        raise SystemExit(1 if differ else 0)
    if args.into is None:
        parser.error("--into FILE says where the numbers go; --compare compares two such files.")
    found = run(args.shared, args.only)
    args.into.write_text(json.dumps(found, indent=1))
    print(f"{sum(map(len, found.values())):,} numbers of {len(found)} commands written: {args.into}")


if __name__ == "__main__":
    main()

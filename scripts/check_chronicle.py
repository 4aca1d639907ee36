"""Hold the embedded chronicle against three independent data sets.

    python scripts/check_chronicle.py --shared DIR [--write] [--draws 1000] [--seed 1]

DIR holds ``data/icews18``, ``data/gdelt_dyad_day`` and ``data/states`` (not part of the package).

A row **matches** an event data set when, within three days of its date, the pair's daily sum of the row's sign is above
that pair's own 95th percentile over all observed days:

- icews18: directed pair, number of events a day (quad 1-2 cooperation, 3-4 hostility), 2018-01-01..2018-09-27, with
  persons counted for their countries (``source_iso3_any``, ``target_iso3_any``);
- gdelt: undirected pair, positive or negative part of the net weight, 2018-01-01..2023-06-30, days in
  ``missing_days.csv`` left out (never zero).

Seven days of which one in twenty is extreme match by luck up to three times in ten, so the same rate on random dates of
the same pairs and signs stands beside it (``default_rng(seed)``). Random dates are not kept away from the row's own.
They are uniform over the whole span, and rows stand in busy months: so the rate 8 to 90 days from the row's own date,
either side, is printed too (``near dates``). What is left above it is the day, not the season.
A row cannot be checked when its date is outside the set, when an actor is not a state there, when the set has no day of
that sign for the pair, or when the whole window is unobserved.

un_votes: a row that cites a General Assembly resolution up to 2020-01-14 matches when the roll call has that date and
that state cast the vote which the sentence tells ("votes for": yes, "votes against": no).
sipri: a row that cites the SIPRI database matches when that year has a positive transfer from source to target.

``--write`` fills ``verified_by`` with the first match of un_votes, sipri, icews18, gdelt, else ``none``.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

CHRONICLE = Path(__file__).resolve().parents[1] / "src" / "tertius" / "sources" / "chronicle.csv"
REACH = 3  # days either side
QUANTILE = 0.95
NEAR = (8, 90)  # days from a row's own date: outside its window, in its season
Row = dict[str, str]
Key = tuple[str, str, bool]  # source, target (or a, b), cooperation?


@dataclass(frozen=True, slots=True)
class Calendar:
    """Daily sums by pair and sign. ``series``: key -> (days,) array; ``observed``: (days,) bool; ``first``: day 0."""

    name: str
    directed: bool
    first: date
    observed: NDArray[np.bool_]
    series: dict[Key, NDArray[np.float64]]
    threshold: dict[Key, float]

    def key(self, row: Row) -> Key:
        """The series that speaks about this row: directed, or with the pair in alphabetical order."""
        source, target = row["source"], row["target"]
        if not self.directed and source > target:
            source, target = target, source
        return source, target, int(row["quad"]) <= 2

    def day(self, row: Row) -> int:
        """The row's date as days since ``first``; may lie outside the calendar."""
        return (date.fromisoformat(row["date"]) - self.first).days

    def matches(self, key: Key, day: int) -> bool | None:
        """True or False, or None where it cannot be checked."""
        if key not in self.series or not 0 <= day < len(self.observed):
            return None
        window = slice(max(day - REACH, 0), day + REACH + 1)
        seen = self.observed[window]
        if not seen.any():
            return None
        return bool((self.series[key][window][seen] > self.threshold[key]).any())


def build_calendar(
    name: str, directed: bool, first: date, observed: NDArray[np.bool_], rows: list[tuple[str, str, bool, int, float]]
) -> Calendar:
    """Daily sums from (source, target, cooperation?, day, amount) and their 95th percentiles over observed days."""
    series: dict[Key, NDArray[np.float64]] = {}
    for source, target, cooperation, day, amount in rows:
        series.setdefault((source, target, cooperation), np.zeros(len(observed)))[day] += amount
    threshold = {key: float(np.quantile(values[observed], QUANTILE)) for key, values in series.items()}
    return Calendar(name, directed, first, observed, series, threshold)


def read_icews(data: Path) -> Calendar:
    """Directed event counts a day from the ICEWS benchmark of 2018."""
    first, last = date(2018, 1, 1), date(2018, 9, 27)
    rows = duckdb.execute(
        """SELECT source_iso3_any, target_iso3_any, quad <= 2, CAST(date - ? AS INTEGER), count(*)::DOUBLE
           FROM read_parquet(?) WHERE source_iso3_any <> target_iso3_any GROUP BY ALL ORDER BY ALL""",
        [first, str(data / "icews18" / "events.parquet")],
    ).fetchall()
    return build_calendar("icews18", True, first, np.ones((last - first).days + 1, dtype=bool), rows)


def read_gdelt(data: Path) -> Calendar:
    """Positive and negative parts of the undirected net weight a day, from GDELT 2."""
    first, last = date(2018, 1, 1), date(2023, 6, 30)
    rows = duckdb.execute(
        """SELECT a, b, weight > 0, CAST(date - ? AS INTEGER), sum(abs(weight))::DOUBLE
           FROM read_parquet(?) WHERE a <> b AND weight <> 0 GROUP BY ALL ORDER BY ALL""",
        [first, str(data / "gdelt_dyad_day" / "weights.parquet")],
    ).fetchall()
    observed = np.ones((last - first).days + 1, dtype=bool)
    with (data / "gdelt_dyad_day" / "missing_days.csv").open(newline="") as handle:
        for record in csv.DictReader(handle):
            observed[(date.fromisoformat(record["date"]) - first).days] = False
    return build_calendar("gdelt", False, first, observed, rows)


def un_vote_checker(data: Path) -> Callable[[Row], bool | None]:
    """A function row -> does the General Assembly's roll call agree? None where it does not apply."""
    states = data / "states"
    votes = {
        (str(symbol), str(iso3)): (str(day), str(vote))
        for symbol, iso3, day, vote in duckdb.execute(
            """SELECT regexp_extract(unres, 'R(?:ES)?/(.*)$', 1), c.iso3c, r.date, v.vote
               FROM read_parquet(?) v JOIN read_parquet(?) r USING (rcid)
               JOIN read_parquet(?) c ON c.iso2c = v.country_code WHERE r.date >= '2000'""",
            [
                str(states / "un_votes.parquet"),
                str(states / "un_roll_calls.parquet"),
                str(data / "codes" / "countries.parquet"),
            ],
        ).fetchall()
    }

    def check(row: Row) -> bool | None:
        cited = re.fullmatch(r"A/RES/(\d+/\d+)", row["reference"])
        if not cited or row["date"] > "2020-01-14":
            return None
        told = "no" if "votes against" in row["sentence"] else "yes" if re.search(r"\bvotes\b", row["sentence"]) else ""
        return votes.get((cited.group(1), row["source"])) == (row["date"], told) if told else None

    return check


def sipri_checker(data: Path) -> Callable[[Row], bool | None]:
    """A function row -> has SIPRI a transfer from source to target in that year? None where it does not apply."""
    transfers = set(
        duckdb.execute(
            """SELECT s.iso3c, t.iso3c, a.year FROM read_parquet(?) a
               JOIN read_parquet(?) s ON s.cown = a.supplier_cown
               JOIN read_parquet(?) t ON t.cown = a.recipient_cown WHERE a.tiv_millions > 0""",
            [str(data / "states" / "sipri_arms_dyad_year.parquet"), *[str(data / "codes" / "countries.parquet")] * 2],
        ).fetchall()
    )

    def check(row: Row) -> bool | None:
        year = int(row["date"][:4])
        if "SIPRI" not in row["reference"] or year > 2021:
            return None
        return (row["source"], row["target"], year) in transfers

    return check


def random_rate(calendar: Calendar, keys: list[Key], draws: int, rng: np.random.Generator) -> tuple[int, int]:
    """(matches, dates) over random dates: pair and sign drawn from the rows that could be checked, day uniform."""
    hits = tried = 0
    while keys and tried < draws:
        verdict = calendar.matches(keys[rng.integers(len(keys))], int(rng.integers(len(calendar.observed))))
        if verdict is not None:
            hits, tried = hits + verdict, tried + 1
    return hits, tried


def near_rate(
    calendar: Calendar, places: list[tuple[Key, int]], draws: int, rng: np.random.Generator
) -> tuple[int, int]:
    """(matches, dates) over dates 8 to 90 days before or after those rows, (key, day), that could be checked."""
    hits = tried = 0
    while places and tried < draws:
        key, day = places[rng.integers(len(places))]
        away = int(rng.integers(NEAR[0], NEAR[1] + 1)) * (1 if rng.integers(2) else -1)
        verdict = calendar.matches(key, day + away)
        if verdict is not None:
            hits, tried = hits + verdict, tried + 1
    return hits, tried


def share(hits: int, n: int) -> str:
    """Per cent with one decimal, or a dash."""
    return f"{100 * hits / n:.1f} %" if n else "-"


def main() -> None:
    """Print the table; with ``--write`` fill ``verified_by``."""
    parser = argparse.ArgumentParser(description="Hold the embedded chronicle against independent data.")
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/icews18 and the others")
    parser.add_argument("--chronicle", type=Path, default=CHRONICLE)
    parser.add_argument("--draws", type=int, default=1000, help="random and near dates per data set and sign")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="fill verified_by")
    parser.add_argument("--misses", action="store_true", help="list rows checked somewhere and matched nowhere")
    args = parser.parse_args()

    data = args.shared / "data"
    with args.chronicle.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    rng = np.random.default_rng(args.seed)
    verdicts: dict[str, list[bool | None]] = {}
    for name, check in (("un_votes", un_vote_checker(data)), ("sipri", sipri_checker(data))):
        verdicts[name] = [check(row) for row in rows]

    print(
        f"{'data set':<10}{'sign':<13}{'checked':>8}{'match':>7}{'rate':>9}{'random dates':>14}{'near dates':>12}"
        f"{'not checkable':>15}"
    )
    for calendar in (read_icews(data), read_gdelt(data)):
        verdicts[calendar.name] = [calendar.matches(calendar.key(row), calendar.day(row)) for row in rows]
        for cooperation in (True, False):
            signed = [
                (calendar.key(row), calendar.day(row), verdict)
                for row, verdict in zip(rows, verdicts[calendar.name], strict=True)
                if (int(row["quad"]) <= 2) == cooperation
            ]
            tried = [place for place in signed if place[2] is not None]
            hits = sum(bool(verdict) for _, _, verdict in tried)
            lucky = random_rate(calendar, [key for key, _, _ in tried], args.draws, rng)
            near = near_rate(calendar, [(key, day) for key, day, _ in tried], args.draws, rng)
            print(
                f"{calendar.name:<10}{'cooperation' if cooperation else 'hostility':<13}{len(tried):>8}{hits:>7}"
                f"{share(hits, len(tried)):>9}{share(*lucky):>14}{share(*near):>12}{len(signed) - len(tried):>15}"
            )
    for name in ("un_votes", "sipri"):
        tried_votes = [verdict for verdict in verdicts[name] if verdict is not None]
        print(
            f"{name:<10}{'both':<13}{len(tried_votes):>8}{sum(tried_votes):>7}"
            f"{share(sum(tried_votes), len(tried_votes)):>9}{'-':>14}{'-':>12}{len(rows) - len(tried_votes):>15}"
        )

    order = ("un_votes", "sipri", "icews18", "gdelt")
    for i, row in enumerate(rows):
        row["verified_by"] = next((name for name in order if verdicts[name][i]), "none")
    untried = sum(all(verdicts[name][i] is None for name in order) for i in range(len(rows)))
    nowhere = [i for i, row in enumerate(rows) if row["verified_by"] == "none"]
    matched = len(rows) - len(nowhere)
    print(f"\n{len(rows)} rows: {matched} matched somewhere.")
    vain = len(nowhere) - untried
    print(f"verified_by = none: {len(nowhere)} rows, {vain} checked in vain, {untried} without any data to check them.")
    if args.misses:
        for i in nowhere:
            where = [name for name in order if verdicts[name][i] is False]
            if where:
                row = rows[i]
                told = f"{row['date']} {row['source']}>{row['target']} {row['type']} ({', '.join(where)})"
                print(f"{told}: {row['sentence']}")
    if args.write:
        with args.chronicle.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()

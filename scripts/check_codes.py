"""Check tertius' codes against other people's tables (not part of the package): what resolves, what does not, and why.

    python scripts/check_codes.py --shared ../shared

Reads, in the shared folder, ``data/codes/countries.parquet`` (a crosswalk of ISO 3166, COW and Gleditsch & Ward),
``data/states`` (the member lists of the two state systems, and alliances), ``data/codes`` (event codes) and
``data/icews18`` (names). Iceland's defence pacts are NATO's and one with a member of it: its allies are the members.
Exits with 1 if a code does not resolve for a reason that is not listed here.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb

from tertius.codes import (
    find_group,
    group_members,
    icews_actor,
    name_to_code,
    quad_of,
    quad_table,
    resolve_actor,
    scale_value,
    weight_of,
)
from tertius.errors import UnknownActor

REASONS = {
    ("cown", "COW:327"): "the crosswalk gives the Holy See the number of the Papal States, 1816-1870; here COW:327",
    ("gwn", "GW:327"): "the crosswalk gives the Holy See the number of the Papal States, 1816-1870; here COW:327",
    ("gwn", "GW:815"): "the crosswalk gives Vietnam the number of Annam, 1816-1893; Vietnam is GW 816, here GW:815",
    ("names", "Stateless"): "not an actor",
    ("names", "Unknown"): "not an actor",
    ("names", "Channel Islands"): "two territories: GGY and JEY",
    ("names", "Brunswick"): "neither COW nor Gleditsch & Ward count it as a state",
    ("names", "Hamburg"): "neither COW nor Gleditsch & Ward count it as a state",
    ("names", "Nassau"): "not a state of either list; the word means the capital of the Bahamas",
    ("names", "Oldenburg"): "neither COW nor Gleditsch & Ward count it as a state",
    ("names", "Saxe-Weimar-Eisenach"): "neither COW nor Gleditsch & Ward count it as a state",
    ("names", "Somaliland"): "not a member of the United Nations, no ISO code, in neither list",
    (
        "names",
        "United Province CA",
    ): "the crosswalk's abbreviation of the United Provinces of Central America, here GW:89",
}


ICEWS_VALUES = {"016": -5.0, "022": 3.4, "164": -6.5, "165": -7.0}
"""Where ICEWS departs from the values of GDELT, which are ours."""


class Report:
    """Prints one line a system, then what is missing or different, and remembers what nobody explains."""

    def __init__(self) -> None:
        self.unexplained = 0

    def check(self, system: str, rows: Iterable[tuple[Any, Any]], resolve: Callable[[str], str | None]) -> None:
        """`rows` are (label, the code that the other table gives it, or None if it gives none)."""
        rows = list(rows)
        found = [(str(label), theirs, resolve(str(label))) for label, theirs in rows]
        missing = [(label, theirs, ours) for label, theirs, ours in found if ours is None]
        different = [(label, theirs, ours) for label, theirs, ours in found if ours and theirs and ours != theirs]
        print(f"{system}: resolved {len(rows) - len(missing)} of {len(rows)}; {len(different)} to another code")
        for label, theirs, ours in missing + different:
            reason = REASONS.get((system, label))
            self.unexplained += reason is None
            print(f"  {label}: {ours or 'not resolved'}, there {theirs or 'no code'}: {reason or 'NO REASON KNOWN'}")


def code_of(text: str, date: str | None = None) -> str | None:
    """The code that a text resolves to, or None."""
    try:
        return resolve_actor(text, date).code
    except UnknownActor:
        return None


def check_nato(pacts: list[tuple[int, int]]) -> int:
    """NATO's members against (year, COW number) of Iceland and its allies; how many differences nobody explains.

    ATOP counts an ally from the signature of the protocol of accession, tertius from the accession: up to two years.
    """
    entered = {stay.actor: stay.from_date for stay in find_group("NATO")}
    years = sorted({year for year, _ in pacts})
    early: dict[str, list[int]] = {}
    unexplained = 0
    for year in years:
        theirs = {code_of(f"COW:{ally}", f"{year}-12-31") for y, ally in pacts if y == year}
        for actor in theirs ^ set(group_members("NATO", f"{year}-12-31")):
            day = entered.get(str(actor))
            if actor in theirs and day is not None and year < day.year <= year + 2:
                early.setdefault(str(actor), []).append(year)
            else:
                unexplained += 1
                print(f"  NATO, {year}, {actor}: NO REASON KNOWN")
    print(f"NATO as the allies of Iceland in ATOP, {years[0]}-{years[-1]}: {unexplained} differences without a reason")
    print(f"  allies there from the signature, before the accession: {', '.join(sorted(early)) or 'none'}")
    return unexplained


def check_weights(icews: list[Any], gdelt: list[Any], weis: list[Any]) -> int:
    """Values of the scale against (code, value) of ICEWS, GDELT and KEDS's WEIS; how many differ without a reason."""
    unexplained = 0
    for name, ontology, theirs, reasons in (
        ("ICEWS", "cameo", icews, ICEWS_VALUES),
        ("GDELT", "cameo", gdelt, {}),
        ("WEIS", "weis", weis, {}),
    ):
        ours = {code: scale_value(code, ontology) for code, _ in theirs}
        other = {code: value for code, value in theirs if ours[code] is not None and abs(ours[code] - value) > 1e-6}
        new = {code: value for code, value in other.items() if reasons.get(code) != value}
        unexplained += len(new)
        without = sum(value is None for value in ours.values())
        print(
            f"Scale, {name}: {len(theirs)} codes, {without} without a value here, other values there: {other or 'none'}"
        )
    types = [(type_, ontology) for type_, ontology, _, _ in quad_table()]
    print(f"Weights: {sum(weight_of(*t) is not None for t in types)} of {len(types)} types have one")
    return unexplained


def main() -> int:
    """Run every check; 0 if everything is resolved or explained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="the folder with data/codes/countries.parquet")
    data = parser.parse_args().shared / "data"
    if not (data / "codes" / "countries.parquet").exists():
        print(f"{data / 'codes' / 'countries.parquet'} is not there.", file=sys.stderr)
        return 2

    def rows(query: str, *file: str) -> list[Any]:
        return duckdb.execute(query.replace("FILE", f"'{data.joinpath(*file)}'")).fetchall()

    report = Report()
    crosswalk = ("codes", "countries.parquet")
    report.check("iso3c", rows("select iso3c, iso3c from FILE where iso3c is not null", *crosswalk), code_of)
    for system, prefix in (("cown", "COW"), ("gwn", "GW")):
        query = f"select cast(cast({system} as double) as int), iso3c from FILE where {system} is not null"
        numbered = [(f"{prefix}:{number}", iso3c) for number, iso3c in rows(query, *crosswalk)]
        report.check(system, numbered, code_of)
    report.check("names", rows('select "country.name.en", iso3c from FILE', *crosswalk), name_to_code)

    cow = rows("select ccode, printf('%d-%02d-%02d', styear, stmonth, stday) from FILE", "states", "cow_states.parquet")
    gw = rows("select gwcode, startdate from FILE", "states", "gw_states.parquet")
    for system, prefix, spells in (("COW member spells", "COW", cow), ("GW member spells", "GW", gw)):
        first_days = [(f"{prefix}:{number} {day}", None) for number, day in spells]
        report.check(system, first_days, lambda text: code_of(*text.split(" ")))

    named = rows(
        "select name, iso3 from FILE where kind in ('country', 'sector') and iso3 is not null",
        "icews18",
        "actors.parquet",
    )
    report.check("ICEWS names", named, icews_actor)

    yearly = rows("select distinct country, iso3 from FILE", "icews_yearly", "countries.parquet")
    report.check("ICEWS names, World Bank style", yearly, name_to_code)

    pacts = rows(
        "select distinct year, unnest([ccode1, ccode2]) from FILE where atop_defense = 1 and 395 in (ccode1, ccode2)",
        "states",
        "atop_alliance.parquet",
    )
    report.unexplained += check_nato(pacts)

    known = {code for code, ontology, _, _ in quad_table() if ontology == "cameo"}
    theirs = {code for (code,) in rows("select code from FILE", "codes", "cameo.parquet")}
    print(f"CAMEO codes: {len(theirs & known)} of {len(theirs)} known; ours only: {sorted(known - theirs) or 'none'}")
    wrong = rows("select distinct cameo, quad from FILE where cameo is not null", "icews18", "events.parquet")
    wrong = [(code, quad) for code, quad in wrong if quad_of(code) != quad]
    report.unexplained += len(theirs - known) + len(wrong)
    print(f"CAMEO quad classes in ICEWS 2018 that differ: {wrong or 'none'}")

    for name, ontology, codes in (
        ("WEIS codes", "weis", rows("select weis from FILE", "codes", "weis_goldstein.parquet")),
        ("PLOVER types", "plover", rows("select event_type from read_csv(FILE)", "codes", "plover_types.csv")),
    ):
        unknown = [code for (code,) in codes if quad_of(code, ontology) is None]
        report.unexplained += len(unknown)
        print(f"{name}: {len(codes) - len(unknown)} of {len(codes)} known; not known: {unknown or 'none'}")
    text = (data / "codes" / "CAMEO2PLOVER-2021.txt").read_text(encoding="utf-8")
    pairs = re.findall(r"^\s*(\d{2,4})\s*:\s*([A-Z]+)", text, flags=re.MULTILINE)
    apart = [(code, word) for code, word in pairs if quad_of(code, "cameo") != quad_of(word, "plover")]
    new = [(code, word) for code, word in apart if not (code.startswith("08") and word == "CONCEDE")]
    report.unexplained += len(new)
    print(f"CAMEO to PLOVER: {len(pairs)} codes, {len(apart)} of another quad class; without a reason: {new or 'none'}")
    print("  08 (yields) is material, and PLOVER's CONCEDE, to which it sends the verbal part of 08, is verbal")
    report.unexplained += check_weights(
        rows("select code, goldstein from FILE where goldstein is not null", "codes", "cameo.parquet"),
        rows("select distinct cameo, goldstein from FILE", "gdelt_days", "events_20220301.parquet"),
        rows("select weis, goldstein from FILE", "codes", "weis_goldstein.parquet"),
    )
    return 1 if report.unexplained else 0


if __name__ == "__main__":
    sys.exit(main())

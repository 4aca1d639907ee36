"""Damaged files: does every import end in a clean audit or in one message?

    python scripts/mutated_rows.py [--rows 100000] [--seed 1] [--batch 200] [--formats events,icews,...]

For each format (events as CSV, ICEWS's own tab-separated text, dyads as CSV, events and dyads as Parquet; GDELT 1.0 and
2.0, POLECAT, KEDS and UCDP as their own text) files of
``--batch`` rows are damaged in one or several ways, until ``--rows`` rows are through: garbage bytes, NULs, wrong
numbers of columns, huge fields, quotation marks, mixed line ends, byte order marks, other encodings, numbers out of
range, dates of every kind, odd Unicode, other delimiters, other types of columns, files cut short, empty files,
headers alone. Every second file keeps its damage to what an import can live with, so that audits are seen too.

An outcome is *clean* where an audit comes back with read = kept + dropped + quarantined, and read is the number of rows
that Python's own reader finds in the file where it can count them (and where no row of quoted text was put aside: each
of those is a line, not a row); or *refused*, one TertiusError. Anything else is a
fault, printed with its seed; the script then ends with 1.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tertius.errors import TertiusError
from tertius.sources.gdelt import GDELT1, GDELT2
from tertius.sources.importing import import_files

ACTORS = ("RUS", "PRK", "USA", "CHN", "Russia", "North Korea", "Rebels", "Korea, Republic of", "Georgian", "and", "per")
DATES = ("2022-02-24", "20220224", "24.02.2022", "2022-02-24T13:45:00Z", "19000", "1990", "24/02/2022", "02/24/2022",
         "2022-02-30", "0000-00-00", "9999-12-31", "-5", "1e400", "NaN", "", "2022/2/4", "24-Feb-2022", "31.04.2022",
         "03/04/2022", "99999999999999999999", "infinity", "epoch", "2022-02-24 25:61", "01.01.0001",
         "294247-01-10")  # fmt: skip
NUMBERS = (
    "1",
    "2.5",
    "0",
    "-3",
    "1e308",
    "1e309",
    "nan",
    "inf",
    "-inf",
    "1,5",
    "1.234,5",
    "1,234",
    "NA",
    "",
    "٣",
    "0x1F",
)
ODD = (
    "\u200b",
    "\u202eRUS",
    "\U0001f680",
    "e\u0301" * 50,
    "\ufffd",
    "\u2028",
    "ß" * 300,
    "null",
    "N/A",
    ".",
    "-",
    "NA",
)
HEADERS = {
    "events": "date,source,target,quad,type,weight,origin,url,sentence",
    "dyads": "date,a,b,weight",
    "icews": "Event ID\tEvent Date\tSource Name\tSource Sectors\tSource Country\tEvent Text\tCAMEO Code\tIntensity\t"
    "Target Name\tTarget Sectors\tTarget Country\tStory ID\tSentence Number\tPublisher\tCity\tDistrict\tProvince\t"
    "Country\tLatitude\tLongitude",
}
HEADERS |= {
    "gdelt1": "\t".join(GDELT1.headers[58]),
    "gdelt2": "\t".join(GDELT2.headers[61]),
    "polecat": "\t".join(
        ("Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Actor Name", "Actor Country",
         "Primary Actor Sector", "Recipient Country", "Primary Recipient Sector", "Publication Date")
    ),
    "keds": "\t".join(("date", "source", "target", "weis", "label")),
    "ucdp": "id,type_of_violence,side_a,side_b,date_start,best",
}  # fmt: skip
BY_LINE = ("icews", "gdelt1", "gdelt2", "polecat", "keds")
HEADLESS = ("gdelt1", "gdelt2", "keds")
SOUND = {
    "gdelt1": {"SQLDATE": "20200601", "Actor1Code": "USA", "Actor2Code": "CHN", "EventCode": "040", "QuadClass": "1",
               "IsRootEvent": "1", "DATEADDED": "20200601", "GoldsteinScale": "1.0"},
    "polecat": {"Event Date": "2020-06-01", "Event Type": "AID", "Actor Country": "USA", "Recipient Country": "CHN",
                "Intensity": "1", "Publication Date": "2020-06-02", "Primary Actor Sector": "GOV"},
    "keds": {"date": "950601", "source": "USA", "target": "SER", "weis": "031"},
    "ucdp": {"type_of_violence": "1", "side_a": "Government of India", "side_b": "Rebels", "date_start": "2000-01-05",
             "best": "3"},
}  # fmt: skip
SOUND["gdelt2"] = {**SOUND["gdelt1"], "DATEADDED": "20200601120000"}
WILD = {
    "gdelt1": ("SQLDATE", "Actor1Code", "Actor2Code", "EventCode", "QuadClass", "DATEADDED", "IsRootEvent"),
    "polecat": ("Event Date", "Event Type", "Actor Country", "Recipient Country", "Publication Date"),
    "keds": ("date", "source", "target", "weis"),
    "ucdp": ("type_of_violence", "side_a", "side_b", "date_start", "best"),
}
WILD["gdelt2"] = WILD["gdelt1"]
CHAINS = ("USAGOV", "IGOUNO", "EUR", "---", "X", "ROM", "usa", "BOSSER", "MNCUSAMED", "A", "USAG", "19200115",
          "20200115000000")  # fmt: skip
COUNTRIES = ("Russian Federation", "North Korea", "United States", "China", "NA", "Police (Ukraine)", "Nowhere")


@dataclass(frozen=True)
class Outcome:
    """What became of a file: its kind, and rows read where an audit came back."""

    kind: str
    read: int = 0
    detail: str = ""


Cells = list[list[str]]
Draw = np.random.Generator


def pick(rng: Draw, of: tuple[str, ...]) -> str:
    return of[int(rng.integers(len(of)))]


def cells(name: str, rows: int, rng: Draw) -> Cells:
    """Sound rows of a format."""
    made = []
    if name in SOUND:
        names = HEADERS[name].split("," if name == "ucdp" else "\t")
        for n in range(rows):
            row = [SOUND[name].get(column, "") for column in names]
            row[0] = row[0] if name == "keds" else str(n)
            made.append(row)
        return made
    for n in range(rows):
        day = str(dt.date(2020, 1, 1) + dt.timedelta(int(rng.integers(700))))
        a, b = pick(rng, ACTORS), pick(rng, ACTORS)
        if name == "events":
            made.append(
                [day, a, b, str(rng.integers(1, 5)), pick(rng, ("042", "043", "190", "040")), "1.5", f"o{n}", "", "x"]
            )
        elif name == "dyads":
            made.append([day, a, b, f"{rng.normal():.2f}"])
        else:
            row = ["NA"] * 20
            row[0], row[1], row[5] = str(n), day, 'says "no'
            row[4], row[10] = pick(rng, COUNTRIES), pick(rng, COUNTRIES)
            row[6], row[7] = pick(rng, ("042", "190", "999", "NA")), "2.5"
            made.append(row)
    return made


def mild(name: str, rows: Cells, rng: Draw) -> None:
    """Damage that an import can live with: odd labels, missing values, self-pairs, odd types."""
    if name in SOUND:
        names = HEADERS[name].split("," if name == "ucdp" else "\t")
        for row in rows:
            if rng.random() < 0.3:
                row[names.index(pick(rng, WILD[name][1:3]))] = pick(rng, (*CHAINS, *ODD, *ACTORS))
        return
    ends = {"events": (1, 2), "dyads": (1, 2), "icews": (4, 10)}[name]
    for row in rows:
        if rng.random() < 0.2:
            row[ends[int(rng.integers(2))]] = pick(rng, (*ODD, *ACTORS, "x" * 5000, " RUS ", "365"))
        if name == "events" and rng.random() < 0.1:
            row[4] = pick(rng, (*ODD, "999", "CONSULT", "coop", "42"))
        if name == "events" and rng.random() < 0.1:
            row[8] = pick(rng, (*ODD, "say 'so'", "y" * 20_000))


def harsh(name: str, rows: Cells, rng: Draw) -> None:
    """Values out of range, in a few cells or in whole columns."""
    if name in SOUND:
        names = HEADERS[name].split("," if name == "ucdp" else "\t")
        for row in rows:
            if rng.random() < 0.1:
                row[names.index(pick(rng, WILD[name]))] = pick(rng, (*DATES, *NUMBERS, *ODD, *CHAINS))
        return
    whole = rng.random() < 0.3
    day, number = {"events": (0, 5), "dyads": (0, 3), "icews": (1, 7)}[name]
    same = pick(rng, DATES)
    for row in rows:
        if whole or rng.random() < 0.02:
            row[day] = same if whole else pick(rng, DATES)
        if rng.random() < 0.02:
            row[number] = pick(rng, NUMBERS)
        if name == "events" and rng.random() < 0.02:
            row[3] = pick(rng, NUMBERS)


def text(name: str, rows: Cells, rng: Draw, rough: bool) -> bytes:
    """The bytes of a text file, damaged as text where it may be rough."""
    header = HEADERS[name]
    delimiter = "\t" if name in BY_LINE else ","
    if name not in BY_LINE and rng.random() < 0.2:
        delimiter = pick(rng, (";", "\t", "|"))
    out = io.StringIO()
    names = header.split("\t" if name in BY_LINE else ",")
    if name in BY_LINE:
        every = rows if name in HEADLESS else [names, *rows]
        out.write("\n".join(delimiter.join(row) for row in every) + "\n")
    else:
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([names, *rows])
    found = out.getvalue()
    if rng.random() < 0.2:
        found = found.replace("\n", "\r\n")
    if rng.random() < 0.1:
        found = found.rstrip("\r\n")
    raw = found.encode()
    if rng.random() < 0.1:
        raw = b"\xef\xbb\xbf" + raw
    if not rough:
        return raw
    for _ in range(int(rng.integers(1, 3))):
        raw = DAMAGE[int(rng.integers(len(DAMAGE)))](raw, rng)
    return raw


def _insert(what: Callable[[Draw], bytes]) -> Callable[[bytes, Draw], bytes]:
    def damage(raw: bytes, rng: Draw) -> bytes:
        for _ in range(int(rng.integers(1, 4))):
            place = int(rng.integers(len(raw) + 1))
            raw = raw[:place] + what(rng) + raw[place:]
        return raw

    return damage


DAMAGE: tuple[Callable[[bytes, Draw], bytes], ...] = (
    _insert(lambda rng: rng.bytes(int(rng.integers(1, 40)))),
    _insert(lambda _: b"\0"),
    _insert(lambda _: b'"'),
    _insert(lambda _: b'""'),
    _insert(lambda _: b"\r"),
    _insert(lambda _: b"\n\n"),
    _insert(lambda _: b","),
    _insert(lambda _: b"\xff"),
    _insert(lambda _: "é".encode("cp1252")),
    _insert(lambda _: b"z" * 3_000_000),
    lambda raw, rng: raw[: int(rng.integers(len(raw) + 1))],
    lambda raw, _: raw.split(b"\n")[0] + b"\n",
    lambda raw, _: raw.split(b"\n", 1)[-1],
    lambda raw, _: b"",
    lambda raw, _: b"\n" + raw,
    lambda raw, _: raw.replace(b"\n", b"\r"),
    lambda raw, _: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n", 5),
    lambda raw, _: raw.decode("utf-8", "replace").encode("utf-16"),
    lambda raw, _: b"\xfe\xff" + raw,
    lambda raw, _: raw.replace(b",", b",,", 3),
)


def table(name: str, rows: Cells, rng: Draw, rough: bool) -> pa.Table:
    """The rows with columns of some type or other."""
    found = {}
    for k, column in enumerate(HEADERS[name].split(",")):
        values: pa.Array = pa.array([row[k] or None for row in rows])
        for kind in rng.permutation(np.array(TYPES))[: 4 if rough else 1] if rng.random() < 0.7 else ():
            try:
                values = values.cast(DTYPES[str(kind)])
                break
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError, OverflowError):
                continue
        found[column] = values
    if rough:
        column = list(found)[int(rng.integers(len(found)))]
        found[column] = ODD_COLUMNS[int(rng.integers(len(ODD_COLUMNS)))](len(rows))
    return pa.table(found)


DTYPES = {"float": pa.float64(), "int": pa.int64(), "small": pa.int8(), "date": pa.date32(), "binary": pa.binary(),
          "moment": pa.timestamp("ns"), "zone": pa.timestamp("us", "America/New_York"), "large": pa.large_string(),
          "words": pa.dictionary(pa.int32(), pa.string())}  # fmt: skip
TYPES = list(DTYPES)
ODD_COLUMNS: tuple[Callable[[int], pa.Array], ...] = (
    lambda n: pa.nulls(n),
    lambda n: pa.array([[1, 2]] * n),
    lambda n: pa.array([{"a": 1}] * n),
    lambda n: pa.array([b"\xff\x00"] * n),
    lambda n: pa.array([True] * n),
    lambda n: pa.array([float("nan")] * n),
    lambda n: pa.array([2**63 - 1] * n),
    lambda n: pa.array([dt.time(1, 2)] * n),
    lambda n: pa.array([2**40] * n, pa.timestamp("s")),
    lambda n: pa.array([2**31 - 1] * n, pa.date32()),
    lambda n: pa.array([-(2**31)] * n, pa.date32()),
    lambda n: pa.array(["2022-02-24"] * n),
    lambda n: pa.array([1990 + i % 25 for i in range(n)]),
    lambda n: pa.array([dt.timedelta(1)] * n),
)


def counted(path: Path, name: str) -> int | None:
    """Rows of a text file by Python's own reader; None where it cannot count them as an import does."""
    raw = path.read_bytes()
    try:
        words = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\0" in words or "\r" in words.replace("\r\n", "\n"):
        return None
    lines = words.replace("\r\n", "\n").split("\n")
    if name in BY_LINE:  # a first line that is empty is none
        return sum(bool(line) for line in lines) - (name not in HEADLESS)
    first = lines[0]
    delimiter = max((",", ";", "\t", "|"), key=first.count)
    csv.field_size_limit(1 << 30)
    try:
        return sum(bool(row) for row in csv.reader(io.StringIO(words), delimiter=delimiter, strict=True)) - 1
    except csv.Error:
        return None


def outcome(path: Path, name: str, store: Path, rows: int | None) -> Outcome:
    """Import one file and look at what comes back."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            audit = import_files(name, [path], store).to_dict()
    except TertiusError as error:
        bad = not error.message or "\n" in error.message
        return Outcome("fault" if bad else "refused", detail=f"{type(error).__name__}: {error.message[:200]}")
    except Exception:
        return Outcome("fault", detail=traceback.format_exc()[-1500:])
    if audit["read"] != audit["kept"] + sum(audit["dropped"].values()) + audit["quarantined"]:
        return Outcome("fault", detail=f"read is not kept + dropped: {audit}")
    if rows is not None and audit["read"] != rows and not (audit["quarantined"] and name not in BY_LINE):
        return Outcome("fault", detail=f"read {audit['read']}, counted {rows}")
    return Outcome("clean" if rows is not None else "clean, rows not countable", audit["read"])


def files(form: str, rows: int, batch: int, seed: int, folder: Path) -> Iterator[tuple[int, Outcome]]:
    """Damaged files of one form, imported: the number of the file and what became of it."""
    name = form.split("-")[0]
    for n in range(-(-rows // batch)):
        rng = np.random.default_rng([seed, n, sum(form.encode())])
        made, rough = cells(name, batch, rng), n % 2 == 1
        mild(name, made, rng)
        if rough or rng.random() < 0.1:
            harsh(name, made, rng)
        if form.endswith("parquet"):
            path = folder / "rows.parquet"
            pq.write_table(table(name, made, rng, rough), path)
            count: int | None = batch
            if rough and rng.random() < 0.3:
                whole = bytearray(path.read_bytes())
                for place in rng.integers(len(whole), size=int(rng.integers(1, 50))):
                    whole[place] = int(rng.integers(256))
                path.write_bytes(whole)
                count = None
        else:
            path = folder / ("rows.tab" if name in BY_LINE else "rows.csv")
            path.write_bytes(text(name, made, rng, rough))
            count = counted(path, name)
        yield n, outcome(path, name, folder / f"S{n}", count)


FORMS = (
    *("events-csv", "icews-tab", "dyads-csv", "events-parquet", "dyads-parquet"),
    *("gdelt1-text", "gdelt2-text", "polecat-text", "keds-text", "ucdp-csv"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--formats", default=",".join(FORMS))
    options = parser.parse_args()
    faults = 0
    print(
        f"{'format':16}{'rows':>9}{'files':>7}{'clean':>7}{'not counted':>13}{'refused':>9}{'faults':>8}"
        f"{'rows read':>11}"
    )
    for form in options.formats.split(","):
        kinds: Counter[str] = Counter()
        read = 0
        with tempfile.TemporaryDirectory() as folder:
            for n, found in files(form, options.rows, options.batch, options.seed, Path(folder)):
                kinds[found.kind] += 1
                read += found.read
                if found.kind == "fault":
                    print(f"{form}, file {n}, seed {options.seed}: {found.detail}", file=sys.stderr)
        faults += kinds["fault"]
        print(
            f"{form:16}{kinds.total() * options.batch:9,}{kinds.total():7,}{kinds['clean']:7,}"
            f"{kinds['clean, rows not countable']:13,}{kinds['refused']:9,}{kinds['fault']:8,}{read:11,}",
            flush=True,
        )
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()

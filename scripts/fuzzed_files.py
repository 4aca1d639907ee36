"""Files that a coverage-guided fuzzer makes: does every one end in a clean audit or in one message?

    pip install "atheris>=3"                  (Linux; beside tertius; 2.3 puts jumps of Python 3.11 in wrong places)
    python scripts/fuzzed_files.py --seconds 600 --corpus FOLDER

Atheris (libFuzzer for Python) watches which lines of tertius run, and changes what led to new ones. An input is one
byte that says as which format the file is taken (or that it is to be recognised), one for its ending and how it is
packed, and the bytes of the file; the first inputs are small sound files of every format, and words of headers and odd
values are offered to the mutations. Of each file is asked that it be recognised and imported into a new store, with
nothing but a TertiusError of one line, and no store left then; or with read = kept + dropped + quarantined in the
whole and of each file, and as many rows in the store as the audit says.

``--seconds`` are the processor's, not the clock's. Whoever gives the same ``--corpus`` again goes on where the last run
ended. Faults are printed, once each, with the input in ``--corpus`` that led there, and the script ends with 1.
``python scripts/fuzzed_files.py --again FILE`` takes one input once more, without the fuzzer.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FORMATS = ("", "events", "dyads", "icews", "gdelt1", "gdelt2", "polecat", "keds", "ucdp")
"""What a file is taken for; "" is recognised first."""
ENDINGS = (".csv", ".tab", ".txt", ".csv.gz", ".CSV.zip", ".parquet", ".csv.gz", ".CSV.zip")
"""The last two are given the bytes as they are, the other packed ones pack them."""
AS_THEY_ARE = len(ENDINGS) - 2
SLOW = 20.0
"""Processor seconds of one small file from which on it is a fault."""
WORDS = (
    b"\t", b"\r\n", b"\n\n", b'"', b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"20200601", b"20200115000000", b"19200115",
    b"2020-06-01", b"1e308", b"nan", b"-1", b"1,5", b"USAGOV", b"---", b"NA", b"None", b"source", b"target", b"quad",
    b"weight", b"date", b"type", b"year", b"a,b", b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\xe9", b"\xe2\x80\xa8",
)  # fmt: skip


@dataclass
class Seen:
    """What came of all files so far."""

    kinds: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    slowest: float = 0.0


def packed(content: bytes, how: int) -> bytes:
    """The bytes of a file of that ending."""
    if how >= AS_THEY_ARE:
        return content
    if ENDINGS[how].endswith(".gz"):
        return gzip.compress(content, 1, mtime=0)
    if ENDINGS[how].endswith(".zip"):
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as made:
            made.writestr("inside.CSV", content)
        return whole.getvalue()
    return content


def sound_files() -> dict[str, bytes]:
    """A small file of each format."""
    from tertius.sources.gdelt import GDELT1, GDELT2, MENTIONS

    values = {
        "SQLDATE": "20200601", "Actor1Code": "USAGOV", "Actor2Code": "CHN", "IsRootEvent": "1", "EventCode": "040",
        "QuadClass": "1", "GoldsteinScale": "1.0", "NumMentions": "4", "DATEADDED": "20200601120000", "SOURCEURL": "u",
        "EventTimeDate": "20200601120000", "MentionTimeDate": "20200601121500", "MentionSourceName": "bbc",
    }  # fmt: skip

    def gdelt(names: object, changed: dict[str, str]) -> bytes:
        rows = [{**values, "GLOBALEVENTID": str(n), **changed} for n in range(3)]
        return "".join("\t".join(row.get(name, "") for name in names) + "\n" for row in rows).encode()  # type: ignore[attr-defined]

    icews = (
        "Event ID\tEvent Date\tSource Name\tSource Sectors\tSource Country\tEvent Text\tCAMEO Code\tIntensity\t"
        "Target Name\tTarget Sectors\tTarget Country\tStory ID\tSentence Number\tPublisher\n"
        "1\t2018-06-01\tRussia\tGovernment\tRussian Federation\tConsult\t040\t1.0\tJapan\tGovernment\tJapan\t7\t1\tx\n"
    )
    polecat = (
        "Event ID\tEvent Date\tEvent Type\tEvent Mode\tIntensity\tActor Name\tActor Country\tPrimary Actor Sector\t"
        "Recipient Country\tPrimary Recipient Sector\tPublication Date\n"
        "1\t2020-06-01\tAID\tNone\t1.0\tx\tUSA\tGOV\tCHN\tGOV\t2020-06-02\n"
    )
    return {
        "events": b"date,source,target,quad,weight\n2020-01-01,USA,RUS,1,2\n2020-01-02,RUS,USA,4,1.5\n",
        "dyads": b"date,a,b,weight\n2020-01-01,USA,RUS,1.5\n2020-01-02,RUS,CHN,-2\n",
        "icews": icews.encode(),
        "gdelt1": gdelt(GDELT1.headers[58], {"DATEADDED": "20200601"}),
        "gdelt2": gdelt(GDELT2.headers[61], {}),
        "mentions": gdelt(MENTIONS, {}),
        "polecat": polecat.encode(),
        "keds": b"890402\tYUG\tKSV\t224\tx\n950601\tUSA\tSER\t031\ty\n",
        "ucdp": b"id,type_of_violence,side_a,side_b,date_start,best\n1,1,Government of India,Rebels,2000-01-05,3\n",
    }


def write_seeds(corpus: Path) -> None:
    """The first inputs: each sound file as its format, recognised, and packed; and as Parquet."""
    import pyarrow.csv as text
    import pyarrow.parquet as pq

    def keep(form: int, how: int, content: bytes) -> None:
        whole = bytes((form, how)) + content
        (corpus / f"seed-{hashlib.sha256(whole).hexdigest()[:16]}").write_bytes(whole)

    for name, content in sound_files().items():
        form = FORMATS.index("gdelt2" if name == "mentions" else name)
        for how in (0, 3, 4):
            keep(0, how, content)
            keep(form, how, content)
        for how in (AS_THEY_ARE, AS_THEY_ARE + 1):
            keep(form, how, packed(content, how - 3))
        if content.startswith(b"date,"):
            table = io.BytesIO()
            pq.write_table(text.read_csv(io.BytesIO(content)), table, compression="none")
            keep(form, ENDINGS.index(".parquet"), table.getvalue())


def outcome(content: bytes, form: str, how: int) -> tuple[str, int]:
    """Recognise and import one file: what became of it, and rows read. Raises AssertionError and whatever else is a
    fault."""
    import pyarrow.parquet as pq

    from tertius.errors import TertiusError
    from tertius.events.store import open_store
    from tertius.sources.importing import import_files
    from tertius.sources.recognise import recognise

    with tempfile.TemporaryDirectory() as folder:
        path, store = Path(folder) / f"f{ENDINGS[how]}", Path(folder) / "S"
        path.write_bytes(packed(content, how))
        try:
            name = form or recognise(path).format
            audit = import_files(name, [path], store).to_dict()
        except TertiusError as error:
            if not error.message or "\n" in error.message or store.exists():
                raise AssertionError(f"refused with {error.message!r}, a store left: {store.exists()}") from None
            return f"refused: {type(error).__name__}", 0
        for one in (audit, *audit["files"]):
            right = one["kept"] + sum(one["dropped"].values()) + one["quarantined"]
            assert one["read"] == right, f"read {one['read']}, accounted for {right}"
        there = sum(pq.read_metadata(part).num_rows for part in open_store(store).parts)
        assert there == audit["kept"] + audit["dropped"].get("mirrored", 0), f"{there} rows in the store, not {audit}"
        return f"imported: {name}", audit["read"]


def take(whole: bytes, seen: Seen, keep: Callable[[bytes], str]) -> None:
    """One input: its outcome is counted, and a fault is printed once."""
    if len(whole) < 3:
        return
    form, how = FORMATS[whole[0] % len(FORMATS)], whole[1] % len(ENDINGS)
    began = time.process_time()
    try:
        kind, rows = outcome(whole[2:], form, how)
        seen.kinds[kind] += 1
        seen.rows += rows
        took = time.process_time() - began
        seen.slowest = max(seen.slowest, took)
        assert took < SLOW, f"it took {took:.0f} s"
    except Exception as error:
        seen.kinds["fault"] += 1
        last = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
        if isinstance(error, AssertionError):
            what += f": {str(error)[:40]}"
        if what not in seen.faults:
            seen.faults[what] = keep(whole)
            print(f"FAULT as {form or 'recognised'}{ENDINGS[how]}, input {seen.faults[what]}", file=sys.stderr)
            print(traceback.format_exc()[-2500:], file=sys.stderr, flush=True)


def report(seen: Seen, began: float) -> None:
    for kind, n in sorted(seen.kinds.items()):
        print(f"{kind:32}{n:9,}")
    print(
        f"{seen.kinds.total():,} files, {seen.rows:,} rows read and accounted for, {time.process_time() - began:,.0f} "
        f"s of processors, the slowest file {seen.slowest:.1f} s: {len(seen.faults)} different faults",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--corpus", type=Path, help="a folder of inputs; else one that is thrown away")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=Path, metavar="FILE")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    seen = Seen()
    if given.again:
        take(given.again.read_bytes(), seen, lambda _: str(given.again))
        report(seen, 0.0)
        raise SystemExit(1 if seen.faults else 0)
    import atheris

    with atheris.instrument_imports(include=["tertius"]):
        import tertius.sources.importing
        import tertius.sources.recognise  # noqa: F401
    scratch = Path(tempfile.mkdtemp(prefix="fuzzed-"))
    tempfile.tempdir = str(scratch)  # all that is written lies here, and goes at the end
    os.environ["XDG_CACHE_HOME"] = str(scratch / "cache")
    corpus = given.corpus or scratch / "corpus"
    (corpus / "inputs").mkdir(parents=True, exist_ok=True)
    write_seeds(corpus / "inputs")
    (scratch / "words").write_text("".join('"' + "".join(f"\\x{b:02x}" for b in word) + '"\n' for word in WORDS))
    began = time.process_time()

    def keep(whole: bytes) -> str:
        path = corpus / f"fault-{hashlib.sha256(whole).hexdigest()[:12]}"
        path.write_bytes(whole)
        return str(path)

    def one(whole: bytes) -> None:
        take(whole, seen, keep)
        if time.process_time() - began > given.seconds:  # libFuzzer's own limit is the clock's
            report(seen, began)
            shutil.rmtree(scratch, ignore_errors=True)
            os._exit(1 if seen.faults else 0)

    words = [f"-dict={scratch / 'words'}", "-max_len=4096", "-rss_limit_mb=4096", "-verbosity=0"]
    words += ["-timeout=7200", "-report_slow_units=7200", f"-artifact_prefix={corpus}/"]  # by the clock: see SLOW
    atheris.Setup([sys.argv[0], *words, f"-seed={given.seed}", str(corpus / "inputs")], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

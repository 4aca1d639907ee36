"""Stores and Studies under attack: nothing is lost, nothing half-written, no traceback.

    python scripts/store_under_attack.py at-once --rounds 200
    python scripts/store_under_attack.py names
    python scripts/store_under_attack.py damage --rounds 300
    python scripts/store_under_attack.py kill            (Linux with strace)
    python scripts/store_under_attack.py moments --rounds 200 [--format gdelt2]
    python scripts/store_under_attack.py full --rounds 100
    python scripts/store_under_attack.py disk --on FOLDER    a small file system: mount -t tmpfs -o size=3m tmpfs FOLDER
    python scripts/store_under_attack.py mutate --rounds 2400

``at-once``  two imports into one store at the same time, by API and by command, into new and existing stores: rows,
             audits and hashes of both are there afterwards.
``names``    files and stores whose names are patterns, addresses or quotes, beside siblings that a pattern would match.
``damage``   parts with a flipped bit, cut short, or zeroed: found when the store is opened; where size, inode and times
             are as they were, found by ``audit``.
``kill``     import and save ended by SIGKILL at every system call that writes: the old or the new state is readable,
             and the next run works.
``moments``  imports into a store that compacts often, ended by SIGKILL at random moments, and run again: every row is
             there once, in the parts and in every snapshot. Goes on until so many kills met an import at work. With
             ``--format gdelt2`` of folders of GDELT's own .zip files, in every eighth round with processes that read.
``full``     imports under a limit on the size of files (``ulimit -f``), of every size up to one that suffices: what was
             there is there, and nothing else.
``disk``     the same on a file system that is full: between none and as many bytes are free as an import needs.
``mutate``   manifests and Studies with something else in them, under every command that reads them.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import itertools
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from tertius.cli import main as command_line
from tertius.errors import InputError, TertiusError, TertiusWarning
from tertius.events import compaction, verified
from tertius.events.journal import JOURNAL
from tertius.events.manifest import sealed
from tertius.events.store import open_store
from tertius.sources import lines as by_line
from tertius.sources.gdelt import GDELT2
from tertius.sources.importing import import_files, in_folders
from tertius.sources.loading import load
from tertius.study_folder import STUDY, TABLES, is_study, read_study

HEAD = "date,source,target,quad,weight"
COMMAND = [sys.executable, "-m", "tertius.cli"]
ENVIRONMENT = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
QUICK = "--model rate --effects inertia.coop --slice 1d --half-life 9d"
DAMAGED = "is damaged"


def write_events(path: Path, weight: float, days: int = 3) -> Path:
    """A small file of events that no other weight or number of days has."""
    pairs = (("RUS", "PRK", 1), ("USA", "PRK", 3), ("PRK", "RUS", 2), ("CHN", "USA", 1))
    lines = [
        f"2020-01-{d + 1:02d},{a},{b},{quad},{weight + n}" for d in range(days) for n, (a, b, quad) in enumerate(pairs)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    return path


def write_drawn(path: Path, chance: random.Random) -> Path:
    """A file of events with enough in them to explain a pair."""
    actors = ("RUS", "PRK", "USA", "CHN", "KOR")
    ends = [(day, *chance.sample(actors, 2)) for day in range(1, 29) for _ in range(6)]
    lines = [f"2020-01-{day:02d},{a},{b},{chance.randint(1, 4)},1" for day, a, b in ends]
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    return path


def write_gdelt(folder: Path, weight: float) -> Path:
    """A folder of two of GDELT's files (2.0, 61 columns, zipped) whose numbers of mentions no other weight has."""
    ends = (("RUS", "PRK"), ("USA", "PRK"), ("CHN", "USA"), ("PRK", "CHN"), ("KOR", "RUS"))
    names = GDELT2.headers[61]
    folder.mkdir(parents=True, exist_ok=True)
    for k, hour in enumerate(("00", "06")):
        stamp = f"{20000101 + int(weight) // 10}{hour}0000"
        lines = []
        for n, (source, target) in enumerate(ends):
            row = {
                "GLOBALEVENTID": f"{stamp}{n}", "SQLDATE": "20200601", "Actor1Code": source, "Actor2Code": target,
                "IsRootEvent": "1", "EventCode": "057", "QuadClass": "1", "NumMentions": f"{weight + 5 * k + n:.0f}",
                "DATEADDED": "20200601000000", "SOURCEURL": f"https://example.org/{stamp}/{n}",
            }  # fmt: skip
            lines.append("\t".join(row.get(name, "") for name in names))
        with zipfile.ZipFile(folder / f"{folder.name}{hour}.export.CSV.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(f"{folder.name}{hour}.export.CSV", "\n".join(lines) + "\n")
    return folder


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def weights(data: Any) -> Counter[float]:
    """The weights of all rows behind some data: they say which files the rows came from."""
    with load(data).relation() as (con, sql):
        return Counter(w for (w,) in con.execute(f"SELECT weight FROM {sql}").fetchall())


# --- two imports at once


def _import_when_told(path: Path, into: Path, gate: Any) -> None:
    gate.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TertiusWarning)
        try:
            import_files("events", [path], into)
        except InputError as error:
            print(error, file=sys.stderr)
            raise SystemExit(2) from None


def at_once(folder: Path, rounds: int, seed: int) -> int:
    """Both files of each round are in the store afterwards; where both are the same file, it is there once."""
    chance, failures = random.Random(seed), 0
    for how in ("API", "command"):
        lost = waited = 0
        for n in range(rounds):
            place = folder / how / str(n)
            kind = n % 4  # new, existing, new with one file twice, existing with one file twice
            files = [write_events(place / f"{k}.csv", 10.0 * k + 10) for k in (0, 1)]
            expected = list(files)
            if kind >= 2:
                files, expected = [files[0], files[0]], [files[0]]
            if kind % 2:
                first = write_events(place / "first.csv", 500.0)
                import_files("events", [first], place / "S")
                expected.append(first)
            chance.shuffle(files)
            codes, said = (_by_api if how == "API" else _by_command)(files, place / "S")
            waited += "waiting" in said
            right = sum((weights(path) for path in expected), Counter())
            good = (
                weights(place / "S") == right
                and open_store(place / "S").file_hashes == {hash_of(p) for p in expected}
                and codes == [0, 0]
            )
            lost += not good
            if not good:
                print(f"  round {n} by {how}: exit codes {codes}, {said.strip()[-300:]}")
            shutil.rmtree(place)
        said_so = f", the second said that it waits in {waited}" if how == "command" else ""
        print(f"{how}: {rounds} rounds of two imports at once, {lost} failures{said_so}", flush=True)
        failures += lost
    return failures


def _by_api(files: list[Path], into: Path) -> tuple[list[int], str]:
    context = multiprocessing.get_context("fork")
    gate = context.Event()
    both = [context.Process(target=_import_when_told, args=(path, into, gate)) for path in files]
    with contextlib.redirect_stderr(io.StringIO()):
        for process in both:
            process.start()
        gate.set()
        for process in both:
            process.join()
    return [process.exitcode or 0 for process in both], ""


def _by_command(files: list[Path], into: Path) -> tuple[list[int], str]:
    words = [[*COMMAND, "import", "events", str(path), "--into", str(into)] for path in files]
    both = [
        subprocess.Popen(w, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        for w in words
    ]
    said = "".join(process.communicate()[1] for process in both)
    return [process.returncode for process in both], said


# --- names


NAMES = (
    "d[1]", "d*", "d?", "d[!a]", "d[a-z]", "**", "{a,b}", "it's", 'say "x"', "a;b", "100%", "%d", "new\nline",
    "back\\slash", "-leading", "ünï", "quad=3", "~", "http:", "s3:", "[[]", "tab\tbed", "*'\"?[;]%\n", " ",
    "file.gz", "st[1]'%;*",
)  # fmt: skip
DECOYS = ("d1", "da", "db", "dd", "d!", "a", "b", "its", "ab", "st1", "[", "x")


def names(folder: Path, rounds: int, seed: int) -> int:
    """Each file, folder, store, covariate and list of days of that name is read, and no other."""
    wrong = 0
    os.chdir(folder)
    for n, decoy in enumerate(DECOYS):
        write_events(folder / decoy / "e.csv", 1000.0 + 10 * n)
        import_files("events", [folder / decoy / "e.csv"], folder / "stores" / decoy)
    for n, name in enumerate(NAMES):
        problems = []
        path = write_events(folder / name / "e.csv", 100.0 + 10 * n)
        same = write_events(folder / "files" / f"{name}.csv", 100.0 + 10 * n)
        right = Counter(100.0 + 10 * n + k for k in range(4) for _ in range(3))
        for relative in (False, True):
            given = Path(os.path.relpath(path)) if relative else path
            store = Path("stores", f"{name}{'r' if relative else ''}") if relative else folder / "stores" / name
            import_files("events", [given], store)
            (audit,) = open_store(store).audits
            checks = {
                "rows": weights(given) == right,
                "stored rows": weights(store) == right,
                "hash": audit["files"][0]["sha256"] == hash_of(path),
                "file of that name": weights(os.path.relpath(same) if relative else same) == right,
                "columns": "quad" in load(given).between("USA", "PRK")[0],
            }
            with load(store).relation() as (con, sql):
                con.execute(f"COPY (SELECT * FROM {sql}) TO 'out.parquet' (FORMAT parquet)")
            parquet = folder / "parquet" / name / f"{name}.parquet"
            parquet.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy("out.parquet", parquet)
            checks["Parquet"] = weights(os.path.relpath(parquet) if relative else parquet) == right
            saved = Path("studies", f"{name}{relative}")
            ran = subprocess.run(
                [*COMMAND, "fit", "--save", str(saved), *QUICK.split(), "--", str(store)],
                capture_output=True, text=True, env=ENVIRONMENT,
            )  # fmt: skip
            checks["Study"] = ran.returncode == 0 and weights(saved) == right
            problems += [
                f"{what} ({'relative' if relative else 'absolute'})" for what, good in checks.items() if not good
            ]
        wrong += bool(problems)
        if problems:
            print(f"  {name!r}: {', '.join(problems)}")
    print(f"{len(NAMES)} names beside {len(DECOYS)} siblings: {wrong} with wrong rows or a wrong hash")
    return wrong


# --- damage


def damage(folder: Path, rounds: int, seed: int) -> int:
    """Every damaged part is found when the store is opened, or by ``audit`` where nothing shows from outside."""
    chance, found, missed = random.Random(seed), Counter[str](), 0
    for k in (1, 2, 3):
        import_files("events", [write_events(folder / f"{k}.csv", 10.0 * k, days=28)], folder / "S")
    parts = open_store(folder / "S").parts
    before = {part: part.read_bytes() for part in parts}
    right = weights(folder / "S")
    hidden_before_audit = Counter[str]()
    for n in range(rounds):
        part, how, hidden = chance.choice(parts), ("flip", "cut", "zeros")[n % 3], n % 2 == 1
        content = bytearray(before[part])
        at = chance.randrange(len(content))
        if how == "flip":
            content[at] ^= 1 << chance.randrange(8)
        elif how == "zeros":
            content[at : at + 64] = bytes(len(content[at : at + 64]))
        elif not hidden:
            del content[at:]
        else:  # of the same size
            content[at:] = bytes(len(content) - at)
        if content == before[part]:
            content[0] ^= 1
        memory = verified.memory_of(folder / "S")
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps({p.name: verified._marks(p) for p in parts}))
        part.write_bytes(content)
        if hidden:
            memory.write_text(json.dumps({p.name: verified._marks(p) for p in parts}))
            code, _, err = run("describe", str(folder / "S"))
            hidden_before_audit[f"exit {code}"] += 1
            missed += code == 1
        code, out, err = run(
            *(("audit",) if hidden else chance.choice((("describe",), ("events", "RUS", "PRK")))), str(folder / "S")
        )
        good = code == 2 and DAMAGED in err and part.name in err and out == ""
        found[f"{'by audit, nothing shows' if hidden else 'on opening'}: {'found' if good else 'MISSED'}"] += 1
        missed += not good
        if not good:
            print(f"  {how} at {at} of {part.name}: exit {code} {err[-300:]}")
        part.write_bytes(before[part])
    assert weights(folder / "S") == right
    for what, count in sorted(found.items()):
        print(f"{what} {count}")
    print(f"describe before that audit: {dict(hidden_before_audit)}")
    return missed


# --- kill


WRITING = (
    "write", "pwrite64", "writev", "pwritev", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
    "mkdir", "mkdirat", "rmdir", "fsync", "fdatasync", "ftruncate", "fallocate", "symlink", "openat", "flock",
)  # fmt: skip


def kill(folder: Path, rounds: int, seed: int) -> int:
    """Import and save, each into a new and an existing place, killed at every call that the first run made."""
    if shutil.which("strace") is None:
        print("strace is not there")
        return 1
    files = [write_events(folder / f"{name}.csv", 10.0 * k + 10) for k, name in enumerate(STATES)]
    return sum(
        _kill(what, old, folder / f"{what}-{'existing' if old else 'new'}", files)
        for what, old in itertools.product(("import", "save"), (False, True))
    )


STATES = ("one", "two", "three")


def _words(what: str, path: Path, target: Path) -> list[str]:
    if what == "import":
        return [*COMMAND, "import", "events", str(path), "--into", str(target)]
    return [*COMMAND, "fit", str(path), *QUICK.split(), "--save", str(target)]


def _kill(what: str, old: bool, place: Path, files: list[Path]) -> int:
    """The number of points after which a place holds neither the old state nor the new, or the next run fails."""
    one, two, three = files
    template = place / "template" / "T"
    template.parent.mkdir(parents=True)
    if old:
        subprocess.run(_words(what, one, template), check=True, capture_output=True, env=ENVIRONMENT)
    allowed = ({("one",)} if old else {()}) | {("one", "two") if old and what == "import" else ("two",)}
    bad, left = 0, Counter[str]()
    points = calls_of(_words(what, two, _copy(template, place / "first")), place)
    for call, n in points:
        target = _copy(template, place / f"{call}-{n}")
        inject = [f"--inject={call}:signal=SIGKILL:when={n}", f"--trace={call}"]
        ran = subprocess.run(
            ["strace", "-f", "-qqq", "-o", "/dev/null", *inject, *_words(what, two, target)],
            capture_output=True, text=True, env=ENVIRONMENT,
        )  # fmt: skip
        state = state_of(target, what)
        again = subprocess.run(_words(what, three, target), capture_output=True, text=True, env=ENVIRONMENT)
        after = state_of(target, what)
        beside = sorted(f.name for f in target.parent.iterdir())
        leftovers = [f.name for f in target.rglob("*") if f.name.endswith((".tmp", ".lock"))]
        good = state in allowed and again.returncode == 0 and beside == ["T"] and not leftovers
        good = good and after == ((*state, "three") if what == "import" else ("three",))
        left[f"{'killed' if ran.returncode else 'ended'}, {' + '.join(state) or 'nothing'} there"] += 1
        if not good:
            bad += 1
            print(
                f"  {what} killed at {call} {n}: {state}, then exit {again.returncode}, {after}, {beside}, {leftovers}"
            )
            print(f"    {again.stderr[-300:]}")
        shutil.rmtree(target.parent)
    print(f"{place.name}: {len(points)} points, {bad} failures; {dict(left)}", flush=True)
    return bad


def _copy(template: Path, into: Path) -> Path:
    into.mkdir()
    if template.exists():
        shutil.copytree(template, into / "T")
    return into / "T"


def calls_of(words: list[str], place: Path) -> list[tuple[str, int]]:
    """The calls that write of a command, each with its number among those of its name in its thread."""
    log = place / "strace.log"
    trace = f"--trace={','.join(WRITING)}"
    subprocess.run(
        ["strace", "-f", "-qqq", "-o", str(log), trace, *words], check=True, capture_output=True, env=ENVIRONMENT
    )
    counts: Counter[tuple[str, str]] = Counter()
    points: dict[tuple[str, int], None] = {}
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"(\d+) +(\w+)\((.*)", line)
        if found is None:  # the end of a call that another interrupted
            continue
        thread, call, arguments = found.groups()
        counts[thread, call] += 1
        if call != "openat" or "O_CREAT" in arguments:
            points[call, counts[thread, call]] = None
    return list(points)


def state_of(target: Path, what: str) -> tuple[str, ...]:
    """Which of the files one, two and three a store or a Study holds, whole; "broken" is none of them."""
    marks = {10.0: "one", 20.0: "two", 30.0: "three"}
    try:
        if what == "import":
            if not (target / "manifest.json").exists():
                return ()
            load(target)
            rows = weights(target)
            assert all(n == 3 for n in rows.values())
            return tuple(marks[w] for w in sorted(rows) if w in marks)
        if not is_study(target):
            return ()
        path = read_study(target).path
        (coefficient,) = [c["estimate"] for c in json.loads((target / STUDY).read_text())["fit"]["coefficients"]]
        assert repr(coefficient) in (target / "coefficients.csv").read_text()
        assert all((target / name).read_text().endswith("\n") for name in TABLES)
        load(target)
        return (Path(path).stem,)
    except (TertiusError, AssertionError, OSError, ValueError, KeyError) as error:
        return ("broken", repr(error))


# --- random moments, and a limit on the size of files


IMPORT = """
import resource, sys
from pathlib import Path
from tertius.errors import DiskFull
from tertius.events import compaction
from tertius.sources.importing import import_files
compaction.FAN_IN = 3
limit, store, *files = sys.argv[1:]
import_files  # loaded: from here on the import alone
print("ready", flush=True)
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
try:
    for file in files:
        import_files("events", [Path(file)], Path(store))
except DiskFull:
    sys.exit(2)
"""
BATCH = 4
"""Imports of a process that is killed or meets a limit."""


def importing(limit: int, store: Path, files: list[Path]) -> subprocess.Popen[str]:
    """A process that is about to import some files, one by one."""
    words = [sys.executable, "-c", IMPORT, str(limit), str(store), *map(str, files)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert process.stdout is not None
    process.stdout.readline()
    return process


@cache
def written(path: Path) -> Counter[float]:
    """The weights of a file, or of a folder of GDELT's, that nobody changes."""
    if not path.is_dir():
        return weights(path)
    column, found = GDELT2.headers[61].index("NumMentions"), Counter[float]()
    for one in in_folders([path]):
        with zipfile.ZipFile(one) as packed:
            lines = packed.read(packed.namelist()[0]).decode().splitlines()
        found.update(float(line.split("\t")[column]) for line in lines)
    return found


def rows_of(given: list[Path]) -> Counter[float]:
    """The weights of some files together."""
    return Counter(itertools.chain.from_iterable(written(path).elements() for path in given))


def problems_of(store: Path, given: list[Path]) -> list[str]:
    """What is wrong with a store that should hold whole files of those given, each once, in their order."""
    try:
        held = open_store(store, thorough=True)
        there = [[file["name"] for file in audit["files"]] for audit in held.audits]
        right = [[path.name for path in in_folders([one])] for one in given[: len(there)]]
        wrong = [] if there == right else [f"it holds {there}"]
        if weights(store) != rows_of(given[: len(there)]):
            wrong.append("its rows are not those of its files")
        middle = held.snapshots[len(there) // 2]
        if weights(f"{store}@{middle}") != rows_of(given[: len(there) // 2 + 1]):
            wrong.append(f"snapshot {middle} has other rows")
    except TertiusError as error:
        return [str(error)]
    return wrong


def import_in_turn(form: str, processes: bool, store: Path, files: list[Path], said: Path) -> None:
    """Import some files (or folders of files), one by one; what is written to stderr goes to a file."""
    with said.open("ab") as there:
        os.dup2(there.fileno(), 2)
    compaction.FAN_IN = 3
    if processes:
        by_line.SEVERAL = 0
    for path in files:
        if form == "gdelt2":
            import_files(form, [path], store, weight="mentions", keep=["re_emitted"])
        else:
            import_files(form, [path], store)


def moments(folder: Path, rounds: int, seed: int, form: str = "events") -> int:
    """Processes that import are killed at random moments, until so many were at work; the next one goes on."""
    chance, bad, met, idle = random.Random(seed), 0, 0, 0
    store, said = folder / "S", folder / "stderr"
    files: list[Path] = []
    context = multiprocessing.get_context("forkserver")  # it has imported this script: what is forked starts at once

    def up_to(n: int) -> list[Path]:
        while len(files) < n:
            weight, name = 10.0 * len(files) + 10, f"{len(files):05}"
            write = write_gdelt if form == "gdelt2" else write_events
            files.append(write(folder / "files" / (name if form == "gdelt2" else f"{name}.csv"), weight))
        return files[:n]

    def started(place: Path, some: list[Path], processes: bool = False) -> Any:
        process = context.Process(target=import_in_turn, args=(form, processes, place, some, said))
        process.start()
        return process

    said.touch()
    started(store, up_to(1)).join()
    usual = {}
    for processes in (False, True):
        began = os.times().elapsed
        started(folder / f"T{processes}", up_to(BATCH), processes).join()
        usual[processes] = os.times().elapsed - began
    while met < rounds:
        done, n = len(open_store(store).audits), met + idle
        processes = form == "gdelt2" and n % 8 == 7
        batch = up_to(done + BATCH)[max(0, done - 1) :]  # the first one is there already
        process = started(store, batch, processes)
        process.join(chance.random() * 1.3 * usual[processes])
        alive = process.is_alive()
        process.kill()
        process.join()
        wrong = problems_of(store, files) + ([said.read_text()[-300:]] if said.stat().st_size else [])
        os.truncate(said, 0)
        if alive and len(open_store(store).audits) < done + BATCH:
            met += 1
        else:
            idle += 1
        bad += bool(wrong)
        if wrong:
            print(f"  round {n}: {wrong}", flush=True)
    left = [f.name for f in store.rglob("*") if f.name.endswith(".tmp")]
    done = len(open_store(store).audits)
    started(store, up_to(done + 1)[done:]).join()
    bad += bool(problems_of(store, files)) + any(f.name.endswith((".tmp", ".lock")) for f in store.rglob("*"))
    bad += said.stat().st_size > 0  # of processes that read for a killed one, too
    held = open_store(store)
    print(
        f"{met} kills of processes at work on {BATCH} imports ({form}), {idle} more that met no work and do not count;"
        f" {len(held.audits)} imports in {len(held.parts)} parts at the end, {len(left)} leftovers before the last: "
        f"{bad} failures"
    )
    return bad


def full(folder: Path, rounds: int, seed: int) -> int:
    """Imports that may not write a file beyond a size: they end with a message, and nothing is lost or there twice."""
    store, bad, codes = folder / "S", 0, Counter[int]()
    files = [write_events(folder / f"{n:05}.csv", 10.0 * n + 10, days=20) for n in range(rounds + BATCH + 1)]
    import_files("events", files[:1], store)
    for n in range(rounds):
        done, size = len(open_store(store).audits), (store / "journal.jsonl").stat().st_size
        process = importing(1 + n * (size + 8192) // rounds, store, files[done : done + BATCH])
        _, said = process.communicate()
        codes[process.returncode] += 1
        wrong = problems_of(store, files) + ([said[-300:]] if process.returncode not in (0, 2) else [])
        wrong += [f.name for f in store.rglob("*") if f.name.endswith((".tmp", ".lock"))]
        bad += bool(wrong)
        if wrong:
            print(f"  round {n}: {wrong}")
    import_files("events", files[len(open_store(store).audits) :], store)
    bad += weights(store) != rows_of(files)
    print(f"{rounds} limits on the size of files: {codes[2]} met, {codes[0]} not, {bad} failures")
    return bad


def disk(folder: Path, rounds: int, seed: int, on: Path) -> int:
    """Imports on a small file system that is full but for some bytes: as :func:`full`."""
    chance, bad, codes = random.Random(seed), 0, Counter[int]()
    store, ballast = on / "S", on / "ballast"
    files = [write_events(folder / f"{n:05}.csv", 10.0 * n + 10, days=20) for n in range(rounds + BATCH + 1)]
    import_files("events", files[:1], store)
    for n in range(rounds):
        done = len(open_store(store).audits)
        free = chance.randrange(12) * 4096
        ballast.write_bytes(bytes(max(0, shutil.disk_usage(on).free - free)))
        process = importing(0, store, files[done : done + BATCH])
        _, said = process.communicate()
        ballast.unlink()
        codes[process.returncode] += 1
        wrong = problems_of(store, files) + ([said[-300:]] if process.returncode not in (0, 2) else [])
        wrong += [f.name for f in store.rglob("*") if f.name.endswith((".tmp", ".lock"))]
        bad += bool(wrong)
        if wrong:
            print(f"  round {n}, {free} bytes free: {wrong}")
    import_files("events", files[len(open_store(store).audits) :], store)
    bad += weights(store) != rows_of(files)
    print(f"{rounds} times a full disk: {codes[2]} met, {codes[0]} not, {bad} failures")
    shutil.rmtree(store)
    return bad


# --- mutate


ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**400, 2**60, 1e308, float("nan"), float("inf"), "", "x", "\ud800", "../x",
    "/etc/passwd",
    "2020-13-45", "0000-00-00", "a" * 5000, "\x00", [], {}, [[]], [None], {"": {}}, ["x", 1], {"a": -1}, "chronicle",
)  # fmt: skip

ODD_FILES = (
    b"", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000, b"NaN", b"[]", b"null", b'"x"', b"\xef\xbb\xbf{}",
)  # fmt: skip


def mutate(folder: Path, rounds: int, seed: int) -> int:
    """No mutation of a manifest or of a Study ends in a traceback."""
    chance = random.Random(seed)
    for k in (1, 2):
        import_files("events", [write_drawn(folder / f"{k}.csv", chance)], folder / "S")
    store, study = folder / "S", folder / "T"
    quick = QUICK.replace("inertia.coop", "inertia.coop,shared_threat").split()
    assert run("fit", str(store), *quick, "--save", str(study))[0] == 0
    assert run("explain", "RUS", "PRK", str(study), "--no-certificate")[0] == 0
    older = open_store(store).snapshots[0]
    commands = {
        "S": (
            ("audit",), ("audit", "--prune"), ("snapshots",), ("describe",), ("events", "RUS", "PRK"), ("fit", *quick),
            ("explain", "RUS", "PRK", "--no-certificate", *quick),
        ),
        "T": (
            ("describe",), ("events", "RUS", "PRK"), ("fit",), ("explain", "RUS", "PRK", "--no-certificate"),
            ("audit",),
        ),
    }  # fmt: skip
    places = {"S": (store / "manifest.json", store / JOURNAL), "T": (study / STUDY,)}
    originals = {path: path.read_bytes() for paths in places.values() for path in paths}
    codes, tracebacks = Counter[str](), 0
    for n in range(rounds):
        which = "ST"[n % 2]
        path = chance.choice(places[which])
        path.write_bytes(mutated(originals[path], chance, folder))
        words = commands[which][(n // 2) % len(commands[which])]
        target = str(store if which == "S" else study)
        if which == "S" and words[0] not in ("audit", "snapshots") and chance.random() < 0.2:
            target += f"@{older}"
        flags = ("--json",) if chance.random() < 0.5 else ()
        arguments = (
            (*words[:1], target, *words[1:])
            if words[0] in ("fit", "audit", "snapshots")
            else (*words[:3], target, *words[3:])
        )
        code, out, err = run(*arguments, *flags)
        codes[f"{which} {words[0]} {code}"] += 1
        bad = code not in (0, 2) or "Traceback" in err or (code == 2 and not flags and out != "")
        tracebacks += bad
        if bad:
            (folder / f"bad-{n}.json").write_bytes(path.read_bytes())
            print(f"  {n}: {arguments}: exit {code}: {err[-600:]}")
        for written, original in originals.items():  # a command may have pruned the store
            written.write_bytes(original)
    for what, count in sorted(codes.items()):
        print(f"  {what}: {count}")
    print(f"{rounds} commands on mutated manifests and Studies: {tracebacks} tracebacks")
    return tracebacks


def mutated(original: bytes, chance: random.Random, folder: Path) -> bytes:
    """A document with one thing changed: its bytes, one of its values, or all of it."""
    kind = chance.randrange(10)
    if kind == 0:
        content = bytearray(original)
        for _ in range(chance.randint(1, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        return bytes(content)
    if kind == 1:
        return original[: chance.randrange(len(original))]
    if kind == 2:
        return chance.choice(
            (
                b"",
                b"\xff\xfe",
                b"[" * 100_000,
                b'{"a":' * 50_000,
                b"9" * 5000,
                b"NaN",
                b"[]",
                b"null",
                b'"x"',
                b"\xef\xbb\xbf{}",
            )
        )
    lines = original.startswith(b'{"imported":')  # a journal
    documents = [json.loads(line) for line in original.splitlines()] if lines else None
    document = json.loads(original) if documents is None else documents
    sealing = isinstance(document, dict) and "checksum" in document and chance.random() < 0.7
    places = list(nodes(document))
    for _ in range(1 if kind < 8 else 3):
        parent, key = chance.choice(places)
        if chance.random() < 0.2 and isinstance(parent, dict):
            parent.pop(key, None)
        elif chance.random() < 0.1 and isinstance(parent, list):
            parent.append(chance.choice(ODD))
        elif (isinstance(parent, list) and key < len(parent)) or isinstance(parent, dict):
            pointers = (str(folder / "T"), str(folder / "S"), str(folder / "1.csv"), str(folder))
            parent[key] = chance.choice((*ODD, *pointers) if key == "path" else ODD)
    if documents is not None:
        return b"".join(json.dumps(line).encode() + b"\n" for line in documents)
    return json.dumps(sealed(document) if sealing else document).encode()


def nodes(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what holds it, and under which key."""
    if isinstance(document, (dict, list)):
        for key, value in list(document.items() if isinstance(document, dict) else enumerate(document)):
            yield document, key
            yield from nodes(value)


def run(*words: str) -> tuple[int, str, str]:
    """A command in this process: exit code (1: a traceback), stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    kept = sys.argv
    try:
        sys.argv = ["tertius", *words]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            command_line()
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else 0
        return code, out.getvalue(), err.getvalue()
    except BaseException:
        return 1, out.getvalue(), err.getvalue() + traceback.format_exc()
    finally:
        sys.argv = kept
    return 0, out.getvalue(), err.getvalue()


ATTACKS: dict[str, tuple[Callable[[Path, int, int], int], int]] = {
    "at-once": (at_once, 200),
    "names": (names, 1),
    "damage": (damage, 300),
    "kill": (kill, 1),
    "moments": (moments, 200),
    "full": (full, 100),
    "mutate": (mutate, 2400),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attack", choices=[*ATTACKS, "disk"])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", type=Path, help="a small file system, for disk")
    parser.add_argument("--format", choices=("events", "gdelt2"), default="events", help="of moments")
    given = parser.parse_args()
    if (given.attack == "disk") != bool(given.on):
        parser.error("disk needs --on FOLDER, and no other does")
    attack, rounds = (partial(disk, on=given.on), 60) if given.on else ATTACKS[given.attack]
    if given.attack == "moments":
        attack = partial(moments, form=given.format)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = ENVIRONMENT["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        work = Path(folder) / "work"
        work.mkdir()
        failures = attack(work, given.rounds or rounds, given.seed)
        os.chdir("/")
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()

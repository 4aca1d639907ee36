"""Kept fits under attack: never a wrong answer, never a mixed one, no traceback.

    python scripts/cache_under_attack.py kill --rounds 200
    python scripts/cache_under_attack.py damage --rounds 200
    python scripts/cache_under_attack.py version --rounds 200
    python scripts/cache_under_attack.py at-once --rounds 200

Every round asks questions of :data:`QUESTIONS` by the command line, and compares each answer with the one that was
computed with the cache off: every text, and every number to 1e-12 (a fit that walks over all slices reaches a slice by
other sums of the same decays than an answer that needs that slice alone).

``kill``     the command is ended by SIGKILL: at any moment of its run, or while it writes a file.
``damage``   files of the cache cut short, emptied, zeroed, with bytes flipped, removed, put in the place of each other,
             mixed with each other, replaced by foreign ones or by folders; whole files stand there afterwards.
``version``  another version of a package, of the code or of the format, other data under the same name, or another
             question; what was kept before it holds a wrong answer on purpose, whole and with its checksum.
``at-once``  two commands at the same time, with the same question or different ones, in a cache that is empty, full,
             too small for both, or cleared by a third.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tertius.cli import main as command_line
from tertius.errors import TertiusWarning
from tertius.simulation import events_frame
from tertius.study import kept
from tertius.worlds import world

QUICK = "--model within --period 1mo --adequacy none"
QUESTIONS = (
    f"explain A00 A01 one.csv {QUICK} --permutations 2",
    f"explain A02 A03 one.csv {QUICK} --permutations 2",
    f"explain A00 A01 one.csv {QUICK} --permutations 0 --half-life 60d",
    f"explain A00 A01 two.csv {QUICK} --permutations 2",
    f"pairs one.csv {QUICK} --top 5",
    "explain A00 A01 one.csv --model rate --slice 1mo --adequacy none --no-certificate",
    "explain --by A04 two.csv --model rate --slice 1mo --adequacy none",
)
"""Of two data sets; some of one fit, some of fits that differ in one option."""
TOLERANCE = 1e-12
VARIES = ("seconds", "peak_memory_mb")
FORK = multiprocessing.get_context("fork")


class Attacked:
    """The questions, their answers with the cache off, and what went wrong.

    Attributes
    ----------
    chance : of everything random.
    truth : the answer to each question.
    failures : how many rounds went wrong.
    counts : what was done, how often.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance, self.failures, self.counts = random.Random(seed), 0, Counter[str]()
        os.chdir(folder)
        for name, of in (("one.csv", 1), ("two.csv", 2)):
            frame = events_frame(world("planted", n_actors=12, n_periods=30, seed=of).slices(directed=True), "pandas")
            frame.to_csv(name, index=False)
        os.environ[kept.SWITCH] = "off"
        self.truth = {question: answered(question) for question in QUESTIONS}
        assert not kept.files()
        os.environ[kept.SWITCH] = "on"
        assert all(code == 0 for code, _, _ in self.truth.values()), self.truth

    def rounds(self, wanted: int) -> Iterator[int]:
        """Count rounds; a word after every twenty."""
        for n in range(wanted):
            yield n
            if (n + 1) % 20 == 0:
                print(f"  {n + 1} rounds, {self.failures} failures", file=sys.stderr, flush=True)

    def fill(self) -> None:
        """Keep the fits of all questions."""
        for question in QUESTIONS:
            self.check("filling", question, answered(question))

    def check(self, what: str, question: str, answer: Answer) -> None:
        """Count a failure where an answer is not the true one."""
        if not same(answer, self.truth[question]):
            self.failures += 1
            print(f"  {what}: {question}: exit {answer[0]}: {answer[2][-1500:] or 'another answer'}", flush=True)


Answer = tuple[int, Any, str]


def same(one: Any, other: Any) -> bool:
    """Whether two documents are equal, their numbers to :data:`TOLERANCE`, relative or of a unit."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one == other)


def answered(question: str) -> Answer:
    """A command in this process: its exit code (1: a traceback), its document and its complaints."""
    out, err = io.StringIO(), io.StringIO()
    words, code = sys.argv, 0
    try:
        sys.argv = ["tertius", *question.split(), "--json", "--quiet"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore", TertiusWarning)  # labels that are in no table of codes
            command_line()
    except SystemExit as stopped:
        code = stopped.code if isinstance(stopped.code, int) else 0
    except BaseException:
        return 1, None, traceback.format_exc()
    finally:
        sys.argv = words
    try:
        document = json.loads(out.getvalue(), object_hook=lambda d: {k: v for k, v in d.items() if k not in VARIES})
    except ValueError:
        document = out.getvalue()
    return code, document, err.getvalue()


def empty_cache() -> None:
    shutil.rmtree(kept.folder(), ignore_errors=True)


def kept_files() -> list[Path]:
    """The files of the cache that are finished."""
    return [path for path, _, _ in kept.files() if path.suffix == ".npz"]


# --- kill


def kill(at: Attacked, rounds: int) -> None:
    """After a kill the same question, and another, have their answers."""
    whole = {}
    for question in QUESTIONS:
        empty_cache()
        began = time.perf_counter()
        answered(question)
        whole[question] = time.perf_counter() - began
    for n in at.rounds(rounds):
        question, other = at.chance.sample(QUESTIONS, 2)
        if n % 4 == 0:
            empty_cache()
        elif n % 4 == 1:
            for path in kept_files()[: at.chance.randint(1, 3)]:
                path.unlink()
        writing = n % 2 == 0
        child = os.fork()
        if child == 0:
            answered(question)
            os._exit(0)
        if writing:
            _wait_for_writing(child, 1.5 * whole[question])
        else:
            time.sleep(at.chance.uniform(0, whole[question]))
        os.kill(child, signal.SIGKILL)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        left = any(path.suffix == ".tmp" for path, _, _ in kept.files())
        at.counts["killed" if ended else "had ended"] += 1
        at.counts["left a file unfinished"] += left
        for asked in (question, other):
            at.check(f"round {n}, killed {'writing' if writing else 'anywhere'}", asked, answered(asked))
        for path, _, _ in kept.files():
            if path.suffix == ".tmp":
                path.unlink()


def _wait_for_writing(child: int, most: float) -> None:
    """Until a child has a file that is not finished, or ends, or the time is over."""
    until = time.perf_counter() + most
    while time.perf_counter() < until:
        if any(kept.folder().glob(".*.tmp")) or os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.0002)


# --- damage


def damage(at: Attacked, rounds: int) -> None:
    """Whatever stands in the files, the answers are true, and what they needed stands there again, whole."""
    needed: dict[str, set[str]] = {}
    for question in QUESTIONS:
        empty_cache()
        at.check("filling", question, answered(question))
        needed[question] = {path.stem for path in kept_files()}
    empty_cache()
    at.fill()
    whole = {path: path.read_bytes() for path in kept_files()}
    for n in at.rounds(rounds):
        what = at.chance.choice(tuple(WOUNDS))
        at.counts[what] += 1
        for path in at.chance.sample(list(whole), at.chance.randint(1, len(whole))):
            WOUNDS[what](path, at.chance.choice(list(whole)), at.chance)
        question = at.chance.choice(QUESTIONS)
        at.check(f"round {n}, {what}", question, answered(question))
        lost = [stem for stem in needed[question] if what != "a folder" and kept.find(stem) is None]
        if lost:
            at.failures += 1
            print(f"  round {n}, {what}: not replaced: {', '.join(lost)}", flush=True)
        if n % 20 == 0 and answered("cache clear")[0]:
            at.failures += 1
            print(f"  round {n}, {what}: the cache cannot be cleared", flush=True)
        empty_cache()
        kept.folder().mkdir()
        for path, content in whole.items():
            path.write_bytes(content)


def _flipped(path: Path, other: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 1, 5, 200))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def _cut(path: Path, other: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size))


def _zeroed(path: Path, other: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    first = chance.randrange(len(content))
    length = min(4096, len(content) - first)
    content[first : first + length] = bytes(length)
    path.write_bytes(content)


def _swapped(path: Path, other: Path, chance: random.Random) -> None:
    if path != other and path.exists() and other.exists():
        path.rename("aside")
        other.rename(path)
        Path("aside").rename(other)


def _mixed(path: Path, other: Path, chance: random.Random) -> None:
    """The members of another file, with the checksum of this one."""
    with np.load(path) as own, np.load(other) as foreign:
        members = {**{name: foreign[name] for name in foreign.files}, "checksum": own["checksum"]}
    with path.open("wb") as file:
        np.savez(file, **members)


def _foreign(path: Path, other: Path, chance: random.Random) -> None:
    with path.open("wb") as file:
        np.savez(file, document=np.array([{"a": 1}], dtype=object), checksum=np.zeros(32, dtype=np.uint8))


def _folder(path: Path, other: Path, chance: random.Random) -> None:
    path.unlink()
    path.mkdir()


WOUNDS: dict[str, Callable[[Path, Path, random.Random], object]] = {
    "bytes flipped": _flipped,
    "cut short": _cut,
    "empty": lambda path, other, chance: path.write_bytes(b""),
    "zeroed in part": _zeroed,
    "another key's": _swapped,
    "another key's members": lambda path, other, chance: _mixed(path, other, chance) if path != other else None,
    "no file of ours": _foreign,
    "a folder": _folder,
    "gone": lambda path, other, chance: path.unlink(),
}


# --- version


def version(at: Attacked, rounds: int) -> None:
    """What was kept under another version, of other data or for another question is not the answer."""
    at.fill()
    _poison()
    for question in QUESTIONS:  # the poison works: where nothing has changed, it is what is found
        assert not same(answered(question), at.truth[question]), question
    genuine = {name: getattr(kept, name) for name in ("versions", "_code", "FORMAT")}
    for n in at.rounds(rounds):
        question, change = at.chance.choice(QUESTIONS), at.chance.choice(tuple(CHANGES))
        data = Path(next(word for word in question.split() if word.endswith(".csv")))
        whole = data.read_text()
        at.counts[change] += 1
        empty_cache()
        code, _, complaints = answered(CHANGES[change](question, data, at.chance))
        if code or not kept_files():
            at.failures += 1
            print(f"  round {n}, {change}: nothing kept: {complaints}", flush=True)
        _poison()
        for name, value in genuine.items():
            setattr(kept, name, value)
        data.write_text(whole)
        at.check(f"round {n}, {change}", question, answered(question))


def _poison() -> None:
    """Every array of numbers in the kept files half as large again, with a checksum that is right."""
    for path in kept_files():
        with np.load(path) as stored:
            members = {name: stored[name] for name in stored.files if name != "checksum"}
        wrong = {name: a * 1.5 if a.dtype.kind == "f" else a for name, a in members.items()}
        with path.open("wb") as file:
            np.savez(file, checksum=np.frombuffer(kept._checksum(path.stem, wrong), dtype=np.uint8), **wrong)


def _other_versions(question: str, data: Path, chance: random.Random) -> str:
    versions = kept.versions()
    other = {**versions, chance.choice(sorted(versions)): "0.0.1"}
    kept.versions = lambda: other  # type: ignore[attr-defined]
    return question


def _other_code(question: str, data: Path, chance: random.Random) -> str:
    kept._code = lambda: f"{chance.random()}"  # type: ignore[assignment]
    return question


def _other_format(question: str, data: Path, chance: random.Random) -> str:
    kept.FORMAT += 1
    return question


def _other_data(question: str, data: Path, chance: random.Random) -> str:
    head, *lines = data.read_text().splitlines(keepends=True)
    lines.pop(chance.randrange(len(lines)))
    data.write_text("".join([head, *lines]))
    return question


def _other_question(question: str, data: Path, chance: random.Random) -> str:
    return question + chance.choice((" --seed 2", " --legs sqrt", " --transform raw", " --decay-to previous"))


CHANGES: dict[str, Callable[[str, Path, random.Random], str]] = {
    "another version of a package": _other_versions,
    "other code": _other_code,
    "another format": _other_format,
    "a row less": _other_data,
    "another question": _other_question,
}


# --- at-once


def at_once(at: Attacked, rounds: int) -> None:
    """Two commands at the same time both have their answers."""
    for n in at.rounds(rounds):
        state = ("empty", "full", "small", "cleared")[n % 4]
        at.counts[f"cache {state}"] += 1
        if state in ("empty", "small"):
            empty_cache()
        if state == "full":
            at.fill()
        questions = at.chance.choices(QUESTIONS, k=2) if n % 3 else [at.chance.choice(QUESTIONS)] * 2
        gate, answers = FORK.Event(), [FORK.SimpleQueue() for _ in questions]
        limit = 60_000 if state == "small" else kept.LIMIT
        both = [FORK.Process(target=_ask, args=(q, gate, limit, a)) for q, a in zip(questions, answers, strict=True)]
        for process in both:
            process.start()
        gate.set()
        while state == "cleared" and any(process.is_alive() for process in both):
            code, _, complaints = answered("cache clear")
            if code:
                at.failures += 1
                print(f"  round {n}, cleared: exit {code}: {complaints}", flush=True)
        for question, process, answer in zip(questions, both, answers, strict=True):
            at.check(f"round {n}, cache {state}", question, answer.get())
            process.join()
        for path in kept_files():
            if kept.find(path.stem) is None:
                at.failures += 1
                print(f"  round {n}, cache {state}: {path.name} is not whole", flush=True)


def _ask(question: str, gate: Any, limit: int, into: Any) -> None:
    kept.LIMIT = limit
    gate.wait()
    into.put(answered(question))


ATTACKS: dict[str, Callable[[Attacked, int], None]] = {
    "kill": kill, "damage": damage, "version": version, "at-once": at_once,
}  # fmt: skip


def attack(name: str, rounds: int, folder: Path, seed: int = 1) -> Attacked:
    """Rounds of one attack, in a folder; the cache lies in it too."""
    work = folder / "work"
    work.mkdir()
    with _in_folder(folder):
        at = Attacked(work, seed)
        ATTACKS[name](at, rounds)
    return at


@contextlib.contextmanager
def _in_folder(folder: Path) -> Any:
    before, place = dict(os.environ), Path.cwd()
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        yield
    finally:
        os.chdir(place)
        os.environ.clear()
        os.environ.update(before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attack", choices=ATTACKS)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        at = attack(given.attack, given.rounds, Path(folder), given.seed)
    print("; ".join(f"{what}: {n}" for what, n in sorted(at.counts.items())))
    print(f"{given.attack}: {given.rounds} rounds in {time.perf_counter() - began:.0f} s, {at.failures} failures")
    raise SystemExit(1 if at.failures else 0)


if __name__ == "__main__":
    main()

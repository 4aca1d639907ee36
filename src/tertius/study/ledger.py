"""A ledger of forecasts, written before the fact and scored later.

A ledger is a text file of one JSON line a forecast. Each line holds the SHA-256 of the line before it and its own, over
everything else in it, so that a changed, dropped or moved line breaks the chain. What a chain alone cannot show, that
its last lines are missing, is in a small file beside it (``NAME.head``): the number of lines that there were at least,
and the hash of the last of them. It is written before the first line (none, then) and after every addition, so that a
ledger whose writer was killed between the two is whole: the chain tells that the lines beyond the head follow from it.
Whoever can write both can forge both: publish the last hash, which every command prints, and even that is found.

A score is of the distribution that was written, scaled to the days of the period that were observed; a line waits until
the data go beyond its period. Forecasts of periods that the data had already reached are not written.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from tertius.answers.foresight import Forecast, Ledger
from tertius.errors import CorruptFile, InputError, TertiusError, UsageError
from tertius.events.data import EventData
from tertius.events.lock import locked
from tertius.events.whole import publish
from tertius.foresight.families import Predictive
from tertius.foresight.known import SIGNS
from tertius.sources.loading import load
from tertius.spec import Duration, ModelSpec
from tertius.study.asking import command_line, reading_flags
from tertius.study.forecast import FAMILIES, UNITS, forecast

START = "0" * 64
OWN, BEFORE = "sha256", "previous"


def digest(line: dict[str, Any]) -> str:
    """SHA-256 of a line without its own hash, keys in order."""
    held = {k: v for k, v in line.items() if k != OWN}
    text = json.dumps(held, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


def chained(bodies: Sequence[dict[str, Any]], previous: str, first: int) -> list[dict[str, Any]]:
    """Bodies as lines: numbered, each with the hash of the line before it and its own.

    >>> one, two = chained([{"a": 1}, {"a": 2}], START, 1)
    >>> two["previous"] == one["sha256"] == digest(one)
    True
    """
    found = []
    for n, body in enumerate(bodies, first):
        line = {"n": n, **body, BEFORE: previous}
        line[OWN] = previous = digest(line)
        found.append(line)
    return found


@dataclass(frozen=True, slots=True)
class Head:
    """A ledger had ``lines`` lines at least, the last of them with the hash ``sha256``."""

    lines: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Head | None:
        """As it stands beside a ledger; None where it is not there, or is none."""
        try:
            found = json.loads(_head_of(path).read_text("utf-8"))
            return cls(int(found["lines"]), str(found[OWN]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def text(self) -> str:
        """As it is written."""
        return json.dumps({"lines": self.lines, OWN: self.sha256}) + "\n"


def first_bad(texts: Sequence[str], head: Head | None) -> int | None:
    """The first line (from 1) that is not what was written, or is missing; None where all are."""
    hashes = [START]
    for n, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
            good = line["n"] == n and line[BEFORE] == hashes[-1] and line[OWN] == digest(line)
            written = json.dumps(line, separators=(",", ":"), allow_nan=False) == text
        except (ValueError, KeyError, TypeError, RecursionError):
            return n
        if not (good and written):
            return n
        hashes.append(line[OWN])
    if head is None:
        return 1 if texts else None
    if not 0 <= head.lines <= len(texts):
        return len(texts) + 1
    return None if hashes[head.lines] == head.sha256 else max(head.lines, 1)


def _head_of(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def _read(path: Path) -> tuple[list[str], Head | None]:
    """Lines and head. Raises InputError."""
    try:
        text = path.read_bytes().decode("utf-8")  # line ends as they are
    except FileNotFoundError:
        raise InputError(f"There is no ledger {path}.", f"Begin one: tertius ledger add {path} DATA.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CorruptFile(
            f"{path} cannot be read as a ledger: {error}.", "Name the file that ledger add wrote."
        ) from None
    return text.removesuffix("\n").split("\n") if text else [], Head.of(path)


def verify(path: str | Path) -> Ledger:
    """Whether every line is as it was written, and none is missing."""
    path = Path(path)
    texts, head = _read(path)
    return _told(path, texts, head, shlex.join(["tertius", "ledger", "verify", str(path)]))


def _told(path: Path, texts: Sequence[str], head: Head | None, command: str) -> Ledger:
    bad = first_bad(texts, head)
    last = START if head is None else head.sha256
    if bad is None and texts:
        last = json.loads(texts[-1])[OWN]
    return Ledger(path.name, len(texts), bad is None, bad, last, 0, (), 0, 0, command)


def add(path: str | Path, data: Any, **asked: Any) -> Ledger:
    """Write forecasts (the arguments are those of ``forecast``) at the end of a ledger, which is begun where there is
    none.

    Raises InputError where the ledger was changed, UsageError where the file is none.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it first, or name another file.")
    found = forecast(data, **asked)
    bodies = list(_bodies(found))
    real = path.resolve()
    with _one_writer(real) as write:
        texts, head = _read(real) if real.exists() else ([], Head.of(real))
        bad = first_bad(texts, head)
        if bad is not None:
            raise CorruptFile(
                f"{path} was changed: line {bad} is not what was written, or is missing.",
                "Nothing was added. Keep it as it is, and begin a new ledger.",
            )
        lines = chained(bodies, json.loads(texts[-1])[OWN] if texts else START, len(texts) + 1)
        written = [*texts, *(json.dumps(line, separators=(",", ":"), allow_nan=False) for line in lines)]
        if head is None:
            write(_head_of(real), Head(0, START).text())
        write(real, "".join(text + "\n" for text in written))
        head = Head(len(written), lines[-1][OWN])
        write(_head_of(real), head.text())
    command = found.command.replace("tertius forecast", shlex.join(["tertius", "ledger", "add", str(path)]), 1)
    return replace(Ledger(path.name, len(written), True, None, head.sha256, 0, (), 0, 0, command), added=len(lines))


@contextmanager
def _one_writer(path: Path) -> Iterator[Callable[[Path, str], None]]:
    """A function that writes a file whole or not at all, while nobody else writes to this ledger.

    What is half written lies in the lock's own folder; what a killed writer left there is removed.
    """
    folder = path.with_name(f".{path.name}.writing")
    beside = folder / "half"

    def write(file: Path, text: str) -> None:
        beside.write_bytes(text.encode())
        publish(beside, file)

    with locked(folder, "another process writes to the ledger"):
        try:
            yield write
        finally:
            beside.unlink(missing_ok=True)
    with suppress(OSError):  # a killed writer's folder, which the lock leaves alone; not where another is in it
        folder.rmdir()


def _bodies(found: Forecast) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    keys = ("pair", "outcome", "horizon", "from", "to")
    lines = (line for x in found.lines.ahead for line in zip(x.to_dicts(), x.parameters.tolist(), strict=True))
    for told, (share, mean_if, shape) in lines:
        yield {
            "written": now,
            "data_hash": found.data_hash,
            "origin": found.origin,
            "question": {k: told.pop(k) for k in keys} | {"unit": found.unit, "period": found.period},
            "forecast": told | {"family": found.family, "share": share, "mean_if": mean_if, "shape": shape},
        }


def score(path: str | Path, data: Any) -> Ledger:
    """Score the lines whose period the data have reached. Raises InputError where the ledger was changed."""
    path = Path(path)
    texts, head = _read(path)
    events = load(data)
    command = command_line("ledger", ["score", str(path), events.name], ModelSpec(), reading_flags(events))
    told = _told(path, texts, head, command)
    if not told.valid:
        raise CorruptFile(told.text, "What was changed is not scored. See: tertius ledger verify.")
    lines = [_forecast(json.loads(text), path) for text in texts]
    _, last = events.span()
    due = [x for x in lines if date.fromisoformat(x["question"]["to"]) <= last]
    scored = [s for key in sorted({_key(x) for x in due}) for s in _scored([x for x in due if _key(x) == key], events)]
    return replace(
        told, scored=tuple(sorted(scored, key=lambda s: s["n"])), waiting=len(lines) - len(due),
        unobserved=len(due) - len(scored),
    )  # fmt: skip


def _forecast(line: dict[str, Any], path: Path) -> dict[str, Any]:
    """A line as it is, where it is a forecast. Raises CorruptFile."""
    try:
        q, f = line["question"], line["forecast"]
        days = [date.fromisoformat(q[k]) for k in ("from", "to")]
        numbers = [float(f[k]) for k in ("share", "mean_if", "shape", "break_level", "break_probability")]
        good = (
            days[0] <= days[1]
            and all(isfinite(x) for x in numbers)
            and len({*q["pair"]}) == 2
            and q["outcome"] in SIGNS
            and q["unit"] in UNITS.values()
            and f["family"] in FAMILIES.values()
            and bool(Duration.parse(q["period"]))
        )
    except (TertiusError, ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise CorruptFile(f"{path}: line {line['n']} is no forecast.", "Name a file that ledger add wrote.")
    return line


def _key(line: dict[str, Any]) -> tuple[str, str, str]:
    q = line["question"]
    return str(q["from"]), str(q["to"]), str(q["period"])


def _scored(lines: list[dict[str, Any]], events: EventData) -> Iterator[dict[str, Any]]:
    """Scores of the lines of one period; none where less than half of its days were observed."""
    first, last = (date.fromisoformat(lines[0]["question"][k]) for k in ("from", "to"))
    span = (last - first).days + 1
    seen = span - sum(first <= day <= last for day in events.missing)
    if 2 * seen < span:
        return
    actors = tuple(sorted({a for x in lines for a in x["question"]["pair"]}))
    period = lines[0]["question"]["period"]  # not by day: some data are sums of whole months
    spec = ModelSpec.of(period=period, slice=period, start=first, end=last, actors=actors)
    slices = events.slices(spec, fewest=1)
    place = {a: k for k, a in enumerate(slices.actors)}
    for line in lines:
        q, f = line["question"], line["forecast"]
        i, j = (place[a] for a in q["pair"])
        if not slices.directed:
            i, j = min(i, j), max(i, j)
        response = next(r for r, unit in UNITS.items() if unit == q["unit"])
        y = slices.outcome(q["outcome"], response)[slices.dyad == i * slices.n_actors + j].sum()
        counts = f["family"] == FAMILIES["count"]
        y = np.array([np.ceil(y - 1e-9) if counts else y])
        share, mean_if, shape = (np.array([f[k]]) for k in ("share", "mean_if", "shape"))
        made = Predictive(share, mean_if * seen / span, shape, counts)
        low, high = made.before(y)[0], made.cdf(y)[0]
        yield {
            "n": line["n"], "pair": q["pair"], "outcome": q["outcome"], "from": q["from"], "to": q["to"],
            "observed": float(y[0]), "expected": float(made.mean[0]), "observed_days": seen,
            "log_score": float(made.log_density(y)[0]), "crps": float(made.crps(y)[0]),
            "inside_80": bool(low < 0.9 and high > 0.1), "inside_95": bool(low < 0.975 and high > 0.025),
            "broke": bool(y[0] > f["break_level"] * seen / span), "break_probability": f["break_probability"],
        }  # fmt: skip

"""A ledger of forecasts, written before the fact and scored later.

A ledger is a text file of one JSON line a forecast. Each line holds the SHA-256 of the line before it and its own, over
everything else in it, so that a changed, dropped or moved line breaks the chain. What a chain alone cannot show, that
its last lines are missing, is in a small file beside it (``NAME.head``: number of lines and last hash), written with
every addition. Whoever can write both can forge both: publish the last hash, which every command prints, and even that
is found.

A score is of the distribution that was written, scaled to the days of the period that were observed; a line waits until
the data go beyond its period. Forecasts of periods that the data had already reached are not written.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from tertius.answers.foresight import Forecast, Ledger
from tertius.errors import CorruptFile, InputError, UsageError
from tertius.events.data import EventData
from tertius.events.lock import locked
from tertius.foresight.families import Predictive
from tertius.sources.loading import load
from tertius.spec import ModelSpec
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


def first_bad(texts: Sequence[str], head: dict[str, Any] | None) -> int | None:
    """The first line (from 1) that is not what was written, or is missing; None where all are."""
    previous = START
    for n, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
            good = line["n"] == n and line[BEFORE] == previous and line[OWN] == digest(line)
            written = json.dumps(line, separators=(",", ":"), allow_nan=False) == text
        except (ValueError, KeyError, TypeError, RecursionError):
            return n
        if not (good and written):
            return n
        previous = line[OWN]
    if head is None:
        return None if not texts else 1
    if head.get("lines") != len(texts) or head.get(OWN) != previous:
        return min(len(texts), int(head["lines"]) if isinstance(head.get("lines"), int) else 0) + 1
    return None


def _head_of(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def _read(path: Path) -> tuple[list[str], dict[str, Any] | None]:
    """Lines and head. Raises InputError."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise InputError(f"There is no ledger {path}.", f"Begin one: tertius ledger add {path} DATA.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CorruptFile(
            f"{path} cannot be read as a ledger: {error}.", "Name the file that ledger add wrote."
        ) from None
    try:
        found = json.loads(_head_of(path).read_text("utf-8"))
        head = found if isinstance(found, dict) else {}
    except FileNotFoundError:
        head = None
    except (OSError, ValueError):
        head = {}
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else [], head


def verify(path: str | Path) -> Ledger:
    """Whether every line is as it was written, and none is missing."""
    path = Path(path)
    texts, head = _read(path)
    return _told(path, texts, head, shlex.join(["tertius", "ledger", "verify", str(path)]))


def _told(path: Path, texts: list[str], head: dict[str, Any] | None, command: str) -> Ledger:
    bad = first_bad(texts, head)
    last = str(head.get(OWN, START)) if head else START
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
    with _one_writer(path):
        texts, head = _read(path) if path.exists() else ([], None)
        bad = first_bad(texts, head)
        if bad is not None:
            raise CorruptFile(
                f"{path} was changed: line {bad} is not what was written, or is missing.",
                "Nothing was added. Keep it as it is, and begin a new ledger.",
            )
        lines = chained(bodies, head[OWN] if head else START, len(texts) + 1)
        written = [*texts, *(json.dumps(line, separators=(",", ":"), allow_nan=False) for line in lines)]
        _put(path, "".join(text + "\n" for text in written))
        head = {"lines": len(written), OWN: lines[-1][OWN]}
        _put(_head_of(path), json.dumps(head) + "\n")
    told = _told(
        path,
        written,
        head,
        found.command.replace("tertius forecast", shlex.join(["tertius", "ledger", "add", str(path)]), 1),
    )
    return replace(told, added=len(lines))


def _put(path: Path, text: str) -> None:
    """The whole file or none of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _one_writer(path: Path) -> Iterator[None]:
    folder = path.with_name(f".{path.name}.writing")
    with locked(folder, "another process writes to the ledger"):
        yield


def _bodies(found: Forecast) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for line in found.lines:
        told = line.to_dict()
        keys = ("pair", "outcome", "horizon", "from", "to")
        share, mean_if, shape = line.parameters
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
    lines = [json.loads(text) for text in texts]
    _, last = events.span()
    due = [x for x in lines if date.fromisoformat(x["question"]["to"]) <= last]
    scored = [s for key in sorted({_key(x) for x in due}) for s in _scored([x for x in due if _key(x) == key], events)]
    return replace(
        told, scored=tuple(sorted(scored, key=lambda s: s["n"])), waiting=len(lines) - len(due),
        unobserved=len(due) - len(scored),
    )  # fmt: skip


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

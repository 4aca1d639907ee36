"""What the readers may learn from, and what is kept apart: one definition for training and evaluation.

Kept apart is a record whose normalised text has sha256 mod 5 = 0, of plover_gsr_dev and of plv_dev alike, and with it
every other record that is the same or nearly so (three quarters of the words of the shorter one in common).
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from tertius.errors import UnknownActor
from tertius.reading.actors import actor_of

NEAR = 0.75


def normalised(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", text.lower()).split())


def fold_of(text: str, folds: int = 5) -> int:
    return int(hashlib.sha256(normalised(text).encode()).hexdigest(), 16) % folds


def load(folder: Path) -> dict[str, list[dict]]:
    """Records of the labelled files, by the file's name."""
    names = ("plover_gsr_dev", "plv_dev", "ngec_actors_dev")
    return {n: [json.loads(line) for line in (folder / f"{n}.jsonl").read_text().splitlines()] for n in names}


def kept_apart(records: list[dict]) -> list[dict]:
    return [r for r in records if fold_of(r["text"]) == 0]


def training_records(data: dict[str, list[dict]]) -> list[dict]:
    """Records of both files that may be learned from; a text that stands in both is taken from plover_gsr_dev."""
    files = (data["plover_gsr_dev"], data["plv_dev"])
    apart = [set(normalised(r["text"]).split()) for f in files for r in kept_apart(f)]
    out, seen = [], set()
    for file in files:
        for record in file:
            key = (normalised(record["text"]), str(record["source"]), str(record["target"]))
            words = set(key[0].split())
            if fold_of(record["text"]) == 0 or any(_near(words, other) for other in apart):
                continue
            if file is files[1] and (key[0] in seen):
                continue
            out.append(record)
        if file is files[0]:
            seen = {normalised(r["text"]) for r in file}
    return out


def _near(a: set[str], b: set[str]) -> bool:
    return len(a & b) >= NEAR * min(len(a), len(b))


def side_of(code: str) -> set[str]:
    """Codes under which an actor counts in plover_gsr_dev: its own, and for an organisation the kind's."""
    try:
        kind = actor_of(code).kind
    except UnknownActor:
        return {code}
    return {code, "IGO"} if kind == "organisation" and code not in ("NGO", "IMG", "MNC") else {code}

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
FILES = ("plover_gsr_dev", "plv_dev")


def normalised(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", text.lower()).split())


def fold_of(text: str, folds: int = 5) -> int:
    return int(hashlib.sha256(normalised(text).encode()).hexdigest(), 16) % folds


def load(folder: Path) -> dict[str, list[dict]]:
    """Records of the labelled files, by the file's name."""
    names = (*FILES, "ngec_actors_dev")
    return {n: [json.loads(line) for line in (folder / f"{n}.jsonl").read_text().splitlines()] for n in names}


def kept_apart(records: list[dict]) -> list[dict]:
    return [r for r in records if fold_of(r["text"]) == 0]


def unlike_kept_apart(data: dict[str, list[dict]], records: list[dict]) -> list[dict]:
    """The records that neither are kept apart by their hash nor resemble one of those that are."""
    apart = [set(normalised(r["text"]).split()) for f in FILES for r in kept_apart(data[f])]
    words = ((r, set(normalised(r["text"]).split())) for r in records if fold_of(r["text"]) != 0)
    return [r for r, w in words if not any(_near(w, other) for other in apart)]


def training_records(data: dict[str, list[dict]]) -> list[dict]:
    """Records of both files that may be learned from; a text that stands in both is taken from plover_gsr_dev."""
    first, second = (data[name] for name in FILES)
    seen = {normalised(r["text"]) for r in first}
    return unlike_kept_apart(data, [*first, *(r for r in second if normalised(r["text"]) not in seen)])


def _near(a: set[str], b: set[str]) -> bool:
    return len(a & b) >= NEAR * min(len(a), len(b))


def side_of(code: str) -> set[str]:
    """Codes under which an actor counts in plover_gsr_dev: its own, and for an organisation IGO, which it also
    gives to Amnesty and the Red Cross."""
    try:
        kind = actor_of(code).kind
    except UnknownActor:
        return {code}
    return {code, "IGO"} if kind == "organisation" and code not in ("IMG", "MNC") else {code}

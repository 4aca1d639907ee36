"""Linear models of types and roles: coefficients in JSON, scores in NumPy.

A type model gives log-odds of each event type, and of NONE, from the features of a sentence; P = softmax(W f + b). A
role model gives one number to each candidate; P = softmax over the candidates of a sentence. Features are texts with
weight one, but for words of the sentence at large, which weigh :data:`BAG`.
``scripts/train_reader.py`` writes the coefficients.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

NONE = "NONE"
QUIET = 0.35
"""P(NONE) above which a clause is no event, where the coefficients name no limit of their own."""
BAG = 0.4
"""Weight of a word or class that stands anywhere in the sentence ("w:", "k:")."""


def weight_of(feature: str) -> float:
    return BAG if feature[:2] in ("w:", "k:") else 1.0


@dataclass(frozen=True, slots=True)
class TypeModel:
    """``weights[index[feature]]``: a coefficient for each type, in the order of ``types``."""

    types: tuple[str, ...]
    bias: Array  # (types,)
    index: dict[str, int]
    weights: Array  # (features, types)

    def score(self, features: Iterable[str]) -> Array:
        """What features add to the log-odds of each type, (types,)."""
        at = [i for f in dict.fromkeys(features) if (i := self.index.get(f)) is not None]
        added: Array = self.weights[at].sum(axis=0)
        return added

    def probabilities(self, features: Iterable[str], given: Array | float = 0.0) -> Array:
        """P of each type, (types,); ``given`` is the score of features that were counted before."""
        score = self.bias + given + self.score(features)
        p = np.exp(score - score.max())
        shares: Array = p / p.sum()
        return shares


@dataclass(frozen=True, slots=True)
class Reader:
    """The coefficients of one reader."""

    version: str
    types: TypeModel
    source: dict[str, float]
    target: dict[str, float]
    quiet: float = QUIET
    _by_type: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict, repr=False, compare=False)

    def ranker(self, side: Literal["source", "target"], type_: str) -> dict[str, float]:
        """Coefficients of the candidates for a side of an event of a type: a feature's own, and what it adds for that
        type, which is stored as "feature|TYPE"."""
        known = self._by_type.get((side, type_))
        if known is None:
            stored, end = (self.source if side == "source" else self.target), "|" + type_
            known = dict(stored)
            for feature, x in stored.items():
                if feature.endswith(end):
                    plain = feature[: -len(end)]
                    known[plain] = known.get(plain, 0.0) + x
            self._by_type[side, type_] = known
        return known


def rank(coefficients: dict[str, float], candidates: Sequence[Iterable[str]]) -> list[float]:
    """A score for each candidate."""
    known = coefficients.get
    return [sum([known(f, 0.0) for f in features]) for features in candidates]


@lru_cache(maxsize=2)
def load_reader(name: str) -> Reader:
    """The coefficients shipped as ``<name>.json``."""
    return reader_of(json.loads((resources.files("tertius.reading") / f"{name}.json").read_text(encoding="utf-8")))


def reader_of(stored: dict[str, Any]) -> Reader:
    types = tuple(stored["types"])
    rows = stored["rows"]
    weights = np.array([[weight_of(f) * x / 100 for x in row] for f, row in rows.items()], dtype=float)
    return Reader(
        stored["version"],
        TypeModel(types, np.array(stored["bias"], dtype=float) / 100, {f: i for i, f in enumerate(rows)}, weights),
        {f: v / 100 for f, v in stored["source"].items()},
        {f: v / 100 for f, v in stored["target"].items()},
        stored.get("quiet", QUIET),
    )

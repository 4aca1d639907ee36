"""Facts of a temporal knowledge graph as arrays, and the rank of a true answer (see ``ranking.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """The different questions (s, r, ?) of a day, Q of them, in the order of (s, r).

    ``low``, ``high`` bound each one's triples; question q's answers are ``true[bounds[q]:bounds[q + 1]]``.
    """

    actor: Ints
    relation: Ints
    low: Ints
    high: Ints
    true: Ints
    bounds: Ints

    def answers(self, q: int) -> Ints:
        """What is true on the day."""
        return self.true[self.bounds[q] : self.bounds[q + 1]]


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts (day, s, r, o), each once a day and both ways: relation r + R is r from o to s.

    A **triple** is an (s, r, o) that ever occurs, numbered in that order; a **pair** an (s, o), numbered in its order.
    ``triple``, ``pair`` of every fact; ``by_pair`` the triples in the order of pairs, those of pair p at
    ``pair_bounds[p]:pair_bounds[p + 1]``; pairs of actor s at ``actor_bounds[s]:actor_bounds[s + 1]``.
    """

    actors: int
    relations: int
    day: Ints
    s: Ints
    r: Ints
    o: Ints
    triple: Ints
    pair: Ints
    triple_key: Ints
    triple_r: Ints
    triple_o: Ints
    pair_s: Ints
    pair_o: Ints
    by_pair: Ints
    pair_bounds: Ints
    actor_bounds: Ints

    def on(self, day: int) -> slice:
        """The facts of a day."""
        low, high = np.searchsorted(self.day, [day, day + 1])
        return slice(int(low), int(high))

    def questions(self, day: int) -> Asked:
        """The questions that the facts of a day answer."""
        at = self.on(day)
        key, which = np.unique(self.s[at] * self.relations + self.r[at], return_inverse=True)
        order = np.argsort(which, kind="stable")
        bounds = np.searchsorted(which[order], np.arange(len(key) + 1))
        low, high = np.searchsorted(self.triple_key, key), np.searchsorted(self.triple_key, key + 1)
        return Asked(*np.divmod(key, self.relations), low, high, self.o[at][order], bounds)


def facts_of(day: Ints, source: NDArray[Any], relation: NDArray[Any], target: NDArray[Any]) -> Facts:
    """Facts from columns of labels.

    >>> made = facts_of(np.array([0, 1]), np.array(["a", "b"]), np.array(["r", "r"]), np.array(["b", "c"]))
    >>> made.actors, made.relations, len(made.day)
    (3, 2, 4)
    """
    n = len(day)
    names, ends = np.unique(np.concatenate([source, target]), return_inverse=True)
    kinds, kind = np.unique(relation, return_inverse=True)
    E, R = len(names), 2 * len(kinds)
    s, o = ends[:n], ends[n:]
    both = np.stack([np.tile(day, 2), np.r_[s, o], np.r_[kind, kind + len(kinds)], np.r_[o, s]], 1)
    day, s, r, o = np.unique(both, axis=0).T.astype(np.int64)
    triples, triple = np.unique((s * R + r) * E + o, return_inverse=True)
    key, triple_o = np.divmod(triples, E)
    pairs, pair_of = np.unique(key // R * E + triple_o, return_inverse=True)
    by_pair = np.argsort(pair_of, kind="stable")
    pair_bounds = np.searchsorted(pair_of[by_pair], np.arange(len(pairs) + 1))
    pair_s, pair_o = np.divmod(pairs, E)
    bounds = np.searchsorted(pair_s, np.arange(E + 1))
    return Facts(
        E, R, day, s, r, o, triple, pair_of[triple], key, key % R, triple_o, pair_s, pair_o, by_pair, pair_bounds,
        bounds,
    )  # fmt: skip


class Ranker(Protocol):
    """A model that goes through the days in order."""

    def scores(self, asked: Asked, day: int) -> Iterator[tuple[int, Floats]]:
        """Number of the first question, and scores (questions, actors), block by block."""

    def learn(self, day: int) -> None:
        """The day is over: its facts are the past from here on."""


def ranked(facts: Facts, model: Ranker, first: int) -> Floats:
    """Ranks of all answers from day ``first`` on; the model has seen the days before."""
    found = []
    for day in range(first, int(facts.day[-1]) + 1):
        asked = facts.questions(day)
        for begin, block in model.scores(asked, day):
            found += [ranks_in(row, asked.answers(begin + k)) for k, row in enumerate(block)]
        model.learn(day)
    return np.concatenate(found)


def ranks_in(score: Floats, true: Ints) -> Floats:
    """Rank of each true answer among all actors that are not true too; ties at the mean.

    >>> ranks_in(np.array([3.0, 2.0, 2.0, 1.0, 9.0]), np.array([1, 4])).tolist()
    [2.5, 1.0]
    """
    rivals = np.delete(score, true)
    own = score[true][:, None]
    return np.asarray((rivals > own).sum(1) + 1 + (rivals == own).sum(1) / 2)

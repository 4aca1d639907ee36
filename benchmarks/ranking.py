"""Who will be the other end? Time-aware filtered ranking, as papers on temporal knowledge graphs do it.

    python benchmarks/ranking.py --events FILE... --test-from DATE [--only MODEL] [--permuted] [--json]

Parquet files with date, source, relation and target. For every fact (s, r, o) of the days from DATE on, all actors are
ranked as o given (s, r) and as s given (o, r inverse), from the days before that day alone (single step: the test's
earlier days are known). Other facts of the same day with the same question are left out of the ranking, ties stand at
their mean rank. MRR and Hits@10 in per cent. Everything that is chosen is chosen on the 30 days before DATE.

``recurrency``  the baseline of Gastinger, Meilicke, Errica, Sztyler, Schuelke and Stuckenschmidt (2024, IJCAI,
                arXiv:2404.16726), written anew: alpha psi + (1 - alpha) xi, psi the decayed share of days on which
                the same fact stood, 2^(-lambda age) each, xi the share of r's facts that have o; lambda (with alpha
                = 1) and then alpha are chosen for every relation by the MRR of the 30 days.
``tertius``     a conditional logit of named terms (``ranking_model.py``).

``--permuted`` deals the targets of the test's facts out among them anew, at random: a model that ranks them well all
the same has seen them.

Set OPENBLAS_NUM_THREADS=1. Seconds are of the whole model, choosing included; reading the files is apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ranking_data import Bools, Facts, Floats, Ints, facts_of, ranked

CHOOSING_DAYS = 30
LAMBDAS = np.array([0, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.5, 0.9, 1.0])
ALPHAS = np.array([0, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 1.0])
UNCHOSEN = (0.1, 0.99)
"""lambda and alpha of a relation without a fact in the days of choosing."""
SAME = 1e-12
"""Relative difference below which two scores are a tie."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A model's figures in per cent, over n questions."""

    model: str
    mrr: float
    hits_10: float
    n: int
    seconds: float

    @classmethod
    def of(cls, model: str, ranks: Floats, seconds: float) -> Scored:
        """From the ranks of the true answers."""
        mrr, hits = 100 * float(np.mean(1 / ranks)), 100 * float(np.mean(ranks <= 10))
        return cls(model, round(mrr, 3), round(hits, 3), len(ranks), round(seconds, 1))


@dataclass(frozen=True, slots=True)
class Question:
    """(s, r, ?) on a day, for the baseline.

    ``psi`` (L, n) of the n actors that stood in the same fact before, ``xi`` (n,) theirs, ``false`` (n,) those that are
    no answer of the day; ``true_at`` the answers' places among the n or -1, ``true_xi``; ``rest`` the sorted xi of all
    other actors that are no answer.
    """

    relation: int
    psi: Floats
    xi: Floats
    false: Bools
    true_at: Ints
    true_xi: Floats
    rest: Floats

    def ranks(self, which: Ints, alpha: Floats) -> Floats:
        """(answers, cells) ranks at cells of (index of lambda, alpha)."""
        a = alpha[:, None]
        score = a * self.psi[which] + (1 - a) * self.xi
        rivals = score[:, self.false]
        out = np.empty((len(self.true_at), len(alpha)))
        for k, (at, xi) in enumerate(zip(self.true_at, self.true_xi, strict=True)):
            own = score[:, at] if at >= 0 else (1 - alpha) * xi
            above = (rivals > own[:, None] * (1 + SAME)).sum(1)
            ties = (rivals >= own[:, None] * (1 - SAME)).sum(1) - above
            level = np.divide(own, 1 - alpha, out=np.where(own > 0, np.inf, 0.0), where=alpha < 1)
            low = np.searchsorted(self.rest, level * (1 - SAME))
            high = np.searchsorted(self.rest, level * (1 + SAME), side="right")
            pure = alpha == 1
            above = above + np.where(pure, 0, len(self.rest) - high)
            ties = ties + np.where(pure, np.where(own == 0, len(self.rest), 0), high - low)
            out[k] = above + 1 + ties / 2
        return out


def questions(facts: Facts, first: int, last: int) -> Iterator[tuple[int, Question]]:
    """Every question of the days first to last, with its day; what is in it was before the day."""
    decay = 2.0**-LAMBDAS
    stood, norm = np.zeros((len(LAMBDAS), len(facts.triple_o))), np.zeros(len(LAMBDAS))
    popular = np.zeros((facts.relations, facts.actors))
    for day in range(int(facts.day[0]), last + 1):
        if day >= first:
            asked = facts.questions(day)
            share = {int(r): popular[r] / max(popular[r].sum(), 1.0) for r in np.unique(asked.relation)}
            for q, r in enumerate(asked.relation):
                triple = np.arange(asked.low[q], asked.high[q])
                triple = triple[stood[0, triple] > 0]
                others, true, xi = facts.triple_o[triple], asked.answers(q), share[int(r)]
                left = np.ones(facts.actors, dtype=bool)
                left[others] = left[true] = False
                place = np.full(facts.actors, -1)
                place[others] = np.arange(len(others))
                psi = stood[:, triple] / norm[:, None]
                false = ~np.isin(others, true)
                yield day, Question(int(r), psi, xi[others], false, place[true], xi[true], np.sort(xi[left]))
        today = facts.on(day)
        stood *= decay[:, None]
        stood[:, facts.triple[today]] += decay[:, None]
        norm = norm * decay + decay
        np.add.at(popular, (facts.r[today], facts.o[today]), 1.0)


def recurrency(facts: Facts, test_from: int) -> Floats:
    """Ranks of the test's answers by the baseline."""
    L, A = len(LAMBDAS), len(ALPHAS)
    begin = test_from - CHOOSING_DAYS
    by_lambda, by_alpha = np.zeros((facts.relations, L)), np.zeros((facts.relations, A))
    for _, q in questions(facts, begin, test_from - 1):
        by_lambda[q.relation] += (1 / q.ranks(np.arange(L), np.ones(L))).sum(0)
    unchosen = int(np.flatnonzero(np.isclose(LAMBDAS, UNCHOSEN[0]))[0])
    best = np.where(by_lambda.max(1) > 0, by_lambda.argmax(1), unchosen)
    alpha, found = np.empty(0), []
    for day, q in questions(facts, begin, int(facts.day[-1])):
        lam = best[q.relation]
        if day < test_from:
            by_alpha[q.relation] += (1 / q.ranks(np.full(A, lam), ALPHAS)).sum(0)
            continue
        if not len(alpha):
            alpha = np.where(by_alpha.max(1) > 0, ALPHAS[by_alpha.argmax(1)], UNCHOSEN[1])
        found.append(q.ranks(np.array([lam]), alpha[[q.relation]])[:, 0])
    return np.concatenate(found)


def read(files: list[Path], permuted_from: int | None = None, seed: int = 0) -> Facts:
    """The facts of some Parquet files, each once a day, both ways; from a day on with targets dealt out anew."""
    columns = ["date", "source", "relation", "target"]
    table = pa.concat_tables([pq.read_table(f, columns=columns) for f in files], promote_options="permissive")
    day = table["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    source, relation, target = (table[c].to_numpy(zero_copy_only=False).astype(str) for c in columns[1:])
    if permuted_from is not None:
        late = np.flatnonzero(day >= permuted_from)
        target[late] = target[np.random.default_rng(seed).permutation(late)]
    return facts_of(day, source, relation, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", nargs="+", type=Path, required=True)
    parser.add_argument("--test-from", required=True)
    parser.add_argument("--only", choices=["recurrency", "tertius"])
    parser.add_argument("--permuted", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        begin = int(np.datetime64(options.test_from, "D").astype(np.int64))
        facts = read(options.events, begin if options.permuted else None, options.seed)
    except (OSError, ValueError, KeyError) as error:
        parser.error(str(error))
    if not facts.day[0] + 2 * CHOOSING_DAYS <= begin <= facts.day[-1]:
        days = facts.day[[0, -1]].astype("datetime64[D]")
        parser.error(f"--test-from must lie at least {2 * CHOOSING_DAYS} days into the data ({days[0]} to {days[1]}).")
    scored = []
    for name in ("recurrency", "tertius"):
        if options.only in (None, name):
            began = time.perf_counter()
            if name == "recurrency":
                ranks = recurrency(facts, begin)
            else:
                from ranking_model import fitted

                model = fitted(facts, begin, options.seed)
                ranks = ranked(facts, model, begin)
                if not options.json:
                    print("\n".join(f"  {k:32s} {v:7.2f}" for k, v in model.coefficients().items()))
            scored.append(Scored.of(name, ranks, time.perf_counter() - began))
            if not options.json:
                print(scored[-1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if options.json:
        keys = ("model", "mrr", "hits_10", "n", "seconds")
        json.dump({"models": [{k: getattr(s, k) for k in keys} for s in scored], "peak_memory_mb": peak}, sys.stdout)
        print()
    else:
        print(f"peak memory {peak} MB")


if __name__ == "__main__":
    main()

"""Who will be the other end, from decayed histories and two-paths: a conditional logit of named terms.

The chance that o answers (s, r, ?) on a day is exp(beta . x_o) over the sum of the same for all actors. The terms x_o
are of what was before the day, as log(1 + x / c): the decayed counts of the fact itself (s, r, o) and of all facts of s
and o, how long ago each was last, a **kernel** (what kinds of facts between two are followed by which: sum over r' of
W[r', r] x the decayed count of (s, r', o), W by three rounds of expectation and maximisation, as for a Hawkes process),
the **two-path** sum over k of A[s, k] A[k, o], A the decayed counts over the roots of both ends' sums, the share of r's
facts that have o, and o's own activity. Half-lives are fixed, two or three a term; the coefficients say which counts.

The coefficients maximise the likelihood of a sample of facts of the 30 days before the test. Not all actors are in
the sum of a sampled question: the hundred best by a rough score are, and sixty drawn from the others stand for them
(importance sampling). W is of the days before those. Nothing is learnt in the test but what happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from ranking_data import Asked, Facts, Floats, Ints
from scipy.optimize import minimize
from scipy.sparse import csr_array

FITTED_DAYS = 30
FACTS_A_DAY = 250
CERTAIN, DRAWN = 100, 60
RIDGE = 1e-4
BLOCK = 256
SELF = -50.0
"""Added to the score of s itself."""
ALWAYS = np.inf
TRIPLE_LIVES = np.array([3.0, 14.0, 60.0, ALWAYS])
PAIR_LIVES = np.array([4.0, 20.0, ALWAYS])
SHARE_LIVES = np.array([15.0, ALWAYS])
ACTIVITY_LIVES = np.array([7.0, ALWAYS])
KERNEL_LIVES = (1, 3)
"""Places in TRIPLE_LIVES."""
TERMS = (
    ("same fact, 3 days", "same fact, 14 days", "same fact, 60 days", "same fact, ever (count)", "same fact, ever",
     "same fact, log days since"),
    ("pair, 4 days", "pair, 20 days", "pair, ever (count)", "pair, ever", "pair, log days since", "kernel, 14 days",
     "kernel, ever", "kernel, 14 days, large", "kernel, ever, large"),
    ("two-path", "two-path, large"),
    ("share of relation, 15 days", "share of relation, ever", "count in relation", "share of relation, large"),
    ("activity, 7 days", "activity, ever"),
)  # fmt: skip
SIZES = tuple(map(len, TERMS))
ROUGH = {
    "same fact, 14 days": 0.5, "pair, 20 days": 0.5, "kernel, ever": 0.3, "two-path": 0.1,
    "share of relation, ever": 0.3, "activity, 7 days": 0.1,
}  # fmt: skip
"""Coefficients of the score by which the hundred best are found."""


def log1(x: Floats, c: float) -> Floats:
    """log(1 + x / c)."""
    return np.asarray(np.log1p(x / c))


def spread(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Ranges one after the other: which range, and the number.

    >>> [x.tolist() for x in spread(np.array([5, 0]), np.array([7, 1]))]
    [[0, 0, 1], [5, 6, 0]]
    """
    n = high - low
    which = np.repeat(np.arange(len(low)), n)
    return which, np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n) + np.repeat(low, n)


def add_up(sums: Floats, lives: Floats, place: Ints) -> None:
    """A day later: sums (lives, n) decay, and what happened is added."""
    sums *= (2.0 ** (-1 / lives))[:, None]
    seen, n = np.unique(place, return_counts=True)
    sums[:, seen] += n


def kernel(facts: Facts, life: int, until: int, rounds: int = 3) -> Floats:
    """W (relations, relations): facts of r a day that one decayed fact of r' brings between the same two.

    From the days before ``until``, the first 20 as history alone.
    """
    W = np.ones((facts.relations, facts.relations))
    first = int(facts.day[0])
    for _ in range(rounds):
        stood = np.zeros((1, len(facts.triple_o)))
        caused, exposed = np.zeros_like(W), np.zeros(facts.relations)
        for day in range(first, until):
            today = facts.on(day)
            if day >= first + 20:
                pair, r = facts.pair[today], facts.r[today]
                which, at = spread(facts.pair_bounds[pair], facts.pair_bounds[pair + 1])
                triple = facts.by_pair[at]
                known = stood[0, triple] > 1e-3
                which, triple = which[known], triple[known]
                part = W[facts.triple_r[triple], r[which]] * stood[0, triple]
                whole = np.bincount(which, part, len(r)) + 1e-4
                np.add.at(caused, (facts.triple_r[triple], r[which]), part / whole[which])
                exposed += np.bincount(facts.triple_r, stood[0], facts.relations)
            add_up(stood, TRIPLE_LIVES[[life]], facts.triple[today])
        W = caused / np.maximum(exposed[:, None], 1.0)
    return W


@dataclass(slots=True)
class Logit:
    """The model as it goes through the days: coefficients, kernels, and sums of what was strictly before the day."""

    facts: Facts
    kernels: tuple[Floats, ...]
    beta: Floats
    triple: Floats = field(init=False)
    pair: Floats = field(init=False)
    share: Floats = field(init=False)
    activity: Floats = field(init=False)
    last_triple: Ints = field(init=False)
    last_pair: Ints = field(init=False)

    def __post_init__(self) -> None:
        f = self.facts
        self.triple = np.zeros((len(TRIPLE_LIVES), len(f.triple_o)))
        self.pair = np.zeros((len(PAIR_LIVES), len(f.pair_o)))
        self.share = np.zeros((len(SHARE_LIVES), f.relations * f.actors), dtype=np.float32)
        self.activity = np.zeros((len(ACTIVITY_LIVES), f.actors))
        self.last_triple = np.full(len(f.triple_o), -1)
        self.last_pair = np.full(len(f.pair_o), -1)

    def coefficients(self) -> dict[str, float]:
        """By term."""
        return dict(zip((name for group in TERMS for name in group), map(float, self.beta), strict=True))

    def learn(self, day: int) -> None:
        """The day is over."""
        f, today = self.facts, self.facts.on(day)
        add_up(self.triple, TRIPLE_LIVES, f.triple[today])
        add_up(self.pair, PAIR_LIVES, f.pair[today])
        add_up(self.share, SHARE_LIVES, f.r[today] * f.actors + f.o[today])
        add_up(self.activity, ACTIVITY_LIVES, f.o[today])
        self.last_triple[f.triple[today]] = self.last_pair[f.pair[today]] = day

    def sparse_terms(self, asked: Asked, day: int) -> list[tuple[Ints, Ints, Floats]]:
        """Question, actor, and terms (k, entries) of each of the first three groups; nought elsewhere."""
        f = self.facts
        q, t = spread(asked.low, asked.high)
        q, t = q[self.last_triple[t] >= 0], t[self.last_triple[t] >= 0]
        counts = [log1(self.triple[k, t], c) for k, c in enumerate((0.1, 0.1, 0.1, 1.0))]
        same = np.stack([*counts, np.ones(len(t)), np.log(day - self.last_triple[t])])
        of, p = spread(f.actor_bounds[asked.actor], f.actor_bounds[asked.actor + 1])
        of, p = of[self.last_pair[p] >= 0], p[self.last_pair[p] >= 0]
        entry, at = spread(f.pair_bounds[p], f.pair_bounds[p + 1])
        theirs, r = f.by_pair[at], asked.relation[of]
        follows = [
            np.bincount(entry, self.triple[life, theirs] * W[f.triple_r[theirs], r[entry]], len(p))
            for life, W in zip(KERNEL_LIVES, self.kernels, strict=True)
        ]
        counts = [log1(self.pair[k, p], c) for k, c in enumerate((0.1, 0.1, 1.0))]
        kernels = [log1(x, c) for c in (1e-4, 1e-2) for x in follows]
        between = np.stack([*counts, np.ones(len(p)), np.log(day - self.last_pair[p]), *kernels])
        actors, back = np.unique(asked.actor, return_inverse=True)
        A = self.adjacency()
        two = (A[actors] @ A).tocsr()
        walker, at = spread(two.indptr[back], two.indptr[back + 1])
        path = np.stack([log1(two.data[at], 1e-3), log1(two.data[at], 1e-2)])
        return [(q, f.triple_o[t], same), (of, f.pair_o[p], between), (walker, two.indices[at], path)]

    def adjacency(self) -> csr_array:
        """(actors, actors) A: decayed counts of pairs over the roots of both ends' sums."""
        f = self.facts
        A = csr_array((self.pair[1] + 0.1 * self.pair[2], f.pair_o, f.actor_bounds), shape=(f.actors, f.actors)).copy()
        A.eliminate_zeros()
        root = np.sqrt(np.maximum(np.asarray(A.sum(1)).ravel(), 1e-9))
        A.data /= np.repeat(root, np.diff(A.indptr)) * root[A.indices]
        return A

    def dense_terms(self, relation: int) -> Floats:
        """(k, actors) of the last two groups."""
        E = self.facts.actors
        count = self.share[:, relation * E : (relation + 1) * E].astype(np.float64)
        part = count / np.maximum(count.sum(1, keepdims=True), 1.0)
        shares = [log1(part[0], 1e-4), log1(part[1], 1e-4), log1(count[1], 1.0), log1(part[1], 1e-2)]
        return np.stack([*shares, *log1(self.activity, 1.0)])

    def scores(self, asked: Asked, day: int) -> Iterator[tuple[int, Floats]]:
        """See :class:`ranking_data.Ranker`."""
        sparse = self.sparse_terms(asked, day)
        n_dense = SIZES[3] + SIZES[4]
        base = {int(r): self.beta[-n_dense:] @ self.dense_terms(int(r)) for r in np.unique(asked.relation)}
        for begin in range(0, len(asked.actor), BLOCK):
            some = slice(begin, begin + BLOCK)
            S = np.stack([base[int(r)] for r in asked.relation[some]])
            k = 0
            for (q, o, x), size in zip(sparse, SIZES[:3], strict=True):
                low, high = np.searchsorted(q, [begin, begin + BLOCK])
                S[q[low:high] - begin, o[low:high]] += self.beta[k : k + size] @ x[:, low:high]
                k += size
            S[np.arange(len(S)), asked.actor[some]] += SELF
            yield begin, S

    def sampled(self, day: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Terms (n, k, candidates) and log weights (n, candidates) of facts of a day; the first candidate is true."""
        asked = self.facts.questions(day)
        facts = np.repeat(np.arange(len(asked.actor)), np.diff(asked.bounds))
        chosen = np.sort(rng.permutation(len(facts))[:FACTS_A_DAY])
        keep, row = np.unique(facts[chosen], return_inverse=True)
        some = Asked(
            asked.actor[keep], asked.relation[keep], asked.low[keep], asked.high[keep], asked.true[chosen],
            np.searchsorted(row, np.arange(len(keep) + 1)),
        )  # fmt: skip
        sparse = self.sparse_terms(some, day)
        E, width = self.facts.actors, 1 + CERTAIN + DRAWN
        terms, weights = [], []
        for begin, block in self.scores(some, day):
            for q, score in enumerate(block, begin):
                true = asked.answers(int(keep[q]))
                score[true] = -np.inf
                top = np.argpartition(-score, CERTAIN)[:CERTAIN]
                drawn = rng.integers(0, E, DRAWN)
                drawn = drawn[~np.isin(drawn, top) & ~np.isin(drawn, true)]
                candidates = np.concatenate([[0], top, drawn])
                dense = self.dense_terms(int(some.relation[q]))
                log_weight = np.full(width, -np.inf)
                log_weight[: 1 + CERTAIN] = 0.0
                log_weight[1 + CERTAIN : len(candidates)] = np.log((E - CERTAIN) / max(len(drawn), 1))
                for answer in some.answers(q):
                    candidates[0] = answer
                    place = np.full(E, -1)
                    place[candidates] = np.arange(len(candidates))
                    x, k = np.zeros((sum(SIZES), width)), 0
                    for (which, o, values), size in zip(sparse, SIZES[:3], strict=True):
                        low, high = np.searchsorted(which, [q, q + 1])
                        at = place[o[low:high]]
                        x[k : k + size, at[at >= 0]] = values[:, low:high][:, at >= 0]
                        k += size
                    x[k:, : len(candidates)] = dense[:, candidates]
                    terms.append(x.astype(np.float32))
                    weights.append(log_weight)
        return np.array(terms), np.array(weights)


def maximum(terms: Floats, log_weight: Floats) -> Floats:
    """Coefficients at the maximum of the mean conditional log-likelihood less RIDGE |beta|^2."""

    def value(beta: Floats) -> tuple[float, Floats]:
        eta = np.einsum("k,nkc->nc", beta.astype(np.float32), terms) + log_weight
        top = eta.max(1, keepdims=True)
        p = np.exp(eta - top)
        whole = p.sum(1, keepdims=True)
        p /= whole
        likelihood = float((eta[:, 0] - top[:, 0] - np.log(whole[:, 0])).mean())
        gradient = (terms[:, :, 0] - np.einsum("nc,nkc->nk", p.astype(np.float32), terms)).mean(0)
        return RIDGE * float(beta @ beta) - likelihood, 2 * RIDGE * beta - gradient

    found = minimize(value, np.zeros(terms.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x)


def fitted(facts: Facts, test_from: int, seed: int = 0) -> Logit:
    """The model at the first day of the test, having seen the days before it."""
    rng = np.random.default_rng(seed)
    begin = test_from - FITTED_DAYS
    kernels = tuple(kernel(facts, life, begin) for life in KERNEL_LIVES)
    names = [name for group in TERMS for name in group]
    model = Logit(facts, kernels, np.array([ROUGH.get(name, 0.0) for name in names]))
    samples = []
    for day in range(int(facts.day[0]), test_from):
        today = facts.on(day)
        if day >= begin and today.stop > today.start:
            samples.append(model.sampled(day, rng))
        model.learn(day)
    model.beta = maximum(*(np.concatenate(part) for part in zip(*samples, strict=True)))
    return model

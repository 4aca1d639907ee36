"""What would chance show? Earlier hostility under shuffled third parties and in null networks: pictures.

Both nulls keep the pairs' cooperation as it was, shuffle *who* was hostile to whom, and keep each series of hostility
whole, so that its level, its bursts and its persistence stay.

shuffled third parties
    for every state i apart, the series H_ki(t) of its third parties k change places. Each state receives the same
    hostility at the same times, but two states are no longer threatened by *the same* k except by chance.
null network
    two states a and c, hostile to b and d, exchange their targets: the series (a, b) and (a, d) change places, and so
    do (c, b) and (c, d), where b and d keep the number of those that are hostile to them; in forty rounds over random
    fours. Each actor keeps what it sends, and how many it is hostile to and are hostile to it (Maslov & Sneppen 2002,
    doi:10.1126/science.1065103, whose swap of two edges is the case of two series that are zero). Undirected: both
    ways at once, and what an actor takes part in is kept in number only.

The statistic is z of the hostility of [-3,-1] alone, beside inertia, by one Newton step from the fit without it
(:class:`tertius.model.within.one_step.OneStep`), with the larger of the actor jackknife's and the dyad-clustered
variance; the data's own statistic is taken the same way. It is what a naive reader would look at: the windows around
it, which tell before from after, are the certificate's. ``scripts/permutations.py`` shows on 20 draws that a full refit
decides alike. In simulation these comparisons add no power to the rule (``docs/certificate.md``): they decide nothing.

Every draw has a seed of its own: the result is the same to the bit for any number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from tertius.events.slices import Floats
from tertius.language import say
from tertius.model.parallel import threads
from tertius.model.robust import contrast_variance, covariances
from tertius.model.within.one_step import OneStep
from tertius.plain import plain
from tertius.progress import Progress

SHUFFLED = say("shuffled third parties")
NULL_NETWORK = say("null network")
ROUNDS = 40
"""In each, a quarter of the series are offered an exchange."""

Terms = Callable[[Floats], Floats]
"""Hostility (T, N, N), k towards i -> (p, T, N, N) terms, the first of which is asked about."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A statistic and what it is under a null. Decides nothing.

    Attributes
    ----------
    name : "shuffled third parties" or "null network".
    observed : z of [-3,-1] in the data, by one step.
    draws : the same under the null, in the order of the seeds; NaN where a draw has no standard error.
    text : a sentence.
    """

    name: str
    observed: float
    draws: tuple[float, ...]
    text: str

    @property
    def reached(self) -> tuple[int, int]:
        """Draws that reach the data's own statistic, and draws that have one."""
        found = [z for z in self.draws if isfinite(z)]
        return sum(z >= self.observed for z in found), len(found)

    @property
    def p(self) -> float:
        """(1 + draws that reach the data's own statistic) / (1 + draws); NaN where it or all draws have none."""
        k, n = self.reached
        return (1 + k) / (1 + n) if n and isfinite(self.observed) else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """As in the certificate's JSON."""
        document = plain(
            {
                "name": self.name,
                "statistic": say("z of [-3,-1] alone, one step"),
                "observed": self.observed,
                "draws": list(self.draws),
                "p": self.p,
                "text": self.text,
            }
        )
        assert isinstance(document, dict)
        return document


def permuted(
    base: OneStep,
    hostility: Floats,
    terms: Terms,
    *,
    directed: bool,
    draws: int,
    seed: int,
    workers: int | None = None,
    step: Callable[[str], None] | None = None,
) -> tuple[Picture, ...]:
    """Both pictures.

    Parameters
    ----------
    base : the fit without the foe terms.
    hostility : (T, N, N) of the window, k towards i.
    terms : makes the foe terms of one draw from its hostility.
    directed : False: ``hostility`` is symmetric, and null networks stay so.
    draws : of each null.
    seed : of the draws.
    workers : threads; None: one a processor. The result does not depend on it.
    step : called now and then with how far it is.
    """
    nulls: Mapping[str, Callable[[np.random.Generator], Floats]] = {
        SHUFFLED: lambda rng: shuffle_third_parties(hostility, rng),
        NULL_NETWORK: lambda rng: rewire(hostility, rng, directed=directed),
    }
    observed = statistic(base, terms(hostility))
    made = []
    with threads(workers) as pool:
        for at, (name, null) in enumerate(nulls.items()):
            seeds = np.random.SeedSequence([seed, at]).spawn(draws)

            def one(s: np.random.SeedSequence, null: Callable[[np.random.Generator], Floats] = null) -> float:
                return statistic(base, terms(null(np.random.default_rng(s))))

            found = []
            for n, z in enumerate(pool.map(one, seeds), 1):
                found.append(z)
                if step:
                    step(Progress(say("pictures of chance"), n, draws))
            picture = Picture(name, observed, tuple(found), "")
            made.append(Picture(name, observed, tuple(found), _text(picture)))
    return tuple(made)


def statistic(base: OneStep, X: Floats) -> float:
    """z of the first term of X, with the larger of the jackknife's and the dyad-clustered variance; NaN without one."""
    found = base.step(X)
    row = np.zeros(len(X))
    row[0] = 1.0
    variance = contrast_variance(covariances(found.U_d, found.H_d, found.i, found.j, found.N), row)
    return float(found.beta[0] / variance**0.5) if variance > 0 else float("nan")


def shuffle_third_parties(hostility: Floats, rng: np.random.Generator) -> Floats:
    """Column by column, the rows k != i change places, in all periods alike.

    >>> H = np.arange(9.0).reshape(1, 3, 3) * ~np.eye(3, dtype=bool)
    >>> bool((shuffle_third_parties(H, np.random.default_rng(1)).sum(axis=1) == H.sum(axis=1)).all())
    True
    """
    n = hostility.shape[1]
    source = np.empty((n, n), dtype=np.int64)
    for i in range(n):
        others = np.delete(np.arange(n), i)
        source[others, i] = rng.permutation(others)
        source[i, i] = i
    return np.asarray(hostility[:, source, np.arange(n)])


def rewire(hostility: Floats, rng: np.random.Generator, *, directed: bool) -> Floats:
    """Hostility (T, N, N) with its series moved to a random network of the same degrees.

    >>> H = np.array([[[0, 0, 1.0, 0], [0, 0, 0, 1.0], [0, 0, 0, 0], [0, 0, 0, 0]]])  # 0 -> 2 and 1 -> 3
    >>> found = {tuple(np.argmax(rewire(H, np.random.default_rng(s), directed=True)[0, :2], 1)) for s in range(9)}
    >>> sorted(map(lambda p: tuple(map(int, p)), found))
    [(2, 3), (3, 2)]
    """
    n = hostility.shape[1]
    linked = (hostility.sum(axis=0) > 0).astype(int)
    series = np.arange(n * n).reshape(n, n)
    m = n // 4
    for _ in range(ROUNDS):
        a, c, b, d = rng.permutation(n)[: 4 * m].reshape(4, m)
        exchange = rng.random((m, m)) < 0.5
        exchange &= linked[np.ix_(a, b)] + linked[np.ix_(c, b)] == linked[np.ix_(a, d)] + linked[np.ix_(c, d)]
        row, column = np.nonzero(exchange)
        for x in (a[row], c[row]):
            for table in (series, linked):
                table[x, b[column]], table[x, d[column]] = table[x, d[column]], table[x, b[column]]
                if not directed:
                    table[b[column], x], table[d[column], x] = table[x, b[column]], table[x, d[column]]
    return np.asarray(hostility.reshape(len(hostility), n * n)[:, series])


def _text(picture: Picture) -> str:
    kept = {
        SHUFFLED: say("each state meets the same hostility, but from other third parties"),
        NULL_NETWORK: say("each state has as many enemies, but others"),
    }[picture.name]
    name = picture.name.capitalize()
    if not isfinite(picture.p):
        return say("{name}: no comparison, because the data or all draws give no standard error.", name=name)
    k, n = picture.reached
    return say(
        "{name}: where {kept}, earlier hostility alone (without the windows around it) comes out as strongly as "
        "the data's z of {observed:.1f} in {k} of {n} draws (p = {p:.2g}). A picture: it decides nothing.",
        name=name,
        kept=kept,
        observed=picture.observed,
        k=k,
        n=n,
        p=picture.p,
    )

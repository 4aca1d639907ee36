"""Case-control sampling of the risk set: a few dyads without an event stand for all of them.

In slice s, with e dyads that have events, min(D, max(2, N e)) control dyads are drawn for ``sample`` N, shared by all
events of the slice. There are two strata, pairs that had an event of any sign in either direction before s and pairs
that had none, and half of the controls come from each (as far as it goes), uniformly and without replacement, whatever
happens in s. With n_l dyads in stratum l, m_l of them drawn into the set C, and weights w_l = n_l / m_l, an event on
dyad d of stratum l contributes

    log w_l exp(eta_d) - log sum over k in R_d of w_k exp(eta_k),

R_d being C where it holds d, and otherwise C with d in the place of a random member of its stratum. Given d, R_d is a
simple random sample of m_l that holds d from its own stratum and of m_k from any other: the sampled risk set of a
counter-matched nested case-control study, whose partial likelihood has a score of mean zero at the truth whatever the
size of the set (Borgan, Goldstein & Langholz 1995, doi:10.1214/aos/1176324322; for relational events Lerner & Lomi
2020, doi:10.1017/nws.2019.57; for rare events King & Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868). With all
dyads drawn it is the likelihood of the full risk set.

Events of one slice share their controls, so that their scores are not independent: the information is too large to be
the inverse variance. To the model's covariance is added what drawing adds, H^-1 B H^-1 with

    B = sum over slices and strata of m_l (1 - m_l / n_l) cov_l(mu_c (x_c - xbar)),

cov_l over the controls c of the stratum and mu_c their expected events (as in stratified case-cohort studies: Borgan,
Langholz, Samuelsen, Goldstein & Pogoda 2000, doi:10.1023/A:1009661900674). The dyad- and actor-robust errors know of
it, as the drawn dyads' own scores are in them. With few controls and heavy tails a handful of cells carries B, which is
then itself a rough estimate and usually too small: take N of 20 or more, and draw with two seeds
(``benchmarks/rate.py --cases n1000-sampled-against-full --seeds 5`` prints how often they differ from the full fit).

Where the model is wrong, small sets estimate another average of what it misses than large ones do, and the difference
can exceed the model's own error (in the embedded chronicle, by month, whose jackknife error is five times the model's,
inertia is 2.83 at N = 5, 2.57 at N = 50 and 2.54 with all dyads): compare two N.

Draws depend on the seed and on s alone. Not done: covariates from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tertius.events.slices import DyadSlices, Floats, Ints
from tertius.model.rate.likelihood import Drawn
from tertius.model.robust import Covariances, leave_out, unwhitened, whitener

ENOUGH_CONTROLS = 20  # from which on the errors of drawing can be relied on where activity is heavy-tailed
LIGHT = 1e-4  # share of the information below which a dyad's leave-out step is a series to first order
BATCH = 25_000  # dyads at a time


@dataclass(frozen=True, slots=True)
class Sample:
    """The drawn cells of every slice in the likelihood.

    Attributes
    ----------
    drawn : slice -> its cells.
    controls : N, per dyad with events.
    cells : of all slices together.
    """

    drawn: dict[int, Drawn]
    controls: int
    cells: int


def draw(slices: DyadSlices, used: Ints, values: Floats, controls: int, seed: int) -> Sample:
    """Draw for slices ``used`` (T,) from the outcome ``values`` (E,) of all entries."""
    n, found = slices.n_actors, {}
    met = _Met(slices)
    for s in used.tolist():
        at = slices.entries(s)
        some = values[at] > 0
        rng = np.random.default_rng([seed, s])
        found[s] = _draw_one(rng, met, s, slices.dyad[at][some], values[at][some], controls, n, slices.n_dyads)
    return Sample(found, controls, sum(len(d.dyad) for d in found.values()))


class _Met:
    """Pairs in the order in which they first had an event."""

    def __init__(self, slices: DyadSlices) -> None:
        n, self.directed = slices.n_actors, slices.directed
        i, j = slices.dyad // n, slices.dyad % n
        some = slices.coop_count + slices.host_count + slices.coop_weight + slices.host_weight > 0
        of = np.repeat(np.arange(slices.n_slices), np.diff(slices.indptr))[some]
        self.n = n
        self.pairs, at = np.unique((np.minimum(i, j) * n + np.maximum(i, j))[some], return_index=True)
        self.first = of[at]
        order = np.argsort(self.first, kind="stable")
        self.in_order = self.pairs[order]
        self.until = np.searchsorted(self.first[order], np.arange(slices.n_slices + 1))  # pairs met before s

    def count(self, s: int) -> int:
        """Dyads of the stratum that met before slice s."""
        return int(self.until[s]) * (2 if self.directed else 1)

    def dyads(self, numbers: Ints) -> Ints:
        """The dyads with these numbers, below :meth:`count`."""
        pair = self.in_order[numbers // 2 if self.directed else numbers]
        other = pair % self.n * self.n + pair // self.n
        return np.where(numbers % 2 == 1, other, pair) if self.directed else pair

    def has(self, dyads: Ints, s: int) -> np.ndarray:
        """Which of these dyads met before slice s."""
        if not len(self.pairs):
            return np.zeros(len(dyads), dtype=bool)
        i, j = dyads // self.n, dyads % self.n
        key = np.minimum(i, j) * self.n + np.maximum(i, j)
        place = np.minimum(np.searchsorted(self.pairs, key), len(self.pairs) - 1)
        return np.asarray((self.pairs[place] == key) & (self.first[place] < s))


def _draw_one(
    rng: np.random.Generator,
    met: _Met,
    s: int,
    cases: Ints,
    y: Floats,
    controls: int,
    n: int,
    at_risk: int,
) -> Drawn:
    n_met = met.count(s)
    sizes = np.array([at_risk - n_met, n_met])
    m = min(at_risk, max(2, controls * len(cases)))
    from_met = min(n_met, -(-m // 2))
    from_rest = min(int(sizes[0]), m - from_met)
    from_met = min(n_met, m - from_rest)
    known = met.dyads(rng.choice(n_met, from_met, replace=False, shuffle=False)) if from_met else np.empty(0, np.int64)
    rest = _strangers(rng, met, s, from_rest, int(sizes[0]), n)
    C = np.concatenate([rest, known]).astype(np.int64)
    stratum = np.repeat([0, 1], [len(rest), len(known)])
    order = np.argsort(C)
    C, stratum = C[order], stratum[order]
    weights = np.log(np.maximum(sizes, 1) / np.maximum([len(rest), len(known)], 1))
    place = np.minimum(np.searchsorted(C, cases), len(C) - 1)
    among = C[place] == cases
    own = np.flatnonzero(~among)
    place[own] = len(C) + np.arange(len(own))
    of_own = met.has(cases[own], s).astype(np.int64)
    members = [np.flatnonzero(stratum == k) for k in (0, 1)]
    instead = np.zeros(len(own), dtype=np.int64)
    for k in (0, 1):
        mine = of_own == k
        if mine.any():
            instead[mine] = rng.choice(members[k], int(mine.sum()))
    return Drawn(
        dyad=np.concatenate([C, cases[own]]),
        offset=weights[np.concatenate([stratum, of_own])],
        instead=instead,
        at=place,
        y=y,
    )


def _strangers(rng: np.random.Generator, met: _Met, s: int, m: int, size: int, n: int) -> Ints:
    """m different dyads of the ``size`` that never met before slice s."""
    if 4 * m > size:
        i, j = np.nonzero(~np.eye(n, dtype=bool)) if met.directed else np.triu_indices(n, 1)
        every = i * n + j
        every = every[~met.has(every, s)]
        return np.asarray(rng.choice(every, m, replace=False, shuffle=False))
    found = np.empty(0, dtype=np.int64)
    while len(found) < m:
        i, j = rng.integers(n, size=2 * m + 16), rng.integers(n - 1, size=2 * m + 16)
        j = j + (j >= i)
        dyads = i * n + j if met.directed else np.minimum(i, j) * n + np.maximum(i, j)
        dyads = np.concatenate([found, dyads[~met.has(dyads, s)]])
        _, first = np.unique(dyads, return_index=True)
        found = dyads[np.sort(first)]
    return found[:m]


@dataclass(frozen=True, slots=True)
class CellScores:
    """One row a cell, over all slices: ``x`` (M, p) less its slice's centre, ``mu`` (M,) expected events, ``rest`` (M,)
    observed less expected, and the cell's ends ``low`` < ``high`` (M,); ``drawing`` (p, p) is B of the module."""

    x: Floats
    mu: Floats
    rest: Floats
    low: NDArray[np.integer]
    high: NDArray[np.integer]
    drawing: Floats


def drawing_variance(g: Floats, drawn: Drawn) -> Floats:
    """(p, p) what one slice adds to B; g (p, d) are mu_c (x_c - xbar)."""
    m = len(drawn.dyad) - len(drawn.instead)
    B = np.zeros((len(g), len(g)))
    for offset in np.unique(drawn.offset[:m]):
        mine = np.flatnonzero(drawn.offset[:m] == offset)
        if len(mine) > 1 and offset > 0:
            of = g[:, mine] - g[:, mine].mean(axis=1, keepdims=True)
            B += len(mine) / (len(mine) - 1) * (1 - np.exp(-offset)) * (of @ of.T)
    return B


def cell_covariances(cells: CellScores, H: Floats, n_actors: int, phi: float) -> Covariances:
    """The four covariances of :func:`tertius.model.robust.covariances`, without an information matrix a dyad.

    A dyad of few cells has a leave-out step of u + G u to second order in its share G of the information; only dyads
    with a share above :data:`LIGHT` are solved.
    """
    p = len(H)
    root, collinear = whitener(H)
    key = cells.low.astype(np.int64) * n_actors + cells.high
    order = np.argsort(key)
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))  # where a dyad begins
    del key  # it is long
    r = root.shape[1]
    actor_scores, meat_dyads, taken_back = np.zeros((n_actors, r)), np.zeros((r, r)), np.zeros((r, r))
    for first in range(0, len(starts), BATCH):
        at = starts[first : first + BATCH]
        stop = starts[first + BATCH] if first + BATCH < len(starts) else len(order)
        u, steps, ends = _dyad_steps(cells, root, order[at[0] : stop], at - at[0])
        meat_dyads += u.T @ u
        taken_back += steps.T @ steps
        for end in ends:
            for k in range(r):
                actor_scores[:, k] += np.bincount(end, weights=u[:, k], minlength=n_actors)
    del order
    information = np.zeros((n_actors, p, p))
    for end in (cells.low, cells.high):
        for a, rows in _groups(end, n_actors):
            x = cells.x[rows]
            information[a] += (x * cells.mu[rows, None].astype(x.dtype)).T @ x
    steps_actors, no_information = leave_out(actor_scores, information, root, information)
    meat_actors, spread = actor_scores.T @ actor_scores, steps_actors.T @ steps_actors - taken_back

    return unwhitened(
        H,
        root,
        collinear,
        model=np.eye(root.shape[1]) * phi + root.T @ cells.drawing @ root,
        dyads=meat_dyads,
        actors=meat_actors,
        spread=spread,
        no_information=no_information,
    )


def _dyad_steps(
    cells: CellScores, root: Floats, rows: Ints, starts: Ints
) -> tuple[Floats, Floats, tuple[NDArray[np.integer], NDArray[np.integer]]]:
    """Whitened scores and leave-out steps (n, r) of n dyads, and their ends; ``rows`` are their cells, dyad by dyad."""
    x, mu, rest = cells.x[rows].astype(np.float64), cells.mu[rows], cells.rest[rows]
    white, sizes = x @ root, np.diff(starts, append=len(rows))
    u = np.add.reduceat(white * rest[:, None], starts, axis=0)
    share = np.add.reduceat(mu * np.vecdot(white, white), starts)
    along = mu * np.vecdot(white, np.repeat(u, sizes, axis=0))
    steps = u + np.add.reduceat(white * along[:, None], starts, axis=0)
    heavy = np.flatnonzero(share > LIGHT)
    if len(heavy):
        spans = [slice(int(starts[k]), int(starts[k] + sizes[k])) for k in heavy]
        own = np.stack([(x[span] * mu[span, None]).T @ x[span] for span in spans])
        steps[heavy], _ = leave_out(u[heavy], own, root, own)
    first = rows[starts]
    return u, steps, (cells.low[first], cells.high[first])


def _groups(of: NDArray[np.integer], size: int) -> Iterator[tuple[int, Ints]]:
    """Yield (group, its rows) for groups that have any."""
    order = np.argsort(of)
    bounds = np.concatenate([[0], np.cumsum(np.bincount(of, minlength=size))])
    for a in np.flatnonzero(np.diff(bounds)):
        yield int(a), order[bounds[a] : bounds[a + 1]]


def weighted_median_positive(values: Floats, weights: Floats) -> float:
    """Median of the values above zero, each of its weight; 1 where there is none.

    >>> weighted_median_positive(np.array([0.0, 3.0, 1.0, 2.0]), np.array([9.0, 1.0, 1.0, 1.0]))
    2.0
    """
    some = values > 0
    if not some.any():
        return 1.0
    order = np.argsort(values[some])
    running = np.cumsum(weights[some][order])
    return float(values[some][order][np.searchsorted(running, running[-1] / 2)])

"""The event study, rung 5: what happens to a pair's cooperation before and after third parties turn on both.

An **episode** of the pair (i, j) begins in period t where some third party k is jointly hostile,

    h_ki(t) > q_ki  and  h_kj(t) > q_kj        (undirected: conflict of k with i and with j)

with q the flow's own 90th percentile over the observed periods, and each flow at least a tenth (:data:`SHARE`) of all
the hostility that its target meets in t; after :data:`QUIET` observed periods in which *no* third party was. A flow
that is silent in nine periods of ten has q = 0: any hostility crosses it. A pair's episodes lie at least
:data:`APART` periods apart.

Why a tenth, and no third party at all: with two hundred third parties some trivial flow crosses its own percentile in
most months, and then nothing is left to compare with. In GDELT's net dyads by month, 2018 to 2023, the definition
without the tenth finds joint hostility in 45 % of the cells of pairs that ever cooperate and leaves 2 % untreated;
with it, 3 % and 57 %. Asking that k alone had been quiet would leave other third parties' hostility in the path
before and in what it is compared with.

The cells of a pair fall into four kinds:

treated     periods 0 to 11 after the episode begins
before      periods -6 to -1: not treated, and not used to impute either, so that the path before is out of sample
washed out  periods up to 17 after any joint hostility that are not treated: neither treated nor compared with
untreated   the rest

**Imputation** (Borusyak, Jaravel & Spiess 2024, doi:10.1093/restud/rdae007; for Poisson means Wooldridge 2023,
doi:10.1093/ectj/utad016): fit E[y_tij] = exp(a_ij + b_it + c_jt) to the untreated cells alone, impute the mean of
the others, and

    path_k = log( sum of y over cells k periods after / sum of their imputed means ),     k = -6 .. 11.

No cell is compared with one that was treated earlier, and effects may differ by pair and period. There are no terms:
all that moves within pairs may itself follow from hostility. Cells whose effects the untreated cells do not identify
are left out and counted; pairs silent in all untreated cells count, with mean zero
(:class:`~tertius.model.within.one_step.Imputation` says why).

**Errors.** Leave out one actor with all its cells: the treated sums lose its part exactly, and the effects of the
actors that stay are estimated anew to first order,

    delta_a = path - log( (Y - Y_a) / (M - M_a - c_a) ),     V = sum_a delta_a^2 - sum_d delta_d^2,

with delta_d the same for one unordered dyad, which the sum over actors counts twice (:mod:`tertius.model.robust`).
The larger of V and sum_d delta_d^2 is taken: V can be negative. Refits without each actor would cost two hundred fits;
this costs one run of conjugate gradients, and comes within a quarter of them where there are sixteen actors (in the
tests). In 150 histories of 24 actors in which nothing happens (the tests' world), 96 % of the intervals of the average
after contain zero, 97 % undirected, and 97 % of the paths before are called flat; of paths that rise by 0.05 a period,
1 of 30. The imputed means of small panels are a little too large: the average after is -0.01 there.

**Flat before?** The six periods before, their average and their trend (least squares) are asked together: no |z| beyond
the 5 % point of eight tests (Bonferroni, 2.73). A path that rises before the episode refutes: whatever moved the pair
came first.

Assumes that without the episode the pair would have followed its own level and its two actors' other dealings. Not
done: weights for when episodes happen, effects of the end of an episode, effects of one third party apart from another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tertius.errors import NotEnoughData
from tertius.events.slices import Bools, DyadSlices, Floats, Ints
from tertius.language import plural, say
from tertius.model.within.one_step import Imputation

PERCENTILE = 90
SHARE = 0.1
QUIET = 12
LEADS = 6
AFTER = 12
WASHOUT = 6
APART = LEADS + AFTER + WASHOUT
FEWEST = 10
"""Episodes below which there is no study."""
NONE = np.iinfo(np.int16).min
SIMULTANEOUS = NormalDist().inv_cdf(1 - 0.025 / (LEADS + 2))
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Episodes:
    """Who was treated when. T periods, N actors, E episodes.

    Attributes
    ----------
    t, i, j : (E,) first period and the pair, i < j.
    relative : (T, N, N) period relative to the pair's episode, -6 to 11; :data:`NONE` elsewhere. Symmetric.
    untreated : (T, N, N) cells to compare with. Symmetric.
    washed_out : (T, N, N) cells that are in neither. Symmetric.
    """

    t: Ints
    i: Ints
    j: Ints
    relative: np.ndarray[tuple[int, ...], np.dtype[np.int16]]
    untreated: Bools
    washed_out: Bools


@dataclass(frozen=True, slots=True)
class Ratio:
    """Log of an observed sum over an imputed one, its standard error (NaN where one actor carries it all), and the
    number of cells."""

    estimate: float
    se: float
    n: int

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.estimate - Z * self.se

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.estimate + Z * self.se


@dataclass(frozen=True, slots=True)
class EventStudy:
    """The path, and on what it stands.

    Attributes
    ----------
    path : (period relative to the episode, ratio), -6 to 11.
    before, after : over all periods before, and from 0 on.
    trend : of the path before, log points a period.
    flat : whether the path before is flat; None where no error of it exists.
    episodes, pairs : how many; a pair has both its directions.
    cells : treated and before, with an imputed mean. Undirected cells and pairs count once.
    unidentified : treated and before, without one.
    washed_out, untreated : cells.
    n : outcome in the untreated cells that were fitted.
    """

    path: tuple[tuple[int, Ratio], ...]
    before: Ratio
    after: Ratio
    trend: Ratio
    flat: bool | None
    episodes: int
    pairs: int
    cells: int
    unidentified: int
    washed_out: int
    untreated: int
    n: float


def tensor(slices: DyadSlices, values: Floats) -> Floats:
    """(T, N, N) of entries (E,); symmetric if undirected."""
    n, T = slices.n_actors, slices.n_slices
    out = np.zeros((T, n, n))
    out.reshape(T, n * n)[np.repeat(np.arange(T), np.diff(slices.indptr)), slices.dyad] = values
    return out if slices.directed else out + out.transpose(0, 2, 1)


def joint_hostility(H: Floats, observed: Bools) -> Bools:
    """(T, N, N) whether some third party's flows towards both ends cross their own 90th percentile, and are each at
    least a tenth of what the end meets.

    H (T, N, N) hostility of k towards i by period; symmetric in undirected data. Periods not observed are False.

    >>> H = np.zeros((20, 3, 3))
    >>> H[15, 2, :2] = 1.0
    >>> np.flatnonzero(joint_hostility(H, np.ones(20, dtype=bool))[:, 0, 1]).tolist()
    [15]
    """
    high = np.quantile(H[observed], PERCENTILE / 100, axis=0)
    joint = np.zeros(H.shape, dtype=bool)
    for t in np.flatnonzero(observed):
        above = ((H[t] > high) & (H[t] >= SHARE * H[t].sum(0))).astype(np.float32)
        np.fill_diagonal(above, 0.0)
        joint[t] = above.T @ above > 0
        np.fill_diagonal(joint[t], False)
    return joint


def find_episodes(joint: Bools, observed: Bools) -> Episodes:
    """Episodes and the four kinds of cells from joint hostility (T, N, N) and observed periods (T,)."""
    T, N, _ = joint.shape
    last = np.full((N, N), -APART)
    quiet = np.zeros((N, N), dtype=np.int64)
    blocked = np.zeros((N, N), dtype=np.int64)
    relative = np.full(joint.shape, NONE, dtype=np.int16)
    untreated, washed_out = np.zeros_like(joint), np.zeros_like(joint)
    found: list[Ints] = []
    away = ~np.eye(N, dtype=bool)
    for t in range(T):
        begins = joint[t] & (quiet >= QUIET) & (t - last >= APART)
        last[begins] = t
        i, j = np.nonzero(np.triu(begins, 1))
        found.append(np.stack([np.full(len(i), t), i, j]))
        quiet = np.where(joint[t], 0, quiet + 1) if observed[t] else np.zeros_like(quiet)
        blocked = np.where(joint[t], AFTER + WASHOUT, np.maximum(blocked - 1, 0))
        blocked[begins] = AFTER + WASHOUT
        treated = (last >= 0) & (t - last < AFTER)
        if observed[t]:
            relative[t][treated] = (t - last)[treated]
            washed_out[t] = (blocked > 0) & ~treated & away
            untreated[t] = (blocked == 0) & ~treated & away
    t, i, j = np.concatenate(found, axis=1)
    for lead in range(1, LEADS + 1):
        seen = observed[t - lead]
        at = (t - lead)[seen], i[seen], j[seen]
        for cells in (at, (at[0], at[2], at[1])):
            relative[cells] = -lead
            untreated[cells] = washed_out[cells] = False
    return Episodes(t, i, j, relative, untreated, washed_out)


def study(Y: Floats, H: Floats, *, directed: bool, observed: Bools) -> EventStudy:
    """The event study of an outcome around episodes of joint hostility.

    Parameters
    ----------
    Y : (T, N, N) outcome of i towards j by period; symmetric if undirected.
    H : (T, N, N) hostility of k towards i per observed day of a period, so that a month with missing days is not a
        quiet one; symmetric if undirected.
    observed : (T,) periods to be read.

    Raises
    ------
    NotEnoughData : fewer than :data:`FEWEST` episodes, or too few untreated cells. And as
        :func:`~tertius.model.within.ppml.fit_ppml`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> H = np.zeros((60, 12, 12))
    >>> for t in range(14, 50, 3):
    ...     k, i, j = rng.permutation(12)[:3]
    ...     H[t, k, [i, j]] = 1.0
    >>> found = study(rng.poisson(4.0, size=H.shape).astype(float), H, directed=True, observed=np.ones(60, dtype=bool))
    >>> found.episodes, found.flat, found.after.low < 0 < found.after.high
    (12, True, True)
    """
    who = find_episodes(joint_hostility(H, observed), observed)
    if len(who.t) < FEWEST:
        raise NotEnoughData(
            plural(
                "{n} episode of joint hostility after {quiet} quiet periods: fewer than {fewest}.",
                "{n} episodes of joint hostility after {quiet} quiet periods: fewer than {fewest}.",
                len(who.t),
                quiet=QUIET,
                fewest=FEWEST,
            ),
            say("Use a longer span or a shorter --period."),
        )
    imputation = Imputation(Y, directed=directed, mask=who.untreated)
    once = ~np.eye(len(Y[0]), dtype=bool) if directed else np.triu(np.ones(Y.shape[1:], dtype=bool), 1)
    around = (who.relative != NONE) & once
    known = around & np.isfinite(imputation.mean)
    t, i, j = np.nonzero(known)
    group = who.relative[t, i, j].astype(np.int64) + LEADS
    ratios, before, after, trend = _ratios(imputation, Y, t, i, j, group)
    leads = [*ratios[:LEADS], before, trend]
    sizes = [abs(r.estimate) / r.se for r in leads if r.se > 0]
    return EventStudy(
        path=tuple((k - LEADS, r) for k, r in enumerate(ratios)),
        before=before,
        after=after,
        trend=trend,
        flat=max(sizes) < SIMULTANEOUS if len(sizes) == len(leads) else None,
        episodes=len(who.t),
        pairs=len(np.unique(who.i * len(once) + who.j)),
        cells=len(t),
        unidentified=int(around.sum()) - len(t),
        washed_out=int((who.washed_out & once).sum()),
        untreated=int((who.untreated & once).sum()),
        n=float((Y * imputation.fit.kept * once).sum()),
    )


def _ratios(
    imputation: Imputation, Y: Floats, t: Ints, i: Ints, j: Ints, group: Ints
) -> tuple[list[Ratio], Ratio, Ratio, Ratio]:
    """The ratio of every relative period, of those before, of those after, and the trend of those before; from cells
    with an imputed mean."""
    K, N = LEADS + AFTER, Y.shape[1]
    low, high = np.minimum(i, j), np.maximum(i, j)
    observed, imputed = np.zeros((K, N, N)), np.zeros((K, N, N))
    np.add.at(observed, (group, low, high), Y[t, i, j])
    np.add.at(imputed, (group, low, high), imputation.mean[t, i, j])
    own, without = imputation.carried(t, i, j, group, K)
    n = np.bincount(group, minlength=K)

    def moved(groups: Sequence[int]) -> Moved:
        at = list(groups)
        return log_ratio(observed[at].sum(0), imputed[at].sum(0), own[at].sum(0), without[at].sum(0))

    each = [moved([k]) for k in range(K)]
    steps = np.arange(LEADS) - (LEADS - 1) / 2
    trend = Moved(*(sum(w * getattr(m, f) for w, m in zip(steps / (steps @ steps), each[:LEADS], strict=True))
                    for f in ("estimate", "actors", "dyads")))  # fmt: skip
    return (
        [m.ratio(int(n[k])) for k, m in enumerate(each)],
        moved(range(LEADS)).ratio(int(n[:LEADS].sum())),
        moved(range(LEADS, K)).ratio(int(n[LEADS:].sum())),
        trend.ratio(int(n[:LEADS].sum())),
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """An estimate, and by how much it falls without each actor (N,) and without each unordered dyad (N, N)."""

    estimate: float
    actors: Floats
    dyads: Floats

    def ratio(self, n: int) -> Ratio:
        """With its error, from n cells."""
        of_dyads = float((self.dyads**2).sum())
        variance = np.maximum(float((self.actors**2).sum()) - of_dyads, of_dyads)
        return Ratio(float(self.estimate), float(np.sqrt(variance)), n)


def log_ratio(observed: Floats, imputed: Floats, own: Floats, without: Floats) -> Moved:
    """log(sum observed / sum imputed), and how it moves.

    Parameters
    ----------
    observed, imputed : (N, N) sums by unordered dyad, upper triangle.
    own, without : (N, N) and (N,), from :meth:`~tertius.model.within.one_step.Imputation.carried`.

    >>> Y = np.triu(np.full((5, 5), 3.0), 1)
    >>> log_ratio(Y, Y, 0 * Y, np.zeros(5)).ratio(10)
    Ratio(estimate=0.0, se=0.0, n=10)
    """
    Y, M = float(observed.sum()), float(imputed.sum())
    if Y <= 0 or M <= 0:
        return Moved(float("nan"), np.full(len(without), np.nan), np.full(observed.shape, np.nan))

    def moved(less_observed: Floats, less_imputed: Floats) -> Floats:
        y, m = (Y - less_observed) / Y, (M - less_imputed) / M
        fine = (y > 1e-9) & (m > 1e-9)
        return np.where(fine, np.log(np.where(fine, m, 1.0)) - np.log(np.where(fine, y, 1.0)), np.nan)

    def of_actor(by_dyad: Floats) -> Floats:
        return np.asarray(by_dyad.sum(0) + by_dyad.sum(1))

    return Moved(
        float(np.log(Y / M)),
        moved(of_actor(observed), of_actor(imputed) + without),
        moved(observed, imputed + own),
    )

"""With how many partners does an actor deal, in effect? And is it fewer than before, and than of others?

The **effective number of partners** is the inverse of Simpson's index, 1 / sum p_j^2, p_j the share of partner j in the
actor's cooperation: with equal shares the number of partners, with one partner that takes nearly all, 1 (Hill 1973,
doi:10.2307/1934352; in politics Laakso & Taagepera 1979, doi:10.1177/001041407901200101). "They failed to isolate A" is
a statement about it: overall, among a group, and beside others.

Coverage
--------
An actor whom fewer newspapers write about has fewer events, and 1 / sum p_j^2 of few events is too small, as if it had
been isolated. For **counts** there is Simpson's (1949, doi:10.1038/163688a0) unbiased index, sum n_j (n_j - 1) /
(N (N - 1)): its expectation does not depend on N if events are recorded independently of each other, so that half the
coverage is half the events and the same figure. For **weights** there is none. There the change is set against
that of others: the ratio of after to before over the geometric mean of the others' ratios, who were covered by the
same sources. (A figure with counts has both.)

Interval
--------
Events come in bursts, so that they are not independent over time and no formula for counts holds. Whole blocks of time
(default: three periods) are left out in turn (delete-a-group jackknife of the logarithm, Kuensch 1989,
doi:10.1214/aos/1176347265), before and after on their own, and Student's t with as many degrees of freedom as blocks
less two of the comparison. Others are left out in the same blocks, so that what all share cancels out.

What wanders from block to block for no reason looks like a change too often. So the interval is that of pseudo-values
(Tukey's) with an autocorrelation, drawn towards that of all who are compared (:mod:`tertius.serial`). The road not
taken: each actor's own, by which intervals reached from .02 to 23 times where chance had made it large.
``scripts/isolation_planted.py --wandering`` and ``scripts/isolation_real.py --placebo`` show what it is for.

What it does not do: know who is a partner that matters. And with net dyadic data cooperation and hostility of one day
have cancelled out before; what is left is what is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tertius.errors import NotEnoughData, UsageError
from tertius.events.slices import Bools, Floats, Ints
from tertius.language import say
from tertius.plain import plain
from tertius.serial import TAIL, difference, lasting
from tertius.spec import POWER, WORTH_SEEING

BLOCK = 3
"""Periods left out at once."""
FEWEST_BLOCKS = 3
NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class Partners:
    """An effective number of partners with its interval, 95 %; NaN where there is nothing to count."""

    partners: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """By name."""
        return dict(plain({"partners": self.partners, "low": self.low, "high": self.high}))


@dataclass(frozen=True, slots=True)
class Ratio:
    """After over before, with its interval, 95 %."""

    ratio: float
    low: float
    high: float

    @property
    def shown(self) -> int:
        """-1: fewer partners than before, 1: more, 0: the interval holds 1, or there is none."""
        return int(self.low > 1.0) - int(self.high < 1.0)

    @property
    def smallest(self) -> float:
        """The smallest rise that would show in 80 of 100 samples, as a ratio (its inverse: the smallest fall).

        >>> Ratio(1.0, 0.25, 4.0).smallest > 4.0
        True
        """
        if not 0.0 < self.low <= self.high < float("inf"):
            return float("inf")
        return float(np.exp(POWER * np.log(self.high / self.low) / (2 * NORMAL)))

    def to_dict(self) -> dict[str, Any]:
        """By name."""
        return dict(plain({"ratio": self.ratio, "low": self.low, "high": self.high}))


@dataclass(frozen=True, slots=True)
class Isolation:
    """One actor before and after.

    Attributes
    ----------
    counts : counts of events (unbiased), else weights.
    before, after : effective partners.
    ratio : after over before, the actor's own past.
    against_others : that ratio over the geometric mean of the others'; None without others. With weights, the figure.
    others : (K,) each other's ratio, in their order.
    series : effective partners of every block.
    blocks : first period of every block.
    """

    counts: bool
    before: Partners
    after: Partners
    ratio: Ratio
    against_others: Ratio | None
    others: tuple[Ratio, ...]
    series: tuple[Partners, ...]
    blocks: tuple[int, ...]

    @property
    def figure(self) -> Ratio:
        """What is adjusted for coverage: the own ratio of counts, of weights the one against others where there are."""
        return self.ratio if self.counts or self.against_others is None else self.against_others

    @property
    def text(self) -> str:
        """The figure in a sentence."""
        found = self.figure
        if found.ratio != found.ratio:
            return say("Effective partners: too little to compare.")
        none = say("not shown to be fewer or more")
        if found.smallest > WORTH_SEEING:
            none = say("data too thin, only a change by a factor of {least:.1f} would show", least=found.smallest)
        how = {-1: say("fewer"), 0: none, 1: say("more")}[found.shown]
        beside = "" if found is self.ratio else say(", set against that of others")
        return say(
            "Effective partners {partners:.1f} before, {partners2:.1f} after; the change{beside}: times {ratio:.2f} "
            "({low:.2f} to {high:.2f}): {how}.",
            partners=self.before.partners,
            partners2=self.after.partners,
            beside=beside,
            ratio=found.ratio,
            low=found.low,
            high=found.high,
            how=how,
        )

    def to_dict(self) -> dict[str, Any]:
        """Figures by name; ``series`` by block's first period."""
        return {
            "counts": self.counts,
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            **self.ratio.to_dict(),
            "against_others": self.against_others.to_dict() if self.against_others is not None else None,
            "others": [other.to_dict() for other in self.others],
            "series": [
                {"period": int(start), **p.to_dict()} for start, p in zip(self.blocks, self.series, strict=True)
            ],
            "text": self.text,
        }


def effective_partners(amounts: Floats, counts: bool) -> Floats:
    """Effective number of partners along the last axis; NaN below two events (counts) or with nothing (weights).

    >>> effective_partners(np.array([5.0, 5.0]), counts=False).item()
    2.0
    >>> round(effective_partners(np.array([5.0, 5.0]), counts=True).item(), 3)
    2.25
    """
    total = amounts.sum(axis=-1)
    if counts:
        alike = (amounts * (amounts - 1.0)).sum(axis=-1)
        pairs = total * (total - 1.0)
    else:
        alike, pairs = np.square(amounts).sum(axis=-1), np.square(total)
    # two or more events and no partner met twice: more partners than can be told
    out = np.full(np.shape(total), np.nan)
    np.divide(pairs, alike, out=out, where=(pairs > 0) & (alike > 0))
    return out


def partners_of(X: Floats, actor: int, group: Bools | None = None) -> Floats:
    """(T, J) what an actor has with each other actor (of a group) by period, both directions together.

    X : (T, N, N) amounts of one sign, i towards j. Undirected data hold each pair in both halves: halve them first.
    """
    n = X.shape[1]
    kept = np.ones(n, dtype=bool) if group is None else group.copy()
    kept[actor] = False
    return np.asarray((X[:, actor, :] + X[:, :, actor])[:, kept])


def isolation(
    Y: Floats,
    after: Bools,
    counts: bool,
    others: Sequence[Floats] = (),
    observed: Bools | None = None,
    block: int = BLOCK,
) -> Isolation:
    """Effective partners before and after.

    Parameters
    ----------
    Y : (T, J) amounts with each partner by period (:func:`partners_of`), 0 or more.
    after : (T,) periods that belong to after; all others are before.
    counts : whole numbers of events; else weights.
    others : the same of other actors, (T, J') each, for comparison.
    observed : (T,) periods that count at all; None: all.
    block : periods in a block.

    Raises NotEnoughData where there are fewer than three blocks before or after, UsageError where counts are negative.

    >>> rng = np.random.default_rng(1)
    >>> Y = rng.poisson(5.0, (24, 10)).astype(float)
    >>> Y[12:, 3:] = 0.0
    >>> found = isolation(Y, np.arange(24) >= 12, counts=True)
    >>> found.ratio.shown, round(found.after.partners)
    (-1, 3)
    """
    seen = np.ones(len(Y), dtype=bool) if observed is None else observed
    if any((Z < 0).any() for Z in (Y, *others)):
        raise UsageError("Amounts are negative.", "Give cooperation and hostility apart, each 0 or more.")
    spans = [_blocks(np.flatnonzero(seen & side), block) for side in (~after, after)]
    for name, span in zip((say("before"), say("after")), spans, strict=True):
        if len(span) < FEWEST_BLOCKS:
            raise NotEnoughData(
                say(
                    "{n} blocks of {block} periods lie {side}; an interval needs {fewest}.",
                    n=len(span),
                    block=block,
                    side=name,
                    fewest=FEWEST_BLOCKS,
                ),
                say("Choose another day, a longer span, or shorter periods."),
            )
    own = [_jackknife(Y, span, counts) for span in spans]
    rest = [[_jackknife(Z, span, counts) for span in spans] for Z in others]
    beside = None
    if rest:
        together = [_less(own[k], [r[k] for r in rest]) for k in (0, 1)]
        beside = _ratio(together, rest)
    everywhere = [*spans[0], *spans[1]]
    return Isolation(
        counts,
        _level(own[0]),
        _level(own[1]),
        _ratio(own, rest),
        beside,
        tuple(_ratio(r, [own, *rest[:k], *rest[k + 1 :]]) for k, r in enumerate(rest)),
        tuple(_in_block(Y[b], counts) for b in everywhere),
        tuple(int(b[0]) for b in everywhere),
    )


def _blocks(periods: Ints, block: int) -> list[Ints]:
    """Consecutive blocks; a short last one goes with the one before it."""
    count = max(1, len(periods) // block) if len(periods) else 0
    return [np.asarray(b) for b in np.array_split(periods, count)] if count else []


@dataclass(frozen=True, slots=True)
class _Logs:
    """Logarithm of a figure, and of it without each block."""

    whole: float
    without: Floats


def _jackknife(Y: Floats, span: list[Ints], counts: bool) -> _Logs:
    sums = np.stack([Y[b].sum(axis=0) for b in span])
    total = sums.sum(axis=0)
    whole = effective_partners(total, counts)
    return _Logs(float(np.log(whole)), np.log(effective_partners(total - sums, counts)))


def _less(own: _Logs, others: list[_Logs]) -> _Logs:
    """The figure over the geometric mean of the others'."""
    return _Logs(
        own.whole - float(np.mean([o.whole for o in others])),
        own.without - np.mean([o.without for o in others], axis=0),
    )


def _variance(logs: _Logs) -> float:
    """Delete-one-block jackknife; NaN where a block is all there is."""
    m = len(logs.without)
    return float((m - 1) / m * np.square(logs.without - logs.without.mean()).sum())


def _level(logs: _Logs) -> Partners:
    from scipy.special import stdtrit

    half = float(stdtrit(len(logs.without) - 1, TAIL)) * _variance(logs) ** 0.5
    return Partners(*np.exp([logs.whole, logs.whole - half, logs.whole + half]).tolist())


def _ratio(spans: list[_Logs], others: Sequence[list[_Logs]]) -> Ratio:
    """After over before; ``others`` are asked how long what wanders lasts."""
    rho = lasting(_deviations(spans), [_deviations(other) for other in others])
    _, half = difference([_variance(logs) for logs in spans], [len(logs.without) for logs in spans], rho)
    change = spans[1].whole - spans[0].whole
    return Ratio(*np.exp([change, change - half, change + half]).tolist())


def _deviations(spans: list[_Logs]) -> list[Floats]:
    """Of pseudo-values from the mean of their span, but for a factor."""
    return [logs.without.mean() - logs.without for logs in spans]


def _in_block(Y: Floats, counts: bool) -> Partners:
    """A block's own figure; its interval from its periods left out in turn, where there are several."""
    if len(Y) < FEWEST_BLOCKS:
        return Partners(float(effective_partners(Y.sum(axis=0), counts)), float("nan"), float("nan"))
    return _level(_jackknife(Y, [np.array([t]) for t in range(len(Y))], counts))

"""Effective partners: unbiased, adjusted for coverage, and reproduced from the rows of real data."""

from __future__ import annotations

import datetime as dt
import doctest
import importlib.util
import math
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from tertius.codes.groups import group_members
from tertius.errors import NotEnoughData, UsageError
from tertius.signed import isolation as module
from tertius.signed.isolation import effective_partners, isolation, partners_of

ROOT = Path(__file__).parents[3]


def test_the_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_the_index_of_counts_does_not_depend_on_coverage() -> None:
    rng = np.random.default_rng(1)
    share = np.array([0.4, 0.3, 0.2, 0.1])
    truth = 1.0 / np.square(share).sum()
    for n in (6, 60):
        drawn = rng.multinomial(n, share, 40_000).astype(float)
        assert np.mean(1.0 / effective_partners(drawn, counts=True)[drawn.max(axis=1) > 1]) == pytest.approx(
            1.0 / truth, rel=0.01
        )
    naive = np.mean(1.0 / effective_partners(rng.multinomial(6, share, 40_000).astype(float), counts=False))
    assert naive > 1.2 / truth


def test_nothing_to_count_is_not_a_number() -> None:
    Y = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    assert np.isnan(effective_partners(Y, counts=True)).tolist() == [True, True, True, False]
    assert np.isnan(effective_partners(Y, counts=False)).tolist() == [True, False, False, False]


def test_partners_are_both_directions_of_a_group_without_the_actor() -> None:
    X = np.arange(9.0).reshape(1, 3, 3)
    assert partners_of(X, 1).tolist() == [[1 + 3, 5 + 7]]
    assert partners_of(X, 1, np.array([True, True, False])).tolist() == [[4.0]]


def test_the_interval_is_the_jackknife_of_blocks() -> None:
    rng = np.random.default_rng(2)
    Y = rng.poisson(3.0, (18, 6)).astype(float)
    found = isolation(Y, np.arange(18) >= 9, counts=True)
    logs, variances = [], []
    for first in (0, 9):
        left = []
        for block in range(3):
            kept = [t for t in range(first, first + 9) if (t - first) // 3 != block]
            left.append(math.log(slow_unbiased(Y[kept])))
        logs.append(math.log(slow_unbiased(Y[first : first + 9])))
        variances.append(2 / 3 * sum((x - sum(left) / 3) ** 2 for x in left))
    assert found.ratio.ratio == pytest.approx(math.exp(logs[1] - logs[0]))
    half = (math.log(found.ratio.high) - math.log(found.ratio.low)) / 2
    df = sum(variances) ** 2 / sum(v**2 / 2 for v in variances)
    assert 2.0 <= df <= 4.0
    assert half == pytest.approx(_t(df) * sum(variances) ** 0.5)
    assert len(found.series) == 6
    assert found.series[1].partners == pytest.approx(slow_unbiased(Y[3:6]))


def _t(df: float) -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, df))


def slow_unbiased(Y: np.ndarray) -> float:
    n = [sum(row[j] for row in Y) for j in range(Y.shape[1])]
    return sum(n) * (sum(n) - 1) / sum(x * (x - 1) for x in n)


def test_what_all_share_cancels_out_against_others() -> None:
    rng = np.random.default_rng(3)
    Y = rng.gamma(2.0, 1.0, (24, 8))
    Z = [rng.gamma(2.0, 1.0, (24, 8)) for _ in range(3)]
    found = isolation(Y, np.arange(24) >= 12, counts=False, others=[*Z, Y])
    assert found.figure is found.against_others
    alone = isolation(Y, np.arange(24) >= 12, counts=False)
    assert alone.figure is alone.ratio
    same = isolation(Y, np.arange(24) >= 12, counts=False, others=[Y, Y])
    assert same.against_others is not None
    assert same.against_others.ratio == pytest.approx(1.0)
    assert "set against that of others" in found.text


def test_months_that_were_not_observed_are_left_out() -> None:
    rng = np.random.default_rng(4)
    Y = rng.poisson(3.0, (24, 6)).astype(float)
    seen = np.ones(24, dtype=bool)
    seen[[3, 15]] = False
    after = np.arange(24) >= 12
    assert isolation(Y, after, True, observed=seen).ratio == isolation(Y[seen], after[seen], True).ratio


def test_what_is_too_short_or_negative_is_refused() -> None:
    Y = np.ones((12, 3))
    with pytest.raises(NotEnoughData, match="1 blocks of 3 periods lie after"):
        isolation(Y, np.arange(12) >= 9, counts=True)
    with pytest.raises(UsageError, match="negative"):
        isolation(-Y, np.arange(12) >= 6, counts=True)


def _script(name: str) -> object:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_a_planted_isolation_is_found_and_a_drop_of_coverage_is_not_one() -> None:
    one = _script("isolation_planted").one  # type: ignore[attr-defined]
    found = {w: [one(w, seed, 48, 0.3, 0.3)[:2] for seed in range(20)] for w in ("isolated", "coverage")}
    for k in (0, 1):
        assert sum(f[k].figure.shown < 0 for f in found["isolated"]) >= 16
        assert sum(f[k].figure.shown < 0 for f in found["coverage"]) <= 2


@pytest.mark.shared
def test_russias_partners_are_those_of_an_independent_computation(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the rows, by dictionaries: months, shares, and the ratio against one other state, overall and in the G77."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    folder = shared / "data" / "gdelt_dyad_day"
    monkeypatch.syspath_prepend(ROOT / "scripts")
    script = _script("isolation_real")
    states, C, _, observed = script.read(folder)  # type: ignore[attr-defined]
    after = np.arange(len(C)) >= 50
    south = set(group_members("G77", "2020-01-01"))
    table = pq.read_table(folder / "weights.parquet")
    gaps = Counter(line[:7] for line in (folder / "missing_days.csv").read_text().split()[1:])
    for group in (None, np.isin(states, list(south))):
        found = isolation(
            partners_of(C, states.index("RUS"), group),
            after,
            counts=False,
            others=[partners_of(C, states.index("CHN"), group)],
            observed=observed,
        )
        ratios = []
        for who in ("RUS", "CHN"):
            own = table.filter(pc.or_(pc.equal(table["a"], who), pc.equal(table["b"], who))).to_pydict()
            sums: dict[bool, dict[str, float]] = {False: defaultdict(float), True: defaultdict(float)}
            for day, a, b, w in zip(own["date"], own["a"], own["b"], own["weight"], strict=True):
                partner = b if a == who else a
                month = f"{day:%Y-%m}"
                first = dt.date(day.year, day.month, 1)
                days = ((first + dt.timedelta(days=31)).replace(day=1) - first).days
                if w > 0 and partner != who and gaps[month] <= days / 2 and (group is None or partner in south):
                    sums[month >= "2022-03"][partner] += w
            partners = {late: sum(s.values()) ** 2 / sum(x * x for x in s.values()) for late, s in sums.items()}
            ratios.append(partners[True] / partners[False])
            if who == "RUS":
                assert found.before.partners == pytest.approx(partners[False], rel=1e-9)
                assert found.after.partners == pytest.approx(partners[True], rel=1e-9)
        assert found.ratio.ratio == pytest.approx(ratios[0], rel=1e-9)
        assert found.figure.ratio == pytest.approx(ratios[0] / ratios[1], rel=1e-9)
        assert found.figure.low < found.figure.ratio < found.figure.high


def test_partners_that_wander_slowly_widen_the_interval() -> None:
    """The same blocks in an order in which neighbours are alike, and in one in which they are not."""
    share = np.linspace(0.5, 0.9, 8)
    own = np.stack([100.0 * share, 100.0 * (1.0 - share)], axis=1)
    slow = np.concatenate([own, own])
    quick = slow[[0, 7, 1, 6, 2, 5, 3, 4, 8, 15, 9, 14, 10, 13, 11, 12]]
    after = np.arange(16) >= 8
    found, other = (isolation(Y, after, counts=False, block=1).ratio for Y in (slow, quick))
    assert found.ratio == pytest.approx(other.ratio)
    assert found.high > 1.2 * other.high
    assert found.low < other.low / 1.2


def test_where_pairs_wander_intervals_neither_miss_often_nor_reach_without_end() -> None:
    """Of five blocks after, and each actor's own autocorrelation, one of twenty reached eight times the figure."""
    wandering = _script("isolation_planted").wandering  # type: ignore[attr-defined]
    found = [wandering(seed, 0.8).figure for seed in range(100)]
    assert sum(f.shown != 0 for f in found) <= 10
    assert np.quantile([f.high / f.ratio for f in found], 0.95) < 3.0


def test_autocorrelation_by_chance_is_drawn_towards_that_of_the_others() -> None:
    rng = np.random.default_rng(6)
    share = np.linspace(0.5, 0.9, 8)
    own = np.stack([100.0 * share, 100.0 * (1.0 - share)], axis=1)
    slow = np.concatenate([own, own])
    others = [slow[np.concatenate([rng.permutation(8), 8 + rng.permutation(8)])] for _ in range(12)]
    after = np.arange(16) >= 8
    alone, among = (isolation(slow, after, False, others=o, block=1).ratio for o in ([], others))
    assert among.ratio == alone.ratio
    assert np.log(among.high / among.low) < 0.8 * np.log(alone.high / alone.low)


def test_what_would_not_be_seen_is_not_called_unshown() -> None:
    rng = np.random.default_rng(5)
    after = np.arange(18) >= 9
    noisy, calm = (rng.gamma(shape, 1.0, (18, 6)) for shape in (0.3, 50.0))
    thin, clear = (isolation(Y, after, counts=False) for Y in (noisy, calm))
    assert thin.figure.shown == clear.figure.shown == 0
    assert thin.figure.smallest > 1.5 > clear.figure.smallest
    assert f"data too thin, only a change by a factor of {thin.figure.smallest:.1f} would show" in thin.text
    assert "not shown to be fewer or more" in clear.text

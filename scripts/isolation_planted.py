"""Is a planted isolation found, and is a mere drop of coverage taken for one? Simulated actors, 200 seeds.

    python scripts/isolation_planted.py [--seeds 200] [--months 48] [--keep 0.3] [--coverage 0.3] [--wandering]

An actor has 60 partners of log-normal sizes, monthly counts in bursts (gamma-distributed rates, shape 1.5, of partner
and month). In the second half

isolated   all partners but the five largest fall to ``--keep`` of what they were,
coverage   the actor's events, and those of five others, are recorded with probability ``--coverage`` only,
nothing    happens.

Found: the interval of after over before lies below 1. Counts: the unbiased figure against the actor's own past.
Weights: the sizes of the same events (log-normal each), set against the five others. Beside it the naive figure, 1 /
sum p^2 of counts against its own past. Printed: how often each says "fewer", and the median ratio of counts.

``--wandering`` asks instead how often "more" and "fewer" are said of an actor among 30 whose pairs wander by month
without a reason (weights, set against ten others, over 66 months split at two thirds; volatility and autocorrelation as
in ``planted_claims.py``, and stronger autocorrelations), coverage of all drifting, in every other history doubled.
Beside it the intervals' upper end over the figure, median and 95th percentile: an interval that covers by being endless
says nothing. The last line of each is of the same actors where all partners but the five largest fell to .6: "fewer"
is right. ``uneven``: autocorrelations of pairs differ, from .05 to .9.
"""

from __future__ import annotations

import argparse

import numpy as np

from tertius.events.slices import Floats
from tertius.signed.isolation import Isolation, Ratio, isolation

PARTNERS, CORE, OTHERS, BURST, SPREAD, MEAN = 60, 5, 5, 1.5, 1.2, 2.0
WORLDS = ("isolated", "coverage", "nothing")


def actor(rng: np.random.Generator, months: int, keep: float, coverage: float) -> Floats:
    """(months, partners) counts; ``keep`` and ``coverage`` take hold in the second half."""
    base = np.sort(MEAN * rng.lognormal(0.0, SPREAD, PARTNERS))[::-1]
    rate = np.tile(base, (months, 1)) * rng.gamma(BURST, 1.0 / BURST, (months, PARTNERS))
    rate[months // 2 :, CORE:] *= keep
    rate[months // 2 :] *= coverage
    return rng.poisson(rate).astype(np.float64)


def weighed(rng: np.random.Generator, counts: Floats) -> Floats:
    """Sums of sizes of that many events, of mean 1 and a long tail, by a gamma distribution of the same two moments."""
    return rng.gamma(np.maximum(counts, 1e-9) / 1.7, 1.7)


def one(world: str, seed: int, months: int, keep: float, coverage: float) -> tuple[Isolation, Isolation, Isolation]:
    """Counts, weights and naive."""
    rng = np.random.default_rng(seed)
    cover = coverage if world == "coverage" else 1.0
    own = actor(rng, months, keep if world == "isolated" else 1.0, cover)
    others = [actor(rng, months, 1.0, cover) for _ in range(OTHERS)]
    after = np.arange(months) >= months // 2
    heavy, beside = weighed(rng, own), [weighed(rng, other) for other in others]
    return (
        isolation(own, after, counts=True),
        isolation(heavy, after, counts=False, others=beside),
        isolation(own, after, counts=False),
    )


WANDERERS, BESIDE, WANDER_MONTHS, USUAL, VOLATILITY, COVERAGE = 30, 10, 66, 30.0, 0.44, 0.3
KEEPS = (0.33, 0.6, 0.8, "uneven")
FELL = 0.6


def autoregressive(rng: np.random.Generator, shape: tuple[int, int], keeps: float | Floats, sd: float) -> Floats:
    """Stationary, along the first axis."""
    out = rng.normal(0.0, sd, shape)
    for t in range(1, shape[0]):
        out[t] = keeps * out[t - 1] + out[t] * np.sqrt(1.0 - np.square(keeps))
    return out


def wandering(seed: int, keeps: float | str, fell: float = 1.0) -> Isolation:
    """All pairs wander, and nothing happened; or all but its five largest partners ``fell``."""
    rng = np.random.default_rng([seed, WANDER_MONTHS])
    i, j = np.triu_indices(WANDERERS, 1)
    split = 2 * WANDER_MONTHS // 3
    of_pair: float | Floats
    if isinstance(keeps, str):
        of_actor = rng.uniform(0.05, 0.9, WANDERERS)
        of_pair = np.asarray((of_actor[i] + of_actor[j]) / 2)
    else:
        of_pair = keeps
    mean = rng.lognormal(np.log(USUAL), 1.0, len(i)) * np.exp(
        autoregressive(rng, (WANDER_MONTHS, len(i)), of_pair, VOLATILITY)
        + autoregressive(rng, (WANDER_MONTHS, 1), 0.9, COVERAGE)
    )
    mean[split:] *= 1.0 + seed % 2
    own = np.flatnonzero(i == 0)
    mean[split:, own[np.argsort(-mean[:split, own].sum(axis=0))[CORE:]]] *= fell
    X = np.zeros((WANDER_MONTHS, WANDERERS, WANDERERS))
    X[:, i, j] = rng.poisson(mean)
    X += X.transpose(0, 2, 1)
    rows = [np.delete(X[:, a], a, axis=1) for a in range(BESIDE + 1)]
    return isolation(rows[0], np.arange(WANDER_MONTHS) >= split, counts=False, others=rows[1:])


def line(found: list[Ratio]) -> str:
    """How often more and fewer are said, and how far intervals reach."""
    said, reach = np.array([r.shown for r in found]), np.array([r.high / r.ratio for r in found])
    return (
        f"more {100 * np.mean(said > 0):4.1f} %, fewer {100 * np.mean(said < 0):4.1f} % of {len(found)}; upper end "
        f"over figure {np.median(reach):.2f} at the median, {np.quantile(reach, 0.95):.2f} in one of twenty, at most "
        f"{reach.max():.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--months", type=int, default=48)
    parser.add_argument("--keep", type=float, default=0.3)
    parser.add_argument("--coverage", type=float, default=0.3)
    parser.add_argument("--wandering", action="store_true")
    options = parser.parse_args()
    if options.wandering:
        for keeps in KEEPS:
            for name, fell in (("nothing", 1.0), ("isolated", FELL)):
                found = [wandering(seed, keeps, fell).figure for seed in range(options.seeds)]
                print(f"autocorrelation {keeps}, {name:8}: {line(found)}")
        return
    print(f"{options.seeds} seeds, share that says 'fewer partners':")
    for world in WORLDS:
        found = [one(world, s, options.months, options.keep, options.coverage) for s in range(options.seeds)]
        shares = [np.mean([f[k].figure.shown < 0 for f in found]) for k in range(3)]
        middle = np.median([f[0].ratio.ratio for f in found])
        print(
            f"  {world:9} counts {shares[0]:.3f}, weights against others {shares[1]:.3f}, naive {shares[2]:.3f}; "
            f"median ratio of counts {middle:.2f}"
        )


if __name__ == "__main__":
    main()

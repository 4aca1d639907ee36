"""Could a rise by half be found more often in the months of the atlas? What was tried, and what cannot be passed.

The histories of ``planted_claims.py`` (12 actors; a pair rose by half, or nothing changed and coverage doubled in every
other history), and "has risen" judged in several ways. How often each says so, of true and of false claims:

====================  ================================================================================================
sums, own             sums over sums, with volatility and autocorrelation of the pair itself
sums, drawn           the same, its autocorrelation drawn towards that of the other pairs of 10 a month or more
                      (the rule, ``answers/rise.py``, ``widened``, without its bootstrap)
months, own           the ratio of mean monthly shares: every month counts the same, however much is recorded in it
months, drawn         both
logarithms, own       of monthly shares, which have none in a month without a row
logarithms, drawn     both
known                 who knows volatility and autocorrelation and looks at intensities, not counts: no rule can do
                      better (a formula)
====================  ================================================================================================

at 2.5 % on the claimed side (what a 95 % interval leaves there) and at 5 %::

    python scripts/trend_ideas.py --histories 1000 --from-seed 20001
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from math import log, sqrt

import numpy as np
from planted_claims import COVERAGE, ENOUGH, JUMP, KEEPS, TREND_ACTORS, TRUE_RISE, USUAL, VOLATILITY, wandering
from scipy.stats import norm

from tertius.events.slices import Floats
from tertius.serial import Spans, difference, lasting

LEVELS = (0.025, 0.05)


def history(seed: int, true: bool, months: int) -> tuple[Floats, int, int]:
    """(months, pairs) weights, the pair that is spoken of, and the month from which on it is said to have risen."""
    rng = np.random.default_rng([seed, months])
    pairs = TREND_ACTORS * (TREND_ACTORS - 1) // 2
    usual = rng.lognormal(log(USUAL), 1.0, pairs)
    mean = usual * np.exp(wandering(rng, (months, pairs), KEEPS, VOLATILITY))
    mean *= np.exp(wandering(rng, (months, 1), 0.9, COVERAGE))
    k, split = int(rng.choice(np.flatnonzero(usual >= ENOUGH))), 2 * months // 3
    if true:
        mean[split:, k] *= TRUE_RISE
    elif seed % 2:
        mean[split:] *= JUMP
    return rng.poisson(mean).astype(np.float64), k, split


def found(change: float, rests: Spans, rho: float) -> list[bool]:
    """Whether the logarithm of the ratio is clear of zero, at each level."""
    variances, sizes = [float(u @ u) / (len(u) - 1) / len(u) for u in rests], [len(u) for u in rests]
    return [change > difference(variances, sizes, rho, 1.0 - level)[1] for level in LEVELS]


def judged(y: Floats, k: int, split: int) -> Iterator[tuple[str, list[bool]]]:
    """Every way's answer."""
    spans, everyone = (slice(0, split), slice(split, None)), y.sum(axis=1)
    busy = [j for j in range(y.shape[1]) if y[:, j].mean() >= ENOUGH]

    def of_sums(j: int) -> tuple[float, list[Floats]]:
        own, rest = y[:, j], everyone - y[:, j]
        rates = [own[s].sum() / rest[s].sum() for s in spans]
        return log(rates[1] / rates[0]), [
            (own[s] - r * rest[s]) / own[s].mean() for s, r in zip(spans, rates, strict=True)
        ]

    def of_months(j: int) -> tuple[float, list[Floats]]:
        share = y[:, j] / (everyone - y[:, j])
        return log(share[spans[1]].mean() / share[spans[0]].mean()), [share[s] / share[s].mean() - 1.0 for s in spans]

    def of_logarithms(j: int) -> tuple[float, list[Floats]]:
        share = np.log(np.maximum(y[:, j], 0.5) / (everyone - y[:, j]))
        return share[spans[1]].mean() - share[spans[0]].mean(), [share[s] - share[s].mean() for s in spans]

    for name, way in (("sums", of_sums), ("months", of_months), ("logarithms", of_logarithms)):
        change, rests = way(k)
        yield f"{name}, own", found(change, rests, lasting(rests, []))
        yield f"{name}, drawn", found(change, rests, lasting(rests, [way(j)[1] for j in busy if j != k]))


def ceiling(months: int, level: float) -> float:
    """Share of true claims that are found by who knows volatility and autocorrelation, without noise of counting."""
    before, after = 2 * months // 3, months - 2 * months // 3
    error = VOLATILITY * sqrt((1.0 + KEEPS) / (1.0 - KEEPS) * (1.0 / before + 1.0 / after))
    return float(norm.cdf(log(TRUE_RISE) / error - norm.ppf(1.0 - level)))


def main() -> None:
    """Draw, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=1000, help="of true and of false claims each")
    parser.add_argument("--months", type=int, default=66)
    parser.add_argument("--from-seed", type=int, default=20001)
    given = parser.parse_args()
    hits = defaultdict[tuple[str, bool], list[list[bool]]](list)
    for seed in range(given.from_seed, given.from_seed + given.histories):
        for true in (True, False):
            for name, said in judged(*history(seed, true, given.months)):
                hits[name, true].append(said)
    print(f"{given.months} months, {given.histories} histories each; per cent called a rise at 2.5 % and at 5 %:")
    for name in dict.fromkeys(name for name, _ in hits):
        true, false = (100.0 * np.mean(hits[name, x], axis=0) for x in (True, False))
        print(f"{name:18} true {true[0]:5.1f} {true[1]:5.1f}   false {false[0]:4.1f} {false[1]:4.1f}")
    print(f"{'known':18} true {100 * ceiling(given.months, 0.025):5.1f} {100 * ceiling(given.months, 0.05):5.1f}")


if __name__ == "__main__":
    main()

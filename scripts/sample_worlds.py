"""The data ``planted`` and ``reversed`` were made of chosen seeds. How often do other seeds pass?

    python scripts/sample_worlds.py [--seeds 100] [--seed 1] [--pairs]

For each of the two, over seeds from ``--seed`` on: in what share of worlds the certificate's conditions of all pairs
hold (:func:`tertius.answers.certificate.certify.first_failure`), its standard error, and which condition failed first
how often. ``--pairs`` also asks every pair, of ``planted`` in the worlds that pass, and prints those that rose most
clearly with their verdicts: this is how the pairs were chosen, the first one of the first seed.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from math import sqrt

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import tertius
from tertius.answers.certificate.certify import first_failure
from tertius.errors import TertiusError
from tertius.worlds.samples import SAMPLES, Sample, data_of

PASSED, REFUSED = "passed", "refused"


def outcome(sample: Sample, seed: int) -> str:
    """ "passed", "refused", or the condition that fails first."""
    try:
        return first_failure(sample.draw(seed).slices(), response="count", apart=None) or PASSED
    except TertiusError:
        return REFUSED


def answers(sample: Sample, seed: int) -> Iterator[tuple[tuple[str, str], str, float, float]]:
    """Pairs with verdict and rise (ratio, its lower bound), the clearest rise first."""
    study = tertius.Study.open(data_of(sample, seed), cache=False)
    found = []
    for a, b in combinations(sorted(study.labels), 2):
        try:
            answer = study.explain(a, b, permutations=0)
        except TertiusError:
            continue
        rise = answer.attribution.rise
        found.append(((a, b), answer.verdict, rise.ratio, rise.low))
    yield from sorted(found, key=lambda x: -x[3])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", action="store_true")
    options = parser.parse_args()
    for sample in SAMPLES.values():
        seeds = range(options.seed, options.seed + options.seeds)
        outcomes = {seed: outcome(sample, seed) for seed in seeds}
        share = sum(x == PASSED for x in outcomes.values()) / len(seeds)
        error = sqrt(share * (1 - share) / len(seeds))
        failed = ", ".join(f"{what} {n}" for what, n in Counter(outcomes.values()).most_common() if what != PASSED)
        print(
            f"{sample.name} (seed {sample.seed} chosen): passes in {100 * share:.0f} % of {len(seeds)} seeds (standard "
            f"error {100 * error:.1f}); failed first: {failed or 'none'}",
            flush=True,
        )
        if seeds == range(1, 101) and round(100 * share) != sample.passes:
            print(f"  but the note on the data says {sample.passes}")
        if options.pairs:
            for seed, what in outcomes.items():
                if sample.world == "planted" and what != PASSED:
                    continue
                lines = list(answers(sample, seed))[:5]
                print(f"  seed {seed} ({what}):", *(f"{a}-{b} {v} {r:.2f} ({lo:.2f})" for (a, b), v, r, lo in lines))


if __name__ == "__main__":
    main()

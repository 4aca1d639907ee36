"""Does one warm-started Newton step decide as a full refit does? 20 draws of each null picture, both ways.

    python scripts/permutations.py [--shared DIR] [--draws 20] [--seed 1]

Data: a world with a planted matchmaker (60 actors, 60 months), and with ``--shared`` the net dyad-days of GDELT by
month, 2018-01 to 2023-06. A line a null: in how many draws step and refit agree on z > 1.96 and on reaching the data's
own z (each by its own method), the largest difference of the two z, and seconds a draw of each.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tertius.answers.certificate import periods_left
from tertius.answers.certificate.models import (
    INERTIA_HALF_LIVES,
    LAG,
    by_period,
    foe,
    logs,
    past_state,
    typical,
    window_sums,
)
from tertius.answers.certificate.permutations import NULL_NETWORK, SHUFFLED, rewire, shuffle_third_parties, statistic
from tertius.events.slices import DyadSlices, Floats, at_full_exposure
from tertius.model.robust import contrast_variance, covariances
from tertius.model.within.one_step import OneStep
from tertius.model.within.ppml import fit_ppml
from tertius.sources.importing import import_files
from tertius.sources.loading import load
from tertius.spec import DEFAULT_RESPONSE, ModelSpec
from tertius.worlds import world


def compare(label: str, slices: DyadSlices, draws: int, seed: int) -> None:
    """Print two lines."""
    C, H = by_period(slices, DEFAULT_RESPONSE[slices.directed])
    outcome, C, H = C, at_full_exposure(C, slices), at_full_exposure(H, slices)
    kept = periods_left(slices.observed)
    Y, hostility = outcome[kept], window_sums(H, *LAG, slices.observed)[kept]
    held = np.stack([logs(past_state(C, h)[kept], typical(C)) for h in INERTIA_HALF_LIVES])
    unit = typical(H)  # of the geometric mean of two typical legs

    def refit(x: Floats) -> float:
        fit = fit_ppml(Y, np.concatenate([x, held]), directed=False)
        cov = covariances(fit.U_d, fit.H_d, fit.i, fit.j, fit.N)
        return float(fit.beta[0] / contrast_variance(cov, np.eye(len(fit.beta))[0]) ** 0.5)

    base = OneStep(Y, held, directed=False)
    own = logs(foe(hostility, "sqrt"), unit)[None]
    observed, fully = statistic(base, own), refit(own)
    print(
        f"{label}: {slices.n_actors} actors, {len(Y)} periods; own z by a step {observed:.2f}, by a refit {fully:.2f}"
    )
    for name in (SHUFFLED, NULL_NETWORK):
        steps, fits, spent = [], [], [0.0, 0.0]
        for s in np.random.SeedSequence(seed).spawn(draws):
            rng = np.random.default_rng(s)
            if name == SHUFFLED:
                drawn = shuffle_third_parties(hostility, rng)
            else:
                drawn = rewire(hostility, rng, directed=slices.directed)
            x = logs(foe(drawn, "sqrt"), unit)[None]
            for found, method, at in ((steps, lambda x: statistic(base, x), 0), (fits, refit, 1)):
                began = time.perf_counter()
                found.append(method(x))
                spent[at] += time.perf_counter() - began
        a, b = np.array(steps), np.array(fits)
        clear = int(((a > 1.96) == (b > 1.96)).sum())
        reach = int(((a >= observed) == (b >= fully)).sum())
        print(
            f"  {name:<24} z > 1.96 alike in {clear} of {draws}, reaching the own alike in {reach}; largest difference "
            f"{np.abs(a - b).max():.2f}; {spent[0] / draws:.2f} s and {spent[1] / draws:.2f} s",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, help="folder with data/gdelt_dyad_day")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    compare("planted .40", world("planted", seed=options.seed).slices(), options.draws, options.seed)
    if options.shared is None:
        return
    folder = options.shared / "data" / "gdelt_dyad_day"
    with tempfile.TemporaryDirectory() as made:
        store = Path(made) / "store"
        import_files("dyads", [folder / "weights.parquet"], store, missing=folder / "missing_days.csv")
        spec = ModelSpec.of(model="within", start="2018-01-01", end="2023-06-30", slice="1mo")
        slices = load(store).slices(spec.resolve(directed=False, n_periods=66))
        compare("GDELT by month", slices, options.draws, options.seed)


if __name__ == "__main__":
    main()

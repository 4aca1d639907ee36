"""Does one leave-out step decide as a refit does? The certificate's z of [-3,-1] without a pair, both ways.

    python scripts/without_pair.py [--shared DIR] [--pairs 60] [--seed 1]

Data: a world with a planted matchmaker (60 actors, 60 months), and with ``--shared`` the net dyad-days of GDELT by
month, 2018-01 to 2023-06. A third of the pairs are those with the most cooperation, a third those without which the
step moves the estimate most, the rest are drawn at random. Printed: in how many the two decide alike on z > 1.96, the
largest difference of z, and seconds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tertius.answers.certificate.certify import certificate_arrays
from tertius.answers.certificate.models import LAG, window_name, z_of
from tertius.answers.certificate.rule import Z_CLEAR
from tertius.events.slices import DyadSlices
from tertius.sources.importing import import_files
from tertius.sources.loading import load
from tertius.spec import DEFAULT_LEGS, ModelSpec
from tertius.worlds import world


def compare(label: str, slices: DyadSlices, pairs: int, seed: int) -> None:
    """Print a line."""
    arrays = certificate_arrays(slices)
    legs = DEFAULT_LEGS["certificate"]
    terms = arrays.windows(legs, arrays.inertia())
    found = arrays.fit(terms)
    began = time.perf_counter()
    step = found.without_each_pair(window_name(LAG))
    spent = time.perf_counter() - began
    i, j = found.fit.i, found.fit.j
    both_ways = arrays.C[arrays.kept].sum(axis=0)
    size = (both_ways + both_ways.T)[i, j]
    moved = np.abs(step.estimate - z_of(found, {window_name(LAG): 1.0})[0])
    rest = np.random.default_rng(seed).permutation(len(i))
    chosen = list(dict.fromkeys([*np.argsort(-size)[: pairs // 3], *np.argsort(-moved)[: pairs // 3], *rest]))[:pairs]
    began = time.perf_counter()
    refits = np.array(
        [z_of(arrays.fit(terms, without=(int(i[d]), int(j[d]))), {window_name(LAG): 1.0})[2] for d in chosen]
    )
    took = time.perf_counter() - began
    alike = (refits > Z_CLEAR) == (step.z[chosen] > Z_CLEAR)
    print(
        f"{label}: {len(i)} pairs, z of all {z_of(found, {window_name(LAG): 1.0})[2]:.2f}; of {len(chosen)} refits "
        f"{int(alike.sum())} decide alike; largest difference of z {np.abs(refits - step.z[chosen]).max():.3f}; "
        f"all steps {spent:.2f} s, one refit {took / len(chosen):.2f} s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, help="folder with data/gdelt_dyad_day")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    compare("planted", world("planted", seed=args.seed).slices(), args.pairs, args.seed)
    if args.shared is None:
        return
    folder = args.shared / "data" / "gdelt_dyad_day"
    with tempfile.TemporaryDirectory() as temporary:
        store = Path(temporary) / "GDELT"
        import_files("dyads", [folder / "weights.parquet"], store, missing=folder / "missing_days.csv")
        events = load(store)
        spec = ModelSpec.of(slice="1mo", model="within").resolve(directed=events.directed)
        compare("gdelt", events.slices(spec), args.pairs, args.seed)


if __name__ == "__main__":
    main()

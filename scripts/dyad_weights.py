"""What weights of dyads give: L's [-3,-1] with and without them, in worlds with an effect and without, seeded.

    python scripts/dyad_weights.py [--seeds 20] [--seed 73001] [--worlds planted:0.4,planted:0.2,nothing]
                                   [--generators counts,media]

A line a world: the mean estimate and standard error of hostility one to three periods earlier, in per cent per standard
deviation net of pairs and of what each actor does in a period, the spread of the estimate between seeds, and the share
of seeds in which conditions 1 and 2 hold; once unweighed and once weighed
(:func:`tertius.answers.certificate.models.weighed`).
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tertius.answers.certificate.certify import BEFORE_MINUS_AFTER, certificate_arrays
from tertius.answers.certificate.models import LAG, ModelFit, weighed, window_name, z_of
from tertius.answers.certificate.rule import Z_CLEAR, Z_ORDER
from tertius.spec import DEFAULT_LEGS
from tertius.worlds import GENERATORS, world

HOWS = ("unweighed", "weighed")


def found(generator: str, name: str, effect: float | None, seed: int) -> dict[str, tuple[float, float, bool]]:
    """Estimate, standard error (per cent) and whether conditions 1 and 2 hold, with and without weights."""
    arrays = certificate_arrays(world(name, generator=generator, effect=effect, seed=seed).slices())
    terms, Y = arrays.windows(DEFAULT_LEGS["certificate"], arrays.inertia()), arrays.C[arrays.kept]
    result = {}
    for how, outcome in zip(HOWS, (Y, weighed(Y)), strict=True):
        fit = ModelFit.of(outcome, terms, directed=not arrays.symmetric)
        estimate, se, z = z_of(fit, {window_name(LAG): 1.0})
        unit = 100 * fit.within_sd(window_name(LAG))
        result[how] = unit * estimate, unit * se, z > Z_CLEAR and z_of(fit, BEFORE_MINUS_AFTER)[2] > Z_ORDER
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=73001)
    parser.add_argument("--worlds", default="planted:0.4,planted:0.2,nothing")
    parser.add_argument("--generators", default=",".join(GENERATORS))
    options = parser.parse_args()
    print(f"{'':<10}{'world':<16}{'':<12}{'estimate':>9}{'se':>6}{'spread':>8}{'1 and 2':>9}{'seeds':>7}")
    for generator in options.generators.split(","):
        for text in options.worlds.split(","):
            name, _, effect = text.partition(":")
            seeds = range(options.seed, options.seed + options.seeds)
            rows = [found(generator, name, float(effect) if effect else None, s) for s in seeds]
            for how in HOWS:
                e, se, holds = np.array([r[how] for r in rows], dtype=float).T
                spread = e.std(ddof=1) if len(e) > 1 else np.nan
                print(
                    f"{generator:<10}{text:<16}{how:<12}{e.mean():>9.2f}{se.mean():>6.2f}{spread:>8.2f}"
                    f"{100 * holds.mean():>9.0f}{len(e):>7}",
                    flush=True,
                )


if __name__ == "__main__":
    main()

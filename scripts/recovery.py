"""Do planted coefficients come back, and do intervals cover? Simulated histories, the default errors, every effect.

    python scripts/recovery.py [--histories 200] [--actors 60] [--slices 200] [--workers 2]

Prints for each effect of the default rate model the share of histories whose 95 % interval covers the truth, with the
default standard error (actor jackknife) and, beside it, the plain dyadic-robust and the model's own. Then, with
``shared_threat`` planted at zero, how often the interval of the third parties' ``events`` contains zero.

A run with the defaults takes some minutes on two cores.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np

from tertius.answers.attribution import attribute
from tertius.answers.spans import SlicedSpans
from tertius.model.coefficients import Z_95
from tertius.model.design import build_design
from tertius.model.rate.fit import RateFit, fit_rate
from tertius.model.robust import standard_errors
from tertius.simulation import Simulated, simulate
from tertius.spec import ModelSpec

TRUTH = {
    "inertia.coop": 0.5,
    "inertia.host": -0.2,
    "reciprocity.coop": 0.3,
    "reciprocity.host": -0.1,
    "activity.coop": 0.2,
    "activity.host": 0.1,
    "popularity.coop": 0.2,
    "popularity.host": 0.1,
    "friend_of_friend": 0.15,
    "shared_threat": 0.3,
    "shared_target": 0.2,
    "friend_of_foe": -0.1,
    "foe_of_friend": -0.1,
    "transitivity.coop": 0.1,
    "transitivity.host": 0.1,
}
HOSTILITY = {"inertia.host": 0.6, "reciprocity.host": 0.2, "activity.host": 0.3, "popularity.host": 0.2}
KINDS = ("jackknife", "dyadic", "model")


def history(seed: int, actors: int, slices: int, threat: float) -> Simulated:
    """One history with all effects planted, ``shared_threat`` at ``threat``."""
    return simulate(
        actors,
        slices,
        cooperation={**TRUTH, "shared_threat": threat},
        hostility=HOSTILITY,
        events_per_slice=(25.0, 15.0),
        half_life="20d",
        seed=seed,
    )


def fitted(history: Simulated) -> RateFit:
    """The model that made the history, with the same c."""
    spec = ModelSpec.of(effects=list(TRUTH), slice="1d", half_life="20d", scales=dict.fromkeys(TRUTH, 1.0)).resolve(
        directed=True
    )
    return fit_rate(build_design(history.slices, replace(spec, model="rate", legs="sqrt")))


def covered(seed: int, actors: int, slices: int) -> dict[str, np.ndarray]:
    """Whether each effect's interval covers, by kind of standard error; and the z scores of the error made."""
    fit = fitted(history(seed, actors, slices, TRUTH["shared_threat"]))
    truth = np.array([TRUTH[name] for name in fit.design.names])
    return {kind: (fit.beta - truth) / standard_errors(getattr(fit.cov, kind)) for kind in KINDS}


def null_contains_zero(seed: int, actors: int, slices: int) -> tuple[bool, bool]:
    """With no effect of shared threat: do the intervals of the total and of the largest third party contain zero?"""
    fit = fitted(history(seed, actors, slices, 0.0))
    sl = fit.design.slices
    window = np.arange(sl.n_slices) >= 2 * sl.n_slices // 3
    reference = (np.arange(sl.n_slices) >= sl.n_slices // 3) & ~window
    totals = np.zeros((sl.n_actors, sl.n_actors))
    np.add.at(totals.ravel(), sl.dyad, sl.coop_count)
    i, j = np.unravel_index(int(np.argmax(totals + totals.T)), totals.shape)
    answer = attribute(fit, int(i), int(j), SlicedSpans(window, reference, ("", ""), ("", "")), seed)
    parts = answer.third_parties
    largest = max(parts, key=lambda p: abs(p.events))
    return not answer.total.excludes_zero, largest.events_low <= 0 <= largest.events_high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--actors", type=int, default=60)
    parser.add_argument("--slices", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    size = {"actors": args.actors, "slices": args.slices}
    seeds = range(args.seed, args.seed + args.histories)
    with ProcessPoolExecutor(args.workers) as pool:
        z = list(pool.map(partial(covered, **size), seeds))
        null = np.array(list(pool.map(partial(null_contains_zero, **size), seeds)))
    print(f"{args.histories} histories, {args.actors} actors, {args.slices} slices, seeds {seeds[0]} to {seeds[-1]}")
    print(f"{'effect':20}{'truth':>7}{'bias/sd':>9}  share covered: " + "".join(f"{k:>11}" for k in KINDS))
    for k, (name, truth) in enumerate(TRUTH.items()):
        shares = [np.mean([abs(o[kind][k]) <= Z_95 for o in z]) for kind in KINDS]
        bias = np.nanmean([o["jackknife"][k] for o in z])
        print(f"{name:20}{truth:7.2f}{bias:9.2f}" + " " * 17 + "".join(f"{100 * s:10.1f}%" for s in shares))
    print(
        f"planted null: the interval of the total contains zero in {100 * null[:, 0].mean():.1f} %, "
        f"of the largest third party's events in {100 * null[:, 1].mean():.1f} %"
    )


if __name__ == "__main__":
    main()

"""How often does the certificate pass in worlds whose truth is known? Two generators, every world, seeded.

    python scripts/worlds.py [--seeds 200] [--workers 2] [--worlds planted:0.3,shock,...] [--generators counts,media]
                             [--actors 60] [--periods 60] [--legs sqrt] [--seed 1] [--out rows.jsonl]

A world is a name of :mod:`tertius.worlds`, with an effect where it has one (``planted:0.3``). No pair is asked about:
what passes here are conditions 1 to 5. One line a world: the share of seeds in which the certificate passes, with its
standard error, then the share that each condition alone would pass, then the share that is too thin. "none" counts
worlds that the model refuses; they do not pass. Beside it stand two other rules, for comparison only: "naive" asks that
[-3,-1] be significant and [+1,+3] not; "strict" is the certificate with z of [0] < 1.96 as condition 3, whatever z of
[-3,-1]. The same figures whatever the number of workers.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tertius.answers.certificate import certify
from tertius.answers.certificate.models import LAG, LEAD
from tertius.errors import TertiusError
from tertius.worlds import GENERATORS, STORY_WORLDS, WORLDS, world

PLANTED = (0.2, 0.3, 0.4)
CONDITIONS = ("lag", "lag_minus_lead", "now", "lead", "reverse")
SHORT = ("lag", "order", "now", "lead", "reverse")


@dataclass(frozen=True, slots=True)
class Job:
    """One world to certify."""

    name: str
    effect: float | None
    generator: str
    seed: int
    actors: int
    periods: int
    legs: str


@dataclass(frozen=True, slots=True)
class Row:
    """What the certificate said; None where the model refused."""

    job: Job
    passed: bool
    z: dict[str, float] | None
    held: dict[str, bool] | None
    profile: list[tuple[float, float]] | None
    thin: bool | None
    naive: bool
    strict: bool


def run(job: Job) -> Row:
    """Draw and certify."""
    drawn = world(
        job.name,
        generator=job.generator,
        effect=job.effect,
        n_actors=job.actors,
        n_periods=job.periods,
        seed=job.seed,
    )
    try:
        c = certify(drawn.slices(), legs=job.legs)
    except TertiusError:
        return Row(job, False, None, None, None, None, False, False)
    z = {s.name: s.statistic for s in c.conditions}
    by_window = {(p.first, p.last): p.z for p in c.profile}
    naive = by_window[LAG] > 1.96 and by_window[LEAD] < 1.96
    held = {s.name: s.passed for s in c.conditions}
    profile = [(p.estimate, p.se) for p in c.profile]
    return Row(job, c.passed, z, held, profile, c.thin, naive, c.passed and z["now"] < 1.96)


def wanted(text: str | None, generators: list[str]) -> Iterator[tuple[str, str, float | None]]:
    """(generator, world, effect) in the order of the table."""
    for generator in generators:
        possible = WORLDS + (STORY_WORLDS if generator == "media" else ())
        if text:
            for part in text.split(","):
                name, _, effect = part.partition(":")
                if name in possible or name not in STORY_WORLDS:
                    yield generator, name, float(effect) if effect else None
            continue
        for name in possible:
            if name == "planted":
                for size in PLANTED:
                    yield generator, name, size
            else:
                yield generator, name, None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200, help="worlds a line")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--worlds", help="planted:0.3,shock,...; default: all, planted at .2, .3 and .4")
    parser.add_argument("--generators", default=",".join(GENERATORS))
    parser.add_argument("--actors", type=int, default=60)
    parser.add_argument("--periods", type=int, default=60)
    parser.add_argument("--legs", default="sqrt")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--out", type=Path, help="every statistic of every world, one JSON object a line")
    options = parser.parse_args()

    began = time.perf_counter()
    print(f"{options.seeds} seeds a world, {options.actors} actors, {options.periods} periods, legs {options.legs}")
    heads = "".join(f"{h:>9}" for h in (*SHORT, "naive", "strict", "thin", "none"))
    print(f"{'generator':<10}{'world':<20}{'passes':>8}{'(se)':>7}{heads}", flush=True)
    with Pool(options.workers) as pool:
        for generator, name, effect in wanted(options.worlds, options.generators.split(",")):
            jobs = [
                Job(name, effect, generator, options.seed + s, options.actors, options.periods, options.legs)
                for s in range(options.seeds)
            ]
            rows = list(pool.imap(run, jobs))
            print(line(generator, name if effect is None else f"{name} {effect:.2f}", rows), flush=True)
            if options.out:
                with options.out.open("a") as file:
                    for r in rows:
                        record: dict[str, object] = {
                            "generator": generator,
                            "world": name,
                            "effect": effect,
                            "seed": r.job.seed,
                        }
                        record |= {"legs": r.job.legs, "passed": r.passed, "thin": r.thin, "naive": r.naive}
                        record |= {"strict": r.strict, "z": r.z, "profile": r.profile}
                        file.write(json.dumps(record) + "\n")
    print(f"{time.perf_counter() - began:.0f} seconds")


def line(generator: str, label: str, rows: list[Row]) -> str:
    """Shares over the seeds of one world."""
    share = float(np.mean([r.passed for r in rows]))
    error = np.sqrt(share * (1 - share) / len(rows))
    alone = [np.mean([r.held is not None and r.held[c] for r in rows]) for c in CONDITIONS]
    others = [
        np.mean([r.naive for r in rows]),
        np.mean([r.strict for r in rows]),
        np.mean([bool(r.thin) for r in rows]),
        np.mean([r.z is None for r in rows]),
    ]
    return f"{generator:<10}{label:<20}{share:>8.1%}{error:>7.1%}" + "".join(f"{x:>9.0%}" for x in (*alone, *others))


if __name__ == "__main__":
    main()

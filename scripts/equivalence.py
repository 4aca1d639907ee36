"""Does the bound of ``no effect above`` cover the truth? Worlds without and with small effects, seeded.

    python scripts/equivalence.py [--seeds 200] [--seed 5001] [--sizes 0,0.05,0.1,0.2] [--generators counts,media]
                                  [--long 300] [--long-worlds 20] [--workers 1] [--out rows.csv] [--resume]

The bound is the upper end of the one-sided 95 % interval of L's [-3,-1]. The truth that it must cover is the same
coefficient in worlds so long that its error is about a tenth: the mean of ``--long-worlds`` worlds of ``--long``
periods each, with its own standard error beside it. A line: the truth in per cent for one standard deviation net of
pairs and of what each actor does in a period, its error, the usual error of one short world, the share of seeds whose
bound lies above the truth (with its standard error), the median bound, and the verdict: the share of seeds in which L
leaves ``no effect above`` possible ([-3,-1] not clear, not thin, the bound within what is worth finding; the case that
it is clear without an order of time is left aside here) and, asked of the whole certificate, the share in which it is
said with a bound below the truth, which must be 5 % or less.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan
from multiprocessing import Pool
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from tertius.answers.certificate import certify
from tertius.answers.certificate.certify import certificate_arrays
from tertius.answers.certificate.models import LAG, window_name, z_of
from tertius.answers.certificate.rule import WORTH_FINDING, Z_CLEAR, Z_ONE_SIDED, too_thin, upper_bound
from tertius.answers.verdict import NO_EFFECT
from tertius.errors import TertiusError
from tertius.spec import DEFAULT_LEGS
from tertius.worlds import GENERATORS, world

FIELDS = ("generator", "size", "periods", "seed", "estimate", "se", "within_sd")
LONG_SEED = 60_001


@dataclass(frozen=True, slots=True)
class Job:
    """One world."""

    generator: str
    size: float
    periods: int
    seed: int

    @property
    def key(self) -> tuple[str, ...]:
        """As in a row."""
        return self.generator, f"{self.size:g}", str(self.periods), str(self.seed)


def run(job: Job) -> tuple[Job, tuple[float, float, float]]:
    """L's [-3,-1]: estimate, standard error, within-pair standard deviation; NaN where L is refused."""
    drawn = world("planted", generator=job.generator, effect=job.size, n_periods=job.periods, seed=job.seed)
    try:
        arrays = certificate_arrays(drawn.slices())
        fit = arrays.fit(arrays.windows(DEFAULT_LEGS["certificate"], arrays.inertia()))
    except TertiusError:
        return job, (nan, nan, nan)
    estimate, se, _ = z_of(fit, {window_name(LAG): 1.0})
    return job, (estimate, se, fit.within_sd(window_name(LAG)))


def says_no_effect(job: Job) -> bool:
    """Whether the whole certificate's verdict is ``no effect above``."""
    drawn = world("planted", generator=job.generator, effect=job.size, n_periods=job.periods, seed=job.seed)
    return certify(drawn.slices(), workers=1).verdict == NO_EFFECT


def line(
    generator: str, size: float, short: Sequence[tuple[Job, tuple[float, ...]]], long: Sequence[Sequence[float]]
) -> str:
    """Coverage and verdicts of one generator and size."""
    truth = float(np.mean([x[0] for x in long]))
    truth_error = float(np.std([x[0] for x in long], ddof=1) / len(long) ** 0.5)
    found = [(job, x) for job, x in short if not isnan(x[1])]
    sd = float(np.mean([x[2] for _, x in found]))
    error = float(np.mean([x[1] for _, x in found]))
    below = [(job, x) for job, x in found if x[0] + Z_ONE_SIDED * x[1] < truth]
    covers = 1 - len(below) / len(found)
    bounds = [upper_bound(*x) for _, x in found]
    open_ = [
        abs(e) <= Z_CLEAR * se and not too_thin(se, s) and upper_bound(e, se, s) <= np.expm1(WORTH_FINDING)
        for _, (e, se, s) in found
    ]
    wrong = sum(says_no_effect(job) for job, _ in below)
    n = len(found)
    return (
        f"{generator:<8}{size:>6.2f}{100 * np.expm1(truth * sd):>8.2f}{100 * truth_error * sd:>6.2f}"
        f"{100 * error * sd:>7.2f}"
        f"{100 * covers:>9.1f}{100 * (covers * (1 - covers) / n) ** 0.5:>6.1f}{n:>6}{100 * np.median(bounds):>8.2f}"
        f"{100 * np.mean(open_):>10.1f}{100 * wrong / n:>8.1f}"
    )


def read(path: Path) -> dict[tuple[str, ...], tuple[float, float, float]]:
    """The rows of a file by their key."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        tuple(r[f] for f in FIELDS[:4]): (float(r["estimate"]), float(r["se"]), float(r["within_sd"])) for r in rows
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=5001)
    parser.add_argument("--sizes", default="0,0.05,0.1,0.2")
    parser.add_argument("--generators", default=",".join(GENERATORS))
    parser.add_argument("--periods", type=int, default=60)
    parser.add_argument("--long", type=int, default=300, help="periods of a long world")
    parser.add_argument("--long-worlds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="rows as CSV, written as they are made")
    parser.add_argument("--resume", action="store_true", help="make only the rows that --out does not hold")
    options = parser.parse_args()
    if options.resume and (options.out is None or not options.out.exists()):
        parser.error("--resume needs an --out file that exists")

    began = time.perf_counter()
    lines = [(g, float(s)) for g in options.generators.split(",") for s in options.sizes.split(",")]
    long = [Job(g, s, options.long, LONG_SEED + k) for k in range(options.long_worlds) for g, s in lines]
    short = [Job(g, s, options.periods, options.seed + k) for k in range(options.seeds) for g, s in lines]
    rows = read(options.out) if options.resume else {}
    if options.out and not rows:
        options.out.write_text(",".join(FIELDS) + "\n")
    with Pool(options.workers) as pool:
        for job, found in pool.imap(run, [j for j in (*long, *short) if j.key not in rows]):
            rows[job.key] = found
            if options.out:
                with options.out.open("a", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerow((*job.key, *map(repr, found)))
    heads = {"effect": 6, "truth %": 8, "(se)": 6, "se one": 7, "covers %": 9, "(se) ": 6, "seeds": 6, "bound %": 8}
    heads |= {"may say %": 10, "wrong %": 8}
    print(f"{'':<8}" + "".join(f"{name.strip():>{width}}" for name, width in heads.items()))
    for generator, size in lines:
        of = [(j, rows[j.key]) for j in short if (j.generator, j.size) == (generator, size)]
        print(line(generator, size, of, [rows[j.key] for j in long if (j.generator, j.size) == (generator, size)]))
    print(f"{time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()
